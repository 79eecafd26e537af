"""No line of any table is broken or cut by a terminal, from 60 columns on and however many the forces."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from bch_apportion.questions.asking import Asked, Command
from bch_apportion.questions.settlement.command import COMMAND as SETTLE
from bch_apportion.questions.split.command import COMMAND as COMPUTE
from bch_apportion.writing.report import Report, columns
from bch_apportion.writing.terminal import Screen, show
from tests.books import with_many_forces
from tests.program import ALLIANCE

FIGURE = re.compile(r"-?\d[\d,]*\.?\d*")


def shown(parts: list[Any], width: int) -> list[str]:
    out = StringIO()
    show(Screen(file=out, width=width, force_terminal=True, color_system=None), parts)
    return out.getvalue().splitlines()


def parts_of(command: Command, workbook: Path, **given: Any) -> list[Any]:
    answer = command.run(Asked(workbook=workbook), **given)
    assert answer.first is not None
    assert set(command.shows) == set(answer.tables)
    return [answer.first(), *(part for make in answer.tables.values() for part in make())]


@pytest.mark.parametrize("count", [2, 7, 43])
def test_no_line_is_too_long_and_no_figure_cut(tmp_path: Path, count: int) -> None:
    parts = parts_of(COMPUTE, with_many_forces(tmp_path / "b.xlsx", count, "F{:02}"), detail=None, values=False)
    turned = [other for block in parts[0].blocks if isinstance(block, Report) for other in block.turned]
    known = set(FIGURE.findall("\n".join(shown([*parts, *turned], 100_000))))
    for width in (60, 80, 132):
        lines = shown(parts, width)
        assert max(map(cell_len, lines)) <= width
        assert set(FIGURE.findall("\n".join(lines))) <= known
        assert "…" not in "".join(lines)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_example(width: int) -> None:
    parts = [*parts_of(COMPUTE, ALLIANCE, detail=None, values=False), *parts_of(SETTLE, ALLIANCE)]
    assert max(map(cell_len, shown(parts, width))) <= width


def test_a_table_that_is_too_wide_has_a_heading_to_a_row() -> None:
    """Two columns of 30 need 62: in 61 each row becomes lines."""
    report = Report("T", "", columns("first", "second"), (("a" * 30, "b" * 30), ("c", "d")))
    assert shown([report], 62) == [
        "first" + " " * 27 + "second",
        "─" * 62,
        "a" * 30 + "  " + "b" * 30,
        "c" + " " * 31 + "d",
    ]
    turned = ["first   " + "a" * 30, "second  " + "b" * 30, "", "first   c", "second  d"]
    assert shown([report], 61) == turned


def test_long_texts_wrap_between_words_in_their_own_column() -> None:
    report = Report("T", "", columns("unit", ("why", "wide")), (("ICT", "word " * 20),))
    assert shown([report], 60)[2:] == ["ICT   " + "word " * 10 + "word", "      " + "word " * 8 + "word"]
