"""An answer in every form; each is made when it is written.

Every form but that of the screen carries its manifest (writing/manifest.py), so that `verify` can make it again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TextIO, TypeVar

from bch_apportion.cli.manifests import manifests
from bch_apportion.cli.marking import marker
from bch_apportion.cli.options import COMMON_TABLES
from bch_apportion.cli.running import Choices
from bch_apportion.questions.asking import Shown
from bch_apportion.questions.first_page import IN_THOUSANDS
from bch_apportion.questions.queries_page import answered_table, back_sheets, counted, front, front_sheets
from bch_apportion.writing import calling, carried, tidy_csv
from bch_apportion.writing.manifest import Manifest
from bch_apportion.writing.report import Group, Page, Report, columns

Part = TypeVar("Part", bound=Report | Page)


class Forms:
    """An answer as a command was asked for it."""

    def __init__(self, choices: Choices, shown: Shown) -> None:
        self.choices, self.shown = choices, shown
        self.manifest = shown.manifest or manifests(shown.inputs)
        self.paper = shown.paper or shown.first

    def files(self, path: Path) -> dict[Path, Callable[[Path], None]]:
        """What writes an output: a file, and what stands beside it."""
        suffix = path.suffix.lower()
        if suffix == ".xlsx":
            return {path: marker(self.choices, queries=self.shown.queries) if self.shown.marked else self.workbook}
        texts = {".json": self.json, ".csv": self.csv, ".md": self.markdown, ".html": self.page}
        writers: dict[Path, Callable[[Path], None]] = {path: partial(_write_text, texts[suffix])}
        if suffix == ".csv" and (manifest := self.manifest(suffix)):
            writers[carried.beside(path)] = partial(_write_text, partial(self.metadata, path.name, manifest))
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
            names = ", ".join((*self.shown.tables, *COMMON_TABLES))
            show_more(console, f"More: --show {names} · --full · -o result.xlsx, .html, .md")

    def tell_queries(self) -> None:
        """The unanswered queries on standard error, where what is written may be read without them."""
        if queries := front(self.shown.queries):
            from bch_apportion.writing.terminal import console_for, show

            sys.stdout.flush()
            show(console_for(sys.stderr, not self.choices.no_color), queries, self.choices.thousands)

    def json(self, out: TextIO) -> None:
        with self.choices.progress("writing") as step:
            carried.write_json(self.shown.result(), self.manifest(".json"), out, step)

    def csv(self, out: TextIO) -> None:
        tidy_csv.write(self.csv_rows(), out)

    def metadata(self, name: str, manifest: Manifest, out: TextIO) -> None:
        """What stands beside a CSV of this name."""
        out.write(carried.beside_csv(name, self.csv_rows(), manifest))

    def csv_rows(self) -> Iterable[list[str]]:
        return tidy_csv.rows(self.shown.answer().table(), self.choices.stamp(self.shown.beside))

    def markdown(self, out: TextIO) -> None:
        from bch_apportion.writing.markdown import document

        parts = [self.first_page(self.paper)] if self.shown.paper and not self.choices.show else self.screen()
        text = document(parts, self.choices.thousands, self.shown.cover().stamp)
        manifest = self.manifest(".md")
        out.write(text if manifest is None else carried.in_markdown(text, manifest))

    def page(self, out: TextIO) -> None:
        from bch_apportion.writing.page import document

        groups = [group._replace(parts=self.called(group.parts)) for group in self.groups()]
        text = document(self.shown.cover(), self.first_page(self.paper), groups, self.choices.thousands)
        manifest = self.manifest(".html")
        out.write(text if manifest is None else carried.in_page(text, manifest))

    def workbook(self, path: Path) -> None:
        from bch_apportion.writing.excel import write

        queries = self.shown.queries
        first, cover = self.shown.front() if self.shown.front else (self.paper(), self.shown.cover())
        sheets = self.called([*front_sheets(queries), *self.shown.sheets(), *back_sheets(queries)])
        with self.choices.progress("writing") as step:
            write(path, cover, self.led(first), sheets, self.shown.notes, step, self.manifest(".xlsx"))

    def screen(self) -> Sequence[Report | Page]:
        tables = {**self.shown.tables, "queries": self.queries, "notes": self.notes}
        wanted = tables if self.choices.full else self.choices.show or self.shown.wanted
        behind = self.called(
            part for name in wanted for part in tables[name]() or [Page(f"{name.capitalize()}: none", ())]
        )
        return behind if self.choices.show and not self.choices.full else [self.first_page(self.shown.first), *behind]

    def queries(self) -> list[Report | Page]:
        return [*front(self.shown.queries), *answered_table(self.shown.queries)]

    def notes(self) -> list[Page]:
        return [Page("Notes", tuple(self.shown.notes))] if self.shown.notes else []

    def groups(self) -> Iterator[Group]:
        """What stands below the first page: the queries, the notes, the tables, what all was worked out from."""
        if queries := [*front_sheets(self.shown.queries), *answered_table(self.shown.queries)]:
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

    def first_page(self, make: Callable[[], Page]) -> Page:
        """The first page that a function makes, its money in thousands where it is asked for in them."""
        before = IN_THOUSANDS.set(self.choices.thousands)
        try:
            return self.led(make())
        finally:
            IN_THOUSANDS.reset(before)

    def led(self, page: Page) -> Page:
        """A first page with the unanswered queries counted under its title."""
        (own,) = self.called([page])
        return replace(own, lead=counted(self.shown.queries)) if self.shown.inputs else own

    def called(self, parts: Iterable[Part]) -> list[Part]:
        """The same with the word in the place of forces that the workbook has for them."""
        inputs = self.shown.inputs[0] if self.shown.inputs else None
        if inputs is None or inputs.settings.members_called == "forces":
            return list(parts)
        units = [name for unit in inputs.units for name in (unit.code, unit.name)]
        forces = [name for force in inputs.forces for name in (force.code, force.name)]
        return calling.called(parts, calling.calls(inputs.settings.members_called, [*units, *forces, *inputs.demand]))


def _write_text(write: Callable[[TextIO], None], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        write(out)
