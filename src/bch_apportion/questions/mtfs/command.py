"""mtfs: contributions over the years to come, by scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bch_apportion.questions.asking import Asked, Command, Option, Shown, Usage, find_unit

if TYPE_CHECKING:
    from bch_apportion.questions.mtfs.rows import Link, Range, Sensitivity
    from bch_apportion.questions.mtfs.rule import Outlook
    from bch_apportion.years import FinancialYear

SHEETS = ("In the MTFS", "Timetable")  # beside the split, read for this question


def run(
    asked: Asked, count: int, base_year: FinancialYear | None, *, sensitivity: bool, runs: int, seed: int, fms: bool
) -> Shown:
    from bch_apportion.questions.mtfs import rule

    outlooks = _outlooks(asked, count, base_year)
    units = _units(asked, outlooks)
    years = asked.years_of(outlooks[0].projection.years)
    shown = [outlook.only(units, years) for outlook in outlooks]
    answer = rule.mtfs(shown, asked.as_at)
    if sensitivity:
        answer = replace(answer, sensitivity=_sensitivity(shown, asked), moved=True)
    if runs:
        answer = replace(answer, ranges=_ranges(shown, runs, seed, asked), runs=runs, seed=seed)
    if fms:
        answer = replace(answer, fms=rule.fms(shown[0]))
    answer = replace(answer, link=_link(outlooks[0], units, years, asked))
    from bch_apportion.queries import queries_in
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.mtfs import page
    from bch_apportion.questions.mtfs.first_page import first_page
    from bch_apportion.words import scenario_words

    said = [("Base year", str(answer.base_year))]
    for outlook in shown[1:]:
        laid = (f"{outlook.name}: {words}" for words in scenario_words(outlook.projection.inputs))
        said.append(("Beside the base", "; ".join(laid)))
    asked_for = {"sensitivity": sensitivity, "ranges": runs, "fms": fms}
    return Shown(
        answer=lambda: answer,
        cover=lambda: cover(shown[0].ledger, "Contributions over the years to come", tuple(said)),
        sheets=lambda: page.everything(answer),
        first=lambda: first_page(answer, shown[0].ledger),
        tables=page.tables(answer),
        wanted=tuple(name for name, is_asked in asked_for.items() if is_asked),
        inputs=(shown[0].projection.given,),
        notes=answer.notes,
        queries=queries_in(shown[0].projection.given),
        beside=True,
    )


def _outlooks(asked: Asked, count: int, base: FinancialYear | None) -> list[Outlook]:
    """The base and every scenario beside it."""
    from bch_apportion.questions.mtfs.rule import BASE, outlook

    outlooks: list[Outlook] = []
    for path in (None, *asked.scenarios):
        inputs = asked.read(scenarios=() if path is None else (path,), further=SHEETS)
        known = sorted({row.year for row in inputs.budgets})
        if base is not None and base not in known:
            raise Usage(f"{base} has no budgets; the years are {', '.join(map(str, known))}", "--base-year")
        name = BASE if path is None else _name(Path(path).stem, [other.name for other in outlooks])
        with asked.progress(f"projecting {name}", 0) as step:
            outlooks.append(outlook(name, inputs, base, count, asked.as_at, step))
        base = outlooks[0].projection.base
    return outlooks


def _link(base: Outlook, units: Sequence[str], years: Sequence[FinancialYear], asked: Asked) -> Link | None:
    """What the forces' own MTFSs hold beside the base; of the units and years asked for."""
    from bch_apportion.questions.bridge import within
    from bch_apportion.questions.mtfs.link import link

    inputs = base.projection.given
    held = [row for row in inputs.further.in_the_mtfs if within(row, units, years)]
    return link(held, base.amounts(), inputs.force_codes(), asked.as_at)


def _name(stem: str, taken: Sequence[str]) -> str:
    """A scenario's name: its file's, with a number where another scenario has it."""
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem} ({number})"
    return name


def _units(asked: Asked, outlooks: Sequence[Outlook]) -> list[str]:
    """The units asked for, of any scenario; a usage error where none has one in the years shown."""
    known = dict.fromkeys(unit for outlook in reversed(outlooks) for unit in outlook.projection.inputs.units)
    inputs = replace(outlooks[0].projection.inputs, units=tuple(known))
    units = [find_unit(inputs, name) for name in asked.units]
    for unit in units:
        if not any(outlook.ledger.only([unit]).results for outlook in outlooks):
            raise Usage(f"{unit} has no budgets in the years shown", "--unit")
    return units


def _sensitivity(outlooks: Sequence[Outlook], asked: Asked) -> list[Sensitivity]:
    from bch_apportion.questions.mtfs.rule import sensitivity

    ranged = sum(given.ranged for outlook in outlooks for given in outlook.projection.given.assumptions)
    with asked.progress("moving assumptions", ranged) as step:
        return [row for outlook in outlooks for row in sensitivity(outlook, step)]


def _ranges(outlooks: Sequence[Outlook], runs: int, seed: int, asked: Asked) -> list[Range]:
    from bch_apportion.questions.mtfs.ranges import ranges

    units = sum(len(outlook.projection.given.units) for outlook in outlooks)
    with asked.progress("drawing runs", units) as step:
        return [row for outlook in outlooks for row in ranges(outlook, runs, seed, step)]


COMMAND = Command(
    name="mtfs",
    short_help="Contributions over the years to come, by scenario.",
    help="""Contributions over the years of the medium-term financial strategy (MTFS), by scenario.

    Each year's revenue lines are those of the year before, changed by the Assumptions sheet; every year is apportioned
    like any other. Each --scenario is shown beside the base, with the difference; --set applies to all of them.
    --as-at adds the days left to each step of the precept.

    \b
    Examples:
      bch-apportion mtfs examples/alliance.xlsx --years 4
      bch-apportion mtfs examples/alliance.xlsx --scenario examples/high_pay.toml --as-at 2019-11-25
      bch-apportion mtfs examples/alliance.xlsx --sensitivity --runs 1000 --seed 1 --json
    """,
    run=run,
    sheets=SHEETS,
    day="Judge pooling on this day (default: the end of each year), and add the days left to the precept.",
    shows=(
        "contributions",
        "change",
        "causes",
        "changes",
        "scenarios",
        "assumptions",
        "sensitivity",
        "ranges",
        "timetable",
        "gap",
        "fms",
    ),
    options=(
        Option("--years", "Years to project.", kind="number", keyword="count", default=4, least=1, most=50),
        Option("--base-year", "The year to project from (default: the last year on Budgets).", kind="year"),
        Option("--sensitivity", "Move each assumption alone to its low and high.", kind="flag"),
        Option(
            "--runs",
            "Draw all assumptions with a low or high this many times, and give percentiles.",
            kind="number",
            default=0,
            most=1_000_000,
        ),
        Option("--seed", "The seed of the drawn runs.", kind="number", default=1),
        Option("--fms", "Add the extract for the Force Management Statement.", kind="flag"),
    ),
)
