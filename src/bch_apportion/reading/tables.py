"""A sheet's table, tidy or wide, what reading it gathers, and its rows of totals. Its header: see `headers`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from bch_apportion.model import CalledTotal, Change, ForceCode, Inputs, WrittenRow, name_key
from bch_apportion.money import Exact, decimal_text, plain
from bch_apportion.places import Place
from bch_apportion.problems import About, Problem
from bch_apportion.reading.cells import Row, Value, address
from bch_apportion.reading.sheets import SheetForm
from bch_apportion.reading.values import Unreadable, brief, financial_year, key, money, nearest, shown
from bch_apportion.years import FinancialYear, Months

LONGEST_NAME = 60  # letters of a force or unit
NOTE = re.compile(r"(?:sources?|notes?)\b|[*†‡§¹²³⁰-⁹]|\[(?:note|[a-z]\b)|\([pr]\)", re.IGNORECASE)
TOTALS = {"total": "total", "grandtotal": "total", "subtotal": "sub-total"}


class Unknown(Unreadable):
    """A name that is on no list; reported once for all its cells."""

    def __init__(self, what: str, given: str) -> None:
        super().__init__(f"unknown-{what}", given, "")
        self.what, self.given = what, given


@dataclass(slots=True)
class Context:
    """What reading a cell needs to know of the workbook, and the misspelt names already reported.

    `names` holds what forces and units may be called: every code, name and alias, as compared, to its code.
    """

    like: Inputs | None = None  # a workbook by whose codes this one's forces and units are called
    source: str = ""  # the name of the workbook
    scales: Mapping[str, int] = field(default_factory=dict)  # by sheet, as Settings say; "" for those without one
    names: dict[str, dict[str, str]] = field(default_factory=lambda: {"force": {}, "unit": {}})
    nameless: dict[str, int] = field(default_factory=lambda: {"force": 0, "unit": 0})  # rows whose name is unreadable
    unknown: dict[tuple[str, str], tuple[str, list[Place]]] = field(default_factory=dict)  # as written, and where

    def code_like(self, what: str, code: str, *names: str) -> str:
        """The code that a force or unit has in the workbook this one is compared with, else its own."""
        theirs: dict[str, str] = {}
        for known in getattr(self.like, f"{what}s", ()):
            for name in (known.code, known.name, *getattr(known, "aliases", ())):
                theirs.setdefault(name_key(name), known.code)
        given = [name_key(name) for name in (code, *names) if name]
        return next((theirs[name] for name in given if name in theirs), code)

    def code_of(self, what: str, given: str) -> str:
        """The code of a force or unit by its code, name or alias; raises Unknown."""
        code = self.names[what].get(name_key(given))
        if code is None:
            raise Unknown(what, given)
        return code

    def beside(self, place: Place, other: Place) -> Place:
        """A place as it is named beside one in another file: the workbook is named there too."""
        return place if place.file or not other.file else place._replace(file=self.source)

    def add_unknown(self, what: str, given: str, place: Place) -> None:
        self.unknown.setdefault((what, name_key(given)), (given, []))[1].append(place)

    def unknown_names(self) -> Iterator[Problem]:
        """A problem for each misspelt name; none where the rows without a name may be theirs."""
        for what in self.names:
            unknowns = [unknown for (kind, _), unknown in self.unknown.items() if kind == what]
            if len(unknowns) > self.nameless[what]:
                yield from (self._unknown(what, given, cells) for given, cells in unknowns)

    def _unknown(self, what: str, given: str, cells: Sequence[Place]) -> Problem:
        known, sheet = self.names[what], f"{what.title()}s"
        near = known.get(nearest(given, list(known), shortest=2), "")
        hint = f"; did you mean “{near}”?" if near else ""
        first = cells[0]
        rest = [place.cell if place.table == first.table else str(place) for place in cells[1:]]
        more = f" (and {len(rest)} more: {', '.join(rest[:12])}{', …' if len(rest) > 12 else ''})" if rest else ""
        is_total = key(given).startswith(tuple(TOTALS))
        return Problem(
            f"unknown-{what}",
            f"“{brief(given)}” is not a {what} of the {sheet} sheet{more}{hint}",
            "label a row of totals Total, Grand total or Sub-total and no more"
            if is_total
            else f"write one of its {what}s, or add it there",
            first,
            value=given,
            further=tuple(cells[1:]),
            rests_on=(About("forces"),) if what == "force" else (About("forces"), About("units")),
        )


@dataclass(slots=True)
class Findings:
    """What reading gathers beside the rows: problems, notes and what a problem has put in doubt."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)  # what scenarios give
    doubts: set[About] = field(default_factory=set)
    blanks: dict[tuple[object, ...], Place] = field(default_factory=dict)
    misspelt: list[str] = field(default_factory=list)  # the columns that a heading nearly is
    written: dict[str, tuple[WrittenRow, ...]] = field(default_factory=dict)  # rows of the workbook, by sheet
    fractions: set[Place] = field(default_factory=set)  # percentages between 0 and 1 that no percent format shows
    called_totals: list[CalledTotal] = field(default_factory=list)
    speaks_of_pooling: bool = False

    def say(self, code: str, message: str, remedy: str, place: Place, value: str = "") -> None:
        self.problems.append(Problem(code, message, remedy, place, value=value))

    def say_unreadable(self, error: Unreadable, place: Place, value: Value | None) -> None:
        self.say(error.code, error.message, error.remedy, place, shown(value))

    def doubt_all(self, form: SheetForm) -> None:
        """A problem touches all of a sheet."""
        if form.doubts is not None:
            self.doubts.add(About(form.doubts))

    def add(self, other: Findings) -> None:
        self.written.update(other.written)
        self.problems += other.problems
        self.notes += other.notes
        self.changes += other.changes
        self.doubts |= other.doubts
        self.blanks.update(other.blanks)
        self.fractions |= other.fractions
        self.called_totals += other.called_totals
        self.speaks_of_pooling |= other.speaks_of_pooling


