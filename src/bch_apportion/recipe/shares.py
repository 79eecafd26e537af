"""On what a unit's pooled cost of a year is shared: its demand data is measured and tested, then a basis is chosen.

Principles 1 and 3: the interim default is NRE, unless demand data is robust; what partners signed stands before NRE.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from bch_apportion.model import AgreedSet, ForceCode, Inputs, RobustnessTest, Shares, Unit, WindowVolumes, name_key
from bch_apportion.money import decimal_beside, percent, plain
from bch_apportion.places import Place
from bch_apportion.principles import rolling_demand
from bch_apportion.principles.agreed_shares import Settled, furthest, kept_shares, last_settled, latest_set, shares_of
from bch_apportion.principles.nre_default import NreInForce, nre_in_force, nre_shares
from bch_apportion.principles.robust_demand import has_driver, tests_of, whose
from bch_apportion.problems import About, Lacking, Problem
from bch_apportion.terms import Terms, cite
from bch_apportion.years import FinancialYear, Month, Months, month_text

MEASURING = ("window months", "lag months", "demand method", "max missing %", "max share movement")
DECIDING = ("basis", "fixed base %", "fixed base on", "fixed base year", "nre lag years", "keep demand years")


class Rebase(NamedTuple):
    """The comparison of new demand shares with those last settled."""

    settled: Settled
    new: Shares
    movement: Fraction  # percentage points
    tolerance: Fraction

    @property
    def kept(self) -> bool:
        return self.movement <= self.tolerance


class Sources(NamedTuple):
    """Where the shares of a unit and year are taken from; a bridge between two ledgers changes one at a time."""

    terms: Terms
    agreed: Sequence[AgreedSet]  # the unit's sets, oldest first
    year: FinancialYear  # of the terms and agreed shares
    demand: Inputs
    demand_year: FinancialYear  # from which kept shares are counted too
    nre: Inputs
    nre_year: FinancialYear
    earlier: Settled | None  # the shares last applied on demand
    tested: Settled | None  # those last applied on demand in a year in which no test failed


# The demand data (principle 3)


@dataclass(frozen=True)
class Measured:
    """What the demand data of a unit says for a year, and whether it is robust."""

    robust: bool
    tests: tuple[RobustnessTest, ...]
    window: Months
    volumes: tuple[WindowVolumes, ...]
    driver_shares: tuple[Shares | None, ...]
    demand: Shares | None  # the drivers' weighted mean, before the fixed base; None where the data is unusable

    def failed(self) -> str:
        """The tests that failed, with their drivers, in words."""
        failed = [test for test in self.tests if test.passed is False]
        return ", ".join(f"{t.test} ({t.driver})" if t.driver else "the unit has no driver" for t in failed)

    def untested(self) -> str:
        """What could not be tested, to follow upon the tests that passed."""
        untested = [f"{test.test} ({test.driver})" for test in self.tests if test.passed is None]
        return f" that could be made; not tested: {', '.join(untested)}" if untested else ""


def measure(unit: Unit, sources: Sources) -> Measured:
    """Test a unit's demand data (robust demand) and find its shares (rolling demand)."""
    inputs, terms = sources.demand, sources.terms
    drivers = inputs.drivers.get(unit.code, ())
    window = window_of(unit, sources)
    measured = [_of_driver(d.driver, inputs, window, terms) for d in drivers if d.driver in inputs.demand]
    tests = [has_driver(len(drivers)), *(test for own in measured for test in own.tests)]
    shares = tuple(own.shares for own in measured)
    usable = [share for share in shares if share is not None]
    demand = None
    if drivers and len(usable) == len(drivers):
        demand = rolling_demand.demand_shares(usable, [d.weight for d in drivers])
    return Measured(
        robust=all(test.passed is not False for test in tests) and demand is not None,
        tests=tuple(tests),
        window=window,
        volumes=tuple(own.volumes for own in measured),
        driver_shares=shares,
        demand=demand,
    )


class OfDriver(NamedTuple):
    """What one driver says in a window: its volumes, its tests, the shares (None where it is unusable)."""

    volumes: WindowVolumes
    tests: Sequence[RobustnessTest]
    shares: Shares | None


def _of_driver(driver: str, inputs: Inputs, window: Months, terms: Terms) -> OfDriver:
    """What a driver says, worked out once for all units that have it with the same window, members and limits."""
    demand, limits = inputs.demand[driver], (terms.max_missing, terms.max_share_movement, inputs.demand_signed_off)
    alike = (driver, window, terms.members, terms.demand_method, limits)
    if alike not in demand.measured:
        volumes = rolling_demand.volumes_in_window(driver, demand, window, terms.members)
        shares = rolling_demand.driver_shares(volumes, terms.demand_method)
        demand.measured[alike] = OfDriver(volumes, tests_of(volumes, *limits), shares)
    known: OfDriver = demand.measured[alike]
    return known


