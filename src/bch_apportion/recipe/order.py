"""The recipe: what becomes of each unit's budget of a year, in the order of the agreement. The only file that knows it.

A row's way through: its budget line is implementation, direct, held or pooled (pooling); the unit's demand data is
tested (robust demand) and its shares found (rolling demand, agreed shares, NRE default); the pooled part is split; the
split is compared with the baselines (no loser). Everything ends as lines; nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, NamedTuple

from bch_apportion.model import (
    AgreedSet,
    Baseline,
    Basis,
    BudgetRow,
    Component,
    ForceCode,
    Inputs,
    Line,
    RobustnessTest,
    Shares,
    Unit,
    WindowVolumes,
    name_key,
)
from bch_apportion.money import Pence, decimal_text, percent, plain, split
from bch_apportion.places import Place
from bch_apportion.principles.agreed_shares import Settled, furthest, last_settled, latest_set, shares_of
from bch_apportion.principles.implementation_costs import implementation_split, is_implementation
from bch_apportion.principles.no_loser import NoLoser, no_loser, uprate
from bch_apportion.principles.nre_default import NreInForce, nre_in_force, nre_shares
from bch_apportion.principles.pooling import held_part, pooled_fraction
from bch_apportion.principles.robust_demand import has_driver, tests_of
from bch_apportion.principles.rolling_demand import (
    YEAR,
    blend,
    demand_shares,
    driver_shares,
    equal_shares,
    last_common_month,
    rolling_window,
    to_decimals,
    volumes_in_window,
)
from bch_apportion.problems import InputProblems, Problem
from bch_apportion.terms import Terms, TermsBook, cite
from bch_apportion.years import FinancialYear, Month, Months


class Parts(NamedTuple):
    """A unit's budget of a year by component: its rows, and what of them is pooled or stays with a holder."""

    implementation: tuple[BudgetRow, ...]
    direct: tuple[BudgetRow, ...]
    revenue: tuple[BudgetRow, ...]  # all other lines
    fraction: Fraction  # of the year that is pooled
    staying: dict[ForceCode, Pence]  # by holder

    @property
    def held(self) -> tuple[BudgetRow, ...]:
        """Revenue lines with a holder, whatever part of them is pooled."""
        return tuple(row for row in self.revenue if row.held_by)

    @property
    def unheld(self) -> tuple[BudgetRow, ...]:
        """Revenue lines without a holder, always pooled."""
        return tuple(row for row in self.revenue if not row.held_by)

    def pooled(self) -> Pence:
        return sum(row.pence for row in self.revenue) - sum(self.staying.values())


class Rebase(NamedTuple):
    """The comparison of new demand shares with those last settled."""

    settled: Settled
    new: Shares
    movement: Fraction  # percentage points
    tolerance: Fraction
    kept: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """On which basis a unit's pooled cost of a year stands, and everything that led there."""

    basis: Literal["nre", "demand", "agreed"]
    shares: Shares
    reason: str
    reference: str
    robust: bool
    tests: tuple[RobustnessTest, ...]
    window: Months
    volumes: tuple[WindowVolumes, ...]
    driver_shares: tuple[Shares | None, ...]
    demand: Shares | None  # the drivers' weighted mean, before the fixed base
    base: Shares | None  # the fixed base, where one is used
    base_nre: NreInForce | None
    new: Shares | None  # demand blended with the fixed base, exact
    shadow: Shares | None  # what would be applied on demand
    nre: NreInForce | None  # where the basis is NRE
    agreed: AgreedSet | None  # where the basis is agreed
    rebase: Rebase | None

    def left_out(self) -> tuple[Month, ...]:
        """Months left out of any driver's figures."""
        return tuple(sorted({month for found in self.volumes for month in found.left_out}))


@dataclass(frozen=True, slots=True)
class UnitYear:
    """What became of one unit's budget of one year. `lines` sum to it."""

    unit: Unit
    year: FinancialYear
    terms: Terms
    parts: Parts
    decision: Decision
    pooled: tuple[Pence, ...]  # by member
    shadow: tuple[Pence, ...]  # by member, empty without usable data
    implementation: tuple[Pence, ...]
    implementation_nre: NreInForce | None
    no_loser: NoLoser | None
    baselines: tuple[Baseline, ...]
    lines: tuple[Line, ...]
    changed_from: Basis | None  # the basis of the year before, where it was another
    sources: Sources

    @property
    def members(self) -> tuple[ForceCode, ...]:
        return self.terms.members

    def budget(self) -> Pence:
        parts = self.parts
        return sum(row.pence for row in (*parts.implementation, *parts.direct, *parts.revenue))

    def totals(self) -> dict[ForceCode, Pence]:
        """What each member pays, over all components."""
        sums = dict.fromkeys(self.members, 0)
        for line in self.lines:
            sums[line.force] = sums.get(line.force, 0) + line.pence
        return sums


