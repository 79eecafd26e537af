"""The result of `compute` as a workbook: live, or plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from bch_apportion.ledger import Ledger
from bch_apportion.live import Live
from bch_apportion.questions.cover import cover
from bch_apportion.questions.split import page as splits
from bch_apportion.questions.split.first_page import Refs
from bch_apportion.questions.split.rows import By
from bch_apportion.writing.report import ABOUT, FIRST, NOTES, Cell, Column, Cover, Page, Report

FirstPage: TypeAlias = Callable[[Refs], Page]


class Book(NamedTuple):
    """What a workbook holds: its first page, what it was worked out from, the sheets."""

    first: Page
    cover: Cover
    reports: tuple[Report, ...]


def _stamped(report: Report, stamp: str) -> Report:
    """The splits with a column that says under what they stand, where it is not the workbook alone."""
    if not stamp or report.name != "Splits":
        return report
    rows = tuple((*row, stamp) for row in report.rows)
    return replace(report, columns=(*report.columns, Column("stands under", "wide")), rows=rows)


def book(whole: Ledger, ledger: Ledger, first: FirstPage, detail: By | None = None, values: bool = False) -> Book:
    """The sheets of what is shown of a whole run: formulas over the input figures.

    With `values`, or where it is too large, plain values alone.
    """
    front = cover(ledger, "What each force pays")
    plain = tuple(_stamped(sheet, front.stamp) for sheet in splits.everything(ledger, detail))
    if values:
        return Book(first(MappingProxyType({})), front, plain)
    from bch_apportion import live
    from bch_apportion.live import schedules

    reason = live.too_large(ledger)
    if reason:
        said = ("Live figures", f"none; every cell is a plain value: {reason}.")
        return Book(first(MappingProxyType({})), front._replace(rows=(*front.rows, said)), plain)
    recalculating = live.live_sheets(ledger, splits.splits(ledger))
    _, bases, *others = plain
    sheets = [_stamped(recalculating.splits, front.stamp), bases]
    documents = [schedules.assumptions_log(ledger), schedules.sign_off(ledger)]
    last = [*others, *documents, recalculating.checks, *recalculating.steps]
    taken = [FIRST, NOTES, ABOUT, *(sheet.name for sheet in (*sheets, *last))]
    rows = [*front.rows, *recalculating.status]
    if len({result.unit.code for result in ledger.results}) > schedules.MOST_PAGES:
        limit = schedules.MOST_PAGES
        rows.append(("Unit pages", f"none for more than {limit} units; narrow them with --unit"))
    return Book(
        first=_marked(first(recalculating.paid), recalculating),
        cover=front._replace(rows=tuple(rows)),
        reports=(*sheets, *schedules.unit_pages(whole, ledger, recalculating, taken), *last),
    )


def _marked(page: Page, live: Live) -> Page:
    """The page with whether the live checks hold, and below each table of values a line for when they are old."""
    (_, (_, checked)) = live.status
    return replace(page, blocks=(checked, *(part for block in page.blocks for part in _with_mark(block, live.mark))))


def _with_mark(block: str | Report | tuple[str] | Cell, mark: Cell) -> Iterator[str | Report | tuple[str] | Cell]:
    yield block
    if isinstance(block, Report) and block.name != "Units":
        yield mark