@dataclass(slots=True)
class Table:
    """A table. `columns` are the known ones by name; `spread` are those headed by a force, a year or a period."""

    form: SheetForm
    home: Place  # its sheet, and the scenario it is of
    columns: dict[str, int]
    headed: frozenset[int]
    spread_by: Literal["", "force", "year", "period"] = ""
    spread: dict[int, ForceCode | FinancialYear | Months] = field(default_factory=dict)
    header: Row = (0, {})
    totals: Sequence[int] = ()  # of a wide table: columns headed Total
    scales: dict[int, int] = field(default_factory=dict)  # of columns whose heading names one
    marks: list[str] = field(default_factory=list)  # headings that bear a publisher's mark
    above: Sequence[Row] = ()  # titles and notes
    keys: Sequence[str] = ()  # of a scenario: its headings. On a sheet, people also write remarks and totals

    def named(self, row: int, column: int) -> str:
        """What a cell is called; a scenario's by its key and the number of its row."""
        if not self.keys:
            return address(row, column)
        return f"{self.keys[column - 1]} {row}" if row else self.keys[column - 1]

    def place(self, row: int, column: int) -> Place:
        return Place(self.home.sheet, self.named(row, column), self.home.file)

    def first_needed(self) -> int:
        """The column whose text may say Total: the first needed one, else the first; 0 where all are spread."""
        needed = (self.columns[name] for name in self.form.needed_columns() if name in self.columns)
        return next(needed, min(self.columns.values(), default=0))

    def year_of(self, cells: Mapping[int, Value]) -> FinancialYear | None:
        """The year that a row names, where the table has a column of years beside its first."""
        place = self.columns.get("year", 0)
        try:
            return financial_year(cells[place]) if place in cells and place != self.first_needed() else None
        except Unreadable:
            return None

    def value_columns(self) -> list[int]:
        if self.spread:
            return list(self.spread)
        return [self.columns[self.form.value]] if self.form.value in self.columns else []

    def lacks_scale(self) -> bool:
        """Whether the heading of a column of money does not name its scale."""
        return self.form.is_of_money and any(column not in self.scales for column in self.value_columns())

    def is_remark(self, cells: Mapping[int, Value]) -> bool:
        """Whether a row fills only one cell, on a sheet that needs more; a lone value under its year is no remark.

        On a sheet that needs no more it is one where it reads as a note.
        """
        if len(cells) > 1:
            return False
        if len(self.form.needed_columns()) < 2:
            note = cells.get(self.first_needed())
            return isinstance(note, str) and (len(note) > LONGEST_NAME or NOTE.match(note) is not None)
        lone = any(name in self.columns for name in self.form.needed_columns())
        ((column, value),) = cells.items() or ((0, ""),)
        return lone or column not in self.spread or (isinstance(value, str) and not _is_amount(value))


