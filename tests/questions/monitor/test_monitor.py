"""Monitor by hand: the latest forecast made by the day, what each force bears of it, and the outturn to date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.books import Table, two_forces, write_book
from tests.program import run

# 2018/19, on NRE 1 : 2.
# ICT    900 pooled, 60 direct to BEDS, 30 of implementation: BEDS 300 + 60 + 10 = 370, HERTS 600 + 20 = 620
# HELD   300 held by BEDS and 100 by HERTS, 40 direct to HERTS, 30 of implementation: BEDS 310, HERTS 160
# PART   400 held by BEDS, pooled from 1 October: 183 of 365 days of it are 200.55, the rest is shared 66.48 and 132.97
# SAFE   300 pooled, 100 and 200; the baselines are 90 and 250, so that HERTS bears 10 of BEDS's
# ALONE  50 pooled, without a forecast
BUDGETS: Table = [
    ["unit", "year", "amount", "held by", "direct to", "type"],
    ["ICT", "2018/19", 900, None, None, None],
    ["ICT", "2018/19", 60, None, "BEDS", None],
    ["ICT", "2018/19", 30, None, None, "implementation"],
    ["HELD", "2018/19", 300, "BEDS", None, None],
    ["HELD", "2018/19", 100, "HERTS", None, None],
    ["HELD", "2018/19", 40, None, "HERTS", None],
    ["HELD", "2018/19", 30, None, None, "implementation"],
    ["PART", "2018/19", 400, "BEDS", None, None],
    ["SAFE", "2018/19", 300, None, None, None],
    ["ALONE", "2018/19", 50, None, None, None],
]
UNITS: Table = [
    ["unit", "pooled from"],
    *(["ICT", None], ["HELD", None], ["PART", "2018-10-01"], ["SAFE", None], ["ALONE", None], ["SPARE", None]),
]
FORECASTS: Table = [
    ["unit", "year", "made on", "amount", "reason", "owner"],
    ["ICT", "2018/19", "2018-06-30", 1200, "agency staff", "Head of ICT"],
    ["ICT", "2018/19", "2018-05-31", 1050, "overtime", "Head of ICT"],
    ["HELD", "2018/19", "2018-05-31", 550, None, None],
    ["PART", "2018/19", "2018-05-31", 500, None, None],
    ["SAFE", "2018/19", "2018-05-31", 330, None, None],
    ["SPARE", "2018/19", "2018-05-31", 7, None, None],
    ["ALONE", "2018/19", "2018-07-01", 51, None, None],
]
ACTUALS: Table = [
    ["unit", "year", "amount", "held by", "direct to", "type", "period"],
    ["ICT", "2018/19", 60, None, None, None, "2018-04"],
    ["ICT", "2018/19", 30, None, "BEDS", None, "2018-05"],
    ["ICT", "2018/19", 45, None, None, None, "2018/19 Q1"],
    ["ICT", "2018/19", 12, None, None, "implementation", "2018-06"],
    ["ICT", "2018/19", 3, None, None, None, None],
    ["HELD", "2018/19", 20, "BEDS", None, None, "2018-04"],
    ["HELD", "2018/19", 8, None, None, None, "2018-04"],
]
BOOK: dict[str, Table] = {
    "Units": UNITS,
    "Budgets": BUDGETS,
    "Forecasts": FORECASTS,
    "Actuals": ACTUALS,
    "Baselines": [["unit", "force", "amount"], ["SAFE", "BEDS", 90], ["SAFE", "HERTS", 250]],
    "Settings": [["name", "value"], ["materiality amount", 50], ["always significant", 1000]],
    "Explanations": [
        ["unit", "year", "cause", "text", "against", "amount"],
        ["ICT", "2018/19", "cost", "agency staff", "forecast", 150],
    ],
}


def book(folder: Path, **changed: Table) -> Path:
    return write_book(folder / "b.xlsx", two_forces(**{**BOOK, **changed}))


def asked(path: Path, *words: str, day: str = "2018-06-30") -> Any:
    ran = run("monitor", path, "--as-at", day, "--json", *words)
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def figures(answer: Any, unit: str | None, *names: str) -> list[tuple[Any, ...]]:
    """Figures of a unit's rows, in whole pounds where they are: its forces, then the unit."""
    return [tuple(_plain(row[name]) for name in names) for row in answer["rows"] if row["unit"] == unit]


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, str) and value.lstrip("-").replace(".", "").isdigit() else value


