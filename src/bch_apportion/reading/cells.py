"""Sheet XML → rows of plain values: nothing that a cell holds is hidden from what reads it.

A plain sheet, as Excel, LibreOffice, openpyxl and XlsxWriter write it, is a small grammar and is read as a stream;
whatever lies outside that grammar raises `NotPlain` and goes through an XML parser instead (`careful_rows`). Both
yield the same: `(row number, {column: value})`, columns from 1, blank cells left out. A value is a `float` as stored, a
`str`, a `bool`, a `date`, a `Percent` (a number shown with a percent format), an `ErrorCell` or an `Uncalculated`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar
from xml.etree.ElementTree import Element

from bch_apportion.places import column_letters
from bch_apportion.reading.package import CHUNK, DECLARATION, MAX_SMALL_PART, UNREADABLE, Package, refuse


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
    sheets: list[Sheet]
    related: dict[str, str] = field(default_factory=dict)  # the workbook's other parts, by their kind
    recalculate: bool = False  # the workbook asks to be recalculated when opened: stored values may be old
    base: date = date(1899, 12, 30)
    strings: list[str] | None = None
    formats: dict[str, str] | None = None  # style number → "date" or "percent"
    concealing: dict[str, str] = field(default_factory=dict)  # style number → a format that does not show the number


TEXT_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
ENTITY = re.compile(r"&(?:#([0-9]+)|#x([0-9A-Fa-f]+)|(\w+));|&")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
CELL = re.compile(
    r'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="(0|[1-9][0-9]*)")?(?: t="([a-zA-Z]+)")?(?: cm="[0-9]+")?(?: vm="[0-9]+")?'
    r"(?: ?/>|>(<f(?:[^>]*/>|[^>]*>[^<]*</f>))?"
    r'(?:<v(?: xml:space="preserve")?>([^<]*)</v>|<v ?/>|<is>(.*?)</is>)?</c>)',
    re.DOTALL,
)
INLINE_TEXT = re.compile(r"<t(?: [^>]*)?>([^<]*)</t>")
PHONETIC = re.compile(r"<rPh.*?</rPh>", re.DOTALL)
CACHED = 50_000  # texts in cells that are remembered
SINGLY = 31  # rows taken one by one, among which a header is looked for
LONGEST = 8 * CHUNK  # what may stand before the rows, or in one row
HIDDEN_ROW = re.compile(r'<row (?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"')


def open_book(path: Path) -> Book:
    """Open the workbook and list its sheets; raises InputProblems for a file that is no honest workbook."""
    package = Package(path)
    root = package.xml(package.workbook)
    relations = package.related(package.workbook)
    sheets = []
    recalculate, base = False, date(1899, 12, 30)
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "sheet":
            key = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            kind, part = relations.get(key, ("", ""))
            if kind == "worksheet":
                hidden = element.get("state", "visible") != "visible"
                sheets.append(Sheet(element.get("name", ""), part, hidden))
                package.called[part] = element.get("name", "")
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
    return Book(package, sheets, dict(relations.values()), recalculate, base)


class PlainRows:
    """The rows of a plain sheet, streamed; raises NotPlain where the careful reader is needed.

    One by one, as any iterator of rows; or, for a reader of very many alike rows, as the `texts` of the rows not yet
    taken, each of which is either matched whole (see `shapes`) or given to `parse`. `last` is the last row taken.
    """

    def __init__(self, book: Book, sheet: Sheet) -> None:
        self.book, self.sheet, self.last = book, sheet, 0
        self._strings, self._formats = _strings(book), _formats(book)
        self._columns: dict[str, int] = {}
        self._formatted: dict[str, Value] = {}
        self._inline: dict[str, str | None] = {}
        self._chunks: Generator[str] = _row_chunks(book.package, sheet.part)
        self._rest, self._singly = "", SINGLY
        self._rows: Iterator[Row] = iter(())
        sheet.hidden_rows, sheet.formulas = [], 0

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        while True:
            for row in self._rows:
                return row
            self._rows = self.parse(self._next_text())

    def _next_text(self) -> str:
        """The next rows: a few singly, so that a header can be looked for, then as they come."""
        text, self._rest = self._rest or next(self._chunks), ""
        if self._singly:
            self._singly -= 1
            cut = text.find("</row>") + len("</row>")
            if cut >= len("</row>"):
                text, self._rest = text[:cut], text[cut:]
        return text

    def begun(self) -> Iterator[Row]:
        """What is left of a text of which a row was taken."""
        return self._rows

    def texts(self) -> Iterator[str]:
        """The rows not yet taken, as their XML: many whole rows at a time."""
        if self._rest:
            text, self._rest = self._rest, ""
            yield text
        yield from self._chunks

    def close(self) -> None:
        """Close the part, whether or not it was read to its end."""
        self._chunks.close()

    def take(self, numbers: Sequence[int]) -> None:
        """Pass over rows that were read otherwise; their numbers go up."""
        if numbers[0] <= self.last:
            raise NotPlain(self.sheet.name)
        self.last = numbers[-1]

    def parse(self, text: str) -> Iterator[Row]:
        """The rows of a text of whole rows."""
        if not plain_text(text):
            raise NotPlain(self.sheet.name)
        found = CELL.findall(text)
        if len(found) != text.count("<c"):
            raise NotPlain(self.sheet.name)
        if 'hidden="' in text:
            self.sheet.hidden_rows += [int(number) for number in HIDDEN_ROW.findall(text)]
        cells: dict[int, Value] = {}
        current, columns, value_of = "", self._columns, self.value
        for letters, digits, style, kind, formula, stored, inline in found:
            if digits != current:
                if cells:
                    yield self.last, cells
                    cells = {}
                current, number = digits, int(digits)
                if number <= self.last:
                    raise NotPlain(self.sheet.name)
                self.last = number
            if formula and stored:
                self.sheet.formulas += 1
            value = value_of(kind, style, stored, inline, formula)
            if value is not None:
                column = columns.get(letters)
                if column is None:
                    column = columns[letters] = column_number(letters)
                cells[column] = value
        if cells:
            yield self.last, cells

    def value(self, kind: str, style: str, stored: str, inline: str = "", formula: str = "") -> Value | None:
        """What a cell holds, by what is written of it: its type, style, value, inline text and formula."""
        if not stored and kind not in ("inlineStr", "str"):
            return Uncalculated(_formula_text(formula)) if formula else None
        if kind == "s":
            try:
                return self._strings[int(stored) if stored.isdecimal() else len(self._strings)] or None
            except (ValueError, IndexError):
                raise self.book.package.damaged(self.sheet.part) from None
        if not kind or kind == "n":
            if "_" in stored:  # a number to Python, not to a spreadsheet
                raise NotPlain(self.sheet.name)
            try:
                if style not in self._formats:
                    return float(stored)
                known = style + " " + stored
                if known not in self._formatted:
                    self._formatted[known] = _formatted(stored, self._formats[style], self.book.base)
                return self._formatted[known]
            except ValueError:
                raise NotPlain(self.sheet.name) from None
        if kind != "inlineStr":
            return _typed(kind, stored)
        if inline in self._inline:  # the same text, as columns of names repeat theirs
            return self._inline[inline]
        text = inline_text(inline)
        if len(self._inline) < CACHED:
            self._inline[inline] = text
        return text

    def shows_as_number(self, style: str) -> bool:
        """Whether a number of this style is shown as one, and not as a date or a percentage."""
        return style not in self._formats


def read_rows(book: Book, sheet: Sheet) -> PlainRows:
    """The rows of a plain sheet; see `PlainRows`."""
    return PlainRows(book, sheet)


def plain_text(rows: str) -> bool:
    """Whether the text of some rows has no comment, instruction, CDATA or prefix declared in it."""
    return "<!" not in rows and "<?" not in rows and "xmlns" not in rows


def _row_chunks(package: Package, part: str) -> Generator[str]:
    """The sheet's rows as text, a megabyte at a time, cut between rows, to be looked at with `plain_text`.

    The whole part is read, and all of it is searched for declarations.
    """
    if part not in package:
        raise package.damaged(part)
    text, inside, done = "", False, False
    try:
        with package.open(part) as stream:
            held = before = b""
            while block := stream.read(CHUNK):
                package.tell(len(block))
                package.check_declarations(before + block)
                before = block[-DECLARATION:]
                held += block
                cut = _whole_characters(held)
                text += held[:cut].decode("utf-8")
                held = held[cut:]
                if len(text) > LONGEST:
                    raise NotPlain(part)
                if done:
                    text = text[-len("</worksheet>") - CHUNK // 16 :]
                    continue
                if not inside:
                    start = text.find("<sheetData")
                    if start < 0:
                        continue
                    if not _plain_head(text[:start]):
                        raise NotPlain(part)
                    text = text[start:]
                    inside = True
                end = text.find("</sheetData>")
                cut = end if end >= 0 else text.rfind("</row>") + len("</row>")
                if end < 0 and cut < len("</row>"):
                    if text.startswith("<sheetData/>"):
                        done = True
                    continue
                rows, text = text[:cut], text[cut:]
                done = end >= 0
                yield rows
            if held or not done or "</worksheet>" not in text:
                raise NotPlain(part)
    except UnicodeDecodeError:
        raise NotPlain(part) from None
    except UNREADABLE as error:
        raise package.damaged(part) from error


def _plain_head(head: str) -> bool:
    """Whether what stands before the rows is plain: UTF-8, no comment, no prefix for the elements of the sheet."""
    declared = re.search(r'<\?xml[^>]*encoding=["\']([^"\']+)', head)
    return (
        "<worksheet" in head
        and "<!" not in head
        and head.count("<?") <= 1
        and not re.search(r'xmlns:\w+\s*=\s*["\'][^"\']*/spreadsheetml/(?:2006/)?main["\']', head)
        and (declared is None or declared.group(1).lower() in ("utf-8", "us-ascii"))
    )


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


def inline_text(inline: str) -> str | None:
    """The text that stands in the cell itself: its runs together; None where it is blank."""
    return _clean("".join(unescape(t) for t in INLINE_TEXT.findall(PHONETIC.sub("", inline)))) or None


def _typed(kind: str, stored: str) -> Value | None:
    """A cell whose kind is neither a shared nor an inline text nor a number."""
    if kind == "str":
        return _clean(unescape(stored)) or None  # a formula's text; nothing where it comes to ""
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
    if not math.isfinite(number):
        return None
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
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # halves of a letter put together
    return text.strip()


def unescape(text: str) -> str:
    """Text of the XML as its parser would have it: entities decoded, every end of line a line feed.

    >>> unescape("R&amp;D &#163;5 &#x2212;1")
    'R&D £5 −1'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "&" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name in NAMED:
            return NAMED[name]
        number = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else 0
        if not (number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number <= 0x10FFFF):
            raise NotPlain(match.group(0))  # no letter: the XML parser says what is wrong
        return chr(number)

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
        part = book.related.get("sharedStrings")
        if part is not None and part in book.package:
            whole: Element | None = None
            for event, item in book.package.events(part):
                if whole is None:
                    whole = item
                elif event == "end" and item.tag.rpartition("}")[2] == "si":
                    book.strings.append(_clean(_text_of(item)))
                    whole.clear()
    return book.strings


