"""The first page of `track`: what each unit cost in its base year and costs now, and the change in all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bch_apportion.answers import headings, table
from bch_apportion.groups import sums
from bch_apportion.ledger import Ledger
from bch_apportion.money import Pence
from bch_apportion.questions.first_page import foremost, listed, money, narrowing, signed, standing_line, without
from bch_apportion.questions.tracking.page import RECURRING
from bch_apportion.questions.tracking.rows import Track, TrackRow
from bch_apportion.questions.tracking.rule import sum_of_all
from bch_apportion.words import many
from bch_apportion.writing.report import Kind, Page, Report, plain_table
from bch_apportion.writing.text import curve
from bch_apportion.years import FinancialYear

WORDS: dict[str, Kind] = {"unit": "wide", "course": "text", "rests on": "text"}  # the other columns are amounts
BROKEN, APART = " *", " †"  # beside a unit: its latest year does not compare with its base year; its years are others


def first_page(answer: Track, ledger: Ledger) -> Page:
    """The recurring cost of each unit in its base year and in its latest year shown."""
    since = _since(answer)
    return Page(
        title=f"What the units cost{f' since {since}' if since else ''}: {ledger.inputs.source}",
        units="£",
        blocks=(
            _units(answer),
            *([" ".join(closing(answer))] if answer.rows else []),
            " ".join(_meaning(answer)),
            standing_line(ledger),
        ),
    )


def _since(answer: Track) -> FinancialYear | None:
    return answer.base or min((row.base for row in answer.latest() if row.base), default=None)


def _compared(answer: Track) -> list[TrackRow]:
    """The rows that a total counts: of the last year, with a cost in the base year of all and without a break."""
    since, last = _since(answer), max(answer.years(), default=None)
    own = [row for row in answer.latest() if row.year == last and row.base == since]
    return [row for row in own if row.saving_cash is not None and not row.break_]


def _units(answer: Track) -> Report:
    """A unit's recurring cost in both years, the change and its course; the units that compare in all."""
    latest = answer.latest()
    courses = {unit: curve(answer.course(rows, "recurring")) for unit, rows in answer.units().items()}
    since, end = _since(answer), max(answer.years(), default=None)
    first, last = "base year" if since == end else str(since), str(end)
    apart = [row for row in latest if row.year != end or row.base not in (None, since)]
    names: dict[str, Any] = {
        "unit": lambda row: row.unit + APART * (row in apart) + BROKEN * row.break_,
        first: lambda row: row.base_recurring if row.base == since else None,
        last: lambda row: row.recurring if row.year == end else None,
        **headings("change | real change: change_real" if answer.in_real_terms else "change"),
        "course": lambda row: courses[row.unit],
        **headings("rests on: rests_on"),
    }
    rows, more = foremost(latest, lambda row: row.change or 0, "units")
    shown = table(rows, TrackRow, names)
    report = plain_table(
        "First page",
        "",
        shown,
        kinds={**dict.fromkeys(names, "pounds"), **WORDS},
        notes=(*more, *_apart(apart), *_breaks(latest)),
        units="",
        empty="No unit has a cost.",
    )
    compared = _compared(answer)
    if len(compared) > 1:
        amounts = [column for column in shown.columns if column.name not in WORDS]
        in_all = {column.name: sum_of_all([column.value(row) for row in compared]) for column in amounts}
        name = "All that compare" if len(compared) < len(latest) else "All units"
        report = replace(report, rows=(*report.rows, (name, *map(in_all.get, [*names][1:]))), totals=1)
    if len({row.rests_on for row in latest}) < 2:
        report = without(report, ["rests on"])
    if not any(courses.values()):
        report = without(report, ["course"])
    return narrowing(report, ["rests on"], ["rests on", first, last])


def _apart(rows: Sequence[TrackRow]) -> list[str]:
    named = [f"{row.unit} {row.base} to {row.year}" for row in rows]
    return [f"{APART.strip()} other years, in no total: {listed(named, 'units')}"] if named else []


def _breaks(latest: Sequence[TrackRow]) -> list[str]:
    """The units with a break, each with its change and in what the years differ."""
    named = [f"{row.unit} {signed(row.change or 0)} ({row.broken})" for row in latest if row.break_]
    return [f"* with a break since the base year, in no total: {listed(named, 'units')}"] if named else []


def closing(answer: Track) -> Iterator[str]:
    """What the units that compare cost now beside the base year, and what is attributed to collaboration."""
    compared = _compared(answer)
    if compared:
        base, year = compared[0].base, compared[0].year
        real = sum_of_all([row.saving_real for row in compared])
        prices = "" if real is None else f", {_less(real)} in prices of {base}"
        count, cash = many(len(compared), "unit"), sum(row.saving_cash or 0 for row in compared)
        since = f"Cost since {base}: {count} without a break cost {_less(cash)} in {year}{prices}."
        yield "A single year: there is nothing to compare." if base == year else since
    if not answer.attributed:
        yield "No amount is attributed to collaboration (Explanations, against track)."
        return
    by_year = sums((row.year, row.amount) for row in answer.attributed)
    given = ", ".join(f"{_less(amount)} in {year}" for year, amount in sorted(by_year.items()))
    yield f"Attributed to collaboration: {given} (--show attributed)."


def _less(saving: Pence) -> str:
    return f"{money(abs(saving))} {'more' if saving < 0 else 'less'}" if saving else "as much"


def _meaning(answer: Track) -> Iterator[str]:
    """What the columns mean, and what rests on what."""
    real = ", real in prices of the base year" if answer.in_real_terms else ""
    yield f"Change: above zero costs more{real}. {RECURRING}"
    sources = {row.rests_on for row in answer.latest()}
    if len(sources) == 1:
        yield f"The latest year rests on the {sources.pop()}."
    if answer.part_years:
        yield f"Part-years of outturn, not used: {len(answer.part_years)} (--show notes)."
    if not answer.in_real_terms:
        yield "No deflators, so no real terms."
    if answer.without_base:
        yield f"Without a cost in {answer.base}: {', '.join(answer.without_base)}."
