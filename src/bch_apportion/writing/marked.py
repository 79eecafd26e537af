"""The analyst's own workbook with every problem and query marked in its cell, and a first sheet that lists them.

openpyxl copies it; what the copy has lost of the original is found by comparing the parts of the two files. A mark is a
fill and a comment; the first sheet keeps the fill a cell had, so that marking again replaces the marks.
"""

from __future__ import annotations

import posixpath
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from xml.etree import ElementTree

from bch_apportion.places import Place
from bch_apportion.problems import MARKS, Problem, Query
from bch_apportion.writing.text import printable

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

SIGN = "— bch-apportion check —"
FILLS = {"problem": "FFF4B6B6", "query": "FFFFE699"}
HEADS = ("kind", "cell", "what", "what to do", "code or key", "fill before")
WIDTHS = (10, 24, 70, 50, 44)
LINE = 15  # points
FIRST_ROW = 6  # of the list: below it a title, what was lost, and the header


class Mark(NamedTuple):
    """What is said of a cell: a problem with what to do, or a query with its key. Several cells have a mark each."""

    kind: Literal["problem", "query"]
    place: Place
    text: str
    remedy: str
    code: str


class CannotCopy(Exception):
    """openpyxl cannot read the workbook."""


def marks_of(problems: Sequence[Problem], queries: Sequence[Query]) -> list[Mark]:
    """A mark for each cell of a problem or an unanswered query."""
    marks = [
        Mark("problem", place, problem.message, problem.remedy, problem.code)
        for problem in problems
        for place in (problem.place, *problem.further)
    ]
    for query in queries:
        if query.answer is None:
            remedy = "mend it, or answer it on the sheet Answers with the key beside this"
            marks += [Mark("query", place, query.message, remedy, query.key) for place in query.cells or (Place(),)]
    return marks


def write_marked(source: Path, target: Path, marks: Sequence[Mark], stamp: str = "") -> list[str]:
    """Write the marked copy; gives what it has lost of the original, in words. Raises CannotCopy.

    `stamp` says what was laid over the workbook when it was checked.
    """
    import openpyxl

    with _copying(source), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it drops is found by comparing the two files
        book = openpyxl.load_workbook(source, rich_text=True)
    _unmark(book)
    listed = _list(book, marks)
    listed["A4"] = stamp or None
    with _copying(source):
        book.save(target)
    lost = list(_lost(source, target))
    if lost:
        listed["A2"] = f"Not in this copy: {'; '.join(lost)}"
    if any(part.startswith(VALUES) for part in lost):
        listed["A3"] = "The copy holds formulas without their values: open it in Excel and save it before it is read."
    book.save(target)
    return lost


@contextmanager
def _copying(source: Path) -> Iterator[None]:
    """Says of what openpyxl cannot read or write that it cannot be copied; our own code stands outside of it."""
    try:
        yield
    except OSError:  # of the disk: told as for every other file
        raise
    except Exception as error:  # its errors have no common kind (test_what_openpyxl_cannot_copy_is_said)
        remedy = "open it in Excel, save it, and check it again"
        raise CannotCopy(f"{source.name} cannot be copied; {remedy} (openpyxl: {error})") from error


def _unmark(book: Workbook) -> None:
    """Take away the marks of an earlier run."""
    from openpyxl.comments import Comment

    if MARKS not in book.sheetnames:
        return
    before = book[MARKS]
    for row in before.iter_rows(min_row=FIRST_ROW, values_only=True):
        sheet, _, cell = str(row[1] or "").rpartition("!")
        if row[len(HEADS) - 1] and sheet in book.sheetnames:
            marked = _owner(book[sheet], cell)
            marked.fill = _fill_from(str(row[len(HEADS) - 1]))
            own, _, _ = marked.comment.text.partition(SIGN) if marked.comment else ("", "", "")
            marked.comment = Comment(own.rstrip(), marked.comment.author) if own.strip() else None
    del book[MARKS]


