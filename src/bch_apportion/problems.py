"""What the analyst can mend: each problem says where, what, and what to do, and all are shown at once.

A rule that cannot give its result returns what it lacks. It does not ask whether its input is in doubt: a problem says
what it rests on, reading says what it put in doubt, and `reported` drops what merely follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from bch_apportion.model import ForceCode, GivenAnswer, UnitCode
from bch_apportion.money import Pence
from bch_apportion.places import NOWHERE, Place
from bch_apportion.years import FinancialYear, Months

Kind: TypeAlias = Literal[
    "forces",
    "units",
    "unit",
    "terms",
    "nre",
    "drivers",
    "driver",
    "demand",
    "agreed",
    "agreed set",
    "baselines",
    "deflators",
    "sizes",
]

Result = TypeVar("Result")
MARKS = "Problems and queries"  # the sheet that lists them in a marked copy; it is not read
MANIFEST, SEALED = "Manifest", "for bch-apportion verify"  # the last sheet of a result, and what its column C says


@dataclass(frozen=True, slots=True)
class About:
    """A part of the input that a problem rests on, or puts in doubt; what is None may be any.

    `name` is a parameter's, or a driver's as compared. An agreed set is in doubt where it does not name the members.
    """

    kind: Kind
    unit: UnitCode | None = None
    year: FinancialYear | None = None
    force: ForceCode | None = None
    name: str | None = None
    months: Months | None = None

    def touches(self, other: About) -> bool:
        """Whether the two may be of the same part.

        >>> About("nre", force="BEDS").touches(About("nre", year=FinancialYear(2018)))
        True
        >>> About("nre", force="BEDS").touches(About("nre", force="HERTS")), About("nre").touches(About("unit"))
        (False, False)
        """
        pairs = ((self.unit, other.unit), (self.year, other.year), (self.force, other.force), (self.name, other.name))
        return (
            self.kind == other.kind
            and all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)
            and (self.months is None or other.months is None or self.months.overlaps(other.months))
        )


class Problem(NamedTuple):
    """One thing to mend in the workbook.

    `code` is short and stable; `place` says where; `message` what is wrong, the value quoted; `remedy` what to do;
    `value` what the cell holds, as text. It is dropped where another problem has put in doubt what it `rests_on`, and
    puts in doubt what it `doubts`. `further` are other cells with the same. Where many units or years run into the same
    (`about`), it is reported once, and {listed} in its message lists them ({has} agrees with their number).
    """

    code: str
    message: str
    remedy: str
    place: Place = NOWHERE
    value: str = ""
    severity: Literal["error", "note"] = "error"
    about: About | None = None
    listed: str = ""
    rests_on: tuple[About, ...] = ()
    doubts: About | None = None
    further: tuple[Place, ...] = ()

    @property
    def where(self) -> str:
        return str(self.place)

    @property
    def sheet(self) -> str:
        """The sheet as text, with its file where that is not the workbook."""
        return self.place.table

    @property
    def cell(self) -> str:
        return self.place.cell


@dataclass(frozen=True, slots=True)
class Lacking:
    """What stands in the way of a result: a rule returns it in place of one."""

    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, *outcomes: object) -> Lacking:
        """These problems, and what all those lack that are no result."""
        own = [problem for problem in outcomes if isinstance(problem, Problem)]
        return cls((*own, *(p for outcome in outcomes if isinstance(outcome, Lacking) for p in outcome.problems)))

    def resting_on(self, *grounds: About) -> Lacking:
        """The same, each problem resting on these grounds too."""
        return Lacking(tuple(p._replace(rests_on=(*p.rests_on, *grounds)) for p in self.problems))


def reported(problems: Iterable[Problem], doubts: Iterable[About] = ()) -> tuple[Problem, ...]:
    """The problems that are told: without those that follow from a doubt, each once.

    `doubts` are those that come with no problem among these.
    """
    met = tuple(problems)
    in_doubt: dict[Kind, set[About]] = {}
    for doubt in (*doubts, *(problem.doubts for problem in met)):
        if doubt is not None:
            in_doubt.setdefault(doubt.kind, set()).add(doubt)
    alike: dict[object, list[Problem]] = {}
    for number, problem in enumerate(met):
        if not any(doubt.touches(ground) for ground in problem.rests_on for doubt in in_doubt.get(ground.kind, ())):
            same = number if problem.about is None else (problem.code, problem.place, problem.about)
            alike.setdefault(same, []).append(problem)
    return tuple(_together(group) for group in alike.values())


def _together(group: Sequence[Problem]) -> Problem:
    first, listed = group[0], list(dict.fromkeys(problem.listed for problem in group))
    if not first.listed:
        return first
    has = "has" if len(listed) == 1 else "have"
    return first._replace(message=first.message.replace("{listed}", ", ".join(listed)).replace("{has}", has))


class InputProblems(Exception):  # it carries problems; "error" is not the analyst's word
    """The workbook has problems; nothing was computed. `problems` holds all of them, `notes` what else was seen."""

    def __init__(self, problems: Sequence[Problem], source: str = "", notes: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        self.source = source
        self.notes = tuple(notes)
        count = f"{len(self.problems)} problem{'s' if len(self.problems) != 1 else ''}"
        lines = [f"{p.where}: {p.message}" if p.where else p.message for p in self.problems]
        super().__init__("\n".join([f"{count} in {source or 'the workbook'}", *lines]))

    def within(self, name: str) -> InputProblems:
        """The same, each naming the workbook it is in."""
        problems = [problem._replace(message=f"in {name}: {problem.message}") for problem in self.problems]
        return InputProblems(problems, name, [f"{name}: {note}" for note in self.notes])

    @classmethod
    def joined(cls, parts: Sequence[InputProblems]) -> InputProblems:
        """The problems of several workbooks together."""
        problems = [problem for part in parts for problem in part.problems]
        notes = [note for part in parts for note in part.notes]
        return cls(problems, " and ".join(part.source for part in parts), notes)


def complete(outcomes: Iterable[Result | Lacking], source: str) -> list[Result]:
    """The results, all of them; raises InputProblems where anything is lacking."""
    met = list(outcomes)
    problems = Lacking.of(*met).problems
    if problems:
        raise InputProblems(reported(problems), source)
    return [outcome for outcome in met if not isinstance(outcome, Lacking)]


class Effect(NamedTuple):
    """What a force would pay more (below 0: less) for a unit and year if a query is the slip it looks like, in pence.

    `alternative` names which of several ways it could be mended.
    """

    unit: UnitCode
    year: FinancialYear
    force: ForceCode
    pence: Pence
    alternative: str = ""


class Query(NamedTuple):
    """What could be right and is more often a slip: the figures stand, and it stands before them until it is answered.

    `parts` are what its key has after the code; `units` and `years` are those it is about (none: any).
    """

    code: str
    parts: tuple[str, ...]
    cells: tuple[Place, ...]
    message: str
    units: tuple[UnitCode, ...] = ()
    years: tuple[FinancialYear, ...] = ()
    effects: tuple[Effect, ...] = ()
    answer: GivenAnswer | None = None

    @property
    def key(self) -> str:
        """What an answer names: the same from run to run, and without a cell."""
        return " ".join((self.code, *(part for part in self.parts if part)))

    def largest(self) -> Effect | None:
        """Its largest effect without sign, over forces, years and alternatives."""
        return max(self.effects, key=lambda effect: abs(effect.pence), default=None)

    def is_about(self, units: Collection[UnitCode], years: Collection[FinancialYear]) -> bool:
        """Whether it is about any of these units and of these years (none named: all)."""
        return _meet(self.units, units) and _meet(self.years, years)


def _meet(own: Collection[object], shown: Collection[object]) -> bool:
    return not own or not shown or any(part in shown for part in own)


class UnitNote(str):
    """A note about `units`, not shown where others are. Notes of no unit in particular are plain texts."""

    units: tuple[UnitCode, ...]

    def __new__(cls, text: str, *units: UnitCode) -> UnitNote:
        note = super().__new__(cls, text)
        note.units = units
        return note


def notes_about(notes: Sequence[str], units: Collection[UnitCode]) -> tuple[str, ...]:
    """The notes about any of these units (none named: all), and those of no unit in particular."""
    return tuple(note for note in notes if not isinstance(note, UnitNote) or _meet(note.units, units))


AGREE = "budgets agree with the Control totals sheet"  # the control that a user can mend


@dataclass(frozen=True, slots=True)
class Control:
    """What must hold on every run: whether it does, and the figures in words."""

    control: str
    passed: bool
    detail: str


class ControlsFailed(Exception):
    """A control did not hold; no figures may be shown. `controls` holds all of them, passed and failed.

    `answer` is the answer of a command that judges the workbook itself, `queries` are what it found besides.
    """

    def __init__(
        self,
        controls: Sequence[Control],
        message: str,
        source: str = "",
        answer: object = None,
        queries: Sequence[Query] = (),
    ) -> None:
        self.answer, self.queries = answer, queries
        self.controls = tuple(controls)
        self.source = source
        super().__init__(message)
