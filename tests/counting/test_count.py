"""`count` by hand: a plan's problems at once, the page's rules on a few records, and what becomes of the result."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.program import ALLIANCE, EXAMPLES, PROGRAM, ROOT, run, run_apart

HEAD = """
[forces]
BEDS = ["Bedfordshire", "40"]
CAMBS = []
"""
DRIVER = """
[[driver]]
name = "incidents"
from = "a.csv"
date = "when"
force = "force"
"""


def written(folder: Path, records: str, plan: str = HEAD + DRIVER) -> Path:
    (folder / "a.csv").write_text(records, "utf-8")
    (folder / "plan.toml").write_text(plan, "utf-8")
    return folder / "plan.toml"


def counted(plan: Path) -> dict[str, Any]:
    ran = run("count", plan, "--json")
    assert ran.code == 0, ran.err + ran.out
    document: dict[str, Any] = json.loads(ran.out)
    return document


# Problems

TEN = """
connection = "postgres://me:secret@host/base"
timezone = "Europe/Londn"
tiemzone = "Europe/London"

[forces]
BEDS = ["Bedfordshire", "40"]
CAMBS = ["Cambridgeshire", "40"]

[[driver]]
name = "incidents"
from = "none-*.csv"
date = "when"
force = "force"
between = ["2019-04", "2018-04"]

