"""Unit costs over the years, savings, and cost since the base year: the tables of `track`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from bch_apportion.answers import headings, table
from bch_apportion.questions.tracking.rows import Attributed, Protection, Track, TrackRow, TrackTotal
from bch_apportion.questions.tracking.rule import sum_of_all
from bch_apportion.writing.report import Chart, Kind, Report, columns, plain_table, spans
from bch_apportion.years import FinancialYear

SAVING = "a saving is what recurring cost was in the base year less what it is; positive is a saving"
RECURRING = "Costs are recurring: without implementation and one-off lines."
FIGURES = headings(
    "source: rests_on | cash | real | recurring | recurring, real: recurring_real | business case: plan | "
    "saving, cash: saving_cash | saving, real: saving_real | break: broken"
)
CASE_IN_CASH = "business case, cash"


def _base_words(answer: Track) -> str:
    return f"{answer.base}" if answer.base is not None else "each unit's first year"


def _notes(answer: Track) -> tuple[str, ...]:
    """What the columns of costs mean."""
    real = f"Real: in prices of {_base_words(answer)}." if answer.in_real_terms else "No deflators, so no real terms."
    return (
        real,
        RECURRING,
        "Business case: as it stands, in the prices it was written in.",
        "Break: the unit's members or its pooled part of the year differ from the base year's, so that what it costs "
        "does not compare; no total counts it.",
    )


def costs(answer: Track) -> Report:
    """Every unit and year: cash, real, recurring, the business case, savings, breaks; charts for each unit."""
    names = headings("unit | programme | year") | FIGURES | {CASE_IN_CASH: "plan_cash"}
    title = f"Unit costs, in cash and in prices of {_base_words(answer)}; {SAVING}"
    rows = table(answer.rows, TrackRow, names)
    return plain_table("Unit costs", title, rows, notes=_notes(answer), charts=_charts(answer))


def _charts(answer: Track) -> list[Chart]:
    """Line charts for each unit with more than one year, each in prices of its own: cash, real terms."""
    charts, first = [], 0
    for unit, rows in answer.units().items():
        if len(rows) > 1:
            charts.append(_chart(f"{unit} in cash", ("cash", "recurring", CASE_IN_CASH), rows, first))
            if answer.in_real_terms:
                title = f"{unit} in prices of {answer.base or rows[0].year}"
                charts.append(_chart(title, ("real", "recurring, real"), rows, first))
        first += len(rows)
    return charts


def _chart(title: str, series: tuple[str, ...], rows: Sequence[TrackRow], first: int) -> Chart:
    """A unit's course; its years with a break have a star."""
    broken = ", ".join(dict.fromkeys(row.broken for row in rows if row.break_))
    return Chart(
        kind="line",
        title=f"{title} (* break: {broken})" if broken else title,
        categories="year",
        series=series,
        first=first,
        last=first + len(rows) - 1,
        starred=tuple(place for place, row in enumerate(rows) if row.break_),
    )


def by_unit(answer: Track) -> Report:
    """A line per unit for the screen: its course, its first and last cost shown, its saving."""
    units = answer.units()

    def span(row: TrackRow) -> str:
        first = units[row.unit][0].year
        return str(row.year) if first == row.year else f"{first} to {row.year}"

    names: dict[str, Any] = {
        "unit": "unit",
        "years": span,
        "course": lambda row: tuple(answer.course(units[row.unit], "cash")),
        **FIGURES,
    }
    title = f"Unit costs over the years; the figures are those of the last year, {SAVING}"
    latest = table(answer.latest(), TrackRow, names)
    return plain_table("Tracking", title, latest, kinds={"course": "spark"}, notes=_notes(answer))


def totals(answer: Track) -> Report:
    """Per programme and year, and in all: the units without a break, the others by name."""
    names = headings(
        "programme: programme_or_all | year | units | with a base: units_with_base | source: rests_on | cash | real | "
        "recurring | recurring, real: recurring_real | saving, cash: saving_cash | saving, real: saving_real | "
        "breaks: broken"
    )
    title = f"Programmes and the alliance, the units without a break; {SAVING}"
    kinds: dict[str, Kind] = {"units": "whole", "with a base": "whole", "breaks": "wide"}
    notes = ("The savings are those of the units whose base year has a cost.", RECURRING, BREAKS)
    return plain_table("Totals", title, table(answer.totals, TrackTotal, names), kinds=kinds, notes=notes)


BREAKS = "Breaks: units left out of every total, each with its recurring cost's change since the base year, in cash."


