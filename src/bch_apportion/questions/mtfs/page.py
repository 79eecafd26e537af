"""Contributions over the years, by scenario, and what moves them: the reports of `mtfs`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.model import Assumption, ForceCode, Inputs, UnitCode
from bch_apportion.money import decimal_text, plain, pounds, pounds_words
from bch_apportion.questions.bridge_page import SERIES, Bars, bars
from bch_apportion.questions.documents import controls, run_of
from bch_apportion.questions.mtfs.rule import BASE, CAUSES, Fms, Outlook, Step, Strategy, YearChange
from bch_apportion.words import standing
from bch_apportion.writing.report import Chart, Column, Report, axis_start, columns, sheet_name
from bch_apportion.years import FinancialYear, month_text

CAUSE_WORDS = {
    "uplift": "uplift",
    "growth": "growth",
    "saving": "savings",
    "one_off": "one-offs",
    "implementation": "implementation",
    "direct": "held and direct",
    "nre": "NRE",
    "demand": "demand",
    "terms": "terms",
    "no_loser": "no loser",
}
NO_PROGRAMME = "(no programme)"
UNADDED = "Percentiles of forces do not add up to those of their sum."


def _forces(found: Strategy) -> list[ForceCode]:
    return list(dict.fromkeys(force for one in found.outlooks for force in one.ledger.inputs.force_codes()))


def _money(forces: Iterable[ForceCode]) -> list[tuple[str, Any]]:
    return [(force, "money") for force in forces]


Sums = dict[ForceCode, int]


def _sums(ledger: Ledger, year: FinancialYear, units: Sequence[UnitCode] | None = None) -> Sums:
    sums: Sums = {}
    for result in ledger.results:
        if result.year == year and (units is None or result.unit.code in units):
            for force, pence in result.totals().items():
                sums[force] = sums.get(force, 0) + pence
    return sums


def contributions(found: Strategy) -> Report:
    """What each force pays in all, by scenario and year."""
    forces = _forces(found)
    rows = []
    for one in found.outlooks:
        for year in one.ledger.years():
            sums = _sums(one.ledger, year)
            rows.append((one.name, year, *(sums.get(force) for force in forces), sum(sums.values())))
    heads = columns("scenario", ("year", "year"), *_money(forces), ("total", "money"))
    base = found.outlooks[0].projection.base
    title = f"Contributions, the budgets of {base} and the years projected from it"
    return Report("Contributions", title, heads, tuple(rows), (), "£", empty="Nothing is shown.")


def by_year(found: Strategy) -> Report:
    """The same with a column for each force and scenario, for the charts."""
    forces = _forces(found)
    years = sorted({year for one in found.outlooks for year in one.ledger.years()})
    names = [(force, one) for force in forces for one in found.outlooks]
    sums = {(one.name, year): _sums(one.ledger, year) for one in found.outlooks for year in years}
    rows = tuple((str(year), *(sums[one.name, year].get(force) for force, one in names)) for year in years)
    heads = columns("year", *((f"{force} {one.name}", "money") for force, one in names))
    charts = []
    if rows:
        for force in forces:
            series = tuple(f"{force} {one.name}" for one in found.outlooks)
            title = f"Contributions of {force} by year and scenario"
            least = min(sums[one.name, year].get(force, 0) for one in found.outlooks for year in years)
            charts.append(Chart("column", title, "year", series, 0, len(rows) - 1, 0 if least >= 0 else None))
    title = "Contributions by year, force and scenario"
    return Report("By year", title, heads, rows, (), "£", charts=tuple(charts))


def by_unit(found: Strategy) -> Report:
    """What each force pays for each unit."""
    forces = _forces(found)
    rows = []
    for one in found.outlooks:
        for result in one.ledger.results:
            paid = result.totals()
            rows.append(
                (
                    one.name,
                    result.unit.programme,
                    result.unit.code,
                    result.year,
                    standing(result),
                    *(paid.get(force) for force in forces),
                    sum(paid.values()),
                )
            )
    heads = columns("scenario", "programme", "unit", ("year", "year"), "basis", *_money(forces), ("total", "money"))
    return Report("By unit", "Contributions by unit", heads, tuple(rows), (), "£", empty="Nothing is shown.")


def by_programme(found: Strategy) -> Report:
    """What each force pays for each programme."""
    forces = _forces(found)
    rows = []
    for one in found.outlooks:
        programmes: dict[str, list[UnitCode]] = {}
        for result in one.ledger.results:
            programmes.setdefault(result.unit.programme or NO_PROGRAMME, []).append(result.unit.code)
        for programme, units in programmes.items():
            for year in one.ledger.years():
                sums = _sums(one.ledger, year, units)
                if sums:
                    row = (one.name, programme, year, *(sums.get(force) for force in forces), sum(sums.values()))
                    rows.append(row)
    heads = columns("scenario", "programme", ("year", "year"), *_money(forces), ("total", "money"))
    return Report("By programme", "Contributions by programme", heads, tuple(rows), (), "£", empty="Nothing is shown.")


def changed(found: Strategy) -> Report:
    """What moved each force's contribution to each unit from year to year."""
    rows = tuple(
        (one.name, c.unit, c.year, c.force, c.before, *(c.effects[cause] for cause in CAUSES), c.after)
        for one in found.outlooks
        for c in found.changes[one.name]
    )
    heads = columns(
        "scenario",
        "unit",
        ("year", "year"),
        "force",
        ("year before", "money"),
        *((CAUSE_WORDS[cause], "money") for cause in CAUSES),
        ("this year", "money"),
    )
    title = "From year to year, by cause; above zero costs more"
    return Report("Changes", title, heads, rows, (), "£", empty="There is no year before another.")


