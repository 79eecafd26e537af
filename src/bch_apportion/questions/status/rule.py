"""Where each unit stands against the agreed principles, what keeps it from its target, and what moving would do.

The target is what the Units sheet says, else demand (principle 3). A reading of the ledger, the terms and the sheets
Units, Agreements and Business cases; the day is `as_at`, else the last of the row's year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import count

from bch_apportion.answers import run_of
from bch_apportion.further import Agreement
from bch_apportion.groups import sums
from bch_apportion.ledger import Ledger
from bch_apportion.model import ForceCode, Inputs, Target, UnitCode
from bch_apportion.money import Pence, decimal_beside, plain, split
from bch_apportion.principles.agreed_shares import latest_set, shares_of
from bch_apportion.principles.rolling_demand import last_month, rolling_window, volumes_in_window
from bch_apportion.questions.status import rows
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.recipe.shares import failures
from bch_apportion.terms import TermsBook
from bch_apportion.words import basis_words
from bch_apportion.years import FinancialYear

NO_AGREEMENTS = "No agreement is given (sheet Agreements): which is in force, and overdue for review, is not known."
TESTS: Mapping[str, rows.Why] = {
    "driver": "no-driver",
    "complete": "complete",
    "positive": "positive",
    "stable": "stable",
    "signed off": "signed-off",
}


def status(ledger: Ledger, years: Sequence[FinancialYear], units: Sequence[UnitCode] = ()) -> rows.Status:
    """Where the units (none named: all) stand in these years; how much stands on each basis in every year."""
    book, chosen = TermsBook(ledger.inputs), ledger.only(units)
    results = [result for result in chosen.results if result.year in years]
    return rows.Status(
        run=run_of(ledger.inputs, ledger.as_at),
        rows=[_row(ledger, book, result) for result in results],
        by_basis=[row for year in chosen.years() for row in _by_basis(chosen, year)],
        applied_against_agreed=[row for result in results for row in _against_agreed(ledger, result)],
        notes=[*chosen.notes, *([] if ledger.inputs.further.agreements else [NO_AGREEMENTS])],
    )


def _row(ledger: Ledger, book: TermsBook, result: UnitYear) -> rows.StatusRow:
    unit, day = result.unit, ledger.as_at or result.year.last_day()
    target = unit.target_basis or "demand"
    stops = list(_stops(result, target))
    return rows.StatusRow(
        unit=unit.code,
        year=result.year,
        stands_on=[rows.Part(basis=basis, amount=pence) for basis, pence in stands_on(result).items() if pence],
        cost=result.budget(),
        target=target,
        stops=stops,
        moving=[rows.Move(force=force, amount=pence) for force, pence in _moving(result, target).items()],
        earliest=_earliest(book, result, stops),
        baselines=unit.code in ledger.inputs.baselines,
        no_loser=_protected(book, result) if unit.code in ledger.inputs.baselines else None,
        agreement=_in_force(ledger.inputs.further.agreements, unit.code, day),
        business_case_months=_since_case(ledger.inputs, unit.code, day),
        owner=unit.owner,
        due=unit.due,
        overdue=bool(stops) and unit.due is not None and unit.due < day,
    )


# On what it stands


def stands_on(result: UnitYear) -> dict[rows.StandsOn, Pence]:
    """A unit's cost of a year by what it stands on."""
    parts, decision = result.parts, result.decision
    amounts: dict[rows.StandsOn, Pence] = dict.fromkeys(
        ("held", "nre", "agreed", "demand", "kept", "direct", "implementation"), 0
    )
    amounts["held"] = sum(parts.staying.values())
    amounts["kept" if decision.kept else decision.basis] = parts.pooled()
    amounts["direct"] = sum(row.pence for row in parts.direct)
    amounts["implementation"] = sum(row.pence for row in parts.implementation)
    return amounts


def _by_basis(ledger: Ledger, year: FinancialYear) -> Iterator[rows.BasisShare]:
    """How much of all units' cost of a year stands on each basis."""
    results = (result for result in ledger.results if result.year == year)
    amounts = sums(entry for result in results for entry in stands_on(result).items())
    cost = sum(amounts.values())
    for basis, pence in amounts.items():
        if pence:
            percent = Fraction(100 * pence, cost) if cost else None
            yield rows.BasisShare(year=year, basis=basis, amount=pence, percent=percent)


# What stops it


def _stops(result: UnitYear, target: Target) -> Iterator[rows.Stop]:
    """What keeps a unit from its target; nothing where it stands on it."""
    held, decision = result.parts.staying, result.decision
    if any(held.values()):
        still = ", ".join(force for force in result.members if held.get(force))
        yield rows.Stop(why="not-pooled", detail=f"budget still held by {still}")
    if target == "pooled" or not result.parts.pooled():
        return
    if target != "demand":
        if decision.basis != target:
            yield _choice(result)
    elif decision.basis != "demand" or decision.stays is not None:
        yield from _not_on_demand(result)


