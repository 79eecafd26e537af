"""Both sides of a comparison: what our functions cost in a year, and what the sheets beside the split say of others.

Functions, services, measures and groups match as names do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from bch_apportion.further import Comparator, Size
from bch_apportion.groups import groups
from bch_apportion.model import ForceCode, Inputs, UnitCode, name_key
from bch_apportion.money import Exact, Pence
from bch_apportion.questions.outturn import Cost, Costs
from bch_apportion.years import FinancialYear


class Against(NamedTuple):
    """What is compared: the year, by which measure, with which group (None: every service); budget or outturn."""

    year: FinancialYear
    measure: str | None = None
    group: str | None = None
    outturn: bool = False


def per_size(pence: Pence, size: Exact) -> Fraction:
    """Pounds for each unit of a size.

    >>> per_size(100_00, 40)
    Fraction(5, 2)
    """
    return Fraction(pence, 100) / size


class Ours(NamedTuple):
    """A function of ours, and what its units cost in the year."""

    function: str
    costs: tuple[Cost, ...]

    @property
    def units(self) -> tuple[UnitCode, ...]:
        return tuple(cost.result.unit.code for cost in self.costs)

    @property
    def members(self) -> tuple[ForceCode, ...]:
        """The members of its units that year."""
        return tuple(dict.fromkeys(force for cost in self.costs for force in cost.result.members))

    @property
    def rests_on(self) -> str:
        return " and ".join(sorted({cost.rests_on for cost in self.costs}))


def functions_of(inputs: Inputs, costs: Costs, year: FinancialYear) -> list[Ours]:
    """The functions in the order of Units, as they are first written there, with the units that cost something."""
    known = (costs.get((unit.code, year)) for unit in inputs.units if unit.function)
    counted = [cost for cost in known if cost is not None and runs(cost)]
    by_name = groups((name_key(cost.result.unit.function), cost) for cost in counted)
    return [Ours(own[0].result.unit.function, tuple(own)) for own in by_name.values()]


def runs(cost: Cost) -> bool:
    """Whether a unit has any line but those of implementation."""
    return bool(cost.result.parts.direct or cost.result.parts.revenue)


def running(cost: Cost) -> Pence:
    """A unit's cost without its implementation lines."""
    return sum(row.pence for row in (*cost.result.parts.direct, *cost.result.parts.revenue))


class Peer(NamedTuple):
    """A comparator with its size."""

    row: Comparator
    size: Exact

    @property
    def per_size(self) -> Fraction:
        return per_size(self.row.pence, self.size)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the sheets beside the split say of a year, by keys of names."""

    against: Against
    sizes: Mapping[str, Size]  # by service
    comparators: Mapping[str, Sequence[Comparator]]  # by function, in the order of the sheet, without forces of ours
    retained: Mapping[tuple[str, ForceCode], Pence]  # by function and force

    def rows_of(self, function: str) -> Sequence[Comparator]:
        """The comparators of a function, with a size or without."""
        return self.comparators.get(name_key(function), ())

    def peers(self, function: str) -> list[Peer]:
        """The comparators of a function that have a size."""
        sized = ((row, self.sizes.get(name_key(row.force))) for row in self.rows_of(function))
        return [Peer(row, size.amount) for row, size in sized if size is not None]

    def size_of(self, ours: Ours) -> Exact | None:
        """The size of a function's members; None where no sizes are given."""
        return sum(self.sizes[name_key(force)].amount for force in ours.members) if self.sizes else None

    def kept(self, ours: Ours) -> dict[ForceCode, Pence | None]:
        """What each member of a function retains; None where it has no row."""
        return {force: self.retained.get((name_key(ours.function), force)) for force in ours.members}

    def retained_by(self, ours: Ours) -> Pence | None:
        """What all members of a function retain; None where any has no row."""
        kept = self.kept(ours).values()
        return None if None in kept else sum(pence or 0 for pence in kept)

    def cost_of(self, ours: Ours) -> Pence:
        """What a function costs us, with what is retained where that counts."""
        return sum(map(running, ours.costs)) + (self.retained_by(ours) or 0)


def figures_of(inputs: Inputs, against: Against) -> Figures:
    """What Sizes, Comparators and Retained say of the year, the measure and the group."""
    year, further = against.year, inputs.further
    measure, group = name_key(against.measure or ""), name_key(against.group or "")
    others = [row for row in further.comparators if row.year == year and row.force not in inputs.force_codes()]
    in_group = [row for row in others if not group or group in map(name_key, row.groups)]
    sizes = [row for row in further.sizes if row.year == year and name_key(row.measure) == measure]
    return Figures(
        against=against,
        sizes={name_key(row.force): row for row in sizes},
        comparators=groups((name_key(row.function), row) for row in in_group),
        retained={(name_key(row.function), row.force): row.pence for row in further.retained if row.year == year},
    )
