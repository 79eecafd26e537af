"""What changed, and which cause moved it: bridges from a plan to what came, each step a whole re-apportionment.

Against a business case the steps are prices, cost, direct, nre, basis, no_loser; between two ledgers no_loser is taken
out on the old side and put back on the new, and cost, direct, nre, demand and terms are changed one after the other.
Every step ends in whole pence, so the effects sum exactly to the variance, force by force.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.model import BusinessCase, Explanation, ForceCode, Inputs, Settings
from bch_apportion.money import Exact, Pence, half_up, split
from bch_apportion.places import Place
from bch_apportion.principles.nre_default import nre_in_force
from bch_apportion.problems import InputProblems, Problem
from bch_apportion.recipe.order import Run, UnitYear, decide, look_up_nre, nre_year
from bch_apportion.terms import Terms, TermsBook
from bch_apportion.years import FinancialYear

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
        bridge.version,
        bridge.unit,
        bridge.year,
        force,
        plan,
        actual,
        percent,
        status,
        significant,
        explained,
        effects,
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
    state = Run(inputs, TermsBook(inputs))
    plans = {
        (unit, year): case
        for (unit, year), case in business_cases(inputs, version).items()
        if (not units or unit in units) and (not years or year in years)
    }
    results = {(result.unit.code, result.year): result for result in actual.results}
    bridges = []
    for entry, result in results.items():
        if entry in plans:
            bridge = _business_case_bridge(state, plans[entry], result)
            if bridge is not None:
                bridges.append(bridge)
    if state.problems:
        raise InputProblems(state.all_problems(), inputs.source)
    order = [unit.code for unit in inputs.units]
    missing = sorted((e for e in plans if e not in results), key=lambda e: (order.index(e[0]), e[1]))
    return Variances(
        "business-case",
        BUSINESS_CASE_CAUSES,
        tuple(bridges),
        tuple(UnitAndYear(*entry) for entry in results if entry not in plans),
        tuple(UnitAndYear(*entry) for entry in missing),
        inputs,
    )


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


def _business_case_bridge(state: Run, case: BusinessCase, result: UnitYear) -> Bridge | None:
    members, total = result.members, sum(result.totals().values())
    own = own_lines(result)
    pooled = total - sum(own.values())
    weights = _plan_weights(state, case, result)
    prices = _in_prices_of(state, case, result.year)
    if weights is None or prices is None:
        return None
    planned = case.total()
    given = [case.amounts.get(force, 0) for force in members] if case.by_force else split(planned, weights)
    step = _by_force(members, given)
    steps = [step, _by_force(members, split(prices, weights)) if case.price_year is not None else step]
    steps.append(_by_force(members, split(total, weights)))
    steps.append(_plus(_by_force(members, split(pooled, weights)), own))
    if case.by_force:
        steps.append(steps[-1])
    else:
        nre = _nre_of_year(state, result)
        if nre is None:
            return None
        steps.append(_plus(_by_force(members, split(pooled, nre)), own))
    steps.append(_plus(_by_force(members, split(pooled, result.decision.shares)), own))
    steps.append(result.totals())
    effects = {
        cause: {force: after[force] - before[force] for force in members}
        for cause, before, after in zip(BUSINESS_CASE_CAUSES, steps, steps[1:], strict=False)
    }
    return Bridge(case.version, result.unit.code, result.year, steps[0], steps[-1], effects)


def _plan_weights(state: Run, case: BusinessCase, result: UnitYear) -> Sequence[Exact] | None:
    """What the plan is shared on: its own amounts; else NRE of the year it was approved in, or NRE of the year."""
    inputs, members = state.inputs, result.members
    if case.by_force:
        amounts = [case.amounts.get(force, 0) for force in members]
        return amounts if min(amounts) >= 0 and sum(amounts) > 0 else _nre_of_year(state, result)
    if case.approved is not None:
        day = case.approved
        approved = FinancialYear(day.year if (day.month, day.day) >= (4, 1) else day.year - 1)
        found = nre_in_force(inputs.nre, members, approved, carry_forward=False)
        if not found.missing:
            return [one.figure.pence for one in found.figures]
    return _nre_of_year(state, result)


def _nre_of_year(state: Run, result: UnitYear) -> Sequence[Exact] | None:
    """The NRE that principle 1 uses for the year, lag included."""
    terms: Terms = result.terms
    purpose = " for the bridge from its business case"
    found = look_up_nre(state, result.unit, state.inputs, nre_year(terms, result.year), terms, purpose)
    return None if found is None else [one.figure.pence for one in found.figures]


def _in_prices_of(state: Run, case: BusinessCase, year: FinancialYear) -> Pence | None:
    """The plan's total in the prices of the year."""
    if case.price_year is None:
        return case.total()
    ratio = price_ratio(state, case.price_year, year, f"the business case of {case.unit}")
    return None if ratio is None else half_up(case.total() * ratio)


