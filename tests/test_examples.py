"""The example workbooks are what `python examples/build.py` writes, cell by cell, and can be computed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.running import ALLIANCE, COUNCILS, EXAMPLES, ROOT, run


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples built anew, in a copy."""
    folder = tmp_path_factory.mktemp("rebuilt")
    (folder / "examples").mkdir()
    shutil.copy(EXAMPLES / "build.py", folder / "examples")
    shutil.copytree(ROOT / "data", folder / "data")
    subprocess.run([sys.executable, str(folder / "examples" / "build.py")], check=True, cwd=folder)
    return folder / "examples"


def contents(path: Path) -> dict[str, dict[str, tuple[Any, str]]]:
    """Every filled cell of every sheet: its value and its number format."""
    book = load_workbook(path)
    return {
        sheet.title: {
            cell.coordinate: (cell.value, str(cell.number_format))
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for sheet in book.worksheets
    }


@pytest.mark.parametrize("name", ["alliance.xlsx", "south_hams_west_devon.xlsx"])
def test_rebuilt_cell_by_cell(rebuilt: Path, name: str) -> None:
    committed, again = contents(EXAMPLES / name), contents(rebuilt / name)
    assert list(committed) == list(again)
    for sheet, cells in committed.items():
        assert cells == again[sheet], sheet


def test_nothing_else_is_built(rebuilt: Path) -> None:
    assert sorted(path.name for path in rebuilt.iterdir()) == [
        "alliance.xlsx",
        "build.py",
        "south_hams_west_devon.xlsx",
    ]


@pytest.mark.parametrize("path", [ALLIANCE, COUNCILS], ids=lambda path: path.stem)
def test_no_example_has_a_problem(path: Path) -> None:
    assert run("check", path).code == 0
