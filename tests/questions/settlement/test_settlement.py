"""Settlement: who paid, who bears, and the fewest payments that clear it."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bch_apportion.questions.settlement.rule import clear
from tests.books import Table, two_forces, write_book
from tests.program import ALLIANCE, run

ACTUALS: Table = [
    ["unit", "year", "amount", "paid by", "held by", "line"],
    ["ICT", "2018/19", 600, "BEDS", None, "through BEDS"],
    ["ICT", "2018/19", 300, None, "HERTS", "held by HERTS, pooled since 1 April"],
    ["ICT", "2018/19", 90, None, None, "by the lead force, HERTS"],
]
UNITS: Table = [["unit", "lead force", "pooled from"], ["ICT", "HERTS", "2018-04-01"]]


def settled(path: Path, *words: str) -> dict[str, list[dict[str, object]]]:
    ran = run("settle", path, "--json", *words)
    assert ran.code == 0, ran.err
    found: dict[str, list[dict[str, object]]] = json.loads(ran.out)
    return found


def test_by_hand(tmp_path: Path) -> None:
    """990.00 on NRE 1 : 2 is 330.00 and 660.00. BEDS paid 600.00, HERTS 390.00: HERTS owes BEDS 270.00."""
    found = settled(write_book(tmp_path / "b.xlsx", two_forces(Actuals=ACTUALS, Units=UNITS)))
    assert [list(row.values()) for row in found["balances"]] == [
        ["ICT", "BEDS", "600.00", "330.00", "270.00"],
        ["ICT", "HERTS", "390.00", "660.00", "-270.00"],
        [None, "BEDS", "600.00", "330.00", "270.00"],
        [None, "HERTS", "390.00", "660.00", "-270.00"],
    ]
    assert found["payments"] == [{"from": "HERTS", "to": "BEDS", "amount": "270.00"}]


def test_payments_on_account_are_netted(tmp_path: Path) -> None:
    """HERTS has paid BEDS 100.00 for ICT and 50.00 for no unit: of 270.00 there are 170.00 of ICT and 120.00 in all."""
    payments: Table = [
        ["year", "from", "to", "amount", "unit"],
        ["2018/19", "HERTS", "BEDS", 100, "ICT"],
        ["2018/19", "HERTS", "BEDS", 50, None],
        ["2017/18", "HERTS", "BEDS", 7, None],
    ]
    book = two_forces(Actuals=ACTUALS, Units=UNITS, Payments=payments)
    found = settled(write_book(tmp_path / "b.xlsx", book), "--year", "2018/19")
    assert [(row["unit"], row["balance"]) for row in found["balances"]] == [
        ("ICT", "170.00"),
        ("ICT", "-170.00"),
        (None, "120.00"),
        (None, "-120.00"),
    ]
    assert found["payments"] == [{"from": "HERTS", "to": "BEDS", "amount": "120.00"}]


def test_the_example_balances() -> None:
    found = settled(ALLIANCE)
    units: dict[object, int] = {}
    for row in found["balances"]:
        units[row["unit"]] = units.get(row["unit"], 0) + round(float(str(row["balance"])) * 100)
    assert len(units) > 5 and set(units.values()) == {0}
    assert len(found["payments"]) <= 2


def test_without_an_outturn_is_usage(tmp_path: Path) -> None:
    assert run("settle", write_book(tmp_path / "b.xlsx", two_forces())).code == 2


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=42))
def test_at_most_one_payment_fewer_than_forces(amounts: list[int]) -> None:
    balances = {f"F{n}": pence for n, pence in enumerate([*amounts, -sum(amounts)])}
    transfers = clear(balances)
    assert len(transfers) <= len(balances) - 1 and all(transfer.amount > 0 for transfer in transfers)
    for transfer in transfers:
        balances[transfer.from_] += transfer.amount
        balances[transfer.to] -= transfer.amount
    assert not any(balances.values())
