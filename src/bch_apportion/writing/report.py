"""A report as a value: one table with a title, notes, a source and units, and one header row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any, Literal, NamedTuple, TypeAlias

from bch_apportion.answers import Table

Number: TypeAlias = Literal[
    "money", "pounds", "share", "tenths", "percent", "points", "whole", "figure", "count", "number", "rate"
]
Words: TypeAlias = Literal["text", "wide", "bar", "spark", "year", "date", "status"]
Kind: TypeAlias = Literal[Number, Words]
"""What a column holds: text · wide (text that may wrap) · money (whole pence, or None) · pounds (the same, shown
without pence) · bar (money shown as a bar) ·
spark (a row of money shown as a small curve, on the screen alone) · figure (a number written out, or n/a) ·
share (an exact share of 1) · tenths (the same, shown to a tenth of a percent; or n/a) · points (exact percentage
points) · percent (exact percent) · whole · year · date ·
count (a whole number with thousands separators, as pence in a calculation) · number (an exact number as it is, or a
text that holds one with its sign or unit) · rate (exact pounds for each of something, shown to four decimals) ·
status (a word that says how it stands, OK where all is well)."""


class Cell(NamedTuple):
    """A cell of a live workbook: its value, the formula that gives it (none: it stands), its kind if not its column's.

    Everywhere but in a workbook the value and its kind alone count.
    """

    value: Any
    formula: str = ""
    kind: Kind | None = None

    def __str__(self) -> str:
        return "" if self.value is None else str(self.value)


class Column(NamedTuple):
    """A column of a report."""

    name: str
    kind: Kind = "text"


class Chart(NamedTuple):
    """A chart of some rows of a report, from row `first` to `last` (from 0), by the names of its columns.

    A waterfall has six series, an unseen base, totals, rises and falls, these in parts above and below zero; steps, on
    a page alone, a single series: a total at either end and between them what each step moves. A line, column or
    stacked chart has any; a tornado two, drawn as bars to both sides of zero; a slope a single series of rates, drawn
    as bars of which the starred are hatched. `start` is where the axis of amounts begins, in pence; None leaves it to
    the program that draws it. `starred` are the categories with a star.
    """

    kind: Literal["waterfall", "steps", "line", "column", "stacked", "tornado", "slope"]
    title: str
    categories: str
    series: tuple[str, ...]
    first: int
    last: int
    start: int | None = None
    starred: tuple[int, ...] = ()  # from 0


@dataclass(frozen=True, slots=True)
class Report:
    """A table to be shown. `name` is short (a sheet's name), `totals` counts the rows at the end that sum others."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...] = ()
    units: str = ""
    totals: int = 0
    empty: str = ""  # what to say where there are no rows
    charts: tuple[Chart, ...] = ()
    strong: frozenset[int] = frozenset()  # rows that stand out, from 0
    turned: tuple[Report, ...] = ()  # what stands for it where it is too wide
    headed: bool = True  # whether a screen shows its columns' names
    group: str = ""  # in a workbook's contents, the sheets of a group stand under its name

    def records(self) -> list[dict[str, Any]]:
        """Its rows, each by the names of the columns."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


class Cover(NamedTuple):
    """The first page of a result: a title, rows of a name and its text, and in short what it is worked out from.

    `stamp` says under what the result stands, where it is not the workbook alone; it heads every page.
    """

    title: str
    rows: tuple[tuple[str, str | Cell], ...]
    source: str = ""
    stamp: str = ""


Block: TypeAlias = str | Report | tuple[str] | Cell
"""A paragraph, a table, or a heading as a tuple of its text; in a workbook a status too, which is empty in itself."""


@dataclass(frozen=True, slots=True)
class Page:
    """Headings, paragraphs and tables, in order."""

    title: str
    blocks: tuple[Block, ...]
    group: str = ""  # where pages are many, those of a group stand together
    units: str = ""
    lead: str = ""  # what stands right under its title


class Group(NamedTuple):
    """Tables and pages under a heading."""

    heading: str
    parts: Sequence[Report | Page]


def columns(*given: str | tuple[str, Kind]) -> tuple[Column, ...]:
    """Columns from names, text unless a kind is given."""
    return tuple(Column(head) if isinstance(head, str) else Column(head[0], head[1]) for head in given)


def axis_start(low: int, high: int) -> int | None:
    """Where an axis begins for amounts from `low` to `high` pence that lie close together: a round number of pounds.

    >>> axis_start(1_234_567_00, 1_300_000_00), axis_start(100_00, 900_00), axis_start(-5, 5)
    (110000000, 0, None)
    """
    if low <= 0:
        return None
    start = low - 2 * (high - low)
    step: int = 10 ** max(2, len(str(high - low)))
    return max(0, start // step * step)


def force_columns(forces: Sequence[str], others: Sequence[str]) -> list[str]:
    """Names for the columns of forces, none of them that of another column.

    >>> force_columns(["BEDS", "Year", "Year (force)"], ["unit", "year"])
    ['BEDS', 'Year (force) (force)', 'Year (force)']
    """
    reserved = {name.casefold() for name in others}
    taken, names = reserved | {force.casefold() for force in forces}, []
    for force in forces:
        name = force
        if force.casefold() in reserved:
            while name.casefold() in taken:
                name += " (force)"
        names.append(name)
    return names


def spans(years: Sequence[Any]) -> str:
    """Years in words, runs together.

    >>> from bch_apportion.years import FinancialYear as Y
    >>> spans([Y(2012), Y(2013), Y(2014), Y(2016)])
    '2012/13 to 2014/15, 2016/17'
    """
    runs: list[list[Any]] = []
    for year in years:
        if runs and year == runs[-1][-1].plus(1):
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


THOUSANDS = "£k"  # the units of a page whose money is in thousands in every form
FIRST, NOTES, ABOUT = "First page", "Notes", "About"  # sheets that every workbook has
CALCULATION = "Calculation"  # the group of the sheets that formulas need
FORBIDDEN = frozenset("[]:*?/\\")
LONGEST_NAME = 31  # characters of a sheet's name


def sheet_name(text: str, taken: Iterable[str]) -> str:
    """A name that a sheet may have and that none of `taken` has, whatever its case: cut, and numbered.

    >>> sheet_name("HR/Payroll", []), sheet_name("Notes", ["notes"]), sheet_name("x" * 40, ["x" * 31])
    ('HR-Payroll', 'Notes (2)', 'xxxxxxxxxxxxxxxxxxxxxxxxxxx (2)')
    """
    used = {"history", *(name.casefold() for name in taken)}
    plain = "".join("-" if sign in FORBIDDEN or not sign.isprintable() else sign for sign in text)
    names = chain([_fitted(plain)], (_fitted(plain, f" ({number})") for number in count(2)))
    return next(name for name in names if name.casefold() not in used)


def _fitted(name: str, end: str = "") -> str:
    """A name cut to what Excel takes, which counts a character beyond the basic plane as two."""
    kept = name.strip(" '")
    while len((kept + end).encode("utf-16-le")) // 2 > LONGEST_NAME:
        kept = kept[:-1]
    return (kept.rstrip(" '") or "Sheet") + end


_SHOWN: dict[str, Kind] = {
    "money": "money",
    "year": "year",
    "date": "date",
    "share": "share",
    "number": "number",
    "per size": "rate",
}


def plain_table(
    name: str,
    title: str,
    table: Table,
    *,
    kinds: Mapping[str, Kind] | None = None,
    notes: Sequence[str] = (),
    units: str = "£",
    totals: int = 0,
    empty: str = "",
    charts: Sequence[Chart] = (),
) -> Report:
    """Typed rows as a report; `kinds` says how a column is shown where its declaration does not."""
    declared: dict[str, Kind] = {c.name: _SHOWN.get(c.kind.name if c.kind else "", "text") for c in table.columns}
    shown = {**declared, **(kinds or {})}
    return Report(
        name=name,
        title=title,
        columns=tuple(Column(c.name, shown[c.name]) for c in table.columns),
        rows=tuple(map(tuple, table.values())),
        notes=tuple(notes),
        units=units,
        totals=totals,
        empty=empty,
        charts=tuple(charts),
    )
