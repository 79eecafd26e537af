"""What a result was made from, carried in the result itself, so that it can be worked out again and compared.

A manifest names the files with their hashes, the version, what was asked and the settings; packed with it go the cells
that were read (of a result narrowed to some units, theirs alone and those of no unit), the scenarios' texts, and the
seal: a short digest of each line of the result as it was written. It holds against a slip and a quiet correction; it is
no signature, since whoever rewrites the seal with the figures is found only by working the result out again.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from typing import Any, Literal, NamedTuple, TypeAlias

from bch_apportion.model import Demand, Inputs, UnitCode, Volume
from bch_apportion.money import plain
from bch_apportion.places import Place, column_letters
from bch_apportion.years import month_text

SCHEMA = "bch-apportion/manifest/1"
DIGEST = 3  # bytes for each line: one change in sixteen million goes unseen
LARGE = 2**20  # bytes of a manifest that is better packed soon than small
MOST = 2**29  # bytes of a manifest unpacked; a million volumes come to 20 MB

CONSTANTS = "\t"  # after the name of a sheet with formulas: the seal of its rows without them

Role = Literal["workbook", "scenario", "other"]
Asked: TypeAlias = str | bool | list[str]


class Damaged(ValueError):
    """A manifest that cannot be read: something of it was changed."""


class File(NamedTuple):
    """A file that was read: the workbook, a scenario laid over it, or the other side of a comparison."""

    role: Role
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a result was made from. `texts` are those of the scenarios, `cells` those of the workbooks, by place in
    `files`; `seal` holds the digests of the result's lines, by sheet (of a text under the empty name)."""

    command: str
    version: str
    files: tuple[File, ...]
    asked: Mapping[str, Asked] = field(default_factory=dict)  # by option
    settings: Mapping[str, str] = field(default_factory=dict)
    units: tuple[UnitCode, ...] = ()  # whose cells are carried; none: all
    texts: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seal: Mapping[str, str] = field(default_factory=dict)

    def words(self) -> list[tuple[str, str]]:
        """What a person wants to know of it."""
        said = [("command", f"bch-apportion {self.command}"), ("version", self.version)]
        said += [(one.role, f"{one.name}, SHA-256 {one.sha256}") for one in self.files]
        for option, value in self.asked.items():
            listed = value if isinstance(value, list) else ["yes" if value is True else str(value)]
            said += [(f"--{option}", one) for one in listed]
        return [*said, *((f"setting {name}", value) for name, value in self.settings.items())]

    def document(self) -> dict[str, Any]:
        """It as JSON: what a person reads, and all of it packed."""
        return {
            "schema": SCHEMA,
            "command": self.command,
            "version": self.version,
            "files": [one._asdict() for one in self.files],
            "asked": dict(self.asked),
            "settings": dict(self.settings),
            "packed": self.packed(),
        }

    def packed(self) -> str:
        """All of it as letters and digits."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        text = json.dumps(given, ensure_ascii=False, separators=(",", ":"), default=plain).encode("utf-8")
        return b64encode(zlib.compress(text, 6 if len(text) < LARGE else 1)).decode("ascii")


def inflated(packed: str) -> bytes:
    """The JSON of a packed manifest. Raises Damaged."""
    try:
        inflate = zlib.decompressobj()
        content = inflate.decompress(b64decode("".join(packed.split()), validate=True), MOST)
    except (NotBase64, ValueError, zlib.error) as error:
        raise Damaged from error
    if not inflate.eof:
        raise Damaged
    return content


def unpacked(packed: str, sound: Callable[[bytes], object] = json.loads) -> Manifest:
    """A manifest from its packed form. Raises Damaged, also where `sound`, which looks at it, raises ValueError."""
    content = inflated(packed)
    try:
        sound(content)
        given = json.loads(content)
        files = tuple(File(*one) for one in given["files"])
        return Manifest(**{**given, "files": files, "units": tuple(given["units"])})
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Damaged from error


# The seal


def digests(lines: Iterable[str]) -> str:
    """A short digest of each line, one after the other, as letters and digits."""
    sealed = bytearray()
    for line in lines:
        sealed += digest(line)
    return b64encode(sealed).decode("ascii")


def digest(line: str) -> bytes:
    return blake2b(line.encode("utf-8", "replace"), digest_size=DIGEST).digest()


def each(sealed: str) -> list[bytes]:
    """The digests of lines, one by one."""
    try:
        content = b64decode(sealed, validate=True)
    except ValueError as error:
        raise Damaged from error
    return [content[place : place + DIGEST] for place in range(0, len(content), DIGEST)]


def as_sealed(cells: Iterable[tuple[int, Any]]) -> str:
    """The line of a sheet's row that is sealed, by column: another program may write the same number otherwise.

    >>> from decimal import Decimal
    >>> as_sealed([(1, " ICT "), (2, None), (3, Decimal("1134000.50"))]) == as_sealed([(1, "ICT"), (3, 1134000.5)])
    True
    """
    said = ((place, _said(value)) for place, value in cells if value is not None)
    return "\x1f".join(f"{place}={text}" for place, text in said if text)


def _said(value: Any) -> str:
    return value.strip() if isinstance(value, str) else f"{float(value):.14G}"


# The cells that were read


def cells_of(inputs: Inputs, units: Collection[UnitCode] = ()) -> dict[str, Any]:
    """The cells of a workbook that were read: rows by sheet, volumes by driver; with `units`, theirs and those of none.

    Shapes: `rows` sheet → [key, [[column, place, text], …]]; `demand` driver → periods, and by force its volumes (None
    where there is none; not whole ones as text, once packed) and, where Demand says so, which are signed off.
    """
    rows = {
        sheet: [
            [row.key, [(one.column, str(one.place), one.text) for one in row.cells]]
            for row in written
            if not units or not row.unit or row.unit in units
        ]
        for sheet, written in inputs.written.items()
    }
    used = {one.driver for unit, drivers in inputs.drivers.items() if not units or unit in units for one in drivers}
    signed = inputs.demand_signed_off
    demand = {driver: _volumes(one, signed) for driver, one in inputs.demand.items() if driver in used}
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

    Volumes are compared of drivers that were and are used: of another Drivers tells.
    """
    now = cells_of(inputs, units)
    found: list[ChangedCell] = []
    for sheet in dict.fromkeys((*then["rows"], *now["rows"])):
        changed = _changed_rows(then["rows"].get(sheet, ()), now["rows"].get(sheet, ()))
        once = {(one.place, one.column, one.then, one.now): one for one in reversed(list(changed))}
        found += reversed(once.values())  # the cells that a wide row shares are told once
    if then["signed"] != now["signed"]:
        words = ["there" if one["signed"] else None for one in (then, now)]
        found.append(ChangedCell(inputs.demand_sheet, "all volumes", "the column signed off", *words))
    for driver, volumes in then["demand"].items():
        if driver in now["demand"]:
            found += _changed_volumes(driver, volumes, now["demand"][driver], inputs)
    return found


