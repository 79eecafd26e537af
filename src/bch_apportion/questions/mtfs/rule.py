"""Contributions over the years of the medium-term financial strategy (MTFS): by scenario, with what moves them.

Every year is apportioned as any other; what is told here is read from those ledgers. A change from year to year is
explained by cause, one step at a time, each a whole re-apportionment in pence, so that the effects sum to the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from bch_apportion.answers import Run as RunRow
from bch_apportion.answers import run_of
from bch_apportion.kinds import fields
from bch_apportion.ledger import Ledger, apportion
from bch_apportion.model import Assumption, BudgetRow, ForceCode, Inputs, Unit, UnitCode
from bch_apportion.money import Exact, Pence, split
from bch_apportion.principles.rolling_demand import rolling_window
from bch_apportion.questions.bridge import ledger_bridge
from bch_apportion.questions.mtfs.projection import PlannedYear, Projection, last_budget_year, project
from bch_apportion.questions.mtfs.rows import (
    AssumptionRow,
    Contribution,
    EndedUnit,
    FmsCost,
    FmsDemand,
    FmsExtract,
    Mtfs,
    ProjectedBasis,
    ScenarioControl,
    ScenarioRow,
    Sensitivity,
    Timetable,
    TimetableStep,
    Worth,
    YearChange,
    YearEffects,
)
from bch_apportion.recipe.posting import UnitYear, components
from bch_apportion.words import standing
from bch_apportion.years import FinancialYear, Months, year_of

BASE = "base"
CAUSES = tuple(field.name for field in fields(YearEffects))
Amounts = dict[ForceCode, Pence]


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


def changes(outlook: Outlook) -> list[YearChange]:
    """What moved each force's contribution from one year to the next, unit by unit."""
    projection = outlook.projection
    results = {(result.unit.code, result.year): result for result in outlook.ledger.results}
    rows: list[YearChange] = []
    for unit in projection.inputs.units:
        for year in projection.years[1:]:
            before, after = results.get((unit.code, year.plus(-1))), results.get((unit.code, year))
            planned = projection.planned.get((unit.code, year), PlannedYear())
            if before is not None and after is not None:
                moved = _between(before, after, planned)
            elif before is not None or after is not None:
                moved = _coming_or_going(unit, year, before, after, planned)
            else:
                continue
            rows += _rows(outlook.name, unit.code, year, moved)
    return rows


class _Moved(NamedTuple):
    """What each force pays in two years, and the effect of each cause."""

    before: Mapping[ForceCode, Pence]
    after: Mapping[ForceCode, Pence]
    effects: Mapping[str, Mapping[ForceCode, Pence]]


def _between(before: UnitYear, after: UnitYear, planned: PlannedYear) -> _Moved:
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
    return _Moved(bridge.plan, bridge.actual, effects)


def _coming_or_going(
    unit: Unit, year: FinancialYear, before: UnitYear | None, after: UnitYear | None, planned: PlannedYear
) -> _Moved:
    """A unit that has costs in one of two years alone: everything on the shares of that year."""
    result = after or before
    if result is None:
        raise AssertionError("a unit that neither comes nor goes")
    sign = 1 if after is not None else -1
    forces = list(result.members)
    shared = _Shared(forces, result.members, result.decision.shares)
    old = _revenue(before) if before is not None else []
    effects = {cause: shared.step(start, end) for cause, start, end in _steps(unit, year, old, planned)}
    pooled = before.parts.pooled() if before is not None else 0
    moved = shared.step(pooled, _pooled(unit, year, old))
    own = {f: sign * (_of(result, f, "held") + _of(result, f, "direct")) for f in forces}
    effects["implementation"] = {f: sign * _of(result, f, "implementation") for f in forces}
    effects["direct"] = {f: own[f] + moved[f] for f in forces}
    effects["no_loser"] = {f: sign * _of(result, f, "no_loser") for f in forces}
    nothing = dict.fromkeys(forces, 0)
    effects |= dict.fromkeys(("nre", "demand", "terms"), nothing)
    totals = result.totals()
    return _Moved(nothing, totals, effects) if after is not None else _Moved(totals, nothing, effects)


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
    kept = [carried.after for carried in planned.carried]
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


