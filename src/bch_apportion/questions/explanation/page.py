"""How a figure came about: a page of plain words for one unit and year, for one force or for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.model import BudgetRow, Component, ForceCode, Inputs, Line, Volume, WindowVolumes
from bch_apportion.money import Exact, Pence, decimal_text, percent, plain, pounds, pounds_words, quotas
from bch_apportion.places import Place, cell_runs, column_letters
from bch_apportion.principles import (
    agreed_shares,
    implementation_costs,
    no_loser,
    nre_default,
    pooling,
    robust_demand,
    rolling_demand,
)
from bch_apportion.principles.nre_default import NreInForce, nre_shares
from bch_apportion.principles.robust_demand import month_list
from bch_apportion.questions.documents import basis as basis_document
from bch_apportion.questions.documents import posting, run_of
from bch_apportion.questions.split.page import tests
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import parameters, principle_text
from bch_apportion.words import BASIS_WORDS, COMPONENT_WORDS
from bch_apportion.writing.report import Page, Report, columns
from bch_apportion.years import Months

# The rule that each line rests on, and the principle of the paper behind it.
RULES: dict[str, tuple[Any, int | None]] = {
    "nre": (nre_default, 1),
    "demand": (rolling_demand, 3),
    "agreed": (agreed_shares, 1),
    "held": (pooling, 5),
    "direct": (pooling, 5),
    "implementation": (implementation_costs, 4),
    "no_loser": (no_loser, 2),
    "robust": (robust_demand, 3),
}
DIRECT = "A budget line that is for one force alone is borne by that force."


def first_sentence(rule: Any) -> str:
    """The sentence of a rule that an accountant reads."""
    return str(rule.__doc__ or "").strip().split("\n", 1)[0]


def _rule_of(line: Line) -> tuple[str, int | None]:
    if line.component == "direct":
        return DIRECT, None
    rule, number = RULES["implementation" if line.component == "implementation" else line.basis]
    return first_sentence(rule), number


def page(inputs: Inputs, result: UnitYear, force: ForceCode | None) -> Page:
    """The page for a unit and year; `force` narrows the lines, not the evidence, which all members share."""
    lines = [line for line in result.lines if force in (None, line.force)]
    who = force or "all forces"
    total = sum(line.pence for line in lines)
    name = f" ({result.unit.name})" if result.unit.name and result.unit.name != result.unit.code else ""
    title = f"{result.unit.code}{name} {result.year}: {who} {'pays' if force else 'pay'} {pounds_words(total)}"
    blocks: list[str | Report | tuple[str]] = [_lines_table(lines, total)]
    seen: set[Component] = set()
    for line in lines:
        if line.component not in seen:
            seen.add(line.component)
            blocks += _component(inputs, result, line)
    blocks += [("The parameters in force",), _parameters(result)]
    return Page(title, tuple(blocks), result.unit.code)


def pages(ledger: Ledger) -> list[Page]:
    """A page for every unit and year shown, for all forces."""
    return [page(ledger.inputs, result, None) for result in ledger.results]


def _lines_table(lines: Sequence[Line], total: Pence) -> Report:
    rows: list[tuple[Any, ...]] = [
        (
            line.force,
            COMPONENT_WORDS[line.component],
            BASIS_WORDS[line.basis],
            line.share,
            line.pence,
            line.reference,
        )
        for line in lines
    ]
    rows.append(("Total", "", "", None, total, ""))
    heads = columns("force", "component", "basis", ("share", "share"), ("amount", "money"), ("reference", "wide"))
    return Report("Lines", "Its lines", heads, tuple(rows), (), "£", 1)


def _component(inputs: Inputs, result: UnitYear, line: Line) -> Iterator[str | Report | tuple[str]]:
    sentence, number = _rule_of(line)
    yield (COMPONENT_WORDS[line.component].capitalize(),)
    yield sentence
    if number is not None:
        yield f"Principle {number}: “{principle_text(number)}”  Reference: {line.reference}."
    if line.component == "pooled":
        yield from _pooled(inputs, result)
    elif line.component == "held":
        yield from _held(result)
    elif line.component == "direct":
        yield _budget(result.parts.direct, "The budget lines that are direct to a force")
    elif line.component == "implementation" and result.implementation_nre is not None:
        yield _budget(result.parts.implementation, "The implementation lines")
        yield _nre(result.implementation_nre)
        total = sum(row.pence for row in result.parts.implementation)
        yield _rounding(result.members, total, nre_shares(_pence(result.implementation_nre)), "implementation cost")
    elif line.component == "no_loser":
        yield from _no_loser(inputs, result)


def _pence(nre: NreInForce) -> list[Pence]:
    return [one.figure.pence for one in nre.figures]


def _budget(rows: Iterable[BudgetRow], title: str) -> Report:
    listed = list(rows)
    table: list[tuple[Any, ...]] = [
        (row.cell, row.line, row.subjective, row.type, row.held_by, row.direct_to, row.pence) for row in listed
    ]
    table.append(("Total", "", "", "", "", "", sum(row.pence for row in listed)))
    heads = columns("cell", "line", "subjective", "type", "held by", "direct to", ("amount", "money"))
    keep = [i for i, column in enumerate(heads) if column.name in ("cell", "amount") or any(r[i] for r in table[:-1])]
    return Report(
        "Budget",
        title,
        tuple(heads[i] for i in keep),
        tuple(tuple(row[i] for i in keep) for row in table),
        (),
        "£",
        1,
    )


def _pooled(inputs: Inputs, result: UnitYear) -> Iterator[str | Report | tuple[str]]:
    parts, decision, terms = result.parts, result.decision, result.terms
    yield f"Why on {BASIS_WORDS[decision.basis]}: {decision.reason}."
    if parts.revenue:
        yield _budget(parts.revenue, "The revenue lines behind the pooled cost")
    if parts.held and parts.fraction < 1:
        yield (
            f"The budget is pooled for {_part(result)} of the year, so {pounds_words(sum(parts.staying.values()))} of "
            "the lines with a holder stays with the holders."
        )
    yield f"The pooled cost is {pounds_words(parts.pooled())}."
    if decision.nre is not None:
        yield _nre(decision.nre)
    if decision.basis == "agreed" and decision.agreed is not None:
        agreed = decision.agreed
        rows = tuple((force, agreed.shares[force], agreed.cells.get(force, "")) for force in result.members)
        title = f"Agreed shares from {agreed.from_year}"
        yield Report("Agreed shares", title, columns("force", ("share", "share"), "cell"), rows)
    if decision.volumes:
        yield from _demand(inputs, result)
    if decision.tests:
        yield first_sentence(robust_demand)
        whole = tests([result])
        keep = [i for i, column in enumerate(whole.columns) if column.name not in ("unit", "year")]
        yield Report(
            whole.name,
            whole.title,
            tuple(whole.columns[i] for i in keep),
            tuple(tuple(row[i] for i in keep) for row in whole.rows),
        )
    kept = decision.rebase is not None and decision.rebase.kept
    if terms.share_decimals is not None and decision.basis != "agreed" and not kept:
        decimals = "whole percents" if not terms.share_decimals else f"{terms.share_decimals} decimals of a percent"
        yield f"The shares are brought to {decimals}, summing to 100, before the cost is split."
    yield _rounding(result.members, parts.pooled(), decision.shares, "pooled cost")
    if decision.shadow is not None and decision.shadow != decision.shares:
        would = tuple(zip(result.members, decision.shadow, result.shadow, strict=True))
        heads = columns("force", ("demand share", "share"), ("amount", "money"))
        yield Report("Shadow split", "The demand split would have been", heads, would, (), "£")


def _part(result: UnitYear) -> str:
    days = result.year.days() * result.parts.fraction
    return f"{days} of {result.year.days()} days"


def _nre(nre: NreInForce) -> Report:
    shares = nre_shares(_pence(nre))
    rows: list[tuple[Any, ...]] = [
        (one.force, str(one.year), one.figure.pence, share, one.figure.cell, one.figure.source)
        for one, share in zip(nre.figures, shares, strict=True)
    ]
    rows.append(("Total", "", sum(_pence(nre)), Fraction(1), "", ""))
    heads = columns("force", "year", ("NRE", "money"), ("share", "share"), "cell", ("source", "wide"))
    return Report("NRE", f"Net revenue expenditure of {nre.wanted}", heads, tuple(rows), (), "£", 1)


def _demand(inputs: Inputs, result: UnitYear) -> Iterator[str | Report]:
    decision, terms, members = result.decision, result.terms, result.members
    drivers = inputs.drivers[result.unit.code]
    yield (
        f"The demand window is {decision.window.words()}: {terms.window_months} months, ending {terms.lag_months} "
        f"months before 1 April {result.year.start}."
        if terms.lag_months >= 0
        else f"The demand window is {decision.window.words()}: {terms.window_months} months, ending "
        f"{-terms.lag_months} months after 1 April {result.year.start} (a true-up on the year's own data)."
    )
    total_weight = sum(driver.weight for driver in drivers)
    for driver, found, shares in zip(drivers, decision.volumes, decision.driver_shares, strict=True):
        left = month_list(found.left_out)
        counted = f"{len(found.counted)} of {found.window.length} months count for every member"
        weight = f", weight {plain(driver.weight)} of {plain(total_weight)}" if len(drivers) > 1 else ""
        yield f"Driver “{driver.driver}”{weight}: {counted}" + (
            f"; left out: {left}." if left else "; none is left out."
        )
        rows: list[tuple[Any, ...]] = [
            (force, volume, shares[i] if shares is not None else None)
            for i, (force, volume) in enumerate(zip(members, found.volumes, strict=True))
        ]
        rows.append(("Total", found.total(), Fraction(1) if shares is not None else None))
        method = "mean of the shares of the 12-month blocks" if terms.demand_method == "mean" else "share of the volume"
        cells = volume_cells(inputs, found)
        heads = columns("force", ("volume", "number"), ("share", "share"))
        notes = (f"Share: {method}. Cells: {', '.join(cells)}.",) if cells else ()
        yield Report("Volumes", f"Volumes of {driver.driver}", heads, tuple(rows), notes, "", 1)
        if terms.demand_method == "mean" and shares is not None:
            blocks = tuple(
                (str(block.months), *(Fraction(v) / block.total() for v in block.volumes)) for block in found.blocks
            )
            heads = columns("block", *((force, "share") for force in members))
            yield Report("Blocks", f"Shares of the blocks of {driver.driver}", heads, blocks)
    if decision.demand is not None and (decision.base is not None or len(drivers) > 1):
        base = decision.base or (None,) * len(members)
        blended = tuple(zip(members, decision.demand, base, decision.new or (None,) * len(members), strict=True))
        heads = columns("force", ("demand", "share"), ("fixed base", "share"), ("together", "share"))
        title = (
            f"Demand with a fixed base of {plain(terms.fixed_base)}%" if terms.fixed_base else "The drivers together"
        )
        on = "equal shares" if terms.fixed_base_on == "equal" else "NRE"
        notes = (f"The fixed base stands on {on}.",) if terms.fixed_base else ()
        keep = [0, 1, 2, 3] if terms.fixed_base else [0, 1]
        yield Report(
            "Shares", title, tuple(heads[i] for i in keep), tuple(tuple(row[i] for i in keep) for row in blended), notes
        )
        if decision.base_nre is not None:
            yield _nre(decision.base_nre)


def volumes_used(inputs: Inputs, found: WindowVolumes) -> list[tuple[Months, ForceCode, Volume]]:
    """The volumes of the Demand sheet that lie in the window, of the members."""
    demand = inputs.demand[found.driver]
    used = [
        (Months(month, 1), force, volume)
        for month in found.window.months()
        for force, volume in demand.monthly.get(month, {}).items()
        if force in found.members
    ]
    for months, slot in demand.longer.items():
        if months.first >= found.window.first and months.last <= found.window.last:
            used += [(months, force, volume) for force, volume in slot.items() if force in found.members]
    return used


def volume_cells(inputs: Inputs, found: WindowVolumes) -> list[str]:
    """The cells of the volumes in the window, runs down a column together.

    Shapes: texts such as Demand!C31:C66, in the order of the sheet's columns.
    """
    by_column: dict[int, list[int]] = {}
    given: list[Place] = []  # by scenarios
    for _, _, volume in volumes_used(inputs, found):
        if volume.source:
            given.append(volume.source)
        elif volume.row:
            by_column.setdefault(volume.column, []).append(volume.row)
    return [
        cell_runs([Place(inputs.demand_sheet, f"{column_letters(column)}{row}") for row in sorted(rows)])
        for column, rows in sorted(by_column.items())
    ] + ([cell_runs(given)] if given else [])


def _rounding(members: Sequence[ForceCode], total: Pence, shares: Sequence[Exact], what: str) -> Report:
    """The exact quota of each member, its floor, and who got the odd penny."""
    sign = "-" if total < 0 else ""
    rows = []
    for force, share, quota in zip(members, shares, quotas(total, shares), strict=True):
        exact = quota.floor + Fraction(quota.remainder, quota.divisor)
        rows.append(
            (
                force,
                str(share) if len(str(share)) <= 24 else f"≈{percent(share, 6)}",
                sign + decimal_text(exact / 100, 6),
                (-1 if total < 0 else 1) * quota.floor,
                f"{quota.remainder}/{quota.divisor}"
                if quota.divisor < 10**12
                else decimal_text(exact - quota.floor, 12),
                "odd penny" if quota.odd else "",
                (-1 if total < 0 else 1) * (quota.floor + quota.odd),
            )
        )
    odd = sum(quota.odd for quota in quotas(total, shares))
    pennies = "no penny is" if not odd else "one penny is" if odd == 1 else f"{odd} pennies are"
    return Report(
        "Rounding",
        f"The rounding of the {what}: {pounds_words(total)} by share, the pennies left to the largest remainders",
        columns(
            "force",
            "exact share",
            ("exact quota", "number"),
            ("floor", "money"),
            "remainder, pence",
            "odd penny",
            ("amount", "money"),
        ),
        tuple(rows),
        (f"After the floors {pennies} left over.",),
        "£",
    )


def _held(result: UnitYear) -> Iterator[str | Report]:
    parts = result.parts
    when = f"pooled from {result.unit.pooled_from.isoformat()}" if result.unit.pooled_from else "not pooled (no date)"
    yield (
        f"The budget is {when}: for {_part(result)} of {result.year}. Of each holder's lines the part for the other "
        "days stays with it, rounded half up once."
    )
    rows = []
    for holder, stays in parts.staying.items():
        total = sum(row.pence for row in parts.held if row.held_by == holder)
        rows.append((holder, total, decimal_text(1 - parts.fraction, 6), stays, total - stays))
    heads = columns("holder", ("its lines", "money"), ("part held", "number"), ("held", "money"), ("pooled", "money"))
    yield Report("Held", "What stays with the holders", heads, tuple(rows), (), "£")
    yield _budget(parts.held, "The lines with a holder")


def _no_loser(inputs: Inputs, result: UnitYear) -> Iterator[str | Report]:
    found = result.no_loser
    if found is None:
        return
    rows = []
    for i, force in enumerate(result.members):
        baseline = result.baselines[i]
        rows.append(
            (
                force,
                result.pooled[i],
                baseline.pence,
                str(baseline.year or ""),
                found.baselines[i],
                result.pooled[i] - found.baselines[i],
                found.adjustments[i],
                baseline.cell,
            )
        )
    heads = columns(
        "force",
        ("pooled", "money"),
        ("paid before", "money"),
        "prices of",
        ("baseline", "money"),
        ("over baseline", "money"),
        ("adjustment", "money"),
        "cell",
    )
    yield Report("No loser", "The pooled split against the baselines", heads, tuple(rows), (), "£")
    if any(one != given.pence for one, given in zip(found.baselines, result.baselines, strict=True)):
        years = dict.fromkeys(baseline.year for baseline in result.baselines if baseline.year is not None)
        index = ", ".join(
            f"{year} {plain(inputs.deflators[year].index)} ({inputs.deflators[year].cell})"
            for year in (*years, result.year)
            if year in inputs.deflators
        )
        yield f"The baselines are brought to {result.year} prices with the index: {index}."
    yield (
        f"Above their baselines: {pounds_words(found.excess)} in all (excess). Below: {pounds_words(found.headroom)} "
        f"(headroom). {plain(found.applied)}% of the adjustment is applied."
    )
    gains_bear = "Losers are relieved in proportion to their losses, gainers bear it in proportion to their gains"
    steps = []
    for i, force in enumerate(result.members):
        over = result.pooled[i] - found.baselines[i]
        exact = decimal_text(found.targets[i] / 100, 6)
        steps.append(
            (force, max(0, over), max(0, -over), found.full[i], exact, result.pooled[i] + found.adjustments[i])
        )
    heads = columns(
        "force",
        ("loss", "money"),
        ("gain", "money"),
        ("full adjustment", "money"),
        ("exact target", "number"),
        ("pays", "money"),
    )
    title = f"The relief of {pounds_words(min(found.excess, found.headroom))}, brought to whole pence"
    notes = (
        f"{gains_bear}, each by largest remainder; the exact target is the pooled amount and "
        f"{plain(found.applied)}% of the full adjustment; pennies left after the floors go to the largest remainders.",
    )
    yield Report("Relief", title, heads, tuple(steps), notes, "£")
    if not found.achievable:
        yield (
            f"No loser is not achievable: the losses exceed the gains by {pounds_words(found.short)}. Gainers give up "
            "all their gain and no more."
        )


def _parameters(result: UnitYear) -> Report:
    rows = tuple(
        (p.name, p.words(result.terms.values[p.name]), str(result.terms.origin(p.name))) for p in parameters().values()
    )
    return Report(
        "Parameters", "Each with where it comes from", columns("parameter", "value", ("origin", "wide")), rows
    )


# The same as a document


def document(ledger: Ledger, force: ForceCode | None) -> dict[str, Any]:
    """The JSON of `explain`, for the one unit and year that the ledger shows."""
    (result,) = ledger.results
    inputs, decision, parts = ledger.inputs, result.decision, result.parts
    lines = [line for line in result.lines if force in (None, line.force)]
    return {
        "schema": "bch-apportion/explain/1",
        "run": run_of(inputs, ledger.as_at),
        "unit": result.unit.code,
        "year": str(result.year),
        "force": force,
        "members": list(result.members),
        "amount": pounds(sum(line.pence for line in lines)),
        "lines": [_line_document(result, line) for line in lines],
        "budget": [
            {
                "cell": str(row.cell),
                "line": row.line,
                "subjective": row.subjective,
                "type": row.type,
                "held_by": row.held_by or None,
                "direct_to": row.direct_to or None,
                "amount": pounds(row.pence),
            }
            for row in (*parts.implementation, *parts.direct, *parts.revenue)
        ],
        "pooled": {
            "amount": pounds(parts.pooled()),
            "fraction": str(parts.fraction),
            "held": {holder: pounds(pence) for holder, pence in parts.staying.items()},
        },
        "basis": basis_document(result),
        "window": {
            "first_day": decision.window.words().partition(" to ")[0],
            "last_day": decision.window.words().partition(" to ")[2],
        },
        "drivers": [
            {
                "driver": driver.driver,
                "weight": plain(driver.weight),
                "months_counted": len(found.counted),
                "months_left_out": month_list(found.left_out),
                "volumes": {f: plain(v) for f, v in zip(found.members, found.volumes, strict=True)},
                "shares": None if shares is None else _by_force(found.members, shares),
                "blocks": [
                    {
                        "block": str(block.months),
                        "volumes": {f: plain(v) for f, v in zip(found.members, block.volumes, strict=True)},
                    }
                    for block in found.blocks
                ],
                "cells": volume_cells(inputs, found),
            }
            for driver, found, shares in zip(
                inputs.drivers.get(result.unit.code, ()), decision.volumes, decision.driver_shares, strict=True
            )
        ],
        "shares": {
            "demand": None if decision.demand is None else _by_force(result.members, decision.demand),
            "fixed_base": None if decision.base is None else _by_force(result.members, decision.base),
            "new": None if decision.new is None else _by_force(result.members, decision.new),
            "applied": _by_force(result.members, decision.shares),
        },
        "rebase": _rebase_document(result),
        "nre": None if decision.nre is None else _nre_document(decision.nre),
        "fixed_base_nre": None if decision.base_nre is None else _nre_document(decision.base_nre),
        "implementation_nre": None if result.implementation_nre is None else _nre_document(result.implementation_nre),
        "agreed": None
        if decision.basis != "agreed" or decision.agreed is None
        else {
            "from_year": str(decision.agreed.from_year),
            "shares": {force: str(share) for force, share in decision.agreed.shares.items()},
            "cells": {force: str(cell) for force, cell in decision.agreed.cells.items()},
        },
        "no_loser": _no_loser_document(inputs, result),
        "baselines": [
            {
                "force": name,
                "paid_before": pounds(baseline.pence),
                "prices_of": None if baseline.year is None else str(baseline.year),
                "baseline": pounds(used),
                "cell": str(baseline.cell),
            }
            for name, baseline, used in zip(
                result.members, result.baselines, result.no_loser.baselines if result.no_loser else (), strict=False
            )
        ],
    }


def _by_force(members: Sequence[ForceCode], shares: Sequence[Fraction]) -> dict[str, str]:
    return {force: str(share) for force, share in zip(members, shares, strict=True)}


def _rebase_document(result: UnitYear) -> dict[str, Any] | None:
    """The comparison with the shares last settled, where there was one."""
    rebase = result.decision.rebase
    if rebase is None:
        return None
    return {
        "settled": _by_force(result.members, rebase.settled.shares),
        "settled_in": str(rebase.settled.year),
        "settled_by": rebase.settled.basis,
        "new": _by_force(result.members, rebase.new),
        "movement": decimal_text(rebase.movement),
        "tolerance": plain(rebase.tolerance),
        "kept": rebase.kept,
    }


def _no_loser_document(inputs: Inputs, result: UnitYear) -> dict[str, Any] | None:
    """The no-loser adjustment step by step, where it was tested."""
    found = result.no_loser
    if found is None:
        return None
    years = dict.fromkeys([baseline.year for baseline in result.baselines if baseline.year is not None])
    uprated = inputs.settings.uprate_baselines and years
    return {
        "relief": pounds(min(found.excess, found.headroom)),
        "applied": plain(found.applied),
        "short": pounds(found.short),
        "forces": [
            {
                "force": force,
                "pooled": pounds(result.pooled[i]),
                "baseline": pounds(found.baselines[i]),
                "full_adjustment": pounds(found.full[i]),
                "exact_target_pence": str(found.targets[i]),
                "adjustment": pounds(found.adjustments[i]),
            }
            for i, force in enumerate(result.members)
        ],
        "index": [
            {
                "year": str(year),
                "index": plain(inputs.deflators[year].index),
                "cell": str(inputs.deflators[year].cell),
            }
            for year in ((*years, result.year) if uprated else ())
            if year in inputs.deflators
        ],
    }


def sheets(shown: Page) -> list[Report]:
    """A page as sheets: its words in one, each of its tables in one of its own."""
    words: list[tuple[str]] = [(shown.title,)]
    tables: list[Report] = []
    for block in shown.blocks:
        if isinstance(block, Report):
            number = 1 + sum(one.name.rstrip(" 0123456789") == block.name for one in tables)
            name = block.name if number == 1 else f"{block.name} {number}"
            tables.append(replace(block, name=name))
            words.append((f"{block.title}: see the sheet {name}.",))
        else:
            words.append((block[0].upper() if isinstance(block, tuple) else block,))
    return [Report("Explanation", shown.title, columns(("in words", "wide")), tuple(words)), *tables]


def _nre_document(nre: NreInForce) -> list[dict[str, str]]:
    return [
        {
            "force": one.force,
            "year": str(one.year),
            "nre": pounds(one.figure.pence),
            "cell": str(one.figure.cell),
            "source": one.figure.source,
        }
        for one in nre.figures
    ]


def _line_document(result: UnitYear, line: Line) -> dict[str, Any]:
    sentence, number = _rule_of(line)
    found: dict[str, Any] = {
        **posting(line),
        "principle": number,
        "principle_text": None if number is None else principle_text(number),
        "rule": sentence,
        "reference": line.reference,
        "cells": list(map(str, line.cells)),
        "rounding": None,
    }
    if line.share is not None:
        if line.component == "pooled":
            total, shares = result.parts.pooled(), result.decision.shares
        else:
            total = sum(row.pence for row in result.parts.implementation)
            shares = nre_shares(_pence(result.implementation_nre)) if result.implementation_nre is not None else ()
        quota = quotas(total, shares)[result.members.index(line.force)]
        found["rounding"] = {
            "total": pounds(total),
            "floor": pounds(quota.floor),
            "remainder_of_a_penny": f"{quota.remainder}/{quota.divisor}",
            "odd_penny": bool(quota.odd),
            "sign": -1 if total < 0 else 1,
        }
    return found
