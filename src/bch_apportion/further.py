"""What the sheets beside the split hold, once read: frozen rows that carry their cells, and no rules.

Each is read only by the commands that use it, so that a problem on it stops no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias, get_args

from bch_apportion.money import Exact, Pence
from bch_apportion.places import NOWHERE, Place
from bch_apportion.years import FinancialYear, Months

Service: TypeAlias = str
"""A force of ours by its code, or another service as it is written."""
Perspective = Literal["financial", "process", "customer", "people"]
PERSPECTIVES: tuple[Perspective, ...] = get_args(Perspective)
Better = Literal["higher", "lower"]
BETTER: tuple[Better, ...] = get_args(Better)
ActionStatus = Literal["open", "closed"]
ACTION_STATUSES: tuple[ActionStatus, ...] = get_args(ActionStatus)


class Agreement(NamedTuple):
    """A section 22A agreement of a unit, or a later version of it."""

    unit: str
    version: str
    signed: date
    effective: date | None = None
    review_due: date | None = None
    reference: str = ""
    cell: Place = NOWHERE

    @property
    def begins(self) -> date:
        """The day from which it is in force."""
        return self.effective or self.signed


class Comparator(NamedTuple):
    """A service's net cost of a function in a year."""

    year: FinancialYear
    function: str
    force: Service
    pence: Pence
    groups: tuple[str, ...] = ()
    source: str = ""
    cell: Place = NOWHERE


class Size(NamedTuple):
    """A size to compare by: population, officers, incidents."""

    year: FinancialYear
    force: Service
    measure: str
    amount: Exact
    cell: Place = NOWHERE


class Retained(NamedTuple):
    """What a member still spends on a function outside the unit."""

    year: FinancialYear
    function: str
    force: str
    pence: Pence
    cell: Place = NOWHERE


class Forecast(NamedTuple):
    """The whole unit's outturn of a year, as expected on a day."""

    unit: str
    year: FinancialYear
    made_on: date
    pence: Pence
    reason: str = ""
    owner: str = ""
    cell: Place = NOWHERE


class Action(NamedTuple):
    """An action from a review or an audit. `status` is blank where the sheet leaves it so."""

    ref: str
    source: str
    action: str
    unit: str = ""
    owner: str = ""
    due: date | None = None
    revised_due: tuple[date, ...] = ()  # as often as it was moved; the last counts
    status: ActionStatus | Literal[""] = ""
    closed_on: date | None = None
    evidence: str = ""
    cell: Place = NOWHERE


class Measure(NamedTuple):
    """A service level or performance indicator of a unit. `tolerance` is in percent of the target; None: not given."""

    unit: str
    measure: str
    perspective: Perspective
    target: Exact | None = None
    better: Better | Literal[""] = ""
    tolerance: Fraction | None = None
    owner: str = ""
    cell: Place = NOWHERE
    cells: Mapping[str, Place] = MappingProxyType({})


class Measured(NamedTuple):
    """The value of a measure in a month, quarter or year."""

    measure: str
    period: Months
    value: Exact
    unit: str = ""
    force: str = ""
    cell: Place = NOWHERE


class Priority(NamedTuple):
    """A priority of a Police and Crime Plan, and the units that serve it."""

    force: str
    priority: str
    units: tuple[str, ...]
    cell: Place = NOWHERE


class InTheMtfs(NamedTuple):
    """What a force's own MTFS holds for the alliance, or for one unit, in a year."""

    year: FinancialYear
    force: str
    pence: Pence
    unit: str = ""
    version: str = ""
    day: date | None = None
    cell: Place = NOWHERE


class Step(NamedTuple):
    """A step towards the budget, with its day; `done` is when, or whether."""

    step: str
    by: date
    who: str = ""
    done: date | bool | None = None
    cell: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Further:
    """The rows of each sheet beside the split; empty where it is absent, or was not asked for."""

    agreements: tuple[Agreement, ...] = ()
    comparators: tuple[Comparator, ...] = ()
    sizes: tuple[Size, ...] = ()
    retained: tuple[Retained, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    actions: tuple[Action, ...] = ()
    in_the_mtfs: tuple[InTheMtfs, ...] = ()
    timetable: tuple[Step, ...] = ()
    priorities: tuple[Priority, ...] = ()
    measures: tuple[Measure, ...] = ()
    measured: tuple[Measured, ...] = ()
