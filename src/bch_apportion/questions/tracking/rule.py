"""Unit costs over time: in cash and in the prices of a base year, against the plan, and what has been saved.

Positive is a saving. The cost of a unit and year is its outturn where there is any, else its budget, and says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.model import BusinessCase, ForceCode, Inputs
from bch_apportion.money import Pence, half_up
from bch_apportion.problems import Lacking, complete
from bch_apportion.questions.variance.rule import business_cases
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.recipe.prices import look_up_prices
from bch_apportion.years import FinancialYear

Source = Literal["actuals", "budgets"]


class UnitCost(NamedTuple):
    """The cost of a unit and year, in pence. `real` and the savings are None where there is nothing to tell them by."""

    unit: str
    programme: str
    year: FinancialYear
    source: Source
    cash: Pence
    real: Pence | None
    plan: Pence | None
    saving_cash: Pence | None
    saving_real: Pence | None


class TotalCost(NamedTuple):
    """Costs and savings added up over the units of a programme (None: of all), for one year.

    `based` counts the units whose base year has a cost; only theirs are in the savings.
    """

    programme: str | None
    year: FinancialYear
    units: int
    based: int
    cash: Pence
    real: Pence | None
    saving_cash: Pence | None
    saving_real: Pence | None


@dataclass(frozen=True, slots=True)
class Tracking:
    """Unit costs over the years, with totals and the no-loser protection that each force received and funded."""

    costs: tuple[UnitCost, ...]
    base: FinancialYear | None  # None: each unit's first year
    without_base: tuple[str, ...]  # units without a cost in the base year
    received: dict[ForceCode, Pence]
    funded: dict[ForceCode, Pence]
    inputs: Inputs
    real: bool  # whether there are deflators

    def years(self) -> list[FinancialYear]:
        return sorted({cost.year for cost in self.costs})

    def of(self, unit: str) -> list[UnitCost]:
        return [cost for cost in self.costs if cost.unit == unit]

    def totals(self) -> list[TotalCost]:
        """Per programme and year, then in all."""
        programmes = list(dict.fromkeys(cost.programme for cost in self.costs))
        groups: list[tuple[str | None, list[UnitCost]]] = [
            (name, [cost for cost in self.costs if cost.programme == name]) for name in programmes if name
        ]
        groups.append((None, list(self.costs)))
        return [
            _total(name, year, [cost for cost in costs if cost.year == year])
            for name, costs in groups
            for year in sorted({cost.year for cost in costs})
        ]


def track(
    budgets: Ledger,
    actuals: Ledger | None,
    base: FinancialYear | None = None,
    years: Sequence[FinancialYear] = (),
    units: Sequence[str] = (),
    version: str = "original",
) -> Tracking:
    """Unit costs over the years (`years` and `units` narrow what is shown, not what a saving is counted from).

    Raises InputProblems where the workbook has deflators and one that is needed is missing.
    """
    inputs = budgets.inputs
    chosen: dict[tuple[str, FinancialYear], tuple[Source, UnitYear]] = {
        (r.unit.code, r.year): ("budgets", r) for r in budgets.results
    }
    chosen |= {(r.unit.code, r.year): ("actuals", r) for r in (actuals.results if actuals else ())}
    plans = business_cases(inputs, version)
    outcomes: list[UnitCost | Lacking] = []
    shown: list[UnitYear] = []
    without_base = []
    for unit in inputs.units:
        own = {year: entry for (code, year), entry in sorted(chosen.items()) if code == unit.code}
        if not own or (units and unit.code not in units):
            continue
        first = base or min(own)
        start = _cost(own[first][1]) if first in own else None
        if start is None:
            without_base.append(unit.code)
        for year, (source, result) in own.items():
            if not years or year in years:
                shown.append(result)
                outcomes.append(_unit_cost(inputs, result, source, Start(first, start), plans.get((unit.code, year))))
    received, funded = _protection(inputs, shown)
    return Tracking(
        costs=tuple(complete(outcomes, inputs.source)),
        base=base,
        without_base=tuple(without_base),
        received=received,
        funded=funded,
        inputs=inputs,
        real=bool(inputs.deflators),
    )


class Start(NamedTuple):
    """The year that a unit's savings are counted from, and its cost; None where it has none in that year."""

    year: FinancialYear
    cash: Pence | None


def _unit_cost(
    inputs: Inputs, result: UnitYear, source: Source, start: Start, plan: BusinessCase | None
) -> UnitCost | Lacking:
    cash = _cost(result)
    real = _real(inputs, result, start.year) if inputs.deflators else None
    if isinstance(real, Lacking):
        return real
    return UnitCost(
        unit=result.unit.code,
        programme=result.unit.programme,
        year=result.year,
        source=source,
        cash=cash,
        real=real,
        plan=plan.total() if plan is not None else None,
        saving_cash=None if start.cash is None else start.cash - cash,
        saving_real=None if start.cash is None or real is None else start.cash - real,
    )


def _protection(inputs: Inputs, results: Sequence[UnitYear]) -> tuple[dict[ForceCode, Pence], dict[ForceCode, Pence]]:
    """What each force received of no-loser protection, and what it funded."""
    received, funded = dict.fromkeys(inputs.force_codes(), 0), dict.fromkeys(inputs.force_codes(), 0)
    for line in (line for result in results for line in result.lines if line.component == "no_loser"):
        (funded if line.pence > 0 else received)[line.force] += abs(line.pence)
    return received, funded


def _cost(result: UnitYear) -> Pence:
    return sum(line.pence for line in result.lines)


def _real(inputs: Inputs, result: UnitYear, base: FinancialYear) -> Pence | Lacking:
    """A cost in the prices of the base year."""
    if result.year == base:
        return _cost(result)
    needed = f"for the cost of {result.unit.code} in {base} prices"
    prices = look_up_prices(inputs, result.year, base, needed)
    return prices if isinstance(prices, Lacking) else half_up(_cost(result) * prices.ratio)


def _total(programme: str | None, year: FinancialYear, costs: Sequence[UnitCost]) -> TotalCost:
    based = [cost for cost in costs if cost.saving_cash is not None]
    real = [cost.real for cost in costs if cost.real is not None]
    saved = [cost.saving_real for cost in based if cost.saving_real is not None]
    return TotalCost(
        programme=programme,
        year=year,
        units=len(costs),
        based=len(based),
        cash=sum(cost.cash for cost in costs),
        real=sum(real) if len(real) == len(costs) else None,
        saving_cash=sum(cost.saving_cash or 0 for cost in based) if based else None,
        saving_real=sum(saved) if based and len(saved) == len(based) else None,
    )
