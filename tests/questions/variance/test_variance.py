"""Variance: its effects sum to it, significant or not, and what has no counterpart is listed."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bch_apportion import apportion, read_workbook
from bch_apportion.ledger import apportion_actuals
from bch_apportion.model import AgreedSet, BudgetRow, Settings, Unit
from bch_apportion.questions.bridge import between
from bch_apportion.questions.variance.rule import against_business_case, judge
from tests.books import Cell, Table, two_forces, write_book
from tests.inputs import Y, agreed, inputs, monthly, nre, terms
from tests.program import ALLIANCE, rows, run, same_twice_with_charts


@pytest.mark.parametrize(
    "words",
    [
        [],
        pytest.param(["--version", "latest"], marks=pytest.mark.long),
        ["--actuals"],
        ["--against", "budget"],
        pytest.param(["--against", "2012/13"], marks=pytest.mark.long),
        ["--against", "2015/16", "--real"],
        pytest.param(["--against", "2015/16", "--actuals"], marks=pytest.mark.long),
    ],
    ids=" ".join,
)
def test_effects_sum_to_the_variance_and_forces_to_the_unit(words: list[str]) -> None:
    shown = rows("variance", ALLIANCE, *words)
    assert shown
    units: dict[tuple[object, object], list[dict[str, object]]] = {}
    for row in shown:
        effects = row["effects"]
        assert isinstance(effects, dict)
        pence = {cause: round(float(amount) * 100) for cause, amount in effects.items()}
        assert sum(pence.values()) == round(float(str(row["variance"])) * 100)
        units.setdefault((row["unit"], row["year"]), []).append(row)
    for group in units.values():
        *forces, unit = group
        assert unit["force"] is None
        for figure in ("plan", "actual", "variance"):
            total = sum(round(float(str(row[figure])) * 100) for row in forces)
            assert total == round(float(str(unit[figure])) * 100)


def test_a_workbook_against_itself_differs_by_nothing() -> None:
    for row in rows("variance", ALLIANCE, "--against", str(ALLIANCE)):
        effects = row["effects"]
        assert isinstance(effects, dict)
        assert row["variance"] == "0.00" and set(effects.values()) == {"0.00"}


@given(
    st.integers(-(10**9), 10**9),
    st.integers(-(10**9), 10**9),
    st.integers(0, 10**7),
    st.integers(0, 100),
    st.integers(0, 10**8),
)
def test_red_is_significant_and_adverse_and_green_is_neither(
    plan: int, variance: int, amount: int, percent: int, always: int
) -> None:
    settings = Settings(materiality_amount=amount, materiality_percent=Fraction(percent), always_significant=always)
    significant, status = judge(plan, variance, settings)
    assert (status == "RED") == (significant and variance > 0)
    assert status != "AMBER" or (variance > 0 and not significant)
    assert judge(-plan, variance, settings) == (significant, status)  # the size of the plan counts, not its sign


def test_a_figure_by_hand() -> None:
    """ICT 2018/19, outline 2014: plan 12,600,000.00 in prices of 2014/15, actual 13,500,000.01.

    The index goes from 74.6524 to 79.1606: 12,600,000.00 × 79.1606 / 74.6524 = 13,360,904.14, so prices moved
    760,904.14 and cost the rest, 139,095.87. The direct line of 180,000.00 to CAMBS is taken out of what is shared and
    put on CAMBS, so for the unit it moves nothing; nor do the shares.
    """
    ledger = apportion(read_workbook(ALLIANCE))
    variance = against_business_case(ledger)
    (bridge,) = [bridge_ for bridge_ in variance.bridges if bridge_.unit == "ICT" and str(bridge_.year) == "2018/19"]
    sums = {cause: sum(moved.values()) for cause, moved in bridge.effects.items()}
    assert sums == {"prices": 76_090_414, "cost": 13_909_587, "direct": 0, "nre": 0, "basis": 0, "no_loser": 0}
    assert bridge.effects["no_loser"] == {"BEDS": 6_335_381, "CAMBS": -19_695_023, "HERTS": 13_359_642}


def test_the_outturn_is_apportioned_by_the_same_engine() -> None:
    inputs = read_workbook(ALLIANCE)
    budgets, actuals = apportion(inputs), apportion_actuals(inputs)
    shares = {(r.unit.code, r.year): r.decision.shares for r in budgets.results}
    assert actuals.results
    for result in actuals.results:
        assert result.decision.shares == shares[result.unit.code, result.year]
    variance = between(budgets, actuals)
    assert {cause for bridge in variance.bridges for cause, moved in bridge.effects.items() if any(moved.values())} <= {
        "cost",
        "direct",
        "no_loser",
        "ended",  # where there is no outturn
    }


@pytest.mark.parametrize(
    ("threshold", "words", "code"),
    [
        ("red", ["--unit", "ICT", "--year", "2018/19"], 5),
        ("red", ["--unit", "Civil Contingencies", "--year", "2018/19"], 0),
        ("amber", ["--unit", "Civil Contingencies", "--year", "2018/19"], 0),
        ("unexplained", ["--unit", "Armed Policing", "--year", "2018/19"], 5),
        ("unexplained", ["--unit", "ICT", "--year", "2018/19"], 0),
    ],
)
def test_a_threshold_ends_with_five_and_the_results_are_written(
    threshold: str, words: list[str], code: int, tmp_path: Path
) -> None:
    out = tmp_path / "variance.json"
    ran = run("variance", ALLIANCE, *words, "--fail-on", threshold, "-o", out)
    assert ran.code == code
    assert json.loads(out.read_text("utf-8"))["rows"]


def test_what_has_no_counterpart_is_listed() -> None:
    answer = json.loads(run("variance", ALLIANCE, "--year", "2018/19", "--json").out)
    assert {"unit": "Procurement", "year": "2018/19"} in answer["without_plan"]
    assert answer["without_actual"] == []
    earlier = json.loads(run("variance", ALLIANCE, "--year", "2012/13", "--json").out)
    assert {"unit": "Cameras Tickets and Collisions", "year": "2012/13"} in earlier["without_actual"]


CALLS = ("2017-04", "2018-03", {"BEDS": 20, "HERTS": 60})
NEW_CALLS = ("2018-04", "2019-03", {"BEDS": 20, "HERTS": 60})
GAPS = ("2018-07", "2019-03", {"BEDS": 40, "HERTS": 40})  # three months of twelve are missing: usable, not robust
CLOSE = ("2018-04", "2019-03", {"BEDS": 24, "HERTS": 56})
SIXTY = agreed("ICT", 2019, BEDS=60, HERTS=40)
MONTHS = {"window months": 12, "lag months": 0}


@pytest.mark.parametrize(
    ("calls", "sets", "by_hand", "years", "pays", "effects"),
    [
        # agreed shares (3/4) until there is data (1/4)
        ((NEW_CALLS,), [agreed("ICT", 2017, BEDS=75, HERTS=25)], {}, (2018, 2019), (300, 100), {"basis": -200}),
        # the new data would say half; 1/4 is kept
        ((CALLS, GAPS), [], {}, (2018, 2019), (100, 100), {"demand": 100, "basis": -100}),
        # the year after there is nothing to keep: NRE of the year is 3/4
        ((CALLS, GAPS), [], {}, (2019, 2020), (100, 300), {"basis": 200}),
        # as above, but a set begins in the new year: 1/4 would be kept, and the set says 3/5
        ((CALLS, GAPS), [SIXTY], {}, (2018, 2019), (100, 240), {"demand": 100, "basis": -100, "terms": 140}),
        # backwards, from a year on the set to a year with kept shares before it: that the set ends is terms
        ((CALLS, GAPS), [agreed("ICT", 2020, BEDS=60, HERTS=40)], {}, (2020, 2019), (240, 100), {"terms": -140}),
        # 30 % is within ten points of 25 %, which stays
        ((CALLS, CLOSE), [], {"rebase tolerance": 10}, (2018, 2019), (100, 100), {"demand": 20, "basis": -20}),
        # half on NRE (1/2, then 3/4): 3/8; then 1/2; no demand; then NRE
        (
            (CALLS,),
            [],
            {"fixed base %": 50, "keep demand years": 0},
            (2018, 2020),
            (150, 300),
            {"nre": 50, "basis": 100},
        ),
    ],
)
def test_what_moves_because_the_basis_is_chosen_anew(
    calls: Any,
    sets: list[AgreedSet],
    by_hand: dict[str, int],
    years: tuple[int, int],
    pays: Any,
    effects: dict[str, int],
) -> None:
    """ICT costs 400.00 a year; NRE is 1 : 1, and 3 : 1 in 2020/21. What BEDS pays, and its effects, in pounds."""
    book = inputs(
        ("BEDS", "HERTS"),
        [Unit("ICT", pooled_from=date(2015, 4, 1))],
        [BudgetRow("ICT", Y(year), 400_00, "", type="revenue") for year in (2018, 2019, 2020)],
        {"ICT": ["calls"]},
        demand={"calls": monthly(*calls)},
        nre=nre(("BEDS", "HERTS"), y2018=(1, 1), y2019=(1, 1), y2020=(3, 1)),
        principles=terms((None, 2010, MONTHS | {name: Fraction(value) for name, value in by_hand.items()})),
        agreed={"ICT": tuple(sets)},
    )
    ledger, (old, new) = apportion(book), map(Y, years)
    (bridge,) = between(ledger.only(years=[old]), ledger, old, [new]).bridges
    assert (bridge.plan["BEDS"], bridge.actual["BEDS"]) == (pays[0] * 100, pays[1] * 100)
    moved = {cause: by["BEDS"] for cause, by in bridge.effects.items() if by["BEDS"]}
    assert moved == {cause: pounds * 100 for cause, pounds in effects.items()}


HEAD: list[Cell] = ["unit", "year", "amount"]


def moved_units(tmp_path: Path, **sheets: Table) -> Path:
    """NRE 1 : 2; NEW begins in 2024/25 with 400,000.00, OLD ends with 300,000.00, U goes from 90.00 to 120.00."""
    budgets: Table = [
        HEAD,
        ["U", "2023/24", 90],
        ["U", "2024/25", 120],
        ["OLD", "2023/24", 300_000],
        ["NEW", "2024/25", 400_000],
    ]
    usual: dict[str, Table] = {
        "Units": [["unit"], ["U"], ["NEW"], ["OLD"]],
        "NRE": [["year", "BEDS", "HERTS"], ["2023/24", 1, 2], ["2024/25", 1, 2]],
        "Budgets": budgets,
    }
    return write_book(tmp_path / "b.xlsx", two_forces(**usual | sheets))


def test_a_unit_that_starts_or_ends_is_a_row_and_all_units_sum_to_the_difference(tmp_path: Path) -> None:
    """400,000.00 on 1 : 2 is 133,333.33 and 266,666.67; 300,000.00 is 100,000.00 and 200,000.00; U adds 10 and 20."""
    words = ("--against", "2023/24", "--year", "2024/25", "--fail-on", "amber", "--json")
    ran = run("variance", moved_units(tmp_path), *words)
    assert ran.code == 5
    shown = json.loads(ran.out)["rows"]
    assert [
        (row["unit"], row["force"], row["plan"], row["actual"], row["percent"], row["status"]) for row in shown
    ] == [
        ("U", "BEDS", "30.00", "40.00", "33.3", "GREEN"),
        ("U", "HERTS", "60.00", "80.00", "33.3", "GREEN"),
        ("U", None, "90.00", "120.00", "33.3", "GREEN"),
        ("NEW", "BEDS", "0.00", "133333.33", None, "RED"),
        ("NEW", "HERTS", "0.00", "266666.67", None, "RED"),
        ("NEW", None, "0.00", "400000.00", None, "RED"),
        ("OLD", "BEDS", "100000.00", "0.00", None, "GREEN"),
        ("OLD", "HERTS", "200000.00", "0.00", None, "GREEN"),
        ("OLD", None, "300000.00", "0.00", None, "GREEN"),
        (None, "BEDS", "100030.00", "133373.33", "33.3", "AMBER"),
        (None, "HERTS", "200060.00", "266746.67", "33.3", "RED"),
        (None, None, "300090.00", "400120.00", "33.3", "RED"),
    ]
    effects = [(row["effects"]["cost"], row["effects"]["started"], row["effects"]["ended"]) for row in shown]
    assert effects[5] == ("0.00", "400000.00", "0.00") and effects[8] == ("0.00", "0.00", "-300000.00")
    assert effects[11] == ("30.00", "400000.00", "-300000.00")


def test_an_ended_unit_in_real_terms_and_alone(tmp_path: Path) -> None:
    """At an index of 110 on 100 OLD's 300,000.00 are 330,000.00: prices add 30,000.00, and all of it ends."""
    book = moved_units(tmp_path, Deflators=[["year", "index"], ["2023/24", 100], ["2024/25", 110]])
    ran = run("variance", book, "--against", "2023/24", "--unit", "OLD", "--real", "--json")
    shown = [row for row in json.loads(ran.out)["rows"] if row["force"] is None]
    assert [(row["unit"], row["variance"]) for row in shown] == [("OLD", "-300000.00"), (None, "-300000.00")]
    assert (shown[0]["effects"]["prices"], shown[0]["effects"]["ended"]) == ("30000.00", "-330000.00")


