"""The tests and controls of a workbook, as typed rows."""

from __future__ import annotations

from bch_apportion.answers import run_of
from bch_apportion.ledger import Ledger
from bch_apportion.questions.check.rows import Check, UnitTests


def answer(ledger: Ledger) -> Check:
    """The tests and controls of a workbook without problems."""
    return Check(
        run=run_of(ledger.inputs, ledger.as_at),
        problems=(),
        tests=[
            UnitTests(
                unit=result.unit.code, year=result.year, robust=result.decision.robust, tests=result.decision.tests
            )
            for result in ledger.results
        ],
        controls=ledger.controls,
        notes=ledger.notes,
    )
