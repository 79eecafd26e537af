"""Unit costs over the years, savings, and what collaboration has saved: the reports of `track`."""

from __future__ import annotations

from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.money import Pence, pounds
from bch_apportion.questions.documents import run_of
from bch_apportion.questions.tracking.rule import TotalCost, Tracking
from bch_apportion.writing.report import Chart, Report, columns

SAVING = "a saving is what the base year cost less what the year cost; positive is a saving"


def _base_words(found: Tracking) -> str:
    return f"{found.base}" if found.base is not None else "each unit's first year"


def costs(found: Tracking) -> Report:
    """Every unit and year: cash, real, plan, savings; a chart for each unit."""
    rows = tuple(
        (
            cost.unit,
            cost.programme,
            cost.year,
            cost.source,
            cost.cash,
            cost.real,
            cost.plan,
            cost.saving_cash,
            cost.saving_real,
        )
        for cost in found.costs
    )
    charts = []
    for unit in dict.fromkeys(cost.unit for cost in found.costs):
        places = [i for i, cost in enumerate(found.costs) if cost.unit == unit]
        if len(places) > 1:
            series = ("cash", "real", "plan") if found.real else ("cash", "plan")
            charts.append(Chart("line", f"Cost of {unit}", "year", series, places[0], places[-1]))
    return Report(
        "Unit costs",
        f"Unit costs, in cash and in prices of {_base_words(found)}; {SAVING}",
        columns(
            "unit",
            "programme",
            ("year", "year"),
            "source",
            ("cash", "money"),
            ("real", "money"),
            ("plan", "money"),
            ("saving, cash", "money"),
            ("saving, real", "money"),
        ),
        rows,
        (),
        "£",
        charts=tuple(charts),
    )


def by_unit(found: Tracking) -> Report:
    """A line per unit for the screen: its course, its first and last cost shown, its saving."""
    rows = []
    for unit in dict.fromkeys(cost.unit for cost in found.costs):
        own = found.of(unit)
        last = own[-1]
        span = str(last.year) if len(own) == 1 else f"{own[0].year} to {last.year}"
        by_year = {cost.year: cost.cash for cost in own}
        course = tuple(by_year.get(year) for year in found.years())
        rows.append(
            (unit, span, course, last.source, last.cash, last.real, last.plan, last.saving_cash, last.saving_real)
        )
    return Report(
        "Tracking",
        f"Unit costs over the years; the figures are those of the last year, {SAVING}",
        columns(
            "unit",
            "years",
            ("course", "spark"),
            "source",
            ("cash", "money"),
            ("real", "money"),
            ("plan", "money"),
            ("saving, cash", "money"),
            ("saving, real", "money"),
        ),
        tuple(rows),
        (
            f"Real: in prices of {_base_words(found)}." if found.real else "No deflators, so no real terms.",
            "Plan: the business case as it stands, in the prices it was written in.",
        ),
        "£",
    )


def totals(found: Tracking) -> Report:
    """Per programme and year, and in all."""
    rows = tuple(
        (
            total.programme or "Alliance",
            total.year,
            total.units,
            total.based,
            total.cash,
            total.real,
            total.saving_cash,
            total.saving_real,
        )
        for total in found.totals()
    )
    return Report(
        "Totals",
        f"Programmes and the alliance; {SAVING}",
        columns(
            "programme",
            ("year", "year"),
            ("units", "whole"),
            ("with a base", "whole"),
            ("cash", "money"),
            ("real", "money"),
            ("saving, cash", "money"),
            ("saving, real", "money"),
        ),
        rows,
        ("The savings are those of the units whose base year has a cost.",),
        "£",
    )


def protection(found: Tracking) -> Report:
    """No loser over the years shown: what each force has received, funded, and the net."""
    rows = tuple(
        (force, found.received[force], found.funded[force], found.funded[force] - found.received[force])
        for force in found.inputs.force_codes()
    )
    return Report(
        "Protection",
        "No loser over the years shown",
        columns("force", ("received", "money"), ("funded", "money"), ("net funded", "money")),
        rows if any(row[1] or row[2] for row in rows) else (),
        (),
        "£",
        empty="No force has received or funded any.",
    )


