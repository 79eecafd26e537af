"""Random books that can be computed, and the same book written neatly or as people write.

`random_book(seed, n_forces)` draws; `write_tidy` writes what workbook.md describes, plainly; `write_untidy` writes the
same content with titles, notes, wide sheets, totals, remarks and many spellings.
"""

from __future__ import annotations

from calendar import month_abbr, month_name
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from .analysis import (
    ActualRow,
    BusinessCase,
    Explanation,
    FullBook,
    Goal,
    Payment,
    ReviewBook,
    track,
    variance_from_book,
    variance_from_budget,
    variance_from_case,
    variance_from_year,
)
from .calculation import (
    Baseline,
    Book,
    BudgetRow,
    Demand,
    Driver,
    Force,
    Principle,
    Problem,
    Result,
    Unit,
    UnitYear,
    Value,
    april,
    calculate,
    members_of,
    split,
    window_of,
    year_text,
)

# --- drawing a book ----------------------------------------------------------------------------------------

FORCES = [
    Force("BEDS", "Bedfordshire", ["Beds Police", "BP"]),
    Force("CAMBS", "Cambridgeshire", ["Cambs Constabulary"]),
    Force("HERTS", "Hertfordshire", ["Herts Constabulary", "Hertford"]),
    Force("NORF", "Norfolk", ["Norfolk Constabulary"]),
    Force("SUFF", "Suffolk", []),
    Force("ESX", "Essex", ["Essex Police", "EP"]),
    Force("KENT", "Kent Police", ["KP"]),
]
UNITS = [
    ("ICT", "Information technology"),
    ("MC", "Major crime"),
    ("DOGS", "Dog unit"),
    ("RP", "Roads policing"),
    ("FIREARMS", ""),
    ("SOC", "Scenes of crime"),
    ("PS", "Professional standards"),
    ("CTC", "Camera tickets"),
]
DRIVERS = ["headcount", "calls", "crimes", "fleet miles", "custody"]
SUBJECTIVES = ["pay", "premises", "transport", "supplies", "income"]


def random_book(seed: int, n_forces: int) -> Book:
    """The first draw that can be computed."""
    for attempt in range(2000):
        rng = Random(f"book {seed} {n_forces} {attempt}")
        try:
            book = draw(rng, n_forces)
            sharpen(rng, book, calculate(book))
            calculate(book)
        except Problem:
            continue
        if not comes_back(book):
            return book
    raise RuntimeError(f"no book for seed {seed}")


def chance(rng: Random, probability: float) -> bool:
    return rng.random() < probability


def hundredths(rng: Random, low: float, high: float, decimals: int = 2) -> Fraction:
    scale = 10**decimals
    return Fraction(rng.randint(round(low * scale), round(high * scale)), scale)


def comes_back(book: Book) -> bool:
    """Whether a unit returns to members it had before: the specification does not say what that does to its shares."""
    for unit in book.units:
        known = [row.from_year for row in book.principles] + [year for _, year in book.agreed]
        years = sorted({row.year for row in book.budgets} | set(known))
        seen: list[list[str]] = []
        for year in years:
            members = members_of(book, unit, year)
            if not seen or seen[-1] != members:
                if members in seen:
                    return True
                seen.append(members)
    return False


def draw(rng: Random, n_forces: int) -> Book:
    book = Book(forces=[], units=[], budgets=[], nre={})
    chosen = sorted(rng.sample(FORCES, n_forces), key=lambda _: rng.random())
    book.forces = [Force(force.code, force.name, list(force.aliases)) for force in chosen]
    codes = [force.code for force in book.forces]
    first = rng.randint(2013, 2021)
    years = list(range(first, first + rng.randint(2, 5)))
    if chance(rng, 0.25):
        book.settings["carry nre forward"] = rng.choice(["yes", "yes", "no"])
    if chance(rng, 0.4):
        book.settings["uprate baselines"] = rng.choice(["yes", "yes", "no"])
    if chance(rng, 0.3):
        book.settings["money in"] = rng.choice(["thousands", "thousands", "pounds"])
    draw_units(rng, book, codes, years)
    draw_nre(rng, book, codes, years)
    draw_principles(rng, book, codes, years)
    for unit in book.units:
        unit_years = years if chance(rng, 0.75) else sorted(rng.sample(years, rng.randint(1, len(years))))
        common = set(codes)
        for year in unit_years:
            members = members_of(book, unit, year)
            common &= set(members)
            draw_budget(rng, book, unit, year, members)
        common &= set(unit.members if unit.members is not None else codes)
        if common and chance(rng, 0.5):
            unit.lead = rng.choice([code for code in codes if code in common])
    draw_drivers(rng, book)
    book.signed_off_column = chance(rng, 0.3)
    draw_demand(rng, book, codes)
    draw_agreed(rng, book, years)
    for year in range(first - 4, years[-1] + 1):
        book.deflators[year] = hundredths(rng, 92, 118, rng.choice([0, 1, 2]))
    draw_baselines(rng, book, years)
    return book


def draw_units(rng: Random, book: Book, codes: list[str], years: list[int]) -> None:
    for code, name in rng.sample(UNITS, rng.randint(3, 8)):
        unit = Unit(code, name)
        if len(codes) > 2 and chance(rng, 0.4):
            picked = set(rng.sample(codes, rng.randint(2, len(codes) - 1)))
            unit.members = [force for force in codes if force in picked]
        elif chance(rng, 0.2):
            unit.members = list(codes)
        kind = rng.random()
        if kind < 0.35:
            unit.pooled_from = date(years[0] - rng.randint(0, 3), 4, 1)
        elif kind < 0.85:
            unit.pooled_from = some_day(rng, years)
        if unit.pooled_from is not None and chance(rng, 0.8):
            unit.s22a_signed = unit.pooled_from - timedelta(days=rng.choice([0, 1, 30, 200]))
        elif chance(rng, 0.3):
            unit.s22a_signed = some_day(rng, years)
        book.units.append(unit)


def some_day(rng: Random, years: list[int]) -> date:
    start = rng.choice(years)
    leap = [year for year in years if (year + 1) % 4 == 0]
    if leap and chance(rng, 0.2):
        return date(leap[0] + 1, 2, 29)
    return rng.choice(
        [
            date(start, 4, 1),
            date(start, 4, 2),
            date(start + 1, 3, 31),
            date(start, 10, 1),
            date(start, 4, 1) + timedelta(days=rng.randint(0, 364)),
            date(years[-1] + 1, 4, 1),
        ]
    )


def draw_nre(rng: Random, book: Book, codes: list[str], years: list[int]) -> None:
    neat = chance(rng, 0.4)
    for year in range(years[0] - 3, years[-1] + 1):
        parts = percents(rng, len(codes), 0)
        for i, force in enumerate(codes):
            pence = int(parts[i] * 100_000_000) if neat else rng.randint(5_000_000_000, 20_000_000_000)
            book.nre[year, force] = max(pence, rng.randint(1, 1000))
    if book.settings.get("carry nre forward") == "yes" or chance(rng, 0.1):
        later = [key for key in book.nre if key[0] > years[0] - 3]
        for key in rng.sample(later, rng.randint(1, 3)):
            del book.nre[key]
    if chance(rng, 0.3):
        for force in codes:
            book.nre.pop((years[0] - 3, force), None)


def percents(rng: Random, count: int, decimals: int) -> list[Fraction]:
    """So many percentages with a total of exactly 100."""
    steps = 10**decimals
    parts = split(100 * steps, [rng.randint(2, 9) for _ in range(count)])
    if chance(rng, 0.1):
        parts[0], parts[-1] = parts[0] + parts[-1], 0
    return [Fraction(part, steps) for part in parts]


