"""What a result was made from, carried in the result itself, so that it can be worked out again and compared.

A manifest names the files with their hashes, the version, what was asked and the settings; packed with it go the cells
that were read (of a result narrowed to some units, theirs alone and those of no unit), the scenarios' texts, and the
seal: a short digest of each line of the result as it was written. It holds against a slip and a quiet correction; it is
no signature, since whoever rewrites the seal with the figures is caught only by recalculating the result.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal, NamedTuple, TypeAlias

from bch_apportion.model import UnitCode
from bch_apportion.money import plain

SCHEMA = "bch-apportion/manifest/1"
DIGEST = 3  # bytes for each line: one change in sixteen million goes unseen
LARGE = 2**20  # bytes of a manifest that is better packed soon than small
MOST = 2**29  # bytes of a manifest unpacked; a million volumes come to 20 MB

CONSTANTS = "\t"  # after the name of a sheet with formulas: the seal of its rows without them

Role = Literal["workbook", "with", "scenario", "other", "plan", "records", "table"]
RECORDS = ("records", "table")  # what `count` has read: neither carried nor given to `verify`, but where the plan says
Asked: TypeAlias = str | bool | list[str]


class Damaged(ValueError):
    """A manifest that cannot be read: something of it was changed."""


class File(NamedTuple):
    """A file that was read: the workbook, one joined to it, a scenario laid over it, the other side of a comparison.

    For `count` the plan and the records: a file by its path from the plan's folder, or a table of the connection
    (without a hash).
    """

    role: Role
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a result was made from. `texts` are those of the scenarios, `cells` those of the workbooks, by place in
    `files`; `seal` holds the digests of the result's lines, by sheet (of a text under the empty name)."""

    command: str
    version: str
    files: tuple[File, ...]
    asked: Mapping[str, Asked] = field(default_factory=dict)  # by option
    settings: Mapping[str, str] = field(default_factory=dict)
    units: tuple[UnitCode, ...] = ()  # whose cells are carried; none: all
    texts: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seal: Mapping[str, str] = field(default_factory=dict)

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # for verify, which reads it back

    def words(self) -> list[tuple[str, str]]:
        """What a person wants to know of it."""
        words = [("command", f"bch-apportion {self.command}"), ("version", self.version)]
        words += [(file.role, f"{file.name}, SHA-256 {file.sha256}") for file in self.files]
        for option, value in self.asked.items():
            listed = value if isinstance(value, list) else ["yes" if value is True else str(value)]
            words += [(f"--{option}", text) for text in listed]
        return [*words, *((f"setting {name}", value) for name, value in self.settings.items())]

    def document(self) -> dict[str, Any]:
        """It as JSON: what a person reads, and all of it packed."""
        return {
            "schema": SCHEMA,
            "command": self.command,
            "version": self.version,
            "files": [file._asdict() for file in self.files],
            "asked": dict(self.asked),
            "settings": dict(self.settings),
            "packed": self.packed(),
        }

    def packed(self) -> str:
        """All of it as letters and digits."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        text = json.dumps(given, ensure_ascii=False, separators=(",", ":"), default=plain).encode("utf-8")
        return b64encode(zlib.compress(text, 6 if len(text) < LARGE else 1)).decode("ascii")


def inflated(packed: str) -> bytes:
    """The JSON of a packed manifest. Raises Damaged."""
    try:
        inflate = zlib.decompressobj()
        content = inflate.decompress(b64decode("".join(packed.split()), validate=True), MOST)
    except (NotBase64, ValueError, zlib.error) as error:
        raise Damaged from error
    if not inflate.eof:
        raise Damaged
    return content


# The seal


def digests(lines: Iterable[str]) -> str:
    """A short digest of each line, run together, as letters and digits."""
    sealed = bytearray()
    for line in lines:
        sealed += digest(line)
    return b64encode(sealed).decode("ascii")


def digest(line: str) -> bytes:
    return blake2b(line.encode("utf-8", "replace"), digest_size=DIGEST).digest()


def each(sealed: str) -> list[bytes]:
    """The digests of lines, apart again. Raises Damaged."""
    try:
        content = b64decode(sealed, validate=True)
    except ValueError as error:
        raise Damaged from error
    return [content[place : place + DIGEST] for place in range(0, len(content), DIGEST)]


def as_sealed(cells: Iterable[tuple[int, Any]]) -> str:
    """The line of a sheet's row that is sealed, by column: another program may write the same number otherwise.

    >>> from decimal import Decimal
    >>> as_sealed([(1, " ICT "), (2, None), (3, Decimal("1134000.50"))]) == as_sealed([(1, "ICT"), (3, 1134000.5)])
    True
    """
    texts = ((column, _as_text(value)) for column, value in cells if value is not None)
    return "\x1f".join(f"{column}={text}" for column, text in texts if text)


def _as_text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else f"{float(value):.14G}"
