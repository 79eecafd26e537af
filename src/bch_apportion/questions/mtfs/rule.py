"""Contributions over the years of the medium-term financial strategy (MTFS): by scenario, with what moves them.

Every year is apportioned as any other, and all figures are read from those ledgers. A change from year to year is
explained by cause, one step at a time, each a whole re-apportionment in pence, so that the effects sum to the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Literal, TypeAlias

from bch_apportion.answers import run_of
from bch_apportion.groups import groups, sums
from bch_apportion.kinds import fields
from bch_apportion.ledger import Ledger, apportion
from bch_apportion.model import Assumption, Component, ForceCode, Inputs, Unit, UnitCode
from bch_apportion.money import Exact, Pence, split
from bch_apportion.principles.rolling_demand import rolling_window
from bch_apportion.problems import UnitNote
from bch_apportion.questions.bridge import SHARE_CAUSES, ledger_bridge
from bch_apportion.questions.mtfs import rows
from bch_apportion.questions.mtfs.projection import PlannedYear, Projection, last_budget_year, project
from bch_apportion.questions.mtfs.timetable import own_steps, timetable
from bch_apportion.questions.unmoved import same_figures
from bch_apportion.recipe.posting import UnitYear, components
from bch_apportion.words import basis_words, standing
from bch_apportion.years import FinancialYear, Months, year_of

BASE = "base"
CAUSES = tuple(field.name for field in fields(rows.YearEffects))
Amounts = Mapping[ForceCode, Pence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A scenario's years: its projection, the ledger of all units and years, and of those shown."""

    name: str
    projection: Projection
    whole: Ledger
    ledger: Ledger  # of the base year and the projected ones, narrowed to `units` and `years` (all, where none)
    units: Sequence[UnitCode] = ()
    years: Sequence[FinancialYear] = ()

    def only(self, units: Sequence[UnitCode], years: Sequence[FinancialYear]) -> Outlook:
        """The same, showing these units and years alone (all, where none are named)."""
        return replace(self, ledger=self.ledger.only(units, years), units=units, years=years)

    def amounts(self) -> dict[tuple[UnitCode, FinancialYear, ForceCode], Pence]:
        """What each member pays, for each unit and year shown."""
        return {(r.unit.code, r.year, f): pence for r in self.ledger.results for f, pence in r.totals().items()}


def outlook(
    name: str,
    inputs: Inputs,
    base: FinancialYear | None,
    count: int,
    as_at: date | None = None,
    step: Callable[[int, int], None] | None = None,
) -> Outlook:
    """A workbook projected over `count` years, each of them apportioned; `step` as `told` of `apportion`.

    Raises InputProblems where the inputs or assumptions do not carry it, ControlsFailed where a control does not hold.
    """
    projection = project(inputs, base or last_budget_year(inputs), count)
    ledger = apportion(projection.inputs, as_at, step)
    moved = (*_moved_windows(ledger), *_now_on_demand(ledger, projection.base))
    ledger = replace(ledger, notes=(*ledger.notes, *moved))
    shown = ledger.only(years=projection.years)
    return Outlook(name=name, projection=projection, whole=ledger, ledger=shown)


def _moved_windows(ledger: Ledger) -> Iterator[UnitNote]:
    """Windows of projected years that were moved back to the last data."""
    moved = groups(
        ((result.unit.code, result.decision.window.words()), result.year)
        for result in ledger.results
        if result.decision.window != rolling_window(result.year, result.terms.window_months, result.terms.lag_months)
    )
    for (unit, words), years in moved.items():
        listed = ", ".join(map(str, years))
        yield UnitNote(f"{unit}: there is no later demand data; for {listed} the window is moved back to {words}", unit)


def _now_on_demand(ledger: Ledger, base: FinancialYear) -> Iterator[UnitNote]:
    """Projected years on demand of units that stood on another basis in the base year."""
    before = {result.unit.code: result.decision.basis for result in ledger.results if result.year == base}
    on_demand = [result for result in ledger.results if result.year > base and result.decision.basis == "demand"]
    moved = groups((r.unit.code, r.year) for r in on_demand if before.get(r.unit.code, "demand") != "demand")
    for unit, years in moved.items():
        listed, stood = ", ".join(map(str, years)), basis_words(before[unit])
        yield UnitNote(f"{unit}: would stand on demand in {listed}, and stood on {stood} in the base year {base}", unit)


