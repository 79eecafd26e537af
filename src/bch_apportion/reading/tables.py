"""Where a sheet's table stands: its header below titles and notes, tidy or wide, and the rows under it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from bch_apportion.model import ForceCode, WrittenRow, name_key
from bch_apportion.money import Exact, decimal_text, plain
from bch_apportion.places import Place, column_letters
from bch_apportion.problems import About, Problem
from bch_apportion.reading.cells import ErrorCell, Row, Uncalculated, Value, address
from bch_apportion.reading.sheets import SheetForm
from bch_apportion.reading.values import LONGEST, Unreadable, brief, financial_year, key, money, nearest, shown, usable
from bch_apportion.years import FinancialYear

HEADER_ROWS = 30  # the header is looked for in the first thirty rows of a sheet
TOTALS = {"total": "total", "grandtotal": "total", "subtotal": "sub-total"}
YEAR_WITHIN = re.compile(r"\b(?:19|20)\d\d\s?[/\-–]\s?(?:\d\d){1,2}\b")
YEAR_LIKE = re.compile(r"(?:FY)?\s*[\d\s/\-–]+", re.IGNORECASE)


@dataclass(slots=True)
class Names:
    """What forces, units and drivers may be called: every code, name and alias, as compared, to its code."""

    forces: dict[str, ForceCode] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Findings:
    """What reading gathers beside the rows: problems, notes and what a problem has put in doubt."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: set[About] = field(default_factory=set)
    blanks: dict[tuple[object, ...], Place] = field(default_factory=dict)
    misspelt: list[str] = field(default_factory=list)  # the columns that a heading nearly is
    written: dict[str, tuple[WrittenRow, ...]] = field(default_factory=dict)  # rows of the workbook, by sheet

    def say(self, code: str, message: str, remedy: str, place: Place, value: str = "") -> None:
        self.problems.append(Problem(code, message, remedy, place, value=value))

    def say_unreadable(self, error: Unreadable, place: Place, value: Value | None) -> None:
        self.say(error.code, error.message, error.remedy, place, shown(value))

    def add(self, other: Findings) -> None:
        self.written.update(other.written)
        self.problems += other.problems
        self.notes += other.notes
        self.doubts |= other.doubts
        self.blanks.update(other.blanks)


@dataclass(slots=True)
class Table:
    """A found table. `columns` are the known ones by name; `spread` are the columns headed by a force or a year."""

    form: SheetForm
    home: Place  # its sheet, and the scenario it is of
    header_row: int
    columns: dict[str, int]
    spread_by: Literal["", "force", "year"] = ""
    spread: dict[int, ForceCode | FinancialYear] = field(default_factory=dict)
    headed: frozenset[int] = frozenset()
    named: Callable[[int, int], str] = address  # what a cell is called, by its row and column
    written: bool = True  # on a sheet, where people also write remarks and totals; not so in a scenario

    def place(self, row: int, column: int) -> Place:
        return Place(self.home.sheet, self.named(row, column), self.home.file)

    def first_needed(self) -> int | None:
        """The column whose text may say Total: the first needed one, or where the spread takes them all, the first."""
        needed = [self.columns[name] for name in self.form.needed_columns() if name in self.columns]
        return needed[0] if needed else min(self.columns.values(), default=None)

    def value_columns(self) -> list[int]:
        if self.spread:
            return list(self.spread)
        return [self.columns[self.form.value]] if self.form.value in self.columns else []

    def is_remark(self, cells: Mapping[int, Value]) -> bool:
        """Whether a row fills only one cell, on a sheet that needs more; a lone value under its year is no remark."""
        if len(cells) > 1 or len(self.form.needed_columns()) < 2:
            return False
        lone = any(name in self.columns for name in self.form.needed_columns())
        ((column, value),) = cells.items() or ((0, ""),)
        return lone or column not in self.spread or (isinstance(value, str) and not _is_amount(value))


def _is_amount(value: Value) -> bool:
    try:
        money(value)
    except Unreadable:
        return False
    return True


def _texts(cells: Mapping[int, Value]) -> dict[int, str]:
    return {column: shown(value) for column, value in sorted(cells.items())}


