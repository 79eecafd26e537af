"""What each force pays, on which basis and why: the reports of `compute`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bch_apportion.ledger import DetailLine, Ledger, by_subjective
from bch_apportion.places import cell_runs
from bch_apportion.principles.robust_demand import month_list
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import parameters
from bch_apportion.words import BASIS_WORDS, COMPONENT_WORDS, basis_words, standing
from bch_apportion.writing.report import Chart, Report, columns, force_columns, spans
from bch_apportion.years import FinancialYear


def splits(ledger: Ledger) -> Report:
    """Per unit and year what each force pays over all components, with totals for each year."""
    forces = ledger.inputs.force_codes()
    names = force_columns(forces, ("unit", "year", "basis", "total"))
    rows, totals = [], []
    for year in ledger.years():
        sums = dict.fromkeys(forces, 0)
        for result in (r for r in ledger.results if r.year == year):
            paid = result.totals()
            for force, pence in paid.items():
                sums[force] += pence
            rows.append(
                (
                    result.unit.code,
                    year,
                    standing(result),
                    *(paid.get(force) for force in forces),
                    sum(paid.values()),
                )
            )
        totals.append(("All units", year, "", *sums.values(), sum(sums.values())))
    return Report(
        "Splits",
        "What each force pays",
        columns("unit", ("year", "year"), "basis", *((name, "money") for name in names), ("total", "money")),
        (*rows, *totals),
        ("All components together; a force that is not a member of the unit has no figure.",),
        "£",
        len(totals),
        charts=(_by_year(tuple(names), len(rows), len(totals)),) if totals else (),
    )


def _by_year(forces: tuple[str, ...], first: int, years: int) -> Chart:
    """The contributions to the units shown, by year, the forces stacked."""
    return Chart("stacked", "What each force pays for all units shown", "year", forces, first, first + years - 1)


def splits_of_year(ledger: Ledger, year: FinancialYear) -> Report:
    """The splits of one year, for the screen: its units, then their total."""
    whole = splits(ledger.only(years=[year]))
    return Report(
        whole.name,
        f"What each force pays in {year}",
        tuple(column for column in whole.columns if column.name != "year"),
        tuple((row[0], *row[2:]) for row in whole.rows),
        (),
        whole.units,
        whole.totals,
    )


def lines(ledger: Ledger) -> Report:
    """Every line of the ledger."""
    rows = [
        (
            line.unit,
            line.year,
            COMPONENT_WORDS[line.component],
            line.force,
            BASIS_WORDS[line.basis],
            line.share,
            str(line.share) if line.share is not None else "",
            line.pence,
            line.reference,
            cell_runs(line.cells),
        )
        for line in ledger.lines
    ]
    return Report(
        "Lines",
        "Every line of the ledger",
        columns(
            "unit",
            ("year", "year"),
            "component",
            "force",
            "basis",
            ("share", "share"),
            "exact share",
            ("amount", "money"),
            ("reference", "wide"),
            ("cells", "wide"),
        ),
        tuple(rows),
        ("For each unit and year the lines sum to the budget.",),
        "£",
    )


def bases(ledger: Ledger) -> Report:
    """On what each unit stands in each year, and why."""
    forces = ledger.inputs.force_codes()
    rows = []
    for result in ledger.results:
        decision, terms = result.decision, result.terms
        shares = dict(zip(result.members, decision.shares, strict=True))
        rows.append(
            (
                result.unit.code,
                result.year,
                basis_words(decision.basis),
                basis_words(result.changed_from) if result.changed_from else "",
                decision.reason,
                "yes" if decision.robust else "no",
                str(decision.window),
                month_list(decision.left_out()),
                terms.fixed_base,
                result.parts.fraction,
                *(shares.get(force) for force in forces),
                decision.reference,
            )
        )
    return Report(
        "Bases",
        "The basis of each unit and year, and why",
        columns(
            "unit",
            ("year", "year"),
            "basis",
            "changed from",
            ("reason", "wide"),
            "demand robust",
            "window",
            ("months left out", "wide"),
            ("fixed base %", "percent"),
            ("part of the year pooled", "share"),
            *((f"share {force}", "share") for force in forces),
            ("reference", "wide"),
        ),
        tuple(rows),
    )


def bases_in_words(ledger: Ledger) -> Report:
    """The basis of each unit, years with the same basis and reason together."""
    runs: list[tuple[UnitYear, list[FinancialYear]]] = []
    for result in ledger.results:
        same = runs and runs[-1][0].unit == result.unit and _same_basis(runs[-1][0], result)
        if same and runs[-1][1][-1].plus(1) == result.year:
            runs[-1][1].append(result.year)
        else:
            runs.append((result, [result.year]))
    rows = [
        (first.unit.code, spans(years), standing(first), _shares(first, years), first.decision.reason)
        for first, years in runs
    ]
    return Report(
        "Bases",
        "The basis of each unit, and why",
        columns("unit", "years", "basis", ("shares", "wide"), ("reason", "wide")),
        tuple(rows),
    )


def _same_basis(one: UnitYear, other: UnitYear) -> bool:
    return (standing(one), one.decision.reason) == (standing(other), other.decision.reason)


def _shares(result: UnitYear, years: list[FinancialYear]) -> str:
    from bch_apportion.money import percent

    shown = " · ".join(percent(share) for share in result.decision.shares)
    return shown if len(years) == 1 else f"{shown} in {years[0]}"


def changes_of_basis(ledger: Ledger) -> Report:
    """Units whose basis differs from that of the year before, with the reason."""
    rows = [
        (r.unit.code, r.year, basis_words(r.changed_from), basis_words(r.decision.basis), r.decision.reason)
        for r in ledger.results
        if r.changed_from is not None
    ]
    return Report(
        "Changes of basis",
        "Units whose basis differs from that of the year before",
        columns("unit", ("year", "year"), "from", "to", ("reason", "wide")),
        tuple(rows),
        empty="No unit's basis differs from that of the year before.",
    )


def tests(results: Iterable[UnitYear]) -> Report:
    """Every robustness test, with its figures."""
    rows = [
        (r.unit.code, r.year, test.driver or "", test.test, test.outcome, test.detail)
        for r in results
        for test in r.decision.tests
    ]
    return Report(
        "Tests",
        "Robustness of the demand data",
        columns("unit", ("year", "year"), "driver", "test", "outcome", ("figures", "wide")),
        tuple(rows),
    )


def shadow(ledger: Ledger, only_differing: bool = False) -> Report:
    """What the demand split would have been, beside the one applied."""
    rows = []
    for result in ledger.results:
        decision = result.decision
        same = decision.shadow == decision.shares or not result.parts.pooled()
        if decision.shadow is None or (only_differing and same):
            continue
        for force, share, would, applied, pence in zip(
            result.members, decision.shares, decision.shadow, result.pooled, result.shadow, strict=True
        ):
            rows.append((result.unit.code, result.year, force, share, would, applied, pence, pence - applied))
    return Report(
        "Shadow split",
        "The demand split beside the one applied" + (" (where they differ)" if only_differing else ""),
        columns(
            "unit",
            ("year", "year"),
            "force",
            ("applied share", "share"),
            ("demand share", "share"),
            ("applied", "money"),
            ("on demand", "money"),
            ("difference", "money"),
        ),
        tuple(rows),
        ("The pooled cost alone. A unit without usable demand data has no row.",),
        "£",
        empty="Every unit with usable demand data stands on it.",
    )


def no_loser(ledger: Ledger) -> Report:
    """The no-loser test of each protected unit and year, by force: who is relieved, and who funds it."""
    rows: list[tuple[Any, ...]] = []
    for result in ledger.results:
        found = result.no_loser
        if found is None:
            continue
        verdict = "achievable" if found.achievable else "not achievable"
        for place, (force, pooled, baseline, move) in enumerate(
            zip(result.members, result.pooled, found.baselines, found.adjustments, strict=True)
        ):
            role = "relieved" if move < 0 else "funds" if move > 0 else ""
            rows.append(
                (
                    result.unit.code,
                    result.year,
                    force,
                    pooled,
                    baseline,
                    move,
                    pooled + move,
                    role,
                    found.applied,
                    verdict,
                    found.short if found.short and not place else None,  # of the unit: said once
                )
            )
    return Report(
        "No loser",
        "No loser: the pooled split against what each force paid before",
        columns(
            "unit",
            ("year", "year"),
            "force",
            ("pooled", "money"),
            ("baseline", "money"),
            ("adjustment", "money"),
            ("pays", "money"),
            "role",
            ("applied %", "percent"),
            "outcome",
            ("unit short by", "money"),
        ),
        tuple(rows),
        ("An adjustment below zero relieves a force, one above zero is what it funds; they sum to zero.",),
        "£",
        empty="No unit of these years is protected.",
    )


def protection(ledger: Ledger) -> Report:
    """Per force the net of all no-loser adjustments shown, year by year and in all."""
    forces = ledger.inputs.force_codes()
    rows: list[tuple[Any, ...]] = []
    for year in ledger.years():
        net = ledger.only(years=[year]).protection()
        if any(net.values()):
            rows.append((str(year), *net.values()))
    totals = 0
    if len(rows) > 1:
        rows.append(("All years", *ledger.protection().values()))
        totals = 1
    return Report(
        "Net protection",
        "No loser, net per force over all units",
        columns("year", *((name, "money") for name in force_columns(forces, ("year",)))),
        tuple(rows),
        ("Below zero: relieved on balance. Above zero: funds the others on balance.",),
        "£",
        totals,
    )


def pooling(ledger: Ledger) -> Report:
    """Units pooled for a part of the year, and units whose s22A is signed but whose budget is not pooled."""
    rows: list[tuple[Any, ...]] = []
    for result in ledger.results:
        fraction = result.parts.fraction
        if 0 < fraction < 1:
            days = (result.year.days() * fraction).numerator
            rows.append(
                (
                    result.unit.code,
                    str(result.year),
                    "part-pooled",
                    result.unit.pooled_from,
                    days,
                    f"pooled on {days} of {result.year.days()} days",
                )
            )
    rows += [
        (
            one.unit,
            f"at {one.day.isoformat()}",
            "signed, not pooled",
            None,
            one.days,
            f"{one.days} days since the s22A was signed on {one.signed.isoformat()}",
        )
        for one in ledger.unpooled()
    ]
    return Report(
        "Pooling",
        "Units part-pooled, and units signed but not pooled",
        columns("unit", "when", "state", ("pooled from", "date"), ("days", "whole"), ("in words", "wide")),
        tuple(rows),
        empty="Every unit is either wholly pooled or not signed.",
    )


def parameters_in_force(ledger: Ledger) -> Report:
    """Every parameter in force, years in which it is the same together, with where it comes from."""
    rows: list[tuple[Any, ...]] = []
    for unit in dict.fromkeys(result.unit for result in ledger.results):
        own = [result for result in ledger.results if result.unit == unit]
        for parameter in parameters().values():
            groups: dict[tuple[str, str], list[FinancialYear]] = {}
            for result in own:
                value = parameter.words(result.terms.values[parameter.name])
                groups.setdefault((value, str(result.terms.origin(parameter.name))), []).append(result.year)
            rows += [
                (unit.code, spans(years), parameter.name, value, origin) for (value, origin), years in groups.items()
            ]
    return Report(
        "Parameters",
        "Parameters in force, and where each comes from",
        columns("unit", "years", "parameter", "value", ("origin", "wide")),
        tuple(rows),
    )


def controls(ledger_controls: Iterable[Any]) -> Report:
    """Every control, passed or failed, with figures."""
    rows = [(one.control, "passed" if one.passed else "FAILED", one.detail) for one in ledger_controls]
    return Report("Controls", "Controls", columns(("control", "wide"), "outcome", ("figures", "wide")), tuple(rows))


def detail(ledger: Ledger, by: str) -> Report:
    """The components broken down by budget line or by subjective; by line and by force it sums to the lines."""
    found: Iterable[DetailLine] = ledger.detail()
    if by == "subjective":
        found = by_subjective(found)
    rows = [
        (
            one.unit,
            one.year,
            COMPONENT_WORDS[one.component],
            *((one.line, one.subjective) if by == "line" else (one.subjective,)),
            one.force,
            one.pence,
            cell_runs(one.cells),
        )
        for one in found
    ]
    heads = ("line", "subjective") if by == "line" else ("subjective",)
    return Report(
        "Detail",
        f"The components by {'budget line' if by == 'line' else by}",
        columns("unit", ("year", "year"), "component", *heads, "force", ("amount", "money"), ("cells", "wide")),
        tuple(rows),
        (),
        "£",
    )


def everything(ledger: Ledger, by: str | None = None) -> list[Report]:
    """The reports of a file, in order."""
    reports = [
        splits(ledger),
        lines(ledger),
        bases(ledger),
        tests(ledger.results),
        shadow(ledger),
        changes_of_basis(ledger),
        no_loser(ledger),
        protection(ledger),
        pooling(ledger),
        parameters_in_force(ledger),
        controls(ledger.controls),
    ]
    if by:
        reports.insert(2, detail(ledger, by))
    return reports


def screen(ledger: Ledger, by: str | None = None) -> list[Report]:
    """The reports of the screen: what an analyst would want first."""
    shown = [splits_of_year(ledger, year) for year in ledger.years()]
    shown += [bases_in_words(ledger), changes_of_basis(ledger), shadow(ledger, only_differing=True)]
    shown += [no_loser(ledger), protection(ledger), pooling(ledger)]
    if by:
        shown.append(detail(ledger, by))
    return [*shown, controls(ledger.controls)]
