"""Contributions over the years of the medium-term financial strategy (MTFS): by scenario, with what moves them.

Every year is apportioned as any other; what is told here is read from those ledgers. A change from year to year is
explained by cause, one step at a time, each a whole re-apportionment in pence, so that the effects sum to the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from bch_apportion.ledger import Ledger, apportion
from bch_apportion.model import Assumption, BudgetRow, ForceCode, Inputs, Unit, UnitCode
from bch_apportion.money import Exact, Pence, split
from bch_apportion.principles.rolling_demand import rolling_window
from bch_apportion.questions.mtfs.projection import PlannedYear, Projection, last_budget_year, project
from bch_apportion.questions.variance.rule import ledger_bridge
from bch_apportion.recipe.posting import UnitYear, components
from bch_apportion.years import FinancialYear, Months, year_of

BASE = "base"
CAUSES = (
    "uplift",
    "growth",
    "saving",
    "one_off",
    "implementation",
    "direct",
    "nre",
    "demand",
    "terms",
    "no_loser",
)
Amounts = dict[ForceCode, Pence]


class YearChange(NamedTuple):
    """What a force pays for a unit in a year and in the one before, and the effect of each cause."""

    unit: UnitCode
    year: FinancialYear
    force: ForceCode
    before: Pence
    after: Pence
    effects: dict[str, Pence]


@dataclass(frozen=True, slots=True)
class Outlook:
    """One scenario's years: its projection, and the ledger of the base year and the projected ones.

    `ledger` may be narrowed to what is shown; `whole` has every year and unit.
    """

    name: str
    projection: Projection
    ledger: Ledger
    whole: Ledger

    def amounts(self) -> dict[tuple[UnitCode, FinancialYear, ForceCode], Pence]:
        """What each member pays, for each unit and year shown."""
        return {(r.unit.code, r.year, f): pence for r in self.ledger.results for f, pence in r.totals().items()}


def outlook(
    name: str,
    inputs: Inputs,
    base: FinancialYear | None,
    count: int,
    as_at: date | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Outlook:
    """Project a workbook over `count` years and apportion every one of them; `told` as for `apportion`.

    Raises InputProblems where the inputs or assumptions do not carry it, ControlsFailed where a control does not hold.
    """
    projection = project(inputs, base or last_budget_year(inputs), count)
    ledger = apportion(projection.inputs, as_at, told)
    moved = tuple(_moved_windows(ledger))
    ledger = replace(ledger, notes=(*ledger.notes, *moved))
    return Outlook(name, projection, ledger.only(years=projection.years), ledger)


def _moved_windows(ledger: Ledger) -> Iterator[str]:
    """Windows of projected years that were moved back to the last data."""
    for unit in dict.fromkeys(result.unit.code for result in ledger.results):
        moved: dict[str, list[FinancialYear]] = {}
        for result in ledger.results:
            terms, window = result.terms, result.decision.window
            if result.unit.code == unit and window != rolling_window(
                result.year, terms.window_months, terms.lag_months
            ):
                moved.setdefault(window.words(), []).append(result.year)
        for words, years in moved.items():
            listed = ", ".join(map(str, years))
            yield f"{unit}: there is no later demand data; for {listed} the window is moved back to {words}"


# From year to year, by cause


def changes(found: Outlook) -> list[YearChange]:
    """What moved each force's contribution from one year to the next, unit by unit."""
    projection, ledger = found.projection, found.ledger
    results = {(result.unit.code, result.year): result for result in ledger.results}
    rows = []
    for unit in projection.inputs.units:
        for year in projection.years[1:]:
            before, after = results.get((unit.code, year.plus(-1))), results.get((unit.code, year))
            planned = projection.planned.get((unit.code, year), PlannedYear())
            if before is not None and after is not None:
                rows += _between(before, after, planned)
            elif before is not None or after is not None:
                rows += _coming_or_going(unit, year, before, after, planned)
    return rows


