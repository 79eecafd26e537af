"""Cases as text: what is done to the sound workbook, and what the program says of it.

A case is a sentence, the lines that spoil the workbook, and the problems expected; a file holds the cases of one code,
with `---` between them. The lines that spoil:

    NRE!C2 = #REF!             a cell; a number, a date (2018-04-01), TRUE, an error or a formula is written as one,
                               'text as text, nothing clears it
    NRE + 2018/19 | 1 | 2      a row below the table, or the first of a new one
    NRE row 2 dropped          a row taken out; what stands below it moves up
    NRE column C dropped
    NRE cleared                the sheet is there, and empty
    NRE dropped
    NRE renamed Net revenue
    file cut short             something is done to the file itself (see files.py)
    toml [[Budgets]]           a line of the scenario pay.toml, laid over the workbook
    with NRE + year | BEDS     any of these, of the workbook more.xlsx, empty at first, that is joined
    with a copy                the workbook itself as more.xlsx
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from openpyxl.utils.cell import column_index_from_string, coordinate_to_tuple

from bch_apportion import InputProblems, Problem, apportion, read_workbook
from bch_apportion.ledger import apportion_actuals
from bch_apportion.questions.benchmark.rule import benchmark
from bch_apportion.questions.benchmark.sides import Against
from bch_apportion.questions.mtfs.projection import last_budget_year, project
from bch_apportion.questions.outturn import costs_of
from bch_apportion.questions.settlement.rule import settle
from bch_apportion.reading.sheets import FURTHER
from tests.reading.books import by_openpyxl, by_xml

from .base import Cell, Tables, sound
from .files import FILES

HERE = Path(__file__).parent
SCENARIO, JOINED = "pay.toml", "more.xlsx"


@dataclass(frozen=True)
class Case:
    code: str
    title: str
    spoiling: tuple[str, ...]
    expected: str

    def __str__(self) -> str:
        return f"{self.code}: {self.title}"


def cases() -> list[Case]:
    read = []
    for path in sorted(HERE.glob("*.txt")):
        for text in path.read_text("utf-8").split("\n---\n"):
            title, spoiling, *expected = text.strip().split("\n\n")
            read.append(Case(path.stem, title, tuple(spoiling.splitlines()), "\n\n".join(expected)))
    return read


def value_of(text: str) -> Cell:
    """What a line of a case writes into a cell.

    >>> [value_of(text) for text in ("", "-5", "1.5", "TRUE", "2018-04-01", "'2018", "ICT")]
    [None, -5, 1.5, True, datetime.date(2018, 4, 1), '2018', 'ICT']
    """
    if not text:
        return None
    if text.startswith("'"):
        return text[1:]
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"-?\d+\.\d+", text):
        return float(text)
    return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


def spoil(tables: Tables, line: str) -> None:
    """Do to the tables what a line of a case says."""
    if match := re.fullmatch(r"([\w ]+)!([A-Z]+\d+) =\s?(.*)", line):
        row, column = coordinate_to_tuple(match.group(2))
        rows = tables[match.group(1)]
        rows += [[] for _ in range(row - len(rows))]
        rows[row - 1] += [None] * (column - len(rows[row - 1]))
        rows[row - 1][column - 1] = value_of(match.group(3))
    elif match := re.fullmatch(r"([\w ]+) \+ (.*)", line):
        tables.setdefault(match.group(1), []).append([value_of(text.strip()) for text in match.group(2).split("|")])
    elif match := re.fullmatch(r"([\w ]+) row (\d+) dropped", line):
        del tables[match.group(1)][int(match.group(2)) - 1]
    elif match := re.fullmatch(r"([\w ]+) column ([A-Z]+) dropped", line):
        for cells in tables[match.group(1)]:
            del cells[column_index_from_string(match.group(2)) - 1 : column_index_from_string(match.group(2))]
    elif match := re.fullmatch(r"([\w ]+) cleared", line):
        tables[match.group(1)] = []
    elif match := re.fullmatch(r"([\w ]+) dropped", line):
        del tables[match.group(1)]
    elif match := re.fullmatch(r"([\w ]+) renamed (.+)", line):
        renamed = [(match.group(2) if name == match.group(1) else name, rows) for name, rows in tables.items()]
        tables.clear()
        tables.update(renamed)
    elif match := re.fullmatch(r"([\w ]+) copied as (.+)", line):
        tables[match.group(2)] = tables[match.group(1)]
    else:
        raise ValueError(f"no such line in a case: {line}")


def make(spoiling: Sequence[str], path: Path) -> None:
    """Write the sound workbook, spoilt by the lines, and what is joined to it and laid over it."""
    write(sound(), [line for line in spoiling if not line.startswith(("toml ", "with "))], path)
    scenario = [line.removeprefix("toml ") for line in spoiling if line.startswith("toml ")]
    if scenario:
        (path.parent / SCENARIO).write_text("\n".join(scenario), "utf-8")
    joined = [line.removeprefix("with ") for line in spoiling if line.startswith("with ")]
    if joined == ["a copy"]:
        shutil.copyfile(path, path.parent / JOINED)
    elif joined:
        write({}, joined, path.parent / JOINED)


def write(tables: Tables, spoiling: Sequence[str], path: Path) -> None:
    """Write a workbook of the tables, spoilt by the lines."""
    files = [line.removeprefix("file ") for line in spoiling if line.startswith("file ")]
    for line in spoiling:
        if not line.startswith("file "):
            spoil(tables, line)
    (by_openpyxl if files else by_xml)(tables, path)  # what is done to a file knows how openpyxl packs it
    for name in files:
        FILES[name](path)


def problems(path: Path) -> tuple[Problem, ...]:
    """Every problem that one run reports."""
    scenario, joined = ([file] if (file := path.parent / name).exists() else [] for name in (SCENARIO, JOINED))
    try:
        inputs = read_workbook(path, scenarios=scenario, further=FURTHER, joined=joined)
        budgets = apportion(inputs)
        project(inputs, last_budget_year(inputs), 1)
        if inputs.actuals:
            settle(apportion_actuals(inputs))
        if inputs.further.sizes:
            benchmark(budgets, costs_of(budgets, None), Against(budgets.years()[-1], inputs.further.sizes[0].measure))
    except InputProblems as raised:
        return raised.problems
    return ()


def told(listed: Sequence[Problem]) -> str:
    """Problems as a case writes them."""
    blocks = []
    for problem in listed:
        value = f", value “{problem.value}”" if problem.value else ""
        at = f" at {problem.where}" if problem.where else ""
        blocks.append(f"{problem.code}{at}{value}\n  {problem.message}\n  → {problem.remedy}")
    return "\n\n".join(blocks)
