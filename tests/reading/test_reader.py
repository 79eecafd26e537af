"""The reader says of every sheet what openpyxl finds in it, and what openpyxl does not see; odd XML is read alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bch_apportion.problems import InputProblems
from bch_apportion.reading.book import open_book
from bch_apportion.reading.cells import ErrorCell, Marked, Percent, Run, Uncalculated, Value
from bch_apportion.reading.reader import read_rows
from bch_apportion.reading.workbook import read
from tests.independent.books import random_book, write_untidy
from tests.libreoffice import Office

from . import books
from .books import FRAME, Cell, Formula, Rows, by_openpyxl, by_xlsxwriter, raw, rows_xml, sheet_xml

Grid = dict[tuple[int, int], Value]


def grids(path: Path) -> list[Grid]:
    """Every sheet's cells."""
    book = open_book(path)
    as_read = [
        {(row, column): v for row, cells in read_rows(book, sheet) for column, v in cells.items()}
        for sheet in book.sheets
    ]
    book.package.close()
    return as_read


def by_library(path: Path) -> list[Grid]:
    """The same cells as openpyxl has them."""
    values, written = load_workbook(path, data_only=True), load_workbook(path)
    sheets = []
    for name in values.sheetnames:
        grid: Grid = {}
        for number, row in enumerate(values[name].iter_rows(), 1):
            for column, cell in enumerate(row, 1):
                value = _as_read(cell.value, cell.data_type, cell.number_format)
                formula = written[name].cell(number, column).value
                if value is None and isinstance(formula, str) and formula.startswith("="):
                    value = Uncalculated(formula)
                if value is not None:
                    grid[number, column] = value
        sheets.append(grid)
    return sheets


def _as_read(value: object, kind: str, shown: str) -> Value | None:
    if kind == "e":
        return ErrorCell(str(value))
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float):
        return Percent(value) if "%" in shown else float(value)
    assert isinstance(value, str), value
    return value.strip() or None


def same(path: Path) -> None:
    for grid, expected in zip(grids(path), by_library(path), strict=True):
        assert {place: (type(v), v) for place, v in grid.items()} == {p: (type(v), v) for p, v in expected.items()}


# Cells of every kind

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
TEXT = st.one_of(
    st.text(LETTERS, max_size=12),
    st.sampled_from(
        [
            "R&D <b> \"quoted\" 'single'",
            "&amp; &lt;tag&gt; &#65;",
            "two\nlines",
            "  leading and trailing  ",
            "\ttab",
            "🚓 🐕",
            "e\u0301clair",
            "שלום",
            "]]>",
            "<!-- no comment -->",
            "<!DOCTYPE html>",
            "</v></c>",
            "TRUE",
            "#REF",
            "1,234",
            "'",
        ]
    ),
)
DAYS = st.dates(date(1900, 3, 1), date(2199, 12, 31))
NUMBERS = st.one_of(
    st.integers(-(10**14), 10**14).map(float),
    st.floats(-1e15, 1e15, allow_nan=False).map(lambda value: float(f"{value:.15g}")),
    st.sampled_from([0.1, 1e-9, 1e300, -0.005, 123456789.01, 0.0]),
)
CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    TEXT,
    NUMBERS,
    st.booleans(),
    DAYS,
    st.floats(-2, 2, allow_nan=False).map(lambda value: books.Percent(float(f"{value:.6g}"))),
    st.sampled_from(["#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"]),
)
GRIDS = st.lists(st.lists(CELLS, max_size=6), max_size=8)
FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.long
@FEW
@given(GRIDS)
def test_cells_by_xlsxwriter(tmp_path: Path, rows: Rows) -> None:
    by_xlsxwriter({"Cells": rows}, tmp_path / "b.xlsx")
    same(tmp_path / "b.xlsx")