def _list(book: Workbook, marks: Sequence[Mark]) -> Worksheet:
    """Mark the cells, and list the marks on a first sheet with a link to each."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.hyperlink import Hyperlink
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet: Worksheet = book.create_sheet(MARKS, 0)
    book.active = 0
    counts = Counter(mark.kind for mark in marks if not mark.place.file)
    elsewhere = f"; in other files, not marked: {n}" if (n := len(marks) - counts.total()) else ""
    counted = f"Cells with a problem (red): {counts['problem']}; with a query (yellow): {counts['query']}"
    sheet["A1"] = counted + elsewhere
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append(())
    for place, head in enumerate(HEADS, 1):
        sheet.cell(FIRST_ROW - 1, place, head).font = Font(bold=True)
    fills: dict[tuple[str, str], str] = {}
    for number, mark in enumerate(marks, FIRST_ROW):
        before = _mark(book, mark, fills)
        said = (mark.kind, str(mark.place), mark.text, mark.remedy, mark.code)
        values = (*map(printable, said), before)
        for place, value in enumerate(values, 1):
            cell = sheet.cell(number, place)
            cell.value, cell.data_type = value, "s"  # a text, whatever it begins with
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        lines = max(len(text) // width + 1 for text, width in zip(values, WIDTHS, strict=False))
        sheet.row_dimensions[number].height = LINE * lines
        if not mark.place.file and mark.place.sheet in book.sheetnames:
            link = sheet.cell(number, 2)
            location = f"""'{mark.place.sheet.replace("'", "''")}'!{mark.place.cell or "A1"}"""
            link.hyperlink = Hyperlink(ref=link.coordinate, location=location)
            link.font = Font(color="FF0563C1", underline="single")
    for place, width in enumerate(WIDTHS):
        sheet.column_dimensions["ABCDE"[place]].width = width
    sheet.column_dimensions["F"].hidden = True
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return sheet


