"""What the forces' own MTFSs hold for the alliance, beside what `mtfs` projects."""

from __future__ import annotations

from datetime import date

from bch_apportion.model import Inputs
from bch_apportion.questions.mtfs.link import link
from bch_apportion.questions.mtfs.projection import last_budget_year
from bch_apportion.questions.mtfs.rows import Link
from bch_apportion.questions.mtfs.rule import BASE, outlook

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
