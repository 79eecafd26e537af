"""Principle 3: the window, what is in it, pooled and mean shares, the fixed base, whole percents."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bch_apportion import apportion
from bch_apportion.ledger import Ledger
from bch_apportion.model import BudgetRow, Demand, ParameterValue, Unit
from bch_apportion.principles.rolling_demand import (
    blend,
    demand_shares,
    driver_shares,
    equal_shares,
    rolling_window,
    to_decimals,
    volumes_in_window,
)
from bch_apportion.years import FinancialYear
from tests.inputs import Y, inputs, monthly, months, nre, only, paid, slot, terms

A, B = "BEDS", "HERTS"


@pytest.mark.parametrize(
    ("length", "lag", "window"),
    [
        (36, 6, "2014-10..2017-09"),
        (36, 0, "2015-04..2018-03"),
        (12, 1, "2017-03..2018-02"),
        (12, -12, "2018-04..2019-03"),  # the year's own data: a true-up
        (12, -1, "2017-05..2018-04"),
        (1, 0, "2018-03"),
        (1, -1, "2018-04"),
    ],
)
def test_the_window_of_2018_19(length: int, lag: int, window: str) -> None:
    assert str(rolling_window(FinancialYear(2018), length, lag)) == window


def quarters(first: str, count: int, volume: int) -> Demand:
    start = months(first, first).first
    return Demand(
        {},
        {
            months(first, first)._replace(first=start + 3 * n, length=3): slot({A: volume, B: volume})
            for n in range(count)
        },
    )


def test_quarters_that_fit_the_window() -> None:
    # October 2014 to September 2017 is twelve whole quarters
    volumes = volumes_in_window("calls", quarters("2014-10", 12, 10), rolling_window(Y(2018), 36, 6), (A, B))
    assert (volumes.left_out, volumes.volumes) == ((), (120, 120))


def test_quarters_that_straddle_either_edge_do_not_count() -> None:
    # November 2014 to October 2017: of the quarter before, November and December are missing; of the one after, October
    window = rolling_window(Y(2018), 36, 5)
    volumes = volumes_in_window("calls", quarters("2014-10", 13, 10), window, (A, B))
    assert [month - window.first for month in volumes.left_out] == [0, 1, 35]
    assert volumes.volumes == (110, 110)  # eleven quarters


def test_a_quarter_stands_for_each_of_its_months_exactly() -> None:
    # 10 a quarter is 10/3 a month; B has months of its own, 1 each, and one of them is missing
    demand = quarters("2017-01", 1, 10)
    demand.longer[months("2017-01", "2017-03")].pop(B)
    demand.monthly.update(monthly(("2017-01", "2017-02", {B: 1})).monthly)
    volumes = volumes_in_window("calls", demand, months("2017-01", "2017-03"), (A, B))
    assert volumes.volumes == (Fraction(20, 3), 2)
    assert volumes.left_out == (months("2017-03", "2017-03").first,)


def test_pooled_and_mean() -> None:
    # 10 of 100 in the first year, 150 of 300 in the second:
    # pooled 160/400 = 40 %; mean of 10 % and 50 % = 30 %
    demand = monthly(("2015-04", "2016-03", {A: 10, B: 90}), ("2016-04", "2017-03", {A: 150, B: 150}))
    volumes = volumes_in_window("calls", demand, months("2015-04", "2017-03"), (A, B))
    assert driver_shares(volumes, "pooled") == (Fraction(40, 100), Fraction(60, 100))
    assert driver_shares(volumes, "mean") == (Fraction(30, 100), Fraction(70, 100))


def test_a_block_without_volume_has_no_mean() -> None:
    demand = monthly(("2015-04", "2016-03", {A: 0, B: 0}), ("2016-04", "2017-03", {A: 1, B: 3}))
    volumes = volumes_in_window("calls", demand, months("2015-04", "2017-03"), (A, B))
    assert driver_shares(volumes, "pooled") == (Fraction(1, 4), Fraction(3, 4))
    assert driver_shares(volumes, "mean") is None


def test_no_volume_no_shares() -> None:
    volumes = volumes_in_window(
        "calls", monthly(("2016-04", "2017-03", {A: 0, B: 0})), months("2016-04", "2017-03"), (A, B)
    )
    assert driver_shares(volumes, "pooled") is None


def test_drivers_are_weighed() -> None:
    # 60 × 25 % + 40 × 50 % = 35 %; weights need not sum to 100
    shares = [(Fraction(1, 4), Fraction(3, 4)), (Fraction(1, 2), Fraction(1, 2))]
    expected = (Fraction(35, 100), Fraction(65, 100))
    assert demand_shares(shares, [Fraction(60), Fraction(40)]) == expected
    assert demand_shares(shares, [Fraction(3, 2), Fraction(1)]) == expected


def test_a_fixed_base_of_nought_and_of_everything() -> None:
    base, demand = (Fraction(1, 3), Fraction(2, 3)), (Fraction(1, 2), Fraction(1, 2))
    assert blend(Fraction(0), base, demand) == demand
    assert blend(Fraction(100), base, demand) == base
    assert equal_shares(3) == (Fraction(1, 3),) * 3


def test_whole_percents_sum_to_a_hundred() -> None:
    # thirds: 33 each and one left over, for the earliest; at one decimal 33.4, 33.3, 33.3
    thirds = equal_shares(3)
    assert to_decimals(thirds, None) == thirds
    assert to_decimals(thirds, 0) == (Fraction(34, 100), Fraction(33, 100), Fraction(33, 100))
    assert to_decimals(thirds, 1) == (Fraction(334, 1000), Fraction(333, 1000), Fraction(333, 1000))


def unit_of_two(pence: int, demand: Demand, **parameters: ParameterValue) -> Ledger:
    values = {name.replace("_", " ").replace("percent", "%"): value for name, value in parameters.items()}
    return apportion(
        inputs(
            (A, B),
            [Unit("MC")],
            [BudgetRow("MC", Y(2018), pence)],
            {"MC": ["calls"]},
            demand={"calls": demand},
            principles=terms((None, 2018, values)),
            nre=nre((A, B), y2017=(30, 70), y2018=(50, 50)),
        )
    )


EVEN = monthly(("2012-04", "2019-03", {A: 1, B: 3}))


@pytest.mark.parametrize(
    ("pence", "amounts"),
    # 25 : 75. Of one penny the quotas are 0.25 and 0.75; of two 0.5 and 1.5, a tie that goes to the earlier
    [(0, [0, 0]), (1, [0, 1]), (2, [1, 1]), (-2, [-1, -1]), (-1, [0, -1]), (400, [100, 300])],
)
def test_zero_negative_and_odd_pennies(pence: int, amounts: list[int]) -> None:
    assert [amount for _, amount in paid(unit_of_two(pence, EVEN), "pooled")] == amounts


def test_a_true_up_on_the_years_own_data() -> None:
    # before April 2018 1 : 3, in the year 3 : 1; the lag of −12 takes the year
    demand = monthly(("2012-04", "2018-03", {A: 1, B: 3}), ("2018-04", "2019-03", {A: 3, B: 1}))
    ledger = unit_of_two(400, demand, window_months=12, lag_months=-12)
    assert paid(ledger, "pooled") == [(A, 300), (B, 100)]
    assert str(only(ledger).decision.window) == "2018-04..2019-03"


def test_the_fixed_base_year_has_no_lag() -> None:
    # half on the base: NRE of the year 50 : 50 → 37.5 %; of 2017/18 30 : 70 → 27.5 %, by lag or by year
    assert paid(unit_of_two(1000, EVEN, fixed_base_percent=Fraction(50)))[0] == (A, 375)
    assert paid(unit_of_two(1000, EVEN, fixed_base_percent=Fraction(50), nre_lag_years=1))[0] == (A, 275)
    fixed = unit_of_two(1000, EVEN, fixed_base_percent=Fraction(50), nre_lag_years=1, fixed_base_year=Y(2018))
    assert paid(fixed)[0] == (A, 375)
    equal = unit_of_two(1000, EVEN, fixed_base_percent=Fraction(50), fixed_base_on="equal", nre_lag_years=1)
    assert paid(equal)[0] == (A, 375)


def test_decimals_come_after_the_fixed_base() -> None:
    # 1 : 2 and 50 : 50, a tenth on the base: 0.05 + 0.9/3 = 35 %, exact. Rounded first: 33 % → 34.7 % → 35 % too,
    # so take a fifth: 0.1 + 0.8/3 = 36.67 % → 37 %
    demand = monthly(("2012-04", "2019-03", {A: 1, B: 2}))
    ledger = unit_of_two(100, demand, fixed_base_percent=Fraction(20), share_decimals=0)
    assert only(ledger).decision.shares == (Fraction(37, 100), Fraction(63, 100))


def test_the_shadow_beside_nre() -> None:
    # NRE 50 : 50 applied, demand 25 : 75 beside it, both of 101 pence: 50.5 each, the odd penny to the earlier;
    # 25.25 and 75.75
    result = only(unit_of_two(101, EVEN, basis="nre"))
    assert (result.pooled, result.shadow) == ((51, 50), (25, 76))
    assert result.decision.basis == "nre"
    assert result.decision.robust


def test_demand_although_a_test_fails() -> None:
    # the window lacks 6 of its 36 months: 25 : 75 all the same, and the reason names the test
    short = monthly(("2015-04", "2017-09", {A: 1, B: 3}))
    result = only(unit_of_two(400, short, basis="demand"))
    assert (result.decision.basis, result.pooled) == ("demand", (100, 300))
    assert "although it fails the test complete (calls)" in result.decision.reason
    assert only(unit_of_two(400, short)).decision.basis == "nre"
