"""The ledger: every line, the controls that hold it together, and its sums. Everything shown is a reading of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import add
from typing import TYPE_CHECKING, NamedTuple

from bch_apportion.model import BudgetRow, Component, ControlTotal, ForceCode, Inputs, Line, Unit, UnitCode
from bch_apportion.money import Exact, Pence, pounds, pounds_words, split
from bch_apportion.places import NOWHERE, Place
from bch_apportion.principles.nre_default import NreFigure, nre_shares
from bch_apportion.principles.pooling import days_unpooled, held_part
from bch_apportion.problems import AGREE, Control, ControlsFailed, Query, UnitNote, notes_about
from bch_apportion.recipe.order import apportioned, run, run_actuals
from bch_apportion.recipe.posting import Parts, UnitYear
from bch_apportion.recipe.shares import pence_of
from bch_apportion.terms import TermsBook, outweighed
from bch_apportion.years import FinancialYear, day_text

if TYPE_CHECKING:
    from pandas import DataFrame


class Unpooled(NamedTuple):
    """A unit whose s22A is signed but whose budget, on `day`, is not pooled."""

    unit: str
    signed: date
    day: date
    days: int


class DetailLine(NamedTuple):
    """A part of a component: of one budget line, or of one subjective."""

    unit: str
    year: FinancialYear
    component: Component
    force: ForceCode
    pence: Pence
    cells: tuple[Place, ...]
    line: str = ""
    subjective: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What came of apportioning a workbook: a result for each unit and year, and everything that can be read from it.

    `results` are in the order of the Units sheet, then by year; `lines` likewise, then by component and force.
    """

    inputs: Inputs
    results: tuple[UnitYear, ...]
    controls: tuple[Control, ...]
    notes: tuple[str, ...]
    as_at: date | None = None
    queries: tuple[Query, ...] = ()  # where they were asked for: see `queries.asked`

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for result in self.results for line in result.lines)

    def years(self) -> list[FinancialYear]:
        return sorted({result.year for result in self.results})

    def only(self, units: Sequence[str] = (), years: Sequence[FinancialYear] = ()) -> Ledger:
        """The same run, showing these units and years and their notes alone (all, where none are named)."""
        chosen = tuple(
            r for r in self.results if (not units or r.unit.code in units) and (not years or r.year in years)
        )
        queries = tuple(query for query in self.queries if query.is_about(units, years))
        return replace(self, results=chosen, queries=queries, notes=notes_about(self.notes, units))

    def part_years(self) -> list[UnitYear]:
        """Of an outturn, the units and years whose lines name months, but not all twelve."""
        return [result for result in self.results if result.is_part_year]

    def whole_years(self) -> Ledger:
        """The same without part-years, so that no year's budget or plan is held against some months of it."""
        return replace(self, results=tuple(result for result in self.results if not result.is_part_year))

    def unpooled(self) -> list[Unpooled]:
        """Units signed and not pooled: on the `as_at` day, else at the end of each year shown."""
        unpooled = []
        for unit in dict.fromkeys(result.unit for result in self.results):
            days = [self.as_at] if self.as_at else [r.year.last_day() for r in self.results if r.unit == unit]
            for day in days:
                since = days_unpooled(unit.s22a_signed, unit.pooled_from, day)
                if since is not None and unit.s22a_signed is not None:
                    unpooled.append(Unpooled(unit.code, unit.s22a_signed, day, since))
        return unpooled

    def protection(self) -> dict[ForceCode, Pence]:
        """Per force the net of all no-loser adjustments shown: below zero is relief, above zero is what it funds."""
        net = dict.fromkeys(self.inputs.force_codes(), 0)
        for line in self.lines:
            if line.component == "no_loser":
                net[line.force] += line.pence
        return net

    def without_baselines(self) -> tuple[UnitCode, ...]:
        """The shared units shown for which no loser cannot be tested."""
        shared = dict.fromkeys(result.unit.code for result in self.results if len(result.members) > 1)
        return tuple(unit for unit in shared if unit not in self.inputs.baselines)

    def without_end(self) -> tuple[UnitCode, ...]:
        """The units whose no-loser protection has no end on the Principles sheet."""
        terms = TermsBook(self.inputs)
        return tuple(unit for unit in self.inputs.baselines if not _ends(terms, unit))

    def detail(self) -> Iterator[DetailLine]:
        """Every component broken down to budget lines: the running total is split, and differences are taken.

        So each line's forces sum to the line, and each force's lines sum to its component.
        """
        for result in self.results:
            yield from _detail(result)

    def frame(self) -> DataFrame:
        """The lines as a pandas DataFrame, one row each.

        Columns: unit, year ("2018/19"), component, force, basis (text); share (exact Fraction, or None); pence (int);
        amount (Decimal, pounds); reference (text); cells (tuple of "Sheet!A1").
        """
        from decimal import Decimal

        import pandas as pd

        lines, names = self.lines, ("unit", "year", "component", "force", "basis")
        texts = {name: [str(getattr(line, name)) for line in lines] for name in names}
        return pd.DataFrame(
            {
                **texts,
                "share": pd.Series([line.share for line in lines], dtype=object),
                "pence": pd.Series([line.pence for line in lines], dtype="int64"),
                "amount": pd.Series([Decimal(pounds(line.pence)) for line in lines], dtype=object),
                "reference": [line.reference for line in lines],
                "cells": pd.Series([tuple(map(str, line.cells)) for line in lines], dtype=object),
            }
        )