def _text_of(item: Element) -> str:
    """The text of a shared or inline text: its runs together, without how they are pronounced."""
    texts = []
    for child in item:
        tag = child.tag.rpartition("}")[2]
        if tag == "t":
            texts.append(child.text or "")
        elif tag == "r":
            texts += [run.text or "" for run in child if run.tag.rpartition("}")[2] == "t"]
    return "".join(texts)


def _formats(book: Book) -> dict[str, str]:
    """The styles that show a number as a date or a percentage."""
    if book.formats is None:
        book.formats = {}
        part = book.related.get("styles")
        if part is not None and part in book.package:
            codes: dict[int, str] = {}
            styles: list[int] = []
            for group in book.package.xml(part):
                tag = group.tag.rpartition("}")[2]
                if tag == "numFmts":
                    codes = {int(f.get("numFmtId", "0")): f.get("formatCode", "") for f in group}
                elif tag == "cellXfs":
                    styles = [int(xf.get("numFmtId", "0")) for xf in group]
            for number, style in enumerate(styles):
                if conceals(codes.get(style, "")):
                    book.concealing[str(number)] = codes[style]
                kind = _format_kind(style, codes.get(style))
                if kind:
                    book.formats[str(number)] = kind
                    if number == 0:
                        book.formats[""] = kind  # a cell without a style has the first
    return book.formats


