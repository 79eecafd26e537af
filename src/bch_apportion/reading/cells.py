"""Sheet XML → rows of plain values: nothing that a cell holds is hidden from what reads it.

A plain sheet, as Excel, LibreOffice, openpyxl and XlsxWriter write it, is a small grammar and is read as a stream;
whatever lies outside that grammar raises `NotPlain` and is read by openpyxl instead (`careful_rows`). Both yield the
same: `(row number, {column: value})`, columns from 1, blank cells left out. A value is a `float` as stored, a `str`,
a `bool`, a `date`, a `Percent` (a number shown with a percent format), an `ErrorCell` or an `Uncalculated`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812

from bch_apportion.model import column_letters
from bch_apportion.reading.package import CHUNK, MAX_UNPACKED, Package, refuse

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as OpenpyxlCell
    from openpyxl.cell.cell import MergedCell
    from openpyxl.workbook.workbook import Workbook


class Percent(float):
    """A number that its cell shows as a percentage: 0.125 shown as 12.5%."""


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """An error value, such as #REF! or #DIV/0!."""

    text: str


@dataclass(frozen=True, slots=True)
class Uncalculated:
    """A formula without a stored value: the workbook was saved by a program that does not calculate."""

    formula: str


Value: TypeAlias = float | str | bool | date | ErrorCell | Uncalculated
Row: TypeAlias = tuple[int, dict[int, Value]]


class NotPlain(Exception):
    """The XML of the sheet is outside the plain grammar."""


@dataclass(slots=True)
class Sheet:
    """A worksheet of the package: its name as written, the part it is in, and what was noticed while reading it."""

    name: str
    part: str
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    formulas: int = 0


@dataclass(slots=True)
class Book:
    """The parts that all sheets share."""

    package: Package
    path: Path
    sheets: list[Sheet]
    recalculate: bool = False  # the workbook asks to be recalculated when opened: stored values may be old
    base: date = date(1899, 12, 30)
    strings: list[str] | None = None
    formats: dict[str, str] | None = None  # style number → "date" or "percent"


TEXT_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
ENTITY = re.compile(r"&(?:#(\d+)|#x([0-9A-Fa-f]+)|(\w+));")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
CELL = re.compile(
    r'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?'
    r"(?:/>|>(<f(?:[^>]*/>|[^>]*>[^<]*</f>))?"
    r'(?:<v(?: xml:space="preserve")?>([^<]*)</v>|<v ?/>|<is>(.*?)</is>)?</c>)',
    re.DOTALL,
)
INLINE_TEXT = re.compile(r"<t(?: [^>]*)?>([^<]*)</t>")
PHONETIC = re.compile(r"<rPh.*?</rPh>", re.DOTALL)
HIDDEN_ROW = re.compile(r'<row (?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"')


def open_book(path: Path) -> Book:
    """Open the workbook and list its sheets; raises InputProblems for a file that is no honest workbook."""
    package = Package(path)
    part = package.workbook_part()
    root = package.xml(part)
    folder, _, name = part.rpartition("/")
    relations = {}
    relation_part = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
    if relation_part in package:
        for relation in package.xml(relation_part):
            target = relation.get("Target", "")
            target = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}" if folder else target
            if relation.get("Type", "").endswith("/worksheet"):
                relations[relation.get("Id", "")] = target
    sheets = []
    recalculate, base = False, date(1899, 12, 30)
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "sheet":
            key = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            if key in relations:
                hidden = element.get("state", "visible") != "visible"
                sheets.append(Sheet(element.get("name", ""), relations[key], hidden))
        elif tag == "workbookPr" and element.get("date1904", "0") in ("1", "true"):
            base = date(1904, 1, 1)
        elif tag == "calcPr" and element.get("fullCalcOnLoad", "0") in ("1", "true"):
            recalculate = True
    if not sheets:
        raise refuse(
            package.source,
            "not-a-workbook",
            "the workbook has no worksheet",
            "save it in Excel as Excel Workbook (.xlsx)",
        )
    return Book(package, path, sheets, recalculate, base)


