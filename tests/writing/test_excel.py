"""The result as a workbook, live and of plain values: real numbers with formats, one frozen header, ready to print."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from bch_apportion import apportion, read_workbook
from bch_apportion.writing.excel import write
from bch_apportion.writing.files import TooLong
from bch_apportion.writing.report import Chart, Cover, Page, Report, columns
from bch_apportion.writing.workbook import LONGEST
from tests.books import LIVE_TEXTS, opened, with_live_texts
from tests.program import ALLIANCE, run


@pytest.fixture(scope="module", params=[pytest.param("live", marks=pytest.mark.long), "values"])
def result(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("result") / f"{request.param}.xlsx"
    plain = ["--values"] if request.param == "values" else []
    assert run("compute", ALLIANCE, "-o", path, "--detail", "line", *plain).code == 0
    return path


@pytest.fixture(scope="module")
def book(result: Path) -> Workbook:
    return load_workbook(result, data_only=True)


def tables(book: Workbook) -> list[Worksheet]:
    return list(book.worksheets[1:])


def heads(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for cell in sheet[1]]


def test_its_sheets(book: Workbook) -> None:
    names = book.sheetnames
    assert names[:3] == ["First page", "Splits", "Bases"] and names[-2:] == ["About", "Manifest"]
    assert {"Lines", "Parameters", "Controls", "Notes", "Detail"} <= set(names)
    grey = [sheet.title for sheet in book.worksheets if sheet.sheet_properties.tabColor is not None]
    assert grey == (names[names.index("Checks") : -2] if "Checks" in names else [])


def test_the_lines_are_the_ledgers_to_the_penny(book: Workbook) -> None:
    sheet, lines = book["Lines"], apportion(read_workbook(ALLIANCE)).lines
    assert heads(sheet)[:5] == ["unit", "year", "component", "force", "basis"]
    amount = heads(sheet).index("amount (£)")
    assert sheet.max_row == len(lines) + 1
    for row, line in zip(sheet.iter_rows(min_row=2, values_only=True), lines, strict=True):
        value = row[amount]
        assert isinstance(value, int | float)
        assert round(value * 100) == line.pence
        assert abs(value * 100 - line.pence) < 0.001
        assert row[:2] == (line.unit, str(line.year))


def test_numbers_are_numbers_with_a_format(book: Workbook) -> None:
    seen = 0
    for sheet in tables(book):
        for number, head in enumerate(heads(sheet), 1):
            if head.endswith("(£)"):
                for (cell,) in sheet.iter_rows(min_row=2, min_col=number, max_col=number):
                    if cell.value is not None:
                        assert cell.data_type == "n", f"{sheet.title}!{cell.coordinate}"
                        assert str(cell.number_format).startswith("#,##0.00")
                        seen += 1
    assert seen > 1000
    share = next(sheet["B"] for sheet in [book["Lines"]])
    assert share[1].data_type == "s"  # a financial year is a text


def test_shares_and_dates_have_their_formats(book: Workbook) -> None:
    lines = book["Lines"]
    column = heads(lines).index("share") + 1
    shares = [cell for (cell,) in lines.iter_rows(min_row=2, min_col=column, max_col=column) if cell.value is not None]
    assert {str(cell.number_format) for cell in shares} == {"0.0000%"}
    assert all(isinstance(cell.value, int | float) and 0 <= cell.value <= 1 for cell in shares)
    pooling = book["Pooling"]
    column = heads(pooling).index("pooled from") + 1
    days = [cell for (cell,) in pooling.iter_rows(min_row=2, min_col=column, max_col=column) if cell.value is not None]
    assert days
    assert all(cell.is_date for cell in days)


def test_one_frozen_header_row_nothing_merged_no_blank_row(book: Workbook) -> None:
    for sheet in tables(book):
        assert str(sheet.freeze_panes) in ("A2", "B2"), sheet.title
        assert not sheet.merged_cells.ranges
        assert all(heads(sheet)), sheet.title
        assert len(set(heads(sheet))) == len(heads(sheet)), sheet.title
        for row in sheet.iter_rows(min_row=2, values_only=True):
            assert any(value is not None for value in row), sheet.title


def test_ready_to_print(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == ("portrait" if sheet.title == "First page" else "landscape"), sheet.title
        assert str(sheet.page_setup.paperSize) == "9"  # A4
        whole = sheet.page_setup.fitToHeight is None  # 1 is the default: all of it on one page
        pages = whole if sheet.title == "First page" else sheet.page_setup.fitToHeight == 0
        assert pages or (sheet.page_setup.scale == 75 and sheet.print_title_cols == "$A:$B"), sheet.title
        assert sheet.oddFooter is not None
        assert "&P" in str(sheet.oddFooter.right.text)
    for table in tables(book):
        assert table.print_title_rows in ("1:1", "$1:$1"), table.title


def test_totals_of_the_splits_foot(book: Workbook) -> None:
    sheet = book["Splits"]
    names = heads(sheet)
    first = names.index("BEDS (£)")
    by_year: dict[object, list[int]] = {}
    for row in sheet.iter_rows(min_row=2, values_only=True):
        pence = [round(float(str(value or 0)) * 100) for value in row[first:]]
        assert sum(pence[:-1]) == pence[-1]
        sign = -1 if row[0] == "All units" else 1
        sums = by_year.setdefault(row[1], [0] * len(pence))
        by_year[row[1]] = [a + sign * b for a, b in zip(sums, pence, strict=True)]
    assert all(not any(sums) for sums in by_year.values())


def formulas(path: Path) -> list[str]:
    """The sheets that hold a formula."""
    with zipfile.ZipFile(path) as package:
        return [name for name in package.namelist() if re.search(rb"<f[ >]", package.read(name))]


def test_no_formula_in_plain_values_and_no_link_outwards(result: Path) -> None:
    assert (formulas(result) == []) == (result.stem == "values")
    with zipfile.ZipFile(result) as package:
        assert not any("externalLink" in name for name in package.namelist())


def test_texts_that_begin_with_a_sign_stay_texts(tmp_path: Path) -> None:
    source, target = with_live_texts(tmp_path / "live.xlsx"), tmp_path / "result.xlsx"
    assert run("compute", source, "-o", target, "--detail", "line", "--values").code == 0
    assert formulas(target) == []
    book = load_workbook(target)
    units = [cell for cell in book["Lines"]["A"] if cell.value in LIVE_TEXTS]
    assert len(units) == 2 * len(LIVE_TEXTS)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                # openpyxl takes a text that begins with = for a formula; the package says that it is a shared text
                assert cell.data_type in ("s", "n", "d") or cell.value in ("=reference", *LIVE_TEXTS)
                assert cell.hyperlink is None or cell.hyperlink.target is None


def test_a_text_that_does_not_fit_is_never_cut(tmp_path: Path) -> None:
    fits = Report("One", "One", columns("text"), (("x" * LONGEST,),))
    write(tmp_path / "fits.xlsx", Cover("title", ()), Page("title", ()), [fits])
    assert load_workbook(tmp_path / "fits.xlsx")["One"]["A2"].value == "x" * LONGEST
    too_long = Report("One", "One", columns("text"), (("x" * (LONGEST + 1),),))
    with pytest.raises(TooLong, match=r"32,768 characters"):
        write(tmp_path / "long.xlsx", Cover("title", ()), Page("title", ()), [too_long])
    assert not (tmp_path / "long.xlsx").exists()


def test_kinds_of_values(tmp_path: Path) -> None:
    from fractions import Fraction

    kinds = columns(("money", "money"), ("share", "share"), ("day", "date"), ("whole", "whole"), ("text", "text"))
    rows = ((-5, Fraction(1, 3), date(2016, 4, 1), 7, "=1+1"), (None, None, None, None, ""))
    write(
        tmp_path / "kinds.xlsx", Cover("title", ()), Page("title", ()), [Report("One", "One", kinds, rows, units="£")]
    )
    sheet = load_workbook(tmp_path / "kinds.xlsx")["One"]
    assert heads(sheet) == ["money (£)", "share", "day", "whole", "text"]
    values = [cell.value for cell in sheet[2]]
    assert values[0] == -0.05
    assert isinstance(values[1], float)
    assert abs(values[1] - 1 / 3) < 1e-14
    assert str(values[2]) == "2016-04-01 00:00:00"
    assert values[3:] == [7, "=1+1"]
    assert [cell.value for cell in sheet[3]] == [None] * 5
    assert formulas(tmp_path / "kinds.xlsx") == []


def test_a_first_page_in_thousands_says_so_of_titles_headings_and_charts(tmp_path: Path) -> None:
    chart = Chart("column", "Cost", "unit", ("cost",), 0, 0)
    heads = columns("unit", ("cost", "money"), ("least", "pounds"))
    report = Report("T", "What it costs", heads, (("ICT", 1_500_000_00, 5),), units="£", charts=(chart,))
    write(tmp_path / "k.xlsx", Cover("title", ()), Page("Paper", (report,), units="£k"), [])
    texts = [cell.value for row in opened(tmp_path / "k.xlsx").worksheets[0]["A1:C5"] for cell in row]
    assert texts[-9:] == ["What it costs (£k)", None, None, "unit", "cost (£k)", "least", "ICT", 1_500_000, 0.05]
    assert b">Cost (\xc2\xa3k)<" in zipfile.ZipFile(tmp_path / "k.xlsx").read("xl/charts/chart1.xml")
