"""`benchmark` worked out a second time from review.md: what our units cost beside other services, by size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from random import Random
from typing import Any

from .against import money
from .analysis import Comparator, Retained, ReviewBook, Size, outturn
from .books import chance
from .calculation import BudgetRow, Problem, half_up, members_of, year_text

Ratio = tuple[Fraction, str]
"""Pence to a unit of size, and whose."""


def four_decimals(pence: Fraction) -> str:
    """Pounds to a unit of size."""
    parts = half_up(pence * 100)
    sign = "-" if parts < 0 else ""
    return f"{sign}{abs(parts) // 10_000}.{abs(parts) % 10_000:04d}"


def benchmark(
    book: ReviewBook, year: int | None = None, measure: str = "", group: str = "", spent: bool = False
) -> dict[str, Any]:
    """The document; `left_out` is the set of what is named there, without the reasons."""
    year = max(row.year for row in book.budgets) if year is None else year
    measure = measure or book.sizes[0].measure
    sizes = {row.force: row.amount for row in book.sizes if (row.year, row.measure) == (year, measure)}
    costs = costs_of(book, year, spent)
    rows: list[dict[str, Any]] = []
    left_out = {unit.code for unit in book.units if unit.code not in book.functions or unit.code not in costs}
    for function in dict.fromkeys(book.functions.values()):
        units = [unit for unit in book.units if book.functions.get(unit.code) == function and unit.code in costs]
        members = {force for unit in units for force in members_of(book, unit, year)}
        if not units:
            continue
        if not members <= sizes.keys():
            raise Problem(f"size-missing: {function} {year_text(year)}")
        retained = retained_by(book, year, function, members)
        cost = sum(costs[unit.code] for unit in units) + (retained or 0)
        size = sum((sizes[force] for force in members), Fraction(0))
        others = comparators_of(book, year, function, group)
        left_out |= {row.force for row in others if row.force not in sizes}
        sized = [row for row in others if row.force in sizes]
        if not sized:
            left_out.add(function)
        rows.append(
            {
                "function": function,
                "units": [unit.code for unit in units],
                "cost": money(cost),
                "retained": None if retained is None else money(retained),
                "size": size,
                "per_size": four_decimals(cost / size),
                **beside(cost, size, {row.force: (row.pence, sizes[row.force]) for row in sized}),
            }
        )
    return {"year": year_text(year), "measure": measure, "group": group or None, "rows": rows, "left_out": left_out}


def costs_of(book: ReviewBook, year: int, spent: bool) -> dict[str, int]:
    """By unit the cost of the year, of the units with any line of it but implementation.

    With `spent` the outturn, where there is one of the whole year; else the budget.
    """
    posted: dict[str, list[BudgetRow]] = {}
    for rows in (book.budgets, outturn(book) if spent else []):
        own = [row for row in rows if row.year == year]
        posted |= {row.unit: [other for other in own if other.unit == row.unit] for row in own}
    revenue = {unit: [row for row in rows if row.type != "implementation"] for unit, rows in posted.items()}
    return {unit: sum(row.pence for row in rows) for unit, rows in revenue.items() if rows}


def retained_by(book: ReviewBook, year: int, function: str, members: set[str]) -> int | None:
    """What the members spend on the function beside the units; None unless each says how much."""
    given = {row.force: row.pence for row in book.retained if (row.year, row.function) == (year, function)}
    return sum(given[force] for force in members) if members <= given.keys() else None


def comparators_of(book: ReviewBook, year: int, function: str, group: str) -> list[Comparator]:
    ours = {name.lower() for force in book.forces for name in (force.code, force.name, *force.aliases)}
    return [
        row
        for row in book.comparators
        if (row.year, row.function) == (year, function)
        and row.force.lower() not in ours
        and (not group or group in row.groups)
    ]


def beside(cost: int, size: Fraction, others: dict[str, tuple[int, Fraction]]) -> dict[str, Any]:
    """The fields of a row that need comparators: each one's net cost and size."""
    if not others:
        names = ["comparators_per_size", "difference_per_size", "difference", "rank", "of", "quartile"]
        return {"comparators": 0, **dict.fromkeys([*names, "lowest", "highest"])}
    theirs = Fraction(sum(pence for pence, _ in others.values())) / sum(amount for _, amount in others.values())
    own = cost / size
    each: list[Ratio] = sorted((pence / amount, force) for force, (pence, amount) in others.items())
    rank = 1 + sum(ratio < own for ratio, _ in each)
    return {
        "comparators": len(others),
        "comparators_per_size": four_decimals(theirs),
        "difference_per_size": four_decimals(own - theirs),
        "difference": money(half_up(cost - theirs * size)),
        "rank": rank,
        "of": len(others) + 1,
        "quartile": ceil(Fraction(4 * rank, len(others) + 1)),
        "lowest": extreme(each, each[0][0]),
        "highest": extreme(each, each[-1][0]),
    }


def extreme(each: list[Ratio], ratio: Fraction) -> dict[str, Any]:
    """Of several alike any may be named."""
    return {"force": {force for other, force in each if other == ratio}, "per_size": four_decimals(ratio)}


# --- drawing -----------------------------------------------------------------------------------------------

FUNCTIONS = ["ICT", "Roads policing", "Dogs and horses", "Human resources"]
OTHERS = ["Avon", "Cheshire", "Devon", "Gwent", "Kent Fire", "Lincolnshire", "Surrey"]
GROUPS = ["most similar", "eastern", "rural"]
MEASURES = ["population", "officers", "incidents"]