SIDES = ("budget", "forecast", "variance", "movement")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        # 1,200 less 90 not pooled: 1,110 is 370 and 740. The forecast before: 960 is 320 and 640, so 390 and 660.
        ("ICT", [(370, 440, 70, 50), (620, 760, 140, 100), (990, 1200, 210, 150)]),
        # Nothing is pooled: 550 less 70 direct and implementation, 480 in proportion to 300 and 100: 360 and 120.
        ("HELD", [(310, 370, 60, None), (160, 180, 20, None), (470, 550, 80, None)]),
        # 500 less 200.55 held: 299.45 is 99.82 and 199.63.
        (
            "PART",
            [(267.03, 300.37, 33.34, None), (132.97, 199.63, 66.66, None), (400, 500, 100, None)],
        ),
        # 330 is 110 and 220; HERTS bears 10 of BEDS's as budgeted.
        ("SAFE", [(90, 100, 10, None), (210, 230, 20, None), (300, 330, 30, None)]),
        ("ALONE", [(16.67, 16.67, 0, None), (33.33, 33.33, 0, None), (50, 50, 0, None)]),
        (None, [(1053.70, 1227.04, 173.34, None), (1156.30, 1402.96, 246.66, None), (2210, 2630, 420, None)]),
    ],
)
def test_each_force_bears_its_part_of_a_forecast(unit: str, expected: Any, tmp_path: Path) -> None:
    assert figures(asked(book(tmp_path)), unit, *SIDES) == expected


def test_status_and_what_is_explained(tmp_path: Path) -> None:
    """150 of ICT's 210 are explained, 50 and 100 in proportion to 70 and 140; all else is not."""
    answer = asked(book(tmp_path))
    names = ("percent", "status", "explained_amount", "unexplained_amount", "reason")
    assert figures(answer, "ICT", *names) == [
        (18.9, "RED", 50, 20, "agency staff"),
        (22.6, "RED", 100, 40, "agency staff"),
        (21.2, "RED", 150, 60, "agency staff"),
    ]
    assert figures(answer, "SAFE", *names) == [
        (11.1, "GREEN", 0, 10, ""),
        (9.5, "GREEN", 0, 20, ""),
        (10, "AMBER", 0, 30, ""),  # at least half of 50
    ]
    assert figures(answer, None, *names)[-1] == (19, "RED", 150, 270, "")


@pytest.mark.parametrize(
    ("day", "made_on", "expected"),
    [
        ("2018-05-30", None, (990, 0, None, "")),
        ("2018-05-31", "2018-05-31", (1050, 60, None, "overtime")),
        ("2018-06-29", "2018-05-31", (1050, 60, None, "overtime")),
        ("2018-06-30", "2018-06-30", (1200, 210, 150, "agency staff")),
        ("2018-07-01", "2018-06-30", (1200, 210, 150, "agency staff")),
    ],
)
def test_the_latest_forecast_made_by_the_day(day: str, made_on: Any, expected: Any, tmp_path: Path) -> None:
    answer = asked(book(tmp_path), day=day)
    assert figures(answer, "ICT", "forecast", "variance", "movement", "reason")[-1] == expected
    assert {row["made_on"] for row in answer["rows"] if row["unit"] == "ICT"} == {made_on}


@pytest.mark.parametrize(
    ("day", "months", "beds", "herts"),
    [
        ("2018-04-29", 0, 1, 2),  # 3 without a period, on 1 : 2
        ("2018-04-30", 1, 21, 42),  # and 60 of April
        ("2018-05-30", 1, 21, 42),
        ("2018-05-31", 2, 51, 42),  # and 30 direct to BEDS
        ("2018-06-29", 2, 51, 42),
        ("2018-06-30", 3, 70, 80),  # and 45 of the quarter, 15 and 30, and 12 of implementation, 4 and 8
    ],
)
def test_the_outturn_of_months_that_have_ended(day: str, months: int, beds: int, herts: int, tmp_path: Path) -> None:
    answer = asked(book(tmp_path), day=day)
    assert figures(answer, "ICT", "to_date", "months") == [
        (beds, months),
        (herts, months),
        (beds + herts, months),
    ]
    assert figures(answer, "ALONE", "to_date", "months")[-1] == (0, 0)


