"""Whose doing a difference is: by hand, on results of a few cells."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import pytest

from bch_apportion.verify.comparison import Cell, Compared, Published, Row, compare
from bch_apportion.verify.forms import unpacked
from bch_apportion.verify.rows import EditedCell
from bch_apportion.writing.manifest import Asked, Damaged, File, Manifest, digests

OLD, NEW = "a" * 64, "b" * 64


def row(number: int, *texts: str, formulas: dict[int, str] | None = None) -> Row:
    """A row of the sheet Splits, from column A on."""
    cells: dict[Hashable, Cell] = {
        place: Cell(f"Splits!{'ABCDEF'[place - 1]}{number}", f"head {place}", text, (formulas or {}).get(place, ""))
        for place, text in enumerate(texts, 1)
    }
    return Row(f"Splits!{number}", "|".join(texts), cells)


def result(*rows: Row, sha256: str = OLD, version: str = "0.1.0", as_written: list[Row] | None = None) -> Published:
    """A result of one sheet, sealed as it was written."""
    seal = {"Splits": digests(content.line for content in (rows if as_written is None else as_written))}
    manifest = Manifest("compute", version, (File("workbook", "book.xlsx", sha256),), seal=seal)
    return Published("result.xlsx", manifest, {"Splits": list(rows)})


WRITTEN = [row(1, "unit", "BEDS", "HERTS"), row(2, "ICT", "333.34", "666.67"), row(3, "HR", "10", "20")]


def compared(published: Published, derived: Published, same_input: bool = True) -> Compared:
    return compare(published, derived, same_input)


def test_nothing_differs() -> None:
    assert compared(result(*WRITTEN), result(*WRITTEN)) == Compared()


def test_a_cell_edited_by_hand() -> None:
    touched = [WRITTEN[0], row(2, "ICT", "333.33", "666.67"), WRITTEN[2]]
    came = compared(result(*touched, as_written=WRITTEN), result(*WRITTEN))
    assert came.edited == [
        EditedCell(place="Splits!B2", of="ICT", heading="head 2", published="333.33", derived="333.34", kind="changed")
    ]
    assert came.moved == []


def test_a_cell_that_the_input_moved() -> None:
    now = [WRITTEN[0], row(2, "ICT", "400", "600.01"), WRITTEN[2]]
    came = compared(result(*WRITTEN), result(*now, sha256=NEW), same_input=False)
    assert [(cell.place, cell.published, cell.derived) for cell in came.moved] == [
        ("Splits!B2", "333.34", "400"),
        ("Splits!C2", "666.67", "600.01"),
    ]
    assert came.edited == []


def test_an_edit_and_a_changed_input_are_told_apart() -> None:
    """HR was edited (11 for 10); ICT moved with the input."""
    touched = [*WRITTEN[:2], row(3, "HR", "11", "20")]
    now = [WRITTEN[0], row(2, "ICT", "400", "600.01"), WRITTEN[2]]
    came = compared(result(*touched, as_written=WRITTEN), result(*now, sha256=NEW), same_input=False)
    assert [(edit.place, edit.published, edit.derived) for edit in came.edited] == [("Splits!B3", "11", "10")]
    assert [move.place for move in came.moved] == ["Splits!B2", "Splits!C2"]


def test_what_is_sealed_and_differs_with_the_same_input_is_the_programs_doing() -> None:
    now = [WRITTEN[0], row(2, "ICT", "333.33", "666.68"), WRITTEN[2]]
    came = compared(result(*WRITTEN), result(*now))
    assert (came.edited, len(came.moved)) == ([], 2)


def test_a_row_taken_out_by_hand_and_one_put_in() -> None:
    came = compared(result(*WRITTEN[:2], as_written=WRITTEN), result(*WRITTEN))
    assert came.edited == [
        EditedCell(place="Splits!3", of="HR", heading="", published=None, derived="HR | 10 | 20", kind="taken out")
    ]
    more = [*WRITTEN, row(4, "IT", "1", "2")]
    came = compared(result(*more, as_written=WRITTEN), result(*WRITTEN))
    assert came.edited == [
        EditedCell(place="Splits!4", of="IT", heading="", published="IT | 1 | 2", derived=None, kind="added")
    ]


def test_a_row_that_the_input_brought_pushes_the_others_down() -> None:
    """A unit that is new stands between two; the rows below it are matched by their words."""
    now = [WRITTEN[0], WRITTEN[1], row(3, "Fleet", "5", "5"), row(4, "HR", "10", "20")]
    came = compared(result(*WRITTEN), result(*now, sha256=NEW), same_input=False)
    assert came.moved == [
        EditedCell(place="Splits!3", of="Fleet", heading="", published=None, derived="Fleet | 5 | 5", kind="taken out")
    ]
    assert came.edited == []


def test_rows_sorted_by_hand_are_nobody_elses_doing() -> None:
    came = compared(result(WRITTEN[0], WRITTEN[2], WRITTEN[1], as_written=WRITTEN), result(*WRITTEN))
    assert came.moved == []
    assert {edit.kind for edit in came.edited} == {"added", "taken out"}


def test_a_row_taken_out_while_the_input_brought_another() -> None:
    """Which of the lines that are not there was taken out cannot be told; that one was, can."""
    now = [*WRITTEN, row(4, "Fleet", "5", "5")]
    came = compared(result(*WRITTEN[:2], as_written=WRITTEN), result(*now, sha256=NEW), same_input=False)
    assert came.edited == [
        EditedCell(place="Splits", of="", heading="", published=None, derived="lines: 1", kind="taken out")
    ]
    assert [move.of for move in came.moved] == ["HR", "Fleet"]


def test_a_line_with_nothing_in_it_is_no_difference() -> None:
    assert compared(result(*WRITTEN, row(4), as_written=WRITTEN), result(*WRITTEN)) == Compared()


def test_a_formula_or_figure_typed_over_ours_is_an_edit_also_where_the_input_changed() -> None:
    """Saved by a program that does not calculate, so that no seal tells."""
    ours = result(*with_formula("400", "=A1"), sha256=NEW)
    for typed, said in ((with_formula("", "=1+1"), "=1+1"), (with_formula("5", ""), "5")):
        came = compared(result(*typed, as_written=with_formula("333.34", "=A1")), ours, same_input=False)
        assert [(edit.place, edit.published) for edit in came.edited] == [("Splits!B2", said)]


def test_a_formula_that_another_cell_tells_is_no_edit() -> None:
    assert compared(result(*with_formula("333.34", "=…")), result(*with_formula("333.34", "=A1"))) == Compared()


def test_a_sheet_put_in_or_taken_out() -> None:
    published = result(*WRITTEN)
    published.rows["Mine"] = [row(1, "x")]
    assert compared(published, result(*WRITTEN)).edited == [
        EditedCell(place="Mine", of="", heading="", published="a sheet", derived=None, kind="added")
    ]
    del published.rows["Mine"], published.rows["Splits"]
    assert compared(published, result(*WRITTEN)).edited == [
        EditedCell(place="Splits", of="", heading="", published=None, derived="a sheet", kind="taken out")
    ]


def test_the_hash_and_the_version_are_no_figures() -> None:
    """A cover that names the input's hash, in one piece or two, and the program."""

    def cover(sha256: str, version: str) -> list[Row]:
        halves = f"{sha256[:32]} {sha256[32:]}"
        return [row(1, "SHA-256", sha256), row(2, "sealed", halves), row(3, "by", f"bch-apportion {version}")]

    published = result(*cover(OLD, "0.1.0"))
    derived = result(*cover(NEW, "0.2.0"), sha256=NEW, version="0.2.0")
    assert compared(published, derived, same_input=False) == Compared()


