"""On what a unit stands, where nobody has decided it: shares that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bch_apportion.model import Inputs, ParameterRow, Unit
from bch_apportion.problems import Query
from bch_apportion.queries.suspicion import Alternative, Suspicion
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import TermsBook
from bch_apportion.years import FinancialYear


def kept(inputs: Inputs, results: Sequence[UnitYear]) -> Iterator[Suspicion]:
    """*kept-shares*: a unit that stands on kept shares."""
    for result in results:
        stays, unit, year = result.decision.kept, result.unit, result.year
        if stays is None:
            continue
        query = Query(
            "kept-shares",
            (unit.code, str(year), str(stays.year)),
            (result.decision.kept_cell,) if result.decision.kept_cell else (),
            f"{unit.code} is on kept shares in {year}: {result.decision.reason}",
            units=(unit.code,),
            years=(year,),
        )
        alternatives = [on_basis(inputs, unit, year, basis) for basis in ("agreed", "nre")]
        yield Suspicion(query, tuple(alternatives))


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
