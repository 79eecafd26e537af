"""A scenario: a small workbook in TOML, tables named as the sheets and keys as the columns, laid over the workbook.

    [[Principles]]
    unit = "ICT"
    "from year" = "2020/21"
    "fixed base %" = 40

A key of a row takes the place of a cell, and is named so: `pay.toml: Principles!fixed base % 1`.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bch_apportion.model import ParameterRow, Scenario, Unit, name_key
from bch_apportion.places import Place
from bch_apportion.reading.cells import Row, Value
from bch_apportion.reading.headers import Search, columns_of
from bch_apportion.reading.records import parameter_value
from bch_apportion.reading.sheets import SHEETS, SheetForm
from bch_apportion.reading.tables import Context, Findings, Table, Unknown
from bch_apportion.reading.values import Unreadable, brief, did_you_mean, key
from bch_apportion.terms import parameters
from bch_apportion.years import FinancialYear

LARGEST = 10_000_000  # bytes of a scenario file
MANY_DIGITS = "a number of thousands of digits"
WHOLE = 2**53  # beyond it a float does not hold every whole number


class BadSetting(ValueError):
    """A parameter set by hand that cannot be: `--set` says so as a fault of usage."""


@dataclass(slots=True)
class ScenarioTable:
    """The rows that a scenario gives for one sheet: its keys as headings, and the rows by column."""

    form: SheetForm
    home: Place  # the table as the file spells it
    keys: list[str]
    rows: list[Row]  # a row without cells gives nothing


@dataclass(slots=True)
class ScenarioFile:
    """A scenario as read: which rows it gives for which sheet, and what is wrong with it."""

    scenario: Scenario
    tables: dict[str, ScenarioTable] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)


def open_scenario(path: Path) -> ScenarioFile:
    """Read a scenario file. Raises OSError where it cannot be opened; what is wrong with it is in its findings."""
    content = path.read_bytes()
    scenario = ScenarioFile(Scenario(path.name, hashlib.sha256(content).hexdigest()))
    file, say = Place(file=path.name), scenario.findings.say
    if len(content) > LARGEST:
        say("scenario-unreadable", "the scenario is too large", "give only the rows that differ", file)
        return scenario
    try:
        tables = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"the scenario is not valid TOML: {brief(str(error))}"
        remedy = 'write tables named as the sheets, such as [[Budgets]], with keys as the columns, such as unit = "ICT"'
        say("scenario-unreadable", message, remedy, file)
        return scenario
    except ValueError:
        say("scenario-unreadable", f"{MANY_DIGITS} in the scenario", "write the figure that is meant", file)
        return scenario
    known = {key(name): form for name, form in SHEETS.items()}
    for name, given in tables.items():
        form, rows = known.get(key(name)), given if isinstance(given, list) else [given]
        if form is None:
            message = f"no sheet is called “{brief(name)}”{did_you_mean(name, list(SHEETS))}"
            remedy = "name the table as the sheet its rows belong to: [[Budgets]], [[Principles]], …"
            say("scenario-table-unknown", message, remedy, file, brief(name))
        elif not all(isinstance(row, dict) for row in rows):
            place = file._replace(cell=f"{name} 1")
            _say_no_value(scenario, place, name, "a table of keys and values", given)
        elif rows:
            _add(scenario, form, name, rows)
    return scenario


def _add(scenario: ScenarioFile, form: SheetForm, name: str, rows: list[dict[str, Any]]) -> None:
    """The rows of a table, behind those of the same table under another spelling; its keys in any spelling."""
    table = scenario.tables.setdefault(form.name, ScenarioTable(form, Place(name, file=scenario.scenario.name), [], []))
    columns = {key(heading): column for column, heading in enumerate(table.keys, 1)}
    problems = scenario.findings.problems
    for number, row in enumerate(rows, len(table.rows) + 1):
        cells: dict[int, Value] = {}
        before = len(problems)
        for heading, value in row.items():
            if key(heading) not in columns:
                table.keys.append(heading)
                columns[key(heading)] = len(table.keys)
            column, place = columns[key(heading)], table.home._replace(cell=f"{heading} {number}")
            try:
                cell = _cell(value)
            except TypeError:
                _say_no_value(scenario, place, heading, "a text, number, date or yes/no", value)
                continue
            if column in cells:
                message = f"“{brief(heading)}” is given twice in the row, as “{table.keys[column - 1]}” too"
                scenario.findings.say("column-twice", message, "keep one of the two", place, heading)
            elif cell is not None:
                cells[column] = cell
        table.rows.append((number, cells if len(problems) == before else {}))


def _say_no_value(scenario: ScenarioFile, place: Place, heading: str, wanted: str, value: Any) -> None:
    given = brief(_text_of(value))
    message = f"“{brief(heading)}” is “{given}”; it must be {wanted}"
    scenario.findings.say("scenario-value", message, 'write it as in unit = "ICT"', place, given)


def _text_of(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # Python writes no number of more than 4,300 digits; TOML may give it in hexadecimal
        return MANY_DIGITS


def _cell(value: Any) -> Value | None:
    """A value of TOML as a cell holds it; an empty text is a blank. Raises TypeError for what no cell holds."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return float(value) if abs(value) < WHOLE else _text_of(value)
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    if isinstance(value, str):
        return value.strip() or None
    raise TypeError(value)


