"""`status` worked out a second time from review.md: where each unit stands, what stops it, what moving would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import count
from random import Random
from typing import Any

from .against import money
from .analysis import Agreement, Goal, ReviewBook
from .books import chance
from .calculation import (
    Line,
    Unit,
    UnitYear,
    april,
    calculate,
    half_up,
    latest_agreed,
    members_of,
    number,
    parameter,
    split,
    whole,
    year_text,
)

ORDER = ("held", "nre", "agreed", "demand", "kept", "direct", "implementation")


def one_decimal(value: Fraction) -> str:
    tenths = half_up(value * 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"


def six_decimals(share: Fraction) -> str:
    millionths = half_up(share * 1_000_000)
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"


def status(book: ReviewBook, years: Sequence[int], as_at: date | None = None) -> dict[str, Any]:
    """The document, without details in words: `stops` has the reasons alone."""
    result = calculate(book)
    everything = [
        (record, [line for line in result.lines if (line.unit, line.year) == (record.unit, record.year)])
        for record in result.bases
    ]
    chosen = [pair for pair in everything if pair[0].start in years]
    rows = [row(book, record, lines, as_at or date(record.start + 1, 3, 31)) for record, lines in chosen]
    tested = [
        compared
        for (record, lines), shown in zip(chosen, rows, strict=True)
        if shown["agreement"] is not None
        for compared in against_agreed(book, record, lines)
    ]
    return {"rows": rows, "by_basis": by_basis(everything), "applied_against_agreed": tested}


def parts(record: UnitYear, lines: list[Line]) -> dict[str, int]:
    sums = dict.fromkeys(ORDER, 0)
    for line in lines:
        if line.component == "pooled":
            sums["kept" if record.kept_from is not None else record.basis] += line.pence
        elif line.component != "no_loser":
            sums[line.component] += line.pence
    return {basis: pence for basis, pence in sums.items() if pence}


def by_basis(everything: list[tuple[UnitYear, list[Line]]]) -> list[dict[str, Any]]:
    rows = []
    for start in sorted({record.start for record, _ in everything}):
        own = [parts(record, lines) for record, lines in everything if record.start == start]
        cost = sum(sum(amounts.values()) for amounts in own)
        for basis in ORDER:
            amount = sum(amounts.get(basis, 0) for amounts in own)
            if amount:
                percent = one_decimal(Fraction(100 * amount, cost)) if cost else None
                rows.append({"year": year_text(start), "basis": basis, "amount": money(amount), "percent": percent})
    return rows


def row(book: ReviewBook, record: UnitYear, lines: list[Line], day: date) -> dict[str, Any]:
    unit = next(unit for unit in book.units if unit.code == record.unit)
    goal = book.goals.get(record.unit, Goal())
    target = goal.target or "demand"
    stops = what_stops(record, lines, target)
    in_force = agreement_on(book, record.unit, day)
    approved = [case.approved for case in book.business_cases if case.unit == record.unit and case.approved]
    known = [own for own in approved if own <= day]
    protected = any(baseline.unit == record.unit for baseline in book.baselines)
    return {
        "unit": record.unit,
        "year": record.year,
        "stands_on": [{"basis": basis, "amount": money(pence)} for basis, pence in parts(record, lines).items()],
        "cost": money(sum(line.pence for line in lines)),
        "target": target,
        "stops": stops,
        "moving": moving(record, lines, target),
        "earliest": earliest(book, unit, record, stops),
        "baselines": protected,
        "no_loser": protection(book, record) if protected else None,
        "agreement": in_force,
        "business_case_months": whole_months(max(known), day) if known else None,
        "owner": goal.owner,
        "due": goal.due.isoformat() if goal.due else None,
        "overdue": bool(stops) and goal.due is not None and goal.due < day,
    }


def what_stops(record: UnitYear, lines: list[Line], target: str) -> list[str]:
    stops = ["not-pooled"] if any(line.component == "held" for line in lines) else []
    if not any(line.pence for line in lines if line.component == "pooled") or target == "pooled":
        return stops
    if target in ("nre", "agreed"):
        return stops if record.basis == target else [*stops, "choice"]
    if record.basis == "demand" and record.kept_from is None and record.settled_from is None:
        return stops
    failing = [test.name for test in record.tests if test.passed is False]
    reasons = ["no-driver" if name == "driver" else name.replace(" ", "-") for name in failing]
    if record.settled_from is not None:
        reasons.append("settled")
    return [*stops, *(reasons or ["choice"])]


def moving(record: UnitYear, lines: list[Line], target: str) -> list[dict[str, str]]:
    if target in ("nre", "agreed"):
        return []
    borne = {
        force: sum(line.pence for line in lines if line.force == force and line.component in ("pooled", "held"))
        for force in record.members
    }
    pooled = [line for line in lines if line.component == "pooled"]
    shares = {line.force: line.share for line in pooled if line.share is not None}
    if record.shadow and any(line.pence for line in pooled):
        shares = {row.force: row.share for row in record.shadow}
    then = split(sum(borne.values()), [shares[force] for force in record.members])
    moved = {force: pence - borne[force] for force, pence in zip(record.members, then, strict=True)}
    if not any(moved.values()):
        return []
    return [{"force": force, "amount": money(pence)} for force, pence in moved.items()]


def earliest(book: ReviewBook, unit: Unit, record: UnitYear, stops: list[str]) -> str | None:
    if not stops:
        return None
    if set(stops) == {"complete"}:
        later = (record.start + n for n in count(1))
        return year_text(next(year for year in later if would_be_complete(book, unit, year)))
    return "by decision" if set(stops) <= {"not-pooled", "choice"} else "not known"


def would_be_complete(book: ReviewBook, unit: Unit, year: int) -> bool:
    """Whether no driver's window of the year misses more than allowed, if all later months come in."""
    end = april(year) - whole(book, unit.code, year, "lag months")
    window = range(end - whole(book, unit.code, year, "window months"), end)
    for driver in [row.driver for row in book.drivers if row.unit == unit.code]:
        given = [row for row in book.demand if row.driver == driver and row.volume is not None]
        last = max(row.first + row.months - 1 for row in given)
        have: dict[int, set[str]] = {month: set() for month in window}
        for volume in given:
            months = range(volume.first, volume.first + volume.months)
            if all(month in window for month in months):
                for month in months:
                    have[month].add(volume.force)
        members = set(members_of(book, unit, year))
        missing = sum(month <= last and not members <= have[month] for month in window)
        if Fraction(100 * missing, len(window)) > number(book, unit.code, year, "max missing %"):
            return False
    return True


