"""A bar on standard error for what lasts: drawn after a second, on a terminal only, and gone when the work is done."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

PATIENCE = 1.0  # seconds before anything is shown, so that nothing flickers
PAUSE = 0.1  # seconds between two drawings
WIDTH = 24  # letters of the bar
CLEAR = "\r\x1b[K"


class Step(Protocol):
    """Told after a piece of work: how much was done, and (where that is known only then) of how much in all."""

    def __call__(self, done: int = 1, total: int | None = None) -> None: ...


def no_step(done: int = 1, total: int | None = None) -> None:
    """Tells nobody."""


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a bar can be drawn and wiped off there."""
    return stream is not None and stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


@contextmanager
def progress(
    enabled: bool,
    label: str,
    total: int = 0,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Step]:
    """A bar for a piece of work of `total` steps: call what it gives after each.

    Nothing is drawn unless `enabled`, the stream (standard error) is a terminal and the work lasts longer than a
    second; whatever was drawn is wiped off at the end, also where the work fails.

    >>> with progress(True, "drawing", 1000) as step:
    ...     for _ in range(1000):
    ...         step()
    """
    to = stream if stream is not None else sys.stderr
    if not enabled or not is_terminal(to):
        yield no_step
        return
    bar = _Bar(label, total, to, clock)
    try:
        yield bar
    finally:
        bar.wipe()


class _Bar:
    def __init__(self, label: str, total: int, stream: TextIO, clock: Callable[[], float]) -> None:
        self.label, self.total, self.done = label, total, 0
        self._stream, self._clock = stream, clock
        self._due, self._drawn = clock() + PATIENCE, ""

    def __call__(self, done: int = 1, total: int | None = None) -> None:
        self.done += done
        if total is not None:
            self.total = total
        now = self._clock()
        if now >= self._due:
            self._due = now + PAUSE
            self._draw()

    def _draw(self) -> None:
        text = f"{self.label} …"
        if self.total > 0:
            part = min(self.done, self.total) / self.total
            full = int(part * WIDTH)
            text = f"{self.label} [{'#' * full}{'.' * (WIDTH - full)}] {int(part * 100):3d}%"
        if text != self._drawn:
            self._write(CLEAR + text[: self._columns()])
            self._drawn = text

    def _columns(self) -> int:
        """The letters that fit a line: a bar that wraps could not be wiped off."""
        try:
            return max(os.get_terminal_size(self._stream.fileno()).columns - 1, 0) or 79
        except (OSError, ValueError):
            return 79

    def wipe(self) -> None:
        if self._drawn:
            self._write(CLEAR)
            self._drawn = ""

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError, UnicodeError):
            self._drawn = ""  # a terminal that has gone away is no reason to stop
            self._due = float("inf")
