"""What the analyst can mend: each problem says where, what, and what to do, and all are shown at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bch_apportion.places import NOWHERE, Place


class Problem(NamedTuple):
    """One thing to mend in the workbook.

    `code` is short and stable; `place` says where; `message` what is wrong, the value quoted; `remedy` what to do;
    `value` what the cell holds, as text.
    """

    code: str
    message: str
    remedy: str
    place: Place = NOWHERE
    value: str = ""
    severity: Literal["error", "note"] = "error"

    @property
    def where(self) -> str:
        return str(self.place)

    @property
    def sheet(self) -> str:
        """The sheet as text, with its file where that is not the workbook."""
        return self.place.table

    @property
    def cell(self) -> str:
        return self.place.cell


class InputProblems(Exception):  # it carries problems; "error" is not the analyst's word
    """The workbook has problems; nothing was computed. `problems` holds all of them, `notes` what else was seen."""

    def __init__(self, problems: Sequence[Problem], source: str = "", notes: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        self.source = source
        self.notes = tuple(notes)
        count = f"{len(self.problems)} problem{'s' if len(self.problems) != 1 else ''}"
        lines = [f"{p.where}: {p.message}" if p.where else p.message for p in self.problems]
        super().__init__("\n".join([f"{count} in {source or 'the workbook'}", *lines]))

    def within(self, name: str) -> InputProblems:
        """The same, each naming the workbook it is in."""
        problems = [problem._replace(message=f"in {name}: {problem.message}") for problem in self.problems]
        return InputProblems(problems, name, [f"{name}: {note}" for note in self.notes])

    @classmethod
    def joined(cls, parts: Sequence[InputProblems]) -> InputProblems:
        """The problems of several workbooks together."""
        problems = [problem for part in parts for problem in part.problems]
        notes = [note for part in parts for note in part.notes]
        return cls(problems, " and ".join(part.source for part in parts), notes)


@dataclass(frozen=True, slots=True)
class Control:
    """What must hold on every run: whether it does, and the figures in words."""

    control: str
    passed: bool
    detail: str


class ControlsFailed(Exception):
    """A control did not hold; no figures may be shown. `controls` holds all of them, passed and failed.

    `answer` is the answer of a command that judges the workbook itself.
    """

    def __init__(self, controls: Sequence[Control], message: str, source: str = "", answer: object = None) -> None:
        self.answer = answer
        self.controls = tuple(controls)
        self.source = source
        super().__init__(message)
