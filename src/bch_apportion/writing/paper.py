"""Sheets on A4: how much fits a page at which scale, the head of a page, and where pages break."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from bch_apportion.writing.workbook import printable

LEGIBLE = 60  # percent: a sheet that would be printed smaller takes several pages across
APART = 75  # percent at which it is printed then
HEAD = 250  # characters at the head of a page
HALF = 150  # of these, what the result stands under
CHARACTER, PADDING = 7, 5  # pixels of a column
DRAWN = 0.75  # points of a pixel


class Paper(NamedTuple):
    """What a page has room for: pixels across, points down."""

    across: float
    down: float


LANDSCAPE, PORTRAIT = Paper(980, 430), Paper(700, 690)


def pixels(widths: Sequence[float]) -> float:
    """How wide columns of so many characters are together."""
    return sum(CHARACTER * width + PADDING for width in widths)


def fit(sheet: Any, widths: Sequence[float], repeated: int) -> float:
    """Print a table across A4, one page wide where that is legible, else with `repeated` columns on each page.

    Returns how many points of it one page holds.
    """
    printable(sheet)
    scale = min(1, LANDSCAPE.across / pixels(widths))
    if 100 * scale < LEGIBLE:
        scale = APART / 100
        sheet.set_print_scale(APART)
        sheet.print_across()
        sheet.repeat_columns(0, repeated - 1)
    return LANDSCAPE.down / scale


def fit_page(sheet: Any, widths: Sequence[float], high: float) -> float:
    """Print a page on one sheet of A4 where that is legible, else one page wide; returns the points a page holds."""
    printable(sheet)
    scale = min(1, PORTRAIT.across / pixels(widths))
    paper = PORTRAIT if 100 * scale >= LEGIBLE else LANDSCAPE
    if paper is PORTRAIT:
        sheet.set_portrait()
        if 100 * min(scale, PORTRAIT.down / high) >= LEGIBLE:
            sheet.fit_to_pages(1, 1)
            return high
    return paper.down / min(1, paper.across / pixels(widths))


def breaks(whole: Iterable[tuple[int, float, float]], holds: float) -> list[int]:
    """The rows before which a page must end so that nothing is cut that a page can hold.

    `whole` are the rows where a heading with its first rows begins, or a chart, how many points stand above it, and
    how high it is; a page holds so many. Below a table of several pages they begin a page of their own, since another
    program may break its rows elsewhere.

    >>> breaks([(5, 75, 225), (22, 330, 225), (39, 585, 225)], 500), breaks([(50, 750, 225), (67, 1005, 225)], 500)
    ([22], [50])
    """
    rows, start = [], 0.0
    for row, top, high in sorted(whole, key=itemgetter(1)):
        if high <= holds < top - start + high:
            rows.append(row)
            start = top
    return rows


def headed(sheet: Any, title: str, stamp: str) -> None:
    """The title and what the result stands under at the head of each page, small, so that no row is hidden by it."""
    head = "\n".join(line for line in (title[: HEAD - len(stamp[:HALF]) - 1], stamp[:HALF]) if line)
    if head:
        sheet.set_margins(top=1)
        text = head.replace("&", "&&")[:HEAD]
        lone = (len(text) - len(text.rstrip("&"))) % 2  # half of a pair, cut off
        sheet.set_header("&L&8 " + text[: len(text) - lone])
