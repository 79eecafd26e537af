"""The example workbooks are what `python examples/build.py` writes, cell by cell, and can be computed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.program import ALLIANCE, COUNCILS, EXAMPLES, ROOT, run


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples built anew, in a copy."""
    folder = tmp_path_factory.mktemp("rebuilt")
    (folder / "examples").mkdir()
    shutil.copy(EXAMPLES / "build.py", folder / "examples")
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "src" / "bch_apportion" / "template").mkdir(parents=True)
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


def test_the_example_of_the_package_is_that_of_the_tables(rebuilt: Path) -> None:
    place = Path("src") / "bch_apportion" / "template" / "example.json"
    assert (ROOT / place).read_bytes() == (rebuilt.parent / place).read_bytes()


def test_nothing_else_is_built(rebuilt: Path) -> None:
    assert sorted(path.name for path in rebuilt.iterdir()) == [
        "alliance.xlsx",
        "build.py",
        "south_hams_west_devon.xlsx",
    ]


@pytest.mark.parametrize("path", [ALLIANCE, COUNCILS], ids=lambda path: path.stem)
def test_no_example_has_a_problem(path: Path) -> None:
    assert run("check", path).code == 0


# The worked round of MTFS preparation


def round_of(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the script says and how it ends, run as a person would in the project's folder."""
    program = Path(sys.executable).parent
    env = {"PATH": f"{program}{os.pathsep}{os.environ['PATH']}", "LANG": "C", **environment}
    command = ["sh", "examples/mtfs_round.sh", *(words or ("examples/alliance.xlsx", str(folder)))]
    return subprocess.run(
        command, cwd=ROOT, env=env, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


@pytest.mark.long
def test_the_round_writes_everything_and_the_gate_is_shut(tmp_path: Path) -> None:
    ran = round_of(tmp_path)
    assert (ran.returncode, ran.stderr) == (5, "")
    assert ran.stdout.splitlines() == [
        f"made {tmp_path}/high_pay.csv",
        f"made {tmp_path}/wider_base.csv",
        f"made {tmp_path}/mtfs.xlsx",
        f"the gate is shut: a significant variance of 2018/19 is unexplained, see {tmp_path}/variance.csv",
    ]
    assert {"check.json", "mtfs.json", "variance.csv"} < {path.name for path in tmp_path.iterdir()}
    document = json.loads((tmp_path / "mtfs.json").read_text("utf-8"))
    assert document["scenarios"] == ["base", "high_pay", "wider_base"]
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    again = round_of(tmp_path, LC_ALL="C.UTF-8")
    assert again.stdout.splitlines()[0] == f"made {tmp_path}/mtfs.xlsx"  # the others are up to date
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_gate_is_open_where_nothing_is_owed(tmp_path: Path) -> None:
    explained = tmp_path / "explained.toml"
    rows = "".join(
        f'[[Explanations]]\nunit = "{unit}"\nyear = "2018/19"\ncause = "all"\ntext = "agreed by the Summit"\n'
        for unit in ("Armed Policing", "Firearms Licensing")
    )
    explained.write_text(rows, "utf-8")
    gate = run("variance", ALLIANCE, "--year", "2018/19", "--fail-on", "unexplained", "--scenario", explained)
    assert gate.code == 0


def test_the_round_ends_where_the_workbook_has_problems(tmp_path: Path) -> None:
    ran = round_of(tmp_path, "examples/build.py", str(tmp_path / "out"))
    assert ran.returncode == 3
    assert list((tmp_path / "out").iterdir()) == []
