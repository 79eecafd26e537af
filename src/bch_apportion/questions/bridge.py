"""Bridges: what moved a unit's cost of a year from an old side to a new one, by cause, force by force.

Each step is a whole re-apportionment in whole pence, so the effects sum exactly to the variance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, NamedTuple, get_args

from bch_apportion.kinds import Year, record
from bch_apportion.ledger import Ledger
from bch_apportion.model import BusinessCase, ForceCode, Inputs, Shares, UnitCode
from bch_apportion.money import Exact, Pence, half_up, split
from bch_apportion.problems import Lacking, complete
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.recipe.prices import look_up_prices
from bch_apportion.recipe.shares import decide, held_shares
from bch_apportion.years import FinancialYear

LedgerCause = Literal["cost", "direct", "nre", "demand", "basis", "terms", "no_loser", "started", "ended"]
LEDGER_CAUSES: tuple[LedgerCause, ...] = get_args(LedgerCause)
Cause = Literal["prices", LedgerCause]
SHARE_CAUSES: tuple[LedgerCause, ...] = ("nre", "demand", "basis", "terms")
Amounts = dict[ForceCode, Pence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A unit and year on both sides, and what each cause moved, force by force. `effects` sum to actual − plan.

    Between ledgers a side that does not have the unit and year (`is_alone`) has amounts of 0; `unit` None is all units.
    """

    version: str | None = None  # of the business case; None between ledgers
    is_alone: bool = False
    unit: UnitCode | None
    year: FinancialYear
    plan: Mapping[ForceCode, Pence]
    actual: Mapping[ForceCode, Pence]
    effects: Mapping[Cause, Mapping[ForceCode, Pence]]

    def forces(self) -> list[ForceCode]:
        return list(self.plan)


@record
class UnitAndYear:
    """A unit and year that is on one side only."""

    unit: UnitCode
    year: Year


def within(row: Any, units: Sequence[UnitCode], years: Sequence[FinancialYear]) -> bool:
    """Whether a row is of some units and years (of all, where none are named)."""
    return (not units or row.unit in units) and (not years or row.year in years)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridges:
    """The bridges of a comparison, its causes in order, and what has no counterpart.

    Between ledgers this has bridges of its own, unless a side has nothing in that year; `forces` are those of both.
    """

    causes: tuple[Cause, ...]
    forces: tuple[ForceCode, ...] = ()
    bridges: Sequence[Bridge]
    without_plan: Sequence[UnitAndYear]
    without_actual: Sequence[UnitAndYear]

    def only(self, units: Sequence[UnitCode], years: Sequence[FinancialYear]) -> Bridges:
        """Those of some units and years (all, where none are named)."""
        return replace(
            self,
            bridges=[row for row in self.bridges if within(row, units, years)],
            without_plan=[row for row in self.without_plan if within(row, units, years)],
            without_actual=[row for row in self.without_actual if within(row, units, years)],
        )

    def not_ended(self, part_years: Sequence[UnitAndYear]) -> Bridges:
        """The same without those that seem to have ended or started because a side has a part-year: they are listed."""
        part = {(row.unit, row.year) for row in part_years}
        left = [row for row in self.bridges if not (row.is_alone and (row.unit, row.year) in part)]
        return replace(self, bridges=left)

    def totals(self) -> list[Bridge]:
        """Between ledgers, a bridge for each year over all its units."""
        years = sorted({bridge.year for bridge in self.bridges}) if self.forces else []
        return [self._total(year, [bridge for bridge in self.bridges if bridge.year == year]) for year in years]

    def _total(self, year: FinancialYear, bridges: Sequence[Bridge]) -> Bridge:
        forces = [force for force in self.forces if any(force in bridge.plan for bridge in bridges)]

        def summed(amounts: Sequence[Mapping[ForceCode, Pence]]) -> Amounts:
            return {force: sum(by_force.get(force, 0) for by_force in amounts) for force in forces}

        return Bridge(
            unit=None,
            year=year,
            plan=summed([bridge.plan for bridge in bridges]),
            actual=summed([bridge.actual for bridge in bridges]),
            effects={cause: summed([bridge.effects[cause] for bridge in bridges]) for cause in self.causes},
        )


def between(
    old: Ledger,
    new: Ledger,
    from_year: FinancialYear | None = None,
    years: Sequence[FinancialYear] = (),
    real: bool = False,
) -> Bridges:
    """Bridges from an old ledger to a new one: budget and outturn, two years of one workbook, two workbooks.

    With `from_year` the `years` of the new ledger are compared with that year of the old one. `real` restates each old
    line in the prices of the new year first (the effect "prices"). Raises InputProblems where an index is missing.
    """
    start_of = {(result.unit.code, result.year): result for result in old.results}
    if from_year is not None:
        start_of = {(unit, year): r for (unit, known), r in start_of.items() if known == from_year for year in years}
    end_of = {(r.unit.code, r.year): r for r in new.results if from_year is None or r.year in years}
    units = list(dict.fromkeys(unit.code for unit in (*new.inputs.units, *old.inputs.units)))
    entries = sorted({*start_of, *end_of}, key=lambda entry: (units.index(entry[0]), entry[1]))
    causes: tuple[Cause, ...] = ("prices", *LEDGER_CAUSES) if real else LEDGER_CAUSES
    bridges = (_bridge(start_of.get(entry), end_of.get(entry), entry[1], causes, new.inputs) for entry in entries)
    return Bridges(
        causes=causes,
        forces=tuple(dict.fromkeys((*new.inputs.force_codes(), *old.inputs.force_codes()))),
        bridges=complete(bridges, new.inputs.source),
        without_plan=[UnitAndYear(unit=unit, year=year) for unit, year in entries if (unit, year) not in start_of],
        without_actual=[UnitAndYear(unit=unit, year=year) for unit, year in entries if (unit, year) not in end_of],
    )


