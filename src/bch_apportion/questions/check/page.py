"""Is the workbook fit to compute from: the reports of `check`, for a workbook without problems."""

from __future__ import annotations

from bch_apportion.ledger import Ledger
from bch_apportion.questions.split.page import controls, tests
from bch_apportion.writing.report import Report, columns


def contents(ledger: Ledger) -> Report:
    """How much of what was read."""
    inputs = ledger.inputs
    volumes = sum(
        len(slot) for demand in inputs.demand.values() for slot in (*demand.monthly.values(), *demand.longer.values())
    )
    rows = (
        ("forces", len(inputs.forces)),
        ("units", len(inputs.units)),
        ("budget lines", len(inputs.budgets)),
        ("financial years of budgets", len(ledger.years())),
        ("NRE figures", len(inputs.nre)),
        ("drivers in use", len(inputs.demand)),
        ("volumes of those drivers", volumes),
        ("rows of parameters", len(inputs.principles)),
        ("agreed sets", sum(len(sets) for sets in inputs.agreed.values())),
        ("units with baselines", len(inputs.baselines)),
    )
    return Report("What was read", f"No problems in {inputs.source}", columns("what", ("read", "whole")), rows)


def screen(ledger: Ledger) -> list[Report]:
    """What was read, every robustness test with its figures, every control."""
    return [contents(ledger), tests(ledger.results), controls(ledger.controls)]
