"""Scenarios and parameters set by hand: what they add, what they replace, how they are named, and their stamps."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bch_apportion import apportion, read_workbook
from bch_apportion.model import Inputs
from bch_apportion.problems import InputProblems, Problem
from bch_apportion.reading.scenarios import BadSetting
from tests.books import Table, two_forces, write_book
from tests.program import run

Pounds = dict[tuple[str, str], tuple[float, float]]
Sheets = dict[str, Any]  # the table of each sheet

# 900.00 on NRE 1 : 2 is 300.00 and 600.00.
NINE: Sheets = {"Budgets": [["unit", "year", "amount"], ["ICT", "2018/19", 900]]}


def scenario(folder: Path, text: str, name: str = "pay.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def read(folder: Path, texts: str | Sequence[str], settings: Sequence[str] = (), **sheets: Table) -> Inputs:
    """A workbook of two forces under scenarios, called pay.toml, s1.toml, …"""
    given = [texts] if isinstance(texts, str) else texts
    files = [scenario(folder, text, f"s{n}.toml" if n else "pay.toml") for n, text in enumerate(given)]
    book = write_book(folder / "b.xlsx", two_forces(**{**NINE, **sheets}))
    return read_workbook(book, scenarios=files, settings=settings)


def pay(inputs: Inputs) -> Pounds:
    """What BEDS and HERTS pay in pounds, by unit and year."""
    amounts: Pounds = {}
    for result in apportion(inputs).results:
        paid = result.totals()
        amounts[result.unit.code, str(result.year)] = (paid.get("BEDS", 0) / 100, paid.get("HERTS", 0) / 100)
    return amounts


def ict(folder: Path, texts: str | Sequence[str], settings: Sequence[str] = (), **sheets: Table) -> tuple[float, float]:
    """What BEDS and HERTS pay for ICT in 2018/19."""
    return pay(read(folder, texts, settings, **sheets))["ICT", "2018/19"]


def problems(
    folder: Path, texts: str | Sequence[str], settings: Sequence[str] = (), **sheets: Table
) -> tuple[Problem, ...]:
    with pytest.raises(InputProblems) as raised:
        read(folder, texts, settings, **sheets)
    return raised.value.problems


def places(listed: Sequence[Problem]) -> list[tuple[str, str, str]]:
    return [(problem.code, problem.sheet, problem.cell) for problem in listed]


# Rows added


def test_rows_are_added_to_the_sheets(tmp_path: Path) -> None:
    """ICT gets 30.00 more (930.00: 310.00 and 620.00); HR is new, and 2019/20 on an NRE of 1 : 1."""
    text = """
    [[Units]]
    unit = "HR"
    [[NRE]]
    year = "2019/20"
    BEDS = 50
    HERTS = 50
    [[Budgets]]
    unit = "ICT"
    year = "2018/19"
    line = "licences"
    amount = 30
    [[Budgets]]
    unit = "hr"
    year = "2019/20"
    amount = 8
    """
    assert pay(read(tmp_path, text)) == {("ICT", "2018/19"): (310, 620), ("HR", "2019/20"): (4, 4)}


def test_a_sheet_that_the_workbook_has_not(tmp_path: Path) -> None:
    """Agreed percentages of 40 and 60, and the row that puts the unit on them: of 900.00 it is 360.00 and 540.00."""
    text = """
    [[Principles]]
    "from year" = "2018/19"
    basis = "agreed"
    [["Agreed shares"]]
    unit = "ICT"
    "from year" = "2018/19"
    BEDS = 40
    HERTS = 60
    """
    assert ict(tmp_path, text) == (360, 540)


def test_a_needed_sheet_that_the_workbook_has_not(tmp_path: Path) -> None:
    """The workbook has no Budgets at all; the scenario gives them."""
    sheets = two_forces()
    del sheets["Budgets"]
    book = write_book(tmp_path / "b.xlsx", sheets)
    scenario_ = scenario(tmp_path, '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\namount = 9\n')
    assert pay(read_workbook(book, scenarios=[scenario_])) == {("ICT", "2018/19"): (3, 6)}
    with pytest.raises(InputProblems):
        read_workbook(book)


def test_assumptions_have_no_key_and_are_added(tmp_path: Path) -> None:
    rows: Table = [["from year", "kind", "value"], ["2019/20", "uplift %", 2]]
    text = '[[Assumptions]]\n"from year" = "2019/20"\nkind = "uplift %"\nvalue = 3\n'
    assumptions = read(tmp_path, text, Assumptions=rows).assumptions
    assert [(assumption.value, str(assumption.cell)) for assumption in assumptions] == [
        (Fraction(2), "Assumptions!C2"),
        (Fraction(3), "pay.toml: Assumptions!value 1"),
    ]


# A row with the same key takes the place of what is there


BUDGETS: Table = [
    ["unit", "year", "amount", "line"],
    ["ICT", "2018/19", 600, "Pay"],
    ["ICT", "2018/19", 300, "pay"],
    ["ICT", "2018/19", 90, "rent"],
    ["ICT", "2018/19", 15, None],
    ["ICT", "2019/20", 600, "pay"],
]
TWO_YEARS: Table = [["year", "BEDS", "HERTS"], ["2018/19", 100, 200], ["2019/20", 100, 200]]


def test_all_budget_rows_of_a_unit_year_and_line(tmp_path: Path) -> None:
    """30.00 is in the place of both pay lines of 2018/19: 30 + 90 + 15 = 135, a third is 45. 2019/20 stays: 600."""
    text = '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\nline = " PAY "\namount = 30\n'
    paid = pay(read(tmp_path, text, Budgets=BUDGETS, NRE=TWO_YEARS))
    assert paid == {("ICT", "2018/19"): (45, 90), ("ICT", "2019/20"): (200, 400)}


def test_several_rows_of_one_key_all_stand(tmp_path: Path) -> None:
    """Two pay lines of 30.00 and 60.00 in the place of two: 30 + 60 + 90 + 15 = 195, a third is 65."""
    row = '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\nline = "pay"\namount = {}\n'
    assert ict(tmp_path, row.format(30) + row.format(60), Budgets=BUDGETS, NRE=TWO_YEARS) == (65, 130)


def test_a_blank_line_replaces_lines_without_a_name(tmp_path: Path) -> None:
    """0 in the place of the 15.00 without a line: 600 + 300 + 90 = 990, a third is 330."""
    for line in ("", 'line = ""\n'):
        text = f'[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\n{line}amount = 0\n'
        assert ict(tmp_path, text, Budgets=BUDGETS, NRE=TWO_YEARS) == (330, 660)


def test_budgets_with_a_key_for_each_year(tmp_path: Path) -> None:
    """60.00 and 66.00 for pay; the rest as it was: 60 + 90 + 15 = 165 and 66."""
    text = '[[Budgets]]\nunit = "ICT"\nline = "pay"\n"2018/19" = 60\n"2019-20" = 66\n'
    paid = pay(read(tmp_path, text, Budgets=BUDGETS, NRE=TWO_YEARS))
    assert paid == {("ICT", "2018/19"): (55, 110), ("ICT", "2019/20"): (22, 44)}


NRE_TIDY: Table = [["year", "force", "nre"], ["2018/19", "BEDS", 100], ["2018/19", "HERTS", 200]]
NRE_YEARS: Table = [["force", "2017/18", "2018/19"], ["BEDS", 1, 100], ["HERTS", 1, 200]]
PRINCIPLES: Table = [
    ["unit", "from year", "share decimals", "nre lag years", "reference"],
    [None, "2018/19", 0, 1, "minute 7"],
]
WINDOW: Table = [
    ["from year", "window months", "lag months", "max share movement"],
    ["2018/19", 3, 9, 100],
]
DRIVERS: Table = [["unit", "driver", "weight"], ["ICT", "calls", 1], ["ICT", "cars", 1]]
CALLS: Table = [["unit", "driver"], ["ICT", "calls"]]
MONTHS: Table = [
    ["driver", "period", "BEDS", "HERTS"],
    ["calls", "2017-04", 10, 30],
    ["calls", "2017-05", 10, 30],
    ["calls", "2017-06", 10, 30],
]
QUARTERS: Table = [
    ["driver", "period", "force", "volume"],
    ["calls", "2017/18 Q1", "BEDS", 10],
    ["calls", "2017/18 Q1", "HERTS", 30],
    ["cars", "2017/18 Q1", "BEDS", 30],
    ["cars", "2017/18 Q1", "HERTS", 10],
]
AGREED: Table = [
    ["unit", "from year", "force", "share %"],
    ["ICT", "2018/19", "BEDS", 40],
    ["ICT", "2018/19", "HERTS", 60],
]
ON_AGREED: Table = [["from year", "basis"], ["2018/19", "agreed"]]
HELD: Table = [["unit", "year", "amount", "held by"], ["ICT", "2018/19", 365, "HERTS"]]
POOLED: Table = [["unit", "programme", "pooled from"], ["ICT", "ops", "2018-04-01"]]
BASELINES: Table = [["unit", "force", "amount", "year"], ["ICT", "BEDS", 500, "2017/18"], ["ICT", "HERTS", 400, None]]
INDICES: Table = [["year", "index"], ["2017/18", 100], ["2018/19", 110]]
UPRATE: Table = [["name", "value"], ["uprate baselines", "yes"]]
CONTROLS: Table = [["year", "amount"], ["2018/19", 900]]

REPLACED: dict[str, tuple[str, Sheets, tuple[float, float]]] = {
    # 900 on 500 : 400
    "NRE tidy, wide in the scenario": (
        '[[nre]]\nyear = "2018/19"\nBEDS = 500\nHERTS = 400\n',
        {"NRE": NRE_TIDY},
        (500, 400),
    ),
    # only HERTS is replaced: 100 : 800
    "NRE wide, tidy in the scenario": (
        '[[NRE]]\nyear = "2018-19"\nforce = "herts"\nnre = "£800.00"\n',
        {},
        (100, 800),
    ),
    "NRE by year": ('[[NRE]]\nforce = "HERTS"\n"2018/19" = 800\n', {"NRE": NRE_YEARS}, (100, 800)),
    # without a scenario the lag takes 2017/18 (1 : 1); what the row does not give is blank, so 1 : 2, in whole percents
    "Principles, the row as a whole": (
        '[[Principles]]\n"from year" = "2018/19"\nshare_decimals = 0\n',
        {"Principles": PRINCIPLES, "NRE": NRE_YEARS},
        (297, 603),
    ),
    # a row of the unit stands beside the general one
    "Principles, another key": (
        '[[Principles]]\nunit = "ICT"\n"from year" = "2018/19"\n"share decimals" = "exact"\n',
        {"Principles": PRINCIPLES, "NRE": NRE_YEARS},
        (450, 450),
    ),
    # 40 of 120 was 30 of 120; HERTS has 30 in each month, BEDS 10, 10 and now 40: 60 of 150
    "Demand, a month": (
        '[[Demand]]\ndriver = "CALLS"\nperiod = "Jun-17"\nBEDS = 40\n',
        {"Demand": MONTHS, "Drivers": CALLS, "Principles": WINDOW},
        (360, 540),
    ),
    # calls 10 : 30, now 30 : 30; a half and three quarters, equally weighed, is five eighths
    "Demand, a quarter": (
        '[[Demand]]\ndriver = "calls"\nperiod = "2017-04..2017-06"\nforce = "BEDS"\nvolume = 30\n',
        {"Demand": QUARTERS, "Drivers": DRIVERS, "Principles": WINDOW},
        (562.5, 337.5),
    ),
    # a quarter of the one and three quarters of the other; weighed 3 : 1 it is 3/8
    "Drivers": (
        '[[Drivers]]\nunit = "ICT"\ndriver = "calls"\nweight = 3\n',
        {"Demand": QUARTERS, "Drivers": DRIVERS, "Principles": WINDOW},
        (337.5, 562.5),
    ),
    # pooled from 1 October: 183 of 365 days stay with HERTS, 183.00; 182.00 by thirds is 60.67 and 121.33
    "Units": (
        '[[Units]]\nunit = "ICT"\n"pooled from" = 2018-10-01\n',
        {"Units": POOLED, "Budgets": HELD},
        (60.67, 304.33),
    ),
    "Agreed shares": (
        '[["agreed-shares"]]\nunit = "ICT"\nfrom_year = "2018/19"\nBEDS = 25\nHERTS = 75\n',
        {"Agreed shares": AGREED, "Principles": ON_AGREED},
        (225, 675),
    ),
    # the earlier set stays, the later one counts
    "Agreed shares from another year": (
        '[["Agreed shares"]]\nunit = "ICT"\n"from year" = "2017/18"\nBEDS = 25\nHERTS = 75\n',
        {"Agreed shares": AGREED, "Principles": ON_AGREED},
        (360, 540),
    ),
    # HERTS pays 600.00 and paid 400.00; BEDS' 500.00 are 600.00 at an index of 120, so it has 300.00 to give
    "Deflators": (
        '[[Deflators]]\nyear = "2018/19"\nindex = 120\n',
        {"Baselines": BASELINES, "Deflators": INDICES, "Settings": UPRATE},
        (500, 400),
    ),
    # a baseline's key is unit and force, whatever its year: 350.00, so BEDS has 50.00 to give
    "Baselines": (
        '[[Baselines]]\nunit = "ICT"\nforce = "BEDS"\namount = 350\nyear = "2018/19"\n',
        {"Baselines": BASELINES, "Deflators": INDICES, "Settings": UPRATE},
        (350, 550),
    ),
    # with indices as they are BEDS could give 250.00; without uprating 200.00: either carries HERTS' 200.00
    "Settings": (
        '[[Settings]]\nname = "Uprate_Baselines"\nvalue = false\n[[Deflators]]\nyear = "2018/19"\nindex = 60\n',
        {"Baselines": BASELINES, "Deflators": INDICES, "Settings": UPRATE},
        (500, 400),
    ),
    "Control totals": (
        '[["Control totals"]]\nyear = "2018/19"\namount = 90\n'
        '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\namount = 90\n',
        {"Control totals": CONTROLS},
        (30, 60),
    ),
    # the alias is new, and the scenario may use it at once
    "Forces": (
        '[[Forces]]\nforce = "HERTS"\naliases = ["Hertfordshire", "HC"]\n'
        '[[NRE]]\nyear = "2018/19"\nforce = "hc"\nnre = 800\n',
        {},
        (100, 800),
    ),
}


@pytest.mark.parametrize("name", REPLACED)
def test_replaced(tmp_path: Path, name: str) -> None:
    text, sheets, expected = REPLACED[name]
    assert ict(tmp_path, text, **sheets) == expected


def test_what_a_row_does_not_give_is_blank_and_noted(tmp_path: Path) -> None:
    text = REPLACED["Principles, the row as a whole"][0]
    inputs = read(tmp_path, text, Principles=PRINCIPLES, NRE=NRE_YEARS)
    (note,) = [note_ for note_ in inputs.notes if "replaces" in note_]
    assert note.startswith("pay.toml: Principles!") and note.endswith("blank: nre lag years, reference")
    units = read(tmp_path, REPLACED["Units"][0], Units=POOLED)
    assert units.units[0].programme == ""
    assert any(note_.endswith("blank: programme") for note_ in units.notes)


def test_an_outturn_is_replaced_and_a_payment_is_added(tmp_path: Path) -> None:
    """Of 900.00 BEDS paid all and bears 300.00. Now it paid 600.00 and got 150.00 and 30.00: 600 − 180 − 200 = 220."""
    sheets = two_forces(
        Actuals=[["unit", "year", "amount", "paid by"], ["ICT", "2018/19", 900, "BEDS"]],
        Payments=[["year", "from", "to", "amount"], ["2018/19", "HERTS", "BEDS", 150]],
    )
    book = write_book(tmp_path / "b.xlsx", sheets)
    text = """
    [[Actuals]]
    unit = "ICT"
    year = "2018/19"
    amount = 600
    "paid by" = "BEDS"
    [[Payments]]
    year = "2018/19"
    from = "HERTS"
    to = "BEDS"
    amount = 30
    """
    answer = json.loads(run("settle", book, "--scenario", scenario(tmp_path, text), "--json").out)
    assert answer["payments"] == [{"from": "HERTS", "to": "BEDS", "amount": "220.00"}]
    assert json.loads(run("settle", book, "--json").out)["payments"][0]["amount"] == "450.00"


def test_a_business_case_and_its_explanation_are_replaced(tmp_path: Path) -> None:
    sheets: Sheets = {
        "Business cases": [["unit", "year", "amount", "version"], ["ICT", "2018/19", 700, "v1"]],
        "Explanations": [["unit", "year", "cause", "text"], ["ICT", "2018/19", "cost", "dearer"]],
    }
    text = """
    [["Business cases"]]
    unit = "ICT"
    year = "2018/19"
    version = "V1"
    amount = 800
    [[Explanations]]
    unit = "ICT"
    year = "2018/19"
    cause = "Cost"
    text = "cheaper"
    """
    inputs = read(tmp_path, text, **sheets)
    assert [case.total() for case in inputs.business_cases] == [80_000]
    assert [explanation.text for explanation in inputs.explanations] == ["cheaper"]


# Several scenarios


def test_the_later_scenario_wins(tmp_path: Path) -> None:
    row = '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\namount = {}\n'
    assert ict(tmp_path, [row.format(90), row.format(30)]) == (10, 20)
    assert ict(tmp_path, [row.format(30), row.format(90)]) == (30, 60)


def test_stacked_scenarios_leave_each_others_other_rows(tmp_path: Path) -> None:
    """90.00 by the first, then NRE 1 : 4 by the second: 18.00 and 72.00."""
    budgets = '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\namount = 90\n'
    nre = '[[NRE]]\nyear = "2018/19"\nforce = "HERTS"\nnre = 400\n'
    assert ict(tmp_path, [budgets, nre]) == ict(tmp_path, [nre, budgets]) == (18, 72)


def test_a_sheet_that_only_the_scenarios_have_is_stacked_too(tmp_path: Path) -> None:
    first = REPLACED["Agreed shares"][0]
    row = '[["Agreed shares"]]\nunit = "ICT"\n"from year" = "2018/19"\nforce = "{}"\n"share %" = "{}"\n'
    second = row.format("BEDS", "10 %") + row.format("HERTS", "90%")
    assert ict(tmp_path, [first, second], Principles=ON_AGREED) == (90, 810)


def test_it_is_laid_over_the_rows_of_joined_workbooks_too(tmp_path: Path) -> None:
    """HERTS has 30 in each month; BEDS 10 in the workbook, 10 and 20 in the joined one, now 40 there: 60 of 150."""
    text = '[[Demand]]\ndriver = "calls"\nperiod = "2017-06"\nBEDS = 40\n[[Budgets]]\nunit = "ICT"\n'
    laid = scenario(tmp_path, f'{text}year = "2018/19"\nline = "pay"\namount = 600\n')
    own = two_forces(**NINE, Demand=MONTHS[:2], Drivers=CALLS, Principles=WINDOW)
    book = write_book(tmp_path / "b.xlsx", own)
    demand: Table = [MONTHS[0], MONTHS[2], ["calls", "2017-06", 20, 30]]
    pays: Table = [["unit", "year", "amount", "line"], ["ICT", "2018/19", 100, "pay"], ["ICT", "2018/19", 50, "rent"]]
    more = write_book(tmp_path / "more.xlsx", {"Demand": demand, "Budgets": pays})
    inputs = read_workbook(book, scenarios=[laid], joined=[more])
    assert pay(inputs) == {("ICT", "2018/19"): (620, 930)}  # 900, 600 and 50 on 2 : 3
    replaced = {change.sheet: list(map(str, change.replaces)) for change in inputs.changes}
    assert replaced == {"Demand": ["more.xlsx: Demand!C3"], "Budgets": ["more.xlsx: Budgets!C2"]}
    answer = document("explain", book, "--unit", "ICT", "--year", "2018/19", "--scenario", laid, "--with", more)
    assert answer["drivers"][0]["cells"] == [
        "Demand!C2",
        "Demand!D2",
        "more.xlsx: Demand!C2",
        "more.xlsx: Demand!D2:D3",
        "pay.toml: Demand!BEDS 1",
    ]


def test_a_scenario_that_changes_nothing(tmp_path: Path) -> None:
    same = '[[Budgets]]\nunit = "ict"\nyear = "2018-19"\namount = "900"\n[[NRE]]\nyear = "FY19"\nBEDS = 100\n'
    plain = [(line.force, line.pence, line.share) for line in apportion(read(tmp_path, [])).lines]
    for text in ("", "# nothing\n", same):
        assert [(line.force, line.pence, line.share) for line in apportion(read(tmp_path, text)).lines] == plain


# How things are written


def test_names_in_any_case_with_spaces_and_underscores(tmp_path: Path) -> None:
    text = """
    [[agreed_SHARES]]
    UNIT = " ict "
    From_Year = "FY2018/19"
    Force = "beds"
    "Share %" = 40.0
    [[agreed_SHARES]]
    UNIT = "Ict"
    From_Year = "18/19"
    Force = "HERTS "
    "Share %" = "60%"
    [PRINCIPLES]
    from-year = "2018/19"
    Basis = "Agreed"
    """
    assert ict(tmp_path, text) == (360, 540)


@pytest.mark.parametrize("value", ['["BEDS"]', '"BEDS"', '[" beds ", "BEDS"]'])
def test_lists_of_forces(tmp_path: Path, value: str) -> None:
    assert ict(tmp_path, f'[[Principles]]\n"from year" = "2018/19"\nforces = {value}\n') == (900, 0)
    assert ict(tmp_path, f'[[Units]]\nunit = "ICT"\nforces = {value}\n') == (900, 0)


@pytest.mark.parametrize("value", ["2018-10-01", '"2018-10-01"', '"1 October 2018"', "2018-10-01T09:30:00"])
def test_dates(tmp_path: Path, value: str) -> None:
    text = f'[[Units]]\nunit = "ICT"\n"pooled from" = {value}\n'
    assert ict(tmp_path, text, Units=POOLED, Budgets=HELD) == (60.67, 304.33)


@pytest.mark.parametrize("value", ["50", "50.0", '"50"', '"50%"', '" 50 % "'])
def test_percentages(tmp_path: Path, value: str) -> None:
    """Half on NRE (a third), half on demand (a quarter): 7/24 of 900.00 is 262.50."""
    sheets: Sheets = {"Demand": MONTHS, "Drivers": CALLS, "Principles": WINDOW}
    text = f'[[Principles]]\nunit = "ICT"\n"from year" = "2018/19"\n"fixed base %" = {value}\n'
    assert ict(tmp_path, text, **sheets) == (262.5, 637.5)


def test_a_blank_text_is_a_blank_cell(tmp_path: Path) -> None:
    """A blank unit is all units, a blank parameter leaves it as it was."""
    text = '[[Principles]]\nunit = ""\n"from year" = "2018/19"\nbasis = "  "\n"share decimals" = 0\n'
    assert ict(tmp_path, text) == (297, 603)
    (problem,) = problems(tmp_path, '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\namount = ""\n')
    assert (problem.code, problem.sheet, problem.cell) == ("blank-value", "pay.toml: Budgets", "amount 1")


def test_a_row_of_blanks_is_no_row(tmp_path: Path) -> None:
    text = '[[Budgets]]\nunit = ""\nyear = ""\namount = ""\n[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\namount = 9\n'
    assert ict(tmp_path, text) == (3, 6)


def test_money_in_thousands_holds_for_the_scenario_too(tmp_path: Path) -> None:
    settings: Table = [["name", "value"], ["money in", "thousands"]]
    text = '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\namount = 0.9\n'
    assert ict(tmp_path, text, Settings=settings) == (300, 600)


def test_money_in_thousands_says_what_it_multiplies(tmp_path: Path) -> None:
    """The NRE is a thousand times itself: the shares stay; Budgets has its own scale in its heading."""
    budgets: Table = [["unit", "year", "amount (£)"], ["ICT", "2018/19", 900]]
    given = read(tmp_path, '[[Settings]]\nname = "money in"\nvalue = "thousands"\n', Budgets=budgets)
    assert pay(given)["ICT", "2018/19"] == (300, 600)
    says = "pay.toml sets money in: the workbook's amounts on NRE are now read in thousands of pounds, not in pounds"
    assert says in given.notes


def test_money_in_pounds_of_one_sheet_says_so(tmp_path: Path) -> None:
    settings: Table = [["name", "value"], ["money in", "thousands"]]
    given = read(tmp_path, '[[Settings]]\nname = "money in NRE"\nvalue = "pounds"\n', Settings=settings)
    says = "pay.toml sets money in: the workbook's amounts on NRE are now read in pounds, not in thousands of pounds"
    assert [note for note in given.notes if "money in" in note] == [says]


def test_a_key_that_no_sheet_knows_is_noted(tmp_path: Path) -> None:
    text = '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\namount = 9\ncolour = "red"\n'
    inputs = read(tmp_path, text)
    assert pay(inputs)["ICT", "2018/19"] == (3, 6)
    assert any("pay.toml: Budgets" in note and "“colour”" in note for note in inputs.notes)


def test_a_key_that_is_nearly_one_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, '[[Principles]]\n"from year" = "2018/19"\n"fixed base" = 10\n')
    assert (problem.code, problem.sheet) == ("column-misspelt", "pay.toml: Principles")
    assert "“fixed base %”" in problem.message


# What is wrong with a scenario


def test_a_table_that_is_no_sheet(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, '[[Colours]]\nunit = "ICT"\n')
    assert (problem.code, problem.sheet, problem.value) == ("scenario-table-unknown", "pay.toml", "Colours")
    (near,) = problems(tmp_path, '[[Budgts]]\nunit = "ICT"\n')
    assert "“Budgets”" in near.message


def test_a_sheet_and_its_keys_by_several_spellings(tmp_path: Path) -> None:
    """The rows stand behind each other and are counted on: 9.00 and 90.00 are 99.00."""
    text = """
    [[Budgets]]
    unit = "ICT"
    year = "2018/19"
    amount = 9
    [[BUDGETS]]
    Unit = "ICT"
    "Year" = "2018/19"
    Amount = 90
    """
    assert ict(tmp_path, text) == (33, 66)
    (problem,) = problems(tmp_path, text.replace("Amount = 90", 'Amount = "much"'))
    assert (problem.code, problem.cell) == ("not-an-amount", "amount 2")


def test_a_key_given_twice_in_a_row(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, ROW.format('"ICT"', '"2018/19"', 1) + "Amount = 2\n")
    assert (problem.code, problem.sheet, problem.cell) == ("column-twice", "pay.toml: Budgets", "Amount 1")


@pytest.mark.parametrize(
    "content", [b"[[Budgets]\n", b"unit: ICT\n", b"\xff\xfe", b"a = 1\na = 2\n", b"a = " + b"9" * 5_000]
)
def test_a_file_that_is_no_toml(tmp_path: Path, content: bytes) -> None:
    book = write_book(tmp_path / "b.xlsx", two_forces())
    (tmp_path / "pay.toml").write_bytes(content)
    with pytest.raises(InputProblems) as raised:
        read_workbook(book, scenarios=[tmp_path / "pay.toml"])
    assert [(problem.code, problem.sheet) for problem in raised.value.problems] == [("scenario-unreadable", "pay.toml")]


def test_windows_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    book = write_book(tmp_path / "b.xlsx", two_forces())
    text = '[[Budgets]]\r\nunit = "ICT"\r\nyear = "2018/19"\r\namount = 9\r\n'
    (tmp_path / "pay.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert pay(read_workbook(book, scenarios=[str(tmp_path / "pay.toml")]))["ICT", "2018/19"] == (3, 6)


@pytest.mark.parametrize("value", ["{ code = 1 }", "[1, 2]", f"[0x{'f' * 5_000}]", '["BEDS", 3]', "10:30:00", "[[1]]"])
def test_a_value_that_no_cell_holds(tmp_path: Path, value: str) -> None:
    (problem,) = problems(tmp_path, f'[[Units]]\nunit = "ICT"\nforces = {value}\n')
    assert (problem.code, problem.sheet, problem.cell) == ("scenario-value", "pay.toml: Units", "forces 1")


def test_a_number_of_thousands_of_digits(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, ROW.format('"ICT"', '"2018/19"', f"0x{'f' * 5_000}"))
    assert (problem.code, problem.message) == ("not-an-amount", "“a number of thousands of digits” is not an amount")


def test_a_table_that_is_no_table(tmp_path: Path) -> None:
    assert places(problems(tmp_path, "Budgets = 5\n")) == [("scenario-value", "pay.toml", "Budgets 1")]
    assert places(problems(tmp_path, "Budgets = [5]\n")) == [("scenario-value", "pay.toml", "Budgets 1")]


def test_keys_that_are_too_few(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\n')
    assert (problem.code, problem.sheet) == ("column-missing", "pay.toml: Budgets")
    assert "amount is missing" in problem.message


ROW = "[[Budgets]]\nunit = {}\nyear = {}\namount = {}\n"
SECOND = ROW.format('"ICT"', '"2018/19"', 900) + 'line = "pay"\n'
MISREAD: dict[str, tuple[str, tuple[str, str, str]]] = {
    "an amount": (ROW.format('"ICT"', '"2018/19"', '"much"'), ("not-an-amount", "Budgets", "amount 1")),
    "an endless amount": (ROW.format('"ICT"', '"2018/19"', "inf"), ("not-an-amount", "Budgets", "amount 1")),
    "a huge amount": (ROW.format('"ICT"', '"2018/19"', "9" * 400), ("not-an-amount", "Budgets", "amount 1")),
    "an amount that is true": (ROW.format('"ICT"', '"2018/19"', "true"), ("not-an-amount", "Budgets", "amount 1")),
    "of the second row": (SECOND + ROW.format('"ICT"', '"18"', 1), ("not-a-year", "Budgets", "year 2")),
    "a bare year": (ROW.format('"ICT"', 2018, 1), ("bare-year", "Budgets", "year 1")),
    "a unit": (ROW.format('"IT"', '"2018/19"', 1), ("unknown-unit", "Budgets", "unit 1")),
    "a force": ('[[NRE]]\nyear = "2018/19"\nforce = "ESSEX"\nnre = 1\n', ("unknown-force", "NRE", "force 1")),
    "a heading nearly a force": (
        '[[NRE]]\nyear = "2018/19"\nBEDDS = 1\nHERTS = 1\n',
        ("unknown-force", "NRE", "BEDDS"),
    ),
    "a date": ('[[Units]]\nunit = "ICT"\n"pooled from" = "soon"\n', ("not-a-date", "Units", "pooled from 1")),
    "a choice": (
        '[[Principles]]\n"from year" = "2018/19"\nbasis = "luck"\n',
        ("unknown-choice", "Principles", "basis 1"),
    ),
    "a range": (
        '[[Principles]]\n"from year" = "2018/19"\n"fixed base %" = 101\n',
        ("out-of-range", "Principles", "fixed base % 1"),
    ),
    "a volume": (
        '[[Demand]]\ndriver = "calls"\nperiod = "2017-04"\nBEDS = -1\n',
        ("negative-volume", "Demand", "BEDS 1"),
    ),
}


@pytest.mark.parametrize("name", MISREAD)
def test_what_cannot_be_read_is_named_by_the_scenarios_key(tmp_path: Path, name: str) -> None:
    text, (code, sheet, cell) = MISREAD[name]
    sheets: Sheets = {"Demand": MONTHS} if "Demand" in text else {}
    assert places(problems(tmp_path, text, **sheets)) == [(code, f"pay.toml: {sheet}", cell)]


ASSUMED = '[[Assumptions]]\n"from year" = "2019/20"\nkind = "{}"\nvalue = {}\n'
DOUBTFUL: dict[str, tuple[str, Sheets, tuple[str, str, str]]] = {
    "NRE": ('[[NRE]]\nyear = "2018/19"\nBEDS = 0\n', {}, ("nre-not-positive", "NRE", "BEDS 1")),
    "NRE twice": (
        '[[NRE]]\nyear = "2018/19"\nBEDS = 5\n[[NRE]]\nyear = "2018/19"\nBEDS = 6\n',
        {},
        ("duplicate-key", "NRE", "BEDS 2"),
    ),
    "Agreed shares": (
        '[["Agreed shares"]]\nunit = "ICT"\n"from year" = "2018/19"\nforce = "BEDS"\n"share %" = -40\n',
        {"Agreed shares": AGREED},
        ("out-of-range", "Agreed shares", "share % 1"),
    ),
    "Agreed shares of 90": (
        '[["Agreed shares"]]\nunit = "ICT"\n"from year" = "2018/19"\nBEDS = 40\nHERTS = 50\n',
        {"Agreed shares": AGREED},
        ("agreed-shares-not-100", "Agreed shares", "BEDS 1"),
    ),
    "Settings": (
        '[[Settings]]\nname = "uprate baselines"\nvalue = "perhaps"\n',
        {"Settings": UPRATE},
        ("not-yes-or-no", "Settings", "value 1"),
    ),
    "Settings unknown": (
        '[[Settings]]\nname = "colour"\nvalue = "red"\n',
        {"Settings": UPRATE},
        ("unknown-setting", "Settings", "name 1"),
    ),
    "Deflators": (
        '[[Deflators]]\nyear = "2018/19"\nindex = 0\n',
        {"Deflators": INDICES},
        ("out-of-range", "Deflators", "index 1"),
    ),
    "Drivers": (
        '[[Drivers]]\nunit = "ICT"\ndriver = "calls"\nweight = -1\n',
        {"Drivers": CALLS, "Demand": MONTHS},
        ("out-of-range", "Drivers", "weight 1"),
    ),
    "Principles": (
        '[[Principles]]\n"from year" = "2018/19"\nbasis = "demand"\n',
        {"Principles": ON_AGREED, "Agreed shares": AGREED},
        ("demand-without-reference", "Principles", "basis 1"),
    ),
    "Payments": (
        '[[Payments]]\nyear = "2018/19"\nfrom = "BEDS"\nto = "beds"\namount = 1\n',
        {"Payments": [["year", "from", "to", "amount"], ["2018/19", "BEDS", "HERTS", 1]]},
        ("payment-to-itself", "Payments", "to 1"),
    ),
    "Assumptions without a unit": (
        ASSUMED.format("growth", 5),
        {"Assumptions": [["from year", "kind", "value"], ["2019/20", "uplift %", 1]]},
        ("assumption-without-unit", "Assumptions", "kind 1"),
    ),
    "Assumptions": (
        ASSUMED.format("uplift %", '"two"'),
        {"Assumptions": [["from year", "kind", "value"], ["2019/20", "uplift %", 1]]},
        ("not-a-percentage", "Assumptions", "value 1"),
    ),
    "Assumptions' range": (
        ASSUMED.format("uplift %", 2) + "low = 3\n",
        {"Assumptions": [["from year", "kind", "value"], ["2019/20", "uplift %", 1]]},
        ("range-not-around-value", "Assumptions", "low 1"),
    ),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_is_not_sound_is_named_by_the_scenarios_key(tmp_path: Path, name: str) -> None:
    """Also where the workbook has the sheet, so that its own cells are read beside the scenario's."""
    text, sheets, (code, sheet, cell) = DOUBTFUL[name]
    listed = problems(tmp_path, text, **sheets)
    assert (code, f"pay.toml: {sheet}", cell) in places(listed)


