"""The specification worked out a second time, slowly and plainly.

Nothing here is shared with the program: only the standard library, whole pence and exact fractions.
It is written to be read beside `principles.md`, paragraph by paragraph; clarity comes before speed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor

Value = str | int | Fraction | tuple[str, ...]
Shares = dict[str, Fraction]


class Problem(Exception):
    """Something the analyst would have to mend; there are no figures."""


# --- what a workbook says, already parsed ------------------------------------------------------------------


@dataclass
class Force:
    code: str
    name: str = ""
    aliases: list[str] = field(default_factory=list)


@dataclass
class Unit:
    code: str
    name: str = ""
    members: list[str] | None = None
    lead: str | None = None
    s22a_signed: date | None = None
    pooled_from: date | None = None


@dataclass
class BudgetRow:
    unit: str
    year: int
    pence: int
    line: str = ""
    subjective: str = ""
    type: str = "revenue"
    held_by: str | None = None
    direct_to: str | None = None


@dataclass
class Principle:
    """One row of the Principles sheet; `values` holds only the cells that are filled.

    `rebase tolerance` may be "none", `share decimals` may be "exact"; `fixed base year` is the year it starts in;
    `forces` is a tuple of codes; percentages and percentage points are fractions of a hundred, as written.
    """

    unit: str | None
    from_year: int
    values: dict[str, Value] = field(default_factory=dict)
    reference: str = ""


@dataclass
class Driver:
    unit: str
    driver: str
    weight: Fraction = Fraction(1)


@dataclass
class Demand:
    """A volume for `months` months from month number `first` (twelve for each calendar year, January is 0)."""

    driver: str
    first: int
    months: int
    force: str
    volume: Fraction | None
    signed: bool | None = None


@dataclass
class Baseline:
    unit: str
    force: str
    pence: int
    year: int | None = None
    reference: str = ""


@dataclass
class Book:
    forces: list[Force]
    units: list[Unit]
    budgets: list[BudgetRow]
    nre: dict[tuple[int, str], int]
    principles: list[Principle] = field(default_factory=list)
    drivers: list[Driver] = field(default_factory=list)
    demand: list[Demand] = field(default_factory=list)
    signed_off_column: bool = False
    agreed: dict[tuple[str, int], dict[str, Fraction]] = field(default_factory=dict)
    agreed_references: dict[tuple[str, int], str] = field(default_factory=dict)
    baselines: list[Baseline] = field(default_factory=list)
    deflators: dict[int, Fraction] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)


# --- what follows from it ----------------------------------------------------------------------------------


@dataclass
class Line:
    unit: str
    year: str
    component: str
    force: str
    pence: int
    basis: str
    share: Fraction | None
    rests_on: str = ""
    """A reference of the sheet that the line's own must hold."""


@dataclass
class Test:
    name: str
    driver: str | None
    passed: bool | None  # None: not tested

    __test__ = False


@dataclass
class Shadow:
    force: str
    share: Fraction
    pence: int


@dataclass
class NoLoser:
    excess: int
    headroom: int
    achievable: bool
    applied: Fraction


@dataclass
class UnitYear:
    unit: str
    year: str
    basis: str
    robust: bool
    tests: list[Test]
    window: tuple[str, str]
    left_out: dict[str, list[str]]
    shadow: list[Shadow]
    no_loser: NoLoser | None
    fixed_base: Fraction
    start: int
    members: list[str]
    demand_shares: Shares | None
    """The exact new shares (fixed base blended in, not rounded), where there are any."""
    moved: Fraction | None
    """Percentage points between the new shares and those last settled, whether or not a tolerance is set."""
    unsteady: Fraction | None
    """The largest movement of a block from the window, over all drivers, in percentage points."""
    if_pooled: dict[str, int] = field(default_factory=dict)
    kept_from: int | None = None
    """The year whose shares are kept, where they are."""
    settled_from: int | None = None
    """The year of the shares last settled, where a tolerance leaves them in force."""


@dataclass
class Result:
    forces: list[str]
    lines: list[Line]
    totals: list[tuple[str, str, str, int]]
    bases: list[UnitYear]


