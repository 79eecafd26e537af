"""What is made of the sheets of plans: business cases in their versions, and the assumptions of a projection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from bch_apportion.model import PERCENTAGES, Assumption, BusinessCase, UnitCode
from bch_apportion.money import Exact, pounds_words
from bch_apportion.reading.cells import Percent, Value
from bch_apportion.reading.records import Record, TableReader, row_of
from bch_apportion.reading.values import Unreadable, brief, key, percentage, shown
from bch_apportion.years import FinancialYear, day_text

Version: TypeAlias = tuple[UnitCode, FinancialYear, str]


def business_cases(reader: TableReader) -> tuple[BusinessCase, ...]:
    """The versions of each unit and year, in the order in which the sheet first has them."""
    versions: dict[Version, list[Record]] = {}
    spelt: dict[str, str] = {}
    for record in reader.sound():
        given = record.get("version", "")
        version = (record.values["unit"], record.values["year"], spelt.setdefault(key(given), given))
        versions.setdefault(version, []).append(record)
    mixed = _mixed(reader, versions)
    for version, records in versions.items():
        _hold_to_one(reader, version, records)
    return tuple(_business_case(v[2], records) for v, records in versions.items() if (v[0], v[2]) not in mixed)


def _business_case(name: str, records: Sequence[Record]) -> BusinessCase:
    return row_of(
        BusinessCase,
        records[0],
        "amount",
        version=name,
        amounts={record.get("force", ""): record.values["amount"] for record in records},
        cells=tuple(record.cells["amount"] for record in records),
        force_cells={record.get("force", ""): record.cells.get("force", record.cells["amount"]) for record in records},
    )


def _mixed(reader: TableReader, versions: Mapping[Version, Sequence[Record]]) -> set[tuple[UnitCode, str]]:
    """The versions, whatever the year, of which some rows name a force and others none; they are said."""
    whole: dict[tuple[UnitCode, str], list[Record]] = {}
    for (unit, _, name), records in versions.items():
        whole.setdefault((unit, name), []).extend(records)
    mixed = set()
    for (unit, name), records in whole.items():
        without = [record for record in records if record.get("force") is None]
        if 0 < len(without) < len(records):
            called = f"business case “{name}”, {unit}," if name else f"the business case of {unit}"
            message = f"some rows of {called} name a force, but this row does not"
            remedy = "name a force on all rows of a version, or on none, whatever the year"
            reader.say("business-case-forces", message, remedy, without[0].cells["amount"])
            mixed.add((unit, name))
    return mixed


def _hold_to_one(reader: TableReader, version: Version, records: Sequence[Record]) -> None:
    """Say where the rows of a version differ in what they should have in common."""
    unit, year, name = version
    called = f"business case “{name}”, {unit} {year}" if name else f"the business case of {unit} {year}"
    first = records[0]
    for record in records[1:]:
        for column in ("approved", "price year"):
            if record.get(column) != first.get(column):
                here, there = _said(record.get(column)), _said(first.get(column))
                heading = "approved on" if column == "approved" else column
                place = record.cells.get(column, record.cells["amount"])
                message = f"{called}: {heading} {here} here but {there} in row {first.row}"
                remedy = "give every row of a version the same date and price year"
                reader.say("business-case-differs", message, remedy, place, here)


def _said(value: Any) -> str:
    return "blank" if value is None else day_text(value) if isinstance(value, date) else str(value)


# Assumptions

# columns that a kind does not use
IDLE = {"uplift %": ("force",), "nre growth %": ("unit", "line", "subjective", "type")}


def assumptions(reader: TableReader) -> tuple[Assumption, ...]:
    """The assumptions, in the order of the sheet."""
    records = reader.records()
    for record in records:
        for column in ("value", "low", "high"):
            if column in record.values and "kind" in record.values:
                _read_by_kind(reader, record, column)
    return tuple(_assumption(reader, record) for record in reader.usable(records))


def _read_by_kind(reader: TableReader, record: Record, column: str) -> None:
    """Put a percentage, or an amount in pence, in place of what the cell holds; a problem where it is neither."""
    value = record.values[column]
    try:
        record.values[column] = _worth(reader, record.values["kind"], column, value)
    except Unreadable as error:
        record.bad.add(column)
        reader.findings.say_unreadable(error, record.cells[column], value)


def _worth(reader: TableReader, kind: str, column: str, value: Value) -> Exact:
    if kind not in PERCENTAGES:
        if isinstance(value, Percent):
            raise Unreadable("not-an-amount", f"“{shown(value)}” is not an amount", "write pounds, not a percentage")
        return reader.money(value)[0]
    percent = percentage(value)
    if percent < -100 or (percent == -100 and kind == "nre growth %"):
        least = "above −100" if kind == "nre growth %" else "of −100 or more"
        raise Unreadable("out-of-range", f"{column} is “{brief(shown(value))}”", f"write a percentage {least}")
    return percent


def _assumption(reader: TableReader, record: Record) -> Assumption:
    kind = record.values["kind"]
    idle = [name for name in IDLE.get(kind, ("force",)) if name in record.values]
    if idle:
        where = record.cells[idle[0]]
        reader.findings.notes.append(f"{where}: {' and '.join(idle)} ignored: {kind} does not use it")
    for name in idle:
        del record.values[name]
    assumption = row_of(Assumption, record, "value")
    _needs_unit(reader, record, assumption)
    _needs_range(reader, record, assumption)
    return assumption


def _needs_unit(reader: TableReader, record: Record, assumption: Assumption) -> None:
    if not assumption.is_percentage and not assumption.unit:
        message = f"a {assumption.kind} of {pounds_words(int(assumption.value))} names no unit"
        remedy = "name the unit whose line it becomes"
        reader.say("assumption-without-unit", message, remedy, record.cells["kind"], record.given["kind"])


def _needs_range(reader: TableReader, record: Record, assumption: Assumption) -> None:
    low, high = assumption.bounds()
    if low <= assumption.value <= high:
        return
    column = "low" if assumption.low is not None and low > assumption.value else "high"
    where = "above" if column == "low" else "below"
    bound, value = record.given[column], record.given["value"]
    message = f"the {column} ({brief(bound)}) is {where} the value ({brief(value)})"
    remedy = "write a low that is not above the value, and a high that is not below it"
    reader.say("range-not-around-value", message, remedy, record.cells[column], bound)
