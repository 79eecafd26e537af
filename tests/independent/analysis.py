"""Variance, tracking and settlement worked out a second time, slowly and plainly, beside `analysis.md`.

It stands on `calculation.py` alone: the standard library, whole pence and exact fractions. Where the specification
changes one thing at a time, so does this: each step is written out as a whole apportionment, and an effect is the
difference between one step and the step before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

from .calculation import (
    Book,
    BudgetRow,
    Demand,
    Line,
    Memory,
    Principle,
    Problem,
    Settled,
    Shares,
    Unit,
    UnitYear,
    calculate,
    check_agreed,
    check_baselines,
    half_up,
    members_of,
    nre_shares,
    parameter,
    pooled_fraction,
    split,
    unit_year,
    year_text,
)

Key = tuple[str, int]
Amounts = dict[str, int]

# --- what a workbook says, already parsed ------------------------------------------------------------------


@dataclass
class BusinessCase:
    unit: str
    year: int
    pence: int
    force: str | None = None
    version: str = ""
    approved: date | None = None
    price_year: int | None = None


@dataclass
class ActualRow(BudgetRow):
    paid_by: str | None = None
    period: range | None = None
    """The months it is the outturn of; None: it names no period."""


@dataclass
class Payment:
    year: int
    payer: str
    payee: str
    pence: int
    unit: str | None = None


@dataclass
class Explanation:
    unit: str
    year: int
    cause: str
    text: str
    owner: str = ""
    force: str | None = None
    """The one force whose row it explains; None: the unit's row and every force's."""
    pence: int | None = None
    against: str = ""
    """Blank is the business case."""


@dataclass
class FullBook(Book):
    business_cases: list[BusinessCase] = field(default_factory=list)
    actuals: list[ActualRow] = field(default_factory=list)
    explanations: list[Explanation] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)


@dataclass
class Goal:
    """What the Units sheet says of a unit's target."""

    target: str = ""
    owner: str = ""
    due: date | None = None


@dataclass
class Agreement:
    unit: str
    version: str
    signed: date
    effective: date | None = None
    review_due: date | None = None


@dataclass
class Comparator:
    year: int
    function: str
    force: str
    pence: int
    groups: tuple[str, ...] = ()


@dataclass
class Size:
    year: int
    force: str
    measure: str
    amount: Fraction


@dataclass
class Retained:
    year: int
    function: str
    force: str
    pence: int


@dataclass
class Forecast:
    unit: str
    year: int
    made_on: date
    pence: int
    reason: str = ""


@dataclass
class ReviewBook(FullBook):
    """With the sheets of review.md."""

    goals: dict[str, Goal] = field(default_factory=dict)
    agreements: list[Agreement] = field(default_factory=list)
    functions: dict[str, str] = field(default_factory=dict)
    comparators: list[Comparator] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)
    retained: list[Retained] = field(default_factory=list)
    forecasts: list[Forecast] = field(default_factory=list)


# --- what follows from it ----------------------------------------------------------------------------------


@dataclass
class VarianceRow:
    version: str | None
    unit: str | None
    """None in the rows of all units."""
    year: int
    force: str | None
    """None in the row of the whole unit."""
    plan: int
    actual: int
    effects: dict[str, int]
    percent: str | None = None
    status: str = ""
    significant: bool = False
    explained: bool = False
    explained_amount: int = 0

    @property
    def unexplained_amount(self) -> int:
        return self.variance - self.explained_amount

    @property
    def variance(self) -> int:
        return self.actual - self.plan


@dataclass
class Variance:
    rows: list[VarianceRow]
    explanations: list[Explanation]
    without_plan: list[Key]
    without_actual: list[Key]


@dataclass
class TrackRow:
    unit: str
    year: int
    source: str
    cash: int
    real: int | None
    """None where an index is missing."""
    recurring: int
    recurring_real: int | None
    plan: int | None
    saving_cash: int | None
    saving_real: int | None
    breaks: bool = False


@dataclass
class TrackTotal:
    """All units of a year."""

    year: int
    units: int
    units_with_base: int
    cash: int
    recurring: int
    saving_cash: int | None
    saving_real: int | None
    breaks: list[tuple[str, int]]


@dataclass
class Track:
    rows: list[TrackRow]
    totals: list[TrackTotal]


