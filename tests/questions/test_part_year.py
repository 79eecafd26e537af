"""A part-year: an outturn whose lines name months, but not all twelve."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.books import Cell, Table, two_forces, write_book
from tests.program import rows, run

HEAD: list[Cell] = ["unit", "year", "amount", "line", "period", "paid by"]


def book(path: Path, *periods: str | None, also: Table = ()) -> Path:
    """ICT with a budget of 1,000.01 for 2018/19 and an outturn of 100.00 for each period; HR with a whole outturn."""
    sheets: dict[str, Table] = {
        "NRE": [["year", "BEDS", "HERTS"], ["2018/19", 100, 200], ["2019/20", 100, 200]],
        "Units": [["unit"], ["ICT"], ["HR"]],
        "Budgets": [["unit", "year", "amount"], ["ICT", "2018/19", 1000.01], ["HR", "2018/19", 500]],
        "Actuals": [
            HEAD,
            *(["ICT", "2018/19", 100, "pay", period, "BEDS"] for period in periods),
            ["HR", "2018/19", 510, "pay", None, "HERTS"],
            *also,
        ],
    }
    return write_book(path / "book.xlsx", two_forces(**sheets))


MONTHS = [f"2018-{month:02}" for month in range(4, 13)] + ["2019-01", "2019-02", "2019-03"]


@pytest.mark.parametrize(
    ("periods", "cost"),
    [
        ([None, None], "200.00"),  # nothing is said of months: the year's outturn
        (["2018/19"], "100.00"),
        (MONTHS, "1200.00"),
        (["2018/19 Q1", "2018/19 Q2", "2018-10..2019-03"], "300.00"),
        ([*MONTHS, None], "1300.00"),
        ([*MONTHS[:11], "2018/19 Q4"], "1200.00"),  # what is named twice is there all the same
        (MONTHS[:11], "budget"),
        ([*MONTHS[:11], None], "budget"),  # a line without a period names no month
        (["2018-04"] * 12, "budget"),
    ],
)
def test_it_is_whole_with_twelve_months_or_with_none_named(
    tmp_path: Path, periods: list[str | None], cost: str
) -> None:
    (row,) = rows("track", book(tmp_path, *periods), "--unit", "ICT")
    assert (row["cash"], row["source"]) == (("1000.01", "budgets") if cost == "budget" else (cost, "actuals"))


def test_track_uses_the_budget_and_says_so(tmp_path: Path) -> None:
    ran = run("track", book(tmp_path, "2018-04", "2018-05"), "--show", "notes")
    assert "ICT 2018/19: the outturn has 2 of the 12 months, so its budget is used" in ran.out
    page = run("track", book(tmp_path, "2018-04", "2018-05")).out
    assert "Part-years of outturn, not used: 1 (--show notes)." in page


def test_track_leaves_out_a_part_year_without_a_budget(tmp_path: Path) -> None:
    path = book(tmp_path, "2018-04", also=[["HR", "2019/20", 50, "pay", "2019-04", "BEDS"]])
    assert [row["year"] for row in rows("track", path, "--unit", "HR")] == ["2018/19"]
    notes = run("track", path, "--show", "notes").out
    assert "HR 2019/20: the outturn has 1 of the 12 months, and it has no budget: it is left out" in notes


def test_variance_lists_it_as_without_an_outturn_and_nothing_ended(tmp_path: Path) -> None:
    """HR costs 10.00 more than its budget of 500.00; so do all units that have a whole outturn."""
    path = book(tmp_path, "2018-04", "2018-05")
    answer: dict[str, Any] = json.loads(run("variance", path, "--against", "budget", "--json").out)
    assert answer["without_actual"] == [{"unit": "ICT", "year": "2018/19"}]
    wholes = {row["unit"]: row["variance"] for row in answer["rows"] if row["force"] is None}
    assert wholes == {"HR": "10.00", None: "10.00"}
    page = run("variance", path, "--against", "budget").out
    assert "No outturn of the whole year: ICT." in page
    notes = run("variance", path, "--against", "budget", "--show", "notes").out
    assert "the outturn has 2 of the 12 months, so the year counts as without an outturn" in " ".join(notes.split())


def test_settle_uses_it_and_says_so(tmp_path: Path) -> None:
    """ICT's 200.00 on NRE 1 : 2 is 66.67 for BEDS, which paid all of it."""
    path = book(tmp_path, "2018-04", "2018-05")
    answer: dict[str, Any] = json.loads(run("settle", path, "--unit", "ICT", "--json").out)
    assert [row["balance"] for row in answer["balances"] if row["unit"] == "ICT"] == ["133.33", "-133.33"]
    assert "not of twelve months: 2018/19, 2 months of ICT." in run("settle", path).out


def test_a_line_twice_is_asked_about_with_its_month(tmp_path: Path) -> None:
    path = book(tmp_path, "2018-04", "2018-04", "2018-05")
    queries = json.loads(run("check", path, "--json").out)["queries"]
    keys = [query["key"] for query in queries if query["key"].startswith("duplicate-line")]
    assert keys == ["duplicate-line Actuals ICT 2018/19 100.00 pay 2018-04 BEDS"]


def test_a_scenario_replaces_the_line_of_the_same_month_alone(tmp_path: Path) -> None:
    scenario = tmp_path / "more.toml"
    scenario.write_text(
        '[[Actuals]]\nunit = "ICT"\nyear = "2018/19"\nline = "pay"\nperiod = "2018-05"\namount = 130\n'
        '"paid by" = "BEDS"\n',
        "utf-8",
    )
    path = book(tmp_path, "2018-04", "2018-05")
    ran = run("settle", path, "--unit", "ICT", "--scenario", scenario, "--json")
    paid = [row["paid"] for row in json.loads(ran.out)["balances"] if row["unit"] == "ICT"]
    assert paid == ["230.00", "0.00"]