def test_each_of_two_scenarios_names_itself(tmp_path: Path) -> None:
    """On a sheet that the workbook has not, a wrong value of the second is the second's."""
    first = '[[Deflators]]\nyear = "2017/18"\nindex = 100\n'
    assert places(problems(tmp_path, [first, '[[Deflators]]\nyear = "2018/19"\nindex = "x"\n'])) == [
        ("not-a-number", "s1.toml: Deflators", "index 1")
    ]
    assert places(problems(tmp_path, [first, '[[Deflators]]\nyear = "2018/19"\nindex = 0\n'])) == [
        ("out-of-range", "s1.toml: Deflators", "index 1")
    ]


def test_a_month_that_the_scenario_gives_again_by_its_quarter(tmp_path: Path) -> None:
    text = '[[Demand]]\ndriver = "calls"\nperiod = "2017/18 Q1"\nBEDS = 30\n'
    sheets: Sheets = {"Demand": MONTHS, "Drivers": CALLS, "Principles": WINDOW}
    (problem,) = problems(tmp_path, text, **sheets)
    assert problem.code == "duplicate-key" and "pay.toml: Demand!BEDS 1" in f"{problem.message} {problem.sheet}"


def test_problems_of_the_rules_and_of_both_files_at_once(tmp_path: Path) -> None:
    """The workbook has a wrong amount, the scenario a wrong year and a unit on agreed shares that it has not."""
    text = '[[Principles]]\n"from year" = "2018/19"\nbasis = "agreed"\n' + ROW.format('"ICT"', '"x"', 1)
    budgets: Table = [["unit", "year", "amount"], ["ICT", "2018/19", "much"]]
    assert places(problems(tmp_path, text, Budgets=budgets)) == [
        ("not-an-amount", "Budgets", "C2"),
        ("not-a-year", "pay.toml: Budgets", "year 1"),
        ("agreed-shares-missing", "pay.toml: Principles", "basis 1"),
    ]


