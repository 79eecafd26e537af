"""`split` in cells: the total in groups of three digits, a long division, the remainders ranked, the odd pennies.

|total| × weight / sum of weights is divided as one does it by hand, thousands of millions, millions, thousands and ones
in turn: at each step the rest of the step before, a thousand times, and the next group times the weight are divided by
the sum of weights. No number is ever larger than 1000 × (sum of weights − 1) + 999 × the largest weight; while that is
below 1e14 (tables.PRODUCT says why) and |total| below 1e12, every quotient and rest is exact. So any weights that
sum to less than 5e10 are held; where they are not, whole pence and odd pennies stand as values, and say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bch_apportion.live.dividing import GROUPS, LARGEST_TOTAL, THOUSAND, digits_of
from bch_apportion.live.mixing import Mixed, Mixing, certain
from bch_apportion.live.tables import PRODUCT, STANDS, WITHIN, Key, Known, Table, shown_whole, unchanged
from bch_apportion.model import ForceCode
from bch_apportion.money import Quota, quotas
from bch_apportion.writing.report import Cell


def held(total: int, weights: Sequence[int]) -> bool:
    """Whether every step of the division is exact in a spreadsheet.

    >>> held(999_999_999_999, [24_999_999_999, 25_000_000_000]), held(1, [50_100_000_000, 1]), held(10**12, [1])
    (True, False, False)
    """
    largest = THOUSAND * (sum(weights) - 1) + (THOUSAND - 1) * max(weights)
    return abs(total) < LARGEST_TOTAL and largest < PRODUCT


class Splitting:
    """The two sheets of the divisions of one step: what is shared, and each bearer's quota.

    Each step has its own: in one sheet a column would depend on itself further down, which LibreOffice gets wrong.
    """

    def __init__(self, totals: str, quotas: str, about: str, mixing: Mixing | None = None) -> None:
        self.mixing, self.standing = mixing, 0
        self.totals = Table(
            totals,
            f"{about}: every total that is shared, and whether its parts sum to it",
            (
                "unit",
                ("year", "year"),
                "what",
                ("total", "count"),
                *((f"its {group}", "count") for group in GROUPS),
                ("sum of weights", "count"),
                ("whole pennies", "count"),
                ("pennies left", "count"),
                ("sum of parts", "count"),
                ("parts sum to the total", "status"),
                (WITHIN, "status"),
            ),
            "Whole numbers: pence, or shares in units of their last decimal. Largest remainder: every bearer has the "
            "whole part of its quota, and the pennies left go to the largest remainders, ties to the earlier force.",
        )
        steps: list[str] = []
        for number in range(1, len(GROUPS)):
            steps += [f"quotient {number}", f"rest {number}"]
        self.quotas = Table(
            quotas,
            f"{about}: each bearer's quota as a long division, its remainder and the odd penny",
            (
                "unit",
                ("year", "year"),
                "what",
                "force",
                ("weight", "count"),
                *((step, "count") for step in steps),
                (f"quotient {len(GROUPS)}", "count"),
                ("remainder", "count"),
                ("whole pence", "count"),
                ("rank", "whole"),
                ("odd penny", "whole"),
                ("amount (pence)", "count"),
                ("note", "wide"),
            ),
            "Total × weight / sum of weights, divided as by hand in groups of three digits, so that every number is "
            "exact; the remainder decides who has an odd penny.",
        )

    def block(
        self, key: Key, what: str, total: Known, members: Sequence[ForceCode], weights: Sequence[Known] | Mixed
    ) -> list[Known]:
        """Share a total by weights; the parts, where they stand."""
        if isinstance(weights, Mixed):
            return self._mixed(key, what, total, members, weights)
        whole = [weight.value for weight in weights]
        found, live = quotas(total.value, whole), held(total.value, whole)
        first = self.quotas.next
        last = first + len(members) - 1
        self.standing += not live
        self._total(key, what, total, found, (first, last), weights, live)
        sign = -1 if total.value < 0 else 1
        parts = []
        for force, weight, quota in zip(members, weights, found, strict=True):
            row = self.quotas.next
            amount = sign * (quota.floor + quota.odd)
            self._quota((*key, what, force), total.value, weight, quota, found, (first, last), live, amount)
            parts.append(self.quotas.known("amount (pence)", row, amount))
        return parts

    def _mixed(self, key: Key, what: str, total: Known, members: Sequence[ForceCode], mixed: Mixed) -> list[Known]:
        """Share a total on several sources; where twelve decimals do not decide it, the parts stand as values."""
        if self.mixing is None or not certain(total.value, mixed):
            self.standing += held(total.value, mixed.weights)  # else counted as too large
            mixed.stands(f"the pennies of {key[0]} {key[1]} stand")
            weights = [Known("", value) for value in mixed.weights]
            return self.block(key, what, total, members, weights)
        table, sums, first = self.totals, self.mixing.sums, self.mixing.sums.next
        row = table.next
        at = table.known("total", row, total.value)
        parts = self.mixing.enter(key, what, at, table.out("pennies left", row), members, mixed)
        whole, each = (sums.out_span(name, first, sums.next - 1) for name in ("whole pence", "amount (pence)"))
        size, left = abs(total.value), sum(1 for part in sums.rows[first - 2 :] if part[-2].value)
        table.add(
            *key,
            what,
            total.link(),
            *[None] * (len(GROUPS) + 1),
            Cell(size - left, f"=SUM({whole})"),
            Cell(left, f"=ABS({table.at('total', row)})-{table.at('whole pennies', row)}"),
            Cell(total.value, f"=SUM({each})"),
            Cell("OK", f'=IF({table.at("sum of parts", row)}={table.at("total", row)},"OK","DIFFERS")'),
            Cell("OK", self.mixing.decided(first, sums.next - 1, table.at("total", row))),
        )
        return parts

    def _total(
        self,
        key: Key,
        what: str,
        total: Known,
        found: Sequence[Quota],
        rows: tuple[int, int],
        given: Sequence[Known],
        live: bool,
    ) -> None:
        table, (first, last) = self.totals, rows
        row = table.next
        at = table.at("total", row)
        size, divisor = abs(total.value), found[0].divisor
        groups: list[Any] = [None] * len(GROUPS)
        if live:
            groups = [
                Cell(size // 10**power % THOUSAND, digits_of(at, power)) for power in range(3 * len(GROUPS) - 3, -1, -3)
            ]
        weights, floors = (self.quotas.out_span(name, first, last) for name in ("weight", "whole pence"))
        parts = self.quotas.out_span("amount (pence)", first, last)
        left = size - sum(quota.floor for quota in found)
        fits: Any = Cell(STANDS, unchanged([Known(at, total.value), *(one for one in given if one.ref)]))
        if live:
            largest = f"{THOUSAND}*{table.at('sum of weights', row)}+{THOUSAND - 1}*MAX({weights})"
            fits = Cell("OK", f'=IF(AND(ABS({at})<{LARGEST_TOTAL},{largest}<{PRODUCT + THOUSAND}),"OK","TOO LARGE")')
        table.add(
            *key,
            what,
            Cell(total.value, f"={total.ref}"),
            *groups,
            Cell(divisor, f"=MAX(1,SUM({weights}))") if live else shown_whole(divisor),
            Cell(size - left, f"=SUM({floors})"),
            Cell(left, f"=ABS({at})-{table.at('whole pennies', row)}"),
            Cell(total.value, f"=SUM({parts})"),
            Cell("OK", f'=IF({table.at("sum of parts", row)}={at},"OK","DIFFERS")'),
            fits,
        )

    def _quota(
        self,
        head: tuple[Any, ...],
        total: int,
        weight: Known,
        quota: Quota,
        others: Sequence[Quota],
        rows: tuple[int, int],
        live: bool,
        amount: int,
    ) -> None:
        table, of = self.quotas, self.totals
        row, number = table.next, of.next - 1
        rank = 1 + sum((-one.remainder, place) < (-quota.remainder, row - rows[0]) for place, one in enumerate(others))
        signed = f"=IF({of.out('total', number)}<0,-1,1)*({table.at('whole pence', row)}+{table.at('odd penny', row)})"
        if not live:
            steps: list[Any] = [None] * (2 * len(GROUPS) - 1)
            note = "odd penny as a value: weights too large"
            linked = weight.ref and isinstance(shown_whole(weight.value), int)
            given = weight.link() if linked else shown_whole(weight.value)
            rest = [shown_whole(quota.remainder), quota.floor, rank, quota.odd]
            table.add(*head, given, *steps, *rest, Cell(amount, signed), note)
            return
        w, divisor = table.at("weight", row), of.out("sum of weights", number)
        steps, before = [], ""
        value, power = 0, 3 * len(GROUPS) - 3
        for step, group in enumerate(GROUPS, 1):
            product = f"{of.out(f'its {group}', number)}*{w}"
            dividend = f"{before}*{THOUSAND}+{product}" if before else product
            value = value * THOUSAND + abs(total) // 10**power % THOUSAND * weight.value
            quotient, value = divmod(value, quota.divisor)
            name = f"rest {step}" if step < len(GROUPS) else "remainder"
            steps.append(Cell(quotient, f"=INT(({dividend})/{divisor})"))
            steps.append(Cell(value, f"={dividend}-{table.at(f'quotient {step}', row)}*{divisor}"))
            before, power = table.at(name, row), power - 3
        table.add(
            *head,
            weight.link() if weight.ref else weight.value,
            *steps,
            Cell(quota.floor, "=" + _whole(table, row)),
            Cell(rank, "=" + rank_formula(table, "remainder", row, *rows)),
            Cell(quota.odd, f"=IF({table.at('rank', row)}<={of.out('pennies left', number)},1,0)"),
            Cell(amount, signed),
            "" if weight.ref else "weight as a value: twelve decimals of the sources do not decide the penny",
        )


def _whole(table: Table, row: int) -> str:
    """The quotients put together."""
    text = table.at("quotient 1", row)
    for step in range(2, len(GROUPS) + 1):
        inner = f"({text})" if step > 2 else text
        text = f"{inner}*{THOUSAND}+{table.at(f'quotient {step}', row)}"
    return text


def rank_formula(table: Table, column: str, row: int, first: int, last: int) -> str:
    """The place of a remainder among its block's, the largest first, ties to the earlier row: pair by pair."""
    own = table.at(column, row)
    text = f"1+SUMPRODUCT(--({table.span(column, first, last)}>{own}))"
    return text if row == first else f"{text}+SUMPRODUCT(--({table.span(column, first, row - 1)}={own}))"
