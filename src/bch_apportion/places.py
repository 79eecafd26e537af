"""Where a figure stands: a sheet and a cell, and the file where that is not the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """A cell of a sheet; without a cell the whole sheet, without a sheet the whole file.

    >>> str(Place("Budgets", "D14")), str(Place("Budgets", "amount 1", "pay.toml")), str(Place("Budgets"))
    ('Budgets!D14', 'pay.toml: Budgets!amount 1', 'Budgets')
    """

    sheet: str = ""
    cell: str = ""
    file: str = ""  # empty: the workbook

    @property
    def table(self) -> str:
        """The sheet in words, with its file where that is not the workbook."""
        return f"{self.file}: {self.sheet}" if self.file and self.sheet else self.file or self.sheet

    def __str__(self) -> str:
        table = self.table if self.file else self.sheet
        return f"{table}!{self.cell}" if table and self.cell else table or self.cell

    def __bool__(self) -> bool:
        """Whether it names anything."""
        return bool(self.cell or self.sheet or self.file)


NOWHERE = Place()


def column_letters(number: int) -> str:
    """The letters of a column.

    >>> column_letters(1), column_letters(27), column_letters(16384)
    ('A', 'AA', 'XFD')
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The number of a column from 1.

    >>> column_number("A"), column_number("AA"), column_number("XFD")
    (1, 27, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def cell_runs(places: Sequence[Place]) -> str:
    """Cells in words, runs down a column together.

    >>> cell_runs([Place("Budgets", "D14"), Place("Budgets", "D15"), Place("Budgets", "F2"), Place(cell="D2")])
    'Budgets!D14:D15, Budgets!F2, D2'
    """
    runs: list[tuple[Place, int, int]] = []  # the column as a place, its first row and its last
    for place in places:
        letters = place.cell.rstrip("0123456789")
        row = int(place.cell[len(letters) :] or 0)
        column = Place(place.sheet, letters, place.file)
        if runs and runs[-1][0] == column and runs[-1][2] + 1 == row:
            runs[-1] = (column, runs[-1][1], row)
        else:
            runs.append((column, row, row))
    return ", ".join(
        f"{column}{first or ''}" if first == last else f"{column}{first}:{column.cell}{last}"
        for column, first, last in runs
    )
