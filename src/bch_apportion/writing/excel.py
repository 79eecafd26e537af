"""Reports as an .xlsx workbook: a cover, then one named table to a sheet; real numbers, a frozen header row, printable.

The same reports give the same bytes: nothing of the clock or the machine goes in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from io import BytesIO
from pathlib import Path
from textwrap import shorten, wrap
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from bch_apportion.money import decimal_text
from bch_apportion.writing import carried
from bch_apportion.writing.manifest import CONSTANTS, Manifest, as_sealed, digests
from bch_apportion.writing.report import Cell, Chart, Column, Cover, Kind, Report, columns
from bch_apportion.writing.text import is_number

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  # a fixed creation date, so that the bytes do not depend on the clock
FIRST_DAY = date(1899, 12, 30)  # from which a spreadsheet counts its days
FEW = 3  # columns
COVER_WIDTH = 96
LINE = 15  # points of a line of text
LONGEST = 32_767  # characters of a cell
SOME = 100  # rows between two words on how far it is
HEADER = 250  # characters at the head of a page
HALF = 150  # of these, what the result stands under
MAX_ROWS = 1_048_576
FORMATS = {
    "money": "#,##0.00;-#,##0.00",
    "share": "0.0000%",
    "percent": '0.######"%"',
    "points": "0.00",
    "whole": "0",
    "figure": "0.0",
    "date": "dd mmm yyyy",
    "count": "#,##0;-#,##0",
    "number": "General",
}
WIDTHS = {
    "money": 17,
    "count": 16,
    "number": 13,
    "status": 12,
    "share": 12,
    "percent": 12,
    "points": 10,
    "whole": 8,
    "figure": 12,
    "year": 10,
    "date": 13,
}
COLOURS: dict[str, dict[str, Any]] = {
    "good": {"font_color": "#1E6B34", "bg_color": "#E2F0D9"},
    "warn": {"font_color": "#7F6000", "bg_color": "#FFEB9C"},
    "bad": {"font_color": "#9C0006", "bg_color": "#FFC7CE", "bold": True},
}
SIGNS = {  # words that say how it stands, in colour besides
    "passed": "good",
    "GREEN": "good",
    "achievable": "good",
    "AMBER": "warn",
    "FAILED": "bad",
    "RED": "bad",
    "NOT EXPLAINED": "bad",
    "not achievable": "bad",
}
NOTES = "Notes"
BUTTON = 3  # characters that the button of a filter takes
ROOM = 2  # characters that a column is wider than its text
LONGEST_HEADING = 255  # characters that a table's column may be named with
CHARTS = {
    "waterfall": {"type": "column", "subtype": "stacked"},
    "line": {"type": "line"},
    "column": {"type": "column"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "tornado": {"type": "bar", "subtype": "stacked"},
}


class TooLong(ValueError):
    """A text or table that an Excel sheet cannot hold."""


def write(
    path: Path,
    cover: Cover,
    reports: Sequence[Report],
    told: Callable[[int, int], None] | None = None,
    manifest: Manifest | None = None,
) -> None:
    """Write a workbook of these reports, and of its manifest, sealed.

    `told` is called after some rows, with their number and that of all rows.
    """
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
    seal: dict[str, list[str]] = {}
    reports = _ordered(reports)
    _cover(book, styles, cover, [*reports, *([carried.sheet(manifest)] if manifest else [])], seal)
    rows = sum(len(report.rows) for report in reports)
    named: set[str] = set()
    for report in reports:
        counted = partial(_told, told, 2 * rows)
        _sheet(book, styles, report, counted, seal, named, cover.stamp)
    if manifest is not None:
        whole = replace(manifest, seal={name: digests(lines) for name, lines in seal.items()})
        _sheet(book, styles, carried.sheet(whole), lambda _: None, {}, named, cover.stamp)
    book.close()  # about half of the time
    path.write_bytes(contents.getvalue())


def _ordered(reports: Sequence[Report]) -> list[Report]:
    """The notes right after the cover: those of the result, then those of each sheet; a sheet without rows says so."""
    own = next((one for one in reports if one.name == NOTES), None)
    others = [_filled(one) for one in reports if one is not own]
    if own is None:
        return others
    said = [("", row[-1]) for row in own.rows] + [(one.name, note) for one in others for note in one.notes]
    rows = tuple((number, *row) for number, row in enumerate(said, 1))
    heads = columns(("no", "whole"), "sheet", ("note", "wide"))
    return [_filled(replace(own, columns=heads, rows=rows)), *(replace(one, notes=()) for one in others)]


def _filled(report: Report) -> Report:
    if report.rows:
        return report
    words = Cell(report.empty or "None.", kind="text")
    return replace(report, rows=((words, *[None] * (len(report.columns) - 1)),), totals=0)


def _told(told: Callable[[int, int], None] | None, all_rows: int, count: int) -> None:
    if told is not None:
        told(count, all_rows)


class _Sheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A sheet whose formulas hold no function newer than the format: looking for those takes longer than all else."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class _Styles:
    def __init__(self, book: Any) -> None:
        self.well, self.amiss = (book.add_format(COLOURS[how]) for how in ("good", "bad"))
        self.link = book.add_format({"font_color": "#0563C1", "underline": 1, "valign": "top"})
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
        self.signs = {
            word: book.add_format({"valign": "top", "indent": 1, "align": "left", **COLOURS[how]})
            for word, how in SIGNS.items()
        }
        self.cells: dict[tuple[str, bool], Any] = {}
        for total in (False, True):
            extra = {"bold": True, "top": 1} if total else {}
            for kind in ("text", "year", "status"):
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


def _cover(book: Any, styles: _Styles, cover: Cover, reports: Sequence[Report], seal: dict[str, list[str]]) -> None:
    sheet = book.add_worksheet("Cover", worksheet_class=_Sheet)
    lines = seal["Cover"] = [as_sealed([(1, cover.title)])]
    constants = list(lines)
    if any(isinstance(text, Cell) for _, text in cover.rows):
        seal["Cover" + CONSTANTS] = constants
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, COVER_WIDTH)
    _text(sheet, 0, 0, cover.title, styles.title)
    row = 2
    for name, text in cover.rows:
        _text(sheet, row, 0, name, styles.bold)
        if isinstance(text, Cell):
            sheet.write_formula(row, 1, text.formula, styles.wrap, text.value)
            _coloured(sheet, styles, row, 1, row, 1)
        else:
            _text(sheet, row, 1, text, styles.wrap)
        lines.append(as_sealed([(1, name), (2, str(text))]))
        constants.append(as_sealed([(1, name), (2, None if isinstance(text, Cell) else text)]))
        sheet.set_row(row, _height([(str(text), COVER_WIDTH)]))
        row += 1
    row += 1
    _text(sheet, row, 0, "Contents", styles.bold)
    below = [as_sealed([(1, "Contents")])]
    for report in reports:
        row += 1
        place = report.name.replace("'", "''")
        sheet.write_url(row, 0, f"internal:'{place}'!A1", styles.link, string=report.name)
        units = f" ({report.units})" if report.units else ""
        about = " ".join([shorten(f"{report.title}{units}.", COVER_WIDTH - ROOM, placeholder=" …"), *report.notes])
        _text(sheet, row, 1, about, styles.wrap)
        below.append(as_sealed([(1, report.name), (2, about)]))
        sheet.set_row(row, _height([(about, COVER_WIDTH)]))
    lines += below
    constants += below
    _printable(sheet, stamp=cover.stamp)


def _coloured(sheet: Any, styles: _Styles, *place: int) -> None:
    """Words that say how it stands, in colour besides: OK, and anything else."""
    cell = xl_rowcol_to_cell(place[0], place[1])
    for is_well, style in ((True, styles.well), (False, styles.amiss)):
        criteria = f'=LEFT({cell},2){"=" if is_well else "<>"}"OK"'
        filled = criteria if is_well else f"=AND({criteria[1:]},LEN({cell})>0)"
        sheet.conditional_format(*place, {"type": "formula", "criteria": filled, "format": style})


def _printable(sheet: Any, title: str = "", stamp: str = "") -> None:
    """A4 across, one page wide, with the title and what the result stands under at the head."""
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    head = "\n".join(one for one in (title[: HEADER - len(stamp[:HALF]) - 1], stamp[:HALF]) if one)
    if head:
        text = head.replace("&", "&&")[:HEADER]
        lone = (len(text) - len(text.rstrip("&"))) % 2  # one of a pair, cut off
        sheet.set_header("&L" + text[: len(text) - lone])
    sheet.set_footer("&L&A&RPage &P of &N")


def _sheet(
    book: Any,
    styles: _Styles,
    report: Report,
    told: Callable[[int], None],
    seal: dict[str, list[str]],
    named: set[str],
    stamp: str = "",
) -> None:
    """A report as a sheet; what its rows say goes to the seal."""
    sheet = book.add_worksheet(report.name, worksheet_class=_Sheet)
    if len(report.rows) >= MAX_ROWS:
        raise TooLong(f"{len(report.rows):,} rows do not fit the Excel sheet {report.name}; write .csv or .json")
    widths = [_width(report, place, column) for place, column in enumerate(report.columns)]
    wide = [place for place, column in enumerate(report.columns) if column.kind == "wide"]
    for place, column in enumerate(report.columns):
        style = styles.number_header if is_number(column.kind) else styles.header
        _text(sheet, 0, place, _heading(report, column), style)
        sheet.set_column(place, place, widths[place])
    texts = [(_heading(report, column), widths[place] - BUTTON) for place, column in enumerate(report.columns)]
    sheet.set_row(0, _height(texts))
    first_total = len(report.rows) - report.totals
    heads = [(place, _heading(report, column)) for place, column in enumerate(report.columns, 1)]
    lines = seal[report.name] = [as_sealed(heads)]
    constants = [lines[0]]
    if any(_has_formula(value) for row in report.rows for value in row):
        seal[report.name + CONSTANTS] = constants
    for number, values in enumerate(report.rows):
        height = _height([(str(values[place]), widths[place]) for place in wide])
        if height > LINE:  # wrapped text: not every program fits the row to it
            sheet.set_row(number + 1, height)
        said = []
        for place, (value, column) in enumerate(zip(values, report.columns, strict=True)):
            kind = value.kind or column.kind if isinstance(value, Cell) else column.kind
            style = styles.cells[kind, number >= first_total or number in report.strong]
            if kind == "text":
                style = styles.signs.get(str(value), style)
            what = _cell(sheet, number + 1, place, value, kind, style)
            said.append((place + 1, what))
        lines.append(as_sealed(said))
        constants.append(as_sealed(one for one, value in zip(said, values, strict=True) if not _has_formula(value)))
        if number % SOME == SOME - 1:
            told(SOME)
    told(len(report.rows) % SOME)
    for place, column in enumerate(report.columns):
        if column.kind == "status" and report.rows:
            _coloured(sheet, styles, 1, place, len(report.rows), place)
    for number, chart in enumerate(report.charts):
        _chart(book, sheet, report, chart, number)
    _named(sheet, styles, report, first_total, named)
    sheet.freeze_panes(1, 1 if len(report.columns) > 2 else 0)
    sheet.repeat_rows(0)
    _printable(sheet, report.title + (f" ({report.units})" if report.units else ""), stamp)


def _named(sheet: Any, styles: _Styles, report: Report, last: int, named: set[str]) -> None:
    """The rows of a sheet without its totals as a table of its own; a plain range where Excel would refuse it."""
    heads = [_heading(report, column) for column in report.columns]
    if not last or not _named_apart(heads):
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)
        return
    formats = [styles.number_header if is_number(column.kind) else styles.header for column in report.columns]
    given = [{"header": head, "header_format": style} for head, style in zip(heads, formats, strict=True)]
    options = {"name": table_name(report.name, named), "style": None, "banded_rows": False, "columns": given}
    if sheet.add_table(0, 0, last, len(heads) - 1, options):
        raise ValueError(f"{report.name}: no table")


def _named_apart(heads: Sequence[str]) -> bool:
    """Whether these can name the columns of a table: none twice, none too long, each as it is read back."""
    one_by_one = {head.casefold() for head in heads}
    return len(one_by_one) == len(heads) and all(
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
    if "_" not in plain and (len(plain) == 1 or any(one.isdigit() for one in plain)):
        plain += "_"
    name, number = plain, 1
    while name.casefold() in named:
        number += 1
        name = f"{plain}_{number}"
    named.add(name.casefold())
    return name


def _chart(book: Any, sheet: Any, report: Report, chart: Chart, number: int) -> None:
    """A native chart below the table, so that the table is printed as wide as the page."""
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
        elif chart.kind == "stacked":
            series["gap"] = 60
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
    sheet.insert_chart(len(report.rows) + 2 + 16 * number, 0, drawn, {"description": chart.title})


def _height(texts: Sequence[tuple[str, float]]) -> float:
    """The height of a row whose texts wrap in columns of these widths."""
    lines = [sum(_lines(part, int(width) - ROOM) for part in text.split("\n")) for text, width in texts]
    return float(min(LINE * max(lines, default=1), 400))


def _lines(text: str, width: int) -> int:
    """Into how many lines a text wraps: between words, and in a word that is longer than a line.

    >>> _lines("sum of weights", 20), _lines("sum of weights", 8), _lines("abcdefghij", 4)
    (1, 2, 3)
    """
    if len(text) <= width:
        return 1
    return max(1, len(wrap(text, max(1, width))))


def _heading(report: Report, column: Column) -> str:
    return f"{column.name} ({report.units})" if column.kind == "money" and report.units else column.name


def _has_formula(value: Any) -> bool:
    return isinstance(value, Cell) and bool(value.formula)


def _worded(value: Any) -> bool:
    """Whether a cell's text decides how wide its column is: not where it is of a kind of its own."""
    return not isinstance(value, Cell) or value.kind is None


