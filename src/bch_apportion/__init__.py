"""Apportions the cost of shared units on agreed principles, exact to the penny, with every figure explained.

from bch_apportion import read_workbook, apportion

ledger = apportion(read_workbook("examples/alliance.xlsx"))
ledger.frame()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bch_apportion.door import read_workbook
    from bch_apportion.ledger import Ledger, apportion
    from bch_apportion.model import Inputs
    from bch_apportion.problems import ControlsFailed, InputProblems, Problem

__version__ = "0.1.0"
__all__ = ["ControlsFailed", "InputProblems", "Inputs", "Ledger", "Problem", "apportion", "read_workbook"]

_HOMES = {
    "read_workbook": "door",
    "apportion": "ledger",
    "Ledger": "ledger",
    "Inputs": "model",
    "InputProblems": "problems",
    "ControlsFailed": "problems",
    "Problem": "problems",
}


def __getattr__(name: str) -> Any:  # imported where used, so that --help answers at once
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
