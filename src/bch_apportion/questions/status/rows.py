"""The answer of `status`: where each unit stands against the agreed principles, and what would move it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Literal

from bch_apportion.answers import Answer, QueryRow, Run, headings
from bch_apportion.kinds import ASIDE, Date, Money, Percent, Share, When, Year, record
from bch_apportion.model import Target
from bch_apportion.money import decimal_text, pounds
from bch_apportion.words import BASIS_WORDS
from bch_apportion.years import FinancialYear

StandsOn = Literal["held", "nre", "agreed", "demand", "kept", "direct", "implementation"]
Why = Literal["not-pooled", "no-driver", "complete", "positive", "stable", "signed-off", "settled", "choice"]
WHY_WORDS: dict[Why, str] = {
    "not-pooled": "not pooled",
    "no-driver": "no driver",
    "complete": "months missing",
    "positive": "no volume",
    "stable": "shares moved too much",
    "signed-off": "not signed off",
    "settled": "older shares kept (tolerance)",
    "choice": "the terms say otherwise",
}
STANDS_WORDS: dict[StandsOn, str] = {
    "held": "held",
    "nre": "NRE",
    "agreed": "agreed shares",
    "demand": "demand",
    "kept": "kept demand shares",
    "direct": "direct",
    "implementation": "implementation",
}
BY_DECISION, NOT_KNOWN, NO_END = "by decision", "not known", "no end"


@record
class Part:
    """What of a unit's cost of the year stands on a basis."""

    basis: StandsOn
    amount: Money


@record
class Stop:
    """What keeps a unit from its target, in a word, and with its figures."""

    why: Why
    detail: str


@record
class Move:
    """What a force would bear more (below zero: less) if the unit moved to its target, before no loser."""

    force: str
    amount: Money


@record
class Protected:
    """How much of the no-loser adjustment is applied, in percent, and the first year with none."""

    applied: Percent
    ends: When


@record
class InForce:
    """The agreement in force on the day; `days_overdue` is for its review."""

    version: str
    review_due: Date | None
    days_overdue: int


@record
class StatusRow:
    """Where a unit stands in a year."""

    unit: str
    year: Year
    stands_on: Sequence[Part]
    cost: Money
    target: Target
    stops: Sequence[Stop]
    moving: Sequence[Move]
    earliest: When | None
    baselines: bool
    no_loser: Protected | None
    agreement: InForce | None
    business_case_months: int | None
    owner: str
    due: Date | None
    overdue: bool

    @property
    def stands_words(self) -> str:
        """What it stands on, the largest part first, with the percentage of its cost where there are several."""
        parts = sorted(self.stands_on, key=lambda part: -abs(part.amount))
        if len(parts) == 1 or not self.cost:
            return ", ".join(STANDS_WORDS[part.basis] for part in parts)
        return ", ".join(f"{STANDS_WORDS[part.basis]} {_percent(part.amount, self.cost)}" for part in parts)

    @property
    def whys(self) -> tuple[Why, ...]:
        """The reasons, each once: several drivers may fail the same test."""
        return tuple(dict.fromkeys(stop.why for stop in self.stops))

    @property
    def stop_words(self) -> str:
        return ", ".join(WHY_WORDS[why] for why in self.whys)

    @property
    def target_words(self) -> str:
        return BASIS_WORDS.get(self.target, self.target)

    @property
    def moving_words(self) -> str:
        return ", ".join(f"{move.force} {pounds(move.amount)}" for move in self.moving)


def _percent(part: int, cost: int) -> str:
    """A part of a cost in whole percent, as a sentence has it.

    >>> _percent(250, 1000), _percent(4, 1000)
    ('25%', 'under 1%')
    """
    return "under 1%" if abs(200 * part) < abs(cost) else f"{decimal_text(Fraction(100 * part, cost), 0)}%"


@record
class BasisShare:
    """How much of the cost of a year stands on a basis; no percentage where the year costs nothing in all."""

    year: Year
    basis: StandsOn
    amount: Money
    percent: Percent | None


@record
class Compared:
    """The share that is applied beside the share agreed, where an agreement and an agreed set are in force."""

    unit: str
    force: str
    applied: Share
    agreed: Share
    year: Annotated[Year | None, ASIDE] = None


@record
class Status(Answer):
    """`status --json`."""

    TABLE = "rows"
    COLUMNS = MappingProxyType(
        headings(
            "unit | year | stands_on: stands_words | cost | target | stops: whys | moving: moving_words | "
            "earliest | baselines | no_loser_applied: no_loser.applied | no_loser_ends: no_loser.ends | "
            "agreement: agreement.version | review_due: agreement.review_due | days_overdue: agreement.days_overdue | "
            "business_case_months | owner | due | overdue"
        )
    )

    schema: Literal["bch-apportion/status/1"] = "bch-apportion/status/1"
    run: Run
    rows: Sequence[StatusRow]
    by_basis: Sequence[BasisShare]
    applied_against_agreed: Sequence[Compared]
    notes: Sequence[str]
    queries: Sequence[QueryRow] = ()

    def years(self) -> list[FinancialYear]:
        """The years that have rows."""
        return sorted({row.year for row in self.rows})

    def units(self) -> list[str]:
        """The units that have rows."""
        return list(dict.fromkeys(row.unit for row in self.rows))
