"""Two sides beside each other: who gains, who loses, by which cause; on two bases; with and without a partner."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from io import StringIO
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bch_apportion import apportion
from bch_apportion.model import BudgetRow, BusinessCase, ControlTotal, Inputs, LineType, ParameterValue, Unit
from bch_apportion.money import pounds
from bch_apportion.problems import InputProblems
from bch_apportion.questions.bridge import LEDGER_CAUSES, between
from bch_apportion.questions.comparison.rule import Comparison, compare, on_two_bases, without
from tests.books import Table, two_forces, write_book
from tests.inputs import THREE, Y, agreed, baselines, inputs, monthly, nre, terms
from tests.program import ALLIANCE, EXAMPLES, run
from tests.test_laws import books

POOLED: Table = [["unit", "programme", "pooled from"], ["ICT", "ops", "2015-04-01"]]
BUDGETS: Table = [["unit", "year", "amount"], ["ICT", "2018/19", 900]]
PLAIN: dict[str, Table] = {"Units": POOLED, "Budgets": BUDGETS}


def file(folder: Path, name: str = "a.xlsx", **sheets: Table) -> Path:
    """900.00 on NRE 1 : 2: BEDS pays 300.00, HERTS 600.00."""
    return write_book(folder / name, two_forces(**{**PLAIN, **sheets}))


def scenario(folder: Path, text: str, name: str = "b.toml") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def document(*words: str | Path) -> Any:
    ran = run("compare", *words, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


Row = tuple[str | None, str, str, str, str, dict[str, str]]


def rows(answer: Any) -> list[Row]:
    """Rows as unit, force, A, B, difference and the effects that are not nothing; effects sum to the difference."""
    listed: list[Row] = []
    for row_ in answer["rows"]:
        effects = {cause: amount for cause, amount in row_["effects"].items() if amount != "0.00"}
        assert sum(map(Fraction, effects.values())) == Fraction(row_["difference"])
        assert Fraction(row_["b"]) - Fraction(row_["a"]) == Fraction(row_["difference"])
        listed.append((row_["unit"], row_["force"], row_["a"], row_["b"], row_["difference"], effects))
    return listed


MORE = '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\namount = 1200\n'
EQUAL = '[[NRE]]\nyear = "2018/19"\nBEDS = 200\n'


# Workbooks and scenarios


def test_two_workbooks(tmp_path: Path) -> None:
    """From 900.00 on 1 : 2 to 1,200.00 on 1 : 1. 300.00 more is 100 and 200; the NRE moves 400 and 800 to 600 each."""
    a = file(tmp_path)
    b = file(
        tmp_path,
        "b.xlsx",
        Budgets=[["unit", "year", "amount"], ["ICT", "2018/19", 1200]],
        NRE=[["year", "BEDS", "HERTS"], ["2018/19", 5, 5]],
    )
    answer = document(a, b)
    beds = ("BEDS", "300.00", "600.00", "300.00", {"cost": "100.00", "nre": "200.00"})
    herts = ("HERTS", "600.00", "600.00", "0.00", {"cost": "200.00", "nre": "-200.00"})
    assert rows(answer) == [("ICT", *beds), ("ICT", *herts), (None, *beds), (None, *herts)]
    assert answer["schema"] == "bch-apportion/compare/1"
    assert (answer["a"], answer["b"]) == ("a.xlsx", "b.xlsx")
    assert (answer["run"]["input"], answer["other"]["input"]) == ("a.xlsx", "b.xlsx")
    assert answer["run"]["sha256"] != answer["other"]["sha256"]
    assert [(shown[4], shown[5]["cost"]) for shown in rows(document(b, a)) if shown[0] is None] == [
        ("-300.00", "-150.00"),  # the other way the cost goes first too, on 1 : 1
        ("0.00", "-150.00"),
    ]


def test_a_workbook_and_a_scenario(tmp_path: Path) -> None:
    answer = document(file(tmp_path), scenario(tmp_path, MORE + EQUAL))
    assert [(shown[1], shown[4]) for shown in rows(answer)] == [
        ("BEDS", "300.00"),
        ("HERTS", "0.00"),
        ("BEDS", "300.00"),
        ("HERTS", "0.00"),
    ]
    assert (answer["a"], answer["b"]) == ("a.xlsx", "b.toml")
    assert (answer["run"]["scenarios"], answer["other"]["scenarios"]) == ([], ["b.toml"])


def test_two_scenarios(tmp_path: Path) -> None:
    """1,200.00 on 1 : 2 is 400 and 800; 900.00 on 1 : 1 is 450 each: −300.00 of cost is −100 and −200."""
    answer = document(file(tmp_path), scenario(tmp_path, MORE), scenario(tmp_path, EQUAL, "c.toml"))
    assert rows(answer)[:2] == [
        ("ICT", "BEDS", "400.00", "450.00", "50.00", {"cost": "-100.00", "nre": "150.00"}),
        ("ICT", "HERTS", "800.00", "450.00", "-350.00", {"cost": "-200.00", "nre": "-150.00"}),
    ]
    assert (answer["a"], answer["b"]) == ("b.toml", "c.toml")


def test_a_scenario_and_a_setting_hold_on_both_sides(tmp_path: Path) -> None:
    """1,200.00 in whole percents: 396.00 and 804.00; on 1 : 1 600.00 each."""
    words = ["--scenario", str(scenario(tmp_path, MORE)), "--set", "share decimals=0"]
    answer = document(file(tmp_path), scenario(tmp_path, EQUAL, "c.toml"), *words)
    assert [shown[2:5] for shown in rows(answer)[:2]] == [
        ("396.00", "600.00", "204.00"),
        ("804.00", "600.00", "-204.00"),
    ]
    assert sorted(answer["run"]["scenarios"]) == ["--set share decimals=0", "b.toml"]
    assert sorted(answer["other"]["scenarios"]) == ["--set share decimals=0", "b.toml", "c.toml"]
    other = document(file(tmp_path), file(tmp_path, "d.xlsx"), *words)
    assert [shown[2:5] for shown in rows(other)[:2]] == [("396.00", "396.00", "0.00"), ("804.00", "804.00", "0.00")]


def test_sheets_of_a_scenario_that_are_not_used_are_named(tmp_path: Path) -> None:
    pay = '[[Assumptions]]\n"from year" = "2019/20"\nkind = "uplift %"\nvalue = 4\n'
    paid_ = '[[Payments]]\nyear = "2018/19"\nfrom = "BEDS"\nto = "HERTS"\namount = 1\n'
    said = "b.toml: compare does not use its Payments (for settle) and Assumptions (for mtfs)"
    changed = scenario(tmp_path, pay + pay.replace("2019/20", "2020/21") + paid_ + MORE)
    assert document(file(tmp_path), changed)["notes"] == [said]
    ran = run("compare", file(tmp_path), scenario(tmp_path, EQUAL, "c.toml"), "--scenario", changed)
    assert ran.out.count(said) == 1 and "c.toml: compare" not in ran.out


def test_what_changes_nothing_differs_by_nothing(tmp_path: Path) -> None:
    answer = document(file(tmp_path), scenario(tmp_path, ""))
    assert {(shown[4], len(shown[5])) for shown in rows(answer)} == {("0.00", 0)}
    ran = run("compare", file(tmp_path), scenario(tmp_path, ""))
    assert "No unit differs." in ran.out and "gains" not in ran.out.replace("Who gains", "").replace("--show gains", "")


@pytest.mark.parametrize("other", ["b.xlsx", "b.toml"])
def test_units_and_forces_match_in_any_case(tmp_path: Path, other: str) -> None:
    """ict is ICT, Beds is BEDS: 30.00 more is 10.00 and 20.00."""
    budgets: Table = [["unit", "year", "amount"], ["ict", "2018/19", 930]]
    if other == "b.xlsx":
        units: Table = [["unit", "pooled from"], ["ict", "2015-04-01"]]
        b = file(tmp_path, "b.xlsx", Units=units, Budgets=budgets, Forces=[["force"], ["Beds"], ["herts "]])
    else:
        units_ = '[[Units]]\nunit = "ict"\n"pooled from" = 2015-04-01\n[[Forces]]\nforce = "Beds"\n'
        b = scenario(tmp_path, units_ + MORE.replace("1200", "930"))
    assert [shown[4] for shown in rows(document(file(tmp_path), b))] == ["10.00", "20.00", "10.00", "20.00"]


def test_totals_over_units_and_what_one_side_alone_has(tmp_path: Path) -> None:
    """ICT 900 to 930, HR 90 to 60, so nothing in all; Fleet's 7.00 (2.33, 4.67) ended on B, Estates' 7.00 started."""
    units: Table = [["unit"], ["ICT"], ["HR"], ["Fleet"], ["Estates"]]
    head = ["unit", "year", "amount"]
    a = file(
        tmp_path,
        Units=units,
        Budgets=[head, ["ICT", "2018/19", 900], ["HR", "2018/19", 90], ["Fleet", "2018/19", 7]],
    )
    b = file(
        tmp_path,
        "b.xlsx",
        Units=units,
        Budgets=[head, ["ICT", "2018/19", 930], ["HR", "2018/19", 60], ["Estates", "2018/19", 7]],
    )
    answer = document(a, b)
    assert [(shown[0], shown[1], shown[4]) for shown in rows(answer)] == [
        ("ICT", "BEDS", "10.00"),
        ("ICT", "HERTS", "20.00"),
        ("HR", "BEDS", "-10.00"),
        ("HR", "HERTS", "-20.00"),
        ("Fleet", "BEDS", "-2.33"),
        ("Fleet", "HERTS", "-4.67"),
        ("Estates", "BEDS", "2.33"),
        ("Estates", "HERTS", "4.67"),
        (None, "BEDS", "0.00"),
        (None, "HERTS", "0.00"),
    ]
    moved = [[cause for cause, pence in row_["effects"].items() if pence != "0.00"] for row_ in answer["rows"]]
    assert moved == [["cost"]] * 4 + [["ended"]] * 2 + [["started"]] * 2 + [["started", "ended"]] * 2
    assert answer["without_a"] == [{"unit": "Estates", "year": "2018/19"}]
    assert answer["without_b"] == [{"unit": "Fleet", "year": "2018/19"}]
    narrowed = document(a, b, "--unit", "hr")
    assert [(shown[0], shown[4]) for shown in rows(narrowed)] == [
        ("HR", "-10.00"),
        ("HR", "-20.00"),
        (None, "-10.00"),
        (None, "-20.00"),
    ]
    assert (narrowed["without_a"], narrowed["without_b"]) == ([], [])


def test_a_year_alone(tmp_path: Path) -> None:
    two: Table = [["unit", "2018/19", "2019/20"], ["ICT", 900, 90]]
    figures: Table = [["year", "BEDS", "HERTS"], ["2018/19", 1, 2], ["2019/20", 1, 2]]
    a = file(tmp_path, Budgets=two, NRE=figures)
    answer = document(a, scenario(tmp_path, MORE), "--year", "2019/20")
    assert [(shown["unit"], shown["year"], shown["difference"]) for shown in answer["rows"]] == [
        ("ICT", "2019/20", "0.00"),
        ("ICT", "2019/20", "0.00"),
        (None, "2019/20", "0.00"),
        (None, "2019/20", "0.00"),
    ]


def test_a_partner_that_joins(tmp_path: Path) -> None:
    """900.00 on 1 : 2 : 3 is 150, 300 and 450: what the two no longer pay the third does, by the terms."""
    joins = """
    [[Forces]]
    force = "CAMBS"
    [[NRE]]
    year = "2018/19"
    CAMBS = 300
    """
    answer = document(file(tmp_path), scenario(tmp_path, joins))
    assert rows(answer)[:3] == [
        ("ICT", "BEDS", "300.00", "150.00", "-150.00", {"terms": "-150.00"}),
        ("ICT", "HERTS", "600.00", "300.00", "-300.00", {"terms": "-300.00"}),
        ("ICT", "CAMBS", "0.00", "450.00", "450.00", {"terms": "450.00"}),
    ]


def test_every_cause_by_hand(tmp_path: Path) -> None:
    """Direct to HERTS 30.00 in the place of BEDS' 20.00; a protection of BEDS at 250.00 is taken away.

    A: 300 and 600, of which HERTS relieves BEDS of 50: 250 + 20 and 650. B: 300 and 600 + 30.
    """
    rows_: Table = [
        ["unit", "year", "amount", "direct to", "line"],
        ["ICT", "2018/19", 900, None, "pay"],
        ["ICT", "2018/19", 20, "BEDS", "rent"],
    ]
    kept: Table = [["unit", "BEDS", "HERTS"], ["ICT", 250, 700]]
    text = """
    [[Budgets]]
    unit = "ICT"
    year = "2018/19"
    line = "rent"
    amount = 30
    "direct to" = "HERTS"
    [[Principles]]
    unit = "ICT"
    "from year" = "2018/19"
    "no loser %" = 0
    """
    answer = document(file(tmp_path, Budgets=rows_, Baselines=kept), scenario(tmp_path, text))
    assert rows(answer)[:2] == [
        ("ICT", "BEDS", "270.00", "300.00", "30.00", {"direct": "-20.00", "no_loser": "50.00"}),
        ("ICT", "HERTS", "650.00", "630.00", "-20.00", {"direct": "30.00", "no_loser": "-50.00"}),
    ]


def test_the_screen_says_who_gains(tmp_path: Path) -> None:
    ran = run("compare", file(tmp_path), scenario(tmp_path, EQUAL))
    lines = [line.split() for line in ran.out.splitlines()]
    assert ran.out.startswith("Who gains and who loses in 2018/19: A is a.xlsx, B is b.toml (£)\n")
    assert ["BEDS", "loses", "+150"] in lines and ["HERTS", "gains", "-150"] in lines
    assert ["A", "300", "600", "900"] in lines and ["B", "450", "450", "900"] in lines
    assert ["difference", "150", "-150", "0"] in lines and ["%", "50.0%", "-25.0%", "0.0%"] in lines
    assert "BEDS   +150  ICT: its share of NRE changes (NRE)" in ran.out
    whole = run("compare", file(tmp_path), scenario(tmp_path, EQUAL), "--show", "gains").out
    lines = [line.split() for line in whole.splitlines()]
    assert ["2018/19", "BEDS", "300.00", "450.00", "150.00", "loses"] in lines
    assert ["2018/19", "HERTS", "600.00", "450.00", "-150.00", "gains"] in lines


def test_the_csv_and_the_workbook(tmp_path: Path) -> None:
    out, again = tmp_path / "out.xlsx", tmp_path / "again.xlsx"
    words = [file(tmp_path), scenario(tmp_path, MORE)]
    ran = run("compare", *words, "--csv", "-o", out)
    assert ran.code == 0
    shown = [
        (line["unit"], line["force"], line["a"], line["b"], line["cost"]) for line in csv.DictReader(StringIO(ran.out))
    ]
    assert shown == [
        ("ICT", "BEDS", "300.00", "400.00", "100.00"),
        ("ICT", "HERTS", "600.00", "800.00", "200.00"),
        ("", "BEDS", "300.00", "400.00", "100.00"),
        ("", "HERTS", "600.00", "800.00", "200.00"),
    ]
    cover = {line[0]: line[1] for line in load_workbook(out)["About"].iter_rows(values_only=True)}
    assert (cover["A"], cover["B"]) == ("a.xlsx", "b.toml")
    assert run("compare", *words, "-o", again).code == 0
    assert out.read_bytes() == again.read_bytes()


@pytest.mark.long
@settings(max_examples=25)
@given(books(), books())
def test_effects_sum_whatever_is_compared(inputs_a: Inputs, other: Inputs) -> None:
    comparison = compare(("A", "B"), apportion(inputs_a), apportion(other))
    a = {(r.unit.code, r.year): r.totals() for r in comparison.a.results}
    b = {(r.unit.code, r.year): r.totals() for r in comparison.b.results}
    assert {(bridge.unit, bridge.year) for bridge in comparison.moved.bridges} == a.keys() | b.keys()
    totals = comparison.moved.totals()
    assert sum(sum(bridge.actual.values()) for bridge in totals) == sum(sum(paid.values()) for paid in b.values())
    assert sum(sum(bridge.plan.values()) for bridge in totals) == sum(sum(paid.values()) for paid in a.values())
    for bridge in (*comparison.moved.bridges, *totals):
        for force in bridge.forces():
            moved = sum(bridge.effects[cause][force] for cause in LEDGER_CAUSES)
            assert moved == bridge.actual[force] - bridge.plan[force]
            if bridge.unit is not None:
                assert bridge.plan[force] == a.get((bridge.unit, bridge.year), {}).get(force, 0)
                assert bridge.actual[force] == b.get((bridge.unit, bridge.year), {}).get(force, 0)


@pytest.mark.long
@settings(max_examples=25)
@given(books())
def test_from_year_to_year_terms_that_stay_move_nothing(given_: Inputs) -> None:
    """Either way through the years, unless an agreed set begins between them."""
    ledger = apportion(given_)
    for old, new in permutations(ledger.years(), 2):
        sides = between(ledger.only(years=[old]), ledger, old, [new])
        (total,) = sides.totals()
        paid = [sum(line.pence for line in ledger.lines if line.year == year) for year in (old, new)]
        assert paid[1] - paid[0] == sum(sum(by_force.values()) for by_force in total.effects.values())
        for bridge in sides.bridges:
            sets = given_.agreed.get(str(bridge.unit), ())
            if not any(min(old, new) < agreed_.from_year <= max(old, new) for agreed_ in sets):
                assert not any(bridge.effects["terms"].values())


# On two bases


TWO = ("BEDS", "HERTS")
ICT, HR = Unit("ICT", pooled_from=date(2015, 4, 1)), Unit("HR", pooled_from=date(2015, 4, 1))
CALLS = monthly(("2010-04", "2019-03", {"BEDS": 25, "HERTS": 75}))


def row(unit: str, pence: int, kind: LineType = "revenue", year: int = 2018, **more: Any) -> BudgetRow:
    return BudgetRow(unit, Y(year), pence, "", type=kind, **more)


def rolling(
    budgets: Sequence[BudgetRow] = (), parameters: dict[str, ParameterValue] | None = None, **more: Any
) -> Inputs:
    """ICT: NRE 1 : 2, demand 1 : 3; HR has no driver."""
    return inputs(
        TWO,
        [ICT, HR],
        budgets or [row("ICT", 900_00)],
        {"ICT": ["calls"]},
        demand={"calls": CALLS},
        nre=nre(TWO, y2018=(1_00, 2_00)),
        principles=terms((None, 2010, parameters or {})),
        **more,
    )


def moved(comparison: Comparison) -> dict[tuple[str | None, str], tuple[int, int]]:
    """What each force pays on both sides, by unit."""
    return {(b.unit, f): (b.plan[f], b.actual[f]) for b in comparison.moved.bridges for f in b.forces()}


def tipping(comparison: Comparison) -> list[tuple[str, Fraction, Fraction | None, bool]]:
    return [(point.force, point.demand_share, point.tipping_share, point.reachable) for point in comparison.tipping]


QUARTER, THIRD = Fraction(1, 4), Fraction(1, 3)


def test_nre_and_demand() -> None:
    comparison = on_two_bases(rolling(), ("nre", "demand"))
    assert moved(comparison) == {("ICT", "BEDS"): (300_00, 225_00), ("ICT", "HERTS"): (600_00, 675_00)}
    assert comparison.names == ("basis nre", "basis demand") and comparison.not_comparable == ()
    (bridge,) = comparison.moved.bridges
    assert {cause: list(by.values()) for cause, by in bridge.effects.items() if any(by.values())} == {
        "terms": [-75_00, 75_00]
    }
    assert tipping(comparison) == [("BEDS", QUARTER, THIRD, True), ("HERTS", 3 * QUARTER, 2 * THIRD, True)]
    assert [point.movement for point in comparison.tipping] == [Fraction(25, 3), Fraction(-25, 3)]


def test_the_other_way_round_the_tipping_point_is_the_same() -> None:
    comparison = on_two_bases(rolling(), ("demand", "nre"))
    assert moved(comparison) == {("ICT", "BEDS"): (225_00, 300_00), ("ICT", "HERTS"): (675_00, 600_00)}
    assert tipping(comparison) == tipping(on_two_bases(rolling(), ("nre", "demand")))


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        # half stands on NRE, so the other half must be NRE too
        ({"fixed base %": Fraction(50)}, [(THIRD, True), (2 * THIRD, True)]),
        # half on equal shares: 1/3 = 1/4 + x/2, so x = 1/6; 2/3 = 1/4 + x/2, so x = 5/6
        ({"fixed base %": Fraction(50), "fixed base on": "equal"}, [(Fraction(1, 6), True), (Fraction(5, 6), True)]),
        # two thirds: 1/3 = 1/3 + x/3, so x = 0, the last that is reachable; and 1
        (
            {"fixed base %": Fraction(200, 3), "fixed base on": "equal"},
            [(Fraction(0), True), (Fraction(1), True)],
        ),
        # four fifths: 1/3 = 2/5 + x/5, so x = −1/3; 2/3 = 2/5 + x/5, so x = 4/3
        (
            {"fixed base %": Fraction(80), "fixed base on": "equal"},
            [(Fraction(-1, 3), False), (Fraction(4, 3), False)],
        ),
        # all of it: demand has no part in the share
        ({"fixed base %": Fraction(100), "fixed base on": "equal"}, [(None, False), (None, False)]),
        # on the other side whole percents are what is paid
        ({"share decimals": 0}, [(Fraction(33, 100), True), (Fraction(67, 100), True)]),
    ],
    ids=str,
)
def test_the_tipping_point(parameters: dict[str, ParameterValue], expected: list[tuple[Fraction | None, bool]]) -> None:
    comparison = on_two_bases(rolling(parameters=parameters), ("nre", "demand"))
    assert [(tip, reachable) for _, _, tip, reachable in tipping(comparison)] == expected


def test_at_the_tipping_point_a_force_pays_the_same() -> None:
    """Half on equal shares: where BEDS' demand is 1/6 it pays 300.00 of 900.00 on demand as on NRE."""
    parameters: dict[str, ParameterValue] = {"fixed base %": Fraction(50), "fixed base on": "equal"}
    there = replace(
        rolling(parameters=parameters),
        demand={"calls": monthly(("2010-04", "2019-03", {"BEDS": 1, "HERTS": 5}))},
    )
    assert moved(on_two_bases(there, ("nre", "demand")))["ICT", "BEDS"] == (300_00, 300_00)


