"""Whether a published result still follows from its inputs, and if not, why: input, program, or somebody's hand.

Three questions, each with its own evidence. Has the input changed: the hashes of its files, then the cells that were
read. Has the program changed: its version. Was the result edited: the seal of each line as it was written. What is
worked out again is then held against what was published, cell by cell, and each difference goes to its cause.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from bch_apportion.manifest import CONSTANTS, ChangedCell, File, Manifest, digest, each

Kind = Literal["changed", "added", "taken out", "recalculated", "formula gone", "concealed"]


class Cell(NamedTuple):
    """A cell of a published result: its place as people name it, under which heading, what it says, its formula."""

    place: str
    heading: str
    text: str
    formula: str = ""
    shown_as: str = ""  # a number format that shows something else
    marks: bool = False  # what it says is of no line's words: the elements of a page


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
        words = [text for text in self.labels()[:4] if text.strip(TO_FILL_IN) and len(text) <= LONGEST]
        return ", ".join(words)


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


def same(one: str, other: str) -> bool:
    """Whether two cells say the same: as texts, or as numbers within what a spreadsheet loses of one (never a penny).

    >>> same("1134000.50", "1134000.5"), same("0.033333333333333", "0.0333333333333333"), same("0.01", "0.02")
    (True, True, False)
    """
    if one == other:
        return True
    a, b = as_number(one), as_number(other)
    if a is None or b is None or one.endswith("%") != other.endswith("%"):
        return False
    return abs(a - b) <= max(1e-13, 2e-15 * max(abs(a), abs(b)))


@dataclass(frozen=True, slots=True)
class Published:
    """A result as it was found: its manifest, and its lines by sheet (of a text under the empty name)."""

    name: str
    manifest: Manifest
    rows: dict[str, list[Row]]
    damage: tuple[Cell, ...] = ()  # of the manifest itself: what a person reads in it is not what is packed
    notes: tuple[str, ...] = ()


class Difference(NamedTuple):
    """A cell in which what was published and what is worked out now differ; None where there is nothing."""

    place: str
    of: str
    heading: str
    published: str | None
    derived: str | None
    kind: Kind = "changed"


class ChangedFile(NamedTuple):
    """A file that is not the one the result was worked out from, and the cells of it that are not as they were."""

    place: int  # in the manifest's files
    file: File
    now: str  # its SHA-256 now
    cells: tuple[ChangedCell, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of working a result out again. `reason` says why that could not be done, where it could not."""

    result: str
    manifest: Manifest
    version: str
    given: tuple[str, ...]  # what the files are called now, in the manifest's order; nothing: as the result carries it
    files: tuple[ChangedFile, ...]  # those that are not as they were
    edited: tuple[Difference, ...] = ()
    moved: tuple[Difference, ...] = ()
    filled_in: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    news: tuple[str, ...] = field(default=())  # what the changes since say

    @property
    def input_changed(self) -> bool:
        """Whether a cell that was read is another, or another file gives other figures."""
        return any(one.cells for one in self.files) or bool(self.files and (self.moved or self.reason))

    @property
    def program_changed(self) -> bool:
        """Whether another version wrote it, or one that calls itself the same and works out otherwise."""
        return self.version != self.manifest.version or (bool(self.moved) and not self.files)

    @property
    def follows(self) -> bool:
        return not (self.edited or self.moved or self.reason or any(one.cells for one in self.files))


@dataclass(slots=True)
class Compared:
    """The differences found, by their cause, and how many cells could not be held against a value."""

    edited: list[Difference] = field(default_factory=list)
    moved: list[Difference] = field(default_factory=list)
    filled_in: list[Difference] = field(default_factory=list)
    uncalculated: int = 0

    def notes(self) -> Iterator[str]:
        if self.uncalculated:
            yield (
                f"{self.uncalculated:,} formulas stand as they were written but were saved by a program that does not "
                "calculate: their values are not there to be held against"
            )


