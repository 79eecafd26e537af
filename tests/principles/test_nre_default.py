"""Principle 1: NRE of the year, of an earlier one by lag, or carried forward; never of a later one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from bch_apportion import InputProblems, apportion
from bch_apportion.model import BudgetRow, Inputs, Settings, Unit
from bch_apportion.principles.nre_default import nre_in_force, nre_shares
from tests.inputs import THREE, Y, inputs, nre, paid, terms


def test_shares_are_exact() -> None:
    assert nre_shares([1, 2, 4]) == (Fraction(1, 7), Fraction(2, 7), Fraction(4, 7))


def test_the_latest_earlier_one_is_carried_forward() -> None:
    figures = nre(("BEDS",), y2015=(15,), y2016=(16,), y2019=(19,))
    basis = nre_in_force(figures, ("BEDS",), Y(2018), carry_forward=True)
    assert [(row.year, row.figure.pence) for row in basis.figures] == [(Y(2016), 16)]
    assert basis.carried() == list(basis.figures)
    assert nre_in_force(figures, ("BEDS",), Y(2018), carry_forward=False).missing == ("BEDS",)
    assert nre_in_force(figures, ("BEDS",), Y(2014), carry_forward=True).missing == ("BEDS",)  # not a later one
    assert nre_in_force(figures, ("BEDS",), Y(2019), carry_forward=True).carried() == []


def three(pence: int) -> Inputs:
    figures = nre(THREE, y2017=(10, 10, 20), y2018=(10, 20, 10))
    return inputs(THREE, [Unit("ICT")], [BudgetRow("ICT", Y(2018), pence)], nre=figures)


@pytest.mark.parametrize(
    ("pence", "amounts"),
    # 1 : 2 : 1. Of one penny 0.25, 0.5, 0.25; of two 0.5, 1, 0.5, and the tie is the first's; of 99
    # 24.75, 49.5, 24.75: the two pennies left over to the two larger remainders
    [(0, [0, 0, 0]), (1, [0, 1, 0]), (2, [1, 1, 0]), (-2, [-1, -1, 0]), (99, [25, 49, 25])],
)
def test_zero_negative_and_odd_pennies(pence: int, amounts: list[int]) -> None:
    assert [amount for _, amount in paid(apportion(three(pence)))] == amounts


def test_nre_of_the_year_before() -> None:
    book = replace(three(400), principles=terms((None, 2018, {"nre lag years": 1})))
    assert [amount for _, amount in paid(apportion(book))] == [100, 100, 200]


def test_a_missing_one_is_a_problem_and_carried_forward_a_note() -> None:
    book = three(400)
    figures = {key: figure for key, figure in book.nre.items() if key != (Y(2018), "CAMBS")}
    with pytest.raises(InputProblems, match=r"CAMBS has no NRE for 2018/19"):
        apportion(replace(book, nre=figures))
    ledger = apportion(replace(book, nre=figures, settings=Settings(carry_nre_forward=True)))
    # 10 : 10 (of 2017/18) : 10; of 400 pence 133.33 each, the odd penny to the first
    assert [amount for _, amount in paid(ledger)] == [134, 133, 133]
    assert "NRE of CAMBS for 2018/19 is missing; its NRE of 2017/18, £0.10, is carried forward" in ledger.notes


def test_members_alone_share() -> None:
    book = replace(three(300), units=(Unit("ICT", members=("CAMBS", "HERTS")),))
    assert paid(apportion(book)) == [("CAMBS", 200), ("HERTS", 100)]  # 20 : 10
    grown = replace(book, principles=terms(("ICT", 2018, {"forces": THREE})))
    assert [amount for _, amount in paid(apportion(grown))] == [75, 150, 75]
    not_yet = replace(book, principles=terms(("ICT", 2019, {"forces": THREE})))
    assert paid(apportion(not_yet)) == paid(apportion(book))
