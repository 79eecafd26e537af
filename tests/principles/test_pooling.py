"""Principle 5: the day before, the day and the day after; the odd penny; lines with and without a holder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from bch_apportion import apportion, read_workbook
from bch_apportion.ledger import Ledger
from bch_apportion.model import BudgetRow, Unit
from bch_apportion.principles.pooling import days_unpooled, held_part, pooled_fraction
from bch_apportion.years import FinancialYear
from tests.inputs import Y, inputs, nre, only, paid
from tests.program import ALLIANCE

HALF = date(2019, 10, 1)  # 2019/20 has 366 days; October to March are 31 + 30 + 31 + 31 + 29 + 31 = 183 of them


@pytest.mark.parametrize(
    ("pooled_from", "year", "fraction"),
    [
        (date(2017, 3, 31), 2016, Fraction(1, 365)),  # the last day of 2016/17
        (date(2017, 4, 1), 2016, Fraction(0)),  # the day after the year
        (date(2017, 3, 31), 2017, Fraction(1)),  # the day before the year
        (date(2017, 4, 1), 2017, Fraction(1)),
        (date(2017, 4, 2), 2017, Fraction(364, 365)),
        (date(2020, 2, 28), 2019, Fraction(33, 366)),  # 28 and 29 February, 31 days of March
        (date(2020, 2, 29), 2019, Fraction(32, 366)),
        (date(2020, 3, 1), 2019, Fraction(31, 366)),
        (date(2019, 2, 28), 2018, Fraction(32, 365)),  # no leap year: 28 February, 31 days of March
        (date(2019, 4, 2), 2019, Fraction(365, 366)),
        (HALF, 2019, Fraction(1, 2)),
        (None, 2019, Fraction(0)),
    ],
)
def test_the_pooled_fraction_of_a_year(pooled_from: date | None, year: int, fraction: Fraction) -> None:
    assert pooled_fraction(pooled_from, FinancialYear(year)) == fraction


@pytest.mark.parametrize(
    ("held", "stays"),
    [(0, 0), (1, 1), (-1, -1), (2, 1), (3, 2), (-3, -2)],  # a half penny goes away from zero
)
def test_half_of_an_odd_penny_stays(held: int, stays: int) -> None:
    assert held_part(held, Fraction(1, 2)) == stays


def test_nothing_stays_once_pooled_and_all_before() -> None:
    assert held_part(101, Fraction(1)) == 0
    assert held_part(101, Fraction(0)) == 101


@pytest.mark.parametrize(
    ("signed", "pooled_from", "day", "days"),
    [
        (date(2016, 2, 28), None, date(2016, 2, 27), None),  # the day before the signing
        (date(2016, 2, 28), None, date(2016, 2, 28), 0),
        (date(2016, 2, 28), None, date(2016, 3, 1), 2),  # 29 February lies between
        (date(2016, 2, 28), date(2016, 3, 2), date(2016, 3, 1), 2),  # pooled the day after
        (date(2016, 2, 28), date(2016, 3, 1), date(2016, 3, 1), None),  # pooled on the day
        (None, None, date(2016, 3, 1), None),
    ],
)
def test_days_signed_and_not_pooled(signed: date | None, pooled_from: date | None, day: date, days: int | None) -> None:
    assert days_unpooled(signed, pooled_from, day) == days


def two(pooled_from: date | None, *budgets: BudgetRow) -> Ledger:
    """A unit of two forces on NRE 1 : 1 in 2019/20."""
    forces = ("BEDS", "HERTS")
    return apportion(inputs(forces, [Unit("HR", pooled_from=pooled_from)], budgets, nre=nre(forces, y2019=(100, 100))))


def held(pence: int, force: str = "HERTS") -> BudgetRow:
    return BudgetRow("HR", Y(2019), pence, held_by=force)


def test_rounding_is_once_per_holder() -> None:
    # 1 + 1 + 1 pence, half of it pooled: 1.5 → 2 stay and 1 is pooled; line by line it would have been 3 and 0
    ledger = two(HALF, held(1), held(1), held(1))
    assert paid(ledger, "held") == [("HERTS", 2)]
    assert paid(ledger, "pooled") == [("BEDS", 1), ("HERTS", 0)]


def test_the_detail_takes_differences_of_the_running_total() -> None:
    # of 1, 2 and 3 pence 0.5, 1 and 1.5 stay, rounded 1, 1 and 2: so 1, 0, 1 by line, and 0, 1, 0 are pooled
    detail = two(HALF, held(1), held(1), held(1)).detail()
    assert [(line.component, line.force, line.pence, *map(str, line.cells)) for line in detail] == [
        ("pooled", "BEDS", 1, "Budgets!C3"),
        ("held", "HERTS", 1, "Budgets!C2"),
        ("held", "HERTS", 1, "Budgets!C4"),
    ]


def test_holders_are_rounded_apart() -> None:
    # a penny each: 0.5 → 1 stays with each, nothing is left to pool
    ledger = two(HALF, held(1, "BEDS"), held(1))
    assert paid(ledger, "held") == [("BEDS", 1), ("HERTS", 1)]
    assert paid(ledger, "pooled") == [("BEDS", 0), ("HERTS", 0)]


def test_held_income() -> None:
    # −3 pence: −1.5 → −2 stay, −1 is pooled and falls to the earlier force
    ledger = two(HALF, held(-3))
    assert paid(ledger, "held") == [("HERTS", -2)]
    assert paid(ledger, "pooled") == [("BEDS", -1), ("HERTS", 0)]


def test_lines_without_a_holder_are_always_pooled_and_noted() -> None:
    ledger = two(None, held(100), BudgetRow("HR", Y(2019), 50), BudgetRow("HR", Y(2019), 7, direct_to="BEDS"))
    assert paid(ledger) == [("BEDS", 25), ("HERTS", 25), ("HERTS", 100), ("BEDS", 7)]
    assert "HR: lines without a holder are shared although the budget is not pooled yet: 2019/20 £0.50" in ledger.notes


@pytest.mark.parametrize(
    ("unit", "holder", "noted"),
    [
        (Unit("HR"), "", False),  # the workbook says nothing of pooling
        (Unit("HR", pooled_from=date(2020, 4, 1)), "", True),
        (Unit("HR", s22a_signed=date(2018, 4, 1)), "", True),
        (Unit("HR"), "BEDS", True),
    ],
)
def test_lines_without_a_holder_are_noted_where_the_workbook_speaks_of_pooling(
    unit: Unit, holder: str, noted: bool
) -> None:
    """ICT says nothing itself; another unit's dates, or a holder of its lines, make its 0.60 worth a note."""
    budgets = [BudgetRow("ICT", Y(2019), 60), BudgetRow("HR", Y(2019), 40, held_by=holder)]
    forces = ("BEDS", "HERTS")
    ledger = apportion(inputs(forces, [Unit("ICT"), unit], budgets, nre=nre(forces, y2019=(1, 1))))
    text = "ICT: lines without a holder are shared although the budget is not pooled yet: 2019/20 £0.60"
    assert (text in ledger.notes) == noted
    assert text not in ledger.only(["HR"]).notes and (text in ledger.only(["ICT"]).notes) == noted


