"""Reports as one page that opens without a network: the first page open, what stands behind it folded.

Everything is in the file, and its policy lets nothing else in: the style sheet and the script are named by their
hashes. What comes from the workbook is text, in elements and attributes alike. The same reports give the same bytes.
What is folded is not printed.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import chain, groupby
from typing import Any
from xml.etree import ElementTree

from bch_apportion.writing.charts import axis_of, svg, values_of
from bch_apportion.writing.report import Chart, Column, Cover, Group, Page, Report
from bch_apportion.writing.text import (
    SIGNS,
    is_number,
    notes_with,
    printable,
    readable,
    rounding_note,
    shown,
    titled,
    without_show,
)

LYING, STANDING = 1200, 816  # characters across A4 by the points of the print
LARGEST, SMALLEST = 8, 2  # points
WIDEST = 7  # columns of figures on a first page; a table of more gives way to what stands for it
WRAPS = 26  # a text of more characters than this may wrap
BREAKS = 16  # a word of a heading of more characters than this may be broken


def document(cover: Cover, first: Page, groups: Sequence[Group], thousands: bool = False) -> str:
    """The whole page: the first page, then the groups, folded."""
    script = _own("page.js")
    lines = (
        *_head(cover, script),
        "<body>",
        '<a class="skip" href="#tables">Skip to the tables</a>',
        *_opening(cover, first, thousands),
        "<main>",
        *_first(first, thousands),
        '<section id="tables" tabindex="-1" aria-label="Tables">',
        '<p class="note">What is open is printed, what is closed is not.</p>',
        *_groups(groups, thousands),
        "</section>",
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


def _opening(cover: Cover, first: Page, thousands: bool) -> Iterator[str]:
    """The title, under what the result stands where it is not the workbook alone, and what stands right under it."""
    yield f'<header>\n<h1 id="title">{_text(titled(first, thousands))}</h1>'
    if cover.stamp:
        yield f'<p class="warn">{_text(cover.stamp)}</p>'
    yield f"<p>{_text(without_show(first.lead))}</p>\n</header>"


def _first(page: Page, thousands: bool) -> Iterator[str]:
    """The first page; what a terminal shows when it is asked stands below."""
    yield '<section class="first" aria-labelledby="title">'
    yield from map(without_show, _blocks(page, "f", 2, thousands, STANDING))
    yield "</section>"


# What is folded


def _groups(groups: Sequence[Group], thousands: bool) -> Iterator[str]:
    for number, group in enumerate(groups, 1):
        yield from _fold(group.heading, 2, _parts(group.parts, f"r{number}", thousands), several=len(group.parts) > 1)


def _fold(heading: str, level: int, inside: Iterable[str], several: bool = False) -> Iterator[str]:
    """What unfolds under a heading; `several` where that is folded in its turn."""
    yield f"<details{_class('several' if several else '')}>"
    yield f"<summary><h{level}>{_text(heading)}</h{level}></summary>"
    yield from inside
    yield "</details>"


def _parts(parts: Sequence[Report | Page], key: str, thousands: bool) -> Iterator[str]:
    """A single part as it is; several folded, pages under the heading of their group."""
    if len(parts) == 1:
        yield from _part(parts[0], key, 3, thousands)
        return
    names = [_name(part) for part in parts]
    folds = [
        (part, part.title if names.count(name) > 1 else name, f"{key}-{number}")
        for number, (part, name) in enumerate(zip(parts, names, strict=True), 1)
    ]
    for group, own in groupby(folds, key=lambda fold: fold[0].group if isinstance(fold[0], Page) else ""):
        level = 4 if group else 3
        inside = chain.from_iterable(
            _fold(name, level, _part(part, place, level + 1, thousands)) for part, name, place in own
        )
        yield from _fold(group, 3, inside, several=True) if group else inside


def _name(part: Report | Page) -> str:
    return part.name if isinstance(part, Report) else part.title


def _part(part: Report | Page, key: str, level: int, thousands: bool) -> Iterator[str]:
    if isinstance(part, Page):
        yield from _blocks(part, key, level, thousands)
        return
    yield from _figures([(part, chart) for chart in part.charts], key, thousands)
    yield from _table(readable(part), key, thousands)


def _blocks(page: Page, key: str, level: int, thousands: bool, across: int = LYING) -> Iterator[str]:
    """Headings, paragraphs and tables; a chart beside its table, or beside the last where its own is turned."""
    last = next((block for block in reversed(page.blocks) if isinstance(block, Report)), None)
    waiting: list[tuple[Report, Chart]] = []
    for number, block in enumerate(page.blocks, 1):
        if isinstance(block, tuple):
            yield f"<h{level}>{_text(block[0])}</h{level}>"
        elif isinstance(block, str):
            yield f"<p>{_text(block)}</p>"
        else:
            fits = not block.turned or sum(is_number(column.kind) for column in block.columns) <= WIDEST
            charts = [(table, chart) for table in (block, *block.turned) for chart in table.charts]
            waiting += [] if fits else charts
            beside = [*(charts if fits else ()), *(waiting if block is last else ())]
            tables = [block] if fits else block.turned
            yield from _row_of(tables, beside, f"{key}b{number}", thousands, across)
    if note := rounding_note(page, thousands):
        yield f'<p class="note">{note}</p>'


def _row_of(
    tables: Sequence[Report], charts: Sequence[tuple[Report, Chart]], key: str, thousands: bool, across: int
) -> Iterator[str]:
    """Tables with charts beside them."""
    yield '<div class="row">\n<div>'
    for place, table in enumerate(tables):
        yield from _table(table, f"{key}-{place}", thousands, False, across)
    yield "</div>"
    yield from _figures(charts, key, thousands)
    yield "</div>"


# Tables


def _table(report: Report, key: str, thousands: bool, tool: bool = True, across: int = LYING) -> Iterator[str]:
    """A table in a region that scrolls by itself; `tool` for one to sort and filter. Its notes stand below."""
    if not report.rows:
        yield f'<p class="caption">{_text(titled(report, thousands))}</p>\n<p>{_text(report.empty or "None.")}</p>'
        return
    role = f'role="region" data-name="{_text(report.name)}"' if tool else 'role="group"'
    label = f'aria-labelledby="{key}t"' if report.title else f'aria-label="{_text(report.name)}"'
    yield f'<div class="scroll" {role} {label} tabindex="0">'
    yield f'<table class="p{_print(report, thousands, across)}">'
    if report.title:
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
    if not column.name.strip():  # a heading without a name is none
        return "<td></td>"
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
    style += " i" * (style in ("w", "l") and text.startswith(" "))  # what wraps loses the blanks it begins with
    of = _class(SIGNS.get(text, style) if column.kind == "text" else style)
    return f'<th scope="row"{of}>{_text(text)}</th>' if first and text else f"<td{of}>{_text(text)}</td>"


def _print(report: Report, thousands: bool, across: int) -> int:
    """The points of the largest print that holds the table on the paper, every figure whole."""
    wide = 0
    for place, column in enumerate(report.columns):
        longest = max([len(shown(row[place], column.kind, thousands)) for row in report.rows], default=0)
        words = min(_longest_word(column), BREAKS) + 2
        wide += max(words, longest if column.kind not in ("wide", "text") else min(longest, WRAPS)) + 2
    return max(SMALLEST, min(LARGEST, across // wide))


# Charts


def _figures(charts: Sequence[tuple[Report, Chart]], key: str, thousands: bool) -> Iterator[str]:
    if charts:
        yield '<div class="figures">'
        for number, (report, chart) in enumerate(charts, 1):
            yield from _figure(report, chart, f"{key}c{number}", thousands)
        yield "</div>"


def _figure(report: Report, chart: Chart, key: str, thousands: bool) -> Iterator[str]:
    """A chart with its words; its figures are those of the table it stands beside."""
    drawing = svg(report, chart, key, thousands)
    drawing.set("aria-labelledby", f"{key}n {key}d")
    described = _described(report, chart, thousands)
    for place, (tag, end, words) in enumerate((("title", "n", chart.title), ("desc", "d", described))):
        drawing.insert(place, ElementTree.Element(tag, {"id": key + end}))
        drawing[place].text = printable(words)
    start = axis_of(report, chart)[0]
    begins = f" <span>The axis begins at {shown(start, 'pounds', thousands)}, not at zero.</span>" if start > 0 else ""
    caption = f"{chart.title} ({'£k' if thousands and chart.kind != 'slope' else '£'})"
    yield f"<figure>\n<figcaption>{_text(caption)}{'.' if begins else ''}{begins}</figcaption>"
    yield ElementTree.tostring(drawing, encoding="unicode", short_empty_elements=False)
    yield "</figure>"


def _described(report: Report, chart: Chart, thousands: bool) -> str:
    names = [str(value) for value in values_of(report, chart, chart.categories)]
    if chart.kind in ("waterfall", "steps"):
        drawn_from = chart.series[1 if chart.kind == "waterfall" else 0]
        totals = [shown(pence, "pounds", thousands) for pence in values_of(report, chart, drawn_from)]
        ends = f"from {names[0]} {totals[0]} to {names[-1]} {totals[-1]}"
        return f"Waterfall {ends}, step by step: {', '.join(names[1:-1])}."
    if chart.kind == "tornado":
        largest = f", the largest for {names[0]}" if names else ""
        return f"Bars to both sides of zero, {' and '.join(chart.series)}{largest}."
    if chart.kind == "slope":
        rates = [shown(rate, "rate") for rate in values_of(report, chart, chart.series[0])]
        starred = "".join(f"; {names[place]} * {rates[place]}" for place in chart.starred)
        return f"Bars, the largest on top: {names[0]} {rates[0]} to {names[-1]} {rates[-1]}{starred}."
    drawn = {"column": "Columns", "stacked": "Stacked columns"}.get(chart.kind, "Lines")
    courses = (_course(report, chart, name, thousands) for name in chart.series)
    return f"{drawn}: {'; '.join(filter(None, courses))}."


def _course(report: Report, chart: Chart, name: str, thousands: bool) -> str:
    """A series from its first figure to its last; nothing where it has none."""
    when = values_of(report, chart, chart.categories)
    values = zip(when, values_of(report, chart, name), strict=True)
    known = [f"{shown(pence, 'pounds', thousands)} in {year}" for year, pence in values if pence is not None]
    return f"{name} from {known[0]} to {known[-1]}" if known else ""
