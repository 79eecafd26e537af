"""`split` over several sources whose totals have no common multiple that a spreadsheet holds: quotas to 12 decimals.

A share of f × NRE + (1 − f) × demand would need the product of the sources' totals as its denominator. Instead the
total is divided source by source, each part to twelve decimals of a penny, and the parts are weighed: the quotient, its
first and its last six decimals, each a whole number. What is cut off is less than two units of the twelfth decimal. So
the whole pence are right while no decimals are within two units of the next penny, and the odd pennies are where the
least remainder that has a penny is two units or more above the largest that has none: the sheet checks that too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bch_apportion.live.cells import AMOUNT, PRODUCT, Known, Shared
from bch_apportion.live.dividing import DECIMALS, LARGEST_TOTAL, Divided, Dividing, Division, held
from bch_apportion.live.tables import ODD_PENNY, UNIT_YEAR, Block, Sheet, Table, counts
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
        whole, rest = divmod(summed // over, UNITS)
        rows.append(Row(whole, rest))
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
STEPS = counts(*SUMMED, "parts", "whole", "rest", "next six", "next rest", "last six", "all six")


def _sums(name: str, about: str) -> Sheet:
    return Sheet(
        name,
        f"{about}: the sources weighed together, each force's remainder and the odd penny",
        (*UNIT_YEAR, "what", "force", *STEPS, *counts("whole pence", "remainder"), *ODD_PENNY, (AMOUNT, "count")),
        "Σ part × quotient and Σ part × decimals over the sum of the parts; the remainder is in millionths of a "
        "millionth of a penny, and decides who gets an odd penny.",
    )


class Mixing:
    """The two sheets of such quotas: the total divided source by source, and the parts weighed together."""

    def __init__(self, divisions: str, sums: str, about: str) -> None:
        self.divisions = Dividing(divisions, f"{about}: the total divided on each source", "source", decimals=True)
        self.sums = Table(_sums(sums, about))

    def enter(self, shared: Shared, left: str, mixed: Mixed) -> Block:
        """The rows of the parts of a total; `left` is the cell of the pennies left."""
        by_source = [self._divide(shared, source) for source in mixed.sources]
        rows, block = quotas(shared.total.value, mixed), self.sums.block(len(shared.members))
        pennies_left = Known(left, abs(shared.total.value) - sum(row.whole for row in rows))
        pennies = block.odd_pennies([row.remainder for row in rows], pennies_left)
        for force, divided, row, penny in zip(shared.members, zip(*by_source, strict=True), rows, pennies, strict=True):
            amount = shared.signed(row.whole, penny["odd penny"], shared.total.ref)
            weighed = _weighed(mixed, divided)
            self.sums.add({**shared.head(), "force": force, **weighed, **penny, AMOUNT: amount})
        return block

    def _divide(self, shared: Shared, source: MixedSource) -> list[Divided]:
        """The total divided on a source, for each member."""
        return [
            self.divisions.divide(shared.key, source.name, force, Division(shared.total, figure, source.total))
            for force, figure in zip(shared.members, source.figures, strict=True)
        ]


def decided(block: Block) -> Cell:
    """Whether the pennies of these rows are certain, in a cell of their total's row."""
    odd, remainder = block.out("odd penny"), block.out("remainder")
    parts = block.table.out("parts", block.first)
    most = f"SUMPRODUCT(MAX(({odd}=0)*({remainder}+1)))-1"
    least = f"{UNITS}-SUMPRODUCT(MAX(({odd}=1)*({UNITS}-{remainder})))"
    apart = f"AND({least}-({most})>={LEAST},MAX({remainder})<={UNITS - LEAST})"
    small = f"AND(ABS([total])<{LARGEST_TOTAL},ABS([total])*{parts}<{PRODUCT},{parts}<{MOST_PARTS},{parts}>0)"
    return Cell("OK", f'=IF({small},IF({apart},"OK","TOO CLOSE"),"TOO LARGE")')


def _weighed(mixed: Mixed, divided: Sequence[Divided]) -> dict[str, Any]:
    """The parts of a member weighed together, six digits at a time, over the sum of the parts of the cost."""
    parts, over = [source.part for source in mixed.sources], mixed.parts()
    sums = [_sum(parts, figures) for figures in zip(*((own.quotient, *own.decimals) for own in divided), strict=True)]
    quotients, high, low = (known.value for known in sums)
    whole, rest = divmod(quotients, over)
    six, next_rest = divmod(rest * MILLION + high, over)
    last = (next_rest * MILLION + low) // over
    every = six + last // MILLION
    next_low = f"[next rest]*{MILLION}+[decimals 7 to 12]"
    below = f"([all six]-{MILLION}*INT([all six]/{MILLION}))*{MILLION}+[last six]-{MILLION}*INT([last six]/{MILLION})"
    return {
        **dict(zip(SUMMED, sums, strict=True)),
        "parts": Cell(over, f"={'+'.join(part.ref for part in parts)}"),
        "whole": Cell(whole, "=INT([quotients]/MAX(1,[parts]))"),
        "rest": Cell(rest, "=[quotients]-[whole]*[parts]"),
        "next six": Cell(six, f"=INT(([rest]*{MILLION}+[decimals 1 to 6])/MAX(1,[parts]))"),
        "next rest": Cell(next_rest, f"=[rest]*{MILLION}+[decimals 1 to 6]-[next six]*[parts]"),
        "last six": Cell(last, f"=INT(({next_low})/MAX(1,[parts]))"),
        "all six": Cell(every, f"=[next six]+INT([last six]/{MILLION})"),
        "whole pence": Cell(whole + every // MILLION, f"=[whole]+INT([all six]/{MILLION})"),
        "remainder": Cell(every % MILLION * MILLION + last % MILLION, f"={below}"),
    }


def _sum(parts: Sequence[Known], figures: Sequence[Known]) -> Known:
    """The figures of a member weighed together, each by its part of the cost."""
    pairs = list(zip(parts, figures, strict=True))
    text = "+".join(f"{part.ref}*{figure.ref}" for part, figure in pairs)
    return Known(text, sum(part.value * figure.value for part, figure in pairs))