def _by_cause(changes: Sequence[YearChange], year: FinancialYear) -> dict[str, Sums]:
    """The effects of all units in a year, by cause and force."""
    moved: dict[str, Sums] = {cause: {} for cause in CAUSES}
    for one in changes:
        if one.year == year:
            for cause, pence in one.effects.items():
                moved[cause][one.force] = moved[cause].get(one.force, 0) + pence
    return moved


def bridge(found: Strategy) -> Report:
    """The change of all units together as a running total; a chart for each year of the base."""
    forces = _forces(found)
    rows: list[tuple[Any, ...]] = []
    charts = []
    for one in found.outlooks:
        changes = found.changes[one.name]
        for year in sorted({change.year for change in changes}):
            mine = [change for change in changes if change.year == year]
            first, running = len(rows), sum(change.before for change in mine)
            moved = _by_cause(mine, year)
            rows.append(_step(one.name, year, "plan", 0, running, _ends(mine, "before"), forces))
            for cause in CAUSES:
                after = running + sum(moved[cause].values())
                rows.append(_step(one.name, year, CAUSE_WORDS[cause], running, after, moved[cause], forces))
                running = after
            rows.append(_step(one.name, year, "actual", 0, running, _ends(mine, "after"), forces))
            if one.name == BASE:
                title = f"From {year.plus(-1)} to {year}"
                charts.append(
                    Chart("waterfall", title, "step", tuple(SERIES), first, len(rows) - 1, _axis(rows[first:]))
                )
    named = {"plan": "year before", "actual": "year"}
    shown = tuple((*row[:2], named.get(row[2], row[2]), *row[3:]) for row in rows)
    heads = columns(
        "scenario",
        ("year", "year"),
        "step",
        ("effect", "money"),
        ("from", "money"),
        ("to", "money"),
        *((name, "money") for name in SERIES),
        *_money(forces),
    )
    title = "All units shown, from year to year, by cause; above zero costs more"
    return Report("Bridge", title, heads, shown, (), "£", charts=tuple(charts), empty="There is no year before.")


def _ends(changes: Sequence[YearChange], which: str) -> Sums:
    sums: Sums = {}
    for one in changes:
        sums[one.force] = sums.get(one.force, 0) + (one.before if which == "before" else one.after)
    return sums


def _step(
    name: str, year: FinancialYear, step: str, start: int, end: int, by_force: Sums, forces: Sequence[ForceCode]
) -> tuple[Any, ...]:
    drawn = Bars(total=end) if step in ("plan", "actual") else bars(start, end)
    return (name, year, step, end - start, start, end, *drawn, *(by_force.get(force) for force in forces))


def _axis(rows: Sequence[tuple[Any, ...]]) -> int | None:
    """Where the axis of a bridge begins: near the smaller of its totals, where they are close together."""
    ends = [row[5] for row in rows]
    low, high = min(ends), max(ends)
    return axis_start(low, high)


