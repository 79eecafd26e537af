"""Contributions over the years, by scenario, and what moves them: the tables of `mtfs`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

from bch_apportion.answers import headings, table
from bch_apportion.groups import groups, sums
from bch_apportion.model import ForceCode
from bch_apportion.money import Pence, decimal_text
from bch_apportion.questions.bridge_page import Step, steps, steps_table, waterfall
from bch_apportion.questions.mtfs import link_page, rows
from bch_apportion.questions.mtfs.rule import BASE, CAUSES
from bch_apportion.writing.report import Chart, Kind, Report, columns, plain_table, sheet_name
from bch_apportion.years import FinancialYear

CAUSE_WORDS = {cause: cause for cause in CAUSES} | {
    "saving": "savings",
    "one_off": "one-offs",
    "direct": "held and direct",
    "nre": "NRE",
    "no_loser": "no loser",
}
NO_CHANGE = "No change from year to year is shown."
DRAWN = (
    "Every assumption with a low or high is drawn from a triangular distribution with its value as the peak, "
    "independently of the others. The forces' percentiles do not add up to the percentile of the total."
)
NO_PROGRAMME = "(no programme)"
SINCE: dict[str, Callable[[rows.SinceBase], str]] = {  # columns whose blanks are put into words
    "programme": lambda row: row.programme or NO_PROGRAMME,
    "force": lambda row: row.force or "all",
    "change %": lambda row: "n/a" if row.percent is None else decimal_text(row.percent, 1),
}
YEAR: tuple[str, Kind] = ("year", "year")

Amounts: TypeAlias = Mapping[ForceCode, Pence]


def paid_by(contributions: Iterable[rows.Contribution], *fields: str) -> dict[Any, Amounts]:
    """Amounts by force for each entry of the fields, of which the year is last; entries that differ in it by year."""
    entry_of = attrgetter(*fields)
    paid = groups((entry_of(row), (row.force, row.amount)) for row in contributions)
    alike = groups((entry[:-1], entry) for entry in paid)
    return {entry: sums(paid[entry]) for entries in alike.values() for entry in sorted(entries)}


def _by_force(
    name: str,
    title: str,
    heads: Sequence[str | tuple[str, Kind]],
    paid: Iterable[tuple[Sequence[Any], Amounts]],
    answer: rows.Mtfs,
    empty: str = "Nothing is shown.",
) -> Report:
    """Entries with the amount of each force, blank where it has none, and their total."""
    amount_heads: list[tuple[str, Kind]] = [(force, "money") for force in (*answer.forces, "total")]
    shown = tuple((*entry, *map(amounts.get, answer.forces), sum(amounts.values())) for entry, amounts in paid)
    return Report(name, title, columns(*heads, *amount_heads), shown, units="£", empty=empty)


def contributions(answer: rows.Mtfs) -> Report:
    """What each force pays in all, by scenario and year."""
    title = f"Contributions, the budgets of {answer.base_year} and the years projected from it"
    paid = paid_by(answer.contributions, "scenario", "year").items()
    return _by_force("Contributions", title, ("scenario", YEAR), paid, answer)


def by_year(answer: rows.Mtfs) -> Report:
    """The same with a column for each force and scenario, for the charts."""
    years = answer.years_shown()
    paid = sums(((row.force, row.scenario, row.year), row.amount) for row in answer.contributions)
    names = [(force, scenario) for force in answer.forces for scenario in answer.scenarios]
    least = {force: min((pence for (own, *_), pence in paid.items() if own == force), default=0) for force, _ in names}
    return Report(
        name="By year",
        title="Contributions by year, force and scenario",
        columns=columns("year", *((f"{force} {scenario}", "money") for force, scenario in names)),
        rows=tuple((str(year), *(paid.get((*name, year)) for name in names)) for year in years),
        units="£",
        charts=tuple(_chart_of(force, answer, len(years), pence) for force, pence in least.items() if years),
    )


def _chart_of(force: ForceCode, answer: rows.Mtfs, count: int, least: Pence) -> Chart:
    """A force's contributions of `count` years, the `least` of which says where the axis begins."""
    return Chart(
        kind="column",
        title=f"Contributions of {force} by year and scenario",
        categories="year",
        series=tuple(f"{force} {scenario}" for scenario in answer.scenarios),
        first=0,
        last=count - 1,
        start=0 if least >= 0 else None,
    )