def _between(before: UnitYear, after: UnitYear, planned: PlannedYear) -> list[YearChange]:
    """The bridge between two years, its cost split by what the assumptions did."""
    bridge = ledger_bridge(before, after)
    forces = bridge.forces()
    shared = _Shared(forces, before.members, before.decision.shares)
    steps = list(_steps(before.unit, after.year, _revenue(before), planned))
    effects = {cause: shared.step(start, end) for cause, start, end in steps}
    implementation = {f: _of(after, f, "implementation") - _of(before, f, "implementation") for f in forces}
    lines = bridge.effects["direct"]
    moved = shared.step(before.parts.pooled(), _pooled(before.unit, after.year, _revenue(before)))
    effects["implementation"] = implementation
    effects["direct"] = {f: lines[f] - implementation[f] + moved[f] for f in forces}
    effects |= {cause: dict(bridge.effects[cause]) for cause in ("nre", "demand", "terms", "no_loser")}
    return _rows(after.unit.code, after.year, bridge.plan, bridge.actual, effects)


def _coming_or_going(
    unit: Unit, year: FinancialYear, before: UnitYear | None, after: UnitYear | None, planned: PlannedYear
) -> list[YearChange]:
    """A unit that has costs in one of two years alone: everything on the shares of that year."""
    one = after or before
    if one is None:
        return []
    sign = 1 if after is not None else -1
    forces = list(one.members)
    shared = _Shared(forces, one.members, one.decision.shares)
    old = _revenue(before) if before is not None else []
    effects = {cause: shared.step(start, end) for cause, start, end in _steps(unit, year, old, planned)}
    pooled = before.parts.pooled() if before is not None else 0
    moved = shared.step(pooled, _pooled(unit, year, old))
    own = {f: sign * (_of(one, f, "held") + _of(one, f, "direct")) for f in forces}
    effects["implementation"] = {f: sign * _of(one, f, "implementation") for f in forces}
    effects["direct"] = {f: own[f] + moved[f] for f in forces}
    effects["no_loser"] = {f: sign * _of(one, f, "no_loser") for f in forces}
    nothing = dict.fromkeys(forces, 0)
    effects |= dict.fromkeys(("nre", "demand", "terms"), nothing)
    totals = one.totals()
    start, end = (nothing, totals) if after is not None else (totals, nothing)
    return _rows(unit.code, year, start, end, effects)


class _Shared(NamedTuple):
    """The shares on which the steps of a pooled cost are shared."""

    forces: Sequence[ForceCode]
    members: Sequence[ForceCode]
    shares: Sequence[Fraction]

    def of(self, total: Pence) -> Amounts:
        return dict.fromkeys(self.forces, 0) | dict(zip(self.members, split(total, self.shares), strict=True))

    def step(self, start: Pence, end: Pence) -> Amounts:
        old, new = self.of(start), self.of(end)
        return {force: new[force] - old[force] for force in self.forces}


def _steps(
    unit: Unit, year: FinancialYear, old: Sequence[BudgetRow], planned: PlannedYear
) -> Iterator[tuple[str, Pence, Pence]]:
    """The pooled cost of a unit as one cause after the other changes it: (cause, before it, after it).

    It begins with the year before's lines under this year's pooling, and ends with this year's lines.
    """
    kept = [one.after for one in planned.carried]
    falling = [row for row in old if row.type != "revenue"]
    rows = [*kept, *falling]
    last = _pooled(unit, year, old)
    for cause, now in (
        ("uplift", rows),
        ("growth", [*rows, *planned.growth]),
        ("saving", [*rows, *planned.growth, *planned.saving]),
        ("one_off", [*kept, *planned.growth, *planned.saving, *planned.one_off]),
    ):
        pooled = _pooled(unit, year, now)
        yield cause, last, pooled
        last = pooled


def _pooled(unit: Unit, year: FinancialYear, rows: Sequence[BudgetRow]) -> Pence:
    return components(rows, unit, year).pooled()


def _revenue(result: UnitYear) -> list[BudgetRow]:
    """Every line of a unit and year but the implementation lines, in the order of the sheet."""
    return [*result.parts.revenue, *result.parts.direct]


def _of(result: UnitYear, force: ForceCode, component: str) -> Pence:
    return sum(line.pence for line in result.lines if line.force == force and line.component == component)


