"""The file before it is parsed: what is no honest workbook is refused here, in one sentence and in bounded memory."""

from __future__ import annotations

import hashlib
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError, XMLPullParser, fromstring
from zlib import error as ZlibError  # noqa: N812

from bch_apportion.places import Place
from bch_apportion.problems import InputProblems, Problem

MAX_FILE = 256 * 2**20  # bytes of the file itself
MAX_UNPACKED = 2**30  # bytes of all parts together; a million rows of demand come to about 300 MB
MAX_SMALL_PART = 64 * 2**20  # of a part that is read whole (everything but sheets and texts)
MAX_PARTS = 2_000
LARGE_PART = 4 * 2**20
MAX_RATIO = 100  # of a large part; honest sheets pack ten to forty times
MAX_TAG = 2 * 2**20  # of one tag, text or comment; a cell holds 32,767 letters
CHUNK = 2**20
DECLARATION = 32  # bytes of a chunk that go before the next, so that a declaration cut in two is seen
UNREADABLE = (
    zipfile.BadZipFile,
    OSError,
    ZlibError,
    EOFError,
    NotImplementedError,  # of a version it does not know (test_a_version_of_the_package_that_nobody_knows)
    ValueError,
)  # what unpacking raises

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refuse(source: str, code: str, message: str, remedy: str) -> InputProblems:
    return InputProblems([Problem(code, message, remedy)], source)


