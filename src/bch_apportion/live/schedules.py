"""What goes with the figures into an agreement: the log of assumptions, a page for each unit, the sign-off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.live import Live
from bch_apportion.live.cells import Known, key_of
from bch_apportion.live.tables import Head
from bch_apportion.model import Force, ForceCode, Inputs, UnitCode, WindowVolumes
from bch_apportion.money import plain, pounds_words
from bch_apportion.principles.nre_default import NreInForce
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.terms import NOT_AGREED, Origin, parameters
from bch_apportion.words import COMPONENT_WORDS, basis_words, scenario_words, stamp, standing
from bch_apportion.writing.report import Cell, Kind, Report, columns, force_columns, sheet_name, spans
from bch_apportion.years import FinancialYear, day_text

MOST_PAGES = 60
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
            where = (str(origin.cell), origin.reference, _standing(origin))
            yield (results[0].unit.code, spans(years), parameter.name, value, *where)


def _drivers(ledger: Ledger, unit: UnitCode) -> Iterator[tuple[str, ...]]:
    """The rows of the weights of a unit's drivers."""
    for driver in ledger.inputs.drivers.get(unit, ()):
        what = f"weight of the driver {driver.driver}"
        yield unit, "all", what, str(driver.weight), str(driver.cell), "", "set in the workbook"


def _standing(origin: Origin) -> str:
    if not origin.cell:
        return NOT_AGREED
    return "with a reference" if origin.reference else "no reference given"


def _by_unit(ledger: Ledger) -> list[list[UnitYear]]:
    """The results of each unit, oldest first."""
    by_unit: dict[UnitCode, list[UnitYear]] = {}
    for result in ledger.results:
        by_unit.setdefault(result.unit.code, []).append(result)
    return list(by_unit.values())


def sign_off(ledger: Ledger) -> Report:
    """Lines for a name and a date, for each force and each step, bound to the input by its hash."""
    sha256, laid = ledger.inputs.sha256, scenario_words(ledger.inputs)
    bound = "\n".join([f"{sha256[:32]} {sha256[32:]}", *laid])
    named = [f"{force.code}, {force.name}" if force.name else force.code for force in ledger.inputs.forces]
    steps = ("prepared", "reviewed", "approved")
    signed = f"Signatures apply to the result of the input with SHA-256 {sha256}"
    return Report(
        name="Sign-off",
        title=f"Sign-off of the figures calculated from {ledger.inputs.source}, SHA-256 {sha256}"
        + "".join(f"; under {words}" for words in laid),
        columns=columns("force", "step", "name", "signature", "date", ("SHA-256 of the input", "wide")),
        rows=tuple((force, step, LINE, LINE, LINE, bound) for force in named for step in steps),
        notes=(
            "".join([signed, *(f", under {w}" for w in laid), ". A file with any other hash is a different input."]),
        ),
    )


LINE = "_" * 24


# Pages


def unit_pages(ledger: Ledger, live: Live, taken: Iterable[str]) -> list[Report]:
    """A page for each unit, in a form that goes into a section 22A schedule; sheet names that are not `taken`."""
    units, used, pages = _by_unit(ledger), list(taken), list[Report]()
    for own in units if len(units) <= MOST_PAGES else ():
        used.append(sheet_name(f"Unit {own[0].unit.code}", used))
        pages.append(_page(used[-1], ledger.inputs, own, live))
    return pages


class _Page:
    """The rows of a unit's page: an item, a cell for each force, the cell of all of them, and words."""

    def __init__(self, forces: Sequence[Force]) -> None:
        self.forces = [force.code for force in forces]
        self.rows: list[tuple[Any, ...]] = []
        self.strong: list[int] = []  # rows that stand out

    def words(self, item: str, words: str) -> None:
        self.figures(item, {}, None, words)

    def figures(self, item: str, cells: Mapping[ForceCode, Cell], whole: Cell | None, words: str = "") -> None:
        self.rows.append((item, *(cells.get(force) for force in self.forces), whole, words))

    def money(self, item: str, known: Mapping[ForceCode, Sequence[Known]], words: str = "") -> None:
        """Pounds, each the sum of pence in other cells."""
        cells = {force: _pounds(own) for force, own in known.items()}
        self.figures(item, cells, _pounds([pence for own in known.values() for pence in own]), words)


