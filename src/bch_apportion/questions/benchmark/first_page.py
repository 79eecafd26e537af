"""The first page of `benchmark`: each function's cost for its size beside the comparators', and what is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bch_apportion.answers import table
from bch_apportion.groups import groups
from bch_apportion.ledger import Ledger
from bch_apportion.questions.benchmark.page import NO_ROWS
from bch_apportion.questions.benchmark.rows import NO_WHOLE_OUTTURN, Benchmark, BenchmarkRow
from bch_apportion.questions.first_page import MOST_UNITS, MOVEMENTS, listed, money, signed, standing_line
from bch_apportion.words import many
from bch_apportion.writing.report import Kind, Page, Report, columns, plain_table
from bch_apportion.writing.text import shown

IN_ALL = "difference in all"  # a heading that is true in pounds and in thousands
COST = {"cost": "cost"}
CAUTION = (
    "A difference is a question, not a finding: scope, the price of labour and the quality of the service differ "
    "between services."
)


def first_page(answer: Benchmark, ledger: Ledger) -> Page:
    """The functions of a year, those whose difference is largest in words, the scope, what is left out."""
    compared = [row for row in answer.rows if row.difference is not None]
    per, group = f", {answer.per}" if answer.measure else "", f", group {answer.group}" if answer.group else ""
    return Page(
        title=f"What the functions cost beside other services in {answer.year}{per}{group}: "
        f"{ledger.inputs.source}, {answer.rests_on}",
        units="£",
        blocks=tuple(block for block in _blocks(answer, compared, ledger) if block),
    )


def _blocks(answer: Benchmark, compared: Sequence[BenchmarkRow], ledger: Ledger) -> Iterator[str | Report]:
    yield _functions(answer, compared)
    if compared:
        yield _largest(answer, compared)
        yield CAUTION
    yield " ".join((*answer.absent, *_budgeted(answer), *_scope(answer, ledger)))
    yield _left_out(answer)
    yield standing_line(ledger, answer.year, answer.notes)


def _functions(answer: Benchmark, compared: Sequence[BenchmarkRow]) -> Report:
    """A row for each function; too wide, the difference and the rank in a table of their own."""
    rates = {
        "ours": "per_size",
        "comparators": "comparators_per_size",
        f"difference {answer.per}": "difference_per_size",
    }
    stands = {IN_ALL: "difference", "rank": "rank_words", "quartile": "quartile"}
    rests_on = {"rests on": "rests_on"} if len({row.rests_on for row in answer.rows}) > 1 else {}
    meaning = (
        f"Ours, comparators: £ {answer.per}. {IN_ALL.capitalize()}: at our size; above zero we cost more. "
        "Rank: the cheapest first."
    )
    if not compared:
        own = {f"£ {answer.per}": "per_size"} if answer.sizes else {}
        return _table(answer, compared, COST | own | rests_on)
    beside = _table(answer, compared, rates, [meaning])
    narrow = _table(answer, compared, COST | stands)
    return replace(_table(answer, compared, COST | rates | stands | rests_on, [meaning]), turned=(narrow, beside))


def _table(
    answer: Benchmark, compared: Sequence[BenchmarkRow], names: dict[str, Any], notes: Sequence[str] = ()
) -> Report:
    """The functions (where they are many, those with the largest differences), and those that compare in all."""
    left = len(answer.rows) - MOST_UNITS
    rows = answer.rows if left <= 0 else sorted(answer.rows, key=lambda row: -abs(row.difference or 0))[:MOST_UNITS]
    more = [f"and {many(left, 'function')} more, whose difference is less: --show functions"] if left > 0 else []
    pounds: dict[str, Kind] = {"cost": "pounds", IN_ALL: "pounds"}
    report = plain_table(
        "First page",
        "",
        table(rows, BenchmarkRow, {"function": "function", **names}),
        kinds={"function": "wide", "rank": "figure", "quartile": "whole", "rests on": "text", **pounds},
        notes=(*more, *notes),
        units="",
        empty=NO_ROWS,
    )
    if len(compared) < 2 or IN_ALL not in names:
        return report
    name = "All functions" if len(compared) == len(answer.rows) else "All that compare"
    sums = {"cost": sum(row.cost for row in compared), IN_ALL: sum(row.difference or 0 for row in compared)}
    return replace(report, rows=(*report.rows, (name, *map(sums.get, names))), totals=1)


def _largest(answer: Benchmark, compared: Sequence[BenchmarkRow]) -> Report:
    """The largest differences in words, whatever their sign."""
    rows = sorted(compared, key=lambda row: -abs(row.difference or 0))[:MOVEMENTS]
    heads = columns("function", ("difference", "figure"), ("because", "wide"))
    shown_rows = tuple((row.function, signed(row.difference or 0), _why(answer, row)) for row in rows)
    return Report("Differences", "Largest differences in all", heads, shown_rows, headed=False)


def _why(answer: Benchmark, row: BenchmarkRow) -> str:
    """Our cost per size beside the comparators', from the lowest to the highest of them."""
    own, theirs = (f"£{shown(rate, 'rate')}".replace("£-", "-£") for rate in (row.per_size, row.comparators_per_size))
    ends = " to ".join(f"{shown(end.per_size, 'rate')} ({end.force})" for end in (row.lowest, row.highest) if end)
    others = f"{many(row.comparators, 'comparator')} {theirs}, from {ends}"
    return f"{own} {answer.per}; {others}; rank {row.rank_words}, quartile {row.quartile}"


def _budgeted(answer: Benchmark) -> Iterator[str]:
    """Which units are on the budget although the outturn was asked for."""
    if answer.on_budget:
        yield f"{NO_WHOLE_OUTTURN.format(year=answer.year)}: {listed(answer.on_budget, 'costs')}."


def _scope(answer: Benchmark, ledger: Ledger) -> Iterator[str]:
    """In which functions what the members retain is counted, so that the scope is stated."""
    if not ledger.inputs.further.retained or not answer.rows:
        return
    stated = [f"{row.function} {money(row.retained)}" for row in answer.rows if row.retained is not None]
    unstated = [row.function for row in answer.rows if row.retained is None]
    if stated:
        yield f"What the members still spend themselves is counted: {listed(stated, 'functions')}."
    if unstated:
        yield f"Scope not stated: {listed(unstated, 'functions')}."


def _left_out(answer: Benchmark) -> str:
    """What is not compared, and why; where nothing is there to compare with, that has been said of the functions."""
    nothing = not answer.sizes or all(row.ours for row in answer.services)
    said = {row.function for row in answer.rows} if nothing else set()
    reasons = groups((row.why, row.what) for row in answer.left_out if row.what not in said)
    named = [f"{why}: {listed(names, 'left-out')}" for why, names in reasons.items()]
    return f"Not compared. {'. '.join(text[0].upper() + text[1:] for text in named)}." if named else ""
