"""The Summit's paper by hand: a finding for each section, and a line for each that the workbook has no sheet for."""

from __future__ import annotations

import json
import shlex
from decimal import Decimal
from pathlib import Path

import pytest

from tests.books import Table, opened, two_forces, write_book
from tests.program import ALLIANCE, run

BUDGETS: Table = [["unit", "year", "amount"], ["ICT", "2017/18", 900_000], ["ICT", "2018/19", 1_200_000]]
NRE: Table = [["year", "BEDS", "HERTS"], ["2017/18", 100, 200], ["2018/19", 100, 200]]
PLAIN = two_forces(Budgets=BUDGETS, NRE=NRE)


def findings(path: Path, *words: str) -> str:
    ran = run("pack", path, "--as-at", "2018-08-31", "-q", *words)
    assert ran.code == 0, ran.err
    return " ".join(ran.out.split())


def test_what_each_force_pays_is_found_in_thousands(tmp_path: Path) -> None:
    # NRE 1 : 2, so 900,000 is 300,000 and 600,000, and 1,200,000 is 400,000 and 800,000
    shown = findings(write_book(tmp_path / "b.xlsx", PLAIN))
    paid = "The forces pay £1,200k in 2018/19, £300k (33.3%) more than in 2017/18: BEDS +100k, HERTS +200k."
    assert paid in shown
    assert "In thousands of pounds; rounded figures may not cast." in shown


def test_the_day_is_needed(tmp_path: Path) -> None:
    ran = run("pack", write_book(tmp_path / "b.xlsx", PLAIN))
    assert (ran.code, "the program reads no clock" in ran.err) == (2, True)


def test_its_year_is_that_of_the_day_and_has_budgets(tmp_path: Path) -> None:
    book = write_book(tmp_path / "b.xlsx", PLAIN)
    last, next_ = run("pack", book, "--as-at", "2019-03-31", "-q"), run("pack", book, "--as-at", "2019-04-01")
    assert (last.code, "31 March 2019: 2018/19" in last.out) == (0, True)
    assert (next_.code, "for the paper of 2018/19 add --year 2018/19" in next_.err) == (2, True)
    assert "in 2017/18" in findings(book, "--year", "2017/18")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--json",), "it has no JSON"),
        (("--csv",), "it has no CSV"),
        (("--format", "csv"), "it has no CSV"),
        (("-o", "paper.json"), "one of .html, .xlsx, .md"),
        (("-o", "paper.csv"), "one of .html, .xlsx, .md"),
        (("--unit", "ICT"), "the paper is of all units"),
    ],
)
def test_it_has_no_rows_of_its_own_and_no_single_unit(
    tmp_path: Path, words: tuple[str, ...], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its help (tests/screens/help-pack.txt) lists no option for either."""
    monkeypatch.chdir(tmp_path)
    ran = run("pack", write_book(tmp_path / "b.xlsx", PLAIN), "--as-at", "2018-08-31", *words)
    assert (ran.code, [*tmp_path.iterdir()]) == (2, [tmp_path / "b.xlsx"])
    assert why in ran.err


def test_the_workbook_holds_pounds_and_shows_thousands(tmp_path: Path) -> None:
    book, made = write_book(tmp_path / "b.xlsx", PLAIN), tmp_path / "pack.xlsx"
    findings(book, "-o", str(made))
    sheet = opened(made).worksheets[0]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == 400_000)
    assert cell.number_format == "#,##0,;-#,##0,"


@pytest.mark.long
def test_every_section_names_the_command_behind_it() -> None:
    ran = run("pack", ALLIANCE, "--as-at", "2019-08-31", "-q", "--format", "md")
    headings = [line for line in ran.out.splitlines() if line.startswith("### ")]
    behind = [line for line in ran.out.splitlines() if line.startswith("Behind it: bch-apportion ")]
    assert len(headings) == len(behind) == 12
    for command in ("check", "status", "mtfs"):  # as printed, they run
        (words,) = [shlex.split(line.split("Behind it: ")[1]) for line in behind if f"apportion {command} " in line]
        assert run(*words[1:2], ALLIANCE, *words[3:], "-q").code == 0


ABSENT = (  # what a section says where the workbook has no sheet for it
    "No forecast of 2018/19 is given by the day (sheet Forecasts), and no outturn (sheet Actuals).",
    "No business case is given (sheet Business cases): no variance is known.",
    "No unit has a function (Units, function): there is nothing to compare.",
    "No measure is given (sheet Measures): how well the units serve is not known.",
    "No action is given (sheet Actions): what earlier reviews asked for, and what of it is done, is not known.",
    "What the forces' own MTFSs hold for the alliance is not given (sheet In the MTFS): no gap can be seen.",
    "No priority is given (sheet Priorities): which units serve which priorities is not known.",
)


def test_a_section_without_its_sheet_is_a_line(tmp_path: Path) -> None:
    book = write_book(tmp_path / "b.xlsx", PLAIN)
    shown = findings(book)
    assert [line for line in ABSENT if line not in shown] == []
    whole = findings(book, "--format", "md")
    lone = [block for block in whole.split("### ") if any(line in block for line in ABSENT)]
    assert len(lone) == len(ABSENT)
    assert [block for block in lone if "|" in block and "The precept of 2019/20" not in block] == []


@pytest.mark.long
def test_the_sections_agree_with_the_commands_they_name() -> None:
    """The monitor's forecast and gap are those of the command, in thousands."""
    ran = run("monitor", ALLIANCE, "--as-at", "2019-08-31", "--json")
    total = next(row for row in json.loads(ran.out)["rows"] if row["unit"] is None and row["force"] is None)
    thousands = [f"{Decimal(total[name]) / 1000:,.0f}k" for name in ("forecast", "variance")]
    said = " ".join(run("pack", ALLIANCE, "--as-at", "2019-08-31", "-q").out.split())
    assert f"the year ends at £{thousands[0]}, £{thousands[1]} (" in said