def test_against_agreed_shares() -> None:
    comparison = on_two_bases(rolling(agreed={"ICT": (agreed("ICT", 2017, BEDS=40, HERTS=60),)}), ("agreed", "demand"))
    assert moved(comparison)["ICT", "BEDS"] == (360_00, 225_00)
    assert [tip for _, _, tip, _ in tipping(comparison)] == [Fraction(2, 5), Fraction(3, 5)]


def test_no_tipping_point_where_neither_or_both_stand_on_demand() -> None:
    assert on_two_bases(rolling(), ("auto", "demand")).tipping == ()
    sets = {"ICT": (agreed("ICT", 2017, BEDS=40, HERTS=60),)}
    assert on_two_bases(rolling(agreed=sets), ("nre", "agreed")).tipping == ()
    kept = rolling(parameters={"rebase tolerance": Fraction(20)}, agreed=sets)  # the agreed shares stay on demand too
    comparison = on_two_bases(kept, ("nre", "demand"))
    assert moved(comparison)["ICT", "BEDS"] == (300_00, 360_00) and comparison.tipping == ()


def test_units_that_cannot_stand_on_a_basis_are_listed() -> None:
    """HR has no demand; the totals that would hold its budget against the ledger do not stand in the way."""
    totals = (ControlTotal(Y(2018), 990_00), ControlTotal(Y(2018), 900_00, "ICT"))
    given_ = rolling([row("ICT", 900_00), row("HR", 90_00)], control_totals=totals)
    comparison = on_two_bases(given_, ("nre", "demand"))
    assert {unit for unit, _ in moved(comparison)} == {"ICT"}
    assert [unit_year.unit for unit_year in comparison.not_comparable] == ["HR"]
    assert "no usable demand data" in comparison.not_comparable[0].reason
    assert [unit_year.unit for unit_year in on_two_bases(given_, ("agreed", "demand")).not_comparable] == ["ICT", "HR"]
    assert on_two_bases(given_, ("nre", "auto")).not_comparable == ()


