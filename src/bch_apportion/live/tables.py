"""The sheets of a live workbook as they grow: tables whose cells have a place, so that formulas can name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from bch_apportion.model import ForceCode, UnitCode
from bch_apportion.places import column_letters
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.writing.report import Cell, Column, Kind, Report, columns
from bch_apportion.years import FinancialYear

PRODUCT = 10**14
"""Every product and every number that is divided stays below this.

Spreadsheets hold whole numbers to 2^53 (9.0e15), but compare, subtract and round down on 15 digits: two numbers that
differ by less than about 5e-15 of themselves may be taken for the same. A whole number x below 1e14 divided by a whole
number W is a whole number, or at least 1/W below the next one, k; of k that is 1/(kW), and kW is at most x + W. So the
quotient is further from k than 1e-14 of it, and INT rounds it down as exact arithmetic does.
"""
SUM = 10**15
"""All pence of a workbook together stay below this, so that no sum of them leaves 15 digits."""

WITHIN = "exact in a spreadsheet"
"""The column that says whether every number of a row is held."""
AGAIN = "CHANGED: run bch-apportion again"
"""What a cell says where the figures below it no longer follow from those above."""
AMOUNT = "amount (pence)"
"""The column of the parts of a total."""
STANDS = "OK: plain value"


class Key(NamedTuple):
    """A unit and a year: the first two cells of a row, by the names of their columns."""

    unit: UnitCode
    year: FinancialYear


def key_of(result: UnitYear) -> Key:
    return Key(result.unit.code, result.year)


class Known(NamedTuple):
    """A figure that stands in a cell of the workbook: how a formula names the cell, and what it holds."""

    ref: str
    value: Any

    def link(self) -> Cell:
        """A cell that shows this figure."""
        return Cell(self.value, f"={self.ref}")


class Shared(NamedTuple):
    """A total that is shared among the members of a unit, `what` in words."""

    key: Key
    what: str
    total: Known
    members: tuple[ForceCode, ...]

    def head(self) -> dict[str, Any]:
        """How its rows begin."""
        return {**self.key._asdict(), "what": self.what}

    def sign(self) -> int:
        return -1 if self.total.value < 0 else 1


Head: TypeAlias = str | tuple[str, Kind]


def counts(*names: str) -> tuple[Head, ...]:
    """Columns of whole numbers."""
    return tuple((name, "count") for name in names)


class Sheet(NamedTuple):
    """What a sheet is declared with. Most begin with the unit and the year of a key."""

    name: str
    title: str
    heads: tuple[Head, ...]
    note: str = ""


UNIT_YEAR: tuple[Head, ...] = ("unit", ("year", "year"))

NAMED = re.compile(r"\[([^]]+)]")  # a cell of the row at hand, in a formula: [weight]


class Table:
    """A sheet of one table from A1 on; `add` appends a row.

    A formula of a row names the row's other cells by their columns: `=[pooled]-[baseline]`.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.name, self.sheet = sheet.name, sheet
        self.columns: tuple[Column, ...] = columns(*sheet.heads)
        self.rows: list[dict[str, Any]] = []
        self.closed = False  # once it is a report, so that no formula can name a row that is not in it
        self._letters = {column.name: column_letters(place) for place, column in enumerate(self.columns, 1)}

    @property
    def next(self) -> int:
        """The row that `add` fills next; the header is row 1."""
        return len(self.rows) + 2

    def add(self, cells: Mapping[str, Any]) -> int:
        """The number of a new row with these cells, by column; a column not named is blank there.

        A Known is shown by a link to its cell. Raises ValueError for a column that the table has not.
        """
        if unknown := cells.keys() - self._letters.keys():
            raise ValueError(f"{self.name}: no column {', '.join(sorted(unknown))}")
        if self.closed:
            raise ValueError(f"{self.name}: a row after its report")
        row = self.next
        self.rows.append({column.name: self.placed(cells.get(column.name), row) for column in self.columns})
        return row

    def placed(self, value: Any, row: int) -> Any:
        """What a cell of a row holds: its formula with the row's cells named as a spreadsheet names them."""
        if isinstance(value, Known):
            return value.link()
        if isinstance(value, Cell) and "[" in value.formula:
            return value._replace(formula=NAMED.sub(lambda column: self.at(column[1], row), value.formula))
        return value

    def at(self, column: str, row: int) -> str:
        """A cell as a formula of this sheet names it."""
        return f"{self._letters[column]}{row}"

    def out(self, column: str, row: int) -> str:
        """A cell as other sheets name it."""
        return f"'{self.name}'!{self.at(column, row)}"

    def known(self, column: str, row: int) -> Known:
        """A cell of a row that is there, with its value."""
        value = self.rows[row - 2][column]
        return Known(self.out(column, row), value.value if isinstance(value, Cell) else value)

    def block(self, count: int) -> Block:
        """The rows that are filled next."""
        return Block(self, self.next, self.next + count - 1)

    def blocks(self, number: int, count: int) -> list[Block]:
        """So many blocks of so many rows, filled one after the other."""
        return [Block(self, first, first + count - 1) for first in range(self.next, self.next + number * count, count)]

    def since(self, first: int = 2) -> Block:
        """The rows from `first` to the last that is filled."""
        return Block(self, first, self.next - 1)

    def report(self) -> Report:
        """The table as a report; nothing is added afterwards."""
        self.closed = True
        rows = tuple(tuple(row.values()) for row in self.rows)
        return Report(self.name, self.sheet.title, self.columns, rows, (self.sheet.note,) if self.sheet.note else ())


