"""A workbook, whole: every sheet named, read and checked against the others' names, problems gathered.

Another workbook joined to it is one more table for a sheet; each table is read by itself, and then its rows are joined.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bch_apportion.further import Further
from bch_apportion.model import BudgetRow, Demand, Force, Inputs, Joined, Scenario, Settings, Unit, name_key
from bch_apportion.places import Place, column_letters, column_number
from bch_apportion.problems import MARKS, About, Problem, reported
from bch_apportion.reading import plans
from bch_apportion.reading import rows as made
from bch_apportion.reading.book import Book, Sheet
from bch_apportion.reading.files import close, open_books
from bch_apportion.reading.headers import find_table
from bch_apportion.reading.measures import unplaced
from bch_apportion.reading.reader import read_rows
from bch_apportion.reading.records import TableReader
from bch_apportion.reading.scale import WORDS
from bch_apportion.reading.scenarios import ScenarioFile, open_scenario, overrides, table_of
from bch_apportion.reading.shapes import long_rows
from bch_apportion.reading.sheets import FURTHER, GUIDE, MONEY_IN, SHEETS, SheetForm
from bch_apportion.reading.tables import Context, Findings, Table
from bch_apportion.reading.values import brief, did_you_mean, key, nearest

Rows = TypeVar("Rows")


@dataclass(slots=True)
class Reading:
    """What came of reading a workbook: the inputs as far as they could be read, and every problem."""

    inputs: Inputs
    problems: tuple[Problem, ...]
    doubts: frozenset[About]  # what they put in doubt


def read(
    path: Path,
    like: Inputs | None = None,
    scenarios: Sequence[Path] = (),
    settings: Sequence[str] = (),
    told: Callable[[int, int], None] | None = None,
    further: Collection[str] = (),
    joined: Sequence[Path] = (),
) -> Reading:
    """Read a workbook with the rows of those `joined`, and the rows of `scenarios` and the `settings` laid over it.

    Raises InputProblems only where a file itself cannot be opened as a workbook, OSError where a file cannot be opened,
    BadSetting where one of `settings` cannot be. With `like`, forces and units that are the same get the codes
    they have there. `told` is called with the bytes read since, and how many there are. `further` are the sheets beside
    the split that are read too.
    """
    files = [open_scenario(scenario) for scenario in scenarios]
    books = open_books(path, joined, told)
    collecting = gc.isenabled()
    gc.disable()  # nothing here is cyclic, and looking for cycles among a million rows takes a fifth of the time
    try:
        return _Workbook(books, like, files, settings, further).read()
    finally:
        close(books)
        if collecting:
            gc.enable()


@dataclass(slots=True)
class _File:
    """A workbook that is read, and its sheets by our names."""

    book: Book
    sheets: dict[str, Sheet] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)  # the sheets that have a table

    @property
    def name(self) -> str:
        """Its name as places have it: empty for the workbook itself."""
        return self.book.package.file

    def place(self, sheet: Sheet) -> Place:
        return Place(sheet.name, file=self.name)


@dataclass(slots=True)
class _Workbook:
    """The state of reading a workbook and those joined to it."""

    books: Sequence[Book]
    like: Inputs | None = None
    scenarios: Sequence[ScenarioFile] = ()
    by_hand: Sequence[str] = ()
    further: Collection[str] = ()  # the sheets beside the split that are read
    findings: Findings = field(default_factory=Findings)
    unscaled: list[tuple[str, str]] = field(default_factory=list)
    # file and sheet, where the headings of amounts do not name their scale
    files: list[_File] = field(init=False)
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        self.files = list(map(_File, self.books))
        self.context = Context(self.like, source=self.books[0].package.source)

    def read(self) -> Reading:
        self._name_sheets()
        for file in self.scenarios:
            self.findings.add(file.findings)
        own, packages = self.files[0].sheets, [book.package for book in self.books]
        forces: tuple[Force, ...] = self._sheet("Forces", made.forces, ())
        settings = self._sheet("Settings", made.settings, Settings())
        self.context.scales = settings.scales
        units: tuple[Unit, ...] = self._sheet("Units", made.units, ())
        budgets: tuple[BudgetRow, ...] = self._sheet("Budgets", made.budgets, ())
        drivers = self._sheet("Drivers", made.drivers, made.Drivers({}, {}))
        demand = self._sheet("Demand", made.demand, made.Volumes({}, signed_off=False))
        volumes = self._match_drivers(drivers.written, demand.by_driver)
        inputs = Inputs(
            source=packages[0].source,
            sha256=packages[0].sha256,
            joined=tuple(Joined(package.source, package.sha256) for package in packages[1:]),
            forces=forces,
            units=units,
            budgets=budgets,
            nre=self._sheet("NRE", made.nre, {}),
            control_totals=self._sheet("Control totals", made.plain_rows, ()),
            principles=self._sheet("Principles", made.principles, ()),
            drivers=drivers.by_unit,
            demand=volumes,
            demand_sheet=own["Demand"].name if "Demand" in own else "Demand",
            demand_signed_off=demand.signed_off,
            agreed=self._sheet("Agreed shares", made.agreed_shares, {}),
            baselines=self._sheet("Baselines", made.baselines, {}),
            deflators=self._sheet("Deflators", made.deflators, {}),
            actuals=self._sheet("Actuals", made.actuals, ()),
            business_cases=self._sheet("Business cases", plans.business_cases, ()),
            explanations=self._sheet("Explanations", made.explanations, ()),
            payments=self._sheet("Payments", made.payments, ()),
            assumptions=self._sheet("Assumptions", plans.assumptions, ()),
            answers=self._sheet("Answers", made.plain_rows, ()),
            further=self._further(),
            fractions=frozenset(self.findings.fractions),
            scenarios=(*(file.scenario for file in self.scenarios), *(Scenario(f"--set {s}") for s in self.by_hand)),
            changes=tuple(self.findings.changes),
            overrides=overrides(self.by_hand, units, self.context),
            settings=settings,
            notes=(*self._joined(), *self.findings.notes, *self._rescaled()),
            blanks=self.findings.blanks,
            called_totals=tuple(self.findings.called_totals),
            speaks_of_pooling=self.findings.speaks_of_pooling,
            written=self.findings.written,
        )
        self.findings.problems += self.context.unknown_names()
        problems = sorted(reported(self.findings.problems, self.findings.doubts), key=self._place)
        return Reading(inputs, tuple(problems), frozenset(self.findings.doubts))

    def _joined(self) -> Iterator[str]:
        """Whose rows were joined to which sheets: notes."""
        for file in self.files[1:]:
            read = ", ".join(name for name in SHEETS if name in file.read)
            yield f"{file.name}: rows joined to {read}" if read else f"{file.name}: none of its sheets is read"

    def _further(self) -> Further:
        """The rows of the sheets beside the split that are read."""
        builds = {name: made.BESIDE.get(name, made.plain_rows) for name in FURTHER}
        further = Further(**{n.lower().replace(" ", "_"): self._sheet(n, build, ()) for n, build in builds.items()})
        if not self.context.nameless.get("measure"):  # a measure that could not be read may be the one that is meant
            self.findings.problems += unplaced(further.measures, further.measured)
        return further

    def _rescaled(self) -> Iterator[str]:
        """Which amounts the `money in` of another file multiplies, and how they are read now: notes."""
        laid = [c.scenario for c in self.findings.changes if c.sheet == "Settings" and f"name {MONEY_IN}" in c.words]
        written = self.findings.written.get("Settings", ())
        scales = {f.name: made.scales_written([row for row in written if row.file == f.name]) for f in self.files}
        multiplied: dict[tuple[str, int, int], list[str]] = {}
        for file, sheet in self.unscaled:
            before, now = (given.get(sheet, given.get("", 1)) for given in (scales[file], self.context.scales))
            if now != before:
                multiplied.setdefault((file, before, now), []).append(sheet)
        for (file, before, now), sheets in multiplied.items():
            setting = [*laid, *(name or self.context.source for name, own in scales.items() if own and name != file)]
            whose = f"the amounts of {file}" if file else "the workbook's amounts"
            if setting:
                yield (
                    f"{', '.join(dict.fromkeys(setting))} sets {MONEY_IN}: {whose} on {', '.join(sheets)} are "
                    f"now read in {WORDS[now]}, not in {WORDS[before]}"
                )

    def _place(self, problem: Problem) -> tuple[int, int, int]:
        tables = (file.place(sheet).table for file in self.files for sheet in file.book.sheets)
        order = {table: number for number, table in enumerate(tables)}
        letters = problem.cell.rstrip("0123456789")
        digits = problem.cell[len(letters) :]
        if problem.sheet not in order and letters.strip():  # a key of a scenario, after the workbook's own
            return len(order), int(digits or 0), 0
        return order.get(problem.sheet, -1), int(digits or 0), column_number(letters)

    def _name_sheets(self) -> None:
        """Match the sheets of each file with the ones we read; say what is not read, and what all of them lack."""
        absent = [self._name_sheets_of(file) for file in self.files]
        for name in absent[0]:
            if all(name in lacking for lacking in absent):
                self._say_absent(SHEETS[name])

    def _name_sheets_of(self, file: _File) -> list[str]:
        """The names of the sheets that a file lacks, when its own are named; none that it misspells is among them."""
        known = {key(name): name for name in SHEETS}
        ignored = []
        for sheet in file.book.sheets:
            name = known.get(key(sheet.name))
            if name is None:
                if key(sheet.name) not in (key(GUIDE), key(MARKS)):
                    ignored.append(sheet)
            elif name in file.sheets:
                message = f"the sheets “{file.sheets[name].name}” and “{sheet.name}” are both {name}"
                remedy = "keep one, or rename the other"
                self.findings.say("sheet-twice", message, remedy, file.place(sheet), sheet.name)
            else:
                file.sheets[name] = sheet
        absent = [name for name in SHEETS if name not in file.sheets and self._is_read(name)]
        own = [f"“{brief(sheet.name)}”" for sheet in ignored if not self._is_misspelt(file.place(sheet), absent)]
        if own:
            what, where = "sheets" if len(own) > 1 else "sheet", f"{file.name}: " if file.name else ""
            self.findings.notes.append(f"{where}Unrecognised {what} ignored: {', '.join(own)}")
        return absent

    def _is_read(self, name: str) -> bool:
        return not SHEETS[name].further or name in self.further

    def _is_misspelt(self, home: Place, absent: list[str]) -> bool:
        """Whether a sheet is nearly called as one that is absent; that is said, and the sheet is absent no longer."""
        near = nearest(home.sheet, absent)
        if near:
            message = f"no sheet is called “{home.sheet}”; did you mean “{near}”?"
            remedy = f"name it “{near}”, or call it something quite different if it is your own"
            self.findings.say("sheet-misspelt", message, remedy, home, home.sheet)
            absent.remove(near)
            self.findings.doubt_all(SHEETS[near])
        return bool(near)

    def _say_absent(self, form: SheetForm) -> None:
        if form.needed and not any(form.name in file.tables for file in self.scenarios):
            remedy = f"add a sheet {form.name}: {' | '.join(form.needed_columns())}"
            self.findings.say("sheet-missing", f"the sheet {form.name} is missing", remedy, Place(form.name))
            self.findings.doubt_all(form)

    def _sheet(self, name: str, build: Callable[[TableReader], Rows], absent: Rows) -> Rows:
        """What `build` makes of a sheet in all files, with the scenarios' rows; `absent` where none has its table."""
        form, findings, result = SHEETS[name], Findings(), absent
        if not self._is_read(name):
            self._look_at(form)
            return absent
        readers = [self._reader(file, form, findings) for file in self.files]
        tables = [reader for reader in readers if reader is not None]
        overlays = self._overlays(name, findings)
        if overlays and not tables:  # they are laid over an empty sheet
            tables = [TableReader(overlays[0].table, (), self.context, findings)]
        if tables:
            whole, *joined = tables
            whole.joined, whole.overlays = joined, overlays
            result = build(whole)
            whole.close()
        for file, reader in zip(self.files, readers, strict=True):
            if name in file.sheets and (reader is not None or not form.may_be_own):
                self._note_hidden(file, file.sheets[name], reader.table if reader is not None else None, findings)
        self.findings.add(findings)
        return result

    def _reader(self, file: _File, form: SheetForm, findings: Findings) -> TableReader | None:
        """What reads the table that a file has on a sheet; None where it has none."""
        name = form.name
        if (sheet := file.sheets.get(name)) is None:
            return None
        rows = long_rows(file.book, sheet) if name == "Demand" else iter(read_rows(file.book, sheet))
        table = find_table(form, file.place(sheet), rows, self.context, findings)
        if table is not None and (name == "Assumptions" or table.lacks_scale()):
            self.unscaled.append((file.name, name))
        told_apart = name == "Principles" and table is not None  # there each parameter is doubted by itself
        if not told_apart and (findings.problems or (name != "Forces" and not self.context.names["force"])):
            findings.doubt_all(form)
        if table is None:
            return None
        file.read.append(name)
        return TableReader(table, rows, self.context, findings)

    def _look_at(self, form: SheetForm) -> None:
        """Note of a sheet that is not read where it is the analyst's own, and which scenarios give rows of it."""
        for file in self.files:
            sheet, findings = file.sheets.get(form.name), Findings()
            if sheet is not None:
                rows = iter(read_rows(file.book, sheet))
                table = find_table(form, file.place(sheet), rows, self.context, findings)
                self.findings.notes += findings.notes if table is None and not findings.problems else ()
        giving = [scenario.scenario.name for scenario in self.scenarios if form.name in scenario.tables]
        self.findings.notes += [f"{name}: its {form.name} are not used by this command" for name in giving]

    def _note_hidden(self, file: _File, sheet: Sheet, table: Table | None, findings: Findings) -> None:
        """Say what was read and is hidden, and that formulas' stored values are used."""
        home = file.place(sheet).table
        if sheet.hidden:
            findings.notes.append(f"{home}: this hidden sheet was read")
        read = {*table.columns.values(), *table.spread} if table is not None else set()
        hidden = [c for c in sorted(read) if any(first <= c <= last for first, last in sheet.hidden_columns)]
        if hidden:
            findings.notes.append(f"{home}: hidden columns were read: {', '.join(map(column_letters, hidden))}")
        if sheet.hidden_rows:
            rows = ", ".join(map(str, sheet.hidden_rows[:12])) + (", …" if len(sheet.hidden_rows) > 12 else "")
            findings.notes.append(f"{home}: hidden rows were read: {rows}")
        if sheet.formulas and file.book.recalculate:
            findings.notes.append(
                f"{home}: {sheet.formulas} formulas, in a workbook that asks to be recalculated when opened; "
                "their stored values are used"
            )

    def _overlays(self, name: str, findings: Findings) -> list[TableReader]:
        """What the scenarios give for a sheet."""
        overlays = []
        for file in self.scenarios:
            if (given := file.tables.get(name)) and (table := table_of(given, self.context, findings)):
                rows = [row for row in given.rows if row[1]]
                overlays.append(TableReader(table, rows, self.context, findings))
        return overlays

    def _match_drivers(self, written: Mapping[str, Place], given: Mapping[str, Demand]) -> dict[str, Demand]:
        """Volumes by the driver's name as Drivers writes it; a driver on only one of the two sheets is reported."""
        volumes = {name_key(name): own for name, own in given.items()}
        used = {name_key(name): name for name in written}
        unused = [name for name in given if name_key(name) not in used]
        self.findings.problems += [
            Problem(
                "driver-without-volumes",
                f"the driver “{driver}” has no volumes on Demand{did_you_mean(driver, unused)}",
                "enter its volumes, or take it off Drivers",
                place,
                value=driver,
                rests_on=(About("demand", name=name_key(driver)),),
                doubts=About("driver", name=name_key(driver)),
            )
            for driver, place in written.items()
            if name_key(driver) not in volumes
        ]
        for home, names in _by_home({name: given[name] for name in unused}).items():
            listed = ", ".join(name + did_you_mean(name, list(written)) for name in names)
            self.findings.notes.append(f"{home}: drivers that no unit uses: {listed}")
        return {name: volumes[driver] for driver, name in used.items() if driver in volumes}


def _by_home(demand: Mapping[str, Demand]) -> dict[str, list[str]]:
    """Drivers by the sheet that first gives a volume: Demand, or that of a joined workbook."""
    homes: dict[str, list[str]] = {}
    for name, own in demand.items():
        joined = (volume.source for _, slot in own.periods() for volume in slot.values() if volume.joined)
        home = next(joined, None) or Place("Demand")
        homes.setdefault(home.table, []).append(name)
    return homes