def compare(published: Published, derived: Published, same_input: bool) -> Compared:
    """Each difference between a published result and the same worked out now, with its cause.

    A line that is not as it was sealed was edited; any other that differs moved with the input or the program.
    """
    found = Compared()
    older, newer = published.manifest, derived.manifest
    found.edited += [Difference(c.place, "", c.heading, c.text, None) for c in published.damage]
    renamed = _renamed(older, newer)
    steady = same_input and older.version == newer.version
    for group in dict.fromkeys((*published.rows, *older.seal, *derived.rows)):
        if group.endswith(CONSTANTS):
            continue
        theirs, ours = published.rows.get(group), derived.rows.get(group)
        if theirs is None or ours is None:
            _whole(found, group, theirs is not None, ours is not None, group in older.seal)
            continue
        touched, removed = _touched(each(older.seal.get(group, "")), [digest(row.line) for row in theirs])
        sealed = each(older.seal.get(group + CONSTANTS, ""))
        uncalculated = any(cell.formula and not cell.text for row in theirs for cell in row.cells.values())
        constants = _touched(sealed, [digest(row.constants) for row in theirs])[0] if uncalculated else set()
        by_hand = bool(touched or removed)  # somebody was at this sheet or text
        if removed and not steady:
            found.edited.append(Difference(group or "the result", "", "", None, f"lines: {removed}", "taken out"))
        for place, other in _pairs(theirs, ours):
            if place is not None and other is not None:
                row = theirs[place]
                never = any(cell.formula and not cell.text for cell in row.cells.values())
                edited = place in (constants if never else touched)
                _cells(found, row, ours[other], edited, steady, renamed)
                continue
            row = ours[other] if other is not None else theirs[place or 0]
            text = _whole_line(row)
            if not text:
                continue  # a line with nothing in it
            if place is None:
                difference, edited = Difference(row.place, row.of(), "", None, text, "taken out"), steady and by_hand
            else:
                difference = Difference(row.place, row.of(), "", text, None, "added")
                edited = place in touched or (steady and by_hand)
            (found.edited if edited else found.moved).append(difference)
    return found


def not_as_sealed(published: Published) -> list[Difference]:
    """The lines that are not as they were sealed: what can be said where the result cannot be worked out."""
    found = []
    for group, rows in published.rows.items():
        seal = published.manifest.seal
        lines = [digest(row.line) for row in rows]
        if any(cell.formula and not cell.text for row in rows for cell in row.cells.values()):
            group, lines = group + CONSTANTS, [digest(row.constants) for row in rows]
        touched, _ = _touched(each(seal.get(group, "")), lines)
        found += [Difference(rows[n].place, rows[n].of(), "", _whole_line(rows[n]), None) for n in sorted(touched)]
    return found


def _renamed(older: Manifest, newer: Manifest) -> list[tuple[str, str]]:
    """What a result says of its files and program, as it was and as it is now: no figure."""
    found = []
    for was, now in zip(older.files, newer.files, strict=True):
        if was.sha256 != now.sha256:
            found += [(was.sha256, now.sha256), (_halves(was.sha256), _halves(now.sha256))]
    if older.version != newer.version:
        found.append((f"{PROGRAM}{older.version}", f"{PROGRAM}{newer.version}"))
    return found


def _as_now(text: str, renamed: Sequence[tuple[str, str]]) -> str:
    """A cell with the hashes and the version as they are now, where it names them."""
    for old, new in renamed:
        if old.startswith(PROGRAM) and text == old.removeprefix(PROGRAM):  # a version alone: no part of another figure
            return new.removeprefix(PROGRAM)
        text = text.replace(old, new)
    return text


def _halves(sha256: str) -> str:
    """A hash as a narrow column has it."""
    return f"{sha256[:32]} {sha256[32:]}"


def _whole(found: Compared, group: str, is_published: bool, is_derived: bool, was_sealed: bool) -> None:
    """A sheet that only one side has."""
    if is_published:
        added = Difference(group, "", "", "a sheet", None, "added")
        (found.moved if was_sealed else found.edited).append(added)
    elif is_derived:
        gone = Difference(group, "", "", None, "a sheet", "taken out")
        (found.edited if was_sealed else found.moved).append(gone)


def _whole_line(row: Row) -> str:
    text = " | ".join(cell.text for cell in row.cells.values() if cell.text)
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"


