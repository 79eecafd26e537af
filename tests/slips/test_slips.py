"""Small workbooks that each hold a slip, and what must come of it: figures worked by hand, a query, a problem, a note.

The splits are on the NRE or volumes of the workbook. In most, NRE is 100 : 130 : 180, so 1,000,000.00 and 500,000.00
are 243,902.44 + 121,951.22 for BEDS, 317,073.17 + 158,536.59 for CAMBS, 439,024.39 + 219,512.19 for HERTS.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.program import run

HERE = Path(__file__).parent
BASE = ("365853.66", "475609.76", "658536.58")


class Out(NamedTuple):
    """What comes out: either what each force pays, in the order of Forces, with queries, or a problem."""

    pay: tuple[str, ...] = ()
    queries: tuple[tuple[str, tuple[str, ...]], ...] = ()  # key, cells
    problems: tuple[tuple[str, str], ...] = ()  # code, cell
    note: str = ""
    words: str = ""  # in the message of a problem


CASES = {
    # 12 : 18 and 12.5 : 18.5 of 1,900,000 and 1,060,000
    "duplicate_budget_row": Out(
        pay=("1187419.35", "1772580.65"),
        queries=(("duplicate-line Budgets ICT 2023/24 900000.00 Pay pay", ("Budgets!C2", "Budgets!C6")),),
    ),
    "total_in_line_column_of_council": Out(  # of 1,000,000 and 1,060,000
        pay=("827419.35", "1232580.65"),
        note="Budgets: totals of lines above them, not read: Budgets!C6 “Total ICT”",
    ),
    "total_in_line_column": Out(  # 1,000,000 and 1,000,000
        pay=("487804.88", "634146.34", "878048.78"),
        queries=(("looks-like-total Budgets HR 2018/19 TOTAL SERVICE EXPENDITURE 500000.00", ("Budgets!D6",)),),
        note="Budgets: totals of lines above them, not read: Budgets!D4 “Total”",
    ),
    "nre_in_thousands": Out(  # 400,000, and 12,500 of 18,512,500 of 1,060,000
        pay=("400715.73", "1659284.27"), queries=(("jump NRE NORTH 2024/25", ("NRE!C4",)),)
    ),
    "percent_as_fraction": Out(  # 0.3 % on 12.5 : 18.5, the rest on 40 : 60
        pay=("400009.68", "599990.32"),
        queries=(
            ("fraction-as-percent fixed base % ICT 2024/25 0.3", ("Principles!D2",)),
            ("fraction-as-percent no loser % ICT 2024/25 0.5", ("Principles!E2",)),
            ("stability-not-tested ICT", ()),
        ),
    ),
    "unit_without_a_year": Out(  # 1,400,000 and 1,060,000
        pay=("987419.35", "1472580.65"), queries=(("missing-year HR 2024/25", ()),)
    ),
    "missing_new_unit_amount": Out(  # 700,300 on 1 : 2 : 3, each unit and year to the penny
        pay=("116716.67", "233433.33", "350150.00"), queries=(("missing-year OLD 2024/25", ()),)
    ),
    "business_case_force_mixed": Out(problems=(("business-case-forces", "Business cases!C3"),)),
    "header_direct_to_force": Out(problems=(("column-misspelt", "Budgets!E1"),), words="did you mean “direct to”"),
    "invisible_character": Out(pay=("360000.00", "540000.00")),
    "unclear_zwsp": Out(pay=("0.17", "0.33", "0.50")),
    "pooled_from_before_midnight": Out(pay=BASE),
    "part_name_case": Out(pay=BASE),
    "iso_time_in_own_column": Out(pay=BASE, note="Budgets: values without a heading in column H, not read"),
    "empty_style_attribute": Out(pay=BASE),
    "title_says_thousand": Out(problems=(("scale-not-stated", "NRE!A1"), ("scale-not-stated", "Budgets!A2"))),
    "superscript_amount": Out(problems=(("not-an-amount", "Budgets!C2"),), words="raised, lowered or struck out"),
    "superscript_note": Out(
        problems=(("not-an-amount", "Budgets!C2"),), note="Budgets: marks of publication dropped: B3"
    ),
    "percent_in_amount": Out(problems=(("not-an-amount", "Budgets!C3"),), words="“3.5%” is a percentage"),
    "forces_footnote_members": Out(  # ICT of BEDS and CAMBS alone: 434,782.61 and 565,217.39
        pay=("556733.83", "723753.98", "219512.19"),
        note="Forces: remarks, not read: A5 “Source: statements of accounts”",
    ),
    "demand_years_hyphen": Out(pay=("288617.89", "491869.92", "719512.19")),  # ICT on 1 : 2 : 3
    "fail_period_note": Out(pay=("250.00", "250.00", "500.00")),  # 1 : 1 : 2
    "demand_wide_by_year": Out(pay=("455284.56", "491869.92", "552845.52")),  # ICT on 1 : 1 : 1
    "hidden_column": Out(  # 1000, 500, 900 and 400
        pay=("682.92", "887.81", "1229.27"), note="Budgets: hidden columns were read: D"
    ),
    "header_with_unit": Out(pay=BASE, note="Budgets!D1: “amount (£000)” is read in thousands of pounds"),
    "fail_agreed_thirds": Out(
        problems=(("agreed-shares-not-100", "Agreed shares!C2"),),
        words="sum to 99.99999999999999 %, which is 0.00000000000001 short of 100",
    ),
    "unclear_rebase_reason": Out(  # the new shares, 26 : 24 : 50
        pay=("260.00", "240.00", "500.00"), queries=(("stability-not-tested U", ()),)
    ),
    "t_basic": Out(pay=("166.67", "333.33", "500.00")),  # 1 : 2 : 3
}


@pytest.mark.parametrize("name", CASES)
def test_what_comes_out(name: str) -> None:
    expected, ran = CASES[name], run("compute", HERE / f"{name}.xlsx", "--json")
    document = json.loads(ran.out)
    problems = document.get("problems", [])
    assert (
        tuple((problem["code"], f"{problem['sheet']}!{problem['cell']}") for problem in problems) == expected.problems
    )
    assert expected.words in "".join(problem["message"] for problem in problems)
    if problems:
        assert ran.code == 3
        notes = run("check", HERE / f"{name}.xlsx").err
    else:
        paid = dict.fromkeys(document["forces"], 0)
        for row in document["totals"]:
            paid[row["force"]] += round(float(row["amount"]) * 100)
        assert tuple(f"{pence // 100}.{pence % 100:02}" for pence in paid.values()) == expected.pay
        queries = tuple((query["key"], tuple(query["cells"])) for query in document["queries"])
        assert sorted(queries) == sorted(expected.queries)
        notes = "\n".join(document["notes"])
    assert expected.note in notes


def test_every_workbook_has_a_row() -> None:
    assert {path.stem for path in HERE.glob("*.xlsx")} == {*CASES, "fail_empty_unit"}


@pytest.mark.parametrize(
    "words",
    [
        ("compute", "--unit", ""),
        ("explain", "--unit", "U", "--year", "2024/25", "--force", ""),
        ("compare", "--without", ""),
        ("variance", "--version", ""),
        ("compute", "--set", ".basis=nre"),
    ],
    ids=lambda words: words[-2],
)
def test_a_blank_option_is_usage(words: tuple[str, ...]) -> None:
    ran = run(words[0], HERE / "fail_empty_unit.xlsx", *words[1:])
    assert (ran.code, ran.out) == (2, "")


def test_a_movement_just_above_the_tolerance_is_seen() -> None:
    document = json.loads(run("compute", HERE / "unclear_rebase_reason.xlsx", "--json").out)
    assert "the largest movement is 1.0001 points, the tolerance 1" in document["bases"][0]["reason"]


def test_a_json_with_its_keys_sorted_follows() -> None:
    ran = run("verify", HERE / "fail_verify_sorted.json", HERE / "t_basic.xlsx", "--json")
    assert (ran.code, json.loads(ran.out)["follows"]) == (0, True)


def test_a_number_of_5000_digits() -> None:
    ran = run("compute", HERE / "t_basic.xlsx", "--scenario", HERE / "fail_huge_int.toml", "--json")
    assert [problem["code"] for problem in json.loads(ran.out)["problems"]] == ["scenario-unreadable"]
    assert ran.code == 3