def saved(found: Tracking) -> Report:
    """What collaboration has saved: a line per programme and one in all, in the last year shown and altogether."""
    groups: dict[str | None, list[TotalCost]] = {}
    for total in found.totals():
        groups.setdefault(total.programme, []).append(total)
    last = max(found.years(), default=None)
    rows: list[tuple[Any, ...]] = []
    for programme, own in groups.items():
        now = next((total for total in own if total.year == last), None)
        rows.append(
            (
                programme or "In all",
                last,
                None if now is None else now.saving_cash,
                None if now is None else now.saving_real,
                _sum([total.saving_cash for total in own if total.based]),
                _sum([total.saving_real for total in own if total.based]),
            )
        )
    notes = ["Altogether: the savings of each year shown, added up."]
    if found.without_base:
        notes.append(f"Not in the savings, without a cost in {found.base}: {', '.join(found.without_base)}.")
    ended = [unit for unit in dict.fromkeys(cost.unit for cost in found.costs) if found.of(unit)[-1].year != last]
    if ended:
        notes.append(f"Without a cost in {last}, so not in its savings: {', '.join(ended)}.")
    return Report(
        "Saved",
        f"What collaboration has saved, against {_base_words(found)}",
        columns(
            "programme",
            ("year", "year"),
            ("saving, cash", "money"),
            ("saving, real", "money"),
            ("altogether, cash", "money"),
            ("altogether, real", "money"),
        ),
        tuple(rows),
        tuple(notes),
        "£",
        1,
    )


def _sum(amounts: list[Pence | None]) -> Pence | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known and len(known) == len(amounts) else None


def over_the_years(found: Tracking, real: bool) -> Report:
    """Each unit's cost in each year, for the screen."""
    years = found.years()
    rows = []
    for unit in dict.fromkeys(cost.unit for cost in found.costs):
        own = {cost.year: cost.real if real else cost.cash for cost in found.of(unit)}
        rows.append((unit, *(own.get(year) for year in years)))
    terms = f"prices of {_base_words(found)}" if real else "cash"
    heads = columns("unit", *((str(year), "money") for year in years))
    return Report("Costs", f"Unit costs by year, in {terms}", heads, tuple(rows), (), "£")


def flat(found: Tracking) -> Report:
    """The rows of the JSON as one table, for CSV."""
    heads = columns(
        "unit",
        "year",
        "source",
        ("cash", "money"),
        ("real", "money"),
        ("plan", "money"),
        ("saving_cash", "money"),
        ("saving_real", "money"),
    )
    rows = tuple(
        (c.unit, str(c.year), c.source, c.cash, c.real, c.plan, c.saving_cash, c.saving_real) for c in found.costs
    )
    return Report("Tracking", "Tracking", heads, rows, (), "£")


def screen(found: Tracking) -> list[Report]:
    courses = [
        over_the_years(found, real) for real in (False, True) if len(found.years()) > 1 and (found.real or not real)
    ]
    return [by_unit(found), *courses, totals(found), protection(found), saved(found)]


def everything(found: Tracking) -> list[Report]:
    return [costs(found), totals(found), protection(found), saved(found)]


def document(found: Tracking, ledger: Ledger) -> dict[str, Any]:
    """The JSON of `track`."""

    def money(pence: Pence | None) -> str | None:
        return None if pence is None else pounds(pence)

    return {
        "schema": "bch-apportion/track/1",
        "run": run_of(ledger.inputs, ledger.as_at),
        "base": None if found.base is None else str(found.base),
        "rows": [
            {
                "unit": cost.unit,
                "year": str(cost.year),
                "source": cost.source,
                "cash": pounds(cost.cash),
                "real": money(cost.real),
                "plan": money(cost.plan),
                "saving_cash": money(cost.saving_cash),
                "saving_real": money(cost.saving_real),
            }
            for cost in found.costs
        ],
        "totals": [
            {
                "programme": total.programme,
                "year": str(total.year),
                "units": total.units,
                "units_with_base": total.based,
                "cash": pounds(total.cash),
                "real": money(total.real),
                "saving_cash": money(total.saving_cash),
                "saving_real": money(total.saving_real),
            }
            for total in found.totals()
        ],
        "protection": [
            {"force": force, "received": pounds(found.received[force]), "funded": pounds(found.funded[force])}
            for force in found.inputs.force_codes()
        ],
        "without_base": list(found.without_base),
    }
