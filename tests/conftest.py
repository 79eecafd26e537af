"""What every test runs under: the same examples each time, and nothing of the caller's environment.

A test has LibreOffice and Chromium from the fixtures `office` and `tab` alone, and using one marks it; so no test that
needs a program can be without its mark. Where the program is missing the test is skipped, and says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import Phase, settings

from bch_apportion import door, ledger
from bch_apportion.model import Inputs
from bch_apportion.reading.workbook import Reading, read
from bch_apportion.recipe import order
from tests.browser import CHROMIUM, Tab, browser
from tests.libreoffice import SOFFICE, Office
from tests.postgres import Server, binaries, server
from tests.program import EXAMPLES

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
settings.register_profile("steady", derandomize=True, database=None, deadline=None, max_examples=60, phases=PHASES)
settings.load_profile("steady")

MARKS = {"office": "libreoffice", "tab": "browser", "postgres": "postgres"}  # by fixture


@pytest.hookimpl(tryfirst=True)  # before the marks choose what is run
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test bears the mark of the program whose fixture it uses; those that load DuckDB are long."""
    for item in items:
        if item.path.parent.name == "counting":
            item.add_marker("long")
        for fixture in MARKS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARKS[fixture])


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No option of the program by environment, and a terminal of 80 columns."""
    for name in list(os.environ):
        if name.startswith("BCH_APPORTION_") or name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "LINES"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture(scope="session", autouse=True)
def examples_once() -> Iterator[None]:
    """The examples in their folder are read and apportioned once in a process: most tests ask of them."""
    readings: dict[Path, Reading] = {}
    outcomes: dict[int, order.Outcome] = {}  # by the inputs' identity; the readings keep them alive
    run = order.run

    def read_once(path: Path, told: Any = None, **laid_over: Any) -> Reading:
        if any(laid_over.values()) or path.resolve().parent != EXAMPLES:
            return read(path, told=told, **laid_over)
        if path.resolve() not in readings:
            readings[path.resolve()] = read(path)
        return readings[path.resolve()]

    def run_once(inputs: Inputs, *step: Callable[[int, int], None]) -> order.Outcome:
        if not any(reading.inputs is inputs for reading in readings.values()):
            return run(inputs, *step)
        if id(inputs) not in outcomes:
            outcomes[id(inputs)] = run(inputs)
        return outcomes[id(inputs)]

    with (
        patch.object(door, "read", read_once),
        patch.object(order, "run", run_once),
        patch.object(ledger, "run", run_once),
    ):
        yield


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
