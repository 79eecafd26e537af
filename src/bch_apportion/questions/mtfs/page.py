"""Contributions over the years, by scenario, and what moves them: the tables of `mtfs`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bch_apportion.answers import table
from bch_apportion.model import ForceCode
from bch_apportion.money import Pence
from bch_apportion.questions.bridge_page import Step, steps, steps_table, waterfall
from bch_apportion.questions.mtfs.rows import (
    AssumptionRow,
    Contribution,
    FmsCost,
    FmsDemand,
    FmsExtract,
    Mtfs,
    Range,
    ScenarioRow,
    Sensitivity,
    Timetable,
    TimetableStep,
    YearChange,
)
from bch_apportion.questions.mtfs.rule import BASE, CAUSES
from bch_apportion.writing.report import Chart, Column, Report, columns, plain_table, sheet_name
from bch_apportion.years import FinancialYear

CAUSE_WORDS = {
    "uplift": "uplift",
    "growth": "growth",
    "saving": "savings",
    "one_off": "one-offs",
    "implementation": "implementation",
    "direct": "held and direct",
    "nre": "NRE",
    "demand": "demand",
    "terms": "terms",
    "no_loser": "no loser",
}
NO_PROGRAMME = "(no programme)"
UNADDED = "The forces' percentiles do not add up to the percentile of the total."
DRAWN = (
    "Every assumption with a low or high is drawn from a triangular distribution with its value as the peak, "
    "independently of the others. " + UNADDED
)

Sums = dict[ForceCode, Pence]


def _sums(rows: Iterable[Contribution], entry: Callable[[Contribution], Any]) -> dict[Any, Sums]:
    """Amounts by force, summed by whatever `entry` takes from a row, in the order in which each first appears."""
    sums: dict[Any, Sums] = {}
    for row in rows:
        by_force = sums.setdefault(entry(row), {})
        by_force[row.force] = by_force.get(row.force, 0) + row.amount
    return sums


def _across(sums: Sums, answer: Mtfs) -> tuple[Pence | None, ...]:
    """The amount of each force, blank where it has none, and their total."""
    return (*(sums.get(force) for force in answer.forces), sum(sums.values()))


def _amounts(answer: Mtfs) -> tuple[Column, ...]:
    return tuple(Column(name, "money") for name in (*answer.forces, "total"))


def _years(answer: Mtfs) -> list[FinancialYear]:
    return sorted({row.year for row in answer.contributions})


def contributions(answer: Mtfs) -> Report:
    """What each force pays in all, by scenario and year."""
    sums = _sums(answer.contributions, lambda row: (row.scenario, row.year))
    shown = [(name, year) for name in answer.scenarios for year in _years(answer) if (name, year) in sums]
    return Report(
        name="Contributions",
        title=f"Contributions, the budgets of {answer.base_year} and the years projected from it",
        columns=(*columns("scenario", ("year", "year")), *_amounts(answer)),
        rows=tuple((*entry, *_across(sums[entry], answer)) for entry in shown),
        units="£",
        empty="Nothing is shown.",
    )


def by_year(answer: Mtfs) -> Report:
    """The same with a column for each force and scenario, for the charts."""
    years = _years(answer)
    names = [(force, name) for force in answer.forces for name in answer.scenarios]
    sums = _sums(answer.contributions, lambda row: (row.scenario, row.year))
    rows = [(str(year), *(sums.get((name, year), {}).get(force) for force, name in names)) for year in years]
    return Report(
        name="By year",
        title="Contributions by year, force and scenario",
        columns=columns("year", *((f"{force} {name}", "money") for force, name in names)),
        rows=tuple(rows),
        units="£",
        charts=tuple(_chart_of(force, answer, sums, years) for force in answer.forces) if rows else (),
    )


def _chart_of(force: ForceCode, answer: Mtfs, sums: dict[Any, Sums], years: Sequence[FinancialYear]) -> Chart:
    least = min(sums.get((name, year), {}).get(force, 0) for name in answer.scenarios for year in years)
    return Chart(
        kind="column",
        title=f"Contributions of {force} by year and scenario",
        categories="year",
        series=tuple(f"{force} {name}" for name in answer.scenarios),
        first=0,
        last=len(years) - 1,
        start=0 if least >= 0 else None,
    )


def by_unit(answer: Mtfs) -> Report:
    """What each force pays for each unit."""
    sums = _sums(answer.contributions, lambda row: (row.scenario, row.unit, row.year))
    rows = [
        (
            basis.scenario,
            basis.programme,
            basis.unit,
            basis.year,
            basis.standing,
            *_across(sums.get((basis.scenario, basis.unit, basis.year), {}), answer),
        )
        for basis in answer.bases
    ]
    return Report(
        name="By unit",
        title="Contributions by unit",
        columns=(*columns("scenario", "programme", "unit", ("year", "year"), "basis"), *_amounts(answer)),
        rows=tuple(rows),
        units="£",
        empty="Nothing is shown.",
    )


def by_programme(answer: Mtfs) -> Report:
    """What each force pays for each programme."""
    sums = _sums(answer.contributions, lambda row: (row.scenario, row.programme or NO_PROGRAMME, row.year))
    programmes = dict.fromkeys((scenario, programme) for scenario, programme, _ in sums)
    shown = [(*entry, year) for entry in programmes for year in _years(answer) if (*entry, year) in sums]
    return Report(
        name="By programme",
        title="Contributions by programme",
        columns=(*columns("scenario", "programme", ("year", "year")), *_amounts(answer)),
        rows=tuple((*entry, *_across(sums[entry], answer)) for entry in shown),
        units="£",
        empty="Nothing is shown.",
    )


def changed(answer: Mtfs) -> Report:
    """What moved each force's contribution to each unit from year to year."""
    names = {
        "scenario": "scenario",
        "unit": "unit",
        "year": "year",
        "force": "force",
        "year before": "from_",
        **{CAUSE_WORDS[cause]: f"effects.{cause}" for cause in CAUSES},
        "this year": "to",
    }
    return plain_table(
        "Changes",
        "From year to year, by cause; above zero costs more",
        table(answer.changes, YearChange, names),
        empty="There is no year before another.",
    )


