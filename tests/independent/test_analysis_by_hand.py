"""The independent variance and tracking against figures worked with pencil and paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from .analysis import (
    ActualRow,
    BusinessCase,
    Explanation,
    FullBook,
    TrackRow,
    Variance,
    track,
    variance_from_book,
    variance_from_budget,
    variance_from_case,
    variance_from_year,
)
from .books import random_book, with_analysis
from .calculation import BudgetRow, Demand, Driver, Force, Principle, Problem, Unit, april

pytestmark = pytest.mark.independent


def example() -> FullBook:
    """HR costs 1,200.00 in 2018/19, 200.00 of it direct; NRE was 1:1 in 2016/17 and is 2:3 now."""
    return FullBook(
        forces=[Force("A"), Force("B")],
        units=[Unit("HR", pooled_from=date(2015, 4, 1))],
        budgets=[
            BudgetRow("HR", 2017, 90_000),
            BudgetRow("HR", 2018, 100_000),
            BudgetRow("HR", 2018, 20_000, direct_to="A"),
        ],
        nre={(2016, "A"): 5, (2016, "B"): 5, (2017, "A"): 3, (2017, "B"): 7, (2018, "A"): 4, (2018, "B"): 6},
        deflators={2016: Fraction(100), 2017: Fraction(105), 2018: Fraction(110)},
        agreed={("HR", 2018): {"A": Fraction(30), "B": Fraction(70)}},
        business_cases=[BusinessCase("HR", 2018, 100_000, None, "v1", date(2017, 3, 31), 2016)],
    )


def effects(answer: Variance, force: str | None) -> list[int]:
    (row,) = [row for row in answer.rows if row.force == force and row.year == 2018 and row.unit]
    assert sum(row.effects.values()) == row.variance
    return list(row.effects.values())


def test_each_step_of_the_bridge() -> None:
    answer = variance_from_case(example())
    # plan 50,000; at 2018/19 prices 55,000; of 120,000 60,000; 50,000 pooled + 20,000; at 40 % 60,000; at 30 % 50,000
    assert effects(answer, "A") == [5_000, 5_000, 10_000, -10_000, -10_000, 0]
    assert effects(answer, "B") == [5_000, 5_000, -10_000, 10_000, 10_000, 0]
    assert effects(answer, None) == [10_000, 10_000, 0, 0, 0, 0]
    assert answer.without_plan == [("HR", 2017)]
    assert answer.without_actual == []


def test_given_amounts_are_the_plan_and_stay_its_weights() -> None:
    book = example()
    book.business_cases = [BusinessCase("HR", 2018, 25_000, "A"), BusinessCase("HR", 2018, 75_000, "B")]
    answer = variance_from_case(book)
    assert effects(answer, "A") == [0, 5_000, 15_000, 0, 5_000, 0]
    assert effects(answer, "B") == [0, 15_000, -15_000, 0, -5_000, 0]


def test_negative_amounts_are_no_weights() -> None:
    book = example()
    book.business_cases = [BusinessCase("HR", 2018, -10_000, "A"), BusinessCase("HR", 2018, 110_000, "B")]
    # 120,000 on 40 %, then 100,000 on 40 % + 20,000
    assert effects(variance_from_case(book), "A") == [0, 58_000, 12_000, 0, -10_000, 0]


def test_rows_of_a_version_agree() -> None:
    book = example()
    book.business_cases.append(BusinessCase("HR", 2018, 1, "A", "v1", date(2017, 3, 31), 2016))
    with pytest.raises(Problem, match="disagrees"):
        variance_from_case(book)
    book.business_cases[-1].version = "v2"
    assert variance_from_case(book).rows[0].version == "v1"
    assert variance_from_case(book, version="latest").rows[0].version == "v2"
    assert variance_from_case(book, version="v3").rows == []


def test_one_year_against_another() -> None:
    answer = variance_from_year(example(), 2017)
    # 90,000 at 30 % 27,000; 100,000 at 30 %; + 20,000; NRE 40 %: 40,000; agreed 30 %: 30,000
    assert [row.plan for row in answer.rows] == [27_000, 63_000, 90_000] * 2  # of HR, and of all units
    assert effects(answer, "A") == [0, 0, 3_000, 20_000, 10_000, 0, 0, -10_000]
    assert effects(answer, None) == [0, 0, 10_000, 20_000, 0, 0, 0, 0]
    # 27,000 at 110/105 is 28,285.71..., and 30,000 less that is the cost
    real = variance_from_year(example(), 2017, real=True)
    assert effects(real, "A") == [1_286, 0, 1_714, 20_000, 10_000, 0, 0, -10_000]


def test_actuals_against_the_budget() -> None:
    book = example()
    book.actuals = [ActualRow("HR", 2018, 110_000, paid_by="B"), ActualRow("HR", 2018, 15_000, direct_to="B")]
    answer = variance_from_budget(book)
    assert effects(answer, "A") == [0, 0, 3_000, -20_000, 0, 0, 0, 0]
    assert effects(answer, "B") == [0, 0, 7_000, 15_000, 0, 0, 0, 0]
    assert answer.without_actual == [("HR", 2017)]


def test_another_workbook_in_other_terms() -> None:
    book = example()
    other = replace(book, agreed={}, nre={**book.nre, (2018, "A"): 5, (2018, "B"): 5}, drivers=[Driver("HR", "calls")])
    other.principles = [Principle(None, 2018, {"nre lag years": 1})]
    # old: 30 % (lagged); the new workbook's NRE with the old lag is 30 % too; agreed 30 %
    assert effects(variance_from_book(book, other), "A") == [0, 0, 0, 0, 0, 0, 0, 0]
    other.principles = []
    assert effects(variance_from_book(book, other), "A") == [0, 0, 0, 0, -10_000, 0, 0, -10_000]


def test_shares_that_are_kept_until_a_set_begins() -> None:
    """Calls are 1 : 3 to March 2018; then three of twelve months are missing, and they are 1 : 1."""
    book = example()
    book.budgets = [BudgetRow("HR", 2018, 40_000), BudgetRow("HR", 2019, 40_000)]
    book.agreed = {("HR", 2019): {"A": Fraction(60), "B": Fraction(40)}}
    book.principles = [Principle(None, 2010, {"window months": 12, "lag months": 0})]
    book.drivers = [Driver("HR", "calls")]
    for months, calls in (
        (range(april(2017), april(2018)), {"A": 20, "B": 60}),
        (range(april(2018) + 3, april(2019)), {"A": 40, "B": 40}),
    ):
        book.demand += [
            Demand("calls", month, 1, force, Fraction(volume)) for month in months for force, volume in calls.items()
        ]
    (row,) = [row for row in variance_from_year(book, 2018).rows if row.unit and row.force == "A"]
    # 10,000 of 40,000; half on the new demand; a quarter is kept on the old terms; three fifths as agreed
    assert list(row.effects.values()) == [0, 0, 0, 0, 0, 10_000, -10_000, 14_000]


@pytest.mark.parametrize(
    ("variance", "plan", "status", "significant", "percent"),
    [
        (5_000_000, 100_000_000, "RED", True, "5.0"),
        (4_999_999, 99_999_980, "AMBER", False, "5.0"),
        (5_000_000, 100_000_001, "AMBER", False, "5.0"),
        (2_500_000, 100_000_000, "AMBER", False, "2.5"),
        (2_500_000, 100_000_001, "GREEN", False, "2.5"),
        (2_499_999, 1_000_000, "GREEN", False, "250.0"),
        (25_000_000, 900_000_000_000, "RED", True, "0.0"),
        (-5_000_000, 100_000_000, "GREEN", True, "-5.0"),
        (5_000_000, 0, "RED", True, None),
        (350, 100_000, "GREEN", False, "0.4"),
        (-350, 100_000, "GREEN", False, "-0.4"),
    ],
)
def test_materiality(variance: int, plan: int, status: str, significant: bool, percent: str | None) -> None:
    book = example()
    book.budgets = [BudgetRow("HR", 2018, plan + variance)]
    book.business_cases = [BusinessCase("HR", 2018, plan)]
    book.explanations = [Explanation("HR", 2018, "cost", "pay award")]
    row = variance_from_case(book).rows[-1]
    assert (row.status, row.significant, row.percent) == (status, significant, percent)
    assert (row.explained, row.explained_amount) == (True, variance)


def test_explanations() -> None:
    """The bridge of `test_each_step_of_the_bridge`: A 5,000 5,000 10,000 -10,000 -10,000; B the other way round."""
    book = example()
    book.explanations = [
        Explanation("HR", 2018, "prices", "", pence=4_000),  # of 10,000 half and half
        Explanation("HR", 2018, "cost", "", force="A"),
        Explanation("HR", 2018, "Direct", "", pence=1),  # moved the unit by nothing
        Explanation("HR", 2018, "nre", "", force="B", pence=99_000),  # no more than 10,000
        Explanation("HR", 2018, "basis", "", against="budget"),
    ]
    rows = variance_from_case(book).rows
    assert [row.explained_amount for row in rows] == [2_000 + 5_000, 2_000 + 10_000, 4_000]
    assert [row.unexplained_amount for row in rows] == [-7_000, 8_000, 16_000]
    book.explanations += [Explanation("HR", 2018, "all", "", pence=12_000)]  # A's rest has the other sign
    rows = variance_from_case(book).rows
    assert [row.unexplained_amount for row in rows] == [-7_000, 0, 4_000]


def test_tracking() -> None:
    book = example()
    book.actuals = [ActualRow("HR", 2018, 121_000)]
    assert track(book).rows == [
        TrackRow("HR", 2017, "budgets", 90_000, 90_000, 90_000, 90_000, None, 0, 0),
        TrackRow("HR", 2018, "actuals", 121_000, 115_500, 121_000, 115_500, 100_000, -31_000, -25_500),
    ]
    of_2016 = TrackRow("HR", 2018, "actuals", 121_000, 110_000, 121_000, 110_000, 100_000, None, None)
    assert track(book, 2016).rows[1] == of_2016


def test_recurring_cost_and_breaks() -> None:
    book = example()
    book.budgets += [BudgetRow("HR", 2018, 7_000, type="one-off"), BudgetRow("HR", 2018, 3_000, type="implementation")]
    # 130,000 in all, 120,000 recurring; at 105/110 that is 114,545.45..., 24,545 above the 90,000 of 2017/18
    row = TrackRow("HR", 2018, "budgets", 130_000, 124_091, 120_000, 114_545, 100_000, -30_000, -24_545)
    assert track(book).rows[1] == row
    book.units[0].pooled_from = date(2017, 4, 2)  # 364 of 365 days of 2017/18
    answer = track(book)
    assert answer.rows[1] == replace(row, breaks=True)
    assert [(total.units, total.cash, total.breaks) for total in answer.totals] == [
        (1, 90_000, []),
        (0, 0, [("HR", 30_000)]),
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_random_book_stays_as_it_was(seed: int) -> None:
    book = random_book(seed, 3)
    full = with_analysis(book, seed)
    assert book == random_book(seed, 3)
    assert full == with_analysis(book, seed)
    assert full.budgets == book.budgets
