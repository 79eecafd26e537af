"""From figures to weights: whole numbers in the proportion of a unit's exact shares.

A share is a sum over sources (the fixed base; each driver's window, or each of its 12-month blocks) of that source's
part of the cost times the member's figure over the source's total. Put over the least common multiple of the totals,
all of it is whole numbers: weight = Σ part × figure × (multiple / total), divided by the greatest common divisor. Where
one of these products would reach 1e14 the cost is divided source by source (`mixing`), and where those are too large
too, the weights stand as values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from math import gcd, lcm, prod
from operator import mul
from typing import Any, NamedTuple

from bch_apportion.live.cells import PRODUCT, SUM, WITHIN, Key, Known, Shared, added, key_of, shown
from bch_apportion.live.figures import Figures
from bch_apportion.live.mixing import Mixed, MixedSource, certain
from bch_apportion.live.splitting import Splitting, held
from bch_apportion.live.tables import UNIT_YEAR, Block, Head, Sheet, Table, counts
from bch_apportion.model import Shares, WindowVolumes
from bch_apportion.money import Exact, whole_weights
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


def lowest(figures: Sequence[int]) -> list[int]:
    """Whole numbers without their common divisor.

    >>> lowest([24, 32, 44])
    [6, 8, 11]
    """
    common = gcd(*figures)
    return [figure // common for figure in figures]


def in_lowest_terms(sources: Sequence[Source], table: Table) -> list[MixedSource]:
    """The sources in lowest terms, in the rows of the table filled next; none where a figure would reach 1e14."""
    parts, figures = [source.part.value for source in sources], [source.whole() for source in sources]
    if not all(any(numbers) and max(numbers) < PRODUCT for numbers in (parts, *figures)):
        return []
    terms = []
    for number, (source, part, whole) in enumerate(zip(sources, lowest(parts), figures, strict=True)):
        block, own = table.block(len(whole), before=number * len(whole)), lowest(whole)
        terms.append(
            MixedSource(
                name=source.name,
                part=block.ahead("in lowest terms", [part])[0],
                figures=tuple(block.ahead("reduced", own)),
                total=block.ahead("total", [sum(own)])[0],
            )
        )
    return terms


def multiple(terms: Sequence[MixedSource]) -> int:
    """The least common multiple of the sources' totals."""
    return lcm(*(source.total.value for source in terms))


