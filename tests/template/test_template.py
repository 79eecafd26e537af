"""The workbook that `template` writes: it has all that is read, holds what is entered, and reads as it was filled.

Every sheet is laid out alike: title, note, a word over each heading, the headings in row 4, the table from row 5.
"""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from bch_apportion import read_workbook
from bch_apportion.cli import cli
from bch_apportion.reading.sheets import GUIDE, SETTINGS, SHEETS, WRITTEN
from bch_apportion.reading.values import key
from bch_apportion.reading.workbook import read
from bch_apportion.template.sheets import WHEN, Entry, Field, Sheet, Template
from bch_apportion.template.writer import write
from bch_apportion.terms import parameters
from bch_apportion.writing.files import TooLong
from tests.books import LIVE_TEXTS, opened
from tests.libreoffice import Office
from tests.program import ALLIANCE, ROOT, Ran, little_room, run, run_apart

FORMS = [form for form in SHEETS.values() if form.columns]
NEEDED = [form.name for form in FORMS if form.needed]
HEADER, FIRST, FOOT = 4, 5, 1_048_576
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("empty") / "units.xlsx")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("filled") / "example.xlsx", "--example")


def made(path: Path, *options: str) -> Path:
    assert run("template", path, *options) == Ran(0, "", f"Written: {path}\n")
    return path


def enter(book: Workbook, sheet: str, *rows: tuple[Any, ...]) -> None:
    """Rows of a table entered from its first row on, into cells that keep their formats."""
    for number, values in enumerate(rows, FIRST):
        for column, value in enumerate(values, 1):
            if value is not None:
                book[sheet].cell(number, column, value)