def _measured_grounds(unit: Unit, sources: Sources, window: Months) -> tuple[About, ...]:
    """What it rests on what the demand data says."""
    drivers = [name_key(driver.driver) for driver in sources.demand.drivers.get(unit.code, ())]
    return (
        About("drivers", unit.code),
        *_terms(unit, MEASURING),
        *(About("driver", name=name) for name in drivers),
        *(About("demand", name=name, months=window) for name in drivers),
    )


def window_of(unit: Unit, sources: Sources) -> Months:
    """The unit's rolling window; in a projected year moved back to end with the last month that all its data has."""
    inputs, terms = sources.demand, sources.terms
    window = rolling_demand.rolling_window(sources.demand_year, terms.window_months, terms.lag_months)
    if inputs.projected_from is None or sources.demand_year < inputs.projected_from:
        return window
    drivers = [weighted.driver for weighted in inputs.drivers.get(unit.code, ())]
    if not drivers or any(driver not in inputs.demand for driver in drivers):
        return window
    last = rolling_demand.last_common_month([inputs.demand[driver] for driver in drivers], terms.members)
    return window if last is None or last >= window.last else Months(last - window.length + 1, window.length)


def _terms(unit: Unit, names: Sequence[str]) -> tuple[About, ...]:
    return tuple(About("terms", unit.code, name=name) for name in names)


# NRE (principle 1)


def nre_year(terms: Terms, year: FinancialYear) -> FinancialYear:
    """The year whose NRE counts for a budget year."""
    return year.plus(-terms.nre_lag_years)


def look_up_nre(inputs: Inputs, members: Sequence[ForceCode], year: FinancialYear, why: str) -> NreInForce | Lacking:
    """The members' NRE of a year; `why` says for what: "ICT needs it for its fixed base"."""
    nre = nre_in_force(inputs.nre, members, year, inputs.settings.carry_nre_forward)
    if not nre.missing:
        return nre
    return Lacking(tuple(_nre_missing(inputs, year, force, why) for force in nre.missing))


def _nre_missing(inputs: Inputs, year: FinancialYear, force: ForceCode, why: str) -> Problem:
    """Forces that are nowhere on the sheet are listed together, each blank cell by itself."""
    return Problem(
        "nre-missing",
        f"{{listed}} {{has}} no NRE for {year}; {why}",
        "enter it on the NRE sheet (or set “carry nre forward” to yes to use the latest earlier one)",
        inputs.blanks.get(("NRE", year, force), Place("NRE")),
        about=About("nre", year=year),
        listed=force,
        rests_on=(About("nre", year=year, force=force),),
    )


def pence_of(nre: NreInForce) -> list[int]:
    """The NRE of each member."""
    return [member.figure.pence for member in nre.figures]


# The basis (principles 1 and 3)


@dataclass(frozen=True)
class Base:
    """The shares of the fixed base, where a part of the cost stands on it, and their NRE."""

    base: Shares | None = None
    base_nre: NreInForce | None = None


@dataclass(frozen=True)
class Choice:
    """A basis and its shares, and what they stand on."""

    basis: Literal["nre", "demand", "agreed"]
    shares: Shares
    reason: str
    reference: str
    nre: NreInForce | None = None  # where the basis is NRE
    agreed: AgreedSet | None = None  # where the basis is agreed
    rebase: Rebase | None = None
    kept: Settled | None = None  # where the shares of an earlier year on robust demand stay: that year and its shares
    kept_cell: Place | None = None  # the blank cell of the Demand sheet that they stay for, where it is one


@dataclass(frozen=True, kw_only=True)
class Decision(Base, Choice, Measured):
    """On which basis a unit's pooled cost of a year stands, and everything that led there."""

    new: Shares | None  # demand blended with the fixed base, exact
    shadow: Shares | None  # what would be applied on demand

    @property
    def settled(self) -> Settled | None:
        """The shares last settled, where the tolerance leaves them in force."""
        return self.rebase.settled if self.rebase is not None and self.rebase.kept else None

    @property
    def stays(self) -> Settled | None:
        """The shares of an earlier year on demand that apply, kept or within the tolerance."""
        return self.settled if self.settled is not None and self.settled.basis == "demand" else self.kept

    def left_out(self) -> tuple[Month, ...]:
        """Months left out of any driver's figures."""
        return tuple(sorted({month for volumes in self.volumes for month in volumes.left_out}))

    def nre_used(self) -> list[NreInForce]:
        """The NRE that its shares stand on; not that of a fixed base which is only shown."""
        on_demand = (self.basis == "demand" and self.kept is None) or self.rebase is not None
        return [nre for nre in (self.nre, self.base_nre if on_demand else None) if nre is not None]


