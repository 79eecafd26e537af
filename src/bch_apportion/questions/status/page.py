"""Where the units stand against the agreed principles: the tables of `status`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bch_apportion.answers import headings, table
from bch_apportion.model import ForceCode
from bch_apportion.questions.status.rows import STANDS_WORDS, WHY_WORDS, Compared, Status, StatusRow
from bch_apportion.writing.report import Chart, Kind, Report, columns, force_columns, plain_table, spans

MOVING = "what each force would bear more (below zero: less) if the unit moved to its target, before no loser"
NO_AGREEMENT = "No agreement is in force."


def units(answer: Status) -> Report:
    """Every unit: what it stands on, its target, what stops it, when, by whom."""
    names: dict[str, Any] = headings(
        "unit | year | stands on: stands_words | cost | target: target_words | what stops it: stop_words | earliest | "
        "owner | due | overdue | baselines | no loser %: no_loser.applied | no loser ends: no_loser.ends | "
        "months since the business case: business_case_months"
    )
    names["overdue"] = lambda row: "yes" if row.overdue else ""
    names["baselines"] = lambda row: "yes" if row.baselines else "none"
    kinds: dict[str, Kind] = dict.fromkeys(("stands on", "what stops it", "owner"), "wide")
    return plain_table(
        "Units",
        f"Where the units stand in {spans(answer.years())}",
        table(answer.rows, StatusRow, names),
        kinds={**kinds, "no loser %": "percent", "months since the business case": "whole"},
        empty="No unit has a cost.",
    )


def stops(answer: Status) -> Report:
    """What keeps each unit from its target, with its figures."""
    rows = tuple(
        (row.unit, row.year, row.target_words, WHY_WORDS[stop.why], stop.detail)
        for row in answer.rows
        for stop in row.stops
    )
    heads = columns("unit", ("year", "year"), "target", "why", ("figures", "wide"))
    title = "What keeps each unit from its target"
    return Report("Stops", title, heads, rows, empty="Every unit stands on its target.")


def moving(answer: Status, forces: Sequence[ForceCode]) -> Report:
    """What moving to its target would do, force by force."""
    rows = [row for row in answer.rows if row.moving]
    moved = {(row.unit, row.year): {move.force: move.amount for move in row.moving} for row in rows}
    shown = [force for force in forces if any(force in own for own in moved.values())]
    names = force_columns(shown, ("unit", "year", "target"))
    heads = columns("unit", ("year", "year"), "target", *((name, "money") for name in names))
    parts = tuple((row.unit, row.year, row.target_words, *map(moved[row.unit, row.year].get, shown)) for row in rows)
    empty = "Moving would change nothing."
    return Report("Moving", f"Moving: {MOVING}", heads, parts, units="£", empty=empty)


def bases(answer: Status) -> list[Report]:
    """How much of each year's cost stands on each basis: in £ with a stacked chart, and in percent."""
    years = sorted({row.year for row in answer.by_basis})
    named = [basis for basis in STANDS_WORDS if any(row.basis == basis for row in answer.by_basis)]
    heads = [STANDS_WORDS[basis] for basis in named]
    amounts = {(row.year, row.basis): row.amount for row in answer.by_basis}
    paid = {year: [amounts.get((year, basis), 0) for basis in named] for year in years}
    percents = {(row.year, row.basis): None if row.percent is None else row.percent / 100 for row in answer.by_basis}
    title = "Cost by what it stands on, all units shown"
    chart = Chart(kind="stacked", title=title, categories="year", series=tuple(heads), first=0, last=len(years) - 1)
    in_pounds = columns(("year", "year"), *((head, "money") for head in (*heads, "all")))
    in_percent = columns(("year", "year"), *((head, "tenths") for head in heads))
    parts = tuple((year, *(percents.get((year, basis)) for basis in named)) for year in years)
    return [
        Report(
            name="Bases",
            title=title,
            columns=in_pounds,
            rows=tuple((year, *own, sum(own)) for year, own in paid.items()),
            units="£",
            empty="There are no budgets.",
            charts=(chart,) if years else (),
        ),
        Report("Bases in percent", f"{title}, percent", in_percent, parts, empty="There are no budgets."),
    ]


def agreed(answer: Status) -> Report:
    """The auditor's test: the shares applied beside the shares agreed."""
    names: dict[str, Any] = headings("unit | year | force | applied | agreed")
    names["same"] = lambda row: "yes" if row.applied == row.agreed else "NO"
    title = "The shares applied beside the shares agreed, where an agreement and an agreed set are in force"
    empty = "No unit has both an agreement and an agreed set in force."
    return plain_table("Agreed", title, table(answer.applied_against_agreed, Compared, names), units="", empty=empty)


def agreements(answer: Status) -> Report:
    """The agreement in force for each unit, and whether its review is overdue."""
    names: dict[str, Any] = headings(
        "unit | year | version: agreement.version | review due: agreement.review_due | "
        "days overdue: agreement.days_overdue"
    )
    rows = table([row for row in answer.rows if row.agreement], StatusRow, names)
    kinds: dict[str, Kind] = {"days overdue": "count"}
    notes = tuple(_without_agreement(answer.rows))
    title = "The agreement in force for each unit on the day of the report"
    return plain_table("Agreements", title, rows, kinds=kinds, notes=notes, units="", empty=NO_AGREEMENT)


def _without_agreement(rows: Iterable[StatusRow]) -> Iterator[str]:
    without = dict.fromkeys(row.unit for row in rows if not row.agreement)
    if without:
        yield f"Without an agreement in force: {', '.join(without)}."


def tables(answer: Status, forces: Sequence[ForceCode]) -> dict[str, Callable[[], Sequence[Report]]]:
    """The tables behind the first page."""
    return {
        "units": lambda: [units(answer)],
        "stops": lambda: [stops(answer)],
        "moving": lambda: [moving(answer, forces)],
        "bases": lambda: bases(answer),
        "agreed": lambda: [agreed(answer)],
        "agreements": lambda: [agreements(answer)],
    }
