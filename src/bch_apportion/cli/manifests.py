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

NOT_ASKED = {"output", "form", "quiet", "no_color", "overwrite", "scenarios", "fail_on"}  # they change no figure
BY_FORMAT = {"money_in": (".md", ".html"), "values": (".xlsx",)}  # what changes these formats alone


def manifests(inputs: Sequence[Inputs]) -> Callable[[str], Manifest | None]:
    """The manifest of the running command for a file of a suffix, not yet sealed; None where there are no inputs."""
    context = click.get_current_context()

    @cache
    def whole() -> Manifest:
        from bch_apportion.writing.input_cells import cells_of
        from bch_apportion.writing.manifest import File, Manifest

        given = context.params
        units = tuple(_unit(inputs[0], name) for name in given.get("units", ()))
        files, texts, cells = [File("workbook", given["workbook"].name, inputs[0].sha256)], {}, {}
        cells["0"] = cells_of(inputs[0], units)
        scenarios: list[tuple[Role, Path]] = [("scenario", Path(name)) for name in given.get("scenarios", ())]
        for role, path in [*scenarios, *(("other", path) for path in other_files(given))]:
            place = str(len(files))
            if path.suffix.lower() == ".toml":
                content = path.read_bytes()
                texts[place] = content.decode("utf-8")
                files.append(File(role, path.name, _sha256(content)))
            else:
                files.append(File(role, path.name, inputs[-1].sha256))
                cells[place] = cells_of(inputs[-1], units)
        settings = inputs[0].settings.given
        return Manifest(_name(context), __version__, tuple(files), {}, settings, units, texts, cells)

    def manifest(suffix: str) -> Manifest | None:
        return replace(whole(), asked=asked(context, suffix)) if inputs else None

    return manifest


def _unit(inputs: Inputs, name: str) -> str:
    """The code of the unit asked for; a unit that only a scenario has keeps the name given."""
    from bch_apportion.questions.asking import Usage, find_unit

    try:
        return find_unit(inputs, name)
    except Usage:
        return name


def _name(context: click.Context) -> str:
    return context.command.name or ""


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


def options(command: click.Command) -> dict[str, click.Option]:
    """The options of a command that change its figures, by their long names."""
    known = (param for param in command.params if isinstance(param, click.Option) and param.expose_value)
    return {max(option.opts, key=len).lstrip("-"): option for option in known if option.name not in NOT_ASKED}


def asked(context: click.Context, suffix: str) -> dict[str, Asked]:
    """What was asked for beyond the defaults, by option, as it could be typed again."""
    words: dict[str, Asked] = {}
    files = {str(path) for path in other_files(context.params)}
    for name, option in options(context.command).items():
        value = context.params.get(str(option.name))
        if value is None or value is False or value in ((), option.default) or value in files:
            continue
        if suffix not in BY_FORMAT.get(str(option.name), (suffix,)):
            continue
        words[name] = [_typed(part) for part in value] if option.multiple else value is True or _typed(value)
    return words


def _typed(value: Any) -> str:
    """A value as it is typed: a year or a range of years, a date, a word."""
    if type(value) is tuple:  # a year itself is no range
        return str(value[0]) if len(value) == 1 else f"{value[0]}..{value[-1]}"
    return value.isoformat() if isinstance(value, date) else str(value)


def typed_again(manifest: Manifest, command: click.Command, files: Sequence[Path], output: Path) -> list[str]:
    """The words of the command that a manifest tells of, on these files (in its order), to write `output`.

    Raises ValueError where it asks for what no option of the command is.
    """
    known = options(command)
    words = [str(files[0])]
    for file, path in zip(manifest.files[1:], files[1:], strict=True):
        against = "--against" if file.role == "other" and "against" in known else ""
        before = "--scenario" if file.role == "scenario" else against
        words += [before, str(path)] if before else [str(path)]
    for name, value in manifest.asked.items():
        option = known.get(name)
        if option is None or option.is_flag != (value is True):
            raise ValueError(name)
        if value is True:
            words.append(f"--{name}")
        else:
            words += [f"--{name}={part}" for part in (value if isinstance(value, list) else [value])]
    return [*words, "--quiet", "--output", str(output)]