def decide(unit: Unit, sources: Sources) -> Decision | Lacking:
    """On what a unit's pooled cost of a year is shared, and why."""
    terms, measured, base = sources.terms, measure(unit, sources), fixed_base(unit, sources)
    on_demand = terms.basis == "demand" or (terms.basis == "auto" and measured.robust)
    shown = Base() if isinstance(base, Lacking) else base
    new = _blended(terms, measured, base)
    shadow = None if new is None else rolling_demand.to_decimals(new, terms.share_decimals)
    outcome: Choice | Lacking
    if not on_demand:
        outcome = _kept(sources, measured) or _agreed_or_nre(unit, sources, measured)
    elif new is None or shadow is None:
        outcome = Lacking.of(base, _unusable(unit, sources, measured) if measured.demand is None else None)
    else:
        outcome = _on_demand(sources, measured, new, shadow)
    if terms.demand_method == "mean" and terms.window_months % rolling_demand.YEAR:  # a problem whatever the basis
        outcome = Lacking.of(_window_not_whole_years(unit, terms), base if on_demand else outcome)
    if isinstance(outcome, Lacking):
        return outcome.resting_on(*_terms(unit, DECIDING))
    return Decision(**vars(measured), **vars(outcome), **vars(shown), new=new, shadow=shadow)


def held_shares(unit: Unit, sources: Sources, held: Decision) -> Shares | None:
    """The shares on the basis of an earlier decision, from these sources; None where they do not carry it.

    NRE and demand shares are worked out anew; agreed, kept and settled shares stay.
    """
    if held.basis == "agreed" or held.stays is not None:
        return held.shares
    if held.basis == "demand":
        shares = _blended(sources.terms, measure(unit, sources), fixed_base(unit, sources))
    else:
        nre = look_up_nre(sources.nre, sources.terms.members, nre_year(sources.terms, sources.nre_year), "")
        shares = None if isinstance(nre, Lacking) else nre_shares(pence_of(nre))
    return None if shares is None else rolling_demand.to_decimals(shares, sources.terms.share_decimals)


def _blended(terms: Terms, measured: Measured, base: Base | Lacking) -> Shares | None:
    """The demand shares with the fixed base blended in; None where either cannot be worked out."""
    if isinstance(base, Lacking) or measured.demand is None:
        return None
    return measured.demand if base.base is None else rolling_demand.blend(terms.fixed_base, base.base, measured.demand)


def fixed_base(unit: Unit, sources: Sources) -> Base | Lacking:
    """The fixed base, in shares of the members."""
    terms = sources.terms
    if not terms.fixed_base:
        return Base()
    if terms.fixed_base_on == "equal":
        return Base(rolling_demand.equal_shares(len(terms.members)))
    wanted = terms.fixed_base_year or nre_year(terms, sources.nre_year)
    nre = look_up_nre(sources.nre, terms.members, wanted, f"{unit.code} needs it for its fixed base")
    return nre if isinstance(nre, Lacking) else Base(nre_shares(pence_of(nre)), nre)


def _on_demand(sources: Sources, measured: Measured, new: Shares, shadow: Shares) -> Choice:
    """The new demand shares, or those last settled where the movement is within the tolerance."""
    terms = sources.terms
    reason = f"the demand data passed every test{measured.untested()}"
    if terms.basis == "demand":
        passed = f"and the data passed every test{measured.untested()}"
        outcome = passed if measured.robust else f"although it fails the test {measured.failed()}"
        reason = f"{_chosen(terms)}, {outcome}"
    latest = latest_set(sources.agreed, sources.year)
    rebase = compare_with_settled(terms, latest, sources.earlier, new)
    if rebase is not None:
        reason += f"; {_rebase_words(rebase, terms.members)}"
    if rebase is None or not rebase.kept:
        return Choice("demand", shadow, reason, _reference(terms, "demand", None), rebase=rebase)
    settled = rebase.settled
    agreed = latest if settled.basis == "agreed" else None
    reference = _reference(terms, settled.basis, agreed)
    return Choice(settled.basis, settled.shares, reason, reference, agreed=agreed, rebase=rebase)


