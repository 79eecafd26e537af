"""Ranges: what each force pays over many drawn runs of the assumptions, to the penny.

Each assumption with a low or high is drawn from a triangular distribution with its value as the peak, independently of
the others: percentages to four decimals, amounts to the penny. Every run is then the same calculation as the central
one, for all runs at once in whole numbers: of 64 bits where those hold a step, else Python's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bch_apportion.model import Assumption, BudgetRow, ForceCode, Inputs, Unit, UnitCode
from bch_apportion.model import Shares as ExactShares
from bch_apportion.money import whole_weights
from bch_apportion.principles.agreed_shares import Settled, kept_shares, latest_set
from bch_apportion.principles.no_loser import SHARE_GAINS, NoLoser
from bch_apportion.principles.nre_default import NreInForce
from bch_apportion.problems import InputProblems, Lacking
from bch_apportion.questions.mtfs.projection import new_line, nre_gone, nre_steps, uplift_of
from bch_apportion.questions.mtfs.rows import Range
from bch_apportion.questions.mtfs.rule import Outlook, contributions
from bch_apportion.recipe.order import last_on_demand
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.recipe.shares import Decision, compare_with_settled, decide
from bch_apportion.years import FinancialYear

Whole: TypeAlias = NDArray[Any]
"""Whole numbers: one for each run, or one alone where all runs have the same; int64, else object."""
Shares: TypeAlias = Whole
"""Shares as whole weights, a row for each run (or one alone), a column for each member."""
Line: TypeAlias = tuple[BudgetRow, Whole]
"""A budget line, and its amount as the runs have it."""
ByYear: TypeAlias = dict[tuple[FinancialYear, ForceCode], Whole]

POINTS = 10_000  # a drawn percentage is whole in these parts of a percent
LIMIT = 2**55  # below this a number is held in 64 bits, so that some may be added


# The draws


def draws(assumptions: Sequence[Assumption], runs: int, seed: int) -> dict[int, Whole]:
    """Drawn values by the place of the assumption: parts of a percent (see POINTS), or pence; one for each run.

    The same seed gives the same values on every machine and release of numpy: only the raw bits of PCG64 are used.
    """
    drawn = {}
    ranged = [place for place, assumption in enumerate(assumptions) if assumption.ranged]
    for stream, place in enumerate(ranged):
        assumption = assumptions[place]
        scale = POINTS if assumption.is_percentage else 1
        least, most = assumption.bounds()
        low, peak, high = (float(value * scale) for value in (least, assumption.value, most))
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
    values: NDArray[np.float64] = np.where(uniform < turn, rising, falling)
    return values


# Exact arithmetic over all runs


def largest(values: Whole) -> int:
    return int(np.abs(values).max(initial=0))


def whole(values: Sequence[Any] | Whole) -> Whole:
    """Whole numbers, in 64 bits where those hold them."""
    if isinstance(values, np.ndarray) and values.dtype == np.int64:
        return values
    exact = np.array(values, object)
    return exact.astype(np.int64) if largest(exact) < LIMIT else exact


def times(values: Whole, others: Whole) -> Whole:
    """The product, exactly."""
    if largest(values) * largest(others) >= LIMIT:
        values = values.astype(object)
    product: Whole = values * others
    return product


def scaled(pence: Whole, factor: Fraction | int, by_run: Whole | None = None) -> Whole:
    """`pence × factor` (`× by_run`, where the factor is drawn), half up (away from zero), exactly."""
    numerator = whole([factor.numerator]) if by_run is None else times(by_run, whole([factor.numerator]))
    product, divisor = times(pence, numerator), whole([factor.denominator])
    return whole(np.sign(product) * ((2 * np.abs(product) + divisor) // (2 * divisor)))


def shared(total: Whole, weights: Shares) -> Whole:
    """`money.split` over all runs: totals (runs or 1), weights (runs or 1, members).

    In 64 bits the floor of each quota is estimated and then put right by its remainder, which is exact however large
    the product, as long as the sum of the weights is below 2**61.
    """
    size, divisor = np.abs(total)[:, None], weights.sum(axis=1, keepdims=True)
    if ((divisor <= 0) & (size != 0)).any():
        raise ValueError("a cost cannot be shared: every weight is zero")
    divisor = np.maximum(divisor, 1)
    if largest(divisor) < 2**61 and largest(total) < 2**50:
        size, weights, divisor = (values.astype(np.int64) for values in (size, weights, divisor))
        quota = np.floor(size * (weights / divisor)).astype(np.int64)
        rest = size * weights - quota * divisor  # wraps, and is right: it is small
        for _ in range(2):
            short, over = rest < 0, rest >= divisor
            quota += over.astype(np.int64) - short
            rest += divisor * short - divisor * over
    else:
        product = size.astype(object) * weights
        quota = product // divisor
        rest = product - quota * divisor
    return whole(np.sign(total)[:, None] * _with_first(quota, rest, size[:, 0] - quota.sum(axis=1)))


def _with_first(floors: Whole, remainders: Whole, left: Whole) -> Whole:
    """The floors, and one more for the `left` largest remainders of each run, ties to the earlier member."""
    order = np.argsort(-remainders, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(order.shape[1]), order.shape), axis=1)
    amounts: Whole = floors + (ranks < left[:, None])
    return amounts


def brought_to_whole(targets: Whole, divisor: Whole) -> Whole:
    """`money.to_whole` over all runs: amounts (runs, members) in parts of `divisor`, with a whole sum."""
    floors = targets // divisor
    left = targets.sum(axis=1) // divisor - floors.sum(axis=1)
    return whole(_with_first(floors, targets - floors * divisor, left))


# Shares, as far as they depend on the run


def blended(part: Fraction, nre: Shares, demand: ExactShares) -> Shares:
    """`part` of the cost on NRE of each run, the rest on demand."""
    weights = whole([whole_weights(demand)])
    on_base = times(nre, whole([part.numerator * int(weights.sum())]))
    on_demand = times(nre.sum(axis=1, keepdims=True), times(weights, whole([part.denominator - part.numerator])))
    return on_base + on_demand


def to_decimals(shares: Shares, decimals: int | None) -> Shares:
    """`rolling_demand.to_decimals` over all runs."""
    return shares if decimals is None else shared(whole([100 * 10**decimals]), shares)


def _exactly(shares: Shares) -> list[ExactShares]:
    """The shares of each run as fractions."""
    rows = ((weights, sum(weights)) for weights in shares.tolist())
    return [tuple(Fraction(weight, total) for weight in weights) for weights, total in rows]


class _Drawn(NamedTuple):
    """What the runs have of a scenario's assumptions, and of NRE."""

    inputs: Inputs  # as read
    values: dict[int, Whole]  # by the place of the assumption
    nre: ByYear

    def value(self, assumption: Assumption) -> Whole | None:
        """What is drawn for an assumption: itself, not one that is equal to it."""
        return self.values.get(next(n for n, other in enumerate(self.inputs.assumptions) if other is assumption))

    def amount(self, assumption: Assumption) -> Whole:
        drawn = self.value(assumption)
        return whole([int(assumption.value)]) if drawn is None else drawn

    def grown(self, pence: Whole, rate: Assumption | None) -> Whole:
        """Amounts a year on, as `projection.grown` has them."""
        if rate is None:
            return pence
        drawn = self.value(rate)
        if drawn is None:
            return scaled(pence, 1 + Fraction(rate.value) / 100)
        return scaled(pence, Fraction(1, 100 * POINTS), drawn + 100 * POINTS)

    def on_nre(self, nre: NreInForce) -> Shares:
        figures = np.broadcast_arrays(*(self.nre[member.year, member.force] for member in nre.figures))
        return np.stack(figures, axis=1)