# Parameters set by hand


DEMAND: Sheets = {"Demand": MONTHS, "Drivers": CALLS, "Principles": WINDOW}  # a quarter: 225.00 and 675.00
LATER: Table = [
    ["unit", "from year", "share decimals", "window months", "lag months", "max share movement"],
    [None, "2018/19", 2, 3, 9, 100],
    ["ICT", "2018/19", 1, None, None, None],
]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([], (225, 675)),
        (["ICT.basis=nre"], (300, 600)),
        (["basis=nre"], (300, 600)),
        (["HR.basis=nre"], (225, 675)),
        (["ICT.basis=demand", "basis=nre"], (225, 675)),  # the unit's beats the general one, whichever comes first
        (["basis=nre", "ICT.basis=demand"], (225, 675)),
        (["basis=nre", "basis=auto"], (225, 675)),  # of two alike the last counts
        (["ICT.basis=auto", "ICT.basis=nre"], (300, 600)),
        (["fixed base %=50"], (262.5, 637.5)),  # 7/24
        (["fixed base %=50", "fixed base on=equal"], (337.5, 562.5)),  # 3/8
        ([" ict . Fixed_Base_% = 50 % "], (262.5, 637.5)),
        (["People services.basis=nre", "ICT.basis=nre"], (300, 600)),
        (["forces=BEDS"], (900, 0)),
        (["forces=hertfordshire"], (0, 900)),
        (["ICT.forces=HERTS, BEDS"], (225, 675)),
        (["forces=BEDS", "ICT.forces=all"], (225, 675)),
    ],
    ids=str,
)
def test_set(tmp_path: Path, settings: list[str], expected: tuple[float, float]) -> None:
    sheets: Sheets = {
        **DEMAND,
        "Units": [["unit", "name"], ["ICT", None], ["HR", "People services"]],
        "Forces": [["force", "name"], ["BEDS", None], ["HERTS", "Hertfordshire"]],
    }
    assert ict(tmp_path, [], settings, **sheets) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([], (300.6, 599.4)),  # the unit's row: one decimal of a percent, 33.4 % and 66.6 %
        (["share decimals=exact"], (300.33, 599.67)),
        (["ICT.share decimals=exact"], (300.33, 599.67)),
        (["ICT.share decimals=0"], (297, 603)),
        (["ICT.share decimals=0", "share decimals=exact"], (297, 603)),
    ],
    ids=str,
)
def test_set_stands_before_every_row_of_the_sheet(
    tmp_path: Path, settings: list[str], expected: tuple[float, float]
) -> None:
    """Demand of 3337 : 6663 is 33.37 %: exact 300.33 of 900.00."""
    months: Table = [
        ["driver", "period", "BEDS", "HERTS"],
        *([["calls", month, 3337, 6663] for month in ("2017-04", "2017-05", "2017-06")]),
    ]
    assert ict(tmp_path, [], settings, Demand=months, Drivers=CALLS, Principles=LATER) == expected


