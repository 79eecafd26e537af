"""What becomes of a unit's budget of a year: its parts, what each member pays of them, and the lines that say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from bch_apportion.model import Baseline, Basis, BudgetRow, Component, ForceCode, Line, Unit
from bch_apportion.money import Pence, split
from bch_apportion.places import Place
from bch_apportion.principles.implementation_costs import implementation_split, is_implementation
from bch_apportion.principles.no_loser import NoLoser
from bch_apportion.principles.nre_default import NreInForce, nre_shares
from bch_apportion.principles.pooling import held_part, pooled_fraction
from bch_apportion.recipe.shares import Decision, Sources, pence_of
from bch_apportion.terms import Terms, cite
from bch_apportion.years import FinancialYear, Month


class Parts(NamedTuple):
    """A unit's budget of a year by component: its rows, and what of them is pooled or stays with a holder."""

    implementation: tuple[BudgetRow, ...]
    direct: tuple[BudgetRow, ...]
    revenue: tuple[BudgetRow, ...]  # all other lines
    fraction: Fraction  # of the year that is pooled
    staying: dict[ForceCode, Pence]  # by holder

    @property
    def rows(self) -> tuple[BudgetRow, ...]:
        """Every row."""
        return (*self.implementation, *self.direct, *self.revenue)

    @property
    def held(self) -> tuple[BudgetRow, ...]:
        """Revenue lines with a holder, whatever part of them is pooled."""
        return tuple(row for row in self.revenue if row.held_by)

    @property
    def unheld(self) -> tuple[BudgetRow, ...]:
        """Revenue lines without a holder, always pooled."""
        return tuple(row for row in self.revenue if not row.held_by)

    @property
    def partly_held(self) -> bool:
        """Whether lines are held and the year is not wholly pooled: then no whole year compares with the baselines."""
        return bool(self.held) and self.fraction < 1

    def part_compared(self, terms: Terms) -> Fraction:
        """The part of the year in which the pooled cost compares with the baselines; 0 where it does not."""
        if not self.partly_held:
            return Fraction(1)
        return self.fraction if terms.part_years_protected == "yes" and not self.unheld else Fraction(0)

    def pooled(self) -> Pence:
        return sum(row.pence for row in self.revenue) - sum(self.staying.values())


def components(rows: Sequence[BudgetRow], unit: Unit, year: FinancialYear) -> Parts:
    """Every budget line of a unit and year in exactly one place (principles 4 and 5)."""
    fraction = pooled_fraction(unit.pooled_from, year)
    running = [row for row in rows if not is_implementation(row)]
    sums: dict[ForceCode, Pence] = {}
    for row in running:
        if row.held_by and not row.direct_to:
            sums[row.held_by] = sums.get(row.held_by, 0) + row.pence
    return Parts(
        implementation=tuple(row for row in rows if is_implementation(row)),
        direct=tuple(row for row in running if row.direct_to),
        revenue=tuple(row for row in running if not row.direct_to),
        fraction=fraction,
        staying={force: held_part(pence, fraction) for force, pence in sums.items()},
    )


