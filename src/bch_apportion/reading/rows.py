"""What is made of the records of each sheet: rows of the model, and what a sheet asks of them beyond its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from bch_apportion import further, model
from bch_apportion.model import AgreedSet, Baseline, BudgetRow, Deflator, DriverWeight, ForceCode, UnitCode, name_key
from bch_apportion.money import plain, plain_beside
from bch_apportion.places import Place
from bch_apportion.problems import About
from bch_apportion.reading import scale
from bch_apportion.reading.demand import DemandReader, settle_periods
from bch_apportion.reading.measures import measured, measures
from bch_apportion.reading.records import READERS, Record, TableReader, row_of
from bch_apportion.reading.sheets import CARRY, MONEY_IN, SETTINGS
from bch_apportion.reading.values import Unreadable, brief, key, nearest, shown
from bch_apportion.terms import parameters
from bch_apportion.years import FinancialYear, day_text, year_of


def forces(reader: TableReader) -> tuple[model.Force, ...]:
    """The forces; their codes, names and aliases are known from here on."""
    return tuple(row_of(model.Force, record, "force", code=code) for record, code in _coded(reader, "force"))


def units(reader: TableReader) -> tuple[model.Unit, ...]:
    """The units; their codes and names are known from here on."""
    heads = {name for part in (reader, *reader.joined) for name in part.table.columns}
    reader.findings.speaks_of_pooling = not heads.isdisjoint({"s22a signed", "pooled from"})
    coded = _coded(reader, "unit")
    reader.findings.doubts |= {About("unit", code) for record, code in coded if "forces" in record.bad}
    return tuple(row_of(model.Unit, record, "unit", code=code) for record, code in coded)


def _coded(reader: TableReader, what: str) -> list[tuple[Record, str]]:
    """The records of forces or units, each with its code; a name that means another already is a problem."""
    context, coded = reader.context, []
    names = context.names[what]
    for record in reader.sound():  # codes first, so that a name or an alias cannot take another's code
        code = context.code_like(what, record.values[what], record.get("name", ""), *record.get("aliases", ()))
        names[name_key(record.values[what])] = code
        coded.append((record, code))
    for record, code in coded:
        spelt = [("name", record.get("name", "")), *(("aliases", alias) for alias in record.get("aliases", ()))]
        for column, name in spelt:
            means = names.setdefault(name_key(name), code) if name else code
            if means != code:
                message = f"“{name}” of {code} already means {means}"
                reader.say("ambiguous-name", message, f"give each {what} names of its own", record.cells[column], name)
    context.nameless[what] = len(reader.left_out)
    return coded


# Settings


def settings(reader: TableReader) -> model.Settings:
    """The settings; one that is not given has its default."""
    read: dict[str, Any] = {}
    given: dict[str, str] = {}
    scales: dict[str, int] = {}
    for record in reader.sound():
        name, value = record.values["name"], record.values["value"]
        given[name] = shown(value)
        try:
            setting = READERS[SETTINGS[MONEY_IN if name.startswith(MONEY_IN) else name].kind](value)
            if isinstance(setting, int | Fraction) and setting < 0:
                raise Unreadable("out-of-range", f"{name} is “{brief(shown(value))}”", "write 0 or more")
            if name.startswith(MONEY_IN):
                scales[name.removeprefix(MONEY_IN).strip()] = setting
            else:
                read[name.replace("%", "percent").replace(" ", "_")] = setting
        except Unreadable as error:
            reader.findings.say_unreadable(error, record.cells["value"], value)
            record.bad.add("value")
            reader.left_out.append(record)
    if any(_may_carry(record) for record in reader.left_out):
        reader.findings.doubts.add(About("nre"))
    return model.Settings(**read, scales=scales, given=given)


def scales_written(rows: Sequence[model.WrittenRow]) -> dict[str, int]:
    """The scales that the workbook's own settings name, by sheet, as `Settings.scales` has them."""
    given = ((row.key[0], cell.text) for row in rows for cell in row.cells if cell.column == "value")
    return {
        name.removeprefix(MONEY_IN).strip(): scale.SETTINGS.get(key(text), 1)
        for name, text in given
        if name.startswith(MONEY_IN)
    }


