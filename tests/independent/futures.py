"""Random books with assumptions, random scenarios in TOML, and what is asked of them.

A case is a book of `books.py` with an Assumptions sheet and terms that begin in years to come, two scenario files, some
`--set`s, another workbook and a force that leaves. A draw with a problem is drawn again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

from openpyxl import load_workbook

from .analysis import FullBook
from .books import (
    BUDGET_KEYS,
    SUBJECTIVES,
    Cell,
    Percent,
    Plain,
    all_members,
    chance,
    change,
    comes_back,
    decimal_text,
    draw_driver,
    draw_values,
    grown,
    hundredths,
    percents,
    put,
    random_book,
    sign,
    write_tidy,
)
from .calculation import Book, Principle, Problem, Unit, calculate, members_of, year_text
from .projection import (
    MONEY_KINDS,
    PERCENT_KINDS,
    Assumption,
    FutureBook,
    comparison,
    extended,
    read_scenario,
    sides_of,
    with_scenario,
    with_set,
)

NAMES = ["pay-award", "savings"]
MOST_MOVED = 7
"""Assumptions with a low or a high: each is two whole projections more."""


@dataclass
class Case:
    book: FutureBook
    base: int
    years: int
    base_given: bool
    scenarios: dict[str, str]
    sets: list[str]
    other: FutureBook | None
    leaver: str
    left: list[str]
    """The units the force leaves; none means all."""

    def under(self, *names: str, sets: bool = True) -> FutureBook:
        book = self.book
        for name in names:
            book = with_scenario(book, read_scenario(self.scenarios[name]), name)
        return with_set(book, self.sets) if sets else book


# --- the book ----------------------------------------------------------------------------------------------


def random_case(seed: int, n_forces: int) -> Case:
    """The first draw that can be computed and carried on."""
    for attempt in range(600):
        rng = Random(f"future {seed} {n_forces} {attempt}")
        book, base, years = draw_future(rng, random_book(seed + 1000 * (attempt // 40), n_forces))
        if not sound(book, base, years):
            continue
        case = Case(book, base, years, False, {}, [], None, "", [])
        last = max(row.year for row in book.budgets)
        case.base_given = base != last or chance(rng, 0.3)
        for name in NAMES:
            case.scenarios[name] = first_sound(rng, draw_scenario, case, name)
        draw_sets(rng, case)
        draw_other(rng, case)
        case.leaver = rng.choice([force.code for force in book.forces])
        if chance(rng, 0.4):
            case.left = [rng.choice(sorted({row.unit for row in book.budgets}))]
        return case
    raise RuntimeError(f"no case for seed {seed}")


def sound(book: FutureBook, base: int, years: int) -> bool:
    """Whether the book can be computed as it is and carried on."""
    try:
        calculate(book)
        longer = extended(book, base, years, book.assumptions)
        sides_of(longer)
    except Problem:
        return False
    return all_members(book) and all_members(longer) and not comes_back(book) and not comes_back(longer)


def copied(book: Book) -> FutureBook:
    new = FutureBook(**{known.name: getattr(book, known.name) for known in fields(Book)})
    return replace(
        new,
        units=[replace(unit) for unit in book.units],
        principles=[replace(row, values=dict(row.values)) for row in book.principles],
        nre=dict(book.nre),
        settings=dict(book.settings),
        deflators=dict(book.deflators),
        agreed={key: dict(shares) for key, shares in book.agreed.items()},
        demand=list(book.demand),
        budgets=list(book.budgets),
        baselines=list(book.baselines),
        drivers=list(book.drivers),
    )


def fewer_units(rng: Random, book: FutureBook) -> None:
    used = [unit for unit in book.units if any(row.unit == unit.code for row in book.budgets)]
    kept = {unit.code for unit in rng.sample(used, min(len(used), rng.randint(2, 6)))}
    book.units = [unit for unit in book.units if unit.code in kept]
    book.budgets = [row for row in book.budgets if row.unit in kept]
    book.principles = [row for row in book.principles if row.unit in {*kept, None}]
    book.drivers = [row for row in book.drivers if row.unit in kept]
    book.agreed = {key: shares for key, shares in book.agreed.items() if key[0] in kept}
    book.baselines = [row for row in book.baselines if row.unit in kept]


def draw_future(rng: Random, original: Book) -> tuple[FutureBook, int, int]:
    book = copied(original)
    fewer_units(rng, book)
    codes = [force.code for force in book.forces]
    budgeted = sorted({row.year for row in book.budgets})
    base = budgeted[-1] if chance(rng, 0.65) else rng.choice(budgeted)
    years = rng.choice([2, 3, 4, 4, 5])
    ahead = list(range(base + 1, base + years + 1))
    for code in codes:
        book.nre.setdefault((base, code), rng.randint(5_000_000_000, 20_000_000_000))
    if chance(rng, 0.3):
        for code in rng.sample(codes, rng.randint(1, len(codes))):
            book.nre.setdefault((rng.choice(ahead), code), rng.randint(5_000_000_000, 20_000_000_000))
    if book.settings.get("uprate baselines") == "yes" or chance(rng, 0.5):
        for year in range(budgeted[0] - 4, ahead[-1] + 1):
            book.deflators.setdefault(year, hundredths(rng, 92, 118, rng.choice([0, 1, 2])))
    draw_terms(rng, book, codes, base, ahead)
    draw_more_demand(rng, book, codes)
    draw_assumptions(rng, book, codes, base, ahead)
    return book, base, years


def draw_terms(rng: Random, book: FutureBook, codes: list[str], base: int, ahead: list[int]) -> None:
    taken = {(row.unit, row.from_year) for row in book.principles}

    def add(row: Principle) -> None:
        if row.values and (row.unit, row.from_year) not in taken:
            taken.add((row.unit, row.from_year))
            row.reference = row.reference or "Board paper 9"
            book.principles.append(row)

    for unit in book.units:
        if chance(rng, 0.3):
            add(Principle(unit.code, rng.choice(ahead), draw_values(rng, unit, codes, [base], [12, 24, 36])))
        if chance(rng, 0.3):
            tolerance = rng.choice([Fraction(1, 2), Fraction(1), Fraction(3), Fraction(10)])
            add(
                Principle(unit.code, rng.choice([base, *ahead[:1]]), {"basis": "demand", "rebase tolerance": tolerance})
            )
        protected = any(row.unit == unit.code for row in book.baselines)
        if unit.members is not None and len(unit.members) < len(codes) and not protected and chance(rng, 0.4):
            add(grown(rng, unit, codes, rng.choice(ahead)))
        if chance(rng, 0.25):
            year = rng.choice(ahead)
            members = members_of(book, unit, year)
            shares = percents(rng, len(members), rng.choice([0, 0, 1, 2]))
            book.agreed[unit.code, year] = dict(zip(members, shares, strict=True))
        if chance(rng, 0.35):
            day = date(rng.choice(ahead), 4, 1) + timedelta(days=rng.choice([0, 1, 183, 364, rng.randint(0, 364)]))
            unit.pooled_from = day
            unit.s22a_signed = day - timedelta(days=30) if chance(rng, 0.7) else None
    if chance(rng, 0.2):
        add(Principle(None, rng.choice(ahead), draw_values(rng, None, codes, [base], [12, 24, 36])))


def draw_more_demand(rng: Random, book: FutureBook, codes: list[str]) -> None:
    """Some drivers go on for a while, some stop early, for all or for one force."""
    for driver in sorted({row.driver for row in book.drivers}):
        mine = [row for row in book.demand if row.driver == driver]
        end = max(row.first + row.months for row in mine)
        fate = rng.random()
        if fate < 0.35:
            more = draw_driver(rng, codes, driver, end, end + rng.choice([2, 11, 23, 40]))
            if book.signed_off_column:
                sign(rng, more)
            book.demand += more
        elif fate < 0.5:
            stop = end - rng.choice([1, 2, 5, 8])
            who = [rng.choice(codes)] if chance(rng, 0.5) else codes
            mine = [row for row in mine if row.force not in who or row.first + row.months <= stop]
            if any(row.volume is not None for row in mine):
                book.demand = [row for row in book.demand if row.driver != driver] + mine


def draw_percent(rng: Random) -> Fraction:
    texts = ["2", "2.5", "-1.25", "0", "3.333", "50", "0.5", "1.75", "-100", "100", "4", "1"]
    return rng.choice([Fraction(rng.choice(texts)), hundredths(rng, -3, 8)])


def draw_pence(rng: Random) -> int:
    return rng.choice([rng.randint(1, 90_000_000), 1000 * rng.randint(1, 90_000), 1, 333, -rng.randint(1, 9_000_000)])


def oddly(rng: Random, text: str) -> str:
    return rng.choice([text, text, text.upper(), text.title(), f" {text} "])


def draw_assumption(rng: Random, book: FutureBook, codes: list[str], base: int, ahead: list[int]) -> Assumption:
    kind = rng.choice([*["uplift %"] * 4, "growth", "saving", "one-off", "nre growth %"])
    started = rng.choice([base - 1, base, *ahead, *ahead, ahead[0]])
    lines = sorted({row.line for row in book.budgets if row.line}) or ["pay"]
    unit = rng.choice(book.units).code
    if kind == "nre growth %":
        value = rng.choice([Fraction(2), Fraction("1.5"), Fraction("-0.75"), hundredths(rng, -2, 5, 3)])
        return Assumption(kind, started, value, force=rng.choice([None, *codes]))
    if kind == "uplift %":
        row = Assumption(kind, started, draw_percent(rng))
        if chance(rng, 0.5):
            row.unit = unit
        if chance(rng, 0.5):
            row.line = oddly(rng, rng.choice(lines))
        if chance(rng, 0.4):
            row.subjective = oddly(rng, rng.choice(SUBJECTIVES))
        return row
    row = Assumption(kind, rng.choice(ahead), Fraction(draw_pence(rng)), unit)
    row.subjective = rng.choice(["", "", rng.choice(SUBJECTIVES)])
    row.line = rng.choice(["", "expansion", oddly(rng, rng.choice(lines))])
    row.type = rng.choice(["", "", "", "revenue", "one-off", "implementation", "implementation"])
    return row


def with_range(rng: Random, row: Assumption) -> Assumption:
    def moved(down: bool) -> Fraction:
        by = rng.randint(1, 300) if row.kind in PERCENT_KINDS else rng.randint(1, 9_000_000)
        step = Fraction(by, 100) if row.kind in PERCENT_KINDS else Fraction(by)
        return row.value - step if down else row.value + step

    which = rng.choice(["both", "both", "low", "high"])
    low, high = moved(True), moved(False)
    if row.kind in PERCENT_KINDS:
        low = max(low, Fraction(-100))
    return replace(row, low=low if which in ("both", "low") else None, high=high if which in ("both", "high") else None)


def draw_assumptions(rng: Random, book: FutureBook, codes: list[str], base: int, ahead: list[int]) -> None:
    rows = [draw_assumption(rng, book, codes, base, ahead) for _ in range(rng.randint(4, 12))]
    for line, subjective in (("", ""), ("pay", ""), ("", "pay"), ("pay", "pay")):
        for unit in (None, book.units[0].code):
            if chance(rng, 0.5):
                year = rng.choice([base - 1, base + 1, base + 1, ahead[-1]])
                rows.append(Assumption("uplift %", year, draw_percent(rng), unit, line, subjective=subjective))
    if chance(rng, 0.6):
        rows.append(Assumption("nre growth %", base + 1, hundredths(rng, 1, 4), force=None))
    if chance(rng, 0.5):
        rows.append(Assumption("nre growth %", rng.choice(ahead), hundredths(rng, -1, 4), force=rng.choice(codes)))
    rng.shuffle(rows)
    left = MOST_MOVED
    for at, row in enumerate(rows):
        if left and chance(rng, 0.4):
            rows[at] = with_range(rng, row)
            left -= 1
    for number, row in enumerate(rows):
        row.origin = f"Assumptions!G{number + 2}"
    book.assumptions = rows


# --- scenarios ---------------------------------------------------------------------------------------------

TomlValue = str | int | Fraction | date
TomlRow = dict[str, TomlValue]
Tables = dict[str, list[TomlRow]]


class Pen:
    """Writes a book's values as a scenario has them."""

    def __init__(self, book: FutureBook, rng: Random) -> None:
        self.book, self.rng = book, rng
        self.hand = Plain(book)

    def year(self, start: int) -> str:
        return self.rng.choice(
            [year_text(start), year_text(start), f"{start}-{(start + 1) % 100:02d}", f"{start}/{start + 1}"]
        )

    def money(self, pence: Fraction | int) -> Fraction:
        return self.hand.units_of_money(pence)

    def force(self, code: str) -> str:
        (force,) = [force for force in self.book.forces if force.code == code]
        return self.rng.choice([code, code, code.lower(), force.name or code])

    def unit(self, code: str) -> str:
        return self.rng.choice([code, code, code.lower(), f" {code} "])


