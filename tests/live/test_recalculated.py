"""Recalculated by LibreOffice, the live workbook says the same pennies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.libreoffice import Office
from tests.live.formulas import differences, formulas, spoil
from tests.live.ledgers import VARIED, ledger, written_live

GROUPS = {  # each by one start of LibreOffice
    "alliance": ["alliance"],
    "councils": ["councils"],
    "small": [*VARIED],
    "random": ["random 1", "random 8", "random 21"],
}


@pytest.mark.parametrize("group", GROUPS)
def test_every_formula_comes_to_its_stored_value(group: str, office: Office, tmp_path: Path) -> None:
    """Wrong values are stored in every formula cell first, so that a cell that was not recalculated would be seen."""
    (tmp_path / "spoiled").mkdir()
    stored, spoiled = {}, []
    for name in GROUPS[group]:
        path = written_live(tmp_path, name, ledger(name))
        stored[name] = formulas(path)
        spoiled.append(tmp_path / "spoiled" / path.name)
        assert spoil(path, spoiled[-1]) == len(stored[name]) > 50
        assert len(differences(stored[name], spoiled[-1])) == len(stored[name])
    for name, path in zip(stored, office.recalculated(tmp_path / "recalculated", *spoiled), strict=True):
        assert differences(stored[name], path) == [], name
    if group == "small":
        sheets = {sheet for formulas_ in stored.values() for sheet, _ in formulas_}
        assert {"Held steps", "Uprated baselines", "No loser steps", "Share quotas", "Relief quotas"} <= sheets
