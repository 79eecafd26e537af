"""Very many alike rows at once: a pattern made from one row of a sheet, matched over a text of thousands.

Only speed is gained by it: what is matched is what `PlainRows.parse` would find, and a text that the pattern does not
cover to the last letter goes there, whole or row by row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import lt
from typing import NamedTuple, TypeAlias

from bch_apportion.reading.cells import CELL, PlainRows, column_number, plain_text

SAMPLE = 50  # rows among which the fullest is looked for
PLAIN_ATTRIBUTES = re.compile(r'(?: [A-Za-z0-9:]+="[^"<>&]*")*')
HIDDEN = re.compile(r'\bhidden="(?:1|true)"')
ROW = re.compile(r"<row [^>]*[^/]>.*?</row>", re.DOTALL)
WHOLE = r"([0-9]{1,15})"
NUMBER = r"([0-9]{1,15}(?:\.[0-9]{1,17})?)"
INLINE = r"(<t(?: [^<>]*)?>[^<]*</t>)"
BLANK = "blank"  # the kind of a cell that has a style and nothing in it
CONTENTS = {"": r"([^<]*)", "n": r"([^<]*)", "s": WHOLE, "str": r"([^<]*)", "b": r"([01])", "inlineStr": INLINE}


class CellForm(NamedTuple):
    """How the cells of a column are written."""

    column: int
    kind: str
    style: str
    before: str  # all that stands around the row's number and the content
    between: str
    after: str
    content: str
    optional: bool

    def pattern(self) -> str:
        """The cell, whose row is that of the row."""
        one = f"{re.escape(self.before)}\\1{re.escape(self.between)}{self.content}{re.escape(self.after)}"
        return f"(?:{one})?" if self.optional else one

    def fixed(self) -> int:
        """The letters of a cell beside its row's number and its content."""
        return len(self.before) + len(self.between) + len(self.after)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one shape, one after the other: their numbers, and by column what is written in each."""

    numbers: list[int]
    columns: Mapping[int, Sequence[str]]  # the empty text where there is no such cell
    forms: Sequence[CellForm]


Piece: TypeAlias = Block | str
"""Rows of one shape, or the XML of rows that have another."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A row's shape: which cells it has, and how they are written."""

    forms: tuple[CellForm, ...]
    alone: re.Pattern[str]  # a row of the shape
    among: re.Pattern[str]  # such a row or, in the last group, any other

    def pieces(self, rows: PlainRows, text: str) -> list[Piece] | None:
        """The rows of a text in order; None where too few are of this shape, or the text is not plain."""
        found = self.alone.findall(text)
        if not found:
            return None
        if (block := self._block(found, rows.last, len(text))) is not None:
            return [block]
        if 2 * len(found) < text.count("<row") or not plain_text(text):
            return None
        return self._mixed(rows, text)

    def _mixed(self, rows: PlainRows, text: str) -> list[Piece] | None:
        """Rows of the shape among others."""
        found = self.among.findall(text)
        pieces: list[Piece] = []
        last, start, cells = rows.last, 0, 0
        for end in (*(place for place, row in enumerate(found) if row[-1]), len(found)):
            if start < end:
                block = self._block([row[:-1] for row in found[start:end]], last)
                if block is None:
                    return None
                pieces.append(block)
                last = block.numbers[-1]
                cells += sum(len(column) - column.count("") for column in block.columns.values())
            if end < len(found):
                pieces.append(found[end][-1])
                cells += found[end][-1].count("<c")
            start = end + 1
        return pieces if len(found) == text.count("<row") and cells == text.count("<c") else None

    def _block(self, found: Sequence[Sequence[str]], last: int, length: int = 0) -> Block | None:
        """These rows; None where they are not in order, not plain, or (with a `length`) do not fill it wholly."""
        digits, attributes, *columns = zip(*found, strict=True)
        numbers = list(map(int, digits))
        if numbers[0] <= last or not all(map(lt, numbers, numbers[1:])):
            return None
        for one in set(attributes):
            if not PLAIN_ATTRIBUTES.fullmatch(one) or "xmlns" in one or HIDDEN.search(one):
                return None
        if length and length != self._length(digits, attributes, columns):
            return None
        by_column = {form.column: column for form, column in zip(self.forms, columns, strict=True)}
        return Block(numbers, by_column, self.forms)

    def _length(self, digits: Sequence[str], attributes: Sequence[str], columns: Sequence[Sequence[str]]) -> int:
        """How many letters the rows were written in, if nothing stands between them."""
        written = sum(map(len, digits))
        length = len('<row r=""></row>') * len(digits) + written + sum(map(len, attributes))
        for form, column in zip(self.forms, columns, strict=True):
            blank = column.count("") if form.optional else 0
            length += form.fixed() * (len(column) - blank) + sum(map(len, column)) + written
            if blank:
                length -= sum(len(number) for number, content in zip(digits, column, strict=True) if not content)
        return length


def shape_of(rows: PlainRows, text: str, needed: Sequence[int], values: Sequence[int]) -> Shape | None:
    """The shape of a text's first rows: that of the fullest, with what cells others have besides; None where none has.

    The `needed` columns are in every row of it; the cells of `values` hold numbers that are shown as such.
    """
    samples = [match.group() for match in islice(ROW.finditer(text), SAMPLE)]
    found: dict[int, CellForm] = {}
    for row in sorted(samples, key=lambda row: -row.count("</v>") - row.count("</is>")):
        for form in _forms(rows, row, needed, values):
            found.setdefault(form.column, form)
    if not found:
        return None
    forms = tuple(form for _, form in sorted(found.items()))
    one = r'<row r="([0-9]{1,7})"([^>]*)>' + "".join(form.pattern() for form in forms) + "</row>"
    return Shape(forms, re.compile(one), re.compile(f"{one}|(<row[^>]*/>|<row.*?</row>)", re.DOTALL))


def _forms(rows: PlainRows, row: str, needed: Sequence[int], values: Sequence[int]) -> tuple[CellForm, ...]:
    """How the cells of a row are written; nothing where one is unusual or a needed one is missing."""
    found: dict[int, CellForm] = {}
    for cell in CELL.finditer(row):
        letters, _, style, kind, formula, stored, inline = cell.groups(default="")
        column, content = column_number(letters), CONTENTS.get(kind)
        number = column in values and not kind.strip("n") and rows.shows_as_number(style)
        if formula or content is None or (stored and inline) or (column in values and not number and stored):
            return ()
        part = 7 if kind == "inlineStr" else 6
        if not cell.group(part):  # a blank cell with a style
            if not cell.group().endswith("/>"):
                return ()
            head, between, after, content = cell.group()[: cell.end(1) - cell.start()], "", "", r"( ?/>)"
            between = cell.string[cell.end(2) : cell.end()].removesuffix("/>").removesuffix(" ")
            kind = BLANK
        else:
            head = cell.group()[: cell.end(1) - cell.start()]
            between, after = cell.string[cell.end(2) : cell.start(part)], cell.string[cell.end(part) : cell.end()]
            content = NUMBER if column in values else content
        found[column] = CellForm(column, kind, style, head, between, after, content, column not in needed)
    full = {column for column, form in found.items() if form.kind != BLANK}
    if not full.issuperset(needed) or full.isdisjoint(values) or list(found) != sorted(found):
        return ()
    return tuple(found.values())
