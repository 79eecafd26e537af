"""What is said where a scenario changes no figure shown: so that zeros are no surprise."""

from __future__ import annotations

from collections.abc import Sequence

from bch_apportion.model import Assumption, Inputs, ParameterRow
from bch_apportion.writing.report import spans
from bch_apportion.years import FinancialYear

DATED = {"Principles", "Assumptions"}  # sheets whose rows apply from a year on


def same_figures(name: str, beside: str, inputs: Inputs, known: Inputs, years: Sequence[FinancialYear]) -> str:
    """The note that a scenario changes no figure of the years shown; also from when it applies, where that is later.

    `known` are the inputs that it stands beside.
    """
    text = f"{name} gives the same figures as {beside} in {spans(years)}"
    files = {scenario.name for scenario in inputs.scenarios if scenario not in known.scenarios}
    sheets = {change.sheet for change in inputs.changes if change.scenario in files}
    dated: tuple[ParameterRow | Assumption, ...] = (*inputs.principles, *inputs.assumptions)
    begins = [row.from_year for row in dated if any(place.file in files for place in row.cells.values())]
    if sheets <= DATED and begins and min(begins) > max(years):
        text += f": what it changes begins in {min(begins)}"
    return text