def _width(report: Report, place: int, column: Column) -> float:
    values = [row[place] for row in report.rows]
    if column.kind in ("wide", "text", "status"):
        longest = max([len(column.name) + BUTTON, *(len(str(one or "")) for one in values if _worded(one))])
        widest = 48 if len(report.columns) > FEW else 90  # of few columns a wide one may fill the page
        return min(max(longest + ROOM, 12), widest) if column.kind == "wide" else min(max(longest + ROOM, 8), 40)
    digits = max((_digits(one, column.kind) for one in values), default=0) + ROOM
    return max(WIDTHS.get(column.kind, 12), min(len(_heading(report, column)) + BUTTON + 1, 22), digits)


def _digits(value: Any, kind: Kind) -> int:
    """How many characters a number takes, its separators of thousands with it."""
    if isinstance(value, Cell):
        kind, value = value.kind or kind, value.value
    if value is None or isinstance(value, str):
        return 0
    if kind == "money":
        return len(f"{value // 100:,}") + 3
    if kind == "count":
        return len(f"{value:,}")
    return len(str(_number(value, kind))) if kind == "number" else 0


def _cell(sheet: Any, row: int, place: int, value: Any, kind: Kind, style: Any) -> Any:
    """Write a cell, and give what it holds: a text, a number, None where it is blank."""
    if isinstance(value, Cell):
        if value.formula:
            number = _number(value.value, kind)
            sheet.write_formula(row, place, value.formula, style, number)
            return number
        value = value.value
    if value is None or value == "":
        sheet.write_blank(row, place, None, style)
        return None
    if kind == "date" and isinstance(value, date):
        sheet.write_datetime(row, place, value, style)
        return (value - FIRST_DAY).days
    if isinstance(number := _number(value, kind), str):
        _text(sheet, row, place, number, style)
    else:
        sheet.write_number(row, place, number, style)
    return number


def _number(value: Any, kind: Kind) -> Any:
    """A value as the number of its kind, in pounds where it is money; a text where it is none."""
    if kind == "money":
        return Decimal(value).scaleb(-2)
    if kind in ("share", "percent", "points"):
        return Decimal(decimal_text(value, 15))
    if kind == "figure" and str(value) != "n/a":
        return Decimal(value)
    if kind == "number" and not isinstance(value, str):
        return value if isinstance(value, int) else Decimal(decimal_text(value, 15))
    if kind in ("whole", "count") and not isinstance(value, str):
        return value
    return str(value)