def draw(book: ReviewBook, seed: int) -> None:
    """Functions, comparators, sizes and what is retained, for two of the years."""
    rng = Random(f"benchmark {seed}")
    functions = rng.sample(FUNCTIONS, 3)
    for unit in book.units:
        if chance(rng, 0.85):
            book.functions[unit.code] = rng.choice(functions[:2])
    years = sorted({row.year for row in book.budgets})
    for year in years[:1] + years[-1:]:
        draw_sizes(rng, book, year)
        for function in functions:
            style = rng.choice(["all", "all", "some", "none"])
            for force in book.forces:
                if style == "all" or (style == "some" and chance(rng, 0.7)):
                    pence = rng.choice([0, rng.randint(1, 90_000_000)])
                    book.retained.append(Retained(year, function, force.code, pence))
            if chance(rng, 0.85):
                draw_comparators(rng, book, year, function)
    bring_near(rng, book, years[-1])


def draw_sizes(rng: Random, book: ReviewBook, year: int) -> None:
    for measure in rng.sample(MEASURES, 2) if not book.sizes else dict.fromkeys(row.measure for row in book.sizes):
        neat = chance(rng, 0.4)
        for name in [*(force.code for force in book.forces), *OTHERS]:
            if name not in OTHERS or chance(rng, 0.85):
                amount = Fraction(rng.choice([1000, 2000, 4000]) if neat else rng.randint(1, 20_000_000), 10)
                book.sizes.append(Size(year, name, measure, amount))


def draw_comparators(rng: Random, book: ReviewBook, year: int, function: str) -> None:
    for name in rng.sample(OTHERS, rng.randint(1, len(OTHERS))):
        groups = tuple(rng.sample(GROUPS, rng.choice([0, 1, 1, 2])))
        pence = rng.choice([rng.randint(-1_000_000, 500_000_000), 100_000 * rng.randint(1, 4)])
        book.comparators.append(Comparator(year, function, name, pence, groups))
    for force in book.forces:
        if chance(rng, 0.3):
            name = rng.choice([force.code, force.code.lower(), force.name, *force.aliases])
            book.comparators.append(Comparator(year, function, name, rng.randint(1, 900_000_000), ("rural",)))


def bring_near(rng: Random, book: ReviewBook, year: int) -> None:
    """Most comparators cost for their size about what we do, some of them exactly that."""
    sizes = {row.force: row for row in book.sizes if (row.year, row.measure) == (year, book.sizes[0].measure)}
    for row in benchmark(book)["rows"]:
        cost, size = int(Fraction(row["cost"]) * 100), row["size"]
        for other in comparators_of(book, year, row["function"], ""):
            if other.force in sizes and chance(rng, 0.7):
                if chance(rng, 0.3):
                    sizes[other.force].amount = size
                level = rng.choice([Fraction(1), Fraction(rng.randint(60, 140), 100)])
                other.pence = half_up(cost / size * sizes[other.force].amount * level)


# --- comparing ---------------------------------------------------------------------------------------------


def compare(program: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Every difference between `benchmark --json` and this calculation; the order of the rows is not laid down."""
    differences = [
        f"{name}: {program[name]}, here {expected[name]}"
        for name in ("year", "measure", "group")
        if program[name] != expected[name]
    ]
    theirs = {row["function"]: row for row in program["rows"]}
    ours = {row["function"]: row for row in expected["rows"]}
    if sorted(row["function"] for row in program["rows"]) != sorted(ours):
        differences.append(f"functions: {list(theirs)}, here {list(ours)}")
    for function, row in ours.items():
        for name, here in row.items():
            shown = theirs.get(function, {}).get(name)
            if name == "size":
                same = shown is not None and Fraction(shown) == here
            elif isinstance(here, dict):
                same = shown is not None and shown["per_size"] == here["per_size"] and shown["force"] in here["force"]
            else:
                same = shown == here
            if not same:
                differences.append(f"{function}: {name} {shown}, here {here}")
    named = [entry["what"] for entry in program["left_out"]]
    missing = {what for what in expected["left_out"] if not any(what in name for name in named)}
    more = {name for name in named if not any(what in name for what in expected["left_out"])}
    return differences + ([f"left out: not named {missing}, named alone {more}"] if missing or more else [])


def questions(book: ReviewBook) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """What is asked of the program, and the answer."""
    first = min(row.year for row in book.budgets)
    second = list(dict.fromkeys(row.measure for row in book.sizes))[1]
    yield [], benchmark(book)
    yield ["--year", year_text(first), "--per", second], benchmark(book, first, second)
    yield ["--group", GROUPS[0], "--outturn"], benchmark(book, group=GROUPS[0], spent=True)
    yield ["--year", year_text(first), "--outturn"], benchmark(book, first, spent=True)


def census(book: ReviewBook) -> Counter[str]:
    """How often each quartile, each number of comparators and each tie was given."""
    seen: Counter[str] = Counter()
    for _, answer in questions(book):
        seen["left out"] += len(answer["left_out"])
        for own in answer["rows"]:
            seen[f"comparators {own['comparators']}"] += 1
            seen[f"quartile {own['quartile']}"] += 1
            seen["retained"] += own["retained"] is not None
            seen["retained of nothing"] += own["retained"] == "0.00"
            seen["several units"] += len(own["units"]) > 1
            ends = [own["lowest"], own["highest"]] if own["lowest"] else []
            seen["alike at an end"] += any(len(end["force"]) > 1 for end in ends)
            seen["the same as ours"] += any(end["per_size"] == own["per_size"] for end in ends)
    return seen
