"""What the README and the pages say is what the program does."""

from __future__ import annotations

import doctest
import importlib.util
import json
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest

from bch_apportion import questions
from bch_apportion.cli import cli
from bch_apportion.cli.building import build
from bch_apportion.writing.documents import to_text
from bch_apportion.writing.schema import read_answer
from tests.program import run

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_those_of_the_program() -> None:
    for path, text in generator().pages().items():
        assert path.read_text("utf-8") == text, f"{path.name} is out of date: python docs/generate.py"


def test_the_outputs_in_the_readme_are_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"<!-- output: (.+?) -->\n```text\n(.+?)```", README, re.DOTALL)
    assert blocks
    for command, text in blocks:
        words = shlex.split(command)
        assert words[0] == "bch-apportion"
        ran = run(*words[1:])
        assert ran.code == 0
        printed_in_order(text, ran.out)


def test_the_screens_in_the_readme_are_the_tested_ones() -> None:
    blocks = re.findall(r"<!-- screen: (.+?) -->\n```text\n(.+?)```", README, re.DOTALL)
    assert blocks
    for name, text in blocks:
        printed_in_order(text, (ROOT / "tests/screens" / f"{name}.txt").read_text("utf-8"))


def printed_in_order(text: str, out: str) -> None:
    """Every line of a text is printed, in this order; … stands for lines left out."""
    printed = iter([line.rstrip() for line in out.splitlines()])
    for line in text.splitlines():
        if line != "…":
            assert line.rstrip() in printed, f"not printed, or not in this order: {line}"


def test_the_commands_of_the_readme_are_the_programs() -> None:
    out = run("--help").out
    for command in re.findall(r"^\| `bch-apportion (\w+)", README, re.MULTILINE):
        assert f"  {command} " in out


def test_the_first_commands_stand_once_each() -> None:
    for mark in ("run", "test"):
        assert README.count(f"<!-- {mark} -->") == 1
    assert "python3 -m venv .venv" in README and "py -m venv .venv" in README


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in (
        ROOT / "README.md",
        *(ROOT / "docs").glob("*.md"),
        ROOT / "CONTRIBUTING.md",
        ROOT / "examples/README.md",
    ):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", ["docs/library.md"])
def test_examples_in_the_pages_run(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(ROOT / page), module_relative=False, encoding="utf-8")
    assert result.attempted > 5 and result.failed == 0


@pytest.mark.long
def test_the_question_of_contributing_can_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "tallying"
    folder.mkdir()
    contributing = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for name, text in re.findall(r"<!-- file: (\w+\.py) -->\n```python\n(.+?)```", contributing, re.DOTALL):
        (folder / name).write_text(text, "utf-8")
    monkeypatch.setattr(questions, "__path__", [*questions.__path__, str(tmp_path)])
    command = importlib.import_module("bch_apportion.questions.tallying.command")
    monkeypatch.setitem(cli.commands, "tally", build(command.COMMAND))
    monkeypatch.chdir(ROOT)
    asked = ("tally", ALLIANCE, "--year", "2018/19", "-q")
    assert run(*asked, "--csv").out == "force,year,lines\nBEDS,2018/19,18\nCAMBS,2018/19,17\nHERTS,2018/19,16\n"
    assert json.loads(run(*asked, "--json").out)["counts"][0] == {"force": "BEDS", "year": "2018/19", "lines": 18}
    assert "BEDS   2018/19     18\n" in run(*asked).out
    assert run(*asked, "-o", tmp_path / "tally.xlsx").code == 0
    assert run("verify", tmp_path / "tally.xlsx", ALLIANCE).code == 0


ANSWERS = generator().answers()
ALLIANCE = "examples/alliance.xlsx"
ASKED = {
    "compute-1": [
        ["compute", ALLIANCE, "--json"],
        ["compute", ALLIANCE, "--json", "--detail", "line", "--year", "2016/17"],
        ["compute", "examples/south_hams_west_devon.xlsx", "--json", "--as-at", "2022-03-31"],
    ],
    "check-1": [["check", ALLIANCE, "--json"]],
    "explain-1": [
        ["explain", ALLIANCE, "--unit", unit, "--year", year, "--json"]
        for unit in ("ICT", "HR", "Firearms Licensing", "Scientific Services", "Professional Standards")
        for year in ("2012/13", "2016/17", "2019/20")
    ],
    "variance-1": [
        ["variance", ALLIANCE, "--json"],
        ["variance", ALLIANCE, "--against", "budget", "--json"],
        ["variance", ALLIANCE, "--against", "2012/13", "--real", "--json"],
    ],
    "track-1": [["track", ALLIANCE, "--json"], ["track", ALLIANCE, "--base", "2012/13", "--json"]],
    "settle-1": [["settle", ALLIANCE, "--json"], ["settle", ALLIANCE, "--year", "2017/18", "--json"]],
    "status-1": [["status", ALLIANCE, "--json"], ["status", ALLIANCE, "--year", "2015/16..2016/17", "--json"]],
    "benchmark-1": [["benchmark", ALLIANCE, "--json"], ["benchmark", ALLIANCE, "--outturn", "--json"]],
    "monitor-1": [["monitor", ALLIANCE, "--as-at", "2019-08-31", "--json"]],
    "mtfs-1": [
        ["mtfs", ALLIANCE, "--json"],
        ["mtfs", ALLIANCE, "--scenario", "examples/high_pay.toml", "--sensitivity", "--fms", "--json"],
        ["mtfs", ALLIANCE, "--runs", "50", "--as-at", "2019-11-25", "--base-year", "2018/19", "--json"],
    ],
    "compare-1": [
        ["compare", ALLIANCE, "examples/wider_base.toml", "--json"],
        ["compare", ALLIANCE, "--basis", "nre", "--basis", "demand", "--json"],
        ["compare", ALLIANCE, "--without", "HERTS", "--json"],
    ],
    "count-1": [["count", "examples/demand.toml", "--json"]],
    "problems-1": [["compute", "examples/build.py", "--json"]],  # verify-1: tests/verify/test_verify.py
}


LONG = {"explain-1", "variance-1", "mtfs-1", "compare-1", "count-1"}  # count loads DuckDB


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.long] * (name in LONG)) for name in ASKED])
def test_reading_what_was_written_returns_what_there_was(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for words in ASKED[name]:
        out = run(*words).out
        assert json.loads(out)["schema"] == f"bch-apportion/{name.replace('-', '/')}"
        assert to_text(read_answer(ANSWERS[name], out)) == out


def test_every_answer_is_asked_for() -> None:
    elsewhere = {"controls-1", "verify-1"}  # tests/cli/test_exit_codes.py, tests/verify/test_verify.py
    assert set(ANSWERS) - set(ASKED) == elsewhere
