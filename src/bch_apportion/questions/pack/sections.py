"""The sections of the Summit's paper: a finding each, what it rests on, and the command that shows what is behind it.

Figures and tables are those of the questions, each asked of the same ledger; nothing is worked out here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from bch_apportion.ledger import Ledger
from bch_apportion.money import Pence
from bch_apportion.problems import InputProblems
from bch_apportion.questions.benchmark.command import COMMAND as BENCHMARK
from bch_apportion.questions.benchmark.first_page import CAUTION
from bch_apportion.questions.first_page import (
    IN_THOUSANDS,
    in_words,
    listed,
    money,
    percent_of,
    signed,
    standing_line,
)
from bch_apportion.questions.monitor.command import COMMAND as MONITOR
from bch_apportion.questions.mtfs.link_page import sentence
from bch_apportion.questions.mtfs.link_page import tables as link_tables
from bch_apportion.questions.pack import actions, mtfs_link, priorities, scorecard, timetable
from bch_apportion.questions.pack.paper import Paper
from bch_apportion.questions.pack.quarters import quarter_of
from bch_apportion.questions.status.command import COMMAND as STATUS
from bch_apportion.questions.status.first_page import agreement_words, open_words
from bch_apportion.questions.status.rule import NO_AGREEMENTS
from bch_apportion.questions.tracking.command import COMMAND as TRACK
from bch_apportion.questions.variance.command import COMMAND as VARIANCE
from bch_apportion.words import many
from bch_apportion.writing.report import Page, Report, columns
from bch_apportion.years import FinancialYear

if TYPE_CHECKING:
    from bch_apportion.questions.asking import Shown

SHOW = re.compile(r"--show (?=\w)")


class Section(NamedTuple):
    """A section: its name, its finding in a sentence, its blocks, and the command behind it."""

    name: str
    finding: str
    blocks: Sequence[str | Report] = ()
    behind: str = ""
    details: Callable[[], Sequence[Report]] = lambda: ()


def sections(paper: Paper) -> list[Section]:
    """The sections in the order of the paper, with money in thousands in their sentences."""
    before = IN_THOUSANDS.set(True)
    try:
        return [make(paper) for make in MAKERS]
    finally:
        IN_THOUSANDS.reset(before)


def _blocks(page: Page, command: str, *names: str) -> list[Report]:
    """The tables of a first page with these names; what they say of --show names the command."""
    return [_naming(block, command) for block in page.blocks if isinstance(block, Report) and block.name in names]


def _naming(report: Report, command: str) -> Report:
    notes = tuple(_spoken(note, command) for note in report.notes)
    return replace(report, notes=notes, turned=tuple(_naming(turned, command) for turned in report.turned))


def _contributions(paper: Paper) -> Section:
    """What each force pays, and what changed."""
    from bch_apportion.questions.split.first_page import first_page

    page = first_page(paper.ledger, (), (paper.year,))
    now, then = (sums(paper.ledger, year) for year in (paper.year, paper.year.plus(-1)))
    total, last = sum(now.values()), sum(then.values())
    finding = f"{many(len(now), 'force')} pay {money(total)} in {paper.year}"
    if then:
        moved = {force: now.get(force, 0) - then.get(force, 0) for force in {**now, **then}}
        change = f"{money(abs(total - last))} ({percent_of(total - last, last)}) {'more' if total > last else 'less'}"
        finding += f", {change} than in {paper.year.plus(-1)}: {in_words(moved)}."
    return Section(
        name="contributions",
        finding=finding,
        blocks=_blocks(page, "compute", "First page", "Movements"),
        behind=f"compute --year {paper.year}",
    )


def sums(ledger: Ledger, year: FinancialYear) -> dict[str, Pence]:
    """What each force pays in a year, in all."""
    from bch_apportion.questions.split.rule import totals_by_force

    paid = {row.force: row.amount for row in totals_by_force(ledger) if row.year == year}
    return {force: paid[force] for force in ledger.inputs.force_codes() if force in paid}


def _decisions(paper: Paper) -> Section:
    """What needs a decision."""
    from bch_apportion.questions.split.first_page import decisions, protection

    shown = paper.ledger.only(years=[paper.year])
    table = decisions(shown)
    units = listed(list(dict.fromkeys(str(row[0]) for row in table.rows)), "pooling")
    count = many(len(table.rows), "decision")
    return Section(
        name="decisions",
        finding=f"{count} {'is' if len(table.rows) == 1 else 'are'} needed: {units}."
        if units
        else "Nothing waits for a decision.",
        blocks=(
            *([_naming(replace(table, title=""), "compute")] if units else []),
            *(_spoken(text, "compute") for text in protection(shown)),
        ),
        behind=f"compute --year {paper.year} --show pooling",
    )


def _status(paper: Paper) -> Section:
    """Where the units stand against the principles."""
    shown = paper.ask(STATUS)
    rows, page = shown.answer().rows, _first(shown)
    return Section(
        name="status",
        finding=next(open_words(rows)),
        blocks=[*_blocks(page, "status", "First page"), *_narrow(_blocks(page, "status", "Units"))],
        behind=f"status --year {paper.year} --as-at {paper.day}",
    )


def _narrow(tables: Sequence[Report]) -> list[Report]:
    """What stands for tables that are too wide for a sheet of paper."""
    return [part for table in tables for part in table.turned or [table]]


def _first(shown: Shown) -> Page:
    """The first page of a question that has one."""
    if shown.first is None:
        raise ValueError("a question without a first page")
    return shown.first()


def _monitor(paper: Paper) -> Section:
    """Where the year will end."""
    shown, behind = paper.ask(MONITOR), f"monitor --year {paper.year} --as-at {paper.day}"
    total = next(row for row in shown.answer().rows if row.unit is None and row.force is None)
    given = [
        row for row in paper.ledger.inputs.further.forecasts if row.year == paper.year and row.made_on <= paper.day
    ]
    if not given and not total.to_date:
        return Section("monitor", f"No forecast and no outturn of {paper.year} is given by then (Forecasts, Actuals).")
    than = f"{money(abs(total.variance))} ({percent_of(total.variance, total.budget)})"
    side = "above" if total.variance > 0 else "below"
    finding = f"The year is forecast to end at {money(total.forecast)}, {than} {side} budget"
    if not given:
        finding = f"No forecast of {paper.year} is given; {money(total.to_date)} of {money(total.budget)} is spent"
    open_ones = [row for row in shown.answer().rows if row.unit and not row.force and row.significant]
    named = listed([f"{row.unit} {signed(row.variance)}" for row in open_ones], "units")
    page = _first(shown)
    return Section(
        name="monitor",
        finding=_spoken(f"{finding}; significant: {named}." if named else f"{finding}.", "monitor"),
        blocks=_blocks(page, "monitor", "First page", "Units"),
        behind=behind,
    )


def _variances(paper: Paper) -> Section:
    """The significant variances against the business case, and what of them is not explained."""
    behind = f"variance --year {paper.year}"
    if not paper.ledger.inputs.business_cases:
        return Section("variances", "No business case is given (sheet Business cases): no variance is known.")
    shown = paper.ask(VARIANCE)
    rows = [row for row in shown.answer().rows if row.unit and row.force is None]
    significant = [row for row in rows if row.significant]
    owed = [row for row in significant if not row.explained]
    finding = f"No variance against the business case is significant, of {many(len(rows), 'unit')}."
    if significant:
        left = sum(abs(row.unexplained_amount) for row in owed)
        named = listed([f"{row.unit} {signed(row.unexplained_amount)}" for row in owed], "unexplained")
        finding = f"{len(significant)} of {many(len(rows), 'unit')} vary significantly from the business case; "
        finding += f"{money(left)} is not explained: {named}." if owed else "each is explained."
    return Section(
        name="variances",
        finding=_spoken(finding, "variance"),
        blocks=_blocks(_first(shown), "variance", "Units"),
        behind=behind,
    )


def _costs(paper: Paper) -> Section:
    """What the units cost over the years."""
    from bch_apportion.questions.tracking.first_page import closing

    years = tuple(year for year in paper.ledger.years() if year <= paper.year)
    shown = paper.ask(TRACK, years=years)
    page = _first(shown)
    said, *more = closing(shown.answer())
    return Section(
        name="costs",
        finding=said,
        blocks=(*_blocks(page, "track", "First page"), *(_spoken(text, "track") for text in more)),
        behind="track",
    )


def _spoken(text: str, command: str) -> str:
    """A sentence in which what it says of --show names the command."""
    return SHOW.sub(f"{command} --show ", text)


def _benchmark(paper: Paper) -> Section:
    """What the functions cost beside other services."""
    shown = paper.ask(BENCHMARK)
    answer, page = shown.answer(), _first(shown)
    compared = [row for row in answer.rows if row.difference is not None]
    said = [text for text in page.blocks if isinstance(text, str)]
    if not compared:
        return Section("benchmark", answer.absent[0] if answer.absent else said[-2], behind="benchmark")
    total, most = sum(row.difference for row in compared), max(compared, key=lambda row: abs(row.difference))
    above = f"{money(abs(total))} {'more' if total > 0 else 'less'}"
    finding = (
        f"{many(len(compared), 'function')} cost {above} than at the comparators' cost {answer.per}; the largest "
        f"difference is {most.function} {signed(most.difference)}."
    )
    return Section(
        name="benchmark",
        finding=finding,
        blocks=(*_narrow(_blocks(page, "benchmark", "First page")), CAUTION),
        behind=f"benchmark --year {paper.year}",
    )


def _scorecard(paper: Paper) -> Section:
    """How well the units serve, in the four perspectives; of the measures those that are not at their target."""
    inputs, day = paper.ledger.inputs, paper.day
    quarter = quarter_of(paper.quarter, day) if paper.quarter else None
    tables = {table.name: table for table in scorecard.tables(inputs, day, quarter)}
    section = _of_sheet("scorecard", scorecard.finding(inputs, day, quarter), [*tables.values()], paper)
    if "Measures" not in tables:
        return section
    missed = _only(tables["Measures"], ("unit", "measure", "value", "target", "status", "owner"))
    open_ones = replace(missed, title="Off target", rows=tuple(row for row in missed.rows if "GREEN" not in row))
    none = scorecard.without_measures(inputs)
    unmeasured = [f"Without any measure: {', '.join(none)}."] if none else []
    return section._replace(blocks=(*unmeasured, tables["Scorecard"], open_ones))


def _priorities(paper: Paper) -> Section:
    """Which units serve which priorities."""
    inputs, day = paper.ledger.inputs, paper.day
    return _of_sheet("priorities", priorities.finding(inputs, day), priorities.tables(inputs, day), paper)


def _of_sheet(name: str, finding: str, tables: Sequence[Report], paper: Paper) -> Section:
    """A section of a sheet that no other command shows; a line where the sheet is absent."""
    made = [table for table in tables if table.rows]
    said = _spoken(finding, f"pack --as-at {paper.day}")
    if not made:
        return Section(name, said)
    return Section(name, said, _narrow(made), f"pack --as-at {paper.day} --show {name}", lambda: made)


def _actions(paper: Paper) -> Section:
    """The agreements whose review is overdue, and the actions of reviews and audits."""
    inputs, day = paper.ledger.inputs, paper.day
    shown = paper.ask(STATUS)
    rows, made = shown.answer().rows, actions.tables(inputs, day)
    said = " ".join(agreement_words(shown.answer(), rows)) if inputs.further.agreements else NO_AGREEMENTS
    return Section(
        name="actions",
        finding=actions.finding(inputs, day),
        blocks=(*_open_actions(made), _spoken(said, "status")),
        behind=f"pack --as-at {day} --show actions",
        details=lambda: made if inputs.further.actions else (),
    )


def _open_actions(made: Sequence[Report]) -> Iterator[Report]:
    """The tables of the actions, of the open ones what a sheet of paper has room for."""
    for table in made:
        if table.rows:
            heads = ("source", "ref", "action", "owner", "now due", "days overdue")
            yield _only(table, heads) if table.name == "Open actions" else table


def _only(table: Report, names: Sequence[str]) -> Report:
    """Some columns of a table."""
    kept = [place for place, column in enumerate(table.columns) if column.name in names]
    rows = tuple(tuple(row[place] for place in kept) for row in table.rows)
    return replace(table, columns=tuple(table.columns[place] for place in kept), rows=rows)


def _mtfs(paper: Paper) -> Section:
    """What the forces' own MTFSs hold beside the projection, and what is to be done by when."""
    inputs, day = paper.ledger.inputs, paper.day
    try:
        gaps = mtfs_link.linked(inputs, day)
        said, tables = (sentence(gaps), link_tables(gaps)) if gaps else (mtfs_link.NO_MTFS, [])
    except InputProblems as problems:  # of the years to come alone: they stop nothing else
        said, tables = f"The years to come cannot be projected: {many(len(problems.problems), 'problem')}.", []
    steps = timetable.tables(inputs, day)
    return Section("mtfs", said, (*tables, timetable.finding(inputs, day), *steps), f"mtfs --as-at {day}")


