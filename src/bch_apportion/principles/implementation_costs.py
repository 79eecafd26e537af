"""What it costs to set a collaboration up is shared on NRE, whatever the running cost is shared on.

Principle 4, June 2015: "Implementation costs will be apportioned on NRE."

How we read it: lines of type `implementation` are shared on the exact NRE of the year (principle 1's), always. A line
that a single force would bear (`direct to`) contradicts the principle and is a problem. A grant is a negative line.

>>> implementation_split(100_000_00, [1, 1, 1])
[3333334, 3333333, 3333333]
"""

from __future__ import annotations

from collections.abc import Sequence

from bch_apportion.model import BudgetRow
from bch_apportion.money import Exact, Pence, split


def is_implementation(row: BudgetRow) -> bool:
    return row.type == "implementation"


def implementation_split(total: Pence, nre: Sequence[Exact]) -> list[Pence]:
    """The implementation cost of a unit and year by member."""
    return split(total, nre)
