"""How wide a text is drawn in a chart, and how one that is too wide is shortened.

Widths are those of the font that the drawing is measured with, which is wider than those it is read in; letters of
East Asia, which that font lacks, count as a square.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from unicodedata import east_asian_width

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

SIZE = 9.0  # points
FONT = FontProperties(family=["DejaVu Sans"], size=SIZE)
CUT = "…"
LONGEST = 400  # letters: what has more fits nowhere, and is not measured whole


def width(text: str) -> float:
    """The width of a line of text, in points."""
    squares = sum(east_asian_width(letter) in "WF" for letter in text)
    measured: float = text_to_path.get_text_width_height_descent(text, FONT, False)[0] if text else 0.0
    return measured + squares * SIZE


def widest(texts: Sequence[str]) -> float:
    return max(map(width, texts), default=0.0)


@lru_cache(maxsize=4096)
def shortened(text: str, room: float) -> str:
    """A text that fits: one that is too wide keeps its beginning and, since that tells names apart, its end.

    >>> shortened("Bedfordshire Police base", 200.0), shortened("Bedfordshire Police base", 90.0)
    ('Bedfordshire Police base', 'Bedfords…ice base')
    """
    if len(text) <= LONGEST and width(text) <= room:
        return text
    few, many = 0, min(len(text), LONGEST) - 1  # letters kept: the most that fit
    while few < many:
        middle = (few + many + 1) // 2
        few, many = (middle, many) if width(_keeping(text, middle)) <= room else (few, middle - 1)
    return _keeping(text, few)


def _keeping(text: str, letters: int) -> str:
    end = letters // 2
    return text[: letters - end].rstrip() + CUT + (text[-end:].lstrip() if end else "")
