"""What goes with the figures into an agreement: the log of assumptions, a page for each unit, the sign-off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.live import Live
from bch_apportion.live.cells import Known, added, key_of
from bch_apportion.live.tables import Head
from bch_apportion.model import ForceCode, Inputs, UnitCode, WindowVolumes
from bch_apportion.money import plain, pounds_words
from bch_apportion.principles.nre_default import NreInForce
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import NOT_AGREED, Origin, parameters
from bch_apportion.words import COMPONENT_WORDS, basis_words, joined_words, scenario_words, stamp, standing
from bch_apportion.writing.report import Cell, Kind, Report, columns, force_columns, sheet_name, spans
from bch_apportion.years import FinancialYear, day_text

MOST_PAGES = 60
LINE = "_" * 24  # to be signed on
LONGEST_FRACTION = 15  # characters that stand in the column of a force


def assumptions_log(ledger: Ledger) -> Report:
    """Each parameter in force, years in which it is the same together: its value, where it was set, its reference."""
    given = ledger.inputs.settings.given.items()
    settings = [("all", "all", name, value, "Settings", "", "set in the workbook") for name, value in given]
    units = [row for own in _by_unit(ledger) for row in (*_parameters(own), *_drivers(ledger, own[0].unit.code))]
    heads: tuple[Head, ...] = ("unit", "years", ("parameter", "wide"), ("value", "wide"), "set in")
    return Report(
        name="Assumptions log",
        title="Every parameter in force, its value, where it was set, and on what it rests",
        columns=columns(*heads, ("reference", "wide"), "standing"),
        rows=(*settings, *units),
        notes=(f"A parameter that nobody set is the program's default, and is marked “{NOT_AGREED}”.",),
    )


def _parameters(results: Sequence[UnitYear]) -> Iterator[tuple[str, ...]]:
    """The rows of a unit's parameters."""
    for parameter in parameters().values():
        groups: dict[tuple[str, Origin], list[FinancialYear]] = {}
        for result in results:
            value = parameter.words(result.terms.values[parameter.name])
            groups.setdefault((value, result.terms.origin(parameter.name)), []).append(result.year)
        for (value, origin), years in groups.items():
            set_by = "with a reference" if origin.reference else "no reference given"
            where = (str(origin.cell), origin.reference, set_by if origin.cell else NOT_AGREED)
            yield (results[0].unit.code, spans(years), parameter.name, value, *where)


def _drivers(ledger: Ledger, unit: UnitCode) -> Iterator[tuple[str, ...]]:
    """The rows of the weights of a unit's drivers."""
    for driver in ledger.inputs.drivers.get(unit, ()):
        what = f"weight of the driver {driver.driver}"
        yield unit, "all", what, str(driver.weight), str(driver.cell), "", "set in the workbook"


def _by_unit(ledger: Ledger) -> list[list[UnitYear]]:
    """The results of each unit, oldest first."""
    by_unit: dict[UnitCode, list[UnitYear]] = {}
    for result in ledger.results:
        by_unit.setdefault(result.unit.code, []).append(result)
    return list(by_unit.values())


def sign_off(ledger: Ledger) -> Report:
    """Lines for a name and a date, for each force and each step, bound to the input by its hash."""
    sha256, joined, laid = ledger.inputs.sha256, joined_words(ledger.inputs), scenario_words(ledger.inputs)
    bound, whole = "\n".join([f"{sha256[:32]} {sha256[32:]}", *joined, *laid]), ", with ".join([sha256, *joined])
    named = [f"{force.code}, {force.name}" if force.name else force.code for force in ledger.inputs.forces]
    steps = ("prepared", "reviewed", "approved")
    calculated = f"Sign-off of the figures calculated from {ledger.inputs.source}, SHA-256 {whole}"
    signed = ", under ".join([f"Signatures apply to the result of the input with SHA-256 {whole}", *laid])
    return Report(
        name="Sign-off",
        title="; under ".join([calculated, *laid]),
        columns=columns("force", "step", "name", "signature", "date", ("SHA-256 of the input", "wide")),
        rows=tuple((force, step, LINE, LINE, LINE, bound) for force in named for step in steps),
        notes=(f"{signed}. A file with any other hash is a different input.",),
    )


def unit_pages(whole: Ledger, ledger: Ledger, live: Live, taken: Iterable[str]) -> list[Report]:
    """A page for each unit shown, in a form that goes into a section 22A schedule; sheet names that are not `taken`.

    Its figures are of the years shown; since when something holds is read from all years of the run.
    """
    units, used, pages = _by_unit(ledger), list(taken), list[Report]()
    all_years = {own[0].unit.code: own for own in _by_unit(whole)}
    for own in units if len(units) <= MOST_PAGES else ():
        used.append(sheet_name(f"Unit {own[0].unit.code}", used))
        so_far = [result for result in all_years[own[0].unit.code] if result.year <= own[-1].year]
        pages.append(_page(used[-1], ledger.inputs, own, so_far, live))
    return pages


