"""A question as values: its name, help, options and what answers it. The command line builds and runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from bch_apportion.ledger import Ledger
    from bch_apportion.model import Inputs
    from bch_apportion.problems import Query
    from bch_apportion.writing.manifest import Manifest
    from bch_apportion.writing.report import Cover, Group, Page, Report
    from bch_apportion.years import FinancialYear


MOST_LISTED = 8  # names that a message lists
SUFFIXES = (".xlsx", ".csv", ".json", ".md", ".html")  # of what a result may be written to


class Usage(Exception):  # what was asked for is at fault, not the program
    """What was asked for cannot be had. `option` names the option or argument that says so, if any."""

    def __init__(self, message: str, option: str = "") -> None:
        super().__init__(message)
        self.option = option


class Option(NamedTuple):
    """An option of one command, beside those that all share. `keyword` is the argument it becomes, if not its name's.

    `kind`: text, flag, choice (one of `choices`), year, or number (from `least` to `most`).
    """

    name: str
    help: str
    kind: Literal["text", "flag", "choice", "year", "number"] = "text"
    keyword: str = ""
    choices: tuple[str, ...] = ()
    default: Any = None
    multiple: bool = False
    metavar: str | None = None
    least: int = 0
    most: int | None = None

    @property
    def argument(self) -> str:
        """The argument of `run` that it becomes."""
        return self.keyword or self.name.lstrip("-").replace("-", "_")


class Command(NamedTuple):
    """A question: `run` takes what is asked and its own options by name, and gives what is shown.

    `files` is how further files are written after the workbook, where it takes any. `judges` says that problems of the
    input are its answer, so that they go to standard output. `thresholds` are those of its own for --fail-on; `shows`
    names the tables behind its first page, for --show. `suffixes` are the forms it can be written in; `whole` says that
    it is of all units, so that no --unit is listed; `thousands` that its money is always shown in them. `sheets` are
    those beside the split that it reads. `day` is the help of --as-at, `year` that of --year where it takes a single
    one.
    """

    name: str
    short_help: str
    help: str
    run: Callable[..., Shown]
    options: tuple[Option, ...] = ()
    files: str = ""
    judges: bool = False
    thresholds: Mapping[str, str] = MappingProxyType({})  # what each says of the result
    shows: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = SUFFIXES
    whole: bool = False
    thousands: bool = False
    sheets: tuple[str, ...] = ()
    day: str = "Judge pooling on this day (default: the end of each year)."
    year: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every question is asked: the workbook, what is joined to it and laid over it, what is shown."""

    workbook: Path
    years: tuple[tuple[FinancialYear, ...], ...] = ()
    units: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    as_at: date | None = None

    def progress(self, label: str, steps: int = 0) -> AbstractContextManager[Callable[..., None]]:
        """What is called after each step of a piece of work (`steps` 0: not known); the command line draws a bar."""
        return nullcontext(lambda *done: None)

    def read(self, scenarios: Sequence[str] | None = None, further: Sequence[str] = ()) -> Inputs:
        """The workbook with what is joined to it, its scenarios (or those named here) and what is set by hand.

        The `further` sheets are read too.
        """
        given = self if scenarios is None else replace(self, scenarios=tuple(scenarios))
        return given.read_other(self.workbook, further=further)

    def read_other(self, path: Path, like: Inputs | None = None, further: Sequence[str] = ()) -> Inputs:
        """A workbook with the same joined to it and laid over it.

        Raises Usage where a file cannot be opened or a setting means nothing.
        """
        from bch_apportion.door import read_workbook
        from bch_apportion.reading.scenarios import BadSetting

        try:
            with self.progress("reading") as step:
                return read_workbook(path, like, self.scenarios, self.by_hand, step, further, self.joined)
        except OSError as error:
            raise Usage(f"{error.filename or path}: {error.strerror or error}") from error
        except BadSetting as error:
            raise Usage(str(error), "--set") from error

    def read_both(self, other: Path, laid_over_both: bool = False) -> tuple[Inputs, Inputs]:
        """The workbook and that which it is compared with; where they have problems, those of both together."""
        from bch_apportion.problems import InputProblems

        beside = self if laid_over_both else replace(self, joined=(), scenarios=(), by_hand=())
        failed: list[InputProblems] = []
        inputs = None
        try:
            inputs = self.read()
        except InputProblems as problems:
            failed.append(problems)
        try:
            other_inputs = beside.read_other(other, inputs)
        except InputProblems as problems:
            failed.append(problems.within(other.name))
        if failed or inputs is None:
            raise InputProblems.joined(failed)
        return inputs, other_inputs

    def apportion(self, inputs: Inputs) -> Ledger:
        """The ledger of the budgets with the workbook's queries, with a bar."""
        from bch_apportion.ledger import apportion
        from bch_apportion.queries import asked

        with self.progress("computing") as step:
            return asked(apportion(inputs, self.as_at, step))

    def narrow(self, ledger: Ledger) -> Ledger:
        """The units and years asked for; a unit or year that the budgets do not have is a usage error."""
        units = self.units_of(ledger.inputs)
        for unit in units:
            if not ledger.only(units=[unit]).results:
                raise Usage(f"{unit} has no budgets", "--unit")
        years = self.years_of(ledger.years())
        shown = ledger.only(units, years)
        if not shown.results and ledger.results:
            raise Usage(f"{', '.join(units)}: no budgets in {', '.join(map(str, years))}")
        return shown

    def narrow_to(self, ledger: Ledger, whole: Ledger) -> Ledger:
        """The units and years asked for, in a ledger that may hold fewer of them than the `whole` ledger."""
        return ledger.only(self.units_of(whole.inputs), self.years_of(sorted({*whole.years(), *ledger.years()})))

    def years_of(self, known: Sequence[FinancialYear], lacking: str = "budgets") -> list[FinancialYear]:
        """The years asked for that are known; a usage error where a year or range has none of what is `lacking`."""
        years: dict[FinancialYear, None] = {}
        for span in self.years:
            present = [year for year in span if year in known]
            if not present:
                asked = str(span[0]) if len(span) == 1 else f"{span[0]}..{span[-1]}"
                raise Usage(f"{asked} has no {lacking}; the years are {', '.join(map(str, known))}", "--year")
            years |= dict.fromkeys(present)
        return list(years)

    def units_of(self, inputs: Inputs) -> list[str]:
        """The codes of the units asked for."""
        return [find_unit(inputs, name) for name in self.units]