def test_a_unit_alone_on_two_bases() -> None:
    """The others stand as they do: HR on NRE on both sides."""
    given_ = rolling([row("ICT", 900_00), row("HR", 90_00)])
    comparison = on_two_bases(given_, ("nre", "demand"), ["ICT"])
    assert comparison.not_comparable == ()
    assert moved(comparison)["HR", "BEDS"] == (30_00, 30_00) and moved(comparison)["ICT", "BEDS"] == (300_00, 225_00)


def test_what_else_is_wrong_is_a_problem() -> None:
    short = replace(rolling(), nre=nre(("BEDS",), y2018=(1_00,)))
    with pytest.raises(InputProblems) as raised:
        on_two_bases(short, ("nre", "demand"))
    assert {problem.code for problem in raised.value.problems} == {"nre-missing"}


DEMAND: dict[str, Any] = {
    "Drivers": [["unit", "driver"], ["ICT", "calls"]],
    "Demand": [["driver", "period", "BEDS", "HERTS"], ["calls", "2016/17", 25, 75]],
    "Principles": [["from year", "window months", "lag months"], ["2018/19", 12, 12]],
}


def test_two_bases_in_the_document_and_on_the_screen(tmp_path: Path) -> None:
    book = file(tmp_path, **DEMAND)
    answer = document(book, "--basis", "nre", "--basis", "demand")
    assert (answer["a"], answer["b"]) == ("basis nre", "basis demand")
    assert answer["tipping"] == [
        {
            "unit": "ICT",
            "year": "2018/19",
            "force": "BEDS",
            "demand_share": "0.250000",
            "tipping_share": "0.333333",
            "movement": "8.333333",
            "reachable": True,
        },
        {
            "unit": "ICT",
            "year": "2018/19",
            "force": "HERTS",
            "demand_share": "0.750000",
            "tipping_share": "0.666667",
            "movement": "-8.333333",
            "reachable": True,
        },
    ]
    ran = run("compare", book, "--basis", "nre", "--basis", "demand", "--show", "tipping")
    assert "Tipping points" in ran.out and "before no loser" in ran.out
    never = document(book, "--basis", "nre", "--basis", "demand", "--set", "fixed base %=100")["tipping"]
    assert [(point["tipping_share"], point["movement"], point["reachable"]) for point in never] == [
        (None, None, False)
    ] * 2


