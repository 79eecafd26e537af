"""The first page of `status`: what the cost stands on, where each unit stands, what is overdue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bch_apportion.answers import headings, table
from bch_apportion.ledger import Ledger
from bch_apportion.money import decimal_text
from bch_apportion.questions.first_page import foremost, in_words, listed, standing_line, without
from bch_apportion.questions.status.rows import STANDS_WORDS, BasisShare, Status, StatusRow
from bch_apportion.questions.status.rule import NO_AGREEMENTS
from bch_apportion.words import many
from bch_apportion.writing.report import Chart, Kind, Page, Report, columns, plain_table
from bch_apportion.years import FinancialYear, day_text

MOVING = "moving would do"
OVERDUE = " *"  # beside a day that has passed


def first_page(answer: Status, ledger: Ledger) -> Page:
    """The latest year shown: the cost by basis, then each unit."""
    years = answer.years()
    if not years:
        return Page("Where the units stand", ("No unit has a cost.",))
    rows = [row for row in answer.rows if row.year == years[-1]]
    day = ledger.as_at or years[-1].last_day()
    return Page(
        title=f"Where the units stand in {years[-1]}, on {day_text(day)}: {ledger.inputs.source}, budget",
        units="£",
        blocks=(
            _by_basis(answer, years[-1]),
            _units(rows),
            " ".join(open_words(rows)),
            " ".join(agreement_words(answer, rows) if ledger.inputs.further.agreements else [NO_AGREEMENTS]),
            standing_line(ledger, years[-1], answer.notes),
        ),
    )


def _by_basis(answer: Status, year: FinancialYear) -> Report:
    """How much of the cost stands on each basis, the year before beside it."""
    now, before = ({row.basis: row for row in answer.by_basis if row.year == own} for own in (year, year.plus(-1)))
    heads = ([str(year.plus(-1))] if before else []) + [str(year)]
    sides = [*([before] if before else []), now]
    named = [basis for basis in STANDS_WORDS if basis in now or basis in before]
    rows = [
        (STANDS_WORDS[basis], *(side[basis].amount if basis in side else 0 for side in sides), _percent(now.get(basis)))
        for basis in named
    ]
    total = ("all", *(sum(row.amount for row in side.values()) for side in sides), "100.0%" if now else "")
    chart = Chart(
        kind="column",
        title=f"Cost by what it stands on, {' and '.join(heads)}",
        categories="stands on",
        series=tuple(heads),
        first=0,
        last=len(rows) - 1,
    )
    shown = columns("stands on", *((head, "pounds") for head in heads), ("%", "figure"))
    return Report("First page", "", shown, (*rows, total), totals=1, charts=(chart,) if rows else ())


def _percent(row: BasisShare | None) -> str:
    return "" if row is None or row.percent is None else f"{decimal_text(row.percent, 1)}%"


def _units(rows: Sequence[StatusRow]) -> Report:
    """Each unit: what it stands on, its target, what stops it, what moving would do, the earliest year, by whom."""
    shown, more = foremost(rows, lambda row: bool(row.stops), "units", "")
    notes = (*more, *(["* overdue"] if any(row.overdue for row in shown) else []))
    meaning = "Moving: what each force would bear more, before no loser. Figures: --show stops"
    whole = _table(shown, (*notes, meaning))
    narrow = replace(without(whole, ["target", MOVING]), notes=notes)
    moving = _table([row for row in shown if row.stops and row.moving], [meaning])
    moving = without(moving, [column.name for column in moving.columns if column.name not in ("unit", MOVING)])
    return replace(whole, turned=(narrow, *([moving] if moving.rows else [])))


def _table(rows: Sequence[StatusRow], notes: Sequence[str]) -> Report:
    names: dict[str, Any] = {
        **headings("unit | stands on: stands_words | target: target_words"),
        "what stops it": lambda row: row.stop_words or "at its target",
        MOVING: _moving,
        "earliest": lambda row: row.earliest or "",
        "by whom": _by_whom,
    }
    wide: dict[str, Kind] = dict.fromkeys(names, "wide")
    shown = table(rows, StatusRow, names)
    return plain_table("Units", "", shown, kinds=wide, notes=notes, units="", empty="No unit has a cost.")


def _moving(row: StatusRow) -> str:
    return in_words({move.force: move.amount for move in row.moving if move.amount}) if row.stops else ""


def _by_whom(row: StatusRow) -> str:
    due = f"{day_text(row.due)}{OVERDUE * row.overdue}" if row.due else ""
    return ", ".join(filter(None, (row.owner, due))) if row.stops else ""


def open_words(rows: Sequence[StatusRow]) -> Iterator[str]:
    """How many are off their target, how many of these overdue, and who has no owner."""
    off = [row for row in rows if row.stops]
    late = [row.unit for row in off if row.overdue]
    nobody = [row.unit for row in off if not row.owner]
    yield f"{len(off)} of {many(len(rows), 'unit')} off target, {len(late)} overdue."
    if nobody:
        yield f"Without an owner: {listed(nobody, 'units')}."


def agreement_words(answer: Status, rows: Sequence[StatusRow]) -> Iterator[str]:
    """The reviews that are overdue, and the auditor's test."""
    inforce = [row for row in rows if row.agreement]
    late = [
        f"{row.unit} {row.agreement.days_overdue:,}" for row in inforce if row.agreement and row.agreement.days_overdue
    ]
    yield f"Agreements in force for {len(inforce)} of {many(len(rows), 'unit')}."
    if without := [row.unit for row in rows if not row.agreement]:
        yield f"Without an agreement in force: {listed(without, 'agreements')}."
    if late:
        yield f"Reviews overdue, days: {listed(late, 'agreements')}."
    year = rows[0].year
    compared = [row for row in answer.applied_against_agreed if row.year == year]
    other = list(dict.fromkeys(row.unit for row in compared if row.applied != row.agreed))
    if other:
        yield f"Shares applied are not those agreed: {listed(other, 'agreed')}."
    elif compared:
        yield "Where shares are agreed, they are applied."
