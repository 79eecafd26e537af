"""The alliance's own steps towards the budget, beside the statutory ones: which are late, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from operator import attrgetter

from bch_apportion.model import Inputs
from bch_apportion.questions.mtfs import page
from bch_apportion.questions.mtfs.rows import TimetableStep
from bch_apportion.questions.mtfs.timetable import own_steps, timetable
from bch_apportion.words import many
from bch_apportion.writing.report import Report
from bch_apportion.years import day_text

NO_TIMETABLE = "No timetable of the alliance's own is given (sheet Timetable)"


def finding(inputs: Inputs, day: date) -> str:
    """How many of the alliance's own steps are late, and the next step of all, statutory or not."""
    own, precept = own_steps(inputs.further.timetable, day), timetable(day)
    said = _late(own) if own else NO_TIMETABLE
    to_come = [step for step in (*own, *precept.steps) if step.days >= 0 and not step.is_done]
    following = min(to_come, key=attrgetter("by"))  # of the precept there is always a step to come
    left = f"in {many(following.days, 'day')}" if following.days else "today"
    return f"{said}; next: {following.step}, by {day_text(following.by)}, {left}."


def _late(own: Sequence[TimetableStep]) -> str:
    late = [step for step in own if step.days < 0 and not step.is_done]
    done = sum(step.is_done for step in own)
    after = sum(step.days_late > 0 for step in own)
    words = f"{len(late) or 'None'} of the alliance's {many(len(own), 'own step')} late"
    if late:
        first = min(late, key=attrgetter("by"))
        words += f", the longest by {many(-first.days, 'day')} ({first.step})"
    return f"{words}, {done or 'none'} done" + (f", {after} of them late" if after else "")


def tables(inputs: Inputs, day: date) -> Sequence[Report]:
    """Every step by its day: the days left, late, or done."""
    return [page.timetable(timetable(day), day.isoformat(), own_steps(inputs.further.timetable, day))]