@dataclass(frozen=True, slots=True)
class UnitYear:
    """What became of one unit's budget of one year. `lines` sum to it."""

    unit: Unit
    year: FinancialYear
    terms: Terms
    parts: Parts
    decision: Decision
    pooled: tuple[Pence, ...]  # by member
    shadow: tuple[Pence, ...]  # by member, empty without usable data
    implementation_nre: NreInForce | None  # None without implementation costs
    no_loser: NoLoser | None
    baselines: tuple[Baseline, ...]
    sources: Sources
    changed_from: Basis | None = None  # the basis of the year before, where it was another
    lines: tuple[Line, ...] = ()

    @property
    def members(self) -> tuple[ForceCode, ...]:
        return self.terms.members

    def budget(self) -> Pence:
        return sum(row.pence for row in self.parts.rows)

    def months(self) -> set[Month]:
        """The months that its rows name, each once; a row without a period names none."""
        periods = (row.period for row in self.parts.rows if row.period is not None)
        return {month for period in periods for month in period.months()}

    @property
    def is_part_year(self) -> bool:
        """Whether it is an outturn that is not whole: its rows name months, but not all twelve."""
        return 0 < len(self.months()) < 12

    def totals(self, *components: Component) -> dict[ForceCode, Pence]:
        """What each member pays, over these components (all, where none is named)."""
        sums = dict.fromkeys(self.members, 0)
        for line in self.lines:
            if not components or line.component in components:
                sums[line.force] = sums.get(line.force, 0) + line.pence
        return sums

    def if_pooled(self) -> dict[ForceCode, Pence]:
        """What pooling all that is held would add to what each member bears of it; empty where nothing is held."""
        staying = self.parts.staying
        if not any(staying.values()):
            return {}
        shared = split(self.parts.pooled() + sum(staying.values()), self.decision.shares)
        now = [pence + staying.get(force, 0) for force, pence in zip(self.members, self.pooled, strict=True)]
        return {force: then - own for force, then, own in zip(self.members, shared, now, strict=True)}

    def nre_used(self) -> list[NreInForce]:
        """The NRE that its lines stand on."""
        return [*self.decision.nre_used(), *([self.implementation_nre] if self.implementation_nre is not None else [])]


# Lines


def post(result: UnitYear) -> tuple[Line, ...]:
    """The lines of a unit and year: pooled for every member, the rest where there is an amount."""
    rest = (*_held(result), *_direct(result), *_implementation(result), *_no_loser(result))
    return (*_pooled(result), *(line for line in rest if line.pence))


def _lines(result: UnitYear, component: Component, basis: Basis, reference: str) -> partial[Line]:
    """What makes the lines of a component; still to be named are force, pence and cells, and the share if there is."""
    unit, year = result.unit.code, result.year
    return partial(Line, unit=unit, year=year, component=component, basis=basis, reference=reference, share=None)


def _cells(rows: Iterable[BudgetRow]) -> tuple[Place, ...]:
    return tuple(row.cell for row in rows)


def _pooled(result: UnitYear) -> Iterator[Line]:
    decision = result.decision
    line = _lines(result, "pooled", decision.basis, decision.reference)
    cells = _cells(row for row in result.parts.revenue if result.parts.fraction or not row.held_by)
    for force, pence, share in zip(result.members, result.pooled, decision.shares, strict=True):
        yield line(force=force, pence=pence, cells=cells, share=share)


def _held(result: UnitYear) -> Iterator[Line]:
    line, held = _lines(result, "held", "held", cite(5)), result.parts.held
    for force in result.members:
        cells = _cells(row for row in held if row.held_by == force)
        yield line(force=force, pence=result.parts.staying.get(force, 0), cells=cells)


def _direct(result: UnitYear) -> Iterator[Line]:
    line = _lines(result, "direct", "direct", "direct to the force, by its budget line")
    for force in result.members:
        rows = [row for row in result.parts.direct if row.direct_to == force]
        yield line(force=force, pence=sum(row.pence for row in rows), cells=_cells(rows))


def _implementation(result: UnitYear) -> Iterator[Line]:
    if result.implementation_nre is not None:
        line, rows = _lines(result, "implementation", "nre", cite(4)), result.parts.implementation
        nre, cells = pence_of(result.implementation_nre), _cells(rows)
        paid = implementation_split(sum(row.pence for row in rows), nre)
        for force, pence, share in zip(result.members, paid, nre_shares(nre), strict=True):
            yield line(force=force, pence=pence, cells=cells, share=share)


def _no_loser(result: UnitYear) -> Iterator[Line]:
    if result.no_loser is not None:
        reference = "; ".join(dict.fromkeys([cite(2), *(b.reference for b in result.baselines if b.reference)]))
        line, cells = _lines(result, "no_loser", "no_loser", reference), tuple(b.cell for b in result.baselines)
        for force, pence in zip(result.members, result.no_loser.adjustments, strict=True):
            yield line(force=force, pence=pence, cells=cells)
