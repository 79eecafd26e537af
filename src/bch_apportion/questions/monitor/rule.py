"""Where a year will end: the latest forecast made by a day beside the budget, and the outturn to date.

A forecast is the whole unit's outturn. What of it is not pooled each force bears as budgeted; of the rest, the pooled
part, it bears its share of the budget. Variance = forecast − budget; without a forecast the budget stands in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from bch_apportion.answers import run_of
from bch_apportion.further import Forecast
from bch_apportion.groups import groups, sums
from bch_apportion.ledger import Ledger, apportion_actuals
from bch_apportion.model import BudgetRow, Component, ForceCode, Inputs, Settings, UnitCode
from bch_apportion.money import Exact, Pence, pounds_words, split
from bch_apportion.questions.bridge import Amounts, Bridge, Bridges, UnitAndYear, within
from bch_apportion.questions.explained import Rows, explained, given_for, is_against, unused
from bch_apportion.questions.monitor.rows import ForecastRow, Monitor, MonitorRow, Standing, WithoutBudget
from bch_apportion.questions.variance.rule import explanation_row, judge
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.words import basis_words
from bch_apportion.years import FinancialYear, day_text, last_day

AGAINST = "forecast"
OWN: tuple[Component, ...] = ("held", "direct", "implementation")  # what a force bears without a share
Entry = tuple[UnitCode, FinancialYear]


class Known(NamedTuple):
    """What is known on a day: by unit and year its forecasts, the latest last, and the outturn to date, apportioned."""

    day: date
    forecasts: Mapping[Entry, Sequence[Forecast]]
    spent: Mapping[Entry, UnitYear]

    def made(self, entry: Entry) -> list[Forecast]:
        """The forecasts made on or before the day."""
        return [row for row in self.forecasts.get(entry, ()) if row.made_on <= self.day]


class Side(NamedTuple):
    """A unit (None: all) and year, with what each force bears of its budget, outturn and forecasts."""

    unit: UnitCode | None
    year: FinancialYear
    budget: Amounts
    to_date: Amounts
    months: int | None
    forecast: Amounts
    latest: Forecast | None = None
    before: Amounts | None = None  # of the forecast before the latest

    def bridge(self) -> Bridge:
        """From the budget to the forecast, by the only cause."""
        moved = {force: pence - self.budget[force] for force, pence in self.forecast.items()}
        return Bridge(unit=self.unit, year=self.year, plan=self.budget, actual=self.forecast, effects={"cost": moved})


def monitor(budgets: Ledger, day: date, years: Sequence[FinancialYear], units: Sequence[UnitCode] = ()) -> Monitor:
    """Where the units (none named: all) will end these years, as known on a day.

    Raises InputProblems where the outturn to date cannot be apportioned.
    """
    inputs, shown = _narrowed(budgets.inputs, years, units), budgets.only(units, years)
    known = _known(inputs, day)
    sides = [_side(known, result) for result in shown.results]
    given = [(side, given_for(side.bridge(), inputs.explanations)) for side in sides]
    rows = [row for side, own in given for row in _rows(side, inputs.settings, explained(side.bridge(), own))]
    for year in years:
        own = [row for row in rows if row.year == year]
        rows += _in_all([side for side in sides if side.year == year], own, inputs)
    alone = list(_without_budget(known, budgets))
    compared = Bridges(
        causes=("cost",),
        bridges=[side.bridge() for side in sides],
        without_plan=[UnitAndYear(unit=row.unit, year=row.year) for row in alone],
        without_actual=(),
    )
    return Monitor(
        run=run_of(inputs, day),
        rows=rows,
        forecasts=[row for entry in _ordered(inputs, known.forecasts) for row in _forecasts(known, entry)],
        without_budget=alone,
        explanations=[explanation_row(row) for _, own in given for row in own],
        settings=inputs.settings,
        notes=[
            *(note for result in shown.results for note in _notes(known, result)),
            *_after_the_day(inputs, day),
            *unused(compared, inputs.explanations),
        ],
    )


def _narrowed(inputs: Inputs, years: Sequence[FinancialYear], units: Sequence[UnitCode]) -> Inputs:
    """The inputs with the outturn, the forecasts and their explanations of these years and units alone."""

    def own(rows: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(row for row in rows if within(row, units, years))

    about = own(row for row in inputs.explanations if is_against(row, AGAINST))
    further = replace(inputs.further, forecasts=own(inputs.further.forecasts))
    return replace(inputs, actuals=own(inputs.actuals), explanations=about, further=further)


def _rows(side: Side, settings: Settings, explains: Rows) -> Iterator[MonitorRow]:
    """A row for each force, then one for the unit, with what is explained of each."""
    for force in (*side.budget, None):
        budget, forecast = _of(side.budget, force), _of(side.forecast, force)
        variance = forecast - budget
        left = variance - explains[force]
        significant, status = judge(budget, variance, settings)
        yield MonitorRow(
            unit=side.unit,
            year=side.year,
            force=force,
            budget=budget,
            to_date=_of(side.to_date, force),
            months=side.months,
            forecast=forecast,
            made_on=side.latest.made_on if side.latest else None,
            variance=variance,
            percent=Fraction(variance, abs(budget)) * 100 if budget else None,
            movement=None if side.before is None else forecast - _of(side.before, force),
            status=status,
            explained_amount=explains[force],
            unexplained_amount=left,
            reason=side.latest.reason if side.latest else "",
            significant=significant,
            explained=abs(left) < settings.materiality_amount,
        )


def _of(amounts: Mapping[ForceCode, Pence], force: ForceCode | None) -> Pence:
    """A force's amount; the unit's where none is named."""
    return sum(amounts.values()) if force is None else amounts[force]


def _in_all(sides: Sequence[Side], rows: Sequence[MonitorRow], inputs: Inputs) -> Iterator[MonitorRow]:
    """The sums over all units of a year: a row for each force, then one in all."""
    if not sides:
        return
    members = {force for side in sides for force in side.budget}
    forces = [force for force in inputs.force_codes() if force in members]
    parts: dict[str, Any] = {
        part: {force: sum(getattr(side, part).get(force, 0) for side in sides) for force in forces}
        for part in ("budget", "to_date", "forecast")
    }
    total = Side(unit=None, year=sides[0].year, months=None, **parts)
    yield from _rows(total, inputs.settings, sums((row.force, row.explained_amount) for row in rows))


def _side(known: Known, result: UnitYear) -> Side:
    """What is known of a unit and year that has a budget."""
    entry = (result.unit.code, result.year)
    made, spent = known.made(entry), known.spent.get(entry)
    amounts = [expected(result, forecast.pence) for forecast in made[-2:]]
    return Side(
        unit=result.unit.code,
        year=result.year,
        budget=result.totals(),
        to_date=dict.fromkeys(result.members, 0) if spent is None else _borne_to_date(result, spent),
        months=0 if spent is None else len(spent.months()),
        forecast=amounts[-1] if made else result.totals(),
        latest=made[-1] if made else None,
        before=amounts[0] if len(made) > 1 else None,
    )


# What each force bears


def expected(result: UnitYear, pence: Pence) -> Amounts:
    """What each force bears of a forecast of the whole unit: own and no-loser lines as budgeted, and its share."""
    as_budgeted: tuple[Component, ...] = ("direct", "implementation", *(() if _by_held(result) else ("held",)))
    own = result.totals(*as_budgeted)
    shared = split(pence - sum(own.values()), _weights(result))
    kept = result.totals(*as_budgeted, "no_loser")
    return {force: kept[force] + share for force, share in zip(result.members, shared, strict=True)}


def _borne_to_date(result: UnitYear, spent: UnitYear) -> Amounts:
    """What each force bears of the outturn to date: its own lines, and its share of the rest as budgeted."""
    own = spent.totals(*OWN)
    shared = split(spent.parts.pooled(), _weights(result))
    return {force: own[force] + share for force, share in zip(result.members, shared, strict=True)}


def _held(result: UnitYear) -> list[Pence]:
    return [result.parts.staying.get(force, 0) for force in result.members]


def _by_held(result: UnitYear) -> bool:
    """Whether nothing is pooled and the held lines can be weights: not all 0, and of the same sign."""
    held = _held(result)
    return not result.parts.pooled() and any(held) and (min(held) >= 0 or max(held) <= 0)


def _weights(result: UnitYear) -> Sequence[Exact]:
    """What the pooled part of a forecast, or of the outturn, is split by."""
    return [abs(pence) for pence in _held(result)] if _by_held(result) else result.decision.shares


# The outturn to date


def _known(inputs: Inputs, day: date) -> Known:
    """What the inputs say on a day."""
    made = sorted(inputs.further.forecasts, key=lambda row: row.made_on)
    forecasts = groups(((row.unit, row.year), row) for row in made)
    counted = tuple(row for row in inputs.actuals if _counts(row, day))
    outturn = apportion_actuals(replace(inputs, actuals=counted), day)
    return Known(day, forecasts, {(result.unit.code, result.year): result for result in outturn.results})


def _counts(row: BudgetRow, day: date) -> bool:
    """Whether a line of the outturn is of months that have ended; one without a period is."""
    return row.period is None or last_day(row.period.last) <= day


# What has no place among the rows, and what is worth a note


def _ordered(inputs: Inputs, entries: Iterable[Entry]) -> list[Entry]:
    """Units and years in the order of the Units sheet, then by year."""
    order = {unit.code: place for place, unit in enumerate(inputs.units)}
    return sorted(entries, key=lambda entry: (order[entry[0]], entry[1]))


def _without_budget(known: Known, budgets: Ledger) -> Iterator[WithoutBudget]:
    """The units that have a forecast made by the day, or an outturn, of a year in which they have no budget."""
    budgeted = {(result.unit.code, result.year) for result in budgets.results}
    there = {*known.spent, *filter(known.made, known.forecasts)} - budgeted
    for unit, year in _ordered(budgets.inputs, there):
        made, spent = known.made((unit, year)), known.spent.get((unit, year))
        yield WithoutBudget(
            unit=unit,
            year=year,
            to_date=spent.budget() if spent else None,
            forecast=made[-1].pence if made else None,
            made_on=made[-1].made_on if made else None,
        )


def _forecasts(known: Known, entry: Entry) -> Iterator[ForecastRow]:
    """Every forecast of a unit and year, the latest first."""
    made = known.forecasts[entry]
    latest = max((row.made_on for row in known.made(entry)), default=None)
    for row, before in reversed(list(zip(made, (None, *made), strict=False))):
        standing: Standing = "after the day" if row.made_on > known.day else "earlier"
        yield ForecastRow(
            unit=row.unit,
            year=row.year,
            made_on=row.made_on,
            amount=row.pence,
            movement=None if before is None else row.pence - before.pence,
            standing="latest" if row.made_on == latest else standing,
            reason=row.reason,
            owner=row.owner,
            cell=row.cell,
        )


def _notes(known: Known, result: UnitYear) -> Iterator[str]:
    """What is unusual about how a forecast of a unit is split."""
    made = known.made((result.unit.code, result.year))
    what = f"{result.unit.code} {result.year}"
    if not made:
        return
    if not result.parts.pooled() and not _by_held(result):
        shares = basis_words(result.decision.basis)
        why = "its held lines have both signs" if any(_held(result)) else "no line is held"
        yield f"{what}: nothing is pooled, and {why}: what differs from the budget is split on {shares}"
    own = sum(result.totals(*OWN).values())
    if result.parts.pooled() > 0 > made[-1].pence - own:
        forecast, below = pounds_words(made[-1].pence), pounds_words(own)
        yield (
            f"{what}: the forecast of {forecast} ({made[-1].cell}) is below the lines that are not pooled, {below}: "
            "the pooled part is below zero"
        )


def _after_the_day(inputs: Inputs, day: date) -> Iterator[str]:
    """The forecasts made, and the outturn of months that end, after the day: they do not count."""
    after = [row for row in inputs.further.forecasts if row.made_on > day]
    late = [f"{row.unit} {row.year} {day_text(row.made_on)}" for row in after]
    if late:
        yield f"Forecasts made after {day_text(day)}, not used: {', '.join(late)}"
    not_counted = sums(((row.unit, row.year), row.pence) for row in inputs.actuals if not _counts(row, day))
    if not_counted:
        listed = ", ".join(f"{unit} {year} {pounds_words(pence)}" for (unit, year), pence in not_counted.items())
        yield f"Outturn of months that end after {day_text(day)}, not counted: {listed}"
