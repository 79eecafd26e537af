"""What goes with the figures into an agreement: the log of assumptions, a page for each unit, the sign-off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.live import Live
from bch_apportion.model import Force, Inputs, WindowVolumes
from bch_apportion.money import plain, pounds_words
from bch_apportion.principles.nre_default import NreInForce
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import NOT_AGREED, Origin, parameters
from bch_apportion.words import COMPONENT_WORDS, basis_words, scenario_words, stamp, standing
from bch_apportion.writing.report import Cell, Kind, Report, columns, force_columns, spans
from bch_apportion.years import FinancialYear, day_text

LONGEST_NAME = 31  # characters of a sheet's name
FORBIDDEN = frozenset("[]:*?/\\")
MOST_PAGES = 60
LONGEST_FRACTION = 15  # characters that stand in the column of a force


def assumptions_log(ledger: Ledger) -> Report:
    """Each parameter in force, years in which it is the same together: its value, where it was set, its reference."""
    rows: list[tuple[Any, ...]] = [
        ("all", "all", name, value, "Settings", "", "set in the workbook")
        for name, value in ledger.inputs.settings.given.items()
    ]
    for own in _by_unit(ledger):
        unit = own[0].unit
        for parameter in parameters().values():
            groups: dict[tuple[str, Origin], list[FinancialYear]] = {}
            for result in own:
                value = parameter.words(result.terms.values[parameter.name])
                groups.setdefault((value, result.terms.origin(parameter.name)), []).append(result.year)
            rows += [
                (unit.code, spans(years), parameter.name, value, str(origin.cell), origin.reference, _standing(origin))
                for (value, origin), years in groups.items()
            ]
        for driver in ledger.inputs.drivers.get(unit.code, ()):
            what = f"weight of the driver {driver.driver}"
            rows.append((unit.code, "all", what, str(driver.weight), driver.cell, "", "set in the workbook"))
    return Report(
        "Assumptions log",
        "Every parameter in force, its value, where it was set, and on what it rests",
        columns(
            "unit",
            "years",
            ("parameter", "wide"),
            ("value", "wide"),
            "set in",
            ("reference", "wide"),
            "standing",
        ),
        tuple(rows),
        (f"A parameter that nobody set is the program's default, and is marked “{NOT_AGREED}”.",),
    )


def _standing(origin: Origin) -> str:
    if not origin.cell:
        return NOT_AGREED
    return "with a reference" if origin.reference else "no reference given"


def _by_unit(ledger: Ledger) -> list[list[UnitYear]]:
    """The results of each unit, oldest first."""
    found: dict[str, list[UnitYear]] = {}
    for result in ledger.results:
        found.setdefault(result.unit.code, []).append(result)
    return list(found.values())


def sign_off(ledger: Ledger) -> Report:
    """Lines for a name and a date, for each force and each step, bound to the input by its hash."""
    sha256 = ledger.inputs.sha256
    laid = scenario_words(ledger.inputs)
    bound = "\n".join([f"{sha256[:32]} {sha256[32:]}", *laid])
    rows = [
        (
            f"{force.code}, {force.name}" if force.name else force.code,
            step,
            LINE,
            LINE,
            LINE,
            bound,
        )
        for force in ledger.inputs.forces
        for step in ("prepared", "reviewed", "approved")
    ]
    return Report(
        "Sign-off",
        f"Sign-off of the figures worked out from {ledger.inputs.source}, SHA-256 {sha256}"
        + "".join(f"; under {words}" for words in laid),
        columns("force", "step", "name", "signature", "date", ("SHA-256 of the input", "wide")),
        tuple(rows),
        (
            f"What is signed is the result of the input with the SHA-256 {sha256}"
            + "".join(f", under {words}" for words in laid)
            + ": a file with any other hash is another input.",
        ),
    )


LINE = "_" * 24


# Pages


def unit_pages(ledger: Ledger, live: Live, taken: Iterable[str]) -> list[Report]:
    """A page for each unit, in a form that goes into a section 22A schedule; sheet names that are not `taken`."""
    units = _by_unit(ledger)
    if len(units) > MOST_PAGES:
        return []
    names = sheet_names([own[0].unit.code for own in units], taken)
    return [_page(name, ledger.inputs, own, live) for name, own in zip(names, units, strict=True)]


def sheet_names(codes: Sequence[str], taken: Iterable[str]) -> list[str]:
    """A name for each unit's sheet that Excel takes: its code as far as it fits, numbered where two would be alike.

    >>> sheet_names(["ICT", "ict", "A/B", "Splits", "x" * 40], ["Splits"])
    ['Unit ICT', 'Unit ict (2)', 'Unit A_B', 'Unit Splits', 'Unit xxxxxxxxxxxxxxxxxxxxxxxxxx']
    """
    used, names = {name.casefold() for name in taken}, []
    for code in codes:
        safe = "".join("_" if one in FORBIDDEN or not one.isprintable() else one for one in f"Unit {code}")
        name, number = _fitted(safe, ""), 1
        while name.casefold() in used:
            number += 1
            name = _fitted(safe, f" ({number})")
        used.add(name.casefold())
        names.append(name)
    return names


def _fitted(name: str, end: str) -> str:
    """A name cut to what a sheet's name may hold; Excel counts a character beyond the basic plane as two."""
    kept = name
    while len((kept + end).encode("utf-16-le")) // 2 > LONGEST_NAME:
        kept = kept[:-1]
    return kept.rstrip().rstrip("'").rstrip() + end


