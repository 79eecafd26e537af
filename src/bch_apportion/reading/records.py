"""Rows of a table → records of parsed values, each with its cell; what cannot be read becomes a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from bch_apportion.model import (
    CalledTotal,
    Change,
    ForceCode,
    ParameterValue,
    UnitCode,
    WrittenCell,
    WrittenRow,
    name_key,
)
from bch_apportion.money import Exact, Pence
from bch_apportion.places import NOWHERE, Place, column_letters
from bch_apportion.reading import scale, values
from bch_apportion.reading.cells import Row, Value
from bch_apportion.reading.sheets import MONEY_IN, SETTING_NAMES, SETTINGS, Column, SheetForm
from bch_apportion.reading.tables import (
    CALLED,
    TOTALS,
    CalledTotals,
    Context,
    Findings,
    Table,
    Totals,
    Unknown,
    differs,
)
from bch_apportion.reading.values import Unreadable, brief, key, shown
from bch_apportion.terms import Parameter, parameters

Made = TypeVar("Made")


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

    def copy(self) -> Record:
        return Record(
            self.row,
            values={**self.values},
            cells={**self.cells},
            bad={*self.bad},
            given={**self.given},
            unread=[*self.unread],
        )

    def get(self, column: str, default: Any = None) -> Any:
        return self.values.get(column, default)


FIELDS = {  # columns that the model calls otherwise, where it does
    "amount": "pence",
    "nre": "pence",
    "net cost": "pence",
    "group": "groups",
    "tolerance %": "tolerance",
    "from": "payer",
    "to": "payee",
    "date": "day",
    "forces": "members",
    "lead force": "lead",
}


def row_of(made: type[Made], record: Record, cell: str, **more: Any) -> Made:
    """A row of the model: what each column says in the field of its name; its cell is that of the column `cell`."""
    said = {name.replace(" ", "_"): value for name, value in record.values.items()}
    said |= {FIELDS[name]: value for name, value in record.values.items() if name in FIELDS}
    said |= {"cell": record.cells[cell], "cells": record.cells, **more}
    return made(**{name: said[name] for name in made.__annotations__ if name in said})


def force_list(context: Context, value: Value) -> tuple[ForceCode, ...]:
    """Forces, comma-separated; `all` is the empty tuple."""
    given = values.names(value, context.names["force"])
    if [*map(name_key, given)] == ["all"] and "all" not in context.names["force"]:
        return ()
    return tuple(dict.fromkeys(context.code_of("force", name) for name in given))


def unit_list(context: Context, value: Value) -> tuple[UnitCode, ...]:
    """Units, separated by commas or semicolons; `all` is every unit, `none` or a dash is no unit."""
    given, known = values.names(value, context.names["unit"]), context.names["unit"]
    word = name_key(given[0]) if len(given) == 1 else ""
    if word == "all" and word not in known:
        return tuple(dict.fromkeys(known.values()))
    if word in ("none", "-") and word not in known:
        return ()
    return tuple(dict.fromkeys(context.code_of("unit", name) for name in given))


def parameter_value(context: Context, parameter: Parameter, value: Value) -> ParameterValue:
    """A parameter's cell; None where the word is given that sets it back."""
    if parameter.unset and isinstance(value, str) and key(value) == parameter.unset:
        return None
    if parameter.kind == "choice":
        return values.choice(value, parameter.choices, parameter.name)
    if parameter.kind == "forces":
        return force_list(context, value)
    if parameter.kind == "year":
        return values.financial_year(value)
    amount: Exact = values.whole(value) if parameter.kind == "whole" else values.percentage(value)
    low, high = parameter.limits()
    if (low is not None and amount < low) or (high is not None and amount > high):
        upper = " or more" if high is None else f" to {high}"
        unset = f", or {parameter.unset}" if parameter.unset else ""
        remedy = f"write a {'whole number' if parameter.kind == 'whole' else 'number'} from {low}{upper}{unset}"
        raise Unreadable("out-of-range", f"{parameter.name} is “{brief(shown(value))}”", remedy)
    return amount


MARKED = ("year", "period", "force", "unit")  # kinds of columns after whose values a publisher may put a mark
MAY_SAY_TOTAL = frozenset("tTgGsS")  # Total, Grand total, Sub-total


