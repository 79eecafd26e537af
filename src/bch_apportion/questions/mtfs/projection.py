"""A workbook carried on over the years of the medium-term financial strategy, by dated assumptions.

The revenue lines of the base year are carried on, year by year, uplifted; growth, savings and one-offs join them; NRE
grows. What comes out is again the inputs of a run: every projected year is apportioned as any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from bch_apportion.model import Assumption, BudgetRow, Figure, ForceCode, Inputs, UnitCode, name_key
from bch_apportion.money import Exact, Pence, half_up, pounds_words
from bch_apportion.places import Place
from bch_apportion.problems import InputProblems, Problem
from bch_apportion.years import FinancialYear


class Carried(NamedTuple):
    """A line of the year before, and what it has become."""

    before: BudgetRow
    after: BudgetRow


@dataclass(frozen=True, slots=True)
class PlannedYear:
    """The budget lines of a unit and projected year, by how they came in. `revenue` lines alone are carried on."""

    carried: tuple[Carried, ...] = ()
    growth: tuple[BudgetRow, ...] = ()
    saving: tuple[BudgetRow, ...] = ()
    one_off: tuple[BudgetRow, ...] = ()

    def rows(self) -> list[BudgetRow]:
        return [*(one.after for one in self.carried), *self.growth, *self.saving, *self.one_off]


@dataclass(frozen=True, slots=True)
class Projection:
    """The inputs with projected budgets and NRE, and how each projected year came about."""

    inputs: Inputs
    given: Inputs  # as they were read
    base: FinancialYear
    years: tuple[FinancialYear, ...]  # the base year and the projected ones
    planned: dict[tuple[UnitCode, FinancialYear], PlannedYear]
    ended: tuple[UnitCode, ...]  # units with budgets the year before the base year, and none in it


def last_budget_year(inputs: Inputs) -> FinancialYear:
    return max(row.year for row in inputs.budgets)


def project(inputs: Inputs, base: FinancialYear, count: int) -> Projection:
    """Carry a workbook on for `count` years after its base year.

    Raises InputProblems where a growth, saving or one-off begins in the base year or before.
    """
    early = [one for one in inputs.assumptions if not one.is_percentage and one.from_year <= base]
    if early:
        raise InputProblems([_too_early(one, base) for one in early], inputs.source, inputs.notes)
    years = tuple(base.plus(n) for n in range(count + 1))
    planned: dict[tuple[UnitCode, FinancialYear], PlannedYear] = {}
    projected: list[BudgetRow] = []
    for unit in inputs.units:
        rows = [row for row in inputs.budgets if row.unit == unit.code and row.year == base]
        for year in years[1:]:
            one = planned_year(inputs.assumptions, unit.code, rows, year)
            rows = one.rows()
            if rows:
                planned[unit.code, year] = one
                projected += rows
    kept = tuple(row for row in inputs.budgets if row.year <= base)
    nre, carried = project_nre(inputs, years)
    before = {row.unit for row in inputs.budgets if row.year == base.plus(-1)}
    now = {row.unit for row in inputs.budgets if row.year == base}
    ended = tuple(unit.code for unit in inputs.units if unit.code in before - now)
    notes = (*inputs.notes, *_notes(inputs, base, years, ended, carried))
    after = replace(
        inputs,
        budgets=(*kept, *projected),
        nre=nre,
        control_totals=tuple(one for one in inputs.control_totals if one.year <= base),
        projected_from=base.plus(1),
        notes=notes,
    )
    return Projection(inputs=after, given=inputs, base=base, years=years, planned=planned, ended=ended)


def planned_year(
    assumptions: Sequence[Assumption], unit: UnitCode, before: Sequence[BudgetRow], year: FinancialYear
) -> PlannedYear:
    """The lines of a unit's next year: its revenue lines carried on, and the assumptions that begin in it."""
    carried = []
    for row in before:
        if row.type == "revenue":
            rate = uplift_of(assumptions, row, year)
            carried.append(Carried(row, replace(row, year=year, pence=grown(row.pence, rate.value if rate else 0))))
    begins = [one for one in assumptions if not one.is_percentage and one.unit == unit and one.from_year == year]

    def lines(kind: str, sign: int = 1) -> tuple[BudgetRow, ...]:
        return tuple(new_line(one, sign) for one in begins if one.kind == kind)

    return PlannedYear(tuple(carried), lines("growth"), lines("saving", -1), lines("one-off"))


def new_line(one: Assumption, sign: int) -> BudgetRow:
    """The line that a growth, saving or one-off becomes in its first year; a one-off is never a line carried on."""
    cells = {"amount": one.cell}
    kind = "one-off" if one.kind == "one-off" and one.type == "revenue" else one.type
    return BudgetRow(
        unit=one.unit,
        year=one.from_year,
        pence=sign * int(one.value),
        line=one.line,
        type=kind,
        cell=one.cell,
        cells=cells,
    )


