"""The answer of `track`: unit costs over the years, totals, and the no-loser protection of each force.

The recurring cost is without implementation and one-off lines. A break is a year whose members or pooled fraction
differ from those of the base year.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Literal

from bch_apportion.answers import Answer, Run
from bch_apportion.kinds import ASIDE, Money, Place, Year, record
from bch_apportion.money import pounds_words
from bch_apportion.questions.outturn import SOURCES, Source
from bch_apportion.years import FinancialYear


@record
class TrackRow:
    """A unit's cost in a year; a positive saving (of recurring cost) is a saving, null where nothing shows it.

    `base` is the base year, null without a cost in it; `broken` says in what a break differs from it; `plan_cash` is
    the business case in prices of the year.
    """

    unit: str
    year: Year
    source: Source
    cash: Money
    real: Money | None
    recurring: Money
    recurring_real: Money | None
    plan: Money | None
    saving_cash: Money | None
    saving_real: Money | None
    break_: bool
    base: Annotated[Year | None, ASIDE] = None
    programme: Annotated[str, ASIDE] = ""
    broken: Annotated[str, ASIDE] = ""
    plan_cash: Annotated[Money | None, ASIDE] = None

    @property
    def base_recurring(self) -> int | None:
        """What it cost in the base year."""
        return None if self.saving_cash is None else self.saving_cash + self.recurring

    @property
    def change(self) -> int | None:
        """Of recurring cost since the base year, in cash."""
        return None if self.saving_cash is None else -self.saving_cash

    @property
    def change_real(self) -> int | None:
        return None if self.saving_real is None else -self.saving_real

    @property
    def rests_on(self) -> str:
        return SOURCES[self.source]


@record
class Break:
    """A unit with a break, which no total counts, and the change of its recurring cost since the base year, in cash."""

    unit: str
    change: Money


@record
class TrackTotal:
    """The costs of a programme (null: of all units) in a year; the savings are those of units with a base.

    The sums are those of the units without a break; `breaks` names the others.
    """

    programme: str | None
    year: Year
    units: int
    units_with_base: int
    cash: Money
    real: Money | None
    recurring: Money
    recurring_real: Money | None
    saving_cash: Money | None
    saving_real: Money | None
    breaks: Sequence[Break]
    rests_on: Annotated[str, ASIDE] = ""

    @property
    def programme_or_all(self) -> str:
        return self.programme or "Alliance"

    @property
    def broken(self) -> str:
        return "; ".join(f"{row.unit} {'+' * (row.change > 0)}{pounds_words(row.change)}" for row in self.breaks)


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
class Attributed:
    """An amount that somebody attributes to collaboration (Explanations, against track); positive is a saving."""

    unit: str
    year: Year
    force: str | None
    amount: Money
    text: str
    owner: str
    cell: Place


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
    attributed: Sequence[Attributed]
    part_years: Annotated[Sequence[str], ASIDE] = ()
    notes: Annotated[Sequence[str], ASIDE] = ()

    def years(self) -> list[FinancialYear]:
        return sorted({row.year for row in self.rows})

    def course(self, rows: Sequence[TrackRow], figure: Literal["cash", "real", "recurring"]) -> list[int | None]:
        """A unit's figure in each year, in pence; None in years of other units alone."""
        by_year = {row.year: getattr(row, figure) for row in rows}
        return [by_year.get(year) for year in self.years()]

    def units(self) -> dict[str, list[TrackRow]]:
        """The rows of each unit."""
        return {unit: list(rows) for unit, rows in groupby(self.rows, attrgetter("unit"))}

    def latest(self) -> list[TrackRow]:
        """The last row of each unit."""
        return [rows[-1] for rows in self.units().values()]

    @property
    def in_real_terms(self) -> bool:
        return any(row.real is not None for row in self.rows)