def apportion(inputs: Inputs, as_at: date | None = None, told: Callable[[int, int], None] | None = None) -> Ledger:
    """Apportion a workbook: every unit and year of its budgets, with every control.

    `as_at` is the day on which pooling is judged (there is no clock); without it, the end of each year. `told` is
    called after each unit, with 1 and how many units there are.
    Raises InputProblems where the inputs do not carry an answer, ControlsFailed where a control does not hold.
    """
    return sound(tested(inputs, as_at, told))


def sound(ledger: Ledger) -> Ledger:
    """The ledger itself; raises ControlsFailed where one of its controls does not hold."""
    failed = [control for control in ledger.controls if not control.passed]
    if failed:
        text = "\n".join(f"{control.control}: {control.detail}" for control in failed)
        raise ControlsFailed(ledger.controls, text, ledger.inputs.source)
    return ledger


def tested(inputs: Inputs, as_at: date | None = None, told: Callable[[int, int], None] | None = None) -> Ledger:
    """As `apportion`, with the controls that failed in the ledger: for `check`, which shows no figures."""
    results = apportioned(run(inputs, told), inputs)
    notes = (*inputs.notes, *_notes(inputs, results), *_carried(results))
    controls = check(inputs.budgets, results, inputs.control_totals)
    return Ledger(inputs=inputs, results=results, controls=controls, notes=notes, as_at=as_at)


def apportion_actuals(inputs: Inputs, as_at: date | None = None) -> Ledger:
    """As `apportion`, of the outturn on the Actuals sheet instead of the budgets."""
    results = apportioned(run_actuals(inputs), inputs)
    notes = (*inputs.notes, *_carried(results))
    controls = check(inputs.actuals, results)
    return sound(Ledger(inputs=inputs, results=results, controls=controls, notes=notes, as_at=as_at))


# Controls: each gives a text for everything it checks, empty where that holds


