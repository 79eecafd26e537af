"""The answer of `compute`: every line, the totals, the bases with their evidence, the controls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal

from bch_apportion.answers import Answer, QueryRow, Run, Table, table
from bch_apportion.kinds import ASIDE, ExactShare, Money, Month, Number, Place, Share, Year, record
from bch_apportion.model import Basis, Component, RobustnessTest
from bch_apportion.problems import Control
from bch_apportion.years import FinancialYear

By = Literal["line", "subjective"]  # what a component is broken down by


@record
class Line:
    """One posting: so many pounds, to one force, for one unit and year."""

    unit: str
    year: Year
    component: Component
    force: str
    amount: Money
    basis: Basis
    share: Share | None
    share_exact: ExactShare | None
    reference: str
    cells: Sequence[Place]


@record
class Total:
    """What a force pays for a unit and year, over all components."""

    unit: str
    year: Year
    force: str
    amount: Money


@record
class ForceTotal:
    """What a force pays in a year, over all units shown."""

    year: Year
    force: str
    amount: Money


@record
class Parameter:
    """A parameter in force, and where it comes from."""

    parameter: str
    value: str
    from_year: Year | None
    origin: str


@record
class Shadow:
    """What a member would pay of the pooled cost on demand."""

    force: str
    share: Share
    share_exact: ExactShare
    amount: Money


@record
class IfPooled:
    """What a member would bear more (below zero: less) if all that is held were pooled."""

    force: str
    amount: Money


@record
class NoLoser:
    """The no-loser test of a unit and year; null where it was not made."""

    excess: Money
    headroom: Money
    achievable: bool
    applied: Number


@record
class Split:
    """What each force pays for a unit and year (or all units), and on which basis."""

    unit: str
    year: Year
    basis: str
    amounts: Mapping[str, Money]

    @property
    def total(self) -> int:
        return sum(self.amounts.values())


@record
class TestRow:
    """A robustness test of a unit and year, as CSV has it."""

    unit: str
    year: Year
    driver: str | None
    test: str
    outcome: str
    figures: str


@record
class UnitBasis:
    """On what a unit stands in a year, with its evidence.

    `kept_from` is the year whose shares are kept, `settled_from` that of the shares that a tolerance leaves in force.
    """

    unit: str
    year: Year
    basis: Literal["nre", "demand", "agreed"]
    reason: str
    changed_from: Basis | None
    kept_from: Year | None
    settled_from: Year | None
    robust: bool
    window: tuple[Month, Month]
    left_out: Sequence[Month]
    fixed_base: Number
    parameters: Sequence[Parameter]
    tests: Sequence[RobustnessTest]
    shadow: Sequence[Shadow]
    if_pooled: Sequence[IfPooled]
    no_loser: NoLoser | None


@record
class Detail:
    """A part of a component: of a budget line, or of a subjective (without `line`)."""

    unit: str
    year: Year
    component: Component
    force: str
    line: str | None = None
    subjective: str
    amount: Money
    cells: Sequence[Place]
    basis: Annotated[str, ASIDE] = ""
    share: Annotated[Share | None, ASIDE] = None
    reference: Annotated[str, ASIDE] = ""


@record
class Compute(Answer):
    """`compute --json`."""

    TABLE = "lines"
    COLUMNS = ("unit", "year", "component", "force", "basis", "share", "amount", "reference", "cells")

    schema: Literal["bch-apportion/compute/1"] = "bch-apportion/compute/1"
    run: Run
    currency: Literal["GBP"] = "GBP"
    forces: Sequence[str]
    lines: Sequence[Line]
    totals: Sequence[Total]
    totals_by_force: Sequence[ForceTotal]
    bases: Sequence[UnitBasis]
    without_baselines: Sequence[str]
    controls: Sequence[Control]
    notes: Sequence[str]
    queries: Sequence[QueryRow] = ()
    detail: Sequence[Detail] | None = None

    def table(self) -> Table:
        """The lines; broken down where that was asked for."""
        if self.detail is None:
            return Answer.table(self)
        return table(self.detail, Detail, (*self.COLUMNS, "line", "subjective"))


def test_rows(unit: str, year: FinancialYear, tests: Iterable[RobustnessTest]) -> Iterator[TestRow]:
    """The robustness tests of a unit and year."""
    for test in tests:
        yield TestRow(
            unit=unit, year=year, driver=test.driver, test=test.test, outcome=test.outcome, figures=test.detail
        )