def _changed_rows(then: Sequence[Any], now: Sequence[Any]) -> Iterator[ChangedCell]:
    for key, before, after in _pairs(then, now):
        of = ", ".join(part for part in key if part)
        for column in dict.fromkeys((*before, *after)):
            place, text = before.get(column, ("", None))
            place, other = after.get(column, (place, None))
            if text != other:
                yield ChangedCell(place, of, column, text, other)


Written: TypeAlias = dict[str, tuple[str, str]]  # place and text, by column


def _pairs(then: Sequence[Any], now: Sequence[Any]) -> Iterator[tuple[tuple[str, ...], Written, Written]]:
    """Rows that differ, beside each other: of one key, first those that are alike; else of one place on the sheet."""
    old, new = _by_key(then), _by_key(now)
    gone: list[tuple[tuple[str, ...], Written]] = []
    come: dict[frozenset[str], tuple[tuple[str, ...], Written]] = {}
    alone: list[tuple[tuple[str, ...], Written]] = []
    for key in dict.fromkeys((*old, *new)):
        before, after = _unlike(old.get(key, []), new.get(key, []))
        yield from ((key, *both) for both in zip(before, after, strict=False))
        gone += [(key, one) for one in before[len(after) :]]
        more = [(key, one) for one in after[len(before) :]]
        alone += [one for one in more if come.setdefault(_stands(one[1]), one) is not one]
    for key, one in gone:
        yield key, one, come.pop(_stands(one), (key, {}))[1]
    yield from ((key, {}, one) for key, one in (*come.values(), *alone))


def _by_key(rows: Sequence[Any]) -> dict[tuple[str, ...], list[Written]]:
    found: dict[tuple[str, ...], list[Written]] = {}
    for key, cells in rows:
        found.setdefault(tuple(key), []).append({column: (place, text) for column, place, text in cells})
    return found


def _unlike(old: Sequence[Written], new: Sequence[Written]) -> tuple[list[Written], list[Written]]:
    """Rows of one key without those that say the same, wherever they stand."""
    left = list(new)
    before = []
    for one in old:
        same = next((n for n, other in enumerate(left) if _texts(one) == _texts(other)), None)
        if same is None:
            before.append(one)
        else:
            del left[same]
    return before, left


def _texts(row: Written) -> dict[str, str]:
    return {column: text for column, (_, text) in row.items()}


def _stands(row: Written) -> frozenset[str]:
    return frozenset(place for place, _ in row.values())


def _changed_volumes(
    driver: str, then: Mapping[str, Any], now: Mapping[str, Any], inputs: Inputs
) -> Iterator[ChangedCell]:
    if then == now:
        return
    old, new = _by_period(then), _by_period(now)
    places = _places(inputs.demand[driver], inputs.demand_sheet)
    for entry in dict.fromkeys((*old, *new)):
        before, after = old.get(entry, (None, "0")), new.get(entry, (None, "0"))
        of, place = ", ".join((driver, *entry)), places.get(entry, inputs.demand_sheet)
        if before[0] != after[0]:
            yield ChangedCell(place, of, "volume", before[0], after[0])
        if before[1] != after[1]:
            yield ChangedCell(place, of, "signed off", *("yes" if one[1] == "1" else "no" for one in (before, after)))


def _by_period(given: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str | None, str]]:
    """Volumes and whether they are signed off, by period and force."""
    return {
        (period, force): (None if value is None else value if isinstance(value, str) else plain(value), sign)
        for force, values in given["volumes"].items()
        for period, value, sign in zip(
            given["periods"], values, given["signed"].get(force, "0" * len(values)), strict=True
        )
    }


def _places(demand: Demand, sheet: str) -> dict[tuple[str, str], str]:
    """The cell of every volume; in a wide sheet, where each force has a column, of those that are blank too."""
    slots: list[tuple[str, Mapping[str, Volume]]] = [(month_text(month), s) for month, s in demand.monthly.items()]
    slots += [(str(months), slot) for months, slot in demand.longer.items()]
    found = {(period, force): str(volume.place(sheet)) for period, slot in slots for force, volume in slot.items()}
    own = [(force, volume) for _, slot in slots for force, volume in slot.items() if not volume.source]
    columns = {force: volume.column for force, volume in own}
    if len(set(columns.values())) == len(columns) > 1:
        for period, slot in slots:
            rows = [volume.row for volume in slot.values() if not volume.source]
            for force, column in columns.items() if rows else ():
                found.setdefault((period, force), str(Place(sheet, f"{column_letters(column)}{rows[0]}")))
    return found
