"""Sheets of input figures: what may be changed, what the program used, and whether the split follows a change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

from bch_apportion.live.tables import AGAIN, PRODUCT, Table
from bch_apportion.writing.report import Cell, Kind, Report

USED, CHANGE, STATE = "as computed", "a change here", "state"
FOLLOWS = "the split follows"


@dataclass(slots=True)
class Terms:
    """When the split follows a change of a cell: formulas that must be true, and why it does not in all cases."""

    conditions: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    values: dict[str, None] = field(default_factory=dict)  # steps that do not follow, in order, each once
    decisions: dict[str, None] = field(default_factory=dict)  # what the program decides on this figure


class Entered(Table):
    """A sheet of input figures, one to a row; a figure that is changed says so, and whether the split follows."""

    def __init__(
        self, name: str, title: str, heads: Sequence[str | tuple[str, Kind]], figure: str, kind: Kind, *notes: str
    ) -> None:
        self.figure, self._terms = figure, list[Terms]()
        pence: list[tuple[str, Kind]] = [("pence", "count")] if kind == "money" else []
        after: list[tuple[str, Kind]] = [(USED, kind), (CHANGE, "wide"), (STATE, "status")]
        super().__init__(name, title, [*heads, (figure, kind), *pence, *after], *notes)
        self.in_pence = bool(pence)

    def enter(self, *head: Any, value: Any) -> int:
        """A row of its own for a figure."""
        row = self.next
        pence = [Cell(value, f"=ROUND(ROUND(N({self.at(self.figure, row)}),2)*100,0)")] if self.in_pence else []
        self._terms.append(Terms())
        return self.add(*head, value, *pence, value, "", None)

    def read(self, row: int) -> str:
        """The figure as formulas of other sheets read it: a text is no number, and counts as nothing."""
        return self.out("pence", row) if self.in_pence else f"N({self.out(self.figure, row)})"

    def only_if(self, row: int, *conditions: str, limit: str = "") -> None:
        """The split follows a change of this cell where these formulas are true."""
        terms = self._terms[row - 2]
        terms.conditions += [one for one in conditions if one not in terms.conditions]
        if limit and limit not in terms.limits:
            terms.limits.append(limit)

    def whole(self, row: int, times: int) -> None:
        """The split follows while the figure times a whole number is whole: as many decimals as the formulas read."""
        product = f"{self.at(self.figure, row)}*{times}"
        places = next((n for n in range(16) if 10**n >= times), 0)
        limit = f"to {places} decimals" if times == 10**places else f"where {times:,} times it is whole"
        self.only_if(row, f"ABS({product}-ROUND({product},0))<=ABS({product})/{PRODUCT}", limit=limit)

    def stands(self, row: int, what: str) -> None:
        """A step over this figure stands as a value: after a change run the program again."""
        self._terms[row - 2].values[what] = None

    def decides(self, row: int, what: str) -> None:
        """The program decides something on this figure, which the formulas do not: run it again too."""
        self._terms[row - 2].decisions[what] = None

    def report(self) -> Report:
        for number, terms in enumerate(self._terms):
            self.rows[number] = (*self.rows[number][:-2], _said(terms), self._state(number + 2, terms))
        return super().report()

    def _state(self, row: int, terms: Terms) -> Cell:
        cell, used = self.at(self.figure, row), self.at(USED, row)
        changed = f'"{AGAIN}"'
        if not terms.values and not terms.decisions:
            changed = (
                f'IF(AND({",".join(terms.conditions)}),"OK: changed",{changed})'
                if terms.conditions
                else '"OK: changed"'
            )
        return Cell("OK", f'=IF(ISNUMBER({cell}),IF({cell}={used},"OK",{changed}),"{AGAIN}")')


def _said(terms: Terms) -> str:
    if terms.values:
        return f"run bch-apportion again: {', '.join(terms.values)} as values"
    words = ", ".join([FOLLOWS, *terms.limits])
    if terms.decisions:
        return f"{words}; but run bch-apportion again, which decides whether {', '.join(terms.decisions)}"
    return words


def scale(values: Iterable[Fraction], spare: int) -> int:
    """A whole number that makes them all whole, and others with up to `spare` decimals, as far as there is room.

    >>> scale([Fraction(1, 2), Fraction(3)], 4), scale([Fraction(1, 3)], 2), scale([Fraction(10**12)], 6)
    (10000, 300, 1)
    """
    given = list(values)
    needed = lcm(*(value.denominator for value in given))
    largest = max(map(abs, given))
    for places in range(spare, 0, -1):
        times = lcm(needed, 10**places)
        if largest * times < PRODUCT // 10:
            return times
    return needed
