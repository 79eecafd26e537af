"""The sheets of a live workbook as they grow: tables whose cells have a place, so that formulas can name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from bch_apportion.live.cells import Known
from bch_apportion.places import column_letters
from bch_apportion.writing.report import CALCULATION, Cell, Kind, Report, columns

Head: TypeAlias = str | tuple[str, Kind]
UNIT_YEAR: tuple[Head, ...] = ("unit", ("year", "year"))
ODD_PENNY: tuple[Head, ...] = (("rank", "whole"), ("odd penny", "whole"))


def counts(*names: str) -> tuple[Head, ...]:
    """Columns of whole numbers."""
    return tuple((name, "count") for name in names)


class Sheet(NamedTuple):
    """What a sheet is declared with. Most begin with the unit and the year of a key."""

    name: str
    title: str
    heads: tuple[Head, ...]
    note: str = ""


NAMED = re.compile(r"\[([^]]+)]")  # a cell of the row at hand, in a formula: [weight]
ROW = "\0"  # the number of that row, in a formula whose columns are letters already


class Table:
    """A sheet of one table from A1 on; `add` appends a row.

    A formula of a row names the row's other cells by their columns: `=[pooled]-[baseline]`.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.name, self.sheet = sheet.name, sheet
        self.columns = columns(*sheet.heads)
        self.rows: list[dict[str, Any]] = []
        self.closed = False  # once it is a report, so that no formula can name a row that is not in it
        self._blank = dict.fromkeys((column.name for column in self.columns), None)
        self._lettered = lru_cache(maxsize=256)(self._with_letters)  # most formulas are the same in every row
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
        self.rows.append(self._blank | {column: self.placed(value, row) for column, value in cells.items()})
        return row

    def placed(self, value: Any, row: int) -> Any:
        """What a cell of a row holds: its formula with the row's cells named as a spreadsheet names them."""
        if isinstance(value, Known):
            value = value.link()
        if not isinstance(value, Cell) or "[" not in value.formula:
            return value
        return Cell(value.value, self._lettered(value.formula).replace(ROW, str(row)), value.kind)

    def _with_letters(self, formula: str) -> str:
        return NAMED.sub(lambda column: self._letters[column[1]] + ROW, formula)

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

    def block(self, count: int, before: int = 0) -> Block:
        """The rows that are filled next, or after so many others."""
        first = self.next + before
        return Block(self, first, first + count - 1)

    def since(self, first: int = 2) -> Block:
        """The rows from `first` to the last that is filled."""
        return Block(self, first, self.next - 1)

    def report(self) -> Report:
        """The table as a report; nothing is added afterwards."""
        self.closed = True
        notes = (self.sheet.note,) if self.sheet.note else ()
        return Report(
            name=self.name,
            title=self.sheet.title,
            columns=self.columns,
            rows=tuple(tuple(row.values()) for row in self.rows),
            notes=notes,
            group=CALCULATION,
        )


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

    def odd_pennies(self, remainders: Sequence[int], left: Known) -> Iterator[dict[str, Cell]]:
        """Each row's rank and odd penny: those left go to the largest remainders, ties to the earlier row."""
        order = sorted(range(len(remainders)), key=lambda place: -remainders[place])
        for place in range(len(remainders)):
            rank = order.index(place) + 1
            formula = f"=1+SUMPRODUCT(--({self.span('remainder')}>[remainder]))"
            if place:
                above = self._replace(last=self.first + place - 1).span("remainder")
                formula += f"+SUMPRODUCT(--({above}=[remainder]))"
            odd = Cell(int(rank <= left.value), f"=IF([rank]<={left.ref},1,0)")
            yield {"rank": Cell(rank, formula), "odd penny": odd}
