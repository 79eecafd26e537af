"""Costs per size by hand: beside the sum of the comparators' costs over the sum of their sizes, never ratios' mean."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bch_apportion.further import Comparator
from bch_apportion.questions.benchmark.rule import beside
from bch_apportion.questions.benchmark.sides import Peer
from bch_apportion.years import FinancialYear
from tests.books import Table, two_forces, write_book
from tests.program import run

YEAR = "2018/19"
UNITS: Table = [
    ["unit", "function", "forces"],
    ["ICT", "ICT", None],
    ["Network", " ict ", "BEDS"],
    ["HR", "Human resources", "HERTS"],
    ["Vetting", "Vetting", None],
    ["Dogs", None, None],
    ["Old", "ICT", None],
    ["New", "Human resources", None],
]
BUDGETS: Table = [
    ["unit", "year", "amount", "type", "direct to", "held by"],
    ["ICT", YEAR, 800.01, None, None, None],
    ["ICT", YEAR, 500, "implementation", None, None],
    ["ICT", YEAR, 150, "one-off", None, "HERTS"],
    ["ICT", YEAR, 50, None, "BEDS", None],
    ["Network", YEAR, 199.99, None, None, None],
    ["HR", YEAR, 100, None, None, None],
    ["Vetting", YEAR, 60, None, None, None],
    ["Dogs", YEAR, 70, None, None, None],
    ["Old", "2017/18", 80, None, None, None],
    ["New", YEAR, 90, "implementation", None, None],
]
SIZES: Table = [
    ["year", "force", "measure", "amount"],
    [YEAR, "BEDS", "Officers", 100],
    [YEAR, "herts", "officers", 200],
    [YEAR, "Essex", "officers", 300],
    [YEAR, "KENT", "officers", 400],
    [YEAR, "BEDS", "population", 5000],
    [YEAR, "HERTS", "population", 5000],
    ["2017/18", "BEDS", "officers", 1],
]
COMPARATORS: Table = [
    ["year", "function", "force", "net cost", "group", "source"],
    [YEAR, "ICT", "Essex", 900, "eastern; most similar", "HMICFRS"],
    [YEAR, "ict", "Kent", 2000, "eastern", None],
    [YEAR, "ICT", "Norfolk", 700, None, None],
    [YEAR, "ICT", "Beds", 5, "eastern", None],
    [YEAR, "Human resources", "Kent", 0.03, "eastern", None],
    ["2017/18", "ICT", "Essex", 1, None, None],
]
RETAINED: Table = [
    ["year", "function", "force", "amount"],
    [YEAR, "Human Resources", "HERTS", 40],
    [YEAR, "Human resources", "BEDS", 7],
    [YEAR, "ICT", "BEDS", 8],
    [YEAR, "Vetting", "BEDS", 0],
    [YEAR, "Vetting", "HERTS", 0],
]
FORCES: Table = [["force", "aliases"], ["BEDS", "Beds"], ["HERTS", None]]
NRE: Table = [["year", "BEDS", "HERTS"], ["2017/18", 100, 200], [YEAR, 100, 200]]


def book(folder: Path, **changed: Table | None) -> Path:
    """The book with some sheets others; None: without it."""
    sheets: dict[str, Table | None] = {
        "Forces": FORCES,
        "NRE": NRE,
        "Units": UNITS,
        "Budgets": BUDGETS,
        "Sizes": SIZES,
        "Comparators": COMPARATORS,
        "Retained": RETAINED,
        **changed,
    }
    return write_book(folder / "b.xlsx", two_forces(**{name: table for name, table in sheets.items() if table}))


def asked(path: Path, *words: str) -> dict[str, Any]:
    ran = run("benchmark", path, "--json", *words)
    assert ran.code == 0, ran.err
    answer: dict[str, Any] = json.loads(ran.out)
    return answer


def rows_of(path: Path, *words: str) -> dict[str, Any]:
    return {row["function"]: row for row in asked(path, *words)["rows"]}


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return asked(book(tmp_path_factory.mktemp("benchmark")))


def test_by_hand(answer: dict[str, Any]) -> None:
    """ICT 800.01 + 150 + 50 and Network 199.99: 1,200.00 for 300 officers, 4 each. Essex 3 and Kent 5 each.

    Together 2,900 for 700, 4.142857 (the mean of 3 and 5 is 4, and would show no difference). So −0.142857 an officer,
    and 1,200 − 300 × 2,900 / 700 = −42.857. Essex is cheaper: rank 2 of 3, and 4 × 2 / 3 is in the third quarter.
    """
    assert (answer["year"], answer["measure"], answer["group"]) == (YEAR, "Officers", None)
    assert answer["rows"][0] == {
        "function": "ICT",
        "units": ["ICT", "Network"],
        "cost": "1200.00",
        "retained": None,
        "size": "300",
        "per_size": "4.0000",
        "comparators": 2,
        "comparators_per_size": "4.1429",
        "difference_per_size": "-0.1429",
        "difference": "-42.86",
        "rank": 2,
        "of": 3,
        "quartile": 3,
        "lowest": {"force": "Essex", "per_size": "3.0000"},
        "highest": {"force": "Kent", "per_size": "5.0000"},
    }


def test_what_all_members_retain_counts(answer: dict[str, Any]) -> None:
    """HR is HERTS alone: 100 + 40 for 200 officers. Kent's 0.03 for 400 is 0.015 for 200: 139.985, half up 139.99.

    Of ICT HERTS has no row, so that BEDS's 8 does not count; a written 0 does, and states the scope.
    """
    human, vetting = answer["rows"][1:]
    figures = ("cost", "retained", "size", "per_size", "comparators_per_size", "difference_per_size", "difference")
    assert [human[name] for name in figures] == ["140.00", "40.00", "200", "0.7000", "0.0001", "0.6999", "139.99"]
    assert (vetting["cost"], vetting["retained"]) == ("60.00", "0.00")
    assert "Retained: ICT not counted, because HERTS has no row (write 0 if it spends nothing)" in answer["notes"]
    assert any(note.startswith("Retained!D3: not counted, because BEDS is no member") for note in answer["notes"])


def test_a_function_without_comparators_and_what_is_left_out(answer: dict[str, Any]) -> None:
    vetting = answer["rows"][2]
    nulls = [name for name, value in vetting.items() if value is None]
    assert (vetting["comparators"], vetting["per_size"]) == (0, "0.2000")
    assert nulls == [
        *("comparators_per_size", "difference_per_size", "difference"),
        *("rank", "of", "quartile", "lowest", "highest"),
    ]
    assert [(row["what"], row["why"]) for row in answer["left_out"]] == [
        ("Vetting", "no comparator in 2018/19"),
        ("Norfolk", "no Officers in 2018/19"),
        ("Dogs", "no function (Units, function)"),
        ("Old", "no cost in 2018/19"),
        ("New", "no cost but implementation in 2018/19"),
    ]
    assert "Comparators: our own BEDS not counted among the comparators" in answer["notes"]


def test_a_group_a_measure_and_a_unit(tmp_path: Path) -> None:
    """With Essex alone 1,200 − 300 × 3 = 300, rank 2 of 2; by population nobody else has a size."""
    path = book(tmp_path)
    ict = rows_of(path, "--group", "Most  Similar")["ICT"]
    assert [ict[name] for name in ("comparators", "difference", "rank", "of", "quartile")] == [1, "300.00", 2, 2, 4]
    people = asked(path, "--per", "population")
    assert people["rows"][0]["per_size"] == "0.1200"  # 1,200 / 10,000
    whys = {row["what"]: row["why"] for row in people["left_out"]}
    assert whys["ICT"] == "no comparator with population in 2018/19"
    assert whys["Essex"] == "no population in 2018/19"
    narrow = asked(path, "--unit", "Network")
    assert [row["units"] for row in narrow["rows"]] == [["ICT", "Network"]]
    assert [row["what"] for row in narrow["left_out"]] == ["Norfolk"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--per", "officer"], "there is no measure “officer”; did you mean “"),
        (["--group", "estern"], "there is no group “estern”; did you mean “eastern”?"),
        (["--year", "2017/18..2018/19"], "benchmark takes one year"),
        (["--year", "2020/21"], "2020/21 has no budgets"),
    ],
)
def test_what_cannot_be_had(words: list[str], says: str, tmp_path: Path) -> None:
    ran = run("benchmark", book(tmp_path), *words)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


# Rank and quartile


def compared(own: int, *others: int) -> dict[str, Any]:
    rows = [Comparator(FinancialYear(2018), "ICT", f"S{n}", pence) for n, pence in enumerate(others)]
    return beside(own, 1, [Peer(row, 1) for row in rows])


@pytest.mark.parametrize(
    ("own", "others", "rank", "quartile"),
    [
        (2, (1, 3, 4, 5, 6, 7, 8), 2, 1),  # of 8: 4 × 2 / 8 is 1
        (3, (1, 2, 4, 5, 6, 7, 8), 3, 2),  # 12 / 8 is more than 1
        (8, (1, 2, 3, 4, 5, 6, 7), 8, 4),
        (2, (1, 2, 2, 3), 2, 2),  # those that cost the same have the same rank; of 5: 8 / 5
        (1, (1,), 1, 2),  # of 2: 4 / 2
        (-5, (0, 1, 2), 1, 1),
    ],
)
def test_rank_and_quartile(own: int, others: tuple[int, ...], rank: int, quartile: int) -> None:
    result = compared(own, *others)
    assert (result["rank"], result["of"], result["quartile"]) == (rank, len(others) + 1, quartile)


def test_of_services_that_cost_the_same_the_first_on_the_sheet() -> None:
    result = compared(5, 2, 1, 1, 2)
    assert (result["lowest"].force, result["highest"].force) == ("S1", "S0")


def test_the_difference_is_rounded_once_half_away_from_zero() -> None:
    """A penny for two is half a penny for our size of one."""
    assert compared(100, 0, 1)["difference"] == 100  # 99.5
    assert compared(-100, 0, 1)["difference"] == -101  # −100.5


# What is not there


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        ("Sizes", "No sizes are given (sheet Sizes)"),
        ("Comparators", "No other services are given (sheet Comparators)"),
        ("Retained", "Nothing says what the members still spend themselves (sheet Retained)"),
        ("Units", "No unit has a function (Units, function)"),
    ],
)
def test_without_a_sheet_it_says_so_and_nothing_breaks(sheet: str, says: str, tmp_path: Path) -> None:
    changed: dict[str, Any] = {sheet: [[row[0]] for row in UNITS] if sheet == "Units" else None}
    path = book(tmp_path, **changed)
    answer = asked(path)
    assert len(answer["rows"]) == (0 if sheet == "Units" else 3)
    differ = [row["function"] for row in answer["rows"] if row["difference"] is not None]
    assert differ == (["ICT", "Human resources"] if sheet == "Retained" else [])
    assert (answer["measure"] is None) == (sheet == "Sizes")
    ran = run("benchmark", path, "--full", "-o", tmp_path / "r.html", "-o", tmp_path / "r.xlsx", "--format", "table")
    assert ran.code == 0, ran.err
    assert says in ran.out


def test_a_measure_may_have_any_name(tmp_path: Path) -> None:
    sizes = [["calls: 999 | 101" if cell in ("Officers", "officers") else cell for cell in row] for row in SIZES]
    ran = run("benchmark", book(tmp_path, Sizes=sizes), "--full")
    assert ran.code == 0, ran.err


def test_without_any_of_them_or_of_another_year(tmp_path: Path) -> None:
    path = book(tmp_path, Sizes=None, Comparators=None, Retained=None)
    ict = rows_of(path)["ICT"]
    assert (ict["cost"], ict["size"], ict["per_size"], ict["comparators"]) == ("1200.00", None, None, 0)
    assert run("benchmark", path).code == 0
    (tmp_path / "other").mkdir()
    old_sizes, old_comparators = ([table[0], table[-1]] for table in (SIZES, COMPARATORS))
    other = book(tmp_path / "other", Sizes=old_sizes, Comparators=old_comparators)
    shown = run("benchmark", other).out
    assert "Sizes has no officers for 2018/19" in shown
    assert "No comparator in 2018/19: there is nothing to compare with." in shown


def test_a_force_of_ours_without_a_size_is_a_problem(tmp_path: Path) -> None:
    """At its blank cell of a wide sheet; else on the sheet. It stops no other command."""
    wide: Table = [
        ["force", "measure", "2017/18", YEAR],
        ["BEDS", "officers", 1, 100],
        ["HERTS", "officers", 1, None],
        ["Essex", "officers", 1, 300],
    ]
    path = book(tmp_path, Sizes=wide)
    ran = run("benchmark", path, "--json")
    (problem,) = json.loads(ran.out)["problems"]
    assert (ran.code, problem["code"], problem["sheet"], problem["cell"]) == (3, "size-missing", "Sizes", "D3")
    assert problem["message"] == "HERTS has no officers for 2018/19, by which the functions are compared"
    assert [run(command, path, "-q").code for command in ("compute", "check", "status")] == [0, 0, 0]
    assert rows_of(path, "--year", "2017/18")["ICT"]["size"] == "2"


def test_problems_on_the_sheets_come_by_cell_and_stop_benchmark_and_check_alone(tmp_path: Path) -> None:
    sizes: Table = [*SIZES[:-1], ["2018", "Essex", "officers", 0], [YEAR, "essex", "OFFICERS", 5]]
    retained: Table = [*RETAINED, [YEAR, "ICT", "Essex", None]]
    path = book(tmp_path, Sizes=sizes, Retained=retained)
    for command in ("benchmark", "check"):
        problems = json.loads(run(command, path, "--json").out)["problems"]
        assert {(problem["code"], problem["sheet"], problem["cell"]) for problem in problems} == {
            ("bare-year", "Sizes", "A8"),
            ("out-of-range", "Sizes", "D8"),
            ("duplicate-key", "Sizes", "D9"),
            ("unknown-force", "Retained", "C7"),
            ("blank-value", "Retained", "D7"),
        }
    assert run("compute", path, "-q").code == 0
    read = run("check", book(tmp_path), "--show", "read").out
    assert all(re.search(line, read) for line in ("rows of Comparators +6\n", "rows of Sizes +7\n", "Retained +5\n"))


# The outturn


def test_the_outturn_where_there_is_any(tmp_path: Path) -> None:
    """ICT cost 1,000 in all of 2018/19, without implementation 900; Network, HR and Vetting stay on their budgets."""
    actuals: Table = [
        ["unit", "year", "amount", "type"],
        ["ICT", YEAR, 900, None],
        ["ICT", YEAR, 100, "implementation"],
        ["Old", YEAR, 1, None],
    ]
    path = book(tmp_path, Actuals=actuals)
    answer = asked(path, "--outturn")
    assert [(row["units"], row["cost"]) for row in answer["rows"]] == [
        (["ICT", "Network", "Old"], "1100.99"),  # 900 + 199.99 + 1
        (["HR"], "140.00"),
        (["Vetting"], "60.00"),
    ]
    assert "On the budget, without an outturn of the whole of 2018/19: Network, HR, Vetting" in answer["notes"]
    shown = run("benchmark", path, "--outturn").out
    assert "budget and outturn" in shown
    assert rows_of(path)["ICT"]["cost"] == "1200.00"
    assert "No outturn is given (sheet Actuals)" in run("benchmark", book(tmp_path), "--outturn").out


# Shown


def test_the_first_page(tmp_path: Path) -> None:
    shown = run("benchmark", book(tmp_path)).out
    assert "What the functions cost beside other services in 2018/19, per Officer: b.xlsx, budget (£)" in shown
    assert "scope, the price of labour and the quality of the service differ" in shown
    assert "saving" not in shown
    line = (
        "+140  £0.7000 per Officer; 1 comparator £0.0001, from 0.0001 (Kent) to 0.0001 (Kent); rank 2 of 2, quartile 4"
    )
    assert line in shown
    assert re.search(r"All that compare +1,340 +97\n", shown)  # 139.99 − 42.86
    assert "What the members still spend themselves is counted: Human resources £40, Vetting £0." in shown
    assert "Scope not stated: ICT." in shown
    assert (
        "No comparator in 2018/19: Vetting. No Officers in 2018/19: Norfolk. No function (Units, function): Dogs"
        in shown
    )
    services = run("benchmark", book(tmp_path), "--show", "services").out
    order = ("Kent", "ours: BEDS, HERTS", "Essex", "Norfolk")
    places = [services.index(f"ICT              {name}") for name in order]
    assert places == sorted(places)


def test_a_result_is_verified_and_a_scenario_replaces_a_comparator(tmp_path: Path) -> None:
    path, result, scenario = book(tmp_path), tmp_path / "r.json", tmp_path / "kent.toml"
    scenario.write_text('[[Comparators]]\nyear = "2018/19"\nfunction = "ICT"\nforce = "Kent"\n"net cost" = 300\n')
    assert run("benchmark", path, "--scenario", scenario, "-o", result).code == 0
    (row, *_) = json.loads(result.read_text("utf-8"))["rows"]
    assert (row["comparators_per_size"], row["rank"]) == ("1.7143", 3)  # 1,200 / 700
    assert run("verify", result, path, "--scenario", scenario).code == 0
    book(tmp_path, Sizes=[*SIZES[:4], [YEAR, "KENT", "officers", 401], *SIZES[5:]])
    changed = run("verify", result, path, "--scenario", scenario)
    assert changed.code == 6
    assert "CHANGED: 1 cell of b.xlsx" in changed.out
    assert "Sizes!D5" in changed.out
