"""Files written whole or not at all: beside the target first, then renamed over it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path


class TooLong(ValueError):
    """A text or table that an Excel sheet cannot hold."""


def write_files(contents: Mapping[Path, Callable[[Path], None]]) -> None:
    """Write every file, or none: all are written beside their targets before the first is renamed.

    Where a rename fails, or somebody stops the program between two, those already done are undone. A link is written
    through, to the file it leads to. Raises OSError where a target cannot be written; nothing is left behind.
    """
    with ExitStack() as stack:
        ready: list[tuple[Path, Path]] = []
        for named, write in contents.items():
            target = named.resolve()
            part = _beside(target, stack)
            write(part)
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.chmod(_mode(target))
            ready.append((part, target))
        with ExitStack() as undo:
            for part, target in ready:
                if len(ready) > 1:  # one rename cannot be half done
                    undo.callback(_put_back, _kept(target, stack), target)
                part.replace(target)
            undo.pop_all()  # every file is in its place: nothing is undone


def _beside(target: Path, stack: ExitStack) -> Path:
    """An empty file in the target's folder, which is gone at the end."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
    os.close(handle)
    part = Path(name)
    stack.callback(part.unlink, missing_ok=True)
    return part


def _kept(target: Path, stack: ExitStack) -> Path | None:
    """The target as it is now, under another name beside it; None where there is none."""
    if not target.exists():
        return None
    kept = _beside(target, stack)
    shutil.copy2(target, kept)
    return kept


def _put_back(kept: Path | None, target: Path) -> None:
    if kept is None:
        target.unlink(missing_ok=True)
        return
    with suppress(PermissionError):  # what could not be replaced is still as it was
        kept.replace(target)


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, else those a new file gets."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
