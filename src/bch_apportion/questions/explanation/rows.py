"""The answer of `explain`: a figure's lines, each with its rule and rounding, and every number that led to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Literal

from bch_apportion.answers import Answer, Run
from bch_apportion.kinds import ASIDE, ExactPence, ExactShare, Money, Number, Place, Ratio, Share, Year, record
from bch_apportion.model import Basis, Component, ForceCode, LineType, UnitCode
from bch_apportion.questions.split.rows import Compute, UnitBasis

Part = Literal["implementation", "direct", "revenue"]


@record
class Rounding:
    """How a share of a total became whole pence: the floor of the exact quota, and whether it got an odd penny."""

    total: Money
    floor: Money
    remainder_of_a_penny: str
    odd_penny: bool
    sign: Literal[1, -1]


@record
class ExplainedLine:
    """A line with the principle it rests on and its rounding."""

    unit: Annotated[UnitCode, ASIDE] = ""
    year: Annotated[Year | None, ASIDE] = None
    component: Component
    force: ForceCode
    amount: Money
    basis: Basis
    share: Share | None
    share_exact: ExactShare | None
    principle: int | None
    principle_text: str | None
    rule: str
    reference: str
    cells: Sequence[Place]
    rounding: Rounding | None


@record
class BudgetLine:
    """A budget line behind the figures."""

    cell: Place
    line: str
    subjective: str
    type: LineType
    held_by: ForceCode | None
    direct_to: ForceCode | None
    amount: Money
    part: Annotated[Part, ASIDE] = "revenue"


@record
class PooledPart:
    """How much of the budget is pooled, and what stays with each holder."""

    amount: Money
    fraction: ExactShare
    held: Mapping[ForceCode, Money]


@record
class Window:
    """The demand window as dates, in words."""

    first_day: str
    last_day: str


@record
class BlockEvidence:
    """A 12-month block of the window."""

    block: str
    volumes: Mapping[ForceCode, Number]

    def shares(self) -> list[Fraction]:
        total = sum(self.volumes.values())
        return [Fraction(volume) / total for volume in self.volumes.values()]


@record
class DriverEvidence:
    """A driver's volumes in the window."""

    driver: str
    weight: Number
    months_counted: int
    months_left_out: str
    volumes: Mapping[ForceCode, Number]
    shares: Mapping[ForceCode, ExactShare] | None
    blocks: Sequence[BlockEvidence]
    cells: Sequence[str]


@record
class AppliedShares:
    """The shares on the way to those applied: on demand, of the fixed base, both blended."""

    demand: Mapping[ForceCode, ExactShare] | None
    fixed_base: Mapping[ForceCode, ExactShare] | None
    new: Mapping[ForceCode, ExactShare] | None
    applied: Mapping[ForceCode, ExactShare]


@record
class Rebase:
    """The comparison of new demand shares with those last settled; movement and tolerance in percentage points."""

    settled: Mapping[ForceCode, ExactShare]
    settled_in: Year
    settled_by: Literal["agreed", "demand"]
    new: Mapping[ForceCode, ExactShare]
    movement: Ratio
    tolerance: Number
    kept: bool


@record
class NreEvidence:
    """An NRE used, and the year it is of: an earlier one than wanted where it was carried forward."""

    force: ForceCode
    year: Year
    nre: Money
    cell: Place
    source: str
    wanted: Annotated[Year | None, ASIDE] = None


@record
class AgreedEvidence:
    """The agreed set in force."""

    from_year: Year
    shares: Mapping[ForceCode, ExactShare]
    cells: Mapping[ForceCode, Place]


@record
class Relief:
    """What the no-loser adjustment is for a force."""

    force: ForceCode
    pooled: Money
    baseline: Money
    full_adjustment: Money
    exact_target_pence: ExactPence
    adjustment: Money

    @property
    def over(self) -> int:
        """How far the force is above its baseline."""
        return self.pooled - self.baseline


@record
class IndexUsed:
    """A price index used."""

    year: Year
    index: Number
    cell: Place


@record
class NoLoserSteps:
    """The no-loser adjustment step by step."""

    relief: Money
    applied: Number
    short: Money
    forces: Sequence[Relief]
    index: Sequence[IndexUsed]


@record
class BaselineEvidence:
    """What a force paid before, and the baseline in prices of the budget year."""

    force: ForceCode
    paid_before: Money
    prices_of: Year | None
    baseline: Money
    cell: Place


@record
class Explain(Answer):
    """`explain --json`."""

    TABLE = "lines"
    COLUMNS = Compute.COLUMNS

    schema: Literal["bch-apportion/explain/1"] = "bch-apportion/explain/1"
    run: Run
    unit: UnitCode
    year: Year
    force: ForceCode | None
    members: Sequence[ForceCode]
    amount: Money
    lines: Sequence[ExplainedLine]
    budget: Sequence[BudgetLine]
    pooled: PooledPart
    basis: UnitBasis
    window: Window
    drivers: Sequence[DriverEvidence]
    shares: AppliedShares
    rebase: Rebase | None
    nre: Sequence[NreEvidence] | None
    fixed_base_nre: Sequence[NreEvidence] | None
    implementation_nre: Sequence[NreEvidence] | None
    agreed: AgreedEvidence | None
    no_loser: NoLoserSteps | None
    baselines: Sequence[BaselineEvidence]
