"""What every test runs under: the same examples each time, and nothing of the caller's environment.

A test has LibreOffice and Chromium from the fixtures `office` and `tab` alone, and using one marks it; so no test that
needs a program can be without its mark. Where the program is missing the test is skipped, and says so.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import Phase, settings

from bch_apportion import door, ledger, queries
from bch_apportion.ledger import Ledger
from bch_apportion.model import Inputs
from bch_apportion.reading.workbook import Reading, read
from bch_apportion.recipe import order
from tests.browser import CHROMIUM, Tab, browser
from tests.libreoffice import SOFFICE, Office
from tests.postgres import Server, binaries, server
from tests.program import EXAMPLES, ROOT

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
settings.register_profile("steady", derandomize=True, database=None, deadline=None, max_examples=60, phases=PHASES)
settings.load_profile("steady")

MARKS = {"office": "libreoffice", "tab": "browser", "postgres": "postgres"}  # by fixture


def pytest_configure(config: pytest.Config) -> None:
    """Where no long test is run, what loads DuckDB is not even imported."""
    if "not long" in config.option.markexpr:
        config.option.ignore = [*(config.option.ignore or ()), *map(str, ROOT.glob("*/**/counting"))]


@pytest.hookimpl(tryfirst=True)  # before the marks choose what is run
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test bears the mark of the program whose fixture it uses; those that load DuckDB are long."""
    for item in items:
        if item.path.parent.name == "counting":
            item.add_marker("long")
        for fixture in MARKS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARKS[fixture])


def pytest_collection_finish() -> None:
    """What stands by now stays to the end: no search for cycles goes through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No option of the program by environment, and a terminal of 80 columns."""
    for name in list(os.environ):
        if name.startswith("BCH_APPORTION_") or name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "LINES"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")


class Once:
    """What came of workbooks in folders whose files stay as they are: they are read and worked out once in a process.

    So it is with what is laid over them from such a folder. What is kept is frozen: no test can spoil it for others. A
    test that changes the program asks of a workbook elsewhere.
    """

    def __init__(self, *folders: Path) -> None:
        self.folders = {*folders}
        self.readings: dict[object, Reading] = {}
        self.results: dict[object, Any] = {}
        self.kept: dict[int, object] = {}  # by identity, which nothing else has as long as it is here

    def read(self, path: Path, told: Any = None, like: Inputs | None = None, **laid_over: Any) -> Reading:
        files = [path, *laid_over.get("joined", ()), *laid_over.get("scenarios", ())]
        stay = all(file.resolve().parent in self.folders for file in files)
        if not stay or not (like is None or id(like) in self.kept):
            return read(path, told=told, like=like, **laid_over)
        words = [(name, *map(str, given)) for name, given in laid_over.items() if name != "further"]
        asked = (path.resolve(), id(like), frozenset(laid_over.get("further", ())), *words)
        if asked not in self.readings:
            self.readings[asked] = read(path, like=like, **laid_over)
            self.keep(self.readings[asked].inputs)
        return self.readings[asked]

    def keep(self, value: object) -> None:
        self.kept[id(value)] = value

    def of(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function; what came of the same workbook is kept, whoever is told how far it has come."""

        def known(about: Inputs | Ledger, *further: Any) -> Any:
            if id(about) not in self.kept:
                return function(about, *further)
            given = [argument for argument in further if not callable(argument)]
            asked = (function, id(about), *given)
            if asked not in self.results:
                self.results[asked] = function(about, *given)
                self.keep(self.results[asked])
            return self.results[asked]

        return known

    def forget(self, folder: Path) -> None:
        """The files of a folder no longer stay; what came of any is worked out anew."""
        self.folders.remove(folder)
        for known in (self.readings, self.results, self.kept):
            known.clear()


@pytest.fixture(scope="session", autouse=True)
def once() -> Iterator[Once]:
    """The examples are read, apportioned and questioned once in a process: most tests ask of them."""
    made = Once(EXAMPLES)
    run = made.of(order.run)
    with (
        patch.object(door, "read", made.read),
        patch.object(order, "run", run),
        patch.object(ledger, "run", run),
        patch.object(ledger, "tested", made.of(ledger.tested)),
        patch.object(ledger, "apportion_actuals", made.of(ledger.apportion_actuals)),
        patch.object(queries, "queries_of", made.of(queries.queries_of)),
    ):
        yield made


@pytest.fixture
def staying(once: Once, tmp_path: Path) -> Iterator[Path]:
    """A folder whose files are written before they are asked about and then stay as they are."""
    once.folders.add(tmp_path.resolve())
    yield tmp_path
    once.forget(tmp_path.resolve())


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """LibreOffice; each worker of a parallel run has profiles of its own."""
    if SOFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="session")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A tab of headless Chromium, 1280 wide; each worker of a parallel run has a browser and profile of its own."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        opened.width(1280)
        yield opened


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server on loopback."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with server(programs) as running:
        yield running
