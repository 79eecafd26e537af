"""Two sides of the same units: who gains, who loses, by which cause; on two bases; with and without a partner.

A side is a workbook, a workbook under a scenario or on a basis, or one that a partner has left. Every difference is B
less A: above zero costs more on B.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from bch_apportion.ledger import Ledger, apportion
from bch_apportion.model import AgreedSet, BudgetRow, ForceCode, Inputs, ParameterRow, UnitCode
from bch_apportion.money import Pence
from bch_apportion.places import Place
from bch_apportion.problems import reported
from bch_apportion.questions.variance.rule import Variances, between
from bch_apportion.recipe.order import run
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.years import FinancialYear

BY_BASIS = ("demand-not-usable", "agreed-shares-missing")  # a unit that cannot stand on the basis asked for
LEFT = ("pooled", "implementation", "no_loser")  # what a partner that leaves leaves to the others


class Tipping(NamedTuple):
    """At which demand share a force pays the same on demand as on the other side, its partners keeping proportions."""

    unit: UnitCode
    year: FinancialYear
    force: ForceCode
    demand_share: Fraction
    tipping_share: Fraction | None  # None where demand has no part in the share

    @property
    def movement(self) -> Fraction | None:
        """How far the demand share would have to move, in percentage points."""
        return None if self.tipping_share is None else (self.tipping_share - self.demand_share) * 100

    @property
    def reachable(self) -> bool:
        return self.tipping_share is not None and 0 <= self.tipping_share <= 1


class Uncovered(NamedTuple):
    """What a force that leaves bore: `pence` falls to the others, `own` (held and direct lines) leaves with it."""

    unit: UnitCode
    year: FinancialYear
    force: ForceCode
    pence: Pence
    own: Pence


class NotComparable(NamedTuple):
    """A unit that one of the sides cannot carry, and why."""

    unit: UnitCode
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides by name, the ledgers, the bridges from A to B, and what else was asked."""

    names: tuple[str, str]
    a: Ledger
    b: Ledger
    found: Variances
    tipping: tuple[Tipping, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    not_comparable: tuple[NotComparable, ...] = ()


def compare(names: tuple[str, str], a: Ledger, b: Ledger) -> Comparison:
    """Bridges from A to B for every unit and year that both have."""
    return Comparison(names, a, b, between(a, b, names[0]))


# On two bases


def on_two_bases(
    inputs: Inputs, bases: tuple[str, str], units: Sequence[UnitCode] = (), as_at: date | None = None
) -> Comparison:
    """The same workbook with every unit (or the `units` named) on one basis and on the other.

    A unit that cannot stand on one of them is listed as not comparable. Raises InputProblems for whatever else is
    wrong.
    """
    sides = [_standing_on(inputs, basis, units) for basis in bases]
    missing: dict[UnitCode, str] = {}
    for side in sides:
        for problem in reported(run(side).problems):
            if problem.code in BY_BASIS and problem.about is not None and problem.about.unit is not None:
                missing.setdefault(problem.about.unit, problem.message)
    kept = [_without_units(side, set(missing)) for side in sides]
    a, b = (apportion(side, as_at) for side in kept)
    names = (f"basis {bases[0]}", f"basis {bases[1]}")
    found = compare(names, a, b)
    order = [unit.code for unit in inputs.units]
    listed = tuple(NotComparable(unit, missing[unit]) for unit in order if unit in missing)
    return replace(found, tipping=tuple(tipping_points(a, b)), not_comparable=listed)


def _standing_on(inputs: Inputs, basis: str, units: Sequence[UnitCode]) -> Inputs:
    cells = {"basis": Place(cell="--basis")}
    chosen = [unit.code for unit in inputs.units if not units or unit.code in units]
    rows = [
        ParameterRow(unit=code, from_year=FinancialYear(0), values={"basis": basis}, reference="compared", cells=cells)
        for code in chosen
    ]
    return replace(inputs, overrides=(*inputs.overrides, *rows))


def _without_units(inputs: Inputs, units: set[UnitCode]) -> Inputs:
    """The inputs without the budgets of some units, and without the totals that hold them against the ledger."""
    if not units:
        return inputs
    totals = tuple(one for one in inputs.control_totals if one.unit is not None and one.unit not in units)
    return replace(inputs, budgets=tuple(r for r in inputs.budgets if r.unit not in units), control_totals=totals)


def tipping_points(a: Ledger, b: Ledger) -> list[Tipping]:
    """For every unit and year on demand on one side alone, the demand share at which each force is indifferent."""
    others = {(result.unit.code, result.year): result for result in a.results}
    found: list[Tipping] = []
    for result in b.results:
        other = others.get((result.unit.code, result.year))
        if other is None or other.members != result.members:
            continue
        sides = {one.decision.basis == "demand": one for one in (other, result)}
        if len(sides) == 2:
            found += _tipping(sides[True], sides[False])
    return found


def _tipping(on_demand: UnitYear, other: UnitYear) -> list[Tipping]:
    decision, part = on_demand.decision, on_demand.terms.fixed_base / 100
    if decision.demand is None or (decision.rebase is not None and decision.rebase.kept):
        return []
    base = decision.base or (Fraction(0),) * len(on_demand.members)
    return [
        Tipping(
            unit=on_demand.unit.code,
            year=on_demand.year,
            force=force,
            demand_share=share,
            tipping_share=None if part == 1 else (target - part * fixed) / (1 - part),
        )
        for force, share, target, fixed in zip(
            on_demand.members, decision.demand, other.decision.shares, base, strict=True
        )
    ]


# With and without a partner


def without(inputs: Inputs, force: ForceCode, units: Sequence[UnitCode] = (), as_at: date | None = None) -> Comparison:
    """The same workbook after a force has left every unit (or the `units` named).

    Its direct lines and what it holds leave with it; what else it bore falls to the others, on the same rules. Agreed
    shares of the others keep their proportions. Raises InputProblems where the others' figures do not carry an answer.
    """
    a = apportion(inputs, as_at)
    touched = [r for r in a.results if force in r.members and (not units or r.unit.code in units)]
    rest = _left_by(inputs, touched, force)
    b = apportion(rest, as_at)
    uncovered = tuple(
        Uncovered(
            unit=r.unit.code,
            year=r.year,
            force=force,
            pence=sum(line.pence for line in r.lines if line.force == force and line.component in LEFT),
            own=sum(line.pence for line in r.lines if line.force == force and line.component not in LEFT),
        )
        for r in touched
    )
    return replace(compare((inputs.source, f"without {force}"), a, b), uncovered=uncovered)


def _left_by(inputs: Inputs, touched: Sequence[UnitYear], force: ForceCode) -> Inputs:
    """The inputs of the others: without the force's own lines, baselines and part of the agreed shares."""
    codes = {result.unit.code for result in touched}
    alone = {(r.unit.code, r.year) for r in touched if r.members == (force,)}
    rows: list[BudgetRow] = []
    for row in inputs.budgets:
        if row.unit not in codes or force not in (row.held_by, row.direct_to):
            rows.append(row)
        elif row.direct_to not in ("", force):  # it stays with the force that bears it, whoever held it
            rows.append(replace(row, held_by=""))
    for result in touched:
        rows += _pooled_of(result, force)
    agreed = {
        unit: tuple(
            one for kept in (_shared_by_others(s, force) if unit in codes else s for s in sets) if (one := kept)
        )
        for unit, sets in inputs.agreed.items()
    }
    baselines = {
        unit: {f: one for f, one in given.items() if f != force or unit not in codes}
        for unit, given in inputs.baselines.items()
    }
    return replace(
        inputs,
        budgets=tuple(row for row in rows if (row.unit, row.year) not in alone),
        units=tuple(replace(u, lead="") if u.code in codes and u.lead == force else u for u in inputs.units),
        agreed=agreed,
        baselines={unit: given for unit, given in baselines.items() if given},
        business_cases=tuple(c for c in inputs.business_cases if c.unit not in codes or force not in c.amounts),
        control_totals=(),
        leavers={code: frozenset({force}) for code in codes},
    )


def _pooled_of(result: UnitYear, force: ForceCode) -> list[BudgetRow]:
    """The lines that the force holds as far as they are pooled: they stay with the unit, without a holder."""
    held = [row for row in (*result.parts.implementation, *result.parts.held) if row.held_by == force]
    kept = [row for row in held if row.type == "implementation" or result.parts.fraction]
    rows = [replace(row, held_by="") for row in kept]
    staying = result.parts.staying.get(force, 0)
    if result.parts.fraction and staying:
        line = f"stays with {force}"
        rows.append(BudgetRow(result.unit.code, result.year, -staying, line, cell=rows[-1].cell, cells=rows[-1].cells))
    return rows


def _shared_by_others(agreed: AgreedSet, force: ForceCode) -> AgreedSet | None:
    """The others' agreed shares, in their proportions; None where the force bore everything."""
    if force not in agreed.shares:
        return agreed
    rest = 1 - agreed.shares[force]
    if not rest:
        return None
    shares = {f: share / rest for f, share in agreed.shares.items() if f != force}
    return replace(agreed, shares=shares, cells={f: cell for f, cell in agreed.cells.items() if f != force})