@dataclass(slots=True)
class Run:
    """One run over a workbook's inputs: the results so far, the problems met, what is worth a note."""

    inputs: Inputs
    terms: TermsBook
    results: list[UnitYear] = field(default_factory=list)
    unsound: set[tuple[str, FinancialYear]] = field(default_factory=set)  # agreed sets that a problem touches
    settled: dict[str, list[Settled]] = field(default_factory=dict)  # by unit: its budget years on demand, oldest first
    problems: dict[tuple[object, ...], Problem] = field(default_factory=dict)
    listed: dict[tuple[object, ...], list[str]] = field(default_factory=dict)
    carried: dict[tuple[ForceCode, FinancialYear], FinancialYear] = field(default_factory=dict)

    def problem(self, key: tuple[object, ...], problem: Problem, listed: object = None) -> None:
        """Report once what several units, years or forces run into; {listed} in the message lists them."""
        self.problems.setdefault(key, problem)
        if listed is not None and str(listed) not in (found := self.listed.setdefault(key, [])):
            found.append(str(listed))

    def all_problems(self) -> tuple[Problem, ...]:
        found = []
        for key, problem in self.problems.items():
            listed = ", ".join(self.listed.get(key, ()))
            found.append(problem._replace(message=problem.message.replace("{listed}", listed)))
        return tuple(found)


def run(inputs: Inputs, told: Callable[[int, int], None] | None = None) -> Run:
    """Apportion every unit and year of the budgets, gathering problems instead of stopping at the first.

    `told` is called after each unit, with 1 and how many units there are.
    """
    state = Run(inputs, TermsBook(inputs))
    for unit, years in _by_unit(state, inputs.budgets):
        check_rows(state, unit, years)
        check_sets(state, unit, years)
        for year, rows in years.items():
            result = unit_year(state, unit, year, rows)
            if result is not None and result.decision.basis == "demand":
                settled = Settled(year, "demand", result.members, result.decision.shares)
                state.settled.setdefault(unit.code, []).append(settled)
        if told is not None:
            told(1, len(inputs.units))
    check_business_cases(state)
    return state


def run_actuals(inputs: Inputs) -> Run:
    """Apportion every unit and year of the outturn. What was last settled is what the budgets settled."""
    budgets = run(inputs)
    state = replace(budgets, results=[], carried={})
    for unit, years in _by_unit(state, inputs.actuals):
        check_rows(state, unit, years)
        for year, rows in years.items():
            unit_year(state, unit, year, rows)
    return state


def _by_unit(state: Run, rows: Sequence[BudgetRow]) -> Iterator[tuple[Unit, dict[FinancialYear, list[BudgetRow]]]]:
    """The rows of each unit by year, oldest first; a unit that a problem on reading touches is passed over."""
    inputs = state.inputs
    if inputs.in_doubt("forces"):
        return
    found: dict[str, dict[FinancialYear, list[BudgetRow]]] = {}
    for row in rows:
        found.setdefault(row.unit, {}).setdefault(row.year, []).append(row)
    for unit in inputs.units:
        if not inputs.in_doubt("unit", unit.code) and not inputs.in_doubt("terms", unit.code, "forces"):
            yield unit, dict(sorted(found.get(unit.code, {}).items()))


def problems_of(inputs: Inputs) -> tuple[Problem, ...]:
    """What the rules find wrong with the inputs, apart from what follows from a problem on reading."""
    return run_actuals(inputs).all_problems()


def apportioned(state: Run) -> Run:
    """The run itself; raises InputProblems where the inputs do not carry it."""
    if state.problems:
        raise InputProblems(state.all_problems(), state.inputs.source, state.inputs.notes)
    return state


