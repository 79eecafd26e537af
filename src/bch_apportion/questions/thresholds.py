"""The thresholds of --fail-on that rows whose variance is judged may cross."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bch_apportion.questions.judged import Judged

THRESHOLDS = {
    "red": "a row is RED",
    "amber": "a row is RED or AMBER",
    "unexplained": "a row is significant and not explained",
}


def crossed(rows: Sequence[Judged]) -> frozenset[str]:
    """The thresholds that any of these rows crosses."""
    crosses = {
        "red": any(row.status == "RED" for row in rows),
        "amber": any(row.status in ("RED", "AMBER") for row in rows),
        "unexplained": any(row.significant and not row.explained for row in rows),
    }
    return frozenset(name for name, is_crossed in crosses.items() if is_crossed)
