"""Reports on the screen or in a pipe, with rich: off a terminal a table is never cut, and no digit is ever cut."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, Literal, TextIO

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from bch_apportion.places import Place, cell_runs
from bch_apportion.problems import Problem
from bch_apportion.writing.report import Kind, Page, Report
from bch_apportion.writing.text import SIGNS, Sign, bar, is_number, notes_with, printable, rounding_note, shown, titled

PIPE_WIDTH = 1_000  # a pipe has no width: wider than any table but for its longest texts, which wrap between words
WRAPPED = 30  # on a screen, a long text that wraps has at least so many columns, a short one half of its own
GAP = "  "  # between two columns
TURNED = 132  # columns: a wider table gives way to what stands for it, where it has that


class Screen(Console):
    """A console that leaves a closed pipe to the program, which ends quietly."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console_for(stream: TextIO, color: bool) -> Console:
    """A console that writes plain lines where `stream` is no terminal; without colour, no escape code at all."""
    terminal = stream.isatty()
    styled = color and not os.environ.get("NO_COLOR")
    return Screen(
        file=stream,
        force_terminal=terminal,
        color_system="auto" if styled else None,
        width=None if terminal else PIPE_WIDTH,
        highlight=False,
        emoji=False,
        markup=False,
    )


def _say(console: Console, text: Text) -> None:
    """A line of text: wrapped between words on a screen, whole in a pipe."""
    text.plain = printable(text.plain)
    console.print(text, soft_wrap=not console.is_terminal)


def show(console: Console, parts: Iterable[Report | Page], thousands: bool = False) -> None:
    """Print reports and pages, one after the other."""
    for number, part in enumerate(parts):
        if number:
            console.print()
        if isinstance(part, Page):
            _show_page(console, part, thousands)
        else:
            _show_report(console, part, thousands)


def _show_page(console: Console, page: Page, thousands: bool) -> None:
    console.print(Text(printable(titled(page, thousands)), style="bold underline"))
    if page.lead:
        _say(console, Text(page.lead))
    for block in page.blocks:
        console.print()
        if isinstance(block, tuple):
            console.print(Text(block[0], style="bold underline"))
        elif isinstance(block, str):
            _say(console, Text(block))
        else:
            _show_report(console, block, thousands)
    if note := rounding_note(page, thousands):
        _say(console, Text(note, style="dim"))


def _show_report(console: Console, report: Report, thousands: bool) -> None:
    if report.title:
        _say(console, Text(titled(report, thousands), style="bold"))
    if report.rows:
        _show_table(console, report, thousands)
    else:
        console.print(Text(report.empty or "None."))
    for note in notes_with(report, thousands) if report.rows else ():
        _say(console, Text(note, style="dim"))


def _show_table(console: Console, report: Report, thousands: bool) -> None:
    """Print a table; where it is too wide, what stands for it then, or each of its rows as lines."""
    texts = _texts(report, thousands)
    least = _across(_narrowest(report, texts))
    if least <= min(console.width, TURNED if report.turned else least):
        if console.is_terminal or not _write_plain(console.file, report, texts):
            _print_table(console, report, texts)
        return
    for number, other in enumerate(report.turned):
        if number:
            console.print()
        _show_table(console, other, thousands)
    if not report.turned:
        _print_turned(console, report, texts)