def _rows(
    unit: UnitCode,
    year: FinancialYear,
    before: Mapping[ForceCode, Pence],
    after: Mapping[ForceCode, Pence],
    effects: dict[str, Amounts],
) -> list[YearChange]:
    return [
        YearChange(
            unit=unit,
            year=year,
            force=force,
            before=before[force],
            after=after[force],
            effects={cause: effects[cause][force] for cause in CAUSES},
        )
        for force in before
    ]


# Sensitivity


class Effect(NamedTuple):
    """What moving one assumption to its low or high does to a force's contribution; `year` None: all years."""

    assumption: Assumption
    side: Literal["low", "high"]
    force: ForceCode
    year: FinancialYear | None
    pence: Pence


def sensitivity(found: Outlook, step: Callable[[], None] = lambda: None) -> list[Effect]:
    """Move each assumption that has a low or high alone, the largest effect on any force first.

    What is summed are the units and projected years of the outlook's ledger. `step` is called after each assumption.
    """
    moved: list[list[Effect]] = []
    for place, one in enumerate(found.projection.given.assumptions):
        if one.ranged:
            moved.append(_both_sides(found, place))
            step()
    moved.sort(key=lambda effects: -max((abs(e.pence) for e in effects if e.year is None), default=0))
    return [effect for effects in moved for effect in effects]


def _both_sides(found: Outlook, place: int) -> list[Effect]:
    """The effects of the low and the high of one assumption."""
    projection, inputs = found.projection, found.projection.given
    one = inputs.assumptions[place]
    years = [year for year in found.ledger.years() if year != projection.base]
    units = [u for u in dict.fromkeys(r.unit.code for r in found.ledger.results) if one.about in ("", u)]
    central = _contributions(found.ledger.only(units)) if units else {}
    effects = []
    sides: tuple[tuple[Literal["low", "high"], Exact], ...] = (("low", one.bounds()[0]), ("high", one.bounds()[1]))
    for side, value in sides:
        assumptions = (*inputs.assumptions[:place], replace(one, value=value), *inputs.assumptions[place + 1 :])
        amounts = _contributions_if(found, assumptions, units, years) if units else {}
        for force in inputs.force_codes():
            by_year = {year: amounts.get((year, force), 0) - central.get((year, force), 0) for year in years}
            for year, pence in ((None, sum(by_year.values())), *by_year.items()):
                effects.append(Effect(assumption=one, side=side, force=force, year=year, pence=pence))
    return effects


def _contributions_if(
    found: Outlook, assumptions: tuple[Assumption, ...], units: Sequence[UnitCode], years: Sequence[FinancialYear]
) -> dict[tuple[FinancialYear, ForceCode], Pence]:
    """What each force would pay for these units in these years under other assumptions: no unit hangs on another."""
    projection = found.projection
    budgets = tuple(row for row in projection.given.budgets if row.unit in units)
    other = replace(projection.given, assumptions=assumptions, budgets=budgets, control_totals=(), business_cases=())
    ledger = apportion(project(other, projection.base, len(projection.years) - 1).inputs)
    return _contributions(ledger.only(units, years))


def _contributions(ledger: Ledger) -> dict[tuple[FinancialYear, ForceCode], Pence]:
    found: dict[tuple[FinancialYear, ForceCode], Pence] = {}
    for result in ledger.results:
        for force, pence in result.totals().items():
            found[result.year, force] = found.get((result.year, force), 0) + pence
    return found


# The statutory timetable


class Step(NamedTuple):
    """A step of the precept, the day by which it is due, and the days left to it (below zero: it has passed)."""

    step: str
    by: date
    days: int


def timetable(as_at: date) -> tuple[FinancialYear, list[Step]]:
    """The steps to the next precept (SI 2012/2271), and the financial year it is for.

    >>> [(step.by.isoformat(), step.days) for step in timetable(date(2020, 1, 25))[1]]
    [('2020-02-01', 7), ('2020-02-08', 14), ('2020-02-15', 21)]
    """
    calendar = as_at.year if as_at <= date(as_at.year, 2, 15) else as_at.year + 1
    due = (
        ("the PCC notifies the panel of the proposed precept", date(calendar, 2, 1)),
        ("the panel reviews it", date(calendar, 2, 8)),
        ("the PCC answers a veto with a revised precept", date(calendar, 2, 15)),
    )
    return FinancialYear(calendar), [Step(step, by, (by - as_at).days) for step, by in due]


