"""What partners signed: which set is in force, and the tolerance at its boundary and just over."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from bch_apportion import InputProblems, apportion
from bch_apportion.ledger import Ledger
from bch_apportion.model import AgreedSet, BudgetRow, Demand, ParameterValue, Unit
from bch_apportion.principles.agreed_shares import Settled, furthest, last_settled, latest_set, shares_of
from tests.inputs import Y, agreed, inputs, monthly, nre, paid, terms

A, B = "BEDS", "HERTS"
OLD, NEW = agreed("MC", 2015, BEDS=70, HERTS=30), agreed("MC", 2018, BEDS=60, HERTS=40)


def test_the_latest_set_from_or_before_the_year() -> None:
    assert latest_set([OLD, NEW], Y(2014)) is None
    assert latest_set([OLD, NEW], Y(2015)) is OLD
    assert latest_set([OLD, NEW], Y(2017)) is OLD
    assert latest_set([OLD, NEW], Y(2018)) is NEW


def test_a_set_stands_for_exactly_its_members() -> None:
    assert shares_of(OLD, (A, B)) == (Fraction(7, 10), Fraction(3, 10))
    assert shares_of(OLD, (B, A)) == (Fraction(3, 10), Fraction(7, 10))
    assert shares_of(OLD, (A,)) is None
    assert shares_of(OLD, (A, "CAMBS", B)) is None


def test_the_later_of_set_and_earlier_year_is_settled() -> None:
    def applied(year: int) -> Settled:
        return Settled(Y(year), "demand", (A, B), (Fraction(1, 2), Fraction(1, 2)))

    assert last_settled(None, None, (A, B)) is None
    assert last_settled(NEW, applied(2017), (A, B)) == Settled(
        Y(2018), "agreed", (A, B), (Fraction(3, 5), Fraction(2, 5))
    )
    assert last_settled(NEW, applied(2018), (A, B)) == applied(2018)  # of one year: what was applied
    assert last_settled(NEW, applied(2019), (A, B)) == applied(2019)
    assert last_settled(NEW, applied(2019), (A, "CAMBS")) is None  # only the latest is looked at


def test_the_furthest_movement() -> None:
    assert (
        furthest((Fraction(1, 2), Fraction(3, 10), Fraction(1, 5)), (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)))
        == 5
    )


def two(
    years: tuple[int, ...], demand: Demand | None, sets: tuple[AgreedSet, ...], **parameters: ParameterValue
) -> Ledger:
    """A unit of two forces, £1.00 a year; its window is the twelve months before each April."""
    values = {"window months": 12, "lag months": 0, **{k.replace("_", " "): v for k, v in parameters.items()}}
    return apportion(
        inputs(
            (A, B),
            [Unit("MC")],
            [BudgetRow("MC", Y(year), 100) for year in years],
            {"MC": ["calls"]} if demand else {},
            demand={"calls": demand} if demand else {},
            principles=terms((None, 2010, values)),
            agreed={"MC": sets} if sets else {},
            nre=nre((A, B), **{f"y{year}": (50, 50) for year in years}),
        )
    )


def stood(ledger: Ledger) -> list[tuple[str, int]]:
    """Per year the basis, and what BEDS pays of 100."""
    return [(result.decision.basis, result.pooled[0]) for result in ledger.results]


def demand(*shares: str) -> Demand:
    """BEDS's share in percent of each year's demand from 2017/18 on."""
    return monthly(
        *(
            (f"{2017 + n}-04", f"{2018 + n}-03", {A: Fraction(share), B: 100 - Fraction(share)})
            for n, share in enumerate(shares)
        )
    )


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        ("63", ("agreed", 60)),  # 3 points above 60: the boundary is within
        ("57", ("agreed", 60)),
        ("63.0001", ("demand", 63)),
        ("56.9999", ("demand", 57)),  # 56.9999 pence: floor 56, the larger remainder
    ],
)
def test_the_tolerance_at_its_boundary(share: str, expected: tuple[str, int]) -> None:
    assert stood(two((2018,), demand(share), (NEW,), rebase_tolerance=Fraction(3))) == [expected]


def test_without_a_tolerance_robust_demand_comes_first() -> None:
    assert stood(two((2018,), demand("63"), (NEW,))) == [("demand", 63)]


def test_settled_by_what_was_applied_not_by_what_was_measured() -> None:
    # 50 is settled; 52 and 53 are within 3 of it, and 53 stays compared with 50, not with 52; 54 is beyond, and settles
    ledger = two((2018, 2019, 2020, 2021), demand("50", "52", "53", "54"), (), rebase_tolerance=Fraction(3))
    assert stood(ledger) == [("demand", 50), ("demand", 50), ("demand", 50), ("demand", 54)]


def test_the_movement_is_of_exact_shares_before_decimals() -> None:
    # 63.4 % rounds to 63, three points from 60; exactly it is 3.4 away
    ledger = two((2018,), demand("63.4"), (NEW,), rebase_tolerance=Fraction(3), share_decimals=0)
    assert stood(ledger) == [("demand", 63)]


def test_a_fall_back_to_the_agreed_shares_and_else_to_nre() -> None:
    assert stood(two((2018,), None, (NEW,))) == [("agreed", 60)]
    assert stood(two((2018,), None, (OLD,))) == [("agreed", 70)]
    assert stood(two((2018,), None, (agreed("MC", 2019, BEDS=60, HERTS=40),))) == [("nre", 50)]
    assert stood(two((2018,), None, (NEW,), basis="nre")) == [("nre", 50)]


def test_agreed_shares_are_never_rounded() -> None:
    third = agreed("MC", 2018, BEDS=Fraction("33.335"), HERTS=Fraction("66.665"))
    (result,) = two((2018,), None, (third,), share_decimals=0).results
    assert result.decision.shares == (Fraction("0.33335"), Fraction("0.66665"))


def test_basis_agreed_without_a_set_in_force_is_a_problem() -> None:
    assert stood(two((2018,), demand("63"), (NEW,), basis="agreed")) == [("agreed", 60)]
    with pytest.raises(InputProblems, match="no agreed shares in force"):
        two((2017,), demand("63"), (NEW,), basis="agreed")


def test_a_set_lapses_when_the_members_change() -> None:
    forces = (A, "CAMBS", B)
    unit = Unit("MC", members=(A, B))
    book = inputs(
        forces,
        [unit],
        [BudgetRow("MC", Y(year), 90) for year in (2018, 2019)],
        agreed={"MC": (NEW,)},
        principles=terms(("MC", 2019, {"forces": forces})),
        nre=nre(forces, y2018=(1, 1, 1), y2019=(1, 1, 1)),
    )
    ledger = apportion(book)
    # 2018/19 60 : 40 of 90; 2019/20 NRE 1 : 1 : 1
    assert paid(ledger) == [(A, 54), (B, 36), (A, 30), ("CAMBS", 30), (B, 30)]
    assert ledger.results[1].decision.reason.endswith("no agreed shares in force since the members changed")
    assert ledger.results[1].changed_from == "agreed"


@pytest.mark.parametrize(
    ("given", "basis", "rests_on"),
    [
        ("minute 14", "auto", "agreed shares from 2018/19; minute 14"),
        ("minute 14", "agreed", "agreed shares from 2018/19; minute 14"),
        ("", "auto", "agreed shares from 2018/19"),  # not the row that leaves the basis to the data
        ("", "agreed", "agreed shares from 2018/19; clause 2"),
    ],
)
def test_lines_rest_on_the_reference_of_their_set(given: str, basis: str, rests_on: str) -> None:
    ledger = two((2018,), None, (replace(NEW, reference=given),), basis=basis)
    assert {line.reference for line in ledger.lines} == {rests_on}