class Package:
    """An .xlsx file whose parts may be read. Every part is checked while it is inflated."""

    def __init__(self, path: Path) -> None:
        self.source = path.name
        self.called: dict[str, str] = {}  # what the analyst calls a part: the sheet it holds
        self.told: Callable[[int, int], None] | None = None  # told of the bytes inflated, and how many there are
        size = path.stat().st_size
        if size > MAX_FILE:
            raise refuse(
                self.source,
                "file-too-large",
                f"the file is {size // 2**20} MB; a workbook of budgets and demand is at most {MAX_FILE // 2**20} MB",
                "check that this is the right file; keep pictures and other data out of it",
            )
        with path.open("rb") as file:
            head = file.read(8)
            file.seek(0)
            if head == OLE:
                self._refuse_ole(file.read(MAX_FILE))
            if not head.startswith(b"PK"):
                raise refuse(
                    self.source,
                    "not-a-workbook",
                    "the file is not an .xlsx workbook (it is no zip archive)"
                    if head
                    else "the file is empty (0 bytes)",
                    "save it in Excel as Excel Workbook (.xlsx)" if head else "fetch or save the workbook again",
                )
            self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            self._zip = zipfile.ZipFile(path)
        except (*UNREADABLE, OverflowError) as error:  # a damaged list of parts may hold any number
            raise refuse(
                self.source,
                "truncated-file",
                "the workbook is damaged or cut short: its list of parts cannot be read",
                "fetch the file again, or open it in Excel, repair it and save it",
            ) from error
        self._check_parts()
        self.unpacked = sum(part.file_size for part in self._zip.infolist())
        self.workbook = self._workbook_part() or "xl/workbook.xml"
        if self.workbook not in self or self.workbook.endswith(".bin"):
            binary = self.workbook.endswith(".bin")
            raise refuse(
                self.source,
                "not-a-workbook",
                "the file is in Excel's binary format (.xlsb)"
                if binary
                else "the file is a zip archive but holds no Excel workbook",
                "open it in Excel and save it as Excel Workbook (.xlsx)"
                if binary
                else "save it in Excel as Excel Workbook (.xlsx)",
            )

    def _refuse_ole(self, content: bytes) -> None:
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise refuse(
                self.source,
                "password-protected",
                "the workbook is protected with a password, so nothing in it can be read",
                "open it in Excel, take the password off (File, Info, Protect Workbook) and save it",
            )
        raise refuse(
            self.source,
            "old-xls",
            "the file is in the old Excel format (.xls) or another program's format",
            "open it in Excel and save it as Excel Workbook (.xlsx)",
        )

    def _check_parts(self) -> None:
        parts = self._zip.infolist()
        names = [part.filename.lower().lstrip("/") for part in parts]
        total = sum(part.file_size for part in parts)
        bomb = next(
            (p for p in parts if p.file_size > LARGE_PART and p.file_size > MAX_RATIO * max(p.compress_size, 1)), None
        )
        if len(parts) > MAX_PARTS or total > MAX_UNPACKED or bomb:
            raise refuse(
                self.source,
                "unpacks-too-large",
                f"unpacked, the file would come to {total // 2**20:,} MB in {len(parts):,} parts: "
                "more than a workbook could honestly be",
                "do not open it; ask the sender how it was made",
            )
        if len(set(names)) != len(names):
            raise refuse(
                self.source,
                "damaged-workbook",
                "the file holds two parts of the same name, so it is not clear which one counts",
                "open it in Excel and save it again",
            )
        if any(part.flag_bits & 1 for part in parts):
            raise refuse(
                self.source,
                "password-protected",
                "the archive is encrypted, so nothing in it can be read",
                "save it in Excel without a password",
            )
        if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
            raise refuse(
                self.source,
                "damaged-workbook",
                "the file is packed in a way that no Excel workbook is",
                "open it in Excel and save it again",
            )

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def _workbook_part(self) -> str:
        """The name of the workbook part, as the package says it."""
        found = self.related("").values()
        return next((name for kind, name in found if kind == "officeDocument" and name in self), "")

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """The parts that a part (the package itself: empty) refers to: identifier → (kind, name)."""
        folder, _, name = part.rpartition("/")
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations not in self:
            return {}
        return {
            relation.get("Id", ""): (
                relation.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/"),
            )
            for relation in self.xml(relations)
        }

    def size(self, name: str) -> int:
        return self._zip.getinfo(name).file_size

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(name)

    def damaged(self, name: str) -> InputProblems:
        sheet = self.called.get(name, "")
        part = f"the sheet {sheet}" if sheet else f"its part {name}"
        message = f"the workbook is damaged: {part} cannot be read"
        return InputProblems(
            [Problem("damaged-workbook", message, "open it in Excel, repair it and save it", Place(sheet))], self.source
        )

    def tell(self, count: int) -> None:
        """So many bytes more were read."""
        if self.told is not None:
            self.told(count, self.unpacked)

    def read(self, name: str, limit: int = MAX_SMALL_PART) -> bytes:
        """A part whole; more than `limit` bytes, or a document type in it, is refused."""
        if name not in self:
            raise self.damaged(name)
        if self.size(name) > limit:
            raise refuse(
                self.source,
                "unpacks-too-large",
                f"the part {name} is {self.size(name) // 2**20:,} MB: larger than it could honestly be",
                "open the workbook in Excel, delete what is not needed and save it",
            )
        try:
            content = self._zip.read(name)
        except UNREADABLE as error:
            raise self.damaged(name) from error
        self.check_declarations(content)
        return content

    def check_declarations(self, content: bytes) -> None:
        """Refuse a document type: a workbook has none, and entities can reach outside the file or grow without end."""
        texts = (content, content.replace(b"\x00", b"")) if b"\x00" in content else (content,)  # the second: UTF-16
        for text in texts:
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise refuse(
                    self.source,
                    "external-entities",
                    "the XML of the workbook declares a document type or entities, which no Excel workbook does",
                    "do not open it; ask the sender how it was made",
                )

    def xml(self, name: str) -> Element:
        try:
            return fromstring(self.read(name))  # noqa: S314  # declarations were refused, sizes are bounded
        except (ParseError, ValueError, LookupError) as error:
            raise self.damaged(name) from error

    def events(self, name: str) -> Iterator[tuple[str, Element]]:
        """A part as it is parsed: ("start" or "end", element). What has been used can be cleared."""
        parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
        before, silent = b"", 0
        try:
            with self.open(name) as stream:
                while block := stream.read(CHUNK // 16):
                    self.check_declarations(before + block)
                    before = (before + block)[-DECLARATION:]
                    parser.feed(block)
                    self.tell(len(block))
                    silent += len(block)
                    for event in parser.read_events():
                        silent = 0
                        yield event  # type: ignore[misc]  # of "start" and "end" alone
                    if silent > MAX_TAG:
                        raise self.damaged(name)
            parser.close()
        except (ParseError, LookupError, *UNREADABLE) as error:
            raise self.damaged(name) from error

    def close(self) -> None:
        self._zip.close()