def read_rows(book: Book, sheet: Sheet) -> Iterator[Row]:
    """The rows of a plain sheet, streamed; raises NotPlain where the careful reader is needed."""
    strings, formats = _strings(book), _formats(book)
    cells: dict[int, Value] = {}
    current, last = "", 0
    columns: dict[str, int] = {}
    dates: dict[str, Value] = {}
    sheet.hidden_rows, sheet.formulas = [], 0
    for chunk in _row_chunks(book.package, sheet.part):
        found = CELL.findall(chunk)
        if len(found) != chunk.count("<c ") + chunk.count("<c>") + chunk.count("<c/"):
            raise NotPlain(sheet.name)
        if 'hidden="' in chunk:
            sheet.hidden_rows += [int(number) for number in HIDDEN_ROW.findall(chunk)]
        value: Value
        for letters, digits, style, kind, formula, stored, inline in found:
            if digits != current:
                if cells:
                    yield last, cells
                    cells = {}
                current, number = digits, int(digits)
                if number <= last:
                    raise NotPlain(sheet.name)
                last = number
            if formula:
                sheet.formulas += 1
            if kind == "s":
                try:
                    value = strings[int(stored)]
                except (ValueError, IndexError):
                    raise book.package.damaged(sheet.part) from None
                if not value:
                    continue
            elif not kind or kind == "n":
                if not stored:
                    if not formula:
                        continue
                    value = Uncalculated(_formula_text(formula))
                else:
                    try:
                        if style in formats:
                            key = style + " " + stored
                            if key not in dates:
                                dates[key] = _formatted(stored, formats[style], book.base)
                            value = dates[key]
                        else:
                            value = float(stored)
                    except ValueError:
                        raise NotPlain(sheet.name) from None
            else:
                typed = _typed(kind, stored, inline, formula)
                if typed is None:
                    continue
                value = typed
            column = columns.get(letters)
            if column is None:
                column = columns[letters] = column_number(letters)
            cells[column] = value
    if cells:
        yield last, cells


def _row_chunks(package: Package, part: str) -> Iterator[str]:
    """The sheet's rows as text, a megabyte at a time, cut between rows; the whole part is read and checked."""
    if part not in package:
        raise package.damaged(part)
    inflated, text, inside, done = 0, "", False, False
    try:
        with package.open(part) as stream:
            held = b""
            while block := stream.read(CHUNK):
                inflated += len(block)
                if inflated > MAX_UNPACKED:
                    raise refuse(
                        package.source,
                        "unpacks-too-large",
                        f"unpacked, {part} is larger than a workbook could honestly be",
                        "do not open it; ask the sender how it was made",
                    )
                package.check_declarations(held[-16:] + block)
                held += block
                cut = _whole_characters(held)
                text += held[:cut].decode("utf-8")
                held = held[cut:]
                if not inside and not done:
                    start = text.find("<sheetData")
                    if start < 0:
                        continue
                    head = text[:start]
                    if "<worksheet" not in head or "<!--" in head or _not_utf8(head):
                        raise NotPlain(part)
                    text = text[start:]
                    inside = True
                if inside:
                    end = text.find("</sheetData>")
                    cut = end if end >= 0 else text.rfind("</row>") + len("</row>")
                    if end < 0 and cut < len("</row>"):
                        if text.startswith("<sheetData/>"):
                            inside, done = False, True
                        continue
                    rows, text = text[:cut], text[cut:]
                    if "<!" in rows or "<?" in rows:
                        raise NotPlain(part)
                    if end >= 0:
                        inside, done = False, True
                    yield rows
            if not done and text.startswith("<sheetData/>"):
                done = True
            if held or not done or "</worksheet>" not in text:
                raise NotPlain(part)
    except (BadZipFile, OSError, ZlibError, EOFError, NotImplementedError) as error:
        raise package.damaged(part) from error
    except UnicodeDecodeError:
        raise NotPlain(part) from None


