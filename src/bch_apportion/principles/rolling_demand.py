"""Each force pays in proportion to its demand on the unit over a rolling window, and on a fixed base where one is set.

Principle 3, June 2015: "Will move to rolling demand as basis of apportionment (with a fixed base element, where
practical), when data is robust."

How we read it: the window is `window months` long and ends `lag months` before 1 April of the budget year. Only months
in which every member has a volume count: a month missing for one is left out for all, since a gap must not lower
anyone's bill. A member's share of a driver is its volume over the members' volume (`pooled`), or the mean of its shares
of the window's 12-month blocks (`mean`). Drivers are weighed. Of the cost, `fixed base %` is shared on the base.

>>> demand = (Fraction(30, 100), Fraction(34, 100), Fraction(36, 100))
>>> base = (Fraction(24, 100), Fraction(32, 100), Fraction(44, 100))
>>> blend(Fraction(50), base, demand)                                    # half on the base: 27 %, 33 %, 40 %
(Fraction(27, 100), Fraction(33, 100), Fraction(2, 5))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from bch_apportion.model import Block, Demand, ForceCode, Shares, Volume, WindowVolumes
from bch_apportion.money import Exact, split
from bch_apportion.years import FinancialYear, Month, Months

YEAR = 12


def rolling_window(year: FinancialYear, window_months: int, lag_months: int) -> Months:
    """The window of a budget year.

    >>> str(rolling_window(FinancialYear(2018), 36, 6)), str(rolling_window(FinancialYear(2021), 9, -9))
    ('2014-10..2017-09', '2021-04..2021-12')
    """
    return Months(year.first_month() - lag_months - window_months, window_months)


def volumes_in_window(driver: str, demand: Demand, window: Months, members: Sequence[ForceCode]) -> WindowVolumes:
    """The counted volumes of a window.

    A quarter, year or range counts as its months, spread evenly and exactly, if all of them are in the window; one
    that straddles its edge does not count, and its months are missing.
    """
    by_month = monthly_volumes(demand, window)
    counted, left_out, not_signed = [], [], []
    columns: list[list[Exact]] = [[] for _ in members]
    for month in window.months():
        have = by_month.get(month, {})
        if not all(force in have for force in members):
            left_out.append(month)
            continue
        counted.append(month)
        volumes = [have[force] for force in members]
        for column, volume in zip(columns, volumes, strict=True):
            column.append(volume.value)
        if not all(volume.signed_off for volume in volumes):
            not_signed.append(month)
    blocks = []
    for last in range(window.last, window.first + YEAR - 2, -YEAR):
        months = Months(last - YEAR + 1, YEAR)
        inside = [i for i, month in enumerate(counted) if months.first <= month <= months.last]
        blocks.append(Block(months, tuple(sum(column[i] for i in inside) for column in columns)))
    return WindowVolumes(
        driver=driver,
        window=window,
        members=tuple(members),
        counted=tuple(counted),
        left_out=tuple(left_out),
        volumes=tuple(sum(column) for column in columns),
        blocks=tuple(blocks),
        not_signed=tuple(not_signed),
    )


def monthly_volumes(demand: Demand, window: Months) -> Mapping[Month, Mapping[ForceCode, Volume]]:
    """The volumes by month, with the longer periods that lie in the window spread over their months."""
    if not demand.longer:
        return demand.monthly
    by_month = {month: dict(slot) for month, slot in demand.monthly.items()}
    for months, slot in demand.longer.items():
        if months.first >= window.first and months.last <= window.last:
            for force, volume in slot.items():
                part = volume._replace(value=Fraction(volume.value) / months.length)
                for month in months.months():
                    by_month.setdefault(month, {})[force] = part
    return by_month


def last_month(demand: Demand) -> Month | None:
    """The last month in which a driver has any volume; None where it has none."""
    return max((months.last for months, slot in demand.periods() if slot), default=None)


def last_common_month(drivers: Sequence[Demand], members: Sequence[ForceCode]) -> Month | None:
    """The last month in which every driver has a volume for every member; None where there is no such month."""
    having = [
        {month for months, slot in demand.periods() if force in slot for month in months.months()}
        for demand in drivers
        for force in members
    ]
    return max(set.intersection(*having), default=None) if having else None


def driver_shares(measured: WindowVolumes, method: str) -> Shares | None:
    """Each member's share of one driver, or None where its data is unusable (no volume, or a block without any)."""
    total = measured.total()
    if total <= 0:
        return None
    if method == "pooled":
        return tuple(Fraction(volume) / total for volume in measured.volumes)
    totals = [block.total() for block in measured.blocks]
    if not totals or min(totals) <= 0:
        return None
    return tuple(
        sum((Fraction(block.volumes[i]) / block.total() for block in measured.blocks), Fraction(0)) / len(totals)
        for i in range(len(measured.members))
    )


def demand_shares(shares: Sequence[Shares], weights: Sequence[Fraction]) -> Shares:
    """The weighted mean of the drivers' shares.

    >>> demand_shares([(Fraction(1, 2), Fraction(1, 2)), (Fraction(1), Fraction(0))], [Fraction(3), Fraction(1)])
    (Fraction(5, 8), Fraction(3, 8))
    """
    total = sum(weights)
    return tuple(
        sum((weight * share for weight, share in zip(weights, column, strict=True)), Fraction(0)) / total
        for column in zip(*shares, strict=True)
    )


def equal_shares(members: int) -> Shares:
    """The same share for each member: a fixed base on `equal`."""
    return (Fraction(1, members),) * members


def blend(fixed_base: Fraction, base: Shares, demand: Shares) -> Shares:
    """`fixed_base` percent of the cost on the base, the rest on demand."""
    part = fixed_base / 100
    return tuple(part * b + (1 - part) * d for b, d in zip(base, demand, strict=True))


def to_decimals(shares: Shares, decimals: int | None) -> Shares:
    """Shares brought to so many decimals of a percent, summing to 100 by largest remainder; None leaves them exact.

    >>> to_decimals((Fraction(2, 3), Fraction(1, 3)), 0)
    (Fraction(67, 100), Fraction(33, 100))
    """
    if decimals is None:
        return shares
    whole = 100 * 10**decimals
    return tuple(Fraction(part, whole) for part in split(whole, shares))