def differences(found: Strategy) -> Report:
    """What each further scenario adds to the base's contributions, in all and by unit."""
    forces = _forces(found)
    rows = []
    for one in found.outlooks[1:]:
        moved = _difference(found.outlooks[0], one)
        for unit, year in dict.fromkeys((unit, year) for unit, year, _ in moved):
            mine = [moved.get((unit, year, force)) for force in forces]
            if any(mine):
                rows.append((one.name, unit, year, *mine, sum(pence or 0 for pence in mine)))
    heads = columns("scenario", "unit", ("year", "year"), *_money(forces), ("total", "money"))
    title = "Scenarios beside the base, by unit: scenario − base; above zero costs more"
    empty = (
        "No scenario changes a contribution." if len(found.outlooks) > 1 else "There is no scenario beside the base."
    )
    return Report("Differences", title, heads, tuple(rows), (), "£", empty=empty)


def _difference(base: Outlook, other: Outlook) -> dict[tuple[UnitCode, FinancialYear, ForceCode], int]:
    """Scenario − base for every unit, year and force of either, in the order of the units, then of the years."""
    old, new = base.amounts(), other.amounts()
    order = {unit.code: place for place, unit in enumerate(other.ledger.inputs.units)}
    forces = {force: place for place, force in enumerate(other.ledger.inputs.force_codes())}
    entries = sorted(
        {*old, *new}, key=lambda e: (order.get(e[0], len(order)), e[0], e[1], forces.get(e[2], len(forces)), e[2])
    )
    return {entry: new.get(entry, 0) - old.get(entry, 0) for entry in entries}


def totals_beside(found: Strategy) -> Report:
    """The differences in all, by year."""
    forces = _forces(found)
    rows = []
    for one in found.outlooks[1:]:
        moved = _difference(found.outlooks[0], one)
        for year in sorted({year for _, year, _ in moved}):
            mine = [sum(p for (_, y, f), p in moved.items() if y == year and f == force) for force in forces]
            rows.append((one.name, year, *mine, sum(mine)))
    heads = columns("scenario", ("year", "year"), *_money(forces), ("total", "money"))
    title = "Scenarios beside the base, all units shown: scenario − base; above zero costs more"
    return Report("Beside the base", title, heads, tuple(rows), (), "£", empty="There is no scenario beside the base.")


def worth(one: Assumption, value: Any) -> str:
    """A value of an assumption in words: percent or pounds, by its kind.

    >>> pay, cut = Assumption("uplift %", FinancialYear(2019), 2), Assumption("saving", FinancialYear(2019), 500_000)
    >>> worth(pay, pay.value), worth(cut, cut.value)
    ('2%', '£5,000.00')
    """
    if value is None:
        return ""
    return plain(value) + "%" if one.is_percentage else pounds_words(int(value))


def assumptions(found: Strategy) -> Report:
    """Every assumption in force, with its reference; of a further scenario those that differ from the base's alone."""
    rows = []
    known = set(found.outlooks[0].projection.inputs.assumptions)
    for one in found.outlooks:
        given = one.projection.inputs.assumptions
        rows += [(one.name, *_assumption(row)) for row in given if one.name == BASE or row not in known]
    heads = columns(
        "scenario",
        "kind",
        "unit",
        "line",
        "type",
        "force",
        ("from year", "year"),
        ("value", "number"),
        ("low", "number"),
        ("high", "number"),
        ("reference", "wide"),
        "cell",
    )
    title = "The assumptions and where they come from (of a further scenario those that the base has not)"
    return Report("Assumptions", title, heads, tuple(rows), empty="The workbook makes no assumptions.")


def _assumption(one: Assumption) -> tuple[Any, ...]:
    return (
        one.kind,
        one.unit,
        one.line,
        "" if one.is_percentage else one.type,
        one.force,
        one.from_year,
        *(worth(one, value) for value in (one.value, one.low, one.high)),
        one.reference,
        one.cell,
    )


