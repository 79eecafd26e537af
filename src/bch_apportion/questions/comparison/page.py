"""Who gains and who loses between two sides, by unit and by cause: the tables of `compare`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from bch_apportion.answers import headings, table
from bch_apportion.questions.bridge import LEDGER_CAUSES
from bch_apportion.questions.bridge_page import CAUSES, ONE_SIDED
from bch_apportion.questions.comparison.rows import Compare, ComparedRow, LeftUncovered, TippingPoint
from bch_apportion.writing.report import Report, columns, plain_table

HEADER = "difference = B − A; positive costs more on B"
WHO = {"unit": "unit", "year": "year", "force": "force"}
SIDES = {"A": "a", "B": "b", "difference": "difference"}
NOTHING = "Nothing can be compared."
OVER_ALL = {"year": "year", "force": "force"}


def _effects(answer: Compare) -> dict[str, str]:
    """The columns of causes."""
    shown = [c for c in LEDGER_CAUSES if c not in ONE_SIDED or any(row.effects[c] for row in answer.rows)]
    return {CAUSES[cause]: f"effects.{cause}" for cause in shown}


def gains(answer: Compare) -> Report:
    """Over all units, what each force pays on both sides, and whether it gains or loses."""
    title = f"Who gains, who loses, over all units: A is {answer.a}, B is {answer.b}; {HEADER}"
    names = {**OVER_ALL, **SIDES, "B for the force": partial(verdict, answer)}
    return plain_table("Gains and losses", title, table(_over_all(answer), ComparedRow, names), empty=NOTHING)


def verdict(answer: Compare, row: ComparedRow) -> str:
    """Whether the force gains or loses on side B, or leaves."""
    if any(left.force == row.force for left in answer.uncovered):
        return "leaves"
    return "loses" if row.difference > 0 else "gains" if row.difference < 0 else ""


def _over_all(answer: Compare) -> list[ComparedRow]:
    return [row for row in answer.rows if row.unit is None]


def by_unit(answer: Compare) -> Report:
    """The same by unit, where there is a difference."""
    differing = [row for row in answer.rows if row.unit is not None and (row.difference or any(row.effects.values()))]
    rows = table(differing, ComparedRow, {**WHO, **SIDES, **_effects(answer)})
    return plain_table("By unit and cause", f"By unit and cause: {HEADER}", rows, empty="No unit differs.")


def by_cause(answer: Compare) -> Report:
    """What each cause moves for each force, over all units."""
    rows = table(_over_all(answer), ComparedRow, {**OVER_ALL, **_effects(answer), "difference": "difference"})
    return plain_table("By cause", f"By cause, over all units: {HEADER}", rows, empty=NOTHING)


def tipping(answer: Compare) -> Report:
    """The demand share at which each force is indifferent between the two bases."""
    names: dict[str, Any] = {
        **WHO,
        **headings("demand share: demand_share | tipping point: tipping_share | movement, points: movement"),
        "within 0 to 100%": lambda row: "yes" if row.reachable else "no",
    }
    meaning = (
        "The tipping point is the share of demand at which a force would pay as much on demand as on the other "
        "basis, before no loser, the others keeping their proportions."
    )
    return plain_table(
        "Tipping points",
        "Tipping points",
        table(answer.tipping, TippingPoint, names),
        kinds={"tipping point": "share", "movement, points": "points"},
        notes=(meaning,),
        units="",
        empty="No unit stands on demand on one side.",
    )


def uncovered(answer: Compare) -> Report:
    """What the force that leaves bore."""
    meaning = (
        "Left uncovered: what the force bears of the pooled and implementation costs and of no loser; on side B "
        "the others bear it. Its direct lines and what it holds leave with it."
    )
    rows = table(answer.uncovered, LeftUncovered, {**WHO, "left uncovered": "amount", "leaves with it": "own"})
    return plain_table("Left uncovered", "The cost left uncovered", rows, notes=(meaning,), empty="It shares no unit.")


def counterparts(answer: Compare) -> Report:
    """Units and years that cannot be compared, and why."""
    sides = {"B alone has it": answer.without_a, "A alone has it": answer.without_b}
    heads = columns("unit", ("year", "year"), ("why", "wide"))
    rows = (
        *((row.unit, None, row.reason) for row in answer.not_comparable),
        *((row.unit, row.year, why) for why, rows in sides.items() for row in rows),
    )
    title = "Units and years that one side alone has, and units that cannot be compared"
    return Report("Not compared", title, heads, rows, empty="None.")


def tables(answer: Compare) -> dict[str, Callable[[], list[Report]]]:
    """The tables behind the first page, by the names that `--show` knows."""
    return {
        "gains": lambda: [gains(answer)],
        "causes": lambda: [by_cause(answer)],
        "units": lambda: [by_unit(answer)],
        "tipping": lambda: [tipping(answer)] if answer.tipping else [],
        "uncovered": lambda: [uncovered(answer)] if answer.uncovered else [],
        "not-compared": lambda: [counterparts(answer)],
    }
