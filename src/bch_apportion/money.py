"""Money as whole pence, and `split`, the only place in the program that rounds shares.

Everything here is exact: ints and fractions, no float.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple, TypeAlias

Pence: TypeAlias = int
Exact: TypeAlias = Fraction | int


class Quota(NamedTuple):
    """One bearer's part of a split: its exact quota is `floor` + `remainder`/`divisor`, and `odd` the penny it got."""

    floor: int
    remainder: int
    divisor: int
    odd: int


def half_up(amount: Fraction) -> int:
    """The nearest whole number, halves away from zero.

    >>> half_up(Fraction(5, 2)), half_up(Fraction(-5, 2)), half_up(Fraction(7, 5))
    (3, -3, 1)
    """
    n, d = abs(amount.numerator), amount.denominator
    whole = (2 * n + d) // (2 * d)
    return whole if amount >= 0 else -whole


def whole_weights(weights: Sequence[Exact]) -> list[int]:
    """The same proportions as whole numbers.

    >>> whole_weights([Fraction(1, 2), Fraction(1, 3)])
    [3, 2]
    """
    common = lcm(*(w.denominator for w in weights))
    return [w.numerator * (common // w.denominator) for w in weights]


def quotas(total: Pence, weights: Sequence[Exact]) -> list[Quota]:
    """How `split` divides |total|: floors, remainders and who got an odd penny.

    >>> quotas(5, [0, 7, 3])
    [Quota(floor=0, remainder=0, divisor=10, odd=0), Quota(floor=3, remainder=5, divisor=10, odd=1), \
Quota(floor=1, remainder=5, divisor=10, odd=0)]
    """
    whole = whole_weights(weights)
    divisor = sum(whole)
    if min(whole, default=0) < 0:
        raise ValueError(f"a negative weight cannot share a cost: {whole}")
    if divisor == 0:
        if total:
            raise ValueError(f"{total} pence cannot be shared: every weight is zero")
        return [Quota(0, 0, 1, 0) for _ in whole]
    parts = [divmod(abs(total) * w, divisor) for w in whole]
    left = abs(total) - sum(floor for floor, _ in parts)
    first = set(sorted(range(len(parts)), key=lambda i: -parts[i][1])[:left])  # sorted is stable: ties to the earlier
    return [Quota(floor, rest, divisor, int(i in first)) for i, (floor, rest) in enumerate(parts)]


def split(total: Pence, weights: Sequence[Exact]) -> list[Pence]:
    """Divide whole pence by weight: everyone the floor of its quota, the pennies left to the largest remainders.

    Ties go to the earlier bearer; the sign of the total is put back at the end, so that a credit is shared as a
    cost is. `weights` are exact, none negative; all zero is an error unless there is nothing to divide.
    (Largest remainder, or Hamilton's method.)

    >>> split(5, [0, 7, 3]), split(100, [2, 3, 1]), split(1, [1, 1])
    ([0, 4, 1], [33, 50, 17], [1, 0])
    >>> split(18225, [98, 2]), split(-1000, [2, 1]), split(0, [0, 0])
    ([17861, 364], [-667, -333], [0, 0])
    """
    sign = -1 if total < 0 else 1
    return [sign * (quota.floor + quota.odd) for quota in quotas(total, weights)]


def to_whole(targets: Sequence[Fraction]) -> list[int]:
    """Bring exact amounts with a whole sum to whole pence: floors, the rest to the largest remainders.

    >>> to_whole([Fraction(-1, 2), Fraction(5, 2), Fraction(1)])
    [0, 2, 1]
    """
    floors = [t.numerator // t.denominator for t in targets]
    left = sum(targets, Fraction(0)) - sum(floors)
    if left.denominator != 1:
        raise ValueError(f"the amounts do not sum to a whole number: {targets}")
    first = set(sorted(range(len(targets)), key=lambda i: floors[i] - targets[i])[: int(left)])
    return [floor + (i in first) for i, floor in enumerate(floors)]


def pounds(pence: Pence) -> str:
    """Pence as a decimal string of pounds, for files.

    >>> pounds(-123456), pounds(5)
    ('-1234.56', '0.05')
    """
    whole, rest = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}{whole}.{rest:02d}"


def pounds_words(pence: Pence) -> str:
    """Pence as people read them.

    >>> pounds_words(-123456789)
    '−£1,234,567.89'
    """
    whole, rest = divmod(abs(pence), 100)
    return f"{'−' if pence < 0 else ''}£{whole:,}.{rest:02d}"


def pounds_whole(pence: Pence) -> str:
    """Pence in whole pounds, half up, as people read them.

    >>> pounds_whole(-123456789)
    '−£1,234,568'
    """
    return pounds_words(half_up(Fraction(pence, 100)) * 100)[:-3]


def decimal_text(value: Exact, places: int = 6) -> str:
    """An exact number with `places` decimals, half up: for a share beside its fraction.

    >>> decimal_text(Fraction(2, 3)), decimal_text(Fraction(27, 100), 2)
    ('0.666667', '0.27')
    """
    n, d, scale = value.numerator, value.denominator, 10**places
    scaled = (2 * abs(n) * scale + d) // (2 * d)  # as half_up has it, in ints: this is asked for very many shares
    sign = "-" if n < 0 and scaled else ""
    if not places:
        return f"{sign}{scaled}"
    whole, rest = divmod(scaled, scale)
    return f"{sign}{whole}.{rest:0{places}d}"


def plain(value: Exact) -> str:
    """An exact number as short as it can be written: a decimal where it ends, else to six places.

    >>> plain(Fraction(50)), plain(Fraction(1, 8)), plain(Fraction(1, 3))
    ('50', '0.125', '0.333333')
    """
    if value.denominator == 1:
        return str(value.numerator)
    text = decimal_text(value, 12).rstrip("0").rstrip(".")
    return text if Fraction(text) == value else decimal_text(value, 6)


def decimal_beside(value: Exact, other: Exact, places: int = 6) -> str:
    """An exact number with `places` decimals, or with as many as tell it from another that it is compared with.

    >>> decimal_beside(Fraction(100001, 100000), 1, 3), decimal_beside(Fraction(3, 2), 1, 1)
    ('1.00001', '1.5')
    """
    text = decimal_text(value, places)
    while value != other and Fraction(text) == other:
        places += 1
        text = decimal_text(value, places)
    return text


def plain_beside(value: Exact, other: Exact) -> str:
    """An exact number as short as it can be written, with as many digits as tell it from another.

    >>> plain_beside(Fraction(1, 10**14), 0), plain_beside(Fraction(1, 8), 0)
    ('0.00000000000001', '0.125')
    """
    text = plain(value)
    return text if value == other or Fraction(text) != other else decimal_beside(value, other)


def percent(share: Exact, places: int = 2) -> str:
    """A share as a percentage.

    >>> percent(Fraction(27, 100)), percent(Fraction(1, 3))
    ('27.00%', '33.33%')
    """
    return decimal_text(Fraction(share) * 100, places) + "%"