def unit_year(state: Run, unit: Unit, year: FinancialYear, rows: Sequence[BudgetRow]) -> UnitYear | None:
    """One unit's cost of one year, as the agreement has it; None where a problem stands in the way."""
    terms = state.terms.look_up(unit, year)
    parts = components(rows, unit, year)
    earlier = next((one for one in reversed(state.settled.get(unit.code, ())) if one.year < year), None)
    sources = sources_of(state.inputs, unit, year, terms, earlier)
    decision = decide(state, unit, sources)
    implementation, nre = share_implementation(state, unit, year, terms, parts)
    baselines = baselines_in_force(state, unit, year, terms, parts)
    if decision is None or implementation is None or baselines is None:
        return None
    pooled = split(parts.pooled(), decision.shares)
    used, figures = baselines
    tested = no_loser(pooled, figures, terms.no_loser) if figures else None
    shadow = split(parts.pooled(), decision.shadow) if decision.shadow is not None else []
    before = state.results[-1] if state.results else None
    same = before is not None and before.unit == unit and before.year.plus(1) == year
    basis_before = before.decision.basis if same and before is not None else decision.basis
    result = UnitYear(
        unit,
        year,
        terms,
        parts,
        decision,
        tuple(pooled),
        tuple(shadow),
        tuple(implementation),
        nre,
        tested,
        tuple(used),
        tuple(post(unit, year, terms, parts, decision, pooled, implementation, nre, tested, used)),
        basis_before if basis_before != decision.basis else None,
        sources,
    )
    state.results.append(result)
    return result


# The parts of a budget (principles 4 and 5)


def components(rows: Sequence[BudgetRow], unit: Unit, year: FinancialYear) -> Parts:
    """Put every budget line of a unit and year in exactly one place."""
    implementation = tuple(row for row in rows if is_implementation(row))
    direct = tuple(row for row in rows if row.direct_to and not is_implementation(row))
    revenue = tuple(row for row in rows if not row.direct_to and not is_implementation(row))
    fraction = pooled_fraction(unit.pooled_from, year)
    sums: dict[ForceCode, Pence] = {}
    for row in revenue:
        if row.held_by:
            sums[row.held_by] = sums.get(row.held_by, 0) + row.pence
    staying = {force: held_part(pence, fraction) for force, pence in sums.items()}
    return Parts(implementation, direct, revenue, fraction, staying)


def share_implementation(
    state: Run, unit: Unit, year: FinancialYear, terms: Terms, parts: Parts
) -> tuple[list[Pence] | None, NreInForce | None]:
    """Implementation costs on NRE (principle 4), by member; None where an NRE is missing."""
    if not parts.implementation:
        return [0] * len(terms.members), None
    total = sum(row.pence for row in parts.implementation)
    nre = look_up_nre(state, unit, state.inputs, nre_year(terms, year), terms, " for its implementation costs")
    if nre is None:
        return None, None
    return implementation_split(total, [one.figure.pence for one in nre.figures]), nre


# The shares (principles 1 and 3)


def look_up_nre(
    state: Run, unit: Unit, inputs: Inputs, year: FinancialYear, terms: Terms, purpose: str, needed: bool = True
) -> NreInForce | None:
    """The members' NRE of a year; a missing one is a problem where it is `needed`."""
    found = nre_in_force(inputs.nre, terms.members, year, inputs.settings.carry_nre_forward)
    if found.missing:
        for force in found.missing if needed else ():
            if inputs.in_doubt("nre", year, force):
                continue
            place = inputs.blanks.get(("NRE", year, force), Place("NRE"))
            state.problem(
                ("nre-missing", year, place),  # those that are nowhere together, each blank cell by itself
                Problem(
                    "nre-missing",
                    f"there is no NRE of {{listed}} for {year}, needed by {unit.code}{purpose}",
                    "enter it on the NRE sheet (or set “carry nre forward” to yes to use the latest earlier one)",
                    place,
                ),
                force,
            )
        return None
    if needed:
        for one in found.carried():
            state.carried[one.force, year] = one.year
    return found


class Sources(NamedTuple):
    """Where the shares of a unit and year are taken from; a bridge between two ledgers changes one at a time."""

    terms: Terms
    agreed: Sequence[AgreedSet]  # the unit's sets, oldest first
    year: FinancialYear  # of the terms and agreed shares
    demand: Inputs
    demand_year: FinancialYear
    nre: Inputs
    nre_year: FinancialYear
    earlier: Settled | None  # the shares last applied on demand


def sources_of(
    inputs: Inputs, unit: Unit, year: FinancialYear, terms: Terms, earlier: Settled | None = None
) -> Sources:
    """Everything from one workbook and year, as a unit's own shares are found."""
    return Sources(terms, inputs.agreed.get(unit.code, ()), year, inputs, year, inputs, year, earlier)


