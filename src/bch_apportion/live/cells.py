"""Figures that stand in cells of the live workbook, and what a spreadsheet's numbers hold of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from bch_apportion.model import ForceCode, UnitCode
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.writing.report import Cell
from bch_apportion.years import FinancialYear

PRODUCT = 10**14
"""Every product and every number that is divided stays below this.

Spreadsheets hold whole numbers to 2^53 (9.0e15), but compare, subtract and round down on 15 digits: two numbers that
differ by less than about 5e-15 of themselves may be taken for the same. A whole number x below 1e14 divided by a whole
number W is a whole number, or at least 1/W below the next one, k; of k that is 1/(kW), and kW is at most x + W. So the
quotient is further from k than 1e-14 of it, and INT rounds it down as exact arithmetic does.
"""
SUM = 10**15
"""All pence of a workbook together stay below this, so that no sum of them leaves 15 digits."""

WITHIN = "exact in a spreadsheet"
"""The column that says whether every number of a row is held."""
AGAIN = "CHANGED: run bch-apportion again"
"""What a cell says where the figures below it no longer follow from those above."""
AMOUNT = "amount (pence)"
"""The column of the parts of a total."""
STANDS = "OK: plain value"


class Key(NamedTuple):
    """A unit and a year: the first two cells of a row, by the names of their columns."""

    unit: UnitCode
    year: FinancialYear


def key_of(result: UnitYear) -> Key:
    return Key(result.unit.code, result.year)


class Known(NamedTuple):
    """A figure that stands in a cell of the workbook: how a formula names the cell, and what it holds."""

    ref: str
    value: Any

    def link(self) -> Cell:
        """A cell that shows this figure; where it is in no cell, its value."""
        return Cell(shown(self.value), f"={self.ref}" if self.ref else "")


def added(figures: Iterable[Known]) -> Known:
    """The sum of figures in cells; in no cell where any of them is in none."""
    known = list(figures)
    ref = "+".join(figure.ref for figure in known) if all(figure.ref for figure in known) else ""
    return Known(ref, sum(figure.value for figure in known))


class Shared(NamedTuple):
    """A total that is shared among the members of a unit, `what` in words."""

    key: Key
    what: str
    total: Known
    members: tuple[ForceCode, ...]

    def head(self) -> dict[str, Any]:
        """How its rows begin."""
        return {**self.key._asdict(), "what": self.what}

    def signed(self, whole: int, odd: Cell, total: str) -> Cell:
        """The part of a member with the sign of the total, which `total` names."""
        sign = -1 if self.total.value < 0 else 1
        return Cell(sign * (whole + odd.value), f"=IF({total}<0,-1,1)*([whole pence]+[odd penny])")


def shown(value: Any) -> Any:
    """A number as a cell can hold it: its digits as text where it is too large."""
    return value if abs(value) < SUM else f"{value:,}"


def unchanged(operands: Iterable[Known]) -> Cell:
    """Says that a step stands as a value, or, where a cell it was worked out from is another, to run again."""
    same = [f"{operand.ref}={operand.value}" for operand in operands if operand.ref and abs(operand.value) < SUM]
    return Cell(STANDS, f'=IF(AND({",".join(same)}),"{STANDS}","{AGAIN}")' if same else STANDS)
