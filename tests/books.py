"""Small workbooks written cell by cell, so that a text can begin with = and stay a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

Cell = str | int | float | None
Table = Sequence[Sequence[Cell]]


def write_book(path: Path, sheets: Mapping[str, Table]) -> Path:
    """Each sheet a table, its header first."""
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for y, row in enumerate(rows):
                for x, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(y, x, cell)
                    elif cell is not None:
                        sheet.write_number(y, x, cell)
    return path


def two_forces(**changed: Table) -> dict[str, Table]:
    """A workbook of two forces on NRE 1 : 2; sheets in `changed` are added, or put in place (_ for a blank)."""
    sheets: dict[str, Table] = {
        "Forces": [["force"], ["BEDS"], ["HERTS"]],
        "NRE": [["year", "BEDS", "HERTS"], ["2018/19", 100, 200]],
        "Units": [["unit"], ["ICT"]],
        "Budgets": [["unit", "year", "amount"], ["ICT", "2018/19", 1000.01]],
    }
    return {**sheets, **{name.replace("_", " "): table for name, table in changed.items()}}


LIVE_TEXTS = ["=1+1", "+44 20", "-unit", "@SUM(A1)", '=HYPERLINK("http://example.org")']


def with_live_texts(path: Path) -> Path:
    """Units, lines, subjectives, references and a force whose texts a spreadsheet could take for formulas."""
    units: list[list[Cell]] = [[text, f"={n} name"] for n, text in enumerate(LIVE_TEXTS)]
    budgets: list[list[Cell]] = [[text, "2018/19", -1000.01 + n, text, text] for n, text in enumerate(LIVE_TEXTS)]
    sheets: dict[str, Table] = {
        "Forces": [["force", "name"], ["BEDS", "=cmd"], ["@HERTS", "+name"]],
        "NRE": [
            ["year", "force", "nre", "source"],
            ["2018/19", "BEDS", 100, "=A1"],
            ["2018/19", "@HERTS", 200, "-source"],
        ],
        "Units": [["unit", "name"], *units],
        "Budgets": [
            ["unit", "year", "amount", "line", "subjective"],
            *budgets,
        ],
        "Principles": [["from year", "basis", "reference"], ["2018/19", "nre", "=reference"]],
    }
    return write_book(path, sheets)
