"""The manifest of a run, from the command as it was given; and a command's words again, from a manifest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bch_apportion import __version__
from bch_apportion.cli.running import other_files

if TYPE_CHECKING:
    from bch_apportion.model import Inputs
    from bch_apportion.writing.manifest import Asked, Manifest, Role

NOT_ASKED = {
    "output",
    "form",
    "quiet",
    "no_color",
    "overwrite",
    "joined",
    "scenarios",
    "fail_on",
}  # they change no figure
BY_FORMAT = {
    "money_in": (".md", ".html"),
    "values": (".xlsx",),
    "show": (".md",),
    "full": (".md",),
}  # what changes these formats alone


def manifests(inputs: Sequence[Inputs]) -> Callable[[str], Manifest | None]:
    """The manifest of the running command for a file of a suffix, not yet sealed; None where there are no inputs."""
    context = click.get_current_context()
    whole = cache(lambda: _manifest(context, inputs))
    return lambda suffix: replace(whole(), asked=asked(context, suffix)) if inputs else None


def _manifest(context: click.Context, inputs: Sequence[Inputs]) -> Manifest:
    from bch_apportion.writing.input_cells import cells_of
    from bch_apportion.writing.manifest import File, Manifest

    given = context.params
    units = tuple(_unit(inputs[0], name) for name in given.get("units", ()))
    files, texts = [File("workbook", given["workbook"].name, inputs[0].sha256)], {}
    cells = {"0": cells_of(inputs[0], units)}
    for name, sha256 in inputs[0].joined:
        cells[str(len(files))] = cells_of(inputs[0], units, name)
        files.append(File("with", name, sha256))
    scenarios: list[tuple[Role, Path]] = [("scenario", Path(name)) for name in given.get("scenarios", ())]
    for role, path in [*scenarios, *(("other", path) for path in other_files(given))]:
        place = str(len(files))
        if path.suffix.lower() == ".toml":
            texts[place] = path.read_bytes().decode("utf-8")
            files.append(File(role, path.name, sha256_of(path)))
        else:
            cells[place] = cells_of(inputs[-1], units)
            files.append(File(role, path.name, inputs[-1].sha256))
    return Manifest(
        command=context.command.name or "",
        version=__version__,
        files=tuple(files),
        settings=inputs[0].settings.given,
        units=units,
        texts=texts,
        cells=cells,
    )


def _unit(inputs: Inputs, name: str) -> str:
    """The code of the unit asked for; a unit that only a scenario has keeps the name given."""
    from bch_apportion.questions.asking import Usage, find_unit

    try:
        return find_unit(inputs, name)
    except Usage:
        return name


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    import hashlib

    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def options(command: click.Command) -> dict[str, click.Option]:
    """The options of a command that change its figures, by their long names."""
    known = (param for param in command.params if isinstance(param, click.Option) and param.expose_value)
    return {max(option.opts, key=len).lstrip("-"): option for option in known if option.name not in NOT_ASKED}


def asked(context: click.Context, suffix: str) -> dict[str, Asked]:
    """What was asked for beyond the defaults, by option, as it could be typed again."""
    words: dict[str, Asked] = {}
    aside = {str(path) for path in other_files(context.params)}
    for long_name, option in options(context.command).items():
        name = str(option.name)
        value: Any = context.params.get(name)
        is_default = value is None or value is False or value in ((), option.default)
        if not is_default and value not in aside and suffix in BY_FORMAT.get(name, (suffix,)):
            words[long_name] = [_typed(part) for part in value] if option.multiple else value is True or _typed(value)
    return words


def _typed(value: Any) -> str:
    """A value as it is typed: a year or a range of years, a date, a word."""
    if type(value) is tuple:  # a year itself is no range
        return str(value[0]) if len(value) == 1 else f"{value[0]}..{value[-1]}"
    return value.isoformat() if isinstance(value, date) else str(value)


def typed_again(manifest: Manifest, command: click.Command, files: Sequence[Path], output: Path) -> list[str]:
    """The words of the command that a manifest names, on these files (in its order), to write `output`.

    Raises Damaged where it names an unknown option.
    """
    from bch_apportion.writing.manifest import RECORDS, Damaged

    known = options(command)
    words = [str(files[0])]
    before = {"with": "--with", "scenario": "--scenario", "other": "--against" if "against" in known else ""}
    for file, path in zip(manifest.files[1:], files[1:], strict=True):
        if file.role not in RECORDS:
            words += [part for part in (before.get(file.role), str(path)) if part]
    for name, value in manifest.asked.items():
        option = known.get(name)
        if option is None or option.is_flag != (value is True):
            raise Damaged(name)
        if value is True:
            words.append(f"--{name}")
        else:
            words += [f"--{name}={part}" for part in (value if isinstance(value, list) else [value])]
    return [*words, "--quiet", "--output", str(output)]
