"""Sheets of input figures: what may be changed, what the program used, and whether the split follows a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

from bch_apportion.live.cells import AGAIN, PRODUCT, Known
from bch_apportion.live.tables import Head, Sheet, Table
from bch_apportion.writing.report import Cell, Kind, Report

USED, CHANGE, STATE = "as computed", "if changed", "state"
FOLLOWS = "the split follows"


@dataclass(slots=True)
class Following:
    """When the split follows a change of a cell: formulas that must be true, and why it does not in all cases."""

    conditions: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    values: dict[str, None] = field(default_factory=dict)  # steps that do not follow, in order, each once
    decisions: dict[str, None] = field(default_factory=dict)  # what the program decides on this figure

    def words(self) -> str:
        """What a change of the cell does."""
        if self.values:
            return f"run bch-apportion again: plain values are {', '.join(self.values)}"
        words = ", ".join([FOLLOWS, *self.limits])
        if self.decisions:
            return f"{words}, but run bch-apportion again: it decides whether {', '.join(self.decisions)}"
        return words

    def changed(self) -> str:
        """The formula of what a changed cell says."""
        if self.values or self.decisions:
            return f'"{AGAIN}"'
        return f'IF(AND({",".join(self.conditions)}),"OK: changed","{AGAIN}")' if self.conditions else '"OK: changed"'


class Entered(Table):
    """A sheet of input figures, one to a row; a figure that is changed says so, and whether the split follows."""

    def __init__(self, sheet: Sheet, figure: str, kind: Kind) -> None:
        self.figure, self.in_pence = figure, kind == "money"
        self._following: list[Following] = []
        pence: list[Head] = [("pence", "count")] if self.in_pence else []
        after: list[Head] = [(USED, kind), (CHANGE, "wide"), (STATE, "status")]
        super().__init__(sheet._replace(heads=(*sheet.heads, (figure, kind), *pence, *after)))

    def enter(self, head: Mapping[str, Any], value: Fraction | int) -> Known:
        """A figure in a row of its own, as formulas of other sheets read it: a text is no number, counts as nothing."""
        cells = {**head, self.figure: value, USED: value}
        if self.in_pence:
            cells["pence"] = Cell(value, f"=ROUND(ROUND(N([{self.figure}]),2)*100,0)")
        row = self.add(cells)
        self._following.append(Following())
        return Known(self.out("pence", row) if self.in_pence else f"N({self.out(self.figure, row)})", value)

    def only_if(self, row: int, *conditions: str, limit: str = "") -> None:
        """The split follows a change of this cell where these formulas are true; {0} in them is the cell."""
        following, cell = self._following[row - 2], self.at(self.figure, row)
        named = (condition.format(cell) for condition in conditions)
        following.conditions += [condition for condition in named if condition not in following.conditions]
        if limit and limit not in following.limits:
            following.limits.append(limit)

    def whole(self, row: int, times: int) -> None:
        """The split follows while the figure times a whole number is whole: as many decimals as the formulas read."""
        places = next((n for n in range(16) if 10**n >= times), 0)
        limit = f"to {places} decimals" if times == 10**places else f"if {times:,} times the figure is whole"
        self.only_if(row, f"ABS({{0}}*{times}-ROUND({{0}}*{times},0))<=ABS({{0}}*{times})/{PRODUCT}", limit=limit)

    def stands(self, row: int, what: str) -> None:
        """A step over this figure stands as a value: after a change run the program again."""
        self._following[row - 2].values[what] = None

    def decides(self, row: int, what: str) -> None:
        """The program decides something on this figure, which the formulas do not: run it again too."""
        self._following[row - 2].decisions[what] = None

    def report(self) -> Report:
        for number, (row, following) in enumerate(zip(self.rows, self._following, strict=True), 2):
            state = f'IF([{self.figure}]=[{USED}],"OK",{following.changed()})'
            row[CHANGE] = following.words()
            row[STATE] = self.placed(Cell("OK", f'=IF(ISNUMBER([{self.figure}]),{state},"{AGAIN}")'), number)
        return super().report()


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
