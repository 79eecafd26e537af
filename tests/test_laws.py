"""What holds of every workbook, whatever its figures: the laws of the agreement and of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bch_apportion import apportion
from bch_apportion.ledger import DetailLine, Ledger, by_subjective
from bch_apportion.model import AgreedSet, BudgetRow, Demand, Inputs, LineType, ParameterValue, Unit
from bch_apportion.money import half_up, quotas, split, to_whole
from bch_apportion.places import Place
from bch_apportion.principles.no_loser import NoLoser, no_loser
from bch_apportion.principles.nre_default import nre_shares
from bch_apportion.principles.rolling_demand import equal_shares
from bch_apportion.recipe.posting import UnitYear
from tests.inputs import Y, baselines, inputs, monthly, nre, slot, terms

CODES = ("BEDS", "CAMBS", "HERTS", "ESSEX")
FIRST, LAST = 2017, 2020  # of the budgets; demand begins four years before
PENCE = st.integers(-10_000_000, 10_000_000)
WEIGHTS = st.lists(st.integers(0, 1000) | st.fractions(0, 10, max_denominator=99), min_size=1, max_size=6)
EXACT: dict[str, ParameterValue] = {"share decimals": None, "rebase tolerance": None}
PERCENT = st.integers(0, 200).map(lambda n: Fraction(n, 2))


@st.composite
def demands(draw: st.DrawFn, forces: Sequence[str]) -> Demand:
    """Volumes by month that repeat every few months, with a gap here and there."""
    cycle = draw(st.lists(st.tuples(*(st.integers(0, 40) for _ in forces)), min_size=1, max_size=5))
    start = Y(FIRST - 4).first_month()
    volumes = {
        start + n: slot(dict(zip(forces, cycle[n % len(cycle)], strict=True))) for n in range(12 * (LAST - FIRST + 5))
    }
    for gap in draw(st.lists(st.integers(0, 95), max_size=2)):
        volumes.pop(start + gap, None)
    return Demand(volumes)


@st.composite
def rows_of(draw: st.DrawFn, unit: str, year: int, forces: Sequence[str]) -> BudgetRow:
    kind: LineType = draw(st.sampled_from(["revenue", "revenue", "one-off", "implementation"]))
    bearer = st.sampled_from(["", forces[0], *forces])
    return BudgetRow(
        unit,
        Y(year),
        draw(PENCE),
        draw(st.sampled_from(["staff", "vehicles", ""])),
        draw(st.sampled_from(["pay", "premises", "income"])),
        kind,
        draw(bearer),
        "" if kind == "implementation" else draw(st.sampled_from(["", "", "", *forces])),
    )


@st.composite
def books(draw: st.DrawFn, /, **fixed: ParameterValue) -> Inputs:
    """Two to four forces, one or two units, one to four years; parameters in `fixed` are not drawn."""
    forces = CODES[: draw(st.integers(2, 4))]
    start = date(FIRST - 1, 10, 1)
    days = (st.integers(150, 600) | st.integers(0, 1600)).map(lambda n: start + timedelta(n))
    codes = ("ICT", "HR")[: draw(st.integers(1, 2))]
    units = [Unit(code, pooled_from=draw(st.none() | days)) for code in codes]
    years = range(FIRST, FIRST + draw(st.integers(1, LAST - FIRST + 1)))
    budgets = [
        draw(rows_of(unit.code, year, forces))
        for unit in units
        for year in years
        for _ in range(draw(st.integers(1, 4)))
    ]
    drawn: dict[str, ParameterValue] = {
        "basis": draw(st.sampled_from(["auto", "auto", "nre"])),
        "fixed base %": draw(PERCENT),
        "fixed base on": draw(st.sampled_from(["nre", "equal"])),
        "window months": draw(st.sampled_from([12, 24])),
        "lag months": draw(st.integers(-3, 12)),
        "demand method": draw(st.sampled_from(["pooled", "mean"])),
        "rebase tolerance": draw(st.sampled_from([None, Fraction(1), Fraction(4)])),
        "max missing %": Fraction(10),
        "max share movement": draw(st.sampled_from([Fraction(2), Fraction(50)])),
        "share decimals": draw(st.sampled_from([None, 0, 2])),
        "no loser %": draw(PERCENT),
    }
    figures = st.tuples(*(st.integers(1, 10**11) for _ in forces))
    before = st.tuples(*(PENCE for _ in forces))
    sets: dict[str, tuple[AgreedSet, ...]] = {}
    if draw(st.booleans()):
        shares = split(10_000, draw(figures))
        exact = {force: Fraction(share, 10_000) for force, share in zip(forces, shares, strict=True)}
        sets["ICT"] = (AgreedSet("ICT", Y(draw(st.sampled_from(years))), exact),)
    return inputs(
        forces,
        units,
        budgets,
        {unit.code: draw(st.sampled_from([["calls"], ["calls", ("fleet", 3)], []])) for unit in units},
        demand={"calls": draw(demands(forces)), "fleet": draw(demands(forces))},
        principles=terms((None, 2010, {**drawn, **fixed})),
        agreed=sets,
        baselines={
            unit.code: baselines(**dict(zip(forces, draw(before), strict=True)))
            for unit in units
            if draw(st.booleans())
        },
        nre=nre(forces, **{f"y{year}": draw(figures) for year in years}),
    )


def outcome(ledger: Ledger) -> list[tuple[Any, ...]]:
    return [(line.unit, line.year, line.component, line.force, line.pence, line.basis) for line in ledger.lines]


# Splitting whole pence


@given(PENCE, WEIGHTS)
def test_a_split_sums_and_nobody_is_a_penny_from_its_quota(total: int, weights: list[Fraction | int]) -> None:
    assume(sum(weights))
    parts = split(total, weights)
    assert sum(parts) == total
    assert all(abs(part - Fraction(total) * w / sum(weights)) < 1 for part, w in zip(parts, weights, strict=True))
    assert all(part == 0 for part, w in zip(parts, weights, strict=True) if not w)


@given(PENCE, WEIGHTS)
def test_a_credit_is_split_as_a_cost(total: int, weights: list[Fraction | int]) -> None:
    assume(sum(weights))
    assert split(-total, weights) == [-part for part in split(total, weights)]


@given(PENCE, WEIGHTS, st.fractions(min_value=Fraction(1, 1000), max_value=1000))
def test_only_proportions_count(total: int, weights: list[Fraction | int], scale: Fraction) -> None:
    assume(sum(weights))
    assert split(total, [w * scale for w in weights]) == split(total, weights)


@given(PENCE, WEIGHTS)
def test_odd_pennies_go_to_the_largest_remainders(total: int, weights: list[Fraction | int]) -> None:
    assume(sum(weights))
    quotas_ = quotas(total, weights)
    received = [(-q.remainder, place) for place, q in enumerate(quotas_) if q.odd]
    left = [(-q.remainder, place) for place, q in enumerate(quotas_) if not q.odd]
    assert not received or not left or max(received) < min(left)


@given(st.lists(st.fractions(-1000, 1000, max_denominator=200), min_size=1, max_size=5))
def test_whole_pence_keep_the_total(targets: list[Fraction]) -> None:
    targets = [*targets, half_up(sum(targets, Fraction(0))) - sum(targets, Fraction(0))]
    whole = to_whole(targets)
    assert sum(whole) == sum(targets)
    assert all(abs(pence - target) < 1 for pence, target in zip(whole, targets, strict=True))


# The ledger


@given(books())
def test_lines_sum_to_the_budget_and_every_control_holds(book: Inputs) -> None:
    ledger = apportion(book)
    assert all(control.passed for control in ledger.controls)
    for result in ledger.results:
        budget = sum(row.pence for row in book.budgets if (row.unit, row.year) == (result.unit.code, result.year))
        assert sum(line.pence for line in result.lines) == budget
        assert sum(result.decision.shares) == 1
    assert {(r.unit.code, r.year) for r in ledger.results} == {(row.unit, row.year) for row in book.budgets}


@pytest.mark.long
@given(books(), st.integers(2, 10**6))
def test_scaling_all_nre_changes_nothing(book: Inputs, scale: int) -> None:
    scaled = {key: replace(figure, pence=figure.pence * scale) for key, figure in book.nre.items()}
    assert outcome(apportion(replace(book, nre=scaled))) == outcome(apportion(book))


@pytest.mark.long
@given(books(**{"share decimals": None}), st.randoms(use_true_random=False))
def test_permuting_forces_permutes_shares(book: Inputs, random: Any) -> None:
    order = list(book.forces)
    random.shuffle(order)
    ledger, other = apportion(book), apportion(replace(book, forces=tuple(order)))
    for result, moved in zip(ledger.results, other.results, strict=True):
        assert (moved.decision.basis, moved.decision.robust) == (result.decision.basis, result.decision.robust)
        assert shares_by_force(moved) == shares_by_force(result)
        for component in ("pooled", "implementation"):
            mine, theirs = (
                {line.force: line.pence for line in own.lines if line.component == component} for own in (result, moved)
            )
            # pence of equal remainders go to the earlier force, so an odd penny may move; nothing else
            assert all(abs(theirs.get(force, 0) - mine.get(force, 0)) <= 1 for force in result.members)


def shares_by_force(result: UnitYear) -> dict[str, Fraction]:
    return dict(zip(result.members, result.decision.shares, strict=True))


@pytest.mark.long
@given(
    books(**{**EXACT, "basis": "demand", "fixed base %": Fraction(0)}),
    st.lists(st.integers(1, 50), min_size=4, max_size=4),
)
def test_constant_demand_gives_constant_shares(book: Inputs, volumes: list[int]) -> None:
    constant = dict(zip(book.force_codes(), volumes, strict=False))
    span = (f"{FIRST - 4}-04", f"{LAST + 2}-03", constant)
    steady = replace(
        book,
        demand={"calls": monthly(span), "fleet": monthly(span)},
        drivers={"ICT": book.drivers["ICT"]},
        units=book.units[:1],
        budgets=tuple(row for row in book.budgets if row.unit == "ICT"),
    )
    assume(steady.drivers["ICT"])
    expected = tuple(Fraction(volume, sum(constant.values())) for volume in constant.values())
    for result in apportion(steady).results:
        assert result.decision.robust
        assert result.decision.shares == expected


@pytest.mark.long
@given(books(**{**EXACT, "fixed base %": Fraction(100)}))
def test_a_fixed_base_of_everything_is_the_base(book: Inputs) -> None:
    for result in apportion(book).results:
        on_nre = nre_shares([book.nre[result.year, force].pence for force in result.members])
        base = on_nre if result.terms.fixed_base_on == "nre" else equal_shares(len(result.members))
        assert result.decision.new in (base, None)
        if result.decision.basis == "demand":
            assert result.decision.shares == base


@pytest.mark.long
@given(books(**{"rebase tolerance": None}))
def test_many_years_are_their_single_years(book: Inputs) -> None:
    whole = apportion(book)
    for year in whole.years():
        alone = apportion(replace(book, budgets=tuple(row for row in book.budgets if row.year == year)))
        assert outcome(alone) == outcome(whole.only(years=[year]))


# No loser

PAIRS = st.lists(st.tuples(PENCE | st.integers(-3, 3), PENCE | st.integers(-3, 3)), min_size=1, max_size=5)


def adjusted(pairs: list[tuple[int, int]], applied: Fraction = Fraction(100)) -> tuple[list[int], NoLoser]:
    """What each pays after the adjustment, and the adjustment."""
    result = no_loser([pooled for pooled, _ in pairs], [baseline for _, baseline in pairs], applied)
    return [pooled + move for (pooled, _), move in zip(pairs, result.adjustments, strict=True)], result


@given(PAIRS, PERCENT)
def test_the_adjustment_sums_to_zero_and_overshoots_nobody(pairs: list[tuple[int, int]], applied: Fraction) -> None:
    after, result = adjusted(pairs, applied)
    assert sum(result.adjustments) == 0
    for (pooled, baseline), pays in zip(pairs, after, strict=True):
        low, high = sorted((pooled, baseline))  # between what it would pay and what it paid, whichever is more
        assert low <= pays <= high


@given(PAIRS)
def test_no_loser_where_gains_suffice_and_no_gainer_where_they_do_not(pairs: list[tuple[int, int]]) -> None:
    after, result = adjusted(pairs)
    assert result.achievable == (sum(pooled for pooled, _ in pairs) <= sum(baseline for _, baseline in pairs))
    for (_, baseline), pays in zip(pairs, after, strict=True):
        assert pays <= baseline if result.achievable else pays >= baseline


@given(PAIRS)
def test_applied_twice_it_changes_nothing_more(pairs: list[tuple[int, int]]) -> None:
    after, _ = adjusted(pairs)
    again, result = adjusted([(pays, baseline) for pays, (_, baseline) in zip(after, pairs, strict=True)])
    assert again == after
    assert not any(result.adjustments)


@given(PAIRS, PERCENT)
def test_a_taper_is_within_a_penny_of_its_part(pairs: list[tuple[int, int]], applied: Fraction) -> None:
    _, whole = adjusted(pairs)
    _, part = adjusted(pairs, applied)
    for full, tapered in zip(whole.adjustments, part.adjustments, strict=True):
        assert abs(full * applied / 100 - tapered) < 1


# Detail


@pytest.mark.long
@settings(max_examples=150)
@given(books(basis="nre"))
def test_the_detail_foots_both_ways(book: Inputs) -> None:
    ledger = apportion(book)
    detail = list(ledger.detail())
    by_row: dict[Place, int] = {}
    for portion in detail:
        if portion.component != "no_loser":
            (cell,) = portion.cells
            by_row[cell] = by_row.get(cell, 0) + portion.pence
    assert by_row == {row.cell: row.pence for row in book.budgets if row.pence} | {
        cell: 0 for cell, pence in by_row.items() if not pence
    }
    posted = {(line.unit, line.year, line.component, line.force): line.pence for line in ledger.lines if line.pence}
    assert summed(detail) == posted
    assert summed(by_subjective(detail)) == posted


def summed(detail: list[DetailLine]) -> dict[tuple[Any, ...], int]:
    sums: dict[tuple[Any, ...], int] = {}
    for line in detail:
        key = (line.unit, line.year, line.component, line.force)
        sums[key] = sums.get(key, 0) + line.pence
    return {key: pence for key, pence in sums.items() if pence}


@given(st.lists(PENCE, min_size=1, max_size=6), st.lists(st.integers(1, 50), min_size=2, max_size=4))
def test_a_running_total_stays_beside_its_rows(pence: list[int], weights: list[int]) -> None:
    """Why the detail splits the running total: each row's part is less than two pennies from its own quota."""
    before = [0] * len(weights)
    for row, total in zip(pence, accumulate(pence), strict=True):
        after = split(total, weights)
        for now, then, weight in zip(after, before, weights, strict=True):
            assert abs(now - then - Fraction(row * weight, sum(weights))) < 2
        before = after
