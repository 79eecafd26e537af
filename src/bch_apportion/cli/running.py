"""What every command does around its call: read, choose what is shown, write, and end with the right code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from bch_apportion.cli.options import SUFFIXES

if TYPE_CHECKING:
    from datetime import date

    from bch_apportion.problems import Control, InputProblems

INPUT_PROBLEMS, CONTROL_FAILED, THRESHOLD_CROSSED, CANNOT_WRITE = 3, 4, 5, 2


@dataclass(frozen=True, slots=True)
class Choices:
    """The shared options of a command, as given."""

    workbook: Path
    output: tuple[str, ...] = ()
    form: str | None = None
    years: tuple[Any, ...] = ()
    units: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    as_at: date | None = None
    fail_on: tuple[str, ...] = ()
    quiet: bool = False
    no_color: bool = False
    overwrite: bool = False
    money_in: str = "pounds"

    @property
    def files(self) -> list[Path]:
        return [Path(name) for name in self.output if name != "-"]

    @property
    def to_screen(self) -> bool:
        """Whether the result goes to standard output: always but where only files are asked for."""
        return "-" in self.output or self.form is not None or not self.output

    @property
    def stamp(self) -> str:
        """Under what the results stand, in words: nothing where it is the workbook alone."""
        laid = [f"scenario {Path(name).name}" for name in self.scenarios] + [f"set {text}" for text in self.by_hand]
        return "; ".join(laid)

    @property
    def stamp_of_settings(self) -> str:
        """The same where the scenarios stand beside the workbook."""
        return "; ".join(f"set {text}" for text in self.by_hand)

    @property
    def thousands(self) -> bool:
        return self.money_in == "thousands"


def check_outputs(choices: Choices, *others: Path) -> None:
    """Refuse, before any work, an output that could not be written; `others` are read beside the workbook."""
    for name in choices.scenarios:
        if not Path(name).is_file():
            raise click.BadParameter(f"there is no file {name}", param_hint="--scenario")
    others = (*others, *map(Path, choices.scenarios))
    seen: set[Path] = set()
    for path in choices.files:
        check_output(path, SUFFIXES, choices.overwrite, "--output", (choices.workbook, *others))
        taken = {written.resolve() for written in written_for(path)}
        if taken & seen:
            raise click.BadParameter(f"{path} is named twice", param_hint="--output")
        seen |= taken


def written_for(path: Path) -> list[Path]:
    """The files written for an output: a CSV has its manifest beside it."""
    if path.suffix.lower() != ".csv":
        return [path]
    from bch_apportion.writing.carried import beside

    return [path, beside(path)]


def other_files(own: Mapping[str, Any]) -> list[Path]:
    """The files of the other side: those of `compare`, or the workbook of `variance --against`."""
    against = own.get("against")
    named = [Path(name) for name in own.get("files", ())]
    return [*named, Path(against)] if against and Path(against).is_file() else named


def check_output(path: Path, suffixes: Sequence[str], overwrite: bool, named: str, inputs: Sequence[Path] = ()) -> None:
    """Refuse a file that could not be written; `named` is the option or argument it is given by."""
    if path.suffix.lower() not in suffixes:
        which = f"one of {', '.join(suffixes)}" if len(suffixes) > 1 else suffixes[0]
        raise click.BadParameter(f"{path.name}: the suffix says the format, {which}", param_hint=named)
    if not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}", param_hint=named)
    if path.exists() and any(path.samefile(file) for file in inputs):
        raise click.BadParameter(f"{path} is the input, which is never written to", param_hint=named)
    if path.exists() and not path.is_file():
        raise click.BadParameter(f"{path} is no file", param_hint=named)
    if path.exists() and not overwrite:
        raise click.BadParameter(f"{path} exists; add --overwrite to replace it", param_hint=named)
    for further in written_for(path)[1:]:
        check_output(further, (further.suffix,), overwrite, named, inputs)


ASKED_AGAIN = "asked again"  # the object of the context in which `verify` runs a command once more


def asked_again() -> bool:
    """Whether `verify` runs the command, and minds itself what there is to tell."""
    return bool(click.get_current_context().obj == ASKED_AGAIN)


@contextmanager
def told(choices: Choices, judges: bool = False) -> Iterator[None]:
    """Tell what the input's problems or a failed control are, and end with their exit code."""
    from bch_apportion.problems import ControlsFailed, InputProblems

    try:
        yield
    except InputProblems as problems:
        if asked_again():
            raise
        tell_problems(choices, problems, to_result=judges)
        raise SystemExit(INPUT_PROBLEMS) from problems
    except ControlsFailed as failed:
        if asked_again():
            raise
        if choices.form == "json":
            from bch_apportion.answers import Controls

            emit_json(failed.answer or Controls(input=failed.source, controls=failed.controls))
        else:
            tell_controls(failed.controls, failed.source)
        raise SystemExit(CONTROL_FAILED) from failed


def tell_controls(controls: Sequence[Control], source: str) -> None:
    """Which controls failed, and by how much."""
    click.echo(f"A control failed in {source}; no figures were written.", err=True)
    for control in controls:
        if not control.passed:
            click.echo(f"  {control.control}: {control.detail}", err=True)


def tell_problems(choices: Choices, problems: InputProblems, to_result: bool) -> None:
    """Every problem: as JSON on standard output, else in words (on standard output where they are the result)."""
    if choices.form == "json":
        from bch_apportion.answers import problems_answer

        emit_json(problems_answer(problems.problems))
        return
    from bch_apportion.writing.terminal import console_for, show_problems

    stream = sys.stdout if to_result else sys.stderr
    show_problems(console_for(stream, not choices.no_color), problems.problems, problems.source)
    tell_notes(choices, problems.notes)


def emit_json(answer: Any) -> None:
    from bch_apportion.writing.documents import to_text

    sys.stdout.write(to_text(answer))


def write_whole(contents: Mapping[Path, Callable[[Path], None]], quiet: bool) -> None:
    """Write all these files, or none; say which, or why none, and end where none could be."""
    from bch_apportion.writing.files import TooLong, write_files

    try:
        write_files(contents)
    except OSError as error:
        where = Path(error.filename).parent if error.filename else next(iter(contents)).parent
        click.echo(f"Nothing was written: {error.strerror or error} ({where})", err=True)
        raise SystemExit(CANNOT_WRITE) from error
    except TooLong as error:
        click.echo(f"Nothing was written: {error}", err=True)
        raise SystemExit(CANNOT_WRITE) from error
    if not quiet:
        for path in contents:
            click.echo(f"Written: {path}", err=True)


def tell_notes(choices: Choices, notes: Sequence[str]) -> None:
    """What is worth knowing that is no figure, on standard error."""
    if choices.quiet or not notes:
        return
    from bch_apportion.writing.terminal import console_for, show_notes

    sys.stdout.flush()
    show_notes(console_for(sys.stderr, not choices.no_color), notes)


def text_writer(write: Callable[[TextIO], None]) -> Callable[[Path], None]:
    """A writer of a text file in UTF-8."""

    def to_file(path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="\n") as out:
            write(out)

    return to_file
