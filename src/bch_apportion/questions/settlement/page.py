"""Who owes whom: the tables of `settle`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bch_apportion.answers import headings, table
from bch_apportion.groups import groups
from bch_apportion.ledger import Ledger
from bch_apportion.model import Payment
from bch_apportion.questions.first_page import amount_row, by_force, listed, standing_line
from bch_apportion.questions.settlement.rows import Balance, Settle, Transfer
from bch_apportion.words import many
from bch_apportion.writing.report import Kind, Page, Report, columns, plain_table, spans

BALANCE = "balance = paid − borne; above zero, the others owe the force"
NOBODY = "Nobody owes anything."


def balances(settlement: Settle) -> Report:
    """Per unit and force what it paid and bears, then in all."""
    rows, totals = settlement.balances, sum(row.unit is None for row in settlement.balances)
    title = f"Balances over {spans(settlement.years)}; {BALANCE}"
    return plain_table("Balances", title, table(rows, Balance, Settle.COLUMNS), totals=totals)


def transfers(settlement: Settle) -> Report:
    """The payments that clear the balances, numbered."""
    rows = tuple((n, row.from_, row.to, row.amount, row.reference) for n, row in enumerate(settlement.payments, 1))
    heads = columns(("no", "whole"), "from", "to", ("amount", "money"), "reference")
    title = f"Payments that settle {spans(settlement.years)}"
    return Report("Payment schedule", title, heads, rows, units="£", empty=NOBODY)


def made_of(settlement: Settle) -> Report:
    """What each payment is made of, by unit."""
    rows = tuple((row.reference, unit, pence) for row in settlement.payments for unit, pence in row.made_of.items())
    heads = columns("reference", "unit", ("amount", "money"))
    title = "What each payment is made of: what the payer has paid too little (+) or too much (−) for each unit"
    notes = ("In whole pence, so that the units sum to the payment.",)
    return Report("Made of", title, heads, rows, notes=notes, units="£", empty=NOBODY)


def first_page(settlement: Settle, ledger: Ledger, budgets: Ledger) -> Page:
    """Who pays whom, with what each payment is made of by unit; each force's balance; what has no outturn."""
    totals = [row for row in settlement.balances if row.unit is None]
    balances = [amount_row(name, name, totals) for name in ("paid", "borne", "balance")]
    payments = settlement.payments
    heads = columns("from", "to", ("amount", "pounds"), "reference")
    rows = tuple((row.from_, row.to, row.amount, row.reference) for row in payments)
    about = ", ".join((spans(settlement.years), *settlement.narrowed))
    standing = standing_line(ledger, notes=settlement.notes)
    return Page(
        title=f"Who owes whom for {about}: {ledger.inputs.source}, outturn",
        units="£",
        blocks=(
            Report("Payments", "", heads, rows, empty=NOBODY),
            by_force("Balances", balances, ledger.inputs.force_codes()),
            *([_units_of(payments)] if payments else []),
            *_without_outturn(settlement, ledger, budgets),
            *_part_years(ledger.only(settlement.narrowed, settlement.years)),
            f"{BALANCE[0].upper()}{BALANCE[1:]}. To the penny: --show payments. {standing}",
        ),
    )


def _without_outturn(settlement: Settle, ledger: Ledger, budgets: Ledger) -> Iterator[str]:
    """The units that have budgets in the years settled and no outturn, in a sentence."""
    settled = {(result.unit.code, result.year) for result in ledger.results}
    planned = budgets.only(settlement.narrowed, settlement.years).results
    lacking = groups((r.unit.code, r.year) for r in planned if (r.unit.code, r.year) not in settled)
    if lacking:
        named = [f"{unit} {spans(years)}" for unit, years in lacking.items()]
        yield f"Not settled, because there is no outturn: {listed(named, 'balances')}."


def _part_years(ledger: Ledger) -> Iterator[str]:
    """The units of whose year only some months are settled, in a sentence."""
    part = ledger.part_years()
    units = groups((f"{r.year}, {many(len(r.months()), 'month')}", r.unit.code) for r in part)
    named = [f"{when} of {listed(names, 'notes')}" for when, names in units.items()]
    if named:
        yield f"Settled in part, because the outturn is not of twelve months: {'; '.join(named)}."


def _units_of(payments: Sequence[Transfer]) -> Report:
    """The payments by unit, a column for each."""
    units = dict.fromkeys(unit for row in payments for unit in row.made_of)
    heads = columns(("unit", "wide"), *((f"{row.from_} to {row.to}", "pounds") for row in payments))
    rows = [(unit, *(row.made_of.get(unit) for row in payments)) for unit in units]
    total = ("all", *(row.amount for row in payments))
    return Report("Made of", "What each payment is made of", heads, (*rows, total), totals=1)


def on_account(settlement: Settle) -> Report:
    """The payments on account that are netted."""
    heads = headings("year | from: payer | to: payee | unit | date: day | amount: pence | cell")
    kinds: dict[str, Kind] = {"year": "year", "date": "date", "amount": "money"}
    rows = table(settlement.on_account, Payment, heads)
    return plain_table("On account", "Payments on account, netted above", rows, kinds=kinds, empty="None.")


def tables(settlement: Settle) -> dict[str, Callable[[], Sequence[Report]]]:
    """The tables behind the first page."""
    return {
        "payments": lambda: [transfers(settlement), made_of(settlement)],
        "balances": lambda: [balances(settlement)],
        "on-account": lambda: [on_account(settlement)],
    }
