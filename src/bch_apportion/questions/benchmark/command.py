"""benchmark: what our functions cost beside other services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bch_apportion.questions.asking import Asked, Command, Option, Shown, Usage, find_group, find_measure

if TYPE_CHECKING:
    from bch_apportion.ledger import Ledger
    from bch_apportion.years import FinancialYear

SHEETS = ("Comparators", "Sizes", "Retained")


def run(asked: Asked, per: str | None, group: str | None, outturn: bool) -> Shown:
    from bch_apportion.ledger import apportion_actuals
    from bch_apportion.questions.benchmark.rule import benchmark
    from bch_apportion.questions.benchmark.sides import Against
    from bch_apportion.questions.outturn import costs_of

    inputs = asked.read(further=SHEETS)
    budgets = asked.apportion(inputs)
    spent = apportion_actuals(inputs, asked.as_at) if outturn and inputs.actuals else None
    against = Against(
        year=_year(asked, budgets, spent),
        measure=find_measure(inputs, per),
        group=group and find_group(inputs, group),
        outturn=outturn,
    )
    answer = benchmark(budgets, costs_of(budgets, spent), against, asked.units_of(inputs))
    from bch_apportion.questions.benchmark import page
    from bch_apportion.questions.benchmark.first_page import first_page
    from bch_apportion.questions.cover import cover

    tables = page.tables(answer)
    return Shown(
        answer=lambda: answer,
        cover=lambda: cover(budgets, "Beside other services", units=answer.units(), years=[answer.year]),
        sheets=lambda: [report for make in tables.values() for report in make()],
        first=lambda: first_page(answer, budgets),
        tables=tables,
        inputs=(inputs,),
        notes=answer.notes,
        queries=budgets.queries,
    )


def _year(asked: Asked, budgets: Ledger, spent: Ledger | None) -> FinancialYear:
    """The year asked for, else the latest of Budgets."""
    years = asked.years_of(sorted({*budgets.years(), *(spent.years() if spent else ())}))
    if len(years) > 1:
        raise Usage("benchmark takes one year", "--year")
    return years[0] if years else budgets.years()[-1]


COMMAND = Command(
    name="benchmark",
    short_help="What our functions cost beside other services.",
    help="""What our functions cost beside other services, for their size.

    For the latest year of Budgets (or --year): the cost of each function's units (Units, function) and what their
    members retain, per head, officer or incident (Sizes), beside the services on Comparators: their costs in all over
    their sizes in all, the difference per size and in £ at our size, and our rank.

    \b
    Examples:
      bch-apportion benchmark examples/alliance.xlsx
      bch-apportion benchmark examples/alliance.xlsx --year 2018/19 --group eastern
      bch-apportion benchmark examples/alliance.xlsx --show services
    """,
    run=run,
    options=(
        Option("--per", "The measure on Sizes to compare by (default: the first there).", metavar="MEASURE"),
        Option("--group", "Compare with the services of this group on Comparators alone.", metavar="GROUP"),
        Option("--outturn", "Our outturn in place of the budgets, where there is a whole year of it.", kind="flag"),
    ),
    shows=("functions", "services", "costs", "sizes", "left-out"),
    sheets=SHEETS,
)
