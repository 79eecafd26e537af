"""The first page of `compute`: what each force pays, what changed and why, what must be decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeAlias

from bch_apportion.answers import headings, table
from bch_apportion.ledger import Ledger
from bch_apportion.model import UnitCode
from bch_apportion.problems import Effect
from bch_apportion.questions.bridge import Bridge, Bridges, between
from bch_apportion.questions.first_page import (
    AmountRow,
    by_force,
    cause_rows,
    charted,
    in_words,
    less_refs,
    money,
    movements,
    moves_of,
    percents,
    standing_line,
    summed,
)
from bch_apportion.questions.split.page import ALL_UNITS
from bch_apportion.questions.split.rows import Split
from bch_apportion.questions.split.rule import totals_by_force
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.words import BASIS_WORDS, basis_words, many, standing
from bch_apportion.writing.report import Cell, Kind, Page, Report, columns, force_columns, plain_table, spans
from bch_apportion.years import FinancialYear, day_text

MOST, MOST_UNITS = 8, 40  # decisions and units on a page; where there are more, it says so
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
            *(
                [movements(moves_of(moved.bridges), _by_unit(end))]
                if moved
                else [f"There are no budgets of {before} to compare with."]
            ),
            decisions(end),
            *protection(end),
            _units(start, end, moved, refs),
            standing_line(whole, latest),
        ),
    )


def _by_unit(ledger: Ledger) -> dict[UnitCode, UnitYear]:
    return {result.unit.code: result for result in ledger.results}


def _totals(ledger: Ledger, years: Sequence[FinancialYear], moved: Bridges | None, refs: Refs) -> Report:
    """What each force pays in each year, then the change from the first to the last of them by cause."""
    forces = ledger.inputs.force_codes()
    paid = totals_by_force(ledger)
    nothing = dict.fromkeys((force for force in forces if any(row.force == force for row in paid)), 0)
    sums = {year: nothing | {row.force: row.amount for row in paid if row.year == year} for year in years}
    rows = [summed(str(year), own, refs.get((ALL_UNITS, year), {})) for year, own in sums.items()]
    title = f"What each force pays, {spans(years)}: budget, in cash"
    if moved is None:
        return charted(by_force("First page", rows, _members(rows, forces)), title, [str(year) for year in years])
    (total,) = moved.totals()
    difference = {force: total.actual[force] - total.plan[force] for force in total.plan}
    change = summed("change", difference, less_refs(rows[-1], rows[0]))
    rows += [change, percents("%", change, rows[0])]
    table = by_force("First page", [*rows, *cause_rows(total.effects)], _members(rows, forces), apart=len(rows))
    return charted(table, title, [str(year) for year in years])


def _members(rows: Sequence[AmountRow], forces: Sequence[str]) -> list[str]:
    """The forces that pay anything in these rows."""
    return [force for force in forces if any(force in row.amounts for row in rows)]


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
    by_basis: dict[str, dict[str, int]] = {}
    for effect in effects:
        sign = 1 if effect.alternative else -1
        by_basis.setdefault(effect.alternative, {})[effect.force] = sign * effect.pence
    names = {name: f"; on {BASIS_WORDS.get(name, name)} instead" if name else "" for name in by_basis}
    return "".join(f"{names[name]}: {in_words(amounts)}" for name, amounts in by_basis.items())


def _moved(result: UnitYear) -> str:
    if result.decision.kept is not None:
        return f"stands on the shares kept from {result.decision.kept.year}"
    return f"moves from {basis_words(result.changed_from or result.decision.basis)} to {standing(result)}"


def _units(start: Ledger, end: Ledger, moved: Bridges | None, refs: Refs) -> Report:
    """Each unit's basis, what each force pays for it, and its change on the year before."""
    by_unit = {bridge.unit: bridge for bridge in moved.bridges} if moved else {}
    was = {unit: standing(result) for unit, result in _by_unit(start).items()}
    rows = [_unit_row(result, by_unit.get(result.unit.code), was) for result in end.results]
    rows += [
        _ended(result, by_unit[result.unit.code]) for result in start.results if result.unit.code not in _by_unit(end)
    ]
    left = len(rows) - MOST_UNITS
    if left > 0:
        rows = sorted(rows, key=lambda row: -abs(row.change or row.total))[:MOST_UNITS]
    forces = [force for force in end.inputs.force_codes() if any(force in row.amounts for row in rows)]
    change = headings("change") if moved else {}
    heads = force_columns(forces, ("unit", "basis", "all", "change"))
    amounts = dict(zip(heads, (f"amounts.{force}" for force in forces), strict=True))
    notes = ["* another basis than the year before"] if any(row.basis.endswith(MOVED) for row in rows) else []
    if left > 0:
        notes.append(f"and {many(left, 'unit')} more, which changed less: --show splits")

    def shown(names: Mapping[str, Any], notes: Sequence[str]) -> Report:
        kinds: dict[str, Kind] = {
            "unit": "wide",
            "basis": "wide",
            **dict.fromkeys([*amounts, "all", "change"], "pounds"),
        }
        report = plain_table("Units", "", table(rows, Split, names), kinds=kinds, notes=notes, units="")
        by_heading = {**dict(zip(heads, forces, strict=True)), "all": ""}
        return replace(report, rows=tuple(_linked(report, rows, by_heading, refs, start.years())))

    short = shown({**headings("unit | basis"), "all": "total", **change}, (*notes, "By force: --show splits"))
    return replace(shown({**headings("unit | basis"), **amounts, **change}, notes), turned=(short,))


def _linked(
    report: Report, rows: Sequence[Split], heads: Mapping[str, str], refs: Refs, before: Sequence[FinancialYear]
) -> Iterator[tuple[Any, ...]]:
    """Its rows with amounts (`heads`: force by heading) and changes as formulas, where cells have them."""
    for row, values in zip(rows, report.records(), strict=True):
        now = summed("", row.amounts, refs.get((row.unit, row.year), {}))
        then_refs = next((refs.get((row.unit, year), {}) for year in before), {})
        then = AmountRow("", {}, now.total - (row.change or 0), refs=then_refs)
        cells = {name: now.cell(force) for name, force in heads.items() if name in values}
        if row.change is not None and (now.refs or then.refs):
            cells["change"] = Cell(row.change, f"=ROUND({now.ref('')}-{then.ref('')},2)")
        yield tuple((values | cells).values())


def _unit_row(result: UnitYear, bridge: Bridge | None, was: Mapping[UnitCode, str]) -> Split:
    now = standing(result)
    return Split(
        unit=result.unit.code,
        year=result.year,
        basis=now + (MOVED if was.get(result.unit.code, now) != now else ""),
        amounts=result.totals(),
        change=_change(bridge),
    )


def _ended(result: UnitYear, bridge: Bridge) -> Split:
    return Split(unit=result.unit.code, year=result.year.plus(1), basis="ended", amounts={}, change=_change(bridge))


def _change(bridge: Bridge | None) -> int | None:
    return None if bridge is None else sum(bridge.actual.values()) - sum(bridge.plan.values())
