"""The first page of compute: totals, change by cause, movements, decisions and units, with figures worked by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.books import two_forces, write_book
from tests.program import run

NRE = [["year", "BEDS", "HERTS"], ["2017/18", 100, 200], ["2018/19", 100, 300]]
BUDGETS: list[list[Any]] = [["unit", "year", "amount"], ["ICT", "2017/18", 300], ["ICT", "2018/19", 400]]


def page(path: Path, *options: str, **sheets: Any) -> list[str]:
    ran = run(
        "compute", write_book(path / "b.xlsx", two_forces(**{"NRE": NRE, "Budgets": BUDGETS, **sheets})), *options
    )
    assert ran.code == 0, ran.err
    return [" ".join(line.split()) for line in ran.out.splitlines() if line]


def test_totals_change_and_causes(tmp_path: Path) -> None:
    """300 at 1 : 2 is 100 and 200; 400 on the old shares is 133.33 and 266.67, at 1 : 3 it is 100 and 300."""
    lines = page(tmp_path)
    assert lines[:12] == [
        "What each force pays in 2018/19: b.xlsx, budget (£)",
        "No query is unanswered.",
        "BEDS HERTS all",
        "─" * len(lines[3]),
        "2017/18 100 200 300",
        "2018/19 100 300 400",
        "change 0 100 100",
        "% 0.0% 50.0% 33.3%",
        "cost 33 67 100",
        "NRE -33 33 0",
        "Largest movements",
        "HERTS +67 ICT: costs £100 more to share (cost)",
    ]
    assert lines[lines.index("To decide") + 1] == "Nothing."
    assert "ICT NRE 100 300 100" in lines
    assert "6 controls passed; no control totals are given." in lines


def test_the_year_asked_for_and_the_first_year(tmp_path: Path) -> None:
    lines = page(tmp_path, "--year", "2017/18")
    assert lines[0] == "What each force pays in 2017/18: b.xlsx, budget (£)"
    assert "2017/18 100 200 300" in lines and "There are no budgets of 2016/17 to compare with." in lines
    assert "ICT NRE 100 200" in lines


def test_what_is_signed_and_not_pooled(tmp_path: Path) -> None:
    """HERTS holds 400; pooled on NRE at 1 : 3 BEDS would bear 100 of it. 1 March 2018 to 31 March 2019 is 395 days."""
    budgets = [["unit", "year", "amount", "held by"], ["ICT", "2018/19", 400, "HERTS"]]
    lines = page(tmp_path, Units=[["unit", "s22a signed"], ["ICT", "01/03/2018"]], Budgets=budgets)
    assert "ICT signed 1 March 2018, not pooled for 395 days; pooling would move BEDS +100, HERTS -100" in lines


def test_a_unit_that_ends_and_one_that_starts(tmp_path: Path) -> None:
    budgets = [["unit", "year", "amount"], ["ICT", "2017/18", 300], ["HR", "2018/19", 400]]
    lines = page(tmp_path, Units=[["unit"], ["ICT"], ["HR"]], Budgets=budgets)
    assert "started 100 300 400" in lines and "ended -100 -200 -300" in lines
    assert "HR NRE 100 300 400" in lines and "ICT ended -300" in lines


@pytest.mark.parametrize("name", ["splits", "bases", "notes", "queries"])
def test_show(tmp_path: Path, name: str) -> None:
    lines = page(tmp_path, "--show", name)
    assert not any("Largest movements" in line or line.startswith("More:") for line in lines) and lines


def test_show_what_is_not_there(tmp_path: Path) -> None:
    ran = run("compute", write_book(tmp_path / "b.xlsx", two_forces()), "--show", "bridges")
    assert ran.code == 2 and "'splits', 'bases'" in ran.err


def test_in_thousands_sentences_are_so_too(tmp_path: Path) -> None:
    """A thousand times the figures above: 66,667 more for HERTS by cost is 67 thousand."""
    budgets = [["unit", "year", "amount"], ["ICT", "2017/18", 300_000], ["ICT", "2018/19", 400_000]]
    lines = page(tmp_path, "--in", "thousands", Budgets=budgets)
    assert lines[0].endswith("(£k)") and "2018/19 100 300 400" in lines
    assert "HERTS +67k ICT: costs £100k more to share (cost)" in lines
    assert "In thousands of pounds; rounded figures may not cast." in lines


def test_a_detail_whose_parts_come_to_nothing(tmp_path: Path) -> None:
    """BEDS holds 100 and -100: no line is posted, and the detail has both."""
    budgets = [
        ["unit", "year", "amount", "line", "held by"],
        *(["ICT", "2018/19", n, "x", "BEDS"] for n in (100, -100)),
    ]
    lines = page(tmp_path, "--detail", "line", Budgets=budgets)
    assert (
        "ICT 2018/19 held x BEDS 100.00 Budgets!C2" in lines and "ICT 2018/19 held x BEDS -100.00 Budgets!C3" in lines
    )


def test_a_unit_that_ended(tmp_path: Path) -> None:
    """It cost 300 in 2017/18 at 1 : 2, and costs nothing in 2018/19."""
    budgets = [["unit", "year", "amount"], ["ICT", "2017/18", 300], ["HR", "2018/19", 400]]
    lines = page(tmp_path, "--unit", "ICT", Units=[["unit"], ["ICT"], ["HR"]], Budgets=budgets)
    assert "2017/18 100 200 300" in lines and "2018/19 0 0 0" in lines and "change -100 -200 -300" in lines


def test_explain_says_that_a_unit_is_held(tmp_path: Path) -> None:
    budgets: list[list[Any]] = [["unit", "year", "amount", "held by"], ["ICT", "2018/19", 400, "HERTS"]]
    book = write_book(tmp_path / "b.xlsx", two_forces(Budgets=budgets))
    shown = run("explain", book, "--unit", "ICT", "--year", "2018/19").out
    assert "Held: each force bears the lines it holds. Pooled it would stand on NRE: demand is not robust" in shown
    assert "Why on" not in shown
