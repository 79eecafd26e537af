"""Small workbooks written cell by cell, so that a text can begin with = and stay a text."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook

from tests.reading.books import by_xml

Cell = str | int | float | None
Table = Sequence[Sequence[Cell]]


def write_book(path: Path, sheets: Mapping[str, Table]) -> Path:
    """Each sheet a table, its header first."""
    by_xml(sheets, path, live=False)
    return path


@functools.cache
def opened(path: Path) -> Workbook:
    """A workbook that is only looked at, as openpyxl reads it; read once, however often it is asked for."""
    return load_workbook(path)


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


HOSTILE_TEXTS = [
    "<script>document.title='run'</script>",
    '"><img src=x onerror="document.title=\'run\'">',
    "]]></style></title><svg onload=document.title='run'>",
    "javascript:document.title='run'",
    "[a link](http://example.org) <http://example.org> www.example.org someone@example.org",
    "&#x3c;script&#x3e; &amp; &lt;b&gt;",
    "`code` | pipe \\| **bold** _under_ ~~gone~~ $x$ ![](http://example.org/x.png)",
    "# no heading",
    "- no item",
    "1. no item",
    "back\u202eward \u2066x\u2069 \u200fmark",
    "' onclick=document.title='run' style='color:red",
    "{{7*7}} ${7*7} $\\frac{1}{2}$",
]


def with_hostile_texts(path: Path) -> Path:
    """Units, names, lines, sources, references, explanations and a force that a page or Markdown could obey."""
    force = "<b>HERTS\"'&"
    units: list[list[Cell]] = [[text, f"{text} name", f"{text} programme"] for text in HOSTILE_TEXTS]
    years = ("2018/19", "2019/20")
    budgets: list[list[Cell]] = [
        [text, year, 100_000.01 * (n + 1) * (place + 1), text, text]
        for n, text in enumerate(HOSTILE_TEXTS)
        for place, year in enumerate(years)
    ]
    nre: list[list[Cell]] = [[year, code, 100, HOSTILE_TEXTS[1]] for year in years for code in ("BEDS", force)]
    cases: list[list[Cell]] = [[text, "2019/20", 50_000, text] for text in HOSTILE_TEXTS]
    told: list[list[Cell]] = [[text, "2019/20", "cost", text, text] for text in HOSTILE_TEXTS]
    sheets: dict[str, Table] = {
        "Forces": [["force", "name"], ["BEDS", "<i>Beds</i>"], [force, "![](x)"]],
        "NRE": [
            ["year", "force", "nre", "source"],
            *nre,
        ],
        "Units": [["unit", "name", "programme"], *units],
        "Budgets": [["unit", "year", "amount", "line", "subjective"], *budgets],
        "Principles": [["from year", "basis", "reference"], ["2018/19", "nre", HOSTILE_TEXTS[0]]],
        "Business cases": [["unit", "year", "amount", "version"], *cases],
        "Explanations": [["unit", "year", "cause", "text", "owner"], *told],
        "<script>own sheet": [["x"], ["y"]],
    }
    return write_book(path, sheets)


def with_many_forces(
    path: Path, count: int = 25, name: str = "Constabulary of the County of Somewhere No {:02}", times: int = 1
) -> Path:
    """Two units over three years, shared by forces whose names have 45 letters and differ in the last."""
    forces = [name.format(number) for number in range(count)]
    years = ("2018/19", "2019/20", "2020/21")
    nre: list[list[Cell]] = [[year, code, 1_000 * (n + 3)] for year in years for n, code in enumerate(forces)]
    budgets: list[list[Cell]] = [
        [unit, year, 1_000_000.01 * (n + 1) * times] for unit in ("ICT", "HR") for n, year in enumerate(years)
    ]
    sheets: dict[str, Table] = {
        "Forces": [["force"], *[[code] for code in forces]],
        "NRE": [["year", "force", "nre"], *nre],
        "Units": [["unit"], ["ICT"], ["HR"]],
        "Budgets": [["unit", "year", "amount"], *budgets],
    }
    return write_book(path, sheets)
