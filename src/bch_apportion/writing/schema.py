"""JSON Schemas of answers, and answers read back from their JSON, with pydantic over the same declarations."""

from __future__ import annotations

from typing import Any, TypeVar

Declared = TypeVar("Declared")


def schema(declared: type) -> dict[str, Any]:
    """The JSON Schema of an answer: what is always written is required, what is for pages alone is not there."""
    from pydantic import TypeAdapter

    form: dict[str, Any] = TypeAdapter(declared).json_schema()
    return form


def read_answer(declared: type[Declared], text: str | bytes) -> Declared:
    """An answer from its JSON. Raises pydantic's ValidationError (a ValueError) where it is none."""
    from pydantic import TypeAdapter

    answer: Declared = TypeAdapter(declared).validate_json(text)
    return answer
