"""Workbooks as people keep them: scales, totals, periods across, a publisher's marks, names with commas, remarks."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from bch_apportion.model import Inputs
from bch_apportion.years import FinancialYear as Y
from bch_apportion.years import Months

from .books import Rows, reading, sound


def amounts(inputs: Inputs) -> list[tuple[str, str, int]]:
    return [(row.unit, str(row.year), row.pence) for row in inputs.budgets]


def problem(path: Path, **sheets: Rows) -> tuple[str, str, str]:
    """The one problem of a workbook: its code, cell and message."""
    (only,) = reading(path / "b.xlsx", {name.replace("_", " "): rows for name, rows in sheets.items()}).problems
    return only.code, only.cell, only.message


# Scale


@pytest.mark.parametrize(
    ("heading", "pounds"),
    [
        ("amount (£000)", 1_000),
        ("Amount £k", 1_000),
        ("amount, £'000", 1_000),
        ("amount (£ thousands)", 1_000),
        ("amount £m", 1_000_000),
        ("amount (£ million)", 1_000_000),
        ("amount (£)", 1),
        ("amount", 1),
    ],
)
def test_a_heading_may_name_its_scale(tmp_path: Path, heading: str, pounds: int) -> None:
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": [["unit", "year", heading], ["ICT", "2018/19", 1.5]]})
    assert amounts(inputs) == [("ICT", "2018/19", 150 * pounds)]
    assert any(f"“{heading}” is read in" in note for note in inputs.notes) is (heading != "amount")


def test_each_column_of_a_wide_sheet_has_its_own(tmp_path: Path) -> None:
    rows: Rows = [["unit", "2018/19 £k", "2019/20 (£)"], ["ICT", 2, 2]]
    assert amounts(sound(tmp_path / "b.xlsx", {"Budgets": rows})) == [
        ("ICT", "2018/19", 200_000),
        ("ICT", "2019/20", 200),
    ]


def test_the_settings_speak_of_the_sheets_whose_headings_do_not(tmp_path: Path) -> None:
    inputs = sound(
        tmp_path / "b.xlsx",
        {
            "Settings": [["name", "value"], ["money in", "thousands"], ["Money in Baselines", "pounds"]],
            "Budgets": [["unit", "year", "amount"], ["ICT", "2018/19", 2]],
            "Actuals": [["unit", "year", "amount (£)"], ["ICT", "2018/19", 2]],
            "Baselines": [["unit", "force", "amount"], ["ICT", "BEDS", 2]],
        },
    )
    assert inputs.budgets[0].pence == 200_000
    assert inputs.actuals[0].pence == 200
    assert inputs.baselines["ICT"]["BEDS"].pence == 200


@pytest.mark.parametrize("text", ["£000", "All in £ thousands", "(£m)", "£'000s"])
@pytest.mark.parametrize("where", ["title", "remark", "below"])
def test_a_scale_beside_the_amounts_is_a_problem_where_nothing_states_it(tmp_path: Path, text: str, where: str) -> None:
    head: Rows = [["unit", "year", "amount"]]
    line: Rows = [["ICT", "2018/19", 2]]
    rows = {
        "title": [[text], *head, *line],
        "remark": [*head, *line, [text]],
        "below": [*head, [None, None, text], *line],
    }[where]
    code, cell, message = problem(tmp_path, Budgets=rows)
    assert (code, cell) == ("scale-not-stated", {"title": "A1", "remark": "A3", "below": "C2"}[where])
    assert message.startswith(f"“{text}” may say that the amounts are in")
    stated: Rows = [["name", "value"], ["money in Budgets", "pounds"]]
    assert amounts(sound(tmp_path / "s.xlsx", {"Budgets": rows, "Settings": stated})) == [("ICT", "2018/19", 200)]


def test_an_amount_in_a_title_is_no_scale(tmp_path: Path) -> None:
    rows: Rows = [["Savings of £1.2 million to find"], ["unit", "year", "amount"], ["ICT", "2018/19", 2]]
    assert amounts(sound(tmp_path / "b.xlsx", {"Budgets": rows})) == [("ICT", "2018/19", 200)]


# Totals


HEAD = ["unit", "year", "line", "amount"]


def lines(inputs: Inputs) -> list[tuple[str, int]]:
    return [(row.line, row.pence) for row in inputs.budgets]


@pytest.mark.parametrize(
    "word", ["Total", "TOTAL ICT", "Sub-total: pay", "Subtotal", "Grand total", "Net expenditure", "Gross cost"]
)
def test_a_line_that_calls_itself_a_total_and_is_one_is_not_read(tmp_path: Path, word: str) -> None:
    rows: Rows = [HEAD, ["ICT", "2018/19", "Pay", 6], ["ICT", "2018/19", "Kit", 4], ["ICT", "2018/19", word, 10]]
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": rows})
    assert lines(inputs) == [("Pay", 600), ("Kit", 400)]
    assert f"Budgets: totals of lines above them, not read: Budgets!D4 “{word}”" in inputs.notes
    assert inputs.called_totals == ()


def test_those_since_the_last_such_total_or_all(tmp_path: Path) -> None:
    rows: Rows = [HEAD, ["ICT", "2018/19", "Pay", 6], ["ICT", "2018/19", "Kit", 4], ["ICT", "2018/19", "Total a", 10]]
    rows = [*rows, ["ICT", "2018/19", "Rent", 1], ["ICT", "2018/19", "Rates", 2], ["ICT", "2018/19", "Total b", 3]]
    rows = [*rows, ["HR", "2018/19", "Pay", 5], ["ICT", "2018/19", "Total", 13], ["Total", None, None, 18]]
    inputs = sound(tmp_path / "b.xlsx", {"Units": [["unit"], ["ICT"], ["HR"]], "Budgets": rows})
    assert sum(row.pence for row in inputs.budgets) == 18_00


@pytest.mark.parametrize(
    ("word", "amount", "others"),
    [
        ("Total", 11, [6, 4]),  # not the sum
        ("Total", 6, [6]),  # one row to total
        ("Total", 10.01, [6, 4]),
    ],
)
def test_else_it_is_read_and_remembered(tmp_path: Path, word: str, amount: float, others: list[int]) -> None:
    paid: list[list[str | float]] = [["ICT", "2018/19", "Pay", other] for other in others]
    rows: Rows = [HEAD, *paid, ["ICT", "2018/19", word, amount]]
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": rows})
    assert len(inputs.budgets) == len(others) + 1
    assert [(str(total.cell), total.text) for total in inputs.called_totals] == [(f"Budgets!D{len(others) + 2}", word)]


@pytest.mark.parametrize("line", ["Totaliser upkeep", "Network cost", "Nettotal", "Cost, total"])
def test_a_line_that_only_sounds_like_a_total(tmp_path: Path, line: str) -> None:
    rows: Rows = [HEAD, ["ICT", "2018/19", "Pay", 6], ["ICT", "2018/19", "Kit", 4], ["ICT", "2018/19", line, 10]]
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": rows})
    assert len(inputs.budgets) == 3
    assert inputs.called_totals == ()


def test_a_total_with_a_year_totals_the_rows_of_that_year(tmp_path: Path) -> None:
    head = ["unit", "year", "amount"]
    rows: Rows = [head, ["ICT", "2018/19", 5], ["ICT", "2019/20", 7], ["Total", "2018/19", 5], ["Total", "2019/20", 7]]
    assert len(sound(tmp_path / "b.xlsx", {"Budgets": [*rows, ["Grand total", None, 12]]}).budgets) == 2
    code, cell, message = problem(tmp_path, Budgets=[*rows[:3], ["Sub-total", "2019/20", 12]])
    assert (code, cell) == ("total-differs", "C4")
    assert message == "the sub-total of 2019/20 says 12, its rows come to 7: a difference of 5"


def test_a_column_headed_total_is_held_against_its_row(tmp_path: Path) -> None:
    nre: Rows = [["year", "BEDS", "HERTS", "Total"], ["2018/19", 100, 200, 300], ["2019/20", 100, 200, 301]]
    forces: Rows = [["force"], ["BEDS"], ["HERTS"]]
    code, cell, message = problem(tmp_path, Forces=forces, NRE=nre)
    assert (code, cell) == ("total-differs", "D3")
    assert message == "the total says 301, the values of its row come to 300: a difference of 1"
    demand: Rows = [["driver", "period", "BEDS", "HERTS", "Total"], ["calls", "Apr-18", 1, 2, 4]]
    drivers: Rows = [["unit", "driver"], ["ICT", "calls"]]
    code, cell, _ = problem(tmp_path, Forces=forces, NRE=nre[:2], Drivers=drivers, Demand=demand)
    assert (code, cell) == ("total-differs", "E2")


def test_a_unit_called_total_is_never_dropped_without_a_word(tmp_path: Path) -> None:
    units: Rows = [["unit", "name"], ["ICT", None], ["T", "Total"]]
    rows: Rows = [["unit", "year", "amount"], ["ICT", "2018/19", 5], ["Total", "2018/19", 7]]
    assert amounts(sound(tmp_path / "b.xlsx", {"Units": units, "Budgets": rows})) == [
        ("ICT", "2018/19", 500),
        ("T", "2018/19", 700),
    ]
    inputs = sound(tmp_path / "c.xlsx", {"Units": [["unit"], ["ICT"], ["Total"]]})
    assert "Units: remarks, not read: A3 “Total”" in inputs.notes


# Periods across


def test_a_column_for_each_period(tmp_path: Path) -> None:
    rows: Rows = [["driver", "force", "Apr-18", "2018/19 Q2"], ["calls", "BEDS", 5, 9]]
    inputs = sound(tmp_path / "b.xlsx", {"Drivers": [["unit", "driver"], ["ICT", "calls"]], "Demand": rows})
    demand, april = inputs.demand["calls"], Y(2018).first_month()
    assert demand.monthly[april]["BEDS"].value == 5
    assert demand.longer[Months(april + 3, 3)]["BEDS"].value == 9
    assert str(demand.monthly[april]["BEDS"].place("Demand")) == "Demand!C2"


# Names, marks, remarks


def test_marks_of_publication_are_dropped_and_noted(tmp_path: Path) -> None:
    rows: Rows = [["unit", "year", "amount"], ["ICT*", "2018/19 (p)", 5], ["ict [note 2]", "2019/20 [r]", 6]]
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": rows})
    assert amounts(inputs) == [("ICT", "2018/19", 500), ("ICT", "2019/20", 600)]
    listed = "A2 “ICT*”, B2 “2018/19 (p)”, A3 “ict [note 2]”, B3 “2019/20 [r]”"
    assert f"Budgets: marks of publication dropped: {listed}" in inputs.notes


def test_a_name_that_is_known_keeps_its_mark(tmp_path: Path) -> None:
    rows: Rows = [["unit", "year", "amount"], ["Fleet (r)", "2018/19", 5]]
    (row,) = sound(tmp_path / "b.xlsx", {"Units": [["unit", "name"], ["F", "Fleet (r)"]], "Budgets": rows}).budgets
    assert row.unit == "F"


def test_names_are_alike_in_hyphens_apostrophes_blanks_and_widthless_characters(tmp_path: Path) -> None:
    units: Rows = [["unit"], ["Saint-Mary's Élan"]]
    rows: Rows = [["unit", "year", "amount"], ["Saint\u2011Mary\u2019s\u00a0E\u0301lan\u200b", "2018/19", 5]]
    (row,) = sound(tmp_path / "b.xlsx", {"Units": units, "Budgets": rows}).budgets
    assert row.unit == "Saint-Mary's Élan"


def test_names_with_commas(tmp_path: Path) -> None:
    forces: Rows = [["force", "name", "aliases"], ["A", "Devon, Cornwall", "D, C; DC"], ["B", "Dorset", "Do"]]
    units: Rows = [["unit", "forces"], ["ICT", "Devon, Cornwall, Dorset"], ["HR", "D, C; B"], ["Fleet", "DC"]]
    nre: Rows = [["year", "A", "B"], ["2018/19", 1, 2]]
    inputs = sound(tmp_path / "b.xlsx", {"Forces": forces, "Units": units, "NRE": nre})
    assert [unit.members for unit in inputs.units] == [("A", "B"), ("A", "B"), ("A",)]


@pytest.mark.parametrize(
    "text", ["Source: accounts", "Notes to the table", "* provisional", "[note 1] revised", "x" * 61]
)
def test_a_remark_under_forces_and_units(tmp_path: Path, text: str) -> None:
    inputs = sound(tmp_path / "b.xlsx", {"Units": [["unit", "name"], ["ICT", "IT"], [text, None]]})
    assert [unit.code for unit in inputs.units] == ["ICT"]
    assert any(note.startswith("Units: remarks, not read: A3") for note in inputs.notes)


def test_a_heading_with_the_words_of_a_column_that_is_missing(tmp_path: Path) -> None:
    rows: Rows = [["unit", "year", "amount", "Direct to force"], ["ICT", "2018/19", 5, "BEDS"]]
    code, cell, message = problem(tmp_path, Budgets=rows)
    assert (code, cell) == ("column-misspelt", "D1")
    assert message == "no column is called “Direct to force”; did you mean “direct to”?"


def test_hidden_columns_that_are_read_are_noted(tmp_path: Path) -> None:
    def hide(workbook: Workbook) -> None:
        workbook["Budgets"].column_dimensions["C"].hidden = True
        workbook["Budgets"].column_dimensions["E"].hidden = True

    rows: Rows = [["unit", "year", "amount", "line", "own"], ["ICT", "2018/19", 5, "a", "b"]]
    inputs = sound(tmp_path / "b.xlsx", {"Budgets": rows}, hide)
    assert "Budgets: hidden columns were read: C" in inputs.notes