def _pounds(pence: Sequence[Known]) -> Cell:
    refs = "+".join(known.ref for known in pence)
    return Cell(sum(known.value for known in pence), f"=({refs})/100", "money")


def _page(name: str, inputs: Inputs, results: Sequence[UnitYear], live: Live) -> Report:
    """The page of a unit: its terms and shares in the last year, what they rest on, and the years before."""
    page, last = _Page(inputs.forces), results[-1]
    for item, words in _agreed(inputs, results):
        page.words(item, words)
    _shares(page, last, live)
    _exact(page, last)
    _evidence(page, last, live)
    _amounts(page, last, live)
    page.words("No loser", _protection(last))
    _baselines(page, last, live)
    for result in reversed(results[:-1]):
        _shares(page, result, live)
        _pays(page, result, live)
    names = force_columns(page.forces, ("item", "all", "in words"))
    money: list[Head] = [(column, "money") for column in (*names, "all")]
    return Report(
        name=name,
        title=f"{last.unit.code}: how its cost is shared in {last.year}, and how it was before",
        columns=columns("item", *money, ("in words", "wide")),
        rows=tuple(page.rows),
        strong=frozenset(page.strong),
        notes=(f"A page for the section 22A schedule of {last.unit.code}.",),
    )


def _agreed(inputs: Inputs, results: Sequence[UnitYear]) -> Iterator[tuple[str, str]]:
    """What is agreed of a unit, in words."""
    last, forces = results[-1], inputs.forces
    unit, decision = last.unit, last.decision
    if under := stamp(inputs):
        yield "Stands under", under
    yield "Unit", f"{unit.code}: {unit.name}" if unit.name else unit.code
    yield "Members", ", ".join(_called(force, forces) for force in last.members)
    if unit.lead:
        yield "Lead force", _called(unit.lead, forces)
    yield "Section 22A signed", day_text(unit.s22a_signed) if unit.s22a_signed else "not entered"
    yield "Budget pooled from", day_text(unit.pooled_from) if unit.pooled_from else "not pooled"
    yield f"Basis in {last.year}", f"{basis_words(decision.basis)}: {decision.reason}"
    yield "Rests on", decision.reference
    yield "Effective from", _effective(results)


def _called(code: str, forces: Sequence[Force]) -> str:
    return next(f"{force.name} ({code})" if force.name else code for force in forces if force.code == code)


def _effective(results: Sequence[UnitYear]) -> str:
    """Since when the basis of the latest year, and since when its shares."""
    last = results[-1]
    since = _since(results, lambda result: result.decision.basis)
    unchanged = _since(results, lambda result: (result.members, result.decision.shares))
    first = " (the first year shown)" if since == results[0].year else ""
    return (
        f"shares since {day_text(unchanged.first_day())}; basis ({basis_words(last.decision.basis)}) since "
        f"{day_text(since.first_day())}{first}"
    )


def _since(results: Sequence[UnitYear], what: Callable[[UnitYear], object]) -> FinancialYear:
    """The first of the years up to the last in which something is the same."""
    since = results[-1].year
    for result in reversed(results[:-1]):
        if result.year.plus(1) != since or what(result) != what(results[-1]):
            break
        since = result.year
    return since


def _shares(page: _Page, result: UnitYear, live: Live) -> None:
    known = live.shares[key_of(result)]
    cells = {force: share.link()._replace(kind="share") for force, share in zip(result.members, known, strict=True)}
    whole = Cell(sum(share.value for share in known), "=" + "+".join(share.ref for share in known), "share")
    page.figures(f"Shares in {result.year}", cells, whole, _shared(result))


def _exact(page: _Page, result: UnitYear) -> None:
    exact = [str(share) for share in result.decision.shares]
    if max(map(len, exact)) > LONGEST_FRACTION:
        page.words("Exact shares as computed", "see the fractions on the sheet Weights")
    else:
        cells = {force: Cell(share, kind="text") for force, share in zip(result.members, exact, strict=True)}
        page.figures("Exact shares as computed", cells, None)


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
    for window in decision.volumes:
        _volume(page, result, window, live)


