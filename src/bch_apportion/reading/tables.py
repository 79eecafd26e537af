"""A sheet's table, tidy or wide, what reading it gathers, and its rows of totals. Its header: see `headers`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from bch_apportion.model import ForceCode, WrittenRow
from bch_apportion.money import Exact, decimal_text, plain
from bch_apportion.places import Place
from bch_apportion.problems import About, Problem
from bch_apportion.reading.cells import Row, Value, address
from bch_apportion.reading.sheets import SheetForm
from bch_apportion.reading.values import Unreadable, key, money, shown
from bch_apportion.years import FinancialYear

TOTALS = {"total": "total", "grandtotal": "total", "subtotal": "sub-total"}


@dataclass(slots=True)
class Names:
    """What forces, units and drivers may be called: every code, name and alias, as compared, to its code."""

    forces: dict[str, ForceCode] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Findings:
    """What reading gathers beside the rows: problems, notes and what a problem has put in doubt."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: set[About] = field(default_factory=set)
    blanks: dict[tuple[object, ...], Place] = field(default_factory=dict)
    misspelt: list[str] = field(default_factory=list)  # the columns that a heading nearly is
    written: dict[str, tuple[WrittenRow, ...]] = field(default_factory=dict)  # rows of the workbook, by sheet
    fractions: set[Place] = field(default_factory=set)  # percentages between 0 and 1 that no percent format shows

    def say(self, code: str, message: str, remedy: str, place: Place, value: str = "") -> None:
        self.problems.append(Problem(code, message, remedy, place, value=value))

    def say_unreadable(self, error: Unreadable, place: Place, value: Value | None) -> None:
        self.say(error.code, error.message, error.remedy, place, shown(value))

    def add(self, other: Findings) -> None:
        self.written.update(other.written)
        self.problems += other.problems
        self.notes += other.notes
        self.doubts |= other.doubts
        self.blanks.update(other.blanks)
        self.fractions |= other.fractions


@dataclass(slots=True)
class Table:
    """A table. `columns` are the known ones by name; `spread` are the columns headed by a force or a year."""

    form: SheetForm
    home: Place  # its sheet, and the scenario it is of
    header_row: int
    columns: dict[str, int]
    spread_by: Literal["", "force", "year"] = ""
    spread: dict[int, ForceCode | FinancialYear] = field(default_factory=dict)
    headed: frozenset[int] = frozenset()
    named: Callable[[int, int], str] = address  # what a cell is called, by its row and column
    written: bool = True  # on a sheet, where people also write remarks and totals; not so in a scenario

    def place(self, row: int, column: int) -> Place:
        return Place(self.home.sheet, self.named(row, column), self.home.file)

    def first_needed(self) -> int | None:
        """The column whose text may say Total: the first needed one, or where the spread takes them all, the first."""
        needed = [self.columns[name] for name in self.form.needed_columns() if name in self.columns]
        return needed[0] if needed else min(self.columns.values(), default=None)

    def value_columns(self) -> list[int]:
        if self.spread:
            return list(self.spread)
        return [self.columns[self.form.value]] if self.form.value in self.columns else []

    def is_remark(self, cells: Mapping[int, Value]) -> bool:
        """Whether a row fills only one cell, on a sheet that needs more; a lone value under its year is no remark."""
        if len(cells) > 1 or len(self.form.needed_columns()) < 2:
            return False
        lone = any(name in self.columns for name in self.form.needed_columns())
        ((column, value),) = cells.items() or ((0, ""),)
        return lone or column not in self.spread or (isinstance(value, str) and not _is_amount(value))


def _is_amount(value: Value) -> bool:
    try:
        money(value)
    except Unreadable:
        return False
    return True


@dataclass(slots=True)
class Totals:
    """Running sums of the value columns, to check the totals rows against. `spoiled`: a value could not be read."""

    since: dict[int, Exact] = field(default_factory=dict)  # the last sub-total
    above: dict[int, Exact] = field(default_factory=dict)  # it
    spoiled_since: set[int] = field(default_factory=set)
    spoiled_above: set[int] = field(default_factory=set)

    def count(self, column: int, value: Exact) -> None:
        self.since[column] = self.since.get(column, 0) + value

    def spoil(self, column: int) -> None:
        self.spoiled_since.add(column)
        self.spoiled_above.add(column)

    def check(self, table: Table, row: Row, label: str, read: Callable[[Value], Exact], findings: Findings) -> None:
        """Hold a totals row against the rows it totals; a difference of more than a penny (0.01) is a problem."""
        number, cells = row
        kind = TOTALS[key(label)]
        sums, spoiled = (self._all(), self.spoiled_above) if kind == "total" else (self.since, self.spoiled_since)
        for column in table.value_columns():
            if (value := cells.get(column)) is None:
                continue
            place = table.place(number, column)
            try:
                stated, actual = read(value), sums.get(column, 0)
            except Unreadable as error:
                if error.code == "formula-not-calculated":
                    findings.notes.append(f"{place}: the {kind} was never calculated and is not checked")
                else:
                    findings.say_unreadable(error, place, value)
                continue
            if column not in spoiled and abs(Fraction(stated - actual)) > Fraction(1, 100):
                message = (
                    f"the {kind} says {plain_number(stated)}, its rows come to {plain_number(actual)}: "
                    f"a difference of {plain_number(stated - actual)}"
                )
                findings.say("total-differs", message, "mend the total or the rows above it", place, shown(value))
        if kind == "sub-total":
            self.above = self._all()
            self.since, self.spoiled_since = {}, set()

    def _all(self) -> dict[int, Exact]:
        """The sums of all rows above: those before the last sub-total and those since."""
        return {c: self.above.get(c, 0) + self.since.get(c, 0) for c in self.above.keys() | self.since.keys()}


def plain_number(value: Exact) -> str:
    """An exact number for a message, with thousands separators.

    >>> plain_number(Fraction(12345678, 10)), plain_number(-5)
    ('1,234,567.8', '-5')
    """
    whole, _, rest = decimal_text(value, 6).partition(".")
    return f"{int(whole):,}{('.' + rest).rstrip('0').rstrip('.')}" if abs(Fraction(value)) >= 1 else plain(value)