def draw_principles(rng: Random, book: Book, codes: list[str], years: list[int]) -> None:
    by_twelve = chance(rng, 0.4)
    windows = [12, 24, 36] if by_twelve else [12, 24, 20, 10, 18, 30, 7, 40]
    general = {"window months": rng.choice(windows)} if chance(rng, 0.85) else {}
    rows = [Principle(None, years[0] - rng.randint(0, 2), dict(general), some_reference(rng))]
    if chance(rng, 0.4):
        rows.append(Principle(None, rng.choice(years) + 1, draw_values(rng, None, codes, years, windows), "Minute 3"))
    if chance(rng, 0.5):
        rows[0].values |= draw_values(rng, None, codes, years, windows)
    for unit in book.units:
        starts = rng.sample(range(years[0] - 1, years[-1] + 1), rng.choice([0, 1, 1, 2]))
        for start in starts:
            rows.append(Principle(unit.code, start, draw_values(rng, unit, codes, years, windows)))
        if unit.members is not None and len(unit.members) < len(codes) and chance(rng, 0.4):
            rows.append(grown(rng, unit, codes, rng.choice(years[1:])))
    for row in rows:
        if row.values.get("basis") == "demand" or chance(rng, 0.4):
            row.reference = some_reference(rng) or "Board 12/6"
    kept: dict[tuple[str | None, int], Principle] = {}
    for row in rows:
        if row.values:
            kept.setdefault((row.unit, row.from_year), row)
    book.principles = list(kept.values())


def grown(rng: Random, unit: Unit, codes: list[str], year: int) -> Principle:
    """A force joins the unit; often there are settled shares that no longer fit."""
    assert unit.members is not None
    joining = rng.choice([code for code in codes if code not in unit.members])
    row = Principle(unit.code, year, {"forces": tuple(code for code in codes if code in {*unit.members, joining})})
    if chance(rng, 0.6):
        row.values |= {"basis": "demand", "rebase tolerance": Fraction(rng.choice([5, 20, 100]))}
    return row


def some_reference(rng: Random) -> str:
    return rng.choice(["", "s22A clause 7.2", "JCOB minute 14", "Board paper 3"])


def draw_values(
    rng: Random, unit: Unit | None, codes: list[str], years: list[int], windows: list[int]
) -> dict[str, Value]:
    values: dict[str, Value] = {}

    def maybe(name: str, probability: float, make: Callable[[], Value]) -> None:
        if chance(rng, probability):
            values[name] = make()

    def percentage(some: list[int], low: int, high: int) -> Callable[[], Value]:
        """One of these, or anything between the two."""
        return lambda: rng.choice([*map(Fraction, some), hundredths(rng, low, high)])

    mean_often = all(size % 12 == 0 for size in windows)
    maybe("basis", 0.35 if unit else 0.15, lambda: rng.choice(["auto", "nre", "demand", "demand", "agreed"]))
    maybe("fixed base %", 0.35, percentage([50, 0, 100], 1, 99))
    maybe("fixed base on", 0.2, lambda: rng.choice(["equal", "equal", "nre"]))
    maybe("window months", 0.15, lambda: rng.choice(windows))
    maybe("lag months", 0.2, lambda: rng.choice([6, 0, 3, 9, -12, -3, 1]))
    maybe("demand method", 0.3 if mean_often else 0.03, lambda: rng.choice(["mean", "mean", "pooled"]))
    maybe("rebase tolerance", 0.35, lambda: "none" if chance(rng, 0.15) else percentage([0, 1, 3, 10], 0, 6)())
    maybe("nre lag years", 0.15, lambda: rng.choice([0, 1, 1, 2]))
    maybe("fixed base year", 0.15, lambda: years[0] - rng.randint(-1, 2))
    maybe("max missing %", 0.35, percentage([5, 10, 25, 0], 0, 40))
    maybe("max share movement", 0.35, percentage([2, 5, 10, 100], 0, 12))
    maybe("keep demand years", 0.3, lambda: rng.choice([0, 1, 2, 2, 3]))
    maybe("share decimals", 0.3, lambda: "exact" if chance(rng, 0.2) else rng.randint(0, 3))
    maybe("no loser %", 0.3, lambda: rng.choice([Fraction(text) for text in ("0", "50", "100", "33.3", "12.5")]))
    maybe("part years protected", 0.35, lambda: rng.choice(["yes", "yes", "no"]))
    maybe("if not achievable", 0.3, lambda: rng.choice(["no adjustment", "no adjustment", "share gains"]))
    if unit is not None and len(codes) > 2:
        maybe("forces", 0.12, lambda: tuple(sorted(rng.sample(codes, rng.randint(2, len(codes))), key=codes.index)))
    return values


def draw_budget(rng: Random, book: Book, unit: Unit, year: int, members: list[str]) -> None:
    def amount() -> int:
        kind = rng.random()
        if kind < 0.55:
            return rng.randint(1, 500_000_000)
        if kind < 0.7:
            return 1000 * rng.randint(1, 5_000_00)
        if kind < 0.85:
            return -rng.randint(1, 300_000_000)
        return rng.choice([0, 1, -1, 2, 3, 5, 7, 101, -101])

    style = rng.random()
    if style < 0.06:
        pence = rng.randint(1, 10_000_000)
        book.budgets.append(BudgetRow(unit.code, year, pence, "pay", "pay"))
        book.budgets.append(BudgetRow(unit.code, year, -pence, "grant", "income"))
        return
    if style < 0.12:
        book.budgets.append(BudgetRow(unit.code, year, rng.choice([1, -1]), "odd penny"))
        return
    if style < 0.14:
        book.budgets.append(BudgetRow(unit.code, year, 0, "nothing yet"))
        return
    all_held = unit.pooled_from is not None and chance(rng, 0.25)
    for _ in range(rng.randint(1, 5)):
        subjective = rng.choice(SUBJECTIVES)
        row = BudgetRow(unit.code, year, amount(), rng.choice([subjective, f"{subjective} other", ""]), subjective)
        row.type = rng.choice(["revenue", "revenue", "", "revenue", "one-off", "implementation"])
        if row.type != "implementation":
            if chance(rng, 0.15):
                row.direct_to = rng.choice(members)
            elif all_held or chance(rng, 0.35):
                row.held_by = rng.choice(members)
        book.budgets.append(row)


def draw_drivers(rng: Random, book: Book) -> None:
    for unit in book.units:
        names = rng.sample(DRIVERS, rng.choice([0, 1, 1, 1, 1, 2, 2, 3]))
        for name in names:
            weight = Fraction(1)
            if len(names) > 1 and chance(rng, 0.6):
                weight = rng.choice([Fraction(2), Fraction("0.5"), Fraction("1.5"), Fraction(3), Fraction("0.7")])
            book.drivers.append(Driver(unit.code, name, weight))


def months_needed(book: Book, driver: str) -> range | None:
    windows = [
        window_of(book, row.unit, budget.year)
        for row in book.drivers
        for budget in book.budgets
        if row.driver == driver and budget.unit == row.unit
    ]
    if not windows:
        return None
    return range(min(window[0] for window in windows), max(window[-1] for window in windows) + 1)


def draw_demand(rng: Random, book: Book, codes: list[str]) -> None:
    for driver in sorted({row.driver for row in book.drivers}):
        needed = months_needed(book, driver)
        if needed is None:
            book.drivers = [row for row in book.drivers if row.driver != driver]
            continue
        low = needed[0] - rng.choice([0, 0, 1, 5]) + (rng.choice([1, 3, 6]) if chance(rng, 0.08) else 0)
        high = needed[-1] + rng.choice([0, 0, 2])
        drawn = draw_driver(rng, codes, driver, low, high)
        if not any(record.volume is not None for record in drawn):
            drawn.append(Demand(driver, low - 40, 1, codes[0], Fraction(1)))
        if book.signed_off_column:
            sign(rng, drawn)
        book.demand += drawn


def draw_driver(rng: Random, codes: list[str], driver: str, low: int, high: int) -> list[Demand]:
    periods = cut(rng, low, high)
    profile = rng.choice(["constant", "steps", "steps", "noise", "noise", "drift", "nothing"])
    if profile == "nothing" and chance(rng, 0.6):
        profile = "noise"
    monthly = rng.choice([Fraction(100), Fraction(1000), Fraction("57.5"), Fraction(20)])
    start = percents(rng, len(codes), 0)
    anchor = rng.choice([3, 9])
    step = rng.choice([0, 1, 1, 2, 3, 5])
    trend = [rng.uniform(-0.01, 0.01) for _ in codes]
    records: list[Demand] = []
    for first, months in periods:
        block = (first - anchor) // 12 - (low - anchor) // 12
        for i, force in enumerate(codes):
            if profile == "nothing":
                volume = Fraction(0)
            elif profile in ("constant", "steps"):
                share = start[i]
                if profile == "steps" and i in (0, len(codes) - 1):
                    share += (step if i == 0 else -step) * block
                volume = max(Fraction(0), monthly * share / 100 * months)
            else:
                level = float(monthly * start[i]) * months * (1 + trend[i] * (first - low) * (profile == "drift"))
                jitter = rng.uniform(0.95, 1.05)
                volume = max(Fraction(0), Fraction(round(level * jitter / 10), 10))
            records.append(Demand(driver, first, months, force, volume))
    lose(rng, records, codes)
    return records


