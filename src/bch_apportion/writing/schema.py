"""JSON Schemas of answers, and answers read back from their JSON, with pydantic over the same declarations."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

Declared = TypeVar("Declared")


def schema(declared: type) -> dict[str, Any]:
    """The JSON Schema of an answer: what is always written is required, what is for pages alone is not there."""
    form: dict[str, Any] = adapter(declared).json_schema()
    return form


def read_answer(declared: type[Declared], text: str | bytes) -> Declared:
    """An answer from its JSON. Raises pydantic's ValidationError (a ValueError) where it is none."""
    form: Any = declared
    answer: Declared = adapter(form).validate_json(text)
    return answer


@cache
def adapter(declared: Any) -> Any:
    """Pydantic's adapter of a declaration, which takes long to make."""
    from pydantic import TypeAdapter

    return TypeAdapter(declared)
