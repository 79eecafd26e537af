"""A figure of the live workbook is changed: the splits are those of the program, or a check says to run it again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bch_apportion import apportion, live, read_workbook
from bch_apportion.ledger import Ledger
from bch_apportion.live import schedules
from bch_apportion.live.mixing import Mixed, MixedSource, certain, quotas
from bch_apportion.live.tables import Known, Table
from bch_apportion.model import Baseline, BudgetRow, ControlTotal, Deflator, Inputs, Settings, Unit
from bch_apportion.money import quotas as exact_quotas
from bch_apportion.money import whole_weights
from bch_apportion.places import column_letters as letters
from bch_apportion.questions.split.page import splits
from bch_apportion.writing.excel import write
from bch_apportion.writing.report import Cover
from tests.independent.books import random_book, write_tidy
from tests.inputs import THREE, Y, agreed, inputs, monthly, nre, terms
from tests.live.test_live import VARIED, needs_libreoffice, splits_of, written
from tests.program import ALLIANCE, COUNCILS
from tests.recalculating import formulas, recalculated

AGAIN = "CHANGED: run bch-apportion again"
CALLS = {"BEDS": 31, "CAMBS": Fraction(67, 2), "HERTS": 36}
CRIMES = {"BEDS": 7, "CAMBS": 1, "HERTS": 11}
NRE = (10_427_000_111, 13_000_000_377, 21_000_000_713)  # pence that have nothing in common


def _live_sheets(ledger: Ledger) -> live.Live:
    return live.live_sheets(ledger, splits(ledger))


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


def with_calls(**changed: Any) -> Inputs:
    return given_with(demand=demand({**CALLS, **changed}))


def paying(pence: int) -> Inputs:
    changed = given_with()
    return replace(
        changed, budgets=tuple(replace(one, pence=pence) if one.unit == "HR" else one for one in changed.budgets)
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
        "Budget lines", HR, 123_456.78, given=lambda: given_with(control_totals=(ControlTotal(Y(2019), None, 105_020),))
    ),
}


@needs_libreoffice
def test_a_change_is_followed_or_says_to_run_again(tmp_path: Path) -> None:
    cases = {**FOLLOWED, **AGAIN_CASES}
    edited = []
    for number, case in enumerate(cases.values()):
        path = calculation(tmp_path / f"case{number}.xlsx", apportion(case.given()))
        edited.append(edit(path, tmp_path / "edited", case))
    for (name, case), again in zip(cases.items(), recalculated(tmp_path, *edited), strict=True):
        if case.inputs is None:
            assert said(again).startswith("RUN AGAIN: "), name
            assert AGAIN in states(again) or name.startswith(("a budget that", "a budget of ten")), name
            continue
        assert said(again).startswith("OK: all"), name
        assert "; figures changed since it was written: " in said(again), name
        assert "OK: changed" in states(again), name
        expected = apportion(case.inputs())
        assert splits_of(again) == {
            (one.unit.code, str(one.year)): list(one.totals().values()) for one in expected.results
        }, name
        assert splits_of(again) != splits_of(tmp_path / again.name), name


def calculation(path: Path, ledger: Ledger) -> Path:
    """The live sheets alone, which are opened sooner."""
    found = _live_sheets(ledger)
    write(path, Cover("Live", found.status), [found.splits, found.checks, *found.steps])
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
    """What the cover says of the live checks."""
    cover = load_workbook(path, data_only=True)["Cover"]
    return next(str(row[1]) for row in cover.iter_rows(max_col=2, values_only=True) if row[0] == "Live checks")


def states(path: Path) -> set[object]:
    """What the figures say of themselves."""
    found: set[object] = set()
    for sheet in load_workbook(path, data_only=True).worksheets:
        heads = [cell.value for cell in sheet[1]]
        if "state" in heads:
            place = heads.index("state")
            found |= {row[place] for row in sheet.iter_rows(min_row=2, values_only=True)}
    return found


# Every reference lands on a figure

REFERENCE = re.compile(r"'((?:[^']|'')+)'!([A-Z]+)([0-9]+)(?::([A-Z]+)([0-9]+))?")


def settled_and_left_alone() -> Ledger:
    """Shares of 2018/19 that stay in 2019/20, whose NRE nothing else uses."""
    same = terms((None, 2018, {"basis": "demand", "fixed base %": Fraction(50), "rebase tolerance": Fraction(50)}))
    return apportion(
        inputs(
            ("A", "B"),
            [Unit("X", pooled_from=Y(2015).first_day())],
            [BudgetRow("X", Y(2018), 100_001), BudgetRow("X", Y(2019), 100_001)],
            drivers={"X": ["calls"]},
            nre=nre(("A", "B"), y2018=(500, 700), y2019=(600, 700)),
            demand={"calls": monthly(("2014-01", "2021-12", {"A": 3, "B": 5}))},
            principles=same,
        )
    )


def test_every_reference_lands_on_a_figure(tmp_path: Path) -> None:
    ledgers = {path.stem: apportion(read_workbook(path)) for path in (ALLIANCE, COUNCILS)}
    ledgers |= {name: apportion(make()) for name, make in VARIED.items()}
    ledgers["settled"] = settled_and_left_alone()
    for seed in (3042, 3235, 5, 17, 29, 40):
        path = tmp_path / f"book{seed}.xlsx"
        write_tidy(random_book(seed, (2, 3, 4, 5, 6, 7)[seed % 6]), path)
        ledgers[f"random{seed}"] = apportion(read_workbook(path))
    for name, ledger in ledgers.items():
        path = written(tmp_path, f"{name}-result", ledger)
        book, seen = load_workbook(path, data_only=True), 0
        for (sheet, place), formula in formulas(path).items():
            assert formula.text != "=", (name, sheet, place)
            for other, column, row, _, last in REFERENCE.findall(formula.text):
                named = book[other.replace("''", "'")]
                assert int(last or row) <= named.max_row, (name, sheet, place, formula.text)
                if not last:  # in a range a force that is no member has a blank cell
                    assert named[f"{column}{row}"].value is not None, (name, sheet, place, formula.text)
                    seen += 1
        assert seen > 20, name


def test_a_page_shows_figures_that_nothing_rests_on() -> None:
    ledger = settled_and_left_alone()
    (page,) = schedules.unit_pages(ledger, _live_sheets(ledger), [])
    (row,) = (row for row in page.rows if str(row[0]).startswith("Fixed base: NRE 2019/20"))
    assert [cell.value for cell in row[1:4]] == [600, 700, 1300]
    assert not any(cell.formula for cell in row[1:4])


def test_no_row_is_added_to_a_table_that_is_a_report() -> None:
    table = Table("One", "One", ("what",))
    table.add("a")
    table.report()
    with pytest.raises(ValueError, match="One: a row after its report"):
        table.add("b")


# Source by source


def mixed_of(parts: list[int], figures: list[list[int]]) -> Mixed:
    sources = tuple(
        MixedSource("", Known("", part), tuple(Known("", one) for one in own), Known("", sum(own)))
        for part, own in zip(parts, figures, strict=True)
    )
    shares: list[Fraction | int] = [
        sum((Fraction(part * own[i], sum(own)) for part, own in zip(parts, figures, strict=True)), Fraction(0))
        for i in range(len(figures[0]))
    ]
    return Mixed(sources, tuple(whole_weights(shares)), lambda _: None)


def test_a_cost_shared_source_by_source() -> None:
    # half on 24 : 32 : 44, half on 30 : 34 : 36: 27 %, 33 %, 40 % of 101 pence: 27.27, 33.33, 40.40
    mixed = mixed_of([1, 1], [[24, 32, 44], [30, 34, 36]])
    assert quotas(101, mixed) == [(27, 27 * 10**10), (33, 33 * 10**10), (40, 40 * 10**10)]
    assert certain(101, mixed)
    # a third each of 100 pence, on both: 33.333333333333 each, and nobody can say from that whose the odd penny is
    assert not certain(100, mixed_of([1, 1], [[1, 1, 1], [2, 2, 2]]))
    # 1/3 + 2/3 of half each is a whole penny, which cut off decimals do not show
    assert not certain(2, mixed_of([1, 1], [[1, 2], [2, 1]]))


@given(
    st.integers(-(10**11), 10**11),
    st.lists(st.integers(0, 50), min_size=2, max_size=3).filter(any),
    st.data(),
)
def test_twelve_decimals_decide_what_exact_shares_do(total: int, parts: list[int], data: st.DataObject) -> None:
    one = st.lists(st.integers(0, 10**7), min_size=3, max_size=3).filter(any)
    mixed = mixed_of(parts, [data.draw(one) for _ in parts])
    if certain(total, mixed):
        found = quotas(total, mixed)
        left = abs(total) - sum(row.whole for row in found)
        first = sorted(range(3), key=lambda i: -found[i].remainder)[:left]
        exact = exact_quotas(total, list(mixed.weights))
        assert [row.whole + (i in first) for i, row in enumerate(found)] == [one.floor + one.odd for one in exact]
