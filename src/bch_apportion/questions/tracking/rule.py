"""Unit costs over time: in cash and in the prices of a base year, against the plan, and what has been saved.

Positive is a saving. The cost of a unit and year is its outturn where there is any, else its budget, and says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bch_apportion.answers import run_of
from bch_apportion.ledger import Ledger
from bch_apportion.model import Inputs
from bch_apportion.money import Pence, half_up
from bch_apportion.problems import Lacking, complete
from bch_apportion.questions.bridge import business_cases
from bch_apportion.questions.tracking.rows import Protection, Source, Track, TrackRow, TrackTotal
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.recipe.prices import look_up_prices
from bch_apportion.years import FinancialYear

Costs = dict[FinancialYear, tuple[Source, UnitYear]]


def track(
    budgets: Ledger,
    actuals: Ledger | None,
    base: FinancialYear | None = None,
    years: Sequence[FinancialYear] = (),
    units: Sequence[str] = (),
    version: str = "original",
) -> Track:
    """Unit costs over the years (`years` and `units` narrow what is shown, not what a saving is counted from).

    Raises InputProblems where the workbook has deflators and a needed year has none.
    """
    inputs = budgets.inputs
    costs = {unit.code: _costs(unit.code, budgets, actuals) for unit in inputs.units if not units or unit.code in units}
    plans = {where: case.total() for where, case in business_cases(inputs, version).items()}
    outcomes = [row for own in costs.values() if own for row in _rows(inputs, own, base, plans, years=years)]
    shown = complete(outcomes, inputs.source)
    results = [result for own in costs.values() for year, (_, result) in own.items() if not years or year in years]
    return Track(
        run=run_of(inputs, budgets.as_at),
        base=base,
        rows=shown,
        totals=list(_totals(shown)),
        protection=_protection(inputs.force_codes(), results),
        without_base=[unit for unit, own in costs.items() if own and (base or min(own)) not in own],
    )


def _costs(unit: str, budgets: Ledger, actuals: Ledger | None) -> Costs:
    """What a unit cost in each year: its outturn where there is any, else its budget."""
    costs: Costs = {result.year: ("budgets", result) for result in budgets.results if result.unit.code == unit}
    if actuals is not None:
        costs |= {result.year: ("actuals", result) for result in actuals.results if result.unit.code == unit}
    return dict(sorted(costs.items()))


def _rows(
    inputs: Inputs,
    costs: Costs,
    base: FinancialYear | None,
    plans: dict[tuple[str, FinancialYear], Pence],
    *,
    years: Sequence[FinancialYear],
) -> Iterator[TrackRow | Lacking]:
    """A unit's cost in each year shown, beside that of its base year."""
    first = base or min(costs)
    start = _cost(costs[first][1]) if first in costs else None
    for year, (source, result) in costs.items():
        if years and year not in years:
            continue
        unit, cash = result.unit, _cost(result)
        real = _real(inputs, result, first) if inputs.deflators else None
        if isinstance(real, Lacking):
            yield real
            continue
        yield TrackRow(
            unit=unit.code,
            year=year,
            source=source,
            cash=cash,
            real=real,
            plan=plans.get((unit.code, year)),
            saving_cash=None if start is None else start - cash,
            saving_real=None if start is None or real is None else start - real,
            programme=unit.programme,
        )


def _cost(result: UnitYear) -> Pence:
    return sum(line.pence for line in result.lines)


def _real(inputs: Inputs, result: UnitYear, base: FinancialYear) -> Pence | Lacking:
    """A cost in the prices of the base year."""
    if result.year == base:
        return _cost(result)
    prices = look_up_prices(inputs, result.year, base, f"for the cost of {result.unit.code} in {base} prices")
    return prices if isinstance(prices, Lacking) else half_up(_cost(result) * prices.ratio)


def _protection(forces: Sequence[str], results: Sequence[UnitYear]) -> list[Protection]:
    moves = [line for result in results for line in result.lines if line.component == "no_loser"]
    return [
        Protection(
            force=force,
            received=sum(-line.pence for line in moves if line.force == force and line.pence < 0),
            funded=sum(line.pence for line in moves if line.force == force and line.pence > 0),
        )
        for force in forces
    ]


def _totals(rows: Sequence[TrackRow]) -> Iterator[TrackTotal]:
    """Per programme and year, then in all."""
    programmes = [name for name in dict.fromkeys(row.programme for row in rows) if name]
    for programme in (*programmes, None):
        own = [row for row in rows if programme in (None, row.programme)]
        for year in sorted({row.year for row in own}):
            yield _total(programme, year, [row for row in own if row.year == year])


def _total(programme: str | None, year: FinancialYear, rows: Sequence[TrackRow]) -> TrackTotal:
    based = [row for row in rows if row.saving_cash is not None]
    return TrackTotal(
        programme=programme,
        year=year,
        units=len(rows),
        units_with_base=len(based),
        cash=sum(row.cash for row in rows),
        real=sum_of_all([row.real for row in rows]),
        saving_cash=sum_of_all([row.saving_cash for row in based]),
        saving_real=sum_of_all([row.saving_real for row in based]),
    )


def sum_of_all(amounts: Sequence[Pence | None]) -> Pence | None:
    """The sum of amounts that are all known; None where there are none, or an amount is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known and len(known) == len(amounts) else None
