"""The library's door: two calls, a frame of lines, and every problem in one exception."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

import bch_apportion
from bch_apportion import ControlsFailed, InputProblems, Inputs, Ledger, Problem, apportion, read_workbook
from bch_apportion.answers import Answer, getter, tables_of
from bch_apportion.kinds import Money, fields, kind_of
from bch_apportion.questions import QUESTIONS, ask
from bch_apportion.questions.asking import Usage
from bch_apportion.reading.workbook import read
from bch_apportion.writing import tidy_csv
from tests.books import Table, two_forces, write_book
from tests.program import ALLIANCE, COUNCILS, EXAMPLES

HIGH_PAY = EXAMPLES / "high_pay.toml"


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return apportion(read_workbook(ALLIANCE))


def edited(tmp_path: Path, *cells: tuple[str, str, str | None]) -> Path:
    """The councils' workbook with cells changed: (sheet, cell, value)."""
    book = load_workbook(COUNCILS)
    for sheet, cell, value in cells:
        book[sheet][cell] = value
    path = tmp_path / "edited.xlsx"
    book.save(path)
    return path


def test_a_path_or_its_text() -> None:
    inputs = read_workbook(str(COUNCILS))
    assert isinstance(inputs, Inputs)
    assert inputs == read(COUNCILS).inputs
    assert inputs.source == "south_hams_west_devon.xlsx"


def test_the_frame_has_one_row_for_each_line(ledger: Ledger) -> None:
    frame = ledger.frame()
    assert list(frame.columns) == [
        "unit",
        "year",
        "component",
        "force",
        "basis",
        "share",
        "pence",
        "amount",
        "reference",
        "cells",
    ]
    assert len(frame) == len(ledger.lines)
    assert frame["pence"].dtype == "int64"
    for name in ("unit", "year", "component", "force", "basis", "reference"):
        assert pd.api.types.is_string_dtype(frame[name]), name
        assert all(isinstance(value, str) for value in frame[name]), name
    assert all(isinstance(share, Fraction) or share is None for share in frame["share"])
    assert all(isinstance(amount, Decimal) for amount in frame["amount"])
    assert all(isinstance(cells, tuple) for cells in frame["cells"])


def test_the_frame_is_exact(ledger: Ledger) -> None:
    frame = ledger.frame()
    assert (frame["amount"] * 100 == frame["pence"]).all()
    chosen = frame[(frame["unit"] == "ICT") & (frame["year"] == "2018/19")]
    assert chosen["pence"].sum() == 1_350_000_001  # the control total: £13,500,000.01
    assert sum(chosen[chosen["component"] == "pooled"]["share"]) == 1


def test_a_ledger_without_lines_has_a_frame_all_the_same(ledger: Ledger) -> None:
    frame = ledger.only(units=["no such unit"]).frame()
    assert len(frame) == 0
    assert frame["pence"].dtype == "int64"


ASKED: dict[str, Any] = {
    "compute": {"detail": "line", "year": "2016/17..2017/18"},
    "check": {},
    "explain": {"unit": "ICT", "year": "2018/19"},
    "variance": {"year": ["2018/19"]},
    "track": {"base": "2012/13"},
    "settle": {},
    "status": {"as_at": date(2020, 6, 30)},
    "benchmark": {"year": "2018/19"},
    "monitor": {"as_at": date(2019, 8, 31)},
    "mtfs": {"years": 2, "scenario": [str(HIGH_PAY)], "sensitivity": True, "runs": 20, "fms": True},
    "compare": {"basis": ["nre", "demand"]},
}


@pytest.fixture(scope="module")
def asked() -> dict[str, Answer]:
    shown = {name: ask(name, ALLIANCE, **options) for name, options in ASKED.items()}
    shown["mtfs with a timetable"] = ask("mtfs", ALLIANCE, years=1, as_at=date(2019, 11, 25))
    shown["compare without"] = ask("compare", ALLIANCE, without="HERTS")
    return shown


def test_a_question_is_asked_with_a_joined_workbook(tmp_path: Path) -> None:
    """1,000.01 on 1 : 2, and 2,000 more for HERTS's own line: 333.34 (the odd penny), and 2,666.67."""
    book = write_book(tmp_path / "book.xlsx", two_forces())
    budgets: Table = [["unit", "year", "amount", "direct to"], ["ICT", "2018/19", 2000, "HERTS"]]
    more = write_book(tmp_path / "more.xlsx", {"Budgets": budgets})
    answer: Any = ask("compute", book, with_=str(more))
    assert [(row.force, row.amount) for row in answer.totals] == [("BEDS", 33_334), ("HERTS", 266_667)]
    assert [str(line.cells[0]) for line in answer.lines if line.component == "direct"] == ["more.xlsx: Budgets!C2"]
    with pytest.raises(Usage, match="no-such"):
        ask("compute", book, with_="no-such.xlsx")


def test_every_question_is_asked() -> None:
    assert set(ASKED) == {question.name for question in QUESTIONS if ".json" in question.suffixes}
    with pytest.raises(Usage, match="no question “pack”"):
        ask("pack", ALLIANCE)


@pytest.mark.long
def test_the_frame_of_an_answer_is_its_csv(asked: dict[str, Answer]) -> None:
    """The same rows and columns, and exact: what CSV writes of a cell is what is in the frame."""
    for name, answer in asked.items():
        header, *texts = tidy_csv.rows(answer.table())
        frame = answer.frame()
        assert list(frame.columns) == header, name
        assert len(frame) == len(texts) > 0, name


