"""The tidy CSV: one row for each line of the ledger, in UTF-8; text is never live in a spreadsheet that opens it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from bch_apportion.ledger import Ledger, by_subjective
from bch_apportion.money import decimal_text, pounds
from bch_apportion.writing.report import Report

LIVE = ("=", "+", "-", "@", "\t", "\r")


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> inert("=1+1"), inert("ICT")
    ("'=1+1", 'ICT')
    """
    return "'" + text if text.startswith(LIVE) else text


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A CSV of text; the rows' texts are already inert where they come from a workbook."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def stamped(text: str, stamp: str) -> str:
    """A CSV with a further column that says under which scenario its figures stand."""
    header, *rows = csv.reader(StringIO(text))
    name = "set" if "scenario" in header else "scenario"  # where the rows name their scenario it is what holds for all
    return table([*header, name], ([*row, inert(stamp)] for row in rows))


def report(shown: Report) -> str:
    """A report as CSV: money in pounds, shares with six decimals, text inert."""
    rows = []
    for values in shown.rows:
        row = []
        for value, column in zip(values, shown.columns, strict=True):
            if value is None:
                row.append("")
            elif column.kind in ("money", "bar"):
                row.append(pounds(value))
            elif column.kind == "figure":
                row.append(str(value))
            elif column.kind in ("share", "percent", "points"):
                row.append(decimal_text(value))
            else:
                row.append(inert(str(value)))
        rows.append(row)
    return table([column.name for column in shown.columns], rows)


def compute(ledger: Ledger, by: str | None = None, force: str | None = None) -> str:
    """The ledger's lines; with `by` (line, subjective) the components broken down, in two further columns."""
    header = ["unit", "year", "component", "force", "basis", "share", "amount", "reference", "cells"]
    if not by:
        return table(
            header,
            (
                (
                    inert(line.unit),
                    str(line.year),
                    line.component,
                    inert(line.force),
                    line.basis,
                    "" if line.share is None else decimal_text(line.share),
                    pounds(line.pence),
                    inert(line.reference),
                    inert("; ".join(map(str, line.cells))),
                )
                for line in ledger.lines
                if force in (None, line.force)
            ),
        )
    known = {(line.unit, line.year, line.component, line.force): line for line in ledger.lines}
    found = ledger.detail()
    rows = []
    for one in by_subjective(found) if by == "subjective" else found:
        line = known[one.unit, one.year, one.component, one.force]
        rows.append(
            (
                inert(one.unit),
                str(one.year),
                one.component,
                inert(one.force),
                line.basis,
                "" if line.share is None else decimal_text(line.share),
                pounds(one.pence),
                inert(line.reference),
                inert("; ".join(map(str, one.cells))),
                inert(one.line),
                inert(one.subjective),
            )
        )
    return table([*header, "line", "subjective"], rows)