class _Page:
    """The rows of a unit's page: an item, a cell for each force, one for all of them, and words."""

    def __init__(self, forces: Sequence[Force]) -> None:
        self.forces = [force.code for force in forces]
        self.rows: list[tuple[Any, ...]] = []
        self.strong: list[int] = []  # rows that stand out

    def words(self, item: str, words: str) -> None:
        self.rows.append((item, *(None for _ in self.forces), None, words))

    def figures(self, item: str, cells: dict[str, Cell], whole: Cell | None, words: str = "") -> None:
        self.rows.append((item, *(cells.get(force) for force in self.forces), whole, words))


def _page(name: str, inputs: Inputs, results: Sequence[UnitYear], live: Live) -> Report:
    page, last, forces, said = _Page(inputs.forces), results[-1], inputs.forces, stamp(inputs)
    unit, year = last.unit, last.year
    if said:
        page.words("Stands under", said)
    page.words("Unit", f"{unit.code}: {unit.name}" if unit.name else unit.code)
    page.words("Members", ", ".join(_called(force, forces) for force in last.members))
    if unit.lead:
        page.words("Lead force", _called(unit.lead, forces))
    page.words("Section 22A signed", day_text(unit.s22a_signed) if unit.s22a_signed else "not entered")
    page.words("Budget pooled from", day_text(unit.pooled_from) if unit.pooled_from else "not pooled")
    page.words(f"Basis in {year}", f"{basis_words(last.decision.basis)}: {last.decision.reason}")
    page.words("Rests on", last.decision.reference)
    page.words("Effective from", _effective(results))
    _shares(page, last, live)
    _evidence(page, last, live)
    _amounts(page, last, live)
    page.words("No loser", _protection(last))
    _baselines(page, last, live)
    for result in reversed(results[:-1]):
        _earlier(page, result, live)
    names = force_columns(page.forces, ("item", "all", "in words"))
    kinds: list[tuple[str, Kind]] = [(name, "money") for name in names]
    return Report(
        name,
        f"{unit.code}: how its cost is shared in {year}, and how it was before",
        columns("item", *kinds, ("all", "money"), ("in words", "wide")),
        tuple(page.rows),
        strong=frozenset(page.strong),
        notes=(f"A page for the section 22A schedule of {unit.code}.",),
    )


def _called(code: str, forces: Sequence[Force]) -> str:
    return next(f"{force.name} ({code})" if force.name else code for force in forces if force.code == code)


def _effective(results: Sequence[UnitYear]) -> str:
    """Since when the basis of the latest year, and since when its shares."""
    last = results[-1]
    since, unchanged = last.year, last.year
    for result in reversed(results[:-1]):
        if result.year.plus(1) != since or result.decision.basis != last.decision.basis:
            break
        since = result.year
    for result in reversed(results[:-1]):
        same = (result.members, result.decision.shares) == (last.members, last.decision.shares)
        if result.year.plus(1) != unchanged or not same:
            break
        unchanged = result.year
    first = " (the first year shown)" if since == results[0].year else ""
    return (
        f"these shares: {day_text(unchanged.first_day())}; the basis {basis_words(last.decision.basis)}: "
        f"{day_text(since.first_day())}{first}"
    )


def _shares(page: _Page, result: UnitYear, live: Live) -> None:
    known = live.shares[result.unit.code, result.year]
    cells = {force: Cell(one.value, f"={one.ref}", "share") for force, one in zip(result.members, known, strict=True)}
    whole = Cell(sum(one.value for one in known), "=" + "+".join(one.ref for one in known), "share")
    page.figures(f"Shares in {result.year}", cells, whole, _shared(result))
    exact = [str(share) for share in result.decision.shares]
    if max(map(len, exact)) > LONGEST_FRACTION:
        page.words("Exact shares as computed", "fractions on the sheet Weights")
    else:
        page.figures(
            "Exact shares as computed",
            {f: Cell(x, kind="text") for f, x in zip(result.members, exact, strict=True)},
            None,
        )


def _evidence(page: _Page, result: UnitYear, live: Live) -> None:
    """The figures under the shares."""
    decision = result.decision
    if decision.nre is not None:
        _nre(page, f"NRE {decision.nre.wanted} (£)", decision.nre, live)
    if decision.basis != "demand":
        return
    if decision.base_nre is not None:
        _nre(page, f"Fixed base: NRE {decision.base_nre.wanted} (£)", decision.base_nre, live)
    if result.terms.fixed_base:
        page.words("Fixed base", f"{parameters()['fixed base %'].words(result.terms.fixed_base)}% of the cost")
    for found in decision.volumes:
        _volume(page, result, found, live)


