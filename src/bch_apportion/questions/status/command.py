"""status: where each unit stands against the agreed principles."""

from __future__ import annotations

from bch_apportion.questions.asking import Asked, Command, Shown, Usage

SHEETS = ("Agreements",)


def run(asked: Asked) -> Shown:
    from bch_apportion.questions.status.rule import status

    inputs = asked.read(further=SHEETS)
    whole = asked.apportion(inputs)
    units = list(dict.fromkeys(result.unit.code for result in asked.narrow(whole).results))
    known = whole.years()
    years = asked.years_of(known) or known[-1:]
    answer = status(whole, years, units if asked.units else ())
    if units and not answer.rows:
        raise Usage(f"{', '.join(asked.units)}: no budgets in {', '.join(map(str, years))}", "--unit")
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.status import page
    from bch_apportion.questions.status.first_page import first_page

    tables = page.tables(answer, inputs.force_codes())
    return Shown(
        answer=lambda: answer,
        cover=lambda: cover(whole, "Where the units stand", units=answer.units(), years=answer.years()),
        sheets=lambda: [report for make in tables.values() for report in make()],
        first=lambda: first_page(answer, whole),
        tables=tables,
        inputs=(inputs,),
        notes=answer.notes,
        queries=whole.queries,
    )


COMMAND = Command(
    name="status",
    short_help="Where each unit stands against the agreed principles.",
    help="""Where each unit stands against the agreed principles, and what would move it.

    For the latest year of Budgets (or --year): what a unit's cost stands on, what the partners mean it to stand on
    (Units, target basis; blank: demand), what stops it, what moving would do, the earliest year, and who sees to it.
    The day of the report is 31 March of that year, or --as-at.

    \b
    Examples:
      bch-apportion status examples/alliance.xlsx
      bch-apportion status examples/alliance.xlsx --year 2018/19 --as-at 2019-06-30
      bch-apportion status examples/alliance.xlsx --show bases
    """,
    run=run,
    shows=("units", "stops", "moving", "bases", "agreed", "agreements"),
    sheets=SHEETS,
    day="The day of the report, on which pooling is judged (default: 31 March of each year).",
)
