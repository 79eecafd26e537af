"""On what a unit stands, where nobody has decided it: shares that are kept, and a basis that has moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bch_apportion.model import Inputs, ParameterRow, Unit
from bch_apportion.problems import Query
from bch_apportion.queries.suspicion import Alternative, Suspicion
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import TermsBook
from bch_apportion.words import basis_words
from bch_apportion.years import FinancialYear


def kept(inputs: Inputs, results: Sequence[UnitYear]) -> Iterator[Suspicion]:
    """*kept-shares*: a unit that stands on kept shares."""
    for result in results:
        stays, unit, year = result.decision.kept, result.unit, result.year
        if stays is None:
            continue
        key, cells = (unit.code, str(year), str(stays.year)), tuple(filter(None, [result.decision.kept_cell]))
        message = f"{unit.code} is on kept shares in {year}: {result.decision.reason}"
        query = Query("kept-shares", key, cells, message, units=(unit.code,), years=(year,))
        alternatives = [on_basis(inputs, unit, year, basis) for basis in ("agreed", "nre")]
        yield Suspicion(query, tuple(alternatives))


def moved(inputs: Inputs, results: Sequence[UnitYear]) -> Iterator[Suspicion]:
    """*basis-moved*: a unit on basis auto on another basis than the year before, where no row or agreed set begins."""
    for result in results:
        was, unit, year = result.changed_from, result.unit, result.year
        if was is None or result.terms.basis != "auto" or _begins(inputs, unit, year):
            continue
        now = result.decision.basis
        message = (
            f"{unit.code} moves from {basis_words(was)} to {basis_words(now)} in {year}, and no row of Principles and "
            f"no agreed set begins in that year: {result.decision.reason}"
        )
        key = (unit.code, str(year), was, now)
        query = Query("basis-moved", key, (), message, units=(unit.code,), years=(year,))
        yield Suspicion(query, (on_basis(inputs, unit, year, was)._replace(word="", year=year),))


def _begins(inputs: Inputs, unit: Unit, year: FinancialYear) -> bool:
    """Whether a row of Principles for the unit or for all, or an agreed set of the unit, begins in the year."""
    rows = any(row.from_year == year and row.unit in (None, unit.code) for row in inputs.principles)
    return rows or any(agreed.from_year == year for agreed in inputs.agreed.get(unit.code, ()))


def on_basis(inputs: Inputs, unit: Unit, year: FinancialYear, basis: str) -> Alternative:
    """The inputs with a unit on another basis in a year, and in every other year on what it is set to now."""
    book = TermsBook(inputs)
    years = sorted({row.year for row in inputs.budgets if row.unit == unit.code})
    rows = [
        ParameterRow(unit.code, own, {"basis": basis if own == year else book.look_up(unit, own).basis})
        for own in years
    ]
    changed = replace(
        inputs, principles=(*_without_basis(inputs.principles), *rows), overrides=_without_basis(inputs.overrides)
    )
    return Alternative(changed, frozenset({unit.code}), word=basis)


def _without_basis(rows: Sequence[ParameterRow]) -> tuple[ParameterRow, ...]:
    return tuple(
        replace(row, values={name: value for name, value in row.values.items() if name != "basis"}) for row in rows
    )
