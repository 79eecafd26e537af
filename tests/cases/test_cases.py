"""Whole workbooks worked by hand. Each case is a text to be read: the working, the sheets, what must come of them.

`[Sheet name]` begins a sheet (or `workbook:` names an example), a name in lower case begins what is expected:

lines · every line of the unit, year and component named; of a case with sheets of its own, every line there is
whole percents · each member's share · bases · the basis · movements · how a unit's budget moves between two years
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from openpyxl import Workbook

from bch_apportion import Ledger, apportion, read_workbook
from tests.program import EXAMPLES

CASES = sorted(Path(__file__).parent.glob("*.txt"))
EXPECTED = ("lines", "whole percents", "bases", "movements")


@dataclass
class Case:
    workbook: str = ""
    tables: dict[str, list[list[str]]] = field(default_factory=dict)

    @property
    def sheets(self) -> dict[str, list[list[str]]]:
        return {name: rows for name, rows in self.tables.items() if name not in EXPECTED}

    def expected(self, name: str) -> list[list[str]]:
        return self.tables.get(name, [])


def parse(text: str) -> Case:
    case = Case()
    rows: list[list[str]] | None = None
    for line in text.splitlines():
        if line.startswith("workbook:"):
            case.workbook = line.removeprefix("workbook:").strip()
        elif line.startswith("[") and line.endswith("]"):
            rows = case.tables.setdefault(line[1:-1], [])
        elif rows is not None and line.strip():
            rows.append([cell.strip() for cell in line.split("|")])
    return case


def write(case: Case, path: Path) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in case.sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([number_or_text(cell) for cell in row])
    book.save(path)


def number_or_text(cell: str) -> str | float | None:
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return cell or None


def pence(text: str) -> int:
    pounds, _, rest = text.replace(",", "").partition(".")
    return int(pounds + rest.ljust(2, "0"))


def ledger_of(case: Case, folder: Path) -> Ledger:
    if case.workbook:
        return apportion(read_workbook(EXAMPLES / case.workbook))
    write(case, folder / "book.xlsx")
    return apportion(read_workbook(folder / "book.xlsx"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path) -> None:
    case = parse(path.read_text("utf-8"))
    ledger = ledger_of(case, tmp_path)
    assert any(case.expected(name) for name in EXPECTED)

    expected = [(unit, year, part, force, pence(amount)) for unit, year, part, force, amount in case.expected("lines")]
    groups = {line[:3] for line in expected}
    if expected:
        lines = [(line.unit, str(line.year), line.component, line.force, line.pence) for line in ledger.lines]
        assert sorted(line for line in lines if not case.workbook or line[:3] in groups) == sorted(expected)

    results = {(result.unit.code, str(result.year)): result for result in ledger.results}
    for unit, year, *percents in case.expected("whole percents"):
        assert [share * 100 for share in results[unit, year].decision.shares] == list(map(int, percents)), (unit, year)
    for unit, year, basis in case.expected("bases"):
        assert results[unit, year].decision.basis == basis, (unit, year)
    for unit, first, last, movement in case.expected("movements"):
        assert results[unit, last].budget() - results[unit, first].budget() == pence(movement), unit


def test_there_are_cases() -> None:
    assert len(CASES) >= 6


def test_pence_of_a_text() -> None:
    assert [pence(text) for text in ("1,134,000.00", "-0.10", "5", "0.05")] == [113_400_000, -10, 500, 5]
