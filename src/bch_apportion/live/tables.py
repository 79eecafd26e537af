"""The sheets of a live workbook as they grow: tables whose cells have a place, so that formulas can name them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bch_apportion.places import column_letters
from bch_apportion.writing.report import Cell, Column, Kind, Report, columns
from bch_apportion.years import FinancialYear

PRODUCT = 10**14
"""Every product and every number that is divided stays below this.

Spreadsheets hold whole numbers to 2^53 (9.0e15), but compare, subtract and round down on 15 digits: two numbers that
differ by less than about 5e-15 of themselves may be taken for one. A whole number x below 1e14 divided by a whole
number W is a whole number, or at least 1/W below the next one, k; of k that is 1/(kW), and kW is at most x + W. So the
quotient is further from k than 1e-14 of it, and INT rounds it down as exact arithmetic does.
"""
SUM = 10**15
"""All pence of a workbook together stay below this, so that no sum of them leaves 15 digits."""

WITHIN = "within the arithmetic"
"""The column that says whether every number of a row is held."""
AGAIN = "CHANGED: run bch-apportion again"
"""What a cell says where the figures below it no longer follow from those above."""
STANDS = "OK: stands as a value"

Key = tuple[str, FinancialYear]


class Known(NamedTuple):
    """A figure that stands in a cell of the workbook: how another sheet's formula names the cell, and what it holds."""

    ref: str
    value: Any

    def link(self) -> Cell:
        """A cell that shows this one."""
        return Cell(self.value, f"={self.ref}")


class Table:
    """A sheet of one table from A1 on; `add` appends a row."""

    def __init__(self, name: str, title: str, heads: Sequence[str | tuple[str, Kind]], *notes: str) -> None:
        self.name, self.title, self.notes = name, title, notes
        self.columns: tuple[Column, ...] = columns(*heads)
        self.rows: list[tuple[Any, ...]] = []
        self.closed = False  # once it is a report, so that no formula can name a row that is not in it
        self._letters = {column.name: column_letters(place) for place, column in enumerate(self.columns, 1)}

    @property
    def next(self) -> int:
        """The row that `add` fills next; the header is row 1."""
        return len(self.rows) + 2

    def add(self, *values: Any) -> int:
        if len(values) != len(self.columns):
            raise ValueError(f"{self.name}: {len(values)} values for {len(self.columns)} columns")
        if self.closed:
            raise ValueError(f"{self.name}: a row after its report")
        self.rows.append(values)
        return len(self.rows) + 1

    def at(self, column: str, row: int) -> str:
        """A cell as a formula of this sheet names it."""
        return f"{self._letters[column]}{row}"

    def span(self, column: str, first: int, last: int) -> str:
        """Cells down a column, as a formula of this sheet names them."""
        return f"{self.at(column, first)}:{self.at(column, last)}"

    def out(self, column: str, row: int) -> str:
        """A cell as other sheets name it."""
        return f"'{self.name}'!{self.at(column, row)}"

    def out_span(self, column: str, first: int, last: int) -> str:
        return f"'{self.name}'!{self.span(column, first, last)}"

    def known(self, column: str, row: int, value: Any) -> Known:
        return Known(self.out(column, row), value)

    def report(self) -> Report:
        """The table as a report; nothing is added afterwards."""
        self.closed = True
        return Report(self.name, self.title, self.columns, tuple(self.rows), self.notes)


def unchanged(operands: Iterable[Known]) -> str:
    """Says that a step stands as a value, or, where a cell it was worked out from is another, to run again."""
    same = [f"{one.ref}={one.value}" for one in operands if abs(one.value) < SUM]
    return f'=IF(AND({",".join(same)}),"{STANDS}","{AGAIN}")' if same else STANDS


def shown_whole(value: int) -> int | str:
    """A whole number as a cell can hold it: its digits as text where a number could not."""
    return value if abs(value) < SUM else f"{value:,}"
