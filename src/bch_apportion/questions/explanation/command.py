"""explain: how a figure came about."""

from __future__ import annotations

from bch_apportion.questions.asking import Asked, Command, Option, Shown, Usage, find_force


def run(asked: Asked, force: str | None) -> Shown:
    for option, values in (("--unit", asked.units), ("--year", asked.years)):
        if len(values) != 1:
            raise Usage(f"explain needs one {option}")
    if len(asked.years[0]) != 1:
        raise Usage("explain takes one year, not a range", "--year")
    inputs = asked.read()
    whole = asked.apportion(inputs)
    (code,) = asked.units_of(inputs)
    bearer = find_force(inputs, force) if force is not None else None
    ledger = asked.narrow(whole)
    (result,) = ledger.results
    if bearer is not None and bearer not in result.members:
        members = ", ".join(result.members)
        raise Usage(f"{bearer} is not a member of {code} in {result.year} ({members})", "--force")
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.explanation import page
    from bch_apportion.questions.explanation.rule import explain
    from bch_apportion.writing.report import Group

    answer = explain(ledger, result, bearer)
    return Shown(
        answer=lambda: answer,
        cover=lambda: cover(ledger, "How a figure came about"),
        sheets=lambda: page.sheets(page.page(answer, result)),
        first=lambda: page.first_page(answer, result),
        tables=page.tables(answer, result),
        page=lambda: [Group("Explanation", [page.page(answer, result)])],
        inputs=(inputs,),
        queries=whole.queries,
    )


COMMAND = Command(
    name="explain",
    short_help="How a figure came about.",
    help="""How a figure came about: its lines, the principles in words, the numbers, the cells, the rounding.

    One --unit and one --year are needed.

    \b
    Examples:
      bch-apportion explain examples/alliance.xlsx --unit ICT --year 2018/19 --force BEDS
      bch-apportion explain examples/alliance.xlsx --unit HR --year 2016/17 --json
    """,
    run=run,
    shows=("lines", "pooled", "held", "direct", "implementation", "no-loser", "parameters"),
    options=(Option("--force", "The force; all of them where none is named."),),
)
