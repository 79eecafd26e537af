"""What an engine gives for a driver: records by reason, force and month; ids and spellings of those left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from bch_apportion.counting import expression
from bch_apportion.counting.expression import FEW, LEFT
from bch_apportion.counting.plan import Driver, Plan
from bch_apportion.counting.records import Records
from bch_apportion.counting.rows import REASONS, Reason, Spelling
from bch_apportion.money import Exact
from bch_apportion.years import Month

MOST_SPELLINGS = 50
FIRST_IDS, MORE = 64, 16  # ids asked for of each reason, and how many times more where too few of them differ


@dataclass(slots=True)
class Volume:
    """The records of a force and month that are counted."""

    records: int = 0
    late: int = 0
    undated: int = 0
    on_first: int = 0
    on_last: int = 0
    total: Exact = 0

    def add(self, row: Mapping[str, Any], sign: int = 1) -> None:
        """Add the records of a group, or take them away."""
        for name in ("records", "late", "undated", "on_first", "on_last"):
            setattr(self, name, getattr(self, name) + sign * row.get(name, 0))
        self.total += sign * Fraction(row.get("total") or 0)


@dataclass(slots=True)
class Tally:
    """A driver's records: `volumes` by force (its number) and month, those left out by reason."""

    read: int = 0
    blank_ids: int = 0
    volumes: dict[tuple[int, Month], Volume] = field(default_factory=dict)
    out: dict[Reason, int] = field(default_factory=lambda: dict.fromkeys(REASONS, 0))
    ids: dict[Reason, Sequence[str]] = field(default_factory=dict)
    spellings: Sequence[Spelling] = ()
    floating: bool = False  # what is summed is a floating column
    spelled: set[int] = field(default_factory=set)  # the forces that some record names, counted or not

    @property
    def counted(self) -> int:
        return sum(volume.records for volume in self.volumes.values())


def most_queries(records: Records, driver: Driver) -> int:
    """How many queries a tally takes, but for ids asked for again: volumes, spellings; the ids; to keep the records."""
    return 2 + 4 * bool(driver.id) + records.once


def tally(records: Records, driver: Driver, plan: Plan, told: Callable[..., None]) -> Tally:
    """The tally of a driver's records. Raises Refused where the engine does not give it."""
    engine = records.engine
    table = expression.classified(records, driver, plan)
    if records.once:
        table = engine.keep(table, told)
    tallied = volumes(table, records, driver, plan, told)
    if driver.id and any(tallied.out[reason] for reason in REASONS[:LEFT]):
        tallied.ids |= _smallest(lambda most: engine.rows(expression.smallest(table, engine, most), told))
    if tallied.out["force-not-known"]:
        rows = engine.rows(expression.spellings(table, engine, MOST_SPELLINGS), told)
        tallied.spellings = [Spelling(spelling=row["spelling"], records=row["records"]) for row in rows]
    engine.drop()
    tallied.floating = records.floating
    return tallied


def volumes(table: Any, records: Records, driver: Driver, plan: Plan, told: Callable[..., None]) -> Tally:
    """The records by force and month, each id once, and the numbers left out; `table` are the records classified."""
    engine = records.engine
    tallied = _by_month(engine.rows(expression.by_month(table, driver), told))
    if driver.id and tallied.volumes:
        hashes = engine.keep(expression.shared(table, engine), told)
        (tallied.blank_ids,) = [row["records"] for row in engine.rows(hashes.filter(hashes.hash.isnull()), told)] or [0]
        again = expression.of(table, hashes, engine)
        if not records.once:  # cheaper: only what shares an id is judged
            again = expression.classified(records, driver, plan, hashes)
        _without_duplicates(tallied, engine.rows(expression.duplicates(again, driver, engine, plan.timezone), told))
    return tallied


def _by_month(rows: Iterable[Mapping[str, Any]]) -> Tally:
    tallied = Tally()
    for row in rows:
        tallied.read += row["records"]
        tallied.spelled.add(row["force"])
        if row["reason"] == LEFT:
            tallied.volumes.setdefault((row["force"], row["month"]), Volume()).add(row)
        else:
            tallied.out[REASONS[row["reason"]]] += row["records"]
    return tallied


def _without_duplicates(tallied: Tally, rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        tallied.volumes[row["force"], row["month"]].add(row, -1)
        tallied.out["duplicate"] += row["records"]
    tallied.volumes = {place: volume for place, volume in tallied.volumes.items() if volume.records}
    tallied.ids["duplicate"] = sorted({row["small"] for row in rows} - {None})


def _smallest(ask: Callable[[int], Sequence[Mapping[str, Any]]]) -> dict[Reason, Sequence[str]]:
    """The smallest different ids of each reason: more are asked for where the same ids are there too often."""
    most = FIRST_IDS
    while True:
        by_reason: dict[Reason, list[str]] = {}
        for row in ask(most):
            by_reason.setdefault(REASONS[row["reason"]], []).append(row["id"])
        if all(len(ids) < most or len(set(ids)) >= FEW for ids in by_reason.values()):
            return {reason: sorted(set(ids))[:FEW] for reason, ids in by_reason.items()}
        most *= MORE
