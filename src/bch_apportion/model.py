"""What the workbook holds, once read: frozen rows that carry their cells, and no rules."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from bch_apportion.further import Further
from bch_apportion.money import Exact, Pence
from bch_apportion.places import NOWHERE, Place, column_letters
from bch_apportion.years import FinancialYear, Month, Months

ForceCode: TypeAlias = str
UnitCode: TypeAlias = str
Shares: TypeAlias = tuple[Fraction, ...]
"""One exact share for each member, in the order of the Forces sheet; they sum to 1."""


HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
APOSTROPHES = "\u2018\u2019\u02bc\u2032\u00b4`\uff07"
WIDTHLESS = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
ALIKE = str.maketrans({**dict.fromkeys(HYPHENS, "-"), **dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(WIDTHLESS)})


def plain_text(text: str) -> str:
    """A text with one kind of hyphen and apostrophe, its letters composed, and no characters without width."""
    return text if text.isascii() and "`" not in text else unicodedata.normalize("NFC", text).translate(ALIKE)


def name_key(text: str) -> str:
    """How forces, units and drivers are compared: as plain text without case and surrounding blanks.

    >>> name_key("PEOPLE`S") == name_key("People\u2019s")
    True
    >>> name_key(" St\u2009Mary\u2019s \u2013 e\u0301lite\u200b") == name_key("ST MARY'S - \u00c9LITE")
    True
    """
    return " ".join(plain_text(text).split()).casefold()


Component = Literal["pooled", "held", "direct", "implementation", "no_loser"]
Basis = Literal["nre", "demand", "agreed", "held", "direct", "no_loser"]
LineType = Literal["revenue", "one-off", "implementation"]
Target = Literal["pooled", "demand", "agreed", "nre"]
TARGETS: tuple[Target, ...] = get_args(Target)


@dataclass(frozen=True, slots=True)
class Force:
    """A party to the collaboration."""

    code: ForceCode
    name: str = ""
    aliases: tuple[str, ...] = ()
    cell: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Unit:
    """A collaborated function with a budget. `members` is empty where all forces share it."""

    code: UnitCode
    name: str = ""
    programme: str = ""
    members: tuple[ForceCode, ...] = ()
    lead: ForceCode = ""
    s22a_signed: date | None = None
    pooled_from: date | None = None
    function: str = ""
    section: str = ""
    target_basis: Target | Literal[""] = ""  # blank: demand
    owner: str = ""
    due: date | None = None
    cell: Place = NOWHERE
    cells: Mapping[str, Place] = field(default_factory=dict, compare=False)  # by column, of what is filled in


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A budget line of a unit and year, in pence; income is negative."""

    unit: UnitCode
    year: FinancialYear
    pence: Pence
    line: str = ""
    subjective: str = ""
    type: LineType = "revenue"
    held_by: ForceCode = ""
    direct_to: ForceCode = ""
    cell: Place = NOWHERE
    cells: Mapping[str, Place] = field(default_factory=dict)
    paid_by: ForceCode = ""  # of an actual: the force through whose ledger it went
    period: Months | None = None  # of an actual: the months it is of, where it says so


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount in pence with the cell it came from."""

    pence: Pence
    cell: Place = NOWHERE
    source: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a force paid for a unit before collaboration, in the prices of `year` where one is given."""

    pence: Pence
    year: FinancialYear | None = None
    cell: Place = NOWHERE
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Deflator:
    """A price index of a financial year."""

    index: Fraction
    cell: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """What the general ledger says the budgets of a year come to, for one unit or in all (`unit` None)."""

    year: FinancialYear
    pence: Pence
    unit: UnitCode | None = None
    source: str = ""
    cell: Place = NOWHERE


