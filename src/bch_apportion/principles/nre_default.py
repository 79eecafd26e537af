"""Each force pays in proportion to its net revenue expenditure (NRE), the interim default until demand data is robust.

Principle 1, June 2015: "NRE will be interim default for business cases, unless demand data is robust."

How we read it: a member's share is its NRE of the budget year over the members' total. The NRE of an earlier year is
used where the terms say so (`nre lag years`), because a year's own NRE may not be settled when budgets are set. A
missing NRE is a problem; with the setting `carry nre forward` the force's latest earlier NRE is used, and noted.

>>> nre_shares([121_900_000_00, 156_500_000_00, 217_341_000_00])[0]      # 2020/21: Bedfordshire's 121.9m of 495.741m
Fraction(121900, 495741)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from bch_apportion.model import Figure, ForceCode, Shares
from bch_apportion.money import Pence
from bch_apportion.years import FinancialYear


class NreFigure(NamedTuple):
    """The NRE used for a force, and the year it is of: an earlier one than asked for where it was carried forward."""

    force: ForceCode
    year: FinancialYear
    figure: Figure


class NreInForce(NamedTuple):
    """What NRE is used for a year: a figure for each member, or the members whose NRE is missing."""

    wanted: FinancialYear
    figures: tuple[NreFigure, ...]
    missing: tuple[ForceCode, ...]

    def carried(self) -> list[NreFigure]:
        return [figure for figure in self.figures if figure.year != self.wanted]


def nre_in_force(
    nre: Mapping[tuple[FinancialYear, ForceCode], Figure],
    members: Sequence[ForceCode],
    year: FinancialYear,
    carry_forward: bool,
) -> NreInForce:
    """The NRE of each member for `year`, or its latest earlier one where that may be carried forward."""
    figures, missing = [], []
    for force in members:
        used = year
        if (year, force) not in nre and carry_forward:
            used = max((y for y, f in nre if f == force and y < year), default=year)
        if (used, force) in nre:
            figures.append(NreFigure(force, used, nre[used, force]))
        else:
            missing.append(force)
    return NreInForce(year, tuple(figures), tuple(missing))


def nre_shares(nre: Sequence[Pence]) -> Shares:
    """One exact share for each NRE, all of them above zero.

    >>> nre_shares([1_00, 2_00])
    (Fraction(1, 3), Fraction(2, 3))
    """
    return _shares(tuple(nre))


@lru_cache(maxsize=1024)
def _shares(nre: tuple[Pence, ...]) -> Shares:
    """The same for every unit of a year, so they are worked out and held once."""
    total = sum(nre)
    return tuple(Fraction(pence, total) for pence in nre)
