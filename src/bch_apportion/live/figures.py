"""The figures that the live sheets stand on: budget lines, NRE, volumes, agreed percentages, baselines, parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.live.cells import Key, Known, key_of
from bch_apportion.live.entered import Entered, Following, scale
from bch_apportion.live.tables import UNIT_YEAR, Sheet
from bch_apportion.model import AgreedSet, BudgetRow, ForceCode, Inputs, UnitCode
from bch_apportion.money import Exact, Pence
from bch_apportion.principles.nre_default import NreFigure
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.years import FinancialYear

# The sheets: the last head is that of the figures.
BUDGETS = Sheet(
    "Budget lines",
    "Budget lines, by where they go",
    (*UNIT_YEAR, "line", "subjective", "type", "goes to", "cell", ("amount (£)", "money")),
    "The program decides where a line goes (implementation, direct, held or pooled); that does not recalculate.",
)
NRE = Sheet(
    "NRE used",
    "Net revenue expenditure used",
    (("year", "year"), "force", "cell", ("source", "wide"), ("NRE (£)", "money")),
)
VOLUMES = Sheet(
    "Volumes used",
    "Volumes in the window, for units shared on demand",
    (*UNIT_YEAR, ("driver", "wide"), "months", "force", ("volume", "number")),
    "Each volume is the sum of a window's counted months. A month can lie in the windows of several years.",
)
DRIVERS = Sheet(
    "Drivers used", "Weights of the drivers used", ("unit", ("driver", "wide"), "cell", ("driver's weight", "number"))
)
AGREED = Sheet(
    "Agreed used",
    "Agreed percentages used",
    ("unit", ("from year", "year"), "force", "cell", ("share %", "number")),
    "The split follows a change if the percentages of the set sum to 100.",
)
BASELINES = Sheet("Baselines used", "Baselines used", ("unit", "force", "prices of", "cell", ("baseline (£)", "money")))
INDICES = Sheet("Indices used", "Price indices used", (("year", "year"), "cell", ("index", "number")))
TERMS = Sheet(
    "Terms used",
    "Parameters that the calculation uses",
    (*UNIT_YEAR, "parameter", ("value", "number")),
    "The numbers among the parameters, where the calculation reads them. The Assumptions log lists all parameters and "
    "where each was set.",
)


class BudgetCells(NamedTuple):
    """Where the budget lines of a unit and year stand on the sheet, as sums; each is a formula's term and its pence."""

    whole: Known
    implementation: Known
    revenue: Known
    direct: dict[ForceCode, Known]
    held: dict[ForceCode, Known]


def budget_lines(ledger: Ledger) -> tuple[Entered, dict[Key, BudgetCells]]:
    """The sheet of every budget line, and where those of each unit and year stand."""
    table = Entered(BUDGETS)
    return table, {key_of(result): _budget(table, result) for result in ledger.results}


def _budget(table: Entered, result: UnitYear) -> BudgetCells:
    """The lines of a unit and year, by where they go: implementation, direct, held, other revenue."""
    parts, first = result.parts, table.next
    implementation = _lines(table, parts.implementation, "implementation")
    direct: dict[ForceCode, Known] = {}
    for force in result.members:
        if own := [row for row in parts.direct if row.direct_to == force]:
            direct[force] = _lines(table, own, f"direct to {force}")
    revenue = table.next
    held = {
        force: _lines(table, [row for row in parts.held if row.held_by == force], f"held by {force}")
        for force in result.members
        if force in parts.staying
    }
    _lines(table, parts.unheld, "pooled")
    return BudgetCells(
        whole=_sum(table, first, result.budget()),
        implementation=implementation,
        revenue=_sum(table, revenue, sum(row.pence for row in parts.revenue)),
        direct=direct,
        held=held,
    )


def _lines(table: Entered, rows: Sequence[BudgetRow], goes: str) -> Known:
    """The sum of these lines, each entered."""
    first = table.next
    for row in rows:
        head = {"unit": row.unit, "year": row.year, "line": row.line, "subjective": row.subjective, "type": row.type}
        table.enter({**head, "goes to": goes, "cell": row.cell}, row.pence)
    return _sum(table, first, sum(row.pence for row in rows))


def _sum(table: Entered, first: int, pence: Pence) -> Known:
    """The sum of the lines from a row on; nothing where there are none."""
    return Known(f"SUM({table.since(first).out('pence')})", pence) if table.next > first else Known("0", 0)


SPARE_VOLUME, SPARE = 6, 4  # decimals that a changed figure may have where none of the given ones has as many
SOME = "{0}>=0", "SUM({span})>0"  # what figures that stand together must be, once changed
HUNDRED = "{0}>=0", f"ABS(SUM({{span}})-100)<1/{10**9}"
PERCENT = "{0}>=0", "{0}<=100"


class Scaled(NamedTuple):
    """Figures, and the whole number that makes them all whole."""

    figures: tuple[Known, ...]
    times: int

    def whole(self) -> list[Known]:
        """The figures times that number."""
        return [Known(f"ROUND({own.ref}*{self.times},0)", int(own.value * self.times)) for own in self.figures]


