"""The figures that the live sheets stand on: budget lines, NRE, volumes, agreed percentages, baselines, parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.live.cells import Key, Known, key_of
from bch_apportion.live.entered import Entered, scale
from bch_apportion.live.tables import UNIT_YEAR, Sheet
from bch_apportion.model import AgreedSet, BudgetRow, ForceCode, Inputs, UnitCode
from bch_apportion.money import Exact, Pence
from bch_apportion.principles.nre_default import NreFigure
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.years import FinancialYear

BUDGETS = Sheet(
    "Budget lines",
    "Budget lines, by where they go",
    (*UNIT_YEAR, "line", "subjective", "type", "goes to", "cell"),
    "The program decides where a line goes (implementation, direct, held or pooled); that does not recalculate.",
)
NRE = Sheet("NRE used", "Net revenue expenditure used", (("year", "year"), "force", "cell", ("source", "wide")))
VOLUMES = Sheet(
    "Volumes used",
    "Volumes in the window, for units shared on demand",
    (*UNIT_YEAR, ("driver", "wide"), "months", "force"),
    "Each volume is the sum of a window's counted months. A month can lie in the windows of several years.",
)
DRIVERS = Sheet("Drivers used", "Weights of the drivers used", ("unit", ("driver", "wide"), "cell"))
AGREED = Sheet(
    "Agreed used",
    "Agreed percentages used",
    ("unit", ("from year", "year"), "force", "cell"),
    "The split follows a change if the percentages of the set sum to 100.",
)
BASELINES = Sheet("Baselines used", "Baselines used", ("unit", "force", "prices of", "cell"))
INDICES = Sheet("Indices used", "Price indices used", (("year", "year"), "cell"))
TERMS = Sheet(
    "Terms used",
    "Parameters that the calculation uses",
    (*UNIT_YEAR, "parameter"),
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
    table = Entered(BUDGETS, "amount (£)", "money")
    return table, {key_of(result): _budget(table, result) for result in ledger.results}


def _budget(table: Entered, result: UnitYear) -> BudgetCells:
    """The lines of a unit and year, by where they go: implementation, direct, held, other revenue."""
    parts, first = result.parts, table.next
    implementation = _lines(table, parts.implementation, "implementation")
    direct = {
        force: _lines(table, own, f"direct to {force}")
        for force in result.members
        if (own := [row for row in parts.direct if row.direct_to == force])
    }
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


def _lines(table: Entered, rows: Iterable[BudgetRow], goes: str) -> Known:
    """The sum of these lines, each entered."""
    first, total = table.next, 0
    for row in rows:
        head = {"unit": row.unit, "year": row.year, "line": row.line, "subjective": row.subjective, "type": row.type}
        table.enter({**head, "goes to": goes, "cell": row.cell}, row.pence)
        total += row.pence
    return _sum(table, first, total)


def _sum(table: Entered, first: int, pence: Pence) -> Known:
    """The sum of the lines from a row on; nothing where there are none."""
    return Known(f"SUM({table.since(first).out('pence')})", pence) if table.next > first else Known("0", 0)


SPARE_VOLUME, SPARE = 6, 4  # decimals that a changed figure may have where none of the given ones has as many
SOME = "SUM({span})>0"  # what figures that stand together must be, once changed
HUNDRED = f"ABS(SUM({{span}})-100)<1/{10**9}"


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
        self.nre_table = Entered(NRE, "NRE (£)", "money")
        self.volume_table = Entered(VOLUMES, "volume", "number")
        self.driver_table = Entered(DRIVERS, "driver's weight", "number")
        self.agreed_table = Entered(AGREED, "share %", "number")
        self.baseline_table = Entered(BASELINES, "baseline (£)", "money")
        self.index_table = Entered(INDICES, "index", "number")
        self.terms_table = Entered(TERMS, "value", "number")
        self._nre: dict[tuple[FinancialYear, ForceCode], Known] = {}
        self._drivers: dict[UnitCode, tuple[Known, ...]] = {}
        self._agreed: dict[tuple[UnitCode, FinancialYear], dict[ForceCode, Known]] = {}
        self._baselines: dict[tuple[UnitCode, ForceCode], Known] = {}
        self._indices: dict[FinancialYear, Known] = {}
        self._terms: dict[tuple[Key, str], Known] = {}
        self._volumes: dict[tuple[Key, str, str], tuple[Known, ...]] = {}
        self._rows: dict[str, tuple[Entered, int]] = {}  # where the figure of a reference stands

    def tables(self) -> list[Entered]:
        inputs = [self.nre_table, self.volume_table, self.driver_table, self.agreed_table]
        return [*inputs, self.baseline_table, self.index_table, self.terms_table]

    def _enter(self, table: Entered, head: Mapping[str, Any], value: Exact, *conditions: str) -> Known:
        """A figure in a row of its own, whose changes are followed where the conditions are true."""
        known = table.enter(head, value)
        self._rows[known.ref] = table, table.next - 1
        table.only_if(table.next - 1, *conditions)
        return known

    def _together(
        self, table: Entered, rows: Iterable[tuple[Mapping[str, Any], Exact]], condition: str, times: int
    ) -> tuple[Known, ...]:
        """Figures one below the other, none negative, whose changes are followed where `condition` holds of them."""
        first = table.next
        entered = tuple(self._enter(table, head, value) for head, value in rows)
        together = condition.format(span=table.since(first).span(table.figure))
        for row in range(first, table.next):
            table.only_if(row, "{0}>=0", together)
            table.whole(row, times)
        return entered

    def stands(self, used: Iterable[Known], what: str) -> None:
        """A step over these figures stands as a value."""
        for known in used:
            table, row = self._rows[known.ref]
            table.stands(row, what)

    def decides(self, used: Iterable[Known], what: str) -> None:
        """On these figures the program decides something."""
        for known in used:
            table, row = self._rows[known.ref]
            table.decides(row, what)

    def nre(self, figure: NreFigure) -> Known:
        """A force's NRE of a year, in pence."""
        key, given = (figure.year, figure.force), figure.figure
        if key not in self._nre:
            head = {"year": figure.year, "force": figure.force, "cell": given.cell, "source": given.source}
            self._nre[key] = self._enter(self.nre_table, head, given.pence, "ROUND({0},2)>0")
        return self._nre[key]

    def nre_used(self, figure: NreFigure) -> Known | None:
        """A force's NRE of a year, where it is in the workbook."""
        return self._nre.get((figure.year, figure.force))

    def nre_of(self, year: FinancialYear) -> list[Known]:
        """The NRE of a year that is in the workbook."""
        return [known for (of_year, _), known in self._nre.items() if of_year == year]

    def is_volume(self, known: Known) -> bool:
        return self._rows[known.ref][0] is self.volume_table

    def volumes(self, key: Key, driver: str, months: str, volumes: Mapping[ForceCode, Exact]) -> Scaled:
        """The volumes of a window or block."""
        exact = {force: Fraction(volume) for force, volume in volumes.items()}
        times = scale(exact.values(), SPARE_VOLUME)
        head = {**key._asdict(), "driver": driver, "months": months}
        rows = [({**head, "force": force}, volume) for force, volume in exact.items()]
        entered = self._volumes[key, driver, months] = self._together(self.volume_table, rows, SOME, times)
        return Scaled(entered, times)

    def volumes_used(self, key: Key, driver: str, months: str) -> tuple[Known, ...]:
        """The volumes of a window, where they are in the workbook."""
        return self._volumes.get((key, driver, months), ())

    def drivers(self, unit: UnitCode) -> Scaled:
        """The weights of a unit's drivers."""
        given = self.inputs.drivers[unit]
        times = scale([driver.weight for driver in given], SPARE)
        if unit not in self._drivers:
            rows = [({"unit": unit, "driver": own.driver, "cell": own.cell}, own.weight) for own in given]
            self._drivers[unit] = self._together(self.driver_table, rows, SOME, times)
        return Scaled(self._drivers[unit], times)

    def agreed(self, given: AgreedSet, members: Sequence[ForceCode]) -> Scaled:
        """The agreed percentages of a set."""
        percents = {force: given.shares[force] * 100 for force in members}
        times, key = scale(percents.values(), SPARE), (given.unit, given.from_year)
        if key not in self._agreed:
            head = {"unit": given.unit, "from year": given.from_year}
            rows = [({**head, "force": f, "cell": given.cells.get(f, "")}, percent) for f, percent in percents.items()]
            entered = self._together(self.agreed_table, rows, HUNDRED, times)
            self._agreed[key] = dict(zip(members, entered, strict=True))
        return Scaled(tuple(self._agreed[key][force] for force in members), times)

    def baseline(self, unit: UnitCode, force: ForceCode) -> Known:
        """What a force paid before, in pence."""
        if (unit, force) not in self._baselines:
            given = self.inputs.baselines[unit][force]
            head = {"unit": unit, "force": force, "prices of": str(given.year or ""), "cell": given.cell}
            self._baselines[unit, force] = self._enter(self.baseline_table, head, given.pence)
        return self._baselines[unit, force]

    def indices(self, *years: FinancialYear) -> Scaled:
        """The price indices of these years."""
        given = tuple(map(self._index, years))
        return self._scaled(given, [known.value for known in given])

    def _index(self, year: FinancialYear) -> Known:
        if year not in self._indices:
            given = self.inputs.deflators[year]
            head = {"year": year, "cell": given.cell}
            self._indices[year] = self._enter(self.index_table, head, given.index, "{0}>0")
        return self._indices[year]

    def _scaled(self, figures: tuple[Known, ...], values: Sequence[Fraction]) -> Scaled:
        """These figures as whole numbers, by the factor that makes these values whole."""
        times = scale(values, SPARE)
        for known in figures:
            table, row = self._rows[known.ref]
            table.whole(row, times)
        return Scaled(figures, times)

    def percent(self, result: UnitYear, name: str, value: Fraction) -> Scaled:
        """A percentage of a unit's terms."""
        given = self._term(result, name, value, "{0}>=0", "{0}<=100")
        return self._scaled((given,), [given.value, Fraction(100)])

    def days_not_pooled(self, result: UnitYear) -> Known:
        """How many days of the year a unit's budget is not pooled."""
        days = result.year.days()
        bounds = ("{0}>=1", f"{{0}}<={days}", "INT({0})={0}")
        return self._term(result, "days not pooled", days * (1 - result.parts.fraction), *bounds)

    def _term(self, result: UnitYear, name: str, value: Exact, *conditions: str) -> Known:
        key = key_of(result)
        if (key, name) not in self._terms:
            head = {**key._asdict(), "parameter": name}
            self._terms[key, name] = self._enter(self.terms_table, head, value, *conditions)
        return self._terms[key, name]
