"""Who owes whom, where costs went through one force's ledger and are borne by all.

A force paid the outturn lines with it as `paid by` (blank: the holder, else the unit's lead force), and the payments on
account it made, less those it received; it bears its apportioned share. Balance = paid − borne; balances sum to zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.model import BudgetRow, ForceCode, Inputs, Payment, UnitCode
from bch_apportion.money import Pence
from bch_apportion.problems import InputProblems, Problem
from bch_apportion.years import FinancialYear


class Balance(NamedTuple):
    """What a force paid and bears of a unit (`unit` None: of all of them); above zero, the others owe it."""

    unit: UnitCode | None
    force: ForceCode
    paid: Pence
    borne: Pence

    @property
    def balance(self) -> Pence:
        return self.paid - self.borne


class Transfer(NamedTuple):
    """A payment that settles."""

    payer: ForceCode
    payee: ForceCode
    pence: Pence


@dataclass(frozen=True, slots=True)
class Settlement:
    """Balances per unit and in all, over the years shown, and the payments that clear the latter."""

    years: tuple[FinancialYear, ...]
    balances: tuple[Balance, ...]
    transfers: tuple[Transfer, ...]
    on_account: tuple[Payment, ...]
    inputs: Inputs


def settle(actuals: Ledger, years: Sequence[FinancialYear] = (), units: Sequence[UnitCode] = ()) -> Settlement:
    """Settle the outturn (all years and units of it, where none are named).

    Payments on account that name no unit count in the total alone, and not where `units` are named. Raises
    InputProblems where it cannot be told through which ledger a line went.
    """
    inputs = actuals.inputs
    shown = actuals.only(units, years)
    lead = {unit.code: unit.lead for unit in inputs.units}
    wanted = {(result.unit.code, result.year) for result in shown.results}
    rows = [row for row in inputs.actuals if (row.unit, row.year) in wanted]
    problems = [_no_payer(row) for row in rows if not (row.paid_by or row.held_by or lead[row.unit])]
    if problems:
        raise InputProblems(problems, inputs.source, inputs.notes)
    payments = tuple(
        one
        for one in inputs.payments
        if (not years or one.year in years) and (not units or (one.unit is not None and one.unit in units))
    )
    forces = inputs.force_codes()
    balances: list[Balance] = []
    for unit in dict.fromkeys([r.unit.code for r in shown.results] + [p.unit for p in payments if p.unit is not None]):
        paid, borne = dict.fromkeys(forces, 0), dict.fromkeys(forces, 0)
        for row in rows:
            if row.unit == unit:
                paid[row.paid_by or row.held_by or lead[row.unit]] += row.pence
        for result in shown.results:
            if result.unit.code == unit:
                for force, pence in result.totals().items():
                    borne[force] += pence
        _on_account(paid, [one for one in payments if one.unit == unit])
        balances += [Balance(unit, force, paid[force], borne[force]) for force in forces if paid[force] or borne[force]]
    paid = {force: sum(one.paid for one in balances if one.force == force) for force in forces}
    borne = {force: sum(one.borne for one in balances if one.force == force) for force in forces}
    _on_account(paid, [one for one in payments if one.unit is None])
    totals = [Balance(None, force, paid[force], borne[force]) for force in forces]
    transfers = clear({one.force: one.balance for one in totals})
    return Settlement(
        years=tuple(shown.years()),
        balances=(*balances, *totals),
        transfers=tuple(transfers),
        on_account=payments,
        inputs=inputs,
    )


def _on_account(paid: dict[ForceCode, Pence], payments: Sequence[Payment]) -> None:
    for one in payments:
        paid[one.payer] += one.pence
        paid[one.payee] -= one.pence


def clear(balances: Mapping[ForceCode, Pence]) -> list[Transfer]:
    """At most (forces − 1) payments: the largest debtor pays the largest creditor the smaller of the two, and so on.

    Ties go to the earlier force. The balances sum to zero.

    >>> clear({"BEDS": -500, "CAMBS": 800, "HERTS": -300})
    [Transfer(payer='BEDS', payee='CAMBS', pence=500), Transfer(payer='HERTS', payee='CAMBS', pence=300)]
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
        transfers.append(Transfer(debtor, creditor, pence))
    return transfers


def _no_payer(row: BudgetRow) -> Problem:
    return Problem(
        "payer-missing",
        f"it cannot be told through whose ledger this line of {row.unit} {row.year} went: it has no “paid by” and no "
        "holder, and the unit has no lead force",
        "enter the force in “paid by”, or the unit's lead force on Units",
        row.cell,
    )
