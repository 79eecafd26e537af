"""The answer of `check`, for a workbook without problems: each robustness test, each control."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Literal

from bch_apportion.answers import Answer, QueryRow, Run, Table, run_of, table
from bch_apportion.kinds import Year, record
from bch_apportion.ledger import Ledger
from bch_apportion.model import RobustnessTest
from bch_apportion.problems import Control
from bch_apportion.questions.split.rows import TestRow, test_rows
from bch_apportion.questions.unanswered import ProblemRow


@record
class UnitTests:
    """The robustness tests of a unit and year."""

    unit: str
    year: Year
    robust: bool
    tests: Sequence[RobustnessTest]


@record
class Check(Answer):
    """`check --json`."""

    TABLE = "tests"

    schema: Literal["bch-apportion/check/1"] = "bch-apportion/check/1"
    run: Run
    problems: Sequence[ProblemRow]
    tests: Sequence[UnitTests]
    controls: Sequence[Control]
    notes: Sequence[str]
    queries: Sequence[QueryRow] = ()

    def table(self) -> Table:
        """A row for each test."""
        rows = (test_rows(unit.unit, unit.year, unit.tests) for unit in self.tests)
        return table([*chain.from_iterable(rows)], TestRow)


def answer_of(ledger: Ledger) -> Check:
    """The tests and controls of a workbook without problems."""
    tests = [
        UnitTests(unit=result.unit.code, year=result.year, robust=result.decision.robust, tests=result.decision.tests)
        for result in ledger.results
    ]
    run = run_of(ledger.inputs, ledger.as_at)
    return Check(run=run, problems=(), tests=tests, controls=ledger.controls, notes=ledger.notes)
