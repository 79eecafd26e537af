"""Financial years and months: the calendar of an apportionment, without a clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple, TypeAlias

Month: TypeAlias = int
"""A calendar month as a count: 12 × calendar year + month − 1, so that months subtract and compare."""

APRIL = 3  # a financial year starts on 1 April; January is 0


MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class FinancialYear(NamedTuple):
    """The year from 1 April of `start` to 31 March after it, written 2018/19.

    >>> str(FinancialYear(2018)), str(FinancialYear(1999))
    ('2018/19', '1999/00')
    >>> FinancialYear(2019).days()       # it holds 29 February 2020
    366
    """

    start: int

    def __str__(self) -> str:
        return f"{self.start}/{(self.start + 1) % 100:02d}"

    def plus(self, years: int) -> FinancialYear:
        return FinancialYear(self.start + years)

    def first_day(self) -> date:
        return date(self.start, 4, 1)

    def last_day(self) -> date:
        return date(self.start + 1, 3, 31)

    def days(self) -> int:
        return (self.last_day() - self.first_day()).days + 1

    def first_month(self) -> Month:
        return self.start * 12 + APRIL


class Months(NamedTuple):
    """A run of `length` months beginning with `first`: a month, a quarter, a year or any range.

    >>> window = Months(FinancialYear(2018).first_month() - 6 - 36, 36)
    >>> str(window), window.words()
    ('2014-10..2017-09', '1 October 2014 to 30 September 2017')
    """

    first: Month
    length: int

    @property
    def last(self) -> Month:
        return self.first + self.length - 1

    def overlaps(self, other: Months) -> bool:
        return self.first <= other.last and other.first <= self.last

    def months(self) -> range:
        return range(self.first, self.first + self.length)

    def __str__(self) -> str:
        return month_text(self.first) if self.length == 1 else f"{month_text(self.first)}..{month_text(self.last)}"

    def words(self) -> str:
        return f"{day_text(first_day(self.first))} to {day_text(last_day(self.last))}"


def month_of(day: date) -> Month:
    return day.year * 12 + day.month - 1


def year_of(month: Month) -> FinancialYear:
    """The financial year a month lies in.

    >>> str(year_of(month_of(date(2018, 3, 31)))), str(year_of(month_of(date(2018, 4, 1))))
    ('2017/18', '2018/19')
    """
    return FinancialYear((month - APRIL) // 12)


def whole_year(year: FinancialYear) -> Months:
    """The twelve months of a financial year."""
    return Months(year.first_month(), 12)


def month_text(month: Month) -> str:
    """A month as 2014-10.

    >>> month_text(month_of(date(2014, 10, 31)))
    '2014-10'
    """
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def first_day(month: Month) -> date:
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: Month) -> date:
    return first_day(month + 1) - timedelta(days=1)


def day_text(day: date) -> str:
    """A date as people write it: 1 April 2016."""
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"
