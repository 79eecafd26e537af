"""What rows whose variance is judged say alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from bch_apportion.groups import groups
from bch_apportion.kinds import Money, Percent, Year
from bch_apportion.model import ForceCode, UnitCode
from bch_apportion.money import decimal_text

Status = Literal["RED", "AMBER", "GREEN"]


class Judged:
    """The words of a row whose variance is judged; what it is of, and by how much, are fields of each answer's own."""

    __slots__ = ()

    unit: UnitCode | None
    force: ForceCode | None
    year: Year
    variance: Money
    percent: Percent | None
    status: Status
    significant: bool
    explained: bool
    explained_amount: Money

    @property
    def unit_words(self) -> str:
        return self.unit or "All units"

    @property
    def force_words(self) -> str:
        return self.force or ("unit" if self.unit else "total")

    @property
    def percent_words(self) -> str:
        return "n/a" if self.percent is None else decimal_text(self.percent, 1)

    @property
    def favourable(self) -> bool:
        """Whether a significant variance costs less; its status is GREEN."""
        return self.significant and self.variance < 0

    @property
    def status_words(self) -> str:
        return "favourable" if self.favourable else self.status


def not_additive(rows: Iterable[Judged]) -> Iterator[str]:
    """The sentence for a reader who adds up, where what is explained for forces is not that for the unit."""
    explained = groups(((row.unit, row.year), (row.force, row.explained_amount)) for row in rows)
    own = (dict(amounts) for amounts in explained.values())
    if any(None in amounts and 2 * amounts[None] != sum(amounts.values()) for amounts in own):
        yield "Explained is judged row by row: the forces' amounts need not add up to that of all."
