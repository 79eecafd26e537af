"""Bridges as a table of running totals with waterfalls, and what their causes are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from bch_apportion.answers import table
from bch_apportion.kinds import Money, Year, record
from bch_apportion.questions.bridge import Cause
from bch_apportion.writing.report import Chart, Kind, Report, axis_start, plain_table
from bch_apportion.years import FinancialYear

CAUSES: dict[Cause, str] = {
    "prices": "prices",
    "cost": "cost",
    "direct": "direct",
    "nre": "NRE",
    "demand": "demand",
    "basis": "basis",
    "terms": "terms",
    "no_loser": "no loser",
    "started": "started",
    "ended": "ended",
}
ONE_SIDED = ("started", "ended")  # shown where they move something


class Bars(NamedTuple):
    """A step as stacked columns: an unseen base, then a total, a rise or a fall, in its parts above and below zero."""

    base: int = 0
    total: int = 0
    rise: int = 0
    fall: int = 0
    rise_below: int = 0
    fall_below: int = 0


SERIES = {name.replace("_below", " below 0"): name for name in Bars._fields}
AMOUNTS = {"effect": "effect", "from": "start", "to": "end"} | {name: f"bars.{part}" for name, part in SERIES.items()}
BRIDGE = ("unit", "year", "step", *AMOUNTS)  # the columns before those of the forces


def bars(start: int, end: int) -> Bars:
    """A rise or a fall from `start` to `end` as stacked columns.

    >>> bars(-500, 500)                                         # a rise on both sides of zero
    Bars(base=0, total=0, rise=500, fall=0, rise_below=-500, fall_below=0)
    >>> bars(900, 700)
    Bars(base=700, total=0, rise=0, fall=200, rise_below=0, fall_below=0)
    """
    low, high = min(start, end), max(start, end)
    base = low if low > 0 else min(0, high)
    above, below = max(0, high) - max(0, low), min(0, low) - min(0, high)
    if end >= start:
        return Bars(base=base, rise=above, rise_below=below)
    return Bars(base=base, fall=above, fall_below=below)


@record
class Step:
    """A step of a bridge: a total at either end (which starts at nothing), or what a cause moves."""

    about: str  # the unit, or the scenario
    year: Year
    step: str
    start: Money
    end: Money
    is_total: bool
    by_force: Mapping[str, Money]

    @property
    def effect(self) -> int:
        return self.end - self.start

    @property
    def bars(self) -> Bars:
        return Bars(total=self.end) if self.is_total else bars(self.start, self.end)


def steps(
    about: str, year: FinancialYear, ends: Mapping[str, Mapping[str, int]], effects: Mapping[str, Mapping[str, int]]
) -> Iterator[Step]:
    """The steps of a bridge, all amounts by force: its two `ends` and, between them, its `effects`, by their names."""
    (first, before), (last, after) = ends.items()
    sums = list(accumulate(sum(amounts.values()) for amounts in (before, *effects.values())))
    yield Step(about=about, year=year, step=first, start=0, end=sums[0], is_total=True, by_force=before)
    for (name, moved), start, end in zip(effects.items(), sums, sums[1:], strict=False):
        yield Step(about=about, year=year, step=name, start=start, end=end, is_total=False, by_force=moved)
    yield Step(about=about, year=year, step=last, start=0, end=sums[-1], is_total=True, by_force=after)


def waterfall(title: str, bridge: Sequence[Step], first: int) -> Chart:
    """A chart of a bridge whose first step is row `first`; its axis begins near its totals where they lie close."""
    ends = [step.end for step in bridge]
    return Chart(
        kind="waterfall",
        title=title,
        categories="step",
        series=tuple(SERIES),
        first=first,
        last=first + len(bridge) - 1,
        start=axis_start(min(ends), max(ends)),
    )


def force_steps(title: str, bridge: Sequence[Step], first: int, force: str) -> Chart:
    """The same of a single force, whose amounts have a column of its own."""
    ends = list(accumulate(step.by_force[force] for step in bridge[:-1]))
    drawn = waterfall(title, bridge, first)
    return drawn._replace(kind="steps", series=(force,), start=axis_start(min(ends), max(ends)))


def steps_table(title: str, about: str, rows: Sequence[Step], charts: Sequence[Chart], empty: str = "") -> Report:
    """Bridges as running totals, step by step; `about` heads the column of units or scenarios."""
    names = {about: "about", "year": "year", "step": "step", **AMOUNTS, "by force": "by_force"}
    kinds: dict[str, Kind] = dict.fromkeys(AMOUNTS, "money")
    return plain_table("Bridge", title, table(rows, Step, names), kinds=kinds, charts=charts, empty=empty)
