"""How every command hands over its answer: to files by their suffix, to standard output, to the screen.

Every answer but one on the screen carries its manifest (`manifest.py`), so that `verify` can work it out again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bch_apportion.cli.manifests import manifests
from bch_apportion.cli.progress import progress
from bch_apportion.cli.running import Choices, tell_notes, text_writer, write_whole

if TYPE_CHECKING:
    from rich.console import Console

    from bch_apportion.model import Inputs
    from bch_apportion.writing.manifest import Manifest
    from bch_apportion.writing.report import Cover, Page, Report


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in every form it may be asked for; each is made only when it is."""

    document: Callable[[], dict[str, Any]]
    csv: Callable[[], str]
    cover: Callable[[], Cover]
    reports: Callable[[], Sequence[Report]]  # of the workbook
    screen: Callable[[Console], None]
    inputs: Sequence[Inputs] = ()  # of the workbooks that were read, for the manifest; none: it carries none
    notes: Sequence[str] = ()
    front: Callable[[], Cover] | None = None  # of the workbook; without it the cover
    paper: Callable[[], Sequence[Report | Page]] | None = None  # of Markdown; without it the reports
    page: Callable[[], Sequence[Report | Page]] | None = None  # of the page, with what unfolds; without it the reports


def on_screen(choices: Choices, reports: Callable[[], Sequence[Report]]) -> Callable[[Console], None]:
    """Reports one after the other, as the screen of an answer."""

    def screen(console: Console) -> None:
        from bch_apportion.writing.terminal import show

        show(console, reports(), choices.thousands)

    return screen


def deliver(choices: Choices, answer: Answer) -> None:
    """Write the files asked for, whole or none, then what goes to standard output, then the notes."""

    manifest = manifests(answer.inputs)

    @cache
    def as_csv() -> str:
        if not choices.stamp:
            return answer.csv()
        from bch_apportion.writing.tidy_csv import stamped

        return stamped(answer.csv(), choices.stamp)

    def as_json() -> str:
        from bch_apportion.writing.carried import in_json
        from bch_apportion.writing.documents import to_text

        with progress(not choices.quiet, "writing") as step:
            document = answer.document()
            text = to_text(document, step)
        found = manifest(".json")
        return text if found is None else in_json(text, found, document["run"])

    def as_workbook(path: Path) -> None:
        from bch_apportion.writing.excel import write
        from bch_apportion.writing.report import notes_of

        reports = [*answer.reports(), notes_of(answer.notes)]
        with progress(not choices.quiet, "writing") as step:
            write(path, (answer.front or answer.cover)(), reports, step, manifest(".xlsx"))

    def as_markdown() -> str:
        from bch_apportion.writing.carried import in_markdown
        from bch_apportion.writing.markdown import document

        text = document(answer.cover(), (answer.paper or answer.reports)(), answer.notes, choices.thousands)
        found = manifest(".md")
        return text if found is None else in_markdown(text, found)

    def as_page() -> str:
        from bch_apportion.writing.carried import in_page
        from bch_apportion.writing.page import document

        text = document(answer.cover(), (answer.page or answer.reports)(), answer.notes, choices.thousands)
        found = manifest(".html")
        return text if found is None else in_page(text, found)

    texts: dict[str, Callable[[], str]] = {".json": as_json, ".csv": as_csv, ".md": as_markdown, ".html": as_page}
    writers = {".xlsx": as_workbook, **{suffix: text_writer(text) for suffix, text in texts.items()}}
    contents: dict[Path, Callable[[Path], None]] = {}
    for path in choices.files:
        suffix = path.suffix.lower()
        contents[path] = writers[suffix]
        if suffix == ".csv":
            contents |= _beside(path, as_csv, manifest(suffix))
    if contents:
        write_whole(contents, choices.quiet)
    if choices.to_screen:
        if choices.form == "json":
            sys.stdout.write(as_json())
            return
        if choices.form == "csv":
            sys.stdout.write(as_csv())
        elif choices.form == "md":
            sys.stdout.write(as_markdown())
            return
        else:
            from bch_apportion.writing.terminal import console_for, show_stamp

            console = console_for(sys.stdout, not choices.no_color)
            show_stamp(console, choices.stamp)
            answer.screen(console)
    tell_notes(choices, answer.notes)


def _beside(path: Path, text: Callable[[], str], manifest: Manifest | None) -> dict[Path, Callable[[Path], None]]:
    """The file beside a CSV, which carries its manifest."""
    from bch_apportion.writing.carried import beside, beside_csv

    if manifest is None:
        return {}
    return {beside(path): text_writer(lambda: beside_csv(path.name, text(), manifest))}
