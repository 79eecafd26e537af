"""`verify` as an analyst runs it: in every format, on every command, whoever's doing the difference is."""

from __future__ import annotations

import csv
import functools
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from openpyxl import load_workbook

from bch_apportion.verify.published import read_published
from bch_apportion.verify.rows import Verify
from bch_apportion.writing.documents import to_text
from bch_apportion.writing.manifest import CONSTANTS, digest, each
from bch_apportion.writing.schema import read_answer
from tests.books import Table, two_forces, with_hostile_texts, with_live_texts, write_book
from tests.libreoffice import Office
from tests.program import ALLIANCE, COUNCILS, EXAMPLES, Ran, run, run_apart

SUFFIXES = (".xlsx", ".csv", ".json", ".md", ".html")
ASKED: dict[str, list[str | Path]] = {
    "compute": ["compute", ALLIANCE, "--unit", "ICT", "--unit", "HR", "--year", "2017/18..2018/19", "--detail", "line"],
    "check": ["check", COUNCILS],
    "explain": ["explain", ALLIANCE, "--unit", "HR", "--year", "2016/17", "--as-at", "2017-03-31"],
    "variance": ["variance", ALLIANCE, "--year", "2018/19", "--against", "2012/13", "--real"],
    "track": ["track", ALLIANCE, "--base", "2012/13", "--unit", "ICT"],
    "settle": ["settle", ALLIANCE, "--year", "2017/18"],
    "mtfs": ["mtfs", ALLIANCE, "--years", "2", "--sensitivity", "--runs", "50", "--seed", "0", "--fms"],
    "compare": ["compare", ALLIANCE, "--without", "HERTS", "--unit", "ICT", "--year", "2018/19"],
}
# Worked by hand: 100,001 pence on 100 : 200 are 33,333⅔ and 66,667⅓: the penny that is left goes to BEDS, 333.34.
BUDGETS: Table = [["unit", "year", "amount", "line"], ["ICT", "2018/19", 1000.01, "pay"], ["HR", "2018/19", 30, "pay"]]


def book(folder: Path, name: str = "book.xlsx", **changed: Table) -> Path:
    units: Table = [["unit", "pooled from"], ["ICT", "2016-04-01"], ["HR", "2016-04-01"]]
    sheets = {"Units": units, "Budgets": BUDGETS, **changed}
    return write_book(folder / name, two_forces(**sheets))


def written(folder: Path, suffix: str, *arguments: str | Path) -> Path:
    target = folder / f"result{suffix}"
    whole = ["--full"] if suffix == ".md" and arguments[0] == "compute" else []  # its first page has whole pounds
    ran = run(*arguments, *whole, "-o", target, "-q")
    assert ran.code == 0, ran.err
    return target


@functools.cache
def _of_the_book(suffix: str, *options: str) -> dict[str, bytes]:
    """The files that `compute` writes of the workbook above, which are the same bytes each time."""
    with TemporaryDirectory() as name:
        source = book(Path(name))
        written(Path(name), suffix, "compute", source, *options)
        return {path.name: path.read_bytes() for path in Path(name).iterdir() if path != source}


def of_the_book(folder: Path, suffix: str, *options: str) -> tuple[Path, Path]:
    """The workbook above and what `compute` writes of it, which is written anew once for all tests."""
    for name, content in _of_the_book(suffix, *options).items():
        (folder / name).write_bytes(content)
    return book(folder), folder / f"result{suffix}"


def verified(*arguments: str | Path) -> tuple[int, Any]:
    """The exit code, and the document, which reads back as it was written."""
    ran = run("verify", *arguments, "--json")
    assert ran.err == ""
    assert to_text(read_answer(Verify, ran.out)) == ran.out
    return ran.code, json.loads(ran.out)


