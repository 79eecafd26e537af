"""A workbook's parts: the list of its sheets, its shared texts and its number formats."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from bch_apportion.model import WIDTHLESS
from bch_apportion.reading.cells import Marked, Moment, Run
from bch_apportion.reading.package import SAVE, Package, Parser

TEXT_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
QUOTED = re.compile(r'"([^"]*)"')
HOURS = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
ASIDE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')  # of a number format, what is no digit of the number
UNSEEN = f"{WIDTHLESS} \u00a0"
LAST_DAY = 2_958_465  # 31 December 9999


@dataclass(slots=True)
class Sheet:
    """A worksheet of the package: its name as written, the part it is in, and what was noticed while reading it."""

    name: str
    part: str
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # the first and the last of each run
    merged: list[str] = field(default_factory=list)  # ranges, such as A1:C2
    formulas: int = 0  # with a stored value


class Look(NamedTuple):
    """How a style shows a number."""

    kind: str = ""  # date, percent, or time where it counts hours
    concealing: str = ""  # the number format, where it shows something else than the number


@dataclass
class Book:
    """The parts that all sheets share."""

    package: Package
    sheets: list[Sheet] = field(default_factory=list)
    recalculate: bool = False  # the workbook asks to be recalculated when opened: stored values may be old
    base: date = date(1899, 12, 30)
    related: dict[str, str] = field(default_factory=dict)  # the workbook's other parts, by their kind

    @cached_property
    def strings(self) -> list[str]:
        """The shared texts; those of which a piece is marked are `Marked`."""
        part = self.related.get("sharedStrings")
        return _shared_strings(self.package, part) if part else []

    @cached_property
    def looks(self) -> list[Look]:
        """How each style shows a number."""
        part = self.related.get("styles")
        return _looks(self.package, part) if part else []


def open_book(path: Path, file: str = "") -> Book:
    """Open a workbook and list its sheets; raises InputProblems for a file that is no honest workbook.

    `file` is its name where it is joined to another.
    """
    package = Package(path, file)
    relations = package.related(package.workbook)
    book = Book(package, related=dict(relations.values()))
    for element in package.xml(package.workbook).iter():
        tag = local(element.tag)
        if tag == "sheet":
            identifier = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            kind, part = relations.get(identifier, ("", ""))
            name = element.get("name", "")
            if kind == "worksheet":
                book.sheets.append(Sheet(name, part, element.get("state", "visible") != "visible"))
                package.called[part] = name
            if not kind or (kind == "worksheet" and part not in package):
                package.called[part] = name
                raise package.damaged(part)
        elif tag == "workbookPr" and is_true(element.get("date1904")):
            book.base = date(1904, 1, 1)
        elif tag == "calcPr" and is_true(element.get("fullCalcOnLoad")):
            book.recalculate = True
    if not book.sheets:
        raise package.refusal("not-a-workbook", "the workbook has no worksheet", SAVE)
    return book


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def is_true(attribute: str | None) -> bool:
    return attribute in ("1", "true")


# Texts


@dataclass(slots=True)
class RichText:
    """A shared or inline text as it is parsed: its runs together, without how they are pronounced."""

    runs: list[Run] = field(default_factory=list)
    position: str = ""
    struck: bool = False
    spoken: bool = False  # what is being read is a pronunciation

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element within the text begins."""
        if tag == "r":
            self.position, self.struck = "", False
        elif tag == "vertAlign":
            self.position = attributes.get("val", "").replace("baseline", "")
        elif tag == "strike":
            self.struck = is_true(attributes.get("val", "1"))
        elif tag == "rPh":
            self.spoken = True

    def end(self, tag: str, text: str) -> None:
        """An element within the text ends; `text` is what stood in it."""
        if tag == "t" and not self.spoken:
            self.runs.append(Run(text, self.position, self.struck))
        elif tag == "r":
            self.position, self.struck = "", False
        elif tag == "rPh":
            self.spoken = False

    def text(self) -> str:
        """The text, `Marked` where a piece of it is."""
        text = clean("".join([run.text for run in self.runs]))
        marked = any(run.position or run.struck for run in self.runs)
        return Marked(text, self.runs) if marked else text


