"""The commands that look ahead and sideways: mtfs, compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bch_apportion.cli import cli
from bch_apportion.cli.delivery import Answer, deliver, on_screen
from bch_apportion.cli.options import Years, env, results, workbook
from bch_apportion.cli.progress import progress
from bch_apportion.cli.running import (
    Choices,
    check_outputs,
    find_force_of,
    find_unit_of,
    read,
    read_both,
    told,
    years_of,
)

if TYPE_CHECKING:
    from bch_apportion.model import Inputs
    from bch_apportion.questions.comparison.rule import Comparison
    from bch_apportion.questions.mtfs.rule import Outlook, Range, Strategy


@cli.command(short_help="Contributions over the years to come, by scenario.")
@workbook
@results
@click.option("--years", "count", type=click.IntRange(1, 50), default=4, envvar=env("YEARS"), help="Years to project.")
@click.option(
    "--base-year", type=Years(), envvar=env("BASE_YEAR"), help="The year to project from; else the last of Budgets."
)
@click.option(
    "--sensitivity", is_flag=True, envvar=env("SENSITIVITY"), help="Move each assumption alone to its low and high."
)
@click.option(
    "--runs",
    type=click.IntRange(0, 1_000_000),
    default=0,
    envvar=env("RUNS"),
    help="Draw all assumptions with a low or high this many times, and give percentiles.",
)
@click.option("--seed", type=click.IntRange(0), default=1, envvar=env("SEED"), help="The seed of the drawn runs.")
@click.option("--fms", is_flag=True, envvar=env("FMS"), help="Add the extract for the Force Management Statement.")
def mtfs(
    count: int, base_year: tuple[Any, ...] | None, sensitivity: bool, runs: int, seed: int, fms: bool, **given: Any
) -> None:
    """Contributions over the years of the medium-term financial strategy (MTFS), by scenario.

    The revenue lines of the base year are carried on by the dated assumptions of the sheet Assumptions; every year is
    apportioned as any other. Each --scenario is shown beside the base, with the difference; --set holds for all. With
    --as-at the days left to the steps of the precept are given.

    \b
    Examples:
      bch-apportion mtfs examples/alliance.xlsx --years 4
      bch-apportion mtfs examples/alliance.xlsx --scenario examples/high_pay.toml --as-at 2019-11-25
      bch-apportion mtfs examples/alliance.xlsx --sensitivity --runs 1000 --seed 1 --json
    """
    choices = Choices(**given)
    check_outputs(choices)
    if base_year is not None and len(base_year) != 1:
        raise click.BadParameter("one year, not a range", param_hint="--base-year")
    alone = replace(choices, scenarios=())
    with told(choices):
        from bch_apportion.questions.mtfs import rule as calculation

        found = _strategy(choices, alone, count, base_year[0] if base_year else None)
        if sensitivity:
            found = replace(found, effects=_effects(found, choices))
        if runs:
            found = replace(found, ranges=_ranges(found, runs, seed, choices), runs=runs, seed=seed)
        if fms:
            found = replace(found, fms=calculation.fms(found.outlooks[0]))
        if choices.as_at is not None:
            found = replace(found, timetable=(*calculation.timetable(choices.as_at), choices.as_at))
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.mtfs import page as reports
    from bch_apportion.writing import tidy_csv

    base = found.outlooks[0].ledger
    asked = [("Base year", str(found.outlooks[0].projection.base))]
    asked += [("Beside the base", "; ".join(_laid(one))) for one in found.outlooks[1:]]
    deliver(
        alone,
        Answer(
            document=lambda: reports.document(found),
            csv=lambda: tidy_csv.report(reports.flat(found)),
            cover=lambda: cover(base, "Contributions over the years to come", tuple(asked)),
            reports=lambda: reports.everything(found),
            screen=on_screen(choices, lambda: reports.screen(found)),
            inputs=(found.outlooks[0].projection.given,),
            notes=found.notes(),
        ),
    )


def _laid(one: Outlook) -> list[str]:
    from bch_apportion.words import scenario_words

    return [f"{one.name}: {words}" for words in scenario_words(one.projection.inputs)]


def _strategy(choices: Choices, alone: Choices, count: int, base: Any) -> Strategy:
    """The base and every scenario beside it, narrowed to the units and years shown."""
    from bch_apportion.questions.mtfs.rule import BASE, Strategy, changes, outlook

    names: list[str] = [BASE]
    found = []
    for path in (None, *choices.scenarios):
        inputs = read(alone, further=() if path is None else (path,))
        known = sorted({row.year for row in inputs.budgets})
        if base is not None and base not in known:
            listed = ", ".join(map(str, known))
            raise click.BadParameter(f"{base} has no budgets; the years are {listed}", param_hint="--base-year")
        name = BASE if path is None else _name(Path(path).stem, names)
        with progress(not choices.quiet, f"projecting {name}") as step:
            found.append(outlook(name, inputs, base, count, choices.as_at, step))
        base = found[0].projection.base
    moved = {one.name: changes(one) for one in found}
    known_to = [one.projection.inputs for one in found]
    units = [_unit_of_any(known_to, name) for name in choices.units]
    for unit in units:
        if not any(one.ledger.only([unit]).results for one in found):
            raise click.BadParameter(f"{unit} has no budgets in the years shown", param_hint="--unit")
    years = years_of(found[0].projection.years, choices)
    narrowed = tuple(replace(one, ledger=one.ledger.only(units, years)) for one in found)
    shown = {
        name: [c for c in rows if (not units or c.unit in units) and (not years or c.year in years)]
        for name, rows in moved.items()
    }
    return Strategy(narrowed, shown, as_at=choices.as_at)


def _unit_of_any(inputs: Sequence[Inputs], name: str) -> str:
    """A unit of any scenario, by its code or name; a usage error where none has it."""
    for one in reversed(inputs):
        try:
            return find_unit_of(one, name)
        except click.BadParameter:
            pass
    return find_unit_of(inputs[0], name)


def _effects(found: Strategy, choices: Choices) -> dict[str, Any]:
    from bch_apportion.questions.mtfs.rule import sensitivity

    ranged = sum(one.ranged for outlook in found.outlooks for one in outlook.projection.given.assumptions)
    with progress(not choices.quiet, "moving assumptions", ranged) as step:
        return {one.name: sensitivity(one, step) for one in found.outlooks}


def _ranges(found: Strategy, runs: int, seed: int, choices: Choices) -> tuple[Range, ...]:
    from bch_apportion.questions.mtfs.ranges import ranges

    units = sum(len(one.projection.given.units) for one in found.outlooks)
    with progress(not choices.quiet, "drawing runs", units) as step:
        return tuple(row for one in found.outlooks for row in ranges(one, runs, seed, step))


def _name(stem: str, taken: list[str]) -> str:
    """A scenario's name: its file's, told from others of the same name by a number."""
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem} ({number})"
    taken.append(name)
    return name


@cli.command(short_help="Two scenarios or workbooks: who gains, who loses.")
@workbook
@click.argument("others", nargs=-1, metavar="[B] | [A B]", type=click.Path(exists=True, dir_okay=False))
@results
@click.option(
    "--basis",
    "bases",
    type=click.Choice(["auto", "nre", "demand", "agreed"]),
    multiple=True,
    envvar=env("BASIS"),
    help="Twice: the same workbook on two bases, with the tipping point of each force.",
)
@click.option(
    "--without", envvar=env("WITHOUT"), metavar="FORCE", help="What if this force left (with --unit: those units)."
)
def compare(others: tuple[str, ...], bases: tuple[str, ...], without: str | None, **given: Any) -> None:
    """Two scenarios or workbooks: who gains, who loses, by unit and by cause.

    B is another workbook, or a scenario (.toml) of the same one; with two scenarios the first is A. The difference is B
    less A: positive costs more on B. --scenario and --set hold on both sides.

    \b
    Examples:
      bch-apportion compare examples/alliance.xlsx examples/high_pay.toml --year 2019/20
      bch-apportion compare examples/alliance.xlsx --basis nre --basis demand --unit ICT
      bch-apportion compare examples/alliance.xlsx --without HERTS --unit ICT --year 2019/20
    """
    choices = Choices(**given)
    check_outputs(choices, *map(Path, others))
    asked = [bool(others), bool(bases), without is not None]
    if sum(asked) != 1 or len(others) > 2 or len(bases) not in (0, 2):
        raise click.UsageError("compare takes one of: B (or A and B), --basis twice, --without FORCE")
    if len(others) == 2 and any(Path(one).suffix.lower() != ".toml" for one in others):
        raise click.UsageError(
            "two files beside the workbook are two scenarios (.toml); two workbooks are A and B alone"
        )
    with told(choices):
        from bch_apportion.questions.comparison.rule import on_two_bases
        from bch_apportion.questions.comparison.rule import without as left

        if others:
            found = _two_sides(choices, others)
        else:
            inputs = read(choices)
            units = [find_unit_of(inputs, name) for name in choices.units]
            if bases:
                found = on_two_bases(inputs, (bases[0], bases[1]), units, choices.as_at)
            else:
                found = left(inputs, find_force_of(inputs, str(without), "--without"), units, choices.as_at)
        found = _shown(found, choices)
    from bch_apportion.questions.comparison import page as reports
    from bch_apportion.questions.cover import cover
    from bch_apportion.writing import tidy_csv

    deliver(
        choices,
        Answer(
            document=lambda: reports.document(found),
            csv=lambda: tidy_csv.report(reports.flat(found)),
            cover=lambda: cover(found.b, "Who gains, who loses", (("A", found.names[0]), ("B", found.names[1]))),
            reports=lambda: reports.everything(found),
            screen=on_screen(choices, lambda: reports.everything(found)),
            inputs=(found.a.inputs, found.b.inputs),
            notes=list(dict.fromkeys((*found.a.notes, *found.b.notes))),
        ),
    )


def _two_sides(choices: Choices, others: tuple[str, ...]) -> Comparison:
    """Workbook and workbook, workbook and scenario, or two scenarios of one workbook."""
    from bch_apportion.ledger import apportion
    from bch_apportion.questions.comparison.rule import compare as calculation

    last = Path(others[-1])
    if last.suffix.lower() != ".toml":
        inputs, found = read_both(choices, last, scenarios_too=True)
        other = found or inputs
        names = (choices.workbook.name, last.name)
    else:
        inputs = read(choices, further=others[:-1])
        other = read(choices, further=others[-1:])
        names = (Path(others[0]).name if len(others) == 2 else choices.workbook.name, last.name)
        if names[0] == names[1]:
            names = (names[0], f"{names[1]} (2)")
    with progress(not choices.quiet, "computing") as step:
        a, b = (apportion(one, choices.as_at, step) for one in (inputs, other))
    return calculation(names, a, b)


def _shown(found: Comparison, choices: Choices) -> Comparison:
    """The units and years asked for."""
    known = sorted({*found.a.years(), *found.b.years()})
    years = years_of(known, choices)
    units = [find_unit_of(found.b.inputs, name) for name in choices.units]

    def wanted(one: Any) -> bool:
        return (not units or one.unit in units) and (not years or one.year in years)

    bridges = found.found
    return replace(
        found,
        a=found.a.only(units, years),
        b=found.b.only(units, years),
        found=replace(
            bridges,
            bridges=tuple(filter(wanted, bridges.bridges)),
            without_plan=tuple(filter(wanted, bridges.without_plan)),
            without_actual=tuple(filter(wanted, bridges.without_actual)),
        ),
        tipping=tuple(filter(wanted, found.tipping)),
        uncovered=tuple(filter(wanted, found.uncovered)),
        not_comparable=tuple(one for one in found.not_comparable if not units or one.unit in units),
    )
