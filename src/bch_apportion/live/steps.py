"""The sheets of the calculation, in the order of a penny's way."""

from __future__ import annotations

from bch_apportion.ledger import Ledger
from bch_apportion.live.cells import Known, Shared, key_of
from bch_apportion.live.components import Holding, Parts, Protection
from bch_apportion.live.dividing import Dividing
from bch_apportion.live.entered import Entered
from bch_apportion.live.figures import Figures, budget_lines
from bch_apportion.live.shares import Weighing
from bch_apportion.live.splitting import Splitting
from bch_apportion.live.tables import Table
from bch_apportion.recipe.posting import UnitYear


class Steps:
    """The sheets of a ledger as they grow: its budget lines, and the others empty at first."""

    def __init__(self, ledger: Ledger) -> None:
        self.lines, self.budgets = budget_lines(ledger)
        self.figures = Figures(ledger.inputs)
        shares = ("Share totals", "Share quotas", "Share divisions", "Share sums")
        self.rounding = Splitting("Shares brought to decimals", *shares)
        self.weighing = Weighing(self.figures, self.rounding)
        self.holding = Holding(self.figures)
        costs = ("Totals to share", "Quotas", "Divisions by source", "Sums of sources")
        self.splitting = Splitting("Pooled and implementation cost", *costs)
        relief = ("Relief totals", "Relief quotas", "Relief divisions", "Relief sums")
        self.protection = Protection(self.figures, Splitting("No-loser relief", *relief))

    def components(self, result: UnitYear) -> Parts:
        """Every component of a unit's year, in cells. Raises ValueError where they are not what the ledger says."""
        key, members, lines = key_of(result), result.members, self.budgets[key_of(result)]
        weights = self.weighing.weigh(result)
        held = {force: self.holding.stays(result, force, own) for force, own in lines.held.items()}
        pooled = Known("-".join([lines.revenue.ref, *(own.ref for own in held.values())]), result.parts.pooled())
        shared = self.splitting.share(Shared(key, "pooled", pooled, members), weights)
        parts: Parts = {"pooled": dict(zip(members, shared, strict=True)), "held": held, "direct": lines.direct}
        if result.implementation_nre is not None:
            nre = list(map(self.figures.nre, result.implementation_nre.figures))
            cost = self.splitting.share(Shared(key, "implementation", lines.implementation, members), nre)
            parts["implementation"] = dict(zip(members, cost, strict=True))
        if result.no_loser is not None:
            parts["no_loser"] = self.protection.adjust(result, result.no_loser, shared)
        paid = {force: sum(own[force].value for own in parts.values() if force in own) for force in members}
        if paid != result.totals():
            raise ValueError(f"{result.unit.code} {result.year}: cells {paid}, lines {result.totals()}")
        return {component: by_force for component, by_force in parts.items() if by_force}

    def divisions(self) -> tuple[Splitting, ...]:
        return self.rounding, self.splitting, self.protection.splitting

    def long_divisions(self) -> list[Dividing]:
        mixed = [division.divisions for division in self.divisions()]
        return [*mixed, self.holding.division, self.protection.uprating, self.protection.part]

    def entered(self) -> list[Entered]:
        """The sheets of input figures that hold any."""
        return [table for table in (self.lines, *self.figures.tables) if table.rows]

    def standing(self) -> int:
        """How many steps stand as values."""
        shared = sum(division.standing for division in self.divisions())
        return len(self.weighing.standing) + shared + sum(division.standing for division in self.long_divisions())

    def tables(self) -> list[Table]:
        """The sheets that hold anything, in order."""
        weighing, holding = self.weighing, self.holding
        tables: list[Table] = [*self.entered(), weighing.sources, weighing.weights, *self.rounding.tables()]
        tables += [holding.division, holding.table, *self.splitting.tables(), *self.protection.tables()]
        return [table for table in tables if table.rows]
