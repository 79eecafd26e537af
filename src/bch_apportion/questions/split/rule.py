"""What each force pays, on which basis and why, as typed rows: readings of a ledger."""

from __future__ import annotations

from collections.abc import Iterator

from bch_apportion.answers import run_of
from bch_apportion.groups import sums
from bch_apportion.kinds import Rows
from bch_apportion.ledger import Ledger, by_subjective
from bch_apportion.model import Line
from bch_apportion.questions.split import rows
from bch_apportion.questions.split.rows import By, Compute
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import NOT_AGREED, parameters
from bch_apportion.words import standing
from bch_apportion.years import FinancialYear


def answer(ledger: Ledger, detail: By | None = None) -> Compute:
    """What each force pays, as typed rows; with `detail`, the components broken down."""
    return Compute(
        run=run_of(ledger.inputs, ledger.as_at),
        forces=ledger.inputs.force_codes(),
        lines=Rows(lambda: map(line_row, ledger.lines)),
        totals=Rows(lambda: _totals(ledger)),
        totals_by_force=totals_by_force(ledger),
        bases=Rows(lambda: map(unit_basis, ledger.results)),
        without_baselines=ledger.without_baselines(),
        controls=ledger.controls,
        notes=ledger.notes,
        detail=Rows(lambda: detail_rows(ledger, detail)) if detail else None,
    )


def line_row(line: Line) -> rows.Line:
    """A line of the ledger as a row."""
    return rows.Line(
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


def _totals(ledger: Ledger) -> Iterator[rows.Total]:
    for result in ledger.results:
        for force, pence in result.totals().items():
            yield rows.Total(unit=result.unit.code, year=result.year, force=force, amount=pence)


def totals_by_force(ledger: Ledger) -> list[rows.ForceTotal]:
    """What each force pays in each year, over all units."""
    paid = sums(((result.year, force), pence) for result in ledger.results for force, pence in result.totals().items())
    return [
        rows.ForceTotal(year=year, force=force, amount=paid[year, force])
        for year in ledger.years()
        for force in ledger.inputs.force_codes()
        if (year, force) in paid
    ]


def unit_basis(result: UnitYear) -> rows.UnitBasis:
    """On what a unit stands in a year."""
    decision, tested = result.decision, result.no_loser
    no_loser = None
    if tested is not None:
        no_loser = rows.NoLoser(
            excess=tested.excess, headroom=tested.headroom, achievable=tested.achievable, applied=tested.applied
        )
    return rows.UnitBasis(
        unit=result.unit.code,
        year=result.year,
        basis=decision.basis,
        reason=decision.reason,
        changed_from=result.changed_from,
        kept_from=decision.kept and decision.kept.year,
        settled_from=decision.settled and decision.settled.year,
        robust=decision.robust,
        window=(decision.window.first, decision.window.last),
        left_out=decision.left_out(),
        fixed_base=result.terms.fixed_base,
        parameters=list(_parameters(result)),
        tests=decision.tests,
        shadow=[
            rows.Shadow(force=force, share=share, share_exact=share, amount=pence)
            for force, share, pence in zip(result.members, decision.shadow or (), result.shadow, strict=False)
        ],
        if_pooled=[rows.IfPooled(force=force, amount=pence) for force, pence in result.if_pooled().items()],
        no_loser=no_loser,
    )


def split_rows(ledger: Ledger, year: FinancialYear) -> Iterator[rows.Split]:
    """What each force pays for each unit in a year; a force that is not a member of the unit is not there."""
    for result in ledger.results:
        if result.year == year:
            yield rows.Split(unit=result.unit.code, year=year, basis=standing(result), amounts=result.totals())


def _parameters(result: UnitYear) -> Iterator[rows.Parameter]:
    for name, parameter in parameters().items():
        origin = result.terms.origin(name)
        yield rows.Parameter(
            parameter=name,
            value=parameter.words(result.terms.values[name]),
            from_year=origin.from_year,
            origin=str(origin) if origin.cell else NOT_AGREED,
        )


def detail_rows(ledger: Ledger, by: By) -> Iterator[rows.Detail]:
    """The components broken down; by line and by force they sum to the lines."""
    lines = {(line.unit, line.year, line.component, line.force): line for line in ledger.lines}
    parts = ledger.detail() if by == "line" else by_subjective(ledger.detail())
    for part in parts:
        line = lines.get((part.unit, part.year, part.component, part.force))  # none where the parts come to nothing
        yield rows.Detail(
            unit=part.unit,
            year=part.year,
            component=part.component,
            force=part.force,
            line=part.line if by == "line" else None,
            subjective=part.subjective,
            amount=part.pence,
            cells=part.cells,
            basis=line.basis if line else "",
            share=line.share if line else None,
            reference=line.reference if line else "",
        )
