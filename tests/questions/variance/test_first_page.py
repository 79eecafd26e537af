"""The first page of variance: both sides by force, causes, what is open, each unit, with figures worked by hand."""

from __future__ import annotations

import re
from pathlib import Path

from tests.books import Cell, Table, two_forces, write_book
from tests.program import run

HEAD: list[Cell] = ["unit", "year", "amount"]
NRE: Table = [["year", "BEDS", "HERTS"], ["2023/24", 1, 2], ["2024/25", 1, 2]]
CASES: Table = [HEAD, ["U", "2023/24", 100], ["U", "2024/25", 100]]
BUDGETS: Table = [HEAD, ["U", "2023/24", 90], ["U", "2024/25", 120]]


def book(path: Path, **sheets: Table) -> Path:
    units: Table = [["unit"], *([name] for name in ("U", "NEW", "OLD"))]
    given = {"NRE": NRE, "Units": units, "Budgets": BUDGETS, **sheets}
    return write_book(path / "b.xlsx", two_forces(**given))


def page(workbook: Path, *options: str | Path) -> list[str]:
    ran = run("variance", workbook, *options)
    assert ran.code == 0, ran.err
    return [" ".join(line.split()) for line in ran.out.splitlines() if line]


def test_both_sides_the_causes_what_is_explained_and_what_is_open(tmp_path: Path) -> None:
    """Planned 300,000 and 600,000; 1,200,000 is budgeted, 200,000 of it direct to BEDS; NRE is 1 : 2.

    cost: 1,200,000 on 3 : 6 is 400,000 and 800,000. direct: 1,000,000 on 3 : 6 and 200,000 to BEDS is 533,333 and
    666,667. Of the cost 150,000 are explained, 50,000 and 100,000, so that less than 50,000 of HERTS's 66,667 is left.
    """
    sheets: dict[str, Table] = {
        "Budgets": [[*HEAD, "direct to"], ["U", "2024/25", 1_000_000, None], ["U", "2024/25", 200_000, "BEDS"]],
        "Business cases": [[*HEAD, "force"], ["U", "2024/25", 300_000, "BEDS"], ["U", "2024/25", 600_000, "HERTS"]],
        "Explanations": [["unit", "year", "text", "cause", "amount"], ["U", "2024/25", "why", "cost", 150_000]],
    }
    lines = page(book(tmp_path, **sheets))
    assert lines[0] == "What changed against the business case in 2024/25: b.xlsx, budget (£)"
    assert lines[2] == "BEDS HERTS all"
    assert lines[4:15] == [
        "business case 300,000 600,000 900,000",
        "budget 533,333 666,667 1,200,000",
        "variance 233,333 66,667 300,000",
        "% 77.8% 11.1% 33.3%",
        "cost 100,000 200,000 300,000",
        "direct 133,333 -133,333 0",
        "explained 50,000 100,000 150,000",
        "unexplained 183,333 -33,333 150,000",
        "Largest movements",
        "HERTS +200,000 U: costs £300,000 more to share (cost)",
        "BEDS +133,333 U: what is not pooled changes (direct)",
    ]
    opened = lines.index("Open: significant, unexplained")
    assert lines[opened + 1] == "unit force variance unexplained status"
    assert lines[opened + 3 : opened + 5] == ["U BEDS 233,333 183,333 RED", "U unit 300,000 150,000 RED"]
    assert "U 900,000 1,200,000 300,000 33.3 RED 150,000" in lines
    assert not any(line.startswith("All units") for line in lines)  # a single unit is all


def test_between_years_what_starts_and_ends_and_all_units(tmp_path: Path) -> None:
    """NEW begins with 400,000, 133,333 and 266,667; OLD ends with 300,000; U goes from 90 to 120."""
    budgets: Table = [*BUDGETS, ["OLD", "2023/24", 300_000], ["NEW", "2024/25", 400_000]]
    lines = page(book(tmp_path, Budgets=budgets), "--against", "2023/24")
    assert lines[0] == "What changed against 2023/24 in 2024/25: b.xlsx, budget (£)"
    for line in (
        "2023/24 100,030 200,060 300,090",
        "2024/25 133,373 266,747 400,120",
        "started 133,333 266,667 400,000",
        "ended -100,000 -200,000 -300,000",
        "HERTS +266,667 NEW: starts (started)",
        "OLD unit -300,000 -300,000 favourable",
        "All units total 100,030 100,030 RED",
        "OLD 300,000 0 -300,000 n/a favourable -300,000",
        "All units 300,090 400,120 100,030 33.3 RED 100,030",
        "Not in 2023/24: NEW.",
        "Not in 2024/25: OLD.",
    ):
        assert line in lines


