"""Unit costs over time: in cash and in the prices of a base year, against the plan, and what has been saved.

Positive is a saving. The cost of a unit and year is its outturn where there is any, else its budget, and says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.model import ForceCode, Inputs
from bch_apportion.money import Pence, half_up
from bch_apportion.problems import InputProblems
from bch_apportion.questions.variance.rule import business_cases, price_ratio
from bch_apportion.recipe.order import Run, UnitYear
from bch_apportion.terms import TermsBook
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
    state = Run(inputs, TermsBook(inputs))
    chosen: dict[tuple[str, FinancialYear], tuple[Source, UnitYear]] = {
        (r.unit.code, r.year): ("budgets", r) for r in budgets.results
    }
    chosen |= {(r.unit.code, r.year): ("actuals", r) for r in (actuals.results if actuals else ())}
    plans = business_cases(inputs, version)
    costs: list[UnitCost] = []
    without_base = []
    received = dict.fromkeys(inputs.force_codes(), 0)
    funded = dict.fromkeys(inputs.force_codes(), 0)
    for unit in inputs.units:
        own = {year: entry for (code, year), entry in sorted(chosen.items()) if code == unit.code}
        if not own or (units and unit.code not in units):
            continue
        first = base or min(own)
        start = _cost(own[first][1]) if first in own else None
        if start is None:
            without_base.append(unit.code)
        for year, (source, result) in own.items():
            if years and year not in years:
                continue
            for line in result.lines:
                if line.component == "no_loser":
                    (funded if line.pence > 0 else received)[line.force] += abs(line.pence)
            cash = _cost(result)
            real = _real(state, cash, year, first, unit.code) if inputs.deflators else None
            plan = plans.get((unit.code, year))
            costs.append(
                UnitCost(
                    unit.code,
                    unit.programme,
                    year,
                    source,
                    cash,
                    real,
                    plan.total() if plan is not None else None,
                    None if start is None else start - cash,
                    None if start is None or real is None else start - real,
                )
            )
    if state.problems:
        raise InputProblems(state.all_problems(), inputs.source)
    return Tracking(tuple(costs), base, tuple(without_base), received, funded, inputs, real=bool(inputs.deflators))


def _cost(result: UnitYear) -> Pence:
    return sum(line.pence for line in result.lines)


def _real(state: Run, cash: Pence, year: FinancialYear, base: FinancialYear, unit: str) -> Pence | None:
    """A cost in the prices of the base year."""
    ratio = Fraction(1) if year == base else price_ratio(state, year, base, f"the cost of {unit} in {base} prices")
    return None if ratio is None else half_up(cash * ratio)


def _total(programme: str | None, year: FinancialYear, costs: Sequence[UnitCost]) -> TotalCost:
    based = [cost for cost in costs if cost.saving_cash is not None]
    real = [cost.real for cost in costs if cost.real is not None]
    return TotalCost(
        programme,
        year,
        len(costs),
        len(based),
        sum(cost.cash for cost in costs),
        sum(real) if len(real) == len(costs) else None,
        sum(cost.saving_cash or 0 for cost in based) if based else None,
        sum(c.saving_real or 0 for c in based) if based and all(c.saving_real is not None for c in based) else None,
    )
