"""Projections, scenarios and comparisons worked out a second time, slowly and plainly, beside `analysis.md`.

It stands on `calculation.py` and `analysis.py`: the standard library, whole pence and exact fractions. A projection is
a workbook with more years on its Budgets sheet; a scenario is a workbook with rows put in or replaced; a comparison is
the bridge from one ledger to another.
"""

from __future__ import annotations

import tomllib
from calendar import month_abbr
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from .analysis import (
    Amounts,
    FullBook,
    Key,
    Side,
    bridge_between,
    stands_on,
)
from .calculation import (
    Baseline,
    Book,
    BudgetRow,
    Demand,
    Driver,
    Force,
    Memory,
    Principle,
    Problem,
    Settled,
    Unit,
    Value,
    april,
    base_shares,
    check_agreed,
    evidence,
    half_up,
    measured_shares,
    members_of,
    number,
    parameter,
    pooled_fraction,
    unit_year,
    window_of,
    year_text,
)

# --- what a workbook says, already parsed ------------------------------------------------------------------


@dataclass
class Assumption:
    """A percentage as it is written, or an amount in pence (growth, saving, one-off)."""

    kind: str
    from_year: int
    value: Fraction
    unit: str | None = None
    line: str = ""
    type: str = ""
    force: str | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    origin: str = ""
    subjective: str = ""


@dataclass
class FutureBook(FullBook):
    assumptions: list[Assumption] = field(default_factory=list)
    projected: tuple[int, ...] = ()
    """The years after the base year, once the book has been carried on."""


PERCENT_KINDS = ("uplift %", "nre growth %")
MONEY_KINDS = ("growth", "saving", "one-off")


def same(text: str, other: str) -> bool:
    return text.strip().casefold() == other.strip().casefold()


# --- carrying a book on ------------------------------------------------------------------------------------


def latest_of(rows: Sequence[Assumption]) -> Assumption | None:
    """The latest from year; of several, the row that comes last."""
    chosen: Assumption | None = None
    for row in rows:
        if chosen is None or row.from_year >= chosen.from_year:
            chosen = row
    return chosen


ORDER = (("unit", "line"), ("unit", "subjective"), ("unit",), ("line",), ("subjective",), ())
"""What an uplift is about, the most specific first."""


def uplift_of(assumptions: Sequence[Assumption], unit: str, line: str, year: int, subjective: str = "") -> Fraction:
    """A row matches by all that it fills, and counts as the first of the order that it fills."""
    levels: list[list[Assumption]] = [[] for _ in ORDER]
    for row in assumptions:
        said = {"unit": row.unit or "", "line": row.line, "subjective": row.subjective, "type": row.type}
        filled = {name: text for name, text in said.items() if text.strip()}
        about = {"unit": unit, "line": line, "subjective": subjective, "type": "revenue"}
        if row.kind == "uplift %" and row.from_year <= year and all(same(filled[n], about[n]) for n in filled):
            levels[next(at for at, names in enumerate(ORDER) if set(names) <= set(filled))].append(row)
    for level in levels:
        chosen = latest_of(level)
        if chosen is not None:
            return chosen.value
    return Fraction(0)


def nre_growth_of(assumptions: Sequence[Assumption], force: str, year: int) -> Fraction:
    started = [row for row in assumptions if row.kind == "nre growth %" and row.from_year <= year]
    for level in ([row for row in started if row.force == force], [row for row in started if row.force is None]):
        chosen = latest_of(level)
        if chosen is not None:
            return chosen.value
    return Fraction(0)


def grown(pence: int, percent: Fraction) -> int:
    return half_up(pence * (1 + percent / 100))


def new_line(row: Assumption, year: int) -> BudgetRow:
    assert row.unit is not None
    pence = half_up(row.value)
    if row.kind == "saving":
        pence = -pence
    usual = "one-off" if row.kind == "one-off" else "revenue"
    return BudgetRow(row.unit, year, pence, row.line, row.subjective, row.type or usual)


def carried_on(row: BudgetRow) -> bool:
    return row.type in ("", "revenue")