@dataclass(slots=True)
class TableReader:
    """Reads the rows of one table, gathering what is wrong with them."""

    table: Table
    rows: Iterable[Row]  # those below its header
    context: Context
    findings: Findings
    joined: Sequence[TableReader] = ()  # of joined workbooks, for the same sheet
    overlays: Sequence[TableReader] = ()  # of scenarios, for the same sheet
    aside: list[Row] = field(default_factory=list)  # remarks
    marks: list[str] = field(default_factory=list)  # names, years and periods that bore one
    called: CalledTotals = field(default_factory=CalledTotals)
    called_totals: list[str] = field(default_factory=list)  # lines that are totals
    totals: Totals = field(default_factory=Totals)
    moved: list[Decimal] = field(default_factory=list)  # by how many pence each amount was moved that was rounded
    remarks: list[str] = field(default_factory=list)
    headless: set[int] = field(default_factory=set)
    left_out: list[Record] = field(default_factory=list)  # with a problem
    twice: list[Record] = field(default_factory=list)  # left out too: their key was given before
    first: int = field(init=False)  # the column that may say Total; 0 for none

    def __post_init__(self) -> None:
        self.first = self.table.first_needed()

    def problem(self, error: Unreadable, row: int, column: int, value: Value | None) -> None:
        place = self.table.place(row, column)
        if isinstance(error, Unknown):
            self.context.add_unknown(error.what, error.given, place)
        else:
            self.findings.say_unreadable(error, place, value)

    def say(self, code: str, message: str, remedy: str, place: Place, value: str = "") -> None:
        self.findings.say(code, message, remedy, place, value)

    def say_blank(self, column: Column, row: int, place: int) -> None:
        zero = " (write 0 if nothing is meant)" if column.kind in ("money", "percent") and column.name != "nre" else ""
        self.say("blank-value", f"{column.name} is blank", f"fill it in{zero}", self.table.place(row, place))

    def money(self, value: Value, place: int = 0) -> tuple[Pence, Decimal]:
        """An amount in the column `place` in pence, as `values.money` has it, in the scale of the column or sheet."""
        scales = self.context.scales
        of_sheet = scales.get(self.table.form.name, scales.get("", 1))
        return values.money(value, self.table.scales.get(place, of_sheet))

    def read(self, column: Column, value: Value, place: int = 0) -> Any:
        """A cell's value by the kind of its column; raises Unreadable."""
        kind = column.kind
        if kind == "money":
            pence, moved = self.money(value, place)
            if abs(moved) > Decimal("0.0005"):
                self.moved.append(moved)
            return pence
        if kind in self.context.names:
            return self.context.code_of(kind, values.text(value))
        if kind == "forces":
            return force_list(self.context, value)
        if kind == "units":
            return unit_list(self.context, value)
        if kind == "service":
            service = values.text(value)
            return self.context.names["force"].get(name_key(service), service)
        if kind == "choice":
            return values.choice(value, column.choices, column.name)
        if kind.startswith("parameter "):
            return parameter_value(self.context, parameters()[column.name], value)
        return READERS[kind](value)

    def unmarked(self, column: Column, value: Value, row: int, place: int) -> Value:
        """A year, a period or a name without a publisher's marks, which are noted; a name that is known stays."""
        if (column.kind not in MARKED and not column.is_name) or not isinstance(value, str):
            return value
        bare = values.unmarked(value)
        known = self.context.names.get(column.kind, {})
        if bare == value or (type(value) is str and name_key(value) in known):
            return value
        self.marks.append(f"{self.table.named(row, place)} “{brief(value)}”")
        return bare

    def exact(self, value: Value, place: int) -> Exact:
        """A value as the totals rows are checked: money in pounds before it is rounded, all else as it stands."""
        kind = self.table.form.column(self.table.form.value).kind
        if kind == "money":
            pence, moved = self.money(value, place)
            return (pence - Fraction(moved)) / 100
        return {"percent": values.percentage, "figure": values.figure}.get(kind, values.number)(value)

    def is_apart(self, row: Row) -> bool:
        """Whether the row is a remark or a totals row, which are not read (but listed, and checked)."""
        number, cells = row
        label = cells.get(self.first)
        if self.table.keys or (len(cells) > 1 and not (label.__class__ is str and label[0] in MAY_SAY_TOTAL)):
            return False  # as almost every row is; only one that may say Total is looked at more closely
        if self.table.is_remark(cells):
            ((column, value),) = cells.items()
            self.aside.append(row)
            self.remarks.append(f"{self.table.named(number, column)} “{brief(shown(value))}”")
            return True
        if isinstance(label, str) and key(label) in TOTALS and not self._is_a_unit(label):
            self.totals.check(self.table, row, label, self.exact, self.findings)
            if not self.table.value_columns():  # on Forces and Units there is nothing that it could total
                self.remarks.append(f"{self.table.named(number, self.first)} “{brief(label)}”")
            return True
        return False

    def _is_a_unit(self, label: str) -> bool:
        """Whether a label that reads as a total is what a unit is called."""
        return "unit" in self.table.columns and name_key(label) in self.context.names["unit"]

    def check_across(self, row: Row) -> None:
        """Hold the columns headed Total against the values of their row."""
        number, cells = row
        for place in self.table.totals:
            value = cells.get(place)
            if value is None:
                continue
            try:
                stated = self.exact(value, place)
                actual = sum(self.exact(cells[c], c) for c in self.table.spread if cells.get(c) is not None)
            except Unreadable:
                continue  # a value that cannot be read is said where it stands
            if abs(Fraction(stated - actual)) > Fraction(1, 100):
                says = differs("the total", stated, "the values of its row", actual)
                where = self.table.place(number, place)
                self.say("total-differs", says, "mend the total or the values beside it", where, shown(value))

    def records(self) -> list[Record]:
        """The records of the table, in the order of its rows, then of those joined; with those of scenarios in them."""
        records = [record for reader in (self, *self.joined) for record in reader.own_records()]
        form = self.table.form
        self.findings.written[form.name] = tuple(_written(record, form) for record in records)
        for overlay in self.overlays:
            records = laid_over(overlay, records)
        return records

    def own_records(self) -> Iterator[Record]:
        """The records of the table alone; a wide row gives one for each of its filled cells."""
        columns = [(self.table.form.column(name), place) for name, place in self.table.columns.items()]
        known = set(self.table.columns.values()) | set(self.table.spread)
        for place_in_table, row in enumerate(self.rows):
            if place_in_table == 0 and self._names_scales(row):
                continue
            if self.is_apart(row) or self._is_beside(row, known):
                continue
            number, cells = row
            record = Record(number)
            for column, at in columns:
                self._read_into(record, column, at, cells.get(at))
            if self.table.spread:
                self.check_across(row)
            whole = [(self.table.columns.get(self.table.form.value, 0), record)]
            text = self._called_total(cells)
            for place, own in self._spread(record, cells) if self.table.spread else whole:
                if not self._is_the_total_it_says(own, text):
                    self._count(own, place, cells)
                    yield own

    def _names_scales(self, row: Row) -> bool:
        """Whether a row below the header says nothing but in what the amounts are given."""
        texts = [value for value in row[1].values() if isinstance(value, str)]
        if self.table.keys or not texts or len(texts) < len(row[1]) or not all(scale.within(text) for text in texts):
            return False
        self.aside.append(row)
        self.remarks.append(f"row {row[0]} “{brief(texts[0])}”")
        return True

    def _hold_to_stated_scale(self) -> None:
        """A title or a remark that speaks of thousands, where nothing says whether the amounts are in them."""
        form, scales = self.table.form, self.context.scales
        if not form.is_of_money or self.table.keys or self.table.scales or {"", form.name} & scales.keys():
            return
        for number, cells in (*self.table.above, *self.aside):
            for column, value in cells.items():
                if isinstance(value, str) and (factor := scale.within(value)):
                    words = f"“{brief(value)}” may say that the amounts are in {scale.WORDS[factor]}; nothing else does"
                    remedy = f"head the amounts (£000) or (£), or set “{MONEY_IN} {form.name}” on Settings"
                    self.say("scale-not-stated", words, remedy, self.table.place(number, column), value)
                    return

    def _is_beside(self, row: Row, known: set[int]) -> bool:
        """Whether a row fills only columns that are not read; what stands below no heading is remembered."""
        number, cells = row
        if known.issuperset(cells):
            return False
        self.headless |= set(cells) - self.table.headed
        if known & set(cells):
            return False
        self.remarks.append(f"row {number}, in columns of your own")
        return True

    def _spread(self, record: Record, cells: dict[int, Value]) -> Iterator[tuple[int, Record]]:
        """A column and record for each filled cell of a wide row; the others are remembered as blanks."""
        table = self.table
        value_column = table.form.column(table.form.value)
        for column, heading in table.spread.items():
            place, filled = table.place(record.row, column), record.copy()
            filled.values[table.spread_by], filled.cells[table.spread_by] = heading, place
            if cells.get(column) is None:
                self.findings.blanks[self._blank_key(filled)] = place
                continue
            self._read_into(filled, value_column, column, cells[column])
            yield column, filled

    def _called_total(self, cells: dict[int, Value]) -> str:
        """The text by which a row calls itself a total; empty where there is none, and on sheets without lines."""
        form = self.table.form
        if form.name not in ("Budgets", "Actuals"):
            return ""
        texts = (value for place, value in cells.items() if isinstance(value, str) and place != self.first)
        return next((text for text in texts if CALLED.match(text)), "")

    def _is_the_total_it_says(self, record: Record, text: str) -> bool:
        """Whether a line is a total, which is noted and not read; one that only says so is remembered."""
        place, pence = record.cells.get("amount"), record.get("amount")
        if self.table.form.name not in ("Budgets", "Actuals") or place is None or record.bad & {"unit", "year"}:
            return False
        total = self.called.is_total((record.get("unit"), record.get("year")), pence, text)
        if total:
            self.called_totals.append(f"{place} “{brief(text)}”")
        elif text:
            self.findings.called_totals.append(CalledTotal(place, text))
        return total

    def sound(self) -> Iterator[Record]:
        """The records of the table that can be used."""
        return self.usable(self.records())

    def usable(self, records: Iterable[Record]) -> Iterator[Record]:
        """The records that can be used, each key once; what is wrong with the others is said, and put in doubt.

        What the sheet declares is done here for all sheets alike: least figures, keys, doubts, and a sheet left empty.
        """
        form = self.table.form
        first: dict[tuple[object, ...], Record] = {}
        used = False
        for record in records:
            self._hold_to_least(record)
            if record.bad and (part := form.part(record.values)) is not None:
                self.findings.doubts.add(part)
            if record.bad & form.must() if form.in_part else record.bad:
                self.left_out.append(record)
            elif form.called and (twin := first.setdefault(form.key_of(record.values), record)) is not record:
                self._twice(record, twin, form.called(record.values))
            else:
                used = True
                yield record
        if form.empty and not used:
            self._nothing_on(form, *form.empty)

    def _hold_to_least(self, record: Record) -> None:
        for column in self.table.form.columns:
            least, figure = column.least, record.values.get(column.name)
            if least is None or figure is None or figure > 0 or (figure == 0 and not least.above):
                continue
            given = record.given[column.name]
            bound = "must be above" if least.above else "cannot be below"
            message = f"the {least.noun} is “{brief(given)}”; it {bound} zero"
            self.say(least.code, message, least.remedy, record.cells[column.name], given)
            record.bad.add(column.name)

    def _twice(self, record: Record, twin: Record, called: str) -> None:
        column = self.table.form.telling()
        place = record.cells[column]
        message = f"{called} is given already in {self.context.beside(twin.cells[column], place)}"
        self.say("duplicate-key", message, "keep one of the two", place, record.given[column])
        self.twice.append(record)

    def _nothing_on(self, form: SheetForm, message: str, remedy: str) -> None:
        """No row can be used; it is a problem of its own where no other says why."""
        if not self.findings.problems and not self.context.unknown:
            self.say("sheet-empty", message, remedy, self.table.home)
        self.findings.doubt_all(form)

    def _read_into(self, record: Record, column: Column, place: int, value: Value | None) -> None:
        if value is None:
            if column.needed:
                record.bad.add(column.name)
                self.say_blank(column, record.row, place)
            return
        value = self.unmarked(column, value, record.row, place)
        try:
            record.values[column.name] = self.read(column, value, place)
            record.cells[column.name] = self.table.place(record.row, place)
            record.given[column.name] = shown(value)
            if column.kind.endswith("percent") and values.is_fraction(value, record.values[column.name]):
                self.findings.fractions.add(record.cells[column.name])
        except Unreadable as error:
            record.bad.add(column.name)
            record.unread.append(WrittenCell(column.name, self.table.place(record.row, place), shown(value)))
            self.problem(error, record.row, place, value)

    def _count(self, record: Record, place: int, cells: dict[int, Value]) -> None:
        """Add a value to what the totals rows are held against."""
        bad = self.table.form.value in record.bad
        if place and (bad or place in cells):
            self.totals.count(place, None if bad else self.exact(cells[place], place), record.get("year"))

    def _blank_key(self, record: Record) -> tuple[object, ...]:
        form = self.table.form
        return (form.name, *(record.get(name) for name in form.rest()))

    def close(self) -> None:
        """Say what was left out or moved on the way."""
        for reader in (*self.joined, *self.overlays):
            reader.close()
        self._hold_to_stated_scale()
        sheet, notes = self.table.home, self.findings.notes
        if self.remarks:
            notes.append(f"{sheet}: remarks, not read: {'; '.join(self.remarks)}")
        if marks := [*self.table.marks, *self.marks]:
            listed = ", ".join(marks[:12]) + (f" and {len(marks) - 12} more" if len(marks) > 12 else "")
            notes.append(f"{sheet}: marks of publication dropped: {listed}")
        if self.called_totals:
            notes.append(f"{sheet}: totals of lines above them, not read: {'; '.join(self.called_totals)}")
        if self.headless:
            letters = ", ".join(column_letters(column) for column in sorted(self.headless))
            notes.append(f"{sheet}: values without a heading in column {letters}, not read")
        if self.moved:
            many = f"{len(self.moved)} amount{'s' if len(self.moved) != 1 else ''}"
            moved_by = f"which moved their sum by {sum(self.moved):+.4f} pence"
            notes.append(f"{sheet}: {many} rounded to the penny, half up, {moved_by}")


