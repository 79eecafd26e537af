"""The gap between the alliance's projection and what the forces' own MTFSs hold: in a sentence, and as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bch_apportion.answers import headings, table
from bch_apportion.money import Pence
from bch_apportion.questions.first_page import money
from bch_apportion.questions.mtfs.rows import Gap, Link
from bch_apportion.words import many
from bch_apportion.writing.report import Kind, Report, plain_table, spans
from bch_apportion.years import day_text

MEANING = "Gap: what the alliance is projected to cost less what the MTFS holds; above zero, the MTFS holds too little."
KINDS: dict[str, Kind] = {"version": "wide", "days old": "count"}


def sentence(link: Link) -> str:
    """The gap over all forces and years that are projected, the largest, what is not projected, the oldest figure."""
    gaps = {(row.force, row.year): row.gap for row in link.gaps if not row.unit and row.gap is not None}
    if not gaps:
        why = "is of a projected year" if link.gaps else "is dated by the day"
        return f"None of what the forces' own MTFSs hold {why}: nothing can be compared."
    years = spans(sorted({year for _, year in gaps}))
    words = f"The forces' own MTFSs hold {_than(sum(gaps.values()))} the alliance is projected to cost in {years}"
    force, year = max(gaps, key=lambda entry: abs(gaps[entry]))
    if len(gaps) > 1 and gaps[force, year]:
        words += f"; the largest gap is {force} {year}, {_than(gaps[force, year])} projected"
    outside = _outside(link)
    words += f"; not projected: {outside}" if outside else ""
    ages = [row.age for row in link.gaps if row.age is not None]
    old = f"; the oldest figure is {many(max(ages), 'day')} old on {day_text(link.day)}" if ages and link.day else ""
    return f"{words}{old}."


def _outside(link: Link) -> str:
    """The years of the sheet that are not projected."""
    return spans(sorted({row.year for row in link.gaps if row.gap is None}))


def _than(gap: Pence) -> str:
    """By how much what is held falls short of the projection, or exceeds it."""
    return f"{money(abs(gap))} {'less' if gap > 0 else 'more'} than" if gap else "exactly what"


def tables(link: Link) -> list[Report]:
    """By force and year; then by unit, where an MTFS gives units."""
    whole, by_unit = ([row for row in link.gaps if bool(row.unit) == own] for own in (False, True))
    names = headings(
        "force | year | the alliance: alliance | its MTFS holds: held | gap | version | dated: day | days old: age"
    )
    shown = plain_table(
        "Gap",
        "What the alliance is projected to cost each force, and what its own MTFS holds for it",
        table(whole, Gap, names),
        kinds=KINDS,
        notes=(MEANING, *_notes(link, whole)),
        empty="No version is dated by the day.",
    )
    units = headings("force | year | unit | the alliance: alliance | its MTFS holds: held | gap")
    title = "The same by unit, where an MTFS gives units"
    return [shown, *([plain_table("Gap by unit", title, table(by_unit, Gap, units))] if by_unit else [])]


def _notes(link: Link, whole: Sequence[Gap]) -> Iterator[str]:
    """What is compared in part, or not at all."""
    if outside := _outside(link):
        yield f"Outside the projection, so that nothing is compared: {outside}."
    for row in whole:
        if row.without:
            yield f"{row.force} {row.year}: {', '.join(row.units)} alone; nothing is given of {', '.join(row.without)}."
    years = sorted({row.year for row in whole if row.gap is not None})
    for force in link.forces:
        lacking = [year for year in years if (force, year) not in {(row.force, row.year) for row in whole}]
        if lacking:
            yield f"{force}: nothing is given of {spans(lacking)}."
    if link.later and link.day:
        yield f"{many(len(link.later), 'amount')} of versions after {day_text(link.day)} not used yet."