def _nre(page: _Page, item: str, nre: NreInForce, live: Live) -> None:
    """NRE, from the sheet of it; as a plain value where nothing is worked out from it, as under shares that stay."""
    known = {one.force: live.figures.nre_used(one) for one in nre.figures}
    pence = {one.force: one.figure.pence for one in nre.figures}
    refs = [one.ref for one in known.values() if one is not None]
    live_here = len(refs) == len(known)
    cells = {
        force: Cell(value, f"={ref}/100" if live_here else "", "money")
        for (force, value), ref in zip(pence.items(), refs if live_here else pence, strict=True)
    }
    page.figures(item, cells, Cell(sum(pence.values()), f"=({'+'.join(refs)})/100" if live_here else "", "money"))


def _volume(page: _Page, result: UnitYear, found: WindowVolumes, live: Live) -> None:
    """A driver's volumes, from the sheet of them where they are summed over the window, and its weight."""
    kind: Kind = "count" if all(Fraction(one).denominator == 1 for one in found.volumes) else "number"
    used = live.figures.volumes_used((result.unit.code, result.year), found.driver, str(found.window))
    refs = [one.ref for one in used]
    cells = {
        force: Cell(int(volume) if kind == "count" else volume, f"={ref}" if ref else "", kind)
        for force, volume, ref in zip(found.members, found.volumes, refs or [""] * len(found.members), strict=True)
    }
    total = int(found.total()) if kind == "count" else found.total()
    drivers = live.figures.inputs.drivers[result.unit.code]
    weight = plain(next(one.weight for one in drivers if one.driver == found.driver))
    words = f"weight {weight}; {len(found.counted)} of {found.window.length} months counted, {found.window.words()}"
    page.figures(f"Volume: {found.driver}", cells, Cell(total, f"={'+'.join(refs)}" if refs else "", kind), words)


def _amounts(page: _Page, result: UnitYear, live: Live) -> None:
    parts = live.amounts[result.unit.code, result.year]
    for component, by_force in parts.items():
        if component == "held" and not any(one.value for one in by_force.values()):
            continue
        cells = {force: Cell(one.value, f"=({one.ref})/100", "money") for force, one in by_force.items()}
        total = sum(one.value for one in by_force.values())
        whole = Cell(total, "=(" + "+".join(one.ref for one in by_force.values()) + ")/100", "money")
        page.figures(f"{COMPONENT_WORDS[component].capitalize()} {result.year} (£)", cells, whole)
    _pays(page, result, live, "")


def _pays(page: _Page, result: UnitYear, live: Live, words: str) -> None:
    parts = live.amounts[result.unit.code, result.year]
    cells, refs = {}, []
    for force, pence in result.totals().items():
        own = [by_force[force].ref for by_force in parts.values() if force in by_force]
        refs += own
        cells[force] = Cell(pence, "=(" + "+".join(own) + ")/100", "money")
    whole = Cell(sum(result.totals().values()), "=(" + "+".join(refs) + ")/100", "money")
    page.strong.append(len(page.rows))
    page.figures(f"Pays in {result.year} (£)", cells, whole, words)


def _protection(result: UnitYear) -> str:
    found = result.no_loser
    if found is None:
        return f"not tested in {result.year}"
    applied = parameters()["no loser %"].words(found.applied)
    outcome = "achievable" if found.achievable else "not achievable: the unit costs more than its baselines together"
    return f"protected on its baselines, {applied}% of the adjustment applied; {outcome}"


def _shared(result: UnitYear) -> str:
    """On what a year's cost stands; where a part of it is held, how much is shared at all."""
    words, staying = standing(result), sum(result.parts.staying.values())
    if not staying:
        return words
    return f"{words}: {pounds_words(staying)} stay with their holders, {pounds_words(result.parts.pooled())} are shared"


def _baselines(page: _Page, result: UnitYear, live: Live) -> None:
    """What the split was compared with."""
    known = live.baselines.get((result.unit.code, result.year), [])
    if not known:
        return
    cells = {f: Cell(one.value, f"=({one.ref})/100", "money") for f, one in zip(result.members, known, strict=True)}
    whole = Cell(sum(one.value for one in known), "=(" + "+".join(one.ref for one in known) + ")/100", "money")
    uprated = live.figures.inputs.settings.uprate_baselines and any(one.year is not None for one in result.baselines)
    page.figures("Baselines (£)", cells, whole, f"in prices of {result.year}" if uprated else "")


def _earlier(page: _Page, result: UnitYear, live: Live) -> None:
    """An earlier year, in two rows."""
    known = live.shares[result.unit.code, result.year]
    cells = {force: Cell(one.value, f"={one.ref}", "share") for force, one in zip(result.members, known, strict=True)}
    whole = Cell(sum(one.value for one in known), "=" + "+".join(one.ref for one in known), "share")
    page.figures(f"Shares in {result.year}", cells, whole, _shared(result))
    _pays(page, result, live, "")


def documents(ledger: Ledger, live: Live, taken: Iterable[str]) -> Iterator[Report]:
    """Everything that goes with the figures, in order."""
    own = ("Cover", "Notes", "Assumptions log", "Sign-off")
    yield from unit_pages(ledger, live, [*taken, *own])
    yield assumptions_log(ledger)
    yield sign_off(ledger)
