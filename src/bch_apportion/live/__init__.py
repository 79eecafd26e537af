"""The live workbook of `compute`: the splits as formulas over the input figures in the same file.

The way of a penny, each step a sheet: budget lines, NRE, volumes → sources of shares → weights → quotas → no loser →
amounts → splits. Every cell that is worked out is a formula with its value stored beside it; a value stands alone where
it is an input, a decision of the program (the basis, where a line goes), or a number that a spreadsheet could not hold.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.live.components import Holding, Parts, Protection, amounts, force_head
from bch_apportion.live.dividing import Dividing
from bch_apportion.live.entered import STATE, Entered
from bch_apportion.live.figures import BudgetCells, Figures, budget_lines
from bch_apportion.live.mixing import Mixing
from bch_apportion.live.shares import Weighing
from bch_apportion.live.splitting import Splitting
from bch_apportion.live.tables import AGAIN, SUM, WITHIN, Key, Known, Table
from bch_apportion.model import ControlTotal, Inputs
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
    pence += sum(abs(one.pence) for by_force in inputs.baselines.values() for one in by_force.values())
    if pence >= SUM // 10 or any(figure.pence >= SUM // 10 for figure in inputs.nre.values()):
        return "the amounts are more than a spreadsheet's numbers hold exactly"
    return ""


def _rows(result: UnitYear) -> int:
    blocks = 1 + (result.terms.share_decimals is not None) + (result.implementation_nre is not None)
    return len(result.members) * (blocks + 2 * (result.no_loser is not None))


class Steps(NamedTuple):
    """The sheets of the calculation, as they grow."""

    lines: Entered
    figures: Figures
    rounding: Splitting
    weighing: Weighing
    holding: Holding
    splitting: Splitting
    protection: Protection

    def divisions(self) -> tuple[Splitting, ...]:
        return self.rounding, self.splitting, self.protection.splitting

    def long_divisions(self) -> list[Dividing]:
        mixed = [one.mixing.divisions for one in self.divisions() if one.mixing is not None]
        return [*mixed, self.holding.division, self.protection.uprating, self.protection.part]

    def entered(self) -> list[Entered]:
        return [one for one in (self.lines, *self.figures.tables()) if one.rows]

    def standing(self) -> int:
        """How many steps stand as values."""
        splits = sum(one.standing for one in self.divisions())
        return len(self.weighing.standing) + splits + sum(one.standing for one in self.long_divisions())

    def tables(self) -> list[Table]:
        """All of them, in the order of the way."""
        weighing, protection = self.weighing, self.protection
        tables: list[Table] = [*self.entered(), weighing.sources, weighing.weights]
        tables += [*_splitting_tables(self.rounding), self.holding.division, self.holding.table]
        tables += [*_splitting_tables(self.splitting), protection.uprating, protection.uprated]
        tables += [*_splitting_tables(protection.splitting), protection.part, protection.table]
        return [table for table in tables if table.rows]


def _splitting_tables(one: Splitting) -> list[Table]:
    mixing: list[Table] = [one.mixing.divisions, one.mixing.sums] if one.mixing is not None else []
    return [one.totals, one.quotas, *mixing]


def _steps(ledger: Ledger) -> tuple[Steps, dict[Key, BudgetCells]]:
    lines_table, lines = budget_lines(ledger)
    figures = Figures(ledger.inputs)
    about = "Shares brought to decimals"
    rounding = Splitting("Share totals", "Share quotas", about, Mixing("Share divisions", "Share sums", about))
    about = "Pooled and implementation cost"
    splitting = Splitting("Totals to share", "Quotas", about, Mixing("Divisions by source", "Sums of sources", about))
    relief = Splitting("Relief totals", "Relief quotas", "No-loser relief")
    weighing, protection = Weighing(figures, rounding), Protection(figures, relief)
    return Steps(lines_table, figures, rounding, weighing, Holding(figures), splitting, protection), lines


def live_sheets(ledger: Ledger, splits: Report) -> Live:
    """The live sheets of a ledger, which is not too large for them; `splits` is the table that becomes live."""
    steps, lines = _steps(ledger)
    found: dict[Key, Parts] = {}
    for result in ledger.results:
        key = result.unit.code, result.year
        found[key] = _components(result, lines[key], steps)
        _sound(result, found[key])
    steps.weighing.doubts(ledger.results)
    table, rows = amounts(ledger, found)
    checks = _checks(ledger.inputs, lines, found, rows, table, steps)
    reports = tuple(step.report() for step in (table, *steps.tables()))
    return Live(
        _live(splits, ledger, table, rows),
        checks.report(),
        reports,
        _status(checks, steps),
        steps.weighing.shares,
        found,
        steps.protection.baselines,
        steps.figures,
    )


def _components(result: UnitYear, lines: BudgetCells, steps: Steps) -> Parts:
    """Every component of a unit's year, in cells."""
    key, members = (result.unit.code, result.year), result.members
    weights = steps.weighing.weigh(result)
    held = steps.holding.stay(result, lines)
    pooled = Known("-".join([lines.revenue.ref, *(one.ref for one in held.values())]), result.parts.pooled())
    shared = steps.splitting.block(key, "pooled", pooled, members, weights)
    found: Parts = {"pooled": dict(zip(members, shared, strict=True))}
    if held:
        found["held"] = held
    if lines.direct:
        found["direct"] = lines.direct
    if result.implementation_nre is not None:
        nre = [steps.figures.nre(figure) for figure in result.implementation_nre.figures]
        shared_nre = steps.splitting.block(key, "implementation", lines.implementation, members, nre)
        found["implementation"] = dict(zip(members, shared_nre, strict=True))
    if result.no_loser is not None:
        found["no_loser"] = steps.protection.adjust(result, result.no_loser, shared)
    return found


