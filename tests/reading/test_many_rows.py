"""Rows of one shape, matched many at once, mean what they mean one by one: on neat, mixed and hostile Demand sheets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bch_apportion.model import Volume
from bch_apportion.problems import InputProblems
from bch_apportion.reading import workbook
from bch_apportion.reading.book import open_book
from bch_apportion.reading.demand import DemandReader
from bch_apportion.reading.reader import read_rows
from bch_apportion.reading.shapes import Block, LongRows, long_rows
from bch_apportion.reading.workbook import Reading, read

from . import books
from .books import raw, rows_xml, sheet_xml

HEADER = ["driver", "period", "force", "volume", "signed off", "remark"]
UNIT = {"Drivers": sheet_xml(rows_xml([["unit", "driver"], ["ICT", "calls"], ["DOGS", "R & D".replace("&", "&amp;")]]))}
TEXTS = ["calls", "R & D", "BEDS", "cambs", "Herts ", "HERTFORD", "yes", "No", "", "Total", "sub-total", "2018-04", "x"]
STYLES = (
    f'<styleSheet xmlns="{books.MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/>'
    '<xf numFmtId="1"/></cellXfs></styleSheet>'
)


def shared(texts: list[str]) -> str:
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    return f'<sst xmlns="{books.MAIN}">{items}</sst>'


def months(number: int) -> list[str]:
    return [f"{2015 + n // 12}-{n % 12 + 1:02d}" for n in range(number)]


def text_cell(column: str, row: int, number: int) -> str:
    return f'<c r="{column}{row}" t="s"><v>{number}</v></c>'


def plain_rows(count: int, first: int = 2) -> list[str]:
    """Rows as Excel writes them: two drivers, three forces, month by month."""
    xml = []
    for n in range(count):
        row, (month, place) = first + n, divmod(n, 6)
        cells = text_cell("A", row, place // 3) + text_cell("B", row, len(TEXTS) + month)
        cells += text_cell("C", row, 2 + place % 3) + f'<c r="D{row}"><v>{1000 + n}</v></c>'
        xml.append(f'<row r="{row}" spans="1:6">{cells}</row>')
    return xml


def book(path: Path, rows: list[str], header: list[str] = HEADER) -> None:
    """A workbook whose Demand sheet has these rows below a header."""
    head = rows_xml([header])
    parts = {"xl/sharedStrings.xml": shared([*TEXTS, *months(60)]), "xl/styles.xml": STYLES}
    raw(path, {"Demand": sheet_xml(head + "".join(rows)), **UNIT}, parts)


def row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Demand read by the reader alone."""
    monkeypatch.setattr(workbook, "long_rows", lambda book, sheet: LongRows(read_rows(book, sheet)))


def both(path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool | None = None) -> Reading:
    """What is read, once rows at once and rows one by one have said the same.

    `at_once` says whether rows must have been taken at once for the test to mean anything.
    """
    taken = [0]
    post = DemandReader._block

    def counted(self: DemandReader, block: Block, labels: Mapping[str, Sequence[object]]) -> None:
        taken[0] += len(block.numbers)
        post(self, block, labels)

    with monkeypatch.context() as patched:
        patched.setattr(DemandReader, "_block", counted)
        in_blocks = read(path)
    with monkeypatch.context() as patched:
        row_by_row(patched)
        single = read(path)
    assert in_blocks.problems == single.problems
    assert in_blocks.inputs == single.inputs
    assert [*in_blocks.inputs.demand] == [*single.inputs.demand]
    for name, demand in in_blocks.inputs.demand.items():  # in the order of the sheet too
        assert [*demand.monthly] == [*single.inputs.demand[name].monthly]
        assert [*map(list, demand.monthly.values())] == [*map(list, single.inputs.demand[name].monthly.values())]
    if at_once is not None:
        assert bool(taken[0]) == at_once
    return in_blocks


def test_plain_rows_are_taken_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book(tmp_path / "b.xlsx", plain_rows(300))
    result = both(tmp_path / "b.xlsx", monkeypatch, at_once=True)
    assert result.problems == ()
    calls = result.inputs.demand["calls"].monthly
    assert len(calls) == 50
    assert calls[2015 * 12] == {
        "BEDS": Volume(1000, False, 2, 4),
        "CAMBS": Volume(1001, False, 3, 4),
        "HERTS": Volume(1002, False, 4, 4),
    }


def pieces(path: Path, rows: list[str]) -> list[tuple[int, int] | int]:
    """How the rows of Demand are read: the first and last of each block, and the rows between."""
    book(path, rows)
    opened = open_book(path)
    sheet = next(sheet for sheet in opened.sheets if sheet.name == "Demand")
    parts = list(long_rows(opened, sheet).pieces)
    assert [*LongRows(parts)] == read_rows(opened, sheet)
    opened.package.close()
    return [(piece.numbers[0], piece.numbers[-1]) if isinstance(piece, Block) else piece[0] for piece in parts]