class Measured(NamedTuple):
    """What the demand data of a unit says for a year, and whether it is robust."""

    robust: bool
    tests: tuple[RobustnessTest, ...]
    window: Months
    volumes: tuple[WindowVolumes, ...]
    driver_shares: tuple[Shares | None, ...]
    demand: Shares | None  # None where the data is unusable
    doubtful: bool  # a problem on reading touches the data

    def failed(self) -> str:
        """The tests that failed, with their drivers, in words."""
        failed = [t for t in self.tests if not t.passed]
        return ", ".join(f"{t.test} ({t.driver})" if t.driver else "the unit has no driver" for t in failed)


def measure(unit: Unit, sources: Sources) -> Measured:
    """Test a unit's demand data (robust demand) and find its shares (rolling demand)."""
    inputs, terms = sources.demand, sources.terms
    drivers = inputs.drivers.get(unit.code, ())
    window = window_of(unit, sources)
    volumes = tuple(
        volumes_in_window(d.driver, inputs.demand[d.driver], window, terms.members)
        for d in drivers
        if d.driver in inputs.demand
    )
    tests = [has_driver(len(drivers))]
    for found in volumes:
        tests += tests_of(found, terms.max_missing, terms.max_share_movement, inputs.demand_signed_off)
    shares = tuple(driver_shares(found, terms.demand_method) for found in volumes)
    usable = [one for one in shares if one is not None]
    demand = None
    if drivers and len(usable) == len(drivers):
        demand = demand_shares(usable, [d.weight for d in drivers])
    doubtful = (
        inputs.in_doubt("drivers", unit.code)
        or len(volumes) < len(drivers)
        or any(inputs.in_doubt("terms", unit.code, name) for name in MEASURING)
        or any(_in_doubt(inputs, d.driver, window) for d in drivers)
    )
    robust = all(test.passed for test in tests) and demand is not None
    return Measured(robust, tuple(tests), window, volumes, shares, demand, doubtful)


def window_of(unit: Unit, sources: Sources) -> Months:
    """The unit's rolling window; in a projected year moved back to end with the last month that all its data has."""
    inputs, terms = sources.demand, sources.terms
    window = rolling_window(sources.demand_year, terms.window_months, terms.lag_months)
    if inputs.projected_from is None or sources.demand_year < inputs.projected_from:
        return window
    drivers = [one.driver for one in inputs.drivers.get(unit.code, ())]
    if not drivers or any(driver not in inputs.demand for driver in drivers):
        return window
    last = last_common_month([inputs.demand[driver] for driver in drivers], terms.members)
    return window if last is None or last >= window.last else Months(last - window.length + 1, window.length)


class Evidence(NamedTuple):
    """What is known before a basis is chosen: the demand data, the fixed base, and both together."""

    measured: Measured
    base: Shares | None
    base_nre: NreInForce | None
    new: Shares | None
    shadow: Shares | None

    def decision(
        self,
        basis: Literal["nre", "demand", "agreed"],
        shares: Shares,
        reason: str,
        reference: str,
        *,
        nre: NreInForce | None = None,
        agreed: AgreedSet | None = None,
        rebase: Rebase | None = None,
    ) -> Decision:
        robust, tests, window, volumes, per_driver, demand, _ = self.measured
        evidence = (robust, tests, window, volumes, per_driver, demand, *self[1:])
        return Decision(basis, shares, reason, reference, *evidence, nre, agreed, rebase)


MEASURING = ("window months", "lag months", "demand method", "max missing %", "max share movement")
DECIDING = ("basis", "fixed base %", "fixed base on", "fixed base year", "nre lag years")


def _in_doubt(inputs: Inputs, driver: str, window: Months) -> bool:
    """Whether a problem on reading touches a driver's data of the window."""
    for kind, *about in inputs.suspect:
        if kind == "demand" and (not about or about[0] == name_key(driver)):
            period = about[1] if len(about) > 1 else None
            if not isinstance(period, Months) or (period.first <= window.last and window.first <= period.last):
                return True
    return False