def clean(text: str) -> str:
    """Text as a person sees it: escapes decoded, surrounding blanks gone; a cell of nothing to be seen is blank."""
    if "_x" in text:
        text = TEXT_ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # halves of a letter put together
    text = text.strip()
    return text if text.isascii() or text.strip(UNSEEN) else ""


def _shared_strings(package: Package, part: str) -> list[str]:
    strings: list[str] = []
    item = RichText()
    parser = Parser(package, part)
    texts = parser.texts

    def start(name: str, attributes: Mapping[str, str]) -> None:
        texts.clear()
        item.start(local(name), attributes)

    def end(name: str) -> None:
        tag = local(name)
        if tag == "si":
            strings.append(item.text())
            item.runs = []
        else:
            item.end(tag, "".join(texts))
        texts.clear()

    parser.call(start, end)
    parser.parse()
    return strings


# Numbers


def _looks(package: Package, part: str) -> list[Look]:
    groups = {local(group.tag): group for group in package.xml(part)}
    try:
        codes = {int(form.get("numFmtId", "0")): form.get("formatCode", "") for form in groups.get("numFmts", ())}
        styles = [int(form.get("numFmtId", "0")) for form in groups.get("cellXfs", ())]
    except ValueError:
        raise package.damaged(part) from None
    return [Look(_kind(style, codes.get(style)), conceals(codes.get(style, ""))) for style in styles]


def conceals(code: str) -> str:
    """A number format that shows something else than the number, nothing or digits of its own; else the empty text.

    >>> [conceals(code) for code in ('#,##0.00;-#,##0.00', '0.###"%"', '"9,999"', ";;;", "")]
    ['', '', '"9,999"', ';;;', '']
    """
    own = "".join(QUOTED.findall(code))
    first = ASIDE.sub("", code).split(";")[0]
    shows_digits = re.search(r"[0#?@dmyhsDMYHSg]|General", first)
    return code if re.search(r"\d", own) or not shows_digits else ""


def _kind(number: int, code: str | None) -> str:
    """Whether a number format shows a date, hours that may be more than a day's, or a percentage.

    >>> _kind(14, None), _kind(170, 'dd" of "mmm'), _kind(171, '0.0%'), _kind(172, '[Red]0'), _kind(173, '[h]:mm')
    ('date', 'date', 'percent', '', 'time')
    """
    if number == 46 or (code is not None and HOURS.search(code)):
        return "time"
    if code is None:
        if 14 <= number <= 22 or 27 <= number <= 36 or 45 <= number <= 47 or 50 <= number <= 58:
            return "date"
        return "percent" if number in (9, 10) else ""
    bare = ASIDE.sub("", code).split(";")[0]
    if "%" in bare:
        return "percent"
    return "date" if "general" not in bare.lower() and re.search(r"[dmyhsDMYHS]", bare) else ""


def day_of(number: float, base: date) -> date | None:
    """An Excel day number as a date; None where it is none (the 1900 system counts a 29 February that never was).

    A moment is brought to its nearest second first, so that a hair before midnight is the day that begins.
    """
    if not math.isfinite(number) or abs(number) > LAST_DAY + 1:
        return None
    days, seconds = divmod(round(number * 86_400), 86_400)
    if days < 1:
        return None
    if base.year < 1904 and days < 60:
        days += 1
    return Moment.at(base + timedelta(days=days), seconds) if days <= LAST_DAY else None


def time_text(number: float) -> str:
    """Hours and minutes as a text, which no column of figures or dates takes.

    >>> time_text(0.4375), time_text(2.0625)
    ('10:30', '49:30')
    """
    hours, minutes = divmod(round(number * 1_440), 60)
    return f"{hours:02}:{minutes:02}"


def day_of_text(stored: str) -> date | str:
    """A date and time of ISO 8601 as a date; a text that is none (a time alone, a duration) as it is.

    >>> day_of_text("2018-04-01"), day_of_text("2018-03-31T23:59:59.9999999"), day_of_text("PT26H")
    (datetime.date(2018, 4, 1), datetime.date(2018, 4, 1), 'PT26H')
    """
    try:
        nearest = datetime.fromisoformat(stored) + timedelta(milliseconds=500)
        return Moment.at(nearest.date(), nearest.hour * 3600 + nearest.minute * 60 + nearest.second)
    except (ValueError, OverflowError):
        return clean(stored)