def _rows(scenario: str, unit: UnitCode, year: FinancialYear, moved: _Moved) -> Iterator[YearChange]:
    for force, before in moved.before.items():
        yield YearChange(
            scenario=scenario,
            unit=unit,
            year=year,
            force=force,
            from_=before,
            to=moved.after[force],
            change=moved.after[force] - before,
            effects=YearEffects(**{cause: moved.effects[cause][force] for cause in CAUSES}),
        )


# Sensitivity


def sensitivity(outlook: Outlook, step: Callable[[], None] = lambda: None) -> list[Sensitivity]:
    """Move each assumption that has a low or high alone, the largest effect on any force first.

    What is summed are the units and projected years of the outlook's ledger. `step` is called after each assumption.
    """
    moved: list[list[Sensitivity]] = []
    for place, assumption in enumerate(outlook.projection.given.assumptions):
        if assumption.ranged:
            moved.append(list(_both_sides(outlook, place)))
            step()
    moved.sort(key=lambda rows: -max((abs(row.effect) for row in rows if row.year is None), default=0))
    return [row for rows in moved for row in rows]


def _both_sides(outlook: Outlook, place: int) -> Iterator[Sensitivity]:
    """The effects of the low and the high of an assumption."""
    projection, inputs = outlook.projection, outlook.projection.given
    assumption = inputs.assumptions[place]
    years = [year for year in outlook.ledger.years() if year != projection.base]
    results = outlook.ledger.results
    units = [u for u in dict.fromkeys(r.unit.code for r in results) if assumption.about in ("", u)]
    central = contributions(outlook.ledger.only(units)) if units else {}
    low, high = assumption.bounds()
    sides: tuple[tuple[Literal["low", "high"], Exact], ...] = (("low", low), ("high", high))
    for side, value in sides:
        moved = replace(assumption, value=value)
        assumptions = (*inputs.assumptions[:place], moved, *inputs.assumptions[place + 1 :])
        amounts = _contributions_if(outlook, assumptions, units, years) if units else {}
        for force in inputs.force_codes():
            effects = {year: amounts.get((year, force), 0) - central.get((year, force), 0) for year in years}
            summed: dict[FinancialYear | None, Pence] = {None: sum(effects.values())}
            for year, pence in (summed | effects).items():
                yield _effect(outlook.name, assumption, side, force=force, year=year, effect=pence)


def _effect(
    scenario: str,
    assumption: Assumption,
    side: Literal["low", "high"],
    *,
    force: ForceCode,
    year: FinancialYear | None,
    effect: Pence,
) -> Sensitivity:
    about = (assumption.unit, assumption.line, assumption.force, assumption.kind, f"from {assumption.from_year}")
    low, high = (str(Worth(value, assumption.is_percentage)) for value in assumption.bounds())
    return Sensitivity(
        scenario=scenario,
        assumption=assumption.cell,
        side=side,
        force=force,
        year=year,
        effect=effect,
        name=" ".join(filter(None, about)),
        low=low,
        high=high,
    )


def _contributions_if(
    outlook: Outlook, assumptions: tuple[Assumption, ...], units: Sequence[UnitCode], years: Sequence[FinancialYear]
) -> dict[tuple[FinancialYear, ForceCode], Pence]:
    """What each force would pay for these units in these years under other assumptions: no unit hangs on another."""
    projection = outlook.projection
    budgets = tuple(row for row in projection.given.budgets if row.unit in units)
    other = replace(projection.given, assumptions=assumptions, budgets=budgets, control_totals=(), business_cases=())
    ledger = apportion(project(other, projection.base, len(projection.years) - 1).inputs)
    return contributions(ledger.only(units, years))


def contributions(ledger: Ledger) -> dict[tuple[FinancialYear, ForceCode], Pence]:
    sums: dict[tuple[FinancialYear, ForceCode], Pence] = {}
    for result in ledger.results:
        for force, pence in result.totals().items():
            sums[result.year, force] = sums.get((result.year, force), 0) + pence
    return sums


# The statutory timetable


def timetable(as_at: date) -> Timetable:
    """The steps to the next precept (SI 2012/2271), and the financial year it is for.

    >>> [(step.by.isoformat(), step.days) for step in timetable(date(2020, 1, 25)).steps]
    [('2020-02-01', 7), ('2020-02-08', 14), ('2020-02-15', 21)]
    """
    calendar = as_at.year if as_at <= date(as_at.year, 2, 15) else as_at.year + 1
    due = (
        ("the PCC notifies the panel of the proposed precept", date(calendar, 2, 1)),
        ("the panel reviews it", date(calendar, 2, 8)),
        ("the PCC answers a veto with a revised precept", date(calendar, 2, 15)),
    )
    steps = [TimetableStep(step=step, by=by, days=(by - as_at).days) for step, by in due]
    return Timetable(year=FinancialYear(calendar), steps=steps)


