"""Ranges: what each force pays over many drawn runs of the assumptions, vectorised and to the penny.

Each assumption with a low or high is drawn from a triangular distribution with its value as the peak, independently of
the others: percentages to four decimals, amounts to the penny. Every run is then the same calculation as the exact one,
in 64-bit whole numbers over all runs at once. Where those cannot hold a step, or cannot tell which way a penny falls,
the runs concerned are apportioned by the exact engine, so that every drawn run equals what the engine makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bch_apportion.model import Assumption, BudgetRow, ForceCode, Inputs, Unit, UnitCode
from bch_apportion.money import whole_weights
from bch_apportion.places import NOWHERE
from bch_apportion.principles.agreed_shares import furthest, latest_set, shares_of
from bch_apportion.principles.rolling_demand import to_decimals
from bch_apportion.problems import InputProblems
from bch_apportion.questions.mtfs.projection import new_line, nre_gone, nre_growth_of, project, uplift_of
from bch_apportion.questions.mtfs.rows import Range
from bch_apportion.questions.mtfs.rule import Outlook
from bch_apportion.recipe.order import apportioned, run
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.years import FinancialYear

Whole: TypeAlias = NDArray[np.int64]
"""Whole numbers, one for each run, or one alone where all runs have the same."""

POINTS = 10_000  # a drawn percentage is whole in these parts of a percent
LIMIT = 2**62
UNIT = 2**40  # a fraction of a penny is told in these parts
SHARE = 2**60  # a share that depends on the run is held in these parts


class TooLarge(ValueError):
    """A number that 64 bits cannot hold exactly."""


# The draws


def draws(assumptions: Sequence[Assumption], runs: int, seed: int) -> dict[int, Whole]:
    """Drawn values by the place of the assumption: parts of a percent (see POINTS), or pence; one for each run.

    The same seed gives the same values on every machine and release of numpy: only the raw bits of PCG64 are used.
    """
    drawn = {}
    ranged = [place for place, one in enumerate(assumptions) if one.ranged]
    for stream, place in enumerate(ranged):
        one = assumptions[place]
        scale = POINTS if one.is_percentage else 1
        low, peak, high = (float(value * scale) for value in (one.bounds()[0], one.value, one.bounds()[1]))
        bits = np.random.PCG64(np.random.SeedSequence([seed, stream])).random_raw(runs)
        uniform = (bits >> np.uint64(11)).astype(np.float64) / 2.0**53
        drawn[place] = np.rint(_triangular(uniform, low, peak, high)).astype(np.int64)
    return drawn


def _triangular(uniform: NDArray[np.float64], low: float, peak: float, high: float) -> NDArray[np.float64]:
    """The inverse of the triangular distribution's cumulative function."""
    if high == low:
        return np.full_like(uniform, peak)
    turn = (peak - low) / (high - low)
    rising = low + np.sqrt(uniform * (high - low) * (peak - low))
    falling = high - np.sqrt((1 - uniform) * (high - low) * (high - peak))
    found: NDArray[np.float64] = np.where(uniform < turn, rising, falling)
    return found


def drawn_value(one: Assumption, drawn: int) -> Fraction | int:
    """A drawn value as the assumption would give it."""
    return Fraction(drawn, POINTS) if one.is_percentage else drawn


# Exact arithmetic over all runs


def largest(*values: Whole) -> int:
    return max((int(np.abs(value).max(initial=0)) for value in values), default=0)


def scaled(pence: Whole, numerator: Whole, denominator: int) -> Whole:
    """`pence × numerator / denominator`, half up (away from zero), exactly."""
    if 2 * largest(pence) * largest(numerator) + denominator >= LIMIT:
        raise TooLarge
    product = pence * numerator
    size = (2 * np.abs(product) + denominator) // (2 * denominator)
    found: Whole = np.sign(product) * size
    return found


