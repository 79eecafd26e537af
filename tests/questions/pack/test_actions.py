"""Actions by hand, on 30 September 2019: what was open, overdue, without evidence on that day, and how often moved."""

from __future__ import annotations

from datetime import date, timedelta

from bch_apportion.further import Action, Further
from bch_apportion.model import Inputs, Unit
from bch_apportion.questions.pack.actions import NO_ACTIONS, actions, finding, tables
from tests.inputs import inputs

DAY = date(2019, 9, 30)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
LONG_AGO = date(2017, 4, 1)  # 365 + 365 + 182 = 912 days before
GIVEN = (
    Action("1", "Concerto", "Benchmark", due=date(2018, 12, 31), revised_due=(date(2019, 3, 31), BEFORE)),
    Action("2", "Concerto", "Monitor", due=DAY, status="open"),
    Action("3", "concerto", "Scorecard", due=LONG_AGO, closed_on=BEFORE, evidence="minute 7"),
    Action("4", "Concerto", "Agreements", due=LONG_AGO, status="closed", closed_on=AFTER),
    Action("5", "RSM", "Timetable", status="closed"),
    Action("6", "RSM", "Priorities"),
    Action("7", "RSM", "Follow-up", due=LONG_AGO, closed_on=DAY),
)


def book(*given: Action) -> Inputs:
    return inputs(["BEDS"], [Unit("ICT")], [], further=Further(actions=given))


def test_each_action_on_the_day() -> None:
    """1 is late by its last date alone; 2 is due on the day; 4 was closed the day after; 6 has no day to be late by."""
    assert [(row.ref, row.is_open, row.days_overdue, row.moved) for row in actions(book(*GIVEN), DAY)] == [
        ("1", True, 1, 2),
        ("2", True, 0, 0),
        ("3", False, 0, 0),
        ("4", True, 912, 0),
        ("5", False, 0, 0),
        ("6", True, 0, 0),
        ("7", False, 0, 0),
    ]


def test_by_source_then_the_open_ones_oldest_first() -> None:
    sources, still_open = tables(book(*GIVEN), DAY)
    assert sources.rows == (  # actions, open, closed, overdue, closed without evidence, times moved
        ("Concerto", 4, 3, 1, 2, 0, 2),
        ("RSM", 3, 1, 2, 0, 2, 0),
        ("all", 7, 4, 3, 2, 2, 2),
    )
    assert [row[1] for row in still_open.rows] == ["4", "1", "2", "6"]
    assert [row[-1] for row in still_open.rows] == [912, 1, None, None]
    assert still_open.notes[1:] == ("1 of them without a day, so that they are never overdue.",)


def test_a_day_earlier_and_a_day_later() -> None:
    """The day before: 1 is due, 7 not yet closed. The day after: 2 is a day late, 4 is closed."""
    open_late = {
        day: [(row.ref, row.days_overdue) for row in actions(book(*GIVEN), day) if row.is_open]
        for day in (BEFORE, AFTER)
    }
    assert open_late == {
        BEFORE: [("1", 0), ("2", 0), ("4", 911), ("6", 0), ("7", 911)],
        AFTER: [("1", 2), ("2", 1), ("6", 0)],
    }


def test_the_finding() -> None:
    assert finding(book(*GIVEN), DAY) == (
        "4 of 7 actions open on 30 September 2019, 2 overdue, the longest by 912 days (action 4 of Concerto); "
        "2 of the 3 closed without evidence (action 5 of RSM; action 7 of RSM)."
    )
    assert "4 of the 4 closed without evidence (action 5 of RSM; action 5 of RSM; action 5 of RSM; 1 more)." in (
        finding(book(*[GIVEN[4]] * 4), DAY)
    )
    assert finding(book(GIVEN[2]), DAY) == (
        "0 of 1 action open on 30 September 2019, none overdue; none of the 1 closed without evidence."
    )
    assert finding(book(), DAY) == NO_ACTIONS
    assert tables(book(), DAY) == []
