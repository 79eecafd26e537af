"""The first page of `variance`: what changed for each force, which cause moved it, what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from bch_apportion.answers import Names, headings, table
from bch_apportion.groups import groups
from bch_apportion.ledger import Ledger
from bch_apportion.model import UnitCode
from bch_apportion.questions.first_page import (
    Movement,
    amount_row,
    by_cause,
    charted,
    foremost,
    listed,
    movements,
    narrowing,
    standing_line,
)
from bch_apportion.questions.judged import not_additive
from bch_apportion.questions.variance import page
from bch_apportion.questions.variance.rows import Variance, VarianceRow
from bch_apportion.questions.variance.rule import in_all
from bch_apportion.words import basis_words
from bch_apportion.writing.report import Kind, Page, Report, plain_table, spans
from bch_apportion.years import FinancialYear

UNEXPLAINED = "unexplained: unexplained_amount"
MOST_OPEN = 8  # rows that are open; where there are more, it says so


def first_page(answer: Variance, ledger: Ledger, asked: Sequence[FinancialYear] = ()) -> Page:
    """The years asked for (none: the latest), summed, of the ledger's units."""
    known = sorted({row.year for row in answer.rows})
    years = [year for year in known if year in asked] or known[-1:]
    shown = _of(answer, years, asked or years)
    return Page(
        title=_title(answer, years, ledger),
        units="£",
        blocks=(
            *_changes(shown, years, ledger),
            *_alone(shown, years),
            " ".join(_about(answer, [year for year in known if year not in years])),
            standing_line(ledger, years[-1] if years else None),
        ),
    )


def _changes(answer: Variance, years: Sequence[FinancialYear], ledger: Ledger) -> list[Report | str]:
    """What changed, by force and by unit."""
    rows = [row for row in answer.rows if row.unit]
    if not rows:
        return [f"No unit has both {page.old_side(answer)} and {page.new_side(answer)}."]
    moves = movements(_moves(answer, rows, ledger, years))
    return [_totals(answer, rows, years, ledger), moves, _open(answer, years), _units(answer, rows, years)]


def _of(answer: Variance, years: Sequence[FinancialYear], alone: Sequence[FinancialYear]) -> Variance:
    """The answer in some years, with what is on one side only in the years `alone` (all, where none are named)."""
    return replace(
        answer,
        rows=[row for row in answer.rows if row.year in years],
        without_plan=[row for row in answer.without_plan if not alone or row.year in alone],
        without_actual=[row for row in answer.without_actual if not alone or row.year in alone],
    )


def _title(answer: Variance, years: Sequence[FinancialYear], ledger: Ledger) -> str:
    version = "" if answer.version in (None, "original") else f" ({answer.version})"
    when = f" in {spans(years)}" if years else ""
    return (
        f"What changed against {page.against_words(answer)}{version}{when}: {ledger.inputs.source}, {page.held(answer)}"
    )


def _totals(answer: Variance, rows: Sequence[VarianceRow], years: Sequence[FinancialYear], ledger: Ledger) -> Report:
    """Both sides, the variance by cause, and what is explained of it."""
    sums = in_all(rows, answer.settings)
    *forces, total = sums
    times = f" × {len(years)}" if len(years) > 1 and page.against_year(answer) else ""
    old = amount_row(page.old_side(answer) + times, "plan", sums)
    sides = [old, amount_row(page.new_side(answer, *years), "actual", sums)]
    effects = {cause: {row.force or "": row.effects[cause] for row in forces} for cause in total.effects}
    explained = [amount_row(name, f"{name}_amount", sums) for name in ("explained", "unexplained")]
    order = dict.fromkeys((*ledger.inputs.force_codes(), *old.amounts))
    members = [force for force in order if force in old.amounts]
    table = by_cause("First page", sides, amount_row("variance", "variance", sums), effects, members, explained)
    names = [row.name for row in sides]
    return charted(table, f"What each force pays, {spans(years)}: {' and '.join(names)}", names)


