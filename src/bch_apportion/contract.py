"""The forms of the JSON documents, as pydantic models: for programs that read results, and for their JSON Schemas.

    from bch_apportion.contract import Compute
    result = Compute.model_validate_json(Path("result.json").read_bytes())

The program itself writes without them (they take a tenth of a second to import); tests hold every document that it
writes against its model, and docs/schemas/ against both.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)


def _fraction(value: Any) -> Any:
    return Fraction(value) if isinstance(value, str) else value


Year = Annotated[str, Field(pattern=r"^\d{4}/\d{2}$", description="a financial year, 2018/19")]
Month = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$", description="a calendar month, 2014-10")]
Money = Annotated[Decimal, WithJsonSchema({"type": "string", "pattern": r"^-?\d+\.\d{2}$"})]
ShareText = Annotated[Decimal, WithJsonSchema({"type": "string", "pattern": r"^\d+\.\d{6}$"})]
ExactShare = Annotated[
    Fraction,
    BeforeValidator(_fraction),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(/\d+)?$"}),
]
Component = Literal["pooled", "held", "direct", "implementation", "no_loser"]
Basis = Literal["nre", "demand", "agreed", "held", "direct", "no_loser"]
PooledBasis = Literal["nre", "demand", "agreed"]


class Document(BaseModel):
    """Nothing beside what is named; nothing of it changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class File(Document):
    """A file that was read for a result."""

    role: Literal["workbook", "scenario", "other"]
    name: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(Document):
    """What `verify` works a result out again from; `packed` holds all of it, with the cells read and the seal."""

    schema_: Annotated[Literal["bch-apportion/manifest/1"], Field(alias="schema")]
    command: str
    version: str
    files: list[File]
    asked: dict[str, str | bool | list[str]]
    settings: dict[str, str]
    packed: str


class CarriedVolumes(Document):
    """The volumes of a driver that a manifest carries, by force, and which are signed off."""

    periods: list[str]
    volumes: dict[str, list[Annotated[int, Field(lt=10**18)] | str | None]]
    signed: dict[str, str]

    @model_validator(mode="after")
    def _of_one_length(self) -> CarriedVolumes:
        lengths = {len(one) for one in (*self.volumes.values(), *self.signed.values())}
        if lengths - {len(self.periods)} or not set(self.signed) <= set(self.volumes):
            raise ValueError("a volume for each period")
        return self


class CarriedCells(Document):
    """The cells of a workbook that a manifest carries: rows by sheet, each its key and its cells."""

    rows: dict[str, list[tuple[list[str], list[tuple[str, str, str]]]]]
    demand: dict[str, CarriedVolumes]
    signed: bool


class Packed(Document):
    """All of a manifest, as it is packed."""

    command: str
    version: Annotated[str, Field(max_length=60)]
    files: list[tuple[Literal["workbook", "scenario", "other"], str, str]] = Field(min_length=1)
    asked: dict[str, str | bool | list[str]]
    settings: dict[str, str]
    units: list[str]
    texts: dict[str, str]
    cells: dict[str, CarriedCells]
    seal: dict[str, str]

    @model_validator(mode="after")
    def _of_every_file(self) -> Packed:
        carried = {*self.texts, *self.cells}
        if carried != {str(place) for place in range(len(self.files))} or "0" not in self.cells:
            raise ValueError("the cells or the text of each file")
        return self


class Run(Document):
    """What a result was worked out from."""

    version: str
    input: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    scenarios: list[str]
    settings: dict[str, str]
    scenario_sha256: dict[str, str] | None = None
    as_at: str | None = None
    manifest: Manifest | None = None  # of the result as a whole; not of the other side


class Line(Document):
    """One posting: so many pounds, to one force, for one unit and year."""

    unit: str
    year: Year
    component: Component
    force: str
    amount: Money
    basis: Basis
    share: ShareText | None
    share_exact: ExactShare | None
    reference: str
    cells: list[str]


class Total(Document):
    """What a force pays for a unit and year, over all components."""

    unit: str
    year: Year
    force: str
    amount: Money