def _is_amount(value: Value) -> bool:
    try:
        money(value)
    except Unreadable:
        return False
    return True


Counted: TypeAlias = tuple[int, FinancialYear | None]
"""A column of values, and the year of the rows."""


@dataclass(slots=True)
class Totals:
    """Sums of the value columns that the next totals rows are held against; None where a value could not be read.

    They are kept by year, where rows have one: a total that names a year totals the rows of that year.
    """

    sums: dict[str, dict[Counted, Exact | None]] = field(default_factory=lambda: {"sub-total": {}, "total": {}})

    def count(self, column: int, value: Exact | None, year: FinancialYear | None = None) -> None:
        for sums in self.sums.values():
            before = sums.get((column, year), 0)
            sums[column, year] = None if before is None or value is None else before + value

    def come_to(self, kind: str, column: int, year: FinancialYear | None) -> Exact | None:
        """The sum of a column, in a year where one is named."""
        sums = self.sums[kind]
        parts = [value for (place, of), value in sums.items() if place == column and year in (None, of)]
        return None if None in parts else sum(value for value in parts if value is not None)

    def check(
        self, table: Table, row: Row, label: str, read: Callable[[Value, int], Exact], findings: Findings
    ) -> None:
        """Hold a totals row against the rows it totals; a difference of more than a penny (0.01) is a problem."""
        number, cells = row
        kind, year = TOTALS[key(label)], table.year_of(cells)
        for column in table.value_columns():
            if (value := cells.get(column)) is None:
                continue
            place = table.place(number, column)
            try:
                stated, actual = read(value, column), self.come_to(kind, column, year)
            except Unreadable as error:
                if error.code == "formula-not-calculated":
                    findings.notes.append(f"{place}: the {kind} was never calculated and is not checked")
                else:
                    findings.say_unreadable(error, place, value)
                continue
            if actual is not None and abs(Fraction(stated - actual)) > Fraction(1, 100):
                of_year = f" of {year}" if year else ""
                says = differs(f"the {kind}{of_year}", stated, "its rows", actual)
                findings.say("total-differs", says, "mend the total or the rows above it", place, shown(value))
        if kind == "sub-total":
            self.sums[kind] = {counted: s for counted, s in self.sums[kind].items() if year not in (None, counted[1])}


CALLED = re.compile(r"(?:(?:grand|sub)[\s\-‐-―]*)?total\b|(?:net|gross)\s+(?:total|expenditure|cost)\b", re.IGNORECASE)


@dataclass(slots=True)
class CalledTotals:
    """Finds the lines of Budgets and Actuals that call themselves a total and are the sum of lines above them."""

    above: dict[object, list[int]] = field(default_factory=dict)  # all amounts of a unit and year
    since: dict[object, list[int]] = field(default_factory=dict)  # those since the last such total

    def is_total(self, unit_and_year: object, pence: int, text: str) -> bool:
        """Whether a line is the total that it calls itself (`text` is empty where it does not); else it is counted."""
        above, since = (sums.setdefault(unit_and_year, []) for sums in (self.above, self.since))
        if text and any(len(lines) > 1 and sum(lines) == pence for lines in (since, above)):
            since.clear()
            return True
        above.append(pence)
        since.append(pence)
        return False


def differs(total: str, stated: Exact, parts: str, actual: Exact) -> str:
    """That a total is not what its parts come to, with both figures and the difference."""
    return (
        f"{total} says {plain_number(stated)}, {parts} come to {plain_number(actual)}: "
        f"a difference of {plain_number(stated - actual)}"
    )


def plain_number(value: Exact) -> str:
    """An exact number for a message, with thousands separators.

    >>> plain_number(Fraction(12345678, 10)), plain_number(-5)
    ('1,234,567.8', '-5')
    """
    whole, _, rest = decimal_text(value, 6).partition(".")
    return f"{int(whole):,}{('.' + rest).rstrip('0').rstrip('.')}" if abs(Fraction(value)) >= 1 else plain(value)
