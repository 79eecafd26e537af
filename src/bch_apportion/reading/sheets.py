"""The sheets and columns of the input workbook: what each is called and what its cells hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bch_apportion.terms import parameters


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `kind` says how its cells are read (see `records.CELL_READERS`)."""

    name: str
    kind: str = "text"
    needed: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetForm:
    """A sheet: its columns in order, the column of values that may be spread by force or by year, its needs."""

    name: str
    columns: tuple[Column, ...]
    row: str
    value: str = ""
    by_force: bool = False
    by_year: bool = False
    needed: bool = False

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def needed_columns(self) -> list[str]:
        return [column.name for column in self.columns if column.needed]


FORCE = Column("force", "force", needed=True)
UNIT = Column("unit", "unit", needed=True)
YEAR = Column("year", "year", needed=True)
AMOUNT = Column("amount", "money", needed=True)
BUDGET_COLUMNS = (
    UNIT,
    YEAR,
    AMOUNT,
    Column("line"),
    Column("subjective"),
    Column("type", "choice", choices=("revenue", "one-off", "implementation")),
    Column("held by", "force"),
    Column("direct to", "force"),
)


@cache
def sheet_forms() -> Mapping[str, SheetForm]:
    """Every sheet the program reads, by name."""
    forms = (
        SheetForm(
            "Forces",
            (Column("force", "text", needed=True), Column("name"), Column("aliases")),
            "a party, in the order that breaks ties",
            needed=True,
        ),
        SheetForm(
            "NRE",
            (YEAR, FORCE, Column("nre", "money", needed=True), Column("source")),
            "a force's net revenue expenditure",
            "nre",
            by_force=True,
            by_year=True,
            needed=True,
        ),
        SheetForm(
            "Units",
            (
                Column("unit", "text", needed=True),
                Column("name"),
                Column("programme"),
                Column("forces", "forces"),
                Column("lead force", "force"),
                Column("s22a signed", "date"),
                Column("pooled from", "date"),
                Column("function"),
                Column("section"),
            ),
            "a collaborated unit",
            needed=True,
        ),
        SheetForm("Budgets", BUDGET_COLUMNS, "a budget line", "amount", by_year=True, needed=True),
        SheetForm(
            "Control totals",
            (YEAR, AMOUNT, Column("unit", "unit"), Column("source")),
            "what the general ledger says the budgets come to",
            "amount",
            by_year=True,
        ),
        SheetForm(
            "Principles",
            (
                Column("unit", "unit"),
                Column("from year", "year", needed=True),
                *(Column(p.name, f"parameter {p.kind}") for p in parameters().values()),
                Column("reference"),
            ),
            "parameters from a year on",
        ),
        SheetForm(
            "Drivers",
            (UNIT, Column("driver", needed=True), Column("weight", "number")),
            "what drives a unit's demand",
            "weight",
        ),
        SheetForm(
            "Demand",
            (
                Column("driver", needed=True),
                Column("period", "period", needed=True),
                FORCE,
                Column("volume", "number", needed=True),
                Column("signed off", "yes-no"),
            ),
            "a measured volume",
            "volume",
            by_force=True,
        ),
        SheetForm(
            "Agreed shares",
            (UNIT, Column("from year", "year", needed=True), FORCE, Column("share %", "percent", needed=True)),
            "a percentage of an agreement",
            "share %",
            by_force=True,
        ),
        SheetForm(
            "Baselines",
            (UNIT, FORCE, AMOUNT, Column("year", "year")),
            "what the force paid before",
            "amount",
            by_force=True,
            by_year=True,
        ),
        SheetForm(
            "Deflators",
            (YEAR, Column("index", "number", needed=True)),
            "a price index",
            "index",
            by_year=True,
        ),
        SheetForm(
            "Settings",
            (Column("name", needed=True), Column("value", "any", needed=True)),
            "a setting",
        ),
        SheetForm(
            "Business cases",
            (
                UNIT,
                YEAR,
                AMOUNT,
                Column("force", "force"),
                Column("version"),
                Column("approved", "date"),
                Column("price year", "year"),
            ),
            "a business case's planned cost",
            "amount",
            by_force=True,
            by_year=True,
        ),
        SheetForm("Actuals", (*BUDGET_COLUMNS, Column("paid by", "force")), "an outturn line", "amount", by_year=True),
        SheetForm(
            "Explanations",
            (UNIT, YEAR, Column("cause", needed=True), Column("text", needed=True), Column("owner")),
            "why a variance arose",
        ),
        # The sheets below belong to commands of their own; they are known, so that no note calls them the analyst's.
        SheetForm("Payments", (), "a payment on account between forces"),
        SheetForm("Assumptions", (), "a projection's assumption"),
    )
    return {form.name: form for form in forms}
