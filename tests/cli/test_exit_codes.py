"""How the program ends: 0, 1, 2, 3 and 4; with anything but 0 no figure is shown and no file is written."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.books import Table, two_forces, write_book
from tests.program import COUNCILS, PROGRAM, Ran, run

FILES = ("result.xlsx", "result.csv", "result.json")
FIGURE = re.compile(r"\d,\d{3}\.\d\d|\d\.\d\d\b")


def outputs(folder: Path) -> list[str | Path]:
    return [word for name in FILES for word in ("-o", folder / name)]


def nothing_written(folder: Path) -> bool:
    return [path.name for path in folder.iterdir()] == ["book.xlsx"]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write_book(tmp_path / "book.xlsx", two_forces())


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    budgets: Table = [["unit", "year", "amount"], ["ICT", "2018/19", None], ["ICT", "2018", 5]]
    return write_book(tmp_path / "book.xlsx", two_forces(Budgets=budgets))


@pytest.fixture
def disagreeing(tmp_path: Path) -> Path:
    totals: Table = [["year", "amount"], ["2018/19", 1000.02]]
    return write_book(tmp_path / "book.xlsx", two_forces(Control_totals=totals))


@pytest.mark.parametrize("command", ["compute", "check"])
def test_0_done(sound: Path, command: str) -> None:
    assert run(command, sound).code == 0


def test_0_with_every_file(sound: Path, tmp_path: Path) -> None:
    assert run("compute", sound, *outputs(tmp_path)).code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"book.xlsx", *FILES, "result.csv-metadata.json"}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["compute"],
        ["compute", "no such file.xlsx"],
        ["compute", "BOOK", "--nonsense"],
        ["compute", "BOOK", "--year", "2018"],
        ["compute", "BOOK", "--year", "2019/20..2018/19"],
        ["compute", "BOOK", "--year", "2019/20"],
        ["compute", "BOOK", "--unit", "Planing applications"],
        ["compute", "BOOK", "--in", "millions"],
        ["compute", "BOOK", "--as-at", "yesterday"],
        ["explain", "BOOK"],
        ["explain", "BOOK", "--unit", "Council tax", "--year", "2021"],
        ["explain", "BOOK", "--unit", "Council tax", "--year", "2021/22", "--force", "SHDCC"],
    ],
    ids=lambda words: " ".join(words) or "nothing",
)
def test_2_usage(arguments: list[str]) -> None:
    ran = run(*(str(COUNCILS) if word == "BOOK" else word for word in arguments))
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert not FIGURE.search(ran.out)


def test_2_says_which_name_was_meant() -> None:
    ran = run("compute", COUNCILS, "--unit", "Planing applications")
    assert "there is no unit “Planing applications”" in ran.err
    assert "Planning applications" in ran.err


def test_3_problems(broken: Path, tmp_path: Path) -> None:
    ran = run("compute", broken, *outputs(tmp_path), "-o", "-")
    assert (ran.code, ran.out) == (3, "")
    assert "Budgets!C2" in ran.err
    assert "Budgets!B3" in ran.err
    assert nothing_written(tmp_path)


def test_3_check_tells_them_as_its_result(broken: Path) -> None:
    ran = run("check", broken)
    assert (ran.code, ran.err) == (3, "")
    assert "Budgets!C2" in ran.out


def test_3_in_explain(broken: Path) -> None:
    assert run("explain", broken, "--unit", "ICT", "--year", "2018/19").code == 3


def test_4_a_control_total_that_does_not_agree(disagreeing: Path, tmp_path: Path) -> None:
    ran = run("compute", disagreeing, *outputs(tmp_path), "-o", "-")
    assert (ran.code, ran.out) == (4, "")
    assert f"A control failed in {disagreeing.name}; no figures were written." in ran.err
    assert (
        "budgets agree with the Control totals sheet: all units 2018/19: budgets £1,000.01, "
        "Control totals!B2 £1,000.02, difference −£0.01\n"
        "  → correct the budget lines or the control total; `bch-apportion check` lists the queries that may say why\n"
    ) in ran.err
    assert nothing_written(tmp_path)


def test_4_check_names_the_query_that_may_say_why(tmp_path: Path) -> None:
    """A line given twice breaks the control total, and is the same row twice."""
    budgets: Table = [["unit", "year", "amount"], ["ICT", "2018/19", 500], ["ICT", "2018/19", 500]]
    sheets = two_forces(Budgets=budgets, Control_totals=[["year", "amount"], ["2018/19", 500]])
    book = write_book(tmp_path / "book.xlsx", sheets)
    ran = run("check", book)
    assert (ran.code, ran.out) == (4, "")
    assert (
        "  → correct the budget lines or the control total\n1. Budgets!C2:C3: Budgets has the same row twice" in ran.err
    )
    assert [query["code"] for query in json.loads(run("check", book, "--json").out)["queries"]] == ["duplicate-line"]


def test_4_as_json(disagreeing: Path) -> None:
    ran = run("compute", disagreeing, "--json")
    document = json.loads(ran.out)
    assert (ran.code, ran.err) == (4, "")
    assert document["schema"] == "bch-apportion/controls/1"
    assert [control["passed"] for control in document["controls"]].count(False) == 1
    assert "lines" not in document


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_4_in_check(disagreeing: Path, form: list[str]) -> None:
    ran = run("check", disagreeing, *form)
    assert ran.code == 4
    assert "£1,000.02" in ran.out + ran.err


def test_4_in_explain(disagreeing: Path) -> None:
    ran = run("explain", disagreeing, "--unit", "ICT", "--year", "2018/19")
    assert (ran.code, ran.out) == (4, "")


def test_4_a_line_of_the_ledger_gone_astray(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours that loses a penny ends in a failed control, not in figures."""
    from bch_apportion.money import split
    from bch_apportion.recipe import order as recipe

    monkeypatch.setattr(
        recipe, "split", lambda total, weights: [split(total, weights)[0] - 1, *split(total, weights)[1:]]
    )
    ran = run("compute", sound, *outputs(tmp_path), "-o", "-")
    assert (ran.code, ran.out) == (4, "")
    assert "lines sum to the budget: ICT 2018/19" in ran.err
    assert nothing_written(tmp_path)


