"""settle: who owes whom."""

from __future__ import annotations

from bch_apportion.questions.asking import Asked, Command, Shown, Usage


def run(asked: Asked) -> Shown:
    from bch_apportion.ledger import apportion, apportion_actuals
    from bch_apportion.questions.settlement.rule import settle

    inputs = asked.read()
    apportion(inputs, asked.as_at)  # the budgets' controls hold too
    actuals = apportion_actuals(inputs, asked.as_at)
    if not actuals.results:
        raise Usage(f"{inputs.source} has no outturn: settle needs the sheet Actuals")
    settlement = settle(actuals, asked.years_of(actuals.years()), asked.units_of(inputs))
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.settlement import page as reports

    return Shown(
        answer=lambda: settlement,
        cover=lambda: cover(actuals, "Who owes whom"),
        sheets=lambda: reports.everything(settlement),
        inputs=(inputs,),
        notes=actuals.notes,
    )


COMMAND = Command(
    name="settle",
    short_help="Who owes whom, when costs went through one force's ledger.",
    help="""Who owes whom, when costs went through one force's ledger and are borne by all.

    From Actuals: what each force paid, payments on account netted, against what it bears; then the fewest payments that
    clear it.

    \b
    Examples:
      bch-apportion settle examples/alliance.xlsx --year 2017/18
      bch-apportion settle examples/alliance.xlsx --json
    """,
    run=run,
)
