"""What changed against the business case, a budget, a year or a workbook: the tables of `variance`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bch_apportion.answers import headings, table
from bch_apportion.model import Settings, UnitCode
from bch_apportion.money import plain, pounds_whole, pounds_words
from bch_apportion.questions.bridge import Cause, UnitAndYear
from bch_apportion.questions.bridge_page import (
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
from bch_apportion.writing.report import Chart, Kind, Report, columns, force_columns, plain_table
from bch_apportion.years import FinancialYear

EXPLAINED = "explained: explained_amount | unexplained: unexplained_amount"
KINDS: dict[str, Kind] = {"variance %": "figure", "text": "wide"}
SUMS = headings(f"variance | {EXPLAINED}")
AGAINST = {"business-case": "the business case", "budget": "the budget"}


def old_side(answer: Variance) -> str:
    """What the side compared with is called: business case, budget, a year, a workbook."""
    if answer.other is not None and answer.against == answer.run.input:
        return f"the other {answer.against}"
    return {"business-case": "business case"}.get(answer.against, answer.against)


def against_year(answer: Variance) -> bool:
    return answer.other is None and answer.against not in AGAINST


def held(answer: Variance) -> str:
    """What the new side holds."""
    return {"budgets": "budget", "actuals": "outturn"}[answer.actual]


def new_side(answer: Variance, *years: FinancialYear) -> str:
    """What the new side is called in a table of some years: beside a year a year, beside a workbook a workbook."""
    if answer.other is not None:
        return answer.run.input
    return str(years[0]) if against_year(answer) and len(years) == 1 else held(answer)


def header(answer: Variance, *years: FinancialYear) -> str:
    """What a variance is, in every table's title."""
    return f"variance = {new_side(answer, *years)} − {old_side(answer)}; positive is adverse (costs more)"


def variances(answer: Variance, year: FinancialYear | None = None) -> Report:
    """Both sides, variance, percent and status: a row per force and one for the unit."""
    rows = [row for row in answer.rows if year in (None, row.year)]
    years = () if year is None else (year,)
    old, new = old_side(answer), new_side(answer, *years)
    year_too, version_too = " | year" * (year is None), " | version" * any(row.version for row in rows)
    names = headings(f"unit: unit_words{year_too}{version_too} | force: force_words") | {old: "plan", new: "actual"}
    names |= headings(f"variance | variance %: percent_words | status | {EXPLAINED} | explanation")
    when = "Variance" if year is None else f"Variance in {year}"
    what = "" if new == held(answer) else f", {held(answer)}"
    return plain_table(
        "Variance",
        f"{when}{what}: {header(answer, *years)}",
        table(rows, VarianceRow, names),
        kinds=KINDS,
        notes=(measures(answer),),
        empty=f"No unit has both {old} and {new}.",
    )


def measures(answer: Variance) -> str:
    """What significant, RED and AMBER mean with the settings of this workbook."""
    return significance(answer.settings, AGAINST.get(answer.against, f"the cost in {old_side(answer)}"))


def significance(settings: Settings, compared: str) -> str:
    """What significant, RED and AMBER mean beside what a cost is compared with."""
    amount, share = settings.materiality_amount, settings.materiality_percent
    return (
        f"Significant: at least {_pounds(amount)} and {plain(share)}% of {compared}, or "
        f"{_pounds(settings.always_significant)} whatever the percentage. RED: significant and adverse. AMBER: "
        f"adverse, and at least half of both ({_pounds(amount // 2)} and {plain(share / 2)}%). "
        "GREEN: otherwise. A GREEN row that is significant is favourable (costs less). A significant row is explained "
        f"where less than {_pounds(amount)} is unexplained."
    )


def _pounds(pence: int) -> str:
    return pounds_words(pence).removesuffix(".00")


def against_words(answer: Variance) -> str:
    return AGAINST.get(answer.against, old_side(answer))


