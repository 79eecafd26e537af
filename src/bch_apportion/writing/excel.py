"""Reports as an .xlsx workbook: a cover, then one table to a sheet; real numbers, one frozen header row, printable.

The same reports give the same bytes: nothing of the clock or the machine goes in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from bch_apportion.money import decimal_text
from bch_apportion.reports.report import Chart, Column, Cover, Report
from bch_apportion.writing.text import is_number

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  # a fixed creation date, so that the bytes do not depend on the clock
COVER_WIDTH = 96
LINE = 15  # points of a line of text
LONGEST = 32_767  # characters of a cell
SOME = 100  # rows between two words on how far it is
MAX_ROWS = 1_048_576
FORMATS = {
    "money": "#,##0.00;-#,##0.00",
    "share": "0.0000%",
    "percent": '0.######"%"',
    "points": "0.00",
    "whole": "0",
    "figure": "0.0",
    "date": "dd mmm yyyy",
}
CHARTS = {
    "waterfall": {"type": "column", "subtype": "stacked"},
    "line": {"type": "line"},
    "column": {"type": "column"},
    "tornado": {"type": "bar", "subtype": "stacked"},
}
WIDTHS = {"money": 17, "share": 12, "percent": 12, "points": 10, "whole": 8, "figure": 12, "year": 10, "date": 13}


class TooLong(ValueError):
    """A text or table that an Excel sheet cannot hold."""


def write(path: Path, cover: Cover, reports: Sequence[Report], told: Callable[[int, int], None] | None = None) -> None:
    """Write a workbook of these reports; `told` is called after some rows, with their number and that of all rows."""
    contents = BytesIO()  # in memory, so that a full disk leaves nothing in the folder of temporary files either
    book = xlsxwriter.Workbook(
        contents,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": FORMATS["date"],
        },
    )
    book.set_properties({"title": cover.title, "created": EPOCH})
    styles = _Styles(book)
    _cover(book, styles, cover, reports)
    rows = sum(len(report.rows) for report in reports)
    for report in reports:
        _sheet(book, styles, report, lambda count: told(count, 2 * rows) if told is not None else None)
    book.close()  # about half of the time
    path.write_bytes(contents.getvalue())


class _Styles:
    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.bold = book.add_format({"bold": True, "valign": "top"})
        self.header = book.add_format(
            {
                "bold": True,
                "text_wrap": True,
                "valign": "top",
                "bottom": 1,
                "bg_color": "#DCE6F1",
                "indent": 1,
                "align": "left",
            }
        )
        self.number_header = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#DCE6F1", "align": "right"}
        )
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.cells: dict[tuple[str, bool], Any] = {}
        for total in (False, True):
            extra = {"bold": True, "top": 1} if total else {}
            for kind in ("text", "year"):
                self.cells[kind, total] = book.add_format({"valign": "top", "indent": 1, "align": "left", **extra})
            self.cells["wide", total] = book.add_format(
                {"valign": "top", "indent": 1, "align": "left", "text_wrap": True, **extra}
            )
            for kind, number_format in FORMATS.items():
                style = {"valign": "top", "align": "right", "num_format": number_format, **extra}
                self.cells[kind, total] = book.add_format(style)


def _text(sheet: Any, row: int, column: int, text: str, style: Any) -> None:
    """Write text as text, whatever it begins with; a text too long for a cell is an error, never cut."""
    if len(text) > LONGEST:
        raise TooLong(f"a text of {len(text):,} characters does not fit an Excel cell")
    sheet.write_string(row, column, text, style)


def _cover(book: Any, styles: _Styles, cover: Cover, reports: Sequence[Report]) -> None:
    sheet = book.add_worksheet("Cover")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, COVER_WIDTH)
    _text(sheet, 0, 0, cover.title, styles.title)
    row = 2
    for name, text in cover.rows:
        _text(sheet, row, 0, name, styles.bold)
        _text(sheet, row, 1, text, styles.wrap)
        sheet.set_row(row, _height([(text, COVER_WIDTH)]))
        row += 1
    row += 1
    _text(sheet, row, 0, "Contents", styles.bold)
    for report in reports:
        row += 1
        sheet.write_url(row, 0, f"internal:'{report.name}'!A1", string=report.name)
        units = f" ({report.units})" if report.units else ""
        about = " ".join([f"{report.title}{units}.", *report.notes])
        _text(sheet, row, 1, about, styles.wrap)
        sheet.set_row(row, _height([(about, COVER_WIDTH)]))
    _printable(sheet)


def _printable(sheet: Any, title: str = "") -> None:
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    if title:
        sheet.set_header("&L" + title.replace("&", "&&")[:250])
    sheet.set_footer("&L&A&RPage &P of &N")


def _sheet(book: Any, styles: _Styles, report: Report, told: Callable[[int], None]) -> None:
    sheet = book.add_worksheet(report.name)
    if len(report.rows) >= MAX_ROWS:
        raise TooLong(f"{len(report.rows):,} rows do not fit the Excel sheet {report.name}; write .csv or .json")
    widths = [_width(report, place, column) for place, column in enumerate(report.columns)]
    wide = [place for place, column in enumerate(report.columns) if column.kind == "wide"]
    for place, column in enumerate(report.columns):
        style = styles.number_header if is_number(column.kind) else styles.header
        _text(sheet, 0, place, _heading(report, column), style)
        sheet.set_column(place, place, widths[place])
    first_total = len(report.rows) - report.totals
    for number, values in enumerate(report.rows):
        height = _height([(str(values[place]), widths[place]) for place in wide])
        if height > LINE:  # wrapped text: not every program fits the row to it
            sheet.set_row(number + 1, height)
        for place, (value, column) in enumerate(zip(values, report.columns, strict=True)):
            _cell(sheet, number + 1, place, value, column, styles.cells[column.kind, number >= first_total])
        if number % SOME == SOME - 1:
            told(SOME)
    told(len(report.rows) % SOME)
    for number, chart in enumerate(report.charts):
        _chart(book, sheet, report, chart, number)
    sheet.freeze_panes(1, 1 if len(report.columns) > 2 else 0)
    sheet.repeat_rows(0)
    if report.rows:
        sheet.autofilter(0, 0, max(first_total, 1), len(report.columns) - 1)
    _printable(sheet, report.title + (f" ({report.units})" if report.units else ""))


def _chart(book: Any, sheet: Any, report: Report, chart: Chart, number: int) -> None:
    """A native chart beside the table, in a column of its own."""
    names = [column.name for column in report.columns]
    place = names.index(chart.categories)
    categories = [report.name, chart.first + 1, place, chart.last + 1, place]
    waterfall = chart.kind == "waterfall"
    drawn = book.add_chart(CHARTS[chart.kind])
    colours = {"base": None, "total": "#7F7F7F", "rise": "#C55A11", "fall": "#2E75B6"}
    colours |= {f"{name} below 0": colours[name] for name in ("rise", "fall")}
    for name in chart.series:
        column = names.index(name)
        series: dict[str, Any] = {
            "name": name,
            "categories": categories,
            "values": [report.name, chart.first + 1, column, chart.last + 1, column],
        }
        if waterfall:
            colour = colours[name]
            series["fill"] = {"color": colour} if colour else {"none": True}
            series["border"] = {"none": True}
            series["gap"] = 40
        elif chart.kind == "line":
            series["marker"] = {"type": "automatic"}
        drawn.add_series(series)
    drawn.set_legend({"position": "bottom", "delete_series": [0, 4, 5]} if waterfall else {"position": "bottom"})
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
    axis: dict[str, Any] = {
        "num_format": "#,##0",
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
    }
    if chart.start is not None:
        axis["min"] = chart.start // 100
    if chart.kind == "tornado":  # the largest effect on top, the names beside the bars
        drawn.set_y_axis({"reverse": True, "label_position": "low"})
        drawn.set_x_axis({**axis, "crossing": "max"})
    else:
        drawn.set_y_axis(axis)
    drawn.set_size({"width": 620, "height": 300})
    sheet.insert_chart(1 + 16 * number, len(report.columns) + 1, drawn, {"description": chart.title})


def _height(texts: Sequence[tuple[str, float]]) -> float:
    """The height of a row whose texts wrap in columns of these widths."""
    lines = [sum(max(1, -(-len(part) // max(1, int(width * 0.95)))) for part in t.split("\n")) for t, width in texts]
    return float(min(LINE * max(lines, default=1), 400))


def _heading(report: Report, column: Column) -> str:
    return f"{column.name} ({report.units})" if column.kind == "money" and report.units else column.name


def _width(report: Report, place: int, column: Column) -> float:
    if column.kind in ("wide", "text"):
        longest = max([len(column.name) + 4, *(len(str(row[place] or "")) for row in report.rows)])
        return min(max(longest, 12), 48) if column.kind == "wide" else min(max(longest + 1, 8), 40)
    return max(WIDTHS.get(column.kind, 12), min(len(column.name) + 4, 22))


def _cell(sheet: Any, row: int, place: int, value: Any, column: Column, style: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(row, place, None, style)
    elif column.kind == "money":
        sheet.write_number(row, place, Decimal(value).scaleb(-2), style)
    elif column.kind in ("share", "percent", "points"):
        sheet.write_number(row, place, Decimal(decimal_text(value, 15)), style)
    elif column.kind == "figure" and str(value) != "n/a":
        sheet.write_number(row, place, Decimal(value), style)
    elif column.kind == "whole":
        sheet.write_number(row, place, value, style)
    elif column.kind == "date" and isinstance(value, date):
        sheet.write_datetime(row, place, value, style)
    else:
        _text(sheet, row, place, str(value), style)