def replaced(path: Path, old: str, new: str, sheet: int = 2) -> None:
    """One text of a result put in the place of another, wherever it stands first; of a workbook on a sheet."""
    if path.suffix != ".xlsx":
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return
    packed = path.read_bytes()
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    name = f"xl/worksheets/sheet{sheet}.xml"  # the first page, Splits
    assert old.encode() in parts[name]
    parts[name] = parts[name].replace(old.encode(), new.encode(), 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part, content in parts.items():
            target.writestr(part, content)
    assert path.read_bytes() != packed


@pytest.mark.long
@pytest.mark.parametrize("command", ASKED)
def test_what_was_just_written_follows(command: str, tmp_path: Path) -> None:
    """In every format, written by a single run."""
    # the .xlsx of check is the marked copy of the workbook, which is no result
    results = [tmp_path / f"result{suffix}" for suffix in SUFFIXES if (command, suffix) != ("check", ".xlsx")]
    assert run(*ASKED[command], *(word for path in results for word in ("-o", path)), "-q").code == 0
    for result in results:
        code, answer = verified(result, ASKED[command][1])
        assert (code, answer["follows"], answer["edited"], answer["moved"], answer["notes"]) == (0, True, [], [], [])
        assert (answer["input"], answer["program"]["changed"]) == ({"changed": False, "cells": []}, False)
        assert answer["command"] == command


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("make", [with_live_texts, pytest.param(with_hostile_texts, marks=pytest.mark.long)])
def test_texts_of_every_kind_are_sealed_as_they_are_read_back(
    make: Callable[[Path], Path], suffix: str, tmp_path: Path
) -> None:
    result = written(tmp_path, suffix, "compute", make(tmp_path / "book.xlsx"), "--detail", "line")
    published = read_published(result)
    seal = published.manifest.seal
    assert {name.removesuffix(CONSTANTS) for name in seal} == set(published.rows)
    for group, rows in published.rows.items():
        assert each(seal[group]) == [digest(row.line) for row in rows], group
        constants = each(seal.get(group + CONSTANTS, seal[group]))  # of a sheet without formulas they are the lines
        assert suffix != ".xlsx" or constants == [digest(row.constants) for row in rows], group
    assert verified(result, tmp_path / "book.xlsx")[0] == 0


FIGURES = {".xlsx": ("<v>333.34</v>", "<v>333.33</v>"), ".csv": ("333.34", "333.33"), ".json": ('"333.34"', '"333.33"')}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_figure_edited_by_a_penny_is_named(suffix: str, tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, suffix)
    replaced(result, *FIGURES.get(suffix, ("333.34", "333.33")))
    code, answer = verified(result, source)
    assert (code, answer["follows"], answer["moved"]) == (6, False, [])
    assert not answer["input"]["changed"] and not answer["program"]["changed"]
    pairs = {(edit["published"], edit["derived"]) for edit in answer["edited"]}
    assert pairs == {("333.33", "333.34")}
    (edit,) = answer["edited"]
    assert "ICT" in edit["of"]
    places = {".xlsx": "Splits!D2", ".csv": "G2", ".json": "lines[0].amount"}
    assert edit["place"] == places.get(suffix, edit["place"])
    assert "line " in edit["place"] or suffix in places


@pytest.mark.parametrize("options", [[], ["--values"]], ids=["live", "values"])
def test_a_figure_edited_on_the_first_page_is_named(options: list[str], tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".xlsx", *options)
    replaced(result, "<v>333.34</v>", "<v>333.33</v>", sheet=1)
    code, answer = verified(result, source)
    (edit,) = answer["edited"]
    assert (code, edit["published"], edit["derived"]) == (6, "333.33", "333.34")
    assert edit["place"].startswith("First page!")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_cell_of_the_input_that_changed_is_found_with_old_and_new(suffix: str, tmp_path: Path) -> None:
    _, result = of_the_book(tmp_path, suffix)
    rows: Table = [BUDGETS[0], ["ICT", "2018/19", 1300.01, "pay"], BUDGETS[2]]
    code, answer = verified(result, book(tmp_path, Budgets=rows))
    assert (code, answer["edited"]) == (6, [])
    cell = {"file": "book.xlsx", "place": "Budgets!C2", "of": "ICT, 2018/19, pay", "column": "amount"}
    assert answer["input"] == {"changed": True, "cells": [{**cell, "then": "1000.01", "now": "1300.01"}]}
    plain = {(move["published"].replace(",", ""), move["derived"].replace(",", "")) for move in answer["moved"]}
    assert ("333.34", "433.34") in plain  # 1300.01 / 3 = 433.336…, the odd penny to the larger remainder
    assert not answer["program"]["changed"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_edit_beside_a_changed_input(suffix: str, tmp_path: Path) -> None:
    """HR costs 10 and 20, and says 11; ICT moved with its budget."""
    _, result = of_the_book(tmp_path, suffix)
    edits = {".xlsx": ("<v>10.00</v>", "<v>11</v>"), ".json": ('"10.00"', '"11.00"')}
    replaced(result, *edits.get(suffix, ("10.00", "11.00")))
    rows: Table = [BUDGETS[0], ["ICT", "2018/19", 1300.01, "pay"], BUDGETS[2]]
    code, answer = verified(result, book(tmp_path, Budgets=rows))
    assert code == 6
    edited = {(edit["of"].split(",")[0], edit["published"], edit["derived"]) for edit in answer["edited"]}
    assert edited <= {("HR", "11", "10"), ("HR", "11.00", "10.00")} and len(edited) == 1
    assert all("HR," not in move["of"] for move in answer["moved"])
    assert [cell["place"] for cell in answer["input"]["cells"]] == ["Budgets!C2"]


def test_rows_moved_about_are_no_change_and_blanks_volumes_and_rows_gone_are_named(tmp_path: Path) -> None:
    demand: Table = [["driver", "period", "BEDS", "HERTS"], ["calls", "2017-04", 5, 6], ["calls", "2017-05", 7, None]]
    drivers: Table = [["unit", "driver"], ["ICT", "calls"]]
    before = book(tmp_path, "before.xlsx", Demand=demand, Drivers=drivers)
    result = written(tmp_path, ".json", "compute", before)
    demand_now: Table = [demand[0], demand[2], ["calls", "2017-04", 5, 8]]
    budgets_now: Table = [[*BUDGETS[0], "held by"], [*BUDGETS[2], "BEDS"]]
    _, answer = verified(result, book(tmp_path, "now.xlsx", Demand=demand_now, Drivers=drivers, Budgets=budgets_now))
    cells = [
        (cell["place"], cell["of"], cell["column"], cell["then"], cell["now"]) for cell in answer["input"]["cells"]
    ]
    assert cells == [
        ("Budgets!E2", "HR, 2018/19, pay", "held by", None, "BEDS"),
        ("Budgets!A2", "ICT, 2018/19, pay", "unit", "ICT", None),
        ("Budgets!B2", "ICT, 2018/19, pay", "year", "2018/19", None),
        ("Budgets!C2", "ICT, 2018/19, pay", "amount", "1000.01", None),
        ("Budgets!D2", "ICT, 2018/19, pay", "line", "pay", None),
        ("Demand!D3", "calls, 2017-04, HERTS", "volume", "6", "8"),
    ]


def changes(folder: Path, before: dict[str, Table], after: dict[str, Table]) -> list[tuple[str, str, Any, Any]]:
    """What `verify` says of the input: cells, columns, then and now."""
    result = folder / "result.json"
    assert run("compute", book(folder, "book.xlsx", **before), "-o", result, "-q", "--overwrite").code == 0
    cells = verified(result, book(folder, "book.xlsx", **after))[1]["input"]["cells"]
    return [(cell["place"], cell["column"], cell["then"], cell["now"]) for cell in cells]


def test_a_key_that_is_written_anew_is_one_cell(tmp_path: Path) -> None:
    """Also in a wide sheet, whose row is one for every year, and among lines that are alike."""
    head = ["unit", "line", "subjective", "2018/19", "2019/20"]
    wide: list[list[str | int | float | None]] = [
        ["ICT", "pay", "pay", 10, 11],
        ["ICT", "pay", "agency", 20, 21],
        ["HR", "pay", "pay", 30, 31],
    ]
    nre: Table = [["year", "BEDS", "HERTS"], ["2018/19", 100, 200], ["2019/20", 100, 200]]
    for row, column, new, cell in ((0, 1, "salaries", "B2"), (0, 2, "premises", "C2"), (2, 0, "ICT", "A4")):
        now = [list(wide_row) for wide_row in wide]
        was, now[row][column] = now[row][column], new
        changed = changes(tmp_path, {"NRE": nre, "Budgets": [head, *wide]}, {"NRE": nre, "Budgets": [head, *now]})
        assert changed == [(f"Budgets!{cell}", head[column], was, new)], cell


def test_a_driver_of_another_name_is_a_cell_of_drivers_alone(tmp_path: Path) -> None:
    rows: list[list[str | int | float | None]] = [
        [driver, f"2017-{month:02}", 5, 6] for driver in ("calls", "visits") for month in range(1, 13)
    ]
    demand: Table = [["driver", "period", "BEDS", "HERTS"], *rows]
    sides: list[dict[str, Table]] = [
        {"Demand": demand, "Drivers": [["unit", "driver"], ["ICT", name]]} for name in ("calls", "visits")
    ]
    assert changes(tmp_path, *sides) == [("Drivers!B2", "driver", "calls", "visits")]


def test_a_volume_that_was_cleared_and_a_column_of_signatures_have_their_place(tmp_path: Path) -> None:
    demand: Table = [["driver", "period", "BEDS", "HERTS"], ["calls", "2017-04", 5, 6], ["calls", "2017-05", 7, 8]]
    cleared: Table = [*demand[:2], ["calls", "2017-05", 7, None]]
    signed: Table = [[*demand[0], "signed off"], *([*row, None] for row in demand[1:])]
    drivers: Table = [["unit", "driver"], ["ICT", "calls"]]
    before: dict[str, Table] = {"Demand": demand, "Drivers": drivers}
    assert changes(tmp_path, before, {**before, "Demand": cleared}) == [("Demand!D3", "volume", "8", None)]
    assert changes(tmp_path, before, {**before, "Demand": signed}) == [
        ("Demand", "the column signed off", None, "there")
    ]


def test_a_workbook_saved_anew_still_carries_the_result(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".xlsx")
    load_workbook(source).save(source)
    ran = run("verify", result, source)
    assert ran.code == 0
    assert "book.xlsx was saved again (its SHA-256 differs); every cell that is read is unchanged" in ran.out


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_another_version_wrote_it(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = book(tmp_path)
    with monkeypatch.context() as older:
        for module in ("cli.manifests", "answers", "questions.cover"):
            older.setattr(f"bch_apportion.{module}.__version__", "0.0.9")
        result = written(tmp_path, suffix, "compute", source)
    code, answer = verified(result, source)
    assert (code, answer["moved"]) == (0, [])  # the same figures: it still follows
    assert answer["program"]["changed"] and answer["program"]["then"] == "0.0.9"
    assert answer["program"]["changes"][0].startswith("0.1.0")
    assert "Figures changed" in answer["program"]["changes"]


def test_a_program_that_calls_itself_the_same_and_shares_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The odd penny once went to the last force: nobody edited that result."""
    from bch_apportion.money import split
    from bch_apportion.recipe import order as recipe

    source = book(tmp_path, NRE=[["year", "BEDS", "HERTS"], ["2018/19", 100, 100]])
    with monkeypatch.context() as older:
        older.setattr(recipe, "split", lambda total, weights: split(total, weights[::-1])[::-1])
        result = written(tmp_path, ".csv", "compute", source)
    code, answer = verified(result, source)
    assert (code, answer["edited"], answer["input"]["changed"]) == (6, [], False)
    assert answer["program"] == {"changed": True, "then": "0.1.0", "now": "0.1.0", "changes": []}
    assert {(move["published"], move["derived"]) for move in answer["moved"]} == {
        ("500.00", "500.01"),
        ("500.01", "500.00"),
    }


# What people do with a published workbook


def test_saved_by_a_program_that_does_not_calculate(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".xlsx")
    load_workbook(result).save(result)
    code, answer = verified(result, source)
    assert (code, answer["follows"]) == (0, True)
    assert re.match(r"\d+ formulas not compared: unchanged", answer["notes"][0])
    opened = load_workbook(result)
    opened["Lines"]["H2"].value = 333.33
    opened.save(result)
    code, answer = verified(result, source)
    assert (code, [(edit["place"], edit["published"], edit["derived"]) for edit in answer["edited"]]) == (
        6,
        [("Lines!H2", "333.33", "333.34")],
    )


def test_saved_by_libreoffice(office: Office, tmp_path: Path) -> None:
    """Also with figures that recalculated on the way, and with an edit."""
    results = [tmp_path / f"{name}.xlsx" for name in ("live", "plain")]
    for path, plain in zip(results, ([], ["--values"]), strict=True):
        assert run("compute", ALLIANCE, "--unit", "ICT", "--unit", "HR", *plain, "-o", path, "-q").code == 0
    for saved in office.saved(tmp_path / "saved", *results):
        code, answer = verified(saved, ALLIANCE)
        assert (code, answer["edited"], answer["moved"], answer["notes"]) == (0, [], [], []), answer
        opened = load_workbook(saved)
        cell = opened["Lines"]["H2"]
        cell.value = 1.25
        opened.save(saved)
        code, answer = verified(saved, ALLIANCE)
        assert (code, [edit["place"] for edit in answer["edited"]]) == (6, ["Lines!H2"])


def test_edits_are_found_without_stored_values_also_where_the_input_changed(tmp_path: Path) -> None:
    """A label, an input figure and a formula, saved by a program that does not calculate; the budget of ICT changed."""
    _, result = of_the_book(tmp_path, ".xlsx")
    opened = load_workbook(result)
    opened["Splits"]["A3"].value = "Fraud"
    opened["NRE used"]["E2"].value = 5
    opened["Splits"]["D3"].value = 10
    opened.save(result)
    more: Table = [BUDGETS[0], ["ICT", "2018/19", 1300.01, "pay"], BUDGETS[2]]
    for rows in (BUDGETS, more):
        code, answer = verified(result, book(tmp_path, Budgets=rows))
        assert code == 6
        edited = {edit["place"]: (edit["published"], edit["kind"]) for edit in answer["edited"]}
        assert edited == {
            "Splits!A3": ("Fraud", "changed"),
            "NRE used!E2": ("5", "changed"),
            "Splits!D3": ("10", "formula gone"),
        }


def test_a_number_format_that_shows_another_figure_is_an_edit(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".xlsx")
    opened = load_workbook(result)
    opened["Lines"]["H2"].number_format = '"999.99"'
    opened["Checks"].sheet_state = "hidden"
    opened["Lines"].row_dimensions[3].hidden = True
    opened.save(result)
    code, answer = verified(result, source)
    assert code == 6
    assert [(edit["place"], edit["published"], edit["kind"]) for edit in answer["edited"]] == [
        ("Lines!H2", '333.34, shown as "999.99"', "concealed")
    ]
    assert "result.xlsx hides Checks, rows of Lines; they were read too" in answer["notes"]


def test_signing_it_is_no_edit(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".xlsx")
    opened = load_workbook(result)
    opened["Sign-off"]["C2"].value = "A. Treasurer"
    opened.save(result)
    code, answer = verified(result, source)
    assert (code, answer["edited"]) == (0, [])
    assert [(cell["place"], cell["published"]) for cell in answer["filled_in"]] == [("Sign-off!C2", "A. Treasurer")]


def test_sheets_put_in_and_taken_out_and_formulas_typed_over(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".xlsx")
    opened = load_workbook(result)
    opened.create_sheet("Mine")["A1"].value = "what I think"
    del opened["Controls"]
    opened["Splits"]["D2"].value = "=1+1"
    opened.save(result)
    code, answer = verified(result, source)
    assert code == 6
    edited = {edit["place"]: (edit["published"], edit["derived"], edit["kind"]) for edit in answer["edited"]}
    assert edited["Mine"] == ("a sheet", None, "added")
    assert edited["Controls"] == (None, "a sheet", "taken out")
    assert edited["Splits!D2"][0] == "=1+1" and edited["Splits!D2"][2] == "changed"
    assert set(edited) == {"Mine", "Controls", "Splits!D2"}


def test_the_words_of_the_manifest_are_part_of_the_result(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".xlsx")
    opened = load_workbook(result)
    row = next(row for row in opened["Manifest"].iter_rows() if row[0].value == "version")
    row[1].value = "9.9"
    opened.save(result)
    code, answer = verified(result, source)
    assert (code, [edit["place"] for edit in answer["edited"]]) == (6, [f"Manifest!{row[1].coordinate}"])
    made = written(tmp_path, ".json", "compute", source)
    replaced(made, '"asked": {}', '"asked": {"year": ["2018/19"]}')
    code, answer = verified(made, source)
    assert (code, [edit["place"] for edit in answer["edited"]]) == (6, ["manifest.asked"])


@pytest.mark.parametrize(
    ("suffix", "old", "new"),
    [
        (".html", "<td>NRE</td>", "TOTAL 1 <td>NRE</td>"),
        (".html", '<tr><th scope="row">ICT</th>', 'TOTAL 1<tr><th scope="row">ICT</th>'),
        (".md", "| 1,000.01 |", "| 1,000.01 | and 1 more"),
        (".md", "| 333.34 |", "| 333.34* |"),
        (".json", '"333.34"', "333.34"),
        (".json", '"robust": false', '"robust": "false"'),
        (".json", '"333.34"', '"\\ud800"'),
        (".json", '"amount": "333.34"', '"amount": "999.99", "amount": "333.34"'),
        (".json", '"schema": "bch-apportion/manifest/1"', '"schema": "bch-apportion/manifest/1", "agreed": "yes"'),
    ],
)
def test_what_stands_beside_a_figure_and_how_it_is_typed_counts(
    suffix: str, old: str, new: str, tmp_path: Path
) -> None:
    source, result = of_the_book(tmp_path, suffix)
    replaced(result, old, new)
    code, answer = verified(result, source)
    assert (code, answer["moved"], answer["program"]["changed"]) == (6, [], False)
    assert answer["edited"]


@pytest.mark.long
def test_words_beside_the_manifest_are_an_edit(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".xlsx")
    for place in ("A50", "B50", "D50"):
        opened = load_workbook(result)
        opened["Manifest"][place].value = "approved by all"
        other = tmp_path / "other.xlsx"
        opened.save(other)
        code, answer = verified(other, source)
        assert (code, [edit["place"] for edit in answer["edited"]]) == (6, [f"Manifest!{place}"])


def test_a_json_laid_out_otherwise_is_the_same(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".json")
    result.write_text(json.dumps(json.loads(result.read_text("utf-8")), indent=1), "utf-8")
    assert verified(result, source)[0] == 0


def test_a_csv_as_a_spreadsheet_saves_it_is_the_same(tmp_path: Path) -> None:
    """With CRLF, quotes everywhere, a byte order mark, and amounts without their last noughts."""
    source, result = of_the_book(tmp_path, ".csv")
    rows = list(csv.reader(StringIO(result.read_text("utf-8"))))
    out = StringIO()
    short = [[re.sub(r"^(-?\d+)\.00$", r"\1", value) for value in row] for row in rows]
    assert short != rows
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(short)
    result.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode("utf-8"))
    code, answer = verified(result, source)
    assert (code, answer["edited"], answer["moved"]) == (0, [], [])


# The other files


def test_scenarios_are_carried_and_may_be_given_as_they_are_now(tmp_path: Path) -> None:
    source, scenario = book(tmp_path), tmp_path / "more.toml"
    scenario.write_text('[[Budgets]]\nunit = "HR"\nyear = "2018/19"\nline = "pay"\namount = 60\n', "utf-8")
    result = written(tmp_path, ".csv", "compute", source, "--scenario", scenario, "--set", "ICT.basis=nre")
    kept = scenario.read_text("utf-8")
    scenario.unlink()
    ran = run("verify", result, source)
    assert ran.code == 0
    assert "more.toml as the result carries it; not compared with a file (give it with --scenario)" in ran.out
    scenario.write_text(kept, "utf-8")
    assert "more.toml is unchanged, byte for byte" in run("verify", result, source, "--scenario", scenario).out
    scenario.write_text(kept.replace("60", '"abc"'), "utf-8")
    broken = run("verify", result, source, "--scenario", scenario, "--json")
    assert (broken.code, broken.err) == (3, "")
    assert json.loads(broken.out)["schema"] == "bch-apportion/problems/1"
    scenario.write_text(kept.replace("60", "90"), "utf-8")
    code, answer = verified(result, source, "--scenario", scenario)
    assert code == 6
    assert answer["input"]["cells"] == [
        {
            "file": "more.toml",
            "place": "more.toml: Budgets!amount 1",
            "of": "Budgets 1",
            "column": "amount",
            "then": "60",
            "now": "90",
        }
    ]
    assert {(move["published"], move["derived"]) for move in answer["moved"]} == {
        ("20.00", "30.00"),
        ("40.00", "60.00"),
    }
    other = tmp_path / "second.toml"
    other.write_text(kept, "utf-8")
    assert "without second.toml" in run("verify", result, source, "--scenario", scenario, "--scenario", other).err


def test_the_workbook_it_was_compared_with_must_be_named(tmp_path: Path) -> None:
    source, other = book(tmp_path), book(tmp_path, "plan.xlsx", NRE=[["year", "BEDS", "HERTS"], ["2018/19", 100, 300]])
    asked: list[list[str | Path]] = [["variance", source, "--against", other], ["compare", source, other]]
    for arguments in asked:
        result = written(tmp_path, ".html", *arguments)
        ran = run("verify", result, source)
        assert ran.code == 2
        assert "the result was compared with plan.xlsx: name that workbook too" in ran.err
        assert verified(result, source, other)[0] == 0
        renamed = Path(shutil.copy(other, tmp_path / "renamed.xlsx"))
        assert verified(result, source, renamed)[0] == 0
        result.unlink()


def test_a_workbook_that_was_joined_must_be_given_and_its_cells_are_named(tmp_path: Path) -> None:
    """30 and 60 for HR on 1 : 2 are 30.00 and 60.00; with 90 in the place of 60 they are 40.00 and 80.00.

    With 333.34 and 666.67 for ICT it is 363.34 and 726.67, and then 373.34 and 746.67.
    """
    source, head = book(tmp_path), BUDGETS[0]
    years: Table = [["year", "BEDS", "HERTS"], ["2019/20", 1, 2]]
    more = write_book(tmp_path / "more.xlsx", {"Budgets": [head, ["HR", "2018/19", 60, "rent"]], "NRE": years})
    result = written(tmp_path, ".json", "compute", source, "--with", more)
    assert verified(result, source, "--with", more)[0] == 0
    renamed = Path(shutil.copy(more, tmp_path / "renamed.xlsx"))
    assert verified(result, source, "--with", renamed)[0] == 0
    for given, says in (
        ([], "the result was calculated with more.xlsx: give it too, --with more.xlsx"),
        ([more], "the result was calculated with more.xlsx: give it too, --with more.xlsx"),
        (["--with", more, "--with", renamed], "the result was calculated without renamed.xlsx"),
    ):
        ran = run("verify", result, source, *given)
        assert ran.code == 2 and says in ran.err
    changed: Table = [head, ["HR", "2018/19", 90, "rent"]]
    write_book(more, {"Budgets": changed, "NRE": years})
    code, answer = verified(result, source, "--with", more)
    assert code == 6
    assert [(file["role"], file["name"]) for file in answer["files"]] == [
        ("workbook", "book.xlsx"),
        ("with", "more.xlsx"),
    ]
    (cell,) = answer["input"]["cells"]
    assert cell == {
        "file": "more.xlsx",
        "place": "more.xlsx: Budgets!C2",
        "of": "HR, 2018/19, rent",
        "column": "amount",
        "then": "60",
        "now": "90",
    }
    moved = {(move["published"], move["derived"]) for move in answer["moved"]}
    in_all = {("363.34", "373.34"), ("726.67", "746.67")}
    assert moved == {("30.00", "40.00"), ("60.00", "80.00"), *in_all}


def test_volumes_of_a_joined_workbook_have_their_place_and_its_problems_are_told(tmp_path: Path) -> None:
    """Both sides of `compare` have it, or neither could be computed."""
    drivers: Table = [["unit", "driver"], ["ICT", "calls"]]
    source, more = book(tmp_path, Drivers=drivers), tmp_path / "more.xlsx"
    other = book(tmp_path, "other.xlsx", Drivers=drivers, NRE=[["year", "BEDS", "HERTS"], ["2018/19", 100, 300]])

    def demand(*rows: Sequence[str | int | None]) -> None:
        write_book(more, {"Demand": [["driver", "period", "BEDS", "HERTS"], *rows]})

    asked: list[list[str | Path]] = [["compute", source], ["compare", source, other]]
    for words in asked:
        demand(["calls", "2017-04", 1, 2], ["calls", "2017-05", 3, 4])
        result = written(tmp_path, ".html", *words, "--with", more)
        demand(["calls", "2017-04", 1, 9], ["calls", "2017-05", None, 4])
        _, answer = verified(result, *words[1:], "--with", more)
        assert [(c["file"], c["place"], c["of"], c["then"], c["now"]) for c in answer["input"]["cells"]] == [
            ("more.xlsx", "more.xlsx: Demand!C3", "calls, 2017-05, BEDS", "3", None),
            ("more.xlsx", "more.xlsx: Demand!D2", "calls, 2017-04, HERTS", "2", "9"),
        ]
        demand(["calls", "2017-04", 1, -9])
        ran = run("verify", result, *words[1:], "--with", more)
        assert ran.code == 3
        assert "more.xlsx: Demand!D2: the volume is -9" in ran.err and "calls, 2017-05, BEDS" in ran.err
        result.unlink()


def test_a_unit_that_only_a_scenario_has(tmp_path: Path) -> None:
    source, scenario = book(tmp_path), tmp_path / "new.toml"
    rows = '[[Units]]\nunit = "Fleet"\n[[Budgets]]\nunit = "Fleet"\nyear = "2018/19"\namount = 90\n'
    scenario.write_text(rows, "utf-8")
    result = written(tmp_path, ".json", "mtfs", source, "--scenario", scenario, "--unit", "fleet", "--years", "1")
    assert verified(result, source)[0] == 0


def test_two_scenarios_of_one_name_from_two_folders(tmp_path: Path) -> None:
    source = book(tmp_path)
    sides = []
    for name, amount in (("low", 10), ("high", 90)):
        (tmp_path / name).mkdir()
        sides.append(tmp_path / name / "case.toml")
        text = f'[[Budgets]]\nunit = "HR"\nyear = "2018/19"\nline = "pay"\namount = {amount}\n'
        sides[-1].write_text(text, "utf-8")
    result = written(tmp_path, ".xlsx", "compare", source, *sides)
    assert verified(result, source)[0] == 0
    assert str(tmp_path) not in "".join(str(c.value) for s in load_workbook(result) for r in s.iter_rows() for c in r)


# What cannot be verified


def test_a_file_without_a_manifest(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".csv")
    (tmp_path / "result.csv-metadata.json").unlink()
    for path, words in (
        (result, "that of a CSV is in result.csv-metadata.json beside it, which is missing"),
        (source, "it has no sheet Manifest"),
        (EXAMPLES / "build.py", "a result ends in .xlsx, .csv, .json, .md, .html"),
    ):
        ran = run("verify", path, source)
        assert (ran.code, ran.out) == (2, "")
        assert words in " ".join(ran.err.split())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_manifest_that_was_tampered_with(suffix: str, tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, suffix)
    carrier = tmp_path / "result.csv-metadata.json" if suffix == ".csv" else result
    if suffix == ".xlsx":
        opened = load_workbook(result)
        for row in opened["Manifest"].iter_rows():
            if row[0].value == "packed 1":
                row[1].value = str(row[1].value)[:-40]
        opened.save(result)
    else:
        text = carrier.read_text("utf-8")
        carrier.write_text(re.sub(r'(packed(?:"|&quot;): (?:"|&quot;).{20}).{8}', r"\1AAAAAAAA", text), "utf-8")
    ran = run("verify", result, source)
    assert (ran.code, ran.out) == (6, "")
    assert f"result{suffix} was edited: its manifest cannot be read" in ran.err


def forged(folder: Path, **changed: Any) -> Path:
    """A result whose manifest asks for something else, packed as ours are."""
    from dataclasses import replace

    result = written(folder, ".json", "compute", book(folder))
    document = json.loads(result.read_text("utf-8"))
    manifest = replace(read_published(result).manifest, **changed)
    document["run"]["manifest"] = manifest.document()
    result.write_text(json.dumps(document), "utf-8")
    return result


def test_a_forged_manifest_neither_writes_nor_reads_elsewhere(tmp_path: Path) -> None:
    from bch_apportion.writing.manifest import File

    target = tmp_path / "stolen.json"
    for changed in (
        {"asked": {"output": [str(target)]}},
        {"asked": {"scenario": ["/etc/passwd"]}},
        {"command": "template"},
        {"command": "verify"},
        {"files": (File("workbook", "../book.xlsx", "0" * 64),)},
        {"files": (File("workbook", "..", "0" * 64),)},
        {"files": (File("workbook", "x" * 300 + ".xlsx", "0" * 64),)},
        {"files": (File("workbook", "a\0b.xlsx", "0" * 64),)},
        {"asked": {"unit": True}},
        {"seal": {"": "no base64 !"}},
    ):
        result = forged(tmp_path, **changed)
        ran = run("verify", result, tmp_path / "book.xlsx")
        assert (ran.code, ran.out) == (6, ""), changed
        assert "was edited: its manifest names an unknown command or option" in ran.err
        assert not target.exists()
        result.unlink()


def test_a_manifest_of_another_form_is_damaged(tmp_path: Path) -> None:
    volumes = {"periods": ["2018-04"], "volumes": {"BEDS": []}, "signed": {"BEDS": "1"}}
    forgeries: list[dict[str, Any]] = [
        {"cells": {}},
        {"cells": {"0": {"rows": {"Budgets": [["ICT"]]}, "demand": {}, "signed": False}}},
        {"cells": {"0": {"rows": {}, "demand": {"calls": volumes}, "signed": False}}},
        {"seal": {"": 5}},
        {"texts": {"1": "x"}},
        {"files": ()},
        {"units": ("HR", 5)},
    ]
    for changed in forgeries:
        result = forged(tmp_path, **changed)
        ran = run("verify", result, tmp_path / "book.xlsx")
        assert (ran.code, ran.out) == (6, ""), changed
        assert "was edited: its manifest cannot be read" in ran.err
        result.unlink()


def test_an_input_that_has_problems_now(tmp_path: Path) -> None:
    _, result = of_the_book(tmp_path, ".json")
    source = book(tmp_path, Budgets=[BUDGETS[0], ["ICT", "2018/19", "abc", "pay"], BUDGETS[2]])
    ran = run("verify", result, source)
    assert (ran.code, ran.out) == (3, "")
    assert "Budgets!C2: “abc”" in ran.err
    assert re.search(r"Budgets!C2 +ICT, 2018/19, pay +amount +1000.01 +abc", ran.err)
    assert "No line of result.json was edited; it was not recalculated." in ran.err
    document = json.loads(run("verify", result, source, "--json").out)
    assert document["schema"] == "bch-apportion/problems/1"
    replaced(result, '"333.34"', '"333.33"')
    assert re.search(r"lines\[0\] +ICT, 2018/19", run("verify", result, source).err)


def test_what_was_asked_for_is_no_longer_there(tmp_path: Path) -> None:
    _, result = of_the_book(tmp_path, ".json", "--unit", "HR")
    gone = book(tmp_path, Units=[["unit"], ["ICT"]], Budgets=BUDGETS[:2])
    code, answer = verified(result, gone)
    assert (code, answer["follows"]) == (6, False)
    assert "there is no unit “HR”" in answer["not_worked_out"]


# What it carries, and what it does not


def test_a_result_narrowed_to_a_unit_carries_its_cells_alone(tmp_path: Path) -> None:
    _, result = of_the_book(tmp_path, ".json", "--unit", "HR")
    assert "1000.01" not in json.dumps(read_published(result).manifest.cells)
    rows: Table = [BUDGETS[0], ["ICT", "2018/19", 1300.01, "pay"], BUDGETS[2]]
    ran = run("verify", result, book(tmp_path, Budgets=rows))
    assert ran.code == 0  # the other unit changed, of which the result says nothing
    assert "every cell of HR that is read is unchanged" in ran.out


def test_options_from_the_environment_are_for_verify_alone(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".json")
    env = {"BCH_APPORTION_UNIT": "HR", "BCH_APPORTION_FORMAT": "csv", "BCH_APPORTION_DETAIL": "line"}
    ran = run_apart("verify", result, source, env=env)
    assert (ran.code, ran.out) == (0, "cause,file,cell,of,heading,then or published,now\n")


def test_what_was_given_by_environment_is_carried(tmp_path: Path) -> None:
    source = book(tmp_path)
    ran = run_apart("compute", source, "-o", tmp_path / "r.json", env={"BCH_APPORTION_UNIT": "HR"})
    assert ran.code == 0
    assert read_published(tmp_path / "r.json").manifest.asked == {"unit": ["HR"]}
    assert verified(tmp_path / "r.json", source)[0] == 0


def test_the_file_beside_a_csv(tmp_path: Path) -> None:
    source, target = book(tmp_path), tmp_path / "lines.csv"
    beside = tmp_path / "lines.csv-metadata.json"
    assert run("compute", source, "-o", target).err.startswith(f"Written: {target}\nWritten: {beside}\n")
    metadata = json.loads(beside.read_text("utf-8"))
    assert (metadata["@context"], metadata["url"]) == ("http://www.w3.org/ns/csvw", "lines.csv")
    heads = [column["titles"] for column in metadata["tableSchema"]["columns"]]
    assert heads == target.read_text("utf-8").partition("\n")[0].split(",")
    target.unlink()
    ran = run("compute", source, "-o", target)
    assert (ran.code, target.exists()) == (2, False)
    assert f"{beside} exists; add --overwrite" in " ".join(ran.err.split())
    assert run("compute", source, "-o", target, "-o", tmp_path / "other.json", "--overwrite").code == 0


@pytest.mark.long
def test_the_same_manifest_wherever_it_is_written(tmp_path: Path) -> None:
    """Nothing of the folder, the clock or the order of hashing is in it."""
    packed = []
    source = book(tmp_path)
    for place, seed in (("one", "1"), ("two", "2")):
        (tmp_path / place).mkdir()
        copy = shutil.copy(source, tmp_path / place / "book.xlsx")
        ran = run_apart("compute", copy, "--json", env={"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"})
        packed.append(json.loads(ran.out)["run"]["manifest"]["packed"])
    assert packed[0] == packed[1]


def test_the_report_itself_in_every_format(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".json")
    replaced(result, '"333.34"', '"333.33"')
    for suffix in SUFFIXES:
        target = tmp_path / f"report{suffix}"
        ran: Ran = run("verify", result, source, "-o", target)
        assert (ran.code, ran.out) == (6, "")
        assert target.stat().st_size > 50
        assert not (tmp_path / "report.csv-metadata.json").exists()  # it is no result that follows from a workbook
    text = (tmp_path / "report.md").read_text("utf-8")
    assert "| lines\\[0\\].amount |" in text
    assert "EDITED: 1 cell is not as written" in text


def test_long_tables_are_cut_on_the_screen_alone(tmp_path: Path) -> None:
    units = [f"U{number:02}" for number in range(40)]

    def costing(amount: int) -> Path:
        rows: list[list[str | int | float | None]] = [[unit, "2018/19", amount] for unit in units]
        names: list[list[str | int | float | None]] = [[unit] for unit in units]
        sheets: dict[str, Table] = {"Units": [["unit"], *names], "Budgets": [["unit", "year", "amount"], *rows]}
        return write_book(tmp_path / "book.xlsx", two_forces(**sheets))

    result = written(tmp_path, ".csv", "compute", costing(300))
    source = costing(600)
    ran = run("verify", result, source)
    assert "28 more rows; --full, -o FILE and --json list all." in ran.out  # 40 cells of the input
    assert "68 more rows; --full, -o FILE and --json list all." in ran.out  # 80 amounts
    assert "more rows;" not in run("verify", result, source, "--show", "input", "--show", "moved").out
    assert len(verified(result, source)[1]["moved"]) == 80


def test_a_json_with_its_keys_in_another_order_is_the_same(tmp_path: Path) -> None:
    result = written(tmp_path, ".json", "compute", ALLIANCE, "--unit", "ICT")
    document = json.loads(result.read_text("utf-8"))
    result.write_text(json.dumps(document, sort_keys=True, indent=1), "utf-8")
    assert run("verify", result, ALLIANCE).code == 0
    document["lines"][3]["amount"] = "1.00"
    result.write_text(json.dumps(document, sort_keys=True, indent=1), "utf-8")
    code, answer = verified(result, ALLIANCE)
    assert (code, [cell["place"] for cell in answer["edited"]]) == (6, ["lines[3].amount"])


def test_a_csv_saved_with_semicolons_is_named_as_such(tmp_path: Path) -> None:
    source, result = of_the_book(tmp_path, ".csv")
    result.write_text(result.read_text("utf-8").replace(",", ";"), "utf-8")
    ran = run("verify", result, source)
    assert (ran.code, ran.err.splitlines()[-1]) == (
        2,
        "Error: result.csv was saved with semicolons between its values, as Excel does in some countries; save it "
        "with commas",
    )


@pytest.mark.parametrize(
    "command", [pytest.param(name, marks=[pytest.mark.long] * (name != "explain")) for name in ASKED if name != "check"]
)
def test_a_result_given_as_input_is_one_problem(command: str, tmp_path: Path) -> None:
    result = written(tmp_path, ".xlsx", *ASKED[command])
    ran = run("check", result, "--json")
    (problem,) = json.loads(ran.out)["problems"]
    source = Path(ASKED[command][1]).name
    assert (ran.code, problem["code"]) == (3, "result-as-input")
    assert problem["remedy"] == f"give the workbook that it was calculated from: {source}"


def test_a_marked_copy_and_a_template_are_no_results(tmp_path: Path) -> None:
    copy, template = tmp_path / "copy.xlsx", tmp_path / "template.xlsx"
    assert run("check", book(tmp_path), "-o", copy, "-q").code == 0
    assert run("template", template, "--example", "-q").code == 0
    assert {run("compute", path, "-q").code for path in (copy, template)} == {0}