@pytest.mark.long
@FEW
@given(GRIDS, st.sampled_from(["=A1+1", '=SUM(A1:B2)&"<>"', "=1>2"]))
def test_cells_by_openpyxl(tmp_path: Path, rows: Rows, formula: str) -> None:
    cells: Rows = [[*row, Formula(formula)] for row in rows]
    by_openpyxl({"Cells": [[_no_live_text(v) for v in row] for row in cells]}, tmp_path / "b.xlsx")
    same(tmp_path / "b.xlsx")


def _no_live_text(value: Cell) -> Cell:
    return f"x{value}" if isinstance(value, str) and value.startswith("=") else value


@pytest.mark.long
@FEW
@given(st.lists(st.tuples(TEXT, st.sampled_from(["40+2", 'A1&"x"', "1<2"])), max_size=6))
def test_formulas_with_stored_texts_and_numbers(tmp_path: Path, cells: list[tuple[str, str]]) -> None:
    rows: Rows = [[Formula(f"={formula}", text or 1.5) for text, formula in cells]]
    by_xlsxwriter({"Cells": rows}, tmp_path / "b.xlsx")
    same(tmp_path / "b.xlsx")


@FEW
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_inline_and_shared_texts_in_runs_with_their_pronunciation(tmp_path: Path, texts: list[tuple[str, str]]) -> None:
    """Whatever Excel may write of a text: runs, pronunciation, kept blanks, escapes, CR LF."""

    def item(first: str, second: str) -> str:
        kept = f'<r><rPr><b/></rPr><t xml:space="preserve">{escape(first)}</t></r>'
        return f'{kept}<r><t>{escape(second)}&#10;_x0041_</t></r><rPh sb="0" eb="1"><t>no</t></rPh>\r\n'

    cells = "".join(
        f'<c r="A{n}" t="inlineStr"><is>{item(*two)}</is></c><c r="B{n}" t="s"><v>{n - 1}</v></c>'.join(
            (f'<row r="{n}">', "</row>")
        )
        for n, two in enumerate(texts, 1)
    )
    shared = f'<sst xmlns="{books.MAIN}">' + "".join(f"<si>{item(*two)}</si>" for two in texts) + "</sst>"
    raw(tmp_path / "b.xlsx", {"Cells": sheet_xml(cells)}, {"xl/sharedStrings.xml": shared})
    grid = grids(tmp_path / "b.xlsx")[-1]
    expected = {n: f"{first}{second}\nA".strip() for n, (first, second) in enumerate(texts, 1)}
    assert grid == {(n, column): text for n, text in expected.items() for column in (1, 2)}


def test_escapes_line_ends_and_kept_blanks(tmp_path: Path) -> None:
    cells = [
        ("_x000D_", None),
        ("a_x000D_b", "a\rb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD83D__xDE93_", "🚓"),  # two halves of a letter
        ("x_xD83D_x", "x\ufffdx"),  # one half
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("&#13;&#10;x&#xA;y", "x\ny"),
        ("&lt;&amp;lt;&#x1F693;", "<&lt;🚓"),
        ("   ", None),
        ("\u00a0x\u00a0", "x"),
    ]
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        f'<c r="B{n}" t="str"><f>A{n}</f><v>{text}</v></c></row>'
        for n, (text, _) in enumerate(cells, 1)
    )
    raw(tmp_path / "b.xlsx", {"Cells": sheet_xml(rows)})
    grid = grids(tmp_path / "b.xlsx")[-1]
    assert grid == {(n, column): text for n, (_, text) in enumerate(cells, 1) if text for column in (1, 2)}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 6))])
def test_books_as_people_write_them(seed: int, tmp_path: Path) -> None:
    write_untidy(random_book(seed, 3), tmp_path / "b.xlsx", seed)
    same(tmp_path / "b.xlsx")


