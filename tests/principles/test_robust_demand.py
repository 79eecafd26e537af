"""Principles 1 and 3: each test of the demand data at its boundary and just over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest

from bch_apportion.model import Demand, ForceCode, WindowVolumes
from bch_apportion.money import Exact
from bch_apportion.principles import robust_demand
from bch_apportion.principles.robust_demand import complete, has_driver, positive, signed_off, stable
from bch_apportion.principles.rolling_demand import volumes_in_window
from tests.inputs import month, monthly, months, slot

A, B = "BEDS", "HERTS"


def measured(demand: Demand, first: str = "2015-04", last: str = "2017-03") -> WindowVolumes:
    return volumes_in_window("calls", demand, months(first, last), (A, B))


def two_blocks(first: Mapping[ForceCode, Exact], second: Mapping[ForceCode, Exact]) -> WindowVolumes:
    return measured(monthly(("2015-04", "2016-03", first), ("2016-04", "2017-03", second)))


def test_driver() -> None:
    assert not has_driver(0).passed
    assert has_driver(1).passed


def test_stable_exactly_at_the_limit() -> None:
    # 45 % and 55 % around 50 %: a movement of exactly 5 points
    window = two_blocks({A: 45, B: 55}, {A: 55, B: 45})
    assert stable(window, Fraction(5)).passed
    assert not stable(window, Fraction("4.999")).passed


def test_stable_just_over_the_limit() -> None:
    # 44.999 % and 55.001 % around 50 %: 5.001 points
    window = two_blocks({A: 44_999, B: 55_001}, {A: 55_001, B: 44_999})
    assert not stable(window, Fraction(5)).passed
    assert stable(window, Fraction("5.001")).passed


def test_stable_at_a_limit_of_nought() -> None:
    assert stable(two_blocks({A: 3, B: 7}, {A: 30, B: 70}), Fraction(0)).passed
    assert not stable(two_blocks({A: 3, B: 7}, {A: 30, B: 71}), Fraction(0)).passed


def test_blocks_are_counted_back_from_the_end_of_the_window() -> None:
    # 30 months: two whole blocks, and the first six months in none of them
    window = measured(monthly(("2014-10", "2017-03", {A: 1, B: 1})), "2014-10")
    assert [str(block.months) for block in window.blocks] == ["2016-04..2017-03", "2015-04..2016-03"]


def test_months_outside_the_blocks_move_the_window_alone() -> None:
    # blocks 50 : 50; the six months before them 100 : 0. Window: BEDS 12 + 12 + 6 of 54, in months of 1 + 1 and 1 + 0
    # = 30/54 = 55.56 %, so each block is 5.56 points away
    demand = monthly(("2014-10", "2015-03", {A: 1, B: 0}), ("2015-04", "2017-03", {A: 1, B: 1}))
    window = measured(demand, "2014-10")
    assert not stable(window, Fraction(5)).passed
    assert stable(window, Fraction(100, 18)).passed  # 55.56 − 50 = 100/18, exactly


def test_a_block_without_volume_is_not_stable() -> None:
    window = two_blocks({A: 0, B: 0}, {A: 1, B: 1})
    assert not stable(window, Fraction(100)).passed
    assert positive(window).passed
    assert complete(window, Fraction(0)).passed  # 0 is a volume


@pytest.mark.parametrize(("first", "passed"), [("2016-05", None), ("2015-05", None), ("2015-04", True)])
def test_with_fewer_than_two_whole_blocks_there_is_nothing_to_compare(first: str, passed: bool | None) -> None:
    tested = stable(measured(monthly((first, "2017-03", {A: 1, B: 9})), first), Fraction(0))
    assert (tested.passed, tested.outcome) == (passed, "passed" if passed else "not tested")


def test_enough_digits_are_printed_to_tell_a_movement_from_its_limit() -> None:
    # A has 1/2 of the first block and 100003/200000 of the second: 0.00075 points from its share of both
    volumes = measured(
        monthly(("2015-04", "2016-03", {A: 100000, B: 100000}), ("2016-04", "2017-03", {A: 100003, B: 99997}))
    )
    assert stable(volumes, Fraction("0.0008")).detail.startswith("largest movement 0.00075 points")
    assert stable(volumes, Fraction(5)).detail.startswith("largest movement 0.0008 points")


@pytest.mark.parametrize(
    ("gap", "limit", "passed"),
    [
        (0, "0", True),
        (1, "0", False),
        (6, "25", True),  # 6 of 24 months are exactly 25 %
        (6, "24.99", False),
        (7, "25", False),  # 29.17 %
        (24, "100", True),
    ],
)
def test_missing_months_at_the_limit(gap: int, limit: str, passed: bool) -> None:
    demand = monthly(("2015-04", "2017-03", {A: 1, B: 1}))
    for n in range(gap):
        del demand.monthly[month("2015-04") + n][B]
    window = measured(demand)
    assert len(window.left_out) == gap
    assert complete(window, Fraction(limit)).passed is passed


def test_a_month_missing_for_one_is_left_out_for_all() -> None:
    demand = monthly(("2015-04", "2017-03", {A: 1, B: 3}))
    demand.monthly[month("2016-07")] = slot({A: 1_000_000})
    window = measured(demand)
    assert window.volumes == (23, 69)
    assert [str(month) for month in window.left_out] == [str(month("2016-07"))]
    assert complete(window, Fraction(5)).detail.endswith(": 2016-07")


def test_positive_from_the_first_unit_of_volume() -> None:
    empty = measured(monthly(("2015-04", "2017-03", {A: 0, B: 0})))
    assert not positive(empty).passed
    assert positive(two_blocks({A: 0, B: 0}, {A: Fraction(1, 1000), B: 0})).passed


def test_one_member_that_did_not_sign_off_one_month() -> None:
    demand = monthly(("2015-04", "2017-03", {A: 1, B: 1}))
    assert signed_off(measured(demand)).passed
    late = month("2017-03")
    demand.monthly[late][B] = demand.monthly[late][B]._replace(signed_off=False)
    assert signed_off(measured(demand)).detail == "1 of 24 counted months not signed off: 2017-03"
    assert not signed_off(measured(demand)).passed
    del demand.monthly[late][A]  # a month that does not count need not be signed
    assert signed_off(measured(demand)).passed


def test_signing_off_is_asked_for_only_where_there_is_the_column() -> None:
    window = replace(two_blocks({A: 1, B: 1}, {A: 1, B: 1}), not_signed=(month("2016-04"),))
    names = [test.test for test in robust_demand.tests_of(window, Fraction(0), Fraction(5), with_sign_off=False)]
    assert names == ["complete", "positive", "stable"]
    assert not all(test.passed for test in robust_demand.tests_of(window, Fraction(0), Fraction(5), with_sign_off=True))
