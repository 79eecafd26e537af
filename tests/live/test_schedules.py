"""What goes with the figures: the log of assumptions, a page for each unit, the sign-off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from openpyxl import load_workbook

from bch_apportion.live import schedules
from bch_apportion.model import Joined
from bch_apportion.years import FinancialYear
from tests.books import two_forces, write_book
from tests.live.ledgers import ledger, live_sheets
from tests.program import run


def test_the_log_names_every_parameter_with_its_cell_and_reference() -> None:
    log = schedules.assumptions_log(ledger("alliance"))
    rows = {(row[0], row[1], row[2]): row[3:] for row in log.rows}
    assert rows["ICT", "2018/19", "no loser %"][0] == "50"
    assert str(rows["ICT", "2018/19", "no loser %"][1]).startswith("Principles!")
    assert rows["ICT", "2012/13 to 2019/20", "share decimals"] == ("exact", "", "", "program default, not agreed")
    assert rows["all", "all", "uprate baselines"][0] == "yes"


def test_a_page_says_members_basis_shares_figures_and_changes() -> None:
    small = ledger("small")
    pages = schedules.unit_pages(small, small, live_sheets(small), ["Splits"])
    assert [page.name for page in pages] == ["Unit ICT", "Unit HR"]
    rows = {str(row[0]): row for row in pages[1].rows}
    assert rows["Members"][-1] == "BEDS, CAMBS, HERTS"
    assert rows["Basis in 2021/22"][-1] == "demand: the demand data passed every test"
    # the shares of 2021/22 are to one decimal, on an NRE of 1 : 1 : 1 (2020/21: 24 : 32 : 44)
    assert rows["Effective from"][-1] == (
        "shares since 1 April 2021; basis (demand) since 1 April 2019 (the first year of its budgets)"
    )
    assert [cell.value for cell in rows["Fixed base: NRE 2021/22 (£)"][1:5]] == [1, 1, 1, 3]
    # 36 months of 31, 33½ and 36 calls, of three times the weight of crimes
    calls = rows["Volume: calls"]
    assert [cell.value for cell in calls[1:5]] == [1116, 1206, 1296, 3618]
    assert all(cell.formula.startswith("=N('Volumes used'!F") for cell in calls[1:5])
    assert calls[-1] == "weight 3; 36 of 36 months counted, 1 October 2017 to 30 September 2020"
    assert [cell.value for cell in rows["Baselines (£)"][1:5]] == [2_000_000, 3_300_003, 4_499_999, 9_800_002]
    assert {str(pages[1].rows[place][0])[:8] for place in pages[1].strong} == {"Pays in "}
    assert len(pages[1].strong) == 3
    assert {"Shares in 2020/21", "Pays in 2020/21 (£)", "Shares in 2019/20", "Pays in 2019/20 (£)"} <= rows.keys()
    assert sum(cell.value for cell in rows["Pays in 2020/21 (£)"][1:4]) == -10_000_019


def test_dates_of_the_agreement_do_not_hang_on_what_is_shown() -> None:
    """HR stands on demand from 2016/17 on, its first year after NRE; in 2018/19 its shares are those of that year."""
    whole = ledger("alliance")
    shown = whole.only(["HR"], [FinancialYear(2018)])
    (page,) = schedules.unit_pages(whole, shown, live_sheets(shown), [])
    rows = {str(row[0]): row for row in page.rows}
    assert rows["Effective from"][-1] == "shares since 1 April 2018; basis (demand) since 1 April 2016"
    assert page.title == "HR: how its cost is shared in 2018/19"
    assert not {"Shares in 2017/18", "Shares in 2019/20"} & rows.keys()


def test_the_sign_off_is_bound_to_the_input() -> None:
    schedule = schedules.sign_off(ledger("alliance"))
    sha256 = ledger("alliance").inputs.sha256
    assert sha256 in schedule.title  # printed at the head of its sheet
    assert [row[1] for row in schedule.rows] == ["prepared", "reviewed", "approved"] * 3
    assert {str(row[-1]).replace(" ", "") for row in schedule.rows} == {sha256}
    whole = ledger("alliance")
    joined = replace(whole, inputs=replace(whole.inputs, joined=(Joined("demand.xlsx", "f" * 64),)))
    schedule, words = schedules.sign_off(joined), f"demand.xlsx (SHA-256 {'f' * 64})"
    assert all(words in text for text in (schedule.title, *schedule.notes, *(str(row[-1]) for row in schedule.rows)))


def test_a_page_says_what_of_a_year_is_shared() -> None:
    small = ledger("small")
    pages = schedules.unit_pages(small, small, live_sheets(small), [])
    rows = {str(row[0]): row for row in pages[0].rows}
    # 183 of 366 days not pooled: of £10,000.01 and −£3,333.33 stay 5,000.005 and −1,666.665, half up; the rest and 5p
    assert rows["Shares in 2019/20"][-1] == ("part held, NRE: £3,333.34 stay with their holders, £3,333.39 are shared")


def test_units_of_odd_names_have_their_pages(tmp_path: Path) -> None:
    names = ["O'Brien's", "it's'", "A/B:C", "History", "é😀" * 20, "é😀" * 21]
    units = [["unit"], *([name] for name in names)]
    budgets: list[list[str | float | None]] = [["unit", "year", "amount"]]
    budgets += [[name, "2018/19", 100.01] for name in names]
    source = write_book(tmp_path / "odd.xlsx", two_forces(Units=units, Budgets=budgets))
    target = tmp_path / "result.xlsx"
    assert run("compute", source, "-o", target).code == 0
    pages = [name for name in load_workbook(target).sheetnames if name.startswith("Unit ")]
    assert len(pages) == len(names)
    assert pages[:4] == ["Unit O'Brien's", "Unit it's", "Unit A-B-C", "Unit History"]


def test_a_page_shows_figures_that_nothing_rests_on() -> None:
    settled = ledger("settled")
    (page,) = schedules.unit_pages(settled, settled, live_sheets(settled), [])
    (row,) = (row for row in page.rows if str(row[0]).startswith("Fixed base: NRE 2019/20"))
    assert [cell.value for cell in row[1:4]] == [600, 700, 1300]
    assert not any(cell.formula for cell in row[1:4])