def what_changed(found: Strategy) -> Report:
    """What each scenario changes in the workbook, row by row."""
    rows = tuple(
        (one.name, change.sheet, change.words, ", ".join(map(str, change.replaces)) or "new")
        for one in found.outlooks[1:]
        for change in one.projection.inputs.changes
    )
    heads = columns("scenario", "sheet", ("row", "wide"), ("replaces", "wide"))
    return Report("What changed", "What the scenarios change", heads, rows, empty="There is no scenario.")


def sensitivities(found: Strategy) -> Report:
    """The effect of each assumption's low and high alone on each force over all years, largest first."""
    rows: list[tuple[Any, ...]] = []
    charts = []
    forces = _forces(found)
    for one in found.outlooks:
        first = len(rows)
        effects = {(e.assumption, e.side, e.force): e.pence for e in found.effects.get(one.name, ()) if e.year is None}
        for given in dict.fromkeys(assumption for assumption, _, _ in effects):
            name = " ".join(filter(None, (given.unit, given.line, given.force, given.kind, f"from {given.from_year}")))
            low, high = (worth(given, value) for value in given.bounds())
            moved = [effects[given, side, force] for force in forces for side in ("low", "high")]
            rows.append((one.name, name, low, high, *moved, given.cell))
        if len(rows) > first and one.name == BASE:
            charts = [
                Chart("tornado", f"{force}: low and high of each assumption", "assumption", pair, first, len(rows) - 1)
                for force in forces
                for pair in [(f"{force} at low", f"{force} at high")]
            ]
    moved_columns = [(f"{force} at {side}", "money") for force in forces for side in ("low", "high")]
    heads = columns("scenario", "assumption", ("low", "number"), ("high", "number"), *moved_columns, "cell")  # type: ignore[arg-type]
    title = "What each assumption alone moves over all projected years, largest first; above zero costs more"
    return Report(
        "Sensitivity",
        title,
        heads,
        tuple(rows),
        (),
        "£",
        charts=tuple(charts),
        empty="No assumption has a low or high.",
    )


def ranges(found: Strategy) -> Report:
    """Percentiles of each force's contribution over the drawn runs, beside the exact central run."""
    rows = tuple((one.scenario, one.force, one.year, one.central, one.p10, one.p50, one.p90) for one in found.ranges)
    heads = columns(
        "scenario",
        "force",
        ("year", "year"),
        ("contribution", "money"),
        ("10th percentile", "money"),
        ("50th", "money"),
        ("90th", "money"),
    )
    title = f"Contributions over {found.runs:,} drawn runs (seed {found.seed})"
    notes = (
        "Every assumption with a low or high is drawn from a triangular distribution with its value as the peak, "
        "independently of the others. " + UNADDED,
    )
    return Report("Ranges", title, heads, rows, notes, "£", empty="No assumption has a low or high.")


def steps(year: FinancialYear, found: Sequence[Step], as_at: date) -> Report:
    """The days left to each step of the precept."""
    rows = tuple((step.step, step.by, "passed" if step.days < 0 else step.days) for step in found)
    heads = columns(("step", "wide"), ("by", "date"), ("days left", "whole"))
    title = f"The precept of {year}, seen from {as_at.isoformat()}"
    return Report("Timetable", title, heads, rows, ("Statutory dates: SI 2012/2271.",))


def fms_cost(found: Fms) -> Report:
    """Cost by section of the Force Management Statement."""
    rows = tuple((c.section, c.year, c.force, c.pence) for c in found.cost)
    heads = columns("section", ("year", "year"), "force", ("cost", "money"))
    title = "Force Management Statement: cost by section"
    return Report("FMS cost", title, heads, rows, (), "£", empty="No unit has a section.")


def fms_demand(found: Fms) -> Report:
    """Demand volumes by section of the Force Management Statement."""
    rows = tuple((d.section, d.driver, d.year, d.force, d.volume, d.months) for d in found.demand)
    heads = columns("section", "driver", ("year", "year"), "force", ("volume", "number"), ("months measured", "whole"))
    title = "Force Management Statement: demand volumes, as far as they are measured (nothing is projected)"
    return Report("FMS demand", title, heads, rows, empty="No section has demand data.")


