"""The input workbook to be filled in, as .xlsx: drop-downs, number formats, a note on every heading, and the guide.

The same template gives the same bytes. Rows: title, note, a word over each heading, the headings, then the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from bch_apportion.reading.sheets import GUIDE
from bch_apportion.template.sheets import LISTS, Cell, Entry, Field, Section, Sheet, Template
from bch_apportion.writing import workbook
from bch_apportion.writing.files import TooLong
from bch_apportion.writing.workbook import LINE, MAX_ROWS, height, lines_of, printable, side, write_text

TITLE, NOTE, WORDS, HEADER, FIRST = range(5)  # rows from 0
LISTED = 2_000  # rows of a sheet whose names a drop-down lists
WIDEST = 60
FORMATS = {
    "money": workbook.MONEY,
    **dict.fromkeys(("date", "dates", "done"), workbook.DATE),
    "year": "@",  # text: Excel takes 2011/12 for a month
    "period": "@",
    # The others are General. There alone Excel shows a percentage that is typed with its sign as such, which tells
    # 12.5% from 0.125 when it is read.
}
MONTH = "mmm-yy"
NARROW = ("year", "force", "number", "percent", "whole", "yes-no", "choice", "any")
WIDTHS = {"money": 16, "date": 14, "done": 14} | dict.fromkeys(NARROW, 12)
DEFAULT_WIDTH = 20
RIGHT = ("money", "number", "percent", "whole")
NEEDED_TAB, OPTIONAL_TAB, FURTHER_TAB, GUIDE_TAB = "#1F4E79", "#BDD7EE", "#EDEDED", "#7F7F7F"
GUIDE_WIDTHS = (24, 36, 84)
DAYS = (date(1900, 1, 1), date(2199, 12, 31))
NAMES = {"force": "Force_codes", "unit": "Unit_codes", "driver": "Driver_names", "year": "Financial_years"}


def write(path: Path, template: Template) -> None:
    """Write a template. Raises TooLong for a text or table that an Excel sheet cannot hold."""
    book = _Book(template.title)
    guide = book.file.add_worksheet(GUIDE)
    sheets = [(book.file.add_worksheet(sheet.name), sheet) for sheet in template.sheets]  # so that links find them
    _guide(book, guide, template)
    for target, sheet in sheets:
        _sheet(target, book, sheet)
    _define_lists(book.file, template.sheets)
    book.save(path)


class _Book(workbook.Book):
    """The workbook of a template, with the styles of its cells."""

    def header(self, field: Field) -> Any:
        return self.style(**workbook.HEADER, num_format="@", **side(field.kind in RIGHT))

    def cell(self, field: Field, value: Cell = None, total: bool = False) -> Any:
        """The format of a column, and of what a cell of it holds."""
        right = field.kind in RIGHT or (field.kind == "any" and not isinstance(value, str))
        month = field.kind == "period" and isinstance(value, date)
        shown = MONTH if month else FORMATS.get(field.kind)
        return self.style(
            valign="top",
            **side(right),
            **({"num_format": shown} if shown else {}),
            **({"text_wrap": True} if _is_long(value) else {}),
            **(workbook.TOTAL if total else {}),
        )

    def word(self, field: Field) -> Any:
        """The word over a heading: bold where the column is needed, as the word itself says."""
        marked = {"bold": True} if field.word == "needed" else {"font_color": "#595959"}
        return self.style(italic=True, font_size=9, **side(field.kind in RIGHT), **marked)


def _is_long(value: Cell) -> bool:
    return isinstance(value, str) and len(value) > WIDEST


def _cell(target: Any, row: int, column: int, value: Cell, style: Any) -> None:
    if isinstance(value, str):
        write_text(target, row, column, value, style)
    elif isinstance(value, date):
        target.write_datetime(row, column, value, style)
    elif value is not None:
        target.write_number(row, column, value, style)


def _sheet(target: Any, book: _Book, sheet: Sheet) -> None:
    if len(sheet.rows) > MAX_ROWS - FIRST:
        raise TooLong(f"{len(sheet.rows):,} rows do not fit the Excel sheet {sheet.name}")
    write_text(target, TITLE, 0, sheet.title, book.style(**workbook.TITLE))
    write_text(target, NOTE, 0, sheet.note, book.style(italic=True))
    widths = [_width(sheet, place, field) for place, field in enumerate(sheet.fields)]
    for place, field in enumerate(sheet.fields):
        target.set_column(place, place, widths[place], book.cell(field))
        write_text(target, WORDS, place, field.word, book.word(field))
        write_text(target, HEADER, place, field.heading, book.header(field))
        _comment(target, place, field)
        _validate(target, place, field)
    # Text, like the headings in it: a year typed into a heading is no month.
    headings = [field.heading for field in sheet.fields]
    target.set_row(HEADER, _height(headings, widths), book.style(num_format="@", bold=True))
    _rows(target, book, sheet, widths)
    target.freeze_panes(FIRST, 1)
    target.repeat_rows(HEADER)
    target.set_tab_color(NEEDED_TAB if sheet.needed else FURTHER_TAB if sheet.further else OPTIONAL_TAB)
    printable(target)


def _rows(target: Any, book: _Book, sheet: Sheet, widths: Sequence[float]) -> None:
    for number, values in enumerate(sheet.rows, FIRST):
        texts = [value if isinstance(value, str) and _is_long(value) else "" for value in values]
        if any(texts):
            target.set_row(number, _height(texts, widths))
        for place, (value, field) in enumerate(zip(values, sheet.fields, strict=True)):
            _cell(target, number, place, value, book.cell(field, value, sheet.is_total(values)))


def _width(sheet: Sheet, place: int, field: Field) -> float:
    """Wide enough for the kind, the longest word of the heading and what the column holds."""
    texts = [*field.heading.split(), *(field.entry.words if field.entry else ())]
    if field.kind not in ("money", "date"):
        texts += [str(row[place]) for row in sheet.rows if row[place] is not None]
    base = WIDTHS.get(field.kind, DEFAULT_WIDTH if not sheet.rows else 8)
    return float(min(max([base, *(len(text) + 3 for text in texts)]), WIDEST))


def _height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """The height of a row whose texts wrap: not every program fits it. Letters are narrower than the width's digits."""
    return height(max(lines_of(text, int(width * 1.1)) for text, width in zip(texts, widths, strict=True)))


