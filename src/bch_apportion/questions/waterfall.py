"""A bridge as stacked columns: what the charts of `variance` and `mtfs` draw."""

from __future__ import annotations

from bch_apportion.money import Pence

SERIES = ("base", "total", "rise", "fall", "rise below 0", "fall below 0")


def bars(start: Pence, end: Pence, is_total: bool = False) -> tuple[Pence, ...]:
    """A step by SERIES: an unseen base, then a total, a rise or a fall, in its parts above and below zero.

    >>> bars(-500, 500)                           # a rise on both sides
    (0, 0, 500, 0, -500, 0)
    >>> bars(900, 700), bars(0, 700, is_total=True)
    ((700, 0, 0, 200, 0, 0), (0, 700, 0, 0, 0, 0))
    """
    if is_total:
        return 0, end, 0, 0, 0, 0
    low, high = min(start, end), max(start, end)
    base = low if low > 0 else min(0, high)
    above, below = max(0, high) - max(0, low), min(0, low) - min(0, high)
    return (base, 0, above, 0, below, 0) if end >= start else (base, 0, 0, above, 0, below)
