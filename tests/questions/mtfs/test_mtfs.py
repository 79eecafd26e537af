"""The medium-term financial strategy: projections, what moves them, scenarios, sensitivity, timetable, extract."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bch_apportion import apportion, read_workbook
from bch_apportion.model import (
    Assumption,
    AssumptionKind,
    Baseline,
    BudgetRow,
    Deflator,
    Demand,
    Inputs,
    LineType,
    ParameterValue,
    Settings,
    Unit,
)
from bch_apportion.places import Place
from bch_apportion.problems import InputProblems
from bch_apportion.questions.mtfs.rows import YearChange
from bch_apportion.questions.mtfs.rule import CAUSES, Outlook, changes, fms, outlook, sensitivity
from bch_apportion.questions.mtfs.timetable import timetable
from bch_apportion.years import FinancialYear
from tests.books import Table, two_forces, write_book
from tests.inputs import THREE, Y, agreed, baselines, inputs, monthly, months, nre, slot, terms
from tests.program import ALLIANCE, EXAMPLES, run, run_apart
from tests.test_laws import FIRST, books

TWO = ("BEDS", "HERTS")
ICT = Unit("ICT", pooled_from=date(2015, 4, 1))
HR = Unit("HR", pooled_from=date(2015, 4, 1))


def assume(
    kind: AssumptionKind, year: int, value: Fraction | int | str, unit: str = "", line: str = "", **more: Any
) -> Assumption:
    """An assumption: percentages in percent, amounts in pence."""
    exact = value if isinstance(value, int) else Fraction(value)
    return Assumption(kind, Y(year), exact, unit, line, **more)


def row(unit: str, pence: int, line: str = "", kind: LineType = "revenue", year: int = 2018, **more: Any) -> BudgetRow:
    return BudgetRow(unit, Y(year), pence, line, type=kind, **more)


def book(budgets: Sequence[BudgetRow], assumptions: Sequence[Assumption] = (), **given: Any) -> Inputs:
    """Two forces on NRE 1 : 2, ICT and HR wholly pooled."""
    inputs_ = inputs(TWO, given.pop("units", (ICT, HR)), budgets, assumptions=tuple(assumptions), **given)
    return inputs_ if "nre" in given else replace(inputs_, nre=nre(TWO, y2018=(100_00, 200_00)))


def ahead(given: Inputs, years: int, base: int | None = None) -> Outlook:
    return outlook("base", given, None if base is None else Y(base), years)


def lines(future: Outlook, year: int, unit: str = "ICT") -> list[tuple[str, int]]:
    """The budget lines of a unit and year, as the projection has them."""
    return [(r.line, r.pence) for r in future.projection.inputs.budgets if (r.unit, r.year) == (unit, Y(year))]


def paid(future: Outlook, unit: str = "ICT") -> dict[int, tuple[int, ...]]:
    """What each force pays for a unit, by year."""
    return {r.year.start: tuple(r.totals().values()) for r in future.ledger.results if r.unit.code == unit}


# Uplifts


LEVELS = (
    assume("uplift %", 2019, 1),
    assume("uplift %", 2019, 2, subjective="staff"),
    assume("uplift %", 2019, 3, line="pay"),
    assume("uplift %", 2019, 4, "ICT"),
    assume("uplift %", 2019, 5, "ICT", subjective="STAFF"),
    assume("uplift %", 2019, 6, "ICT", "pay"),
)


@pytest.mark.parametrize("order", [1, -1], ids=["general first", "general last"])
def test_the_most_specific_uplift_counts(order: int) -> None:
    """Unit and line 6 %, unit and subjective 5 %, unit 4 %, line 3 %, subjective 2 %, none 1 %, in whatever order."""
    kinds = (("Pay", "Staff"), ("overtime", "Staff"), ("rent", "premises"), ("other", ""))
    budgets = [row(unit, 100_00, line, subjective=text) for unit in ("ICT", "HR") for line, text in kinds]
    future = ahead(book(budgets, LEVELS[::order]), 1)
    assert [pence for _, pence in lines(future, 2019, "ICT")] == [106_00, 105_00, 104_00, 104_00]
    assert [pence for _, pence in lines(future, 2019, "HR")] == [103_00, 102_00, 101_00, 101_00]


def test_a_row_matches_by_all_that_it_fills_and_counts_as_the_first_of_it() -> None:
    """ICT's pay of staff at 30 % is as specific as its pay at 20 %: where both match, the later counts. A line and a
    subjective count as the line, before the later subjective alone; a subjective that differs matches nothing."""
    budgets = [row("ICT", 100_00, "pay", subjective=text) for text in ("staff", "agency")]
    given = [
        assume("uplift %", 2020, 20, "ICT", "pay"),
        assume("uplift %", 2019, 30, "ICT", "pay", subjective="staff"),
    ]
    future = ahead(book(budgets, given), 2)
    assert [pence for _, pence in lines(future, 2019)] == [130_00, 100_00]
    assert [pence for _, pence in lines(future, 2020)] == [156_00, 120_00]
    given = [
        assume("uplift %", 2018, 40, line="pay", subjective="staff"),
        assume("uplift %", 2019, 50, subjective="staff"),
        assume("uplift %", 2019, 60, subjective="premises"),
    ]
    future = ahead(book(budgets, given), 1)
    assert [pence for _, pence in lines(future, 2019)] == [140_00, 100_00]
    assert "this uplift matches no recurring line (premises)" in " ".join(future.ledger.notes)


def test_a_new_line_has_its_subjective() -> None:
    """Growth of 90.00 of pay in 2019/20 rises by the pay award of 10 % in 2020/21; a saving of contracts does not."""
    given = [
        assume("growth", 2019, 90_00, "ICT", subjective="pay"),
        assume("saving", 2019, 20_00, "ICT", subjective="contracts"),
        assume("uplift %", 2020, 10, subjective="Pay"),
    ]
    future = ahead(book([row("ICT", 100_00)], given), 2)
    assert [pence for _, pence in lines(future, 2020)] == [100_00, 99_00, -20_00]


def test_a_specific_uplift_beats_a_later_general_one_and_the_latest_its_equals() -> None:
    """ICT's 10 % of 2019 holds against all units' 50 % of 2020, until its own 20 % of 2021; HR follows the general."""
    given = [
        assume("uplift %", 2021, 20, "ICT"),
        assume("uplift %", 2020, 50),
        assume("uplift %", 2019, 10, "ICT"),
        assume("uplift %", 2018, 1),  # from the base year on: it counts until another does
    ]
    future = ahead(book([row("ICT", 100_00), row("HR", 100_00)], given), 3)
    assert [lines(future, year)[0][1] for year in (2018, 2019, 2020, 2021)] == [100_00, 110_00, 121_00, 145_20]
    assert [lines(future, year, "HR")[0][1] for year in (2018, 2019, 2020, 2021)] == [100_00, 101_00, 151_50, 227_25]


def test_of_two_alike_the_last_on_the_sheet_counts() -> None:
    given = [assume("uplift %", 2019, 10), assume("uplift %", 2019, 20)]
    assert lines(ahead(book([row("ICT", 100_00)], given), 1), 2019) == [("", 120_00)]
    assert lines(ahead(book([row("ICT", 100_00)], given[::-1]), 1), 2019) == [("", 110_00)]


def test_an_uplift_of_lines_that_are_not_carried_on_moves_no_line(tmp_path: Path) -> None:
    """A row matches by all that it fills: 1,000.00 of revenue grows by 2 %, not by the 30 % of implementation lines."""
    sheet: Table = [
        ["kind", "unit", "type", "from year", "value"],
        ["uplift %", None, None, "2019/20", 2],
        ["uplift %", "ICT", "implementation", "2019/20", 30],
    ]
    nre_carried: Table = [["name", "value"], ["carry nre forward", "yes"]]
    budgets: Table = [["unit", "year", "amount"], ["ICT", "2018/19", 1000]]
    sheets = two_forces(Assumptions=sheet, Settings=nre_carried, Budgets=budgets)
    ran = run("mtfs", write_book(tmp_path / "book.xlsx", sheets), "--years", "1", "--json")
    document = json.loads(ran.out)
    paid = [row["amount"] for row in document["contributions"] if row["year"] == "2019/20"]
    assert paid == ["340.00", "680.00"]
    assert "Assumptions!E3: this uplift matches no recurring line (ICT implementation)" in document["notes"]


def test_an_uplift_rounds_half_up_each_year_and_line_away_from_zero() -> None:
    """1 % of 1.50 is 1.515, so 1.52; of 1.52 it is 1.5352, so 1.54 (unrounded it would be 1.530 after two years)."""
    future = ahead(
        book([row("ICT", 150, "a"), row("ICT", -150, "b"), row("ICT", 149, "c")], [assume("uplift %", 2019, 1)]), 2
    )
    assert lines(future, 2019) == [("a", 152), ("b", -152), ("c", 150)]
    assert lines(future, 2020) == [("a", 154), ("b", -154), ("c", 152)]


def test_an_uplift_may_be_negative() -> None:
    """−2.5 % of 99.99 is 97.49025; −100 % leaves nothing."""
    given = [assume("uplift %", 2019, "-5/2"), assume("uplift %", 2020, -100)]
    assert [lines(ahead(book([row("ICT", 99_99)], given), 2), year)[0][1] for year in (2019, 2020)] == [97_49, 0]


# Growth, savings, one-offs, implementation


def test_growth_and_savings_are_carried_on_and_uplifted_from_the_next_year() -> None:
    """Growth of 100.00 in 2019, a saving of 50.00 in 2020, 10 % a year."""
    given = [
        assume("uplift %", 2019, 10),
        assume("growth", 2019, 100_00, "ICT", "new"),
        assume("saving", 2020, 50_00, "ICT", "cut"),
    ]
    future = ahead(book([row("ICT", 1000_00, "pay")], given), 3)
    assert lines(future, 2019) == [("pay", 1100_00), ("new", 100_00)]
    assert lines(future, 2020) == [("pay", 1210_00), ("new", 110_00), ("cut", -50_00)]
    assert lines(future, 2021) == [("pay", 1331_00), ("new", 121_00), ("cut", -55_00)]


def test_what_is_not_revenue_is_not_carried_on() -> None:
    """One-offs and implementation, of the budgets and of assumptions, have one year."""
    given = [
        assume("one-off", 2019, 7_00, "ICT", "kit"),
        assume("growth", 2019, 6_00, "ICT", "system", type="implementation"),
        assume("saving", 2019, 3_00, "ICT", "grant", type="implementation"),
        assume("growth", 2019, 5_00, "ICT", "once", type="one-off"),
        assume("one-off", 2020, 9_00, "ICT", "plan", type="implementation"),
    ]
    budgets = [
        row("ICT", 100_00, "pay"),
        row("ICT", 20_00, "move", "one-off"),
        row("ICT", 30_00, "it", "implementation"),
    ]
    future = ahead(book(budgets, given), 3)
    assert lines(future, 2019) == [("pay", 100_00), ("system", 6_00), ("once", 5_00), ("grant", -3_00), ("kit", 7_00)]
    assert lines(future, 2020) == [("pay", 100_00), ("plan", 9_00)]
    assert lines(future, 2021) == [("pay", 100_00)]


def test_implementation_of_an_assumption_stands_on_nre() -> None:
    """Pooled by agreement 3 : 1, implementation on NRE 1 : 2: of 100.00 and 30.00 it is 75 + 10 and 25 + 20."""
    given = book(
        [row("ICT", 100_00)],
        [assume("growth", 2019, 30_00, "ICT", type="implementation")],
        principles=terms((None, 2010, {"basis": "agreed"})),
        agreed={"ICT": (agreed("ICT", 2017, BEDS=75, HERTS=25),)},
    )
    assert paid(ahead(given, 2)) == {2018: (75_00, 25_00), 2019: (85_00, 45_00), 2020: (75_00, 25_00)}


def test_holders_and_direct_lines_stay_with_their_lines() -> None:
    """Held by HERTS and never pooled 90.00, direct to BEDS 30.00; 10 % a year."""
    budgets = [row("ICT", 90_00, held_by="HERTS"), row("ICT", 30_00, direct_to="BEDS")]
    future = ahead(book(budgets, [assume("uplift %", 2019, 10)], units=(Unit("ICT"),)), 2)
    assert paid(future) == {2018: (30_00, 90_00), 2019: (33_00, 99_00), 2020: (36_30, 108_90)}


# NRE


def test_nre_grows_by_the_forces_own_then_the_general_then_the_latest() -> None:
    """General 10 %, from 2020 20 %; HERTS' own 5 % holds on. Of 100 and 200: 110 and 210, then 132 and 220.5."""
    given = [
        assume("nre growth %", 2020, 20),
        assume("nre growth %", 2017, 5, force="HERTS"),
        assume("nre growth %", 2019, 10),
    ]
    future = ahead(book([row("ICT", 100_00)], given), 2)
    grown = {(y.start, f): figure.pence for (y, f), figure in future.projection.inputs.nre.items()}
    assert grown == {
        (2018, "BEDS"): 100_00,
        (2018, "HERTS"): 200_00,
        (2019, "BEDS"): 110_00,
        (2019, "HERTS"): 210_00,
        (2020, "BEDS"): 132_00,
        (2020, "HERTS"): 220_50,
    }
    assert not [note for note in future.ledger.notes if "carried" in note]


