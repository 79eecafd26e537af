"""What each force pays by component: held parts, the no-loser adjustment, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.live.cells import Key, Known, Shared, key_of, ranks
from bch_apportion.live.dividing import Divided, Dividing, Division
from bch_apportion.live.figures import BudgetCells, Figures
from bch_apportion.live.splitting import Splitting
from bch_apportion.live.tables import UNIT_YEAR, Block, Head, Sheet, Table, counts
from bch_apportion.model import Component, ForceCode
from bch_apportion.money import Pence
from bch_apportion.principles.no_loser import NoLoser
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.words import COMPONENT_WORDS
from bch_apportion.writing.report import Cell
from bch_apportion.years import FinancialYear

Parts = dict[Component, dict[ForceCode, Known]]
"""What a unit's members pay of a year, by component."""

STAYS, UPRATED, ADJUSTMENT = "stays (pence)", "baseline in prices of the year", "adjustment (pence)"

HELD_STEPS = Sheet(
    "Held steps",
    "What stays with the holder: held lines × days not pooled / days of the year, half up",
    (
        *UNIT_YEAR,
        "force",
        *counts("held lines", "whole pence", "rest"),
        ("days of the year", "whole"),
        (STAYS, "count"),
    ),
)
UPRATED_BASELINES = Sheet(
    "Uprated baselines",
    "Baselines brought to the prices of the budget year, half up",
    (
        *UNIT_YEAR,
        "force",
        *counts("baseline"),
        ("index then", "number"),
        ("index now", "number"),
        *counts("whole pence", "rest", "over", UPRATED),
    ),
)
ADJUSTED = counts("pooled", "baseline", "loss", "gain", "relieved of", "funds", "full adjustment", "part of it", "rest")
NO_LOSER_STEPS = Sheet(
    "No loser steps",
    "The no-loser adjustment, in pence",
    (
        *UNIT_YEAR,
        "force",
        *ADJUSTED,
        *counts("over", "whole pence", "remainder"),
        ("rank", "whole"),
        ("odd penny", "whole"),
        (ADJUSTMENT, "count"),
    ),
    "Gains fund the relief of losses, both by largest remainder (Relief quotas). Target = pooled + no loser % of the "
    "full adjustment (No loser divisions), brought to whole pence by largest remainder.",
)


def half_up(signed: str, over: str) -> str:
    """The formula of a row's whole pence and rest brought half up, with the sign of what was divided."""
    return f"=SIGN([{signed}])*([whole pence]+IF(2*[rest]>=[{over}],1,0))"


class Holding:
    """The part of held lines that stays with the holder until the budget is pooled."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.division = Dividing("Held divisions", "Held lines × days not pooled / days of the year", "what")
        self.table = Table(HELD_STEPS)

    def stay(self, result: UnitYear, lines: BudgetCells) -> dict[ForceCode, Known]:
        """What stays with each holder."""
        return {force: self._stays(result, force, held) for force, held in lines.held.items()}

    def _stays(self, result: UnitYear, force: ForceCode, held: Known) -> Known:
        key, days = key_of(result), result.year.days()
        unpooled = self.figures.days_not_pooled(result)
        division = Division(held, Known(f"ROUND({unpooled.ref},0)", int(unpooled.value)), Known(str(days), days))
        divided = self.division.divide(key, "held", force, division)
        row = self.table.add(
            {
                **key._asdict(),
                "force": force,
                "held lines": held,
                "whole pence": divided.quotient,
                "rest": divided.rest,
                "days of the year": days,
                STAYS: Cell(result.parts.staying[force], half_up("held lines", "days of the year")),
            }
        )
        return self.table.known(STAYS, row)


class Step(NamedTuple):
    """What becomes of a member's pooled cost: its baseline, the full adjustment, and the part of it that applies."""

    force: ForceCode
    pooled: Known
    baseline: Known
    relieved: Known
    funds: Known
    part: Divided
    over: int  # what the rest of the part is over

    def full(self) -> Pence:
        funds: Pence = self.funds.value
        relieved: Pence = self.relieved.value
        return funds - relieved

    def floor(self) -> Pence:
        """The whole pence below the part that applies."""
        quotient: int = self.part.quotient.value
        return quotient if self.full() >= 0 else -quotient - (self.part.rest.value > 0)

    def remainder(self) -> int:
        """What is left above those."""
        rest: int = self.part.rest.value
        return self.over - rest if self.full() < 0 and rest else rest


