"""Unit costs over the years, savings, and what collaboration has saved: the tables of `track`."""

from __future__ import annotations

from typing import Any

from bch_apportion.answers import headings, table
from bch_apportion.questions.tracking.rows import Protection, Track, TrackRow, TrackTotal
from bch_apportion.questions.tracking.rule import sum_of_all
from bch_apportion.writing.report import Chart, Column, Report, columns, plain_table

SAVING = "a saving is what the base year cost less what the year cost; positive is a saving"
FIGURES = headings("source | cash | real | plan | saving, cash: saving_cash | saving, real: saving_real")


def _base_words(answer: Track) -> str:
    return f"{answer.base}" if answer.base is not None else "each unit's first year"


def costs(answer: Track) -> Report:
    """Every unit and year: cash, real, plan, savings; a chart for each unit."""
    return plain_table(
        "Unit costs",
        f"Unit costs, in cash and in prices of {_base_words(answer)}; {SAVING}",
        table(answer.rows, TrackRow, headings("unit | programme | year") | FIGURES),
        charts=_charts(answer),
    )


def _charts(answer: Track) -> list[Chart]:
    """A line chart for each unit with more than one year."""
    series = ("cash", "real", "plan") if answer.in_real_terms else ("cash", "plan")
    charts, first = [], 0
    for unit, rows in answer.units().items():
        if len(rows) > 1:
            charts.append(Chart("line", f"Cost of {unit}", "year", series, first=first, last=first + len(rows) - 1))
        first += len(rows)
    return charts


def by_unit(answer: Track) -> Report:
    """A line per unit for the screen: its course, its first and last cost shown, its saving."""
    rows = []
    for unit, own in answer.units().items():
        last = own[-1]
        span = str(last.year) if len(own) == 1 else f"{own[0].year} to {last.year}"
        figures = (getattr(last, name) for name in FIGURES.values())
        rows.append((unit, span, tuple(answer.course(own, "cash")), *figures))
    amounts = tuple(Column(name, "money") for name in list(FIGURES)[1:])
    real = f"Real: in prices of {_base_words(answer)}." if answer.in_real_terms else "No deflators, so no real terms."
    return Report(
        name="Tracking",
        title=f"Unit costs over the years; the figures are those of the last year, {SAVING}",
        columns=(*columns("unit", "years", ("course", "spark"), "source"), *amounts),
        rows=tuple(rows),
        notes=(real, "Plan: the business case as it stands, in the prices it was written in."),
        units="£",
    )


def totals(answer: Track) -> Report:
    """Per programme and year, and in all."""
    names = headings(
        "programme: programme_or_all | year | units | with a base: units_with_base | cash | real | "
        "saving, cash: saving_cash | saving, real: saving_real"
    )
    return plain_table(
        "Totals",
        f"Programmes and the alliance; {SAVING}",
        table(answer.totals, TrackTotal, names),
        kinds={"units": "whole", "with a base": "whole"},
        notes=("The savings are those of the units whose base year has a cost.",),
    )


def protection(answer: Track) -> Report:
    """No loser over the years shown: what each force has received, funded, and the net."""
    shown = answer.protection if any(row.received or row.funded for row in answer.protection) else ()
    return plain_table(
        "Protection",
        "No loser over the years shown",
        table(shown, Protection, headings("force | received | funded | net funded: net")),
        kinds={"net funded": "money"},
        empty="No force has received or funded any.",
    )


def saved(answer: Track) -> Report:
    """What collaboration has saved: a line per programme and a total, in the last year shown and altogether."""
    last = max(answer.years(), default=None)
    rows = []
    for programme in dict.fromkeys(total.programme for total in answer.totals):
        based = [total for total in answer.totals if total.programme == programme and total.units_with_base]
        now = [total for total in based if total.year == last]
        savings = [
            sum_of_all([getattr(total, name) for total in shown])
            for shown in (now, based)
            for name in ("saving_cash", "saving_real")
        ]
        rows.append((programme or "In all", last, *savings))
    heads = ("saving, cash", "saving, real", "altogether, cash", "altogether, real")
    return Report(
        name="Saved",
        title=f"What collaboration has saved, against {_base_words(answer)}",
        columns=columns("programme", ("year", "year"), *((name, "money") for name in heads)),
        rows=tuple(rows),
        notes=tuple(_not_in_savings(answer, last)),
        units="£",
        totals=1,
    )


def _not_in_savings(answer: Track, last: Any) -> list[str]:
    notes = ["Altogether: the savings of each year shown, added up."]
    if answer.without_base:
        notes.append(f"Not in the savings, without a cost in {answer.base}: {', '.join(answer.without_base)}.")
    ended = [unit for unit, rows in answer.units().items() if rows[-1].year != last]
    if ended:
        notes.append(f"Without a cost in {last}, so not in its savings: {', '.join(ended)}.")
    return notes


def over_the_years(answer: Track, real: bool) -> Report:
    """Each unit's cost in each year, for the screen."""
    return Report(
        name="Costs",
        title=f"Unit costs by year, in {f'prices of {_base_words(answer)}' if real else 'cash'}",
        columns=columns("unit", *((str(year), "money") for year in answer.years())),
        rows=tuple((u, *answer.course(rows, "real" if real else "cash")) for u, rows in answer.units().items()),
        units="£",
    )


def screen(answer: Track) -> list[Report]:
    """What a terminal shows."""
    terms = (False, True) if answer.in_real_terms else (False,)
    courses = [over_the_years(answer, real) for real in terms if len(answer.years()) > 1]
    return [by_unit(answer), *courses, totals(answer), protection(answer), saved(answer)]


def everything(answer: Track) -> list[Report]:
    """What the workbook holds."""
    return [costs(answer), totals(answer), protection(answer), saved(answer)]
