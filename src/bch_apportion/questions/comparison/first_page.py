"""The first page of `compare`: who gains, who loses, by how much and by which cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bch_apportion.groups import groups, sums
from bch_apportion.ledger import Ledger
from bch_apportion.questions.bridge import LEDGER_CAUSES
from bch_apportion.questions.comparison.page import verdict
from bch_apportion.questions.comparison.rows import Compare, ComparedRow
from bch_apportion.questions.first_page import (
    Movement,
    amount_row,
    by_cause,
    by_force,
    money,
    movements,
    signed,
    standing_line,
)
from bch_apportion.words import many
from bch_apportion.writing.report import Page, Report, columns
from bch_apportion.years import FinancialYear


def first_page(answer: Compare, ledger: Ledger) -> Page:
    """The latest year shown: who gains and loses, both sides by force with the causes, movements, units."""
    years = sorted({row.year for row in answer.rows})
    if not years:
        return Page("Nothing can be compared", (_not_compared(answer),))
    latest = [row for row in answer.rows if row.year == years[-1]]
    standing = standing_line(ledger, years[-1], answer.notes)
    return Page(
        title=f"Who gains and who loses in {years[-1]}: A is {answer.a}, B is {answer.b}",
        units="£",
        blocks=(
            _verdicts(answer, latest),
            _sides(answer, latest, years[:-1]),
            *answer.said,
            *_uncovered(answer, years[-1]),
            movements(_moves(answer, latest)),
            _units(latest),
            f"Difference = B − A; positive costs more on B. {_not_compared(answer)}{standing}",
        ),
    )


def _verdicts(answer: Compare, rows: Sequence[ComparedRow]) -> Report:
    """Each force with what it loses or gains, the largest first."""
    ordered = sorted((row for row in rows if row.unit is None), key=lambda row: -abs(row.difference))
    shown = tuple((row.force, verdict(answer, row) or "the same", signed(row.difference)) for row in ordered)
    return Report("Verdicts", "", columns("force", "on B", ("difference", "figure")), shown)


def _sides(answer: Compare, rows: Sequence[ComparedRow], earlier: Sequence[FinancialYear]) -> Report:
    """What each force pays on both sides, the difference by cause, and the differences of earlier years."""
    totals = [row for row in rows if row.unit is None]
    a, b, difference = (amount_row(name, name.lower(), totals) for name in ("A", "B", "difference"))
    effects = {cause: {row.force: row.effects[cause] for row in totals} for cause in LEDGER_CAUSES}
    over_all = [row for row in answer.rows if row.unit is None]
    before = [amount_row(f"B−A {year}", "difference", [r for r in over_all if r.year == year]) for year in earlier]
    moved = [row for row in before if any(row.amounts.values())]
    return by_cause("Sides", [a, b], difference, effects, [row.force for row in totals], moved)


def _uncovered(answer: Compare, year: FinancialYear) -> Iterator[str]:
    """What a force that leaves would leave uncovered, in a sentence."""
    rows = [row for row in answer.uncovered if row.year == year]
    alone = [row for row in rows if any((row.unit, year) == (left.unit, left.year) for left in answer.without_b)]
    if rows:
        amount = money(sum(row.amount for row in rows if row not in alone))
        own = money(sum(row.own for row in rows))
        yield f"{rows[0].force} would leave {amount} uncovered, which side B has the others pay; {own} leaves with it."
    if alone:
        names = ", ".join(row.unit for row in alone)
        yield f"{money(sum(row.amount for row in alone))} has nobody left to bear it ({names})."


def _moves(answer: Compare, rows: Sequence[ComparedRow]) -> Iterator[Movement]:
    """What each cause moves for each force on each unit; where a force leaves or the basis is set, that is why."""
    leaver = next((row.force for row in answer.uncovered), "")
    set_to = f"on {answer.b.removeprefix('basis ')}, not {answer.a.removeprefix('basis ')}"
    wholes = sums(((row.unit, cause), pence) for row in rows for cause, pence in row.effects.items())
    for row in rows:
        for cause, pence in row.effects.items() if row.unit is not None else ():
            whole = wholes[row.unit, cause]
            why = set_to if answer.a.startswith("basis ") else ""
            if leaver:
                why = "leaves" if row.force == leaver else f"takes up a part of {leaver}"
            yield Movement(
                unit=row.unit or "",
                cause=cause,
                force=row.force,
                pence=pence,
                whole=whole,
                why=why if cause in ("terms", "basis", "demand", "nre", "direct", "no_loser") else "",
            )


def _units(rows: Sequence[ComparedRow]) -> Report:
    """The difference of each unit by force, units that do not differ left out."""
    units = groups((row.unit, row) for row in rows if row.unit is not None)
    differences = [amount_row(unit, "difference", own) for unit, own in units.items()]
    differing = [row for row in differences if any(row.amounts.values())]
    forces = [row.force for row in rows if row.unit is None]
    return replace(by_force("Units", differing, forces), title="Difference by unit", empty="No unit differs.")


def _not_compared(answer: Compare) -> str:
    count = len(answer.not_comparable) + len(answer.without_a) + len(answer.without_b)
    return f"{many(count, 'unit-year')} not compared: --show not-compared. " if count else ""