def common_weights(terms: Sequence[MixedSource]) -> list[int]:
    """Each member's weight over that."""
    factors = [source.part.value * (multiple(terms) // source.total.value) for source in terms]
    by_member = zip(*([figure.value for figure in source.figures] for source in terms), strict=True)
    return [sum(map(mul, factors, figures)) for figures in by_member]


def has_multiple(terms: Sequence[MixedSource]) -> bool:
    """Whether no number on the way to common terms reaches 1e14."""
    totals = [source.total.value for source in terms]
    chain = accumulate(totals, lcm, initial=1)
    held = all(common * total < PRODUCT for common, total in zip(chain, totals, strict=False))
    return held and sum(common_weights(terms)) < PRODUCT


PART: tuple[Head, ...] = (("source", "wide"), *counts("part of the cost", "in lowest terms"))
FIGURE: tuple[Head, ...] = ("force", ("figure", "number"), *counts("times", "whole figure", "reduced", "total"))
SOURCES = Sheet(
    "Sources of shares",
    "What each part of a pooled cost is shared on",
    (*UNIT_YEAR, *PART, *FIGURE, *counts("multiple", "contribution"), (WITHIN, "status")),
    "Figures are whole numbers in lowest terms. Contribution = part × reduced figure × multiple, where the multiple "
    "brings the sources' totals to their least common multiple.",
)
SHARE: tuple[Head, ...] = (("share applied", "share"), "exact share as computed")
WEIGHTS = Sheet(
    "Weights",
    "Each member's weight, a whole number, and the share it gives",
    (*UNIT_YEAR, "basis", "force", *counts("contributions", "weight"), *SHARE, ("note", "wide")),
    "The percentage share is for reading only: amounts are calculated from the weights. The program chose the basis, "
    "which does not recalculate.",
)


class SharedOn(NamedTuple):
    """What a unit's cost of a year is shared on, and the cells of each member that say where its weight is from."""

    weights: list[Known] | Mixed
    cells: Sequence[dict[str, Any]]
    note: str = ""


def _shares(result: UnitYear, weights: list[Known] | Mixed, block: Block) -> list[Cell]:
    """The members' shares for reading; plain values where a weight is more than a number holds."""
    shares, (_, decimals) = result.decision.shares, _unrounded(result)
    if isinstance(weights, Mixed):
        weighed = [[f"{s.part.ref}*{f.ref}/MAX(1,{s.total.ref})" for f in s.figures] for s in weights.sources]
        formulas = [f"=({'+'.join(own)})/MAX(1,{weights.parts().ref})" for own in zip(*weighed, strict=True)]
    elif decimals is not None:
        formulas = [f"={weight.ref}/{100 * 10**decimals}" for weight in weights]
    else:
        own = f"=[weight]/MAX(1,SUM({block.span('weight')}))"
        formulas = ["" if weight.value >= SUM else own for weight in weights]
    return [Cell(share, formula) for share, formula in zip(shares, formulas, strict=True)]


class Weighing:
    """The sheets on which shares are worked out, and each unit and year's weights."""

    def __init__(self, figures: Figures, splitting: Splitting) -> None:
        self.figures, self.splitting = figures, splitting
        self.sources, self.weights = Table(SOURCES), Table(WEIGHTS)
        self.applied: dict[Key, tuple[UnitYear, list[Known] | Mixed]] = {}  # shares in decimals included
        self.standing: list[UnitYear] = []  # whose weights are values
        self.shares: dict[Key, list[Known]] = {}
        self._used: dict[Key, list[Known]] = {}  # the input figures under the weights

    def weigh(self, result: UnitYear) -> list[Known] | Mixed:
        """On what a unit's pooled cost of a year is shared: weights, or several sources."""
        self.figures.used = []
        key, (exact, decimals) = key_of(result), _unrounded(result)
        total = result.parts.pooled() if decimals is None else 100 * 10**decimals
        shared_on = self._shared_on(result, exact, total)
        weights = shared_on.weights
        if decimals is not None:
            shared = Shared(key, f"shares to {decimals} decimals", Known(str(total), total), result.members)
            weights = self.splitting.share(shared, weights)
        self.applied[key], self._used[key] = (result, weights), list(self.figures.used)
        block = self.weights.block(len(result.members))
        shares = _shares(result, weights, block)
        for force, cells, share in zip(result.members, shared_on.cells, shares, strict=True):
            own = {"share applied": share, "exact share as computed": str(share.value), "note": shared_on.note}
            self.weights.add({**key._asdict(), "basis": result.decision.basis, "force": force, **cells, **own})
        self.shares[key] = block.filled("share applied")
        return weights

    def _shared_on(self, result: UnitYear, exact: Shares, total: int) -> SharedOn:
        """On what these shares of a total are worked out."""
        sources, settled, values = self._sources(result), self._settled(result), whole_weights(exact)
        if settled is not None:
            return settled
        own = self._on_sources(result, sources, values, total)
        if isinstance(own, Mixed):
            note = "Shared source by source: common weights would be too large for a spreadsheet."
            return SharedOn(own, [{} for _ in values], note)
        if [Fraction(value, sum(values)) for value in values] != list(exact):
            raise ValueError(f"{result.unit.code} {result.year}: the weights {values} do not give the shares {exact}")
        block = self.weights.block(len(values))
        weights = block.ahead("weight", values)
        if own:
            weight = f"=[contributions]/MAX(1,GCD({block.span('contributions')}))"
            pairs = zip(own, values, strict=True)
            return SharedOn(weights, [{"contributions": cell, "weight": Cell(value, weight)} for cell, value in pairs])
        self.standing.append(result)
        return SharedOn(weights, [{"weight": shown(value)} for value in values], _why(result, bool(sources)))

    def _on_sources(
        self, result: UnitYear, sources: Sequence[Source], values: Sequence[int], total: int
    ) -> list[Cell] | Mixed:
        """The contributions of the sources to common weights, or the sources one by one; none where neither is held."""
        terms, used = in_lowest_terms(sources, self.sources), tuple(self.figures.used)
        if not terms:
            return []
        blocks, together = self._blocks(sources), has_multiple(terms)
        mixed = Mixed(tuple(terms), tuple(values), lambda why: self.figures.stands(used, why))
        if mixed.holds() and certain(total, mixed):
            together = together and held(1, values) and _roomy(sources)
        if together or mixed.holds():
            self._enter(result, sources, terms, together)
        if not together:
            return mixed if mixed.holds() else []
        return [
            Cell(weight, "=" + "+".join(self.sources.out("contribution", block.first + place) for block in blocks))
            for place, weight in enumerate(common_weights(terms))
        ]

    def _blocks(self, sources: Sequence[Source]) -> list[Block]:
        """The rows of the sources that are entered next."""
        members = len(sources[0].figures)
        return [self.sources.block(members, before=number * members) for number in range(len(sources))]

    def doubts(self, results: Sequence[UnitYear]) -> None:
        """What does not follow the figures entered, once all of them are: the program's decisions, and values."""
        rebased = {result.unit.code for result in results if result.terms.rebase_tolerance is not None}
        for result in results:
            code, decision, used = result.unit.code, result.decision, self._used[key_of(result)]
            under = [figure for nre in (decision.nre, decision.base_nre) if nre is not None for figure in nre.figures]
            nre = self.figures.nre_used(under)
            if decision.basis == "demand" and decision.kept is None and result.terms.basis == "auto":
                self.figures.decides(filter(self.figures.is_volume, used), f"the data of {code} is robust")
            if decision.kept is not None:
                self.figures.decides([*used, *self._unseen(result)], f"the shares of {code} are kept")
            elif code in rebased and decision.basis != "nre":
                self.figures.decides([*used, *nre, *self._unseen(result)], f"the settled shares of {code} stay")
            if result in self.standing:
                self.figures.stands([*used, *nre], f"the weights of {code} {result.year}")

    def _unseen(self, result: UnitYear) -> list[Known]:
        """The NRE of a year whose shares were settled or kept and that is not shown: those may rest on it."""
        rebase = result.decision.rebase
        earlier = rebase.settled if rebase is not None else result.decision.kept
        if earlier is None or Key(result.unit.code, earlier.year) in self._used:
            return []
        return self.figures.nre_of(earlier.year)

    def _settled(self, result: UnitYear) -> SharedOn | None:
        """What the earlier year whose shares stay was shared on, where that year is in the workbook."""
        stays = result.decision.stays
        earlier = None if stays is None else self.applied.get(Key(result.unit.code, stays.year))
        if stays is None or earlier is None:
            return None
        of, weights = earlier
        if (of.members, of.decision.shares) != (result.members, result.decision.shares):
            return None
        if isinstance(weights, Mixed):
            note = f"Shared source by source, as settled in {stays.year}."
            return SharedOn(weights, [{} for _ in result.members], note)
        if any(weight.value >= SUM for weight in weights):
            return None
        own = self.weights.block(len(weights)).ahead("weight", [weight.value for weight in weights])
        return SharedOn(own, [{"weight": weight} for weight in weights])

    def _sources(self, result: UnitYear) -> list[Source]:
        decision = result.decision
        if decision.nre is not None:
            figures = tuple(map(self.figures.nre, decision.nre.figures))
            return [Source(f"NRE {decision.nre.wanted}", Known("1", 1), figures, 1)]
        if decision.agreed is not None:
            agreed = self.figures.agreed(decision.agreed, result.members)
            name = f"agreed from {decision.agreed.from_year}"
            return [Source(name, Known("1", 1), agreed.figures, agreed.times)]
        if decision.basis != "demand" or decision.stays is not None:
            return []
        windows = [_counted(result, window) for window in decision.volumes]
        return self._demand(result, windows) if sum(map(len, windows)) < MOST_SOURCES else []

    def _demand(self, result: UnitYear, windows: Sequence[dict[str, tuple[Exact, ...]]]) -> list[Source]:
        """The fixed base and every driver's window, or each of its blocks."""
        parts, sources = self.figures.drivers(result.unit.code).whole(), []
        if result.terms.fixed_base:
            percent = self.figures.percent(result, "fixed base %", result.terms.fixed_base)
            (base,), hundred = percent.whole(), 100 * percent.times
            sources.append(self._base(result, base, parts, len(windows[0])))
            parts = [Known(f"({hundred}-{base.ref})*{p.ref}", (hundred - base.value) * p.value) for p in parts]
        for part, window, counted in zip(parts, result.decision.volumes, windows, strict=True):
            for months, volumes in counted.items():
                by_force = dict(zip(result.members, volumes, strict=True))
                scaled = self.figures.volumes(key_of(result), window.driver, months, by_force)
                sources.append(Source(f"{window.driver}, {months}", part, scaled.figures, scaled.times))
        return sources

    def _base(self, result: UnitYear, base: Known, parts: Sequence[Known], blocks: int) -> Source:
        """The fixed base as a source."""
        total, nre = added(parts), result.decision.base_nre
        part = Known(f"{base.ref}*({total.ref})*{blocks}", base.value * total.value * blocks)
        if nre is None:
            return Source("fixed base: equal", part, (Known("1", 1),) * len(result.members), 1)
        return Source(f"fixed base: NRE {nre.wanted}", part, tuple(map(self.figures.nre, nre.figures)), 1)

    def _enter(self, result: UnitYear, sources: Sequence[Source], terms: Sequence[MixedSource], together: bool) -> None:
        """Write the sources; with `together` their contributions over a common multiple too."""
        blocks = self._blocks(sources)
        every = Block(self.sources, blocks[0].first, blocks[-1].last)
        totals = [self.sources.at("total", block.first) for block in blocks]
        lowest_part = f"=[part of the cost]/MAX(1,GCD({every.span('part of the cost')}))"
        for place, (source, own) in enumerate(zip(sources, terms, strict=True)):
            factor = multiple(terms) // own.total.value
            head = {
                **key_of(result)._asdict(),
                "source": source.name,
                "part of the cost": source.part,
                "in lowest terms": Cell(own.part.value, lowest_part),
                "times": source.times,
                "multiple": Cell(factor, f"=LCM({','.join(totals)})/MAX(1,[total])") if together else None,
                WITHIN: Cell("OK", _within(totals[: place + 1], every if together else None)),
            }
            for force, cells in zip(result.members, _figures(source, own, blocks[place]), strict=True):
                over = own.part.value * cells["reduced"].value * factor
                contribution = Cell(over, "=[in lowest terms]*[reduced]*[multiple]") if together else None
                self.sources.add({**head, "force": force, **cells, "contribution": contribution})


def _figures(source: Source, own: MixedSource, block: Block) -> Iterator[dict[str, Any]]:
    """The cells of each member's figure: as it is, whole, and in lowest terms."""
    formulas = f"=[whole figure]/MAX(1,GCD({block.span('whole figure')}))", f"=SUM({block.span('reduced')})"
    for figure, whole, reduced in zip(source.figures, source.whole(), own.figures, strict=True):
        yield {
            "figure": figure,
            "whole figure": Cell(whole, "=ROUND([figure]*[times],0)"),
            "reduced": Cell(reduced.value, formulas[0]),
            "total": Cell(own.total.value, formulas[1]),
        }


ROOM = 10**10  # what weights may come to that are held after a change of a few digits
MOST_SOURCES = 60  # a formula names every source, and Excel holds 255 arguments and 8,192 characters


def _counted(result: UnitYear, window: WindowVolumes) -> dict[str, tuple[Exact, ...]]:
    """A driver's volumes by months: those of its window, or of each of its blocks."""
    if result.terms.demand_method == "mean":
        return {str(block.months): block.volumes for block in window.blocks}
    return {str(window.window): window.volumes}


def _within(totals: Sequence[str], every: Block | None) -> str:
    """Whether the figures of the last of these sources, changed or not, are held; with `every` those together too."""
    *before, own = totals
    small = ["[whole figure]", "[part of the cost]", own]
    if every is not None:
        small.append(f"LCM({','.join(before)})*{own}" if before else own)
        small.append(f"SUM({every.span('contribution')})")
    return f'=IF(AND({own}>0,{",".join(f"{number}<{PRODUCT}" for number in dict.fromkeys(small))}),"OK","TOO LARGE")'


def _roomy(sources: Sequence[Source]) -> bool:
    """Whether common weights are held after most changes too: without what the figures happen to have in common."""
    whole = prod(sum(Fraction(figure.value) for figure in source.figures) for source in sources)
    return len(sources) == 1 or whole * sum(lowest([source.part.value for source in sources])) < ROOM


def _unrounded(result: UnitYear) -> tuple[Shares, int | None]:
    """Shares before they were brought to decimals, and to how many they were."""
    decision, decimals = result.decision, result.terms.share_decimals
    if decimals is None or decision.stays is not None or decision.basis == "agreed":
        return decision.shares, None
    if decision.nre is not None:
        pence = [force.figure.pence for force in decision.nre.figures]
        return tuple(Fraction(own, sum(pence)) for own in pence), decimals
    return (decision.new, decimals) if decision.new is not None else (decision.shares, None)


def _why(result: UnitYear, known: bool) -> str:
    if known:
        why = "a spreadsheet cannot hold the figures exactly"
    elif result.decision.stays is not None:
        why = f"the shares settled in {result.decision.stays.year} stay, and that year is not shown here"
    else:
        why = "there are more sources than a formula can name"
    return f"The weights are plain values: {why}."
