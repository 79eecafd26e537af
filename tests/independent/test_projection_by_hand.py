"""The independent projection, scenarios and comparisons against figures worked with pencil and paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random

import pytest

from .calculation import Baseline, BudgetRow, Demand, Driver, Force, Principle, Problem, Unit, april, parameter
from .futures import random_case, toml_text
from .projection import (
    Assumption,
    FutureBook,
    as_period,
    as_year,
    changes,
    comparison,
    extended,
    nre_growth_of,
    projection,
    read_scenario,
    sensitivity,
    sides_of,
    tipping_points,
    uncovered,
    uplift_of,
    with_scenario,
    with_set,
    without,
)

pytestmark = pytest.mark.independent


def example() -> FutureBook:
    """HR in 2019/20: pay 1,000.00 held by nobody, 300.00 direct to A, a one-off and an implementation line; NRE 1:3."""
    return FutureBook(
        forces=[Force("A"), Force("B")],
        units=[Unit("HR", "People", pooled_from=date(2015, 4, 1))],
        budgets=[
            BudgetRow("HR", 2018, 90_000, "Pay"),
            BudgetRow("HR", 2019, 100_000, "Pay"),
            BudgetRow("HR", 2019, 30_000, "rent", direct_to="A"),
            BudgetRow("HR", 2019, 5_000, "moving", type="one-off"),
            BudgetRow("HR", 2019, 800, "system", type="implementation"),
            BudgetRow("HR", 2020, 999_999, "Pay"),
        ],
        nre={(2018, "A"): 100, (2018, "B"): 300, (2019, "A"): 1000, (2019, "B"): 3000},
    )


def paid(book: FutureBook, years: int = 2) -> dict[tuple[int, str], int]:
    amounts = projection(book, 2019, years, book.assumptions)
    return {(year, force): pence for (_, year, force), pence in amounts.items()}


def percent(kind: str, year: int, value: str, unit: str | None = None, line: str = "") -> Assumption:
    return Assumption(kind, year, Fraction(value), unit, line)


def test_revenue_is_carried_on_and_nothing_else() -> None:
    # 2019/20: 105,000 by a quarter 26,250 + 30,000 + 200; then 100,000 by a quarter + 30,000
    assert paid(example()) == {
        (2019, "A"): 56_450,
        (2019, "B"): 79_350,
        (2020, "A"): 55_000,
        (2020, "B"): 75_000,
        (2021, "A"): 55_000,
        (2021, "B"): 75_000,
    }


def test_uplifts_round_half_up_line_by_line_and_year_by_year() -> None:
    book = example()
    book.budgets[1].pence, book.budgets[2].pence = 101, -101
    book.assumptions = [percent("uplift %", 2010, "50")]
    # 151.5 is 152, then 228; -151.5 is -152, then -228
    longer = extended(book, 2019, 2, book.assumptions)
    assert [(row.year, row.pence) for row in longer.budgets if row.year > 2019] == [
        (2020, 152),
        (2020, -152),
        (2021, 228),
        (2021, -228),
    ]


def test_the_most_specific_uplift_counts_then_the_latest_then_the_last() -> None:
    rows = [
        percent("uplift %", 2020, "1"),
        percent("uplift %", 2025, "2", line=" PAY "),
        percent("uplift %", 2020, "3", line="pay"),
        percent("uplift %", 2020, "4", "HR"),
        percent("uplift %", 2021, "5", "HR", "pay"),
        percent("uplift %", 2021, "6", "HR", "pay"),
    ]
    assert uplift_of(rows, "ICT", "rent", 2020) == 1
    assert uplift_of(rows, "ICT", "Pay", 2024) == 3
    assert uplift_of(rows, "ICT", "Pay", 2025) == 2
    assert uplift_of(rows, "HR", "Pay", 2020) == 4
    assert uplift_of(rows, "HR", "Pay", 2021) == 6
    assert uplift_of(rows, "HR", "", 2021) == 4
    assert uplift_of(rows, "HR", "rent", 2019) == 0


def test_subjectives_come_after_lines_and_rows_that_fill_both_count_as_the_line() -> None:
    rows = [
        percent("uplift %", 2020, "1"),
        replace(percent("uplift %", 2024, "2"), subjective="Staff"),
        percent("uplift %", 2020, "3", line="pay"),
        percent("uplift %", 2020, "4", "HR"),
        replace(percent("uplift %", 2020, "5", "HR"), subjective=" staff "),
        replace(percent("uplift %", 2022, "6", "HR", "pay"), subjective="agency"),
        percent("uplift %", 2021, "7", "HR", "pay"),
    ]
    assert uplift_of(rows, "ICT", "rent", 2023, "staff") == 1
    assert uplift_of(rows, "ICT", "rent", 2024, "staff") == 2
    assert uplift_of(rows, "ICT", "pay", 2024, "staff") == 3
    assert uplift_of(rows, "HR", "rent", 2024, "premises") == 4
    assert uplift_of(rows, "HR", "rent", 2024, "staff") == 5
    assert uplift_of(rows, "HR", "pay", 2020, "agency") == 4
    assert uplift_of(rows, "HR", "pay", 2022, "agency") == 6
    assert uplift_of(rows, "HR", "pay", 2022, "staff") == 7


def test_nre_grows_where_the_sheet_has_none() -> None:
    book = example()
    book.nre[2021, "A"] = 9000
    book.assumptions = [
        Assumption("nre growth %", 2019, Fraction("0.05")),
        Assumption("nre growth %", 2020, Fraction(10), force="B"),
        Assumption("nre growth %", 2022, Fraction(-10)),
    ]
    longer = extended(book, 2019, 3, book.assumptions)
    # 1000.5 is 1001; 3000, 3300, 3630, 3993
    assert [longer.nre[year, "A"] for year in (2020, 2021, 2022)] == [1001, 9000, 8100]
    assert [longer.nre[year, "B"] for year in (2020, 2021, 2022)] == [3300, 3630, 3993]
    assert nre_growth_of(book.assumptions, "A", 2018) == 0


def test_growth_saving_and_one_off() -> None:
    book = example()
    book.assumptions = [
        percent("uplift %", 2020, "10"),
        Assumption("growth", 2020, Fraction(400), "HR", "more"),
        Assumption("saving", 2021, Fraction(1000), "HR"),
        Assumption("one-off", 2021, Fraction(40), "HR"),
        Assumption("growth", 2021, Fraction(80), "HR", type="implementation"),
        Assumption("growth", 2021, Fraction(4), "HR", type="one-off"),
    ]
    longer = extended(book, 2019, 3, book.assumptions)
    by_year = {year: [row.pence for row in longer.budgets if row.year == year] for year in (2020, 2021, 2022)}
    assert by_year[2020] == [110_000, 33_000, 400]
    assert by_year[2021] == [121_000, 36_300, 440, -1000, 40, 80, 4]
    assert by_year[2022] == [133_100, 39_930, 484, -1100]
    for wrong in (Assumption("growth", 2019, Fraction(1), "HR"), Assumption("one-off", 2020, Fraction(1))):
        with pytest.raises(Problem, match="assumption"):
            extended(book, 2019, 1, [wrong])


def with_demand(book: FutureBook, last: int) -> FutureBook:
    """Calls are 40:60 up to March 2018 and 20:80 from then on, up to the month before `last`."""
    book.drivers = [Driver("HR", "calls")]
    book.principles = [
        Principle(None, 2000, {"window months": 12}, "Board"),
        Principle("HR", 2019, {"basis": "demand"}, "x"),
    ]
    book.demand = [
        Demand("calls", month, 1, force, Fraction(volume if month < april(2018) else later))
        for month in range(april(2014), last)
        for force, volume, later in (("A", 40, 20), ("B", 60, 80))
    ]
    return book


def test_a_window_ends_with_the_data() -> None:
    book = with_demand(example(), april(2019) - 6)
    # 2019/20: October 2017 to September 2018, half and half: 30 %; and so for ever, with the six months of lag gone
    assert paid(book)[2019, "A"] == 31_500 + 30_000 + 200
    assert [paid(book)[year, "A"] for year in (2020, 2021)] == [60_000, 60_000]
    book = with_demand(example(), april(2019) - 3)
    # 2020/21 ends with December 2018: three months of 40 and nine of 20
    assert [paid(book)[year, "A"] for year in (2020, 2021)] == [55_000, 55_000]
    # One force's last month is missing: a month earlier, four of 40 and eight of 20
    book.demand = book.demand[:-1]
    assert paid(book)[2020, "A"] == half_of(100_000, 4) + 30_000


def half_of(pence: int, months: int) -> int:
    """A's part, with so many months of 40 and the rest of 20."""
    return round(pence * (months * 40 + (12 - months) * 20) / 1200)