def check(
    given: Sequence[BudgetRow], results: Sequence[UnitYear], totals: Sequence[ControlTotal] = ()
) -> tuple[Control, ...]:
    """Every control of a run over the `given` rows, worked out from the rows and lines themselves."""
    rows: dict[tuple[str, FinancialYear], Pence] = {}
    for row in given:
        rows[row.unit, row.year] = rows.get((row.unit, row.year), 0) + row.pence
    protected = "no protected member pays more than its baseline where achievable at 100 %"
    return (
        _control("lines sum to the budget", "unit-year", _lines_sum(rows, results)),
        *([_control(AGREE, "total", _control_totals(totals, rows))] if totals else []),
        _control("shares sum to 1", "unit-year", _shares(results)),
        _control("adjustments sum to zero", "protected unit-year", _adjustments(results)),
        _control(protected, "unit-year", _protected(results)),
        _control("implementation lines stand on NRE", "unit-year", _implementation(results)),
        _control("every penny of every budget row is in exactly one component", "budget row", _one_place(results)),
    )


def _control(name: str, what: str, texts: Iterable[str]) -> Control:
    checked = list(texts)
    wrong = "; ".join(filter(None, checked))
    return Control(name, not wrong, wrong or f"{len(checked)} {what}{'' if len(checked) == 1 else 's'}")


def _lines_sum(rows: dict[tuple[str, FinancialYear], Pence], results: Sequence[UnitYear]) -> Iterator[str]:
    sums = {(result.unit.code, result.year): sum(line.pence for line in result.lines) for result in results}
    for (unit, year), budget in rows.items():
        posted = sums.get((unit, year), 0)
        figures = f"lines {pounds_words(posted)}, budget {pounds_words(budget)}"
        holds = (unit, year) in sums and posted == budget
        yield "" if holds else f"{unit} {year}: {figures}, difference {pounds_words(posted - budget)}"


def _control_totals(totals: Sequence[ControlTotal], rows: dict[tuple[str, FinancialYear], Pence]) -> Iterator[str]:
    for total in totals:
        budget = sum(p for (unit, year), p in rows.items() if year == total.year and total.unit in (None, unit))
        where = f"{total.unit or 'all units'} {total.year}: budgets {pounds_words(budget)}"
        difference = f"difference {pounds_words(budget - total.pence)}"
        holds = budget == total.pence
        yield "" if holds else f"{where}, {total.cell} {pounds_words(total.pence)}, {difference}"


def _shares(results: Sequence[UnitYear]) -> Iterator[str]:
    for result in results:
        yield "" if sum(result.decision.shares) == 1 else f"{result.unit.code} {result.year}"


def _adjustments(results: Sequence[UnitYear]) -> Iterator[str]:
    for result in results:
        if result.no_loser is not None:
            net = sum(line.pence for line in result.lines if line.component == "no_loser")
            yield f"{result.unit.code} {result.year}: {pounds_words(net)}" if net else ""


def _protected(results: Sequence[UnitYear]) -> Iterator[str]:
    for result in results:
        tested = result.no_loser
        if tested is not None and tested.achievable and tested.applied == 100:
            pays = map(add, result.pooled, tested.adjustments)
            yield "; ".join(
                f"{result.unit.code} {result.year} {force}: {pounds_words(paid)}, baseline {pounds_words(baseline)}"
                for force, paid, baseline in zip(result.members, pays, tested.baselines, strict=True)
                if paid > baseline
            )


def _implementation(results: Sequence[UnitYear]) -> Iterator[str]:
    for result in results:
        total = sum(row.pence for row in result.parts.implementation)
        posted = [line for line in result.lines if line.component == "implementation"]
        if total or posted:
            nre = result.implementation_nre
            due = split(total, nre_shares(pence_of(nre))) if nre is not None else []
            paid = {line.force: line.pence for line in posted}
            holds = [paid.get(force, 0) for force in result.members] == due
            holds = holds and all(line.basis == "nre" for line in posted)
            yield "" if holds else f"{result.unit.code} {result.year}"


