"""What is not compared, and what the workbook does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bch_apportion.further import Comparator, Retained
from bch_apportion.model import Inputs, Unit, UnitCode, name_key
from bch_apportion.questions.benchmark.rows import LeftOut
from bch_apportion.questions.benchmark.sides import Against, Figures, Ours, runs
from bch_apportion.questions.outturn import Costs
from bch_apportion.reading.values import did_you_mean
from bch_apportion.years import FinancialYear

NO_FUNCTIONS = "No unit has a function (Units, function): there is nothing to compare."
NO_SIZES = "No sizes are given (sheet Sizes): there is nothing to compare by."
NO_COMPARATORS = "No other services are given (sheet Comparators): there is nothing to compare with."
NO_RETAINED = "Nothing says what the members still spend themselves (sheet Retained): the scope is not stated."
NO_OUTTURN = "No outturn is given (sheet Actuals): the costs are the budgets."


def absent(inputs: Inputs, figures: Figures) -> Iterator[str]:
    """What cannot be said, because the workbook has nothing for it."""
    year, measure = figures.against.year, figures.against.measure
    if not any(unit.function for unit in inputs.units):
        yield NO_FUNCTIONS
    if not inputs.further.sizes:
        yield NO_SIZES
    elif not figures.sizes:
        yield f"Sizes has no {measure} for {year}: there is nothing to compare by."
    if not inputs.further.comparators:
        yield NO_COMPARATORS
    elif not figures.comparators:
        yield f"No comparator{_among(figures)} in {year}: there is nothing to compare with."
    if not inputs.further.retained:
        yield NO_RETAINED
    if figures.against.outturn and not inputs.actuals:
        yield NO_OUTTURN


def _among(figures: Figures) -> str:
    return f" of the group {figures.against.group}" if figures.against.group else ""


def on_budget(inputs: Inputs, functions: Sequence[Ours], against: Against) -> list[UnitCode]:
    """The units on the budget where the outturn was asked for, and there is some."""
    costs = [cost for ours in functions for cost in ours.costs] if against.outturn and inputs.actuals else []
    return [cost.result.unit.code for cost in costs if cost.source == "budgets"]


# What is left out


def left_out(functions: Sequence[Ours], figures: Figures) -> Iterator[LeftOut]:
    """The functions without comparators, then the comparators without a size."""
    measure, year = figures.against.measure, figures.against.year
    sizeless: dict[str, None] = {}
    for ours in functions:
        if not figures.peers(ours.function):
            yield LeftOut(what=ours.function, why=_no_peers(ours, figures))
        for row in figures.rows_of(ours.function):
            if figures.sizes and name_key(row.force) not in figures.sizes:
                sizeless[row.force] = None
    for force in sizeless:
        yield LeftOut(what=force, why=f"no {measure} in {year}")


def _no_peers(ours: Ours, figures: Figures) -> str:
    """Why a function has no comparators."""
    measure, year = figures.against.measure, figures.against.year
    if not figures.rows_of(ours.function):
        return f"no comparator{_among(figures)} in {year}"
    return f"no comparator{_among(figures)} with {measure} in {year}" if figures.sizes else "no sizes to compare by"


def units_left_out(
    inputs: Inputs, costs: Costs, year: FinancialYear, units: Sequence[UnitCode] = ()
) -> Iterator[LeftOut]:
    """The units (none named: of all) without a function, or without cost in the year."""
    for unit in inputs.units:
        why = _no_cost(unit, costs, year) if unit.function else "no function (Units, function)"
        if why and (not units or unit.code in units):
            yield LeftOut(what=unit.code, why=why)


def _no_cost(unit: Unit, costs: Costs, year: FinancialYear) -> str:
    """Why a unit does not count; empty where it does."""
    cost = costs.get((unit.code, year))
    if cost is None:
        return f"no cost in {year}"
    return "" if runs(cost) else f"no cost but implementation in {year}"


# What is not used


def unused(inputs: Inputs, functions: Sequence[Ours], figures: Figures) -> Iterator[str]:
    """What the sheets beside the split have for the year that no figure rests on."""
    year, further = figures.against.year, inputs.further
    comparators = [row for row in further.comparators if row.year == year]
    retained = [row for row in further.retained if row.year == year]
    yield from _unknown_functions("Comparators", comparators, inputs)
    yield from _unknown_functions("Retained", retained, inputs)
    yield from _not_counted(functions, figures)
    yield from _not_members(retained, functions)
    own = dict.fromkeys(row.force for row in comparators if row.force in inputs.force_codes())
    if own:
        yield f"Comparators: our own {', '.join(own)} not counted among the comparators"
    costing = {name_key(row.force) for row in comparators} | {*map(name_key, inputs.force_codes())}
    idle = [size.force for key, size in figures.sizes.items() if key not in costing]
    if idle and comparators:
        yield f"Sizes: no net cost in {year} for {', '.join(idle)}"


def _unknown_functions(sheet: str, rows: Iterable[Comparator | Retained], inputs: Inputs) -> Iterator[str]:
    """The functions of a sheet that no unit has, each with what it may be meant for."""
    known = list(dict.fromkeys(unit.function for unit in inputs.units if unit.function))
    keys = set(map(name_key, known))
    names = {name_key(row.function): row.function for row in rows if name_key(row.function) not in keys}
    if known and names:
        listed = ", ".join(f"“{name}”{did_you_mean(name, known)}" for name in names.values())
        yield f"{sheet}: no unit has the function {listed}"


def _not_counted(functions: Sequence[Ours], figures: Figures) -> Iterator[str]:
    """The functions for which some members have a row on Retained, and others none."""
    for ours in functions:
        kept = figures.kept(ours)
        lacking = [force for force, pence in kept.items() if pence is None]
        if lacking and len(lacking) < len(kept):
            names = ", ".join(lacking)
            yield f"Retained: {ours.function} not counted, because {names} has no row (write 0 if it spends nothing)"


def _not_members(retained: Iterable[Retained], functions: Sequence[Ours]) -> Iterator[str]:
    """The rows of Retained whose force is no member of the function's units."""
    members = {name_key(ours.function): ours.members for ours in functions}
    for row in retained:
        if row.force not in members.get(name_key(row.function), (row.force,)):
            yield f"{row.cell}: not counted, because {row.force} is no member of the units of {row.function}"
