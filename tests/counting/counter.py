"""A second counter of records, in plain Python, written from the page alone (docs/counting.md): slow, and it shows.

Records are dictionaries by column: texts, dates, datetimes (with an offset or without), numbers, None.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

Record: TypeAlias = Mapping[str, Any]
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
REASONS = (
    "filtered",
    "no-date",
    "date-not-readable",
    "outside-between",
    "no-force",
    "force-not-known",
    "amount",
    "duplicate",
)


@dataclass
class Asked:
    """A driver of a plan."""

    forces: Mapping[str, Sequence[str]]
    date: str = "when"
    force: str = "force"
    id: str = ""
    sum: str = ""
    recorded: str = ""
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    between: tuple[tuple[int, int], tuple[int, int]] | None = None
    zero: bool = False
    zone: str = "Europe/London"


def moment(value: Any, zone: str) -> datetime | None:
    """A moment with the clock of the zone; None where it is not readable."""
    if isinstance(value, str):
        value = from_text(value.strip())
    if value is None:
        return None
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    clock = ZoneInfo(zone)
    value = value.replace(tzinfo=clock) if value.tzinfo is None else value.astimezone(clock)
    return value if 1900 <= value.year < 2200 else None


def from_text(text: str) -> datetime | None:
    """ISO or UK text, to the nearest second."""
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(.*)", text)
    uk = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(.*)", text)
    words = re.fullmatch(r"(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4}|\d{2})(.*)", text)
    if iso:
        parts, rest = [int(iso[n]) for n in (1, 2, 3)], iso[4]
    elif uk:
        parts, rest = [full(uk[3]), int(uk[2]), int(uk[1])], uk[4]
    elif words and words[2][:3].lower() in MONTHS:
        parts, rest = [full(words[3]), MONTHS.index(words[2][:3].lower()) + 1, int(words[1])], words[4]
    else:
        return None
    clock = re.fullmatch(r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?", rest)
    if clock is None:
        return None
    try:
        day = datetime(*parts)  # type: ignore[arg-type]
        if clock[1]:
            day = day.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0))
            day += timedelta(seconds=round(float(clock[4] or 0)))
    except ValueError:
        return None
    if clock[5]:
        offset = "+00:00" if clock[5] == "Z" else clock[5]
        return datetime.fromisoformat(f"{day.isoformat()}{offset}")
    return day


def full(year: str) -> int:
    return int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)


def amount(value: Any) -> Fraction | None:
    """A number; None where it is none."""
    if isinstance(value, str):
        text = value.strip()
        if not re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?", text):
            return None
        return Fraction(text.replace(",", "").rstrip("."))
    return None if value is None else Fraction(value)


def blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def month(day: date) -> int:
    return 12 * day.year + day.month - 1


def late(day: datetime, entered: datetime) -> bool:
    """Later than the same day of the next month, or its last day where that month is shorter."""
    first = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    last = date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)
    return entered.date() > first.replace(day=min(day.day, last.day))


def count(asked: Asked, records: Sequence[Record]) -> dict[str, Any]:
    """The demand by force and month, and the evidence, as JSON has them (months as counts)."""
    known = {text.strip().lower(): code for code, texts in asked.forces.items() for text in (code, *texts)}
    order = list(asked.forces)
    out: dict[str, list[Record]] = {reason: [] for reason in REASONS}
    left = []
    for record in records:
        reason, entry = judged(asked, record, known)
        if reason:
            out[reason].append(record)
        else:
            left.append(entry)
    left.sort(key=lambda entry: (entry["moment"].astimezone(UTC), order.index(entry["force"]), -entry["amount"]))
    seen: set[str] = set()
    counted = []
    for entry in left:
        name = entry["id"]
        if name and name in seen:
            out["duplicate"].append(entry["record"])
        else:
            seen.add(name)
            counted.append(entry)
    return {**shown(asked, counted, order), "read": len(records), "left_out": list(reasons(asked, out))}


def judged(asked: Asked, record: Record, known: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The first reason that fits, else what counts of a record."""
    for column, values in asked.where.items():
        if blank(record[column]) or as_text(record[column]).lower() not in {value.lower() for value in values}:
            return "filtered", {}
    if blank(record[asked.date]):
        return "no-date", {}
    when = moment(record[asked.date], asked.zone)
    if when is None:
        return "date-not-readable", {}
    if asked.between and not asked.between[0] <= (when.year, when.month) <= asked.between[1]:
        return "outside-between", {}
    if blank(record[asked.force]):
        return "no-force", {}
    force = known.get(as_text(record[asked.force]).strip().lower())
    if force is None:
        return "force-not-known", {}
    volume: Fraction | None = Fraction(1)
    if asked.sum:
        volume = amount(record[asked.sum])
        if volume is None or volume < 0:
            return "amount", {}
    entered = moment(record[asked.recorded], asked.zone) if asked.recorded else None
    name = "" if not asked.id or blank(record[asked.id]) else as_text(record[asked.id]).strip()
    is_late = entered is not None and late(when, entered)
    entry = {"record": record, "moment": when, "force": force, "amount": volume, "id": name, "late": is_late}
    return "", entry


