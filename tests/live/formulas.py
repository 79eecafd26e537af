"""The cells of a workbook as its file has them: each formula, the value stored with it, and what it comes to later."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, fromstring

NUMBER = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?><f>[^<]*</f><v>)[^<]*(</v>)')
TEXT = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")? t="str"><f>[^<]*</f><v>)[^<]*(</v>)')
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Place = tuple[str, str]  # sheet, cell


class Filled(NamedTuple):
    """A cell that is filled: its value as stored, and its formula; without one, an empty text."""

    value: int | float | str
    formula: str


def cells(path: Path) -> dict[Place, Filled]:
    """Every filled cell of a workbook."""
    with zipfile.ZipFile(path) as package:
        texts = [_text(item) for item in fromstring(package.read("xl/sharedStrings.xml"))]
        relations = fromstring(package.read("xl/_rels/workbook.xml.rels"))
        parts = {str(relation.get("Id")): str(relation.get("Target")) for relation in relations}
        return {
            (str(sheet.get("name")), str(cell.get("r"))): filled
            for sheet in fromstring(package.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
            for cell in fromstring(package.read(f"xl/{parts[str(sheet.get(ID))]}")).iter(f"{MAIN}c")
            for filled in _filled(cell, texts)
        }


def formulas(path: Path) -> dict[Place, Filled]:
    """Every formula cell of a workbook."""
    return {place: cell for place, cell in cells(path).items() if cell.formula}


def spoil(path: Path, target: Path) -> int:
    """How many formula cells there are; `target` is the same workbook with a wrong value stored in each."""
    count = 0
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name in source.namelist():
            data = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                data, numbers = NUMBER.subn(rb"\g<1>-987654321\g<2>", data)
                data, texts = TEXT.subn(rb"\g<1>WRONG\g<2>", data)
                count += numbers + texts
            package.writestr(name, data)
    return count


def differences(before: Mapping[Place, Filled], after: Path) -> list[tuple[Place, Filled, object]]:
    """Cells that come to something else: whole numbers and words exactly, pounds and shares to one part in 10^12."""
    later = cells(after)
    values = {place: later[place].value if place in later else None for place in before}
    return [(place, cell, values[place]) for place, cell in before.items() if not _same(cell.value, values[place])]


def _filled(cell: Element, texts: list[str]) -> Iterator[Filled]:
    """The cell where it is filled; texts are shared, or its own."""
    value, formula, kind = cell.find(f"{MAIN}v"), cell.find(f"{MAIN}f"), cell.get("t", "n")
    if value is None and formula is None:
        return
    text = value.text or "" if value is not None else ""
    written = "" if formula is None else f"={formula.text or ''}"
    if kind == "n" and text:
        yield Filled(float(text) if set(text) & set(".eE") else int(text), written)
    else:
        yield Filled(texts[int(text)] if kind == "s" else text, written)


def _text(item: Element) -> str:
    return "".join(run.text or "" for run in item.iter(f"{MAIN}t"))


def _same(stored: object, value: object) -> bool:
    if isinstance(stored, int | float) and isinstance(value, int | float):
        return abs(stored - value) <= (0 if isinstance(stored, int) else 1e-12 * max(1, abs(stored)))
    return type(stored) is type(value) and stored == value
