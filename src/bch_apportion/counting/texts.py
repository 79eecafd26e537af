"""Texts of records as values, in DuckDB: dates and amounts as a workbook writes them (`reading.values`).

What most files hold is read at once; only what is left is looked at more closely.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as dt

from bch_apportion.counting.engines import MOMENT, Engine
from bch_apportion.years import MONTH_NAMES

EARLIEST, LATEST = "1900-01-01", "2200-01-01"  # between which a date lies (`reading.values.YEARS`)
TURN = 70  # years of two digits from here on are of 1900
PLACES = 12  # decimals of an amount
AS_ISO = ["____-__-__", "____-__-__ __:__:__", "____-__-__T__:__:__"]
AS_UK = {"__/__/____": "%d/%m/%Y", "__/__/____ __:__": "%d/%m/%Y %H:%M", "__/__/____ __:__:__": "%d/%m/%Y %H:%M:%S"}
TIME = r"(?:[T ]+(\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?))?"
OFFSET = r"^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d\d(:\d\d(\.\d+)?)?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)$"
ISO = rf"^(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){TIME}$"
UK = rf"^(\d{{1,2}})\s*[/.\-]\s*(\d{{1,2}})\s*[/.\-]\s*(\d{{4}}|\d{{2}}){TIME}$"
WORDS = rf"^(\d{{1,2}})(?:st|nd|rd|th)?[\s\-]*([a-z]+)\.?[\s\-,]*(\d{{4}}|\d{{2}}){TIME}$"
PLAIN = rf"^\d{{1,18}}(\.\d{{0,{PLACES}}})?$"
NUMBER = rf"^[+-]?((\d{{1,3}}(,\d{{3}}){{0,5}}|\d{{1,18}})(\.\d{{0,{PLACES}}})?|\.\d{{1,{PLACES}}})$"


def try_strptime(text: str, forms: Any) -> None:
    """A function of DuckDB."""


_try_strptime = ibis.udf.scalar.builtin(try_strptime, signature=((dt.string, dt.Array(dt.string)), MOMENT))


def stripped(text: Any) -> Any:
    """A text without the blanks around it."""
    return text.replace("\u00a0", " ").strip()


def within(moment: Any) -> Any:
    """A moment where its year is one of ours, else nothing."""
    ours = (moment >= ibis.timestamp(EARLIEST)) & (moment < ibis.timestamp(LATEST))
    return ours.ifelse(moment, ibis.null(MOMENT))


def moment_of(text: Any, zone: str, engine: Engine) -> Any:
    """The moment that a text names, by the clock of the zone and to the nearest second; nothing where it names none."""
    moment = ibis.cases(
        (text.like(AS_ISO), text.try_cast(MOMENT)),
        (text.like(list(AS_UK)), _try_strptime(text, ibis.literal(list(AS_UK.values())))),
        else_=_closely(stripped(text), zone, engine),
    )
    return within(moment)


def instant_of(text: Any, engine: Engine) -> Any:
    """What the clock of UTC shows at the moment of a text with an offset; nothing for any other."""
    exact = _nearest(engine.instant(stripped(text).try_cast("timestamp('UTC')")))
    without = ((text.like(forms), ibis.null(MOMENT)) for forms in (AS_ISO, list(AS_UK)))  # most, at once
    return ibis.cases(*without, (stripped(text).re_search(OFFSET), exact), else_=ibis.null(MOMENT))


def _closely(text: Any, zone: str, engine: Engine) -> Any:
    """The moment of a text with an offset, a part of a second, a year of two digits or a month in words."""
    low = text.lower()
    day, month, year = (low.re_extract(WORDS, group) for group in (1, 2, 3))
    words = _moment(_full(year), _number_of(month), day, low.re_extract(WORDS, 4))
    day, month, year = (low.re_extract(UK, group) for group in (1, 2, 3))
    uk = _moment(_full(year), month, day, low.re_extract(UK, 4))
    iso = _moment(*(text.re_extract(ISO, group) for group in (1, 2, 3, 4)))
    with_offset = _nearest(engine.local(zone, text.try_cast("timestamp('UTC')")))
    return ibis.cases(
        (text.re_search(OFFSET), with_offset),
        (text.re_search(ISO), iso),
        (low.re_search(UK), uk),
        (low.re_search(WORDS), words),
        else_=ibis.null(MOMENT),
    )


def _moment(year: Any, month: Any, day: Any, time: Any) -> Any:
    clock = (time == "").ifelse("00:00", time)
    return _nearest((year + "-" + month + "-" + day + " " + clock).try_cast(MOMENT))


def _nearest(moment: Any) -> Any:
    """The nearest second, so that a hair before midnight is the day that begins."""
    return (moment + ibis.interval(milliseconds=500)).truncate("s")


def _full(year: Any) -> Any:
    """A year of two digits in full."""
    century = (year >= str(TURN)).ifelse("19", "20")
    return (year.length() == 2).ifelse(century + year, year)


def _number_of(month: Any) -> Any:
    """The number of a month by its name or its first three letters; a text that is no number for another word."""
    names = [(number, name.lower()) for number, name in enumerate(MONTH_NAMES, 1)]
    pairs = [(month.isin(list({name, name[:3]})), str(number)) for number, name in names]
    return ibis.cases(*pairs, (month == "sept", "9"), else_="none")


def amount_of(text: Any) -> Any:
    """The number that a text plainly is, to twelve decimals; nothing where it is none."""
    exact = dt.Decimal(38, PLACES)
    bare = stripped(text)
    closely = bare.re_search(NUMBER).ifelse(bare.replace(",", "").try_cast(exact), ibis.null(exact))
    return text.re_search(PLAIN).ifelse(text.try_cast(exact), closely)