# --- ledgers: the lines of Budgets and of Actuals ----------------------------------------------------------


@dataclass
class Side:
    """One unit's year in one ledger."""

    book: Book
    unit: Unit
    year: int
    memory: Memory
    members: list[str]
    shares: Shares
    lines: list[Line]
    stands_on: str
    """nre, demand, agreed; or settled: kept shares, or shares settled before that stay within the tolerance."""

    def total(self) -> Amounts:
        return self.of("pooled", "held", "direct", "implementation", "no_loser")

    def of(self, *components: str) -> Amounts:
        amounts = {force.code: 0 for force in self.book.forces}
        for line in self.lines:
            if line.component in components:
                amounts[line.force] += line.pence
        return amounts


def memories(book: Book, unit: Unit) -> list[Settled]:
    """The years of the Budgets sheet in which the unit stood on demand, with the shares then applied."""
    settled: list[Settled] = []
    for year in sorted({row.year for row in book.budgets if row.unit == unit.code}):
        record, _, shares = unit_year(book, unit, year, settled)
        if record.basis == "demand":
            settled.append(Settled(year, shares, record.robust))
    return settled


def part_years(book: FullBook) -> set[Key]:
    """The units and years of which lines of the outturn have periods, and these are not all twelve months."""
    months: dict[Key, set[int]] = {}
    for row in book.actuals:
        if row.period is not None:
            months.setdefault((row.unit, row.year), set()).update(row.period)
    return {key for key, known in months.items() if len(known) < 12}


def outturn(book: FullBook) -> list[ActualRow]:
    """The lines of Actuals of whole years."""
    partly = part_years(book)
    return [row for row in book.actuals if (row.unit, row.year) not in partly]


def ledger(book: FullBook, source: str) -> dict[Key, Side]:
    """Every unit and year of `budgets`, of the `outturn` or of all `actuals`, in part-years too, apportioned.

    What is remembered comes from Budgets alone.
    """
    check_agreed(book)
    check_baselines(book)
    posted_on: dict[str, Sequence[BudgetRow]] = {
        "budgets": book.budgets,
        "outturn": outturn(book),
        "actuals": book.actuals,
    }
    rows = posted_on[source]
    posted = replace(book, budgets=list(rows))
    sides: dict[Key, Side] = {}
    for unit in book.units:
        remembered = memories(book, unit)
        protected = {row.force for row in book.baselines if row.unit == unit.code}
        for year in sorted({row.year for row in rows if row.unit == unit.code}):
            if protected and not set(members_of(book, unit, year)) <= protected:
                raise Problem(f"baseline-missing: {unit.code} {year_text(year)}")
            memory = [settled for settled in remembered if settled.year < year]
            record, lines, shares = unit_year(posted, unit, year, memory)
            standing = stands_on(book, record)
            sides[unit.code, year] = Side(book, unit, year, memory, record.members, shares, lines, standing)
    return sides


def stands_on(book: Book, record: UnitYear) -> str:
    tolerance = parameter(book, record.unit, record.start, "rebase tolerance")
    stays = isinstance(tolerance, int | Fraction) and record.moved is not None and record.moved <= tolerance
    return "settled" if stays or record.kept_from is not None else record.basis


def in_order(book: Book, keys: set[Key]) -> list[Key]:
    order = [unit.code for unit in book.units]
    return sorted((key for key in keys if key[0] in order), key=lambda key: (order.index(key[0]), key[1]))


# --- business cases ----------------------------------------------------------------------------------------


def cases_of(book: FullBook, version: str) -> dict[Key, list[BusinessCase]]:
    """For each unit and year the rows of the version asked for: original, latest or a name.

    Versions stand in the order in which each first appears on the sheet.
    """
    cases: dict[Key, list[BusinessCase]] = {}
    for row in book.business_cases:
        cases.setdefault((row.unit, row.year), []).append(row)
    chosen: dict[Key, list[BusinessCase]] = {}
    for key, rows in cases.items():
        versions = list(dict.fromkeys(row.version for row in rows))
        wanted = {"original": versions[0], "latest": versions[-1]}.get(version, version)
        of_version = [row for row in rows if row.version == wanted]
        if not of_version:
            continue
        if len({(row.approved, row.price_year, row.force is None) for row in of_version}) > 1:
            raise Problem(f"business-case-disagrees: {key[0]} {year_text(key[1])}")
        chosen[key] = of_version
    return chosen


