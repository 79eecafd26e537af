"""The marked copy of `check`: what is marked, what stays, what is lost and named, and that it is valid input."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from bch_apportion.problems import MARKS
from bch_apportion.writing.marked import FILLS, SIGN
from tests.books import Cell, two_forces, write_book
from tests.program import ROOT, run

LINE: list[Cell] = ["ICT", "2018/19", 30]
HEAD: list[Cell] = ["unit", "year", "amount"]


def check(workbook: Path, output: Path) -> tuple[Workbook, str]:
    """The marked copy, and what is said on standard error."""
    ran = run("check", workbook, "-o", output)
    assert ran.code in (0, 3)
    return openpyxl.load_workbook(output), ran.err


@pytest.fixture
def slip(tmp_path: Path) -> Path:
    return write_book(tmp_path / "slip.xlsx", two_forces(Budgets=[HEAD, LINE, LINE]))


def colour(cell: object) -> str:
    return str(cell.fill.fgColor.rgb) if cell.fill.fill_type else ""  # type: ignore[attr-defined]


def test_every_cell_of_a_query_is_marked_and_listed_with_a_link(slip: Path, tmp_path: Path) -> None:
    book, _ = check(slip, tmp_path / "marked.xlsx")
    assert book.sheetnames[0] == MARKS
    rows = list(book[MARKS].iter_rows(min_row=6))
    assert [[str(cell.value) for cell in row[:2]] for row in rows] == [["query", "Budgets!C2"], ["query", "Budgets!C3"]]
    assert rows[0][4].value == "duplicate-line Budgets ICT 2018/19 30.00"
    link = rows[0][1].hyperlink
    assert link is not None
    assert link.location == "'Budgets'!C2"
    for place in ("C2", "C3"):
        cell = book["Budgets"][place]
        assert cell.value == 30
        assert colour(cell) == FILLS["query"]
        assert cell.comment.text.startswith(f"{SIGN}\nBudgets has the same row twice")
    assert colour(book["Budgets"]["B2"]) == ""


def test_what_was_laid_over_the_workbook_is_said(slip: Path, tmp_path: Path) -> None:
    assert run("check", slip, "--set", "fixed base %=20", "-o", tmp_path / "marked.xlsx").code == 0
    stamp = openpyxl.load_workbook(tmp_path / "marked.xlsx")[MARKS]["A4"].value
    assert stamp == "Not the workbook alone: set fixed base %=20"


def test_what_stands_in_a_joined_workbook_is_listed_and_not_marked(slip: Path, tmp_path: Path) -> None:
    more = write_book(tmp_path / "more.xlsx", {"Budgets": [HEAD, LINE]})
    assert run("check", slip, "--with", more, "-o", tmp_path / "marked.xlsx").code == 0
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    sheet = book[MARKS]
    assert sheet["A1"].value == (
        "Cells with a problem (red): 0; with a query (yellow): 2; in other files, not marked: 1"
    )
    assert sheet["A4"].value == "Not the workbook alone: with more.xlsx"
    listed = [row[1] for row in sheet.iter_rows(min_row=6)]
    assert [cell.value for cell in listed] == ["Budgets!C2", "Budgets!C3", "more.xlsx: Budgets!C2"]
    assert [cell.hyperlink is not None for cell in listed] == [True, True, False]
    assert book.sheetnames[1:] == ["Forces", "NRE", "Units", "Budgets"]


def test_problems_are_marked_too_in_all_their_cells(tmp_path: Path) -> None:
    budgets: list[list[Cell]] = [HEAD, ["ICTT", "2018/19", 5], ["ICTT", "2018/19", 6], ["ICT", "2018/19", None]]
    workbook = write_book(tmp_path / "wrong.xlsx", two_forces(Budgets=budgets))
    book, err = check(workbook, tmp_path / "marked.xlsx")
    assert {place: colour(book["Budgets"][place]) for place in ("A2", "A3", "C4", "A4")} == {
        "A2": FILLS["problem"],
        "A3": FILLS["problem"],
        "C4": FILLS["problem"],
        "A4": "",
    }
    assert "Written" in err


def test_a_mark_leaves_comment_and_fill_as_they_were_when_it_goes(slip: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(slip)
    book["Budgets"]["C2"].fill = PatternFill("solid", fgColor="FF112233")
    book["Budgets"]["C2"].comment = Comment("Agreed in May", "Finance")
    book.save(tmp_path / "own.xlsx")
    marked, _ = check(tmp_path / "own.xlsx", tmp_path / "marked.xlsx")
    assert marked["Budgets"]["C2"].comment.text.startswith(f"Agreed in May\n\n{SIGN}")
    again, _ = check(tmp_path / "marked.xlsx", tmp_path / "again.xlsx")
    assert again["Budgets"]["C2"].comment.text == marked["Budgets"]["C2"].comment.text
    assert again.sheetnames == marked.sheetnames
    again["Budgets"].delete_rows(3)
    again.save(tmp_path / "mended.xlsx")
    mended, _ = check(tmp_path / "mended.xlsx", tmp_path / "last.xlsx")
    assert mended["Budgets"]["C2"].comment.text == "Agreed in May"
    assert colour(mended["Budgets"]["C2"]) == "FF112233"
    assert mended[MARKS].max_row < 6


def test_it_is_valid_input_with_the_same_figures(slip: Path, tmp_path: Path) -> None:
    check(slip, tmp_path / "marked.xlsx")
    marked, own = run("compute", tmp_path / "marked.xlsx", "--csv"), run("compute", slip, "--csv")
    assert (marked.code, marked.out) == (0, own.out)
    assert MARKS not in marked.err


def test_what_the_copy_loses_is_named_with_its_sheet(slip: Path, tmp_path: Path) -> None:
    source = tmp_path / "rich.xlsx"
    with xlsxwriter.Workbook(source) as book:
        bold = book.add_format({"bold": True})
        for name, rows in two_forces(Budgets=[HEAD, LINE, LINE]).items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name == "Budgets":
                sheet.write_formula("C3", "=15*2", None, 30)
                sheet.insert_textbox("F2", "a shape")
                sheet.write_rich_string("F20", "plain and ", bold, "bold")
                sheet.data_validation("A2:A9", {"validate": "list", "source": ["ICT"]})
        book.add_worksheet("Own").add_sparkline("A1", {"range": "Budgets!C2:C3"})
        book.define_name("amounts", "=Budgets!$C$2:$C$3")
    marked, err = check(source, tmp_path / "marked.xlsx")
    lost = "1 shape on Budgets; values of formulas (1) on Budgets; 1 sparkline on Own"
    assert sorted(err.split("Not in the marked copy: ")[1].split("\n")[0].split("; ")) == sorted(lost.split("; "))
    assert "open it in Excel and save" in str(marked[MARKS]["A3"].value)
    assert marked["Budgets"]["C3"].value == "=15*2"
    assert len(marked["Budgets"].data_validations.dataValidation) == 1
    assert "amounts" in marked.defined_names
    with zipfile.ZipFile(tmp_path / "marked.xlsx") as file:
        assert b"<b" in b"".join(file.read(name) for name in file.namelist() if "Budgets" in name or "sheet" in name)


def test_a_file_that_is_no_workbook_is_not_opened_again(tmp_path: Path) -> None:
    workbook = tmp_path / "no.xlsx"
    workbook.write_text("no workbook")
    ran = run("check", workbook, "-o", tmp_path / "marked.xlsx")
    assert ran.code == 3
    assert not (tmp_path / "marked.xlsx").exists()


def test_its_texts_are_never_formulas(tmp_path: Path) -> None:
    budgets: list[list[Cell]] = [HEAD, ["=1+1", "2018/19", 5]]
    book, _ = check(write_book(tmp_path / "live.xlsx", two_forces(Budgets=budgets)), tmp_path / "marked.xlsx")
    assert {cell.data_type for row in book[MARKS].iter_rows(min_row=6) for cell in row} <= {"s", "n"}


def test_what_openpyxl_cannot_copy_is_said(tmp_path: Path) -> None:
    """Its parts are named in another case than the workbook says, which we read as Excel does and openpyxl does not."""
    workbook, output = ROOT / "tests" / "slips" / "part_name_case.xlsx", tmp_path / "marked.xlsx"
    ran = run("check", workbook, "-o", output)
    assert (ran.code, output.exists()) == (2, False)
    assert "part_name_case.xlsx cannot be copied; open it in Excel, save it, and check it again (openpyxl:" in ran.err


def test_problems_are_told_though_no_copy_can_be_written(tmp_path: Path) -> None:
    scenario = tmp_path / "pay.toml"
    scenario.write_text('[[Budgets]]\nunit = "none"\nyear = "2018/19"\namount = 5\n', encoding="utf-8")
    workbook, output = ROOT / "tests" / "slips" / "part_name_case.xlsx", tmp_path / "marked.xlsx"
    ran = run("check", workbook, "--scenario", scenario, "-o", output)
    assert (ran.code, output.exists()) == (3, False)
    assert "“none” is not a unit of the Units sheet" in ran.out
    assert "cannot be copied" in ran.err


def test_control_characters_become_marks(tmp_path: Path) -> None:
    budgets: list[list[Cell]] = [HEAD, ["IC\x07T", "2018/19", 5]]
    book, _ = check(write_book(tmp_path / "bell.xlsx", two_forces(Budgets=budgets)), tmp_path / "marked.xlsx")
    assert str(book[MARKS]["C6"].value).startswith("“IC\ufffdT” is not a unit of the Units sheet")