def test_all_units_are_explained_where_what_is_left_is_small(tmp_path: Path) -> None:
    """NEW and OLD explained leave U's 30.00 alone; NEW explained leaves 300,000.00 of OLD."""
    words = ("--against", "2023/24", "--year", "2024/25", "--fail-on", "unexplained", "--json")
    said: Table = [
        ["unit", "year", "cause", "text", "against"],
        ["NEW", "2024/25", "started", "a new unit", "2023-24"],
        ["OLD", "2024/25", "ended", "of another comparison", "budget"],
    ]
    assert run("variance", moved_units(tmp_path, Explanations=said), *words).code == 5
    said = [*said, ["OLD", "2024/25", "all", "closed", "FY24"]]
    ran = run("variance", moved_units(tmp_path, Explanations=said), *words)
    assert ran.code == 0
    of_all = [row for row in json.loads(ran.out)["rows"] if row["unit"] is None]
    assert [row["explained"] for row in of_all] == [True] * 3
    assert (of_all[-1]["explained_amount"], of_all[-1]["unexplained_amount"]) == ("100000.00", "30.00")


def _pence(amount: object) -> int:
    return int(str(amount).replace(".", ""))


HALF, MUCH = ["cost", None, 150_000, None], ["cost", None, 400_000, None]
NOTHING = ("0.00", "0.00", "0.00")


