"""The tidy CSV: it is the ledger's lines, and no text of a workbook is live in it."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Literal

import pytest

from bch_apportion import Ledger, apportion, read_workbook
from bch_apportion.questions.split.rule import answer
from bch_apportion.writing import tidy_csv
from bch_apportion.writing.tidy_csv import LIVE, inert
from tests.books import LIVE_TEXTS, with_live_texts
from tests.program import ALLIANCE, run


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return apportion(read_workbook(ALLIANCE))


def compute(ledger: Ledger, by: Literal["line", "subjective"] | None = None) -> str:
    out = StringIO(newline="")
    tidy_csv.write(tidy_csv.rows(answer(ledger, by).table()), out)
    return out.getvalue()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def test_one_row_for_each_line(ledger: Ledger) -> None:
    written = rows(compute(ledger))
    assert list(written[0]) == ["unit", "year", "component", "force", "basis", "share", "amount", "reference", "cells"]
    assert [
        (row["unit"], row["year"], row["component"], row["force"], row["basis"], int(Decimal(row["amount"]) * 100))
        for row in written
    ] == [
        (line.unit, str(line.year), str(line.component), line.force, str(line.basis), line.pence)
        for line in ledger.lines
    ]
    for row, line in zip(written, ledger.lines, strict=True):
        assert row["cells"] == "; ".join(map(str, line.cells))
        if line.share is None:
            assert row["share"] == ""
        else:
            assert abs(Fraction(row["share"]) - line.share) <= Fraction(1, 2_000_000)


def test_plain_numbers_in_plain_lines(ledger: Ledger) -> None:
    text = compute(ledger)
    assert text.endswith("\n")
    assert "\r" not in text
    assert "£" not in text
    assert all(len(row["amount"].partition(".")[2]) == 2 and "," not in row["amount"] for row in rows(text))


@pytest.mark.parametrize("by", ["line", "subjective"])
def test_the_detail_sums_to_the_lines(ledger: Ledger, by: Literal["line", "subjective"]) -> None:
    written = rows(compute(ledger, by))
    assert list(written[0])[-2:] == ["line", "subjective"]
    sums: dict[tuple[str, ...], Decimal] = {}
    for row in written:
        key = (row["unit"], row["year"], row["component"], row["force"])
        sums[key] = sums.get(key, Decimal(0)) + Decimal(row["amount"])
    lines = {(line.unit, str(line.year), line.component, line.force): line.pence for line in ledger.lines if line.pence}
    assert {key: int(amount * 100) for key, amount in sums.items()} == lines


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1"])
def test_a_live_text_is_made_inert(text: str) -> None:
    assert inert(text) == "'" + text


@pytest.mark.parametrize("text", ["", "ICT", "a=1", "1-2", " =1", "'=1"])
def test_any_other_text_is_left_alone(text: str) -> None:
    assert inert(text) == text


@pytest.mark.parametrize("detail", [[], ["--detail", "line"], ["--detail", "subjective"]])
def test_no_text_of_the_workbook_is_live(tmp_path: Path, detail: list[str]) -> None:
    path = with_live_texts(tmp_path / "live.xlsx")
    written = rows(run("compute", path, "--csv", "-q", *detail).out)
    assert {row["unit"] for row in written} == {"'" + text for text in LIVE_TEXTS}
    assert {row["force"] for row in written} == {"BEDS", "'@HERTS"}
    for row in written:
        assert not any(value.startswith(LIVE) for name, value in row.items() if name != "amount"), row
        assert Decimal(row["amount"]) < 0  # a number keeps its sign
    if detail == ["--detail", "line"]:
        assert (
            {row["line"] for row in written}
            == {row["subjective"] for row in written}
            == {row["unit"] for row in written}
        )


def test_standard_output_and_file_are_the_same(tmp_path: Path) -> None:
    target = tmp_path / "lines.csv"
    ran = run("compute", ALLIANCE, "--csv", "-o", target, "-o", "-")
    assert ran.code == 0
    assert ran.out == target.read_text("utf-8")
    assert ran.err.startswith(f"Written: {target}\n")
