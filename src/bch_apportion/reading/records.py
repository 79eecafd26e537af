"""Rows of a table → records of parsed values, each with its cell; what cannot be read becomes a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bch_apportion.model import Change, ForceCode, ParameterValue, WrittenCell, WrittenRow, name_key
from bch_apportion.money import Exact
from bch_apportion.places import NOWHERE, Place, column_letters
from bch_apportion.problems import About, Problem
from bch_apportion.reading.cells import Row, Value
from bch_apportion.reading.sheets import Column, SheetForm
from bch_apportion.reading.tables import TOTALS, Findings, Names, Table, Totals
from bch_apportion.reading.values import (
    Unreadable,
    brief,
    choice,
    day,
    financial_year,
    key,
    money,
    nearest,
    number,
    percentage,
    period,
    shown,
    text,
    usable,
    whole,
    yes_no,
)
from bch_apportion.terms import Parameter, parameters


@dataclass(slots=True)
class Record:
    """One row as the sheet's columns say it; in a wide table one of its filled cells.

    `values` holds what was read, by column; a blank column is not in it; `given` the same as the sheet says it; `bad`
    are the columns that could not be read.
    """

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, Place] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    given: dict[str, str] = field(default_factory=dict)
    unread: list[WrittenCell] = field(default_factory=list)  # what could not be read

    def get(self, column: str, default: Any = None) -> Any:
        return self.values.get(column, default)


@dataclass(slots=True)
class Context:
    """What reading a cell needs to know of the workbook, and the misspelt names already reported."""

    names: Names
    thousands: bool = False
    nameless: dict[str, int] = field(default_factory=lambda: {"force": 0, "unit": 0})
    unknown: dict[tuple[str, str], UnknownName] = field(default_factory=dict)


@dataclass(slots=True)
class UnknownName:
    """A force or unit that is not on its sheet: one problem, however many cells name it."""

    what: str
    given: str
    cells: list[Place] = field(default_factory=list)

    def problem(self, known: Mapping[str, str]) -> Problem:
        """`known` has every name there is, and the code it means."""
        near = known.get(nearest(self.given, list(known), shortest=2), "")
        hint = f"; did you mean “{near}”?" if near else ""
        first = self.cells[0]
        rest = [place.cell if place.table == first.table else str(place) for place in self.cells[1:]]
        more = f" (and {len(rest)} more: {', '.join(rest[:12])}{', …' if len(rest) > 12 else ''})" if rest else ""
        sheet_of = "Forces" if self.what == "force" else "Units"
        total = key(self.given).startswith(tuple(TOTALS))
        return Problem(
            f"unknown-{self.what}",
            f"“{brief(self.given)}” is not a {self.what} of the {sheet_of} sheet{more}{hint}",
            "label a row of totals Total, Grand total or Sub-total and no more"
            if total
            else f"write one of its {self.what}s, or add it there",
            first,
            value=self.given,
            rests_on=(About("forces"),) if self.what == "force" else (About("forces"), About("units")),
        )


class Unknown(Unreadable):
    """A name that is on no list; reported once for all its cells."""

    def __init__(self, what: str, given: str) -> None:
        super().__init__(f"unknown-{what}", given, "")
        self.what, self.given = what, given


def resolve(context: Context, what: str, given: str) -> str:
    """The code of a force or unit by its code, name or alias; raises Unknown."""
    known = context.names.forces if what == "force" else context.names.units
    code = known.get(name_key(given))
    if code is None:
        raise Unknown(what, given)
    return code


def force_list(context: Context, value: Value) -> tuple[ForceCode, ...]:
    """Forces, comma-separated; `all` is the empty tuple."""
    given = [part.strip() for part in text(value).split(",") if part.strip()]
    if len(given) == 1 and name_key(given[0]) == "all" and "all" not in context.names.forces:
        return ()
    return tuple(dict.fromkeys(resolve(context, "force", part) for part in given))


def parameter_value(context: Context, parameter: Parameter, value: Value) -> ParameterValue:
    """A parameter's cell; None where the word is given that sets it back."""
    if parameter.unset and isinstance(value, str) and key(value) == parameter.unset:
        return None
    if parameter.kind == "choice":
        return choice(value, parameter.choices, parameter.name)
    if parameter.kind == "forces":
        return force_list(context, value)
    if parameter.kind == "year":
        return financial_year(value)
    amount: Exact = whole(value) if parameter.kind == "whole" else percentage(value)
    low = parameter.minimum if parameter.kind == "whole" else parameter.minimum or 0
    if (low is not None and amount < low) or (parameter.maximum is not None and amount > parameter.maximum):
        upper = f" to {parameter.maximum}" if parameter.maximum is not None else " or more"
        raise Unreadable(
            "out-of-range",
            f"{parameter.name} is “{brief(shown(value))}”",
            f"write a {'whole number' if parameter.kind == 'whole' else 'number'} from {low}{upper}"
            + (f", or {parameter.unset}" if parameter.unset else ""),
        )
    return amount