def _not_on_demand(result: UnitYear) -> Iterator[rows.Stop]:
    """Why the pooled cost does not stand on the demand of the year."""
    rebase, stops = result.decision.rebase, []
    for test, forces in failures(result.sources, result.decision):
        whose = f", on the data of {' and '.join(forces)}" if forces else ""
        driver = f"{test.driver}: " if test.driver else ""
        stops.append(rows.Stop(why=TESTS[test.test], detail=f"{driver}{test.detail}{whose}"))
    if rebase is not None and rebase.kept:
        moved, limit = decimal_beside(rebase.movement, rebase.tolerance, 3), plain(rebase.tolerance)
        stay = f"the shares of {rebase.settled.year} ({basis_words(rebase.settled.basis)}) stay"
        words = f"{stay}: the largest movement is {moved} points, the tolerance {limit}"
        stops.append(rows.Stop(why="settled", detail=words))
    yield from stops or [_choice(result)]


def _choice(result: UnitYear) -> rows.Stop:
    """The terms say otherwise, or nobody has agreed what it is meant to stand on."""
    terms, words = result.terms, basis_words(result.decision.basis)
    origin = terms.origin("basis")
    set_by = f"basis {terms.basis} is set ({origin})" if origin.cell or terms.basis != "auto" else "the basis is auto"
    return rows.Stop(why="choice", detail=f"stands on {words}: {set_by}")


# What moving would do, and when


def _moving(result: UnitYear, target: Target) -> dict[ForceCode, Pence]:
    """What the pooled and held cost together would move; empty where it moves nothing."""
    if target in ("nre", "agreed"):
        return {}
    held, pooled = result.parts.staying, result.parts.pooled()
    shares = (result.decision.shadow if pooled else None) or result.decision.shares
    then = split(pooled + sum(held.values()), shares)
    moved = {
        force: new - now - held.get(force, 0)
        for force, new, now in zip(result.members, then, result.pooled, strict=True)
    }
    return moved if any(moved.values()) else {}


def _earliest(book: TermsBook, result: UnitYear, stops: Sequence[rows.Stop]) -> str | None:
    """The first year in which the target can be reached: a year, in words where data alone does not do it."""
    whys = {stop.why for stop in stops}
    if not whys:
        return None
    if whys == {"complete"}:
        return str(next(year for n in count(1) if _completes(book, result, year := result.year.plus(n))))
    return rows.BY_DECISION if whys <= {"not-pooled", "choice"} else rows.NOT_KNOWN


def _completes(book: TermsBook, result: UnitYear, year: FinancialYear) -> bool:
    """Whether no driver's window misses more than allowed, if every month after its last with any volume comes in."""
    terms, inputs = book.look_up(result.unit, year), book.inputs
    window = rolling_window(year, terms.window_months, terms.lag_months)
    for weighted in inputs.drivers[result.unit.code]:
        demand = inputs.demand[weighted.driver]
        volumes = volumes_in_window(weighted.driver, demand, window, terms.members)
        last = last_month(demand)
        missing = sum(last is None or month <= last for month in volumes.left_out)
        if missing * 100 > terms.max_missing * window.length:
            return False
    return True


# No loser, the agreement, the business case


def _protected(book: TermsBook, result: UnitYear) -> rows.Protected:
    """What of the adjustment is applied, and the first year from the row's on in which nothing of it is."""
    later = {row.from_year for row in book.rows_of(result.unit.code) if row.from_year > result.year}
    years = (result.year, *sorted(later))
    none = (year for year in years if not book.look_up(result.unit, year).no_loser)
    return rows.Protected(applied=result.terms.no_loser, ends=str(next(none, rows.NO_END)))


def _in_force(agreements: Sequence[Agreement], unit: UnitCode, day: date) -> rows.InForce | None:
    """The latest version on the day; of two that begin together, the later on the sheet."""
    begun = [own for own in agreements if own.unit == unit and own.begins <= day]
    if not begun:
        return None
    *_, latest = sorted(begun, key=lambda own: own.begins)
    late = (day - latest.review_due).days if latest.review_due else 0
    return rows.InForce(version=latest.version, review_due=latest.review_due, days_overdue=max(0, late))


def _since_case(inputs: Inputs, unit: UnitCode, day: date) -> int | None:
    """Whole months since the latest business case that was approved by the day."""
    approved = [case.approved for case in inputs.business_cases if case.unit == unit and case.approved]
    latest = max((own for own in approved if own <= day), default=None)
    if latest is None:
        return None
    return (day.year - latest.year) * 12 + day.month - latest.month - (day.day < latest.day)


def _against_agreed(ledger: Ledger, result: UnitYear) -> Iterator[rows.Compared]:
    """The auditor's test."""
    unit, day = result.unit.code, ledger.as_at or result.year.last_day()
    latest = latest_set(ledger.inputs.agreed.get(unit, ()), result.year)
    agreed = None if latest is None else shares_of(latest, result.members)
    if agreed is None or _in_force(ledger.inputs.further.agreements, unit, day) is None:
        return
    for force, applied, share in zip(result.members, result.decision.shares, agreed, strict=True):
        yield rows.Compared(unit=unit, force=force, applied=applied, agreed=share, year=result.year)
