"""The first page of `monitor`: where the year will end for each force, what moves it, what is open, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter

from bch_apportion.answers import headings, table
from bch_apportion.groups import groups
from bch_apportion.ledger import Ledger
from bch_apportion.questions.first_page import (
    MOVEMENTS,
    amount_row,
    by_force,
    charted,
    foremost,
    in_words,
    listed,
    money,
    narrowing,
    percents,
    signed,
    standing_line,
)
from bch_apportion.questions.judged import not_additive
from bch_apportion.questions.monitor.rows import Monitor, MonitorRow
from bch_apportion.questions.variance.page import significance
from bch_apportion.words import many
from bch_apportion.writing.report import Kind, Page, Report, columns, plain_table, spans
from bch_apportion.years import FinancialYear, day_text

MOST_OPEN = 8  # rows that are open; where there are more, it says so
FEW = 4  # units that a sentence names; where there are more, it counts them


def first_page(answer: Monitor, ledger: Ledger) -> Page:
    """The latest year shown."""
    day = ledger.as_at
    assert day is not None
    year = max((*answer.years(), *(row.year for row in answer.without_budget)))
    rows = [row for row in answer.rows if row.year == year]
    return Page(
        title=f"Where {year} will end, as known on {day_text(day)}: {ledger.inputs.source}",
        units="£",
        blocks=(
            *(_standing(answer, rows, ledger) if rows else ["No unit has a budget."]),
            *_without_budget(answer, year),
            *filter(None, [" ".join(_forecasts(rows, day)), *_outturn(rows, ledger)] if rows else []),
            " ".join(_about(answer, year)),
            standing_line(ledger, year),
        ),
    )


def _of_units(rows: Sequence[MonitorRow]) -> list[MonitorRow]:
    """The rows of the units as a whole."""
    return [row for row in rows if row.unit and row.force is None]


def _standing(answer: Monitor, rows: Sequence[MonitorRow], ledger: Ledger) -> list[Report]:
    """What is expected, by force and by unit."""
    return [_totals(answer, rows, ledger), *_largest(rows, ledger), _open(answer, rows), _units(answer, rows)]


def _totals(answer: Monitor, rows: Sequence[MonitorRow], ledger: Ledger) -> Report:
    """Budget, forecast, variance, what is explained of it, and the outturn to date, for each force."""
    of_all = [row for row in rows if row.unit is None]
    budget, forecast, change = (amount_row(name, name, of_all) for name in ("budget", "forecast", "variance"))
    ends = [budget, forecast, change, percents("%", change, budget)]
    behind = [amount_row(name, f"{name}_amount", of_all) for name in ("explained", "unexplained")]
    if rows[0].year in answer.with_outturn():
        behind.append(amount_row("outturn to date", "to_date", of_all))
    members = [force for force in ledger.inputs.force_codes() if force in budget.amounts]
    report = by_force("First page", [*ends, *behind], members, len(ends))
    if not any(change.amounts.values()):
        return report  # a chart would show nothing
    return charted(report, f"Variance of {rows[0].year}, force by force: above zero costs more", ["variance"])


def _largest(rows: Sequence[MonitorRow], ledger: Ledger) -> list[Report]:
    """The largest variances, and what moved most since the forecast before, in words."""
    units, variances = _of_units(rows), _in_words("Variances", "Largest variances", rows, "variance")
    if not any(row.made_on for row in units):
        late = "made by that day" if ledger.inputs.further.forecasts else "given (sheet Forecasts)"
        return [replace(variances, empty=f"No forecast is {late}: the budget stands in.")]
    if not any(row.movement for row in units):
        return [variances]
    return [variances, _in_words("Movements", "Largest movements since the forecast before", rows, "movement")]


def _in_words(name: str, title: str, rows: Sequence[MonitorRow], figure: str) -> Report:
    """The units of which a figure is largest, whatever its sign, with each force's part and the reason."""
    pence_of = attrgetter(figure)
    moved = sorted(filter(pence_of, _of_units(rows)), key=lambda row: -abs(pence_of(row)))[:MOVEMENTS]

    def why(row: MonitorRow) -> str:
        parts = {own.force: pence_of(own) for own in rows if own.unit == row.unit and own.force and pence_of(own)}
        return f"{in_words(parts)}: {row.reason or 'no reason is given'}"

    heads = columns("unit", (figure, "figure"), ("why", "wide"))
    shown = tuple((row.unit, signed(pence_of(row)), why(row)) for row in moved)
    empty = "None: every forecast is the budget." if figure == "variance" else "None."
    return Report(name, title, heads, shown, empty=empty, headed=False)