def extended(book: FutureBook, base: int, years: int, assumptions: Sequence[Assumption]) -> FutureBook:
    """The book with its base year carried on for so many years, in place of what it says of later years."""
    for row in assumptions:
        if row.kind in MONEY_KINDS and (row.unit is None or row.from_year <= base):
            raise Problem(f"assumption: {row.kind} {row.unit} {year_text(row.from_year)}")
    budgets = [row for row in book.budgets if row.year <= base]
    nre = dict(book.nre)
    carried = [row for row in budgets if row.year == base and carried_on(row)]
    for year in range(base + 1, base + years + 1):
        after = [
            replace(row, year=year, pence=grown(row.pence, rate))
            for row in carried
            for rate in [uplift_of(assumptions, row.unit, row.line, year, row.subjective)]
        ]
        alone: list[BudgetRow] = []
        for assumption in assumptions:
            if assumption.kind in MONEY_KINDS and assumption.from_year == year:
                fresh = new_line(assumption, year)
                stays = assumption.kind in ("growth", "saving") and carried_on(fresh)
                (after if stays else alone).append(fresh)
        budgets += after + alone
        carried = after
        for force in book.forces:
            known = [known for known, whose in nre if whose == force.code and known < year]
            last = max(known, default=0)
            if last == year - 1 or (known and book.settings.get("carry nre forward") == "yes"):
                rate = nre_growth_of(assumptions, force.code, year)
                nre.setdefault((year, force.code), grown(nre[last, force.code], rate))
    return replace(book, budgets=budgets, nre=nre, projected=tuple(range(base + 1, base + years + 1)))


# --- windows that would end after the data -----------------------------------------------------------------


def last_month(book: Book, unit: str, members: list[str]) -> int | None:
    """The last month in which every driver of the unit has a volume for every member."""
    drivers = [row.driver for row in book.drivers if row.unit == unit]
    common: set[int] | None = None
    for driver in drivers:
        for force in members:
            known: set[int] = set()
            for record in book.demand:
                if record.driver == driver and record.force == force and record.volume is not None:
                    known |= set(range(record.first, record.first + record.months))
            common = known if common is None else common & known
    return max(common) if common else None


def with_window_placed(book: Book, unit: Unit, year: int) -> Book:
    """The same book with the unit's window of this year moved back to the data, where it ends after them."""
    last = last_month(book, unit.code, members_of(book, unit, year))
    if last is None or window_of(book, unit.code, year)[-1] <= last:
        return book
    moved = Principle(unit.code, year, {"lag months": april(year) - (last + 1)})
    return replace(book, principles=[*book.principles, moved])


# --- ledgers -----------------------------------------------------------------------------------------------


def check_terms(book: Book) -> None:
    for row in book.principles:
        if row.values.get("basis") == "demand" and not row.reference:
            raise Problem(f"reference-missing: {row.unit} {year_text(row.from_year)}")
    check_agreed(book)


def check_lines(book: Book, unit: Unit, year: int) -> None:
    """Whoever holds a line or bears it directly is a member, and every member of a protected unit has a baseline."""
    members = set(members_of(book, unit, year))
    for row in book.budgets:
        if row.unit == unit.code and row.year == year and not {row.held_by, row.direct_to} - {None} <= members:
            raise Problem(f"not-a-member: {unit.code} {year_text(year)}")
    protected = {row.force for row in book.baselines if row.unit == unit.code}
    if protected and not members <= protected:
        raise Problem(f"baseline-missing: {unit.code} {year_text(year)}")


def sides_of(book: FutureBook) -> dict[Key, Side]:
    """Every unit and year on the Budgets sheet, apportioned; windows of projected years are moved back to the data."""
    check_terms(book)
    sides: dict[Key, Side] = {}
    for unit in book.units:
        sides |= sides_of_unit(book, unit)
    return sides


def sides_of_unit(book: FutureBook, unit: Unit) -> dict[Key, Side]:
    sides: dict[Key, Side] = {}
    memory: Memory = []
    for year in sorted({row.year for row in book.budgets if row.unit == unit.code}):
        check_lines(book, unit, year)
        moved = with_window_placed(book, unit, year) if year in book.projected else book
        record, lines, shares = unit_year(moved, unit, year, memory)
        standing = stands_on(moved, record)
        sides[unit.code, year] = Side(book, unit, year, list(memory), record.members, shares, lines, standing)
        if record.basis == "demand":
            memory.append(Settled(year, shares, record.robust))
    return sides