def span_of(text: str) -> tuple[FinancialYear, ...]:
    """The financial year, or the range of them, that a text names: 2018/19, 2018/19..2020/21. Raises Usage."""
    from bch_apportion.reading.values import Unreadable, financial_year

    first, dots, last = text.partition("..")
    try:
        start = financial_year(first.strip())
        end = financial_year(last.strip()) if dots else start
    except Unreadable as error:
        raise Usage(f"{error.message}; {error.remedy}, a range as 2018/19..2020/21") from error
    if end < start:
        raise Usage(f"the range {text} runs backwards")
    return tuple(start.plus(n) for n in range(end.start - start.start + 1))


def find_unit(inputs: Inputs, name: str) -> str:
    """The code of a unit by its code or name, whatever its case."""
    return _find("unit", name, {unit.code: (unit.code, unit.name) for unit in inputs.units}, "--unit")


def _codes(inputs: Sequence[Inputs], name: str) -> list[str]:
    """The codes that a unit has in these workbooks; its name where only a scenario has it."""
    from bch_apportion.model import name_key

    units = (unit for read in inputs for unit in read.units)
    return [unit.code for unit in units if name_key(name) in map(name_key, (unit.code, unit.name))] or [name]


def find_force(inputs: Inputs, name: str, option: str = "--force") -> str:
    """The code of a force by its code, name or alias, whatever its case."""
    known = {force.code: (force.code, force.name, *force.aliases) for force in inputs.forces}
    return _find("force", name, known, option)


