"""References of agreed shares and baselines, tidy and wide."""

from __future__ import annotations

from pathlib import Path

import pytest

from bch_apportion import read_workbook
from tests.books import Table, two_forces, write_book

TIDY: Table = [
    ["unit", "from year", "force", "share %", "reference"],
    ["ICT", "2018/19", "BEDS", 40, "minute 14"],
    ["ICT", "2018/19", "HERTS", 60, "minute 15"],
]
WIDE: Table = [["unit", "from year", "BEDS", "HERTS", "reference"], ["ICT", "2018/19", 40, 60, "minute 14"]]
PAID: Table = [["unit", "force", "amount", "reference"], ["ICT", "BEDS", 1, "minute 9"], ["ICT", "HERTS", 2, None]]


@pytest.mark.parametrize(("table", "reference"), [(TIDY, "minute 14; minute 15"), (WIDE, "minute 14")])
def test_the_reference_of_an_agreed_set(table: Table, reference: str, tmp_path: Path) -> None:
    given = read_workbook(write_book(tmp_path / "book.xlsx", two_forces(Agreed_shares=table)))
    assert [agreed.reference for agreed in given.agreed["ICT"]] == [reference]


def test_the_reference_of_baselines(tmp_path: Path) -> None:
    given = read_workbook(write_book(tmp_path / "book.xlsx", two_forces(Baselines=PAID)))
    assert {force: own.reference for force, own in given.baselines["ICT"].items()} == {"BEDS": "minute 9", "HERTS": ""}