# Beside the base year

Group: TypeAlias = tuple[str | None, UnitCode | None]
"""A programme and a unit of it; None for all of them."""


def since_base(outlook: Outlook) -> Iterator[rows.SinceBase]:
    """Each projected year shown beside the base year: all units, each programme, each unit; by force and in all."""
    base, order = outlook.projection.base, outlook.projection.inputs.force_codes()
    years = [year for year in outlook.projection.years[1:] if not outlook.years or year in outlook.years]
    for (programme, unit), paid in _by_group(outlook).items():
        for year in years:
            forces = [force for force in order if (base, force) in paid or (year, force) in paid]
            for force in (*forces, None) if forces else ():
                own = forces if force is None else [force]
                before, now = (sum(paid.get((side, payer), 0) for payer in own) for side in (base, year))
                yield rows.SinceBase(
                    scenario=outlook.name,
                    programme=programme,
                    unit=unit,
                    year=year,
                    force=force,
                    base=before,
                    amount=now,
                    change=now - before,
                    percent=Fraction(now - before, abs(before)) * 100 if before else None,
                )


def _by_group(outlook: Outlook) -> dict[Group, dict[tuple[FinancialYear, ForceCode], Pence]]:
    """What each force pays in each year, whichever are shown, for all units shown, a programme, or a unit."""
    paid = groups(
        (group, ((result.year, force), pence))
        for result in outlook.whole.only(outlook.units).results
        for group in ((None, None), (result.unit.programme, None), (result.unit.programme, result.unit.code))
        for force, pence in result.totals().items()
    )
    return {group: sums(amounts) for group, amounts in paid.items()}


# From year to year, by cause

Sides: TypeAlias = tuple[UnitYear | None, UnitYear | None]
"""A unit in the year before and in the year; None where it has no costs."""


def changes(outlook: Outlook) -> list[rows.YearChange]:
    """What moved each force's contribution from the year before to each year shown, unit by unit."""
    projection = outlook.projection
    results = {(result.unit.code, result.year): result for result in outlook.whole.results}
    years = [year for year in projection.years[1:] if not outlook.years or year in outlook.years]
    changed: list[rows.YearChange] = []
    for unit in (unit.code for unit in projection.inputs.units if not outlook.units or unit.code in outlook.units):
        for year in years:
            sides = results.get((unit, year.plus(-1))), results.get((unit, year))
            planned = projection.planned.get((unit, year), PlannedYear())
            changed += _changes(outlook.name, year, sides, planned)
    return changed


def _changes(scenario: str, year: FinancialYear, sides: Sides, planned: PlannedYear) -> Iterator[rows.YearChange]:
    result = sides[0] or sides[1]
    if result is None:
        return
    before, after = map(_borne, sides)
    effects = _effects(result, year, sides, planned)
    for force in effects["nre"]:
        start, end = before.get(force, 0), after.get(force, 0)
        yield rows.YearChange(
            scenario=scenario,
            unit=result.unit.code,
            year=year,
            force=force,
            from_=start,
            to=end,
            change=end - start,
            effects=rows.YearEffects(**{cause: moved[force] for cause, moved in effects.items()}),
        )


