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
from bch_apportion.principles.no_loser import SHARE_GAINS, NoLoser
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
    "Baselines brought to the prices of the budget year, and to the part of it that is pooled, half up",
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
        cells[STAYS] = half_up(division, "held lines", "days of the year")
        return self.table.known(STAYS, self.table.add({**key._asdict(), "force": force, **cells}))


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
        floors = [step["whole pence"].value - cost.value for step, cost in zip(steps, pooled, strict=True)]
        left = Known(f"SUM({block.span('pooled')})-SUM({block.span('whole pence')})", -sum(floors))
        pennies = block.odd_pennies([step["remainder"].value for step in steps], left)
        for step, floor, penny in zip(steps, floors, pennies, strict=True):
            adjustment = Cell(floor + penny["odd penny"].value, "=[whole pence]+[odd penny]-[pooled]")
            self.table.add({**step, **penny, ADJUSTMENT: adjustment})
        adjustments = block.filled(ADJUSTMENT)
        if (given := tuple(known.value for known in adjustments)) != no_loser.adjustments:
            raise ValueError(f"{result.unit.code} {result.year}: the steps give {given}, not {no_loser.adjustments}")
        return dict(zip(result.members, adjustments, strict=True))

    def _steps(self, result: UnitYear, pooled: Sequence[Known], block: Block) -> list[dict[str, Any]]:
        """Each member's row, but for the odd penny."""
        key, members, baselines = key_of(result), result.members, self._baselines(result)
        losses = [cost.value - before.value for cost, before in zip(pooled, baselines, strict=True)]
        shared = result.terms.if_not_achievable == SHARE_GAINS
        relieved, funds = self._relief(key, members, block, losses, shared)
        full = [up.value - down.value for up, down in zip(funds, relieved, strict=True)]
        percent = self.figures.percent(result, "no loser %", result.terms.no_loser)
        (times,), over = percent.whole(), 100 * percent.times
        steps = []
        for place, number in enumerate(block.ahead("full adjustment", full)):
            division = Division(number, times, Known(str(over), over))
            divided = self.part.divide(key, "full adjustment", members[place], division)
            own = {"pooled": pooled[place], "baseline": baselines[place]}
            own |= {"relieved of": relieved[place], "funds": funds[place]}
            steps.append({**key._asdict(), "force": members[place], **own, **_step(own, divided, over)})
        return steps

    def _relief(
        self, key: Key, members: tuple[ForceCode, ...], block: Block, losses: Sequence[int], shared: bool
    ) -> tuple[list[Known], list[Known]]:
        """What each member is relieved of, and what each funds; a gain is a loss below zero.

        Gains that do not reach are `shared`, or nothing is.
        """
        loss, gain = [max(0, loss) for loss in losses], [max(0, -loss) for loss in losses]
        losses_cells, gains_cells = f"SUM({block.out('loss')})", f"SUM({block.out('gain')})"
        least, pence = f"MIN({losses_cells},{gains_cells})", min(sum(loss), sum(gain))
        if not shared:
            least, pence = f"IF({losses_cells}>{gains_cells},0,{losses_cells})", pence if pence == sum(loss) else 0
        relief = Shared(key, "relief, by losses", Known(least, pence), members)
        relieved = self.splitting.share(relief, block.ahead("loss", loss))
        return relieved, self.splitting.share(relief._replace(what="relief, by gains"), block.ahead("gain", gain))

    def _baselines(self, result: UnitYear) -> list[Known]:
        """What each member paid before, in prices of the year where that is set."""
        cells = self.baselines[key_of(result)] = []
        for force, given in zip(result.members, result.baselines, strict=True):
            known = self.figures.baseline(result.unit.code, force)
            indices = None
            if self.figures.inputs.settings.uprate_baselines and given.year is not None:
                indices = self.figures.indices(given.year, result.year)
            if indices is not None or result.parts.partly_held:
                known = self._uprate(result, force, known, indices)
            cells.append(known)
        return cells

    def _uprate(self, result: UnitYear, force: ForceCode, given: Known, indices: Scaled | None) -> Known:
        """A baseline by the indices, where there are some, and by the days that are pooled, where those are a part."""
        key, days = key_of(result), result.year.days()
        cells: dict[str, Any] = {"baseline": given}
        old = new = Known("1", 1)
        if indices is not None:
            (then, now), (old, new) = indices.figures, indices.whole()
            cells |= {"index then": then, "index now": now}
        if result.parts.partly_held:
            unpooled = self.figures.days_not_pooled(result)
            pooled = days - int(unpooled.value)
            new = Known(f"({new.ref}*({days}-ROUND({unpooled.ref},0)))", int(new.value) * pooled)
            old = Known(f"({old.ref}*{days})", int(old.value) * days)
        division = Division(given, new, old)
        divided = self.uprating.divide(key, "baseline", force, division)
        cells |= {"whole pence": divided.quotient, "rest": divided.rest, "over": old}
        uprated = half_up(division, "baseline", "over")
        return self.uprated.known(
            UPRATED, self.uprated.add({**key._asdict(), "force": force, **cells, UPRATED: uprated})
        )


def _step(own: dict[str, Known], divided: Divided, over: int) -> dict[str, Any]:
    """What becomes of a member's pooled cost: the full adjustment, the part of it that applies, and its remainder."""
    loss, full = own["pooled"].value - own["baseline"].value, own["funds"].value - own["relieved of"].value
    quotient, rest = divided.quotient.value, divided.rest.value
    floor, remainder = (quotient, rest) if full >= 0 else (-quotient - (rest > 0), (over - rest) % over)
    part = "IF([full adjustment]<0,-1,1)*[part of it]"
    beyond = "IF(AND([full adjustment]<0,[rest]>0)"
    return {
        "loss": Cell(max(0, loss), "=MAX(0,[pooled]-[baseline])"),
        "gain": Cell(max(0, -loss), "=MAX(0,[baseline]-[pooled])"),
        "full adjustment": Cell(full, "=[funds]-[relieved of]"),
        "part of it": divided.quotient,
        "rest": divided.rest,
        "over": over,
        "whole pence": Cell(own["pooled"].value + floor, f"=[pooled]+{part}-{beyond},1,0)"),
        "remainder": Cell(remainder, f"={beyond},[over]-[rest],[rest])"),
    }


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
