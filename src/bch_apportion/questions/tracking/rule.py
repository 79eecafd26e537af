"""Unit costs over time: in cash and in prices of a base year, beside the business case; savings of recurring cost.

Positive is a saving. The cost of a unit and year is its outturn where there is a whole one, else its budget, and says
which. A year whose members or pooled fraction differ from the base year's is a break: no total compares it with the
base.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from operator import itemgetter

from bch_apportion.answers import run_of
from bch_apportion.groups import groups
from bch_apportion.ledger import Ledger
from bch_apportion.model import BusinessCase, Explanation, Inputs
from bch_apportion.money import Pence, half_up
from bch_apportion.problems import Lacking, UnitNote, complete
from bch_apportion.questions.bridge import business_cases
from bch_apportion.questions.explained import is_against
from bch_apportion.questions.outturn import Cost, Source, costs_of
from bch_apportion.questions.tracking.rows import Attributed, Break, Protection, Track, TrackRow, TrackTotal
from bch_apportion.reading.values import key
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.recipe.prices import look_up_prices
from bch_apportion.words import part_year_note
from bch_apportion.years import FinancialYear

Costs = dict[FinancialYear, Cost]


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
    costs = _costs(budgets, actuals, units or [unit.code for unit in inputs.units])
    plans = business_cases(inputs, version)
    outcomes = [row for own in costs.values() if own for row in _rows(inputs, own, base, plans, years=years)]
    shown = complete(outcomes, inputs.source)
    entries = {(row.unit, row.year) for row in shown}
    given = [row for row in inputs.explanations if is_against(row, "track") and (row.unit, row.year) in entries]
    results = [result for own in costs.values() for year, (_, result) in own.items() if not years or year in years]
    return Track(
        run=run_of(inputs, budgets.as_at),
        base=base,
        rows=shown,
        totals=list(_totals(shown)),
        protection=_protection(inputs.force_codes(), results),
        without_base=[unit for unit, own in costs.items() if own and (base or min(own)) not in own],
        attributed=[_attributed(row) for row in given if _is_attributed(row)],
        part_years=list(_part_years(actuals, costs, years)),
        notes=[f"{row.cell}: {NOT_ATTRIBUTED}" for row in given if not _is_attributed(row)],
    )


NOT_ATTRIBUTED = "explains nothing: against track the cause is collaboration, with an amount"


def _is_attributed(row: Explanation) -> bool:
    return key(row.cause) == "collaboration" and row.pence is not None


def _attributed(row: Explanation) -> Attributed:
    return Attributed(
        unit=row.unit,
        year=row.year,
        force=row.force or None,
        amount=row.pence or 0,
        text=row.text,
        owner=row.owner,
        cell=row.cell,
    )


def _costs(budgets: Ledger, actuals: Ledger | None, units: Sequence[str]) -> dict[str, Costs]:
    """What each unit cost in each year, in the order of the Units sheet and of the years."""
    known = sorted(costs_of(budgets, actuals).items(), key=itemgetter(0))
    by_unit = groups((unit, (year, cost)) for (unit, year), cost in known)
    return {unit.code: dict(by_unit.get(unit.code, ())) for unit in budgets.inputs.units if unit.code in units}


def _part_years(
    actuals: Ledger | None, costs: Mapping[str, Costs], years: Sequence[FinancialYear]
) -> Iterator[UnitNote]:
    """A note for each part-year shown: the budget stands in, where there is one."""
    for result in actuals.part_years() if actuals is not None else ():
        own = costs.get(result.unit.code)
        if own is not None and (not years or result.year in years):
            budget = "so its budget is used" if result.year in own else "and it has no budget: it is left out"
            yield part_year_note(result, budget)


def _rows(
    inputs: Inputs,
    costs: Costs,
    base: FinancialYear | None,
    plans: Mapping[tuple[str, FinancialYear], BusinessCase],
    *,
    years: Sequence[FinancialYear],
) -> Iterator[TrackRow | Lacking]:
    """A unit's cost in each year shown, beside that of its base year."""
    first = base or min(costs)
    start = costs[first][1] if first in costs else None
    for year, (source, result) in costs.items():
        if years and year not in years:
            continue
        prices = _prices(inputs, result, first) if inputs.deflators else None
        if isinstance(prices, Lacking):
            yield prices
        else:
            yield _row(inputs, result, source, start, prices, plans.get((result.unit.code, year)))


