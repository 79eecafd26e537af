"""Sheets of input figures: what may be changed, what the program used, and whether the split follows a change."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

from bch_apportion.live.cells import AGAIN, PRODUCT, Known
from bch_apportion.live.tables import Head, Sheet, Table
from bch_apportion.writing.report import Cell, Report, columns

USED, CHANGE, STATE = "as computed", "if changed", "state"
FOLLOWS = "the split follows"


@dataclass(slots=True)
class Following:
    """When the split follows a change of a cell, and why it does not in all cases: texts, in order, each once."""

    cell: str
    conditions: dict[str, None] = field(default_factory=dict)  # formulas that must be true
    limits: dict[str, None] = field(default_factory=dict)
    values: dict[str, None] = field(default_factory=dict)  # steps over the figure that stand as values
    decisions: dict[str, None] = field(default_factory=dict)  # what the program decides on the figure

    def whole(self, times: int) -> None:
        """It follows while the figure times a whole number is whole: as many decimals as the formulas read."""
        places = next((n for n in range(16) if 10**n >= times), 0)
        self.limits[f"to {places} decimals" if times == 10**places else f"if {times:,} times the figure is whole"] = (
            None
        )
        scaled = f"{self.cell}*{times}"
        self.conditions[f"ABS({scaled}-ROUND({scaled},0))<=ABS({scaled})/{PRODUCT}"] = None

    def words(self) -> str:
        """What a change of the cell does."""
        if self.values:
            return f"run bch-apportion again: {', '.join(self.values)} are plain values"
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

    def __init__(self, sheet: Sheet) -> None:
        self.figure, kind = columns(*sheet.heads)[-1]
        self.in_pence = kind == "money"
        self.following: dict[str, Following] = {}  # of each row, by how formulas name its figure
        self.together: dict[Hashable, tuple[Known, ...]] = {}
        pence: list[Head] = [("pence", "count")] if self.in_pence else []
        after: list[Head] = [(USED, kind), (CHANGE, "wide"), (STATE, "status")]
        super().__init__(sheet._replace(heads=(*sheet.heads, *pence, *after)))

    def enter(self, head: Mapping[str, Any], value: Fraction | int) -> Known:
        """A figure in a row of its own, as formulas of other sheets read it: a text is no number, counts as nothing."""
        cells = {**head, self.figure: value, USED: value}
        if self.in_pence:
            cells["pence"] = Cell(value, f"=ROUND(ROUND(N([{self.figure}]),2)*100,0)")
        row = self.add(cells)
        ref = self.out("pence", row) if self.in_pence else f"N({self.out(self.figure, row)})"
        self.following[ref] = Following(self.at(self.figure, row))
        return Known(ref, value)

    def once(
        self, key: Hashable, rows: Iterable[tuple[Mapping[str, Any], Fraction | int]], *conditions: str
    ) -> tuple[Known, ...]:
        """Figures entered together, where `key` is new, or as they were entered under it.

        Changes are followed where the conditions are true; {0} in them is the cell, {span} all cells together.
        """
        if key not in self.together:
            first = self.next
            self.together[key] = tuple(self.enter(head, value) for head, value in rows)
            span = self.since(first).span(self.figure)
            for known in self.together[key]:
                own = self.following[known.ref]
                own.conditions = dict.fromkeys(text.format(own.cell, span=span) for text in conditions)
        return self.together[key]

    def report(self) -> Report:
        for number, (row, following) in enumerate(zip(self.rows, self.following.values(), strict=True), 2):
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
    needed, largest = lcm(*(value.denominator for value in given)), max(map(abs, given))
    larger = (lcm(needed, 10**places) for places in range(spare, 0, -1))
    return next((times for times in larger if largest * times < PRODUCT // 10), needed)
