"""Random workbooks, written neatly and as people write: read, apportioned, and compared with a second calculation."""

from __future__ import annotations

from pathlib import Path

import pytest

from bch_apportion import apportion, read_workbook
from bch_apportion.reports.documents import compute
from tests.independent.against import SIZES, compare
from tests.independent.books import random_book, write_tidy, write_untidy
from tests.independent.calculation import calculate


@pytest.mark.parametrize("seed", range(1, 43))
def test_a_random_book(seed: int, tmp_path: Path) -> None:
    book = random_book(seed, SIZES[seed % len(SIZES)])
    expected = calculate(book)
    tidy, untidy = tmp_path / "tidy.xlsx", tmp_path / "untidy.xlsx"
    write_tidy(book, tidy)
    write_untidy(book, untidy, seed)
    for path in (tidy, untidy):
        assert compare(compute(apportion(read_workbook(path))), expected) == [], path.name


def test_the_comparison_sees_a_penny(tmp_path: Path) -> None:
    book = random_book(1, 2)
    path = tmp_path / "book.xlsx"
    write_tidy(book, path)
    expected = calculate(book)
    expected.lines[0].pence += 1
    assert len(compare(compute(apportion(read_workbook(path))), expected)) == 1
