"""The header of a sheet's table: below titles and notes, tidy or wide; and what of it is not read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bch_apportion.model import name_key, plain_text
from bch_apportion.places import Place, column_letters
from bch_apportion.reading.cells import ErrorCell, Row, Uncalculated, Value, address
from bch_apportion.reading.scale import WORDS, of_heading
from bch_apportion.reading.sheets import SheetForm, Spread
from bch_apportion.reading.tables import TOTALS, Context, Findings, Heading, Table
from bch_apportion.reading.values import (
    LONGEST,
    Unreadable,
    brief,
    financial_year,
    key,
    month_number,
    nearest,
    period,
    shown,
    unmarked,
    usable,
)

HEADER_ROWS = 30  # the header is looked for in the first thirty rows of a sheet
YEAR_WITHIN = re.compile(r"\b(?:19|20)\d\d\s?[/\-–]\s?(?:\d\d){1,2}\b")
YEAR_LIKE = re.compile(r"(?:FY)?[\s/\-–]*\d[\d\s/\-–]*", re.IGNORECASE)


def find_table(form: SheetForm, home: Place, rows: Iterator[Row], context: Context, findings: Findings) -> Table | None:
    """The table of a sheet, what is below its header left in `rows`; None with a problem where there is none."""
    search = Search(form, home, context, findings)
    above: list[Row] = []
    more = False
    for row in rows:
        if more := row[0] > HEADER_ROWS:
            break
        if table := search.table(row):
            table.above = above
            return table
        above.append(row)
    if form.may_be_own and not any(search.heads_needed(row) for row in above):
        if above or more:
            needed = " or ".join(f"“{name}”" for name in form.needed_columns())
            findings.notes.append(f"{home}: ignored as a sheet of your own: it has no column {needed}")
    elif above or more:
        search.report_missing(above)
    elif form.needed:
        findings.say("sheet-empty", f"the sheet {home} is empty", _layout(form), home)
    return None


def columns_of(form: SheetForm) -> str:
    """The columns that a table of the sheet needs, in each of its forms."""
    wide = ([*form.rest(by), f"one column for each {by}"] for by in form.wide)
    return ", or ".join(" | ".join(columns) for columns in (form.needed_columns(), *wide))


def _layout(form: SheetForm) -> str:
    return f"its header row, within the first {HEADER_ROWS} rows, is {columns_of(form)}"


def _texts(cells: Mapping[int, Value]) -> dict[int, str]:
    """The texts of a row, cut where they are too long for a heading."""
    return {column: shown(value)[: 2 * LONGEST] for column, value in sorted(cells.items())}


def _spread_heading(form: SheetForm, by: Spread, value: Value, context: Context) -> Heading | None:
    """The force, year or period that a heading is, whatever its scale and marks."""
    if isinstance(value, str) and len(value) > LONGEST:
        return None
    bare, _ = _bare(form, value)
    if by == "force":
        known = context.names["force"]
        alike = {key(name): code for name, code in known.items()}
        as_written = (shown(value), shown(bare))
        return next((c for text in as_written if (c := known.get(name_key(text)) or alike.get(key(text)))), None)
    try:
        if by == "period":
            return period(bare)
        return financial_year(bare.replace("_", " ") if isinstance(bare, str) else bare)
    except Unreadable:
        return None


def _named(form: SheetForm, known: Mapping[str, str], text: str) -> tuple[str, int]:
    """The column that a heading names, and the scale of its amounts where it names that too, else 0."""
    bare, factor = (text, 0) if key(text) in known else _bare(form, text)
    return known.get(key(shown(bare)), ""), factor


def _bare(form: SheetForm, heading: Value) -> tuple[Value, int]:
    """A heading without a publisher's marks and the scale it names; the scale, 0 where it names none."""
    bare = unmarked(heading)
    scaled = of_heading(bare) if form.is_of_money and isinstance(bare, str) else None
    return (unmarked(scaled[0]), scaled[1]) if scaled else (bare, 0)


