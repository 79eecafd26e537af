"""What stands behind the first page of `compute`: its tables, what moved against the business cases, unit costs.

One file for a board: what `variance` and `track` say of the same units and years stands beside the splits. What the
workbook does not carry is said in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bch_apportion.ledger import Ledger, apportion_actuals
from bch_apportion.live.schedules import MOST_PAGES
from bch_apportion.problems import InputProblems
from bch_apportion.questions.explanation import page as explanation
from bch_apportion.questions.split import page as splits
from bch_apportion.questions.split.rows import By
from bch_apportion.questions.tracking import page as tracks
from bch_apportion.questions.tracking.rule import track
from bch_apportion.questions.variance import page as variances
from bch_apportion.questions.variance.rule import against_business_case, answer
from bch_apportion.writing.report import Group, Report, columns


def whole_page(whole: Ledger, shown: Ledger, detail: By | None = None) -> list[Group]:
    """The tables in their groups, of the units and years `shown` of a run; the lines and the explanations last."""
    groups = {
        "Splits": [splits.splits(shown), *([splits.detail(shown, detail)] if detail else [])],
        "Bases": [splits.bases(shown), splits.changes_of_basis(shown), splits.parameters_in_force(shown)],
        "Demand": [splits.tests(shown.results), splits.shadow(shown)],
        "No loser": [splits.no_loser(shown), splits.protection(shown)],
        "Pooling": [splits.pooling(shown), splits.if_pooled(shown)],
        "Business cases": _worked_out("Variance", lambda: _variances(shown)),
        "Unit costs": _worked_out("Unit costs", lambda: _costs(whole, shown)),
        "Controls": [splits.controls(shown.controls)],
        "Lines": [splits.lines(shown)],
    }
    tables = [Group(heading, parts) for heading, parts in groups.items() if parts]
    return [*tables, Group("Explanations", explanation.pages(shown))]


def _worked_out(name: str, reports: Callable[[], list[Report]]) -> list[Report]:
    """What more there is to say; where the workbook does not carry it, why not."""
    try:
        return reports()
    except InputProblems as error:
        first = error.problems[0]
        why = f"Not worked out: {first.message}; {first.remedy}."
        return [Report(name, f"{name}: not worked out", columns("why"), (), empty=why)]


def _variances(shown: Ledger) -> list[Report]:
    """Against the original business cases; nothing where there are none."""
    if not shown.inputs.business_cases:
        return []
    moved = against_business_case(shown)
    if not moved.bridges:
        return []
    variance = answer(moved, shown, against="business-case", actual="budgets", version="original")
    return [variances.variances(variance), variances.bridges(variance), variances.unexplained(variance)]


def _costs(whole: Ledger, shown: Ledger) -> list[Report]:
    """Each unit's cost over the years, from its first on; nothing where there is only one year."""
    if len(shown.years()) < 2:
        return []
    outturn = apportion_actuals(whole.inputs, whole.as_at) if whole.inputs.actuals else None
    units = list(dict.fromkeys(result.unit.code for result in shown.results))
    report = tracks.costs(track(whole, outturn, None, shown.years(), units))
    if len(units) > MOST_PAGES:
        note = f"Charts are drawn for up to {MOST_PAGES} units; narrow them with --unit."
        report = replace(report, charts=(), notes=(*report.notes, note))
    return [report]
