"""The file before it is read: what is no honest workbook is refused here, in one sentence and in bounded memory."""

from __future__ import annotations

import hashlib
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias
from urllib.parse import unquote
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate
from zlib import error as ZlibError  # noqa: N812

from bch_apportion.places import NOWHERE, Place
from bch_apportion.problems import InputProblems, Problem

MAX_FILE = 256 * 2**20  # bytes of the file itself
MAX_UNPACKED = 2**30  # bytes of all parts together; a million rows of demand come to about 300 MB
MAX_SMALL_PART = 64 * 2**20  # of a part that is read whole (everything but sheets and texts)
MAX_PARTS = 2_000
LARGE_PART = 4 * 2**20
MAX_RATIO = 100  # of a large part; honest sheets pack ten to forty times
MAX_TAG = 2 * 2**20  # of one tag, text or comment; a cell holds 32,767 letters
CHUNK = 2**20
UNREADABLE = (
    zipfile.BadZipFile,
    OSError,
    ZlibError,
    EOFError,
    NotImplementedError,  # of a version it does not know (test_a_version_of_the_package_that_nobody_knows)
    ExpatError,
    LookupError,  # an encoding or a shared text that is not there
    ValueError,
)  # what unpacking and parsing raise

Start: TypeAlias = Callable[[str, dict[str, str]], object]
End: TypeAlias = Callable[[str], object]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE = "save it in Excel as Excel Workbook (.xlsx)"
SAVE_AGAIN = "open it in Excel and save it again"
ASK_SENDER = "do not open it; ask the sender how it was made"


