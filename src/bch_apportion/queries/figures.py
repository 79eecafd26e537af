"""Figures that look wrong by themselves: far from the others, below zero, a fraction, out of their year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from bch_apportion.groups import groups, sums
from bch_apportion.model import ForceCode, Inputs, UnitCode
from bch_apportion.money import Exact, Pence, plain, pounds, pounds_words
from bch_apportion.places import Place
from bch_apportion.problems import Query
from bch_apportion.years import FinancialYear, day_text

FAR = 10  # times: an NRE or a budget beside its other years
FAR_APART = 100  # times: the NRE of two forces in a year
LOST = Fraction(10**18)  # further than any figure is from another
WORTH_ASKING = 1_000_000  # pence: below it a budget is too small to ask about
ByYear: TypeAlias = Mapping[FinancialYear, Pence]
PERCENTAGES, TOLERANCE = ("fixed base %", "no loser %", "max missing %"), "tolerance %"


def middle(values: Sequence[Exact]) -> Fraction:
    """The median, exact; of an even number the mean of the middle two; 0 of none.

    >>> middle([3, 1, 2]), middle([1, 4])
    (Fraction(2, 1), Fraction(5, 2))
    """
    ordered, half = sorted(values), len(values) // 2
    return Fraction(ordered[half] + ordered[~half], 2) if values else Fraction(0)


def jumps(inputs: Inputs) -> Iterator[Query]:
    """*jump*: an NRE ten times or a tenth of other years', or far from other forces; a unit's budget likewise."""
    by_force = groups((force, (year, figure.pence)) for (year, force), figure in inputs.nre.items())
    named: set[ForceCode] = set()
    for force, by_year in by_force.items():
        for year, usual in _far_from_the_rest(dict(by_year)):
            named.add(force)
            yield _nre_jump(inputs, year, force, f"the median of its other years is {pounds_words(usual)}")
    for year, force, usual in _far_from_other_forces(inputs, named):
        yield _nre_jump(inputs, year, force, f"the median of the other forces is {pounds_words(usual)}")
    yield from _budget_jumps(inputs)


def _nre_jump(inputs: Inputs, year: FinancialYear, force: ForceCode, beside: str) -> Query:
    figure = inputs.nre[year, force]
    message = f"the NRE of {force} for {year} is {pounds_words(figure.pence)}; {beside}"
    return Query("jump", ("NRE", force, str(year)), (figure.cell,), message, years=(year,))


def _far_from_the_rest(figures: ByYear, least: Pence = 0) -> Iterator[tuple[FinancialYear, Pence]]:
    """The years whose figure is far from the median of the others, with that median; then the rest without it.

    Of two the later is named. `least` is what both must be, without sign.
    """
    rest = dict(sorted(figures.items()))
    while len(rest) > 1:
        far: dict[FinancialYear, tuple[Fraction, Pence]] = {}
        for year, pence in rest.items():
            usual = middle([other for name, other in rest.items() if name != year])
            if usual and abs(pence) >= least <= abs(usual) and (distance := _distance(pence, usual)) >= FAR:
                far[year] = distance, round(usual)
        if not far:
            return
        farthest = max(far, key=lambda year: far[year][0]) if len(rest) > 2 else list(far)[-1]
        yield farthest, far[farthest][1]
        del rest[farthest]


def _distance(value: Fraction | int, usual: Fraction | int) -> Fraction:
    """How many times the one is the other, whichever is the larger; what has lost its sign is further than all."""
    ratio = Fraction(value) / Fraction(usual)
    return LOST if ratio <= 0 else max(ratio, 1 / ratio)


def _far_from_other_forces(inputs: Inputs, named: set[ForceCode]) -> Iterator[tuple[FinancialYear, ForceCode, Pence]]:
    """Forces whose NRE is far from the others' in a year: each in the first such year, where it is not named yet."""
    for year in sorted({year for year, _ in inputs.nre}):
        rest = {force: figure.pence for (own, force), figure in inputs.nre.items() if own == year}
        while len(rest) > 1 and max(rest.values()) >= FAR_APART * min(rest.values()):
            usual = {f: middle([p for other, p in rest.items() if other != f]) for f in rest}
            distance = {force: (_distance(pence, usual[force]), -pence) for force, pence in rest.items()}
            farthest = max(distance, key=lambda force: distance[force])
            if farthest not in named:
                named.add(farthest)
                yield year, farthest, round(usual[farthest])
            del rest[farthest]


