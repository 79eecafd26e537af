"""Contributions over the years, by scenario, and what moves them: the tables of `mtfs`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

from bch_apportion.answers import table
from bch_apportion.model import ForceCode
from bch_apportion.money import Pence, decimal_text
from bch_apportion.questions.bridge_page import Step, steps, steps_table, waterfall
from bch_apportion.questions.mtfs import link_page, rows
from bch_apportion.questions.mtfs.rule import BASE, CAUSES
from bch_apportion.writing.report import Chart, Column, Kind, Report, columns, plain_table, sheet_name
from bch_apportion.years import FinancialYear

CAUSE_WORDS = {cause: cause for cause in CAUSES} | {
    "saving": "savings",
    "one_off": "one-offs",
    "direct": "held and direct",
    "nre": "NRE",
    "no_loser": "no loser",
}
NO_PROGRAMME = "(no programme)"
NO_CHANGE = "No change from year to year is shown."
DRAWN = (
    "Every assumption with a low or high is drawn from a triangular distribution with its value as the peak, "
    "independently of the others. The forces' percentiles do not add up to the percentile of the total."
)
YEAR: tuple[str, Kind] = ("year", "year")

Sums = Mapping[ForceCode, Pence]


def _sums(contributions: Iterable[rows.Contribution], *fields: str) -> dict[Any, Sums]:
    """Amounts by force for each entry of the fields, of which the year is last; entries that differ in it by year."""
    sums: dict[Any, dict[ForceCode, Pence]] = {}
    entry_of = attrgetter(*fields)
    for row in contributions:
        by_force = sums.setdefault(entry_of(row), {})
        by_force[row.force] = by_force.get(row.force, 0) + row.amount
    groups: dict[Any, list[Any]] = {}
    for entry in sums:
        groups.setdefault(entry[:-1], []).append(entry)
    return {entry: sums[entry] for group in groups.values() for entry in sorted(group)}


def _by_force(
    name: str,
    title: str,
    heads: Sequence[str | tuple[str, Kind]],
    sums: Iterable[tuple[Sequence[Any], Sums]],
    answer: rows.Mtfs,
    empty: str = "Nothing is shown.",
) -> Report:
    """Entries with the amount of each force, blank where it has none, and their total."""
    return Report(
        name=name,
        title=title,
        columns=(*columns(*heads), *(Column(force, "money") for force in (*answer.forces, "total"))),
        rows=tuple((*entry, *map(paid.get, answer.forces), sum(paid.values())) for entry, paid in sums),
        units="£",
        empty=empty,
    )


def _years(answer: rows.Mtfs) -> list[FinancialYear]:
    return sorted({row.year for row in answer.contributions})


def contributions(answer: rows.Mtfs) -> Report:
    """What each force pays in all, by scenario and year."""
    title = f"Contributions, the budgets of {answer.base_year} and the years projected from it"
    sums = _sums(answer.contributions, "scenario", "year")
    return _by_force("Contributions", title, ("scenario", YEAR), sums.items(), answer)


def by_year(answer: rows.Mtfs) -> Report:
    """The same with a column for each force and scenario, for the charts."""
    years = _years(answer)
    names = [(force, name) for force in answer.forces for name in answer.scenarios]
    sums = _sums(answer.contributions, "scenario", "year")
    amounts = [(str(year), *(sums.get((name, year), {}).get(force) for force, name in names)) for year in years]
    return Report(
        name="By year",
        title="Contributions by year, force and scenario",
        columns=columns("year", *((f"{force} {name}", "money") for force, name in names)),
        rows=tuple(amounts),
        units="£",
        charts=tuple(_chart_of(force, answer, sums, years) for force in answer.forces) if years else (),
    )


def _chart_of(force: ForceCode, answer: rows.Mtfs, sums: dict[Any, Sums], years: Sequence[FinancialYear]) -> Chart:
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


def by_unit(answer: rows.Mtfs) -> Report:
    """What each force pays for each unit."""
    sums = _sums(answer.contributions, "scenario", "unit", "year")
    paid = (
        ((row.scenario, row.programme, row.unit, row.year, row.standing), sums[row.scenario, row.unit, row.year])
        for row in answer.bases
    )
    heads = ("scenario", "programme", "unit", YEAR, "basis")
    return _by_force("By unit", "Contributions by unit", heads, paid, answer)


def by_programme(answer: rows.Mtfs) -> Report:
    """What each force pays for each programme."""
    sums = _sums(answer.contributions, "scenario", "programme", "year")
    paid = (((name, programme or NO_PROGRAMME, year), by) for (name, programme, year), by in sums.items())
    return _by_force("By programme", "Contributions by programme", ("scenario", "programme", YEAR), paid, answer)


ALL = "all"
SINCE: dict[str, str | Callable[[rows.SinceBase], str]] = {
    "year": "year",
    "force": lambda row: row.force or ALL,
    "base year": "base",
    "this year": "amount",
    "change": "change",
    "change %": lambda row: "n/a" if row.percent is None else decimal_text(row.percent, 1),
}


def since_base(answer: rows.Mtfs) -> Report:
    """The change of each force's contribution on the base year, over all units."""
    shown = [row for row in answer.since_base if row.programme is None]
    return _since("Change", "all units shown", answer, shown, {})


