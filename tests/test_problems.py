"""What is reported of the problems that were met: nothing that merely follows, and each cause once."""

from __future__ import annotations

import pytest

from bch_apportion.places import Place
from bch_apportion.problems import About, InputProblems, Lacking, Problem, complete, reported
from bch_apportion.years import FinancialYear, Months

Y = FinancialYear
NRE = About("nre", year=Y(2018), force="BEDS")


def missing(force: str, *rests_on: About) -> Problem:
    return Problem(
        "nre-missing",
        "{listed} {has} no NRE",
        "enter it",
        Place("NRE"),
        about=About("nre", year=Y(2018)),
        listed=force,
        rests_on=rests_on,
    )


def test_what_follows_from_a_doubt_is_dropped() -> None:
    assert reported([missing("BEDS", NRE)], [About("nre", year=Y(2018))]) == ()
    assert len(reported([missing("BEDS", NRE)], [About("nre", year=Y(2019)), About("agreed")])) == 1


def test_what_follows_from_another_problem_is_dropped_and_that_problem_is_not() -> None:
    cause = Problem("error-cell", "an error", "mend it", Place("NRE", "B2"), doubts=NRE)
    assert reported([missing("BEDS", NRE), cause]) == (cause,)


def test_a_range_of_months_is_in_doubt_where_it_overlaps() -> None:
    window = About("demand", name="headcount", months=Months(100, 12))
    assert About("demand", name="headcount", months=Months(111, 1)).touches(window)
    assert not About("demand", name="headcount", months=Months(112, 3)).touches(window)
    assert not About("demand", name="calls", months=Months(111, 1)).touches(window)


def test_alike_problems_are_listed_together_once_those_that_follow_are_gone() -> None:
    told = reported([missing(force, About("nre", force=force)) for force in ("BEDS", "CAMBS", "HERTS", "HERTS")], [NRE])
    assert [problem.message for problem in told] == ["CAMBS, HERTS have no NRE"]


def test_problems_that_say_not_what_they_are_about_each_stand() -> None:
    problem = Problem("blank-value", "unit is blank", "fill it in", Place("Budgets", "A2"))
    assert reported([problem, problem]) == (problem, problem)


def test_a_result_is_complete_or_everything_that_is_lacking_is_raised() -> None:
    assert complete([1, 2], "book.xlsx") == [1, 2]
    with pytest.raises(InputProblems) as raised:
        complete([1, Lacking((missing("BEDS"),)), Lacking((missing("HERTS"),))], "book.xlsx")
    assert [problem.message for problem in raised.value.problems] == ["BEDS, HERTS have no NRE"]