def conceals(code: str) -> bool:
    """Whether a number format shows something else than the number: nothing, or digits of its own.

    >>> conceals('#,##0.00;-#,##0.00'), conceals('0.###"%"'), conceals('"9,999"'), conceals(";;;"), conceals("")
    (False, False, True, True, False)
    """
    if not code:
        return False
    own = "".join(re.findall(r'"([^"]*)"', code))
    first = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code).split(";")[0]
    return bool(re.search(r"\d", own)) or not re.search(r"[0#?@dmyhsDMYHSg]|General", first)


def _format_kind(number: int, code: str | None) -> str:
    """Whether a number format shows a date or a percentage.

    >>> _format_kind(14, None), _format_kind(170, 'dd" of "mmm'), _format_kind(171, '0.0%'), _format_kind(172, '[Red]0')
    ('date', 'date', 'percent', '')
    """
    if code is None:
        if 14 <= number <= 22 or 27 <= number <= 36 or 45 <= number <= 47 or 50 <= number <= 58:
            return "date"
        return "percent" if number in (9, 10) else ""
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", code).split(";")[0]
    if "%" in bare:
        return "percent"
    if "general" in bare.lower():
        return ""
    return "date" if re.search(r"[dmyhsDMYHS]", bare) else ""


def careful_rows(book: Book, sheet: Sheet) -> Iterator[Row]:
    """The rows of any sheet, by an XML parser, which is slower and takes every form of the XML."""
    package = book.package
    if sheet.part in package and package.size(sheet.part) > MAX_SMALL_PART:
        raise refuse(
            package.source,
            "unusual-workbook",
            f"the sheet {sheet.name} is large and not written as Excel writes it, so it cannot be read",
            "open the workbook in Excel or LibreOffice, save it as Excel Workbook (.xlsx) and run again",
        )

    found: Iterator[Row] = _parsed_rows(book, sheet, lambda cell: _careful_value(book, sheet, cell))
    yield from found


