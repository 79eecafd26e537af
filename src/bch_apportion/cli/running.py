"""What every command does around its call: read, choose what is shown, write, and end with the right code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from bch_apportion.cli.progress import progress
from bch_apportion.questions.asking import SUFFIXES, Asked, Usage

if TYPE_CHECKING:
    from bch_apportion.problems import ControlsFailed, InputProblems

EXIT_CODES = {
    0: "done, every control passed",
    1: "a fault in the program",
    2: "usage",
    3: "the input has problems; they are listed; nothing was written",
    4: "a control failed; nothing was written",
    5: "a threshold given with --fail-on was crossed; the results were written",
    6: "verify found a difference",
}
INPUT_PROBLEMS, CONTROL_FAILED, THRESHOLD_CROSSED, CANNOT_WRITE = 3, 4, 5, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices(Asked):
    """What a command is asked, with the options that say where its answer goes and how it looks."""

    output: tuple[str, ...] = ()
    form: str | None = None
    fail_on: tuple[str, ...] = ()
    quiet: bool = False
    no_color: bool = False
    overwrite: bool = False
    money_in: str = "pounds"
    show: tuple[str, ...] = ()
    full: bool = False

    def progress(self, label: str, steps: int = 0) -> AbstractContextManager[Callable[..., None]]:
        return progress(not (self.quiet or self.no_color), label, steps)

    @property
    def files(self) -> list[Path]:
        return [Path(name) for name in self.output if name != "-"]

    @property
    def to_screen(self) -> bool:
        """Whether the result goes to standard output: always but where only files are asked for."""
        return "-" in self.output or self.form is not None or not self.output

    def stamp(self, beside: bool) -> str:
        """Under what the results stand, in words; scenarios `beside` the workbook's own figures do not count."""
        scenarios = [] if beside else [f"scenario {Path(name).name}" for name in self.scenarios]
        return "; ".join([*scenarios, *(f"set {text}" for text in self.by_hand)])

    def beyond(self, beside: bool) -> str:
        """The same after the workbooks that are joined: what is not the workbook alone."""
        joined = (f"with {Path(name).name}" for name in self.joined)
        return "; ".join(filter(None, (*joined, self.stamp(beside))))

    @property
    def thousands(self) -> bool:
        return self.money_in == "thousands"


def check_outputs(choices: Choices, *others: Path, suffixes: Sequence[str] = SUFFIXES) -> None:
    """Refuse, before any work, an output that could not be written; `others` are read beside the workbook."""
    if choices.form in ("json", "csv") and f".{choices.form}" not in suffixes:
        raise click.UsageError(f"it has no {choices.form.upper()}: the commands that its sections name have")
    for option, names in (("--with", choices.joined), ("--scenario", choices.scenarios)):
        for name in names:
            if not Path(name).is_file():
                raise click.BadParameter(f"there is no file {name}", param_hint=option)
    others = (*others, *map(Path, (*choices.joined, *choices.scenarios)))
    seen: set[Path] = set()
    for path in choices.files:
        check_output(path, suffixes, choices.overwrite, "--output", (choices.workbook, *others))
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


ASKED_AGAIN = "asked again"  # the object of the context in which `verify` runs a command: it says itself what failed


@contextmanager
def told(choices: Choices, judges: bool = False) -> Iterator[None]:
    """Says what is wrong with what was asked, the input or a control, and ends with the exit code of that."""
    from bch_apportion.problems import ControlsFailed, InputProblems

    try:
        yield
    except Usage as error:
        if error.option:
            raise click.BadParameter(str(error), param_hint=error.option) from error
        raise click.UsageError(str(error)) from error
    except (InputProblems, ControlsFailed) as failure:
        if click.get_current_context().obj == ASKED_AGAIN:
            raise
        if isinstance(failure, ControlsFailed):
            _tell_controls(choices, failure)
            raise SystemExit(CONTROL_FAILED) from failure
        _tell_problems(choices, failure, sys.stdout if judges else sys.stderr)
        raise SystemExit(INPUT_PROBLEMS) from failure


def _tell_controls(choices: Choices, failed: ControlsFailed) -> None:
    if choices.form == "json":
        from bch_apportion.questions.unanswered import Controls
        from bch_apportion.writing.documents import to_text

        sys.stdout.write(to_text(failed.answer or Controls(input=failed.source, controls=failed.controls)))
        return
    from bch_apportion.problems import AGREE
    from bch_apportion.questions.queries_page import front_blocks

    click.echo(f"A control failed in {failed.source}; no figures were written.", err=True)
    for control in failed.controls:
        if not control.passed:
            click.echo(f"  {control.control}: {control.detail}", err=True)
            if control.control == AGREE:
                why = "" if failed.answer else "; `bch-apportion check` lists the queries that may say why"
                click.echo(f"  → correct the budget lines or the control total{why}", err=True)
    for block in front_blocks(failed.queries):
        click.echo(block, err=True)


def _tell_problems(choices: Choices, problems: InputProblems, stream: TextIO) -> None:
    if choices.form == "json":
        from bch_apportion.questions.unanswered import problems_answer
        from bch_apportion.writing.documents import to_text

        sys.stdout.write(to_text(problems_answer(problems.problems)))
        return
    from bch_apportion.writing.terminal import console_for, show_problems

    show_problems(console_for(stream, not choices.no_color), problems.problems, problems.source)
    tell_notes(choices, problems.notes)


def write_whole(contents: Mapping[Path, Callable[[Path], None]], quiet: bool) -> None:
    """Write all these files, or none; say which, or why none, and end where none could be."""
    from bch_apportion.writing.files import TooLong, write_files

    try:
        write_files(contents)
    except (OSError, TooLong) as error:
        why = str(error)
        if isinstance(error, OSError):
            target = Path(error.filename) if error.filename else next(iter(contents))
            why = f"{error.strerror or error} ({target.parent})"
        click.echo(f"Nothing was written: {why}", err=True)
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
