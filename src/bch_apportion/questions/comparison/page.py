"""Who gains and who loses between two sides, by unit and by cause: the reports of `compare`."""

from __future__ import annotations

from typing import Any

from bch_apportion.model import ForceCode, UnitCode
from bch_apportion.money import decimal_text, pounds
from bch_apportion.questions.comparison.rule import Comparison
from bch_apportion.questions.documents import controls, run_of
from bch_apportion.questions.variance.page import CAUSES
from bch_apportion.questions.variance.rule import LEDGER_CAUSES
from bch_apportion.writing.report import Report, columns
from bch_apportion.years import FinancialYear

HEADER = "difference = B − A; positive costs more on B"
Row = tuple[UnitCode | None, FinancialYear, ForceCode, int, int, dict[str, int]]


def words(found: Comparison) -> str:
    return f"A is {found.names[0]}, B is {found.names[1]}"


def rows(found: Comparison) -> list[Row]:
    """A row per unit, year and force, then (unit None) per year and force over all units that both sides have."""
    by_unit: list[Row] = [
        (
            one.unit,
            one.year,
            force,
            one.plan[force],
            one.actual[force],
            {cause: one.effects[cause][force] for cause in LEDGER_CAUSES},
        )
        for one in found.found.bridges
        for force in one.forces()
    ]
    order = list(dict.fromkeys((*found.b.inputs.force_codes(), *found.a.inputs.force_codes())))
    sums: dict[tuple[FinancialYear, ForceCode], tuple[int, int, dict[str, int]]] = {}
    for _, year, force, a, b, effects in by_unit:
        old, new, moved = sums.get((year, force), (0, 0, dict.fromkeys(LEDGER_CAUSES, 0)))
        sums[year, force] = old + a, new + b, {cause: moved[cause] + effects[cause] for cause in LEDGER_CAUSES}
    entries = sorted(sums, key=lambda entry: (entry[0], order.index(entry[1])))
    return by_unit + [(None, year, force, *sums[year, force]) for year, force in entries]


def gains(found: Comparison) -> Report:
    """Over all units, what each force pays on both sides, and whether it gains or loses."""
    shown = tuple(
        (year, force, a, b, b - a, "loses" if b > a else "gains" if b < a else "")
        for unit, year, force, a, b, _ in rows(found)
        if unit is None
    )
    heads = columns(
        ("year", "year"), "force", ("A", "money"), ("B", "money"), ("difference", "money"), "B for the force"
    )
    title = f"Who gains, who loses, over all units: {words(found)}; {HEADER}"
    return Report("Gains and losses", title, heads, shown, (), "£", empty="Nothing can be compared.")


def by_unit(found: Comparison) -> Report:
    """The same by unit, where there is a difference."""
    shown = tuple(
        (unit, year, force, a, b, b - a, *(effects[cause] for cause in LEDGER_CAUSES))
        for unit, year, force, a, b, effects in rows(found)
        if unit is not None and (a != b or any(effects.values()))
    )
    causes = [(CAUSES[cause], "money") for cause in LEDGER_CAUSES]
    heads = columns(
        "unit",
        ("year", "year"),
        "force",
        ("A", "money"),
        ("B", "money"),
        ("difference", "money"),
        *causes,  # type: ignore[arg-type]
    )
    title = f"By unit and cause: {HEADER}"
    return Report("By unit and cause", title, heads, shown, (), "£", empty="No unit differs.")


def by_cause(found: Comparison) -> Report:
    """What each cause moves for each force, over all units."""
    shown = tuple(
        (year, force, *(effects[cause] for cause in LEDGER_CAUSES), b - a)
        for unit, year, force, a, b, effects in rows(found)
        if unit is None
    )
    causes = [(CAUSES[cause], "money") for cause in LEDGER_CAUSES]
    heads = columns(("year", "year"), "force", *causes, ("difference", "money"))  # type: ignore[arg-type]
    title = f"By cause, over all units: {HEADER}"
    return Report("By cause", title, heads, shown, (), "£", empty="Nothing can be compared.")


