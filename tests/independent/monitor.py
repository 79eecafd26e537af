"""`monitor` worked out a second time from review.md: where the year will end, unit by unit and force by force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from .against import money
from .analysis import (
    ActualRow,
    Amounts,
    Explanation,
    Forecast,
    ReviewBook,
    Side,
    VarianceRow,
    about,
    apportioned,
    explain,
    financial_year,
    judge,
    ledger,
    plus,
    sums_of,
)
from .books import chance
from .calculation import BudgetRow, Shares, components, nre_shares, year_text

Row = dict[str, Any]


def monitor(book: ReviewBook, day: date, year: int | None = None) -> list[Row]:
    """The rows of the year, by default that of the day: each unit's forces and the unit, then those of all units."""
    year = financial_year(day) if year is None else year
    rows: list[Row] = []
    judged: list[VarianceRow] = []
    for (_, posted), side in ledger(book, "budgets").items():
        if posted == year:
            own = judged_rows(book, side, day)
            judged += own
            rows += unit_rows(book, side, day, own)
    to_date = {(row["unit"], row["force"]): row["to_date"] for row in rows}
    for total in sums_of(book, judged):
        if total.unit is None:
            amount = sum(pence for (_, force), pence in to_date.items() if force == total.force)
            rows.append({**as_row(total), "to_date": amount, "months": None, "made_on": None})
            rows[-1] |= {"movement": None, "reason": ""}
    return rows


def as_row(judged: VarianceRow) -> Row:
    return {
        "unit": judged.unit,
        "year": year_text(judged.year),
        "force": judged.force,
        "budget": judged.plan,
        "forecast": judged.actual,
        "variance": judged.variance,
        "percent": judged.percent,
        "status": judged.status,
        "explained_amount": judged.explained_amount,
        "unexplained_amount": judged.unexplained_amount,
    }


def known_forecasts(book: ReviewBook, side: Side, day: date) -> list[Forecast]:
    """Those of the unit and year made by the day, the latest last."""
    made = [row for row in book.forecasts if (row.unit, row.year) == (side.unit.code, side.year) and row.made_on <= day]
    return sorted(made, key=lambda row: row.made_on)


def nothing_pooled(side: Side) -> bool:
    return not any(side.of("pooled").values())


def held_weights(side: Side) -> Shares | None:
    """The held lines, where nothing is pooled that year and these are all of one sign."""
    held = {force: Fraction(pence) for force, pence in side.of("held").items() if pence}
    if not nothing_pooled(side) or len({pence > 0 for pence in held.values()}) != 1:
        return None
    return {force: abs(pence) for force, pence in held.items()}


def forecast_for(side: Side, pence: int) -> Amounts:
    """A forecast of the whole unit's outturn, force by force."""
    weights = held_weights(side)
    own = side.of("direct", "implementation") if weights else side.of("held", "direct", "implementation")
    return plus(apportioned(pence - sum(own.values()), weights or side.shares), own, side.of("no_loser"))


def judged_rows(book: ReviewBook, side: Side, day: date) -> list[VarianceRow]:
    """Budget, forecast and what is explained of the difference: a row for each member, then the unit's."""
    made, budget = known_forecasts(book, side, day), side.total()
    forecast = forecast_for(side, made[-1].pence) if made else budget
    rows: list[VarianceRow] = []
    for whose in [*([force] for force in side.members), side.members]:
        plan, expected = (sum(amounts.get(force, 0) for force in whose) for amounts in (budget, forecast))
        force = whose[0] if len(rows) < len(side.members) else None
        effects = {"cost": expected - plan}
        rows.append(VarianceRow(None, side.unit.code, side.year, force, plan, expected, effects))
    key = (side.unit.code, side.year)
    explain([said for said in about(book, "forecast") if (said.unit, said.year) == key], rows)
    for row in rows:
        judge(book, row)
    return rows


def unit_rows(book: ReviewBook, side: Side, day: date, judged: list[VarianceRow]) -> list[Row]:
    made = known_forecasts(book, side, day)
    spent = [row for row in lines_to_date(book, day) if (row.unit, row.year) == (side.unit.code, side.year)]
    to_date = borne_to_date(book, side, spent)
    before = forecast_for(side, made[-2].pence) if len(made) > 1 else None
    rows: list[Row] = []
    for row in judged:
        whose = side.members if row.force is None else [row.force]
        moved = None if before is None else row.actual - sum(before.get(force, 0) for force in whose)
        rows.append(
            {
                **as_row(row),
                "to_date": sum(to_date.get(force, 0) for force in whose),
                "months": len({month for line in spent for month in line.period or ()}),
                "made_on": made[-1].made_on.isoformat() if made else None,
                "movement": moved,
                "reason": made[-1].reason if made else "",
            }
        )
    return rows


def lines_to_date(book: ReviewBook, day: date) -> list[ActualRow]:
    """Without a period, or of months that end on or before the day."""
    return [row for row in book.actuals if row.period is None or last_day(row.period[-1]) <= day]


