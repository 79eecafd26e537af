"""The first page of `compute`: what each force pays, what changed and why, what must be decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from bch_apportion.groups import groups
from bch_apportion.ledger import Ledger
from bch_apportion.model import UnitCode
from bch_apportion.problems import Effect
from bch_apportion.questions.bridge import Bridges, between
from bch_apportion.questions.first_page import (
    AmountRow,
    by_cause,
    by_force,
    charted,
    foremost,
    in_words,
    less_refs,
    money,
    movements,
    moves_of,
    standing_line,
    summed,
    without,
)
from bch_apportion.questions.split.page import ALL_UNITS
from bch_apportion.questions.split.rule import totals_by_force
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.words import basis_words, instead, many, standing
from bch_apportion.writing.report import Kind, Page, Report, columns, force_columns, spans
from bch_apportion.years import FinancialYear, day_text

MOST = 8  # decisions on a page; where there are more, it says so
MOVED = " *"  # beside a basis that is another than the year before


Refs: TypeAlias = Mapping[tuple[str, FinancialYear], Mapping[str, str]]
"""Cells of what each force pays, by unit ("All units" too) and year, then by force; under "" that of all forces."""


def first_page(
    whole: Ledger,
    units: Sequence[UnitCode] = (),
    asked: Sequence[FinancialYear] = (),
    refs: Refs = MappingProxyType({}),
) -> Page:
    """The years asked for (none: the latest) of some units (none: all), against the year before the first of them.

    Totals and units' amounts are formulas over the cells of a live workbook.
    """
    years = list(asked) or whole.years()[-1:]
    before, latest = years[0].plus(-1), years[-1]
    start, end = whole.only(units, [before]), whole.only(units, [latest])
    moved = between(start, end, from_year=before, years=[latest]) if start.results else None
    return Page(
        title=f"What each force pays in {spans(years)}: {whole.inputs.source}, budget",
        units="£",
        blocks=(
            _totals(whole.only(units), [*([before] if moved else []), *years], moved, refs),
            movements(moves_of(moved.bridges), _by_unit(end))
            if moved
            else f"There are no budgets of {before} to compare with.",
            decisions(end),
            *protection(end),
            _units(start, end, refs),
            standing_line(whole, latest, whole.only(units).notes),
        ),
    )


def _by_unit(ledger: Ledger) -> dict[UnitCode, UnitYear]:
    return {result.unit.code: result for result in ledger.results}


def _totals(ledger: Ledger, years: Sequence[FinancialYear], moved: Bridges | None, refs: Refs) -> Report:
    """What each force pays in each year, then the change from the first to the last of them by cause."""
    paid = totals_by_force(ledger)
    payers = {row.force for row in paid}
    nothing = dict.fromkeys((force for force in ledger.inputs.force_codes() if force in payers), 0)
    sums = {year: nothing | {row.force: row.amount for row in paid if row.year == year} for year in years}
    rows = [summed(str(year), own, refs.get((ALL_UNITS, year), {})) for year, own in sums.items()]
    if moved is None:
        table = by_force("First page", rows, list(nothing))
    else:
        (total,) = moved.totals()
        difference = {force: total.actual[force] - total.plan[force] for force in total.plan}
        change = summed("change", difference, less_refs(rows[-1], rows[0]))
        table = by_cause("First page", rows, change, total.effects, list(nothing))
    return charted(table, f"What each force pays, {spans(years)}: budget, in cash", [row.name for row in rows])


def protection(ledger: Ledger) -> Iterator[str]:
    """The net of no loser per force over all units, and how many shared units it was not tested for."""
    net, without = ledger.protection(), ledger.without_baselines()
    if any(net.values()):
        left = f" {many(len(without), 'shared unit')} without baselines not tested: --show no-loser." if without else ""
        yield f"No loser, net over all units: {in_words(net)}.{left}"


def decisions(ledger: Ledger) -> Report:
    """What needs a decision: units not pooled, bases that nobody decided, protection that cannot hold or has no end."""
    rows = [row for result in ledger.results for row in _to_decide(ledger, result)]
    more = (f"and {len(rows) - MOST} more: --show pooling, queries, no-loser",) if len(rows) > MOST else ()
    heads = columns("unit", ("to decide", "wide"))
    shown = tuple(rows[:MOST])
    return Report("Decisions", "To decide", heads, shown, notes=more, empty="Nothing.", headed=False)


def _to_decide(ledger: Ledger, result: UnitYear) -> Iterator[tuple[str, str]]:
    unit, tested = result.unit.code, result.no_loser
    for late in ledger.unpooled():
        if late.unit == unit:
            pooling = result.if_pooled()
            moves = f"; pooling would move {in_words(pooling)}" if pooling else ""
            yield unit, f"signed {day_text(late.signed)}, not pooled for {late.days:,} days{moves}"
    for query in ledger.queries:
        if query.code in ("basis-moved", "kept-shares") and unit in query.units and query.answer is None:
            yield unit, f"{_moved(result)}; no decision is recorded{_instead(query.effects)}"
    if tested is not None and not tested.achievable:
        yield unit, f"no loser is not achievable: {money(tested.short)} short"
    if tested is not None and unit in ledger.without_end():
        yield unit, "no loser has no end"


def _instead(effects: Sequence[Effect]) -> str:
    """What the move costs each force; where there are alternatives, what each force would pay more on them."""
    by_basis = groups((e.alternative, (e.force, e.pence if e.alternative else -e.pence)) for e in effects)
    names = {name: f"; {instead(name)}" if name else "" for name in by_basis}
    return "".join(f"{names[name]}: {in_words(dict(amounts))}" for name, amounts in by_basis.items())


def _moved(result: UnitYear) -> str:
    if result.decision.kept is not None:
        return f"stands on the shares kept from {result.decision.kept.year}"
    return f"moves from {basis_words(result.changed_from or result.decision.basis)} to {standing(result)}"


class _Unit(NamedTuple):
    """A unit of the table: its basis, what each force pays for it, the change on the year before."""

    basis: str
    paid: AmountRow
    change: AmountRow


def _units(start: Ledger, end: Ledger, refs: Refs) -> Report:
    """Each unit's basis, what each force pays for it, and its change on the year before."""
    was, now = _by_unit(start), _by_unit(end)
    units = [_unit(unit, was.get(unit), now.get(unit), refs) for unit in {**now, **was}]
    rows, more = foremost(units, lambda row: row.change.total or row.paid.total, "splits")
    forces = [force for force in end.inputs.force_codes() if any(force in row.paid.amounts for row in rows)]
    heads = force_columns(forces, ("unit", "basis", "all", "change"))
    moved = "* another basis than the year before"
    notes = (*([moved] if any(row.basis.endswith(MOVED) for row in rows) else []), *more)
    amounts: list[tuple[str, Kind]] = [(head, "pounds") for head in (*heads, "all", "change")]
    cells = tuple((row.paid.name, row.basis, *map(row.paid.cell, (*forces, "")), row.change.value("")) for row in rows)
    table = Report("Units", "", columns(("unit", "wide"), ("basis", "wide"), *amounts), cells, notes=notes)
    uncompared = [] if start.results else ["change"]
    short = replace(without(table, [*heads, *uncompared]), notes=(*notes, "By force: --show splits"))
    return replace(without(table, ["all", *uncompared]), turned=(short,))


def _unit(unit: UnitCode, then: UnitYear | None, now: UnitYear | None, refs: Refs) -> _Unit:
    """A unit of which one of both years may have nothing."""

    def amounts(result: UnitYear | None) -> AmountRow:
        return summed(unit, result.totals(), refs.get((unit, result.year), {})) if result else summed(unit, {})

    paid, before = amounts(now), amounts(then)
    change = AmountRow("change", {}, paid.total - before.total, refs=less_refs(paid, before))
    if now is None:
        return _Unit("ended", paid, change)
    moved = then is not None and standing(then) != standing(now)
    return _Unit(standing(now) + MOVED * moved, paid, change)