def _open(answer: Monitor, rows: Sequence[MonitorRow]) -> Report:
    """Significant variances that are not explained, the largest first, those of all units last."""
    left = [row for row in answer.once() if row.year == rows[0].year and row.significant and not row.explained]
    left.sort(key=lambda row: (row.unit is None, -abs(row.unexplained_amount)))
    more = [f"and {len(left) - MOST_OPEN} more: --show unexplained"] if len(left) > MOST_OPEN else []
    shown = "unit: unit_words | force: force_words | variance | unexplained: unexplained_amount | status: status_words"
    report = _table("Open", left[:MOST_OPEN], shown, more)
    return replace(report, title="Open: significant, unexplained", empty="Nothing.")


def _units(answer: Monitor, rows: Sequence[MonitorRow]) -> Report:
    """Each unit with its budget, outturn to date, forecast, variance and movement; all units at the end."""
    units, notes = foremost(_of_units(rows), attrgetter("variance"), "units", ", which differ less")
    totals = [row for row in rows if row.unit is None and row.force is None] if len(units) > 1 else []
    if any(row.stands_in for row in units):
        notes.append("* no forecast: the budget stands in")
    to_date = "to date: to_date | " if any(row.year in answer.with_outturn() for row in units) else ""
    change = "variance | %: percent_words | status: status_words | movement"
    shown = _table("Units", [*units, *totals], f"unit: starred | budget | {to_date}forecast | {change}", notes)
    first_left_out = [["to date"]] if to_date else []
    return narrowing(replace(shown, totals=len(totals)), *first_left_out, ["budget", "to date", "forecast"])


def _table(name: str, rows: Sequence[MonitorRow], shown: str, notes: Sequence[str]) -> Report:
    declared = table(rows, MonitorRow, headings(shown))
    kinds: dict[str, Kind] = {column.name: "pounds" for column in declared.columns if column.kind}
    return plain_table(name, "", declared, kinds={**kinds, "unit": "wide", "%": "figure"}, notes=notes, units="")


def _without_budget(answer: Monitor, year: FinancialYear) -> Iterator[str]:
    """What is not among the figures."""
    named = []
    for row in answer.without_budget:
        amounts = {"forecast": row.forecast, "outturn": row.to_date}
        words = [f"{name} {money(pence)}" for name, pence in amounts.items() if pence is not None]
        named += [f"{row.unit} ({', '.join(words)})"] if row.year == year else []
    if named:
        yield f"Without a budget, so in none of these figures: {listed(named, 'without-budget')}."


def _forecasts(rows: Sequence[MonitorRow], day: date) -> Iterator[str]:
    """From when the forecasts are, which are older than the newest, and for which units the budget stands in."""
    units = _of_units(rows)
    made = groups((row.made_on, row.unit or "") for row in units if row.made_on)
    if not made:
        return  # said in the place of the variances
    newest, *older = sorted(made, reverse=True)
    yield f"The newest forecasts, for {_whose(made[newest])}, are {_age(newest, day)}."
    if older:
        named = [f"{unit} {day_text(made_on)}" for made_on in reversed(older) for unit in made[made_on]]
        yield f"Older: {listed(named, 'units')}."
    without = [row.unit or "" for row in units if not row.made_on]
    if without:
        yield f"Without a forecast, so that the budget stands in: {listed(without, 'units')}."


def _age(made_on: date, day: date) -> str:
    """A day, and how many days before another it is."""
    return f"of {day_text(made_on)}, {many((day - made_on).days, 'day')} old" if made_on < day else "of that day"


def _outturn(rows: Sequence[MonitorRow], ledger: Ledger) -> Iterator[str]:
    """How many months the outturn names, and the units of which it names others or none."""
    year = rows[0].year
    lines = [line for line in ledger.inputs.actuals if line.year == year]
    if not lines:
        yield f"No outturn of {year} is given (sheet Actuals)."
        return
    undated = {line.unit for line in lines if line.period is None}

    def named(row: MonitorRow) -> str:
        return many(row.months, "month") if row.months else "no month named" if row.unit in undated else "none"

    held = groups((named(row), row.unit or "") for row in _of_units(rows))
    parts = [f"{what} for {_whose(names)}" for what, names in sorted(held.items(), key=lambda item: -len(item[1]))]
    yield f"Outturn to date: {'; '.join(parts)}."


def _whose(units: Sequence[str]) -> str:
    """The units by name, where they are few."""
    return ", ".join(units) if len(units) <= FEW else many(len(units), "unit")


def _about(answer: Monitor, year: FinancialYear) -> Iterator[str]:
    """What a variance and its status are, other years, and explanations that explain nothing."""
    yield "Variance = forecast − budget; positive is adverse (costs more)."
    yield significance(answer.settings, "the budget")
    others = [other for other in answer.years() if other != year]
    if others:
        yield f"Other years: {spans(others)} (--year; --show units)."
    yield from not_additive(answer.rows)
