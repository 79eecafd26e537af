"""Answers as JSON: a line for each entry, and for each row of a list of rows, written as they are made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from operator import attrgetter
from typing import Any, Literal, TypeAlias, get_args, get_origin

from bch_apportion.kinds import Field, fields, is_record, item_of, kind_of, value_of, without_none

Encode: TypeAlias = Callable[[Any], str]

ENCODE: Encode = json.JSONEncoder(ensure_ascii=False).encode
quoted: Encode = json.encoder.encode_basestring
RUN = "run"  # the entry that carries the manifest


def lines(answer: Any) -> Iterator[str]:
    """The lines of an answer's JSON (or of a document read back), without their ends."""
    entries = list(_entries(answer))
    yield "{"
    for number, (name, value, items, write) in enumerate(entries, 1):
        head, end = f"  {quoted(name)}: ", "," if number < len(entries) else ""
        if items is not None and value is not None:
            yield from _listed(head, map(items, value), end)
        else:
            yield f"{head}{write(value)}{end}"
    yield "}"


def _entries(answer: Any) -> Iterator[tuple[str, Any, Encode | None, Encode]]:
    """The entries of a document: name, value, what writes its items where it is a list, what writes it."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            yield name, value, ENCODE if isinstance(value, list) else None, ENCODE
        return
    for field in fields(type(answer)):
        value = getattr(answer, field.attribute)
        if not (field.aside or (field.left_out and value is None)):
            item = item_of(field.hint)
            yield field.name, value, None if item is None else _item(item), encoder_of(field)


def _listed(head: str, texts: Iterable[str], end: str) -> Iterator[str]:
    before = None
    for text in texts:
        yield f"{head}[" if before is None else f"    {before},"
        before = text
    if before is None:
        yield f"{head}[]{end}"
    else:
        yield f"    {before}"
        yield f"  ]{end}"


def to_text(answer: Any) -> str:
    """An answer's JSON, whole, with a line end."""
    return "\n".join(lines(answer)) + "\n"


def encoder_of(field: Field) -> Encode:
    """What writes a field's value: null where there is none."""
    return _or_null(encoder(field.hint), field.optional)


def _item(hint: Any) -> Encode:
    inner, optional = without_none(hint)
    return _or_null(encoder(inner), optional)


def _or_null(write: Encode, optional: bool) -> Encode:
    return (lambda value: "null" if value is None else write(value)) if optional else write


@cache
def encoder(hint: Any) -> Encode:
    """What writes a value of a declared type as JSON."""
    kind = kind_of(hint)
    if kind is not None:
        text = kind.text
        return (lambda value: quoted(text(value))) if kind.words else (lambda value: f'"{text(value)}"')
    if is_record(hint):
        return _record(hint)
    if get_origin(hint) is tuple and item_of(hint) is None:
        return _pair(hint)
    if (item := item_of(hint)) is not None:
        return _list(item)
    if (value := value_of(hint)) is not None:
        return _mapping(value)
    if hint is str or (get_origin(hint) is Literal and all(isinstance(word, str) for word in get_args(hint))):
        return quoted
    return ENCODE


def _pair(hint: Any) -> Encode:
    writes = [_item(part) for part in get_args(hint)]
    return lambda values: f"[{', '.join([write(value) for write, value in zip(writes, values, strict=True)])}]"


def _list(hint: Any) -> Encode:
    write = _item(hint)
    return lambda values: f"[{', '.join([write(value) for value in values])}]"


def _mapping(hint: Any) -> Encode:
    write = _item(hint)
    return lambda values: (
        "{" + ", ".join([f"{quoted(str(key))}: {write(value)}" for key, value in values.items()]) + "}"
    )


def _record(declared: type) -> Encode:
    writes = [
        (f"{quoted(field.name)}: ", attrgetter(field.attribute), encoder_of(field), field.left_out)
        for field in fields(declared)
        if not field.aside
    ]

    def write(row: Any) -> str:
        parts = [
            head + to_json(value)
            for head, take, to_json, left_out in writes
            if (value := take(row)) is not None or not left_out
        ]
        return "{" + ", ".join(parts) + "}"

    return write