# Scenarios


def laid_over(overlay: TableReader, records: Sequence[Record]) -> list[Record]:
    """The records with a scenario's: one with the same key takes the place of those that have it."""
    form, given = overlay.table.form, list(overlay.own_records())
    by_key: dict[tuple[object, ...], list[Record]] = {}
    for record in given:
        if form.key and not record.bad.intersection(form.key):
            by_key.setdefault(form.key_of(record.values), []).append(record)
    result: list[Record] = []
    replaced: dict[int, list[Record]] = {}  # by the id of the first record that takes the place
    for record in records:
        new = by_key.get(form.key_of(record.values)) if form.key else None
        if new is None:
            result.append(record)
            continue
        if id(new[0]) not in replaced:
            for taking in new:  # the spelling of the workbook stays
                taking.values |= {n: record.values[n] for n in form.key if isinstance(record.get(n), str)}
            result += new
        replaced.setdefault(id(new[0]), []).append(record)
    placed = {id(record) for record in result}
    result += [record for record in given if id(record) not in placed]
    for record in given:
        _note_change(overlay, record, replaced.get(id(record), []))
    return result


def _note_change(overlay: TableReader, record: Record, old: Sequence[Record]) -> None:
    """What a scenario's row says and replaces; what it leaves blank is worth a note."""
    table, findings, cells = overlay.table, overlay.findings, tuple(_home(replaced) for replaced in old)
    words = ", ".join(f"{name} {text}" for name, text in record.given.items() if name in record.values)
    if table.spread:
        words = f"{table.spread_by} {record.get(table.spread_by)}, {words}"
    findings.changes.append(Change(table.home.file, table.form.name, words, cells))
    given = dict.fromkeys(name for replaced in old for name in replaced.given)
    lost = ", ".join(name for name in given if name not in record.given and name not in table.form.key)
    if lost:
        findings.notes.append(f"{_home(record)} replaces {', '.join(map(str, cells))}; now blank: {lost}")


