"""JSON documents as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

ENCODE = json.JSONEncoder(ensure_ascii=False).encode


SOME = 1_000  # rows written between two tellings


def to_text(document: dict[str, Any], told: Callable[[int], None] = lambda _: None) -> str:
    """A document in UTF-8 with a line end: a line for each of its entries, and for each row of a list of rows.

    `told` is called with the rows written since.

    >>> print(to_text({"schema": "x/1", "rows": [{"amount": "1.00"}, {"amount": "2.00"}], "notes": []}), end="")
    {
      "schema": "x/1",
      "rows": [
        {"amount": "1.00"},
        {"amount": "2.00"}
      ],
      "notes": []
    }
    """
    entries = (f"  {_plain(name)}: {_value(value, told)}" for name, value in document.items())
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _value(value: Any, told: Callable[[int], None]) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(_rows(value, told)) + "\n  ]"
    return _plain(value)


def _rows(rows: list[Any], told: Callable[[int], None]) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        yield "    " + _plain(row)
        if number % SOME == 0:
            told(SOME)


def _plain(value: Any) -> str:
    return ENCODE(value)
