"""What changed: bridges from a business case, the answer of `variance`, and what its status means.

Against a business case the steps are prices, cost, direct, nre, basis, no_loser; between two ledgers they are those of
`questions/bridge.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from bch_apportion.answers import getter, run_of
from bch_apportion.groups import sums
from bch_apportion.ledger import Ledger
from bch_apportion.model import BusinessCase, ForceCode, Inputs, Settings, UnitCode
from bch_apportion.model import Explanation as Given
from bch_apportion.money import Exact, Pence, half_up, split
from bch_apportion.principles.nre_default import nre_in_force
from bch_apportion.problems import Lacking, complete
from bch_apportion.questions.bridge import Amounts, Bridge, Bridges, Cause, Parts, UnitAndYear, business_cases
from bch_apportion.questions.explained import Rows, explained, given_for, is_against, unused
from bch_apportion.questions.judged import Status
from bch_apportion.questions.variance.rows import Explanation, OtherInput, Side, Variance, VarianceRow
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.recipe.prices import look_up_prices
from bch_apportion.recipe.shares import look_up_nre, nre_year, pence_of
from bch_apportion.years import FinancialYear, month_of, year_of

BUSINESS_CASE_CAUSES: tuple[Cause, ...] = ("prices", "cost", "direct", "nre", "basis", "no_loser")


def answer(
    bridges: Bridges,
    ledger: Ledger,
    *,
    against: str,
    actual: Side,
    version: str | None = None,
    real: bool = False,
    other: Inputs | None = None,
    part_years: Sequence[UnitAndYear] = (),
) -> Variance:
    """Bridges to a ledger as typed rows, with the explanations given.

    `version` of the business case that was asked for; `other` the workbook compared with, where there is one;
    `part_years` those that count as without an outturn.
    """
    inputs = ledger.inputs
    about = [row for row in inputs.explanations if is_against(row, against)]
    given = [(bridge, given_for(bridge, about)) for bridge in bridges.bridges]
    rows = [row for bridge, own in given for row in _rows(bridge, inputs.settings, explained(bridge, own))]
    for total in bridges.totals():  # of all units is explained what is explained of each
        of_units = [row for row in rows if row.unit and row.year == total.year]
        rows += _rows(total, inputs.settings, _summed(of_units, "explained_amount"))
    return Variance(
        run=run_of(inputs, ledger.as_at),
        against=against,
        actual=actual,
        version=version,
        real=real,
        other=None if other is None else OtherInput(input=other.source, sha256=other.sha256),
        rows=rows,
        explanations=[explanation_row(row) for _, own in given for row in own],
        without_plan=bridges.without_plan,
        without_actual=bridges.without_actual,
        causes=bridges.causes,
        part_years=[f"{row.unit} {row.year}" for row in part_years],
        settings=inputs.settings,
        notes=list(unused(bridges, about)),
    )


def explanation_row(row: Given) -> Explanation:
    """An explanation as an answer has it."""
    return Explanation(
        unit=row.unit,
        year=row.year,
        cause=row.cause,
        text=row.text,
        owner=row.owner,
        force=row.force or None,
        amount=row.pence,
        cell=row.cell,
    )


def _rows(bridge: Bridge, settings: Settings, explains: Rows) -> Iterator[VarianceRow]:
    """A row for each force, then one for the unit, with what is explained of each."""
    for force in (*bridge.forces(), None):
        plan, actual = _share(bridge.plan, force), _share(bridge.actual, force)
        left = actual - plan - explains[force]
        significant, status = judge(plan, actual - plan, settings)
        yield VarianceRow(
            version=bridge.version,
            unit=bridge.unit,
            year=bridge.year,
            force=force,
            plan=plan,
            actual=actual,
            variance=actual - plan,
            percent=Fraction(actual - plan, abs(plan)) * 100 if plan and not bridge.is_alone else None,
            status=status,
            significant=significant,
            explained=abs(left) < settings.materiality_amount,
            explained_amount=explains[force],
            unexplained_amount=left,
            effects={cause: _share(moved, force) for cause, moved in bridge.effects.items()},
        )


def _summed(rows: Sequence[VarianceRow], amount: str) -> Rows:
    """An amount of the rows ("effects.cost" too), summed by force and, under None, over the units."""
    take = getter(amount)
    return sums((row.force, take(row)) for row in rows)


def in_all(rows: Sequence[VarianceRow], settings: Settings) -> list[VarianceRow]:
    """Rows of units summed over units and years: a row for each force, then one in all."""

    def by_force(amount: str) -> Amounts:
        return {force: pence for force, pence in _summed(rows, amount).items() if force}

    total = Bridge(
        unit=None,
        year=max(row.year for row in rows),
        plan=by_force("plan"),
        actual=by_force("actual"),
        effects={cause: by_force(f"effects.{cause}") for cause in rows[0].effects},
    )
    return list(_rows(total, settings, _summed(rows, "explained_amount")))


def _share(amounts: Mapping[ForceCode, Pence], force: ForceCode | None) -> Pence:
    """A force's amount; the unit's where none is named."""
    return sum(amounts.values()) if force is None else amounts[force]


def judge(plan: Pence, variance: Pence, settings: Settings) -> tuple[bool, Status]:
    """Whether a variance is significant, and its status in words.

    Significant: at least the materiality amount and at least the materiality % of |plan| (a plan of zero meets the
    second), or at least the amount that always is. RED: significant and adverse. AMBER: adverse and at least half of
    both. GREEN: otherwise.

    >>> judge(1_000_000_00, 50_000_00, Settings()), judge(1_000_001_00, 50_000_00, Settings())
    ((True, 'RED'), (False, 'AMBER'))
    >>> judge(0, -50_000_00, Settings()), judge(100_000_000_00, 250_000_00, Settings())
    ((True, 'GREEN'), (True, 'RED'))
    """
    amount, share = settings.materiality_amount, settings.materiality_percent / 100

    def reaches(part: Fraction) -> bool:
        return abs(variance) >= amount * part and (not plan or abs(variance) >= abs(plan) * share * part)

    significant = reaches(Fraction(1)) or abs(variance) >= settings.always_significant
    if variance > 0 and significant:
        return True, "RED"
    if variance > 0 and reaches(Fraction(1, 2)):
        return significant, "AMBER"
    return significant, "GREEN"


# Against the business case


def against_business_case(
    actual: Ledger, version: str = "original", units: Sequence[UnitCode] = (), years: Sequence[FinancialYear] = ()
) -> Bridges:
    """Bridges from the business case to a ledger (of budgets or of the outturn).

    `version` is original (a unit and year's first on the sheet), latest, or a version's name; `units` and `years`
    narrow what is compared (all, where none are named). Raises InputProblems where an NRE or a deflator is missing
    that a bridge needs.
    """
    inputs = actual.inputs
    plans = {
        (unit, year): case
        for (unit, year), case in business_cases(inputs, version).items()
        if (not units or unit in units) and (not years or year in years)
    }
    results = {(result.unit.code, result.year): result for result in actual.only(units, years).results}
    both = [(plans[entry], result) for entry, result in results.items() if entry in plans]
    order = [unit.code for unit in inputs.units]
    missing = sorted((order.index(unit), year) for unit, year in plans if (unit, year) not in results)
    return Bridges(
        causes=BUSINESS_CASE_CAUSES,
        bridges=complete((_business_case_bridge(inputs, case, result) for case, result in both), inputs.source),
        without_plan=[UnitAndYear(unit=unit, year=year) for unit, year in results if (unit, year) not in plans],
        without_actual=[UnitAndYear(unit=order[place], year=year) for place, year in missing],
    )


def _business_case_bridge(inputs: Inputs, case: BusinessCase, result: UnitYear) -> Bridge | Lacking:
    weights = _plan_weights(inputs, case, result)
    prices = _in_prices_of(inputs, case, result.year)
    nre = weights if case.by_force else _nre_of_year(inputs, result)
    if isinstance(weights, Lacking) or isinstance(prices, Lacking) or isinstance(nre, Lacking):
        return Lacking.of(weights, prices, nre)
    steps = _steps(case, result, prices, weights, nre)
    effects = zip(BUSINESS_CASE_CAUSES, steps, steps[1:], strict=False)
    return Bridge(
        version=case.version,
        unit=result.unit.code,
        year=result.year,
        plan=steps[0],
        actual=steps[-1],
        effects={cause: {force: after[force] - before[force] for force in before} for cause, before, after in effects},
    )


def _steps(
    case: BusinessCase, result: UnitYear, prices: Pence, weights: Sequence[Exact], nre: Sequence[Exact]
) -> list[Amounts]:
    """What each force bears: of the plan, then after each cause.

    `prices` is the plan's total in prices of the year, `weights` what the plan is shared on.
    """
    members, total = result.members, sum(result.totals().values())
    own = Parts.of(result, members).own

    def shared(pence: Pence, weights: Sequence[Exact]) -> Amounts:
        return dict(zip(members, split(pence, weights), strict=True))

    def pooled(weights: Sequence[Exact]) -> Amounts:
        shares = shared(total - sum(own.values()), weights)
        return {force: shares[force] + own[force] for force in members}

    plan = {force: case.amounts.get(force, 0) for force in members} if case.by_force else shared(case.total(), weights)
    restated = plan if case.price_year is None else shared(prices, weights)
    on_plan, on_nre, on_basis = pooled(weights), pooled(nre), pooled(result.decision.shares)
    return [plan, restated, shared(total, weights), on_plan, on_nre, on_basis, result.totals()]


def _plan_weights(inputs: Inputs, case: BusinessCase, result: UnitYear) -> Sequence[Exact] | Lacking:
    """What the plan is shared on: its own amounts; else NRE of the year it was approved in, or NRE of the year."""
    members = result.members
    if case.by_force:
        amounts = [case.amounts.get(force, 0) for force in members]
        return amounts if min(amounts) >= 0 and sum(amounts) > 0 else _nre_of_year(inputs, result)
    if case.approved is not None:
        nre = nre_in_force(inputs.nre, members, year_of(month_of(case.approved)), carry_forward=False)
        if not nre.missing:
            return pence_of(nre)
    return _nre_of_year(inputs, result)


def _nre_of_year(inputs: Inputs, result: UnitYear) -> Sequence[Exact] | Lacking:
    """The NRE that principle 1 uses for the year, lag included."""
    why = f"{result.unit.code} needs it for the bridge from its business case"
    nre = look_up_nre(inputs, result.members, nre_year(result.terms, result.year), why)
    return nre if isinstance(nre, Lacking) else pence_of(nre)


def _in_prices_of(inputs: Inputs, case: BusinessCase, year: FinancialYear) -> Pence | Lacking:
    if case.price_year is None:
        return case.total()
    prices = look_up_prices(inputs, case.price_year, year, f"for the business case of {case.unit}")
    return prices if isinstance(prices, Lacking) else half_up(case.total() * prices.ratio)
