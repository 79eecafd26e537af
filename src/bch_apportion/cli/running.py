"""What every command does around its one call: read, choose what is shown, write, and end with the right code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bch_apportion.cli.options import SUFFIXES
from bch_apportion.cli.progress import progress

if TYPE_CHECKING:
    from datetime import date

    from bch_apportion.ledger import Ledger
    from bch_apportion.model import Inputs
    from bch_apportion.problems import Control

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
        taken = {one.resolve() for one in written_for(path)}
        if taken & seen:
            raise click.BadParameter(f"{path} is named twice", param_hint="--output")
        seen |= taken


def written_for(path: Path) -> list[Path]:
    """The files that one output comes to: a CSV has its manifest beside it."""
    if path.suffix.lower() != ".csv":
        return [path]
    from bch_apportion.writing.carried import beside

    return [path, beside(path)]


def check_output(path: Path, suffixes: Sequence[str], overwrite: bool, named: str, inputs: Sequence[Path] = ()) -> None:
    """Refuse a file that could not be written; `named` is the option or argument it is given by."""
    if path.suffix.lower() not in suffixes:
        which = f"one of {', '.join(suffixes)}" if len(suffixes) > 1 else suffixes[0]
        raise click.BadParameter(f"{path.name}: the suffix says the format, {which}", param_hint=named)
    if not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}", param_hint=named)
    if path.exists() and any(path.samefile(one) for one in inputs):
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
def told(choices: Choices) -> Iterator[None]:
    """Tell what the input's problems or a failed control are, and end with their exit code."""
    from bch_apportion.problems import ControlsFailed, InputProblems

    try:
        yield
    except InputProblems as found:
        if asked_again():
            raise
        tell_problems(choices, found, to_result=False)
        raise SystemExit(INPUT_PROBLEMS) from found
    except ControlsFailed as found:
        if asked_again():
            raise
        from bch_apportion.questions.documents import failed_controls

        if choices.form == "json":
            emit_json(failed_controls(found.source, found.controls))
        else:
            tell_controls(found.controls, found.source)
        raise SystemExit(CONTROL_FAILED) from found


def tell_controls(controls: Sequence[Control], source: str) -> None:
    """Which controls failed, and by how much."""
    click.echo(f"A control failed in {source}; no figures were written.", err=True)
    for one in controls:
        if not one.passed:
            click.echo(f"  {one.control}: {one.detail}", err=True)


def tell_problems(choices: Choices, found: Any, to_result: bool) -> None:
    """Every problem: as JSON on standard output, else in words (on standard output where they are the result)."""
    if choices.form == "json":
        from bch_apportion.questions.documents import problems

        emit_json(problems(found.problems))
        return
    from bch_apportion.writing.terminal import console_for, show_problems

    stream = sys.stdout if to_result else sys.stderr
    show_problems(console_for(stream, not choices.no_color), found.problems, found.source)
    tell_notes(choices, found.notes)


def read(choices: Choices, like: Inputs | None = None, further: Sequence[str] = ()) -> Inputs:
    """The workbook with its scenarios (and `further` ones) and what is set by hand."""
    scenarios = (*choices.scenarios, *further)
    return read_from(choices.workbook, like, scenarios, choices.by_hand, choices.quiet)


def read_from(
    path: Path,
    like: Inputs | None = None,
    scenarios: Sequence[str] = (),
    by_hand: Sequence[str] = (),
    quiet: bool = False,
) -> Inputs:
    from bch_apportion.door import read_workbook
    from bch_apportion.reading.scenarios import BadSetting

    try:
        with progress(not quiet, "reading") as step:
            return read_workbook(path, like, scenarios, by_hand, step)
    except OSError as error:
        raise click.UsageError(f"{error.filename or path}: {error.strerror or error}") from error
    except BadSetting as error:
        raise click.BadParameter(str(error), param_hint="--set") from error


