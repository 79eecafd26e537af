"""The parameters in force for a unit and year, each with the row it comes from.

The built-in terms are data (`terms-2015.toml`). For a unit and year each parameter is looked up by itself: the rows
without a unit, oldest first, then the unit's own rows, oldest first, each from its year on; a blank cell leaves the
parameter as it was.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from bch_apportion.model import ForceCode, Inputs, ParameterRow, ParameterValue, Unit
from bch_apportion.money import plain
from bch_apportion.places import NOWHERE, Place
from bch_apportion.years import FinancialYear

NOT_AGREED = "program default, not agreed"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the agreement's working: its name as the Principles sheet heads it, its kind and its default.

    `kind` is choice, percent, points (percentage points), whole, year or forces. `unset` is the word that sets it
    back to nothing, where there is one.
    """

    name: str
    kind: str
    default: ParameterValue
    meaning: str
    principles: tuple[int, ...]
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    unset: str = ""

    def limits(self) -> tuple[int | None, int | None]:
        """The least and the most it may be; a percentage is not below 0."""
        return self.minimum if self.kind == "whole" else self.minimum or 0, self.maximum

    def words(self, value: ParameterValue) -> str:
        """A value of this parameter as the sheet would say it."""
        if value is None:
            return self.unset or "the year's"
        if isinstance(value, FinancialYear):
            return str(value)
        if isinstance(value, tuple):
            return ", ".join(map(str, value)) if value else "all"
        return plain(value) if isinstance(value, Fraction) else str(value)


@cache
def _agreement() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("terms-2015.toml").read_text("utf-8"))


def agreement() -> str:
    """How the agreement is cited: 2015 financial principles."""
    return str(_agreement()["agreement"]["short"])


@cache
def principle_text(number: int) -> str:
    """A principle of the agreement in its own words."""
    return next(str(p["text"]) for p in _agreement()["principle"] if p["number"] == number)


def cite(*numbers: int) -> str:
    """The paragraphs a figure rests on.

    >>> cite(3)
    '2015 financial principles, 3'
    """
    return f"{agreement()}, {' and '.join(str(number) for number in numbers)}"


@cache
def parameters() -> Mapping[str, Parameter]:
    """All parameters by name, in the order they are documented in."""
    known = {}
    entry: dict[str, Any]
    for entry in _agreement()["parameter"]:
        default: ParameterValue = entry["default"]
        if default in ("none", "exact", "the year's"):
            default = None
        elif default == "all":
            default = ()
        elif entry["kind"] in ("percent", "points"):
            default = Fraction(str(default))
        choices, principles = tuple(entry.get("choices", ())), tuple(entry["principles"])
        given = {**entry, "default": default, "choices": choices, "principles": principles}
        known[entry["name"]] = Parameter(**given)
    return known


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a parameter in force comes from. `cell` is empty for a default of the program."""

    from_year: FinancialYear | None = None
    cell: Place = NOWHERE
    reference: str = ""

    def __str__(self) -> str:
        if not self.cell:
            return NOT_AGREED
        return f"{self.cell}: {self.reference}" if self.reference else f"{self.cell}, no reference given"


DEFAULT = Origin()


@dataclass(frozen=True, slots=True)
class Terms:
    """Every parameter in force for one unit and year. Percentages and percentage points are in percent."""

    basis: str
    fixed_base: Fraction
    fixed_base_on: str
    window_months: int
    lag_months: int
    demand_method: str
    rebase_tolerance: Fraction | None
    nre_lag_years: int
    fixed_base_year: FinancialYear | None
    members: tuple[ForceCode, ...]
    max_missing: Fraction
    max_share_movement: Fraction
    share_decimals: int | None
    keep_demand_years: int
    no_loser: Fraction
    part_years_protected: str
    if_not_achievable: str
    values: Mapping[str, ParameterValue]
    origins: Mapping[str, Origin]

    def origin(self, name: str) -> Origin:
        return self.origins.get(name, DEFAULT)


class TermsBook:
    """The parameters of a workbook, looked up by unit and year. `look_up` is remembered: terms never change."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self._general = _oldest_first(row for row in inputs.principles if row.unit is None)
        self._own: dict[str, list[ParameterRow]] = {}
        for row in _oldest_first(row for row in inputs.principles if row.unit is not None):
            self._own.setdefault(str(row.unit), []).append(row)
        self._known: dict[tuple[object, ...], Terms] = {}

    def look_up(self, unit: Unit, year: FinancialYear) -> Terms:
        rows = self.rows_in_force(unit.code, year)
        known = (unit.code, *map(id, rows))
        if known not in self._known:
            self._known[known] = self._build(unit, rows)
        return self._known[known]

    def rows_in_force(self, unit: str, year: FinancialYear) -> list[ParameterRow]:
        """The rows that speak for this unit and year, in the order in which later ones win."""
        own = self._own.get(unit, ())
        dated = [row for rows in (self._general, own) for row in rows if row.from_year <= year]
        return dated + [row for owner in (None, unit) for row in self.inputs.overrides if row.unit == owner]

    def rows_of(self, unit: str) -> list[ParameterRow]:
        """All rows that ever speak for this unit, in the order in which later ones win."""
        return [*self._general, *self._own.get(unit, ())]

    def _build(self, unit: Unit, rows: Sequence[ParameterRow]) -> Terms:
        values = {name: parameter.default for name, parameter in parameters().items()}
        origins: dict[str, Origin] = {}
        if unit.members:
            values["forces"] = unit.members
            origins["forces"] = Origin(None, unit.cells.get("forces", unit.cell), "Units sheet")
        for row in rows:
            for name, value in row.values.items():
                values[name] = value
                by_hand = row in self.inputs.overrides
                origins[name] = Origin(None if by_hand else row.from_year, row.cells.get(name, NOWHERE), row.reference)
        everyone, left = self.inputs.force_codes(), self.inputs.leavers.get(unit.code, ())
        chosen: Any = values["forces"] or everyone
        members = tuple(force for force in everyone if force in chosen and force not in left)
        single: dict[str, Any] = {_attribute(name): value for name, value in values.items() if name != "forces"}
        return Terms(members=members, values=values, origins=origins, **single)


def _attribute(name: str) -> str:
    """What a parameter is called in `Terms`."""
    return name.removesuffix(" %").replace(" ", "_")


def _oldest_first(rows: Any) -> list[ParameterRow]:
    return sorted(rows, key=lambda row: (row.from_year, row.row))


def outweighed(book: TermsBook, unit: str, last: FinancialYear) -> list[tuple[str, ParameterRow, ParameterRow]]:
    """Parameters that a unit's older row sets in place of a later general one: (name, the unit's, the general)."""
    rows = [row for row in book.rows_of(unit) if row.from_year <= last]
    pairs = []
    for name in parameters():
        own = [row for row in rows if row.unit is not None and name in row.values]
        general = [row for row in rows if row.unit is None and name in row.values]
        if own and general and general[-1].from_year > own[-1].from_year:
            pairs.append((name, own[-1], general[-1]))
    return pairs