class _Page:
    """The rows of a unit's page: an item, a cell for each force, the cell of all of them, and words."""

    def __init__(self, forces: Sequence[ForceCode], live: Live) -> None:
        self.forces, self.live = forces, live
        self.rows: list[tuple[Any, ...]] = []
        self.strong: list[int] = []  # rows that stand out

    def add(self, item: str, words: str, cells: Mapping[ForceCode, Cell] = {}, whole: Cell | None = None) -> None:
        self.rows.append((item, *(cells.get(force) for force in self.forces), whole, words))

    def figures(self, item: str, known: Mapping[ForceCode, Known], kind: Kind = "money", words: str = "") -> None:
        """Figures of the forces from other cells, and their sum."""
        cells = {force: _linked(own, kind) for force, own in known.items()}
        self.add(item, words, cells, _linked(added(known.values()), kind))


def _linked(known: Known, kind: Kind) -> Cell:
    """A figure from its cell; plain where it is in none. Money is in pounds, its cells in pence."""
    formula = f"=({known.ref})/100" if kind == "money" else f"={known.ref}"
    return Cell(known.value, formula if known.ref else "", kind)


def _page(name: str, inputs: Inputs, results: Sequence[UnitYear], so_far: Sequence[UnitYear], live: Live) -> Report:
    """The page of a unit: its terms and shares in the last year, what they rest on, and the years before."""
    page, last = _Page(inputs.force_codes(), live), results[-1]
    before = ", and how it was before" if len(results) > 1 else ""
    for item, words in _agreed(inputs, so_far):
        page.add(item, words)
    _shares(page, last)
    _exact(page, last)
    _evidence(page, last)
    _amounts(page, last)
    page.add("No loser", _protection(last))
    _baselines(page, last)
    for result in reversed(results[:-1]):
        _shares(page, result)
        _pays(page, result)
    money: list[Head] = [(column, "money") for column in force_columns(page.forces, ("item", "all", "in words"))]
    return Report(
        name=name,
        title=f"{last.unit.code}: how its cost is shared in {last.year}{before}",
        columns=columns("item", *money, ("all", "money"), ("in words", "wide")),
        rows=tuple(page.rows),
        strong=frozenset(page.strong),
        notes=(f"A page for the section 22A schedule of {last.unit.code}.",),
        group="Units",
    )


def _agreed(inputs: Inputs, results: Sequence[UnitYear]) -> Iterator[tuple[str, str]]:
    """What is agreed of a unit, in words."""
    last = results[-1]
    unit, decision = last.unit, last.decision
    names = {force.code: f"{force.name} ({force.code})" if force.name else force.code for force in inputs.forces}
    if under := stamp(inputs):
        yield "Stands under", under
    yield "Unit", f"{unit.code}: {unit.name}" if unit.name else unit.code
    yield "Members", ", ".join(names[force] for force in last.members)
    if unit.lead:
        yield "Lead force", names[unit.lead]
    yield "Section 22A signed", day_text(unit.s22a_signed) if unit.s22a_signed else "not entered"
    yield "Budget pooled from", day_text(unit.pooled_from) if unit.pooled_from else "not pooled"
    yield f"Basis in {last.year}", f"{basis_words(decision.basis)}: {decision.reason}"
    yield "Rests on", decision.reference
    yield "Effective from", _effective(results)


def _effective(results: Sequence[UnitYear]) -> str:
    """Since when the basis of the latest year, and since when its shares."""
    bases = [result.decision.basis for result in results]
    since, unchanged = _since(results, bases), _since(results, [(own.members, own.decision.shares) for own in results])
    first = " (the first year of its budgets)" if since == results[0].year else ""
    return (
        f"shares since {day_text(unchanged.first_day())}; basis ({basis_words(bases[-1])}) since "
        f"{day_text(since.first_day())}{first}"
    )


def _since(results: Sequence[UnitYear], what: Sequence[object]) -> FinancialYear:
    """The first of the years up to the last in which something is the same, given what it is in each."""
    since = results[-1].year
    for result, own in zip(results[-2::-1], what[-2::-1], strict=True):
        if result.year.plus(1) != since or own != what[-1]:
            break
        since = result.year
    return since


