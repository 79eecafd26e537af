"""The Demand sheet, the one that is long: each row is touched once, and looked at closely only where it is unusual."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bch_apportion.model import Demand, ForceCode, Volume, name_key
from bch_apportion.reading.cells import Row, Value
from bch_apportion.reading.records import SheetReader
from bch_apportion.reading.values import Unreadable, could_be_a_year, number, period, shown, text, yes_no
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

    def read(self, rows: Iterator[Row]) -> None:
        table = self.reader.table
        columns = table.columns
        driver_column, period_column = columns["driver"], columns["period"]
        self.signed_column = columns.get("signed off")
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
            signed = self.signed_column is not None and self._signed(row_number, cells)
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

    def _doubt(self, target: tuple[str, Months, dict[ForceCode, Volume]] | None) -> None:
        """A driver's data of a period is in doubt: a volume could not be read."""
        if target is not None:
            self.reader.found.suspect.add(("demand", target[0], target[1]))

    def _target(
        self, row: int, driver_column: int, period_column: int, cells: dict[int, Value]
    ) -> tuple[str, Months, dict[ForceCode, Volume]] | None:
        """Where the row's volumes belong: its driver and period."""
        driver = self._look_up(row, driver_column, cells.get(driver_column), self._driver)
        months = self._look_up(row, period_column, cells.get(period_column), period)
        if driver is None or months is None:
            if driver is not None:
                self.reader.found.suspect.add(("demand", driver))
            return None
        demand = self.drivers.get(driver)
        if demand is None:
            demand = self.drivers[driver] = Demand()
        slot: dict[ForceCode, Volume]
        if months.length == 1:
            slot = demand.monthly.setdefault(months.first, {})
        else:
            slot = demand.longer.setdefault(months, {})
        return driver, months, slot

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

    def _signed(self, row: int, cells: dict[int, Value]) -> bool:
        assert self.signed_column is not None
        value = cells.get(self.signed_column)
        if value is None:
            return False
        known = self._known.get((self.signed_column, shown(value)))  # as text: TRUE is no 1
        if known is None:
            try:
                known = self._known[self.signed_column, shown(value)] = yes_no(value)
            except Unreadable as error:
                self.reader.problem(error, row, self.signed_column, value)
                return False
        return bool(known)

    def _post(self, target: tuple[str, Months, dict[ForceCode, Volume]], force: ForceCode, volume: Volume) -> None:
        driver, months, slot = target
        first = slot.get(force)
        if first is None:
            slot[force] = volume
            return
        self._twice(driver, str(months), force, volume, first)

    def _where(self, volume: Volume) -> str:
        return volume.source or self.reader.table.place(volume.row, volume.column)

    def lay_over(self, other: DemandReader) -> None:
        """Put a scenario's volumes beside ours, or in the place of those of the same driver, period and force."""
        if other.signed_column is not None:
            self.signed_column = self.signed_column or other.signed_column
        for driver, theirs in other.drivers.items():
            self.names.setdefault(driver, other.names[driver])
            ours = self.drivers.setdefault(driver, Demand())
            for month, slot in theirs.monthly.items():
                ours.monthly.setdefault(month, {}).update(other.sourced(slot))
            for months, slot in theirs.longer.items():
                ours.longer.setdefault(months, {}).update(other.sourced(slot))

    def sourced(self, slot: dict[ForceCode, Volume]) -> dict[ForceCode, Volume]:
        """Volumes that name the cell they come from themselves."""
        return {f: v._replace(source=f"{self.reader.table.sheet}!{self._where(v)}") for f, v in slot.items()}

    def _twice(self, driver: str, months: str, force: ForceCode, volume: Volume, first: Volume) -> None:
        self.reader.say(
            "duplicate-key",
            f"{self.names[driver]}, {months}, {force} is given here and in {self._where(first)}",
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
                f"{self.reader.table.sheet}: {shown_as} could be a month or a financial year and is read as the month"
            )
        self.reader.close()