[[driver]]
name = "Incidents"
from = "a.csv"
date = "wehn"
force = 5
zero = "yes"
where = { grade = [] }
"""
SAID = """
connection: the connection holds a password, which would be kept with every result
timezone: “Europe/Londn” is not a timezone
tiemzone: there is no key “tiemzone”; did you mean “timezone”?
forces.CAMBS: “40” is a spelling of BEDS and of CAMBS
driver[1].between: the months run backwards: 2019-04 comes after 2018-04
driver[2].force: “5” is not a text
driver[2].where.grade: “[]” is no value that a column can have
driver[2].zero: “yes” is not true or false
driver[2].name: the driver “Incidents” is counted twice
driver[1].from: there is no file “none-*.csv”
driver[2].date: a.csv has no column “wehn”; did you mean “when”?
"""


def test_all_mistakes_of_a_plan_are_named_at_once(tmp_path: Path) -> None:
    plan, result = written(tmp_path, "when,force\n2018-04-01,BEDS\n", TEN), tmp_path / "demand.xlsx"
    ran = run("count", plan, "--json", "-o", result)
    assert ran.code == 3
    problems = json.loads(ran.out)["problems"]
    assert [f"{problem['cell']}: {problem['message']}" for problem in problems] == SAID.strip().split("\n")
    assert "secret" not in ran.out + ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "plan.toml"]
    assert "11 problems in plan.toml" in run("count", plan).err


PROBLEMS = {
    "plan-unreadable": ("", "[forces", "the plan is not valid TOML"),
    "plan-key-missing": ("when,force\n", 'timezone = "Europe/London"', "“forces” is missing"),
    "plan-value": ("when,force\n", HEAD + DRIVER + 'between = ["2018/19", "2019-03"]', "“2018/19” is not a month"),
    "variable-missing": ("", 'connection = "trino://me:${NO_SUCH}@h"\n' + HEAD + DRIVER, "NO_SUCH is not set"),
    "plan-records": ("", HEAD + DRIVER + 'table = "a"', "both “from” and “table” are given"),
    "records-kind": ("", HEAD + DRIVER.replace("a.csv", "plan.toml"), "“plan.toml” names plan.toml"),
    "records-unreadable": ("when,force\n2018-04-01,BEDS,1\n", HEAD + DRIVER, "cannot be read to their end"),
    "column-twice": ("when,force,force\n", HEAD + DRIVER, "a.csv has two columns “force”"),
    "column-type": ("", HEAD + DRIVER.replace("a.csv", "a.parquet") + 'sum = "force"', "holds boolean"),
    "connection-failed": ("", 'connection = "duckdb://no.db"\n' + HEAD + DRIVER.replace("from", "table"), "no.db"),
    "table-missing": ("", 'connection = "duckdb://t.db"\n' + HEAD + DRIVER.replace("from", "table"), "a.csv cannot"),
    "no-record-counted": ("when,force\n2018-04-01,x\n", HEAD + DRIVER, "1 were read (1 force-not-known)"),
    "force-not-spelled": ("when,force\n2018-04-01,BEDS\n", HEAD + DRIVER, "no record names CAMBS (CAMBS)"),
}
IN_TEN = {"password-in-plan", "plan-key-unknown", "spelling-twice", "driver-twice", "records-missing", "column-missing"}


@pytest.mark.parametrize("code", PROBLEMS)
def test_problem(code: str, tmp_path: Path) -> None:
    import duckdb

    records, text, said = PROBLEMS[code]
    plan = written(tmp_path, records, text)
    with duckdb.connect(str(tmp_path / "t.db")) as base:
        base.execute("create table t (a int)")
        base.execute(f"copy (select current_date as \"when\", true as force) to '{tmp_path}/a.parquet'")
    ran = run("count", plan, "--json")
    assert ran.code == 3, ran.err
    assert any(p["code"] == code and said in p["message"] and p["remedy"] for p in json.loads(ran.out)["problems"])


@pytest.mark.parametrize(
    ("setting", "said"),
    [("no_such=1", "not recognized: no_such"), ("memory_limit=lots", "must have a number"), ("database=x", "database")],
)
def test_a_setting_that_duckdb_refuses_is_a_problem(setting: str, said: str, tmp_path: Path) -> None:
    records = "when,force\n2018-04-01,BEDS\n2018-04-01,CAMBS\n"
    plan = written(tmp_path, records, f'connection = "duckdb://?{setting}"\n' + HEAD + DRIVER)
    ran = run("count", plan, "--json")
    assert ran.code == 3, ran.err
    assert [(p["code"], said in p["message"]) for p in json.loads(ran.out)["problems"]] == [("connection-failed", True)]


def test_every_problem_has_its_test() -> None:
    codes = set()
    for path in (ROOT / "src/bch_apportion/counting").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Problem", "Unreadable"):
                codes |= {str(node.args[0].value)} if isinstance(node.args[0], ast.Constant) else set()
    assert codes == {*PROBLEMS, *IN_TEN}


def test_a_driver_that_cannot_be_counted_hides_no_problem_of_another(tmp_path: Path) -> None:
    second = DRIVER.replace("incidents", "others").replace("a.csv", "none.csv")
    ran = run("count", written(tmp_path, "when,force\n2018-04-01,x\n", HEAD + DRIVER + second), "--json")
    assert [problem["code"] for problem in json.loads(ran.out)["problems"]] == ["no-record-counted", "records-missing"]


# Figures by hand


def test_reasons_come_in_the_order_of_the_page(tmp_path: Path) -> None:
    """Each record has its reason and all that come after it."""
    records = "id,when,force,grade,hours\n"
    records += "a,,,2,x\n"  # filtered, though nothing else is right either
    records += "b,  ,,1,x\n"  # no-date
    records += "c,31/06/2018,,1,x\n"  # date-not-readable
    records += "d,2018-07-01,,1,x\n"  # outside-between
    records += "e,2018-06-30, ,1,x\n"  # no-force
    records += "f,2018-06-30,Essex,1,x\n"  # force-not-known
    records += "g,2018-06-30,CAMBS,1,-1\n"  # amount
    records += "h,2018-06-30,CAMBS,1,2.25\nh,2018-06-30,CAMBS,1,2\n"  # a tie: the larger amount counts
    records += "i,30/06/2018,CAMBS,1,1\ni,2018-06-30,bedfordshire ,1,1\n"  # a tie: BEDS comes first
    records += ",2018-06-01,40,1,1\n,2018-06-01,40,1,1\n"  # blank ids are no duplicates
    more = 'id = "id"\nsum = "hours"\nwhere = { grade = 1 }\nbetween = ["2018-06", "2018-06"]\n'
    answer = counted(written(tmp_path, records, HEAD + DRIVER + more))
    volumes = {row["force"]: row["volume"] for row in answer["demand"]}
    assert volumes == {"BEDS": "3", "CAMBS": "2.25"}  # 1 (i) + 1 + 1; 2.25 (h)
    (shown,) = answer["evidence"]
    assert [part["records"] for part in shown["left_out"]] == [1, 1, 1, 1, 1, 1, 1, 2]
    assert [part["ids"] for part in shown["left_out"]] == [*([letter] for letter in "abcdefg"), ["h", "i"]]
    assert (shown["read"], shown["counted"], shown["blank_ids"]) == (13, 4, 2)
    assert shown["cut"] == {"first": False, "last": False}


def test_late_is_later_than_the_same_day_of_the_next_month(tmp_path: Path) -> None:
    """31 January: until 28 February. 28 February: until 28 March. December: until the same day of January."""
    pairs = [("2018-01-31", "2018-02-28"), ("2018-01-31", "2018-03-01"), ("2018-02-28", "2018-03-28")]
    pairs += [("2018-02-28", "2018-03-29"), ("2018-12-15", "2019-01-15"), ("2018-12-15", "2019-01-16 00:00:01")]
    pairs += [("2018-05-01", ""), ("2018-05-01", "2018-04-01")]
    records = "when,force,entered\n" + "".join(f"{when},BEDS,{entered}\n" for when, entered in pairs)
    plan = written(tmp_path, records + "2018-01-01,CAMBS,2018-01-01\n", HEAD + DRIVER + 'recorded = "entered"\n')
    answer = counted(plan)
    grade = {
        (g["force"], g["year"]): (g["counted"], g["late"], g["months"], g["of"]) for g in answer["evidence"][0]["grade"]
    }
    assert grade["BEDS", "2017/18"] == (4, 2, 2, 3) and grade["BEDS", "2018/19"] == (4, 1, 2, 9)
    assert answer["notes"] == [
        "incidents: 1 counted record without a readable date of entry (entered): not called late."
    ]


def test_moments_are_those_of_the_timezone(tmp_path: Path) -> None:
    """23:30 in UTC on 31 March is 00:30 on 1 April in London and 31 March in Accra; without an offset it stays."""
    records = "when,force\n2018-03-31T23:30:00Z,BEDS\n2018-03-31T23:30:00,CAMBS\n"
    plan = written(tmp_path, records)
    assert [(row["period"], row["force"]) for row in counted(plan)["demand"]] == [
        ("2018-03", "CAMBS"),
        ("2018-04", "BEDS"),
    ]
    plan.write_text('timezone = "Africa/Accra"\n' + HEAD + DRIVER, "utf-8")
    assert {row["period"] for row in counted(plan)["demand"]} == {"2018-03"}


def test_the_first_of_an_id_is_the_first_moment_when_the_clock_goes_back(tmp_path: Path) -> None:
    """00:45 UTC is 01:45 in London, and 01:15 UTC, half an hour later, 01:15."""
    records = "when,force,ref\n2020-10-25T01:15:00Z,BEDS,A\n2020-10-25T00:45:00Z,CAMBS,A\n2020-10-26,BEDS,B\n"
    answer = counted(written(tmp_path, records, HEAD + DRIVER + 'id = "ref"\n'))
    assert [(row["force"], row["volume"]) for row in answer["demand"]] == [("BEDS", "1"), ("CAMBS", "1")]


def test_a_date_cell_of_a_workbook_has_its_time_of_day(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("when", "force", "ref"),
        (datetime(2020, 1, 15, 23, 59, 59), "BEDS", "A"),
        (datetime(2020, 1, 15, 4), "CAMBS", "A"),
        (datetime(2020, 1, 16), "BEDS", "B"),
    ):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    answer = counted(written(tmp_path, "", HEAD + DRIVER.replace("a.csv", "a.xlsx") + 'id = "ref"\n'))
    assert [(row["force"], row["volume"]) for row in answer["demand"]] == [("BEDS", "1"), ("CAMBS", "1")]


def test_case_does_not_matter_in_any_alphabet(tmp_path: Path) -> None:
    """A dotted capital I, and a sigma that is written otherwise at the end of a word."""
    plan = '[forces]\nBEDS = ["İlçe"]\nCAMBS = ["Σίγμας"]\n' + DRIVER
    records = "when,force\n2020-01-01,İlçe\n2020-01-01,ΣΊΓΜΑΣ\n2020-01-31,beds\n"
    answer = counted(written(tmp_path, records, plan))
    assert [(row["force"], row["volume"]) for row in answer["demand"]] == [("BEDS", "2"), ("CAMBS", "1")]


def test_an_offset_that_no_clock_has_is_no_date(tmp_path: Path) -> None:
    records = "when,force\n2020-02-03T10:00:00+99:00,BEDS\n2020-02-01,BEDS\n2020-02-29,CAMBS\n"
    (evidence,) = counted(written(tmp_path, records))["evidence"]
    assert [row["records"] for row in evidence["left_out"] if row["reason"] == "date-not-readable"] == [1]


@pytest.mark.parametrize(
    ("kinds", "volumes"),
    [
        (("1::bigint", "1.5::double"), ["1", "1.5"]),
        (("1.25::decimal(10, 2)", "'2,000.5'"), ["1.25", "2000.5"]),
        (("null", "7::int"), ["7"]),
        (("600000000001.0::double", "12345678901234.0::double"), ["600000000001", "12345678901234"]),
    ],
)
def test_files_of_a_driver_may_give_amounts_in_different_types(
    kinds: tuple[str, str], volumes: Sequence[str], tmp_path: Path
) -> None:
    """Files that another program wrote from a table with gaps; DuckDB writes the untyped null as a type of its own."""
    for number, (kind, force) in enumerate(zip(kinds, ("BEDS", "CAMBS"), strict=True), 1):
        one_amount(tmp_path / f"a-{number}.parquet", kind, force)
    plan = written(tmp_path, "", HEAD + DRIVER.replace("a.csv", "a-*.parquet") + 'sum = "hours"\n')
    assert [row["volume"] for row in counted(plan)["demand"]] == volumes


def one_amount(path: Path, amount: str, force: str) -> None:
    """A record of a force with an amount of some type, as Parquet; a null without a type."""
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    given = duckdb.query(f"select {amount}")
    assert given is not None
    hours = pa.nulls(1) if amount == "null" else given.to_arrow_table().column(0)
    pq.write_table(pa.table({"when": [date(2018, 4, 1)], "force": [force], "hours": hours}), path)


def test_timestamps_to_the_billionth_of_a_second_with_an_offset(tmp_path: Path) -> None:
    """23:30 in UTC on 31 March is 00:30 on 1 April in London."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    moment = pa.array([datetime(2018, 3, 31, 23, 30)], pa.timestamp("ns", "UTC"))
    for number, force in enumerate(("BEDS", "CAMBS"), 1):
        pq.write_table(pa.table({"when": moment, "force": [force]}), tmp_path / f"a-{number}.parquet")
    plan = written(tmp_path, "", HEAD + DRIVER.replace("a.csv", "a-*.parquet"))
    assert [(row["period"], row["force"]) for row in counted(plan)["demand"]] == [
        ("2018-04", "BEDS"),
        ("2018-04", "CAMBS"),
    ]