def _written(record: Record, form: SheetForm) -> WrittenRow:
    """A record as the workbook has it. A sheet without a key is told by its needed columns but for the value."""
    telling = tuple(str(record.get(name, "")) for name in form.key or form.rest())
    read = (WrittenCell(name, record.cells[name], text) for name, text in record.given.items())
    return WrittenRow(telling, str(record.get("unit", "")), (*read, *record.unread))


def _home(record: Record) -> Place:
    """A cell to name a record by: its value's, else its first."""
    cells = record.cells
    named = (cells[name] for name in ("amount", "value", "volume", "nre") if name in cells)
    return next(named, next(iter(cells.values()), NOWHERE))


def setting(value: Value) -> str:
    """The name of a setting."""
    given = values.text(value)
    for name in SETTING_NAMES:
        if key(name) == key(given):
            return name
    hint, known = values.did_you_mean(given, list(SETTINGS)), ", ".join(SETTINGS)
    raise Unreadable("unknown-setting", f"there is no setting “{brief(given)}”{hint}", f"the settings are: {known}")


READERS: dict[str, Callable[[Value], Any]] = {
    "text": values.text,
    "measure": values.text,  # where no sheet Measures is read
    "names": values.names,
    "year": values.financial_year,
    "period": values.period,
    "date": values.day,
    "dates": values.days,
    "done": values.done,
    "groups": values.groups,
    "number": values.number,
    "figure": values.figure,
    "whole": values.whole,
    "percent": values.percentage,
    "yes-no": values.yes_no,
    "any": values.usable,
    "setting": setting,
    "comparison": values.comparison,
    "plural": values.plural,
    "pounds": lambda value: values.money(value)[0],  # whatever the amounts of the sheets are in
    "scale": lambda value: scale.SETTINGS[values.choice(value, tuple(scale.SETTINGS), "unit of money")],
}
