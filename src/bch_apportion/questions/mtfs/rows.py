"""The answer of `mtfs`: contributions by scenario and year, what moves them, and what was asked for besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from bch_apportion.answers import Answer, QueryRow, Run
from bch_apportion.kinds import ASIDE, Date, Kind, Money, Month, Number, Percent, Place, Year, record
from bch_apportion.model import PERCENTAGES, ForceCode, UnitCode
from bch_apportion.money import Exact, decimal_text, plain, pounds, pounds_words
from bch_apportion.years import FinancialYear


@dataclass(frozen=True, slots=True)
class Worth:
    """What an assumption is worth: percent, or whole pence.

    >>> str(Worth(Fraction(2), True)), str(Worth(500_000, False))
    ('2%', '£5,000.00')
    """

    value: Exact
    is_percentage: bool

    def __str__(self) -> str:
        return f"{plain(self.value)}%" if self.is_percentage else pounds_words(int(self.value))


def worth_text(worth: Worth) -> str:
    """Percent with six decimals, or pounds with two."""
    return decimal_text(worth.value, 6) if worth.is_percentage else pounds(int(worth.value))


def worth_of(text: str) -> Worth:
    """From its text.

    >>> worth_of("2.500000"), worth_of("-5000.00")
    (Worth(value=Fraction(5, 2), is_percentage=True), Worth(value=Fraction(-500000, 1), is_percentage=False))
    """
    is_percentage = len(text.partition(".")[2]) == 6
    return Worth(Fraction(text) * (1 if is_percentage else 100), is_percentage)


WORTH = Kind(
    "worth",
    worth_text,
    worth_of,
    r"^-?\d+\.(\d{6}|\d{2})$",
    cell=lambda worth: Decimal(worth_text(worth)),
    description="percent with six decimals for " + " and ".join(PERCENTAGES) + ", else pounds",
)
Given = Annotated[Worth, WORTH]


@record
class Contribution:
    """What a force pays for a unit and year in a scenario; of a difference, what it pays more than in the base."""

    scenario: str
    unit: UnitCode
    year: Year
    force: ForceCode
    amount: Money
    programme: Annotated[str, ASIDE] = ""


@record
class SinceBase:
    """A projected year's contribution beside the base year's, in the same scenario.

    `unit` null: all units of the `programme` (also null: all units); `force` null: all forces. `percent` is of the base
    year's amount without its sign, null where that is zero.
    """

    scenario: str
    programme: str | None
    unit: UnitCode | None
    year: Year
    force: ForceCode | None
    base: Money
    amount: Money
    change: Money
    percent: Percent | None


@record
class YearEffects:
    """What moved a contribution from one year to the next."""

    uplift: Money
    growth: Money
    saving: Money
    one_off: Money
    implementation: Money
    direct: Money
    nre: Money
    demand: Money
    basis: Money
    terms: Money
    no_loser: Money


@record
class YearChange:
    """A contribution to a unit in a year and in the one before; the effects sum to the change."""

    scenario: str
    unit: UnitCode
    year: Year
    force: ForceCode
    from_: Money
    to: Money
    change: Money
    effects: YearEffects


@record
class ProjectedBasis:
    """On what a unit stands in a year of a scenario."""

    scenario: str
    unit: UnitCode
    year: Year
    basis: Literal["nre", "demand", "agreed"]
    reason: str
    window: tuple[Month, Month]
    programme: Annotated[str, ASIDE] = ""
    standing: Annotated[str, ASIDE] = ""


@record
class AssumptionRow:
    """An assumption and where it comes from."""

    scenario: str
    cell: Place
    unit: UnitCode | None
    line: str | None
    subjective: str | None
    type: str | None
    force: ForceCode | None
    from_year: Year
    kind: str
    value: Given
    low: Given | None
    high: Given | None
    reference: str
    as_in_base: Annotated[bool, ASIDE] = False


@record
class ScenarioRow:
    """A row that a scenario gives, and the cells of what it replaces."""

    scenario: str
    sheet: str
    row: str
    replaces: Sequence[Place]

    @property
    def replaced(self) -> str:
        return ", ".join(map(str, self.replaces)) or "new"


@record
class EndedUnit:
    """A unit that has budgets in the year before the base year, and none in it."""

    scenario: str
    unit: UnitCode
    year: Year


@record
class Sensitivity:
    """What moving one assumption alone does to a force's contribution; `year` null: over all projected years."""

    scenario: str
    assumption: Place
    side: Literal["low", "high"]
    force: ForceCode
    year: Year | None
    effect: Money
    name: Annotated[str, ASIDE] = ""
    low: Annotated[str, ASIDE] = ""
    high: Annotated[str, ASIDE] = ""