class Parameter(Document):
    """A parameter in force, and where it comes from."""

    parameter: str
    value: str
    from_year: Year | None
    origin: str


class Test(Document):
    """A robustness test; `driver` is null for the test of the unit itself."""

    test: Literal["driver", "complete", "positive", "stable", "signed off"]
    driver: str | None
    passed: bool
    detail: str


class Shadow(Document):
    """What a member would pay of the pooled cost on demand."""

    force: str
    share: ShareText
    amount: Money


class NoLoser(Document):
    """The no-loser test of a unit and year; null where it was not made."""

    excess: Money
    headroom: Money
    achievable: bool
    applied: str


class UnitBasis(Document):
    """On what a unit stands in a year, with its evidence."""

    unit: str
    year: Year
    basis: PooledBasis
    reason: str
    changed_from: PooledBasis | None
    robust: bool
    window: tuple[Month, Month]
    left_out: list[Month]
    fixed_base: str
    parameters: list[Parameter]
    tests: list[Test]
    shadow: list[Shadow]
    no_loser: NoLoser | None


class Control(Document):
    """A control, passed or failed, with its figures."""

    control: str
    passed: bool
    detail: str


class Detail(Document):
    """A part of a component, of one budget line or one subjective."""

    unit: str
    year: Year
    component: Component
    force: str
    line: str | None = None
    subjective: str
    amount: Money
    cells: list[str]


class Compute(Document):
    """`compute --json`."""

    schema_: Literal["bch-apportion/compute/1"] = Field(alias="schema")
    run: Run
    currency: Literal["GBP"]
    forces: list[str]
    lines: list[Line]
    totals: list[Total]
    bases: list[UnitBasis]
    controls: list[Control]
    notes: list[str]
    detail: list[Detail] | None = None


class Problem(Document):
    """One thing to mend in the workbook; `sheet` and `cell` are empty where it is the whole file or sheet."""

    code: str
    severity: Literal["error", "note"]
    sheet: str
    cell: str
    message: str
    remedy: str
    value: str


class Problems(Document):
    """What any command with `--json` says of a workbook with problems."""

    schema_: Literal["bch-apportion/problems/1"] = Field(alias="schema")
    problems: list[Problem]


class Controls(Document):
    """What any command with `--json` says where a control failed."""

    schema_: Literal["bch-apportion/controls/1"] = Field(alias="schema")
    input: str
    controls: list[Control]


class UnitTests(Document):
    """The robustness tests of a unit and year."""

    unit: str
    year: Year
    robust: bool
    tests: list[Test]


class Check(Document):
    """`check --json`, for a workbook without problems."""

    schema_: Literal["bch-apportion/check/1"] = Field(alias="schema")
    run: Run
    problems: list[Problem]
    tests: list[UnitTests]
    controls: list[Control]
    notes: list[str]


class Rounding(Document):
    """How a share of a total became whole pence: the floor of the exact quota, and whether it got an odd penny."""

    total: Money
    floor: Money
    remainder_of_a_penny: str
    odd_penny: bool
    sign: Literal[1, -1]


class ExplainedLine(Document):
    """A line with the principle it rests on and its rounding."""

    component: Component
    force: str
    amount: Money
    basis: Basis
    share: ShareText | None
    share_exact: ExactShare | None
    principle: int | None
    principle_text: str | None
    rule: str
    reference: str
    cells: list[str]
    rounding: Rounding | None


class BudgetLine(Document):
    """A budget line behind the figures."""

    cell: str
    line: str
    subjective: str
    type: Literal["revenue", "one-off", "implementation"]
    held_by: str | None
    direct_to: str | None
    amount: Money


class PooledPart(Document):
    """How much of the budget is pooled, and what stays with each holder."""

    amount: Money
    fraction: ExactShare
    held: dict[str, Money]


class Window(Document):
    """The demand window as dates, in words."""

    first_day: str
    last_day: str


class BlockEvidence(Document):
    """A 12-month block of the window."""

    block: str
    volumes: dict[str, str]


