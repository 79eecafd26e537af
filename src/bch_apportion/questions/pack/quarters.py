"""The quarter that a scorecard is of."""

from __future__ import annotations

from datetime import date

from bch_apportion.questions.asking import Usage
from bch_apportion.years import FinancialYear, Months, day_text, last_day, month_of, year_of


def last_quarter(day: date) -> Months:
    """The last quarter that is over on the day.

    >>> [str(last_quarter(date(2019, 6, day))) for day in (29, 30)]
    ['2019-01..2019-03', '2019-04..2019-06']
    """
    month = month_of(day) // 3 * 3
    return Months(month, 3) if last_day(month + 2) <= day else Months(month - 3, 3)


def quarter_of(text: str, day: date) -> Months:
    """The quarter that a text names, as 2018/19Q3; raises Usage where it names none, or one not over on the day."""
    from bch_apportion.reading.values import Unreadable, period

    try:
        quarter = period(text)
    except Unreadable:
        quarter = Months(0, 0)
    if (quarter.length, quarter.first % 3) != (3, 0):
        raise Usage(f"“{text}” is not a quarter; write 2018/19Q3", "--quarter")
    if last_day(quarter.last) > day:
        raise Usage(f"{quarter_text(quarter)} is not over on {day_text(day)}", "--quarter")
    return quarter


def quarter_text(quarter: Months) -> str:
    """A quarter as people write it.

    >>> quarter_text(last_quarter(date(2019, 1, 1)))
    '2018/19 Q3'
    """
    year = year_of(quarter.first)
    return f"{year} Q{(quarter.first - year.first_month()) // 3 + 1}"


def year_before_end(quarter: Months) -> FinancialYear:
    """The last financial year that is over when the quarter is.

    >>> [str(year_before_end(last_quarter(date(2019, month, 1)))) for month in (1, 4)]
    ['2017/18', '2018/19']
    """
    return year_of(quarter.last + 1).plus(-1)