ParameterValue: TypeAlias = str | int | Fraction | FinancialYear | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One row of the Principles sheet: parameters from a year on, of one unit or (`unit` None) of all."""

    unit: UnitCode | None
    from_year: FinancialYear
    values: Mapping[str, ParameterValue]  # a parameter that is blank is not here; None: set back to nothing
    reference: str = ""
    cells: Mapping[str, Place] = field(default_factory=dict)
    row: int = 0


@dataclass(frozen=True, slots=True)
class DriverWeight:
    """A driver of a unit's demand and the weight it has."""

    driver: str
    weight: Fraction
    cell: Place = NOWHERE


class Volume(NamedTuple):
    """A measured volume of one force and period. `row` and `column` (from 1) place it on the Demand sheet.

    `source` is the Demand sheet of a joined workbook where it comes from that, and the cell where a scenario gives it.
    """

    value: Exact
    signed_off: bool
    row: int
    column: int
    source: Place | None = None

    def place(self, sheet: str) -> Place:
        """Its cell, where the Demand sheet is called `sheet`."""
        home = self.source or Place(sheet)
        return home if home.cell else home._replace(cell=f"{column_letters(self.column)}{self.row}")

    @property
    def joined(self) -> bool:
        """Whether it comes from a joined workbook."""
        return self.source is not None and not self.source.cell

    @property
    def file(self) -> str:
        """The file it comes from where that is not the workbook: a joined workbook or a scenario."""
        return self.source.file if self.source else ""


@dataclass(frozen=True, slots=True)
class Demand:
    """The volumes of one driver: by month, and by longer period; each a mapping of force to its volume."""

    monthly: dict[Month, dict[ForceCode, Volume]] = field(default_factory=dict)
    longer: dict[Months, dict[ForceCode, Volume]] = field(default_factory=dict)
    measured: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)
    """What it says in a window, kept for the other units that share the driver; volumes never change."""

    def periods(self) -> Iterator[tuple[Months, dict[ForceCode, Volume]]]:
        """Every period with its volumes, months first."""
        yield from ((Months(month, 1), slot) for month, slot in self.monthly.items())
        yield from self.longer.items()

    def slot(self, months: Months) -> dict[ForceCode, Volume]:
        """Where the volumes of a period belong."""
        if months.length == 1:
            return self.monthly.setdefault(months.first, {})
        return self.longer.setdefault(months, {})


@dataclass(frozen=True, slots=True)
class Block:
    """A whole 12-month block of a window: the members' volumes in its counted months."""

    months: Months
    volumes: tuple[Exact, ...]

    def total(self) -> Exact:
        return sum(self.volumes)


@dataclass(frozen=True, slots=True)
class WindowVolumes:
    """A driver's volumes in a window: per member over the counted months, which months were left out, and the blocks.

    `blocks` are the whole 12-month blocks counted back from the window's end, latest first; `not_signed` the counted
    months that somebody did not sign off.
    """

    driver: str
    window: Months
    members: tuple[ForceCode, ...]
    counted: tuple[Month, ...]
    left_out: tuple[Month, ...]
    volumes: tuple[Exact, ...]
    blocks: tuple[Block, ...]
    not_signed: tuple[Month, ...]

    def total(self) -> Exact:
        return sum(self.volumes)


@dataclass(frozen=True, slots=True)
class RobustnessTest:
    """One test of a unit's demand data: whether it passed (None: not tested), and the figures in words."""

    test: Literal["driver", "complete", "positive", "stable", "signed off"]
    driver: str | None
    passed: bool | None
    detail: str

    @property
    def outcome(self) -> str:
        if self.test == "driver" and not self.passed:
            return "not applicable"  # a unit without a driver was never meant for demand
        return {True: "passed", False: "FAILED", None: "not tested"}[self.passed]


@dataclass(frozen=True, slots=True)
class AgreedSet:
    """The percentages that partners signed for a unit from a year on, as shares of 1."""

    unit: UnitCode
    from_year: FinancialYear
    shares: Mapping[ForceCode, Fraction]
    cells: Mapping[ForceCode, Place] = field(default_factory=dict)
    reference: str = ""  # the minutes or clauses that its rows name