# With and without a partner


def three(*budgets: BudgetRow, units: Sequence[Unit] = (ICT, HR), **more: Any) -> Inputs:
    """NRE 1 : 3 : 2 of BEDS, CAMBS and HERTS; without HERTS 1 : 3."""
    years = {budget.year.start for budget in budgets}
    figures = {f"y{year}": (1_00, 3_00, 2_00) for year in years}
    return inputs(THREE, units, budgets, nre=nre(THREE, **figures), **more)


def left(comparison: Comparison) -> list[tuple[str, int, int]]:
    """What the force that leaves leaves uncovered, and what leaves with it; the others pay just so much more."""
    for gap in comparison.uncovered:
        bridge = next(b for b in comparison.moved.bridges if (b.unit, b.year) == (gap.unit, gap.year))
        if not bridge.is_alone:
            others = [f for f in bridge.forces() if f != gap.force]
            assert sum(bridge.actual[f] - bridge.plan[f] for f in others) == gap.amount
            assert bridge.actual.get(gap.force, 0) == 0
            assert bridge.plan[gap.force] == gap.amount + gap.own
    return [(gap.unit, gap.amount, gap.own) for gap in comparison.uncovered]


def test_without_a_force() -> None:
    """600.00 is 100, 300 and 200; then 150 and 450."""
    comparison = without(three(row("ICT", 600_00)), "HERTS")
    assert left(comparison) == [("ICT", 200_00, 0)]
    assert moved(comparison) == {
        ("ICT", "BEDS"): (100_00, 150_00),
        ("ICT", "CAMBS"): (300_00, 450_00),
        ("ICT", "HERTS"): (200_00, 0),
    }
    assert comparison.names == ("book.xlsx", "without HERTS")