class AppliedShares(Document):
    """The shares on the way to those applied."""

    demand: dict[str, ExactShare] | None
    fixed_base: dict[str, ExactShare] | None
    new: dict[str, ExactShare] | None
    applied: dict[str, ExactShare]


class Rebase(Document):
    """The comparison of new demand shares with those last settled."""

    settled: dict[str, ExactShare]
    settled_in: Year
    settled_by: Literal["agreed", "demand"]
    new: dict[str, ExactShare]
    movement: str
    tolerance: str
    kept: bool


class Relief(Document):
    """What the no-loser adjustment is for a force."""

    force: str
    pooled: Money
    baseline: Money
    full_adjustment: Money
    exact_target_pence: str
    adjustment: Money


class IndexUsed(Document):
    """A price index used."""

    year: Year
    index: str
    cell: str


class NoLoserSteps(Document):
    """The no-loser adjustment step by step."""

    relief: Money
    applied: str
    short: Money
    forces: list[Relief]
    index: list[IndexUsed]


class DriverEvidence(Document):
    """A driver's volumes in the window."""

    driver: str
    weight: str
    months_counted: int
    months_left_out: str
    volumes: dict[str, str]
    shares: dict[str, ExactShare] | None
    blocks: list[BlockEvidence]
    cells: list[str]


class NreEvidence(Document):
    """An NRE used, and the year it is of."""

    force: str
    year: Year
    nre: Money
    cell: str
    source: str


class AgreedEvidence(Document):
    """The agreed set in force."""

    from_year: Year
    shares: dict[str, ExactShare]
    cells: dict[str, str]


class BaselineEvidence(Document):
    """What a force paid before, and the baseline in prices of the budget year."""

    force: str
    paid_before: Money
    prices_of: Year | None
    baseline: Money
    cell: str


class Explain(Document):
    """`explain --json`."""

    schema_: Literal["bch-apportion/explain/1"] = Field(alias="schema")
    run: Run
    unit: str
    year: Year
    force: str | None
    members: list[str]
    amount: Money
    lines: list[ExplainedLine]
    budget: list[BudgetLine]
    pooled: PooledPart
    basis: UnitBasis
    window: Window
    drivers: list[DriverEvidence]
    shares: AppliedShares
    rebase: Rebase | None
    nre: list[NreEvidence] | None
    fixed_base_nre: list[NreEvidence] | None
    implementation_nre: list[NreEvidence] | None
    agreed: AgreedEvidence | None
    no_loser: NoLoserSteps | None
    baselines: list[BaselineEvidence]


class VarianceRow(Document):
    """A variance of a force, or of the unit (`force` null): actual less plan, positive is adverse."""

    version: str | None
    unit: str
    year: Year
    force: str | None
    plan: Money
    actual: Money
    variance: Money
    percent: Annotated[str, Field(pattern=r"^-?\d+\.\d$")] | None
    status: Literal["RED", "AMBER", "GREEN"]
    significant: bool
    explained: bool
    effects: dict[str, Money]


class Explanation(Document):
    """Why a variance arose, as somebody explained it."""

    unit: str
    year: Year
    cause: str
    text: str
    owner: str
    cell: str


class UnitAndYear(Document):
    """A unit and year on one side only."""

    unit: str
    year: Year


class OtherInput(Document):
    """A workbook that the first is compared with."""

    input: str
    sha256: str


class Variance(Document):
    """`variance --json`."""

    schema_: Literal["bch-apportion/variance/1"] = Field(alias="schema")
    run: Run
    against: str
    actual: Literal["budgets", "actuals"]
    version: str | None
    real: bool
    other: OtherInput | None
    rows: list[VarianceRow]
    explanations: list[Explanation]
    without_plan: list[UnitAndYear]
    without_actual: list[UnitAndYear]


class TrackRow(Document):
    """A unit's cost of a year; positive savings are savings."""

    unit: str
    year: Year
    source: Literal["actuals", "budgets"]
    cash: Money
    real: Money | None
    plan: Money | None
    saving_cash: Money | None
    saving_real: Money | None


