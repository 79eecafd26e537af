"""A long division in cells: a number times a whole number over another, three digits of the number at a time.

As in `splitting`, no number on the way is larger than 1000 × (divisor − 1) + 999 × multiplier; while that is below 1e14
and the number below 1e12, quotients and rests are exact. With decimals the division goes on for twelve more digits.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from bch_apportion.live.tables import PRODUCT, WITHIN, Key, Known, Table, shown_whole, unchanged
from bch_apportion.writing.report import Cell, Kind

GROUPS = ("thousand millions", "millions", "thousands", "ones")
LARGEST_TOTAL = 10**12
THOUSAND = 1000


def held(total: int, largest: int, divisor: int) -> bool:
    """Whether every step of a division is exact in a spreadsheet.

    >>> held(10**12 - 1, 25 * 10**9, 49_999_999_999), held(1, 50_100_000_000, 50_100_000_001), held(10**12, 1, 1)
    (True, False, False)
    """
    return abs(total) < LARGEST_TOTAL and THOUSAND * (divisor - 1) + (THOUSAND - 1) * largest < PRODUCT


def digits_of(at: str, power: int) -> str:
    """Three digits of a number, those from 10^power on."""
    upper = f"INT(ABS({at})/{10**power})" if power else f"ABS({at})"
    return f"={upper}-{THOUSAND}*INT(ABS({at})/{10 ** (power + 3)})"


class Divided(NamedTuple):
    """A quotient and what is left; with decimals, six and six of them instead."""

    quotient: Known
    rest: Known
    decimals: tuple[Known, ...] = ()


class Dividing(Table):
    """A sheet of long divisions."""

    def __init__(self, name: str, title: str, what: str, decimals: bool = False) -> None:
        self.steps = len(GROUPS) * (2 if decimals else 1)
        steps: list[tuple[str, Kind]] = []
        for number in range(1, self.steps + 1):
            steps += [(f"quotient {number}", "count"), (f"rest {number}", "count")]
        ends: list[tuple[str, Kind]] = [("decimals 1 to 6", "count"), ("decimals 7 to 12", "count")] if decimals else []
        super().__init__(
            name,
            title,
            (
                "unit",
                ("year", "year"),
                (what, "wide"),
                "force",
                ("number", "count"),
                *((f"its {group}", "count") for group in GROUPS),
                ("times", "count"),
                ("over", "count"),
                *steps,
                ("quotient", "count"),
                *ends,
                (WITHIN, "status"),
            ),
            "Number × times / over, without its sign, divided as by hand in groups of three digits, so that every "
            "number is exact" + (", and on for twelve decimals." if decimals else "."),
        )
        self.standing = 0

    def divide(self, key: Key, what: str, force: str, number: Known, times: Known, over: Known) -> Divided:
        """Divide, the sign of the number left out."""
        row, size = self.next, abs(number.value)
        digits = [size // 10**power % THOUSAND for power in range(3 * len(GROUPS) - 3, -1, -3)]
        live = held(number.value, times.value, over.value)
        self.standing += not live
        steps: list[Any] = []
        rest, quotients = 0, []
        for place in range(self.steps):
            dividend = rest * THOUSAND + (digits[place] * times.value if place < len(GROUPS) else 0)
            quotient, rest = divmod(dividend, over.value)
            quotients.append(quotient)
            steps += self._step(row, place, quotient, rest) if live else [None, None]
        whole = size * times.value // over.value
        ends = [quotients[n] * THOUSAND + quotients[n + 1] for n in range(len(GROUPS), self.steps, 2)]
        operands = [number._replace(ref=self.at("number", row)), times._replace(ref=self.at("times", row))]
        operands.append(over._replace(ref=self.at("over", row)))
        if not live:
            steps[2 * len(GROUPS) - 1] = shown_whole(size * times.value % over.value)
        self.add(
            *key,
            what,
            force,
            number.link(),
            *(
                Cell(one, digits_of(self.at("number", row), 3 * (len(GROUPS) - 1 - place))) if live else None
                for place, one in enumerate(digits)
            ),
            *(Cell(shown_whole(one.value), f"={one.ref}") for one in (times, over)),
            *steps,
            Cell(whole, "=" + self._whole(row)) if live else whole,
            *(
                Cell(one, f"={self.at(f'quotient {n}', row)}*{THOUSAND}+{self.at(f'quotient {n + 1}', row)}")
                if live
                else one
                for n, one in zip(range(len(GROUPS) + 1, self.steps, 2), ends, strict=True)
            ),
            Cell("OK", self._within(row)) if live else Cell("OK: stands as a value", unchanged(operands)),
        )
        return Divided(
            self.known("quotient", row, whole),
            self.known(f"rest {len(GROUPS)}", row, size * times.value % over.value),
            tuple(
                self.known(name, row, one)
                for name, one in zip(("decimals 1 to 6", "decimals 7 to 12"), ends, strict=False)
            ),
        )

    def _step(self, row: int, place: int, quotient: int, rest: int) -> list[Any]:
        divisor = self.at("over", row)
        terms = [f"{self.at(f'rest {place}', row)}*{THOUSAND}"] if place else []
        if place < len(GROUPS):
            terms.append(f"{self.at(f'its {GROUPS[place]}', row)}*{self.at('times', row)}")
        dividend = "+".join(terms)
        return [
            Cell(quotient, f"=INT(({dividend})/MAX(1,{divisor}))"),
            Cell(rest, f"={dividend}-{self.at(f'quotient {place + 1}', row)}*{divisor}"),
        ]

    def _whole(self, row: int) -> str:
        text = self.at("quotient 1", row)
        for step in range(2, len(GROUPS) + 1):
            text = f"{f'({text})' if step > 2 else text}*{THOUSAND}+{self.at(f'quotient {step}', row)}"
        return text

    def _within(self, row: int) -> str:
        number, times, over = (self.at(name, row) for name in ("number", "times", "over"))
        largest = f"{THOUSAND}*{over}+{THOUSAND - 1}*{times}"
        return f'=IF(AND(ABS({number})<{LARGEST_TOTAL},{over}>0,{largest}<{PRODUCT + THOUSAND}),"OK","TOO LARGE")'
