"""Reports as GitHub-flavoured Markdown, to paste into a board paper: what is text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bch_apportion.writing.report import Page, Report
from bch_apportion.writing.text import is_number, notes_with, printable, readable, rounding_note, shown, titled

MARKS = re.compile(r"[\\`*_\[\]<>|~&$^]|:(?=//)|(?<=mailto):|(?<=xmpp):|(?<=www)\.", re.IGNORECASE)
OPENING = re.compile(r"^(\s*)([#+=-]|\d+[.)])")
AT = "@<!-- -->"  # a backslash alone does not keep an address from becoming a link


def document(parts: Sequence[Report | Page], thousands: bool = False, stamp: str = "") -> str:
    """Every report and page; the first heading is that of the document, with the stamp under it."""
    blocks: list[str] = []
    for part in parts:
        blocks += _page(part, thousands) if isinstance(part, Page) else _section(part, thousands)
    blocks[0] = blocks[0].removeprefix("#")
    blocks[1:1] = [inert(stamp)] if stamp else []
    return "\n\n".join(blocks) + "\n"


def inert(text: str) -> str:
    r"""A text with nothing in it that Markdown obeys.

    >>> print(inert("a|b <b> `c` [d](e) #1"))
    a\|b \<b\> \`c\` \[d\](e) #1
    >>> print(inert("# heading"), inert("- item"), inert("3. item"), inert("http://example.org"))
    \# heading \- item 3\. item http\://example.org
    """
    plain = MARKS.sub(lambda mark: "\\" + mark[0], printable(text).strip())
    return OPENING.sub(lambda mark: f"{mark[1]}{mark[2][:-1]}\\{mark[2][-1]}", plain).replace("@", AT)


def _section(report: Report, thousands: bool) -> Iterator[str]:
    yield f"## {inert(titled(report, thousands))}"
    yield from _table(report, thousands)


def _table(whole: Report, thousands: bool) -> Iterator[str]:
    """A pipe table, figures to the right, totals in bold; then its notes."""
    report = readable(whole)
    if not report.rows:
        yield inert(report.empty or "None.")
        return
    heads = [inert(column.name) for column in report.columns]
    rules = ["---:" if is_number(column.kind) else "---" for column in report.columns]
    first_total = len(report.rows) - report.totals
    lines = [_row(heads), _row(rules)]
    for number, row in enumerate(report.rows):
        texts = [(shown(value, head.kind, thousands), head) for value, head in zip(row, report.columns, strict=True)]
        cells = [text if is_number(head.kind) else inert(text) for text, head in texts]
        lines.append(_row([f"**{cell}**" if cell and number >= first_total else cell for cell in cells]))
    yield "\n".join(lines)
    for note in notes_with(report, thousands):
        yield inert(note)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _page(page: Page, thousands: bool) -> Iterator[str]:
    yield f"## {inert(titled(page, thousands))}"
    if page.lead:
        yield inert(page.lead)
    for block in page.blocks:
        if isinstance(block, tuple):
            yield f"### {inert(block[0])}"
        elif isinstance(block, str):
            yield inert(block)
        else:
            if block.title:
                yield f"**{inert(titled(block, thousands))}**"
            yield from _table(block, thousands)
    if note := rounding_note(page, thousands):
        yield note
