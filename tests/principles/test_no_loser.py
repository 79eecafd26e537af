"""Principle 2: at the baseline and a penny over; not achievable; tapers with half pennies; when it is not tested."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from bch_apportion import InputProblems, apportion
from bch_apportion.model import Baseline, BudgetRow, Deflator, Inputs, Settings, Unit
from bch_apportion.principles.no_loser import no_loser, uprate
from bch_apportion.questions.split.rule import answer
from tests.inputs import Y, baselines, inputs, nre, only, paid, terms

ALL = Fraction(100)


@pytest.mark.parametrize(
    ("pooled", "baseline", "adjustments"),
    [
        ([100, 100], [100, 100], (0, 0)),  # exactly at the baseline
        ([101, 100], [100, 100], (0, 0)),  # a penny over, and no gain to relieve it: not achievable
        ([101, 99], [100, 100], (-1, 1)),
        ([0, 0], [0, 0], (0, 0)),
        ([99, 99], [100, 100], (0, 0)),  # two gainers
        # losses of 1 relieved by gains of 1 and 1: the tie is the earlier gainer's
        ([101, 99, 99], [100, 100, 100], (-1, 1, 0)),
        # losses 8 and 4, gain 3: relief 3, by 8 : 4 → 2 and 1
        ([58, 54, 37], [50, 50, 40], (-2, -1, 3)),
        # income: the first is given 100 where it was given 150, the second 300 where it was 200
        ([-100, -300], [-150, -200], (-50, 50)),
    ],
)
def test_in_whole_pence(pooled: list[int], baseline: list[int], adjustments: tuple[int, ...]) -> None:
    assert no_loser(pooled, baseline, ALL).adjustments == adjustments


def test_not_achievable_says_by_how_much() -> None:
    # 110 against 105 in all: excess 10, headroom 5; the gainer gives up its 5, and 5 stays with the loser
    result = no_loser([60, 50], [50, 55], ALL)
    assert (result.excess, result.headroom, result.achievable, result.short) == (10, 5, False, 5)
    assert result.adjustments == (-5, 5)


def test_achievable_to_the_penny() -> None:
    result = no_loser([60, 45], [50, 55], ALL)
    assert (result.excess, result.headroom, result.achievable, result.short) == (10, 10, True, 0)
    assert result.adjustments == (-10, 10)


@pytest.mark.parametrize(
    ("applied", "adjustments"),
    [
        # 101 and 100 against 100 and 101: the whole adjustment is −1, +1
        ("100", (-1, 1)),
        ("75", (-1, 1)),  # 100.25 and 100.75: the larger remainder is the second's
        ("50", (0, 0)),  # 100.5 and 100.5: the tie is the earlier force's, which keeps its 101
        ("25", (0, 0)),  # 100.75 and 100.25
        ("0", (0, 0)),
    ],
)
def test_a_taper_with_half_pennies(applied: str, adjustments: tuple[int, int]) -> None:
    assert no_loser([101, 100], [100, 101], Fraction(applied)).adjustments == adjustments


def test_half_pennies_of_three() -> None:
    # full: −3, +2, +1 (gains 4 and 2). Half: targets 101.5, 97, 98.5; floors 101, 97, 98 and one penny to the first
    assert no_loser([103, 96, 98], [100, 100, 100], ALL).adjustments == (-3, 2, 1)
    assert no_loser([103, 96, 98], [100, 100, 100], Fraction(50)).adjustments == (-1, 1, 0)


def test_half_pennies_of_income() -> None:
    # −100 and −101 against −101 and −100: full −1, +1; half −100.5 and −100.5, floors −101 and −101,
    # the penny back to the earlier: −100 and −101, so nothing moves
    assert no_loser([-100, -101], [-101, -100], ALL).adjustments == (-1, 1)
    assert no_loser([-100, -101], [-101, -100], Fraction(50)).adjustments == (0, 0)


def test_uprating_goes_half_up() -> None:
    # 1 × 150/100 = 1.5 → 2; −1.5 → −2; 3 × 100/150 = 2
    assert uprate(1, Fraction(3, 2)) == 2
    assert uprate(-1, Fraction(3, 2)) == -2
    assert uprate(3, Fraction(2, 3)) == 2


FORCES = ("BEDS", "HERTS")


def book(pooled_from: date | None, *budgets: BudgetRow) -> Inputs:
    """NRE 1 : 1; before, BEDS paid 40 and HERTS 60."""
    return inputs(
        FORCES,
        [Unit("HR", pooled_from=pooled_from)],
        budgets,
        nre=nre(FORCES, y2019=(1, 1)),
        baselines={"HR": baselines(BEDS=40, HERTS=60)},
    )


def line(pence: int, held_by: str = "") -> BudgetRow:
    return BudgetRow("HR", Y(2019), pence, held_by=held_by)


def test_not_tested_while_held_lines_are_not_wholly_pooled() -> None:
    for day, tested in ((date(2019, 4, 1), True), (date(2019, 4, 2), False), (None, False)):
        result = only(apportion(book(day, line(50), line(50, "HERTS"))))
        assert (result.no_loser is not None) == tested
    # without held lines there is nothing to wait for
    assert only(apportion(book(None, line(100)))).no_loser is not None


def test_the_pooled_component_alone_is_protected() -> None:
    # 50 : 50 against 40 : 60 moves 10; a direct line of 30 does not count
    ledger = apportion(book(None, line(100), replace(line(30), direct_to="BEDS")))
    assert paid(ledger) == [("BEDS", 50), ("HERTS", 50), ("BEDS", 30), ("BEDS", -10), ("HERTS", 10)]
    assert ledger.protection() == {"BEDS": -10, "HERTS": 10}


def test_a_taper_by_the_principles_sheet() -> None:
    for percent, moved in ((100, 10), (50, 5), (0, 0)):
        tapered = replace(book(None, line(100)), principles=terms((None, 2019, {"no loser %": Fraction(percent)})))
        assert only(apportion(tapered)).pooled == (50, 50)
        assert [pence for _, pence in paid(apportion(tapered), "no_loser")] == ([-moved, moved] if moved else [])


def test_baselines_in_the_prices_of_the_year() -> None:
    # 40 of 2016/17 at 100 → 110: 44, so that 50 is 6 over; 60 has no year and stays
    given = replace(
        book(None, line(100)),
        baselines={"HR": {"BEDS": Baseline(40, Y(2016)), "HERTS": Baseline(60)}},
        deflators={Y(2016): Deflator(Fraction(100)), Y(2019): Deflator(Fraction(110))},
    )
    assert [pence for _, pence in paid(apportion(given), "no_loser")] == [-10, 10]
    uprated = replace(given, settings=Settings(uprate_baselines=True))
    assert [pence for _, pence in paid(apportion(uprated), "no_loser")] == [-6, 6]


def test_a_baseline_missing_for_a_member_is_a_problem() -> None:
    given = replace(book(None, line(100)), baselines={"HR": baselines(BEDS=40)})
    with pytest.raises(InputProblems, match="HERTS is a member of HR but has no baseline"):
        apportion(given)


def test_its_lines_rest_on_the_reference_of_the_baselines_beside_the_principle() -> None:
    given = book(None, line(100))
    named = {force: replace(own, reference="minute 9") for force, own in given.baselines["HR"].items()}
    posted = [own for own in apportion(replace(given, baselines={"HR": named})).lines if own.component == "no_loser"]
    assert {own.reference for own in posted} == {"2015 financial principles, 2; minute 9"}


def in_part(*budgets: BudgetRow, pooled_from: date | None = date(2019, 10, 1), **given: Any) -> Inputs:
    """Pooled on 183 of the 366 days of 2019/20, and part years protected."""
    protected = terms((None, 2019, {"part years protected": "yes"}))
    return replace(book(pooled_from, *budgets), principles=protected, **given)


HELD = (line(60, "BEDS"), line(40, "HERTS"))


def test_a_part_year_is_compared_with_that_part_of_the_baselines() -> None:
    # half of 60 and 40 is pooled: 50, shared 25 : 25; half of the baselines is 20 and 30
    result = only(apportion(in_part(*HELD)))
    assert result.no_loser is not None
    assert (result.pooled, result.no_loser.baselines, result.no_loser.adjustments) == ((25, 25), (20, 30), (-5, 5))
    # 41 and 59: 20.5 and 29.5, half up 21 and 30; BEDS is 4 over, HERTS has 5
    odd = only(apportion(in_part(*HELD, baselines={"HR": baselines(BEDS=41, HERTS=59)})))
    assert odd.no_loser is not None
    assert (odd.no_loser.baselines, odd.no_loser.adjustments) == ((21, 30), (-4, 4))


def test_part_and_prices_are_rounded_once() -> None:
    # 50 × 1.01 × 1/2 = 25.25, which is 25; 50.5 rounded first would give 51 and then 26
    years = {Y(2018): Deflator(Fraction(100)), Y(2019): Deflator(Fraction(101))}
    before = {force: Baseline(50, Y(2018)) for force in FORCES}
    given = in_part(*HELD, baselines={"HR": before}, deflators=years, settings=Settings(uprate_baselines=True))
    tested = only(apportion(given)).no_loser
    assert tested is not None
    assert tested.baselines == (25, 25)


def test_no_part_is_compared_without_a_holder_before_pooling_or_by_default() -> None:
    assert only(apportion(in_part(*HELD, line(1)))).no_loser is None
    assert only(apportion(in_part(*HELD, pooled_from=None))).no_loser is None
    assert only(apportion(in_part(*HELD, pooled_from=date(2020, 4, 1)))).no_loser is None
    assert only(apportion(replace(in_part(*HELD), principles=()))).no_loser is None
    # a direct line is not pooled and needs no holder; the last day alone is one of 366
    assert only(apportion(in_part(*HELD, replace(line(1), direct_to="BEDS")))).no_loser is not None
    last = only(apportion(in_part(line(36_600, "BEDS"), pooled_from=date(2020, 3, 31))))
    assert last.no_loser is not None
    assert (last.pooled, last.no_loser.baselines) == ((50, 50), (0, 0))


def test_no_adjustment_where_it_is_not_achievable() -> None:
    # as above: 110 against 105 in all, and the gainer keeps its 5
    found = no_loser([60, 50], [50, 55], ALL, "no adjustment")
    assert (found.achievable, found.short, found.relief, found.adjustments) == (False, 5, 0, (0, 0))
    assert found.left_alone
    # to the penny it is achievable, and is made
    assert no_loser([60, 45], [50, 55], ALL, "no adjustment").adjustments == (-10, 10)
    assert not no_loser([60, 50], [50, 55], ALL).left_alone


def test_no_adjustment_by_the_principles_sheet() -> None:
    # 55 : 55 against 40 and 60 is 10 over all of them: BEDS 15 over, HERTS 5 under
    for otherwise, adjustments in (("share gains", (-5, 5)), ("no adjustment", (0, 0))):
        rows = terms((None, 2019, {"if not achievable": otherwise}))
        ledger = apportion(replace(book(None, line(110)), principles=rows))
        tested = only(ledger).no_loser
        assert tested is not None
        assert (tested.adjustments, tested.short) == (adjustments, 10)


def test_shared_units_without_baselines_are_listed() -> None:
    given = book(None, line(100), BudgetRow("ICT", Y(2019), 10), BudgetRow("Own", Y(2019), 10))
    units = (*given.units, Unit("ICT"), Unit("Own", members=("BEDS",)))
    ledger = apportion(replace(given, units=units))
    assert ledger.without_baselines() == ("ICT",)  # Own has one member alone
    assert answer(ledger).without_baselines == ("ICT",)