def _try_header(form: SheetForm, home: Place, row: Row, names: Names) -> Table | None:
    """The table that begins with this row, if it holds all needed columns in tidy or wide form."""
    number, cells = row
    known = {key(column.name): column.name for column in form.columns}
    columns: dict[str, int] = {}
    for column, text in _texts(cells).items():
        name = known.get(key(text))
        if name:
            columns.setdefault(name, column)
    needed = form.needed_columns()
    headed = frozenset(cells)
    if all(name in columns for name in needed):
        return Table(form, home, number, columns, headed=headed)
    for spread_by, allowed in (("force", form.by_force), ("year", form.by_year)):
        rest = [name for name in needed if name not in (spread_by, form.value)]
        if not allowed or spread_by in columns or form.value in columns or not all(n in columns for n in rest):
            continue
        spread: dict[int, ForceCode | FinancialYear] = {}
        for column, value in cells.items():
            if column not in columns.values():
                heading = _spread_heading(spread_by, value, names)
                if heading is not None:
                    spread[column] = heading
        if spread and (rest or columns or len(spread) > 1):
            return Table(form, home, number, columns, "force" if spread_by == "force" else "year", spread, headed)
    return None


def _spread_heading(spread_by: str, value: Value, names: Names) -> ForceCode | FinancialYear | None:
    if spread_by == "force":
        return names.forces.get(name_key(shown(value)))
    try:
        return financial_year(value)
    except Unreadable:
        return None


def find_table(
    form: SheetForm,
    home: Place,
    rows: Iterable[Row],
    names: Names,
    found: Findings,
    unknown_force: Callable[[str, Place], None],
) -> tuple[Table | None, Iterator[Row]]:
    """The table of a sheet and the rows below its header; None with a problem where there is none.

    A column headed by nearly a force is given to `unknown_force` with its cell.
    """
    stream = iter(rows)
    above: list[Row] = []
    more = False
    for row in stream:
        if row[0] > HEADER_ROWS:
            more = True
            break
        table = _try_header(form, home, row, names)
        if table:
            _check_header(table, row, names, found, unknown_force)
            return table, stream
        above.append(row)
    if not above and not more:
        if form.needed:
            found.say("sheet-empty", f"the sheet {home} is empty", _layout(form), home)
        return None, iter(())
    _report_missing(form, home, above, names, found)
    return None, iter(())


def table_of(
    form: SheetForm,
    home: Place,
    header: Row,
    names: Names,
    found: Findings,
    unknown_force: Callable[[str, Place], None],
    named: Callable[[int, int], str],
) -> Table | None:
    """The table that a row of headings begins, its cells called by `named`; None where it holds too few."""
    table = _try_header(form, home, header, names)
    if table is not None:
        table.named, table.written = named, False
        _check_header(table, header, names, found, unknown_force)
    return table


def columns_of(form: SheetForm) -> str:
    """The columns that a table of the sheet needs, in each of its forms."""
    forms = [" | ".join(form.needed_columns())]
    for spread_by, allowed in (("force", form.by_force), ("year", form.by_year)):
        if allowed:
            rest = [n for n in form.needed_columns() if n not in (spread_by, form.value)]
            forms.append(" | ".join([*rest, f"one column for each {spread_by}"]))
    return ", or ".join(forms)


def _layout(form: SheetForm) -> str:
    return f"its header row, within the first {HEADER_ROWS} rows, is {columns_of(form)}"


