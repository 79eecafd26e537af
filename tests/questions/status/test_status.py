"""Status by hand: what a unit stands on, what stops it, what moving would do, from when, the agreement in force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.books import Cell, Table, two_forces, write_book
from tests.program import ALLIANCE, run


def months(first: int, last: int) -> list[str]:
    """The months from April 2016 on, by number: 0 is 2016-04."""
    return [f"{2016 + (3 + n) // 12}-{(3 + n) % 12 + 1:02d}" for n in range(first, last)]


def volumes(driver: str, beds: int, herts: int, first: int = 0, last: int = 24) -> list[list[Cell]]:
    return [[driver, month, beds, herts] for month in months(first, last)]


# Of 2018/19, on NRE 1 : 2. The window is the 24 months of 2016/17 and 2017/18; none may be missing.
UNITS: Table = [
    ["unit", "target basis", "owner", "due"],
    ["NO DRIVER", None, "Head of unit", "2019-03-30"],
    ["GAPS", "demand", None, "2019-03-31"],
    ["DRIFT", None, None, None],
    ["ZERO", None, None, None],
    ["CHOSEN", None, None, None],
    ["SETTLED", None, None, None],
    ["DEMAND", None, None, "2001-01-01"],
    ["PART HELD", "pooled", None, None],
    ["ALL HELD", None, None, None],
    ["MEANT NRE", "nre", None, None],
    ["MEANT AGREED", "agreed", None, None],
]
BUDGETS: Table = [
    ["unit", "year", "amount", "held by", "direct to", "type"],
    *([unit[0], "2018/19", 1000, None, None, None] for unit in UNITS[1:8]),
    ["DEMAND", "2018/19", 50, None, "BEDS", None],
    ["DEMAND", "2018/19", 30, None, None, "implementation"],
    ["PART HELD", "2018/19", 600, "BEDS", None, None],
    ["PART HELD", "2018/19", 400, "HERTS", None, None],
    ["PART HELD", "2018/19", 100, None, None, None],
    ["ALL HELD", "2018/19", 900, "BEDS", None, None],
    ["MEANT NRE", "2018/19", 1000, None, None, None],
    ["MEANT AGREED", "2018/19", 1000, None, None, None],
]
PRINCIPLES: Table = [
    ["unit", "from year", "window months", "lag months", "max missing %", "basis", "rebase tolerance"],
    [None, "2015/16", 24, 0, 0, None, None],
    ["CHOSEN", "2015/16", None, None, None, "nre", None],
    ["ALL HELD", "2015/16", None, None, None, "nre", None],
    ["SETTLED", "2015/16", None, None, None, None, 1],
]
DRIVERS: Table = [
    ["unit", "driver"],
    *(["GAPS", "gaps"], ["DRIFT", "drift"], ["ZERO", "zero"], ["CHOSEN", "calls"], ["SETTLED", "calls"]),
    *(["DEMAND", "calls"], ["PART HELD", "calls"], ["ALL HELD", "calls"], ["MEANT AGREED", "calls"]),
]
DEMAND: Table = [
    ["driver", "period", "BEDS", "HERTS"],
    *volumes("calls", 30, 70),
    *volumes("gaps", 30, 70, 0, 19),
    *volumes("gaps", 30, 70, 21, 24),  # November and December 2017 are missing
    *volumes("drift", 20, 80, 0, 12),
    *volumes("drift", 40, 60, 12, 24),
    *volumes("zero", 0, 0),
]
AGREED: Table = [["unit", "from year", "BEDS", "HERTS"], ["SETTLED", "2017/18", 31, 69]]
WHOLE = two_forces(
    Units=UNITS, Budgets=BUDGETS, Principles=PRINCIPLES, Drivers=DRIVERS, Demand=DEMAND, Agreed_shares=AGREED
)


def asked(path: Path, *words: str) -> dict[str, Any]:
    ran = run("status", path, "--json", *words)
    assert ran.code == 0, ran.err
    answer: dict[str, Any] = json.loads(ran.out)
    return answer


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return asked(write_book(tmp_path_factory.mktemp("status") / "b.xlsx", WHOLE))


@pytest.mark.parametrize(
    ("unit", "stands_on", "stops", "moving", "earliest"),
    [
        ("NO DRIVER", {"nre": "1000.00"}, ["no-driver"], {}, "not known"),
        # 2 of 24 months; 2019/20 from 2017-04 on misses them too; 2020/21 begins in 2018-04. 300 and 700 for 333.33 and
        # 666.67
        ("GAPS", {"nre": "1000.00"}, ["complete"], {"BEDS": "-33.33", "HERTS": "33.33"}, "2020/21"),
        # 20 % and 40 % in blocks of a window of 30 %: 10 points, beyond 5
        ("DRIFT", {"nre": "1000.00"}, ["stable"], {"BEDS": "-33.33", "HERTS": "33.33"}, "not known"),
        ("ZERO", {"nre": "1000.00"}, ["positive", "stable"], {}, "not known"),
        ("CHOSEN", {"nre": "1000.00"}, ["choice"], {"BEDS": "-33.33", "HERTS": "33.33"}, "by decision"),
        # agreed 31 and 69, new 30 and 70: 1 point, within the tolerance
        ("SETTLED", {"agreed": "1000.00"}, ["settled"], {"BEDS": "-10.00", "HERTS": "10.00"}, "not known"),
        ("DEMAND", {"demand": "1000.00", "direct": "50.00", "implementation": "30.00"}, [], {}, None),
        # 30 and 70 of the pooled 100; 330 and 770 of all 1,100: BEDS 330 − 630, HERTS 770 − 470
        (
            "PART HELD",
            {"held": "1000.00", "demand": "100.00"},
            ["not-pooled"],
            {"BEDS": "-300.00", "HERTS": "300.00"},
            "by decision",
        ),
        # nothing is pooled: not-pooled alone, and on NRE, which pooled lines would stand on: 300 − 900, 600 − 0
        ("ALL HELD", {"held": "900.00"}, ["not-pooled"], {"BEDS": "-600.00", "HERTS": "600.00"}, "by decision"),
        ("MEANT NRE", {"nre": "1000.00"}, [], {}, None),
        ("MEANT AGREED", {"demand": "1000.00"}, ["choice"], {}, "by decision"),
    ],
)
def test_by_hand(
    unit: str, stands_on: dict[str, str], stops: list[str], moving: dict[str, str], earliest: str | None, answer: Any
) -> None:
    (row,) = (row for row in answer["rows"] if row["unit"] == unit)
    assert {part["basis"]: part["amount"] for part in row["stands_on"]} == stands_on
    assert [stop["why"] for stop in row["stops"]] == stops
    assert {move["force"]: move["amount"] for move in row["moving"]} == moving
    assert row["earliest"] == earliest


def test_a_reason_names_driver_months_and_whose_data(answer: Any) -> None:
    details = {(row["unit"], stop["why"]): stop["detail"] for row in answer["rows"] for stop in row["stops"]}
    months_missing = "2 of 24 months left out (8.33%, limit 0%): 2017-11..2017-12"
    assert details["GAPS", "complete"] == f"gaps: {months_missing}, on the data of BEDS and HERTS"
    assert details["DRIFT", "stable"].startswith("drift: largest movement 10.0000 points (limit 5 points): BEDS 40.00%")
    assert details["SETTLED", "settled"] == (
        "the shares of 2017/18 (agreed shares) stay: the largest movement is 1.000 points, the tolerance 1"
    )
    assert details["CHOSEN", "choice"] == "stands on NRE: basis nre is set (Principles!F3, no reference given)"
    assert details["ALL HELD", "not-pooled"] == "budget still held by BEDS"


def test_how_much_stands_on_each_basis(answer: Any) -> None:
    """Held 1,900; NRE 6 × 1,000; agreed 1,000; demand 1,000 + 100 + 1,000; direct 50, implementation 30: 11,080."""
    assert [tuple(row.values()) for row in answer["by_basis"]] == [
        ("2018/19", "held", "1900.00", "17.1"),  # 17.148
        ("2018/19", "nre", "6000.00", "54.2"),  # 54.152
        ("2018/19", "agreed", "1000.00", "9.0"),  # 9.025
        ("2018/19", "demand", "2100.00", "19.0"),  # 18.953
        ("2018/19", "direct", "50.00", "0.5"),  # 0.451
        ("2018/19", "implementation", "30.00", "0.3"),  # 0.271
    ]


def test_overdue_is_past_the_day_and_off_target(answer: Any) -> None:
    """On 31 March 2019 what is due on the 30th is overdue, what is due on the day is not; nor what is at its target."""
    due = {row["unit"]: (row["due"], row["overdue"]) for row in answer["rows"] if row["due"]}
    assert due == {
        "NO DRIVER": ("2019-03-30", True),
        "GAPS": ("2019-03-31", False),
        "DEMAND": ("2001-01-01", False),
    }


AGREEMENTS: Table = [
    ["unit", "version", "signed", "effective", "review due", "notice months", "reference"],
    ["ICT", "second", "2017-01-01", "2018-04-01", "2020-01-31", 12, "minute 7"],
    ["ICT", "first", "2017-06-01", None, "2018-03-31", None, None],
]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2017-05-31", None),
        ("2017-06-01", ("first", "2018-03-31", 0)),
        ("2018-03-31", ("first", "2018-03-31", 0)),
        ("2018-04-01", ("second", "2020-01-31", 0)),  # it was signed earlier, and takes effect later
        ("2020-02-01", ("second", "2020-01-31", 1)),
        ("2020-03-01", ("second", "2020-01-31", 30)),  # 29 days of February 2020, and the day
    ],
)
def test_the_agreement_in_force_and_days_overdue(day: str, expected: Any, tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", two_forces(Agreements=AGREEMENTS))
    ((row,), other) = asked(path, "--as-at", day)["rows"], asked(path)["rows"]
    assert (row["agreement"] and tuple(row["agreement"].values())) == expected
    assert other[0]["agreement"]["version"] == "second"  # on 31 March 2019


@pytest.mark.parametrize(
    ("day", "full"), [("2018-02-27", 0), ("2018-02-28", 1), ("2018-03-27", 1), ("2019-01-28", 12), ("2018-01-27", None)]
)
def test_whole_months_since_the_business_case(day: str, full: int | None, tmp_path: Path) -> None:
    cases: Table = [
        ["unit", "year", "amount", "version", "approved"],
        ["ICT", "2018/19", 900, "outline", "2018-01-28"],
        ["ICT", "2018/19", 950, "full", "2030-01-01"],  # not yet approved
    ]
    path = write_book(tmp_path / "b.xlsx", two_forces(Business_cases=cases))
    assert asked(path, "--as-at", day)["rows"][0]["business_case_months"] == full


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("2015/16", 100)], {"applied": "100.0", "ends": "no end"}),
        ([("2019/20", 50), ("2021/22", 0)], {"applied": "100.0", "ends": "2021/22"}),
        ([("2017/18", 0), ("2019/20", 50)], {"applied": "0.0", "ends": "2018/19"}),
        ([("2016/17", 0), ("2018/19", 33.3)], {"applied": "33.3", "ends": "no end"}),  # the 0 is over
    ],
)
def test_the_end_of_no_loser(steps: Any, expected: Any, tmp_path: Path) -> None:
    baselines: Table = [["unit", "force", "amount"], ["ICT", "BEDS", 300], ["ICT", "HERTS", 800]]
    principles: Table = [["from year", "no loser %"], *([year, percent] for year, percent in steps)]
    path = write_book(tmp_path / "b.xlsx", two_forces(Principles=principles, Baselines=baselines))
    (row,) = asked(path)["rows"]
    assert (row["baselines"], row["no_loser"]) == (True, expected)


def test_the_shares_applied_beside_those_agreed(tmp_path: Path) -> None:
    """Where an agreement is in force; SETTLED stands on its agreed set, and is 30 and 70 without the tolerance."""
    book = {**WHOLE, "Agreements": [["unit", "version", "signed"], ["SETTLED", "1", "2017-04-01"]]}
    path = write_book(tmp_path / "b.xlsx", book)
    same = asked(path)["applied_against_agreed"]
    assert [tuple(row.values()) for row in same] == [
        ("SETTLED", "BEDS", "0.310000", "0.310000"),
        ("SETTLED", "HERTS", "0.690000", "0.690000"),
    ]
    other = asked(path, "--set", "SETTLED.rebase tolerance=none")["applied_against_agreed"]
    assert [row["applied"] for row in other] == ["0.300000", "0.700000"]
    assert asked(path, "--as-at", "2017-03-31")["applied_against_agreed"] == []


def test_causes_for_people_and_codes_for_machines(tmp_path: Path) -> None:
    """Of each unit that has none, in words: no agreement in force."""
    agreements: Table = [["unit", "version", "signed"], ["SETTLED", "1", "2017-04-01"]]
    path = write_book(tmp_path / "b.xlsx", {**WHOLE, "Agreements": agreements})
    shown = [line.split("  ") for line in run("status", path, "--show", "stops", "-q").out.splitlines()]
    stops = {(words[0], word.strip()) for words in shown for word in words[1:] if len(words) > 1}
    expected = {
        ("PART HELD", "not pooled"),
        ("NO DRIVER", "no driver"),
        ("GAPS", "months missing"),
        ("ZERO", "no volume"),
        ("DRIFT", "shares moved too much"),
        ("SETTLED", "older shares kept (tolerance)"),
        ("CHOSEN", "the terms say otherwise"),
    }
    assert expected <= stops
    assert ",positive; stable," in run("status", path, "--csv", "-q").out
    first = " ".join(run("status", path, "--unit", "GAPS", "--unit", "SETTLED", "-q").out.split())
    assert "Agreements in force for 1 of 2 units. Without an agreement in force: GAPS." in first


def test_without_any_optional_sheet(tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", two_forces())
    answer = asked(path)
    (row,) = answer["rows"]
    assert row["stops"] == [{"why": "no-driver", "detail": "the unit has no driver on the Drivers sheet"}]
    names = ("moving", "baselines", "no_loser", "agreement", "business_case_months", "owner", "due", "overdue")
    assert [row[name] for name in names] == [[], False, None, None, None, "", None, False]
    assert "No agreement is given (sheet Agreements)" in "".join(answer["notes"])
    assert run("status", path, "--full").code == 0


# The sheet Agreements stops the commands that use it, and no other


BAD: Table = [
    ["unit", "version", "signed", "review due", "notice months"],
    ["IC", "1", "2018-01-01", None, None],
    ["ICT", "1", "soon", "31/02/2019", 1.5],
    ["ICT", "2", None, None, -1],
    ["ICT", "3", "2018-01-01", None, None],
    ["ICT", "3", "2018-02-01", None, None],
]


def test_problems_on_agreements_stop_status_and_check_alone(tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", two_forces(Agreements=BAD))
    for command in ("status", "check"):
        ran = run(command, path, "--json")
        problems = json.loads(ran.out)["problems"]
        assert ran.code == 3
        assert {(problem["code"], problem["cell"]) for problem in problems} == {
            ("unknown-unit", "A2"),
            ("not-a-date", "C3"),
            ("not-a-date", "D3"),
            ("not-a-whole-number", "E3"),
            ("blank-value", "C4"),
            ("out-of-range", "E4"),
            ("duplicate-key", "B6"),
        }
    for command in ("compute", "track"):
        assert run(command, path, "--json").code == 0


def test_an_agreements_sheet_of_ones_own(tmp_path: Path) -> None:
    """Without any needed column it is the analyst's own, and noted; a name that is nearly ours stops status alone."""
    own = write_book(tmp_path / "own.xlsx", two_forces(Agreements=[["file", "shelf"], ["A", 3]]))
    for command in ("status", "compute", "check"):
        ran = run(command, own, "--csv")
        assert ran.code == 0, ran.err
        assert "Agreements: ignored as a sheet of your own" in ran.err
    near = write_book(tmp_path / "near.xlsx", two_forces(Agrements=AGREEMENTS))
    assert [run(command, near, "-q").code for command in ("status", "compute")] == [3, 0]


