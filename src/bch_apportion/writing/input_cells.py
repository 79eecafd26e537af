"""The cells of a workbook that were read, as a manifest carries them."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from bch_apportion.model import Demand, Inputs, UnitCode, Volume
from bch_apportion.years import month_text


def cells_of(inputs: Inputs, units: Collection[UnitCode] = (), file: str = "") -> dict[str, Any]:
    """The cells of a workbook that were read: rows by sheet, volumes by driver; with `units`, theirs and those of none.

    `file` is the joined workbook they are of; empty: the workbook itself. Shapes: `rows` sheet → [key, [[column, place,
    text], …]]; `demand` driver → periods, and by force its volumes (None where there is none; not whole ones as text,
    once packed) and, where Demand says so, which are signed off.
    """
    rows = {
        sheet: [
            [row.key, [(cell.column, str(cell.place._replace(file="")), cell.text) for cell in row.cells]]
            for row in written
            if row.file == file and (not units or not row.unit or row.unit in units)
        ]
        for sheet, written in inputs.written.items()
    }
    used = {own.driver for unit, drivers in inputs.drivers.items() if not units or unit in units for own in drivers}
    signed = inputs.demand_signed_off
    demand = {driver: _volumes(volumes, signed, file) for driver, volumes in inputs.demand.items() if driver in used}
    return {"rows": rows, "demand": demand, "signed": signed}


def _volumes(demand: Demand, signed: bool, file: str) -> dict[str, Any]:
    """The volumes of a driver by force, those of a file: what a scenario gives is in the scenario."""
    periods = [*map(_month, demand.monthly), *map(str, demand.longer)]
    slots = [*demand.monthly.values(), *demand.longer.values()]
    forces = dict.fromkeys(force for slot in slots for force in slot)
    volumes = {
        force: [v.value if (v := slot.get(force)) is not None and v.file == file else None for slot in slots]
        for force in forces
    }
    marks = (
        {force: "".join("01"[_signed(slot.get(force), file)] for slot in slots) for force in forces} if signed else {}
    )
    return {"periods": periods, "volumes": volumes, "signed": marks}


_month = cache(month_text)  # the same months for every driver


def _signed(volume: Volume | None, file: str) -> bool:
    return volume is not None and volume.signed_off and volume.file == file