def test_direct_and_unpooled_lines_leave_with_it() -> None:
    """Direct to HERTS 30.00 and, never pooled, held by HERTS 90.00; held by CAMBS 12.00 stays CAMBS'."""
    budgets = [
        row("ICT", 600_00),
        row("ICT", 30_00, direct_to="HERTS"),
        row("ICT", 90_00, held_by="HERTS"),
        row("ICT", 12_00, held_by="CAMBS"),
    ]
    comparison = without(three(*budgets, units=(Unit("ICT"),)), "HERTS")
    assert left(comparison) == [("ICT", 200_00, 120_00)]
    assert moved(comparison)["ICT", "BEDS"] == (100_00, 150_00)
    assert moved(comparison)["ICT", "CAMBS"] == (312_00, 462_00)


def test_a_line_direct_to_another_force_stays_whoever_holds_it() -> None:
    """30.00 direct to BEDS, through HERTS' ledger: BEDS bears it with HERTS and without."""
    comparison = without(three(row("ICT", 600_00), row("ICT", 30_00, held_by="HERTS", direct_to="BEDS")), "HERTS")
    assert left(comparison) == [("ICT", 200_00, 0)]
    assert moved(comparison)["ICT", "BEDS"] == (130_00, 180_00)


def test_held_lines_stay_as_far_as_they_are_pooled() -> None:
    """Pooled from 1 October 2019, half of the leap year: of 120.00 held by HERTS 60.00 leaves, 60.00 is shared.

    660.00 is 110, 330 and 220; then 165 and 495.
    """
    half = Unit("ICT", pooled_from=date(2019, 10, 1))
    budgets = [row("ICT", 600_00, year=2019), row("ICT", 120_00, year=2019, held_by="HERTS")]
    comparison = without(three(*budgets, units=(half,)), "HERTS")
    assert left(comparison) == [("ICT", 220_00, 60_00)]
    assert moved(comparison) == {
        ("ICT", "BEDS"): (110_00, 165_00),
        ("ICT", "CAMBS"): (330_00, 495_00),
        ("ICT", "HERTS"): (280_00, 0),
    }