def test_a_text_is_all_of_one_shape_or_in_pieces(tmp_path: Path) -> None:
    rows, top = plain_rows(200), [*range(1, 32)]
    assert pieces(tmp_path / "b.xlsx", rows) == [*top, (32, 201)]
    rows[98] = rows[98].replace("<v>1098</v>", "<f>1</f><v>1098</v>")
    assert pieces(tmp_path / "b.xlsx", rows) == [*top, (32, 99), 100, (101, 201)]
    reverse = [*rows[:100], *reversed(rows[100:])]
    assert pieces(tmp_path / "b.xlsx", reverse) == [*range(1, 202)]
    late = [*rows[:150], *rows[160:], *rows[150:160]]  # ten rows after those that they belong before
    assert pieces(tmp_path / "b.xlsx", late) == [*range(1, 202)]


CHANGES: dict[str, tuple[str, str]] = {
    "a decimal": (r"<v>10(\d\d)</v>", r"<v>10\1.25</v>"),
    "seventeen digits": (r"<v>10(\d\d)</v>", r"<v>0.30000000000000004</v>"),
    "an exponent": (r"<v>10(\d\d)</v>", r"<v>1.5E3</v>"),
    "a negative volume": (r"<v>10(\d\d)</v>", r"<v>-\1</v>"),
    "noughts before": (r"<v>10(\d\d)</v>", r"<v>00\1</v>"),
    "a large number": (r"<v>10(\d\d)</v>", r"<v>99999999999999999999</v>"),
    "a formula": (r"<v>10(\d\d)</v>", r"<f>1+1</f><v>10\1</v>"),
    "a formula never calculated": (r"<v>10(\d\d)</v>", r"<f>1+1</f>"),
    "an error cell": (r'<c r="D(\d+)"><v>\d+</v>', r'<c r="D\1" t="e"><v>#REF!</v>'),
    "a percentage": (r'<c r="D(\d+)">', r'<c r="D\1" s="2">'),
    "a date for a volume": (r'<c r="D(\d+)">', r'<c r="D\1" s="1">'),
    "a style": (r'<c r="D(\d+)">', r'<c r="D\1" s="3">'),
    "a blank volume": (r'<c r="D\d+"><v>\d+</v></c>', ""),
    "a styled blank volume": (r'<c r="D(\d+)"><v>\d+</v></c>', r'<c r="D\1" s="3"/>'),
    "a styled blank beyond": ("</row>", '<c r="F@" s="3"/></row>'),
    "a text for a volume": (r'<c r="D(\d+)"><v>\d+</v>', r'<c r="D\1" t="s"><v>12</v>'),
    "an unknown force": (r'(<c r="C\d+" t="s"><v>)\d+', r"\g<1>12"),
    "a raised piece": (
        r'<c r="C(\d+)" t="s"><v>\d+</v>',
        r'<c r="C\1" t="inlineStr"><is><r><t>BED</t></r><r><rPr>'
        r'<vertAlign val="superscript"/></rPr><t>S</t></r></is>',
    ),
    "an alias": (r'(<c r="C\d+" t="s"><v>)4', r"\g<1>5"),
    "a blank text for a driver": (r'(<c r="A\d+" t="s"><v>)\d+', r"\g<1>8"),
    "a total": (r'(<c r="A\d+" t="s"><v>)\d+', r"\g<1>9"),
    "a sub-total": (r'(<c r="A\d+" t="s"><v>)\d+', r"\g<1>10"),
    "no period": (r'(<c r="B\d+" t="s"><v>)\d+', r"\g<1>12"),
    "the month before": (r'(<c r="B\d+" t="s"><v>)\d+', r"\g<1>13"),
    "an Excel date": (r'<c r="B(\d+)" t="s"><v>(\d+)</v>', r'<c r="B\1" s="1"><v>431\2</v>'),
    "an inline text": (r'<c r="A(\d+)" t="s"><v>\d+</v>', r'<c r="A\1" t="inlineStr"><is><t>R &amp; D</t></is>'),
    "signed off": ("</row>", '<c r="E@" t="s"><v>6</v></c></row>'),
    "signed off, true": ("</row>", '<c r="E@" t="b"><v>1</v></c></row>'),
    "signed off, false": ("</row>", '<c r="E@" t="b"><v>0</v></c></row>'),
    "signed off, perhaps": ("</row>", '<c r="E@" t="s"><v>12</v></c></row>'),
    "a remark": ("</row>", '<c r="F@" t="s"><v>12</v></c></row>'),
    "a value without a heading": ("</row>", '<c r="H@"><v>0</v></c></row>'),
    "a hidden row": ("<row ", '<row hidden="1" '),
    "a hidden row, after its number": (' spans="1:6"', ' spans="1:6" hidden="1"'),
    "other attributes": (' spans="1:6"', ' spans="1:6" ht="15.75" customHeight="1"'),
    "a line between": ("</row>", "</row>\n"),
    "a line within": ("</c></row>", "</c>\n</row>"),
    "a comment": ("</c></row>", '</c><!-- <c r="D2"><v>1</v></c> --></row>'),
    "a blank row beside": ("</row>", "</row><row r='@'/>"),
    "an extension": ("</c></row>", '</c><extLst><ext uri="x"/></extLst></row>'),
    "the place of another row": (r'<c r="D(\d+)">', r'<c r="D\g<1>0">'),
    "only one cell": (r"<row ([^>]*)>.*?(<c r=\"A.*?</c>).*</row>", r"<row \1>\2</row>"),
}


