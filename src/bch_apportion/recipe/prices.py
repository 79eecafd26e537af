"""The prices of one year in those of another, by the index of the Deflators sheet."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from bch_apportion.model import Inputs
from bch_apportion.places import Place
from bch_apportion.problems import About, Lacking, Problem
from bch_apportion.years import FinancialYear


class Prices(NamedTuple):
    """The indices of two years."""

    then: Fraction
    now: Fraction

    @property
    def ratio(self) -> Fraction:
        return self.now / self.then


def look_up_prices(
    inputs: Inputs, then: FinancialYear, now: FinancialYear, needed: str, instead: str = ""
) -> Prices | Lacking:
    """The indices of two years; `needed` says for what, `instead` what else may be done where there is none."""
    known = inputs.deflators
    if then in known and now in known:
        return Prices(known[then].index, known[now].index)
    return Lacking(tuple(_missing(inputs, year, needed, instead) for year in (then, now) if year not in known))


def _missing(inputs: Inputs, year: FinancialYear, needed: str, instead: str) -> Problem:
    return Problem(
        "deflator-missing",
        f"{year} has no price index, which is needed {needed}",
        f"enter it on the Deflators sheet{instead}",
        inputs.blanks.get(("Deflators", year), Place("Deflators")),
        about=About("deflators", year=year),
        rests_on=(About("deflators", year=year),),
    )