def read_both(choices: Choices, other: Path, scenarios_too: bool = False) -> tuple[Inputs, Inputs | None]:
    """The workbook and, where `other` is one, the workbook it is compared with; the problems of both together."""
    from bch_apportion.problems import InputProblems

    both = (choices.scenarios, choices.by_hand) if scenarios_too else ((), ())
    if not other.is_file():
        return read(choices), None
    problems, notes, source = [], [], choices.workbook.name
    try:
        inputs = read(choices)
    except InputProblems as found:
        problems, notes, inputs = list(found.problems), list(found.notes), None
    try:
        other_inputs = read_from(other, inputs, *both, choices.quiet)
    except InputProblems as found:
        source = f"{source} and {other.name}" if problems else other.name
        problems += [one._replace(message=f"in {other.name}: {one.message}") for one in found.problems]
        notes += [f"{other.name}: {note}" for note in found.notes]
    if problems or inputs is None:
        raise InputProblems(problems, source, notes)
    return inputs, other_inputs


def narrow(ledger: Ledger, choices: Choices) -> Ledger:
    """The units and years asked for; a unit or year that the budgets do not have is a usage error."""
    units = [find_unit(ledger, name) for name in choices.units]
    for unit in units:
        if not ledger.only(units=[unit]).results:
            raise click.BadParameter(f"{unit} has no budgets", param_hint="--unit")
    years = years_of(ledger.years(), choices)
    shown = ledger.only(units, years)
    if not shown.results and ledger.results:
        raise click.UsageError(f"{', '.join(units)}: no budgets in {', '.join(map(str, years))}")
    return shown


def narrow_to(ledger: Ledger, whole: Ledger, choices: Choices) -> Ledger:
    """The units and years asked for, of a ledger that may hold fewer of them than the `whole` one."""
    units = [find_unit(whole, name) for name in choices.units]
    known = sorted({*whole.years(), *ledger.years()})
    return ledger.only(units, years_of(known, choices))


def years_of(known: Sequence[Any], choices: Choices) -> list[Any]:
    """The years asked for, of those that are known; a year or range without any is a usage error."""
    years: dict[Any, None] = {}
    for span in choices.years:
        present = [year for year in span if year in known]
        if not present:
            asked = str(span[0]) if len(span) == 1 else f"{span[0]}..{span[-1]}"
            listed = ", ".join(map(str, known))
            raise click.BadParameter(f"{asked} has no budgets; the years are {listed}", param_hint="--year")
        years |= dict.fromkeys(present)
    return list(years)


def find_unit(ledger: Ledger, name: str) -> str:
    return find_unit_of(ledger.inputs, name)


def find_unit_of(inputs: Inputs, name: str) -> str:
    """The code of a unit by its code or name, whatever its case."""
    from bch_apportion.model import name_key
    from bch_apportion.reading.values import did_you_mean

    for unit in inputs.units:
        if name_key(name) in (name_key(unit.code), name_key(unit.name)):
            return unit.code
    codes = [unit.code for unit in inputs.units]
    raise click.BadParameter(f"there is no unit “{name}”{did_you_mean(name, codes)}", param_hint="--unit")


def find_force(ledger: Ledger, name: str) -> str:
    return find_force_of(ledger.inputs, name)


def find_force_of(inputs: Inputs, name: str, option: str = "--force") -> str:
    """The code of a force by its code, name or alias, whatever its case."""
    from bch_apportion.model import name_key
    from bch_apportion.reading.values import did_you_mean

    for force in inputs.forces:
        if name_key(name) in map(name_key, (force.code, force.name, *force.aliases)):
            return force.code
    codes = list(inputs.force_codes())
    raise click.BadParameter(f"there is no force “{name}”{did_you_mean(name, codes)}", param_hint=option)


def emit_json(document: dict[str, Any]) -> None:
    from bch_apportion.writing.documents import to_text

    sys.stdout.write(to_text(document))


def write_whole(contents: Mapping[Path, Callable[[Path], None]], quiet: bool) -> None:
    """Write all these files, or none; say which, or why none, and end where none could be."""
    from bch_apportion.writing.excel import TooLong
    from bch_apportion.writing.files import write_files

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


def text_writer(text: Callable[[], str]) -> Callable[[Path], None]:
    """A writer of a text file in UTF-8."""

    def write(path: Path) -> None:
        path.write_bytes(text().encode("utf-8"))

    return write
