"""Who owes whom: the reports of `settle`."""

from __future__ import annotations

from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.money import pounds
from bch_apportion.questions.documents import run_of
from bch_apportion.questions.settlement.rule import Settlement
from bch_apportion.writing.report import Report, columns, spans

BALANCE = "balance = paid − borne; above zero, the others owe the force"


def balances(found: Settlement) -> Report:
    """Per unit and force what it paid and bears, then in all."""
    rows = tuple((one.unit or "In all", one.force, one.paid, one.borne, one.balance) for one in found.balances)
    heads = columns("unit", "force", ("paid", "money"), ("borne", "money"), ("balance", "money"))
    totals = sum(one.unit is None for one in found.balances)
    return Report("Balances", f"Balances over {spans(found.years)}; {BALANCE}", heads, rows, (), "£", totals)


def transfers(found: Settlement) -> Report:
    """The payments that clear the balances."""
    rows = tuple((number, one.payer, one.payee, one.pence) for number, one in enumerate(found.transfers, 1))
    return Report(
        "Payment schedule",
        f"Payments that settle {spans(found.years)}",
        columns(("no", "whole"), "from", "to", ("amount", "money")),
        rows,
        (),
        "£",
        empty="Nobody owes anything.",
    )


def on_account(found: Settlement) -> Report:
    """The payments on account that are netted."""
    rows = tuple(
        (one.year, one.payer, one.payee, one.unit or "", one.day, one.pence, one.cell) for one in found.on_account
    )
    heads = columns(("year", "year"), "from", "to", "unit", ("date", "date"), ("amount", "money"), "cell")
    return Report("On account", "Payments on account, netted above", heads, rows, (), "£", empty="None.")


def everything(found: Settlement) -> list[Report]:
    return [transfers(found), balances(found), on_account(found)]


def document(found: Settlement, ledger: Ledger) -> dict[str, Any]:
    """The JSON of `settle`."""
    return {
        "schema": "bch-apportion/settle/1",
        "run": run_of(ledger.inputs, ledger.as_at),
        "years": [str(year) for year in found.years],
        "balances": [
            {
                "unit": one.unit,
                "force": one.force,
                "paid": pounds(one.paid),
                "borne": pounds(one.borne),
                "balance": pounds(one.balance),
            }
            for one in found.balances
        ],
        "payments": [{"from": one.payer, "to": one.payee, "amount": pounds(one.pence)} for one in found.transfers],
    }