def _comment(target: Any, place: int, field: Field) -> None:
    """The note on a heading, large enough to be read whole."""
    if not field.note:
        return
    lines = sum(lines_of(line, 42) for line in field.note.split("\n"))
    options = {"author": "", "width": 280, "height": 18 * lines + 14, "font_size": 9, "visible": False}
    target.write_comment(HEADER, place, field.note, options)


def _validate(target: Any, place: int, field: Field) -> None:
    """What Excel lets in, from the first row of the table to the foot of the sheet."""
    entry, firm = field.entry, False
    if field.kind == "date":
        rule: dict[str, Any] = {"validate": "date", "criteria": "between", "minimum": DAYS[0], "maximum": DAYS[1]}
        refusal = "This column holds dates, such as 01/04/2016."
    elif entry is not None:
        rule, refusal = _rule(entry, xl_rowcol_to_cell(FIRST, place)), _refusal(entry)
        firm = not entry.listed and entry.minimum is None and field.kind != "setting"  # money in NRE may stand
    else:
        return
    rule |= {"error_type": "stop" if firm else "warning", "error_title": field.heading[:32], "error_message": refusal}
    if target.data_validation(FIRST, place, MAX_ROWS - 1, place, rule):
        raise TooLong(f"the words of the drop-down {field.heading} do not fit an Excel sheet")


