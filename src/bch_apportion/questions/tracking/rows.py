"""The answer of `track`: unit costs over the years, totals, and the no-loser protection of each force."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Literal

from bch_apportion.answers import Answer, Run
from bch_apportion.kinds import ASIDE, Money, Year, record
from bch_apportion.years import FinancialYear

Source = Literal["actuals", "budgets"]


@record
class TrackRow:
    """A unit's cost in a year; a positive saving is a saving, null where nothing shows it."""

    unit: str
    year: Year
    source: Source
    cash: Money
    real: Money | None
    plan: Money | None
    saving_cash: Money | None
    saving_real: Money | None
    programme: Annotated[str, ASIDE] = ""


@record
class TrackTotal:
    """The costs of a programme (null: of all units) in a year; the savings are those of units with a base."""

    programme: str | None
    year: Year
    units: int
    units_with_base: int
    cash: Money
    real: Money | None
    saving_cash: Money | None
    saving_real: Money | None

    @property
    def programme_or_all(self) -> str:
        return self.programme or "Alliance"


@record
class Protection:
    """No-loser protection that a force received and funded over the years shown."""

    force: str
    received: Money
    funded: Money

    @property
    def net(self) -> int:
        return self.funded - self.received


@record
class Track(Answer):
    """`track --json`."""

    TABLE = "rows"

    schema: Literal["bch-apportion/track/1"] = "bch-apportion/track/1"
    run: Run
    base: Year | None
    rows: Sequence[TrackRow]
    totals: Sequence[TrackTotal]
    protection: Sequence[Protection]
    without_base: Sequence[str]

    def years(self) -> list[FinancialYear]:
        return sorted({row.year for row in self.rows})

    def course(self, rows: Sequence[TrackRow], figure: Literal["cash", "real"]) -> list[int | None]:
        """A unit's figure in each year, in pence; None in years of other units alone."""
        by_year = {row.year: getattr(row, figure) for row in rows}
        return [by_year.get(year) for year in self.years()]

    def units(self) -> dict[str, list[TrackRow]]:
        """The rows of each unit."""
        return {unit: list(rows) for unit, rows in groupby(self.rows, attrgetter("unit"))}

    @property
    def in_real_terms(self) -> bool:
        return any(row.real is not None for row in self.rows)
