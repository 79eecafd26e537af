"""Demand data that looks wrong: a volume far from its driver's usual ones, and a window too short to be tested."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from bch_apportion.groups import groups
from bch_apportion.model import Demand, ForceCode, Inputs, Volume
from bch_apportion.money import Exact, plain
from bch_apportion.problems import Query
from bch_apportion.queries.figures import middle
from bch_apportion.queries.suspicion import Alternative, Suspicion
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.years import Months, month_text

FAR = 10  # times the median
LEAST = 10  # a median below it is too small to tell
SCALES = tuple(map(Fraction, ("1/1000", "1/100", "1/10", "10", "100", "1000")))


Periods: TypeAlias = Sequence[tuple[Months, Mapping[ForceCode, Volume]]]


class Given(NamedTuple):
    """A volume of a force, and its months."""

    months: Months
    volume: Volume

    def by_month(self) -> Exact:
        return Fraction(self.volume.value, self.months.length) if self.months.length > 1 else self.volume.value


def outliers(inputs: Inputs, results: Sequence[UnitYear]) -> Iterator[Suspicion]:
    """*volume-outlier*: a volume ten times or a tenth of the median of its driver and force over all windows."""
    by_driver = groups((d.driver, result) for result in results for d in inputs.drivers.get(result.unit.code, ()))
    for driver in [name for name in by_driver if name in inputs.demand]:
        windows = {result.decision.window for result in by_driver[driver]}
        periods = _in_windows(inputs.demand[driver], windows)
        touched = frozenset(result.unit.code for result in by_driver[driver])
        for force in inputs.force_codes():
            for usual, run in _far(periods, force):
                yield _outlier(inputs, driver, force, usual, run, touched)


def _in_windows(demand: Demand, windows: Collection[Months]) -> Periods:
    """The volumes of the periods that lie wholly within a window, oldest first."""
    counted = {month for window in windows for month in window.months()}
    periods = [(Months(month, 1), volumes) for month, volumes in demand.monthly.items() if month in counted]
    periods += [
        (months, volumes)
        for months, volumes in demand.longer.items()
        if any(window.first <= months.first and months.last <= window.last for window in windows)
    ]
    return sorted(periods, key=itemgetter(0))


def _far(periods: Periods, force: ForceCode) -> Iterator[tuple[Fraction, list[Given]]]:
    """Runs of neighbours that are far from the median, alike in direction, each with the median."""
    given = [(months, volumes[force]) for months, volumes in periods if force in volumes]
    rates = [volume.value for _, volume in given]
    usual = middle(rates)
    if any(months.length > 1 for months, _ in given):
        rates = [Given(*own).by_month() for own in given]
        usual = middle([rate for (months, _), rate in zip(given, rates, strict=True) for _ in months.months()])
    if usual < LEAST or (max(rates) < FAR * usual and min(rates) * FAR > usual):
        return  # as it is of almost every force
    runs: list[list[Given]] = []
    before = 0
    for (months, volume), rate in zip(given, rates, strict=True):
        direction = 1 if rate >= FAR * usual else -1 if rate * FAR <= usual else 0
        if direction and (direction != before or months.first != runs[-1][-1].months.last + 1):
            runs.append([])
        if direction:
            runs[-1].append(Given(months, volume))
        before = direction
    yield from ((usual, run) for run in runs)


def _outlier(
    inputs: Inputs, driver: str, force: ForceCode, usual: Fraction, run: Sequence[Given], units: frozenset[str]
) -> Suspicion:
    first = run[0]
    value = plain(first.volume.value)
    until = "" if len(run) == 1 else f" (and so to {month_text(run[-1].months.last)})"
    key = (driver, force, month_text(first.months.first), value)
    cells = tuple(own.volume.place(inputs.demand_sheet) for own in run)
    message = (
        f"the {driver} of {force} for {first.months} is {value}{until}; the median of its months is {plain(usual)}"
    )
    about = tuple(unit.code for unit in inputs.units if unit.code in units)
    query = Query("volume-outlier", key, cells, message, units=about)
    scaled = {own.months: own.volume._replace(value=_nearest(own, usual)) for own in run if own.volume.value}
    if not scaled:
        return Suspicion(query)
    demand = {**inputs.demand, driver: _with_volumes(inputs.demand[driver], force, scaled)}
    return Suspicion(query, (Alternative(replace(inputs, demand=demand), units),))


def _nearest(own: Given, usual: Fraction) -> Exact:
    """The volume taken 10, 100 or 1000 times smaller or larger, whichever comes nearest the median."""
    scale = min(SCALES, key=lambda scale: abs(own.by_month() * scale - usual))
    return Fraction(own.volume.value) * scale


def _with_volumes(demand: Demand, force: ForceCode, volumes: Mapping[Months, Volume]) -> Demand:
    monthly, longer = dict(demand.monthly), dict(demand.longer)
    for months, volume in volumes.items():
        if months in longer:
            longer[months] = {**longer[months], force: volume}
        else:
            monthly[months.first] = {**monthly[months.first], force: volume}
    return Demand(monthly, longer)


def stability_not_tested(results: Sequence[UnitYear]) -> Iterator[Query]:
    """*stability-not-tested*: a unit on demand (kept years do not count) without two whole 12-month blocks."""
    on_demand = [r for r in results if r.decision.basis == "demand" and r.decision.kept is None]
    untested = groups((r.unit.code, r.year) for r in on_demand if any(test.passed is None for test in r.decision.tests))
    for unit, years in untested.items():
        message = (
            f"{unit} is shared on demand in {', '.join(map(str, years))}, and its window has fewer than two whole "
            "12-month blocks: whether its shares are stable was not tested"
        )
        yield Query("stability-not-tested", (unit,), (), message, units=(unit,), years=tuple(years))