class Figures:
    """The input figures other than budget lines, each entered once, where first used."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.used: list[Known] = []  # those asked for, until whoever asks begins another list
        self.tables = [Entered(sheet) for sheet in (NRE, VOLUMES, DRIVERS, AGREED, BASELINES, INDICES, TERMS)]
        self._nre, self._volumes, self._drivers, self._agreed, self._baselines, self._indices, self._terms = self.tables

    def stands(self, used: Iterable[Known], what: str) -> None:
        """A step over these figures stands as a value."""
        for known in used:
            self._following(known).values[what] = None

    def decides(self, used: Iterable[Known], what: str) -> None:
        """On these figures the program decides something, which the formulas do not."""
        for known in used:
            self._following(known).decisions[what] = None

    def _following(self, known: Known) -> Following:
        return next(table.following[known.ref] for table in self.tables if known.ref in table.following)

    def _scaled(self, figures: tuple[Known, ...], *others: Fraction, spare: int = SPARE) -> Scaled:
        """These figures as whole numbers, by the factor that makes the others whole too."""
        self.used += figures
        times = scale([*(known.value for known in figures), *others], spare)
        for known in figures:
            self._following(known).whole(times)
        return Scaled(figures, times)

    def nre(self, figure: NreFigure) -> Known:
        """A force's NRE of a year, in pence."""
        given = figure.figure
        head = {"year": figure.year, "force": figure.force, "cell": given.cell, "source": given.source}
        (known,) = self._nre.once((figure.year, figure.force), [(head, given.pence)], "ROUND({0},2)>0")
        self.used.append(known)
        return known

    def nre_used(self, figures: Iterable[NreFigure]) -> list[Known]:
        """Those of these figures that are in the workbook."""
        return [own for figure in figures for own in self._nre.together.get((figure.year, figure.force), ())]

    def nre_of(self, year: FinancialYear) -> list[Known]:
        """The NRE of a year that is in the workbook."""
        forces = self.inputs.force_codes()
        return [own for force in forces for own in self._nre.together.get((year, force), ())]

    def is_volume(self, known: Known) -> bool:
        return known.ref in self._volumes.following

    def volumes(self, key: Key, driver: str, months: str, volumes: Mapping[ForceCode, Exact]) -> Scaled:
        """The volumes of a window or block."""
        head = {**key._asdict(), "driver": driver, "months": months}
        rows = [({**head, "force": force}, Fraction(volume)) for force, volume in volumes.items()]
        return self._scaled(self._volumes.once((key, driver, months), rows, *SOME), spare=SPARE_VOLUME)

    def volumes_used(self, key: Key, driver: str, months: str) -> tuple[Known, ...]:
        """The volumes of a window, where they are in the workbook."""
        return self._volumes.together.get((key, driver, months), ())

    def drivers(self, unit: UnitCode) -> Scaled:
        """The weights of a unit's drivers."""
        given = self.inputs.drivers[unit]
        rows = [({"unit": unit, "driver": own.driver, "cell": own.cell}, own.weight) for own in given]
        return self._scaled(self._drivers.once(unit, rows, *SOME))

    def agreed(self, given: AgreedSet, members: Sequence[ForceCode]) -> Scaled:
        """The agreed percentages of a set."""
        head = {"unit": given.unit, "from year": given.from_year}
        rows = [({**head, "force": f, "cell": given.cells.get(f, "")}, given.shares[f] * 100) for f in members]
        return self._scaled(self._agreed.once((given.unit, given.from_year, *members), rows, *HUNDRED))

    def baseline(self, unit: UnitCode, force: ForceCode) -> Known:
        """What a force paid before, in pence."""
        given = self.inputs.baselines[unit][force]
        head = {"unit": unit, "force": force, "prices of": str(given.year or ""), "cell": given.cell}
        return self._baselines.once((unit, force), [(head, given.pence)])[0]

    def indices(self, *years: FinancialYear) -> Scaled:
        """The price indices of these years."""
        return self._scaled(tuple(map(self._index, years)))

    def _index(self, year: FinancialYear) -> Known:
        given = self.inputs.deflators[year]
        return self._indices.once(year, [({"year": year, "cell": given.cell}, given.index)], "{0}>0")[0]

    def percent(self, result: UnitYear, name: str, value: Fraction) -> Scaled:
        """A percentage of a unit's terms."""
        return self._scaled(self._term(result, name, value, *PERCENT), Fraction(100))

    def days_not_pooled(self, result: UnitYear) -> Known:
        """How many days of the year a unit's budget is not pooled."""
        days = result.year.days()
        bounds = ("{0}>=1", f"{{0}}<={days}", "INT({0})={0}")
        return self._term(result, "days not pooled", days * (1 - result.parts.fraction), *bounds)[0]

    def _term(self, result: UnitYear, name: str, value: Fraction, *conditions: str) -> tuple[Known, ...]:
        head = {**key_of(result)._asdict(), "parameter": name}
        return self._terms.once((key_of(result), name), [(head, value)], *conditions)