@pytest.mark.parametrize(
    ("given", "explained", "note"),
    [
        ([], NOTHING, ""),
        ([HALF], ("50000.00", "100000.00", "150000.00"), ""),
        ([MUCH], ("100000.00", "200000.00", "300000.00"), "explains £300,000.00 and not £400,000.00"),
        ([["cost", None, -1, None]], NOTHING, "moved the unit as a whole by £300,000.00, and the amount is −£1.00"),
        ([["cost", "HERTS", 250_000, None]], ("0.00", "200000.00", "0.00"), "not £250,000.00"),
        ([HALF, ["cost", "BEDS", 80_000, None]], ("100000.00", "100000.00", "150000.00"), ""),
        ([["direct", "BEDS", None, None]], ("133333.33", "0.00", "0.00"), ""),
        ([["direct", None, None, "Business case"]], ("133333.33", "-133333.33", "0.00"), ""),
        ([["direct", None, 100, None]], NOTHING, "direct moved the unit as a whole by £0.00"),
        ([["cost", None, None, "budget"]], NOTHING, ""),
        ([["vacancies", None, None, None]], NOTHING, "the causes of this comparison are prices, cost, direct"),
        ([HALF, ["all", None, None, None]], ("233333.33", "66666.67", "300000.00"), ""),
        ([HALF, ["ALL", "BEDS", 1, None]], ("50001.00", "100000.00", "150000.00"), ""),
        ([["all", None, 30_000, None]], ("23333.33", "6666.67", "30000.00"), ""),
    ],
)
def test_what_is_explained_in_pounds(
    given: list[list[Cell]], explained: tuple[str, str, str], note: str, tmp_path: Path
) -> None:
    """Planned 300,000.00 and 600,000.00; 1,200,000.00 is spent, 200,000.00 of it direct to BEDS; NRE is 1 : 2.

    cost: 1,200,000 on 3 : 6 is 400,000 and 800,000: +100,000 and +200,000. direct: 1,000,000 on 3 : 6 and 200,000 to
    BEDS is 533,333.33 and 666,666.67: +133,333.33 and −133,333.33. So the variance is 233,333.33, 66,666.67, 300,000.
    """
    head: list[Cell] = ["unit", "year", "text", "cause", "force", "amount", "against"]
    sheets: dict[str, Table] = {
        "Budgets": [[*HEAD, "direct to"], ["U", "2024/25", 1_000_000, None], ["U", "2024/25", 200_000, "BEDS"]],
        "Business cases": [[*HEAD, "force"], ["U", "2024/25", 300_000, "BEDS"], ["U", "2024/25", 600_000, "HERTS"]],
        "Explanations": [head, *(["U", "2024/25", "because", *row] for row in given)],
    }
    book = moved_units(tmp_path, **sheets)
    shown = rows("variance", book)
    assert tuple(row["explained_amount"] for row in shown) == explained
    for row in shown:
        left = _pence(row["variance"]) - _pence(row["explained_amount"])
        assert _pence(row["unexplained_amount"]) == left
        assert row["explained"] == (abs(left) < 50_000_00)
    notes = run("variance", book, "--show", "notes").out
    assert note in notes and (note or "explains" not in notes)


