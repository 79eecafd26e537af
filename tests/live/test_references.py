"""Formulas lead to figures of the same workbook, and no text of the input is in one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.books import with_live_texts
from tests.live.formulas import cells, formulas
from tests.live.ledgers import EXAMPLES, RANDOM, VARIED, ledger, written
from tests.program import run

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
REFERENCE = re.compile(r"'((?:[^']|'')+)'!([A-Z]+)([0-9]+)(?::([A-Z]+)([0-9]+))?")


@pytest.mark.long
@pytest.mark.parametrize("name", [*EXAMPLES, *VARIED, *RANDOM])
def test_every_reference_lands_on_a_figure(name: str, tmp_path: Path) -> None:
    filled = cells(written(tmp_path, name, ledger(name)))
    last_rows: dict[str, int] = {}
    for sheet, cell in filled:
        last_rows[sheet] = max(last_rows.get(sheet, 0), int(cell.lstrip(LETTERS)))
    seen = 0
    for place, (_, formula) in filled.items():
        assert formula != "=", place
        for other, column, row, _, last in REFERENCE.findall(formula):
            named = other.replace("''", "'")
            assert int(last or row) <= last_rows[named], (place, formula)
            if not last:  # in a range a force that is no member has a blank cell
                assert (named, f"{column}{row}") in filled, (place, formula)
                assert filled[named, f"{column}{row}"].value != "", (place, formula)
                seen += 1
    assert seen > 20


def test_no_text_of_the_workbook_is_in_a_formula(tmp_path: Path) -> None:
    source, target = with_live_texts(tmp_path / "live.xlsx"), tmp_path / "result.xlsx"
    assert run("compute", source, "-o", target, "--detail", "line").code == 0
    ours = set(load_workbook(target).sheetnames)
    word = re.compile(
        r"'[A-Za-z ]+'!|[A-Z]{1,3}[0-9]+|[0-9]+|SUM(PRODUCT)?|INT|ABS|MAX|MIN|IF|AND|ROUND|SIGN|GCD|LCM|ROWS|LEFT|N\("
        r"|INDEX|MATCH|TRIM|ISNUMBER"
        r'|"(OK|OK: (all |changed|plain value)| checks hold|DIFFERS(: )?|RUN AGAIN: | and | more|, | |n/a'
        r"|, see Checks|TOO LARGE|TOO CLOSE|CHANGED: run bch-apportion again"
        r"|; figures changed since the program wrote them: "
        r"|Values above: (no input was changed since|an input was changed since, run bch-apportion again)"
        r'|; Lines, No loser and words on unit pages show old figures: run bch-apportion again before signing|)"'
        r"|[-+*/()=<>,:&.]"
    )
    for place, (_, formula) in formulas(target).items():
        assert word.sub("", formula) == "", (place, formula)
        assert set(re.findall(r"'([^']+)'!", formula)) <= ours