def by_unit(answer: rows.Mtfs) -> Report:
    """What each force pays for each unit."""
    paid = paid_by(answer.contributions, "scenario", "unit", "year")
    shown = (
        ((row.scenario, row.programme, row.unit, row.year, row.standing), paid[row.scenario, row.unit, row.year])
        for row in answer.bases
    )
    heads = ("scenario", "programme", "unit", YEAR, "basis")
    return _by_force("By unit", "Contributions by unit", heads, shown, answer)


def by_programme(answer: rows.Mtfs) -> Report:
    """What each force pays for each programme."""
    paid = paid_by(answer.contributions, "scenario", "programme", "year").items()
    shown = (((name, programme or NO_PROGRAMME, year), amounts) for (name, programme, year), amounts in paid)
    return _by_force("By programme", "Contributions by programme", ("scenario", "programme", YEAR), shown, answer)


def since_base(answer: rows.Mtfs) -> list[Report]:
    """The change of each force's contribution on the base year: over all units, by programme, by unit."""
    by_depth = groups(((row.programme, row.unit).count(None), row) for row in answer.since_base)
    return [
        _since("Change", "all units shown", answer, by_depth.get(2, ())),
        _since("Change by programme", "by programme", answer, by_depth.get(1, ()), "programme | "),
        _since("Change by unit", "by unit", answer, by_depth.get(0, ()), "programme | unit | "),
    ]


def _since(name: str, what: str, answer: rows.Mtfs, shown: Sequence[rows.SinceBase], about: str = "") -> Report:
    names = headings(
        f"scenario | {about}year | force | base year: base | this year: amount | change | change %: percent"
    )
    in_words = table(shown, rows.SinceBase, {heading: SINCE.get(heading, field) for heading, field in names.items()})
    title = f"Change on the base year {answer.base_year}, {what}; above zero costs more"
    return plain_table(name, title, in_words, kinds={"change %": "figure"}, empty="No projected year is shown.")


def changed(answer: rows.Mtfs) -> Report:
    """What moved each force's contribution to each unit from year to year."""
    names = {
        **headings("scenario | unit | year | force | year before: from_"),
        **{CAUSE_WORDS[cause]: f"effects.{cause}" for cause in CAUSES},
        "this year": "to",
    }
    title = "From year to year, by unit, force and cause; above zero costs more"
    return plain_table("Changes", title, table(answer.changes, rows.YearChange, names), empty=NO_CHANGE)


def _by_year(answer: rows.Mtfs, scenario: str) -> list[tuple[FinancialYear, list[rows.YearChange]]]:
    """What moved in a scenario, year by year."""
    return sorted(groups((row.year, row) for row in answer.changes if row.scenario == scenario).items())


def _over_units(changes: Iterable[rows.YearChange], amount: str) -> Amounts:
    """An amount of each change by force, over all units."""
    pence_of = attrgetter(amount)
    return sums((change.force, pence_of(change)) for change in changes)


def _by_cause(changes: Sequence[rows.YearChange]) -> dict[str, Amounts]:
    return {CAUSE_WORDS[cause]: _over_units(changes, f"effects.{cause}") for cause in CAUSES}


def causes(answer: rows.Mtfs) -> list[Report]:
    """What moved each force's contribution to all units shown, by year and cause; a table for each scenario."""
    return [_causes(answer, scenario) for scenario in answer.scenarios]


def _causes(answer: rows.Mtfs, scenario: str) -> Report:
    moved = {year: _by_cause(changes) for year, changes in _by_year(answer, scenario)}
    used = [cause for cause in CAUSE_WORDS.values() if any(any(effects[cause].values()) for effects in moved.values())]
    amounts = []
    for year, effects in moved.items():
        for force in answer.forces:
            own = [effects[cause].get(force, 0) for cause in used]
            amounts.append((year, force, *own, sum(own)))
    beside = "" if scenario == BASE else f" ({scenario})"
    title = f"From year to year, by cause{beside}; above zero costs more"
    heads = columns(YEAR, "force", *((cause, "money") for cause in used), ("change", "money"))
    return Report("Causes", title, heads, tuple(amounts), units="£", empty=NO_CHANGE)


