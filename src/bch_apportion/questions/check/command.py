"""check: is the workbook ready to use."""

from __future__ import annotations

from bch_apportion.questions.asking import Asked, Command, Shown


def run(asked: Asked) -> Shown:
    from bch_apportion.ledger import tested
    from bch_apportion.problems import ControlsFailed

    inputs = asked.read()
    with asked.progress("computing") as step:
        ledger = asked.narrow(tested(inputs, asked.as_at, step))
    from bch_apportion.questions.check import page
    from bch_apportion.questions.check.rows import answer_of
    from bch_apportion.questions.cover import cover

    answer = answer_of(ledger)
    if not all(control.passed for control in ledger.controls):
        raise ControlsFailed(ledger.controls, "a control failed", inputs.source, answer)
    return Shown(
        answer=lambda: answer,
        cover=lambda: cover(ledger, "Is the workbook ready to use"),
        sheets=lambda: page.screen(ledger),
        inputs=(inputs,),
        notes=ledger.notes,
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
)