def test_a_favourable_row_that_is_significant_says_so() -> None:
    shown = run("variance", ALLIANCE, "--unit", "Major Crime", "--year", "2018/19", "--csv").out
    page = run("variance", ALLIANCE, "--unit", "Major Crime", "--year", "2018/19", "--show", "variances").out
    assert "explained_amount,unexplained_amount" in shown.splitlines()[0]
    green = [line for line in page.splitlines() if "GREEN" in line and "Major Crime" in line]
    assert green and all("favourable" in line for line in green)


def test_budgets_of_years_without_an_outturn_are_listed_and_have_not_ended(tmp_path: Path) -> None:
    """Actuals are of 2023/24 alone, without OLD: OLD's 300,000.00 are a row, the budgets of 2024/25 are none."""
    book = moved_units(tmp_path, Actuals=[HEAD, ["U", "2023/24", 99]])
    answer = json.loads(run("variance", book, "--against", "budget", "--json").out)
    shown = [(row["unit"], row["year"], row["variance"]) for row in answer["rows"] if row["force"] is None]
    assert shown == [("U", "2023/24", "9.00"), ("OLD", "2023/24", "-300000.00"), (None, "2023/24", "-299991.00")]
    assert [(row["unit"], row["year"]) for row in answer["without_actual"]] == [
        ("U", "2024/25"),
        ("NEW", "2024/25"),
        ("OLD", "2023/24"),
    ]


def test_the_workbook_of_results(tmp_path: Path) -> None:
    same_twice_with_charts(tmp_path, "variance", ALLIANCE)


def test_usage() -> None:
    assert run("variance", ALLIANCE, "--against", "nonsense").code == 2
    assert run("variance", ALLIANCE, "--version", "nonsense").code == 2
