"""A bar on standard error for what lasts: rich's, after a second, on a terminal only, gone when the work is done."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0  # seconds before anything is shown, so that nothing flickers
PAUSE = 0.1  # seconds between two drawings
BROKEN = (OSError, ValueError, UnicodeError)  # a terminal that has gone away is no reason to stop


@contextmanager
def progress(enabled: bool, label: str, total: int = 0) -> Iterator[Callable[..., None]]:
    """A bar for a piece of work of `total` steps: call what it gives after each, with how many were done.

    Without a number it was a single step; where the total is known only then, it is the second argument.

    Nothing is drawn unless `enabled`, standard error is a terminal and the work lasts longer than a second; whatever
    was drawn is wiped off at the end, also where the work fails.

    >>> with progress(True, "drawing", 1000) as step:
    ...     for _ in range(1000):
    ...         step()
    """
    if not enabled or not _draws():
        yield lambda done=1, total=None: None
        return
    bar = _Bar(label, total)
    try:
        yield bar
    finally:
        bar.wipe()


def _draws() -> bool:
    """Whether standard error is a terminal on which a bar can be wiped off, and codes for it are wanted."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("NO_COLOR"):
        return False
    return os.environ.get("TERM", "") not in ("", "dumb", "unknown")


class _Bar:
    """Counts from the start; draws, and loads what draws, when it is due."""

    def __init__(self, label: str, total: int) -> None:
        self._label, self._total, self._done = label, total, 0
        self._due = monotonic() + PATIENCE
        self._drawn: Progress | None = None

    def __call__(self, done: int = 1, total: int | None = None) -> None:
        self._done += done
        self._total = self._total if total is None else total
        now = monotonic()
        if now >= self._due:
            self._due = now + PAUSE
            self._draw()

    def _draw(self) -> None:
        try:
            self._drawn = self._drawn or _begun(self._label, self._total)
            self._drawn.update(self._drawn.task_ids[0], completed=self._done, total=self._total or None, refresh=True)
        except BROKEN:
            self._due = float("inf")

    def wipe(self) -> None:
        if self._drawn is not None:
            with suppress(*BROKEN):
                self._drawn.stop()


def _begun(label: str, total: int) -> Progress:
    """A bar that draws when it is told to, and leaves alone what else is written."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    console = Console(file=sys.stderr, force_terminal=True)
    bar = Progress(console=console, transient=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
    bar.add_task(escape(label), total=total or None)
    bar.start()
    return bar