def test_a_nan_beside_amounts_is_no_amount(tmp_path: Path) -> None:
    """The statistics that a file keeps of a column do not count it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = [date(2018, 4, 1), date(2018, 4, 30), date(2018, 4, 2)]
    hours = [1.0, 2.0, float("nan")]
    pq.write_table(pa.table({"when": days, "force": ["BEDS", "CAMBS", "BEDS"], "hours": hours}), tmp_path / "a.parquet")
    answer = counted(written(tmp_path, "", HEAD + DRIVER.replace("a.csv", "a.parquet") + 'sum = "hours"\n'))
    assert [row["volume"] for row in answer["demand"]] == ["1", "2"]


def test_an_empty_plan_lacks_everything(tmp_path: Path) -> None:
    ran = run("count", written(tmp_path, "", ""))
    assert ran.code == 3 and "“forces” is missing" in ran.err and "“driver” is missing" in ran.err


def test_a_force_that_is_no_list_hides_no_spelling_under_two_forces(tmp_path: Path) -> None:
    plan = '[forces]\nBEDS = ["35"]\nCAMBS = ["35"]\nHERTS = "x"\n' + DRIVER
    ran = run("count", written(tmp_path, "when,force\n2018-04-01,35\n", plan))
    assert "forces.HERTS: “x” is not a list" in ran.err and "“35” is a spelling of BEDS and of CAMBS" in ran.err


def test_a_row_of_a_csv_that_is_too_short_is_named_with_its_file(tmp_path: Path) -> None:
    ran = run("count", written(tmp_path, "when,force\n2018-04-01,BEDS\n2018-04-02\n"))
    assert "CSV Error on Line: 3; Expected Number of Columns: 2 Found: 1; file = a.csv" in ran.err


def test_a_force_in_no_record_is_named_with_what_the_records_write(tmp_path: Path) -> None:
    ran = run("count", written(tmp_path, "when,force\n2018-04-01,BEDS\n2018-04-02,Camb\n2018-04-02,Essex\n"))
    assert "no record names CAMBS (CAMBS)" in ran.err and "(unknown: “Camb”, “Essex”)" in ran.err


def test_floating_amounts_are_summed_to_six_places(tmp_path: Path) -> None:
    """0.1 + 0.2 is 0.3, which no float says; what is no number is no amount."""
    import duckdb

    plan = written(tmp_path, "", HEAD + DRIVER.replace("a.csv", "a.parquet") + 'sum = "hours"\n')
    values = "('0.1', 'BEDS'), ('0.2', 'BEDS'), ('nan', 'BEDS'), ('inf', 'CAMBS'), ('0.0000004', 'CAMBS')"
    query = (
        f"select hours::double as hours, force, date '2018-04-02' as \"when\" from (values {values}) t(hours, force)"
    )
    duckdb.execute(f"copy ({query}) to '{tmp_path}/a.parquet'")
    answer = counted(plan)
    assert [row["volume"] for row in answer["demand"]] == ["0.3", "0"]
    assert answer["evidence"][0]["left_out"][6] == {"reason": "amount", "records": 2, "ids": [], "spellings": []}
    assert answer["notes"] == ["incidents: hours is a floating column, summed to six places."]


def test_months_that_could_be_years_are_written_in_words(tmp_path: Path) -> None:
    plan, result = written(tmp_path, "when,force\n2011-12-01,BEDS\n2011-12-31,CAMBS\n"), tmp_path / "demand.xlsx"
    assert run("count", plan, "-o", result, "-q").code == 0
    assert "2011-12" in run("count", plan, "--csv").out
    import openpyxl

    assert [row[1] for row in openpyxl.load_workbook(result)["Demand"].iter_rows(values_only=True)][1:] == [
        "December 2011",
        "December 2011",
    ]


# The result


def test_the_example_makes_a_unit_robust(tmp_path: Path) -> None:
    """Six months of Cambridgeshire's certificates are missing; with the demand that the example counts only one is."""
    result = tmp_path / "demand.xlsx"
    assert run("count", EXAMPLES / "demand.toml", "-o", result, "-q").code == 0
    shown = run("count", EXAMPLES / "demand.toml").out
    assert "Left out: 4 by where, 1 without a readable date, 4 of unknown forces, 1 without a usable amount, 5" in shown
    asked = ("status", ALLIANCE, "--unit", "Firearms Licensing", "--json")
    (before,) = json.loads(run(*asked).out)["rows"]
    joined = json.loads(run(*asked, "--with", result).out)
    (after,) = joined["rows"]
    assert [stop["why"] for stop in before["stops"]] == ["complete"]
    assert after["stops"] == [] and [part["basis"] for part in after["stands_on"]] == ["demand"]
    notes = [note for note in joined["notes"] if note.startswith("demand.xlsx")]
    assert notes == [
        "demand.xlsx: rows joined to Demand",
        "demand.xlsx: Demand: drivers that no unit uses: collisions",
    ]  # nothing of its sheets of evidence, which are no input