def _kept(sources: Sources, measured: Measured) -> Choice | None:
    """The shares of the latest year on robust demand, where they stay; only where the basis is left to the data."""
    terms, years = sources.terms, sources.terms.keep_demand_years
    latest = latest_set(sources.agreed, sources.year)
    tested = kept_shares(sources.tested, latest, terms.members, sources.demand_year, years)
    if terms.basis != "auto" or tested is None:
        return None
    blank = _blank(sources, measured)
    failed = "; ".join(_failed_by(sources, measured, blank))
    reason = f"the shares of {tested.year} are kept, to {tested.year.plus(years)}: {failed}"
    reference = _reference(terms, "demand", None)
    return Choice("demand", tested.shares, reason, reference, kept=tested, kept_cell=blank.cell if blank else None)


class Blank(NamedTuple):
    """The month that makes data incomplete, where it is one month of one force; and its cell, where it has one."""

    driver: str
    force: ForceCode
    month: Month
    cell: Place | None

    def __str__(self) -> str:
        cell = f", {self.cell}" if self.cell else ""
        return f"no volume of {self.force} for {month_text(self.month)}{cell}"


def _missing(sources: Sources, volumes: WindowVolumes) -> list[tuple[ForceCode, Month]]:
    """Whose volumes are missing in the months left out."""
    by_month = rolling_demand.monthly_volumes(sources.demand.demand[volumes.driver], volumes.window)
    missing = [(force, month) for month in volumes.left_out for force in volumes.members]
    return [(force, month) for force, month in missing if force not in by_month.get(month, {})]


def _blank(sources: Sources, measured: Measured) -> Blank | None:
    """The only month of the window that is missing, where it is one month of one force."""
    missing = [(own.driver, *entry) for own in measured.volumes for entry in _missing(sources, own)]
    if len(missing) != 1:
        return None
    ((driver, force, month),) = missing
    return Blank(driver, force, month, sources.demand.blanks.get(("Demand", name_key(driver), month, force)))


class Failure(NamedTuple):
    """A test that failed, and the members on whose data (none: the unit has no driver)."""

    test: RobustnessTest
    forces: tuple[ForceCode, ...] = ()


def failures(sources: Sources, measured: Measured) -> Iterator[Failure]:
    """Each test that failed, and on whose data."""
    by_driver = {own.driver: own for own in measured.volumes}
    for test in measured.tests:
        if test.passed is not False:
            continue
        if test.driver is None:
            yield Failure(test)
        else:
            volumes = by_driver[test.driver]
            by_month = rolling_demand.monthly_volumes(sources.demand.demand[test.driver], volumes.window)
            yield Failure(test, whose(test.test, volumes, by_month, sources.terms.max_share_movement))


def _failed_by(sources: Sources, measured: Measured, blank: Blank | None) -> Iterator[str]:
    """Each test that failed, with its driver, and on whose data."""
    for test, forces in failures(sources, measured):
        if test.driver is None:
            yield "the unit has no driver"
        elif test.test == "complete" and blank is not None:
            yield f"complete ({test.driver}) failed, {blank}"
        else:
            yield f"{test.test} ({test.driver}) failed, on the data of {' and '.join(forces)}"


def _agreed_or_nre(unit: Unit, sources: Sources, measured: Measured) -> Choice | Lacking:
    """Where a unit does not stand on demand: what partners signed stands before the interim default."""
    terms = sources.terms
    why = f"demand is not robust: {measured.failed()}" if terms.basis == "auto" else _chosen(terms)
    grounds: tuple[About, ...] = ()
    if terms.basis in ("auto", "agreed"):
        latest = latest_set(sources.agreed, sources.year)
        shares = shares_of(latest, terms.members) if latest is not None else None
        if latest is not None and shares is not None:
            why += f"; agreed shares from {latest.from_year} are in force"
            return Choice("agreed", shares, why, _reference(terms, "agreed", latest), agreed=latest)
        if terms.basis == "agreed":
            return Lacking.of(_no_agreed(unit, sources, latest))
        why += "; no agreed shares in force" + (" since the members changed" if latest is not None else "")
        grounds = (*_agreed_grounds(unit, latest), *_measured_grounds(unit, sources, measured.window))
    why_nre = f"{unit.code} needs it" + (f" for {sources.year}" if terms.nre_lag_years else "")
    nre = look_up_nre(sources.nre, terms.members, nre_year(terms, sources.nre_year), why_nre)
    if isinstance(nre, Lacking):
        return nre.resting_on(*grounds)
    if terms.nre_lag_years:
        why += f"; NRE of {nre.wanted}"
    shares = rolling_demand.to_decimals(nre_shares(pence_of(nre)), terms.share_decimals)
    return Choice("nre", shares, why, _reference(terms, "nre", None), nre=nre)


