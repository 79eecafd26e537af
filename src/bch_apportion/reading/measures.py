"""What is made of the sheets Measures and Measured, and what must hold between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bch_apportion.further import Measure, Measured
from bch_apportion.model import UnitCode, name_key
from bch_apportion.places import Place
from bch_apportion.problems import Problem
from bch_apportion.reading.demand import settle_periods
from bch_apportion.reading.records import Record, TableReader, row_of
from bch_apportion.reading.values import brief
from bch_apportion.years import Months, whole_year, year_of

NEEDS = {  # columns that a table may lack, and no measure: what is said of one without
    "target": ("has no target", "write the value that it is to reach"),
    "better": ("does not say whether higher or lower is better", "write higher or lower"),
}


def measures(reader: TableReader) -> tuple[Measure, ...]:
    """The measures; their names are known from here on."""
    names = reader.context.names.setdefault("measure", {})
    records = reader.records()
    sound = list(reader.usable(records))
    for record in records:
        if name := record.get("measure"):
            names.setdefault(name_key(name), name)
            _hold_to_needs(reader, record)
    reader.context.nameless["measure"] = len(reader.left_out)
    return tuple(row_of(Measure, record, "measure") for record in sound)


def _hold_to_needs(reader: TableReader, record: Record) -> None:
    """A measure that cannot be judged is said, at the cell that is blank."""
    for column, (lacks, remedy) in NEEDS.items():
        if column not in record.values and column not in record.bad | {*reader.findings.misspelt}:
            reader.say(
                "blank-value", f"the measure “{record.values['measure']}” {lacks}", remedy, _at(reader, record, column)
            )


def _at(reader: TableReader, record: Record, column: str) -> Place:
    """The blank cell of a column; of a table without it, and of a scenario's row, that of the measure."""
    named, place = record.cells["measure"], reader.table.columns.get(column)
    return named if place is None or named.file else reader.table.place(record.row, place)


def measured(reader: TableReader) -> tuple[Measured, ...]:
    """The values, each of a month, a quarter or a financial year."""
    records = settle_periods(reader, reader.sound())
    for record in records:
        if not _is_usual(record.values["period"]):
            message = f"“{brief(record.given['period'])}” is not a month, a quarter or a financial year"
            remedy = "give the values of its months, or of its quarters"
            reader.say("not-a-period", message, remedy, record.cells["period"], record.given["period"])
    return tuple(row_of(Measured, record, "measure") for record in records)


def _is_usual(period: Months) -> bool:
    """Whether a run of months is a month, a quarter or a financial year; quarters begin in April, July, …"""
    is_quarter = (period.length, period.first % 3) == (3, 0)
    return period.length == 1 or is_quarter or period == whole_year(year_of(period.first))


def unplaced(given: Sequence[Measure], values: Sequence[Measured]) -> Iterator[Problem]:
    """Values of which it is not clear of which unit they are, and those that another row has with the unit's name."""
    units: dict[str, list[UnitCode]] = {}
    for measure in given:
        units.setdefault(name_key(measure.measure), []).append(measure.unit)
    first: dict[tuple[object, ...], Measured] = {}
    for row in values:
        having = units.get(name_key(row.measure), [])
        unit = row.unit or (having[0] if having else "")
        if not row.unit and len(having) > 1:
            listed = ", ".join(having)
            message = f"several units have the measure “{row.measure}” ({listed}), and this value names none"
            remedy = "name the unit whose value it is"
            yield Problem("measure-without-unit", message, remedy, row.cell, value=row.measure)
        elif having and unit not in having:
            message = f"{unit} has no measure “{row.measure}” on Measures, where it is of {', '.join(having)}"
            remedy = "name a unit that has the measure, or add it there"
            yield Problem("unknown-measure", message, remedy, row.cell, value=row.measure)
        elif (twin := first.setdefault((name_key(row.measure), row.period, unit, row.force), row)) is not row:
            message = f"the value of {row.measure} in {row.period} is given already in {twin.cell}"
            yield Problem("duplicate-key", message, "keep one of the two", row.cell, value=row.measure)
