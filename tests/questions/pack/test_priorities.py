"""Priorities by hand: which units serve which, those that no unit serves, and units that serve none."""

from __future__ import annotations

from pathlib import Path

from bch_apportion import read_workbook
from bch_apportion.further import Further, Priority
from bch_apportion.model import Inputs, Unit
from bch_apportion.questions.pack.priorities import NO_PRIORITIES, finding, tables
from tests.books import Table, two_forces, write_book
from tests.inputs import inputs


def book(*given: Priority) -> Inputs:
    """ICT and HR are of both forces, DOGS of BEDS alone, and CAMERAS of HERTS alone."""
    units = [Unit("ICT"), Unit("HR"), Unit("DOGS", members=("BEDS",)), Unit("CAMERAS", members=("HERTS",))]
    return inputs(["BEDS", "HERTS"], units, [], further=Further(priorities=given))


def test_the_matrix_of_each_force() -> None:
    """HERTS names DOGS, which it is no member of. Of its own units HR and CAMERAS serve none of its priorities."""
    shown = book(
        Priority("BEDS", "Rural crime", ("DOGS", "ICT")),
        Priority("BEDS", "Victims", ()),
        Priority("HERTS", "Roads", ("DOGS", "ICT")),
    )
    beds, herts = tables(shown)
    assert [column.name for column in beds.columns] == ["priority", "ICT", "HR", "DOGS"]
    assert beds.rows == (("Rural crime", "yes", "", "yes"), ("Victims", "", "", ""))
    assert beds.notes == ("No unit serves: Victims.", "These units serve none of them: HR.")
    assert beds.turned[0].rows == (("Rural crime", "DOGS, ICT"), ("Victims", "none"))
    assert [column.name for column in herts.columns] == ["priority", "ICT", "HR", "DOGS", "CAMERAS"]
    assert herts.notes == ("These units serve none of them: HR, CAMERAS.",)
    assert finding(shown) == (
        "1 of 3 priorities without a unit that serves it (BEDS “Victims”); 2 of 4 units serve none (HR, CAMERAS)."
    )


def test_each_served_and_serving_and_a_force_without_any() -> None:
    shown = book(Priority("BEDS", "All of it", ("ICT", "HR", "DOGS", "CAMERAS")))
    assert finding(shown) == "0 of 1 priority without a unit that serves it; 0 of 4 units serve none."
    (beds,) = tables(shown)
    assert beds.notes == ()


def test_absent() -> None:
    assert finding(book()) == NO_PRIORITIES
    assert tables(book()) == []


def test_all_and_none_as_they_are_written(tmp_path: Path) -> None:
    units: Table = [["unit"], ["ICT"], ["HR"]]
    sheet: Table = [
        ["force", "priority", "units"],
        ["BEDS", "a", "all"],
        ["BEDS", "b", "None"],
        ["BEDS", "c", "–"],
        ["BEDS", "d", "hr; ict"],
    ]
    path = write_book(tmp_path / "book.xlsx", two_forces(Units=units, Priorities=sheet))
    read = read_workbook(path, further=("Priorities",)).further.priorities
    assert [row.units for row in read] == [("ICT", "HR"), (), (), ("HR", "ICT")]
