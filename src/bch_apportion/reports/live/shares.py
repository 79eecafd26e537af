"""From figures to weights: whole numbers in the proportion of a unit's exact shares.

A share is a sum over sources (the fixed base; each driver's window, or each of its 12-month blocks) of that source's
part of the cost times the member's figure over the source's total. Put over the least common multiple of the totals,
all of it is whole numbers: weight = Σ part × figure × (multiple / total), divided by the greatest common divisor. Where
one of these products would reach 1e14 the weights stand as values.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any, NamedTuple

from bch_apportion.model import Shares, WindowVolumes
from bch_apportion.money import whole_weights
from bch_apportion.recipe import UnitYear
from bch_apportion.reports.live.figures import Figures, decimals_of
from bch_apportion.reports.live.splitting import Splitting
from bch_apportion.reports.live.tables import PRODUCT, WITHIN, Key, Known, Table, shown_whole
from bch_apportion.reports.report import Cell


class Source(NamedTuple):
    """What a part of the cost is shared on: each member's figure, `times` a whole number to make them all whole."""

    name: str
    part: Known  # a formula's text, and the whole number it gives
    figures: tuple[Known, ...]
    times: int

    def whole(self) -> list[int]:
        return [int(Fraction(figure.value) * self.times) for figure in self.figures]


class Reduced(NamedTuple):
    """The sources of one unit and year brought to common terms; every number whole."""

    parts: list[int]
    figures: list[list[int]]
    totals: list[int]
    multiple: int
    raw: list[int]


