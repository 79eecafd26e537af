"""The figures that the live sheets stand on: budget lines, NRE, volumes, agreed percentages, baselines, parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from bch_apportion.ledger import Ledger
from bch_apportion.model import AgreedSet, BudgetRow, ForceCode, Inputs
from bch_apportion.principles.nre_default import NreFigure
from bch_apportion.recipe import UnitYear
from bch_apportion.reports.live.tables import PRODUCT, Key, Known, Table
from bch_apportion.reports.report import Cell
from bch_apportion.years import FinancialYear

CHANGE = "Change an amount here and the split follows."


def decimals_of(value: Fraction) -> int | None:
    """How many decimals write a number exactly; None where none up to nine do.

    >>> decimals_of(Fraction(125, 10)), decimals_of(Fraction(7)), decimals_of(Fraction(1, 3))
    (1, 0, None)
    """
    return next((n for n in range(10) if 10**n % value.denominator == 0), None)


def pence_of(table: Table, column: str, row: int, pence: int) -> Cell | int:
    """The pence of an amount in pounds beside it."""
    return Cell(pence, f"=ROUND({table.at(column, row)}*100,0)") if abs(pence) < PRODUCT else pence


@dataclass(slots=True)
class BudgetCells:
    """Where the budget lines of a unit and year stand on the sheet, as sums; each is a formula's term and its pence."""

    whole: Known
    implementation: Known
    revenue: Known
    direct: dict[ForceCode, Known] = field(default_factory=dict)
    held: dict[ForceCode, Known] = field(default_factory=dict)


def budget_lines(ledger: Ledger) -> tuple[Table, dict[Key, BudgetCells]]:
    """Every budget line, grouped by where it goes: implementation, direct, held, other revenue."""
    table = Table(
        "Budget lines",
        "Budget lines, by where they go",
        (
            "unit",
            ("year", "year"),
            "line",
            "subjective",
            "type",
            "goes to",
            "cell",
            ("amount (£)", "money"),
            ("pence", "count"),
        ),
        CHANGE,
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


def _sum(table: Table, first: int) -> str:
    return f"SUM({table.out_span('pence', first, table.next - 1)})"


def _lines(table: Table, rows: Iterable[BudgetRow], goes: str) -> Known:
    first = table.next
    total = 0
    for row in rows:
        number = table.next
        table.add(
            row.unit,
            row.year,
            row.line,
            row.subjective,
            row.type,
            goes,
            row.cell,
            row.pence,
            pence_of(table, "amount (£)", number, row.pence),
        )
        total += row.pence
    return Known(_sum(table, first), total) if table.next > first else Known("0", 0)


class Figures:
    """The input figures other than budget lines, each entered once, where first used."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.nre_table = Table(
            "NRE used",
            "Net revenue expenditure used",
            (("year", "year"), "force", "cell", ("source", "wide"), ("NRE (£)", "money"), ("pence", "count")),
            CHANGE,
        )
        self.volume_table = Table(
            "Volumes used",
            "Volumes in the window, of units that stand on demand",
            (
                "unit",
                ("year", "year"),
                ("driver", "wide"),
                "months",
                ("driver's weight", "number"),
                "force",
                ("volume", "number"),
            ),
            "The sum of the counted months. Change a volume here and the split follows; whether the data is robust is "
            "not tested again.",
        )
        self.agreed_table = Table(
            "Agreed used",
            "Agreed percentages used",
            ("unit", ("from year", "year"), "force", "cell", ("share %", "number")),
        )
        self.baseline_table = Table(
            "Baselines used",
            "Baselines used",
            ("unit", "force", "prices of", "cell", ("baseline (£)", "money"), ("pence", "count")),
            CHANGE,
        )
        self.index_table = Table("Indices used", "Price indices used", (("year", "year"), "cell", ("index", "number")))
        self.terms_table = Table(
            "Terms used",
            "Parameters that the calculation uses",
            (
                "unit",
                ("year", "year"),
                ("fixed base %", "number"),
                ("no loser %", "number"),
                ("days not pooled", "whole"),
                ("days of the year", "whole"),
            ),
            "The parameters that are numbers in the calculation; all parameters, with where each was set, are on the "
            "Assumptions log.",
        )
        self._nre: dict[tuple[FinancialYear, ForceCode], Known] = {}
        self._agreed: dict[tuple[str, FinancialYear, ForceCode], Known] = {}
        self._baselines: dict[tuple[str, ForceCode], Known] = {}
        self._indices: dict[FinancialYear, Known] = {}
        self._terms: dict[Key, int] = {}

    def nre(self, figure: NreFigure) -> Known:
        """A force's NRE of a year, in pence."""
        key = figure.year, figure.force
        if key not in self._nre:
            pence = figure.figure.pence
            row, table = self.nre_table.next, self.nre_table
            cell = pence_of(table, "NRE (£)", row, pence)
            table.add(figure.year, figure.force, figure.figure.cell, figure.figure.source, pence, cell)
            self._nre[key] = table.known("pence", row, pence)
        return self._nre[key]

    def agreed(self, given: AgreedSet, force: ForceCode) -> Known:
        """A force's agreed share, in percent."""
        key = given.unit, given.from_year, force
        if key not in self._agreed:
            percent = given.shares[force] * 100
            row = self.agreed_table.add(given.unit, given.from_year, force, given.cells.get(force, ""), percent)
            self._agreed[key] = self.agreed_table.known("share %", row, percent)
        return self._agreed[key]

    def baseline(self, unit: str, force: ForceCode) -> Known:
        """What a force paid before, in pence."""
        key = unit, force
        if key not in self._baselines:
            given = self.inputs.baselines[unit][force]
            row, table = self.baseline_table.next, self.baseline_table
            cell = pence_of(table, "baseline (£)", row, given.pence)
            table.add(unit, force, str(given.year or ""), given.cell, given.pence, cell)
            self._baselines[key] = table.known("pence", row, given.pence)
        return self._baselines[key]

    def index(self, year: FinancialYear) -> Known:
        """The price index of a year."""
        if year not in self._indices:
            given = self.inputs.deflators[year]
            row = self.index_table.add(year, given.cell, given.index)
            self._indices[year] = self.index_table.known("index", row, given.index)
        return self._indices[year]

    def term(self, result: UnitYear, name: str) -> str:
        """Where a number of a unit's terms stands."""
        key = result.unit.code, result.year
        if key not in self._terms:
            days = result.year.days()
            unpooled = days * (1 - result.parts.fraction)
            terms = result.terms
            self._terms[key] = self.terms_table.add(*key, terms.fixed_base, terms.no_loser, unpooled.numerator, days)
        return self.terms_table.out(name, self._terms[key])

    def tables(self) -> list[Table]:
        return [
            self.nre_table,
            self.volume_table,
            self.agreed_table,
            self.baseline_table,
            self.index_table,
            self.terms_table,
        ]