def test_moving_the_window_is_no_change_of_terms() -> None:
    book = with_demand(example(), april(2019) - 3)
    rows = {(row.year, row.force): row for row in changes(sides_of(extended(book, 2019, 2, [])), 2019)}
    # From 30 % to 25 % of 100,000; the 5,000 less are cost on the old shares
    row = rows[2020, "A"]
    assert (row.a, row.b) == (61_700, 55_000)
    assert row.effects == {
        "no_loser": 0,
        "cost": -1_500,
        "direct": -200,
        "nre": 0,
        "demand": -5_000,
        "basis": 0,
        "terms": 0,
    }
    assert not any(rows[2021, "A"].effects.values())


def test_settled_shares_are_remembered_into_the_projection() -> None:
    book = with_demand(example(), april(2021))
    book.principles.append(Principle("HR", 2020, {"rebase tolerance": Fraction(10)}))
    # 30 % settled in 2019/20; 20 % in 2020/21, within ten points
    assert paid(book)[2021, "A"] == 60_000
    book.principles[-1].values["rebase tolerance"] = Fraction("9.9")
    assert paid(book)[2021, "A"] == 50_000


def test_each_assumption_moved_alone() -> None:
    book = example()
    book.assumptions = [
        replace(percent("uplift %", 2020, "10"), low=Fraction(0)),
        Assumption("growth", 2021, Fraction(400), "HR", low=Fraction(0), high=Fraction(1200)),
    ]
    moved = sensitivity(book, 2019, 2, book.assumptions)
    # pay 10,000 and 21,000 less, by a quarter; rent 3,000 and 6,300 less
    assert moved[0, "low", "A", 2020] == -5_500
    assert moved[0, "low", "A", None] == -5_500 - 11_550
    assert moved[1, "low", "B", 2021] == -300
    assert moved[1, "high", "B", None] == 600
    assert (0, "high", "A", 2020) not in moved


