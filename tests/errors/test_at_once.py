"""Many faults in one workbook: all are told in one pass, each once, and nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.program import run

from .spoil import make, problems

FAULTS = {
    "NRE!C2 = #REF!": ("error-cell", "NRE", "C2"),
    "Units!F2 = soon": ("not-a-date", "Units", "F2"),
    "Budgets!C2 = 4.2m": ("not-an-amount", "Budgets", "C2"),
    "Budgets!A6 = DOGGS": ("unknown-unit", "Budgets", "A6"),
    "Control totals!A2 = 2018": ("bare-year", "Control totals", "A2"),
    "Principles!E2 = 101": ("out-of-range", "Principles", "E2"),
    "Drivers!C2 = high": ("not-a-number", "Drivers", "C2"),
    "Demand!D3 = -32": ("negative-volume", "Demand", "D3"),
    "Agreed shares!D2 = 39": ("agreed-shares-not-100", "Agreed shares", "D2"),
    "Baselines!B4 = HERTZ": ("unknown-force", "Baselines", "B4"),
    "Deflators + 2019/20 | 103": ("duplicate-key", "Deflators", "B4"),
    "Settings!A2 = mony in": ("unknown-setting", "Settings", "A2"),
}


@pytest.mark.parametrize("command", ["compute", "check"])
def test_faults_on_every_sheet_are_told_in_one_pass(command: str, tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    make(list(FAULTS), book)
    ran = run(command, book, "--json")
    assert ran.code == 3
    document = json.loads(ran.out)
    assert document["schema"] == "bch-apportion/problems/1"
    listed = document["problems"]
    assert [(problem["code"], problem["sheet"], problem["cell"]) for problem in listed] == list(FAULTS.values())
    for problem in listed:
        assert list(problem) == ["code", "severity", "sheet", "cell", "message", "remedy", "value"]
        assert problem["severity"] == "error"
        assert problem["message"] and problem["remedy"] and "\n" not in problem["message"] + problem["remedy"]
        assert problem["value"]


def test_nothing_is_written(tmp_path: Path) -> None:
    make(list(FAULTS), tmp_path / "book.xlsx")
    ran = run("compute", tmp_path / "book.xlsx", "-o", tmp_path / "x.json", "-o", tmp_path / "x.xlsx")
    assert ran.code == 3
    assert ran.out == ""
    assert "Traceback" not in ran.err
    for _, sheet, cell in FAULTS.values():
        assert cell in ran.err and sheet in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["book.xlsx"]


def test_problems_of_the_cells_and_of_the_rules_come_together(tmp_path: Path) -> None:
    """A misspelt type hides neither the missing NRE nor the holder who is no member."""
    make(["Budgets!E3 = capital", "NRE!D3 =", "Budgets!F5 = HERTS"], tmp_path / "book.xlsx")
    pairs = {(problem.code, problem.where) for problem in problems(tmp_path / "book.xlsx")}
    expected = {("unknown-choice", "Budgets!E3"), ("nre-missing", "NRE!D3"), ("not-a-member", "Budgets!F5")}
    assert pairs == expected


ONE_EACH = [  # what one fault looks like where much else rests on it
    (["Units!A2 = IKT"], "unknown-unit"),
    (["Forces!A3 = CAMBSS", "Forces!C3 ="], "unknown-force"),
    (["NRE!B1 = BEDZ"], "unknown-force"),
    (["Demand!C1 = BEDZ"], "unknown-force"),
    (["NRE!A2 = 2018"], "bare-year"),
    (["NRE!A2 = #N/A"], "error-cell"),
    (["Demand!A2 = #N/A"], "error-cell"),
    ([*(f"Demand row {row} dropped" for row in (6, 5, 4, 3)), "Demand!B2 = 2016"], "bare-year"),
    (["Demand!B1 = periode"], "column-missing"),
    (["Demand!F1 = signed of"], "column-misspelt"),
    (["Demand renamed Demands"], "sheet-misspelt"),
    (["Units renamed Unit"], "sheet-misspelt"),
    (["Settings renamed Setings", "NRE row 3 dropped"], "sheet-misspelt"),
    (["Deflators!B2 = #N/A"], "error-cell"),
    (["Baselines!B2 = #N/A"], "error-cell"),
    (["Drivers!A2 = ITC", "Principles!C2 = demand"], "unknown-unit"),
    (["Agreed shares!A2 = DOG"], "unknown-unit"),
    (["Agreed shares!B3 = 2018"], "bare-year"),
    (["Agreed shares!C3 = CAMB"], "unknown-force"),
    (["Agreed shares!D3 ="], "blank-value"),
    (["Units!C3 = BEDS, CAMB"], "unknown-force"),
    (["Budgets!C2 = #REF!", "Budgets!A8 = Grand total"], "error-cell"),
    (["Principles!B3 = 2018"], "bare-year"),
    (["Principles!A3 = DOG", "Agreed shares!D2 = 40"], "unknown-unit"),
]


@pytest.mark.parametrize(("spoiling", "code"), ONE_EACH, ids=lambda value: value if isinstance(value, str) else None)
def test_one_fault_is_one_problem(spoiling: list[str], code: str, tmp_path: Path) -> None:
    make(spoiling, tmp_path / "book.xlsx")
    assert [problem.code for problem in problems(tmp_path / "book.xlsx")] == [code]


@pytest.mark.parametrize("name", ["HRTS", "HERTSS", "HETRS"])
def test_a_misspelt_force_is_one_problem_however_the_sheets_are_laid_out(name: str, tmp_path: Path) -> None:
    tidy = ["NRE cleared", "NRE + year | force | nre"]
    tidy += [f"NRE + {year} | {force} | 1" for year in ("2018/19", "2019/20") for force in ("BEDS", "CAMBS", "HERTS")]
    for lines in ([], tidy):
        make([f"Forces!A4 = {name}", "Forces!C4 =", *lines], tmp_path / "book.xlsx")
        (problem,) = problems(tmp_path / "book.xlsx")
        assert (problem.code, problem.value) == ("unknown-force", "HERTS")
        assert f"did you mean “{name}”?" in problem.message


FOLLOWING = [  # one fault that the recipe tells twice
    (["Agreed shares!D2 = 100", "Agreed shares row 3 dropped"], "agreed-share-missing"),
    (["Agreed shares + DOGS | 2018/19 | HERTS | 0"], "not-a-member"),
    (
        [
            "Principles!C3 = auto",
            "Principles!E2 = 0",
            "Budgets row 3 dropped",
            "Budgets!C7 = 9735000",
            "NRE row 2 dropped",
            "Agreed shares!D3 = #N/A",
            "Control totals cleared",
        ],
        "error-cell",
    ),
]


@pytest.mark.parametrize(("spoiling", "code"), FOLLOWING, ids=lambda value: value if isinstance(value, str) else None)
def test_what_follows_from_a_fault_is_not_told_beside_it(spoiling: list[str], code: str, tmp_path: Path) -> None:
    make(spoiling, tmp_path / "book.xlsx")
    assert [problem.code for problem in problems(tmp_path / "book.xlsx")] == [code]
