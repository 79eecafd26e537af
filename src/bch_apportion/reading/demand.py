"""The Demand sheet, the one that is long: rows of the same shape are read many at once, any other row by itself.

Both ways have one meaning: what is read at once is what reading row by row would find, and where there is anything to
say of a row it is read by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain, cycle, repeat
from typing import Any

from bch_apportion.model import Change, Demand, ForceCode, Volume, name_key
from bch_apportion.places import Place
from bch_apportion.problems import About
from bch_apportion.reading.cells import Row, Value
from bch_apportion.reading.records import Record, TableReader
from bch_apportion.reading.shapes import Block, LongRows
from bch_apportion.reading.tables import TOTALS
from bch_apportion.reading.values import Unreadable, could_be_a_year, financial_year, key, number, period, shown
from bch_apportion.years import MONTH_NAMES, FinancialYear, Month, Months, month_text, whole_year

SURE = 1e15  # below this a stored whole number is exact


@dataclass(slots=True)
class DemandReader:
    """Reads Demand rows into `drivers`, by the driver's name as compared; `names` keeps how each is written."""

    reader: TableReader
    drivers: dict[str, Demand] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    signed_off: bool = False  # whether there is a column of that name
    unclear: dict[str, Place] = field(default_factory=dict)  # periods that could be a month or a year, and where
    lengths: set[int] = field(default_factory=set)  # of the other periods, in months
    _known: dict[tuple[str, type, Any], Any] = field(default_factory=dict)
    _source: Place | None = field(init=False)  # of the volumes: the sheet, where it is a joined workbook's

    def __post_init__(self) -> None:
        table = self.reader.table
        self._source = table.home if table.home.file and not table.keys else None

    def read(self) -> DemandReader:
        """It itself, once the rows below the header are read."""
        rows, table = self.reader.rows, self.reader.table
        for column, months in table.spread.items() if table.spread_by == "period" else ():
            self._weigh(months, table.header[1][column], table.place(table.header[0], column))
        self.signed_off = "signed off" in self.reader.table.columns
        by_row = bool(table.totals) or table.spread_by == "period"
        for piece in rows.pieces if isinstance(rows, LongRows) else rows:
            if not isinstance(piece, Block):
                self._row(piece)
            elif not by_row and (labels := self._labels(piece)) is not None and self._holds_volumes(piece):
                self._block(piece, labels)
            else:
                for row in piece.rows():
                    self._row(row)
        self._settle_periods()
        return self

    def _meaning(self, name: str, value: Value, row: int) -> Any:
        """What a cell beside the volumes says, each different one read once; raises Unreadable."""
        column, place = self.reader.table.form.column(name), self.reader.table.columns[name]
        value = self.reader.unmarked(column, value, row, place)
        known = self._known.get((name, type(value), value))
        if known is None:
            known = self.reader.read(column, value)
            if name == "driver":
                driver = name_key(known)
                self.names.setdefault(driver, known)
                known = driver
            elif name == "period":
                self._weigh(known, value, self.reader.table.place(row, place))
            self._known[name, type(value), value] = known
        return known

    def _slot(self, driver: str, months: Months) -> dict[ForceCode, Volume]:
        """Where the volumes of a driver and period belong."""
        demand = self.drivers.get(driver)
        if demand is None:
            demand = self.drivers[driver] = Demand()
        return demand.slot(months)

    # One row

    def _row(self, row: Row) -> None:
        reader, (number, cells) = self.reader, row
        reader.headless |= cells.keys() - reader.table.headed
        if reader.is_apart(row):
            return
        reader.check_across(row)
        driver, signed = self._label("driver", row), self.signed_off and bool(self._label("signed off", row))
        for column, force, months in self._places(row):
            about = None if driver is None else About("demand", name=driver, months=months)
            slot = None if driver is None or months is None else self._slot(driver, months)
            if slot is None and about is not None:
                reader.findings.doubts.add(about)
            if (value := cells.get(column)) is None:  # a blank volume is missing data
                self._blank(driver, months, force, number, column)
                continue
            exact = self._volume(number, column, value)
            reader.totals.count(column, exact)
            if slot is None or about is None:
                continue
            if exact is None or force is None:
                reader.findings.doubts.add(about)
                continue
            volume = Volume(exact, signed, number, column, self._source)
            if (first := slot.setdefault(force, volume)) is not volume:
                self._twice(driver, str(months), force, volume, first)

    def _label(self, name: str, row: Row) -> Any:
        """What a row's cell beside the volumes says; None where it is blank or cannot be read, which is said."""
        column, place = self.reader.table.form.column(name), self.reader.table.columns[name]
        if (value := row[1].get(place)) is None:
            if column.needed:
                self.reader.say_blank(column, row[0], place)
            return None
        try:
            return self._meaning(name, value, row[0])
        except Unreadable as error:
            self.reader.problem(error, row[0], place, value)
            return None

    def _places(self, row: Row) -> Iterable[tuple[int, ForceCode | None, Months | None]]:
        """The columns of a row's volumes, whose each is and of when."""
        table = self.reader.table
        if table.spread_by == "period":
            force = self._label("force", row)
            return [(column, force, months) for column, months in table.spread.items() if isinstance(months, Months)]
        months = self._label("period", row)
        if table.spread:
            return [(column, str(force), months) for column, force in table.spread.items()]
        return [(table.columns["volume"], self._label("force", row), months)]

    def _blank(self, driver: Any, months: Any, force: ForceCode | None, row: int, column: int) -> None:
        """Remember the cell of a month that is blank."""
        if driver is not None and force is not None and months is not None and months.length == 1:
            place = self.reader.table.place(row, column)
            self.reader.findings.blanks["Demand", driver, months.first, force] = place

    def _volume(self, row: int, column: int, value: Value) -> Any:
        if type(value) is float and value.is_integer() and 0 <= value < SURE:
            return int(value)
        try:
            volume = number(value)
        except Unreadable as error:
            self.reader.problem(error, row, column, value)
            return None
        if volume < 0:
            message = f"the volume is {shown(value)}; a volume cannot be below zero"
            remedy = "correct it, or leave the cell blank where it is not known"
            self.reader.say("negative-volume", message, remedy, self.reader.table.place(row, column), shown(value))
            return None
        return volume

    # Many rows at once

    def _labels(self, block: Block) -> dict[str, Sequence[Any]] | None:
        """What the cells beside the volumes say, by column; None where there is anything to say of any, or a total."""
        labels: dict[str, Sequence[Any]] = {}
        for name, column in self.reader.table.columns.items():
            if name == "volume":
                continue
            values = block.column(column)
            # in the order of the rows: the first spelling of a driver is its name
            each = dict.fromkeys(values)
            meanings = {value: self._in_block(name, value, block.numbers[values.index(value)]) for value in each}
            if None in meanings.values():
                return None
            labels[name] = list(map(meanings.__getitem__, values))
        return labels

    def _in_block(self, name: str, value: Value | None, row: int) -> Any:
        """What a cell beside the volumes says; None where its row is to be read by itself."""
        if value is None:
            return False if name == "signed off" else None
        try:
            return None if name == "driver" and key(shown(value)) in TOTALS else self._meaning(name, value, row)
        except Unreadable:
            return None

    def _holds_volumes(self, block: Block) -> bool:
        """Whether every filled cell of values is a volume."""
        for column in self.reader.table.value_columns():
            values: list[Any] = [value for value in block.column(column) if value is not None]
            if {*map(type, values)} - {float} or not 0 <= min(values, default=0) <= max(values, default=0) < SURE:
                return False
        return True

    def _block(self, block: Block, labels: Mapping[str, Sequence[Any]]) -> None:
        """Post the volumes of rows of one shape."""
        table = self.reader.table
        for column in block.columns.keys() - table.headed:
            if any(value is not None for value in block.column(column)):
                self.reader.headless.add(column)
        columns, signed = table.value_columns(), labels.get("signed off") or repeat(False)
        by_row = zip(*(self._volumes(block, column, signed) for column in columns), strict=True)
        each = repeat(len(columns))
        drivers, periods = (chain.from_iterable(map(repeat, labels[name], each)) for name in ("driver", "period"))
        forces = cycle(str(table.spread[column]) for column in columns) if table.spread else labels.get("force", ())
        volumes = zip(drivers, periods, forces, chain.from_iterable(by_row), strict=False)
        before = then = None
        slot: dict[ForceCode, Volume] = {}
        self._blanks(block, labels)
        for driver, months, force, volume in volumes:
            if driver is not before or months is not then:  # the forces of a driver and period mostly follow each other
                slot, before, then = self._slot(driver, months), driver, months
            if volume is not None and slot.setdefault(force, volume) is not volume:
                self._twice(driver, str(months), force, volume, slot[force])

    def _blanks(self, block: Block, labels: Mapping[str, Sequence[Any]]) -> None:
        """Remember the blank cells of rows of one shape."""
        spread = self.reader.table.spread
        for column in self.reader.table.value_columns():
            values = block.column(column)
            if None not in values:
                continue
            for place, (value, row) in enumerate(zip(values, block.numbers, strict=True)):
                if value is None:
                    force = str(spread[column]) if spread else labels["force"][place]
                    self._blank(labels["driver"][place], labels["period"][place], force, row, column)

    def _volumes(self, block: Block, column: int, signed: Iterable[bool]) -> Sequence[Volume | None]:
        """The volumes of a column of numbers; None where a cell is blank."""
        values: Sequence[Any] = block.column(column)
        exact = [None if v is None else int(v) if v.is_integer() else number(v) for v in values]
        self.reader.totals.count(column, sum(v for v in exact if v is not None))
        parts = zip(exact, signed, block.numbers, repeat(column), repeat(self._source), strict=False)
        volumes = map(tuple.__new__, repeat(Volume), parts)  # Volume(…), without a call for each
        return [None if volume.value is None else volume for volume in volumes] if None in exact else [*volumes]

    def _where(self, volume: Volume) -> Place:
        return volume.place("") if volume.source else self.reader.table.place(volume.row, volume.column)

    # Other files, and what is wrong with the volumes together

    def join(self, other: DemandReader) -> None:
        """Put a joined workbook's volumes beside ours; one that both give is a problem."""
        self.signed_off |= other.signed_off
        for driver, theirs in other.drivers.items():
            self.names.setdefault(driver, other.names[driver])
            ours = self.drivers.setdefault(driver, theirs)
            for months, slot in theirs.periods() if ours is not theirs else ():
                self._add(driver, months, slot, ours.slot(months))

    def lay_over(self, other: DemandReader) -> None:
        """Put a scenario's volumes beside ours, or in the place of those of the same driver, period and force."""
        replaced: dict[int, list[Place]] = {}
        self.signed_off |= other.signed_off
        for driver, theirs in other.drivers.items():
            self.names.setdefault(driver, other.names[driver])
            ours = self.drivers.setdefault(driver, Demand())
            for months, slot in theirs.periods():
                mine = ours.slot(months)
                for force, volume in slot.items():
                    if force in mine:
                        replaced.setdefault(volume.row, []).append(self._where(mine[force]))
                    mine[force] = volume._replace(source=other._where(volume))
        table = other.reader.table
        names = {place: name for name, place in table.columns.items()}
        names |= {place: str(heading) for place, heading in table.spread.items()}
        for row, cells in other.reader.rows:
            words = ", ".join(f"{names[place]} {shown(value)}" for place, value in cells.items() if place in names)
            change = Change(table.home.file, table.form.name, words, tuple(replaced.get(row, ())))
            self.reader.findings.changes.append(change)

    def _add(
        self, driver: str, months: Months, volumes: Mapping[ForceCode, Volume], slot: dict[ForceCode, Volume]
    ) -> None:
        """Put volumes of a driver and period beside those there are; one that is there already is a problem."""
        for force, volume in volumes.items():
            if (first := slot.setdefault(force, volume)) is not volume:
                self._twice(driver, str(months), force, volume, first)

    def _twice(self, driver: str, months: str, force: ForceCode, volume: Volume, first: Volume) -> None:
        where, there = self._where(volume), self._where(first)
        named = there.cell if there.table == where.table else str(self.reader.context.beside(there, where))
        message = f"{self.names[driver]}, {months}, {force} is given already in {named}"
        self.reader.say("duplicate-key", message, "keep one of the two", where, str(volume.value))

    def check_overlaps(self) -> None:
        """A month given twice, also by a month and its quarter, is a problem."""
        for driver, demand in self.drivers.items():
            if not demand.longer:
                continue
            seen: dict[tuple[ForceCode, Month], Volume] = {}
            for months, slot in sorted(demand.periods(), key=lambda item: (item[0].length, item[0].first)):
                for force, volume in slot.items():
                    clash = next((m for m in months.months() if (force, m) in seen), None)
                    if clash is not None:
                        first = seen[force, clash]
                        early, late = sorted((first, volume), key=lambda own: (own.joined, own.row))
                        self._twice(driver, f"the month {month_text(clash)}", force, late, early)
                    for month in months.months():
                        seen.setdefault((force, month), volume)

    # What could be a month or a financial year

    def _weigh(self, months: Any, value: Value, place: Place) -> None:
        """Remember a period that could be a month or a financial year, as 2011-12, and what the others are."""
        if could_be_a_year(value):
            self.unclear.setdefault(shown(value), place)
        else:
            self.lengths.add(months.length)

    def _settle_periods(self) -> None:
        if are_years(self.reader, self.unclear, self.lengths):
            for driver, demand in self.drivers.items():  # every month is such a period
                for month in list(demand.monthly):
                    months = whole_year(FinancialYear(month // 12))
                    self._add(driver, months, demand.monthly.pop(month), demand.slot(months))


def are_years(reader: TableReader, unclear: Mapping[str, Place], lengths: Set[int]) -> bool:
    """Whether periods that could be months or financial years, as 2011-12, are years.

    They are what the other periods of the column, of these `lengths` in months, can only be; where those do not say, it
    is a problem.
    """
    others = lengths & {1, 12}
    if not unclear:
        return False
    texts, place = list(unclear), next(iter(unclear.values()))
    listed = ", ".join(texts[:6]) + (", …" if len(texts) > 6 else "")
    if len(others) == 1:
        what = "months" if others == {1} else "financial years"
        note = f"{reader.table.home}: {listed} read as {what}, as the other periods of the column can only be"
        reader.findings.notes.append(note)
    else:
        number, month = divmod(period(texts[0]).first, 12)
        name, year = MONTH_NAMES[month], financial_year(texts[0])
        message = f"“{texts[0]}” could be the month {name} {number} or the financial year {year}"
        rest = f" (and so {', '.join(texts[1:6])}{', …' if len(texts) > 6 else ''})" if texts[1:] else ""
        remedy = f"write the month as {name[:3]}-{number}, the year as {year}"
        reader.say("unclear-period", message + rest, remedy, place, texts[0])
        reader.findings.doubt_all(reader.table.form)
    return others == {12}


def settle_periods(reader: TableReader, records: Iterable[Record]) -> list[Record]:
    """The records that have a period; one that could be a month or a year is what the others can only be.

    The column of each file decides by itself.
    """
    dated = [record for record in records if "period" in record.values]
    joined = {part.table.home.file: part for part in reader.joined}
    for part in (reader, *reader.joined):
        own = [record for record in dated if joined.get(record.cells["period"].file, reader) is part]
        unclear = [record for record in own if could_be_a_year(record.given["period"])]
        lengths = {record.values["period"].length for record in own if record not in unclear}
        texts = {record.given["period"]: record.cells["period"] for record in reversed(unclear)}
        if are_years(part, dict(reversed(texts.items())), lengths):
            for record in unclear:
                record.values["period"] = whole_year(financial_year(record.given["period"]))
    return dated
