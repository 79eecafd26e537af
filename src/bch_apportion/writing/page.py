"""Reports as one page that opens without a network: tables to sort and filter, charts, explanations to unfold.

Everything is in the file, and its policy lets nothing else in: the style sheet and the script are named by their
hashes. What comes from the workbook is text, in elements and attributes alike. The same reports give the same bytes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

from bch_apportion.writing.charts import axis_of, svg, values_of
from bch_apportion.writing.report import Chart, Column, Cover, Page, Report
from bch_apportion.writing.text import SIGNS, is_number, notes_with, printable, readable, shown, titled

FITS = ((150, "p8"), (172, "p7"), (200, "p6"), (240, "p5"), (300, "p4"), (400, "p3"))  # characters across A4 by print
WRAPS = 26  # a text of more characters than this may wrap
BESIDE = "The figures are in the table below."
BREAKS = 16  # a word of a heading of more characters than this may be broken


def document(cover: Cover, parts: Sequence[Report | Page], notes: Sequence[str], thousands: bool = False) -> str:
    """The whole page; reports in their order, then pages: a single one open, several folded by their groups."""
    reports = [part for part in parts if isinstance(part, Report)]
    pages = [part for part in parts if isinstance(part, Page)]
    script = _own("page.js")
    lines = (
        *_head(cover, script),
        "<body>",
        '<a class="skip" href="#main">Skip to the tables</a>',
        *_header(cover),
        *_contents(reports, pages, notes),
        '<main id="main" tabindex="-1">',
        *_reports(reports, thousands),
        *_pages(pages, thousands),
        *_notes(notes),
        "</main>",
        f"<script>{script}</script>",
        "</body>",
        "</html>",
    )
    return "\n".join(lines) + "\n"


def _head(cover: Cover, script: str) -> Iterator[str]:
    """The head, whose policy lets in this style sheet and this script alone."""
    style = _own("page.css")
    sources = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    policy = f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"
    yield '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{_text(': '.join(filter(None, (cover.title, cover.source))))}</title>"
    yield f"<style>{style}</style>\n</head>"


def _text(text: str) -> str:
    """Text for an element or an attribute in double quotes, whatever it holds."""
    return escape(printable(text), quote=True)


def _own(name: str) -> str:
    return (files("bch_apportion.writing") / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}"


def _header(cover: Cover) -> Iterator[str]:
    yield f"<header>\n<h1>{_text(cover.title)}</h1>\n<dl>"
    yield from (f"<div><dt>{_text(name)}</dt><dd>{_text(str(text))}</dd></div>" for name, text in cover.rows)
    yield "</dl>\n</header>"


def _contents(reports: Sequence[Report], pages: Sequence[Page], notes: Sequence[str]) -> Iterator[str]:
    links = [(f"r{number}", name) for number, name in enumerate(_names(reports), 1)]
    links += [("explanations", _heading_of(pages))] if pages else []
    links += [("notes", "Notes")] if notes else []
    yield '<nav aria-labelledby="contents">\n<h2 id="contents">Contents</h2>\n<ul>'
    yield from (f'<li><a href="#{key}">{_text(name)}</a></li>' for key, name in links)
    yield "</ul>\n</nav>"


def _names(reports: Sequence[Report]) -> list[str]:
    """The headings: the short names, or where two reports share one, their titles."""
    names = [report.name for report in reports]
    return [report.title if names.count(report.name) > 1 else report.name for report in reports]


def _heading_of(pages: Sequence[Page]) -> str:
    return pages[0].title if len(pages) == 1 else "Explanations"


def _notes(notes: Sequence[str]) -> Iterator[str]:
    if notes:
        yield '<section>\n<h2 id="notes">Notes</h2>\n<ul>'
        yield from (f"<li>{_text(note)}</li>" for note in notes)
        yield "</ul>\n</section>"


# Reports


def _reports(reports: Sequence[Report], thousands: bool) -> Iterator[str]:
    for number, (report, name) in enumerate(zip(reports, _names(reports), strict=True), 1):
        key = f"r{number}"
        yield f'<section>\n<h2 id="{key}">{_text(name)}</h2>'
        for place, chart in enumerate(report.charts, 1):
            yield from _figure(report, chart, f"{key}c{place}", thousands)
        whole = readable(report)
        yield from _table(whole, key, thousands) if whole.rows else _nothing(whole, thousands)
        yield "</section>"


def _nothing(report: Report, thousands: bool) -> Iterator[str]:
    yield f'<p class="caption">{_text(titled(report, thousands))}</p>'
    yield f"<p>{_text(report.empty or 'None.')}</p>"


def _table(report: Report, key: str, thousands: bool, tool: bool = True) -> Iterator[str]:
    """A table in a region that scrolls by itself; `tool` for one to sort and filter. Its notes stand below."""
    role = f'role="region" data-name="{_text(report.name)}"' if tool else 'role="group"'
    yield f'<div class="scroll" {role} aria-labelledby="{key}t" tabindex="0">'
    yield f'<table class="{_fit(report, thousands)}">'
    yield f'<caption id="{key}t">{_text(titled(report, thousands))}</caption>'
    yield "<thead><tr>" + "".join(map(_column, report.columns)) + "</tr></thead>"
    first_total = len(report.rows) - report.totals
    for tag, rows in (("tbody", report.rows[:first_total]), ("tfoot", report.rows[first_total:])):
        if rows or tag == "tbody":
            yield f"<{tag}>"
            yield from (_row(row, report.columns, thousands) for row in rows)
            yield f"</{tag}>"
    yield "</table>\n</div>"
    yield from (f'<p class="note">{_text(note)}</p>' for note in notes_with(report, thousands))


def _column(column: Column) -> str:
    styles = ["n"] * is_number(column.kind) + ["l"] * (len(column.name) > WRAPS or _longest_word(column) > BREAKS)
    return f'<th scope="col"{_class(" ".join(styles))}>{_text(column.name)}</th>'


def _class(style: str) -> str:
    return f' class="{style}"' if style else ""


def _longest_word(column: Column) -> int:
    return max(map(len, column.name.split()), default=0)


def _row(row: Sequence[Any], columns: Sequence[Column], thousands: bool) -> str:
    cells = [
        _cell(shown(value, column.kind, thousands), column, place == 0)
        for place, (value, column) in enumerate(zip(row, columns, strict=True))
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _cell(text: str, column: Column, first: bool) -> str:
    style = "n" if is_number(column.kind) else "w" if column.kind == "wide" else "l" if len(text) > WRAPS else ""
    of = _class(SIGNS.get(text, style) if column.kind == "text" else style)
    return f'<th scope="row"{of}>{_text(text)}</th>' if first and text else f"<td{of}>{_text(text)}</td>"


def _fit(report: Report, thousands: bool) -> str:
    """The class of the largest print that holds the table on A4, every figure whole."""
    across = 0
    for place, column in enumerate(report.columns):
        longest = max([len(shown(row[place], column.kind, thousands)) for row in report.rows], default=0)
        words = min(_longest_word(column), BREAKS) + 2
        across += max(words, longest if column.kind not in ("wide", "text") else min(longest, WRAPS)) + 2
    return next((name for most, name in FITS if across <= most), "p2")


# Charts


def _figure(report: Report, chart: Chart, key: str, thousands: bool) -> Iterator[str]:
    """A chart with its words, and its figures in a table beside it."""
    drawing = svg(report, chart, key, thousands)
    drawing.set("aria-labelledby", f"{key}n {key}d")
    described = _described(report, chart, thousands)
    for place, (tag, end, words) in enumerate((("title", "n", chart.title), ("desc", "d", described))):
        drawing.insert(place, ElementTree.Element(tag, {"id": key + end}))
        drawing[place].text = printable(words)
    start = axis_of(report, chart)[0]
    begins = f" <span>The axis begins at {shown(start, 'money', thousands)}, not at zero.</span>" if start > 0 else ""
    caption = titled(replace(report, title=chart.title), thousands)
    yield f"<figure>\n<figcaption>{_text(caption)}{'.' if begins else ''}{begins}</figcaption>"
    yield ElementTree.tostring(drawing, encoding="unicode", short_empty_elements=False)
    yield "<div>"
    yield from _table(_beside(report, chart), key, thousands, tool=False)
    yield "</div>\n</figure>"


def _beside(report: Report, chart: Chart) -> Report:
    """The figures of a chart: its categories and series, or for a waterfall the columns that are not its drawing."""
    drawn: Sequence[str] = chart.series
    if chart.kind == "waterfall":
        drawn = [column.name for column in report.columns if column.kind == "money" and column.name not in drawn]
    values = {name: values_of(report, chart, name) for name in (chart.categories, *drawn)}
    filled = {name: own for name, own in values.items() if name == chart.categories or any(v is not None for v in own)}
    kinds = {column.name: column for column in report.columns}
    return Report(
        name="Figures",
        title=f"Figures: {chart.title}",
        columns=tuple(kinds[name] for name in filled),
        rows=tuple(zip(*filled.values(), strict=True)),
        units=report.units,
    )


def _described(report: Report, chart: Chart, thousands: bool) -> str:
    names = [str(value) for value in values_of(report, chart, chart.categories)]
    if chart.kind == "waterfall":
        totals = [shown(pence, "money", thousands) for pence in values_of(report, chart, chart.series[1])]
        ends = f"from {names[0]} {totals[0]} to {names[-1]} {totals[-1]}"
        return f"Waterfall {ends}, step by step: {', '.join(names[1:-1])}. {BESIDE}"
    if chart.kind == "tornado":
        largest = f", the largest for {names[0]}" if names else ""
        return f"Bars to both sides of zero, {' and '.join(chart.series)}{largest}. {BESIDE}"
    drawn = {"column": "Columns", "stacked": "Stacked columns"}.get(chart.kind, "Lines")
    courses = (_course(report, chart, name, thousands) for name in chart.series)
    return f"{drawn}: {'; '.join(filter(None, courses))}. {BESIDE}"


def _course(report: Report, chart: Chart, name: str, thousands: bool) -> str:
    """A series from its first figure to its last; nothing where it has none."""
    when = values_of(report, chart, chart.categories)
    values = zip(when, values_of(report, chart, name), strict=True)
    known = [f"{shown(pence, 'money', thousands)} in {year}" for year, pence in values if pence is not None]
    return f"{name} from {known[0]} to {known[-1]}" if known else ""


# Explanations


def _pages(pages: Sequence[Page], thousands: bool) -> Iterator[str]:
    """One page as a section; several folded, in their groups."""
    if not pages:
        return
    yield '<section class="explained">'
    yield f'<h2 id="explanations">{_text(_heading_of(pages))}</h2>'
    if len(pages) == 1:
        yield from _blocks(pages[0], "e1", 3, thousands)
    else:
        numbered = [(f"e{number}", page) for number, page in enumerate(pages, 1)]
        for group, own in groupby(numbered, key=lambda numbered_page: numbered_page[1].group):
            yield f"<details>\n<summary><h3>{_text(group)}</h3></summary>"
            for key, page in own:
                yield f"<details>\n<summary><h4>{_text(page.title)}</h4></summary>"
                yield from _blocks(page, key, 5, thousands)
                yield "</details>"
            yield "</details>"
    yield "</section>"


def _blocks(page: Page, key: str, level: int, thousands: bool) -> Iterator[str]:
    for number, block in enumerate(page.blocks, 1):
        if isinstance(block, tuple):
            yield f"<h{level}>{_text(block[0])}</h{level}>"
        elif isinstance(block, str):
            yield f"<p>{_text(block)}</p>"
        elif block.rows:
            yield from _table(block, f"{key}b{number}", thousands, tool=False)
        else:
            yield from _nothing(block, thousands)
