"""A workbook, whole: every sheet found, read and checked against the others' names, problems gathered."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from bch_apportion.model import (
    PERCENTAGES,
    AgreedSet,
    Assumption,
    Baseline,
    BudgetRow,
    BusinessCase,
    Change,
    ControlTotal,
    Deflator,
    Demand,
    DriverWeight,
    Explanation,
    Figure,
    Force,
    Inputs,
    ParameterRow,
    Payment,
    Settings,
    Unit,
    name_key,
)
from bch_apportion.money import pounds_words
from bch_apportion.places import NOWHERE, Place
from bch_apportion.problems import Problem
from bch_apportion.reading.book import Book, Sheet, open_book
from bch_apportion.reading.cells import Percent, Row, column_number
from bch_apportion.reading.demand import DemandReader
from bch_apportion.reading.reader import read_rows
from bch_apportion.reading.records import Context, Overlay, Record, SheetReader, UnknownName
from bch_apportion.reading.scenarios import ScenarioFile, lacks, open_scenario, overrides, scenarios_of
from bch_apportion.reading.shapes import long_rows
from bch_apportion.reading.sheets import GUIDE, sheet_forms
from bch_apportion.reading.tables import Findings, Names, Table, find_table, table_of
from bch_apportion.reading.values import (
    Unreadable,
    brief,
    choice,
    did_you_mean,
    key,
    money,
    nearest,
    percentage,
    shown,
    yes_no,
)
from bch_apportion.terms import parameters
from bch_apportion.years import FinancialYear

# What a problem on a sheet puts in doubt, where it cannot be told which row (see Inputs.suspect).
DOUBT = {
    "Forces": "forces",
    "NRE": "nre",
    "Units": "unit",
    "Budgets": "budgets",
    "Principles": "terms",
    "Drivers": "drivers",
    "Demand": "demand",
    "Agreed shares": "agreed",
    "Baselines": "baselines",
    "Deflators": "deflators",
    "Settings": "nre",  # whether an earlier NRE is carried forward
}


@dataclass(slots=True)
class Reading:
    """What came of reading a workbook: the inputs as far as they could be read, and every problem."""

    inputs: Inputs
    problems: tuple[Problem, ...]


def read(
    path: Path,
    like: Inputs | None = None,
    scenarios: Sequence[Path] = (),
    settings: Sequence[str] = (),
    told: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read a workbook, with the rows of `scenarios` and the parameters of `settings` laid over it.

    Raises InputProblems only where the file itself cannot be opened as a workbook, OSError where a file cannot be
    opened, BadSetting where one of `settings` cannot be. With `like`, forces and units that are the same get the codes
    they have there. `told` is called with the bytes read since, and how many the workbook has.
    """
    files = [open_scenario(one) for one in scenarios]
    book = open_book(path)
    book.package.told = told
    collecting = gc.isenabled()
    gc.disable()  # nothing here is cyclic, and looking for cycles among a million rows takes a fifth of the time
    try:
        return _Workbook(book, like, files, settings).read()
    finally:
        book.package.close()
        if collecting:
            gc.enable()


