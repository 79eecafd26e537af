"""What a cell may hold: plain values, and the few things that stand where a value should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

from bch_apportion.places import column_letters


class Percent(float):
    """A number that its cell shows as a percentage: 0.125 shown as 12.5%."""


class Moment(date):
    """A date that its cell gives with a time of day, in seconds: only who counts records needs that."""

    __slots__ = ("seconds",)
    seconds: int

    @classmethod
    def at(cls, day: date, seconds: int) -> date:
        """The day itself at midnight.

        >>> Moment.at(date(2020, 1, 15), 0), Moment.at(date(2020, 1, 15), 61).clock()
        (datetime.date(2020, 1, 15), '00:01:01')
        """
        if not seconds:
            return day
        moment = cls(day.year, day.month, day.day)
        moment.seconds = seconds
        return moment

    def clock(self) -> str:
        """The time of day."""
        return f"{self.seconds // 3600:02}:{self.seconds // 60 % 60:02}:{self.seconds % 60:02}"


class Run(NamedTuple):
    """A piece of a cell's text, and how it is set."""

    text: str
    position: str = ""  # superscript or subscript
    struck: bool = False


class Marked(str):
    """A text of which a piece is raised, lowered or struck out: 1000000 and a superscript 1 is the text 10000001."""

    __slots__ = ("runs",)
    runs: tuple[Run, ...]

    def __new__(cls, text: str, runs: Sequence[Run] = ()) -> Marked:
        marked = super().__new__(cls, text)
        marked.runs = tuple(runs)
        return marked


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """An error value, such as #REF! or #DIV/0!."""

    text: str


@dataclass(frozen=True, slots=True)
class Uncalculated:
    """A formula without a stored value: the workbook was saved by a program that does not calculate."""

    formula: str


Value: TypeAlias = float | str | bool | date | ErrorCell | Uncalculated
Row: TypeAlias = tuple[int, dict[int, Value]]
"""A row's number and its values by column, from 1; blank cells left out."""


def address(row: int, column: int) -> str:
    return f"{column_letters(column)}{row}"
