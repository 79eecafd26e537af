"""The sheets and columns of the input workbook: what each is called and holds, and what tells its rows apart.

A sheet is declared beside its columns: its key, and what a problem on it puts in doubt. Reading goes by that; to add a
sheet is to declare it here and to say in `rows` what is made of its records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from bch_apportion.further import ACTION_STATUSES, BETTER, PERSPECTIVES
from bch_apportion.model import ASSUMPTION_KINDS, TARGETS, LineType, name_key
from bch_apportion.problems import About, Kind
from bch_apportion.reading.values import key
from bch_apportion.terms import parameters

Values: TypeAlias = Mapping[str, Any]
"""What a row says, by column; a blank column is not in it."""
Spread: TypeAlias = Literal["force", "year", "period"]


class Least(NamedTuple):
    """Figures of a column are 0 or more; with `above`, more than 0. `noun` names such a figure in a message."""

    noun: str
    remedy: str = "write 0 or more"
    above: bool = False
    code: str = "out-of-range"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `kind` says how its cells are read (see `records.READERS`), `alike` how texts are compared as keys."""

    name: str
    meaning: str
    kind: str = "text"
    needed: bool = False
    choices: tuple[str, ...] = ()
    least: Least | None = None
    alike: Callable[[str], str] = name_key
    is_name: bool = False  # of a force, unit or driver


MONEY_IN, CARRY = "money in", "carry nre forward"
GUIDE = "Guide"  # a sheet for people, as `template` writes it: neither read nor noted

WRITTEN = {  # kind of cell: what they are, how they may be written
    "year": ("Years", "2018/19, 2018-19, 2018/2019, 18/19, FY2018/19, FY19 (the year it ends in)"),
    "period": ("Periods", "a date, 2018-04, Apr-18, April 2018, 2018/19 Q1, 2018/19, 2021-04..2021-12"),
    "date": ("Dates", "Excel dates, 2016-04-01, 01/04/2016"),
    "money": ("Amounts", "numbers, or text such as £1,234.50, (1,234), - for nil"),
    "percent": ("Percentages", "12.5, 12.5%, or a cell with a percent format"),
}


class Setting(NamedTuple):
    """A setting: its default and what it means, in words, and how it is read (see `records.READERS`)."""

    default: str
    meaning: str
    kind: str


SETTINGS: Mapping[str, Setting] = {
    MONEY_IN: Setting(
        "pounds",
        "thousands: amounts are in thousands where no heading says (settings stay in pounds); money in NRE (or another "
        "sheet) says it of that sheet alone",
        "scale",
    ),
    CARRY: Setting("no", "yes: a missing NRE is the force's latest earlier one, noted", "yes-no"),
    "uprate baselines": Setting("no", "yes: baselines with a year are brought to the budget year's prices", "yes-no"),
    "members called": Setting("forces", "what headings and sentences call the forces: councils, partners, …", "plural"),
    "materiality amount": Setting(
        "50,000", "a variance of this amount is significant if it also reaches the percentage", "pounds"
    ),
    "materiality %": Setting(
        "5", "the percentage of the business case, or of what else a cost is compared with", "percent"
    ),
    "always significant": Setting(
        "250,000", "a variance of this amount is significant whatever the percentage", "pounds"
    ),
}


