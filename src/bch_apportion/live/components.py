"""What each force pays by component: held parts, the no-loser adjustment, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from bch_apportion import money
from bch_apportion.ledger import Ledger
from bch_apportion.live.cells import Key, Known, Shared, key_of
from bch_apportion.live.dividing import Divided, Dividing, Division
from bch_apportion.live.figures import Figures, Scaled
from bch_apportion.live.splitting import Splitting
from bch_apportion.live.tables import ODD_PENNY, UNIT_YEAR, Block, Head, Sheet, Table, counts
from bch_apportion.model import Component, ForceCode
from bch_apportion.principles.no_loser import NoLoser
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.words import COMPONENT_WORDS
from bch_apportion.writing.report import Cell

Parts = dict[Component, dict[ForceCode, Known]]
"""What a unit's members pay of a year, by component."""

STAYS, UPRATED, ADJUSTMENT = "stays (pence)", "baseline in prices of the year", "adjustment (pence)"
INDICES: tuple[Head, ...] = (("index then", "number"), ("index now", "number"))

HELD_STEPS = Sheet(
    "Held steps",
    "What stays with the holder: held lines × days not pooled / days of the year, half up",
    (*UNIT_YEAR, "force", *counts("held lines", "whole pence", "rest"), ("days of the year", "whole"), *counts(STAYS)),
)
UPRATED_BASELINES = Sheet(
    "Uprated baselines",
    "Baselines brought to the prices of the budget year, half up",
    (*UNIT_YEAR, "force", *counts("baseline"), *INDICES, *counts("whole pence", "rest", "over", UPRATED)),
)
STEPS = counts("pooled", "baseline", "loss", "gain", "relieved of", "funds", "full adjustment", "part of it", "rest")
NO_LOSER_STEPS = Sheet(
    "No loser steps",
    "The no-loser adjustment, in pence",
    (*UNIT_YEAR, "force", *STEPS, *counts("over", "whole pence", "remainder"), *ODD_PENNY, *counts(ADJUSTMENT)),
    "Gains fund the relief of losses, both by largest remainder (Relief quotas). Target = pooled + no loser % of the "
    "full adjustment (No loser divisions), brought to whole pence by largest remainder.",
)


def half_up(division: Division, signed: str, over: str) -> Cell:
    """A row's whole pence and rest brought half up, with the sign of the column that was divided."""
    exact = Fraction(division.number.value * division.times.value, division.over.value)
    return Cell(money.half_up(exact), f"=SIGN([{signed}])*([whole pence]+IF(2*[rest]>=[{over}],1,0))")


class Holding:
    """The part of held lines that stays with the holder until the budget is pooled."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.division = Dividing("Held divisions", "Held lines × days not pooled / days of the year")
        self.table = Table(HELD_STEPS)

    def stays(self, result: UnitYear, force: ForceCode, held: Known) -> Known:
        """What stays of the held lines of a force."""
        key, days = key_of(result), result.year.days()
        unpooled = self.figures.days_not_pooled(result)
        division = Division(held, Known(f"ROUND({unpooled.ref},0)", int(unpooled.value)), Known(str(days), days))
        divided = self.division.divide(key, "held", force, division)
        cells = {"held lines": held, "whole pence": divided.quotient, "rest": divided.rest, "days of the year": days}
        stays = half_up(division, "held lines", "days of the year")
        return self.table.known(STAYS, self.table.add({**key._asdict(), "force": force, **cells, STAYS: stays}))


class Step(NamedTuple):
    """What becomes of a member's pooled cost: its baseline, the full adjustment, and the part of it that applies."""

    pooled: Known
    baseline: Known
    relieved: Known
    funds: Known
    part: Divided
    over: int  # what the rest of the part is over

    def full(self) -> int:
        adjustment: int = self.funds.value - self.relieved.value
        return adjustment

    def floor(self) -> int:
        """The whole pence below the part that applies."""
        quotient: int = self.part.quotient.value
        return quotient if self.full() >= 0 else -quotient - (self.part.rest.value > 0)

    def remainder(self) -> int:
        """What is left above those."""
        rest: int = self.part.rest.value
        return self.over - rest if self.full() < 0 and rest else rest

    def cells(self) -> dict[str, Any]:
        """Its row, but for the odd penny."""
        loss = self.pooled.value - self.baseline.value
        part = "IF([full adjustment]<0,-1,1)*[part of it]"
        beyond = "IF(AND([full adjustment]<0,[rest]>0)"
        return {
            "pooled": self.pooled,
            "baseline": self.baseline,
            "loss": Cell(max(0, loss), "=MAX(0,[pooled]-[baseline])"),
            "gain": Cell(max(0, -loss), "=MAX(0,[baseline]-[pooled])"),
            "relieved of": self.relieved,
            "funds": self.funds,
            "full adjustment": Cell(self.full(), "=[funds]-[relieved of]"),
            "part of it": self.part.quotient,
            "rest": self.part.rest,
            "over": self.over,
            "whole pence": Cell(self.pooled.value + self.floor(), f"=[pooled]+{part}-{beyond},1,0)"),
            "remainder": Cell(self.remainder(), f"={beyond},[over]-[rest],[rest])"),
        }


