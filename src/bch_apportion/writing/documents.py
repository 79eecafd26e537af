"""JSON documents as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def to_text(document: dict[str, Any]) -> str:
    """A document in UTF-8 with a line end: a line for each of its entries, and for each row of a list of rows.

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
    entries = (f"  {_plain(name)}: {_value(value)}" for name, value in document.items())
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _value(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(_rows(value)) + "\n  ]"
    return _plain(value)


def _rows(rows: list[Any]) -> Iterator[str]:
    for row in rows:
        yield "    " + _plain(row)


def _plain(value: Any) -> str:
    return ENCODE(value)
