"""A PostgreSQL server of the test's own: on loopback, in a folder of its own, gone when the tests are done."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

USER, PASSWORD = "counter", "p@ss/word:1"  # signs that a URL has to escape
TRIES = 3
KEEPERS = ("postgres", "nobody")  # the server does not run as root


class Server(NamedTuple):
    """A running server: its address, for its user and its database."""

    port: int

    @property
    def connection(self) -> str:
        """The connection of a plan, which names the password's variable."""
        return f"postgres://{USER}:${{COUNT_PASSWORD}}@127.0.0.1:{self.port}/postgres"


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL that Debian has installed, or that the path has."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    there = shutil.which("initdb")
    return debian[-1].parent if debian else Path(there).parent if there else None


def started(run: Callable[..., None], data: str, folder: Path) -> int:
    """The port of the server once it runs; somebody may take a port that was free, and then another is tried."""
    for left in reversed(range(TRIES)):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        try:
            run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
            break
        except subprocess.CalledProcessError:
            if not left:
                raise
    return port


@contextmanager
def server(programs: Path) -> Iterator[Server]:
    """A server with passwords, whose texts are in the order of English words and not of their letters' numbers."""
    folder = Path(tempfile.mkdtemp(prefix="count-postgres-"))
    keeper = next((name for name in KEEPERS if name in {user.pw_name for user in pwd.getpwall()}), None)
    who = {"user": keeper} if os.geteuid() == 0 and keeper else {}

    def run(name: str, *arguments: str) -> None:
        subprocess.run([programs / name, *arguments], check=True, capture_output=True, cwd=folder, **who)  # type: ignore[call-overload]

    try:
        (folder / "password").write_text(PASSWORD, "utf-8")
        if who and keeper:
            shutil.chown(folder, keeper)
        data, order = str(folder / "data"), ("--locale=C", "--locale-provider=icu", "--icu-locale=en-GB")
        run("initdb", "-D", data, "-U", USER, "-E", "UTF8", "-A", "scram-sha-256", "--pwfile=password", "-N", *order)
        port = started(run, data, folder)
        try:
            yield Server(port)
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