def _effects(result: UnitYear, year: FinancialYear, sides: Sides, planned: PlannedYear) -> dict[str, Amounts]:
    """The effect of each cause by force, on the shares of `result`: of the year before, unless the unit is new."""
    before, after = sides
    bridge = None if before is None or after is None else ledger_bridge(before, after)
    forces = result.members if bridge is None else bridge.forces()

    def less(new: Amounts, old: Amounts) -> Amounts:
        return {force: new.get(force, 0) - old.get(force, 0) for force in forces}

    def shared(pence: Pence) -> Amounts:
        return dict(zip(result.members, split(pence, result.decision.shares), strict=True))

    def moved(*components: Component) -> Amounts:
        return less(_borne(after, *components), _borne(before, *components))

    costs = _costs(result.unit, year, before, planned)
    own = moved("held", "direct")
    pooling = less(shared(costs["before"]), shared(0 if before is None else before.parts.pooled()))
    return {
        **{cause: less(shared(end), shared(start)) for (_, start), (cause, end) in pairwise(costs.items())},
        "implementation": moved("implementation"),
        "direct": {force: own[force] + pooling[force] for force in forces},
        **{cause: less({}, {}) if bridge is None else bridge.effects[cause] for cause in SHARE_CAUSES},
        "no_loser": moved("no_loser"),
    }


def _costs(unit: Unit, year: FinancialYear, before: UnitYear | None, planned: PlannedYear) -> dict[str, Pence]:
    """The pooled cost of the lines of the year before under this year's pooling, then as each cause changes them."""
    old = [] if before is None else [*before.parts.revenue, *before.parts.direct]
    running = [*planned.kept, *(row for row in old if row.type != "revenue")]
    lines = {
        "before": old,
        "uplift": running,
        "growth": [*running, *planned.growth],
        "saving": [*running, *planned.growth, *planned.saving],
        "one_off": planned.rows(),
    }
    return {cause: components(budget, unit, year).pooled() for cause, budget in lines.items()}


def _borne(result: UnitYear | None, *components: Component) -> Amounts:
    """What each force pays in these components (in all, where none is named)."""
    return {} if result is None else result.totals(*components)


# Sensitivity


def sensitivity(outlook: Outlook, step: Callable[[], None] = lambda: None) -> list[rows.Sensitivity]:
    """Move each assumption that has a low or high alone, the largest effect on any force first.

    What is summed are the units and projected years of the outlook's ledger. `step` is called after each assumption.
    """
    moved: list[list[rows.Sensitivity]] = []
    for place, assumption in enumerate(outlook.projection.given.assumptions):
        if assumption.ranged:
            moved.append(list(_both_sides(outlook, place)))
            step()
    moved.sort(key=lambda effects: -max((abs(row.effect) for row in effects if row.year is None), default=0))
    return [row for effects in moved for row in effects]


def _both_sides(outlook: Outlook, place: int) -> Iterator[rows.Sensitivity]:
    """The effects of the low and the high of an assumption."""
    inputs = outlook.projection.given
    assumption = inputs.assumptions[place]
    years = [year for year in outlook.ledger.years() if year != outlook.projection.base]
    shown = dict.fromkeys(result.unit.code for result in outlook.ledger.results)
    units = [unit for unit in shown if assumption.about in ("", unit)]
    central = contributions(outlook.ledger.only(units)) if units else {}
    subjective = assumption.subjective if assumption.is_percentage or not assumption.line else ""
    about = (assumption.unit, assumption.line, subjective, assumption.force)
    name = (*about, assumption.kind, f"from {assumption.from_year}")
    low, high = assumption.bounds()
    row = partial(
        rows.Sensitivity,
        scenario=outlook.name,
        assumption=assumption.cell,
        name=" ".join(filter(None, name)),
        low=str(rows.Worth(low, assumption.is_percentage)),
        high=str(rows.Worth(high, assumption.is_percentage)),
    )
    sides: dict[Literal["low", "high"], Exact] = {"low": low, "high": high}
    for side, value in sides.items():
        moved = replace(assumption, value=value)
        assumptions = (*inputs.assumptions[:place], moved, *inputs.assumptions[place + 1 :])
        amounts = _contributions_if(outlook, assumptions, units) if units else {}
        for force in inputs.force_codes():
            effects = {year: amounts.get((year, force), 0) - central.get((year, force), 0) for year in years}
            yield row(side=side, force=force, year=None, effect=sum(effects.values()))
            for year, pence in effects.items():
                yield row(side=side, force=force, year=year, effect=pence)


