"""LibreOffice as another program that opens, recalculates and saves our workbooks, and judges what their cells hold."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

SOFFICE = shutil.which("soffice")
PATIENCE = 300  # seconds for all the workbooks of one start

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
BASIC = {
    "script.xlc": f"""<library:libraries xmlns:library="{LIBRARY}" xmlns:xlink="http://www.w3.org/1999/xlink">
<library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple"
 library:link="false"/></library:libraries>""",
    "Standard/script.xlb": f"""<library:library xmlns:library="{LIBRARY}" library:name="Standard"
 library:readonly="false" library:passwordprotected="false"><library:element library:name="Module1"/>
</library:library>""",
    "Standard/Module1.xba": f"""<script:module xmlns:script="http://openoffice.org/2000/script"
 script:name="Module1" script:language="StarBasic">{escape(AUDIT)}</script:module>""",
}
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
TITLES = re.compile(rb'<definedName name="_xlnm.Print_Titles"[^>]*>[^<]*</definedName>')


class Office:
    """LibreOffice without a window, with profiles of its own in a folder. Tests have it from the fixture `office`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def saved(self, target: Path, *books: Path) -> list[Path]:
        """The workbooks as LibreOffice saves them, in the folder `target`."""
        return self._converted("plain", target, books)

    def recalculated(self, target: Path, *books: Path) -> list[Path]:
        """The workbooks with every formula recalculated, in the folder `target`; of how they print nothing is kept."""
        settings = self._folder / "recalculating" / "user" / "registrymodifications.xcu"
        if not settings.exists():
            settings.parent.mkdir(parents=True)
            settings.write_text(RECALCULATE, "utf-8")
        unprinted = target.with_name(f"{target.name} unprinted")
        unprinted.mkdir()
        return self._converted("recalculating", target, tuple(_without_titles(book, unprinted) for book in books))

    def not_allowed(self, book: Path) -> dict[str, int]:
        """How many filled cells of each sheet its validation does not allow, by sheet; sheets with none left out."""
        basic = self._folder / "auditing" / "user" / "basic"
        if not basic.exists():
            self._run("auditing", "--terminate_after_init")  # which makes the profile
            for name, text in BASIC.items():
                (basic / name).parent.mkdir(parents=True, exist_ok=True)
                (basic / name).write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', "utf-8")
        report = book.with_suffix(".audit.txt")
        self._run("auditing", f"macro:///Standard.Module1.Audit({book},{report})")
        counts = re.findall(r"^(.*)\t(\d+)$", report.read_text("utf-8"), re.MULTILINE)
        assert counts
        return {sheet: int(count) for sheet, count in counts if count != "0"}

    def _converted(self, profile: str, target: Path, books: tuple[Path, ...]) -> list[Path]:
        self._run(profile, "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(target), *map(str, books))
        return [target / book.name for book in books]

    def _run(self, profile: str, *arguments: str) -> None:
        assert SOFFICE is not None
        installation = f"-env:UserInstallation={(self._folder / profile).as_uri()}"
        command = [SOFFICE, installation, "--headless", *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)


def _without_titles(book: Path, folder: Path) -> Path:
    """The workbook without the rows that repeat on each printed sheet: for these Calc takes most of its time."""
    target = folder / book.name
    with ZipFile(book) as source, ZipFile(target, "w", ZIP_DEFLATED) as package:
        for name in source.namelist():
            data = source.read(name)
            package.writestr(name, TITLES.sub(b"", data) if name == "xl/workbook.xml" else data)
    return target
