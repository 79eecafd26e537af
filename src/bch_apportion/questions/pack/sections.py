"""The sections of the Summit's paper: a finding each, what it rests on, and the command that shows what is behind it.

Figures and tables are those of the questions, each asked of the same ledger; nothing is worked out here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from bch_apportion import __version__
from bch_apportion.ledger import Ledger
from bch_apportion.money import Pence
from bch_apportion.problems import InputProblems
from bch_apportion.questions.benchmark.command import COMMAND as BENCHMARK
from bch_apportion.questions.bridge_page import CAUSES
from bch_apportion.questions.first_page import (
    IN_THOUSANDS,
    in_words,
    listed,
    money,
    percent_of,
    signed,
    standing_line,
    without,
)
from bch_apportion.questions.monitor.command import COMMAND as MONITOR
from bch_apportion.questions.mtfs import link_page, timetable
from bch_apportion.questions.mtfs import page as mtfs_page
from bch_apportion.questions.mtfs.link import linked
from bch_apportion.questions.pack import actions, priorities, scorecard
from bch_apportion.questions.pack.paper import Paper
from bch_apportion.questions.pack.quarters import last_quarter, quarter_of
from bch_apportion.questions.queries_page import answered_table, counted
from bch_apportion.questions.split.first_page import decisions, first_page, protection
from bch_apportion.questions.split.page import controls
from bch_apportion.questions.split.rule import totals_by_force
from bch_apportion.questions.status.command import COMMAND as STATUS
from bch_apportion.questions.status.first_page import agreement_words
from bch_apportion.questions.status.rule import NO_AGREEMENTS
from bch_apportion.questions.tracking.command import COMMAND as TRACK
from bch_apportion.questions.tracking.first_page import closing
from bch_apportion.questions.variance.command import COMMAND as VARIANCE
from bch_apportion.questions.variance.rule import in_all
from bch_apportion.words import many
from bch_apportion.writing.report import Page, Report, columns
from bch_apportion.years import FinancialYear, day_text

if TYPE_CHECKING:
    from bch_apportion.questions.asking import Shown

SHOW = re.compile(r"--show (?=\w)")
NO_BASELINES = "No baseline is given (sheet Baselines): no loser is not tested."
NO_MTFS = "What the forces' own MTFSs hold for the alliance is not given (sheet In the MTFS): no gap can be seen."
NO_ASSUMPTIONS = "No assumption is given (sheet Assumptions): costs stay as they are."


class Section(NamedTuple):
    """A section: its finding in a sentence, its blocks, the command line behind it, and the tables there."""

    finding: str
    blocks: Sequence[str | Report] = ()
    behind: str = ""
    details: Callable[[], Sequence[Report]] = lambda: ()


def sections(paper: Paper) -> dict[str, Section]:
    """The sections by name in the order of the paper, with money in thousands in their sentences."""
    before = IN_THOUSANDS.set(True)
    try:
        return {name: _made(command, make, paper) for name, (command, make) in MAKERS.items()}
    finally:
        IN_THOUSANDS.reset(before)


def _made(command: str, make: Callable[[Paper], Section], paper: Paper) -> Section:
    """A section, in which what is said of --show names the command whose words it has.

    Where what it alone needs has problems, a line says so and the rest of the paper stands.
    """
    try:
        made = make(paper)
    except InputProblems as failed:
        first = failed.problems[0]
        count = many(len(failed.problems), "problem")
        return Section(f"Not worked out, for {count}; the first, at {first.where}: {first.message}.")
    blocks = [_spoken(own, command) if isinstance(own, str) else _naming(own, command) for own in made.blocks]
    return made._replace(finding=_spoken(made.finding, command), blocks=blocks)


def _naming(report: Report, command: str) -> Report:
    notes = tuple(_spoken(note, command) for note in report.notes)
    return replace(report, notes=notes, turned=tuple(_naming(turned, command) for turned in report.turned))


def _spoken(text: str, command: str) -> str:
    return SHOW.sub(f"{command} --show ", text)


# What stands in a section


def _first(shown: Shown) -> Page:
    """The first page of a question, each of which has one."""
    assert shown.first is not None
    return shown.first()


def _blocks(page: Page, *names: str) -> list[Report]:
    """The tables of a first page with these names."""
    return [block for block in page.blocks if isinstance(block, Report) and block.name in names]


def _texts(page: Page) -> list[str]:
    """The paragraphs of a first page but the last, which says how the controls stand."""
    return [block for block in page.blocks if isinstance(block, str) and block][:-1]


def _tables_and_texts(page: Page) -> list[str | Report]:
    """The figures of a first page, its units and its paragraphs."""
    return [*_blocks(page, "First page", "Units"), *_texts(page)]


def _only(table: Report, names: Sequence[str]) -> Report:
    """Some columns of a table."""
    return replace(without(table, {column.name for column in table.columns} - {*names}), turned=())


def _narrow(tables: Sequence[Report]) -> list[Report]:
    """What stands for tables that are too wide for a sheet of paper."""
    return [part for table in tables for part in table.turned or [table]]


def _by(amount: Pence, base: Pence, above: str = "more", below: str = "less") -> str:
    """By how much an amount is above or below a base, without signs.

    >>> _by(90_000_00, 100_000_00)
    '£10,000 (10.0%) less'
    """
    return f"{money(abs(amount - base))} ({percent_of(abs(amount - base), base)}) {above if amount >= base else below}"


def _unexplained(rows: Sequence[Any]) -> str:
    """Of which units what is significant is not explained, in words."""
    named = [f"{row.unit} {signed(row.unexplained_amount)}" for row in rows if row.significant and not row.explained]
    return f"not explained: {listed(named, 'unexplained')}" if named else "nothing significant is unexplained"


# The sections


def _contributions(paper: Paper) -> Section:
    """What each force pays, and what changed."""
    before = paper.year.plus(-1)
    now, then = (_paid(paper.ledger, year) for year in (paper.year, before))
    finding = f"The forces pay {money(sum(now.values()))} in {paper.year}"
    if then:
        moved = {force: now.get(force, 0) - then.get(force, 0) for force in {**now, **then}}
        finding += f", {_by(sum(now.values()), sum(then.values()))} than in {before}: {in_words(moved)}"
    blocks = _blocks(first_page(paper.ledger, (), (paper.year,)), "First page", "Movements")
    return Section(f"{finding}.", blocks, paper.line("compute", "--year", str(paper.year), day=True))


def _paid(ledger: Ledger, year: FinancialYear) -> dict[str, Pence]:
    """What each force pays in a year, in all."""
    paid = {row.force: row.amount for row in totals_by_force(ledger) if row.year == year}
    return {force: paid[force] for force in ledger.inputs.force_codes() if force in paid}


def _decisions(paper: Paper) -> Section:
    """What needs a decision: pooling, bases, protection, and agreements that are not applied as they stand."""
    shown, status = paper.ledger.only(years=[paper.year]), paper.ask(STATUS).answer()
    table = decisions(shown)
    unlike = dict.fromkeys(row.unit for row in status.applied_against_agreed if row.applied != row.agreed)
    amend = "is not on the shares agreed: amend the agreement?"
    rows = (*table.rows, *((unit, amend) for unit in unlike))
    asked = listed([f"{unit} ({str(what).partition(';')[0].partition(':')[0]})" for unit, what in rows], "pooling")
    finding = f"Open: {asked}." if rows else "Nothing waits for a decision."
    protected = protection(shown) if paper.ledger.inputs.baselines else [NO_BASELINES]
    blocks = (*([replace(table, title="", rows=rows)] if rows else []), *protected)
    behind = paper.line("compute", "--year", str(paper.year), "--show", "pooling", "--show", "no-loser", day=True)
    return Section(finding, blocks, behind)


def _status(paper: Paper) -> Section:
    """Where the units stand against the principles."""
    shown = paper.ask(STATUS)
    rows, page = shown.answer().rows, _first(shown)
    off = [row for row in rows if row.stops]
    late = [row.unit for row in off if row.overdue]
    overdue = f"overdue: {listed(late, 'units')}" if late else "none is overdue"
    standing = f"{len(off)} of {many(len(rows), 'unit')} are not on their target basis; {overdue}."
    finding = standing if off else "Every unit is on its target basis."
    (units,) = _blocks(page, "Units")
    heads = ("unit", "stands on", "target", "what stops it", "earliest", "by whom")
    moving = [table for table in units.turned if table.columns[-1].name.startswith("moving")]
    blocks = [*_blocks(page, "First page"), replace(_only(units, heads), notes=units.notes[:-1]), *moving]
    return Section(finding, blocks, paper.line("status", "--year", str(paper.year), day=True))


def _monitor(paper: Paper) -> Section:
    """Where the year will end."""
    shown, forecasts = paper.ask(MONITOR), paper.ledger.inputs.further.forecasts
    rows = [row for row in shown.answer().rows if row.unit and not row.force]
    total = next(row for row in shown.answer().rows if row.unit is None and row.force is None)
    given = [row.made_on for row in forecasts if row.year == paper.year and row.made_on <= paper.day]
    spent = any(row.months or row.to_date for row in rows)
    if not given:
        no_outturn = "and no outturn (sheet Actuals)"
        known = f"{money(total.to_date)} of {money(total.budget)} is spent" if spent else no_outturn
        return Section(f"No forecast of {paper.year} is given by the day (sheet Forecasts), {known}.")
    ends = f"the year ends at {money(total.forecast)}, {_by(total.forecast, total.budget, 'above', 'below')} budget"
    finding = f"On forecasts up to {day_text(max(given))} {ends}; {_unexplained(rows)}."
    page = _first(shown)
    return Section(finding, _tables_and_texts(page), paper.line("monitor", "--year", str(paper.year), day=True))


def _variances(paper: Paper) -> Section:
    """What the units cost beside their business cases, by cause, and what of it is not explained."""
    if not paper.ledger.inputs.business_cases:
        return Section("No business case is given (sheet Business cases): no variance is known.")
    shown = paper.ask(VARIANCE)
    answer, page = shown.answer(), _first(shown)
    rows = [row for row in answer.rows if row.unit]
    units = [row for row in rows if row.force is None]
    if not units:
        return Section(f"No unit has a business case of {paper.year}.")
    *_, total = in_all(rows, answer.settings)
    names: Mapping[Any, str] = CAUSES
    moved = ", ".join(f"{names[cause]} {signed(pence)}" for cause, pence in total.effects.items() if pence)
    cost = f"{many(len(units), 'unit')} cost {_by(total.actual, total.plan)} than in the business case"
    finding = f"{cost}{f' ({moved})' if moved else ''}; {_unexplained(units)}."
    return Section(finding, _tables_and_texts(page), paper.line("variance", "--year", str(paper.year)))


def _costs(paper: Paper) -> Section:
    """What the units cost over the years."""
    years = tuple(year for year in paper.ledger.years() if year <= paper.year)
    shown = paper.ask(TRACK, years=years)
    page, (said, *_) = _first(shown), closing(shown.answer())
    more = [text.removeprefix(said).strip() for text in _texts(page)]
    blocks: list[str | Report] = [*_blocks(page, "First page"), *filter(None, more)]
    return Section(said, blocks, paper.line("track", "--year", f"{years[0]}..{years[-1]}"))


def _benchmark(paper: Paper) -> Section:
    """What the functions cost beside other services."""
    shown = paper.ask(BENCHMARK)
    answer, page = shown.answer(), _first(shown)
    compared = [row for row in answer.rows if row.difference is not None]
    texts = _texts(page)
    if not compared:
        return Section(" ".join(texts) or "No function is compared.")
    total, most = sum(row.difference for row in compared), max(compared, key=lambda row: abs(row.difference))
    retained = sum(row.retained or 0 for row in compared)
    within = f" (of our cost {money(retained)} is spent outside the units)" if retained else ""
    above = f"{money(abs(total))} {'more' if total > 0 else 'less'}"
    finding = (
        f"{many(len(compared), 'function')} cost {above} than they would at the comparators' cost {answer.per}{within}"
        f"; the largest difference is {most.function} {signed(most.difference)}."
    )
    blocks: list[str | Report] = [*_narrow(_blocks(page, "First page")), *texts]
    return Section(finding, blocks, paper.line("benchmark", "--year", str(paper.year)))


def _scorecard(paper: Paper) -> Section:
    """How well the units serve, in the four perspectives; of the measures those that are not at their target."""
    inputs = paper.ledger.inputs
    quarter = quarter_of(paper.quarter, paper.day) if paper.quarter else last_quarter(paper.day)
    tables = {table.name: table for table in scorecard.tables(inputs, quarter)}
    section = _of_sheet("scorecard", scorecard.finding(inputs, quarter), [*tables.values()], paper)
    if not tables:
        return section
    missed = _only(tables["Measures"], ("unit", "measure", "value", "target", "status", "owner"))
    rows = tuple(row for row in missed.rows if "GREEN" not in row)
    open_ones = replace(missed, title="Not at their target, or without a value", rows=rows, empty="None.")
    none = scorecard.without_measures(inputs)
    unmeasured = [f"Without any measure: {', '.join(none)}."] if none else []
    return section._replace(blocks=(*unmeasured, tables["Scorecard"], open_ones))


def _priorities(paper: Paper) -> Section:
    """Which units serve which priorities."""
    inputs = paper.ledger.inputs
    return _of_sheet("priorities", priorities.finding(inputs), priorities.tables(inputs), paper)


def _of_sheet(name: str, finding: str, tables: Sequence[Report], paper: Paper) -> Section:
    """A section of a sheet that no other command shows; a line where the sheet is absent."""
    made = [table for table in tables if table.rows]
    behind = paper.line("pack", "--show", name, day=True)
    return Section(finding, _narrow(made), behind, lambda: made) if made else Section(finding)


def _actions(paper: Paper) -> Section:
    """The agreements whose review is overdue, and the actions of reviews and audits."""
    inputs, day = paper.ledger.inputs, paper.day
    answer, made = paper.ask(STATUS).answer(), actions.tables(inputs, day)
    late = [row for row in answer.rows if row.agreement and row.agreement.days_overdue]
    finding = actions.finding(inputs, day)
    if late:
        worst = max(late, key=attrgetter("agreement.days_overdue"))
        longest = f"{worst.unit} by {many(worst.agreement.days_overdue, 'day')}"
        finding = f"{many(len(late), 'agreement')} overdue for review, the longest {longest}. {finding}"
    said = " ".join(agreement_words(answer, answer.rows)) if inputs.further.agreements else NO_AGREEMENTS
    behind = paper.line("pack", "--show", "actions", day=True)
    return Section(finding, (*_open_actions(made), said), behind, lambda: made)


def _open_actions(made: Sequence[Report]) -> Iterator[Report]:
    """The tables of the actions, of the open ones what a sheet of paper has room for."""
    for table in made:
        if table.rows:
            heads = ("source", "ref", "action", "owner", "due", "now due", "days overdue")
            yield _only(table, heads) if table.name == "Open actions" else table


def _mtfs(paper: Paper) -> Section:
    """What the forces' own MTFSs hold beside the projection, and what is to be done by when."""
    inputs, day = paper.ledger.inputs, paper.day
    try:
        gaps = linked(inputs, day)
        said, tables = (link_page.sentence(gaps), link_page.tables(gaps)) if gaps else (NO_MTFS, [])
    except InputProblems as failed:  # of the years to come alone: the dates stand
        said, tables = f"The years to come cannot be projected, for {many(len(failed.problems), 'problem')}.", []
    rests_on = f"The projection starts from the budget of {paper.ledger.years()[-1]}."
    assumed = rests_on if inputs.assumptions else f"{rests_on} {NO_ASSUMPTIONS}"
    steps = inputs.further.timetable
    dates = mtfs_page.timetable(timetable.timetable(day), day.isoformat(), timetable.own_steps(steps, day))
    blocks: list[str | Report] = [*tables, *([assumed] if tables else []), timetable.sentence(steps, day), dates]
    return Section(said, blocks, paper.line("mtfs", day=True))


