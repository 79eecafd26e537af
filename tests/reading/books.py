"""Small workbooks: a sound frame of sheets with the one under test in it, by openpyxl, by XlsxWriter, or as raw XML."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

import xlsxwriter
from openpyxl import Workbook
from openpyxl.cell.cell import ERROR_CODES

from bch_apportion.model import Inputs
from bch_apportion.places import column_letters
from bch_apportion.reading.workbook import Reading, read


@dataclass(frozen=True)
class Percent:
    """A number shown as a percentage: Percent(0.125) shows 12.5%."""

    fraction: float


@dataclass(frozen=True)
class Formula:
    """A formula, with the value that was stored beside it (None: it was never calculated)."""

    text: str
    stored: float | str | None = None


Cell: TypeAlias = str | int | float | bool | date | Percent | Formula | None
Rows: TypeAlias = Sequence[Sequence[Cell]]
Tables: TypeAlias = Mapping[str, Rows]

FRAME: Tables = {
    "Forces": [
        ["force", "name", "aliases"],
        ["BEDS", "Bedfordshire Police", "Beds, BP"],
        ["CAMBS", "Cambridgeshire Constabulary", None],
        ["HERTS", "Hertfordshire Constabulary", "Hertford"],
    ],
    "NRE": [["year", "BEDS", "CAMBS", "HERTS"], ["2018/19", 100, 130, 180]],
    "Units": [["unit", "name"], ["ICT", "Information technology"], ["DOGS", None]],
    "Budgets": [["unit", "year", "amount"], ["ICT", "2018/19", 42]],
}


def by_openpyxl(tables: Tables, path: Path, change: Callable[[Workbook], None] | None = None) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.remove(workbook.active)
    for name, rows in tables.items():
        sheet = workbook.create_sheet(name)
        for number, cells in enumerate(rows, 1):
            for column, value in enumerate(cells, 1):
                if isinstance(value, Percent):
                    sheet.cell(number, column, value.fraction).number_format = "0.0%"
                elif isinstance(value, Formula):
                    sheet.cell(number, column, value.text)
                elif value is not None:
                    sheet.cell(number, column, value)
    if change is not None:
        change(workbook)
    workbook.save(path)


def by_xlsxwriter(tables: Tables, path: Path, **options: Any) -> None:
    with xlsxwriter.Workbook(path, options) as workbook:
        shown_as_date = workbook.add_format({"num_format": "dd/mm/yyyy"})
        shown_as_percent = workbook.add_format({"num_format": 10})
        for name, rows in tables.items():
            sheet = workbook.add_worksheet(name)
            for number, cells in enumerate(rows):
                for column, value in enumerate(cells):
                    if isinstance(value, Percent):
                        sheet.write_number(number, column, value.fraction, shown_as_percent)
                    elif isinstance(value, Formula):
                        sheet.write_formula(number, column, value.text, None, value.stored or "")
                    elif isinstance(value, bool):
                        sheet.write_boolean(number, column, value)
                    elif isinstance(value, date):
                        sheet.write_datetime(number, column, value, shown_as_date)
                    elif isinstance(value, str):
                        sheet.write_string(number, column, value)
                    elif value is not None:
                        sheet.write_number(number, column, value)


def framed(sheets: Tables) -> Tables:
    """The frame, with these sheets in the place of its own or beside them."""
    return {**FRAME, **sheets}


def reading(path: Path, sheets: Tables, change: Callable[[Workbook], None] | None = None) -> Reading:
    """What is read of a framed workbook."""
    if change is None:
        by_xml(framed(sheets), path)
    else:
        by_openpyxl(framed(sheets), path, change)
    return read(path)


def sound(path: Path, sheets: Tables, change: Callable[[Workbook], None] | None = None) -> Inputs:
    """The inputs of a framed workbook that has no problem."""
    result = reading(path, sheets, change)
    assert result.problems == ()
    return result.inputs


def told(path: Path, sheets: Tables) -> list[tuple[str, str]]:
    """The code and place of each problem."""
    return [(problem.code, problem.where) for problem in reading(path, sheets).problems]


# Raw XML

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def sheet_xml(rows: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>\n', space: str = MAIN) -> str:
    return f'{head}<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'


def rows_xml(rows: Rows) -> str:
    """A table as the rows of a sheet, its texts inline."""
    return "".join(
        f'<row r="{number}">{"".join(_cell(number, column, v) for column, v in enumerate(cells, 1))}</row>'
        for number, cells in enumerate(rows, 1)
    )


def _cell(row: int, column: int, value: Cell) -> str:
    place = f"{chr(64 + column)}{row}"
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def raw(path: Path, sheets: Mapping[str, str | bytes], parts: Mapping[str, str | bytes] | None = None) -> None:
    """A workbook of the frame and of sheets given as XML; further parts are added or replace its own."""
    given: dict[str, str | bytes] = {name: sheet_xml(rows_xml(rows)) for name, rows in FRAME.items()}
    package(path, {**given, **sheets}, parts)


def package(path: Path, given: Mapping[str, str | bytes], parts: Mapping[str, str | bytes] | None = None) -> None:
    """A workbook of sheets given as XML, with further parts or others in the place of its own."""
    names = list(given)
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, 1))
    related = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    for kind in ("sharedStrings", "styles"):
        if parts and f"xl/{kind}.xml" in parts:
            related += f'<Relationship Id="{kind}" Type="{RELATIONS}/{kind}" Target="{kind}.xml"/>'
    content: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="w" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
        **{f"xl/worksheets/sheet{n}.xml": given[name] for n, name in enumerate(names, 1)},
        **(parts or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in content.items():
            packed.writestr(name, part)


STYLES = f"""<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts>
<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="3"><xf/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="10" applyNumberFormat="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


def by_xml(tables: Tables, path: Path, live: bool = True) -> None:
    """The same as by openpyxl, in a twentieth of the time; without `live` every text is a text."""
    sheets: dict[str, str | bytes] = {}
    for name, rows in tables.items():
        lines = []
        for number, cells in enumerate(rows, 1):
            typed = (_typed(f"{column_letters(x)}{number}", value, live) for x, value in enumerate(cells, 1))
            lines.append(f'<row r="{number}">{"".join(typed)}</row>')
        sheets[escape(name, {'"': "&quot;"})] = sheet_xml("".join(lines))
    package(path, sheets, {"xl/styles.xml": STYLES})


def _typed(place: str, value: Cell, live: bool) -> str:
    """A cell as XML, by the kind of its value."""
    if value is None:
        return ""
    if live and isinstance(value, str) and len(value) > 1 and value.startswith("="):
        value = Formula(value)
    if isinstance(value, Formula):
        return f'<c r="{place}"><f>{escape(value.text[1:])}</f></c>'
    if isinstance(value, Percent):
        return f'<c r="{place}" s="2"><v>{value.fraction!r}</v></c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{value:d}</v></c>'
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        return f'<c r="{place}" s="1"><v>{(moment - datetime(1899, 12, 30)) / timedelta(days=1)!r}</v></c>'
    if isinstance(value, str):
        if live and value in ERROR_CODES:
            return f'<c r="{place}" t="e"><v>{value}</v></c>'
        text = re.sub(r"[\x00-\x08\x0b-\x1f]", lambda sign: f"_x{ord(sign[0]):04X}_", escape(value))
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'
