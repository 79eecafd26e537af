"""The JSON documents of each command: fixed forms that other programs read. Money is a decimal string of pounds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from bch_apportion import __version__
from bch_apportion.ledger import Control
from bch_apportion.model import Inputs


def run_of(inputs: Inputs, as_at: date | None = None) -> dict[str, Any]:
    """What a result was worked out from."""
    found: dict[str, Any] = {
        "version": __version__,
        "input": inputs.source,
        "sha256": inputs.sha256,
        "scenarios": [one.name for one in inputs.scenarios],
        "settings": dict(inputs.settings.given),
    }
    hashes = {one.name: one.sha256 for one in inputs.scenarios if one.sha256}
    if hashes:
        found["scenario_sha256"] = hashes
    if as_at is not None:
        found["as_at"] = as_at.isoformat()
    return found


def controls(found: Sequence[Control]) -> list[dict[str, Any]]:
    return [{"control": one.control, "passed": one.passed, "detail": one.detail} for one in found]
