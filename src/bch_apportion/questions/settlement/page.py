"""Who owes whom: the tables of `settle`."""

from __future__ import annotations

from bch_apportion.answers import headings, table
from bch_apportion.model import Payment
from bch_apportion.questions.settlement.rows import Balance, Settle
from bch_apportion.writing.report import Report, columns, plain_table, spans

BALANCE = "balance = paid − borne; above zero, the others owe the force"


def balances(settlement: Settle) -> Report:
    """Per unit and force what it paid and bears, then in all."""
    return plain_table(
        "Balances",
        f"Balances over {spans(settlement.years)}; {BALANCE}",
        table(settlement.balances, Balance, Settle.COLUMNS),
        totals=sum(row.unit is None for row in settlement.balances),
    )


def transfers(settlement: Settle) -> Report:
    """The payments that clear the balances, numbered."""
    rows = tuple((number, row.from_, row.to, row.amount) for number, row in enumerate(settlement.payments, 1))
    return Report(
        name="Payment schedule",
        title=f"Payments that settle {spans(settlement.years)}",
        columns=columns(("no", "whole"), "from", "to", ("amount", "money")),
        rows=rows,
        units="£",
        empty="Nobody owes anything.",
    )


def on_account(settlement: Settle) -> Report:
    """The payments on account that are netted."""
    heads = headings("year | from: payer | to: payee | unit | date: day | amount: pence | cell")
    return plain_table(
        "On account",
        "Payments on account, netted above",
        table(settlement.on_account, Payment, heads),
        kinds={"year": "year", "date": "date", "amount": "money"},
        empty="None.",
    )


def everything(settlement: Settle) -> list[Report]:
    """All tables, the payments first."""
    return [transfers(settlement), balances(settlement), on_account(settlement)]