def protection(answer: Track) -> Report:
    """No loser over the years shown: what each force has received, funded, and the net."""
    shown = answer.protection if any(row.received or row.funded for row in answer.protection) else ()
    rows = table(shown, Protection, headings("force | received | funded | net funded: net"))
    kinds: dict[str, Kind] = {"net funded": "money"}
    empty = "No force has received or funded any."
    return plain_table("Protection", "No loser over the years shown", rows, kinds=kinds, empty=empty)


def since(answer: Track) -> Report:
    """Cost since the base year: a line per programme and a total, in the last year shown and altogether."""
    last = max(answer.years(), default=None)
    given = [row for row in answer.attributed if row.year == last]
    attributed = [ATTRIBUTED] if given else []
    amounts = ("saving, cash", "saving, real", "altogether, cash", "altogether, real", *attributed)
    heads = columns("programme", ("year", "year"), *((name, "money") for name in amounts), ("breaks", "wide"))
    programmes = dict.fromkeys(total.programme for total in answer.totals)
    rows = tuple(_since(answer, programme, last, given) for programme in programmes)
    title = f"Cost since {', and '.join((_base_words(answer), *attributed))}; {SAVING}"
    notes = tuple(_not_in_savings(answer, last))
    return Report("Since the base year", title, heads, rows, notes=notes, units="£", totals=1)


ATTRIBUTED = "attributed to collaboration"


def _since(
    answer: Track, programme: str | None, last: FinancialYear | None, given: Sequence[Attributed]
) -> tuple[Any, ...]:
    """A programme's line: its savings in the last year and altogether, what is attributed, its breaks."""
    own = [total for total in answer.totals if total.programme == programme]
    now = [total for total in own if total.year == last]
    savings = [
        sum_of_all([getattr(total, name) for total in shown if total.units_with_base])
        for shown in (now, own)
        for name in ("saving_cash", "saving_real")
    ]
    units = {row.unit for row in answer.rows if programme in (None, row.programme)}
    amount = [sum(row.amount for row in given if row.unit in units)] if given else []
    return (programme or "In all", last, *savings, *amount, "; ".join(total.broken for total in now))


def attributed(answer: Track) -> Report:
    """What somebody attributes to collaboration, and why."""
    title = "Amounts attributed to collaboration (Explanations, against track); positive is a saving"
    rows = table(answer.attributed, Attributed)
    empty = "None is given, so nothing says how much of a change collaboration caused."
    return plain_table("Attributed", title, rows, kinds={"text": "wide"}, empty=empty)


def _not_in_savings(answer: Track, last: FinancialYear | None) -> list[str]:
    notes = ["Altogether: the savings of each year shown, added up.", BREAKS]
    if not answer.attributed:
        notes.append("How much of this collaboration caused is not entered (Explanations, against track).")
    if answer.without_base:
        notes.append(f"Not in the savings, without a cost in {answer.base}: {', '.join(answer.without_base)}.")
    ended = [unit for unit, rows in answer.units().items() if rows[-1].year != last]
    if ended:
        notes.append(f"Without a cost in {last}, so not in its savings: {', '.join(ended)}.")
    return notes


def over_the_years(answer: Track, real: bool) -> Report:
    """Each unit's cost in each year, for the screen."""
    figure: Literal["real", "cash"] = "real" if real else "cash"
    heads = columns("unit", "source", *((str(year), "money") for year in answer.years()))
    rows = tuple((unit, _sources(own), *answer.course(own, figure)) for unit, own in answer.units().items())
    title = f"Unit costs by year, in {f'prices of {_base_words(answer)}' if real else 'cash'}"
    return Report("Costs", title, heads, rows, units="£")


def _sources(rows: Sequence[TrackRow]) -> str:
    """What a unit's costs rest on, with the years of the outturn where both occur."""
    outturn = [row.year for row in rows if row.source == "actuals"]
    if 0 < len(outturn) < len(rows):
        return f"outturn {spans(outturn)}, else budget"
    return rows[0].rests_on


def tables(answer: Track) -> dict[str, Callable[[], Sequence[Report]]]:
    """The tables behind the first page."""
    terms = (False, True) if answer.in_real_terms else (False,)
    return {
        "units": lambda: [by_unit(answer)],
        "years": lambda: [over_the_years(answer, real) for real in terms],
        "totals": lambda: [totals(answer)],
        "protection": lambda: [protection(answer)],
        "attributed": lambda: [attributed(answer)],
        "since": lambda: [since(answer)],
    }


def everything(answer: Track) -> list[Report]:
    """What the workbook holds."""
    return [costs(answer), totals(answer), protection(answer), attributed(answer), since(answer)]
