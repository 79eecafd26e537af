"""Tracking: the published movements, recurring cost, breaks, what is attributed to collaboration."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.books import Cell, Table, two_forces, write_book
from tests.program import ALLIANCE, rows, run, same_twice_with_charts


def test_track_shows_the_four_published_movements() -> None:
    """The 2019 review: ICT −£2.4m, Civil Contingencies −£1m, Major Crime −£2.5m, HR +£1.5m since 2012/13."""
    shown = rows("track", ALLIANCE, "--base", "2012/13", "--year", "2018/19")
    savings = {row["unit"]: row["saving_cash"] for row in shown}
    published = {"ICT": 2_400_000, "Civil Contingencies": 1_000_000, "Major Crime": 2_500_000, "HR": -1_500_000}
    assert {unit: savings[unit] for unit in published} == {unit: f"{saved}.00" for unit, saved in published.items()}


HEAD: list[Cell] = ["unit", "year", "amount", "type", "held by"]


def tracked(tmp_path: Path, explanations: Table) -> Path:
    """A costs 1,000 and then 1,040 (the outturn), 150 of it one-off and 50 implementation; D begins in 2024/25 with 70.

    B, pooled from 2 April 2024, costs 500 and 560; C 200 and 210, and HERTS leaves it in 2024/25.
    """
    sheets: dict[str, Table] = {
        "Units": [
            ["unit", "pooled from", "programme"],
            *(["A", "2020-04-01", "P"], ["B", "2024-04-02", "P"], ["C", "2020-04-01", "Q"], ["D", "2020-04-01", "Q"]),
        ],
        "NRE": [["year", "BEDS", "HERTS"], ["2023/24", 1, 2], ["2024/25", 1, 2]],
        "Principles": [["unit", "from year", "forces", "reference"], ["C", "2024/25", "BEDS", "HERTS left"]],
        "Budgets": [
            HEAD,
            ["A", "2023/24", 1000, None, None],
            ["A", "2024/25", 1100, None, None],
            ["B", "2023/24", 500, None, "BEDS"],
            ["B", "2024/25", 560, None, "BEDS"],
            ["C", "2023/24", 200, None, None],
            ["C", "2024/25", 210, None, None],
            ["D", "2024/25", 70, None, None],
        ],
        "Actuals": [
            HEAD,
            ["A", "2024/25", 840, None, None],
            ["A", "2024/25", 150, "one-off", None],
            ["A", "2024/25", 50, "implementation", None],
        ],
        "Deflators": [["year", "index"], ["2023/24", 100], ["2024/25", 105]],
    }
    if explanations:
        sheets["Explanations"] = [["unit", "year", "cause", "text", "against", "amount"], *explanations]
    return write_book(tmp_path / "book.xlsx", two_forces(**sheets))


def test_recurring_cost_breaks_and_totals_without_them(tmp_path: Path) -> None:
    """840 recurring at 105 on 100 is 800 in prices of 2023/24: A saves 160 in cash and 200 in real terms.

    B's pooled fraction goes from 0 to 364 of 365 days, C's members from two to one: both are breaks, +60 and +10.
    """
    answer = json.loads(run("track", tracked(tmp_path, []), "--base", "2023/24", "--json").out)
    shown = {(row["unit"], row["year"]): row for row in answer["rows"]}
    names = ("source", "cash", "real", "recurring", "recurring_real", "saving_cash", "saving_real", "break")
    assert [shown["A", "2024/25"][name] for name in names] == [
        *("actuals", "1040.00", "990.48", "840.00", "800.00", "160.00", "200.00"),
        False,
    ]
    assert [unit for (unit, _), row in shown.items() if row["break"]] == ["B", "C"]
    assert shown["B", "2024/25"]["saving_cash"] == "-60.00"  # its own row stays
    totals = {(row["programme"], row["year"]): row for row in answer["totals"]}
    assert [(row["unit"], row["change"]) for row in totals[None, "2024/25"]["breaks"]] == [
        ("B", "60.00"),
        ("C", "10.00"),
    ]
    sums = ("units", "units_with_base", "cash", "recurring", "saving_cash", "saving_real")
    assert [totals[None, "2024/25"][name] for name in sums] == [2, 1, "1110.00", "910.00", "160.00", "200.00"]
    assert [totals["Q", "2024/25"][name] for name in sums] == [1, 0, "70.00", "70.00", None, None]
    assert totals[None, "2023/24"]["breaks"] == []


def test_the_closing_table_claims_only_what_is_attributed(tmp_path: Path) -> None:
    words = ("--base", "2023/24", "--show", "since", "--show", "notes")
    plain = run("track", tracked(tmp_path, []), *words).out
    assert "Cost since 2023/24; a saving" in plain and "saved" not in plain
    assert "How much of this collaboration caused is not entered" in plain
    given: Table = [
        ["A", "2024/25", "Collaboration", "one contract for two", "track", 90],
        ["A", "2024/25", "cost", "no such cause here", "track", None],
        ["A", "2024/25", "collaboration", "of another comparison", "budget", 1],
    ]
    book = tracked(tmp_path, given)
    ran = run("track", book, *words)
    assert "Cost since 2023/24, and attributed to collaboration" in ran.out
    line = next(line for line in ran.out.splitlines() if line.startswith("In all"))
    assert "90.00" in line and "B +£60.00; C +£10.00" in line
    assert "Explanations!D3: explains nothing: against track the cause is collaboration" in ran.out
    (attributed,) = json.loads(run("track", book, "--json").out)["attributed"]
    assert (attributed["unit"], attributed["amount"], attributed["cell"]) == ("A", "90.00", "Explanations!D2")


def test_charts_hold_one_price_basis_and_mark_breaks(tmp_path: Path) -> None:
    from bch_apportion import apportion, read_workbook
    from bch_apportion.questions.tracking.page import costs
    from bch_apportion.questions.tracking.rule import track

    charts = {chart.title: chart for chart in costs(track(apportion(read_workbook(ALLIANCE)), None)).charts}
    cash = charts["HR in cash (* break: pooling)"]
    assert cash.series == ("cash", "recurring", "business case, cash")
    assert cash.starred == (4, 5, 6, 7)  # HR is pooled from 2016/17, the fifth of its years
    assert charts["HR in prices of 2012/13 (* break: pooling)"].series == ("real", "recurring, real")
    assert charts["Major Crime in cash"].starred == ()
    assert run("track", ALLIANCE, "--unit", "HR", "-o", tmp_path / "hr.xlsx").code == 0
    with zipfile.ZipFile(tmp_path / "hr.xlsx") as book:
        labels = book.read("xl/charts/chart1.xml").decode().count("<a:t>*</a:t>")
    assert labels == len(cash.starred)


def test_covers_name_what_is_shown(tmp_path: Path) -> None:
    for command, *words in (("track", "--base", "2017/18"), ("settle",)):
        out = tmp_path / f"{command}.md"
        assert run(command, ALLIANCE, "--unit", "HR", "--year", "2017/18", *words, "-o", out).code == 0
        cover = out.read_text("utf-8").partition("bch-apportion manifest")[0]
        assert "HR" in cover and "2017/18" in cover and "Major Crime" not in cover and "2012/13" not in cover


def test_the_workbook_of_results(tmp_path: Path) -> None:
    same_twice_with_charts(tmp_path, "track", ALLIANCE)


def test_usage() -> None:
    assert run("track", ALLIANCE, "--base", "2030/31").code == 2
    assert run("track", ALLIANCE, "--base", "2012/13..2013/14").code == 2