def test_direct_and_implementation_lines_wait_for_no_pooling() -> None:
    budgets = [
        BudgetRow("HR", Y(2019), 7, direct_to="BEDS"),
        BudgetRow("HR", Y(2019), 10, type="implementation", held_by="HERTS"),
    ]
    for day in (None, HALF, date(2019, 4, 1)):
        ledger = two(day, *budgets)
        assert paid(ledger, "direct") == [("BEDS", 7)]
        assert paid(ledger, "implementation") == [("BEDS", 5), ("HERTS", 5)]
        assert paid(ledger, "held") == []


def test_pooled_the_day_before_the_signing_is_noted() -> None:
    forces = ("BEDS", "HERTS")
    for pooled_from, noted in ((date(2019, 5, 31), True), (date(2019, 6, 1), False), (date(2019, 6, 2), False)):
        unit = Unit("HR", s22a_signed=date(2019, 6, 1), pooled_from=pooled_from)
        ledger = apportion(inputs(forces, [unit], [held(100)], nre=nre(forces, y2019=(1, 1))))
        assert any("before its s22A was signed on 1 June 2019" in note for note in ledger.notes) == noted


def test_what_pooling_would_do() -> None:
    # 1 October 2019: half of 2019/20. BEDS holds 60, HERTS 40: 30 and 20 stay, 50 are pooled, on NRE 1 : 4 10 and 40
    budgets = [BudgetRow("HR", Y(2019), 60, held_by="BEDS"), BudgetRow("HR", Y(2019), 40, held_by="HERTS")]
    forces, unit = ("BEDS", "HERTS"), Unit("HR", pooled_from=date(2019, 10, 1))
    result = only(apportion(inputs(forces, [unit], budgets, nre=nre(forces, y2019=(1, 4)))))
    # all 100 by 1 : 4 is 20 and 80; now they bear 40 and 60
    assert result.if_pooled() == {"BEDS": -20, "HERTS": 20}
    whole = replace(unit, pooled_from=date(2019, 4, 1))
    assert only(apportion(inputs(forces, [whole], budgets, nre=nre(forces, y2019=(1, 4))))).if_pooled() == {}


def test_the_example_of_public_contact() -> None:
    results = apportion(read_workbook(ALLIANCE)).only(["Public Contact"], [Y(2018)]).results
    moved = {force: round(pence / 100) for force, pence in results[0].if_pooled().items()}
    assert moved == {"BEDS": 69_000, "CAMBS": 595_981, "HERTS": -664_981}
