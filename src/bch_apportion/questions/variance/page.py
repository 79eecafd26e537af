"""What moved against the plan, by cause, force by force: the reports of `variance`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.money import decimal_text, plain, pounds, pounds_words
from bch_apportion.questions.documents import run_of
from bch_apportion.questions.variance.rule import Bridge, VarianceRow, Variances
from bch_apportion.writing.report import Chart, Column, Report, axis_start, columns
from bch_apportion.years import FinancialYear

HEADER = "variance = actual − plan; positive is adverse (costs more)"
CAUSES = {
    "prices": "prices",
    "cost": "cost",
    "direct": "direct",
    "nre": "NRE",
    "demand": "demand",
    "terms": "terms",
    "basis": "basis",
    "no_loser": "no loser",
}


def percent_words(row: VarianceRow) -> str:
    """The variance over |plan|, one decimal, half up; n/a where the plan is zero."""
    return "n/a" if row.percent is None else decimal_text(row.percent, 1)


def explained_words(row: VarianceRow) -> str:
    return ("explained" if row.explained else "NOT EXPLAINED") if row.significant else ""


def variances(found: Variances, year: FinancialYear | None = None) -> Report:
    """Plan, actual, variance, percent and status: a row per force and one for the unit."""
    rows = tuple(
        (
            row.unit,
            row.year,
            row.version or "",
            row.force or "unit",
            row.plan,
            row.actual,
            row.variance,
            percent_words(row),
            row.status,
            explained_words(row),
        )
        for row in found.rows()
        if year in (None, row.year)
    )
    heads = columns(
        "unit",
        ("year", "year"),
        "version",
        "force",
        ("plan", "money"),
        ("actual", "money"),
        ("variance", "money"),
        ("variance %", "figure"),
        "status",
        "explanation",
    )
    keep = [i for i, head in enumerate(heads) if head.name != "version" or any(row[i] for row in rows)]
    if year is not None:
        keep.remove(1)
    what = "Outturn" if found.side == "actuals" else "Budgets"
    title = f"Variance: {what}" if year is None else f"Variance in {year}: {what}"
    return Report(
        "Variance",
        f"{title} against {against_words(found)}: {HEADER}",
        tuple(heads[i] for i in keep),
        tuple(tuple(row[i] for i in keep) for row in rows),
        _measures(found),
        "£",
        empty="No unit has both a plan and an actual.",
    )


def _measures(found: Variances) -> tuple[str, ...]:
    """What significant, RED and AMBER mean with the settings of this workbook."""
    settings = found.inputs.settings
    amount, share = settings.materiality_amount, settings.materiality_percent
    return (
        f"Significant: at least {pounds_words(amount)} and {plain(share)}% of the plan, or "
        f"{pounds_words(settings.always_significant)} whatever the percentage. RED: significant and adverse. AMBER: "
        f"adverse, and at least half of both ({pounds_words(amount // 2)} and {plain(share / 2)}%). "
        "GREEN: otherwise.",
    )


def against_words(found: Variances) -> str:
    return {"business-case": "the business case", "budget": "the budget"}.get(found.against, found.against)


def bridge(found: Variances, one: Bridge) -> Report:
    """One bridge on the screen: a bar for each cause, then each force's part."""
    forces = one.forces()
    rows: list[tuple[Any, ...]] = []
    most = "" if any(sum(moved.values()) for moved in one.effects.values()) else _most_moved(one)
    for cause in found.causes:
        moved = one.effects[cause]
        drawn = moved[most] if most else sum(moved.values())
        rows.append((CAUSES[cause], sum(moved.values()), drawn, *(moved[force] for force in forces)))
    totals = [one.actual[force] - one.plan[force] for force in forces]
    rows.append(("variance", sum(totals), None, *totals))
    heads = columns(
        "cause",
        ("unit", "money"),
        (f"bar of {most}" if most else "bar", "bar"),
        *((force, "money") for force in forces),
    )
    explanations = found.explanations(one)
    said = tuple(
        f"{e.cause}: {e.text}" + (f" ({e.owner})" if e.owner else "") + f" [{e.cell}]" for e in explanations
    ) or ("not explained",)
    said = (
        (*said, "direct: lines that are not pooled (held, direct, implementation).")
        if any(one.effects["direct"].values())
        else said
    )
    plan, actual = sum(one.plan.values()), sum(one.actual.values())
    title = f"{one.unit} {one.year}: from {pounds_words(plan)} to {pounds_words(actual)}"
    return Report("Bridge", title, heads, tuple(rows), said, "£", 1)