def _budget_jumps(inputs: Inputs) -> Iterator[Query]:
    for unit, rows in groups((row.unit, row) for row in inputs.budgets).items():
        by_year, cells = sums((row.year, row.pence) for row in rows), groups((row.year, row.cell) for row in rows)
        for year, usual in _far_from_the_rest(by_year, WORTH_ASKING):
            amount, median = pounds_words(by_year[year]), pounds_words(usual)
            message = f"the budget of {unit} for {year} is {amount}; the median of its other years is {median}"
            key = ("Budgets", unit, str(year))
            yield Query("jump", key, tuple(cells[year]), message, units=(unit,), years=(year,))


def fractions(inputs: Inputs) -> Iterator[Query]:
    """*fraction-as-percent*: a percentage between 0 and 1 in a cell without a percent format."""
    for row in (*inputs.principles, *inputs.overrides):
        for name in PERCENTAGES:
            value = row.values.get(name)
            if row.cells.get(name) in inputs.fractions and isinstance(value, int | Fraction):
                whose = f"{row.unit or 'all units'} from {row.from_year}"
                yield _fraction((name, row.unit or "all", str(row.from_year)), whose, value, row.cells[name], row.unit)
    for measure in inputs.further.measures:
        cell = measure.cells.get(TOLERANCE)
        if cell in inputs.fractions and measure.tolerance is not None:
            whose = f"the measure {measure.measure}"
            yield _fraction((TOLERANCE, measure.measure), whose, measure.tolerance, cell, measure.unit)


def _fraction(key: tuple[str, ...], whose: str, value: Exact, cell: Place, unit: UnitCode | None) -> Query:
    """The query of a percentage `key[0]`."""
    share, meant = plain(value), plain(value * 100)
    words = f"{key[0]} of {whose} is {share}, which is read as {share} %; if {meant} % is meant, write {meant}"
    return Query("fraction-as-percent", (*key, share), (cell,), words, units=(unit,) if unit else ())


def signs(inputs: Inputs) -> Iterator[Query]:
    """*sign*: a saving, a payment, a business case, a baseline or a growth below 0."""
    for given in inputs.assumptions:
        if given.kind in ("saving", "growth") and given.value < 0:
            why = f"a {given.kind} below 0 works as {'growth' if given.kind == 'saving' else 'a saving'}"
            yield _sign("Assumptions", given.unit, given.from_year, int(given.value), (given.cell,), why, given.kind)
    for payment in inputs.payments:
        if payment.pence < 0:
            why = f"a payment below 0 is a payment from {payment.payee} to {payment.payer}"
            yield _sign("Payments", payment.unit or "", payment.year, payment.pence, (payment.cell,), why)
    for case in inputs.business_cases:
        own = case.force_cells if case.by_force else {}
        for force, pence in case.amounts.items():
            if pence < 0:
                cells = (own[force],) if force in own else case.cells
                yield _sign("Business cases", case.unit, case.year, pence, cells, "a business case below 0")
    for unit, by_force in inputs.baselines.items():
        for baseline in by_force.values():
            if baseline.pence < 0:
                why = "a baseline below 0 says that the force was paid"
                yield _sign("Baselines", unit, baseline.year, baseline.pence, (baseline.cell,), why)


def _sign(
    sheet: str,
    unit: str,
    year: FinancialYear | None,
    pence: Pence,
    cells: tuple[Place, ...],
    why: str,
    kind: str = "",
) -> Query:
    where = (sheet, unit, "" if year is None else str(year))
    message = f"{' '.join(filter(None, where))}: {pounds_words(pence)}, {why}"
    units, years = (unit,) if unit else (), () if year is None else (year,)
    return Query("sign", (*where, kind, pounds(pence)), cells, message, units=units, years=years)


def outside_year(inputs: Inputs) -> Iterator[Query]:
    """*outside-year*: a payment dated before its year, or more than twelve months after its end."""
    for payment in inputs.payments:
        day, year = payment.day, payment.year
        if day is None or year.first_day() <= day <= year.plus(1).last_day():
            continue
        when = "before that year" if day < year.first_day() else "more than twelve months after that year"
        payer, payee, amount = payment.payer, payment.payee, pounds_words(payment.pence)
        key = (str(year), payer, payee, pounds(payment.pence), day.isoformat())
        cells, units = (payment.cells.get("date", payment.cell),), (payment.unit,) if payment.unit else ()
        message = f"{payer}'s payment of {amount} to {payee} for {year} is dated {day_text(day)}, {when}"
        yield Query("outside-year", key, cells, message, units=units, years=(year,))
