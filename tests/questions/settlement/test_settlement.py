"""Settlement: who paid, who bears, and at most one payment fewer than forces to clear it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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


def settled(path: Path, *words: str) -> dict[str, list[Any]]:
    ran = run("settle", path, "--json", *words)
    assert ran.code == 0, ran.err
    answer: dict[str, list[Any]] = json.loads(ran.out)
    return answer


def test_by_hand(tmp_path: Path) -> None:
    """990.00 on NRE 1 : 2 is 330.00 and 660.00. BEDS paid 600.00, HERTS 390.00: HERTS owes BEDS 270.00."""
    answer = settled(write_book(tmp_path / "b.xlsx", two_forces(Actuals=ACTUALS, Units=UNITS)))
    assert [list(row.values()) for row in answer["balances"]] == [
        ["ICT", "BEDS", "600.00", "330.00", "270.00"],
        ["ICT", "HERTS", "390.00", "660.00", "-270.00"],
        [None, "BEDS", "600.00", "330.00", "270.00"],
        [None, "HERTS", "390.00", "660.00", "-270.00"],
    ]
    assert answer["payments"] == [{"from": "HERTS", "to": "BEDS", "amount": "270.00"}]


def test_payments_on_account_are_netted(tmp_path: Path) -> None:
    """HERTS has paid BEDS 100.00 for ICT and 50.00 for no unit: of 270.00 there are 170.00 of ICT and 120.00 in all."""
    payments: Table = [
        ["year", "from", "to", "amount", "unit"],
        ["2018/19", "HERTS", "BEDS", 100, "ICT"],
        ["2018/19", "HERTS", "BEDS", 50, None],
        ["2017/18", "HERTS", "BEDS", 7, None],
    ]
    book = two_forces(Actuals=ACTUALS, Units=UNITS, Payments=payments)
    answer = settled(write_book(tmp_path / "b.xlsx", book), "--year", "2018/19")
    assert [(row["unit"], row["balance"]) for row in answer["balances"]] == [
        ("ICT", "170.00"),
        ("ICT", "-170.00"),
        ("(no unit)", "-50.00"),
        ("(no unit)", "50.00"),
        (None, "120.00"),
        (None, "-120.00"),
    ]
    assert answer["payments"] == [{"from": "HERTS", "to": "BEDS", "amount": "120.00"}]


PAYMENTS: Table = [
    ["year", "from", "to", "amount", "unit"],
    ["2018/19", "HERTS", "BEDS", 100, "ICT"],
    ["2017/18", "HERTS", "BEDS", 7, None],
    ["2019/20", "BEDS", "HERTS", 9, "ICT"],
]


def test_payments_of_years_without_an_outturn_are_named(tmp_path: Path) -> None:
    """Actuals are of 2018/19 alone: of 270.00 HERTS has paid 100.00; 7.00 and 9.00 of other years wait."""
    book = write_book(tmp_path / "b.xlsx", two_forces(Actuals=ACTUALS, Units=UNITS, Payments=PAYMENTS))
    answer = settled(book)
    assert answer["payments"] == [{"from": "HERTS", "to": "BEDS", "amount": "170.00"}]
    assert answer["notes"][-1:] == [
        "Payments of other years not counted: 2017/18 HERTS to BEDS £7.00 (Payments!D3); "
        "2019/20 BEDS to HERTS £9.00 (Payments!D4)"
    ]
    assert settled(book, "--unit", "ICT", "--year", "2019/20")["notes"][-1:] == [
        "Payments of other years, or of no unit, not counted: 2018/19 HERTS to BEDS £100.00 (Payments!D2); "
        "2017/18 HERTS to BEDS £7.00 (Payments!D3)"
    ]


def test_a_year_with_payments_alone(tmp_path: Path) -> None:
    """2019/20 has no outturn: BEDS paid HERTS 9.00, so HERTS pays it back."""
    book = write_book(tmp_path / "b.xlsx", two_forces(Actuals=ACTUALS, Units=UNITS, Payments=PAYMENTS))
    answer = settled(book, "--year", "2019/20")
    assert [(row["unit"], row["paid"], row["borne"]) for row in answer["balances"]] == [
        ("ICT", "9.00", "0.00"),
        ("ICT", "-9.00", "0.00"),
        (None, "9.00", "0.00"),
        (None, "-9.00", "0.00"),
    ]
    assert answer["payments"] == [{"from": "HERTS", "to": "BEDS", "amount": "9.00"}]


def test_payments_without_actuals(tmp_path: Path) -> None:
    """HERTS paid BEDS 107.00 over the years and had 9.00 back: BEDS pays 98.00; ICT's 91.00 and 7.00 sum to it."""
    answer = settled(write_book(tmp_path / "b.xlsx", two_forces(Units=UNITS, Payments=PAYMENTS)))
    assert [(row["unit"], row["balance"]) for row in answer["balances"]] == [
        ("ICT", "-91.00"),
        ("ICT", "91.00"),
        ("(no unit)", "-7.00"),
        ("(no unit)", "7.00"),
        (None, "-98.00"),
        (None, "98.00"),
    ]
    assert answer["payments"] == [{"from": "BEDS", "to": "HERTS", "amount": "98.00"}]
    assert answer["years"] == ["2017/18", "2018/19", "2019/20"]
    for suffix in ("md", "html", "xlsx", "csv", "json"):
        assert run("settle", tmp_path / "b.xlsx", "-o", tmp_path / f"out.{suffix}").code == 0
    assert "| (no unit) | 7 |" in (tmp_path / "out.md").read_text(encoding="utf-8")


def test_the_example_balances() -> None:
    answer = settled(ALLIANCE)
    units: dict[object, int] = {}
    for row in answer["balances"]:
        units[row["unit"]] = units.get(row["unit"], 0) + round(float(str(row["balance"])) * 100)
    assert len(units) > 5 and set(units.values()) == {0}
    assert len(answer["payments"]) <= 2


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
