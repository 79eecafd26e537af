"""A workbook's budgets projected over the years of the medium-term financial strategy, by dated assumptions.

The outcome is again the inputs of a run: every projected year is apportioned like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from bch_apportion.groups import groups, sums
from bch_apportion.model import Assumption, AssumptionKind, BudgetRow, Figure, ForceCode, Inputs, UnitCode, name_key
from bch_apportion.money import Exact, Pence, half_up, pounds_words
from bch_apportion.places import Place
from bch_apportion.problems import InputProblems, Problem, UnitNote
from bch_apportion.years import FinancialYear


@dataclass(frozen=True, slots=True)
class PlannedYear:
    """The budget lines of a unit and projected year: revenue lines of the year before, and what the assumptions add."""

    kept: tuple[BudgetRow, ...] = ()
    growth: tuple[BudgetRow, ...] = ()
    saving: tuple[BudgetRow, ...] = ()
    one_off: tuple[BudgetRow, ...] = ()

    def rows(self) -> list[BudgetRow]:
        return [*self.kept, *self.growth, *self.saving, *self.one_off]


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
    """The workbook projected over `count` years after its base year.

    Raises InputProblems where a growth, saving or one-off begins in the base year or before.
    """
    early = [given for given in inputs.assumptions if not given.is_percentage and given.from_year <= base]
    if early:
        raise InputProblems([_too_early(given, base) for given in early], inputs.source, inputs.notes)
    years = tuple(base.plus(n) for n in range(count + 1))
    planned: dict[tuple[UnitCode, FinancialYear], PlannedYear] = {}
    projected: list[BudgetRow] = []
    for unit in inputs.units:
        rows = [row for row in inputs.budgets if row.unit == unit.code and row.year == base]
        for year in years[1:]:
            plan = planned_year(inputs.assumptions, unit.code, rows, year)
            rows = plan.rows()
            if rows:
                planned[unit.code, year] = plan
                projected += rows
    nre, carried = project_nre(inputs, years)
    before = {row.unit for row in inputs.budgets if row.year == base.plus(-1)}
    now = {row.unit for row in inputs.budgets if row.year == base}
    ended = tuple(unit.code for unit in inputs.units if unit.code in before - now)
    after = replace(
        inputs,
        budgets=(*(row for row in inputs.budgets if row.year <= base), *projected),
        nre=nre,
        control_totals=tuple(total for total in inputs.control_totals if total.year <= base),
        projected_from=base.plus(1),
        notes=(*inputs.notes, *_notes(inputs, base, years, ended, carried)),
    )
    return Projection(inputs=after, given=inputs, base=base, years=years, planned=planned, ended=ended)


def planned_year(
    assumptions: Sequence[Assumption], unit: UnitCode, before: Sequence[BudgetRow], year: FinancialYear
) -> PlannedYear:
    """The lines of a unit's next year: its revenue lines uplifted, and the assumptions that begin in it."""
    rates = [(row, uplift_of(assumptions, row, year)) for row in before if row.type == "revenue"]
    kept = (replace(row, year=year, pence=grown(row.pence, rate.value if rate else 0)) for row, rate in rates)

    def lines(kind: AssumptionKind, sign: int = 1) -> tuple[BudgetRow, ...]:
        begins = [given for given in assumptions if (given.kind, given.unit, given.from_year) == (kind, unit, year)]
        return tuple(new_line(given, sign) for given in begins)

    return PlannedYear(kept=tuple(kept), growth=lines("growth"), saving=lines("saving", -1), one_off=lines("one-off"))


def new_line(assumption: Assumption, sign: int) -> BudgetRow:
    """The line that a growth, saving or one-off becomes in its first year; a one-off is never a line carried on."""
    is_one_off = assumption.kind == "one-off" and assumption.type == "revenue"
    return BudgetRow(
        unit=assumption.unit,
        year=assumption.from_year,
        pence=sign * int(assumption.value),
        line=assumption.line,
        subjective=assumption.subjective,
        type="one-off" if is_one_off else assumption.type,
        cell=assumption.cell,
        cells={"amount": assumption.cell},
    )


def grown(pence: Pence, percent: Exact) -> Pence:
    """An amount a year on.

    >>> grown(100_01, Fraction(5, 2)), grown(-50, 1)
    (10251, -51)
    """
    return half_up(pence * (1 + Fraction(percent) / 100)) if percent else pence


def uplift_of(assumptions: Sequence[Assumption], row: BudgetRow, year: FinancialYear) -> Assumption | None:
    """The uplift that counts for a line: the most specific, of those the latest, of those the last on the sheet."""
    fitting = [
        given
        for given in assumptions
        if given.kind == "uplift %" and given.from_year <= year and given.unit in ("", row.unit)
        if given.type == row.type and _is_about(given.line, row.line) and _is_about(given.subjective, row.subjective)
    ]
    return max(reversed(fitting), key=lambda given: (*_specific(given), given.from_year), default=None)


def _is_about(filled: str, text: str) -> bool:
    return not filled or name_key(filled) == name_key(text)


def _specific(uplift: Assumption) -> tuple[bool, bool, bool]:
    """Unit before line before subjective; a subjective beside a line makes it no more specific."""
    return bool(uplift.unit), bool(uplift.line), bool(uplift.subjective and not uplift.line)


