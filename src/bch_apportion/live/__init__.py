"""The live workbook of `compute`: the splits as formulas over the input figures in the same file.

The way of a penny, each step a sheet: budget lines, NRE, volumes → sources of shares → weights → quotas → no loser →
amounts → splits. Every cell that is worked out is a formula with its value stored beside it; a value stands alone where
it is an input, a decision of the program (the basis, where a line goes), or a number that a spreadsheet could not hold.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.live.cells import SUM, Key, Known, key_of
from bch_apportion.live.checks import checks, mark, status
from bch_apportion.live.components import Amounts, Parts, amounts, force_head
from bch_apportion.live.figures import Figures
from bch_apportion.live.steps import Steps
from bch_apportion.live.tables import Block
from bch_apportion.places import column_letters
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.writing.report import Cell, Report
from bch_apportion.years import FinancialYear

MOST_ROWS = 30_000


class Live(NamedTuple):
    """The live sheets of a ledger: the splits, the steps, and where shares and amounts stand for other sheets."""

    splits: Report
    checks: Report
    steps: tuple[Report, ...]
    status: tuple[tuple[str, str | Cell], ...]  # what recalculates, and whether all checks hold
    mark: Cell  # beside values, where an input was changed
    paid: dict[tuple[str, FinancialYear], dict[str, str]]  # cells of the splits: by unit and year, force ("": all)
    shares: dict[Key, list[Known]]
    amounts: dict[Key, Parts]
    baselines: dict[Key, list[Known]]
    figures: Figures


def too_large(ledger: Ledger) -> str:
    """Why a ledger's figures are written as plain values; nothing where they can be live."""
    rows = sum(map(_rows, ledger.results))
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
    steps = Steps(ledger)
    parts = {key_of(result): steps.components(result) for result in ledger.results}
    steps.weighing.doubts(ledger.results)
    table = amounts(ledger, parts)
    held = checks(ledger.inputs, steps, parts, table)
    return Live(
        splits=_live(splits, ledger, table),
        checks=held.report(),
        steps=tuple(step.report() for step in (table.table, *steps.tables())),
        status=status(held, steps),
        mark=mark(held),
        paid=_paid(ledger, splits),
        shares=steps.weighing.shares,
        amounts=parts,
        baselines=steps.protection.baselines,
        figures=steps.figures,
    )


def _paid(ledger: Ledger, splits: Report) -> dict[tuple[str, FinancialYear], dict[str, str]]:
    """The cells of the splits by unit and year, and by force; that of all forces under no name."""
    letters = [column_letters(place) for place, column in enumerate(splits.columns, 1) if column.kind == "money"]
    at = dict(zip((*ledger.inputs.force_codes(), ""), letters, strict=True))
    records = enumerate(splits.records(), 2)
    return {
        (row["unit"], row["year"]): {force: f"'{splits.name}'!{letter}{number}" for force, letter in at.items()}
        for number, row in records
    }


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
        sums = {name: f"=SUM({block.out(head)})/100" for name, head in heads.items() if row[name] is not None}
        sums[total] = f"=SUM({block.out(*ends)})/100"
        rows.append(tuple((row | {name: Cell(row[name], formula) for name, formula in sums.items()}).values()))
    return replace(splits, rows=tuple(rows))