def bridge(answer: rows.Mtfs) -> Report:
    """The change of all units together as a running total; a chart for each year of the base."""
    drawn: list[Step] = []
    charts = []
    for scenario in answer.scenarios:
        for year, changes in _by_year(answer, scenario):
            before, after = _over_units(changes, "from_"), _over_units(changes, "to")
            ordered = {force: before[force] for force in answer.forces if force in before}
            own = list(steps(scenario, year, {"year before": ordered, "year": after}, _by_cause(changes)))
            if scenario == BASE:
                charts.append(waterfall(f"All units shown: from {year.plus(-1)} to {year}, by cause", own, len(drawn)))
            drawn += own
    title = "All units shown, from year to year, by cause; above zero costs more"
    return steps_table(title, "scenario", drawn, charts, empty=NO_CHANGE)


def differences(answer: rows.Mtfs) -> Report:
    """What each further scenario adds to the base's contributions, by unit."""
    paid = paid_by(answer.differences, "scenario", "unit", "year").items()
    moved = ((entry, amounts) for entry, amounts in paid if any(amounts.values()))
    title = "Scenarios beside the base, by unit: scenario − base; above zero costs more"
    return _by_force("Differences", title, ("scenario", "unit", YEAR), moved, answer, "No contribution differs.")


def totals_beside(answer: rows.Mtfs) -> Report:
    """The differences in all, by year."""
    nothing = dict.fromkeys(answer.forces, 0)
    paid = paid_by(answer.differences, "scenario", "year").items()
    moved = ((entry, {**nothing, **amounts}) for entry, amounts in paid)
    title = "Scenarios beside the base, all units shown: scenario − base; above zero costs more"
    return _by_force("Beside the base", title, ("scenario", YEAR), moved, answer)


def assumptions(answer: rows.Mtfs) -> Report:
    """Every assumption in force, with its reference; of a further scenario those that differ from the base's alone."""
    names: dict[str, Any] = {
        **headings("scenario | kind | unit | line | subjective | type | force | from year: from_year"),
        "value": lambda row: str(row.value),
        "low": lambda row: str(row.low or ""),
        "high": lambda row: str(row.high or ""),
        **headings("reference | cell"),
    }
    shown = table([row for row in answer.assumptions if not row.as_in_base], rows.AssumptionRow, names)
    title = "The assumptions and where they come from (for further scenarios, only those that the base does not have)"
    kinds: dict[str, Kind] = {"value": "number", "low": "number", "high": "number", "reference": "wide"}
    empty = "The workbook makes no assumptions."
    return plain_table("Assumptions", title, shown, kinds=kinds, units="", empty=empty)


def what_changed(answer: rows.Mtfs) -> Report:
    """What each scenario changes in the workbook, row by row."""
    shown = table(answer.changed, rows.ScenarioRow, headings("scenario | sheet | row | replaces: replaced"))
    kinds: dict[str, Kind] = {"row": "wide", "replaces": "wide"}
    empty = "No scenario changes a row."
    return plain_table("What changed", "What the scenarios change", shown, kinds=kinds, units="", empty=empty)


def sensitivities(answer: rows.Mtfs) -> Report:
    """The effect of each assumption's low and high alone on each force over all years, largest first."""
    moved: dict[tuple[str, ...], list[Any]] = groups(
        ((row.scenario, row.name, row.low, row.high, str(row.assumption)), ((row.force, row.side), row.effect))
        for row in answer.sensitivity
        if row.year is None
    )
    bounds = [(force, side) for force in answer.forces for side in ("low", "high")]
    in_base = sum(scenario == BASE for scenario, *_ in moved)
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
    amounts: list[tuple[str, Kind]] = [(f"{force} at {side}", "money") for force, side in bounds]
    return Report(
        name="Sensitivity",
        title="What each assumption alone moves over all projected years, largest first; above zero costs more",
        columns=columns("scenario", "assumption", ("low", "number"), ("high", "number"), *amounts, "cell"),
        rows=tuple((*about, *map(dict(effects).get, bounds), cell) for (*about, cell), effects in moved.items()),
        units="£",
        charts=tuple(charts) if in_base else (),
        empty="No assumption has a low or high.",
    )