def test_an_outturn_is_split_on_the_held_lines_where_nothing_is_pooled(tmp_path: Path) -> None:
    """BEDS holds 20 of the outturn; 8 without a holder are 6 and 2, as 300 to 100."""
    assert figures(asked(book(tmp_path)), "HELD", "to_date") == [(26,), (2,), (28,)]


def lines(*held: tuple[int, str | None]) -> Table:
    return [["unit", "year", "amount", "held by"], *(["HELD", "2018/19", pence, force] for pence, force in held)]


def expecting(amount: float) -> Table:
    return [["unit", "year", "made on", "amount"], ["HELD", "2018/19", "2018-05-31", amount]]


@pytest.mark.parametrize(
    ("held", "amount", "expected", "note"),
    [
        ([(-300, "BEDS"), (-100, "HERTS")], -440, (-330, -110), ""),
        # Both signs cannot be weights: the 30 that differ from the budget of 200 are on NRE 1 : 2.
        ([(300, "BEDS"), (-100, "HERTS")], 230, (310, -80), "its held lines have both signs"),
        ([(300, "BEDS"), (-300, "HERTS")], 30, (310, -280), "its held lines have both signs"),
        ([(0, None)], 30, (10, 20), "no line is held"),
        # 90 pooled and 300 held; a forecast of 210 leaves −90 to share.
        ([(90, None), (300, "BEDS")], 210, (270, -60), "the pooled part is below zero"),
    ],
)
def test_forecasts_that_are_hard_to_share(held: Any, amount: float, expected: Any, note: str, tmp_path: Path) -> None:
    path = book(tmp_path, Budgets=lines(*held), Forecasts=expecting(amount), Actuals=[["unit", "year", "amount"]])
    answer = asked(path)
    assert tuple(forecast for (forecast,) in figures(answer, "HELD", "forecast")) == (*expected, sum(expected))
    notes = run("monitor", path, "--as-at", "2018-06-30", "--show", "notes").out
    assert note in " ".join(notes.split())


def test_nothing_is_dropped_without_a_word(tmp_path: Path) -> None:
    path = book(tmp_path, Explanations=[*BOOK["Explanations"], ["SPARE", "2018/19", "cost", "x", "forecast", None]])
    answer = asked(path, day="2018-06-29")
    assert answer["without_budget"] == [
        {"unit": "SPARE", "year": "2018/19", "to_date": None, "forecast": "7.00", "made_on": "2018-05-31"}
    ]
    standing = {(row["unit"], row["made_on"]): (row["standing"], row["movement"]) for row in answer["forecasts"]}
    assert standing["ICT", "2018-06-30"] == ("after the day", "150.00")
    assert standing["ICT", "2018-05-31"] == ("latest", None)
    out = " ".join(run("monitor", path, "--as-at", "2018-06-29", "--show", "notes").out.split())
    assert "Forecasts made after 29 June 2018, not used: ICT 2018/19 30 June 2018, ALONE 2018/19 1 July 2018" in out
    assert "Outturn of months that end after 29 June 2018, not counted: ICT 2018/19 £57.00" in out
    assert "Explanations!D3: explains nothing: SPARE 2018/19 has nothing to be compared with" in out


def test_the_first_page_says_what_is_old_or_missing(tmp_path: Path) -> None:
    page = run("monitor", book(tmp_path), "--as-at", "2018-07-31").out
    words = " ".join(page.split())
    assert "Where 2018/19 will end, as known on 31 July 2018" in words
    assert "ICT +210 BEDS +70, HERTS +140: agency staff" in words
    assert "Largest movements since the forecast before ICT +150 BEDS +50, HERTS +100: agency staff" in words
    assert "The newest forecasts, for ALONE, are of 1 July 2018, 30 days old. Older: " in words
    assert "HELD 31 May 2018" in words and "ICT 30 June 2018" in words
    assert "Without a budget, so in none of these figures: SPARE (forecast £7)." in words
    assert "Outturn to date: none for PART, SAFE, ALONE; 3 months for ICT; 1 month for HELD." in words
    earlier = run("monitor", book(tmp_path), "--as-at", "2018-06-30").out
    assert "ALONE *" in earlier and "* no forecast: the budget stands in" in earlier


