"""The answer of `verify`: every cell that differs, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from bch_apportion.answers import Answer, File, Table, table
from bch_apportion.kinds import ASIDE, Hash, Rows, record

Cause = Literal["input changed", "edited", "moved", "filled in"]
Kind = Literal["changed", "added", "taken out", "recalculated", "formula gone", "concealed"]


@record
class ChangedCell:
    """A cell of the input that has changed; null where there was or is none."""

    file: str
    place: str
    of: str
    column: str
    then: str | None
    now: str | None


@record
class FileNow(File):
    """A file that was read for a result, and the hash it has now."""

    now: Hash
    given: Annotated[str, ASIDE] = ""  # what it is called now; blank where it is as the result carries it
    cells: Annotated[Sequence[ChangedCell], ASIDE] = ()  # that have changed


@record
class ChangedInput:
    """Whether the input has changed, and in which cells."""

    changed: bool
    cells: Sequence[ChangedCell]


@record
class ChangedProgram:
    """Whether the program has changed, and what CHANGELOG.md says of the versions since."""

    changed: bool
    then: str
    now: str
    changes: Sequence[str]


@record
class MovedCell:
    """A cell of a result whose value differs when recalculated; null where there is none."""

    place: str
    of: str
    heading: str
    published: str | None
    derived: str | None


@record
class EditedCell(MovedCell):
    """A cell of a result that is not as it was written."""

    kind: Kind


@record
class Difference:
    """A cell that differs, with its cause, as CSV has it."""

    cause: Cause
    file: str
    cell: str
    of: str
    heading: str
    then: str | None
    now: str | None


@record
class Verify(Answer):
    """`verify --json`."""

    TABLE = "edited"

    schema: Literal["bch-apportion/verify/1"] = "bch-apportion/verify/1"
    result: str
    follows: bool
    command: str
    asked: Mapping[str, str | bool | Sequence[str]]
    files: Sequence[FileNow]
    input: ChangedInput
    program: ChangedProgram
    edited: Sequence[EditedCell]
    moved: Sequence[MovedCell]
    filled_in: Sequence[MovedCell]
    not_worked_out: str | None
    notes: Sequence[str]
    units: Annotated[Sequence[str], ASIDE] = ()  # whose cells are carried; none: all
    about: Annotated[Sequence[tuple[str, str]], ASIDE] = ()  # what the manifest says to a person

    def table(self) -> Table:
        """Every cell that differs, with its cause."""
        names = {"then or published" if name == "then" else name: name for name in Difference.__dataclass_fields__}
        return table(Rows(self._differences), Difference, names)

    def _differences(self) -> Iterator[Difference]:
        for cell in self.input.cells:
            yield Difference(
                cause="input changed",
                file=cell.file,
                cell=cell.place,
                of=cell.of,
                heading=cell.column,
                then=cell.then,
                now=cell.now,
            )
        of_result: dict[Cause, Sequence[MovedCell]] = {
            "edited": self.edited,
            "moved": self.moved,
            "filled in": self.filled_in,
        }
        for cause, cells in of_result.items():
            for moved in cells:
                yield Difference(
                    cause=cause,
                    file=self.result,
                    cell=moved.place,
                    of=moved.of,
                    heading=moved.heading,
                    then=moved.published,
                    now=moved.derived,
                )