@dataclass(frozen=True, slots=True)
class SheetForm:
    """A sheet and its columns, in order; `row` says what a row is.

    `value` names the column of values; for each of `wide` there may be a column of them in its place.
    `key` are the columns that tell a row: a scenario's row replaces those that have the same, and where `called` names
    a row, no two may have the same. A row with a problem is left out, or (`in_part`) stands with what can be read of
    it. A problem on the sheet puts all of `doubts` in doubt, on a row that of its columns `doubted_by`, where there
    are any. `empty` is what is said, and what to do, where no row can be used.
    """

    name: str
    columns: tuple[Column, ...]
    row: str
    value: str = ""
    wide: tuple[Spread, ...] = ()
    needed: bool = False
    key: tuple[str, ...] = ()
    called: Callable[[Values], str] | None = None
    in_part: bool = False
    doubts: Kind | None = None
    doubted_by: tuple[str, ...] = ()
    empty: tuple[str, str] | None = None
    may_be_own: bool = False  # a sheet of this name without any of the needed columns is the analyst's own
    further: bool = False  # beside the split: read only by the commands that use it, so that it stops no other

    @property
    def is_of_money(self) -> bool:
        return bool(self.value) and self.column(self.value).kind == "money"

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def needed_columns(self) -> list[str]:
        return [column.name for column in self.columns if column.needed]

    def rest(self, spread_by: Spread | None = None) -> list[str]:
        """The columns that are needed beside the values, and beside those of a spread table."""
        return [name for name in self.needed_columns() if name not in (spread_by, self.value)]

    def telling(self) -> str:
        """The column in whose cell a row stands: that of its value, else the last of its key."""
        return self.value if self.value and self.column(self.value).needed else self.key[-1]

    def must(self) -> set[str]:
        """The columns without which a row cannot be told."""
        return {*self.rest(), *(self.key if self.called else ())}

    def part(self, values: Values) -> About | None:
        """What a problem on a row puts in doubt; None where that is not told by its columns alone."""
        if self.doubts is None or not self.doubted_by:
            return None
        return About(self.doubts, **{PARTS[name]: values.get(name) for name in self.doubted_by})

    def key_of(self, values: Values) -> tuple[object, ...]:
        """A row's key as keys are compared; a blank is a key too."""
        given = ((self.column(name), values.get(name)) for name in self.key)
        return tuple(c.alike(v) if isinstance(v, str) else "" if v is None else v for c, v in given)


PARTS = {"unit": "unit", "year": "year", "from year": "year", "force": "force"}  # columns, as `About` calls them

UNIT = Column("unit", "the unit, by code or name", "unit", needed=True)
YEAR = Column("year", "the financial year", "year", needed=True)
FROM_YEAR = Column("from year", "the first year to which it applies", "year", needed=True)
FORCE = Column("force", "the force, by code, name or alias", "force", needed=True)
AMOUNT = Column("amount", "£, income negative", "money", needed=True)
SOURCE = Column("source", "where the figure comes from")
VALUE_MEANING = (
    "of money in: pounds or thousands; of carry nre forward and uprate baselines: yes or no; of members called: "
    "a word; of materiality %: a percentage; of the others: an amount in £; no less than 0"
)


def line_type(meaning: str) -> Column:
    return Column("type", meaning, "choice", choices=get_args(LineType))


BUDGET_COLUMNS = (
    UNIT,
    YEAR,
    AMOUNT,
    Column("line", "what the line is for"),
    Column("subjective", "pay, premises, income, …"),
    line_type("revenue (blank too), one-off (revenue, not carried on) or implementation (shared on NRE)"),
    Column("held by", "the force that bears the line until the budget is pooled", "force"),
    Column("direct to", "the force that alone bears the line, always", "force"),
)

NRE_ABOVE_ZERO = Least("NRE", "enter the force's net revenue expenditure", above=True, code="nre-not-positive")
INDEX_ABOVE_ZERO = Least("index", "write a number above 0", above=True)
CAUSE_MEANING = (
    "the cause of the bridge whose effect it explains; all: what the other rows leave; against track, collaboration: "
    "the amount saved by it"
)
AGAINST_MEANING = "the comparison: budget, forecast, track, a year or a workbook's name; blank: the business case"
TARGET_MEANING = "what the partners mean it to stand on; blank: demand"
SHARE_MEANING = "the force's percentage; a set sums to exactly 100 and names every member"
PERIOD_MEANING = (
    "the month or quarter of its year that the line is of; blank: not said. A unit's year whose lines name months, but "
    "not all twelve, is a part-year"
)

SERVING_MEANING = "the units that serve it, separated by semicolons; all: every unit; none: no unit"

SIZE_ABOVE_ZERO = Least("size", "write a number above 0", above=True)
WITHIN = Least("tolerance")
_beside = partial(SheetForm, may_be_own=True, further=True)