def _cells(
    found: Compared, was: Row, now: Row, touched: bool, steady: bool, renamed: Sequence[tuple[str, str]]
) -> None:
    """The cells of a line that differ; `steady` where neither input nor program could have moved them."""
    for column in dict.fromkeys((*was.cells, *now.cells)):
        one, other = was.cells.get(column, NOTHING), now.cells.get(column, NOTHING)
        text = _as_now(one.text, renamed)
        untold = "=…" in (one.formula, other.formula)
        alike = untold or _bare(one.formula) == _bare(other.formula) or not (steady or _typed_over(one, other))
        uncalculated = bool(one.formula and not one.text)
        if alike and uncalculated:
            found.uncalculated += 1
        elif one.text and other.text and not uncalculated and same(text, other.text):
            if one.formula and not alike:
                found.edited.append(_difference(was, one, one.formula, other.formula or other.text, "changed"))
            elif other.formula and not one.formula:
                found.edited.append(_difference(was, one, one.text, other.formula, "formula gone"))
            elif one.shown_as and not other.shown_as:
                found.edited.append(_difference(was, one, f"{one.text}, shown as {one.shown_as}", text, "concealed"))
        elif uncalculated:
            found.edited.append(_difference(was, one, one.formula, other.formula or other.text, "changed"))
        elif one.text and other.text and not other.text.strip(TO_FILL_IN):
            found.filled_in.append(_difference(now, one, one.text, "", "added"))
        elif one.text or other.text:
            kind: Kind = "changed" if one.text and other.text else "added" if one.text else "taken out"
            if one.formula and alike and other.formula:
                kind = "recalculated"
            shown = one if one.text else other
            difference = _difference(was if one.text else now, shown, one.text, other.text, kind)
            by_hand = touched or (kind == "changed" and bool(other.formula and not one.formula))
            (found.edited if by_hand else found.moved).append(difference)


def _typed_over(one: Cell, other: Cell) -> bool:
    """Whether a formula names no cell where ours does."""
    return bool(one.formula and REFERENCE.search(other.formula) and not REFERENCE.search(one.formula))


NOTHING = Cell("", "", "")


def _difference(row: Row, cell: Cell, published: str, derived: str, kind: Kind) -> Difference:
    return Difference(cell.place, row.of(), cell.heading, published or None, derived or None, kind)


def _bare(formula: str) -> str:
    """A formula without what programs write differently: its sign, blanks, quotes around the name of a sheet."""
    return re.sub(r"[\s'$]|^=", "", formula).upper()


def _touched(sealed: Sequence[bytes], lines: Sequence[bytes]) -> tuple[set[int], int]:
    """Which lines are not as they were sealed, and how many of those sealed are no longer there."""
    touched: set[int] = set()
    removed = 0
    for place, other in _matched(sealed, lines):
        if place is None and other is not None:
            touched.add(other)
        elif other is None:
            removed += 1
        elif place is not None and sealed[place] != lines[other]:
            touched.add(other)
    return touched, removed


def _pairs(theirs: Sequence[Row], ours: Sequence[Row]) -> Iterator[tuple[int | None, int | None]]:
    """The lines of both sides that belong together, by the words in them."""
    return _matched([row.labels() for row in theirs], [row.labels() for row in ours])


def _matched(one: Sequence[Hashable], other: Sequence[Hashable]) -> Iterator[tuple[int | None, int | None]]:
    """Places of two sequences that belong together: what is alike, and what stands between it in order.

    >>> list(_matched("abcd", "axcde"))
    [(0, 0), (1, 1), (2, 2), (3, 3), (None, 4)]
    """
    first, end, last = 0, len(one), len(other)
    while first < min(end, last) and one[first] == other[first]:
        yield first, first
        first += 1
    tail = 0
    while end > first and last > first and one[end - 1] == other[last - 1]:
        end, last, tail = end - 1, last - 1, tail + 1
    matcher = SequenceMatcher(None, one[first:end], other[first:last], autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        for step in range(max(b - a, d - c)):
            yield (first + a + step if a + step < b else None), (first + c + step if c + step < d else None)
    yield from ((end + step, last + step) for step in range(tail))