def shared(total: Whole, weights: Whole, divisor: Whole) -> Whole:
    """`money.split` over all runs: totals (runs,), weights (runs or 1, members), their sums (runs or 1, 1).

    The floor of each quota is estimated and then put right by its remainder, which is exact in 64 bits however large
    the product, as long as the sum of the weights is below 2**61.
    """
    if largest(divisor) >= 2**61 or largest(total) >= 2**50:
        raise TooLarge
    size = np.abs(total)[:, None]
    safe = np.maximum(divisor, 1)
    quota = np.floor(size * (weights / safe)).astype(np.int64)
    rest = size * weights - quota * safe  # wraps, and is right: it is small
    for _ in range(2):
        short, over = rest < 0, rest >= safe
        quota += over.astype(np.int64) - short
        rest += safe * short - safe * over
    if bool((divisor <= 0).any()) and bool(((divisor <= 0) & (size != 0)).any()):
        raise TooLarge
    quota = np.where(divisor > 0, quota, 0)
    left = np.where(divisor[:, 0] > 0, size[:, 0] - quota.sum(axis=1), 0)
    found: Whole = np.sign(total)[:, None] * (quota + _first(rest, left))
    return found


def _first(remainders: Whole, left: Whole) -> Whole:
    """One for the `left` largest remainders of each run, ties to the earlier member."""
    order = np.argsort(-remainders, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(order.shape[1]), order.shape), axis=1)
    return (ranks < left[:, None]).astype(np.int64)


def shared_nearly(total: Whole, shares: Whole, error: int) -> tuple[Whole, NDArray[np.bool_]]:
    """A split on shares held in parts of SHARE, each at most `error` parts off; and the runs it cannot be sure of.

    It is unsure where a quota is as near to a whole penny, or two remainders as near to each other, as the error.
    """
    size = np.abs(total)[:, None]
    if largest(total) >= 2**40:
        return np.zeros((len(total), shares.shape[1]), np.int64), np.ones(len(total), np.bool_)
    high, middle, low = shares >> 40, (shares >> 20) & 0xFFFFF, shares & 0xFFFFF
    top = size * high
    part = ((top & 0xFFFFF) << 20) + size * middle + ((size * low) >> 20)
    quota = (top >> 20) + (part >> 40)
    rest = part & (UNIT - 1)
    unsure_by = ((size * error) >> 20) + 2
    left = size[:, 0] - quota.sum(axis=1)
    unsure = ((rest <= unsure_by) | (rest >= UNIT - unsure_by)).any(axis=1) & (size[:, 0] != 0)
    ordered = -np.sort(-rest, axis=1)
    near = (ordered[:, :-1] - ordered[:, 1:]) <= 2 * unsure_by
    cut = np.arange(1, rest.shape[1])[None, :] == left[:, None]
    unsure |= (near & cut).any(axis=1) | (left < 0) | (left >= rest.shape[1])
    return np.sign(total)[:, None] * (quota + _first(rest, left)), unsure


def brought_to_whole(targets: Whole, divisor: int) -> Whole:
    """`money.to_whole` over all runs: amounts (runs, members) in parts of `divisor`, with a whole sum."""
    floors = targets // divisor
    left = (targets.sum(axis=1)) // divisor - floors.sum(axis=1)
    return floors + _first(targets - floors * divisor, left)


# A unit's shares, as far as they depend on the run


@dataclass(frozen=True, slots=True)
class DrawnShares:
    """Shares as whole weights with their sum (runs or 1, members), or (`error` above 0) in parts of SHARE."""

    weights: Whole
    divisor: Whole
    error: int = 0
    exact: tuple[Fraction, ...] | None = None  # where they are the same in all runs

    def parts(self) -> tuple[Whole, int]:
        """The shares in parts of SHARE, and how many parts each may be off."""
        if self.error:
            return self.weights, self.error
        if self.exact is not None:
            return _row([int(share * SHARE) for share in self.exact]), 1
        return _parts_of(self.weights, self.divisor), 1

    def taken(self, runs: NDArray[np.bool_]) -> DrawnShares:
        """The same for some of the runs."""
        if len(self.weights) == 1:
            return self
        divisor = self.divisor if len(self.divisor) == 1 else self.divisor[runs]
        return replace(self, weights=self.weights[runs], divisor=divisor)

    def split(self, total: Whole) -> tuple[Whole, NDArray[np.bool_]]:
        """Amounts by run and member, and the runs in which they are not sure."""
        if self.error:
            return shared_nearly(total, self.weights, self.error)
        return shared(total, self.weights, self.divisor), np.zeros(len(total), np.bool_)


