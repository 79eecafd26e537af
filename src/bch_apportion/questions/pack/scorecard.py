"""The scorecard of a quarter: each unit in four perspectives, each the worst of its measures.

GREEN is at or better than the target, AMBER within its tolerance (in percent of the target without its sign), RED
beyond it, GREY without a value. Every value counts, that of the unit and that of each force; GREY never hides another.
A quarter without a value of its own has the mean of its months. A measure of which all values are of years has that of
the last year that is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal

from bch_apportion.answers import headings, table
from bch_apportion.further import PERSPECTIVES, Measure, Measured, Perspective
from bch_apportion.kinds import Number, record
from bch_apportion.model import Inputs, name_key
from bch_apportion.money import Exact
from bch_apportion.questions.first_page import listed
from bch_apportion.questions.pack.quarters import last_quarter, quarter_text, year_before_end
from bch_apportion.words import many
from bch_apportion.writing.report import Report, columns, plain_table
from bch_apportion.years import Months, whole_year

NO_MEASURES = "No measure is given (sheet Measures): how well the units serve is not known."
Colour = Literal["GREY", "GREEN", "AMBER", "RED"]
WORSE: tuple[Colour, ...] = ("GREY", "GREEN", "AMBER", "RED")
MEAN = "A quarter without a value of its own has the mean of those of its months that are given."


@record
class Judged:
    """A measure of a unit in the quarter, or of a `force` in it; `of` is what its value is of, blank without one."""

    unit: str
    perspective: Perspective
    measure: str
    force: str
    value: Number | None
    of: str
    target: Number | None
    better: str
    tolerance: Number | None
    colour: Colour
    owner: str


def judged(inputs: Inputs, quarter: Months) -> list[Judged]:
    """Every measure in the quarter: of its unit, then of each force that ever has a value of it."""
    by_name: dict[str, list[Measured]] = {}
    for given in inputs.further.measured:
        by_name.setdefault(name_key(given.measure), []).append(given)
    forces = ("", *inputs.force_codes())
    return [
        row
        for measure in inputs.further.measures
        for row in _of_measure(measure, by_name.get(name_key(measure.measure), ()), forces, quarter)
    ]


def _of_measure(
    measure: Measure, given: Iterable[Measured], forces: Sequence[str], quarter: Months
) -> Iterator[Judged]:
    """The measure by force; a value that names no unit is of the only unit that has a measure of its name."""
    values: dict[str, dict[Months, Exact]] = {}
    for row in given:
        if row.unit in ("", measure.unit):
            values.setdefault(row.force, {})[row.period] = row.value
    for force in forces:
        if force in values or not (force or values):
            value, of = value_in(quarter, values.get(force, {}))
            yield Judged(
                unit=measure.unit,
                perspective=measure.perspective,
                measure=measure.measure,
                force=force,
                value=value,
                of=of,
                target=measure.target,
                better=measure.better,
                tolerance=measure.tolerance,
                colour=colour(value, measure),
                owner=measure.owner,
            )


def value_in(quarter: Months, values: Mapping[Months, Exact]) -> tuple[Exact | None, str]:
    """The value of a quarter, and what it is of: the quarter, its months, or the last year that is over.

    >>> values = {Months(24228, 1): 90, Months(24229, 1): 93}       # January and February 2019
    >>> value_in(Months(24228, 3), values)
    (Fraction(183, 2), 'mean of 2 of 3 months')
    """
    if quarter in values:
        return values[quarter], quarter_text(quarter)
    months = [values[Months(month, 1)] for month in quarter.months() if Months(month, 1) in values]
    if months:
        count = "" if len(months) == 3 else f"{len(months)} of "
        return Fraction(sum(months)) / len(months), f"mean of {count}3 months"
    year = year_before_end(quarter)
    is_yearly, of_year = all(period.length == 12 for period in values), whole_year(year)
    return (values[of_year], str(year)) if is_yearly and of_year in values else (None, "")


def colour(value: Exact | None, measure: Measure) -> Colour:
    """How a value stands to its target, the boundaries included.

    >>> lower = Measure("ICT", "sickness", "people", target=4, better="lower", tolerance=Fraction(25))
    >>> [colour(value, lower) for value in (4, 5, Fraction(501, 100), None)]
    ['GREEN', 'AMBER', 'RED', 'GREY']
    """
    if value is None or measure.target is None:
        return "GREY"
    short: Exact = measure.target - value if measure.better == "higher" else value - measure.target
    if short <= 0:
        return "GREEN"
    return "AMBER" if 100 * short <= abs(Fraction(measure.target)) * (measure.tolerance or 0) else "RED"


def worst(rows: Iterable[Judged]) -> Colour | None:
    """The worst of them, GREY only where none has a value; None where there are none."""
    return max((row.colour for row in rows), key=WORSE.index, default=None)


def without_measures(inputs: Inputs) -> list[str]:
    """The units without any measure."""
    measured = {measure.unit for measure in inputs.further.measures}
    return [unit.code for unit in inputs.units if unit.code not in measured]


def finding(inputs: Inputs, day: date, quarter: Months | None = None) -> str:
    """How many measures are RED and which, how many stand otherwise, and how many units have none, in a sentence."""
    shown = quarter or last_quarter(day)
    measures: dict[str, list[Judged]] = {}
    for row in judged(inputs, shown):
        measures.setdefault(f"{row.unit} “{row.measure}”", []).append(row)
    if not measures:
        return NO_MEASURES
    by_colour = {own: [name for name, rows in measures.items() if worst(rows) == own] for own in WORSE}
    red = f" ({listed(by_colour['RED'], 'scorecard')})" if by_colour["RED"] else ""
    rest = ", ".join(f"{len(by_colour[own])} {own}" for own in ("AMBER", "GREEN"))
    words = f"In {quarter_text(shown)} {len(by_colour['RED'])} of {many(len(measures), 'measure')} RED{red}, {rest}"
    units = f"{len(without_measures(inputs))} of {many(len(inputs.units), 'unit')} without a measure"
    return f"{words}, {len(by_colour['GREY'])} without a value; {units}."


def tables(inputs: Inputs, day: date, quarter: Months | None = None) -> Sequence[Report]:
    """The units without a measure, the scorecard, then every measure with its value."""
    shown = quarter or last_quarter(day)
    rows = judged(inputs, shown)
    heads = [columns(("unit", "wide")), columns(("unit", "wide"), *PERSPECTIVES)]
    if not rows:
        return [Report("Scorecard", "Scorecard", heads[1], (), empty=NO_MEASURES)]
    none = tuple((unit,) for unit in without_measures(inputs))
    units = [unit.code for unit in inputs.units if (unit.code,) not in none]
    return [
        Report("Unmeasured", "Units without any measure", heads[0], none, empty="Every unit has a measure."),
        Report(
            name="Scorecard",
            title=f"Scorecard of {quarter_text(shown)}: the worst measure of each unit and perspective",
            columns=heads[1],
            rows=tuple((unit, *_perspectives([row for row in rows if row.unit == unit])) for unit in units),
            notes=("GREY: without a value. Blank: no measure.",),
        ),
        _measures(rows, shown),
    ]


def _perspectives(rows: Sequence[Judged]) -> list[Colour | None]:
    return [worst(row for row in rows if row.perspective == own) for own in PERSPECTIVES]


def _measures(rows: Sequence[Judged], quarter: Months) -> Report:
    names = headings(
        "unit | perspective | measure | force | value | of | target | better | tolerance %: tolerance | "
        "status: colour | owner"
    )
    return plain_table(
        "Measures",
        f"The measures in {quarter_text(quarter)}",
        table(rows, Judged, names),
        kinds=dict.fromkeys(("unit", "measure", "of", "owner"), "wide"),
        notes=(MEAN, "Each value counts, that of the unit and that of each force."),
        units="",
    )