def ranges(answer: rows.Mtfs) -> Report:
    """Percentiles of each force's contribution over the drawn runs, beside the exact central run."""
    names = headings("scenario | force | year | contribution: central | 10th percentile: p10 | 50th: p50 | 90th: p90")
    title = f"Contributions over {answer.runs:,} drawn runs (seed {answer.seed})"
    shown = table(answer.ranges, rows.Range, names)
    return plain_table("Ranges", title, shown, notes=(DRAWN,), empty="No assumption has a low or high.")


def timetables(answer: rows.Mtfs) -> list[Report]:
    """The timetable, where the day of the report is given."""
    return [timetable(answer.timetable, answer.run.as_at, answer.own_steps)] if answer.timetable is not None else []


def timetable(shown: rows.Timetable, as_at: str | None, own: Sequence[rows.OwnStep]) -> Report:
    """The days left to each step of the precept, and to the alliance's own steps among them."""
    names: dict[str, Any] = headings(f"step | {'who | ' if own else ''}by | days left: days_left")
    if own:
        names["who"] = lambda step: step.who if isinstance(step, rows.OwnStep) else "statutory"
    by_day = table(sorted((*shown.steps, *own), key=attrgetter("by")), rows.TimetableStep, names)
    title, notes = f"The precept of {shown.year}, seen from {as_at}", ("Statutory dates: SI 2012/2271.",)
    kinds: dict[str, Kind] = {"step": "wide", "who": "wide", "days left": "whole"}
    return plain_table("Timetable", title, by_day, kinds=kinds, notes=notes, units="")


def fms(extract: rows.FmsExtract) -> list[Report]:
    """Cost and demand volumes by section of the Force Management Statement."""
    cost = table(extract.cost, rows.FmsCost, headings("section | year | force | cost: amount"))
    names = headings("section | driver | year | force | volume | months measured: months")
    demand = table(extract.demand, rows.FmsDemand, names)
    by_section = "Force Management Statement: cost by section"
    measured = "Force Management Statement: demand volumes, as far as they are measured (nothing is projected)"
    kinds: dict[str, Kind] = {"months measured": "whole"}
    return [
        plain_table("FMS cost", by_section, cost, empty="No unit has a section."),
        plain_table("FMS demand", measured, demand, kinds=kinds, units="", empty="No section has demand data."),
    ]


def per_force(answer: rows.Mtfs, taken: Sequence[str]) -> list[Report]:
    """A sheet for each force: its contributions by unit, a column for each year, and each scenario's total."""
    names: list[str] = []
    for force in answer.forces:
        names.append(sheet_name(force, [*taken, *names]))
    return [_of_force(name, force, answer) for name, force in zip(names, answer.forces, strict=True)]


def _of_force(name: str, force: ForceCode, answer: rows.Mtfs) -> Report:
    years = answer.years_shown()
    own = [row for row in answer.contributions if row.force == force]
    of_units = groups(((row.scenario, row.programme, row.unit), (row.year, row.amount)) for row in own)
    in_all = sums(((row.scenario, row.year), row.amount) for row in own)
    paid = [(*entry, *map(dict(amounts).get, years)) for entry, amounts in of_units.items()]
    totals = [(name, "", "All units", *(in_all.get((name, year), 0) for year in years)) for name in answer.scenarios]
    return Report(
        name=name,
        title=f"Contributions of {force}",
        columns=columns("scenario", "programme", "unit", *((str(year), "money") for year in years)),
        rows=(*paid, *totals),
        units="£",
        totals=len(totals),
        empty="Nothing is shown.",
    )


def tables(answer: rows.Mtfs) -> dict[str, Callable[[], list[Report]]]:
    """The tables behind the first page, by the names that `--show` knows."""
    several = len(answer.scenarios) > 1
    return {
        "contributions": lambda: [contributions(answer), by_programme(answer), by_unit(answer)],
        "change": lambda: since_base(answer),
        "causes": lambda: causes(answer),
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
    reports.append(bridge(answer))
    for name in ("changes", "scenarios", "assumptions", "sensitivity", "ranges", "timetable", "gap", "fms"):
        reports += known[name]()
    taken = ("First page", "Cover", "Notes", "About", "Manifest", *(report.name for report in reports))
    return [*reports, *per_force(answer, taken)]