def _one_place(results: Sequence[UnitYear]) -> Iterator[str]:
    for result in results:
        posted: Counter[Place] = Counter()
        for line in _detail(result):
            if line.component != "no_loser":
                (cell,) = line.cells
                posted[cell] += line.pence
        given: Counter[Place] = Counter()
        rows = result.parts.rows
        for row in rows:
            given[row.cell] += row.pence
        yield from [""] * (len(rows) - len(given))  # rows of the same cell are held against it together
        for cell, pence in given.items():
            holds = posted[cell] == pence
            yield "" if holds else f"{cell}: {pounds_words(pence)}, posted {pounds_words(posted[cell])}"


# Detail


def _detail(result: UnitYear) -> Iterator[DetailLine]:
    parts, nre = result.parts, result.implementation_nre
    staying = list(_staying(parts))
    pooled = [(row, row.pence - stays) for row, stays in zip(parts.revenue, staying, strict=True)]
    yield from _shared(result, "pooled", pooled, result.decision.shares)
    yield from _borne(result, "held", ((row, row.held_by, p) for row, p in zip(parts.revenue, staying, strict=True)))
    yield from _borne(result, "direct", ((row, row.direct_to, row.pence) for row in parts.direct))
    if nre is not None:
        rows = [(row, row.pence) for row in parts.implementation]
        yield from _shared(result, "implementation", rows, pence_of(nre))
    for line in result.lines:
        if line.component == "no_loser":
            unit, year = line.unit, line.year
            yield DetailLine(
                unit=unit, year=year, component="no_loser", force=line.force, pence=line.pence, cells=line.cells
            )


def _staying(parts: Parts) -> Iterator[Pence]:
    """What of each revenue line stays with its holder: the differences of what of the lines so far stays."""
    sums: dict[ForceCode, tuple[Pence, Pence]] = {}  # by holder: its lines so far, and what of them stays
    for row in parts.revenue:
        if not row.held_by:
            yield 0
            continue
        given, kept = sums.get(row.held_by, (0, 0))
        stays = held_part(given + row.pence, parts.fraction)
        sums[row.held_by] = given + row.pence, stays
        yield stays - kept


def _shared(
    result: UnitYear, component: Component, rows: Iterable[tuple[BudgetRow, Pence]], weights: Sequence[Exact]
) -> Iterator[DetailLine]:
    """What each member pays of each line: the differences of the running total's split."""
    running, before = 0, [0] * len(result.members)
    for row, pence in rows:
        running += pence
        after = split(running, weights) if pence else before
        moved = ((row, force, now - then) for force, now, then in zip(result.members, after, before, strict=True))
        yield from _borne(result, component, moved)
        before = after


def _borne(
    result: UnitYear, component: Component, amounts: Iterable[tuple[BudgetRow, ForceCode, Pence]]
) -> Iterator[DetailLine]:
    """What a force bears of a line, where that is anything."""
    for row, force, pence in amounts:
        if pence:
            yield DetailLine(
                unit=result.unit.code,
                year=result.year,
                component=component,
                force=force,
                line=row.line,
                subjective=row.subjective,
                pence=pence,
                cells=(row.cell,),
            )


def by_subjective(detail: Iterable[DetailLine]) -> list[DetailLine]:
    """Detail of budget lines summed by subjective, in the order in which each first appears."""
    sums: dict[tuple[str, FinancialYear, Component, ForceCode, str], DetailLine] = {}
    for line in detail:
        entry = (line.unit, line.year, line.component, line.force, line.subjective)
        known = sums.get(entry)
        sums[entry] = (
            line._replace(line="")
            if known is None
            else known._replace(pence=known.pence + line.pence, cells=known.cells + line.cells)
        )
    return list(sums.values())


# Notes


