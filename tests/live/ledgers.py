"""Ledgers whose live workbooks the tests look at, by name: the examples, small ones with everything, random ones."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openpyxl import load_workbook

from bch_apportion import apportion, live, read_workbook
from bch_apportion.ledger import Ledger
from bch_apportion.model import Baseline, BudgetRow, Deflator, Inputs, Settings, Unit
from bch_apportion.questions.split.book import Book, book
from bch_apportion.questions.split.first_page import first_page
from bch_apportion.questions.split.page import everything, splits
from bch_apportion.writing.excel import write
from tests.independent.against import SIZES
from tests.independent.books import random_book, write_tidy
from tests.inputs import THREE, Y, baselines, inputs, monthly, nre, terms
from tests.program import ALLIANCE, COUNCILS

FIGURES: dict[str, Any] = {
    "drivers": {"HR": [("calls", 3), ("crimes", 1)]},
    "nre": nre(THREE, y2019=(10_427_000_000, 13_000_000_000, 21_000_000_000), y2020=(24, 32, 44), y2021=(1, 1, 1)),
    "demand": {
        "calls": monthly(("2014-01", "2021-12", {"BEDS": 31, "CAMBS": Fraction(67, 2), "HERTS": 36})),
        "crimes": monthly(("2014-01", "2021-12", {"BEDS": 7, "CAMBS": 0, "HERTS": 11})),
    },
    "baselines": {"HR": baselines(BEDS=2_000_000, CAMBS=3_300_003, HERTS=4_499_999)},
    "principles": terms(
        (None, 2019, {"fixed base %": Fraction(25, 2), "no loser %": Fraction(75, 2)}),
        ("HR", 2020, {"share decimals": 1, "no loser %": Fraction(100)}),
    ),
}


def small(**given: Any) -> Inputs:
    """Every component at once: three forces, half pennies, held lines in a leap year, direct, implementation."""
    return inputs(
        THREE,
        [
            Unit("ICT", pooled_from=Y(2019).first_day().replace(month=10, day=1)),
            Unit("HR", pooled_from=Y(2018).first_day()),
        ],
        [
            BudgetRow("ICT", Y(2019), 1_000_001, "pay", held_by="BEDS"),
            BudgetRow("ICT", Y(2019), -333_333, "income", held_by="HERTS"),
            BudgetRow("ICT", Y(2019), 5, "odd"),
            BudgetRow("ICT", Y(2019), 77_777, "own", direct_to="CAMBS"),
            BudgetRow("ICT", Y(2019), 100_000, "set-up", type="implementation"),
            BudgetRow("HR", Y(2019), 10_000_019, "pay"),
            BudgetRow("HR", Y(2020), -10_000_019, "grant"),
            BudgetRow("HR", Y(2021), 0, "nothing"),
        ],
        **{**FIGURES, **given},
    )


def settled_and_left_alone() -> Inputs:
    """Shares of 2018/19 that stay in 2019/20, whose NRE nothing else uses."""
    same = terms((None, 2018, {"basis": "demand", "fixed base %": Fraction(50), "rebase tolerance": Fraction(50)}))
    return inputs(
        ("A", "B"),
        [Unit("X", pooled_from=Y(2015).first_day())],
        [BudgetRow("X", Y(2018), 100_001), BudgetRow("X", Y(2019), 100_001)],
        drivers={"X": ["calls"]},
        nre=nre(("A", "B"), y2018=(500, 700), y2019=(600, 700)),
        demand={"calls": monthly(("2014-01", "2021-12", {"A": 3, "B": 5}))},
        principles=same,
    )


VARIED: dict[str, Callable[[], Inputs]] = {
    "small": small,
    "with-uprated-baselines": lambda: small(
        settings=Settings(uprate_baselines=True),
        baselines={"HR": {f: Baseline(3_333_333, Y(2017)) for f in THREE}},
        deflators={
            Y(2017): Deflator(Fraction(1043, 10)),
            Y(2019): Deflator(Fraction(10817, 100)),
            Y(2020): Deflator(Fraction(111)),
            Y(2021): Deflator(Fraction(115)),
        },
    ),
    "with-no-adjustment": lambda: small(
        baselines={"HR": baselines(BEDS=2_000_000, CAMBS=3_300_003, HERTS=4_000_000)},
        principles=terms((None, 2019, {"if not achievable": "no adjustment"})),
    ),
    "with-a-part-year": lambda: replace(
        small(
            settings=Settings(uprate_baselines=True),
            baselines={"ICT": {f: Baseline(333_333, Y(2017) if f == "BEDS" else None) for f in THREE}},
            deflators={Y(2017): Deflator(Fraction(1043, 10)), Y(2019): Deflator(Fraction(10817, 100))},
            principles=terms((None, 2019, {"part years protected": "yes"})),
        ),
        budgets=tuple(row for row in small().budgets if row.line != "odd"),
    ),
    "with-blocks": lambda: small(principles=terms((None, 2019, {"demand method": "mean", "fixed base on": "equal"}))),
    "with-a-tie": lambda: small(  # all of it on equal shares, and a penny that volumes without a common multiple leave
        principles=terms((None, 2019, {"fixed base %": Fraction(100), "fixed base on": "equal", "share decimals": 0})),
        demand={
            "calls": monthly(("2014-01", "2021-12", {"BEDS": 31_000_003, "CAMBS": 33_000_007, "HERTS": 36_000_001})),
            "crimes": monthly(("2014-01", "2021-12", {"BEDS": 7_000_001, "CAMBS": 9_000_011, "HERTS": 11_000_003})),
        },
    ),
    "with-a-tolerance": lambda: small(principles=terms((None, 2019, {"rebase tolerance": Fraction(99)}))),
    "settled": settled_and_left_alone,
}
RANDOM = {  # by name: seed and number of forces
    **{f"random {seed}": (seed, SIZES[seed % len(SIZES)]) for seed in (1, 8, 21)},
    **{f"random {seed}": (seed, 2 + seed % 6) for seed in (3042, 3235, 5, 17, 29, 40)},
}
EXAMPLES = {"alliance": ALLIANCE, "councils": COUNCILS}


@functools.cache
def ledger(name: str) -> Ledger:
    """The ledger of a name in EXAMPLES, VARIED or RANDOM."""
    if name in VARIED:
        return apportion(VARIED[name]())
    if name in EXAMPLES:
        return apportion(read_workbook(EXAMPLES[name]))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        write_tidy(random_book(*RANDOM[name]), path)
        return apportion(read_workbook(path))


def live_sheets(ledger: Ledger) -> live.Live:
    """The live sheets of a ledger."""
    return live.live_sheets(ledger, splits(ledger))


def book_of(ledger: Ledger, values: bool = False) -> Book:
    """The sheets of a ledger's workbook."""
    return book(ledger, ledger, lambda refs: first_page(ledger, refs=refs), values=values)


def written(folder: Path, name: str, ledger: Ledger) -> Path:
    """The live workbook of a ledger."""
    path, whole = folder / f"{name}.xlsx", book_of(ledger)
    write(path, whole.cover, whole.first, whole.reports)
    return path


def written_live(folder: Path, name: str, ledger: Ledger) -> Path:
    """The same without the sheets that hold no formula and that none names, and without charts: opened sooner."""
    path, whole = folder / f"{name}.xlsx", book_of(ledger)
    plain = {report.name for report in everything(ledger)} - {"Splits"}
    kept = [replace(report, charts=()) for report in whole.reports if report.name not in plain]
    write(path, whole.cover, whole.first, kept)
    return path


def splits_of(path: Path) -> dict[tuple[str, str], list[int]]:
    """The splits of a workbook in pence, by unit and year."""
    with closing(load_workbook(path, data_only=True, read_only=True)) as book:
        rows = list(book["Splits"].iter_rows(min_row=2, values_only=True))
    return {
        (str(row[0]), str(row[1])): [round(float(str(v)) * 100) for v in row[3:-1] if v is not None]
        for row in rows
        if row[0] != "All units"
    }
