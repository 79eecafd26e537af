"""From figures to weights: whole numbers in the proportion of a unit's exact shares.

A share is a sum over sources (the fixed base; each driver's window, or each of its 12-month blocks) of that source's
part of the cost times the member's figure over the source's total. Put over the least common multiple of the totals,
all of it is whole numbers: weight = Σ part × figure × (multiple / total), divided by the greatest common divisor. Where
one of these products would reach 1e14 the cost is divided source by source (`mixing`), and where those are too large
too, the weights stand as values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm, prod
from typing import Any, NamedTuple

from bch_apportion.live.figures import Figures
from bch_apportion.live.mixing import Mixed, MixedSource, certain, lowest
from bch_apportion.live.splitting import Splitting, held
from bch_apportion.live.tables import PRODUCT, WITHIN, Key, Known, Table, shown_whole
from bch_apportion.model import Shares, WindowVolumes
from bch_apportion.money import whole_weights
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.writing.report import Cell


class Source(NamedTuple):
    """What a part of the cost is shared on: each member's figure, `times` a whole number to make them all whole."""

    name: str
    part: Known  # a formula's text, and the whole number it gives
    figures: tuple[Known, ...]
    times: int

    def whole(self) -> list[int]:
        return [int(Fraction(figure.value) * self.times) for figure in self.figures]


