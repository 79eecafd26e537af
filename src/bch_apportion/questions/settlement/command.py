"""settle: who owes whom."""

from __future__ import annotations

from bch_apportion.questions.asking import Asked, Command, Shown, Usage


def run(asked: Asked) -> Shown:
    from bch_apportion.ledger import apportion_actuals
    from bch_apportion.questions.settlement.rule import settle

    inputs = asked.read()
    budgets = asked.apportion(inputs)  # its controls hold too
    actuals = apportion_actuals(inputs, asked.as_at)
    known = sorted({*actuals.years(), *(payment.year for payment in inputs.payments)})
    if not known:
        raise Usage(f"{inputs.source} has neither an outturn nor payments: settle needs the sheet Actuals or Payments")
    settlement = settle(actuals, asked.years_of(known, "outturn or payments"), asked.units_of(inputs))
    if not settlement.years:
        raise Usage(f"{', '.join(settlement.narrowed)}: no outturn or payments")
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.settlement import page as reports

    tables = reports.tables(settlement)
    return Shown(
        answer=lambda: settlement,
        cover=lambda: cover(actuals, "Who owes whom", units=settlement.units(), years=settlement.years),
        sheets=lambda: [report for make in tables.values() for report in make()],
        first=lambda: reports.first_page(settlement, actuals, budgets),
        tables=tables,
        inputs=(inputs,),
        notes=settlement.notes,
        queries=budgets.queries,
    )


COMMAND = Command(
    name="settle",
    short_help="Who owes whom, when costs went through one force's ledger.",
    help="""Who owes whom, when costs went through one force's ledger and are borne by all.

    From Actuals: what each force paid, payments on account netted, against what it bears; then the payments that clear
    it, at most one fewer than the forces. A payment on account counts in the years shown alone (without --year those of
    Actuals; without Actuals all); others are named.

    \b
    Examples:
      bch-apportion settle examples/alliance.xlsx --year 2017/18
      bch-apportion settle examples/alliance.xlsx --json
    """,
    run=run,
    shows=("payments", "balances", "on-account"),
)
