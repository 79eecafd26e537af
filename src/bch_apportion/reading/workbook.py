"""A workbook, whole: every sheet named, read and checked against the others' names, problems gathered."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from bch_apportion.model import Demand, Inputs, Scenario, Settings, name_key
from bch_apportion.places import Place, column_letters, column_number
from bch_apportion.problems import MANIFEST, MARKS, SEALED, About, Problem, reported
from bch_apportion.reading import plans
from bch_apportion.reading import rows as made
from bch_apportion.reading.book import Book, Sheet, open_book
from bch_apportion.reading.cells import Row
from bch_apportion.reading.headers import find_table
from bch_apportion.reading.reader import read_rows
from bch_apportion.reading.records import TableReader
from bch_apportion.reading.scale import WORDS
from bch_apportion.reading.scenarios import ScenarioFile, open_scenario, overrides, table_of
from bch_apportion.reading.shapes import long_rows
from bch_apportion.reading.sheets import GUIDE, MONEY_IN, SHEETS, SheetForm
from bch_apportion.reading.tables import Context, Findings, Table
from bch_apportion.reading.values import brief, did_you_mean, key, nearest, shown

COUNTED = "bch-apportion count"  # the command whose result may be read: its sheet Demand is an input
Build: TypeAlias = Callable[[TableReader], Any]
"""What makes the model's rows of a sheet's records."""


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
) -> Reading:
    """Read a workbook, with the rows of `scenarios` and the parameters of `settings` laid over it.

    Raises InputProblems only where the file itself cannot be opened as a workbook, OSError where a file cannot be
    opened, BadSetting where one of `settings` cannot be. With `like`, forces and units that are the same get the codes
    they have there. `told` is called with the bytes read since, and how many the workbook has. `further` are the sheets
    beside the split that are read too.
    """
    files = [open_scenario(scenario) for scenario in scenarios]
    book = open_book(path)
    _refuse_result(book)
    book.package.told = told
    collecting = gc.isenabled()
    gc.disable()  # nothing here is cyclic, and looking for cycles among a million rows takes a fifth of the time
    try:
        return _Workbook(book, like, files, settings, further).read()
    finally:
        book.package.close()
        if collecting:
            gc.enable()


def _refuse_result(book: Book) -> None:
    """Raise InputProblems for a result of this program, which bears a manifest; but a Demand sheet may be counted."""
    sheet = next((sheet for sheet in book.sheets if sheet.name == MANIFEST), None)
    texts = [cells for _, cells in read_rows(book, sheet)] if sheet is not None else []
    made = {shown(cells.get(1)): shown(cells.get(2)) for cells in texts}
    if any(cells.get(3) == SEALED for cells in texts) and made.get("command") != COUNTED:
        source = made.get("workbook", "").partition(", SHA-256 ")[0]
        message = f"the file is a result of “{brief(made.get('command', ''))}”, not an input workbook"
        remedy = f"give the workbook that it was calculated from: {brief(source)}"
        raise book.package.refusal("result-as-input", message, remedy)


@dataclass(slots=True)
class _Workbook:
    """The state of reading one workbook."""

    book: Book
    like: Inputs | None = None
    scenarios: Sequence[ScenarioFile] = ()
    by_hand: Sequence[str] = ()
    further: Collection[str] = ()  # the sheets beside the split that are read
    sheets: dict[str, Sheet] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    unscaled: list[str] = field(default_factory=list)  # sheets with amounts whose headings do not name a scale
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        self.context = Context(self.like)

    def read(self) -> Reading:
        self._name_sheets()
        for file in self.scenarios:
            self.findings.add(file.findings)
        forces = self._sheet("Forces", made.forces) or ()
        settings = self._sheet("Settings", made.settings) or Settings()
        self.context.scales = settings.scales
        units = self._sheet("Units", made.units) or ()
        budgets = self._sheet("Budgets", made.budgets) or ()
        drivers: made.Drivers = self._sheet("Drivers", made.drivers) or made.Drivers({}, {})
        demand: made.Volumes = self._sheet("Demand", made.demand) or made.Volumes({}, signed_off=False)
        volumes = self._match_drivers(drivers.written, demand.by_driver)
        inputs = Inputs(
            source=self.book.package.source,
            sha256=self.book.package.sha256,
            forces=forces,
            units=units,
            budgets=budgets,
            nre=self._sheet("NRE", made.nre) or {},
            control_totals=self._sheet("Control totals", made.control_totals) or (),
            principles=self._sheet("Principles", made.principles) or (),
            drivers=drivers.by_unit,
            demand=volumes,
            demand_sheet=self.sheets["Demand"].name if "Demand" in self.sheets else "Demand",
            demand_signed_off=demand.signed_off,
            agreed=self._sheet("Agreed shares", made.agreed_shares) or {},
            baselines=self._sheet("Baselines", made.baselines) or {},
            deflators=self._sheet("Deflators", made.deflators) or {},
            actuals=self._sheet("Actuals", made.budgets) or (),
            business_cases=self._sheet("Business cases", plans.business_cases) or (),
            explanations=self._sheet("Explanations", made.explanations) or (),
            payments=self._sheet("Payments", made.payments) or (),
            assumptions=self._sheet("Assumptions", plans.assumptions) or (),
            answers=self._sheet("Answers", made.answers) or (),
            agreements=self._sheet("Agreements", made.agreements) or (),
            fractions=frozenset(self.findings.fractions),
            scenarios=(*(file.scenario for file in self.scenarios), *(Scenario(f"--set {s}") for s in self.by_hand)),
            changes=tuple(self.findings.changes),
            overrides=overrides(self.by_hand, units, self.context),
            settings=settings,
            notes=(*self.findings.notes, *self._rescaled()),
            blanks=self.findings.blanks,
            called_totals=tuple(self.findings.called_totals),
            speaks_of_pooling=self.findings.speaks_of_pooling,
            written=self.findings.written,
        )
        self.findings.problems += self.context.unknown_names()
        problems = sorted(reported(self.findings.problems, self.findings.doubts), key=self._place)
        return Reading(inputs, tuple(problems), frozenset(self.findings.doubts))

    def _rescaled(self) -> Iterator[str]:
        """Which amounts of the workbook a scenario's `money in` multiplies, and how they are read now: notes."""
        files = [c.scenario for c in self.findings.changes if c.sheet == "Settings" and f"name {MONEY_IN}" in c.words]
        own = made.scales_written(self.findings.written.get("Settings", ()))
        multiplied: dict[tuple[int, int], list[str]] = {}
        for name in self.unscaled if files else ():
            before, now = (scales.get(name, scales.get("", 1)) for scales in (own, self.context.scales))
            if now != before:
                multiplied.setdefault((before, now), []).append(name)
        for (before, now), names in multiplied.items():
            yield (
                f"{', '.join(dict.fromkeys(files))} sets {MONEY_IN}: the workbook's amounts on {', '.join(names)} are "
                f"now read in {WORDS[now]}, not in {WORDS[before]}"
            )

    def _place(self, problem: Problem) -> tuple[int, int, int]:
        order = {sheet.name: number for number, sheet in enumerate(self.book.sheets)}
        letters = problem.cell.rstrip("0123456789")
        digits = problem.cell[len(letters) :]
        if problem.sheet not in order and letters.strip():  # a key of a scenario, after the workbook's own
            return len(order), int(digits or 0), 0
        return order.get(problem.sheet, -1), int(digits or 0), column_number(letters)

    def _name_sheets(self) -> None:
        """Match the workbook's sheets with the ones we read; say what is not read and what is missing."""
        known = {key(name): name for name in SHEETS}
        ignored = []
        for sheet in self.book.sheets:
            name = known.get(key(sheet.name))
            if name is None:
                if key(sheet.name) not in (key(GUIDE), key(MARKS)):
                    ignored.append(sheet)
            elif name in self.sheets:
                message = f"the sheets “{self.sheets[name].name}” and “{sheet.name}” are both {name}"
                remedy = "keep one, or rename the other"
                self.findings.say("sheet-twice", message, remedy, Place(sheet.name), sheet.name)
            else:
                self.sheets[name] = sheet
        absent = [name for name in SHEETS if name not in self.sheets and self._is_read(name)]
        own = [f"“{brief(sheet.name)}”" for sheet in ignored if not self._is_misspelt(sheet, absent)]
        if own:
            what = "sheets" if len(own) > 1 else "sheet"
            self.findings.notes.append(f"Unrecognised {what} ignored: {', '.join(own)}")
        for name in absent:
            self._say_absent(SHEETS[name])

    def _is_read(self, name: str) -> bool:
        return not SHEETS[name].further or name in self.further

    def _is_misspelt(self, sheet: Sheet, absent: list[str]) -> bool:
        """Whether a sheet is nearly called as one that is absent; that is said, and the sheet is absent no longer."""
        near = nearest(sheet.name, absent)
        if near:
            message = f"no sheet is called “{sheet.name}”; did you mean “{near}”?"
            remedy = f"name it “{near}”, or call it something quite different if it is your own"
            self.findings.say("sheet-misspelt", message, remedy, Place(sheet.name), sheet.name)
            absent.remove(near)
            self.findings.doubt_all(SHEETS[near])
        return bool(near)

    def _say_absent(self, form: SheetForm) -> None:
        if form.needed and not any(form.name in file.tables for file in self.scenarios):
            remedy = f"add a sheet {form.name}: {' | '.join(form.needed_columns())}"
            self.findings.say("sheet-missing", f"the sheet {form.name} is missing", remedy, Place(form.name))
            self.findings.doubt_all(form)

    def _sheet(self, name: str, build: Build) -> Any:
        """What `build` makes of a sheet with the scenarios' rows; None where there is none, or no table in it."""
        form, sheet, findings = SHEETS[name], self.sheets.get(name), Findings()
        if not self._is_read(name):
            self._look_at(form)
            return None
        rows: Iterator[Row] = iter(())
        table: Table | None = None
        if sheet is not None:
            rows = long_rows(self.book, sheet) if name == "Demand" else iter(read_rows(self.book, sheet))
            table = find_table(form, Place(sheet.name), rows, self.context, findings)
            if table is not None and (name == "Assumptions" or table.lacks_scale()):
                self.unscaled.append(name)
            told_apart = name == "Principles" and table is not None  # there each parameter is doubted by itself
            if not told_apart and (findings.problems or (name != "Forces" and not self.context.names["force"])):
                findings.doubt_all(form)
        overlays = self._overlays(name, findings)
        if table is None and overlays:  # they are laid over an empty sheet
            table, rows = overlays[0].table, iter(())
        result = None
        if table is not None:
            reader = TableReader(table, rows, self.context, findings, overlays)
            result = build(reader)
            reader.close()
        if sheet is not None and (table is not None or not form.may_be_own):
            self._note_hidden(sheet, table, findings)
        self.findings.add(findings)
        return result

    def _look_at(self, form: SheetForm) -> None:
        """Note of a sheet that is not read where it is the analyst's own, and which scenarios give rows of it."""
        sheet, findings = self.sheets.get(form.name), Findings()
        if sheet is not None:
            rows = iter(read_rows(self.book, sheet))
            table = find_table(form, Place(sheet.name), rows, self.context, findings)
            self.findings.notes += findings.notes if table is None and not findings.problems else ()
        giving = [file.scenario.name for file in self.scenarios if form.name in file.tables]
        self.findings.notes += [f"{name}: its {form.name} are not used by this command" for name in giving]

    def _note_hidden(self, sheet: Sheet, table: Table | None, findings: Findings) -> None:
        """Say what was read and is hidden, and that formulas' stored values are used."""
        if sheet.hidden:
            findings.notes.append(f"{sheet.name}: this hidden sheet was read")
        read = {*table.columns.values(), *table.spread} if table is not None else set()
        hidden = [c for c in sorted(read) if any(first <= c <= last for first, last in sheet.hidden_columns)]
        if hidden:
            findings.notes.append(f"{sheet.name}: hidden columns were read: {', '.join(map(column_letters, hidden))}")
        if sheet.hidden_rows:
            rows = ", ".join(map(str, sheet.hidden_rows[:12])) + (", …" if len(sheet.hidden_rows) > 12 else "")
            findings.notes.append(f"{sheet.name}: hidden rows were read: {rows}")
        if sheet.formulas and self.book.recalculate:
            findings.notes.append(
                f"{sheet.name}: {sheet.formulas} formulas, in a workbook that asks to be recalculated when opened; "
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
        if unused:
            listed = ", ".join(name + did_you_mean(name, list(written)) for name in unused)
            self.findings.notes.append(f"Demand: drivers that no unit uses: {listed}")
        return {name: volumes[driver] for driver, name in used.items() if driver in volumes}
