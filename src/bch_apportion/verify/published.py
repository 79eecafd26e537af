"""A published result, read back: its manifest, and its lines cell by cell, in whichever format it was written.

Another program may have saved it since (Excel, LibreOffice, an editor): what counts is what a cell says.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from html import unescape
from io import StringIO
from itertools import chain, count, repeat, takewhile, zip_longest
from pathlib import Path
from typing import Any, TypeAlias

from bch_apportion.places import column_letters
from bch_apportion.reading.book import Book, Sheet, open_book
from bch_apportion.reading.cells import address
from bch_apportion.reading.reader import held_rows
from bch_apportion.reading.values import shown
from bch_apportion.verify.comparison import NOTHING, Cell, Published, Row
from bch_apportion.verify.forms import unpacked
from bch_apportion.writing import carried
from bch_apportion.writing.documents import to_text
from bch_apportion.writing.manifest import SCHEMA, Damaged, Manifest, as_sealed, digest
from bch_apportion.writing.tidy_csv import line as line_of_csv

LARGEST = 2**30  # bytes of a result
TABLE_ROW = re.compile(r"<tr>(.*)</tr>")
TABLE_CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>")
TAG = re.compile(r"<[^>]*>")
PIPE = re.compile(r"(?<!\\)\|")
BOLD = re.compile(r"^\*\*(.*)\*\*$")
Cells: TypeAlias = dict[Hashable, Cell]


class NoManifest(ValueError):
    """A file that carries no manifest, so that nobody can say what it was made from; in words."""


class SavedOtherwise(NoManifest):
    """A result that a program has saved in a form of its own."""


def read_published(path: Path) -> Published:
    """Read a result back.

    Raises NoManifest, Damaged where its manifest cannot be read, InputProblems where it is no honest workbook, OSError
    where it cannot be opened.
    """
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return _workbook(path)
    if suffix not in READERS:
        raise NoManifest(f"{path.name}: a result ends in .xlsx, {', '.join(READERS)}")
    if path.stat().st_size > LARGEST:
        raise NoManifest(f"{path.name} is too large to be a result")
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise NoManifest(f"{path.name} is not the UTF-8 text of a result") from error
    document, rows = READERS[suffix](path, text)
    manifest, damage = _manifest(path, document)
    return Published(path.name, manifest, {"": rows}, damage)


def with_keys_as(published: Published, path: Path, output: Path) -> Published:
    """A published JSON read again with its keys in the order of `output`: the seal is of lines in our order."""
    documents = [json.loads(file.read_text("utf-8-sig"), object_pairs_hook=_every_pair) for file in (path, output)]
    orders: dict[str, list[str]] = {}
    _learn_order(documents[1], orders)
    _, rows = _document(_ordered(documents[0], orders))
    return replace(published, rows={"": rows})


def _learn_order(value: Any, orders: dict[str, list[str]], under: str = "") -> None:
    """Gather the order of keys at each place of a document; a key that a row leaves out stands where others have it."""
    if isinstance(value, list):
        for item in value:
            _learn_order(item, orders, f"{under}[]")
    elif isinstance(value, dict):
        order = orders.setdefault(under, [])
        for place, name in enumerate(value):
            if name not in order:
                order.insert(order.index(list(value)[place - 1]) + 1 if place else 0, name)
            _learn_order(value[name], orders, f"{under}.{name}")


def _ordered(value: Any, orders: Mapping[str, list[str]], under: str = "") -> Any:
    """A document with its keys in that order, others behind them."""
    if isinstance(value, list):
        return [_ordered(item, orders, f"{under}[]") for item in value]
    if not isinstance(value, dict):
        return value
    names = dict.fromkeys(name for name in (*orders.get(under, ()), *value) if name in value)
    return {name: _ordered(value[name], orders, f"{under}.{name}") for name in names}


def _manifest(path: Path, carried_: Any) -> tuple[Manifest, tuple[Cell, ...]]:
    """The manifest in a document, and what of its words is not what is packed with them."""
    if not isinstance(carried_, dict) or carried_.get("schema") is None:
        raise NoManifest(f"{path.name} carries no manifest")
    if carried_["schema"] != SCHEMA:
        raise NoManifest(f"the manifest of {path.name} has an unknown form ({carried_['schema']})")
    manifest = unpacked(str(carried_.get("packed", "")))
    expected = manifest.document()
    names = [name for name in {**expected, **carried_} if name != "packed" and expected.get(name) != carried_.get(name)]
    return manifest, tuple(Cell(f"manifest.{name}", "", json.dumps(carried_.get(name))) for name in names)


# JSON


def _json(path: Path, text: str) -> tuple[Any, list[Row]]:
    try:
        document = json.loads(text, object_pairs_hook=_every_pair)
    except (ValueError, RecursionError) as error:
        raise NoManifest(f"{path.name} is not valid JSON: {error}") from error
    if not isinstance(document, dict):
        raise NoManifest(f"{path.name} carries no manifest")
    return _document(document)


def _document(document: dict[str, Any]) -> tuple[Any, list[Row]]:
    """The manifest of a document, and its lines as they are sealed."""
    run = document.get("run")
    manifest = run.pop("manifest", None) if isinstance(run, dict) else None
    lines = to_text(document).split("\n")
    rows = list(_entries(document))
    return manifest, [Row(place, line, cells) for (place, cells), line in zip(rows, lines, strict=True)]


def _every_pair(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object with all its entries: of two of the same name a program takes the last, and a reader sees the first."""
    entries: dict[str, Any] = {}
    for name, value in pairs:
        while name in entries:
            name += " (again)"
        entries[name] = value
    return entries


