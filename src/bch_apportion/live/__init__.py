"""The live workbook of `compute`: the splits as formulas over the input figures in the same file.

The way of a penny, each step a sheet: budget lines, NRE, volumes → sources of shares → weights → quotas → no loser →
amounts → splits. Every cell that is worked out is a formula with its value stored beside it; a value stands alone where
it is an input, a decision of the program (the basis, where a line goes), or a number that a spreadsheet could not hold.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.live.cells import SUM, Key, Known, Shared, key_of
from bch_apportion.live.checks import checks, status
from bch_apportion.live.components import Amounts, Parts, amounts, force_head
from bch_apportion.live.figures import BudgetCells, Figures
from bch_apportion.live.steps import Steps, steps_of
from bch_apportion.live.tables import Block
from bch_apportion.model import ForceCode
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.writing.report import Cell, Report

MOST_ROWS = 30_000


class Live(NamedTuple):
    """The live sheets of a ledger: the splits, the steps, and where shares and amounts stand for other sheets."""

    splits: Report
    checks: Report
    steps: tuple[Report, ...]
    status: tuple[tuple[str, str | Cell], ...]  # rows of the cover
    shares: dict[Key, list[Known]]
    amounts: dict[Key, Parts]
    baselines: dict[Key, list[Known]]
    figures: Figures


def too_large(ledger: Ledger) -> str:
    """Why a ledger's figures are written as plain values; nothing where they can be live."""
    rows = sum(_rows(result) for result in ledger.results)
    if rows > MOST_ROWS:
        return f"{rows:,} rows of calculation are more than {MOST_ROWS:,}; narrow them with --unit or --year"
    inputs = ledger.inputs
    pence = sum(abs(row.pence) for row in inputs.budgets)
    pence += sum(abs(baseline.pence) for by_force in inputs.baselines.values() for baseline in by_force.values())
    if pence >= SUM // 10 or any(figure.pence >= SUM // 10 for figure in inputs.nre.values()):
        return "the amounts are too large for a spreadsheet to hold exactly"
    return ""


def _rows(result: UnitYear) -> int:
    blocks = 1 + (result.terms.share_decimals is not None) + (result.implementation_nre is not None)
    return len(result.members) * (blocks + 2 * (result.no_loser is not None))


def live_sheets(ledger: Ledger, splits: Report) -> Live:
    """The live sheets of a ledger, which is not too large for them; `splits` is the table that becomes live."""
    steps = steps_of(ledger)
    parts = {key_of(result): _components(result, steps) for result in ledger.results}
    steps.weighing.doubts(ledger.results)
    table = amounts(ledger, parts)
    held = checks(ledger.inputs, steps, parts, table)
    return Live(
        splits=_live(splits, ledger, table),
        checks=held.report(),
        steps=tuple(step.report() for step in (table.table, *steps.tables())),
        status=status(held, steps),
        shares=steps.weighing.shares,
        amounts=parts,
        baselines=steps.protection.baselines,
        figures=steps.figures,
    )


def _components(result: UnitYear, steps: Steps) -> Parts:
    """Every component of a unit's year, in cells. Raises ValueError where they are not what the ledger says."""
    key, members, lines = key_of(result), result.members, steps.budgets[key_of(result)]
    weights = steps.weighing.weigh(result)
    held = {force: steps.holding.stays(result, force, own) for force, own in lines.held.items()}
    pooled = Known("-".join([lines.revenue.ref, *(own.ref for own in held.values())]), result.parts.pooled())
    shared = steps.splitting.share(Shared(key, "pooled", pooled, members), weights)
    parts: Parts = {"pooled": dict(zip(members, shared, strict=True))}
    if held:
        parts["held"] = held
    if lines.direct:
        parts["direct"] = lines.direct
    if result.implementation_nre is not None:
        parts["implementation"] = _implementation(result, steps, lines)
    if result.no_loser is not None:
        parts["no_loser"] = steps.protection.adjust(result, result.no_loser, shared)
    _sound(result, parts)
    return parts


def _implementation(result: UnitYear, steps: Steps, lines: BudgetCells) -> dict[ForceCode, Known]:
    """The implementation cost of each member, on NRE."""
    figures = result.implementation_nre.figures if result.implementation_nre is not None else ()
    shared = Shared(key_of(result), "implementation", lines.implementation, result.members)
    return dict(zip(result.members, steps.splitting.share(shared, list(map(steps.figures.nre, figures))), strict=True))


def _sound(result: UnitYear, parts: Parts) -> None:
    """The cells say what the ledger says, or nothing is written."""
    paid = dict.fromkeys(result.members, 0)
    for by_force in parts.values():
        for force, known in by_force.items():
            paid[force] += known.value
    if paid != result.totals():
        raise ValueError(f"{result.unit.code} {result.year}: cells {paid}, lines {result.totals()}")


def _live(splits: Report, ledger: Ledger, amounts: Amounts) -> Report:
    """The splits, every amount a sum of pence on the sheet of amounts."""
    *names, total = (column.name for column in splits.columns if column.kind == "money")
    heads = dict(zip(names, map(force_head, ledger.inputs.force_codes()), strict=True))
    ends = heads[names[0]], heads[names[-1]]
    years = {year: [block for key, block in amounts.rows.items() if key.year == year] for year in ledger.years()}
    rows, plain = [], len(splits.rows) - splits.totals
    for number, row in enumerate(splits.records()):
        own = years[row["year"]] if number >= plain else [amounts.rows[Key(row["unit"], row["year"])]]
        block = Block(amounts.table, own[0].first, own[-1].last)
        cells = {
            name: Cell(row[name], f"=SUM({block.out(head)})/100") if row[name] is not None else None
            for name, head in heads.items()
        }
        rows.append(tuple({**row, **cells, total: Cell(row[total], f"=SUM({block.out(*ends)})/100")}.values()))
    return replace(splits, rows=tuple(rows))