def _shares(page: _Page, result: UnitYear) -> None:
    """The shares of a year, and on what its cost stands; where a part of it is held, how much is shared at all."""
    words, staying = standing(result), sum(result.parts.staying.values())
    if staying:
        pooled = pounds_words(result.parts.pooled())
        words = f"{words}: {pounds_words(staying)} stay with their holders, {pooled} are shared"
    known = dict(zip(result.members, page.live.shares[key_of(result)], strict=True))
    page.figures(f"Shares in {result.year}", known, "share", words)


def _exact(page: _Page, result: UnitYear) -> None:
    exact = [str(share) for share in result.decision.shares]
    if max(map(len, exact)) > LONGEST_FRACTION:
        page.add("Exact shares as computed", "see the fractions on the sheet Weights")
    else:
        cells = {force: Cell(share, kind="text") for force, share in zip(result.members, exact, strict=True)}
        page.add("Exact shares as computed", "", cells)


def _evidence(page: _Page, result: UnitYear) -> None:
    """The figures under the shares."""
    decision = result.decision
    if decision.nre is not None:
        _nre(page, f"NRE {decision.nre.wanted} (£)", decision.nre)
    if decision.basis != "demand" or decision.kept is not None:
        return
    if decision.base_nre is not None:
        _nre(page, f"Fixed base: NRE {decision.base_nre.wanted} (£)", decision.base_nre)
    if result.terms.fixed_base:
        page.add("Fixed base", f"{parameters()['fixed base %'].words(result.terms.fixed_base)}% of the cost")
    for window in decision.volumes:
        _volume(page, result, window)


def _nre(page: _Page, item: str, nre: NreInForce) -> None:
    """NRE, from the sheet of it; as a plain value where nothing is worked out from it, as under shares that stay."""
    known = page.live.figures.nre_used(nre.figures)
    if len(known) < len(nre.figures):
        known = [Known("", own.figure.pence) for own in nre.figures]
    page.figures(item, {own.force: figure for own, figure in zip(nre.figures, known, strict=True)})


def _volume(page: _Page, result: UnitYear, window: WindowVolumes) -> None:
    """A driver's volumes, from the sheet of them where they are summed over the window, and its weight."""
    figures, whole = page.live.figures, all(Fraction(volume).denominator == 1 for volume in window.volumes)
    used = figures.volumes_used(key_of(result), window.driver, str(window.window))
    refs = [known.ref for known in used] or [""] * len(window.members)
    volumes = zip(window.members, refs, window.volumes, strict=True)
    known = {force: Known(ref, int(volume) if whole else volume) for force, ref, volume in volumes}
    counted = f"{len(window.counted)} of {window.window.length} months counted, {window.window.words()}"
    drivers = figures.inputs.drivers[result.unit.code]
    weight = plain(next(driver.weight for driver in drivers if driver.driver == window.driver))
    words = f"weight {weight}; {counted}"
    page.figures(f"Volume: {window.driver}", known, "count" if whole else "number", words)


def _amounts(page: _Page, result: UnitYear) -> None:
    for component, by_force in page.live.amounts[key_of(result)].items():
        if component != "held" or any(known.value for known in by_force.values()):
            item = f"{COMPONENT_WORDS[component].capitalize()} {result.year} (£)"
            page.figures(item, by_force)
    _pays(page, result)


def _pays(page: _Page, result: UnitYear) -> None:
    parts = page.live.amounts[key_of(result)].values()
    known = {force: added(own[force] for own in parts if force in own) for force in result.totals()}
    page.strong.append(len(page.rows))
    page.figures(f"Pays in {result.year} (£)", known)


def _protection(result: UnitYear) -> str:
    no_loser = result.no_loser
    if no_loser is None:
        return f"not tested in {result.year}"
    applied = parameters()["no loser %"].words(no_loser.applied)
    outcome = "achievable" if no_loser.achievable else "not achievable: the unit costs more than its baselines together"
    if no_loser.left_alone:
        outcome += ", so no adjustment is made"
    return f"tested against its baselines, {applied}% of the adjustment applied; {outcome}"


def _baselines(page: _Page, result: UnitYear) -> None:
    """What the split was compared with."""
    known = page.live.baselines.get(key_of(result))
    if known is not None:
        of_a_year = any(baseline.year is not None for baseline in result.baselines)
        uprated = page.live.figures.inputs.settings.uprate_baselines and of_a_year
        part = "for the part of the year that is pooled" if result.parts.partly_held else ""
        words = ", ".join(filter(None, (f"in prices of {result.year}" if uprated else "", part)))
        page.figures("Baselines (£)", dict(zip(result.members, known, strict=True)), words=words)
