"""A workbook to write into, a result's or the template's: the same styles and printed pages for both.

The same contents give the same bytes: nothing of the clock or the machine goes in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from textwrap import wrap
from typing import Any

import xlsxwriter

from bch_apportion.writing.files import TooLong

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  # a fixed creation date, so that the bytes do not depend on the clock
ROOM = 2  # characters that a column is wider than its text
LINE = 15  # points of a line of text
HIGHEST = 400  # points of a row
LONGEST = 32_767  # characters of a cell
MAX_ROWS = 1_048_576
MONEY = "#,##0.00;-#,##0.00"
DATE = "dd mmm yyyy"
FILL = "#DCE6F1"
TITLE: dict[str, Any] = {"bold": True, "font_size": 14}
BOLD: dict[str, Any] = {"bold": True, "valign": "top"}
WRAPPED: dict[str, Any] = {"text_wrap": True, "valign": "top"}
LINK: dict[str, Any] = {"valign": "top", "font_color": "#0563C1", "underline": 1}
HEADER: dict[str, Any] = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": FILL}
TOTAL: dict[str, Any] = {"bold": True, "top": 1}


def side(right: bool) -> dict[str, Any]:
    """Numbers to the right, all else to the left, a little in from the numbers beside it."""
    return {"align": "right"} if right else {"align": "left", "indent": 1}


class Book:
    """A workbook in memory, so that a full disk leaves nothing in the folder of temporary files either."""

    def __init__(self, title: str, **options: Any) -> None:
        self._contents, self._styles = BytesIO(), dict[tuple[tuple[str, Any], ...], Any]()
        texts = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
        self.file = xlsxwriter.Workbook(self._contents, {"in_memory": True, **texts, **options})
        self.file.set_properties({"title": title, "created": EPOCH})

    def style(self, **properties: Any) -> Any:
        """A format; the same properties give the same format."""
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            self._styles[key] = self.file.add_format(properties)
        return self._styles[key]

    def save(self, path: Path) -> None:
        self.file.close()  # about half of the time
        path.write_bytes(self._contents.getvalue())


def write_text(sheet: Any, row: int, column: int, text: str, style: Any) -> None:
    """Write text as text, whatever it begins with; a text too long for a cell is an error, never cut."""
    if len(text) > LONGEST:
        raise TooLong(f"a text of {len(text):,} characters does not fit an Excel cell")
    sheet.write_string(row, column, text, style)


def height(lines: int) -> float:
    """The height of a row of so many lines of text: not every program fits a row to its text."""
    return float(min(LINE * max(1, lines), HIGHEST))


def lines_of(text: str, width: int) -> int:
    """Into how many lines a text wraps: between words, and in a word that is longer than a line.

    >>> lines_of("sum of weights", 20), lines_of("sum of weights", 8), lines_of("abcdefghij", 4)
    (1, 2, 3)
    """
    return 1 if len(text) <= width else max(1, len(wrap(text, max(1, width))))


def row_height(texts: Iterable[tuple[str, float]]) -> float:
    """The height of a row whose texts wrap in columns of these widths."""
    lines = [sum(lines_of(part, int(width) - ROOM) for part in text.split("\n")) for text, width in texts]
    return height(max(lines, default=1))


def printable(sheet: Any) -> None:
    """A4 across, one page wide, each page with its number."""
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&RPage &P of &N")
