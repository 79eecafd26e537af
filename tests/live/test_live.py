"""The live workbook: recalculated by LibreOffice it says the same pennies, and after a change those of the program."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bch_apportion import apportion, live, read_workbook
from bch_apportion.ledger import Ledger
from bch_apportion.live import schedules
from bch_apportion.live.shares import Source, has_multiple, in_lowest_terms
from bch_apportion.live.splitting import held
from bch_apportion.live.tables import Known
from bch_apportion.model import Baseline, BudgetRow, Deflator, DriverWeight, Inputs, Settings, Unit
from bch_apportion.money import quotas
from bch_apportion.places import column_letters
from bch_apportion.questions.split.book import book
from bch_apportion.questions.split.page import splits
from bch_apportion.writing.excel import write
from bch_apportion.writing.report import Cell
from tests.books import LIVE_TEXTS, two_forces, with_live_texts, write_book
from tests.independent.against import SIZES
from tests.independent.books import random_book, write_tidy
from tests.inputs import THREE, Y, baselines, inputs, monthly, nre, terms
from tests.program import ALLIANCE, COUNCILS, run
from tests.recalculating import differences, formulas, recalculated, spoil

needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")


def _live_sheets(ledger: Ledger) -> live.Live:
    return live.live_sheets(ledger, splits(ledger))


def written(folder: Path, name: str, ledger: Ledger) -> Path:
    """The live workbook of a ledger."""
    path, found = folder / f"{name}.xlsx", book(ledger)
    write(path, found.cover, found.reports)
    return path


FIGURES: dict[str, Any] = {
    "drivers": {"HR": [("calls", 3), ("crimes", 1)]},
    "nre": nre(THREE, y2019=(10_427_000_000, 13_000_000_000, 21_000_000_000), y2020=(24, 32, 44), y2021=(1, 1, 1)),
    "demand": {
        "calls": monthly(("2014-01", "2021-12", {"BEDS": 31, "CAMBS": Fraction(67, 2), "HERTS": 36})),
        "crimes": monthly(("2014-01", "2021-12", {"BEDS": 7, "CAMBS": 0, "HERTS": 11})),
    },
    "baselines": {"HR": baselines(BEDS=2_000_000, CAMBS=3_300_003, HERTS=4_499_999)},
    "principles": terms(
        (None, 2019, {"fixed base %": Fraction(25, 2), "no loser %": Fraction(75, 2)}),
        ("HR", 2020, {"share decimals": 1, "no loser %": Fraction(100)}),
    ),
}


def small(**given: Any) -> Inputs:
    """Every component at once: three forces, half pennies, held lines in a leap year, direct, implementation."""
    return inputs(
        THREE,
        [
            Unit("ICT", pooled_from=Y(2019).first_day().replace(month=10, day=1)),
            Unit("HR", pooled_from=Y(2018).first_day()),
        ],
        [
            BudgetRow("ICT", Y(2019), 1_000_001, "pay", held_by="BEDS"),
            BudgetRow("ICT", Y(2019), -333_333, "income", held_by="HERTS"),
            BudgetRow("ICT", Y(2019), 5, "odd"),
            BudgetRow("ICT", Y(2019), 77_777, "own", direct_to="CAMBS"),
            BudgetRow("ICT", Y(2019), 100_000, "set-up", type="implementation"),
            BudgetRow("HR", Y(2019), 10_000_019, "pay"),
            BudgetRow("HR", Y(2020), -10_000_019, "grant"),
            BudgetRow("HR", Y(2021), 0, "nothing"),
        ],
        **{**FIGURES, **given},
    )


VARIED: dict[str, Callable[[], Inputs]] = {
    "small": small,
    "with-uprated-baselines": lambda: small(
        settings=Settings(uprate_baselines=True),
        baselines={"HR": {f: Baseline(3_333_333, Y(2017)) for f in THREE}},
        deflators={
            Y(2017): Deflator(Fraction(1043, 10)),
            Y(2019): Deflator(Fraction(10817, 100)),
            Y(2020): Deflator(Fraction(111)),
            Y(2021): Deflator(Fraction(115)),
        },
    ),
    "with-blocks": lambda: small(principles=terms((None, 2019, {"demand method": "mean", "fixed base on": "equal"}))),
    "with-a-tie": lambda: small(  # all of it on equal shares, and a penny that volumes without a common multiple leave
        principles=terms((None, 2019, {"fixed base %": Fraction(100), "fixed base on": "equal", "share decimals": 0})),
        demand={
            "calls": monthly(("2014-01", "2021-12", {"BEDS": 31_000_003, "CAMBS": 33_000_007, "HERTS": 36_000_001})),
            "crimes": monthly(("2014-01", "2021-12", {"BEDS": 7_000_001, "CAMBS": 9_000_011, "HERTS": 11_000_003})),
        },
    ),
    "with-a-tolerance": lambda: small(principles=terms((None, 2019, {"rebase tolerance": Fraction(99)}))),
}
SEEDS = (1, 8, 21)  # of three, seven and two forces


@needs_libreoffice
def test_every_formula_comes_to_its_stored_value(tmp_path: Path) -> None:
    """Wrong values are stored in every formula cell first, so that one that was not recalculated would be seen."""
    ledgers = {path.stem: apportion(read_workbook(path)) for path in (ALLIANCE, COUNCILS)}
    ledgers |= {name: apportion(make()) for name, make in VARIED.items()}
    for seed in SEEDS:
        path = tmp_path / f"book{seed}.xlsx"
        write_tidy(random_book(seed, SIZES[seed % len(SIZES)]), path)
        ledgers[f"random{seed}"] = apportion(read_workbook(path))
    (tmp_path / "spoiled").mkdir()
    stored, spoiled = {}, []
    for name, ledger in ledgers.items():
        path = written(tmp_path, name, ledger)
        stored[name] = formulas(path)
        spoiled.append(tmp_path / "spoiled" / path.name)
        assert spoil(path, spoiled[-1]) == len(stored[name]) > 50
    small_one = stored["small"]
    assert len(differences(small_one, tmp_path / "spoiled" / "small.xlsx")) == len(small_one)
    for name, path in zip(stored, recalculated(tmp_path, *spoiled), strict=True):
        assert differences(stored[name], path) == [], name
    sheets = {place[0] for cells in stored.values() for place in cells}
    assert {"Held steps", "Uprated baselines", "No loser steps", "Share quotas", "Relief quotas"} <= sheets


@needs_libreoffice
def test_after_a_change_the_splits_are_those_of_the_program(tmp_path: Path) -> None:
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
    (again,) = recalculated(tmp_path, tmp_path / "edited" / path.name)

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
    cover = load_workbook(again, data_only=True)["Cover"]
    # whether the data is still robust is tested by the program alone: it is, and the cover cannot know
    assert any(str(row[1].value).startswith("RUN AGAIN: 1 of ") for row in cover.iter_rows(min_col=1, max_col=2))


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
    found = [
        number
        for number, row in enumerate(sheet.iter_rows(min_row=2, values_only=True), 2)
        if all(row[heads.index(name)] == value for name, value in where.items())
    ]
    assert len(found) == 1 or where.get("unit") == "HR"
    return f"{column_letters(heads.index(column) + 1)}{found[0]}"


def splits_of(path: Path) -> dict[tuple[str, str], list[int]]:
    """The splits of a workbook in pence, by unit and year."""
    rows = load_workbook(path, data_only=True)["Splits"].iter_rows(min_row=2, values_only=True)
    return {
        (str(row[0]), str(row[1])): [round(float(str(v)) * 100) for v in row[3:-1] if v is not None]
        for row in rows
        if row[0] != "All units"
    }


@pytest.mark.parametrize("name", VARIED)
def test_the_cells_are_the_ledger(name: str, tmp_path: Path) -> None:
    ledger = apportion(VARIED[name]())
    path = written(tmp_path, name, ledger)
    assert splits_of(path) == {
        (result.unit.code, str(result.year)): list(result.totals().values()) for result in ledger.results
    }
    found = _live_sheets(ledger)
    for result in ledger.results:
        parts = found.amounts[result.unit.code, result.year]
        posted: dict[tuple[str, str], int] = {(line.component, line.force): line.pence for line in result.lines}
        cells = {(c, force): one.value for c, by_force in parts.items() for force, one in by_force.items()}
        assert {key: pence for key, pence in cells.items() if pence} == {k: p for k, p in posted.items() if p}
        shares = [one.value for one in found.shares[result.unit.code, result.year]]
        assert shares == list(result.decision.shares)


def as_spreadsheet(total: int, weights: list[int]) -> list[int]:
    """The steps of a Quotas sheet in doubles, INT on fifteen digits, as LibreOffice rounds down."""

    def whole(value: float) -> float:
        return float(floor(float(f"{value:.15g}")))

    size, divisor = float(abs(total)), float(sum(weights))
    groups = [whole(size / 10.0**p) - 1000.0 * whole(size / 10.0 ** (p + 3)) for p in (9, 6, 3)]
    groups.append(size - 1000.0 * whole(size / 1000.0))
    floors, rests = [], []
    for weight in map(float, weights):
        rest = quotient = 0.0
        for group in groups:
            dividend = rest * 1000.0 + group * weight
            step = whole(dividend / divisor)
            rest, quotient = dividend - step * divisor, quotient * 1000.0 + step
        floors.append(quotient)
        rests.append(rest)
    left = size - sum(floors)
    ranks = [1 + sum((-r, j) < (-rest, i) for j, r in enumerate(rests)) for i, rest in enumerate(rests)]
    return [int((-1 if total < 0 else 1) * (f + (rank <= left))) for f, rank in zip(floors, ranks, strict=True)]


@given(st.integers(-(10**12) + 1, 10**12 - 1), st.lists(st.integers(0, 24 * 10**9), min_size=1, max_size=7))
def test_the_steps_are_exact_in_doubles(total: int, weights: list[int]) -> None:
    if any(weights) and held(total, weights):
        sign = -1 if total < 0 else 1
        assert as_spreadsheet(total, weights) == [sign * (q.floor + q.odd) for q in quotas(total, weights)]


@pytest.mark.parametrize(
    ("total", "weights"),
    [
        (999_999_999_999, [24_999_999_999, 24_999_999_998, 1]),
        (999_999_999_998, [24_999_999_999, 24_999_999_999]),
        (-1, [1, 1, 1]),
        (5, [0, 7, 3]),
        (0, [1, 1]),
    ],
)
def test_the_steps_are_exact_at_the_edge(total: int, weights: list[int]) -> None:
    assert held(total, weights)
    sign = -1 if total < 0 else 1
    assert as_spreadsheet(total, weights) == [sign * (q.floor + q.odd) for q in quotas(total, weights)]


def test_what_a_spreadsheet_cannot_hold_is_known() -> None:
    # 1000 × (W − 1) + 999 × the largest weight is below 1e14 up to W = 50,025,012,506 for a single bearer
    assert held(1, [50_025_012_506])
    assert not held(1, [50_025_012_507])
    assert not held(10**12, [1])


def test_sources_come_to_whole_weights() -> None:
    # half on 24 : 32 : 44, half on 30 : 34 : 36, of 100 each: 27 : 33 : 40
    half = Known("1", 50)
    base = Source("base", half, tuple(Known("x", one) for one in (24, 32, 44)), 1)
    demand = Source("demand", half, tuple(Known("x", one) for one in (30, 34, 36)), 1)
    found = in_lowest_terms([base, demand])
    assert found is not None
    assert has_multiple(found)
    # 24 : 32 : 44 is 6 : 8 : 11 of 25, 30 : 34 : 36 is 15 : 17 : 18 of 50; over 50: 12+15, 16+17, 22+18
    assert (found.parts, found.totals, *found.together()) == ([1, 1], [25, 50], 50, [27, 33, 40])
    huge = Source("huge", half, (Known("x", 10**13 + 1), Known("x", 1), Known("x", 1)), 1)
    large = in_lowest_terms([demand, huge])
    assert large is not None
    assert not has_multiple(large)  # 50 × (1e13 + 3) is more than 1e14


def test_every_whole_number_has_room(tmp_path: Path) -> None:
    path = written(tmp_path, "alliance", apportion(read_workbook(ALLIANCE)))
    seen = 0
    for sheet in load_workbook(path, data_only=True).worksheets:
        widths = {  # columns alike stand together in the file
            number: columns.width
            for columns in sheet.column_dimensions.values()
            for number in range(columns.min or 1, (columns.max or 1) + 1)
        }
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                if isinstance(cell.value, int) and cell.number_format.startswith("#,##0;"):
                    assert widths[cell.column] > len(f"{cell.value:,}"), (sheet.title, cell.coordinate)
                    seen += len(f"{cell.value:,}") > 15
    assert seen > 10


def test_the_flagship_is_live() -> None:
    """Half NRE, half demand on two drivers: no step of the alliance stands as a value."""
    found = _live_sheets(apportion(read_workbook(ALLIANCE)))
    assert "as value" not in str(dict(found.status)["Live figures"])
    by_name = {step.name: step for step in found.steps}
    assert any(row[0] == "ICT" for row in by_name["Sums of sources"].rows)
    rows = [row for step in found.steps for row in step.rows if isinstance(row[-1], Cell)]
    assert {str(row[-1]) for row in rows if str(row[-1]).startswith("OK")} == {"OK"}


def test_pennies_that_do_not_fit_stand_as_values_and_say_so(tmp_path: Path) -> None:
    # volumes of nine decimals: weights of more than 5e10, and of one source, whose total is as large
    calls = monthly(("2014-01", "2021-12", {"BEDS": Fraction(31123456789, 10**9), "CAMBS": 37, "HERTS": 40}))
    given = small(demand={**FIGURES["demand"], "calls": calls}, drivers={"HR": ["calls"]}, principles=())
    found = _live_sheets(apportion(given).only(["HR"], [Y(2019)]))
    by_name = {step.name: step for step in found.steps}
    (total,) = (row for row in by_name["Totals to share"].rows if row[2] == "pooled")
    assert str(total[-1]) == "OK: stands as a value"
    assert "CHANGED: run bch-apportion again" in total[-1].formula
    assert {row[-1] for row in by_name["Quotas"].rows} == {"odd penny as a value: weights too large"}
    assert "1 step stands as a value" in str(dict(found.status)["Live figures"])


def test_no_text_of_the_workbook_is_in_a_formula(tmp_path: Path) -> None:
    source, target = with_live_texts(tmp_path / "live.xlsx"), tmp_path / "result.xlsx"
    assert run("compute", source, "-o", target, "--detail", "line").code == 0
    ours = {sheet.title for sheet in load_workbook(target).worksheets}
    word = re.compile(
        r"'[A-Za-z ]+'!|[A-Z]{1,3}[0-9]+|[0-9]+|SUM(PRODUCT)?|INT|ABS|MAX|MIN|IF|AND|ROUND|SIGN|GCD|LCM|ROWS|LEFT|N\("
        r'|ISNUMBER|"(OK|OK: (all |changed|stands as a value)| hold|DIFFERS|RUN AGAIN: | of | do not hold, see Checks'
        r"|TOO LARGE|TOO CLOSE|CHANGED: run bch-apportion again|; figures changed since it was written: "
        r'|; Lines, No loser and words on unit pages are of the old ones, so run bch-apportion again to sign|)"'
        r"|[-+*/()=<>,:&]"
    )
    for (sheet, cell), formula in formulas(target).items():
        if sheet in ("Cover", "Splits", "Checks", "Amounts", "Budget lines") and formula.text in LIVE_TEXTS:
            continue  # a text, which openpyxl takes for a formula
        left = word.sub("", formula.text)
        assert left == "" or formula.text in ("=cmd", "=reference", "=A1") or formula.text.endswith(" name"), (
            sheet,
            cell,
            formula.text,
        )
        for name in re.findall(r"'([^']+)'!", formula.text):
            assert name in ours


def test_values_alone_where_they_are_asked_for_or_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = apportion(small())
    assert not any(isinstance(v, Cell) for r in book(ledger, values=True).reports for row in r.rows for v in row)
    monkeypatch.setattr(live, "MOST_ROWS", 20)
    found = book(ledger)
    assert not any(isinstance(v, Cell) for r in found.reports for row in r.rows for v in row)
    said = str(dict(found.cover.rows)["Live figures"])
    assert said.startswith("none; every cell is a plain value: ")
    assert "more than 20" in said


def test_amounts_beyond_fifteen_digits_are_values() -> None:
    one = inputs(("A", "B"), [Unit("X")], [BudgetRow("X", Y(2018), 10**14)], nre={**nre(("A", "B"), y2018=(1, 2))})
    assert "more than a spreadsheet's numbers hold" in live.too_large(apportion(one))


# What goes with the figures


def test_the_log_names_every_parameter_with_its_cell_and_reference() -> None:
    log = schedules.assumptions_log(apportion(read_workbook(ALLIANCE)))
    rows = {(row[0], row[1], row[2]): row[3:] for row in log.rows}
    assert rows["ICT", "2018/19", "no loser %"][0] == "50"
    assert str(rows["ICT", "2018/19", "no loser %"][1]).startswith("Principles!")
    assert rows["ICT", "2012/13 to 2019/20", "share decimals"] == ("exact", "", "", "program default, not agreed")
    assert rows["all", "all", "uprate baselines"][0] == "yes"


def test_a_page_says_members_basis_shares_figures_and_changes() -> None:
    ledger = apportion(small())
    pages = schedules.unit_pages(ledger, _live_sheets(ledger), ["Splits"])
    assert [page.name for page in pages] == ["Unit ICT", "Unit HR"]
    rows = {str(row[0]): row for row in pages[1].rows}
    assert rows["Members"][-1] == "BEDS, CAMBS, HERTS"
    assert rows["Basis in 2021/22"][-1] == "demand: the demand data passed every test"
    # the shares of 2021/22 are to one decimal, on an NRE of 1 : 1 : 1 (2020/21: 24 : 32 : 44)
    assert rows["Effective from"][-1] == (
        "these shares: 1 April 2021; the basis demand: 1 April 2019 (the first year shown)"
    )
    assert [cell.value for cell in rows["Fixed base: NRE 2021/22 (£)"][1:5]] == [1, 1, 1, 3]
    # 36 months of 31, 33½ and 36 calls, of three times the weight of crimes
    calls = rows["Volume: calls"]
    assert [cell.value for cell in calls[1:5]] == [1116, 1206, 1296, 3618]
    assert all(cell.formula.startswith("=N('Volumes used'!F") for cell in calls[1:5])
    assert calls[-1] == "weight 3; 36 of 36 months counted, 1 October 2017 to 30 September 2020"
    assert [cell.value for cell in rows["Baselines (£)"][1:5]] == [2_000_000, 3_300_003, 4_499_999, 9_800_002]
    assert {str(pages[1].rows[place][0])[:8] for place in pages[1].strong} == {"Pays in "}
    assert len(pages[1].strong) == 3
    assert {"Shares in 2020/21", "Pays in 2020/21 (£)", "Shares in 2019/20", "Pays in 2019/20 (£)"} <= rows.keys()
    assert sum(cell.value for cell in rows["Pays in 2020/21 (£)"][1:4]) == -10_000_019


def test_the_sign_off_is_bound_to_the_input() -> None:
    found = schedules.sign_off(apportion(read_workbook(ALLIANCE)))
    sha256 = read_workbook(ALLIANCE).sha256
    assert sha256 in found.title  # printed at the head of its sheet
    assert [row[1] for row in found.rows] == ["prepared", "reviewed", "approved"] * 3
    assert {str(row[-1]).replace(" ", "") for row in found.rows} == {sha256}


def test_a_page_says_what_of_a_year_is_shared() -> None:
    ledger = apportion(small())
    pages = schedules.unit_pages(ledger, _live_sheets(ledger), [])
    rows = {str(row[0]): row for row in pages[0].rows}
    # 183 of 366 days not pooled: of £10,000.01 and −£3,333.33 stay 5,000.005 and −1,666.665, half up; the rest and 5p
    assert rows["Shares in 2019/20"][-1] == ("part held, NRE: £3,333.34 stay with their holders, £3,333.39 are shared")


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=12))
def test_sheet_names_are_safe_and_unique(codes: list[str]) -> None:
    taken = ["Splits", "Unit A", "Unit a (2)"]
    names = schedules.sheet_names([*codes, "A", "a", "x" * 50, "X" * 50], taken)
    assert len({name.casefold() for name in (*names, *taken)}) == len(names) + len(taken)
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name == name.strip()


def test_units_of_odd_names_have_their_pages(tmp_path: Path) -> None:
    names = ["O'Brien's", "it's'", "A/B:C", "History", "é😀" * 20, "é😀" * 21]
    units = [["unit"], *([name] for name in names)]
    budgets: list[list[str | float | None]] = [["unit", "year", "amount"]]
    budgets += [[name, "2018/19", 100.01] for name in names]
    source = write_book(tmp_path / "odd.xlsx", two_forces(Units=units, Budgets=budgets))
    target = tmp_path / "result.xlsx"
    assert run("compute", source, "-o", target).code == 0
    pages = [name for name in load_workbook(target).sheetnames if name.startswith("Unit ")]
    assert len(pages) == len(names)
    assert pages[:4] == ["Unit O'Brien's", "Unit it's", "Unit A_B_C", "Unit History"]


def test_drivers_of_odd_weights_are_whole_numbers() -> None:
    given = small()
    weights = (DriverWeight("calls", Fraction(3, 8)), DriverWeight("crimes", Fraction(1, 8)))
    given = replace(given, drivers={"HR": weights})
    found = _live_sheets(apportion(given))
    parts = next(step for step in found.steps if step.name == "Sources of shares")
    own = [row for row in parts.rows if row[0] == "HR" and row[1] == Y(2019)]
    drivers = next(step for step in found.steps if step.name == "Drivers used")
    assert [row[3] for row in drivers.rows] == [Fraction(3, 8), Fraction(1, 8)]
    # 12.5 % on the base, 87.5 % on drivers of 3 : 1 → 4 : 21 : 7 of 32
    assert list(dict.fromkeys(row[4].value for row in own)) == [4, 21, 7]