def test_wholly_pooled_lines_and_implementation_are_left_behind() -> None:
    """Held by HERTS and pooled 60.00, implementation 60.00 through HERTS: 10, 30 and 20 each; then 15 and 45 each."""
    budgets = [row("ICT", 60_00, held_by="HERTS"), row("ICT", 60_00, "implementation", held_by="HERTS")]
    comparison = without(three(*budgets), "HERTS")
    assert left(comparison) == [("ICT", 40_00, 0)]
    assert moved(comparison)["ICT", "BEDS"] == (20_00, 30_00) and moved(comparison)["ICT", "CAMBS"] == (60_00, 90_00)


def test_agreed_shares_of_the_others_keep_their_proportions() -> None:
    """20, 30 and 50; then 40 and 60."""
    given_ = three(
        row("ICT", 600_00),
        agreed={"ICT": (agreed("ICT", 2017, BEDS=20, CAMBS=30, HERTS=50),)},
    )
    comparison = without(given_, "HERTS")
    assert left(comparison) == [("ICT", 300_00, 0)]
    assert moved(comparison)["ICT", "BEDS"] == (120_00, 240_00) and moved(comparison)["ICT", "CAMBS"] == (
        180_00,
        360_00,
    )


def test_agreed_shares_of_one_force_alone_fall_away() -> None:
    """All on HERTS; without it the other two stand on NRE, 1 : 3."""
    given_ = three(row("ICT", 600_00), agreed={"ICT": (agreed("ICT", 2017, BEDS=0, CAMBS=0, HERTS=100),)})
    comparison = without(given_, "HERTS")
    assert moved(comparison)["ICT", "BEDS"] == (0, 150_00) and left(comparison) == [("ICT", 600_00, 0)]


def test_baselines_lead_and_business_case_go_with_it() -> None:
    """100, 300 and 200 against 50, 400 and 300: CAMBS and HERTS relieve BEDS by 25 each. Without HERTS 150 and 450
    against 50 and 400: both are above, and nobody can relieve anybody."""
    given_ = three(
        row("ICT", 600_00),
        units=(replace(ICT, lead="HERTS"),),
        baselines={"ICT": baselines(BEDS=50_00, CAMBS=400_00, HERTS=300_00)},
        business_cases=(BusinessCase("ICT", Y(2018), "v1", {"BEDS": 1, "CAMBS": 2, "HERTS": 3}),),
    )
    comparison = without(given_, "HERTS")
    assert left(comparison) == [("ICT", 225_00, 0)]
    assert moved(comparison) == {
        ("ICT", "BEDS"): (50_00, 150_00),
        ("ICT", "CAMBS"): (325_00, 450_00),
        ("ICT", "HERTS"): (225_00, 0),
    }
    assert comparison.b.inputs.units[0].lead == "" and comparison.b.inputs.business_cases == ()
    assert set(comparison.b.inputs.baselines["ICT"]) == {"BEDS", "CAMBS"}


