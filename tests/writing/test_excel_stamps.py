"""Under what a result stands is said wherever it is shown; charts show the figures they name."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from bch_apportion import apportion, read_workbook
from bch_apportion.questions.split import page as splits
from tests.books import two_forces, write_book
from tests.program import ALLIANCE, EXAMPLES, run

STAMP = "Not the workbook alone: wider_base.toml; --set fixed base %=20"


def head_of(sheet: Worksheet) -> str:
    assert sheet.oddHeader is not None
    return str(sheet.oddHeader.left.text)


@pytest.mark.long
def test_a_scenario_is_named_on_every_sheet_and_page(tmp_path: Path) -> None:
    scenario, target = EXAMPLES / "wider_base.toml", tmp_path / "result.xlsx"
    laid: list[str | Path] = ["--scenario", scenario, "--set", "fixed base %=20"]
    for values in (False, True):
        plain = ["--values"] if values else []
        assert run("compute", ALLIANCE, *laid, "-o", target, "--overwrite", *plain).code == 0
        book = load_workbook(target, data_only=True)
        for sheet in book.worksheets:
            assert STAMP in head_of(sheet), sheet.title
        names = [cell.value for cell in book["Splits"][1]]
        assert names[-1] == "stands under"
        assert {row[-1] for row in book["Splits"].iter_rows(min_row=2, values_only=True)} == {STAMP}
        if values:
            break
        assert book["Unit ICT"]["A2"].value == "Stands under"
        assert [cell.value for cell in book["Unit ICT"][2]][-1] == STAMP
        bound = {str(row[-1]) for row in book["Sign-off"].iter_rows(min_row=2, values_only=True)}
        (words,) = bound
        for path in (ALLIANCE, scenario):
            assert hashlib.sha256(path.read_bytes()).hexdigest() in words.replace(" ", "")
        assert "--set fixed base %=20" in words


@pytest.mark.long
def test_other_commands_say_it_at_the_head_of_every_page(tmp_path: Path) -> None:
    for command in (["track"], ["explain", "--unit", "ICT", "--year", "2018/19"], ["variance"]):
        target = tmp_path / f"{command[0]}.xlsx"
        ran = run(*command[:1], ALLIANCE, *command[1:], "--set", "fixed base %=20", "-o", target)
        assert ran.code == 0, ran.err
        for sheet in load_workbook(target).worksheets:
            assert "Not the workbook alone: --set fixed base %=20" in head_of(sheet), sheet.title


@pytest.mark.long
def test_a_workbook_alone_is_not_stamped(tmp_path: Path) -> None:
    assert run("compute", ALLIANCE, "-o", tmp_path / "result.xlsx").code == 0
    book = load_workbook(tmp_path / "result.xlsx")
    assert not any("Not the workbook" in head_of(sheet) for sheet in book.worksheets)
    assert book["Splits"]["A1"].value == "unit"
    assert "stands under" not in [cell.value for cell in book["Splits"][1]]


def test_a_force_named_as_a_column_has_a_name_of_its_own(tmp_path: Path) -> None:
    forces: list[list[str | float | None]] = [["force"], ["year"], ["Unit"]]
    nre: list[list[str | float | None]] = [["year", "force", "nre"], ["2018/19", "year", 100], ["2018/19", "Unit", 300]]
    budgets: list[list[str | float | None]] = [["unit", "year", "amount"], ["X", "2018/19", 4]]
    source = write_book(
        tmp_path / "book.xlsx", two_forces(Forces=forces, NRE=nre, Units=[["unit"], ["X"]], Budgets=budgets)
    )
    report = splits.splits(apportion(read_workbook(source)))
    assert [column.name for column in report.columns] == [
        "unit",
        "year",
        "basis",
        "year (force)",
        "Unit (force)",
        "total",
    ]
    assert report.rows[0][3:] == (100, 300, 400)  # £4.00 on NRE of 100 : 300
    year = splits.splits_of_year(apportion(read_workbook(source)), report.rows[0][1])
    assert year.rows[0][2:] == (100, 300, 400)
    target = tmp_path / "result.xlsx"
    assert run("compute", source, "-o", target).code == 0
    (chart,) = load_workbook(target)["Splits"]._charts  # type: ignore[attr-defined]
    assert [series.val.numRef.f for series in chart.series] == ["Splits!$D$3", "Splits!$E$3"]
    assert [series.cat.strRef.f for series in chart.series] == ["Splits!$B$3"] * 2
