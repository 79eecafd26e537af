"""Laws of `verify` on random workbooks, as people write them: one cell is changed, and that cell is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell

from tests.independent.books import random_book, write_tidy, write_untidy
from tests.program import run

pytestmark = pytest.mark.long
SUFFIXES = (".xlsx", ".csv", ".json", ".md", ".html")
INPUTS = {"Budgets": "amount", "NRE": "nre", "Demand": "volume", "Baselines": "amount"}  # sheets of figures


def figures(path: Path, sheets: tuple[str, ...]) -> Iterator[tuple[str, Cell]]:
    """The cells of numbers below the header of these sheets."""
    book = load_workbook(path, data_only=True)
    for name in sheets:
        if name in book.sheetnames:
            for row in book[name].iter_rows(min_row=2):
                for cell in row:
                    if isinstance(cell, Cell) and type(cell.value) in (int, float):
                        yield name, cell


@pytest.mark.parametrize("seed", range(500, 512))
def test_a_cell_of_the_input_is_changed_and_named(seed: int, tmp_path: Path) -> None:
    """In a tidy book every number of these sheets is an input, wherever it stands."""
    rng, source, suffix = Random(seed), tmp_path / "book.xlsx", SUFFIXES[seed % len(SUFFIXES)]
    write_tidy(random_book(seed, 2 + seed % 3), source)
    result = tmp_path / f"result{suffix}"
    assert run("compute", source, "-o", result, "-q").code == 0
    sheet, chosen = rng.choice(list(figures(source, tuple(INPUTS))))
    book = load_workbook(source)
    cell = book[sheet][chosen.coordinate]
    assert isinstance(cell, Cell)
    before, cell.value = cell.value, float(str(cell.value)) + 1
    book.save(source)
    ran = run("verify", result, source, "--json")
    document = json.loads(ran.out)
    if ran.code == 3:  # the change made the input unfit: control totals, a baseline beside another
        assert document["schema"] == "bch-apportion/problems/1"
        return
    if ran.code == 4:
        assert document["schema"] == "bch-apportion/controls/1"
        return
    assert (ran.code, document["edited"]) == (6, [])
    (changed,) = document["input"]["cells"]
    assert changed["place"] == f"{sheet}!{chosen.coordinate}"
    assert float(changed["now"]) - float(changed["then"]) == pytest.approx(1)
    assert float(changed["then"]) == before


@pytest.mark.parametrize("seed", range(520, 530))
def test_a_cell_of_the_result_is_edited_and_named(seed: int, tmp_path: Path) -> None:
    """Of a workbook of values and, by its other name, of a CSV; the input is as somebody's hand wrote it."""
    rng, source, result = Random(seed), tmp_path / "book.xlsx", tmp_path / "result.xlsx"
    write_untidy(random_book(seed, 2 + seed % 3), source, seed)
    assert run("compute", source, "-o", result, "-o", tmp_path / "lines.csv", "--values", "-q").code == 0
    assert run("verify", result, source).code == 0
    assert run("verify", tmp_path / "lines.csv", source).code == 0
    sheet, chosen = rng.choice(list(figures(result, ("Splits", "Lines", "No loser"))))
    book = load_workbook(result)
    cell = book[sheet][chosen.coordinate]
    assert isinstance(cell, Cell)
    cell.value = float(str(cell.value)) + 0.01
    book.save(result)
    ran = run("verify", result, source, "--json")
    document = json.loads(ran.out)
    assert (ran.code, document["moved"], document["input"]["changed"]) == (6, [], False)
    assert [edit["place"] for edit in document["edited"]] == [f"{sheet}!{chosen.coordinate}"]
