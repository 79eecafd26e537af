"""What is made of the records of each sheet: rows of the model, and what a sheet asks of them beyond its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from bch_apportion.model import (
    AgreedSet,
    Baseline,
    BudgetRow,
    ControlTotal,
    Deflator,
    DriverWeight,
    Explanation,
    Figure,
    Force,
    ForceCode,
    GivenAnswer,
    ParameterRow,
    Payment,
    Settings,
    Unit,
    UnitCode,
    name_key,
)
from bch_apportion.money import plain
from bch_apportion.places import NOWHERE, Place
from bch_apportion.problems import About
from bch_apportion.reading.cells import Row, Value
from bch_apportion.reading.demand import DemandReader
from bch_apportion.reading.records import Record, SheetReader
from bch_apportion.reading.values import (
    Unreadable,
    brief,
    choice,
    money,
    nearest,
    percentage,
    shown,
    yes_no,
)
from bch_apportion.terms import parameters
from bch_apportion.years import FinancialYear

Rows = Iterator[Row]


def forces(reader: SheetReader, rows: Rows) -> tuple[Force, ...]:
    """The forces; their codes, names and aliases are known from here on."""
    names, made = reader.context.names.forces, []
    records = list(reader.sound(rows))
    for record in records:  # codes first, so that an alias cannot take another force's code
        code, name = record.values["force"], record.get("name", "")
        aliases = tuple(alias.strip() for alias in record.get("aliases", "").split(",") if alias.strip())
        names[name_key(code)] = known = reader.context.code_like("forces", code, name, *aliases)
        made.append(Force(known, name, aliases, record.cells["force"]))
    for record, force in zip(records, made, strict=True):
        for column, spellings in (("name", (force.name,)), ("aliases", force.aliases)):
            for spelling in spellings:
                _add_name(reader, names, record, column, spelling, force.code)
    reader.context.nameless["force"] = len(reader.left_out)
    return tuple(made)


def units(reader: SheetReader, rows: Rows) -> tuple[Unit, ...]:
    """The units; their codes and names are known from here on."""
    names, made = reader.context.names.units, []
    records = list(reader.sound(rows))
    for record in records:
        given, name = record.values["unit"], record.get("name", "")
        names[name_key(given)] = code = reader.context.code_like("units", given, name)
        if "forces" in record.bad:
            reader.findings.doubts.add(About("unit", code))
        made.append(
            Unit(
                code=code,
                name=name,
                programme=record.get("programme", ""),
                members=record.get("forces", ()),
                lead=record.get("lead force", ""),
                s22a_signed=record.get("s22a signed"),
                pooled_from=record.get("pooled from"),
                function=record.get("function", ""),
                section=record.get("section", ""),
                cell=record.cells["unit"],
                cells=record.cells,
            )
        )
    for record, unit in zip(records, made, strict=True):
        _add_name(reader, names, record, "name", unit.name, unit.code)
    reader.context.nameless["unit"] = len(reader.left_out)
    return tuple(made)


def _add_name(
    reader: SheetReader, names: dict[str, str], record: Record, column: str, spelling: str, code: str
) -> None:
    """A further spelling of a force or unit; where it means another already, that is a problem."""
    if spelling and names.setdefault(name_key(spelling), code) != code:
        reader.say(
            "ambiguous-name",
            f"“{spelling}” of {code} already means {names[name_key(spelling)]}",
            f"give each {reader.table.form.key[0]} names of its own",
            record.cells[column],
            spelling,
        )


# Settings

CARRY = "carry nre forward"


def _pounds(value: Value) -> int:
    return money(value)[0]  # always in pounds


SETTINGS: dict[str, tuple[str, Callable[[Value], Any]]] = {
    "money in": ("money_in", lambda value: choice(value, ("pounds", "thousands"), "unit of money")),
    CARRY: ("carry_nre_forward", yes_no),
    "uprate baselines": ("uprate_baselines", yes_no),
    "materiality amount": ("materiality_amount", _pounds),
    "materiality %": ("materiality_percent", percentage),
    "always significant": ("always_significant", _pounds),
}


def settings(reader: SheetReader, rows: Rows) -> Settings:
    """The settings; one that is not given has its default."""
    values: dict[str, Any] = {}
    given: dict[str, str] = {}
    for record in reader.sound(rows):
        name, value = record.values["name"], record.values["value"]
        given[name] = shown(value)
        try:
            values[SETTINGS[name][0]] = _setting(name, value)
        except Unreadable as error:
            reader.say(error.code, error.message, error.remedy, record.cells["value"], shown(value))
            record.bad.add("value")
            reader.left_out.append(record)
    if any(_may_carry(record) for record in reader.left_out):
        reader.findings.doubts.add(About("nre"))
    return Settings(**values, given=given)


def _setting(name: str, value: Value) -> Any:
    setting = SETTINGS[name][1](value)
    if isinstance(setting, int | Fraction) and setting < 0:
        raise Unreadable("out-of-range", f"{name} is “{brief(shown(value))}”", "write 0 or more")
    return setting


def _may_carry(record: Record) -> bool:
    """Whether a row that cannot be read may be the one that carries an earlier NRE forward."""
    named = record.get("name") or next((cell.text for cell in record.unread if cell.column == "name"), "")
    if named in SETTINGS:
        return named == CARRY
    return not named[:1].isalpha() or bool(nearest(named, [CARRY]))


# Money


def budgets(reader: SheetReader, rows: Rows) -> tuple[BudgetRow, ...]:
    """Budget or outturn lines. A row with a problem stands for what else may be wrong with it; no figure will."""
    return tuple(
        BudgetRow(
            unit=record.values["unit"],
            year=record.values["year"],
            pence=record.get("amount", 0),
            line=record.get("line", ""),
            subjective=record.get("subjective", ""),
            type=record.get("type", "revenue"),
            held_by=record.get("held by", ""),
            direct_to=record.get("direct to", ""),
            cell=record.cells.get("amount", record.cells["unit"]),
            cells=record.cells,
            paid_by=record.get("paid by", ""),
        )
        for record in reader.sound(rows)
    )


def nre(reader: SheetReader, rows: Rows) -> dict[tuple[FinancialYear, ForceCode], Figure]:
    return {
        (record.values["year"], record.values["force"]): Figure(
            record.values["nre"], record.cells["nre"], record.get("source", "")
        )
        for record in reader.sound(rows)
    }


def control_totals(reader: SheetReader, rows: Rows) -> tuple[ControlTotal, ...]:
    return tuple(
        ControlTotal(
            year=record.values["year"],
            unit=record.get("unit"),
            pence=record.values["amount"],
            source=record.get("source", ""),
            cell=record.cells["amount"],
        )
        for record in reader.sound(rows)
    )


def baselines(reader: SheetReader, rows: Rows) -> dict[UnitCode, dict[ForceCode, Baseline]]:
    """Baselines by unit and force."""
    made: dict[UnitCode, dict[ForceCode, Baseline]] = {}
    for record in reader.sound(rows):
        made.setdefault(record.values["unit"], {})[record.values["force"]] = Baseline(
            record.values["amount"], record.get("year"), record.cells["amount"], record.cells.get("year", NOWHERE)
        )
    return made


def deflators(reader: SheetReader, rows: Rows) -> dict[FinancialYear, Deflator]:
    return {
        record.values["year"]: Deflator(Fraction(record.values["index"]), record.cells["index"])
        for record in reader.sound(rows)
    }


def payments(reader: SheetReader, rows: Rows) -> tuple[Payment, ...]:
    made = []
    for record in reader.sound(rows):
        payer, payee = record.values["from"], record.values["to"]
        if payer == payee:
            reader.say(
                "payment-to-itself",
                f"{payer} is both the payer and the payee",
                "name the force that paid and the force that was paid",
                record.cells["to"],
                payee,
            )
            continue
        made.append(
            Payment(
                year=record.values["year"],
                payer=payer,
                payee=payee,
                pence=record.values["amount"],
                unit=record.get("unit"),
                day=record.get("date"),
                cell=record.cells["amount"],
                cells=record.cells,
            )
        )
    return tuple(made)


def answers(reader: SheetReader, rows: Rows) -> tuple[GivenAnswer, ...]:
    """The answers to queries."""
    return tuple(
        GivenAnswer(
            query=record.values["query"],
            answer=record.values["answer"],
            who=record.get("who", ""),
            day=record.get("date"),
            cell=record.cells["query"],
        )
        for record in reader.sound(rows)
    )


def explanations(reader: SheetReader, rows: Rows) -> tuple[Explanation, ...]:
    return tuple(
        Explanation(
            unit=record.values["unit"],
            year=record.values["year"],
            cause=record.values["cause"],
            text=record.values["text"],
            owner=record.get("owner", ""),
            cell=record.cells["text"],
        )
        for record in reader.sound(rows)
    )


# Terms


def principles(reader: SheetReader, rows: Rows) -> tuple[ParameterRow, ...]:
    """Rows of parameters; a problem puts in doubt the parameters it touches, each by itself."""
    for near in reader.findings.misspelt:
        reader.findings.doubts.add(About("terms", name=near))
    records = list(reader.records(rows))
    sound = list(reader.usable(records))
    for record in records:
        _needs_reference(reader, record)
        reader.findings.doubts.update(_doubted_parameters(reader, record))
    return tuple(
        ParameterRow(
            unit=record.get("unit"),
            from_year=record.values["from year"],
            values={name: record.values[name] for name in parameters() if name in record.values},
            reference=record.get("reference", ""),
            cells=record.cells,
            row=record.row,
        )
        for record in sound
    )


def _needs_reference(reader: SheetReader, record: Record) -> None:
    unsure = "reference" in record.bad or "reference" in reader.findings.misspelt
    if record.get("basis") == "demand" and not (record.get("reference") or unsure):
        reader.say(
            "demand-without-reference",
            "the row sets basis demand, which overrides principle 1, without a reference",
            "name the minute or clause it rests on in the column reference",
            record.cells["basis"],
            "demand",
        )


def _doubted_parameters(reader: SheetReader, record: Record) -> Iterator[About]:
    """The parameters that cannot be read; all that the row gives where it is not clear of which unit or year it is."""
    owner = record.get("unit")
    if "unit" in record.bad:  # it may be meant for the unit that its name is nearly
        names = reader.context.names.units
        written = next((cell.text for cell in record.unread if cell.column == "unit"), "")
        owner = names.get(nearest(written, list(names), shortest=2), "")
    for name in parameters() if record.bad & {"unit", "from year"} else record.bad:
        if name in record.bad or name in record.values:
            yield About("terms", owner, name=name)


def agreed_shares(reader: SheetReader, rows: Rows) -> dict[UnitCode, tuple[AgreedSet, ...]]:
    """Agreed sets by unit, oldest first; each sums to exactly 100."""
    sets: dict[tuple[FinancialYear, UnitCode], list[Record]] = {}
    for record in reader.sound(rows):
        sets.setdefault((record.values["from year"], record.values["unit"]), []).append(record)
    rest = [reader.table.form.part(record.values) for record in (*reader.left_out, *reader.twice)]
    unsure = [*reader.findings.doubts, *(part for part in rest if part is not None)]
    made: dict[UnitCode, list[AgreedSet]] = {}
    for (year, unit), records in sorted(sets.items(), key=lambda item: item[0][0]):
        part = About("agreed", unit, year)
        if not any(doubt.touches(part) for doubt in unsure) and not _sums_to_100(reader, records):
            reader.findings.doubts.add(part)
        made.setdefault(unit, []).append(
            AgreedSet(
                unit,
                year,
                shares={record.values["force"]: record.values["share %"] / 100 for record in records},
                cells={record.values["force"]: record.cells["share %"] for record in records},
            )
        )
    return {unit: tuple(own) for unit, own in made.items()}


def _sums_to_100(reader: SheetReader, records: Sequence[Record]) -> bool:
    """Whether the shares of a set sum to 100; if not, it is said."""
    first, shares = records[0], [record.values["share %"] for record in records]
    total = sum(shares, Fraction(0))
    if total == 100:
        return True
    given = " + ".join(map(plain, shares))
    off = f"{plain(100 - total)} short of" if total < 100 else f"{plain(total - 100)} above"
    reader.say(
        "agreed-shares-not-100",
        f"the agreed shares of {first.values['unit']} from {first.values['from year']} "
        f"sum to {plain(total)} %, which is {off} 100: {given}",
        "write them as percentages: 40 or 40%, not 0.4"
        if total == 1
        else "correct them so that they sum to exactly 100 (33.33, 33.33, 33.34)",
        first.cells["share %"],
        plain(total),
    )
    return False


# Demand


class Drivers(NamedTuple):
    """The drivers of each unit, and the cell in which each driver is first named, by its name as first written."""

    by_unit: dict[UnitCode, tuple[DriverWeight, ...]]
    written: dict[str, Place]


def drivers(reader: SheetReader, rows: Rows) -> Drivers:
    """The drivers of each unit; their weights are not all 0."""
    records = list(reader.records(rows))
    sound: dict[UnitCode, list[Record]] = {}
    for record in reader.usable(records):
        sound.setdefault(record.values["unit"], []).append(record)
    spelt: dict[str, str] = {}
    written: dict[str, Place] = {}
    for record in records:
        if (name := record.get("driver")) is not None:
            written.setdefault(spelt.setdefault(name_key(name), name), record.cells["driver"])
    made = {unit: tuple(_weighted(record, spelt) for record in own) for unit, own in sound.items()}
    for unit, weighted in made.items():
        if not any(driver.weight for driver in weighted):
            place = sound[unit][0].cells["weight"]
            reader.say("out-of-range", f"the weights of {unit} are all 0", "give a driver a weight above 0", place, "0")
            reader.findings.doubts.add(About("drivers", unit))
            made[unit] = ()
    return Drivers(made, written)


def _weighted(record: Record, spelt: Mapping[str, str]) -> DriverWeight:
    driver = spelt[name_key(record.values["driver"])]
    return DriverWeight(driver, Fraction(record.get("weight", 1)), record.cells["driver"])


def demand(reader: SheetReader, rows: Rows) -> DemandReader:
    """The volumes, with those of scenarios beside them or in their place."""
    volumes = DemandReader(reader)
    volumes.read(rows)
    for overlay in reader.overlays:
        given = DemandReader(overlay.reader)
        given.read(iter(overlay.rows))
        overlay.tell_of_demand(volumes.lay_over(given))
    volumes.close()
    return volumes