def _row(
    inputs: Inputs,
    result: UnitYear,
    source: Source,
    start: UnitYear | None,
    prices: Fraction | None,
    case: BusinessCase | None,
) -> TrackRow:
    """A unit's cost in a year beside that of the base year `start`; `prices` brings it to prices of that year."""
    recurring, base = _recurring(result), None if start is None else _recurring(start)
    real = None if prices is None else half_up(recurring * prices)
    return TrackRow(
        unit=result.unit.code,
        year=result.year,
        source=source,
        cash=result.budget(),
        real=None if prices is None else half_up(result.budget() * prices),
        recurring=recurring,
        recurring_real=real,
        plan=None if case is None else case.total(),
        saving_cash=None if base is None else base - recurring,
        saving_real=None if base is None or real is None else base - real,
        break_=bool(_broken(result, start)),
        base=None if start is None else start.year,
        programme=result.unit.programme,
        broken=_broken(result, start),
        plan_cash=None if case is None else _in_cash(inputs, case),
    )


def _recurring(result: UnitYear) -> Pence:
    """What a unit's year costs without implementation and one-off lines."""
    return sum(row.pence for row in (*result.parts.direct, *result.parts.revenue) if row.type == "revenue")


def _broken(result: UnitYear, start: UnitYear | None) -> str:
    """In what a year differs from the base year, so that their costs do not compare; empty where in nothing."""
    if start is None:
        return ""
    members = "members" * (set(result.members) != set(start.members))
    pooling = "pooling" * (result.parts.fraction != start.parts.fraction)
    return ", ".join(filter(None, (members, pooling)))


def _prices(inputs: Inputs, result: UnitYear, base: FinancialYear) -> Fraction | Lacking:
    """What brings a cost to the prices of the base year."""
    if result.year == base:
        return Fraction(1)
    prices = look_up_prices(inputs, result.year, base, f"for the cost of {result.unit.code} in {base} prices")
    return prices if isinstance(prices, Lacking) else Fraction(prices.ratio)


def _in_cash(inputs: Inputs, case: BusinessCase) -> Pence | None:
    """A business case in prices of its year; None where an index for that is missing."""
    if case.price_year is None or case.price_year == case.year:
        return case.total()
    prices = look_up_prices(inputs, case.price_year, case.year, f"for the business case of {case.unit}")
    return None if isinstance(prices, Lacking) else half_up(case.total() * prices.ratio)


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
    """The sums of the units without a break, and the others by name."""
    whole = [row for row in rows if not row.break_]
    based = [row for row in whole if row.saving_cash is not None]
    return TrackTotal(
        programme=programme,
        year=year,
        units=len(whole),
        units_with_base=len(based),
        cash=sum(row.cash for row in whole),
        real=sum_of_all([row.real for row in whole]),
        recurring=sum(row.recurring for row in whole),
        recurring_real=sum_of_all([row.recurring_real for row in whole]),
        saving_cash=sum_of_all([row.saving_cash for row in based]),
        saving_real=sum_of_all([row.saving_real for row in based]),
        breaks=[Break(unit=row.unit, change=-(row.saving_cash or 0)) for row in rows if row.break_],
        rests_on=" and ".join(sorted({row.rests_on for row in whole})),
    )


def sum_of_all(amounts: Sequence[Pence | None]) -> Pence | None:
    """The sum of amounts that are all known; None where there are none, or an amount is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known and len(known) == len(amounts) else None
