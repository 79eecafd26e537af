"""Files written whole or not at all: beside the target first, then renamed over it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path


def write_files(contents: Mapping[Path, Callable[[Path], None]]) -> None:
    """Write every file, or none: all are written beside their targets before the first is renamed.

    Raises OSError where a target cannot be written; nothing is left behind.
    """
    with ExitStack() as stack:
        ready: list[tuple[Path, Path]] = []
        for target, write in contents.items():
            handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
            os.close(handle)
            part = Path(name)
            stack.callback(_remove, part)
            write(part)
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.chmod(_mode(target))
            ready.append((part, target))
        for part, target in ready:
            part.replace(target)


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, else those a new file gets."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