def financial_year(day: date) -> int:
    return day.year if day.month >= 4 else day.year - 1


def weights_without_forces(book: Book, unit: Unit, year: int, approved: date | None, members: list[str]) -> Shares:
    """NRE of the financial year of approval, as it stands; else that of the year."""
    if approved is not None:
        known = {force: book.nre.get((financial_year(approved), force)) for force in members}
        if all(pence is not None for pence in known.values()):
            return {force: Fraction(pence or 0) for force, pence in known.items()}
    return nre_shares(book, unit.code, year, members)


def apportioned(total: int, weights: Shares) -> Amounts:
    return dict(zip(weights, split(total, list(weights.values())), strict=True))


def plus(*parts: Amounts) -> Amounts:
    return {force: sum(part.get(force, 0) for part in parts) for force in {key: 0 for part in parts for key in part}}


def minus(new: Amounts, old: Amounts) -> Amounts:
    return {force: new.get(force, 0) - old.get(force, 0) for force in {**new, **old}}


def bridge_from_case(book: FullBook, rows: list[BusinessCase], side: Side) -> list[tuple[str, Amounts]]:
    """The results of steps 0 to 6, each with the name of the effect that leads to it."""
    members, year = side.members, side.year
    total = sum(row.pence for row in rows)
    given = rows[0].force is not None
    if given:
        plan = {force: sum(row.pence for row in rows if row.force == force) for force in members}
        if any(pence < 0 for pence in plan.values()) or total == 0:
            weights = nre_shares(book, side.unit.code, year, members)
        else:
            weights = {force: Fraction(pence) for force, pence in plan.items()}
    else:
        weights = weights_without_forces(book, side.unit, year, rows[0].approved, members)
        plan = apportioned(total, weights)

    steps = [("plan", plan)]

    priced = plan
    price_year = rows[0].price_year
    if price_year is not None:
        if price_year not in book.deflators or year not in book.deflators:
            raise Problem(f"deflator-missing: {side.unit.code} {year_text(year)}")
        priced = apportioned(half_up(total * book.deflators[year] / book.deflators[price_year]), weights)
    steps.append(("prices", priced))

    actual_total = sum(line.pence for line in side.lines)
    steps.append(("cost", apportioned(actual_total, weights)))

    own = side.of("held", "direct", "implementation")
    pooled = actual_total - sum(own.values())
    with_own = plus(apportioned(pooled, weights), own)
    steps.append(("direct", with_own))

    if given:
        steps.append(("nre", with_own))
    else:
        steps.append(("nre", plus(apportioned(pooled, nre_shares(book, side.unit.code, year, members)), own)))

    on_basis = plus(apportioned(pooled, side.shares), own)
    assert on_basis == side.of("pooled", "held", "direct", "implementation")
    steps.append(("basis", on_basis))

    steps.append(("no_loser", side.total()))
    return steps


# --- ledger against ledger ---------------------------------------------------------------------------------


def moved_back(nre: dict[tuple[int, str], int], years: int) -> dict[tuple[int, str], int]:
    return {(year - years, force): pence for (year, force), pence in nre.items()}


def with_fixed_base_moved_back(rows: list[Principle], years: int) -> list[Principle]:
    """A fixed base year means the same year's NRE still, wherever the NRE of that year now stands."""
    moved: list[Principle] = []
    for row in rows:
        fixed = row.values.get("fixed base year")
        values = {**row.values, "fixed base year": fixed - years} if isinstance(fixed, int) else row.values
        moved.append(replace(row, values=values))
    return moved


def demand_moved_back(rows: list[Demand], years: int) -> list[Demand]:
    return [replace(row, first=row.first - 12 * years) for row in rows]


def share_rules(book: Book, side: Side, memory: Memory) -> Shares | None:
    """The shares of the old side's year from another book's figures; None where they cannot be worked out."""
    bare = replace(book, budgets=[], baselines=[])
    try:
        _, _, shares = unit_year(bare, side.unit, side.year, memory)
    except Problem:
        return None
    return shares


