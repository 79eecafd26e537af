"""The first page of `mtfs`: contributions of the base year and each year after, what moves them, scenarios beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bch_apportion.answers import table
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
from bch_apportion.questions.mtfs.page import CAUSE_WORDS, timetables
from bch_apportion.questions.mtfs.rule import BASE, CAUSES
from bch_apportion.writing.report import Column, Kind, Page, Report, columns, plain_table
from bch_apportion.years import FinancialYear

WHY = {"direct": "what is held or borne directly changes, uplifts included", "one_off": "one-offs begin or end"}


def first_page(answer: rows.Mtfs, ledger: Ledger) -> Page:
    """The base scenario by force with its change by cause, the scenarios side by side, the largest movements, units."""
    years = sorted({row.year for row in answer.contributions})
    scenario = ", base scenario" if len(answer.scenarios) > 1 else ""
    flat = [] if answer.assumptions else [f"No assumption is given: costs stay as in {answer.base_year}."]
    beside = [_beside(answer, years), _beside_by_force(answer, years[-1])] if len(answer.scenarios) > 1 else []
    return Page(
        title=f"Contributions from {years[0]} to {years[-1]}: {ledger.inputs.source}, {_base(answer, years)}{scenario}",
        units="£",
        blocks=(
            _totals(answer, years),
            *flat,
            *beside,
            *answer.unmoved,
            movements(_moves(answer)),
            *timetables(answer),
            *([] if answer.link is None else [sentence(answer.link)]),
            _units(answer),
            standing_line(ledger),
        ),
    )


def _base(answer: rows.Mtfs, years: Sequence[FinancialYear]) -> str:
    if years[0] == answer.base_year:
        return "the first as budgeted" if len(years) > 1 else "as budgeted"
    return f"projected from {answer.base_year}"


def _totals(answer: rows.Mtfs, years: Sequence[FinancialYear]) -> Report:
    """What each force contributes by year, and the change from the first year to the last by cause."""
    paid = {year: _paid(answer, BASE, year) for year in years}
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


def _paid(answer: rows.Mtfs, scenario: str, year: FinancialYear) -> dict[str, Pence]:
    """What each force contributes in a year of a scenario."""
    sums: dict[str, Pence] = {}
    for row in answer.contributions:
        if (row.scenario, row.year) == (scenario, year):
            sums[row.force] = sums.get(row.force, 0) + row.amount
    return {force: sums[force] for force in answer.forces if force in sums}


def _moves(answer: rows.Mtfs) -> Iterator[Movement]:
    """What each cause moves in the base scenario over the years shown, by unit and force."""
    moved: dict[tuple[str, str], dict[str, Pence]] = {}
    for change in answer.changes:
        if change.scenario == BASE:
            for cause in CAUSES:
                own = moved.setdefault((change.unit, cause), {})
                own[change.force] = own.get(change.force, 0) + getattr(change.effects, cause)
    for (unit, cause), amounts in moved.items():
        for force, pence in amounts.items():
            why = WHY.get(cause, "")
            yield Movement(unit=unit, cause=cause, force=force, pence=pence, whole=sum(amounts.values()), why=why)


def _beside(answer: rows.Mtfs, years: Sequence[FinancialYear]) -> Report:
    """All forces together: a row for each year, a column for each scenario and its difference from the base."""
    paid = {name: {year: sum(_paid(answer, name, year).values()) for year in years} for name in answer.scenarios}
    shown = tuple((str(year), *_with_differences(answer, {name: paid[name][year] for name in paid})) for year in years)
    return Report("Scenarios", "Scenarios side by side, all forces", _scenario_heads("year", answer), shown)


def _beside_by_force(answer: rows.Mtfs, year: FinancialYear) -> Report:
    """The same by force, in a year."""
    paid = {name: _paid(answer, name, year) for name in answer.scenarios}
    forces = [force for force in answer.forces if any(force in own for own in paid.values())]
    shown = (
        (force, *_with_differences(answer, {name: own.get(force, 0) for name, own in paid.items()})) for force in forces
    )
    return Report("Scenarios by force", f"By force in {year}", _scenario_heads("force", answer), tuple(shown))


def _scenario_heads(about: str, answer: rows.Mtfs) -> tuple[Column, ...]:
    further = (head for name in answer.scenarios[1:] for head in (name, f"{name} − base"))
    return columns((about, "text"), *((head, "pounds") for head in (BASE, *further)))


def _with_differences(answer: rows.Mtfs, amounts: dict[str, Pence]) -> list[Pence]:
    further = (pence for name in answer.scenarios[1:] for pence in (amounts[name], amounts[name] - amounts[BASE]))
    return [amounts[BASE], *further]


def _units(answer: rows.Mtfs) -> Report:
    """Each unit in the base year and the last, with its change."""
    last = max((row.year for row in answer.since_base), default=None)
    shown = [
        row
        for row in answer.since_base
        if row.unit is not None and row.force is None and row.scenario == BASE and row.year == last
    ]
    names = {"unit": "unit", str(answer.base_year): "base", str(last): "amount", "change": "change"}
    kinds: dict[str, Kind] = {**dict.fromkeys(names, "pounds"), "unit": "wide", "%": "figure"}
    shown_table = table(shown, rows.SinceBase, {**names, "%": _percent})
    return plain_table("Units", "", shown_table, kinds=kinds, units="", empty="No projected year is shown.")


def _percent(row: rows.SinceBase) -> str:
    return percent_of(row.change, row.base)