def toml_value(value: TomlValue) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return decimal_text(value)
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def toml_key(rng: Random, name: str) -> str:
    if all(letter.isalpha() for letter in name):
        return name
    bare = name.replace(" ", rng.choice(["_", "-"]))
    simple = all(letter.isalpha() or letter in "_-" for letter in bare)
    return bare if simple and chance(rng, 0.5) else json.dumps(name)


def toml_text(rng: Random, tables: Tables) -> str:
    """One spelling of a name throughout a table, as it would be in a sheet."""
    parts: list[str] = []
    for sheet, rows in tables.items():
        keys = {name: toml_key(rng, name) for row in rows for name in row}
        heading = f"[[{toml_key(rng, sheet)}]]"
        for row in rows:
            parts.append("\n".join([heading, *(f"{keys[name]} = {toml_value(value)}" for name, value in row.items())]))
    return "\n\n".join(parts) + "\n"


def first_sound(rng: Random, draw: Callable[[Random, Case], Tables], case: Case, name: str) -> str:
    """The first scenario that can be computed and carried on; in the end one without any rows but an uplift."""
    for _ in range(60):
        tables = draw(rng, case)
        text = toml_text(rng, {sheet: rows for sheet, rows in tables.items() if rows})
        try:
            new = with_scenario(case.book, read_scenario(text), name)
        except Problem:
            continue
        kept = replace(case, scenarios={**case.scenarios, name: text})
        stacked = kept.under(*kept.scenarios)
        if text.strip() and sound(new, case.base, case.years) and sound(stacked, case.base, case.years):
            return text
    return '[[Assumptions]]\n"from year" = "2010/11"\nkind = "uplift %"\nvalue = 3\n'