def bridge(answer: Variance, forces: Sequence[VarianceRow], unit: VarianceRow) -> Report:
    """A unit's bridge on the screen: a bar for each cause, then each force's part."""
    drawn = unit if any(unit.effects.values()) else max(forces, key=lambda row: abs(row.variance))
    rows = [
        (CAUSES[cause], moved, drawn.effects[cause], *(row.effects[cause] for row in forces))
        for cause, moved in unit.effects.items()
        if cause not in ONE_SIDED or moved
    ]
    sums = [
        (name, getattr(unit, amount), None, *(getattr(row, amount) for row in forces)) for name, amount in SUMS.items()
    ]
    old = f"{old_side(answer)} {pounds_words(unit.plan)}"
    new = f"{new_side(answer, unit.year)} {pounds_words(unit.actual)}"
    bar = "bar" if drawn is unit else f"bar of {drawn.force}"
    return Report(
        name="Bridge",
        title=f"{unit.unit_words} {unit.year}: from {old} to {new}",
        columns=columns("cause", ("unit", "money"), (bar, "bar"), *((row.force_words, "money") for row in forces)),
        rows=(*rows, *sums),
        notes=tuple(_notes(answer, forces, unit)),
        units="£",
        totals=len(sums),
    )


def _notes(answer: Variance, forces: Sequence[VarianceRow], unit: VarianceRow) -> Iterator[str]:
    """The explanations of a unit and year, and what its causes mean where that needs saying."""
    given = [_text(row) for row in answer.explanations if (row.unit, row.year) == (unit.unit, unit.year)]
    yield from given or ["no explanation is given"] * bool(unit.unit)
    chosen = "what the unit stands on, chosen anew: NRE, demand, agreed shares, or kept or settled shares"
    meanings: dict[Cause, str] = {
        "direct": "lines that are not pooled (held, direct, implementation)",
        "basis": "the shares in force instead of those of the business case"
        if answer.against == "business-case"
        else chosen,
    }
    for cause, meaning in meanings.items():
        if any(row.effects[cause] for row in forces):
            yield f"{cause}: {meaning}."


def _text(row: Explanation) -> str:
    """An explanation with its cause, force, amount, owner and cell."""
    amount = None if row.amount is None else pounds_words(row.amount)
    about = ", ".join(part for part in (row.cause, row.force, amount) if part)
    return f"{about}: {row.text}" + (f" ({row.owner})" if row.owner else "") + f" [{row.cell}]"


def asked(answer: Variance) -> tuple[tuple[str, str], ...]:
    """What was compared, for the cover."""
    rows = [("Compared", held(answer)), ("Against", against_words(answer))]
    if answer.version is not None:
        rows.append(("Business case", answer.version))
    if answer.real:
        rows.append(("Prices", "the old side is restated in prices of the new year first"))
    if answer.other is not None:
        rows += [("Other workbook", answer.other.input), ("Its SHA-256", answer.other.sha256)]
    return tuple(rows)


def once(answer: Variance) -> Variance:
    """The answer without the rows of all units in a year of which a single unit is shown: they would repeat it."""
    units = {(row.unit, row.year) for row in answer.rows if row.unit}
    several = [year for year, count in Counter(year for _, year in units).items() if count > 1]
    return replace(answer, rows=[row for row in answer.rows if row.unit or row.year in several])


def by_year(answer: Variance) -> list[Report]:
    """The variances, a table per year."""
    years = sorted({row.year for row in answer.rows})
    return [variances(answer, year) for year in years] or [variances(answer)]


def significant_bridges(answer: Variance) -> list[Report]:
    """The bridges of the units with a significant variance, year by year."""
    shown = [rows for rows in answer.units().values() if any(row.significant for row in rows)]
    return [bridge(answer, forces, unit) for *forces, unit in sorted(shown, key=lambda rows: rows[0].year)]


def counterparts(answer: Variance) -> Report:
    """Units and years that are on one side only."""
    empty = "Every unit and year is on both sides." if answer.rows else "There is nothing to compare."
    heads = columns("unit", ("year", "year"), "what is missing")
    title = "Units and years that are on one side only"
    return Report("No counterpart", title, heads, tuple(alone(answer)), empty=empty)


