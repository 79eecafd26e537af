"""The live workbook of `compute`: the splits as formulas over the input figures in the same file.

The way of a penny, each step a sheet: budget lines, NRE, volumes → sources of shares → weights → quotas → no loser →
amounts → splits. Every cell that is worked out is a formula with its value stored beside it; a value stands alone where
it is an input, a decision of the program (the basis, where a line goes), or a number that a spreadsheet could not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.recipe import UnitYear
from bch_apportion.reports.live.components import Holding, Parts, Protection, amounts, force_head
from bch_apportion.reports.live.figures import BudgetCells, Figures, budget_lines
from bch_apportion.reports.live.shares import Weighing
from bch_apportion.reports.live.splitting import Splitting
from bch_apportion.reports.live.tables import SUM, WITHIN, Key, Known, Table
from bch_apportion.reports.report import Cell, Report
from bch_apportion.reports.splits import splits

MOST_ROWS = 30_000


class Live(NamedTuple):
    """The live sheets of a ledger: the splits, the steps, and where shares and amounts stand for other sheets."""

    splits: Report
    checks: Report
    steps: tuple[Report, ...]
    status: tuple[tuple[str, str | Cell], ...]  # rows of the cover
    shares: dict[Key, list[Known]]
    amounts: dict[Key, Parts]
    figures: Figures


def too_large(ledger: Ledger) -> str:
    """Why a ledger's figures are written as plain values; nothing where they can be live."""
    rows = sum(_rows(result) for result in ledger.results)
    if rows > MOST_ROWS:
        return f"{rows:,} rows of calculation are more than {MOST_ROWS:,}; narrow them with --unit or --year"
    inputs = ledger.inputs
    pence = sum(abs(row.pence) for row in inputs.budgets)
    pence += sum(abs(one.pence) for by_force in inputs.baselines.values() for one in by_force.values())
    if pence >= SUM // 10 or any(figure.pence >= SUM // 10 for figure in inputs.nre.values()):
        return "the amounts are more than a spreadsheet's numbers hold exactly"
    return ""


def _rows(result: UnitYear) -> int:
    blocks = 1 + (result.terms.share_decimals is not None) + (result.implementation_nre is not None)
    return len(result.members) * (blocks + 2 * (result.no_loser is not None))


def live_sheets(ledger: Ledger) -> Live:
    """The live sheets of a ledger, which is not too large for them."""
    lines_table, lines = budget_lines(ledger)
    figures = Figures(ledger.inputs)
    rounding = Splitting("Share totals", "Share quotas", "Shares brought to decimals")
    splitting = Splitting("Totals to share", "Quotas", "Pooled and implementation cost")
    relief = Splitting("Relief totals", "Relief quotas", "No-loser relief")
    weighing, holding = Weighing(figures, rounding), Holding(figures)
    protection = Protection(figures, relief)
    divisions = (rounding, splitting, relief)
    found: dict[Key, Parts] = {}
    for result in ledger.results:
        key = result.unit.code, result.year
        found[key] = _components(result, lines[key], splitting, weighing, holding, protection)
        _sound(result, found[key])
    table, rows = amounts(ledger, found)
    checks = _checks(ledger, lines, found, rows, table, divisions, weighing.sources)
    steps = [
        table,
        lines_table,
        *figures.tables(),
        weighing.sources,
        weighing.weights,
        rounding.totals,
        rounding.quotas,
        holding.table,
        splitting.totals,
        splitting.quotas,
        protection.uprated,
        relief.totals,
        relief.quotas,
        protection.table,
    ]
    return Live(
        _splits(ledger, table, rows),
        checks.report(),
        tuple(step.report() for step in steps if step.rows),
        _status(checks, divisions),
        weighing.shares,
        found,
        figures,
    )


def _components(
    result: UnitYear,
    lines: BudgetCells,
    splitting: Splitting,
    weighing: Weighing,
    holding: Holding,
    protection: Protection,
) -> Parts:
    """Every component of a unit's year, in cells."""
    key, members = (result.unit.code, result.year), result.members
    weights = weighing.weigh(result)
    held = holding.stay(result, lines)
    pooled = Known("-".join([lines.revenue.ref, *(one.ref for one in held.values())]), result.parts.pooled())
    shared = splitting.block(key, "pooled", pooled, members, weights)
    found: Parts = {"pooled": dict(zip(members, shared, strict=True))}
    if held:
        found["held"] = held
    if lines.direct:
        found["direct"] = lines.direct
    if result.implementation_nre is not None:
        nre = [protection.figures.nre(figure) for figure in result.implementation_nre.figures]
        shared_nre = splitting.block(key, "implementation", lines.implementation, members, nre)
        found["implementation"] = dict(zip(members, shared_nre, strict=True))
    if result.no_loser is not None:
        found["no_loser"] = protection.adjust(result, result.no_loser, shared)
    return found


