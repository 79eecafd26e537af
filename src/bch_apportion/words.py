"""What bases, components and scenarios are called wherever a person reads them."""

from __future__ import annotations

from typing import get_args

from bch_apportion.model import Basis, Component, Inputs
from bch_apportion.problems import UnitNote
from bch_apportion.recipe.posting import UnitYear

COMPONENT_WORDS: dict[str, str] = {component: component.replace("_", " ") for component in get_args(Component)}
BASIS_WORDS: dict[str, str] = {basis: basis.replace("_", " ") for basis in get_args(Basis)}
BASIS_WORDS |= {"nre": "NRE", "agreed": "agreed shares"}


def basis_words(basis: Basis) -> str:
    return BASIS_WORDS[basis]


def instead(alternative: str) -> str:
    """Another basis as an alternative: on NRE instead."""
    return f"on {BASIS_WORDS.get(alternative, alternative)} instead"


def standing(result: UnitYear) -> str:
    """On what a unit's cost of the year stands, in words; where nothing of it is pooled yet, that it is held."""
    words = basis_words(result.decision.basis) + (" (kept)" if result.decision.kept is not None else "")
    if result.parts.held and not result.parts.fraction:
        return "held" if not result.parts.unheld else f"held, {words}"
    return f"part held, {words}" if result.parts.held and result.parts.fraction < 1 else words


def part_year_note(result: UnitYear, so: str) -> UnitNote:
    """A note that the outturn of a unit and year is not whole, and what follows from it."""
    months, unit = len(result.months()), result.unit.code
    return UnitNote(f"{unit} {result.year}: the outturn has {months} of the 12 months, {so}", unit)


def stamp(inputs: Inputs) -> str:
    """Under what a result stands, in words; nothing where it is the workbook alone."""
    joined = (f"with {own.file}" for own in inputs.joined)
    names = "; ".join((*joined, *(scenario.name for scenario in inputs.scenarios)))
    return f"Not the workbook alone: {names}" if names else ""


def joined_words(inputs: Inputs) -> list[str]:
    """The workbooks whose rows were joined, each with its hash."""
    return [f"{file} (SHA-256 {sha256})" for file, sha256 in inputs.joined]


def scenario_words(inputs: Inputs) -> list[str]:
    """What was laid over the workbook, each with the hash of its file."""
    return [
        f"{scenario.name} (SHA-256 {scenario.sha256})" if scenario.sha256 else scenario.name
        for scenario in inputs.scenarios
    ]


def many(count: int, thing: str) -> str:
    """A number of things.

    >>> many(1, "cell"), many(1200, "cell")
    ('1 cell', '1,200 cells')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
