"""pack: the Summit's quarterly paper."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import NoReturn

from bch_apportion.questions.asking import Asked, Command, Option, Shown, Usage

SECTIONS = (
    "contributions",
    "decisions",
    "status",
    "monitor",
    "variances",
    "costs",
    "benchmark",
    "scorecard",
    "actions",
    "mtfs",
    "priorities",
    "controls",
)
NO_ROWS = "pack has no rows of its own: ask the commands that its sections name"


def run(asked: Asked, quarter: str | None) -> Shown:
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.pack import page
    from bch_apportion.questions.pack.paper import Paper, once_for
    from bch_apportion.questions.pack.sections import sections
    from bch_apportion.years import month_of, year_of

    if asked.as_at is None:
        raise Usage("the day of the paper is needed, as 2019-08-31 (the program reads no clock)", "--as-at")
    if asked.units:
        raise Usage("the paper is of all units", "--unit")
    once = once_for(asked)
    inputs = once.read()
    ledger = once.apportion(inputs)
    years = replace(once, years=asked.years).years_of(ledger.years()) or [year_of(month_of(asked.as_at))]
    if years[0] not in ledger.years():
        known = ", ".join(map(str, ledger.years()))
        for_another = f"for the paper of {ledger.years()[-1]} add --year {ledger.years()[-1]}"
        raise Usage(f"{years[0]}, the year of that day, has no budgets ({known}); {for_another}", "--as-at")
    paper = Paper(once=once, year=years[0], day=asked.as_at, ledger=ledger, quarter=quarter)
    made = sections(paper)
    return Shown(
        answer=_no_rows,
        cover=lambda: cover(ledger, "Summit paper", years=years),
        sheets=lambda: [report for section in made.values() for report in section.details()],
        first=lambda: page.brief(made, paper),
        paper=lambda: page.whole(made.values(), paper),
        tables={name: partial(page.alone, section) for name, section in made.items()},
        page=lambda: page.groups(made),
        inputs=(inputs,),
        notes=ledger.notes,
        queries=ledger.queries,
    )


def _no_rows() -> NoReturn:
    raise Usage(NO_ROWS)


COMMAND = Command(
    name="pack",
    short_help="The Summit's quarterly paper.",
    help="""The Summit's quarterly paper, on at most twelve sheets of A4.

    What each force pays, what waits for a decision, what is late. Each section begins with its finding and names the
    command that shows what is behind it; where the workbook has no sheet for one, it says so in a line. Money is in
    thousands of pounds. The day of the paper is --as-at; its year is that of the day, or --year. The terminal shows
    the findings; the paper is the .html, .xlsx or .md.

    \b
    Examples:
      bch-apportion pack examples/alliance.xlsx --as-at 2019-08-31
      bch-apportion pack examples/alliance.xlsx --as-at 2019-08-31 -o pack.html
      bch-apportion pack examples/alliance.xlsx --as-at 2019-08-31 --show actions
    """,
    run=run,
    options=(Option("--quarter", "The quarter of the scorecard, as 2019/20Q1 (default: the last whole one)."),),
    shows=SECTIONS,
    suffixes=(".html", ".xlsx", ".md"),
    whole=True,
    thousands=True,
    day="The day of the paper, needed; pooling is judged on it.",
    year="The year of the paper (default: that of its day).",
)