NOT_COMPARABLE = ("demand-unusable", "agreed-missing")
"""A basis that a unit cannot stand on; any other problem is the workbook's."""


def where_possible(books: Sequence[FutureBook]) -> tuple[list[dict[Key, Side]], list[str]]:
    """The sides of the units that can be worked out in every book, and the units that cannot."""
    sides: list[dict[Key, Side]] = [{} for _ in books]
    failed: list[str] = []
    for book in books:
        check_terms(book)
    for unit in books[0].units:
        try:
            each = [
                sides_of_unit(book, next(known for known in book.units if known.code == unit.code)) for book in books
            ]
        except Problem as problem:
            if not str(problem).startswith(NOT_COMPARABLE):
                raise
            failed.append(unit.code)
            continue
        for known, result in zip(sides, each, strict=True):
            known |= result
    return sides, failed


def projection(
    book: FutureBook, base_year: int, years: int, assumptions: Sequence[Assumption]
) -> dict[tuple[str, int, str], int]:
    """What each force pays for each unit, in the base year and the years after it."""
    return contributions(sides_of(extended(book, base_year, years, assumptions)), base_year)


def contributions(sides: dict[Key, Side], base_year: int) -> dict[tuple[str, int, str], int]:
    amounts: dict[tuple[str, int, str], int] = {}
    for (unit, year), side in sides.items():
        if year >= base_year:
            posted = {line.force for line in side.lines}
            amounts |= {(unit, year, force): pence for force, pence in side.total().items() if force in posted}
    return amounts


# --- from one side to another ------------------------------------------------------------------------------


def placed(book: Book, where: Side, of: Side) -> Book:
    """That a window ends with the data belongs to the data: it goes with the demand."""
    assert isinstance(of.book, FutureBook)
    return with_window_placed(book, where.unit, where.year) if of.year in of.book.projected else book


def bridge(old: Side, new: Side) -> dict[str, Amounts]:
    """The ledger bridge."""
    return {name: moved for name, moved in bridge_between(old, new, placed=placed) if name != "prices"}


@dataclass
class Row:
    """One force's two amounts for a unit and year (or the year before), and what makes the difference."""

    unit: str | None
    year: int
    force: str
    a: int
    b: int
    effects: dict[str, int]

    @property
    def difference(self) -> int:
        return self.b - self.a


@dataclass
class Comparison:
    rows: list[Row]
    totals: list[Row]
    without_a: list[Key]
    without_b: list[Key]


def rows_between(unit: str, year: int, old: Side, new: Side) -> list[Row]:
    effects = bridge(old, new)
    before, after = old.total(), new.total()
    members = {*old.members, *new.members}
    rows: list[Row] = []
    for force in (force.code for force in old.book.forces):
        if force in members:
            moved = {name: amounts.get(force, 0) for name, amounts in effects.items()}
            row = Row(unit, year, force, before.get(force, 0), after.get(force, 0), moved)
            assert sum(moved.values()) == row.difference
            rows.append(row)
    return rows


def comparison(a: FutureBook, b: FutureBook) -> Comparison:
    """Every unit and year that either has, with totals over the units, year by year."""
    return comparison_of(sides_of(a), sides_of(b))


def comparison_of(old: dict[Key, Side], new: dict[Key, Side]) -> Comparison:
    rows: list[Row] = []
    for key in old:
        if key in new:
            rows += rows_between(key[0], key[1], old[key], new[key])
        else:
            gone = old[key].total()
            rows += [
                Row(*key, force, gone.get(force, 0), 0, {"ended": -gone.get(force, 0)}) for force in old[key].members
            ]
    for key in new:
        if key not in old:
            come = new[key].total()
            rows += [
                Row(*key, force, 0, come.get(force, 0), {"started": come.get(force, 0)}) for force in new[key].members
            ]
    totals: dict[tuple[int, str], Row] = {}
    for row in rows:
        total = totals.setdefault((row.year, row.force), Row(None, row.year, row.force, 0, 0, {}))
        total.a += row.a
        total.b += row.b
        for name, pence in row.effects.items():
            total.effects[name] = total.effects.get(name, 0) + pence
    return Comparison(
        rows,
        list(totals.values()),
        without_a=[key for key in new if key not in old],
        without_b=[key for key in old if key not in new],
    )