def with_formula(text: str, formula: str) -> list[Row]:
    return [WRITTEN[0], row(2, "ICT", text, "666.67", formulas={2: formula}), WRITTEN[2]]


def test_a_formula_changed_where_its_value_is_the_same() -> None:
    published = result(*with_formula("333.34", "=333.34"), as_written=with_formula("333.34", "=A1"))
    came = compared(published, result(*with_formula("333.34", "=A1")))
    assert came.edited == [
        EditedCell(place="Splits!B2", of="ICT", heading="head 2", published="=333.34", derived="=A1", kind="changed")
    ]


def test_formulas_as_another_program_writes_them_are_the_same() -> None:
    ours, other = (
        with_formula("333.34", "=SUM('Amounts'!$D$3:D4)/100"),
        with_formula("333.34", "=sum(Amounts!D3:D4) / 100"),
    )
    assert compared(result(*ours), result(*other)) == Compared()


def test_a_value_under_the_same_formula_was_recalculated_or_typed_over() -> None:
    touched = with_formula("300", "=A1")
    came = compared(result(*touched, as_written=with_formula("333.34", "=A1")), result(*with_formula("333.34", "=A1")))
    assert [(edit.place, edit.kind) for edit in came.edited] == [("Splits!B2", "recalculated")]


def test_a_formula_saved_without_its_value_is_no_edit_and_is_counted() -> None:
    touched = with_formula("", "=A1")
    came = compared(result(*touched, as_written=with_formula("333.34", "=A1")), result(*with_formula("333.34", "=A1")))
    assert (came.edited, came.moved, came.uncalculated) == ([], [], 1)
    assert "1 formula not compared: unchanged" in next(came.notes())


def test_beside_a_formula_without_its_value_an_edit_is_still_seen() -> None:
    touched = [WRITTEN[0], row(2, "ICT", "", "1", formulas={2: "=A1"}), WRITTEN[2]]
    came = compared(result(*touched, as_written=with_formula("333.34", "=A1")), result(*with_formula("333.34", "=A1")))
    assert [(edit.place, edit.published) for edit in came.edited] == [("Splits!C2", "1")]


def test_a_line_to_sign_on_may_be_filled_in() -> None:
    lines = [row(1, "BEDS", "prepared", "____", "____")]
    signed = [row(1, "BEDS", "prepared", "A. Name", "____")]
    came = compared(result(*signed, as_written=lines), result(*lines))
    assert (came.edited, came.moved) == ([], [])
    assert [(cell.place, cell.published) for cell in came.filled_in] == [("Splits!C1", "A. Name")]


@pytest.mark.parametrize(
    "packed", ["", "!", "AAAA", Manifest("compute", "1", ()).packed()[:-8], Manifest("compute", "1", ()).packed()[8:]]
)
def test_a_manifest_that_cannot_be_read(packed: str) -> None:
    with pytest.raises(Damaged):
        unpacked(packed)


def test_a_manifest_comes_back_as_it_was() -> None:
    carried: dict[str, Any] = {"0": {"rows": {}, "demand": {}, "signed": False}}
    asked: dict[str, Asked] = {"year": ["2018/19"], "values": True}
    manifest = replace(result(*WRITTEN).manifest, asked=asked, units=("ICT",), cells=carried)
    assert unpacked(manifest.packed()) == manifest
