"""The actions of reviews and audits on a day: open, closed, overdue, closed without evidence, how often moved.

An action that was closed after the day was open on it. It is overdue from the day after its last revised due date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from bch_apportion.answers import headings, table
from bch_apportion.further import Action
from bch_apportion.groups import groups
from bch_apportion.kinds import Date, record
from bch_apportion.model import Inputs, name_key
from bch_apportion.words import many
from bch_apportion.writing.report import Kind, Report, plain_table
from bch_apportion.years import day_text

NO_ACTIONS = "No action is given (sheet Actions): what earlier reviews asked for, and what of it is done, is not known."
MEANING = "No evidence: closed without any. Moved: how often their due dates were revised."
REVISED = "Now due: the last revised date on the sheet, whenever it was made."
FIRST = 3  # actions that a sentence names


@record
class ActionRow:
    """An action as it stands: `due` as first set, `now_due` as last revised, `days_overdue` 0 where it is not."""

    source: str
    ref: str
    action: str
    unit: str
    owner: str
    due: Date | None
    now_due: Date | None
    moved: int
    is_open: bool
    days_overdue: int
    has_evidence: bool


@record
class SourceRow:
    """How many actions of a source are open, closed, overdue, closed without evidence; how often they were moved."""

    source: str
    actions: int
    open: int
    closed: int
    overdue: int
    without_evidence: int
    moved: int


def actions(inputs: Inputs, day: date) -> list[ActionRow]:
    """Every action as it stands on the day, in the order of its sheet."""
    return [_row(action, day) for action in inputs.further.actions]


def _row(action: Action, day: date) -> ActionRow:
    dates = [*filter(None, [action.due]), *action.revised_due]
    is_open = not _is_closed(action, day)
    return ActionRow(
        source=action.source,
        ref=action.ref,
        action=action.action,
        unit=action.unit,
        owner=action.owner,
        due=dates[0] if dates else None,
        now_due=dates[-1] if dates else None,
        moved=len(action.revised_due),
        is_open=is_open,
        days_overdue=max(0, (day - dates[-1]).days) if dates and is_open else 0,
        has_evidence=bool(action.evidence),
    )


def _is_closed(action: Action, day: date) -> bool:
    """Whether it was closed by the day; one that is closed and does not say when is taken as closed before it."""
    return action.status == "closed" if action.closed_on is None else action.closed_on <= day


def by_source(rows: Iterable[ActionRow]) -> list[SourceRow]:
    """The actions of each source together, in the order in which the sheet first names them."""
    by_name = groups((name_key(row.source), row) for row in rows)
    return [_counted(group[0].source, group) for group in by_name.values()]


def _counted(source: str, rows: Sequence[ActionRow]) -> SourceRow:
    return SourceRow(
        source=source,
        actions=len(rows),
        open=sum(row.is_open for row in rows),
        closed=sum(not row.is_open for row in rows),
        overdue=sum(row.days_overdue > 0 for row in rows),
        without_evidence=sum(not row.is_open and not row.has_evidence for row in rows),
        moved=sum(row.moved for row in rows),
    )


def open_actions(rows: Iterable[ActionRow]) -> list[ActionRow]:
    """The open ones, oldest first: by the day first set; those without a day last."""
    return sorted((row for row in rows if row.is_open), key=lambda row: (row.due is None, row.due or date.max))


def finding(inputs: Inputs, day: date) -> str:
    """How many actions are open and overdue, in a sentence."""
    rows = actions(inputs, day)
    if not rows:
        return NO_ACTIONS
    counted, longest = _counted("", rows), max(rows, key=lambda row: row.days_overdue)
    late = f"{counted.overdue or 'none'} overdue"
    if longest.days_overdue:
        late += f", the longest by {many(longest.days_overdue, 'day')} ({_named([longest])})"
    without = [row for row in rows if not row.is_open and not row.has_evidence]
    named = f" ({_named(without)})" if without else ""
    closed = f"{len(without) or 'none'} of the {counted.closed} closed without evidence{named}"
    ending = f"; {closed}" if counted.closed else ""
    return f"{counted.open} of {many(len(rows), 'action')} open on {day_text(day)}, {late}{ending}."


def _named(rows: Sequence[ActionRow]) -> str:
    """The first of some actions by their numbers in their sources, and how many more there are."""
    first = "; ".join(f"action {row.ref} of {row.source}" for row in rows[:FIRST])
    return first + (f"; {len(rows) - FIRST} more" if len(rows) > FIRST else "")


def tables(inputs: Inputs, day: date) -> Sequence[Report]:
    """The actions by source, then those that are open, oldest first; none where no action is given."""
    rows = actions(inputs, day)
    return [_sources(rows, day), _open(rows, day)] if rows else []


def _sources(rows: Sequence[ActionRow], day: date) -> Report:
    names = headings("source | actions | open | closed | overdue | no evidence: without_evidence | moved")
    sources = by_source(rows)
    total = [_counted("all", rows)] if len(sources) > 1 else []
    title = f"Actions of reviews and audits on {day_text(day)}, by source"
    shown = table([*sources, *total], SourceRow, names)
    kinds: dict[str, Kind] = {**dict.fromkeys(names, "count"), "source": "wide"}
    return plain_table("Actions", title, shown, kinds=kinds, notes=(MEANING,), units="", totals=len(total))


def _open(rows: Sequence[ActionRow], day: date) -> Report:
    names: dict[str, Any] = headings("source | ref | action | unit | owner | due | now due: now_due | moved")
    names["days overdue"] = lambda row: row.days_overdue or None
    left = open_actions(rows)
    undated = sum(row.due is None for row in left)
    notes = [REVISED, *([f"{undated} of them without a day, so that they are never overdue."] if undated else [])]
    title = f"Actions open on {day_text(day)}, oldest first by the day first set"
    kinds: dict[str, Kind] = {"action": "wide", "owner": "wide", "moved": "count", "days overdue": "count"}
    shown = table(left, ActionRow, names)
    return plain_table("Open actions", title, shown, kinds=kinds, notes=notes, units="", empty="No action is open.")
