"""The library's door: a workbook in, its inputs out, or every problem in it at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from os import PathLike
from pathlib import Path

from bch_apportion.model import Inputs
from bch_apportion.problems import InputProblems, reported
from bch_apportion.reading.workbook import read
from bch_apportion.recipe.order import run_actuals


def read_workbook(
    path: str | PathLike[str],
    like: Inputs | None = None,
    scenarios: Sequence[str | PathLike[str]] = (),
    settings: Sequence[str] = (),
    told: Callable[[int, int], None] | None = None,
    further: Collection[str] = (),
    joined: Sequence[str | PathLike[str]] = (),
) -> Inputs:
    """Read a workbook of unit budgets and demand, with scenarios (TOML files, later ones win) laid over it.

    `settings` are parameters set by hand for every year: "UNIT.parameter=value", or "parameter=value" for all units.

    With `like`, forces and units that are the same by code, name or alias get the codes they have there, so that two
    workbooks can be compared. `told` is called as the reading goes on, with the bytes read since and those there are.

    `further` names the sheets beside the split that are read too (Agreements); a problem on another stops nothing.

    `joined` are further workbooks whose rows are joined to those of the sheets; the same key in two is a problem.

    Raises InputProblems with every problem in it: those of its cells, and those that only the rules can find (a
    missing NRE, agreed shares that are not in force), so that one pass shows all there is to mend. OSError where the
    file cannot be opened, ValueError where one of `settings` cannot be.
    """
    reading = read(
        Path(path),
        like=like,
        scenarios=[Path(name) for name in scenarios],
        settings=settings,
        told=told,
        further=further,
        joined=[Path(name) for name in joined],
    )
    if reading.problems:
        rules = reported(run_actuals(reading.inputs).problems, reading.doubts)
        raise InputProblems((*reading.problems, *rules), reading.inputs.source, reading.inputs.notes)
    return reading.inputs
