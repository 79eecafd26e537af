"""A long division in cells: a number times a whole number over another, three digits of the number at a time.

As in `splitting`, no number on the way is larger than 1000 × (divisor − 1) + 999 × multiplier; while that is below 1e14
and the number below 1e12, quotients and rests are exact. With decimals the division goes on for twelve more digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from bch_apportion.live.cells import PRODUCT, WITHIN, Key, Known, shown, unchanged
from bch_apportion.live.tables import UNIT_YEAR, Sheet, Table, counts
from bch_apportion.model import ForceCode
from bch_apportion.writing.report import Cell

GROUPS = {"its thousand millions": 9, "its millions": 6, "its thousands": 3, "its ones": 0}  # three digits each, from
LAST_REST = f"rest {len(GROUPS)}"
LARGEST_TOTAL = 10**12
THOUSAND = 1000
DECIMALS = {"decimals 1 to 6": ("quotient 5", "quotient 6"), "decimals 7 to 12": ("quotient 7", "quotient 8")}

WHOLE = "(([quotient 1]*1000+[quotient 2])*1000+[quotient 3])*1000+[quotient 4]"
"""The quotients of the steps put together."""


def held(total: int, largest: int, divisor: int) -> bool:
    """Whether every step of a division is exact in a spreadsheet.

    >>> held(10**12 - 1, 25 * 10**9, 49_999_999_999), held(1, 50_100_000_000, 50_100_000_001), held(10**12, 1, 1)
    (True, False, False)
    """
    return abs(total) < LARGEST_TOTAL and THOUSAND * (divisor - 1) + (THOUSAND - 1) * largest < PRODUCT


def within(number: str, largest: str, divisor: str, *others: str) -> Cell:
    """The same in a cell, of cells that these name."""
    steps = f"{THOUSAND}*{divisor}+{THOUSAND - 1}*{largest}<{PRODUCT + THOUSAND}"
    small = ",".join([f"ABS({number})<{LARGEST_TOTAL}", *others, steps])
    return Cell("OK", f'=IF(AND({small}),"OK","TOO LARGE")')


def numbered(count: int) -> list[str]:
    """The columns of so many steps."""
    return [f"{what} {number}" for number in range(1, count + 1) for what in ("quotient", "rest")]


def in_groups(column: str, number: int) -> dict[str, Cell]:
    """The digits of a number, three to a cell."""
    cells, size = {}, f"ABS([{column}])"
    for group, power in GROUPS.items():
        upper = f"INT({size}/{10**power})" if power else size
        formula = f"={upper}-{THOUSAND}*INT({size}/{10 ** (power + 3)})"
        cells[group] = Cell(abs(number) // 10**power % THOUSAND, formula)
    return cells


def steps(digits: Sequence[Known], times: Known, over: Known, divisor: str = "") -> dict[str, Cell]:
    """A division as by hand: at each step a quotient and a rest; a step after the last digits is one of decimals.

    `divisor` is the formula to divide by, where it is not the cell of `over` itself.
    """
    cells, rest = {}, 0
    for number, group in enumerate(digits, 1):
        terms = [f"[rest {number - 1}]*{THOUSAND}"] if number > 1 else []
        terms += [f"{group.ref}*{times.ref}"] if group.ref else []
        dividend = "+".join(terms)
        quotient, rest = divmod(rest * THOUSAND + group.value * times.value, over.value)
        cells[f"quotient {number}"] = Cell(quotient, f"=INT(({dividend})/{divisor or over.ref})")
        cells[f"rest {number}"] = Cell(rest, f"={dividend}-[quotient {number}]*{over.ref}")
    return cells


class Division(NamedTuple):
    """What is divided: a number, its sign left out, times a whole number over another."""

    number: Known
    times: Known
    over: Known

    def result(self) -> tuple[int, int]:
        """The quotient and the rest."""
        quotient, rest = divmod(abs(self.number.value) * self.times.value, self.over.value)
        return int(quotient), int(rest)


class Divided(NamedTuple):
    """A quotient and what is left; with decimals six and six of them too."""

    quotient: Known
    rest: Known
    decimals: tuple[Known, ...] = ()


class Dividing(Table):
    """A sheet of long divisions; `what` is the column that says what is divided."""

    def __init__(self, name: str, title: str, what: str = "what", decimals: bool = False) -> None:
        self.what, self.standing = what, 0
        self.decimals = DECIMALS if decimals else {}
        self.count = len(GROUPS) * (2 if decimals else 1)
        numbers = counts("number", *GROUPS, "times", "over", *numbered(self.count), "quotient", *self.decimals)
        heads = (*UNIT_YEAR, (what, "wide"), "force", *numbers, (WITHIN, "status"))
        note = (
            "Number × times / over, without its sign, divided as by hand in groups of three digits, so that every "
            f"number is exact{', and on for twelve decimals' if decimals else ''}."
        )
        super().__init__(Sheet(name, title, heads, note))

    def divide(self, key: Key, what: str, force: ForceCode, division: Division) -> Divided:
        """The result of a division, in a row of its own."""
        live = held(*(known.value for known in division))
        self.standing += not live
        names = {self.what: what, "force": force, **division._asdict()}
        row = self.add({**key._asdict(), **names, **(self._worked_out if live else self._standing)(division)})
        rest = Known(self.out(LAST_REST, row), division.result()[1])
        return Divided(self.known("quotient", row), rest, tuple(self.known(name, row) for name in self.decimals))

    def _worked_out(self, division: Division) -> dict[str, Cell]:
        times, over = Known("[times]", division.times.value), Known("[over]", division.over.value)
        groups = in_groups("number", division.number.value)
        digits = [Known(f"[{group}]", cell.value) for group, cell in groups.items()]
        by_hand = steps([*digits, *[Known("", 0)] * (self.count - len(digits))], times, over, "MAX(1,[over])")
        decimals = {
            name: Cell(by_hand[upper].value * THOUSAND + by_hand[lower].value, f"=[{upper}]*{THOUSAND}+[{lower}]")
            for name, (upper, lower) in self.decimals.items()
        }
        quotient = Cell(division.result()[0], f"={WHOLE}")
        held = within("[number]", "[times]", "[over]", "[over]>0")
        return {**groups, **by_hand, "quotient": quotient, **decimals, WITHIN: held}

    def _standing(self, division: Division) -> dict[str, Any]:
        quotient, rest = division.result()
        decimals = divmod(rest * 10**12 // division.over.value, 10**6)
        here = [Known(f"[{name}]", known.value) for name, known in division._asdict().items()]
        ends = dict(zip(self.decimals, decimals, strict=False))
        return {LAST_REST: shown(rest), "quotient": quotient, **ends, WITHIN: unchanged(here)}