class Held(NamedTuple):
    """What a cell holds: its value, a date as its number, and the formula that gives it (`UNTOLD`: another cell's)."""

    value: float | str
    formula: str = ""
    shown_as: str = ""  # the number format, where it shows something else than the number


UNTOLD = "=…"


def held_rows(book: Book, sheet: Sheet) -> Iterator[tuple[int, dict[int, Held]]]:
    """The rows of any sheet, each cell with its formula as well as its value."""
    return _parsed_rows(book, sheet, lambda cell: _held(book, sheet, cell))


def _held(book: Book, sheet: Sheet, cell: Element) -> Held | None:
    value = _careful_value(book, sheet, cell, formatted=False)
    formula = next((child for child in cell if child.tag.rpartition("}")[2] == "f"), None)
    text = "" if formula is None else f"={formula.text}" if formula.text else UNTOLD
    _formats(book)
    shown_as = book.concealing.get(cell.get("s", "0"), "")
    if isinstance(value, Uncalculated) or value is None:
        return Held("", text, shown_as) if text else None
    if isinstance(value, bool):
        return Held("TRUE" if value else "FALSE", text)
    if isinstance(value, float):
        return Held(value, text, shown_as)
    if isinstance(value, str):
        return Held(value, text)
    return Held(value.text if isinstance(value, ErrorCell) else value.isoformat(), text)


Content = TypeVar("Content")


def _parsed_rows(
    book: Book, sheet: Sheet, content_of: Callable[[Element], Content | None]
) -> Iterator[tuple[int, dict[int, Content]]]:
    package = book.package
    if sheet.part not in package:
        raise package.damaged(sheet.part)
    sheet.hidden_rows, sheet.formulas = [], 0
    rows: dict[int, dict[int, Content]] = {}
    inside, number, column = False, 0, 0
    space: str | None = None
    row: Element | None = None
    try:
        for event, element in package.events(sheet.part):
            if space is None:
                space = element.tag.removesuffix("worksheet")
            tag = element.tag.removeprefix(space)
            if tag == "sheetData":
                inside = event == "start"
            elif event == "start":
                if inside and tag == "row":
                    row, number, column = element, int(element.get("r", number + 1)), 0
                    if element.get("hidden") in ("1", "true"):
                        sheet.hidden_rows.append(number)
                elif inside and tag == "c":
                    number, column = _place_of(element, number, column)
            elif not inside:
                element.clear()
            elif tag == "c" and row is not None:
                value = content_of(element)
                if value is not None:
                    rows.setdefault(number, {})[column] = value
                row.clear()
    except (ValueError, IndexError):
        raise package.damaged(sheet.part) from None
    sheet.hidden_rows.sort()
    yield from sorted(rows.items())


def _place_of(cell: Element, row: int, column: int) -> tuple[int, int]:
    """The row and column of a cell: as it says, else to the right of the cell before."""
    given = cell.get("r")
    if given is None:
        return row, column + 1
    match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", given.upper())
    if match is None:
        raise ValueError(given)
    return int(match.group(2)), column_number(match.group(1))


def _careful_value(book: Book, sheet: Sheet, cell: Element, formatted: bool = True) -> Value | None:
    """What a cell holds, a number as its format says unless told otherwise.

    Raises ValueError or IndexError where that is nothing a cell can hold.
    """
    children = {child.tag.rpartition("}")[2]: child for child in cell}
    formula, stored = children.get("f"), children["v"].text or "" if "v" in children else ""
    kind, style = cell.get("t", "n"), cell.get("s", "0")
    if formula is not None and stored:
        sheet.formulas += 1
    if kind == "inlineStr":
        return _clean(_text_of(children["is"])) or None if "is" in children else None
    if kind == "str":
        return _clean(stored) or None
    if not stored:
        return Uncalculated(f"={formula.text or '…'}") if formula is not None else None
    if kind == "s":
        return _strings(book)[int(stored)] or None
    if kind == "e":
        return ErrorCell(stored)
    if kind == "b":
        return stored in ("1", "true")
    if kind == "d":
        return date.fromisoformat(stored[:10])
    if kind != "n":
        raise ValueError(kind)
    shown_as = _formats(book).get(str(int(style))) if formatted else None
    return _formatted(stored, shown_as, book.base) if shown_as else float(stored)
