"""The recipe: what becomes of each unit's budget of a year, in the order of the agreement. The only file that knows it.

A row's way through: its budget line is implementation, direct, held or pooled (pooling); the unit's demand data is
tested (robust demand) and its shares found (rolling demand, agreed shares, NRE default); the pooled part is split; the
split is compared with the baselines (no loser). Everything ends as lines; nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from bch_apportion.model import Baseline, BudgetRow, Inputs, Unit, UnitCode
from bch_apportion.money import Pence, split
from bch_apportion.principles.agreed_shares import Settled
from bch_apportion.principles.no_loser import no_loser, uprate
from bch_apportion.principles.nre_default import NreInForce
from bch_apportion.problems import About, InputProblems, Lacking, Problem, reported
from bch_apportion.recipe import consistency
from bch_apportion.recipe.posting import Parts, UnitYear, components, post
from bch_apportion.recipe.prices import look_up_prices
from bch_apportion.recipe.shares import Sources, decide, look_up_nre, nre_year
from bch_apportion.terms import TermsBook
from bch_apportion.years import FinancialYear

ByYear: TypeAlias = dict[FinancialYear, UnitYear]
Rows: TypeAlias = dict[FinancialYear, list[BudgetRow]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: a result for each unit and year that could be apportioned, and what the others lack."""

    results: tuple[UnitYear, ...]
    problems: tuple[Problem, ...]


def run(inputs: Inputs, told: Callable[[int, int], None] | None = None) -> Outcome:
    """Apportion every unit and year of the budgets, gathering problems instead of stopping at the first.

    `told` is called after each unit, with 1 and how many units there are.
    """
    book = TermsBook(inputs)
    results: list[UnitYear] = []
    problems: list[Problem] = []
    for unit, years in _by_unit(inputs, inputs.budgets):
        own: ByYear = {}
        problems += consistency.of_rows(book, unit, years)
        problems += consistency.of_unit(book, unit, years)
        problems += _years(book, unit, years, own, settled=own)
        results += own.values()
        if told:
            told(1, len(inputs.units))
    problems += consistency.of_business_cases(book)
    problems += consistency.of_further(book)
    return Outcome(tuple(results), tuple(problems))


def run_actuals(inputs: Inputs) -> Outcome:
    """Apportion every unit and year of the outturn. What was last settled is what the budgets settled."""
    budgets, book = run(inputs), TermsBook(inputs)
    settled: dict[UnitCode, ByYear] = {}
    for result in budgets.results:
        settled.setdefault(result.unit.code, {})[result.year] = result
    results: list[UnitYear] = []
    problems = [*budgets.problems]
    for unit, years in _by_unit(inputs, inputs.actuals):
        own: ByYear = {}
        problems += consistency.of_rows(book, unit, years)
        problems += _years(book, unit, years, own, settled.get(unit.code, {}))
        results += own.values()
    return Outcome(tuple(results), tuple(problems))


def _by_unit(inputs: Inputs, rows: Sequence[BudgetRow]) -> Iterator[tuple[Unit, Rows]]:
    """The rows of each unit by year, oldest first; nothing where there are no forces to share a cost."""
    by_unit: dict[UnitCode, Rows] = {}
    for row in rows:
        by_unit.setdefault(row.unit, {}).setdefault(row.year, []).append(row)
    for unit in inputs.units if inputs.forces else ():
        yield unit, dict(sorted(by_unit.get(unit.code, {}).items()))


def _years(book: TermsBook, unit: Unit, years: Rows, own: ByYear, settled: ByYear) -> Iterator[Problem]:
    """Add what becomes of each year to `own`, oldest first; what a year lacks is given."""
    for year, rows in years.items():
        terms = book.look_up(unit, year)
        sources = Sources(
            terms=terms,
            agreed=book.inputs.agreed.get(unit.code, ()),
            year=year,
            demand=book.inputs,
            demand_year=year,
            nre=book.inputs,
            nre_year=year,
            earlier=last_on_demand(settled, year),
            tested=last_on_demand(settled, year, tested=True),
        )
        outcome = unit_year(book, unit, rows, sources, own.get(year.plus(-1)))
        if isinstance(outcome, Lacking):
            yield from outcome.resting_on(*consistency.membership(unit)).problems
        else:
            own[year] = outcome


