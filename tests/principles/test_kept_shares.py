"""Kept shares: how long, between which members, from which year, and what the reason says of the data that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from bch_apportion import apportion, read_workbook
from bch_apportion.ledger import Ledger, apportion_actuals
from bch_apportion.model import AgreedSet, BudgetRow, Demand, Inputs, ParameterValue, Unit
from tests.books import Table, two_forces, write_book
from tests.inputs import Y, agreed, inputs, month, monthly, nre, terms

A, B = "BEDS", "HERTS"


def demand(*shares: int, without: Sequence[str] = ()) -> Demand:
    """BEDS's share in percent of each year's demand from 2017/18 on, of 100 a month; HERTS has none in `without`."""
    data = monthly(
        *((f"{2017 + n}-04", f"{2018 + n}-03", {A: share, B: 100 - share}) for n, share in enumerate(shares))
    )
    for text in without:
        del data.monthly[month(text)][B]
    return data


def book(
    years: Sequence[int],
    data: Demand,
    sets: tuple[AgreedSet, ...] = (),
    rows: Sequence[tuple[str | None, int, dict[str, ParameterValue]]] = (),
) -> Inputs:
    """A unit of two forces, £1.00 a year, NRE half and half; its window is the twelve months before each April."""
    values: dict[str, ParameterValue] = {"window months": 12, "lag months": 0}
    return inputs(
        (A, B),
        [Unit("MC")],
        [BudgetRow("MC", Y(year), 100) for year in years],
        {"MC": ["calls"]},
        demand={"calls": data},
        principles=terms((None, 2010, values), *rows),
        agreed={"MC": sets} if sets else {},
        nre=nre((A, B), **{f"y{year}": (50, 50) for year in years}),
    )


def stood(ledger: Ledger) -> list[tuple[str, int]]:
    """Per year the basis, and what BEDS pays of 100."""
    return [(result.decision.basis, result.pooled[0]) for result in ledger.results]


YEARS = (2018, 2019, 2020, 2021)
# two of twelve months (16.67 %) are missing in the windows of 2019/20 and 2020/21; that of 2021/22 is whole again
GAPS = demand(63, 70, 75, 80, without=("2018-05", "2018-06", "2019-05", "2019-06"))


def test_one_month_of_twelve_may_be_missing_where_nobody_says_otherwise() -> None:
    # 8.33 % is within 10 %; BEDS has 11 × 70 of 11 × 100
    assert stood(apportion(book((2019,), demand(63, 70, without=("2018-05",))))) == [("demand", 70)]


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        (0, [("demand", 63), ("nre", 50), ("nre", 50), ("demand", 80)]),
        (1, [("demand", 63), ("demand", 63), ("nre", 50), ("demand", 80)]),  # a kept year keeps nothing
        (2, [("demand", 63), ("demand", 63), ("demand", 63), ("demand", 80)]),
    ],
)
def test_for_how_many_years(keep: int, expected: list[tuple[str, int]]) -> None:
    assert stood(apportion(book(YEARS, GAPS, rows=[("MC", 2010, {"keep demand years": keep})]))) == expected


def test_the_years_are_those_in_force_in_the_year_computed() -> None:
    # 2020/21 is two years after 2018/19: with 2 from 2020/21 on they are kept there, and 2019/20 has none to keep
    rows: list[tuple[str | None, int, dict[str, ParameterValue]]] = [
        ("MC", 2010, {"keep demand years": 0}),
        ("MC", 2020, {"keep demand years": 2}),
    ]
    assert stood(apportion(book(YEARS, GAPS, rows=rows)))[1:3] == [("nre", 50), ("demand", 63)]


def test_a_set_that_begins_after_the_year_ends_it() -> None:
    began = agreed("MC", 2018, BEDS=60, HERTS=40)  # in the year itself: demand was robust, and is kept
    later = agreed("MC", 2019, BEDS=55, HERTS=45)
    future = agreed("MC", 2020, BEDS=55, HERTS=45)
    assert stood(apportion(book(YEARS, GAPS, (began,))))[:3] == [("demand", 63), ("demand", 63), ("agreed", 60)]
    assert stood(apportion(book(YEARS, GAPS, (later,))))[:3] == [("demand", 63), ("agreed", 55), ("agreed", 55)]
    assert stood(apportion(book(YEARS, GAPS, (future,))))[:3] == [("demand", 63), ("demand", 63), ("agreed", 55)]


def test_only_a_year_in_which_no_test_failed_and_of_the_same_members() -> None:
    forced: list[tuple[str | None, int, dict[str, ParameterValue]]] = [
        ("MC", 2010, {"basis": "demand", "keep demand years": 5}),
        ("MC", 2020, {"basis": "auto"}),
    ]
    # 2019/20 is on demand although the test fails (70 of what is left), and 2020/21 keeps 2018/19's
    assert stood(apportion(book(YEARS, GAPS, rows=forced)))[:3] == [("demand", 63), ("demand", 70), ("demand", 63)]
    three = replace(book(YEARS, GAPS), forces=book(YEARS, GAPS).forces)
    joined = replace(
        three,
        principles=terms((None, 2010, {"window months": 12, "lag months": 0}), ("MC", 2019, {"forces": (B,)})),
    )
    assert apportion(joined).results[1].decision.basis == "nre"


def test_asked_for_nre_or_agreed_keeps_nothing() -> None:
    on_nre: list[tuple[str | None, int, dict[str, ParameterValue]]] = [("MC", 2019, {"basis": "nre"})]
    assert stood(apportion(book(YEARS, GAPS, rows=on_nre)))[1] == ("nre", 50)


def test_the_tolerance_looks_at_kept_shares_as_at_any_on_demand() -> None:
    # 63 is kept in 2019/20 and is what was settled last; 66 is three points from it, the boundary
    data = demand(63, 70, 66, without=("2018-05", "2018-06"))
    rows: list[tuple[str | None, int, dict[str, ParameterValue]]] = [("MC", 2010, {"rebase tolerance": Fraction(3)})]
    ledger = apportion(book((2018, 2019, 2020), data, rows=rows))
    assert stood(ledger) == [("demand", 63), ("demand", 63), ("demand", 63)]
    assert "settled (applied in 2019/20)" in ledger.results[2].decision.reason


def test_actuals_keep_what_the_budgets_applied() -> None:
    given = book(YEARS, GAPS)
    outturn = tuple(replace(row, pence=1000) for row in given.budgets if row.year == Y(2019))
    assert stood(apportion_actuals(replace(given, actuals=outturn))) == [("demand", 630)]


def test_the_shares_are_those_applied() -> None:
    # whole percents were in force in 2018/19 and are not any more: 63 of 100, not 62.5
    rows: list[tuple[str | None, int, dict[str, ParameterValue]]] = [
        ("MC", 2010, {"share decimals": 0}),
        ("MC", 2019, {"share decimals": None}),
    ]
    data = demand(63, 70, without=("2018-05", "2018-06"))
    for number in (month("2017-04"), month("2017-05")):
        data.monthly[number] = {A: data.monthly[number][A]._replace(value=60), B: data.monthly[number][B]}
    # BEDS 10 × 63 + 2 × 60 = 750 of 750 + 12 × 37 = 1194: 62.81 %, brought to 63
    assert apportion(book((2018, 2019), data, rows=rows)).results[1].decision.shares[0] == Fraction(63, 100)


def reason(*failing: str) -> str:
    rows: list[tuple[str | None, int, dict[str, ParameterValue]]] = [("MC", 2010, {"max missing %": Fraction(0)})]
    return apportion(book((2018, 2019), demand(63, 70, without=failing), rows=rows)).results[1].decision.reason


def test_the_reason_names_the_month_of_one_blank_else_the_forces_and_the_end() -> None:
    kept = "the shares of 2018/19 are kept, to 2019/20: complete (calls) failed"
    assert reason("2018-05") == f"{kept}, no volume of HERTS for 2018-05"
    assert reason("2018-05", "2018-06") == f"{kept}, on the data of HERTS"


def test_the_reason_names_whoever_moves_or_did_not_sign() -> None:
    values: dict[str, ParameterValue] = {"window months": 24, "max share movement": Fraction(5)}
    rows: list[tuple[str | None, int, dict[str, ParameterValue]]] = [("MC", 2010, values)]
    # 2017/18 and 2018/19 50, 2019/20 70: of the window 60, ten points from each block, for both
    steady = book((2019, 2020), demand(50, 50, 70), rows=rows)
    assert "stable (calls) failed, on the data of BEDS and HERTS" in apportion(steady).results[1].decision.reason
    data = demand(63, 70)
    slot = data.monthly[month("2018-05")]
    slot[B] = slot[B]._replace(signed_off=False)
    unsigned = replace(book((2018, 2019), data), demand_signed_off=True)
    assert "signed off (calls) failed, on the data of HERTS" in apportion(unsigned).results[1].decision.reason


@pytest.mark.parametrize("tidy", [True, False])
def test_the_reason_names_the_cell_of_one_blank_month(tidy: bool, tmp_path: Path) -> None:
    periods = [f"{2017 + (n + 3) // 12}-{(n + 3) % 12 + 1:02d}" for n in range(24)]
    wide: Table = [
        ["driver", "period", A, B],
        *(["calls", period, None if period == "2018-05" else 30, 70] for period in periods),
    ]
    long: Table = [
        ["driver", "period", "force", "volume"],
        *(
            ["calls", period, force, None if (period, force) == ("2018-05", A) else volume]
            for period in periods
            for force, volume in ((A, 30), (B, 70))
        ),
    ]
    sheets = two_forces(
        NRE=[["year", A, B], ["2018/19", 100, 200], ["2019/20", 100, 200]],
        Budgets=[["unit", "year", "amount"], ["ICT", "2018/19", 1000], ["ICT", "2019/20", 1000]],
        Principles=[["from year", "window months", "lag months", "max missing %"], ["2018/19", 12, 0, 0]],
        Drivers=[["unit", "driver"], ["ICT", "calls"]],
        Demand=long if tidy else wide,
    )
    result = apportion(read_workbook(write_book(tmp_path / "book.xlsx", sheets))).results[1]
    # May 2018 is the fourteenth month: row 15 where forces stand across, row 28 where each has its own
    assert f"no volume of BEDS for 2018-05, Demand!{'D28' if tidy else 'C15'}" in result.decision.reason
    assert result.pooled == (30_000, 70_000)
