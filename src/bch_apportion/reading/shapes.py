"""Very many alike rows at once: a pattern made from some rows of a sheet, matched over a text of thousands.

Only speed is gained by it. What is matched is what the reader would find: the reader itself reads every row that the
pattern does not cover, the rows that it is made from, and each different label.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import lt
from typing import NamedTuple, TypeAlias

from bch_apportion.places import column_number
from bch_apportion.problems import InputProblems
from bch_apportion.reading.book import Book, Sheet
from bch_apportion.reading.cells import Row, Value
from bch_apportion.reading.package import UNREADABLE
from bch_apportion.reading.reader import SheetReader, Values

SINGLY = 31  # rows at the top, among which a header is looked for: they are in no block
SAMPLE = 50  # rows from which a pattern is made
FEWEST = 8  # rows of a shape that are worth a block
AT_LEAST = 1000  # rows that are left to the reader where fewer are alike
LONGEST = 8 * 2**20  # bytes in which a row should end
CACHED = 50_000  # different labels of a column that are remembered
BEGIN, END = b"<sheetData>", b"</row>"
UNUSUAL = re.compile(rb"<[!?]|xmlns|</sheetData")  # what is opened so may end anywhere
ROW = re.compile(rb'<row r="([0-9]{1,7})"([^<>]*)>(.*?)</row>', re.DOTALL)
CELL = re.compile(rb'<c r="([A-Z]{1,3})[0-9]+"([^<>/]*)(?:/>|>((?:<[^<>/]*>)+)([^<]+)((?:</[^<>]*>)*</c>))')
NUMBER, LABEL = rb"([0-9]{1,15}(?:\.[0-9]{1,17})?)", rb"([^<]+)"


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one shape, one after the other: their numbers, and by column what each of them holds."""

    numbers: list[int]
    columns: dict[int, Sequence[Value | None]]

    def column(self, place: int) -> Sequence[Value | None]:
        """What the rows hold in a column; nothing where none of them fills it."""
        return self.columns.get(place) or [None] * len(self.numbers)

    def rows(self) -> Iterator[Row]:
        """The rows that hold anything, one by one."""
        for number, values in zip(self.numbers, zip(*self.columns.values(), strict=True), strict=True):
            if cells := {column: v for column, v in zip(self.columns, values, strict=True) if v is not None}:
                yield number, cells


Piece: TypeAlias = Row | Block


class LongRows:
    """The rows of a long sheet in order: one by one, as any iterator of rows, or what is left of them in pieces."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = iter(pieces)

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        piece = next(self.pieces)
        if not isinstance(piece, Block):
            return piece
        self.pieces = chain(piece.rows(), self.pieces)
        return next(self)


def long_rows(book: Book, sheet: Sheet) -> LongRows:
    """The rows of a sheet that may be very long."""
    reader: SheetReader[Value] = SheetReader(book, sheet, Values(book).value)
    blocks: list[Block] = []
    with book.package.blocks(sheet.part) as stream:
        texts = _texts(stream)
        head, begin, rows = next(texts).partition(BEGIN)
        rest = rows.split(END, SINGLY)[-1]
        reader.parser.feed(head + begin + rows.removesuffix(rest))
        matcher = _Matcher(book, sheet, head + begin)
        for xml, block in chain.from_iterable(map(matcher.pieces, chain([rest], texts))):
            if block is None or block.numbers[0] <= reader.highest:
                reader.parser.feed(xml)
            else:
                blocks.append(block)
                reader.number = reader.highest = block.numbers[-1]
        reader.parser.finish()
    if not reader.disorder:
        pieces: list[Piece] = [*reader.in_order(), *blocks]
        return LongRows(sorted(pieces, key=lambda piece: piece.numbers[0] if isinstance(piece, Block) else piece[0]))
    for number, cells in chain.from_iterable(block.rows() for block in blocks):
        reader.rows[number] = {**cells, **reader.rows.get(number, {})}
    return LongRows(reader.in_order())


def _texts(stream: Iterator[bytes]) -> Iterator[bytes]:
    """The XML of a sheet in texts that end where a row does."""
    rest = b""
    for block in stream:
        rows, end, rest = (rest + block).rpartition(END)
        if end:
            yield rows + end
        elif len(rest) > LONGEST:
            yield rest
            rest = b""
    yield rest


class _Form(NamedTuple):
    """How the cells of a column are written, but for the row's number and the content."""

    letters: bytes
    attributes: bytes
    opening: bytes
    closing: bytes

    def cell(self, number: int, content: bytes) -> bytes:
        """A cell of this form."""
        return b'<c r="%b%d"%b>%b%b%b' % (self.letters, number, self.attributes, self.opening, content, self.closing)

    def pattern(self, content: bytes) -> bytes:
        """A pattern of such a cell in the row that the first group names; it may be blank, or not there."""
        filled = b"|>%b%b%b" % (re.escape(self.opening), content, re.escape(self.closing)) if self.closing else b""
        return b'(?:<c r="%b\\1"%b(?: ?/>%b))?' % (self.letters, re.escape(self.attributes), filled)

    def column(self) -> int:
        """The number of the column."""
        return column_number(self.letters.decode())


