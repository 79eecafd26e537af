"""How wide a text is drawn in a chart, and how a text that is too wide is shortened.

No font is measured here: the widths are those of DejaVu Sans and Arial, whichever is wider, rounded up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from unicodedata import combining, normalize

SIZE = 9.0  # points, as the style sheet of the page has it
GROUPS = {
    0.34: " ',./:;Iijl\\|",
    0.42: "!()-[]frt",
    0.56: '"*?JL_`csz‘’“”–',
    0.64: "$£0123456789FTabdeghknopquvxy{}",
    0.73: "ABCEKPRSVXYZ",
    0.79: "&DGHNOQU",
    1.0: "#%+<=>@MW^mw~…—−",
}
WIDTHS = {letter: width for width, letters in GROUPS.items() for letter in letters}
UNKNOWN = 1.25  # squares and signs of other scripts are the widest
CUT = "…"
LONGEST = 200  # letters: more do not fit across a chart


def width(text: str) -> float:
    """The width of a line of text, in points; a letter with an accent is as wide as without."""
    letters = (letter for letter in normalize("NFD", text) if not combining(letter))
    return SIZE * sum(WIDTHS.get(letter, UNKNOWN) for letter in letters)


def widest(texts: Sequence[str]) -> float:
    """The width of the widest of these texts, in points."""
    return max(map(width, texts), default=0.0)


def shortened(text: str, room: float) -> str:
    """A text that fits: if it is too wide it keeps its beginning and, since that tells names apart, its end.

    >>> shortened("Bedfordshire Police base", 200.0), shortened("Bedfordshire Police base", 90.0)
    ('Bedfordshire Police base', 'Bedfords…ce base')
    """
    if width(text) <= room:
        return text
    kept = range(1, min(len(text), LONGEST))
    return _keeping(text, bisect_right(kept, room, key=lambda letters: width(_keeping(text, letters))))


def _keeping(text: str, letters: int) -> str:
    end = letters // 2
    return text[: letters - end].rstrip() + CUT + (text[-end:].lstrip() if end else "")
