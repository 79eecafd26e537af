"""A driver's records as a table with the columns that the plan names, from files or from a table of the connection."""

from __future__ import annotations

import csv
import glob
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import ibis

from bch_apportion.counting.engines import UTC, Engine, Refused
from bch_apportion.counting.plan import Driver, Plan
from bch_apportion.problems import InputProblems, Problem
from bch_apportion.reading.book import open_book
from bch_apportion.reading.cells import Moment, Row, Value
from bch_apportion.reading.reader import read_rows
from bch_apportion.reading.values import Unreadable, brief, day, did_you_mean, key, shown

DELIMITERS = ",;\t|"
FIRST_ROWS = 30  # of a sheet, among which its header stands
KINDS = (".parquet", ".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a driver: each of `tables` has a column for each key of the plan (date, force, where.grade, …).

    `once` says that they are dear to read, so that they are read a single time where they are asked several things.
    """

    engine: Engine
    tables: Sequence[Any]
    files: Sequence[Path]
    once: bool

    @property
    def floating(self) -> bool:
        """Whether what is summed is a floating column."""
        return any("sum" in table.columns and table["sum"].type().is_floating() for table in self.tables)


class Part(NamedTuple):
    """Files that are read alike, and the names of their columns, in order, as the table has them."""

    table: Any
    names: Mapping[str, str]
    called: str


class Unfit(Exception):  # carries problems, as InputProblems does
    """Records that cannot be counted; `problems` says why, by the plan's keys."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


def open_records(plan: Plan, driver: Driver, engine: Engine) -> Records:
    """The records of a driver. Raises Unfit."""
    if driver.table:
        return Records(engine, _chosen([_table(driver, engine)], driver, engine), (), once=False)
    files = _files(plan, driver)
    kind = files[0].suffix.lower()
    if any(file.suffix.lower() != kind for file in files) or kind not in KINDS:
        others = next((file for file in files if file.suffix.lower() != kind), files[0])
        named = f"{files[0].name}" + (f" and {others.name}" if others != files[0] else "")
        message = f"“{brief(driver.files)}” names {named}"
        remedy = f"name files of a single kind: {', '.join(KINDS)}"
        raise Unfit(Problem("records-kind", message, remedy, driver.place("from"), driver.files))
    parts = {".parquet": _parquet, ".csv": _csv, ".xlsx": _xlsx}[kind](files, driver, engine)
    return Records(engine, _chosen(parts, driver, engine), files, once=kind == ".csv")


def _files(plan: Plan, driver: Driver) -> list[Path]:
    """The files of a pattern, in order. Raises Unfit where there is none."""
    pattern = driver.files if Path(driver.files).is_absolute() else f"{glob.escape(str(plan.folder))}/{driver.files}"
    names = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  # a pattern may start at the root
    files = [Path(name) for name in names if Path(name).is_file()]
    if not files:
        message = f"there is no file “{brief(driver.files)}”"
        remedy = "mend the path; it starts from the plan's folder"
        raise Unfit(Problem("records-missing", message, remedy, driver.place("from"), driver.files))
    return files


def _unreadable(driver: Driver, file: Path, why: object) -> Unfit:
    message = f"{file.name} cannot be read: {brief(str(why).strip().partition(chr(10))[0])}"
    place = driver.place("from")
    return Unfit(Problem("records-unreadable", message, "save or fetch the file again", place, file.name))


def _table(driver: Driver, engine: Engine) -> Part:
    """A table of the connection."""
    *homes, name = driver.table.split(".")
    try:
        table = engine.backend.table(name, database=tuple(homes) if len(homes) > 1 else homes[0] if homes else None)
    except Exception as error:  # each engine has its own; ours are raised again below (test_problem[table-missing])
        why = engine.refused(error)
        if not isinstance(why, Refused):
            raise
        message = f"the table {brief(driver.table)} cannot be read: {brief(str(why))}"
        remedy = "name a table of the connection, as schema.table"
        raise Unfit(Problem("table-missing", message, remedy, driver.place("table"), driver.table)) from error
    return Part(table, {column: column for column in table.columns}, driver.table)


def _parquet(files: Sequence[Path], driver: Driver, engine: Engine) -> Iterator[Part]:
    """The files together, by the names of their columns; those that differ are parts of their own."""
    alike: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for file in files:
        try:
            schema = engine.backend.read_parquet(file).schema()
        except duckdb.Error as error:
            raise _unreadable(driver, file, error) from error
        alike.setdefault(tuple((name, str(kind)) for name, kind in schema.items()), []).append(file)
    for columns, same in alike.items():
        table = engine.backend.read_parquet(same)
        yield Part(table, {name: name for name, _ in columns}, same[0].name)


def _csv(files: Sequence[Path], driver: Driver, engine: Engine) -> Iterator[Part]:
    """The files as text, those of one header together; their columns are numbered, since two may be called alike."""
    alike: dict[tuple[str, tuple[str, ...]], list[Path]] = {}
    for file in files:
        alike.setdefault(_header(driver, file), []).append(file)
    for (delimiter, names), same in alike.items():
        numbered = {f"c{number}": "VARCHAR" for number in range(len(names))}
        table = engine.backend.read_csv(
            same, columns=numbered, delim=delimiter, header=True, quote='"', escape='"', auto_detect=False
        )
        yield Part(table, _named(zip(numbered, names, strict=True), driver, same[0].name), same[0].name)


def _header(driver: Driver, file: Path) -> tuple[str, tuple[str, ...]]:
    """What stands between the values of a file, and its columns."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            lines.seek(0)
            delimiter = max(DELIMITERS, key=first.count)
            names = next(csv.reader(lines, delimiter=delimiter), [])
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise _unreadable(driver, file, error) from error
    if not names:
        raise _unreadable(driver, file, "it is empty")
    return delimiter, tuple(name.strip() for name in names)


def _named(pairs: Iterable[tuple[str, str]], driver: Driver, called: str) -> dict[str, str]:
    """The columns by their headings. Raises Unfit where a column that the plan names is there twice."""
    names: dict[str, str] = {}
    wanted = {column: asked for asked, column in driver.columns()}
    for column, name in pairs:
        if name in names and name in wanted:
            message = f"{called} has two columns “{brief(name)}”"
            place = driver.place(wanted[name])
            raise Unfit(Problem("column-twice", message, "rename one of them", place, name))
        names[name] = column
    return names


def _xlsx(files: Sequence[Path], driver: Driver, engine: Engine) -> Iterator[Part]:
    """The first sheet of each workbook that has a column of the plan in its first rows, as text."""
    for file in files:
        try:
            sheets = _sheets(file)
        except InputProblems as problems:
            raise _unreadable(driver, file, problems.problems[0].message) from problems
        wanted = {key(column) for _, column in driver.columns()}
        rows, header = max(((rows, _heading(rows, wanted)) for rows in sheets), key=lambda pair: _fits(pair[1], wanted))
        yield _sheet_part(rows, header, driver, engine, file.name)


def _sheets(file: Path) -> list[list[Row]]:
    book = open_book(file)
    try:
        return [read_rows(book, sheet) for sheet in book.sheets]
    finally:
        book.package.close()


def _heading(rows: Sequence[Row], wanted: set[str]) -> dict[int, Value]:
    """The row among the first that names the most columns of the plan."""
    return max((cells for _, cells in rows[:FIRST_ROWS]), key=lambda cells: _fits(cells, wanted), default={})


def _fits(cells: Mapping[int, Value], wanted: set[str]) -> int:
    """How many columns of the plan a row names."""
    return len(wanted & {key(shown(value)) for value in cells.values()})


def _sheet_part(rows: Sequence[Row], header: Mapping[int, Value], driver: Driver, engine: Engine, called: str) -> Part:
    start = next((place for place, (_, cells) in enumerate(rows) if cells is header), 0)
    below = [cells for _, cells in rows[start + 1 :]]
    numbered = {f"c{column}": shown(name).strip() for column, name in header.items()}
    texts = {name: [_text(cells.get(int(name[1:]))) for cells in below] for name in numbered} or {"c0": []}
    table = engine.table_of(ibis.memtable(texts, schema=dict.fromkeys(texts, "string")))
    return Part(table, _named(numbered.items(), driver, called), called)


def _text(value: Value | None) -> str | None:
    """A cell as a text that is read on: a date as ISO has it, but for a year alone that a date format shows."""
    if isinstance(value, date):
        try:
            written = day(value).isoformat()
            return f"{written} {value.clock()}" if isinstance(value, Moment) else written
        except Unreadable as error:
            return error.message
    return None if value is None else shown(value)


def _chosen(parts: Iterable[Part], driver: Driver, engine: Engine) -> list[Any]:
    """The columns of the plan from each part, by the plan's keys. Raises Unfit."""
    problems: dict[str, Problem] = {}
    tables = []
    for part in parts:
        names = {asked: _column(part, asked, column, driver, problems) for asked, column in driver.columns()}
        chosen = {asked: _known(part.table[name]) for asked, name in names.items() if name}
        for problem in _types(chosen, driver, engine):
            problems.setdefault(problem.cell, problem)
        if chosen:
            tables.append(part.table.select(**chosen))
    if problems:
        raise Unfit(*problems.values())
    return tables


def _known(column: Any) -> Any:
    """A column, brought to a type that Ibis knows: DuckDB has one of nothing, and a timestamp to the billionth."""
    kind = column.type()
    if not kind.is_unknown():
        return column
    written = str(kind.raw_type)
    if "TIMESTAMPTZ" in written:
        return column.cast(UTC)
    return column.cast("string") if "NULL" in written else column


def _column(part: Part, asked: str, column: str, driver: Driver, problems: dict[str, Problem]) -> str:
    """The column that is meant: of that name, or the only one of it whatever its case and blanks."""
    if column in part.names:
        return part.names[column]
    alike = [name for name in part.names if key(name) == key(column)]
    if len(alike) == 1:
        return part.names[alike[0]]
    message = f"{part.called} has no column “{brief(column)}”{did_you_mean(column, list(part.names))}"
    names = ", ".join(filter(None, part.names))
    remedy = f"its columns are {names}" if names else "its header names none"
    place = driver.place(asked)
    problems.setdefault(place.cell, Problem("column-missing", message, remedy, place, column))
    return ""


def _types(chosen: Mapping[str, Any], driver: Driver, engine: Engine) -> Iterator[Problem]:
    """Columns of a type that cannot be what the plan says they are."""
    for asked in ("date", "recorded", "sum"):
        if asked in chosen and (wanted := _misfit(asked, chosen[asked].type(), engine)):
            column, remedy = getattr(driver, asked), "name another column, or change its type"
            message = f"the column {brief(column)} holds {chosen[asked].type()}; it must be {wanted}"
            yield Problem("column-type", message, remedy, driver.place(asked), column)


def _misfit(asked: str, kind: Any, engine: Engine) -> str:
    """What a column must be, where it is not."""
    if asked == "sum":
        fits = (kind.is_numeric() and not kind.is_boolean()) or (kind.is_string() and engine.embedded)
        return "" if fits else "a number"
    if kind.is_timestamp() and kind.timezone is not None and engine.local("UTC", ibis.null("timestamp('UTC')")) is None:
        return f"a date or a timestamp without an offset: with one this was not tested on {engine.name}"
    fits = kind.is_timestamp() or kind.is_date() or (kind.is_string() and engine.embedded)
    return "" if fits else "a date or a timestamp"
