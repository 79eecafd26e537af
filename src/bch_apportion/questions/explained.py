"""What the rows of Explanations explain of a variance, in pence, in the unit's row and in each force's.

A row explains the effect of its cause: in the row of the force it names alone, else of the unit and of each force; with
an amount that much of it, never more than the effect. The cause `all` explains what the other rows leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bch_apportion.model import Explanation, ForceCode, name_key
from bch_apportion.money import Pence, pounds_words, split
from bch_apportion.questions.bridge import Bridge, Bridges
from bch_apportion.reading.values import key

Rows = dict[ForceCode | None, Pence]
"""An amount for each force and, under None, for the unit as a whole."""
ALL = "all"


def is_against(row: Explanation, comparison: str) -> bool:
    """Whether an explanation is about a comparison: business-case, budget, a year, a workbook, forecast, track."""
    return name_key(row.against) == ("" if comparison == "business-case" else name_key(comparison))


def given_for(bridge: Bridge, rows: Iterable[Explanation]) -> list[Explanation]:
    return [row for row in rows if (row.unit, row.year) == (bridge.unit, bridge.year)]


def explained(bridge: Bridge, given: Sequence[Explanation]) -> Rows:
    """What the explanations `given` for a bridge explain of its variance: of the unit, and of each force."""
    return _explained_of(_effects(bridge, given), given)


def _effects(bridge: Bridge, given: Sequence[Explanation]) -> dict[str, Rows]:
    """What there is to explain, by cause as causes are compared; under `all` what the others leave."""
    effects = {key(cause): _with_unit(moved) for cause, moved in bridge.effects.items()}
    variance = _with_unit({force: bridge.actual[force] - pence for force, pence in bridge.plan.items()})
    explained_by_cause = _explained_of(effects, given)
    return {**effects, ALL: {force: pence - explained_by_cause[force] for force, pence in variance.items()}}


def _with_unit(amounts: Mapping[ForceCode, Pence]) -> Rows:
    return dict(amounts) | {None: sum(amounts.values())}


def _explained_of(effects: Mapping[str, Rows], given: Sequence[Explanation]) -> Rows:
    by_cause = [_explained_once([row for row in given if key(row.cause) == c], rows) for c, rows in effects.items()]
    return {force: sum(part[force] for part in by_cause) for force in by_cause[0]}


def _explained_once(rows: Sequence[Explanation], effects: Rows) -> Rows:
    """What rows about the same cause explain together, never more than its effect."""
    parts = [_part(row, effects) for row in rows]
    return {force: _within(sum(part.get(force, 0) for part in parts), pence) for force, pence in effects.items()}


def _part(row: Explanation, effects: Rows) -> Rows:
    """What a row explains of the effect of its cause."""
    if row.force:
        effect = effects.get(row.force, 0)
        return {row.force: effect if row.pence is None else _within(row.pence, effect)}
    if row.pence is None:
        return effects
    return _split(_within(row.pence, effects[None]), effects)


def _split(pence: Pence, effects: Rows) -> Rows:
    """An amount of the unit, split over the forces in proportion to their effects of its sign."""
    sign = -1 if pence < 0 else 1
    weights = {force: max(0, effect * sign) for force, effect in effects.items() if force is not None}
    if not any(weights.values()):
        return {None: pence}
    return {None: pence, **dict(zip(weights, split(pence, list(weights.values())), strict=True))}


def _within(pence: Pence, effect: Pence) -> Pence:
    """An amount, no more than the effect; 0 where it has the other sign.

    >>> _within(70, 50), _within(-70, -50), _within(30, 50), _within(-30, 50)
    (50, -50, 30, 0)
    """
    low, high = min(0, effect), max(0, effect)
    return max(low, min(pence, high))


# What explains less than it says


def unused(bridges: Bridges, rows: Sequence[Explanation]) -> Iterator[str]:
    """Notes on explanations of a comparison that explain nothing, or less than their amount."""
    alone = {(entry.unit, entry.year) for entry in (*bridges.without_plan, *bridges.without_actual)}
    alone -= {(bridge.unit, bridge.year) for bridge in bridges.bridges if bridge.unit is not None}
    for row in rows:
        if (row.unit, row.year) in alone:
            yield f"{row.cell}: explains nothing: {row.unit} {row.year} has nothing to be compared with"
    for bridge in bridges.bridges:
        given = given_for(bridge, rows)
        effects = _effects(bridge, given)
        for row in given:
            if said := _said(row, effects):
                yield f"{row.cell}: {said}"


def _said(row: Explanation, effects: Mapping[str, Rows]) -> str:
    """What is to be said of an explanation; empty where it explains all it says."""
    own = effects.get(key(row.cause))
    if own is None:
        return f"explains nothing: the causes of this comparison are {', '.join(effects)}"
    if row.force and row.force not in own:
        return f"explains nothing: {row.force} bears nothing of {row.unit} {row.year}"
    effect, part = own[row.force or None], _part(row, own)
    moved = f"{row.cause} moved {row.force or 'the unit as a whole'} by {pounds_words(effect)}"
    if not any(part.values()):
        amount = "" if row.pence is None else f", and the amount is {pounds_words(row.pence)}"
        return f"explains nothing: {moved}{amount}"
    if row.pence is not None and abs(row.pence) > abs(effect):
        return f"explains {pounds_words(effect)} and not {pounds_words(row.pence)}: {moved}"
    return ""