def _moves(
    answer: Variance, rows: Sequence[VarianceRow], ledger: Ledger, years: Sequence[FinancialYear]
) -> Iterator[Movement]:
    """Every effect on a force; against a business case the basis says on what the cost is shared now."""
    wholes = {(row.unit, row.year): row.effects for row in rows if row.force is None}
    now = {(result.unit.code, result.year): basis_words(result.decision.basis) for result in ledger.results}
    on_case = answer.against == "business-case"
    for row in rows:
        words = {"basis": f"shared on {now[row.unit or '', row.year]}, not as in the business case"} if on_case else {}
        if answer.against == "budget":
            words = {"ended": "has a budget and no outturn", "started": "has an outturn and no budget"}
        for cause, pence in row.effects.items() if row.force else ():
            yield Movement(
                unit=f"{row.unit} {row.year}" if len(years) > 1 else row.unit_words,
                cause=cause,
                force=row.force or "",
                pence=pence,
                whole=wholes[row.unit, row.year][cause],
                why=words.get(cause, ""),
            )


def _open(answer: Variance, years: Sequence[FinancialYear]) -> Report:
    """Significant variances that are not explained, the largest first, those of all units last."""
    rows = [row for row in answer.rows if row.significant and not row.explained]
    rows.sort(key=lambda row: (row.unit is None, -abs(row.unexplained_amount)))
    more = [f"and {len(rows) - MOST_OPEN} more: --show unexplained"] if len(rows) > MOST_OPEN else []
    year_too = " | year" * (len(years) > 1)
    names = headings(
        f"unit: unit_words{year_too} | force: force_words | variance | {UNEXPLAINED} | status: status_words"
    )
    return _table("Open", rows[:MOST_OPEN], names, notes=more, empty="Nothing.", title="Open: significant, unexplained")


def _table(name: str, rows: Sequence[VarianceRow], names: Names, *, title: str = "", **more: Any) -> Report:
    kinds: dict[str, Kind] = {"unit": "wide", "%": "figure"}
    shown = table(rows, VarianceRow, names)
    amounts: dict[str, Kind] = {column.name: "pounds" for column in shown.columns if column.field and column.kind}
    return plain_table(name, title, shown, kinds={**amounts, **kinds, "year": "year"}, units="", **more)


def _units(answer: Variance, rows: Sequence[VarianceRow], years: Sequence[FinancialYear]) -> Report:
    """Each unit with both sides, its variance and what is left unexplained; all units at the end."""
    units, notes = foremost([row for row in rows if row.force is None], attrgetter("variance"), "variances")
    totals = in_all(rows, answer.settings)[-1:] if len(units) > 1 else []
    sides = {page.old_side(answer): "plan", page.new_side(answer, *years): "actual"}
    year_too: dict[str, Any] = {"year": lambda row: row.year if row.unit else None} if len(years) > 1 else {}
    change = headings(f"variance | %: percent_words | status: status_words | {UNEXPLAINED}")
    names = {"unit": "unit_words", **year_too, **sides, **change}
    shown = _table("Units", [*units, *totals], names, notes=notes, totals=len(totals))
    return narrowing(shown, ["unexplained"], [*sides])


def _alone(answer: Variance, years: Sequence[FinancialYear]) -> list[str]:
    """The units and years that are on one side only, by what is missing."""
    lacking = groups((what, (unit, year)) for unit, year, what in page.alone(answer))
    return [_sentence(what, groups(entries), years) for what, entries in lacking.items()]


def _sentence(what: str, units: Mapping[UnitCode, Sequence[FinancialYear]], shown: Sequence[FinancialYear]) -> str:
    """What units lack; where it is not the single year shown, with the years."""
    alike = len(shown) == 1 and all([*years] == [*shown] for years in units.values())
    names = [unit if alike else f"{unit} {spans(years)}" for unit, years in units.items()]
    return f"{what[0].upper()}{what[1:]}: {listed(names, 'counterparts')}."


def _about(answer: Variance, others: Sequence[FinancialYear]) -> Iterator[str]:
    """What a variance and its status are, other years, prices, and explanations that explain nothing."""
    yield "Positive is adverse (costs more)."
    if answer.rows:
        yield page.measures(answer)
    if answer.real:
        yield f"{page.old_side(answer)} is restated in prices of the new year first."
    if others:
        yield f"Other years: {spans(others)} (--year; --show variances)."
    yield from not_additive(answer.rows)
    if answer.notes:
        yield f"Explanations that explain less than they say: {len(answer.notes)} (--show notes)."