def per_force(found: Strategy, taken: Sequence[str]) -> list[Report]:
    """A sheet for each force: its contributions by unit, a column for each year, and each scenario's total."""
    reports: list[Report] = []
    years = sorted({year for one in found.outlooks for year in one.ledger.years()})
    for force in _forces(found):
        rows: list[tuple[Any, ...]] = []
        totals: list[tuple[Any, ...]] = []
        for one in found.outlooks:
            paid: dict[UnitCode, dict[FinancialYear, int]] = {}
            programmes = {result.unit.code: result.unit.programme for result in one.ledger.results}
            for result in one.ledger.results:
                if force in result.members:
                    paid.setdefault(result.unit.code, {})[result.year] = result.totals()[force]
            rows += [(one.name, programmes[unit], unit, *(by.get(year) for year in years)) for unit, by in paid.items()]
            sums = [sum(by.get(year, 0) for by in paid.values()) for year in years]
            totals.append((one.name, "", "All units", *sums))
        heads = columns("scenario", "programme", "unit", *((str(year), "money") for year in years))
        names = [*taken, *(report.name for report in reports)]
        title = f"Contributions of {force}"
        reports.append(
            Report(sheet_name(force, names), title, heads, (*rows, *totals), (), "£", len(totals), "Nothing is shown.")
        )
    return reports


def asked_for(found: Strategy) -> list[Report]:
    """What was asked for besides: sensitivity, ranges, the timetable, the FMS extract."""
    reports = []
    if found.effects:
        reports.append(sensitivities(found))
    if found.runs:
        reports.append(ranges(found))
    if found.timetable is not None:
        reports.append(steps(*found.timetable))
    if found.fms is not None:
        reports += [fms_cost(found.fms), fms_demand(found.fms)]
    return reports


def everything(found: Strategy) -> list[Report]:
    """The reports of a file."""
    reports = [contributions(found), by_year(found), by_programme(found), by_unit(found), bridge(found), changed(found)]
    if len(found.outlooks) > 1:
        reports += [totals_beside(found), differences(found), what_changed(found)]
    reports += [assumptions(found), *asked_for(found)]
    return [*reports, *per_force(found, ["Cover", "Notes", "Manifest", *(report.name for report in reports)])]


def screen(found: Strategy) -> list[Report]:
    """What the terminal shows: contributions, why they move, the scenarios beside the base, what was asked for."""
    reports = [contributions(found), by_programme(found), *causes(found)]
    if len(found.outlooks) > 1:
        reports += [totals_beside(found), what_changed(found)]
    reports += [assumptions(found), *asked_for(found)]
    return reports


def causes(found: Strategy) -> list[Report]:
    """For each scenario, what moved each force's contribution to all units shown, by year and cause."""
    reports = []
    for one in found.outlooks:
        changes = found.changes[one.name]
        rows = []
        for year in sorted({change.year for change in changes}):
            moved = _by_cause(changes, year)
            for force in _forces(found):
                effects = [moved[cause].get(force, 0) for cause in CAUSES]
                rows.append((year, force, *effects, sum(effects)))
        used = [place for place in range(len(CAUSES)) if any(row[2 + place] for row in rows)]
        heads = columns(
            ("year", "year"), "force", *((CAUSE_WORDS[CAUSES[place]], "money") for place in used), ("change", "money")
        )
        kept = tuple((*row[:2], *(row[2 + place] for place in used), row[-1]) for row in rows)
        name = "" if one.name == BASE else f" ({one.name})"
        title = f"From year to year, by cause{name}; above zero costs more"
        reports.append(Report("Causes", title, heads, kept, (), "£", empty="There is no year before another."))
    return reports


def flat(found: Strategy) -> Report:
    """The contributions as one table, for CSV."""
    rows = tuple(
        (one.name, unit, str(year), force, pence)
        for one in found.outlooks
        for (unit, year, force), pence in one.amounts().items()
    )
    heads: tuple[Column, ...] = columns("scenario", "unit", "year", "force", ("amount", "money"))
    return Report("Contributions", "Contributions", heads, rows, (), "£")