def _effects(changes: Iterable[YearChange], cause: str) -> Sums:
    """The effect of a cause in all units, by force."""
    sums: Sums = {}
    for change in changes:
        sums[change.force] = sums.get(change.force, 0) + getattr(change.effects, cause)
    return sums


def _ends(changes: Iterable[YearChange], side: str) -> Sums:
    """What the forces paid for all units before (`from_`) or after (`to`)."""
    sums: Sums = {}
    for change in changes:
        sums[change.force] = sums.get(change.force, 0) + getattr(change, side)
    return sums


def _steps(scenario: str, year: FinancialYear, changes: Sequence[YearChange], answer: Mtfs) -> list[Step]:
    """The year before, what each cause moved, the year."""
    causes = {CAUSE_WORDS[cause]: _effects(changes, cause) for cause in CAUSES}
    before, after = _ends(changes, "from_"), _ends(changes, "to")
    ordered = {force: before[force] for force in answer.forces if force in before}
    return list(steps(scenario, year, {"year before": ordered, "year": after}, causes))


def _by_scenario_and_year(answer: Mtfs) -> Iterator[tuple[str, FinancialYear, list[YearChange]]]:
    for name in answer.scenarios:
        own = [change for change in answer.changes if change.scenario == name]
        for year in sorted({change.year for change in own}):
            yield name, year, [change for change in own if change.year == year]


def bridge(answer: Mtfs) -> Report:
    """The change of all units together as a running total; a chart for each year of the base."""
    rows: list[Step] = []
    charts = []
    for scenario, year, changes in _by_scenario_and_year(answer):
        own = _steps(scenario, year, changes, answer)
        if scenario == BASE:
            charts.append(waterfall(f"All units shown: from {year.plus(-1)} to {year}, by cause", own, len(rows)))
        rows += own
    title = "All units shown, from year to year, by cause; above zero costs more"
    return steps_table(title, "scenario", rows, charts, empty="There is no year before.")


def differences(answer: Mtfs) -> Report:
    """What each further scenario adds to the base's contributions, by unit."""
    sums = _sums(answer.differences, lambda row: (row.scenario, row.unit, row.year))
    beside = len(answer.scenarios) > 1
    return Report(
        name="Differences",
        title="Scenarios beside the base, by unit: scenario − base; above zero costs more",
        columns=(*columns("scenario", "unit", ("year", "year")), *_amounts(answer)),
        rows=tuple((*entry, *_across(moved, answer)) for entry, moved in sums.items() if any(moved.values())),
        units="£",
        empty="No scenario changes a contribution." if beside else "There is no scenario beside the base.",
    )


def totals_beside(answer: Mtfs) -> Report:
    """The differences in all, by year."""
    sums = _sums(answer.differences, lambda row: (row.scenario, row.year))
    nothing = dict.fromkeys(answer.forces, 0)
    shown = sorted(sums, key=lambda entry: (answer.scenarios.index(entry[0]), entry[1]))
    return Report(
        name="Beside the base",
        title="Scenarios beside the base, all units shown: scenario − base; above zero costs more",
        columns=(*columns("scenario", ("year", "year")), *_amounts(answer)),
        rows=tuple((*entry, *_across(nothing | sums[entry], answer)) for entry in shown),
        units="£",
        empty="There is no scenario beside the base.",
    )