class TrackTotal(Document):
    """The costs of a programme (null: of all units) and year."""

    programme: str | None
    year: Year
    units: int
    units_with_base: int
    cash: Money
    real: Money | None
    saving_cash: Money | None
    saving_real: Money | None


class Protection(Document):
    """No-loser protection of a force over the years shown."""

    force: str
    received: Money
    funded: Money


class Track(Document):
    """`track --json`."""

    schema_: Literal["bch-apportion/track/1"] = Field(alias="schema")
    run: Run
    base: Year | None
    rows: list[TrackRow]
    totals: list[TrackTotal]
    protection: list[Protection]
    without_base: list[str]


class Balance(Document):
    """What a force paid and bears of a unit (null: of all); above zero, the others owe it."""

    unit: str | None
    force: str
    paid: Money
    borne: Money
    balance: Money


class Transfer(Document):
    """A payment that settles."""

    from_: str = Field(alias="from")
    to: str
    amount: Money


class Settle(Document):
    """`settle --json`."""

    schema_: Literal["bch-apportion/settle/1"] = Field(alias="schema")
    run: Run
    years: list[Year]
    balances: list[Balance]
    payments: list[Transfer]


class Contribution(Document):
    """What a force pays for a unit and year in a scenario; of a difference, what it pays more than in the base."""

    scenario: str
    unit: str
    year: Year
    force: str
    amount: Money


class YearEffects(Document):
    """What moved a contribution from one year to the next."""

    uplift: Money
    growth: Money
    saving: Money
    one_off: Money
    implementation: Money
    direct: Money
    nre: Money
    demand: Money
    terms: Money
    no_loser: Money


class YearChange(Document):
    """A contribution to a unit in a year and in the one before; the effects sum to the change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    scenario: str
    unit: str
    year: Year
    force: str
    before: Annotated[Money, Field(alias="from")]
    to: Money
    change: Money
    effects: YearEffects


class ProjectedBasis(Document):
    """On what a unit stands in a year of a scenario."""

    scenario: str
    unit: str
    year: Year
    basis: PooledBasis
    reason: str
    window: tuple[str, str]


class Assumption(Document):
    """An assumption; `value`, `low` and `high` are percent for uplift % and nre growth %, else pounds."""

    scenario: str
    cell: str
    unit: str | None
    line: str | None
    type: str | None
    force: str | None
    from_year: Year
    kind: str
    value: str
    low: str | None
    high: str | None
    reference: str


class ScenarioRow(Document):
    """A row that a scenario gives, and the cells of what it replaces."""

    scenario: str
    sheet: str
    row: str
    replaces: list[str]


class EndedUnit(Document):
    """A unit that has budgets in the year before the base year, and none in it."""

    scenario: str
    unit: str
    year: Year


class Sensitivity(Document):
    """What moving one assumption alone does to a force's contribution; `year` null: over all projected years."""

    scenario: str
    assumption: str
    side: Literal["low", "high"]
    force: str
    year: Year | None
    effect: Money


class Range(Document):
    """Percentiles of a force's contribution over the drawn runs, beside the exact central run."""

    scenario: str
    year: Year
    force: str
    central: Money
    p10: Money
    p50: Money
    p90: Money


class TimetableStep(Document):
    """A step of the precept; days below zero: it has passed."""

    step: str
    by: str
    days: int


class Timetable(Document):
    """The steps to the precept of a financial year."""

    year: Year
    steps: list[TimetableStep]


class FmsCost(Document):
    """Cost of a section of the Force Management Statement."""

    section: str
    year: Year
    force: str
    amount: Money


class FmsDemand(Document):
    """A measured volume of a section's driver, and over how many months it is measured."""

    section: str
    driver: str
    year: Year
    force: str
    volume: str
    months: int


class FmsExtract(Document):
    """The extract for the Force Management Statement."""

    cost: list[FmsCost]
    demand: list[FmsDemand]


class ScenarioControl(Document):
    """A control of a scenario's run."""

    scenario: str
    control: str
    passed: bool
    detail: str


