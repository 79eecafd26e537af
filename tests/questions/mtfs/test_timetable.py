"""The timetable by hand: own steps beside the statutory ones, days left or late on the day, and what is done."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bch_apportion.further import Step
from bch_apportion.questions.mtfs.page import timetable as table
from bch_apportion.questions.mtfs.timetable import own_steps, sentence, timetable
from bch_apportion.writing.report import Report
from tests.books import Table, two_forces, write_book
from tests.program import run

DAY = date(2020, 1, 25)
GIVEN = (
    Step("Summit agrees the budget", date(2020, 1, 31), "Chief Finance Officers"),
    Step("first draft", date(2020, 1, 24), done=date(2020, 1, 25)),
    Step("savings agreed", date(2019, 12, 1), "Summit", done=False),
    Step("assumptions agreed", date(2019, 11, 1), done=True),
)


def shown_on(day: date, *given: Step) -> Report:
    return table(timetable(day), day.isoformat(), own_steps(given, day))


def test_every_step_by_its_day() -> None:
    """55 days from 1 December to 25 January: 30, and 25."""
    shown = shown_on(DAY, *GIVEN)
    assert [(row[0], row[1], row[3]) for row in shown.rows][:5] == [
        ("assumptions agreed", "", "done"),
        ("savings agreed", "Summit", "55 late"),
        ("first draft", "", "done 2020-01-25, 1 late"),
        ("Summit agrees the budget", "Chief Finance Officers", 6),
        ("the PCC notifies the panel of the proposed precept", "statutory", 7),
    ]
    assert len(shown.rows) == 9


@pytest.mark.parametrize(
    ("day", "left"),
    [(date(2020, 1, 24), 0), (DAY, "done 2020-01-25, 1 late"), (date(2020, 1, 26), "done 2020-01-25, 1 late")],
)
def test_what_is_done_later_is_not_done_on_the_day(day: date, left: object) -> None:
    shown = shown_on(day, GIVEN[1])
    assert shown.rows[0][3] == left


def test_the_finding() -> None:
    assert sentence(GIVEN, DAY) == (
        "1 of the alliance's 4 own steps late, the longest by 55 days (savings agreed), 2 done, 1 of them late; "
        "next: Summit agrees the budget, by 31 January 2020, in 6 days."
    )
    assert sentence(GIVEN, date(2020, 2, 1)) == (
        "2 of the alliance's 4 own steps late, the longest by 62 days (savings agreed), 2 done, 1 of them late; "
        "next: the PCC notifies the panel of the proposed precept, by 1 February 2020, today."
    )
    assert sentence((), DAY) == (
        "No timetable of the alliance's own is given (sheet Timetable); "
        "next: the PCC notifies the panel of the proposed precept, by 1 February 2020, in 7 days."
    )
    assert [column.name for column in shown_on(DAY).columns] == ["step", "by", "days left"]


def test_mtfs_shows_the_own_steps_where_it_shows_the_statutory_ones(tmp_path: Path) -> None:
    sheet: Table = [["step", "by", "who", "done"], ["consult", "2020-01-24", "Head of Finance", None]]
    settings: Table = [["name", "value"], ["carry nre forward", "yes"]]
    path = write_book(tmp_path / "book.xlsx", two_forces(Timetable=sheet, Settings=settings))
    lines = run("mtfs", path, "--years", "1", "--as-at", "2020-01-25").out.splitlines()
    assert ["consult", "Head", "of", "Finance", "2020-01-24", "1", "late"] in [line.split() for line in lines]
    assert "consult" not in run("mtfs", path, "--years", "1").out