def draw_scenario(rng: Random, case: Case) -> Tables:
    pen = Pen(case.book, rng)
    tables: Tables = {}
    makers = [
        toml_budgets,
        toml_nre,
        toml_principles,
        toml_agreed,
        toml_units,
        toml_drivers,
        toml_demand,
        toml_baselines,
        toml_deflators,
        toml_settings,
        toml_forces,
    ]
    for make in rng.sample(makers, rng.choice([1, 2, 3, 4])):
        for sheet, rows in make(pen, case).items():
            tables.setdefault(sheet, []).extend(rows)
    if chance(rng, 0.8):
        tables["Assumptions"] = toml_assumptions(pen, case)
    return tables


def toml_assumptions(pen: Pen, case: Case) -> list[TomlRow]:
    rng, book = pen.rng, case.book
    codes = [force.code for force in book.forces]
    ahead = list(range(case.base + 1, case.base + case.years + 1))
    rows: list[TomlRow] = []
    for _ in range(rng.randint(1, 3)):
        row = draw_assumption(rng, book, codes, case.base, ahead)
        like = [known for known in book.assumptions if known.kind in PERCENT_KINDS]
        if like and chance(rng, 0.5):  # the same place, another value: the later row counts
            row = replace(rng.choice(like), value=draw_percent(rng) if chance(rng, 0.8) else Fraction(3))
            if row.kind == "nre growth %":
                row.value = hundredths(rng, -1, 4)
            row.low = row.high = None
        if chance(rng, 0.15):
            row = with_range(rng, row)
        rows.append(assumption_cells(pen, row))
    return rows