def _across(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _longest(texts: Sequence[Sequence[str]]) -> list[int]:
    """How wide each column is that does not wrap."""
    return [max(map(cell_len, own)) for own in zip(*texts, strict=True)]


def _narrowest(report: Report, texts: Sequence[Sequence[str]]) -> list[int]:
    """How narrow each column may be: its longest text, or a part of it where that may wrap, but no word is broken."""
    widths = _longest(texts)
    for place, column in enumerate(report.columns):
        if column.kind == "wide":
            word = max((cell_len(word) for row in texts for word in row[place].split()), default=0)
            widths[place] = min(widths[place], max(word, min(WRAPPED, (widths[place] + 1) // 2)))
    return widths


def _widths(report: Report, texts: Sequence[Sequence[str]], across: int) -> list[int]:
    """How wide each column is: what room there is goes to the shorter texts first, which then need not wrap."""
    whole, widths = _longest(texts), _narrowest(report, texts)
    room = across - _across(widths)
    for place in sorted(range(len(widths)), key=whole.__getitem__):
        more = min(room, whole[place] - widths[place])
        widths[place] += more
        room -= more
    return widths


def _texts(report: Report, thousands: bool) -> list[list[str]]:
    """The texts of a table: its columns' names, blank where they are not shown, then its rows.

    Bars are drawn beside the longest.
    """
    bars = [place for place, column in enumerate(report.columns) if column.kind == "bar"]
    longest = max((abs(row[place] or 0) for row in report.rows for place in bars), default=0)

    def text(value: Any, kind: Kind) -> str:
        return printable(shown(value, kind, thousands)) if kind != "bar" or value is None else bar(value, longest)

    kinds = [column.kind for column in report.columns]
    names = [printable(column.name) if report.headed else "" for column in report.columns]
    return [names, *([text(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in report.rows)]


def _write_plain(file: IO[str], report: Report, texts: Sequence[Sequence[str]]) -> bool:
    """Write a table off a terminal as `_print_table` would; False where a text would have to wrap."""
    widths = _longest(texts)
    if _across(widths) > PIPE_WIDTH:
        return False
    right = [is_number(column.kind) for column in report.columns]
    names, *rows = texts
    if report.headed:
        file.write(_line(names, widths, right) + "─" * _across(widths) + "\n")
    for number, row in enumerate(rows):
        if number and number == len(rows) - report.totals:
            file.write("\n")
        file.write(_line(row, widths, right))
    return True


def _line(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = []
    for text, width, to_the_right in zip(texts, widths, right, strict=True):
        blank = " " * (width - (len(text) if text.isascii() else cell_len(text)))
        cells.append(blank + text if to_the_right else text + blank)
    return GAP.join(cells).rstrip() + "\n"


def _print_table(console: Console, report: Report, texts: Sequence[Sequence[str]]) -> None:
    """Print a table that fits; texts wrap between words in their own column."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), show_header=report.headed)
    names, *rows = texts
    for name, column, width in zip(names, report.columns, _widths(report, texts, console.width), strict=True):
        side: Literal["left", "right"] = "right" if is_number(column.kind) else "left"
        table.add_column(Text(name), justify=side, no_wrap=column.kind != "wide", width=width)
    first_total = len(rows) - report.totals
    for number, row in enumerate(rows):
        if number == first_total and number:
            table.add_section()
        cells = (Text(text, style=_style(text)) for text in row)
        table.add_row(*cells, style="bold" if number >= first_total else None)
    _print_lines(console, console.render_lines(table, pad=False))


def _print_turned(console: Console, report: Report, texts: Sequence[Sequence[str]]) -> None:
    """Print each row of a table as lines, a heading to a line; a long text wraps beside its heading."""
    names = [printable(column.name) for column in report.columns]
    lines: list[list[Segment]] = []
    for row in texts[1:]:
        filled = [(name, text) for name, text in zip(names, row, strict=True) if text]
        lines += [[], *_turned(console, filled)]
    _print_lines(console, lines[1:])


def _turned(console: Console, row: Sequence[tuple[str, str]]) -> Iterator[list[Segment]]:
    """The lines of a row: each heading before its text."""
    across = max((cell_len(name) for name, _ in row), default=0)
    room = console.width - across - len(GAP)
    dim = console.get_style("dim")
    for name, text in row:
        style = console.get_style(_style(text))
        whole = len(text) <= room and text.isascii()
        for number, part in enumerate([text] if whole else Text(text).wrap(console, max(room, 1))):
            heading = name if not number else ""
            yield [Segment(set_cell_size(heading, across) + GAP, dim), Segment(str(part), style)]


def _style(text: str) -> str:
    return STYLES[SIGNS[text]] if text in SIGNS else ""


def _print_lines(console: Console, lines: Iterable[list[Segment]]) -> None:
    """Print lines without the blanks at their ends."""
    parts = (part for line in lines for part in (*_without_end(line), Segment.line()))
    console.print(Segments(parts), end="", crop=False)


def _without_end(line: list[Segment]) -> list[Segment]:
    """A line without the blanks at its end."""
    while line and not line[-1].text.strip():
        line.pop()
    return [*line[:-1], Segment(line[-1].text.rstrip(), line[-1].style)] if line else []


STYLES: dict[Sign, str] = {"good": "green", "warn": "yellow", "bad": "bold red"}


def show_stamp(console: Console, stamp: str) -> None:
    """What is laid over the workbook for the figures that follow; nothing where it is the workbook alone."""
    if stamp:
        _say(console, Text(f"Not the workbook alone: {stamp}", style="bold yellow"))
        console.print()


def show_more(console: Console, text: str) -> None:
    """The last line of a first page."""
    console.print()
    _say(console, Text(text, style="dim"))


def show_notes(console: Console, notes: Sequence[str]) -> None:
    """Notes, one to a line."""
    if notes:
        console.print()
        console.print(Text("Notes", style="bold"))
    for note in notes:
        _say(console, Text(f"- {note}"))


GROUPED = 6  # more of a kind than this are shown together


def show_problems(console: Console, problems: Sequence[Problem], source: str) -> None:
    """Every problem: where, what, what to do. Runs of the same kind on a sheet are grouped, every cell named."""
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    _say(console, Text(f"{count} in {source}; no figures were written", style="bold"))
    groups: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.sheet, problem.code, problem.remedy), []).append(problem)
    for group in groups.values():
        if len(group) <= GROUPED or not all(problem.cell for problem in group):
            for problem in group:
                _problem(console, problem.where or source, problem.message, problem.code)
        else:
            values = list(dict.fromkeys(p.value for p in group if p.value))
            held = f" ({', '.join(values[:GROUPED])}{', …' if len(values) > GROUPED else ''})" if values else ""
            cells = cell_runs([Place(cell=p.cell) for p in group])
            what = f"{len(group)} cells{held}; the first: {group[0].message}. All of them: {cells}"
            _problem(console, group[0].where, what, group[0].code)
        _say(console, Text(f"    → {group[0].remedy}"))


def _problem(console: Console, where: str, message: str, code: str) -> None:
    _say(console, Text.assemble("  ", (where, "bold"), f": {message} ", (f"[{code}]", "dim")))
