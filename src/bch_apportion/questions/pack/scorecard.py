"""The scorecard of a quarter: each unit in four perspectives, each the worst of its measures.

Every value counts, that of the unit and that of each force; GREY never hides another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bch_apportion.answers import headings, table
from bch_apportion.further import PERSPECTIVES
from bch_apportion.groups import groups
from bch_apportion.model import Inputs
from bch_apportion.questions.first_page import MOST_NAMED
from bch_apportion.questions.pack.measures import WORSE, Colour, Judged, judged, worst
from bch_apportion.questions.pack.quarters import quarter_text
from bch_apportion.words import many
from bch_apportion.writing.report import Kind, Report, columns, plain_table
from bch_apportion.writing.text import shown
from bch_apportion.years import Months

NO_MEASURES = "No measure is given (sheet Measures): how well the units serve is not known."
MEAN = "A quarter without a value of its own has the mean of those of its months that are given."


def without_measures(inputs: Inputs) -> list[str]:
    """The units without any measure."""
    measured = {measure.unit for measure in inputs.further.measures}
    return [unit.code for unit in inputs.units if unit.code not in measured]


def finding(inputs: Inputs, quarter: Months) -> str:
    """Which measures are RED, how many stand otherwise, and how many units have none, in a sentence."""
    measures = groups((f"{row.unit} “{row.measure}”", row) for row in judged(inputs, quarter))
    if not measures:
        return NO_MEASURES
    said = _without_values(inputs, quarter, len(measures)) or _by_colour(measures, quarter)
    return f"{said}; {len(without_measures(inputs))} of {many(len(inputs.units), 'unit')} without a measure."


def _without_values(inputs: Inputs, quarter: Months, count: int) -> str:
    """That nothing is measured in the quarter, or at all; blank where something is."""
    of_all = f"for any of {many(count, 'measure')}"
    if not inputs.further.measured:
        return f"No value is given (sheet Measured) {of_all}"
    if all(row.value is None for row in judged(inputs, quarter)):
        return f"No value of {quarter_text(quarter)} is given yet {of_all} (--quarter for another)"
    return ""


def _by_colour(measures: Mapping[str, Sequence[Judged]], quarter: Months) -> str:
    """How many measures have each colour, those that are RED with their values."""
    by_colour = {own: [name for name, rows in measures.items() if worst(rows) == own] for own in WORSE}
    named = [
        _beside_target(name, next(row for row in measures[name] if row.colour == "RED")) for name in by_colour["RED"]
    ]
    more = [f"{len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
    red = f" ({'; '.join([*named[:MOST_NAMED], *more])})" if named else ""
    rest = ", ".join(f"{len(by_colour[own])} {own}" for own in ("AMBER", "GREEN"))
    words = f"In {quarter_text(quarter)} {len(named)} of {many(len(measures), 'measure')} RED{red}, {rest}"
    return f"{words}, {len(by_colour['GREY'])} without a value"


def _beside_target(name: str, row: Judged) -> str:
    """A measure with its value, that of a force where it is not the unit's, and its target."""
    of_force = f" of {row.force}" if row.force else ""
    return f"{name}{of_force} {shown(row.value, 'number')}, target {shown(row.target, 'number')}"


def tables(inputs: Inputs, quarter: Months) -> Sequence[Report]:
    """The units without a measure, the scorecard, then every measure with its value; none where no measure is given."""
    rows, none = judged(inputs, quarter), without_measures(inputs)
    by_unit = groups((row.unit, row) for row in rows)
    units = [unit.code for unit in inputs.units if unit.code not in none]
    unmeasured = Report(
        "Unmeasured", "Units without any measure", columns(("unit", "wide")), tuple((unit,) for unit in none)
    )
    title = f"Scorecard of {quarter_text(quarter)}: the worst measure of each unit and perspective"
    colours = tuple((unit, *_perspectives(by_unit[unit])) for unit in units)
    meaning = "GREY: without a value. Blank: no measure."
    card = Report("Scorecard", title, columns(("unit", "wide"), *PERSPECTIVES), colours, notes=(meaning,))
    return [unmeasured, card, _measures(rows, quarter)] if rows else []


def _perspectives(rows: Sequence[Judged]) -> list[Colour | None]:
    return [worst(row for row in rows if row.perspective == own) for own in PERSPECTIVES]


def _measures(rows: Sequence[Judged], quarter: Months) -> Report:
    names = headings(
        "unit | perspective | measure | force | value | period | target | better | tolerance %: tolerance | "
        "status: colour | owner"
    )
    shown_rows, title = table(rows, Judged, names), f"The measures in {quarter_text(quarter)}"
    kinds: dict[str, Kind] = dict.fromkeys(("unit", "measure", "period", "owner"), "wide")
    notes = (MEAN, "The values of the unit and of each force count alike.")
    return plain_table("Measures", title, shown_rows, kinds=kinds, notes=notes, units="")
