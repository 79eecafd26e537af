"""The input workbook before it is filled in, as a value: sheets, headings, notes, drop-downs, and the guide to them.

Everything comes from the forms that reading uses (`SHEETS`), so that the template has every sheet and column
that is read. `writer` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any, NamedTuple, TypeAlias

from bch_apportion.reading.sheets import SETTINGS, SHEETS, WRITTEN, Column, SheetForm
from bch_apportion.reading.tables import TOTALS
from bch_apportion.reading.values import key
from bch_apportion.terms import Parameter, parameters
from bch_apportion.years import FinancialYear

Cell: TypeAlias = str | int | Decimal | date | None

LISTS = {"force": ("Forces", "force"), "unit": ("Units", "unit"), "driver": ("Drivers", "driver")}
YEARS = tuple(str(FinancialYear(start)) for start in range(2010, 2040))  # of the drop-downs, on the guide

WHEN = {  # what each sheet is for, as the guide says it
    "Forces": "The forces of the collaboration. All other sheets name them by these codes.",
    "NRE": "Every force's net revenue expenditure, for each year that has budgets.",
    "Units": "The units whose cost is shared, and from when their budgets are pooled.",
    "Budgets": "What each unit costs in each year: line by line, or in one amount.",
    "Control totals": "Totals to check the budgets against the general ledger.",
    "Principles": "Parameters agreed otherwise than the program's defaults. A blank leaves a parameter unchanged.",
    "Drivers": "For units that are shared on demand.",
    "Demand": "The volumes of the drivers, as far back as the window needs. Nobody signs them off? Delete that column.",
    "Agreed shares": "For units that are shared on percentages of an agreement.",
    "Baselines": "For the no loser principle; every member of a unit, or none.",
    "Deflators": "For real terms, and for baselines and business cases at the prices of another year.",
    "Settings": "Settings for the whole workbook. A setting not listed keeps its default.",
    "Business cases": "For variance and track.",
    "Actuals": "The outturn, of a year or of its months: for variance, track, settle and monitor.",
    "Payments": "For settle.",
    "Explanations": "For variance and monitor, which say which explanations are owed.",
    "Answers": "Why what looks like a slip is right. The query stands in front of the figures until it is answered.",
    "Assumptions": "For mtfs, which projects the budgets.",
    "Agreements": "For status: which agreement is in force, and whether its review is overdue.",
    "Comparators": "For benchmark: what other services spend on a function.",
    "Sizes": "For benchmark: what costs are divided by, for every force of ours and every service compared with.",
    "Retained": "For benchmark: what members still spend outside the unit. It counts where each of them has a row.",
    "Forecasts": "For monitor: where the year is expected to end. Add a row for each forecast; leave the old ones.",
    "Actions": "For pack: which actions of reviews and audits are open, and which are overdue.",
    "In the MTFS": "For mtfs and pack: whether each force's own plan holds what the alliance will cost it.",
    "Timetable": "For mtfs and pack: the alliance's own steps, beside the statutory ones.",
    "Priorities": "For pack: which units serve which priorities.",
    "Measures": "For pack: the scorecard, in four perspectives.",
    "Measured": "For pack: the values of those measures.",
}


class Entry(NamedTuple):
    """What a cell may hold: words to choose from, the names on a list, or a number from `minimum` (or a word for it).

    `listed` is a key of LISTS, or `year`; there another text is asked about and may stand, as an alias may.
    """

    words: tuple[str, ...] = ()
    listed: str = ""
    whole: bool = False
    minimum: int | None = None
    maximum: int | None = None


class Field(NamedTuple):
    """A column: its heading, the word above it, the note on it. `kind` is that of `sheets.Column`, or whole."""

    heading: str
    kind: str = "text"
    word: str = ""
    note: str = ""
    entry: Entry | None = None


class Sheet(NamedTuple):
    """A sheet: title and note, then the words, the headings and the rows of its table."""

    name: str
    title: str
    note: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()
    needed: bool = False
    further: bool = False  # beside the split

    def is_total(self, row: Sequence[Cell]) -> bool:
        """Whether a row totals those above it."""
        return isinstance(row[0], str) and key(row[0]) in TOTALS


class Line(NamedTuple):
    """A line of the guide."""

    name: str
    text: str = ""
    more: str = ""


class Section(NamedTuple):
    """A part of the guide: headings over lines. `about` says whose names the lines have."""

    headings: tuple[str, str, str]
    rows: tuple[Line, ...]
    about: str = ""


class Template(NamedTuple):
    """A workbook to fill in: the guide, then the sheets."""

    title: str
    guide: tuple[Section, ...]
    sheets: tuple[Sheet, ...]


def blank(commands: Mapping[str, str], exit_codes: Mapping[int, str]) -> Template:
    """The empty template. The guide lists the program's commands and exit codes, each with what it means."""
    return Template("Input workbook", _guide(commands, exit_codes), tuple(map(_empty, _forms())))


