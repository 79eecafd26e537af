"""Each query: when it is asked, its key and cells, and an effect worked by hand. A sound workbook has none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bch_apportion import apportion, read_workbook
from bch_apportion.ledger import Ledger
from bch_apportion.money import pounds
from bch_apportion.problems import Query
from bch_apportion.queries import asked
from tests.books import Cell, Table, two_forces, write_book

Cells = list[Cell]

YEARS = [f"{year}/{year % 100 + 1:02d}" for year in range(2014, 2020)]


def ledger_of(tmp_path: Path, sheets: Mapping[str, Table]) -> Ledger:
    return asked(apportion(read_workbook(write_book(tmp_path / "book.xlsx", sheets))))


def queries(tmp_path: Path, **changed: Table) -> tuple[Query, ...]:
    return ledger_of(tmp_path, two_forces(**changed)).queries


def keys_and_cells(asked: tuple[Query, ...]) -> list[tuple[str, list[str]]]:
    return [(query.key, list(map(str, query.cells))) for query in asked]


def effects(query: Query) -> list[tuple[str, str, str, str]]:
    return [(e.unit, str(e.year), e.force, pounds(e.pence)) for e in query.effects]


def test_a_sound_workbook_is_asked_nothing(tmp_path: Path) -> None:
    assert queries(tmp_path) == ()


# duplicate-line


def test_the_same_line_twice_and_what_each_would_pay_without_it(tmp_path: Path) -> None:
    head: Cells = ["unit", "year", "line", "amount", "type"]
    line: Cells = ["ICT", "2018/19", "Licences", 300, "Revenue"]
    (query,) = queries(
        tmp_path, Budgets=[head, line, ["ICT", "2018/19", "Pay", 600], [" ict", "18/19", *line[2:]], line]
    )
    assert query.key == "duplicate-line Budgets ICT 2018/19 Licences 300.00 revenue"
    assert list(map(str, query.cells)) == ["Budgets!D2", "Budgets!D4", "Budgets!D5"]
    # two of the three go: 600 less, on NRE 1 : 2
    assert effects(query) == [("ICT", "2018/19", "BEDS", "-200.00"), ("ICT", "2018/19", "HERTS", "-400.00")]


def test_wide_rows_are_alike_where_the_whole_rows_are(tmp_path: Path) -> None:
    nre: list[Cells] = [["year", "BEDS", "HERTS"], ["2018/19", 100, 200], ["2019/20", 100, 200]]
    head: Cells = ["unit", "line", "2018/19", "2019/20"]
    rows: list[Cells] = [["ICT", "Pay", 300, 60], ["ICT", "Pay", 300, 70], ["ICT", "Pay", 300, 60]]
    (query,) = queries(tmp_path, NRE=nre, Budgets=[head, *rows])
    assert query.key == "duplicate-line Budgets ICT Pay 300.00 60.00"
    assert list(map(str, query.cells)) == ["Budgets!C2", "Budgets!D2", "Budgets!C4", "Budgets!D4"]
    assert [pounds(effect.pence) for effect in query.effects] == ["-100.00", "-200.00", "-20.00", "-40.00"]


def test_lines_that_differ_in_a_cell_or_have_no_amount_are_no_duplicates(tmp_path: Path) -> None:
    head: Cells = ["unit", "year", "line", "amount"]
    rows: list[Cells] = [
        ["ICT", "2018/19", "A", 5],
        ["ICT", "2018/19", "B", 5],
        ["ICT", "2018/19", "", 0],
        ["ICT", "2018/19", "", 0],
    ]
    assert queries(tmp_path, Budgets=[head, *rows]) == ()


def test_payments_and_assumptions_alike_have_no_effect(tmp_path: Path) -> None:
    payment: list[Cell] = ["2018/19", "BEDS", "HERTS", 20.5, "01/09/2018"]
    assumption: list[Cell] = ["ICT", "2019/20", "uplift %", 2.5]
    asked_of = queries(
        tmp_path,
        Payments=[["year", "from", "to", "amount", "date"], payment, payment],
        Assumptions=[["unit", "from year", "kind", "value"], assumption, assumption],
    )
    assert keys_and_cells(asked_of) == [
        ("duplicate-line Payments 2018/19 BEDS HERTS 20.50 2018-09-01", ["Payments!D2", "Payments!D3"]),
        ("duplicate-line Assumptions ICT 2019/20 uplift % 2.5", ["Assumptions!D2", "Assumptions!D3"]),
    ]
    assert not any(query.effects for query in asked_of)


def test_an_actual_given_twice_has_the_effect_on_the_outturn(tmp_path: Path) -> None:
    row: list[Cell] = ["ICT", "2018/19", 30]
    (query,) = queries(tmp_path, Actuals=[["unit", "year", "amount"], row, row])
    assert query.key == "duplicate-line Actuals ICT 2018/19 30.00"
    assert effects(query) == [("ICT", "2018/19", "BEDS", "-10.00"), ("ICT", "2018/19", "HERTS", "-20.00")]


# jump


def nre_of(**by_force: list[float]) -> Table:
    rows: list[Cells] = [[year, *own] for year, *own in zip(YEARS, *by_force.values(), strict=False)]
    return [["year", *by_force], *rows]


def budget_of(unit: str, amounts: list[float]) -> Table:
    return [["unit", *YEARS[: len(amounts)]], [unit, *amounts]]


@pytest.mark.parametrize(
    ("beds", "herts", "named"),
    [
        ([100, 1000], [200, 200], ["BEDS 2015/16"]),  # of two years the later
        ([100, 999.99], [200, 200], []),
        ([100, 110, 10.5, 110], [200, 200, 200, 200], ["BEDS 2016/17"]),  # a tenth of the median 110, and a half penny
        ([100, 110, 11.01, 110], [200, 200, 200, 200], []),
        ([100, 100, 0.1, 1000, 100], [200] * 5, ["BEDS 2016/17", "BEDS 2017/18"]),  # the farthest, then the rest anew
        ([1, 1, 1], [200, 200, 200], ["BEDS 2014/15"]),  # the other forces: the first such year alone
        ([3, 3], [200, 200], []),  # 67 times
        ([200, 2, 200, 200], [200] * 4, ["BEDS 2015/16"]),  # once, though it is also far from the other force
    ],
)
def test_an_nre_that_jumps(tmp_path: Path, beds: list[float], herts: list[float], named: list[str]) -> None:
    amounts = [1000.0] * len(beds)
    asked_of = queries(tmp_path, NRE=nre_of(BEDS=beds, HERTS=herts), Budgets=budget_of("ICT", amounts))
    assert sorted(query.key for query in asked_of) == [f"jump NRE {force_and_year}" for force_and_year in named]


def test_the_cell_of_an_nre_that_jumps(tmp_path: Path) -> None:
    (query,) = queries(tmp_path, NRE=nre_of(BEDS=[100, 9000], HERTS=[200, 200]), Budgets=budget_of("ICT", [5.0, 5.0]))
    assert list(map(str, query.cells)) == ["NRE!B3"]
    assert query.message == "the NRE of BEDS for 2015/16 is £9,000.00; the median of its other years is £100.00"


@pytest.mark.parametrize(
    ("amounts", "named"),
    [
        ([100_000, 100_000, 1_000_000], ["2016/17"]),
        ([100_000, 100_000, 10_000], ["2016/17"]),
        ([99_990, 99_990, 9_999], []),  # below £10,000
        ([100_000, 100_000, 999_999.99], []),
        ([100_000, 100_000, -100_000], ["2016/17"]),  # it has lost its sign
    ],
)
def test_a_budget_that_jumps(tmp_path: Path, amounts: list[float], named: list[str]) -> None:
    nre = nre_of(BEDS=[100] * len(amounts), HERTS=[200] * len(amounts))
    asked_of = queries(tmp_path, NRE=nre, Budgets=budget_of("ICT", amounts))
    assert [query.key for query in asked_of] == [f"jump Budgets ICT {year}" for year in named]


# volume-outlier and stability-not-tested


def demand_of(volumes: Mapping[str, list[float]]) -> dict[str, Table]:
    """A unit on demand in 2018/19: monthly volumes by force from April 2014 on, in a window of 36 months."""
    months = [f"{2014 + (n + 3) // 12}-{(n + 3) % 12 + 1:02d}" for n in range(max(map(len, volumes.values())))]
    rows: list[Cells] = [["calls", month, *(own[n] for own in volumes.values())] for n, month in enumerate(months)]
    return {"Drivers": [["unit", "driver"], ["ICT", "calls"]], "Demand": [["driver", "period", *volumes], *rows]}


def test_a_volume_far_from_the_usual_is_asked_about_with_what_it_moves(tmp_path: Path) -> None:
    beds: list[float] = [100.0] * 48
    beds[20] = 1000.0  # December 2015; the window of 2018/19 is October 2014 to September 2017
    (query,) = queries(tmp_path, **demand_of({"BEDS": beds, "HERTS": [100.0] * 48}))
    assert keys_and_cells((query,)) == [("volume-outlier calls BEDS 2015-12 1000", ["Demand!C22"])]
    # not robust: 2015/16's share moves; so it stands on NRE, and with 100 it would stand on demand, half each
    assert effects(query) == [("ICT", "2018/19", "BEDS", "166.67"), ("ICT", "2018/19", "HERTS", "-166.67")]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({20: 1000.0, 21: 1200.0}, ["2015-12 1000"]),  # neighbours alike in direction
        ({20: 1000.0, 21: 10.0}, ["2015-12 1000", "2016-01 10"]),
        ({20: 1000.0, 22: 1000.0}, ["2015-12 1000", "2016-02 1000"]),
        ({20: 999.0, 21: 10.1}, []),
        ({0: 1000.0}, []),  # before the window
        ({47: 1000.0}, []),  # after it
        ({20: 0.0}, ["2015-12 0"]),
    ],
)
def test_which_volumes_are_far(tmp_path: Path, changes: Mapping[int, float], named: list[str]) -> None:
    beds: list[float] = [100.0] * 48
    for month, value in changes.items():
        beds[month] = value
    asked_of = queries(tmp_path, **demand_of({"BEDS": beds, "HERTS": [100.0] * 48}))
    assert sorted(query.key for query in asked_of) == [f"volume-outlier calls BEDS {month}" for month in named]


def test_small_volumes_are_not_asked_about(tmp_path: Path) -> None:
    beds: list[float] = [9.0] * 48
    beds[20] = 0.0
    assert queries(tmp_path, **demand_of({"BEDS": beds, "HERTS": [9.0] * 48})) == ()


def test_a_quarter_is_compared_by_the_month(tmp_path: Path) -> None:
    quarters = [f"{year}/{year % 100 + 1:02d} Q{quarter}" for year in range(2014, 2018) for quarter in (1, 2, 3, 4)]
    rows: list[list[Cell]] = [["calls", quarter, 300.0, 300.0] for quarter in quarters]
    rows[5][2] = 3000.0
    sheets: dict[str, Table] = {
        "Drivers": [["unit", "driver"], ["ICT", "calls"]],
        "Demand": [["driver", "period", "BEDS", "HERTS"], *rows],
    }
    (query,) = queries(tmp_path, **sheets)
    assert keys_and_cells((query,)) == [("volume-outlier calls BEDS 2015-07 3000", ["Demand!C7"])]


def test_a_window_of_less_than_two_years_is_not_tested_for_stability(tmp_path: Path) -> None:
    terms: list[Cells] = [["unit", "from year", "window months"], ["ICT", "2018/19", 23]]
    ledger = ledger_of(tmp_path, two_forces(**demand_of({"BEDS": [50.0] * 48, "HERTS": [50.0] * 48}), Principles=terms))
    assert [query.key for query in ledger.queries] == ["stability-not-tested ICT"]
    (result,) = ledger.results
    assert result.decision.basis == "demand"
    assert result.decision.robust
    (stable,) = [test for test in result.decision.tests if test.test == "stable"]
    assert (stable.passed, stable.outcome) == (None, "not tested")
    assert result.decision.reason == "the demand data passed every test that could be made; not tested: stable (calls)"


# the others


def test_a_percentage_written_as_a_fraction(tmp_path: Path) -> None:
    head: Cells = ["unit", "from year", "fixed base %", "no loser %", "max missing %"]
    asked_of = queries(tmp_path, Principles=[head, ["ICT", "2018/19", 0.3, "0.5%", 1], ["", "2018/19", None, 0.5, 0]])
    assert keys_and_cells(asked_of) == [
        ("fraction-as-percent fixed base % ICT 2018/19 0.3", ["Principles!C2"]),
        ("fraction-as-percent no loser % all 2018/19 0.5", ["Principles!D3"]),
    ]


def test_figures_below_zero_that_are_more_often_above(tmp_path: Path) -> None:
    asked_of = queries(
        tmp_path,
        Assumptions=[
            ["unit", "from year", "kind", "value"],
            ["ICT", "2019/20", "saving", -5],
            ["ICT", "2019/20", "growth", -6],
        ],
        Payments=[["year", "from", "to", "amount"], ["2018/19", "BEDS", "HERTS", -7]],
        Business_cases=[["unit", "year", "amount"], ["ICT", "2018/19", -8]],
        Baselines=[["unit", "force", "amount"], ["ICT", "BEDS", -9], ["ICT", "HERTS", 9]],
    )
    assert keys_and_cells(asked_of) == [
        ("sign Assumptions ICT 2019/20 saving -5.00", ["Assumptions!D2"]),
        ("sign Assumptions ICT 2019/20 growth -6.00", ["Assumptions!D3"]),
        ("sign Payments 2018/19 -7.00", ["Payments!D2"]),
        ("sign Business cases ICT 2018/19 -8.00", ["Business cases!C2"]),
        ("sign Baselines ICT -9.00", ["Baselines!C2"]),
    ]


@pytest.mark.parametrize(
    ("day", "is_asked"), [("31/03/2018", True), ("01/04/2018", False), ("31/03/2020", False), ("01/04/2020", True)]
)
def test_a_payment_dated_outside_its_year(tmp_path: Path, day: str, is_asked: bool) -> None:
    payments: list[Cells] = [["year", "from", "to", "amount", "date"], ["2018/19", "BEDS", "HERTS", 20, day]]
    iso = "-".join(reversed(day.split("/")))
    expected = [(f"outside-year 2018/19 BEDS HERTS 20.00 {iso}", ["Payments!E2"])] if is_asked else []
    assert keys_and_cells(queries(tmp_path, Payments=payments)) == expected


def test_a_year_without_a_budget(tmp_path: Path) -> None:
    nre = nre_of(BEDS=[100] * 4, HERTS=[200] * 4)
    rows: list[list[Cell]] = [
        ["ICT", 9, 9, 9, 9],
        ["HR", 9, None, 9, None],  # between two, and in the last after one
        ["Fleet", 9, 9, None, None],  # ended two years before the last
        ["Legal", None, None, 9, 9],
    ]
    units: list[Cells] = [["unit"], *([row[0]] for row in rows)]
    asked_of = queries(tmp_path, NRE=nre, Units=units, Budgets=[["unit", *YEARS[:4]], *rows])
    assert [query.key for query in asked_of] == ["missing-year HR 2015/16", "missing-year HR 2017/18"]


def test_what_nothing_names(tmp_path: Path) -> None:
    forces: list[Cells] = [["force"], ["BEDS"], ["HERTS"], ["ESSEX"], ["KENT"]]
    nre: list[Cells] = [["year", "BEDS", "HERTS", "ESSEX", "KENT"], ["2018/19", 100, 200, 300, 400]]
    units: list[Cells] = [["unit", "forces"], ["ICT", "BEDS, HERTS"], ["HR", "BEDS"]]
    budgets: list[Cells] = [["unit", "year", "amount"], ["ICT", "2018/19", 5]]
    payments: list[Cells] = [["year", "from", "to", "amount"], ["2018/19", "BEDS", "KENT", 1]]
    asked_of = queries(tmp_path, Forces=forces, NRE=nre, Units=units, Budgets=budgets, Payments=payments)
    assert keys_and_cells(asked_of) == [("not-used force ESSEX", ["Forces!A4"]), ("not-used unit HR", ["Units!A3"])]


# Answers


def test_an_answer_moves_a_query_and_no_figure(tmp_path: Path) -> None:
    head: Cells = ["unit", "year", "amount"]
    budgets: list[Cells] = [
        head,
        ["ICT", "2018/19", 30],
        ["ICT", "2018/19", 30],
        ["HR", "2018/19", 60],
        ["HR", "2018/19", 60],
    ]
    units: list[Cells] = [["unit"], ["ICT"], ["HR"]]
    key = "duplicate-line Budgets HR 2018/19 60.00"
    answers: list[Cells] = [
        ["query", "answer", "who", "date"],
        [f" {key.upper()} ", "Two posts", "Finance", "01/04/2018"],
        ["x", "y"],
    ]
    before = ledger_of(tmp_path, two_forces(Units=units, Budgets=budgets))
    after = ledger_of(tmp_path, two_forces(Units=units, Budgets=budgets, Answers=answers))
    assert [query.key for query in before.queries] == [key, "duplicate-line Budgets ICT 2018/19 30.00"]  # largest first
    assert [query.answer and query.answer.answer for query in after.queries] == [None, "Two posts"]
    assert after.lines == before.lines
    assert "Answers!A3: the answer to “x” answers no query" in after.notes


def test_queries_are_narrowed_to_what_is_shown(tmp_path: Path) -> None:
    budgets: list[Cells] = [
        ["unit", "year", "amount"],
        ["ICT", "2018/19", 3],
        ["ICT", "2018/19", 3],
        ["HR", "2018/19", 4],
        ["HR", "2018/19", 4],
    ]
    whole = ledger_of(tmp_path, two_forces(Units=[["unit"], ["ICT"], ["HR"]], Budgets=budgets))
    assert [query.units for query in whole.only(["HR"]).queries] == [("HR",)]


# kept-shares


def kept_book(**changed: Table) -> dict[str, Table]:
    """ICT on demand 30 : 70 in 2018/19; of the window of 2019/20 BEDS has nothing for May 2018, row 15."""
    periods = [f"{2017 + (n + 3) // 12}-{(n + 3) % 12 + 1:02d}" for n in range(24)]
    demand: list[Cells] = [["calls", period, None if period == "2018-05" else 30, 70] for period in periods]
    window: list[Cells] = [["from year", "window months", "lag months", "max missing %"], ["2018/19", 12, 0, 0]]
    answers: list[Cells] = [["query", "answer"], ["stability-not-tested ICT", "one year"]]
    sheets: dict[str, Table] = {
        "NRE": [["year", "BEDS", "HERTS"], ["2018/19", 100, 200], ["2019/20", 100, 200]],
        "Budgets": [["unit", "year", "amount"], ["ICT", "2018/19", 1000], ["ICT", "2019/20", 1000]],
        "Principles": window,
        "Drivers": [["unit", "driver"], ["ICT", "calls"]],
        "Demand": [["driver", "period", "BEDS", "HERTS"], *demand],
        "Answers": answers,
    }
    return two_forces(**{**sheets, **changed})


def test_shares_that_are_kept_and_what_each_would_pay_without(tmp_path: Path) -> None:
    query, untested = ledger_of(tmp_path, kept_book()).queries
    assert (query.key, list(map(str, query.cells))) == ("kept-shares ICT 2019/20 2018/19", ["Demand!C15"])
    # kept 300 and 700; on NRE 1 : 2 of 1,000 333.33 and 666.67
    assert [(*effect[:3], pounds(effect.pence), effect.alternative) for effect in query.effects] == [
        ("ICT", (2019,), "BEDS", "33.33", "nre"),
        ("ICT", (2019,), "HERTS", "-33.33", "nre"),
    ]
    # the kept year is not one in which stability was not tested
    assert list(map(str, untested.years)) == ["2018/19"]


def test_kept_shares_beside_the_agreed_set_in_force(tmp_path: Path) -> None:
    agreed: list[Cells] = [["unit", "from year", "BEDS", "HERTS"], ["ICT", "2018/19", 40, 60]]
    query, _ = ledger_of(tmp_path, kept_book(Agreed_shares=agreed)).queries
    # on the agreed 40 : 60 BEDS pays 400 of 1,000
    assert [(effect.force, pounds(effect.pence), effect.alternative) for effect in query.effects] == [
        ("BEDS", "100.00", "agreed"),
        ("HERTS", "-100.00", "agreed"),
        ("BEDS", "33.33", "nre"),
        ("HERTS", "-33.33", "nre"),
    ]


# basis-moved


def test_a_basis_that_moved_by_itself_and_what_each_would_pay_on_the_old(tmp_path: Path) -> None:
    # nothing kept, so 2019/20 falls from demand to NRE; on demand of what is left, 30 : 70, BEDS pays 300 of 1,000
    window: list[Cells] = [
        ["from year", "window months", "lag months", "max missing %", "keep demand years"],
        ["2018/19", 12, 0, 0, 0],
    ]
    query, _ = ledger_of(tmp_path, kept_book(Principles=window)).queries
    assert query.key == "basis-moved ICT 2019/20 demand nre"
    assert effects(query) == [("ICT", "2019/20", "BEDS", "-33.33"), ("ICT", "2019/20", "HERTS", "33.33")]


def test_a_row_or_an_agreed_set_of_that_year_decides_it(tmp_path: Path) -> None:
    head: Cells = ["unit", "from year", "window months", "lag months", "max missing %", "keep demand years"]
    first: Cells = [None, "2018/19", 12, 0, 0, 0]
    agreed: list[Cells] = [["unit", "from year", "BEDS", "HERTS"], ["ICT", "2019/20", 40, 60]]
    for further in ([None, "2019/20", 12], ["ICT", "2019/20", None, 0]):
        row: Cells = [*further, *[None] * (6 - len(further))]
        (query,) = ledger_of(tmp_path, kept_book(Principles=[head, first, row])).queries
        assert query.code == "stability-not-tested"
    (query,) = ledger_of(tmp_path, kept_book(Principles=[head, first], Agreed_shares=agreed)).queries
    assert query.code == "stability-not-tested"
    other: Cells = ["HR", "2019/20", 12, None, None, None]
    units: list[Cells] = [["unit"], ["ICT"], ["HR"]]
    found = ledger_of(tmp_path, kept_book(Principles=[head, first, other], Units=units)).queries
    assert "basis-moved ICT 2019/20 demand nre" in [query.key for query in found]


def test_no_effect_where_the_old_basis_cannot_be_computed(tmp_path: Path) -> None:
    # the only driver has no volume at all in the window of 2019/20
    periods = [f"{2017 + (n + 3) // 12}-{(n + 3) % 12 + 1:02d}" for n in range(12)]
    rows: list[Cells] = [["calls", period, 30, 70] for period in periods]
    demand: list[Cells] = [["driver", "period", "BEDS", "HERTS"], *rows]
    window: list[Cells] = [["from year", "window months", "lag months", "keep demand years"], ["2018/19", 12, 0, 0]]
    found = ledger_of(tmp_path, kept_book(Demand=demand, Principles=window)).queries
    (query,) = [query for query in found if query.code == "basis-moved"]
    assert (query.key, query.effects) == ("basis-moved ICT 2019/20 demand nre", ())


def test_kept_shares_are_demand_and_move_nothing(tmp_path: Path) -> None:
    assert {query.code for query in ledger_of(tmp_path, kept_book()).queries} == {"kept-shares", "stability-not-tested"}