def decide(state: Run, unit: Unit, sources: Sources) -> Decision | None:
    """On what a unit's pooled cost of a year is shared, and why; None where a problem stands in the way."""
    terms = sources.terms
    if any(state.inputs.in_doubt("terms", unit.code, name) for name in DECIDING):
        return None
    measured = measure(unit, sources)
    on_demand = terms.basis == "demand" or (terms.basis == "auto" and measured.robust)
    base, base_nre = fixed_base(state, unit, sources, needed=on_demand)
    new = None
    if measured.demand is not None and (not terms.fixed_base or base is not None):
        new = blend(terms.fixed_base, base, measured.demand) if base is not None else measured.demand
    if terms.demand_method == "mean" and terms.window_months % YEAR:  # a problem whatever the basis
        _window_not_whole_years(state, unit, terms)
        if not on_demand:
            _agreed_or_nre(state, unit, sources, Evidence(measured, base, base_nre, new, None))
        return None
    if on_demand and new is None:
        if measured.demand is None and not measured.doubtful:
            _unusable(state, unit, sources, measured)
        return None
    shadow = to_decimals(new, terms.share_decimals) if new is not None else None
    evidence = Evidence(measured, base, base_nre, new, shadow)
    if on_demand and new is not None and shadow is not None:
        return _on_demand(sources, evidence, new, shadow)
    return _agreed_or_nre(state, unit, sources, evidence)


def _on_demand(sources: Sources, evidence: Evidence, new: Shares, shadow: Shares) -> Decision:
    """The new demand shares, or those last settled where the movement is within the tolerance."""
    terms, measured = sources.terms, evidence.measured
    reason = "the demand data passed every test"
    if terms.basis == "demand":
        outcome = "and the data passed every test"
        if not measured.robust:
            outcome = f"although it fails the test {measured.failed()}"
        reason = f"{_chosen(terms)}, {outcome}"
    latest = latest_set(sources.agreed, sources.year)
    rebase = compare_with_settled(terms, latest, sources.earlier, new)
    if rebase is not None:
        reason += f"; {_rebase_words(rebase, terms.members)}"
        if rebase.kept:
            settled = rebase.settled
            agreed = latest if settled.basis == "agreed" else None
            reference = _reference(terms, settled.basis, agreed)
            return evidence.decision(settled.basis, settled.shares, reason, reference, agreed=agreed, rebase=rebase)
    return evidence.decision("demand", shadow, reason, _reference(terms, "demand", None), rebase=rebase)


def _agreed_or_nre(state: Run, unit: Unit, sources: Sources, evidence: Evidence) -> Decision | None:
    """Where a unit does not stand on demand: what partners signed stands before the interim default."""
    terms, measured = sources.terms, evidence.measured
    why = f"demand is not robust: {measured.failed()}" if terms.basis == "auto" else _chosen(terms)
    if terms.basis in ("auto", "agreed"):
        latest = latest_set(sources.agreed, sources.year)
        shares = shares_of(latest, terms.members) if latest is not None else None
        if latest is not None and shares is not None:
            reason = f"{why}; agreed shares from {latest.from_year} are in force"
            return evidence.decision("agreed", shares, reason, _reference(terms, "agreed", latest), agreed=latest)
        unsound = latest is not None and (unit.code, latest.from_year) in state.unsound
        if unsound or state.inputs.in_doubt("agreed", unit.code):
            return None  # what follows from a set that a problem touches is not reported beside it
        if terms.basis == "agreed":
            _no_agreed(state, unit, sources, latest)
            return None
        why += "; no agreed shares in force" + (" since the members changed" if latest is not None else "")
    needed = not (measured.doubtful and terms.basis == "auto")
    nre = look_up_nre(
        state, unit, sources.nre, nre_year(terms, sources.nre_year), terms, _of_budget_year(terms, sources), needed
    )
    if nre is None:
        return None
    if terms.nre_lag_years:
        why += f"; NRE of {nre.wanted}"
    shares = to_decimals(nre_shares([one.figure.pence for one in nre.figures]), terms.share_decimals)
    return evidence.decision("nre", shares, why, _reference(terms, "nre", None), nre=nre)


def _of_budget_year(terms: Terms, sources: Sources) -> str:
    return f" for {sources.year}" if terms.nre_lag_years else ""


def nre_year(terms: Terms, year: FinancialYear) -> FinancialYear:
    """The year whose NRE counts for a budget year."""
    return year.plus(-terms.nre_lag_years)


def fixed_base(state: Run, unit: Unit, sources: Sources, needed: bool) -> tuple[Shares | None, NreInForce | None]:
    """The shares of the fixed base, where a part of the cost stands on it."""
    terms = sources.terms
    if not terms.fixed_base:
        return None, None
    if terms.fixed_base_on == "equal":
        return equal_shares(len(terms.members)), None
    wanted = terms.fixed_base_year or nre_year(terms, sources.nre_year)
    nre = look_up_nre(state, unit, sources.nre, wanted, terms, " for its fixed base", needed)
    return (nre_shares([one.figure.pence for one in nre.figures]), nre) if nre is not None else (None, None)


