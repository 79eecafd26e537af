"""LibreOffice as another program that opens and saves our workbooks, and as a judge of what their cells may hold."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")

# Has Calc mark every filled cell that its validation does not allow, with a circle: a shape on the sheet.
AUDIT = """
Sub Audit(source As String, target As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden" : hidden(0).Value = True
  Dim book : book = StarDesktop.loadComponentFromURL(ConvertToURL(source), "_blank", 0, hidden())
  Dim file As Integer : file = FreeFile
  Open target For Output As #file
  Dim i
  For i = 0 To book.Sheets.Count - 1
    Dim sheet : sheet = book.Sheets.getByIndex(i)
    Dim before : before = sheet.DrawPage.Count
    sheet.showInvalid()
    Print #file, sheet.Name & Chr(9) & (sheet.DrawPage.Count - before)
  Next
  Close #file
  book.close(True)
  StarDesktop.terminate()
End Sub
"""
LIBRARY = "http://openoffice.org/2000/library"
PARTS = {
    "script.xlc": f"""<library:libraries xmlns:library="{LIBRARY}" xmlns:xlink="http://www.w3.org/1999/xlink">
<library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple"
 library:link="false"/></library:libraries>""",
    "Standard/script.xlb": f"""<library:library xmlns:library="{LIBRARY}" library:name="Standard"
 library:readonly="false" library:passwordprotected="false"><library:element library:name="Module1"/>
</library:library>""",
    "Standard/Module1.xba": f"""<script:module xmlns:script="http://openoffice.org/2000/script"
 script:name="Module1" script:language="StarBasic">{escape(AUDIT)}</script:module>""",
}


def office(profile: Path, *arguments: str) -> None:
    """LibreOffice without a window, under a profile of its own."""
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=240)


def saved_by(folder: Path, *books: Path) -> list[Path]:
    """Workbooks as LibreOffice saves them, in a folder of their own beneath `folder`."""
    target = folder / "saved"
    office(folder / "profile", "--convert-to", "xlsx", "--outdir", str(target), *map(str, books))
    return [target / book.name for book in books]


def not_allowed(folder: Path, book: Path) -> dict[str, int]:
    """How many filled cells of each sheet its validation does not allow, as LibreOffice judges; sheets with some."""
    if not (folder / "auditor").exists():
        office(folder / "auditor", "--terminate_after_init")  # which makes the profile
    for name, text in PARTS.items():
        path = folder / "auditor" / "user" / "basic" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', "utf-8")
    told = folder / f"{book.stem}.audit.txt"
    office(folder / "auditor", f"macro:///Standard.Module1.Audit({book},{told})")
    found = re.findall(r"^(.*)\t(\d+)$", told.read_text("utf-8"), re.MULTILINE)
    assert found
    return {name: int(count) for name, count in found if count != "0"}
