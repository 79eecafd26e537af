"""The answer of `settle`: the balance of each force, and the payments that clear them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from types import MappingProxyType
from typing import Annotated, Literal

from bch_apportion.answers import Answer, QueryRow, Run, headings
from bch_apportion.kinds import ASIDE, Money, Year, record
from bch_apportion.model import ForceCode, Payment, UnitCode

NO_UNIT = "(no unit)"  # what payments that name no unit stand under, so that the units sum to the total


@record
class Balance:
    """What a force paid and bears of a unit (null: of all); above zero, the others owe it."""

    unit: UnitCode | None
    force: ForceCode
    paid: Money
    borne: Money
    balance: Money

    @property
    def unit_or_all(self) -> str:
        return self.unit or "In all"


@record
class Transfer:
    """A payment that settles."""

    from_: ForceCode
    to: ForceCode
    amount: Money
    reference: Annotated[str, ASIDE] = ""  # for the invoice: the forces and the years
    made_of: Annotated[Mapping[UnitCode, int], ASIDE] = field(default_factory=dict)  # pence, summing to the amount


@record
class Settle(Answer):
    """`settle --json`."""

    TABLE = "balances"
    COLUMNS = MappingProxyType(headings("unit: unit_or_all | force | paid | borne | balance"))

    schema: Literal["bch-apportion/settle/1"] = "bch-apportion/settle/1"
    run: Run
    years: Sequence[Year]
    balances: Sequence[Balance]
    payments: Sequence[Transfer]
    notes: Sequence[str]
    queries: Sequence[QueryRow] = ()
    narrowed: Annotated[Sequence[UnitCode], ASIDE] = ()  # the units asked for
    on_account: Annotated[Sequence[Payment], ASIDE] = ()

    def units(self) -> list[UnitCode]:
        """The units shown; (no unit) too, where payments name none."""
        return list(dict.fromkeys(row.unit for row in self.balances if row.unit is not None))