def test_the_workbook_of_count_is_an_input_and_no_other_result_is(tmp_path: Path) -> None:
    """What it lacks of a workbook is said; that it is a result is not."""
    result, other = tmp_path / "demand.xlsx", tmp_path / "compute.xlsx"
    assert run("count", EXAMPLES / "demand.toml", "-o", result, "-q").code == 0
    assert run("compute", ALLIANCE, "-o", other, "-q", "--values").code == 0
    problems = [p["code"] for p in json.loads(run("compute", result, "--json").out)["problems"]]
    assert "sheet-missing" in problems and "result-as-input" not in problems
    assert "result-as-input" in run("compute", other, "--json").out


def test_verify_counts_again_and_says_what_changed(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "extracts", tmp_path / "extracts")
    shutil.copy(EXAMPLES / "demand.toml", tmp_path)
    plan, result = tmp_path / "demand.toml", tmp_path / "demand.csv"
    assert run("count", plan, "-o", result, "-q").code == 0
    ran = run("verify", result, plan)
    assert ran.code == 0 and "extracts/certificates.csv is unchanged, byte for byte" in " ".join(ran.out.split())
    with (tmp_path / "extracts/certificates.csv").open("a", encoding="utf-8") as out:
        out.write("L1,30/09/2018,CAMBS,7,grant,01/10/2018\n")
    document = json.loads(run("verify", result, plan, "--json").out)
    assert document["input"]["changed"] and not document["program"]["changed"]
    (moved,) = document["moved"]
    assert (moved["published"], moved["derived"]) == ("5850", "5857")
    plan.write_text(plan.read_text("utf-8").replace('id = "batch"\n', ""), "utf-8")
    keys = json.loads(run("verify", result, plan, "--json").out)["input"]["cells"]
    assert [(cell["column"], cell["then"], cell["now"]) for cell in keys] == [("id", "batch", None)]


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        assert run("count", EXAMPLES / "demand.toml", "-o", tmp_path / name, "-q").code == 0
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "duckdb.py").write_text("raise ModuleNotFoundError('no duckdb', name='duckdb')", "utf-8")
    path = os.pathsep.join(map(str, (tmp_path, ROOT / "src")))
    ran = run_apart("count", EXAMPLES / "demand.toml", env={"PYTHONPATH": path})
    assert ran.code == 2 and "pip install 'bch-apportion[count]'" in ran.err