SCENARIO = """
[[assumptions]]
from_year = "2020/21"
kind = "uplift %"
value = 10

[[Budgets]]
unit = "people"
year = "2019-20"
line = " PAY "
amount = 800.00

[[Budgets]]
unit = "HR"
year = "2019/20"
line = "pay"
amount = 100.00
"held by" = "a"

[[Units]]
unit = "HR"
name = "People"
forces = "B, A"
pooled_from = 2019-10-01

[["Agreed shares"]]
unit = "HR"
from-year = "FY20"
force = "A"
"share %" = 10

[[agreed_shares]]
unit = "HR"
"from year" = "2019/20"
force = "B"
"share %" = 90

[[NRE]]
year = "2019/20"
force = "A"
nre = 40.00
"""


def test_a_scenario_adds_rows_and_replaces_those_of_the_same_key() -> None:
    book = with_scenario(example(), {"agreedshares": []})
    assert book == example()
    tables = read_scenario(SCENARIO)
    new = with_scenario(example(), tables, "what if")
    assert [(row.line, row.pence, row.held_by) for row in new.budgets if row.year == 2019] == [
        ("rent", 30_000, None),
        ("moving", 5_000, None),
        ("system", 800, None),
        ("PAY", 80_000, None),
        ("pay", 10_000, "A"),
    ]
    assert new.units == [Unit("HR", "People", ["A", "B"], None, None, date(2019, 10, 1))]
    assert new.agreed == {("HR", 2019): {"A": Fraction(10), "B": Fraction(90)}}
    assert new.nre[2019, "A"] == 4000
    assert [row.origin for row in new.assumptions] == ["what if 1"]
    # Half the year (183 days of 366) is pooled: 5,000 held by A, 5,000 + 80,000 + 5,000 pooled at 10 %, 30,000 direct,
    # and NRE of 4:3 for implementation
    assert paid(new)[2019, "A"] == 5_000 + 9_000 + 30_000 + 457
    # 88,000 + 11,000, all pooled, + 33,000
    assert paid(new)[2020, "A"] == 9_900 + 33_000
    assert example().nre[2019, "A"] == 1000


