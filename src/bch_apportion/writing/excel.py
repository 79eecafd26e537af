"""Reports as an .xlsx workbook: a cover, then one named table to a sheet; real numbers, a frozen header row, printable.

The same reports give the same bytes: nothing of the clock or the machine goes in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import chain, count
from pathlib import Path
from textwrap import shorten
from typing import Any, get_args

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import CellBlankTuple, CellFormulaTuple, CellStringTuple, Worksheet

from bch_apportion.money import decimal_text
from bch_apportion.writing import carried, workbook
from bch_apportion.writing.files import TooLong
from bch_apportion.writing.manifest import CONSTANTS, Manifest, as_sealed, digests
from bch_apportion.writing.report import Cell, Chart, Column, Cover, Kind, Report, columns
from bch_apportion.writing.text import SIGNS, Sign, is_number, titled
from bch_apportion.writing.workbook import LINE, MAX_ROWS, TITLE, Book, height, lines_of, printable, side, write_text

KINDS: tuple[Kind, ...] = get_args(Kind)
FEW = 3  # columns
COVER_WIDTH = 96
SOME = 100  # rows between two words on how far it is
HEAD = 250  # characters at the head of a page
HALF = 150  # of these, what the result stands under
FORMATS = {
    "money": workbook.MONEY,
    "share": "0.0000%",
    "percent": '0.######"%"',
    "points": "0.00",
    "whole": "0",
    "figure": "0.0",
    "date": workbook.DATE,
    "count": "#,##0;-#,##0",
    "number": "General",
}
WIDTHS = {"money": 17, "count": 16, "number": 13, "date": 13, "points": 10, "year": 10, "whole": 8}  # else 12
COLOURS: dict[Sign, dict[str, Any]] = {
    "good": {"font_color": "#1E6B34", "bg_color": "#E2F0D9"},
    "warn": {"font_color": "#7F6000", "bg_color": "#FFEB9C"},
    "bad": {"font_color": "#9C0006", "bg_color": "#FFC7CE", "bold": True},
}
BUTTON = 3  # characters that the button of a filter takes
ROOM = 2  # characters that a column is wider than its text
LONGEST_HEADING = 255  # characters that a table's column may be named with
LOOKS: dict[str, dict[str, Any]] = {
    "waterfall": {"border": {"none": True}, "gap": 40},
    "stacked": {"gap": 60},
    "line": {"marker": {"type": "automatic"}},
}
WATERFALL = {  # the colours of its series; its base is not seen
    "total": "#7F7F7F",
    "rise": "#C55A11",
    "fall": "#2E75B6",
    "rise below 0": "#C55A11",
    "fall below 0": "#2E75B6",
}
CHARTS = {
    "waterfall": {"type": "column", "subtype": "stacked"},
    "line": {"type": "line"},
    "column": {"type": "column"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "tornado": {"type": "bar", "subtype": "stacked"},
}


def write(
    path: Path,
    cover: Cover,
    reports: Sequence[Report],
    notes: Sequence[str] = (),
    told: Callable[[int, int], None] | None = None,
    manifest: Manifest | None = None,
) -> None:
    """Write a workbook of these reports, of the notes, and of its manifest, sealed.

    `told` is called after some rows, with their number and that of all rows.
    """
    sheets = [_notes(reports, notes), *(_filled(replace(report, notes=())) for report in reports)]
    all_rows = 2 * sum(len(report.rows) for report in sheets)  # to write them, and to save the file
    result = _Result(cover, (lambda rows: told(rows, all_rows)) if told else lambda rows: None)
    result.add_cover([*sheets, *([carried.sheet(manifest)] if manifest else [])])
    for report in sheets:
        result.add(report)
    if manifest is not None:
        result.told = lambda rows: None
        result.add(carried.sheet(replace(manifest, seal=result.seal())))
    result.book.save(path)


def _notes(reports: Sequence[Report], notes: Sequence[str]) -> Report:
    """The notes on the result, then those on each sheet."""
    sheets = [("", note) for note in notes] + [(report.name, note) for report in reports for note in report.notes]
    rows = tuple((number, sheet, note) for number, (sheet, note) in enumerate(sheets, 1))
    heads = columns(("no", "whole"), "sheet", ("note", "wide"))
    return _filled(Report("Notes", "Notes", heads, rows, empty="No notes."))


def _filled(report: Report) -> Report:
    """A report that says so where it has no rows."""
    if report.rows:
        return report
    words = Cell(report.empty or "None.", kind="text")
    return replace(report, rows=((words, *[None] * (len(report.columns) - 1)),), totals=0)


class _Sheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A sheet that can seal its rows.

    Its formulas hold no function newer than the format: looking for those takes longer than all else.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")

    def seal(self, texts: Sequence[str]) -> dict[str, str]:
        """The digests of its rows, and where it has formulas of its rows without them; `texts` are the workbook's."""
        rows = [self.table[row] for row in sorted(self.table)]
        live = any(isinstance(cell, CellFormulaTuple) for row in rows for cell in row.values())
        groups = {self.name: True, self.name + CONSTANTS: False} if live else {self.name: True}
        return {group: digests(_line(row, texts, formulas) for row in rows) for group, formulas in groups.items()}