def exact_shares(shares: Sequence[Fraction]) -> DrawnShares:
    """Shares that are the same in all runs; those with too large a common divisor are held nearly."""
    whole, exact = whole_weights(shares), tuple(shares)
    if sum(whole) < 2**61:
        return DrawnShares(_row(whole), _row([sum(whole)]), exact=exact)
    return DrawnShares(_row([int(share * SHARE) for share in shares]), _row([SHARE]), error=1, exact=exact)


def _parts_of(weights: Whole, sums: Whole) -> Whole:
    """Weights over their sums in parts of SHARE, rounded down: twenty binary places at a time."""
    if largest(sums) >= 2**42:
        raise TooLarge
    rest, parts = weights, np.zeros_like(weights)
    for _ in range(3):
        parts = (parts << 20) + (rest << 20) // sums
        rest = (rest << 20) % sums
    return parts


def _row(values: Sequence[int]) -> Whole:
    return _held(values)[None, :]


def _held(values: Sequence[int]) -> Whole:
    """Whole numbers in 64 bits; raises TooLarge where one does not fit."""
    if any(abs(value) >= LIMIT for value in values):
        raise TooLarge
    return np.array(values, np.int64)


def on_nre(nre: Sequence[Whole], decimals: int | None) -> DrawnShares:
    """NRE shares of each run, to so many decimals of a percent."""
    weights = np.stack(np.broadcast_arrays(*nre), axis=1)
    sums = weights.sum(axis=1, keepdims=True)
    if decimals is None:
        return DrawnShares(weights, sums)
    whole = 100 * 10**decimals
    brought = shared(np.full(len(weights), whole, np.int64), weights, sums)
    return DrawnShares(brought, _row([whole]))


def blended(part: Fraction, nre: Sequence[Whole], demand: Sequence[Fraction]) -> DrawnShares:
    """`part` of the cost on NRE of each run, the rest on demand; held nearly."""
    weights = np.stack(np.broadcast_arrays(*nre), axis=1)
    sums = weights.sum(axis=1, keepdims=True)
    if max(part.numerator, part.denominator) >= 2**30:
        raise TooLarge
    base = _parts_of(weights, sums)
    high, low = base >> 30, base & (2**30 - 1)
    quotient, over = np.divmod(high * part.numerator, part.denominator)
    fixed = (quotient << 30) + ((over << 30) + low * part.numerator) // part.denominator
    return DrawnShares(fixed + _row([int((1 - part) * share * SHARE) for share in demand]), _row([SHARE]), error=3)


# The runs of one unit


@dataclass(slots=True)
class _Line:
    """A budget line of which the amount may depend on the run."""

    row: BudgetRow
    pence: Whole


@dataclass(slots=True)
class _Runs:
    """The state of drawing one scenario: its draws, and what they make of NRE."""

    found: Outlook
    inputs: Inputs  # as read
    count: int
    drawn: dict[int, Whole]
    nre: dict[tuple[FinancialYear, ForceCode], Whole] = field(default_factory=dict)
    unsure: dict[UnitCode, NDArray[np.bool_]] = field(default_factory=dict)

    def rate(self, one: Assumption | None) -> tuple[Whole, int]:
        """By what an uplift or growth multiplies, as a numerator by run and a denominator."""
        if one is None:
            return np.ones(1, np.int64), 1
        drawn = self.drawn.get(_place(self.inputs, one))
        if drawn is not None:
            return drawn + 100 * POINTS, 100 * POINTS
        factor = 1 + Fraction(one.value) / 100
        return _held([factor.numerator]), factor.denominator

    def amount(self, one: Assumption) -> Whole:
        drawn = self.drawn.get(_place(self.inputs, one))
        return _held([int(one.value)]) if drawn is None else drawn