def _report_missing(form: SheetForm, home: Place, rows: Sequence[Row], names: Names, found: Findings) -> None:
    known = {key(column.name) for column in form.columns}

    def likeness(row: Row) -> tuple[int, int]:
        texts = _texts(row[1]).values()
        hits = sum(key(t) in known or (form.by_force and name_key(t) in names.forces) for t in texts)
        return hits, sum(bool(nearest(t, form.needed_columns())) for t in texts)

    number, cells = max(rows, key=likeness, default=(0, {}))
    texts = _texts(cells)
    present = {key(text) for text in texts.values()}
    missing = [name for name in form.needed_columns() if key(name) not in present]
    if form.by_force and not names.forces and not set(missing) - {"force", form.value}:
        return  # what is wrong is on the Forces sheet: without it a column for each force cannot be told
    spread = any(name_key(t) in names.forces for t in texts.values()) and not {"force", key(form.value)} & present
    if form.by_force and spread:  # the wide form: these two are spread over the columns
        missing = [name for name in missing if name not in ("force", form.value)]
    bare = _bare_years(form, home, number, cells)
    if bare and not [name for name in missing if name not in ("year", form.value)]:
        found.problems += bare
        return
    if doubled := _doubled(form, home, number, cells, names):
        found.problems.append(doubled)
        return
    if not missing or likeness((number, cells)) == (0, 0):
        found.say("column-missing", f"no header row found on the sheet {home}", _layout(form), home)
        return
    for name in missing:
        near = next((c for c, text in texts.items() if nearest(text, [name]) and key(text) not in known), None)
        cell = address(number, near if near is not None else min(texts))
        hint = f"; did you mean it by “{brief(texts[near])}”?" if near is not None else ""
        found.say(
            "column-missing",
            f"the column “{name}” is missing from row {number}{hint}",
            f"head a column “{name}”: {_layout(form)}",
            home._replace(cell=cell),
            texts[near] if near is not None else "",
        )


def _doubled(form: SheetForm, home: Place, number: int, cells: Mapping[int, Value], names: Names) -> Problem | None:
    """A column of values beside a column for each force or year: it is not clear which one counts."""
    texts = _texts(cells)
    value = next((column for column, text in texts.items() if form.value and key(text) == key(form.value)), None)
    by = [what for what, may in (("force", form.by_force), ("year", form.by_year)) if may]
    heads = [what for what in by if any(_spread_heading(what, one, names) is not None for one in cells.values())]
    if value is None or not heads:
        return None
    return Problem(
        "column-twice",
        f"the sheet has a column for each {heads[0]} and a column “{brief(texts[value])}” too: which one counts?",
        f"take this column off (or name it otherwise if it is your own), or the columns for each {heads[0]}",
        home._replace(cell=address(number, value)),
        value=texts[value],
    )


def _bare_years(form: SheetForm, home: Place, number: int, cells: Mapping[int, Value]) -> list[Problem]:
    """Headings such as 2018, which name no financial year, on a sheet that may have a column for each year."""
    found = []
    for column, value in sorted(cells.items() if form.by_year else ()):
        try:
            financial_year(value)
        except Unreadable as error:
            if error.code == "bare-year":
                cell = home._replace(cell=address(number, column))
                found.append(Problem(error.code, error.message, error.remedy, cell, value=shown(value)))
    return found


def _check_header(
    table: Table, row: Row, names: Names, found: Findings, unknown_force: Callable[[str, Place], None]
) -> None:
    """Say what of the header is not read: unknown columns, near misses, columns given twice."""
    number, cells = row
    form = table.form
    known = {key(column.name): column.name for column in form.columns}
    absent = [column.name for column in form.columns if column.name not in table.columns]
    if table.spread:
        absent = [name for name in absent if name not in (table.spread_by, form.value)]
    taken: dict[object, Place] = {}
    ignored = []
    for column, text in _texts(cells).items():
        cell = table.place(number, column)
        heading: object = table.spread.get(column) or known.get(key(text))
        if heading is not None:
            if heading in taken:
                message = f"“{brief(text)}” heads this column and {taken[heading].cell} too"
                found.say("column-twice", message, "keep one of the two columns", cell, text)
                table.spread.pop(column, None)
            taken.setdefault(heading, cell)
            continue
        if isinstance(cells[column], ErrorCell | Uncalculated):
            _say_unreadable(cell, cells[column], found)
            continue
        doubled = _also_spread(table, cells[column], names)
        if doubled:
            found.say(
                "column-twice",
                f"“{brief(text)}” heads a column by {doubled}, and the sheet has the column “{form.value}” too",
                f"take one of them off, or name the columns by {doubled} otherwise if they are your own",
                cell,
                text,
            )
            continue
        near = nearest(text, absent)
        missing = [name for name, code in names.forces.items() if code not in table.spread.values()]
        if table.spread_by == "force" and not near and nearest(text, missing):
            unknown_force(text, cell)
        elif (
            table.spread_by == "year" and len(text) <= LONGEST and YEAR_LIKE.fullmatch(text) and re.search(r"\d", text)
        ):
            try:
                financial_year(cells[column])
            except Unreadable as error:
                found.say(error.code, error.message, error.remedy, cell, text)
        elif table.spread_by == "year" and len(text) <= LONGEST and (year := YEAR_WITHIN.search(text)):
            found.say(
                "column-misspelt",
                f"“{brief(text)}” is no financial year; did you mean “{year.group()}”?",
                "head it with the year alone, or call it something quite different if it is your own",
                cell,
                text,
            )
        elif near:
            found.misspelt.append(near)
            found.say(
                "column-misspelt",
                f"no column is called “{brief(text)}”; did you mean “{near}”?",
                f"head it “{near}”, or call it something quite different if it is your own",
                cell,
                text,
            )
        else:
            ignored.append(f"{column_letters(column)} “{brief(text)}”" if table.written else f"“{brief(text)}”")
    if ignored:
        what = ("column" if table.written else "key") + ("s" if len(ignored) > 1 else "")
        found.notes.append(f"{table.home}: {what} {', '.join(ignored)} not known, not read")


