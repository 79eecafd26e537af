"""The result of `compute` as a workbook: live, or plain values."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.questions.cover import cover
from bch_apportion.questions.split import page as splits
from bch_apportion.writing.report import Column, Cover, Report


class Book(NamedTuple):
    """A cover, and the sheets after it."""

    cover: Cover
    reports: tuple[Report, ...]


def _stamped(report: Report, stamp: str) -> Report:
    """The splits with a column that says under what they stand, where it is not the workbook alone."""
    if not stamp or report.name != "Splits":
        return report
    rows = tuple((*row, stamp) for row in report.rows)
    return replace(report, columns=(*report.columns, Column("stands under", "wide")), rows=rows)


def book(
    whole: Ledger, ledger: Ledger, detail: Literal["line", "subjective"] | None = None, values: bool = False
) -> Book:
    """The sheets of what is shown of a whole run: formulas over the input figures.

    With `values`, or where it is too large, plain values alone.
    """
    front = cover(ledger, "What each force pays")
    plain = tuple(_stamped(sheet, front.stamp) for sheet in splits.everything(ledger, detail))
    if values:
        return Book(front, plain)
    from bch_apportion import live
    from bch_apportion.live import schedules

    reason = live.too_large(ledger)
    if reason:
        said = ("Live figures", f"none; every cell is a plain value: {reason}.")
        return Book(front._replace(rows=(*front.rows, said)), plain)
    recalculating = live.live_sheets(ledger, splits.splits(ledger))
    others = [sheet for sheet in plain if sheet.name != recalculating.splits.name]
    sheets = [_stamped(recalculating.splits, front.stamp), recalculating.checks, *others]
    taken = [sheet.name for sheet in (*sheets, *recalculating.steps)]
    sheets += [*schedules.documents(whole, ledger, recalculating, taken), *recalculating.steps]
    rows = [*front.rows, *recalculating.status]
    if len({result.unit.code for result in ledger.results}) > schedules.MOST_PAGES:
        limit = schedules.MOST_PAGES
        rows.append(("Unit pages", f"none for more than {limit} units; narrow them with --unit"))
    return Book(front._replace(rows=tuple(rows)), tuple(sheets))