def _line(row: Mapping[int, Any], texts: Sequence[str], formulas: bool) -> str:
    return as_sealed((column + 1, _held(cell, texts, formulas)) for column, cell in sorted(row.items()))


def _held(cell: Any, texts: Sequence[str], formulas: bool) -> Any:
    """What a cell holds: a text, a number, None where it is blank, or where a formula gives it and none counts."""
    if isinstance(cell, CellStringTuple):
        return texts[cell.string]
    if isinstance(cell, CellFormulaTuple):
        return cell.value if formulas else None
    return None if isinstance(cell, CellBlankTuple) else cell.number


class _Result:
    """The workbook of a result as it grows; `told` hears how many rows were written."""

    def __init__(self, cover: Cover, told: Callable[[int], None]) -> None:
        self.book = Book(cover.title, default_date_format=workbook.DATE)
        self.cover, self.told = cover, told
        self.named: set[str] = set()  # names of tables
        words = {"valign": "top", **side(False)}
        self.signs = {word: self.book.style(**words, **COLOURS[sign]) for word, sign in SIGNS.items()}
        self.cells = {(kind, strong): self._cell_style(kind, strong) for kind in KINDS for strong in (False, True)}

    def _cell_style(self, kind: Kind, strong: bool) -> Any:
        shown = {"num_format": FORMATS[kind]} if kind in FORMATS else {"text_wrap": True} if kind == "wide" else {}
        return self.book.style(valign="top", **side(kind in FORMATS), **shown, **(workbook.TOTAL if strong else {}))

    def seal(self) -> dict[str, str]:
        """The digests of every sheet."""
        texts = list(self.book.file.str_table.string_table)
        return {name: text for sheet in self.book.file.worksheets() for name, text in sheet.seal(texts).items()}

    def _sheet(self, name: str) -> Any:
        return self.book.file.add_worksheet(name, worksheet_class=_Sheet)

    def add_cover(self, reports: Sequence[Report]) -> None:
        """The first sheet: what the result is worked out from, and the sheets, each with what it holds."""
        sheet, bold = self._sheet("Cover"), self.book.style(**workbook.BOLD)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, COVER_WIDTH)
        write_text(sheet, 0, 0, self.cover.title, self.book.style(**TITLE))
        for row, (name, text) in enumerate(self.cover.rows, 2):
            write_text(sheet, row, 0, name, bold)
            self._cover_text(sheet, row, text)
        first = 3 + len(self.cover.rows)
        write_text(sheet, first, 0, "Contents", bold)
        for row, report in enumerate(reports, first + 1):
            about = " ".join([shorten(f"{titled(report)}.", COVER_WIDTH - ROOM, placeholder=" …"), *report.notes])
            place = report.name.replace("'", "''")
            sheet.write_url(row, 0, f"internal:'{place}'!A1", self.book.style(**workbook.LINK), string=report.name)
            self._cover_text(sheet, row, about)
        _headed(sheet, "", self.cover.stamp)

    def _cover_text(self, sheet: Any, row: int, text: str | Cell) -> None:
        if isinstance(text, Cell):
            sheet.write_formula(row, 1, text.formula, self.book.style(**workbook.WRAPPED), text.value)
            self._coloured(sheet, row, row, 1)
        else:
            write_text(sheet, row, 1, text, self.book.style(**workbook.WRAPPED))
        sheet.set_row(row, _height([(str(text), COVER_WIDTH)]))

    def _coloured(self, sheet: Any, first: int, last: int, column: int) -> None:
        """Words that say how it stands, in colour besides: OK, and anything else."""
        begins = f"LEFT({xl_rowcol_to_cell(first, column)},2)"
        other = f'=AND({begins}<>"OK",LEN({xl_rowcol_to_cell(first, column)})>0)'
        for criteria, sign in ((f'={begins}="OK"', COLOURS["good"]), (other, COLOURS["bad"])):
            rule = {"type": "formula", "criteria": criteria, "format": self.book.style(**sign)}
            sheet.conditional_format(first, column, last, column, rule)

    def add(self, report: Report) -> None:
        """A report as a sheet."""
        sheet = self._sheet(report.name)
        if len(report.rows) >= MAX_ROWS:
            raise TooLong(f"{len(report.rows):,} rows do not fit the Excel sheet {report.name}; write .csv or .json")
        heads = [_heading(report, column) for column in report.columns]
        widths = [_width(report, place, head) for place, head in enumerate(heads)]
        styles = [self.book.style(**workbook.HEADER, **side(is_number(column.kind))) for column in report.columns]
        for place, (head, width, style) in enumerate(zip(heads, widths, styles, strict=True)):
            write_text(sheet, 0, place, head, style)
            sheet.set_column(place, place, width)
        sheet.set_row(0, _height([(head, width - BUTTON) for head, width in zip(heads, widths, strict=True)]))
        self._rows(sheet, report, widths)
        for place, column in enumerate(report.columns):
            if column.kind == "status" and report.rows:
                self._coloured(sheet, 1, len(report.rows), place)
        for number, chart in enumerate(chart for chart in report.charts if chart.kind in CHARTS):
            sheet.insert_chart(len(report.rows) + 2 + 16 * number, 0, *_chart(self.book, report, chart))
        self._as_table(sheet, report, [{"header": h, "header_format": s} for h, s in zip(heads, styles, strict=True)])
        sheet.freeze_panes(1, 1 if len(report.columns) > 2 else 0)
        sheet.repeat_rows(0)
        _headed(sheet, titled(report), self.cover.stamp)

    def _rows(self, sheet: Any, report: Report, widths: Sequence[float]) -> None:
        wide = [place for place, column in enumerate(report.columns) if column.kind == "wide"]
        first_total = len(report.rows) - report.totals
        for number, values in enumerate(report.rows, 1):
            if wide and (high := _height([(str(values[place]), widths[place]) for place in wide])) > LINE:
                sheet.set_row(number, high)
            strong = number > first_total or number - 1 in report.strong
            for place, (value, column) in enumerate(zip(values, report.columns, strict=True)):
                self._cell(sheet, (number, place), value, column.kind, strong)
            if number % SOME == 0:
                self.told(SOME)
        self.told(len(report.rows) % SOME)

    def _cell(self, sheet: Any, at: tuple[int, int], given: Any, kind: Kind, strong: bool) -> None:
        formula, value = "", given
        if isinstance(given, Cell):
            formula, value, kind = given.formula, given.value, given.kind or kind
        style = self.cells[kind, strong]
        if kind == "text":
            style = self.signs.get(str(value), style)
        if formula:
            sheet.write_formula(*at, formula, style, _number(value, kind))
        elif value is None or value == "":
            sheet.write_blank(*at, None, style)
        elif kind == "date" and isinstance(value, date):
            sheet.write_datetime(*at, value, style)
        elif isinstance(number := _number(value, kind), str):
            write_text(sheet, *at, number, style)
        else:
            sheet.write_number(*at, number, style)

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


