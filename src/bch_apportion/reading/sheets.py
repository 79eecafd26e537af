"""The sheets and columns of the input workbook: what each is called and what its cells hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bch_apportion.model import ASSUMPTION_KINDS
from bch_apportion.terms import parameters


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `kind` says how its cells are read (see `records.CELL_READERS`)."""

    name: str
    kind: str = "text"
    needed: bool = False
    choices: tuple[str, ...] = ()

    def about(self, sheet: str) -> str:
        """What the column means on a sheet."""
        return MEANINGS.get(f"{sheet}: {self.name}", MEANINGS.get(self.name, ""))


MEANINGS = {
    "force": "the force, by code, name or alias",
    "Forces: force": "its code, as it is shown",
    "name": "its full name",
    "aliases": "other spellings, comma-separated",
    "year": "the financial year",
    "nre": "net revenue expenditure, £, above zero",
    "source": "where the figure comes from",
    "unit": "the unit, by code or name",
    "Units: unit": "its code, as it is shown",
    "programme": "the programme it belongs to, for totals",
    "forces": "its members, comma-separated; blank: all forces",
    "lead force": "the member that leads it",
    "s22a signed": "the date of the section 22A agreement",
    "pooled from": "the date from which its budget is pooled; blank: not yet",
    "function": "its benchmark heading",
    "section": "its section of the Force Management Statement",
    "amount": "£, income negative",
    "Control totals: amount": "what the general ledger says, £",
    "Control totals: unit": "blank: all units together",
    "Baselines: amount": "what the force paid a year before collaboration, £",
    "Baselines: year": "the year whose prices it is in; blank: not uprated",
    "Business cases: amount": "the planned cost of the year, £",
    "Business cases: force": "on all rows of a version or on none; none: shared on NRE",
    "version": "the version's name; a unit and year's first is its original",
    "approved": "the date; the plan is shared on the NRE of its financial year",
    "price year": "the year whose prices it is in; blank: not restated",
    "line": "what the line is for",
    "subjective": "pay, premises, income, …",
    "type": "revenue (blank too), one-off (revenue, not carried on) or implementation (shared on NRE)",
    "held by": "the force that bears the line until the budget is pooled",
    "direct to": "the force that alone bears the line, always",
    "paid by": "the force through whose ledger it went, which says nothing of who bears it",
    "Principles: unit": "blank: all units",
    "from year": "from when on it holds",
    "reference": "the minute or clause it rests on; needed where basis is demand",
    "driver": "what drives the demand, such as headcount",
    "weight": "its weight beside the unit's other drivers; blank: 1",
    "period": "a month, quarter, year or range of months",
    "volume": "the measured volume; blank: not known, 0: none",
    "signed off": "yes, where somebody vouches for it; where the column stands, a blank is not a yes",
    "share %": "the force's percentage; a set sums to exactly 100 and names every member",
    "index": "a price index, any base",
    "Settings: name": "which setting",
    "Settings: value": "of money in: pounds or thousands; of carry nre forward and uprate baselines: yes or no; of "
    "materiality %: a percentage; of the others: an amount in £; no less than 0",
    "value": "its value",
    "from": "the force that paid",
    "to": "the force that was paid",
    "Payments: amount": "what was paid, £",
    "Payments: unit": "blank: for no unit in particular, so it counts in the total alone",
    "date": "when it was paid",
    "cause": "which cause of the bridge it is about, or any other word",
    "text": "the explanation; one row explains its unit and year",
    "owner": "who answers for it",
    "Assumptions: unit": "the unit; blank: all units; growth, saving and one-off need one",
    "Assumptions: line": "the line it is about, or that it becomes; blank: all lines",
    "Assumptions: type": "of a growth, saving or one-off (blank: revenue); the other two are not carried on",
    "Assumptions: force": "of nre growth %: the force; blank: all forces",
    "kind": "uplift %, growth, saving, one-off or nre growth %",
    "Assumptions: value": "percent of uplift % and nre growth %, else £",
    "low": "the least it may be, for ranges and sensitivity",
    "high": "the most it may be",
    "Assumptions: reference": "where it comes from",
}

GUIDE = "Guide"  # a sheet for people, as `template` writes it: neither read nor noted

