"""What every test runs under: the same examples each time, and nothing of the caller's environment."""

from __future__ import annotations

import os

import pytest
from hypothesis import Phase, settings

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
settings.register_profile("steady", derandomize=True, database=None, deadline=None, max_examples=60, phases=PHASES)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No option of the program by environment, and a terminal of 80 columns."""
    for name in list(os.environ):
        if name.startswith("BCH_APPORTION_") or name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "LINES"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