@dataclass(slots=True)
class Search:
    """Looks for the row of headings; where there is none, says what comes nearest to it and lacks what."""

    form: SheetForm
    home: Place
    context: Context
    findings: Findings
    keys: Sequence[str] = ()  # of a scenario: its headings
    known: dict[str, str] = field(init=False)  # the sheet's columns, as compared

    def __post_init__(self) -> None:
        self.known = {key(column.name): column.name for column in self.form.columns}

    def table(self, row: Row) -> Table | None:
        """The table that begins with this row, if it holds all needed columns in tidy or wide form."""
        cells = row[1]
        columns: dict[str, int] = {}
        scales: dict[int, int] = {}
        for column, text in _texts(cells).items():
            name, factor = _named(self.form, self.known, text)
            if name:
                columns.setdefault(name, column)
            if factor and (name or not self.known.get(key(text))):
                scales[column] = factor
        table = Table(self.form, self.home, columns, frozenset(cells), header=row, scales=scales, keys=self.keys)
        if not all(name in columns for name in self.form.needed_columns()):
            spreads = ((by, self._spread(table, cells, by)) for by in self.form.wide)
            table.spread_by, table.spread = next(((by, spread) for by, spread in spreads if spread), ("", {}))
            if not table.spread:
                return None
        table.scales = {column: scales[column] for column in table.value_columns() if column in scales}
        Header(table, self.known, self.context, self.findings).check(row)
        return table

    def _spread(self, table: Table, cells: Mapping[int, Value], by: Spread) -> dict[int, Heading]:
        """The columns for each force or year; none where the row does not head such a table."""
        form, columns, rest = self.form, table.columns, self.form.rest(by)
        if by in columns or form.value in columns or not all(name in columns for name in rest):
            return {}
        headings = {
            column: heading
            for column, value in cells.items()
            if column not in columns.values()
            and (heading := _spread_heading(self.form, by, value, self.context)) is not None
        }
        return headings if rest or columns or len(headings) > 1 else {}

    def heads_needed(self, row: Row) -> bool:
        """Whether a row holds the heading of a needed column."""
        return any(self.known.get(key(text)) in self.form.needed_columns() for text in _texts(row[1]).values())

    def report_missing(self, rows: Sequence[Row]) -> None:
        """Say what the row that is likest a header lacks."""
        number, cells = max(rows, key=self._likeness, default=(0, {}))
        texts = _texts(cells)
        present, spread = {key(text) for text in texts.values()}, {"force", self.form.value}
        missing = [name for name in self.form.needed_columns() if key(name) not in present]
        if "force" in self.form.wide:
            forces = self.context.names["force"]
            if not forces and not set(missing) - spread:
                return  # what is wrong is on the Forces sheet: without it a column for each force cannot be told
            if not present & set(map(key, spread)) and any(name_key(text) in forces for text in texts.values()):
                missing = [name for name in missing if name not in spread]  # they are spread over the columns
        if self._bare_years(number, cells, missing) or self._doubled(number, cells):
            return
        if not missing or self._likeness((number, cells)) == (0, 0):
            message = f"no header row found on the sheet {self.home}"
            self.findings.say("column-missing", message, _layout(self.form), self.home)
            return
        for name in missing:
            self._say_missing(name, number, texts)

    def _likeness(self, row: Row) -> tuple[int, int]:
        """How many headings of a row are known, and how many are nearly."""
        texts = _texts(row[1]).values()
        forces = self.context.names["force"] if "force" in self.form.wide else {}
        hits = sum(key(text) in self.known or name_key(text) in forces for text in texts)
        return hits, sum(bool(nearest(text, self.form.needed_columns())) for text in texts)

    def _say_missing(self, name: str, number: int, texts: Mapping[int, str]) -> None:
        near = next((c for c, text in texts.items() if nearest(text, [name]) and key(text) not in self.known), None)
        hint = f"; did you mean “{brief(texts[near])}”?" if near else ""
        message = f"the column “{name}” is missing from row {number}{hint}"
        place, value = self._place(number, near or min(texts)), texts[near] if near else ""
        self.findings.say("column-missing", message, f"head a column “{name}”: {_layout(self.form)}", place, value)

    def _place(self, number: int, column: int) -> Place:
        return self.home._replace(cell=address(number, column))

    def _bare_years(self, number: int, cells: Mapping[int, Value], missing: Sequence[str]) -> bool:
        """Whether headings such as 2018 stand where a column for each year would; they are said."""
        if "year" not in self.form.wide or [name for name in missing if name not in ("year", self.form.value)]:
            return False
        said = len(self.findings.problems)
        for column, value in sorted(cells.items()):
            try:
                financial_year(value)
            except Unreadable as error:
                if error.code == "bare-year":
                    self.findings.say_unreadable(error, self._place(number, column), value)
        return len(self.findings.problems) > said

    def _doubled(self, number: int, cells: Mapping[int, Value]) -> bool:
        """Whether there is a column of values beside a column for each force or year: it is not clear which counts."""
        texts, form = _texts(cells), self.form
        value = next((column for column, text in texts.items() if form.value and key(text) == key(form.value)), None)
        heads = [
            by
            for by in form.wide
            if any(_spread_heading(self.form, by, c, self.context) is not None for c in cells.values())
        ]
        if value is None or not heads:
            return False
        each, place = f"for each {heads[0]}", self._place(number, value)
        message = f"the sheet has a column {each} and a column “{brief(texts[value])}” too: which counts?"
        remedy = f"take this column off (or name it otherwise if it is your own), or the columns {each}"
        self.findings.say("column-twice", message, remedy, place, texts[value])
        return True


def _holds(text: str, name: str) -> bool:
    """Whether a heading has all words of a column's name, and more.

    >>> _holds("Direct to force", "direct to"), _holds("directorate", "direct to")
    (True, False)
    """
    words = re.findall(r"[^\W_]+|%", plain_text(text).casefold())
    return len(text) <= LONGEST and set(name.split()) < set(words)


