"""Queries as a reader sees them: the unanswered in front of every result, the answered and the effects behind it."""

from __future__ import annotations

from collections.abc import Sequence

from bch_apportion.groups import groups
from bch_apportion.money import pounds_words
from bch_apportion.places import cell_runs
from bch_apportion.problems import Effect, Query
from bch_apportion.questions.first_page import money
from bch_apportion.words import instead
from bch_apportion.writing.report import Page, Report, columns

SHOWN = 4  # units and years of an effect on the screen; all of them are in the workbook and in JSON
HOW = "To answer one, put its key in the column query of a sheet Answers, and the reason in the column answer."


def counted(queries: Sequence[Query]) -> str:
    """How many queries are unanswered, and what the largest of them moves, for the head of a first page."""
    unanswered = _unanswered(queries)
    if not unanswered:
        return "No query is unanswered."
    effects = [abs(effect.pence) for query in unanswered if (effect := query.largest()) is not None]
    largest = f", the largest moves {money(max(effects))}" if max(effects, default=0) >= 50 else ""
    count = f"{len(unanswered)} quer{'y' if len(unanswered) == 1 else 'ies'} unanswered"
    return f"{count}{largest}: --show queries"


def front(queries: Sequence[Query]) -> list[Page]:
    """The unanswered queries as paragraphs; nothing where there are none."""
    blocks = front_blocks(queries)
    return [Page(_title(len(blocks) - 1), tuple(blocks))] if blocks else []


def front_blocks(queries: Sequence[Query]) -> list[str]:
    """The unanswered queries as paragraphs, and how they are answered."""
    blocks = [_paragraph(number, query) for number, query in enumerate(_unanswered(queries), 1)]
    return [*blocks, HOW] if blocks else []


def front_sheets(queries: Sequence[Query]) -> list[Report]:
    """The unanswered queries as a table; nothing where there are none."""
    unanswered = _unanswered(queries)
    rows = [(query.message, cell_runs(query.cells), *_largest(query), query.key) for query in unanswered]
    heads = columns(("query", "wide"), ("cells", "wide"), ("largest effect", "money"), ("on", "wide"), ("key", "wide"))
    title = _title(len(rows))
    return [Report("Queries", title, heads, tuple(rows), notes=(HOW,), units="£")] if rows else []


def back_sheets(queries: Sequence[Query]) -> list[Report]:
    """Every effect of a query, and the queries that are answered; no table without rows."""
    effects = tuple(
        (query.key, effect.alternative, effect.unit, effect.year, effect.force, effect.pence)
        for query in queries
        for effect in query.effects
    )
    heads = columns(("query", "wide"), "if", "unit", ("year", "year"), "force", ("effect", "money"))
    title = "What each force would pay more (+) or less (−) if a query is the slip it looks like"
    reports = [Report("Effects of queries", title, heads, effects, units="£")] if effects else []
    answered = answered_table(queries)
    return [*reports, *answered]


def answered_table(queries: Sequence[Query]) -> list[Report]:
    """The queries that somebody has answered; nothing where there are none."""
    rows = tuple(
        (query.message, query.answer.answer, query.answer.who, query.answer.day, query.key)
        for query in queries
        if query.answer is not None
    )
    heads = columns(("query", "wide"), ("answer", "wide"), "who", ("date", "date"), ("key", "wide"))
    return [Report("Answered queries", "Queries that are answered", heads, rows)] if rows else []


def _unanswered(queries: Sequence[Query]) -> list[Query]:
    return [query for query in queries if query.answer is None]


def _title(count: int) -> str:
    return f"{count} quer{'y' if count == 1 else 'ies'} unanswered: what could be right, and is more often a slip"


def _paragraph(number: int, query: Query) -> str:
    where = f"{cell_runs(query.cells)}: " if query.cells else ""
    effect = f" If it is a slip: {_effect_words(query.effects)}." if query.effects else ""
    return f"{number}. {where}{query.message}.{effect} [{query.key}]"


def _largest(query: Query) -> tuple[int | None, str]:
    largest = query.largest()
    if largest is None:
        return None, ""
    alternative = f", {instead(largest.alternative)}" if largest.alternative else ""
    return largest.pence, f"{largest.force}, {largest.unit} {largest.year}{alternative}"


def _effect_words(effects: Sequence[Effect]) -> str:
    """Who would pay more or less, by unit and year; the largest where there are many."""

    def about(effect: Effect) -> str:
        return f"{f'{instead(effect.alternative)}, ' if effect.alternative else ''}{effect.unit} {effect.year}"

    by_year = groups((about(effect), effect) for effect in effects)
    order = sorted(by_year, key=lambda name: -max(abs(effect.pence) for effect in by_year[name]))
    shown = [name for name in by_year if name in order[:SHOWN]]
    words = [f"{name} {', '.join(map(_change, by_year[name]))}" for name in shown]
    more = len(by_year) - len(shown)
    return "; ".join(words) + (f"; and {more} more units and years" if more else "")


def _change(effect: Effect) -> str:
    sign = "+" if effect.pence > 0 else ""
    return f"{effect.force} {sign}{pounds_words(effect.pence)}"