def test_nre_of_the_sheet_stands_and_growth_goes_on_from_it() -> None:
    """BEDS has 500.00 for 2020: 2019 grows from 2018, 2021 from 2020."""
    figures = nre(TWO, y2018=(100_00, 200_00)) | nre(("BEDS",), y2020=(500_00,))
    future = ahead(book([row("ICT", 100_00)], [assume("nre growth %", 2019, 10)], nre=figures), 3)
    assert [future.projection.inputs.nre[Y(year), "BEDS"].pence for year in (2019, 2020, 2021)] == [
        110_00,
        500_00,
        550_00,
    ]


def test_without_an_assumption_nre_is_carried_and_noted() -> None:
    future = ahead(book([row("ICT", 90_00)], [assume("nre growth %", 2020, 50, force="BEDS")]), 3)
    assert [future.projection.inputs.nre[Y(year), "BEDS"].pence for year in (2019, 2020, 2021)] == [
        100_00,
        150_00,
        225_00,
    ]
    carried = [note for note in future.ledger.notes if "no NRE and no growth" in note]
    assert [note.partition(":")[0] for note in carried] == [
        "BEDS 2019/20",
        "HERTS 2019/20, 2020/21, 2021/22",
    ]


def test_nre_that_is_carried_forward_grows() -> None:
    """HERTS' last NRE is 200.00 of 2016/17. It is carried to 2018/19, then grows by 10 %: 220.00 and 242.00.

    BEDS stays at 100.00. So 2019/20 is shared 100 : 220 and 2020/21 100 : 242; of 64.00 and 68.40: 20.00 and 20.00.
    """
    figures = nre(("BEDS",), y2018=(100_00,)) | nre(("HERTS",), y2016=(200_00,))
    given = book(
        [row("ICT", 60_00)],
        [
            assume("nre growth %", 2019, 10, force="HERTS"),
            assume("nre growth %", 2019, 0, force="BEDS"),
            assume("growth", 2019, 4_00, "ICT"),
            assume("growth", 2020, 4_40, "ICT"),
        ],
        nre=figures,
        settings=Settings(carry_nre_forward=True),
    )
    future = ahead(given, 2)
    assert paid(future) == {2018: (20_00, 40_00), 2019: (20_00, 44_00), 2020: (20_00, 48_40)}
    carried = "NRE of HERTS for 2018/19 is missing; its NRE of 2016/17, £200.00, is carried forward"
    assert [note for note in future.ledger.notes if "NRE" in note] == [carried]


def test_nre_growth_moves_the_shares() -> None:
    """BEDS doubles: 1 : 1, then 2 : 1."""
    future = ahead(book([row("ICT", 90_00)], [assume("nre growth %", 2019, 100, force="BEDS")]), 2)
    assert paid(future) == {2018: (30_00, 60_00), 2019: (45_00, 45_00), 2020: (60_00, 30_00)}


# The window


ROLLING = terms((None, 2010, {"window months": 12, "lag months": 6, "max share movement": Fraction(100)}))


def test_a_window_that_ends_after_the_data_is_moved_back_and_noted() -> None:
    """October to September: 1 : 3 until September 2017, 1 : 1 until September 2018, the last month there is."""
    data = monthly(("2016-10", "2017-09", {"BEDS": 10, "HERTS": 30}), ("2017-10", "2018-09", {"BEDS": 20, "HERTS": 20}))
    given = book([row("ICT", 100_00)], principles=ROLLING, drivers={"ICT": ["calls"]}, demand={"calls": data})
    future = ahead(given, 3)
    assert paid(future) == {2018: (25_00, 75_00), 2019: (50_00, 50_00), 2020: (50_00, 50_00), 2021: (50_00, 50_00)}
    (note,) = [text for text in future.ledger.notes if "window" in text]
    assert "2020/21, 2021/22" in note and "2019/20" not in note
    assert "1 October 2017 to 30 September 2018" in note


