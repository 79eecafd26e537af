"""A query before its effect is known, and the effect: the units it touches are computed again as if it were a slip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from bch_apportion.further import Further
from bch_apportion.model import ForceCode, Inputs, UnitCode
from bch_apportion.money import Pence
from bch_apportion.problems import Effect, Query
from bch_apportion.recipe.order import run, run_actuals
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.years import FinancialYear

if TYPE_CHECKING:
    from bch_apportion.ledger import Ledger

Totals: TypeAlias = dict[tuple[UnitCode, FinancialYear, ForceCode], Pence]


class Alternative(NamedTuple):
    """The inputs without the slip, and the units that it touches; `word` tells several alternatives apart.

    With a `year` its change counts in that year alone.
    """

    inputs: Inputs
    units: frozenset[UnitCode]
    of_actuals: bool = False
    word: str = ""
    year: FinancialYear | None = None


class Suspicion(NamedTuple):
    """A query, and what the inputs would be if it is the slip it looks like."""

    query: Query
    alternatives: tuple[Alternative, ...] = ()


def effects_of(ledger: Ledger, alternatives: Sequence[Alternative]) -> tuple[Effect, ...]:
    """What each force would pay more or less under each alternative, for every unit and year that changes."""
    return tuple(effect for alternative in alternatives for effect in _effects(ledger, alternative))


def _effects(ledger: Ledger, alternative: Alternative) -> Iterator[Effect]:
    if alternative.of_actuals:
        results = _computed(ledger.inputs, alternative)
    else:
        results = tuple(
            result
            for result in ledger.results
            if result.unit.code in alternative.units and alternative.year in (None, result.year)
        )
    now, then = _totals(results), _totals(_computed(alternative.inputs, alternative))
    for place in {**now, **then} if then else ():
        change = then.get(place, 0) - now.get(place, 0)
        if change:
            yield Effect(*place, pence=change, alternative=alternative.word)


def _computed(inputs: Inputs, alternative: Alternative) -> tuple[UnitYear, ...]:
    """What becomes of the units that are touched; nothing where they cannot be computed."""
    units = alternative.units
    part = replace(
        inputs,
        units=tuple(unit for unit in inputs.units if unit.code in units),
        budgets=tuple(row for row in inputs.budgets if row.unit in units),
        actuals=tuple(row for row in inputs.actuals if row.unit in units),
        business_cases=(),
        further=Further(),
    )
    outcome = run_actuals(part) if alternative.of_actuals else run(part)
    if alternative.year is not None:
        return tuple(result for result in outcome.results if result.year == alternative.year)
    return () if outcome.problems else outcome.results


def _totals(results: Sequence[UnitYear]) -> Totals:
    return {
        (result.unit.code, result.year, force): pence for result in results for force, pence in result.totals().items()
    }
