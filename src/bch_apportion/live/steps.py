"""The sheets of the calculation, in the order of a penny's way."""

from __future__ import annotations

from typing import NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.live.cells import Key
from bch_apportion.live.components import Holding, Protection
from bch_apportion.live.dividing import Dividing
from bch_apportion.live.entered import Entered
from bch_apportion.live.figures import BudgetCells, Figures, budget_lines
from bch_apportion.live.mixing import Mixing
from bch_apportion.live.shares import Weighing
from bch_apportion.live.splitting import Splitting
from bch_apportion.live.tables import Table


class Steps(NamedTuple):
    """The sheets of the calculation, as they grow; `budgets` says where each unit and year's lines stand."""

    lines: Entered
    budgets: dict[Key, BudgetCells]
    figures: Figures
    rounding: Splitting
    weighing: Weighing
    holding: Holding
    splitting: Splitting
    protection: Protection

    def divisions(self) -> tuple[Splitting, ...]:
        return self.rounding, self.splitting, self.protection.splitting

    def long_divisions(self) -> list[Dividing]:
        mixed = [division.mixing.divisions for division in self.divisions() if division.mixing is not None]
        return [*mixed, self.holding.division, self.protection.uprating, self.protection.part]

    def entered(self) -> list[Entered]:
        """The sheets of input figures that hold any."""
        return [table for table in (self.lines, *self.figures.tables()) if table.rows]

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


def steps_of(ledger: Ledger) -> Steps:
    """The sheets of a ledger: its budget lines, and the others still empty."""
    lines, budgets = budget_lines(ledger)
    figures = Figures(ledger.inputs)
    about = "Shares brought to decimals"
    rounding = Splitting("Share totals", "Share quotas", about, Mixing("Share divisions", "Share sums", about))
    about = "Pooled and implementation cost"
    splitting = Splitting("Totals to share", "Quotas", about, Mixing("Divisions by source", "Sums of sources", about))
    return Steps(
        lines=lines,
        budgets=budgets,
        figures=figures,
        rounding=rounding,
        weighing=Weighing(figures, rounding),
        holding=Holding(figures),
        splitting=splitting,
        protection=Protection(figures, Splitting("Relief totals", "Relief quotas", "No-loser relief")),
    )
