"""The bar on standard error: on a terminal, after a second, gone at the end; nowhere else."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from bch_apportion.cli import progress as module
from bch_apportion.cli.progress import PAUSE, progress
from tests.program import ALLIANCE, ROOT

ERASED = "\x1b[2K"  # a line


class Screen(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Standard error, as a terminal."""
    made = Screen()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=made))
    return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The times that the bar reads from its clock, the last for ever."""
    times: list[float] = []
    monkeypatch.setattr(module, "monotonic", lambda: times.pop(0) if len(times) > 1 else times[0])
    return times


def seen(written: str) -> list[str]:
    """The bars that were drawn, in order, without colours."""
    plain = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", written)
    return [" ".join(line.split()) for line in re.split(r"[\r\n]+", plain) if line.strip()]


def left(written: str) -> list[str]:
    """What stands on the screen at the end: lines written, erased and written over."""
    rows, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[\d;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", written):
        if part == "\n":
            row, column = row + 1, 0  # the terminal returns as well
            rows += [""] * (row + 1 - len(rows))
        elif part == "\r":
            column = 0
        elif part == "\x1b[2K":
            rows[row] = ""
        elif part.startswith("\x1b["):
            row -= int(part[2:-1]) if part.endswith("A") else 0
        else:
            rows[row] = rows[row][:column].ljust(column) + part + rows[row][column + len(part) :]
            column += len(part)
    return [line for line in rows if line.strip()]


def work(clock: list[float], *times: float, label: str = "reading", enabled: bool = True, total: int = 4) -> None:
    """Steps that end at these times."""
    clock[:] = [0.0, *times]
    with progress(enabled, label, total) as step:
        for _ in times:
            step()


def test_what_is_left_on_a_screen_is_seen() -> None:
    """The guard can fail."""
    assert left("ab\r\x1b[2Kcd") == ["cd"]
    assert left("ab\ncd\x1b[1A\r\x1b[2K") == ["cd"]
    assert left("abc\rx") == ["xbc"]


def test_short_work_draws_nothing(clock: list[float], screen: Screen) -> None:
    work(clock, 0.2, 0.4, 0.6, 0.99)
    assert screen.getvalue() == ""


def test_long_work_is_drawn_and_wiped_off(clock: list[float], screen: Screen) -> None:
    """Four steps: before a second nothing, at a second, nothing so soon after it, and at the end."""
    clock[:] = [0.0, 0.5, 1.0, 1.0 + PAUSE / 2, 2.0]
    with progress(True, "reading", 4) as step:
        for expected in ([], ["50%"], ["50%"], ["50%", "100%"]):
            step()
            assert sorted(set(re.findall(r"\d+%", screen.getvalue())) - {"0%"}, key=len) == expected
        assert all(line.startswith("reading ") for line in seen(screen.getvalue()))
        assert left(screen.getvalue()) != []
    assert left(screen.getvalue()) == []
    assert screen.getvalue().endswith("\x1b[2K")
    assert screen.getvalue().rindex("\x1b[?25h") > screen.getvalue().rindex("\x1b[?25l")  # the cursor is back


def test_without_a_total_there_is_no_share(clock: list[float], screen: Screen) -> None:
    work(clock, 2.0, 3.0, total=0)
    assert "reading" in screen.getvalue()
    assert not set(re.findall(r"\d+%", screen.getvalue())) - {"0%"}
    assert left(screen.getvalue()) == []


def test_the_total_may_be_known_late_and_more_is_no_more_than_all(clock: list[float], screen: Screen) -> None:
    clock[:] = [0.0, 2.0]
    with progress(True, "computing") as step:
        step(9, 3)
    assert "computing" in screen.getvalue() and "100%" in screen.getvalue()


def test_it_is_wiped_off_where_the_work_fails(clock: list[float], screen: Screen) -> None:
    clock[:] = [0.0, 2.0]
    with pytest.raises(ValueError, match="no"), progress(True, "reading", 2) as step:
        step()
        raise ValueError("no")
    assert "50%" in screen.getvalue()
    assert left(screen.getvalue()) == []


def test_a_label_is_text(clock: list[float], screen: Screen) -> None:
    """The name of a scenario's file could be taken for a style."""
    work(clock, 2.0, label="projecting [red]high[/nothing]")
    assert "projecting [red]high[/nothing]" in screen.getvalue()


def test_what_is_written_beside_it_goes_where_it_should(
    clock: list[float], screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    clock[:] = [0.0, 2.0]
    with progress(True, "reading", 2) as step:
        step()
        print("a result")
    assert capsys.readouterr().out == "a result\n"
    assert "a result" not in screen.getvalue()


@pytest.mark.parametrize("term", ["", "dumb", "unknown"])
def test_nothing_on_a_terminal_that_cannot(
    clock: list[float], screen: Screen, term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    work(clock, 2.0, 3.0)
    assert screen.getvalue() == ""


def test_nothing_off_a_terminal_nor_where_it_is_not_wanted(
    clock: list[float], screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(clock, 2.0, 3.0, enabled=False)
    assert screen.getvalue() == ""
    for other in (io.StringIO(), None):
        monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=other))
        work(clock, 2.0, 3.0)
        assert other is None or other.getvalue() == ""


@pytest.mark.parametrize("writes", [0, 1, 3])
def test_a_terminal_that_goes_away_is_no_reason_to_stop(
    clock: list[float], monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    class Going(Screen):
        def write(self, text: str) -> int:
            nonlocal writes
            writes -= 1
            if writes < 0:
                raise OSError("gone")
            return super().write(text)

    monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=Going()))
    work(clock, 2.0, 3.0, 4.0)
    assert writes < 0


def in_a_terminal(folder: Path, *words: str | Path, patience: str) -> tuple[str, str]:
    """What the program writes to a pseudo-terminal as its standard error, and to a file as its standard output."""
    ours, theirs = pty.openpty()
    start = "from bch_apportion.__main__ import main; main()"
    hurry = f"import bch_apportion.cli.progress as p; p.PATIENCE = {patience}; {start}"
    with (folder / "out").open("wb") as out:
        ran = subprocess.Popen([sys.executable, "-c", hurry, *map(str, words)], stdout=out, stderr=theirs, cwd=ROOT)
    os.close(theirs)
    blocks = []
    with suppress(OSError):  # Linux: the other end is closed
        while block := os.read(ours, 65_536):
            blocks.append(block)
    os.close(ours)
    assert ran.wait() == 0
    return b"".join(blocks).decode(), (folder / "out").read_text("utf-8")


@pytest.mark.long
def test_in_a_terminal(tmp_path: Path) -> None:
    shown, out = in_a_terminal(tmp_path, "compute", ALLIANCE, "--json", patience="-1")
    assert "reading " in shown
    assert ERASED in shown[shown.rindex("computing ") :]  # wiped off before anything else is said
    assert not [line for line in left(shown) if re.match("reading |computing ", line)]
    assert out.startswith("{")
    assert "\x1b" not in out
    for words in (("--json", "-q"), ("--csv", "--quiet")):
        assert in_a_terminal(tmp_path, "compute", ALLIANCE, *words, patience="-1")[0] == ""
    shown, _ = in_a_terminal(tmp_path, "compute", ALLIANCE, "-o", tmp_path / "result.xlsx", patience="-1")
    assert "writing " in shown
    short, _ = in_a_terminal(tmp_path, "compute", ALLIANCE, "--json", patience="60")
    assert ERASED not in short