def _window_not_whole_years(state: Run, unit: Unit, terms: Terms) -> None:
    origin = terms.origin("window months") if terms.origin("window months").cell else terms.origin("demand method")
    state.problem(
        ("window-not-whole-years", origin.cell, terms.window_months),
        Problem(
            "window-not-whole-years",
            f"{unit.code}: the demand method mean takes blocks of 12 months, and the window is "
            f"{terms.window_months} months",
            "make the window a multiple of 12 months, or the method pooled",
            origin.cell,
            value=str(terms.window_months),
        ),
    )


def compare_with_settled(terms: Terms, agreed: AgreedSet | None, earlier: Settled | None, new: Shares) -> Rebase | None:
    """Whether the shares last settled stay; None without a tolerance, or with nothing settled."""
    if terms.rebase_tolerance is None:
        return None
    settled = last_settled(agreed, earlier, terms.members)
    if settled is None:
        return None
    movement = furthest(new, settled.shares)
    return Rebase(settled, new, movement, terms.rebase_tolerance, movement <= terms.rebase_tolerance)


def _chosen(terms: Terms) -> str:
    origin = terms.origin("basis")
    return f"basis {terms.basis} is set ({origin})"


def _reference(terms: Terms, basis: str, agreed: AgreedSet | None) -> str:
    """The paragraph a pooled line rests on, and the row that chose the basis where one did."""
    parts = [cite(3) if basis == "demand" else cite(1)]
    if agreed is not None:
        parts = [f"agreed shares from {agreed.from_year}"]
    origin = terms.origin("basis")
    if origin.cell and origin.reference:
        parts.append(origin.reference)
    return "; ".join(parts)


def _rebase_words(rebase: Rebase, members: Sequence[ForceCode]) -> str:
    def listed(shares: Shares) -> str:
        return ", ".join(f"{force} {percent(share)}" for force, share in zip(members, shares, strict=True))

    settled = rebase.settled
    origin = f"agreed from {settled.year}" if settled.basis == "agreed" else f"applied in {settled.year}"
    verdict = "so the settled shares stay" if rebase.kept else "so the new shares apply"
    return (
        f"settled ({origin}) {listed(settled.shares)}; new {listed(rebase.new)}; the largest movement is "
        f"{decimal_text(rebase.movement, 3)} points, the tolerance {plain(rebase.tolerance)}, {verdict}"
    )


def _unusable(state: Run, unit: Unit, sources: Sources, measured: Measured) -> None:
    terms, tests, year = sources.terms, measured.tests, sources.year
    place = terms.origin("basis").cell
    failed = [test for test in tests if not test.passed and test.test in ("driver", "positive", "stable")]
    why = "; ".join(f"{test.driver}: {test.detail}" if test.driver else test.detail for test in failed)
    state.problem(
        ("demand-not-usable", unit.code, place),
        Problem(
            "demand-not-usable",
            f"{unit.code} is on basis demand in {{listed}} and has no usable demand data ({why})",
            "enter the volumes of the window, or set another basis",
            place._replace(sheet=place.sheet or "Principles"),
            value="demand",
        ),
        year,
    )


def _no_agreed(state: Run, unit: Unit, sources: Sources, latest: AgreedSet | None) -> None:
    terms, year = sources.terms, sources.year
    place = terms.origin("basis").cell
    why = "the sheet has none from that year or before"
    if latest is not None:
        named = ", ".join(latest.shares)
        why = f"the set from {latest.from_year} names {named}, and the members are now {', '.join(terms.members)}"
    state.problem(
        ("agreed-shares-missing", unit.code, place),
        Problem(
            "agreed-shares-missing",
            f"{unit.code} is on basis agreed in {{listed}} and has no agreed shares in force: {why}",
            "enter its percentages on Agreed shares, or set another basis",
            place._replace(sheet=place.sheet or "Principles"),
            value="agreed",
        ),
        year,
    )


# No loser (principle 2)