@pytest.fixture(scope="module")
def filled_in(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with its needed sheets filled: two forces, one unit, NRE 13 : 17."""
    book = load_workbook(empty)
    enter(book, "Forces", ("BEDS",), ("CAMBS",))
    enter(book, "NRE", ("2024/25", "BEDS", 130_000_000), ("2024/25", "CAMBS", 170_000_000))
    enter(book, "Units", ("ICT", None, None, None, None, date(2024, 2, 1), date(2024, 4, 1)))
    enter(book, "Budgets", ("ICT", "2024/25", 1_000_000))
    path = tmp_path_factory.mktemp("filled in") / "two.xlsx"
    book.save(path)
    return path


@pytest.fixture
def two_forces(filled_in: Path, tmp_path: Path) -> Path:
    """A copy of it, which a test may change."""
    return Path(shutil.copy(filled_in, tmp_path / "two.xlsx"))


# What the sheets hold


def test_every_sheet_and_column_is_there(empty: Path) -> None:
    book = opened(empty)
    assert book.sheetnames == [GUIDE, *(form.name for form in FORMS)]
    for form in FORMS:
        sheet = book[form.name]
        headings = [cell.value for cell in sheet[HEADER]]
        assert headings == [column.name for column in form.columns], form.name
        assert sheet.max_row == HEADER
        words = [cell.value for cell in sheet[HEADER - 1]]
        assert words == ["needed" if column.needed else "optional" for column in form.columns]
        need = "needed" if form.needed else "beside the split" if form.further else "optional"
        assert sheet["A1"].value == f"{form.name}: {need}"
        assert sheet.freeze_panes == "B5"
        assert sheet.print_title_rows == "$4:$4"


def test_every_heading_has_its_note(empty: Path) -> None:
    """The meanings of the manual; of a parameter its own, with its default and its choices."""
    book = opened(empty)
    for form in FORMS:
        for cell, column in zip(book[form.name][HEADER], form.columns, strict=True):
            assert cell.comment is not None
            parameter = parameters()[column.name] if column.kind.startswith("parameter") else None
            assert column.meaning, f"{form.name}: {column.name}"
            start = f"{'Needed' if column.needed else 'Optional'}: {column.meaning}."
            assert cell.comment.text.startswith(start)
            if parameter:
                assert f"Default: {parameter.words(parameter.default)}." in cell.comment.text
            for word in column.choices:
                assert word in cell.comment.text


def test_what_is_said_is_said_of_all() -> None:
    assert list(WHEN) == [form.name for form in FORMS]


def test_number_formats_by_kind(empty: Path) -> None:
    """Of whole columns, so that they hold however many rows there are."""
    by_kind = {"money": "#,##0.00;-#,##0.00", "year": "@", "parameter year": "@", "period": "@"}
    by_kind |= dict.fromkeys(("date", "dates", "done"), "dd mmm yyyy")
    for form in FORMS:
        for place, column in enumerate(form.columns, 1):
            assert column_format(empty, form.name, place) == by_kind.get(column.kind, "General"), column.name


def column_format(path: Path, sheet: str, place: int) -> str:
    """The number format that a column's empty cells have."""
    spans = opened(path)[sheet].column_dimensions.values()
    (own,) = [span for span in spans if (span.min or 0) <= place <= (span.max or 0)]
    return str(own.number_format)


# What may be entered


def rules(path: Path, sheet: str) -> dict[str, Element]:
    """The data validations of a sheet, by the heading of their column; each from its first row to the foot."""
    book = opened(path)
    place = book.sheetnames.index(sheet) + 1
    with zipfile.ZipFile(path) as package:
        root = fromstring(package.read(f"xl/worksheets/sheet{place}.xml"))
    by_heading = {}
    for rule in root.iter(f"{MAIN}dataValidation"):
        match = re.fullmatch(rf"(?P<column>[A-Z]+){FIRST}:(?P=column){FOOT}", rule.attrib["sqref"])
        assert match, rule.attrib["sqref"]
        by_heading[str(book[sheet][f"{match['column']}{HEADER}"].value)] = rule
    return by_heading


def formula(rule: Element, number: int = 1) -> str | None:
    return rule.findtext(f"{MAIN}formula{number}")


def test_drop_downs(empty: Path) -> None:
    lists = {
        "force": "Force_codes",
        "unit": "Unit_codes",
        "year": "Financial_years",
        "parameter year": "Financial_years",
    }
    for form in FORMS:
        validations = rules(empty, form.name)
        for column in form.columns:
            if column.kind in lists:
                assert formula(validations[column.name]) == lists[column.kind]
                assert (
                    validations[column.name].attrib["errorStyle"] == "warning"
                )  # an alias or another spelling may stand
        for column in form.columns:
            choices = column.choices
            if column.kind == "parameter choice":
                choices = parameters()[column.name].choices
            if column.kind == "yes-no":
                choices = ("yes", "no")
            if choices:
                assert formula(validations[column.name]) == f'"{",".join(choices)}"'
                assert "errorStyle" not in validations[column.name].attrib  # nothing else is read
    assert formula(rules(empty, "Demand")["driver"]) == "Driver_names"
    assert "driver" not in rules(empty, "Drivers")
    assert formula(rules(empty, "Settings")["name"]) == f'"{",".join(SETTINGS)}"'


@pytest.mark.long
def test_every_rule_lets_blanks_be_and_shows_its_arrow(filled: Path) -> None:
    for form in FORMS:
        for rule in rules(filled, form.name).values():
            assert rule.attrib["allowBlank"] == "1"
            assert "showDropDown" not in rule.attrib  # which, when set, hides the arrow
            assert rule.attrib["error"]


def test_bounds_of_numbers(empty: Path) -> None:
    validations = rules(empty, "Principles")
    told = {name: (rule.attrib["type"], formula(rule), formula(rule, 2)) for name, rule in validations.items()}
    assert told["window months"] == ("whole", "1", "600")
    assert told["lag months"] == ("whole", "-600", "600")
    assert told["fixed base %"] == ("decimal", "0", "100")
    assert told["max share movement"] == ("decimal", "0", None)
    assert told["rebase tolerance"] == ("custom", 'IF(ISNUMBER(I5),AND(I5>=0),OR(I5="none"))', None)
    assert told["share decimals"] == (
        "custom",
        'IF(ISNUMBER(O5),AND(O5>=0,O5<=12,O5=INT(O5)),OR(O5="exact"))',
        None,
    )
    assert "reference" not in told and "forces" not in told
    assert rules(empty, "Units")["pooled from"].attrib["type"] == "date"


def test_the_wide_columns_of_the_example_are_bound_too(filled: Path) -> None:
    demand = rules(filled, "Demand")
    assert (demand["HERTS"].attrib["type"], formula(demand["HERTS"])) == ("decimal", "0")
    shares = rules(filled, "Agreed shares")
    assert (formula(shares["BEDS"]), formula(shares["BEDS"], 2)) == ("0", "100")
    assert column_format(filled, "Budgets", 7) == "#,##0.00;-#,##0.00"
    sheet = opened(filled)["Budgets"]
    assert (sheet["G3"].value, sheet["G4"].value) == ("amount", "2012/13")
    assert sheet["G4"].comment is not None
    assert sheet["G4"].comment.text == "amount of 2012/13: £, income negative. Blank: no row."


def test_lists_name_enough_rows(empty: Path) -> None:
    names = opened(empty).defined_names
    for name, sheet, column in (
        ("Force_codes", "Forces", "A"),
        ("Unit_codes", "Units", "A"),
        ("Driver_names", "Drivers", "B"),
    ):
        rows = f"{sheet}!${column}$5:${column}$2004"
        last = f'SUMPRODUCT(MAX(({rows}<>"")*(ROW({rows})-4)))'
        assert names[name].attr_text == f"OFFSET({sheet}!${column}$5,0,0,MAX(1,{last}),1)"
    years = names["Financial_years"].attr_text
    first, last_ = re.fullmatch(r"Guide!\$A\$(\d+):\$A\$(\d+)", years).groups()  # type: ignore[union-attr]
    guide = opened(empty)[GUIDE]
    listed = [guide[f"A{row}"].value for row in range(int(first), int(last_) + 1)]
    assert listed[0] == "2010/11" and listed[8] == "2018/19" and listed[-1] == "2039/40"
    assert len(listed) == 30
    assert guide[f"A{int(first) - 1}"].value == "Years"


def test_words_too_many_for_a_drop_down_are_an_error(tmp_path: Path) -> None:
    long = Entry(tuple(f"choice {n}" for n in range(40)))
    book = Template("x", (), (Sheet("A", "a", "a", (Field("a", entry=long),)),))
    with pytest.warns(UserWarning, match="exceeds Excel's limit"), pytest.raises(TooLong, match="drop-down a"):
        write(tmp_path / "book.xlsx", book)
    assert list(tmp_path.iterdir()) == []


# Empty, and filled in part


def test_an_empty_template_lacks_what_is_needed_and_no_more(empty: Path) -> None:
    ran = run("check", empty)
    assert ran.code == 3
    assert ran.out.splitlines() == [
        "3 problems in units.xlsx; no figures were written",
        "  Forces: the sheet lists no forces [sheet-empty]",
        "    → list the forces of the collaboration",
        "  Units: the sheet lists no units [sheet-empty]",
        "    → list the collaborated units",
        "  Budgets: the sheet has no budget lines [sheet-empty]",
        "    → enter the units' budgets",
    ]
    assert ran.err == ""


def test_the_needed_sheets_alone_are_enough(two_forces: Path) -> None:
    """£1,000,000 on NRE 13 : 17 is 433,333.33 and 566,666.67."""
    reading = read(two_forces)
    assert reading.problems == () and reading.inputs.notes == ()
    document = json.loads(run("compute", two_forces, "--json").out)
    assert [(total["force"], total["amount"]) for total in document["totals"]] == [
        ("BEDS", "433333.33"),
        ("CAMBS", "566666.67"),
    ]
    ran = run("check", two_forces)
    assert (ran.code, ran.err) == (0, "")


def test_the_optional_sheets_may_go(two_forces: Path, tmp_path: Path) -> None:
    book = load_workbook(two_forces)
    for form in FORMS:
        if not form.needed:
            del book[form.name]
    book.save(tmp_path / "least.xlsx")
    least, two = read_workbook(tmp_path / "least.xlsx"), read_workbook(two_forces)
    assert (least.budgets, least.nre, least.demand) == (two.budgets, two.nre, two.demand)


def test_percentages_with_and_without_their_sign(two_forces: Path, tmp_path: Path) -> None:
    """As Excel keeps them in a General cell: 40 as it is, 60% as 0.6 with a percent format, and 12.5% as text."""
    book = load_workbook(two_forces)
    enter(book, "Agreed shares", ("ICT", "2024/25", "BEDS", 40), ("ICT", "2024/25", "CAMBS", 0.6))
    assert book["Agreed shares"]["D5"].number_format == "General"
    book["Agreed shares"]["D6"].number_format = "0%"
    enter(book, "Principles", (None, "2024/25", "agreed", "12.5%"))
    path = tmp_path / "shares.xlsx"
    book.save(path)
    inputs = read_workbook(path)
    (agreed,) = inputs.agreed["ICT"]
    assert agreed.shares == {"BEDS": Fraction(2, 5), "CAMBS": Fraction(3, 5)}
    assert inputs.principles[0].values["fixed base %"] == Fraction(25, 2)


def test_what_is_typed_into_text_cells_is_read_as_it_was_meant(two_forces: Path, tmp_path: Path) -> None:
    """2011/12 stays the year it is, also as a period, where Excel would else make December 2011 of it."""
    book = load_workbook(two_forces)
    enter(book, "Drivers", ("ICT", "devices"))
    typed = ("2011/12", "2012-04", "May-12", "01/06/2012", date(2012, 7, 1))
    enter(book, "Demand", *(("devices", period, "BEDS", 10 + n) for n, period in enumerate(typed)))
    path = tmp_path / "periods.xlsx"
    book.save(path)
    demand = read_workbook(path).demand["devices"]
    assert [str(months) for months in demand.longer] == ["2011-04..2012-03"]
    assert [month % 12 + 1 for month in demand.monthly] == [4, 5, 6, 7]


def test_the_guide_is_not_read_and_not_noted(two_forces: Path, tmp_path: Path) -> None:
    book = load_workbook(two_forces)
    book[GUIDE].title = "kept for the moment"  # openpyxl takes GUIDE for a second sheet of the name
    book["kept for the moment"].title = " guide "
    book.create_sheet("My own")
    book.save(tmp_path / "own.xlsx")
    assert read(tmp_path / "own.xlsx").inputs.notes == ("Unrecognised sheet ignored: “My own”",)


def guide(path: Path, heading: str) -> list[list[str]]:
    """The rows of a part of the guide, three texts each."""
    rows = [[str(cell.value or "") for cell in row] for row in opened(path)[GUIDE].iter_rows()]
    first = next(number for number, row in enumerate(rows) if row[0] == heading) + 1
    last = next((number for number, row in enumerate(rows) if number > first and not any(row)), len(rows))
    return rows[first:last]


@pytest.mark.long
def test_the_guide_names_all_there_is(empty: Path) -> None:
    sheets = guide(empty, "The sheets, in their order")
    sheets += guide(empty, "Beside the split: for who needs them")
    assert [row[0] for row in sheets] == [form.name for form in FORMS]
    for form, (_, row, what) in zip(FORMS, sheets, strict=True):
        assert row == form.row
        assert what.startswith("Needed." if form.needed else "Optional.")
        assert ("a column for each force" in what) == ("force" in form.wide)
        assert ("for each year" in what) == ("year" in form.wide)
    assert [row[:2] for row in guide(empty, "The commands")] == [
        [name, f"bch-apportion {name}"] for name in sorted(cli.commands)
    ]
    codes = re.findall(r"^ +(\d)  (.+)$", run("--help").out, re.MULTILINE)
    assert len(codes) >= 6
    assert [tuple(row[:2]) for row in guide(empty, "Exit codes")] == codes
    assert [(row[0], (row[1], row[2])) for row in guide(empty, "The settings")] == [
        (name, (default, meaning)) for name, (default, meaning, _) in SETTINGS.items()
    ]
    assert f"In the order below: {', '.join(NEEDED)}." in guide(empty, "Steps")[0][2]
    assert [row[0] for row in guide(empty, "How it is written")][:5] == [name for name, _ in WRITTEN.values()]


def test_the_wide_tables_of_the_guide_say_what_they_say_tidy(empty: Path, tmp_path: Path) -> None:
    """Entered as the guide has them, over the headings of the template: two budgets and two NRE."""
    parts = guide(empty, "Wide, for example")
    assert [row[0] for row in parts] == ["Budgets", "NRE"]
    assert parts[0][1:] == [
        "unit | line | 2018/19 | 2019/20",
        "ICT | Licences | 1200000 | 1250000: 1200000 for 2018/19 and 1250000 for 2019/20. "
        "First delete the columns year and amount.",
    ]
    assert parts[1][2].endswith("First delete the columns force and nre.")
    book = load_workbook(empty)
    enter(book, "Forces", ("BEDS",), ("HERTS",))
    enter(book, "Units", ("ICT",))
    for sheet, headings, said in parts:
        target = book[sheet]
        target.delete_cols(1, target.max_column)
        for place, heading in enumerate(headings.split(" | "), 1):
            target.cell(HEADER, place, heading)
        cells = said.split(": ")[0].split(" | ")
        enter(book, sheet, tuple(int(text) if text.isdigit() else text for text in cells))
    path = tmp_path / "wide.xlsx"
    book.save(path)
    inputs = read_workbook(path)
    assert [(row.unit, str(row.year), row.line, row.pence) for row in inputs.budgets] == [
        ("ICT", "2018/19", "Licences", 120_000_000),
        ("ICT", "2019/20", "Licences", 125_000_000),
    ]
    figures = {(force, str(year)): figure.pence for (year, force), figure in inputs.nre.items()}
    assert figures == {("BEDS", "2018/19"): 10_150_000_000, ("HERTS", "2018/19"): 18_420_000_000}


def test_a_year_typed_into_a_heading_stays_a_year(empty: Path, filled: Path) -> None:
    """The whole row of headings is text, also where the template has none yet."""
    for path in (empty, filled):
        book = opened(path)
        for form in FORMS:
            with zipfile.ZipFile(path) as package:
                number = book.sheetnames.index(form.name) + 1
                root = fromstring(package.read(f"xl/worksheets/sheet{number}.xml"))
            (row,) = [line for line in root.iter(f"{MAIN}row") if line.attrib["r"] == str(HEADER)]
            assert row.attrib["customFormat"] == "1"
            assert book._cell_styles[int(row.attrib["s"])].numFmtId == 49  # type: ignore[attr-defined]
            assert {cell.number_format for cell in book[form.name][HEADER]} == {"@"}


def test_what_a_setting_may_be_is_said_and_read(empty: Path, two_forces: Path, tmp_path: Path) -> None:
    note = opened(empty)["Settings"]["B4"].comment
    assert note is not None
    values = {
        "money in": ("pounds", "thousands"),
        "carry nre forward": ("yes", "no"),
        "uprate baselines": ("yes", "no"),
        "members called": ("councils",),
        "materiality amount": (50_000,),
        "materiality %": ("5%",),
        "always significant": (0,),
    }
    assert list(values) == list(SETTINGS)
    said = ("money in", "carry nre forward", "uprate baselines", "materiality %", "pounds", "thousands", "yes or no")
    assert [words for words in said if words not in note.text] == []
    for place in (0, -1):
        book = load_workbook(two_forces)
        enter(book, "Settings", *((name, words[place]) for name, words in values.items()))
        book.save(tmp_path / "set.xlsx")
        assert read(tmp_path / "set.xlsx").problems == ()


def test_the_links_of_the_guide_lead_to_the_sheets(empty: Path) -> None:
    book = opened(empty)
    links = {cell.value: cell.hyperlink.location for row in book[GUIDE].iter_rows() for cell in row if cell.hyperlink}
    assert links == {form.name: f"'{form.name}'!A1" for form in FORMS}


# The example

ASKED = (
    ("compute", "--json"),
    ("compute", "--csv", "--detail", "line"),
    ("check", "--json"),
    ("explain", "--unit", "ICT", "--year", "2018/19", "--json"),
    ("variance", "--json"),
    ("track", "--base", "2012/13", "--json"),
    ("settle", "--year", "2017/18", "--json"),
    ("mtfs", "--years", "3", "--json"),
)


@functools.cache
def answer(path: Path, asked: tuple[str, ...]) -> str:
    """What a command answers of a workbook, but for the line that names the workbook."""
    command, *options = asked
    ran = run(command, path, *options)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert "--json" not in asked or any(line.startswith('  "run": ') for line in lines)
    return "\n".join(line for line in lines if not line.startswith('  "run": '))


def table(path: Path, sheet: str) -> dict[str, Any]:
    cells = opened(path)[sheet].iter_rows(min_row=HEADER)
    return {cell.coordinate: cell.value for row in cells for cell in row if cell.value is not None}


def test_the_example_has_the_cells_of_the_example_workbook(filled: Path) -> None:
    ours = opened(ALLIANCE).sheetnames
    assert set(opened(filled).sheetnames) == {GUIDE, *ours, *(form.name for form in FORMS)}
    for sheet in ours:
        assert table(filled, sheet) == table(ALLIANCE, sheet), sheet


LONG = [pytest.param(asked, marks=pytest.mark.long) for asked in ASKED[1:]]


@pytest.mark.parametrize("asked", [ASKED[0], *LONG], ids=" ".join)
def test_the_example_answers_as_the_example_workbook(filled: Path, asked: tuple[str, ...]) -> None:
    assert answer(filled, asked) == answer(ALLIANCE, asked)


def test_the_program_carries_the_example_itself(tmp_path: Path, filled: Path) -> None:
    """The package alone, elsewhere: no repository, no network, nothing but what a wheel holds."""
    shutil.copytree(ROOT / "src" / "bch_apportion", tmp_path / "alone" / "bch_apportion")
    code = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('no network')\n"
        "socket.socket.connect = refuse\n"
        "import bch_apportion; assert bch_apportion.__file__.startswith(sys.path[0])\n"
        "sys.argv = ['bch-apportion', 'template', 'example.xlsx', '--example']\n"
        "from bch_apportion.cli import main; main()"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'alone')!r})\n" + code
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "Written: example.xlsx\n")
    assert (tmp_path / "example.xlsx").read_bytes() == filled.read_bytes()


