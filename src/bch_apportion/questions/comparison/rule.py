"""Two sides of the same units: who gains, who loses, by which cause; on two bases; with and without a partner.

A side is a workbook, perhaps under a scenario, on a basis, or without a partner. Every difference is B less A.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from bch_apportion.answers import run_of
from bch_apportion.groups import groups
from bch_apportion.ledger import Ledger, apportion
from bch_apportion.model import AgreedSet, BudgetRow, ForceCode, Inputs, ParameterRow, UnitCode
from bch_apportion.places import Place
from bch_apportion.problems import reported
from bch_apportion.questions.bridge import LEDGER_CAUSES, Bridge, Bridges, between, within
from bch_apportion.questions.comparison import rows
from bch_apportion.questions.unmoved import same_figures
from bch_apportion.recipe.order import run
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.years import FinancialYear

BY_BASIS = ("demand-not-usable", "agreed-shares-missing")  # a unit that cannot stand on the basis asked for
NOT_USED = {
    "Actuals": "variance, track and settle",
    "Business cases": "variance and track",
    "Explanations": "variance",
    "Payments": "settle",
    "Assumptions": "mtfs",
}  # sheets that move no budget of a year, and what they are for
LEFT = ("pooled", "implementation", "no_loser")  # what a partner that leaves leaves to the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both sides by name, the ledgers, the bridges from A to B, and what else was asked."""

    names: tuple[str, str]
    a: Ledger
    b: Ledger
    moved: Bridges
    tipping: tuple[rows.TippingPoint, ...] = ()
    uncovered: tuple[rows.LeftUncovered, ...] = ()
    not_comparable: tuple[rows.NotCompared, ...] = ()

    def only(self, units: Sequence[UnitCode], years: Sequence[FinancialYear]) -> Comparison:
        """The comparison of some units and years (all, where none are named)."""
        return replace(
            self,
            a=self.a.only(units, years),
            b=self.b.only(units, years),
            moved=self.moved.only(units, years),
            tipping=tuple(row for row in self.tipping if within(row, units, years)),
            uncovered=tuple(row for row in self.uncovered if within(row, units, years)),
            not_comparable=tuple(row for row in self.not_comparable if not units or row.unit in units),
        )


def compare(names: tuple[str, str], a: Ledger, b: Ledger) -> Comparison:
    """Bridges from A to B for every unit and year that either has."""
    return Comparison(names=names, a=a, b=b, moved=between(a, b))


def answer(comparison: Comparison) -> rows.Compare:
    """A comparison as typed rows; the notes of both sides, each once."""
    a, b, moved = comparison.a, comparison.b, comparison.moved
    compared = [row for bridge in (*moved.bridges, *moved.totals()) for row in _compared(bridge)]
    said = list(dict.fromkeys((*_unmoved(comparison, compared), *_not_used(a.inputs), *_not_used(b.inputs))))
    return rows.Compare(
        run=run_of(a.inputs, a.as_at),
        other=run_of(b.inputs, b.as_at),
        a=comparison.names[0],
        b=comparison.names[1],
        rows=compared,
        tipping=comparison.tipping,
        uncovered=comparison.uncovered,
        not_comparable=comparison.not_comparable,
        without_a=moved.without_plan,
        without_b=moved.without_actual,
        controls=[*_controls("a", a), *_controls("b", b)],
        notes=list(dict.fromkeys((*said, *a.notes, *b.notes))),
        said=said,
    )


def _not_used(inputs: Inputs) -> Iterator[str]:
    """The sheets of each scenario that move nothing here."""
    unused = (change for change in inputs.changes if change.sheet in NOT_USED)
    given = groups((change.scenario, f"{change.sheet} (for {NOT_USED[change.sheet]})") for change in unused)
    for scenario, sheets in given.items():
        yield f"{scenario}: compare does not use its {' and '.join(dict.fromkeys(sheets))}"


def _compared(bridge: Bridge) -> Iterator[rows.ComparedRow]:
    for force in bridge.forces():
        a, b = bridge.plan[force], bridge.actual[force]
        yield rows.ComparedRow(
            unit=bridge.unit,
            year=bridge.year,
            force=force,
            a=a,
            b=b,
            difference=b - a,
            effects={cause: bridge.effects[cause][force] for cause in LEDGER_CAUSES},
        )


def _unmoved(comparison: Comparison, compared: Sequence[rows.ComparedRow]) -> Iterator[str]:
    """The note that a scenario changes nothing, where it does not."""
    a, b = comparison.a.inputs, comparison.b.inputs
    if b.scenarios != a.scenarios and compared and not any(row.difference for row in compared):
        before, name = comparison.names
        yield same_figures(name, before, b, a, comparison.b.years())


def _controls(side: Literal["a", "b"], ledger: Ledger) -> list[rows.SideControl]:
    return [
        rows.SideControl(side=side, control=control.control, passed=control.passed, detail=control.detail)
        for control in ledger.controls
    ]


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
    a, b = (apportion(_without_units(side, set(missing)), as_at) for side in sides)
    names = (f"basis {bases[0]}", f"basis {bases[1]}")
    order = [unit.code for unit in inputs.units]
    listed = tuple(rows.NotCompared(unit=unit, reason=missing[unit]) for unit in order if unit in missing)
    return replace(compare(names, a, b), tipping=tuple(tipping_points(a, b)), not_comparable=listed)