def _place(inputs: Inputs, one: Assumption) -> int:
    """The place of an assumption: itself, not one that is equal to it."""
    return next(place for place, other in enumerate(inputs.assumptions) if other is one)


def run_through(
    found: Outlook, runs: int, seed: int, step: Callable[[], None] = lambda: None
) -> dict[tuple[FinancialYear, ForceCode], Whole]:
    """What each force pays in each year shown, in every drawn run, over the units shown.

    Shapes: by year and force an array of one amount for each run, in pence. `step` is called after each unit.
    """
    inputs = found.projection.given
    state = _Runs(found, inputs, runs, draws(inputs.assumptions, runs, seed))
    try:
        _draw_nre(state)
    except TooLarge:
        state.nre.clear()  # every run then goes to the exact engine
    shown = {(result.unit.code, result.year): result for result in found.ledger.results}
    sums: dict[tuple[FinancialYear, ForceCode], Whole] = {}
    for unit in inputs.units:
        years = [year for code, year in shown if code == unit.code]
        if not years:
            continue
        for (year, force), pence in _unit_runs(state, unit).items():
            if year in years:
                sums[year, force] = sums.get((year, force), np.zeros(runs, np.int64)) + pence
        step()
    return sums


def ranges(found: Outlook, runs: int, seed: int, step: Callable[[], None] = lambda: None) -> list[Range]:
    """The 10th, 50th and 90th percentile of each force's contribution in each year: a drawn value, by nearest rank."""
    if not any(one.ranged for one in found.projection.given.assumptions):
        return []
    drawn = run_through(found, runs, seed, step)
    central: dict[tuple[FinancialYear, ForceCode], int] = {}
    for (_, year, force), pence in found.amounts().items():
        central[year, force] = central.get((year, force), 0) + pence
    order = found.projection.inputs.force_codes()
    result = []
    for year, force in sorted(central, key=lambda entry: (entry[0], order.index(entry[1]))):
        values = np.sort(drawn[year, force])
        p10, p50, p90 = (int(values[-(-rank * runs // 100) - 1]) for rank in (10, 50, 90))
        row = Range(
            scenario=found.name, year=year, force=force, central=central[year, force], p10=p10, p50=p50, p90=p90
        )
        result.append(row)
    return result


def _draw_nre(state: _Runs) -> None:
    """NRE of every year as the runs have it; where it is the same in all, one figure."""
    projection = state.found.projection
    for (year, force), figure in projection.given.nre.items():
        state.nre[year, force] = _held([figure.pence])
    for year in projection.years[1:]:
        for force in projection.given.force_codes():
            last = state.nre.get((year.plus(-1), force))
            if (year, force) in state.nre or last is None:
                continue
            numerator, denominator = state.rate(nre_growth_of(projection.given.assumptions, force, year))
            figures = scaled(last, numerator, denominator)
            if int(figures.min()) <= 0:
                rate = nre_growth_of(projection.given.assumptions, force, year)
                raise InputProblems([nre_gone(rate.cell if rate else NOWHERE, force, year)], projection.given.source)
            state.nre[year, force] = figures


def _unit_runs(state: _Runs, unit: Unit) -> dict[tuple[FinancialYear, ForceCode], Whole]:
    """What each force pays for a unit, by year, in every run; runs that are not sure go to the exact engine."""
    try:
        amounts, unsure = _unit_quickly(state, unit)
    except TooLarge:
        amounts, unsure = {}, np.ones(state.count, np.bool_)
    state.unsure[unit.code] = unsure
    for number in np.flatnonzero(unsure):
        exact = exact_run(state.found, {place: int(values[number]) for place, values in state.drawn.items()}, unit.code)
        for entry, pence in exact.items():
            if entry not in amounts:
                amounts[entry] = np.zeros(state.count, np.int64)
            amounts[entry][number] = pence
        for entry in amounts.keys() - exact.keys():
            amounts[entry][number] = 0
    return amounts


def exact_run(
    found: Outlook, drawn: dict[int, int], unit: UnitCode | None = None
) -> dict[tuple[FinancialYear, ForceCode], int]:
    """One drawn run by the exact engine: what each force pays in each year, for one unit or for all of them."""
    projection, inputs = found.projection, found.projection.given
    assumptions = list(inputs.assumptions)
    for place, value in drawn.items():
        assumptions[place] = replace(assumptions[place], value=drawn_value(assumptions[place], value))
    budgets = tuple(row for row in inputs.budgets if unit in (None, row.unit))
    other = replace(inputs, assumptions=tuple(assumptions), budgets=budgets, business_cases=())
    if unit is not None:
        other = replace(other, assumptions=tuple(one for one in assumptions if one.about in ("", unit)))
    projected = project(other, projection.base, len(projection.years) - 1).inputs
    sums: dict[tuple[FinancialYear, ForceCode], int] = {}
    for result in apportioned(run(projected), projected):
        if result.year in projection.years:
            for force, pence in result.totals().items():
                sums[result.year, force] = sums.get((result.year, force), 0) + pence
    return sums


def _unit_quickly(state: _Runs, unit: Unit) -> tuple[dict[tuple[FinancialYear, ForceCode], Whole], NDArray[np.bool_]]:
    """The same in whole numbers over all runs at once. Raises TooLarge where 64 bits do not hold a step."""
    projection = state.found.projection
    if not state.nre:
        raise TooLarge
    results = {r.year: r for r in state.found.whole.results if r.unit.code == unit.code}
    memory = _memory_of(state, results)
    lines = [
        _Line(row, _held([row.pence]))
        for row in projection.given.budgets
        if row.unit == unit.code and row.year == projection.base
    ]
    amounts: dict[tuple[FinancialYear, ForceCode], Whole] = {}
    unsure = np.zeros(state.count, np.bool_)
    for year in projection.years:
        if year != projection.base:
            lines = list(_next_year(state, unit.code, lines, year))
        if year in results:
            paid, doubtful = _year_runs(state, results[year], lines, memory)
            unsure |= doubtful
            for force, pence in paid.items():
                amounts[year, force] = np.broadcast_to(pence, (state.count,)).copy()
    return amounts, unsure


@dataclass(slots=True)
class _Memory:
    """The shares last settled on demand, where that is a matter of each run: which of `sources`, and in which year."""

    sources: list[DrawnShares]
    members: list[tuple[ForceCode, ...]]
    place: Whole  # of each run in the two; −1: nothing is settled yet
    year: Whole

    def add(self, shares: DrawnShares, members: tuple[ForceCode, ...]) -> int:
        self.sources.append(shares)
        self.members.append(members)
        return len(self.sources) - 1

    def split(self, places: Whole, total: Whole) -> tuple[Whole, NDArray[np.bool_]]:
        """A split in which each run has shares of its own place."""
        total = np.broadcast_to(total, places.shape)
        amounts = np.zeros((len(places), len(self.members[int(places[0])])), np.int64)
        unsure = np.zeros(len(places), np.bool_)
        for place in np.unique(places):
            runs = places == place
            amounts[runs], unsure[runs] = _all(self.sources[place].taken(runs), total[runs])
        return amounts, unsure


def _memory_of(state: _Runs, results: dict[FinancialYear, UnitYear]) -> _Memory | None:
    """What is settled before the base year; None where it is the same in every run to the end."""
    figures = [one for r in results.values() if r.decision.base_nre is not None for one in r.decision.base_nre.figures]
    drawn = any(len(state.nre[one.year, one.force]) > 1 for one in figures if (one.year, one.force) in state.nre)
    if not drawn or not any(result.decision.rebase for result in results.values()):
        return None
    memory = _Memory([], [], np.full(state.count, -1, np.int64), np.zeros(state.count, np.int64))
    before = [r for y, r in sorted(results.items()) if y < state.found.projection.base and r.decision.basis == "demand"]
    if before:
        memory.place[:] = memory.add(exact_shares(before[-1].decision.shares), before[-1].members)
        memory.year[:] = before[-1].year.start
    return memory


def _on_demand(result: UnitYear) -> bool:
    decision, terms = result.decision, result.terms
    return decision.new is not None and (terms.basis == "demand" or (terms.basis == "auto" and decision.robust))


def _settled(state: _Runs, result: UnitYear, memory: _Memory) -> tuple[Whole, NDArray[np.bool_]]:
    """Which shares each run applies on demand: the new ones, or those last settled where the movement is within the
    tolerance (`principles.agreed_shares`); and the runs in which that is not sure."""
    terms, members = result.terms, result.members
    new = _new_shares(state, result)
    applied = new if terms.share_decimals is None else _to_decimals(new, terms.share_decimals)
    places = np.full(state.count, memory.add(applied, members), np.int64)
    unsure = np.zeros(state.count, np.bool_)
    agreed_place = -2
    if terms.rebase_tolerance is not None:
        agreed = latest_set(state.inputs.agreed.get(result.unit.code, ()), result.year)
        last = memory.place.copy()
        last[[bool(p >= 0) and memory.members[p] != members for p in last]] = -1
        if agreed is not None:
            shares = shares_of(agreed, members)
            if shares is not None:
                agreed_place = memory.add(exact_shares(shares), members)
            last[(memory.place < 0) | (memory.year < agreed.from_year.start)] = max(agreed_place, -1)
        for place in np.unique(last[last >= 0]):
            runs = last == place
            kept, doubtful = _within(new.taken(runs), memory.sources[place].taken(runs), terms.rebase_tolerance)
            places[runs] = np.where(kept, place, places[runs])
            unsure[runs] |= doubtful
    stood = places != agreed_place  # a year in which an agreed set stayed settled is no year on demand
    memory.place[stood], memory.year[stood] = places[stood], result.year.start
    return places, unsure


def _within(new: DrawnShares, settled: DrawnShares, tolerance: Fraction) -> tuple[Any, Any]:
    """Whether no member's new share is further from its settled one than the tolerance; and whether that is unsure."""
    if new.exact is not None and settled.exact is not None:
        return furthest(new.exact, settled.exact) <= tolerance, False
    if tolerance >= 100:  # percentage points: no share moves further
        return True, False
    (mine, error), (theirs, other) = new.parts(), settled.parts()
    movement = np.abs(mine - theirs).max(axis=1)
    limit = int(tolerance / 100 * SHARE)
    return movement <= limit, np.abs(movement - limit) <= error + other + 1


def _next_year(state: _Runs, unit: UnitCode, lines: Sequence[_Line], year: FinancialYear) -> Iterator[_Line]:
    """The lines of the next year, as `projection.planned_year` has them."""
    assumptions = state.inputs.assumptions
    for line in lines:
        if line.row.type == "revenue":
            numerator, denominator = state.rate(uplift_of(assumptions, line.row, year))
            yield _Line(line.row, scaled(line.pence, numerator, denominator))
    for one in assumptions:
        if not one.is_percentage and one.unit == unit and one.from_year == year:
            sign = -1 if one.kind == "saving" else 1
            yield _Line(new_line(one, sign), sign * state.amount(one))


def _year_runs(
    state: _Runs, result: UnitYear, lines: Sequence[_Line], memory: _Memory | None
) -> tuple[dict[ForceCode, Whole], NDArray[np.bool_]]:
    """What each member pays for a unit and year, in every run, component by component as the recipe has it."""
    members = result.members
    nothing = np.zeros(1, np.int64)
    paid: dict[ForceCode, Whole] = dict.fromkeys(members, nothing)
    held: dict[ForceCode, Whole] = {}
    implementation, pooled = nothing, nothing
    for line in lines:
        row = line.row
        if row.type == "implementation":
            implementation = implementation + line.pence
        elif row.direct_to:
            paid[row.direct_to] = paid[row.direct_to] + line.pence
        else:
            pooled = pooled + line.pence
            if row.held_by:
                held[row.held_by] = held.get(row.held_by, nothing) + line.pence
    stays = 1 - result.parts.fraction
    for force, pence in held.items():
        staying = scaled(pence, _held([stays.numerator]), stays.denominator)
        paid[force] = paid[force] + staying
        pooled = pooled - staying
    if result.implementation_nre is not None:
        nre = on_nre([state.nre[one.year, one.force] for one in result.implementation_nre.figures], None)
        split = _all(nre, implementation)[0]
        for place, force in enumerate(members):
            paid[force] = paid[force] + split[:, place]
    if memory is not None and _on_demand(result):
        places, doubtful = _settled(state, result, memory)
        amounts, unsure = memory.split(places, pooled)
        unsure = unsure | doubtful
    else:
        amounts, unsure = _all(_shares(state, result), pooled)
    if result.no_loser is not None:
        amounts = amounts + _relief(result, amounts)
    for place, force in enumerate(members):
        paid[force] = paid[force] + amounts[:, place]
    return paid, np.broadcast_to(unsure, (state.count,))


def _all(shares: DrawnShares, total: Whole) -> tuple[Whole, NDArray[np.bool_]]:
    """A split in which the totals, the shares or both depend on the run."""
    count = max(len(total), len(shares.weights))
    return shares.split(np.broadcast_to(total, (count,)))


def _shares(state: _Runs, result: UnitYear) -> DrawnShares:
    """The shares in force for a unit and year, as the runs have them."""
    decision, terms = result.decision, result.terms
    if decision.basis == "nre" and decision.nre is not None:
        nre = [state.nre[one.year, one.force] for one in decision.nre.figures]
        if any(len(one) > 1 for one in nre):
            return on_nre(nre, terms.share_decimals)
    elif decision.basis == "demand" and decision.rebase is None:
        new = _new_shares(state, result)
        return new if terms.share_decimals is None else _to_decimals(new, terms.share_decimals)
    return exact_shares(decision.shares)


def _new_shares(state: _Runs, result: UnitYear) -> DrawnShares:
    """Demand blended with the fixed base, before decimals, as the runs have it."""
    decision = result.decision
    if decision.base_nre is not None and decision.demand is not None:
        nre = [state.nre[one.year, one.force] for one in decision.base_nre.figures]
        if any(len(one) > 1 for one in nre):
            part = result.terms.fixed_base / 100
            return on_nre(nre, None) if part == 1 else blended(part, nre, decision.demand)
    return exact_shares(decision.new or decision.shares)


def _to_decimals(shares: DrawnShares, decimals: int) -> DrawnShares:
    if shares.exact is not None:
        return exact_shares(to_decimals(shares.exact, decimals))
    whole = 100 * 10**decimals
    brought, unsure = shares.split(np.full(len(shares.weights), whole, np.int64))
    if bool(unsure.any()):
        raise TooLarge
    return DrawnShares(brought, _row([whole]))


def _relief(result: UnitYear, pooled: Whole) -> Whole:
    """The no-loser adjustment of every run, as `principles.no_loser` has it."""
    found: Any = result.no_loser
    baselines = _row(found.baselines)
    losses, gains = np.maximum(pooled - baselines, 0), np.maximum(baselines - pooled, 0)
    excess, headroom = losses.sum(axis=1, keepdims=True), gains.sum(axis=1, keepdims=True)
    relief = np.minimum(excess, headroom)[:, 0]
    full = shared(relief, gains, headroom) - shared(relief, losses, excess)
    part = found.applied / 100
    if part == 1:
        return full
    if largest(pooled, full) * part.denominator * 2 >= LIMIT:
        raise TooLarge
    targets = pooled * part.denominator + full * part.numerator
    return brought_to_whole(targets, part.denominator) - pooled