def changes(sides: dict[Key, Side], base_year: int) -> list[Row]:
    """From each year to the next, for the units that have both."""
    rows: list[Row] = []
    for (unit, year), side in sides.items():
        if year > base_year and (unit, year - 1) in sides:
            rows += rows_between(unit, year, sides[unit, year - 1], side)
    return rows


def causes(book: FutureBook, base: int, unit: str, year: int) -> dict[str, int] | None:
    """What the lines of a unit moved by from the year before, by cause, all forces together.

    A line of growth, saving or one-off is that when it comes; what falls away again is one-off. Lines that a force
    bears on its own are direct, whatever moved them; implementation is all that is spent on it. None in a year in
    which held lines come to be pooled, where a line is part one and part the other, and without either year.
    """
    (where,) = [known for known in book.units if known.code == unit]
    now = [row for row in book.budgets if row.unit == unit and row.year == year]
    was = [row for row in book.budgets if row.unit == unit and row.year == year - 1]
    fractions = {pooled_fraction(where.pooled_from, known) for known in (year - 1, year)}
    held = any(row.held_by and not row.direct_to for row in [*was, *now])
    if not was or not now or (held and fractions not in ({Fraction(0)}, {Fraction(1)})):
        return None

    def implementation(rows: list[BudgetRow]) -> int:
        return sum(row.pence for row in rows if row.type == "implementation")

    def pooled(rows: list[BudgetRow], types: tuple[str, ...] = ("", "revenue", "one-off")) -> int:
        own_held = fractions == {Fraction(0)}
        return sum(
            row.pence for row in rows if row.type in types and not row.direct_to and not (own_held and row.held_by)
        )

    def fresh(kind: str, when: int, passing: bool = False) -> int:
        lines = [
            new_line(row, when)
            for row in book.assumptions
            if row.kind == kind and row.unit == unit and row.from_year == when
        ]
        return sum(
            line.pence
            for line in lines
            if line.type != "implementation" and (not passing or kind == "one-off" or not carried_on(line))
        )

    if year - 1 == base:
        gone = pooled(was, ("one-off",))
    else:
        gone = sum(fresh(kind, year - 1, passing=True) for kind in MONEY_KINDS)
    effects = {
        "growth": fresh("growth", year),
        "saving": fresh("saving", year),
        "one_off": fresh("one-off", year) - gone,
        "implementation": implementation(now) - implementation(was),
    }
    moved = pooled(now) - pooled(was)
    effects["uplift"] = moved - effects["growth"] - effects["saving"] - effects["one_off"]
    effects["direct"] = (
        sum(row.pence for row in now) - sum(row.pence for row in was) - moved - effects["implementation"]
    )
    return effects


# --- sensitivity -------------------------------------------------------------------------------------------


def by_force(sides: dict[Key, Side], base_year: int) -> dict[tuple[str, int | None], int]:
    """Over all units: year by year, and all projected years together (None)."""
    sums: dict[tuple[str, int | None], int] = {}
    for (_, year, force), pence in contributions(sides, base_year).items():
        if year > base_year:
            for when in (year, None):
                sums[force, when] = sums.get((force, when), 0) + pence
    return sums


def sensitivity(
    book: FutureBook, base_year: int, years: int, assumptions: Sequence[Assumption]
) -> dict[tuple[int, str, str, int | None], int]:
    """By number of the assumption, side, force and year: what moving it alone changes."""

    def result(rows: Sequence[Assumption]) -> dict[tuple[str, int | None], int]:
        return by_force(sides_of(extended(book, base_year, years, rows)), base_year)

    central = result(assumptions)
    effects: dict[tuple[int, str, str, int | None], int] = {}
    for number_, row in enumerate(assumptions):
        for side, value in (("low", row.low), ("high", row.high)):
            if value is None:
                continue
            moved = [*assumptions]
            moved[number_] = replace(row, value=value)
            other = result(moved)
            for force, when in central.keys() | other.keys():
                effects[number_, side, force, when] = other.get((force, when), 0) - central.get((force, when), 0)
    return effects


