"""JSON Schemas of answers, and answers read back from their JSON, with pydantic over the same declarations."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, TypeVar, get_args

from bch_apportion.kinds import fields, is_record, kind_of

Declared = TypeVar("Declared")


def schema(declared: type) -> dict[str, Any]:
    """The JSON Schema of an answer: what is always written is required, what is for pages alone is not there."""
    from pydantic import TypeAdapter

    form: dict[str, Any] = TypeAdapter(declared).json_schema()
    forms = {**form.get("$defs", {}), declared.__name__: form}
    for known in records(declared):
        _as_written(forms[known.__name__], known)
    return form


def _as_written(form: dict[str, Any], declared: type) -> None:
    for field in fields(declared):
        if field.aside:
            del form["properties"][field.name]
    form["required"] = [field.name for field in fields(declared) if not field.aside and not field.left_out]


def records(declared: Any) -> Iterator[type]:
    """A record and every record within it, each once."""
    waiting, known = [declared], dict.fromkeys([declared])
    while waiting:
        hint = waiting.pop()
        if is_record(hint):
            yield hint
        new = [part for part in _parts(hint) if isinstance(part, Hashable) and part not in known]
        known |= dict.fromkeys(new)
        waiting += new


def _parts(hint: Any) -> list[Any]:
    """The types within a type; a kind has none."""
    if is_record(hint):
        return [field.hint for field in fields(hint) if not field.aside]
    return [] if kind_of(hint) else list(get_args(hint))


def read_answer(declared: type[Declared], text: str | bytes) -> Declared:
    """An answer from its JSON. Raises pydantic's ValidationError (a ValueError) where it is none."""
    from pydantic import TypeAdapter

    answer: Declared = TypeAdapter(declared).validate_json(text)
    return answer