@dataclass(slots=True)
class _Workbook:
    """The state of reading one workbook."""

    book: Book
    like: Inputs | None = None
    scenarios: Sequence[ScenarioFile] = ()
    by_hand: Sequence[str] = ()
    changes: list[Change] = field(default_factory=list)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    found: Findings = field(default_factory=Findings)
    context: Context = field(default_factory=lambda: Context(Names()))
    parts: dict[str, Any] = field(default_factory=dict)

    def read(self) -> Reading:
        self._name_sheets()
        for one in self.scenarios:
            self.found.problems += one.problems
        forces = self._sheet("Forces", _forces) or ()
        settings = self._sheet("Settings", _settings) or Settings()
        self.context.thousands = settings.money_in == "thousands"
        units = self._sheet("Units", _units) or ()
        budgets = self._sheet("Budgets", _budgets) or ()
        drivers: tuple[dict[str, tuple[DriverWeight, ...]], dict[str, Place]] = self._sheet("Drivers", _drivers) or (
            {},
            {},
        )
        demand: DemandReader | None = self._sheet("Demand", _demand)
        volumes, signed_off = self._match_drivers(drivers, demand)
        inputs = Inputs(
            source=self.book.package.source,
            sha256=self.book.package.sha256,
            forces=forces,
            units=units,
            budgets=budgets,
            nre=self._sheet("NRE", _nre) or {},
            control_totals=self._sheet("Control totals", _control_totals) or (),
            principles=self._sheet("Principles", _principles) or (),
            drivers=drivers[0],
            demand=volumes,
            demand_sheet=self.sheets["Demand"].name if "Demand" in self.sheets else "Demand",
            demand_signed_off=signed_off,
            agreed=self._sheet("Agreed shares", _agreed) or {},
            baselines=self._sheet("Baselines", _baselines) or {},
            deflators=self._sheet("Deflators", _deflators) or {},
            actuals=self._sheet("Actuals", _budgets) or (),
            business_cases=self._sheet("Business cases", _business_cases) or (),
            explanations=self._sheet("Explanations", _explanations) or (),
            payments=self._sheet("Payments", _payments) or (),
            assumptions=self._sheet("Assumptions", _assumptions) or (),
            scenarios=scenarios_of(self.scenarios, self.by_hand),
            changes=tuple(self.changes),
            overrides=overrides(self.by_hand, units, self.context),
            settings=settings,
            notes=tuple(self.found.notes),
            blanks=self.found.blanks,
            written=self.found.written,
            suspect=frozenset(self.found.suspect),
        )
        for what in ("force", "unit"):
            unknowns = [one for (kind, _), one in self.context.unknown.items() if kind == what]
            nameless = self.context.nameless[what]
            if ("forces",) in self.found.suspect or (what == "unit" and ("unit",) in self.found.suspect):
                continue
            if len(unknowns) <= nameless:
                continue  # the rows without a name on Forces or Units may be theirs
            known = self.context.names.forces if what == "force" else self.context.names.units
            self.found.problems += [unknown.problem(known) for unknown in unknowns]
        return Reading(inputs, tuple(sorted(self.found.problems, key=self._place)))

    def _place(self, problem: Problem) -> tuple[int, int, int]:
        order = {sheet.name: number for number, sheet in enumerate(self.book.sheets)}
        letters = problem.cell.rstrip("0123456789")
        digits = problem.cell[len(letters) :]
        if problem.sheet not in order and letters.strip():  # a key of a scenario, after the workbook's own
            return len(order), int(digits or 0), 0
        return order.get(problem.sheet, -1), int(digits or 0), column_number(letters)

    def _name_sheets(self) -> None:
        """Match the workbook's sheets with the ones we read; say what is not read and what is missing."""
        known = {key(name): name for name in sheet_forms()}
        ignored = []
        for sheet in self.book.sheets:
            name = known.get(key(sheet.name))
            if name is None:
                if key(sheet.name) != key(GUIDE):
                    ignored.append(sheet)
            elif name in self.sheets:
                message = f"the sheets “{self.sheets[name].name}” and “{sheet.name}” are both {name}"
                self.found.say("sheet-twice", message, "keep one, or rename the other", Place(sheet.name), sheet.name)
            else:
                self.sheets[name] = sheet
        absent = [name for name in sheet_forms() if name not in self.sheets]
        own = []
        for sheet in ignored:
            near = nearest(sheet.name, absent)
            if near:
                self.found.say(
                    "sheet-misspelt",
                    f"no sheet is called “{sheet.name}”; did you mean “{near}”?",
                    f"name it “{near}”, or call it something quite different if it is your own",
                    Place(sheet.name),
                    sheet.name,
                )
                absent.remove(near)
                self._doubt_sheet(near)
            else:
                own.append(f"“{brief(sheet.name)}”")
        if own:
            self.found.notes.append(f"sheets not known, not read: {', '.join(own)}")
        for name in absent:
            if sheet_forms()[name].needed and not any(name in one.tables for one in self.scenarios):
                remedy = f"add a sheet {name}: {' | '.join(sheet_forms()[name].needed_columns())}"
                self.found.say("sheet-missing", f"the sheet {name} is missing", remedy, Place(name))
                self._doubt_sheet(name)
        for sheet in self.sheets.values():
            if sheet.hidden:
                self.found.notes.append(f"{sheet.name}: the sheet is hidden, and is read as any other")

    def code_like(self, what: Literal["forces", "units"], code: str, *names: str) -> str:
        """The code that a force or unit has in the workbook this one is compared with, else its own."""
        if self.like is None:
            return code
        theirs: dict[str, str] = {}
        for one in getattr(self.like, what):
            for name in (one.code, one.name, *getattr(one, "aliases", ())):
                theirs.setdefault(name_key(name), one.code)
        given = [name_key(name) for name in (code, *names) if name]
        return next((theirs[name] for name in given if name in theirs), code)

    def _doubt_sheet(self, name: str) -> None:
        if name in DOUBT:
            self.found.suspect.add((DOUBT[name],))

    def _sheet(self, name: str, build: Callable[[_Workbook, SheetReader, Iterator[Row]], Any]) -> Any:
        """Read one sheet with `build`; None where there is none, or no table in it."""
        sheet = self.sheets.get(name)
        if sheet is None:
            return self._scenarios_alone(name, build)
        found = Findings()
        rows = long_rows(self.book, sheet) if name == "Demand" else iter(read_rows(self.book, sheet))
        unknown_force = self._unknown_force(name, found)
        names = self.context.names
        table, below = find_table(sheet_forms()[name], Place(sheet.name), rows, names, found, unknown_force)
        told_apart = name == "Principles" and table is not None  # there each parameter is doubted by itself
        if name in DOUBT and not told_apart and (found.problems or (name != "Forces" and not names.forces)):
            found.suspect.add((DOUBT[name],))
        result = self._build(build, table, below, self._overlays(name, found), found)
        found.notes += self._remarks(sheet)
        self.found.add(found)
        return result

    def _remarks(self, sheet: Sheet) -> list[str]:
        """What is worth knowing of how a sheet is written."""
        remarks = []
        if sheet.hidden_rows:
            rows_text = ", ".join(map(str, sheet.hidden_rows[:12])) + (", …" if len(sheet.hidden_rows) > 12 else "")
            remarks.append(f"{sheet.name}: hidden rows are read as any other: {rows_text}")
        if sheet.formulas and self.book.recalculate:
            remarks.append(
                f"{sheet.name}: {sheet.formulas} formulas, in a workbook that asks to be recalculated when opened; "
                "their stored values are used"
            )
        return remarks

    def _scenarios_alone(self, name: str, build: Callable[[_Workbook, SheetReader, Iterator[Row]], Any]) -> Any:
        """A sheet that the workbook has not, as the scenarios give it; None where they give nothing either."""
        if not any(name in one.tables for one in self.scenarios):
            return None
        found = Findings()
        overlays = self._overlays(name, found)
        result = self._build(build, None, iter(()), overlays, found)
        self.found.add(found)
        return result

    def _build(
        self,
        build: Callable[[_Workbook, SheetReader, Iterator[Row]], Any],
        table: Table | None,
        rows: Iterator[Row],
        overlays: list[Overlay],
        found: Findings,
    ) -> Any:
        """What `build` makes of a sheet's table with the scenarios' rows; None where there is neither."""
        if table is not None:
            reader = SheetReader(table, self.context, found, overlays=overlays)
        elif overlays:  # they are laid over an empty sheet
            reader, rows = SheetReader(overlays[0].reader.table, self.context, found, overlays=overlays), iter(())
        else:
            return None
        result = build(self, reader, rows)
        if not isinstance(result, DemandReader):
            reader.close()
        return result

    def _overlays(self, name: str, found: Findings) -> list[Overlay]:
        """What the scenarios give for a sheet."""
        overlays = []
        for one in self.scenarios:
            given = one.tables.get(name)
            if given is None:
                continue
            unknown = self._unknown_force(name, found)
            table = table_of(given.form, given.home, given.header(), self.context.names, found, unknown, given.named)
            if table is None:
                found.problems.append(lacks(given))
                if name in DOUBT:
                    found.suspect.add((DOUBT[name],))
                continue
            reader = SheetReader(table, self.context, found)
            rows = [row for row in given.rows if row[1]]
            overlays.append(Overlay(one.scenario.name, reader, rows, self.changes))
        return overlays

    def _unknown_force(self, name: str, found: Findings) -> Callable[[str, Place], None]:
        """What is done with a heading that is nearly a force."""

        def unknown_force(given: str, cell: Place) -> None:
            entry = ("force", name_key(given))
            self.context.unknown.setdefault(entry, UnknownName("force", given)).cells.append(cell)
            if name in DOUBT:
                found.suspect.add((DOUBT[name],))

        return unknown_force

    def _match_drivers(
        self, drivers: tuple[dict[str, tuple[DriverWeight, ...]], dict[str, Place]], demand: DemandReader | None
    ) -> tuple[dict[str, Demand], bool]:
        """Volumes by the driver's name as Drivers writes it; a driver of only one of the two sheets is reported."""
        _, written = drivers
        volumes: dict[str, Demand] = {}
        given = {d: one for d, one in demand.drivers.items() if _has_volumes(one)} if demand else {}
        known = [demand.names[d] for d in given] if demand else []
        doubts = [about[1:2] for about in self.found.suspect if about[0] == "demand"]
        for driver, cell in written.items():
            if name_key(driver) in given:
                volumes[driver] = given[name_key(driver)]
            elif () not in doubts and (name_key(driver),) not in doubts:
                hint = did_you_mean(driver, [d for d in known if name_key(d) not in map(name_key, written)])
                self.found.say(
                    "driver-without-volumes",
                    f"the driver “{driver}” has no volumes on Demand{hint}",
                    "enter its volumes, or take it off Drivers",
                    cell,
                    driver,
                )
                self.found.suspect.add(("demand", name_key(driver)))
        used = set(map(name_key, written))
        unused = (
            [demand.names[d] + did_you_mean(demand.names[d], list(written)) for d in given if d not in used]
            if demand
            else []
        )
        if unused:
            self.found.notes.append(f"Demand: drivers that no unit uses: {', '.join(unused)}")
        return volumes, bool(demand and demand.signed_column is not None)