def test_set_counts_in_every_year(tmp_path: Path) -> None:
    """Rows of 2018/19 and 2019/20 set the basis; 2017/18 has none. By hand all three are in whole percents of 1 : 2."""
    sheets: Sheets = {
        "Budgets": [["unit", "2017/18", "2018/19", "2019/20"], ["ICT", 100, 100, 100]],
        "NRE": [["year", "BEDS", "HERTS"], *([[year, 1, 2] for year in ("2017/18", "2018/19", "2019/20")])],
        "Principles": [["unit", "from year", "share decimals"], [None, "2018/19", 4], ["ICT", "2019/20", 1]],
    }
    assert set(pay(read(tmp_path, [], ["share decimals=0"], **sheets)).values()) == {(33, 67)}


def test_none_takes_a_tolerance_back(tmp_path: Path) -> None:
    """Agreed 27 and 73; the new share of 25 is within 5 points, so the agreed shares stay unless the tolerance goes."""
    principles: Table = [*WINDOW[:1], *WINDOW[1:]]
    sheets: Sheets = {
        **DEMAND,
        "Principles": [[*principles[0], "rebase tolerance"], [*principles[1], 5]],
        "Agreed shares": [["unit", "from year", "BEDS", "HERTS"], ["ICT", "2017/18", 27, 73]],
    }
    assert ict(tmp_path, [], **sheets) == (243, 657)
    assert ict(tmp_path, [], ["rebase tolerance=none"], **sheets) == (225, 675)
    assert ict(tmp_path, [], ["rebase tolerance=1.5"], **sheets) == (225, 675)
    assert ict(tmp_path, [], ["rebase tolerance=2"], **sheets) == (243, 657)


