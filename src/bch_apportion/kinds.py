"""What a field of an answer holds, declared beside its name. Writers know kinds, never questions.

An answer is typed rows: frozen dataclasses (`record`) whose fields have one of the types below, or str, bool, int, a
Literal, another record, or a sequence or mapping of these. JSON, its schema, CSV, DataFrame and plain tables follow.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from dataclasses import fields as dataclass_fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, cast, get_args, get_origin

from bch_apportion import places
from bch_apportion.money import Exact, Pence, decimal_text, plain, pounds
from bch_apportion.years import FinancialYear, month_text
from bch_apportion.years import Month as MonthCount

Class = TypeVar("Class", bound=type)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: its text in JSON and CSV, the value from that text, and the value of a DataFrame's cell.

    `words` marks texts that come from the workbook, so that writers take care with them; `dtype` is pandas'.
    """

    name: str
    text: Callable[[Any], str]
    read: Callable[[str], Any]
    pattern: str | None = None
    cell: Callable[[Any], Any] = lambda value: value
    words: bool = False
    description: str = ""
    dtype: str | type = object

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """For the JSON Schema, and to read JSON back: a string of the kind's pattern."""
        from pydantic_core import core_schema

        text = core_schema.str_schema(pattern=self.pattern)
        return core_schema.no_info_after_validator_function(self.read, text)

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> Any:
        form = handler(core_schema)
        return {**form, "description": self.description} if self.description else form


def _pence(text: str) -> Pence:
    return int(text.replace(".", ""))


def _month(text: str) -> MonthCount:
    return int(text[:4]) * 12 + int(text[5:]) - 1


def _year(text: str) -> FinancialYear:
    return FinancialYear(int(text[:4]))


def _place(text: str) -> places.Place:
    table, _, cell = text.rpartition("!") if "!" in text else (text, "", "")
    file, _, sheet = table.rpartition(": ")
    return places.Place(sheet, cell, file)


Money = Annotated[Pence, Kind("money", pounds, _pence, r"^-?\d+\.\d{2}$", cell=lambda pence: Decimal(pounds(pence)))]
"""Whole pence; a decimal string of pounds in JSON and CSV, an exact Decimal of pounds in a DataFrame."""
Year = Annotated[
    FinancialYear,
    Kind("year", cache(str), _year, r"^\d{4}/\d{2}$", cell=str, description="a financial year, 2018/19", dtype="str"),
]
Month = Annotated[
    MonthCount,
    Kind(
        "month",
        month_text,
        _month,
        r"^\d{4}-\d{2}$",
        cell=month_text,
        description="a calendar month, 2014-10",
        dtype="str",
    ),
]
Date = Annotated[date, Kind("date", date.isoformat, date.fromisoformat, r"^\d{4}-\d{2}-\d{2}$")]
Share = Annotated[Fraction, Kind("share", decimal_text, Fraction, r"^\d+\.\d{6}$")]
"""An exact share of 1, written with six decimals."""
ExactShare = Annotated[Fraction, Kind("exact", str, Fraction, r"^\d+(/\d+)?$")]
"""An exact share of 1, written as it is: 27/100."""
Number = Annotated[Exact, Kind("number", plain, Fraction, r"^-?\d+(\.\d+)?$")]
"""An exact number, as short as it can be written."""
Percent = Annotated[Fraction, Kind("percent", partial(decimal_text, places=1), Fraction, r"^-?\d+\.\d$")]
"""Exact percent, written with one decimal."""
Ratio = Annotated[Fraction, Kind("ratio", decimal_text, Fraction, r"^-?\d+\.\d{6}$")]
"""Any exact number, written with six decimals: a share that may be below 0 or above 1, percentage points."""
PerSize = Annotated[
    Fraction,
    Kind(
        "per size",
        partial(decimal_text, places=4),
        Fraction,
        r"^-?\d+\.\d{4}$",
        description="pounds for each unit of a size",
    ),
]
"""Exact pounds for each unit of a size (a head, an officer), written with four decimals."""
ExactPence = Annotated[Fraction, Kind("exact pence", str, Fraction, r"^-?\d+(/\d+)?$")]
"""Pence before they are brought to whole ones, written as they are: -12/7."""
When = Annotated[
    str, Kind("when", str, str, r"^(\d{4}/\d{2}|[a-z ]+)$", description="a financial year, or in words", dtype="str")
]
"""A financial year, or words in its place: by decision, not known, no end."""
Place = Annotated[places.Place, Kind("place", str, _place, cell=str, words=True, dtype="str")]
Hash = Annotated[str, Kind("hash", str, str, r"^[0-9a-f]{64}$", dtype="str")]
"""The SHA-256 of a file."""


