"""The header of a sheet's table: below titles and notes, tidy or wide; and what of it is not read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bch_apportion.model import ForceCode, name_key
from bch_apportion.places import Place, column_letters
from bch_apportion.reading.cells import ErrorCell, Row, Uncalculated, Value, address
from bch_apportion.reading.sheets import SheetForm
from bch_apportion.reading.tables import Findings, Names, Table
from bch_apportion.reading.values import LONGEST, Unreadable, brief, financial_year, key, nearest, shown, usable
from bch_apportion.years import FinancialYear

HEADER_ROWS = 30  # the header is looked for in the first thirty rows of a sheet
YEAR_WITHIN = re.compile(r"\b(?:19|20)\d\d\s?[/\-–]\s?(?:\d\d){1,2}\b")
YEAR_LIKE = re.compile(r"(?:FY)?\s*[\d\s/\-–]+", re.IGNORECASE)


def find_table(
    form: SheetForm,
    home: Place,
    rows: Iterable[Row],
    names: Names,
    findings: Findings,
    unknown_force: Callable[[str, Place], None],
) -> tuple[Table | None, Iterator[Row]]:
    """The table of a sheet and the rows below its header; None with a problem where there is none.

    A column headed by nearly a force is given to `unknown_force` with its cell.
    """
    search = Search(form, home, names, findings)
    stream = iter(rows)
    above: list[Row] = []
    more = False
    for row in stream:
        if row[0] > HEADER_ROWS:
            more = True
            break
        table = search.table(row)
        if table:
            Header(table, names, findings, unknown_force).check(row)
            return table, stream
        above.append(row)
    if above or more:
        search.report_missing(above)
    elif form.needed:
        findings.say("sheet-empty", f"the sheet {home} is empty", _layout(form), home)
    return None, iter(())


def table_of(
    form: SheetForm,
    home: Place,
    header: Row,
    names: Names,
    findings: Findings,
    unknown_force: Callable[[str, Place], None],
    named: Callable[[int, int], str],
) -> Table | None:
    """The table that a row of headings begins, its cells called by `named`; None where it holds too few."""
    table = Search(form, home, names, findings).table(header)
    if table is not None:
        table.named, table.written = named, False
        Header(table, names, findings, unknown_force).check(header)
    return table


def columns_of(form: SheetForm) -> str:
    """The columns that a table of the sheet needs, in each of its forms."""
    wide = ([*form.rest(by), f"one column for each {by}"] for by in form.spread_by())
    return ", or ".join(" | ".join(columns) for columns in (form.needed_columns(), *wide))


def _layout(form: SheetForm) -> str:
    return f"its header row, within the first {HEADER_ROWS} rows, is {columns_of(form)}"


def _texts(cells: Mapping[int, Value]) -> dict[int, str]:
    return {column: shown(value) for column, value in sorted(cells.items())}


def _spread_heading(spread_by: str, value: Value, names: Names) -> ForceCode | FinancialYear | None:
    """The force or year that a heading is."""
    if spread_by == "force":
        return names.forces.get(name_key(shown(value)))
    try:
        return financial_year(value)
    except Unreadable:
        return None


@dataclass(slots=True)
class Search:
    """Looks for the row of headings; where there is none, says what comes nearest to it and lacks what."""

    form: SheetForm
    home: Place
    names: Names
    findings: Findings

    def table(self, row: Row) -> Table | None:
        """The table that begins with this row, if it holds all needed columns in tidy or wide form."""
        number, cells = row
        known = {key(column.name): column.name for column in self.form.columns}
        columns: dict[str, int] = {}
        for column, text in _texts(cells).items():
            if name := known.get(key(text)):
                columns.setdefault(name, column)
        table = Table(self.form, self.home, number, columns, headed=frozenset(cells))
        if all(name in columns for name in self.form.needed_columns()):
            return table
        for spread_by in self.form.spread_by():
            if self._is_spread(table, cells, spread_by):
                return table
        return None

    def _is_spread(self, table: Table, cells: Mapping[int, Value], spread_by: Literal["force", "year"]) -> bool:
        """Whether the row heads a column for each force or year; the table then is spread by them."""
        form, columns, rest = self.form, table.columns, self.form.rest(spread_by)
        if spread_by in columns or form.value in columns or not all(name in columns for name in rest):
            return False
        headings = {
            column: heading
            for column, value in cells.items()
            if column not in columns.values() and (heading := _spread_heading(spread_by, value, self.names)) is not None
        }
        if not headings or not (rest or columns or len(headings) > 1):
            return False
        table.spread_by, table.spread = spread_by, headings
        return True

    def report_missing(self, rows: Sequence[Row]) -> None:
        """Say what the row that is likest a header lacks."""
        number, cells = max(rows, key=self._likeness, default=(0, {}))
        texts = _texts(cells)
        missing = self._missing(texts)
        if self.form.by_force and not self.names.forces and not set(missing) - {"force", self.form.value}:
            return  # what is wrong is on the Forces sheet: without it a column for each force cannot be told
        if self.form.by_force and self._heads_forces(texts):  # the wide form: these two are spread over the columns
            missing = [name for name in missing if name not in ("force", self.form.value)]
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
        known = {key(column.name) for column in self.form.columns}
        texts = _texts(row[1]).values()
        hits = sum(key(t) in known or (self.form.by_force and name_key(t) in self.names.forces) for t in texts)
        return hits, sum(bool(nearest(t, self.form.needed_columns())) for t in texts)

    def _missing(self, texts: Mapping[int, str]) -> list[str]:
        present = {key(text) for text in texts.values()}
        return [name for name in self.form.needed_columns() if key(name) not in present]

    def _heads_forces(self, texts: Mapping[int, str]) -> bool:
        """Whether a force heads a column, and no column holds forces or values."""
        tidy = {"force", key(self.form.value)} & {key(text) for text in texts.values()}
        return not tidy and any(name_key(text) in self.names.forces for text in texts.values())

    def _say_missing(self, name: str, number: int, texts: Mapping[int, str]) -> None:
        known = {key(column.name) for column in self.form.columns}
        near = next((c for c, text in texts.items() if nearest(text, [name]) and key(text) not in known), None)
        hint = f"; did you mean it by “{brief(texts[near])}”?" if near is not None else ""
        self.findings.say(
            "column-missing",
            f"the column “{name}” is missing from row {number}{hint}",
            f"head a column “{name}”: {_layout(self.form)}",
            self._place(number, min(texts) if near is None else near),
            "" if near is None else texts[near],
        )

    def _place(self, number: int, column: int) -> Place:
        return self.home._replace(cell=address(number, column))

    def _bare_years(self, number: int, cells: Mapping[int, Value], missing: Sequence[str]) -> bool:
        """Whether the sheet would have a column for each year, did headings such as 2018 name one; they are said."""
        if not self.form.by_year or [name for name in missing if name not in ("year", self.form.value)]:
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
            what
            for what in form.spread_by()
            if any(_spread_heading(what, cell, self.names) is not None for cell in cells.values())
        ]
        if value is None or not heads:
            return False
        self.findings.say(
            "column-twice",
            f"the sheet has a column for each {heads[0]} and a column “{brief(texts[value])}” too: which one counts?",
            f"take this column off (or name it otherwise if it is your own), or the columns for each {heads[0]}",
            self._place(number, value),
            texts[value],
        )
        return True


@dataclass(slots=True)
class Header:
    """Says what of a table's header is not read: unknown columns, near misses, columns given twice."""

    table: Table
    names: Names
    findings: Findings
    unknown_force: Callable[[str, Place], None]

    def check(self, row: Row) -> None:
        number, cells = row
        known = {key(column.name): column.name for column in self.table.form.columns}
        taken: dict[object, Place] = {}
        ignored = []
        for column, text in _texts(cells).items():
            place = self.table.place(number, column)
            heading: object = self.table.spread.get(column) or known.get(key(text))
            if heading is None:
                if not self._says_why(text, cells[column], place):
                    ignored.append(self._called(column, text))
            elif taken.setdefault(heading, place) is not place:
                message = f"“{brief(text)}” heads this column and {taken[heading].cell} too"
                self.findings.say("column-twice", message, "keep one of the two columns", place, text)
                self.table.spread.pop(column, None)
        if ignored:
            what = ("column" if self.table.written else "key") + ("s" if len(ignored) > 1 else "")
            self.findings.notes.append(f"{self.table.home}: {what} {', '.join(ignored)} not known, not read")

    def _called(self, column: int, text: str) -> str:
        return f"{column_letters(column)} “{brief(text)}”" if self.table.written else f"“{brief(text)}”"

    def _says_why(self, text: str, value: Value, place: Place) -> bool:
        """Whether there is something to mend in a heading that is not known; it is said."""
        if isinstance(value, ErrorCell | Uncalculated):
            self._unreadable(value, place)
            return True
        return (
            self._is_spread_too(text, value, place)
            or self._is_nearly_a_force(text, place)
            or self._is_nearly_a_year(text, value, place)
            or self._is_nearly_a_column(text, place)
        )

    def _unreadable(self, value: Value, place: Place) -> None:
        """A heading that is an error or was never calculated heads nothing."""
        try:
            usable(value)
        except Unreadable as error:
            self.findings.say_unreadable(error, place, value)

    def _is_spread_too(self, text: str, value: Value, place: Place) -> bool:
        """Whether a heading beside a column of values is a force or a year, on a sheet that may be spread by them."""
        form = self.table.form
        if self.table.spread or form.value not in self.table.columns or not isinstance(value, str):
            return False
        by = next((what for what in form.spread_by() if _spread_heading(what, value, self.names) is not None), "")
        if by:
            self.findings.say(
                "column-twice",
                f"“{brief(text)}” heads a column by {by}, and the sheet has the column “{form.value}” too",
                f"take one of them off, or name the columns by {by} otherwise if they are your own",
                place,
                text,
            )
        return bool(by)

    def _near(self, text: str) -> str:
        """The column that a heading nearly is, of those that are not there."""
        table = self.table
        spread = (table.spread_by, table.form.value) if table.spread else ()
        absent = [c.name for c in table.form.columns if c.name not in table.columns and c.name not in spread]
        return nearest(text, absent)

    def _is_nearly_a_force(self, text: str, place: Place) -> bool:
        taken = self.table.spread.values()
        missing = [name for name, code in self.names.forces.items() if code not in taken]
        if self.table.spread_by != "force" or self._near(text) or not nearest(text, missing):
            return False
        self.unknown_force(text, place)
        return True

    def _is_nearly_a_year(self, text: str, value: Value, place: Place) -> bool:
        if self.table.spread_by != "year" or len(text) > LONGEST:
            return False
        if YEAR_LIKE.fullmatch(text) and re.search(r"\d", text):
            try:
                financial_year(value)
            except Unreadable as error:
                self.findings.say_unreadable(error, place, value)
            return True
        within = YEAR_WITHIN.search(text)
        if within:
            self.findings.say(
                "column-misspelt",
                f"“{brief(text)}” is no financial year; did you mean “{within.group()}”?",
                "head it with the year alone, or call it something quite different if it is your own",
                place,
                text,
            )
        return within is not None

    def _is_nearly_a_column(self, text: str, place: Place) -> bool:
        near = self._near(text)
        if near:
            self.findings.misspelt.append(near)
            self.findings.say(
                "column-misspelt",
                f"no column is called “{brief(text)}”; did you mean “{near}”?",
                f"head it “{near}”, or call it something quite different if it is your own",
                place,
                text,
            )
        return bool(near)
