"""Inputs built directly from the model, for tests of the rules; and what a ledger says, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.model import (
    AgreedSet,
    Baseline,
    BudgetRow,
    Component,
    Demand,
    DriverWeight,
    Figure,
    Force,
    ForceCode,
    Inputs,
    ParameterRow,
    ParameterValue,
    Unit,
    Volume,
)
from bch_apportion.money import Exact
from bch_apportion.places import Place
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.years import FinancialYear, Month, Months

THREE = ("BEDS", "CAMBS", "HERTS")
Y = FinancialYear


def month(text: str) -> Month:
    """The month 2014-10."""
    year, number = text.split("-")
    return int(year) * 12 + int(number) - 1


def months(first: str, last: str) -> Months:
    return Months(month(first), month(last) - month(first) + 1)


def slot(volumes: Mapping[ForceCode, Exact], signed_off: bool = True) -> dict[ForceCode, Volume]:
    """One period's volumes by force."""
    return {force: Volume(value, signed_off, 1, 1) for force, value in volumes.items()}


def monthly(*runs: tuple[str, str, Mapping[ForceCode, Exact]]) -> Demand:
    """The same volumes in every month of each run: ("2014-10", "2017-09", {"BEDS": 30, "HERTS": 70})."""
    return Demand({m: slot(volumes) for first, last, volumes in runs for m in months(first, last).months()})


def rows(*given: BudgetRow) -> tuple[BudgetRow, ...]:
    """Budget rows, each with a cell of its own."""
    return tuple(replace(row, cell=Place("Budgets", f"C{n}")) for n, row in enumerate(given, 2))


def terms(*given: tuple[str | None, int, dict[str, ParameterValue]]) -> tuple[ParameterRow, ...]:
    """Rows of the Principles sheet: unit (None: all), the year it starts in, its parameters."""
    return tuple(
        ParameterRow(unit, Y(year), values, f"clause {n}", dict.fromkeys(values, Place("Principles", f"C{n}")), n)
        for n, (unit, year, values) in enumerate(given, 2)
    )


def nre(forces: Sequence[ForceCode], **by_year: Sequence[int]) -> dict[tuple[FinancialYear, ForceCode], Figure]:
    """NRE in pence by force: nre(THREE, y2018=(24, 32, 44))."""
    return {
        (Y(int(year[1:])), force): Figure(pence, Place("NRE", f"{force}{year}"))
        for year, figures in by_year.items()
        for force, pence in zip(forces, figures, strict=True)
    }


def agreed(unit: str, year: int, **percentages: int | Fraction) -> AgreedSet:
    """An agreed set in percent: agreed("ICT", 2017, BEDS=75, HERTS=25)."""
    return AgreedSet(
        unit,
        Y(year),
        {force: Fraction(percentage) / 100 for force, percentage in percentages.items()},
        {force: Place("Agreed shares", force) for force in percentages},
    )


def baselines(**pence: int) -> dict[ForceCode, Baseline]:
    return {force: Baseline(amount, None, Place("Baselines", force)) for force, amount in pence.items()}


def inputs(
    forces: Sequence[ForceCode],
    units: Sequence[Unit],
    budgets: Sequence[BudgetRow],
    drivers: Mapping[str, Sequence[str | tuple[str, int]]] | None = None,
    **given: Any,
) -> Inputs:
    """The inputs of a small workbook; drivers are names, or a name and its weight."""
    weights = {
        unit: tuple(
            DriverWeight(*((driver, Fraction(1)) if isinstance(driver, str) else (driver[0], Fraction(driver[1]))))
            for driver in named
        )
        for unit, named in (drivers or {}).items()
    }
    return Inputs(
        "book.xlsx", "0" * 64, tuple(map(Force, forces)), tuple(units), rows(*budgets), drivers=weights, **given
    )


def paid(ledger: Ledger, component: Component | None = None) -> list[tuple[str, int]]:
    """Who pays what, of one component or in all, in the order of the ledger."""
    return [(line.force, line.pence) for line in ledger.lines if component in (None, line.component)]


def only(ledger: Ledger) -> UnitYear:
    """The one unit and year of a ledger."""
    (result,) = ledger.results
    return result