def reasons(asked: Asked, out: Mapping[str, Sequence[Record]]) -> Any:
    """Each reason with its number, five ids, and the spellings of forces not known."""
    for reason, records in out.items():
        ids: set[str] = set()
        if asked.id:
            ids = {as_text(record[asked.id]).strip() for record in records if not blank(record[asked.id])}
        spelled: Counter[str] = Counter()
        if reason == "force-not-known":
            spelled = Counter(as_text(record[asked.force]).strip() for record in records)
        ranked = sorted(spelled.items(), key=lambda pair: (-pair[1], pair[0]))[:50]
        yield {
            "reason": reason,
            "records": len(records),
            "ids": sorted(ids)[:5],
            "spellings": [{"spelling": text, "records": number} for text, number in ranked],
        }


def shown(asked: Asked, counted: Sequence[dict[str, Any]], order: Sequence[str]) -> dict[str, Any]:
    """Demand and what the evidence says of the records counted."""
    volumes: dict[tuple[int, str], Fraction] = {}
    for entry in counted:
        place = month(entry["moment"]), entry["force"]
        volumes[place] = volumes.get(place, Fraction(0)) + entry["amount"]
    first, last = min(place[0] for place in volumes), max(place[0] for place in volumes)
    if asked.between:
        first, last = (12 * year + number - 1 for year, number in asked.between)
    places = [(number, force) for number in range(first, last + 1) for force in order]
    demand = {place: volumes.get(place, Fraction(0)) for place in places if place in volumes or asked.zero}
    largest = max(demand, key=lambda place: (demand[place], -order.index(place[1]), -place[0]))
    of_force = sorted(volume for place, volume in demand.items() if place[1] == largest[1])
    middle = len(of_force) // 2
    median = of_force[middle] if len(of_force) % 2 else (of_force[middle - 1] + of_force[middle]) / 2
    days = {entry["moment"].date() for entry in counted}
    month_after = date((last + 1) // 12, (last + 1) % 12 + 1, 1)
    return {
        "demand": demand,
        "counted": len(counted),
        "blank_ids": sum(not entry["id"] for entry in counted) if asked.id else 0,
        "missing": [
            (force, number) for force in order for number in range(first, last + 1) if (number, force) not in volumes
        ],
        "cut": (date(first // 12, first % 12 + 1, 1) not in days, month_after - timedelta(days=1) not in days),
        "largest": (largest[1], largest[0], demand[largest]),
        "median": median,
        "grade": list(grades(counted, order, first, last, set(volumes))),
    }


def grades(counted: Sequence[dict[str, Any]], order: Sequence[str], first: int, last: int, there: set[Any]) -> Any:
    """By force and financial year: records, late ones, months with records, months asked."""
    years = sorted({(number - 3) // 12 for number in range(first, last + 1)})
    for force in order:
        for year in years:
            months = [number for number in range(first, last + 1) if (number - 3) // 12 == year]
            own = [e for e in counted if e["force"] == force and month(e["moment"]) in months]
            present = sum((number, force) in there for number in months)
            yield force, year, len(own), sum(e["late"] for e in own), present, len(months)
