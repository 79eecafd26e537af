"""Every sheet but the cover is one named table; what its cells say is what the manifest seals."""

from __future__ import annotations

import re
import zipfile
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from bch_apportion.places import column_letters
from bch_apportion.verify.published import read_published
from bch_apportion.writing.excel import table_name, write
from bch_apportion.writing.manifest import CONSTANTS, digest, each
from bch_apportion.writing.report import Cover, Page, Report, columns
from tests.books import opened
from tests.program import ALLIANCE, COUNCILS, run

COMMANDS: dict[str, list[str]] = {
    "compute": [],
    "explain": ["--unit", "ICT", "--year", "2018/19"],
    "variance": [],
    "track": [],
    "mtfs": ["--years", "4", "--sensitivity"],
    "settle": [],
    "status": [],
    "benchmark": [],
    "monitor": ["--as-at", "2019-08-31"],
}
NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("tables")
    for command, options in COMMANDS.items():
        assert run(command, ALLIANCE, *options, "-o", where / f"{command}.xlsx").code == 0
    assert run("compute", COUNCILS, "--values", "-o", where / "values.xlsx").code == 0
    return where


@pytest.mark.long
def test_every_sheet_but_the_cover_is_a_named_table(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        names: set[str] = set()
        for sheet in opened(path).worksheets[1:]:
            (table,) = sheet.tables.values()
            names.add(table.name.casefold())
            assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", table.name), table.name
            heads = [cell.value for cell in sheet[1]]
            assert [column.name for column in table.tableColumns] == heads, (path.name, sheet.title)
            assert table.autoFilter.ref == table.ref
            assert sheet.auto_filter.ref is None
            assert table.tableStyleInfo is None or not table.tableStyleInfo.showRowStripes
        assert len(names) == len(opened(path).sheetnames) - 1


@pytest.mark.long
def test_total_rows_stand_below_the_table(folder: Path) -> None:
    sheet = opened(folder / "compute.xlsx")["Splits"]
    (table,) = sheet.tables.values()
    totals = [row[0].row for row in sheet.iter_rows(min_row=2) if row[0].value == "All units"]
    assert table.ref == f"A1:{column_letters(sheet.max_column)}{totals[0] - 1}"
    assert totals == list(range(totals[0], sheet.max_row + 1))


@pytest.mark.long
def test_the_parts_of_tables_are_sound(folder: Path) -> None:
    """What Excel would repair: an id or a name twice, a heading that is not its cell's text."""
    for path in sorted(folder.iterdir()):
        with zipfile.ZipFile(path) as package:
            parts = [name for name in package.namelist() if name.startswith("xl/tables/")]
            roots = [ElementTree.fromstring(package.read(name)) for name in parts]
        assert len({root.get("id") for root in roots}) == len(parts)
        assert len({str(root.get("displayName")).casefold() for root in roots}) == len(parts)
        for root in roots:
            heads = [str(column.get("name")) for column in root.iter(f"{NAMESPACE}tableColumn")]
            assert len({head.casefold() for head in heads}) == len(heads)


@given(st.lists(st.text(min_size=1, max_size=31), min_size=1, max_size=8))
def test_names_of_tables_are_names(sheets: list[str]) -> None:
    named: set[str] = set()
    names = [table_name(sheet, named) for sheet in [*sheets, "R1C1", "A1", "c", "XFD7", "2018"]]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
        assert not re.fullmatch(r"[A-Za-z]{1,3}[0-9]+|[RrCc]|[Rr][0-9]*[Cc][0-9]*", name)


def test_headings_that_cannot_name_columns_leave_a_plain_range(tmp_path: Path) -> None:
    alike = Report("One", "One", columns("unit", "Unit"), (("a", "b"),))
    odd = Report("Two", "Two", columns("a\nb", "c"), (("a", "b"),))
    long = Report("Three", "Three", columns("x" * 256), (("a",),))
    good = Report("Four", "Four", columns("unit", "unit 2"), (("a", "b"),))
    write(tmp_path / "plain.xlsx", Cover("title", ()), Page("title", ()), [alike, odd, long, good])
    book = load_workbook(tmp_path / "plain.xlsx")
    for name in ("One", "Two", "Three"):
        assert not book[name].tables
        assert book[name].auto_filter.ref is not None
    assert list(book["Four"].tables) == ["Four"]


@pytest.mark.long
def test_what_is_written_is_what_is_sealed(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        published = read_published(path)
        assert published.damage == ()
        assert published.rows.keys() == {name.removesuffix(CONSTANTS) for name in published.manifest.seal}
        for sheet, rows in published.rows.items():
            assert [digest(row.line) for row in rows] == each(published.manifest.seal[sheet]), (path.name, sheet)


@pytest.mark.long
def test_results_follow_from_their_inputs(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        ran = run("verify", path, COUNCILS if path.stem == "values" else ALLIANCE)
        assert (ran.code, "follows from" in ran.out) == (0, True), path.name


# How a sheet looks


def sheet_of(folder: Path, report: Report) -> Worksheet:
    write(folder / "one.xlsx", Cover("title", ()), Page("title", ()), [report])
    return load_workbook(folder / "one.xlsx")[report.name]


def test_a_sheet_without_rows_says_so(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, Report("One", "One", columns("unit", ("amount", "money")), (), empty="No unit differs."))
    assert [cell.value for cell in sheet[2]] == ["No unit differs.", None]


def test_a_long_head_is_cut_between_its_signs(tmp_path: Path) -> None:
    # 247 characters and two signs, each written twice, are 251 of 250: what is left of the last pair goes too
    sheet = sheet_of(tmp_path, Report("One", "x" * 247 + "&&", columns("unit"), (("a",),)))
    assert sheet.oddHeader is not None
    assert str(sheet.oddHeader.left.text) == "x" * 247 + "&&"


def test_words_that_say_how_it_stands_are_coloured(tmp_path: Path) -> None:
    words = (
        "passed",
        "FAILED",
        "RED",
        "AMBER",
        "GREEN",
        "NOT EXPLAINED",
        "explained",
        "achievable",
        "not achievable",
        "ICT",
    )
    sheet = sheet_of(tmp_path, Report("One", "One", columns("outcome"), tuple((word,) for word in words)))
    fills = {str(row[0].value): row[0].fill.fgColor.rgb for row in sheet.iter_rows(min_row=2)}
    good, warn, bad, none = "FFE2F0D9", "FFFFEB9C", "FFFFC7CE", "00000000"
    assert list(fills.values()) == [good, bad, bad, warn, good, bad, none, good, bad, none]


def test_figures_have_room(tmp_path: Path) -> None:
    # −123,456,789,012.34 is 19 characters, of money; 1,234.5678901 13, of a number
    kinds = columns(("amount", "money"), ("volume", "number"), ("short", "money"))
    row = (-12_345_678_901_234, Fraction(12_345_678_901, 10**7), 5)
    sheet = sheet_of(tmp_path, Report("One", "One", kinds, (row,)))
    assert sheet.column_dimensions["A"].width >= 20
    assert sheet.column_dimensions["B"].width >= 14
    assert 12 <= sheet.column_dimensions["C"].width < 20


def test_rows_are_as_high_as_their_text(tmp_path: Path) -> None:
    heading = "a heading of rather many words that cannot stand in one line"
    heads = columns((heading, "money"), ("words", "wide"), ("a", "money"), ("b", "money"))
    texts = ("x" * 46, "in nine words that fill not two but three lines " * 2, "one")
    sheet = sheet_of(tmp_path, Report("One", "One", heads, tuple((1, text, 2, 3) for text in texts)))
    heights = [sheet.row_dimensions[number].height for number in range(1, 5)]
    # a column is at most 48 characters wide, 46 of them for text; a heading of money 22, 17 of them for text
    assert heights == [60.0, None, 45.0, None]
    report = Report("One", "One", heads[1:3], tuple((text, 2) for text in texts))
    sheet = sheet_of(tmp_path, report)  # of few columns a wide one may be 90
    assert [sheet.row_dimensions[number].height for number in range(1, 5)] == [None, None, 30.0, None]


@pytest.mark.long
def test_contents_are_in_two_levels_and_the_calculation_is_one_line(folder: Path) -> None:
    book = opened(folder / "compute.xlsx")
    page, names = book["First page"], book.sheetnames
    start = next(cell.row for (cell,) in page.iter_rows(max_col=1) if cell.value == "Contents")
    assert start is not None
    assert str(page.print_area).endswith(f"${start - 2}")  # they are not printed with the page
    lines = [page.cell(row, 1) for row in range(start + 1, page.max_row + 1)]
    units = [name for name in names if name.startswith("Unit ")]
    steps = names[names.index("Checks") : names.index("About")]
    listed = [name for name in names[1:] if name not in steps]
    listed.insert(listed.index(units[0]), "Units")
    listed.insert(listed.index("About"), "Calculation")
    assert [line.value for line in lines] == listed
    assert [line.value for line in lines if line.alignment.indent] == units
    assert names.index("Notes") < names.index("Checks")
    rows = list(book["Notes"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.long
def test_charts_stand_below_their_table(folder: Path) -> None:
    seen = 0
    for path in sorted(folder.iterdir()):
        for sheet in opened(path).worksheets[1:]:  # the first page places its own
            for chart in sheet._charts:  # type: ignore[attr-defined]
                assert chart.anchor._from.row > sheet.max_row
                assert chart.anchor._from.col == 0
                seen += 1
    assert seen > 3