def test_the_base_years_own_window_is_not_moved() -> None:
    """Data ends in March 2017: the base year stands on NRE, the projected one on April 2016 to March 2017."""
    data = monthly(("2015-04", "2017-03", {"BEDS": 30, "HERTS": 10}))
    given = book([row("ICT", 120_00)], principles=ROLLING, drivers={"ICT": ["calls"]}, demand={"calls": data})
    future = ahead(given, 1)
    assert paid(future) == {2018: (40_00, 80_00), 2019: (90_00, 30_00)}
    assert str(future.ledger.results[1].decision.window) == "2016-04..2017-03"


def test_the_window_ends_with_the_last_month_of_every_driver_and_member() -> None:
    """calls lacks HERTS in September 2018, fleet ends with the second quarter of 2018/19: August 2018 is the last."""
    calls = monthly(("2016-04", "2018-08", {"BEDS": 10, "HERTS": 30}), ("2018-09", "2018-09", {"BEDS": 10}))
    fleet = Demand({}, {months("2016-04", "2018-03"): slot({"BEDS": 24, "HERTS": 24})})
    fleet.longer[months("2018-04", "2018-09")] = slot({"BEDS": 24, "HERTS": 24})
    given = book(
        [row("ICT", 100_00)],
        principles=terms((None, 2010, {"window months": 5, "lag months": 6, "max missing %": Fraction(100)})),
        drivers={"ICT": ["calls", "fleet"]},
        demand={"calls": calls, "fleet": fleet},
    )
    future = ahead(given, 1)
    assert str(future.ledger.results[1].decision.window) == "2018-04..2018-08"


def test_a_window_within_the_data_is_left_where_it_is() -> None:
    data = monthly(("2015-10", "2025-09", {"BEDS": 30, "HERTS": 10}))
    given = book([row("ICT", 120_00)], principles=ROLLING, drivers={"ICT": ["calls"]}, demand={"calls": data})
    future = ahead(given, 2)
    assert [str(r.decision.window) for r in future.ledger.results] == [
        "2016-10..2017-09",
        "2017-10..2018-09",
        "2018-10..2019-09",
    ]
    assert not [note for note in future.ledger.notes if "window" in note]


# The base year


def test_an_earlier_base_year() -> None:
    """The budgets of 2019 are not used, which is noted; the control totals of 2019 are not held against it."""
    budgets = [row("ICT", 90_00), row("ICT", 9999_00, year=2019)]
    given = book(budgets, [assume("growth", 2019, 30_00, "ICT")])
    future = ahead(given, 1, 2018)
    assert paid(future) == {2018: (30_00, 60_00), 2019: (40_00, 80_00)}
    assert any("2019/20" in note and "not used" in note for note in future.ledger.notes)
    with pytest.raises(InputProblems) as early:
        ahead(given, 1)
    assert [problem.code for problem in early.value.problems] == ["assumption-too-early"]


def test_years_before_the_base_year_are_not_shown_but_count_as_settled() -> None:
    """2017 stood on demand at 1 : 3; with a tolerance of 5 points 27 % is no reason to move, so 25 % stays."""
    data = monthly(("2015-10", "2016-09", {"BEDS": 25, "HERTS": 75}), ("2016-10", "2018-09", {"BEDS": 27, "HERTS": 73}))
    settled = terms((None, 2010, {"window months": 12, "rebase tolerance": Fraction(5)}))
    budgets = [row("ICT", 100_00, year=2017), row("ICT", 100_00)]
    given = book(
        budgets,
        principles=settled,
        drivers={"ICT": ["calls"]},
        demand={"calls": data},
        nre=nre(TWO, y2017=(1, 2), y2018=(1, 2)),
    )
    assert paid(ahead(given, 2)) == {2018: (25_00, 75_00), 2019: (25_00, 75_00), 2020: (25_00, 75_00)}


def test_units_that_ended_are_listed() -> None:
    """HR has budgets in 2017 and none in 2018; Fleet has none since 2016, and ICT goes on."""
    units = (ICT, HR, Unit("Fleet"))
    budgets = [row("ICT", 90_00), row("HR", 90_00, year=2017), row("Fleet", 90_00, year=2016)]
    future = ahead(book(budgets, units=units, nre=nre(TWO, y2016=(1, 2), y2017=(1, 2), y2018=(1, 2))), 1)
    assert future.projection.ended == ("HR",)
    assert [note for note in future.ledger.notes if note.startswith("HR has budgets in 2017/18")]
    assert {r.unit.code for r in future.ledger.results} == {"ICT"}


def test_a_missing_deflator_is_a_problem() -> None:
    """A baseline of 2018 uprated to 2019 and 2020: the index of 2020 is missing."""
    given = book(
        [row("ICT", 90_00)],
        baselines={"ICT": {"BEDS": Baseline(20_00, Y(2018)), "HERTS": Baseline(90_00, Y(2018))}},
        deflators={Y(2018): Deflator(Fraction(100)), Y(2019): Deflator(Fraction(110))},
        settings=Settings(uprate_baselines=True),
    )
    # 30.00 and 60.00; BEDS pays no more than 20.00, and at an index of 110 no more than 22.00
    assert paid(ahead(given, 1)) == {2018: (20_00, 70_00), 2019: (22_00, 68_00)}
    with pytest.raises(InputProblems) as raised:
        ahead(given, 2)
    assert [(problem.code, "2020/21" in problem.message) for problem in raised.value.problems] == [
        ("deflator-missing", True)
    ]


def test_no_index_is_asked_for_where_no_loser_has_ended() -> None:
    """As above, and from 2020/21 “no loser %” is 0: no test is made, so the index of 2020/21 is not needed."""
    given = book(
        [row("ICT", 90_00)],
        principles=terms((None, 2020, {"no loser %": Fraction(0)})),
        baselines={"ICT": {"BEDS": Baseline(20_00, Y(2018)), "HERTS": Baseline(90_00, Y(2018))}},
        deflators={Y(2018): Deflator(Fraction(100)), Y(2019): Deflator(Fraction(110))},
        settings=Settings(uprate_baselines=True),
    )
    future = ahead(given, 2)
    assert paid(future) == {2018: (20_00, 70_00), 2019: (22_00, 68_00), 2020: (30_00, 60_00)}
    assert [note for note in future.ledger.notes if "no loser" in note] == [
        "ICT: no loser is not tested in 2020/21: “no loser %” is 0, and a price index is missing"
    ]


def test_projected_years_that_would_stand_on_demand_are_named() -> None:
    """The window of 2018/19 begins before the data, so ICT stands on NRE 1 : 2; later ones are whole, 1 : 1."""
    data = monthly(("2017-10", "2019-09", {"BEDS": 20, "HERTS": 20}))
    given = book(
        [row("ICT", 90_00), row("HR", 30_00)], principles=ROLLING, drivers={"ICT": ["calls"]}, demand={"calls": data}
    )
    future = ahead(given, 3)
    assert paid(future) == {2018: (30_00, 60_00), 2019: (45_00, 45_00), 2020: (45_00, 45_00), 2021: (45_00, 45_00)}
    note = "ICT: would stand on demand in 2019/20, 2020/21, 2021/22, and stood on NRE in the base year 2018/19"
    assert [text for text in future.ledger.notes if "would stand" in text] == [note]
    assert note not in future.only(["HR"], []).ledger.notes


@pytest.mark.parametrize("kind", ["growth", "saving", "one-off"])
def test_an_amount_that_begins_in_the_base_year_or_before_is_a_problem(kind: AssumptionKind) -> None:
    given = [
        assume(kind, 2018, 5_00, "ICT", cell=Place("Assumptions", "G4")),
        assume(kind, 2012, 5_00, "ICT", cell=Place("Assumptions", "G5")),
        assume(kind, 2019, 5_00, "ICT", cell=Place("Assumptions", "G6")),
    ]
    with pytest.raises(InputProblems) as raised:
        ahead(book([row("ICT", 90_00)], given), 1)
    assert [(problem.code, problem.sheet, problem.cell) for problem in raised.value.problems] == [
        ("assumption-too-early", "Assumptions", "G4"),
        ("assumption-too-early", "Assumptions", "G5"),
    ]