def _agreed_grounds(unit: Unit, latest: AgreedSet | None) -> tuple[About, ...]:
    """What it rests on that no agreed set is in force."""
    sheet = About("agreed", unit.code)
    return (sheet,) if latest is None else (sheet, About("agreed set", unit.code, latest.from_year))


def compare_with_settled(terms: Terms, agreed: AgreedSet | None, earlier: Settled | None, new: Shares) -> Rebase | None:
    """Whether the shares last settled stay; None without a tolerance, or with nothing settled."""
    if terms.rebase_tolerance is None:
        return None
    settled = last_settled(agreed, earlier, terms.members)
    if settled is None:
        return None
    return Rebase(settled, new, furthest(new, settled.shares), terms.rebase_tolerance)


# In words


def _chosen(terms: Terms) -> str:
    return f"basis {terms.basis} is set ({terms.origin('basis')})"


def _reference(terms: Terms, basis: str, agreed: AgreedSet | None) -> str:
    """The paragraph a pooled line rests on, and the row that chose the basis where one did.

    Agreed shares rest on the reference of their set, not on the row that leaves the basis to the data.
    """
    paragraph = cite(3) if basis == "demand" else cite(1)
    origin = terms.origin("basis")
    if agreed is not None:
        paragraph = f"agreed shares from {agreed.from_year}"
        if agreed.reference or terms.basis == "auto":
            return f"{paragraph}; {agreed.reference}" if agreed.reference else paragraph
    return f"{paragraph}; {origin.reference}" if origin.cell and origin.reference else paragraph


def _rebase_words(rebase: Rebase, members: Sequence[ForceCode]) -> str:
    def listed(shares: Shares) -> str:
        return ", ".join(f"{force} {percent(share)}" for force, share in zip(members, shares, strict=True))

    settled = rebase.settled
    origin = f"agreed from {settled.year}" if settled.basis == "agreed" else f"applied in {settled.year}"
    verdict = "so the settled shares stay" if rebase.kept else "so the new shares apply"
    movement = decimal_beside(rebase.movement, rebase.tolerance, 3)
    return (
        f"settled ({origin}) {listed(settled.shares)}; new {listed(rebase.new)}; the largest movement is "
        f"{movement} points, the tolerance {plain(rebase.tolerance)}, {verdict}"
    )


# What stands in the way


def _window_not_whole_years(unit: Unit, terms: Terms) -> Problem:
    origin = terms.origin("window months") if terms.origin("window months").cell else terms.origin("demand method")
    months = terms.window_months
    return Problem(
        "window-not-whole-years",
        f"{unit.code}: the demand method mean takes blocks of 12 months, but the window is {months} months",
        "make the window a multiple of 12 months, or the method pooled",
        origin.cell,
        value=str(months),
        about=About("terms", name="window months"),
    )


def _unusable(unit: Unit, sources: Sources, measured: Measured) -> Problem:
    failed = [test for test in measured.tests if test.passed is False and test.test in ("driver", "positive", "stable")]
    why = "; ".join(f"{test.driver}: {test.detail}" if test.driver else test.detail for test in failed)
    return Problem(
        "demand-not-usable",
        f"{unit.code} is on basis demand in {{listed}} but has no usable demand data ({why})",
        "enter the volumes of the window, or set another basis",
        _basis_cell(sources.terms),
        value="demand",
        about=About("demand", unit.code),
        listed=str(sources.year),
        rests_on=_measured_grounds(unit, sources, measured.window),
    )


def _no_agreed(unit: Unit, sources: Sources, latest: AgreedSet | None) -> Problem:
    why = "the sheet has none from that year or earlier"
    if latest is not None:
        named, members = ", ".join(latest.shares), ", ".join(sources.terms.members)
        why = f"the set from {latest.from_year} names {named}, but the members are now {members}"
    return Problem(
        "agreed-shares-missing",
        f"{unit.code} is on basis agreed in {{listed}} but has no agreed shares in force: {why}",
        "enter its percentages on Agreed shares, or set another basis",
        _basis_cell(sources.terms),
        value="agreed",
        about=About("agreed", unit.code),
        listed=str(sources.year),
        rests_on=_agreed_grounds(unit, latest),
    )


def _basis_cell(terms: Terms) -> Place:
    place = terms.origin("basis").cell
    return place if place.sheet else place._replace(sheet="Principles")
