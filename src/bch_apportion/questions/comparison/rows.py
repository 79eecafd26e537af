"""The answer of `compare`: what each force pays on both sides, by cause; tipping points; what a leaver leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal

from bch_apportion.answers import Answer, QueryRow, Run, headings
from bch_apportion.kinds import ASIDE, Money, Ratio, Share, Year, record
from bch_apportion.model import ForceCode, UnitCode
from bch_apportion.questions.bridge import LEDGER_CAUSES, LedgerCause, UnitAndYear


@record
class ComparedRow:
    """What a force pays on both sides for a unit and year; `unit` null: over all units."""

    unit: UnitCode | None
    year: Year
    force: ForceCode
    a: Money
    b: Money
    difference: Money
    effects: Mapping[LedgerCause, Money]


@record
class TippingPoint:
    """The demand share at which a force pays as much on demand as on the other basis, the others in proportion.

    `tipping_share` is null where demand has no part in the share; `movement`, how far the demand share would have to
    move, is in percentage points.
    """

    unit: UnitCode
    year: Year
    force: ForceCode
    demand_share: Share
    tipping_share: Ratio | None
    movement: Ratio | None
    reachable: bool


@record
class LeftUncovered:
    """What a force that leaves bore: `amount` falls to the others, `own` (held and direct lines) leaves with it."""

    unit: UnitCode
    year: Year
    force: ForceCode
    amount: Money
    own: Money


@record
class NotCompared:
    """A unit that one of the sides cannot carry, and why."""

    unit: UnitCode
    reason: str


@record
class SideControl:
    """A control of the run of one side."""

    side: Literal["a", "b"]
    control: str
    passed: bool
    detail: str


@record
class Compare(Answer):
    """`compare --json`."""

    TABLE = "rows"
    COLUMNS = MappingProxyType(
        headings("unit | year | force | a | b | difference") | {cause: f"effects.{cause}" for cause in LEDGER_CAUSES}
    )

    schema: Literal["bch-apportion/compare/1"] = "bch-apportion/compare/1"
    run: Run
    other: Run
    a: str
    b: str
    rows: Sequence[ComparedRow]
    tipping: Sequence[TippingPoint]
    uncovered: Sequence[LeftUncovered]
    not_comparable: Sequence[NotCompared]
    without_a: Sequence[UnitAndYear]
    without_b: Sequence[UnitAndYear]
    controls: Sequence[SideControl]
    notes: Sequence[str]
    queries: Sequence[QueryRow] = ()
    said: Annotated[Sequence[str], ASIDE] = ()  # of the notes those that are about the comparison itself