def assumption_cells(pen: Pen, row: Assumption) -> TomlRow:
    def value(amount: Fraction) -> Fraction:
        return pen.money(amount) if row.kind in MONEY_KINDS else amount

    cells: TomlRow = {"from year": pen.year(row.from_year), "kind": row.kind, "value": value(row.value)}
    if row.unit is not None:
        cells["unit"] = pen.unit(row.unit)
    if row.line:
        cells["line"] = row.line
    if row.subjective:
        cells["subjective"] = row.subjective
    if row.type:
        cells["type"] = row.type
    if row.force is not None:
        cells["force"] = pen.force(row.force)
    if row.low is not None:
        cells["low"] = value(row.low)
    if row.high is not None:
        cells["high"] = value(row.high)
    return cells


def toml_budgets(pen: Pen, case: Case) -> Tables:
    rng, book = pen.rng, case.book
    rows: list[TomlRow] = []
    for _ in range(rng.randint(1, 3)):
        old = rng.choice(book.budgets)
        if chance(rng, 0.5):
            old = rng.choice([row for row in book.budgets if row.year == case.base])
        for _ in range(rng.choice([1, 1, 2])):
            pence = old.pence * rng.choice([90, 105, 50, 103]) // 100 + rng.choice([0, 1, 12_345])
            cells: TomlRow = {"unit": pen.unit(old.unit), "year": pen.year(old.year), "amount": pen.money(pence)}
            line = rng.choice([old.line, old.line, oddly(rng, old.line), "new line"])
            if line.strip():
                cells["line"] = line
            values = [old.subjective, old.type, old.held_by, old.direct_to]
            for name, text in zip(BUDGET_KEYS[1:], values, strict=True):
                if text:
                    cells[name] = pen.force(text) if name in ("held by", "direct to") else text
            rows.append(cells)
    return {"Budgets": rows}


