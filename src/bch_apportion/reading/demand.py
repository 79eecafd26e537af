"""The Demand sheet, the one that is long: rows of the same shape are read many at once, any other row by itself.

Both ways have one meaning: what is read at once is what reading row by row would find, and where there is anything to
say of a row it is read by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, TypeAlias

from bch_apportion.model import Demand, ForceCode, Volume, name_key
from bch_apportion.places import Place
from bch_apportion.problems import About
from bch_apportion.reading.cells import Row, Value
from bch_apportion.reading.records import SheetReader
from bch_apportion.reading.shapes import Block, LongRows
from bch_apportion.reading.tables import TOTALS
from bch_apportion.reading.values import Unreadable, could_be_a_year, key, number, period, shown, text, yes_no
from bch_apportion.years import Months, month_text

SURE = 1e15  # below this a stored whole number is exact
Target: TypeAlias = tuple[str, Months, dict[ForceCode, Volume]]
"""A driver, a period, and where its volumes belong."""


@dataclass(slots=True)
class DemandReader:
    """Reads Demand rows into `drivers`, by the driver's name as compared; `names` keeps how each is written."""

    reader: SheetReader
    drivers: dict[str, Demand] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    signed_column: int | None = None
    months_noted: list[str] = field(default_factory=list)
    _known: dict[tuple[int, Any], Any] = field(default_factory=dict)
    _before: tuple[Value | None, Value | None] | None = None  # the driver and period of the row before
    _target: Target | None = None  # and where its volumes belong

    def read(self, rows: Iterator[Row]) -> None:
        """Read the rows below the header."""
        self.signed_column = self.reader.table.columns.get("signed off")
        for piece in rows.pieces if isinstance(rows, LongRows) else rows:
            if not isinstance(piece, Block):
                self._row(piece)
            elif self._says_nothing(piece):
                self._block(piece)
            else:
                for row in piece.rows():
                    self._row(row)

    def _row(self, row: Row) -> None:
        table = self.reader.table
        number, cells = row
        self.reader.headless |= cells.keys() - table.headed
        if self.reader.is_apart(row):
            return
        target = self._target_of(number, cells)
        place = self.signed_column
        signed = place is not None and self._signed(number, place, cells.get(place))
        for column, force in self._places(number, cells):
            value = cells.get(column)
            if value is None:
                continue  # a blank volume is missing data
            volume = self._volume(number, column, value)
            if volume is None:
                self.reader.totals.spoil(column)
            else:
                self.reader.totals.count(column, volume)
            if volume is None or force is None:
                self._doubt(target)
            elif target is not None:
                self._post(target, force, Volume(volume, signed, number, column))

    def _places(self, number: int, cells: dict[int, Value]) -> Iterable[tuple[int, ForceCode | None]]:
        """The columns of a row's volumes, and whose each is."""
        table = self.reader.table
        if table.spread:
            return [(column, str(force)) for column, force in table.spread.items()]
        column = table.columns["force"]
        return [(table.columns["volume"], self._force(number, column, cells.get(column)))]

    # Many rows at once

    def _says_nothing(self, block: Block) -> bool:
        """Whether every cell can be read, so that no problem comes of it, and labels no row of totals."""
        table = self.reader.table
        for column in table.value_columns():
            volumes: list[Any] = [value for value in block.columns.get(column, ()) if value is not None]
            if not {*map(type, volumes)} <= {float} or not (
                0 <= min(volumes, default=0) <= max(volumes, default=0) < SURE
            ):
                return False
        labels = {name: column for name, column in table.columns.items() if column not in table.value_columns()}
        return all(
            self._can_read(name, value)
            for name, column in labels.items()
            for value in set(block.columns.get(column, (None,)))
        )

    def _can_read(self, name: str, value: Value | None) -> bool:
        if value is None:
            return name == "signed off"
        try:
            self.reader.read(self.reader.table.form.column(name), value)
        except Unreadable:
            return False
        return name != "driver" or not (isinstance(value, str) and key(value) in TOTALS)

    def _block(self, block: Block) -> None:
        """Post the volumes of rows of one shape."""
        table, columns, row = self.reader.table, self.reader.table.columns, block.numbers[0]
        for column in block.columns.keys() - table.headed:
            if any(value is not None for value in block.columns[column]):
                self.reader.headless.add(column)
        driver, when = columns["driver"], columns["period"]
        drivers = _meanings(block, driver, lambda value: self._look_up(row, driver, value, self._driver))
        periods = _meanings(block, when, lambda value: self._look_up(row, when, value, period))
        signed: Iterable[bool] = repeat(False)
        if (place := self.signed_column) is not None and place in block.columns:
            signed = _meanings(block, place, lambda value: self._signed(row, place, value))
        forces: Iterable[Sequence[ForceCode]]
        if table.spread:
            spread = [column for column in table.spread if column in block.columns]
            forces = repeat([str(table.spread[column]) for column in spread])
        else:
            spread, force = [columns["volume"]], columns["force"]
            forces = zip(_meanings(block, force, lambda value: self._force(row, force, value)), strict=True)
        volumes = zip(*(self._volumes(block, column, signed) for column in spread), strict=True)
        self._post_all(drivers, periods, forces, volumes)

    def _volumes(self, block: Block, column: int, signed: Iterable[bool]) -> Sequence[Volume | None]:
        """The volumes of a column of numbers; None where a cell is blank."""
        values: Sequence[Any] = block.columns.get(column) or [None] * len(block.numbers)
        exact = [None if v is None else int(v) if v.is_integer() else number(v) for v in values]
        self.reader.totals.count(column, sum(v for v in exact if v is not None))
        rows = zip(exact, signed, block.numbers, strict=False)
        return [None if v is None else Volume(v, is_signed, row, column) for v, is_signed, row in rows]

    def _slot(self, driver: str, months: Months) -> dict[ForceCode, Volume]:
        """Where the volumes of a driver and period belong."""
        demand = self.drivers.get(driver)
        if demand is None:
            demand = self.drivers[driver] = Demand()
        if months.length == 1:
            return demand.monthly.setdefault(months.first, {})
        return demand.longer.setdefault(months, {})

    def _post_all(
        self,
        drivers: Sequence[str],
        periods: Sequence[Months],
        forces: Iterable[Sequence[ForceCode]],
        volumes: Iterable[tuple[Volume | None, ...]],
    ) -> None:
        """Post rows: whose, when, and for each force of the row its volume, if there is one."""
        before = then = None
        slot: dict[ForceCode, Volume] = {}
        for driver, months, whose, row in zip(drivers, periods, forces, volumes, strict=False):
            if driver is not before or months is not then:  # the forces of a driver and period mostly follow each other
                slot, before, then = self._slot(driver, months), driver, months
            for force, volume in zip(whose, row, strict=True):
                if volume is not None and slot.setdefault(force, volume) is not volume:
                    self._twice(driver, str(months), force, volume, slot[force])

    # One row

    def _doubt(self, target: Target | None) -> None:
        """A driver's data of a period is in doubt: a volume could not be read."""
        if target is not None:
            self.reader.findings.doubts.add(About("demand", name=target[0], months=target[1]))

    def _target_of(self, row: int, cells: dict[int, Value]) -> Target | None:
        """Where the row's volumes belong: its driver and period; None with a problem where that cannot be read."""
        columns = self.reader.table.columns
        here = (cells.get(columns["driver"]), cells.get(columns["period"]))
        if self._target is not None and here == self._before:  # the forces of a driver and period mostly follow
            return self._target
        self._before, self._target = here, None
        driver = self._look_up(row, columns["driver"], here[0], self._driver)
        months = self._look_up(row, columns["period"], here[1], period)
        if driver is not None and months is not None:
            self._target = driver, months, self._slot(driver, months)
        elif driver is not None:
            self.reader.findings.doubts.add(About("demand", name=driver))
        return self._target

    def _driver(self, value: Value) -> str:
        name = text(value)
        driver = name_key(name)
        self.names.setdefault(driver, name)
        return driver

    def _look_up(self, row: int, column: int, value: Value | None, read: Any) -> Any:
        """A cell's value, remembered by column and content; None with a problem where it cannot be read."""
        known = self._known.get((column, value))
        if known is not None:
            return known
        name = self.reader.table.form.columns[0].name if read == self._driver else "period"
        if value is None:
            self.reader.say("blank-value", f"{name} is blank", "fill it in", self.reader.table.place(row, column))
            return None
        try:
            known = self._known[column, value] = read(value)
            if read is period and isinstance(value, str) and could_be_a_year(value):
                self.months_noted.append(value)
        except Unreadable as error:
            self.reader.problem(error, row, column, value)
        return known

    def _force(self, row: int, column: int, value: Value | None) -> ForceCode | None:
        known: ForceCode | None = self._known.get((column, value))
        if known is None:
            if value is None:
                self.reader.say("blank-value", "force is blank", "fill it in", self.reader.table.place(row, column))
                return None
            try:
                known = self._known[column, value] = self.reader.read(self.reader.table.form.column("force"), value)
            except Unreadable as error:
                self.reader.problem(error, row, column, value)
        return known

    def _volume(self, row: int, column: int, value: Value) -> Any:
        if type(value) is float and value.is_integer() and 0 <= value < SURE:
            return int(value)
        try:
            volume = number(value)
        except Unreadable as error:
            self.reader.problem(error, row, column, value)
            return None
        if volume < 0:
            self.reader.say(
                "negative-volume",
                f"the volume is {shown(value)}; a volume cannot be below zero",
                "correct it, or leave the cell blank where it is not known",
                self.reader.table.place(row, column),
                shown(value),
            )
            return None
        return volume

    def _signed(self, row: int, column: int, value: Value | None) -> bool:
        if value is None:
            return False
        known = self._known.get((column, shown(value)))  # as text: TRUE is no 1
        if known is None:
            try:
                known = self._known[column, shown(value)] = yes_no(value)
            except Unreadable as error:
                self.reader.problem(error, row, column, value)
                return False
        return bool(known)

    def _post(self, target: Target, force: ForceCode, volume: Volume) -> None:
        driver, months, slot = target
        first = slot.get(force)
        if first is None:
            slot[force] = volume
            return
        self._twice(driver, str(months), force, volume, first)

    def _where(self, volume: Volume) -> Place:
        return volume.source or self.reader.table.place(volume.row, volume.column)

    def lay_over(self, other: DemandReader) -> dict[int, list[Place]]:
        """Put a scenario's volumes beside ours, or in the place of those of the same driver, period and force.

        Shapes: by row of the scenario the cells that it replaces.
        """
        replaced: dict[int, list[Place]] = {}
        if other.signed_column is not None:
            self.signed_column = self.signed_column or other.signed_column
        for driver, theirs in other.drivers.items():
            self.names.setdefault(driver, other.names[driver])
            ours = self.drivers.setdefault(driver, Demand())
            pairs = [(ours.monthly.setdefault(month, {}), slot) for month, slot in theirs.monthly.items()]
            pairs += [(ours.longer.setdefault(months, {}), slot) for months, slot in theirs.longer.items()]
            for mine, slot in pairs:
                for force, volume in slot.items():
                    if force in mine:
                        replaced.setdefault(volume.row, []).append(self._where(mine[force]))
                mine.update(other.sourced(slot))
        return replaced

    def sourced(self, slot: dict[ForceCode, Volume]) -> dict[ForceCode, Volume]:
        """Volumes that name the cell they come from themselves."""
        return {f: v._replace(source=self._where(v)) for f, v in slot.items()}

    def _twice(self, driver: str, months: str, force: ForceCode, volume: Volume, first: Volume) -> None:
        there = first.source or self.reader.table.named(first.row, first.column)
        self.reader.say(
            "duplicate-key",
            f"{self.names[driver]}, {months}, {force} is given here and in {there}",
            "keep one of the two",
            self._where(volume),
            str(volume.value),
        )

    def check_overlaps(self) -> None:
        """A month given twice, also by a month and its quarter, is a problem."""
        for driver, demand in self.drivers.items():
            if not demand.longer:
                continue
            seen: dict[tuple[ForceCode, int], Volume] = {}
            for month, slot in demand.monthly.items():
                for force, volume in slot.items():
                    seen[force, month] = volume
            for months, slot in sorted(demand.longer.items(), key=lambda item: (item[0].length, item[0].first)):
                for force, volume in slot.items():
                    clash = next((m for m in months.months() if (force, m) in seen), None)
                    if clash is not None:
                        first = seen[force, clash]
                        late, early = (volume, first) if volume.row >= first.row else (first, volume)
                        self._twice(driver, f"the month {month_text(clash)}", force, late, early)
                    for month in months.months():
                        seen.setdefault((force, month), volume)

    def close(self) -> None:
        self.check_overlaps()
        if self.months_noted:
            shown_as = ", ".join(dict.fromkeys(self.months_noted[:6]))
            self.reader.findings.notes.append(
                f"{self.reader.table.home}: {shown_as} could be a month or a financial year and is read as the month"
            )
        self.reader.close()


def _meanings(block: Block, column: int, read: Callable[[Value | None], Any]) -> list[Any]:
    """What the cells of a column mean, each different one read once, in their order: the first spelling is the name."""
    values = block.columns[column]
    meanings = {value: read(value) for value in dict.fromkeys(values)}
    return list(map(meanings.__getitem__, values))