def held_to_its_basis(book: Book, side: Side) -> Shares | None:
    """The shares of the old side's year from another book's figures, on the basis that it had."""
    if side.stands_on in ("agreed", "settled"):
        return side.shares
    by_hand = Principle(side.unit.code, side.year, {"basis": side.stands_on, "rebase tolerance": "none"})
    return share_rules(replace(book, principles=[*book.principles, by_hand]), side, [])


def counted_from(book: Book, old: Side, memory: Memory, years: int) -> tuple[Book, Memory]:
    """What is remembered in the new year, told in the years of the old side, and the old side's set beside it.

    The set in force on the old side has begun there, however far back the new year lies.
    """
    begun = [start for unit, start in old.book.agreed if unit == old.unit.code and start <= old.year]
    last = max(begun, default=0)
    agreed = {(old.unit.code, min(last - years, old.year)): old.book.agreed[old.unit.code, last]} if begun else {}
    return replace(book, agreed=agreed), [replace(past, year=past.year - years) for past in memory]


Placing = Callable[[Book, Side, Side], Book]
"""In a projection: the book with the window of the old side's year placed as the data of a side has it."""


def as_it_is(book: Book, where: Side, of: Side) -> Book:
    return book


def moving_shares(old: Side, new: Side, placed: Placing = as_it_is) -> tuple[Shares, Shares, Shares]:
    """The shares after the steps nre, demand and basis, in the old side's year and under its terms."""
    years = new.year - old.year
    # The old year, with the NRE of the new one in the place of its own.
    with_new_nre = replace(
        old.book,
        nre=moved_back(new.book.nre, years),
        settings=new.book.settings,
        principles=with_fixed_base_moved_back(old.book.principles, years),
    )
    after_nre = held_to_its_basis(placed(with_new_nre, old, old), old) or old.shares

    # And with the demand of the new year in the place of its own.
    with_new_demand = placed(
        replace(
            with_new_nre,
            demand=demand_moved_back(new.book.demand, years),
            drivers=new.book.drivers,
            signed_off_column=new.book.signed_off_column,
        ),
        old,
        new,
    )
    after_demand = held_to_its_basis(with_new_demand, old) or after_nre

    # And with the basis chosen again, on what the new side remembers.
    with_new_memory, memory = counted_from(with_new_demand, old, new.memory, years)
    after_basis = share_rules(with_new_memory, old, memory)
    return after_nre, after_demand, after_basis or after_demand


def restated(old: Side, year: int) -> Side:
    """The old side's lines, each in the prices of the year."""
    index = old.book.deflators
    if year not in index or old.year not in index:
        raise Problem(f"deflator-missing: {old.unit.code} {year_text(year)}")
    lines = [replace(line, pence=half_up(line.pence * index[year] / index[old.year])) for line in old.lines]
    return replace(old, lines=lines)


def bridge_between(
    as_it_was: Side, new: Side, real: bool = False, placed: Placing = as_it_is
) -> list[tuple[str, Amounts]]:
    """The effects, one by one, in order; with `real` the old side is restated first."""
    old = restated(as_it_was, new.year) if real else as_it_was
    own = ("held", "direct", "implementation")
    pooled = sum(new.of("pooled").values())
    on_old_shares = apportioned(pooled, old.shares)
    by_nre, by_demand, by_basis = (apportioned(pooled, shares) for shares in moving_shares(old, new, placed))
    by_terms = apportioned(pooled, new.shares)
    return [
        ("prices", minus(old.total(), as_it_was.total())),
        ("no_loser", minus(new.of("no_loser"), old.of("no_loser"))),
        ("cost", minus(on_old_shares, old.of("pooled"))),
        ("direct", minus(new.of(*own), old.of(*own))),
        ("nre", minus(by_nre, on_old_shares)),
        ("demand", minus(by_demand, by_nre)),
        ("basis", minus(by_basis, by_demand)),
        ("terms", minus(by_terms, by_basis)),
    ]


# --- significance ------------------------------------------------------------------------------------------


def setting(book: Book, name: str, otherwise: str) -> Fraction:
    return Fraction(book.settings.get(name, otherwise))