def since_base_by_programme(answer: rows.Mtfs) -> Report:
    """The same by programme."""
    shown = [row for row in answer.since_base if row.programme is not None and row.unit is None]
    return _since("Change by programme", "by programme", answer, shown, {"programme": _programme})


def since_base_by_unit(answer: rows.Mtfs) -> Report:
    """The same by unit."""
    shown = [row for row in answer.since_base if row.unit is not None]
    return _since("Change by unit", "by unit", answer, shown, {"programme": _programme, "unit": "unit"})


def _programme(row: rows.SinceBase) -> str:
    return row.programme or NO_PROGRAMME


def _since(
    name: str, what: str, answer: rows.Mtfs, shown: Sequence[rows.SinceBase], about: Mapping[str, Any]
) -> Report:
    title = f"Change on the base year {answer.base_year}, {what}; above zero costs more"
    names = {"scenario": "scenario", **about, **SINCE}
    kinds: dict[str, Kind] = {"change %": "figure"}
    return plain_table(
        name, title, table(shown, rows.SinceBase, names), kinds=kinds, empty="No projected year is shown."
    )


def changed(answer: rows.Mtfs) -> Report:
    """What moved each force's contribution to each unit from year to year."""
    names = {
        **{name: name for name in ("scenario", "unit", "year", "force")},
        "year before": "from_",
        **{CAUSE_WORDS[cause]: f"effects.{cause}" for cause in CAUSES},
        "this year": "to",
    }
    title = "From year to year, by unit, force and cause; above zero costs more"
    return plain_table("Changes", title, table(answer.changes, rows.YearChange, names), empty=NO_CHANGE)


def _over_units(changes: Iterable[rows.YearChange], amount: str) -> Sums:
    """An amount of each change by force, over all units."""
    sums: dict[ForceCode, Pence] = {}
    for change in changes:
        sums[change.force] = sums.get(change.force, 0) + attrgetter(amount)(change)
    return sums


def _by_scenario_and_year(answer: rows.Mtfs) -> Iterator[tuple[str, FinancialYear, list[rows.YearChange]]]:
    for name in answer.scenarios:
        own = [change for change in answer.changes if change.scenario == name]
        for year in sorted({change.year for change in own}):
            yield name, year, [change for change in own if change.year == year]


def bridge(answer: rows.Mtfs) -> Report:
    """The change of all units together as a running total; a chart for each year of the base."""
    drawn: list[Step] = []
    charts = []
    for scenario, year, changes in _by_scenario_and_year(answer):
        causes = {CAUSE_WORDS[cause]: _over_units(changes, f"effects.{cause}") for cause in CAUSES}
        before, after = _over_units(changes, "from_"), _over_units(changes, "to")
        ordered = {force: before[force] for force in answer.forces if force in before}
        own = list(steps(scenario, year, {"year before": ordered, "year": after}, causes))
        if scenario == BASE:
            charts.append(waterfall(f"All units shown: from {year.plus(-1)} to {year}, by cause", own, len(drawn)))
        drawn += own
    title = "All units shown, from year to year, by cause; above zero costs more"
    return steps_table(title, "scenario", drawn, charts, empty=NO_CHANGE)


def differences(answer: rows.Mtfs) -> Report:
    """What each further scenario adds to the base's contributions, by unit."""
    sums = _sums(answer.differences, "scenario", "unit", "year").items()
    moved = ((entry, by_force) for entry, by_force in sums if any(by_force.values()))
    title = "Scenarios beside the base, by unit: scenario − base; above zero costs more"
    return _by_force("Differences", title, ("scenario", "unit", YEAR), moved, answer, "No contribution differs.")


def totals_beside(answer: rows.Mtfs) -> Report:
    """The differences in all, by year."""
    nothing = dict.fromkeys(answer.forces, 0)
    moved = ((entry, {**nothing, **by}) for entry, by in _sums(answer.differences, "scenario", "year").items())
    title = "Scenarios beside the base, all units shown: scenario − base; above zero costs more"
    return _by_force("Beside the base", title, ("scenario", YEAR), moved, answer)