def _nre(page: _Page, item: str, nre: NreInForce, live: Live) -> None:
    """NRE, from the sheet of it; as a plain value where nothing is worked out from it, as under shares that stay."""
    refs = [known.ref for known in live.figures.nre_used(nre.figures)]
    formulas = [f"={ref}/100" for ref in refs] if len(refs) == len(nre.figures) else [""] * len(nre.figures)
    cells = {
        own.force: Cell(own.figure.pence, formula, "money") for own, formula in zip(nre.figures, formulas, strict=True)
    }
    total = f"=({'+'.join(refs)})/100" if formulas[0] else ""
    page.figures(item, cells, Cell(sum(own.figure.pence for own in nre.figures), total, "money"))


def _volume(page: _Page, result: UnitYear, window: WindowVolumes, live: Live) -> None:
    """A driver's volumes, from the sheet of them where they are summed over the window, and its weight."""
    whole = all(Fraction(volume).denominator == 1 for volume in window.volumes)
    kind: Kind = "count" if whole else "number"
    used = live.figures.volumes_used(key_of(result), window.driver, str(window.window))
    formulas = [f"={known.ref}" for known in used] or [""] * len(window.members)
    cells = {
        force: Cell(int(volume) if whole else volume, formula, kind)
        for force, volume, formula in zip(window.members, window.volumes, formulas, strict=True)
    }
    total = "=" + "+".join(known.ref for known in used) if used else ""
    counted = f"{len(window.counted)} of {window.window.length} months counted, {window.window.words()}"
    drivers = live.figures.inputs.drivers[result.unit.code]
    weight = plain(next(driver.weight for driver in drivers if driver.driver == window.driver))
    sum_of_all = Cell(int(window.total()) if whole else window.total(), total, kind)
    page.figures(f"Volume: {window.driver}", cells, sum_of_all, f"weight {weight}; {counted}")


def _amounts(page: _Page, result: UnitYear, live: Live) -> None:
    for component, by_force in live.amounts[key_of(result)].items():
        if component != "held" or any(known.value for known in by_force.values()):
            item = f"{COMPONENT_WORDS[component].capitalize()} {result.year} (£)"
            page.money(item, {force: [known] for force, known in by_force.items()})
    _pays(page, result, live)


def _pays(page: _Page, result: UnitYear, live: Live) -> None:
    parts = live.amounts[key_of(result)].values()
    known = {force: [by_force[force] for by_force in parts if force in by_force] for force in result.totals()}
    page.strong.append(len(page.rows))
    page.money(f"Pays in {result.year} (£)", known)


def _protection(result: UnitYear) -> str:
    no_loser = result.no_loser
    if no_loser is None:
        return f"not tested in {result.year}"
    applied = parameters()["no loser %"].words(no_loser.applied)
    outcome = "achievable" if no_loser.achievable else "not achievable: the unit costs more than its baselines together"
    return f"tested against its baselines, {applied}% of the adjustment applied; {outcome}"


def _shared(result: UnitYear) -> str:
    """On what a year's cost stands; where a part of it is held, how much is shared at all."""
    words, staying = standing(result), sum(result.parts.staying.values())
    if not staying:
        return words
    return f"{words}: {pounds_words(staying)} stay with their holders, {pounds_words(result.parts.pooled())} are shared"


def _baselines(page: _Page, result: UnitYear, live: Live) -> None:
    """What the split was compared with."""
    known = live.baselines.get(key_of(result))
    if known is None:
        return
    of_a_year = any(baseline.year is not None for baseline in result.baselines)
    uprated = live.figures.inputs.settings.uprate_baselines and of_a_year
    by_force = {force: [baseline] for force, baseline in zip(result.members, known, strict=True)}
    page.money("Baselines (£)", by_force, f"in prices of {result.year}" if uprated else "")


def documents(ledger: Ledger, live: Live, taken: Iterable[str]) -> Iterator[Report]:
    """Everything that goes with the figures, in order."""
    own = ("Cover", "Notes", "Assumptions log", "Sign-off")
    yield from unit_pages(ledger, live, [*taken, *own])
    yield assumptions_log(ledger)
    yield sign_off(ledger)
