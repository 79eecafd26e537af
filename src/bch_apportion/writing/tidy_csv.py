"""Tables as CSV, in UTF-8, written as they are made; text is never live in a spreadsheet that opens it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO
from typing import Any, TextIO

from bch_apportion.answers import Column, Table

LIVE = ("=", "+", "-", "@", "\t", "\r")


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> inert("=1+1"), inert("ICT")
    ("'=1+1", 'ICT')
    """
    return "'" + text if text.startswith(LIVE) else text


def rows(table: Table, stamp: str = "") -> Iterator[list[str]]:
    """The rows of a table as text, its header first; with a stamp, a further column says under what they stand."""
    header = [column.name for column in table.columns]
    beside = [inert(stamp)] if stamp else []
    name = "set" if "scenario" in header else "scenario"  # where rows name their scenario it is what holds for all
    yield [*header, name] if stamp else header
    texts = [_text_of(column) for column in table.columns]
    for values in table.values():
        yield [*("" if value is None else text(value) for text, value in zip(texts, values, strict=True)), *beside]


def _text_of(column: Column) -> Callable[[Any], str]:
    if column.kind is None:
        return _plain
    text = column.kind.text
    return (lambda value: inert(text(value))) if column.kind.words else text


def _plain(value: Any) -> str:
    """Text, a number, yes or no, or several of these."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return inert("; ".join(map(str, value)))
    return inert(value) if isinstance(value, str) else str(value)


def write(texts: Iterable[Sequence[str]], out: TextIO) -> None:
    """Write rows of text as CSV."""
    csv.writer(out, lineterminator="\n").writerows(texts)


def line(texts: Sequence[str]) -> str:
    """A row of text as a line of CSV."""
    out = StringIO()
    write([texts], out)
    return out.getvalue()
