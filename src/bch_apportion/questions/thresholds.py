"""What rows whose variance is judged say alike, and the thresholds of --fail-on that they may cross."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bch_apportion.kinds import Money, Percent
from bch_apportion.model import ForceCode, UnitCode
from bch_apportion.money import decimal_text

Status = Literal["RED", "AMBER", "GREEN"]
THRESHOLDS = {
    "red": "a row is RED",
    "amber": "a row is RED or AMBER",
    "unexplained": "a row is significant and not explained",
}


class Judged:
    """The words of a row whose variance is judged; what it is of, and by how much, are fields of each answer's own."""

    __slots__ = ()

    unit: UnitCode | None
    force: ForceCode | None
    variance: Money
    percent: Percent | None
    status: Status
    significant: bool
    explained: bool

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


def crossed(rows: Sequence[Judged]) -> frozenset[str]:
    """The thresholds that any of these rows crosses."""
    crosses = {
        "red": any(row.status == "RED" for row in rows),
        "amber": any(row.status in ("RED", "AMBER") for row in rows),
        "unexplained": any(row.significant and not row.explained for row in rows),
    }
    return frozenset(name for name, is_crossed in crosses.items() if is_crossed)