def faulty(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str) -> Ran:
    from bch_apportion.recipe import order as recipe

    def fault(*_: object) -> None:
        raise RuntimeError("a fault on purpose")

    monkeypatch.setattr(recipe, "split", fault)
    return run("compute", folder / "book.xlsx", *outputs(folder), "-o", "-", *options)


def test_1_a_fault_in_the_program(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sound.exists()
    ran = faulty(monkeypatch, tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert "a fault in the program: RuntimeError: a fault on purpose" in ran.err
    assert "Traceback" not in ran.err
    assert nothing_written(tmp_path)


def test_1_with_its_traceback(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sound.exists()
    ran = faulty(monkeypatch, tmp_path, "-v")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Traceback (most recent call last):")
    assert "RuntimeError: a fault on purpose" in ran.err
    assert nothing_written(tmp_path)


@pytest.mark.parametrize("words", [("compute",), ("compute", "--json"), ("check",)])
def test_2_standard_output_is_closed(sound: Path, words: tuple[str, ...]) -> None:
    command = f"{shlex.join([*PROGRAM, words[0], str(sound), *words[1:]])} >&-"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    says = "bch-apportion: the output cannot be written: standard output is closed\n"
    assert (ended.returncode, ended.stderr[-len(says) :]) == (2, says)


def test_0_with_standard_output_closed_where_files_alone_are_written(sound: Path, tmp_path: Path) -> None:
    command = f"{shlex.join([*PROGRAM, 'compute', str(sound), '-q', '-o', str(tmp_path / 'result.json')])} >&-"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0
    assert json.loads((tmp_path / "result.json").read_text())["schema"] == "bch-apportion/compute/1"


def test_0_where_the_reader_has_seen_enough() -> None:
    command = f"{shlex.join([*PROGRAM, 'compute', str(COUNCILS), '--json'])} | head -1"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("{\n", "")


def test_6_where_the_reader_has_seen_enough(sound: Path, tmp_path: Path) -> None:
    """The pipe breaks as the answer is handed over: the exit code stands by then."""
    result = tmp_path / "result.csv"
    for text, code in (("333.34", 0), ("333.33", 6)):
        assert run("compute", sound, "-q", "--overwrite", "-o", result).code == 0
        result.write_text(result.read_text("utf-8").replace("333.34", text), "utf-8")
        with patch("bch_apportion.writing.terminal.show", side_effect=BrokenPipeError), patch("os.dup2"):
            assert run("verify", result, sound).code == code