MAY_SAY_TOTAL = frozenset("tTgGsS")  # Total, Grand total, Sub-total


@dataclass(slots=True)
class SheetReader:
    """Reads the rows of one table, gathering what is wrong with them."""

    table: Table
    context: Context
    found: Findings
    totals: Totals = field(default_factory=Totals)
    moved_count: int = 0
    moved_sum: Decimal = Decimal(0)
    remarks: list[str] = field(default_factory=list)
    headless: set[int] = field(default_factory=set)
    first: int | None = None  # the column that may say Total, once it is known; 0 for none
    overlays: list[Overlay] = field(default_factory=list)

    def problem(self, error: Unreadable, row: int, column: int, value: Value | None) -> None:
        place = self.table.place(row, column)
        if isinstance(error, Unknown):
            entry = (error.what, name_key(error.given))
            self.context.unknown.setdefault(entry, UnknownName(error.what, error.given)).cells.append(place)
        else:
            self.found.say_unreadable(error, place, value)

    def say(self, code: str, message: str, remedy: str, place: Place, value: str = "") -> None:
        self.found.say(code, message, remedy, place, value)

    def read(self, column: Column, value: Value) -> Any:
        """A cell's value by the kind of its column; raises Unreadable."""
        kind = column.kind
        if kind == "money":
            pence, moved = money(value, self.context.thousands)
            if abs(moved) > Decimal("0.0005"):
                self.moved_count += 1
                self.moved_sum += moved
            return pence
        if kind in ("force", "unit"):
            return resolve(self.context, kind, text(value))
        if kind == "forces":
            return force_list(self.context, value)
        if kind == "choice":
            return choice(value, column.choices, column.name)
        if kind.startswith("parameter "):
            return parameter_value(self.context, parameters()[column.name], value)
        return READERS[kind](value)

    def exact(self, value: Value) -> Exact:
        """A value as the totals rows are checked: money in pounds before it is rounded, all else as it stands."""
        kind = self.table.form.column(self.table.form.value).kind
        if kind == "money":
            pence, moved = money(value, self.context.thousands)
            return (pence - Fraction(moved)) / 100
        return percentage(value) if kind == "percent" else number(value)

    def is_apart(self, row: Row) -> bool:
        """Whether the row is a remark or a totals row, which are not read (but listed, and checked)."""
        number_, cells = row
        if not self.table.written:
            return False
        if self.first is None:
            self.first = self.table.first_needed() or 0
        if len(cells) > 1:  # as almost every row is; only one that may say Total is looked at more closely
            label = cells.get(self.first)
            if label.__class__ is not str or label[0] not in MAY_SAY_TOTAL:
                return False
        if self.table.is_remark(cells):
            ((column, value),) = cells.items()
            self.remarks.append(f"{self.table.named(number_, column)} “{brief(shown(value))}”")
            return True
        label = cells.get(self.first)
        if isinstance(label, str) and key(label) in TOTALS:
            self.totals.check(self.table, row, label, self.exact, self.found)
            return True
        return False

    def records(self, rows: Iterator[Row]) -> Iterator[Record]:
        """The records of the table, in the order of its rows, with those of scenarios in or behind them."""
        own = self._kept(rows)
        if not self.overlays:
            return own
        records = list(own)
        for overlay in self.overlays:
            records = overlay.laid_over(records)
        return iter(records)

    def _kept(self, rows: Iterator[Row]) -> Iterator[Record]:
        """The records of the table alone, each kept as it is written."""
        form, written = self.table.form, []
        for record in self.own_records(rows):
            written.append(_written(record, form))
            yield record
        self.found.written[form.name] = tuple(written)

    def own_records(self, rows: Iterator[Row]) -> Iterator[Record]:
        """The records of the table alone; a wide row gives one for each of its filled cells."""
        table = self.table
        known = set(table.columns.values()) | set(table.spread)
        for row in rows:
            if self.is_apart(row):
                continue
            number_, cells = row
            if len(cells) > len(known) or not known.issuperset(cells):
                self.headless |= set(cells) - table.headed
                if not known & set(cells):
                    self.remarks.append(f"row {number_}, in columns of your own")
                    continue
            record = Record(number_)
            for name, column in table.columns.items():
                self._read_into(record, table.form.column(name), number_, column, cells.get(column))
            if not table.spread:
                self._count(record, table.form.value, cells)
                yield record
                continue
            value_column = table.form.column(table.form.value)
            for column, heading in table.spread.items():
                cell = table.place(number_, column)
                one = replace(
                    record,
                    values=dict(record.values),
                    cells=dict(record.cells),
                    bad=set(record.bad),
                    given=dict(record.given),
                    unread=list(record.unread),
                )
                one.values[table.spread_by], one.cells[table.spread_by] = heading, cell
                if cells.get(column) is None:
                    self.found.blanks[self._key(one)] = cell
                    continue
                self._read_into(one, value_column, number_, column, cells[column])
                self._count(one, table.form.value, cells, column)
                yield one

    def _read_into(self, record: Record, column: Column, row: int, place: int, value: Value | None) -> None:
        if value is None:
            if column.needed:
                record.bad.add(column.name)
                self.say(
                    "blank-value",
                    f"{column.name} is blank",
                    "fill it in"
                    + (
                        " (write 0 if nothing is meant)"
                        if column.kind in ("money", "percent") and column.name != "nre"
                        else ""
                    ),
                    self.table.place(row, place),
                )
            return
        try:
            record.values[column.name] = self.read(column, value)
            record.cells[column.name] = self.table.place(row, place)
            record.given[column.name] = shown(value)
        except Unreadable as error:
            record.bad.add(column.name)
            record.unread.append(WrittenCell(column.name, self.table.place(row, place), shown(value)))
            self.problem(error, row, place, value)

    def _count(self, record: Record, column: str, cells: dict[int, Value], place: int | None = None) -> None:
        place = self.table.columns.get(column) if place is None else place
        if place is None or not column:
            return
        if column in record.bad:
            self.totals.spoil(place)
        elif place in cells:
            self.totals.count(place, self.exact(cells[place]))

    def _key(self, record: Record) -> tuple[object, ...]:
        names = [c.name for c in self.table.form.columns if c.needed and c.name != self.table.form.value]
        return (self.table.form.name, *(record.get(name) for name in names))

    def close(self) -> None:
        """Say what was left out or moved on the way."""
        for overlay in self.overlays:
            overlay.reader.close()
        sheet, notes = self.table.home, self.found.notes
        if self.remarks:
            notes.append(f"{sheet}: remarks, not read: {'; '.join(self.remarks)}")
        if self.headless:
            letters = ", ".join(column_letters(column) for column in sorted(self.headless))
            notes.append(f"{sheet}: values without a heading in column {letters}, not read")
        if self.moved_count:
            many = f"{self.moved_count} amount{'s' if self.moved_count != 1 else ''}"
            notes.append(
                f"{sheet}: {many} rounded to the penny, half up, which moved their sum by {self.moved_sum:+.4f} pence"
            )


