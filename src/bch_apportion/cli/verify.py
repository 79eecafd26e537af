"""The command that holds a published result against its inputs: verify."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from bch_apportion.cli.count import NO_HASH
from bch_apportion.cli.delivery import deliver
from bch_apportion.cli.manifests import sha256_of, typed_again
from bch_apportion.cli.options import findings, shown_tables, workbook
from bch_apportion.cli.progress import progress
from bch_apportion.cli.running import ASKED_AGAIN, Choices, check_outputs, told

if TYPE_CHECKING:
    from bch_apportion.verify.comparison import Published
    from bch_apportion.verify.rows import ChangedCell, FileNow, Verify
    from bch_apportion.writing.manifest import File, Manifest

DIFFERS = 6
LONGEST_NAME = 255  # bytes of a file's name


@click.command(short_help="Does a published result still follow from its inputs.")
@click.argument("result", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@workbook
@click.argument("others", nargs=-1, metavar="[OTHER]", type=click.Path(exists=True, dir_okay=False))
@findings
@shown_tables(("input", "edited", "moved", "filled-in", "program"))
def verify(result: Path, others: tuple[str, ...], **given: Any) -> None:
    """Does a published result still follow from its inputs; if not: the input, the program or an edit, cell by cell.

    The result is recalculated as its manifest says, and compared with what was published. OTHER is the other workbook
    of a comparison. --with gives a workbook whose rows were joined. The result carries its scenarios; --scenario gives
    one as it is now. Exit code 6 if anything differs.

    \b
    Examples:
      bch-apportion compute examples/alliance.xlsx -o result.xlsx
      bch-apportion verify result.xlsx examples/alliance.xlsx
      bch-apportion verify result.xlsx examples/alliance.xlsx --json
    """
    choices = Choices(**given)
    check_outputs(choices, result, *map(Path, others))
    beside = [*map(Path, others), *map(Path, choices.scenarios)]
    verified = _verified(result, choices, {"with": [*map(Path, choices.joined)], "scenario": beside, "other": beside})
    from bch_apportion.questions.asking import Shown
    from bch_apportion.verify import page as reports

    deliver(
        choices,
        Shown(
            answer=lambda: verified,
            cover=lambda: reports.cover(verified),
            sheets=lambda: reports.everything(verified),
            first=lambda: reports.first_page(verified),
            tables=reports.tables(verified),
            inputs=(),
            notes=verified.notes,
        ),
        0 if verified.follows else DIFFERS,
    )


def _verified(result: Path, choices: Choices, further: Mapping[str, list[Path]]) -> Verify:
    import tempfile  # here, since every other command would pay for it

    from bch_apportion.verify.published import NoManifest, SavedOtherwise, read_published
    from bch_apportion.writing.manifest import Damaged

    wrong = "its manifest cannot be read, so it cannot be verified"
    try:
        published = read_published(result)
        wrong = "its manifest names an unknown command or option"
        with tempfile.TemporaryDirectory(prefix="bch-apportion-") as name:
            files = _placed(published.manifest, choices.workbook, further, Path(name))
            return _compared(published, result, files, Path(name) / f"result{result.suffix.lower()}", choices)
    except SavedOtherwise as error:
        raise click.UsageError(str(error)) from error
    except NoManifest as error:
        raise click.UsageError(f"{error}. Give RESULT, a file that the program wrote, before the workbook.") from error
    except Damaged as error:
        click.echo(f"{result.name} was edited: {wrong}.", err=True)
        raise SystemExit(DIFFERS) from error


class Placed(NamedTuple):
    """A file under the name that it had, in a folder of its own, and the file it is."""

    path: Path
    real: Path
    given: str = ""  # its name; blank where nobody gave it: it is as the manifest carries it


def _placed(manifest: Manifest, book: Path, further: Mapping[str, list[Path]], folder: Path) -> list[Placed]:
    """The files of a result, in the order of its manifest; `further` are those given beside the workbook, by role.

    A scenario that is not given is as the manifest carries it; another workbook must be given.
    """
    from bch_apportion.writing.manifest import RECORDS, Damaged

    files: list[Placed] = []
    for place, file in enumerate(manifest.files):
        if file.role in RECORDS:  # where the plan says; counting opens them again
            files.append(Placed(book.resolve().parent / file.name, book, file.name))
            continue
        is_plain = Path(file.name).name == file.name and file.name not in ("", "..") and "\0" not in file.name
        if not is_plain or len(file.name.encode("utf-8", "replace")) > LONGEST_NAME:
            raise Damaged
        target = folder / str(place) / file.name
        target.parent.mkdir()
        given = [book] if place == 0 else further.get(file.role, [])
        source = book if place == 0 else _source(file.name, given)
        if source is not None:
            _copy(source, target)
            given.remove(source)
            files.append(Placed(target, source, source.name))
        elif str(place) in manifest.texts:
            target.write_bytes(manifest.texts[str(place)].encode("utf-8"))
            files.append(Placed(target, target))
        elif file.role == "with":
            raise click.UsageError(f"the result was calculated with {file.name}: give it too, --with {file.name}")
        else:
            raise click.UsageError(f"the result was compared with {file.name}: name that workbook too, after the input")
    if left := [*further["with"], *further["other"]]:
        raise click.UsageError(f"the result was calculated without {', '.join(path.name for path in left)}")
    return files


def _source(name: str, given: Sequence[Path]) -> Path | None:
    """Which of the files given is meant: the one with that name, else the only one of its kind."""
    alike = [path for path in given if path.suffix.lower() == Path(name).suffix.lower()]
    named = [path for path in alike if path.name == name]
    return next(iter(named or alike), None) if named or len(alike) == 1 else None


def _copy(source: Path, target: Path) -> None:
    """The file under another name; never a way to write to it."""
    try:
        target.symlink_to(source.resolve())
    except OSError:  # not everybody may make links on Windows
        import shutil

        shutil.copyfile(source, target)


def _compared(published: Published, result: Path, placed: Sequence[Placed], output: Path, choices: Choices) -> Verify:
    """What came of recalculating the result from these files."""
    from bch_apportion.problems import ControlsFailed, InputProblems
    from bch_apportion.verify.comparison import Compared, answer, compare
    from bch_apportion.verify.published import read_published, with_keys_as

    files: list[FileNow] = []
    try:
        files.extend(_files_now(published.manifest, placed, choices))
        _work_out(published.manifest, [file.path for file in placed], output)
        derived, same_input = read_published(output), not any(file.cells for file in files)
        compared = compare(published, derived, same_input)
        if compared.edited and output.suffix == ".json":  # its keys may be in another order, which says nothing
            published = with_keys_as(published, result, output)
            compared = compare(published, derived, same_input)
    except (InputProblems, ControlsFailed) as cause:
        try:
            with told(choices):
                raise cause
        finally:
            _show_what_is_known(published, files, choices)
    except click.UsageError as error:
        return answer(published, files, Compared(), f"the command can no longer be run: {error.format_message()}")
    return answer(published, files, compared)


def _show_what_is_known(published: Published, files: Sequence[FileNow], choices: Choices) -> None:
    """Where there is no answer, the changed cells and the edited lines, on standard error; nothing beside JSON."""
    if choices.form == "json" or choices.quiet:
        return
    from bch_apportion.verify.comparison import not_as_sealed
    from bch_apportion.verify.page import changed_cells, lines_edited
    from bch_apportion.writing.terminal import console_for, show

    console = console_for(sys.stderr, not choices.no_color)
    console.print()
    cells = [cell for file in files for cell in file.cells]
    show(console, [changed_cells(cells), lines_edited(published.name, not_as_sealed(published))])


def _work_out(manifest: Manifest, files: Sequence[Path], output: Path) -> None:
    """Run the command that a manifest names once more, with its options and nothing from the environment."""
    from bch_apportion.writing.manifest import Damaged

    root: Any = click.get_current_context().find_root().command
    command = root.commands.get(manifest.command)
    if command is None or not any(param.name in ("years", "plan") for param in command.params):
        raise Damaged  # no command that works a result out
    words = typed_again(manifest, command, files, output)
    with _without_own_environment(), command.make_context(manifest.command, words, obj=ASKED_AGAIN) as context:
        command.invoke(context)


@contextmanager
def _without_own_environment() -> Iterator[None]:
    """Options given by environment are for this command, and not for the one that is run again."""
    own = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("BCH_APPORTION_")}
    try:
        yield
    finally:
        os.environ.update(own)


def _hash_now(file: File, path: Path) -> str:
    """The hash of a file; that which it had of a table, and none where records are not there: counting says so."""
    if file.role == "table":
        return file.sha256
    return sha256_of(path) if file.role != "records" or path.is_file() else NO_HASH


def _files_now(manifest: Manifest, placed: Sequence[Placed], choices: Choices) -> Iterator[FileNow]:
    """The files as they are now, with the cells that have changed.

    Raises InputProblems behind a workbook that has problems now, once it is given.
    """
    from bch_apportion.problems import InputProblems
    from bch_apportion.reading.workbook import read
    from bch_apportion.verify.inputs import changed_cells, changed_keys
    from bch_apportion.verify.rows import FileNow

    hashes = [_hash_now(file, place.path) for file, place in zip(manifest.files, placed, strict=True)]
    all_same = hashes == [file.sha256 for file in manifest.files]
    reals = [(file.role, place.real) for place, file in zip(placed, manifest.files, strict=True)]
    laid, joined = ([path for role, path in reals if role == wanted] for wanted in ("scenario", "with"))
    first = None  # what the first workbook calls its forces, the other is read by
    failed: InputProblems | None = None
    for number, (file, place, now) in enumerate(zip(manifest.files, placed, hashes, strict=True)):
        cells: Sequence[ChangedCell] = ()
        if failed is not None and file.role != "with":  # those of the workbook are those of its joined ones too
            raise failed
        if now != file.sha256 and str(number) in manifest.texts:
            text = place.path.read_bytes().decode("utf-8", "replace")
            cells = list(changed_keys(file.name, manifest.texts[str(number)], text))
        elif file.role == "with" and first is not None and now != file.sha256:
            cells = changed_cells(file.name, manifest.cells[str(number)], first, manifest.units, place.real.name)
        elif file.role != "with" and not all_same and str(number) in manifest.cells:
            # what an unchanged workbook calls its forces counts too
            given = (laid, joined) if number == 0 or manifest.command == "compare" else ((), ())
            with progress(not choices.quiet, "reading") as step:
                beside = {*manifest.cells[str(number)]["rows"], *_sheets_beside(manifest.command)}
                reading = read(place.real, first, given[0], told=step, further=beside, joined=given[1])
            first = first or reading.inputs
            if now != file.sha256:
                cells = changed_cells(file.name, manifest.cells[str(number)], reading.inputs, manifest.units)
            if reading.problems:
                failed = InputProblems(reading.problems, reading.inputs.source, reading.inputs.notes)
        yield FileNow(**file._asdict(), now=now, given=place.given, cells=cells)
    if failed is not None:
        raise failed


def _sheets_beside(command: str) -> tuple[str, ...]:
    """The sheets beside the split that a command reads."""
    from bch_apportion.questions import QUESTIONS

    return next((question.sheets for question in QUESTIONS if question.name == command), ())
