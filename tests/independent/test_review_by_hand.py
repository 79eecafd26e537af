"""Part-year outturns, benchmark and monitor of the independent calculation, against figures worked by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from .analysis import (
    ActualRow,
    Comparator,
    Explanation,
    Forecast,
    Payment,
    Retained,
    ReviewBook,
    Size,
    settle,
    track,
    variance_from_budget,
)
from .benchmark import benchmark
from .calculation import BudgetRow, Force, Problem, Unit, april
from .monitor import monitor

pytestmark = pytest.mark.independent


def example() -> ReviewBook:
    """HR: 1,000.00 on 30 : 70, 200.00 direct to A, implementation of 100.00 on NRE of 2 : 3. DOGS: held by A and B."""
    april_to_march = april(2018)
    return ReviewBook(
        forces=[Force("A"), Force("B")],
        units=[Unit("HR", pooled_from=date(2015, 4, 1), lead="A"), Unit("DOGS", lead="B")],
        budgets=[
            BudgetRow("HR", 2018, 100_000),
            BudgetRow("HR", 2018, 20_000, direct_to="A"),
            BudgetRow("HR", 2018, 10_000, type="implementation"),
            BudgetRow("DOGS", 2018, 30_000, held_by="A"),
            BudgetRow("DOGS", 2018, 10_000, held_by="B"),
            BudgetRow("DOGS", 2018, 5_000, direct_to="A"),
        ],
        nre={(2018, "A"): 4, (2018, "B"): 6},
        agreed={("HR", 2018): {"A": Fraction(30), "B": Fraction(70)}},
        actuals=[
            ActualRow("HR", 2018, 30_000, period=range(april_to_march, april_to_march + 3)),
            ActualRow("HR", 2018, 1_000, direct_to="B", period=range(april_to_march + 8, april_to_march + 9)),
            ActualRow("HR", 2018, 5_000, period=range(april_to_march + 9, april_to_march + 10)),
            ActualRow("HR", 2018, 10, type="implementation"),
            ActualRow("DOGS", 2018, 70, held_by="B"),
            ActualRow("DOGS", 2018, 400),
        ],
        forecasts=[
            Forecast("HR", 2018, date(2019, 1, 1), 1),
            Forecast("HR", 2018, date(2018, 10, 1), 160_000, "pay"),
            Forecast("HR", 2018, date(2018, 7, 1), 140_000),
            Forecast("DOGS", 2018, date(2018, 12, 31), 85_000),
        ],
        functions={"HR": "People", "DOGS": "Dogs"},
        sizes=[
            Size(2018, name, "officers", Fraction(amount))
            for name, amount in {"A": 10, "B": 30, "Avon": 20, "Kent": 60}.items()
        ],
        comparators=[
            Comparator(2018, "People", "Kent", 198_000, ("eastern", "rural")),
            Comparator(2018, "People", "Avon", 44_000),
            Comparator(2018, "People", "Essex", 1),
            Comparator(2018, "People", "A", 1),
        ],
    )


def test_a_part_year_is_no_outturn_yet() -> None:
    """HR has April to June, December and January; DOGS names no period."""
    book = example()
    assert [(row.unit, row.source, row.cash) for row in track(book).rows] == [
        ("HR", "budgets", 130_000),
        ("DOGS", "actuals", 470),
    ]
    assert variance_from_budget(book).without_actual == [("HR", 2018)]
    book.actuals.append(ActualRow("HR", 2018, 1, period=range(april(2018), april(2019))))
    assert variance_from_budget(book).without_actual == []


def test_a_settlement_has_part_years_too() -> None:
    book = example()
    book.payments = [Payment(2018, "B", "A", 7_000), Payment(2017, "B", "A", 1)]
    answer = settle(book)
    # A leads HR and pays 36,010; of 35,000 it bears 10,500, and of 10 pence 4. B pays all of DOGS, 70 its own.
    hr = answer.balances["HR", "A"]
    assert (hr.paid, hr.borne, hr.balance) == (36_010, 10_504, 25_506)
    # 400 without a holder on NRE: 160 and 240
    assert answer.balances["DOGS", "A"].balance == -160
    assert answer.balances["(no unit)", "B"].balance == 7_000
    assert answer.transfers == [("B", "A", 25_506 - 160 - 7_000)]


def row_of(rows: list[dict[str, Any]], function: str) -> dict[str, Any]:
    return next(row for row in rows if row["function"] == function)


def test_beside_comparators() -> None:
    answer = benchmark(example())
    row = row_of(answer["rows"], "People")
    # 1,200.00 for 40 officers; 2,420.00 for 80 elsewhere: 30.00 and 30.25, and 40 × 0.25 is 10.00
    assert (row["cost"], row["size"], row["per_size"], row["retained"]) == ("1200.00", 40, "30.0000", None)
    assert (row["comparators"], row["comparators_per_size"]) == (2, "30.2500")
    assert (row["difference_per_size"], row["difference"]) == ("-0.2500", "-10.00")
    # Avon 22.00, ours 30.00, Kent 33.00: second of three, 4 × 2/3 is more than 2
    assert (row["rank"], row["of"], row["quartile"]) == (2, 3, 3)
    assert (row["lowest"]["per_size"], row["highest"]["per_size"]) == ("22.0000", "33.0000")
    dogs = row_of(answer["rows"], "Dogs")
    assert (dogs["cost"], dogs["comparators"], dogs["rank"], dogs["lowest"]) == ("450.00", 0, None, None)
    assert answer["left_out"] == {"Essex", "Dogs"}


def test_what_is_retained_counts_where_each_member_says() -> None:
    book = example()
    book.retained = [Retained(2018, "People", "B", 12_000)]
    assert row_of(benchmark(book)["rows"], "People")["retained"] is None
    book.retained.append(Retained(2018, "People", "A", 0))
    row = row_of(benchmark(book)["rows"], "People")
    # 1,320.00 is 33.00 an officer, as in Kent: only Avon is lower
    assert (row["cost"], row["retained"], row["per_size"], row["rank"]) == ("1320.00", "120.00", "33.0000", 2)
    assert row["difference"] == "110.00"


def test_a_group_the_outturn_and_a_missing_size() -> None:
    book = example()
    answer = benchmark(book, group="rural", spent=True)
    # HR is part-year: its budget; DOGS: 4.70. Kent alone is 33.00
    assert [row["cost"] for row in answer["rows"]] == ["1200.00", "4.70"]
    assert row_of(answer["rows"], "People")["quartile"] == 2
    del book.sizes[1]
    with pytest.raises(Problem, match="size-missing"):
        benchmark(book)


def figures(day: date, unit: str | None, *names: str) -> list[tuple[object, ...]]:
    rows = [row for row in monitor(example(), day) if row["unit"] == unit]
    return [tuple(row[name] for name in names) for row in rows]


def test_the_year_to_come() -> None:
    day = date(2018, 12, 31)
    # A 300 + 200 + 40, B 700 + 60; of 1,600.00 less 300.00, 390 + 240 and 910 + 60; of 1,400.00, 570 and 830
    names = ("budget", "forecast", "movement", "made_on", "reason")
    assert figures(day, "HR", *names) == [
        (54_000, 63_000, 6_000, "2018-10-01", "pay"),
        (76_000, 97_000, 14_000, "2018-10-01", "pay"),
        (130_000, 160_000, 20_000, "2018-10-01", "pay"),
    ]
    # 800.00 beside the direct line, on 300 : 100
    assert figures(day, "DOGS", "forecast", "movement") == [(65_000, None), (20_000, None), (85_000, None)]
    assert figures(day, None, "force", "variance", "percent") == [
        ("A", 39_000, "43.8"),
        ("B", 31_000, "36.0"),
        (None, 70_000, "40.0"),
    ]
    before_any = figures(date(2018, 6, 30), "HR", "forecast", "made_on", "variance")
    assert before_any[-1] == (130_000, None, 0)


def test_what_is_spent_to_date() -> None:
    # 300.00 on 30 : 70 and 10 pence on NRE; in December 10.00 of B's own
    assert figures(date(2018, 12, 30), "HR", "to_date", "months") == [(9_004, 3), (21_006, 3), (30_010, 3)]
    assert figures(date(2018, 12, 31), "HR", "to_date", "months")[1] == (22_006, 4)
    # 4.00 as the held lines, 3 : 1, and 70 pence held
    assert figures(date(2018, 12, 31), "DOGS", "to_date") == [(300,), (170,), (470,)]


def test_what_is_explained_of_a_forecast() -> None:
    book = example()
    book.explanations = [
        Explanation("HR", 2018, "cost", "", pence=10_000, against="forecast"),
        Explanation("HR", 2018, "all", "", force="B", against="forecast"),
    ]
    rows = monitor(book, date(2018, 12, 31))
    # of 90.00 and 210.00, 30.00 and 70.00; and B's rest
    assert [row["unexplained_amount"] for row in rows[:3]] == [6_000, 0, 20_000]