def last_on_demand(results: ByYear, year: FinancialYear, tested: bool = False) -> Settled | None:
    """The shares last applied on demand, before the year; `results` are a unit's.

    With `tested` in a year in which no test failed, so that kept shares do not count.
    """
    applied = [
        earlier
        for earlier, result in results.items()
        if earlier < year and result.decision.basis == "demand" and (result.decision.robust or not tested)
    ]
    if not applied:
        return None
    latest = results[max(applied)]
    return Settled(latest.year, "demand", latest.members, latest.decision.shares)


def apportioned(outcome: Outcome, inputs: Inputs) -> tuple[UnitYear, ...]:
    """The results of a run; raises InputProblems where the inputs do not carry all of them."""
    if outcome.problems:
        raise InputProblems(reported(outcome.problems), inputs.source, inputs.notes)
    return outcome.results


def unit_year(
    book: TermsBook, unit: Unit, rows: Sequence[BudgetRow], sources: Sources, before: UnitYear | None
) -> UnitYear | Lacking:
    """One unit's cost of one year, as the agreement has it; `before` is the year before's."""
    terms, year = sources.terms, sources.year
    parts = components(rows, unit, year)
    decision = decide(unit, sources)
    implementation = implementation_nre(unit, sources, parts)
    protected = baselines_in_force(book, unit, sources, parts)
    if isinstance(decision, Lacking) or isinstance(implementation, Lacking) or isinstance(protected, Lacking):
        return Lacking.of(decision, implementation, protected)
    pooled = split(parts.pooled(), decision.shares)
    result = UnitYear(
        unit=unit,
        year=year,
        terms=terms,
        parts=parts,
        decision=decision,
        pooled=tuple(pooled),
        shadow=() if decision.shadow is None else tuple(split(parts.pooled(), decision.shadow)),
        implementation_nre=implementation,
        no_loser=no_loser(pooled, protected.pence, terms.no_loser, terms.if_not_achievable)
        if protected.baselines
        else None,
        baselines=protected.baselines,
        sources=sources,
        changed_from=None if before is None or before.decision.basis == decision.basis else before.decision.basis,
    )
    return replace(result, lines=post(result))


# Implementation costs (principle 4)


def implementation_nre(unit: Unit, sources: Sources, parts: Parts) -> NreInForce | Lacking | None:
    """The NRE that implementation costs are shared on; None where there are none."""
    if not parts.implementation:
        return None
    wanted = nre_year(sources.terms, sources.year)
    why = f"{unit.code} needs it for its implementation costs"
    nre = look_up_nre(sources.nre, sources.terms.members, wanted, why)
    return nre.resting_on(About("terms", unit.code, name="nre lag years")) if isinstance(nre, Lacking) else nre


# No loser (principle 2)


class Protected(NamedTuple):
    """The members' baselines, and what they come to in prices of the year; both empty where no test is made."""

    baselines: tuple[Baseline, ...]
    pence: tuple[Pence, ...]


def baselines_in_force(book: TermsBook, unit: Unit, sources: Sources, parts: Parts) -> Protected | Lacking:
    """What no loser is tested against."""
    given = book.inputs.baselines.get(unit.code)
    part = parts.part_compared(sources.terms)
    if not given or not part:
        return Protected((), ())
    missing = [consistency.baseline_missing(book, unit, f) for f in sources.terms.members if f not in given]
    used = tuple(given[force] for force in sources.terms.members if force in given)
    amounts = [_compared(book.inputs, unit, baseline, sources.year, part) for baseline in used]
    pence = tuple(amount for amount in amounts if not isinstance(amount, Lacking))
    unused = not sources.terms.no_loser  # nothing of an adjustment would apply, so no index is asked for
    if missing or (len(pence) < len(amounts) and not unused):
        return Lacking.of(*missing, *(() if unused else amounts))
    return Protected(used, pence) if len(pence) == len(amounts) else Protected((), ())


def _compared(inputs: Inputs, unit: Unit, baseline: Baseline, year: FinancialYear, part: Fraction) -> Pence | Lacking:
    """The part of a baseline, uprated where the settings say so and it has a year."""
    if not inputs.settings.uprate_baselines or baseline.year is None:
        return uprate(baseline.pence, Fraction(1), part)
    needed = f"to bring the baselines of {unit.code} from {baseline.year} to {year} prices"
    prices = look_up_prices(inputs, baseline.year, year, needed, ", or set “uprate baselines” to no")
    return prices if isinstance(prices, Lacking) else uprate(baseline.pence, prices.ratio, part)