# LibreOffice


@pytest.fixture(scope="module")
def saved(office: Office, tmp_path_factory: pytest.TempPathFactory, empty: Path, filled: Path) -> tuple[Path, Path]:
    """The empty template and the example, opened and saved by LibreOffice."""
    first, second = office.saved(tmp_path_factory.mktemp("saved"), empty, filled)
    return first, second


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_libreoffice_keeps_the_figures(saved: tuple[Path, Path], asked: tuple[str, ...]) -> None:
    assert answer(saved[1], asked) == answer(ALLIANCE, asked)


def test_libreoffice_keeps_the_empty_template(saved: tuple[Path, Path], empty: Path) -> None:
    assert run("check", saved[0]) == run("check", empty)


def test_libreoffice_keeps_notes_formats_and_drop_downs(saved: tuple[Path, Path], empty: Path) -> None:
    """It cuts the rules a thousand rows below the last that is filled, and again at each saving."""
    for form in FORMS:
        ours, theirs = opened(empty)[form.name], opened(saved[0])[form.name]
        for place, _ in enumerate(form.columns, 1):
            letter = get_column_letter(place)
            note, other = ours[f"{letter}{HEADER}"].comment, theirs[f"{letter}{HEADER}"].comment
            assert note is not None and other is not None and note.text == other.text
            kept_format = column_format(saved[0], form.name, place).replace("\\", "").lower()
            assert kept_format == column_format(empty, form.name, place).lower()
        kept = {(rule.type, rule.formula1): rule for rule in theirs.data_validations.dataValidation}
        for rule in ours.data_validations.dataValidation:
            same = kept[rule.type, rule.formula1]
            assert (same.errorStyle or "stop") == (rule.errorStyle or "stop")
            assert all(area.size["rows"] >= 1000 for area in same.sqref.ranges)
            assert not same.showDropDown
    ours, theirs = opened(empty).defined_names, opened(saved[0]).defined_names
    for name in ("Force_codes", "Unit_codes", "Driver_names", "Financial_years"):
        assert theirs[name].attr_text == ours[name].attr_text