def _draw_nre(drawn: _Drawn, years: Sequence[FinancialYear]) -> None:
    """NRE of every year as the runs have it; where it is the same in all, one figure."""
    inputs = drawn.inputs
    drawn.nre.update((entry, whole([figure.pence])) for entry, figure in inputs.nre.items())
    for force, year, before, growth in nre_steps(inputs, years):
        drawn.nre[year, force] = drawn.grown(drawn.nre[before, force], growth)
        if growth is not None and drawn.nre[year, force].min() <= 0:
            raise InputProblems([nre_gone(growth.cell, force, year)], inputs.source)


def _by_run(*columns: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """The entries of each run; a column of a single entry is of all runs."""
    runs = max(map(len, columns))
    return zip(*(list(column) * (runs // len(column)) for column in columns), strict=True)


def _settled(result: UnitYear, new: Shares, earlier: Sequence[Settled | None]) -> Iterator[Settled]:
    """What each run applies on demand: the new shares, or those last settled where they move within the tolerance."""
    terms, agreed = result.terms, latest_set(result.sources.agreed, result.year)
    exact = _exactly(new)
    applied = exact if terms.share_decimals is None else _exactly(to_decimals(new, terms.share_decimals))
    for last, shares, rounded in _by_run(earlier, exact, applied):
        rebase = compare_with_settled(terms, agreed, last, shares)
        if rebase is None or not rebase.kept:
            yield Settled(result.year, "demand", result.members, rounded)
        elif rebase.settled.basis == "demand":
            yield rebase.settled._replace(year=result.year)
        else:
            yield rebase.settled


@dataclass(slots=True)
class _Memory:
    """The shares last settled on demand: of each run, or alone while they are the same in all."""

    needed: bool  # whether any year of the unit may apply them
    settled: list[Settled | None]
    tested: list[Settled | None]  # those of the last year in which no test failed

    def shares(self, result: UnitYear, new: Shares) -> Shares:
        """The shares applied on demand; they are remembered for the years after."""
        if not self.needed:
            return to_decimals(new, result.terms.share_decimals)
        settled = list(_settled(result, new, self.settled))
        # a year in which an agreed set stayed settled is no year on demand
        on_demand = [None if now.basis == "agreed" else now for now in settled]
        self.settled = _later(self.settled, on_demand)
        if result.decision.robust:
            self.tested = _later(self.tested, on_demand)
        return whole([whole_weights(now.shares) for now in settled])

    def kept(self, result: UnitYear) -> list[Settled | None]:
        """The shares kept though the data is not robust, or None; they are remembered as those of the year."""
        terms = result.terms
        if terms.basis != "auto" or result.decision.robust or not self.needed:
            return [None]
        latest, years = latest_set(result.sources.agreed, result.year), terms.keep_demand_years
        kept = [kept_shares(tested, latest, terms.members, result.year, years) for tested in self.tested]
        now = [None if own is None else own._replace(year=result.year) for own in kept]
        self.settled = _later(self.settled, now)
        return kept


def _later(before: list[Settled | None], now: list[Settled | None]) -> list[Settled | None]:
    """What is now settled in each run, else what was before."""
    return [last if new is None else new for last, new in _by_run(before, now)]


def _shares(drawn: _Drawn, result: UnitYear, memory: _Memory) -> Shares:
    """The shares in force for a unit and year, as the runs have them."""
    kept = memory.kept(result)
    if not any(kept):
        return _shares_anew(drawn, result, result.decision, memory)
    if all(kept):
        return whole([whole_weights(own.shares) for own in kept if own is not None])
    terms = replace(result.terms, keep_demand_years=0)
    otherwise = decide(result.unit, result.sources._replace(terms=terms, tested=None))
    if isinstance(otherwise, Lacking):
        raise InputProblems(otherwise.problems, drawn.inputs.source)
    rest = list(_shares_anew(drawn, result, otherwise, memory))
    return whole([list(new if own is None else whole_weights(own.shares)) for own, new in _by_run(kept, rest)])


def _shares_anew(drawn: _Drawn, result: UnitYear, decision: Decision, memory: _Memory) -> Shares:
    """The shares that no earlier year on robust demand gives."""
    terms = result.terms
    if decision.nre is not None:
        return to_decimals(drawn.on_nre(decision.nre), terms.share_decimals)
    if decision.new is None or (decision.basis == "agreed" and decision.rebase is None):
        return whole([whole_weights(decision.shares)])
    if decision.base_nre is None or decision.demand is None:
        return memory.shares(result, whole([whole_weights(decision.new)]))
    return memory.shares(result, blended(terms.fixed_base / 100, drawn.on_nre(decision.base_nre), decision.demand))


# The runs


def run_through(outlook: Outlook, runs: int, seed: int, step: Callable[[], None] = lambda: None) -> ByYear:
    """What each force pays in each year shown, in every drawn run, over the units shown.

    Shapes: by year and force an array of one amount for each run, in pence. `step` is called after each unit.
    """
    inputs = outlook.projection.given
    drawn = _Drawn(inputs, draws(inputs.assumptions, runs, seed), {})
    _draw_nre(drawn, outlook.projection.years)
    sums: ByYear = {}
    for unit in dict.fromkeys(result.unit for result in outlook.ledger.results):
        for result, paid in _unit_runs(outlook, unit, drawn):
            for force, pence in paid.items():
                entry = result.year, force
                sums[entry] = sums.get(entry, np.zeros(runs, np.int64)) + pence
        step()
    return sums


def ranges(outlook: Outlook, runs: int, seed: int, step: Callable[[], None] = lambda: None) -> list[Range]:
    """The 10th, 50th and 90th percentile of each force's contribution in each year: a drawn value, by nearest rank."""
    if not any(assumption.ranged for assumption in outlook.projection.given.assumptions):
        return []
    drawn, central = run_through(outlook, runs, seed, step), contributions(outlook.ledger)
    order = outlook.projection.inputs.force_codes()
    rows = []
    for year, force in sorted(central, key=lambda entry: (entry[0], order.index(entry[1]))):
        values = np.sort(drawn[year, force])
        p10, p50, p90 = (int(values[-(-rank * runs // 100) - 1]) for rank in (10, 50, 90))
        paid = central[year, force]
        rows.append(Range(scenario=outlook.name, year=year, force=force, central=paid, p10=p10, p50=p50, p90=p90))
    return rows


def _unit_runs(outlook: Outlook, unit: Unit, drawn: _Drawn) -> Iterator[tuple[UnitYear, dict[ForceCode, Whole]]]:
    """What each force pays for a unit in the years shown."""
    base = outlook.projection.base
    shown = {result.year for result in outlook.ledger.results if result.unit == unit}
    results = {result.year: result for result in outlook.whole.results if result.unit == unit}
    needed = any(
        result.terms.rebase_tolerance is not None or (result.terms.basis == "auto" and not result.decision.robust)
        for result in results.values()
    )
    memory = _Memory(needed, [last_on_demand(results, base)], [last_on_demand(results, base, tested=True)])
    lines = [(row, whole([row.pence])) for row in drawn.inputs.budgets if (row.unit, row.year) == (unit.code, base)]
    for year in outlook.projection.years:
        if year != base:
            lines = list(_next_year(drawn, unit.code, lines, year))
        if year in results:
            paid = _year_runs(drawn, results[year], lines, memory)
            if year in shown:
                yield results[year], paid


def _next_year(drawn: _Drawn, unit: UnitCode, lines: Sequence[Line], year: FinancialYear) -> Iterator[Line]:
    """The lines of the next year, as `projection.planned_year` has them."""
    assumptions = drawn.inputs.assumptions
    for row, pence in lines:
        if row.type == "revenue":
            yield row, drawn.grown(pence, uplift_of(assumptions, row, year))
    for assumption in assumptions:
        if not assumption.is_percentage and (assumption.unit, assumption.from_year) == (unit, year):
            sign = -1 if assumption.kind == "saving" else 1
            yield new_line(assumption, sign), sign * drawn.amount(assumption)


def _year_runs(drawn: _Drawn, result: UnitYear, lines: Sequence[Line], memory: _Memory) -> dict[ForceCode, Whole]:
    """What each member pays for a unit and year, component by component as the recipe has it."""
    nothing = np.zeros(1, np.int64)
    paid: dict[ForceCode, Whole] = dict.fromkeys(result.members, nothing)
    held: dict[ForceCode, Whole] = {}
    implementation, pooled = nothing, nothing
    for row, pence in lines:
        if row.type == "implementation":
            implementation = implementation + pence
        elif row.direct_to:
            paid[row.direct_to] = paid[row.direct_to] + pence
        else:
            pooled = pooled + pence
            if row.held_by:
                held[row.held_by] = held.get(row.held_by, nothing) + pence
    for force, pence in held.items():
        staying = scaled(pence, 1 - result.parts.fraction)
        paid[force] = paid[force] + staying
        pooled = pooled - staying
    parts = [shared(pooled, _shares(drawn, result, memory))]
    if result.no_loser is not None:
        parts.append(_relief(result.no_loser, parts[0], result.terms.if_not_achievable == SHARE_GAINS))
    if result.implementation_nre is not None:
        parts.append(shared(implementation, drawn.on_nre(result.implementation_nre)))
    for place, force in enumerate(result.members):
        for amounts in parts:
            paid[force] = paid[force] + amounts[:, place]
    return paid


def _relief(tested: NoLoser, pooled: Whole, share_gains: bool) -> Whole:
    """The no-loser adjustment of every run, as `principles.no_loser` has it."""
    baselines = whole([tested.baselines])
    losses, gains = np.maximum(pooled - baselines, 0), np.maximum(baselines - pooled, 0)
    excess, headroom = losses.sum(axis=1), gains.sum(axis=1)
    relief = np.minimum(excess, headroom)
    if not share_gains:
        relief = np.where(excess > headroom, 0, relief)
    full = shared(relief, gains) - shared(relief, losses)
    part = tested.applied / 100
    divisor = whole([part.denominator])
    targets = times(pooled, divisor) + times(full, whole([part.numerator]))
    return brought_to_whole(targets, divisor) - pooled
