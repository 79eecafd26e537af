"""The answer of `count`: demand, counted from the records, with the evidence beside it."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias, get_args

from bch_apportion.answers import Answer, Run, headings
from bch_apportion.kinds import ASIDE, Hash, Month, Number, Year, record

Reason: TypeAlias = Literal[
    "filtered",
    "no-date",
    "date-not-readable",
    "outside-between",
    "no-force",
    "force-not-known",
    "amount",
    "duplicate",
]
MOST_NAMED = 5  # spellings or months in a sentence
REASONS: tuple[Reason, ...] = get_args(Reason)  # a record has the first that fits


@record
class DemandRow:
    """A volume, as the Demand sheet has it."""

    driver: str
    period: Month
    force: str
    volume: Number


@record
class Spelling:
    """How records write a force that the plan does not know."""

    spelling: str
    records: int


@record
class LeftOut:
    """The records that are not counted for a reason, the smallest of their ids, and the most frequent spellings."""

    reason: Reason
    records: int
    ids: Sequence[str]
    spellings: Sequence[Spelling]


@record
class Missing:
    """A month without a record of a force."""

    force: str
    period: Month


@record
class Cut:
    """Whether the first month has no record on its first day, and the last none on its last."""

    first: bool
    last: bool


@record
class Largest:
    """The largest month of a force."""

    force: str
    period: Month
    volume: Number


@record
class Grade:
    """How good the records of a force and year are: counted, entered late, months with any of the months asked."""

    force: str
    year: Year
    counted: int
    late: int
    months: int
    of: int


@record
class Evidence:
    """What was read for a driver, what of it was counted, and what was left out and why."""

    driver: str
    read: int
    counted: int
    left_out: Sequence[LeftOut]
    blank_ids: int
    missing: Sequence[Missing]
    cut: Cut
    largest: Largest
    median: Number
    grade: Sequence[Grade]
    says: Annotated[Sequence[str], ASIDE] = ()  # what else a reader should know

    def left(self) -> int:
        """How many records were left out."""
        return sum(part.records for part in self.left_out)


@record
class Source:
    """Where a driver's records were read: a file with its hash, or a table of the connection."""

    driver: str
    name: str
    sha256: Hash | None


@record
class Count(Answer):
    """`count --json`."""

    TABLE = "demand"
    COLUMNS = MappingProxyType(headings("driver | period | force | volume"))

    schema: Literal["bch-apportion/count/1"] = "bch-apportion/count/1"
    run: Run
    demand: Sequence[DemandRow]
    evidence: Sequence[Evidence]
    sources: Sequence[Source]
    notes: Sequence[str]
    zone: Annotated[str, ASIDE] = ""
