"""Values and amounts brought together by what they are of."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def groups(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    """The values of each key, in the order in which keys and values come.

    >>> groups([("ICT", 1), ("HR", 2), ("ICT", 3)])
    {'ICT': [1, 3], 'HR': [2]}
    """
    grouped: dict[Key, list[Value]] = {}
    for key, value in pairs:
        grouped.setdefault(key, []).append(value)
    return grouped


def sums(pairs: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    """The sum of each key's amounts.

    >>> sums([("BEDS", 1), ("HERTS", 2), ("BEDS", 3)])
    {'BEDS': 4, 'HERTS': 2}
    """
    return {key: sum(amounts) for key, amounts in groups(pairs).items()}