# --- on one basis and on another: where the two meet -------------------------------------------------------


@dataclass
class Tipping:
    unit: str
    year: int
    force: str
    demand_share: Fraction
    tipping_share: Fraction | None
    """None on a fixed base of 100 %, where demand moves nothing."""

    @property
    def movement(self) -> Fraction | None:
        """In percentage points."""
        return None if self.tipping_share is None else 100 * (self.tipping_share - self.demand_share)

    @property
    def reachable(self) -> bool:
        return self.tipping_share is not None and 0 <= self.tipping_share <= 1


def on_demand(side: Side) -> bool:
    """Anew, or on the shares of an earlier year."""
    return any(line.component == "pooled" and line.basis == "demand" for line in side.lines)


def tipping_points(a: dict[Key, Side], b: dict[Key, Side]) -> list[Tipping]:
    """Where the force's share on side B, `f × base + (1 − f) × d`, would be its share on side A.

    For the years in which B stands on demand anew and A does not stand on demand.
    """
    points: list[Tipping] = []
    for key, side in b.items():
        if key not in a or side.stands_on != "demand" or on_demand(a[key]):
            continue
        unit, year = key
        window = window_of(side.book, unit, year)
        drivers = {
            row.driver: evidence(side.book, row.driver, window, side.members)
            for row in side.book.drivers
            if row.unit == unit
        }
        method = parameter(side.book, unit, year, "demand method")
        assert isinstance(method, str)
        measured = measured_shares(side.book, unit, drivers, method, side.members)
        assert measured is not None
        fixed = number(side.book, unit, year, "fixed base %") / 100
        base = base_shares(side.book, unit, year, side.members) if fixed else dict.fromkeys(side.members, Fraction(0))
        for force in side.members:
            share_a = a[key].shares.get(force, Fraction(0))
            tips = (share_a - fixed * base[force]) / (1 - fixed) if fixed != 1 else None
            points.append(Tipping(unit, year, force, measured[force], tips))
    return points


# --- without one of the forces -----------------------------------------------------------------------------


def without(book: FutureBook, leaver: str, units: Sequence[str] | None = None) -> FutureBook:
    """The book as if the force were no member of these units (None: of any), in no year.

    What it holds before pooling and what is direct to it leave with it; what was pooled of its held lines stays, as
    lines without a holder. Agreed shares that name it are shared by the others as they stand to one another; its
    baselines go.
    """
    left = [unit.code for unit in book.units if units is None or unit.code in units]
    changed: list[Unit] = []
    principles = list(book.principles)
    budgets: list[BudgetRow] = []
    staying: dict[str, dict[int, list[str]]] = {}
    for unit in book.units:
        rows = [row for row in book.budgets if row.unit == unit.code]
        if unit.code not in left:
            changed.append(unit)
            budgets += rows
            continue
        members = unit.members if unit.members is not None else [force.code for force in book.forces]
        changed.append(
            replace(
                unit,
                members=[force for force in members if force != leaver],
                lead=None if unit.lead == leaver else unit.lead,
            )
        )
        own = [row for row in book.principles if "forces" in row.values and row.unit in (unit.code, None)]
        for row in own:
            listed = members_of(book, unit, row.from_year)
            principles.append(
                Principle(unit.code, row.from_year, {"forces": tuple(force for force in listed if force != leaver)})
            )
        years = sorted({row.year for row in rows})
        staying[unit.code] = {
            year: [force for force in members_of(book, unit, year) if force != leaver] for year in years
        }
        budgets += [row for row in remaining(unit, rows, leaver) if staying[unit.code][row.year]]
    agreed = dict(book.agreed)
    for key, shares in book.agreed.items():
        if key[0] in left and leaver in shares:
            others = {force: share for force, share in shares.items() if force != leaver}
            whole = sum(others.values())
            if whole:
                agreed[key] = {force: 100 * share / whole for force, share in others.items()}
            else:
                del agreed[key]
    baselines = [row for row in book.baselines if row.unit not in left or row.force != leaver]
    return replace(book, units=changed, principles=principles, budgets=budgets, agreed=agreed, baselines=baselines)


