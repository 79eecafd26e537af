"""The priorities of the Police and Crime Plans, and the units that serve them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bch_apportion.further import Priority
from bch_apportion.groups import groups
from bch_apportion.model import ForceCode, Inputs, UnitCode
from bch_apportion.questions.first_page import listed
from bch_apportion.words import many
from bch_apportion.writing.report import Report, columns, sheet_name

NO_PRIORITIES = "No priority is given (sheet Priorities): which units serve which priorities is not known."
SERVES = "yes"


def unserved(priorities: Iterable[Priority]) -> list[Priority]:
    """The priorities that no unit serves."""
    return [row for row in priorities if not row.units]


def serving_none(inputs: Inputs, priorities: Iterable[Priority], force: ForceCode = "") -> list[UnitCode]:
    """The units that serve none of these; with a force, of its units alone."""
    serving = {unit for row in priorities for unit in row.units}
    return [
        unit.code for unit in inputs.units if unit.code not in serving and force in ("", *(unit.members or (force,)))
    ]


def finding(inputs: Inputs) -> str:
    """How many priorities no unit serves, and how many units serve none, in a sentence."""
    given = inputs.further.priorities
    if not given:
        return NO_PRIORITIES
    alone, idle = [f"{row.force} “{row.priority}”" for row in unserved(given)], serving_none(inputs, given)
    which, who = (f" ({listed(names, 'priorities')})" if names else "" for names in (alone, idle))
    count = f"{len(given):,} {'priority' if len(given) == 1 else 'priorities'}"
    units = f"{len(idle)} of {many(len(inputs.units), 'unit')} serve none{who}"
    return f"{len(alone)} of {count} without a unit that serves it{which}; {units}."


def tables(inputs: Inputs) -> Sequence[Report]:
    """A matrix for each force that has priorities: which of its units serve them."""
    given = groups((row.force, row) for row in inputs.further.priorities)
    made: list[Report] = []
    for force in inputs.force_codes():
        if force in given:
            name = sheet_name(f"Priorities {force}", [report.name for report in made])
            made.append(_matrix(inputs, name, force, given[force]))
    return made


def _matrix(inputs: Inputs, name: str, force: ForceCode, rows: Sequence[Priority]) -> Report:
    """The units are those of the force, and any that it names beside them."""
    named = {unit for row in rows for unit in row.units}
    units = [unit.code for unit in inputs.units if not unit.members or force in unit.members or unit.code in named]
    title = f"The priorities of {force}, and the units that serve them"
    listing = tuple((row.priority, ", ".join(row.units) or "none") for row in rows)
    turned = Report(name, title, columns(("priority", "wide"), ("units that serve it", "wide")), listing)
    marked = tuple((row.priority, *(SERVES if unit in row.units else "" for unit in units)) for row in rows)
    notes = tuple(_notes(rows, serving_none(inputs, rows, force)))
    return Report(name, title, columns(("priority", "wide"), *units), marked, notes=notes, turned=(turned,))


def _notes(rows: Sequence[Priority], idle: Sequence[UnitCode]) -> Iterator[str]:
    """What no unit serves, and who serves nothing."""
    alone = [row.priority for row in unserved(rows)]
    if alone:
        yield f"No unit serves: {'; '.join(alone)}."
    if idle:
        yield f"These units serve none of them: {', '.join(idle)}."