class Block(NamedTuple):
    """Rows of a table that stand together, as those of the members of a unit."""

    table: Table
    first: int
    last: int

    def span(self, column: str, to: str = "") -> str:
        """The cells of a column, or of all columns up to another, as a formula of this sheet names them."""
        return f"{self.table.at(column, self.first)}:{self.table.at(to or column, self.last)}"

    def out(self, column: str, to: str = "") -> str:
        """The same as other sheets name them."""
        return f"'{self.table.name}'!{self.span(column, to)}"

    def filled(self, column: str) -> list[Known]:
        """The cells of a column, which are there."""
        return [self.table.known(column, row) for row in range(self.first, self.last + 1)]

    def ahead(self, column: str, values: Iterable[Any]) -> list[Known]:
        """The cells of a column before they are filled, with the values they will have."""
        return [Known(self.table.out(column, row), value) for row, value in enumerate(values, self.first)]

    def rank(self, column: str, row: int) -> str:
        """The formula of a number's place among the block's: the largest first, ties to the earlier row."""
        text = f"=1+SUMPRODUCT(--({self.span(column)}>[{column}]))"
        if row == self.first:
            return text
        return f"{text}+SUMPRODUCT(--({self._replace(last=row - 1).span(column)}=[{column}]))"


def ranks(numbers: Sequence[int]) -> list[int]:
    """The place of each number, the largest first, ties to the earlier.

    >>> ranks([3, 5, 3])
    [2, 1, 3]
    """
    order = sorted(range(len(numbers)), key=lambda place: -numbers[place])
    return [order.index(place) + 1 for place in range(len(numbers))]


def unchanged(operands: Iterable[Known]) -> Cell:
    """Says that a step stands as a value, or, where a cell it was worked out from is another, to run again."""
    same = [f"{operand.ref}={operand.value}" for operand in operands if abs(operand.value) < SUM]
    return Cell(STANDS, f'=IF(AND({",".join(same)}),"{STANDS}","{AGAIN}")' if same else STANDS)


def shown_whole(value: int) -> int | str:
    """A whole number as a cell can hold it: its digits as text where a number could not."""
    return value if abs(value) < SUM else f"{value:,}"


def shown(known: Known) -> Cell:
    """A cell that shows a whole number of another, as a cell can hold it."""
    return Cell(shown_whole(known.value), f"={known.ref}")