@dataclass(slots=True)
class Overlay:
    """The rows that a scenario gives for one sheet, and what became of them."""

    scenario: str
    reader: SheetReader
    rows: list[Row]
    changes: list[Change]

    def laid_over(self, records: list[Record]) -> list[Record]:
        """The records with the scenario's: one with the same key takes the place of those that have it."""
        form = self.reader.table.form
        given = list(self.reader.own_records(iter(self.rows)))
        by_key: dict[tuple[object, ...], list[Record]] = {}
        for record in given:
            if form.key and not record.bad.intersection(form.key):
                by_key.setdefault(_key_of(record, form), []).append(record)
        result: list[Record] = []
        replaced: dict[int, list[Record]] = {}  # by the id of the first record that takes the place
        for record in records:
            new = by_key.get(_key_of(record, form)) if form.key else None
            if new is None:
                result.append(record)
                continue
            if id(new[0]) not in replaced:
                for one in new:  # the spelling of the workbook stays
                    one.values |= {n: record.values[n] for n in form.key if isinstance(record.get(n), str)}
                result += new
            replaced.setdefault(id(new[0]), []).append(record)
        placed = {id(record) for record in result}
        result += [record for record in given if id(record) not in placed]
        for record in given:
            self.tell(record, replaced.get(id(record), []))
        return result

    def tell_of_demand(self, replaced: Mapping[int, list[Place]]) -> None:
        """What the scenario's rows of volumes say, and the cells that each replaces."""
        names = {place: name for name, place in self.reader.table.columns.items()}
        names |= {place: str(heading) for place, heading in self.reader.table.spread.items()}
        for row_number, cells in self.rows:
            words = ", ".join(f"{names[place]} {shown(value)}" for place, value in cells.items() if place in names)
            self.changes.append(Change(self.scenario, "Demand", words, tuple(replaced.get(row_number, ()))))

    def tell(self, record: Record, old: list[Record]) -> None:
        """What a scenario's row says and replaces; what it leaves blank is worth a note."""
        words = ", ".join(f"{name} {text}" for name, text in record.given.items() if name in record.values)
        if self.reader.table.spread:
            by = self.reader.table.spread_by
            words = f"{by} {record.get(by)}, {words}"
        cells = tuple(_home(one) for one in old)
        replaced = ", ".join(map(str, cells))
        self.changes.append(Change(self.scenario, self.reader.table.form.name, words, cells))
        lost = [name for name in dict.fromkeys(n for one in old for n in one.given) if name not in record.given]
        lost = [name for name in lost if name not in self.reader.table.form.key]
        if lost:
            self.reader.found.notes.append(
                f"{_home(record)} replaces {replaced}; what it does not give is blank: {', '.join(lost)}"
            )


