"""An answer: typed rows with what they rest on. Its tables, DataFrames and schema come from how they are declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from bch_apportion import __version__
from bch_apportion.kinds import Field, Kind, fields, is_record, item_of, kind_of, record, value_of
from bch_apportion.model import Inputs
from bch_apportion.problems import Control, Problem

if TYPE_CHECKING:
    from datetime import date

    from pandas import DataFrame


class Column(NamedTuple):
    """A column of a table: its heading, how its value is taken from a row, and the kind it was declared with."""

    name: str
    value: Callable[[Any], Any]
    kind: Kind | None = None


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

        by_column: dict[str, list[Any]] = {column.name: [] for column in self.columns}
        cells = list(by_column.values())
        for values in self.values():
            for column, value, into in zip(self.columns, values, cells, strict=True):
                into.append(column.kind.cell(value) if column.kind is not None and value is not None else value)
        return pd.DataFrame({name: pd.Series(into, dtype=_dtype(into)) for name, into in by_column.items()})


def _dtype(values: Sequence[Any]) -> str | type:
    """bool and int64 where every value is one, text as pandas has it, else objects, so that nothing becomes a float."""
    for kind, name in ((bool, "bool"), (int, "int64"), (str, "str")):
        if values and all(type(value) is kind for value in values):
            return name
    return object


def table(rows: Sequence[Any], declared: type, names: Mapping[str, str] | Sequence[str] = ()) -> Table:
    """Rows of a record as a table: the columns named (by heading, the attribute), else all fields of its own.

    A mapping becomes a column for each of its keys (`effects.cost` is that of a key alone); rows within a row are a
    table of their own.
    """
    known = {field.attribute: field for field in fields(declared)}
    if not isinstance(names, Mapping):
        names = {known[name].name if name in known else name: name for name in names or _plain_fields(declared)}
    columns = [column for heading, name in names.items() for column in _columns(heading, name, known, rows)]
    return Table(tuple(columns), rows)


def _plain_fields(declared: type) -> list[str]:
    return [field.attribute for field in fields(declared) if not field.aside and not _has_rows(field)]


def _has_rows(field: Field) -> bool:
    return is_record(field.hint) or is_record(item_of(field.hint))


def _columns(heading: str, name: str, known: Mapping[str, Field], rows: Iterable[Any]) -> list[Column]:
    attribute, _, key = name.partition(".")
    field = known.get(attribute)
    values = None if field is None or field.kind else value_of(field.hint)
    if values is None:
        return [Column(heading, attrgetter(name), field.kind if field else None)]
    if key:
        return [Column(heading, _entry(attribute, key), kind_of(values))]
    keys = dict.fromkeys(key for row in rows for key in getattr(row, name))
    return [Column(key, _entry(name, key), kind_of(values)) for key in keys]


def _entry(name: str, key: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name).get(key)


class Answer:
    """What every answer can do. A subclass is a `record` that names the sequence of its main rows.

    `TABLE` is their field, `COLUMNS` the columns of the CSV where they are not the rows' own: names, or headings with
    the attribute each shows.
    """

    __slots__ = ()
    TABLE: ClassVar[str]
    COLUMNS: ClassVar[Mapping[str, str] | Sequence[str]] = ()

    def table(self) -> Table:
        """The main rows, as CSV has them."""
        return self._table(self.TABLE, self.COLUMNS)

    def frame(self, name: str = "") -> DataFrame:
        """The main rows, or those of the field `name`, as a pandas DataFrame (see `Table.frame`).

        Raises KeyError where no field of that name holds rows.
        """
        return self._table(name, ()).frame() if name else self.table().frame()

    def _table(self, name: str, columns: Mapping[str, str] | Sequence[str]) -> Table:
        hints = {field.attribute: item_of(field.hint) for field in fields(type(self)) if is_record(item_of(field.hint))}
        return table(getattr(self, name), hints[name], columns)


# What every answer rests on


@record
class File:
    """A file that was read for a result."""

    role: Literal["workbook", "scenario", "other"]
    name: str
    sha256: str


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
class Run:
    """What a result was worked out from. The manifest is that of the result as a whole, not of the other side."""

    version: str
    input: str
    sha256: str
    scenarios: Sequence[str]
    settings: Mapping[str, str]
    scenario_sha256: Mapping[str, str] | None = None
    as_at: str | None = None
    manifest: Carried | None = None


def run_of(inputs: Inputs, as_at: date | None = None) -> Run:
    """What a result rests on: the workbook and what was laid over it."""
    hashes = {scenario.name: scenario.sha256 for scenario in inputs.scenarios if scenario.sha256}
    return Run(
        version=__version__,
        input=inputs.source,
        sha256=inputs.sha256,
        scenarios=[scenario.name for scenario in inputs.scenarios],
        settings=dict(inputs.settings.given),
        scenario_sha256=hashes or None,
        as_at=None if as_at is None else as_at.isoformat(),
    )


# What is said instead of an answer


@record
class ProblemRow:
    """One thing to mend in the workbook; `sheet` and `cell` are empty where it is the whole file or sheet."""

    code: str
    severity: Literal["error", "note"]
    sheet: str
    cell: str
    message: str
    remedy: str
    value: str


@record
class Problems:
    """What any command with `--json` says of a workbook with problems."""

    schema: Literal["bch-apportion/problems/1"] = "bch-apportion/problems/1"
    problems: Sequence[ProblemRow]


def problems_answer(problems: Sequence[Problem]) -> Problems:
    """Problems as rows."""
    return Problems(
        problems=[
            ProblemRow(
                code=problem.code,
                severity=problem.severity,
                sheet=problem.sheet,
                cell=problem.cell,
                message=problem.message,
                remedy=problem.remedy,
                value=problem.value,
            )
            for problem in problems
        ]
    )


@record
class Controls:
    """What any command with `--json` says where a control failed."""

    schema: Literal["bch-apportion/controls/1"] = "bch-apportion/controls/1"
    input: str
    controls: Sequence[Control]


class Legacy:
    """A document and a table not yet declared as rows."""

    def __init__(self, document: Callable[[], Any], flat: Callable[[], Any]) -> None:
        self.document, self.flat = document, flat

    def table(self) -> Any:
        from bch_apportion.kinds import MONEY, SHARE

        shown = self.flat()
        if isinstance(shown, Table):
            return shown
        kinds = {"money": MONEY, "bar": MONEY, "share": SHARE, "points": SHARE, "percent": SHARE}
        columns = tuple(
            Column(column.name, itemgetter(place), kinds.get(column.kind)) for place, column in enumerate(shown.columns)
        )
        return Table(columns, shown.rows)