def test_demand_is_shared_by_the_others() -> None:
    """Demand 1 : 1 : 2; then 1 : 1. Of 600.00 it is 150, 150, 300; then 300 each."""
    data = monthly(("2010-04", "2019-03", {"BEDS": 1, "CAMBS": 1, "HERTS": 2}))
    comparison = without(three(row("ICT", 600_00), drivers={"ICT": ["calls"]}, demand={"calls": data}), "HERTS")
    assert left(comparison) == [("ICT", 300_00, 0)] and moved(comparison)["ICT", "CAMBS"] == (150_00, 300_00)


def test_every_rule_at_once_for_the_members_left() -> None:
    """A unit half pooled in 2019/20, on agreed shares of 20, 30 and 50, with baselines and implementation costs.

    HERTS bears its direct 40.00, half of the 120.00 it holds, half of the pooled 660.00, and 20.00 of 60.00 on NRE: it
    leaves 350.00, and 100.00 leaves with it. The others bear 660.00 on 20 : 30 and 60.00 on NRE 1 : 3. Without HERTS no
    line is held, so that the baselines 200.00 and 500.00 are tested: BEDS pays 64.00 less, CAMBS 64.00 more.
    """
    half = Unit("ICT", pooled_from=date(2019, 10, 1), lead="HERTS")
    budgets = [
        row("ICT", 600_00, year=2019),
        row("ICT", 120_00, year=2019, held_by="HERTS"),
        row("ICT", 40_00, year=2019, direct_to="HERTS"),
        row("ICT", 60_00, "implementation", year=2019, held_by="HERTS"),
    ]
    given_ = three(
        *budgets,
        units=(half,),
        agreed={"ICT": (agreed("ICT", 2017, BEDS=20, CAMBS=30, HERTS=50),)},
        baselines={"ICT": baselines(BEDS=200_00, CAMBS=500_00, HERTS=300_00)},
        control_totals=(ControlTotal(Y(2019), 820_00, "ICT"),),
    )
    comparison = without(given_, "HERTS")
    assert left(comparison) == [("ICT", 350_00, 100_00)]
    assert moved(comparison) == {
        ("ICT", "BEDS"): (132_00 + 10_00, 264_00 - 64_00 + 15_00),
        ("ICT", "CAMBS"): (198_00 + 30_00, 396_00 + 64_00 + 45_00),
        ("ICT", "HERTS"): (330_00 + 20_00 + 60_00 + 40_00, 0),
    }


def test_a_unit_of_its_own_goes_with_it() -> None:
    """HR is shared by nobody else: what it bears there is left, and B has no such unit."""
    alone = replace(HR, members=("HERTS",))
    comparison = without(three(row("ICT", 600_00), row("HR", 90_00), units=(ICT, alone)), "HERTS")
    assert left(comparison) == [("ICT", 200_00, 0), ("HR", 90_00, 0)]
    assert moved(comparison)["HR", "HERTS"] == (90_00, 0)
    assert [(unit_year.unit, unit_year.year) for unit_year in comparison.moved.without_actual] == [("HR", Y(2018))]


def test_units_that_it_does_not_share_and_units_not_named_stay() -> None:
    others = replace(HR, members=("BEDS", "CAMBS"))
    budgets = (row("ICT", 600_00), row("HR", 80_00))
    assert left(without(three(*budgets, units=(ICT, others)), "HERTS")) == [("ICT", 200_00, 0)]
    comparison = without(three(row("ICT", 600_00), row("HR", 60_00)), "HERTS", ["HR"])
    assert left(comparison) == [("HR", 20_00, 0)]
    assert moved(comparison)["ICT", "HERTS"] == (200_00, 200_00) and moved(comparison)["HR", "HERTS"] == (20_00, 0)


def test_control_totals_do_not_stand_in_the_way() -> None:
    """The ledger's 630.00 has HERTS' own 30.00 in it, which leaves."""
    totals = (ControlTotal(Y(2018), 630_00),)
    budgets = (row("ICT", 600_00), row("ICT", 30_00, direct_to="HERTS"))
    assert left(without(three(*budgets, control_totals=totals), "HERTS")) == [("ICT", 200_00, 30_00)]


@pytest.mark.long
@settings(max_examples=40)
@given(books(), st.integers(0, 3))
def test_the_others_pay_what_is_left_uncovered(given_: Inputs, place: int) -> None:
    codes = given_.force_codes()
    force = codes[place % len(codes)]
    comparison = without(given_, force)
    assert len(left(comparison)) == len({(budget.unit, budget.year) for budget in given_.budgets})


def test_without_in_the_document(tmp_path: Path) -> None:
    answer = document(file(tmp_path), "--without", "herts")
    assert answer["uncovered"] == [
        {"unit": "ICT", "year": "2018/19", "force": "HERTS", "amount": pounds(600_00), "own": "0.00"}
    ]
    assert [shown[1:5] for shown in rows(answer) if shown[0]] == [
        ("BEDS", "300.00", "900.00", "600.00"),
        ("HERTS", "600.00", "0.00", "-600.00"),
    ]
    assert (answer["a"], answer["b"]) == ("a.xlsx", "without HERTS")
    out = run("compare", file(tmp_path), "--without", "HERTS").out
    assert "HERTS would leave £600 uncovered, which side B has the others pay; £0 leaves with it." in out