def _may_carry(record: Record) -> bool:
    """Whether a row that cannot be read may be the one that carries an earlier NRE forward."""
    named = record.get("name") or next((cell.text for cell in record.unread if cell.column == "name"), "")
    if named in SETTINGS or named.startswith(MONEY_IN):
        return named == CARRY
    return not named[:1].isalpha() or bool(nearest(named, [CARRY]))


# Money


def budgets(reader: TableReader) -> tuple[BudgetRow, ...]:
    """Budget lines."""
    return _lines(reader.sound())


def _lines(records: Iterable[Record]) -> tuple[BudgetRow, ...]:
    """Budget or outturn lines. A row with a problem stands for what else may be wrong with it; no figure will."""
    return tuple(
        row_of(BudgetRow, record, "amount" if "amount" in record.cells else "unit", pence=record.get("amount", 0))
        for record in records
    )


def actuals(reader: TableReader) -> tuple[BudgetRow, ...]:
    """Outturn lines; a period lies within its year."""
    records = list(reader.sound())
    for record in settle_periods(reader, records):
        _hold_to_year(reader, record)
    return _lines(records)


def _hold_to_year(reader: TableReader, record: Record) -> None:
    """A period outside the year of its line, in whole or in part, is a problem."""
    months, year = record.values["period"], record.values["year"]
    if {year_of(months.first), year_of(months.last)} != {year}:
        message = f"the period {months} is not within the year {year}"
        remedy = "write a month, a quarter or a range of that year, or correct the year"
        reader.say("period-outside-year", message, remedy, record.cells["period"], record.given["period"])


def nre(reader: TableReader) -> dict[tuple[FinancialYear, ForceCode], model.Figure]:
    return {(r.values["year"], r.values["force"]): row_of(model.Figure, r, "nre") for r in reader.sound()}


def baselines(reader: TableReader) -> dict[UnitCode, dict[ForceCode, Baseline]]:
    """Baselines by unit and force."""
    made: dict[UnitCode, dict[ForceCode, Baseline]] = {}
    for record in reader.sound():
        made.setdefault(record.values["unit"], {})[record.values["force"]] = row_of(Baseline, record, "amount")
    return made


def deflators(reader: TableReader) -> dict[FinancialYear, Deflator]:
    return {
        record.values["year"]: Deflator(Fraction(record.values["index"]), record.cells["index"])
        for record in reader.sound()
    }


def payments(reader: TableReader) -> tuple[model.Payment, ...]:
    records = list(reader.sound())
    for record in records:
        if (force := record.values["to"]) == record.values["from"]:
            message = f"{force} is both the payer and the payee"
            remedy = "name the force that paid and the force that was paid"
            reader.say("payment-to-itself", message, remedy, record.cells["to"], force)
    return tuple(row_of(model.Payment, record, "amount") for record in records)


PLAIN: Mapping[str, type] = {  # what a row of a sheet is that asks no more than its columns
    "Control totals": model.ControlTotal,
    "Answers": model.GivenAnswer,
    "Agreements": further.Agreement,
    "Comparators": further.Comparator,
    "Sizes": further.Size,
    "Retained": further.Retained,
    "Forecasts": further.Forecast,
    "In the MTFS": further.InTheMtfs,
    "Timetable": further.Step,
    "Priorities": further.Priority,
}


def plain_rows(reader: TableReader) -> tuple[Any, ...]:
    """The rows of such a sheet, in its order."""
    form = reader.table.form
    return tuple(row_of(PLAIN[form.name], record, form.telling()) for record in reader.sound())


def actions(reader: TableReader) -> tuple[further.Action, ...]:
    """The actions; one that is open has not been closed."""
    records = list(reader.sound())
    for record in records:
        closed = record.get("closed on")
        if record.get("status") == "open" and closed is not None:
            action = f"the action {record.values['ref']} of {record.values['source']}"
            message, remedy = (
                f"{action} is open, but was closed on {day_text(closed)}",
                "clear “closed on”, or write closed",
            )
            reader.say("open-and-closed", message, remedy, record.cells["closed on"], record.given["closed on"])
    return tuple(row_of(further.Action, record, "ref") for record in records)


BESIDE: Mapping[str, Callable[[TableReader], tuple[Any, ...]]] = {  # of the sheets beside the split, what asks more
    "Actions": actions,
    "Measures": measures,
    "Measured": measured,
}


def explanations(reader: TableReader) -> tuple[model.Explanation, ...]:
    return tuple(row_of(model.Explanation, record, "text") for record in reader.sound())


