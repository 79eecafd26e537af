"""A figure of the live workbook is changed: the splits are those of the program, or a check says to run it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from openpyxl import load_workbook

from bch_apportion import apportion
from bch_apportion.ledger import Ledger
from bch_apportion.model import Baseline, BudgetRow, ControlTotal, Deflator, Inputs, Settings, Unit
from bch_apportion.places import Place
from bch_apportion.places import column_letters as letters
from bch_apportion.writing.excel import write
from bch_apportion.writing.report import Cover, Page
from tests.inputs import THREE, Y, agreed, inputs, monthly, nre, terms
from tests.libreoffice import Office
from tests.live.ledgers import live_sheets, small, splits_of, written

AGAIN = "CHANGED: run bch-apportion again"
CALLS = {"BEDS": 31, "CAMBS": Fraction(67, 2), "HERTS": 36}
CRIMES = {"BEDS": 7, "CAMBS": 1, "HERTS": 11}
NRE = (10_427_000_111, 13_000_000_377, 21_000_000_713)  # pence that have nothing in common


def given_with(**given: Any) -> Inputs:
    """A unit on demand, as agreed, with a fixed base of half, protected on uprated baselines; one on agreed shares."""
    figures: dict[str, Any] = {
        "drivers": {"HR": [("calls", 3), ("crimes", 1)]},
        "nre": nre(THREE, y2019=NRE),
        "demand": demand(CALLS),
        "baselines": {"HR": {f: Baseline(p, Y(2017)) for f, p in zip(THREE, (25_000, 33_003, 44_999), strict=True)}},
        "deflators": {Y(2017): Deflator(Fraction(1043, 10)), Y(2019): Deflator(Fraction(10817, 100))},
        "settings": Settings(uprate_baselines=True),
        "agreed": {"AGR": [agreed("AGR", 2019, BEDS=33, CAMBS=33, HERTS=34)]},
        "principles": principles(),
    }
    budgets = [BudgetRow("HR", Y(2019), 100_019, "pay"), BudgetRow("AGR", Y(2019), 5_001, "own")]
    return inputs(THREE, [Unit("HR", pooled_from=Y(2018).first_day()), Unit("AGR")], budgets, **{**figures, **given})


def demand(calls: Mapping[str, Any]) -> dict[str, Any]:
    return {"calls": monthly(("2014-01", "2021-12", calls)), "crimes": monthly(("2014-01", "2021-12", CRIMES))}


NAMES = {"fixed_base": "fixed base %", "no_loser": "no loser %", "tolerance": "rebase tolerance"}


def principles(**values: Fraction) -> Any:
    plain: dict[str, Any] = {"fixed base %": Fraction(50), "no loser %": Fraction(75), "basis": "demand"}
    return terms(
        (None, 2019, {**plain, **{NAMES[name]: value for name, value in values.items()}}),
        ("AGR", 2019, {"basis": "agreed"}),
    )


class Change(NamedTuple):
    """Cells of a sheet that are changed, by the texts in their rows, and the inputs that say the same."""

    sheet: str
    where: dict[str, str]
    value: Any
    inputs: Callable[[], Inputs] | None = None  # None: the program would not take it, or decides something anew
    given: Callable[[], Inputs] = given_with
    says: str = "RUN AGAIN: "  # where there are no such inputs


def with_calls(**changed: Any) -> Inputs:
    return given_with(demand=demand({**CALLS, **changed}))


def paying(pence: int) -> Inputs:
    changed = given_with()
    return replace(
        changed, budgets=tuple(replace(row, pence=pence) if row.unit == "HR" else row for row in changed.budgets)
    )


HR, BEDS = {"unit": "HR"}, {"unit": "HR", "driver": "calls", "force": "BEDS"}
FOLLOWED = {
    "a budget": Change("Budget lines", HR, 123_456.78, lambda: paying(12_345_678)),
    "a credit": Change("Budget lines", HR, -123_456.77, lambda: paying(-12_345_677)),
    "half a penny": Change("Budget lines", HR, 1.005, lambda: paying(101)),
    "half a penny of a credit": Change("Budget lines", HR, -8.165, lambda: paying(-817)),
    "half a penny of a million": Change("Budget lines", HR, 1_234_567.285, lambda: paying(123_456_729)),
    "an NRE": Change(
        "NRE used",
        {"force": "CAMBS"},
        141_000_007.77,
        lambda: given_with(nre=nre(THREE, y2019=(NRE[0], 14_100_000_777, NRE[2]))),
    ),
    "a volume": Change("Volumes used", BEDS, 36 * 32, lambda: with_calls(BEDS=32)),
    "a volume of more decimals": Change(
        "Volumes used", BEDS, 1116.123456, lambda: with_calls(BEDS=Fraction(1_116_123_456, 36 * 10**6))
    ),
    "a fixed base of more decimals": Change(
        "Terms used",
        {**HR, "parameter": "fixed base %"},
        37.1234,
        lambda: given_with(principles=principles(fixed_base=Fraction("37.1234"))),
    ),
    "no fixed base": Change(
        "Terms used",
        {**HR, "parameter": "fixed base %"},
        0,
        lambda: given_with(principles=principles(fixed_base=Fraction(0))),
    ),
    "a taper": Change(
        "Terms used",
        {**HR, "parameter": "no loser %"},
        33.3333,
        lambda: given_with(principles=principles(no_loser=Fraction("33.3333"))),
    ),
    "a driver's weight": Change(
        "Drivers used",
        {**HR, "driver": "calls"},
        1.375,
        lambda: given_with(drivers={"HR": (("calls", Fraction("1.375")), ("crimes", 1))}),
    ),
    "an index": Change(
        "Indices used",
        {"year": "2019/20"},
        112.3456,
        lambda: given_with(deflators={Y(2017): Deflator(Fraction(1043, 10)), Y(2019): Deflator(Fraction("112.3456"))}),
    ),
    "a baseline": Change(
        "Baselines used",
        {**HR, "force": "HERTS"},
        333.33,
        lambda: given_with(
            baselines={"HR": {f: Baseline(p, Y(2017)) for f, p in zip(THREE, (25_000, 33_003, 33_333), strict=True)}}
        ),
    ),
}
AGAIN_CASES = {
    "a text": Change("Budget lines", HR, "about 1,000"),
    "a blank": Change("NRE used", {"force": "CAMBS"}, None),
    "an NRE of nothing": Change("NRE used", {"force": "CAMBS"}, 0),
    "a negative volume": Change("Volumes used", BEDS, -5),
    "no volume at all": Change("Volumes used", {**HR, "driver": "calls"}, 0),
    "decimals that are not read": Change("Volumes used", BEDS, 1116.1234567),
    "a fixed base of more decimals than are read": Change("Terms used", {**HR, "parameter": "fixed base %"}, 37.12345),
    "a percentage above 100": Change("Terms used", {**HR, "parameter": "no loser %"}, 101),
    "shares that sum to 99": Change("Agreed used", {"force": "HERTS"}, 33),
    "weights of nothing": Change("Drivers used", HR, 0),
    "a budget of ten billion": Change("Budget lines", HR, 1e10),
    "data whose robustness is tested": Change(
        "Volumes used",
        BEDS,
        36 * 32,
        given=lambda: given_with(principles=terms(("AGR", 2019, {"basis": "agreed"}))),
    ),
    "shares that may stay settled": Change(
        "NRE used",
        {"force": "CAMBS"},
        141_000_007.77,
        given=lambda: given_with(principles=principles(tolerance=Fraction(2))),
    ),
    "a figure below weights that are values": Change(
        "Volumes used",
        BEDS,
        1200,
        given=lambda: given_with(
            demand=demand({"BEDS": Fraction(31_123_456_789, 10**9), "CAMBS": 37, "HERTS": 40}),
            drivers={"HR": ["calls"]},
        ),
    ),
    "a budget that no longer comes to its control total": Change(
        "Budget lines",
        HR,
        123_456.78,
        given=lambda: given_with(
            control_totals=(ControlTotal(Y(2019), 105_020, cell=Place(sheet="Control totals", cell="C2")),)
        ),
        says="DIFFERS: budget = Control totals!C2, all 2019/20, see Checks; figures changed since ",
    ),
}


@pytest.mark.parametrize("cases", [FOLLOWED, AGAIN_CASES], ids=["followed", "to run again"])
def test_a_change_is_followed_or_says_to_run_again(cases: dict[str, Change], office: Office, tmp_path: Path) -> None:
    edited = []
    for number, case in enumerate(cases.values()):
        path = calculation(tmp_path / f"case{number}.xlsx", apportion(case.given()))
        edited.append(edit(path, tmp_path / "edited", case))
    for (name, case), again in zip(cases.items(), office.recalculated(tmp_path / "again", *edited), strict=True):
        if case.inputs is None:
            assert said(again).startswith(case.says), name
            assert AGAIN in states(again) or name.startswith(("a budget that", "a budget of ten")), name
            continue
        assert said(again).startswith("OK: all"), name
        assert "; figures changed since the program wrote them: " in said(again), name
        assert "OK: changed" in states(again), name
        expected = apportion(case.inputs())
        assert splits_of(again) == {
            (result.unit.code, str(result.year)): list(result.totals().values()) for result in expected.results
        }, name
        assert splits_of(again) != splits_of(tmp_path / again.name), name


def calculation(path: Path, ledger: Ledger) -> Path:
    """The live sheets alone, which are opened sooner."""
    live = live_sheets(ledger)
    write(path, Cover("Live", live.status), Page("Live", ()), [live.splits, live.checks, *live.steps])
    return path


def edit(path: Path, folder: Path, case: Change) -> Path:
    """The workbook with a change, saved by another program."""
    book = load_workbook(path)
    sheet = book[case.sheet]
    heads = [cell.value for cell in sheet[1]]
    figure = letters(heads.index("as computed") + (0 if "pence" not in heads else -1))
    rows = [
        number
        for number, row in enumerate(sheet.iter_rows(min_row=2, values_only=True), 2)
        if all(row[heads.index(name)] == value for name, value in case.where.items())
    ]
    assert rows, case
    for row in rows:
        sheet[f"{figure}{row}"].value = case.value
    folder.mkdir(exist_ok=True)
    book.save(folder / path.name)
    return folder / path.name


def said(path: Path) -> str:
    """What the workbook says of the live checks."""
    with closing(load_workbook(path, data_only=True, read_only=True)) as book:
        rows = list(book["About"].iter_rows(max_col=2, values_only=True))
    return next(str(row[1]) for row in rows if row[0] == "Live checks")


def states(path: Path) -> set[object]:
    """What the figures say of themselves."""
    said: set[object] = set()
    with closing(load_workbook(path, data_only=True, read_only=True)) as book:
        for sheet in book.worksheets:
            heads, *rows = sheet.iter_rows(values_only=True)
            if "state" in heads:
                said |= {row[heads.index("state")] for row in rows}
    return said


def test_after_several_changes_the_splits_are_those_of_the_program(office: Office, tmp_path: Path) -> None:
    given = small()
    path = written(tmp_path, "changed", apportion(given))
    sheets = load_workbook(path)
    sheets["Budget lines"][place(sheets["Budget lines"], "amount (£)", line="pay", unit="HR")] = 123_456.78
    sheets["NRE used"][place(sheets["NRE used"], "NRE (£)", year="2019/20", force="CAMBS")] = 150_010_000
    sheets["Volumes used"][place(sheets["Volumes used"], "volume", year="2020/21", force="BEDS", driver="calls")] = (
        1200.5
    )
    sheet = sheets["Terms used"]
    sheet[place(sheet, "value", year="2019/20", unit="HR", parameter="no loser %")] = 60.5
    (tmp_path / "edited").mkdir()
    sheets.save(tmp_path / "edited" / path.name)
    (again,) = office.recalculated(tmp_path / "recalculated", tmp_path / "edited" / path.name)

    rows = tuple(replace(row, pence=12_345_678) if row.pence == 10_000_019 else row for row in given.budgets)
    figures = dict(given.nre)
    figures[Y(2019), "CAMBS"] = replace(figures[Y(2019), "CAMBS"], pence=15_001_000_000)
    changed = replace(
        given,
        budgets=rows,
        nre=figures,
        principles=terms(
            (None, 2019, {"fixed base %": Fraction(25, 2), "no loser %": Fraction(605, 10)}),
            ("ICT", 2019, {"no loser %": Fraction(75, 2)}),
            ("HR", 2020, {"share decimals": 1, "no loser %": Fraction(100)}),
        ),
        demand={**given.demand, "calls": changed_calls()},
    )
    expected = apportion(changed)
    assert splits_of(again) == {
        (result.unit.code, str(result.year)): list(result.totals().values()) for result in expected.results
    }
    assert splits_of(again) != splits_of(path)
    # whether the data is still robust is tested by the program alone: it is, and the page cannot know
    page = list(load_workbook(again, data_only=True)["First page"].iter_rows(values_only=True))
    says = "RUN AGAIN: Volumes used: changed figures that the split does not follow, all, see Checks"
    assert any(says in str(row[0]) for row in page)
    assert [row[0] for row in page].count("Values above: an input was changed since, run bch-apportion again") == 3
    latest: list[Any] = list(next(row for row in page if row[0] == "2020/21"))
    by_force = [sum(r.totals()[f] for r in expected.results if r.year == Y(2020)) for f in THREE]
    assert [round(value * 100) for value in latest[2:5]] == by_force


def changed_calls() -> Any:
    """The calls of `small`, BEDS by 84.5 more in the window of 2020/21 alone (October 2016 to September 2019)."""
    calls = monthly(("2014-01", "2021-12", {"BEDS": 31, "CAMBS": Fraction(67, 2), "HERTS": 36}))
    months = sorted(calls.monthly)
    last = months[0] + (2019 - 2014) * 12 + 8  # September 2019, after the window of 2019/20, which ends in 2018
    slot = calls.monthly[last]
    slot["BEDS"] = slot["BEDS"]._replace(value=31 + Fraction(169, 2))
    return calls


def place(sheet: Any, column: str, **where: str) -> str:
    """The one cell of a column in the row that holds these texts."""
    heads = [cell.value for cell in sheet[1]]
    numbers = [
        number
        for number, row in enumerate(sheet.iter_rows(min_row=2, values_only=True), 2)
        if all(row[heads.index(name)] == value for name, value in where.items())
    ]
    assert len(numbers) == 1 or where.get("unit") == "HR"
    return f"{letters(heads.index(column) + 1)}{numbers[0]}"