def judge(book: FullBook, row: VarianceRow) -> None:
    amount = 100 * setting(book, "materiality amount", "50000")
    percent = setting(book, "materiality %", "5")
    always = 100 * setting(book, "always significant", "250000")
    size, plan = abs(row.variance), abs(row.plan)

    def meets(part: Fraction) -> bool:
        return size >= amount * part and (plan == 0 or size >= percent * part / 100 * plan)

    adverse = row.variance > 0
    row.significant = meets(Fraction(1)) or size >= always
    if row.significant and adverse:
        row.status = "RED"
    elif adverse and meets(Fraction(1, 2)):
        row.status = "AMBER"
    else:
        row.status = "GREEN"
    if plan:
        tenths = half_up(Fraction(1000 * row.variance, plan))
        sign = "-" if tenths < 0 else ""
        row.percent = f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"
    row.explained = abs(row.unexplained_amount) < amount


# --- explanations ------------------------------------------------------------------------------------------


def toward(effect: int, pence: int) -> int:
    """That much of an effect, never more than it, and nothing the other way."""
    if effect > 0:
        return min(max(pence, 0), effect)
    return -min(max(-pence, 0), -effect)


def explained_of(said: Explanation, effects: Amounts, whole: int) -> tuple[Amounts, int]:
    """What a row explains of the effect of its cause: force by force, and of the unit, whose effect is `whole`."""
    if said.force is not None:
        if said.force not in effects:
            return {}, 0
        effect = effects[said.force]
        return {said.force: effect if said.pence is None else toward(effect, said.pence)}, 0
    if said.pence is None:
        return dict(effects), whole
    much = toward(whole, said.pence)
    same_sign = {force: Fraction(abs(effect) if effect * much > 0 else 0) for force, effect in effects.items()}
    if sum(same_sign.values()) == 0:
        return {}, much
    return apportioned(much, same_sign), much


def explain(said: list[Explanation], rows: list[VarianceRow]) -> None:
    """Fill in what is explained of the rows of a unit and year: cause by cause, then what `all` takes of the rest."""

    def plain(cause: str) -> str:
        return "".join(cause.lower().replace("_", " ").replace("-", " ").split())

    *forces, unit = rows
    for cause in [*unit.effects, "all"]:
        if cause == "all":
            effects = {str(row.force): row.unexplained_amount for row in forces}
            whole = unit.unexplained_amount
        else:
            effects = {str(row.force): row.effects[cause] for row in forces}
            whole = unit.effects[cause]
        parts = [explained_of(each, effects, whole) for each in said if plain(each.cause) == plain(cause)]
        for row in forces:
            force = str(row.force)
            row.explained_amount += toward(effects[force], sum(amounts.get(force, 0) for amounts, _ in parts))
        unit.explained_amount += toward(whole, sum(much for _, much in parts))


def rows_of(
    book: FullBook,
    key: Key,
    version: str | None,
    forces: list[str],
    plan: Amounts,
    side: Side,
    effects: dict[str, Amounts],
    against: str,
) -> list[VarianceRow]:
    """One row for each force, and one for the unit, with what is explained of each in this comparison."""
    actual = side.total()
    rows: list[VarianceRow] = []
    for force in [*forces, None]:
        whose = forces if force is None else [force]

        def summed(amounts: Amounts, whose: list[str] = whose) -> int:
            return sum(amounts.get(force, 0) for force in whose)

        moved = {name: summed(amounts) for name, amounts in effects.items()}
        row = VarianceRow(version, key[0], key[1], force, summed(plan), summed(actual), moved)
        assert sum(row.effects.values()) == row.variance
        rows.append(row)
    explain([said for said in about(book, against) if (said.unit, said.year) == key], rows)
    for row in rows:
        judge(book, row)
    return rows


def about(book: FullBook, against: str) -> list[Explanation]:
    return [said for said in book.explanations if said.against == against]


# --- the questions -----------------------------------------------------------------------------------------


def variance_from_case(book: FullBook, source: str = "budgets", version: str = "original") -> Variance:
    cases, sides = cases_of(book, version), ledger(book, source)
    rows: list[VarianceRow] = []
    for key in in_order(book, cases.keys() & sides.keys()):
        side = sides[key]
        steps = bridge_from_case(book, cases[key], side)
        effects = {name: minus(after, before) for (_, before), (name, after) in pairwise(steps)}
        rows += rows_of(book, key, cases[key][0].version, side.members, steps[0][1], side, effects, "")
    return Variance(
        rows,
        about(book, ""),
        without_plan=in_order(book, sides.keys() - cases.keys()),
        without_actual=in_order(book, cases.keys() - sides.keys()),
    )


