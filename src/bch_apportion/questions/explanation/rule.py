"""What led to a unit's figures of a year, gathered from its result: the answer of `explain`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, TypeVar

from bch_apportion.answers import run_of
from bch_apportion.kinds import fields
from bch_apportion.ledger import Ledger
from bch_apportion.model import ForceCode, Inputs, Line, Volume, WindowVolumes
from bch_apportion.money import quotas
from bch_apportion.places import cell_runs
from bch_apportion.principles import agreed_shares, implementation_costs, no_loser, nre_default, pooling, rolling_demand
from bch_apportion.principles.nre_default import NreInForce, nre_shares
from bch_apportion.principles.robust_demand import month_list
from bch_apportion.questions.explanation import rows
from bch_apportion.questions.explanation.rows import Explain
from bch_apportion.questions.split.rule import line_row, unit_basis
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.recipe.shares import Decision
from bch_apportion.terms import principle_text

# The rule that each line rests on, and the principle of the paper behind it.
RULES: dict[str, tuple[Any, int]] = {
    "nre": (nre_default, 1),
    "demand": (rolling_demand, 3),
    "agreed": (agreed_shares, 1),
    "held": (pooling, 5),
    "implementation": (implementation_costs, 4),
    "no_loser": (no_loser, 2),
}
DIRECT = "A budget line that is for one force alone is borne by that force."
Value = TypeVar("Value")


def first_sentence(rule: Any) -> str:
    """The sentence of a rule that an accountant reads."""
    return str(rule.__doc__ or "").strip().split("\n", 1)[0]


def explain(ledger: Ledger, result: UnitYear, force: ForceCode | None = None) -> Explain:
    """How a unit's figures of a year came about; `force` narrows the lines, not the evidence, which all share."""
    inputs, decision = ledger.inputs, result.decision
    lines = [line for line in result.lines if force in (None, line.force)]
    first_day, _, last_day = decision.window.words().partition(" to ")
    return Explain(
        run=run_of(inputs, ledger.as_at),
        unit=result.unit.code,
        year=result.year,
        force=force,
        members=result.members,
        amount=sum(line.pence for line in lines),
        lines=[_line(result, line) for line in lines],
        budget=list(_budget(result)),
        pooled=rows.PooledPart(amount=result.parts.pooled(), fraction=result.parts.fraction, held=result.parts.staying),
        basis=unit_basis(result),
        window=rows.Window(first_day=first_day, last_day=last_day),
        drivers=list(_drivers(inputs, result)),
        shares=_shares(result.members, decision),
        rebase=_rebase(result.members, decision),
        nre=_nre(decision.nre),
        fixed_base_nre=_nre(decision.base_nre),
        implementation_nre=_nre(result.implementation_nre),
        agreed=_agreed(decision),
        no_loser=_no_loser(inputs, result),
        baselines=_baselines(result),
    )


def _line(result: UnitYear, line: Line) -> rows.ExplainedLine:
    rule, number = DIRECT, None
    if line.component != "direct":
        module, number = RULES["implementation" if line.component == "implementation" else line.basis]
        rule = first_sentence(module)
    posted = line_row(line)
    return rows.ExplainedLine(
        **{field.attribute: getattr(posted, field.attribute) for field in fields(type(posted))},
        principle=number,
        principle_text=None if number is None else principle_text(number),
        rule=rule,
        rounding=None if line.share is None else _rounding(result, line),
    )


def _rounding(result: UnitYear, line: Line) -> rows.Rounding:
    total, shares = result.parts.pooled(), result.decision.shares
    if line.component != "pooled" and result.implementation_nre is not None:
        total = sum(row.pence for row in result.parts.implementation)
        shares = nre_shares([row.figure.pence for row in result.implementation_nre.figures])
    quota = quotas(total, shares)[result.members.index(line.force)]
    return rows.Rounding(
        total=total,
        floor=quota.floor,
        remainder_of_a_penny=f"{quota.remainder}/{quota.divisor}",
        odd_penny=bool(quota.odd),
        sign=-1 if total < 0 else 1,
    )


def _budget(result: UnitYear) -> Iterator[rows.BudgetLine]:
    parts: tuple[rows.Part, ...] = ("implementation", "direct", "revenue")
    for part in parts:
        for row in getattr(result.parts, part):
            yield rows.BudgetLine(
                cell=row.cell,
                line=row.line,
                subjective=row.subjective,
                type=row.type,
                held_by=row.held_by or None,
                direct_to=row.direct_to or None,
                amount=row.pence,
                part=part,
            )


def _by_force(members: Sequence[ForceCode], values: Sequence[Value]) -> dict[ForceCode, Value]:
    return dict(zip(members, values, strict=True))


