"""The input workbook to be filled in, as .xlsx: drop-downs, number formats, a note on every heading, and the guide.

The same template gives the same bytes. Rows: title, note, a word over each heading, the headings, then the table.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from bch_apportion.template.sheets import GUIDE, LISTS, Cell, Entry, Field, Section, Sheet, Template
from bch_apportion.writing.excel import EPOCH, LINE, LONGEST, MAX_ROWS, TooLong

TITLE, NOTE, WORDS, HEADER, FIRST = range(5)  # rows from 0
LISTED = 2_000  # rows of a sheet whose names a drop-down lists
WIDEST = 60
FORMATS = {
    "money": "#,##0.00;-#,##0.00",
    "date": "dd mmm yyyy",
    "year": "@",  # text: Excel takes 2011/12 for a month
    "period": "@",
    # The others are General. There alone Excel shows a percentage that is typed with its sign as one, which tells
    # 12.5% from 0.125 when it is read.
}
MONTH = "mmm-yy"
WIDTHS = {
    "money": 16,
    "date": 14,
    "year": 12,
    "force": 12,
    "number": 12,
    "percent": 12,
    "whole": 12,
    "yes-no": 12,
    "choice": 12,
    "any": 12,
}
DEFAULT_WIDTH = 20
RIGHT = ("money", "number", "percent", "whole")
FILL = "#DCE6F1"
NEEDED_TAB, OPTIONAL_TAB, GUIDE_TAB = "#1F4E79", "#BDD7EE", "#7F7F7F"
GUIDE_WIDTHS = (24, 36, 84)
DAYS = (date(1900, 1, 1), date(2199, 12, 31))
NAMES = {"force": "Force_codes", "unit": "Unit_codes", "driver": "Driver_names", "year": "Financial_years"}


def write(path: Path, template: Template) -> None:
    """Write a template. Raises TooLong for a text or table that an Excel sheet cannot hold."""
    contents = BytesIO()
    book = xlsxwriter.Workbook(
        contents,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": template.title, "created": EPOCH})
    styles = _Styles(book)
    guide = book.add_worksheet(GUIDE)
    sheets = [(book.add_worksheet(sheet.name), sheet) for sheet in template.sheets]  # so that links find them
    _guide(book, guide, styles, template)
    for target, sheet in sheets:
        _sheet(target, styles, sheet)
    _define_lists(book, template.sheets)
    book.close()
    path.write_bytes(contents.getvalue())


class _Styles:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.title = self.of(bold=True, font_size=14)
        self.note = self.of(italic=True)
        self.bold = self.of(bold=True, valign="top")
        self.plain = self.of(valign="top")
        self.wrap = self.of(text_wrap=True, valign="top")
        self.link = self.of(valign="top", font_color="#0563C1", underline=1)

    def of(self, **properties: Any) -> Any:
        """A format; the same properties give the same one."""
        known = tuple(sorted(properties.items()))
        if known not in self._known:
            self._known[known] = self._book.add_format(properties)
        return self._known[known]

    def header(self, one: Field) -> Any:
        side = _side(one.kind in RIGHT)
        return self.of(bold=True, text_wrap=True, valign="top", bottom=1, bg_color=FILL, num_format="@", **side)

    def cell(self, one: Field, value: Cell = None, total: bool = False) -> Any:
        """The format of a column, and of what a cell of it holds."""
        right = one.kind in RIGHT or (one.kind == "any" and not isinstance(value, str))
        properties: dict[str, Any] = {"valign": "top", **_side(right)}
        if one.kind in FORMATS:
            properties["num_format"] = FORMATS[one.kind]
        if one.kind == "period" and isinstance(value, date):
            properties["num_format"] = MONTH
        if isinstance(value, str) and len(value) > WIDEST:
            properties["text_wrap"] = True
        if total:
            properties |= {"bold": True, "top": 1}
        return self.of(**properties)


def _side(right: bool) -> dict[str, Any]:
    """Numbers to the right, all else to the left, a little in from the numbers beside it."""
    return {"align": "right"} if right else {"align": "left", "indent": 1}


def _text(target: Any, row: int, column: int, text: str, style: Any) -> None:
    """Write text as text, whatever it begins with; a text too long for a cell is an error, never cut."""
    if len(text) > LONGEST:
        raise TooLong(f"a text of {len(text):,} characters does not fit an Excel cell")
    target.write_string(row, column, text, style)


def _cell(target: Any, row: int, column: int, value: Cell, style: Any) -> None:
    if isinstance(value, str):
        _text(target, row, column, value, style)
    elif isinstance(value, date):
        target.write_datetime(row, column, value, style)
    elif value is not None:
        target.write_number(row, column, value, style)


# A sheet


def _sheet(target: Any, styles: _Styles, sheet: Sheet) -> None:
    if len(sheet.rows) > MAX_ROWS - FIRST:
        raise TooLong(f"{len(sheet.rows):,} rows do not fit the Excel sheet {sheet.name}")
    _text(target, TITLE, 0, sheet.title, styles.title)
    _text(target, NOTE, 0, sheet.note, styles.note)
    widths = [_width(sheet, place, one) for place, one in enumerate(sheet.fields)]
    for place, one in enumerate(sheet.fields):
        target.set_column(place, place, widths[place], styles.cell(one))
        _text(target, WORDS, place, one.word, styles.of(**_word(one)))
        _text(target, HEADER, place, one.heading, styles.header(one))
        _comment(target, place, one)
        _validate(target, place, one)
    # Text, like the headings in it: a year typed into a heading is no month.
    target.set_row(HEADER, _height([one.heading for one in sheet.fields], widths), styles.of(num_format="@", bold=True))
    for number, values in enumerate(sheet.rows, FIRST):
        _row(target, styles, sheet, number, values, widths)
    target.freeze_panes(FIRST, 1)
    target.repeat_rows(HEADER)
    target.set_tab_color(NEEDED_TAB if sheet.needed else OPTIONAL_TAB)
    _printable(target)


def _word(one: Field) -> dict[str, Any]:
    """The properties of the word over a heading: bold where the column is needed, as the word itself says."""
    marked = {"bold": True} if one.word == "needed" else {"font_color": "#595959"}
    return {"italic": True, "font_size": 9, **_side(one.kind in RIGHT), **marked}


def _row(
    target: Any, styles: _Styles, sheet: Sheet, number: int, values: Sequence[Cell], widths: Sequence[float]
) -> None:
    total = sheet.is_total(values)
    texts = [value if isinstance(value, str) and len(value) > WIDEST else "" for value in values]
    if any(texts):
        target.set_row(number, _height(texts, widths))
    for place, (value, one) in enumerate(zip(values, sheet.fields, strict=True)):
        _cell(target, number, place, value, styles.cell(one, value, total))


def _width(sheet: Sheet, place: int, one: Field) -> float:
    """Wide enough for the kind, the longest word of the heading and what the column holds."""
    longest = max((len(str(row[place])) for row in sheet.rows if row[place] is not None), default=0)
    heading = max(map(len, one.heading.split()), default=0)
    listed = max((len(word) for word in one.entry.words), default=0) if one.entry else 0
    base = WIDTHS.get(one.kind, DEFAULT_WIDTH if not sheet.rows else 8)
    content = 0 if one.kind in ("money", "date") else longest
    return float(min(max(base, heading + 3, listed + 3, content + 3), WIDEST))


def _height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """The height of a row whose texts wrap: not every program fits it. Letters are narrower than the width's digits."""
    lines = [len(textwrap.wrap(text, max(1, int(width * 1.1)))) for text, width in zip(texts, widths, strict=True)]
    return float(min(LINE * max([1, *lines]), 400))