class Protection:
    """The no-loser adjustment, step by step."""

    def __init__(self, figures: Figures, splitting: Splitting) -> None:
        self.figures, self.splitting = figures, splitting
        self.baselines: dict[Key, list[Known]] = {}
        self.uprating = Dividing("Uprating divisions", "Baselines × index now / index then")
        self.uprated = Table(UPRATED_BASELINES)
        self.part = Dividing("No loser divisions", "Full adjustment × no loser % / 100 %")
        self.table = Table(NO_LOSER_STEPS)

    def tables(self) -> list[Table]:
        """Its sheets, in the order of the way."""
        return [self.uprating, self.uprated, *self.splitting.tables(), self.part, self.table]

    def adjust(self, result: UnitYear, no_loser: NoLoser, pooled: Sequence[Known]) -> dict[ForceCode, Known]:
        """The adjustment of each member."""
        block = self.table.block(len(result.members))
        steps = self._steps(result, pooled, block)
        below = f"SUM({block.span('pooled')})-SUM({block.span('whole pence')})"
        left = Known(below, -sum(step.floor() for step in steps))
        pennies = block.odd_pennies([step.remainder() for step in steps], left)
        for force, step, penny in zip(result.members, steps, pennies, strict=True):
            adjustment = Cell(step.floor() + penny["odd penny"].value, "=[whole pence]+[odd penny]-[pooled]")
            head = {**key_of(result)._asdict(), "force": force}
            self.table.add({**head, **step.cells(), **penny, ADJUSTMENT: adjustment})
        adjustments = block.filled(ADJUSTMENT)
        if (given := tuple(known.value for known in adjustments)) != no_loser.adjustments:
            raise ValueError(f"{result.unit.code} {result.year}: the steps give {given}, not {no_loser.adjustments}")
        return dict(zip(result.members, adjustments, strict=True))

    def _steps(self, result: UnitYear, pooled: Sequence[Known], block: Block) -> list[Step]:
        key, members, baselines = key_of(result), result.members, self._baselines(result)
        losses = [max(0, cost.value - before.value) for cost, before in zip(pooled, baselines, strict=True)]
        gains = [max(0, before.value - cost.value) for cost, before in zip(pooled, baselines, strict=True)]
        least = f"MIN(SUM({block.out('loss')}),SUM({block.out('gain')}))"
        relief = Shared(key, "relief, by losses", Known(least, min(sum(losses), sum(gains))), members)
        relieved = self.splitting.share(relief, block.ahead("loss", losses))
        funds = self.splitting.share(relief._replace(what="relief, by gains"), block.ahead("gain", gains))
        full = block.ahead("full adjustment", (up.value - down.value for up, down in zip(funds, relieved, strict=True)))
        percent = self.figures.percent(result, "no loser %", result.terms.no_loser)
        (times,), over = percent.whole(), 100 * percent.times
        divisions = [Division(number, times, Known(str(over), over)) for number in full]
        return [
            Step(
                pooled=pooled[place],
                baseline=baselines[place],
                relieved=relieved[place],
                funds=funds[place],
                part=self.part.divide(key, "full adjustment", force, divisions[place]),
                over=over,
            )
            for place, force in enumerate(members)
        ]

    def _baselines(self, result: UnitYear) -> list[Known]:
        """What each member paid before, in prices of the year where that is set."""
        cells = self.baselines[key_of(result)] = []
        for force, given in zip(result.members, result.baselines, strict=True):
            known = self.figures.baseline(result.unit.code, force)
            if self.figures.inputs.settings.uprate_baselines and given.year is not None:
                known = self._uprate(key_of(result), force, known, self.figures.indices(given.year, result.year))
            cells.append(known)
        return cells

    def _uprate(self, key: Key, force: ForceCode, given: Known, indices: Scaled) -> Known:
        (then, now), (old, new) = indices.figures, indices.whole()
        division = Division(given, new, old)
        divided = self.uprating.divide(key, "baseline", force, division)
        row = {
            **key._asdict(),
            "force": force,
            "baseline": given,
            "index then": then,
            "index now": now,
            "whole pence": divided.quotient,
            "rest": divided.rest,
            "over": old,
            UPRATED: half_up(division, "baseline", "over"),
        }
        return self.uprated.known(UPRATED, self.uprated.add(row))


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