def _entries(document: dict[str, Any]) -> Iterator[tuple[str, Cells]]:
    """The entries of a document, a line each, as `to_text` writes them."""
    yield "{", {}
    for name, value in document.items():
        if isinstance(value, list) and value:
            yield name, {}
            for number, row in enumerate(value):
                yield f"{name}[{number}]", dict(_leaves(f"{name}[{number}]", row))
            yield name, {}
        else:
            yield name, dict(_leaves(name, value))
    yield "}", {}
    yield "", {}


def _leaves(place: str, value: Any, under: str = "") -> Iterator[tuple[Hashable, Cell]]:
    """The values within an entry, each told by where it stands and by whether it is a text."""
    if isinstance(value, dict) and value:
        for name, part in value.items():
            yield from _leaves(f"{place}.{name}", part, f"{under}.{name}" if under else name)
    elif isinstance(value, list) and value:
        for number, part in enumerate(value):
            yield from _leaves(f"{place}[{number}]", part, f"{under}[{number}]")
    else:
        text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
        yield (under, isinstance(value, str)), Cell(_whole(place), _whole(under), _whole(text))


def _whole(text: str) -> str:
    """A text without halves of a letter, which JSON can name and no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


# CSV


def _csv(path: Path, text: str) -> tuple[Any, list[Row]]:
    head = text.partition("\n")[0]
    if ";" in head and "," not in head:
        how = "saved with semicolons between its values, as Excel does in some countries"
        raise SavedOtherwise(f"{path.name} was {how}; save it with commas")
    metadata = carried.beside(path)
    if not metadata.is_file():
        raise NoManifest(
            f"{path.name} carries no manifest: that of a CSV is in {metadata.name} beside it, which is missing"
        )
    try:
        document = json.loads(metadata.read_text("utf-8"))
        manifest = document.get(carried.NAME)
    except (ValueError, AttributeError, RecursionError) as error:
        raise NoManifest(f"{metadata.name} carries no manifest") from error
    csv.field_size_limit(2**31 - 1)
    heads: list[str] = []
    rows = []
    for number, texts in enumerate(csv.reader(StringIO(text, newline="")), 1):
        heads = heads or texts
        named = enumerate(zip(texts, chain(heads, repeat("")), strict=False), 1)
        cells: Cells = {place: Cell(f"{column_letters(place)}{number}", name, said) for place, (said, name) in named}
        rows.append(Row(f"row {number}", line_of_csv(texts), cells))
    return manifest, rows


# Markdown and the page


def _markdown(path: Path, text: str) -> tuple[Any, list[Row]]:
    text, manifest = _carried(path, text, f"\n{carried.OPENS}\n", "\n-->\n")
    heads: list[str] = []
    texts: list[str] = []
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        cells: Cells = {0: Cell(f"line {number}", "", line)}
        if line.startswith("| "):
            heads = texts if set(line) <= set("|-: ") else heads
            parts = [part.strip() for part in PIPE.split(line)[1:]]
            texts = [BOLD.sub(r"\1", part) for part in (parts if parts[-1] else parts[:-1])]
            cells = _across(number, heads, texts)
        rows.append(Row(f"line {number}", line, cells))
    return manifest, rows


def _page(path: Path, text: str) -> tuple[Any, list[Row]]:
    text, manifest = _carried(path, text, carried.META, carried.META_ENDS)
    heads: list[str] = []
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        place, row = f"line {number}", TABLE_ROW.search(line)
        if row is None:
            cells: Cells = {0: Cell(place, "", unescape(TAG.sub(" ", line)).strip())}
        else:
            texts = [unescape(TAG.sub("", part)) for part in TABLE_CELL.findall(row[1])]
            heads = texts if line.startswith("<thead>") else heads
            beside = unescape(TAG.sub("", TABLE_CELL.sub("", line))).strip()
            cells = {**_across(number, heads, texts), -2: Cell(place, "beside the cells", beside)}
        tags = TAG.findall(line)  # the elements, and where a drawing's lines run: told by a digest
        marks = f"{len(tags)} elements, digest {digest(''.join(tags)).hex()}"
        rows.append(Row(place, line, {**cells, -1: Cell(place, "mark-up", marks, marks=True)}))
    return manifest, rows


def _across(number: int, heads: list[str], texts: list[str]) -> Cells:
    named = heads if len(heads) == len(texts) else ["" for _ in texts]
    return {
        place: Cell(f"line {number}, column {place}", name, said)
        for place, (name, said) in enumerate(zip(named, texts, strict=True), 1)
    }


def _carried(path: Path, text: str, opens: str, closes: str) -> tuple[str, Any]:
    """A text without the block that carries its manifest, and what stands in the block."""
    before, is_there, block = text.rpartition(opens)
    packed, ends, after = block.partition(closes)
    if not (is_there and ends):
        raise NoManifest(f"{path.name} carries no manifest")
    try:
        return before + after, json.loads(unescape(packed))
    except ValueError as error:
        raise Damaged from error


READERS = {".csv": _csv, ".json": _json, ".md": _markdown, ".html": _page}


# The workbook


def _workbook(path: Path) -> Published:
    book = open_book(path)
    try:
        rows = {sheet.name: list(_sheet(book, sheet)) for sheet in book.sheets}
    finally:
        book.package.close()
    hidden = [sheet.name for sheet in book.sheets if sheet.hidden]
    hidden += [f"rows of {sheet.name}" for sheet in book.sheets if sheet.hidden_rows]
    notes = (f"{path.name} hides {', '.join(hidden)}; they were read too",) if hidden else ()
    own = rows.pop(carried.SHEET, [])
    texts = {row.cells[1].text: row.cells[2].text for row in own if {1, 2} <= set(row.cells)}
    pieces = takewhile(bool, (texts.get(f"{carried.PACKED}{number}", "") for number in count(1)))
    packed = "".join(pieces)
    if not packed:
        raise NoManifest(f"{path.name} carries no manifest: it has no sheet {carried.SHEET}")
    manifest = unpacked(packed)
    return Published(name=path.name, manifest=manifest, rows=rows, damage=tuple(_damage(own, manifest)), notes=notes)


def _damage(rows: list[Row], manifest: Manifest) -> Iterator[Cell]:
    """What the sheet of the manifest says and should not."""
    words = [("item", "text"), *manifest.words()]
    packed = [bool(re.fullmatch(rf"{carried.PACKED}\d+", row.cells.get(1, NOTHING).text)) for row in rows]
    for row, is_packed in zip(rows, packed, strict=True):
        aside = {**row.cells, 3: row.cells.get(3, NOTHING)}
        wanted = "what for" if row is rows[0] else carried.FOR if is_packed else ""
        yield from (cell for place, cell in aside.items() if place not in (1, 2) and cell.text != wanted * (place == 3))
    said = [row for row, is_packed in zip(rows, packed, strict=True) if not is_packed]
    for row, expected in zip_longest(said, words):
        if row is None:
            yield Cell(f"{carried.SHEET}!A1", expected[0], "")
            continue
        item, text = row.cells.get(1, NOTHING), row.cells.get(2, NOTHING)
        if expected is None or (item.text, text.text) != (expected[0].strip(), expected[1].strip()):
            yield from [cell for cell in (text, item) if cell.text][:1]


def _sheet(book: Book, sheet: Sheet) -> Iterator[Row]:
    """The rows of a sheet that hold anything, under the headings of its first."""
    heads: dict[int, str] = {}
    for number, row in held_rows(book, sheet):
        held = dict(sorted(row.items()))
        cells: Cells = {}
        for place, cell in held.items():
            where, text = f"{sheet.name}!{address(number, place)}", shown(cell.value).strip()
            cells[place] = Cell(where, heads.get(place, ""), text, cell.formula, shown_as=cell.shown_as)
        heads = heads or {place: shown(cell.value) for place, cell in held.items()}
        line = as_sealed((place, cell.value) for place, cell in held.items())
        constants = as_sealed((place, cell.value) for place, cell in held.items() if not cell.formula)
        yield Row(f"{sheet.name}!{number}", line, cells, constants)