def _standing_on(inputs: Inputs, basis: str, units: Sequence[UnitCode]) -> Inputs:
    cells = {"basis": Place(cell="--basis")}
    chosen = (unit.code for unit in inputs.units if not units or unit.code in units)
    by_hand = (
        ParameterRow(unit=code, from_year=FinancialYear(0), values={"basis": basis}, reference="compared", cells=cells)
        for code in chosen
    )
    return replace(inputs, overrides=(*inputs.overrides, *by_hand))


def _without_units(inputs: Inputs, units: set[UnitCode]) -> Inputs:
    """The inputs without the budgets of some units, and without the totals that hold them against the ledger."""
    if not units:
        return inputs
    totals = tuple(row for row in inputs.control_totals if row.unit is not None and row.unit not in units)
    return replace(inputs, budgets=tuple(r for r in inputs.budgets if r.unit not in units), control_totals=totals)


def tipping_points(a: Ledger, b: Ledger) -> Iterator[rows.TippingPoint]:
    """For every unit and year on demand on one side alone, the demand share at which each force is indifferent."""
    others = {(result.unit.code, result.year): result for result in a.results}
    for result in b.results:
        other = others.get((result.unit.code, result.year))
        if other is None or other.members != result.members:
            continue
        sides = {side.decision.basis == "demand": side for side in (other, result)}
        if len(sides) == 2:
            yield from _tipping(sides[True], sides[False])


def _tipping(on_demand: UnitYear, other: UnitYear) -> Iterator[rows.TippingPoint]:
    decision, part = on_demand.decision, on_demand.terms.fixed_base / 100
    if decision.demand is None or decision.stays is not None:
        return
    base = decision.base or (Fraction(0),) * len(on_demand.members)
    shares = zip(on_demand.members, decision.demand, other.decision.shares, base, strict=True)
    for force, share, target, fixed in shares:
        tipping = None if part == 1 else (target - part * fixed) / (1 - part)
        yield rows.TippingPoint(
            unit=on_demand.unit.code,
            year=on_demand.year,
            force=force,
            demand_share=share,
            tipping_share=tipping,
            movement=None if tipping is None else (tipping - share) * 100,
            reachable=tipping is not None and 0 <= tipping <= 1,
        )


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
    uncovered = tuple(_uncovered(result, force) for result in touched)
    return replace(compare((inputs.source, f"without {force}"), a, b), uncovered=uncovered)


def _uncovered(result: UnitYear, force: ForceCode) -> rows.LeftUncovered:
    own = [line for line in result.lines if line.force == force]
    left = sum(line.pence for line in own if line.component in LEFT)
    return rows.LeftUncovered(
        unit=result.unit.code, year=result.year, force=force, amount=left, own=sum(line.pence for line in own) - left
    )


def _left_by(inputs: Inputs, touched: Sequence[UnitYear], force: ForceCode) -> Inputs:
    """The inputs of the others: without the force's own lines, baselines and part of the agreed shares."""
    codes = {result.unit.code for result in touched}
    alone = {(r.unit.code, r.year) for r in touched if r.members == (force,)}
    budgets = [*_lines_left(inputs, codes, force), *(row for result in touched for row in _pooled_of(result, force))]
    agreed = {
        unit: tuple(kept for given in inputs.agreed[unit] if (kept := _shared_by_others(given, force)))
        for unit in codes & inputs.agreed.keys()
    }
    baselines = {
        unit: {f: baseline for f, baseline in given.items() if f != force or unit not in codes}
        for unit, given in inputs.baselines.items()
    }
    return replace(
        inputs,
        budgets=tuple(row for row in budgets if (row.unit, row.year) not in alone),
        units=tuple(replace(u, lead="") if u.code in codes and u.lead == force else u for u in inputs.units),
        agreed={**inputs.agreed, **agreed},
        baselines={unit: given for unit, given in baselines.items() if given},
        business_cases=tuple(c for c in inputs.business_cases if c.unit not in codes or force not in c.amounts),
        control_totals=(),
        leavers={code: frozenset({force}) for code in codes},
    )


def _lines_left(inputs: Inputs, units: set[UnitCode], force: ForceCode) -> Iterator[BudgetRow]:
    """The budget lines without those of the force; a line direct to another stays with it, whoever held it."""
    for row in inputs.budgets:
        if row.unit not in units or force not in (row.held_by, row.direct_to):
            yield row
        elif row.direct_to not in ("", force):
            yield replace(row, held_by="")


def _pooled_of(result: UnitYear, force: ForceCode) -> list[BudgetRow]:
    """The lines that the force holds as far as they are pooled: they stay with the unit, without a holder."""
    held = [row for row in (*result.parts.implementation, *result.parts.held) if row.held_by == force]
    kept = [row for row in held if row.type == "implementation" or result.parts.fraction]
    lines = [replace(row, held_by="") for row in kept]
    staying = result.parts.staying.get(force, 0)
    if result.parts.fraction and staying:
        lines.append(replace(lines[-1], pence=-staying, line=f"stays with {force}"))
    return lines


def _shared_by_others(agreed: AgreedSet, force: ForceCode) -> AgreedSet | None:
    """The others' agreed shares, in their proportions; None where the force bore everything."""
    if force not in agreed.shares:
        return agreed
    rest = 1 - agreed.shares[force]
    if not rest:
        return None
    shares = {f: share / rest for f, share in agreed.shares.items() if f != force}
    return replace(agreed, shares=shares, cells={f: cell for f, cell in agreed.cells.items() if f != force})