def baselines_in_force(
    state: Run, unit: Unit, year: FinancialYear, terms: Terms, parts: Parts
) -> tuple[list[Baseline], list[Pence]] | None:
    """The members' baselines, and what they come to in prices of the year; both empty where no test is made.

    None where a baseline or a deflator is missing.
    """
    baselines = state.inputs.baselines.get(unit.code)
    if not baselines or (parts.held and parts.fraction < 1):
        return [], []
    used = [baselines.get(force) for force in terms.members]
    for force, baseline in zip(terms.members, used, strict=True):
        if baseline is None:
            _baseline_missing(state, unit, force)
    known = [baseline for baseline in used if baseline is not None]
    figures = [baseline_in_prices_of(state, unit, baseline, year) for baseline in known]
    amounts = [pence for pence in figures if pence is not None]
    return (known, amounts) if len(amounts) == len(terms.members) else None


def baseline_in_prices_of(state: Run, unit: Unit, baseline: Baseline, year: FinancialYear) -> Pence | None:
    """A baseline, uprated where the settings say so and it has a year."""
    inputs = state.inputs
    if not inputs.settings.uprate_baselines or baseline.year is None:
        return baseline.pence
    then, now = inputs.deflators.get(baseline.year), inputs.deflators.get(year)
    if then is None or now is None:
        for missing, deflator in ((baseline.year, then), (year, now)):
            if deflator is None and not inputs.in_doubt("deflators", missing):
                state.problem(
                    ("deflator-missing", missing),
                    Problem(
                        "deflator-missing",
                        f"there is no index for {missing}, needed to bring the baselines of {unit.code} "
                        f"from {baseline.year} to {year} prices",
                        "enter it on the Deflators sheet, or set “uprate baselines” to no",
                        inputs.blanks.get(("Deflators", missing), Place("Deflators")),
                    ),
                )
        return None
    return uprate(baseline.pence, then.index, now.index)


# Lines


def post(
    unit: Unit,
    year: FinancialYear,
    terms: Terms,
    parts: Parts,
    decision: Decision,
    pooled: Sequence[Pence],
    implementation: Sequence[Pence],
    nre: NreInForce | None,
    tested: NoLoser | None,
    baselines: Sequence[Baseline],
) -> list[Line]:
    """Post the lines of a unit and year: pooled for every member, the rest where there is an amount."""
    lines: list[Line] = []

    def line(
        component: Component,
        force: ForceCode,
        pence: Pence,
        basis: Basis,
        share: Fraction | None,
        reference: str,
        cells: Sequence[Place],
    ) -> None:
        if pence or component == "pooled":
            lines.append(Line(unit.code, year, component, force, pence, basis, share, reference, tuple(cells)))

    sources = [row.cell for row in parts.revenue if parts.fraction or not row.held_by]
    for force, pence, share in zip(terms.members, pooled, decision.shares, strict=True):
        line("pooled", force, pence, decision.basis, share, decision.reference, sources)
    for force in terms.members:
        cells = [row.cell for row in parts.held if row.held_by == force]
        line("held", force, parts.staying.get(force, 0), "held", None, cite(5), cells)
    for force in terms.members:
        rows = [row for row in parts.direct if row.direct_to == force]
        cells = [row.cell for row in rows]
        line(
            "direct",
            force,
            sum(r.pence for r in rows),
            "direct",
            None,
            "direct to the force, by its budget line",
            cells,
        )
    if nre is not None:
        cells = [row.cell for row in parts.implementation]
        shares = nre_shares([one.figure.pence for one in nre.figures])
        for force, pence, share in zip(terms.members, implementation, shares, strict=True):
            line("implementation", force, pence, "nre", share, cite(4), cells)
    if tested is not None:
        cells = [baseline.cell for baseline in baselines]
        for force, pence in zip(terms.members, tested.adjustments, strict=True):
            line("no_loser", force, pence, "no_loser", None, cite(2), cells)
    return lines


# What the sheets must agree on with the terms


def check_rows(state: Run, unit: Unit, years: dict[FinancialYear, list[BudgetRow]]) -> None:
    """Holders and direct forces are members, and no implementation line is direct (principle 4)."""
    members = {year: state.terms.look_up(unit, year).members for year in years}
    for year, rows in years.items():
        for row in rows:
            for column, force in (("held by", row.held_by), ("direct to", row.direct_to)):
                if force and force not in members[year]:
                    cell = row.cells.get(column, row.cell)
                    _not_member(state, unit, force, f"“{column}” in {year}", ", ".join(members[year]), cell)
            if is_implementation(row) and row.direct_to:
                state.problem(
                    ("direct-implementation", row.cell),
                    Problem(
                        "direct-implementation",
                        f"an implementation line of {unit.code} {year} is direct to {row.direct_to}; "
                        "implementation costs are shared on NRE (principle 4)",
                        "clear “direct to”, or make the line revenue",
                        row.cells.get("direct to", row.cell),
                        value=row.direct_to,
                    ),
                )