# --- rounding ----------------------------------------------------------------------------------------------


def half_up(value: Fraction) -> int:
    """To a whole number; a half goes away from zero."""
    size = floor(abs(value) + Fraction(1, 2))
    return size if value >= 0 else -size


def hand_out(quotas: Sequence[Fraction], total: int) -> list[int]:
    """Everyone's floor; the units left over go to the largest remainders, ties to the earlier."""
    parts = [floor(quota) for quota in quotas]
    left = total - sum(parts)
    assert 0 <= left <= len(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (-(quotas[i] - parts[i]), i))
    for i in by_remainder[:left]:
        parts[i] += 1
    return parts


def split(total: int, weights: Sequence[Fraction | int]) -> list[int]:
    if total == 0:
        return [0 for _ in weights]
    whole = sum((Fraction(weight) for weight in weights), Fraction(0))
    if whole <= 0:
        raise ValueError("nothing to split on")
    parts = hand_out([abs(total) * Fraction(weight) / whole for weight in weights], abs(total))
    return parts if total > 0 else [-part for part in parts]


def to_decimals(shares: Shares, decimals: int) -> Shares:
    """Shares as so many decimals of a percent that sum to 100."""
    steps = 100 * 10**decimals
    return dict(zip(shares, (Fraction(part, steps) for part in split(steps, list(shares.values()))), strict=True))


# --- years and months --------------------------------------------------------------------------------------


def year_text(start: int) -> str:
    return f"{start}/{(start + 1) % 100:02d}"