def nre_growth_of(assumptions: Sequence[Assumption], force: ForceCode, year: FinancialYear) -> Assumption | None:
    """The growth of NRE that counts for a force: its own before the general ones, then the latest."""
    fitting = [
        given
        for given in assumptions
        if given.kind == "nre growth %" and given.from_year <= year and given.force in ("", force)
    ]
    return max(reversed(fitting), key=lambda given: (bool(given.force), given.from_year), default=None)


Nre = dict[tuple[FinancialYear, ForceCode], Figure]


class NreStep(NamedTuple):
    """A force's NRE to be projected: the year it is for, the earlier year it grows from, and its growth, if any."""

    force: ForceCode
    year: FinancialYear
    before: FinancialYear
    growth: Assumption | None


def nre_steps(inputs: Inputs, years: Sequence[FinancialYear]) -> Iterator[NreStep]:
    """What is to be projected, oldest first: NRE of the projected years that the sheet has no figure for."""
    known = set(inputs.nre)
    for year in years[1:]:
        for force in inputs.force_codes():
            before = _year_before(inputs, known, force, year)
            if (year, force) not in known and before is not None:
                known.add((year, force))
                yield NreStep(force, year, before, nre_growth_of(inputs.assumptions, force, year))


def _year_before(
    inputs: Inputs, known: Collection[tuple[FinancialYear, ForceCode]], force: ForceCode, year: FinancialYear
) -> FinancialYear | None:
    """The year before, or the latest earlier year that has an NRE of the force where that may be carried forward."""
    if (year.plus(-1), force) in known or not inputs.settings.carry_nre_forward:
        return year.plus(-1) if (year.plus(-1), force) in known else None
    return max((earlier for earlier, of in inputs.nre if of == force and earlier < year), default=None)


def project_nre(inputs: Inputs, years: Sequence[FinancialYear]) -> tuple[Nre, dict[ForceCode, list[FinancialYear]]]:
    """NRE with a figure for each projected year that the sheet has none for, and what was carried unchanged."""
    nre = dict(inputs.nre)
    carried: dict[ForceCode, list[FinancialYear]] = {}
    for force, year, before, growth in nre_steps(inputs, years):
        last = nre[before, force]
        if growth is None:
            carried.setdefault(force, []).append(year)
        pence = last.pence if growth is None else grown(last.pence, growth.value)
        if growth is not None and pence <= 0:
            raise InputProblems([nre_gone(growth.cell, force, year)], inputs.source, inputs.notes)
        nre[year, force] = Figure(pence, last.cell if growth is None else growth.cell, "projected")
    return nre, carried


def nre_gone(place: Place, force: ForceCode, year: FinancialYear) -> Problem:
    """An assumption leaves a force without NRE."""
    message = f"this growth leaves {force} no NRE in {year}; an NRE must be above zero"
    return Problem("nre-not-positive", message, "write a growth above −100", place)


def _too_early(assumption: Assumption, base: FinancialYear) -> Problem:
    return Problem(
        "assumption-too-early",
        f"a {assumption.kind} of {pounds_words(int(assumption.value))} for {assumption.unit} begins in "
        f"{assumption.from_year}, and the base year is {base}",
        "let it begin after the base year (what began before is in the budgets), or choose an earlier base year",
        assumption.cell,
    )


def _notes(
    inputs: Inputs,
    base: FinancialYear,
    years: Sequence[FinancialYear],
    ended: Sequence[UnitCode],
    carried: dict[ForceCode, list[FinancialYear]],
) -> Iterator[str]:
    later = sums((row.year, row.pence) for row in inputs.budgets if row.year > base)
    if later:
        listed = ", ".join(f"{year} {pounds_words(pence)}" for year, pence in sorted(later.items()))
        yield f"Budgets after the base year {base} are not used: {listed}"
    for unit in ended:
        yield UnitNote(f"{unit} has budgets in {base.plus(-1)} but none in {base}, so it is not projected", unit)
    for force, without in carried.items():
        listed = ", ".join(map(str, without))
        yield f"{force} {listed}: no NRE and no growth assumption given; last year's NRE is used unchanged"
    rows = [row for row in inputs.budgets if row.year == base]
    for unit, types in groups((row.unit, row.type) for row in rows).items():
        if "revenue" not in types:
            yield UnitNote(
                f"{unit} has no recurring line in {base}, so it ends unless an assumption continues it", unit
            )
    lines = [*rows, *(new_line(assumption, 1) for assumption in inputs.assumptions if not assumption.is_percentage)]
    for assumption in inputs.assumptions:
        for text in _unused(assumption, lines, years[-1]):
            yield UnitNote(text, *filter(None, [assumption.about]))


def _unused(assumption: Assumption, lines: Sequence[BudgetRow], last: FinancialYear) -> Iterator[str]:
    matched = any(row.type == "revenue" and uplift_of([assumption], row, assumption.from_year) for row in lines)
    if assumption.kind == "uplift %" and assumption.from_year <= last and not matched:
        kind = "" if assumption.type == "revenue" else assumption.type
        about = " ".join(filter(None, (assumption.unit, assumption.line, assumption.subjective, kind)))
        yield f"{assumption.cell}: this uplift matches no recurring line ({about or 'all lines'})"
    if assumption.from_year > last:
        begins = f"{assumption.kind} from {assumption.from_year} begins"
        yield f"{assumption.cell}: {begins} after {last}, the last year shown"