def assumptions(answer: Mtfs) -> Report:
    """Every assumption in force, with its reference; of a further scenario those that differ from the base's alone."""
    return plain_table(
        "Assumptions",
        "The assumptions and where they come from (of a further scenario those that the base has not)",
        table([row for row in answer.assumptions if not row.as_in_base], AssumptionRow, ASSUMPTION),
        kinds={"value": "number", "low": "number", "high": "number", "reference": "wide"},
        units="",
        empty="The workbook makes no assumptions.",
    )


ASSUMPTION: dict[str, str | Callable[[AssumptionRow], str]] = {
    "scenario": "scenario",
    "kind": "kind",
    "unit": "unit",
    "line": "line",
    "type": "type",
    "force": "force",
    "from year": "from_year",
    "value": lambda row: str(row.value),
    "low": lambda row: str(row.low or ""),
    "high": lambda row: str(row.high or ""),
    "reference": "reference",
    "cell": "cell",
}


def what_changed(answer: Mtfs) -> Report:
    """What each scenario changes in the workbook, row by row."""
    names = {"scenario": "scenario", "sheet": "sheet", "row": "row", "replaces": _replaced}
    return plain_table(
        "What changed",
        "What the scenarios change",
        table(answer.changed, ScenarioRow, names),
        kinds={"row": "wide", "replaces": "wide"},
        units="",
        empty="There is no scenario.",
    )


def _replaced(row: ScenarioRow) -> str:
    return ", ".join(map(str, row.replaces)) or "new"


def sensitivities(answer: Mtfs) -> Report:
    """The effect of each assumption's low and high alone on each force over all years, largest first."""
    rows: list[tuple[Any, ...]] = []
    for effects in _by_assumption(answer):
        moved = {(effect.force, effect.side): effect.effect for effect in effects}
        given = effects[0]
        by_force = [moved[force, side] for force in answer.forces for side in ("low", "high")]
        rows.append((given.scenario, given.name, given.low, given.high, *by_force, given.assumption))
    in_base = sum(scenario == BASE for scenario, *_ in rows)
    bounds = ((f"{force} at {side}", "money") for force in answer.forces for side in ("low", "high"))
    return Report(
        name="Sensitivity",
        title="What each assumption alone moves over all projected years, largest first; above zero costs more",
        columns=(
            *columns("scenario", "assumption", ("low", "number"), ("high", "number")),
            *(Column(name, "money") for name, _ in bounds),
            Column("cell"),
        ),
        rows=tuple(rows),
        units="£",
        charts=tuple(_tornado(force, in_base) for force in answer.forces) if in_base else (),
        empty="No assumption has a low or high.",
    )


def _by_assumption(answer: Mtfs) -> Iterator[list[Sensitivity]]:
    """The effects over all years, those of an assumption together."""
    effects: dict[tuple[Any, ...], list[Sensitivity]] = {}
    for row in answer.sensitivity:
        if row.year is None:
            effects.setdefault((row.scenario, row.assumption, row.name), []).append(row)
    yield from effects.values()


def _tornado(force: ForceCode, rows: int) -> Chart:
    return Chart(
        kind="tornado",
        title=f"{force}: low and high of each assumption",
        categories="assumption",
        series=(f"{force} at low", f"{force} at high"),
        first=0,
        last=rows - 1,
    )


def ranges(answer: Mtfs) -> Report:
    """Percentiles of each force's contribution over the drawn runs, beside the exact central run."""
    names = {
        "scenario": "scenario",
        "force": "force",
        "year": "year",
        "contribution": "central",
        "10th percentile": "p10",
        "50th": "p50",
        "90th": "p90",
    }
    return plain_table(
        "Ranges",
        f"Contributions over {answer.runs:,} drawn runs (seed {answer.seed})",
        table(answer.ranges, Range, names),
        notes=(DRAWN,),
        empty="No assumption has a low or high.",
    )


def timetable(shown: Timetable, as_at: str | None) -> Report:
    """The days left to each step of the precept."""
    return plain_table(
        "Timetable",
        f"The precept of {shown.year}, seen from {as_at}",
        table(shown.steps, TimetableStep, {"step": "step", "by": "by", "days left": _days_left}),
        kinds={"step": "wide", "days left": "whole"},
        notes=("Statutory dates: SI 2012/2271.",),
        units="",
    )


def _days_left(step: TimetableStep) -> int | str:
    return "passed" if step.days < 0 else step.days