def cut(rng: Random, low: int, high: int) -> list[tuple[int, int]]:
    """Periods that cover these months: months, quarters, financial years, ranges, or a mixture."""
    kind = rng.choice(["months", "months", "quarters", "years", "ranges", "mixture"])
    periods: list[tuple[int, int]] = []
    at = low
    while at <= high:
        quarter_ok, year_ok = at % 3 == 0, at % 12 == 3
        wish = rng.choice(["months", "quarters", "years", "ranges"]) if kind == "mixture" else kind
        if wish == "years" and year_ok:
            length = 12
        elif wish in ("quarters", "years") and quarter_ok:
            length = 3
        elif wish == "ranges":
            length = rng.choice([2, 4, 5, 6, 9])
        else:
            length = 1
        periods.append((at, length))
        at += length
    return periods


def lose(rng: Random, records: list[Demand], codes: list[str]) -> None:
    """Gaps, each force its own: as blank volumes or as no row at all."""
    if not chance(rng, 0.4):
        return
    rate = rng.choice([0.01, 0.03, 0.1])
    for record in list(records):
        if chance(rng, rate * rng.choice([0, 1, 2])):
            if chance(rng, 0.5):
                records.remove(record)
            else:
                record.volume = None
    if chance(rng, 0.3):
        firsts = sorted({record.first for record in records})
        for first in rng.sample(firsts, min(len(firsts), rng.randint(1, 3))):
            force = rng.choice(codes)
            records[:] = [record for record in records if (record.first, record.force) != (first, force)]


def sign(rng: Random, records: list[Demand]) -> None:
    style = rng.choice(["all", "all", "latest not", "some not", "some blank"])
    last = max(record.first for record in records)
    for record in records:
        record.signed = True
        if style == "latest not" and record.first == last:
            record.signed = False
        if style == "some not" and chance(rng, 0.01):
            record.signed = False
        if style == "some blank" and chance(rng, 0.01):
            record.signed = None


def draw_agreed(rng: Random, book: Book, years: list[int]) -> None:
    for unit in book.units:
        wants = any(row.unit in (unit.code, None) and row.values.get("basis") == "agreed" for row in book.principles)
        if not wants and not chance(rng, 0.35):
            continue
        starts = {years[0] - rng.randint(0, 1)} if wants or chance(rng, 0.6) else {rng.choice(years)}
        if chance(rng, 0.4):
            starts.add(rng.choice(years))
        if wants:  # a change of members needs a new set
            changes = [row.from_year for row in book.principles if row.unit == unit.code and "forces" in row.values]
            starts |= {year for year in changes if chance(rng, 0.9)}
        for start in sorted(starts):
            members = members_of(book, unit, start)
            book.agreed[unit.code, start] = dict(
                zip(members, percents(rng, len(members), rng.choice([0, 0, 1, 2])), strict=True)
            )
            book.agreed_references[unit.code, start] = some_reference(rng)


def draw_baselines(rng: Random, book: Book, years: list[int]) -> None:
    for unit in book.units:
        used = {row.year for row in book.budgets if row.unit == unit.code}
        if used and chance(rng, 0.45):
            ever = {force for year in used for force in members_of(book, unit, year)}
            price_year = years[0] - rng.randint(0, 3) if chance(rng, 0.6) else None
            reference = some_reference(rng)
            for force in (force.code for force in book.forces):
                if force in ever:
                    own = years[0] - 1 if price_year is not None and chance(rng, 0.1) else price_year
                    book.baselines.append(Baseline(unit.code, force, rng.randint(0, 100_000_000), own, reference))


# --- sharpening: figures that lie exactly on a limit -------------------------------------------------------


def terminates(value: Fraction, places: int = 6) -> bool:
    return bool((value * 10**places).denominator == 1)


def sharpen(rng: Random, book: Book, result: Result) -> None:
    """Move limits, agreed shares and baselines to where they decide something."""
    for unit in book.units:
        records = [record for record in result.bases if record.unit == unit.code]
        if not records:
            continue
        if chance(rng, 0.6):
            bring_baselines_near(rng, book, result, rng.choice(records))
        record = rng.choice(records)
        if record.demand_shares is not None and chance(rng, 0.5):
            bring_agreed_near(rng, book, record)
        on_the_limit(rng, book, rng.choice(records))
    if chance(rng, 0.6):
        again = calculate(book)
        for record in again.bases:
            if record.moved is not None and chance(rng, 0.5):
                shift = rng.choice([Fraction(0), Fraction(0), Fraction(1, 100), Fraction(-1, 100)])
                near = record.moved if terminates(record.moved) else Fraction(round(record.moved * 100), 100)
                set_own(book, record, "rebase tolerance", max(Fraction(0), near + shift))


def set_own(book: Book, record: UnitYear, name: str, value: Value) -> None:
    for row in book.principles:
        if row.unit == record.unit and row.from_year == record.start:
            row.values[name] = value
            return
    book.principles.append(Principle(record.unit, record.start, {name: value}, "Set on the limit"))


def on_the_limit(rng: Random, book: Book, record: UnitYear) -> None:
    shift = rng.choice([Fraction(0), Fraction(0), Fraction(-1, 1000)])
    if record.unsteady and terminates(record.unsteady) and chance(rng, 0.6):
        set_own(book, record, "max share movement", max(Fraction(0), record.unsteady + shift))
    (unit,) = [unit for unit in book.units if unit.code == record.unit]
    missing = max((len(months) for months in record.left_out.values()), default=0)
    percent = Fraction(100 * missing, len(window_of(book, unit.code, record.start)))
    if missing and terminates(percent) and chance(rng, 0.6):
        set_own(book, record, "max missing %", max(Fraction(0), percent + shift))


def bring_agreed_near(rng: Random, book: Book, record: UnitYear) -> None:
    assert record.demand_shares is not None
    sets = [key for key in book.agreed if key[0] == record.unit and list(book.agreed[key]) == record.members]
    if not sets:
        return
    decimals = rng.choice([0, 1, 2])
    steps = split(100 * 10**decimals, list(record.demand_shares.values()))
    giver, taker = rng.sample(range(len(steps)), 2)
    moved = min(steps[giver], rng.choice([0, 1, 2, 10]))
    steps[giver], steps[taker] = steps[giver] - moved, steps[taker] + moved
    percentages = [Fraction(step, 10**decimals) for step in steps]
    book.agreed[rng.choice(sets)] = dict(zip(record.members, percentages, strict=True))


def bring_baselines_near(rng: Random, book: Book, result: Result, record: UnitYear) -> None:
    pooled = {
        line.force: line.pence
        for line in result.lines
        if (line.unit, line.year, line.component) == (record.unit, record.year, "pooled")
    }
    level = rng.choice([1.0, 1.0, 0.9, 1.05, 1.1])
    for row in book.baselines:
        if row.unit == record.unit and row.force in pooled:
            near = round(pooled[row.force] * level * rng.choice([1.0, 0.9, 1.1, 0.97, 1.2])) + rng.choice([0, 0, 1, -1])
            row.pence = near


# --- business cases, actuals and what they are judged by ---------------------------------------------------


def with_analysis(book: Book, seed: int) -> FullBook:
    """The same book with Business cases, Actuals, Explanations, every deflator and materiality settings."""
    for attempt in range(200):
        rng = Random(f"analysis {seed} {attempt}")
        full = FullBook(**{known.name: getattr(book, known.name) for known in fields(Book)})
        full = replace(full, nre=dict(book.nre), settings=dict(book.settings), deflators=dict(book.deflators))
        try:
            draw_analysis(rng, full, fill_nre=attempt >= 20)
            set_materiality(rng, full)
            every_question(full)
        except Problem:
            continue
        return full
    raise RuntimeError(f"no analysis for seed {seed}")


def every_question(book: FullBook) -> None:
    """Ask all that is compared, so that a book with a problem is drawn again."""
    first = min(row.year for row in book.budgets)
    for source in ("budgets", "outturn"):
        for version in ("original", "latest", "v1"):
            variance_from_case(book, source, version)
        variance_from_year(book, first, source)
    variance_from_budget(book)
    track(book)
    track(book, first)


