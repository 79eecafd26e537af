"""How every command hands over its answer: to files by their suffix, to standard output, to the screen.

Every answer but that of the screen carries its manifest (writing/manifest.py), so that `verify` can make it again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

from bch_apportion.cli.manifests import manifests
from bch_apportion.cli.marking import marker
from bch_apportion.cli.options import COMMON_TABLES
from bch_apportion.cli.running import Choices, tell_notes, write_whole

if TYPE_CHECKING:
    from bch_apportion.questions.asking import Shown
    from bch_apportion.writing.report import Group, Page, Report


def deliver(choices: Choices, shown: Shown) -> None:
    """Write the files asked for, whole or none, then what goes to standard output, then the notes."""
    forms = _Forms(choices, shown)
    contents: dict[Path, Callable[[Path], None]] = {}
    for path in choices.files:
        contents |= forms.files(path)
    if contents:
        write_whole(contents, choices.quiet)
    if not choices.to_screen:
        if not choices.quiet:
            forms.tell_queries()
        tell_notes(choices, shown.notes)
        return
    forms.to_standard_output()
    if choices.form == "csv":
        forms.tell_queries()
        tell_notes(choices, shown.notes)  # the other forms hold them, or name --show notes


Part = TypeVar("Part", bound="Report | Page")


class _Forms:
    """An answer in every form; each is made when it is written."""

    def __init__(self, choices: Choices, shown: Shown) -> None:
        self.choices, self.shown = choices, shown
        self.manifest = shown.manifest or manifests(shown.inputs)
        self.stamp = choices.stamp(shown.beside)

    def screen(self) -> Sequence[Report | Page]:
        tables = {**self.shown.tables, "queries": self.all_queries, "notes": self.notes}
        wanted = tables if self.choices.full else self.choices.show or self.shown.wanted
        behind = self.called(part for name in wanted for part in tables[name]() or [_none(name)])
        return behind if self.choices.show and not self.choices.full else [self.first_page(self.shown.first), *behind]

    def called(self, parts: Iterable[Part]) -> list[Part]:
        """The same with the word in the place of forces that the workbook has for them."""
        inputs = self.shown.inputs[0] if self.shown.inputs else None
        if inputs is None or inputs.settings.members_called == "forces":
            return list(parts)
        from bch_apportion.writing.calling import called, calls

        names = [name for unit in inputs.units for name in (unit.code, unit.name)]
        names += [name for force in inputs.forces for name in (force.code, force.name)]
        return called(parts, calls(inputs.settings.members_called, [*names, *inputs.demand]))

    def first_page(self, make: Callable[[], Page] | None) -> Page:
        """The first page that a function makes; of the sheets where there is none."""
        from bch_apportion.questions.first_page import IN_THOUSANDS
        from bch_apportion.writing.report import Page

        if make is not None:
            before = IN_THOUSANDS.set(self.choices.thousands)
            try:
                return self.led(make())
            finally:
                IN_THOUSANDS.reset(before)
        title = self.shown.cover().title
        tables = (replace(sheet, title="") if sheet.title == title else sheet for sheet in self.shown.sheets())
        return self.led(Page(title, tuple(tables)))

    def led(self, page: Page) -> Page:
        """A first page with the unanswered queries counted under its title."""
        from bch_apportion.questions.queries_page import counted

        (own,) = self.called([page])
        return replace(own, lead=counted(self.shown.queries)) if self.shown.inputs else own

    def all_queries(self) -> Sequence[Report | Page]:
        return [*self.queries(), *self.answered()]

    def notes(self) -> Sequence[Page]:
        from bch_apportion.writing.report import Page

        return [Page("Notes", tuple(self.shown.notes))] if self.shown.notes else []

    def more(self) -> str:
        """How to see more than the first page."""
        names = ", ".join((*self.shown.tables, *COMMON_TABLES))
        return f"More: --show {names} · --full · -o result.xlsx, .html, .md"

    def files(self, path: Path) -> dict[Path, Callable[[Path], None]]:
        """What writes an output: a file, and what stands beside it."""
        suffix = path.suffix.lower()
        if suffix == ".xlsx":
            return {path: marker(self.choices, queries=self.shown.queries) if self.shown.marked else self.workbook}
        texts: dict[str, Callable[[TextIO], None]] = {
            ".json": self.json,
            ".csv": self.csv,
            ".md": self.markdown,
            ".html": self.page,
        }
        writers: dict[Path, Callable[[Path], None]] = {path: partial(_write_text, texts[suffix])}
        manifest = self.manifest(suffix)
        if suffix == ".csv" and manifest is not None:
            from bch_apportion.writing.carried import beside, beside_csv

            def metadata(out: TextIO) -> None:
                out.write(beside_csv(path.name, self.csv_rows(), manifest))

            writers[beside(path)] = partial(_write_text, metadata)
        return writers

    def to_standard_output(self) -> None:
        forms = {"json": self.json, "csv": self.csv, "md": self.markdown}
        if self.choices.form in forms:
            forms[self.choices.form](sys.stdout)
            return
        from bch_apportion.writing.terminal import console_for, show, show_more, show_stamp

        console = console_for(sys.stdout, not self.choices.no_color)
        show_stamp(console, self.choices.beyond(self.shown.beside))
        show(console, self.screen(), self.choices.thousands)
        if not (self.choices.full or self.choices.show):
            show_more(console, self.more())

    def tell_queries(self) -> None:
        """The unanswered queries on standard error, where what is written may be read without them."""
        if self.queries():
            from bch_apportion.writing.terminal import console_for, show

            sys.stdout.flush()
            show(console_for(sys.stderr, not self.choices.no_color), self.queries(), self.choices.thousands)

    def queries(self) -> Sequence[Page]:
        """The unanswered queries, which stand in front."""
        if not self.shown.queries:
            return ()
        from bch_apportion.questions.queries_page import front

        return front(self.shown.queries)

    def json(self, out: TextIO) -> None:
        from bch_apportion.writing.carried import write_json

        with self.choices.progress("writing") as step:
            write_json(self.shown.result(), self.manifest(".json"), out, step)

    def answered(self) -> Sequence[Report]:
        """The queries that somebody has answered, which stand at the end."""
        if not self.shown.queries:
            return ()
        from bch_apportion.questions.queries_page import answered_table

        return answered_table(self.shown.queries)

    def csv_rows(self) -> Iterable[list[str]]:
        from bch_apportion.writing.tidy_csv import rows

        return rows(self.shown.answer().table(), self.stamp)

    def csv(self, out: TextIO) -> None:
        from bch_apportion.writing.tidy_csv import write

        write(self.csv_rows(), out)

    def workbook(self, path: Path) -> None:
        from bch_apportion.questions.queries_page import back_sheets, front_sheets
        from bch_apportion.writing.excel import write

        queries = self.shown.queries
        make = self.shown.paper or self.shown.first
        first, cover = self.shown.front() if self.shown.front else (make and make(), None)
        sheets = self.called([*front_sheets(queries), *self.shown.sheets(), *back_sheets(queries)])
        with self.choices.progress("writing") as step:
            write(
                path,
                cover or self.shown.cover(),
                sheets,
                self.shown.notes,
                step,
                self.manifest(".xlsx"),
                first and self.led(first),
            )

    def markdown(self, out: TextIO) -> None:
        from bch_apportion.writing.carried import in_markdown
        from bch_apportion.writing.markdown import document

        parts = self.screen() if self.choices.show or self.shown.paper is None else [self.first_page(self.shown.paper)]
        text = document(parts, self.choices.thousands, self.shown.cover().stamp)
        manifest = self.manifest(".md")
        out.write(text if manifest is None else in_markdown(text, manifest))

    def page(self, out: TextIO) -> None:
        from bch_apportion.writing.carried import in_page
        from bch_apportion.writing.page import document

        first = None if self.shown.first is None else self.first_page(self.shown.paper or self.shown.first)
        groups = [group._replace(parts=self.called(group.parts)) for group in self.groups()]
        text = document(self.shown.cover(), groups, first, self.choices.thousands)
        manifest = self.manifest(".html")
        out.write(text if manifest is None else in_page(text, manifest))

    def groups(self) -> Iterator[Group]:
        """What stands below the first page: the queries, the notes, the tables, what all was worked out from."""
        from bch_apportion.questions.queries_page import front_sheets
        from bch_apportion.writing.report import Group, Report, columns

        queries = [*front_sheets(self.shown.queries), *self.answered()]
        if queries:
            yield Group("Queries", queries)
        if self.shown.notes:
            yield Group("Notes", self.notes())
        if self.shown.page is None:
            yield from (Group(report.name, [report]) for report in self.shown.sheets())
        else:
            yield from self.shown.page()
        heads = columns("item", ("text", "wide"))
        title = "What this page was worked out from"
        yield Group("Worked out from", [Report("Worked out from", title, heads, self.shown.cover().rows)])


def _none(name: str) -> Page:
    from bch_apportion.writing.report import Page

    return Page(f"{name.capitalize()}: none", ())


def _write_text(write: Callable[[TextIO], None], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        write(out)