def _whole_characters(content: bytes) -> int:
    """How many bytes can be decoded without cutting a character of UTF-8."""
    end = len(content)
    for back in range(1, min(4, end) + 1):
        byte = content[end - back]
        if byte < 0x80:
            return end
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return end if back >= needed else end - back
    return end


def _not_utf8(head: str) -> bool:
    declared = re.search(r'<\?xml[^>]*encoding=["\']([^"\']+)', head)
    return bool(declared) and declared.group(1).lower() not in ("utf-8", "us-ascii") if declared else False


def _typed(kind: str, stored: str, inline: str, formula: str) -> Value | None:
    """A cell whose kind is neither a shared text nor a number."""
    if kind == "inlineStr":
        return _clean("".join(unescape(t) for t in INLINE_TEXT.findall(PHONETIC.sub("", inline)))) or None
    if kind == "str":
        return _clean(unescape(stored)) or None
    if not stored:
        return Uncalculated(_formula_text(formula)) if formula else None
    if kind == "e":
        return ErrorCell(unescape(stored))
    if kind == "b":
        return stored in ("1", "true")
    if kind == "d":
        try:
            return date.fromisoformat(stored[:10])
        except ValueError:
            raise NotPlain(stored) from None
    raise NotPlain(kind)


def _formula_text(formula: str) -> str:
    inner = re.search(r">([^<]*)</f>", formula)
    return "=" + unescape(inner.group(1)) if inner else "=…"


def _formatted(stored: str, kind: str, base: date) -> Value:
    number = float(stored)
    if kind == "percent":
        return Percent(number)
    return day_of(number, base) or number


def day_of(number: float, base: date) -> date | None:
    """An Excel day number as a date; None where it is none (the 1900 system counts a 29 February that never was)."""
    days = int(number // 1)
    if base.year < 1904 and days < 60:
        days += 1
    if not 1 <= days <= 2_958_465:
        return None
    return base + timedelta(days=days)


def _clean(text: str) -> str:
    """Text as a person sees it: escapes decoded, surrounding blanks gone; a cell of blanks alone is blank."""
    if "_x" in text:
        text = TEXT_ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text)
    return text.strip()


def unescape(text: str) -> str:
    """XML entities decoded.

    >>> unescape("R&amp;D &#163;5 &#x2212;1")
    'R&D £5 −1'
    """
    if "&" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name:
            return NAMED.get(name, match.group(0))
        return chr(int(decimal) if decimal else int(hexadecimal, 16))

    return ENTITY.sub(one, text)