def _also_spread(table: Table, value: Value, names: Names) -> str:
    """Whether a heading beside a column of values is a force or a year, on a sheet that may be spread by them."""
    form = table.form
    if table.spread or form.value not in table.columns:
        return ""
    for what, may in (("force", form.by_force), ("year", form.by_year)):
        if may and isinstance(value, str) and _spread_heading(what, value, names) is not None:
            return what
    return ""


def _say_unreadable(place: Place, value: Value, found: Findings) -> None:
    """A heading that is an error or was never calculated heads nothing."""
    try:
        usable(value)
    except Unreadable as error:
        found.say_unreadable(error, place, value)


@dataclass(slots=True)
class Totals:
    """Running sums of the value columns, to check the totals rows against. `spoiled`: a value could not be read."""

    since: dict[int, Exact] = field(default_factory=dict)  # the last sub-total
    above: dict[int, Exact] = field(default_factory=dict)  # it
    spoiled_since: set[int] = field(default_factory=set)
    spoiled_above: set[int] = field(default_factory=set)

    def count(self, column: int, value: Exact) -> None:
        self.since[column] = self.since.get(column, 0) + value

    def spoil(self, column: int) -> None:
        self.spoiled_since.add(column)
        self.spoiled_above.add(column)

    def check(
        self,
        table: Table,
        row: Row,
        label: str,
        read: Callable[[Value], Exact],
        found: Findings,
    ) -> None:
        """Hold a totals row against the rows it totals; a difference of more than a penny (0.01) is a problem."""
        number, cells = row
        kind = TOTALS[key(label)]
        sums, spoiled = (self._all(), self.spoiled_above) if kind == "total" else (self.since, self.spoiled_since)
        for column in table.value_columns():
            value = cells.get(column)
            cell = table.place(number, column)
            if value is None:
                continue
            try:
                stated = read(value)
            except Unreadable as error:
                if error.code == "formula-not-calculated":
                    found.notes.append(f"{cell}: the {kind} was never calculated and is not checked")
                else:
                    found.say_unreadable(error, cell, value)
                continue
            actual = sums.get(column, 0)
            if column not in spoiled and abs(Fraction(stated - actual)) > Fraction(1, 100):
                found.say(
                    "total-differs",
                    f"the {kind} says {plain_number(stated)}, its rows come to {plain_number(actual)}: "
                    f"a difference of {plain_number(stated - actual)}",
                    "mend the total or the rows above it",
                    cell,
                    shown(value),
                )
        if kind == "sub-total":
            self.above = self._all()
            self.since, self.spoiled_since = {}, set()

    def _all(self) -> dict[int, Exact]:
        """The sums of all rows above: those before the last sub-total and those since."""
        return {c: self.above.get(c, 0) + self.since.get(c, 0) for c in self.above.keys() | self.since.keys()}


def plain_number(value: Exact) -> str:
    """An exact number for a message, with thousands separators.

    >>> plain_number(Fraction(12345678, 10)), plain_number(-5)
    ('1,234,567.8', '-5')
    """
    whole, _, rest = decimal_text(value, 6).partition(".")
    return f"{int(whole):,}{('.' + rest).rstrip('0').rstrip('.')}" if abs(Fraction(value)) >= 1 else plain(value)