def _key_of(record: Record, form: SheetForm) -> tuple[object, ...]:
    """A record's key as keys are compared: texts without case and blanks, settings as settings are matched."""
    compared = key if form.name == "Settings" else name_key
    values = (record.get(name) for name in form.key)
    return tuple(compared(v) if isinstance(v, str) else "" if v is None else v for v in values)


def _written(record: Record, form: SheetForm) -> WrittenRow:
    """A record as the workbook has it. A sheet without a key is told by its needed columns but for the value."""
    values = record.values
    columns = form.key or [name for name in form.needed_columns() if name != form.value]
    telling = tuple(str(values.get(name, "")) for name in columns)
    read = (WrittenCell(name, record.cells[name], text) for name, text in record.given.items())
    return WrittenRow(telling, str(values.get("unit", "")), (*read, *record.unread))


def _home(record: Record) -> Place:
    """A cell to name a record by: its value's, else its first."""
    cells = record.cells
    named = (cells[name] for name in ("amount", "value", "volume", "nre") if name in cells)
    return next(named, next(iter(cells.values()), NOWHERE))


READERS: dict[str, Callable[[Value], Any]] = {
    "text": text,
    "year": financial_year,
    "period": period,
    "date": day,
    "number": number,
    "percent": percentage,
    "whole": whole,
    "yes-no": yes_no,
    "any": usable,
}