@dataclass(slots=True)
class Header:
    """Says what of a table's header is not read: unknown columns, near misses, columns given twice."""

    table: Table
    known: Mapping[str, str]  # the sheet's columns, as compared
    context: Context
    findings: Findings

    def check(self, row: Row) -> None:
        number, cells = row
        taken: dict[object, Place] = {}
        ignored = []
        for column, text in _texts(cells).items():
            place = self.table.place(number, column)
            heading: object = self.table.spread.get(column) or _named(self.table.form, self.known, text)[0]
            if heading and unmarked(text) != text:
                self.table.marks.append(f"{self.table.named(number, column)} “{brief(text)}”")
            if column in self.table.scales:
                scale = WORDS[self.table.scales[column]]
                self.findings.notes.append(f"{place}: “{brief(text)}” is read in {scale}")
            if not heading and self.table.spread and key(shown(unmarked(text))) in TOTALS:
                self.table.totals = (*self.table.totals, column)
            elif not heading:
                if not self._says_why(text, cells[column], place):
                    ignored.append(self._called(column, text))
            elif taken.setdefault(heading, place) is not place:
                message = f"“{brief(text)}” heads this column and {taken[heading].cell} too"
                self.findings.say("column-twice", message, "keep one of the two columns", place, text)
                self.table.spread.pop(column, None)
        if ignored:
            what = ("key" if self.table.keys else "column") + ("s" if len(ignored) > 1 else "")
            self.findings.notes.append(f"{self.table.home}: unrecognised {what} ignored: {', '.join(ignored)}")

    def _called(self, column: int, text: str) -> str:
        return f"“{brief(text)}”" if self.table.keys else f"{column_letters(column)} “{brief(text)}”"

    def _says_why(self, text: str, value: Value, place: Place) -> bool:
        """Whether there is something to mend in a heading that is not known; it is said."""
        return (
            (isinstance(value, ErrorCell | Uncalculated) and self._is_unreadable(value, place, usable))
            or self._is_spread_too(text, value, place)
            or self._is_nearly_a_force(text, place)
            or self._is_nearly_a_year(text, value, place)
            or self._is_nearly_a_period(text, value, place)
            or self._is_nearly_a_column(text, place)
        )

    def _is_unreadable(self, value: Value, place: Place, read: Callable[[Value], object]) -> bool:
        try:
            read(value)
        except Unreadable as error:
            self.findings.say_unreadable(error, place, value)
        return True

    def _is_spread_too(self, text: str, value: Value, place: Place) -> bool:
        """Whether a heading beside a column of values is a force or a year, on a sheet that may be spread by them."""
        form = self.table.form
        if self.table.spread or form.value not in self.table.columns or not isinstance(value, str):
            return False
        by = next((by for by in form.wide if _spread_heading(form, by, value, self.context) is not None), "")
        if by:
            message = f"“{brief(text)}” heads a column by {by}, and the sheet has the column “{form.value}” too"
            remedy = f"take one of them off, or name the columns by {by} otherwise if they are your own"
            self.findings.say("column-twice", message, remedy, place, text)
        return bool(by)

    def _near(self, text: str) -> str:
        """The column that a heading nearly is, of those that are not there."""
        table = self.table
        spread = (table.spread_by, table.form.value) if table.spread else ()
        absent = [c.name for c in table.form.columns if c.name not in table.columns and c.name not in spread]
        return nearest(text, absent) or next((name for name in absent if _holds(text, name)), "")

    def _is_nearly_a_force(self, text: str, place: Place) -> bool:
        taken = self.table.spread.values()
        missing = [name for name, code in self.context.names["force"].items() if code not in taken]
        near = nearest(text, missing) or any(len(name) > 2 and _holds(text, name) for name in missing)
        if self.table.spread_by != "force" or self._near(text) or not near:
            return False
        self.context.add_unknown("force", text, place)
        self.findings.doubt_all(self.table.form)
        return True

    def _is_nearly_a_year(self, text: str, value: Value, place: Place) -> bool:
        if self.table.spread_by != "year" or len(text) > LONGEST:
            return False
        if YEAR_LIKE.fullmatch(text):
            return self._is_unreadable(value, place, financial_year)
        within = YEAR_WITHIN.search(text)
        if within:
            message = f"“{brief(text)}” is no financial year; did you mean “{within.group()}”?"
            remedy = "head it with the year alone, or call it something quite different if it is your own"
            self.findings.say("column-misspelt", message, remedy, place, text)
        return within is not None

    def _is_nearly_a_period(self, text: str, value: Value, place: Place) -> bool:
        """Whether a heading beside periods has figures of a year, or a month's name, and is no period."""
        near = len(text) <= LONGEST and (re.search(r"\d\d", text) or any(map(month_number, re.findall(r"\w+", text))))
        return self.table.spread_by == "period" and bool(near) and self._is_unreadable(value, place, period)

    def _is_nearly_a_column(self, text: str, place: Place) -> bool:
        near = self._near(text)
        if near:
            self.findings.misspelt.append(near)
            message = f"no column is called “{brief(text)}”; did you mean “{near}”?"
            remedy = f"head it “{near}”, or call it something quite different if it is your own"
            self.findings.say("column-misspelt", message, remedy, place, text)
        return bool(near)
