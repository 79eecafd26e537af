"""Demand as it was counted, and the evidence: the first page and the tables of `count`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bch_apportion import __version__
from bch_apportion.answers import headings, table
from bch_apportion.counting.rows import MOST_NAMED, Count, DemandRow, Evidence, LeftOut, Missing, Reason, Source
from bch_apportion.money import plain
from bch_apportion.reading.values import could_be_a_year
from bch_apportion.words import many
from bch_apportion.writing.report import Cover, Kind, Page, Report, columns, plain_table
from bch_apportion.years import MONTH_NAMES, Month, Months, month_text

HEADS = ("read", "counted", "left out", "late", "months missing", "of")
REASON_WORDS: dict[Reason, str] = {
    "filtered": "by where",
    "no-date": "without a date",
    "date-not-readable": "without a readable date",
    "outside-between": "outside the months asked",
    "no-force": "without a force",
    "force-not-known": "of unknown forces",
    "amount": "without a usable amount",
    "duplicate": "as duplicates",
}


def demand(answer: Count) -> Report:
    """The Demand sheet, as reading takes it."""
    periods = dict(_periods(row.period for row in answer.demand))
    names: dict[str, Any] = headings("driver | period | force | volume")
    names["period"] = lambda row: periods[row.period]
    rows = table(answer.demand, DemandRow, names)
    return plain_table("Demand", "Demand, counted from the records", rows, units="", empty="Nothing was counted.")


def _periods(given: Iterable[Month]) -> Iterator[tuple[Month, str]]:
    """Months as the sheet has them: 2018-04; in words where every one could be a financial year, as 2011-12 could."""
    months = dict.fromkeys(given)
    in_words = all(could_be_a_year(month_text(month)) for month in months)
    for month in months:
        yield month, f"{MONTH_NAMES[month % 12]} {month // 12}" if in_words else month_text(month)


def evidence(answer: Count) -> Report:
    """What was read, counted and left out of each driver, and what is missing."""
    rows = [(row.driver, *cells) for row in answer.evidence for cells in _evidence(row)]
    return Report(
        name="Evidence",
        title="What was read, counted and left out",
        columns=columns("driver", "item", "of", ("records", "count"), ("detail", "wide")),
        rows=tuple(rows),
        notes=("Read is counted and left out together. A record that is left out has the first reason that fits.",),
    )


def _evidence(row: Evidence) -> Iterator[tuple[str, str, int | None, str]]:
    yield "read", "", row.read, ""
    yield "counted", "", row.counted, f"{many(row.blank_ids, 'record')} without an id" if row.blank_ids else ""
    for part in row.left_out:
        yield "left out", part.reason, part.records, f"smallest ids: {', '.join(part.ids)}" if part.ids else ""
        for spelling in part.spellings:
            yield "spelling", spelling.spelling, spelling.records, "a force that the plan does not know"
    for gap in row.missing:
        yield "missing", f"{gap.force} {month_text(gap.period)}", 0, "no record of the force in the month"
    yield "cut", "first month", None, "no record on its first day" if row.cut.first else "no"
    yield "cut", "last month", None, "no record on its last day" if row.cut.last else "no"
    largest = row.largest
    yield "largest", f"{largest.force} {month_text(largest.period)}", None, _against_median(row)


def _against_median(row: Evidence) -> str:
    return f"{plain(row.largest.volume)}, against {plain(row.median)} in the median month of {row.largest.force}"


def grades(answer: Count) -> Report:
    """How good the records of each driver, force and year are."""
    rows = [
        (row.driver, part.force, part.year, part.counted, part.late, part.months, part.of)
        for row in answer.evidence
        for part in row.grade
    ]
    heads: list[tuple[str, Kind]] = [("year", "year")]
    heads += [(name, "count") for name in ("counted", "late", "months with records", "months asked")]
    return Report(
        name="Grade",
        title="How good the records are: entered late, months with records of the months asked",
        columns=columns("driver", "force", *heads),
        rows=tuple(rows),
    )


def sources(answer: Count) -> Report:
    """Where the records were read."""
    rows = table(answer.sources, Source, headings("driver | file or table: name | SHA-256: sha256"))
    return plain_table("Sources", "Where the records were read", rows, kinds={"SHA-256": "wide"}, units="")


def tables(answer: Count) -> dict[str, Callable[[], Sequence[Report]]]:
    """The tables behind the first page."""
    return {
        "demand": lambda: [demand(answer)],
        "evidence": lambda: [evidence(answer)],
        "grade": lambda: [grades(answer)],
        "sources": lambda: [sources(answer)],
    }


def first_page(answer: Count) -> Page:
    """What was counted of each driver, what was left out and why, and what is missing."""
    blocks: list[Any] = [_drivers(answer.evidence)]
    for row in answer.evidence:
        lines = list(_in_words(row))
        blocks += [(row.driver,), *lines] if lines else []
    return Page(f"Demand counted by {answer.run.input}", tuple(blocks))


def _drivers(rows: Sequence[Evidence]) -> Report:
    cells = [
        (
            row.driver,
            row.read,
            row.counted,
            row.left(),
            sum(part.late for part in row.grade),
            len(row.missing),
            sum(part.of for part in row.grade),
        )
        for row in rows
    ]
    heads: list[tuple[str, Kind]] = [(name, "count") for name in HEADS]
    return Report("Drivers", "", columns("driver", *heads), tuple(cells), notes=("Months: of all forces together.",))


def _in_words(row: Evidence) -> Iterator[str]:
    """What a reader should know before the demand is used."""
    out = [part for part in row.left_out if part.records]
    if out:
        yield f"Left out: {', '.join(f'{part.records:,} {REASON_WORDS[part.reason]}' for part in out)}."
    yield from map(_spelled, (part for part in out if part.spellings))
    if row.missing:
        yield f"No record of {_listed(list(_gaps(row.missing)))}."
    cut = [name for name, is_cut in (("first", row.cut.first), ("last", row.cut.last)) if is_cut]
    if cut:
        day = " and ".join(cut)
        yield f"May be cut: no record on the {day} day of the {day} month."
    yield f"Largest month: {row.largest.force} {month_text(row.largest.period)} with {_against_median(row)}."
    yield from row.says


def _gaps(missing: Sequence[Missing]) -> Iterator[str]:
    """Months without a record, those that follow each other together."""
    runs: list[tuple[str, Months]] = []
    for gap in missing:
        force, months = runs[-1] if runs else ("", Months(0, 0))
        if force == gap.force and months.last + 1 == gap.period:
            runs[-1] = (force, months._replace(length=months.length + 1))
        else:
            runs.append((gap.force, Months(gap.period, 1)))
    yield from (f"{force} in {months}" for force, months in runs)


def _spelled(part: LeftOut) -> str:
    names = [f"“{spelling.spelling}” ({spelling.records:,})" for spelling in part.spellings]
    return f"Forces that the plan does not know: {_listed(names)}."


def _listed(names: Sequence[str]) -> str:
    left = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {left:,} more" if left > 0 else "")


def cover(answer: Count) -> Cover:
    """What the result was counted from."""
    forces = dict.fromkeys(part.force for row in answer.evidence for part in row.grade)
    rows = [
        ("Plan", answer.run.input),
        ("SHA-256 of the plan", answer.run.sha256),
        ("Worked out by", f"bch-apportion {__version__}"),
        ("Connection", answer.run.settings["connection"]),
        ("Months by the clock of", answer.run.settings["timezone"]),
        ("Forces", ", ".join(forces)),
        ("Drivers", ", ".join(row.driver for row in answer.evidence)),
        ("Records", ", ".join(source.name for source in answer.sources)),
    ]
    return Cover("Demand, counted from the records", tuple(rows), answer.run.input)
