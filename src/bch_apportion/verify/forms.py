"""A manifest from its packed form, looked at by pydantic before it is used, since it comes from outside."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bch_apportion.writing.manifest import RECORDS, Damaged, Manifest, inflated
from bch_apportion.writing.schema import adapter

LONGEST_VERSION = 60


class CarriedVolumes(BaseModel):
    """The volumes of a driver that a manifest carries, by force, and which are signed off."""

    model_config = ConfigDict(extra="forbid")
    periods: list[str]
    volumes: dict[str, list[Annotated[int, Field(lt=10**18)] | str | None]]
    signed: dict[str, str]

    @model_validator(mode="after")
    def _equally_long(self) -> CarriedVolumes:
        lengths = {len(values) for values in (*self.volumes.values(), *self.signed.values())}
        if lengths - {len(self.periods)} or not set(self.signed) <= set(self.volumes):
            raise ValueError("a volume for each period")
        return self


class CarriedCells(BaseModel):
    """The cells of a workbook that a manifest carries: rows by sheet, each its key and its cells."""

    model_config = ConfigDict(extra="forbid")
    rows: dict[str, list[tuple[list[str], list[tuple[str, str, str]]]]]
    demand: dict[str, CarriedVolumes]
    signed: bool


def unpacked(packed: str) -> Manifest:
    """A manifest from its packed form. Raises Damaged."""
    try:
        manifest: Manifest = adapter(Manifest).validate_json(inflated(packed))
        for cells in manifest.cells.values():
            CarriedCells.model_validate(cells)
    except ValueError as error:
        raise Damaged from error
    places = {str(place) for place, file in enumerate(manifest.files) if file.role not in RECORDS}
    main = manifest.texts if manifest.files[:1] and manifest.files[0].role == "plan" else manifest.cells
    if {*manifest.texts, *manifest.cells} != places or "0" not in main:  # each file has its cells or its text
        raise Damaged
    if len(manifest.version) > LONGEST_VERSION:
        raise Damaged
    return manifest
