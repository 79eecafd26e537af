"""What each force pays by component: held parts, the no-loser adjustment, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.model import Component, ForceCode
from bch_apportion.principles.no_loser import NoLoser
from bch_apportion.recipe import UnitYear
from bch_apportion.reports.live.figures import BudgetCells, Figures, decimals_of
from bch_apportion.reports.live.splitting import Splitting, rank_formula
from bch_apportion.reports.live.tables import PRODUCT, Key, Known, Table
from bch_apportion.reports.report import Cell
from bch_apportion.reports.splits import COMPONENT_WORDS

Parts = dict[Component, dict[ForceCode, Known]]
"""What a unit's members pay of a year, by component."""


class Holding:
    """The part of held lines that stays with the holder until the budget is pooled."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.table = Table(
            "Held steps",
            "What stays with the holder: held lines × days not pooled / days of the year, half up",
            (
                "unit",
                ("year", "year"),
                "force",
                ("held lines", "count"),
                ("days not pooled", "whole"),
                ("days of the year", "whole"),
                ("stays (pence)", "count"),
            ),
        )

    def stay(self, result: UnitYear, lines: BudgetCells) -> dict[ForceCode, Known]:
        found = {}
        for force, held in lines.held.items():
            table, row, stays = self.table, self.table.next, result.parts.staying[force]
            days = result.year.days()
            unpooled = (days * (1 - result.parts.fraction)).numerator
            at, of, year = (table.at(name, row) for name in ("held lines", "days not pooled", "days of the year"))
            rounded = f"=SIGN({at})*INT((2*ABS({at})*{of}+{year})/(2*{year}))"
            exact = 2 * abs(held.value) * days + days < PRODUCT
            table.add(
                result.unit.code,
                result.year,
                force,
                Cell(held.value, f"={held.ref}"),
                Cell(unpooled, f"={self.figures.term(result, 'days not pooled')}"),
                Cell(days, f"={self.figures.term(result, 'days of the year')}"),
                Cell(stays, rounded) if exact else stays,
            )
            found[force] = table.known("stays (pence)", row, stays)
        return found


class Protection:
    """The no-loser adjustment, step by step."""

    def __init__(self, figures: Figures, splitting: Splitting) -> None:
        self.figures, self.splitting = figures, splitting
        self.uprated = Table(
            "Uprated baselines",
            "Baselines brought to the prices of the budget year, half up",
            (
                "unit",
                ("year", "year"),
                "force",
                ("baseline", "count"),
                ("index then", "number"),
                ("index now", "number"),
                ("baseline in prices of the year", "count"),
            ),
        )
        self.table = Table(
            "No loser steps",
            "The no-loser adjustment, in pence",
            (
                "unit",
                ("year", "year"),
                "force",
                ("pooled", "count"),
                ("baseline", "count"),
                ("loss", "count"),
                ("gain", "count"),
                ("relieved of", "count"),
                ("funds", "count"),
                ("full adjustment", "count"),
                ("target times", "count"),
                ("target", "count"),
                ("whole pence", "count"),
                ("remainder", "count"),
                ("rank", "whole"),
                ("odd penny", "whole"),
                ("adjustment (pence)", "count"),
            ),
            "Losses are relieved, and gains fund it, by largest remainder (Relief quotas). Target = (pooled + no loser "
            "% of the full adjustment) × “target times”, a whole number; brought to whole pence by largest remainder.",
        )

    def adjust(self, result: UnitYear, found: NoLoser, pooled: Sequence[Known]) -> dict[ForceCode, Known]:
        """The adjustment of each member."""
        key, members, table = (result.unit.code, result.year), result.members, self.table
        first, last = table.next, table.next + len(members) - 1
        baselines = self._baselines(result, found)
        losses = [max(0, p.value - b) for p, b in zip(pooled, found.baselines, strict=True)]
        gains = [max(0, b - p.value) for p, b in zip(pooled, found.baselines, strict=True)]
        spans = [table.out_span(name, first, last) for name in ("loss", "gain")]
        relief = Known(f"MIN(SUM({spans[0]}),SUM({spans[1]}))", min(sum(losses), sum(gains)))
        parts = [
            self.splitting.block(key, what, relief, members, self._column(name, values))
            for what, name, values in (("relief, by losses", "loss", losses), ("relief, by gains", "gain", gains))
        ]
        places = decimals_of(found.applied)
        times = 100 * 10 ** (places or 0)
        live = places is not None and max(map(abs, found.baselines)) < PRODUCT // times // 4
        live = live and max(abs(one.value) for one in pooled) < PRODUCT // times // 4
        if places is None:
            raise ValueError(f"no loser {found.applied} is no finite decimal")
        scaled = [int(target * times) for target in found.targets]
        for place, force in enumerate(members):
            row = table.next
            moves = [one[place] for one in parts]
            self._row(
                (*key, force),
                result,
                pooled[place],
                baselines[place],
                (losses[place], gains[place]),
                moves,
                (scaled, place, times, 10**places),
                (first, last),
                live,
                found.adjustments[place],
            )
            if table.next != row + 1:
                raise ValueError("one row for each member")
        return {
            force: table.known("adjustment (pence)", first + place, found.adjustments[place])
            for place, force in enumerate(members)
        }

    def _column(self, name: str, values: Sequence[int]) -> list[Known]:
        first = self.table.next
        return [self.table.known(name, first + place, value) for place, value in enumerate(values)]

    def _row(
        self,
        head: tuple[Any, ...],
        result: UnitYear,
        pooled: Known,
        baseline: Known,
        against: tuple[int, int],
        moves: Sequence[Known],
        scale: tuple[Sequence[int], int, int, int],
        rows: tuple[int, int],
        live: bool,
        adjustment: int,
    ) -> None:
        table, row = self.table, self.table.next
        scaled, place, times, hundredth = scale
        at = {column.name: table.at(column.name, row) for column in table.columns}
        floors = [divmod(one, times) for one in scaled]
        floor, rest = floors[place]
        rank = 1 + sum((-r, i) < (-rest, place) for i, (_, r) in enumerate(floors))
        left = sum(scaled) // times - sum(f for f, _ in floors)
        percent = f"ROUND({self.figures.term(result, 'no loser %')}*{hundredth},0)"
        spans = [table.span(name, *rows) for name in ("pooled", "whole pence")]

        def cell(value: int, formula: str) -> Any:
            return Cell(value, formula) if live else value

        table.add(
            *head,
            pooled.link(),
            Cell(baseline.value, f"={baseline.ref}"),
            Cell(against[0], f"=MAX(0,{at['pooled']}-{at['baseline']})"),
            Cell(against[1], f"=MAX(0,{at['baseline']}-{at['pooled']})"),
            moves[0].link(),
            moves[1].link(),
            Cell(moves[1].value - moves[0].value, f"={at['funds']}-{at['relieved of']}"),
            times,
            cell(scaled[place], f"={at['pooled']}*{at['target times']}+{percent}*{at['full adjustment']}"),
            cell(floor, f"=INT({at['target']}/{at['target times']})"),
            cell(rest, f"={at['target']}-{at['target times']}*{at['whole pence']}"),
            cell(rank, "=" + rank_formula(table, "remainder", row, *rows)),
            cell(int(rank <= left), f"=IF({at['rank']}<=SUM({spans[0]})-SUM({spans[1]}),1,0)"),
            cell(adjustment, f"={at['whole pence']}+{at['odd penny']}-{at['pooled']}"),
        )

    def _baselines(self, result: UnitYear, found: NoLoser) -> list[Known]:
        cells = []
        for force, given, figure in zip(result.members, result.baselines, found.baselines, strict=True):
            known = self.figures.baseline(result.unit.code, force)
            if self.figures.inputs.settings.uprate_baselines and given.year is not None:
                known = self._uprate(result, force, known, given.year, figure)
            cells.append(known)
        return cells

    def _uprate(self, result: UnitYear, force: ForceCode, given: Known, then: Any, figure: int) -> Known:
        table, row = self.uprated, self.uprated.next
        indices = [self.figures.index(year) for year in (then, result.year)]
        places = [decimals_of(Fraction(index.value)) for index in indices]
        shown: Any = figure
        if None not in places:
            times = 10 ** max(place for place in places if place is not None)
            old, new = (int(index.value * times) for index in indices)
            if 2 * abs(given.value) * new + old < PRODUCT:
                base = table.at("baseline", row)
                was, now = (f"ROUND({table.at(name, row)}*{times},0)" for name in ("index then", "index now"))
                shown = Cell(figure, f"=SIGN({base})*INT((2*ABS({base})*{now}+{was})/(2*{was}))")
        table.add(result.unit.code, result.year, force, given.link(), *(index.link() for index in indices), shown)
        return table.known("baseline in prices of the year", row, figure)


def amounts(ledger: Ledger, found: dict[Key, Parts]) -> tuple[Table, dict[Key, tuple[int, int]]]:
    """Every component by force, in the order of the splits; where each unit and year's rows stand."""
    forces = ledger.inputs.force_codes()
    table = Table(
        "Amounts",
        "What each force pays by component, in whole pence",
        (
            "unit",
            ("year", "year"),
            "component",
            *((force_head(force), "count") for force in forces),
            ("total", "count"),
        ),
    )
    rows = {}
    for year in ledger.years():
        for result in (one for one in ledger.results if one.year == year):
            key, first = (result.unit.code, year), table.next
            for component, by_force in found[key].items():
                row = table.next
                cells = [by_force[force].link() if force in by_force else None for force in forces]
                whole = table.span(force_head(forces[0]), row, row).split(":")[0]
                last = table.at(force_head(forces[-1]), row)
                total = sum(one.value for one in by_force.values())
                table.add(*key, COMPONENT_WORDS[component], *cells, Cell(total, f"=SUM({whole}:{last})"))
            rows[key] = first, table.next - 1
    return table, rows


def force_head(force: ForceCode) -> str:
    """A force's column, by a name that is none of the other columns'."""
    return f"{force} (pence)"