def _headed(sheet: Any, title: str, stamp: str) -> None:
    """A printed page with the title and what the result stands under at its head."""
    printable(sheet)
    head = "\n".join(line for line in (title[: HEAD - len(stamp[:HALF]) - 1], stamp[:HALF]) if line)
    if head:
        text = head.replace("&", "&&")[:HEAD]
        lone = (len(text) - len(text.rstrip("&"))) % 2  # half of a pair, cut off
        sheet.set_header("&L" + text[: len(text) - lone])


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


def _chart(book: Book, report: Report, chart: Chart) -> tuple[Any, dict[str, str]]:
    """A native chart, to stand below the table, so that the table is printed as wide as the page; and its options."""
    drawn = book.file.add_chart(CHARTS[chart.kind])
    for name in chart.series:
        drawn.add_series(_series(report, chart, name))
    drawn.set_legend({"position": "bottom", **({"delete_series": [0, 4, 5]} if chart.kind == "waterfall" else {})})
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
    start = {"min": chart.start // 100} if chart.start is not None else {}
    axis = {"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}, **start}
    if chart.kind == "tornado":  # the largest effect on top, the names beside the bars
        drawn.set_y_axis({"reverse": True, "label_position": "low"})
        drawn.set_x_axis({**axis, "crossing": "max"})
    else:
        drawn.set_y_axis(axis)
    drawn.set_size({"width": 620, "height": 300})
    return drawn, {"description": chart.title}


def _series(report: Report, chart: Chart, name: str) -> dict[str, Any]:
    """A series of a chart: where its figures stand, and how it is drawn."""
    names = [column.name for column in report.columns]
    cells = {
        part: [report.name, chart.first + 1, names.index(column), chart.last + 1, names.index(column)]
        for part, column in (("categories", chart.categories), ("values", name))
    }
    drawn = LOOKS.get(chart.kind, {})
    if chart.kind == "waterfall":
        drawn = {**drawn, "fill": {"color": WATERFALL[name]} if name in WATERFALL else {"none": True}}
    if chart.starred and name == chart.series[0]:
        drawn = {**drawn, "data_labels": _stars(chart)}
    return {"name": name, **cells, **drawn}


def _stars(chart: Chart) -> dict[str, Any]:
    """Labels of a series: a star above the categories that have it, nothing at the others."""
    places = range(chart.last - chart.first + 1)
    labels = [{"value": "*"} if place in chart.starred else {"delete": True} for place in places]
    return {"value": True, "position": "above", "custom": labels}


def _height(texts: Iterable[tuple[str, float]]) -> float:
    """The height of a row whose texts wrap in columns of these widths."""
    lines = [sum(lines_of(part, int(width) - ROOM) for part in text.split("\n")) for text, width in texts]
    return height(max(lines, default=1))


def _heading(report: Report, column: Column) -> str:
    return f"{column.name} ({report.units})" if column.kind == "money" and report.units else column.name


def _width(report: Report, place: int, head: str) -> float:
    """How wide a column must be for what it holds."""
    name, kind = report.columns[place]
    values = [row[place] for row in report.rows]
    if kind in ("wide", "text", "status"):
        own = [value for value in values if not isinstance(value, Cell) or value.kind is None]
        longest = max([len(name) + BUTTON, *(len(str(value or "")) for value in own)])
        widest = 48 if len(report.columns) > FEW else 90  # of few columns a wide one may fill the page
        return min(max(longest + ROOM, 12), widest) if kind == "wide" else min(max(longest + ROOM, 8), 40)
    digits = max((_digits(value, kind) for value in values), default=0) + ROOM
    return max(WIDTHS.get(kind, 12), min(len(head) + BUTTON + 1, 22), digits)


def _digits(value: Any, kind: Kind) -> int:
    """How many characters a number takes, its separators of thousands with it."""
    if isinstance(value, Cell):
        kind, value = value.kind or kind, value.value
    if value is None or isinstance(value, str) or kind not in ("money", "count", "number"):
        return 0
    if kind == "number":
        return len(str(_number(value, kind)))
    return len(f"{value // 100:,}") + 3 if kind == "money" else len(f"{value:,}")


def _number(value: Any, kind: Kind) -> Any:
    """A value as the number of its kind, in pounds where it is money; a text where it is none."""
    if kind == "money":
        return Decimal(value).scaleb(-2)
    if kind in ("share", "percent", "points"):
        return Decimal(decimal_text(value, 15))
    if kind == "figure" and str(value) != "n/a":
        return Decimal(value)
    if kind in ("number", "whole", "count") and not isinstance(value, str):
        return value if kind != "number" or isinstance(value, int) else Decimal(decimal_text(value, 15))
    return str(value)