class _Aside:
    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """For the JSON Schema: anything, so that it describes no record that no JSON has."""
        from pydantic_core import core_schema

        return core_schema.any_schema()


ASIDE = _Aside()
"""Marks, with Annotated, a field for pages alone: it has a default, and is neither in the JSON nor in the CSV."""


def json_name(attribute: str) -> str:
    """The name of a field in JSON and CSV: that of the attribute, without what tells it from a word of Python."""
    return attribute.rstrip("_")


@typing.dataclass_transform(frozen_default=True, kw_only_default=True)
def record(declared: Class) -> Class:
    """The class as a frozen dataclass that is built by name, and whose JSON has no other fields."""
    made: Any = dataclass(frozen=True, slots=True, kw_only=True)(declared)
    made.__pydantic_config__ = {"extra": "forbid", "alias_generator": json_name}
    made.__get_pydantic_json_schema__ = classmethod(_as_written)
    return cast("Class", made)


def _as_written(declared: type, core_schema: Any, handler: Any) -> Any:
    """The JSON Schema of a record: what is always written is required, what is for pages alone is not there."""
    form = handler.resolve_ref_schema(handler(core_schema))
    for field in fields(declared):
        if field.aside:
            del form["properties"][field.name]
    form["required"] = [field.name for field in fields(declared) if not field.aside and not field.left_out]
    return form


class Field(NamedTuple):
    """A field of a record, as declared. `hint` is its type without None; `left_out`: None leaves it out."""

    name: str
    attribute: str
    hint: Any
    kind: Kind | None
    optional: bool
    left_out: bool
    aside: bool

    @property
    def plain(self) -> type | None:
        """str, int or bool, where it is that or a choice between such words; else None."""
        if get_origin(self.hint) is Literal:
            (plain,) = {type(word) for word in get_args(self.hint)}
            return plain
        return self.hint if self.hint in (str, int, bool) else None


def fields(declared: type) -> tuple[Field, ...]:
    """The fields of a record, in order."""
    return _fields(cast("Any", declared))


@cache
def _fields(declared: Any) -> tuple[Field, ...]:
    hints = typing.get_type_hints(declared, include_extras=True)
    return tuple(_field(field.name, hints[field.name], field.default is None) for field in dataclass_fields(declared))


def _field(attribute: str, hint: Any, defaults_to_none: bool) -> Field:
    aside = ASIDE in getattr(hint, "__metadata__", ())
    bare = get_args(hint)[0] if aside else hint
    inner, optional = without_none(bare)
    return Field(
        name=json_name(attribute),
        attribute=attribute,
        hint=inner,
        kind=kind_of(inner) or kind_of(hint),  # Annotated[Money, ASIDE] has both marks on a bare int
        optional=optional,
        left_out=optional and defaults_to_none,
        aside=aside,
    )


def without_none(hint: Any) -> tuple[Any, bool]:
    """A type without None, and whether None was in it."""
    if get_origin(hint) not in (typing.Union, UnionType):
        return hint, False
    others = tuple(part for part in get_args(hint) if part is not NoneType)
    return (others[0] if len(others) == 1 else typing.Union[others], NoneType in get_args(hint))  # noqa: UP007


def kind_of(hint: Any) -> Kind | None:
    """The kind a type was declared with; None for a plain type."""
    return next((mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Kind)), None)


def is_record(hint: Any) -> bool:
    return isinstance(hint, type) and is_dataclass(hint)


def item_of(hint: Any) -> Any:
    """The type of a sequence's items; None where the type is no sequence of any length."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is tuple and len(parts) == 2 and parts[1] is Ellipsis:
        return parts[0]
    return parts[0] if origin in (list, Sequence) else None


def value_of(hint: Any) -> Any:
    """The type of a mapping's values; None where the type is no mapping."""
    return get_args(hint)[1] if get_origin(hint) in (dict, Mapping) else None


Item = TypeVar("Item")


class Rows(Sequence[Item]):
    """Rows that are made as they are read, each time anew, so that very many need no room."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], Iterator[Item]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Item]:
        return self._make()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, place: Any) -> Any:
        return list(self)[place]
