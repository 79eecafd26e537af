"""The answer of `monitor`: where a year will end, beside its budget, for each force and for the unit as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Literal

from bch_apportion.answers import Answer, Run
from bch_apportion.kinds import ASIDE, Date, Money, Percent, Place, Year, record
from bch_apportion.model import ForceCode, Settings, UnitCode
from bch_apportion.questions.judged import Judged, Status
from bch_apportion.questions.variance.rows import Explanation
from bch_apportion.years import FinancialYear

Standing = Literal["latest", "earlier", "after the day"]


@record
class MonitorRow(Judged):
    """Where a force, or the unit (`force` null), will end a year; `unit` null: all units.

    `made_on` null: the budget stands in for a forecast. `movement` is the forecast less the one before it, null without
    one. `months` are those that the outturn to date names, of the unit as a whole. All three are null for all units.
    """

    unit: UnitCode | None
    year: Year
    force: ForceCode | None
    budget: Money
    to_date: Money
    months: int | None
    forecast: Money
    made_on: Date | None
    variance: Money
    percent: Percent | None
    movement: Money | None
    status: Status
    explained_amount: Money
    unexplained_amount: Money
    reason: str
    significant: Annotated[bool, ASIDE] = False
    explained: Annotated[bool, ASIDE] = False

    @property
    def stands_in(self) -> bool:
        """Whether the budget stands in for a forecast."""
        return self.unit is not None and self.made_on is None

    @property
    def starred(self) -> str:
        """The unit with a star where the budget stands in."""
        return f"{self.unit_words}{' *' * self.stands_in}"

    @property
    def spent(self) -> Fraction | str:
        """The outturn to date as a part of the budget."""
        return Fraction(self.to_date, abs(self.budget)) if self.budget else "n/a"


@record
class ForecastRow:
    """A forecast of a unit's outturn; `movement` null: no other was made before it."""

    unit: UnitCode
    year: Year
    made_on: Date
    amount: Money
    movement: Money | None
    standing: Standing
    reason: str
    owner: str
    cell: Place


@record
class WithoutBudget:
    """A unit that has a forecast or an outturn of a year and no budget to share it by; null: it has none of that."""

    unit: UnitCode
    year: Year
    to_date: Money | None
    forecast: Money | None
    made_on: Date | None


@record
class Monitor(Answer):
    """`monitor --json`."""

    TABLE = "rows"

    schema: Literal["bch-apportion/monitor/1"] = "bch-apportion/monitor/1"
    run: Run
    rows: Sequence[MonitorRow]
    forecasts: Sequence[ForecastRow]
    without_budget: Sequence[WithoutBudget]
    explanations: Sequence[Explanation]
    settings: Annotated[Settings, ASIDE] = Settings()
    notes: Annotated[Sequence[str], ASIDE] = ()

    def once(self) -> list[MonitorRow]:
        """The rows without those of all units in a year of which a single unit is shown: they would repeat it."""
        units = Counter(row.year for row in self.rows if row.unit and row.force is None)
        return [row for row in self.rows if row.unit or units[row.year] > 1]

    def with_outturn(self) -> set[FinancialYear]:
        """The years with an outturn to date; of the others nothing is known, which is not zero."""
        return {row.year for row in self.rows if row.months or row.to_date}

    def years(self) -> list[FinancialYear]:
        return sorted({row.year for row in self.rows})

    def units(self) -> list[UnitCode]:
        return list(dict.fromkeys(row.unit for row in self.rows if row.unit))
