"""What is not there, or of no use: a year without a budget, a force or a unit that nothing names."""

from __future__ import annotations

from collections.abc import Iterator

from bch_apportion.groups import groups
from bch_apportion.model import ForceCode, Inputs
from bch_apportion.problems import Query
from bch_apportion.years import FinancialYear


def missing_years(inputs: Inputs) -> Iterator[Query]:
    """*missing-year*: a unit without a budget line between two years that have one, or in the last after one."""
    years = groups((row.unit, row.year) for row in inputs.budgets)
    last = max((row.year for row in inputs.budgets), default=None)
    for unit in [unit.code for unit in inputs.units if unit.code in years]:
        first, latest = min(years[unit]), max(years[unit])
        between = (first.plus(n) for n in range(latest.start - first.start))
        for year in (year for year in between if year not in years[unit]):
            yield _missing(unit, year, "it has one in the years before and after")
        if latest.plus(1) == last:
            yield _missing(unit, last, f"it has one in {latest}")


def _missing(unit: str, year: FinancialYear, why: str) -> Query:
    message = f"{unit} has no budget line in {year}, and {why}"
    return Query("missing-year", (unit, str(year)), (), message, units=(unit,), years=(year,))


def not_used(inputs: Inputs) -> Iterator[Query]:
    """*not-used*: a force that no sheet but Forces and NRE names; a unit without budget lines."""
    named = _forces_named(inputs)
    for force in inputs.forces:
        if force.code not in named:
            message = f"the force {force.code} is on Forces, and no unit, line or figure beside its NRE names it"
            yield Query("not-used", ("force", force.code), (force.cell,), message)
    budgeted = {row.unit for row in inputs.budgets}
    for unit in inputs.units:
        if unit.code not in budgeted:
            message = f"the unit {unit.code} has no line on Budgets"
            yield Query("not-used", ("unit", unit.code), (unit.cell,), message, units=(unit.code,))


def _forces_named(inputs: Inputs) -> set[ForceCode]:
    """Every force that something other than Forces and NRE names; units without members are of all forces."""
    if any(not unit.members for unit in inputs.units):
        return set(inputs.force_codes())
    named = {force for unit in inputs.units for force in (*unit.members, unit.lead)}
    for row in (*inputs.budgets, *inputs.actuals):
        named |= {row.held_by, row.direct_to, row.paid_by}
    for parameters in inputs.principles:
        given = parameters.values.get("forces")
        named |= {str(force) for force in given} if isinstance(given, tuple) else set()
    for demand in inputs.demand.values():
        for slot in (*demand.monthly.values(), *demand.longer.values()):
            named |= slot.keys()
    for payment in inputs.payments:
        named |= {payment.payer, payment.payee}
    named |= {force for sets in inputs.agreed.values() for agreed in sets for force in agreed.shares}
    named |= {force for by_force in inputs.baselines.values() for force in by_force}
    named |= {force for case in inputs.business_cases for force in case.amounts}
    named |= {assumption.force for assumption in inputs.assumptions}
    return named
