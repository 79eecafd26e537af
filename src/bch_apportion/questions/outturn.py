"""What a unit cost in a year: its outturn where there is a whole one, else its budget."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from bch_apportion.ledger import Ledger
from bch_apportion.model import UnitCode
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.years import FinancialYear

Source = Literal["actuals", "budgets"]
SOURCES: dict[Source, str] = {"actuals": "outturn", "budgets": "budget"}


class Cost(NamedTuple):
    """A unit's cost of a year, and whether it is the outturn or the budget."""

    source: Source
    result: UnitYear

    @property
    def rests_on(self) -> str:
        return SOURCES[self.source]


Costs: TypeAlias = dict[tuple[UnitCode, FinancialYear], Cost]


def costs_of(budgets: Ledger, outturn: Ledger | None) -> Costs:
    """What each unit cost in each year; without a ledger of the outturn its budgets."""
    costs: Costs = {(result.unit.code, result.year): Cost("budgets", result) for result in budgets.results}
    if outturn is not None:
        costs |= {(result.unit.code, result.year): Cost("actuals", result) for result in outturn.whole_years().results}
    return costs
