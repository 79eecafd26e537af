"""`split` over several sources whose totals have no common multiple that a spreadsheet holds: quotas to 12 decimals.

A share of f × NRE + (1 − f) × demand would need the product of the sources' totals as its denominator. Instead the
total is divided source by source, each part to twelve decimals of a penny, and the parts are weighed: the quotient, its
first and its last six decimals, each a whole number. What is cut off is less than two units of the twelfth decimal. So
the whole pence are right while no decimals are within two units of the next penny, and the odd pennies are where the
least remainder that has a penny is two units or more above the largest that has none: the sheet checks that too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd
from typing import Any, NamedTuple

from bch_apportion.live.cells import AMOUNT, PRODUCT, Known, Shared, ranks
from bch_apportion.live.dividing import DECIMALS, LARGEST_TOTAL, Divided, Dividing, Division, held
from bch_apportion.live.tables import UNIT_YEAR, Block, Head, Sheet, Table, counts
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
        return self.parts() < MOST_PARTS and all(
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


SUMMED = ("quotients", *DECIMALS)
SUMS = counts(*SUMMED, "parts", "whole", "rest", "next six", "next rest", "last six", "all six")


def _sums(name: str, about: str) -> Sheet:
    odd: tuple[Head, ...] = (*counts("whole pence", "remainder"), ("rank", "whole"), ("odd penny", "whole"))
    return Sheet(
        name,
        f"{about}: the sources weighed together, each force's remainder and the odd penny",
        (*UNIT_YEAR, "what", "force", *SUMS, *odd, (AMOUNT, "count")),
        "Σ part × quotient and Σ part × decimals over the sum of the parts; the remainder is in millionths of a "
        "millionth of a penny, and decides who gets an odd penny.",
    )


class Part(NamedTuple):
    """A total divided on a source for a member, and which part of the cost the source stands for."""

    part: Known
    divided: Divided


class Mixing:
    """The two sheets of such quotas: the total divided source by source, and the parts weighed together."""

    def __init__(self, divisions: str, sums: str, about: str) -> None:
        self.divisions = Dividing(divisions, f"{about}: the total divided on each source", "source", decimals=True)
        self.sums = Table(_sums(sums, about))

    def enter(self, shared: Shared, left: str, mixed: Mixed) -> Block:
        """The rows of the parts of a total; `left` is the cell of the pennies left."""
        own = self._divide(shared, mixed)
        rows, block = quotas(shared.total.value, mixed), self.sums.block(len(shared.members))
        places = ranks([row.remainder for row in rows])
        pennies = abs(shared.total.value) - sum(row.whole for row in rows)
        over = Known("+".join(source.part.ref for source in mixed.sources), mixed.parts())
        for force, parts, row, place in zip(shared.members, own, rows, places, strict=True):
            odd = int(place <= pennies)
            self.sums.add(
                {
                    **shared.head(),
                    "force": force,
                    **_weighed(parts, over),
                    "rank": Cell(place, block.rank("remainder", self.sums.next)),
                    "odd penny": Cell(odd, f"=IF([rank]<={left},1,0)"),
                    AMOUNT: Cell(
                        shared.sign() * (row.whole + odd),
                        f"=IF({shared.total.ref}<0,-1,1)*([whole pence]+[odd penny])",
                    ),
                }
            )
        return block

    def _divide(self, shared: Shared, mixed: Mixed) -> list[list[Part]]:
        """The parts of each member, by source."""
        own: list[list[Part]] = [[] for _ in shared.members]
        for source in mixed.sources:
            for parts, force, figure in zip(own, shared.members, source.figures, strict=True):
                division = Division(shared.total, figure, source.total)
                parts.append(Part(source.part, self.divisions.divide(shared.key, source.name, force, division)))
        return own


def decided(block: Block) -> str:
    """Whether the pennies of these rows are certain: the formula of a cell of their total's row."""
    odd, remainder = block.out("odd penny"), block.out("remainder")
    parts = block.table.out("parts", block.first)
    most = f"SUMPRODUCT(MAX(({odd}=0)*({remainder}+1)))-1"
    least = f"{UNITS}-SUMPRODUCT(MAX(({odd}=1)*({UNITS}-{remainder})))"
    apart = f"AND({least}-({most})>={LEAST},MAX({remainder})<={UNITS - LEAST})"
    small = f"AND(ABS([total])<{LARGEST_TOTAL},ABS([total])*{parts}<{PRODUCT},{parts}<{MOST_PARTS},{parts}>0)"
    return f'=IF({small},IF({apart},"OK","TOO CLOSE"),"TOO LARGE")'


def _weighed(parts: Sequence[Part], over: Known) -> dict[str, Any]:
    """The parts of a member weighed together, six digits at a time, over the sum of the parts of the cost."""
    sums = [_sum(parts, number) for number in range(1 + len(DECIMALS))]
    quotients, high, low = (known.value for known in sums)
    whole, rest = divmod(quotients, over.value)
    six, next_rest = divmod(rest * MILLION + high, over.value)
    last = (next_rest * MILLION + low) // over.value
    every = six + last // MILLION
    next_low = f"[next rest]*{MILLION}+[decimals 7 to 12]"
    below = f"([all six]-{MILLION}*INT([all six]/{MILLION}))*{MILLION}+[last six]-{MILLION}*INT([last six]/{MILLION})"
    return {
        **dict(zip(SUMMED, sums, strict=True)),
        "parts": over,
        "whole": Cell(whole, "=INT([quotients]/MAX(1,[parts]))"),
        "rest": Cell(rest, "=[quotients]-[whole]*[parts]"),
        "next six": Cell(six, f"=INT(([rest]*{MILLION}+[decimals 1 to 6])/MAX(1,[parts]))"),
        "next rest": Cell(next_rest, f"=[rest]*{MILLION}+[decimals 1 to 6]-[next six]*[parts]"),
        "last six": Cell(last, f"=INT(({next_low})/MAX(1,[parts]))"),
        "all six": Cell(every, f"=[next six]+INT([last six]/{MILLION})"),
        "whole pence": Cell(whole + every // MILLION, f"=[whole]+INT([all six]/{MILLION})"),
        "remainder": Cell(every % MILLION * MILLION + last % MILLION, f"={below}"),
    }


def _sum(parts: Sequence[Part], number: int) -> Known:
    """The quotients of a member's parts weighed together, or their first or last six decimals."""
    figures = [(part.part, (part.divided.quotient, *part.divided.decimals)[number]) for part in parts]
    text = "+".join(f"{part.ref}*{figure.ref}" for part, figure in figures)
    return Known(text, sum(part.value * figure.value for part, figure in figures))


def lowest(figures: Sequence[int]) -> tuple[list[int], int]:
    """Whole numbers without their common divisor, and their sum.

    >>> lowest([24, 32, 44])
    ([6, 8, 11], 25)
    """
    common = gcd(*figures)
    reduced = [figure // common for figure in figures]
    return reduced, sum(reduced)