def _controls(paper: Paper) -> Section:
    """The controls, the queries, what it was all worked out from, and who signs."""
    from bch_apportion import __version__
    from bch_apportion.questions.queries_page import answered_table, counted

    inputs, queries = paper.ledger.inputs, paper.ledger.queries
    answered = sum(query.answer is not None for query in queries)
    rows = [(inputs.source, inputs.sha256), *inputs.joined, *((own.name, own.sha256) for own in inputs.scenarios)]
    signs = [(force.name or force.code, "", "") for force in inputs.forces]
    unanswered = _spoken(counted(queries).removesuffix("."), "check")
    return Section(
        name="controls",
        finding=f"{standing_line(paper.ledger, paper.year)} {unanswered}; {answered} answered.",
        blocks=(
            *answered_table(queries),
            Report("Worked out from", "", columns("worked out from", ("SHA-256", "wide")), tuple(rows)),
            f"By bch-apportion {__version__}. Whoever has the workbook can repeat it: bch-apportion verify.",
            Report("Sign-off", "Signed off", columns(("for", "wide"), ("name and post", "wide"), "date"), tuple(signs)),
        ),
        behind="check",
    )


MAKERS = (
    _contributions,
    _decisions,
    _status,
    _monitor,
    _variances,
    _costs,
    _benchmark,
    _scorecard,
    _actions,
    _mtfs,
    _priorities,
    _controls,
)
