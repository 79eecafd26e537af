"""Queries stand in front of every form of output; an answer moves them; --fail-on query ends with 5."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bch_apportion.questions import ask
from bch_apportion.questions.split.rows import Compute
from tests.books import Cell, opened, two_forces, write_book
from tests.program import run

LINE: list[Cell] = ["ICT", "2018/19", 30]
KEY = "duplicate-line Budgets ICT 2018/19 30.00"
SENTENCE = "Budgets has the same row twice: ICT, 2018/19, £30.00. All of them are counted"
EFFECT = "ICT 2018/19 BEDS −£10.00, HERTS −£20.00"


@pytest.fixture
def slip(tmp_path: Path) -> Path:
    return write_book(tmp_path / "slip.xlsx", two_forces(Budgets=[["unit", "year", "amount"], LINE, LINE]))


@pytest.fixture
def answered(tmp_path: Path) -> Path:
    answers: list[list[Cell]] = [["query", "answer", "who", "date"], [KEY, "Two licences", "Finance", "01/04/2018"]]
    sheets = two_forces(Budgets=[["unit", "year", "amount"], LINE, LINE], Answers=answers)
    return write_book(tmp_path / "answered.xlsx", sheets)


PARAGRAPH = f"1. Budgets!C2:C3: {SENTENCE}. If it is a slip: {EFFECT}. [{KEY}]"


@pytest.mark.parametrize("command", [["compute"], ["check"], ["settle"], ["explain", "--unit=ICT", "--year=2018/19"]])
def test_the_first_page_counts_it_under_its_title(slip: Path, command: list[str]) -> None:
    actuals = write_book(
        slip.parent / "with_actuals.xlsx",
        two_forces(
            Budgets=[["unit", "year", "amount"], LINE, LINE],
            Actuals=[["unit", "year", "amount", "paid by"], [*LINE, "BEDS"]],
        ),
    )
    ran = run(command[0], actuals, *command[1:], "-q")
    assert ran.code == 0
    assert ran.out.splitlines()[1] == "1 query unanswered, the largest moves £20: --show queries"
    if command != ["check"]:
        assert SENTENCE not in ran.out
    shown = run(command[0], actuals, *command[1:], "-q", "--show", "queries")
    assert shown.out.startswith("1 query unanswered: what could be right, and is more often a slip\n")
    assert PARAGRAPH in shown.out


def test_check_opens_with_it(slip: Path) -> None:
    shown = run("check", slip, "-q").out
    assert shown.index("Queries") < shown.index(PARAGRAPH) < shown.index("Is the demand data robust")


def test_json_has_it_with_its_effect(slip: Path, answered: Path) -> None:
    (query,) = json.loads(run("compute", slip, "--json").out)["queries"]
    assert query == {
        "code": "duplicate-line",
        "key": KEY,
        "cells": ["Budgets!C2", "Budgets!C3"],
        "message": SENTENCE,
        "effect": [
            {"unit": "ICT", "year": "2018/19", "force": "BEDS", "amount": "-10.00"},
            {"unit": "ICT", "year": "2018/19", "force": "HERTS", "amount": "-20.00"},
        ],
        "answer": None,
    }
    (query,) = json.loads(run("check", answered, "--json").out)["queries"]
    assert query["answer"] == {"answer": "Two licences", "who": "Finance", "date": "2018-04-01"}


def test_a_notebook_has_it_too(slip: Path) -> None:
    answer = ask("compute", slip)
    assert isinstance(answer, Compute)
    assert [query.key for query in answer.queries] == [KEY]


def test_csv_says_it_on_standard_error(slip: Path) -> None:
    ran = run("compute", slip, "--csv", "-q")
    assert ran.out.startswith("unit,year,")
    assert SENTENCE in ran.err


def test_the_workbook_has_it_on_the_sheet_after_the_cover(slip: Path, answered: Path, tmp_path: Path) -> None:
    assert run("compute", slip, "-q", "-o", tmp_path / "slip_result.xlsx").code == 0
    book = opened(tmp_path / "slip_result.xlsx")
    assert "Queries" in book.sheetnames[:3]
    assert "Effects of queries" in book.sheetnames
    assert run("compute", answered, "-q", "-o", tmp_path / "answered_result.xlsx").code == 0
    book = opened(tmp_path / "answered_result.xlsx")
    assert "Queries" not in book.sheetnames
    assert "Answered queries" in book.sheetnames


@pytest.mark.parametrize("suffix", ["md", "html"])
def test_paper_and_page_have_it_first_and_the_answers_last(
    slip: Path, answered: Path, tmp_path: Path, suffix: str
) -> None:
    for workbook in (slip, answered):
        assert run("compute", workbook, "-q", "--full", "-o", tmp_path / f"{workbook.stem}.{suffix}").code == 0
    text = (tmp_path / f"slip.{suffix}").read_text(encoding="utf-8")
    assert 0 < text.index("query unanswered") < text.index("To decide")
    text = (tmp_path / f"answered.{suffix}").read_text(encoding="utf-8")
    assert "query unanswered" not in text
    assert text.index("To decide") < text.index("Two licences")


@pytest.mark.parametrize(
    "command", [["compute"], ["check"], ["track"], ["explain", "--unit=ICT", "--year=2018/19"], ["mtfs", "--years=1"]]
)
def test_fail_on_query(slip: Path, answered: Path, tmp_path: Path, command: list[str]) -> None:
    output = tmp_path / "result.json"
    assert run(command[0], slip, *command[1:], "-q", "--fail-on=query", "-o", output).code == 5
    assert output.exists()
    assert run(command[0], answered, *command[1:], "-q", "--fail-on=query", "-o", output, "--overwrite").code == 0
    assert run(command[0], slip, *command[1:], "-q").code == 0


def test_a_query_that_is_not_shown_counts_for_fail_on(tmp_path: Path) -> None:
    budgets: list[list[Cell]] = [["unit", "year", "amount"], LINE, LINE, ["HR", "2018/19", 5]]
    book = write_book(tmp_path / "two.xlsx", two_forces(Units=[["unit"], ["ICT"], ["HR"]], Budgets=budgets))
    ran = run("compute", book, "--unit=HR", "--fail-on=query", "--json")
    assert ran.code == 5
    assert json.loads(ran.out)["queries"] == []


def test_the_query_of_the_other_workbook_names_it(slip: Path, tmp_path: Path) -> None:
    sound = write_book(tmp_path / "sound.xlsx", two_forces())
    (query,) = json.loads(run("compare", sound, slip, "--json").out)["queries"]
    assert query["cells"] == ["slip.xlsx: Budgets!C2", "slip.xlsx: Budgets!C3"]


def test_several_thresholds(slip: Path) -> None:
    assert run("variance", slip, "--against=budget", "-q", "--fail-on=red", "--fail-on=query").code == 5
    assert run("variance", slip, "--against=budget", "-q", "--fail-on=red").code == 0


def test_check_lists_the_answered_queries_too_behind_the_rest(answered: Path) -> None:
    shown = run("check", answered, "-q", "--full").out
    assert "No query is unanswered." in shown
    assert 0 < shown.index("Controls") < shown.index("Queries that are answered") < shown.index("Two licences")
    assert "Two licences" not in run("compute", answered, "-q").out
