"""track: each unit's cost over the years."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bch_apportion.questions.asking import Asked, Command, Option, Shown, Usage, find_version

if TYPE_CHECKING:
    from bch_apportion.years import FinancialYear


def run(asked: Asked, base: FinancialYear | None, version: str) -> Shown:
    from bch_apportion.ledger import apportion_actuals
    from bch_apportion.questions.tracking.rule import track

    inputs = asked.read()
    budgets = asked.apportion(inputs)
    outturn = apportion_actuals(inputs, asked.as_at) if inputs.actuals else None
    known = sorted({*budgets.years(), *(outturn.years() if outturn else ())})
    units = asked.units_of(inputs)
    if base is not None and base not in known:
        raise Usage(f"{base} has no costs", "--base")
    years = asked.years_of(known)
    answer = track(budgets, outturn, base=base, years=years, units=units, version=find_version(inputs, version))
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.tracking import page
    from bch_apportion.questions.tracking.first_page import first_page

    shown = budgets.only(units)
    shown = replace(shown, notes=(*shown.notes, *answer.part_years, *answer.notes))
    return Shown(
        answer=lambda: answer,
        cover=lambda: cover(budgets, "Unit costs over the years", units=list(answer.units()), years=answer.years()),
        sheets=lambda: page.everything(answer),
        first=lambda: first_page(answer, shown),
        tables=page.tables(answer),
        inputs=(inputs,),
        notes=shown.notes,
        queries=budgets.queries,
    )


COMMAND = Command(
    name="track",
    short_help="Each unit's cost over the years, and the savings realised.",
    help="""Each unit's cost over the years, cash and real, against its business case; the savings realised.

    The cost is the outturn where there is one of the whole year, else the budget. A saving is the recurring cost of the
    base year less that of the year: positive is a saving. A year in which a unit's members or pooling differ from the
    base year's is a break; totals leave that unit out and name it.

    \b
    Examples:
      bch-apportion track examples/alliance.xlsx
      bch-apportion track examples/alliance.xlsx --base 2012/13 --year 2018/19
    """,
    run=run,
    options=(
        Option("--base", "The base year (default: each unit's first year).", kind="year"),
        Option(
            "--version",
            "Which business case stands beside the cost: original, latest, or a version's name.",
            default="original",
        ),
    ),
    shows=("units", "years", "totals", "protection", "attributed", "since"),
)