def _comment(target: Any, place: int, one: Field) -> None:
    """The note on a heading, large enough to be read whole."""
    if not one.note:
        return
    lines = sum(max(1, len(textwrap.wrap(line, 42))) for line in one.note.split("\n"))
    options = {"author": "", "width": 280, "height": 18 * lines + 14, "font_size": 9, "visible": False}
    target.write_comment(HEADER, place, one.note, options)


def _printable(target: Any) -> None:
    target.set_paper(9)  # A4
    target.set_landscape()
    target.fit_to_pages(1, 0)
    target.set_footer("&L&A&RPage &P of &N")


# Drop-downs and bounds


def _validate(target: Any, place: int, one: Field) -> None:
    """What Excel lets in, from the first row of the table to the foot of the sheet."""
    if one.kind == "date":
        rule: dict[str, Any] = {"validate": "date", "criteria": "between", "minimum": DAYS[0], "maximum": DAYS[1]}
        said = "This column holds dates, such as 01/04/2016."
    elif one.entry is None:
        return
    else:
        rule, said = _rule(one.entry, xl_rowcol_to_cell(FIRST, place)), _said(one.entry)
    firm = one.entry is not None and one.entry.firm
    rule |= {"error_type": "stop" if firm else "warning", "error_title": f"{one.heading}"[:32], "error_message": said}
    if target.data_validation(FIRST, place, MAX_ROWS - 1, place, rule):
        raise TooLong(f"the words of the drop-down {one.heading} do not fit an Excel sheet")