@dataclass(frozen=True, slots=True)
class BusinessCase:
    """A version of a unit's planned cost of a year: in all, or (`by_force`) force by force."""

    unit: UnitCode
    year: FinancialYear
    version: str
    amounts: Mapping[ForceCode, Pence]  # by force; in all under the empty code
    approved: date | None = None
    price_year: FinancialYear | None = None
    cells: tuple[Place, ...] = ()
    force_cells: Mapping[ForceCode, Place] = field(default_factory=dict)

    @property
    def by_force(self) -> bool:
        return "" not in self.amounts

    def total(self) -> Pence:
        return sum(self.amounts.values())


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a variance of a unit and year arose, as somebody has explained it.

    `force` blank: for all; `pence` None: the whole effect of its cause; `against` names the comparison: blank the
    business case, else budget, forecast, track, a year or a workbook.
    """

    unit: UnitCode
    year: FinancialYear
    cause: str
    text: str
    owner: str = ""
    force: ForceCode = ""
    pence: Pence | None = None
    against: str = ""
    cell: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment on account from one force to another; `unit` None where it names none."""

    year: FinancialYear
    payer: ForceCode
    payee: ForceCode
    pence: Pence
    unit: UnitCode | None = None
    day: date | None = None
    cell: Place = NOWHERE
    cells: Mapping[str, Place] = field(default_factory=dict, compare=False)


AssumptionKind = Literal["uplift %", "growth", "saving", "one-off", "nre growth %"]
ASSUMPTION_KINDS: tuple[AssumptionKind, ...] = get_args(AssumptionKind)
PERCENTAGES = ("uplift %", "nre growth %")


@dataclass(frozen=True, slots=True)
class Assumption:
    """A dated assumption of a projection. `value`, `low` and `high` are exact: percent, or whole pence, by its kind."""

    kind: AssumptionKind
    from_year: FinancialYear
    value: Exact
    unit: UnitCode = ""  # blank: all units
    line: str = ""  # blank: all lines
    type: LineType = "revenue"
    force: ForceCode = ""  # blank: all forces
    subjective: str = ""  # blank: all subjectives
    low: Exact | None = None
    high: Exact | None = None
    reference: str = ""
    cell: Place = NOWHERE
    cells: Mapping[str, Place] = field(default_factory=dict, compare=False)

    @property
    def is_percentage(self) -> bool:
        return self.kind in PERCENTAGES

    @property
    def about(self) -> UnitCode:
        """The unit whose cost it changes; blank: it may be any, as it is with growth of NRE."""
        return "" if self.kind == "nre growth %" else self.unit

    @property
    def ranged(self) -> bool:
        """Whether it has a low or a high."""
        return self.low is not None or self.high is not None

    def bounds(self) -> tuple[Exact, Exact]:
        """Its low and its high; a side that is not given stays at the value."""
        return (self.value if self.low is None else self.low, self.value if self.high is None else self.high)


class WrittenCell(NamedTuple):
    """A filled cell that is read, as it is written."""

    column: str
    place: Place
    text: str


class WrittenRow(NamedTuple):
    """A row of the workbook as it is written: what tells it from others, its unit, and its cells.

    A wide row is one of these for each of its filled cells.
    """

    key: tuple[str, ...]
    unit: UnitCode
    cells: tuple[WrittenCell, ...]

    @property
    def file(self) -> str:
        """The joined workbook it is in; empty for the workbook itself."""
        return self.cells[0].place.file if self.cells else ""


class Change(NamedTuple):
    """A row that a scenario gives: its scenario and sheet, what it says, and the cells of what it replaces."""

    scenario: str
    sheet: str
    words: str
    replaces: tuple[Place, ...]


class CalledTotal(NamedTuple):
    """A line of Budgets or Actuals that calls itself a total and is read as a line: its amount's cell, and the text."""

    cell: Place
    text: str


