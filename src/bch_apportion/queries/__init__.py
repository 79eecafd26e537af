"""What could be right and is more often a slip: each query with its effect, found by computing again.

A query never changes a figure; it stands before the figures until a row of the Answers sheet answers it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bch_apportion.ledger import Ledger
from bch_apportion.model import Inputs, name_key
from bch_apportion.money import Pence
from bch_apportion.problems import Query
from bch_apportion.queries import bases, coverage, figures, lines, volumes
from bch_apportion.queries.suspicion import Suspicion, effects_of
from bch_apportion.recipe.order import run


def asked(ledger: Ledger) -> Ledger:
    """The same ledger with every query of its workbook, and a note of each answer that no query has."""
    queries = queries_of(ledger)
    keys = {name_key(query.key) for query in queries}
    unused = tuple(
        f"{answer.cell}: the answer to “{answer.query}” answers no query"
        for answer in ledger.inputs.answers
        if name_key(answer.query) not in keys
    )
    return replace(ledger, queries=queries, notes=(*ledger.notes, *unused))


def queries_in(inputs: Inputs) -> tuple[Query, ...]:
    """Every query of a workbook, as far as it can be computed: what is wrong with some of its years does not matter."""
    return queries_of(Ledger(inputs=inputs, results=run(inputs).results, controls=(), notes=()))


def queries_of(ledger: Ledger) -> tuple[Query, ...]:
    """Every query of a workbook: those without an answer first, and in each part the largest effect first."""
    answers = {name_key(answer.query): answer for answer in ledger.inputs.answers}
    queries = [
        suspicion.query._replace(
            effects=effects_of(ledger, suspicion.alternatives), answer=answers.get(name_key(suspicion.query.key))
        )
        for suspicion in _each_once(_suspicions(ledger))
    ]
    return tuple(sorted(queries, key=_weight))


def of_both(first: Ledger, other: Ledger) -> tuple[Query, ...]:
    """The queries of a workbook, and those of another that only it has, their cells with its name."""
    keys = {query.key for query in first.queries}
    further = (query for query in other.queries if query.key not in keys)
    if other.inputs.source != first.inputs.source:
        name = other.inputs.source
        further = (q._replace(cells=tuple(p if p.file else p._replace(file=name) for p in q.cells)) for q in further)
    return tuple(sorted((*first.queries, *further), key=_weight))


def _weight(query: Query) -> tuple[bool, bool, Pence]:
    largest = query.largest()
    return query.answer is not None, largest is None, -abs(largest.pence) if largest else 0


def _suspicions(ledger: Ledger) -> Iterator[Suspicion]:
    inputs = ledger.inputs
    yield from lines.duplicates(inputs)
    yield from lines.called_totals(inputs)
    yield from map(Suspicion, _without_effect(inputs))
    yield from volumes.outliers(inputs, ledger.results)
    yield from map(Suspicion, volumes.stability_not_tested(ledger.results))
    yield from bases.kept(inputs, ledger.results)
    yield from bases.moved(inputs, ledger.results)


def _without_effect(inputs: Inputs) -> Iterator[Query]:
    yield from figures.jumps(inputs)
    yield from figures.fractions(inputs)
    yield from figures.signs(inputs)
    yield from figures.outside_year(inputs)
    yield from coverage.missing_years(inputs)
    yield from coverage.not_used(inputs)


def _each_once(suspicions: Iterator[Suspicion]) -> list[Suspicion]:
    """Slips with the same key are one query with the cells of all."""
    by_key: dict[str, Suspicion] = {}
    for suspicion in suspicions:
        same = by_key.get(suspicion.query.key)
        if same is None:
            by_key[suspicion.query.key] = suspicion
        else:
            cells = tuple(dict.fromkeys((*same.query.cells, *suspicion.query.cells)))
            by_key[same.query.key] = same._replace(query=same.query._replace(cells=cells))
    return list(by_key.values())