@record
class Range:
    """Percentiles of a force's contribution over the drawn runs, beside the exact central run."""

    scenario: str
    year: Year
    force: ForceCode
    central: Money
    p10: Money
    p50: Money
    p90: Money


@record
class TimetableStep:
    """A step of the precept; days below zero: it has passed."""

    step: str
    by: Date
    days: int

    @property
    def days_left(self) -> int | str:
        return self.days if self.days >= 0 else "passed"


@record
class Timetable:
    """The steps to the precept of a financial year."""

    year: Year
    steps: Sequence[TimetableStep]


@record
class OwnStep:
    """A step of the alliance's own; days below zero: its day has passed. `done_on` is None where no day is given."""

    step: str
    by: Date
    days: int
    who: str = ""
    is_done: bool = False
    done_on: Date | None = None

    @property
    def days_late(self) -> int:
        """By how many days it was done late; 0 where it was not, or is not done."""
        return max(0, (self.done_on - self.by).days) if self.done_on else 0

    @property
    def days_left(self) -> int | str:
        if self.is_done:
            return f"done {self.done_on or ''}".strip() + (f", {self.days_late:,} late" if self.days_late else "")
        return self.days if self.days >= 0 else f"{-self.days:,} late"


@record
class Gap:
    """What the alliance is projected to cost a force in a year, and what the force's own MTFS holds for it.

    `unit` blank: in all; where the MTFS gives `units` one by one, these together (`without` are the others with a
    cost). `alliance` and `gap` are None outside the projected years. `age` is the days from `day`, that of the
    figure's version, to the day of the report.
    """

    force: ForceCode
    year: Year
    unit: UnitCode
    alliance: Money | None
    held: Money
    gap: Money | None
    version: str
    day: Date | None
    age: int | None
    units: Sequence[UnitCode] = ()
    without: Sequence[UnitCode] = ()


@record
class Link:
    """All gaps, by force and year; `later` are the days of versions that are not yet there on the `day`."""

    gaps: Sequence[Gap]
    forces: Sequence[ForceCode]
    day: Date | None
    later: Sequence[Date]


@record
class FmsCost:
    """Cost of a section of the Force Management Statement."""

    section: str
    year: Year
    force: ForceCode
    amount: Money


@record
class FmsDemand:
    """A measured volume of a section's driver, and over how many months it is measured."""

    section: str
    driver: str
    year: Year
    force: ForceCode
    volume: Number
    months: int


@record
class FmsExtract:
    """The extract for the Force Management Statement: cost as projected, volumes as measured."""

    cost: Sequence[FmsCost]
    demand: Sequence[FmsDemand]


@record
class ScenarioControl:
    """A control of a scenario's run."""

    scenario: str
    control: str
    passed: bool
    detail: str


@record
class Mtfs(Answer):
    """`mtfs --json`."""

    TABLE = "contributions"

    schema: Literal["bch-apportion/mtfs/1"] = "bch-apportion/mtfs/1"
    run: Run
    base_year: Year
    years: Sequence[Year]
    scenarios: Sequence[str]
    contributions: Sequence[Contribution]
    since_base: Sequence[SinceBase]
    changes: Sequence[YearChange]
    differences: Sequence[Contribution]
    bases: Sequence[ProjectedBasis]
    assumptions: Sequence[AssumptionRow]
    changed: Sequence[ScenarioRow]
    ended: Sequence[EndedUnit]
    sensitivity: Sequence[Sensitivity] = ()
    runs: int = 0
    seed: int | None
    ranges: Sequence[Range] = ()
    timetable: Timetable | None
    fms: FmsExtract | None
    controls: Sequence[ScenarioControl]
    notes: Sequence[str]
    queries: Sequence[QueryRow] = ()
    forces: Annotated[Sequence[ForceCode], ASIDE] = ()
    moved: Annotated[bool, ASIDE] = False
    unmoved: Annotated[Sequence[str], ASIDE] = ()  # which scenarios change nothing, in words
    own_steps: Annotated[Sequence[OwnStep], ASIDE] = ()
    link: Annotated[Link | None, ASIDE] = None  # where the sheet In the MTFS is there

    def years_shown(self) -> list[FinancialYear]:
        return sorted({row.year for row in self.contributions})