# The extract for the Force Management Statement (FMS)

FMS_YEARS = 4


class SectionCost(NamedTuple):
    """What a force pays for the units of a section in a year."""

    section: str
    year: FinancialYear
    force: ForceCode
    pence: Pence


class SectionDemand(NamedTuple):
    """A force's volume of a driver in a year, over the months in which it is measured."""

    section: str
    driver: str
    year: FinancialYear
    force: ForceCode
    volume: Exact
    months: int


@dataclass(frozen=True, slots=True)
class Fms:
    """Cost and demand by section: four years of cost as projected, four years of volumes as measured."""

    cost: tuple[SectionCost, ...]
    demand: tuple[SectionDemand, ...]


def fms(found: Outlook) -> Fms:
    """Cost of the first four projected years, and volumes of the last four years with any, by section.

    Demand is not projected: the volumes are those that are measured.
    """
    inputs = found.projection.inputs
    sections: dict[str, list[Unit]] = {}
    shown = {result.unit.code for result in found.ledger.results}
    for unit in inputs.units:
        if unit.section and unit.code in shown:
            sections.setdefault(unit.section, []).append(unit)
    years = found.projection.years[1 : 1 + FMS_YEARS]
    cost, volumes = [], []
    for section, units in sections.items():
        sums: dict[tuple[FinancialYear, ForceCode], Pence] = {}
        for result in found.ledger.results:
            if result.unit in units and result.year in years:
                for force, pence in result.totals().items():
                    sums[result.year, force] = sums.get((result.year, force), 0) + pence
        ordered = [(year, force) for year in years for force in inputs.force_codes() if (year, force) in sums]
        cost += [SectionCost(section, year, force, sums[year, force]) for year, force in ordered]
        drivers = dict.fromkeys(d.driver for unit in units for d in inputs.drivers.get(unit.code, ()))
        for driver in drivers:
            volumes += _measured(section, driver, inputs)
    return Fms(tuple(cost), tuple(volumes))


def _measured(section: str, driver: str, inputs: Inputs) -> list[SectionDemand]:
    """A driver's volumes by financial year; a period counts in the year that holds all of it."""
    measured: dict[tuple[FinancialYear, ForceCode], SectionDemand] = {}
    demand = inputs.demand[driver]
    periods = [(Months(month, 1), slot) for month, slot in demand.monthly.items()] + list(demand.longer.items())
    for months, slot in periods:
        year = year_of(months.first)
        if year == year_of(months.last):
            for force, volume in slot.items():
                known = measured.get((year, force)) or SectionDemand(
                    section=section, driver=driver, year=year, force=force, volume=0, months=0
                )
                measured[year, force] = known._replace(
                    volume=known.volume + volume.value, months=known.months + months.length
                )
    years = sorted({year for year, _ in measured})[-FMS_YEARS:]
    forces = inputs.force_codes()
    return [measured[year, force] for year in years for force in forces if (year, force) in measured]


# All of it


class Range(NamedTuple):
    """Percentiles of a force's contribution in a year over the drawn runs, beside the exact central run."""

    scenario: str
    year: FinancialYear
    force: ForceCode
    central: Pence
    p10: Pence
    p50: Pence
    p90: Pence


@dataclass(frozen=True, slots=True)
class Strategy:
    """Everything that `mtfs` found: the base and further scenarios, and what was asked besides.

    `changes` and `effects` are by the scenario's name.
    """

    outlooks: tuple[Outlook, ...]
    changes: Mapping[str, Sequence[YearChange]]
    effects: Mapping[str, Sequence[Effect]] = field(default_factory=dict)
    ranges: tuple[Range, ...] = ()
    runs: int = 0
    seed: int = 0
    timetable: tuple[FinancialYear, Sequence[Step], date] | None = None
    fms: Fms | None = None
    as_at: date | None = None

    def notes(self) -> list[str]:
        """The notes of all scenarios: those of the base, then what a further one adds, with its name."""
        known = list(self.outlooks[0].ledger.notes)
        for one in self.outlooks[1:]:
            known += [f"{one.name}: {note}" for note in one.ledger.notes if note not in self.outlooks[0].ledger.notes]
        return known