def _notes(inputs: Inputs, results: Sequence[UnitYear]) -> Iterator[UnitNote]:
    terms = TermsBook(inputs)
    for unit in inputs.units:
        own = [result for result in results if result.unit.code == unit.code]
        texts = [*_pooling_notes(inputs, unit, own), *_outweighed_notes(unit.code, own, terms)]
        if unit.code in inputs.baselines:
            texts += _protection_notes(unit.code, own, terms)
        paying = [row for result in own for row in result.parts.implementation if row.held_by]
        if paying:
            listed = ", ".join(f"{row.year} {pounds_words(row.pence)} ({row.cell})" for row in paying)
            texts.append(f"{unit.code}: implementation lines with a holder are shared on NRE too: {listed}")
        yield from (UnitNote(text, unit.code) for text in texts)


def _pooling_notes(inputs: Inputs, unit: Unit, results: Sequence[UnitYear]) -> Iterator[str]:
    if unit.s22a_signed and unit.pooled_from and unit.pooled_from < unit.s22a_signed:
        yield (
            f"{unit.code} is pooled from {day_text(unit.pooled_from)}, before its s22A was signed on "
            f"{day_text(unit.s22a_signed)} (principle 5: after the signing)"
        )
    early = [result for result in results if not result.parts.fraction and result.parts.unheld]
    if early and _speaks_of_pooling(inputs):
        listed = ", ".join(f"{r.year} {pounds_words(sum(row.pence for row in r.parts.unheld))}" for r in early)
        yield f"{unit.code}: lines without a holder are shared although the budget is not pooled yet: {listed}"


def _speaks_of_pooling(inputs: Inputs) -> bool:
    """Whether the Units sheet has a column of signing or pooling, or any unit such a date, or any line a holder."""
    dated = any(unit.s22a_signed or unit.pooled_from for unit in inputs.units)
    return inputs.speaks_of_pooling or dated or any(row.held_by for row in inputs.budgets)


def _outweighed_notes(unit: UnitCode, results: Sequence[UnitYear], terms: TermsBook) -> Iterator[str]:
    for name, older, later in outweighed(terms, unit, results[-1].year) if results else ():
        yield (
            f"{unit}: “{name}” follows its own row from {older.from_year} ({older.cells.get(name, NOWHERE)}), "
            f"not the later general row from {later.from_year} ({later.cells.get(name, NOWHERE)})"
        )


def _protection_notes(unit: UnitCode, results: Sequence[UnitYear], terms: TermsBook) -> Iterator[str]:
    untested = [result for result in results if result.no_loser is None]
    held = ", ".join(str(result.year) for result in untested if result.parts.partly_held)
    if held:
        yield (
            f"{unit}: no loser is not tested in {held}: lines were held and the budget was not wholly pooled, so "
            "the pooled cost cannot be compared with the baselines"
        )
    over = ", ".join(str(result.year) for result in untested if not result.parts.partly_held)
    if over:
        yield f"{unit}: no loser is not tested in {over}: “no loser %” is 0, and a price index is missing"
    if not _ends(terms, unit):
        yield f"{unit}: the Principles sheet gives no end to its no-loser protection"


def _ends(terms: TermsBook, unit: UnitCode) -> bool:
    """Whether the Principles sheet ends the protection of a unit: its last `no loser %` is 0."""
    given = [row.values["no loser %"] for row in terms.rows_of(unit) if "no loser %" in row.values]
    return given[-1:] == [0]


def _carried(results: Sequence[UnitYear]) -> Iterator[UnitNote]:
    carried: dict[tuple[FinancialYear, ForceCode], NreFigure] = {}
    users: dict[tuple[FinancialYear, ForceCode], dict[UnitCode, None]] = {}
    for result in results:
        for nre in result.nre_used():
            for figure in nre.carried():
                carried[nre.wanted, figure.force] = figure
                users.setdefault((nre.wanted, figure.force), {})[result.unit.code] = None
    for (wanted, force), used in sorted(carried.items()):
        last = f"its NRE of {used.year}, {pounds_words(used.figure.pence)}, is carried forward"
        text = f"NRE of {force} for {wanted} is missing; {last}"
        yield UnitNote(text, *users[wanted, force])