def _rule(entry: Entry, cell: str) -> dict[str, Any]:
    """A rule in XlsxWriter's words; `cell` is the first one it holds for."""
    low, high = entry.minimum, entry.maximum
    if entry.listed or low is None:
        return {"validate": "list", "source": f"={NAMES[entry.listed]}" if entry.listed else list(entry.words)}
    if entry.words:  # a number or a word: no kind of its own
        tests = [f"{cell}>={low}", *([f"{cell}<={high}"] if high is not None else [])]
        words = ",".join(f'{cell}="{word}"' for word in entry.words)
        both = ",".join(tests + [f"{cell}=INT({cell})"] * entry.whole)
        return {"validate": "custom", "value": f"=IF(ISNUMBER({cell}),AND({both}),OR({words}))"}
    rule = {"validate": "integer" if entry.whole else "decimal"}
    if high is None:
        return rule | {"criteria": ">=", "value": low}
    return rule | {"criteria": "between", "minimum": low, "maximum": high}


def _refusal(entry: Entry) -> str:
    """What Excel says where an entry is not as the rule has it."""
    if entry.listed == "year":
        return "A financial year is written 2018/19. The list of years is on the sheet Guide."
    if entry.listed:
        return f"This is not on the sheet {LISTS[entry.listed][0]}. An alias, or Total, is accepted too."
    words = ", ".join(entry.words)
    if entry.minimum is None:
        return f"Write one of: {words}."
    high = f"to {entry.maximum}" if entry.maximum is not None else "on"
    whole, other = "whole " if entry.whole else "", f", or {words}" if words else ""
    return f"Write a {whole}number from {entry.minimum} {high}{other}."


def _define_lists(book: Any, sheets: Sequence[Sheet]) -> None:
    """Names for the lists of the drop-downs, each from its first row to the last that is filled.

    Blank rows between are kept, and an empty sheet gives one blank. The years' list is defined with the guide.
    """
    by_name = {sheet.name: sheet for sheet in sheets}
    for listed, (name, heading) in LISTS.items():
        column = xl_col_to_name([field.heading for field in by_name[name].fields].index(heading))
        first = f"{name}!${column}${FIRST + 1}"
        rows = f"{first}:${column}${FIRST + LISTED}"
        last = f'SUMPRODUCT(MAX(({rows}<>"")*(ROW({rows})-{FIRST})))'
        book.define_name(NAMES[listed], f"=OFFSET({first},0,0,MAX(1,{last}),1)")


def _guide(book: _Book, target: Any, template: Template) -> None:
    for place, width in enumerate(GUIDE_WIDTHS):
        target.set_column(place, place, width)
    write_text(target, 0, 0, f"Guide: {template.title}", book.style(**workbook.TITLE))
    row = 1
    for section in template.guide:
        row += 1
        for place, heading in enumerate(section.headings):
            write_text(target, row, place, heading, book.style(bold=True, bg_color=workbook.FILL))
        row = _section(target, book, section, row + 1)
        if section.about == "years":
            book.file.define_name(NAMES["year"], f"={GUIDE}!$A${row - len(section.rows) + 1}:$A${row}")
    target.set_tab_color(GUIDE_TAB)
    printable(target)


def _section(target: Any, book: _Book, section: Section, first: int) -> int:
    """Write the rows of a part of the guide from a row on; the row after them."""
    years = section.about == "years"
    bold = book.style(num_format="@", align="left") if years else book.style(**workbook.BOLD)
    for row, line in enumerate(section.rows, first):
        if section.about == "sheets":
            target.write_url(row, 0, f"internal:'{line.name}'!A1", book.style(**workbook.LINK), string=line.name)
        else:
            write_text(target, row, 0, line.name, bold)
        style = book.style(**workbook.WRAPPED) if line.more else book.style(valign="top")
        for place, text in ((1, line.text), (2, line.more)):
            if text:
                write_text(target, row, place, text, style)
        target.set_row(row, _height(line, GUIDE_WIDTHS) if line.more else LINE)
    return first + len(section.rows)