def _most_moved(one: Bridge) -> str:
    """The force that moved most, where the unit as a whole did not move."""
    return max(one.forces(), key=lambda force: abs(one.actual[force] - one.plan[force]))


def significant(found: Variances) -> list[Bridge]:
    """The bridges of units whose variance, or that of a force, is significant."""
    wanted = {(row.unit, row.year) for row in found.rows() if row.significant}
    return [one for one in found.bridges if (one.unit, one.year) in wanted]


def asked(found: Variances) -> tuple[tuple[str, str], ...]:
    """What was compared, for the cover."""
    sides = {"budgets": "Budgets", "actuals": "Actuals (outturn)"}
    rows = [("Actual", sides[found.side]), ("Plan", against_words(found))]
    if found.version is not None:
        rows.append(("Business case", found.version))
    if found.real:
        rows.append(("Prices", "the old side is restated in prices of the new year first"))
    if found.other is not None:
        rows += [("Other workbook", found.other.source), ("Its SHA-256", found.other.sha256)]
    return tuple(rows)


def screen(found: Variances) -> list[Report]:
    """A table per year, each followed by the bridges of its significant units; then what has no counterpart."""
    shown = []
    for year in sorted({one.year for one in found.bridges}):
        shown.append(variances(found, year))
        shown += [bridge(found, one) for one in significant(found) if one.year == year]
    return [*(shown or [variances(found)]), counterparts(found)]


def counterparts(found: Variances) -> Report:
    """Units and years that are on one side only."""
    rows = [(one.unit, one.year, "no plan") for one in found.without_plan]
    rows += [(one.unit, one.year, "no actual") for one in found.without_actual]
    return Report(
        "No counterpart",
        "Units and years without a plan, or without an actual",
        columns("unit", ("year", "year"), "what is missing"),
        tuple(rows),
        empty="Every unit and year has both." if found.bridges else "There is nothing to compare.",
    )


def bridges(found: Variances) -> Report:
    """Every bridge as a running total, step by step; a chart for each significant unit."""
    rows: list[tuple[Any, ...]] = []
    charts = []
    chosen = significant(found)
    for one in found.bridges:
        first = len(rows)
        running = sum(one.plan.values())
        rows.append(_step(one, "plan", 0, running, one.plan))
        for cause in found.causes:
            moved = one.effects[cause]
            after = running + sum(moved.values())
            rows.append(_step(one, CAUSES[cause], running, after, moved))
            running = after
        rows.append(_step(one, "actual", 0, running, one.actual))
        if one in chosen and any(row[3] for row in rows[first + 1 : -1]):
            charts.append(_waterfall(one, rows, first))
    forces = list(dict.fromkeys(force for one in found.bridges for force in one.forces()))
    ordered = tuple((*row[:6], *bars(row), *(row[6].get(force) for force in forces)) for row in rows)
    heads = columns(
        "unit",
        ("year", "year"),
        "step",
        ("effect", "money"),
        ("from", "money"),
        ("to", "money"),
        ("base", "money"),
        ("total", "money"),
        ("rise", "money"),
        ("fall", "money"),
        ("rise below 0", "money"),
        ("fall below 0", "money"),
        *((force, "money") for force in forces),
    )
    return Report("Bridge", f"From plan to actual, by cause: {HEADER}", heads, ordered, (), "£", charts=tuple(charts))


SERIES = ("base", "total", "rise", "fall", "rise below 0", "fall below 0")


def bars(row: tuple[Any, ...]) -> tuple[int, ...]:
    """The step as stacked columns: an unseen base, then a total, a rise or a fall, in its parts above and below zero.

    >>> bars(("", "", "cost", 1_000, -500, 500))                           # from −500 to 500: a rise on both sides
    (0, 0, 500, 0, -500, 0)
    >>> bars(("", "", "cost", -200, 900, 700))
    (700, 0, 0, 200, 0, 0)
    """
    effect, start, end = row[3], row[4], row[5]
    if row[2] in ("plan", "actual"):
        return 0, end, 0, 0, 0, 0
    low, high = min(start, end), max(start, end)
    base = low if low > 0 else min(0, high)
    above, below = max(0, high) - max(0, low), min(0, low) - min(0, high)
    return (base, 0, above, 0, below, 0) if effect >= 0 else (base, 0, 0, above, 0, below)


