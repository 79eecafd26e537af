"""The MTFS link by hand: the alliance's figure of each force and year, what its MTFS holds, the gap and its age."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bch_apportion.further import Further, InTheMtfs
from bch_apportion.model import Assumption, BudgetRow, Inputs, Unit
from bch_apportion.places import Place
from bch_apportion.questions.mtfs.link import linked
from bch_apportion.questions.mtfs.link_page import sentence, tables
from bch_apportion.questions.mtfs.rows import Gap, Link
from tests.books import Table, two_forces, write_book
from tests.inputs import Y, inputs, nre
from tests.program import run

POOLED = date(2015, 4, 1)
DAY = date(2019, 3, 1)
OLD = date(2018, 2, 1)  # 393 days before: 365 to 1 February 2019, and 28


def held(year: int, force: str, pounds: int, unit: str = "", version: str = "", day: date | None = None) -> InTheMtfs:
    return InTheMtfs(Y(year), force, pounds * 100, unit, version, day)


def book(*given: InTheMtfs) -> Inputs:
    """ICT 300 and HR 60 of 2018/19 on NRE 1 : 2, ICT 10 % more from 2019/20 on: BEDS pays 120, then 130 (110 and 20),
    HERTS 240, then 260."""
    units = [Unit("ICT", pooled_from=POOLED), Unit("HR", pooled_from=POOLED)]
    budgets = [BudgetRow("ICT", Y(2018), 300_00), BudgetRow("HR", Y(2018), 60_00)]
    uplift = Assumption("uplift %", Y(2019), 10, unit="ICT", cell=Place("Assumptions", "A2"))
    return inputs(
        ["BEDS", "HERTS"],
        units,
        budgets,
        nre=nre(["BEDS", "HERTS"], y2018=(100_00, 200_00), y2017=(100_00, 200_00)),
        assumptions=(uplift,),
        further=Further(in_the_mtfs=given),
    )


def compared(*given: InTheMtfs) -> Link:
    shown = linked(book(*given), DAY)
    assert shown is not None
    return shown


def gaps(*given: InTheMtfs) -> list[Gap]:
    return list(compared(*given).gaps)


def figures(*given: InTheMtfs) -> list[tuple[str, str, str, int | None, int, int | None, int | None]]:
    """Force, year, unit, in pounds what the alliance costs, what is held and the gap, and the age in days."""
    return [
        (
            gap.force,
            str(gap.year),
            gap.unit,
            gap.alliance and gap.alliance // 100,
            gap.held // 100,
            None if gap.gap is None else gap.gap // 100,
            gap.age,
        )
        for gap in gaps(*given)
    ]


def test_in_all_and_by_unit() -> None:
    """BEDS gives two units one by one: 100 of 110 and 20 of 20. HERTS gives ICT alone, 225 of 220, and has no HR."""
    given = (
        held(2019, "HERTS", 225, "ICT", day=DAY),
        held(2018, "BEDS", 115, day=OLD),
        held(2019, "BEDS", 100, "ICT", day=OLD),
        held(2019, "BEDS", 20, "HR", day=OLD),
    )
    assert figures(*given) == [
        ("BEDS", "2018/19", "", 120, 115, 5, 393),
        ("BEDS", "2019/20", "", 130, 120, 10, 393),
        ("BEDS", "2019/20", "ICT", 110, 100, 10, 393),
        ("BEDS", "2019/20", "HR", 20, 20, 0, 393),
        ("HERTS", "2019/20", "", 220, 225, -5, 0),
        ("HERTS", "2019/20", "ICT", 220, 225, -5, 0),
    ]
    shown = tables(compared(*given))
    assert shown[0].notes[1:] == (
        "HERTS 2019/20: ICT alone; no figure for HR.",
        "HERTS: no figure is given for 2018/19.",
    )
    assert [len(report.rows) for report in shown] == [3, 3]
    assert sentence(compared(*given)) == (
        "Of the alliance's projected cost in 2018/19 to 2019/20 the forces' own MTFSs hold £15 too little for BEDS, "
        "£5 too much for HERTS; no figure is given for HERTS 2018/19; the oldest figure is 393 days old."
    )


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        # of a version after the day nothing is known; a version without a date is older than any
        (
            [
                held(2019, "BEDS", 1, day=date(2019, 3, 2)),
                held(2019, "BEDS", 2, version="x"),
                held(2019, "BEDS", 3, day=OLD),
            ],
            3,
        ),
        ([held(2019, "BEDS", 1, day=DAY), held(2019, "BEDS", 2, day=OLD)], 1),
        # on the same day, and without days: the lowest on the sheet
        ([held(2019, "BEDS", 1, version="a", day=OLD), held(2019, "BEDS", 2, version="b", day=OLD)], 2),
        ([held(2019, "BEDS", 1, version="a"), held(2019, "BEDS", 2, version="b")], 2),
        # the units of an older version are not added to the whole of the latest, nor those of the same version
        ([held(2019, "BEDS", 1, "ICT", day=OLD), held(2019, "BEDS", 2, day=DAY)], 2),
        ([held(2019, "BEDS", 1, "ICT", "a", OLD), held(2019, "BEDS", 4, "", "A", OLD)], 4),
    ],
)
def test_the_latest_version_counts(given: list[InTheMtfs], counted: int) -> None:
    assert gaps(*given)[0].held == counted * 100


def test_years_outside_the_projection_are_said() -> None:
    """mtfs projects 2019/20 to 2022/23 from 2018/19."""
    given = (held(2017, "BEDS", 1), held(2018, "BEDS", 120), held(2022, "BEDS", 1), held(2023, "BEDS", 1))
    assert [gap.gap is None for gap in gaps(*given)] == [True, False, False, True]
    (shown,) = tables(compared(*given))
    assert "Outside the projection, so that nothing is compared: 2017/18, 2023/24." in shown.notes
    assert "; not projected: 2017/18, 2023/24." in sentence(compared(*given))
    assert sentence(compared(held(2017, "BEDS", 1))) == (
        "None of what the forces' own MTFSs hold is of a projected year: nothing can be compared."
    )


def test_of_many_forces_the_three_largest() -> None:
    """The gaps in all: A £1, B −£6, C £2, D 0, E £4. Of 2019/20 A alone is given."""
    (first,) = gaps(held(2018, "BEDS", 115))
    amounts = {"A": 1_00, "B": -6_00, "C": 2_00, "D": 0, "E": 4_00}
    rows = [replace(first, force=force, gap=gap) for force, gap in amounts.items()]
    link = Link(gaps=[*rows, replace(first, force="A", year=Y(2019), gap=0)], forces=[*amounts], day=None, later=())
    assert sentence(link) == (
        "Of the alliance's projected cost in 2018/19 to 2019/20 the forces' own MTFSs hold £6 too much for B, "
        "£2 too little for C, £4 too little for E; 2 more forces less far off; "
        "no figure is given for 4 forces in some of these years."
    )


def test_as_projected_and_absent() -> None:
    assert sentence(compared(held(2018, "HERTS", 240))) == (
        "Of the alliance's projected cost in 2018/19 the forces' own MTFSs hold exactly enough for HERTS; "
        "no figure is given for BEDS 2018/19."
    )
    later = compared(held(2018, "HERTS", 240, day=date(2019, 3, 2)))
    assert sentence(later) == ("None of what the forces' own MTFSs hold is dated by the day: nothing can be compared.")
    assert [report.rows for report in tables(later)] == [()]
    assert linked(book(), DAY) is None


def test_mtfs_shows_it_where_the_sheet_is_there(tmp_path: Path) -> None:
    """BEDS bears 333.34 of 1,000.01 on NRE 1 : 2; its MTFS holds 300.34, on the day 31 days ago."""
    sheet: Table = [["year", "force", "amount", "date"], ["2018/19", "BEDS", 300.34, "2019-01-29"]]
    nre_carried: Table = [["name", "value"], ["carry nre forward", "yes"]]
    path = write_book(tmp_path / "book.xlsx", two_forces(In_the_MTFS=sheet, Settings=nre_carried))
    first = run("mtfs", path, "--years", "1", "--as-at", "2019-03-01").out
    assert (
        "hold £33 too little for BEDS; no figure is given for HERTS 2018/19; the oldest figure is 31 days old." in first
    )
    behind = run("mtfs", path, "--years", "1", "--show", "gap")
    assert behind.out.splitlines()[3].split()[:5] == ["BEDS", "2018/19", "333.34", "300.34", "33.00"]
    assert "Gap" not in run("mtfs", path, "--years", "1", "--show", "gap", "--year", "2019/20").out.replace(
        "Gap: none", ""
    )
    without = write_book(tmp_path / "without.xlsx", two_forces(Settings=nre_carried))
    assert "MTFS" not in run("mtfs", without, "--years", "1").out