@pytest.mark.long
def test_no_frame_holds_a_float(asked: dict[str, Answer]) -> None:
    """Every table of every answer: bool, int64, text or objects, and what these are."""
    allowed = (Decimal, Fraction, int, str, bool, date, type(None))
    full = 0
    for name, answer in asked.items():
        for path in ("", *tables_of(type(answer))):
            frame = answer.frame(path)
            assert len(set(frame.columns)) == len(frame.columns), (name, path)
            full += len(frame) > 0
            for column in frame:
                assert frame[column].dtype in (bool, "int64", "str", object), (name, path, column)
                values = [part for value in frame[column] for part in (value if isinstance(value, tuple) else [value])]
                assert all(type(value) in allowed for value in values), (name, path, column)
    assert full > 30


@pytest.mark.long
def test_the_columns_of_money_are_exact_pounds(asked: dict[str, Answer]) -> None:
    for name, answer in asked.items():
        for path, declared in tables_of(type(answer)).items():
            rows, frame = getter(path)(answer) or (), answer.frame(path)
            for field in fields(declared):
                if field.kind is kind_of(Money) and not field.aside:
                    pence = [getattr(row, field.attribute) for row in rows]
                    pounds = [None if value is None else value * 100 for value in frame[field.name]]
                    assert pounds == pence, (name, path, field.name)


def test_a_question_that_cannot_be_answered() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"year": "2018"}, "2018/19"),
        ({"year": "2018/19..2016/17"}, "runs backwards"),
        ({"unit": "ITC"}, "there is no unit “ITC”"),
        ({"detail": "lines"}, "“lines” is not one of line, subjective"),
    ]
    for options, words in cases:
        with pytest.raises(Usage, match=words):
            ask("compute", COUNCILS, **options)
    with pytest.raises(Usage, match="51 is not from 1 to 50"):
        ask("mtfs", ALLIANCE, years=51)
    with pytest.raises(Usage, match="there is no question “computes”"):
        ask("computes", COUNCILS)
    with pytest.raises(TypeError, match="compute has no option base, files"):
        ask("compute", COUNCILS, "other.xlsx", base="2012/13")
    with pytest.raises(KeyError):
        ask("settle", ALLIANCE).frame("lines")


def test_only_narrows_what_is_shown(ledger: Ledger) -> None:
    years = ledger.years()
    shown = ledger.only(["ICT", "HR"], years[-2:])
    assert {(line.unit, line.year) for line in shown.lines} == {(u, y) for u in ("ICT", "HR") for y in years[-2:]}
    assert shown.controls == ledger.controls


def test_problems_are_all_there_at_once(tmp_path: Path) -> None:
    budgets = load_workbook(COUNCILS)["Budgets"]
    header = next(row for row in budgets.iter_rows() if any(cell.value == "amount" for cell in row))
    column = next(cell.column_letter for cell in header if cell.value == "amount")
    below = header[0].row or 0
    path = edited(tmp_path, ("Budgets", f"{column}{below + 1}", "abc"), ("Budgets", f"{column}{below + 2}", None))
    with pytest.raises(InputProblems) as raised:
        read_workbook(path)
    problems = raised.value.problems
    assert [(problem.sheet, problem.cell) for problem in problems] == [
        ("Budgets", f"{column}{below + 1}"),
        ("Budgets", f"{column}{below + 2}"),
    ]
    for problem in problems:
        assert isinstance(problem, Problem)
        assert problem.code
        assert problem.message
        assert problem.remedy
    assert problems[0].value == "abc"
    assert raised.value.source == "edited.xlsx"
    assert str(raised.value).startswith("2 problems in edited.xlsx\nBudgets!")


def test_problems_of_the_rules_come_by_the_same_door(tmp_path: Path) -> None:
    book = load_workbook(ALLIANCE)
    sheet = book["NRE"]
    for row in range(sheet.max_row, 4, -1):
        if sheet.cell(row, 1).value == "2018/19" and sheet.cell(row, 2).value == "BEDS":
            sheet.delete_rows(row)
    book.save(tmp_path / "gap.xlsx")
    inputs = read_workbook(tmp_path / "gap.xlsx")
    with pytest.raises(InputProblems) as raised:
        apportion(inputs)
    assert [problem.code for problem in raised.value.problems] == ["nre-missing"]


def test_a_failed_control_carries_every_control(tmp_path: Path) -> None:
    book = load_workbook(COUNCILS)
    sheet = book.create_sheet("Control totals")
    sheet.append(["year", "amount"])
    sheet.append(["2021/22", 600_000.01])
    book.save(tmp_path / "control.xlsx")
    with pytest.raises(ControlsFailed, match=r"difference −£0\.01") as raised:
        apportion(read_workbook(tmp_path / "control.xlsx"))
    assert [control.control for control in raised.value.controls if not control.passed] == [
        "budgets agree with the Control totals sheet"
    ]
    assert len(raised.value.controls) == 7


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no such"):
        read_workbook(tmp_path / "no such.xlsx")


def test_the_names_of_the_package() -> None:
    for name in bch_apportion.__all__:
        assert getattr(bch_apportion, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = bch_apportion.no_such_name