def _sound(result: UnitYear, found: Parts) -> None:
    """The cells say what the ledger says, or nothing is written."""
    paid = dict.fromkeys(result.members, 0)
    for by_force in found.values():
        for force, known in by_force.items():
            paid[force] += known.value
    if paid != result.totals():
        raise ValueError(f"{result.unit.code} {result.year}: cells {paid}, lines {result.totals()}")


def _live(report: Report, ledger: Ledger, table: Table, rows: dict[Key, tuple[int, int]]) -> Report:
    """The splits, every amount a sum of pence on the sheet of amounts."""
    forces = ledger.inputs.force_codes()
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
    inputs: Inputs,
    lines: dict[Key, BudgetCells],
    found: dict[Key, Parts],
    rows: dict[Key, tuple[int, int]],
    table: Table,
    steps: Steps,
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
    for total in inputs.control_totals:
        _control_total(checks, total, inputs, found, steps.lines)
    for one in steps.entered():
        _all_well(checks, one, f"{one.name}: figures that were changed and are not followed", STATE, AGAIN)
    totals: list[Table] = [division.totals for division in steps.divisions()]
    held = [*totals, *steps.long_divisions(), steps.weighing.sources]
    for each, what, column in (
        *((each, "parts that do not sum to it", "parts sum to the total") for each in totals),
        *((each, "more than the arithmetic holds", WITHIN) for each in held),
    ):
        if each.rows:
            _all_well(checks, each, f"{each.name}: {what}", column, "DIFFERS")
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
        _says(checks, row, "DIFFERS"),
    )


def _control_total(checks: Table, total: ControlTotal, inputs: Inputs, found: Collection[Key], lines: Entered) -> None:
    """Whether the budget lines still come to a control total, where all of its units are shown."""
    units = {row.unit for row in inputs.budgets if row.year == total.year and total.unit in (None, row.unit)}
    if not units or not all((unit, total.year) in found for unit in units):
        return
    years, pence = (lines.span(name, 2, lines.next - 1) for name in ("year", "pence"))
    rows = [place for place, row in enumerate(lines.rows, 2) if (row[0], row[1]) == (total.unit, total.year)]
    figure = f"SUM({lines.out_span('pence', rows[0], rows[-1])})" if rows else ""
    if total.unit is None:
        sheet = f"'{lines.name}'!"
        figure = f'SUMPRODUCT(({sheet}{years}="{total.year}")*{sheet}{pence})'
    key = total.unit or "all", total.year
    _check(checks, key, f"budget = {total.cell}", figure, Known(str(total.pence), total.pence))


def _says(checks: Table, row: int, otherwise: str) -> Cell:
    """OK where there is no difference; an error, as of a figure that is no number, is one."""
    difference = checks.at("difference", row)
    return Cell("OK", f'=IF(ISNUMBER({difference}),IF({difference}=0,"OK","{otherwise}"),"{otherwise}")')


def _all_well(checks: Table, table: Table, what: str, column: str, otherwise: str) -> None:
    """How many rows of a table do not say OK."""
    span = table.out_span(column, 2, table.next - 1)
    row = checks.next
    checks.add(
        "all",
        "",
        what,
        Cell(0, f'=ROWS({span})-SUMPRODUCT(--(LEFT({span},2)="OK"))'),
        Cell(0, "=0"),
        Cell(0, f"={checks.at('figure', row)}-{checks.at('against', row)}"),
        _says(checks, row, otherwise),
    )


BEFORE_SIGNING = "Lines, No loser and words on unit pages are of the old ones, so run bch-apportion again to sign"


def _status(checks: Table, steps: Steps) -> tuple[tuple[str, str | Cell], ...]:
    span = checks.out_span("says", 2, checks.next - 1)
    good, all_of = f'SUMPRODUCT(--({span}="OK"))', f"ROWS({span})"
    states = [one.out_span(STATE, 2, one.next - 1) for one in steps.entered()]
    changed = "+".join(f'SUMPRODUCT(--({one}<>"OK"))' for one in states)
    since = f'IF({changed}=0,"","; figures changed since it was written: "&{changed}&"; {BEFORE_SIGNING}")'
    well = f'"OK: all "&{all_of}&" hold"&{since}'
    amiss = f'"RUN AGAIN: "&{all_of}-{good}&" of "&{all_of}&" do not hold, see Checks"'
    said = Cell(f"OK: all {len(checks.rows)} hold", f"=IF({good}={all_of},{well},{amiss})")
    names = [one.name for one in steps.entered()]
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    words = (
        f"The splits recalculate, to the same pennies, from the figures on {listed}. Each figure says there whether "
        "the split follows a change of it; where it does not, Live checks says to run bch-apportion again. What the "
        "program decides does not recalculate: the basis of a unit, whether its data is robust, where a line goes; nor "
        "do the other sheets."
    )
    standing = steps.standing()
    if standing:
        words += (
            f" {standing} step{'s stand as values' if standing > 1 else ' stands as a value'}, since a spreadsheet's "
            f"numbers do not hold {'them' if standing > 1 else 'it'}; each says so beside it."
        )
    return ("Live figures", words), ("Live checks", said)
