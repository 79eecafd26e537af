"""The Demand sheet, the one that is long: rows of the same shape are read many at once, any other row by itself.

Both ways have one meaning: what is read at once is what reading row by row would find, and where there is anything to
say of a row it is read by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from bch_apportion.model import Demand, ForceCode, Volume, name_key
from bch_apportion.places import Place
from bch_apportion.problems import About
from bch_apportion.reading.cells import PlainRows, Row, Value
from bch_apportion.reading.records import SheetReader
from bch_apportion.reading.shapes import BLANK, Block, CellForm, Piece, Shape, shape_of
from bch_apportion.reading.tables import TOTALS
from bch_apportion.reading.values import Unreadable, could_be_a_year, key, number, period, shown, text, yes_no
from bch_apportion.years import Months, month_text


@dataclass(slots=True)
class DemandReader:
    """Reads Demand rows into `drivers`, by the driver's name as compared; `names` keeps how each is written."""

    reader: SheetReader
    drivers: dict[str, Demand] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    signed_column: int | None = None
    months_noted: list[str] = field(default_factory=list)
    _known: dict[tuple[int, Any], Any] = field(default_factory=dict)
    _shape: Shape | None = None
    _cells: dict[CellForm, dict[str, Value | None]] = field(default_factory=dict)  # by what is written in them
    _meant: dict[CellForm, dict[str, Any]] = field(default_factory=dict)  # what a label stands for, likewise

    def read(self, rows: Iterator[Row]) -> None:
        table = self.reader.table
        self.signed_column = table.columns.get("signed off")
        if not isinstance(rows, PlainRows):
            self._rows(rows)
            return
        self._rows(rows.begun())
        for some in rows.texts():
            pieces = self._pieces(rows, some)
            for piece in (some,) if pieces is None else pieces:
                if isinstance(piece, Block):
                    self._block(rows, piece)
                else:
                    self._rows(rows.parse(piece))

    def _rows(self, rows: Iterator[Row]) -> None:
        """Read rows one by one."""
        table = self.reader.table
        columns = table.columns
        driver_column, period_column = columns["driver"], columns["period"]
        spread: dict[int, ForceCode] | None = {c: str(f) for c, f in table.spread.items()} or None
        force_column, volume_column = columns.get("force"), columns.get("volume")
        expected = set(columns.values()) | set(table.spread)
        count = self.reader.totals.count
        target = before = None
        for row in rows:
            row_number, cells = row
            if not expected.issuperset(cells):
                self.reader.headless |= set(cells) - table.headed
            if self.reader.is_apart(row):
                continue
            here = (cells.get(driver_column), cells.get(period_column))
            if target is None or here != before:  # the forces of a driver and period mostly follow one another
                target, before = self._target(row_number, driver_column, period_column, cells), here
            place = self.signed_column
            signed = place is not None and self._signed(row_number, place, cells.get(place))
            if spread is None:
                assert force_column is not None and volume_column is not None  # a tidy table has both
                force = self._force(row_number, force_column, cells.get(force_column))
                value = cells.get(volume_column)
                if value is None:
                    continue  # a blank volume is missing data
                volume = self._volume(row_number, volume_column, value)
                if volume is None:
                    self.reader.totals.spoil(volume_column)
                    self._doubt(target)
                else:
                    count(volume_column, volume)
                    if target is not None and force is not None:
                        self._post(target, force, Volume(volume, signed, row_number, volume_column))
                if force is None:
                    self._doubt(target)
                continue
            for column, force in spread.items():
                value = cells.get(column)
                if value is None:
                    continue
                volume = self._volume(row_number, column, value)
                if volume is None:
                    self.reader.totals.spoil(column)
                    self._doubt(target)
                    continue
                count(column, volume)
                if target is not None:
                    self._post(target, force, Volume(volume, signed, row_number, column))

    # Many rows at once

    def _pieces(self, rows: PlainRows, text: str) -> list[Piece] | None:
        """The rows of a text, those of one shape together; None where they are better read one by one."""
        pieces = self._shape.pieces(rows, text) if self._shape is not None else None
        if pieces is None:
            columns = self.reader.table.columns
            needed = [columns[name] for name in ("driver", "period", "force") if name in columns]
            self._shape = shape_of(rows, text, needed, self.reader.table.value_columns())
            pieces = self._shape.pieces(rows, text) if self._shape is not None else None
        if pieces is None or not all(self._sound(rows, piece) for piece in pieces if isinstance(piece, Block)):
            return None
        return pieces

    def _sound(self, rows: PlainRows, block: Block) -> bool:
        """Whether there is nothing to say of any cell; what is written in them is remembered in `_cells`."""
        values = self.reader.table.value_columns()
        for form in block.forms:
            if form.column in values or form.kind == BLANK:
                continue
            cells = self._cells.setdefault(form, {"": None})
            for content in set(block.columns[form.column]).difference(cells):
                cell = rows.value(form.kind, form.style, content, content)
                if not self._says_nothing(form.column, cell):
                    return False
                cells[content] = cell
        return True

    def _says_nothing(self, column: int, value: Value | None) -> bool:
        """Whether a cell can be read, so that no problem comes of it, and labels no row of totals."""
        columns = self.reader.table.columns
        name = next((name for name, place in columns.items() if place == column), "")
        if not name:
            return True
        try:
            if value is None:
                return name == "signed off"
            self.reader.read(self.reader.table.form.column(name), value)
        except Unreadable:
            return False
        return name != "driver" or not (isinstance(value, str) and key(value) in TOTALS)

    def _block(self, rows: PlainRows, block: Block) -> None:
        """Post the volumes of rows of one shape."""
        rows.take(block.numbers)
        table, columns, row = self.reader.table, self.reader.table.columns, block.numbers[0]
        for form in block.forms:
            if form.column not in table.headed and form.kind != BLANK:
                cells = map(self._cells[form].__getitem__, set(block.columns[form.column]))
                if any(value is not None for value in cells):
                    self.reader.headless.add(form.column)
        driver_column, period_column = columns["driver"], columns["period"]
        drivers = self._known_of(
            block, driver_column, lambda value: self._look_up(row, driver_column, value, self._driver)
        )
        periods = self._known_of(block, period_column, lambda value: self._look_up(row, period_column, value, period))
        signed: Iterable[bool] = repeat(False)
        filled = {form.column for form in block.forms if form.kind != BLANK}
        if (place := self.signed_column) is not None and place in filled:
            signed = self._known_of(block, place, lambda value: self._signed(row, place, value))
        if table.spread:
            spread = {column: str(force) for column, force in table.spread.items() if column in filled}
            volumes = [self._volumes(block, column, signed) for column in spread]
            self._post_wide(drivers, periods, tuple(spread.values()), zip(*volumes, strict=True))
            return
        force_column = columns["force"]
        forces = self._known_of(block, force_column, lambda value: self._force(row, force_column, value))
        self._post_tidy(drivers, periods, forces, self._volumes(block, columns["volume"], signed))

    def _known_of(self, block: Block, column: int, read: Callable[[Value | None], Any]) -> list[Any]:
        """What the cells of a column mean, each different one read once."""
        form = next(form for form in block.forms if form.column == column)
        known = self._meant.setdefault(form, {})
        contents = block.columns[column]
        try:
            return list(map(known.__getitem__, contents))
        except KeyError:
            cells = self._cells[form]
            for content in dict.fromkeys(contents):  # in their order: the first spelling of a driver is its name
                if content not in known:
                    known[content] = read(cells[content])
            return list(map(known.__getitem__, contents))

    def _volumes(self, block: Block, column: int, signed: Iterable[bool]) -> Sequence[Volume | None]:
        """The volumes of a column of digits; None where a cell is blank."""
        contents = block.columns[column]
        values: list[Any]
        try:
            values = list(map(int, contents))
        except ValueError:
            values = [int(one) if one.isdecimal() else number(float(one)) if one else None for one in contents]
        more = Volume(0, False, 0, column)[4:]  # what else a volume has, as it is without it
        fields = zip(values, signed, block.numbers, repeat(column), *map(repeat, more), strict=False)
        volumes: list[Volume | None] = list(map(Volume._make, fields))
        if None in values:
            volumes = [None if value is None else volume for value, volume in zip(values, volumes, strict=True)]
            values = [value for value in values if value is not None]
        self.reader.totals.count(column, sum(values))
        return volumes

    def _slot(self, driver: str, months: Months) -> dict[ForceCode, Volume]:
        """Where the volumes of a driver and period belong."""
        demand = self.drivers.get(driver)
        if demand is None:
            demand = self.drivers[driver] = Demand()
        if months.length == 1:
            return demand.monthly.setdefault(months.first, {})
        return demand.longer.setdefault(months, {})

    def _post_tidy(
        self,
        drivers: Sequence[str],
        periods: Sequence[Months],
        forces: Sequence[ForceCode],
        volumes: Sequence[Volume | None],
    ) -> None:
        before = then = None
        slot: dict[ForceCode, Volume] = {}
        for driver, months, force, volume in zip(drivers, periods, forces, volumes, strict=True):
            if driver is not before or months is not then:  # the forces of a driver and period mostly follow each other
                slot, before, then = self._slot(driver, months), driver, months
            if volume is not None and slot.setdefault(force, volume) is not volume:
                self._twice(driver, str(months), force, volume, slot[force])

    def _post_wide(
        self,
        drivers: Sequence[str],
        periods: Sequence[Months],
        forces: Sequence[ForceCode],
        volumes: Iterable[tuple[Volume | None, ...]],
    ) -> None:
        for driver, months, row in zip(drivers, periods, volumes, strict=True):
            slot = self._slot(driver, months)
            for force, volume in zip(forces, row, strict=True):
                if volume is not None and slot.setdefault(force, volume) is not volume:
                    self._twice(driver, str(months), force, volume, slot[force])

    # One row

    def _doubt(self, target: tuple[str, Months, dict[ForceCode, Volume]] | None) -> None:
        """A driver's data of a period is in doubt: a volume could not be read."""
        if target is not None:
            self.reader.found.doubts.add(About("demand", name=target[0], months=target[1]))

    def _target(
        self, row: int, driver_column: int, period_column: int, cells: dict[int, Value]
    ) -> tuple[str, Months, dict[ForceCode, Volume]] | None:
        """Where the row's volumes belong: its driver and period."""
        driver = self._look_up(row, driver_column, cells.get(driver_column), self._driver)
        months = self._look_up(row, period_column, cells.get(period_column), period)
        if driver is None or months is None:
            if driver is not None:
                self.reader.found.doubts.add(About("demand", name=driver))
            return None
        return driver, months, self._slot(driver, months)

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
        if type(value) is float and value.is_integer() and 0 <= value < 1e15:
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

    def _post(self, target: tuple[str, Months, dict[ForceCode, Volume]], force: ForceCode, volume: Volume) -> None:
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
            self.reader.found.notes.append(
                f"{self.reader.table.home}: {shown_as} could be a month or a financial year and is read as the month"
            )
        self.reader.close()