# The extract for the Force Management Statement (FMS)

FMS_YEARS = 4


def fms(outlook: Outlook) -> FmsExtract:
    """Cost of the first four projected years, and volumes of the last four years with any, by section.

    Demand is not projected: the volumes are those that are measured.
    """
    inputs = outlook.projection.inputs
    sections: dict[str, list[Unit]] = {}
    shown = {result.unit.code for result in outlook.ledger.results}
    for unit in inputs.units:
        if unit.section and unit.code in shown:
            sections.setdefault(unit.section, []).append(unit)
    cost: list[FmsCost] = []
    demand: list[FmsDemand] = []
    for section, units in sections.items():
        cost += _section_cost(section, [unit.code for unit in units], outlook)
        for driver in dict.fromkeys(d.driver for unit in units for d in inputs.drivers.get(unit.code, ())):
            demand += _measured(section, driver, inputs)
    return FmsExtract(cost=cost, demand=demand)


def _section_cost(section: str, units: Sequence[UnitCode], outlook: Outlook) -> Iterator[FmsCost]:
    years = outlook.projection.years[1 : 1 + FMS_YEARS]
    sums = contributions(outlook.ledger.only(units, years))
    for year in years:
        for force in outlook.projection.inputs.force_codes():
            if (year, force) in sums:
                yield FmsCost(section=section, year=year, force=force, amount=sums[year, force])


def _measured(section: str, driver: str, inputs: Inputs) -> Iterator[FmsDemand]:
    """A driver's volumes by financial year; a period counts in the year that holds all of it."""
    sums: dict[tuple[FinancialYear, ForceCode], tuple[Exact, int]] = {}
    demand = inputs.demand[driver]
    periods = [(Months(month, 1), slot) for month, slot in demand.monthly.items()] + list(demand.longer.items())
    for months, slot in periods:
        year = year_of(months.first)
        if year == year_of(months.last):
            for force, volume in slot.items():
                known, counted = sums.get((year, force), (0, 0))
                sums[year, force] = known + volume.value, counted + months.length
    for year in sorted({year for year, _ in sums})[-FMS_YEARS:]:
        for force in inputs.force_codes():
            if (year, force) in sums:
                volume_of_year, counted = sums[year, force]
                yield FmsDemand(
                    section=section, driver=driver, year=year, force=force, volume=volume_of_year, months=counted
                )


# All of it


def mtfs(
    outlooks: Sequence[Outlook],
    units: Sequence[UnitCode] = (),
    years: Sequence[FinancialYear] = (),
    as_at: date | None = None,
) -> Mtfs:
    """The base (the first) and further scenarios as typed rows, narrowed to these units and years, where any are named.

    What is asked for besides (sensitivity, ranges, the extract) is not in it.
    """
    shown = narrowed(outlooks, units, years)
    base, others = shown[0], shown[1:]
    moved = (change for outlook in outlooks for change in changes(outlook))
    return Mtfs(
        run=_run_of(shown, as_at),
        base_year=base.projection.base,
        years=base.projection.years,
        scenarios=[outlook.name for outlook in shown],
        contributions=[row for outlook in shown for row in _contribution_rows(outlook)],
        changes=[row for row in moved if (not units or row.unit in units) and (not years or row.year in years)],
        differences=[row for other in others for row in _differences(base, other)],
        bases=[_basis(outlook.name, result) for outlook in shown for result in outlook.ledger.results],
        assumptions=list(_assumptions(shown)),
        changed=[row for outlook in others for row in _scenario_rows(outlook)],
        ended=[row for outlook in shown for row in _ended(outlook)],
        seed=None,
        timetable=None if as_at is None else timetable(as_at),
        fms=None,
        controls=[row for outlook in shown for row in _controls(outlook)],
        notes=list(_notes(base, others)),
        forces=list(dict.fromkeys(force for outlook in shown for force in outlook.ledger.inputs.force_codes())),
    )


