"""The answer of `variance`: plan, actual and what each cause moved, for each force and for the unit as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Literal

from bch_apportion.answers import Answer, Run, Table, table
from bch_apportion.kinds import ASIDE, Hash, Money, Percent, Place, Year, fields, record
from bch_apportion.model import ForceCode, Settings, UnitCode
from bch_apportion.questions.bridge import Cause, UnitAndYear
from bch_apportion.questions.judged import Judged, Status
from bch_apportion.years import FinancialYear

Side = Literal["budgets", "actuals"]


@record
class VarianceRow(Judged):
    """A variance of a force, or of the unit (`force` null): actual less plan, positive is adverse; `unit` null: of all.

    `explained`: what is left, the unexplained amount, is below the materiality amount.

    `version` is that of the business case; `percent` is of |plan|, null where the plan is zero, or on one side only.
    """

    version: str | None
    unit: UnitCode | None
    year: Year
    force: ForceCode | None
    plan: Money
    actual: Money
    variance: Money
    percent: Percent | None
    status: Status
    significant: bool
    explained: bool
    explained_amount: Money
    unexplained_amount: Money
    effects: Mapping[Cause, Money]

    @property
    def explanation(self) -> str:
        """Whether a significant variance is explained; that it is favourable is said, since its row is GREEN."""
        explained = "explained" if self.explained else "NOT EXPLAINED"
        return f"{'favourable, ' * self.favourable}{explained}" if self.significant else ""


@record
class Explanation:
    """Why a variance arose, as somebody explained it.

    `force` null: in the unit's row and in each force's; `amount` null: the whole effect of the cause.
    """

    unit: UnitCode
    year: Year
    cause: str
    text: str
    owner: str
    force: ForceCode | None
    amount: Money | None
    cell: Place


@record
class OtherInput:
    """A workbook that the first is compared with."""

    input: str
    sha256: Hash


@record
class Variance(Answer):
    """`variance --json`."""

    TABLE = "rows"
    schema: Literal["bch-apportion/variance/1"] = "bch-apportion/variance/1"
    run: Run
    against: str
    actual: Side
    version: str | None
    real: bool
    other: OtherInput | None
    rows: Sequence[VarianceRow]
    explanations: Sequence[Explanation]
    without_plan: Sequence[UnitAndYear]
    without_actual: Sequence[UnitAndYear]
    causes: Annotated[Sequence[Cause], ASIDE] = ()
    part_years: Annotated[Sequence[str], ASIDE] = ()
    settings: Annotated[Settings, ASIDE] = Settings()
    notes: Annotated[Sequence[str], ASIDE] = ()

    def table(self) -> Table:
        """The rows; each cause has its column, where there are no rows too."""
        names = {field.name: field.attribute for field in fields(VarianceRow) if field.name != "effects"}
        return table(self.rows, VarianceRow, names | {str(cause): f"effects.{cause}" for cause in self.causes})

    def units(self) -> dict[tuple[UnitCode | None, FinancialYear], list[VarianceRow]]:
        """The rows of each unit and year: its forces, then the unit as a whole; at the end those of all units."""
        return {entry: list(rows) for entry, rows in groupby(self.rows, attrgetter("unit", "year"))}