def test_an_assumption_after_the_last_year_is_noted() -> None:
    future = ahead(book([row("ICT", 90_00)], [assume("growth", 2021, 5_00, "ICT", cell=Place("Assumptions", "G4"))]), 2)
    assert [note for note in future.ledger.notes if "Assumptions!G4" in note and "2021/22" in note]


# From year to year, by cause


def effects(future: Outlook, year: int = 2019, unit: str = "ICT") -> dict[str, list[int]]:
    """Effects other than nothing in pence, by cause; one number for each force."""
    rows = [change for change in changes(future) if (change.unit, change.year) == (unit, Y(year))]
    check_sums(rows)
    listed = {cause: [getattr(row.effects, cause) for row in rows] for cause in CAUSES}
    return {cause: moved for cause, moved in listed.items() if any(moved)}


def check_sums(rows: Sequence[YearChange]) -> None:
    for row in rows:
        assert sum(getattr(row.effects, cause) for cause in CAUSES) == row.to - row.from_ == row.change, row


def test_the_causes_of_a_change_by_hand() -> None:
    """From 123.00 and 226.00 to 215.00 and 204.00.

    2018: pooled 330 (110, 220), implementation 9 (3, 6), direct to BEDS 10. 2019, on an NRE of 1 : 1: pooled
    330 + 60 − 15 + 21 = 396 (198, 198), implementation 12 (6, 6), direct 11. On the old thirds: uplift 30, growth 60,
    savings −15, one-offs 21 − 30 = −9. The NRE moves 396 from 132 and 264 to 198 each.
    """
    budgets = [
        row("ICT", 300_00, "pay"),
        row("ICT", 30_00, "move", "one-off"),
        row("ICT", 9_00, "system", "implementation"),
        row("ICT", 10_00, "rent", direct_to="BEDS"),
    ]
    given = [
        assume("uplift %", 2019, 10),
        assume("growth", 2019, 60_00, "ICT"),
        assume("saving", 2019, 15_00, "ICT"),
        assume("one-off", 2019, 21_00, "ICT"),
        assume("growth", 2019, 12_00, "ICT", type="implementation"),
    ]
    future = ahead(book(budgets, given, nre=nre(TWO, y2018=(1, 2), y2019=(1, 1))), 1)
    assert paid(future) == {2018: (123_00, 226_00), 2019: (215_00, 204_00)}
    assert effects(future) == {
        "uplift": [10_00, 20_00],
        "growth": [20_00, 40_00],
        "saving": [-5_00, -10_00],
        "one_off": [-3_00, -6_00],
        "implementation": [3_00, 0],
        "direct": [1_00, 0],
        "nre": [66_00, -66_00],
    }


def test_pooling_that_begins_in_a_projected_year() -> None:
    """HERTS held 300.00; pooled it is 100.00 and 200.00, and 10 % of it 10.00 and 20.00 more."""
    unit = Unit("ICT", pooled_from=date(2019, 4, 1))
    future = ahead(book([row("ICT", 300_00, held_by="HERTS")], [assume("uplift %", 2019, 10)], units=(unit,)), 1)
    assert paid(future) == {2018: (0, 300_00), 2019: (110_00, 220_00)}
    assert effects(future) == {"uplift": [10_00, 20_00], "direct": [100_00, -100_00]}


def test_pooling_from_the_middle_of_a_projected_leap_year() -> None:
    """1 October 2019 to 31 March 2020 is 183 of 366 days: half of 300.00 stays, 150.00 is 50.00 and 100.00."""
    unit = Unit("ICT", pooled_from=date(2019, 10, 1))
    future = ahead(book([row("ICT", 300_00, held_by="HERTS")], units=(unit,)), 2)
    assert paid(future) == {2018: (0, 300_00), 2019: (50_00, 250_00), 2020: (100_00, 200_00)}
    assert effects(future) == effects(future, 2020) == {"direct": [50_00, -50_00]}


def test_a_unit_that_begins_in_a_projected_year() -> None:
    """90.00 of growth is the unit; the year after it has 10 % more."""
    given = [assume("growth", 2019, 90_00, "HR"), assume("uplift %", 2019, 10)]
    future = ahead(book([row("ICT", 3_00)], given), 2)
    assert effects(future, 2019, "HR") == {"growth": [30_00, 60_00]}
    assert effects(future, 2020, "HR") == {"uplift": [3_00, 6_00]}
    first = [change for change in changes(future) if change.unit == "HR" and change.year == Y(2019)]
    assert [(change.from_, change.to) for change in first] == [(0, 30_00), (0, 60_00)]


def test_a_unit_that_ends_in_a_projected_year() -> None:
    """It had a one-off of 90.00, implementation of 30.00, and a one-off of 7.00 of BEDS' own."""
    budgets = [
        row("ICT", 3_00),
        row("HR", 90_00, kind="one-off"),
        row("HR", 30_00, kind="implementation"),
        row("HR", 7_00, kind="one-off", direct_to="BEDS"),
    ]
    future = ahead(book(budgets), 2)
    assert effects(future, 2019, "HR") == {
        "one_off": [-30_00, -60_00],
        "implementation": [-10_00, -20_00],
        "direct": [-7_00, 0],
    }
    assert effects(future, 2020, "HR") == {} and paid(future, "HR") == {2018: (47_00, 80_00)}


def test_no_loser_that_tapers_out() -> None:
    """100.00 and 200.00 against 60.00 and 300.00: HERTS bears 40.00 of BEDS', then 20.00, then nothing."""
    given = book(
        [row("ICT", 300_00)],
        baselines={"ICT": baselines(BEDS=60_00, HERTS=300_00)},
        principles=terms((None, 2019, {"no loser %": Fraction(50)}), (None, 2020, {"no loser %": Fraction(0)})),
    )
    future = ahead(given, 2)
    assert paid(future) == {2018: (60_00, 240_00), 2019: (80_00, 220_00), 2020: (100_00, 200_00)}
    assert effects(future, 2019) == effects(future, 2020) == {"no_loser": [20_00, -20_00]}


def test_demand_and_terms_that_move() -> None:
    """Demand goes from 1 : 3 to 1 : 1 in 2019; from 2020 half stands on NRE (1 : 2): 5/12 of 120.00 is 50.00."""
    data = monthly(("2016-10", "2017-09", {"BEDS": 10, "HERTS": 30}), ("2017-10", "2019-09", {"BEDS": 20, "HERTS": 20}))
    rolling: dict[str, ParameterValue] = {"window months": 12, "max share movement": Fraction(100)}
    given = book(
        [row("ICT", 120_00)],
        principles=terms((None, 2010, dict(rolling)), (None, 2020, {"fixed base %": Fraction(50)})),
        drivers={"ICT": ["calls"]},
        demand={"calls": data},
    )
    future = ahead(given, 2)
    assert paid(future) == {2018: (30_00, 90_00), 2019: (60_00, 60_00), 2020: (50_00, 70_00)}
    assert effects(future, 2019) == {"demand": [30_00, -30_00]}
    assert effects(future, 2020) == {"terms": [-10_00, 10_00]}


def test_a_force_that_joins_in_a_projected_year() -> None:
    """BEDS and HERTS pay 30.00 and 60.00; with CAMBS on 1 : 3 : 2 it is 15.00, 45.00 and 30.00, by the terms."""
    given = inputs(
        THREE,
        [ICT],
        [row("ICT", 90_00)],
        nre=nre(THREE, y2018=(1_00, 3_00, 2_00)),
        principles=terms((None, 2010, {"forces": ("BEDS", "HERTS")}), (None, 2019, {"forces": ()})),
    )
    future = ahead(given, 1)
    assert effects(future) == {"terms": [-15_00, 45_00, -30_00]}


PERCENTS = st.integers(-60, 60).map(lambda n: Fraction(n, 4))


@st.composite
def assumptions(draw: st.DrawFn, given: Inputs, base: FinancialYear) -> tuple[Assumption, ...]:
    """Up to five assumptions of any kind for a workbook."""
    drawn = []
    for _ in range(draw(st.integers(0, 5))):
        kind: AssumptionKind = draw(st.sampled_from(["uplift %", "growth", "saving", "one-off", "nre growth %"]))
        if kind in ("uplift %", "nre growth %"):
            year = base.plus(draw(st.integers(-1, 3)))
            unit = draw(st.sampled_from(["", "ICT"])) if kind == "uplift %" else ""
            line = draw(st.sampled_from(["", "STAFF"])) if kind == "uplift %" else ""
            force = draw(st.sampled_from(["", *given.force_codes()])) if kind == "nre growth %" else ""
            subjective = draw(st.sampled_from(["", "pay"])) if kind == "uplift %" else ""
            drawn.append(Assumption(kind, year, draw(PERCENTS), unit, line, force=force, subjective=subjective))
        else:
            year = base.plus(draw(st.integers(1, 3)))
            unit = draw(st.sampled_from(given.units)).code
            type_: LineType = draw(st.sampled_from(["revenue", "one-off", "implementation"]))
            drawn.append(Assumption(kind, year, draw(st.integers(0, 10**7)), unit, "", type_))
    return tuple(drawn)