def assumptions(answer: rows.Mtfs) -> Report:
    """Every assumption in force, with its reference; of a further scenario those that differ from the base's alone."""
    names = {
        **{name: name for name in ("scenario", "kind", "unit", "line", "subjective", "type", "force")},
        "from year": "from_year",
        "value": lambda row: str(row.value),
        "low": lambda row: str(row.low or ""),
        "high": lambda row: str(row.high or ""),
        "reference": "reference",
        "cell": "cell",
    }
    return plain_table(
        "Assumptions",
        "The assumptions and where they come from (for further scenarios, only those that the base does not have)",
        table([row for row in answer.assumptions if not row.as_in_base], rows.AssumptionRow, names),
        kinds={"value": "number", "low": "number", "high": "number", "reference": "wide"},
        units="",
        empty="The workbook makes no assumptions.",
    )


def what_changed(answer: rows.Mtfs) -> Report:
    """What each scenario changes in the workbook, row by row."""
    names = {"scenario": "scenario", "sheet": "sheet", "row": "row", "replaces": _replaced}
    return plain_table(
        "What changed",
        "What the scenarios change",
        table(answer.changed, rows.ScenarioRow, names),
        kinds={"row": "wide", "replaces": "wide"},
        units="",
        empty="No scenario changes a row.",
    )


def _replaced(row: rows.ScenarioRow) -> str:
    return ", ".join(map(str, row.replaces)) or "new"


def sensitivities(answer: rows.Mtfs) -> Report:
    """The effect of each assumption's low and high alone on each force over all years, largest first."""
    effects: dict[tuple[str, ...], dict[tuple[ForceCode, str], Pence]] = {}
    for row in answer.sensitivity:
        if row.year is None:
            entry = row.scenario, row.name, row.low, row.high, str(row.assumption)
            effects.setdefault(entry, {})[row.force, row.side] = row.effect
    bounds = [(force, side) for force in answer.forces for side in ("low", "high")]
    in_base = sum(scenario == BASE for scenario, *_ in effects)
    charts = (
        Chart(
            kind="tornado",
            title=f"{force}: low and high of each assumption",
            categories="assumption",
            series=(f"{force} at low", f"{force} at high"),
            first=0,
            last=in_base - 1,
        )
        for force in answer.forces
    )
    return Report(
        name="Sensitivity",
        title="What each assumption alone moves over all projected years, largest first; above zero costs more",
        columns=(
            *columns("scenario", "assumption", ("low", "number"), ("high", "number")),
            *(Column(f"{force} at {side}", "money") for force, side in bounds),
            Column("cell"),
        ),
        rows=tuple((*about, *map(moved.get, bounds), cell) for (*about, cell), moved in effects.items()),
        units="£",
        charts=tuple(charts) if in_base else (),
        empty="No assumption has a low or high.",
    )


def ranges(answer: rows.Mtfs) -> Report:
    """Percentiles of each force's contribution over the drawn runs, beside the exact central run."""
    percentiles = {"10th percentile": "p10", "50th": "p50", "90th": "p90"}
    names = {"scenario": "scenario", "force": "force", "year": "year", "contribution": "central", **percentiles}
    return plain_table(
        "Ranges",
        f"Contributions over {answer.runs:,} drawn runs (seed {answer.seed})",
        table(answer.ranges, rows.Range, names),
        notes=(DRAWN,),
        empty="No assumption has a low or high.",
    )


AnyStep: TypeAlias = rows.TimetableStep | rows.OwnStep


def timetables(answer: rows.Mtfs) -> list[Report]:
    """The timetable, where the day of the report is given."""
    return [timetable(answer.timetable, answer.run.as_at, answer.own_steps)] if answer.timetable is not None else []


def timetable(shown: rows.Timetable, as_at: str | None, own: Sequence[rows.OwnStep]) -> Report:
    """The days left to each step of the precept, and to the alliance's own steps among them."""
    names: dict[str, Any] = {"step": "step", **({"who": _who} if own else {}), "by": "by", "days left": _days_left}
    return plain_table(
        "Timetable",
        f"The precept of {shown.year}, seen from {as_at}",
        table(sorted((*shown.steps, *own), key=attrgetter("by")), rows.TimetableStep, names),
        kinds={"step": "wide", "who": "wide", "days left": "whole"},
        notes=("Statutory dates: SI 2012/2271.",),
        units="",
    )


def _who(step: AnyStep) -> str:
    return step.who if isinstance(step, rows.OwnStep) else "statutory"


def _days_left(step: AnyStep) -> int | str:
    if isinstance(step, rows.OwnStep) and step.is_done:
        after = (step.done_on - step.by).days if step.done_on else 0
        return f"done {step.done_on or ''}".strip() + (f", {after:,} late" if after > 0 else "")
    if step.days >= 0:
        return step.days
    return f"{-step.days:,} late" if isinstance(step, rows.OwnStep) else "passed"


