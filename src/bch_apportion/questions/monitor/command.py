"""monitor: where this year will end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bch_apportion.questions.asking import Asked, Command, Shown, Usage
from bch_apportion.questions.thresholds import THRESHOLDS, crossed

if TYPE_CHECKING:
    from datetime import date

    from bch_apportion.ledger import Ledger
    from bch_apportion.years import FinancialYear

SHEETS = ("Forecasts",)  # beside the split, read for this question


def run(asked: Asked) -> Shown:
    from bch_apportion.questions.monitor.rule import monitor

    if asked.as_at is None:
        raise Usage("the day of the report is needed, as 2019-08-31 (the program reads no clock)", "--as-at")
    inputs = asked.read(further=SHEETS)
    whole = asked.apportion(inputs)
    years, units = _years(asked, whole, asked.as_at), asked.units_of(inputs)
    answer = monitor(whole, asked.as_at, years, units)
    if units and not answer.rows and not answer.without_budget:
        raise Usage(f"{', '.join(asked.units)}: nothing is known of {', '.join(map(str, years))}", "--unit")
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.monitor import page
    from bch_apportion.questions.monitor.first_page import first_page

    shown = whole.only(units)
    shown = replace(shown, notes=(*shown.notes, *answer.notes))
    said = (("As known on", answer.run.as_at or ""), ("Against", "the budget"))
    tables = page.tables(answer)
    return Shown(
        answer=lambda: answer,
        cover=lambda: cover(whole, "Where the year will end", said, units=answer.units(), years=years),
        sheets=lambda: [report for make in tables.values() for report in make()],
        first=lambda: first_page(answer, shown),
        tables=tables,
        inputs=(inputs,),
        notes=shown.notes,
        queries=whole.queries,
        crossed=crossed(answer.rows),
    )


def _years(asked: Asked, budgets: Ledger, day: date) -> list[FinancialYear]:
    """The years asked for, else that of the day."""
    from bch_apportion.years import month_of, year_of

    known, year = budgets.years(), year_of(month_of(day))
    if not asked.years and year not in known:
        listed = ", ".join(map(str, known))
        raise Usage(f"{year}, the year of {day}, has no budgets; the years are {listed} (--year)", "--as-at")
    return asked.years_of(known) or [year]


COMMAND = Command(
    name="monitor",
    short_help="Where this year will end.",
    help="""Where this year will end, as known on the day of --as-at, which is needed: the program reads no clock.

    The year is that of the day, or --year. For each unit and force: the budget, the outturn to date (lines of Actuals
    without a period and those of months that have ended), the latest forecast made by the day (without one the budget
    stands in), the variance, what moved since the forecast before, and the reason. A variance is the forecast less the
    budget: positive is adverse (costs more).

    \b
    Examples:
      bch-apportion monitor examples/alliance.xlsx --as-at 2019-08-31
      bch-apportion monitor examples/alliance.xlsx --as-at 2019-08-31 --show forecasts
      bch-apportion monitor examples/alliance.xlsx --as-at 2019-08-31 --unit HR --fail-on red
    """,
    run=run,
    sheets=SHEETS,
    day="The day on which this is known, needed; pooling is judged on it.",
    thresholds=THRESHOLDS,
    shows=("units", "forces", "to-date", "forecasts", "unexplained", "explanations", "without-budget"),
)
