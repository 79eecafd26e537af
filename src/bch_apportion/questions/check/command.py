"""check: is the workbook ready to use."""

from __future__ import annotations

from dataclasses import replace

from bch_apportion.questions.asking import Asked, Command, Shown


def run(asked: Asked) -> Shown:
    from bch_apportion.answers import query_rows
    from bch_apportion.ledger import tested
    from bch_apportion.problems import ControlsFailed
    from bch_apportion.queries import asked as with_queries
    from bch_apportion.reading.sheets import FURTHER

    inputs = asked.read(further=FURTHER)
    with asked.progress("computing") as step:
        whole = with_queries(tested(inputs, asked.as_at, step))
    ledger = asked.narrow(whole)
    from bch_apportion.questions.check import page
    from bch_apportion.questions.check.rows import answer_of
    from bch_apportion.questions.cover import cover

    answer, tables = answer_of(ledger), page.tables(ledger)
    if not all(control.passed for control in ledger.controls):
        answer = replace(answer, queries=query_rows(whole.queries))
        raise ControlsFailed(ledger.controls, "a control failed", inputs.source, answer, whole.queries)
    return Shown(
        answer=lambda: answer,
        cover=lambda: cover(ledger, "Is the workbook ready to use"),
        sheets=lambda: [report for make in tables.values() for report in make()],
        first=lambda: page.first_page(whole, ledger),
        tables=tables,
        inputs=(inputs,),
        notes=ledger.notes,
        queries=whole.queries,
        marked=True,
    )


COMMAND = Command(
    name="check",
    short_help="Is the workbook ready to use.",
    help="""Is the workbook ready to use: every problem, each robustness test, each control.

    \b
    Examples:
      bch-apportion check examples/alliance.xlsx
      bch-apportion check examples/alliance.xlsx --unit ICT --json
    """,
    run=run,
    judges=True,
    shows=("read", "tests", "controls"),
)
