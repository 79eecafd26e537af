"""The independent calculation against figures worked with pencil and paper."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from .books import random_book
from .calculation import (
    Baseline,
    Book,
    BudgetRow,
    Demand,
    Driver,
    Force,
    Line,
    Principle,
    Problem,
    Unit,
    april,
    calculate,
    half_up,
    pooled_fraction,
    split,
)

pytestmark = pytest.mark.independent


def example(volumes: tuple[int, int, int] = (30, 34, 36)) -> Book:
    """ICT 2018/19: 4,200,000.00, half on NRE 24/32/44, half on demand 30/34/36."""
    codes = ["BEDS", "CAMBS", "HERTS"]
    return Book(
        forces=[Force(code) for code in codes],
        units=[Unit("ICT", pooled_from=date(2016, 4, 1))],
        budgets=[BudgetRow("ICT", 2018, 420_000_000, "licences")],
        nre=dict(zip([(2018, code) for code in codes], [2400, 3200, 4400], strict=True)),
        principles=[Principle("ICT", 2018, {"fixed base %": Fraction(50)}, "clause 7")],
        drivers=[Driver("ICT", "headcount")],
        demand=[
            Demand("headcount", month, 1, code, Fraction(volume))
            for month in range(april(2018) - 60, april(2018) + 60)
            for code, volume in zip(codes, volumes, strict=True)
        ],
    )


def paid(lines: list[Line], component: str) -> list[int]:
    return [line.pence for line in lines if line.component == component]


def test_split() -> None:
    assert split(5, [0, 7, 3]) == [0, 4, 1]
    assert split(100, [2, 3, 1]) == [33, 50, 17]
    assert split(-1000, [2, 3, 1]) == [-part for part in split(1000, [2, 3, 1])]
    assert split(1, [1, 1]) == [1, 0]
    assert split(18225, [98, 2]) == [17861, 364]
    assert split(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="nothing to split on"):
        split(1000, [0, 0])


def test_a_half_goes_away_from_zero() -> None:
    assert [half_up(Fraction(text)) for text in ("0.5", "-0.5", "1.49", "-1.5")] == [1, -1, 1, -2]


def test_days_pooled() -> None:
    assert pooled_fraction(date(2020, 2, 29), 2019) == Fraction(32, 366)  # 29 February and 31 days of March
    assert pooled_fraction(date(2018, 3, 31), 2017) == Fraction(1, 365)
    assert pooled_fraction(date(2018, 4, 1), 2017) == 0
    assert pooled_fraction(date(2018, 4, 1), 2018) == 1
    assert pooled_fraction(date(2018, 4, 2), 2018) == Fraction(364, 365)
    assert pooled_fraction(None, 2018) == 0


def test_a_rows_way_through() -> None:
    book = example()
    amounts = zip(["BEDS", "CAMBS", "HERTS"], [120_000_000, 140_000_000, 165_000_000], strict=True)
    book.baselines = [Baseline("ICT", force, pence) for force, pence in amounts]
    result = calculate(book)
    (record,) = result.bases
    assert (record.basis, record.robust, record.window) == ("demand", True, ("2014-10", "2017-09"))
    shares = [line.share for line in result.lines if line.component == "pooled"]
    assert shares == [Fraction(27, 100), Fraction(33, 100), Fraction(2, 5)]
    assert paid(result.lines, "pooled") == [113_400_000, 138_600_000, 168_000_000]
    # 66,000 and 14,000 below, 30,000 above: 30,000 by 66/80 and by 14/80.
    assert paid(result.lines, "no_loser") == [2_475_000, 525_000, -3_000_000]
    assert record.no_loser is not None
    assert (record.no_loser.excess, record.no_loser.headroom) == (3_000_000, 8_000_000)


def test_not_achievable_and_half_applied() -> None:
    book = example()
    # 1,134,000 / 1,386,000 / 1,680,000 against 1,134,000.01 / 1,000,000 / 1,600,000: one penny of gain for
    # losses of 386,000 and 80,000; split(1, [386, 80]) relieves CAMBS. Half of it: targets 113,400,000.5,
    # 138,599,999.5, 168,000,000; the one penny over the floors goes to the earlier force.
    baselines = [("BEDS", 113_400_001), ("CAMBS", 100_000_000), ("HERTS", 160_000_000)]
    book.baselines = [Baseline("ICT", force, pence) for force, pence in baselines]
    result = calculate(book)
    assert paid(result.lines, "no_loser") == [1, -1]
    assert result.bases[0].no_loser is not None
    assert not result.bases[0].no_loser.achievable
    book.principles[0].values["no loser %"] = Fraction(50)
    assert paid(calculate(book).lines, "no_loser") == [1, -1]


def test_missing_for_one_is_left_out_for_all() -> None:
    book = example()
    first = april(2018) - 6 - 36
    book.demand = [row for row in book.demand if (row.first, row.force) != (first, "CAMBS")]
    assert calculate(book).bases[0].basis == "demand"  # 1 of 36 is within 10 %
    book.principles[0].values["max missing %"] = Fraction(0)
    assert calculate(book).bases[0].basis == "nre"
    assert calculate(book).bases[0].left_out == {"headcount": ["2014-10"]}
    book.principles[0].values["window months"] = 20  # the gap is outside; 1 whole block
    assert calculate(book).bases[0].basis == "demand"
    book.principles[0].values |= {"window months": 40, "max missing %": Fraction("2.5")}  # 1 of 40: on the limit
    assert calculate(book).bases[0].basis == "demand"
    book.principles[0].values["max missing %"] = Fraction("2.4")
    assert calculate(book).bases[0].basis == "nre"


def test_a_year_that_straddles_the_window_does_not_count() -> None:
    book = example()
    book.demand = [
        Demand("headcount", april(year), 12, force.code, Fraction(120))
        for year in range(2012, 2019)
        for force in book.forces
    ]
    record = calculate(book).bases[0]  # October 2014 to September 2017 holds 2015/16 and 2016/17
    assert len(record.left_out["headcount"]) == 12
    book.principles[0].values["lag months"] = 0
    assert calculate(book).bases[0].left_out == {"headcount": []}
    book.principles[0].values["lag months"] = -12
    assert calculate(book).bases[0].window == ("2016-04", "2019-03")


def test_stable_on_its_limit() -> None:
    book = example()
    book.principles[0].values |= {"window months": 24, "lag months": 0}
    for row in book.demand:  # 2016/17: 30/34/36, 2017/18: 40/24/36, window 35/29/36: a movement of exactly 5
        if row.first >= april(2017):
            row.volume = {"BEDS": Fraction(40), "CAMBS": Fraction(24), "HERTS": Fraction(36)}[row.force]
    assert calculate(book).bases[0].robust
    book.principles[0].values["max share movement"] = Fraction("4.9")
    assert not calculate(book).bases[0].robust


def test_settled_shares_stay_within_the_tolerance() -> None:
    book = example()
    book.principles[0].values |= {"fixed base %": Fraction(0), "rebase tolerance": Fraction(3)}
    percentages = {"BEDS": Fraction(33), "CAMBS": Fraction(33), "HERTS": Fraction(34)}
    book.agreed["ICT", 2017] = percentages  # 3, 1 and 2 points away
    assert calculate(book).bases[0].basis == "agreed"
    book.principles[0].values["rebase tolerance"] = Fraction("2.99")
    assert calculate(book).bases[0].basis == "demand"
    percentages["BEDS"] = Fraction(34)
    with pytest.raises(Problem, match="agreed-sum"):
        calculate(book)


def test_share_decimals_are_for_the_pooled_component_alone() -> None:
    book = example()
    book.budgets = [BudgetRow("ICT", 2018, 100), BudgetRow("ICT", 2018, 300, type="implementation")]
    book.nre = {(2018, "BEDS"): 1, (2018, "CAMBS"): 1, (2018, "HERTS"): 1}
    book.principles = [Principle(None, 2018, {"basis": "nre", "share decimals": 0})]
    lines = calculate(book).lines
    assert [line.share for line in lines if line.component == "pooled"] == [
        Fraction(34, 100),
        Fraction(33, 100),
        Fraction(33, 100),
    ]
    assert paid(lines, "pooled") == [34, 33, 33]
    assert paid(lines, "implementation") == [100, 100, 100]


def test_held_before_pooling() -> None:
    book = example()
    book.units[0].pooled_from = date(2018, 10, 1)  # 182 of 365 days pooled
    book.budgets = [BudgetRow("ICT", 2018, 1001, held_by="HERTS"), BudgetRow("ICT", 2018, 50, direct_to="BEDS")]
    lines = calculate(book).lines
    # 1001 by 183/365 = 501.87; 499 left: 27 % 134.73, 33 % 164.67, 40 % 199.60
    assert paid(lines, "held") == [502]
    assert paid(lines, "pooled") == [135, 165, 199]
    assert paid(lines, "direct") == [50]


def test_own_row_beats_a_later_general_row() -> None:
    book = example()
    book.principles = [
        Principle("ICT", 2010, {"fixed base %": Fraction(50)}),
        Principle(None, 2018, {"fixed base %": Fraction(100), "window months": 12}),
    ]
    record = calculate(book).bases[0]
    assert record.fixed_base == 50
    assert record.window == ("2016-10", "2017-09")


def test_a_seed_is_a_book() -> None:
    assert random_book(5, 3) == random_book(5, 3)
