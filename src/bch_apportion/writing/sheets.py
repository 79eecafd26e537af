"""The sheets of a result's workbook as they are filled: cells by their kind, words in their colours, and the seal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, get_args

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import CellBlankTuple, CellFormulaTuple, CellStringTuple, Worksheet

from bch_apportion.money import decimal_text
from bch_apportion.writing import workbook
from bch_apportion.writing.manifest import CONSTANTS, as_sealed, digests
from bch_apportion.writing.report import THOUSANDS, Cell, Column, Kind, Report
from bch_apportion.writing.text import SIGNS, Sign
from bch_apportion.writing.workbook import ROOM, Book, side, write_text

IN_THOUSANDS = "#,##0,;-#,##0,"
KINDS: tuple[Kind, ...] = get_args(Kind)
FORMATS = {
    "money": workbook.MONEY,
    "pounds": "#,##0;-#,##0",
    "share": "0.0000%",
    "tenths": "0.0%",
    "percent": '0.######"%"',
    "points": "0.00",
    "rate": "#,##0.0000;-#,##0.0000",
    "whole": "0",
    "figure": "0.0",
    "date": workbook.DATE,
    "count": "#,##0;-#,##0",
    "number": "General",
}
FEW = 3  # columns
WIDTHS = {
    "money": 17,
    "count": 16,
    "number": 13,
    "date": 13,
    "points": 10,
    "year": 10,
    "whole": 8,
    "rate": 14,
}  # else 12
BUTTON = 3  # characters that the button of a filter takes
COLOURS: dict[Sign, dict[str, Any]] = {
    "good": {"font_color": "#1E6B34", "bg_color": "#E2F0D9"},
    "warn": {"font_color": "#7F6000", "bg_color": "#FFEB9C"},
    "bad": {"font_color": "#9C0006", "bg_color": "#FFC7CE", "bold": True},
}


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


class Sheets:
    """The workbook of a result as it grows. `stamp` says under what it stands, where it is not the workbook alone."""

    def __init__(self, title: str, stamp: str) -> None:
        self.book, self.stamp = Book(title, default_date_format=workbook.DATE), stamp
        words = {"valign": "top", **side(False)}
        self.signs = {word: self.book.style(**words, **COLOURS[sign]) for word, sign in SIGNS.items()}
        self.cells = {(kind, strong): self._style(kind, strong) for kind in KINDS for strong in (False, True)}

    def in_thousands(self) -> dict[tuple[Kind, bool], Any]:
        """The styles of cells, those of money in thousands of pounds; the cells hold pounds all the same."""
        money: tuple[Kind, ...] = ("money", "pounds")
        return self.cells | {
            (kind, own): self._style(kind, own, IN_THOUSANDS) for kind in money for own in (False, True)
        }

    def _style(self, kind: Kind, strong: bool, form: str = "") -> Any:
        shown = (
            {"num_format": form or FORMATS[kind]} if kind in FORMATS else {"text_wrap": True} if kind == "wide" else {}
        )
        return self.book.style(valign="top", **side(kind in FORMATS), **shown, **(workbook.TOTAL if strong else {}))

    def add(self, name: str) -> Any:
        """A new sheet."""
        return self.book.file.add_worksheet(name, worksheet_class=_Sheet)

    def seal(self) -> dict[str, str]:
        """The digests of every sheet."""
        texts = list(self.book.file.str_table.string_table)
        return {name: text for sheet in self.book.file.worksheets() for name, text in sheet.seal(texts).items()}

    def cell(self, sheet: Any, at: tuple[int, int], given: Any, kind: Kind, strong: bool = False) -> None:
        """Fill a cell: a formula with its value, a number, a date or a text; nothing is a blank of that style."""
        formula, value = "", given
        if isinstance(given, Cell):
            formula, value, kind = given.formula, given.value, given.kind or kind
        style = self.cells[kind, strong]
        if kind == "text":
            style = self.signs.get(str(value), style)
        if formula:
            sheet.write_formula(*at, formula, style, number(value, kind))
        elif value is None or value == "":
            sheet.write_blank(*at, None, style)
        elif kind == "date" and isinstance(value, date):
            sheet.write_datetime(*at, value, style)
        elif isinstance(held := number(value, kind), str):
            write_text(sheet, *at, held, style)
        else:
            sheet.write_number(*at, held, style)

    def coloured(self, sheet: Any, first: int, last: int, column: int) -> None:
        """Words that say how it stands, in colour besides: OK, and anything else."""
        begins = f"LEFT({xl_rowcol_to_cell(first, column)},2)"
        other = f'=AND({begins}<>"OK",LEN({xl_rowcol_to_cell(first, column)})>0)'
        for criteria, sign in ((f'={begins}="OK"', COLOURS["good"]), (other, COLOURS["bad"])):
            rule = {"type": "formula", "criteria": criteria, "format": self.book.style(**sign)}
            sheet.conditional_format(first, column, last, column, rule)


def number(value: Any, kind: Kind) -> Any:
    """A value as the number of its kind, in pounds where it is money; a text where it is none."""
    if isinstance(value, str) and kind != "figure":
        return value
    if kind in ("money", "pounds"):
        return Decimal(value).scaleb(-2)
    if kind in ("share", "tenths", "percent", "points", "rate"):
        return Decimal(decimal_text(value, 15))
    if kind == "figure" and _is_figure(str(value)):
        return Decimal(value)
    if kind in ("number", "whole", "count"):
        return value if kind != "number" or isinstance(value, int) else Decimal(decimal_text(value, 15))
    return str(value)


def _is_figure(text: str) -> bool:
    """Whether a figure written out is a number: not n/a, nor one with its unit or separators."""
    return text.lstrip("-").replace(".", "", 1).isdigit()


def heading(report: Report, column: Column, thousands: bool = False) -> str:
    units = THOUSANDS if thousands and report.units == "£" else report.units
    return f"{column.name} ({units})" if column.kind == "money" and units else column.name


def width_of(report: Report, place: int, head: str) -> float:
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
    if value is None or isinstance(value, str) or kind not in ("money", "pounds", "count", "number"):
        return 0
    if kind == "number":
        return len(str(number(value, kind)))
    whole = f"{value // 100 if kind in ('money', 'pounds') else value:,}"
    return len(whole) + 3 * (kind == "money")