def last_day(month: int) -> date:
    return date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)


def borne_to_date(book: ReviewBook, side: Side, spent: list[ActualRow]) -> Amounts:
    parts = components(side.unit, side.year, list[BudgetRow](spent))
    on_nre = nre_shares(book, side.unit.code, side.year, side.members) if parts.has_implementation else {}
    implementation = apportioned(parts.implementation, on_nre)
    pooled = apportioned(parts.pooled, held_weights(side) or side.shares)
    return plus(pooled, parts.held, parts.direct, implementation)


# --- drawing -----------------------------------------------------------------------------------------------


def draw(book: ReviewBook, seed: int) -> None:
    """Forecasts, and what is said of them, for two of the years."""
    rng = Random(f"monitor {seed}")
    book.explanations = list(book.explanations)
    years = sorted({row.year for row in book.budgets})
    for unit, year in dict.fromkeys((row.unit, row.year) for row in book.budgets):
        if year in (years[0], years[-1]):
            budget = sum(row.pence for row in book.budgets if (row.unit, row.year) == (unit, year))
            draw_forecasts(rng, book, unit, year, budget)
            for cause in rng.sample(["cost", "all"], rng.choice([0, 0, 1, 2])):
                said = Explanation(unit, year, cause, f"{cause} of the forecast", against="forecast")
                if chance(rng, 0.5):
                    said.pence = rng.choice([1, -1, 10]) * abs(budget) // rng.choice([10, 50, 400])
                force = rng.choice(book.forces).code if chance(rng, 0.3) else None
                book.explanations.append(replace(said, force=force))
    rng.shuffle(book.forecasts)


def draw_forecasts(rng: Random, book: ReviewBook, unit: str, year: int, budget: int) -> None:
    april_1 = date(year, 4, 1)
    some = [april_1 + timedelta(days=day) for day in rng.sample(range(-60, 420), 4)]
    for made_on in rng.sample([*some, date(year, 9, 30), date(year, 12, 30), date(year, 12, 31)], rng.randint(0, 4)):
        pence = budget * rng.choice([100, 101, 95, 104, 120, 80]) // 100 + rng.choice([0, 1, -1, 3_000_000])
        reason = rng.choice(["", "vacancies", "pay award"])
        if made_on not in {row.made_on for row in book.forecasts if (row.unit, row.year) == (unit, year)}:
            book.forecasts.append(Forecast(unit, year, made_on, pence, reason))


# --- comparing ---------------------------------------------------------------------------------------------

MONEY = {"budget", "to_date", "forecast", "variance", "movement", "explained_amount", "unexplained_amount"}


def compare(program: Row, expected: list[Row]) -> list[str]:
    """Every difference between `monitor --json` and this calculation; a reason left out and a blank one are alike."""
    differences: list[str] = []
    theirs = {(row["unit"], row["force"]): {**row, "reason": row["reason"] or ""} for row in program["rows"]}
    names = [(row["unit"], row["force"]) for row in program["rows"]]
    ours = [(row["unit"], row["force"]) for row in expected]
    if names != ours:
        differences.append(f"rows: program {names}, here {ours}")
    for row in expected:
        shown = theirs.get((row["unit"], row["force"]), {})
        for name, value in row.items():
            here = money(value) if name in MONEY and value is not None else value
            if shown and shown[name] != here:
                differences.append(f"row {row['unit']} {row['force']}: {name} {shown[name]}, here {here}")
    return differences


def questions(book: ReviewBook) -> Iterator[tuple[list[str], list[Row]]]:
    """What is asked of the program, and the answer: at the end of a month, the day before, and afterwards."""
    years = sorted({row.year for row in book.budgets})
    first, last = years[0], years[-1]
    asked: list[tuple[date, int | None]] = [
        (date(last, 9, 30), None),
        (date(last, 12, 30), None),
        (date(last + 1, 3, 31), last),
        (date(first + 1, 1, 31), first),
    ]
    for day, year in asked:
        words = ["--as-at", day.isoformat(), *(["--year", year_text(year)] if year is not None else [])]
        yield words, monitor(book, day, year)


def census(book: ReviewBook) -> Counter[str]:
    """How often each status and number of months was given, and where nothing is pooled what is held."""
    seen: Counter[str] = Counter()
    for (unit, year), side in ledger(book, "budgets").items():
        if nothing_pooled(side) and any((row.unit, row.year) == (unit, year) for row in book.forecasts):
            signs = {held > 0 for held in side.of("held").values() if held}
            seen["nothing pooled, held: " + (" and ".join("+" if sign else "-" for sign in signs) or "nothing")] += 1
    for _, rows in questions(book):
        for row in rows:
            seen[f"status {row['status']}"] += 1
            seen[f"months {row['months']}"] += 1
            seen["made"] += row["made_on"] is not None
            seen["moved"] += bool(row["movement"])
            seen["explained in part"] += bool(row["explained_amount"] and row["unexplained_amount"])
            seen["spent"] += bool(row["to_date"])
    return seen
