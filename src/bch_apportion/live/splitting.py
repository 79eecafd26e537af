"""`split` in cells: the total in groups of three digits, a long division, the remainders ranked, the odd pennies.

|total| × weight / sum of weights is divided as by hand, thousands of millions, millions, thousands and ones in turn: at
each step the rest of the step before, a thousand times, and the next group times the weight are divided by the sum of
weights. No number is ever larger than 1000 × (sum of weights − 1) + 999 × the largest weight; while that is below 1e14
(tables.PRODUCT says why) and |total| below 1e12, every quotient and rest is exact. So any weights that sum to less than
5e10 are held; where they are not, whole pence and odd pennies stand as values, and say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bch_apportion.live import dividing
from bch_apportion.live.cells import AMOUNT, WITHIN, Known, Shared, shown, unchanged
from bch_apportion.live.dividing import GROUPS, LAST_REST, WHOLE, in_groups, numbered, steps, within
from bch_apportion.live.mixing import Mixed, Mixing, certain, decided
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
    numbers = counts("weight", *numbered(len(GROUPS))[:-1], "remainder", "whole pence")
    return Sheet(
        name,
        f"{about}: each force's quota as a long division, its remainder and the odd penny",
        (*UNIT_YEAR, "what", "force", *numbers, *ODD_PENNY, (AMOUNT, "count"), ("note", "wide")),
        "Total × weight / sum of weights, divided as by hand in groups of three digits, so that every number is exact; "
        "the remainder decides who gets an odd penny.",
    )


class Splitting:
    """The two sheets of the divisions of one step: what is shared, and each bearer's quota.

    Each step has its own: in one sheet a column would depend on itself further down, which LibreOffice gets wrong.
    """

    def __init__(self, totals: str, quotas: str, about: str, mixing: Mixing | None = None) -> None:
        self.mixing, self.standing = mixing, 0
        self.totals, self.quotas = Table(_totals(totals, about)), Table(_quotas(quotas, about))

    def tables(self) -> list[Table]:
        """Its sheets, those of sources weighed together among them."""
        return [self.totals, self.quotas, *([self.mixing.divisions, self.mixing.sums] if self.mixing else [])]

    def share(self, shared: Shared, weights: Sequence[Known] | Mixed) -> list[Known]:
        """The parts of a total, where they stand."""
        if not isinstance(weights, Mixed):
            return self._on_weights(shared, weights)
        if self.mixing is not None and certain(shared.total.value, weights):
            return self._on_sources(shared, weights, self.mixing)
        self.standing += held(shared.total.value, weights.weights)  # else counted as too large
        weights.stands(f"the pennies of {shared.key.unit} {shared.key.year}")
        return self._on_weights(shared, [Known("", weight) for weight in weights.weights])

    def _on_sources(self, shared: Shared, mixed: Mixed, mixing: Mixing) -> list[Known]:
        row = self.totals.next
        here = shared._replace(total=Known(self.totals.out("total", row), shared.total.value))
        parts = mixing.enter(here, self.totals.out("pennies left", row), mixed)
        left = sum(odd.value for odd in parts.filled("odd penny"))
        self._add_total(shared, parts, left, {WITHIN: decided(parts)})
        return parts.filled(AMOUNT)

    def _on_weights(self, shared: Shared, weights: Sequence[Known]) -> list[Known]:
        whole = [weight.value for weight in weights]
        shares, live = quotas(shared.total.value, whole), held(shared.total.value, whole)
        self.standing += not live
        parts, divisor = self.quotas.block(len(shares)), shares[0].divisor
        cells = _in_cells(shared, parts, divisor) if live else _as_value(shared, weights, divisor)
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
        by_hand = steps(digits, Known("[weight]", weight.value), self.totals.known("sum of weights", row))
        note = "" if weight.ref else "plain weight: twelve decimals do not decide the odd penny"
        whole = Cell(quota.floor, f"={WHOLE}")
        return {"remainder": by_hand.pop(LAST_REST), **by_hand, "whole pence": whole, "note": note}


def _in_cells(shared: Shared, parts: Block, divisor: int) -> dict[str, Any]:
    """The digits of a total and the sum of its weights."""
    weights = parts.out("weight")
    return {
        **in_groups("total", shared.total.value),
        "sum of weights": Cell(divisor, f"=MAX(1,SUM({weights}))"),
        WITHIN: within("[total]", f"MAX({weights})", "[sum of weights]"),
    }


def _as_value(shared: Shared, weights: Sequence[Known], divisor: int) -> dict[str, Any]:
    operands = [shared.total._replace(ref="[total]"), *weights]
    return {"sum of weights": shown(divisor), WITHIN: unchanged(operands)}


def _standing(quota: Quota, penny: Mapping[str, Cell]) -> dict[str, Any]:
    """The cells of a quota that a spreadsheet cannot work out."""
    return {
        "remainder": shown(quota.remainder),
        "whole pence": quota.floor,
        **{name: cell.value for name, cell in penny.items()},
        "note": "odd penny as a plain value: the weights are too large",
    }
