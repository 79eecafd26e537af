"""Files made to do harm, or badly made: one sentence each, exit code 3, soon, and in little memory."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import process_time

import pytest
from openpyxl import load_workbook

from bch_apportion.problems import InputProblems
from bch_apportion.reading import reader
from bch_apportion.reading.workbook import read
from tests.errors.files import FILES
from tests.errors.spoil import make
from tests.program import Ran, run, run_apart

from . import books
from .books import FRAME, Rows, by_openpyxl, raw, rows_xml, sheet_xml

SECONDS = 5.0  # of the processor; two on a fast machine
MEGABYTES = 400

PEAK = """
import pathlib, re, resource, sys
from bch_apportion.cli import main
try:
    main()
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = pathlib.Path("/proc/self/status")  # ru_maxrss counts what the process that started it had
    own = re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1] if status.exists() else used.ru_maxrss
    print("peak", own, used.ru_utime + used.ru_stime, file=sys.stderr)
"""

AGREED: Rows = [["unit", "from year", "BEDS", "CAMBS"], ["ICT", "2018/19", books.Percent(0.29), books.Percent(0.71)]]


def checked(path: Path) -> Ran:
    """`check` of the file in this process, which must end with code 3 and say why in words."""
    start = process_time()
    ran = run("check", path)
    assert process_time() - start < SECONDS
    assert ran.code == 3, ran
    assert "Traceback" not in ran.out + ran.err
    return ran


def codes(path: Path) -> list[str]:
    """The codes of what is wrong with the file, whether or not it opens."""
    try:
        return [problem.code for problem in read(path).problems]
    except InputProblems as raised:
        return [problem.code for problem in raised.problems]


@pytest.mark.parametrize("what", [pytest.param(name, marks=[pytest.mark.long] * (name == "bomb")) for name in FILES])
def test_a_bad_file_is_one_problem(what: str, tmp_path: Path) -> None:
    make([f"file {what}"], tmp_path / "book.xlsx")
    checked(tmp_path / "book.xlsx")
    assert len(codes(tmp_path / "book.xlsx")) == 1


# Memory, in a process of its own


def peak(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, float, Ran]:
    """The megabytes and seconds that `check` of the file took."""
    monkeypatch.setattr("tests.program.PROGRAM", [sys.executable, "-c", PEAK])
    ran = run_apart("check", path)
    memory, seconds = ran.err.rpartition("peak ")[2].split()
    return int(memory) // 1024, float(seconds), ran


def far_cell(path: Path) -> None:
    raw(path, {"NRE": sheet_xml(rows_xml(FRAME["NRE"]) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')})


def bomb_in_the_rows(path: Path) -> None:
    """Just below what a large part is: 4 MB of empty cells without a place, in a few KB."""
    raw(path, {"NRE": sheet_xml("<row>" + "<c/>" * (2**20 - 100) + "</row>")})


def bomb_in_the_texts(path: Path) -> None:
    raw(path, {}, {"xl/sharedStrings.xml": f'<sst xmlns="{books.MAIN}">' + "<si/>" * (2**20 - 2**18) + "</sst>"})


def bomb_in_one_row(path: Path) -> None:
    """20 MB that unpack honestly, in one row that never ends."""
    noise = Random(1).randbytes(2**19).hex()
    raw(path, {"NRE": sheet_xml("<row>" + f"<c><f>{noise}</f></c>" * 20 + "</row>")})


def no_rows_at_all(path: Path) -> None:
    noise = Random(1).randbytes(2**19).hex()
    raw(path, {"NRE": f'<worksheet xmlns="{books.MAIN}" a="{noise * 20}"/>'})


def comments_of_65_megabytes(path: Path) -> None:
    """A large sheet that nobody's spreadsheet would write, packed as a real one would be: it is simply read."""
    filler = f"<!-- {Random(1).randbytes(2**19).hex()} -->"
    raw(path, {"NRE": sheet_xml(rows_xml(FRAME["NRE"])).replace("<sheetData>", filler * 65 + "<sheetData>")})


