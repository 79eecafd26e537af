"""`split` over several sources whose totals have no common multiple that a spreadsheet holds: quotas to 12 decimals.

A share of f × NRE + (1 − f) × demand would need the product of the sources' totals as its denominator. Instead the
total is divided source by source, each part to twelve decimals of a penny, and the parts are weighed: the quotient, its
first and its last six decimals, each a whole number. What is cut off is less than two units of the twelfth decimal. So
the whole pence are right while no decimals are within two units of the next penny, and the odd pennies are where the
least remainder that has one is two units or more above the largest that has none: the sheet checks that too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd
from typing import NamedTuple

from bch_apportion.live.dividing import LARGEST_TOTAL, Dividing, held
from bch_apportion.live.tables import PRODUCT, Key, Known, Table
from bch_apportion.model import ForceCode
from bch_apportion.writing.report import Cell

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

    `stands` is told why its figures are not followed.
    """

    sources: tuple[MixedSource, ...]
    weights: tuple[int, ...]
    stands: Callable[[str], None]

    def holds(self) -> bool:
        """Whether every division by a source's total is held."""
        parts = sum(source.part.value for source in self.sources)
        return parts < MOST_PARTS and all(
            held(1, max(figure.value for figure in source.figures), source.total.value) for source in self.sources
        )

    def parts(self) -> int:
        return sum(source.part.value for source in self.sources)


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
    over, rows = mixed.parts(), []
    for place in range(len(mixed.sources[0].figures)):
        summed = sum(
            source.part.value * (abs(total) * source.figures[place].value * UNITS // source.total.value)
            for source in mixed.sources
        )
        rows.append(Row(*divmod(summed // over, UNITS)))
    return rows


def certain(total: int, mixed: Mixed) -> bool:
    """Whether twelve decimals decide every whole and odd penny, and every number on the way is held."""
    rows = quotas(total, mixed)
    left = abs(total) - sum(row.whole for row in rows)
    if not 0 <= left < len(rows) or abs(total) * mixed.parts() >= PRODUCT or abs(total) >= LARGEST_TOTAL:
        return False
    ranked = sorted((row.remainder for row in rows), reverse=True)
    least = ranked[left - 1] if left else UNITS
    return ranked[0] <= UNITS - LEAST and least - ranked[left] >= LEAST


class Mixing:
    """The two sheets of such quotas: the total divided source by source, and the parts weighed together."""

    def __init__(self, divisions: str, sums: str, about: str) -> None:
        self.divisions = Dividing(divisions, f"{about}: the total divided on each source", "source", decimals=True)
        self.sums = Table(
            sums,
            f"{about}: the sources weighed together, each bearer's remainder and the odd penny",
            (
                "unit",
                ("year", "year"),
                "what",
                "force",
                ("quotients", "count"),
                ("decimals 1 to 6", "count"),
                ("decimals 7 to 12", "count"),
                ("parts", "count"),
                ("whole", "count"),
                ("rest", "count"),
                ("next six", "count"),
                ("next rest", "count"),
                ("last six", "count"),
                ("all six", "count"),
                ("whole pence", "count"),
                ("remainder", "count"),
                ("rank", "whole"),
                ("odd penny", "whole"),
                ("amount (pence)", "count"),
            ),
            "Σ part × quotient and Σ part × decimals over the sum of the parts; the remainder is in millionths of a "
            "millionth of a penny, and decides who has an odd penny.",
        )

    def enter(
        self, key: Key, what: str, total: Known, left: str, members: Sequence[ForceCode], mixed: Mixed
    ) -> list[Known]:
        """The rows of a total (its cell, and that of the pennies left); the parts, where they stand."""
        weighed = self._divide(key, total, members, mixed)
        found = quotas(total.value, mixed)
        first = self.sums.next
        pennies = abs(total.value) - sum(row.whole for row in found)
        order = sorted(range(len(found)), key=lambda i: -found[i].remainder)
        amounts = []
        for place, force in enumerate(members):
            rank = order.index(place) + 1
            amount = (-1 if total.value < 0 else 1) * (found[place].whole + (rank <= pennies))
            row = self._sum(
                key, what, force, weighed[place], mixed, (first, len(members)), (total.ref, left), rank, pennies, amount
            )
            amounts.append(self.sums.known("amount (pence)", row, amount))
        return amounts

    def _divide(
        self, key: Key, total: Known, members: Sequence[ForceCode], mixed: Mixed
    ) -> list[list[tuple[Known, tuple[Known, ...]]]]:
        """For each member its part of each source: that part of the cost, and quotient and decimals."""
        weighed: list[list[tuple[Known, tuple[Known, ...]]]] = [[] for _ in members]
        for source in mixed.sources:
            for own, force, figure in zip(weighed, members, source.figures, strict=True):
                one = self.divisions.divide(key, source.name, force, total, figure, source.total)
                own.append((source.part, (one.quotient, *one.decimals)))
        return weighed

    def _sum(
        self,
        key: Key,
        what: str,
        force: str,
        own: Sequence[tuple[Known, tuple[Known, ...]]],
        mixed: Mixed,
        rows: tuple[int, int],
        of: tuple[str, str],
        rank: int,
        pennies: int,
        amount: int,
    ) -> int:
        table, row = self.sums, self.sums.next
        sums = [
            Known(
                "+".join(f"{part.ref}*{ends[n].ref}" for part, ends in own), sum(p.value * e[n].value for p, e in own)
            )
            for n in range(3)
        ]
        over = Known("+".join(source.part.ref for source in mixed.sources), mixed.parts())
        names = ("quotients", "decimals 1 to 6", "decimals 7 to 12", "parts", "whole", "rest", "next six", "next rest")
        quotients, high, low, parts, whole, rest, six, next_rest = (table.at(name, row) for name in names)
        last, all_six, pence = (table.at(name, row) for name in ("last six", "all six", "whole pence"))
        values = _weighed(sums[0].value, sums[1].value, sums[2].value, over.value)
        remainders = table.span("remainder", rows[0], rows[0] + rows[1] - 1)
        own_remainder = table.at("remainder", row)
        ranked = f"=1+SUMPRODUCT(--({remainders}>{own_remainder}))"
        if row > rows[0]:
            ranked += f"+SUMPRODUCT(--({table.span('remainder', rows[0], row - 1)}={own_remainder}))"
        return table.add(
            *key,
            what,
            force,
            *(one.link() for one in sums),
            over.link(),
            Cell(values[0], f"=INT({quotients}/MAX(1,{parts}))"),
            Cell(values[1], f"={quotients}-{whole}*{parts}"),
            Cell(values[2], f"=INT(({rest}*{MILLION}+{high})/MAX(1,{parts}))"),
            Cell(values[3], f"={rest}*{MILLION}+{high}-{six}*{parts}"),
            Cell(values[4], f"=INT(({next_rest}*{MILLION}+{low})/MAX(1,{parts}))"),
            Cell(values[5], f"={six}+INT({last}/{MILLION})"),
            Cell(values[0] + values[5] // MILLION, f"={whole}+INT({all_six}/{MILLION})"),
            Cell(
                values[5] % MILLION * MILLION + values[4] % MILLION,
                f"=({all_six}-{MILLION}*INT({all_six}/{MILLION}))*{MILLION}+{last}-{MILLION}*INT({last}/{MILLION})",
            ),
            Cell(rank, ranked),
            Cell(int(rank <= pennies), f"=IF({table.at('rank', row)}<={of[1]},1,0)"),
            Cell(amount, f"=IF({of[0]}<0,-1,1)*({pence}+{table.at('odd penny', row)})"),
        )

    def decided(self, first: int, last: int, at: str) -> str:
        """Whether the pennies of these rows are certain, in words."""
        odd, remainder = (self.sums.out_span(name, first, last) for name in ("odd penny", "remainder"))
        parts = self.sums.out("parts", first)
        most = f"SUMPRODUCT(MAX(({odd}=0)*({remainder}+1)))-1"
        least = f"{UNITS}-SUMPRODUCT(MAX(({odd}=1)*({UNITS}-{remainder})))"
        apart = f"AND({least}-({most})>={LEAST},MAX({remainder})<={UNITS - LEAST})"
        small = f"AND(ABS({at})<{LARGEST_TOTAL},ABS({at})*{parts}<{PRODUCT},{parts}<{MOST_PARTS},{parts}>0)"
        return f'=IF({small},IF({apart},"OK","TOO CLOSE"),"TOO LARGE")'


def _weighed(quotients: int, high: int, low: int, parts: int) -> tuple[int, int, int, int, int, int]:
    """The steps of a row of sums, in whole numbers."""
    whole, rest = divmod(quotients, parts)
    six, next_rest = divmod(rest * MILLION + high, parts)
    last = (next_rest * MILLION + low) // parts
    return whole, rest, six, next_rest, last, six + last // MILLION


def lowest(figures: Sequence[int]) -> tuple[list[int], int]:
    """Whole numbers without their common divisor, and their sum.

    >>> lowest([24, 32, 44])
    ([6, 8, 11], 25)
    """
    common = gcd(*figures)
    reduced = [one // common for one in figures]
    return reduced, sum(reduced)