class Protection:
    """The no-loser adjustment, step by step."""

    def __init__(self, figures: Figures, splitting: Splitting) -> None:
        self.figures, self.splitting = figures, splitting
        self.baselines: dict[Key, list[Known]] = {}
        self.uprating = Dividing("Uprating divisions", "Baselines × index now / index then", "what")
        self.uprated = Table(UPRATED_BASELINES)
        self.part = Dividing("No loser divisions", "Full adjustment × no loser % / 100 %", "what")
        self.table = Table(NO_LOSER_STEPS)

    def tables(self) -> list[Table]:
        """Its sheets, in the order of the way."""
        return [self.uprating, self.uprated, *self.splitting.tables(), self.part, self.table]

    def adjust(self, result: UnitYear, no_loser: NoLoser, pooled: Sequence[Known]) -> dict[ForceCode, Known]:
        """The adjustment of each member."""
        block, steps = self.table.block(len(result.members)), self._steps(result, no_loser, pooled)
        left = -sum(step.floor() for step in steps)
        for step, place in zip(steps, ranks([step.remainder() for step in steps]), strict=True):
            self._add(key_of(result), block, step, place, odd=int(place <= left))
        adjustments = block.filled(ADJUSTMENT)
        if (given := tuple(known.value for known in adjustments)) != no_loser.adjustments:
            raise ValueError(f"{result.unit.code} {result.year}: the steps give {given}, not {no_loser.adjustments}")
        return dict(zip(result.members, adjustments, strict=True))

    def _steps(self, result: UnitYear, no_loser: NoLoser, pooled: Sequence[Known]) -> list[Step]:
        key, members, block = key_of(result), result.members, self.table.block(len(result.members))
        baselines = self._baselines(result, no_loser)
        losses = [max(0, cost.value - before.value) for cost, before in zip(pooled, baselines, strict=True)]
        gains = [max(0, before.value - cost.value) for cost, before in zip(pooled, baselines, strict=True)]
        least = f"MIN(SUM({block.out('loss')}),SUM({block.out('gain')}))"
        relief = Shared(key, "relief, by losses", Known(least, min(sum(losses), sum(gains))), members)
        relieved = self.splitting.share(relief, block.ahead("loss", losses))
        funds = self.splitting.share(relief._replace(what="relief, by gains"), block.ahead("gain", gains))
        full = [fund.value - less.value for less, fund in zip(relieved, funds, strict=True)]
        percent = self.figures.percent(result, "no loser %", result.terms.no_loser)
        over = 100 * percent.times
        steps = []
        for place, number in enumerate(block.ahead("full adjustment", full)):
            division = Division(number, percent.whole()[0], Known(str(over), over))
            steps.append(
                Step(
                    force=members[place],
                    pooled=pooled[place],
                    baseline=baselines[place],
                    relieved=relieved[place],
                    funds=funds[place],
                    part=self.part.divide(key, "full adjustment", members[place], division),
                    over=over,
                )
            )
        return steps

    def _add(self, key: Key, block: Block, step: Step, place: int, odd: int) -> None:
        """The row of a member, its remainder at this place among the others'."""
        loss = step.pooled.value - step.baseline.value
        part = "IF([full adjustment]<0,-1,1)*[part of it]"
        beyond = "IF(AND([full adjustment]<0,[rest]>0)"
        pennies = f"SUM({block.span('pooled')})-SUM({block.span('whole pence')})"
        self.table.add(
            {
                **key._asdict(),
                "force": step.force,
                "pooled": step.pooled,
                "baseline": step.baseline,
                "loss": Cell(max(0, loss), "=MAX(0,[pooled]-[baseline])"),
                "gain": Cell(max(0, -loss), "=MAX(0,[baseline]-[pooled])"),
                "relieved of": step.relieved,
                "funds": step.funds,
                "full adjustment": Cell(step.full(), "=[funds]-[relieved of]"),
                "part of it": step.part.quotient,
                "rest": step.part.rest,
                "over": step.over,
                "whole pence": Cell(step.pooled.value + step.floor(), f"=[pooled]+{part}-{beyond},1,0)"),
                "remainder": Cell(step.remainder(), f"={beyond},[over]-[rest],[rest])"),
                "rank": Cell(place, block.rank("remainder", self.table.next)),
                "odd penny": Cell(odd, f"=IF([rank]<={pennies},1,0)"),
                ADJUSTMENT: Cell(step.floor() + odd, "=[whole pence]+[odd penny]-[pooled]"),
            }
        )

    def _baselines(self, result: UnitYear, no_loser: NoLoser) -> list[Known]:
        cells = []
        for force, given, figure in zip(result.members, result.baselines, no_loser.baselines, strict=True):
            known = self.figures.baseline(result.unit.code, force)
            if self.figures.inputs.settings.uprate_baselines and given.year is not None:
                known = self._uprate(result, force, Uprating(known, given.year, figure))
            cells.append(known)
        self.baselines[key_of(result)] = cells
        return cells

    def _uprate(self, result: UnitYear, force: ForceCode, uprating: Uprating) -> Known:
        key, indices = key_of(result), self.figures.indices(uprating.year, result.year)
        then, now = indices.figures
        old, new = indices.whole()
        divided = self.uprating.divide(key, "baseline", force, Division(uprating.given, new, old))
        row = self.uprated.add(
            {
                **key._asdict(),
                "force": force,
                "baseline": uprating.given,
                "index then": then,
                "index now": now,
                "whole pence": divided.quotient,
                "rest": divided.rest,
                "over": old,
                UPRATED: Cell(uprating.figure, half_up("baseline", "over")),
            }
        )
        return self.uprated.known(UPRATED, row)


class Uprating(NamedTuple):
    """A baseline as given, the year of its prices, and what it comes to."""

    given: Known
    year: FinancialYear
    figure: Pence


class Amounts(NamedTuple):
    """The sheet of every component by force, and where the rows of each unit and year stand on it."""

    table: Table
    rows: dict[Key, Block]


def amounts(ledger: Ledger, parts: dict[Key, Parts]) -> Amounts:
    """Every component by force, in the order of the splits."""
    forces = ledger.inputs.force_codes()
    heads: tuple[Head, ...] = (*UNIT_YEAR, "component", *counts(*map(force_head, forces), "total"))
    table = Table(Sheet("Amounts", "What each force pays by component, in whole pence", heads))
    ends = force_head(forces[0]), force_head(forces[-1])
    rows = {}
    for key in (key_of(result) for year in ledger.years() for result in ledger.results if result.year == year):
        first = table.next
        for component, by_force in parts[key].items():
            cells = {force_head(force): known for force, known in by_force.items()}
            total = Cell(sum(known.value for known in by_force.values()), f"=SUM({table.block(1).span(*ends)})")
            table.add({**key._asdict(), "component": COMPONENT_WORDS[component], **cells, "total": total})
        rows[key] = table.since(first)
    return Amounts(table, rows)


def force_head(force: ForceCode) -> str:
    """A force's column, by a name that is none of the other columns'."""
    return f"{force} (pence)"