def between(
    book: FullBook,
    old: dict[Key, Side],
    new: dict[Key, Side],
    against: str,
    real: bool = False,
    whole_years: bool = True,
    not_compared: Collection[Key] = (),
) -> Variance:
    """Rows of all units and years of either; without `whole_years` not of years that the new side has nothing of.

    A part-year, which is not compared, has neither started nor ended.
    """
    rows: list[VarianceRow] = []
    compared = {*old, *new} if whole_years else {key for key in {*old, *new} if key[1] in {year for _, year in new}}
    for key in in_order(book, compared - {*not_compared}):
        before, after = old.get(key), new.get(key)
        members = {force for side in (before, after) if side is not None for force in side.members}
        forces = [force.code for force in book.forces if force.code in members]
        if before is not None and after is not None:
            effects = dict(bridge_between(before, after, real))
            rows += rows_of(book, key, None, forces, before.total(), after, effects, against)
        elif after is not None:
            rows += rows_of(book, key, None, forces, {}, after, {"started": after.total()}, against)
        elif before is not None:
            then = restated(before, key[1]) if real and key[1] != before.year else before
            effects = {"prices": minus(then.total(), before.total()), "ended": minus({}, then.total())}
            rows += rows_of(book, key, None, forces, before.total(), replace(before, lines=[]), effects, against)
        for row in rows[-1 - len(forces) :]:
            if before is None or after is None:
                row.percent = None
    return Variance(
        [*rows, *sums_of(book, rows)],
        about(book, against),
        without_plan=in_order(book, new.keys() - old.keys()),
        without_actual=in_order(book, old.keys() - new.keys()),
    )


def sums_of(book: FullBook, rows: list[VarianceRow]) -> list[VarianceRow]:
    """Year by year the rows of all units; what is explained of them is the sum of what is explained of each."""
    sums: list[VarianceRow] = []
    for year in sorted({row.year for row in rows}):
        for force in [*(force.code for force in book.forces), None]:
            own = [row for row in rows if (row.year, row.force) == (year, force)]
            if not own:
                continue
            names = dict.fromkeys(name for row in own for name in row.effects)
            effects = {name: sum(row.effects.get(name, 0) for row in own) for name in names}
            total = VarianceRow(
                None, None, year, force, sum(row.plan for row in own), sum(row.actual for row in own), effects
            )
            total.explained_amount = sum(row.explained_amount for row in own)
            judge(book, total)
            sums.append(total)
    return sums


def variance_from_budget(book: FullBook) -> Variance:
    budgets, spent = ledger(book, "budgets"), ledger(book, "outturn")
    return between(book, budgets, spent, "budget", whole_years=False, not_compared=part_years(book))


def variance_from_year(book: FullBook, year: int, source: str = "budgets", real: bool = False) -> Variance:
    """That year of the source is the plan for each other year in which anything was posted."""
    sides = ledger(book, source)
    others = sorted({posted for _, posted in sides} - {year})
    old = {(unit, other): side for (unit, posted), side in sides.items() if posted == year for other in others}
    new = {key: side for key, side in sides.items() if key[1] != year}
    partly = part_years(book) if source == "outturn" else set()
    unlike_ours = {(unit, other) for unit, other in {*old, *new} if {(unit, year), (unit, other)} & partly}
    return between(book, old, new, year_text(year), real, not_compared=unlike_ours)


def variance_from_book(book: FullBook, other: FullBook, source: str = "budgets", name: str = "other.xlsx") -> Variance:
    """The other workbook, by the name of its file, is the plan."""
    return between(book, ledger(other, source), ledger(book, source), name)


def unlike(book: FullBook, code: str, year: int, base_year: int) -> bool:
    """Whether the unit's members or the part of the year that is pooled differ from those of the base year."""
    (unit,) = [unit for unit in book.units if unit.code == code]
    then, now = ((set(members_of(book, unit, y)), pooled_fraction(unit.pooled_from, y)) for y in (base_year, year))
    return then != now