def test_workbooks_saved_by_libreoffice(office: Office, tmp_path: Path) -> None:
    """What XlsxWriter and openpyxl wrote, opened and saved by LibreOffice, is read as before."""
    extra: dict[str, Rows] = {
        "Demand": [
            ["driver", "period", "BEDS", "HERTS"],
            ["R&D", date(2018, 4, 1), 1.5, 2],
            ["R&D", "May-18", 3, None],
        ],
        "Agreed shares": [["unit", "from year", "BEDS", "HERTS"], ["ICT", "2018/19", books.Percent(0.29), "71%"]],
        "Drivers": [["unit", "driver"], ["ICT", "R&D"]],
        "Baselines": [["unit", "force", "amount"], ["ICT", "BEDS", Formula("=1/3*3", 1)], ["DOGS", "CAMBS", "#REF!"]],
        "Notes": [["two\nlines", "  blanks ", "🚓", True]],
    }
    (tmp_path / "in").mkdir()
    by_xlsxwriter({**FRAME, **extra}, tmp_path / "in" / "a.xlsx")
    by_openpyxl({**FRAME, **extra}, tmp_path / "in" / "b.xlsx")
    write_untidy(random_book(3, 3), tmp_path / "in" / "c.xlsx", 3)
    office.saved(tmp_path, *sorted((tmp_path / "in").iterdir()))
    for name in ("a.xlsx", "b.xlsx", "c.xlsx"):
        same(tmp_path / name)
        saved, before = read(tmp_path / name).inputs, read(tmp_path / "in" / name).inputs
        for part in ("forces", "units", "budgets", "nre", "demand", "agreed", "principles", "deflators"):
            assert getattr(saved, part) == getattr(before, part), (name, part)


# XML as nobody's spreadsheet writes it

NRE: Rows = [["year", "BEDS", "CAMBS", "HERTS"], ["2018/19", 100, 130, 180]]
PLAIN = sheet_xml(rows_xml(NRE))


def prefixed(text: str) -> str:
    for tag in ("worksheet", "sheetData", "row", "c", "v", "is", "t"):
        text = (
            text.replace(f"<{tag} ", f"<x:{tag} ").replace(f"<{tag}>", f"<x:{tag}>").replace(f"</{tag}>", f"</x:{tag}>")
        )
    return text.replace("xmlns=", "xmlns:x=")


def prefixed_cells(text: str) -> str:
    """Only the cells have a prefix, declared at the top."""
    head, rows = text.split("<sheetData>")
    for tag in ("c", "v", "is", "t"):
        rows = (
            rows.replace(f"<{tag} ", f"<x:{tag} ").replace(f"<{tag}>", f"<x:{tag}>").replace(f"</{tag}>", f"</x:{tag}>")
        )
    return head.replace("<worksheet ", f'<worksheet xmlns:x="{books.MAIN}" ') + "<sheetData>" + rows


def prefixed_within(text: str) -> str:
    """A prefix declared among the rows."""
    return text.replace('<c r="B2">', f'<x:c xmlns:x="{books.MAIN}" r="B2">').replace(
        "<v>100</v></c>", "<x:v>100</x:v></x:c>"
    )