def table_of(given: ScenarioTable, context: Context, findings: Findings) -> Table | None:
    """The table that the keys head; None with a problem where they are too few for its sheet."""
    header = 0, dict[int, Value](enumerate(given.keys, 1))
    table = Search(given.form, given.home, context, findings, given.keys).table(header)
    if table is None:
        present = {key(name) for name in given.keys}
        missing = [name for name in given.form.needed_columns() if key(name) not in present]
        message = f"the keys are {', '.join(given.keys) or 'none'}; {', '.join(missing)} is missing"
        findings.say("column-missing", message, f"give the keys {columns_of(given.form)}", given.home)
        findings.doubt_all(given.form)
    return table


# Parameters set by hand


def overrides(given: Sequence[str], units: Sequence[Unit], context: Context) -> tuple[ParameterRow, ...]:
    """The parameters of `--set`, a general one before those of a unit, the later before the earlier.

    Each is `UNIT.parameter=value` or, for all units, `parameter=value`; a unit with a dot or a sign of equality in its
    name may stand in double quotes. Raises BadSetting.
    """
    rows = [_override(text, units, context) for text in given]
    return tuple(sorted(rows, key=lambda row: row.unit is not None))


def _override(text: str, units: Sequence[Unit], context: Context) -> ParameterRow:
    left, equals, value = _parted(text)
    owner, dot, name = left.rpartition(".")
    owner, code = owner.strip().strip('"'), None
    parameter = next((parameter for known, parameter in parameters().items() if key(known) == key(name)), None)
    if not equals or parameter is None:
        known = list(parameters())
        hint = did_you_mean(name, known) if equals else ""
        listed = ", ".join(known)
        raise BadSetting(f"“{brief(text)}” sets no parameter{hint}; write UNIT.parameter=value, of: {listed}")
    if dot and not owner:
        raise BadSetting(f"“{brief(text)}” names no unit before the dot; for all units write {name}=value")
    if owner:
        code = next((u.code for u in units if name_key(owner) in (name_key(u.code), name_key(u.name))), None)
        if code is None:
            raise BadSetting(f"there is no unit “{brief(owner)}”{did_you_mean(owner, [u.code for u in units])}")
    try:
        if not value.strip():
            raise BadSetting(f"“{brief(text)}” gives no value")
        read = parameter_value(context, parameter, value.strip())
    except Unknown as error:
        raise BadSetting(f"“{brief(text)}”: “{brief(error.given)}” is not a force of the Forces sheet") from error
    except Unreadable as error:
        raise BadSetting(f"“{brief(text)}”: {error.message}; {error.remedy}") from error
    cells = {parameter.name: Place(cell="--set")}
    return ParameterRow(
        unit=code, from_year=FinancialYear(0), values={parameter.name: read}, reference="set by hand", cells=cells
    )


def _parted(text: str) -> tuple[str, str, str]:
    """What is set, the sign of equality, and the value; a unit in double quotes may have that sign in its name."""
    quoted, mark, rest = text[1:].partition('"') if text.startswith('"') else ("", "", text)
    left, equals, value = rest.partition("=")
    return f'"{quoted}{mark}{left}' if mark else left, equals, value
