"""What each force pays by component: held parts, the no-loser adjustment, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bch_apportion.ledger import Ledger
from bch_apportion.live.dividing import Divided, Dividing
from bch_apportion.live.figures import BudgetCells, Figures
from bch_apportion.live.splitting import Splitting, rank_formula
from bch_apportion.live.tables import Key, Known, Table
from bch_apportion.model import Component, ForceCode
from bch_apportion.principles.no_loser import NoLoser
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.words import COMPONENT_WORDS
from bch_apportion.writing.report import Cell
from bch_apportion.years import FinancialYear

Parts = dict[Component, dict[ForceCode, Known]]
"""What a unit's members pay of a year, by component."""


class Holding:
    """The part of held lines that stays with the holder until the budget is pooled."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.division = Dividing("Held divisions", "Held lines × days not pooled / days of the year", "what")
        self.table = Table(
            "Held steps",
            "What stays with the holder: held lines × days not pooled / days of the year, half up",
            (
                "unit",
                ("year", "year"),
                "force",
                ("held lines", "count"),
                ("whole pence", "count"),
                ("rest", "count"),
                ("days of the year", "whole"),
                ("stays (pence)", "count"),
            ),
        )

    def stay(self, result: UnitYear, lines: BudgetCells) -> dict[ForceCode, Known]:
        return {force: self._stays(result, force, held) for force, held in lines.held.items()}

    def _stays(self, result: UnitYear, force: ForceCode, held: Known) -> Known:
        table, row, key = self.table, self.table.next, (result.unit.code, result.year)
        unpooled, days = self.figures.term(result, "days not pooled"), result.year.days()
        unpooled = Known(f"ROUND({unpooled.ref},0)", int(unpooled.value))
        found = self.division.divide(key, "held", force, held, unpooled, Known(str(days), days))
        stays = result.parts.staying[force]
        table.add(
            *key,
            force,
            Cell(held.value, f"={held.ref}"),
            found.quotient.link(),
            found.rest.link(),
            days,
            Cell(stays, half_up(*(table.at(name, row) for name in HALF_UP))),
        )
        return table.known("stays (pence)", row, stays)


HALF_UP = ("held lines", "whole pence", "rest", "days of the year")


def half_up(signed: str, quotient: str, rest: str, over: str) -> str:
    """The formula of a quotient brought half up to whole pence, with the sign of what was divided."""
    return f"=SIGN({signed})*({quotient}+IF(2*{rest}>={over},1,0))"


class Protection:
    """The no-loser adjustment, step by step."""

    def __init__(self, figures: Figures, splitting: Splitting) -> None:
        self.figures, self.splitting = figures, splitting
        self.baselines: dict[Key, list[Known]] = {}
        self.uprating = Dividing("Uprating divisions", "Baselines × index now / index then", "what")
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
                ("whole pence", "count"),
                ("rest", "count"),
                ("over", "count"),
                ("baseline in prices of the year", "count"),
            ),
        )
        self.part = Dividing("No loser divisions", "Full adjustment × no loser % / 100 %", "what")
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
                ("part of it", "count"),
                ("rest", "count"),
                ("over", "count"),
                ("whole pence", "count"),
                ("remainder", "count"),
                ("rank", "whole"),
                ("odd penny", "whole"),
                ("adjustment (pence)", "count"),
            ),
            "Losses are relieved, and gains fund it, by largest remainder (Relief quotas). Target = pooled + no loser "
            "% of the full adjustment (No loser divisions), brought to whole pence by largest remainder.",
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
        moves = [
            self.splitting.block(key, what, relief, members, self._column(name, values))
            for what, name, values in (("relief, by losses", "loss", losses), ("relief, by gains", "gain", gains))
        ]
        full = [fund.value - less.value for less, fund in zip(*moves, strict=True)]
        parts = self._parts(result, full)
        steps = [_target(move, part) for move, part in zip(full, parts, strict=True)]
        for place, force in enumerate(members):
            against = baselines[place], losses[place], gains[place]
            own = moves[0][place], moves[1][place], parts[place]
            self._row((*key, force), pooled[place], against, own, (steps, place), (first, last))
            known = table.known("adjustment (pence)", first + place, found.adjustments[place])
            if table.rows[-1][-1].value != known.value:
                raise ValueError(
                    f"{key[0]} {key[1]} {force}: the steps give {table.rows[-1][-1].value}, not {known.value}"
                )
        return {
            force: table.known("adjustment (pence)", first + place, found.adjustments[place])
            for place, force in enumerate(members)
        }

    def _parts(self, result: UnitYear, full: Sequence[int]) -> list[tuple[Divided, int]]:
        """The part of each full adjustment that applies, and over what its rest is."""
        percent, over = self.figures.percent(result, "no loser %")
        key, first = (result.unit.code, result.year), self.table.next
        return [
            (
                self.part.divide(
                    key,
                    "full adjustment",
                    force,
                    self.table.known("full adjustment", first + place, full[place]),
                    percent,
                    Known(str(over), over),
                ),
                over,
            )
            for place, force in enumerate(result.members)
        ]

    def _column(self, name: str, values: Sequence[int]) -> list[Known]:
        first = self.table.next
        return [self.table.known(name, first + place, value) for place, value in enumerate(values)]

    def _row(
        self,
        head: tuple[Any, ...],
        pooled: Known,
        against: tuple[Known, int, int],
        moves: tuple[Known, Known, tuple[Divided, int]],
        steps: tuple[Sequence[tuple[int, int]], int],
        rows: tuple[int, int],
    ) -> None:
        table, row = self.table, self.table.next
        at = {column.name: table.at(column.name, row) for column in table.columns}
        relieved, funds, (part, over) = moves
        (targets, place), move = steps, funds.value - relieved.value
        floor, remainder = targets[place]
        rank = 1 + sum((-r, i) < (-remainder, place) for i, (_, r) in enumerate(targets))
        odd = int(rank <= -sum(floor for floor, _ in targets))
        spans = [table.span(name, *rows) for name in ("pooled", "whole pence")]
        beyond = f"IF(AND({at['full adjustment']}<0,{at['rest']}>0)"
        table.add(
            *head,
            pooled.link(),
            against[0].link(),
            Cell(against[1], f"=MAX(0,{at['pooled']}-{at['baseline']})"),
            Cell(against[2], f"=MAX(0,{at['baseline']}-{at['pooled']})"),
            relieved.link(),
            funds.link(),
            Cell(move, f"={at['funds']}-{at['relieved of']}"),
            part.quotient.link(),
            part.rest.link(),
            over,
            Cell(
                pooled.value + floor,
                f"={at['pooled']}+IF({at['full adjustment']}<0,-1,1)*{at['part of it']}-{beyond},1,0)",
            ),
            Cell(remainder, f"={beyond},{at['over']}-{at['rest']},{at['rest']})"),
            Cell(rank, "=" + rank_formula(table, "remainder", row, *rows)),
            Cell(odd, f"=IF({at['rank']}<=SUM({spans[0]})-SUM({spans[1]}),1,0)"),
            Cell(floor + odd, f"={at['whole pence']}+{at['odd penny']}-{at['pooled']}"),
        )

    def _baselines(self, result: UnitYear, found: NoLoser) -> list[Known]:
        cells = []
        for force, given, figure in zip(result.members, result.baselines, found.baselines, strict=True):
            known = self.figures.baseline(result.unit.code, force)
            if self.figures.inputs.settings.uprate_baselines and given.year is not None:
                known = self._uprate(result, force, known, given.year, figure)
            cells.append(known)
        self.baselines[result.unit.code, result.year] = cells
        return cells

    def _uprate(self, result: UnitYear, force: ForceCode, given: Known, then: FinancialYear, figure: int) -> Known:
        table, row, key = self.uprated, self.uprated.next, (result.unit.code, result.year)
        indices, (old, new) = self.figures.indices(then, result.year)
        found = self.uprating.divide(key, "baseline", force, given, new, old)
        steps = (table.at(name, row) for name in ("baseline", "whole pence", "rest", "over"))
        table.add(
            *key,
            force,
            given.link(),
            *(index.link() for index in indices),
            found.quotient.link(),
            found.rest.link(),
            old.link(),
            Cell(figure, half_up(*steps)),
        )
        return table.known("baseline in prices of the year", row, figure)


def _target(move: int, part: tuple[Divided, int]) -> tuple[int, int]:
    """The whole pence below a part of an adjustment, and what is left of it."""
    (quotient, rest, _), over = part
    if move >= 0:
        return quotient.value, rest.value
    return -quotient.value - (rest.value > 0), over - rest.value if rest.value else 0


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
