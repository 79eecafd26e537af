"""A report as a value: one table with a title, notes, a source and units, and one header row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["text", "wide", "money", "share", "points", "percent", "whole", "year", "date"]
"""What a column holds: text · wide (text that may wrap) · money (whole pence, or None) · share (an exact share of 1) ·
points (exact percentage points) · percent (exact percent) · whole · year · date."""


class Column(NamedTuple):
    """A column of a report."""

    name: str
    kind: Kind = "text"


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


class Cover(NamedTuple):
    """The first page of a result: a title, and rows of a name and its text."""

    title: str
    rows: tuple[tuple[str, str], ...]


def columns(*given: str | tuple[str, Kind]) -> tuple[Column, ...]:
    """Columns from names, text unless a kind is given."""
    return tuple(Column(one) if isinstance(one, str) else Column(*one) for one in given)


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