def test_rows_of_the_same_key_replace_whole_rows() -> None:
    book = with_demand(example(), april(2020))
    new = with_scenario(
        book,
        read_scenario(
            """
            [[Principles]]
            unit = "HR"
            "from year" = "2019/20"
            "fixed base %" = "50%"
            fixed_base_year = "2018/19"
            [[Drivers]]
            unit = "HR"
            driver = "calls"
            weight = 2.5
            [[Demand]]
            driver = "calls"
            period = "2018-04"
            force = "A"
            volume = 7
            [[Demand]]
            driver = "crimes"
            period = "2018/19 Q1"
            force = "A"
            volume = 7
            [[Settings]]
            name = "Uprate baselines"
            value = "yes"
            """
        ),
    )
    assert new.principles[1] == Principle("HR", 2019, {"fixed base %": Fraction(50), "fixed base year": 2018}, "")
    assert new.drivers == [Driver("HR", "calls", Fraction(5, 2))]
    assert [row.volume for row in new.demand if row.first == april(2018)] == [7, 80, 7]
    assert new.demand[-1] == Demand("crimes", april(2018), 3, "A", Fraction(7))
    assert new.settings == {"uprate baselines": "yes"}
    with pytest.raises(Problem, match="unknown force"):
        with_scenario(book, read_scenario('[[NRE]]\nyear = "2019/20"\nforce = "C"\nnre = 1'))


def test_years_and_periods_of_a_scenario() -> None:
    texts = ["2019/20", "2019-20", "2019/2020", "19/20", "FY2019/20", "FY20"]
    assert [as_year(text) for text in texts] == [2019] * 6
    assert as_period("2018-04") == (april(2018), 1)
    assert as_period("2018/19") == (april(2018), 12)
    assert as_period("2018/19 Q4") == (april(2018) + 9, 3)
    assert as_period("2018-04..2019-01") == (april(2018), 10)


def test_set_is_over_every_row_and_a_units_own_over_a_general_row() -> None:
    book = example()
    book.units.append(Unit("ICT"))
    book.principles = [
        Principle("HR", 2018, {"nre lag years": 1, "basis": "nre"}),
        Principle(None, 2019, {"nre lag years": 2}),
    ]
    new = with_set(book, ["HR.nre lag years=0", "nre lag years=3", "rebase tolerance=none"])
    for year in (2010, 2018, 2019, 2030):
        assert parameter(new, "HR", year, "nre lag years") == 0
        assert parameter(new, "ICT", year, "nre lag years") == 3
    assert parameter(new, "HR", 2018, "basis") == "nre"
    assert parameter(with_set(book, ["ICT.basis=agreed"]), "HR", 2018, "basis") == "nre"
    assert book.principles[0].values == {"nre lag years": 1, "basis": "nre"}


