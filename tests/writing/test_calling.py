"""The forces may be called councils or partners: headings and sentences follow, names of the workbook do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.books import Cell, two_forces, write_book
from tests.program import run


@pytest.fixture
def book(tmp_path: Path) -> Path:
    settings = [["name", "value"], ["members called", "Councils"]]
    budgets: list[list[Cell]] = [["unit", "year", "amount"], ["Task force", "2018/19", 30]]
    return write_book(
        tmp_path / "b.xlsx", two_forces(Units=[["unit"], ["Task force"]], Budgets=budgets, Settings=settings)
    )


def test_headings_and_sentences_follow(book: Path, tmp_path: Path) -> None:
    out = run("compute", book, "-q", "--full").out
    assert out.startswith("What each council pays in 2018/19")
    assert "Every parameter" not in out and "What each council pays in 2018/19 (£)" in out
    assert "council" in next(line for line in out.splitlines() if line.startswith("unit        year     component"))
    assert "Parameters in force" in out and "Task force" in out and "Task council" not in out
    assert "each force" not in out and "the forces" not in out


@pytest.mark.parametrize("suffix", [".html", ".md", ".xlsx"])
def test_in_every_file(book: Path, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"r{suffix}"
    assert run("compute", book, "-q", "-o", target).code == 0
    if suffix != ".xlsx":
        assert "What each council pays" in target.read_text("utf-8")
    assert run("verify", target, book, "-q").code == 0


def test_json_keeps_its_names(book: Path) -> None:
    assert '"force": "BEDS"' in run("compute", book, "--json").out


def test_a_word_that_is_none(tmp_path: Path) -> None:
    ran = run(
        "compute", write_book(tmp_path / "b.xlsx", two_forces(Settings=[["name", "value"], ["members called", "3"]]))
    )
    assert ran.code == 3 and "is no word for several" in ran.err