def _contributions_if(
    outlook: Outlook, assumptions: tuple[Assumption, ...], units: Sequence[UnitCode]
) -> dict[tuple[FinancialYear, ForceCode], Pence]:
    """What each force would pay for these units under other assumptions: no unit hangs on another."""
    projection = outlook.projection
    budgets = tuple(row for row in projection.given.budgets if row.unit in units)
    other = replace(projection.given, assumptions=assumptions, budgets=budgets, control_totals=(), business_cases=())
    ledger = apportion(project(other, projection.base, len(projection.years) - 1).inputs)
    return contributions(ledger.only(units))


def contributions(ledger: Ledger) -> dict[tuple[FinancialYear, ForceCode], Pence]:
    """What each force pays for all units, by year."""
    return sums(((result.year, f), pence) for result in ledger.results for f, pence in result.totals().items())


# The extract for the Force Management Statement (FMS)

FMS_YEARS = 4


def fms(outlook: Outlook) -> rows.FmsExtract:
    """Cost of the first four projected years, and volumes of the last four years with any, by section.

    Demand is not projected: the volumes are those that are measured.
    """
    inputs = outlook.projection.inputs
    units = dict.fromkeys(result.unit for result in outlook.ledger.results if result.unit.section)
    cost: list[rows.FmsCost] = []
    demand: list[rows.FmsDemand] = []
    for section, codes in groups((unit.section, unit.code) for unit in units).items():
        cost += _section_cost(section, codes, outlook)
        for driver in dict.fromkeys(given.driver for code in codes for given in inputs.drivers.get(code, ())):
            demand += _measured(section, driver, inputs)
    return rows.FmsExtract(cost=cost, demand=demand)


def _section_cost(section: str, units: Sequence[UnitCode], outlook: Outlook) -> Iterator[rows.FmsCost]:
    paid = contributions(outlook.ledger.only(units))
    for year in outlook.projection.years[1 : 1 + FMS_YEARS]:
        for force in outlook.projection.inputs.force_codes():
            if (year, force) in paid:
                yield rows.FmsCost(section=section, year=year, force=force, amount=paid[year, force])


def _measured(section: str, driver: str, inputs: Inputs) -> Iterator[rows.FmsDemand]:
    """A driver's volumes by financial year; a period counts in the year that holds all of it."""
    known: dict[tuple[FinancialYear, ForceCode], tuple[Exact, int]] = {}
    demand = inputs.demand[driver]
    periods = [(Months(month, 1), slot) for month, slot in demand.monthly.items()] + list(demand.longer.items())
    for months, slot in periods:
        year = year_of(months.first)
        if year == year_of(months.last):
            for force, volume in slot.items():
                total, counted = known.get((year, force), (0, 0))
                known[year, force] = total + volume.value, counted + months.length
    row = partial(rows.FmsDemand, section=section, driver=driver)
    for year in sorted({year for year, _ in known})[-FMS_YEARS:]:
        for force in inputs.force_codes():
            if (year, force) in known:
                total, counted = known[year, force]
                yield row(year=year, force=force, volume=total, months=counted)


# All of it


