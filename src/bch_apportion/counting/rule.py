"""Demand counted from the records that a plan names, or every problem that stands in the way at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from bch_apportion import __version__
from bch_apportion.answers import Run
from bch_apportion.counting.engines import WHOLE, Engine, Refused, connected, embedded
from bch_apportion.counting.evidence import demand_rows, evidence
from bch_apportion.counting.plan import Driver, Plan, read_plan
from bch_apportion.counting.records import Records, Unfit, open_records
from bch_apportion.counting.rows import MOST_NAMED, Count, DemandRow, Evidence, Source
from bch_apportion.counting.tallies import Tally, most_queries, tally
from bch_apportion.places import Place
from bch_apportion.problems import InputProblems, Problem
from bch_apportion.reading.values import brief

Progress: TypeAlias = Callable[[str, int], AbstractContextManager[Callable[..., None]]]


def _silent(label: str, steps: int) -> AbstractContextManager[Callable[..., None]]:
    return nullcontext(lambda *done: None)


def count(path: Path, progress: Progress = _silent) -> tuple[Count, Plan]:
    """The demand that a plan asks for, with its evidence, and the plan.

    Raises InputProblems, and OSError where the plan cannot be opened. `progress` gives for a label and a number of
    steps what is called after each step.
    """
    plan, problems = read_plan(path)
    with _Counting(plan, problems, progress) as counting:
        counting.run()
        if counting.problems:
            raise InputProblems(counting.problems, path.name)
        return counting.answer(), plan


@dataclass
class _Counting:
    """A run of a plan: its problems as they are met, and what came of each driver."""

    plan: Plan
    problems: list[Problem]
    progress: Progress
    engines: dict[str, Engine | None] = field(default_factory=dict)  # None: it cannot be had, and that was said
    tallies: dict[str, Tally] = field(default_factory=dict)  # by the driver's key
    sources: list[tuple[Driver, str, Future[str] | None]] = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> _Counting:
        self.folder = Path(self.stack.enter_context(TemporaryDirectory(prefix="bch-apportion-")))
        self.hashing = self.stack.enter_context(_worker())
        return self

    def __exit__(self, *_: object) -> None:
        for engine in self.engines.values():
            if engine is not None:
                engine.close()
        self.stack.close()

    def run(self) -> None:
        """Count every driver that can be counted; where any cannot, the others' problems are still met."""
        for driver in self.plan.drivers:
            try:
                self._count(driver)
            except Unfit as unfit:
                self.problems += unfit.problems
        if self.tallies and len(self.tallies) == len(self.plan.drivers):
            self.problems += self._not_spelled()

    def _count(self, driver: Driver) -> None:
        engine = self._engine(driver)
        if engine is None:
            return
        records = open_records(self.plan, driver, engine)
        if not driver.whole or not self._forces_are_known():
            return
        self._remember(driver, records)
        try:
            with self.progress(f"counting {driver.name}", WHOLE * most_queries(records, driver)) as told:
                tallied = tally(records, driver, self.plan, told)
        except Refused as refused:
            place = driver.place("table" if driver.table else "from")
            message = f"the records cannot be read to their end: {refused}"
            raise Unfit(Problem("records-unreadable", message, "mend or fetch the records again", place)) from refused
        if not tallied.volumes:
            out = ", ".join(f"{number:,} {reason}" for reason, number in tallied.out.items() if number)
            reasons = f" ({out})" if out else ""
            message = f"no record of {driver.name} is counted: {tallied.read:,} were read{reasons}"
            unknown = f" (unknown: {_unknown([tallied])})" if tallied.spellings else ""
            remedy = f"look at the reasons: where, between, the spellings of forces{unknown}, the columns"
            self.problems.append(Problem("no-record-counted", message, remedy, driver.place()))
        self.tallies[driver.key] = tallied

    def _engine(self, driver: Driver) -> Engine | None:
        """The engine that holds a driver's records; None where there is none, which is said once."""
        if bool(driver.table) == bool(driver.files):
            return None
        name = "table" if driver.table else "files"
        if name not in self.engines:
            self.engines[name] = self._opened(driver)
        return self.engines[name]

    def _opened(self, driver: Driver) -> Engine | None:
        if any(problem.cell == "connection" for problem in self.problems):
            return embedded(self.folder) if driver.files else None
        try:
            return connected(self.plan) if driver.table else embedded(self.folder, self.plan.connection)
        except Refused as refused:
            message = f"the connection cannot be had: {refused}"
            remedy = "mend the connection, or ask who keeps the records"
            self.problems.append(Problem("connection-failed", message, remedy, Place(cell="connection")))
            return embedded(self.folder) if driver.files else None

    def _forces_are_known(self) -> bool:
        return bool(self.plan.spellings) and not any(problem.cell.startswith("forces") for problem in self.problems)

    def _remember(self, driver: Driver, records: Records) -> None:
        """Which files and tables were read; the files' hashes are worked out beside the counting."""
        for file in records.files:
            self.sources.append((driver, _named(file, self.plan.folder), self.hashing(file)))
        if driver.table:
            self.sources.append((driver, driver.table, None))

    def _not_spelled(self) -> Iterator[Problem]:
        """The forces that no record names."""
        spelled = {number for tallied in self.tallies.values() for number in tallied.spelled}
        unknown = _unknown(self.tallies.values())
        among = f" (unknown: {unknown})" if unknown else ""
        for number, (force, texts) in enumerate(self.plan.spellings.items()):
            if number not in spelled:
                message = f"no record names {force} ({', '.join(texts)})"
                remedy = f"add how the records write it{among}, or take the force out of the plan"
                yield Problem("force-not-spelled", message, remedy, Place(cell=f"forces.{force}"), force)

    def answer(self) -> Count:
        """What was counted."""
        forces = list(self.plan.spellings)
        demand: list[DemandRow] = []
        rows: list[Evidence] = []
        for driver in self.plan.drivers:
            own = demand_rows(driver, self.tallies[driver.key], forces)
            rows.append(evidence(driver, self.tallies[driver.key], forces, own))
            demand += own
        sources = [
            Source(driver=driver.name, name=name, sha256=None if digest is None else digest.result())
            for driver, name, digest in self.sources
        ]
        return Count(
            run=Run(
                version=__version__,
                input=self.plan.path.name,
                sha256=self.plan.sha256,
                scenarios=[],
                settings={"connection": self.plan.connection, "timezone": self.plan.timezone},
            ),
            demand=demand,
            evidence=rows,
            sources=sources,
            notes=[f"{row.driver}: {text}" for row in rows for text in row.says],
        )


def _unknown(tallies: Iterable[Tally]) -> str:
    """The most frequent spellings that the plan does not know."""
    spelled = sorted((s for tallied in tallies for s in tallied.spellings), key=lambda s: -s.records)
    return ", ".join(dict.fromkeys(f"“{brief(s.spelling)}”" for s in spelled[:MOST_NAMED]))


def _named(file: Path, folder: Path) -> str:
    """A file as it stands from the plan's folder, whatever the machine."""
    return Path(os.path.relpath(file, folder)).as_posix()


@contextmanager
def _worker() -> Iterator[Callable[[Path], Future[str]]]:
    """What works out the hash of a file beside other work; what has not begun at the end is not begun."""
    pool = ThreadPoolExecutor(1)
    try:
        yield lambda file: pool.submit(sha256_of, file)
    finally:
        pool.shutdown(cancel_futures=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