class Lowest(NamedTuple):
    """The sources of one unit and year in lowest terms; every number whole."""

    parts: list[int]
    figures: list[list[int]]
    totals: list[int]

    def together(self) -> tuple[int, list[int]]:
        """The least common multiple of the totals, and each member's weight over it."""
        multiple = lcm(*self.totals)
        return multiple, [
            sum(part * own[i] * (multiple // total) for part, own, total in zip(*self, strict=True))
            for i in range(len(self.figures[0]))
        ]


def in_lowest_terms(sources: Sequence[Source]) -> Lowest | None:
    """The sources in lowest terms; None where a figure would reach 1e14."""
    figures, totals = [], []
    for source in sources:
        whole = source.whole()
        if max(whole) >= PRODUCT or not any(whole):
            return None
        reduced, total = lowest(whole)
        figures.append(reduced)
        totals.append(total)
    parts = [source.part.value for source in sources]
    if not any(parts) or max(parts) >= PRODUCT:
        return None
    return Lowest(lowest(parts)[0], figures, totals)


def has_multiple(terms: Lowest) -> bool:
    """Whether no number on the way to common terms reaches 1e14."""
    chain = 1
    for total in terms.totals:
        if chain * total >= PRODUCT:
            return False
        chain = lcm(chain, total)
    return sum(terms.together()[1]) < PRODUCT


class Weighing:
    """The sheets on which shares are found, and each unit and year's weights."""

    def __init__(self, figures: Figures, splitting: Splitting) -> None:
        self.figures, self.splitting = figures, splitting
        self.known: dict[Key, tuple[tuple[str, ...], list[Known] | Mixed, Shares]] = {}
        self.standing: list[UnitYear] = []  # whose weights are values
        self._used: list[Known] = []  # the input figures under the weights at hand
        self._inputs: dict[Key, tuple[Known, ...]] = {}
        self.shares: dict[Key, list[Known]] = {}
        self.sources = Table(
            "Sources of shares",
            "What each part of a pooled cost is shared on",
            (
                "unit",
                ("year", "year"),
                ("source", "wide"),
                ("part of the cost", "count"),
                ("in lowest terms", "count"),
                "force",
                ("figure", "number"),
                ("times", "count"),
                ("whole figure", "count"),
                ("reduced", "count"),
                ("total", "count"),
                ("multiple", "count"),
                ("contribution", "count"),
                (WITHIN, "status"),
            ),
            "Figures as whole numbers in lowest terms; contribution = part × reduced figure × multiple, where multiple "
            "brings the sources' totals to their least common one.",
        )
        self.weights = Table(
            "Weights",
            "Each member's weight, a whole number, and the share it gives",
            (
                "unit",
                ("year", "year"),
                "basis",
                "force",
                ("contributions", "count"),
                ("weight", "count"),
                ("share applied", "share"),
                "exact share as computed",
                ("note", "wide"),
            ),
            "The share in percent is for reading alone: amounts are worked out from the weights. The basis was chosen "
            "by the program; it does not recalculate.",
        )

    def weigh(self, result: UnitYear) -> list[Known] | Mixed:
        """On what a unit's pooled cost of a year is shared: weights, or several sources."""
        key, members = (result.unit.code, result.year), result.members
        exact, decimals = _exact_shares(result)
        self._used = []
        sources, settled = self._sources(result), self._settled(result)
        shared_on, contributions, note = self._shared_on(result, sources, settled, exact)
        applied = shared_on
        if decimals is not None:
            total = 100 * 10**decimals
            about = f"shares to {decimals} decimals"
            applied = self.splitting.block(key, about, Known(str(total), total), members, shared_on)
        self.known[key] = members, applied, result.decision.shares
        self._enter_weights(result, shared_on, contributions, settled, applied, decimals, note)
        self._inputs[key] = tuple(self._used)
        return applied

    def _shared_on(
        self, result: UnitYear, sources: Sequence[Source], settled: list[Known] | Mixed | None, exact: Shares
    ) -> tuple[list[Known] | Mixed, list[Cell], str]:
        """The weights or sources; what the weights are worked out from; and a note."""
        key, terms = (result.unit.code, result.year), in_lowest_terms(sources) if sources else None
        if isinstance(settled, Mixed):
            return settled, [], f"Shared source by source, as settled in {_settled_year(result)}."
        values = [one.value for one in settled] if settled else whole_weights(exact)
        one_by_one = self._mixed(result, sources, terms, values) if terms is not None else None
        together = terms is not None and has_multiple(terms)
        if one_by_one is not None and certain(_first_total(result), one_by_one):
            together = together and held(1, values) and _roomy(sources)
        contributions: list[Cell] = []
        if terms is not None and (together or one_by_one is not None):
            contributions = self._enter(key, result, sources, terms, together)
        if one_by_one is not None and not together:
            return one_by_one, [], "Shared source by source: common weights would be large for a spreadsheet."
        if not _proportional(values, exact):
            raise ValueError(f"{key[0]} {key[1]}: the weights {values} do not give the shares {exact}")
        note = "" if contributions or settled else _why(result, bool(sources))
        if not contributions and not settled:
            self.standing.append(result)
        first = self.weights.next
        return [self.weights.known("weight", first + i, value) for i, value in enumerate(values)], contributions, note

    def _mixed(self, result: UnitYear, sources: Sequence[Source], terms: Lowest, values: Sequence[int]) -> Mixed | None:
        """The sources one by one, where their divisions are held; they are entered next."""
        used, first, count = tuple(self._used), self.sources.next, len(result.members)

        def cells(name: str, start: int, given: Sequence[int]) -> tuple[Known, ...]:
            return tuple(self.sources.known(name, start + place, one) for place, one in enumerate(given))

        mixed = Mixed(
            tuple(
                MixedSource(
                    source.name,
                    self.sources.known("in lowest terms", first + count * place, terms.parts[place]),
                    cells("reduced", first + count * place, terms.figures[place]),
                    self.sources.known("total", first + count * place, terms.totals[place]),
                )
                for place, source in enumerate(sources)
            ),
            tuple(values),
            lambda why: self.figures.stands(used, why),
        )
        return mixed if mixed.holds() else None

    def doubts(self, results: Sequence[UnitYear]) -> None:
        """What does not follow the figures entered, once all of them are: the program's decisions, and values."""
        rebased = {one.unit.code for one in results if one.terms.rebase_tolerance is not None}
        for result in results:
            code, decision, used = result.unit.code, result.decision, self._inputs[result.unit.code, result.year]
            under = [one for nre in (decision.nre, decision.base_nre) if nre is not None for one in nre.figures]
            nre = [known for known in map(self.figures.nre_used, under) if known is not None]
            if decision.basis == "demand" and result.terms.basis == "auto":
                volumes = [one for one in used if self.figures.is_volume(one)]
                self.figures.decides(volumes, f"the data of {code} is robust")
            if code in rebased and decision.basis != "nre":
                self.figures.decides([*used, *nre, *self._unseen(result)], f"the settled shares of {code} stay")
            if result in self.standing:
                self.figures.stands([*used, *nre], f"the weights of {code} {result.year} stand")

    def _unseen(self, result: UnitYear) -> list[Known]:
        """The NRE of a year whose shares were settled and that is not shown: those may rest on it."""
        rebase = result.decision.rebase
        if rebase is None or (result.unit.code, rebase.settled.year) in self._inputs:
            return []
        return self.figures.nre_of(rebase.settled.year)

    def _enter_weights(
        self,
        result: UnitYear,
        shared_on: list[Known] | Mixed,
        contributions: list[Cell],
        settled: list[Known] | Mixed | None,
        applied: list[Known] | Mixed,
        decimals: int | None,
        note: str,
    ) -> None:
        key, first, members = (result.unit.code, result.year), self.weights.next, result.members
        last = first + len(members) - 1
        self.shares[key] = []
        for place, force in enumerate(members):
            row = self.weights.next
            share, cell, shown = result.decision.shares[place], None, None
            if not isinstance(shared_on, Mixed):
                shown = shown_whole(shared_on[place].value)
                cell = self._weight(row, first, last, shown, contributions, settled, place)
            formula = self._share(row, first, last, place, applied, decimals)
            live = isinstance(applied, Mixed) or decimals is not None or isinstance(shown, int)
            self.weights.add(
                *key,
                result.decision.basis,
                force,
                contributions[place] if contributions else None,
                cell,
                Cell(share, formula) if live else share,
                str(share),
                note,
            )
            self.shares[key].append(self.weights.known("share applied", row, share))

    def _weight(
        self,
        row: int,
        first: int,
        last: int,
        shown: int | str,
        contributions: list[Cell],
        settled: list[Known] | Mixed | None,
        place: int,
    ) -> Any:
        if contributions:
            span = self.weights.span("contributions", first, last)
            return Cell(shown, f"={self.weights.at('contributions', row)}/MAX(1,GCD({span}))")
        if settled and not isinstance(settled, Mixed):
            return settled[place].link()
        return shown

    def _share(
        self, row: int, first: int, last: int, place: int, applied: list[Known] | Mixed, decimals: int | None
    ) -> str:
        """A share for reading."""
        if isinstance(applied, Mixed):
            parts = "+".join(source.part.ref for source in applied.sources)
            weighed = (f"{s.part.ref}*{s.figures[place].ref}/MAX(1,{s.total.ref})" for s in applied.sources)
            return f"=({'+'.join(weighed)})/MAX(1,{parts})"
        if decimals is not None:
            return f"={applied[place].ref}/{100 * 10**decimals}"
        return f"={self.weights.at('weight', row)}/MAX(1,SUM({self.weights.span('weight', first, last)}))"

    def _settled(self, result: UnitYear) -> list[Known] | Mixed | None:
        """What the earlier year whose shares stay was shared on, where that year is in the workbook."""
        rebase = result.decision.rebase
        if rebase is None or not rebase.kept or rebase.settled.basis != "demand":
            return None
        earlier = self.known.get((result.unit.code, rebase.settled.year))
        if earlier is None or earlier[0] != result.members or earlier[2] != result.decision.shares:
            return None
        found = earlier[1]
        if isinstance(found, Mixed) or all(isinstance(shown_whole(one.value), int) for one in found):
            return found
        return None

    def _sources(self, result: UnitYear) -> list[Source]:
        decision = result.decision
        if decision.nre is not None:
            figures = self._use(map(self.figures.nre, decision.nre.figures))
            return [Source(f"NRE {decision.nre.wanted}", Known("1", 1), figures, 1)]
        if decision.agreed is not None:
            cells, times = self.figures.agreed(decision.agreed, result.members)
            return [Source(f"agreed from {decision.agreed.from_year}", Known("1", 1), self._use(cells), times)]
        if decision.basis != "demand" or (decision.rebase is not None and decision.rebase.kept):
            return []
        return self._demand(result)

    def _use(self, figures: Iterable[Known]) -> tuple[Known, ...]:
        found = tuple(figures)
        self._used += found
        return found

    def _demand(self, result: UnitYear) -> list[Source]:
        terms, decision = result.terms, result.decision
        blocks = len(decision.volumes[0].blocks) if terms.demand_method == "mean" else 1
        if blocks * len(decision.volumes) >= MOST_SOURCES:
            return []
        weights, times = self.figures.drivers(result.unit.code)
        cells = [Known(f"ROUND({one.ref}*{times},0)", int(one.value * times)) for one in self._use(weights)]
        base, whole = Known("", 0), 100
        if terms.fixed_base:
            base, whole = self.figures.percent(result, "fixed base %")
            self._use([self.figures.term(result, "fixed base %")])
        sources = []
        for cell, found in zip(cells, decision.volumes, strict=True):
            rest = cell
            if terms.fixed_base:
                rest = Known(f"({whole}-{base.ref})*{cell.ref}", (whole - base.value) * cell.value)
            sources += [self._volumes(result, rest, found, part) for part in range(blocks)]
        if terms.fixed_base and decision.base is not None:
            total = "+".join(cell.ref for cell in cells)
            part = Known(f"{base.ref}*({total})*{blocks}", base.value * sum(cell.value for cell in cells) * blocks)
            nre = decision.base_nre
            figures = self._use(map(self.figures.nre, nre.figures)) if nre is not None else None
            name = f"fixed base: NRE {nre.wanted}" if nre is not None else "fixed base: equal"
            sources.insert(0, Source(name, part, figures or (Known("1", 1),) * len(result.members), 1))
        return sources

    def _volumes(self, result: UnitYear, rest: Known, found: WindowVolumes, part: int) -> Source:
        """A driver's window, or one of its blocks, as a source."""
        blockwise = result.terms.demand_method == "mean"
        volumes = found.blocks[part].volumes if blockwise else found.volumes
        months = str(found.blocks[part].months if blockwise else found.window)
        key = result.unit.code, result.year
        figures, times = self.figures.volumes(
            key, found.driver, months, dict(zip(result.members, volumes, strict=True))
        )
        return Source(f"{found.driver}, {months}", rest, self._use(figures), times)

    def _enter(
        self, key: Key, result: UnitYear, sources: Sequence[Source], terms: Lowest, together: bool
    ) -> list[Cell]:
        """Write the sources; with `together`, what each member's contributions over a common multiple sum to."""
        table, count = self.sources, len(result.members)
        first = table.next
        starts = [first + count * place for place in range(len(sources))]
        last = first + count * len(sources) - 1
        parts = table.span("part of the cost", first, last)
        common = ",".join(table.at("total", start) for start in starts)
        multiple_of_all, raw = terms.together()
        for place, (source, start) in enumerate(zip(sources, starts, strict=True)):
            end = start + count - 1
            whole = source.whole()
            for i, force in enumerate(result.members):
                row = table.next
                figure = source.figures[i]
                multiple = multiple_of_all // terms.totals[place]
                table.add(
                    *key,
                    source.name,
                    Cell(source.part.value, f"={source.part.ref}"),
                    Cell(terms.parts[place], f"={table.at('part of the cost', row)}/MAX(1,GCD({parts}))"),
                    force,
                    figure.link(),
                    source.times,
                    Cell(whole[i], f"=ROUND({table.at('figure', row)}*{table.at('times', row)},0)"),
                    Cell(
                        terms.figures[place][i],
                        f"={table.at('whole figure', row)}/MAX(1,GCD({table.span('whole figure', start, end)}))",
                    ),
                    Cell(terms.totals[place], f"=SUM({table.span('reduced', start, end)})"),
                    Cell(multiple, f"=LCM({common})/MAX(1,{table.at('total', row)})") if together else None,
                    Cell(
                        terms.parts[place] * terms.figures[place][i] * multiple,
                        f"={table.at('in lowest terms', row)}*{table.at('reduced', row)}*{table.at('multiple', row)}",
                    )
                    if together
                    else None,
                    Cell("OK", _within(table, row, starts[: place + 1], last if together else 0)),
                )
        if not together:
            return []
        return [
            Cell(raw[i], "=" + "+".join(table.out("contribution", start + i) for start in starts)) for i in range(count)
        ]


ROOM = 10**10  # what weights may come to that are held after a change of a few digits
MOST_SOURCES = 60  # a formula names every source, and Excel holds 255 arguments and 8,192 characters


def _within(table: Table, row: int, starts: Sequence[int], last: int) -> str:
    """Whether the figures of a source, changed or not, are held; with a `last` row those brought together too."""
    *before, own = (table.at("total", start) for start in starts)
    held = [table.at("whole figure", row), table.at("part of the cost", row), own]
    if last:
        held.append(f"LCM({','.join(before)})*{own}" if before else own)
        held.append(f"SUM({table.span('contribution', starts[0], last)})")
    return f'=IF(AND({own}>0,{",".join(f"{one}<{PRODUCT}" for one in dict.fromkeys(held))}),"OK","TOO LARGE")'


def _settled_year(result: UnitYear) -> Any:
    rebase = result.decision.rebase
    return rebase.settled.year if rebase is not None else result.year


def _roomy(sources: Sequence[Source]) -> bool:
    """Whether common weights are held after most changes too: without what the figures happen to have in common."""
    whole = prod(sum(Fraction(one.value) for one in source.figures) for source in sources)
    return len(sources) == 1 or whole * sum(lowest([source.part.value for source in sources])[0]) < ROOM


def _first_total(result: UnitYear) -> int:
    """What the shares of a unit and year divide first: 100 % in decimals, or the pooled cost."""
    decimals = _exact_shares(result)[1]
    return result.parts.pooled() if decimals is None else 100 * 10**decimals


def _exact_shares(result: UnitYear) -> tuple[Shares, int | None]:
    """The shares before they were brought to decimals, and to how many they were."""
    decision, decimals = result.decision, result.terms.share_decimals
    kept = decision.rebase is not None and decision.rebase.kept
    if decimals is None or kept or decision.basis == "agreed":
        return decision.shares, None
    if decision.nre is not None:
        pence = [one.figure.pence for one in decision.nre.figures]
        return tuple(Fraction(one, sum(pence)) for one in pence), decimals
    return (decision.new, decimals) if decision.new is not None else (decision.shares, None)


def _proportional(weights: Sequence[int], shares: Shares) -> bool:
    total = sum(weights)
    return all(
        weight * share.denominator == share.numerator * total for weight, share in zip(weights, shares, strict=True)
    )


def _why(result: UnitYear, known: bool) -> str:
    if known:
        why = "the figures are more than a spreadsheet's numbers hold exactly"
    elif result.decision.rebase is not None and result.decision.rebase.kept:
        why = f"the shares settled in {result.decision.rebase.settled.year} stay, and that year's are not live here"
    else:
        why = "there are more sources than a formula names"
    return f"The weights stand as values: {why}."
