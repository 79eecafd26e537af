"""Whether a published result still follows from its inputs, and if not, why: input, program, or somebody's hand.

Three questions, each with its own evidence. Has the input changed: the hashes of its files, then the cells that were
read. Has the program changed: its version. Was the result edited: the seal of each line as it was written. What is
worked out again is then held against what was published, cell by cell, and each difference goes to its cause.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from bch_apportion import __version__
from bch_apportion.reading.reader import UNTOLD
from bch_apportion.verify.news import changes_since
from bch_apportion.verify.rows import ChangedInput, ChangedProgram, EditedCell, FileNow, Kind, Verify
from bch_apportion.writing.manifest import CONSTANTS, Manifest, digest, each

Judged = Literal[Kind, "same", "not calculated", "filled in", "formula"]


class Cell(NamedTuple):
    """A cell of a published result: its place as people name it, under which heading, what it says, its formula."""

    place: str
    heading: str
    text: str
    formula: str = ""
    shown_as: str = ""  # a number format that shows something else
    marks: bool = False  # what it says is of no line's words: the elements of a page

    @property
    def silent(self) -> bool:
        """Whether it is a formula that was saved without its value."""
        return bool(self.formula and not self.text)

    @property
    def said(self) -> str:
        """Its formula, or what it says where it has none."""
        return self.formula or self.text


class Row(NamedTuple):
    """A line of a published result: its place, the line as it is sealed, and its cells by their column."""

    place: str
    line: str
    cells: dict[Hashable, Cell]
    constants: str = ""  # the line without its formulas, as it is sealed too

    def labels(self) -> tuple[str, ...]:
        """The cells that are words: what tells the row from others."""
        return tuple(cell.text for cell in self.cells.values() if as_number(cell.text) is None and not cell.marks)

    def of(self) -> str:
        """What the row is of, in a few words."""
        return ", ".join(text for text in self.labels()[:4] if text.strip(TO_FILL_IN) and len(text) <= LONGEST)


TO_FILL_IN = "_"  # of these is a line on which people write
PROGRAM = "bch-apportion "  # before its version, on covers
LONGEST = 60  # letters of a word that tells a row
MOST_SHOWN = 400  # letters of a whole line
REFERENCE = re.compile(r"[A-Za-z]\$?\d")  # a cell that a formula names
NUMBER = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:[eE][-+]?\d+)?%?")


def as_number(text: str) -> float | None:
    """A text as the number it is; None where it is none.

    >>> as_number("1,134,000.50"), as_number("24.5%"), as_number("2018/19")
    (1134000.5, 24.5, None)
    """
    return float(text.replace(",", "").rstrip("%")) if NUMBER.fullmatch(text) else None


def same(text: str, other: str) -> bool:
    """Whether two cells say the same: as texts, or as numbers within what a spreadsheet loses of one (never a penny).

    >>> same("1134000.50", "1134000.5"), same("0.033333333333333", "0.0333333333333333"), same("0.01", "0.02")
    (True, True, False)
    """
    if text == other:
        return True
    a, b = as_number(text), as_number(other)
    if a is None or b is None or text.endswith("%") != other.endswith("%"):
        return False
    return abs(a - b) <= max(1e-13, 2e-15 * max(abs(a), abs(b)))


@dataclass(frozen=True, slots=True)
class Published:
    """A result as it is read back: its manifest, and its lines by sheet (of a text under the empty name)."""

    name: str
    manifest: Manifest
    rows: dict[str, list[Row]]
    damage: tuple[Cell, ...] = ()  # of the manifest itself: what a person reads in it is not what is packed
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Compared:
    """The differences by their cause, and how many formulas have no value to compare."""

    edited: list[EditedCell] = field(default_factory=list)
    moved: list[EditedCell] = field(default_factory=list)
    filled_in: list[EditedCell] = field(default_factory=list)
    uncalculated: int = 0

    def add(self, difference: EditedCell, by_hand: bool) -> None:
        (self.edited if by_hand else self.moved).append(difference)

    def notes(self) -> Iterator[str]:
        if self.uncalculated:
            formulas = f"{self.uncalculated:,} formula{'s' if self.uncalculated > 1 else ''}"
            yield f"{formulas} not compared: unchanged, but saved without a value by a program that does not calculate"


def answer(published: Published, files: Sequence[FileNow], compared: Compared, reason: str = "") -> Verify:
    """What came of working a result out again; `reason` says why that could not be done, where it could not."""
    manifest = published.manifest
    cells = [cell for file in files for cell in file.cells]
    saved_anew = any(file.now != file.sha256 or file.role == "table" for file in files)
    program_changed = manifest.version != __version__ or bool(compared.moved and not saved_anew)
    return Verify(
        result=published.name,
        follows=not (compared.edited or compared.moved or reason or cells),
        command=manifest.command,
        asked=manifest.asked,
        files=files,
        input=ChangedInput(changed=bool(cells or (saved_anew and (compared.moved or reason))), cells=cells),
        program=ChangedProgram(
            changed=program_changed,
            then=manifest.version,
            now=__version__,
            changes=changes_since(manifest.version) if program_changed else (),
        ),
        edited=compared.edited,
        moved=compared.moved,
        filled_in=compared.filled_in,
        not_worked_out=reason or None,
        notes=(*published.notes, *compared.notes()),
        units=manifest.units,
        about=manifest.words(),
    )


def compare(published: Published, derived: Published, same_input: bool) -> Compared:
    """Each difference between a published result and the same worked out now, with its cause.

    A line that is not as it was sealed was edited; any other that differs moved with the input or the program.
    """
    compared = Compared()
    older, newer = published.manifest, derived.manifest
    compared.edited += [_edited(cell.place, heading=cell.heading, published=cell.text) for cell in published.damage]
    renamed = _renamed(older, newer)
    steady = same_input and older.version == newer.version
    for group in dict.fromkeys((*published.rows, *older.seal, *derived.rows)):
        if group.endswith(CONSTANTS):
            continue
        theirs, ours = published.rows.get(group), derived.rows.get(group)
        if theirs is None or ours is None:
            was_sealed = group in older.seal
            if theirs is not None:
                compared.add(_edited(group, published="a sheet", kind="added"), by_hand=not was_sealed)
            elif ours is not None:
                compared.add(_edited(group, derived="a sheet", kind="taken out"), by_hand=was_sealed)
            continue
        touched, removed = _by_hand(older.seal, group, theirs)
        handled = bool(touched or removed)  # somebody was at this sheet or text
        if removed and not steady:  # which of the lines that are not there it was cannot be told
            compared.edited.append(_edited(group or "the result", derived=f"lines: {removed}", kind="taken out"))
        for place, other in _matched([row.labels() for row in theirs], [row.labels() for row in ours]):
            if place is not None and other is not None:
                _cells(compared, theirs[place], ours[other], place in touched, steady, renamed)
            elif place is not None:
                _alone(compared, theirs[place], "added", place in touched or (steady and handled))
            elif other is not None:
                _alone(compared, ours[other], "taken out", steady and handled)
    return compared


def not_as_sealed(published: Published) -> list[EditedCell]:
    """The lines that are not as they were sealed: what can be said where the result cannot be worked out."""
    return [
        _edited(rows[place].place, of=rows[place].of(), published=_whole_line(rows[place]))
        for group, rows in published.rows.items()
        for place in sorted(_by_hand(published.manifest.seal, group, rows)[0])
    ]


def _edited(
    place: str,
    *,
    of: str = "",
    heading: str = "",
    published: str | None = None,
    derived: str | None = None,
    kind: Kind = "changed",
) -> EditedCell:
    return EditedCell(place=place, of=of, heading=heading, published=published, derived=derived, kind=kind)


def _by_hand(seal: Mapping[str, str], group: str, rows: Sequence[Row]) -> tuple[set[int], int]:
    """The lines that are not as they were sealed, by their places, and how many of those sealed are gone.

    A line whose formulas were saved without their values is judged by what else it holds.
    """
    touched, removed = _touched(each(seal.get(group, "")), [digest(row.line) for row in rows])
    silent = {place for place, row in enumerate(rows) if any(cell.silent for cell in row.cells.values())}
    if silent:
        others, _ = _touched(each(seal.get(group + CONSTANTS, "")), [digest(row.constants) for row in rows])
        touched = (touched - silent) | (others & silent)
    return touched, removed


def _renamed(older: Manifest, newer: Manifest) -> list[tuple[str, str]]:
    """What a result says of its files and program, as it was and as it is now: no figure."""
    pairs = []
    now = {file.name: file.sha256 for file in newer.files}  # of `count`, others may have come or gone
    for file in older.files:
        old, new = file.sha256, now.get(file.name, file.sha256)
        pairs += [(old, new), (f"{old[:32]} {old[32:]}", f"{new[:32]} {new[32:]}")]  # a narrow column has it in halves
    pairs.append((f"{PROGRAM}{older.version}", f"{PROGRAM}{newer.version}"))
    return [(old, new) for old, new in pairs if old != new]


def _as_now(text: str, renamed: Sequence[tuple[str, str]]) -> str:
    """A cell with the hashes and the version as they are now, where it names them."""
    for old, new in renamed:
        if old.startswith(PROGRAM) and text == old.removeprefix(PROGRAM):  # a version alone: no part of another figure
            return new.removeprefix(PROGRAM)
        text = text.replace(old, new)
    return text


def _alone(compared: Compared, row: Row, kind: Kind, by_hand: bool) -> None:
    """A line that only one side has; one with nothing in it, or an empty list, says nothing."""
    text = _whole_line(row)
    if text not in ("", "[]"):
        published, derived = (text, None) if kind == "added" else (None, text)
        line = _edited(row.place, of=row.of(), published=published, derived=derived, kind=kind)
        compared.add(line, by_hand)


def _whole_line(row: Row) -> str:
    text = " | ".join(cell.text for cell in row.cells.values() if cell.text)
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"


def _cells(
    compared: Compared, was: Row, now: Row, touched: bool, steady: bool, renamed: Sequence[tuple[str, str]]
) -> None:
    """The cells of a line that differ; `steady` where neither input nor program could have moved them."""
    for column in dict.fromkeys((*was.cells, *now.cells)):
        theirs, ours = was.cells.get(column, NOTHING), now.cells.get(column, NOTHING)
        kind, surely = _judged(theirs, ours, _as_now(theirs.text, renamed), steady)
        if kind == "same":
            continue
        if kind == "not calculated":
            compared.uncalculated += 1
            continue
        if kind == "filled in":
            filled = _edited(theirs.place, of=now.of(), heading=theirs.heading, published=theirs.text, kind="added")
            compared.filled_in.append(filled)
            continue
        published, derived = theirs.text, ours.text
        if kind == "concealed":
            published, derived = f"{theirs.said}, shown as {theirs.shown_as}", ours.said
        elif kind in ("formula", "formula gone"):
            published, derived = theirs.said, ours.said
        row, cell = (was, theirs) if theirs != NOTHING else (now, ours)
        difference = _edited(
            cell.place,
            of=row.of(),
            heading=cell.heading,
            published=published or None,
            derived=derived or None,
            kind="changed" if kind == "formula" else kind,
        )
        compared.add(difference, by_hand=surely or touched)


NOTHING = Cell("", "", "")


def _judged(published: Cell, other: Cell, text: str, steady: bool) -> tuple[Judged, bool]:
    """How a published cell, which says `text`, stands beside ours; and whether that is surely somebody's doing."""
    if published.shown_as and not other.shown_as:
        return "concealed", True
    if published.formula and not _alike(published, other, steady):
        return "formula", True
    if published.silent:
        return "not calculated", False
    value_for_formula = bool(published.text and other.formula and not published.formula)
    if same(text, other.text):
        return ("formula gone", True) if value_for_formula else ("same", False)
    if not published.text:
        return "taken out", False
    if not other.text:
        return "added", False
    if not other.text.strip(TO_FILL_IN):
        return "filled in", False
    return ("recalculated" if published.formula and other.formula else "changed"), value_for_formula


