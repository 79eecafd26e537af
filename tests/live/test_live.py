"""The live workbook: its cells are the ledger, and what a spreadsheet cannot hold stands as a value and says so."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bch_apportion import apportion, live
from bch_apportion.live.cells import Key
from bch_apportion.live.tables import Sheet, Table
from bch_apportion.model import BudgetRow, DriverWeight, Unit
from bch_apportion.writing.report import Cell
from tests.inputs import Y, inputs, monthly, nre
from tests.live.ledgers import FIGURES, VARIED, book_of, ledger, live_sheets, small, splits_of, written


@pytest.mark.parametrize("name", VARIED)
def test_the_cells_are_the_ledger(name: str, tmp_path: Path) -> None:
    results = ledger(name).results
    path = written(tmp_path, name, ledger(name))
    assert splits_of(path) == {
        (result.unit.code, str(result.year)): list(result.totals().values()) for result in results
    }
    sheets = live_sheets(ledger(name))
    for result in results:
        parts = sheets.amounts[Key(result.unit.code, result.year)]
        posted: dict[tuple[str, str], int] = {(line.component, line.force): line.pence for line in result.lines}
        cells = {(c, force): cell.value for c, by_force in parts.items() for force, cell in by_force.items()}
        assert {key: pence for key, pence in cells.items() if pence} == {k: p for k, p in posted.items() if p}
        shares = [cell.value for cell in sheets.shares[Key(result.unit.code, result.year)]]
        assert shares == list(result.decision.shares)


@pytest.mark.long
def test_every_whole_number_has_room(tmp_path: Path) -> None:
    path = written(tmp_path, "alliance", ledger("alliance"))
    seen = 0
    for sheet in load_workbook(path, data_only=True).worksheets:
        widths = {  # columns alike stand together in the file
            number: columns.width
            for columns in sheet.column_dimensions.values()
            for number in range(columns.min or 1, (columns.max or 1) + 1)
        }
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                if isinstance(cell.value, int) and cell.number_format.startswith("#,##0;"):
                    assert widths[cell.column] > len(f"{cell.value:,}"), (sheet.title, cell.coordinate)
                    seen += len(f"{cell.value:,}") > 15
    assert seen > 10


def test_the_flagship_is_live() -> None:
    """Half NRE, half demand on two drivers: no step of the alliance stands as a value."""
    sheets = live_sheets(ledger("alliance"))
    assert "plain value" not in str(dict(sheets.status)["Live figures"])
    by_name = {step.name: step for step in sheets.steps}
    assert any(row[0] == "ICT" for row in by_name["Sums of sources"].rows)
    rows = [row for step in sheets.steps for row in step.rows if isinstance(row[-1], Cell)]
    assert {str(row[-1]) for row in rows if str(row[-1]).startswith("OK")} == {"OK"}


def test_pennies_that_do_not_fit_stand_as_values_and_say_so(tmp_path: Path) -> None:
    # volumes of nine decimals: weights of more than 5e10, and of one source, whose total is as large
    calls = monthly(("2014-01", "2021-12", {"BEDS": Fraction(31123456789, 10**9), "CAMBS": 37, "HERTS": 40}))
    given = small(demand={**FIGURES["demand"], "calls": calls}, drivers={"HR": ["calls"]}, principles=())
    sheets = live_sheets(apportion(given).only(["HR"], [Y(2019)]))
    by_name = {step.name: step for step in sheets.steps}
    (total,) = (row for row in by_name["Totals to share"].rows if row[2] == "pooled")
    assert str(total[-1]) == "OK: plain value"
    assert "CHANGED: run bch-apportion again" in total[-1].formula
    assert {row[-1] for row in by_name["Quotas"].rows} == {"odd penny as a plain value: the weights are too large"}
    assert "1 step is a plain value" in str(dict(sheets.status)["Live figures"])


def test_values_alone_where_they_are_asked_for_or_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(
        isinstance(v, Cell) for r in book_of(ledger("small"), values=True).reports for row in r.rows for v in row
    )
    monkeypatch.setattr(live, "MOST_ROWS", 20)
    result = book_of(ledger("small"))
    assert not any(isinstance(v, Cell) for r in result.reports for row in r.rows for v in row)
    said = str(dict(result.cover.rows)["Live figures"])
    assert said.startswith("none; every cell is a plain value: ")
    assert "more than 20" in said


def test_amounts_beyond_fifteen_digits_are_values() -> None:
    large = inputs(("A", "B"), [Unit("X")], [BudgetRow("X", Y(2018), 10**14)], nre={**nre(("A", "B"), y2018=(1, 2))})
    assert "too large for a spreadsheet to hold exactly" in live.too_large(apportion(large))


def test_no_row_is_added_to_a_table_that_is_a_report() -> None:
    table = Table(Sheet("Sums", "Sums", ("what",)))
    table.add({"what": "a"})
    table.report()
    with pytest.raises(ValueError, match="Sums: a row after its report"):
        table.add({"what": "b"})


def test_a_cell_of_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="Sums: no column amount"):
        Table(Sheet("Sums", "Sums", ("what",))).add({"amount": 1})


def test_drivers_of_odd_weights_are_whole_numbers() -> None:
    given = small()
    weights = (DriverWeight("calls", Fraction(3, 8)), DriverWeight("crimes", Fraction(1, 8)))
    given = replace(given, drivers={"HR": weights})
    sheets = live_sheets(apportion(given))
    parts = next(step for step in sheets.steps if step.name == "Sources of shares")
    own = [row for row in parts.rows if row[0] == "HR" and row[1] == Y(2019)]
    drivers = next(step for step in sheets.steps if step.name == "Drivers used")
    assert [row[3] for row in drivers.rows] == [Fraction(3, 8), Fraction(1, 8)]
    # 12.5 % on the base, 87.5 % on drivers of 3 : 1 → 4 : 21 : 7 of 32
    assert list(dict.fromkeys(row[4].value for row in own)) == [4, 21, 7]