def find_measure(inputs: Inputs, name: str | None) -> str | None:
    """A measure of the sheet Sizes, whatever its case; without a name the first there, None where it has no rows."""
    measures = [row.measure for row in inputs.further.sizes]
    if name is None:
        return measures[0] if measures else None
    return _find("measure", name, {measure: (measure,) for measure in measures}, "--per")


def find_group(inputs: Inputs, name: str) -> str:
    """A group of the sheet Comparators, whatever its case."""
    groups = [group for row in inputs.further.comparators for group in row.groups]
    return _find("group", name, {group: (group,) for group in groups}, "--group")


def _find(what: str, name: str, known: dict[str, tuple[str, ...]], option: str) -> str:
    from bch_apportion.model import name_key
    from bch_apportion.reading.values import did_you_mean

    for code, names in known.items() if name_key(name) else ():
        if name_key(name) in map(name_key, names):
            return code
    others = f"; the {what}s are {', '.join(known)}" if len(known) <= MOST_LISTED else ""
    raise Usage(f"there is no {what} “{name}”{did_you_mean(name, list(known)) or others}", option)


def find_version(inputs: Inputs, version: str) -> str:
    """A version of the business case that the workbook has, whatever its case."""
    known = ["original", "latest", *dict.fromkeys(case.version for case in inputs.business_cases if case.version)]
    for name in known:
        if name.casefold() == version.casefold():
            return name
    raise Usage(f"no business case has a version “{version}” ({', '.join(known)})", "--version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a question gives, in every form it may be asked for; each is made only when it is.

    `first` is its first page, all that a terminal and Markdown show; in files `paper` stands in its place, where
    there is one. `tables` are those behind it, by the names of --show, and `wanted` names those that an option
    asked for. `sheets` are those of the workbook. `page` (.html, behind the first page) is as the sheets, `front`
    (the workbook's first page and cover) as `first` and `cover`, unless given. `inputs` are the workbooks read, for
    the manifest. `queries` are all of the workbook until they are narrowed; `crossed` names its own thresholds that
    were crossed. `marked` says that its .xlsx is the workbook itself with problems and queries marked, `beside`
    that scenarios stand beside the base, so that they are no stamp. `manifest` is that of a file of a suffix, where
    it does not come from the inputs.
    """

    answer: Callable[[], Any]
    cover: Callable[[], Cover]
    sheets: Callable[[], Sequence[Report]]
    first: Callable[[], Page]
    inputs: Sequence[Inputs]
    notes: Sequence[str] = ()
    paper: Callable[[], Page] | None = None
    tables: Mapping[str, Callable[[], Sequence[Report | Page]]] = field(default_factory=dict)
    wanted: tuple[str, ...] = ()
    front: Callable[[], tuple[Page, Cover]] | None = None
    page: Callable[[], Sequence[Group]] | None = None
    queries: Sequence[Query] = ()
    crossed: frozenset[str] = frozenset()
    marked: bool = False
    beside: bool = False
    manifest: Callable[[str], Manifest | None] | None = None

    def narrowed(self, asked: Asked) -> Shown:
        """The same with the queries of the units and years asked for."""
        units = [code for name in asked.units for code in _codes(self.inputs, name)]
        years = [year for span in asked.years for year in span]
        return replace(self, queries=tuple(query for query in self.queries if query.is_about(units, years)))

    def result(self) -> Any:
        """The answer with the queries that stand before it, where it has a place for them."""
        from bch_apportion.answers import query_rows

        answer = self.answer()
        return replace(answer, queries=query_rows(self.queries)) if hasattr(answer, "queries") else answer

    def unanswered(self) -> bool:
        return any(query.answer is None for query in self.queries)
