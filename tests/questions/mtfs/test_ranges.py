"""Drawn runs: each step the same as the engine's, each run what the engine makes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import lcm, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume as suppose
from hypothesis import given, settings
from hypothesis import strategies as st

from bch_apportion.model import (
    Assumption,
    AssumptionKind,
    Baseline,
    BudgetRow,
    Deflator,
    Demand,
    Inputs,
    LineType,
    ParameterValue,
    Settings,
    Unit,
)
from bch_apportion.money import half_up, split, to_whole
from bch_apportion.principles.rolling_demand import to_decimals
from bch_apportion.questions.mtfs import ranges as drawing
from bch_apportion.questions.mtfs.projection import project
from bch_apportion.questions.mtfs.ranges import POINTS, draws, ranges, run_through
from bch_apportion.questions.mtfs.rule import Outlook, outlook
from bch_apportion.recipe.order import apportioned
from bch_apportion.recipe.order import run as engine
from bch_apportion.years import FinancialYear
from tests.books import Table, two_forces, write_book
from tests.inputs import THREE, Y, agreed, baselines, inputs, monthly, months, nre, terms
from tests.program import ALLIANCE, run
from tests.questions.mtfs.test_mtfs import futures

# Each step over all runs is the exact one


def array(values: Sequence[Any]) -> Any:
    return np.array(values, np.int64)


SMALL = st.integers(0, 3)  # many ties and noughts
WEIGHT = st.one_of(SMALL, st.integers(0, 10**6), st.integers(0, 2**58 - 1))
TOTAL = st.one_of(st.integers(-9, 9), st.integers(-(10**9), 10**9), st.integers(-(2**50) + 1, 2**50 - 1))


@st.composite
def splits(draw: st.DrawFn) -> tuple[list[int], list[list[int]]]:
    """Totals and weights of 1 to 7 members, for 1 to 4 runs; the weights of a run may be those of all."""
    members, runs = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    weight_row = st.lists(WEIGHT, min_size=members, max_size=members)
    weights = draw(st.lists(weight_row, min_size=runs, max_size=runs) | weight_row.map(lambda row: [row]))
    totals = [draw(TOTAL) if sum(weights[n % len(weights)]) else 0 for n in range(runs)]
    return totals, weights


@pytest.mark.long
@settings(max_examples=300)
@given(splits())
def test_a_split_over_all_runs(case: tuple[list[int], list[list[int]]]) -> None:
    totals, weights = case
    parts = drawing.shared(array(totals), array(weights))
    assert parts.tolist() == [split(total, weights[n % len(weights)]) for n, total in enumerate(totals)]


def test_the_last_that_64_bits_hold_and_the_first_they_do_not() -> None:
    """2**50 − 1 on seven weights that come to 2**61 − 1; with one more of either, in Python's own numbers."""
    weights = [2**61 - 1 - 6 * (2**58 + 1), *[2**58 + 1] * 6]
    total = 2**50 - 1
    for sign in (1, -1):
        for given_, on in ((total, weights), (total + 1, weights), (total, [*weights[:-1], 2**58 + 2])):
            assert drawing.shared(array([sign * given_]), array([on])).tolist() == [split(sign * given_, on)]


def test_a_cost_on_no_weight_is_never_shared() -> None:
    """As money.split."""
    assert drawing.shared(array([0, 0]), array([[0, 0]])).tolist() == [[0, 0], [0, 0]]
    with pytest.raises(ValueError, match="every weight is zero"):
        drawing.shared(array([0, 1]), array([[0, 0]]))


@settings(max_examples=200)
@given(
    st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=7),
    st.sampled_from([1, 2, 3, 100, 10**8]),
    st.integers(-(10**9), 10**9),
)
def test_brought_to_whole_over_all_runs(targets: list[int], divisor: int, whole: int) -> None:
    row = [*targets[:-1], whole * divisor - sum(targets[:-1])]
    suppose(abs(row[-1]) < 2**62)
    rounded = drawing.brought_to_whole(array([row, [-value for value in row]]), array([divisor]))
    exact = [Fraction(value, divisor) for value in row]
    assert rounded.tolist() == [to_whole(exact), to_whole([-value for value in exact])]