def _has_volumes(demand: Demand) -> bool:
    return any(demand.monthly.values()) or any(demand.longer.values())


def _duplicate(reader: SheetReader, record: Record, what: str, first: Place, column: str) -> None:
    cell = record.cells.get(column, reader.table.home)
    reader.say(
        "duplicate-key",
        f"{what} is given here and in {first}",
        "keep one of the two",
        cell,
        record.given.get(column, ""),
    )


def _forces(book: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> tuple[Force, ...]:
    names, forces = book.context.names.forces, []
    records = list(reader.records(rows))
    cells: dict[str, Place] = {}
    for record in records:  # codes first, so that an alias cannot take another force's code
        code = record.get("force")
        if code is None:
            book.context.nameless["force"] += 1
        elif name_key(code) in names:
            _duplicate(reader, record, f"the force {code}", cells[name_key(code)], "force")
        else:
            aliases = tuple(a.strip() for a in record.get("aliases", "").split(",") if a.strip())
            cells[name_key(code)] = record.cells["force"]
            names[name_key(code)] = code = book.code_like("forces", code, record.get("name", ""), *aliases)
            forces.append(Force(code, record.get("name", ""), aliases, record.cells["force"]))
    by_code = {names[name_key(record.get("force"))]: record for record in records if record.get("force")}
    for force in forces:
        for column, others in (("name", (force.name,)), ("aliases", force.aliases)):
            for other in others:
                _add_name(reader, names, by_code[force.code], column, other, force.code, "force")
    if not forces and not reader.found.problems:
        reader.say(
            "sheet-empty", "the sheet lists no forces", "list the parties to the collaboration", reader.table.home
        )
    if not forces:
        reader.found.suspect.add(("forces",))
    return tuple(forces)


def _add_name(
    reader: SheetReader, names: dict[str, str], record: Record, column: str, other: str, code: str, what: str
) -> None:
    """A further spelling of a force or unit; one that means another already is a problem."""
    if not other:
        return
    if names.setdefault(name_key(other), code) != code:
        reader.say(
            "ambiguous-name",
            f"“{other}” of {code} already means {names[name_key(other)]}",
            f"give each {what} names of its own",
            record.cells[column],
            other,
        )


CARRY = "carry nre forward"
SETTINGS: dict[str, str] = {
    "money in": "money_in",
    CARRY: "carry_nre_forward",
    "uprate baselines": "uprate_baselines",
    "materiality amount": "materiality_amount",
    "materiality %": "materiality_percent",
    "always significant": "always_significant",
}


def _settings(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> Settings:
    values: dict[str, Any] = {}
    given: dict[str, str] = {}
    cells: dict[str, Place] = {}
    for record in reader.records(rows):
        name, value = key(shown(record.get("name"))), record.get("value")
        setting = next((s for s in SETTINGS if key(s) == name), None)
        if record.bad:
            if setting in (None, CARRY):
                reader.found.suspect.add(("nre",))
            continue
        cell = record.cells["value"]
        if setting is None:
            if nearest(record.get("name"), [CARRY]):
                reader.found.suspect.add(("nre",))
            reader.say(
                "unknown-setting",
                f"there is no setting “{brief(record.get('name'))}”" + did_you_mean(record.get("name"), list(SETTINGS)),
                "the settings are: " + ", ".join(SETTINGS),
                record.cells["name"],
                record.get("name"),
            )
            continue
        if setting in cells:
            _duplicate(reader, record, f"the setting {setting}", cells[setting], "name")
            continue
        cells[setting], given[setting] = record.cells["name"], shown(value)
        try:
            if setting == "money in":
                values[SETTINGS[setting]] = choice(value, ("pounds", "thousands"), "unit of money")
            elif setting in (CARRY, "uprate baselines"):
                values[SETTINGS[setting]] = yes_no(value)
            elif setting == "materiality %":
                values[SETTINGS[setting]] = _not_negative(percentage(value), setting, value)
            else:
                values[SETTINGS[setting]] = _not_negative(money(value)[0], setting, value)  # always in pounds
        except Unreadable as error:
            reader.say(error.code, error.message, error.remedy, cell, shown(value))
            if setting == CARRY:
                reader.found.suspect.add(("nre",))
    return Settings(**values, given=given)


def _not_negative(amount: Any, setting: str, value: Any) -> Any:
    if amount < 0:
        raise Unreadable("out-of-range", f"{setting} is “{brief(shown(value))}”", "write 0 or more")
    return amount


def _units(book: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> tuple[Unit, ...]:
    names, units = book.context.names.units, []
    records = list(reader.records(rows))
    kept: dict[str, Record] = {}
    for record in records:
        code = record.get("unit")
        if code is None:
            book.context.nameless["unit"] += 1
            continue
        if name_key(code) in names:
            _duplicate(reader, record, f"the unit {code}", kept[names[name_key(code)]].cells["unit"], "unit")
            continue
        names[name_key(code)] = code = book.code_like("units", code, record.get("name", ""))
        kept[code] = record
        if "forces" in record.bad:
            reader.found.suspect.add(("unit", code))
        units.append(
            Unit(
                code,
                record.get("name", ""),
                record.get("programme", ""),
                record.get("forces", ()),
                record.get("lead force", ""),
                record.get("s22a signed"),
                record.get("pooled from"),
                record.get("function", ""),
                record.get("section", ""),
                record.cells["unit"],
                record.cells,
            )
        )
    for unit in units:
        _add_name(reader, names, kept[unit.code], "name", unit.name, unit.code, "unit")
    if not units and not reader.found.problems:
        reader.say("sheet-empty", "the sheet lists no units", "list the collaborated units", reader.table.home)
    if not units:
        reader.found.suspect.add(("unit",))
    return tuple(units)


def _budgets(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> tuple[BudgetRow, ...]:
    kind = "budgets" if reader.table.form.name == "Budgets" else "actuals"
    found = []
    for record in reader.records(rows):
        if record.bad:
            reader.found.suspect.add((kind, record.get("unit"), record.get("year")))
            if record.get("unit") is None or record.get("year") is None:
                continue  # else the row stands, for what else may be wrong with it; no figure will
        found.append(
            BudgetRow(
                record.get("unit"),
                record.get("year"),
                record.get("amount", 0),
                record.get("line", ""),
                record.get("subjective", ""),
                record.get("type", "revenue"),
                record.get("held by", ""),
                record.get("direct to", ""),
                record.cells.get("amount", record.cells["unit"]),
                record.cells,
                record.get("paid by", ""),
            )
        )
    if kind == "budgets" and not found and not reader.found.problems and not reader.context.unknown:
        reader.say("sheet-empty", "the sheet has no budget lines", "enter the units' budgets", reader.table.home)
    return tuple(found)


def _nre(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> dict[tuple[FinancialYear, str], Figure]:
    found: dict[tuple[FinancialYear, str], Figure] = {}
    for record in reader.records(rows):
        year, force, pence = record.get("year"), record.get("force"), record.get("nre")
        if pence is not None and pence <= 0:
            reader.say(
                "nre-not-positive",
                f"the NRE is “{brief(record.given['nre'])}”, and an NRE is above zero",
                "enter the force's net revenue expenditure",
                record.cells["nre"],
                record.given["nre"],
            )
            record.bad.add("nre")
        if record.bad:
            reader.found.suspect.add(("nre", year, force))
        elif (year, force) in found:
            _duplicate(reader, record, f"the NRE of {force} for {year}", found[year, force].cell, "nre")
        else:
            found[year, force] = Figure(pence, record.cells["nre"], record.get("source", ""))
    return found


def _control_totals(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> tuple[ControlTotal, ...]:
    found: dict[tuple[FinancialYear, str | None], ControlTotal] = {}
    for record in reader.records(rows):
        if record.bad:
            continue
        year, unit = record.get("year"), record.get("unit")
        if (year, unit) in found:
            what = f"the control total of {unit or 'all units'} for {year}"
            _duplicate(reader, record, what, found[year, unit].cell, "amount")
            continue
        found[year, unit] = ControlTotal(
            year, unit, record.get("amount"), record.get("source", ""), record.cells["amount"]
        )
    return tuple(found.values())


def _principles(book: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> tuple[ParameterRow, ...]:
    found: dict[tuple[str | None, FinancialYear], ParameterRow] = {}
    for near in reader.found.misspelt:
        reader.found.suspect.add(("terms", None, near))
    unsure = "reference" in reader.found.misspelt
    for record in reader.records(rows):
        unit, year, reference = record.get("unit"), record.get("from year"), record.get("reference", "")
        if record.bad:
            owner = unit
            if "unit" in record.bad:  # it may be meant for the unit that its name is nearly
                near = nearest(record.given.get("unit", ""), list(book.context.names.units), shortest=2)
                owner = book.context.names.units.get(near, "")
            unsure_of = parameters() if record.bad & {"unit", "from year"} else record.bad
            for name in unsure_of:
                if name in record.bad or name in record.values:
                    reader.found.suspect.add(("terms", owner, name))
        if record.get("basis") == "demand" and not (reference or unsure or "reference" in record.bad):
            reader.say(
                "demand-without-reference",
                "the row sets basis demand, which overrides principle 1, without a reference",
                "name the minute or clause it rests on in the column reference",
                record.cells["basis"],
                "demand",
            )
        if year is None or "unit" in record.bad:
            continue
        if (unit, year) in found:
            what = f"the row of {unit or 'all units'} from {year}"
            _duplicate(reader, record, what, found[unit, year].cells["from year"], "from year")
            continue
        values = {name: record.values[name] for name in parameters() if name in record.values}
        found[unit, year] = ParameterRow(unit, year, values, reference, record.cells, record.row)
    return tuple(found.values())


def _drivers(
    _: _Workbook, reader: SheetReader, rows: Iterator[Row]
) -> tuple[dict[str, tuple[DriverWeight, ...]], dict[str, Place]]:
    """Drivers by unit, and the cell each driver is first named in, by its name as first written."""
    found: dict[str, dict[str, DriverWeight]] = {}
    written: dict[str, Place] = {}
    spelt: dict[str, str] = {}
    weighed: dict[str, Place] = {}
    for record in reader.records(rows):
        unit, driver, weight = record.get("unit"), record.get("driver"), record.get("weight", 1)
        if driver is not None:
            driver = spelt.setdefault(name_key(driver), driver)
            written.setdefault(driver, record.cells["driver"])
        if weight < 0:
            cell = record.cells["weight"]
            given = record.given["weight"]
            reader.say("out-of-range", f"the weight is “{brief(given)}”", "write 0 or more", cell, given)
            record.bad.add("weight")
        if record.bad:
            reader.found.suspect.add(("drivers", unit))
        elif driver in found.setdefault(unit, {}):
            _duplicate(reader, record, f"the driver {driver} of {unit}", found[unit][driver].cell, "driver")
        else:
            found[unit][driver] = DriverWeight(driver, Fraction(weight), record.cells["driver"])
            weighed.setdefault(unit, record.cells.get("weight", NOWHERE))
    for unit, drivers in found.items():
        if drivers and not any(one.weight for one in drivers.values()):
            cell = weighed[unit]
            reader.say("out-of-range", f"the weights of {unit} are all 0", "give a driver a weight above 0", cell, "0")
            reader.found.suspect.add(("drivers", unit))
            found[unit] = {}
    return {unit: tuple(drivers.values()) for unit, drivers in found.items()}, written


def _demand(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> DemandReader:
    demand = DemandReader(reader)
    demand.read(rows)
    for overlay in reader.overlays:
        given = DemandReader(overlay.reader)
        given.read(iter(overlay.rows))
        overlay.tell_of_demand(demand.lay_over(given))
    demand.close()
    return demand


def _agreed(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> dict[str, tuple[AgreedSet, ...]]:
    sets: dict[tuple[str, FinancialYear], dict[str, tuple[Fraction, Place]]] = {}
    doubtful: set[tuple[object, object]] = {(None, None)} if ("agreed",) in reader.found.suspect else set()
    for record in reader.records(rows):
        unit, year, force, share = (record.get(n) for n in ("unit", "from year", "force", "share %"))
        if share is not None and share < 0:
            cell = record.cells["share %"]
            given = record.given["share %"]
            reader.say("out-of-range", f"the share is “{brief(given)}”", "write 0 or more", cell, given)
            record.bad.add("share %")
        if record.bad:
            reader.found.suspect.add(("agreed", unit, year))
            doubtful.add((unit, year))
            continue
        one = sets.setdefault((unit, year), {})
        if force in one:
            _duplicate(reader, record, f"the agreed share of {force} in {unit} from {year}", one[force][1], "share %")
            doubtful.add((unit, year))
        else:
            one[force] = (share, record.cells["share %"])
    found: dict[str, list[AgreedSet]] = {}
    for (unit, year), shares in sorted(sets.items(), key=lambda item: item[0][1]):
        total = sum((share for share, _ in shares.values()), Fraction(0))
        unsure = {(unit, year), (None, None), (unit, None), (None, year)} & doubtful
        if total != 100 and not unsure:
            first = next(iter(shares.values()))[1]
            given = " + ".join(f"{float(share):g}" for share, _ in shares.values())
            reader.say(
                "agreed-shares-not-100",
                f"the agreed shares of {unit} from {year} sum to {float(total):.10g}, not 100: {given}",
                "write them as percentages: 40 or 40%, not 0.4"
                if total == 1
                else "correct them so that they sum to exactly 100 (33.33, 33.33, 33.34)",
                first,
                f"{float(total):.10g}",
            )
            reader.found.suspect.add(("agreed", unit, year))
        found.setdefault(unit, []).append(
            AgreedSet(
                unit,
                year,
                {force: share / 100 for force, (share, _) in shares.items()},
                {force: cell for force, (_, cell) in shares.items()},
            )
        )
    return {unit: tuple(one) for unit, one in found.items()}


def _business_cases(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> tuple[BusinessCase, ...]:
    """The versions of each unit and year, in the order in which the sheet first has them."""
    groups: dict[tuple[str, FinancialYear, str], list[Record]] = {}
    spelt: dict[str, str] = {}
    for record in reader.records(rows):
        if record.bad:
            reader.found.suspect.add(("business cases", record.get("unit"), record.get("year")))
            continue
        version = spelt.setdefault(key(record.get("version", "")), record.get("version", ""))
        group = groups.setdefault((record.get("unit"), record.get("year"), version), [])
        twin = next((one for one in group if one.get("force") == record.get("force")), None)
        if twin is not None:
            what = f"the business case of {record.get('unit')} for {record.get('year')}"
            of_force = f", {record.get('force')}" if record.get("force") else ""
            _duplicate(reader, record, what + of_force, twin.cells["amount"], "amount")
        else:
            group.append(record)
    found = []
    for (unit, year, version), group in groups.items():
        first = group[0]
        name = f"the business case {version} of {unit} for {year}" if version else f"that of {unit} for {year}"
        for record in group[1:]:
            for column in ("approved", "price year"):
                if record.get(column) != first.get(column):
                    here, there = _said(record.get(column)), _said(first.get(column))
                    reader.say(
                        "business-case-differs",
                        f"{column} of {name} is {here} here and {there} beside {first.cells['amount']}",
                        "write the same on all rows of a version",
                        (record.cells.get(column) or record.cells["amount"]),
                        here,
                    )
        if 0 < sum(record.get("force") is None for record in group) < len(group):
            odd = next(record for record in group if record.get("force") is None)
            reader.say(
                "business-case-forces",
                f"some rows of {name} name a force, and this one does not",
                "name a force on all rows of a version, or on none",
                odd.cells["amount"],
            )
            continue
        found.append(
            BusinessCase(
                unit,
                year,
                version,
                {record.get("force", ""): record.get("amount") for record in group},
                first.get("approved"),
                first.get("price year"),
                tuple(record.cells["amount"] for record in group),
                {record.get("force", ""): record.cells.get("force", record.cells["amount"]) for record in group},
                first.cells.get("price year", NOWHERE),
            )
        )
    return tuple(found)


def _said(value: Any) -> str:
    return "blank" if value is None else str(value)


def _explanations(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> tuple[Explanation, ...]:
    found: dict[tuple[str, FinancialYear, str], Explanation] = {}
    for record in reader.records(rows):
        if record.bad:
            continue
        unit, year, cause = record.get("unit"), record.get("year"), record.get("cause")
        entry = (unit, year, key(cause))
        if entry in found:
            _duplicate(reader, record, f"an explanation of {cause} for {unit} {year}", found[entry].cell, "cause")
            continue
        found[entry] = Explanation(unit, year, cause, record.get("text"), record.get("owner", ""), record.cells["text"])
    return tuple(found.values())


def _payments(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> tuple[Payment, ...]:
    found = []
    for record in reader.records(rows):
        if record.bad:
            continue
        payer, payee, cell = record.get("from"), record.get("to"), record.cells["amount"]
        if payer == payee:
            reader.say(
                "payment-to-itself",
                f"{payer} is given as paying itself",
                "name the force that paid and the force that was paid",
                record.cells["to"],
                payee,
            )
            continue
        found.append(
            Payment(
                record.get("year"), payer, payee, record.get("amount"), record.get("unit"), record.get("date"), cell
            )
        )
    return tuple(found)


def _assumptions(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> tuple[Assumption, ...]:
    found = []
    for record in reader.records(rows):
        kind = record.get("kind")
        amounts = {
            name: _assumed(reader, record, kind, name) for name in ("value", "low", "high") if name in record.values
        }
        if record.bad:
            continue
        idle = [c for c in IDLE[kind in PERCENTAGES, kind == "nre growth %"] if c in record.values]
        if idle:
            where = record.cells[idle[0]]
            reader.found.notes.append(f"{where}: {kind} takes no {' and no '.join(idle)}; not used")
        used = {name: value for name, value in record.values.items() if name not in idle}
        one = Assumption(
            kind,
            used["from year"],
            amounts["value"],
            used.get("unit", ""),
            used.get("line", ""),
            used.get("type", "revenue"),
            used.get("force", ""),
            amounts.get("low"),
            amounts.get("high"),
            used.get("reference", ""),
            record.cells["value"],
        )
        _needs_unit(reader, record, one)
        low, high = one.bounds()
        if not low <= one.value <= high:
            column = "low" if one.low is not None and low > one.value else "high"
            reader.say(
                "range-not-around-value",
                f"{column} is “{brief(record.given[column])}” and the value “{brief(record.given['value'])}”",
                "write a low that is not above the value, and a high that is not below it",
                record.cells[column],
                record.given[column],
            )
        found.append(one)
    return tuple(found)


IDLE = {  # columns that say nothing of an assumption, by whether it is a percentage and one of NRE
    (False, False): ("force",),
    (True, False): ("force", "type"),
    (True, True): ("unit", "line", "type"),
}


def _assumed(reader: SheetReader, record: Record, kind: str | None, column: str) -> Any:
    """An assumption's percentage or amount in pence, by its kind; a problem where it is neither."""
    value = record.values[column]
    try:
        if kind is None:
            return None
        if kind not in PERCENTAGES:
            if isinstance(value, Percent):
                raise Unreadable(
                    "not-an-amount", f"“{shown(value)}” is not an amount", "write pounds, not a percentage"
                )
            return money(value, reader.context.thousands)[0]
        percent = percentage(value)
        least = "above −100" if kind == "nre growth %" else "of −100 or more"
        if percent < -100 or (percent == -100 and kind == "nre growth %"):
            raise Unreadable("out-of-range", f"{column} is “{brief(shown(value))}”", f"write a percentage {least}")
    except Unreadable as error:
        record.bad.add(column)
        cell = record.cells[column]
        reader.say(error.code, error.message, error.remedy, cell, shown(value))
        return None
    return percent


def _needs_unit(reader: SheetReader, record: Record, one: Assumption) -> None:
    if not one.is_percentage and not one.unit:
        reader.say(
            "assumption-without-unit",
            f"a {one.kind} of {pounds_words(int(one.value))} names no unit",
            "name the unit whose line it becomes",
            record.cells["kind"],
            record.given["kind"],
        )


def _baselines(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> dict[str, dict[str, Baseline]]:
    found: dict[str, dict[str, Baseline]] = {}
    for record in reader.records(rows):
        unit, force = record.get("unit"), record.get("force")
        if record.bad:
            reader.found.suspect.add(("baselines", unit))
        elif force in found.setdefault(unit, {}):
            _duplicate(reader, record, f"the baseline of {force} for {unit}", found[unit][force].cell, "amount")
        else:
            found[unit][force] = Baseline(
                record.get("amount"), record.get("year"), record.cells["amount"], record.cells.get("year", NOWHERE)
            )
    return found


def _deflators(_: _Workbook, reader: SheetReader, rows: Iterator[Row]) -> dict[FinancialYear, Deflator]:
    found: dict[FinancialYear, Deflator] = {}
    for record in reader.records(rows):
        year, index = record.get("year"), record.get("index")
        if index is not None and index <= 0:
            cell = record.cells["index"]
            given = record.given["index"]
            reader.say("out-of-range", f"the index is “{brief(given)}”", "write a number above 0", cell, given)
            record.bad.add("index")
        if record.bad:
            reader.found.suspect.add(("deflators", year))
        elif year in found:
            _duplicate(reader, record, f"the index of {year}", found[year].cell, "index")
        else:
            found[year] = Deflator(Fraction(index), record.cells["index"])
    return found
