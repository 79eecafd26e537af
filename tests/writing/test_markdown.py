"""Markdown, read as GitHub reads it: the same tables, and nothing of a workbook obeyed."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from bch_apportion.writing.markdown import document, inert
from bch_apportion.writing.report import Chart, Page, Report, columns
from bch_apportion.writing.text import printable
from tests.books import HOSTILE_TEXTS, with_hostile_texts, write_book
from tests.program import ALLIANCE, EXAMPLES, run

OURS = {"h1", "h2", "h3", "ul", "li", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}


class Read(HTMLParser):
    """The elements of a rendered text, its headings, and the cells of its tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text, self.inside = "", False
        self.tables: list[list[list[str]]] = []
        self.aligned: list[str | None] = []
        self.feed(str(cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.inside = True
            self.tables[-1][-1].append("")
            if tag == "th":
                self.aligned.append(dict(attrs).get("align"))

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.inside:
            self.tables[-1][-1][-1] += data


REPORT = Report(
    "Splits",
    "What each force pays: positive is adverse",
    columns("unit", ("BEDS", "money"), ("share", "share"), ("bar", "bar")),
    (("ICT", -123_456, None, 5), ("Total", 987_654_321, None, None)),
    ("A note.",),
    "£",
    1,
)
EXPECTED = """# A \\| title

a\\*b\\*.xlsx

## What each force pays: positive is adverse (£)

| unit | BEDS | share |
| --- | ---: | ---: |
| ICT | -1,234.56 |  |
| **Total** | **9,876,543.21** |  |

A note.

## Notes

\\# one
"""


def test_a_document_letter_by_letter() -> None:
    assert document([Page("A | title", (), lead="a*b*.xlsx"), REPORT, Page("Notes", ("# one",))]) == EXPECTED


def test_thousands_are_said() -> None:
    """-1,234.56 is -1 thousand, 9,876,543.21 is 9,877 of them."""
    text = document([REPORT], thousands=True)
    assert "| ICT | -1 |  |" in text and "| **Total** | **9,877** |  |" in text
    assert "(£k)" in text and "In thousands of pounds; rounded figures may not cast." in text


def test_under_what_it_stands_is_said_under_the_title(tmp_path: Path) -> None:
    assert document([REPORT, REPORT], stamp="Not the workbook alone: a*b").startswith(
        "# What each force pays: positive is adverse (£)\n\nNot the workbook alone: a\\*b\n\n| unit "
    )
    more = write_book(tmp_path / "more.xlsx", {"Deflators": [["year", "index"], ["2039/40", 100]]})
    laid = ("--with", more, "--scenario", EXAMPLES / "wider_base.toml", "--set", "ICT.lag months=3")
    _, _, stamp, *_ = run("compute", ALLIANCE, *laid, "--format", "md", "-q").out.split("\n")
    assert stamp == "Not the workbook alone: with more.xlsx; wider\\_base.toml; --set ICT.lag months=3"


def test_the_columns_that_draw_a_waterfall_are_left_out() -> None:
    heads = columns("step", ("effect", "money"), ("base", "money"), ("total", "money"))
    chart = Chart("waterfall", "ICT", "step", ("base", "total"), 0, 0)
    text = document([Report("Bridge", "Bridge", heads, (("plan", 1, 2, 3),), charts=(chart,))])
    assert "| step | effect |\n" in text


def test_a_page_has_its_headings_and_tables() -> None:
    page = Page("How | it came", (("Pooled",), "Because.", REPORT))
    text = document([page])
    assert "# How \\| it came\n\n### Pooled\n\nBecause.\n\n**What each force pays: positive is adverse (£)**" in text


def test_a_report_without_rows_says_so() -> None:
    text = document([Report("Empty", "Nothing", columns("unit"), (), empty="None of it.")])
    assert "# Nothing\n\nNone of it.\n" in text


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_a_hostile_text_is_text(text: str) -> None:
    """Rendered by GitHub's own library it is what it was, in a cell, a paragraph and an item alike."""
    report = Report("T", text, columns(text), ((text,), ("last",)), (text,))
    written = Read(document([report, Page(text, ((text,), text), lead=text)]))
    assert set(written.tags) <= OURS
    assert written.tables == [[[printable(text)], [printable(text)], ["last"]]]
    assert written.text.count(printable(text)) == 8


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_text_is_text(text: str) -> None:
    """A law: what a reader sees is the text, its blanks at the ends aside, and never more elements."""
    written = Read(f"| {inert('x' + text)} |\n| --- |\n\n{inert(text) or '.'}")
    assert set(written.tags) <= {"p", "table", "thead", "tr", "th"}
    assert written.tables == [[[printable("x" + text).strip()]]]


def test_a_hostile_workbook_gives_only_our_elements(tmp_path: Path) -> None:
    book = with_hostile_texts(tmp_path / "book.xlsx")
    for command in ("compute", "variance", "track"):
        ran = run(command, book, "--format", "md")
        assert ran.code == 0, ran.err
        assert set(Read(ran.out).tags) <= OURS


@pytest.mark.parametrize(
    "arguments",
    [
        ["compute", "--year", "2018/19"],
        ["check"],
        ["explain", "--unit", "HR", "--year", "2016/17"],
        ["variance", "--year", "2018/19"],
        ["track"],
        ["settle"],
        ["status"],
        ["benchmark"],
        ["monitor", "--as-at", "2019-08-31"],
    ],
    ids=lambda arguments: str(arguments[0]),
)
def test_every_command_gives_it(arguments: list[str], tmp_path: Path) -> None:
    command, *options = arguments
    target = tmp_path / "result.md"
    ran = run(command, ALLIANCE, *options, "--format", "md", "-o", target)
    assert ran.code == 0, ran.err
    assert ran.out == target.read_text("utf-8")
    written = Read(ran.out)
    assert set(written.tags) <= OURS and written.tables
    assert {side for side in written.aligned if side} == ({"right"} if command != "check" else set())
    widths = [{len(row) for row in table} for table in written.tables]
    assert all(len(width) == 1 for width in widths)


def test_the_figures_are_those_of_the_screen() -> None:
    shown = run("compute", ALLIANCE, "--year", "2018/19", "--show", "splits").out
    (first, *_) = Read(run("compute", ALLIANCE, "--year", "2018/19", "--show", "splits", "--format", "md").out).tables
    assert first[-1] == ["All units", "", "25,212,632.58", "28,765,638.88", "42,159,330.52", "96,137,601.98"]
    for row in first[1:]:
        assert all(cell in shown for cell in row)


EVERYTHING = {
    "compute": ["compute", "--detail", "line", "--full"],
    "variance": ["variance", "--full"],
    "track": ["track", "--full"],
    "settle": ["settle", "--full"],
    "status": ["status", "--full"],
    "benchmark": ["benchmark", "--full"],
    "monitor": ["monitor", "--as-at", "2019-08-31", "--full"],
    "check": ["check", "--full"],
    "mtfs": ["mtfs", "--scenario", str(EXAMPLES / "high_pay.toml"), "--sensitivity", "--runs", "50", "--fms", "--full"],
    "compare": ["compare", "--basis", "nre", "--basis", "demand", "--full"],
}


LONG = {"compute", "variance", "track", "mtfs", "compare"}


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.long] * (name in LONG)) for name in EVERYTHING])
def test_no_two_headings_are_alike(name: str, tmp_path: Path) -> None:
    """In the Markdown, and of the tables that the page gives a screen reader to jump to."""
    command, *options = EVERYTHING[name]
    page = tmp_path / "result.html"
    ran = run(command, ALLIANCE, *options, "--format", "md", "-o", page)
    assert ran.code == 0, ran.err
    headings = [line for line in ran.out.split("\n") if line.startswith("## ")]
    captions = re.findall(r'data-name.*\n.*\n<caption id="[^"]+">([^<]+)<', page.read_text("utf-8"))
    assert len(headings) > 1 and captions
    assert [heading for heading, count in Counter(headings).items() if count > 1] == []
    assert [caption for caption, count in Counter(captions).items() if count > 1] == []