def _run_of(outlooks: Sequence[Outlook], as_at: date | None) -> RunRow:
    """What the base and all scenarios were worked out from."""
    laid = {laid.name: laid.sha256 for outlook in outlooks for laid in outlook.projection.inputs.scenarios}
    hashes = {name: sha256 for name, sha256 in laid.items() if sha256}
    run = run_of(outlooks[0].projection.inputs, as_at)
    return replace(run, scenarios=list(laid), scenario_sha256=hashes or None)


def narrowed(outlooks: Sequence[Outlook], units: Sequence[UnitCode], years: Sequence[FinancialYear]) -> list[Outlook]:
    """The same outlooks, showing these units and years alone (all, where none are named)."""
    return [replace(outlook, ledger=outlook.ledger.only(units, years)) for outlook in outlooks]


def _contribution_rows(outlook: Outlook) -> Iterator[Contribution]:
    for result in outlook.ledger.results:
        for force, pence in result.totals().items():
            yield Contribution(
                scenario=outlook.name,
                unit=result.unit.code,
                year=result.year,
                force=force,
                amount=pence,
                programme=result.unit.programme,
            )


def _differences(base: Outlook, other: Outlook) -> Iterator[Contribution]:
    """Scenario − base for every unit, year and force of either, in the order of the units, then of the years."""
    old, new = base.amounts(), other.amounts()
    order = {unit.code: place for place, unit in enumerate(other.ledger.inputs.units)}
    forces = {force: place for place, force in enumerate(other.ledger.inputs.force_codes())}

    def placed(entry: tuple[UnitCode, FinancialYear, ForceCode]) -> tuple[object, ...]:
        unit, year, force = entry
        return order.get(unit, len(order)), unit, year, forces.get(force, len(forces)), force

    for unit, year, force in sorted({*old, *new}, key=placed):
        moved = new.get((unit, year, force), 0) - old.get((unit, year, force), 0)
        yield Contribution(scenario=other.name, unit=unit, year=year, force=force, amount=moved)


def _basis(scenario: str, result: UnitYear) -> ProjectedBasis:
    window = result.decision.window
    return ProjectedBasis(
        scenario=scenario,
        unit=result.unit.code,
        year=result.year,
        basis=result.decision.basis,
        reason=result.decision.reason,
        window=(window.first, window.last),
        programme=result.unit.programme,
        standing=standing(result),
    )


def _assumptions(outlooks: Sequence[Outlook]) -> Iterator[AssumptionRow]:
    base = outlooks[0]
    known = set(base.projection.inputs.assumptions)
    for outlook in outlooks:
        for assumption in outlook.projection.inputs.assumptions:
            yield _assumption(outlook.name, assumption, outlook is not base and assumption in known)


def _assumption(scenario: str, assumption: Assumption, as_in_base: bool) -> AssumptionRow:
    low, high = (
        None if value is None else Worth(value, assumption.is_percentage) for value in (assumption.low, assumption.high)
    )
    return AssumptionRow(
        scenario=scenario,
        cell=assumption.cell,
        unit=assumption.unit or None,
        line=assumption.line or None,
        type=None if assumption.is_percentage else assumption.type,
        force=assumption.force or None,
        from_year=assumption.from_year,
        kind=assumption.kind,
        value=Worth(assumption.value, assumption.is_percentage),
        low=low,
        high=high,
        reference=assumption.reference,
        as_in_base=as_in_base,
    )


def _scenario_rows(outlook: Outlook) -> Iterator[ScenarioRow]:
    for change in outlook.projection.inputs.changes:
        yield ScenarioRow(scenario=outlook.name, sheet=change.sheet, row=change.words, replaces=change.replaces)


def _ended(outlook: Outlook) -> Iterator[EndedUnit]:
    for unit in outlook.projection.ended:
        yield EndedUnit(scenario=outlook.name, unit=unit, year=outlook.projection.base.plus(-1))


def _controls(outlook: Outlook) -> Iterator[ScenarioControl]:
    for control in outlook.ledger.controls:
        yield ScenarioControl(
            scenario=outlook.name, control=control.control, passed=control.passed, detail=control.detail
        )


def _notes(base: Outlook, others: Sequence[Outlook]) -> Iterator[str]:
    """The notes of all scenarios: those of the base, then what a further one adds, with its name."""
    yield from base.ledger.notes
    for outlook in others:
        yield from (f"{outlook.name}: {note}" for note in outlook.ledger.notes if note not in base.ledger.notes)