@st.composite
def futures(draw: st.DrawFn) -> Inputs:
    """A workbook of tests/test_laws.py with assumptions."""
    given: Inputs = draw(books())
    last = max(budget.year for budget in given.budgets)
    figures = {(Y(year), f): given.nre[Y(FIRST), f] for year in (last.start,) for f in given.force_codes()}
    drawn = draw(assumptions(given, last))
    return replace(given, assumptions=drawn, nre={**figures, **given.nre})


@pytest.mark.long
@settings(max_examples=30)
@given(futures())
def test_effects_sum_and_many_years_are_their_single_years(given: Inputs) -> None:
    """Whatever is assumed: effects sum for every force, and 3 years at once begin with the 2 and the 1."""
    future = ahead(given, 3)
    check_sums(changes(future))
    whole = future.amounts()
    for count in (1, 2):
        fewer = ahead(given, count).amounts()
        assert fewer == {
            entry: pence for entry, pence in whole.items() if entry[1] <= future.projection.base.plus(count)
        }
    assert all(control.passed for control in future.ledger.controls)


@settings(max_examples=20)
@given(futures())
def test_a_projected_year_is_a_year_as_any_other(given: Inputs) -> None:
    """What is projected, taken as budgets and NRE of a workbook without assumptions, is paid likewise."""
    long = {driver: replace_last(volumes) for driver, volumes in given.demand.items()}
    future = ahead(replace(given, demand=long), 2)
    plain = replace(future.projection.inputs, projected_from=None, assumptions=())
    ledger = apportion(plain).only(years=future.projection.years)
    assert {(r.unit.code, r.year): r.totals() for r in ledger.results} == {
        (r.unit.code, r.year): r.totals() for r in future.ledger.results
    }


def replace_last(demand: Demand) -> Demand:
    """Demand with data to 2030, so that no window is moved."""
    last = max(demand.monthly)
    later = dict.fromkeys(range(last + 1, Y(2030).first_month()), demand.monthly[last])
    return Demand({**demand.monthly, **later}, demand.longer)


# On the command line


ASSUMED: Table = [
    ["unit", "line", "type", "force", "from year", "kind", "value", "low", "high", "reference"],
    [None, None, None, None, "2019/20", "uplift %", 2, 1, 4, "Summit, 3"],
    ["ICT", "new", None, None, "2019/20", "growth", 90, 60, None, None],
    [None, None, None, None, "2019/20", "nre growth %", 0, None, None, None],
]
POOLED: Table = [["unit", "programme", "pooled from", "section"], ["ICT", "ops", "2015-04-01", "IT"]]
PLAIN: dict[str, Table] = {"Units": POOLED, "Budgets": [["unit", "year", "amount"], ["ICT", "2018/19", 900]]}


def file(folder: Path, name: str = "b.xlsx", **sheets: Table) -> Path:
    return write_book(folder / name, two_forces(**{**PLAIN, "Assumptions": ASSUMED, **sheets}))


def scenario(folder: Path, text: str, name: str = "pay.toml") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


DEARER = '[[Assumptions]]\n"from year" = "2019/20"\nkind = "uplift %"\nvalue = 5\n'


