"""Where the year will end: the tables of `monitor`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bch_apportion.answers import headings, table
from bch_apportion.questions.monitor.rows import ForecastRow, Monitor, MonitorRow, WithoutBudget
from bch_apportion.questions.variance.page import explanations, significance
from bch_apportion.writing.report import Kind, Report, plain_table

HEADER = "variance = forecast − budget; positive is adverse (costs more)"
UNIT, FORCE = "unit: unit_words | year", " | force: force_words"
SIDES = " | budget | outturn to date: to_date | forecast | made on: made_on"
CHANGE = " | variance | variance %: percent_words | movement | status: status_words"
EXPLAINED = " | explained: explained_amount | unexplained: unexplained_amount"
STANDS_IN = "No day under made on: there is no forecast, and the budget stands in."
NO_BUDGET = "No unit has a budget."
NO_OUTTURN = "No outturn to date is given (sheet Actuals)."
TO_DATE = "outturn to date"
KINDS: dict[str, Kind] = {
    TO_DATE: "money",
    "variance %": "figure",
    "% of the budget": "tenths",
    "months": "whole",
    "reason": "wide",
}


def units(answer: Monitor) -> Report:
    """Each unit and all: budget, outturn to date, forecast, variance, what moved, what is explained, the reason."""
    rows = [row for row in answer.once() if row.force is None]
    shown = UNIT + SIDES + CHANGE + EXPLAINED + " | reason"
    notes = (significance(answer.settings, "the budget"), STANDS_IN)
    return _table(answer, "Units", f"Where the units will end; {HEADER}", rows, shown, notes)


def forces(answer: Monitor) -> Report:
    """The same for each force of each unit, and of all."""
    rows = [row for row in answer.once() if row.force]
    shown = UNIT + FORCE + SIDES + CHANGE + EXPLAINED
    return _table(answer, "Forces", f"Where the forces will end; {HEADER}", rows, shown, (STANDS_IN,))


def to_date(answer: Monitor) -> Report:
    """The outturn to date of each force and unit, beside the budget, and how many months it names."""
    shown = UNIT + FORCE + " | budget | outturn to date: to_date | % of the budget: spent | months"
    rows = [row for row in answer.once() if row.year in answer.with_outturn()]
    notes = ("Months: those that the lines of Actuals name; lines without a period name none.",)
    return _table(answer, "To date", "Outturn to date beside the budget of the year", rows, shown, notes, NO_OUTTURN)


def forecasts(answer: Monitor) -> Report:
    """Every forecast, with its movement."""
    names = headings("unit | year | made on: made_on | amount | movement | standing | reason | owner | cell")
    shown = table(answer.forecasts, ForecastRow, names)
    title = "Every forecast, the latest first; movement = the forecast less the one before it"
    return plain_table("Forecasts", title, shown, kinds={"reason": "wide"}, empty="No forecast is given.")


def unexplained(answer: Monitor) -> Report:
    """Significant variances of which the rows of Explanations leave too much."""
    rows = [row for row in answer.once() if row.significant and not row.explained]
    shown = UNIT + FORCE + " | variance | variance %: percent_words | status: status_words" + EXPLAINED + " | reason"
    title = f"Significant variances that are not explained; {HEADER}"
    return _table(answer, "Unexplained", title, rows, shown, empty="Every significant variance is explained.")


def without_budget(answer: Monitor) -> Report:
    """The units with a forecast or an outturn and no budget."""
    names = headings("unit | year | outturn to date: to_date | forecast | made on: made_on")
    shown = table(answer.without_budget, WithoutBudget, names)
    title = "Units without a budget of the year: nothing says by which shares the forces bear what they cost"
    return plain_table("Without a budget", title, shown, empty="Every unit with a forecast or an outturn has a budget.")


def _table(
    answer: Monitor,
    name: str,
    title: str,
    rows: Sequence[MonitorRow],
    shown: str,
    notes: Sequence[str] = (),
    empty: str = NO_BUDGET,
) -> Report:
    """A table of rows; the outturn to date is blank in a year without any, and left away where no year has any."""
    names: dict[str, Any] = headings(shown)
    years = answer.with_outturn()
    if TO_DATE in names and not years:
        del names[TO_DATE]
    elif TO_DATE in names:
        names[TO_DATE] = lambda row: row.to_date if row.year in years else None
    return plain_table(name, title, table(rows, MonitorRow, names), kinds=KINDS, notes=notes, empty=empty)


def tables(answer: Monitor) -> dict[str, Callable[[], Sequence[Report]]]:
    """The tables behind the first page."""
    return {
        "units": lambda: [units(answer)],
        "forces": lambda: [forces(answer)],
        "to-date": lambda: [to_date(answer)],
        "forecasts": lambda: [forecasts(answer)],
        "unexplained": lambda: [unexplained(answer)],
        "explanations": lambda: [explanations(answer.explanations)],
        "without-budget": lambda: [without_budget(answer)],
    }