@settings(max_examples=300)
@given(
    st.lists(st.integers(-(10**10), 10**10) | st.integers(-20, 20), min_size=1, max_size=4),
    st.integers(-10_000_000, 10_000_000) | st.integers(-3, 3),
    st.sampled_from([1, 2, 4, 8, 366, 1000, 1_000_000]),
)
def test_half_up_over_all_runs(pence: list[int], numerator: int, denominator: int) -> None:
    exact = [half_up(Fraction(amount * numerator, denominator)) for amount in pence]
    assert drawing.scaled(array(pence), Fraction(numerator, denominator)).tolist() == exact
    each = drawing.scaled(array([pence[0]]), Fraction(1, denominator), array([numerator, -numerator]))
    assert each.tolist() == [exact[0], -exact[0]]


def test_a_half_is_rounded_away_from_zero_whatever_the_size() -> None:
    assert drawing.scaled(array([1, -1, 3, -3]), Fraction(1, 2)).tolist() == [1, -1, 2, -2]
    assert drawing.scaled(array([2**53 + 1]), Fraction(2**61 + 1, 2)).tolist() == [(2**114 + 2**61 + 2**53 + 2) // 2]


@given(
    st.integers(0, 400).map(lambda n: Fraction(n, 400)),
    st.lists(st.tuples(st.integers(1, 10**11), st.integers(1, 1000)), min_size=1, max_size=7),
)
def test_a_blend_is_exact(part: Fraction, members: list[tuple[int, int]]) -> None:
    figures, volumes = [figure for figure, _ in members], [volume for _, volume in members]
    demand = tuple(Fraction(volume, sum(volumes)) for volume in volumes)
    blends = drawing.blended(part, array([figures, [2 * figure for figure in figures]]), demand)
    exact = [part * Fraction(figure, sum(figures)) + (1 - part) * d for figure, d in zip(figures, demand, strict=True)]
    for weights in blends.tolist():
        assert [Fraction(weight, sum(weights)) for weight in weights] == exact


@given(st.lists(st.integers(1, 10**11), min_size=1, max_size=7), st.none() | st.integers(0, 10))
def test_shares_to_decimals(figures: list[int], decimals: int | None) -> None:
    (weights,) = drawing.to_decimals(array([figures]), decimals).tolist()
    exact = tuple(Fraction(figure, sum(figures)) for figure in figures)
    assert tuple(Fraction(weight, sum(weights)) for weight in weights) == to_decimals(exact, decimals)


# The draws


def assume(
    kind: AssumptionKind,
    value: Fraction | int | str,
    low: Fraction | int | str | None = None,
    high: Fraction | int | str | None = None,
    year: int = 2019,
    **more: Any,
) -> Assumption:
    """An assumption with a low and a high: percentages in percent, amounts in pence."""

    def exact(number: Fraction | int | str | None) -> Any:
        return Fraction(number) if isinstance(number, str) else number

    return Assumption(kind, Y(year), exact(value), low=exact(low), high=exact(high), **more)


PAY = assume("uplift %", 2, 1, "13/2")  # parts of a percent: 20,000 from 10,000 to 65,000
CUT = assume("saving", 500_00, 100_00, 600_00, unit="ICT")
FLAT = assume("uplift %", 3, unit="ICT")


def test_draws_lie_within_their_bounds_and_about_their_mean() -> None:
    """The mean of a triangular distribution is (low + value + high)/3, its variance
    (a² + b² + c² − ab − ac − bc)/18; the mean of 20,000 draws is within four of its standard errors."""
    by_place = draws([PAY, FLAT, CUT], 20_000, 1)
    assert list(by_place) == [0, 2]
    for place, (low, value, high) in {0: (10_000, 20_000, 65_000), 2: (100_00, 500_00, 600_00)}.items():
        drawn = by_place[place]
        assert drawn.dtype == np.int64 and drawn.shape == (20_000,)
        assert low <= drawn.min() < low + (high - low) / 20 and high - (high - low) / 20 < drawn.max() <= high
        variance = (low**2 + value**2 + high**2 - low * value - low * high - value * high) / 18
        assert abs(drawn.mean() - (low + value + high) / 3) < 4 * sqrt(variance / 20_000)
        assert abs(drawn.std() / sqrt(variance) - 1) < 0.02
        below = (drawn <= value).mean()  # the value is where (value − low)/(high − low) of the draws lie below
        assert abs(below - (value - low) / (high - low)) < 0.02


def test_the_same_seed_gives_the_same_draws_everywhere() -> None:
    """Kept as drawn on a first machine: the raw bits of PCG64 are specified, the square root is exact."""
    drawn = draws([PAY, FLAT, CUT], 5, 1)
    assert drawn[0].tolist() == [30240, 53927, 18904, 53726, 23730]
    assert drawn[2].tolist() == [35763, 44983, 41863, 27680, 50101]
    assert draws([PAY, FLAT, CUT], 5, 2)[0].tolist() == [22251, 23332, 43557, 17110, 33540]


def test_a_draw_is_the_uniform_number_turned_by_the_distribution() -> None:
    """Worked back: the part of the triangle to the left of a draw is the uniform number of that seed and stream."""
    uniform = np.random.Generator(np.random.PCG64(np.random.SeedSequence([7, 0]))).random(200)
    low, value, high = 10_000, 20_000, 65_000
    for drawn, number in zip(draws([PAY], 200, 7)[0].tolist(), uniform.tolist(), strict=True):
        if drawn < value:
            left = (drawn - low) ** 2 / ((high - low) * (value - low))
        else:
            left = 1 - (high - drawn) ** 2 / ((high - low) * (high - value))
        assert abs(left - number) < 1e-4


def test_fewer_runs_are_the_first_of_more_and_streams_do_not_touch_each_other() -> None:
    more = draws([PAY, CUT], 100, 3)
    assert draws([PAY, CUT], 40, 3)[1].tolist() == more[1].tolist()[:40]
    assert draws([FLAT, PAY], 100, 3)[1].tolist() == more[0].tolist()
    assert draws([PAY, PAY], 100, 3)[1].tolist() != more[0].tolist()
    assert abs(np.corrcoef([draws([PAY, PAY], 20_000, 3)[place].tolist() for place in (0, 1)])[0, 1]) < 0.04


def test_no_width_and_one_side_alone() -> None:
    fixed = assume("growth", 7_00, 7_00, 7_00)
    assert draws([fixed], 4, 1)[0].tolist() == [7_00] * 4
    half = draws([assume("growth", 7_00, None, 9_00), assume("growth", 7_00, 1_00)], 5000, 1)
    assert (half[0].min(), half[1].max()) == (7_00, 7_00) and half[0].max() <= 9_00 and half[1].min() >= 1_00
    assert abs(half[0].mean() - (7_00 + 7_00 + 9_00) / 3) < 4 and abs(half[1].mean() - 5_00) < 12
    assert draws([FLAT], 4, 1) == {}


# Each run is what the engine makes of it

ICT = Unit("ICT", pooled_from=date(2015, 4, 1))
HR = Unit("HR", pooled_from=date(2015, 4, 1))
GROWTH = assume("nre growth %", 2, -3, 9, force="BEDS")
OTHERS = assume("nre growth %", 1, "1/2", "7/3", year=2018)
CALLS = monthly(
    ("2010-04", "2016-09", {"BEDS": 25, "CAMBS": 40, "HERTS": 75}),
    ("2016-10", "2017-09", {"BEDS": 27, "CAMBS": 39, "HERTS": 73}),
    ("2017-10", "2019-09", {"BEDS": 37, "CAMBS": 23, "HERTS": 71}),
)
GAP = months("2019-01", "2019-02").months()
ROLLING: dict[str, ParameterValue] = {"window months": 12, "max share movement": Fraction(100)}


def row(unit: str, pence: int, line: str = "", kind: LineType = "revenue", year: int = 2018, **more: Any) -> BudgetRow:
    return BudgetRow(unit, Y(year), pence, line, type=kind, **more)


def book(
    *assumptions: Assumption,
    parameters: dict[str, ParameterValue] | None = None,
    budgets: Sequence[BudgetRow] = (row("ICT", 1_234_567, "pay"), row("ICT", 98_765, "rent")),
    units: Sequence[Unit] = (ICT, HR),
    **more: Any,
) -> Inputs:
    """Three forces on an NRE of 121.9 : 156.5 : 217.341, calls as demand where a window is given."""
    figures = {f"y{year}": (12_190_001, 15_650_003, 21_734_107) for year in {budget.year.start for budget in budgets}}
    more.setdefault("nre", nre(THREE, **figures))
    more.setdefault("principles", terms((None, 2010, {**ROLLING, **(parameters or {})})))
    more.setdefault("drivers", {"ICT": ["calls"]})
    more.setdefault("demand", {"calls": CALLS})
    return inputs(THREE, units, budgets, assumptions=assumptions, **more)


def on_nre(*assumptions: Assumption, parameters: dict[str, ParameterValue] | None = None, **more: Any) -> Inputs:
    return book(*assumptions, parameters={"basis": "nre", **(parameters or {})}, **more)


LARGE_DRIVERS = {
    name: monthly(("2010-04", "2019-09", {"BEDS": a, "CAMBS": b, "HERTS": c}))
    for name, a, b, c in (
        ("one", 999_983, 1_000_003, 1_000_033),
        ("two", 1_000_037, 999_979, 1_000_039),
        ("three", 1_000_081, 1_000_099, 999_961),
        ("four", 1_000_117, 1_000_121, 999_959),
    )
}
BASED: dict[str, ParameterValue] = {"fixed base %": Fraction(50)}
TOLERANT: dict[str, ParameterValue] = {**BASED, "rebase tolerance": Fraction(1)}
TWO_YEARS = (row("ICT", 900_001, year=2017), row("ICT", 1_234_567))
PROTECTED = {"ICT": baselines(BEDS=290_000, CAMBS=500_000, HERTS=590_000)}
HALF = Unit("ICT", pooled_from=date(2019, 10, 1))

# two months of the window of 2020/21, in which those of the years after end too, are missing
LATE = {"calls": Demand({month: own for month, own in CALLS.monthly.items() if month not in GAP})}

BOOKS: dict[str, Inputs] = {
    "NRE, drawn growth": on_nre(GROWTH, OTHERS, PAY),
    "NRE to whole percents": on_nre(GROWTH, PAY, parameters={"share decimals": 0}),
    "NRE to four decimals, a year earlier": on_nre(
        GROWTH,
        PAY,
        parameters={"share decimals": 4, "nre lag years": 1},
        nre=nre(THREE, y2017=(12_190_001, 15_650_003, 21_734_107), y2018=(12_290_001, 15_550_003, 22_734_107)),
    ),
    "NRE carried forward where there is none": on_nre(
        GROWTH, PAY, nre=nre(THREE, y2017=(7, 8, 9)), settings=Settings(carry_nre_forward=True)
    ),
    "NRE carried forward, then grown": on_nre(
        GROWTH,
        OTHERS,
        nre=nre(THREE, y2017=(12_190_001, 15_650_003, 21_734_107)) | nre(THREE[:1], y2018=(12_290_001,)),
        settings=Settings(carry_nre_forward=True),
    ),
    "demand": book(GROWTH, PAY),
    "demand to decimals": book(PAY, parameters={"share decimals": 1}),
    "fixed base on drawn NRE": book(GROWTH, PAY, parameters=BASED),
    "fixed base on drawn NRE to decimals": book(GROWTH, PAY, parameters={**BASED, "share decimals": 2}),
    "fixed base of an odd percentage": book(GROWTH, OTHERS, parameters={"fixed base %": Fraction("33.3333")}),
    "fixed base of everything": book(GROWTH, PAY, parameters={"fixed base %": Fraction(100)}),
    "fixed base of everything to decimals": book(
        GROWTH, PAY, parameters={"fixed base %": Fraction(100), "share decimals": 1}
    ),
    "fixed base of one year": book(GROWTH, PAY, parameters={**BASED, "fixed base year": Y(2018)}),
    "fixed base on equal shares": book(GROWTH, PAY, parameters={**BASED, "fixed base on": "equal"}),
    "rebase tolerance": book(GROWTH, PAY, parameters=TOLERANT, budgets=TWO_YEARS),
    "rebase tolerance to decimals": book(GROWTH, PAY, parameters={**TOLERANT, "share decimals": 0}, budgets=TWO_YEARS),
    "rebase tolerance of nothing": book(
        GROWTH, parameters={**TOLERANT, "rebase tolerance": Fraction(0)}, budgets=TWO_YEARS
    ),
    "rebase tolerance, all of it on the base": book(
        GROWTH, parameters={**TOLERANT, "fixed base %": Fraction(100)}, budgets=TWO_YEARS
    ),
    "rebase tolerance and an agreed set on the way": book(
        GROWTH,
        PAY,
        parameters=TOLERANT,
        budgets=TWO_YEARS,
        agreed={
            "ICT": (agreed("ICT", 2016, BEDS=20, CAMBS=30, HERTS=50), agreed("ICT", 2020, BEDS=26, CAMBS=27, HERTS=47))
        },
    ),
    "rebase tolerance without drawn NRE": book(PAY, parameters=TOLERANT, budgets=TWO_YEARS),
    "no loser": book(PAY, baselines=PROTECTED),
    "half of no loser": book(PAY, baselines=PROTECTED, parameters={"no loser %": Fraction(50)}),
    "an odd part of no loser": book(PAY, baselines=PROTECTED, parameters={"no loser %": Fraction("33.3333")}),
    "no loser on drawn NRE": on_nre(GROWTH, OTHERS, PAY, baselines=PROTECTED),
    "no loser that is not achievable": book(
        PAY, baselines={"ICT": baselines(BEDS=200_000, CAMBS=500_000, HERTS=200_000)}
    ),
    "no adjustment where no loser is not achievable": book(
        assume("uplift %", 2, -20, 40),
        baselines={"ICT": baselines(BEDS=290_000, CAMBS=500_000, HERTS=590_000)},
        parameters={"if not achievable": "no adjustment"},
    ),
    "kept in 2020/21, then NRE": book(GROWTH, PAY, parameters=BASED, demand=LATE),
    "kept twice, to decimals": book(
        GROWTH, PAY, parameters={**BASED, "keep demand years": 2, "share decimals": 1}, demand=LATE
    ),
    "kept in some runs, agreed in others": book(
        GROWTH,
        PAY,
        parameters=TOLERANT,
        budgets=TWO_YEARS,
        demand=LATE,
        agreed={"ICT": (agreed("ICT", 2019, BEDS=26, CAMBS=27, HERTS=47),)},
    ),
    "half of no loser that is not achievable": book(
        PAY,
        baselines={"ICT": baselines(BEDS=200_000, CAMBS=500_000, HERTS=200_000)},
        parameters={"no loser %": Fraction(50)},
    ),
    "no loser in the prices of the year": book(
        assume("uplift %", 2, -20, 40),
        baselines={
            "ICT": {f: Baseline(pence, Y(2017)) for f, pence in zip(THREE, (290_001, 500_003, 590_007), strict=True)}
        },
        deflators={Y(year): Deflator(Fraction(100 + 3 * n)) for n, year in enumerate(range(2017, 2023))},
        settings=Settings(uprate_baselines=True),
    ),
    "held and half pooled": book(
        PAY,
        budgets=[row("ICT", 700_001, held_by="HERTS"), row("ICT", 300_003, held_by="BEDS"), row("ICT", 12_345)],
        units=(HALF,),
    ),
    "held and never pooled": book(PAY, budgets=[row("ICT", 700_001, held_by="HERTS")], units=(Unit("ICT"),)),
    "implementation": book(
        GROWTH,
        OTHERS,
        assume("growth", 50_000, 10_000, 90_000, unit="ICT", type="implementation"),
        assume("saving", 5_000, 0, 9_000, year=2020, unit="ICT", type="implementation"),
        budgets=[row("ICT", 1_000_001), row("ICT", 77_777, kind="implementation")],
    ),
    "direct": book(
        PAY, budgets=[row("ICT", 700_001, direct_to="HERTS"), row("ICT", -300_003, direct_to="BEDS"), row("ICT", 7)]
    ),
    "growth, saving, one-off": book(
        PAY,
        CUT,
        assume("growth", 50_000, 10_000, 90_000, unit="ICT", line="pay"),
        assume("one-off", 50_000, -10_000, 90_000, year=2020, unit="ICT"),
        assume("uplift %", 10, 0, 20, year=2020, unit="ICT", line="PAY"),
    ),
    "uplifts of subjectives": book(
        PAY,
        assume("uplift %", 4, 1, 9, subjective="Pay"),
        assume("uplift %", -3, -5, 0, unit="ICT", subjective="income"),
        assume("uplift %", 7, 6, 8, unit="ICT", line="new"),
        assume("growth", 50_000, 10_000, 90_000, unit="ICT", line="new", subjective="pay"),
        assume("saving", 30_000, 10_000, 40_000, unit="ICT", subjective="pay"),
        budgets=[
            row("ICT", 700_001, subjective="pay"),
            row("ICT", -300_003, subjective="income"),
            row("HR", 77_777, subjective="pay"),
        ],
    ),
    "negative budgets": on_nre(GROWTH, PAY, budgets=[row("ICT", -1_234_567), row("HR", -3)]),
    "totals of nothing": on_nre(GROWTH, PAY, budgets=[row("ICT", 500_000), row("ICT", -500_000), row("HR", 0)]),
    "totals about nothing": on_nre(
        PAY, assume("saving", 500_00, 499_97, 500_03, unit="ICT"), budgets=[row("ICT", 500_00)]
    ),
    "agreed shares": book(
        GROWTH,
        PAY,
        parameters={"basis": "agreed"},
        agreed={
            "ICT": (
                agreed("ICT", 2016, BEDS=Fraction("33.33"), CAMBS=Fraction("33.33"), HERTS=Fraction("33.34")),
                agreed("ICT", 2020, BEDS=0, CAMBS=1, HERTS=99),
            )
        },
    ),
    "several weighted drivers": book(
        GROWTH,
        PAY,
        drivers={"ICT": [("one", 3), ("two", 5), ("three", 7), ("four", 11)]},
        demand=LARGE_DRIVERS,
    ),
    "several weighted drivers and a fixed base": book(
        GROWTH,
        PAY,
        parameters={"fixed base %": Fraction("12.5")},
        drivers={"ICT": [("one", 3), ("two", 5), ("three", 7), ("four", 11)]},
        demand=LARGE_DRIVERS,
    ),
    "units that come and go": book(
        PAY,
        assume("growth", 90_000, 50_000, 99_999, year=2020, unit="HR"),
        budgets=[row("ICT", 1_000_001, kind="one-off")],
    ),
    "years on the sheet between drawn ones": on_nre(
        GROWTH, OTHERS, PAY, nre=nre(THREE, y2018=(1000, 2000, 3001), y2020=(1500, 1400, 3003))
    ),
    "one member": book(PAY, units=(replace(ICT, members=("CAMBS",)),)),
    "a range that is a point": book(assume("uplift %", "2.1234", "2.1234", "2.1234"), CUT),
}


def drawn_value(assumption: Assumption, drawn: int) -> Fraction | int:
    return Fraction(drawn, POINTS) if assumption.is_percentage else drawn


def exact_run(future: Outlook, drawn: dict[int, int]) -> dict[tuple[FinancialYear, str], int]:
    """What each force pays in each year of a drawn run, with its values written as assumptions."""
    projection = future.projection
    values = [
        replace(given_, value=drawn_value(given_, drawn[place])) if place in drawn else given_
        for place, given_ in enumerate(projection.given.assumptions)
    ]
    other = replace(projection.given, assumptions=tuple(values), business_cases=())
    after = project(other, projection.base, len(projection.years) - 1).inputs
    sums: dict[tuple[FinancialYear, str], int] = {}
    for result in apportioned(engine(after), after):
        for force, pence in result.totals().items() if result.year in projection.years else ():
            sums[result.year, force] = sums.get((result.year, force), 0) + pence
    return sums


def same(future: Outlook, runs: int = 40, seed: int = 1) -> None:
    """Each of the runs, one by one, is the engine's."""
    drawn = draws(future.projection.given.assumptions, runs, seed)
    quick = run_through(future, runs, seed)
    for number in range(runs):
        exact = exact_run(future, {place: int(values[number]) for place, values in drawn.items()})
        mine = {entry: int(pence[number]) for entry, pence in quick.items()}
        assert {e: mine.get(e, 0) for e in exact | mine} == {e: exact.get(e, 0) for e in exact | mine}, number


@pytest.mark.parametrize("runs", [8, pytest.param(40, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", BOOKS)
def test_every_run_is_as_computed_by_itself(name: str, runs: int) -> None:
    same(outlook("base", BOOKS[name], None, 3), runs)


def test_an_earlier_base_year() -> None:
    given_ = book(GROWTH, PAY, parameters=BASED, budgets=[row("ICT", 1_234_567, year=2017), row("ICT", 9)])
    same(outlook("base", replace(given_, nre=nre(THREE, y2017=(11, 17, 23))), Y(2017), 3))


def test_the_runs_are_those_of_the_inputs_with_what_was_drawn() -> None:
    """Beside `exact_run`: the third run's values written as assumptions, and projected as any workbook."""
    given_ = BOOKS["fixed base on drawn NRE"]
    drawn = draws(given_.assumptions, 3, 5)
    values = [replace(a, value=drawn_value(a, int(drawn[n][2]))) for n, a in enumerate(given_.assumptions)]
    plain = outlook("base", replace(given_, assumptions=tuple(values)), None, 3)
    quick = run_through(outlook("base", given_, None, 3), 3, 5)
    assert {entry: int(pence[2]) for entry, pence in quick.items()} == {
        (year, force): pence for (_, year, force), pence in plain.amounts().items()
    }


def test_members_that_change_on_the_way() -> None:
    """CAMBS leaves in 2020, or joins; without a tolerance and with one."""
    for parameters in (BASED, TOLERANT):
        first: dict[str, ParameterValue] = {**ROLLING, **parameters}
        for principles in (
            terms((None, 2010, first), (None, 2020, {"forces": ("BEDS", "HERTS")})),
            terms((None, 2010, {**first, "forces": ("BEDS", "HERTS")}), (None, 2020, {"forces": ()})),
        ):
            same(outlook("base", book(GROWTH, PAY, principles=principles, budgets=TWO_YEARS), None, 3), 10)


def test_a_tolerance_that_nothing_exceeds() -> None:
    wide: dict[str, ParameterValue] = {**TOLERANT, "rebase tolerance": Fraction(1000)}
    same(outlook("base", book(GROWTH, PAY, parameters=wide, budgets=TWO_YEARS), None, 3), 10)


@st.composite
def ranged(draw: st.DrawFn) -> Inputs:
    """A workbook of test_mtfs.py, its assumptions with lows and highs, and NRE growth of every force."""
    given_: Inputs = draw(futures())
    last = max(budget.year for budget in given_.budgets)
    assumptions = [Assumption("nre growth %", last, Fraction(2), low=Fraction(-1), high=Fraction(5))]
    for assumption in given_.assumptions:
        width = draw(st.integers(0, 40))
        step = Fraction(width, 8) if assumption.is_percentage else width * 1000
        low = assumption.value - step if draw(st.booleans()) else None
        high = assumption.value + step if draw(st.booleans()) else None
        if low is not None and assumption.is_percentage:
            low = max(low, Fraction(-100))
        assumptions.append(replace(assumption, low=low, high=high))
    return replace(given_, assumptions=tuple(assumptions))


@pytest.mark.long
@settings(max_examples=100)
@given(ranged(), st.integers(0, 9))
def test_every_run_of_any_workbook_is_as_computed_by_itself(given_: Inputs, seed: int) -> None:
    same(outlook("base", given_, None, 2), 6, seed)


# What 64 bits do not hold


LONG = Fraction("2.123456789012345")  # as a formula of a spreadsheet may give it
TOO_LARGE: dict[str, Inputs] = {
    "an uplift of fifteen decimals": book(PAY, assume("uplift %", LONG, line="rent")),
    "an uplift of nineteen decimals": book(PAY, assume("uplift %", Fraction("2.1234567890123456789"), line="rent")),
    "an NRE growth of fifteen decimals": on_nre(PAY, assume("nre growth %", LONG)),
    "an NRE growth of nineteen decimals": on_nre(PAY, assume("nre growth %", Fraction("2.1234567890123456789"))),
    "costs of trillions": book(PAY, budgets=[row("ICT", 10**15 - 1), row("ICT", 10**15 - 1, "rent")]),
    "NRE of trillions": on_nre(PAY, GROWTH, nre=nre(THREE, y2018=(10**15 - 1, 10**15 - 3, 10**15 - 7))),
    "NRE of trillions as a fixed base": book(
        PAY, GROWTH, parameters=BASED, nre=nre(THREE, y2018=(10**13 - 1, 10**13 - 3, 10**13 - 7))
    ),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_worked_out_exactly(name: str) -> None:
    same(outlook("base", TOO_LARGE[name], None, 2), 8)


def test_what_a_column_says_that_is_not_used_is_not_used_here_either() -> None:
    """A unit beside a growth of NRE is noted as not used: HR stands on that NRE too."""
    budgets = [row("ICT", 1_000_001), row("HR", 1_000_001, "rent")]
    growth = assume("nre growth %", 50, 40, 60, unit="ICT", force="BEDS")
    same(outlook("base", on_nre(growth, assume("uplift %", LONG, unit="HR"), budgets=budgets), None, 2), 8)


# Percentiles


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([7, 1, 9, 3, 5, 2, 8, 4, 10, 6], (1, 5, 9)),  # of ten the first, the fifth and the ninth
        ([30, 10, 20], (10, 20, 30)),  # of three the 0.3th, 1.5th and 2.7th: each rounded up
        ([4], (4, 4, 4)),
        ([5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 90], (5, 5, 5)),  # of eleven the second, sixth and tenth
    ],
)
def test_percentiles_by_nearest_rank(
    monkeypatch: pytest.MonkeyPatch, values: list[int], expected: tuple[int, int, int]
) -> None:
    """BEDS alone pays 100.00 and what is drawn of growth."""
    monkeypatch.setattr(drawing, "draws", lambda *_: {0: array(values)})
    alone = book(
        assume("growth", 6, 1, 90, unit="ICT"),
        units=(replace(ICT, members=("BEDS",)),),
        budgets=[row("ICT", 100_00)],
        parameters={"basis": "nre"},
    )
    base, after = ranges(outlook("base", alone, None, 1), len(values), 1)
    assert (base.year, base.central, base.p10, base.p50, base.p90) == (Y(2018), 100_00, 100_00, 100_00, 100_00)
    assert (after.scenario, after.year, after.force, after.central) == ("base", Y(2019), "BEDS", 100_06)
    assert tuple(amount - 100_00 for amount in (after.p10, after.p50, after.p90)) == expected


def test_the_order_of_ranges_and_the_years_shown() -> None:
    shown = outlook("base", BOOKS["no loser"], None, 2)
    listed = [(range_.year.start, range_.force) for range_ in ranges(shown, 5, 1)]
    assert listed == [(year, force) for year in (2018, 2019, 2020) for force in THREE]
    narrowed = replace(shown, ledger=shown.ledger.only(years=[Y(2020)]))
    assert ranges(narrowed, 5, 1) == [range_ for range_ in ranges(shown, 5, 1) if range_.year == Y(2020)]


def test_without_a_ranged_assumption_there_are_none() -> None:
    assert ranges(outlook("base", book(FLAT), None, 2), 50, 1) == []


ASSUMED: Table = [
    ["from year", "kind", "value", "low", "high"],
    ["2019/20", "uplift %", 2, 1, 4],
    ["2019/20", "nre growth %", 1, None, None],
]


def test_on_the_command_line(tmp_path: Path) -> None:
    book_ = write_book(tmp_path / "b.xlsx", two_forces(Assumptions=ASSUMED))

    def document(*words: str) -> Any:
        ran = run("mtfs", book_, "--years", "2", "--json", *words)
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    answer, again, other = (document("--runs", "30", "--seed", seed) for seed in ("3", "3", "4"))
    assert answer == again and answer["ranges"] != other["ranges"]
    assert (answer["runs"], answer["seed"], document()["runs"], document()["seed"]) == (30, 3, 0, None)
    assert document("--runs", "30")["seed"] == 1
    paid = {(row["year"], row["force"]): row["amount"] for row in answer["contributions"]}
    assert {(row["year"], row["force"]): row["central"] for row in answer["ranges"]} == paid
    for row_ in answer["ranges"]:
        p10, p50, p90 = (Fraction(row_[name]) for name in ("p10", "p50", "p90"))
        assert p10 <= p50 <= p90 and (p10 == p90) == (row_["year"] == "2018/19")
    ran = run("mtfs", book_, "--runs", "30")
    assert "drawn runs" in ran.out and "percentiles do not add up" in ran.out and "independently" in ran.out


def test_the_example() -> None:
    """The contributions printed are the exact ones, within the range of what was drawn."""
    ran = run("mtfs", ALLIANCE, "--runs", "200", "--years", "2", "--json")
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert len(answer["ranges"]) == 9
    for range_ in answer["ranges"]:
        assert Fraction(range_["p10"]) <= Fraction(range_["p50"]) <= Fraction(range_["p90"])


def test_large_common_divisors_are_what_they_are_called() -> None:
    """So that the books above go beyond 64 bits: the four drivers' common divisor is beyond 2**61."""
    sums = [
        sum(volume.value for volume in next(iter(demand.monthly.values())).values())
        for demand in LARGE_DRIVERS.values()
    ]
    assert lcm(*map(int, sums)) * 26 > 2**61