def test_libreoffice_allows_the_example(office: Office, filled: Path) -> None:
    """All cells but the labels of totals in the column unit: 11 units and all of them on Budgets and Actuals."""
    assert office.not_allowed(filled) == {"Budgets": 12, "Actuals": 12}


def test_libreoffice_sees_what_is_not_on_the_lists(office: Office, filled: Path, tmp_path: Path) -> None:
    book = load_workbook(filled)
    book["Forces"]["A10"] = "ESSEX"  # below blank rows, and still on the list
    book["NRE"]["B5"] = "ESSEX"
    book["NRE"]["B6"] = "KENT"
    book["NRE"]["A7"] = "2018"
    book["Units"]["F6"] = "soon"
    book["Control totals"]["C5"] = "Mounted section"
    book["Principles"]["E6"] = 120
    book["Principles"]["I6"] = "none"
    book["Principles"]["O6"] = "roughly"
    book["Principles"]["O7"] = 1.5
    book["Demand"]["A6"] = "moods"
    book["Demand"]["C6"] = -1
    book["Settings"]["A6"] = "money out"
    book["Assumptions"]["F6"] = "hope"
    book.save(tmp_path / "odd.xlsx")
    assert office.not_allowed(tmp_path / "odd.xlsx") == {
        "NRE": 2,
        "Units": 1,
        "Budgets": 12,
        "Control totals": 1,
        "Principles": 3,
        "Demand": 2,
        "Settings": 1,
        "Actuals": 12,
        "Assumptions": 1,
    }