def draw_analysis(rng: Random, book: FullBook, fill_nre: bool) -> None:
    codes = [force.code for force in book.forces]
    years = sorted({row.year for row in book.budgets})
    for year in range(years[0] - 4, years[-1] + 3):
        book.deflators.setdefault(year, hundredths(rng, 92, 118, rng.choice([0, 1, 2])))
    if fill_nre:
        for year in range(years[0] - 3, years[-1] + 1):
            for force in codes:
                book.nre.setdefault((year, force), rng.randint(5_000_000_000, 20_000_000_000))
    for unit in book.units:
        posted = sorted({row.year for row in book.budgets if row.unit == unit.code})
        extra = rng.choice(range(years[0], years[-1] + 2))
        for year in [*posted, *([extra] if extra not in posted and chance(rng, 0.3) else [])]:
            if chance(rng, 0.75):
                draw_actuals(rng, book, unit, year, codes)
        others = [year for year in range(years[0] - 1, years[-1] + 2) if year not in posted]
        for year in posted + (rng.sample(others, 1) if chance(rng, 0.3) else []):
            if chance(rng, 0.8):
                draw_cases(rng, book, unit, year)
        for year in posted:
            draw_explanations(rng, book, unit, year, codes, years)
    if chance(rng, 0.3):
        rng.shuffle(book.business_cases)
    if chance(rng, 0.5):
        rng.shuffle(book.actuals)
        rng.shuffle(book.explanations)


EXPLAINED = ["prices", "cost", "nre", "demand", "basis", "no loser", "direct", "terms", "vacancies", "all", "All"]


def draw_explanations(rng: Random, book: FullBook, unit: Unit, year: int, codes: list[str], years: list[int]) -> None:
    """Some explanations of a unit's year, no two with the same key: whole or in part, of a force or of all."""
    budget = abs(sum(row.pence for row in book.budgets if (row.unit, row.year) == (unit.code, year)))
    keys: set[tuple[str, str | None, str]] = set()
    for cause in rng.choices(EXPLAINED, k=rng.choice([0, 0, 1, 2, 4])):
        force = rng.choice(codes) if chance(rng, 0.35) else None
        against = rng.choice(["", "", "budget", year_text(years[0]), "other.xlsx"])
        part = budget // rng.choice([1, 20, 100, 1_000, 9_973]) * rng.choice([1, 1, -1]) + rng.choice([0, 1])
        if (key := (cause.lower(), force, against)) not in keys:
            pence = part if chance(rng, 0.5) else None
            text = f"{cause} {force} {against} in {year_text(year)}"
            book.explanations.append(Explanation(unit.code, year, cause, text, "AB", force, pence, against))
        keys.add(key)


def draw_actuals(rng: Random, book: FullBook, unit: Unit, year: int, codes: list[str]) -> None:
    members = members_of(book, unit, year)
    rows = [row for row in book.budgets if (row.unit, row.year) == (unit.code, year)]
    changed: list[BudgetRow] = []
    for row in rows:
        if chance(rng, 0.9):
            factor = rng.choice([100, 100, 90, 104, 105, 110, 98, 150])
            pence = row.pence * factor // 100 + rng.choice([0, 0, 1, -1, 5_000_000, -2_500_000, 123])
            changed.append(replace(row, pence=pence))
    if chance(rng, 0.2) or not changed:
        changed.append(BudgetRow(unit.code, year, rng.randint(-1_000_000, 40_000_000), "in the year"))
    if chance(rng, 0.1):
        changed.append(BudgetRow(unit.code, year, rng.randint(1, 9_000_000), "paid direct", direct_to=members[0]))
    for row in changed:
        paid_by = rng.choice(codes) if chance(rng, 0.4) else None
        book.actuals.append(ActualRow(**vars(row), paid_by=paid_by))


def with_periods(book: FullBook, seed: int) -> FullBook:
    """The same book with the outturn of some units by months, quarters or longer, and payments on account."""
    rng = Random(f"periods {seed}")
    codes = [force.code for force in book.forces]
    lead = {unit.code: unit.lead for unit in book.units}
    keys = list(dict.fromkeys((row.unit, row.year) for row in book.actuals))
    cuts = {key: draw_periods(rng, april(key[1])) if chance(rng, 0.5) else [] for key in keys}
    dated = replace(book, actuals=[])
    for row in book.actuals:
        payer = row.paid_by or (rng.choice(codes) if not (row.held_by or lead[row.unit]) else None)
        periods = cuts[row.unit, row.year]
        if not periods or chance(rng, 0.1):
            dated.actuals.append(replace(row, paid_by=payer))
            continue
        parts = split(row.pence, [rng.randint(1, 9) for _ in periods])
        for period, pence in zip(periods, parts, strict=True):
            dated.actuals.append(replace(row, paid_by=payer, pence=pence, period=period))
    for _ in range(rng.choice([0, 1, 3])):
        payer, payee = rng.sample(codes, 2)
        unit, year = rng.choice(keys) if keys else (book.units[0].code, book.budgets[0].year)
        where = unit if chance(rng, 0.6) else None
        dated.payments.append(Payment(year, payer, payee, rng.randint(1, 90_000_000), where))
    return dated


def draw_periods(rng: Random, first: int) -> list[range]:
    """From the start of a year, most often not to its end; now and then one is missing."""
    end = first + rng.choice([1, 3, 5, 6, 9, 11, 12, 12])
    periods: list[range] = []
    at = first
    while at < end:
        length = min(rng.choice([1, 1, 1, 3, 3, 12]) if at % 3 == 0 else 1, end - at)
        periods.append(range(at, at + length))
        at += length
    if len(periods) > 1 and chance(rng, 0.1):
        periods.remove(rng.choice(periods))
    return periods


def draw_cases(rng: Random, book: FullBook, unit: Unit, year: int) -> None:
    members = members_of(book, unit, year)
    total = sum(row.pence for row in book.budgets if (row.unit, row.year) == (unit.code, year))
    for version in rng.choice([["v1"], ["v1"], [""], ["v1", "v2"], ["FBC", "v1"], ["v2", "v1", "final"]]):
        approved, price_year = None, None
        if chance(rng, 0.6):
            approved = date(year - rng.choice([0, 1, 1, 2, 3, 8]), rng.randint(1, 12), rng.randint(1, 28))
            if chance(rng, 0.2):
                approved = date(approved.year, *rng.choice([(3, 31), (4, 1)]))
        if chance(rng, 0.5):
            price_year = rng.choice([known for known in book.deflators if known <= year + 1])
        style = rng.random()
        planned = total * rng.choice([100, 95, 80, 96, 110, 102]) // 100 + rng.choice([0, 0, 1, -5_000_000, 777])
        if style < 0.08:
            planned = 0
        known = [row.force for row in book.business_cases if (row.unit, row.version) == (unit.code, version)]
        if known[0] is None if known else chance(rng, 0.6):  # a version names forces on all its rows or on none
            amounts: dict[str | None, int] = {None: planned}
        else:
            weights = [rng.randint(1, 9) for _ in members]
            amounts = dict(zip(members, split(planned, weights), strict=True))
            if style < 0.2:
                amounts[rng.choice(members)] = 0
            elif style < 0.35:
                amounts[rng.choice(members)] = -rng.randint(1, 9_000_000)
            elif style < 0.45:
                del amounts[rng.choice(members)]
        for force, pence in amounts.items():
            book.business_cases.append(BusinessCase(unit.code, year, pence, force, version, approved, price_year))


MATERIALITY = ["materiality amount", "materiality %", "always significant"]


def set_materiality(rng: Random, book: FullBook) -> None:
    """Sometimes to where a variance lies exactly on the limit, or on half of it."""
    if chance(rng, 0.15):
        return
    answers = [variance_from_case(book), variance_from_budget(book)]
    rows = [row for answer in answers for row in answer.rows if row.variance]

    def pounds(pence: int) -> str:
        return str(Decimal(pence) / 100)

    if chance(rng, 0.8):
        near = abs(rng.choice(rows).variance) * rng.choice([1, 1, 2]) + rng.choice([0, 0, 1]) if rows else 5
        book.settings["materiality amount"] = pounds(rng.choice([near, near, 0, 1_000_000, 50_000]))
    if chance(rng, 0.8):
        ratios = [Fraction(100 * abs(row.variance), abs(row.plan)) for row in rows if row.plan]
        exact = [decimal_text(ratio) for ratio in ratios if 0 < ratio <= 100 and terminates(ratio, 4)]
        book.settings["materiality %"] = rng.choice([*exact[:4], "5", "2.5", "10", "0"])
    if chance(rng, 0.6):
        near = abs(rng.choice(rows).variance) + rng.choice([0, 0, 1]) if rows else 5
        book.settings["always significant"] = pounds(rng.choice([near, near, 25_000_000, 2_000_000]))


