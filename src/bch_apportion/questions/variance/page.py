"""What moved against the plan, by cause, force by force: the tables of `variance`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bch_apportion.answers import headings, table
from bch_apportion.model import Settings
from bch_apportion.money import decimal_text, plain, pounds_whole, pounds_words
from bch_apportion.questions.bridge import Cause
from bch_apportion.questions.bridge_page import (
    ALL_UNITS,
    BRIDGE,
    CAUSES,
    ONE_SIDED,
    Step,
    force_steps,
    steps,
    steps_table,
    waterfall,
)
from bch_apportion.questions.variance.rows import Explanation, Variance, VarianceRow
from bch_apportion.writing.report import Chart, Column, Report, columns, force_columns, plain_table
from bch_apportion.years import FinancialYear

EXPLAINED = "explained: explained_amount | unexplained: unexplained_amount"
HEADER = "variance = actual − plan; positive is adverse (costs more)"


def _unit(row: VarianceRow) -> str:
    return row.unit or ALL_UNITS


def _force(row: VarianceRow) -> str:
    return row.force or ("unit" if row.unit else "total")


def _percent(row: VarianceRow) -> str:
    return "n/a" if row.percent is None else decimal_text(row.percent, 1)


def _explanation(row: VarianceRow) -> str:
    """Whether a significant variance is explained; that it is favourable is said, since its row is GREEN."""
    if not row.significant:
        return ""
    favourable = "favourable, " if row.variance < 0 else ""
    return favourable + ("explained" if row.explained else "NOT EXPLAINED")


def variances(answer: Variance, year: FinancialYear | None = None) -> Report:
    """Plan, actual, variance, percent and status: a row per force and one for the unit."""
    rows = [row for row in answer.rows if year in (None, row.year)]
    year_too = " | year" if year is None else ""
    version_too = " | version" if any(row.version for row in rows) else ""
    names: dict[str, Any] = headings(
        f"unit{year_too}{version_too} | force | plan | actual | variance | variance % | status | "
        f"{EXPLAINED} | explanation"
    )
    names |= {"unit": _unit, "force": _force, "variance %": _percent, "explanation": _explanation}
    when = "Variance" if year is None else f"Variance in {year}"
    what = "Outturn" if answer.actual == "actuals" else "Budgets"
    return plain_table(
        "Variance",
        f"{when}: {what} against {against_words(answer)}: {HEADER}",
        table(rows, VarianceRow, names),
        kinds={"variance %": "figure"},
        notes=(_measures(answer.settings),),
        empty="No unit has both a plan and an actual.",
    )


def _measures(settings: Settings) -> str:
    """What significant, RED and AMBER mean with the settings of this workbook."""
    amount, share = settings.materiality_amount, settings.materiality_percent
    return (
        f"Significant: at least {pounds_words(amount)} and {plain(share)}% of the plan, or "
        f"{pounds_words(settings.always_significant)} whatever the percentage. RED: significant and adverse. AMBER: "
        f"adverse, and at least half of both ({pounds_words(amount // 2)} and {plain(share / 2)}%). "
        "GREEN: otherwise. A GREEN row that is significant is favourable (costs less). A significant row is explained "
        f"where less than {pounds_words(amount)} is unexplained."
    )


def against_words(answer: Variance) -> str:
    return {"business-case": "the business case", "budget": "the budget"}.get(answer.against, answer.against)


def bridge(answer: Variance, forces: Sequence[VarianceRow], unit: VarianceRow) -> Report:
    """A unit's bridge on the screen: a bar for each cause, then each force's part."""
    drawn = unit if any(unit.effects.values()) else max(forces, key=lambda row: abs(row.variance))
    rows = [
        (CAUSES[cause], moved, drawn.effects[cause], *(row.effects[cause] for row in forces))
        for cause, moved in unit.effects.items()
        if cause not in ONE_SIDED or moved
    ]
    amounts = [Column(_force(row), "money") for row in forces]
    bar = "bar" if drawn is unit else f"bar of {drawn.force}"
    return Report(
        name="Bridge",
        title=f"{_unit(unit)} {unit.year}: from {pounds_words(unit.plan)} to {pounds_words(unit.actual)}",
        columns=(*columns("cause", ("unit", "money"), (bar, "bar")), *amounts),
        rows=(*rows, *_sums(forces, unit)),
        notes=tuple(_notes(answer, forces, unit)),
        units="£",
        totals=3,
    )


def _sums(forces: Sequence[VarianceRow], unit: VarianceRow) -> list[tuple[Any, ...]]:
    """The variance, what is explained of it and what is not."""
    sums = {"variance": "variance", "explained": "explained_amount", "unexplained": "unexplained_amount"}
    return [
        (name, getattr(unit, amount), None, *(getattr(row, amount) for row in forces)) for name, amount in sums.items()
    ]


def _notes(answer: Variance, forces: Sequence[VarianceRow], unit: VarianceRow) -> list[str]:
    """The explanations of a unit and year, and what its causes mean where that needs saying."""
    given = [_text(row) for row in answer.explanations if (row.unit, row.year) == (unit.unit, unit.year)]
    meanings = [f"{cause}: {meaning}." for cause, meaning in _meanings(answer) if any(r.effects[cause] for r in forces)]
    return [*(given or (["no explanation is given"] if unit.unit else [])), *meanings]


def _text(row: Explanation) -> str:
    """An explanation with its cause, force, amount, owner and cell."""
    amount = None if row.amount is None else pounds_words(row.amount)
    about = ", ".join(part for part in (row.cause, row.force, amount) if part)
    return f"{about}: {row.text}" + (f" ({row.owner})" if row.owner else "") + f" [{row.cell}]"


def _meanings(answer: Variance) -> Iterator[tuple[Cause, str]]:
    """What those causes mean whose names do not say it."""
    yield "direct", "lines that are not pooled (held, direct, implementation)"
    chosen = "the shares in force instead of NRE"
    if answer.against != "business-case":
        chosen = "what the unit stands on, chosen anew: NRE, demand, agreed shares, or kept or settled shares"
    yield "basis", chosen


def asked(answer: Variance) -> tuple[tuple[str, str], ...]:
    """What was compared, for the cover."""
    sides = {"budgets": "Budgets", "actuals": "Actuals (outturn)"}
    rows = [("Actual", sides[answer.actual]), ("Plan", against_words(answer))]
    if answer.version is not None:
        rows.append(("Business case", answer.version))
    if answer.real:
        rows.append(("Prices", "the old side is restated in prices of the new year first"))
    if answer.other is not None:
        rows += [("Other workbook", answer.other.input), ("Its SHA-256", answer.other.sha256)]
    return tuple(rows)


def _once(answer: Variance) -> Variance:
    """The answer without the rows of all units in a year of which a single unit is shown: they would repeat it."""
    units = {(row.unit, row.year) for row in answer.rows if row.unit}
    several = [year for year, count in Counter(year for _, year in units).items() if count > 1]
    return replace(answer, rows=[row for row in answer.rows if row.unit or row.year in several])


def screen(answer: Variance) -> list[Report]:
    """A table per year, each followed by the bridges of its significant units; then what has no counterpart."""
    answer, shown = _once(answer), []
    for year in sorted({row.year for row in answer.rows}):
        shown.append(variances(answer, year))
        for rows in answer.units().values():
            *forces, unit = rows
            if unit.year == year and any(row.significant for row in rows):
                shown.append(bridge(answer, forces, unit))
    return [*(shown or [variances(answer)]), counterparts(answer)]


def counterparts(answer: Variance) -> Report:
    """Units and years that are on one side only."""
    sides = {"no plan": answer.without_plan, "no actual": answer.without_actual}
    return Report(
        name="No counterpart",
        title="Units and years without a plan, or without an actual",
        columns=columns("unit", ("year", "year"), "what is missing"),
        rows=tuple((row.unit, row.year, missing) for missing, rows in sides.items() for row in rows),
        empty="Every unit and year has both." if answer.rows else "There is nothing to compare.",
    )


def bridges(answer: Variance) -> Report:
    """Every bridge as a running total, step by step; charts of each significant unit, and of its forces that are."""
    shown: list[Step] = []
    charts: list[Chart] = []
    sides = {"plan": against_words(answer).removeprefix("the "), "actual": _actual(answer)}
    for rows in answer.units().values():
        *forces, unit = rows
        names = force_columns([_force(row) for row in forces], BRIDGE)
        by_force = dict(zip(names, forces, strict=True))
        ends = {name: {key: getattr(row, side) for key, row in by_force.items()} for side, name in sides.items()}
        effects = {CAUSES[cause]: {key: row.effects[cause] for key, row in by_force.items()} for cause in unit.effects}
        own = list(steps(_unit(unit), unit.year, ends, effects))
        if any(row.significant for row in rows) and any(unit.effects.values()):
            charts.append(waterfall(_finding(answer, unit), own, len(shown)))
        drawn = [(key, row) for key, row in by_force.items() if row.significant and any(row.effects.values())]
        charts += [force_steps(_finding(answer, row), own, len(shown), key) for key, row in drawn]
        shown += own
    return steps_table(f"From plan to actual, by cause: {HEADER}", "unit", shown, charts)


def _actual(answer: Variance) -> str:
    return "outturn" if answer.actual == "actuals" else "budget"


def _finding(answer: Variance, row: VarianceRow) -> str:
    """What a chart shows: whose variance, how large, against what."""
    whose = f"{_unit(row)} {row.year}" + (f", {row.force}" if row.force else "")
    way = "above" if row.variance > 0 else "below"
    moved = f"{pounds_whole(abs(row.variance))} {way}" if row.variance else "equal to"
    return f"{whose}: {_actual(answer)} {moved} {against_words(answer)}, by cause"


def unexplained(answer: Variance) -> Report:
    """Significant variances of which the rows of Explanations leave too much."""
    names: dict[str, Any] = headings(f"unit | year | force | variance | variance % | status | {EXPLAINED}")
    names |= {"unit": _unit, "force": _force, "variance %": _percent}
    return plain_table(
        "Unexplained",
        "Significant variances, adverse and favourable, that are not explained",
        table([row for row in answer.rows if row.significant and not row.explained], VarianceRow, names),
        kinds={"variance %": "figure"},
        notes=(HEADER,),
        empty="Every significant variance is explained.",
    )


def explanations(answer: Variance) -> Report:
    """The explanations given."""
    return plain_table(
        "Explanations",
        "Explanations given",
        table(answer.explanations, Explanation),
        kinds={"text": "wide"},
        units="",
        empty="None is given.",
    )


def everything(answer: Variance) -> list[Report]:
    """The reports of a file."""
    answer = _once(answer)
    return [variances(answer), bridges(answer), unexplained(answer), explanations(answer), counterparts(answer)]