def track(book: FullBook, base: int | None = None, version: str = "original") -> Track:
    calculate(book)
    cases = cases_of(book, version)
    costs: dict[Key, tuple[str, int, int]] = {}
    for source, posted in (("budgets", list(book.budgets)), ("actuals", list[BudgetRow](outturn(book)))):
        for key in {(row.unit, row.year) for row in posted}:
            own = [row for row in posted if (row.unit, row.year) == key]
            recurs = sum(row.pence for row in own if row.type not in ("implementation", "one-off"))
            costs[key] = (source, sum(row.pence for row in own), recurs)
    rows: list[TrackRow] = []
    for unit, year in in_order(book, set(costs)):
        source, cash, recurring = costs[unit, year]
        base_year = base if base is not None else min(other for whose, other in costs if whose == unit)
        real: int | None = None
        recurring_real: int | None = None
        if year in book.deflators and base_year in book.deflators:
            real = half_up(cash * book.deflators[base_year] / book.deflators[year])
            recurring_real = half_up(recurring * book.deflators[base_year] / book.deflators[year])
        plan = sum(row.pence for row in cases[unit, year]) if (unit, year) in cases else None
        start = costs.get((unit, base_year))
        saving_cash = None if start is None else start[2] - recurring
        saving_real = None if start is None or recurring_real is None else start[2] - recurring_real
        breaks = start is not None and unlike(book, unit, year, base_year)
        rows.append(
            TrackRow(unit, year, source, cash, real, recurring, recurring_real, plan, saving_cash, saving_real, breaks)
        )
    return Track(rows, track_totals(rows))


def track_totals(rows: list[TrackRow]) -> list[TrackTotal]:
    """Year by year the units without a break; the others by name, with their change."""
    totals: list[TrackTotal] = []
    for year in sorted({row.year for row in rows}):
        own = [row for row in rows if row.year == year]
        summed = [row for row in own if not row.breaks]
        based = [row for row in summed if row.saving_cash is not None]
        real = [row.saving_real for row in based if row.saving_real is not None]
        totals.append(
            TrackTotal(
                year,
                units=len(summed),
                units_with_base=len(based),
                cash=sum(row.cash for row in summed),
                recurring=sum(row.recurring for row in summed),
                saving_cash=sum(row.saving_cash or 0 for row in based) if based else None,
                saving_real=sum(real) if based and len(real) == len(based) else None,
                breaks=[(row.unit, -row.saving_cash) for row in own if row.breaks and row.saving_cash is not None],
            )
        )
    return totals


# --- settlement --------------------------------------------------------------------------------------------

NO_UNIT = "(no unit)"


@dataclass
class Balance:
    paid: int = 0
    borne: int = 0

    @property
    def balance(self) -> int:
        return self.paid - self.borne


@dataclass
class Settlement:
    balances: dict[tuple[str | None, str], Balance]
    """By unit and force; None in place of a unit is the total."""
    transfers: list[tuple[str, str, int]]


def settle(book: FullBook, years: Sequence[int] | None = None) -> Settlement:
    shown = {row.year for row in book.actuals} if years is None else set(years)
    balances: dict[tuple[str | None, str], Balance] = {}

    def post(unit: str, force: str, paid: int = 0, borne: int = 0) -> None:
        for key in ((unit, force), (None, force)):
            balances.setdefault(key, Balance()).paid += paid
            balances[key].borne += borne

    lead = {unit.code: unit.lead for unit in book.units}
    for row in book.actuals:
        payer = row.paid_by or row.held_by or lead[row.unit]
        if payer is None:
            raise Problem(f"payer-missing: {row.unit} {year_text(row.year)}")
        if row.year in shown:
            post(row.unit, payer, paid=row.pence)
    for (unit, year), side in ledger(book, "actuals").items():
        if year in shown:
            for force, pence in side.total().items():
                post(unit, force, borne=pence)
    for payment in book.payments:
        if payment.year in shown:
            post(payment.unit or NO_UNIT, payment.payer, paid=payment.pence)
            post(payment.unit or NO_UNIT, payment.payee, paid=-payment.pence)

    open_ = [balances.get((None, force.code), Balance()).balance for force in book.forces]
    transfers: list[tuple[str, str, int]] = []
    while any(open_):
        debtor, creditor = open_.index(min(open_)), open_.index(max(open_))
        pence = min(-open_[debtor], open_[creditor])
        open_[debtor] += pence
        open_[creditor] -= pence
        transfers.append((book.forces[debtor].code, book.forces[creditor].code, pence))
    return Settlement(balances, transfers)
