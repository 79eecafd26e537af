"""The program, run in this process or in one of its own, and what it wrote."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
ALLIANCE = EXAMPLES / "alliance.xlsx"
COUNCILS = EXAMPLES / "south_hams_west_devon.xlsx"
PROGRAM = [sys.executable, "-m", "bch_apportion"]


class Ran(NamedTuple):
    code: int
    out: str
    err: str


def run(*arguments: str | Path) -> Ran:
    """The program in this process, into a pipe."""
    from bch_apportion.cli import main

    out, err = TextIOWrapper(BytesIO(), "ascii"), TextIOWrapper(BytesIO(), "ascii")
    code = 0
    with (
        patch.object(sys, "argv", ["bch-apportion", *map(str, arguments)]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        out.flush()
        err.flush()
    return Ran(code, _text(out), _text(err))


@contextmanager
def little_room() -> Iterator[None]:
    """No file may grow beyond 2,000 bytes: what a full disk does to a writer. No module is compiled to half a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with patch.object(sys, "dont_write_bytecode", True):
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def rows(*arguments: str | Path) -> list[dict[str, object]]:
    """The rows of the JSON document that the program prints."""
    ran = run(*arguments, "--json")
    assert ran.code == 0, ran.err
    shown: list[dict[str, object]] = json.loads(ran.out)["rows"]
    return shown


def same_twice_with_charts(folder: Path, *arguments: str | Path) -> None:
    """Checks that a workbook of results, written twice, has the same bytes and holds charts."""
    first, second = folder / "first.xlsx", folder / "second.xlsx"
    for path in (first, second):
        assert run(*arguments, "-o", path).code == 0
    assert first.read_bytes() == second.read_bytes()
    assert any(name.startswith("xl/charts/") for name in ZipFile(first).namelist())


def _text(stream: TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, BytesIO)
    return buffer.getvalue().decode("utf-8")


def run_apart(
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    before: Callable[[], None] | None = None,
) -> Ran:
    """The program in a process of its own; `before` runs there first."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        capture_output=True,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        check=False,
        preexec_fn=before,
    )
    return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
