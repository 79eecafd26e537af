"""Where partners have signed percentages, those apply before NRE; small movements of demand do not re-open them.

Principles 1 and 3, June 2015, leave room for it: an agreement under section 22A may set percentages of its own.

How we read it: the latest agreed set from or before the year applies, unless the unit's members have changed since. On
basis `auto` a unit whose data is not robust keeps the shares last applied on robust demand for `keep demand years`,
unless a set has begun since; else it falls back to the agreed set, else to NRE. With a `rebase tolerance` a unit that
would stand on demand keeps the shares last settled, by the agreed set or by an earlier year on demand, while no
member's new share is further from its settled one than the tolerance, the boundary included.

>>> furthest((Fraction(1936, 2670), Fraction(734, 2670)), (Fraction(75, 100), Fraction(25, 100))) <= 3
True
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from bch_apportion.model import AgreedSet, ForceCode, Shares
from bch_apportion.years import FinancialYear


def latest_set(sets: Sequence[AgreedSet], year: FinancialYear) -> AgreedSet | None:
    """The latest set from or before the year; `sets` are the unit's, oldest first."""
    return next((agreed for agreed in reversed(sets) if agreed.from_year <= year), None)


def shares_of(agreed: AgreedSet, members: Sequence[ForceCode]) -> Shares | None:
    """The set's shares in the members' order, or None where it does not name exactly these members."""
    if set(agreed.shares) != set(members):
        return None
    return tuple(agreed.shares[force] for force in members)


class Settled(NamedTuple):
    """The shares last settled: by the agreed set from a year on, or applied in an earlier year on demand."""

    year: FinancialYear
    basis: Literal["agreed", "demand"]
    members: tuple[ForceCode, ...]
    shares: Shares


def last_settled(agreed: AgreedSet | None, earlier: Settled | None, members: Sequence[ForceCode]) -> Settled | None:
    """The later of the two, the earlier year on demand where both are of one year; None where its members differ."""
    settled = earlier
    if agreed is not None and (earlier is None or earlier.year < agreed.from_year):
        shares = shares_of(agreed, members)
        settled = Settled(agreed.from_year, "agreed", tuple(members), shares) if shares is not None else None
    return settled if settled is not None and settled.members == tuple(members) else None


def kept_shares(
    tested: Settled | None, latest: AgreedSet | None, members: Sequence[ForceCode], year: FinancialYear, years: int
) -> Settled | None:
    """The shares of the latest year on robust demand (`tested`), where they stay in `year` though its data is not.

    They stay for so many `years`, while the members are the same and no set has begun since: `latest` is the last.
    """
    if tested is None or tested.members != tuple(members) or year.start - tested.year.start > years:
        return None
    return None if latest is not None and tested.year < latest.from_year else tested


def furthest(new: Shares, settled: Shares) -> Fraction:
    """How far, in percentage points, the member that moves most is from its settled share."""
    return max(abs(a - b) for a, b in zip(new, settled, strict=True)) * 100
