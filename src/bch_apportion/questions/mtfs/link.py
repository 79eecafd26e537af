"""What each force's own MTFS holds for the alliance, beside what the alliance is projected to cost it.

The version that counts for a force and year is the latest by its date, on the day of the report where there is one; of
versions of the same day the lowest on the sheet. Where it gives units one by one, they are compared with these units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from bch_apportion.further import InTheMtfs
from bch_apportion.groups import groups
from bch_apportion.model import ForceCode, Inputs, UnitCode, name_key
from bch_apportion.money import Pence
from bch_apportion.questions.mtfs.projection import last_budget_year
from bch_apportion.questions.mtfs.rows import Gap, Link
from bch_apportion.questions.mtfs.rule import BASE, outlook
from bch_apportion.years import FinancialYear

Figures = Mapping[tuple[UnitCode, FinancialYear, ForceCode], Pence]
"""What the alliance costs each force, for each unit and projected year."""
YEARS = 4  # as many as `mtfs` projects where nothing else is asked for


def link(
    held: Sequence[InTheMtfs], figures: Figures, forces: Sequence[ForceCode], day: date | None = None
) -> Link | None:
    """The gaps by force and year, in all, then by unit where units are given; None where nothing is held."""
    later = [row.day for row in held if day is not None and row.day is not None and row.day > day]
    dated = groups(((row.force, row.year), row) for row in held if row.day not in later)
    ordered = sorted(dated, key=lambda entry: (forces.index(entry[0]), entry[1]))
    gaps = [gap for entry in ordered for gap in _gaps(_latest(dated[entry]), figures, day)]
    return Link(gaps=gaps, forces=forces, day=day, later=later) if held else None


def linked(inputs: Inputs, day: date) -> Link | None:
    """The gaps on the day, over the years of the sheet that `mtfs` projects; None where the sheet is absent."""
    held = inputs.further.in_the_mtfs
    if not held:
        return None
    base = last_budget_year(inputs)
    ahead = max(row.year for row in held).start - base.start
    projected = outlook(BASE, inputs, base, max(0, min(YEARS, ahead)), day)
    return link(held, projected.amounts(), inputs.force_codes(), day)


def _latest(rows: Sequence[InTheMtfs]) -> list[InTheMtfs]:
    """The rows of the latest version; those without a date are the earliest."""
    newest = max(reversed(rows), key=lambda row: row.day or date.min)
    return [row for row in rows if (row.day, name_key(row.version)) == (newest.day, name_key(newest.version))]


def _gaps(rows: Sequence[InTheMtfs], figures: Figures, day: date | None) -> Iterator[Gap]:
    in_all = [row for row in rows if not row.unit]
    by_unit = [row for row in rows if row.unit]
    first = rows[0]
    costing = [u for (u, year, force), pence in figures.items() if (year, force) == (first.year, first.force) and pence]
    if in_all:
        yield _gap(in_all, costing, figures, day)
    else:
        given = [row.unit for row in by_unit]
        without = [unit for unit in costing if unit not in given]
        yield replace(_gap(by_unit, given, figures, day), units=given, without=without)
    for row in by_unit:
        yield replace(_gap([row], [row.unit], figures, day), unit=row.unit)


def _gap(rows: Sequence[InTheMtfs], units: Sequence[UnitCode], figures: Figures, day: date | None) -> Gap:
    """Amounts of a version together, beside the cost of these units."""
    first, held = rows[0], sum(row.pence for row in rows)
    is_projected = any(year == first.year for _, year, _ in figures)
    cost = sum(figures.get((own, first.year, first.force), 0) for own in units) if is_projected else None
    return Gap(
        force=first.force,
        year=first.year,
        unit="",
        alliance=cost,
        held=held,
        gap=None if cost is None else cost - held,
        version=first.version,
        day=first.day,
        age=None if day is None or first.day is None else (day - first.day).days,
    )