def _bridge(
    old: UnitYear | None, new: UnitYear | None, year: FinancialYear, causes: Sequence[Cause], index: Inputs
) -> Bridge | Lacking:
    """The bridge of a unit and year that one side at least has; with prices among the `causes` in real terms."""
    ratio = None
    if "prices" in causes:
        ratio = Fraction(1)
        if old is not None and old.year != year:
            needed = f"for {old.unit.code} of {old.year} in prices of {year}"
            prices = look_up_prices(index, old.year, year, needed)
            if isinstance(prices, Lacking):
                return prices
            ratio = prices.ratio
    if old is None or new is None:
        return _alone(old, new, year, ratio)
    return ledger_bridge(old, new, ratio)


def _alone(old: UnitYear | None, new: UnitYear | None, year: FinancialYear, ratio: Fraction | None) -> Bridge:
    """The bridge of a unit and year that one side alone has: its whole amount started, or (restated first) ended."""
    result = old or new
    assert result is not None
    nothing = dict.fromkeys(result.members, 0)
    plan, actual = (nothing if side is None else side.totals() for side in (old, new))
    restated = nothing if old is None else Parts.of(old, old.members, ratio or 1).total()
    effects: dict[Cause, Amounts] = {} if ratio is None else {"prices": _less(restated, plan)}
    effects.update((cause, nothing) for cause in LEDGER_CAUSES)
    effects |= {"started": actual, "ended": _less(nothing, restated)}
    return Bridge(is_alone=True, unit=result.unit.code, year=year, plan=plan, actual=actual, effects=effects)


def _less(amounts: Amounts, others: Amounts) -> Amounts:
    return {force: pence - others[force] for force, pence in amounts.items()}


def ledger_bridge(old: UnitYear, new: UnitYear, ratio: Fraction | None = None) -> Bridge:
    """The bridge between two results of a unit; with a `ratio` of prices the old result is restated first.

    No loser is taken out on the old side and put back on the new; the other causes are changed one after the other.
    """
    forces = [force for force in new.sources.demand.force_codes() if force in old.members or force in new.members]
    forces += [force for force in old.members if force not in forces]
    start, restated, end = Parts.of(old, forces), Parts.of(old, forces, ratio or 1), Parts.of(new, forces)
    total = sum(end.pooled.values())

    def pooled(shares: Shares) -> Amounts:
        shared = zip(old.members, split(total, shares), strict=True)
        return dict.fromkeys(forces, 0) | dict(shared)

    cost, nre, demand, basis = map(pooled, (old.decision.shares, *_moving_shares(old, new)))
    steps: dict[Cause, tuple[Amounts, Amounts]] = {
        "cost": (restated.pooled, cost),
        "direct": (restated.own, end.own),
        "nre": (cost, nre),
        "demand": (nre, demand),
        "basis": (demand, basis),
        "terms": (basis, end.pooled),
        "no_loser": (restated.no_loser, end.no_loser),
        "started": (restated.own, restated.own),
        "ended": (restated.own, restated.own),
    }
    if ratio is not None:
        steps = {"prices": (start.total(), restated.total()), **steps}
    return Bridge(
        unit=new.unit.code,
        year=new.year,
        plan=start.total(),
        actual=end.total(),
        effects={cause: _less(after, before) for cause, (before, after) in steps.items()},
    )


def _moving_shares(old: UnitYear, new: UnitYear) -> tuple[Shares, Shares, Shares]:
    """The shares under the old terms and agreed sets: on the new NRE, on the new demand too, on a basis chosen anew.

    The first two are held to the basis of the old side; the third has what the new side's earlier years have settled.
    What cannot be worked out (a side has no such NRE) is as it was.
    """
    given, sources = old.decision, new.sources
    with_nre = old.sources._replace(nre=sources.nre, nre_year=sources.nre_year)
    with_demand = with_nre._replace(demand=sources.demand, demand_year=sources.demand_year)
    nre = held_shares(old.unit, with_nre, given) or given.shares
    demand = held_shares(new.unit, with_demand, given) or nre
    chosen = decide(new.unit, with_demand._replace(earlier=sources.earlier, tested=sources.tested))
    return nre, demand, demand if isinstance(chosen, Lacking) else chosen.shares


class Parts(NamedTuple):
    """A unit and year's lines by force: pooled, own (held, direct, implementation), no loser."""

    pooled: Amounts
    own: Amounts
    no_loser: Amounts

    @classmethod
    def of(cls, result: UnitYear, forces: Sequence[ForceCode], ratio: Exact = 1) -> Parts:
        """Its lines, each restated by `ratio` half up."""
        nothing = dict.fromkeys(forces, 0)
        parts = cls(pooled=dict(nothing), own=dict(nothing), no_loser=dict(nothing))
        for line in result.lines:
            place = {"pooled": parts.pooled, "no_loser": parts.no_loser}.get(line.component, parts.own)
            place[line.force] += line.pence if ratio == 1 else half_up(line.pence * Fraction(ratio))
        return parts

    def total(self) -> Amounts:
        return {force: sum(part[force] for part in self) for force in self.pooled}


def business_cases(inputs: Inputs, version: str) -> dict[tuple[UnitCode, FinancialYear], BusinessCase]:
    """The version of each unit and year's business case that counts."""
    cases: dict[tuple[UnitCode, FinancialYear], BusinessCase] = {}
    for case in inputs.business_cases:
        entry = (case.unit, case.year)
        if version == "latest":
            cases[entry] = case
        elif version in ("original", case.version):
            cases.setdefault(entry, case)
    return cases
