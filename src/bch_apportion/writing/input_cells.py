"""The cells of a workbook that were read, as a manifest carries them; and which of them are no longer the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from bch_apportion.model import Demand, Inputs, UnitCode, Volume
from bch_apportion.money import plain
from bch_apportion.places import Place, column_letters
from bch_apportion.years import month_text


def cells_of(inputs: Inputs, units: Collection[UnitCode] = ()) -> dict[str, Any]:
    """The cells of a workbook that were read: rows by sheet, volumes by driver; with `units`, theirs and those of none.

    Shapes: `rows` sheet → [key, [[column, place, text], …]]; `demand` driver → periods, and by force its volumes (None
    where there is none; not whole ones as text, once packed) and, where Demand says so, which are signed off.
    """
    rows = {
        sheet: [
            [row.key, [(cell.column, str(cell.place), cell.text) for cell in row.cells]]
            for row in written
            if not units or not row.unit or row.unit in units
        ]
        for sheet, written in inputs.written.items()
    }
    used = {own.driver for unit, drivers in inputs.drivers.items() if not units or unit in units for own in drivers}
    signed = inputs.demand_signed_off
    demand = {driver: _volumes(volumes, signed) for driver, volumes in inputs.demand.items() if driver in used}
    return {"rows": rows, "demand": demand, "signed": signed}


def _volumes(demand: Demand, signed: bool) -> dict[str, Any]:
    """The volumes of a driver by force, those of the workbook itself: what a scenario gives is in the scenario."""
    periods = [*map(_month, demand.monthly), *map(str, demand.longer)]
    slots = [*demand.monthly.values(), *demand.longer.values()]
    forces = dict.fromkeys(force for slot in slots for force in slot)
    volumes = {
        force: [v.value if (v := slot.get(force)) is not None and not v.source else None for slot in slots]
        for force in forces
    }
    marks = {force: "".join("01"[_signed(slot.get(force))] for slot in slots) for force in forces} if signed else {}
    return {"periods": periods, "volumes": volumes, "signed": marks}


_month = cache(month_text)  # the same months for every driver


def _signed(volume: Volume | None) -> bool:
    return volume is not None and volume.signed_off and not volume.source


class ChangedCell(NamedTuple):
    """A cell that is read and is not as it was. `then` or `now` is None where there was or is none."""

    place: str  # "Budgets!D14", or the sheet alone where the cell is no longer there to be named
    of: str  # what tells its row
    column: str
    then: str | None
    now: str | None


def changed_cells(then: Mapping[str, Any], inputs: Inputs, units: Collection[UnitCode] = ()) -> list[ChangedCell]:
    """The cells that differ between what was carried and a workbook now, by what they are of, wherever they stand.

    Volumes are compared of drivers that were and are used; whether a driver is used, the sheet Drivers says.
    """
    now = cells_of(inputs, units)
    changed: list[ChangedCell] = []
    for sheet in dict.fromkeys((*then["rows"], *now["rows"])):
        rows = list(_changed_rows(then["rows"].get(sheet, ()), now["rows"].get(sheet, ())))
        first = {(cell.place, cell.column, cell.then, cell.now): cell for cell in reversed(rows)}
        changed += reversed(first.values())  # a cell that the rows of a wide sheet share counts once
    if then["signed"] != now["signed"]:
        was, is_now = ("there" if side["signed"] else None for side in (then, now))
        place, of = inputs.demand_sheet, "all volumes"
        changed.append(ChangedCell(place=place, of=of, column="the column signed off", then=was, now=is_now))
    for driver, volumes in then["demand"].items():
        if driver in now["demand"]:
            changed += _changed_volumes(driver, volumes, now["demand"][driver], inputs)
    return changed


class _Row(NamedTuple):
    """A row that was read: what tells it, and its cells by column, each a place and a text; none: there is no row."""

    key: tuple[str, ...]
    cells: Mapping[str, tuple[str, str]]

    def texts(self) -> dict[str, str]:
        return {column: text for column, (_, text) in self.cells.items()}

    def places(self) -> frozenset[str]:
        return frozenset(place for place, _ in self.cells.values())


def _changed_rows(then: Sequence[Any], now: Sequence[Any]) -> Iterator[ChangedCell]:
    for before, after in _pairs(_by_key(then), _by_key(now)):
        of = ", ".join(part for part in before.key if part)
        for column in dict.fromkeys((*before.cells, *after.cells)):
            place, text = before.cells.get(column, ("", None))
            place, other = after.cells.get(column, (place, None))
            if text != other:
                yield ChangedCell(place=place, of=of, column=column, then=text, now=other)


Rows = Mapping[tuple[str, ...], Sequence[_Row]]


def _pairs(old: Rows, new: Rows) -> Iterator[tuple[_Row, _Row]]:
    """Rows that differ, beside each other: first those of the same key, else those of the same place on the sheet."""
    gone: list[_Row] = []
    come: list[_Row] = []
    for key in dict.fromkeys((*old, *new)):
        before, after = _unlike(old.get(key, ()), new.get(key, ()))
        yield from zip(before, after, strict=False)
        gone += before[len(after) :]
        come += after[len(before) :]
    by_place: dict[frozenset[str], _Row] = {}
    others = [row for row in come if by_place.setdefault(row.places(), row) is not row]
    for row in gone:
        yield row, by_place.pop(row.places(), _Row(row.key, {}))
    yield from ((_Row(row.key, {}), row) for row in (*by_place.values(), *others))


def _by_key(rows: Sequence[Any]) -> Rows:
    by_key: dict[tuple[str, ...], list[_Row]] = {}
    for parts, cells in rows:
        key = tuple(parts)
        by_key.setdefault(key, []).append(_Row(key, {column: (place, text) for column, place, text in cells}))
    return by_key


def _unlike(old: Sequence[_Row], new: Sequence[_Row]) -> tuple[list[_Row], list[_Row]]:
    """Rows of the same key without those that say the same, wherever they stand."""
    before, after = [], list(new)
    for row in old:
        same = next((n for n, other in enumerate(after) if row.texts() == other.texts()), None)
        if same is None:
            before.append(row)
        else:
            del after[same]
    return before, after


class _Entry(NamedTuple):
    """A volume as text, and whether it is signed off."""

    volume: str | None = None
    signed: bool = False


Period = tuple[str, str]
"""A period and a force."""


def _changed_volumes(
    driver: str, then: Mapping[str, Any], now: Mapping[str, Any], inputs: Inputs
) -> Iterator[ChangedCell]:
    if then == now:
        return
    old, new = _by_period(then), _by_period(now)
    places = _places(inputs.demand[driver], inputs.demand_sheet)
    for period in dict.fromkeys((*old, *new)):
        before, after = old.get(period, _Entry()), new.get(period, _Entry())
        of, place = ", ".join((driver, *period)), places.get(period, inputs.demand_sheet)
        if before.volume != after.volume:
            yield ChangedCell(place=place, of=of, column="volume", then=before.volume, now=after.volume)
        if before.signed != after.signed:
            was, is_now = ("yes" if entry.signed else "no" for entry in (before, after))
            yield ChangedCell(place=place, of=of, column="signed off", then=was, now=is_now)


def _by_period(given: Mapping[str, Any]) -> dict[Period, _Entry]:
    """The volumes of a driver."""
    return {
        (period, force): _Entry(
            None if value is None else value if isinstance(value, str) else plain(value), sign == "1"
        )
        for force, values in given["volumes"].items()
        for period, value, sign in zip(
            given["periods"], values, given["signed"].get(force, "0" * len(values)), strict=True
        )
    }


def _places(demand: Demand, sheet: str) -> dict[Period, str]:
    """The cell of every volume; in a wide sheet, where each force has a column, of those that are blank too."""
    slots: list[tuple[str, Mapping[str, Volume]]] = [(month_text(month), s) for month, s in demand.monthly.items()]
    slots += [(str(months), slot) for months, slot in demand.longer.items()]
    places = {(period, force): str(volume.place(sheet)) for period, slot in slots for force, volume in slot.items()}
    columns = {f: volume.column for _, slot in slots for f, volume in slot.items() if not volume.source}
    if len(set(columns.values())) == len(columns) > 1:
        for period, slot in slots:
            rows = [volume.row for volume in slot.values() if not volume.source]
            for force, column in columns.items() if rows else ():
                places.setdefault((period, force), str(Place(sheet, f"{column_letters(column)}{rows[0]}")))
    return places