def another(book: FullBook, seed: int) -> FullBook:
    """Last year's workbook, as it were: other money, other volumes, other terms, the same units and forces."""
    for attempt in range(200):
        rng = Random(f"another {seed} {attempt}")
        other = replace(book, settings=dict(book.settings))
        try:
            change(rng, other)
            if not all_members(other):
                continue
            variance_from_book(book, other)
            every_question(other)
        except Problem:
            continue
        if not comes_back(other):
            return other
    return book


def all_members(book: FullBook) -> bool:
    """Whether every holder, direct force and lead, and every force of a case, belongs to its unit."""
    for unit in book.units:
        for row in [*book.budgets, *book.actuals]:
            if row.unit == unit.code:
                members = {*members_of(book, unit, row.year), None}
                if row.held_by not in members or row.direct_to not in members or unit.lead not in members:
                    return False
        for case in book.business_cases:
            if case.unit == unit.code and case.force not in {*members_of(book, unit, case.year), None}:
                return False
    return True


def change(rng: Random, other: FullBook) -> None:
    codes = [force.code for force in other.forces]
    years = sorted({row.year for row in other.budgets})
    if chance(rng, 0.7):
        other.nre = {key: pence * rng.randint(90, 110) // 100 + 1 for key, pence in other.nre.items()}
    if chance(rng, 0.7):
        by_force = {code: Fraction(rng.randint(90, 110), 100) for code in codes}
        other.demand = [
            row if row.volume is None else replace(row, volume=row.volume * by_force[row.force]) for row in other.demand
        ]
    if chance(rng, 0.3) and other.demand:
        gone = rng.choice(other.demand)
        other.demand = [row for row in other.demand if (row.driver, row.first) != (gone.driver, gone.first)]
    if chance(rng, 0.3):
        other.drivers = [replace(row, weight=row.weight * rng.choice([1, 2, 3])) for row in other.drivers]
    if chance(rng, 0.4):
        other.signed_off_column = False
    posted = list(dict.fromkeys((row.unit, row.year) for row in other.budgets))
    gone_key = rng.choice(posted)
    other.budgets = [
        replace(row, pence=row.pence * rng.choice([100, 97, 103]) // 100)
        for row in other.budgets
        if (row.unit, row.year) != gone_key
    ]
    taken = {(row.unit, row.from_year) for row in other.principles}
    other.principles = list(other.principles)
    for unit in other.units:
        year = rng.choice(years)
        if chance(rng, 0.5) and (unit.code, year) not in taken:
            values = draw_values(rng, unit, codes, years, [12, 24, 36])
            if values:
                other.principles.append(Principle(unit.code, year, values, "As it was"))
    if chance(rng, 0.3):
        other.agreed = {}
        draw_agreed(rng, other, years)


# --- writing: spellings ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Percent:
    """A number that Excel shows as a percentage: 0.125 shown as 12.5%."""

    fraction: float


Cell = str | int | float | date | datetime | Percent | None


def plain(value: Fraction | int) -> int | float:
    """A number whose shortest decimal text is exactly this value."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return exact.numerator
    number = float(exact)
    assert Fraction(Decimal(repr(number))) == exact, f"{exact} is no short decimal"
    return number


def decimal_text(value: Fraction) -> str:
    return format(Decimal(str(plain(value))), "f")


class Plain:
    """Every value in its first form."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.thousands = book.settings.get("money in") == "thousands"

    def units_of_money(self, pence: Fraction | int) -> Fraction:
        return Fraction(pence) / (100_000 if self.thousands else 100)

    def force(self, code: str) -> str:
        return code

    def forces(self, codes: Sequence[str]) -> str:
        return ", ".join(codes)

    def unit(self, code: str) -> str:
        return code

    def year(self, start: int) -> str:
        return year_text(start)

    def money(self, pence: int) -> Cell:
        return plain(self.units_of_money(pence))

    def percent(self, value: Fraction) -> Cell:
        return plain(value)

    def number(self, value: Fraction) -> Cell:
        return plain(value)

    def date(self, day: date) -> Cell:
        return day

    def yes(self, signed: bool | None) -> Cell:
        return None if signed is None else "yes" if signed else "no"

    def period(self, first: int, months: int) -> Cell:
        start = (first - 3) // 12
        if months == 1 and first % 12 + 1 == (first // 12 + 1) % 100:  # 2011-12 could be a year
            return f"{month_abbr[first % 12 + 1]}-{first // 12}"
        if months == 1:
            return f"{first // 12}-{first % 12 + 1:02d}"
        if months == 3 and first % 3 == 0:
            return f"{year_text(start)} Q{(first - 3) % 12 // 3 + 1}"
        if months == 12 and first % 12 == 3:
            return year_text(start)
        last = first + months - 1
        return f"{first // 12}-{first % 12 + 1:02d}..{last // 12}-{last % 12 + 1:02d}"


class Hand(Plain):
    """Every value as somebody might type it."""

    def __init__(self, book: Book, rng: Random) -> None:
        super().__init__(book)
        self.rng = rng
        self.sub_penny = False

    def any_of(self, *forms: Cell) -> Cell:
        return self.rng.choice(forms)

    def cased(self, text: str) -> str:
        text = self.rng.choice([text, text, text.lower(), text.title(), text.upper()])
        return self.rng.choice([text, text, text, f" {text}", f"{text} "])

    def force(self, code: str) -> str:
        (force,) = [force for force in self.book.forces if force.code == code]
        names = [force.code, force.code, force.name, *force.aliases]
        return self.cased(self.rng.choice([name for name in names if name]))

    def forces(self, codes: Sequence[str]) -> str:
        return self.rng.choice([", ", ",", " , "]).join(self.rng.sample(list(codes), len(codes)))

    def unit(self, code: str) -> str:
        (unit,) = [unit for unit in self.book.units if unit.code == code]
        return self.cased(self.rng.choice([unit.code, unit.code, unit.name or unit.code]))

    def year(self, start: int) -> str:
        end = start + 1
        short = f"{end % 100:02d}"
        forms = [f"{start}/{short}", f"{start}-{short}", f"{start}/{end}", f"{start % 100:02d}/{short}"]
        return self.rng.choice([*forms, f"FY{start}/{short}", f"FY{short}"])

    def money(self, pence: int) -> Cell:
        amount = self.units_of_money(pence)
        if self.sub_penny and chance(self.rng, 0.05):
            amount = self.units_of_money(pence + (1 if pence < 0 else -1) * Fraction(self.rng.choice([5, 3]), 10))
            return plain(amount if pence else self.units_of_money(Fraction(4, 10)))
        if chance(self.rng, 0.75):
            return plain(amount)
        if amount == 0:
            return self.any_of("-", 0, "0.00")
        text = decimal_text(abs(amount))
        whole, _, cents = text.partition(".")
        cents = f"{cents}0" if len(cents) in (1, 3) else cents  # 1.850 could be 1,850
        text = f"{int(whole):,}.{cents}" if cents else f"{int(whole):,}"
        text = self.rng.choice([text, f"£{text}"])
        if amount > 0:
            return text
        return self.rng.choice([f"({text})", f"-{text}"])

    def percent(self, value: Fraction) -> Cell:
        if chance(self.rng, 0.4):
            return Percent(float(plain(value / 100)))
        return plain(value)

    def headed_percent(self, value: Fraction) -> Cell:
        """In a column headed %, where the sign itself may stand too."""
        if chance(self.rng, 0.25):
            return f"{decimal_text(value)}%"
        return self.percent(value)

    def number(self, value: Fraction) -> Cell:
        if value >= 1000 and chance(self.rng, 0.03):
            text = decimal_text(value)
            whole, _, rest = text.partition(".")
            return f"{int(whole):,}" + (f".{rest}" if rest else "")
        return plain(value)

    def date(self, day: date) -> Cell:
        return self.any_of(day, datetime(day.year, day.month, day.day), day.isoformat(), day.strftime("%d/%m/%Y"))

    def yes(self, signed: bool | None) -> Cell:
        text = super().yes(signed)
        return self.cased(text).strip() if isinstance(text, str) else text

    def period(self, first: int, months: int) -> Cell:
        start, month = (first - 3) // 12, first % 12 + 1
        if months == 1:
            day = datetime(first // 12, month, self.rng.choice([1, 1, 15, 28]))
            name = f"{month_name[month]} {first // 12}"
            short = f"{month_abbr[month]}-{first // 12 % 100:02d}"
            return self.any_of(day, super().period(first, months), name, short)
        if months == 12 and first % 12 == 3:
            return self.rng.choice([year_text(start), f"FY{year_text(start)}", f"{start}/{start + 1}"])
        return super().period(first, months)


# --- writing: the tables -----------------------------------------------------------------------------------


@dataclass
class Table:
    sheet: str
    header: list[str]
    rows: list[list[Cell]]
    shuffled: bool = True
    remarks: bool = True
    """Whether a row that fills a single cell is a remark here (the sheet needs more than one column)."""
    money: list[int] = field(default_factory=list)
    """The columns a total row adds up, and the exact values to add, row by row."""
    values: list[list[Fraction]] = field(default_factory=list)


def forces_table(book: Book) -> Table:
    rows: list[list[Cell]] = []
    for force in book.forces:
        rows.append([force.code, force.name or None, ", ".join(force.aliases) or None])
    return Table("Forces", ["force", "name", "aliases"], rows, shuffled=False, remarks=False)


def units_table(book: Book, hand: Plain) -> Table:
    rows: list[list[Cell]] = [
        [
            unit.code,
            unit.name or None,
            hand.forces(unit.members) if unit.members is not None else None,
            hand.force(unit.lead) if unit.lead else None,
            hand.date(unit.s22a_signed) if unit.s22a_signed else None,
            hand.date(unit.pooled_from) if unit.pooled_from else None,
        ]
        for unit in book.units
    ]
    header = ["unit", "name", "forces", "lead force", "s22a signed", "pooled from"]
    if isinstance(book, ReviewBook):
        header += ["target basis", "owner", "due", "function"]
        for unit, cells in zip(book.units, rows, strict=True):
            goal = book.goals.get(unit.code, Goal())
            cells += [goal.target or None, goal.owner or None, hand.date(goal.due) if goal.due else None]
            cells.append(book.functions.get(unit.code))
    return Table("Units", header, rows, shuffled=False, remarks=False)


def review_tables(book: ReviewBook, hand: Plain) -> list[Table]:
    """The sheets of review.md."""
    agreements = Table("Agreements", ["unit", "version", "signed", "effective", "review due"], [])
    for own in book.agreements:
        days = [hand.date(day) if day else None for day in (own.signed, own.effective, own.review_due)]
        agreements.rows.append([hand.unit(own.unit), own.version, *days])
    comparators = Table("Comparators", ["year", "function", "force", "net cost", "group"], [])
    for other in book.comparators:
        cells = [hand.year(other.year), other.function, other.force, hand.money(other.pence)]
        comparators.rows.append([*cells, "; ".join(other.groups) or None])
    sizes = Table("Sizes", ["year", "force", "measure", "amount"], [])
    for size in book.sizes:
        sizes.rows.append([hand.year(size.year), size.force, size.measure, hand.number(size.amount)])
    retained = Table("Retained", ["year", "function", "force", "amount"], [])
    for kept in book.retained:
        retained.rows.append([hand.year(kept.year), kept.function, hand.force(kept.force), hand.money(kept.pence)])
    forecasts = Table("Forecasts", ["unit", "year", "made on", "amount", "reason"], [])
    for row in book.forecasts:
        when = hand.date(row.made_on)
        cells = [hand.unit(row.unit), hand.year(row.year), when, hand.money(row.pence)]
        forecasts.rows.append([*cells, row.reason or None])
    return [agreements, comparators, sizes, retained, forecasts]


def budget_keys(row: BudgetRow, hand: Plain) -> list[Cell]:
    return [
        row.line or None,
        row.subjective or None,
        row.type or None,
        hand.force(row.held_by) if row.held_by else None,
        hand.force(row.direct_to) if row.direct_to else None,
    ]


BUDGET_KEYS = ["line", "subjective", "type", "held by", "direct to"]


def budgets_tidy(book: Book, hand: Plain, order: list[BudgetRow]) -> Table:
    table = Table("Budgets", ["unit", "year", "amount", *BUDGET_KEYS], [], shuffled=False, money=[2])
    for row in order:
        table.rows.append([hand.unit(row.unit), hand.year(row.year), hand.money(row.pence), *budget_keys(row, hand)])
        table.values.append([hand.units_of_money(row.pence)])
    return table


def budgets_wide(book: Book, hand: Plain, order: list[BudgetRow]) -> Table:
    """One column per year; rows that are alike but for the year stand in one row."""
    years = list(dict.fromkeys(row.year for row in order))
    rows: list[tuple[BudgetRow, dict[int, int]]] = []
    for row in order:
        alike = [
            amounts
            for first, amounts in rows
            if row.year not in amounts
            and (first.unit, first.line, first.subjective, first.type, first.held_by, first.direct_to)
            == (row.unit, row.line, row.subjective, row.type, row.held_by, row.direct_to)
        ]
        if alike:
            alike[0][row.year] = row.pence
        else:
            rows.append((row, {row.year: row.pence}))
    header = ["unit", *BUDGET_KEYS, *(hand.year(year) for year in years)]
    columns = list(range(len(header) - len(years), len(header)))
    table = Table("Budgets", header, [], shuffled=False, money=columns)
    for first, amounts in rows:
        cells = [hand.money(amounts[year]) if year in amounts else None for year in years]
        table.rows.append([hand.unit(first.unit), *budget_keys(first, hand), *cells])
        table.values.append([hand.units_of_money(amounts.get(year, 0)) for year in years])
    return table


def nre_tidy(book: Book, hand: Plain) -> Table:
    table = Table("NRE", ["year", "force", "nre"], [], money=[2])
    for (year, force), pence in book.nre.items():
        table.rows.append([hand.year(year), hand.force(force), hand.money(pence)])
        table.values.append([hand.units_of_money(pence)])
    return table


def nre_by_force(book: Book, hand: Plain) -> Table:
    codes = [force.code for force in book.forces]
    table = Table("NRE", ["year", *(hand.force(code) for code in codes)], [], money=list(range(1, len(codes) + 1)))
    for year in sorted({year for year, _ in book.nre}):
        cells = [hand.money(book.nre[year, code]) if (year, code) in book.nre else None for code in codes]
        table.rows.append([hand.year(year), *cells])
        table.values.append([hand.units_of_money(book.nre.get((year, code), 0)) for code in codes])
    return table


def nre_by_year(book: Book, hand: Plain) -> Table:
    years = sorted({year for year, _ in book.nre})
    table = Table("NRE", ["force", *(hand.year(year) for year in years)], [])
    for force in book.forces:
        known = [book.nre.get((year, force.code)) for year in years]
        cells = [None if pence is None else hand.money(pence) for pence in known]
        table.rows.append([hand.force(force.code), *cells])
    return table


PERCENTS = ["fixed base %", "max missing %", "no loser %"]


def principles_table(book: Book, hand: Plain) -> Table:
    names = [
        "basis",
        "fixed base %",
        "fixed base on",
        "window months",
        "lag months",
        "demand method",
        "rebase tolerance",
        "nre lag years",
        "fixed base year",
        "forces",
        "max missing %",
        "max share movement",
        "share decimals",
        "keep demand years",
        "no loser %",
        "part years protected",
        "if not achievable",
    ]
    table = Table("Principles", ["unit", "from year", *names, "reference"], [], remarks=False)
    for row in book.principles:
        cells: list[Cell] = []
        for name in names:
            value = row.values.get(name)
            if value is None:
                cells.append(None)
            elif isinstance(value, tuple):
                cells.append(hand.forces(value))
            elif name == "fixed base year":
                assert isinstance(value, int)
                cells.append(hand.year(value))
            elif isinstance(value, str):
                cells.append(value)
            elif name in PERCENTS:
                headed = hand.headed_percent if isinstance(hand, Hand) else hand.percent
                cells.append(headed(Fraction(value)))
            else:
                cells.append(plain(value))
        unit = hand.unit(row.unit) if row.unit is not None else None
        table.rows.append([unit, hand.year(row.from_year), *cells, row.reference or None])
    return table


def drivers_table(book: Book, hand: Plain) -> Table:
    table = Table("Drivers", ["unit", "driver", "weight"], [])
    for row in book.drivers:
        blank = row.weight == 1 and isinstance(hand, Hand) and chance(hand.rng, 0.5)
        table.rows.append([hand.unit(row.unit), row.driver, None if blank else plain(row.weight)])
    return table


def demand_tidy(book: Book, hand: Plain) -> Table:
    signed = ["signed off"] if book.signed_off_column else []
    table = Table("Demand", ["driver", "period", "force", "volume", *signed], [], money=[3])
    for row in book.demand:
        volume = None if row.volume is None else hand.number(row.volume)
        cells = [row.driver, hand.period(row.first, row.months), hand.force(row.force), volume]
        table.rows.append([*cells, hand.yes(row.signed)] if signed else cells)
        table.values.append([row.volume or Fraction(0)])
    return table


def demand_wide(book: Book, hand: Plain) -> Table:
    """One column per force; forces whose sign-off differs stand in rows of their own."""
    codes = [force.code for force in book.forces]
    signed = ["signed off"] if book.signed_off_column else []
    table = Table("Demand", ["driver", "period", *(hand.force(code) for code in codes), *signed], [])
    table.money = list(range(2, 2 + len(codes)))
    grouped: dict[tuple[str, int, int, bool | None], dict[str, Fraction | None]] = {}
    for row in book.demand:
        grouped.setdefault((row.driver, row.first, row.months, row.signed), {})[row.force] = row.volume
    for (driver, first, months, mark), volumes in grouped.items():
        known = [volumes.get(code) for code in codes]
        cells = [None if volume is None else hand.number(volume) for volume in known]
        row_cells: list[Cell] = [driver, hand.period(first, months), *cells]
        table.rows.append([*row_cells, hand.yes(mark)] if signed else row_cells)
        table.values.append([volume or Fraction(0) for volume in known])
    return table


def agreed_tidy(book: Book, hand: Plain) -> Table:
    table = Table("Agreed shares", ["unit", "from year", "force", "share %", "reference"], [])
    for (unit, year), percentages in book.agreed.items():
        reference = book.agreed_references.get((unit, year)) or None
        for force, value in percentages.items():
            headed = hand.headed_percent if isinstance(hand, Hand) else hand.percent
            table.rows.append([hand.unit(unit), hand.year(year), hand.force(force), headed(value), reference])
    return table


def agreed_wide(book: Book, hand: Plain) -> Table:
    codes = [force.code for force in book.forces]
    table = Table("Agreed shares", ["unit", "from year", "reference", *(hand.force(code) for code in codes)], [])
    for (unit, year), percentages in book.agreed.items():
        cells = [hand.percent(percentages[code]) if code in percentages else None for code in codes]
        reference = book.agreed_references.get((unit, year)) or None
        table.rows.append([hand.unit(unit), hand.year(year), reference, *cells])
    return table


def baselines_tidy(book: Book, hand: Plain) -> Table:
    table = Table("Baselines", ["unit", "force", "amount", "year", "reference"], [], money=[2])
    for row in book.baselines:
        year = hand.year(row.year) if row.year is not None else None
        cells = [hand.unit(row.unit), hand.force(row.force), hand.money(row.pence), year, row.reference or None]
        table.rows.append(cells)
        table.values.append([hand.units_of_money(row.pence)])
    return table


def baselines_wide(book: Book, hand: Plain) -> Table:
    codes = [force.code for force in book.forces]
    table = Table("Baselines", ["unit", "year", "reference", *(hand.force(code) for code in codes)], [])
    table.money = list(range(3, 3 + len(codes)))
    grouped: dict[tuple[str, int | None, str], dict[str, int]] = {}
    for row in book.baselines:
        grouped.setdefault((row.unit, row.year, row.reference), {})[row.force] = row.pence
    for (unit, year, reference), amounts in grouped.items():
        cells = [hand.money(amounts[code]) if code in amounts else None for code in codes]
        when = hand.year(year) if year is not None else None
        table.rows.append([hand.unit(unit), when, reference or None, *cells])
        table.values.append([hand.units_of_money(amounts.get(code, 0)) for code in codes])
    return table


def deflators_table(book: Book, hand: Plain) -> Table:
    rows: list[list[Cell]] = [[hand.year(year), plain(index)] for year, index in book.deflators.items()]
    return Table("Deflators", ["year", "index"], rows)


def settings_table(book: Book) -> Table:
    rows: list[list[Cell]] = [
        [name, plain(Fraction(value)) if name in MATERIALITY else value] for name, value in book.settings.items()
    ]
    return Table("Settings", ["name", "value"], rows)


def cases_table(book: FullBook, hand: Plain) -> Table:
    header = ["unit", "year", "amount", "force", "version", "approved", "price year"]
    table = Table("Business cases", header, [], money=[2])
    for row in book.business_cases:
        table.rows.append(
            [
                hand.unit(row.unit),
                hand.year(row.year),
                hand.money(row.pence),
                hand.force(row.force) if row.force is not None else None,
                row.version or None,
                hand.date(row.approved) if row.approved is not None else None,
                hand.year(row.price_year) if row.price_year is not None else None,
            ]
        )
        table.values.append([hand.units_of_money(row.pence)])
    return table


def actuals_table(book: FullBook, hand: Plain) -> Table:
    table = Table("Actuals", ["unit", "year", "amount", *BUDGET_KEYS, "paid by", "period"], [], money=[2])
    for row in book.actuals:
        paid_by = hand.force(row.paid_by) if row.paid_by is not None else None
        cells = [hand.unit(row.unit), hand.year(row.year), hand.money(row.pence), *budget_keys(row, hand), paid_by]
        table.rows.append([*cells, hand.period(row.period[0], len(row.period)) if row.period else None])
        table.values.append([hand.units_of_money(row.pence)])
    return table


def explanations_table(book: FullBook, hand: Plain) -> Table:
    rows: list[list[Cell]] = [
        [
            *(hand.unit(row.unit), hand.year(row.year), row.cause, row.text, row.owner or None),
            None if row.force is None else hand.force(row.force),
            None if row.pence is None else hand.money(row.pence),
            row.against or None,
        ]
        for row in book.explanations
    ]
    return Table("Explanations", ["unit", "year", "cause", "text", "owner", "force", "amount", "against"], rows)


def payments_table(book: FullBook, hand: Plain) -> Table:
    rows: list[list[Cell]] = []
    for row in book.payments:
        unit = hand.unit(row.unit) if row.unit is not None else None
        rows.append([hand.year(row.year), hand.force(row.payer), hand.force(row.payee), hand.money(row.pence), unit])
    return Table("Payments", ["year", "from", "to", "amount", "unit"], rows)


def control_totals(book: Book, hand: Plain, per_unit: bool) -> Table:
    sums: dict[tuple[int, str | None], int] = {}
    for row in book.budgets:
        key = (row.year, row.unit if per_unit else None)
        sums[key] = sums.get(key, 0) + row.pence
    rows: list[list[Cell]] = []
    for (year, unit), pence in sums.items():
        rows.append([hand.year(year), hand.money(pence), hand.unit(unit) if unit is not None else None])
    return Table("Control totals", ["year", "amount", "unit"], rows)


def control_totals_by_year(book: Book, hand: Plain) -> Table:
    years = sorted({row.year for row in book.budgets})
    table = Table("Control totals", ["unit", *(hand.year(year) for year in years)], [])
    for unit in book.units:
        own = [row for row in book.budgets if row.unit == unit.code]
        sums = {year: [row.pence for row in own if row.year == year] for year in years}
        if own:
            table.rows.append([hand.unit(unit.code), *(hand.money(sum(s)) if s else None for s in sums.values())])
    return table


# --- writing: neatly ---------------------------------------------------------------------------------------


def put(sheet: Worksheet, row: int, column: int, value: Cell) -> None:
    if value is None:
        return
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, Percent):
        cell.value, cell.number_format = value.fraction, "0.00%"
    else:
        cell.value = value


def save(workbook: Workbook, path: Path) -> None:
    default = workbook.active
    if default is not None and len(workbook.sheetnames) > 1:
        workbook.remove(default)
    workbook.save(path)


def write_tidy(book: Book, path: Path) -> None:
    save_tables(tidy_tables(book), path)


def write_in_two(book: Book, path: Path, other: Path, seed: int) -> None:
    """The tidy book cut in two: of each table all, the first rows or none stay; the other file has the rest."""
    rng = Random(seed)
    stay, go = [], []
    for table in tidy_tables(book):
        cut = rng.choice([0, rng.randint(0, len(table.rows)), len(table.rows)])
        stay.append(replace(table, rows=table.rows[:cut]))
        go.append(replace(table, rows=table.rows[cut:]))
    save_tables([*stay, Table("Ours", ["who"], [["finance"]])], path)
    save_tables([*go, Table("Theirs", ["who"], [["operations"]])], other)


def tidy_tables(book: Book) -> list[Table]:
    hand = Plain(book)
    tables = [
        forces_table(book),
        nre_tidy(book, hand),
        units_table(book, hand),
        budgets_tidy(book, hand, book.budgets),
        principles_table(book, hand),
        drivers_table(book, hand),
        demand_tidy(book, hand),
        agreed_tidy(book, hand),
        baselines_tidy(book, hand),
        deflators_table(book, hand),
        settings_table(book),
    ]
    if isinstance(book, FullBook):
        tables += [cases_table(book, hand), actuals_table(book, hand), explanations_table(book, hand)]
        tables.append(payments_table(book, hand))
    if isinstance(book, ReviewBook):
        tables += review_tables(book, hand)
    return tables


def save_tables(tables: Sequence[Table], path: Path) -> None:
    workbook = Workbook()
    for table in tables:
        if not table.rows:
            continue
        sheet = workbook.create_sheet(table.sheet)
        header: list[Cell] = [*table.header]
        for number, cells in enumerate([header, *table.rows], start=1):
            for column, value in enumerate(cells, start=1):
                put(sheet, number, column, value)
    save(workbook, path)


# --- writing: as people do ---------------------------------------------------------------------------------

TITLES = ["Collaboration finance pack", "DRAFT - not for onward circulation", "For the joint board", "BCH 2015"]
REMARKS = ["figures as at month 6", "to be confirmed with HQ", "see e-mail of 3 May", "* rounded in the ledger"]
OWN_COLUMNS = ["Initials", "Folio", "Colour", "Ticked"]


def spelled(rng: Random, name: str) -> str:
    """A sheet's or column's name with other case, spaces, hyphens or underscores."""
    joined = name.replace(" ", rng.choice([" ", " ", "_", "-"]))
    return rng.choice([joined, joined, joined.upper(), joined.title(), joined.capitalize()])


def in_any_order(rng: Random, rows: list[BudgetRow]) -> list[BudgetRow]:
    """Unit-years in any order, the rows within each as they were."""
    keys = list(dict.fromkeys((row.unit, row.year) for row in rows))
    rng.shuffle(keys)
    return [row for key in keys for row in rows if (row.unit, row.year) == key]


def write_untidy(book: Book, path: Path, seed: int) -> None:
    rng = Random(f"untidy {seed}")
    hand = Hand(book, rng)
    totals = {name: chance(rng, 0.4) for name in ("Budgets", "NRE", "Baselines", "Demand")}
    hand.sub_penny = not totals["Budgets"] and chance(rng, 0.3)
    order = in_any_order(rng, book.budgets) if chance(rng, 0.6) else book.budgets
    budgets = (budgets_wide if chance(rng, 0.5) else budgets_tidy)(book, hand, order)
    hand.sub_penny = False
    tables = [
        forces_table(book),
        rng.choice([nre_tidy, nre_by_force, nre_by_year])(book, hand),
        units_table(book, hand),
        budgets,
        principles_table(book, hand),
        drivers_table(book, hand),
        rng.choice([demand_tidy, demand_wide])(book, hand),
        rng.choice([agreed_tidy, agreed_wide])(book, hand),
        rng.choice([baselines_tidy, baselines_wide])(book, hand),
        deflators_table(book, hand),
        settings_table(book),
    ]
    if chance(rng, 0.4):
        by_year = chance(rng, 0.3)
        tables.append(control_totals_by_year(book, hand) if by_year else control_totals(book, hand, chance(rng, 0.5)))
    rng.shuffle(tables)
    workbook = Workbook()
    for table in tables:
        if table.rows:
            lay_out(rng, hand, workbook, table, totals.get(table.sheet, False))
    if chance(rng, 0.6):
        own = workbook.create_sheet("Workings 2", rng.randint(0, 2))
        own["B2"], own["C3"] = "my own sums", 42
    save(workbook, path)


def lay_out(rng: Random, hand: Hand, workbook: Workbook, table: Table, with_totals: bool) -> None:
    lines = body(rng, hand, table, with_totals)
    own_columns = rng.sample(OWN_COLUMNS, rng.choice([0, 0, 1, 2]))
    order = list(range(len(table.header) + len(own_columns)))
    if chance(rng, 0.4):
        rng.shuffle(order)
    names = {"unit", "force", "year", "driver", "period", "volume", "amount", "nre", "weight", "name", "value"}
    fixed = names | {*BUDGET_KEYS, *PERCENTS, "share %", "from year", "signed off", "reference", "index", "aliases"}
    header: list[Cell] = [spelled(rng, name) if name in fixed else name for name in table.header]
    header += own_columns
    name = spelled(rng, table.sheet) if table.sheet != "NRE" else rng.choice(["NRE", "nre", "Nre"])
    sheet = workbook.create_sheet(name)
    left, at = rng.choice([0, 0, 1, 2]), 1
    for _ in range(rng.choice([0, 0, 1, 2, 4])):
        put(sheet, at, 1 + rng.choice([0, left]), rng.choice(TITLES))
        if chance(rng, 0.3):
            put(sheet, at, 4, "version 0.3")
        at += rng.choice([1, 2])
    for place, column in enumerate(order):
        put(sheet, at, 1 + left + place, header[column])
    at += 1
    for cells in lines:
        filled = sum(cell is not None for cell in cells)
        extra: list[Cell] = ["ok" if filled > 1 and chance(rng, 0.2) else None for _ in own_columns]
        full = [*cells, *extra]
        for place, column in enumerate(order):
            put(sheet, at, 1 + left + place, full[column])
        at += 1


def body(rng: Random, hand: Hand, table: Table, with_totals: bool) -> list[list[Cell]]:
    """The rows with totals, blank rows and remarks among them."""
    indices = list(range(len(table.rows)))
    if table.shuffled and chance(rng, 0.7):
        rng.shuffle(indices)
    width = len(table.header)
    lines: list[list[Cell]] = []
    since = [Fraction(0) for _ in table.money]
    overall = [Fraction(0) for _ in table.money]

    def total(label: str, sums: list[Fraction]) -> list[Cell]:
        cells: list[Cell] = [None] * width
        cells[0] = label
        for column, value in zip(table.money, sums, strict=True):
            cells[column] = plain(value)
        return cells

    sub_totals = with_totals and bool(table.money) and chance(rng, 0.5)
    for position, index in enumerate(indices):
        lines.append(table.rows[index])
        for i in range(len(table.money)):
            since[i] += table.values[index][i]
            overall[i] += table.values[index][i]
        last = position == len(indices) - 1
        if sub_totals and (last or chance(rng, 0.15)):
            lines.append(total(rng.choice(["Sub-total", "sub-total", "SUB-TOTAL"]), since))
            since = [Fraction(0) for _ in table.money]
        if chance(rng, 0.04):
            lines.append([None] * width)
        if table.remarks and chance(rng, 0.02):
            remark: list[Cell] = [None] * width
            remark[rng.choice([0, width - 1])] = rng.choice(REMARKS)
            lines.append(remark)
    if with_totals and table.money and (not sub_totals or chance(rng, 0.5)):
        lines.append(total(rng.choice(["Total", "TOTAL", "Grand total", "grand total"]), overall))
    if table.remarks and chance(rng, 0.2):
        note: list[Cell] = [None] * width
        note[0] = rng.choice(REMARKS)
        lines.append([None] * width)
        lines.append(note)
    return lines