def month_text(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


def april(start: int) -> int:
    return 12 * start + 3


def pooled_fraction(pooled_from: date | None, start: int) -> Fraction:
    first, last = date(start, 4, 1), date(start + 1, 3, 31)
    if pooled_from is None or pooled_from > last:
        return Fraction(0)
    if pooled_from <= first:
        return Fraction(1)
    return Fraction((last - pooled_from).days + 1, (last - first).days + 1)


# --- parameters in force -----------------------------------------------------------------------------------

BUILT_IN: dict[str, Value | None] = {
    "basis": "auto",
    "fixed base %": Fraction(0),
    "fixed base on": "nre",
    "window months": 36,
    "lag months": 6,
    "demand method": "pooled",
    "rebase tolerance": None,
    "nre lag years": 0,
    "fixed base year": None,
    "forces": None,
    "max missing %": Fraction(10),
    "max share movement": Fraction(5),
    "share decimals": None,
    "keep demand years": 1,
    "no loser %": Fraction(100),
    "part years protected": "no",
    "if not achievable": "share gains",
}


def parameter(book: Book, unit: str, year: int, name: str) -> Value | None:
    value = BUILT_IN[name]
    for owner in (None, unit):
        rows = [row for row in book.principles if row.unit == owner and row.from_year <= year]
        for row in sorted(rows, key=lambda row: row.from_year):
            if name in row.values:
                value = row.values[name]
    if (name, value) in (("rebase tolerance", "none"), ("share decimals", "exact")):
        return None
    return value


def whole(book: Book, unit: str, year: int, name: str) -> int:
    value = parameter(book, unit, year, name)
    assert isinstance(value, int)
    return value


def number(book: Book, unit: str, year: int, name: str) -> Fraction:
    value = parameter(book, unit, year, name)
    assert isinstance(value, int | Fraction)
    return Fraction(value)


def members_of(book: Book, unit: Unit, year: int) -> list[str]:
    listed = parameter(book, unit.code, year, "forces")
    if listed is None:
        listed = tuple(unit.members) if unit.members is not None else tuple(force.code for force in book.forces)
    assert isinstance(listed, tuple)
    return [force.code for force in book.forces if force.code in listed]


# --- 1. NRE ------------------------------------------------------------------------------------------------


def nre_of(book: Book, force: str, year: int) -> int:
    if (year, force) in book.nre:
        return book.nre[year, force]
    if book.settings.get("carry nre forward") == "yes":
        earlier = [known for known, whose in book.nre if whose == force and known < year]
        if earlier:
            return book.nre[max(earlier), force]
    raise Problem(f"nre-missing: {force} {year_text(year)}")


def proportions(amounts: Mapping[str, int | Fraction]) -> Shares:
    total = sum((Fraction(amount) for amount in amounts.values()), Fraction(0))
    return {force: Fraction(amount) / total for force, amount in amounts.items()}


def nre_shares(book: Book, unit: str, year: int, members: list[str]) -> Shares:
    used = year - whole(book, unit, year, "nre lag years")
    return proportions({force: nre_of(book, force, used) for force in members})


def base_shares(book: Book, unit: str, year: int, members: list[str]) -> Shares:
    if parameter(book, unit, year, "fixed base on") == "equal":
        return {force: Fraction(1, len(members)) for force in members}
    fixed_year = parameter(book, unit, year, "fixed base year")
    if fixed_year is None:
        return nre_shares(book, unit, year, members)
    assert isinstance(fixed_year, int)
    return proportions({force: nre_of(book, force, fixed_year) for force in members})


# --- 2. demand ---------------------------------------------------------------------------------------------


@dataclass
class Evidence:
    """What one driver's data says for one window and one set of members."""

    left_out: list[int]
    total: Fraction
    pooled: Shares | None
    blocks: list[Shares | None]
    signed: bool


def window_of(book: Book, unit: str, year: int) -> range:
    end = april(year) - whole(book, unit, year, "lag months")
    return range(end - whole(book, unit, year, "window months"), end)


def evidence(book: Book, driver: str, window: range, members: list[str]) -> Evidence:
    volumes: dict[tuple[str, int], Fraction] = {}
    signed: dict[tuple[str, int], bool] = {}
    for record in book.demand:
        if record.driver != driver or record.volume is None:
            continue
        months = range(record.first, record.first + record.months)
        if all(month in window for month in months):
            each = record.volume / record.months
            for month in months:
                volumes[record.force, month] = each
                signed[record.force, month] = record.signed is True
    counted = {month for month in window if all((force, month) in volumes for force in members)}

    def shares_in(months: Sequence[int]) -> Shares | None:
        there = counted.intersection(months)
        sums = {force: sum((volumes[force, month] for month in there), Fraction(0)) for force in members}
        return proportions(sums) if sum(sums.values()) > 0 else None

    ends = [len(window) - 12 * back for back in range(len(window) // 12)]
    blocks = [window[end - 12 : end] for end in ends]
    return Evidence(
        left_out=[month for month in window if month not in counted],
        total=sum((volumes[force, month] for force in members for month in counted), Fraction(0)),
        pooled=shares_in(window),
        blocks=[shares_in(block) for block in blocks],
        signed=all(signed[force, month] for force in members for month in counted),
    )


def largest_gap(shares: Shares, other: Shares) -> Fraction:
    """In percentage points."""
    return max(100 * abs(shares[force] - other[force]) for force in shares)


def largest_movement(data: Evidence) -> Fraction | None:
    """The furthest any block is from the window; None where a block has no volume."""
    worst = Fraction(0)
    for block in data.blocks:
        if block is None or data.pooled is None:
            return None
        worst = max(worst, largest_gap(block, data.pooled))
    return worst


def robustness(book: Book, unit: str, year: int, measured: dict[str, Evidence], window: range) -> list[Test]:
    tests = [Test("driver", None, bool(measured))]
    for driver, data in measured.items():
        missing = Fraction(100 * len(data.left_out), len(window))
        movement = largest_movement(data)
        steady = movement is not None and movement <= number(book, unit, year, "max share movement")
        tests.append(Test("complete", driver, missing <= number(book, unit, year, "max missing %")))
        tests.append(Test("positive", driver, data.total > 0))
        tests.append(Test("stable", driver, steady if len(data.blocks) > 1 else None))
        if book.signed_off_column:
            tests.append(Test("signed off", driver, data.signed))
    return tests


def driver_shares(data: Evidence, method: str) -> Shares | None:
    """None where the data cannot be used."""
    if data.pooled is None:
        return None
    if method == "pooled":
        return data.pooled
    mean = {force: Fraction(0) for force in data.pooled}
    for block in data.blocks:
        if block is None:
            return None
        for force in mean:
            mean[force] += block[force] / len(data.blocks)
    return mean


def measured_shares(
    book: Book, unit: str, measured: dict[str, Evidence], method: str, members: list[str]
) -> Shares | None:
    """The weighted mean of the drivers' shares; None where there is no usable data."""
    weights = {row.driver: row.weight for row in book.drivers if row.unit == unit}
    each = {driver: driver_shares(data, method) for driver, data in measured.items()}
    if not each:
        return None
    mean = {force: Fraction(0) for force in members}
    for driver, shares in each.items():
        if shares is None:
            return None
        for force in members:
            mean[force] += weights[driver] / sum(weights.values()) * shares[force]
    return mean


def blend(book: Book, unit: str, year: int, members: list[str], measured: Shares) -> Shares:
    base_part = number(book, unit, year, "fixed base %") / 100
    if base_part == 0:
        return measured
    base = base_shares(book, unit, year, members)
    return {force: base_part * base[force] + (1 - base_part) * measured[force] for force in members}


# --- 3. agreed shares --------------------------------------------------------------------------------------


def latest_agreed(book: Book, unit: str, year: int) -> tuple[int, Shares] | None:
    years = [from_year for whose, from_year in book.agreed if whose == unit and from_year <= year]
    if not years:
        return None
    percentages = book.agreed[unit, max(years)]
    in_order = {force.code: percentages[force.code] / 100 for force in book.forces if force.code in percentages}
    return max(years), in_order


def check_agreed(book: Book) -> None:
    units = {unit.code: unit for unit in book.units}
    for (unit, from_year), percentages in book.agreed.items():
        if set(percentages) != set(members_of(book, units[unit], from_year)):
            raise Problem(f"agreed-members: {unit} {year_text(from_year)}")
        if sum(percentages.values()) != 100:
            raise Problem(f"agreed-sum: {unit} {year_text(from_year)}")


# --- 4. and 5. components, pooling -------------------------------------------------------------------------


@dataclass
class Components:
    implementation: int
    has_implementation: bool
    direct: dict[str, int]
    held: dict[str, int]
    pooled: int
    partly_held: bool
    part_of_year: Fraction
    """How much of the year is pooled, where every revenue line has a holder; else 0."""


def components(unit: Unit, year: int, rows: list[BudgetRow]) -> Components:
    implementation = [row for row in rows if row.type == "implementation"]
    if any(row.direct_to for row in implementation):
        raise Problem(f"implementation-direct: {unit.code} {year_text(year)}")
    revenue = [row for row in rows if row.type != "implementation"]
    direct: dict[str, int] = {}
    holders: dict[str, int] = {}
    for row in revenue:
        if row.direct_to:
            direct[row.direct_to] = direct.get(row.direct_to, 0) + row.pence
        elif row.held_by:
            holders[row.held_by] = holders.get(row.held_by, 0) + row.pence
    fraction = pooled_fraction(unit.pooled_from, year)
    held = {force: half_up(pence * (1 - fraction)) for force, pence in holders.items()}
    return Components(
        implementation=sum(row.pence for row in implementation),
        has_implementation=bool(implementation),
        direct=direct,
        held=held,
        pooled=sum(row.pence for row in revenue) - sum(direct.values()) - sum(held.values()),
        partly_held=bool(holders) and fraction < 1,
        part_of_year=fraction if all(row.held_by or row.direct_to for row in revenue) else Fraction(0),
    )


# --- 6. no loser -------------------------------------------------------------------------------------------


def baseline_of(book: Book, unit: str, force: str, year: int, part: Fraction = Fraction(1)) -> int:
    (baseline,) = [row for row in book.baselines if row.unit == unit and row.force == force]
    if book.settings.get("uprate baselines") != "yes" or baseline.year is None:
        return half_up(baseline.pence * part)
    if year not in book.deflators or baseline.year not in book.deflators:
        raise Problem(f"deflator-missing: {unit} {year_text(year)}")
    return half_up(baseline.pence * book.deflators[year] / book.deflators[baseline.year] * part)


def protect(
    paid: dict[str, int], baseline: dict[str, int], applied: Fraction, otherwise: Value | None = "share gains"
) -> tuple[NoLoser, dict[str, int]]:
    """The outcome of the test, and what each member's payment changes by."""
    forces = list(paid)
    losses = [max(0, paid[force] - baseline[force]) for force in forces]
    gains = [max(0, baseline[force] - paid[force]) for force in forces]
    excess, headroom = sum(losses), sum(gains)
    relief = min(excess, headroom)
    if excess > headroom and otherwise == "no adjustment":
        relief = 0
    relieved, borne = split(relief, losses), split(relief, gains)
    target = [paid[force] - relieved[i] + borne[i] for i, force in enumerate(forces)]
    exact = [paid[force] + applied / 100 * (target[i] - paid[force]) for i, force in enumerate(forces)]
    final = hand_out(exact, sum(paid.values()))
    changes = {force: final[i] - paid[force] for i, force in enumerate(forces)}
    return NoLoser(excess, headroom, excess <= headroom, applied), changes


def check_baselines(book: Book) -> None:
    for unit in book.units:
        have = {row.force for row in book.baselines if row.unit == unit.code}
        years = {row.year for row in book.budgets if row.unit == unit.code}
        need = {force for year in years for force in members_of(book, unit, year)}
        if have and have != need:
            raise Problem(f"baseline-missing: {unit.code}")


# --- the recipe --------------------------------------------------------------------------------------------


@dataclass
class Settled:
    """A year in which the unit stood on demand, and the shares then applied."""

    year: int
    shares: Shares
    without_failure: bool
    """No test failed in that year; so it is not a year of kept shares."""


Memory = list[Settled]
"""The earlier years of a unit's budgets in which it stood on demand, oldest first."""


def last_settled(agreed: tuple[int, Shares] | None, memory: Memory) -> tuple[str, Shares, int] | None:
    """The later of the latest agreed set and the latest year on demand; a tie goes to the year."""
    if memory and (agreed is None or memory[-1].year >= agreed[0]):
        return "demand", memory[-1].shares, memory[-1].year
    return ("agreed", agreed[1], agreed[0]) if agreed is not None else None


def kept(book: Book, unit: str, year: int, members: list[str], memory: Memory) -> Settled | None:
    """The year whose shares are kept, where the unit's data is not robust and the basis is auto."""
    good_years = [past for past in memory if past.without_failure]
    if not good_years:
        return None
    from_ = good_years[-1]
    too_long_ago = year > from_.year + whole(book, unit, year, "keep demand years")
    agreed_since = any(whose == unit and from_.year < start <= year for whose, start in book.agreed)
    return None if too_long_ago or agreed_since or list(from_.shares) != members else from_


def unit_year(book: Book, unit: Unit, year: int, memory: Memory) -> tuple[UnitYear, list[Line], Shares]:
    """One unit's year: what it stands on, its lines and the shares applied to the pooled component."""
    code = unit.code
    members = members_of(book, unit, year)
    basis = parameter(book, code, year, "basis")
    method = parameter(book, code, year, "demand method")
    decimals = parameter(book, code, year, "share decimals")
    tolerance = parameter(book, code, year, "rebase tolerance")
    window = window_of(book, code, year)
    assert isinstance(method, str)
    assert decimals is None or isinstance(decimals, int)
    if method == "mean" and len(window) % 12 != 0:
        raise Problem(f"mean-window: {code} {year_text(year)}")

    def as_printed(shares: Shares) -> Shares:
        return shares if decimals is None else to_decimals(shares, decimals)

    # Is the demand data robust, is it usable, and what would it say?
    measured_data = {
        row.driver: evidence(book, row.driver, window, members) for row in book.drivers if row.unit == code
    }
    tests = robustness(book, code, year, measured_data, window)
    robust = all(test.passed is not False for test in tests)
    measured = measured_shares(book, code, measured_data, method, members)
    stands_on_demand = basis == "demand" or (basis == "auto" and robust)
    if stands_on_demand and measured is None:
        raise Problem(f"demand-unusable: {code} {year_text(year)}")
    new: Shares | None = None
    if measured is not None:
        try:
            new = blend(book, code, year, members, measured)
        except Problem:
            if stands_on_demand:
                raise

    # Which shares apply?
    agreed = latest_agreed(book, code, year)
    in_force = agreed[1] if agreed is not None and list(agreed[1]) == members else None
    moved: Fraction | None = None
    kept_from: int | None = None
    settled_from: int | None = None
    if stands_on_demand:
        assert new is not None
        stands_on, shares = "demand", as_printed(new)
        settled = last_settled(agreed, memory)
        if settled is not None and list(settled[1]) == members:
            moved = largest_gap(new, settled[1])
            if tolerance is not None:
                assert isinstance(tolerance, int | Fraction)
                if moved <= tolerance:
                    stands_on, shares, settled_from = settled
    elif basis == "auto" and kept(book, code, year, members, memory) is not None:
        good_year = kept(book, code, year, members, memory)
        assert good_year is not None
        stands_on, shares, kept_from = "demand", good_year.shares, good_year.year
    elif basis == "agreed" or (basis == "auto" and in_force is not None):
        if in_force is None:
            raise Problem(f"agreed-missing: {code} {year_text(year)}")
        stands_on, shares = "agreed", in_force
    else:
        stands_on, shares = "nre", as_printed(nre_shares(book, code, year, members))

    # The lines.
    parts = components(unit, year, [row for row in book.budgets if row.unit == code and row.year == year])
    when = year_text(year)
    lines: list[Line] = []
    pooled = dict(zip(members, split(parts.pooled, [shares[force] for force in members]), strict=True))
    for force in members:
        rests_on = book.agreed_references.get((code, agreed[0]), "") if agreed and stands_on == "agreed" else ""
        lines.append(Line(code, when, "pooled", force, pooled[force], stands_on, shares[force], rests_on))
    for force in parts.held:
        lines.append(Line(code, when, "held", force, parts.held[force], "held", None))
    for force in parts.direct:
        lines.append(Line(code, when, "direct", force, parts.direct[force], "direct", None))
    if parts.has_implementation:
        on_nre = nre_shares(book, code, year, members)
        amounts = split(parts.implementation, [on_nre[force] for force in members])
        for force, pence in zip(members, amounts, strict=True):
            lines.append(Line(code, when, "implementation", force, pence, "nre", on_nre[force]))

    # No loser.
    outcome: NoLoser | None = None
    part = Fraction(1)
    if parts.partly_held:
        part = parts.part_of_year if parameter(book, code, year, "part years protected") == "yes" else Fraction(0)
    if any(row.unit == code for row in book.baselines) and part > 0:
        applied = number(book, code, year, "no loser %")
        try:
            baseline = {force: baseline_of(book, code, force, year, part) for force in members}
        except Problem as problem:
            if applied or not str(problem).startswith("deflator-missing"):
                raise
        else:
            outcome, changes = protect(pooled, baseline, applied, parameter(book, code, year, "if not achievable"))
            own = [row.reference for row in book.baselines if (row.unit, row.force) == (code, members[0])]
            for force, pence in changes.items():
                lines.append(Line(code, when, "no_loser", force, pence, "no_loser", None, own[0]))

    # In order, and only the pooled component has lines of nothing.
    component_order = ["pooled", "held", "direct", "implementation", "no_loser"]
    force_order = [force.code for force in book.forces]
    lines = [line for line in lines if line.component == "pooled" or line.pence != 0]
    lines.sort(key=lambda line: (component_order.index(line.component), force_order.index(line.force)))

    shadow: list[Shadow] = []
    if new is not None:
        beside = as_printed(new)
        amounts = split(parts.pooled, [beside[force] for force in members])
        shadow = [Shadow(force, beside[force], pence) for force, pence in zip(members, amounts, strict=True)]
    if_pooled: dict[str, int] = {}
    if any(parts.held.values()):
        whole_cost = parts.pooled + sum(parts.held.values())
        then = split(whole_cost, [shares[force] for force in members])
        if_pooled = {
            force: pence - pooled[force] - parts.held.get(force, 0) for force, pence in zip(members, then, strict=True)
        }
    movements = [largest_movement(data) for data in measured_data.values()]
    known = [movement for movement in movements if movement is not None]
    record = UnitYear(
        unit=code,
        year=when,
        basis=stands_on,
        robust=robust,
        tests=tests,
        window=(month_text(window[0]), month_text(window[-1])),
        left_out={driver: [month_text(month) for month in data.left_out] for driver, data in measured_data.items()},
        shadow=shadow,
        no_loser=outcome,
        fixed_base=number(book, code, year, "fixed base %"),
        start=year,
        members=members,
        demand_shares=new,
        moved=moved,
        unsteady=max(known) if known and len(known) == len(movements) else None,
        if_pooled=if_pooled,
        kept_from=kept_from,
        settled_from=settled_from,
    )
    return record, lines, shares


def calculate(book: Book) -> Result:
    """Every line of every unit and year on the Budgets sheet."""
    for row in book.principles:
        if row.values.get("basis") == "demand" and not row.reference:
            raise Problem(f"reference-missing: {row.unit} {year_text(row.from_year)}")
    check_agreed(book)
    check_baselines(book)
    lines: list[Line] = []
    bases: list[UnitYear] = []
    totals: list[tuple[str, str, str, int]] = []
    for unit in book.units:
        memory: Memory = []
        for year in sorted({row.year for row in book.budgets if row.unit == unit.code}):
            record, posted, shares = unit_year(book, unit, year, memory)
            if record.basis == "demand":
                memory.append(Settled(year, shares, record.robust))
            budget = sum(row.pence for row in book.budgets if row.unit == unit.code and row.year == year)
            assert sum(line.pence for line in posted) == budget
            bases.append(record)
            lines += posted
            for force in book.forces:
                own = [line.pence for line in posted if line.force == force.code]
                if own:
                    totals.append((unit.code, record.year, force.code, sum(own)))
    return Result([force.code for force in book.forces], lines, totals, bases)


# --- queries about bases -----------------------------------------------------------------------------------


def paid_by(lines: list[Line]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.force] = sums.get(line.force, 0) + line.pence
    return sums


def base_queries(book: Book) -> dict[str, dict[tuple[str, str], int]]:
    """The queries kept-shares and basis-moved by key, each with its effects in the year itself by alternative, force.

    An alternative is the basis that the unit would stand on in that year; of basis-moved it is left blank.
    """
    asked: dict[str, dict[tuple[str, str], int]] = {}
    for unit in book.units:
        memory: Memory = []
        before: UnitYear | None = None
        for year in sorted({row.year for row in book.budgets if row.unit == unit.code}):
            record, lines, shares = unit_year(book, unit, year, memory)
            if record.kept_from is not None:
                key = f"kept-shares {unit.code} {record.year} {year_text(record.kept_from)}"
                asked[key] = effects_on(book, unit, year, memory, lines, {"agreed": "agreed", "nre": "nre"})
            follows = before is not None and before.start == year - 1
            if before is not None and follows and before.basis != record.basis and undecided(book, unit.code, year):
                key = f"basis-moved {unit.code} {record.year} {before.basis} {record.basis}"
                asked[key] = effects_on(book, unit, year, memory, lines, {"": before.basis})
            if record.basis == "demand":
                memory.append(Settled(year, shares, record.robust))
            before = record
    return asked


def undecided(book: Book, unit: str, year: int) -> bool:
    """On basis auto, and no row and no agreed set begins in the year."""
    begins = any(row.from_year == year and row.unit in (None, unit) for row in book.principles)
    return parameter(book, unit, year, "basis") == "auto" and not begins and (unit, year) not in book.agreed


def effects_on(
    book: Book, unit: Unit, year: int, memory: Memory, lines: list[Line], others: dict[str, str]
) -> dict[tuple[str, str], int]:
    now = paid_by(lines)
    effects: dict[tuple[str, str], int] = {}
    for alternative, basis in others.items():
        under = Principle(unit.code, year, {"basis": basis})
        changed = Book(**{**vars(book), "principles": [*book.principles, under]})
        try:
            _, other, _ = unit_year(changed, unit, year, memory)
        except Problem:
            continue
        then = paid_by(other)
        for force in {**now, **then}:
            change = then.get(force, 0) - now.get(force, 0)
            if change:
                effects[alternative, force] = change
    return effects
