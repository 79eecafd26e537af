"""The answer of `benchmark`: what our functions cost for their size, beside other services.

A difference is our cost less what we would cost at the comparators' cost per size. Positive: we cost more.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Annotated, Literal

from bch_apportion.answers import Answer, QueryRow, Run, headings
from bch_apportion.kinds import ASIDE, Money, Number, PerSize, Year, record

NO_WHOLE_OUTTURN = "On the budget, without an outturn of the whole of {year}"


def singular(measure: str) -> str:
    """What each unit of a measure is called.

    >>> singular("officers"), singular("population")
    ('officer', 'head')
    """
    if measure.casefold() == "population":
        return "head"
    return measure if measure.endswith("ss") else measure.removesuffix("s")


@record
class Priced:
    """A service and what it costs for each unit of its size."""

    force: str
    per_size: PerSize


@record
class BenchmarkRow:
    """A function of ours beside the comparators, null where there is nothing to compare.

    `cost` includes `retained`, which is null where the scope is not stated. The comparators' cost per size is the sum
    of their costs over the sum of their sizes. `rank` is among ours and theirs together, the cheapest first.
    """

    function: str
    units: Sequence[str]
    cost: Money
    retained: Money | None
    size: Number | None
    per_size: PerSize | None
    comparators: int
    comparators_per_size: PerSize | None
    difference_per_size: PerSize | None
    difference: Money | None
    rank: int | None
    of: int | None
    quartile: int | None
    lowest: Priced | None
    highest: Priced | None
    rests_on: Annotated[str, ASIDE] = ""

    @property
    def rank_words(self) -> str:
        return "" if self.rank is None else f"{self.rank} of {self.of}"


@record
class ServiceRow:
    """A service of a function, ours among them; without a rank it is not compared."""

    function: str
    service: str
    cost: Money
    size: Number | None
    per_size: PerSize | None
    source: str
    rank: int | None = None
    ours: bool = False


@record
class PartRow:
    """What a function's cost is made of: a unit without its implementation lines, or what a member retains."""

    function: str
    part: str
    rests_on: str
    cost: Money
    implementation: Money | None


@record
class SizeRow:
    """The size of a force of ours, and the functions of whose units it is a member."""

    force: str
    size: Number
    functions: Sequence[str]


@record
class LeftOut:
    """What is not compared, and why."""

    what: str
    why: str


@record
class Benchmark(Answer):
    """`benchmark --json`."""

    TABLE = "rows"
    COLUMNS = MappingProxyType(
        headings(
            "function | units | cost | retained | size | per_size | comparators | comparators_per_size | "
            "difference_per_size | difference | rank | of | quartile | lowest: lowest.force | "
            "lowest_per_size: lowest.per_size | highest: highest.force | highest_per_size: highest.per_size"
        )
    )

    schema: Literal["bch-apportion/benchmark/1"] = "bch-apportion/benchmark/1"
    run: Run
    year: Year
    measure: str | None
    group: str | None
    rows: Sequence[BenchmarkRow]
    left_out: Sequence[LeftOut]
    notes: Sequence[str]
    queries: Sequence[QueryRow] = ()
    services: Annotated[Sequence[ServiceRow], ASIDE] = ()
    parts: Annotated[Sequence[PartRow], ASIDE] = ()
    sizes: Annotated[Sequence[SizeRow], ASIDE] = ()
    absent: Annotated[Sequence[str], ASIDE] = ()
    on_budget: Annotated[Sequence[str], ASIDE] = ()

    def units(self) -> list[str]:
        """The units whose cost counts."""
        return [unit for row in self.rows for unit in row.units]

    @property
    def per(self) -> str:
        """The heading of a cost per size."""
        return f"per {singular(self.measure)}" if self.measure else "per size"

    @property
    def rests_on(self) -> str:
        """What the costs are: budget, outturn, or either."""
        return " and ".join(sorted({part for row in self.rows for part in row.rests_on.split(" and ")})) or "budget"