def document(found: Strategy) -> dict[str, Any]:
    """The JSON of `mtfs`."""
    base = found.outlooks[0]
    inputs: Inputs = base.projection.inputs
    run = run_of(inputs, found.as_at)
    laid = {s.name: s.sha256 for one in found.outlooks for s in one.projection.inputs.scenarios}
    hashes = {name: sha256 for name, sha256 in laid.items() if sha256}
    run |= {"scenarios": list(laid)} | ({"scenario_sha256": hashes} if hashes else {})
    return {
        "schema": "bch-apportion/mtfs/1",
        "run": run,
        "base_year": str(base.projection.base),
        "years": [str(year) for year in base.projection.years],
        "scenarios": [one.name for one in found.outlooks],
        "contributions": [
            {"scenario": one.name, "unit": unit, "year": str(year), "force": force, "amount": pounds(pence)}
            for one in found.outlooks
            for (unit, year, force), pence in one.amounts().items()
        ],
        "changes": [
            {
                "scenario": one.name,
                "unit": change.unit,
                "year": str(change.year),
                "force": change.force,
                "from": pounds(change.before),
                "to": pounds(change.after),
                "change": pounds(change.after - change.before),
                "effects": {cause: pounds(pence) for cause, pence in change.effects.items()},
            }
            for one in found.outlooks
            for change in found.changes[one.name]
        ],
        "differences": [
            {"scenario": one.name, "unit": unit, "year": str(year), "force": force, "amount": pounds(pence)}
            for one in found.outlooks[1:]
            for (unit, year, force), pence in _difference(base, one).items()
        ],
        "bases": [
            {
                "scenario": one.name,
                "unit": result.unit.code,
                "year": str(result.year),
                "basis": result.decision.basis,
                "reason": result.decision.reason,
                "window": [month_text(result.decision.window.first), month_text(result.decision.window.last)],
            }
            for one in found.outlooks
            for result in one.ledger.results
        ],
        "assumptions": [
            {"scenario": one.name, **_assumption_entry(given)}
            for one in found.outlooks
            for given in one.projection.inputs.assumptions
        ],
        "changed": [
            {"scenario": one.name, "sheet": c.sheet, "row": c.words, "replaces": list(map(str, c.replaces))}
            for one in found.outlooks[1:]
            for c in one.projection.inputs.changes
        ],
        "ended": [
            {"scenario": one.name, "unit": unit, "year": str(one.projection.base.plus(-1))}
            for one in found.outlooks
            for unit in one.projection.ended
        ],
        "sensitivity": [
            {
                "scenario": one.name,
                "assumption": str(effect.assumption.cell),
                "side": effect.side,
                "force": effect.force,
                "year": None if effect.year is None else str(effect.year),
                "effect": pounds(effect.pence),
            }
            for one in found.outlooks
            for effect in found.effects.get(one.name, ())
        ],
        "runs": found.runs,
        "seed": found.seed if found.runs else None,
        "ranges": [
            {
                "scenario": one.scenario,
                "year": str(one.year),
                "force": one.force,
                "central": pounds(one.central),
                "p10": pounds(one.p10),
                "p50": pounds(one.p50),
                "p90": pounds(one.p90),
            }
            for one in found.ranges
        ],
        "timetable": None
        if found.timetable is None
        else {
            "year": str(found.timetable[0]),
            "steps": [{"step": s.step, "by": s.by.isoformat(), "days": s.days} for s in found.timetable[1]],
        },
        "fms": None if found.fms is None else _fms_entry(found.fms),
        "controls": [
            {"scenario": one.name, **entry} for one in found.outlooks for entry in controls(one.ledger.controls)
        ],
        "notes": list(found.notes()),
    }


def _assumption_entry(one: Assumption) -> dict[str, Any]:
    def text(value: Any) -> str | None:
        if value is None:
            return None
        return decimal_text(value, 6) if one.is_percentage else pounds(int(value))

    return {
        "cell": str(one.cell),
        "unit": one.unit or None,
        "line": one.line or None,
        "type": None if one.is_percentage else one.type,
        "force": one.force or None,
        "from_year": str(one.from_year),
        "kind": one.kind,
        "value": text(one.value),
        "low": text(one.low),
        "high": text(one.high),
        "reference": one.reference,
    }


def _fms_entry(found: Fms) -> dict[str, Any]:
    return {
        "cost": [
            {"section": c.section, "year": str(c.year), "force": c.force, "amount": pounds(c.pence)} for c in found.cost
        ],
        "demand": [
            {
                "section": d.section,
                "driver": d.driver,
                "year": str(d.year),
                "force": d.force,
                "volume": plain(d.volume),
                "months": d.months,
            }
            for d in found.demand
        ],
    }
