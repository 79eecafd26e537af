"""What is said instead of an answer: the problems of a workbook, or the controls where one failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bch_apportion.answers import Answer
from bch_apportion.kinds import fields, record
from bch_apportion.problems import Control, Problem


@record
class ProblemRow:
    """One thing to mend in the workbook; `sheet` and `cell` are empty where it is the whole file or sheet."""

    code: str
    severity: Literal["error", "note"]
    sheet: str
    cell: str
    message: str
    remedy: str
    value: str


@record
class Problems(Answer):
    """What any command with `--json` says of a workbook with problems."""

    TABLE = "problems"

    schema: Literal["bch-apportion/problems/1"] = "bch-apportion/problems/1"
    problems: Sequence[ProblemRow]


@record
class Controls(Answer):
    """What any command with `--json` says where a control failed."""

    TABLE = "controls"

    schema: Literal["bch-apportion/controls/1"] = "bch-apportion/controls/1"
    input: str
    controls: Sequence[Control]


def problems_answer(problems: Sequence[Problem]) -> Problems:
    """Problems as rows: a row shows what a problem has under the same names."""
    names = [field.attribute for field in fields(ProblemRow)]
    return Problems(problems=[ProblemRow(**{name: getattr(p, name) for name in names}) for p in problems])