def document(*words: str | Path) -> Any:
    ran = run("mtfs", *words, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def amounts(rows: Sequence[dict[str, str]], name: str = "base") -> list[tuple[str, str, str]]:
    return [(line["year"], line["force"], line["amount"]) for line in rows if line["scenario"] == name]


def test_the_same_as_the_projected_lines_entered_by_hand(tmp_path: Path) -> None:
    """900.00; then 918.00 and 90.00; then 936.36 and 91.80: the years' thirds are 300, 336, 342.72."""
    answer = document(file(tmp_path), "--years", "2")
    by_hand: Table = [
        ["unit", "line", "2018/19", "2019/20", "2020/21"],
        ["ICT", "old", 900, 918, 936.36],
        ["ICT", "new", None, 90, 91.80],
    ]
    figures: Table = [["year", "BEDS", "HERTS"], *([year, 100, 200] for year in ("2018/19", "2019/20", "2020/21"))]
    hand = write_book(tmp_path / "h.xlsx", two_forces(Units=POOLED, Budgets=by_hand, NRE=figures))
    computed = json.loads(run("compute", hand, "--json").out)["totals"]
    assert amounts(answer["contributions"]) == [(total["year"], total["force"], total["amount"]) for total in computed]
    assert [total["amount"] for total in computed] == ["300.00", "600.00", "336.00", "672.00", "342.72", "685.44"]


def test_the_document(tmp_path: Path) -> None:
    answer = document(file(tmp_path), "--years", "2")
    assert answer["schema"] == "bch-apportion/mtfs/1"
    assert (answer["base_year"], answer["years"]) == ("2018/19", ["2018/19", "2019/20", "2020/21"])
    assert answer["scenarios"] == ["base"] and answer["differences"] == [] and answer["ranges"] == []
    assert answer["timetable"] is None and answer["fms"] is None
    # 2020/21: 2 % of 918.00 and of 90.00 is 20.16
    assert answer["changes"][-1] == {
        "scenario": "base",
        "unit": "ICT",
        "year": "2020/21",
        "force": "HERTS",
        "from": "672.00",
        "to": "685.44",
        "change": "13.44",
        "effects": {cause: "13.44" if cause == "uplift" else "0.00" for cause in CAUSES},
    }
    first = answer["assumptions"][0]
    assert (first["cell"], first["value"], first["low"], first["reference"]) == (
        "Assumptions!G2",
        "2.000000",
        "1.000000",
        "Summit, 3",
    )


def test_the_change_on_the_base_year(tmp_path: Path) -> None:
    """900.00 at 2 % and 90.00 more are 1,008.00, a third of it BEDS': 336.00 after 300.00. HR, without a programme,
    begins with 30.00 of growth in 2020/21: all units cost BEDS 342.72 + 10.00 after 300.00, 17.6 % more."""
    more: Table = [*ASSUMED, ["HR", None, None, None, "2020/21", "growth", 30, None, None, None]]
    units: Table = [*POOLED, ["HR", None, "2015-04-01", None]]
    answer = document(file(tmp_path, Assumptions=more, Units=units), "--years", "2")
    shown = {(r["programme"], r["unit"], r["year"], r["force"]): r for r in answer["since_base"]}
    assert list(shown)[:3] == [(None, None, "2019/20", force) for force in ("BEDS", "HERTS", None)]

    def figures(programme: str | None, unit: str | None, year: str, force: str | None) -> list[str | None]:
        return [shown[programme, unit, year, force][name] for name in ("base", "amount", "change", "percent")]

    assert figures(None, None, "2019/20", "BEDS") == ["300.00", "336.00", "36.00", "12.0"]
    assert figures(None, None, "2020/21", "BEDS") == ["300.00", "352.72", "52.72", "17.6"]
    assert figures(None, None, "2020/21", None) == ["900.00", "1058.16", "158.16", "17.6"]
    assert figures("ops", None, "2020/21", "HERTS") == ["600.00", "685.44", "85.44", "14.2"]
    assert figures("ops", "ICT", "2020/21", "HERTS") == ["600.00", "685.44", "85.44", "14.2"]
    assert figures("", "HR", "2020/21", "BEDS") == ["0.00", "10.00", "10.00", None]
    assert ("", "HR", "2019/20", None) not in shown
    later = document(tmp_path / "b.xlsx", "--years", "2", "--year", "2020/21", "--unit", "ICT")["since_base"]
    assert [(r["unit"], r["year"], r["force"], r["base"]) for r in later if r["unit"]] == [
        ("ICT", "2020/21", force, base) for force, base in (("BEDS", "300.00"), ("HERTS", "600.00"), (None, "900.00"))
    ]


@pytest.mark.long
def test_a_scenario_that_changes_nothing_shown_says_so(tmp_path: Path) -> None:
    ran = run("mtfs", ALLIANCE, "--years", "2", "--year", "2020/21", "--scenario", EXAMPLES / "high_pay.toml")
    assert "high_pay gives the same figures as the base in 2020/21: what it changes begins in 2021/22" in ran.out
    moved = run("mtfs", ALLIANCE, "--years", "2", "--scenario", EXAMPLES / "high_pay.toml")
    assert "the same figures" not in moved.out


def test_the_pay_award_of_the_example_moves_pay_alone() -> None:
    """2021/22 with the award: pay rises by 4 % in the place of 2 % (1.5 % in ICT), Officers by 5 % in that of 2.5 %."""
    high_pay = read_workbook(ALLIANCE, scenarios=[EXAMPLES / "high_pay.toml"])
    budgets = [ahead(given, 2).projection.inputs.budgets for given in (read_workbook(ALLIANCE), high_pay)]
    base, high = ({(r.unit, r.line, r.year.start): r for r in rows if r.type == "revenue"} for rows in budgets)
    assert base.keys() == high.keys()
    for (unit, line, year), plain in base.items():
        last, more = base.get((unit, line, 2020)), Fraction(0)
        if year == 2021 and last is not None and plain.subjective == "pay":
            more = Fraction(5, 2) if unit == "ICT" or (unit, line) == ("Armed Policing", "Officers") else Fraction(2)
            more = last.pence * more / 100
        assert abs(high[unit, line, year].pence - plain.pence - more) <= 1, (unit, line, year)


def test_four_years_unless_told_otherwise(tmp_path: Path) -> None:
    assert len(document(file(tmp_path))["years"]) == 5


def test_scenarios_beside_the_base(tmp_path: Path) -> None:
    """At 5 % it is 945.00 and 90.00, then 992.25 and 94.50; at 2 % 1,008.00 and 1,028.16: 27.00 and 58.59 more."""
    answer = document(file(tmp_path), "--years", "2", "--scenario", scenario(tmp_path, DEARER))
    assert answer["scenarios"] == ["base", "pay"]
    assert amounts(answer["contributions"], "pay") == [
        ("2018/19", "BEDS", "300.00"),
        ("2018/19", "HERTS", "600.00"),
        ("2019/20", "BEDS", "345.00"),
        ("2019/20", "HERTS", "690.00"),
        ("2020/21", "BEDS", "362.25"),
        ("2020/21", "HERTS", "724.50"),
    ]
    assert amounts(answer["differences"], "pay") == [
        ("2018/19", "BEDS", "0.00"),
        ("2018/19", "HERTS", "0.00"),
        ("2019/20", "BEDS", "9.00"),
        ("2019/20", "HERTS", "18.00"),
        ("2020/21", "BEDS", "19.53"),
        ("2020/21", "HERTS", "39.06"),
    ]
    assert answer["run"]["scenarios"] == ["pay.toml"] and list(answer["run"]["scenario_sha256"]) == ["pay.toml"]
    assert [line["scenario"] for line in answer["changed"]] == ["pay"]
    uplift = [line["effects"]["uplift"] for line in answer["changes"] if line["scenario"] == "pay"]
    assert uplift == ["15.00", "30.00", "17.25", "34.50"]


def test_each_scenario_stands_by_itself_beside_the_base(tmp_path: Path) -> None:
    """They are not stacked: the second alone gives 30.00 more growth, which is 10.00 and 20.00."""
    more = '[[Assumptions]]\nunit = "ICT"\n"from year" = "2019/20"\nkind = "growth"\nvalue = 30\n'
    words: list[str | Path] = [
        "--scenario",
        scenario(tmp_path, DEARER),
        "--scenario",
        scenario(tmp_path, more, "more.toml"),
    ]
    answer = document(file(tmp_path), "--years", "1", *words)
    assert amounts(answer["differences"], "more")[2:] == [("2019/20", "BEDS", "10.00"), ("2019/20", "HERTS", "20.00")]


def test_a_scenario_that_changes_nothing_differs_by_nothing(tmp_path: Path) -> None:
    same = '[[Budgets]]\nunit = "ict"\nyear = "2018/19"\namount = 900\n'
    for text in ("", same, DEARER.replace("5", "2")):
        answer = document(file(tmp_path), "--scenario", scenario(tmp_path, text))
        assert len(answer["differences"]) == 10
        assert {line["amount"] for line in answer["differences"]} == {"0.00"}


def test_a_scenario_that_writes_a_unit_in_another_case_differs_by_nothing(tmp_path: Path) -> None:
    """Units and forces match without regard to case."""
    text = '[[Units]]\nunit = "ict"\n"pooled from" = 2015-04-01\n[[Forces]]\nforce = "Beds"\n'
    answer = document(file(tmp_path), "--years", "1", "--scenario", scenario(tmp_path, text))
    assert [line["amount"] for line in answer["differences"]] == ["0.00"] * 4


def test_a_unit_that_a_scenario_alone_has(tmp_path: Path) -> None:
    text = '[[Units]]\nunit = "HR"\n[[Budgets]]\nunit = "HR"\nyear = "2018/19"\namount = 30\n'
    answer = document(file(tmp_path), "--years", "1", "--scenario", scenario(tmp_path, text))
    new = [(line["year"], line["force"], line["amount"]) for line in answer["differences"] if line["unit"] == "HR"]
    assert new == [
        ("2018/19", "BEDS", "10.00"),
        ("2018/19", "HERTS", "20.00"),
        ("2019/20", "BEDS", "10.20"),
        ("2019/20", "HERTS", "20.40"),
    ]


def test_names_of_scenarios_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    paths = [scenario(tmp_path, "", "base.toml"), scenario(tmp_path, ""), scenario(tmp_path / "other", "")]
    words: list[str | Path] = [word for path in paths for word in ("--scenario", path)]
    assert document(file(tmp_path), *words)["scenarios"] == ["base", "base (2)", "pay", "pay (2)"]


def test_set_holds_for_the_base_and_every_scenario(tmp_path: Path) -> None:
    """In whole percents 900.00 is 297.00 and 603.00."""
    words: list[str | Path] = ["--scenario", scenario(tmp_path, DEARER), "--set", "share decimals=0", "--years", "1"]
    answer = document(file(tmp_path), *words)
    assert amounts(answer["contributions"])[:2] == amounts(answer["contributions"], "pay")[:2]
    assert amounts(answer["contributions"])[0] == ("2018/19", "BEDS", "297.00")


def test_the_csv(tmp_path: Path) -> None:
    ran = run("mtfs", file(tmp_path), "--years", "1", "--scenario", scenario(tmp_path, DEARER), "--csv")
    assert ran.code == 0
    rows = [tuple(line.values()) for line in csv.DictReader(StringIO(ran.out))]
    assert rows == [
        ("base", "ICT", "2018/19", "BEDS", "300.00"),
        ("base", "ICT", "2018/19", "HERTS", "600.00"),
        ("base", "ICT", "2019/20", "BEDS", "336.00"),
        ("base", "ICT", "2019/20", "HERTS", "672.00"),
        ("pay", "ICT", "2018/19", "BEDS", "300.00"),
        ("pay", "ICT", "2018/19", "HERTS", "600.00"),
        ("pay", "ICT", "2019/20", "BEDS", "345.00"),
        ("pay", "ICT", "2019/20", "HERTS", "690.00"),
    ]


def test_narrowed_to_a_unit_and_a_year(tmp_path: Path) -> None:
    units: Table = [*POOLED, ["HR", "ops", None, None]]
    budgets: Table = [["unit", "year", "amount"], ["ICT", "2018/19", 900], ["HR", "2018/19", 9]]
    book_ = file(tmp_path, Units=units, Budgets=budgets)
    answer = document(book_, "--unit", "hr", "--year", "2019/20", "--sensitivity")
    assert [tuple(line.values()) for line in answer["contributions"]] == [
        ("base", "HR", "2019/20", "BEDS", "3.06"),
        ("base", "HR", "2019/20", "HERTS", "6.12"),
    ]
    assert {(line["unit"], line["year"]) for line in answer["changes"]} == {("HR", "2019/20")}
    # 1 % and 4 % in the place of 2 % on 9.00: −0.09 and +0.18, a third to BEDS; the growth is ICT's
    moved = [(line["side"], line["force"], line["effect"]) for line in answer["sensitivity"] if line["year"] is None]
    assert moved[:4] == [
        ("low", "BEDS", "-0.03"),
        ("low", "HERTS", "-0.06"),
        ("high", "BEDS", "0.06"),
        ("high", "HERTS", "0.12"),
    ]
    assert {effect for _, _, effect in moved[4:]} == {"0.00"}
    ranged = document(book_, "--unit", "HR", "--year", "2019/20..2020/21", "--runs", "5")["ranges"]
    assert {line["year"] for line in ranged} == {"2019/20", "2020/21"}
    assert all(float(line["p90"]) < 10 for line in ranged)


# Sensitivity


def test_sensitivity_by_hand() -> None:
    """One year ahead: growth of 90.00 at its low of 60.00 is −30.00; 1 % is −9.00 and 4 % +18.00 of 900.00."""
    given = [
        assume("uplift %", 2019, 2, low=Fraction(1), high=Fraction(4)),
        assume("growth", 2019, 90_00, "ICT", low=60_00),
    ]
    future = ahead(book([row("ICT", 900_00)], given), 1)
    moved = [(e.name, e.side, e.force, e.effect) for e in sensitivity(future) if e.year is None]
    assert moved == [
        ("ICT growth from 2019/20", "low", "BEDS", -10_00),
        ("ICT growth from 2019/20", "low", "HERTS", -20_00),
        ("ICT growth from 2019/20", "high", "BEDS", 0),
        ("ICT growth from 2019/20", "high", "HERTS", 0),
        ("uplift % from 2019/20", "low", "BEDS", -3_00),
        ("uplift % from 2019/20", "low", "HERTS", -6_00),
        ("uplift % from 2019/20", "high", "BEDS", 6_00),
        ("uplift % from 2019/20", "high", "HERTS", 12_00),
    ]


def test_sensitivity_over_the_years() -> None:
    """At 1 % instead of 0 %: 3.00 of 300.00 in the first year, 6.03 in the second; by thirds 1.00, 2.00, 2.01, 4.02."""
    given = [assume("uplift %", 2019, 0, high=Fraction(1))]
    future = ahead(book([row("ICT", 300_00)], given), 2)
    high = [e for e in sensitivity(future) if e.side == "high"]
    assert [(str(e.year) if e.year else None, e.force, e.effect) for e in high] == [
        (None, "BEDS", 3_01),
        ("2019/20", "BEDS", 1_00),
        ("2020/21", "BEDS", 2_01),
        (None, "HERTS", 6_02),
        ("2019/20", "HERTS", 2_00),
        ("2020/21", "HERTS", 4_02),
    ]


def test_sensitivity_of_nre_growth_sums_to_nothing() -> None:
    """BEDS at 100 %: of 90.00 it pays 45.00 in the place of 30.00."""
    given = [assume("nre growth %", 2019, 0, force="BEDS", high=Fraction(100))]
    future = ahead(book([row("ICT", 90_00)], given), 1)
    assert [e.effect for e in sensitivity(future) if e.year is None] == [0, 0, 15_00, -15_00]


def test_sensitivity_of_a_unit_alone_and_of_a_column_that_is_not_used() -> None:
    """An uplift of ICT moves ICT alone. A unit beside a growth of NRE is not used: 60.00 of both units moves to BEDS'
    half from its third, 10.00."""
    uplift = assume("uplift %", 2019, 0, "ICT", high=Fraction(10))
    growth = assume("nre growth %", 2019, 0, "ICT", force="BEDS", high=Fraction(100))
    future = ahead(book([row("ICT", 30_00), row("HR", 30_00)], [uplift, growth]), 1)
    moved = {(e.name, e.force): e.effect for e in sensitivity(future) if e.year is None and e.side == "high"}
    assert moved == {
        ("ICT BEDS nre growth % from 2019/20", "BEDS"): 10_00,
        ("ICT BEDS nre growth % from 2019/20", "HERTS"): -10_00,
        ("ICT uplift % from 2019/20", "BEDS"): 1_00,
        ("ICT uplift % from 2019/20", "HERTS"): 2_00,
    }


def test_sensitivity_without_a_range(tmp_path: Path) -> None:
    assumed: Table = [row[:7] for row in ASSUMED]
    assert document(file(tmp_path, Assumptions=assumed), "--sensitivity")["sensitivity"] == []
    ran = run("mtfs", file(tmp_path, Assumptions=assumed), "--sensitivity", "--runs", "9")
    assert ran.code == 0 and ran.out.count("No assumption has a low or high.") == 2


def test_sensitivity_beside_a_scenario_in_which_a_force_joins(tmp_path: Path) -> None:
    """The base has no figures of CAMBS: they are blank."""
    joins = '[[Forces]]\nforce = "CAMBS"\n[[NRE]]\nyear = "2018/19"\nCAMBS = 300\n'
    out = tmp_path / "out.xlsx"
    ran = run("mtfs", file(tmp_path), "--scenario", scenario(tmp_path, joins), "--sensitivity", "-o", out)
    assert ran.code == 0, ran.err
    head, *moved = load_workbook(out)["Sensitivity"].iter_rows(values_only=True)
    rows = [dict(zip(head, cells, strict=True)) for cells in moved]
    assert {(line["scenario"], line["CAMBS at low (£)"] is None, line["BEDS at low (£)"] is None) for line in rows} == {
        ("base", True, False),
        ("pay", False, False),
    }


# The timetable


@pytest.mark.parametrize(
    ("as_at", "year", "days"),
    [
        ("2019-01-31", "2019/20", [1, 8, 15, 22, 29]),
        ("2019-02-01", "2019/20", [0, 7, 14, 21, 28]),
        ("2019-02-02", "2019/20", [-1, 6, 13, 20, 27]),
        ("2019-02-15", "2019/20", [-14, -7, 0, 7, 14]),
        ("2019-02-16", "2019/20", [-15, -8, -1, 6, 13]),
        ("2019-02-22", "2019/20", [-21, -14, -7, 0, 7]),
        ("2019-02-28", "2019/20", [-27, -20, -13, -6, 1]),
        ("2019-03-01", "2019/20", [-28, -21, -14, -7, 0]),
        ("2019-03-02", "2020/21", [336, 343, 350, 357, 365]),  # a year less 29 days; to March a leap day more
        ("2020-02-29", "2020/21", [-28, -21, -14, -7, 1]),
        ("2020-03-01", "2020/21", [-29, -22, -15, -8, 0]),
        ("2020-03-02", "2021/22", [336, 343, 350, 357, 364]),
        ("2019-12-31", "2020/21", [32, 39, 46, 53, 61]),
    ],
)
def test_the_days_left(as_at: str, year: str, days: list[int]) -> None:
    precept = timetable(date.fromisoformat(as_at))
    assert (str(precept.year), [step.days for step in precept.steps]) == (year, days)
    assert [(step.by.month, step.by.day) for step in precept.steps] == [(2, 1), (2, 8), (2, 15), (2, 22), (3, 1)]
    assert {step.by.year for step in precept.steps} == {precept.year.start}


def test_the_timetable_on_the_screen_and_in_the_document(tmp_path: Path) -> None:
    book_ = file(tmp_path)
    assert document(book_, "--as-at", "08/02/2019")["timetable"] == {
        "year": "2019/20",
        "steps": [
            {"step": "the PCC notifies the panel of the proposed precept", "by": "2019-02-01", "days": -7},
            {"step": "the panel reviews it", "by": "2019-02-08", "days": 0},
            {"step": "the PCC answers a veto with a revised precept", "by": "2019-02-15", "days": 7},
            {"step": "the panel reviews the revised precept", "by": "2019-02-22", "days": 14},
            {"step": "the PCC issues the precept", "by": "2019-03-01", "days": 21},
        ],
    }
    ran = run("mtfs", book_, "--as-at", "2019-02-08")
    assert "The precept of 2019/20, seen from 2019-02-08" in ran.out and "SI 2012/2271" in ran.out
    assert "The precept" not in run("mtfs", book_).out


# The extract for the Force Management Statement


def test_fms_by_hand() -> None:
    """Six years ahead, of which four; by section, whatever the unit. HR has no section."""
    units = (replace(ICT, section="IT"), HR, Unit("Fleet", pooled_from=date(2015, 4, 1), section="IT"))
    calls = Demand({}, {months("2017-02", "2017-05"): slot({"BEDS": 99, "HERTS": 99})})  # lies in no one year
    for first, last in (("2012-04", "2013-03"), ("2014-04", "2014-06"), ("2015-04", "2015-06"), ("2018-04", "2018-06")):
        calls.longer[months(first, last)] = slot({"BEDS": 7, "HERTS": Fraction(1, 2)})
    calls.monthly.update(
        monthly(("2016-04", "2016-05", {"BEDS": 10, "HERTS": 20}), ("2016-06", "2016-06", {"BEDS": 1})).monthly
    )
    given = book(
        [row("ICT", 30_00), row("HR", 30_00), row("Fleet", 60_00)],
        units=units,
        drivers={"ICT": ["calls"], "Fleet": ["calls"]},
        demand={"calls": calls},
    )
    report = fms(ahead(given, 6))
    assert [(c.section, c.year.start, c.force, c.amount) for c in report.cost] == [
        ("IT", year, force, pence)
        for year in (2019, 2020, 2021, 2022)
        for force, pence in (("BEDS", 30_00), ("HERTS", 60_00))
    ]
    assert [(d.driver, d.year.start, d.force, d.volume, d.months) for d in report.demand] == [
        ("calls", 2014, "BEDS", 7, 3),
        ("calls", 2014, "HERTS", Fraction(1, 2), 3),
        ("calls", 2015, "BEDS", 7, 3),
        ("calls", 2015, "HERTS", Fraction(1, 2), 3),
        ("calls", 2016, "BEDS", 21, 3),
        ("calls", 2016, "HERTS", 40, 2),
        ("calls", 2018, "BEDS", 7, 3),
        ("calls", 2018, "HERTS", Fraction(1, 2), 3),
    ]


def test_fms_in_the_document(tmp_path: Path) -> None:
    answer = document(file(tmp_path), "--years", "1", "--fms")["fms"]
    assert answer == {
        "cost": [
            {"section": "IT", "year": "2019/20", "force": "BEDS", "amount": "336.00"},
            {"section": "IT", "year": "2019/20", "force": "HERTS", "amount": "672.00"},
        ],
        "demand": [],
    }


# Files


AWKWARD = [
    "Contributions",
    "Contributions of the north-eastern collaboration A",  # 31 letters of both are alike
    "Contributions of the north-eastern collaboration B",
    "B/C:D*[E]?",
    "'quoted'",
    "History",
    "NOTES",
    "Cover",
    "By year",
    "Bridge",
    "unit",
    "scenario",
    "=1+1",
]
SHEETS = [
    "Contributions (2)",
    "Contributions of the north-east",
    "Contributions of the north- (2)",
    "B-C-D--E--",
    "quoted",
    "History (2)",
    "NOTES (2)",
    "Cover (2)",
    "By year (2)",
    "Bridge (2)",
    "unit",
    "scenario",
    "=1+1",
]


def test_a_sheet_for_each_force_whatever_its_code(tmp_path: Path) -> None:
    """13 forces share 1,300.00 equally: 100.00 each, and 102.00 the year after."""
    figures: list[list[str | int | float | None]] = [["2018/19", force, 5] for force in AWKWARD]
    sheets: dict[str, Table] = {
        "Forces": [["force", "name"], *([force, f"Number {n}"] for n, force in enumerate(AWKWARD))],
        "NRE": [["year", "force", "nre"], *figures],
        "Units": POOLED,
        "Budgets": [["unit", "year", "amount"], ["ICT", "2018/19", 1300]],
        "Assumptions": [["from year", "kind", "value"], ["2019/20", "uplift %", 2]],
    }
    out = tmp_path / "out.xlsx"
    ran = run(
        "mtfs", write_book(tmp_path / "b.xlsx", sheets), "--years", "1", "-o", out, "--fms", "--as-at", "2019-01-01"
    )
    assert ran.code == 0, ran.err
    book_ = load_workbook(out)
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in book_.sheetnames)
    assert len({name.casefold() for name in book_.sheetnames}) == len(book_.sheetnames)
    assert book_.sheetnames[-16:-3] == SHEETS
    for name in SHEETS:
        assert [*book_[name].iter_rows(values_only=True)][-1] == ("base", None, "All units", 100, 102)


