"""How every command hands over its answer: to files by their suffix, to standard output, to the screen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bch_apportion.cli.running import Choices, tell_notes, text_writer, write_all
from bch_apportion.progress import progress

if TYPE_CHECKING:
    from rich.console import Console

    from bch_apportion.reports.explanation import Page
    from bch_apportion.reports.report import Cover, Report


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in every form it may be asked for; each is made only when it is."""

    document: Callable[[], dict[str, Any]]
    csv: Callable[[], str]
    cover: Callable[[], Cover]
    reports: Callable[[], Sequence[Report]]  # of the workbook
    screen: Callable[[Console], None]
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

    def as_csv() -> str:
        if not choices.stamp:
            return answer.csv()
        from bch_apportion.writing.tidy_csv import stamped

        return stamped(answer.csv(), choices.stamp)

    def as_json() -> str:
        from bch_apportion.writing.documents import to_text

        with progress(not choices.quiet, "writing") as step:
            return to_text(answer.document(), step)

    def as_workbook(path: Path) -> None:
        from bch_apportion.reports.report import notes_of
        from bch_apportion.writing.excel import write

        with progress(not choices.quiet, "writing") as step:
            write(path, (answer.front or answer.cover)(), [*answer.reports(), notes_of(answer.notes)], step)

    def as_markdown() -> str:
        from bch_apportion.writing.markdown import document

        return document(answer.cover(), (answer.paper or answer.reports)(), answer.notes, choices.thousands)

    def as_page() -> str:
        from bch_apportion.writing.page import document

        return document(answer.cover(), (answer.page or answer.reports)(), answer.notes, choices.thousands)

    texts = {".json": as_json, ".csv": as_csv, ".md": as_markdown, ".html": as_page}
    write_all(choices, {".xlsx": as_workbook, **{suffix: text_writer(text) for suffix, text in texts.items()}})
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
