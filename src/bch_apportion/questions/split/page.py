"""What each force pays, on which basis and why: the tables of `compute`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from bch_apportion.answers import headings, table
from bch_apportion.groups import groups
from bch_apportion.kinds import Rows
from bch_apportion.ledger import Ledger
from bch_apportion.money import percent
from bch_apportion.places import cell_runs
from bch_apportion.principles.robust_demand import month_list
from bch_apportion.problems import Control
from bch_apportion.questions.split.rows import By, Detail, Line, Split, TestRow, test_rows
from bch_apportion.questions.split.rule import detail_rows, line_row, split_rows
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import parameters
from bch_apportion.words import BASIS_WORDS, COMPONENT_WORDS, basis_words, standing
from bch_apportion.writing.report import Chart, Column, Kind, Report, columns, force_columns, plain_table, spans
from bch_apportion.years import FinancialYear

ALL_UNITS = "All units"
BY_FORCE = columns("unit", ("year", "year"), "force")


def splits(ledger: Ledger) -> Report:
    """Per unit and year what each force pays over all components, with totals for each year."""
    by_year = {year: list(split_rows(ledger, year)) for year in ledger.years()}
    rows = [row for own in by_year.values() for row in own]
    totals = [_total(ledger, year, own) for year, own in by_year.items()]
    names = _split_names(ledger)
    chart = Chart(
        kind="stacked",
        title="What each force pays for all units shown",
        categories="year",
        series=tuple(names)[3:-1],
        first=len(rows),
        last=len(rows) + len(totals) - 1,
    )
    return plain_table(
        "Splits",
        "What each force pays",
        table([*rows, *totals], Split, names),
        kinds={"total": "money"},
        notes=("All components together; a force that is not a member of the unit has no figure.",),
        totals=len(totals),
        charts=[chart] if totals else (),
    )


def _split_names(ledger: Ledger) -> dict[str, str]:
    """The columns of the splits: those of the forces have their names, none that of another column."""
    forces = ledger.inputs.force_codes()
    before, after = headings("unit | year | basis"), headings("total")
    amounts = dict(zip(force_columns(forces, (*before, *after)), (f"amounts.{force}" for force in forces), strict=True))
    return {**before, **amounts, **after}


def _total(ledger: Ledger, year: FinancialYear, rows: Sequence[Split]) -> Split:
    sums = {force: sum(row.amounts.get(force, 0) for row in rows) for force in ledger.inputs.force_codes()}
    return Split(unit=ALL_UNITS, year=year, basis="", amounts=sums)


def splits_of_year(ledger: Ledger, year: FinancialYear) -> Report:
    """The splits of one year, for the screen: its units, then their total."""
    rows = list(split_rows(ledger, year))
    names = {name: shown for name, shown in _split_names(ledger).items() if name != "year"}
    shown = table([*rows, _total(ledger, year, rows)], Split, names)
    return plain_table("Splits", f"What each force pays in {year}", shown, kinds={"total": "money"}, totals=1)


LINE: dict[str, Any] = headings(
    "unit | year | component | force | basis | share | exact share | amount | reference | cells"
) | {
    "component": lambda row: COMPONENT_WORDS[row.component],
    "basis": lambda row: BASIS_WORDS[row.basis],
    "exact share": lambda row: "" if row.share is None else str(row.share),
    "cells": lambda row: cell_runs(row.cells),
}
WIDE: dict[str, Kind] = {"reference": "wide", "cells": "wide", "reason": "wide", "figures": "wide"}


def lines(ledger: Ledger) -> Report:
    """Every line of the ledger."""
    rows = table(Rows(lambda: map(line_row, ledger.lines)), Line, LINE)
    notes = ("For each unit and year the lines sum to the budget.",)
    return plain_table("Lines", "Every line of the ledger", rows, kinds=WIDE, notes=notes)


def bases(ledger: Ledger) -> Report:
    """On what each unit stands in each year, and why."""
    shares = {f"share {force}": partial(_share_of, force) for force in ledger.inputs.force_codes()}
    names: dict[str, Any] = {
        "unit": "unit.code",
        "year": "year",
        "basis": lambda result: basis_words(result.decision.basis),
        "changed from": lambda result: basis_words(result.changed_from) if result.changed_from else "",
        "reason": "decision.reason",
        "demand robust": lambda result: "yes" if result.decision.robust else "no",
        "window": lambda result: str(result.decision.window),
        "months left out": lambda result: month_list(result.decision.left_out()),
        "fixed base %": "terms.fixed_base",
        "part of the year pooled": "parts.fraction",
        **shares,
        "reference": "decision.reference",
    }
    kinds: dict[str, Kind] = {"year": "year", "months left out": "wide", "fixed base %": "percent", **WIDE}
    kinds |= dict.fromkeys(("part of the year pooled", *shares), "share")
    rows = table(ledger.results, UnitYear, names)
    return plain_table("Bases", "The basis of each unit and year, and why", rows, kinds=kinds, units="")


def _share_of(force: str, result: UnitYear) -> Any:
    return dict(zip(result.members, result.decision.shares, strict=True)).get(force)


def bases_in_words(ledger: Ledger) -> Report:
    """The basis of each unit, years with the same basis and reason together."""
    runs: list[tuple[UnitYear, list[FinancialYear]]] = []
    for result in ledger.results:
        if runs and _carries_on(*runs[-1], result):
            runs[-1][1].append(result.year)
        else:
            runs.append((result, [result.year]))
    heads = columns("unit", "years", "basis", ("shares", "wide"), ("reason", "wide"))
    rows = tuple((r.unit.code, spans(years), standing(r), _shares(r, years), r.decision.reason) for r, years in runs)
    return Report("Bases", "The basis of each unit, and why", heads, rows)


def _carries_on(first: UnitYear, years: Sequence[FinancialYear], result: UnitYear) -> bool:
    if first.unit != result.unit or years[-1].plus(1) != result.year:
        return False
    return (standing(first), first.decision.reason) == (standing(result), result.decision.reason)


def _shares(result: UnitYear, years: list[FinancialYear]) -> str:
    shown = " · ".join(percent(share) for share in result.decision.shares)
    return shown if len(years) == 1 else f"{shown} in {years[0]}"


def changes_of_basis(ledger: Ledger) -> Report:
    """Units whose basis differs from that of the year before, with the reason."""
    heads = columns("unit", ("year", "year"), "from", "to", ("reason", "wide"))
    rows = tuple(
        (r.unit.code, r.year, basis_words(r.changed_from), basis_words(r.decision.basis), r.decision.reason)
        for r in ledger.results
        if r.changed_from is not None
    )
    title = "Units whose basis differs from that of the year before"
    empty = "No unit's basis differs from that of the year before."
    return Report("Changes of basis", title, heads, rows, empty=empty)


def tests(results: Iterable[UnitYear]) -> Report:
    """Every robustness test, with its figures."""
    rows = [row for result in results for row in test_rows(result.unit.code, result.year, result.decision.tests)]
    return plain_table("Tests", "Robustness of the demand data", table(rows, TestRow), kinds=WIDE, units="")


def shadow(ledger: Ledger) -> Report:
    """What the demand split would have been, beside the split applied."""
    shares = columns(("applied share", "share"), ("demand share", "share"))
    amounts = columns(("applied", "money"), ("on demand", "money"), ("difference", "money"))
    return Report(
        name="Shadow split",
        title="The demand split beside the split applied",
        columns=(*BY_FORCE, *shares, *amounts),
        rows=tuple(row for result in ledger.results for row in _shadow_rows(result)),
        notes=("The pooled cost alone. A unit without usable demand data has no row.",),
        units="£",
        empty="Every unit with usable demand data stands on it.",
    )


def _shadow_rows(result: UnitYear) -> Iterator[tuple[Any, ...]]:
    decision = result.decision
    if decision.shadow is not None:
        figures = (decision.shares, decision.shadow, result.pooled, result.shadow)
        for force, share, would, applied, pence in zip(result.members, *figures, strict=True):
            yield (result.unit.code, result.year, force, share, would, applied, pence, pence - applied)


def if_pooled(ledger: Ledger) -> Report:
    """What pooling would do where forces hold lines."""
    totals = ((result.unit.code, result.year, result.if_pooled()) for result in ledger.results)
    rows = tuple((unit, year, force, pence) for unit, year, moved in totals for force, pence in moved.items())
    notes = ("Pooled and held cost together by the shares in force, less what each force bears of both now.",)
    title = "What each force would bear more (+) or less (−) if all that is held were pooled"
    heads = (*BY_FORCE, Column("if pooled", "money"))
    empty = "No unit of these years has held lines."
    return Report("If pooled", title, heads, rows, notes=notes, units="£", empty=empty)


def no_loser(ledger: Ledger) -> Report:
    """The no-loser test of each protected unit and year, by force: who is relieved, and who funds it."""
    amounts = columns(
        ("pooled", "money"), ("baseline", "money"), ("adjustment", "money"), ("pooled + adjustment", "money"), "role"
    )
    of_unit = columns(("applied %", "percent"), "outcome", ("unit short by", "money"))
    without = ledger.without_baselines()
    untested = [f"Not tested, because they have no baselines: {', '.join(without)}."] if without else []
    meaning = "An adjustment below zero relieves a force; above zero, the force funds it. They sum to zero."
    return Report(
        name="No loser",
        title="No loser: the pooled split against what each force paid before",
        columns=(*BY_FORCE, *amounts, *of_unit),
        rows=tuple(row for result in ledger.results for row in _no_loser_rows(result)),
        notes=(meaning, *untested),
        units="£",
        empty=" ".join(("No unit of these years is protected.", *untested)),
    )


def _no_loser_rows(result: UnitYear) -> Iterator[tuple[Any, ...]]:
    tested, unit = result.no_loser, result.unit.code
    if tested is None:
        return
    outcome, short = "achievable" if tested.achievable else "not achievable", tested.short or None
    if tested.left_alone:
        outcome = "no adjustment: not achievable"
    figures = (result.pooled, tested.baselines, tested.adjustments)
    for force, pooled, before, move in zip(result.members, *figures, strict=True):
        role = "relieved" if move < 0 else "funds" if move > 0 else ""
        paid = pooled + move
        yield (unit, result.year, force, pooled, before, move, paid, role, tested.applied, outcome, short)
        short = None  # it is the unit's, said once


def protection(ledger: Ledger) -> Report:
    """Per force the net of all no-loser adjustments shown, year by year and in all."""
    nets = {str(year): ledger.only(years=[year]).protection() for year in ledger.years()}
    shown = {year: net for year, net in nets.items() if any(net.values())}
    totals = len(shown) > 1
    if totals:
        shown["All years"] = ledger.protection()
    forces = force_columns(ledger.inputs.force_codes(), ("year",))
    return Report(
        name="Net protection",
        title="No loser, net per force over all units",
        columns=columns("year", *((name, "money") for name in forces)),
        rows=tuple((year, *net.values()) for year, net in shown.items()),
        notes=("Below zero: relieved on balance. Above zero: funds the others on balance.",),
        units="£",
        totals=int(totals),
    )


def pooling(ledger: Ledger) -> Report:
    """Units pooled for a part of the year, and units whose s22A is signed but whose budget is not pooled."""
    rows: list[tuple[Any, ...]] = []
    for result in ledger.results:
        if 0 < result.parts.fraction < 1:
            days, of = (result.year.days() * result.parts.fraction).numerator, result.year.days()
            words = f"pooled on {days} of {of} days"
            rows.append((result.unit.code, str(result.year), "part-pooled", result.unit.pooled_from, days, words))
    for unit in ledger.unpooled():
        words = f"{unit.days} days since the s22A was signed on {unit.signed.isoformat()}"
        rows.append((unit.unit, f"at {unit.day.isoformat()}", "signed, not pooled", None, unit.days, words))
    heads = columns("unit", "when", "state", ("pooled from", "date"), ("days", "whole"), ("in words", "wide"))
    title = "Units part-pooled, and units signed but not pooled"
    return Report("Pooling", title, heads, tuple(rows), empty="Every unit is either wholly pooled or not signed.")


def parameters_in_force(ledger: Ledger) -> Report:
    """Every parameter in force, years in which it is the same together, with where it comes from."""
    by_unit = groups((result.unit.code, result) for result in ledger.results)
    years = groups(
        ((unit, name, parameter.words(r.terms.values[name]), str(r.terms.origin(name))), r.year)
        for unit, results in by_unit.items()
        for name, parameter in parameters().items()
        for r in results
    )
    heads = columns("unit", "years", "parameter", "value", ("origin", "wide"))
    rows = tuple((unit, spans(same), name, value, origin) for (unit, name, value, origin), same in years.items())
    return Report("Parameters", "Parameters in force, and where each comes from", heads, rows)


def controls(ledger_controls: Sequence[Control]) -> Report:
    """Every control, passed or failed, with figures."""
    rows = tuple((row.control, "passed" if row.passed else "FAILED", row.detail) for row in ledger_controls)
    return Report("Controls", "Controls", columns(("control", "wide"), "outcome", ("figures", "wide")), rows)


def detail(ledger: Ledger, by: By) -> Report:
    """The components broken down by budget line or by subjective; by line and by force it sums to the lines."""
    names = ("unit", "year", "component", "line", "subjective", "force", "amount", "cells")
    heads = {name: LINE.get(name, name) for name in names if by == "line" or name != "line"}
    title = f"The components by {'budget line' if by == 'line' else by}"
    return plain_table("Detail", title, table(Rows(lambda: detail_rows(ledger, by)), Detail, heads), kinds=WIDE)


def everything(ledger: Ledger, by: By | None = None) -> list[Report]:
    """The reports of a file, in order."""
    return [
        splits(ledger),
        bases(ledger),
        no_loser(ledger),
        protection(ledger),
        pooling(ledger),
        if_pooled(ledger),
        changes_of_basis(ledger),
        shadow(ledger),
        tests(ledger.results),
        parameters_in_force(ledger),
        controls(ledger.controls),
        *([detail(ledger, by)] if by else []),
        lines(ledger),
    ]


def tables(ledger: Ledger, by: By | None = None) -> dict[str, Callable[[], list[Report]]]:
    """The tables behind the first page, by the names that `--show` knows; broken down where that was asked for."""
    known = {
        "splits": lambda: [splits_of_year(ledger, year) for year in ledger.years()],
        "bases": lambda: [bases_in_words(ledger), changes_of_basis(ledger)],
        "tests": lambda: [tests(ledger.results)],
        "shadow": lambda: [shadow(ledger)],
        "no-loser": lambda: [no_loser(ledger), protection(ledger)],
        "pooling": lambda: [pooling(ledger), if_pooled(ledger)],
        "lines": lambda: [lines(ledger)],
        "parameters": lambda: [parameters_in_force(ledger)],
        "controls": lambda: [controls(ledger.controls)],
    }
    return {**known, "detail": lambda: [detail(ledger, by)]} if by else known