class GivenAnswer(NamedTuple):
    """A row of the Answers sheet: the key of a query, and why it is no slip."""

    query: str
    answer: str
    who: str = ""
    day: date | None = None
    cell: Place = NOWHERE


class Joined(NamedTuple):
    """A workbook whose rows were joined to those of the workbook: its name and hash."""

    file: str
    sha256: str


class Scenario(NamedTuple):
    """What was laid over the workbook: a file of rows with its hash, or one parameter set by hand (no hash)."""

    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the workbook; money in pence. `given` holds what the sheet says, as text, by name."""

    scales: Mapping[str, int] = field(default_factory=dict)  # by sheet, what its amounts are multiplied by; "": any
    carry_nre_forward: bool = False
    uprate_baselines: bool = False
    members_called: str = "forces"
    materiality_amount: Pence = 5_000_000
    materiality_percent: Fraction = Fraction(5)
    always_significant: Pence = 25_000_000
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the workbook says. Keys are codes; mappings keep the order of the sheets."""

    source: str
    sha256: str
    forces: tuple[Force, ...]
    units: tuple[Unit, ...]
    budgets: tuple[BudgetRow, ...] = ()
    nre: Mapping[tuple[FinancialYear, ForceCode], Figure] = field(default_factory=dict)
    control_totals: tuple[ControlTotal, ...] = ()
    principles: tuple[ParameterRow, ...] = ()
    drivers: Mapping[UnitCode, tuple[DriverWeight, ...]] = field(default_factory=dict)
    demand: Mapping[str, Demand] = field(default_factory=dict)
    speaks_of_pooling: bool = False  # whether Units has a column of signing or of pooling
    demand_sheet: str = "Demand"
    demand_signed_off: bool = False  # whether the Demand sheet has a `signed off` column
    agreed: Mapping[UnitCode, tuple[AgreedSet, ...]] = field(default_factory=dict)  # oldest first
    baselines: Mapping[UnitCode, Mapping[ForceCode, Baseline]] = field(default_factory=dict)
    deflators: Mapping[FinancialYear, Deflator] = field(default_factory=dict)
    actuals: tuple[BudgetRow, ...] = ()
    business_cases: tuple[BusinessCase, ...] = ()  # in the order of the sheet: a unit and year's first is its original
    explanations: tuple[Explanation, ...] = ()
    payments: tuple[Payment, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    joined: tuple[Joined, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    changes: tuple[Change, ...] = ()
    overrides: tuple[ParameterRow, ...] = ()  # parameters set by hand: they count in every year, before all rows
    leavers: Mapping[UnitCode, frozenset[ForceCode]] = field(default_factory=dict)  # members taken out of a unit
    projected_from: FinancialYear | None = None  # the first year that is projected
    settings: Settings = field(default_factory=Settings)
    notes: tuple[str, ...] = ()
    answers: tuple[GivenAnswer, ...] = ()
    further: Further = field(default_factory=Further)  # the sheets beside the split
    called_totals: tuple[CalledTotal, ...] = ()
    fractions: frozenset[Place] = frozenset()  # percentages between 0 and 1 in cells without a percent format
    blanks: Mapping[tuple[Hashable, ...], Place] = field(default_factory=dict)  # blank cells of wide sheets, by key
    # by sheet, of all but Demand, without what scenarios lay over them (figures may be the same and written otherwise);
    # those of joined workbooks behind the workbook's own
    written: Mapping[str, tuple[WrittenRow, ...]] = field(default_factory=dict, compare=False)

    def force_codes(self) -> tuple[ForceCode, ...]:
        return tuple(force.code for force in self.forces)


@dataclass(frozen=True, slots=True)
class Line:
    """One posting: so many pence, to one force, for one unit and year, under one principle, from these cells."""

    unit: UnitCode
    year: FinancialYear
    component: Component
    force: ForceCode
    pence: Pence
    basis: Basis
    share: Fraction | None
    reference: str
    cells: tuple[Place, ...]
