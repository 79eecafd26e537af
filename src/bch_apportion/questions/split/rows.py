"""The answer of `compute`: every line, the totals, the bases with their evidence, the controls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal

from bch_apportion.answers import Answer, Run, Table, run_of, table
from bch_apportion.kinds import ASIDE, ExactShare, Money, Month, Number, Place, Rows, Share, Year, record
from bch_apportion.ledger import Ledger, by_subjective
from bch_apportion.model import Basis, Component, RobustnessTest
from bch_apportion.model import Line as LedgerLine
from bch_apportion.problems import Control
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import NOT_AGREED, parameters
from bch_apportion.words import standing
from bch_apportion.years import FinancialYear


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
    amount: Money
    unit: Annotated[str, ASIDE] = ""
    year: Annotated[Year | None, ASIDE] = None
    applied_share: Annotated[Share | None, ASIDE] = None
    applied: Annotated[Money, ASIDE] = 0

    @property
    def difference(self) -> int:
        return self.amount - self.applied


@record
class NoLoser:
    """The no-loser test of a unit and year; null where it was not made."""

    excess: Money
    headroom: Money
    achievable: bool
    applied: Number


@record
class Relief:
    """A member in the no-loser test: who is relieved, and who funds it. `short` is of the unit, said once."""

    unit: str
    year: Year
    force: str
    pooled: Money
    baseline: Money
    adjustment: Money
    applied: Number
    achievable: bool
    short: Money | None

    @property
    def pays(self) -> int:
        return self.pooled + self.adjustment

    @property
    def role(self) -> str:
        return "relieved" if self.adjustment < 0 else "funds" if self.adjustment > 0 else ""

    @property
    def outcome(self) -> str:
        return "achievable" if self.achievable else "not achievable"


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
    """On what a unit stands in a year, with its evidence."""

    unit: str
    year: Year
    basis: Literal["nre", "demand", "agreed"]
    reason: str
    changed_from: Basis | None
    robust: bool
    window: tuple[Month, Month]
    left_out: Sequence[Month]
    fixed_base: Number
    parameters: Sequence[Parameter]
    tests: Sequence[RobustnessTest]
    shadow: Sequence[Shadow]
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
    bases: Sequence[UnitBasis]
    controls: Sequence[Control]
    notes: Sequence[str]
    detail: Sequence[Detail] | None = None

    def table(self) -> Table:
        """The lines; broken down where that was asked for."""
        if self.detail is None:
            return Answer.table(self)
        return table(self.detail, Detail, (*self.COLUMNS, "line", "subjective"))


def answer(ledger: Ledger, detail: Literal["line", "subjective"] | None = None) -> Compute:
    """What each force pays, as typed rows; with `detail`, the components broken down."""
    return Compute(
        run=run_of(ledger.inputs, ledger.as_at),
        forces=ledger.inputs.force_codes(),
        lines=Rows(lambda: map(line_row, ledger.lines)),
        totals=Rows(lambda: _totals(ledger)),
        bases=Rows(lambda: map(unit_basis, ledger.results)),
        controls=ledger.controls,
        notes=ledger.notes,
        detail=Rows(lambda: detail_rows(ledger, detail)) if detail else None,
    )


def line_row(line: LedgerLine) -> Line:
    """A line of the ledger as a row."""
    return Line(
        unit=line.unit,
        year=line.year,
        component=line.component,
        force=line.force,
        amount=line.pence,
        basis=line.basis,
        share=line.share,
        share_exact=line.share,
        reference=line.reference,
        cells=line.cells,
    )


def _totals(ledger: Ledger) -> Iterator[Total]:
    for result in ledger.results:
        for force, pence in result.totals().items():
            yield Total(unit=result.unit.code, year=result.year, force=force, amount=pence)


def unit_basis(result: UnitYear) -> UnitBasis:
    """On what a unit stands in a year."""
    decision, tested = result.decision, result.no_loser
    return UnitBasis(
        unit=result.unit.code,
        year=result.year,
        basis=decision.basis,
        reason=decision.reason,
        changed_from=result.changed_from,
        robust=decision.robust,
        window=(decision.window.first, decision.window.last),
        left_out=decision.left_out(),
        fixed_base=result.terms.fixed_base,
        parameters=parameter_rows(result),
        tests=decision.tests,
        shadow=list(shadow_rows(result)),
        no_loser=None
        if tested is None
        else NoLoser(
            excess=tested.excess, headroom=tested.headroom, achievable=tested.achievable, applied=tested.applied
        ),
    )


def shadow_rows(result: UnitYear) -> Iterator[Shadow]:
    """The demand split beside the split applied; nothing without usable demand data."""
    decision = result.decision
    if decision.shadow is None:
        return
    for force, share, would, applied, pence in zip(
        result.members, decision.shares, decision.shadow, result.pooled, result.shadow, strict=True
    ):
        yield Shadow(
            force=force,
            share=would,
            amount=pence,
            unit=result.unit.code,
            year=result.year,
            applied_share=share,
            applied=applied,
        )


def relief_rows(result: UnitYear) -> Iterator[Relief]:
    """The no-loser test by force; nothing where it was not made."""
    tested = result.no_loser
    if tested is None:
        return
    for force, pooled, baseline, adjustment in zip(
        result.members, result.pooled, tested.baselines, tested.adjustments, strict=True
    ):
        yield Relief(
            unit=result.unit.code,
            year=result.year,
            force=force,
            pooled=pooled,
            baseline=baseline,
            adjustment=adjustment,
            applied=tested.applied,
            achievable=tested.achievable,
            short=tested.short if tested.short and force == result.members[0] else None,
        )


def split_rows(ledger: Ledger, year: FinancialYear) -> Iterator[Split]:
    """What each force pays for each unit in a year; a force that is not a member of the unit is not there."""
    for result in ledger.results:
        if result.year == year:
            yield Split(unit=result.unit.code, year=year, basis=standing(result), amounts=result.totals())


def test_rows(unit: str, year: FinancialYear, tests: Iterable[RobustnessTest]) -> Iterator[TestRow]:
    """The robustness tests of a unit and year."""
    for test in tests:
        yield TestRow(
            unit=unit,
            year=year,
            driver=test.driver,
            test=test.test,
            outcome=test.outcome,
            figures=test.detail,
        )


def parameter_rows(result: UnitYear) -> list[Parameter]:
    """Every parameter in force for a unit and year, with its origin."""
    return [_parameter(result, name) for name in parameters()]


def _parameter(result: UnitYear, name: str) -> Parameter:
    origin = result.terms.origin(name)
    return Parameter(
        parameter=name,
        value=parameters()[name].words(result.terms.values[name]),
        from_year=origin.from_year,
        origin=str(origin) if origin.cell else NOT_AGREED,
    )


def detail_rows(ledger: Ledger, by: Literal["line", "subjective"]) -> Iterator[Detail]:
    """The components broken down; by line and by force they sum to the lines."""
    lines = {(line.unit, line.year, line.component, line.force): line for line in ledger.lines}
    parts = ledger.detail() if by == "line" else by_subjective(ledger.detail())
    for part in parts:
        line = lines[part.unit, part.year, part.component, part.force]
        yield Detail(
            unit=part.unit,
            year=part.year,
            component=part.component,
            force=part.force,
            line=part.line if by == "line" else None,
            subjective=part.subjective,
            amount=part.pence,
            cells=part.cells,
            basis=line.basis,
            share=line.share,
            reference=line.reference,
        )