def remaining(unit: Unit, rows: list[BudgetRow], leaver: str) -> list[BudgetRow]:
    kept = [row for row in rows if leaver not in (row.direct_to, row.held_by) or row.type == "implementation"]
    kept = [replace(row, held_by=None) if row.held_by == leaver else row for row in kept]
    for year in sorted({row.year for row in rows}):
        held = [
            row.pence
            for row in rows
            if row.year == year and row.held_by == leaver and not row.direct_to and row.type != "implementation"
        ]
        if held:
            leaves = half_up(sum(held) * (1 - pooled_fraction(unit.pooled_from, year)))
            if sum(held) != leaves:
                kept.append(BudgetRow(unit.code, year, sum(held) - leaves))
    return kept


def uncovered(sides: dict[Key, Side], leaver: str) -> dict[Key, tuple[int, int]]:
    """What the others must bear that the leaver bore, and what leaves with it."""
    amounts: dict[Key, tuple[int, int]] = {}
    for key, side in sides.items():
        if leaver in side.members:
            shared = side.of("pooled", "implementation", "no_loser")[leaver]
            amounts[key] = shared, side.of("held", "direct")[leaver]
    return amounts


# --- parameters given by hand ------------------------------------------------------------------------------

WHOLE_NUMBERS = ("window months", "lag months", "nre lag years", "keep demand years")
PERCENTAGES = ("fixed base %", "max missing %", "max share movement", "no loser %")
LONG_AGO = 1


def decimal(raw: Any) -> Fraction:
    text = str(raw).strip().rstrip("%").replace(",", "").replace("£", "")
    return Fraction(Decimal(text))


def as_value(book: Book, name: str, raw: Any) -> Value:
    """A parameter as somebody writes it."""
    text = str(raw).strip()
    if name in WHOLE_NUMBERS:
        return int(decimal(raw))
    if name in PERCENTAGES:
        return decimal(raw)
    if name in ("rebase tolerance", "share decimals"):
        if text.casefold() in ("none", "exact"):
            return text.casefold()
        return decimal(raw) if name == "rebase tolerance" else int(decimal(raw))
    if name == "fixed base year":
        return as_year(text)
    if name == "forces":
        named = {as_force(book, part) for part in text.split(",")}
        return tuple(force.code for force in book.forces if force.code in named)
    return text.casefold()


def with_set(book: FutureBook, settings: Sequence[str]) -> FutureBook:
    """`UNIT.parameter=value` or `parameter=value`, over every row and year; a unit's own beats a general one."""
    given: list[tuple[str | None, str, Value]] = []
    for words in settings:
        left, _, raw = words.partition("=")
        owner, dot, name = left.rpartition(".")
        unit = as_unit(book, owner) if dot else None
        parameter_name = name.strip().casefold()
        given.append((unit, parameter_name, as_value(book, parameter_name, raw)))
    principles = [replace(row, values=dict(row.values)) for row in book.principles]
    for unit, name, value in sorted(given, key=lambda each: each[0] is not None):
        kept: list[Principle] = []
        for row in principles:
            if unit in (None, row.unit):
                row.values.pop(name, None)
            kept.append(row)
        principles = [*kept, Principle(unit, LONG_AGO, {name: value}, "--set")]
    return replace(book, principles=principles)


# --- scenarios ---------------------------------------------------------------------------------------------

Cells = dict[str, Any]
T = TypeVar("T")


def plainly(name: str) -> str:
    """A sheet's or column's name without case, spaces, hyphens and underscores."""
    return name.casefold().replace(" ", "").replace("-", "").replace("_", "")


def read_scenario(text: str) -> dict[str, list[Cells]]:
    tables = tomllib.loads(text, parse_float=Decimal)
    sheets: dict[str, list[Cells]] = {}
    for sheet, rows in tables.items():
        plain_rows = [{plainly(column): value for column, value in row.items()} for row in rows]
        sheets.setdefault(plainly(sheet), []).extend(plain_rows)
    return sheets


def as_force(book: Book, raw: Any) -> str:
    for force in book.forces:
        if any(same(str(raw), known) for known in [force.code, force.name, *force.aliases] if known):
            return force.code
    raise Problem(f"unknown force {raw}")