class Package:
    """An .xlsx file whose parts may be read. Every part is checked while it is inflated and parsed.

    The names of parts match whatever their case and slashes, and whether a blank is written %20, as Excel's do.
    """

    def __init__(self, path: Path, file: str = "") -> None:
        self.source = path.name
        self.file = file  # as places name it: empty for the workbook itself, the name of one that is joined to it
        self.called: dict[str, str] = {}  # what the analyst calls a part: the sheet it holds
        self.told: Callable[[int, int], None] | None = None  # given the bytes inflated, and how many there are
        size = path.stat().st_size
        if size > MAX_FILE:
            most = f"a workbook of budgets and demand is at most {MAX_FILE // 2**20} MB"
            remedy = "check that this is the right file; keep pictures and other data out of it"
            raise self.refusal("file-too-large", f"the file is {size // 2**20} MB; {most}", remedy)
        with path.open("rb") as content:
            self._check_head(content)
            self.sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        try:
            self._zip = zipfile.ZipFile(path)
        except (*UNREADABLE, OverflowError) as error:  # a damaged list of parts may hold any number
            message = "the workbook is damaged or cut short: its list of parts cannot be read"
            remedy = "fetch the file again, or open it in Excel, repair it and save it"
            raise self.refusal("truncated-file", message, remedy) from error
        parts = self._zip.infolist()
        self.unpacked = sum(part.file_size for part in parts)
        self._parts = {_as_compared(part.filename): part for part in parts}
        self._check_parts(parts)
        self.workbook = self._workbook_part()

    def refusal(self, code: str, message: str, remedy: str, place: Place = NOWHERE) -> InputProblems:
        return InputProblems([Problem(code, message, remedy, place._replace(file=self.file))], self.source)

    def _check_head(self, file: IO[bytes]) -> None:
        """Refuse what is no zip archive; the file is at its beginning afterwards."""
        content = file.read(MAX_FILE) if file.read(8) == OLE else b""
        file.seek(0)
        head = file.read(8)
        file.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in content:
            message = "the workbook is protected with a password, so nothing in it can be read"
            remedy = "open it in Excel, take the password off (File, Info, Protect Workbook) and save it"
            raise self.refusal("password-protected", message, remedy)
        if head == OLE:
            message = "the file is in the old Excel format (.xls) or another program's format"
            raise self.refusal("old-xls", message, "open it in Excel and save it as Excel Workbook (.xlsx)")
        if not head:
            raise self.refusal("not-a-workbook", "the file is empty (0 bytes)", "fetch or save the workbook again")
        if not head.startswith(b"PK"):
            message = "the file is not an .xlsx workbook (it is no zip archive)"
            raise self.refusal("not-a-workbook", message, SAVE)

    def _check_parts(self, parts: list[zipfile.ZipInfo]) -> None:
        bomb = any(p.file_size > LARGE_PART and p.file_size > MAX_RATIO * max(p.compress_size, 1) for p in parts)
        if len(parts) > MAX_PARTS or self.unpacked > MAX_UNPACKED or bomb:
            message = f"unpacked, the file would come to {self.unpacked // 2**20:,} MB in {len(parts):,} parts: "
            message += "far more than any real workbook"
            raise self.refusal("unpacks-too-large", message, ASK_SENDER)
        if len(self._parts) != len(parts):
            message = "the file holds two parts of the same name, so it is not clear which one counts"
            raise self.refusal("damaged-workbook", message, SAVE_AGAIN)
        if any(part.flag_bits & 1 for part in parts):
            message = "the archive is encrypted, so nothing in it can be read"
            raise self.refusal("password-protected", message, "save it in Excel without a password")
        if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
            message = "the file is packed in a way that no Excel workbook is"
            raise self.refusal("damaged-workbook", message, SAVE_AGAIN)

    def _workbook_part(self) -> str:
        """The name of the workbook part, as the package says it."""
        related = self.related("").values()
        name = next((name for kind, name in related if kind == "officeDocument" and name in self), "xl/workbook.xml")
        if name.endswith(".bin"):
            message = "the file is in Excel's binary format (.xlsb)"
            remedy = "open it in Excel and save it as Excel Workbook (.xlsx)"
            raise self.refusal("not-a-workbook", message, remedy)
        if name not in self:
            message = "the file is a zip archive but holds no Excel workbook"
            raise self.refusal("not-a-workbook", message, SAVE)
        return name

    def __contains__(self, name: str) -> bool:
        return _as_compared(name) in self._parts

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """The parts that a part (the package itself: empty) refers to: identifier → (kind, name)."""
        folder, _, name = part.rpartition("/")
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations not in self:
            return {}
        return {
            relation.get("Id", ""): (
                relation.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "").replace("\\", "/"))),
            )
            for relation in self.xml(relations)
        }

    def too_large(self, what: str) -> InputProblems:
        remedy = "open the workbook in Excel, delete what is not needed and save it"
        return self.refusal("unpacks-too-large", f"{what}: far larger than in any real workbook", remedy)

    def damaged(self, name: str) -> InputProblems:
        sheet = self.called.get(name, "")
        part = f"the sheet {sheet}" if sheet else f"its part {name.lstrip('/')}"
        message = f"the workbook is damaged: {part} cannot be read"
        return self.refusal("damaged-workbook", message, "open it in Excel, repair it and save it", Place(sheet))

    @contextmanager
    def blocks(self, name: str) -> Iterator[Iterator[bytes]]:
        """A part as it is inflated; what goes wrong with the archive or the XML meanwhile is damage of the part."""
        if name not in self:
            raise self.damaged(name)
        try:
            with self._zip.open(self._parts[_as_compared(name)]) as stream:
                yield self._blocks(stream)
        except UNREADABLE as error:
            raise self.damaged(name) from error

    def _blocks(self, stream: IO[bytes]) -> Iterator[bytes]:
        while block := stream.read(CHUNK):
            yield block
            if self.told is not None:
                self.told(len(block), self.unpacked)

    def refuse_doctype(self, *_: Any) -> None:
        message = "the XML of the workbook declares a document type or entities, which no Excel workbook does"
        raise self.refusal("external-entities", message, ASK_SENDER)

    def xml(self, name: str) -> Element:
        """A small part, whole; tags and attributes with a namespace are written namespace}name."""
        size = self._parts[_as_compared(name)].file_size if name in self else 0
        if size > MAX_SMALL_PART:
            raise self.too_large(f"the part {name.lstrip('/')} is {size // 2**20:,} MB")
        tree, parser = TreeBuilder(), Parser(self, name)
        parser.call(tree.start, tree.end, tree.data)
        parser.parse()
        return tree.close()

    def close(self) -> None:
        self._zip.close()


class Parser:
    """The XML of a part as it is parsed: tags and attributes with a namespace are written namespace}name.

    A document type is refused: entities can reach outside the file or grow without end.
    """

    def __init__(self, package: Package, part: str) -> None:
        self._package, self._part, self._fed = package, part, 0
        self.texts: list[str] = []  # the letters read since somebody cleared it
        self._expat = ParserCreate(namespace_separator="}")
        self._expat.buffer_text, self._expat.buffer_size = True, 2**16
        self._expat.StartDoctypeDeclHandler = package.refuse_doctype

    def call(self, start: Start, end: End, text: Callable[[str], object] | None = None) -> None:
        """Say what is called for each element that begins and ends, and for letters (else they are in `texts`)."""
        self._expat.StartElementHandler = start
        self._expat.EndElementHandler = end
        self._expat.CharacterDataHandler = text or self.texts.append

    def feed(self, xml: bytes) -> None:
        """Parse more of the part."""
        self._fed += len(xml)
        self._expat.Parse(xml, False)
        if max(self._fed - self._expat.CurrentByteIndex, sum(map(len, self.texts))) > MAX_TAG:
            raise self._package.damaged(self._part)

    def parse(self) -> None:
        """Parse the whole part."""
        with self._package.blocks(self._part) as blocks:
            for block in blocks:
                self.feed(block)
            self.finish()

    def finish(self) -> None:
        """The part has ended."""
        self._expat.Parse(b"", True)


def _as_compared(name: str) -> str:
    return unquote(name).replace("\\", "/").lstrip("/").casefold()