def test_a_comparison_and_its_totals() -> None:
    book, two = example(), with_set(example(), ["nre lag years=1"])
    two.nre = {**two.nre, (2018, "A"): 100, (2018, "B"): 100, (2017, "A"): 1, (2017, "B"): 3}
    two.budgets = [row for row in two.budgets if row.year == 2019] + [BudgetRow("HR", 2021, 5)]
    two.nre |= {(2020, "A"): 1, (2020, "B"): 1}
    book.nre |= {(2020, "A"): 1, (2020, "B"): 1}
    answer = comparison(book, two)
    assert answer.without_b == [("HR", 2018), ("HR", 2020)]
    assert answer.without_a == [("HR", 2021)]
    # 105,000 at a quarter; the new NRE of the year itself is the old; lagged it is half and half; and so the 800
    row = next(row for row in answer.rows if row.a and row.b)
    assert (row.a, row.b) == (56_450, 52_500 + 30_000 + 400)
    assert row.effects == {"no_loser": 0, "cost": 0, "direct": 200, "nre": 0, "demand": 0, "basis": 0, "terms": 26_250}
    assert next(total for total in answer.totals if total.year == row.year).difference == row.difference


def test_where_two_bases_meet() -> None:
    book = with_demand(example(), april(2019) - 6)
    book.budgets = [row for row in book.budgets if row.year == 2019]
    book.principles.append(Principle(None, 2018, {"fixed base %": Fraction(50), "fixed base on": "equal"}))
    a, b = (sides_of(with_set(book, [f"basis={basis}"])) for basis in ("nre", "demand"))
    point, two = tipping_points(a, b)
    # A: 25 % on NRE; half of 50 % is all of that: demand would have to be nothing; B: 75 % needs 100 %
    assert (point.demand_share, point.tipping_share, point.movement, point.reachable) == (
        Fraction(3, 10),
        Fraction(0),
        Fraction(-30),
        True,
    )
    assert (two.demand_share, two.tipping_share, two.movement, two.reachable) == (
        Fraction(7, 10),
        Fraction(1),
        Fraction(30),
        True,
    )
    assert tipping_points(b, b) == []
    book.principles[-1].values["fixed base %"] = Fraction(60)
    assert [row.reachable for row in tipping_points(a, sides_of(with_set(book, ["basis=demand"])))] == [False, False]


def test_a_force_leaves() -> None:
    book = example()
    book.forces.append(Force("C"))
    book.nre |= {(2018, "C"): 100, (2019, "C"): 1000}
    book.budgets = [row for row in book.budgets if row.year == 2019] + [BudgetRow("HR", 2019, 20_000, held_by="A")]
    book.units[0].pooled_from = date(2019, 10, 1)
    book.agreed["HR", 2019] = {"A": Fraction(60), "B": Fraction(30), "C": Fraction(10)}
    a, b = sides_of(book), sides_of(without(book, "A"))
    # A bears 60 % of 115,000, a fifth of 800, 30,000 direct and half of its 20,000
    assert uncovered(a, "A") == {("HR", 2019): (69_160, 40_000)}
    # The others, three to one, as in the agreement and by NRE
    assert b["HR", 2019].total() == {"A": 0, "B": 86_250 + 600, "C": 28_750 + 200}
    assert uncovered(b, "A") == {}
    assert without(book, "A", ["ICT"]) == book


def test_protection_of_a_member_without_a_baseline() -> None:
    book = example()
    book.units[0].members = ["A"]
    book.principles = [Principle("HR", 2021, {"forces": ("A", "B")})]
    book.baselines = [Baseline("HR", "A", 1)]
    paid(book, years=1)
    with pytest.raises(Problem, match="baseline-missing"):
        paid(book)


@pytest.mark.parametrize("seed", [3, 4])
def test_a_random_case_is_itself_again(seed: int) -> None:
    case = random_case(seed, 3)
    assert case == random_case(seed, 3)
    assert case.under(sets=False) == case.book
    assert all(case.under(name, sets=False) != case.book for name in case.scenarios)


def test_toml_of_a_table() -> None:
    text = toml_text(Random(1), {"NRE": [{"year": "2019/20", "nre": Fraction("12.5")}, {"year": "x", "nre": 3}]})
    assert read_scenario(text) == {"nre": [{"year": "2019/20", "nre": Fraction("12.5")}, {"year": "x", "nre": 3}]}