@pytest.mark.long
def test_a_scenario_that_begins_later_says_so() -> None:
    """The wider base begins in 2020/21, after the last budgets; the unit that joins in 2019/20 does change figures."""
    later = document(ALLIANCE, EXAMPLES / "wider_base.toml", "--year", "2018/19", "--year", "2019/20")
    said = "gives the same figures as alliance.xlsx in 2018/19 to 2019/20: what it changes begins in 2020/21"
    assert later["notes"][0] == f"wider_base.toml {said}"
    joins = document(ALLIANCE, EXAMPLES / "norfolk_joins.toml", "--year", "2019/20")
    earlier = document(ALLIANCE, EXAMPLES / "norfolk_joins.toml", "--year", "2018/19")
    assert not any("same figures" in note for note in joins["notes"])
    assert earlier["notes"][0] == "norfolk_joins.toml gives the same figures as alliance.xlsx in 2018/19"


def test_the_examples() -> None:
    """A partner that joins takes from the others what it pays; a partner that leaves leaves them what it paid."""
    joins = document(ALLIANCE, EXAMPLES / "norfolk_joins.toml", "--year", "2019/20")
    units = {shown[0] for shown in rows(joins) if shown[1] == "NORFOLK" and shown[0]}
    assert units == {"Procurement"}
    assert sum(Fraction(shown[4]) for shown in rows(joins) if shown[0] == "Procurement") == 0
    leaves = document(ALLIANCE, "--without", "HERTS", "--year", "2019/20")
    more: dict[str | None, Fraction] = {}
    for shown in rows(leaves):
        if shown[1] != "HERTS":
            more[shown[0]] = more.get(shown[0], Fraction(0)) + Fraction(shown[4])
    assert leaves["uncovered"]
    for shown in leaves["uncovered"]:
        assert more[shown["unit"]] == Fraction(shown["amount"])


# How it ends


def test_usage(tmp_path: Path) -> None:
    book, other, changed = file(tmp_path), file(tmp_path, "b.xlsx"), scenario(tmp_path, "")
    wrong: list[list[str | Path]] = [
        [],
        [other, "--without", "HERTS"],
        [changed, "--basis", "nre", "--basis", "demand"],
        ["--without", "HERTS", "--basis", "nre", "--basis", "demand"],
        ["--basis", "nre"],
        ["--basis", "nre", "--basis", "demand", "--basis", "agreed"],
        ["--basis", "nre", "--basis", "luck"],
        ["--without", "ESSEX"],
        [changed, changed, changed],
        [other, changed],
        [changed, other],
        [tmp_path / "nowhere.xlsx"],
        [tmp_path],
        [changed, "--unit", "HR"],
        [changed, "--year", "2030/31"],
        [changed, "-o", changed, "--overwrite"],
        [other, "-o", other, "--overwrite"],
    ]
    for words in wrong:
        ran = run("compare", book, *words)
        assert (ran.code, ran.out) == (2, ""), words
    assert run("compare", book, changed).code == 0


def test_problems_of_either_side(tmp_path: Path) -> None:
    wrong = file(tmp_path, "b.xlsx", Budgets=[["unit", "year", "amount"], ["ICT", "2018/19", "much"]])
    for words in ((file(tmp_path), wrong), (wrong, file(tmp_path))):
        ran = run("compare", *words)
        assert (ran.code, ran.out) == (3, "") and "C2" in ran.err
    ran = run("compare", file(tmp_path), scenario(tmp_path, "[["), "--json")
    assert ran.code == 3 and json.loads(ran.out)["problems"][0]["code"] == "scenario-unreadable"


def test_a_control_that_fails_on_one_side(tmp_path: Path) -> None:
    book = file(tmp_path, Control_totals=[["year", "amount"], ["2018/19", 900]])
    ran = run("compare", book, scenario(tmp_path, MORE))
    assert (ran.code, ran.out) == (4, "")


def test_quiet(tmp_path: Path) -> None:
    unpooled = file(tmp_path, Units=[["unit", "pooled from"], ["ICT", "2030-04-01"]])
    loud, quiet = (run("compare", unpooled, scenario(tmp_path, MORE), *words) for words in ((), ("-q",)))
    assert "2 notes." in loud.out and (quiet.code, quiet.out, quiet.err) == (0, loud.out, "")
    shown = run("compare", unpooled, scenario(tmp_path, MORE), "--show", "notes").out
    assert shown.startswith("Notes\n") and "without a holder" in shown


def test_without_the_only_member_of_a_unit(tmp_path: Path) -> None:
    """ICT's 900 is shared 300 and 600: without BEDS HERTS takes up 300; HR's 70 were BEDS's alone."""
    budgets: Table = [["unit", "year", "amount"], ["ICT", "2018/19", 900], ["HR", "2018/19", 70]]
    book = file(tmp_path, Units=[["unit", "forces"], ["ICT", None], ["HR", "BEDS"]], Budgets=budgets)
    out = run("compare", book, "--without", "BEDS").out
    assert "BEDS would leave £300 uncovered, which side B has the others pay; £0 leaves with it." in out
    assert "£70 has nobody left to bear it (HR)." in out
    assert run("compare", book, "--without", "BEDS", "--without", "HERTS").code == 2


def test_a_unit_that_cannot_be_compared_is_no_unit_without_budgets() -> None:
    ran = run("compare", ALLIANCE, "--basis", "nre", "--basis", "demand", "--year", "2019/20")
    assert "1 unit-year not compared" in ran.out and "No query is unanswered." in ran.out


def test_without_a_partner_the_control_totals_are_those_of_the_workbook() -> None:
    ran = run("compare", ALLIANCE, "--without", "HERTS", "--year", "2018/19")
    assert "budgets agree with 3 control totals (2017/18 to 2018/19)" in ran.out
