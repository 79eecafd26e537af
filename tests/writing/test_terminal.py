"""No line of any table is broken or cut by a terminal, from 60 columns on and however many the forces."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from bch_apportion.questions.asking import Asked, Command
from bch_apportion.questions.settlement.command import COMMAND as SETTLE
from bch_apportion.questions.split.command import COMMAND as COMPUTE
from bch_apportion.questions.tracking.command import COMMAND as TRACK
from bch_apportion.questions.variance.command import COMMAND as VARIANCE
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


def turned_of(parts: Iterable[Any]) -> Iterator[Report]:
    """What stands for the tables of some parts where they are too wide, and for these in their turn."""
    for part in parts:
        inner = part.turned if isinstance(part, Report) else getattr(part, "blocks", ())
        yield from (part for part in inner if isinstance(part, Report))
        yield from turned_of(inner)


AS_USUAL: dict[str, Any] = {"actuals": False, "version": None, "real": False}


@functools.cache
def example() -> list[Any]:
    """The first pages of the example, each followed by the tables behind it."""
    return [
        *parts_of(COMPUTE, ALLIANCE, detail=None, values=False),
        *parts_of(SETTLE, ALLIANCE),
        *parts_of(VARIANCE, ALLIANCE, against="business-case", **AS_USUAL),
        *parts_of(TRACK, ALLIANCE, base=None, version="original"),
    ]


@pytest.mark.parametrize("count", [2, 7, 43])
def test_no_line_is_too_long_and_no_figure_cut(tmp_path: Path, count: int) -> None:
    book = with_many_forces(tmp_path / "b.xlsx", count, "F{:02}")
    parts = [
        *parts_of(COMPUTE, book, detail=None, values=False),
        parts_of(VARIANCE, book, against="2018/19", **AS_USUAL)[0],
    ]
    known = set(FIGURE.findall("\n".join(shown([*parts, *turned_of(parts)], 100_000))))
    for width in (60, 80, 132):
        lines = shown(parts, width)
        assert max(map(cell_len, lines)) <= width
        assert set(FIGURE.findall("\n".join(lines))) <= known
        assert "…" not in "".join(lines)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_example(width: int) -> None:
    assert max(map(cell_len, shown(example(), width))) <= width


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