def column_number(letters: str) -> int:
    """The number of a column from 1.

    >>> column_number("A"), column_number("AA"), column_number("XFD")
    (1, 27, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def address(row: int, column: int) -> str:
    return f"{column_letters(column)}{row}"


def _strings(book: Book) -> list[str]:
    """The shared texts of the workbook."""
    if book.strings is None:
        book.strings = []
        folder = book.package.workbook_part().rpartition("/")[0]
        part = f"{folder}/sharedStrings.xml" if folder else "sharedStrings.xml"
        if part in book.package:
            for item in book.package.xml(part):
                texts = []
                for child in item:
                    tag = child.tag.rpartition("}")[2]
                    if tag == "t":
                        texts.append(child.text or "")
                    elif tag == "r":
                        texts += [run.text or "" for run in child if run.tag.rpartition("}")[2] == "t"]
                book.strings.append(_clean("".join(texts)))
    return book.strings


def _formats(book: Book) -> dict[str, str]:
    """The styles that show a number as a date or a percentage."""
    if book.formats is None:
        book.formats = {}
        folder = book.package.workbook_part().rpartition("/")[0]
        part = f"{folder}/styles.xml" if folder else "styles.xml"
        if part in book.package:
            codes: dict[int, str] = {}
            styles: list[int] = []
            for group in book.package.xml(part):
                tag = group.tag.rpartition("}")[2]
                if tag == "numFmts":
                    codes = {int(f.get("numFmtId", "0")): f.get("formatCode", "") for f in group}
                elif tag == "cellXfs":
                    styles = [int(xf.get("numFmtId", "0")) for xf in group]
            for number, style in enumerate(styles):
                kind = _format_kind(style, codes.get(style))
                if kind:
                    book.formats[str(number)] = kind
    return book.formats


def _format_kind(number: int, code: str | None) -> str:
    """Whether a number format shows a date or a percentage.

    >>> _format_kind(14, None), _format_kind(170, 'dd" of "mmm'), _format_kind(171, '0.0%'), _format_kind(172, '[Red]0')
    ('date', 'date', 'percent', '')
    """
    if code is None:
        if 14 <= number <= 22 or 27 <= number <= 36 or 45 <= number <= 47 or 50 <= number <= 58:
            return "date"
        return "percent" if number in (9, 10) else ""
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code.split(";")[0])
    if "%" in bare:
        return "percent"
    if "general" in bare.lower():
        return ""
    return "date" if re.search(r"[dmyhsDMYHS]", bare) else ""


def careful_rows(book: Book, sheet: Sheet) -> Iterator[Row]:
    """The rows of any sheet, by openpyxl, which is slower and takes every form of the XML."""
    limit = 64 * 2**20
    if sheet.part in book.package and book.package.size(sheet.part) > limit:
        raise refuse(
            book.package.source,
            "unusual-workbook",
            f"the sheet {sheet.name} is large and not written as Excel writes it, so it cannot be read",
            "open the workbook in Excel or LibreOffice, save it as Excel Workbook (.xlsx) and run again",
        )
    book.package.read(sheet.part, limit)  # refuses declarations
    values, formulas = _openpyxl(book, data_only=True), _openpyxl(book, data_only=False)
    if sheet.name not in values.sheetnames:
        raise book.package.damaged(sheet.part)
    written = formulas[sheet.name]._cells
    rows: dict[int, dict[int, Value]] = {}
    sheet.formulas = sum(cell.data_type == "f" for cell in written.values())
    dimensions = values[sheet.name].row_dimensions
    sheet.hidden_rows = sorted(number for number, row in dimensions.items() if row.hidden)
    for (row, column), cell in sorted(values[sheet.name]._cells.items()):
        value = _careful_value(cell, written.get((row, column)), book.base)
        if value is not None:
            rows.setdefault(row, {})[column] = value
    yield from rows.items()


def _openpyxl(book: Book, data_only: bool) -> Workbook:
    import warnings

    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about charts, validation and the like: not ours to read
            return load_workbook(book.path, data_only=data_only, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parts raise on a damaged file
        raise refuse(
            book.package.source,
            "damaged-workbook",
            f"the workbook is damaged and cannot be read ({type(error).__name__})",
            "open it in Excel, repair it and save it",
        ) from error


def _careful_value(
    cell: OpenpyxlCell | MergedCell, written: OpenpyxlCell | MergedCell | None, base: date
) -> Value | None:
    value = cell.value
    if value is None:
        if written is not None and written.data_type == "f" and cell.data_type != "str":
            formula = written.value
            return Uncalculated(str(getattr(formula, "text", formula)))
        return None
    if cell.data_type == "e":
        return ErrorCell(str(value))
    if isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float):
        kind = _format_kind(-1, cell.number_format)
        return Percent(value) if kind == "percent" else float(value)
    if isinstance(value, str):
        return _clean(value) or None
    day = getattr(value, "total_seconds", None) or getattr(value, "isoformat", None)
    return base if day is not None else _clean(str(value)) or None  # a time of day or a duration: no date we read