def test_on_an_empty_template_any_force_may_stand(office: Office, empty: Path, tmp_path: Path) -> None:
    """An analyst who begins with NRE is asked nothing: the list has one entry, a blank."""
    book = load_workbook(empty)
    enter(book, "Forces", ("BEDS",))
    enter(book, "NRE", ("2024/25", "BEDS", 1), ("2024/25", "CAMBS", 1))
    book.save(tmp_path / "begun.xlsx")
    assert office.not_allowed(tmp_path / "begun.xlsx") == {"NRE": 1}


# The file


@pytest.mark.parametrize("options", [[], ["--example"]], ids=["empty", "example"])
def test_the_same_bytes_everywhere(tmp_path: Path, options: list[str], empty: Path, filled: Path) -> None:
    env = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "7"}
    target = tmp_path / "other.xlsx"
    assert run_apart("template", target, *options, env=env, cwd=tmp_path).code == 0
    assert target.read_bytes() == (filled if options else empty).read_bytes()


def test_quiet(tmp_path: Path) -> None:
    assert run("template", tmp_path / "units.xlsx", "-q") == Ran(0, "", "")


def test_an_existing_file_only_with_overwrite(tmp_path: Path, empty: Path) -> None:
    target = tmp_path / "mine.xlsx"
    target.write_text("a year of work")
    ran = run("template", target)
    assert (ran.code, ran.out) == (2, "")
    assert f"{target} exists; add --overwrite to replace it" in ran.err
    assert target.read_text() == "a year of work"
    assert run("template", target, "--overwrite").code == 0
    assert target.read_bytes() == empty.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.xlsx"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("units.csv", "units.csv: the suffix says the format, .xlsx"),
        ("units", "the suffix says the format, .xlsx"),
        ("-", "the suffix says the format, .xlsx"),
        ("no such folder/units.xlsx", "there is no folder"),
        ("folder.xlsx", "is no file"),
    ],
)
def test_what_could_not_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.xlsx").mkdir()
    ran = run("template", name, "--overwrite")
    assert (ran.code, ran.out) == (2, "")
    assert words in re.sub(r"\s+", " ", ran.err)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.xlsx"]