def price_ratio(state: Run, then: FinancialYear, now: FinancialYear, purpose: str) -> Fraction | None:
    """What prices of one year come to in another; a missing index is a problem."""
    deflators = state.inputs.deflators
    for year in (then, now):
        if year not in deflators and not state.inputs.in_doubt("deflators", year):
            state.problem(
                ("deflator-missing", year),
                Problem(
                    "deflator-missing",
                    f"there is no index for {year}, needed for {purpose}",
                    "enter it on the Deflators sheet",
                    state.inputs.blanks.get(("Deflators", year), Place("Deflators")),
                ),
            )
    if then not in deflators or now not in deflators:
        return None
    return deflators[now].index / deflators[then].index


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
    state = Run(new.inputs, TermsBook(new.inputs))
    before = {(result.unit.code, result.year): result for result in old.results}
    wanted = {(r.unit.code, r.year): (r.unit.code, from_year or r.year) for r in new.results}
    results = {(r.unit.code, r.year): r for r in new.results}
    if from_year is not None:
        results = {entry: result for entry, result in results.items() if result.year != from_year}
    bridges = []
    for entry, result in results.items():
        start = before.get(wanted[entry])
        if start is not None:
            bridge = ledger_bridge(state, start, result, new.inputs.force_codes(), real)
            if bridge is not None:
                bridges.append(bridge)
    if state.problems:
        raise InputProblems(state.all_problems(), new.inputs.source)
    years = sorted({result.year for result in results.values()})
    if from_year is None:
        lost = [entry for entry in before if entry not in results]
    else:
        lost = [(unit, year) for unit, y in before if y == from_year for year in years if (unit, year) not in results]
    return Variances(
        against,
        (("prices",) if real else ()) + LEDGER_CAUSES,
        tuple(bridges),
        tuple(UnitAndYear(*entry) for entry in results if wanted[entry] not in before),
        tuple(UnitAndYear(*entry) for entry in lost),
        new.inputs,
    )


def ledger_bridge(state: Run, old: UnitYear, new: UnitYear, order: Sequence[ForceCode], real: bool) -> Bridge | None:
    """The bridge between two results of a unit; None where an index is missing (a problem of the `state`)."""
    forces = [f for f in order if f in old.members or f in new.members]
    forces += [f for f in old.members if f not in forces]
    ratio: Fraction | None = Fraction(1)
    if real and old.year != new.year:
        ratio = price_ratio(state, old.year, new.year, f"{old.unit.code} of {old.year} in prices of {new.year}")
        if ratio is None:
            return None
    start, restated = Parts.of(old, forces, Fraction(1)), Parts.of(old, forces, ratio or Fraction(1))
    end = Parts.of(new, forces, Fraction(1))
    total = sum(end.pooled.values())

    def on(result_members: Sequence[ForceCode], shares: Sequence[Fraction]) -> Amounts:
        return dict.fromkeys(forces, 0) | _by_force(result_members, split(total, shares))

    def rerun(nre: bool, demand: bool, otherwise: Amounts) -> Amounts:
        """The new pooled total under the old terms, with the new NRE and the new demand; where that cannot be
        found (an NRE that one side does not have) the shares stay as they were."""
        sources = old.sources
        if nre:
            sources = sources._replace(nre=new.sources.nre, nre_year=new.sources.nre_year)
        if demand:
            sources = sources._replace(demand=new.sources.demand, demand_year=new.sources.demand_year)
        aside = Run(sources.demand, state.terms)
        decision = decide(aside, new.unit if demand else old.unit, sources)
        return otherwise if decision is None else on(old.members, decision.shares)

    cost = on(old.members, old.decision.shares)
    nre = rerun(nre=True, demand=False, otherwise=cost)
    demand = rerun(nre=True, demand=True, otherwise=nre)
    pairs = {
        "cost": (restated.pooled, cost),
        "direct": (restated.own, end.own),
        "nre": (cost, nre),
        "demand": (nre, demand),
        "terms": (demand, end.pooled),
        "no_loser": (restated.no_loser, end.no_loser),
    }
    effects = {cause: {f: after[f] - before[f] for f in forces} for cause, (before, after) in pairs.items()}
    plan, actual = start.total(), end.total()
    if real:
        effects = {"prices": {f: restated.total()[f] - plan[f] for f in forces}, **effects}
    return Bridge(None, new.unit.code, new.year, plan, actual, effects)


class Parts(NamedTuple):
    """A unit and year's lines by force: pooled, own (held, direct, implementation), no loser."""

    pooled: Amounts
    own: Amounts
    no_loser: Amounts

    @classmethod
    def of(cls, result: UnitYear, forces: Sequence[ForceCode], ratio: Fraction) -> Parts:
        """Its lines, each restated by `ratio` half up."""
        parts = cls(*(dict.fromkeys(forces, 0) for _ in range(3)))
        for line in result.lines:
            place = {"pooled": parts.pooled, "no_loser": parts.no_loser}.get(line.component, parts.own)
            place[line.force] += line.pence if ratio == 1 else half_up(line.pence * ratio)
        return parts

    def total(self) -> Amounts:
        return {force: sum(part[force] for part in self) for force in self.pooled}
