"""Which cells that were read are no longer the same, beside what a manifest carries; and which keys of a scenario."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from bch_apportion.model import Demand, Inputs, UnitCode
from bch_apportion.money import plain
from bch_apportion.places import Place, column_letters
from bch_apportion.verify.rows import ChangedCell
from bch_apportion.writing.input_cells import cells_of


def changed_cells(
    file: str, then: Mapping[str, Any], inputs: Inputs, units: Collection[UnitCode] = (), joined: str = ""
) -> list[ChangedCell]:
    """The cells that differ between what was carried and a workbook now, by what they are of, wherever they stand.

    Volumes are compared of drivers that were and are used; whether a driver is used, the sheet Drivers says. `joined`
    is what the workbook is called now, where it is joined to that of the inputs.
    """
    now = cells_of(inputs, units, joined)
    changed: list[_Change] = []
    for sheet in dict.fromkeys((*then["rows"], *now["rows"])):
        rows = list(_changed_rows(then["rows"].get(sheet, ()), now["rows"].get(sheet, ())))
        first = {(cell.place, cell.column, cell.then, cell.now): cell for cell in reversed(rows)}
        changed += reversed(first.values())  # a cell that the rows of a wide sheet share counts once
    home = Place(inputs.demand_sheet, file=joined)
    if then["signed"] != now["signed"]:
        side, other = ("there" if cells["signed"] else None for cells in (then, now))
        changed.append(_Change(inputs.demand_sheet, "all volumes", "the column signed off", side, other))
    for driver, volumes in then["demand"].items():
        if driver in now["demand"] and volumes != now["demand"][driver]:
            changed += _changed_volumes(driver, volumes, now["demand"][driver], inputs.demand[driver], home)
    named = f"{file}: " if joined else ""
    return [ChangedCell(file=file, **cell._replace(place=named + cell.place)._asdict()) for cell in changed]


class _Change(NamedTuple):
    place: str  # "Budgets!D14", or the sheet alone where the cell is no longer there to be named
    of: str  # what tells its row
    column: str
    then: str | None
    now: str | None


class _Row(NamedTuple):
    """A row that was read: what tells it, and its cells by column, each a place and a text; none: there is no row."""

    key: tuple[str, ...]
    cells: Mapping[str, tuple[str, str]]

    def texts(self) -> tuple[tuple[str, ...], frozenset[tuple[str, str]]]:
        return self.key, frozenset((column, text) for column, (_, text) in self.cells.items())

    def places(self) -> frozenset[str]:
        return frozenset(place for place, _ in self.cells.values())


def _changed_rows(then: Sequence[Any], now: Sequence[Any]) -> Iterator[_Change]:
    for before, after in _pairs(_rows(then), _rows(now)):
        of = ", ".join(part for part in before.key if part)
        for column in dict.fromkeys((*before.cells, *after.cells)):
            place, text = before.cells.get(column, ("", None))
            place, other = after.cells.get(column, (place, None))
            if text != other:
                yield _Change(place, of, column, text, other)


def _rows(carried: Sequence[Any]) -> list[_Row]:
    return [_Row(tuple(key), {column: (place, text) for column, place, text in cells}) for key, cells in carried]


def _pairs(old: Sequence[_Row], new: Sequence[_Row]) -> Iterator[tuple[_Row, _Row]]:
    """Rows that differ, beside each other: first those of the same key, else those of the same place on the sheet."""
    gone, come = _only_in(old, new), _only_in(new, old)
    for key, before in gone.items():
        after = come.get(key, [])
        yield from zip(before, after, strict=False)
        before[:], after[:] = before[len(after) :], after[len(before) :]
    by_place: dict[frozenset[str], _Row] = {}
    rows = [row for after in come.values() for row in after]
    others = [row for row in rows if by_place.setdefault(row.places(), row) is not row]
    for row in (row for before in gone.values() for row in before):
        yield row, by_place.pop(row.places(), _Row(row.key, {}))
    yield from ((_Row(row.key, {}), row) for row in (*by_place.values(), *others))


def _only_in(rows: Sequence[_Row], others: Sequence[_Row]) -> dict[tuple[str, ...], list[_Row]]:
    """Rows by their key, without those that the others have too, wherever they stand."""
    there = Counter(row.texts() for row in others)
    by_key: dict[tuple[str, ...], list[_Row]] = defaultdict(list)
    for row in rows:
        texts = row.texts()
        if there[texts]:
            there[texts] -= 1
        else:
            by_key[row.key].append(row)
    return by_key


Period: TypeAlias = tuple[str, str]
"""A period and a force."""
VOLUME = ("volume", "signed off")  # what is compared of a period
NONE = (None, "no")


def _changed_volumes(
    driver: str, then: Mapping[str, Any], now: Mapping[str, Any], demand: Demand, sheet: Place
) -> Iterator[_Change]:
    old, new = _by_period(then), _by_period(now)
    places = _places(demand, sheet)
    for period in dict.fromkeys((*old, *new)):
        place, of = places.get(period, sheet.sheet), ", ".join((driver, *period))
        for column, was, is_now in zip(VOLUME, old.get(period, NONE), new.get(period, NONE), strict=True):
            if was != is_now:
                yield _Change(place, of, column, was, is_now)


def _by_period(carried: Mapping[str, Any]) -> dict[Period, tuple[str | None, str]]:
    entries = {}
    for force, values in carried["volumes"].items():
        signs = carried["signed"].get(force, "0" * len(values))
        for period, value, sign in zip(carried["periods"], values, signs, strict=True):
            volume = value if value is None or isinstance(value, str) else plain(value)
            entries[period, force] = (volume, "yes" if sign == "1" else "no")
    return entries


def _places(demand: Demand, sheet: Place) -> dict[Period, str]:
    """The cell of every volume on a sheet; where each force has a column there, of those that are blank too."""
    slots = [(str(p), {f: own for f, own in slot.items() if own.file == sheet.file}) for p, slot in demand.periods()]
    cells = {(period, force): volume.place(sheet.sheet) for period, slot in slots for force, volume in slot.items()}
    places = {period: str(place._replace(file="")) for period, place in cells.items()}
    columns = {force: volume.column for _, slot in slots for force, volume in slot.items()}
    if len(set(columns.values())) == len(columns) > 1:
        for period, slot in slots:
            rows = [volume.row for volume in slot.values()]
            for force, column in columns.items() if rows else ():
                places.setdefault((period, force), str(Place(sheet.sheet, f"{column_letters(column)}{rows[0]}")))
    return places


def changed_keys(file: str, then: str, now: str) -> Iterator[ChangedCell]:
    """The keys that differ between two texts of a scenario."""
    try:
        old, new = (dict(_keys(tomllib.loads(text))) for text in (then, now))
    except tomllib.TOMLDecodeError:
        return  # what is wrong with it is reported when it is read again
    for table, number, key in dict.fromkeys((*old, *new)):
        before, after = old.get((table, number, key)), new.get((table, number, key))
        if before != after:
            place = str(Place(table, f"{key} {number}", file))
            yield ChangedCell(file=file, place=place, of=f"{table} {number}", column=key, then=before, now=after)


def _keys(document: dict[str, Any]) -> Iterator[tuple[tuple[str, int, str], str]]:
    for table, rows in document.items():
        for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
            for key, value in row.items() if isinstance(row, dict) else ():
                yield (table, number, key), str(value)