def fms_cost(fms: FmsExtract) -> Report:
    """Cost by section of the Force Management Statement."""
    return plain_table(
        "FMS cost",
        "Force Management Statement: cost by section",
        table(fms.cost, FmsCost, {"section": "section", "year": "year", "force": "force", "cost": "amount"}),
        empty="No unit has a section.",
    )


def fms_demand(fms: FmsExtract) -> Report:
    """Demand volumes by section of the Force Management Statement."""
    names = ("section", "driver", "year", "force", "volume")
    return plain_table(
        "FMS demand",
        "Force Management Statement: demand volumes, as far as they are measured (nothing is projected)",
        table(fms.demand, FmsDemand, {**{name: name for name in names}, "months measured": "months"}),
        kinds={"months measured": "whole"},
        units="",
        empty="No section has demand data.",
    )


def per_force(answer: Mtfs, taken: Sequence[str]) -> list[Report]:
    """A sheet for each force: its contributions by unit, a column for each year, and each scenario's total."""
    reports: list[Report] = []
    for force in answer.forces:
        own = [row for row in answer.contributions if row.force == force]
        name = sheet_name(force, [*taken, *(report.name for report in reports)])
        reports.append(_of_force(name, force, own, answer))
    return reports


def _of_force(name: str, force: ForceCode, contributions: Sequence[Contribution], answer: Mtfs) -> Report:
    years = _years(answer)
    paid: dict[tuple[str, str, str], dict[FinancialYear, Pence]] = {}
    for row in contributions:
        paid.setdefault((row.scenario, row.programme, row.unit), {})[row.year] = row.amount
    totals = []
    for scenario in answer.scenarios:
        own = [amounts for (name, _, _), amounts in paid.items() if name == scenario]
        totals.append((scenario, "", "All units", *(sum(amounts.get(year, 0) for amounts in own) for year in years)))
    return Report(
        name=name,
        title=f"Contributions of {force}",
        columns=columns("scenario", "programme", "unit", *((str(year), "money") for year in years)),
        rows=(*((*entry, *(amounts.get(year) for year in years)) for entry, amounts in paid.items()), *totals),
        units="£",
        totals=len(totals),
        empty="Nothing is shown.",
    )


def asked_for(answer: Mtfs) -> list[Report]:
    """What was asked for besides: sensitivity, ranges, the timetable, the FMS extract."""
    reports = []
    if answer.moved:
        reports.append(sensitivities(answer))
    if answer.runs:
        reports.append(ranges(answer))
    if answer.timetable is not None:
        reports.append(timetable(answer.timetable, answer.run.as_at))
    if answer.fms is not None:
        reports += [fms_cost(answer.fms), fms_demand(answer.fms)]
    return reports


def everything(answer: Mtfs) -> list[Report]:
    """The reports of a file."""
    reports = [contributions(answer), by_year(answer), by_programme(answer), by_unit(answer)]
    reports += [bridge(answer), changed(answer)]
    if len(answer.scenarios) > 1:
        reports += [totals_beside(answer), differences(answer), what_changed(answer)]
    reports += [assumptions(answer), *asked_for(answer)]
    return [*reports, *per_force(answer, ["Cover", "Notes", "Manifest", *(report.name for report in reports)])]


def screen(answer: Mtfs) -> list[Report]:
    """What the terminal shows: contributions, why they move, the scenarios beside the base, what was asked for."""
    reports = [contributions(answer), by_programme(answer), *causes(answer)]
    if len(answer.scenarios) > 1:
        reports += [totals_beside(answer), what_changed(answer)]
    return [*reports, assumptions(answer), *asked_for(answer)]


def causes(answer: Mtfs) -> list[Report]:
    """For each scenario, what moved each force's contribution to all units shown, by year and cause."""
    return [_causes_of(name, answer) for name in answer.scenarios]


def _causes_of(scenario: str, answer: Mtfs) -> Report:
    moved = {
        (year, cause): _effects(changes, cause)
        for name, year, changes in _by_scenario_and_year(answer)
        if name == scenario
        for cause in CAUSES
    }
    used = [
        cause for cause in CAUSES if any(any(sums.values()) for (_, other), sums in moved.items() if other == cause)
    ]
    rows = []
    for year in dict.fromkeys(year for year, _ in moved):
        for force in answer.forces:
            effects = [moved[year, cause].get(force, 0) for cause in used]
            rows.append((year, force, *effects, sum(effects)))
    beside = "" if scenario == BASE else f" ({scenario})"
    return Report(
        name="Causes",
        title=f"From year to year, by cause{beside}; above zero costs more",
        columns=columns(
            ("year", "year"), "force", *((CAUSE_WORDS[cause], "money") for cause in used), ("change", "money")
        ),
        rows=tuple(rows),
        units="£",
        empty="There is no year before another.",
    )