def example(commands: Mapping[str, str], exit_codes: Mapping[int, str]) -> Template:
    """The template filled with the example: the tables of examples/alliance.xlsx, each cell where it is there."""
    text = files("bch_apportion.template").joinpath("example.json").read_text("utf-8")
    book: dict[str, Any] = json.loads(text, parse_float=Decimal)
    filled = {sheet["name"]: sheet for sheet in book["sheets"]}
    own = [_filled(sheet) for name, sheet in filled.items() if name not in SHEETS]
    ours = [_filled(filled[form.name], form) if form.name in filled else _empty(form) for form in _forms()]
    return Template(book["title"], _guide(commands, exit_codes), (*own, *ours))


def _forms() -> list[SheetForm]:
    return [form for form in SHEETS.values() if form.columns]


def _empty(form: SheetForm) -> Sheet:
    """A form's sheet with its own columns and no rows."""
    fields = tuple(_field(form, column.name) for column in form.columns)
    need = "needed" if form.needed else "beside the split" if form.further else "optional"
    note = f"One row is {form.row}. {WHEN[form.name]}"
    return Sheet(form.name, f"{form.name}: {need}", note, fields, needed=form.needed, further=form.further)


def _filled(sheet: dict[str, Any], form: SheetForm | None = None) -> Sheet:
    """A sheet of the example; without a form it is a sheet that the program does not read."""
    return Sheet(
        name=sheet["name"],
        title=sheet["title"],
        note=sheet["note"],
        fields=tuple(_field(form, heading) if form else Field(heading) for heading in sheet["columns"]),
        rows=tuple(tuple(map(_cell, row)) for row in sheet["rows"]),
        needed=form is not None and form.needed,
        further=form is not None and form.further,
    )


def _cell(value: Any) -> Any:
    """A cell of the JSON: a date where the text is a whole date."""
    whole_date = isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-"
    return date.fromisoformat(value) if whole_date else value


def _field(form: SheetForm, heading: str) -> Field:
    """The field of a heading: a column of the form, or one force or year of its values."""
    own = next((column for column in form.columns if column.name == heading), None)
    column = own or form.column(form.value)
    return Field(
        heading=heading,
        kind=_kind(column),
        word=column.name if own is None else "needed" if own.needed else "optional",
        note=_note(form, own) if own else f"{column.name} of {heading}: {column.meaning}. Blank: no row.",
        entry=_entry(form, column),
    )


def _parameter(column: Column) -> Parameter | None:
    return parameters()[column.name] if column.kind.startswith("parameter ") else None


def _kind(column: Column) -> str:
    """The kind of cell: a parameter's as any other's, percentage points as percent."""
    kind = column.kind.removeprefix("parameter ")
    return "percent" if kind == "points" else kind


def _note(form: SheetForm, column: Column) -> str:
    """What a heading means and how its cells are written: the meanings of the manual."""
    parameter, written = _parameter(column), WRITTEN.get(_kind(column))
    settings = SETTINGS if column.kind == "setting" else {}
    lines = [
        f"{'Needed' if column.needed else 'Optional'}: {column.meaning}.",
        f"Default: {parameter.words(parameter.default)}." if parameter else "",
        f"One of: {', '.join(column.choices)}." if column.choices else "",
        *(f"{name} (default {default}): {what}." for name, (default, what, _) in settings.items()),
        f"Written as: {written[1]}." if written else "",
        "yes or no." if column.kind == "yes-no" else "",
    ]
    return "\n".join(filter(None, lines))


def _entry(form: SheetForm, column: Column) -> Entry | None:
    """What may be entered in a column's cells; None where that is any text or amount."""
    parameter, kind = _parameter(column), _kind(column)
    if parameter and kind in ("percent", "whole"):
        words = (parameter.unset,) if parameter.unset else ()
        low, high = parameter.limits()
        return Entry(words, whole=kind == "whole", minimum=low, maximum=high)
    if column.name == "driver" and form.name != LISTS["driver"][0]:
        return Entry(listed="driver")
    if kind in ("force", "unit", "year"):
        return Entry(listed=kind)
    return {
        "choice": Entry(column.choices),
        "setting": Entry(tuple(SETTINGS)),
        "yes-no": Entry(("yes", "no")),
        "percent": Entry(minimum=0, maximum=100),
        "whole": Entry(whole=True, minimum=0),
        "number": Entry(minimum=0),
    }.get(kind)


