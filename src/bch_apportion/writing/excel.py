"""Reports as an .xlsx workbook: a first page, then a named table to a sheet; real numbers, a frozen header, printable.

The same reports give the same bytes: nothing of the clock or the machine goes in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any

from bch_apportion.writing import carried, workbook
from bch_apportion.writing.files import TooLong
from bch_apportion.writing.front import Front
from bch_apportion.writing.manifest import Manifest
from bch_apportion.writing.native_charts import CHARTS, HIGH, Span, drawn
from bch_apportion.writing.paper import DRAWN, breaks, fit, headed
from bch_apportion.writing.report import ABOUT, CALCULATION, NOTES, Cell, Chart, Cover, Page, Report, columns
from bch_apportion.writing.sheets import BUTTON, Sheets, heading, width_of
from bch_apportion.writing.text import is_number, titled
from bch_apportion.writing.workbook import LINE, MAX_ROWS, row_height, side, write_text

SOME = 100  # rows between two words on how far it is
CHART_ROWS = 16  # of a chart and the gap below it
GREY = "#A6A6A6"
LONGEST_HEADING = 255  # characters that a table's column may be named with


def write(
    path: Path,
    cover: Cover,
    first: Page,
    reports: Sequence[Report],
    notes: Sequence[str] = (),
    told: Callable[[int, int], None] | None = None,
    manifest: Manifest | None = None,
) -> None:
    """Write a workbook: its first page, the reports, what their formulas need, notes, cover and manifest.

    `told` is called after some rows, with their number and that of all rows.
    """
    sheets = list(map(_filled, reports))
    steps = [sheet for sheet in sheets if sheet.group == CALCULATION]
    sheets = [*(sheet for sheet in sheets if sheet.group != CALCULATION), _notes(reports, notes), *steps, _about(cover)]
    all_rows = 2 * sum(len(report.rows) for report in sheets)  # to write them, and to save the file
    result = _Result(cover, (lambda rows: told(rows, all_rows)) if told else lambda rows: None)
    Front(result.sheets).write(first, [*sheets, *([carried.sheet(manifest)] if manifest else [])])
    for report in sheets:
        result.add(report)
    if manifest is not None:
        result.told = lambda rows: None
        result.add(carried.sheet(replace(manifest, seal=result.sheets.seal())))
    result.sheets.book.save(path)


def _about(cover: Cover) -> Report:
    """What the result was worked out from."""
    return Report(ABOUT, "What this workbook was worked out from", columns("item", ("text", "wide")), cover.rows)


def _notes(reports: Sequence[Report], notes: Sequence[str]) -> Report:
    """The notes on the result, then those on each sheet."""
    sheets = [("", note) for note in notes] + [(report.name, note) for report in reports for note in report.notes]
    rows = tuple((number, sheet, note) for number, (sheet, note) in enumerate(sheets, 1))
    heads = columns(("no", "whole"), "sheet", ("note", "wide"))
    return _filled(Report(NOTES, "Notes on the result and its tables", heads, rows, empty="No notes."))


def _filled(report: Report) -> Report:
    """A report that says so where it has no rows."""
    if report.rows:
        return report
    words = Cell(report.empty or "None.", kind="text")
    return replace(report, rows=((words, *[None] * (len(report.columns) - 1)),), totals=0)


class _Result:
    """The tables of a result as they are written; `told` hears how many rows were."""

    def __init__(self, cover: Cover, told: Callable[[int], None]) -> None:
        self.sheets, self.told = Sheets(cover.title, cover.stamp), told
        self.named: set[str] = set()  # names of tables

    def add(self, report: Report) -> None:
        """A report as a sheet."""
        sheet, book = self.sheets.add(report.name), self.sheets.book
        if len(report.rows) >= MAX_ROWS:
            raise TooLong(f"{len(report.rows):,} rows do not fit the Excel sheet {report.name}; write .csv or .json")
        heads = [heading(report, column) for column in report.columns]
        widths = [width_of(report, place, head) for place, head in enumerate(heads)]
        styles = [book.style(**workbook.HEADER, **side(is_number(column.kind))) for column in report.columns]
        for place, (head, width, style) in enumerate(zip(heads, widths, styles, strict=True)):
            write_text(sheet, 0, place, head, style)
            sheet.set_column(place, place, width)
        sheet.set_row(0, row_height([(head, width - BUTTON) for head, width in zip(heads, widths, strict=True)]))
        high = self._rows(sheet, report, widths)
        for place, column in enumerate(report.columns):
            if column.kind == "status" and report.rows:
                self.sheets.coloured(sheet, 1, len(report.rows), place)
        self._as_table(sheet, report, [{"header": h, "header_format": s} for h, s in zip(heads, styles, strict=True)])
        sheet.freeze_panes(1, 1 if len(report.columns) > 2 else 0)
        sheet.repeat_rows(0)
        holds = fit(sheet, widths, min(2, len(widths)))
        self._charts(sheet, report, high, holds)
        headed(sheet, titled(report), self.sheets.stamp)
        if report.group == CALCULATION:
            sheet.set_tab_color(GREY)

    def _charts(self, sheet: Any, report: Report, high: float, holds: float) -> None:
        """The charts of a table below it, so that the table is printed as wide as the page; no page cuts one."""
        first, tops = len(report.rows) + 2, []
        for number, chart in enumerate(chart for chart in report.charts if chart.kind in CHARTS):
            row = first + CHART_ROWS * number
            sheet.insert_chart(row, 0, *drawn(self.sheets.book, chart, partial(_span, report, chart)))
            tops.append((row, high + LINE * (row - first + 1), HIGH * DRAWN))
        sheet.set_h_pagebreaks(breaks(tops, holds))

    def _rows(self, sheet: Any, report: Report, widths: Sequence[float]) -> float:
        """Write the rows; returns how high they are in points."""
        wide = [place for place, column in enumerate(report.columns) if column.kind == "wide"]
        first_total = len(report.rows) - report.totals
        total = 0.0
        for number, values in enumerate(report.rows, 1):
            high = row_height([(str(values[place]), widths[place]) for place in wide]) if wide else LINE
            total += high
            if high > LINE:
                sheet.set_row(number, high)
            strong = number > first_total or number - 1 in report.strong
            for place, (value, column) in enumerate(zip(values, report.columns, strict=True)):
                self.sheets.cell(sheet, (number, place), value, column.kind, strong)
            if number % SOME == 0:
                self.told(SOME)
        self.told(len(report.rows) % SOME)
        return total

    def _as_table(self, sheet: Any, report: Report, heads: Sequence[dict[str, Any]]) -> None:
        """The rows of a sheet without its totals as a table of its own; a plain range where Excel would refuse it."""
        last = len(report.rows) - report.totals
        if not last or not _named_apart([head["header"] for head in heads]):
            sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)
            return
        name = table_name(report.name, self.named)
        options = {"name": name, "style": None, "banded_rows": False, "columns": heads}
        if sheet.add_table(0, 0, last, len(heads) - 1, options):
            raise ValueError(f"{report.name}: no table")


def _span(report: Report, chart: Chart, name: str) -> Span:
    place = [column.name for column in report.columns].index(name)
    return [report.name, chart.first + 1, place, chart.last + 1, place]


def _named_apart(heads: Sequence[str]) -> bool:
    """Whether these can name the columns of a table: none twice, none too long, each as it is read back."""
    return len({head.casefold() for head in heads}) == len(heads) and all(
        head and head == head.strip() and head.isprintable() and len(head) <= LONGEST_HEADING for head in heads
    )


def table_name(sheet: str, named: set[str]) -> str:
    """A name for the table of a sheet that no other has and that is no cell; it is added to `named`.

    >>> table_name("NRE used", set()), table_name("HR2018", set()), table_name("R", set()), table_name("A/B", {"a_b"})
    ('NRE_used', 'HR2018_', 'R_', 'A_B_2')
    """
    plain = re.sub(r"\W", "_", sheet, flags=re.ASCII)
    if plain[:1].isdigit():
        plain = f"_{plain}"
    if "_" not in plain and (len(plain) == 1 or any(sign.isdigit() for sign in plain)):
        plain += "_"
    names = chain([plain], (f"{plain}_{number}" for number in count(2)))
    name = next(name for name in names if name.casefold() not in named)
    named.add(name.casefold())
    return name