def reduced(sources: Sequence[Source]) -> Reduced | None:
    """The sources in common terms; None where a number on the way would reach 1e14."""
    figures, totals, chain = [], [], 1
    for source in sources:
        whole = source.whole()
        if max(whole) >= PRODUCT or not any(whole):
            return None
        common = gcd(*whole)
        figures.append([one // common for one in whole])
        totals.append(sum(figures[-1]))
        if chain * totals[-1] >= PRODUCT:
            return None
        chain = lcm(chain, totals[-1])
    parts = [source.part.value for source in sources]
    common = gcd(*parts)
    if not common or max(parts) >= PRODUCT:
        return None
    parts = [part // common for part in parts]
    raw = [
        sum(part * own[i] * (chain // total) for part, own, total in zip(parts, figures, totals, strict=True))
        for i in range(len(figures[0]))
    ]
    return Reduced(parts, figures, totals, chain, raw) if sum(raw) < PRODUCT else None


class Weighing:
    """The sheets on which shares are found, and each unit and year's weights."""

    def __init__(self, figures: Figures, splitting: Splitting) -> None:
        self.figures, self.splitting = figures, splitting
        self.known: dict[Key, tuple[tuple[str, ...], list[Known], Shares]] = {}
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
                "exact share",
                ("note", "wide"),
            ),
            "The share in percent is for reading alone: amounts are worked out from the weights. The basis was chosen "
            "by the program; it does not recalculate.",
        )

    def weigh(self, result: UnitYear) -> list[Known]:
        """The weights on which a unit's pooled cost of a year is shared."""
        key = result.unit.code, result.year
        first, members = self.weights.next, result.members
        exact, decimals = _exact_shares(result)
        sources, settled = self._sources(result), self._settled(result)
        terms = reduced(sources) if sources else None
        if terms is not None:
            contributions = self._enter(key, result, sources, terms)
            common = gcd(*terms.raw)
            values = [raw // common for raw in terms.raw]
        else:
            contributions = []
            values = [one.value for one in settled] if settled else whole_weights(exact)
        if not _proportional(values, exact):
            raise ValueError(f"{key[0]} {key[1]}: the weights {values} do not give the shares {exact}")
        weights = [self.weights.known("weight", first + place, value) for place, value in enumerate(values)]
        applied = weights
        if decimals is not None:
            total = 100 * 10**decimals
            applied = self.splitting.block(
                key, f"shares to {decimals} decimals", Known(str(total), total), members, weights
            )
        self.known[key] = members, applied, result.decision.shares
        self.shares[key] = []
        note = "" if contributions or settled else _why(result, bool(sources))
        last = first + len(members) - 1
        for place, force in enumerate(members):
            row = self.weights.next
            contribution = contributions[place] if contributions else None
            shown = shown_whole(values[place])
            cell: Any = shown
            if contribution is not None:
                span = self.weights.span("contributions", first, last)
                cell = Cell(shown, f"={self.weights.at('contributions', row)}/MAX(1,GCD({span}))")
            elif settled:
                cell = settled[place].link()
            share = result.decision.shares[place]
            live = decimals is not None or all(isinstance(shown_whole(one), int) for one in values)
            divided = self._share(row, first, last, applied[place], decimals)
            self.weights.add(
                *key,
                result.decision.basis,
                force,
                contribution,
                cell,
                Cell(share, divided) if live else share,
                str(share),
                note,
            )
            self.shares[key].append(self.weights.known("share applied", row, share))
        return applied

    def _share(self, row: int, first: int, last: int, applied: Known, decimals: int | None) -> str:
        if decimals is not None:
            return f"={applied.ref}/{100 * 10**decimals}"
        return f"={self.weights.at('weight', row)}/SUM({self.weights.span('weight', first, last)})"

    def _settled(self, result: UnitYear) -> list[Known]:
        """The weights of the earlier year whose shares stay, where that year is in the workbook."""
        rebase = result.decision.rebase
        if rebase is None or not rebase.kept or rebase.settled.basis != "demand":
            return []
        earlier = self.known.get((result.unit.code, rebase.settled.year))
        if earlier is None or earlier[0] != result.members or earlier[2] != result.decision.shares:
            return []
        return earlier[1] if all(isinstance(shown_whole(one.value), int) for one in earlier[1]) else []

    def _sources(self, result: UnitYear) -> list[Source]:
        decision, figures = result.decision, self.figures
        one = Known("1", 1)
        if decision.nre is not None:
            return [Source(f"NRE {decision.nre.wanted}", one, tuple(map(figures.nre, decision.nre.figures)), 1)]
        if decision.agreed is not None:
            return self._agreed(result)
        if decision.basis != "demand" or (decision.rebase is not None and decision.rebase.kept):
            return []
        return self._demand(result)

    def _agreed(self, result: UnitYear) -> list[Source]:
        agreed = result.decision.agreed
        if agreed is None:
            return []
        percents = [agreed.shares[force] * 100 for force in result.members]
        decimals = [decimals_of(percent) for percent in percents]
        if None in decimals:
            return []
        places = max(number for number in decimals if number is not None)
        cells = tuple(self.figures.agreed(agreed, force) for force in result.members)
        return [Source(f"agreed from {agreed.from_year}", Known("1", 1), cells, 10**places)]

    def _demand(self, result: UnitYear) -> list[Source]:
        terms, decision = result.terms, result.decision
        drivers = self.figures.inputs.drivers.get(result.unit.code, ())
        weights = [driver.weight for driver in drivers]
        scale = decimals_of(Fraction(1, lcm(*(weight.denominator for weight in weights))))
        fixed = decimals_of(terms.fixed_base)
        if scale is None or fixed is None or len(drivers) != len(decision.volumes):
            return []
        blocks = len(decision.volumes[0].blocks) if terms.demand_method == "mean" else 1
        percent = f"ROUND({self.figures.term(result, 'fixed base %')}*{10**fixed},0)"
        base = int(terms.fixed_base * 10**fixed)
        sources, cells = [], []
        for weight, found in zip(weights, decision.volumes, strict=True):
            first = self.figures.volume_table.next
            own = [self._volumes(result, weight, found, part) for part in range(blocks)]
            at = f"ROUND({self.figures.volume_table.out(WEIGHT, first)}*{10**scale},0)"
            whole = int(weight * 10**scale)
            cells.append(Known(at, whole))
            rest = Known(f"({100 * 10**fixed}-{percent})*{at}", (100 * 10**fixed - base) * whole)
            if not terms.fixed_base:
                rest = Known(at, whole)
            for name, figures in own:
                times = lcm(*(Fraction(figure.value).denominator for figure in figures))
                sources.append(Source(name, rest, figures, times))
        if terms.fixed_base and decision.base is not None:
            total = "+".join(cell.ref for cell in cells)
            part = Known(f"{percent}*({total})*{blocks}", base * sum(cell.value for cell in cells) * blocks)
            nre = decision.base_nre
            fixed_figures = (
                tuple(map(self.figures.nre, nre.figures)) if nre is not None else (Known("1", 1),) * len(result.members)
            )
            name = f"fixed base: NRE {nre.wanted}" if nre is not None else "fixed base: equal"
            sources.insert(0, Source(name, part, fixed_figures, 1))
        return sources if len(sources) <= MOST_SOURCES else []

    def _volumes(
        self, result: UnitYear, weight: Fraction, found: WindowVolumes, part: int
    ) -> tuple[str, tuple[Known, ...]]:
        table = self.figures.volume_table
        blockwise = result.terms.demand_method == "mean"
        volumes = found.blocks[part].volumes if blockwise else found.volumes
        months = str(found.blocks[part].months if blockwise else found.window)
        known = []
        for force, volume in zip(result.members, volumes, strict=True):
            row = table.add(result.unit.code, result.year, found.driver, months, weight, force, Fraction(volume))
            known.append(table.known("volume", row, Fraction(volume)))
        return f"{found.driver}, {months}", tuple(known)

    def _enter(self, key: Key, result: UnitYear, sources: Sequence[Source], terms: Reduced) -> list[Cell]:
        """Write the sources; what each member's contributions sum to."""
        table, count = self.sources, len(result.members)
        first = table.next
        starts = [first + count * place for place in range(len(sources))]
        last = first + count * len(sources) - 1
        parts = table.span("part of the cost", first, last)
        common = ",".join(table.at("total", start) for start in starts)
        for place, (source, start) in enumerate(zip(sources, starts, strict=True)):
            end = start + count - 1
            whole = source.whole()
            for i, force in enumerate(result.members):
                row = table.next
                figure = source.figures[i]
                multiple = terms.multiple // terms.totals[place]
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
                    Cell(multiple, f"=LCM({common})/{table.at('total', row)}"),
                    Cell(
                        terms.parts[place] * terms.figures[place][i] * multiple,
                        f"={table.at('in lowest terms', row)}*{table.at('reduced', row)}*{table.at('multiple', row)}",
                    ),
                    Cell("OK", _within(table, row, starts[: place + 1], last)),
                )
        return [
            Cell(terms.raw[i], "=" + "+".join(table.out("contribution", start + i) for start in starts))
            for i in range(count)
        ]


WEIGHT = "driver's weight"
MOST_SOURCES = 100  # a formula names every source, and Excel holds 255 arguments and 8,192 characters


def _within(table: Table, row: int, starts: Sequence[int], last: int) -> str:
    """Whether the figures of a source, changed or not, are held: as `reduced` has it."""
    *before, own = (table.at("total", start) for start in starts)
    product = f"LCM({','.join(before)})*{own}" if before else own
    contributions = f"SUM({table.span('contribution', starts[0], last)})"
    held = ",".join(f"{one}<{PRODUCT}" for one in (table.at("whole figure", row), product, contributions))
    return f'=IF(AND({held}),"OK","TOO LARGE")'


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
        why = "the products of the sources' totals are more than a spreadsheet's numbers hold exactly"
    elif result.decision.rebase is not None and result.decision.rebase.kept:
        why = f"the shares settled in {result.decision.rebase.settled.year} stay, and that year's are not live here"
    else:
        why = "a figure is no finite decimal"
    return f"The weights stand as values: {why}."