def _alike(published: Cell, other: Cell, steady: bool) -> bool:
    """Whether a formula is ours; where the input or the program changed it may name other rows, but must name some."""
    if UNTOLD in (published.formula, other.formula) or _bare(published.formula) == _bare(other.formula):
        return True
    return not steady and bool(REFERENCE.search(published.formula) and REFERENCE.search(other.formula))


def _bare(formula: str) -> str:
    """A formula without what programs write differently: its sign, blanks, quotes around the name of a sheet."""
    return re.sub(r"[\s'$]|^=", "", formula).upper()


def _touched(sealed: Sequence[bytes], lines: Sequence[bytes]) -> tuple[set[int], int]:
    """Which lines are not as they were sealed, and how many of those sealed are no longer there."""
    pairs = list(_matched(sealed, lines))
    kept = {b for a, b in pairs if a is not None and b is not None and sealed[a] == lines[b]}
    return set(range(len(lines))) - kept, sum(b is None for _, b in pairs)


def _matched(theirs: Sequence[Hashable], ours: Sequence[Hashable]) -> Iterator[tuple[int | None, int | None]]:
    """Places of two sequences that belong together: what is alike, and what stands between it in order.

    >>> list(_matched("abcd", "axcde"))
    [(0, 0), (1, 1), (2, 2), (3, 3), (None, 4)]
    """
    first, end, last = 0, len(theirs), len(ours)
    while first < min(end, last) and theirs[first] == ours[first]:
        yield first, first
        first += 1
    tail = 0
    while end > first and last > first and theirs[end - 1] == ours[last - 1]:
        end, last, tail = end - 1, last - 1, tail + 1
    matcher = SequenceMatcher(None, theirs[first:end], ours[first:last], autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        for step in range(max(b - a, d - c)):
            yield (first + a + step if a + step < b else None), (first + c + step if c + step < d else None)
    yield from ((end + step, last + step) for step in range(tail))