def check_sets(state: Run, unit: Unit, years: dict[FinancialYear, list[BudgetRow]]) -> None:
    """The lead force, the baselines and the agreed sets name members, and all of them."""
    inputs = state.inputs
    members = {year: state.terms.look_up(unit, year).members for year in years}
    ever = tuple(f for f in inputs.force_codes() if any(f in m for m in members.values()) or f in unit.members)
    if unit.lead and ever and unit.lead not in ever:
        _not_member(state, unit, unit.lead, "the lead force", ", ".join(ever), unit.cells.get("lead force", unit.cell))
    baselines = inputs.baselines.get(unit.code, {})
    if baselines and not inputs.in_doubt("baselines", unit.code):
        known = {force for group in members.values() for force in group}
        able = known | set(ever_members(state, unit))
        for force in inputs.force_codes():
            if force in known and force not in baselines:
                _baseline_missing(state, unit, force)
            elif force in baselines and known and force not in able:
                _not_member(state, unit, force, "a baseline", ", ".join(sorted(known)), baselines[force].cell)
    for agreed in inputs.agreed.get(unit.code, ()):
        if inputs.in_doubt("agreed", unit.code, agreed.from_year):
            continue
        named = state.terms.look_up(unit, agreed.from_year).members
        if set(named) != set(agreed.shares):
            state.unsound.add((unit.code, agreed.from_year))
        for force, cell in agreed.cells.items():
            if force not in named:
                _not_member(state, unit, force, f"an agreed share from {agreed.from_year}", ", ".join(named), cell)
        for force in named:
            if force not in agreed.shares:
                first = next(iter(agreed.cells.values()))
                where = inputs.blanks.get(("Agreed shares", unit.code, agreed.from_year, force), first)
                state.problem(
                    ("agreed-share-missing", unit.code, agreed.from_year, force),
                    Problem(
                        "agreed-share-missing",
                        f"the agreed shares of {unit.code} from {agreed.from_year} have none for {force}, a member",
                        "enter its percentage (0 if it bears nothing)",
                        where,
                    ),
                )


def ever_members(state: Run, unit: Unit) -> Iterator[ForceCode]:
    """Every force that the Units sheet or a row of Principles ever makes a member of the unit."""
    everyone = state.inputs.force_codes()
    given = [row.values["forces"] for row in state.terms.rows_of(unit.code) if "forces" in row.values]
    for forces in (unit.members, *given) if unit.members or given else ():
        yield from (force for force in everyone if not isinstance(forces, tuple) or not forces or force in forces)


def check_business_cases(state: Run) -> None:
    """A business case that names forces names members of the unit in its year."""
    units = {unit.code: unit for unit in state.inputs.units}
    for case in state.inputs.business_cases:
        unit = units[case.unit]
        if not case.by_force or state.inputs.in_doubt("forces") or state.inputs.in_doubt("unit", unit.code):
            continue
        members = state.terms.look_up(unit, case.year).members
        for force in case.amounts:
            if force not in members:
                where = case.force_cells.get(force, Place("Business cases"))
                _not_member(state, unit, force, f"its business case of {case.year}", ", ".join(members), where)


def _baseline_missing(state: Run, unit: Unit, force: ForceCode) -> None:
    inputs = state.inputs
    if inputs.in_doubt("baselines", unit.code):
        return
    first = next(iter(inputs.baselines[unit.code].values())).cell
    state.problem(
        ("baseline-missing", unit.code, force),
        Problem(
            "baseline-missing",
            f"{unit.code} has baselines, but none of {force}, which is a member",
            "enter what the force paid before collaboration (0 if it paid nothing)",
            inputs.blanks.get(("Baselines", unit.code, force), first),
        ),
    )


def _not_member(state: Run, unit: Unit, force: ForceCode, what: str, members: str, where: Place) -> None:
    state.problem(
        ("not-a-member", where),
        Problem(
            "not-a-member",
            f"{force} is given for {what}, and is not a member of {unit.code} (its members: {members})",
            "name a member, or make the force one (Units, or Principles from a year on)",
            where,
            value=force,
        ),
    )