def as_unit(book: Book, raw: Any) -> str:
    for unit in book.units:
        if any(same(str(raw), known) for known in [unit.code, unit.name] if known):
            return unit.code
    raise Problem(f"unknown unit {raw}")


def as_year(raw: Any) -> int:
    text = str(raw).strip().upper().removeprefix("FY")
    start, _, end = text.replace("-", "/").partition("/")
    if not end:
        return 1999 + int(start) if len(start) == 2 else int(start) - 1
    return int(start) if len(start) == 4 else 2000 + int(start)


def as_period(raw: Any) -> tuple[int, int]:
    """The first month and how many."""
    text = str(raw).strip()
    if isinstance(raw, date):
        return 12 * raw.year + raw.month - 1, 1
    if ".." in text:
        first, last = (as_period(part)[0] for part in text.split(".."))
        return first, last - first + 1
    if " Q" in text:
        year, _, quarter = text.partition(" Q")
        return april(as_year(year)) + 3 * (int(quarter) - 1), 3
    if "/" in text:
        return april(as_year(text)), 12
    year, _, month = text.partition("-")
    if year in month_abbr:
        year, month = month, str([*month_abbr].index(year))
    return 12 * int(year) + int(month) - 1, 1


def as_date(raw: Any) -> date:
    return raw if isinstance(raw, date) else date.fromisoformat(str(raw).strip())


def as_pence(book: Book, raw: Any) -> int:
    factor = 100_000 if book.settings.get("money in") == "thousands" else 100
    return half_up(decimal(raw) * factor)


def maybe(cells: Cells, column: str, read: Callable[[Any], T]) -> T | None:
    raw = cells.get(column)
    return None if raw is None or (isinstance(raw, str) and not raw.strip()) else read(raw)


def text_of(cells: Cells, column: str) -> str:
    return str(cells.get(column, "")).strip()


def put_in(rows: list[T], fresh: T, key: Callable[[T], object]) -> list[T]:
    """In the place of the row with the same key, else after all others."""
    if any(key(row) == key(fresh) for row in rows):
        return [fresh if key(row) == key(fresh) else row for row in rows]
    return [*rows, fresh]


def with_scenario(book: FutureBook, tables: dict[str, list[Cells]], name: str = "") -> FutureBook:
    """The book with a scenario's rows; sheets that others refer to come first."""
    new = replace(
        book,
        nre=dict(book.nre),
        settings=dict(book.settings),
        deflators=dict(book.deflators),
        agreed={key: dict(shares) for key, shares in book.agreed.items()},
    )
    unknown = set(tables) - {plainly(sheet) for sheet in READERS}
    assert not unknown, unknown
    for sheet, read in READERS.items():
        rows = tables.get(plainly(sheet), [])
        if sheet == "Budgets":
            budgets_from(new, rows)
        else:
            for at, cells in enumerate(rows, start=1):
                read(new, {**cells, "origin": f"{name} {at}"})
    return new


def settings_from(book: FutureBook, cells: Cells) -> None:
    book.settings[text_of(cells, "name").casefold()] = text_of(cells, "value")


def forces_from(book: FutureBook, cells: Cells) -> None:
    aliases = [part.strip() for part in text_of(cells, "aliases").split(",") if part.strip()]
    force = Force(text_of(cells, "force"), text_of(cells, "name"), aliases)
    book.forces = put_in(book.forces, force, lambda row: row.code.casefold())


def units_from(book: FutureBook, cells: Cells) -> None:
    def members(raw: Any) -> list[str]:
        named = {as_force(book, part) for part in str(raw).split(",")}
        return [force.code for force in book.forces if force.code in named]

    unit = Unit(
        text_of(cells, "unit"),
        text_of(cells, "name"),
        maybe(cells, "forces", members),
        maybe(cells, "leadforce", lambda raw: as_force(book, raw)),
        maybe(cells, "s22asigned", as_date),
        maybe(cells, "pooledfrom", as_date),
    )
    book.units = put_in(book.units, unit, lambda row: row.code.casefold())


def nre_from(book: FutureBook, cells: Cells) -> None:
    book.nre[as_year(cells["year"]), as_force(book, cells["force"])] = as_pence(book, cells["nre"])


