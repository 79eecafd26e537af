"""The bar on standard error: on a terminal, after a second, gone at the end; nowhere else."""

from __future__ import annotations

import io
import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bch_apportion.cli.progress import CLEAR, PAUSE, progress
from tests.program import ALLIANCE, PROGRAM, ROOT


class Screen(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def ticking(*times: float) -> Iterator[float]:
    """A clock that shows these times, then the last for ever."""
    yield from times
    while True:
        yield times[-1]


def drawn(times: tuple[float, ...], enabled: bool = True, total: int = 4, screen: io.StringIO | None = None) -> str:
    """What a piece of work writes whose steps end at these times."""
    screen = screen if screen is not None else Screen()
    clock = ticking(0.0, *times)
    with progress(enabled, "reading", total, screen, lambda: next(clock)) as step:
        for _ in times:
            step()
    return screen.getvalue()


def test_short_work_draws_nothing() -> None:
    assert drawn((0.2, 0.4, 0.6, 0.99)) == ""


def test_long_work_is_drawn_and_wiped_off() -> None:
    half, whole = "#" * 12 + "." * 12, "#" * 24
    assert drawn((0.5, 1.0, 1.0 + PAUSE / 2, 2.0)) == (
        f"{CLEAR}reading [{half}]  50%{CLEAR}reading [{whole}] 100%{CLEAR}"
    )


def test_without_a_total_only_the_label() -> None:
    assert drawn((2.0, 3.0), total=0) == f"{CLEAR}reading …{CLEAR}"


def test_the_total_may_be_known_late_and_more_is_no_more_than_all() -> None:
    screen, clock = Screen(), ticking(0.0, 2.0)
    with progress(True, "computing", stream=screen, clock=lambda: next(clock)) as step:
        step(9, 3)
    assert screen.getvalue() == f"{CLEAR}computing [{'#' * 24}] 100%{CLEAR}"


def test_it_is_wiped_off_where_the_work_fails() -> None:
    screen, clock = Screen(), ticking(0.0, 2.0)
    with (
        pytest.raises(ValueError, match="no"),
        progress(True, "reading", 2, screen, lambda: next(clock)) as step,
    ):
        step()
        raise ValueError("no")
    assert screen.getvalue().endswith(f" 50%{CLEAR}")


def test_nothing_off_a_terminal_nor_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn((2.0, 3.0), screen=io.StringIO()) == ""
    assert drawn((2.0, 3.0), enabled=False) == ""
    monkeypatch.setenv("TERM", "dumb")
    assert drawn((2.0, 3.0)) == ""


def test_a_terminal_that_has_gone_away_is_no_reason_to_stop() -> None:
    class Gone(Screen):
        def write(self, text: str) -> int:
            raise OSError("gone")

    assert drawn((2.0, 3.0), screen=Gone()) == ""


def in_a_terminal(*words: str | Path, patience: str) -> tuple[bytes, bytes]:
    """What the program writes to a pseudo-terminal as its standard error, and to a pipe as its standard output."""
    ours, theirs = pty.openpty()
    hurry = f"import bch_apportion.cli.progress as p; p.PATIENCE = {patience}; p.PAUSE = 0; {PROGRAM[-1]}"
    done = subprocess.run(
        [*PROGRAM[:-1], hurry, *map(str, words)], stdout=subprocess.PIPE, stderr=theirs, check=True, cwd=ROOT
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            block = os.read(ours, 65_536)
        except OSError:  # Linux: the other end is closed
            break
        if not block:
            break
        seen += block
    os.close(ours)
    return seen, done.stdout


def test_in_a_terminal(tmp_path: Path) -> None:
    clear = CLEAR.encode()
    seen, out = in_a_terminal("compute", ALLIANCE, "--json", patience="-1")
    assert b"reading [" in seen
    assert b"computing [" in seen
    assert clear in seen[seen.rindex(b"computing [") :]  # wiped off before anything else is said
    assert out.startswith(b"{")
    assert clear not in out
    for words in (("--json", "-q"), ("--csv", "--quiet")):
        assert in_a_terminal("compute", ALLIANCE, *words, patience="-1")[0] == b""
    seen, _ = in_a_terminal("compute", ALLIANCE, "-o", tmp_path / "result.xlsx", patience="-1")
    assert b"writing [" in seen
    short, _ = in_a_terminal("compute", ALLIANCE, "--json", patience="60")
    assert clear not in short