ODD: dict[str, Callable[[str], str | bytes]] = {
    "a prefix throughout": prefixed,
    "a prefix on the cells": prefixed_cells,
    "a prefix among the rows": prefixed_within,
    "a comment before the rows": lambda text: text.replace("<sheetData>", "<!-- <sheetData> --><sheetData>"),
    "a comment among the rows": lambda text: text.replace("</row>", '<!-- <c r="B2"><v>1</v></c> --></row>'),
    "a comment within a value": lambda text: text.replace("<v>100</v>", "<v>1<!-- 9 -->00</v>"),
    "CDATA": lambda text: text.replace("<t>BEDS</t>", "<t><![CDATA[BE]]>DS</t>"),
    "an instruction": lambda text: text.replace("<sheetData>", "<sheetData><?c <c/>?>"),
    "no places": lambda text: re.sub(r' r="[A-Z]*\d+"', "", text),
    "cells without places": lambda text: re.sub(r'<c r="[A-Z]+\d+"', "<c", text),
    "rows without places": lambda text: re.sub(r'<row r="\d+"', "<row", text),
    "attributes in another order": lambda text: text.replace('r="A2" t="inlineStr"', 't="inlineStr" r="A2"'),
    "single quotes": lambda text: text.replace('"', "'"),
    "lines between": lambda text: text.replace("><", ">\n  <"),
    "a line within a tag": lambda text: text.replace("<c r=", "<c\n r=").replace("<v>", "<v\t>"),
    "lines within values": lambda text: text.replace("<v>100</v>", "<v>\n100\n</v>"),
    "an entity in a number": lambda text: text.replace("<v>100</v>", "<v>&#49;00</v>"),
    "UTF-16": lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "Latin-1": lambda text: text.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "Strict": lambda text: text.replace(books.MAIN, books.STRICT),
    "Strict, with a prefix": lambda text: prefixed(text.replace(books.MAIN, books.STRICT)),
    "rows out of order": lambda text: (
        "".join(text.partition("<sheetData>")[:2])
        + "".join(f"{row}</row>" for row in reversed(text.partition("<sheetData>")[2].split("</row>")[:-1]))
        + "</sheetData></worksheet>"
    ),
    "small letters": lambda text: text.replace('r="B2"', 'r="b2"'),
    "styles with a nought before": lambda text: text.replace('<c r="B2">', '<c r="B2" s="00">'),
    "a style without a number": lambda text: text.replace('<c r="B2">', '<c r="B2" s="">'),
    "a style that there is none of": lambda text: text.replace('<c r="B2">', '<c r="B2" s="99">'),
    "a kind without a name": lambda text: text.replace('<c r="B2">', '<c r="B2" t="">'),
    "cell metadata": lambda text: text.replace('<c r="B2">', '<c r="B2" cm="1" vm="1">'),
    "a phonetic mark": lambda text: text.replace('<c r="B2">', '<c r="B2" ph="1">'),
    "an extension": lambda text: text.replace("</c></row>", '</c><extLst><ext uri="x"/></extLst></row>'),
    "a text that speaks of XML": lambda text: text.replace("</row>", '<c r="E1" t="str"><v>xmlns</v></c></row>', 1),
    "blanks after the end": lambda text: text + "\n" * 1_500_000,
}


@pytest.mark.parametrize("form", ODD)
def test_odd_xml_gives_the_same_figures(form: str, tmp_path: Path) -> None:
    raw(tmp_path / "b.xlsx", {"NRE": PLAIN})
    expected = read(tmp_path / "b.xlsx").inputs.nre
    raw(tmp_path / "b.xlsx", {"NRE": ODD[form](PLAIN)})
    result = read(tmp_path / "b.xlsx")
    assert result.problems == ()
    assert result.inputs.nre == expected
    assert [figure.pence for figure in expected.values()] == [10_000, 13_000, 18_000]