def budgets_from(book: FutureBook, rows: list[Cells]) -> None:
    """All rows of a unit, year and line that the scenario names are replaced by those of the scenario."""

    def key(row: BudgetRow) -> tuple[str, int, str]:
        return row.unit, row.year, row.line.strip().casefold()

    fresh = [
        BudgetRow(
            as_unit(book, cells["unit"]),
            as_year(cells["year"]),
            as_pence(book, cells["amount"]),
            text_of(cells, "line"),
            text_of(cells, "subjective"),
            text_of(cells, "type") or "revenue",
            maybe(cells, "heldby", lambda raw: as_force(book, raw)),
            maybe(cells, "directto", lambda raw: as_force(book, raw)),
        )
        for cells in rows
    ]
    named = {key(row) for row in fresh}
    book.budgets = [row for row in book.budgets if key(row) not in named] + fresh


PARAMETERS = (
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
)


def principles_from(book: FutureBook, cells: Cells) -> None:
    values = {name: as_value(book, name, cells[plainly(name)]) for name in PARAMETERS if plainly(name) in cells}
    unit = maybe(cells, "unit", lambda raw: as_unit(book, raw))
    row = Principle(unit, as_year(cells["fromyear"]), values, text_of(cells, "reference"))
    book.principles = put_in(book.principles, row, lambda each: (each.unit, each.from_year))


def drivers_from(book: FutureBook, cells: Cells) -> None:
    weight = maybe(cells, "weight", decimal)
    row = Driver(as_unit(book, cells["unit"]), text_of(cells, "driver"), Fraction(1) if weight is None else weight)
    book.drivers = put_in(book.drivers, row, lambda each: (each.unit, each.driver))


def demand_from(book: FutureBook, cells: Cells) -> None:
    first, months = as_period(cells["period"])
    force = as_force(book, cells["force"])
    signed = maybe(cells, "signedoff", lambda raw: str(raw).strip().casefold() == "yes")
    row = Demand(text_of(cells, "driver"), first, months, force, decimal(cells["volume"]), signed)
    book.demand = put_in(book.demand, row, lambda each: (each.driver, each.first, each.months, each.force))


def agreed_from(book: FutureBook, cells: Cells) -> None:
    key = as_unit(book, cells["unit"]), as_year(cells["fromyear"])
    book.agreed.setdefault(key, {})[as_force(book, cells["force"])] = decimal(cells["share%"])


def baselines_from(book: FutureBook, cells: Cells) -> None:
    row = Baseline(
        as_unit(book, cells["unit"]),
        as_force(book, cells["force"]),
        as_pence(book, cells["amount"]),
        maybe(cells, "year", as_year),
    )
    book.baselines = put_in(book.baselines, row, lambda each: (each.unit, each.force))


def deflators_from(book: FutureBook, cells: Cells) -> None:
    book.deflators[as_year(cells["year"])] = decimal(cells["index"])


def assumptions_from(book: FutureBook, cells: Cells) -> None:
    kind = text_of(cells, "kind").casefold()

    def value(raw: Any) -> Fraction:
        return decimal(raw) if kind in PERCENT_KINDS else Fraction(as_pence(book, raw))

    row = Assumption(
        kind,
        as_year(cells["fromyear"]),
        value(cells["value"]),
        maybe(cells, "unit", lambda raw: as_unit(book, raw)),
        text_of(cells, "line"),
        text_of(cells, "type"),
        maybe(cells, "force", lambda raw: as_force(book, raw)),
        maybe(cells, "low", value),
        maybe(cells, "high", value),
        cells["origin"],
        text_of(cells, "subjective"),
    )
    book.assumptions = [*book.assumptions, row]


def nothing_from(book: FutureBook, cells: Cells) -> None:
    """Budgets are read all together, since several rows of a key are legitimate."""


READERS: dict[str, Callable[[FutureBook, Cells], None]] = {
    "Settings": settings_from,
    "Forces": forces_from,
    "Units": units_from,
    "NRE": nre_from,
    "Budgets": nothing_from,
    "Principles": principles_from,
    "Drivers": drivers_from,
    "Demand": demand_from,
    "Agreed shares": agreed_from,
    "Baselines": baselines_from,
    "Deflators": deflators_from,
    "Assumptions": assumptions_from,
}