def test_targets_and_days_on_units_are_checked(tmp_path: Path) -> None:
    units: Table = [["unit", "target basis", "due"], ["ICT", "pool", "soon"]]
    ran = run("check", write_book(tmp_path / "b.xlsx", two_forces(Units=units)), "--json")
    assert [(p["code"], p["cell"]) for p in json.loads(ran.out)["problems"]] == [
        ("unknown-choice", "B2"),
        ("not-a-date", "C2"),
    ]


def test_a_scenario_replaces_an_agreement_and_verify_sees_the_sheet(tmp_path: Path) -> None:
    book = two_forces(Agreements=AGREEMENTS)
    path = write_book(tmp_path / "b.xlsx", book)
    scenario = tmp_path / "review.toml"
    scenario.write_text(
        '[[Agreements]]\nunit = "ICT"\nversion = "second"\nsigned = "2018-01-01"\n"review due" = "2019-03-01"\n'
    )
    result = tmp_path / "result.json"
    assert run("status", path, "--scenario", scenario, "-o", result).code == 0
    (row,) = json.loads(result.read_text("utf-8"))["rows"]
    assert row["agreement"] == {"version": "second", "review_due": "2019-03-01", "days_overdue": 30}
    assert run("verify", result, path, "--scenario", scenario).code == 0
    write_book(path, {**book, "Agreements": [*AGREEMENTS[:-1], ["ICT", "first", "2018-06-01"]]})
    changed = run("verify", result, path, "--scenario", scenario)
    assert changed.code == 6
    assert "CHANGED: 2 cells of b.xlsx" in changed.out
    assert "Agreements!C3" in changed.out
    compared = run("compare", path, scenario, "--json")
    assert "review.toml: its Agreements are not used by this command" in json.loads(compared.out)["notes"]


