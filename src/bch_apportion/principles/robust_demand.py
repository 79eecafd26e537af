"""Demand data carries a split only when it is robust: measured, complete, above zero, stable, and signed off.

Principles 1 and 3, June 2015: "… unless demand data is robust"; "… when data is robust". The paper does not say what
robust is.

How we read it: every test passes for every driver of the unit, and each test's outcome is shown with its figures.
*driver*: the unit has one. *complete*: of the window's months at most `max missing %` are left out. *positive*: the
volume in the window is above zero. *stable*: in every whole 12-month block, counted back from the window's end, each
member's share is within `max share movement` points of its pooled share of the window; with fewer than two such blocks
there is nothing to compare, and it is not tested. *signed off*: where the Demand sheet has that column, every counted
month says yes for every member.

>>> max(movements(Block(Months(0, 12), (31, 69)), (Fraction(28, 100), Fraction(72, 100))))   # 31 % against 28 %
Fraction(3, 1)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from bch_apportion.model import Block, ForceCode, RobustnessTest, Shares, Volume, WindowVolumes
from bch_apportion.money import decimal_beside, percent, plain
from bch_apportion.years import Month, Months

COMPARABLE = 2  # whole blocks


def has_driver(drivers: int) -> RobustnessTest:
    """*driver*: the unit has at least one driver."""
    if not drivers:
        return RobustnessTest("driver", None, False, "the unit has no driver on the Drivers sheet")
    return RobustnessTest("driver", None, True, f"{drivers} driver{'s' if drivers > 1 else ''} on the Drivers sheet")


def tests_of(
    measured: WindowVolumes, max_missing: Fraction, max_share_movement: Fraction, with_sign_off: bool
) -> list[RobustnessTest]:
    """Every test of one driver, each with its figures."""
    tests = [complete(measured, max_missing), positive(measured), stable(measured, max_share_movement)]
    return [*tests, signed_off(measured)] if with_sign_off else tests


def complete(measured: WindowVolumes, max_missing: Fraction) -> RobustnessTest:
    """*complete*: of the window's months, at most `max missing %` are left out."""
    missing, length = len(measured.left_out), measured.window.length
    passed = missing * 100 <= max_missing * length
    part = decimal_beside(Fraction(missing * 100, length), max_missing, 2)
    detail = f"{missing} of {length} months left out ({part}%, limit {plain(max_missing)}%)"
    return RobustnessTest(
        "complete", measured.driver, passed, f"{detail}: {month_list(measured.left_out)}" if missing else detail
    )


def positive(measured: WindowVolumes) -> RobustnessTest:
    """*positive*: the members' total in the window is above zero."""
    total = measured.total()
    return RobustnessTest("positive", measured.driver, total > 0, f"volume in the window {plain(total)}")


def movements(block: Block, window: Shares) -> list[Fraction]:
    """How far each member's share of the block is from its share of the window, in percentage points."""
    total = block.total()
    return [abs(Fraction(own) / total - share) * 100 for own, share in zip(block.volumes, window, strict=True)]


def stable(measured: WindowVolumes, max_share_movement: Fraction) -> RobustnessTest:
    """*stable*: in every whole 12-month block each member's share is within the limit of its pooled share."""
    limit = f"limit {plain(max_share_movement)} points"
    if len(measured.blocks) < COMPARABLE:
        detail = f"the window has fewer than two whole 12-month blocks, so there is nothing to compare ({limit})"
        return RobustnessTest("stable", measured.driver, None, detail)
    empty = next((block for block in measured.blocks if block.total() <= 0), None)
    if empty is not None:
        return RobustnessTest("stable", measured.driver, False, f"the block {empty.months} has no volume ({limit})")
    pooled = _pooled(measured)
    block = max(measured.blocks, key=lambda block: max(movements(block, pooled)))
    moved = movements(block, pooled)
    worst = max(moved)
    member = moved.index(worst)
    points = decimal_beside(worst, max_share_movement, 4)
    detail = (
        f"largest movement {points} points ({limit}): {measured.members[member]} "
        f"{percent(Fraction(block.volumes[member]) / block.total())} in {block.months} "
        f"against {percent(pooled[member])} over the window"
    )
    return RobustnessTest("stable", measured.driver, worst <= max_share_movement, detail)


def _pooled(measured: WindowVolumes) -> Shares:
    """The members' shares of the window."""
    total = measured.total()
    return tuple(Fraction(volume) / total for volume in measured.volumes)


def signed_off(measured: WindowVolumes) -> RobustnessTest:
    """*signed off*: every counted month says yes, for every member."""
    missing = measured.not_signed
    detail = (
        f"{len(missing)} of {len(measured.counted)} counted months not signed off: {month_list(missing)}"
        if missing
        else f"all {len(measured.counted)} counted months are signed off"
    )
    return RobustnessTest("signed off", measured.driver, not missing, detail)


def whose(
    test: str,
    measured: WindowVolumes,
    by_month: Mapping[Month, Mapping[ForceCode, Volume]],
    max_share_movement: Fraction,
) -> tuple[ForceCode, ...]:
    """The members on whose data a driver fails a test: all of them where it is nobody's in particular."""
    members = measured.members
    at_fault: set[ForceCode] = set()
    if test == "complete":
        at_fault = {f for month in measured.left_out for f in members if f not in by_month.get(month, {})}
    elif test == "signed off":
        at_fault = {f for month in measured.not_signed for f in members if not by_month[month][f].signed_off}
    elif test == "stable" and all(block.total() > 0 for block in measured.blocks):
        at_fault = set(_moving(measured, max_share_movement))
    return tuple(force for force in members if force in at_fault) or members


def _moving(measured: WindowVolumes, max_share_movement: Fraction) -> Iterator[ForceCode]:
    """The members whose share of a block is further from their share of the window than the limit."""
    pooled = _pooled(measured)
    for block in measured.blocks:
        for force, moved in zip(measured.members, movements(block, pooled), strict=True):
            if moved > max_share_movement:
                yield force


def month_list(months: Sequence[Month]) -> str:
    """Months in words, runs together.

    >>> month_list([24216, 24217, 24218, 24220])
    '2018-01..2018-03, 2018-05'
    """
    runs: list[Months] = []
    for month in months:
        if runs and month == runs[-1].last + 1:
            runs[-1] = Months(runs[-1].first, runs[-1].length + 1)
        else:
            runs.append(Months(month, 1))
    return ", ".join(str(run) for run in runs)
