"""What the sheets must agree on with the terms: who is named beside a unit is its member, and sets name all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from bch_apportion.model import AgreedSet, BudgetRow, ForceCode, Unit, name_key
from bch_apportion.places import Place
from bch_apportion.principles.implementation_costs import is_implementation
from bch_apportion.problems import About, Problem
from bch_apportion.terms import TermsBook
from bch_apportion.years import FinancialYear, year_of

Years: TypeAlias = Mapping[FinancialYear, Sequence[BudgetRow]]


def membership(unit: Unit) -> tuple[About, ...]:
    """What it rests on who the members of a unit are."""
    return About("forces"), About("units"), About("unit", unit.code), About("terms", unit.code, name="forces")


def of_rows(book: TermsBook, unit: Unit, years: Years) -> Iterator[Problem]:
    """Holders and direct forces are members, and no implementation line is direct (principle 4)."""
    for year, rows in years.items():
        members = book.look_up(unit, year).members
        for row in rows:
            for column, force in (("held by", row.held_by), ("direct to", row.direct_to)):
                if force and force not in members:
                    place = row.cells.get(column, row.cell)
                    yield _not_member(unit, force, f"is named in “{column}” in {year}", members, place)
            if is_implementation(row) and row.direct_to:
                yield _direct_implementation(unit, row)


def of_unit(book: TermsBook, unit: Unit, years: Years) -> Iterator[Problem]:
    """The lead force, the baselines and the agreed sets name members, and all of them."""
    forces = book.inputs.force_codes()
    by_year = [book.look_up(unit, year).members for year in years]
    ever = tuple(f for f in forces if any(f in members for members in by_year) or f in unit.members)
    if unit.lead and ever and unit.lead not in ever:
        yield _not_member(unit, unit.lead, "is the lead force", ever, unit.cells.get("lead force", unit.cell))
    yield from _of_baselines(book, unit, {force for members in by_year for force in members})
    for agreed in book.inputs.agreed.get(unit.code, ()):
        yield from _of_agreed(book, unit, agreed)


def of_business_cases(book: TermsBook) -> Iterator[Problem]:
    """A business case that names forces names members of the unit in its year."""
    units = {unit.code: unit for unit in book.inputs.units}
    for case in book.inputs.business_cases:
        unit = units[case.unit]
        members = book.look_up(unit, case.year).members
        for force in case.amounts if case.by_force else ():
            if force not in members:
                place = case.force_cells.get(force, Place("Business cases"))
                yield _not_member(unit, force, f"has a business case for {case.year}", members, place)


def of_further(book: TermsBook) -> Iterator[Problem]:
    """A force that has a value of a unit's measure, or an amount for the unit in its MTFS, is then its member."""
    units, further = {unit.code: unit for unit in book.inputs.units}, book.inputs.further
    for held in further.in_the_mtfs:
        if held.unit and held.force not in (members := book.look_up(units[held.unit], held.year).members):
            what = f"has an amount in its MTFS for {held.year}"
            yield _not_member(units[held.unit], held.force, what, members, held.cell)
    having = {name_key(measure.measure): measure.unit for measure in further.measures}
    for row in further.measured:
        unit, year = units.get(row.unit or having.get(name_key(row.measure), "")), year_of(row.period.first)
        if unit and row.force and row.force not in (members := book.look_up(unit, year).members):
            yield _not_member(unit, row.force, f"has a value of “{row.measure}” in {year}", members, row.cell)


def _of_baselines(book: TermsBook, unit: Unit, members: set[ForceCode]) -> Iterator[Problem]:
    baselines = book.inputs.baselines.get(unit.code)
    if not baselines:
        return
    able = members | set(_ever_members(book, unit))
    for force in book.inputs.force_codes():
        if force in members and force not in baselines:
            yield baseline_missing(book, unit, force)
        elif force in baselines and members and force not in able:
            named = tuple(sorted(members))
            problem = _not_member(unit, force, "has a baseline", named, baselines[force].cell)
            yield problem._replace(rests_on=(*problem.rests_on, About("baselines", unit.code)))


def _ever_members(book: TermsBook, unit: Unit) -> Iterator[ForceCode]:
    """Every force that the Units sheet or a row of Principles ever makes a member of the unit."""
    everyone = book.inputs.force_codes()
    given = [row.values["forces"] for row in book.rows_of(unit.code) if "forces" in row.values]
    for forces in (unit.members, *given) if unit.members or given else ():
        yield from (force for force in everyone if not isinstance(forces, tuple) or not forces or force in forces)


def _of_agreed(book: TermsBook, unit: Unit, agreed: AgreedSet) -> Iterator[Problem]:
    """A set names exactly the members of the year from which it holds; else nothing is said of where it is used."""
    year = agreed.from_year
    members = book.look_up(unit, year).members
    wrong = [
        _not_member(unit, force, f"has an agreed share from {year}", members, cell)
        for force, cell in agreed.cells.items()
        if force not in members
    ]
    wrong += [_agreed_share_missing(book, agreed, force) for force in members if force not in agreed.shares]
    for problem in wrong:
        grounds = (*problem.rests_on, About("agreed", unit.code, year))
        yield problem._replace(rests_on=grounds, doubts=About("agreed set", unit.code, year))


# The problems


def _not_member(unit: Unit, force: ForceCode, what: str, members: Sequence[ForceCode], place: Place) -> Problem:
    return Problem(
        "not-a-member",
        f"{force} {what} but is not a member of {unit.code} (its members: {', '.join(members)})",
        "name a member, or make the force one (Units, or Principles from a year on)",
        place,
        value=force,
        about=About("unit"),
        rests_on=membership(unit),
    )


def _direct_implementation(unit: Unit, row: BudgetRow) -> Problem:
    return Problem(
        "direct-implementation",
        f"an implementation line of {unit.code} {row.year} is direct to {row.direct_to}; "
        "implementation costs are shared on NRE (principle 4)",
        "clear “direct to”, or make the line revenue",
        row.cells.get("direct to", row.cell),
        value=row.direct_to,
        rests_on=membership(unit),
    )


def baseline_missing(book: TermsBook, unit: Unit, force: ForceCode) -> Problem:
    inputs = book.inputs
    first = next(iter(inputs.baselines[unit.code].values())).cell
    return Problem(
        "baseline-missing",
        f"{force} is a member of {unit.code} but has no baseline",
        "enter what the force paid before collaboration (0 if it paid nothing)",
        inputs.blanks.get(("Baselines", unit.code, force), first),
        about=About("baselines", unit.code, force=force),
        rests_on=(*membership(unit), About("baselines", unit.code)),
    )


def _agreed_share_missing(book: TermsBook, agreed: AgreedSet, force: ForceCode) -> Problem:
    unit, year = agreed.unit, agreed.from_year
    first = next(iter(agreed.cells.values()))
    return Problem(
        "agreed-share-missing",
        f"{force} is a member of {unit} but has no agreed share from {year}",
        "enter its percentage (0 if it bears nothing)",
        book.inputs.blanks.get(("Agreed shares", unit, year, force), first),
        about=About("agreed", unit, year, force),
        rests_on=(About("forces"), About("unit", unit), About("terms", unit, name="forces")),
    )
