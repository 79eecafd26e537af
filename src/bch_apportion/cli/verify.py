"""The command that holds a published result against its inputs: verify."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from bch_apportion import __version__
from bch_apportion.cli.delivery import deliver
from bch_apportion.cli.manifests import typed_again
from bch_apportion.cli.options import findings, workbook
from bch_apportion.cli.progress import progress
from bch_apportion.cli.running import ASKED_AGAIN, Choices, check_outputs, told

if TYPE_CHECKING:
    from bch_apportion.verify.comparison import ChangedFile, Published, Verification
    from bch_apportion.writing.input_cells import ChangedCell
    from bch_apportion.writing.manifest import Manifest

DIFFERS = 6
LONGEST_NAME = 255  # bytes of a file's name


@click.command(short_help="Does a published result still follow from its inputs.")
@click.argument("result", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@workbook
@click.argument("others", nargs=-1, metavar="[OTHER]", type=click.Path(exists=True, dir_okay=False))
@findings
def verify(result: Path, others: tuple[str, ...], **given: Any) -> None:
    """Does a published result still follow from its inputs; if not: input, program or somebody's hand, cell by cell.

    The result is worked out again as its manifest says, and held against what was published. OTHER is the workbook it
    was compared with, where it was. Its scenarios are in it; --scenario gives one as it is now. Exit code 6 where
    anything differs.

    \b
    Examples:
      bch-apportion compute examples/alliance.xlsx -o result.xlsx
      bch-apportion verify result.xlsx examples/alliance.xlsx
      bch-apportion verify result.xlsx examples/alliance.xlsx --json
    """
    choices = Choices(**given)
    check_outputs(choices, result, *map(Path, others))
    try:
        found = _verified(result, choices, [*map(Path, others), *map(Path, choices.scenarios)])
    except NoAnswer as none:
        try:
            with told(choices):
                raise none.cause
        finally:
            none.show(choices)
    from bch_apportion.questions.asking import Shown
    from bch_apportion.verify import page as reports
    from bch_apportion.verify.comparison import answer

    deliver(
        choices,
        Shown(
            answer=lambda: answer(found),
            cover=lambda: reports.cover(found),
            sheets=lambda: reports.everything(found),
            screen=lambda: reports.screen(found),
            paper=lambda: reports.everything(found),
            inputs=(),
            notes=found.notes,
        ),
    )
    if not found.follows:
        raise SystemExit(DIFFERS)


class NoAnswer(Exception):
    """The input has problems now, or a control fails: what can be said of it and of the result all the same."""

    def __init__(self, cause: Exception, changed: Sequence[ChangedFile], published: Published) -> None:
        super().__init__(str(cause))
        self.cause, self.changed, self.published = cause, changed, published

    def show(self, choices: Choices) -> None:
        """The cells that have changed and the lines that somebody edited, on standard error; nothing beside JSON."""
        if choices.form == "json" or choices.quiet:
            return
        from bch_apportion.verify.comparison import not_as_sealed
        from bch_apportion.verify.page import changed_cells_of, lines_edited
        from bch_apportion.writing.terminal import console_for, show

        console = console_for(sys.stderr, not choices.no_color)
        console.print()
        edited = lines_edited(self.published.name, not_as_sealed(self.published))
        show(console, [changed_cells_of(self.changed), edited], False)


def _verified(result: Path, choices: Choices, further: Sequence[Path]) -> Verification:
    import tempfile  # here, since every other command would pay for it

    from bch_apportion.verify.published import NoManifest, read_published
    from bch_apportion.writing.manifest import Damaged

    try:
        published = read_published(result)
    except NoManifest as error:
        raise click.UsageError(f"{error}. RESULT is what the program wrote, then comes the workbook.") from error
    except Damaged as error:
        click.echo(
            f"{result.name} was edited: its manifest cannot be read, so nothing of it can be verified.", err=True
        )
        raise SystemExit(DIFFERS) from error
    with tempfile.TemporaryDirectory(prefix="bch-apportion-") as name:
        folder = Path(name)
        try:
            files = _placed(published.manifest, choices.workbook, further, folder)
            return _held_against(published, files, folder / f"result{result.suffix.lower()}", choices)
        except Damaged as error:
            click.echo(f"{result.name} was edited: its manifest asks for what no command does.", err=True)
            raise SystemExit(DIFFERS) from error


class Placed(NamedTuple):
    """A file under the name that it had, in a folder of its own, and the file it is."""

    path: Path
    real: Path
    carried: bool = False  # nobody gave it: it is as the manifest carries it


def _placed(manifest: Manifest, book: Path, further: Sequence[Path], folder: Path) -> list[Placed]:
    """The files of a result, in the order of its manifest.

    A scenario that is not given is as the manifest carries it; another workbook must be given.
    """
    from bch_apportion.writing.manifest import Damaged

    given = list(further)
    files: list[Placed] = []
    for place, file in enumerate(manifest.files):
        if Path(file.name).name != file.name or file.name in ("", ".", "..") or "\0" in file.name:
            raise Damaged
        if len(file.name.encode("utf-8", "replace")) > LONGEST_NAME:
            raise Damaged
        target = folder / str(place) / file.name
        target.parent.mkdir()
        source = book if place == 0 else _source(file.name, given)
        if source is not None:
            _copy(source, target)
            given = [one for one in given if one is not source]
        elif str(place) in manifest.texts:
            target.write_bytes(manifest.texts[str(place)].encode("utf-8"))
        else:
            raise click.UsageError(f"the result was compared with {file.name}: name that workbook too, after the input")
        files.append(Placed(target, source or target, source is None))
    if given:
        without = ", ".join(one.name for one in given)
        raise click.UsageError(f"the result was worked out without {without}")
    return files


def _source(name: str, given: Sequence[Path]) -> Path | None:
    """Which of the files given is meant: the one of that name, else the only one of its kind."""
    alike = [one for one in given if one.suffix.lower() == Path(name).suffix.lower()]
    named = [one for one in alike if one.name == name]
    return next(iter(named or alike), None) if named or len(alike) == 1 else None


def _copy(source: Path, target: Path) -> None:
    """The file under another name; never a way to write to it."""
    try:
        target.symlink_to(source.resolve())
    except OSError:  # not everybody may make links on Windows
        import shutil

        shutil.copyfile(source, target)


def _held_against(published: Published, files: Sequence[Placed], output: Path, choices: Choices) -> Verification:
    """What came of working the result out again, from these files."""
    from bch_apportion.problems import ControlsFailed, InputProblems
    from bch_apportion.verify.comparison import Compared, Verification, compare
    from bch_apportion.verify.news import changes_since
    from bch_apportion.verify.published import read_published

    manifest = published.manifest
    changed: list[ChangedFile] = []
    reason, compared = "", Compared()
    try:
        _find_changed(changed, manifest, files, choices)
        _work_out(manifest, [one.path for one in files], output)
        compared = compare(published, read_published(output), not any(one.cells for one in changed))
    except (InputProblems, ControlsFailed) as cause:
        raise NoAnswer(cause, changed, published) from cause
    except click.UsageError as error:
        reason = f"what the result was asked for cannot be had now: {error.format_message()}"
    found = Verification(
        result=published.name,
        manifest=manifest,
        version=__version__,
        given=tuple("" if file.carried else file.real.name for file in files),
        files=tuple(changed),
        edited=tuple(compared.edited),
        moved=tuple(compared.moved),
        filled_in=tuple(compared.filled_in),
        notes=(*published.notes, *compared.notes()),
        reason=reason,
    )
    return replace(found, news=tuple(changes_since(manifest.version))) if found.program_changed else found


def _work_out(manifest: Manifest, files: Sequence[Path], output: Path) -> None:
    """Run the command that a manifest tells of once more, with what it was asked and nothing from the environment."""
    from bch_apportion.writing.manifest import Damaged

    root: Any = click.get_current_context().find_root().command
    command = root.commands.get(manifest.command)
    if command is None or not any(one.name == "years" for one in command.params):  # no command that works a result out
        raise Damaged
    try:
        words = typed_again(manifest, command, files, output)
    except ValueError as error:
        raise Damaged from error
    with _without_own_environment(), command.make_context(manifest.command, words, obj=ASKED_AGAIN) as context:
        command.invoke(context)


@contextmanager
def _without_own_environment() -> Iterator[None]:
    """Options given by environment are for this command, and not for the one that is run again."""
    own = {name: text for name, text in os.environ.items() if name.startswith("BCH_APPORTION_")}
    for name in own:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(own)


def _find_changed(changed: list[ChangedFile], manifest: Manifest, files: Sequence[Placed], choices: Choices) -> None:
    """Add the files that are not as they were, with their cells that are read.

    Raises InputProblems where a workbook has problems now, after what has changed in it is added.
    """
    from bch_apportion.problems import InputProblems
    from bch_apportion.reading.workbook import read
    from bch_apportion.verify.comparison import ChangedFile
    from bch_apportion.writing.input_cells import changed_cells

    hashes = [_sha256(one.path) for one in files]
    if hashes == [file.sha256 for file in manifest.files]:
        return  # what they hold is known
    laid = [one.real for one, file in zip(files, manifest.files, strict=True) if file.role == "scenario"]
    first = None  # what the first workbook calls its forces, the other is read by
    for place, (file, one, sha256) in enumerate(zip(manifest.files, files, hashes, strict=True)):
        if str(place) in manifest.texts:
            now = one.path.read_bytes().decode("utf-8", "replace")
            keys = tuple(_changed_keys(file.name, manifest.texts[str(place)], now))
            changed += [ChangedFile(place, file, sha256, keys)] if sha256 != file.sha256 else []
            continue
        with progress(not choices.quiet, "reading") as step:
            reading = read(one.real, like=first, scenarios=laid if place == 0 else (), told=step)
        first = first or reading.inputs
        if sha256 != file.sha256:
            cells = changed_cells(manifest.cells[str(place)], reading.inputs, manifest.units)
            changed.append(ChangedFile(place, file, sha256, tuple(cells)))
        if reading.problems:
            raise InputProblems(reading.problems, reading.inputs.source, reading.inputs.notes)


def _sha256(path: Path) -> str:
    import hashlib

    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _changed_keys(name: str, then: str, now: str) -> Iterator[ChangedCell]:
    """The keys of a scenario that are not as they were."""
    import tomllib

    from bch_apportion.places import Place
    from bch_apportion.writing.input_cells import ChangedCell

    try:
        old, new = (dict(_keys(tomllib.loads(text))) for text in (then, now))
    except tomllib.TOMLDecodeError:
        return  # what is wrong with it is told when it is worked out
    for table, number, key in dict.fromkeys((*old, *new)):
        before, after = old.get((table, number, key)), new.get((table, number, key))
        if before != after:
            yield ChangedCell(str(Place(table, f"{key} {number}", name)), f"{table} {number}", key, before, after)


def _keys(document: dict[str, Any]) -> Iterator[tuple[tuple[str, int, str], str]]:
    for table, rows in document.items():
        for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
            for key, value in row.items() if isinstance(row, dict) else ():
                yield (table, number, key), str(value)