def _mark(book: Workbook, mark: Mark, fills: dict[tuple[str, str], str]) -> str:
    """Colour a cell and comment on it; gives the fill it had, once for each cell; nothing where there is no cell."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    sheet, cell = mark.place.sheet, mark.place.cell
    if mark.place.file or sheet not in book.sheetnames or not re.fullmatch(r"[A-Z]+[0-9]+", cell):
        return ""
    marked = _owner(book[sheet], cell)
    key = (sheet, marked.coordinate)
    before = "" if key in fills else _as_text(marked.fill)
    fills.setdefault(key, before)
    marked.fill = PatternFill("solid", fgColor=FILLS[mark.kind])
    own = marked.comment.text if marked.comment else ""
    words = "\n".join(map(printable, (mark.text, mark.remedy, f"[{mark.code}]")))
    text = f"{own}\n\n{words}" if SIGN in own else "\n\n".join(part for part in (own, f"{SIGN}\n{words}") if part)
    comment = Comment(text, marked.comment.author if marked.comment else "bch-apportion")
    comment.width, comment.height = 360, min(400, 60 + 18 * (len(text) // 50 + text.count("\n")))
    marked.comment = comment
    return before


def _owner(sheet: Worksheet, cell: str) -> Any:
    """The cell itself, or the first of the merged cells it lies in, which alone can hold anything."""
    merged = next((area for area in sheet.merged_cells.ranges if cell in area), None)
    return sheet[cell] if merged is None else sheet.cell(merged.min_row, merged.min_col)


def _as_text(fill: Any) -> str:
    tree = fill.to_tree("fill") if fill.tagname == "fill" else fill.to_tree()
    return ElementTree.tostring(tree, encoding="unicode")


def _fill_from(text: str) -> Any:
    from openpyxl.styles.fills import Fill

    tree: Any = ElementTree.fromstring(text)  # noqa: S314  # as it was written here
    return Fill.from_tree(tree)


# What a copy loses

VALUES, RICH = "values of formulas", "text formatted within a cell"
UNCOUNTED = (VALUES, RICH)
PARTS = {  # what the name of a part says it is
    "charts/chart": "chart",
    "charts/chartEx": "chart",
    "media/": "picture",
    "ctrlProps/": "form control",
    "activeX/": "form control",
    "embeddings/": "embedded file",
    "threadedComments/": "threaded comment",
    "pivotTables/": "pivot table",
    "slicers/": "slicer",
    "timelines/": "timeline",
    "diagrams/data": "diagram",
    "queryTables/": "query table",
    "vbaProject.bin": "macro project",
    "connections.xml": "data connection",
}
WITHIN = {  # what stands in a part: how it is recognised
    "shape": re.compile(rb"<(?:\w+:)?(?:sp|cxnSp|grpSp)[ >]"),
    "drop-down or rule of Excel 2010": re.compile(rb"<x14:(?:dataValidation|conditionalFormatting)[ >]"),
    "sparkline": re.compile(rb"<x14:sparkline[ >]"),
    VALUES: re.compile(rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f [^>]*/>)\s*<(?:\w+:)?v>"),
    RICH: re.compile(rb"<(?:si|is)>\s*<r>"),
}
WHOLE = "the workbook"


def _lost(source: Path, target: Path) -> Iterator[str]:
    """What the first file holds more of than the second, by sheet."""
    before, after = _holdings(source), _holdings(target)
    if sum(own[RICH] for own in after.values()) >= sum(own[RICH] for own in before.values()):
        for own in before.values():  # they stand among the texts of the whole workbook, in the copy in its sheets
            del own[RICH]
    for sheet, own in before.items():
        for kind, count in own.items():
            gone = count - after.get(sheet, Counter())[kind]
            if gone > 0:
                words = f"{kind} ({gone})" if kind in UNCOUNTED else f"{gone} {kind}{'s' if gone > 1 else ''}"
                yield words if sheet == WHOLE else f"{words} on {sheet}"


def _holdings(path: Path) -> dict[str, Counter[str]]:
    """What each sheet's parts hold, and those that no sheet leads to."""
    with zipfile.ZipFile(path) as file:
        names = {name.lower(): name for name in file.namelist()}
        sheets = dict(_sheets(file, names))
        held: dict[str, Counter[str]] = {}
        seen: set[str] = set()
        for title, part in sheets.items():
            reached = _reached(file, names, part)
            seen |= reached
            held[title] = _kinds(file, names, reached)
        held[WHOLE] = _kinds(file, names, names.keys() - seen)
        return held


def _kinds(file: zipfile.ZipFile, names: dict[str, str], parts: set[str]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for part in parts:
        kinds.update(kind for name, kind in PARTS.items() if f"xl/{name}".lower() in part)
        if part.endswith(".xml"):
            content = file.read(names[part])
            kinds.update({kind: len(form.findall(content)) for kind, form in WITHIN.items()})
    return +kinds


def _sheets(file: zipfile.ZipFile, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each sheet's name and part."""
    targets = dict(_relations(file, names, "xl/workbook.xml"))
    for element in _parsed(file.read(names["xl/workbook.xml"])).iter():
        if element.tag.endswith("}sheet"):
            relation = next((value for name, value in element.attrib.items() if name.endswith("}id")), "")
            if relation in targets:
                yield element.attrib["name"], targets[relation]


def _relations(file: zipfile.ZipFile, names: dict[str, str], part: str) -> Iterator[tuple[str, str]]:
    """The id and the part of everything that a part leads to within the file."""
    folder, name = posixpath.split(part)
    listing = names.get(f"{folder}/_rels/{name}.rels")
    for element in _parsed(file.read(listing)) if listing else ():
        target = element.attrib.get("Target", "")
        if element.attrib.get("TargetMode") != "External":
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/").lower()
            yield element.attrib["Id"], path


def _parsed(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content)  # noqa: S314  # the file was checked when it was read


def _reached(file: zipfile.ZipFile, names: dict[str, str], part: str) -> set[str]:
    """The parts that a part leads to, itself among them."""
    reached, further = set(), [part]
    while further:
        current = further.pop()
        if current in names and current not in reached:
            reached.add(current)
            further += [target for _, target in _relations(file, names, current)]
    return reached