def _waterfall(one: Bridge, rows: Sequence[tuple[Any, ...]], first: int) -> Chart:
    """A chart of one bridge; its axis begins near the smaller of its totals where they are close together."""
    ends = [pence for row in rows[first:] for pence in (row[4], row[5]) if row[2] not in ("plan", "actual") or pence]
    low, high = min(ends), max(ends)
    title = f"{one.unit} {one.year}: from plan to actual, by cause"
    return Chart("waterfall", title, "step", SERIES, first, len(rows) - 1, axis_start(low, high))


def _step(one: Bridge, name: str, start: int, end: int, by_force: Any) -> tuple[Any, ...]:
    return (one.unit, one.year, name, end - start, start, end, by_force)


def unexplained(found: Variances) -> Report:
    """Significant variances without a row on the Explanations sheet."""
    rows = tuple(
        (row.unit, row.year, row.force or "unit", row.variance, percent_words(row), row.status)
        for row in found.rows()
        if row.significant and not row.explained
    )
    heads: tuple[Column, ...] = columns(
        "unit", ("year", "year"), "force", ("variance", "money"), ("variance %", "figure"), "status"
    )
    title = "Significant variances that nobody has explained"
    return Report("Unexplained", title, heads, rows, (HEADER,), "£", empty="Every significant variance is explained.")


def everything(found: Variances) -> list[Report]:
    """The reports of a file."""
    given = tuple(
        (e.unit, e.year, e.cause, e.text, e.owner, e.cell) for one in found.bridges for e in found.explanations(one)
    )
    heads = columns("unit", ("year", "year"), "cause", ("text", "wide"), "owner", "cell")
    explained = Report("Explanations", "Explanations given", heads, given, empty="None is given.")
    return [variances(found), bridges(found), unexplained(found), explained, counterparts(found)]


def document(found: Variances, ledger: Ledger) -> dict[str, Any]:
    """The JSON of `variance`."""
    return {
        "schema": "bch-apportion/variance/1",
        "run": run_of(ledger.inputs, ledger.as_at),
        "against": found.against,
        "actual": found.side,
        "version": found.version,
        "real": found.real,
        "other": None if found.other is None else {"input": found.other.source, "sha256": found.other.sha256},
        "rows": [
            {
                "version": row.version,
                "unit": row.unit,
                "year": str(row.year),
                "force": row.force,
                "plan": pounds(row.plan),
                "actual": pounds(row.actual),
                "variance": pounds(row.variance),
                "percent": None if row.percent is None else decimal_text(row.percent, 1),
                "status": row.status,
                "significant": row.significant,
                "explained": row.explained,
                "effects": {cause: pounds(moved) for cause, moved in row.effects.items()},
            }
            for row in found.rows()
        ],
        "explanations": [
            {
                "unit": e.unit,
                "year": str(e.year),
                "cause": e.cause,
                "text": e.text,
                "owner": e.owner,
                "cell": e.cell,
            }
            for one in found.bridges
            for e in found.explanations(one)
        ],
        "without_plan": [{"unit": one.unit, "year": str(one.year)} for one in found.without_plan],
        "without_actual": [{"unit": one.unit, "year": str(one.year)} for one in found.without_actual],
    }


def flat(found: Variances) -> Report:
    """The rows of the JSON as one table, for CSV."""
    rows = tuple(
        (
            row.version or "",
            row.unit,
            str(row.year),
            row.force or "",
            row.plan,
            row.actual,
            row.variance,
            "" if row.percent is None else decimal_text(row.percent, 1),
            row.status,
            "yes" if row.significant else "no",
            "yes" if row.explained else "no",
            *(row.effects[cause] for cause in found.causes),
        )
        for row in found.rows()
    )
    heads = columns(
        "version",
        "unit",
        "year",
        "force",
        ("plan", "money"),
        ("actual", "money"),
        ("variance", "money"),
        ("percent", "figure"),
        "status",
        "significant",
        "explained",
        *((cause, "money") for cause in found.causes),
    )
    return Report("Variance", "Variance", heads, rows, (), "£")
