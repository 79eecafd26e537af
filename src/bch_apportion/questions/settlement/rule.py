"""Who owes whom, where costs went through one force's ledger and are borne by all.

A force paid the outturn lines with it as `paid by` (blank: the holder, else the unit's lead force), and the payments on
account it made, less those it received; it bears its apportioned share. Balance = paid − borne; balances sum to zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from bch_apportion.answers import run_of
from bch_apportion.ledger import Ledger
from bch_apportion.model import BudgetRow, ForceCode, Inputs, Payment, UnitCode
from bch_apportion.money import Pence, pounds_words, to_whole
from bch_apportion.places import Place
from bch_apportion.problems import InputProblems, Problem, UnitNote
from bch_apportion.questions.settlement.rows import NO_UNIT, Balance, Settle, Transfer
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.words import part_year_note
from bch_apportion.years import FinancialYear

Sums = Counter[tuple[UnitCode | None, ForceCode]]  # pence; the unit None: of payments that name none


def settle(actuals: Ledger, years: Sequence[FinancialYear] = (), units: Sequence[UnitCode] = ()) -> Settle:
    """What settles the outturn (all years and units of it, where none are named).

    Without an outturn it settles the payments on account alone. Those that name no unit have rows of their own, and do
    not count where `units` are named. Raises InputProblems where it cannot be told through which ledger a line went.
    """
    inputs, shown = actuals.inputs, actuals.only(units, years)
    wanted = {(result.unit.code, result.year) for result in shown.results}
    rows = [row for row in inputs.actuals if (row.unit, row.year) in wanted]
    payers = _payers(inputs, rows)
    counted_years = {*(years or actuals.years() or (payment.year for payment in inputs.payments))}
    payments, left_out = _parted(inputs.payments, counted_years, units)
    named = dict.fromkeys([*(result.unit.code for result in shown.results), *(payment.unit for payment in payments)])
    paid = _sums([*((row.unit, payers[row.cell], row.pence) for row in rows), *_on_account(payments)])
    borne = _sums((r.unit.code, force, pence) for r in shown.results for force, pence in r.totals().items())
    balances = [
        _balance(NO_UNIT if unit is None else unit, force, paid[unit, force], borne[unit, force])
        for unit in sorted(named, key=lambda unit: unit is None)  # those that name no unit last
        for force in inputs.force_codes()
        if paid[unit, force] or borne[unit, force]
    ]
    totals = [_balance(None, force, _in_all(paid, force), _in_all(borne, force)) for force in inputs.force_codes()]
    settled = sorted({*shown.years(), *(payment.year for payment in payments)})
    transfers = [
        _with_parts(row, balances, settled, units) for row in clear({row.force: row.balance for row in totals})
    ]
    return Settle(
        run=run_of(inputs, actuals.as_at),
        years=settled,
        narrowed=units,
        balances=(*balances, *totals),
        payments=transfers,
        notes=[*shown.notes, *map(_of_part_year, shown.part_years()), *_named(left_out, units)],
        on_account=payments,
    )


def _of_part_year(result: UnitYear) -> UnitNote:
    """A note that a part-year is settled as it stands, with what is measured by the whole year all the same."""
    by_year = ["no loser compares them with the baselines of a year"] if result.no_loser is not None else []
    if result.parts.partly_held and result.parts.fraction:
        by_year.append("what is held is by the days of the whole year")
    return part_year_note(result, "; ".join(("settled as they are", *by_year)))


def _parted(
    payments: Sequence[Payment], years: Collection[FinancialYear], units: Sequence[UnitCode]
) -> tuple[list[Payment], list[Payment]]:
    """The payments of these years and units (of all units, where none are named), and the others."""
    parts: tuple[list[Payment], list[Payment]] = ([], [])
    for payment in payments:
        parts[payment.year not in years or bool(units and payment.unit not in units)].append(payment)
    return parts


def _named(payments: Sequence[Payment], units: Sequence[UnitCode]) -> Iterator[str]:
    """A note that names the payments that do not count, where there are any of the units shown or of no unit."""
    named = [
        f"{payment.year} {payment.payer} to {payment.payee} {pounds_words(payment.pence)} ({payment.cell})"
        for payment in payments
        if not units or payment.unit in (None, *units)
    ]
    if named:
        yield f"Payments of other years{', or of no unit,' if units else ''} not counted: {'; '.join(named)}"


def _payers(inputs: Inputs, rows: Sequence[BudgetRow]) -> dict[Place, ForceCode]:
    """Through whose ledger each line went, by its cell. Raises InputProblems where that cannot be told."""
    lead = {unit.code: unit.lead for unit in inputs.units}
    payers = {row.cell: row.paid_by or row.held_by or lead[row.unit] for row in rows}
    problems = [_no_payer(row) for row in rows if not payers[row.cell]]
    if problems:
        raise InputProblems(problems, inputs.source, inputs.notes)
    return payers


def _on_account(payments: Iterable[Payment]) -> Iterator[tuple[UnitCode | None, ForceCode, Pence]]:
    """What each force has paid on account of a unit (None: of none), and below zero what it was paid."""
    for payment in payments:
        yield payment.unit, payment.payer, payment.pence
        yield payment.unit, payment.payee, -payment.pence


def _sums(amounts: Iterable[tuple[UnitCode | None, ForceCode, Pence]]) -> Sums:
    sums: Sums = Counter()
    for unit, force, pence in amounts:
        sums[unit, force] += pence
    return sums


def _in_all(sums: Sums, force: ForceCode) -> Pence:
    return sum(pence for (_, own), pence in sums.items() if own == force)


def _balance(unit: UnitCode | None, force: ForceCode, paid: Pence, borne: Pence) -> Balance:
    return Balance(unit=unit, force=force, paid=paid, borne=borne, balance=paid - borne)


def clear(balances: Mapping[ForceCode, Pence]) -> list[Transfer]:
    """At most (forces − 1) payments: the largest debtor pays the largest creditor the smaller of the two, and so on.

    Ties go to the earlier force. The balances sum to zero.

    >>> [(row.from_, row.to, row.amount) for row in clear({"BEDS": -500, "CAMBS": 800, "HERTS": -300})]
    [('BEDS', 'CAMBS', 500), ('HERTS', 'CAMBS', 300)]
    """
    left = dict(balances)
    if sum(left.values()):
        raise ValueError(f"the balances do not sum to zero: {left}")
    transfers = []
    while any(left.values()):
        debtor = min(left, key=lambda force: left[force])  # min and max keep the earlier of equals
        creditor = max(left, key=lambda force: left[force])
        pence = min(-left[debtor], left[creditor])
        left[debtor] += pence
        left[creditor] -= pence
        transfers.append(Transfer(from_=debtor, to=creditor, amount=pence))
    return transfers


def _with_parts(
    transfer: Transfer, balances: Sequence[Balance], years: Sequence[FinancialYear], units: Sequence[UnitCode]
) -> Transfer:
    """A payment with its reference and what it is made of: of the payer's balances by unit the part that it settles."""
    own = {row.unit: row.balance for row in balances if row.force == transfer.from_ and row.unit and row.balance}
    settles = Fraction(transfer.amount, sum(own.values()))
    parts = to_whole([pence * settles for pence in own.values()])
    span = "-".join(dict.fromkeys((str(years[0]), str(years[-1]))))
    reference = "-".join((transfer.from_, transfer.to, span, *units))
    return replace(transfer, reference=reference, made_of=dict(zip(own, parts, strict=True)))


def _no_payer(row: BudgetRow) -> Problem:
    return Problem(
        "payer-missing",
        f"whose ledger did this line of {row.unit} {row.year} go through? It has no “paid by” and no "
        "holder, and the unit has no lead force",
        "enter the force in “paid by”, or the unit's lead force on Units",
        row.cell,
    )
