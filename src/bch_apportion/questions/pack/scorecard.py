"""The scorecard of a quarter: each unit in four perspectives, each the worst of its measures.

Every value counts, that of the unit and that of each force; GREY never hides another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bch_apportion.answers import headings, table
from bch_apportion.further import PERSPECTIVES
from bch_apportion.model import Inputs
from bch_apportion.questions.first_page import MOST_NAMED
from bch_apportion.questions.pack.measures import WORSE, Colour, Judged, judged, worst
from bch_apportion.questions.pack.quarters import last_quarter, quarter_text
from bch_apportion.words import many
from bch_apportion.writing.report import Report, columns, plain_table
from bch_apportion.writing.text import shown
from bch_apportion.years import Months

NO_MEASURES = "No measure is given (sheet Measures): how well the units serve is not known."
MEAN = "A quarter without a value of its own has the mean of those of its months that are given."


def without_measures(inputs: Inputs) -> list[str]:
    """The units without any measure."""
    measured = {measure.unit for measure in inputs.further.measures}
    return [unit.code for unit in inputs.units if unit.code not in measured]


def finding(inputs: Inputs, day: date, quarter: Months | None = None) -> str:
    """Which measures are RED, how many stand otherwise, and how many units have none, in a sentence."""
    period, units = quarter or last_quarter(day), len(inputs.units)
    measures: dict[str, list[Judged]] = {}
    for row in judged(inputs, period):
        measures.setdefault(f"{row.unit} “{row.measure}”", []).append(row)
    if not measures:
        return NO_MEASURES
    said = _without_values(inputs, period, len(measures)) or _by_colour(measures, period)
    return f"{said}; {len(without_measures(inputs))} of {many(units, 'unit')} without a measure."


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
    red = f" ({'; '.join(named[:MOST_NAMED])}{_more(named)})" if named else ""
    rest = ", ".join(f"{len(by_colour[own])} {own}" for own in ("AMBER", "GREEN"))
    words = f"In {quarter_text(quarter)} {len(named)} of {many(len(measures), 'measure')} RED{red}, {rest}"
    return f"{words}, {len(by_colour['GREY'])} without a value"


def _beside_target(name: str, row: Judged) -> str:
    """A measure with its value, that of a force where it is not the unit's, and its target."""
    of_force = f" of {row.force}" if row.force else ""
    return f"{name}{of_force} {shown(row.value, 'number')}, target {shown(row.target, 'number')}"


def _more(names: Sequence[str]) -> str:
    return f"; {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""


def tables(inputs: Inputs, day: date, quarter: Months | None = None) -> Sequence[Report]:
    """The units without a measure, the scorecard, then every measure with its value."""
    period = quarter or last_quarter(day)
    rows = judged(inputs, period)
    heads = [columns(("unit", "wide")), columns(("unit", "wide"), *PERSPECTIVES)]
    if not rows:
        return [Report("Scorecard", "Scorecard", heads[1], (), empty=NO_MEASURES)]
    none = tuple((unit,) for unit in without_measures(inputs))
    units = [unit.code for unit in inputs.units if (unit.code,) not in none]
    return [
        Report("Unmeasured", "Units without any measure", heads[0], none, empty="Every unit has a measure."),
        Report(
            name="Scorecard",
            title=f"Scorecard of {quarter_text(period)}: the worst measure of each unit and perspective",
            columns=heads[1],
            rows=tuple((unit, *_perspectives([row for row in rows if row.unit == unit])) for unit in units),
            notes=("GREY: without a value. Blank: no measure.",),
        ),
        _measures(rows, period),
    ]


def _perspectives(rows: Sequence[Judged]) -> list[Colour | None]:
    return [worst(row for row in rows if row.perspective == own) for own in PERSPECTIVES]


def _measures(rows: Sequence[Judged], quarter: Months) -> Report:
    names = headings(
        "unit | perspective | measure | force | value | period | target | better | tolerance %: tolerance | "
        "status: colour | owner"
    )
    return plain_table(
        "Measures",
        f"The measures in {quarter_text(quarter)}",
        table(rows, Judged, names),
        kinds=dict.fromkeys(("unit", "measure", "period", "owner"), "wide"),
        notes=(MEAN, "Each value counts, that of the unit and that of each force."),
        units="",
    )