def test_the_latest_year_and_several(tmp_path: Path) -> None:
    """100 a year on 1 : 2 is 33.33 and 66.67; the budgets are 30 and 60, then 40 and 80."""
    workbook = book(tmp_path, **{"Business cases": CASES})
    latest = page(workbook)
    assert "budget 40 80 120" in latest
    assert any(line.endswith("Other years: 2023/24 (--year; --show variances).") for line in latest)
    lines = page(workbook, "--year", "2023/24..2024/25")
    assert lines[0] == "What changed against the business case in 2023/24 to 2024/25: b.xlsx, budget (£)"
    for line in (
        "business case 67 133 200",
        "budget 70 140 210",
        "variance 3 7 10",
        "HERTS +13 U 2024/25: costs £20 more to share (cost)",
        "unit year business case budget variance % status unexplained",
        "U 2023/24 100 90 -10 -10.0 GREEN -10",
        "All units 200 210 10 5.0 GREEN 10",
    ):
        assert line in lines
    cases: Table = [HEAD, ["U", "2024/25", 100]]
    lines = page(book(tmp_path, **{"Business cases": cases}), "--year", "2023/24..2024/25")
    assert lines[0].startswith("What changed against the business case in 2024/25:")
    assert "No business case: U 2023/24." in lines


def test_the_version_and_an_explanation_that_explains_nothing(tmp_path: Path) -> None:
    cases: Table = [[*HEAD, "version"], ["U", "2024/25", 100, "outline"], ["U", "2024/25", 110, "full"]]
    given: Table = [["unit", "year", "text", "cause"], ["U", "2024/25", "why", "terms"]]
    lines = page(book(tmp_path, **{"Business cases": cases, "Explanations": given}), "--version", "latest")
    assert lines[0] == "What changed against the business case (latest) in 2024/25: b.xlsx, budget (£)"
    assert "U 110 120 10 9.1 GREEN 10" in lines
    assert any("Explanations that explain less than they say: 1 (--show notes)." in line for line in lines)


def test_an_earlier_year_counts_for_each_year_beside_it(tmp_path: Path) -> None:
    """90 of 2023/24 beside 120 and 150: 180 and 270."""
    nre: Table = [*NRE, ["2025/26", 1, 2]]
    workbook = book(tmp_path, NRE=nre, Budgets=[*BUDGETS, ["U", "2025/26", 150]])
    lines = page(workbook, "--against", "2023/24", "--year", "2024/25..2025/26")
    assert "2023/24 × 2 60 120 180" in lines and "budget 90 180 270" in lines


def test_many_that_are_open_are_cut_and_counted(tmp_path: Path) -> None:
    """Four units start with 300,000: each three rows, and three of all units; eight are shown."""
    started: list[list[Cell]] = [[f"N{number}", "2024/25", 300_000] for number in range(4)]
    units: Table = [["unit"], ["U"], *(row[:1] for row in started)]
    workbook = book(tmp_path, Units=units, Budgets=[*BUDGETS, *started])
    lines = page(workbook, "--against", "2023/24")
    assert "and 7 more: --show unexplained" in lines
    whole = page(workbook, "--against", "2023/24", "--show", "unexplained")
    assert len([line for line in whole if "RED" in line]) == 15


def test_nothing_to_compare(tmp_path: Path) -> None:
    lines = page(book(tmp_path))
    assert lines[0] == "What changed against the business case: b.xlsx, budget (£)"
    assert "No unit has both business case and budget." in lines
    assert "No business case: U 2023/24 to 2024/25." in lines


def test_columns_are_named_for_what_they_hold(tmp_path: Path) -> None:
    """Neither plan nor actual, whatever is compared; the other workbook of the same name is called the other."""
    workbook = book(tmp_path, **{"Business cases": CASES, "Actuals": BUDGETS})
    for options, sides in (
        ((), ("business case", "budget")),
        (("--actuals",), ("business case", "outturn")),
        (("--against", "budget"), ("budget", "outturn")),
        (("--against", "2023/24"), ("2023/24", "2024/25")),
        (("--against", workbook), ("the other b.xlsx", "b.xlsx")),
    ):
        first, whole = page(workbook, *options), page(workbook, *options, "--full")
        assert all(any(line.startswith(f"{side} ") for line in first) for side in sides)
        assert any(line.startswith(f"unit {sides[0]} {sides[1]} variance %") for line in first)
        assert not re.search(r"\b(plan|actual)\b", "\n".join(whole), re.IGNORECASE)
    assert not re.search(r"\b(plan|actual)\b", run("variance", "--help").out, re.IGNORECASE)