def mtfs(outlooks: Sequence[Outlook], as_at: date | None = None) -> rows.Mtfs:
    """The base (the first) and further scenarios as typed rows.

    What is asked for besides (sensitivity, ranges, the extract) is not in it.
    """
    base, others = outlooks[0], outlooks[1:]
    laid = {scenario.name: scenario for outlook in outlooks for scenario in outlook.projection.inputs.scenarios}
    unmoved = list(_unmoved(base, others))
    return rows.Mtfs(
        run=run_of(replace(base.projection.inputs, scenarios=tuple(laid.values())), as_at),
        base_year=base.projection.base,
        years=base.projection.years,
        scenarios=[outlook.name for outlook in outlooks],
        contributions=[
            rows.Contribution(
                scenario=outlook.name,
                unit=result.unit.code,
                year=result.year,
                force=force,
                amount=pence,
                programme=result.unit.programme,
            )
            for outlook in outlooks
            for result in outlook.ledger.results
            for force, pence in result.totals().items()
        ],
        since_base=[row for outlook in outlooks for row in since_base(outlook)],
        changes=[row for outlook in outlooks for row in changes(outlook)],
        differences=[row for other in others for row in _differences(base, other)],
        bases=[_basis(outlook.name, result) for outlook in outlooks for result in outlook.ledger.results],
        assumptions=[row for outlook in outlooks for row in _assumptions(outlook, base)],
        changed=[
            rows.ScenarioRow(scenario=outlook.name, sheet=change.sheet, row=change.words, replaces=change.replaces)
            for outlook in others
            for change in outlook.projection.inputs.changes
        ],
        ended=[
            rows.EndedUnit(scenario=outlook.name, unit=unit, year=base.projection.base.plus(-1))
            for outlook in outlooks
            for unit in outlook.projection.ended
        ],
        seed=None,
        timetable=None if as_at is None else timetable(as_at),
        fms=None,
        controls=[
            rows.ScenarioControl(scenario=outlook.name, control=held.control, passed=held.passed, detail=held.detail)
            for outlook in outlooks
            for held in outlook.ledger.controls
        ],
        notes=[*unmoved, *_notes(base, others)],
        unmoved=unmoved,
        own_steps=[] if as_at is None else own_steps(base.projection.given.further.timetable, as_at),
        forces=list(dict.fromkeys(force for outlook in outlooks for force in outlook.ledger.inputs.force_codes())),
    )


def _differences(base: Outlook, other: Outlook) -> Iterator[rows.Contribution]:
    """Scenario − base for every unit, year and force of either, in the order of the units, then of the years."""
    old, new = base.amounts(), other.amounts()
    order = {unit.code: place for place, unit in enumerate(other.ledger.inputs.units)}
    forces = {force: place for place, force in enumerate(other.ledger.inputs.force_codes())}

    def placed(entry: tuple[UnitCode, FinancialYear, ForceCode]) -> tuple[object, ...]:
        unit, year, force = entry
        return order.get(unit, len(order)), unit, year, forces.get(force, len(forces)), force

    for entry in sorted({*old, *new}, key=placed):
        unit, year, force = entry
        moved = new.get(entry, 0) - old.get(entry, 0)
        yield rows.Contribution(scenario=other.name, unit=unit, year=year, force=force, amount=moved)


def _basis(scenario: str, result: UnitYear) -> rows.ProjectedBasis:
    window = result.decision.window
    return rows.ProjectedBasis(
        scenario=scenario,
        unit=result.unit.code,
        year=result.year,
        basis=result.decision.basis,
        reason=result.decision.reason,
        window=(window.first, window.last),
        programme=result.unit.programme,
        standing=standing(result),
    )


def _assumptions(outlook: Outlook, base: Outlook) -> Iterator[rows.AssumptionRow]:
    known = () if outlook is base else set(base.projection.inputs.assumptions)
    for given in outlook.projection.inputs.assumptions:
        bounds = (given.low, given.high)
        low, high = (None if side is None else rows.Worth(side, given.is_percentage) for side in bounds)
        yield rows.AssumptionRow(
            scenario=outlook.name,
            cell=given.cell,
            unit=given.unit or None,
            line=given.line or None,
            subjective=given.subjective or None,
            type=None if given.is_percentage else given.type,
            force=given.force or None,
            from_year=given.from_year,
            kind=given.kind,
            value=rows.Worth(given.value, given.is_percentage),
            low=low,
            high=high,
            reference=given.reference,
            as_in_base=given in known,
        )


def _unmoved(base: Outlook, others: Sequence[Outlook]) -> Iterator[str]:
    """Which scenarios change nothing."""
    for outlook in others:
        if outlook.amounts() == base.amounts():
            inputs, known = outlook.projection.given, base.projection.given
            yield same_figures(outlook.name, "the base", inputs, known, base.ledger.years())


def _notes(base: Outlook, others: Sequence[Outlook]) -> Iterator[str]:
    """The notes of the base; then what each scenario adds to them, with its name."""
    yield from base.ledger.notes
    for outlook in others:
        yield from (f"{outlook.name}: {note}" for note in outlook.ledger.notes if note not in base.ledger.notes)
