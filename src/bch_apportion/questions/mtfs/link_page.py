"""The gap between the alliance's projection and what the forces' own MTFSs hold: in a sentence, and as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bch_apportion.answers import headings, table
from bch_apportion.groups import sums
from bch_apportion.model import ForceCode
from bch_apportion.money import Pence
from bch_apportion.questions.first_page import MOVEMENTS, money
from bch_apportion.questions.mtfs.rows import Gap, Link
from bch_apportion.words import many
from bch_apportion.writing.report import Kind, Report, plain_table, spans
from bch_apportion.years import FinancialYear, day_text

MEANING = "Gap: what the alliance is projected to cost less what the MTFS holds; above zero, the MTFS holds too little."
KINDS: dict[str, Kind] = {"version": "wide", "days old": "count"}


def sentence(link: Link) -> str:
    """By force the gap over the projected years that its MTFS gives, what it does not give, the oldest figure."""
    whole = [row for row in link.gaps if not row.unit]
    gaps = {(row.force, row.year): row.gap for row in whole if row.gap is not None}
    if not gaps:
        why = "is of a projected year" if link.gaps else "is dated by the day"
        return f"None of what the forces' own MTFSs hold {why}: nothing can be compared."
    years, outside = spans(sorted({year for _, year in gaps})), _outside(link)
    totals = sums((force, gap) for (force, _), gap in gaps.items())
    by_force = {force: totals[force] for force in link.forces if force in totals}
    parts = [f"Of the alliance's projected cost in {years} the forces' own MTFSs hold {_held(by_force)}"]
    if lacking := [f"{force} {spans(own)}" for force, own in _lacking(link, whole)]:
        some = f"{many(len(lacking), 'force')} in some of these years"
        parts.append(f"no figure is given for {', '.join(lacking) if len(lacking) <= MOVEMENTS else some}")
    if outside:
        parts.append(f"not projected: {outside}")
    ages = [row.age for row in link.gaps if row.age is not None]
    if ages:
        parts.append(f"the oldest figure is {many(max(ages), 'day')} old")
    return "; ".join(parts) + "."


def _held(by_force: Mapping[ForceCode, Pence]) -> str:
    """By how much what is held falls short of the projection or exceeds it, the largest where forces are many."""
    largest = sorted(by_force, key=lambda force: -abs(by_force[force]))[:MOVEMENTS]
    words = [f"{_short(gap)} for {force}" for force, gap in by_force.items() if force in largest]
    left = len(by_force) - len(words)
    return ", ".join(words) + (f"; {many(left, 'more force')} less far off" if left else "")


def _short(gap: Pence) -> str:
    return f"{money(abs(gap))} too {'little' if gap > 0 else 'much'}" if gap else "exactly enough"


def _lacking(link: Link, whole: Sequence[Gap]) -> Iterator[tuple[ForceCode, list[FinancialYear]]]:
    """The projected years that the MTFS of a force does not give, where that of another does."""
    given = {(row.force, row.year) for row in whole}
    years = sorted({row.year for row in whole if row.gap is not None})
    for force in link.forces:
        if lacking := [year for year in years if (force, year) not in given]:
            yield force, lacking


def _outside(link: Link) -> str:
    """The years of the sheet that are not projected."""
    return spans(sorted({row.year for row in link.gaps if row.gap is None}))


def tables(link: Link) -> list[Report]:
    """By force and year; then by unit, where an MTFS gives units."""
    whole, by_unit = ([row for row in link.gaps if bool(row.unit) == own] for own in (False, True))
    names = headings(
        "force | year | projected: alliance | its MTFS holds: held | gap | version | dated: day | days old: age"
    )
    title = "What the alliance is projected to cost each force, and what its own MTFS holds for it"
    notes, empty = (MEANING, *_notes(link, whole)), "No version is dated by the day."
    shown = plain_table("Gap", title, table(whole, Gap, names), kinds=KINDS, notes=notes, empty=empty)
    units = headings("force | year | unit | projected: alliance | its MTFS holds: held | gap")
    title = "The same by unit, where an MTFS gives units"
    return [shown, *([plain_table("Gap by unit", title, table(by_unit, Gap, units))] if by_unit else [])]


def _notes(link: Link, whole: Sequence[Gap]) -> Iterator[str]:
    """What is compared in part, or not at all."""
    if outside := _outside(link):
        yield f"Outside the projection, so that nothing is compared: {outside}."
    for row in whole:
        if row.without:
            yield f"{row.force} {row.year}: {', '.join(row.units)} alone; no figure for {', '.join(row.without)}."
    for force, lacking in _lacking(link, whole):
        yield f"{force}: no figure is given for {spans(lacking)}."
    if link.later and link.day:
        yield f"{many(len(link.later), 'amount')} of versions after {day_text(link.day)} not used yet."
