"""Principle 4: implementation costs stand on NRE, whatever the running cost stands on."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bch_apportion import InputProblems, apportion
from bch_apportion.ledger import Ledger
from bch_apportion.model import BudgetRow, Unit
from tests.inputs import THREE, Y, agreed, inputs, nre, paid, terms


def three(*pence: int, direct_to: str = "") -> Ledger:
    """On agreed shares of 50 : 25 : 25 and whole percents; NRE 1 : 1 : 4, of the year before 4 : 1 : 1."""
    lines = [BudgetRow("ICT", Y(2018), amount, type="implementation", direct_to=direct_to) for amount in pence]
    return apportion(
        inputs(
            THREE,
            [Unit("ICT")],
            [BudgetRow("ICT", Y(2018), 100), *lines],
            agreed={"ICT": (agreed("ICT", 2018, BEDS=50, CAMBS=25, HERTS=25),)},
            principles=terms((None, 2018, {"basis": "agreed", "share decimals": 0})),
            nre=nre(THREE, y2017=(4, 1, 1), y2018=(1, 1, 4)),
        )
    )


@pytest.mark.parametrize(
    ("pence", "lines"),
    [
        (600, [("BEDS", 100), ("CAMBS", 100), ("HERTS", 400)]),
        (-600, [("BEDS", -100), ("CAMBS", -100), ("HERTS", -400)]),  # a grant
        (1, [("HERTS", 1)]),  # 1/6, 1/6, 4/6: no line for nothing
        (2, [("BEDS", 1), ("HERTS", 1)]),  # 2/6, 2/6, 8/6: the tie is the first's
        (0, []),
    ],
)
def test_on_exact_nre_always(pence: int, lines: list[tuple[str, int]]) -> None:
    ledger = three(pence)
    assert paid(ledger, "implementation") == lines
    assert [line.basis for line in ledger.lines if line.component == "implementation"] == ["nre"] * len(lines)
    assert paid(ledger, "pooled") == [("BEDS", 50), ("CAMBS", 25), ("HERTS", 25)]


def test_rounding_is_once_for_the_units_year() -> None:
    # a penny and a penny are two pennies: 1, 0, 1; line by line HERTS would pay both
    assert paid(three(1, 1), "implementation") == [("BEDS", 1), ("HERTS", 1)]


def test_a_cost_that_its_grant_covers_wholly() -> None:
    # 100 − 100: nobody pays, no line is posted, and the two rows are each in their place all the same:
    # 100 is 16.67, 16.67 and 66.67 (the odd pennies to the first two: .67 ties .67 .67, two left over)
    ledger = three(100, -100)
    assert paid(ledger, "implementation") == []
    detail = [(line.force, line.pence) for line in ledger.detail() if line.component == "implementation"]
    assert detail == [("BEDS", 17), ("CAMBS", 17), ("HERTS", 66), ("BEDS", -17), ("CAMBS", -17), ("HERTS", -66)]


def test_the_share_of_a_line_is_the_nre_share() -> None:
    shares = [line.share for line in three(600).lines if line.component == "implementation"]
    assert shares == [Fraction(1, 6), Fraction(1, 6), Fraction(2, 3)]


def test_a_line_direct_to_one_force_contradicts_the_principle() -> None:
    with pytest.raises(InputProblems, match="an implementation line of ICT 2018/19 is direct to BEDS"):
        three(600, direct_to="BEDS")
