"""The figures that the live sheets stand on: budget lines, NRE, volumes, agreed percentages, baselines, parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.live.entered import Entered, scale
from bch_apportion.live.tables import Key, Known
from bch_apportion.model import AgreedSet, BudgetRow, ForceCode, Inputs
from bch_apportion.money import Exact
from bch_apportion.principles.nre_default import NreFigure
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.years import FinancialYear


@dataclass(slots=True)
class BudgetCells:
    """Where the budget lines of a unit and year stand on the sheet, as sums; each is a formula's term and its pence."""

    whole: Known
    implementation: Known
    revenue: Known
    direct: dict[ForceCode, Known] = field(default_factory=dict)
    held: dict[ForceCode, Known] = field(default_factory=dict)


def budget_lines(ledger: Ledger) -> tuple[Entered, dict[Key, BudgetCells]]:
    """Every budget line, grouped by where it goes: implementation, direct, held, other revenue."""
    table = Entered(
        "Budget lines",
        "Budget lines, by where they go",
        ("unit", ("year", "year"), "line", "subjective", "type", "goes to", "cell"),
        "amount (£)",
        "money",
        "Where a line goes (implementation, direct, held, pooled) is decided by the program and does not recalculate.",
    )
    found: dict[Key, BudgetCells] = {}
    for result in ledger.results:
        first = table.next
        parts = result.parts
        implementation = _lines(table, parts.implementation, "implementation")
        direct = {
            force: _lines(table, [row for row in parts.direct if row.direct_to == force], f"direct to {force}")
            for force in result.members
            if any(row.direct_to == force for row in parts.direct)
        }
        revenue = table.next
        held = {
            force: _lines(table, [row for row in parts.held if row.held_by == force], f"held by {force}")
            for force in result.members
            if force in parts.staying
        }
        _lines(table, parts.unheld, "pooled")
        total = sum(row.pence for row in parts.revenue)
        pooled = Known(_sum(table, revenue), total) if parts.revenue else Known("0", 0)
        found[result.unit.code, result.year] = BudgetCells(
            Known(_sum(table, first), result.budget()), implementation, pooled, direct, held
        )
    return table, found


def _sum(table: Entered, first: int) -> str:
    return f"SUM({table.out_span('pence', first, table.next - 1)})"


def _lines(table: Entered, rows: Iterable[BudgetRow], goes: str) -> Known:
    first = table.next
    total = 0
    for row in rows:
        table.enter(row.unit, row.year, row.line, row.subjective, row.type, goes, row.cell, value=row.pence)
        total += row.pence
    return Known(_sum(table, first), total) if table.next > first else Known("0", 0)


SPARE_VOLUME, SPARE = 6, 4  # decimals that a changed figure may have where none of the given ones has as many

TERMS: dict[str, tuple[str, ...]] = {  # what a changed parameter must be; {} is its cell
    "fixed base %": ("{}>=0", "{}<=100"),
    "no loser %": ("{}>=0", "{}<=100"),
    "days not pooled": ("{}>=1", "{}<={days}", "INT({})={}"),
}