DAMAGED: dict[str, Callable[[str], str | bytes]] = {
    "cut within the rows": lambda text: text[: text.index("130")],
    "cut after the rows": lambda text: text.removesuffix("</worksheet>"),
    "a place that is none": lambda text: text.replace('r="B2"', 'r="2B"'),
    "a kind that is none": lambda text: text.replace('<c r="B2">', '<c r="B2" t="zz">'),
    "a number that is none": lambda text: text.replace("<v>100</v>", "<v>1,00</v>"),
    "a number to Python alone": lambda text: text.replace("<v>100</v>", "<v>1_00</v>"),
    "a style that is no number": lambda text: text.replace('<c r="B2">', '<c r="B2" s="x">'),
    "a row far below the last": lambda text: text.replace('r="B2"', 'r="B12345678"'),
    "a text that is not there": lambda text: text.replace('<c r="B2"><v>100', '<c r="B2" t="s"><v>100'),
    "a text before the first": lambda text: text.replace('<c r="B2"><v>100', '<c r="B2" t="s"><v>-1'),
    "an entity of no name": lambda text: text.replace("<t>BEDS</t>", "<t>&BEDS;</t>"),
    "an entity of no letter": lambda text: text.replace("<t>BEDS</t>", "<t>BEDS&#1114112;</t>"),
    "half a letter": lambda text: text.replace("<t>BEDS</t>", "<t>BEDS&#xD800;</t>"),
    "letters that are no UTF-8": lambda text: text.encode().replace(b"BEDS", b"BED\xff"),
    "UTF-16 said to be UTF-8": lambda text: text.encode("utf-16-le"),
    "a bare ampersand": lambda text: text.replace("<t>BEDS</t>", "<t>R&D</t>"),
    "an encoding that is none": lambda text: text.replace("UTF-8", "klingon"),
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("form", DAMAGED)
def test_damaged_xml_is_one_plain_problem(form: str, tmp_path: Path) -> None:
    raw(tmp_path / "b.xlsx", {"NRE": DAMAGED[form](PLAIN)})
    with pytest.raises(InputProblems) as caught:
        read(tmp_path / "b.xlsx")
    (problem,) = caught.value.problems
    assert (problem.code, problem.sheet) == ("damaged-workbook", "NRE")


# What the next reader of a value needs to see


def run_xml(text: str, properties: str = "") -> str:
    return f"<r>{f'<rPr>{properties}</rPr>' if properties else ''}<t>{text}</t></r>"


RAISED, LOWERED, STRUCK = '<vertAlign val="superscript"/>', '<vertAlign val="subscript"/>', "<strike/>"


@pytest.mark.parametrize("shared", [True, False])
def test_pieces_that_are_raised_lowered_or_struck_out(shared: bool, tmp_path: Path) -> None:
    """The text is as it was, and what is set otherwise can be seen, in shared texts and in the cell itself."""
    texts = {
        run_xml("1000000") + run_xml("1", RAISED): [Run("1000000"), Run("1", "superscript")],
        run_xml("CO", "<b/>") + run_xml("2", LOWERED): [Run("CO"), Run("2", "subscript")],
        run_xml("4", STRUCK) + run_xml("5", '<strike val="0"/>'): [Run("4", struck=True), Run("5")],
        run_xml("x", RAISED + STRUCK): [Run("x", "superscript", True)],
        run_xml("plain", '<vertAlign val="baseline"/>') + run_xml(" too", "<i/>"): [],
        "<t>alone</t>" + f'<rPh sb="0" eb="1"><t>{RAISED}</t></rPh>': [],
    }
    cells = [
        f'<c r="A{n}" t="s"><v>{n - 1}</v></c>' if shared else f'<c r="A{n}" t="inlineStr"><is>{text}</is></c>'
        for n, text in enumerate(texts, 1)
    ]
    strings = f'<sst xmlns="{books.MAIN}">{"".join(f"<si>{text}</si>" for text in texts)}</sst>'
    rows = "".join(f'<row r="{n}">{cell}</row>' for n, cell in enumerate(cells, 1))
    raw(tmp_path / "b.xlsx", {"Cells": sheet_xml(rows)}, {"xl/sharedStrings.xml": strings})
    grid = grids(tmp_path / "b.xlsx")[-1]
    assert [*grid.values()] == ["10000001", "CO2", "45", "x", "plain too", "alone"]
    assert [[*value.runs] if isinstance(value, Marked) else [] for value in grid.values()] == [*texts.values()]


def test_runs_as_xlsxwriter_writes_them(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "b.xlsx") as workbook:
        raised = workbook.add_format({"font_script": 1})
        workbook.add_worksheet("Cells").write_rich_string(0, 0, "2018/19", raised, "2")
    (value,) = grids(tmp_path / "b.xlsx")[0].values()
    assert value == "2018/192" and isinstance(value, Marked)
    assert value.runs == deepcopy(value).runs == (Run("2018/19"), Run("2", "superscript"))


@pytest.mark.parametrize("by", [by_openpyxl, by_xlsxwriter])
def test_what_is_hidden_or_merged(by: Callable[[books.Tables, Path], None], tmp_path: Path) -> None:
    by({"Cells": [["a", "b", "c", "d"], [1, 2, 3, 4], [5, 6, 7, 8]]}, tmp_path / "a.xlsx")
    workbook = load_workbook(tmp_path / "a.xlsx")
    workbook["Cells"].row_dimensions[2].hidden = True
    workbook["Cells"].column_dimensions["B"].hidden = True
    workbook["Cells"].column_dimensions["D"].hidden = True
    workbook["Cells"].merge_cells("A3:B3")
    workbook.save(tmp_path / "b.xlsx")
    book = open_book(tmp_path / "b.xlsx")
    (sheet,) = book.sheets
    read_rows(book, sheet)
    book.package.close()
    assert (sheet.hidden_rows, sheet.hidden_columns, sheet.merged) == ([2], [(2, 2), (4, 4)], ["A3:B3"])


def test_formulas_with_a_stored_value_are_counted(tmp_path: Path) -> None:
    by_xlsxwriter({"Cells": [[Formula("=1+1", 2), Formula('=" "', " "), Formula("=2"), 3]]}, tmp_path / "b.xlsx")
    book = open_book(tmp_path / "b.xlsx")
    (sheet,) = book.sheets
    assert read_rows(book, sheet) == [(1, {1: 2.0, 3: Uncalculated("=2"), 4: 3.0})]
    book.package.close()
    assert sheet.formulas == 2


MOMENTS: dict[str, Value] = {
    "2018-04-01": date(2018, 4, 1),
    "2018-03-31T23:59:59.9999": date(2018, 4, 1),
    "2018-03-31T23:59:59Z": date(2018, 3, 31),
    "2018-03-31T23:59:59.4": date(2018, 3, 31),
    "23:59:59.9": "23:59:59.9",
    "T10:30:00": "T10:30:00",
    "PT26H": "PT26H",
}


def test_days_and_times_of_iso_8601(tmp_path: Path) -> None:
    """A moment is the day of its nearest second; what is no day is the text that it is, and no damage."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="d"><v>{text}</v></c></row>' for n, text in enumerate(MOMENTS, 1))
    raw(tmp_path / "b.xlsx", {"Cells": sheet_xml(cells)})
    assert [*grids(tmp_path / "b.xlsx")[-1].values()] == [*MOMENTS.values()]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("43190.9999999962", date(2018, 4, 1)),
        ("43191", date(2018, 4, 1)),
        ("43190.99999", date(2018, 3, 31)),  # 0.86 seconds before midnight
        ("43191.99999", date(2018, 4, 1)),
        ("60.9999999999", date(1900, 3, 1)),
        ("2958465.5", date(9999, 12, 31)),
        ("2958465.99999999", 2958465.99999999),  # a day that there is none of
        ("-0.5", -0.5),
        ("1e300", 1e300),
    ],
)
def test_a_hair_before_midnight(stored: str, expected: Value, tmp_path: Path) -> None:
    styles = f'<styleSheet xmlns="{books.MAIN}"><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    cells = f'<row r="1"><c r="A1"><v>{stored}</v></c><c r="B1" s=""><v>{stored}</v></c></row>'
    raw(tmp_path / "b.xlsx", {"Cells": sheet_xml(cells)}, {"xl/styles.xml": styles})
    assert [*grids(tmp_path / "b.xlsx")[-1].values()] == [expected, expected]


def test_a_duration_is_no_volume(tmp_path: Path) -> None:
    """26 hours are stored as 1.083 days: what a cell shows as a time is not taken for a number."""
    rows: Rows = [["driver", "period", "BEDS"], ["calls", "2018-04", 1]]

    def shown_as_time(workbook: Workbook) -> None:
        workbook["Demand"].cell(2, 3).value = timedelta(hours=26)

    by_openpyxl({**FRAME, "Demand": rows}, tmp_path / "b.xlsx", shown_as_time)
    assert [problem.code for problem in read(tmp_path / "b.xlsx").problems] == ["not-a-number"]
