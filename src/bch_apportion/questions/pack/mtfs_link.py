"""What the forces' own MTFSs hold for the alliance, beside what `mtfs` projects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bch_apportion.model import Inputs
from bch_apportion.questions.mtfs.link import link
from bch_apportion.questions.mtfs.link_page import sentence
from bch_apportion.questions.mtfs.link_page import tables as tables_of
from bch_apportion.questions.mtfs.projection import last_budget_year
from bch_apportion.questions.mtfs.rows import Link
from bch_apportion.questions.mtfs.rule import BASE, outlook
from bch_apportion.writing.report import Report, columns

NO_MTFS = "What the forces' own MTFSs hold for the alliance is not given (sheet In the MTFS): no gap can be seen."
YEARS = 4  # as many as `mtfs` projects where nothing else is asked for


def linked(inputs: Inputs, day: date) -> Link | None:
    """The gaps on the day, over the years of the sheet that `mtfs` projects; None where the sheet is absent."""
    held = inputs.further.in_the_mtfs
    if not held:
        return None
    base = last_budget_year(inputs)
    ahead = max(row.year for row in held).start - base.start
    projected = outlook(BASE, inputs, base, max(0, min(YEARS, ahead)), day)
    return link(held, projected.amounts(), inputs.force_codes(), day)


def finding(inputs: Inputs, day: date) -> str:
    """The gap over all forces and years, in a sentence."""
    gaps = linked(inputs, day)
    return NO_MTFS if gaps is None else sentence(gaps)


def tables(inputs: Inputs, day: date) -> Sequence[Report]:
    """The gap by force and year, and by unit where units are given."""
    gaps = linked(inputs, day)
    return [Report("Gap", "Gap", columns("force"), (), empty=NO_MTFS)] if gaps is None else tables_of(gaps)
