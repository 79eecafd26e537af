"""The steps to the next precept: the statutory ones, and the alliance's own from the sheet Timetable.

A step that was done after the day was not done on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from operator import attrgetter

from bch_apportion.further import Step
from bch_apportion.questions.mtfs.rows import OwnStep, Timetable, TimetableStep
from bch_apportion.words import many
from bch_apportion.years import FinancialYear, day_text

NO_TIMETABLE = "No timetable of the alliance's own is given (sheet Timetable)"


def timetable(as_at: date) -> Timetable:
    """The steps to the next precept (SI 2012/2271), and the financial year it is for.

    >>> [(step.by.isoformat(), step.days) for step in timetable(date(2020, 1, 25)).steps]
    [('2020-02-01', 7), ('2020-02-08', 14), ('2020-02-15', 21), ('2020-02-22', 28), ('2020-03-01', 36)]
    """
    calendar = as_at.year if as_at <= date(as_at.year, 3, 1) else as_at.year + 1
    due = (
        ("the PCC notifies the panel of the proposed precept", date(calendar, 2, 1)),
        ("the panel reviews it", date(calendar, 2, 8)),
        ("the PCC answers a veto with a revised precept", date(calendar, 2, 15)),
        ("the panel reviews the revised precept", date(calendar, 2, 22)),
        ("the PCC issues the precept", date(calendar, 3, 1)),
    )
    steps = [TimetableStep(step=step, by=by, days=(by - as_at).days) for step, by in due]
    return Timetable(year=FinancialYear(calendar), steps=steps)


def own_steps(steps: Iterable[Step], as_at: date) -> list[OwnStep]:
    """The alliance's own steps as they stand on the day, by their day."""
    return [_own(step, as_at) for step in sorted(steps, key=lambda step: step.by)]


def _own(step: Step, as_at: date) -> OwnStep:
    done_on = step.done if isinstance(step.done, date) else None
    is_done = step.done is True if done_on is None else done_on <= as_at
    return OwnStep(
        step=step.step,
        by=step.by,
        days=(step.by - as_at).days,
        who=step.who,
        is_done=is_done,
        done_on=done_on if is_done else None,
    )


def sentence(steps: Iterable[Step], as_at: date) -> str:
    """How many of the alliance's own steps are late, and the next step of all, statutory or not."""
    own = own_steps(steps, as_at)
    said = _late(own) if own else NO_TIMETABLE
    to_come: list[OwnStep | TimetableStep] = [step for step in own if step.days >= 0 and not step.is_done]
    to_come += (step for step in timetable(as_at).steps if step.days >= 0)
    following = min(to_come, key=attrgetter("by"))  # of the precept there is always a step to come
    left = f"in {many(following.days, 'day')}" if following.days else "today"
    return f"{said}; next: {following.step}, by {day_text(following.by)}, {left}."


def _late(own: Sequence[OwnStep]) -> str:
    late = [step for step in own if step.days < 0 and not step.is_done]
    done = sum(step.is_done for step in own)
    after = sum(step.days_late > 0 for step in own)
    words = f"{len(late) or 'None'} of the alliance's {many(len(own), 'own step')} late"
    if late:
        first = min(late, key=attrgetter("by"))
        words += f", the longest by {many(-first.days, 'day')} ({first.step})"
    return f"{words}, {done or 'none'} done" + (f", {after} of them late" if after else "")
