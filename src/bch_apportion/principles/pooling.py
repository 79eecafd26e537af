"""Until a unit's budget is pooled a force bears the lines it holds; from that day on they are shared.

Principle 5, June 2015: "Budgets will be pooled as soon as possible after the signing of s22A."

How we read it: the pooled fraction of a year is the days from the pooling date to 31 March over the days of the year.
Of the lines a force holds, the part before pooling stays with it, rounded half up once per holder; the rest is pooled.
Lines without a holder are always pooled; lines that go wholly to one force (`direct to`) never are.

>>> pooled_fraction(date(2016, 10, 1), FinancialYear(2016))              # 182 of 365 days
Fraction(182, 365)
>>> held_part(1_000_00, Fraction(182, 365))                              # 100,000 × 183/365 = 50,136.99
50137
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from bch_apportion.money import Pence, half_up
from bch_apportion.years import FinancialYear


def pooled_fraction(pooled_from: date | None, year: FinancialYear) -> Fraction:
    """How much of the year the budget is pooled: 1 from on or before 1 April, 0 where the date is blank or later.

    >>> [str(pooled_fraction(date(2017, 4, d), FinancialYear(2017))) for d in (1, 2)]
    ['1', '364/365']
    >>> pooled_fraction(date(2017, 3, 31), FinancialYear(2016)), pooled_fraction(None, FinancialYear(2016))
    (Fraction(1, 365), Fraction(0, 1))
    """
    if pooled_from is None or pooled_from > year.last_day():
        return Fraction(0)
    if pooled_from <= year.first_day():
        return Fraction(1)
    return Fraction((year.last_day() - pooled_from).days + 1, year.days())


def held_part(held: Pence, fraction: Fraction) -> Pence:
    """What of a holder's lines stays with it in the year."""
    return half_up(held * (1 - fraction))


def days_unpooled(s22a_signed: date | None, pooled_from: date | None, day: date) -> int | None:
    """Days since the s22A was signed where, on `day`, the budget is still not pooled; else None.

    >>> days_unpooled(date(2015, 12, 1), None, date(2016, 3, 31))
    121
    """
    if s22a_signed is None or s22a_signed > day or (pooled_from is not None and pooled_from <= day):
        return None
    return (day - s22a_signed).days