def protection(book: ReviewBook, record: UnitYear) -> dict[str, str]:
    last = max([record.start, *(row.from_year for row in book.principles)])
    years = range(record.start, last + 1)
    none = [year for year in years if parameter(book, record.unit, year, "no loser %") == 0]
    applied = number(book, record.unit, record.start, "no loser %")
    return {"applied": one_decimal(applied), "ends": year_text(none[0]) if none else "no end"}


def agreement_on(book: ReviewBook, unit: str, day: date) -> dict[str, Any] | None:
    begun = [own for own in book.agreements if own.unit == unit and (own.effective or own.signed) <= day]
    if not begun:
        return None
    latest = max(begun, key=lambda own: own.effective or own.signed)
    due = latest.review_due
    return {
        "version": latest.version,
        "review_due": due.isoformat() if due else None,
        "days_overdue": (day - due).days if due is not None and due < day else 0,
    }


def whole_months(start: date, end: date) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if end.day >= start.day else months - 1


def against_agreed(book: ReviewBook, record: UnitYear, lines: list[Line]) -> list[dict[str, str]]:
    agreed = latest_agreed(book, record.unit, record.start)
    if agreed is None or list(agreed[1]) != record.members:
        return []
    applied = {line.force: line.share for line in lines if line.component == "pooled"}
    return [
        {
            "unit": record.unit,
            "force": force,
            "applied": six_decimals(applied[force] or Fraction(0)),
            "agreed": six_decimals(agreed[1][force]),
        }
        for force in record.members
    ]


def draw(book: ReviewBook, seed: int) -> None:
    """Target bases, owners, days and agreements."""
    rng = Random(f"status {seed}")
    first = min(row.year for row in book.budgets)

    def day() -> date:
        return date(first, 4, 1) + timedelta(days=rng.randint(-400, 1800))

    for unit in book.units:
        if chance(rng, 0.8):
            book.goals[unit.code] = Goal(
                target=rng.choice(["", "", "demand", "pooled", "agreed", "nre"]),
                owner=rng.choice(["", "Head of unit"]),
                due=rng.choice([None, day(), date(first + 1, 3, 31), date(first + 2, 3, 31)]),
            )
        for version in range(rng.choice([0, 1, 1, 2, 3])):
            book.agreements.append(
                Agreement(
                    unit=unit.code,
                    version=f"v{version}",
                    signed=day() + timedelta(days=400 * version),  # no two versions on a day
                    effective=rng.choice([None, None, day()]),
                    review_due=rng.choice([None, day(), date(first + 1, 3, 31)]),
                )
            )
    begins = [(own.unit, own.effective or own.signed) for own in book.agreements]
    book.agreements = [
        own for n, own in enumerate(book.agreements) if begins.index(begins[n]) == n
    ]  # which of two that begin together stands is not said


def compare(program: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Every difference between `status --json` and this calculation."""
    rows = [{**shown, "stops": [stop["why"] for stop in shown["stops"]]} for shown in program["rows"]]
    theirs = {**program, "rows": rows}
    differences = []
    for name, own in expected.items():
        if len(theirs[name]) != len(own):
            differences.append(f"{name}: {len(theirs[name])} rows, here {len(own)}")
        pairs = zip(theirs[name], own, strict=False)
        differences += [f"{name}: {shown}, here {here}" for shown, here in pairs if shown != here]
    return differences


def questions(book: ReviewBook) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """What is asked of the program, and the answer: the latest year, every year, the first on a day of its own."""
    years = sorted({row.year for row in book.budgets})
    day = date(years[0] + 2, 6, 30)
    yield [], status(book, years[-1:])
    yield ["--year", f"{year_text(years[0])}..{year_text(years[-1])}"], status(book, years)
    yield ["--year", year_text(years[0]), "--as-at", day.isoformat()], status(book, years[:1], day)


def census(book: ReviewBook) -> Counter[str]:
    """How often each reason, each earliest and each ending was given."""
    seen: Counter[str] = Counter()
    for _, answer in questions(book):
        for own in answer["rows"]:
            seen.update(f"stops: {why}" for why in own["stops"])
            seen[f"earliest {'a year' if '/' in str(own['earliest']) else own['earliest']}"] += 1
            seen["moving"] += bool(own["moving"])
            seen["overdue"] += own["overdue"]
            seen["review overdue"] += bool(own["agreement"] and own["agreement"]["days_overdue"])
            seen["no loser without an end"] += bool(own["no_loser"] and own["no_loser"]["ends"] == "no end")
        seen["shares compared"] += len(answer["applied_against_agreed"])
    return seen
