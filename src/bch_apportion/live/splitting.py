"""`split` in cells: the total in groups of three digits, a long division, the remainders ranked, the odd pennies.

|total| × weight / sum of weights is divided as by hand, thousands of millions, millions, thousands and ones in turn: at
each step the rest of the step before, a thousand times, and the next group times the weight are divided by the sum of
weights. No number is ever larger than 1000 × (sum of weights − 1) + 999 × the largest weight; while that is below 1e14
(cells.PRODUCT says why) and |total| below 1e12, every quotient and rest is exact. So any weights that sum to less than
5e10 are held; where they are not, whole pence and odd pennies stand as values, and say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bch_apportion.live import dividing, mixing
from bch_apportion.live.cells import AMOUNT, PRODUCT, WITHIN, Known, Shared, added, shown, unchanged
from bch_apportion.live.dividing import GROUPS, Divided, Dividing, Division
from bch_apportion.live.mixing import LEAST, MILLION, UNITS, Mixed, MixedSource, certain
from bch_apportion.live.tables import ODD_PENNY, UNIT_YEAR, Block, Sheet, Table, counts
from bch_apportion.money import Quota, quotas
from bch_apportion.writing.report import Cell

AGREES = "parts sum to the total"


def held(total: int, weights: Sequence[int]) -> bool:
    """Whether every step of the division is exact in a spreadsheet.

    >>> held(999_999_999_999, [24_999_999_999, 25_000_000_000]), held(1, [50_100_000_000, 1]), held(10**12, [1])
    (True, False, False)
    """
    return dividing.held(total, max(weights), sum(weights))


def _totals(name: str, about: str) -> Sheet:
    numbers = counts("total", *GROUPS, "sum of weights", "whole pennies", "pennies left", "sum of parts")
    return Sheet(
        name,
        f"{about}: every total that is shared, and whether its parts sum to it",
        (*UNIT_YEAR, "what", *numbers, (AGREES, "status"), (WITHIN, "status")),
        "Whole numbers: pence, or shares in units of their last decimal. Largest remainder: each force gets the whole "
        "part of its quota; the pennies left go to the largest remainders, and ties to the earlier force.",
    )


def _quotas(name: str, about: str) -> Sheet:
    numbers = counts("weight", *dividing.numbered(len(GROUPS))[:-1], "remainder", "whole pence")
    return Sheet(
        name,
        f"{about}: each force's quota as a long division, its remainder and the odd penny",
        (*UNIT_YEAR, "what", "force", *numbers, *ODD_PENNY, (AMOUNT, "count"), ("note", "wide")),
        "Total × weight / sum of weights, divided as by hand in groups of three digits, so that every number is exact; "
        "the remainder decides who gets an odd penny.",
    )


SUMMED = ("quotients", *dividing.DECIMALS)
STEPS = counts(*SUMMED, "parts", "whole", "rest", "next six", "next rest", "last six", "all six")


def _sums(name: str, about: str) -> Sheet:
    return Sheet(
        name,
        f"{about}: the sources weighed together, each force's remainder and the odd penny",
        (*UNIT_YEAR, "what", "force", *STEPS, *counts("whole pence", "remainder"), *ODD_PENNY, (AMOUNT, "count")),
        "Σ part × quotient and Σ part × decimals over the sum of the parts; the remainder is in millionths of a "
        "millionth of a penny, and decides who gets an odd penny.",
    )


class Splitting:
    """The sheets of the divisions of one step: what is shared, each bearer's quota, and quotas source by source.

    Each step has its own: in one sheet a column would depend on itself further down, which LibreOffice gets wrong.
    """

    def __init__(self, about: str, totals: str, quotas: str, divisions: str, sums: str) -> None:
        self.standing = 0
        self.totals, self.quotas = Table(_totals(totals, about)), Table(_quotas(quotas, about))
        self.divisions = Dividing(divisions, f"{about}: the total divided on each source", "source", decimals=True)
        self.sums = Table(_sums(sums, about))

    def tables(self) -> list[Table]:
        """Its sheets, those of sources weighed together among them."""
        return [self.totals, self.quotas, self.divisions, self.sums]

    def share(self, shared: Shared, weights: Sequence[Known] | Mixed) -> list[Known]:
        """The parts of a total, where they stand."""
        if not isinstance(weights, Mixed):
            return self._on_weights(shared, weights)
        if certain(shared.total.value, weights):
            return self._on_sources(shared, weights)
        self.standing += held(shared.total.value, weights.weights)  # else counted as too large
        weights.stands(f"the pennies of {shared.key.unit} {shared.key.year}")
        return self._on_weights(shared, [Known("", weight) for weight in weights.weights])

    def _on_sources(self, shared: Shared, mixed: Mixed) -> list[Known]:
        """The total divided source by source, and the parts weighed together."""
        total, left = (self.totals.out(column, self.totals.next) for column in ("total", "pennies left"))
        here = shared._replace(total=Known(total, shared.total.value))
        by_source = [self._divide(here, source) for source in mixed.sources]
        rows, parts = mixing.quotas(shared.total.value, mixed), self.sums.block(len(shared.members))
        pennies_left = Known(left, abs(shared.total.value) - sum(row.whole for row in rows))
        pennies = parts.odd_pennies([row.remainder for row in rows], pennies_left)
        for force, divided, row, penny in zip(shared.members, zip(*by_source, strict=True), rows, pennies, strict=True):
            cells = {**shared.head(), "force": force, **_weighed(mixed, divided), **penny}
            self.sums.add({**cells, AMOUNT: shared.signed(row.whole, penny["odd penny"], total)})
        self._add_total(shared, parts, pennies_left.value, {WITHIN: _decided(parts)})
        return parts.filled(AMOUNT)

    def _divide(self, shared: Shared, source: MixedSource) -> list[Divided]:
        """The total divided on a source, for each member."""
        return [
            self.divisions.divide(shared.key, source.name, force, Division(shared.total, figure, source.total))
            for force, figure in zip(shared.members, source.figures, strict=True)
        ]

    def _on_weights(self, shared: Shared, weights: Sequence[Known]) -> list[Known]:
        whole = [weight.value for weight in weights]
        shares, live = quotas(shared.total.value, whole), held(shared.total.value, whole)
        self.standing += not live
        parts = self.quotas.block(len(shares))
        cells = _divisor(shared, weights, parts, shares[0].divisor, live)
        row = self._add_total(shared, parts, sum(quota.odd for quota in shares), cells)
        pennies = parts.odd_pennies([quota.remainder for quota in shares], self.totals.known("pennies left", row))
        for force, weight, quota, penny in zip(shared.members, weights, shares, pennies, strict=True):
            cells = self._divided(row, weight, quota) | penny if live else _standing(quota, penny)
            amount = shared.signed(quota.floor, penny["odd penny"], self.totals.out("total", row))
            self.quotas.add({**shared.head(), "force": force, "weight": weight, **cells, AMOUNT: amount})
        return parts.filled(AMOUNT)

    def _add_total(self, shared: Shared, parts: Block, left: int, cells: Mapping[str, Any]) -> int:
        """The row of a total whose parts stand in these rows; `left` are the pennies beyond whole ones."""
        return self.totals.add(
            {
                **shared.head(),
                "total": shared.total,
                "whole pennies": Cell(abs(shared.total.value) - left, f"=SUM({parts.out('whole pence')})"),
                "pennies left": Cell(left, "=ABS([total])-[whole pennies]"),
                "sum of parts": Cell(shared.total.value, f"=SUM({parts.out(AMOUNT)})"),
                AGREES: Cell("OK", '=IF([sum of parts]=[total],"OK","DIFFERS")'),
                **cells,
            }
        )

    def _divided(self, row: int, weight: Known, quota: Quota) -> dict[str, Any]:
        """A quota as a long division of the total in that row."""
        digits = [self.totals.known(group, row) for group in GROUPS]
        by_hand = dividing.steps(digits, Known("[weight]", weight.value), self.totals.known("sum of weights", row))
        note = "" if weight.ref else "plain weight: twelve decimals do not decide the odd penny"
        whole = Cell(quota.floor, f"={dividing.WHOLE}")
        return {"remainder": by_hand.pop(dividing.LAST_REST), **by_hand, "whole pence": whole, "note": note}


def _divisor(shared: Shared, weights: Sequence[Known], parts: Block, divisor: int, live: bool) -> dict[str, Any]:
    """The sum of the weights, with the digits of the total where these are divided in cells."""
    if not live:
        operands = [shared.total._replace(ref="[total]"), *weights]
        return {"sum of weights": shown(divisor), WITHIN: unchanged(operands)}
    column = parts.out("weight")
    return {
        **dividing.in_groups("total", shared.total.value),
        "sum of weights": Cell(divisor, f"=MAX(1,SUM({column}))"),
        WITHIN: dividing.within("[total]", f"MAX({column})", "[sum of weights]"),
    }


def _standing(quota: Quota, penny: Mapping[str, Cell]) -> dict[str, Any]:
    """The cells of a quota that a spreadsheet cannot work out."""
    return {
        "remainder": shown(quota.remainder),
        "whole pence": quota.floor,
        **{name: cell.value for name, cell in penny.items()},
        "note": "odd penny as a plain value: the weights are too large",
    }


def _decided(block: Block) -> Cell:
    """Whether the pennies of these rows are certain, in a cell of their total's row."""
    odd, remainder = block.out("odd penny"), block.out("remainder")
    parts = block.table.out("parts", block.first)
    most = f"SUMPRODUCT(MAX(({odd}=0)*({remainder}+1)))-1"
    least = f"{UNITS}-SUMPRODUCT(MAX(({odd}=1)*({UNITS}-{remainder})))"
    apart = f"AND({least}-({most})>={LEAST},MAX({remainder})<={UNITS - LEAST})"
    few = f"ABS([total])*{parts}<{PRODUCT},{parts}<{mixing.MOST_PARTS},{parts}>0"
    return Cell("OK", f'=IF(AND(ABS([total])<{dividing.LARGEST_TOTAL},{few}),IF({apart},"OK","TOO CLOSE"),"TOO LARGE")')


