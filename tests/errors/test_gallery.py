"""Every message that a workbook can earn, with its exact words; and many faults at once, each told once."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .spoil import Case, cases, make, problems, told

SOURCE = Path(__file__).parents[2] / "src" / "bch_apportion"
SAYING = {"Problem": 0, "Unreadable": 0, "say": 0, "refusal": 0}  # which argument is the code
MADE = {  # codes put together where they are used
    "unknown-": {"unknown-force", "unknown-unit", "unknown-measure"},
    "not-": {"not-an-amount", "not-a-number", "not-a-percentage"},
}


def codes_in_source() -> set[str]:
    """The code of every problem that the program can report."""
    codes: set[str] = set()
    for path in sorted(set(SOURCE.rglob("*.py")) - set(SOURCE.glob("counting/*.py"))):  # tests/counting has those
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = SAYING.get(name)
            if name == "__init__" and node.args and isinstance(node.args[0], ast.JoinedStr):
                place = 0  # an Unreadable of its own kind
            if place is None or len(node.args) <= place:
                continue
            code = node.args[place]
            if isinstance(code, ast.Constant):
                codes.add(str(code.value))
            elif isinstance(code, ast.JoinedStr):
                assert isinstance(code.values[0], ast.Constant)
                codes |= MADE[str(code.values[0].value)]
    return codes


def test_every_code_has_a_case_and_every_case_a_code() -> None:
    assert {case.code for case in cases()} == codes_in_source()


@pytest.mark.parametrize("case", cases(), ids=str)
def test_case(case: Case, tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    make(case.spoiling, book)
    listed = problems(book)
    assert told(listed) == case.expected
    assert case.code in {problem.code for problem in listed}


def test_the_sound_workbook_has_no_problem(tmp_path: Path) -> None:
    make([], tmp_path / "book.xlsx")
    assert told(problems(tmp_path / "book.xlsx")) == ""