def hundred_bombs(path: Path) -> None:
    """Each part is small enough by what it says of itself, all together are not."""
    raw(path, {f"Sheet {number}": sheet_xml("") for number in range(300)})
    content = bytearray(path.read_bytes())
    entry = content.find(b"PK\x01\x02")
    while entry >= 0:
        content[entry + 24 : entry + 28] = (4 * 2**20).to_bytes(4, "little")
        entry = content.find(b"PK\x01\x02", entry + 4)
    path.write_bytes(content)


LARGE: dict[str, tuple[Callable[[Path], None], int]] = {
    maker.__name__.replace("_", " "): (maker, code)
    for maker, code in (
        (far_cell, 0),
        (comments_of_65_megabytes, 0),
        (bomb_in_the_rows, 3),
        (bomb_in_the_texts, 0),
        (bomb_in_one_row, 3),
        (no_rows_at_all, 3),
        (hundred_bombs, 3),
    )
}


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
@pytest.mark.parametrize("what", ["bomb", "doctype in texts", *LARGE])
def test_the_memory_a_bad_file_takes_is_bounded(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, code = tmp_path / "book.xlsx", 3
    if what in LARGE:
        write, code = LARGE[what]
        write(path)
    else:
        make([f"file {what}"], path)
    megabytes, seconds, ran = peak(path, monkeypatch)
    assert ran.code == code, ran
    assert "Traceback" not in ran.err
    assert megabytes < MEGABYTES
    assert seconds < SECONDS


@pytest.mark.long
def test_the_bomb_is_small_on_disk(tmp_path: Path) -> None:
    make(["file bomb"], tmp_path / "book.xlsx")
    assert (tmp_path / "book.xlsx").stat().st_size < 200_000


# Files that are odd and honest


def test_a_macro_workbook_just_reads(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsm"
    by_openpyxl(FRAME, path)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    main = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    assert main in parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(main, macro)
    with zipfile.ZipFile(path, "w") as package:
        for name, content in {**parts, "xl/vbaProject.bin": b"\xcc\x61"}.items():
            package.writestr(name, content)
    macros = load_workbook(path, keep_vba=True)
    assert macros.sheetnames and macros.vba_archive is not None  # it is one
    macros.vba_archive.close()  # which openpyxl leaves to chance
    result = read(path)
    assert result.problems == ()
    assert result.inputs.budgets[0].pence == 4200


@pytest.mark.parametrize("dimension", ["A1", "A1:B2", "A1:XFD1048576", "nonsense"])
def test_a_wrong_dimension_loses_nothing(dimension: str, tmp_path: Path) -> None:
    head = f'<?xml version="1.0"?><worksheet xmlns="{books.MAIN}"><dimension ref="{dimension}"/><sheetData>'
    raw(tmp_path / "b.xlsx", {"NRE": head + rows_xml(FRAME["NRE"]) + "</sheetData></worksheet>"})
    assert len(read(tmp_path / "b.xlsx").inputs.nre) == 3


def test_the_parts_of_a_workbook_are_where_it_says(tmp_path: Path) -> None:
    """Texts and styles under names of their own; without the styles 29% would be read as 0.29."""
    path = tmp_path / "b.xlsx"
    books.by_xlsxwriter({**FRAME, "Agreed shares": AGREED}, path)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    moved = {"xl/sharedStrings.xml": "texts/all.xml", "xl/styles.xml": "xl/looks/s.xml"}
    relations = parts["xl/_rels/workbook.xml.rels"]
    relations = relations.replace(b'"sharedStrings.xml"', b'"/texts/all.xml"').replace(
        b'"styles.xml"', b'"./looks/s.xml"'
    )
    relations = relations.replace(b'"worksheets/', b'"../xl/worksheets/')
    with zipfile.ZipFile(path, "w") as package:
        for name, content in {**parts, "xl/_rels/workbook.xml.rels": relations}.items():
            package.writestr(moved.get(name, name), content)
    result = read(path)
    assert result.problems == ()
    assert [str(share) for share in result.inputs.agreed["ICT"][0].shares.values()] == ["29/100", "71/100"]


def test_five_thousand_sheets(tmp_path: Path) -> None:
    sheets = {f"Sheet {number}": sheet_xml("") for number in range(5_000)}
    raw(tmp_path / "b.xlsx", sheets)
    checked(tmp_path / "b.xlsx")
    assert codes(tmp_path / "b.xlsx") == ["unpacks-too-large"]


def test_more_cells_than_a_sheet_could_honestly_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_CELLS", 7)  # the frame's NRE has eight
    raw(tmp_path / "b.xlsx", {"Forces": sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')})
    assert codes(tmp_path / "b.xlsx") == ["unpacks-too-large"]


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml"])
def test_a_part_that_the_workbook_names_and_lacks(part: str, tmp_path: Path) -> None:
    """Without its styles 40% would be read as 0.4."""
    path = tmp_path / "b.xlsx"
    books.by_xlsxwriter(FRAME, path)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist() if name != part}
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    with pytest.raises(InputProblems) as caught:
        read(path)
    assert [problem.message for problem in caught.value.problems] == [
        f"the workbook is damaged: its part {part} cannot be read"
    ]


@pytest.mark.parametrize("lacking", ["xl/worksheets/sheet5.xml", "xl/worksheets/sheet4.xml"])
def test_a_sheet_that_the_workbook_names_and_lacks(lacking: str, tmp_path: Path) -> None:
    """The fifth is a sheet of the analyst's own, which is not read."""
    path = tmp_path / "b.xlsx"
    books.by_xlsxwriter({**FRAME, "Own": [["a"]]}, path)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist() if name != lacking}
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    assert codes(path) == ["damaged-workbook"]


@pytest.mark.parametrize("change", [str.upper, str.title, lambda name: name.replace("/", "\\"), "/".__add__])
def test_parts_match_whatever_their_case_and_slashes(change: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    books.by_xlsxwriter({**FRAME, "Agreed shares": AGREED}, path)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            place = zipfile.ZipInfo(name)
            place.filename = change(name)  # as the archive says it, which zipfile would put right
            package.writestr(place, content)
    result = read(path)
    assert result.problems == ()
    assert [str(share) for share in result.inputs.agreed["ICT"][0].shares.values()] == ["29/100", "71/100"]


def test_a_part_whose_name_has_a_blank(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    books.by_xlsxwriter(FRAME, path)
    with zipfile.ZipFile(path) as package:
        parts = {name.replace("sheet4", "my sheet"): package.read(name) for name in package.namelist()}
    relations = parts["xl/_rels/workbook.xml.rels"].replace(b"sheet4", b"my%20sheet")
    with zipfile.ZipFile(path, "w") as package:
        for name, content in {**parts, "xl/_rels/workbook.xml.rels": relations}.items():
            package.writestr(name, content)
    assert read(path).inputs.budgets[0].pence == 4200


def test_a_cell_given_twice(tmp_path: Path) -> None:
    """It is not clear which of the two counts."""
    rows = rows_xml(FRAME["Budgets"]).replace(
        '<c r="C2"><v>42</v></c>', '<c r="C2"><v>42</v></c><c r="C2"><v>5</v></c>'
    )
    raw(tmp_path / "b.xlsx", {"Budgets": sheet_xml(rows)})
    assert codes(tmp_path / "b.xlsx") == ["damaged-workbook"]


def test_styles_that_are_no_styles(tmp_path: Path) -> None:
    raw(
        tmp_path / "b.xlsx",
        {},
        {"xl/styles.xml": f'<styleSheet xmlns="{books.MAIN}"><cellXfs><xf numFmtId="?"/></cellXfs></styleSheet>'},
    )
    assert codes(tmp_path / "b.xlsx") == ["damaged-workbook"]


@pytest.mark.parametrize("value", ["NaN", "nan", "1e999", "-1e999", "INF", "1e300", "-1e300", "99999999999999999999"])
def test_numbers_that_are_no_amounts(value: str, tmp_path: Path) -> None:
    rows = rows_xml(FRAME["NRE"]).replace("<v>100</v>", f"<v>{value}</v>")
    raw(tmp_path / "b.xlsx", {"NRE": sheet_xml(rows)})
    result = read(tmp_path / "b.xlsx")
    assert [(problem.code, problem.where) for problem in result.problems] == [("not-an-amount", "NRE!B2")]


def test_huge_numbers_everywhere(tmp_path: Path) -> None:
    """In every column of numbers, as a number and as a text."""
    for huge in (1e300, -1e300, 1e18, float(2**63), "9" * 400, "9" * 5_000 + "%"):
        given: dict[str, Rows] = {
            "Drivers": [["unit", "driver", "weight"], ["ICT", "calls", huge]],
            "Demand": [["driver", "period", "BEDS"], ["calls", "2018-04", huge], ["calls", huge, 1]],
            "Agreed shares": [["unit", "from year", "BEDS"], ["ICT", "2018/19", huge], ["ICT", huge, 1]],
            "Deflators": [["year", "index"], ["2018/19", huge]],
            "Baselines": [["unit", "force", "amount"], ["ICT", "BEDS", huge]],
            "Principles": [["unit", "from year", "window months", "fixed base %"], ["ICT", "2018/19", huge, huge]],
            "Settings": [["name", "value"], ["materiality %", huge], ["materiality amount", huge]],
            "Units": [["unit", "pooled from"], ["ICT", huge], ["DOGS", None]],
        }
        by_openpyxl({**FRAME, **given}, tmp_path / "b.xlsx")
        problems = read(tmp_path / "b.xlsx").problems
        assert len(problems) == 12, [(problem.code, problem.where) for problem in problems]
        assert all(len(problem.message) < 250 for problem in problems)
        checked(tmp_path / "b.xlsx")


LETTERS = [
    pytest.param(text, marks=pytest.mark.long) for text in ("-", " x", "Q1 ", "1", "£", "é\u0301", "=", "_x000D_")
]


@pytest.mark.parametrize("letter", ["x", *LETTERS])
def test_a_text_of_300_000_letters_in_every_cell(letter: str, tmp_path: Path) -> None:
    text = (letter * 300_000)[:300_000]
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>year</t></is></c><c r="B1" t="str"><v>BEDS</v></c></row>'
    cells = "".join(f'<c r="{column}2" t="str"><v>{text}</v></c>' for column in "ABC")
    raw(tmp_path / "b.xlsx", {"NRE": sheet_xml(rows + f'<row r="2">{cells}</row>'), "Demand": sheet_xml(rows + cells)})
    ran = checked(tmp_path / "b.xlsx")
    assert len(ran.out) < 5_000


@pytest.mark.long
def test_many_faults_of_one_kind_are_told_soon(tmp_path: Path) -> None:
    alike: Rows = [["calls", "2018", "BEDS", 1]] * 20_000
    rows: Rows = [["driver", "period", "force", "volume"], *alike]
    by_openpyxl({**FRAME, "Demand": rows, "Drivers": [["unit", "driver"], ["ICT", "calls"]]}, tmp_path / "b.xlsx")
    ran = checked(tmp_path / "b.xlsx")
    assert ran.out.count("\n") < 20  # alike ones are told together


@pytest.mark.parametrize("place", range(0, 100, 4))
def test_a_file_with_any_byte_wrong_ends_in_figures_or_in_words(place: int, tmp_path: Path) -> None:
    """Whatever byte is not what it was: no crash, and no figure but the right one."""
    path = tmp_path / "b.xlsx"
    by_openpyxl(FRAME, path)
    expected = read(path).inputs
    content = bytearray(path.read_bytes())
    rng = Random(place)
    for _ in range(4):
        changed = bytearray(content)
        changed[rng.randrange(len(changed))] ^= rng.randint(1, 255)
        path.write_bytes(changed)
        try:
            result = read(path)
        except InputProblems as problem:
            assert problem.problems
            continue
        if not result.problems:
            assert (result.inputs.nre, result.inputs.budgets) == (expected.nre, expected.budgets)


def test_a_version_of_the_package_that_nobody_knows_is_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    make([], path)
    content = bytearray(path.read_bytes())
    entry = content.find(b"PK\x01\x02")
    content[entry + 6] = 99  # the version that is needed to unpack the part: 9.9
    path.write_bytes(bytes(content))
    checked(path)
    assert len(codes(path)) == 1