def fms(extract: rows.FmsExtract) -> list[Report]:
    """Cost and demand volumes by section of the Force Management Statement."""
    names = {name: name for name in ("section", "year", "force")}
    measured = {"section": "section", "driver": "driver", **names, "volume": "volume", "months measured": "months"}
    cost = plain_table(
        "FMS cost",
        "Force Management Statement: cost by section",
        table(extract.cost, rows.FmsCost, {**names, "cost": "amount"}),
        empty="No unit has a section.",
    )
    demand = plain_table(
        "FMS demand",
        "Force Management Statement: demand volumes, as far as they are measured (nothing is projected)",
        table(extract.demand, rows.FmsDemand, measured),
        kinds={"months measured": "whole"},
        units="",
        empty="No section has demand data.",
    )
    return [cost, demand]


def per_force(answer: rows.Mtfs, taken: Sequence[str]) -> list[Report]:
    """A sheet for each force: its contributions by unit, a column for each year, and each scenario's total."""
    names: list[str] = []
    for force in answer.forces:
        names.append(sheet_name(force, [*taken, *names]))
    return [_of_force(name, force, answer) for name, force in zip(names, answer.forces, strict=True)]


def _of_force(name: str, force: ForceCode, answer: rows.Mtfs) -> Report:
    years = _years(answer)
    paid: dict[tuple[str, str, str], dict[FinancialYear, Pence]] = {}
    totals = {(scenario, "", "All units"): dict.fromkeys(years, 0) for scenario in answer.scenarios}
    for row in answer.contributions:
        if row.force == force:
            paid.setdefault((row.scenario, row.programme, row.unit), {})[row.year] = row.amount
            totals[row.scenario, "", "All units"][row.year] += row.amount
    return Report(
        name=name,
        title=f"Contributions of {force}",
        columns=columns("scenario", "programme", "unit", *((str(year), "money") for year in years)),
        rows=tuple((*entry, *map(amounts.get, years)) for entry, amounts in (*paid.items(), *totals.items())),
        units="£",
        totals=len(totals),
        empty="Nothing is shown.",
    )


def tables(answer: rows.Mtfs) -> dict[str, Callable[[], list[Report]]]:
    """The tables behind the first page, by the names that `--show` knows."""
    several = len(answer.scenarios) > 1
    return {
        "contributions": lambda: [contributions(answer), by_programme(answer), by_unit(answer)],
        "change": lambda: [since_base(answer), since_base_by_programme(answer), since_base_by_unit(answer)],
        "causes": lambda: [_causes(name, answer) for name in answer.scenarios],
        "changes": lambda: [changed(answer)],
        "scenarios": lambda: [totals_beside(answer), differences(answer), what_changed(answer)] if several else [],
        "assumptions": lambda: [assumptions(answer)],
        "sensitivity": lambda: [sensitivities(answer)] if answer.moved else [],
        "ranges": lambda: [ranges(answer)] if answer.runs else [],
        "timetable": lambda: timetables(answer),
        "gap": lambda: [] if answer.link is None else link_page.tables(answer.link),
        "fms": lambda: [] if answer.fms is None else fms(answer.fms),
    }


def everything(answer: rows.Mtfs) -> list[Report]:
    """The reports of a file."""
    known = tables(answer)
    reports = [contributions(answer), by_year(answer), by_programme(answer), by_unit(answer), *known["change"]()]
    reports += [bridge(answer), changed(answer)]
    for name in ("scenarios", "assumptions", "sensitivity", "ranges", "timetable", "gap", "fms"):
        reports += known[name]()
    return [
        *reports,
        *per_force(answer, ["First page", "Cover", "Notes", "About", "Manifest", *(report.name for report in reports)]),
    ]


def _causes(scenario: str, answer: rows.Mtfs) -> Report:
    """What moved each force's contribution to all units shown, by year and cause."""
    moved = {
        year: {cause: _over_units(changes, f"effects.{cause}") for cause in CAUSES}
        for name, year, changes in _by_scenario_and_year(answer)
        if name == scenario
    }
    used = [cause for cause in CAUSES if any(any(effects[cause].values()) for effects in moved.values())]
    amounts = []
    for year, effects in moved.items():
        for force in answer.forces:
            own = [effects[cause].get(force, 0) for cause in used]
            amounts.append((year, force, *own, sum(own)))
    beside = "" if scenario == BASE else f" ({scenario})"
    return Report(
        name="Causes",
        title=f"From year to year, by cause{beside}; above zero costs more",
        columns=columns(YEAR, "force", *((CAUSE_WORDS[cause], "money") for cause in used), ("change", "money")),
        rows=tuple(amounts),
        units="£",
        empty=NO_CHANGE,
    )