# The guide

STEPS = (
    (
        "Fill in the needed sheets",
        "In the order below: {needed}. They are enough to compute. Above each heading stands whether its column is "
        "needed; point at a heading to read what it holds.",
    ),
    (
        "Save, and check",
        "bch-apportion check BOOK.xlsx lists every problem with its cell and what to do. Correct them, save, and "
        "check again.",
    ),
    (
        "Answer the queries",
        "check also lists what could be right and is more often a slip. Correct it; or where it is right, copy its key "
        "to the sheet Answers and write why. An answer never changes a figure.",
    ),
    (
        "Add what else you have",
        "Fill in the optional sheets you have figures for. An empty sheet changes nothing. Check again.",
    ),
    (
        "Compute",
        "bch-apportion compute BOOK.xlsx shows what each force pays; with -o result.xlsx it writes a workbook to "
        "pass on. Your own workbook is never changed.",
    ),
)
HABITS = (
    Line("Forces and units", "their code", "or their name or an alias, whatever its case; several forces: BEDS, HERTS"),
    Line("Nothing there", "0", "Blank is never zero: write 0 where nothing is meant, leave blank what is not known."),
    Line("Totals", "Total", "A row that begins with Total, Grand total or Sub-total is checked, and not counted."),
    Line(
        "Headings",
        "as they stand",
        "Columns may be in any order; optional columns may be deleted. The texts above the headings may be changed.",
    ),
    Line(
        "Drop-downs",
        "the lists of this workbook",
        "Forces, units and drivers come from their sheets. Other spellings that the program reads are accepted. Paste "
        "values only, so that drop-downs and formats are kept.",
    ),
    Line(
        "Thousands",
        "amount (£000)",
        "A heading may say it, or money in on Settings. Without either, amounts are in pounds.",
    ),
    Line("Your own", "any other name", "Sheets and columns of your own are ignored, with a note."),
)
EXAMPLES = {  # the way to write it that the guide names first
    "year": "2018/19",
    "period": "2018-04, 2018/19 Q1",
    "date": "01/04/2016",
    "money": "1234.50, income -1234.50",
    "percent": "12.5",
}
WIDE = (
    Line(
        "Budgets",
        "unit | line | 2018/19 | 2019/20",
        "ICT | Licences | 1200000 | 1250000: 1200000 for 2018/19 and 1250000 for 2019/20. First delete the columns "
        "year and amount.",
    ),
    Line(
        "NRE",
        "year | BEDS | HERTS",
        "2018/19 | 101500000 | 184200000: 101500000 for BEDS and 184200000 for HERTS. First delete the columns force "
        "and nre.",
    ),
)


def _guide(commands: Mapping[str, str], exit_codes: Mapping[int, str]) -> tuple[Section, ...]:
    needed = ", ".join(form.name for form in _forms() if form.needed)
    steps = tuple(Line(str(n), what, how.format(needed=needed)) for n, (what, how) in enumerate(STEPS, 1))
    sheets = tuple(_guide_row(form) for form in _forms() if not form.further)
    further = tuple(_guide_row(form) for form in _forms() if form.further)
    written = [Line(name, EXAMPLES.get(kind, ""), how) for kind, (name, how) in WRITTEN.items()]
    settings = tuple(Line(name, default, what) for name, (default, what, _) in SETTINGS.items())
    program = tuple(Line(name, f"bch-apportion {name}", what) for name, what in commands.items())
    codes = tuple(Line(str(code), what) for code, what in exit_codes.items())
    years = ("Years", "In the drop-downs: overwrite them if you need others", "")
    return (
        Section(("Steps", "", ""), steps),
        Section(("The sheets, in their order", "One row is", "What it is for"), sheets, "sheets"),
        Section(("Beside the split: for who needs them", "One row is", "What it is for"), further, "sheets"),
        Section(("How it is written", "Write", "What is read as well"), (*written, *HABITS)),
        Section(("Wide, for example", "Headings, a cell each", "A row under them, and what it says"), WIDE),
        Section(("The settings", "Default", "Meaning"), settings),
        Section(("The commands", "", ""), program),
        Section(("Exit codes", "How a command ended", ""), codes),
        Section(years, tuple(map(Line, YEARS)), "years"),
    )


def _guide_row(form: SheetForm) -> Line:
    about = f"{'Needed' if form.needed else 'Optional'}. {WHEN[form.name]}"
    if wide := form.wide:
        each = ", or for each ".join(wide)
        about += f" May be wide: a column for each {each}, in place of {' or '.join(wide)} and {form.value}."
    return Line(form.name, form.row, about)