def changed(row: str, change: tuple[str, str]) -> str:
    number = re.search(r'r="(\d+)"', row)
    assert number is not None
    return re.sub(change[0], change[1].replace("@", number.group(1)), row)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("every", [3, *(pytest.param(every, marks=pytest.mark.long) for every in (1, 40))])
def test_a_change_in_some_rows(name: str, every: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = plain_rows(200)
    other = [changed(row, CHANGES[name]) if n % every == every - 1 else row for n, row in enumerate(rows)]
    assert other != rows
    book(tmp_path / "b.xlsx", other)
    both(tmp_path / "b.xlsx", monkeypatch)


@pytest.mark.long
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9), st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=4), st.integers(2, 60))
def test_mixed_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, names: list[str], every: int) -> None:
    draw = Random(seed)
    rows = plain_rows(120)
    for place in range(len(rows)):
        if not draw.randrange(every):
            rows[place] = changed(rows[place], CHANGES[draw.choice(names)])
    book(tmp_path / "b.xlsx", rows)
    both(tmp_path / "b.xlsx", monkeypatch)


@pytest.mark.long
@pytest.mark.parametrize("every", [1, 2, 7, 1000])
def test_a_column_for_each_force(every: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wide sheet, some of its cells blank, in two chunks of a megabyte."""
    rows = []
    for n in range(12_000):
        row = n + 2
        cells = text_cell("A", row, n % 2) + text_cell("B", row, len(TEXTS) + n // 2 % 60)
        for place, column in enumerate("CDE"):
            if n % every or place != n // every % 3:
                cells += f'<c r="{column}{row}" s="3"><v>{n * 3 + place}{".5" if n % 11 == 0 else ""}</v></c>'
        rows.append(f'<row r="{row}">{cells}</row>')
    book(tmp_path / "b.xlsx", rows, ["driver", "period", "BEDS", "CAMBS", "HERTS"])
    result = both(tmp_path / "b.xlsx", monkeypatch, at_once=True)
    assert {problem.code for problem in result.problems} == {"duplicate-key"}  # sixty months, said again and again


def test_totals_are_checked_over_rows_taken_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = plain_rows(100)
    due = sum(range(1000, 1100))
    for stated, codes in ((due, []), (due + 1, ["total-differs"])):
        total = f'<row r="200">{text_cell("A", 200, 9)}<c r="D200"><f>SUM(D2:D101)</f><v>{stated}</v></c></row>'
        book(tmp_path / "b.xlsx", [*rows, total])
        assert [problem.code for problem in both(tmp_path / "b.xlsx", monkeypatch, at_once=True).problems] == codes


DAMAGED: dict[str, Callable[[str], str]] = {
    "a text that is not there": lambda text: text.replace("<v>13</v>", "<v>9999</v>"),
    "cut": lambda text: text[: len(text) // 2],
    "an entity of no name": lambda text: text.replace("<v>1050</v>", "<v>&nothing;</v>"),
    "a declaration": lambda text: text.replace("</row>", "<!DOCTYPE x></row>"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_told_alike(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = sheet_xml(rows_xml([HEADER]) + "".join(plain_rows(100)))
    parts = {"xl/sharedStrings.xml": shared([*TEXTS, *months(60)])}
    raw(tmp_path / "b.xlsx", {"Demand": DAMAGED[name](content), **UNIT}, parts)
    told = []
    for _ in range(2):
        with pytest.raises(InputProblems) as caught:
            read(tmp_path / "b.xlsx")
        told.append(caught.value.problems)
        row_by_row(monkeypatch)
    assert told[0] == told[1]