# Terms


def principles(reader: TableReader) -> tuple[model.ParameterRow, ...]:
    """Rows of parameters; a problem puts in doubt the parameters it touches, each by itself."""
    for near in reader.findings.misspelt:
        reader.findings.doubts.add(About("terms", name=near))
    records = reader.records()
    sound = list(reader.usable(records))
    for record in records:
        _needs_reference(reader, record)
        reader.findings.doubts.update(_doubted_parameters(reader, record))
    return tuple(
        row_of(
            model.ParameterRow,
            record,
            "from year",
            unit=record.get("unit"),
            values={name: record.values[name] for name in parameters() if name in record.values},
            row=record.row,
        )
        for record in sound
    )


def _needs_reference(reader: TableReader, record: Record) -> None:
    unsure = "reference" in record.bad or "reference" in reader.findings.misspelt
    if record.get("basis") == "demand" and not (record.get("reference") or unsure):
        message = "the row sets basis demand, which overrides principle 1, without a reference"
        remedy = "name the minute or clause it rests on in the column reference"
        reader.say("demand-without-reference", message, remedy, record.cells["basis"], "demand")


def _doubted_parameters(reader: TableReader, record: Record) -> Iterator[About]:
    """The parameters that cannot be read; all that the row gives where it is not clear of which unit or year it is."""
    owner = record.get("unit")
    if "unit" in record.bad:  # it may be meant for the unit that its name is nearly
        names = reader.context.names["unit"]
        written = next((cell.text for cell in record.unread if cell.column == "unit"), "")
        owner = names.get(nearest(written, list(names), shortest=2), "")
    for name in parameters() if record.bad & {"unit", "from year"} else record.bad:
        if name in record.bad or name in record.values:
            yield About("terms", owner, name=name)


def agreed_shares(reader: TableReader) -> dict[UnitCode, tuple[AgreedSet, ...]]:
    """Agreed sets by unit, oldest first; each sums to exactly 100."""
    sets: dict[tuple[FinancialYear, UnitCode], list[Record]] = {}
    for record in reader.sound():
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
                reference="; ".join(dict.fromkeys(filter(None, (record.get("reference") for record in records)))),
            )
        )
    return {unit: tuple(own) for unit, own in made.items()}


def _sums_to_100(reader: TableReader, records: Sequence[Record]) -> bool:
    """Whether the shares of a set sum to 100; if not, it is said."""
    first, shares = records[0], [record.values["share %"] for record in records]
    total = sum(shares, Fraction(0))
    if total == 100:
        return True
    given = " + ".join(record.given["share %"].removesuffix("%") for record in records)
    off = f"{plain_beside(abs(100 - total), 0)} {'short of' if total < 100 else 'above'}"
    called = f"the agreed shares of {first.values['unit']} from {first.values['from year']}"
    message = f"{called} sum to {plain_beside(total, 100)} %, which is {off} 100: {given}"
    remedy = "correct them so that they sum to exactly 100 (33.33, 33.33, 33.34)"
    if total == 1:
        remedy = "write them as percentages: 40 or 40%, not 0.4"
    reader.say("agreed-shares-not-100", message, remedy, first.cells["share %"], plain(total))
    return False


# Demand


class Drivers(NamedTuple):
    """The drivers of each unit, and the cell in which each driver is first named, by its name as first written."""

    by_unit: dict[UnitCode, tuple[DriverWeight, ...]]
    written: dict[str, Place]


def drivers(reader: TableReader) -> Drivers:
    """The drivers of each unit; their weights are not all 0."""
    records = reader.records()
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


class Volumes(NamedTuple):
    """The volumes of each driver that has any, by its name as first written; and whether they may be signed off."""

    by_driver: dict[str, model.Demand]
    signed_off: bool


def demand(reader: TableReader) -> Volumes:
    """The volumes, with those of joined workbooks beside them and of scenarios beside them or in their place."""
    volumes = DemandReader(reader).read()
    for joined in reader.joined:
        volumes.join(DemandReader(joined).read())
    for overlay in reader.overlays:
        volumes.lay_over(DemandReader(overlay).read())
    volumes.check_overlaps()
    filled = {d: own for d, own in volumes.drivers.items() if any(slot for _, slot in own.periods())}
    return Volumes({volumes.names[driver]: own for driver, own in filled.items()}, volumes.signed_off)
