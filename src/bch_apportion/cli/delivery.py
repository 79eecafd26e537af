"""How every command hands over its answer: to files by their suffix, to standard output, to the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bch_apportion.cli.running import Choices, tell_notes, write_whole

if TYPE_CHECKING:
    from bch_apportion.questions.asking import Shown


ENDING = {"code": 0}  # with which the program ends, also where its reader has seen enough


def deliver(choices: Choices, shown: Shown, code: int = 0) -> None:
    """Write the files asked for, whole or none, then what goes to standard output, then the notes; end with `code`."""
    from bch_apportion.cli.forms import Forms  # here, since --help would pay for it

    ENDING["code"] = code
    forms = Forms(choices, shown)
    contents: dict[Path, Callable[[Path], None]] = {}
    for path in choices.files:
        contents |= forms.files(path)
    if contents:
        write_whole(contents, choices.quiet)
    if choices.to_screen:
        forms.to_standard_output()
    if choices.form == "csv" or not (choices.to_screen or choices.quiet):
        forms.tell_queries()
    if choices.form == "csv" or not choices.to_screen:
        tell_notes(choices, shown.notes)  # the other forms hold them, or name --show notes
    if code:
        raise SystemExit(code)
