"""A sheet's XML → its cells: the one reader of sheets, whatever program wrote them.

Nothing that a cell holds is hidden from what reads it: a value is a `float` as stored, a `str` (`Marked` where a piece
of it is raised or struck out), a `bool`, a `date`, a `Percent` (a number shown with a percent format), an `ErrorCell`
or an `Uncalculated`. What is hidden or merged, and how many formulas there are, is said on the `Sheet`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from bch_apportion.places import column_number
from bch_apportion.reading.book import Book, Look, RichText, Sheet, clean, day_of, day_of_text, is_true, time_text
from bch_apportion.reading.cells import ErrorCell, Percent, Row, Uncalculated, Value
from bch_apportion.reading.package import Parser
from bch_apportion.reading.values import shown

PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
LAST_ROW = 9_999_999
MAX_CELLS = 8 * 2**20  # that one sheet may hold; a million rows of demand have half as many
TAGS = ("row", "c", "v", "f", "is", "t", "r", "rPh", "vertAlign", "strike", "col", "mergeCell")
DIGITS = "0123456789"
UNTOLD = "=…"  # a formula that another cell tells

Content = TypeVar("Content")


@dataclass(slots=True)
class Written:
    """A cell as the XML has it; a `formula` of another cell's text is empty, `rich` the text in the cell itself."""

    kind: str = "n"
    style: str = ""
    stored: str = ""
    formula: str | None = None
    rich: RichText | None = None


class Held(NamedTuple):
    """What a cell holds: its value, a date as its number, and the formula that gives it (`UNTOLD`: another cell's)."""

    value: float | str
    formula: str = ""
    shown_as: str = ""  # the number format, where it shows something else than the number


def read_rows(book: Book, sheet: Sheet) -> list[Row]:
    """The rows of a sheet that hold anything, in order."""
    return _rows(book, sheet, Values(book).value)


def held_rows(book: Book, sheet: Sheet) -> list[tuple[int, dict[int, Held]]]:
    """The same rows, each cell with its formula as well as its value."""
    return _rows(book, sheet, Values(book).held)


def _rows(
    book: Book, sheet: Sheet, content_of: Callable[[Written], Content | None]
) -> list[tuple[int, dict[int, Content]]]:
    reader = SheetReader(book, sheet, content_of)
    reader.parser.parse()
    return reader.in_order()


class Values:
    """What the cells of a workbook hold.

    Its functions raise ValueError or LookupError where that is nothing a cell can hold.
    """

    def __init__(self, book: Book) -> None:
        self._strings, self._looks, self._base = book.strings, book.looks, book.base

    def value(self, cell: Written) -> Value | None:
        """A cell's value, a number as its format shows it."""
        value = self._unformatted(cell)
        if type(value) is not float:
            return value
        kind = self._look(cell.style).kind
        if kind == "percent":
            return Percent(value)
        if kind == "date" and (day := day_of(value, self._base)):
            return day
        is_time = (kind == "time" and math.isfinite(value)) or (kind == "date" and 0 <= value < 1)
        return time_text(value) if is_time else value

    def held(self, cell: Written) -> Held | None:
        """A cell's value with its formula."""
        value = self._unformatted(cell)
        formula = "" if cell.formula is None else f"={cell.formula}" if cell.formula else UNTOLD
        shown_as = self._look(cell.style).concealing
        if value is None or isinstance(value, Uncalculated):
            return Held("", formula, shown_as) if formula else None
        if type(value) is float:
            return Held(value, formula, shown_as)
        return Held(shown(value), formula)

    def _look(self, style: str) -> Look:
        number = int(style or "0")  # a cell without a style has the first
        return self._looks[number] if 0 <= number < len(self._looks) else Look()

    def _unformatted(self, cell: Written) -> Value | None:
        kind, stored = cell.kind, cell.stored
        if kind == "inlineStr":
            return (cell.rich.text() or None) if cell.rich is not None else None
        if kind == "str":
            return clean(stored) or None  # a formula's text; nothing where it comes to ""
        if not stored:
            return None if cell.formula is None else Uncalculated(f"={cell.formula or '…'}")
        if kind == "n":
            if "_" in stored:  # a number to Python, not to a spreadsheet
                raise ValueError(stored)
            return float(stored)
        if kind == "s":
            index = int(stored)
            return self._strings[index if index >= 0 else len(self._strings)] or None
        if kind == "e":
            return ErrorCell(stored)
        if kind == "b":
            return is_true(stored)
        if kind == "d":
            return day_of_text(stored)
        raise ValueError(kind)


