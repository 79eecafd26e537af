"""A long division in cells: a number times a whole number over another, three digits of the number at a time.

As in `splitting`, no number on the way is larger than 1000 × (divisor − 1) + 999 × multiplier; while that is below 1e14
and the number below 1e12, quotients and rests are exact. With decimals the division goes on for twelve more digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bch_apportion.live.cells import PRODUCT, WITHIN, Key, Known, shown, shown_whole, unchanged
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


def in_groups(column: str, number: int) -> dict[str, Cell]:
    """The digits of a number, three to a cell."""
    return {group: Cell(abs(number) // 10**power % THOUSAND, _digits(column, power)) for group, power in GROUPS.items()}


def _digits(column: str, power: int) -> str:
    upper = f"INT(ABS([{column}])/{10**power})" if power else f"ABS([{column}])"
    return f"={upper}-{THOUSAND}*INT(ABS([{column}])/{10 ** (power + 3)})"


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

    def held(self) -> bool:
        return held(self.number.value, self.times.value, self.over.value)

    def result(self) -> tuple[int, int]:
        """The quotient and the rest."""
        quotient: int
        rest: int
        quotient, rest = divmod(abs(self.number.value) * self.times.value, self.over.value)
        return quotient, rest

    def here(self) -> Division:
        """The same, named as the formulas of its row name it."""
        names = zip(("[number]", "[times]", "[over]"), self, strict=True)
        return Division(*(Known(name, known.value) for name, known in names))


class Divided(NamedTuple):
    """A quotient and what is left; with decimals six and six of them too."""

    quotient: Known
    rest: Known
    decimals: tuple[Known, ...] = ()


class Dividing(Table):
    """A sheet of long divisions; `what` is the column that says what is divided."""

    def __init__(self, name: str, title: str, what: str, decimals: bool = False) -> None:
        self.what, self.standing = what, 0
        self.decimals = DECIMALS if decimals else {}
        self.count = len(GROUPS) * (2 if decimals else 1)
        super().__init__(self._sheet(name, title))

    def _sheet(self, name: str, title: str) -> Sheet:
        numbered = [f"{what} {number}" for number in range(1, self.count + 1) for what in ("quotient", "rest")]
        numbers = counts("number", *GROUPS, "times", "over", *numbered, "quotient", *self.decimals)
        return Sheet(
            name,
            title,
            (*UNIT_YEAR, (self.what, "wide"), "force", *numbers, (WITHIN, "status")),
            "Number × times / over, without its sign, divided as by hand in groups of three digits, so that every "
            f"number is exact{', and on for twelve decimals' if self.decimals else ''}.",
        )

    def divide(self, key: Key, what: str, force: ForceCode, division: Division) -> Divided:
        """The result of a division, in a row of its own."""
        live = division.held()
        self.standing += not live
        row = self.add(
            {
                **key._asdict(),
                self.what: what,
                "force": force,
                "number": division.number,
                "times": shown(division.times),
                "over": shown(division.over),
                **(self._worked_out(division) if live else self._standing(division)),
            }
        )
        rest = Known(self.out(LAST_REST, row), division.result()[1])
        return Divided(self.known("quotient", row), rest, tuple(self.known(name, row) for name in self.decimals))

    def _worked_out(self, division: Division) -> dict[str, Cell]:
        number, times, over = division.here()
        groups = in_groups("number", number.value)
        digits = [Known(f"[{group}]", cell.value) for group, cell in groups.items()]
        by_hand = steps([*digits, *[Known("", 0)] * (self.count - len(digits))], times, over, f"MAX(1,{over.ref})")
        ends = {name: _six(by_hand, *pair) for name, pair in self.decimals.items()}
        largest = f"{THOUSAND}*[over]+{THOUSAND - 1}*[times]<{PRODUCT + THOUSAND}"
        within = f'=IF(AND(ABS([number])<{LARGEST_TOTAL},[over]>0,{largest}),"OK","TOO LARGE")'
        quotient = Cell(division.result()[0], f"={WHOLE}")
        return {**groups, **by_hand, "quotient": quotient, **ends, WITHIN: Cell("OK", within)}

    def _standing(self, division: Division) -> dict[str, Any]:
        quotient, rest = division.result()
        decimals = divmod(rest * 10**12 // division.over.value, 10**6)
        ends = dict(zip(self.decimals, decimals, strict=False))
        return {LAST_REST: shown_whole(rest), "quotient": quotient, **ends, WITHIN: unchanged(division.here())}


def _six(cells: Mapping[str, Cell], upper: str, lower: str) -> Cell:
    """Six decimals, from two steps."""
    return Cell(cells[upper].value * THOUSAND + cells[lower].value, f"=[{upper}]*{THOUSAND}+[{lower}]")
