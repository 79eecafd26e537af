"""What the sections of the Summit's paper are made of: the other questions, each asked of one reading."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from bch_apportion.ledger import Ledger
from bch_apportion.model import Inputs
from bch_apportion.questions.asking import Asked, Command, Shown
from bch_apportion.reading.sheets import FURTHER
from bch_apportion.years import FinancialYear

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Once(Asked):
    """What the questions of the sections are asked: the workbook is read, and its budgets apportioned, once for all."""

    teller: Asked
    kept: dict[Hashable, Any] = field(default_factory=dict)

    def keep(self, what: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives; it is made the first time alone."""
        if what not in self.kept:
            self.kept[what] = make()
        made: Made = self.kept[what]
        return made

    def progress(self, label: str, steps: int = 0) -> AbstractContextManager[Callable[..., None]]:
        return self.teller.progress(label, steps)

    def read(self, scenarios: Sequence[str] | None = None, further: Sequence[str] = ()) -> Inputs:
        return self.keep("inputs", lambda: Asked.read(self, further=FURTHER))

    def apportion(self, inputs: Inputs) -> Ledger:
        return self.keep("ledger", lambda: Asked.apportion(self, inputs))


def once_for(asked: Asked) -> Once:
    """The same for every question, whatever the years asked for."""
    given = {own.name: getattr(asked, own.name) for own in fields(Asked)}
    return Once(**{**given, "years": ()}, teller=asked)


@dataclass(frozen=True, slots=True)
class Paper:
    """What the sections are made of: the questions, asked of one reading, the year and the day."""

    once: Once
    year: FinancialYear
    day: date
    ledger: Ledger
    quarter: str | None = None

    def line(self, command: str, *options: str, day: bool = False) -> str:
        """The command line that shows what is behind a section, with what is joined and laid over the workbook."""
        once = self.once
        laid = {"--with": once.joined, "--scenario": once.scenarios}
        files = [part for name, paths in laid.items() for path in paths for part in (name, Path(path).name)]
        by_hand = [part for text in once.by_hand for part in ("--set", text)]
        dated = ["--as-at", str(self.day)] if day else []
        return shlex.join(["bch-apportion", command, once.workbook.name, *options, *dated, *files, *by_hand])

    def ask(self, command: Command, years: Sequence[FinancialYear] = ()) -> Shown:
        """What a command shows for the year of the paper, or for these."""
        chosen = tuple(years) or (self.year,)
        options = {own.argument: bool(own.default) if own.kind == "flag" else own.default for own in command.options}
        asked = replace(self.once, years=(chosen,))
        return self.once.keep((command.name, chosen), lambda: command.run(asked, **options))