def toml_nre(pen: Pen, case: Case) -> Tables:
    rng, book = pen.rng, case.book
    fresh = [(case.base + 1, force.code) for force in book.forces]
    keys = rng.sample([*book.nre, *fresh], rng.randint(1, 3))
    rows: list[TomlRow] = [
        {
            "year": pen.year(year),
            "force": pen.force(force),
            "nre": pen.money(book.nre.get((year, force), 9_000_000_000) * rng.randint(80, 120) // 100 + 1),
        }
        for year, force in dict.fromkeys(keys)
    ]
    return {"NRE": rows}


def toml_principles(pen: Pen, case: Case) -> Tables:
    rng, book = pen.rng, case.book
    codes = [force.code for force in book.forces]
    unit = rng.choice([None, *book.units])
    year = case.base + rng.randint(-1, case.years)
    if book.principles and chance(rng, 0.5):
        old = rng.choice(book.principles)
        unit = next((known for known in book.units if known.code == old.unit), None)
        year = old.from_year
    values = draw_values(rng, unit, codes, [case.base], [12, 24, 36])
    row: TomlRow = {"from year": pen.year(year), "reference": "scenario"}
    if unit is not None:
        row["unit"] = pen.unit(unit.code)
    for name, value in values.items():
        if isinstance(value, tuple):
            row[name] = ", ".join(value)
        elif name == "fixed base year":
            assert isinstance(value, int)
            row[name] = pen.year(value)
        else:
            row[name] = value
    return {"Principles": [row]} if values else {}


def toml_agreed(pen: Pen, case: Case) -> Tables:
    rng, book = pen.rng, case.book
    unit = rng.choice(book.units)
    known = [year for code, year in book.agreed if code == unit.code]
    year = rng.choice([*known, *known, case.base, case.base + 1])
    members = members_of(book, unit, year)
    shares = percents(rng, len(members), rng.choice([0, 1, 2]))
    rows: list[TomlRow] = [
        {"unit": unit.code, "from year": year_text(year), "force": pen.force(force), "share %": share}
        for force, share in zip(members, shares, strict=True)
    ]
    return {"Agreed shares": rows}


def toml_units(pen: Pen, case: Case) -> Tables:
    rng, book = pen.rng, case.book
    if chance(rng, 0.3):
        amounts = [draw_pence(rng) for _ in range(rng.randint(1, 2))]
        year = rng.choice([case.base, case.base, case.base - 1])
        rows: list[TomlRow] = [
            {"unit": "NEW", "year": pen.year(year), "amount": pen.money(pence), "line": "pay"} for pence in amounts
        ]
        return {"Units": [{"unit": "NEW", "name": "A new unit"}], "Budgets": rows}
    old: Unit = rng.choice(book.units)
    cells: TomlRow = {"unit": old.code}
    if old.name and chance(rng, 0.7):
        cells["name"] = old.name
    if old.members is not None:
        cells["forces"] = ", ".join(old.members)
    if old.lead is not None:
        cells["lead force"] = old.lead
    if chance(rng, 0.7):
        day = date(case.base + rng.randint(-1, case.years), 4, 1) + timedelta(days=rng.choice([0, 91, 183]))
        cells["pooled from"] = day if chance(rng, 0.5) else day.isoformat()
    return {"Units": [cells]}


def toml_drivers(pen: Pen, case: Case) -> Tables:
    rng, book = pen.rng, case.book
    known = sorted({row.driver for row in book.demand if row.volume is not None})
    if not known:
        return {}
    rows: list[TomlRow] = [{"unit": rng.choice(book.units).code, "driver": rng.choice(known)}]
    if book.drivers and chance(rng, 0.7):
        old = rng.choice(book.drivers)
        rows = [{"unit": pen.unit(old.unit), "driver": old.driver}]
    if chance(rng, 0.8):
        rows[0]["weight"] = rng.choice([Fraction(2), Fraction("0.25"), Fraction(3)])
    return {"Drivers": rows}


def toml_demand(pen: Pen, case: Case) -> Tables:
    rng, book = pen.rng, case.book
    if not book.demand:
        return {}
    chosen = rng.sample(book.demand, min(len(book.demand), rng.randint(1, 12)))
    rows: list[TomlRow] = []
    for old in chosen:
        period = pen.hand.period(old.first, old.months)
        assert isinstance(period, str)
        volume = (old.volume or Fraction(10)) * rng.choice([Fraction(1, 2), Fraction(2), Fraction(3, 2)])
        cells: TomlRow = {"driver": old.driver, "period": period, "force": pen.force(old.force), "volume": volume}
        if book.signed_off_column and chance(rng, 0.8):
            cells["signed off"] = rng.choice(["yes", "yes", "no"])
        rows.append(cells)
    return {"Demand": rows}


def toml_baselines(pen: Pen, case: Case) -> Tables:
    rng, book = pen.rng, case.book
    if not book.baselines:
        return {}
    rows: list[TomlRow] = []
    for old in rng.sample(book.baselines, min(len(book.baselines), rng.randint(1, 3))):
        cells: TomlRow = {"unit": old.unit, "force": pen.force(old.force)}
        cells["amount"] = pen.money(old.pence * rng.randint(80, 120) // 100)
        if old.year is not None and chance(rng, 0.8):
            cells["year"] = pen.year(old.year)
        rows.append(cells)
    return {"Baselines": rows}


def toml_deflators(pen: Pen, case: Case) -> Tables:
    if not case.book.deflators:
        return {}
    year = pen.rng.choice(sorted(case.book.deflators))
    return {"Deflators": [{"year": pen.year(year), "index": hundredths(pen.rng, 90, 120)}]}


def toml_settings(pen: Pen, case: Case) -> Tables:
    name = pen.rng.choice(["uprate baselines", "carry nre forward"])
    return {"Settings": [{"name": name, "value": pen.rng.choice(["yes", "no"])}]}


def toml_forces(pen: Pen, case: Case) -> Tables:
    old = pen.rng.choice(case.book.forces)
    cells: TomlRow = {"force": old.code, "name": f"{old.name or old.code} again"}
    if old.name:
        cells["aliases"] = ", ".join([old.name, *old.aliases])
    return {"Forces": [cells]}


# --- what is set, the other workbook -----------------------------------------------------------------------


def draw_sets(rng: Random, case: Case) -> None:
    choices = {
        "fixed base %": ["0", "50", "12.5"],
        "basis": ["auto", "nre", "demand", "agreed"],
        "nre lag years": ["0", "1"],
        "share decimals": ["0", "2", "exact"],
        "rebase tolerance": ["1", "none", "5"],
        "no loser %": ["0", "50", "100"],
        "max missing %": ["100", "10"],
        "keep demand years": ["0", "2"],
        "part years protected": ["yes", "no"],
        "max share movement": ["100", "1"],
        "window months": ["12", "24"],
        "lag months": ["6", "0", "9"],
        "demand method": ["pooled", "mean"],
        "fixed base on": ["equal", "nre"],
    }
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        name = rng.choice(list(choices))
        value = rng.choice(choices[name])
        owner = rng.choice(["", rng.choice(case.book.units).code + "."])
        words = f"{owner}{name}={value}"
        if any(words.split("=")[0] == known.split("=")[0] for known in case.sets):
            continue
        tried = replace(case, sets=[*case.sets, words])
        under = [tried.under(), *(tried.under(name) for name in tried.scenarios), tried.under(*tried.scenarios)]
        if all(sound(book, case.base, case.years) for book in under):
            case.sets.append(words)


def draw_other(rng: Random, case: Case) -> None:
    """Another workbook of the same units and forces, as a side to compare with."""
    for _ in range(60):
        other: FutureBook = replace(case.book, settings=dict(case.book.settings))
        changed: FullBook = other
        try:
            change(rng, changed)
            calculate(other)
            comparison(other, case.book)
            comparison(case.book, other)
        except Problem:
            continue
        if all_members(other) and not comes_back(other) and other.budgets:
            case.other = other
            return


# --- writing -----------------------------------------------------------------------------------------------

COLUMNS = ["unit", "line", "type", "force", "from year", "kind", "value", "low", "high", "reference", "subjective"]


def write_case(book: FutureBook, path: Path, rng: Random) -> None:
    """As `write_tidy`, with the Assumptions."""
    write_tidy(book, path)
    if not book.assumptions:
        return
    workbook = load_workbook(path)
    sheet = workbook.create_sheet("Assumptions")
    hand = Plain(book)
    for column, name in enumerate(COLUMNS, start=1):
        put(sheet, 1, column, name)
    for at, row in enumerate(book.assumptions, start=2):
        for column, value in enumerate(assumption_row(row, hand, chance(rng, 0.2)), start=1):
            put(sheet, at, column, value)
    workbook.save(path)


def assumption_row(row: Assumption, hand: Plain, as_percent: bool) -> Sequence[Cell]:
    def amount(value: Fraction | None) -> Cell:
        if value is None:
            return None
        if row.kind in MONEY_KINDS:
            return hand.money(int(value))
        if as_percent:
            return Percent(float(value / 100))
        return hand.number(value)

    return [
        row.unit,
        row.line or None,
        row.type or None,
        row.force,
        hand.year(row.from_year),
        row.kind,
        amount(row.value),
        amount(row.low),
        amount(row.high),
        "MTFS working paper",
        row.subjective or None,
    ]
