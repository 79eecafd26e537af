"""What can be wrong with the file itself: each function makes of a sound workbook what its name says."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NRE = "xl/worksheets/sheet2.xml"  # the part of the second sheet


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def pack(path: Path, parts: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", how) as package:
        for name, content in parts.items():
            package.writestr(name, content)


def noise(length: int) -> bytes:
    """Letters that hardly pack, the same each time."""
    return Random(1).randbytes(length // 2).hex().encode()


def change(path: Path, name: str, old: bytes, new: bytes) -> None:
    """Replace a piece of one part."""
    parts = parts_of(path)
    assert old in parts[name], f"{name} has no {old!r}"
    pack(path, {**parts, name: parts[name].replace(old, new)})


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("unit,year,amount\nICT,2018/19,4200000\n", "utf-8")


def other_zip(path: Path) -> None:
    pack(path, {"report.txt": b"no workbook"})


def binary_workbook(path: Path) -> None:
    parts = parts_of(path)
    relations = parts["_rels/.rels"].replace(b"xl/workbook.xml", b"xl/workbook.bin")
    pack(path, {"_rels/.rels": relations, "xl/workbook.bin": b"\x83\x01\x00"})


def old_excel(path: Path) -> None:
    path.write_bytes(OLE + bytes(504) + "Workbook".encode("utf-16-le"))


def encrypted(path: Path) -> None:
    path.write_bytes(OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le"))


def encrypted_zip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    entry = content.find(b"PK\x01\x02")
    while entry >= 0:
        content[entry + 8] |= 1
        entry = content.find(b"PK\x01\x02", entry + 4)
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


def bomb(path: Path) -> None:
    """A sheet of 100 MB of blanks, in about 100 KB."""
    change(path, NRE, b"<sheetData>", b" " * 100 * 2**20 + b"<sheetData>")


def many_parts(path: Path) -> None:
    pack(path, {**parts_of(path), **{f"xl/media/image{number}.png": b"" for number in range(3_000)}})


def huge(path: Path) -> None:
    """A file of 300 MB, none of which is written to the disk."""
    os.truncate(path, 300 * 2**20)


def two_parts_of_one_name(path: Path) -> None:
    parts = parts_of(path)
    pack(path, {**parts, NRE.upper(): parts[NRE].replace(b"100000000", b"1")})


def packed_oddly(path: Path) -> None:
    pack(path, parts_of(path), zipfile.ZIP_LZMA)


def sheet_part_gone(path: Path) -> None:
    parts = parts_of(path)
    del parts[NRE]
    pack(path, parts)


def sheet_cut(path: Path) -> None:
    parts = parts_of(path)
    pack(path, {**parts, NRE: parts[NRE][: len(parts[NRE]) // 2]})


def sheet_corrupt(path: Path) -> None:
    """One byte of the NRE sheet's packed content is another."""
    with zipfile.ZipFile(path) as package:
        place = package.getinfo(NRE)
    content = bytearray(path.read_bytes())
    name_and_extra = int.from_bytes(content[place.header_offset + 26 : place.header_offset + 28], "little")
    name_and_extra += int.from_bytes(content[place.header_offset + 28 : place.header_offset + 30], "little")
    content[place.header_offset + 30 + name_and_extra + place.compress_size // 2] ^= 0xFF
    path.write_bytes(content)


def shared_text_unknown(path: Path) -> None:
    change(path, NRE, b'<c r="A1" t="inlineStr"><is><t>year</t></is></c>', b'<c r="A1" t="s"><v>999999</v></c>')


DOCTYPE = b'<!DOCTYPE worksheet [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def doctype_in_workbook(path: Path) -> None:
    parts = parts_of(path)
    pack(path, {**parts, "xl/workbook.xml": DOCTYPE + parts["xl/workbook.xml"]})


def doctype_in_sheet(path: Path) -> None:
    parts = parts_of(path)
    pack(path, {**parts, NRE: DOCTYPE + parts[NRE].replace(b"<t>year</t>", b"<t>&a;</t>")})


def doctype_in_utf_16(path: Path) -> None:
    parts = parts_of(path)
    declared = '<?xml version="1.0" encoding="UTF-16"?>' + DOCTYPE.decode() + parts[NRE].decode("utf-8")
    pack(path, {**parts, NRE: declared.encode("utf-16")})


def doctype_across_two_reads(path: Path) -> None:
    """The declaration is cut in two where the reader takes the next megabyte."""
    parts = parts_of(path)
    pack(path, {**parts, NRE: b"<?a " + noise(2**20 - 10) + b"?>" + DOCTYPE + parts[NRE]})


def doctype_in_texts(path: Path) -> None:
    """Entities that grow a thousandfold, in the shared texts."""
    parts = parts_of(path)
    entities = b'<!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    relation = b'/sharedStrings" Target="/xl/sharedStrings.xml" Id="rId99"/></Relationships>'
    relations = parts["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships' + relation,
    )
    texts = entities + f'<sst xmlns="{MAIN}"><si><t>&b;</t></si></sst>'.encode()
    pack(path, {**parts, "xl/_rels/workbook.xml.rels": relations, "xl/sharedStrings.xml": texts})


def no_worksheet(path: Path) -> None:
    parts = parts_of(path)
    start, end = (parts["xl/workbook.xml"].index(tag) for tag in (b"<sheets>", b"</sheets>"))
    workbook = parts["xl/workbook.xml"][:start] + b"<sheets>" + parts["xl/workbook.xml"][end:]
    pack(path, {**parts, "xl/workbook.xml": workbook})


FILES: dict[str, Callable[[Path], None]] = {
    maker.__name__.replace("_", " "): maker
    for maker in (
        empty,
        text,
        other_zip,
        binary_workbook,
        old_excel,
        encrypted,
        encrypted_zip,
        cut_short,
        bomb,
        many_parts,
        huge,
        two_parts_of_one_name,
        packed_oddly,
        sheet_part_gone,
        sheet_cut,
        sheet_corrupt,
        shared_text_unknown,
        doctype_in_workbook,
        doctype_in_sheet,
        doctype_in_utf_16,
        doctype_across_two_reads,
        doctype_in_texts,
        no_worksheet,
    )
}
