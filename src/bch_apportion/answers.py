"""An answer: typed rows with what they rest on. Its tables, DataFrames and schema come from how they are declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeAlias, get_args, get_origin

from bch_apportion import __version__
from bch_apportion.kinds import (
    Date,
    Field,
    Hash,
    Kind,
    Money,
    Place,
    Year,
    fields,
    is_record,
    item_of,
    json_name,
    kind_of,
    record,
    value_of,
)
from bch_apportion.model import Inputs
from bch_apportion.problems import Query

if TYPE_CHECKING:
    from datetime import date

    from pandas import DataFrame


class Column(NamedTuple):
    """A column of a table: its heading, how its value is taken from a row, and the field that declares it."""

    name: str
    value: Callable[[Any], Any]
    field: Field | None = None

    @property
    def kind(self) -> Kind | None:
        return self.field.kind if self.field else None

    def cell(self, row: Any) -> Any:
        """The value for a DataFrame."""
        value = self.value(row)
        return value if value is None or self.field is None else in_frame(self.field.hint, self.kind)(value)

    @property
    def dtype(self) -> str | type:
        """What a DataFrame holds it as: bool, int64 or text where it is always there, else objects; never a float."""
        field = self.field
        if field is None or field.optional:
            return object
        return field.kind.dtype if field.kind else DTYPES.get(field.plain, object)


@cache
def in_frame(hint: Any, kind: Kind | None = None) -> Callable[[Any], Any]:
    """What makes a value of a declared type one of a DataFrame; several are a tuple."""
    kind = kind or kind_of(hint)
    if kind is not None:
        return kind.cell
    item = item_of(hint)
    if item is not None:
        return lambda values: tuple(map(in_frame(item), values))
    if get_origin(hint) is tuple:
        takes = [in_frame(part) for part in get_args(hint)]
        return lambda values: tuple(take(value) for take, value in zip(takes, values, strict=True))
    return lambda value: value


DTYPES: dict[type | None, str] = {bool: "bool", int: "int64", str: "str"}


class Table(NamedTuple):
    """Rows as a table: its columns, and the rows that they read."""

    columns: tuple[Column, ...]
    rows: Iterable[Any]

    def values(self) -> Iterator[list[Any]]:
        """The values of each row, in the order of the columns."""
        takes = [column.value for column in self.columns]
        return ([take(row) for take in takes] for row in self.rows)

    def frame(self) -> DataFrame:
        """The table as a pandas DataFrame.

        Money: exact Decimal of pounds; shares and numbers: exact Fraction; years, months and places: text; dates:
        datetime.date; what is not there: None.
        """
        import pandas as pd

        rows = list(self.rows)
        series = [pd.Series(list(map(column.cell, rows)), dtype=column.dtype) for column in self.columns]
        frame = pd.DataFrame(dict(enumerate(series)))
        frame.columns = pd.Index([column.name for column in self.columns])  # a force may be called as a column is
        return frame


Names: TypeAlias = Mapping[str, Any] | Sequence[str]
"""Columns: the attributes they show ("a.b": of a record within the row), or by heading that or what takes the value."""


def headings(line: str) -> dict[str, str]:
    """Columns by heading, from a table's line of headings, each followed by its attribute where that is another.

    >>> headings("force | net funded: net")
    {'force': 'force', 'net funded': 'net'}
    """
    columns = (column.strip().partition(": ") for column in line.split("|"))
    return {heading: attribute or heading for heading, _, attribute in columns}


def table(rows: Sequence[Any], declared: type, names: Names = ()) -> Table:
    """Rows of a record as a table: the columns named, else all fields of its own and of records within it.

    A mapping becomes a column for each of its keys (`effects.cost` is that of a key alone), which are its headings only
    where the columns have headings of their own; rows within a row are a table of their own.
    """
    if isinstance(names, Mapping):
        shown = [column for heading, path in names.items() for column in _columns(heading, path, declared, rows)]
    else:
        paths = names or list(_plain_fields(declared))
        shown = [column for path in paths for column in _listed(path, paths, declared, rows)]
    return Table(tuple(shown), rows)


def _listed(path: str, paths: Sequence[str], declared: type, rows: Iterable[Any]) -> Iterator[Column]:
    """The columns of a path, by the name of its last part, or by the whole where others end alike."""
    last = path.rpartition(".")[2]
    alike = sum(other.rpartition(".")[2] == last for other in paths) > 1
    heading = path if alike else json_name(last)
    for column in _columns(heading, path, declared, rows):
        yield column if column.name == heading else column._replace(name=f"{heading}.{column.name}")


def _plain_fields(declared: type) -> Iterator[str]:
    for field in fields(declared):
        if is_record(field.hint):
            yield from (f"{field.attribute}.{name}" for name in _plain_fields(field.hint))
        elif not field.aside and not is_record(item_of(field.hint)):
            yield field.attribute


def _columns(heading: str, shown: str | Callable[[Any], Any], declared: type, rows: Iterable[Any]) -> list[Column]:
    if not isinstance(shown, str):
        return [Column(heading, shown)]
    field, take = _field_of(declared, shown), getter(shown)
    values = None if field is None or field.kind else value_of(field.hint)
    if field is None or values is None:
        return [Column(heading, take, field)]
    keys = dict.fromkeys(key for row in rows for key in take(row))
    return [Column(key, getter(f"{shown}.{key}"), _field_of(declared, f"{shown}.{key}")) for key in keys]


def _field_of(declared: type, path: str) -> Field | None:
    """The field of a path of attributes; None where it is a property."""
    first, _, rest = path.partition(".")
    field = next((field for field in fields(declared) if field.attribute == first), None)
    if field is None or not rest:
        return field
    values = value_of(field.hint)
    if values is not None:
        return field._replace(hint=values, kind=kind_of(values), optional=True)
    within = _field_of(field.hint, rest) if is_record(field.hint) else None
    return within and within._replace(optional=within.optional or field.optional)


def getter(path: str) -> Callable[[Any], Any]:
    """What takes the value of a path of attributes (or keys) from a row; None where a part of it is not there."""
    first, _, rest = path.partition(".")
    take = attrgetter(first)
    if not rest:
        return take
    take_within = getter(rest)

    def within(row: Any) -> Any:
        value = take(row)
        if isinstance(value, Mapping):
            return value.get(rest)
        return None if value is None else take_within(value)

    return within


def tables_of(declared: type) -> dict[str, type]:
    """The records of an answer's tables, by the path of the field that holds their rows."""
    tables: dict[str, type] = {}
    for field in fields(declared):
        if is_record(item_of(field.hint)):
            tables[field.attribute] = item_of(field.hint)
        elif is_record(field.hint) and field.hint is not Run:
            tables |= {f"{field.attribute}.{name}": rows for name, rows in tables_of(field.hint).items()}
    return tables


