"""What must hold of the live figures, in words, as a sheet; and on the cover, in one line, whether all of it does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from bch_apportion.live.cells import AGAIN, WITHIN, Key, Known
from bch_apportion.live.components import Amounts, Parts
from bch_apportion.live.entered import STATE, Entered
from bch_apportion.live.splitting import AGREES
from bch_apportion.live.steps import Steps
from bch_apportion.live.tables import UNIT_YEAR, Block, Sheet, Table, counts
from bch_apportion.model import ControlTotal, Inputs, UnitCode
from bch_apportion.writing.report import Cell
from bch_apportion.years import FinancialYear

CHECKS = Sheet(
    "Checks",
    "What must hold of the live figures, in pence",
    (*UNIT_YEAR, ("check", "wide"), *counts("figure", "against", "difference"), ("says", "status")),
    "These checks recalculate with the figures. The sheet Controls shows what held when the program ran.",
)


class Check(NamedTuple):
    """Two figures that must be the same: a formula, and what it is held against. A number that is none is a failure."""

    unit: UnitCode
    year: FinancialYear | str
    check: str
    figure: str
    against: Known = Known("0", 0)
    otherwise: str = "DIFFERS"

    def cells(self) -> dict[str, Any]:
        says = f'=IF(ISNUMBER([difference]),IF([difference]=0,"OK","{self.otherwise}"),"{self.otherwise}")'
        cells = {name: value for name, value in self._asdict().items() if name != "otherwise"}
        figure, difference = Cell(self.against.value, f"={self.figure}"), Cell(0, "=[figure]-[against]")
        return {**cells, "figure": figure, "difference": difference, "says": Cell("OK", says)}


def checks(inputs: Inputs, steps: Steps, parts: Mapping[Key, Parts], amounts: Amounts) -> Table:
    """The sheet of everything that must hold."""
    table = Table(CHECKS)
    for check in (*_units(steps, parts, amounts), *_control_totals(inputs, parts, steps.lines), *_sheets(steps)):
        table.add(check.cells())
    return table


def _units(steps: Steps, parts: Mapping[Key, Parts], amounts: Amounts) -> Iterator[Check]:
    """What each unit and year must come to."""
    for key, own in parts.items():
        rows = amounts.rows[key]
        total = f"SUM({rows.out('total')})"
        yield Check(key.unit, key.year, "sum of forces = budget", total, against=steps.budgets[key].whole)
        if "no_loser" in own:
            adjusted = amounts.table.out("total", rows.first + list(own).index("no_loser"))
            yield Check(key.unit, key.year, "adjustments sum to zero", adjusted)


def _control_totals(inputs: Inputs, shown: Collection[Key], lines: Entered) -> Iterator[Check]:
    """Whether the budget lines still come to each control total all of whose units are shown."""
    for total in inputs.control_totals:
        units = {row.unit for row in inputs.budgets if row.year == total.year and total.unit in (None, row.unit)}
        if units and all(Key(unit, total.year) in shown for unit in units):
            against = Known(str(total.pence), total.pence)
            yield Check(total.unit or "all", total.year, f"budget = {total.cell}", _budgeted(total, lines), against)


def _budgeted(total: ControlTotal, lines: Entered) -> str:
    """The sum of the budget lines of a control total's year, and unit where it has one."""
    if total.unit is None:
        return f'SUMPRODUCT(({lines.since().out("year")}="{total.year}")*{lines.since().out("pence")})'
    rows = [n for n, row in enumerate(lines.rows, 2) if (row["unit"], row["year"]) == (total.unit, total.year)]
    return f"SUM({Block(lines, rows[0], rows[-1]).out('pence')})"


def _sheets(steps: Steps) -> Iterator[Check]:
    """That no row of a sheet says anything but OK."""
    totals = [division.totals for division in steps.divisions()]
    followed = "changed figures that the split does not follow"
    every: list[tuple[Table, str, str]] = [(table, STATE, followed) for table in steps.entered()]
    every += [(table, AGREES, "totals that differ from the sum of their parts") for table in totals]
    exact = (*totals, *steps.long_divisions(), steps.weighing.sources)
    every += [(table, WITHIN, "numbers too large for exact arithmetic") for table in exact]
    for table, column, what in every:
        says, otherwise = table.since().out(column), AGAIN if column == STATE else "DIFFERS"
        amiss = f'ROWS({says})-SUMPRODUCT(--(LEFT({says},2)="OK"))'
        if table.rows:
            yield Check("all", "", f"{table.name}: {what}", amiss, otherwise=otherwise)


BEFORE_SIGNING = "Lines, No loser and words on unit pages show old figures: run bch-apportion again before signing"


def status(checks: Table, steps: Steps) -> tuple[tuple[str, str | Cell], ...]:
    """The rows of the cover: what recalculates, and whether all checks hold."""
    says = checks.since().out("says")
    well, every = f'SUMPRODUCT(--({says}="OK"))', f"ROWS({says})"
    changed = "+".join(f'SUMPRODUCT(--({table.since().out(STATE)}<>"OK"))' for table in steps.entered())
    since = f'IF({changed}=0,"","; figures changed since the program wrote them: "&{changed}&"; {BEFORE_SIGNING}")'
    hold = f'"OK: all "&{every}&" checks hold"&{since}'
    amiss = f'"RUN AGAIN: "&{every}-{well}&" of "&{every}&" checks do not hold, see Checks"'
    checked = Cell(f"OK: all {len(checks.rows)} checks hold", f"=IF({well}={every},{hold},{amiss})")
    return ("Live figures", _recalculates(steps)), ("Live checks", checked)


def _recalculates(steps: Steps) -> str:
    *names, last = (table.name for table in steps.entered())
    listed = f"{', '.join(names)} and {last}" if names else last
    words = (
        f"The splits recalculate to the penny from the figures on {listed}. Beside each figure stands whether the "
        "split follows a change to it; where it does not, Live checks says to run bch-apportion again. The program's "
        "decisions do not recalculate (the basis of a unit, whether its data is robust, where a line goes), and nor do "
        "the other sheets."
    )
    standing = steps.standing()
    if not standing:
        return words
    stand, them = ("steps are plain values", "them") if standing > 1 else ("step is a plain value", "it")
    return f"{words} {standing} {stand}, because a spreadsheet cannot calculate {them} exactly; the sheets mark {them}."