def alone(answer: Variance) -> Iterator[tuple[UnitCode, FinancialYear, str]]:
    """The units and years that are on one side only, and what the other lacks: no budget, not in 2017/18."""
    for row in answer.without_plan:
        yield row.unit, row.year, _missing(answer, row, old_side(answer))
    for row in answer.without_actual:
        yield row.unit, row.year, _missing(answer, row, new_side(answer, row.year))


def _missing(answer: Variance, row: UnitAndYear, side: str) -> str:
    """That a side has nothing, or a part-year."""
    if side != "budget" and f"{row.unit} {row.year}" in answer.part_years:
        return "no outturn of the whole year"
    return f"no {side}" if side in ("business case", "budget", "outturn") else f"not in {side}"


def bridges(answer: Variance) -> Report:
    """Every bridge as a running total, step by step; charts of each significant unit, and of its forces that are."""
    shown: list[Step] = []
    charts: list[Chart] = []
    for rows in answer.units().values():
        *forces, unit = rows
        names = force_columns([row.force_words for row in forces], BRIDGE)
        by_force = dict(zip(names, forces, strict=True))
        sides = {old_side(answer): "plan", new_side(answer, unit.year): "actual"}
        ends = {name: {key: getattr(row, side) for key, row in by_force.items()} for name, side in sides.items()}
        effects = {CAUSES[cause]: {key: row.effects[cause] for key, row in by_force.items()} for cause in unit.effects}
        own = list(steps(unit.unit_words, unit.year, ends, effects))
        if any(row.significant for row in rows) and any(unit.effects.values()):
            charts.append(waterfall(_finding(answer, unit), own, len(shown)))
        drawn = [(key, row) for key, row in by_force.items() if row.significant and any(row.effects.values())]
        charts += [force_steps(_finding(answer, row), own, len(shown), key) for key, row in drawn]
        shown += own
    title = f"From {old_side(answer)} to {new_side(answer)}, by cause: {header(answer)}"
    return steps_table(title, "unit", shown, charts)


def _finding(answer: Variance, row: VarianceRow) -> str:
    """What a chart shows: whose variance, how large, against what."""
    whose = f"{row.unit_words} {row.year}" + (f", {row.force}" if row.force else "")
    way = "above" if row.variance > 0 else "below"
    moved = f"{pounds_whole(abs(row.variance))} {way}" if row.variance else "equal to"
    return f"{whose}: {held(answer)} {moved} {against_words(answer)}, by cause"


def unexplained(answer: Variance) -> Report:
    """Significant variances of which the rows of Explanations leave too much."""
    about = "unit: unit_words | year | force: force_words"
    names = headings(f"{about} | variance | variance %: percent_words | status: status_words | {EXPLAINED}")
    rows = table([row for row in answer.rows if row.significant and not row.explained], VarianceRow, names)
    title = "Significant variances, adverse and favourable, that are not explained"
    empty = "Every significant variance is explained."
    return plain_table("Unexplained", title, rows, kinds=KINDS, notes=(header(answer),), empty=empty)


def explanations(given: Sequence[Explanation]) -> Report:
    """The explanations given."""
    rows = table(given, Explanation)
    return plain_table("Explanations", "Explanations given", rows, kinds=KINDS, units="", empty="None is given.")


def everything(answer: Variance) -> list[Report]:
    """The reports of a file."""
    return [
        variances(answer),
        bridges(answer),
        unexplained(answer),
        explanations(answer.explanations),
        counterparts(answer),
    ]


def tables(answer: Variance) -> dict[str, Callable[[], Sequence[Report]]]:
    """The tables behind the first page."""
    return {
        "variances": lambda: by_year(answer),
        "bridges": lambda: significant_bridges(answer),
        "unexplained": lambda: [unexplained(answer)],
        "explanations": lambda: [explanations(answer.explanations)],
        "counterparts": lambda: [counterparts(answer)],
    }