class Figures:
    """The input figures other than budget lines, each entered once, where first used."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.nre_table = Entered(
            "NRE used",
            "Net revenue expenditure used",
            (("year", "year"), "force", "cell", ("source", "wide")),
            "NRE (£)",
            "money",
        )
        self.volume_table = Entered(
            "Volumes used",
            "Volumes in the window, of units that stand on demand",
            ("unit", ("year", "year"), ("driver", "wide"), "months", "force"),
            "volume",
            "number",
            "Each is the sum of the counted months of a window; a month lies in the windows of several years.",
        )
        self.driver_table = Entered(
            "Drivers used",
            "Weights of the drivers used",
            ("unit", ("driver", "wide"), "cell"),
            "driver's weight",
            "number",
        )
        self.agreed_table = Entered(
            "Agreed used",
            "Agreed percentages used",
            ("unit", ("from year", "year"), "force", "cell"),
            "share %",
            "number",
            "The split follows where the percentages of a set sum to 100.",
        )
        self.baseline_table = Entered(
            "Baselines used", "Baselines used", ("unit", "force", "prices of", "cell"), "baseline (£)", "money"
        )
        self.index_table = Entered("Indices used", "Price indices used", (("year", "year"), "cell"), "index", "number")
        self.terms_table = Entered(
            "Terms used",
            "Parameters that the calculation uses",
            ("unit", ("year", "year"), "parameter"),
            "value",
            "number",
            "The parameters that are numbers in the calculation, where it reads them; all parameters, with where each "
            "was set, are on the Assumptions log.",
        )
        self._nre: dict[tuple[FinancialYear, ForceCode], Known] = {}
        self._drivers: dict[str, list[Known]] = {}
        self._agreed: dict[tuple[str, FinancialYear, ForceCode], Known] = {}
        self._baselines: dict[tuple[str, ForceCode], Known] = {}
        self._indices: dict[FinancialYear, Known] = {}
        self._terms: dict[tuple[Key, str], Known] = {}
        self._volumes: dict[tuple[Key, str, str], list[Known]] = {}
        self._places: dict[str, tuple[Entered, int]] = {}  # where the figure of a reference stands

    def _known(self, table: Entered, row: int, value: Any) -> Known:
        found = Known(table.read(row), value)
        self._places[found.ref] = table, row
        return found

    def stands(self, used: Iterable[Known], what: str) -> None:
        """A step over these figures stands as a value."""
        for known in used:
            table, row = self._places[known.ref]
            table.stands(row, what)

    def decides(self, used: Iterable[Known], what: str) -> None:
        """On these figures the program decides something."""
        for known in used:
            table, row = self._places[known.ref]
            table.decides(row, what)

    def nre(self, figure: NreFigure) -> Known:
        """A force's NRE of a year, in pence."""
        key = figure.year, figure.force
        if key not in self._nre:
            table, given = self.nre_table, figure.figure
            row = table.enter(figure.year, figure.force, given.cell, given.source, value=given.pence)
            table.only_if(row, f"ROUND({table.at(table.figure, row)},2)>0")
            self._nre[key] = self._known(table, row, given.pence)
        return self._nre[key]

    def nre_used(self, figure: NreFigure) -> Known | None:
        """A force's NRE of a year, where it is in the workbook."""
        return self._nre.get((figure.year, figure.force))

    def nre_of(self, year: FinancialYear) -> list[Known]:
        """The NRE of a year that is in the workbook."""
        return [known for key, known in self._nre.items() if key[0] == year]

    def is_volume(self, known: Known) -> bool:
        return self._places[known.ref][0] is self.volume_table

    def volumes(
        self, key: Key, driver: str, months: str, volumes: Mapping[ForceCode, Exact]
    ) -> tuple[list[Known], int]:
        """The volumes of a window or block; and the whole number that makes them whole."""
        table, first = self.volume_table, self.volume_table.next
        times = scale(map(Fraction, volumes.values()), SPARE_VOLUME)
        known = []
        for force, volume in volumes.items():
            row = table.enter(*key, driver, months, force, value=Fraction(volume))
            known.append(self._known(table, row, Fraction(volume)))
        span = table.span(table.figure, first, table.next - 1)
        for row in range(first, table.next):
            table.only_if(row, f"{table.at(table.figure, row)}>=0", f"SUM({span})>0")
            table.whole(row, times)
        self._volumes[key, driver, months] = known
        return known, times

    def volumes_used(self, key: Key, driver: str, months: str) -> list[Known]:
        """The volumes of a window, where they are in the workbook."""
        return self._volumes.get((key, driver, months), [])

    def drivers(self, unit: str) -> tuple[list[Known], int]:
        """The weights of a unit's drivers; and the whole number that makes them whole."""
        given = self.inputs.drivers[unit]
        times = scale([one.weight for one in given], SPARE)
        if unit not in self._drivers:
            table, first = self.driver_table, self.driver_table.next
            known = []
            for one in given:
                row = table.enter(unit, one.driver, one.cell, value=one.weight)
                known.append(self._known(table, row, one.weight))
            span = table.span(table.figure, first, table.next - 1)
            for row in range(first, table.next):
                table.only_if(row, f"{table.at(table.figure, row)}>=0", f"SUM({span})>0")
                table.whole(row, times)
            self._drivers[unit] = known
        return self._drivers[unit], times

    def agreed(self, given: AgreedSet, members: Sequence[ForceCode]) -> tuple[list[Known], int]:
        """The agreed percentages of a set; and the whole number that makes them whole."""
        percents = {force: given.shares[force] * 100 for force in members}
        times = scale(percents.values(), SPARE)
        table, first = self.agreed_table, self.agreed_table.next
        keys = [(given.unit, given.from_year, force) for force in members]
        if keys[0] not in self._agreed:
            for key, percent in zip(keys, percents.values(), strict=True):
                row = table.enter(*key, given.cells.get(key[2], ""), value=percent)
                self._agreed[key] = self._known(table, row, percent)
            span = table.span(table.figure, first, table.next - 1)
            for row in range(first, table.next):
                table.only_if(row, f"{table.at(table.figure, row)}>=0", f"ABS(SUM({span})-100)<1/{10**9}")
                table.whole(row, times)
        return [self._agreed[key] for key in keys], times

    def baseline(self, unit: str, force: ForceCode) -> Known:
        """What a force paid before, in pence."""
        key = unit, force
        if key not in self._baselines:
            given = self.inputs.baselines[unit][force]
            row = self.baseline_table.enter(unit, force, str(given.year or ""), given.cell, value=given.pence)
            self._baselines[key] = self._known(self.baseline_table, row, given.pence)
        return self._baselines[key]

    def index(self, year: FinancialYear) -> Known:
        """The price index of a year."""
        if year not in self._indices:
            given, table = self.inputs.deflators[year], self.index_table
            row = table.enter(year, given.cell, value=given.index)
            table.only_if(row, f"{table.at(table.figure, row)}>0")
            self._indices[year] = self._known(table, row, given.index)
        return self._indices[year]

    def indices(self, *years: FinancialYear) -> tuple[list[Known], list[Known]]:
        """The price indices of these years; and as whole numbers, all by the same factor."""
        given = [self.index(year) for year in years]
        times = scale([one.value for one in given], SPARE)
        for one in given:
            table, row = self._places[one.ref]
            table.whole(row, times)
        return given, [Known(f"ROUND({one.ref}*{times},0)", int(one.value * times)) for one in given]

    def term(self, result: UnitYear, name: str) -> Known:
        """A number of a unit's terms."""
        key = (result.unit.code, result.year), name
        if key not in self._terms:
            days = result.year.days()
            unpooled = days * (1 - result.parts.fraction)
            terms = result.terms
            values = {"fixed base %": terms.fixed_base, "no loser %": terms.no_loser, "days not pooled": unpooled}
            table = self.terms_table
            row = table.enter(*key[0], name, value=values[name])
            cell = table.at(table.figure, row)
            table.only_if(row, *(one.format(cell, cell, days=days) for one in TERMS[name]))
            self._terms[key] = self._known(table, row, values[name])
        return self._terms[key]

    def percent(self, result: UnitYear, name: str) -> tuple[Known, int]:
        """A percentage of a unit's terms as a whole number, and the whole number that 100 % is then."""
        given = self.term(result, name)
        times = scale([given.value, Fraction(100)], SPARE)
        table, row = self._places[given.ref]
        table.whole(row, times)
        return Known(f"ROUND({given.ref}*{times},0)", int(given.value * times)), 100 * times

    def tables(self) -> list[Entered]:
        return [
            self.nre_table,
            self.volume_table,
            self.driver_table,
            self.agreed_table,
            self.baseline_table,
            self.index_table,
            self.terms_table,
        ]
