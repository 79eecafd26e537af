"""The forms of what a manifest carries, as pydantic models: what comes from outside is looked at before it is used."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Form(BaseModel):
    """Nothing beside what is named."""

    model_config = ConfigDict(extra="forbid")


class CarriedVolumes(Form):
    """The volumes of a driver that a manifest carries, by force, and which are signed off."""

    periods: list[str]
    volumes: dict[str, list[Annotated[int, Field(lt=10**18)] | str | None]]
    signed: dict[str, str]

    @model_validator(mode="after")
    def _of_one_length(self) -> CarriedVolumes:
        lengths = {len(values) for values in (*self.volumes.values(), *self.signed.values())}
        if lengths - {len(self.periods)} or not set(self.signed) <= set(self.volumes):
            raise ValueError("a volume for each period")
        return self


class CarriedCells(Form):
    """The cells of a workbook that a manifest carries: rows by sheet, each its key and its cells."""

    rows: dict[str, list[tuple[list[str], list[tuple[str, str, str]]]]]
    demand: dict[str, CarriedVolumes]
    signed: bool


class Packed(Form):
    """All of a manifest, as it is packed."""

    command: str
    version: Annotated[str, Field(max_length=60)]
    files: list[tuple[Literal["workbook", "scenario", "other"], str, str]] = Field(min_length=1)
    asked: dict[str, str | bool | list[str]]
    settings: dict[str, str]
    units: list[str]
    texts: dict[str, str]
    cells: dict[str, CarriedCells]
    seal: dict[str, str]

    @model_validator(mode="after")
    def _of_every_file(self) -> Packed:
        carried = {*self.texts, *self.cells}
        if carried != {str(place) for place in range(len(self.files))} or "0" not in self.cells:
            raise ValueError("the cells or the text of each file")
        return self
