"""The forms of the JSON documents, as pydantic models: for programs that read results, and for their JSON Schemas.

    from bch_apportion.contract import Explain
    result = Explain.model_validate_json(Path("result.json").read_bytes())

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


DOCUMENTS: dict[str, type[Document]] = {"explain-1": Explain}