def test_the_sheets(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    words: list[str | Path] = [
        "--scenario",
        scenario(tmp_path, DEARER),
        "--sensitivity",
        "--runs",
        "20",
        "--fms",
        "--as-at",
        "2019-01-02",
    ]
    assert run("mtfs", file(tmp_path), *words, "-o", out).code == 0
    names = load_workbook(out).sheetnames
    assert names[0] == "First page" and names[-3:] == ["Notes", "About", "Manifest"] and {"BEDS", "HERTS"} < set(names)
    wanted = {
        "Contributions",
        "By programme",
        "By unit",
        "Changes",
        "Differences",
        "Assumptions",
        "Sensitivity",
        "Ranges",
    }
    assert wanted | {"What changed", "Timetable", "FMS cost", "FMS demand"} < set(names)


def test_the_same_bytes_twice_and_in_a_pipe_of_another_locale(tmp_path: Path) -> None:
    book_ = file(tmp_path)
    words: list[str | Path] = [
        "--scenario",
        scenario(tmp_path, DEARER),
        "--sensitivity",
        "--runs",
        "50",
        "--fms",
        "--as-at",
        "2019-02-03",
    ]
    names = ("one.xlsx", "one.csv", "one.json", "two.xlsx", "two.csv", "two.json")
    outputs = [tmp_path / name for name in names]
    here = run("mtfs", book_, *words, *(w for path in outputs[:3] for w in ("-o", path)), "-o", "-")
    env = {"LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati"}
    there = run_apart("mtfs", book_, *words, *(w for path in outputs[3:] for w in ("-o", path)), "-o", "-", env=env)
    assert here.code == there.code == 0
    assert here.out == there.out and "−" in here.out
    for first, other in zip(outputs[:3], outputs[3:], strict=True):
        assert first.read_bytes() == other.read_bytes()


# How it ends


def test_exit_codes(tmp_path: Path) -> None:
    book_ = file(tmp_path)
    for words in (
        ["--years", "0"],
        ["--years", "51"],
        ["--years", "x"],
        ["--base-year", "2030/31"],
        ["--base-year", "2018/19..2019/20"],
        ["--unit", "Fleet"],
        ["--year", "2017/18"],
        ["--year", "2023/24"],
        ["--runs", "-1"],
        ["--as-at", "soon"],
        ["-o", "mtfs.txt"],
    ):
        ran = run("mtfs", book_, *words)
        assert (ran.code, ran.out) == (2, ""), words
    assert run("mtfs", book_, "--year", "2022/23", "--base-year", "FY19").code == 0


def test_problems_and_failed_controls(tmp_path: Path) -> None:
    early: Table = [["unit", "from year", "kind", "value"], ["ICT", "2018/19", "growth", 5]]
    ran = run("mtfs", file(tmp_path, Assumptions=early), "--json")
    assert ran.code == 3
    (problem,) = json.loads(ran.out)["problems"]
    assert (problem["code"], problem["sheet"], problem["cell"]) == ("assumption-too-early", "Assumptions", "D2")
    out = tmp_path / "out.json"
    totals: Table = [["year", "amount"], ["2018/19", 901]]
    assert run("mtfs", file(tmp_path, Control_totals=totals), "-o", out).code == 4
    assert not out.exists()
    later: Table = [["year", "amount"], ["2018/19", 900], ["2019/20", 5]]
    assert run("mtfs", file(tmp_path, Control_totals=later)).code == 0


def test_a_problem_of_one_scenario_ends_all(tmp_path: Path) -> None:
    wrong = scenario(tmp_path, '[[Assumptions]]\n"from year" = "2019/20"\nkind = "uplift"\nvalue = 1\n')
    ran = run("mtfs", file(tmp_path), "--scenario", wrong)
    assert (ran.code, ran.out) == (3, "")
    assert "pay.toml: Assumptions!kind 1" in ran.err


def test_quiet(tmp_path: Path) -> None:
    book_ = file(tmp_path, Assumptions=ASSUMED[:2])
    loud, quiet = run("mtfs", book_), run("mtfs", book_, "-q")
    assert (quiet.code, quiet.out, quiet.err) == (0, loud.out, "") and loud.err == ""
    assert "BEDS 2019/20" in run("mtfs", book_, "--show", "notes").out


def test_the_example(tmp_path: Path) -> None:
    """Effects sum for every force, unit and year, and the forces' contributions are the units' cost."""
    answer = document(ALLIANCE)
    for change in answer["changes"]:
        assert sum(pence(moved) for moved in change["effects"].values()) == pence(change["change"])
        assert pence(change["to"]) - pence(change["from"]) == pence(change["change"])
    assert len(answer["years"]) == 5 and all(control["passed"] for control in answer["controls"])
    shown = {(line["unit"], line["year"], line["force"]): line["amount"] for line in answer["contributions"]}
    for change in answer["changes"]:
        assert shown.get((change["unit"], change["year"], change["force"]), "0.00") == change["to"]


def pence(text: str) -> int:
    return int(Fraction(text) * 100)