@pytest.mark.long
def test_more_ids_than_memory_holds_are_counted(tmp_path: Path) -> None:
    """800,000 records of ids of 32 letters take more than DuckDB's 40 MB: they go to disk, or nowhere."""
    import duckdb

    query = (
        "select md5((i // 2)::varchar) as id, date '2018-04-01' as \"when\", if(i % 2 = 0, 'BEDS', 'CAMBS') as force"
    )
    duckdb.execute(f"copy ({query} from range(800000) t(i)) to '{tmp_path}/a.parquet'")
    text = 'connection = "duckdb://?memory_limit=40MB&threads=1"\n' + HEAD + DRIVER.replace("a.csv", "a.parquet")
    plan = written(tmp_path, "", text + 'id = "id"\n')
    (shown,) = counted(plan)["evidence"]
    assert (shown["counted"], shown["left_out"][7]["records"]) == (400_000, 400_000)
    plan.write_text(plan.read_text("utf-8").replace("threads=1", "threads=1&max_temp_directory_size=0KB"), "utf-8")
    assert "records-unreadable" in run("count", plan, "--json").out


@pytest.mark.long
def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    import duckdb

    temporary = tmp_path / "temporary"
    temporary.mkdir()
    plan = written(tmp_path, "", HEAD + DRIVER + 'id = "id"\n')
    query = "select i as id, date '2018-04-01' as \"when\", if(i % 2 = 0, 'BEDS', 'CAMBS') as force"
    duckdb.execute(f"copy ({query} from range(6000000) t(i)) to '{tmp_path}/a.csv'")
    words = [*PROGRAM, "count", str(plan), "-o", str(tmp_path / "demand.xlsx")]
    process = subprocess.Popen(words, env={**os.environ, "TMPDIR": str(temporary)}, stderr=subprocess.PIPE)
    while not list(temporary.iterdir()):  # it counts
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT and b"stopped before it had finished" in err
    assert list(temporary.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "plan.toml", "temporary"]