def tipping(found: Comparison) -> Report:
    """The demand share at which each force is indifferent between the two bases."""
    shown = tuple(
        (
            one.unit,
            one.year,
            one.force,
            one.demand_share,
            one.tipping_share,
            one.movement,
            "yes" if one.reachable else "no",
        )
        for one in found.tipping
    )
    heads = columns(
        "unit",
        ("year", "year"),
        "force",
        ("demand share", "share"),
        ("tipping point", "share"),
        ("movement, points", "points"),
        "within 0 to 100%",
    )
    note = (
        "The tipping point is the share of demand at which a force would pay as much on demand as on the other basis, "
        "before no loser, the others keeping their proportions."
    )
    return Report(
        "Tipping points", "Tipping points", heads, shown, (note,), empty="No unit stands on demand on one side."
    )


def uncovered(found: Comparison) -> Report:
    """What the force that leaves bore."""
    shown = tuple((one.unit, one.year, one.force, one.pence, one.own) for one in found.uncovered)
    heads = columns("unit", ("year", "year"), "force", ("left uncovered", "money"), ("leaves with it", "money"))
    note = (
        "Left uncovered: what the force bears of the pooled and implementation costs and of no loser; on side B the "
        "others bear it. Its direct lines and what it holds leave with it."
    )
    return Report("Left uncovered", "The cost left uncovered", heads, shown, (note,), "£", empty="It shares no unit.")


def counterparts(found: Comparison) -> Report:
    """Units and years that cannot be compared, and why."""
    shown: list[tuple[Any, ...]] = [(one.unit, None, one.reason) for one in found.not_comparable]
    shown += [(one.unit, one.year, "B alone has it") for one in found.found.without_plan]
    shown += [(one.unit, one.year, "A alone has it") for one in found.found.without_actual]
    heads = columns("unit", ("year", "year"), ("why", "wide"))
    return Report("Not compared", "Units and years that are not compared", heads, tuple(shown), empty="None.")


def everything(found: Comparison) -> list[Report]:
    """The reports of a file, and of the screen."""
    reports = [gains(found), by_cause(found), by_unit(found)]
    if found.tipping:
        reports.append(tipping(found))
    if found.uncovered:
        reports.append(uncovered(found))
    return [*reports, counterparts(found)]


def flat(found: Comparison) -> Report:
    """The rows of the JSON as one table, for CSV."""
    shown = tuple(
        (unit or "", str(year), force, a, b, b - a, *(effects[cause] for cause in LEDGER_CAUSES))
        for unit, year, force, a, b, effects in rows(found)
    )
    causes = [(cause, "money") for cause in LEDGER_CAUSES]
    heads = columns(
        "unit",
        "year",
        "force",
        ("a", "money"),
        ("b", "money"),
        ("difference", "money"),
        *causes,  # type: ignore[arg-type]
    )
    return Report("Comparison", "Comparison", heads, shown, (), "£")


def document(found: Comparison) -> dict[str, Any]:
    """The JSON of `compare`."""
    return {
        "schema": "bch-apportion/compare/1",
        "run": run_of(found.a.inputs, found.a.as_at),
        "other": run_of(found.b.inputs, found.b.as_at),
        "a": found.names[0],
        "b": found.names[1],
        "rows": [
            {
                "unit": unit,
                "year": str(year),
                "force": force,
                "a": pounds(a),
                "b": pounds(b),
                "difference": pounds(b - a),
                "effects": {cause: pounds(pence) for cause, pence in effects.items()},
            }
            for unit, year, force, a, b, effects in rows(found)
        ],
        "tipping": [
            {
                "unit": one.unit,
                "year": str(one.year),
                "force": one.force,
                "demand_share": decimal_text(one.demand_share),
                "tipping_share": None if one.tipping_share is None else decimal_text(one.tipping_share),
                "movement": None if one.movement is None else decimal_text(one.movement),
                "reachable": one.reachable,
            }
            for one in found.tipping
        ],
        "uncovered": [
            {
                "unit": one.unit,
                "year": str(one.year),
                "force": one.force,
                "amount": pounds(one.pence),
                "own": pounds(one.own),
            }
            for one in found.uncovered
        ],
        "not_comparable": [{"unit": one.unit, "reason": one.reason} for one in found.not_comparable],
        "without_a": [{"unit": one.unit, "year": str(one.year)} for one in found.found.without_plan],
        "without_b": [{"unit": one.unit, "year": str(one.year)} for one in found.found.without_actual],
        "controls": [
            {"side": side, **entry}
            for side, ledger in (("a", found.a), ("b", found.b))
            for entry in controls(ledger.controls)
        ],
        "notes": list(dict.fromkeys((*found.a.notes, *found.b.notes))),
    }
