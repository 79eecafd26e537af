"""The steps of a split are exact in the numbers of a spreadsheet, or known not to be."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bch_apportion.live.cells import Known
from bch_apportion.live.mixing import Mixed, MixedSource, certain
from bch_apportion.live.mixing import quotas as mixed_quotas
from bch_apportion.live.shares import SOURCES, Source, common_weights, has_multiple, in_lowest_terms, multiple
from bch_apportion.live.splitting import held
from bch_apportion.live.tables import Table
from bch_apportion.money import quotas, whole_weights


def as_spreadsheet(total: int, weights: list[int]) -> list[int]:
    """The steps of a Quotas sheet in doubles, INT on fifteen digits, as LibreOffice rounds down."""

    def whole(value: float) -> float:
        return float(floor(float(f"{value:.15g}")))

    size, divisor = float(abs(total)), float(sum(weights))
    groups = [whole(size / 10.0**p) - 1000.0 * whole(size / 10.0 ** (p + 3)) for p in (9, 6, 3)]
    groups.append(size - 1000.0 * whole(size / 1000.0))
    floors, rests = [], []
    for weight in map(float, weights):
        rest = quotient = 0.0
        for group in groups:
            dividend = rest * 1000.0 + group * weight
            step = whole(dividend / divisor)
            rest, quotient = dividend - step * divisor, quotient * 1000.0 + step
        floors.append(quotient)
        rests.append(rest)
    left = size - sum(floors)
    ranks = [1 + sum((-r, j) < (-rest, i) for j, r in enumerate(rests)) for i, rest in enumerate(rests)]
    return [int((-1 if total < 0 else 1) * (f + (rank <= left))) for f, rank in zip(floors, ranks, strict=True)]


@given(st.integers(-(10**12) + 1, 10**12 - 1), st.lists(st.integers(0, 24 * 10**9), min_size=1, max_size=7))
def test_the_steps_are_exact_in_doubles(total: int, weights: list[int]) -> None:
    if any(weights) and held(total, weights):
        sign = -1 if total < 0 else 1
        assert as_spreadsheet(total, weights) == [sign * (q.floor + q.odd) for q in quotas(total, weights)]


@pytest.mark.parametrize(
    ("total", "weights"),
    [
        (999_999_999_999, [24_999_999_999, 24_999_999_998, 1]),
        (999_999_999_998, [24_999_999_999, 24_999_999_999]),
        (-1, [1, 1, 1]),
        (5, [0, 7, 3]),
        (0, [1, 1]),
    ],
)
def test_the_steps_are_exact_at_the_edge(total: int, weights: list[int]) -> None:
    assert held(total, weights)
    sign = -1 if total < 0 else 1
    assert as_spreadsheet(total, weights) == [sign * (q.floor + q.odd) for q in quotas(total, weights)]


def test_what_a_spreadsheet_cannot_hold_is_known() -> None:
    # 1000 × (W − 1) + 999 × the largest weight is below 1e14 up to W = 50,025,012,506 for a single bearer
    assert held(1, [50_025_012_506])
    assert not held(1, [50_025_012_507])
    assert not held(10**12, [1])


def test_sources_come_to_whole_weights() -> None:
    # half on 24 : 32 : 44, half on 30 : 34 : 36, of 100 each: 27 : 33 : 40
    half = Known("1", 50)
    base = Source("base", half, tuple(Known("x", figure) for figure in (24, 32, 44)), 1)
    demand = Source("demand", half, tuple(Known("x", figure) for figure in (30, 34, 36)), 1)
    terms = in_lowest_terms([base, demand], Table(SOURCES))
    assert has_multiple(terms)
    # 24 : 32 : 44 is 6 : 8 : 11 of 25, 30 : 34 : 36 is 15 : 17 : 18 of 50; over 50: 12+15, 16+17, 22+18
    assert [(source.part.value, source.total.value) for source in terms] == [(1, 25), (1, 50)]
    assert (multiple(terms), common_weights(terms)) == (50, [27, 33, 40])
    huge = Source("huge", half, (Known("x", 10**13 + 1), Known("x", 1), Known("x", 1)), 1)
    large = in_lowest_terms([demand, huge], Table(SOURCES))
    assert large
    assert not has_multiple(large)  # 50 × (1e13 + 3) is more than 1e14


# Source by source


def mixed_of(parts: list[int], figures: list[list[int]]) -> Mixed:
    sources = tuple(
        MixedSource("", Known("", part), tuple(Known("", weight) for weight in own), Known("", sum(own)))
        for part, own in zip(parts, figures, strict=True)
    )
    shares: list[Fraction | int] = [
        sum((Fraction(part * own[i], sum(own)) for part, own in zip(parts, figures, strict=True)), Fraction(0))
        for i in range(len(figures[0]))
    ]
    return Mixed(sources, tuple(whole_weights(shares)), lambda _: None)


def test_a_cost_shared_source_by_source() -> None:
    # half on 24 : 32 : 44, half on 30 : 34 : 36: 27 %, 33 %, 40 % of 101 pence: 27.27, 33.33, 40.40
    mixed = mixed_of([1, 1], [[24, 32, 44], [30, 34, 36]])
    assert mixed_quotas(101, mixed) == [(27, 27 * 10**10), (33, 33 * 10**10), (40, 40 * 10**10)]
    assert certain(101, mixed)
    # a third each of 100 pence, on both: 33.333333333333 each, and nobody can say from that whose the odd penny is
    assert not certain(100, mixed_of([1, 1], [[1, 1, 1], [2, 2, 2]]))
    # 1/3 + 2/3 of half each is a whole penny, which cut off decimals do not show
    assert not certain(2, mixed_of([1, 1], [[1, 2], [2, 1]]))


@given(
    st.integers(-(10**11), 10**11),
    st.lists(st.integers(0, 50), min_size=2, max_size=3).filter(any),
    st.data(),
)
def test_twelve_decimals_decide_what_exact_shares_do(total: int, parts: list[int], data: st.DataObject) -> None:
    weights = st.lists(st.integers(0, 10**7), min_size=3, max_size=3).filter(any)
    mixed = mixed_of(parts, [data.draw(weights) for _ in parts])
    if certain(total, mixed):
        rounded = mixed_quotas(total, mixed)
        left = abs(total) - sum(row.whole for row in rounded)
        first = sorted(range(3), key=lambda i: -rounded[i].remainder)[:left]
        exact = quotas(total, list(mixed.weights))
        assert [row.whole + (i in first) for i, row in enumerate(rounded)] == [
            quota.floor + quota.odd for quota in exact
        ]
