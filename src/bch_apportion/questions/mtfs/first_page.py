"""The first page of `mtfs`: contributions of the base year and each year after, what moves them, scenarios beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bch_apportion.answers import headings, table
from bch_apportion.groups import groups, sums
from bch_apportion.ledger import Ledger
from bch_apportion.money import Pence
from bch_apportion.questions.first_page import (
    Movement,
    by_force,
    cause_rows,
    movements,
    percent_of,
    percents,
    standing_line,
    summed,
)
from bch_apportion.questions.mtfs import rows
from bch_apportion.questions.mtfs.link_page import sentence
from bch_apportion.questions.mtfs.page import CAUSE_WORDS, paid_by, timetables
from bch_apportion.questions.mtfs.rule import BASE, CAUSES
from bch_apportion.writing.report import Kind, Page, Report, columns, plain_table
from bch_apportion.years import FinancialYear

WHY = {"direct": "what is held or borne directly changes, uplifts included", "one_off": "one-offs begin or end"}


def first_page(answer: rows.Mtfs, ledger: Ledger) -> Page:
    """The base scenario by force with its change by cause, the scenarios side by side, the largest movements, units."""
    years = answer.years_shown()
    scenario = ", base scenario" if len(answer.scenarios) > 1 else ""
    flat = [] if answer.assumptions else [f"No assumption is given: costs stay as in {answer.base_year}."]
    return Page(
        title=f"Contributions from {years[0]} to {years[-1]}: {ledger.inputs.source}, {_base(answer, years)}{scenario}",
        units="£",
        blocks=(
            _totals(answer, years),
            *flat,
            *(_side_by_side(answer, years) if len(answer.scenarios) > 1 else []),
            *answer.unmoved,
            movements(_moves(answer)),
            *timetables(answer),
            *([] if answer.link is None else [sentence(answer.link)]),
            _units(answer),
            standing_line(ledger, answer.base_year, answer.notes),
        ),
    )


def _base(answer: rows.Mtfs, years: Sequence[FinancialYear]) -> str:
    if years[0] == answer.base_year:
        return "the first as budgeted" if len(years) > 1 else "as budgeted"
    return f"projected from {answer.base_year}"


def _totals(answer: rows.Mtfs, years: Sequence[FinancialYear]) -> Report:
    """What each force contributes by year, and the change from the first year to the last by cause."""
    known = paid_by(answer.contributions, "scenario", "year")
    paid = {year: known.get((BASE, year), {}) for year in years}
    totals = [summed(str(year), amounts) for year, amounts in paid.items()]
    forces = [force for force in answer.forces if any(force in row.amounts for row in totals)]
    if len(years) < 2:
        return by_force("Contributions", totals, forces)
    first, last = paid[years[0]], paid[years[-1]]
    change = summed(f"on {years[0]}", {force: last.get(force, 0) - first.get(force, 0) for force in forces})
    effects = {cause: dict.fromkeys(forces, 0) for cause in CAUSES}
    for move in _moves(answer):
        effects[move.cause][move.force] += move.pence
    totals += [change, percents("%", change, totals[0])]
    table = by_force("Contributions", [*totals, *cause_rows(effects, CAUSE_WORDS)], forces, apart=len(totals))
    return replace(table, notes=("Each cause is the sum of what it moves from year to year.",))


def _moves(answer: rows.Mtfs) -> Iterator[Movement]:
    """What each cause moves in the base scenario over the years shown, by unit and force."""
    moved = groups(
        ((row.unit, cause), (row.force, getattr(row.effects, cause)))
        for row in answer.changes
        if row.scenario == BASE
        for cause in CAUSES
    )
    for (unit, cause), pairs in moved.items():
        amounts = sums(pairs)
        for force, pence in amounts.items():
            why = WHY.get(cause, "")
            yield Movement(unit=unit, cause=cause, force=force, pence=pence, whole=sum(amounts.values()), why=why)


def _side_by_side(answer: rows.Mtfs, years: Sequence[FinancialYear]) -> list[Report]:
    """The scenarios beside one another: all forces together by year, and each force in the last year."""
    paid, last = paid_by(answer.contributions, "scenario", "year"), years[-1]
    in_all = {name: {year: sum(paid.get((name, year), {}).values()) for year in years} for name in answer.scenarios}
    in_last = {name: paid.get((name, last), {}) for name in answer.scenarios}
    forces = [force for force in answer.forces if any(force in own for own in in_last.values())]
    return [
        _beside("Scenarios", "Scenarios side by side, all forces", "year", years, in_all),
        _beside("Scenarios by force", f"By force in {last}", "force", forces, in_last),
    ]


def _beside(
    name: str, title: str, about: str, entries: Sequence[Any], paid: Mapping[str, Mapping[Any, Pence]]
) -> Report:
    """A row for each entry, a column for each scenario and its difference from the base."""
    base, *others = paid
    heads = [base, *(head for other in others for head in (other, f"{other} − base"))]

    def amounts(entry: Any) -> list[Pence]:
        start, *further = (own.get(entry, 0) for own in paid.values())
        return [start, *(pence for own in further for pence in (own, own - start))]

    shown = tuple((str(entry), *amounts(entry)) for entry in entries)
    return Report(name, title, columns(about, *((head, "pounds") for head in heads)), shown)


def _units(answer: rows.Mtfs) -> Report:
    """Each unit in the base year and the last, with its change."""
    last = max((row.year for row in answer.since_base), default=None)
    shown = [
        row
        for row in answer.since_base
        if row.unit is not None and row.force is None and row.scenario == BASE and row.year == last
    ]
    names: dict[str, Any] = headings(f"unit | {answer.base_year}: base | {last}: amount | change")
    kinds: dict[str, Kind] = {**dict.fromkeys(names, "pounds"), "unit": "wide", "%": "figure"}
    names["%"] = lambda row: percent_of(row.change, row.base)
    shown_table = table(shown, rows.SinceBase, names)
    return plain_table("Units", "", shown_table, kinds=kinds, units="", empty="No projected year is shown.")
