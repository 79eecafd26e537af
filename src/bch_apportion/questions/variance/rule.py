"""What changed, and which cause moved it: bridges from a plan to what came, each step a whole re-apportionment.

Against a business case the steps are prices, cost, direct, nre, basis, no_loser; between two ledgers no_loser is taken
out on the old side and put back on the new, and cost, direct, nre, demand and terms are changed one after the other.
Every step ends in whole pence, so the effects sum exactly to the variance, force by force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.model import BusinessCase, Explanation, ForceCode, Inputs, Settings
from bch_apportion.money import Exact, Pence, half_up, split
from bch_apportion.principles.nre_default import nre_in_force
from bch_apportion.problems import Lacking, complete
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.recipe.prices import look_up_prices
from bch_apportion.recipe.shares import Decision, decide, look_up_nre, nre_year, pence_of
from bch_apportion.years import FinancialYear, month_of, year_of

BUSINESS_CASE_CAUSES = ("prices", "cost", "direct", "nre", "basis", "no_loser")
LEDGER_CAUSES = ("cost", "direct", "nre", "demand", "terms", "no_loser")
Status = Literal["RED", "AMBER", "GREEN"]
Amounts = dict[ForceCode, Pence]


@dataclass(frozen=True, slots=True)
class Bridge:
    """A unit and year on both sides, and what each cause moved, force by force. `effects` sum to actual − plan."""

    version: str | None  # of the business case; None between ledgers
    unit: str
    year: FinancialYear
    plan: Mapping[ForceCode, Pence]
    actual: Mapping[ForceCode, Pence]
    effects: Mapping[str, Mapping[ForceCode, Pence]]

    def forces(self) -> list[ForceCode]:
        return list(self.plan)


class UnitAndYear(NamedTuple):
    """A unit and year that is on one side only."""

    unit: str
    year: FinancialYear


@dataclass(frozen=True, slots=True)
class Variances:
    """The bridges of a comparison, what has no counterpart, and the explanations given."""

    against: str
    causes: tuple[str, ...]
    bridges: tuple[Bridge, ...]
    without_plan: tuple[UnitAndYear, ...]
    without_actual: tuple[UnitAndYear, ...]
    inputs: Inputs
    side: Literal["budgets", "actuals"] = "budgets"  # which sheet the actual comes from
    version: str | None = None  # of the business case that was asked for
    real: bool = False
    other: Inputs | None = None  # the workbook compared with, where there is one

    def explanations(self, bridge: Bridge) -> list[Explanation]:
        return [one for one in self.inputs.explanations if (one.unit, one.year) == (bridge.unit, bridge.year)]

    def rows(self) -> list[VarianceRow]:
        """A row for each force and one (`force` None) for the unit, for every bridge."""
        found = []
        for bridge in self.bridges:
            explained = bool(self.explanations(bridge))
            settings = self.inputs.settings
            found += [_row(bridge, force, explained, settings) for force in (*bridge.forces(), None)]
        return found


class VarianceRow(NamedTuple):
    """A variance of a force, or of the unit (`force` None), with its status and effects."""

    version: str | None
    unit: str
    year: FinancialYear
    force: ForceCode | None
    plan: Pence
    actual: Pence
    percent: Fraction | None  # of |plan|; None where the plan is zero
    status: Status
    significant: bool
    explained: bool
    effects: dict[str, Pence]

    @property
    def variance(self) -> Pence:
        return self.actual - self.plan


def _row(bridge: Bridge, force: ForceCode | None, explained: bool, settings: Settings) -> VarianceRow:
    def of(amounts: Mapping[ForceCode, Pence]) -> Pence:
        return sum(amounts.values()) if force is None else amounts[force]

    plan, actual = of(bridge.plan), of(bridge.actual)
    significant, status = judge(plan, actual - plan, settings)
    percent = Fraction(actual - plan, abs(plan)) * 100 if plan else None
    effects = {cause: of(moved) for cause, moved in bridge.effects.items()}
    return VarianceRow(
        version=bridge.version,
        unit=bridge.unit,
        year=bridge.year,
        force=force,
        plan=plan,
        actual=actual,
        percent=percent,
        status=status,
        significant=significant,
        explained=explained,
        effects=effects,
    )


def judge(plan: Pence, variance: Pence, settings: Settings) -> tuple[bool, Status]:
    """Whether a variance is significant, and its status in words.

    Significant: at least the materiality amount and at least the materiality % of |plan| (a plan of zero meets the
    second), or at least the amount that always is. RED: significant and adverse. AMBER: adverse and at least half of
    both. GREEN: otherwise.

    >>> judge(1_000_000_00, 50_000_00, Settings()), judge(1_000_001_00, 50_000_00, Settings())
    ((True, 'RED'), (False, 'AMBER'))
    >>> judge(0, -50_000_00, Settings()), judge(100_000_000_00, 250_000_00, Settings())
    ((True, 'GREEN'), (True, 'RED'))
    """
    amount, share = settings.materiality_amount, settings.materiality_percent / 100

    def reaches(part: Fraction) -> bool:
        return abs(variance) >= amount * part and (not plan or abs(variance) >= abs(plan) * share * part)

    significant = reaches(Fraction(1)) or abs(variance) >= settings.always_significant
    if variance > 0 and significant:
        return True, "RED"
    if variance > 0 and reaches(Fraction(1, 2)):
        return significant, "AMBER"
    return significant, "GREEN"


# Against the business case


def against_business_case(
    actual: Ledger,
    version: str = "original",
    units: Sequence[str] = (),
    years: Sequence[FinancialYear] = (),
) -> Variances:
    """Bridges from the business case to a ledger (of budgets or of the outturn).

    `version` is original (a unit and year's first on the sheet), latest, or a version's name; `units` and `years`
    narrow what is compared (all, where none are named). Raises InputProblems where an NRE or a deflator is missing
    that a bridge needs.
    """
    actual = actual.only(units, years)
    inputs = actual.inputs
    plans = {
        (unit, year): case
        for (unit, year), case in business_cases(inputs, version).items()
        if (not units or unit in units) and (not years or year in years)
    }
    results = {(result.unit.code, result.year): result for result in actual.results}
    both = [(plans[entry], result) for entry, result in results.items() if entry in plans]
    order = [unit.code for unit in inputs.units]
    missing = sorted((e for e in plans if e not in results), key=lambda e: (order.index(e[0]), e[1]))
    return Variances(
        against="business-case",
        causes=BUSINESS_CASE_CAUSES,
        bridges=tuple(complete((_business_case_bridge(inputs, case, r) for case, r in both), inputs.source)),
        without_plan=_pairs(entry for entry in results if entry not in plans),
        without_actual=_pairs(missing),
        inputs=inputs,
    )


def _pairs(entries: Iterable[tuple[str, FinancialYear]]) -> tuple[UnitAndYear, ...]:
    return tuple(UnitAndYear(unit, year) for unit, year in entries)


def business_cases(inputs: Inputs, version: str) -> dict[tuple[str, FinancialYear], BusinessCase]:
    """The version of each unit and year's business case that counts."""
    found: dict[tuple[str, FinancialYear], BusinessCase] = {}
    for case in inputs.business_cases:
        entry = (case.unit, case.year)
        if version == "latest":
            found[entry] = case
        elif version in ("original", case.version):
            found.setdefault(entry, case)
    return found


def _business_case_bridge(inputs: Inputs, case: BusinessCase, result: UnitYear) -> Bridge | Lacking:
    weights = _plan_weights(inputs, case, result)
    prices = _in_prices_of(inputs, case, result.year)
    shares = weights if case.by_force else _nre_of_year(inputs, result)
    if isinstance(weights, Lacking) or isinstance(prices, Lacking) or isinstance(shares, Lacking):
        return Lacking.of(weights, prices, shares)
    members, total, own = result.members, sum(result.totals().values()), own_lines(result)
    pooled = total - sum(own.values())

    def shared(pence: Pence, on: Sequence[Exact]) -> Amounts:
        return _by_force(members, split(pence, on))

    given = [case.amounts.get(force, 0) for force in members]
    plan = _by_force(members, given) if case.by_force else shared(case.total(), weights)
    steps = [
        plan,
        plan if case.price_year is None else shared(prices, weights),
        shared(total, weights),
        _plus(shared(pooled, weights), own),
        _plus(shared(pooled, shares), own),
        _plus(shared(pooled, result.decision.shares), own),
        result.totals(),
    ]
    effects = {
        cause: {force: after[force] - before[force] for force in members}
        for cause, before, after in zip(BUSINESS_CASE_CAUSES, steps, steps[1:], strict=False)
    }
    return Bridge(
        version=case.version,
        unit=result.unit.code,
        year=result.year,
        plan=plan,
        actual=steps[-1],
        effects=effects,
    )


def _plan_weights(inputs: Inputs, case: BusinessCase, result: UnitYear) -> Sequence[Exact] | Lacking:
    """What the plan is shared on: its own amounts; else NRE of the year it was approved in, or NRE of the year."""
    members = result.members
    if case.by_force:
        amounts = [case.amounts.get(force, 0) for force in members]
        return amounts if min(amounts) >= 0 and sum(amounts) > 0 else _nre_of_year(inputs, result)
    if case.approved is not None:
        nre = nre_in_force(inputs.nre, members, year_of(month_of(case.approved)), carry_forward=False)
        if not nre.missing:
            return pence_of(nre)
    return _nre_of_year(inputs, result)


def _nre_of_year(inputs: Inputs, result: UnitYear) -> Sequence[Exact] | Lacking:
    """The NRE that principle 1 uses for the year, lag included."""
    needed_by = f"{result.unit.code} for the bridge from its business case"
    nre = look_up_nre(inputs, result.members, nre_year(result.terms, result.year), needed_by)
    return nre if isinstance(nre, Lacking) else pence_of(nre)


def _in_prices_of(inputs: Inputs, case: BusinessCase, year: FinancialYear) -> Pence | Lacking:
    """The plan's total in the prices of the year."""
    if case.price_year is None:
        return case.total()
    prices = look_up_prices(inputs, case.price_year, year, f"for the business case of {case.unit}")
    return prices if isinstance(prices, Lacking) else half_up(case.total() * prices.ratio)


def own_lines(result: UnitYear) -> Amounts:
    """What each force bears of its own: held, direct and implementation lines."""
    own = dict.fromkeys(result.members, 0)
    for line in result.lines:
        if line.component in ("held", "direct", "implementation"):
            own[line.force] += line.pence
    return own


def _by_force(members: Sequence[ForceCode], amounts: Sequence[Pence]) -> Amounts:
    return dict(zip(members, amounts, strict=True))


def _plus(one: Amounts, other: Amounts) -> Amounts:
    return {force: pence + other.get(force, 0) for force, pence in one.items()}


# Between two ledgers


def between(
    old: Ledger, new: Ledger, against: str, from_year: FinancialYear | None = None, real: bool = False
) -> Variances:
    """Bridges from an old ledger to a new one: budget and outturn, two years of one workbook, two workbooks.

    With `from_year` every year of the new ledger is compared with that year of the old one. `real` restates each old
    line in the prices of the new year first (the effect "prices"). Raises InputProblems where an index is missing.
    """
    before = {(result.unit.code, result.year): result for result in old.results}
    results = {(r.unit.code, r.year): r for r in new.results if r.year != from_year}
    wanted = {(unit, year): (unit, from_year or year) for unit, year in results}
    both = [(before[wanted[entry]], result) for entry, result in results.items() if wanted[entry] in before]
    bridge: Callable[[UnitYear, UnitYear], Bridge | Lacking] = _in_real_terms if real else ledger_bridge
    years = sorted({result.year for result in results.values()})
    if from_year is None:
        lost = [entry for entry in before if entry not in results]
    else:
        lost = [(unit, year) for unit, y in before if y == from_year for year in years if (unit, year) not in results]
    return Variances(
        against=against,
        causes=(("prices",) if real else ()) + LEDGER_CAUSES,
        bridges=tuple(complete((bridge(start, end) for start, end in both), new.inputs.source)),
        without_plan=_pairs(entry for entry in results if wanted[entry] not in before),
        without_actual=_pairs(lost),
        inputs=new.inputs,
    )


def _in_real_terms(old: UnitYear, new: UnitYear) -> Bridge | Lacking:
    """The bridge with the old side in the prices of the new year."""
    if old.year == new.year:
        return ledger_bridge(old, new, Fraction(1))
    needed = f"for {old.unit.code} of {old.year} in prices of {new.year}"
    prices = look_up_prices(new.sources.demand, old.year, new.year, needed)
    return prices if isinstance(prices, Lacking) else ledger_bridge(old, new, prices.ratio)


def ledger_bridge(old: UnitYear, new: UnitYear, ratio: Fraction | None = None) -> Bridge:
    """The bridge between two results of a unit; with a `ratio` of prices the old one is restated first."""
    forces = [f for f in new.sources.demand.force_codes() if f in old.members or f in new.members]
    forces += [f for f in old.members if f not in forces]
    start, restated = Parts.of(old, forces, Fraction(1)), Parts.of(old, forces, ratio or Fraction(1))
    end = Parts.of(new, forces, Fraction(1))
    total = sum(end.pooled.values())

    def pooled(decision: Decision) -> Amounts:
        return dict.fromkeys(forces, 0) | _by_force(old.members, split(total, decision.shares))

    with_nre = _decided_anew(old, new, old.decision, demand=False)
    with_demand = _decided_anew(old, new, with_nre, demand=True)
    cost, nre, demand = pooled(old.decision), pooled(with_nre), pooled(with_demand)
    pairs = {
        "cost": (restated.pooled, cost),
        "direct": (restated.own, end.own),
        "nre": (cost, nre),
        "demand": (nre, demand),
        "terms": (demand, end.pooled),
        "no_loser": (restated.no_loser, end.no_loser),
    }
    effects = {cause: {f: after[f] - before[f] for f in forces} for cause, (before, after) in pairs.items()}
    plan = start.total()
    if ratio is not None:
        effects = {"prices": {f: restated.total()[f] - plan[f] for f in forces}, **effects}
    return Bridge(version=None, unit=new.unit.code, year=new.year, plan=plan, actual=end.total(), effects=effects)


def _decided_anew(old: UnitYear, new: UnitYear, otherwise: Decision, demand: bool) -> Decision:
    """On what the old terms share with the new NRE, and with the new `demand` too; where that cannot be worked out
    (an NRE that one side does not have) it is as it was."""
    sources = old.sources._replace(nre=new.sources.nre, nre_year=new.sources.nre_year)
    if demand:
        sources = sources._replace(demand=new.sources.demand, demand_year=new.sources.demand_year)
    decision = decide(new.unit if demand else old.unit, sources)
    return otherwise if isinstance(decision, Lacking) else decision


class Parts(NamedTuple):
    """A unit and year's lines by force: pooled, own (held, direct, implementation), no loser."""

    pooled: Amounts
    own: Amounts
    no_loser: Amounts

    @classmethod
    def of(cls, result: UnitYear, forces: Sequence[ForceCode], ratio: Fraction) -> Parts:
        """Its lines, each restated by `ratio` half up."""
        nothing = dict.fromkeys(forces, 0)
        parts = cls(pooled=dict(nothing), own=dict(nothing), no_loser=dict(nothing))
        for line in result.lines:
            place = {"pooled": parts.pooled, "no_loser": parts.no_loser}.get(line.component, parts.own)
            place[line.force] += line.pence if ratio == 1 else half_up(line.pence * ratio)
        return parts

    def total(self) -> Amounts:
        return {force: sum(part[force] for part in self) for force in self.pooled}
