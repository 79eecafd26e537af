"""The marked copy that `check` writes as .xlsx, also where the workbook has problems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bch_apportion.cli.running import CANNOT_WRITE, Choices, write_whole

if TYPE_CHECKING:
    from bch_apportion.problems import Problem, Query


def marker(choices: Choices, problems: Sequence[Problem] = (), queries: Sequence[Query] = ()) -> Callable[[Path], None]:
    """What writes a copy of the workbook with these marked, and says on standard error what the copy has lost."""

    def write(path: Path) -> None:
        from bch_apportion.writing.marked import VALUES, CannotCopy, marks_of, write_marked

        laid = choices.beyond(beside=False)
        stamp = f"Not the workbook alone: {laid}" if laid else ""
        try:
            lost = write_marked(choices.workbook, path, marks_of(problems, queries), stamp)
        except CannotCopy as error:
            click.echo(f"Nothing was written: {error}", err=True)
            raise SystemExit(CANNOT_WRITE) from error
        if lost:
            click.echo(f"Not in the marked copy: {'; '.join(lost)}", err=True)
        if any(part.startswith(VALUES) for part in lost):
            click.echo(
                "Open the copy in Excel and save it before it is read again: its formulas have no values.", err=True
            )

    return write


def mark_problems(choices: Choices, problems: Sequence[Problem]) -> None:
    """Write the marked copies asked for, where the workbook has problems.

    A file that was refused as a whole is not opened again. Where no copy can be written that is said, and the problems
    are told all the same: their exit code outranks it.
    """
    copies = [path for path in choices.files if path.suffix.lower() == ".xlsx"]
    if copies and any(problem.sheet for problem in problems):
        with suppress(SystemExit):
            write_whole({path: marker(choices, problems) for path in copies}, choices.quiet)
