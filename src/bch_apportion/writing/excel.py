"""Reports as an .xlsx workbook: a cover, then one named table to a sheet; real numbers, a frozen header row, printable.

The same reports give the same bytes: nothing of the clock or the machine goes in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from bch_apportion.money import decimal_text
from bch_apportion.writing import carried, workbook
from bch_apportion.writing.files import TooLong
from bch_apportion.writing.manifest import CONSTANTS, Manifest, as_sealed, digests
from bch_apportion.writing.report import Cell, Chart, Column, Cover, Kind, Report, columns
from bch_apportion.writing.text import KINDS, SIGNS, Sign, is_number, titled
from bch_apportion.writing.workbook import LINE, MAX_ROWS, TITLE, Book, height, lines_of, printable, side, write_text

FIRST_DAY = date(1899, 12, 30)  # from which a spreadsheet counts its days
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
COLOURS: dict[Sign, dict[str, Any]] = {
    "good": {"font_color": "#1E6B34", "bg_color": "#E2F0D9"},
    "warn": {"font_color": "#7F6000", "bg_color": "#FFEB9C"},
    "bad": {"font_color": "#9C0006", "bg_color": "#FFC7CE", "bold": True},
}
NOTES = "Notes"
BUTTON = 3  # characters that the button of a filter takes
ROOM = 2  # characters that a column is wider than its text
LONGEST_HEADING = 255  # characters that a table's column may be named with
WATERFALL = {  # the colours of its series; the base is not seen
    "base": "",
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
    told: Callable[[int, int], None] | None = None,
    manifest: Manifest | None = None,
) -> None:
    """Write a workbook of these reports, and of its manifest, sealed.

    `told` is called after some rows, with their number and that of all rows.
    """
    reports = _ordered(reports)
    all_rows = 2 * sum(len(report.rows) for report in reports)  # to write them, and to save the file
    result = _Result(cover, (lambda rows: told(rows, all_rows)) if told else lambda rows: None)
    result.add_cover([*reports, *([carried.sheet(manifest)] if manifest else [])])
    for report in reports:
        result.add(report)
    if manifest is not None:
        result.told = lambda rows: None
        result.add(carried.sheet(replace(manifest, seal=result.seal())))
    result.book.save(path)


def _ordered(reports: Sequence[Report]) -> list[Report]:
    """The notes right after the cover: those of the result, then those of each sheet; a sheet without rows says so."""
    own = next((report for report in reports if report.name == NOTES), None)
    others = [_filled(report) for report in reports if report is not own]
    if own is None:
        return others
    notes = [("", note["note"]) for note in own.records()]
    notes += [(report.name, note) for report in others for note in report.notes]
    rows = tuple((number, sheet, note) for number, (sheet, note) in enumerate(notes, 1))
    heads = columns(("no", "whole"), "sheet", ("note", "wide"))
    return [_filled(replace(own, columns=heads, rows=rows)), *(replace(report, notes=()) for report in others)]


def _filled(report: Report) -> Report:
    if report.rows:
        return report
    words = Cell(report.empty or "None.", kind="text")
    return replace(report, rows=((words, *[None] * (len(report.columns) - 1)),), totals=0)


class _Sheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A sheet whose formulas hold no function newer than the format: looking for those takes longer than all else."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class _Written(NamedTuple):
    """What was written in a cell, and whether a formula gives it."""

    column: int  # from 1
    value: Any
    formula: bool = False


class _Seal:
    """The rows of a sheet as they are sealed: whole, and without what formulas give."""

    def __init__(self) -> None:
        self.whole: list[str] = []
        self.constants: list[str] = []
        self.live = False

    def add(self, *cells: _Written) -> None:
        whole, live = as_sealed((cell.column, cell.value) for cell in cells), any(cell.formula for cell in cells)
        constants = ((cell.column, cell.value) for cell in cells if not cell.formula)
        self.whole.append(whole)
        self.constants.append(as_sealed(constants) if live else whole)
        self.live |= live

    def digests(self, sheet: str) -> dict[str, str]:
        """By the names under which a manifest holds them."""
        constants = {sheet + CONSTANTS: digests(self.constants)} if self.live else {}
        return {sheet: digests(self.whole), **constants}


class _Result:
    """The workbook of a result as it grows; `told` hears how many rows were written."""

    def __init__(self, cover: Cover, told: Callable[[int], None]) -> None:
        self.book = Book(cover.title, default_date_format=workbook.DATE)
        self.cover, self.told = cover, told
        self.seals: dict[str, _Seal] = {}
        self.named: set[str] = set()  # names of tables
        self.signs = {
            word: self.book.style(valign="top", **side(False), **COLOURS[sign]) for word, sign in SIGNS.items()
        }
        self.cells = {(kind, strong): self._cell_style(kind, strong) for kind in KINDS for strong in (False, True)}

    def _cell_style(self, kind: Kind, strong: bool) -> Any:
        wrapped = {"text_wrap": True} if kind == "wide" else {}
        shown = {"num_format": FORMATS[kind]} if kind in FORMATS else wrapped
        return self.book.style(valign="top", **side(kind in FORMATS), **shown, **(workbook.TOTAL if strong else {}))

    def seal(self) -> dict[str, str]:
        """The digests of every sheet."""
        return {name: text for sheet, seal in self.seals.items() for name, text in seal.digests(sheet).items()}

    def _sheet(self, name: str) -> tuple[Any, _Seal]:
        self.seals[name] = _Seal()
        return self.book.file.add_worksheet(name, worksheet_class=_Sheet), self.seals[name]

    def add_cover(self, reports: Sequence[Report]) -> None:
        """The first sheet: what the result is worked out from, and the contents."""
        sheet, seal = self._sheet("Cover")
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, COVER_WIDTH)
        write_text(sheet, 0, 0, self.cover.title, self.book.style(**TITLE))
        seal.add(_Written(1, self.cover.title))
        for row, (name, text) in enumerate(self.cover.rows, 2):
            write_text(sheet, row, 0, name, self.book.style(**workbook.BOLD))
            self._cover_text(sheet, row, text)
            seal.add(_Written(1, name), _Written(2, str(text), formula=isinstance(text, Cell)))
        self._contents(sheet, seal, reports, 3 + len(self.cover.rows))
        _headed(sheet, "", self.cover.stamp)

    def _contents(self, sheet: Any, seal: _Seal, reports: Sequence[Report], first: int) -> None:
        """The sheets of the result, each with what it holds, from a row on."""
        write_text(sheet, first, 0, "Contents", self.book.style(**workbook.BOLD))
        seal.add(_Written(1, "Contents"))
        for row, report in enumerate(reports, first + 1):
            about = " ".join([shorten(f"{titled(report)}.", COVER_WIDTH - ROOM, placeholder=" …"), *report.notes])
            place = report.name.replace("'", "''")
            sheet.write_url(row, 0, f"internal:'{place}'!A1", self.book.style(**workbook.LINK), string=report.name)
            self._cover_text(sheet, row, about)
            seal.add(_Written(1, report.name), _Written(2, about))

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
        sheet, seal = self._sheet(report.name)
        if len(report.rows) >= MAX_ROWS:
            raise TooLong(f"{len(report.rows):,} rows do not fit the Excel sheet {report.name}; write .csv or .json")
        widths = [_width(report, place, column) for place, column in enumerate(report.columns)]
        self._heads(sheet, seal, report, widths)
        self._rows(sheet, seal, report, widths)
        for place, column in enumerate(report.columns):
            if column.kind == "status" and report.rows:
                self._coloured(sheet, 1, len(report.rows), place)
        for number, chart in enumerate(report.charts):
            sheet.insert_chart(len(report.rows) + 2 + 16 * number, 0, *_chart(self.book, report, chart))
        self._as_table(sheet, report)
        sheet.freeze_panes(1, 1 if len(report.columns) > 2 else 0)
        sheet.repeat_rows(0)
        _headed(sheet, titled(report), self.cover.stamp)

    def _heads(self, sheet: Any, seal: _Seal, report: Report, widths: Sequence[float]) -> None:
        heads = [_heading(report, column) for column in report.columns]
        for place, (head, column, width) in enumerate(zip(heads, report.columns, widths, strict=True)):
            write_text(sheet, 0, place, head, self._head_style(column))
            sheet.set_column(place, place, width)
        sheet.set_row(0, _height([(head, width - BUTTON) for head, width in zip(heads, widths, strict=True)]))
        seal.add(*(_Written(place, head) for place, head in enumerate(heads, 1)))

    def _head_style(self, column: Column) -> Any:
        return self.book.style(**workbook.HEADER, **side(is_number(column.kind)))

    def _rows(self, sheet: Any, seal: _Seal, report: Report, widths: Sequence[float]) -> None:
        wide = [place for place, column in enumerate(report.columns) if column.kind == "wide"]
        first_total = len(report.rows) - report.totals
        for number, values in enumerate(report.rows, 1):
            if wide and (high := _height([(str(values[place]), widths[place]) for place in wide])) > LINE:
                sheet.set_row(number, high)
            strong = number > first_total or number - 1 in report.strong
            cells = enumerate(zip(values, report.columns, strict=True))
            seal.add(*(self._cell(sheet, (number, place), value, head, strong) for place, (value, head) in cells))
            if number % SOME == 0:
                self.told(SOME)
        self.told(len(report.rows) % SOME)

    def _cell(self, sheet: Any, at: tuple[int, int], value: Any, column: Column, strong: bool) -> _Written:
        """Write a cell; what it holds then: a text, a number, None where it is blank."""
        kind = value.kind or column.kind if isinstance(value, Cell) else column.kind
        style = self.cells[kind, strong]
        if kind == "text":
            style = self.signs.get(str(value), style)
        if isinstance(value, Cell) and value.formula:
            number = _number(value.value, kind)
            sheet.write_formula(*at, value.formula, style, number)
            return _Written(at[1] + 1, number, formula=True)
        return _Written(at[1] + 1, _write(sheet, at, value.value if isinstance(value, Cell) else value, kind, style))

    def _as_table(self, sheet: Any, report: Report) -> None:
        """The rows of a sheet without its totals as a table of its own; a plain range where Excel would refuse it."""
        last, heads = len(report.rows) - report.totals, [_heading(report, column) for column in report.columns]
        if not last or not _named_apart(heads):
            sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)
            return
        styles = map(self._head_style, report.columns)
        given = [{"header": head, "header_format": style} for head, style in zip(heads, styles, strict=True)]
        name = table_name(report.name, self.named)
        options = {"name": name, "style": None, "banded_rows": False, "columns": given}
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
    name, number = plain, 1
    while name.casefold() in named:
        number += 1
        name = f"{plain}_{number}"
    named.add(name.casefold())
    return name


def _chart(book: Book, report: Report, chart: Chart) -> tuple[Any, dict[str, str]]:
    """A native chart, to stand below the table, so that the table is printed as wide as the page; and its options."""
    drawn = book.file.add_chart(CHARTS[chart.kind])
    for name in chart.series:
        drawn.add_series(_series(report, chart, name))
    waterfall = chart.kind == "waterfall"
    drawn.set_legend({"position": "bottom", **({"delete_series": [0, 4, 5]} if waterfall else {})})
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
    drawn: dict[str, Any] = {}
    if chart.kind == "waterfall":
        colour = WATERFALL[name]
        drawn = {"fill": {"color": colour} if colour else {"none": True}, "border": {"none": True}, "gap": 40}
    elif chart.kind == "stacked":
        drawn = {"gap": 60}
    elif chart.kind == "line":
        drawn = {"marker": {"type": "automatic"}}
    return {"name": name, **cells, **drawn}


def _height(texts: Iterable[tuple[str, float]]) -> float:
    """The height of a row whose texts wrap in columns of these widths."""
    lines = [sum(lines_of(part, int(width) - ROOM) for part in text.split("\n")) for text, width in texts]
    return height(max(lines, default=1))


def _heading(report: Report, column: Column) -> str:
    return f"{column.name} ({report.units})" if column.kind == "money" and report.units else column.name


def _width(report: Report, place: int, column: Column) -> float:
    """How wide a column must be for what it holds."""
    values = [row[place] for row in report.rows]
    if column.kind in ("wide", "text", "status"):
        own = [value for value in values if not isinstance(value, Cell) or value.kind is None]
        longest = max([len(column.name) + BUTTON, *(len(str(value or "")) for value in own)])
        widest = 48 if len(report.columns) > FEW else 90  # of few columns a wide one may fill the page
        return min(max(longest + ROOM, 12), widest) if column.kind == "wide" else min(max(longest + ROOM, 8), 40)
    digits = max((_digits(value, column.kind) for value in values), default=0) + ROOM
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


def _write(sheet: Any, at: tuple[int, int], value: Any, kind: Kind, style: Any) -> Any:
    """Write a value, and give what the cell holds."""
    if value is None or value == "":
        sheet.write_blank(*at, None, style)
        return None
    if kind == "date" and isinstance(value, date):
        sheet.write_datetime(*at, value, style)
        return (value - FIRST_DAY).days
    if isinstance(number := _number(value, kind), str):
        write_text(sheet, *at, number, style)
    else:
        sheet.write_number(*at, number, style)
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
