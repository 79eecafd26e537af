"""The measures of a quarter: the value of each, and how it stands to its target.

GREEN is at or better than the target, AMBER within its tolerance (in percent of the target without its sign), RED
beyond it, GREY without a value. A quarter without a value of its own has the mean of its months. A measure of which all
values are of years has that of the last year that is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal

from bch_apportion.further import Measure, Measured, Perspective
from bch_apportion.groups import groups
from bch_apportion.kinds import Number, record
from bch_apportion.model import Inputs, name_key
from bch_apportion.money import Exact
from bch_apportion.questions.pack.quarters import quarter_text, year_before_end
from bch_apportion.years import Months, whole_year

Colour = Literal["GREY", "GREEN", "AMBER", "RED"]
WORSE: tuple[Colour, ...] = ("GREY", "GREEN", "AMBER", "RED")


@record
class Judged:
    """A measure of a unit in the quarter, or of a `force` in it; `period` is that of its value, blank without one."""

    unit: str
    perspective: Perspective
    measure: str
    force: str
    value: Number | None
    period: str
    target: Number | None
    better: str
    tolerance: Number | None
    colour: Colour
    owner: str


def judged(inputs: Inputs, quarter: Months) -> list[Judged]:
    """Every measure in the quarter: of its unit, then of each force that ever has a value of it."""
    by_name = groups((name_key(given.measure), given) for given in inputs.further.measured)
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
    values = groups((row.force, (row.period, row.value)) for row in given if row.unit in ("", measure.unit))
    for force in forces:
        if force in values or not (force or values):
            value, period = value_in(quarter, dict(values.get(force, ())))
            yield Judged(
                unit=measure.unit,
                perspective=measure.perspective,
                measure=measure.measure,
                force=force,
                value=value,
                period=period,
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