def test_without_any_optional_sheet(tmp_path: Path) -> None:
    """A line each; the budget stands in, and nothing varies."""
    path = write_book(tmp_path / "b.xlsx", two_forces())
    assert figures(asked(path), "ICT", "forecast", "variance", "percent", "status", "to_date", "made_on")[-1] == (
        *(1000.01, 0, 0, "GREEN", 0),
        None,
    )
    page = run("monitor", path, "--as-at", "2018-06-30", "--full").out
    assert "No forecast is given (sheet Forecasts): the budget stands in." in page
    assert "No outturn of 2018/19 is given (sheet Actuals)." in page
    assert "No outturn to date is given (sheet Actuals)." in page  # instead of the table
    assert "outturn to date  " not in page and "  to date  " not in page
    none_yet = run("monitor", book(tmp_path), "--as-at", "2018-04-01").out
    assert "No forecast is made by that day: the budget stands in." in none_yet


def test_the_day_is_needed_and_gives_the_year(tmp_path: Path) -> None:
    path = book(tmp_path)
    without = run("monitor", path)
    assert without.code == 2
    assert "--as-at" in without.err and "the program reads no clock" in without.err
    beyond = run("monitor", path, "--as-at", "2019-04-01")
    assert beyond.code == 2
    assert "2019/20, the year of 2019-04-01, has no budgets; the years are 2018/19" in beyond.err
    later = asked(path, "--year", "2018/19", day="2019-04-01")
    assert figures(later, "ALONE", "forecast")[-1] == (51,)


def test_units_asked_for_are_summed_alone(tmp_path: Path) -> None:
    answer = asked(book(tmp_path), "--unit", "HELD", "--unit", "SAFE")
    assert figures(answer, None, "budget", "forecast")[-1] == (770, 880)
    assert {row["unit"] for row in answer["forecasts"]} == {"HELD", "SAFE"}


def test_thresholds_look_at_every_row(tmp_path: Path) -> None:
    def code(path: Path, threshold: str, *words: str) -> int:
        return run("monitor", path, "--as-at", "2018-06-30", "--fail-on", threshold, *words).code

    path = book(tmp_path)
    assert code(path, "red") == code(path, "amber") == code(path, "unexplained") == 5
    assert [code(path, threshold, "--unit", "SAFE") for threshold in ("red", "amber", "unexplained")] == [0, 5, 0]
    assert code(path, "amber", "--unit", "ALONE") == 0


def test_problems_on_forecasts_stop_monitor_and_check_alone(tmp_path: Path) -> None:
    bad: Table = [
        FORECASTS[0],
        ["ITC", "2018/19", "2018-05-31", 1, None, None],
        ["ICT", "2018/19", "soon", None, None, None],
        ["ICT", "2018/19", "2018-05-31", 1, None, None],
        ["ICT", "2018/19", "2018-05-31", 2, None, None],
    ]
    path = book(tmp_path, Forecasts=bad)
    ran = run("monitor", path, "--as-at", "2018-06-30", "--json")
    assert ran.code == 3
    assert {(problem["code"], problem["cell"]) for problem in json.loads(ran.out)["problems"]} == {
        ("unknown-unit", "A2"),
        ("not-a-date", "C3"),
        ("blank-value", "D3"),
        ("duplicate-key", "D5"),
    }
    assert run("check", path).code == 3
    assert run("compute", path).code == 0


def test_a_scenario_replaces_a_forecast_and_verify_sees_the_sheet(tmp_path: Path) -> None:
    """ICT at 990 + 300: the pooled part of 1,200 is 400 and 800."""
    scenario, path = tmp_path / "more.toml", book(tmp_path)
    scenario.write_text(
        '[[Forecasts]]\nunit = "ICT"\nyear = "2018/19"\n"made on" = "2018-06-30"\namount = 1290\n', "utf-8"
    )
    answer = asked(path, "--scenario", str(scenario))
    assert figures(answer, "ICT", "forecast") == [(470,), (820,), (1290,)]
    for name in ("monitor.xlsx", "monitor.json", "monitor.html"):
        result = tmp_path / name
        assert run("monitor", path, "--as-at", "2018-06-30", "-o", result).code == 0
        assert run("verify", result, path).code == 0
        book(tmp_path, Forecasts=[*FORECASTS[:-1], ["ALONE", "2018/19", "2018-06-30", 51, None, None]])
        changed = run("verify", result, path)
        assert changed.code == 6 and "Forecasts!" in changed.out
        book(tmp_path)