def _sound(result: UnitYear, found: Parts) -> None:
    """The cells say what the ledger says, or nothing is written."""
    paid = dict.fromkeys(result.members, 0)
    for by_force in found.values():
        for force, known in by_force.items():
            paid[force] += known.value
    if paid != result.totals():
        raise ValueError(f"{result.unit.code} {result.year}: cells {paid}, lines {result.totals()}")


def _splits(ledger: Ledger, table: Table, rows: dict[Key, tuple[int, int]]) -> Report:
    """The splits, every amount a sum of pence on the sheet of amounts."""
    report, forces = splits(ledger), ledger.inputs.force_codes()
    names = [force_head(force) for force in forces]
    years = {year: [rows[key] for key in rows if key[1] == year] for year in ledger.years()}
    live_rows = []
    for number, row in enumerate(report.rows):
        total = number >= len(report.rows) - report.totals
        spans = years[row[1]] if total else [rows[row[0], row[1]]]
        first, last = spans[0][0], spans[-1][1]
        cells: list[Cell | None] = [
            Cell(value, f"=SUM({table.out_span(name, first, last)})/100") if value is not None else None
            for name, value in zip(names, row[3:-1], strict=True)
        ]
        whole = f"'{table.name}'!{table.at(names[0], first)}:{table.at(names[-1], last)}"
        live_rows.append((*row[:3], *cells, Cell(row[-1], f"=SUM({whole})/100")))
    return replace(report, rows=tuple(live_rows))


def _checks(
    ledger: Ledger,
    lines: dict[Key, BudgetCells],
    found: dict[Key, Parts],
    rows: dict[Key, tuple[int, int]],
    table: Table,
    divisions: Sequence[Splitting],
    sources: Table,
) -> Table:
    """What must hold of the live figures, in words."""
    checks = Table(
        "Checks",
        "What must hold of the live figures, in pence",
        (
            "unit",
            ("year", "year"),
            ("check", "wide"),
            ("figure", "count"),
            ("against", "count"),
            ("difference", "count"),
            ("says", "status"),
        ),
        "They recalculate with the figures; the sheet Controls says how it stood when the program computed.",
    )
    for key, parts in found.items():
        first, last = rows[key]
        whole = lines[key].whole
        _check(checks, key, "sum of forces = budget", f"SUM({table.out_span('total', first, last)})", whole)
        if "no_loser" in parts:
            adjusted = table.out("total", first + list(parts).index("no_loser"))
            _check(checks, key, "adjustments sum to zero", adjusted, Known("0", 0))
    tables = [division.totals for division in divisions]
    for one, what, column in (
        *((each, "parts that do not sum to it", "parts sum to the total") for each in tables),
        *((each, "more than the arithmetic holds", WITHIN) for each in (*tables, sources)),
    ):
        if one.rows:
            _all_well(checks, one, f"{one.name}: {what}", column)
    return checks


def _check(checks: Table, key: Key, what: str, figure: str, against: Known) -> None:
    row = checks.next
    at, other = checks.at("figure", row), checks.at("against", row)
    checks.add(
        *key,
        what,
        Cell(against.value, f"={figure}"),
        Cell(against.value, f"={against.ref}"),
        Cell(0, f"={at}-{other}"),
        Cell("OK", f'=IF({checks.at("difference", row)}=0,"OK","DIFFERS")'),
    )


def _all_well(checks: Table, table: Table, what: str, column: str) -> None:
    """How many rows of a table do not say OK."""
    span = table.out_span(column, 2, table.next - 1)
    row = checks.next
    difference = checks.at("difference", row)
    checks.add(
        "all",
        "",
        what,
        Cell(0, f'=ROWS({span})-SUMPRODUCT(--(LEFT({span},2)="OK"))'),
        Cell(0, "=0"),
        Cell(0, f"={checks.at('figure', row)}-{checks.at('against', row)}"),
        Cell("OK", f'=IF({difference}=0,"OK","DIFFERS")'),
    )


def _status(checks: Table, divisions: Sequence[Splitting]) -> tuple[tuple[str, str | Cell], ...]:
    span = checks.out_span("says", 2, checks.next - 1)
    good, all_of = f'SUMPRODUCT(--({span}="OK"))', f"ROWS({span})"
    well = f'"OK: all "&{all_of}&" hold"'
    amiss = f'"DIFFERS: "&{all_of}-{good}&" of "&{all_of}&", see Checks"'
    said = Cell(f"OK: all {len(checks.rows)} hold", f"=IF({good}={all_of},{well},{amiss})")
    totals = [row for division in divisions for row in division.totals.rows]
    fixed = sum(isinstance(row[-1], str) for row in totals)
    words = (
        "The splits recalculate, to the same pennies, from the figures on Budget lines, NRE used, Volumes used, Agreed "
        "used, Baselines used and Terms used. What the program decided does not: the basis of a unit, whether its data "
        "is robust, where a line goes; nor do the other sheets. Run bch-apportion again for those."
    )
    if fixed:
        words += (
            f" In {fixed} of {len(totals)} divisions the odd pennies stand as values, since a "
            "spreadsheet's numbers do not hold them; each says so beside it."
        )
    return ("Live figures", words), ("Live checks", said)