def test_set_stands_before_a_scenario(tmp_path: Path) -> None:
    text = '[[Principles]]\nunit = "ICT"\n"from year" = "2018/19"\nbasis = "nre"\n'
    assert ict(tmp_path, text, **DEMAND) == (300, 600)
    assert ict(tmp_path, text, ["basis=auto"], **DEMAND) == (225, 675)


WRONG = {
    "basis": "sets no parameter",
    "bass=nre": "did you mean “basis”?",
    "=5": "sets no parameter",
    "ICT.=5": "sets no parameter",
    "basis=": "gives no value",
    "basis=luck": "“luck” is no basis",
    "HR.basis=nre": "no unit “HR”",
    "IC.basis=nre": "no unit “IC”",
    "lag months=1.5": "“1.5” is not a whole number",
    "lag months=soon": "“soon” is not a number",
    "window months=0": "from 1 to 600",
    "fixed base %=101": "from 0 to 100",
    "no loser %=-1": "from 0 to 100",
    "share decimals=13": "from 0 to 12, or exact",
    "fixed base year=2018": "2018 names no financial year",
    "fixed base %=none": "“none” is not a percentage",
    "forces=ESSEX": "“ESSEX” is not a force of the Forces sheet",
}


@pytest.mark.parametrize("setting", WRONG)
def test_a_setting_that_cannot_be(tmp_path: Path, setting: str) -> None:
    with pytest.raises(BadSetting) as raised:
        read(tmp_path, [], [setting])
    assert WRONG[setting] in str(raised.value)
    ran = run("compute", tmp_path / "b.xlsx", "--set", setting)
    assert (ran.code, ran.out) == (2, "")
    assert "--set" in ran.err and WRONG[setting].replace("\n", " ") in " ".join(ran.err.split())