def _weighed(mixed: Mixed, divided: Sequence[Divided]) -> dict[str, Any]:
    """The parts of a member weighed together, six digits at a time, over the sum of the parts of the cost."""
    over = mixed.parts().value
    sums = [_sum(mixed, figures) for figures in zip(*((own.quotient, *own.decimals) for own in divided), strict=True)]
    quotients, high, low = (known.value for known in sums)
    whole, rest = divmod(quotients, over)
    six, next_rest = divmod(rest * MILLION + high, over)
    last = (next_rest * MILLION + low) // over
    every = six + last // MILLION
    next_low = f"[next rest]*{MILLION}+[decimals 7 to 12]"
    below = f"([all six]-{MILLION}*INT([all six]/{MILLION}))*{MILLION}+[last six]-{MILLION}*INT([last six]/{MILLION})"
    return {
        **dict(zip(SUMMED, sums, strict=True)),
        "parts": mixed.parts(),
        "whole": Cell(whole, "=INT([quotients]/MAX(1,[parts]))"),
        "rest": Cell(rest, "=[quotients]-[whole]*[parts]"),
        "next six": Cell(six, f"=INT(([rest]*{MILLION}+[decimals 1 to 6])/MAX(1,[parts]))"),
        "next rest": Cell(next_rest, f"=[rest]*{MILLION}+[decimals 1 to 6]-[next six]*[parts]"),
        "last six": Cell(last, f"=INT(({next_low})/MAX(1,[parts]))"),
        "all six": Cell(every, f"=[next six]+INT([last six]/{MILLION})"),
        "whole pence": Cell(whole + every // MILLION, f"=[whole]+INT([all six]/{MILLION})"),
        "remainder": Cell(every % MILLION * MILLION + last % MILLION, f"={below}"),
    }


def _sum(mixed: Mixed, figures: Sequence[Known]) -> Known:
    """A member's figure on each source, weighed together by the parts of the cost."""
    pairs = [(source.part, figure) for source, figure in zip(mixed.sources, figures, strict=True)]
    return added(Known(f"{part.ref}*{figure.ref}", part.value * figure.value) for part, figure in pairs)