def test_the_latest_year_unless_another_is_asked_for() -> None:
    shown = asked(ALLIANCE)["rows"]
    assert {row["year"] for row in shown} == {"2019/20"}
    spans = asked(ALLIANCE, "--year", "2012/13..2013/14", "--unit", "HR")
    assert [(row["unit"], row["year"]) for row in spans["rows"]] == [("HR", "2012/13"), ("HR", "2013/14")]
    assert {row["year"] for row in spans["by_basis"]} == {f"{year}/{year - 1999}" for year in range(2012, 2020)}


def test_a_unit_that_has_ended_is_not_in_the_latest_year(tmp_path: Path) -> None:
    units: Table = [["unit"], ["ICT"], ["OLD"]]
    budgets: Table = [["unit", "year", "amount"], ["ICT", "2018/19", 10], ["OLD", "2017/18", 20]]
    nre: Table = [["year", "BEDS", "HERTS"], ["2017/18", 100, 200], ["2018/19", 100, 200]]
    path = write_book(tmp_path / "b.xlsx", two_forces(Units=units, Budgets=budgets, NRE=nre))
    assert [row["unit"] for row in asked(path)["rows"]] == ["ICT"]
    assert [row["unit"] for row in asked(path, "--year", "2017/18")["rows"]] == ["OLD"]
    ran = run("status", path, "--unit", "OLD")
    assert ran.code == 2
    assert "OLD: no budgets in 2018/19" in ran.err