def test_a_name_is_needed() -> None:
    ran = run("template")
    assert ran.code == 2 and "Missing argument 'OUT.xlsx'" in ran.err


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "units.xlsx"
    with little_room():
        ran = run("template", target)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Nothing was written: ")
    assert list(tmp_path.iterdir()) == []


def test_options_by_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filled: Path) -> None:
    monkeypatch.setenv("BCH_APPORTION_EXAMPLE", "1")
    monkeypatch.setenv("BCH_APPORTION_QUIET", "1")
    assert run("template", tmp_path / "a.xlsx") == Ran(0, "", "")
    assert (tmp_path / "a.xlsx").read_bytes() == filled.read_bytes()


def test_text_is_written_as_text(tmp_path: Path) -> None:
    fields = (Field("unit", note="=1+1", entry=Entry(listed="unit")),)
    lists = (
        Sheet("Forces", "=1+1", "@x", (Field("force"),)),
        Sheet("Units", "+1", "-1", fields, tuple((text,) for text in LIVE_TEXTS)),
        Sheet("Drivers", "", "", (Field("unit"), Field("driver"))),
    )
    write(tmp_path / "live.xlsx", Template("=title", (), lists))
    sheet = load_workbook(tmp_path / "live.xlsx")["Units"]
    assert [sheet.cell(FIRST + n, 1).value for n in range(len(LIVE_TEXTS))] == LIVE_TEXTS
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}


def test_a_total_is_told_by_its_label() -> None:
    sheet = Sheet("Budgets", "", "", (Field("unit"),))
    assert sheet.is_total(("Sub-total", 1)) and sheet.is_total(("Grand Total", 1)) and sheet.is_total((" total ", 1))
    assert not sheet.is_total(("Totals office", 1)) and not sheet.is_total((None, 1)) and not sheet.is_total((1,))
    assert key(GUIDE) not in {key(form.name) for form in FORMS}