class Mtfs(Document):
    """What `mtfs --json` says."""

    schema_: Annotated[Literal["bch-apportion/mtfs/1"], Field(alias="schema")]
    run: Run
    base_year: Year
    years: list[Year]
    scenarios: list[str]
    contributions: list[Contribution]
    changes: list[YearChange]
    differences: list[Contribution]
    bases: list[ProjectedBasis]
    assumptions: list[Assumption]
    changed: list[ScenarioRow]
    ended: list[EndedUnit]
    sensitivity: list[Sensitivity]
    runs: int
    seed: int | None
    ranges: list[Range]
    timetable: Timetable | None
    fms: FmsExtract | None
    controls: list[ScenarioControl]
    notes: list[str]


class LedgerEffects(Document):
    """What moved a force's contribution from side A to side B."""

    cost: Money
    direct: Money
    nre: Money
    demand: Money
    terms: Money
    no_loser: Money


class ComparedRow(Document):
    """What a force pays on both sides for a unit and year; `unit` null: over all units that both sides have."""

    unit: str | None
    year: Year
    force: str
    a: Money
    b: Money
    difference: Money
    effects: LedgerEffects


class TippingPoint(Document):
    """The demand share at which a force is indifferent between two bases; null where demand has no part."""

    unit: str
    year: Year
    force: str
    demand_share: str
    tipping_share: str | None
    movement: str | None
    reachable: bool


class LeftUncovered(Document):
    """What a force that leaves bore: `amount` falls to the others, `own` leaves with it."""

    unit: str
    year: Year
    force: str
    amount: Money
    own: Money


class NotCompared(Document):
    """A unit that one of the sides cannot carry."""

    unit: str
    reason: str


class SideControl(Document):
    """A control of the run of one side."""

    side: Literal["a", "b"]
    control: str
    passed: bool
    detail: str


class Compare(Document):
    """What `compare --json` says."""

    schema_: Annotated[Literal["bch-apportion/compare/1"], Field(alias="schema")]
    run: Run
    other: Run
    a: str
    b: str
    rows: list[ComparedRow]
    tipping: list[TippingPoint]
    uncovered: list[LeftUncovered]
    not_comparable: list[NotCompared]
    without_a: list[UnitAndYear]
    without_b: list[UnitAndYear]
    controls: list[SideControl]
    notes: list[str]


class FileNow(File):
    """A file that was read for a result, and the hash it has now."""

    now: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ChangedCell(Document):
    """A cell that is read and is not as it was; null where there was or is none."""

    file: str
    place: str
    of: str
    column: str
    then: str | None
    now: str | None


class ChangedInput(Document):
    """Whether the input has changed, and in which cells."""

    changed: bool
    cells: list[ChangedCell]


class ChangedProgram(Document):
    """Whether the program has changed, and what CHANGELOG.md says of the versions since."""

    changed: bool
    then: str
    now: str
    changes: list[str]


class MovedCell(Document):
    """A cell of a result that is worked out otherwise now; null where there is none."""

    place: str
    of: str
    heading: str
    published: str | None
    derived: str | None


class EditedCell(MovedCell):
    """A cell of a result that is not as it was written."""

    kind: Literal["changed", "added", "taken out", "recalculated", "formula gone", "concealed"]


class Verify(Document):
    """What `verify --json` says."""

    schema_: Annotated[Literal["bch-apportion/verify/1"], Field(alias="schema")]
    result: str
    follows: bool
    command: str
    asked: dict[str, str | bool | list[str]]
    files: list[FileNow]
    input: ChangedInput
    program: ChangedProgram
    edited: list[EditedCell]
    moved: list[MovedCell]
    filled_in: list[MovedCell]
    not_worked_out: str | None
    notes: list[str]


DOCUMENTS: dict[str, type[Document]] = {
    "compute-1": Compute,
    "problems-1": Problems,
    "controls-1": Controls,
    "check-1": Check,
    "explain-1": Explain,
    "variance-1": Variance,
    "track-1": Track,
    "settle-1": Settle,
    "mtfs-1": Mtfs,
    "compare-1": Compare,
    "verify-1": Verify,
}
