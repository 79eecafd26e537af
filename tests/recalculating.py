"""Workbooks recalculated by LibreOffice: what every formula cell held, and what it comes to."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from openpyxl import load_workbook

ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
NUMBER = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?><f>[^<]*</f><v>)[^<]*(</v>)')
TEXT = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")? t="str"><f>[^<]*</f><v>)[^<]*(</v>)')

Place = tuple[str, str]  # sheet, cell


class Formula(NamedTuple):
    """A formula, and the value stored with it."""

    text: str
    value: object


def formulas(path: Path) -> dict[Place, Formula]:
    """Every formula cell of a workbook, with its stored value."""
    written, stored = load_workbook(path), load_workbook(path, data_only=True)
    found = {}
    for sheet in written.worksheets:
        values = stored[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    found[sheet.title, cell.coordinate] = Formula(str(cell.value), values[cell.coordinate].value)
    return found


def spoil(path: Path, target: Path, edits: Mapping[str, tuple[bytes, bytes]] | None = None) -> int:
    """The same workbook with a wrong value stored in every formula cell; how many. `edits` replace bytes of a part."""
    count = 0
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name in source.namelist():
            data = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                data, numbers = NUMBER.subn(rb"\g<1>-987654321\g<2>", data)
                data, texts = TEXT.subn(rb"\g<1>WRONG\g<2>", data)
                count += numbers + texts
            if edits and name in edits:
                old, new = edits[name]
                assert data.count(old) == 1, (name, old, data.count(old))
                data = data.replace(old, new)
            package.writestr(name, data)
    return count


def recalculated(folder: Path, *paths: Path) -> list[Path]:
    """These workbooks opened, recalculated and saved by LibreOffice, in a profile of its own."""
    program = shutil.which("soffice")
    assert program is not None
    profile, out = folder / "profile", folder / "recalculated"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS, "utf-8")
    subprocess.run(
        [
            program,
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(out),
            *map(str, paths),
        ],
        capture_output=True,
        check=True,
        timeout=300,
    )
    return [out / path.name for path in paths]


def differences(before: Mapping[Place, Formula], after: Path) -> list[tuple[Place, Formula, object]]:
    """Cells that come to something else: whole numbers and words exactly, pounds and shares to one part in 10^12."""
    book = load_workbook(after, data_only=True)
    found = []
    for place, formula in before.items():
        value = book[place[0]][place[1]].value
        if not _same(formula.value, value):
            found.append((place, formula, value))
    return found


def _same(stored: object, value: object) -> bool:
    if isinstance(stored, int | float) and isinstance(value, int | float):
        return abs(stored - value) <= (0 if isinstance(stored, int) else 1e-12 * max(1, abs(stored)))
    return type(stored) is type(value) and stored == value