FORMS = (
    SheetForm(
        "Forces",
        (
            Column("force", "its code, as it is shown", needed=True, is_name=True),
            Column("name", "its full name"),
            Column("aliases", "other spellings, comma-separated", "names"),
        ),
        "a force, in the order that breaks ties",
        needed=True,
        key=("force",),
        called=lambda row: f"the force {row['force']}",
        in_part=True,
        doubts="forces",
        empty=("the sheet lists no forces", "list the forces of the collaboration"),
    ),
    SheetForm(
        "NRE",
        (
            YEAR,
            FORCE,
            Column("nre", "net revenue expenditure, £, above zero", "money", needed=True, least=NRE_ABOVE_ZERO),
            SOURCE,
        ),
        "a force's net revenue expenditure",
        value="nre",
        wide=("force", "year"),
        needed=True,
        key=("year", "force"),
        called=lambda row: f"the NRE of {row['force']} for {row['year']}",
        doubts="nre",
        doubted_by=("year", "force"),
    ),
    SheetForm(
        "Units",
        (
            Column("unit", "its code, as it is shown", needed=True, is_name=True),
            Column("name", "its full name"),
            Column("programme", "the programme it belongs to, for totals"),
            Column("forces", "its members, comma-separated; blank: all forces", "forces"),
            Column("lead force", "the member that leads it", "force"),
            Column("s22a signed", "the date of the section 22A agreement", "date"),
            Column("pooled from", "the date from which its budget is pooled; blank: not yet", "date"),
            Column("function", "its benchmark heading"),
            Column("section", "its section of the Force Management Statement"),
            Column("target basis", TARGET_MEANING, "choice", choices=TARGETS),
            Column("owner", "the post that sees to that"),
            Column("due", "by when", "date"),
        ),
        "a collaborated unit",
        needed=True,
        key=("unit",),
        called=lambda row: f"the unit {row['unit']}",
        in_part=True,
        doubts="units",
        empty=("the sheet lists no units", "list the collaborated units"),
    ),
    SheetForm(
        "Budgets",
        BUDGET_COLUMNS,
        "a budget line",
        value="amount",
        wide=("year",),
        needed=True,
        key=("unit", "year", "line"),
        in_part=True,
        empty=("the sheet has no budget lines", "enter the units' budgets"),
    ),
    SheetForm(
        "Control totals",
        (
            YEAR,
            Column("amount", "what the general ledger says, £", "money", needed=True),
            Column("unit", "blank: all units together", "unit"),
            SOURCE,
        ),
        "what the general ledger says the budgets come to",
        value="amount",
        wide=("year",),
        key=("year", "unit"),
        called=lambda row: f"the control total of {row.get('unit', 'all units')} for {row['year']}",
    ),
    SheetForm(
        "Principles",
        (
            Column("unit", "blank: all units", "unit"),
            FROM_YEAR,
            *(Column(p.name, p.meaning, f"parameter {p.kind}", choices=p.choices) for p in parameters().values()),
            Column("reference", "the minute or clause it rests on; needed where basis is demand"),
        ),
        "parameters from a year on",
        key=("unit", "from year"),
        called=lambda row: f"the row of {row.get('unit', 'all units')} from {row['from year']}",
        in_part=True,
        doubts="terms",
    ),
    SheetForm(
        "Drivers",
        (
            UNIT,
            Column("driver", "what drives the demand, such as headcount", needed=True, is_name=True),
            Column("weight", "its weight beside the unit's other drivers; blank: 1", "number", least=Least("weight")),
        ),
        "what drives a unit's demand",
        value="weight",
        key=("unit", "driver"),
        called=lambda row: f"the driver {row['driver']} of {row['unit']}",
        doubts="drivers",
        doubted_by=("unit",),
    ),
    SheetForm(
        "Demand",
        (
            Column("driver", "what drives the demand, such as headcount", needed=True, is_name=True),
            Column("period", "a month, quarter, year or range of months", "period", needed=True),
            FORCE,
            Column("volume", "the measured volume; blank: not known, 0: none", "number", needed=True),
            Column("signed off", "yes, once somebody has signed the volume off; blank: not signed off", "yes-no"),
        ),
        "a measured volume",
        value="volume",
        wide=("force", "period"),
        key=("driver", "period", "force"),
        doubts="demand",
    ),
    SheetForm(
        "Agreed shares",
        (
            UNIT,
            FROM_YEAR,
            FORCE,
            Column("share %", SHARE_MEANING, "percent", needed=True, least=Least("share")),
            Column("reference", "the minute or clause that the set rests on"),
        ),
        "a percentage of an agreement",
        value="share %",
        wide=("force",),
        key=("unit", "from year", "force"),
        called=lambda row: f"the agreed share of {row['force']} in {row['unit']} from {row['from year']}",
        doubts="agreed",
        doubted_by=("unit", "from year"),
    ),
    SheetForm(
        "Baselines",
        (
            UNIT,
            FORCE,
            Column("amount", "what the force paid a year before collaboration, £", "money", needed=True),
            Column("year", "the year of its prices; blank: not uprated", "year"),
            Column("reference", "the minute or clause that it rests on"),
        ),
        "what the force paid before",
        value="amount",
        wide=("force", "year"),
        key=("unit", "force"),
        called=lambda row: f"the baseline of {row['force']} for {row['unit']}",
        doubts="baselines",
        doubted_by=("unit",),
    ),
    SheetForm(
        "Deflators",
        (
            YEAR,
            Column("index", "a price index, any base", "number", needed=True, least=INDEX_ABOVE_ZERO),
        ),
        "a price index",
        value="index",
        wide=("year",),
        key=("year",),
        called=lambda row: f"the index of {row['year']}",
        doubts="deflators",
        doubted_by=("year",),
    ),
    SheetForm(
        "Settings",
        (Column("name", "which setting", "setting", needed=True), Column("value", VALUE_MEANING, "any", needed=True)),
        "a setting",
        key=("name",),
        called=lambda row: f"the setting {row['name']}",
        doubts="nre",  # whether an earlier NRE is carried forward
    ),
    SheetForm(
        "Business cases",
        (
            UNIT,
            YEAR,
            Column("amount", "the cost of the year, £", "money", needed=True),
            Column("force", "on all rows of a version or on none; none: shared on NRE", "force"),
            Column("version", "the version's name; a unit and year's first is its original", alike=key),
            Column("approved", "the date; the business case is shared on the NRE of its financial year", "date"),
            Column("price year", "the year of its prices; blank: not restated", "year"),
        ),
        "the cost in a business case",
        value="amount",
        wide=("force", "year"),
        key=("unit", "year", "version", "force"),
        called=lambda row: ", ".join(
            (f"the business case of {row['unit']} for {row['year']}", *([row["force"]] if "force" in row else []))
        ),
    ),
    SheetForm(
        "Actuals",
        (
            *BUDGET_COLUMNS,
            Column("paid by", "the force through whose ledger it went, whoever bears it", "force"),
            Column("period", PERIOD_MEANING, "period"),
        ),
        "an outturn line",
        value="amount",
        wide=("year",),
        key=("unit", "year", "line", "period"),
        in_part=True,
    ),
    SheetForm(
        "Payments",
        (
            YEAR,
            Column("from", "the force that paid", "force", needed=True),
            Column("to", "the force that was paid", "force", needed=True),
            Column("amount", "what was paid, £", "money", needed=True),
            Column("unit", "blank: for no unit in particular, so it has a row of its own, (no unit)", "unit"),
            Column("date", "when it was paid", "date"),
        ),
        "a payment on account between forces",
        value="amount",
        wide=("year",),
    ),
    SheetForm(
        "Explanations",
        (
            UNIT,
            YEAR,
            Column("cause", CAUSE_MEANING, needed=True, alike=key),
            Column("text", "the explanation", needed=True),
            Column("owner", "who answers for it"),
            Column("force", "the force whose row alone it explains; blank: the unit's row and each force's", "force"),
            Column("amount", "how much of the effect it explains, £, with the effect's sign; blank: all", "money"),
            Column("against", AGAINST_MEANING, "comparison", alike=key),
        ),
        "why a variance arose",
        value="amount",
        key=("unit", "year", "force", "against", "cause"),
        called=lambda row: f"an explanation of {row['cause']} for {row['unit']} {row['year']}",
    ),
    SheetForm(
        "Answers",
        (
            Column("query", "the key of the query, as it is printed", needed=True),
            Column("answer", "why it is no slip", needed=True),
            Column("who", "who says so"),
            Column("date", "when", "date"),
        ),
        "an answer to a query",
        key=("query",),
        may_be_own=True,
        called=lambda row: f"the answer to “{row['query']}”",
    ),
    SheetForm(
        "Assumptions",
        (
            Column("unit", "the unit; blank: all units; growth, saving and one-off need one", "unit"),
            Column("line", "the line it is about, or that it becomes; blank: all lines"),
            Column("subjective", "pay, income, …: of the lines it is about, or of the new line; blank: all"),
            line_type("of a growth, saving or one-off (blank: revenue); the other two are not carried on"),
            Column("force", "of nre growth %: the force; blank: all forces", "force"),
            FROM_YEAR,
            Column("kind", ", ".join(ASSUMPTION_KINDS), "choice", needed=True, choices=ASSUMPTION_KINDS),
            Column("value", "percent of uplift % and nre growth %, else £", "any", needed=True),
            Column("low", "the least it may be, for ranges and sensitivity", "any"),
            Column("high", "the most it may be", "any"),
            Column("reference", "where it comes from"),
        ),
        "a projection's assumption",
    ),
    _beside(
        "Agreements",
        (
            UNIT,
            Column("version", "the agreement, or which later version of it", needed=True, alike=key),
            Column("signed", "the day it was signed", "date", needed=True),
            Column("effective", "the day from which it is in force; blank: the day it was signed", "date"),
            Column("review due", "the day by which the partners are to review it", "date"),
            Column("notice months", "the months of notice to leave it", "whole", least=Least("notice")),
            Column("reference", "the minute or file that holds it"),
        ),
        "a section 22A agreement or a later version of it",
        key=("unit", "version"),
        called=lambda row: f"version {row['version']} of the agreement of {row['unit']}",
    ),
    _beside(
        "Comparators",
        (
            YEAR,
            Column("function", "a Police Objective Analysis heading, as on Units", needed=True),
            Column("force", "the service: another, or a force of ours", "service", needed=True, is_name=True),
            Column("net cost", "its net cost of the function, £", "money", needed=True),
            Column("group", "the groups it is compared in, separated by semicolons", "groups"),
            SOURCE,
        ),
        "another service's net cost of a function",
        value="net cost",
        wide=("year",),
        key=("year", "function", "force"),
        called=lambda row: f"the net cost of {row['function']} of {row['force']} for {row['year']}",
    ),
    _beside(
        "Sizes",
        (
            YEAR,
            Column("force", "a force of ours, or another service", "service", needed=True, is_name=True),
            Column("measure", "population, officers, incidents, …", needed=True),
            Column("amount", "the size, above zero", "number", needed=True, least=SIZE_ABOVE_ZERO),
        ),
        "a size to compare by",
        value="amount",
        wide=("year",),
        key=("year", "force", "measure"),
        called=lambda row: f"{row['measure']} of {row['force']} for {row['year']}",
    ),
    _beside(
        "Retained",
        (
            YEAR,
            Column("function", "the function, as on Units", needed=True),
            FORCE,
            Column("amount", "£; 0 where it spends nothing", "money", needed=True),
        ),
        "what a member still spends on the function outside the unit",
        value="amount",
        wide=("force", "year"),
        key=("year", "function", "force"),
        called=lambda row: f"what {row['force']} retains of {row['function']} for {row['year']}",
    ),
    _beside(
        "Forecasts",
        (
            UNIT,
            YEAR,
            Column("made on", "the day of the forecast", "date", needed=True),
            Column("amount", "the whole unit's outturn of the year, £", "money", needed=True),
            Column("reason", "why it differs from the budget"),
            Column("owner", "the post that answers for it"),
        ),
        "the outturn expected on a day",
        value="amount",
        wide=("year",),
        key=("unit", "year", "made on"),
        called=lambda row: f"the forecast of {row['unit']} for {row['year']} made on {row['made on']}",
    ),
    _beside(
        "Actions",
        (
            Column("ref", "its number in its source", needed=True),
            Column("source", "the review or audit it comes from", needed=True),
            Column("action", "what is to be done", needed=True),
            Column("unit", "blank: of no unit in particular", "unit"),
            Column("owner", "the post that does it"),
            Column("due", "by when", "date"),
            Column("revised due", "by when since; several, separated by semicolons: the last counts", "dates"),
            Column("status", "blank: closed where closed on has a day, else open", "choice", choices=ACTION_STATUSES),
            Column("closed on", "when it was closed", "date"),
            Column("evidence", "what shows that it was done"),
        ),
        "an action from a review or an audit",
        key=("source", "ref"),
        called=lambda row: f"the action {row['ref']} of {row['source']}",
    ),
    _beside(
        "In the MTFS",
        (
            YEAR,
            FORCE,
            Column("amount", "what its MTFS holds, £", "money", needed=True),
            Column("unit", "blank: for the alliance as a whole", "unit"),
            Column("version", "the version of its MTFS"),
            Column("date", "the day of that version; the latest counts", "date"),
        ),
        "what a force's own MTFS holds for the alliance",
        value="amount",
        wide=("force", "year"),
        key=("year", "force", "unit", "version", "date"),
        called=lambda row: f"the amount in the MTFS of {row['force']} for {row['year']}",
    ),
    _beside(
        "Timetable",
        (
            Column("step", "what is to be done", needed=True),
            Column("by", "the day", "date", needed=True),
            Column("who", "the post or body that does it"),
            Column("done", "the day, or yes; blank: not yet", "done"),
        ),
        "a step towards the budget, with its day",
        key=("step", "by"),
        called=lambda row: f"the step {row['step']}",
    ),
    _beside(
        "Priorities",
        (
            FORCE,
            Column("priority", "a priority of its Police and Crime Plan", needed=True),
            Column("units", SERVING_MEANING, "units", needed=True),
        ),
        "a priority of a Police and Crime Plan, and the units that serve it",
        key=("force", "priority"),
        called=lambda row: f"the priority {row['priority']} of {row['force']}",
    ),
    _beside(
        "Measures",
        (
            UNIT,
            Column("measure", "a service level or performance indicator", needed=True, is_name=True),
            Column("perspective", ", ".join(PERSPECTIVES), "choice", needed=True, choices=PERSPECTIVES),
            Column("target", "the value it is to reach", "figure"),
            Column("better", "whether higher or lower values are better", "choice", choices=BETTER),
            Column(
                "tolerance %", "amber within it, in percent of the target; blank: no amber", "percent", least=WITHIN
            ),
            Column("owner", "the post that answers for it"),
        ),
        "a service level or performance indicator of a unit",
        key=("unit", "measure"),
        called=lambda row: f"the measure {row['measure']} of {row['unit']}",
    ),
    _beside(
        "Measured",
        (
            Column("measure", "the measure, as on Measures", "measure", needed=True, is_name=True),
            Column("period", "the month, quarter or year", "period", needed=True),
            Column("value", "its value", "figure", needed=True),
            Column("unit", "where units share a measure's name", "unit"),
            Column("force", "blank: of the whole unit", "force"),
        ),
        "the value of a measure in a period",
        value="value",
        key=("measure", "period", "unit", "force"),
        called=lambda row: f"the value of {row['measure']} in {row['period']}",
    ),
)
SHEETS: Mapping[str, SheetForm] = {form.name: form for form in FORMS}
"""Every sheet the program reads, by name."""
FURTHER = tuple(form.name for form in FORMS if form.further)
SETTING_NAMES = (*SETTINGS, *(f"{MONEY_IN} {form.name}" for form in FORMS if form.is_of_money))