def _controls(paper: Paper) -> Section:
    """The controls, the queries, the notes, what it was all worked out from, and who signs."""
    ledger, inputs, queries = paper.ledger, paper.ledger.inputs, paper.ledger.queries
    answered = sum(query.answer is not None for query in queries)
    rows = [(inputs.source, inputs.sha256), *inputs.joined, *((own.name, own.sha256) for own in inputs.scenarios)]
    signs = tuple((force.name or force.code, "", "") for force in inputs.forces)
    unanswered = counted(queries).removesuffix(".")
    notes = tuple((str(number), note) for number, note in enumerate(ledger.notes, 1))
    checked = replace(controls(ledger.controls), title="Controls")
    return Section(
        finding=f"{standing_line(ledger, paper.year)} {unanswered}; {answered} answered.",
        blocks=(
            checked,
            *answered_table(queries),
            *([Report("Notes", "Notes", columns("no", ("note", "wide")), notes)] if notes else []),
            Report("Worked out from", "", columns("worked out from", ("SHA-256", "wide")), tuple(rows)),
            f"By bch-apportion {__version__}. Does it still follow: bch-apportion verify PAPER {inputs.source}",
            Report("Sign-off", "Signed off", columns(("for", "wide"), ("name and post", "wide"), "date"), signs),
        ),
        behind=paper.line("check"),
    )


MAKERS: Mapping[str, tuple[str, Callable[[Paper], Section]]] = {
    "contributions": ("compute", _contributions),
    "decisions": ("compute", _decisions),
    "status": ("status", _status),
    "monitor": ("monitor", _monitor),
    "variances": ("variance", _variances),
    "costs": ("track", _costs),
    "benchmark": ("benchmark", _benchmark),
    "scorecard": ("pack", _scorecard),
    "actions": ("status", _actions),
    "mtfs": ("mtfs", _mtfs),
    "priorities": ("pack", _priorities),
    "controls": ("check", _controls),
}