def _drivers(inputs: Inputs, result: UnitYear) -> Iterator[rows.DriverEvidence]:
    decision, drivers = result.decision, inputs.drivers.get(result.unit.code, ())
    for driver, volumes, shares in zip(drivers, decision.volumes, decision.driver_shares, strict=True):
        members = volumes.members
        yield rows.DriverEvidence(
            driver=driver.driver,
            weight=driver.weight,
            months_counted=len(volumes.counted),
            months_left_out=month_list(volumes.left_out),
            volumes=_by_force(members, volumes.volumes),
            shares=None if shares is None else _by_force(members, shares),
            blocks=[
                rows.BlockEvidence(block=str(block.months), volumes=_by_force(members, block.volumes))
                for block in volumes.blocks
            ],
            cells=volume_cells(inputs, volumes),
        )


def volume_cells(inputs: Inputs, volumes: WindowVolumes) -> list[str]:
    """The cells of the volumes in the window, runs down a column together, in the order of the sheet's columns.

    Shapes: texts such as Demand!C31:C66; those of joined workbooks behind the workbook's; last, what scenarios gave.
    """
    used, files = _volumes_used(inputs, volumes), ["", *(joined.file for joined in inputs.joined)]
    of_files = [volume for volume in used if volume.row and volume.file in files]
    in_sheet = sorted(of_files, key=lambda volume: (files.index(volume.file), volume.column, volume.row))
    columns = groupby(in_sheet, key=lambda volume: (volume.file, volume.column))
    runs = [[volume.place(inputs.demand_sheet) for volume in cells] for _, cells in columns]
    given = [volume.place("") for volume in used if volume.file not in files]
    return [cell_runs(run) for run in (*runs, given) if run]


def _volumes_used(inputs: Inputs, volumes: WindowVolumes) -> list[Volume]:
    """The volumes of the Demand sheet that lie in the window, of the members."""
    demand, window = inputs.demand[volumes.driver], volumes.window
    slots = [demand.monthly.get(month, {}) for month in window.months()]
    slots += [
        slot for months, slot in demand.longer.items() if window.first <= months.first <= months.last <= window.last
    ]
    return [volume for slot in slots for force, volume in slot.items() if force in volumes.members]


def _shares(members: Sequence[ForceCode], decision: Decision) -> rows.AppliedShares:
    steps = (decision.demand, decision.base, decision.new)
    demand, base, new = (None if shares is None else _by_force(members, shares) for shares in steps)
    return rows.AppliedShares(demand=demand, fixed_base=base, new=new, applied=_by_force(members, decision.shares))


def _rebase(members: Sequence[ForceCode], decision: Decision) -> rows.Rebase | None:
    rebase = decision.rebase
    if rebase is None:
        return None
    return rows.Rebase(
        settled=_by_force(members, rebase.settled.shares),
        settled_in=rebase.settled.year,
        settled_by=rebase.settled.basis,
        new=_by_force(members, rebase.new),
        movement=rebase.movement,
        tolerance=rebase.tolerance,
        kept=rebase.kept,
    )


def _nre(nre: NreInForce | None) -> list[rows.NreEvidence] | None:
    if nre is None:
        return None
    return [
        rows.NreEvidence(
            force=row.force,
            year=row.year,
            nre=row.figure.pence,
            cell=row.figure.cell,
            source=row.figure.source,
            wanted=nre.wanted,
        )
        for row in nre.figures
    ]


def _agreed(decision: Decision) -> rows.AgreedEvidence | None:
    agreed = decision.agreed
    if decision.basis != "agreed" or agreed is None:
        return None
    return rows.AgreedEvidence(from_year=agreed.from_year, shares=agreed.shares, cells=agreed.cells)


def _no_loser(inputs: Inputs, result: UnitYear) -> rows.NoLoserSteps | None:
    tested = result.no_loser
    if tested is None:
        return None
    by_member: dict[str, Sequence[Any]] = {
        "pooled": result.pooled,
        "baseline": tested.baselines,
        "full_adjustment": tested.full,
        "exact_target_pence": tested.targets,
        "adjustment": tested.adjustments,
    }
    return rows.NoLoserSteps(
        relief=tested.relief,
        applied=tested.applied,
        short=tested.short,
        forces=[
            rows.Relief(force=force, **{field: amounts[place] for field, amounts in by_member.items()})
            for place, force in enumerate(result.members)
        ],
        index=list(_index(inputs, result)),
    )


def _index(inputs: Inputs, result: UnitYear) -> Iterator[rows.IndexUsed]:
    """The price indices that the baselines were brought to the year's prices with."""
    years = dict.fromkeys([baseline.year for baseline in result.baselines if baseline.year is not None])
    if inputs.settings.uprate_baselines and years:
        for year in (*years, result.year):
            if deflator := inputs.deflators.get(year):
                yield rows.IndexUsed(year=year, index=deflator.index, cell=deflator.cell)


def _baselines(result: UnitYear) -> list[rows.BaselineEvidence]:
    used = result.no_loser.baselines if result.no_loser else ()
    return [
        rows.BaselineEvidence(
            force=force, paid_before=baseline.pence, prices_of=baseline.year, baseline=pence, cell=baseline.cell
        )
        for force, baseline, pence in zip(result.members, result.baselines, used, strict=False)
    ]
