"""`split` over several sources whose totals have no common multiple that a spreadsheet holds: quotas to 12 decimals.

A share of f × NRE + (1 − f) × demand would need the product of the sources' totals as its denominator. Instead the
total is divided source by source, each part to twelve decimals of a penny, and the parts are weighed: the quotient, its
first and its last six decimals, each a whole number. What is cut off is less than two units of the twelfth decimal. So
the whole pence are right while no decimals are within two units of the next penny, and the odd pennies are where the
least remainder that has a penny is two units or more above the largest that has none: the sheet checks that too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bch_apportion.live.cells import PRODUCT, Known, added
from bch_apportion.live.dividing import LARGEST_TOTAL, held

MILLION = 10**6
UNITS = 10**12  # of a penny
LEAST = 2  # units by which remainders must be apart
MOST_PARTS = PRODUCT // (2 * MILLION)  # all parts together: (rest + sum of decimals) × a million stays below 1e14


class MixedSource(NamedTuple):
    """One source: which part of the cost, and each member's figure over their total; all whole numbers in cells."""

    name: str
    part: Known
    figures: tuple[Known, ...]
    total: Known


class Mixed(NamedTuple):
    """What a cost is shared on where it is several sources, and the exact weights that come of them.

    `stands` records why a change of its figures is not followed.
    """

    sources: tuple[MixedSource, ...]
    weights: tuple[int, ...]
    stands: Callable[[str], None]

    def holds(self) -> bool:
        """Whether every division by a source's total is held."""
        return self.parts().value < MOST_PARTS and all(
            held(1, max(figure.value for figure in source.figures), source.total.value) for source in self.sources
        )

    def parts(self) -> Known:
        return added(source.part for source in self.sources)


class Row(NamedTuple):
    """A bearer's quota: whole pence, and the decimals of the next penny."""

    whole: int
    remainder: int


def quotas(total: int, mixed: Mixed) -> list[Row]:
    """Each bearer's quota to twelve decimals, cut off as the sheets do.

    >>> third, half = Known("", 1), Known("", 2)
    >>> source = MixedSource("NRE", Known("", 1), (third, half), Known("", 3))
    >>> quotas(100, Mixed((source,), (1, 2), print))
    [Row(whole=33, remainder=333333333333), Row(whole=66, remainder=666666666666)]
    """
    over, rows = mixed.parts().value, []
    for place in range(len(mixed.sources[0].figures)):
        summed = sum(
            source.part.value * (abs(total) * source.figures[place].value * UNITS // source.total.value)
            for source in mixed.sources
        )
        whole, rest = divmod(summed // over, UNITS)
        rows.append(Row(whole, rest))
    return rows


def certain(total: int, mixed: Mixed) -> bool:
    """Whether twelve decimals decide every whole and odd penny, and every number on the way is held."""
    rows = quotas(total, mixed)
    left = abs(total) - sum(row.whole for row in rows)
    if not 0 <= left < len(rows) or abs(total) * mixed.parts().value >= PRODUCT or abs(total) >= LARGEST_TOTAL:
        return False
    ranked = sorted((row.remainder for row in rows), reverse=True)
    least = ranked[left - 1] if left else UNITS
    return ranked[0] <= UNITS - LEAST and least - ranked[left] >= LEAST