def test_a_problem_that_a_setting_makes_names_it(tmp_path: Path) -> None:
    (problem,) = problems_of_rules(tmp_path, ["basis=agreed"])
    assert (problem.code, problem.cell) == ("agreed-shares-missing", "--set")


def problems_of_rules(folder: Path, settings: Sequence[str]) -> tuple[Problem, ...]:
    inputs = read(folder, [], settings)
    with pytest.raises(InputProblems) as raised:
        apportion(inputs)
    return raised.value.problems


# On the command line


@pytest.fixture
def book(tmp_path: Path) -> Path:
    sheets = two_forces(
        **NINE,
        Actuals=[["unit", "year", "amount", "paid by"], ["ICT", "2018/19", 900, "BEDS"]],
        Business_cases=[["unit", "year", "amount"], ["ICT", "2018/19", 600]],
    )
    return write_book(tmp_path / "b.xlsx", sheets)


@pytest.fixture
def laid(tmp_path: Path) -> Path:
    """1,200.00 in the place of 900.00: on 1 : 2 it is 400.00 and 800.00, in whole percents 396.00 and 804.00."""
    return scenario(tmp_path, '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\namount = 1200\n')


def document(*words: str | Path) -> Any:
    ran = run(*words, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def totals(*words: str | Path) -> list[str]:
    return [row["amount"] for row in document(*words)["totals"]]


def test_the_json_names_scenarios_and_hashes(book: Path, laid: Path) -> None:
    answer = document("compute", book, "--scenario", laid, "--set", "ICT.share decimals=0")
    assert [row["amount"] for row in answer["totals"]] == ["396.00", "804.00"]
    assert answer["run"]["scenarios"] == ["pay.toml", "--set ICT.share decimals=0"]
    assert answer["run"]["scenario_sha256"] == {"pay.toml": hashlib.sha256(laid.read_bytes()).hexdigest()}
    plain = document("compute", book)["run"]
    assert plain["scenarios"] == [] and "scenario_sha256" not in plain


def test_the_csv_has_a_column_for_it(book: Path, laid: Path) -> None:
    ran = run("compute", book, "--scenario", laid, "--set", "share decimals=0", "--csv")
    rows = list(csv.DictReader(StringIO(ran.out)))
    assert [row["scenario"] for row in rows] == ["scenario pay.toml; set share decimals=0"] * 2
    assert [row["cells"] for row in rows] == ["pay.toml: Budgets!amount 1"] * 2
    assert "scenario" not in run("compute", book, "--csv").out.splitlines()[0]


def test_no_csv_has_two_columns_of_one_name(book: Path, laid: Path) -> None:
    for words in (("mtfs", book), ("compute", book), ("settle", book)):
        header = run(*words, "--scenario", laid, "--set", "share decimals=0", "--csv").out.splitlines()[0].split(",")
        assert len(header) == len(set(header)), words


def test_the_first_line_of_the_screen_says_so(book: Path, laid: Path) -> None:
    ran = run("compute", book, "--scenario", laid, "--set", "ICT.share decimals=0")
    assert ran.out.splitlines()[0].endswith("scenario pay.toml; set ICT.share decimals=0")
    assert "pay.toml" not in run("compute", book).out


def test_the_workbooks_cover_says_so(book: Path, laid: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    assert run("compute", book, "--scenario", laid, "--set", "share decimals=0", "-o", out).code == 0
    cells = {row[0]: row[1] for row in load_workbook(out)["About"].iter_rows(values_only=True)}
    digest = hashlib.sha256(laid.read_bytes()).hexdigest()
    assert cells["Scenario"] == f"pay.toml (SHA-256 {digest}); --set share decimals=0"


def test_a_scenario_is_never_written_to(book: Path, laid: Path, tmp_path: Path) -> None:
    copy = tmp_path / "pay.json"
    copy.write_bytes(laid.read_bytes())
    ran = run("compute", book, "--scenario", copy, "-o", copy, "--overwrite")
    assert ran.code == 2 and copy.read_bytes() == laid.read_bytes()


def test_several_on_the_command_line_are_stacked(book: Path, laid: Path, tmp_path: Path) -> None:
    other = scenario(tmp_path, '[[NRE]]\nyear = "2018/19"\nHERTS = 300\n', "nre.toml")
    last = scenario(tmp_path, '[[Budgets]]\nunit = "ICT"\nyear = "2018/19"\namount = 80\n', "last.toml")
    words: list[str | Path] = ["--scenario", laid, "--scenario", other]
    assert totals("compute", book, *words) == ["300.00", "900.00"]
    assert totals("compute", book, *words, "--scenario", last) == ["20.00", "60.00"]
    assert totals("compute", book, "--scenario", last, *words) == ["300.00", "900.00"]


def test_explain_shows_the_scenarios_cells(book: Path, laid: Path) -> None:
    words = ("explain", book, "--unit", "ICT", "--year", "2018/19", "--full")
    ran = run(*words, "--scenario", laid, "--set", "share decimals=0")
    assert ran.code == 0 and ran.out.splitlines()[0].endswith("scenario pay.toml; set share decimals=0")
    assert "pay.toml: Budgets!amount 1" in ran.out and "--set" in ran.out
    answer = document("explain", book, "--unit", "ICT", "--year", "2018/19", "--scenario", laid)
    assert "pay.toml: Budgets!amount 1" in json.dumps(answer)


def test_by_environment(book: Path, laid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = scenario(tmp_path, '[[NRE]]\nyear = "2018/19"\nHERTS = 300\n', "nre.toml")
    monkeypatch.setenv("BCH_APPORTION_SCENARIO", f"{laid}, {other}")
    assert totals("compute", book) == ["300.00", "900.00"]
    assert document("compute", book)["run"]["scenarios"] == ["pay.toml", "nre.toml"]
    monkeypatch.setenv("BCH_APPORTION_SCENARIO", str(laid))
    monkeypatch.setenv("BCH_APPORTION_SET", "ICT.basis=auto,share decimals=0")
    assert totals("compute", book) == ["396.00", "804.00"]
    monkeypatch.setenv("BCH_APPORTION_SET", "forces=BEDS,HERTS;share decimals=0")
    assert totals("compute", book) == ["396.00", "804.00"]


COMMANDS: list[list[str]] = [
    ["compute"],
    ["check"],
    ["explain", "--unit", "ICT", "--year", "2018/19"],
    ["variance"],
    ["variance", "--against", "budget"],
    ["track"],
    ["settle"],
    ["mtfs"],
    ["compare", "--basis", "nre", "--basis", "auto"],
    ["compare", "--without", "BEDS"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_takes_them(book: Path, laid: Path, words: list[str]) -> None:
    command, *options = words
    more = write_book(book.with_name("more.xlsx"), {"Deflators": [["year", "index"], ["2018/19", 100]]})
    laid_over: list[str | Path] = ["--scenario", laid, "--set", "share decimals=0", "--with", more]
    run_ = document(command, book, *options, *laid_over)["run"]
    assert run_["with"] == [{"file": "more.xlsx", "sha256": hashlib.sha256(more.read_bytes()).hexdigest()}]
    assert sorted(run_["scenarios"]) == ["--set share decimals=0", "pay.toml"]
    assert list(run_["scenario_sha256"]) == ["pay.toml"]
    wrong = run(command, book, *options, "--set", "bass=nre")
    assert wrong.code == 2 and "did you mean" in wrong.err
    missing = run(command, book, *options, "--scenario", "nowhere.toml")
    assert missing.code == 2 and "nowhere.toml" in missing.err
    missing = run(command, book, *options, "--with", "nowhere.xlsx")
    assert missing.code == 2 and "there is no file nowhere.xlsx" in missing.err


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_tells_what_is_wrong_with_a_scenario(book: Path, tmp_path: Path, words: list[str]) -> None:
    command, *options = words
    wrong = scenario(tmp_path, "[[Budgets]\n")
    ran = run(command, book, *options, "--scenario", wrong, "--json")
    assert ran.code == 3
    assert json.loads(ran.out)["problems"][0]["code"] == "scenario-unreadable"
