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


DIFFERS = "DIFFERS"


class Check(NamedTuple):
    """Two figures that must be the same: a formula, and what it is held against. A number that is none is a failure.

    `otherwise` is what it says where they are not.
    """

    unit: UnitCode
    year: FinancialYear | str
    check: str
    figure: str
    against: Known = Known("0", 0)
    otherwise: str = DIFFERS

    def cells(self) -> dict[str, Any]:
        says = f'=IF(ISNUMBER([difference]),IF([difference]=0,"OK","{self.otherwise}"),"{self.otherwise}")'
        cells = {name: value for name, value in self._asdict().items() if name != "otherwise"}
        figure, difference = Cell(self.against.value, f"={self.figure}"), Cell(0, "=[figure]-[against]")
        return {**cells, "figure": figure, "difference": difference, "says": Cell("OK", says)}


def checks(inputs: Inputs, steps: Steps, parts: Mapping[Key, Parts], amounts: Amounts) -> Table:
    """The sheet of everything that must hold."""
    table = Table(CHECKS)
    every = (*_control_totals(inputs, parts, steps.lines), *_units(steps, parts, amounts), *_sheets(steps))
    for check in (*every, _changes(steps)):
        table.add(check.cells())
    return table


def _changes(steps: Steps) -> Check:
    """How many figures were changed, which is no failure; the last row of the sheet."""
    counted = "+".join(f'SUMPRODUCT(--({table.since().out(STATE)}<>"OK"))' for table in steps.entered())
    return Check("all", "", "figures changed since the program wrote them", counted or "0", otherwise="OK: changed")


def changed_since(checks: Table) -> str:
    """The cell that counts the figures changed since the program wrote them."""
    return checks.out("figure", checks.next - 1)


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
        says, otherwise = table.since().out(column), DIFFERS if column == AGREES else AGAIN
        amiss = f'ROWS({says})-SUMPRODUCT(--(LEFT({says},2)="OK"))'
        if table.rows:
            yield Check("all", "", f"{table.name}: {what}", amiss, otherwise=otherwise)


BEFORE_SIGNING = "Lines, No loser and words on unit pages show old figures: run bch-apportion again before signing"


HOLD = "Values above: no input was changed since"  # never empty: a spreadsheet saves an empty text as no value
OLD = "Values above: an input was changed since, run bch-apportion again"


def status(checks: Table, steps: Steps) -> tuple[tuple[str, str | Cell], ...]:
    """What recalculates, and whether all checks hold or which fails: of several the first that says to run again."""
    held, changed = Block(checks, 2, checks.next - 2), changed_since(checks)
    says = held.out("says")
    well, every = f'SUMPRODUCT(--({says}="OK"))', f"ROWS({says})"
    since = f'IF({changed}=0,"","; figures changed since the program wrote them: "&{changed}&"; {BEFORE_SIGNING}")'
    again, differs = (f'MATCH("{word}",{says},0)' for word in (AGAIN, DIFFERS))
    named = f'IF(ISNUMBER({again}),"RUN AGAIN: "&{_named(held, again)},"{DIFFERS}: "&{_named(held, differs)})'
    more = f'IF({every}-{well}>1," and "&({every}-{well}-1)&" more","")&", see Checks"'
    hold = f'"OK: all "&{every}&" checks hold"'
    checked = Cell(f"OK: all {len(checks.rows) - 1} checks hold", f"=IF({well}={every},{hold},{named}&{more})&{since}")
    return ("Live figures", _recalculates(steps)), ("Live checks", checked)


def _named(held: Block, number: str) -> str:
    """A formula of what a row of the sheet checks, of which unit and year."""
    check, unit, year = (f"INDEX({held.out(column)},{number})" for column in ("check", "unit", "year"))
    return f'{check}&", "&TRIM({unit}&" "&{year})'


def mark(checks: Table) -> Cell:
    """What stands beside values: that they hold, until an input is changed."""
    return Cell(HOLD, f'=IF({changed_since(checks)}=0,"{HOLD}","{OLD}")')


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