class _Sample:
    """The reader, for pieces of a sheet beneath its own head."""

    def __init__(self, book: Book, sheet: Sheet, head: bytes) -> None:
        self.sheet = Sheet(sheet.name, sheet.part)
        self._reader: SheetReader[Value] = SheetReader(book, self.sheet, Values(book).value)
        self._reader.parser.feed(head)

    def rows(self, xml: bytes) -> dict[int, dict[int, Value]]:
        """The rows of some XML, by number and column."""
        self._reader.rows = {}
        self._reader.parser.feed(xml)
        return self._reader.rows

    def values(self, form: _Form, contents: Sequence[bytes]) -> list[Value | None]:
        """What cells of a form hold."""
        cells = (form.cell(number, content) for number, content in enumerate(contents, 1))
        rows = self.rows(b"".join(b'<row r="%d">%b</row>' % row for row in enumerate(cells, 1)))
        return [rows.get(number, {}).get(form.column()) for number in range(1, len(contents) + 1)]


class _Shape:
    """How rows are written: each column as most of some rows write it."""

    def __init__(self, sample: _Sample, text: bytes) -> None:
        rows = [row for row in islice(ROW.finditer(text), SAMPLE) if not CELL.sub(b"", row[3])]
        held = sample.rows(b"".join(row[0] for row in rows))
        shown = held.keys() - set(sample.sheet.hidden_rows)
        heads = {re.escape(row[2]) for row in rows if int(row[1]) in shown}
        contents: dict[_Form, bytes] = {}
        counts: Counter[_Form] = Counter()
        for letters, attributes, opening, content, closing in chain.from_iterable(CELL.findall(row[3]) for row in rows):
            form = _Form(letters, attributes.rstrip(), opening, closing)
            counts[form] += 1
            contents[form] = content
        likely = sorted(counts, key=lambda form: (bool(form.closing), counts[form]))
        forms = sorted({form.letters: form for form in likely}.values(), key=_Form.column)
        self.filled = [form for form in forms if form.closing]
        self.numeric = {form for form in self.filled if type(sample.values(form, [contents[form]])[0]) is float}
        alike = b"".join(form.pattern(NUMBER if form in self.numeric else LABEL) for form in forms)
        row = rb'<row r="([0-9]{1,7})"(?:%b)>%b</row>' % (b"|".join(heads), alike)
        self._pattern = re.compile(rb"%b|(.+)" % row, re.DOTALL) if self.filled and heads else None

    def match(self, text: bytes) -> tuple[list[tuple[bytes, ...]], bytes]:
        """The rows of the shape with which a text begins, what they hold, and the rest of the text."""
        rows = self._pattern.findall(text) if self._pattern is not None else []
        rest = rows.pop()[-1] if rows and rows[-1][-1] else b"" if rows else text
        return rows, rest


class _Matcher:
    """Finds rows of one shape in texts of rows."""

    def __init__(self, book: Book, sheet: Sheet, head: bytes) -> None:
        able = head.endswith(BEGIN) and b"<!" not in head and head.count(b"<?") < 2
        self._sample = _Sample(book, sheet, head) if able else None
        self._shape: _Shape | None = None
        self._labels: dict[_Form, dict[bytes, Value | None]] = {}

    def pieces(self, text: bytes) -> Iterator[tuple[bytes, Block | None]]:
        """The text in order: XML, and the block that it is, or None where it is for the reader."""
        while self._sample is not None:
            block, rest = self._first_block(self._sample, text)
            if block is not None:
                yield text.removesuffix(rest), block
                text = rest
            rest = text.split(END, AT_LEAST if block is None else 1)[-1]
            if rest == text or UNUSUAL.search(text, 0, len(text) - len(rest)):
                break
            yield text.removesuffix(rest), None
            text = rest
        if UNUSUAL.search(text):
            self._sample = None  # for good
        yield text, None

    def _first_block(self, sample: _Sample, text: bytes) -> tuple[Block | None, bytes]:
        """The block with which a text begins, and the rest of the text; no block where few rows are alike."""
        try:
            self._shape = shape = self._shape or _Shape(sample, text)
            rows, rest = shape.match(text)
            numbers = [int(row[0]) for row in rows]
            if len(rows) >= FEWEST and all(map(lt, numbers, numbers[1:])):
                columns = zip(shape.filled, islice(zip(*rows, strict=True), 1, None), strict=False)
                return Block(numbers, {form.column(): self._values(form, column) for form, column in columns}), rest
        except (InputProblems, *UNREADABLE):  # the reader will say what is wrong
            self._sample = None
        self._shape = None
        return None, text

    def _values(self, form: _Form, contents: Sequence[bytes]) -> Sequence[Value | None]:
        """What the cells of a column hold; None where one is blank."""
        assert self._shape is not None and self._sample is not None
        if form in self._shape.numeric:
            return [float(content) if content else None for content in contents]
        known = self._labels.setdefault(form, {})
        if len(known) > CACHED:
            known.clear()
        known[b""] = None
        new = [content for content in set(contents) if content not in known]
        known.update(zip(new, self._sample.values(form, new), strict=True))
        return list(map(known.__getitem__, contents))