def _rule(entry: Entry, cell: str) -> dict[str, Any]:
    """A rule in XlsxWriter's words; `cell` is the first one it holds for."""
    if entry.listed:
        return {"validate": "list", "source": f"={NAMES[entry.listed]}"}
    if not entry.number:
        return {"validate": "list", "source": list(entry.words)}
    if entry.words:  # a number or a word: no kind of its own
        tests = [f"{cell}{sign}{bound}" for sign, bound in _bounds(entry)] + [f"{cell}=INT({cell})"] * entry.whole
        words = ",".join(f'{cell}="{word}"' for word in entry.words)
        return {"validate": "custom", "value": f"=IF(ISNUMBER({cell}),AND({','.join(tests)}),OR({words}))"}
    rule: dict[str, Any] = {"validate": "integer" if entry.whole else "decimal"}
    if entry.minimum is not None and entry.maximum is not None:
        return rule | {"criteria": "between", "minimum": entry.minimum, "maximum": entry.maximum}
    ((sign, bound),) = _bounds(entry)
    return rule | {"criteria": sign, "value": bound}


def _bounds(entry: Entry) -> list[tuple[str, int]]:
    bounds = ((">=", entry.minimum), ("<=", entry.maximum))
    return [(sign, bound) for sign, bound in bounds if bound is not None]


def _said(entry: Entry) -> str:
    """What Excel says of an entry that is not as the rule has it."""
    if entry.listed == "year":
        return "A financial year is written 2018/19. The list of years is on the sheet Guide."
    if entry.listed:
        sheet = LISTS[entry.listed][0]
        return f"This is not on the sheet {sheet}. Another name of one that is, or Total, may stand."
    words = ", ".join(entry.words)
    if not entry.number:
        return f"Write one of: {words}."
    low = f" from {entry.minimum}" if entry.minimum is not None else ""
    high = f" to {entry.maximum}" if entry.maximum is not None else " on"
    return f"Write a {'whole ' if entry.whole else ''}number{low}{high}{f', or {words}' if words else ''}."


def _define_lists(book: Any, sheets: Sequence[Sheet]) -> None:
    """Names for the lists of the drop-downs, each from its first row to the last that is filled.

    Blank rows between are kept, and an empty sheet gives one blank. The years' list is defined with the guide.
    """
    by_name = {sheet.name: sheet for sheet in sheets}
    for listed, (name, heading) in LISTS.items():
        column = xl_col_to_name([one.heading for one in by_name[name].fields].index(heading))
        first = f"{name}!${column}${FIRST + 1}"
        rows = f"{first}:${column}${FIRST + LISTED}"
        last = f'SUMPRODUCT(MAX(({rows}<>"")*(ROW({rows})-{FIRST})))'
        book.define_name(NAMES[listed], f"=OFFSET({first},0,0,MAX(1,{last}),1)")


# The guide


def _guide(book: Any, target: Any, styles: _Styles, template: Template) -> None:
    for place, width in enumerate(GUIDE_WIDTHS):
        target.set_column(place, place, width)
    _text(target, 0, 0, f"Guide: {template.title}", styles.title)
    kinds = {sheet.name: sheet for sheet in template.sheets}
    row = 1
    for section in template.guide:
        row += 1
        for place, heading in enumerate(section.headings):
            _text(target, row, place, heading, styles.of(bold=True, bg_color=FILL))
        row = _section(target, styles, section, row + 1, kinds)
        if section.about == "years":
            book.define_name(NAMES["year"], f"={GUIDE}!$A${row - len(section.rows) + 1}:$A${row}")
    target.set_tab_color(GUIDE_TAB)
    _printable(target)


def _section(target: Any, styles: _Styles, section: Section, row: int, sheets: Mapping[str, Sheet]) -> int:
    """Write the rows of a part of the guide from `row` on; the row after them."""
    for texts in section.rows:
        if section.about == "sheets" and texts[0] in sheets:
            target.write_url(row, 0, f"internal:'{texts[0]}'!A1", styles.link, string=texts[0])
        else:
            year = section.about == "years"
            _text(target, row, 0, texts[0], styles.of(num_format="@", align="left") if year else styles.bold)
        for place in (1, 2):
            if texts[place]:
                _text(target, row, place, texts[place], styles.wrap if texts[2] else styles.plain)
        target.set_row(row, _height(texts, GUIDE_WIDTHS) if texts[2] else LINE)
        row += 1
    return row
