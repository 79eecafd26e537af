"""How the values of a report read as text: money with pence and thousands separators, shares as percentages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args

from bch_apportion.money import decimal_text, half_up, plain
from bch_apportion.writing.report import THOUSANDS, Cell, Kind, Number, Page, Report

Sign: TypeAlias = Literal["good", "warn", "bad"]
SIGNS: dict[str, Sign] = {  # words that say how it stands; each writer has its colours for them
    "passed": "good",
    "GREEN": "good",
    "achievable": "good",
    "AMBER": "warn",
    "not tested": "warn",
    "FAILED": "bad",
    "RED": "bad",
    "NOT EXPLAINED": "bad",
    "not achievable": "bad",
    "no adjustment: not achievable": "bad",
}
THOUSANDS_NOTE = "In thousands of pounds; rounded figures may not cast."
WHOLE_NOTE = "In whole pounds; rounded figures may not cast."


def shown(value: Any, kind: Kind, thousands: bool = False) -> str:
    """One value of a report as text; nothing is an empty text.

    >>> shown(-123456789, "money"), shown(-123456789, "money", thousands=True), shown(Fraction(1, 3), "share")
    ('-1,234,567.89', '-1,235', '33.3333%')
    >>> shown(Fraction(5, 2), "number"), shown("£5.00", "number")
    ('2.5', '£5.00')
    """
    if isinstance(value, Cell):
        return shown(value.value, value.kind or kind, thousands)
    if value is None:
        return ""
    if thousands and kind in ("money", "pounds"):
        return f"{half_up(Fraction(value, 100_000)):,}"
    return TEXTS.get(kind, str)(value)


def _money(pence: int) -> str:
    whole, rest = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}{whole:,}.{rest:02d}"


def is_number(kind: Kind) -> bool:
    return kind in get_args(Number)


BLOCKS = "▁▂▃▄▅▆▇█"


def curve(values: Sequence[int | None]) -> str:
    """A row of figures as a small curve, from its lowest to its highest; a blank where there is none.

    >>> curve((0, 5, 10)), curve((7, None, 7)), curve((7,))
    ('▁▅█', '▄ ▄', '')
    """
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    if len(values) == 1:
        return ""
    marks = [
        " " if v is None else "▄" if low == high else BLOCKS[half_up(Fraction(7 * (v - low), high - low))]
        for v in values
    ]
    return "".join(marks)


def bar(value: int, longest: int, width: int = 24) -> str:
    """An amount as a bar beside the longest of its column: adverse to the right, favourable to the left.

    >>> bar(10, 10, 4), bar(-5, 10, 4)
    ('  |++', ' -|')
    """
    half = width // 2
    length = half_up(Fraction(half * abs(value), longest)) if longest else 0
    if value and not length:
        length = 1
    return " " * half + "|" + "+" * length if value >= 0 else " " * (half - length) + "-" * length + "|"


TEXTS: dict[Kind, Callable[[Any], str]] = {  # of any other kind the value itself
    "money": _money,
    "pounds": lambda pence: f"{half_up(Fraction(pence, 100)):,}",
    "spark": curve,
    "share": lambda share: decimal_text(share * 100, 4) + "%",
    "tenths": lambda share: share if isinstance(share, str) else decimal_text(share * 100, 1) + "%",
    "percent": lambda percent: plain(percent) + "%",
    "points": lambda points: decimal_text(points, 2),
    "number": lambda number: plain(number) if isinstance(number, Fraction) else str(number),
    "rate": lambda rate: f"{Decimal(decimal_text(rate, 4)):,}",
    "date": lambda day: day.isoformat() if isinstance(day, date) else str(day),
}
HARMLESS = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")  # hyphens and gaps that do not show, and joiners
FLAG = re.compile(
    "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{4,6}\U000e007f"
)  # of England, Scotland, Wales


def printable(text: str) -> str:
    """Text without what a terminal or a reader could be misled by: controls and direction marks become a mark.

    Line ends and tabs become blanks. What Word leaves in a text, and what holds an emoji together, stays; tags stay
    within a flag alone, as elsewhere they could carry words that nobody sees.

    >>> printable("two\\nlines"), printable("\\x1b[2J")
    ('two lines', '\ufffd[2J')
    """
    if text.isprintable():
        return text
    kept = {place for flag in FLAG.finditer(text) for place in range(*flag.span())}
    return "".join(
        sign if sign.isprintable() or sign in HARMLESS or place in kept else " " if sign.isspace() else "\ufffd"
        for place, sign in enumerate(text)
    )


def readable(report: Report) -> Report:
    """A report as a reader wants it beside charts: without bars and without the columns that only draw a waterfall."""
    drawing = {name for chart in report.charts if chart.kind == "waterfall" for name in chart.series}
    keep = [i for i, head in enumerate(report.columns) if head.kind != "bar" and head.name not in drawing]
    columns = tuple(report.columns[i] for i in keep)
    return replace(report, columns=columns, rows=tuple(tuple(row[i] for i in keep) for row in report.rows), charts=())


def titled(report: Report | Page, thousands: bool = False) -> str:
    """The title of a report or page with its units as they are shown."""
    units = "£k" if thousands and report.units == "£" else report.units
    return f"{report.title} ({units})" if units else report.title


ASKED = re.compile(r"(?<![\w/] )--show (?=\w)")


def without_show(text: str) -> str:
    """What a terminal is told to see more, for a file that has it; where a command is named, it stays.

    >>> without_show("and 2 more: --show units"), without_show("status --show units")
    ('and 2 more: see units', 'status --show units')
    """
    return ASKED.sub("see ", text)


def notes_with(report: Report, thousands: bool) -> tuple[str, ...]:
    """The notes of a report; where its figures are rounded for display, that too."""
    return (*report.notes, THOUSANDS_NOTE) if thousands and report.units == "£" else report.notes


def rounding_note(page: Page, thousands: bool) -> str:
    """What a page of rounded money says of it; nothing where it has none."""
    return {"£": THOUSANDS_NOTE if thousands else WHOLE_NOTE, THOUSANDS: THOUSANDS_NOTE}.get(page.units, "")
