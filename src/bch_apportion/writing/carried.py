"""How each format carries the manifest of its result.

JSON: in its entry `run`. The page: a name for data in its head. Markdown: a comment at its end. A workbook: its last
sheet. CSV, whose rows are for the figures alone: a file beside it, where the W3C's "CSV on the Web" has a table's
metadata.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from bch_apportion.problems import MANIFEST, SEALED
from bch_apportion.writing.documents import ENCODE, RUN, lines, quoted
from bch_apportion.writing.manifest import Manifest, digests
from bch_apportion.writing.report import Report, columns
from bch_apportion.writing.tidy_csv import line as line_of_csv

BESIDE = "-metadata.json"  # the end of the file beside a CSV
NAME = "urn:bch-apportion:manifest"  # of the manifest in it
OPENS = "<!-- bch-apportion manifest"
META, META_ENDS = '<meta name="bch-apportion-manifest" content="', '">\n'
ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}
PIECE = 32_000  # characters of a packed manifest in a cell
SOME = 1_000  # lines written between two steps of a bar
PACKED, FOR, SHEET = "packed ", SEALED, MANIFEST


def beside(path: Path) -> Path:
    """The file that carries the manifest of a CSV.

    >>> beside(Path("lines.csv")).name
    'lines.csv-metadata.json'
    """
    return path.with_name(path.name + BESIDE)


def _sealed(lines: Iterable[str], manifest: Manifest) -> dict[str, Any]:
    """A manifest as JSON, with the seal of these lines."""
    return replace(manifest, seal={"": digests(lines)}).document()


def write_json(answer: Any, manifest: Manifest | None, out: TextIO, told: Callable[[int], None]) -> None:
    """Write an answer's JSON as it is made, with its manifest in the entry `run`.

    The seal is of the lines without the manifest, which stands before most of them: they are made once, kept beside,
    and copied behind it.
    """
    if manifest is None:
        out.writelines(f"{line}\n" for line in lines(answer))
        return
    from tempfile import TemporaryFile  # here, since other forms would pay for it

    with TemporaryFile("w+", encoding="utf-8", errors="surrogatepass", newline="\n") as beside:
        carried = _sealed(_kept(lines(answer), beside, told), manifest)
        beside.seek(0)
        entry = f"  {quoted(RUN)}: "
        for line in beside:
            if entry and line.startswith(entry):
                closes = line.rindex("}")
                line = f'{line[:closes]}, "manifest": {ENCODE(carried)}{line[closes:]}'
                entry = ""
            out.write(line)


def _kept(texts: Iterable[str], beside: TextIO, told: Callable[[int], None]) -> Iterator[str]:
    """The lines of a document as they are sealed, each kept as it goes by."""
    for number, text in enumerate(texts, 1):
        beside.write(f"{text}\n")
        if number % SOME == 0:
            told(SOME)
        yield text
    yield ""  # behind the last line end


def in_markdown(text: str, manifest: Manifest) -> str:
    """Markdown with its manifest at its end, in signs that neither end a comment nor begin one."""
    carried = ENCODE(_sealed(text.split("\n"), manifest)).translate(ESCAPED)
    return f"{text}\n{OPENS}\n{carried}\n-->\n"


def in_page(text: str, manifest: Manifest) -> str:
    """A page with its manifest in its head, in a name for data: no script, nothing that is shown."""
    before, closes, after = text.partition("</head>\n")
    carried = escape(ENCODE(_sealed(text.split("\n"), manifest)), quote=True)
    return f"{before}{META}{carried}{META_ENDS}{closes}{after}"


def beside_csv(name: str, rows: Iterable[Sequence[str]], manifest: Manifest) -> str:
    """The metadata of a CSV: its columns, and the manifest."""
    rows = iter(rows)
    heads = next(rows)
    metadata = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": name,
        "tableSchema": {"columns": [{"titles": head} for head in heads]},
        NAME: _sealed(map(line_of_csv, chain([heads], rows)), manifest),
    }
    return json.dumps(metadata, ensure_ascii=False, indent=2) + "\n"


def sheet(manifest: Manifest) -> Report:
    """The sheet of a workbook that carries it: what a person reads, then all of it in pieces."""
    packed = manifest.packed() if manifest.seal else ""
    rows = [(item, text, "") for item, text in manifest.words()]
    for number, place in enumerate(range(0, len(packed), PIECE), 1):
        rows.append((f"{PACKED}{number}", packed[place : place + PIECE], FOR))
    title = "What this workbook was calculated from, for bch-apportion verify"
    return Report(SHEET, title, columns("item", "text", "what for"), tuple(rows))