def grown(pence: Pence, percent: Exact) -> Pence:
    """An amount a year on.

    >>> grown(100_01, Fraction(5, 2)), grown(-50, 1)
    (10251, -51)
    """
    return half_up(pence * (1 + Fraction(percent) / 100)) if percent else pence


def uplift_of(assumptions: Sequence[Assumption], row: BudgetRow, year: FinancialYear) -> Assumption | None:
    """The uplift that counts for a line: the most specific, of those the latest, of those the last on the sheet."""
    found = None
    best: tuple[bool, bool, FinancialYear] | None = None
    for one in assumptions:
        if one.kind != "uplift %" or one.from_year > year:
            continue
        if one.unit not in ("", row.unit) or (one.line and name_key(one.line) != name_key(row.line)):
            continue
        rank = (bool(one.unit), bool(one.line), one.from_year)
        if best is None or rank >= best:
            found, best = one, rank
    return found


def nre_growth_of(assumptions: Sequence[Assumption], force: ForceCode, year: FinancialYear) -> Assumption | None:
    """The growth of NRE that counts for a force: its own before the general ones, then the latest."""
    found = None
    best: tuple[bool, FinancialYear] | None = None
    for one in assumptions:
        if one.kind != "nre growth %" or one.from_year > year or one.force not in ("", force):
            continue
        rank = (bool(one.force), one.from_year)
        if best is None or rank >= best:
            found, best = one, rank
    return found


Nre = dict[tuple[FinancialYear, ForceCode], Figure]


def project_nre(inputs: Inputs, years: Sequence[FinancialYear]) -> tuple[Nre, dict[ForceCode, list[FinancialYear]]]:
    """NRE with a figure for each projected year that the sheet has none for, and what was carried unchanged."""
    nre = dict(inputs.nre)
    carried: dict[ForceCode, list[FinancialYear]] = {}
    for year in years[1:]:
        for force in inputs.force_codes():
            last = nre.get((year.plus(-1), force))
            if (year, force) in nre or last is None:
                continue
            rate = nre_growth_of(inputs.assumptions, force, year)
            if rate is None:
                carried.setdefault(force, []).append(year)
            cell = rate.cell if rate is not None else last.cell
            pence = grown(last.pence, rate.value if rate else 0)
            if pence <= 0:
                raise InputProblems([nre_gone(cell, force, year)], inputs.source, inputs.notes)
            nre[year, force] = Figure(pence, cell, "projected")
    return nre, carried


def nre_gone(place: Place, force: ForceCode, year: FinancialYear) -> Problem:
    """An assumption leaves a force without NRE."""
    message = f"the growth of NRE leaves {force} without NRE in {year}, and an NRE is above zero"
    return Problem("nre-not-positive", message, "write a growth above −100", place)


def _too_early(one: Assumption, base: FinancialYear) -> Problem:
    return Problem(
        "assumption-too-early",
        f"a {one.kind} of {pounds_words(int(one.value))} for {one.unit} begins in {one.from_year}, and the base year "
        f"is {base}",
        "let it begin after the base year (what began before is in the budgets), or choose an earlier base year",
        one.cell,
    )


def _notes(
    inputs: Inputs,
    base: FinancialYear,
    years: Sequence[FinancialYear],
    ended: Sequence[UnitCode],
    carried: dict[ForceCode, list[FinancialYear]],
) -> Iterator[str]:
    later = sorted({row.year for row in inputs.budgets if row.year > base})
    if later:
        listed = ", ".join(map(str, later))
        yield f"the budgets of {listed} on the sheet are not used: those years are projected from {base}, or not shown"
    for unit in ended:
        yield f"{unit} has budgets in {base.plus(-1)} and none in {base}: it is not carried on"
    for force, without in carried.items():
        listed = ", ".join(map(str, without))
        yield f"NRE of {force} for {listed}: no assumption and none on the sheet, that of the year before is carried"
    rows = [row for row in inputs.budgets if row.year == base]
    for unit in dict.fromkeys(row.unit for row in rows):
        if not any(row.unit == unit and row.type == "revenue" for row in rows):
            yield f"{unit} has no line in {base} that is carried on: without an assumption it ends"
    lines = [*rows, *(new_line(one, 1) for one in inputs.assumptions if not one.is_percentage)]
    for one in inputs.assumptions:
        matched = any(row.type == "revenue" and uplift_of([one], row, one.from_year) for row in lines)
        if one.kind == "uplift %" and one.from_year <= years[-1] and not matched:
            about = " ".join(filter(None, (one.unit, one.line)))
            yield f"{one.cell}: no line that is carried on matches this uplift ({about or 'all lines'})"
        if one.from_year > years[-1]:
            yield f"{one.cell}: {one.kind} from {one.from_year} begins after {years[-1]}, the last year shown"