class SheetReader(Generic[Content]):
    """The cells of a sheet while its XML is fed to `parser`: what `content_of` makes of each, by row and column."""

    def __init__(self, book: Book, sheet: Sheet, content_of: Callable[[Written], Content | None]) -> None:
        self.parser = Parser(book.package, sheet.part)
        self.parser.call(self._start, self._end)
        self.rows: dict[int, dict[int, Content]] = {}
        self.number = 0  # of the row that is read, or was last
        self.highest, self.disorder = 0, False  # the highest number so far; whether a lower one came after it
        self._book, self._sheet, self._content_of, self._texts = book, sheet, content_of, self.parser.texts
        self._tags: dict[str, str] = {}  # those that are looked at, by their name with the sheet's namespace
        self._columns: dict[str, int] = {}
        self._column = self._count = 0
        self._place: str | None = None
        self._cell = Written()
        sheet.hidden_rows, sheet.hidden_columns, sheet.merged, sheet.formulas = [], [], [], 0

    def in_order(self) -> list[tuple[int, dict[int, Content]]]:
        """The rows read, by their numbers."""
        self._sheet.hidden_rows.sort()
        return sorted(self.rows.items()) if self.disorder else list(self.rows.items())

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._tags:  # the first
            space = name[: name.rfind("}") + 1]
            self._tags = {space + tag: tag for tag in TAGS}
        tag = self._tags.get(name)
        self._texts.clear()
        if tag == "c":
            get = attributes.get
            self._place = get("r")
            self._cell = Written(get("t") or "n", get("s", ""))
        elif tag == "row":
            self.number, self._column = int(attributes.get("r", self.number + 1)), 0
            if is_true(attributes.get("hidden")):
                self._sheet.hidden_rows.append(self.number)
        elif tag == "is":
            self._cell.rich = RichText()
        elif tag == "mergeCell":
            self._sheet.merged.append(attributes["ref"])
        elif tag == "col" and is_true(attributes.get("hidden")):
            self._sheet.hidden_columns.append((int(attributes["min"]), int(attributes["max"])))
        elif tag is not None and self._cell.rich is not None:
            self._cell.rich.start(tag, attributes)

    def _end(self, name: str) -> None:
        tag = self._tags.get(name)
        if tag == "v":
            self._cell.stored = "".join(self._texts)
        elif tag == "c":
            self._take_cell()
        elif tag == "f":
            self._cell.formula = "".join(self._texts)
        elif tag == "sheetData":
            self.parser.call(self._start, self._end)
        elif tag is not None and self._cell.rich is not None:
            self._cell.rich.end(tag, "".join(self._texts))

    def _take_cell(self) -> None:
        """Hold what stands in a cell that has ended, at the place it names, else to the right of the one before."""
        place, cell = self._place, self._cell
        if place is None:
            self._column += 1
        else:
            letters = place.rstrip(DIGITS)
            self._column = self._columns.get(letters) or self._column_of(place, letters)
            self.number = int(place[len(letters) :])
        if cell.formula is not None and cell.stored:
            self._sheet.formulas += 1
        content = self._content_of(cell)
        if content is None:
            return
        row = self.rows.get(self.number)
        if row is None:
            row = self._begin_row()
        elif self._column in row:
            raise ValueError(place)  # given twice: it is not clear which counts
        row[self._column] = content
        self._count += 1
        if self._count > MAX_CELLS:
            raise self._book.package.too_large(f"the sheet {self._sheet.name} holds more than {MAX_CELLS:,} cells")

    def _begin_row(self) -> dict[int, Content]:
        if not 0 <= self.number <= LAST_ROW:
            raise ValueError(self.number)
        self.disorder |= self.number < self.highest
        self.highest = max(self.highest, self.number)
        return self.rows.setdefault(self.number, {})

    def _column_of(self, place: str, letters: str) -> int:
        """The number of a column that was not met before; raises ValueError for a place that is none."""
        if not PLACE.fullmatch(place):
            raise ValueError(place)
        column = self._columns[letters] = column_number(letters.upper())
        return column