class Answer:
    """What every answer can do. A subclass is a `record` that names the sequence of its main rows.

    `TABLE` is their field, `COLUMNS` the columns of the CSV where they are not the rows' own: names, or headings with
    the attribute each shows.
    """

    __slots__ = ()
    TABLE: ClassVar[str]
    COLUMNS: ClassVar[Names] = ()

    def table(self) -> Table:
        """The main rows, as CSV has them."""
        return self._table(self.TABLE, self.COLUMNS)

    def frame(self, name: str = "") -> DataFrame:
        """The main rows, or those of the field `name` ("fms.cost"), as a pandas DataFrame (see `Table.frame`).

        Raises KeyError where no field of that name holds rows.
        """
        return self._table(name, ()).frame() if name else self.table().frame()

    def _table(self, name: str, names: Names) -> Table:
        declared = tables_of(type(self))[name]
        return table(getter(name)(self) or (), declared, names)


# What every answer rests on


@record
class File:
    """A file that was read for a result."""

    role: Literal["workbook", "with", "scenario", "other", "plan", "records", "table"]
    name: str
    sha256: Hash


@record
class Carried:
    """What `verify` works a result out again from; `packed` holds all of it, with the cells read and the seal."""

    schema: Literal["bch-apportion/manifest/1"] = "bch-apportion/manifest/1"
    command: str
    version: str
    files: Sequence[File]
    asked: Mapping[str, str | bool | Sequence[str]]
    settings: Mapping[str, str]
    packed: str


@record
class JoinedFile:
    """A workbook whose rows were joined to those of the input."""

    file: str
    sha256: Hash


@record
class Run:
    """What a result was worked out from. The manifest is that of the result as a whole, not of the other side."""

    version: str
    input: str
    sha256: Hash
    with_: Sequence[JoinedFile] | None = None
    scenarios: Sequence[str]
    settings: Mapping[str, str]
    scenario_sha256: Mapping[str, str] | None = None
    as_at: str | None = None
    manifest: Carried | None = None


def run_of(inputs: Inputs, as_at: date | None = None) -> Run:
    """What a result rests on: the workbook and what was joined to it and laid over it."""
    hashes = {scenario.name: scenario.sha256 for scenario in inputs.scenarios if scenario.sha256}
    return Run(
        version=__version__,
        input=inputs.source,
        sha256=inputs.sha256,
        with_=[JoinedFile(file=name, sha256=sha256) for name, sha256 in inputs.joined] or None,
        scenarios=[scenario.name for scenario in inputs.scenarios],
        settings=dict(inputs.settings.given),
        scenario_sha256=hashes or None,
        as_at=None if as_at is None else as_at.isoformat(),
    )


# What is asked of the workbook


@record
class EffectRow:
    """What a force would pay more or less for a unit and year if a query is the slip it looks like."""

    unit: str
    year: Year
    force: str
    amount: Money
    if_: str | None = None


@record
class AnswerRow:
    """Why a query is no slip, as the Answers sheet has it."""

    answer: str
    who: str
    date: Date | None


@record
class QueryRow:
    """What could be right and is more often a slip; `key` is what an answer names."""

    code: str
    key: str
    cells: Sequence[Place]
    message: str
    effect: Sequence[EffectRow]
    answer: AnswerRow | None


def query_rows(queries: Iterable[Query]) -> list[QueryRow]:
    """Queries as rows."""
    return [
        QueryRow(
            code=query.code,
            key=query.key,
            cells=query.cells,
            message=query.message,
            effect=[
                EffectRow(unit=e.unit, year=e.year, force=e.force, amount=e.pence, if_=e.alternative or None)
                for e in query.effects
            ],
            answer=query.answer and AnswerRow(answer=query.answer.answer, who=query.answer.who, date=query.answer.day),
        )
        for query in queries
    ]