WRITTEN = {  # kind of cell: what they are, how they may be written
    "year": ("Years", "2018/19, 2018-19, 2018/2019, 18/19, FY2018/19, FY19 (the year it ends in)"),
    "period": ("Periods", "a date, 2018-04, Apr-18, April 2018, 2018/19 Q1, 2018/19, 2021-04..2021-12"),
    "date": ("Dates", "Excel dates, 2016-04-01, 01/04/2016"),
    "money": ("Amounts", "numbers, or text such as £1,234.50, (1,234), - for nil"),
    "percent": ("Percentages", "12.5, 12.5%, or a cell with a percent format"),
}

SETTING_MEANINGS = {  # name: default, meaning
    "money in": ("pounds", "thousands: every money column is in thousands of pounds (settings stay in pounds)"),
    "carry nre forward": ("no", "yes: a missing NRE is the force's latest earlier one, noted"),
    "uprate baselines": ("no", "yes: baselines with a year are brought to the budget year's prices"),
    "materiality amount": (
        "50,000",
        "a variance is significant from this amount on, if it also reaches the percentage",
    ),
    "materiality %": ("5", "the percentage of the plan"),
    "always significant": ("250,000", "a variance of this amount is significant whatever the percentage"),
}


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
    key: tuple[str, ...] = ()  # the columns that tell a row: a scenario's row replaces those that have the same

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
            key=("force",),
        ),
        SheetForm(
            "NRE",
            (YEAR, FORCE, Column("nre", "money", needed=True), Column("source")),
            "a force's net revenue expenditure",
            "nre",
            by_force=True,
            by_year=True,
            needed=True,
            key=("year", "force"),
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
            key=("unit",),
        ),
        SheetForm(
            "Budgets",
            BUDGET_COLUMNS,
            "a budget line",
            "amount",
            by_year=True,
            needed=True,
            key=("unit", "year", "line"),
        ),
        SheetForm(
            "Control totals",
            (YEAR, AMOUNT, Column("unit", "unit"), Column("source")),
            "what the general ledger says the budgets come to",
            "amount",
            by_year=True,
            key=("year", "unit"),
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
            key=("unit", "from year"),
        ),
        SheetForm(
            "Drivers",
            (UNIT, Column("driver", needed=True), Column("weight", "number")),
            "what drives a unit's demand",
            "weight",
            key=("unit", "driver"),
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
            key=("driver", "period", "force"),
        ),
        SheetForm(
            "Agreed shares",
            (UNIT, Column("from year", "year", needed=True), FORCE, Column("share %", "percent", needed=True)),
            "a percentage of an agreement",
            "share %",
            by_force=True,
            key=("unit", "from year", "force"),
        ),
        SheetForm(
            "Baselines",
            (UNIT, FORCE, AMOUNT, Column("year", "year")),
            "what the force paid before",
            "amount",
            by_force=True,
            by_year=True,
            key=("unit", "force"),
        ),
        SheetForm(
            "Deflators",
            (YEAR, Column("index", "number", needed=True)),
            "a price index",
            "index",
            by_year=True,
            key=("year",),
        ),
        SheetForm(
            "Settings", (Column("name", needed=True), Column("value", "any", needed=True)), "a setting", key=("name",)
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
            key=("unit", "year", "version", "force"),
        ),
        SheetForm(
            "Actuals",
            (*BUDGET_COLUMNS, Column("paid by", "force")),
            "an outturn line",
            "amount",
            by_year=True,
            key=("unit", "year", "line"),
        ),
        SheetForm(
            "Payments",
            (
                YEAR,
                Column("from", "force", needed=True),
                Column("to", "force", needed=True),
                AMOUNT,
                Column("unit", "unit"),
                Column("date", "date"),
            ),
            "a payment on account between forces",
            "amount",
            by_year=True,
        ),
        SheetForm(
            "Explanations",
            (UNIT, YEAR, Column("cause", needed=True), Column("text", needed=True), Column("owner")),
            "why a variance arose",
            key=("unit", "year", "cause"),
        ),
        SheetForm(
            "Assumptions",
            (
                Column("unit", "unit"),
                Column("line"),
                Column("type", "choice", choices=("revenue", "one-off", "implementation")),
                Column("force", "force"),
                Column("from year", "year", needed=True),
                Column("kind", "choice", needed=True, choices=ASSUMPTION_KINDS),
                Column("value", "any", needed=True),
                Column("low", "any"),
                Column("high", "any"),
                Column("reference"),
            ),
            "a projection's assumption",
        ),
    )
    return {form.name: form for form in forms}
