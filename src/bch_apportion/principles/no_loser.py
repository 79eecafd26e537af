"""No force pays more for a shared unit than it paid before collaboration, as far as the others' gains can carry it.

Principle 2, June 2015: "No Loser principle to be applied where applicable."

How we read it: a unit's pooled split is compared with its baselines. Losers are relieved of what they pay above their
baseline, gainers bear it in proportion to their gains. Where the unit costs more than all baselines together, gainers
give up all their gain and no more (with `if not achievable` = no adjustment, none is made), and the result says that
no loser is not achievable, and by how much. Of the
adjustment, `no loser %` is applied: 100, then 50, then 0 is a taper with an end. The adjustment sums to zero. With the
setting `uprate baselines` a baseline with a year is first brought to the budget year's prices. In a year in which lines
are held and the budget is not wholly pooled no test is made: there is nothing to compare like with like. With
`part years protected` it is made against that part of the baselines, where every line has a holder. Nor is it made
where nothing of it would apply (`no loser %` is 0) and an index for it is missing.

>>> result = no_loser([113_400_000, 138_600_000, 168_000_000], [120_000_000, 140_000_000, 165_000_000], Fraction(100))
>>> result.adjustments                          # HERTS is 30,000 over; BEDS has 66,000 of the gains, CAMBS 14,000
(2475000, 525000, -3000000)
>>> result.excess, result.headroom, result.achievable
(3000000, 8000000, True)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from bch_apportion.money import Pence, half_up, split, to_whole

SHARE_GAINS = "share gains"


@dataclass(frozen=True, slots=True)
class NoLoser:
    """The comparison of a pooled split with its baselines, in pence, by member."""

    baselines: tuple[Pence, ...]
    excess: Pence
    headroom: Pence
    relief: Pence
    applied: Fraction  # percent
    full: tuple[Pence, ...]  # the adjustment at 100 %
    targets: tuple[Fraction, ...]  # what each pays, exact, with `applied` percent of it
    adjustments: tuple[Pence, ...]

    @property
    def achievable(self) -> bool:
        return self.excess <= self.headroom

    @property
    def left_alone(self) -> bool:
        """Whether no adjustment is made, because it is not achievable."""
        return not self.achievable and self.headroom > self.relief

    @property
    def short(self) -> Pence:
        """By how much the gains fall short of the losses."""
        return max(0, self.excess - self.headroom)


def uprate(baseline: Pence, ratio: Fraction, part: Fraction = Fraction(1)) -> Pence:
    """A baseline in the prices of the budget year (by the `ratio` of the indices), and of a `part` of the year.

    >>> uprate(1_000_00, Fraction(1025, 1000)), uprate(1_000_00, Fraction(1025, 1000), Fraction(182, 365))
    (102500, 51110)
    """
    return half_up(baseline * ratio * part)


def no_loser(
    pooled: Sequence[Pence], baselines: Sequence[Pence], applied: Fraction, if_not_achievable: str = SHARE_GAINS
) -> NoLoser:
    """The adjustment of a pooled split, of which `applied` percent takes effect."""
    losses = [max(0, a - b) for a, b in zip(pooled, baselines, strict=True)]
    gains = [max(0, b - a) for a, b in zip(pooled, baselines, strict=True)]
    excess, headroom = sum(losses), sum(gains)
    relief = min(excess, headroom) if excess <= headroom or if_not_achievable == SHARE_GAINS else 0
    full = [gain - loss for gain, loss in zip(split(relief, gains), split(relief, losses), strict=True)]
    targets = tuple(a + applied / 100 * move for a, move in zip(pooled, full, strict=True))
    adjustments = tuple(target - a for target, a in zip(to_whole(targets), pooled, strict=True))
    return NoLoser(
        baselines=tuple(baselines),
        excess=excess,
        headroom=headroom,
        relief=relief,
        applied=applied,
        full=tuple(full),
        targets=targets,
        adjustments=adjustments,
    )
