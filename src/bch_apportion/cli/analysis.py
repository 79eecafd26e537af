"""The commands that ask questions of the ledger: variance, track."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bch_apportion.cli import cli
from bch_apportion.cli.delivery import Answer, deliver, on_screen
from bch_apportion.cli.options import ENDING, Years, env, results, workbook
from bch_apportion.cli.running import (
    THRESHOLD_CROSSED,
    Choices,
    check_outputs,
    find_unit,
    narrow_to,
    read,
    read_both,
    told,
    years_of,
)

if TYPE_CHECKING:
    from bch_apportion.ledger import Ledger
    from bch_apportion.model import Inputs
    from bch_apportion.questions.variance.rule import Variances


@cli.command(short_help="What moved against the plan, and which cause moved it.")
@workbook
@results
@click.option(
    "--against",
    default="business-case",
    envvar=env("AGAINST"),
    metavar="PLAN",
    help="business-case, budget, a financial year, or another workbook.",
)
@click.option("--actuals", is_flag=True, envvar=env("ACTUALS"), help="Compare the outturn (Actuals), not Budgets.")
@click.option(
    "--version",
    envvar=env("VERSION"),
    help="Which business case: original (the first on the sheet, and the default), latest, or a version's name.",
)
@click.option("--real", is_flag=True, envvar=env("REAL"), help="Restate the old side in prices of the new year first.")
@click.option(
    "--fail-on",
    type=click.Choice(["red", "amber", "unexplained"]),
    envvar=env("FAIL_ON"),
    help="End with exit code 5 where a row is RED, AMBER or RED, or significant and unexplained.",
)
def variance(against: str, actuals: bool, version: str | None, real: bool, fail_on: str | None, **given: Any) -> None:
    """What changed against the business case, the budget, another year or another workbook, and which cause moved it.

    Variance is actual less plan: positive is adverse (costs more). Each cause's effect is a whole re-apportionment in
    pence, so the effects sum exactly to the variance, force by force.

    \b
    Examples:
      bch-apportion variance examples/alliance.xlsx --year 2018/19
      bch-apportion variance examples/alliance.xlsx --against 2012/13 --year 2018/19
      bch-apportion variance examples/alliance.xlsx --against budget --year 2017/18 --json
    """
    choices = Choices(**given)
    check_outputs(choices, *([Path(against)] if Path(against).is_file() else []))
    if version is not None and against != "business-case":
        raise click.UsageError("--version is for the business case")
    if real and against == "business-case":
        raise click.UsageError("--real is for ledgers; a business case with a price year is restated as it is")
    with told(choices):
        found, ledger = _compare(choices, against, actuals, version or "original", real)
    found = replace(
        found,
        side="actuals" if actuals or against == "budget" else "budgets",
        version=(version or "original") if against == "business-case" else None,
        real=real,
    )
    rows = found.rows()
    crossed = {
        None: False,
        "red": any(row.status == "RED" for row in rows),
        "amber": any(row.status in ("RED", "AMBER") for row in rows),
        "unexplained": any(row.significant and not row.explained for row in rows),
    }
    ENDING["code"] = THRESHOLD_CROSSED if crossed[fail_on] else 0
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.variance import page as reports
    from bch_apportion.writing import tidy_csv

    deliver(
        choices,
        Answer(
            document=lambda: reports.document(found, ledger),
            csv=lambda: tidy_csv.report(reports.flat(found)),
            cover=lambda: cover(ledger, f"What moved against {reports.against_words(found)}", reports.asked(found)),
            reports=lambda: reports.everything(found),
            screen=on_screen(choices, lambda: reports.screen(found)),
            inputs=(ledger.inputs, *([found.other] if found.other else [])),
            notes=(*ledger.notes, *(f"{found.other.source}: {note}" for note in found.other.notes))
            if found.other is not None
            else ledger.notes,
            paper=lambda: reports.screen(found),
        ),
    )
    if crossed[fail_on]:
        raise SystemExit(THRESHOLD_CROSSED)


def _compare(choices: Choices, against: str, actuals: bool, version: str, real: bool) -> tuple[Variances, Ledger]:
    """The comparison asked for, and the ledger on its new side, narrowed to what is shown."""
    from bch_apportion.ledger import apportion, apportion_actuals
    from bch_apportion.questions.variance.rule import against_business_case, between

    inputs, other_inputs = read_both(choices, Path(against))
    side = apportion_actuals if actuals or against == "budget" else apportion
    new = side(inputs, choices.as_at)
    whole = apportion(inputs, choices.as_at)
    units = [find_unit(whole, name) for name in choices.units]
    if against == "business-case":
        version = _version(inputs, version)
        planned = {case.year for case in inputs.business_cases}
        years = years_of(sorted({*whole.years(), *new.years(), *planned}), choices)
        return against_business_case(new, version, units, years), new.only(units, years)
    shown = narrow_to(new, whole, choices)
    if against == "budget":
        found = between(narrow_to(whole, whole, choices), shown, "budget", real=real)
    elif other_inputs is not None:
        other = side(other_inputs, choices.as_at)
        found = between(narrow_to(other, whole, choices), shown, Path(against).name, real=real)
        found = replace(found, other=other.inputs)
    else:
        (year,) = _one_year(against)
        known = sorted({*whole.years(), *new.years()})
        if year not in known:
            listed = ", ".join(map(str, known))
            raise click.BadParameter(f"{year} has no costs; the years are {listed}", param_hint="--against")
        if not [one for one in shown.years() if one != year]:
            raise click.UsageError(f"there is no other year to compare {year} with")
        found = between(new.only(units, [year]), shown, str(year), year, real)
    return found, shown


def _version(inputs: Inputs, version: str) -> str:
    """A version of the business case that the workbook has, whatever its case."""
    known = ["original", "latest", *dict.fromkeys(case.version for case in inputs.business_cases if case.version)]
    found = next((one for one in known if one.casefold() == version.casefold()), None)
    if found is None:
        listed = ", ".join(known)
        raise click.BadParameter(f"no business case has a version “{version}” ({listed})", param_hint="--version")
    return found


def _one_year(text: str) -> tuple[Any]:
    try:
        (year,) = Years().convert(text, None, None)
    except (click.BadParameter, ValueError) as error:
        raise click.BadParameter(
            f"“{text}” is neither business-case, budget, a financial year nor a workbook that exists",
            param_hint="--against",
        ) from error
    return (year,)


@cli.command(short_help="Each unit's cost over the years, and the savings realised.")
@workbook
@results
@click.option("--base", type=Years(), envvar=env("BASE"), help="The base year; else each unit's first year.")
@click.option(
    "--version",
    default="original",
    envvar=env("VERSION"),
    help="Which business case is the plan: original, latest, or a version's name.",
)
def track(base: tuple[Any, ...] | None, version: str, **given: Any) -> None:
    """Each unit's cost over the years, cash and real, against its business case; the savings realised.

    The cost is the outturn where there is any, else the budget. A saving is what the base year cost less what the year
    cost: positive is a saving.

    \b
    Examples:
      bch-apportion track examples/alliance.xlsx
      bch-apportion track examples/alliance.xlsx --base 2012/13 --year 2018/19
    """
    choices = Choices(**given)
    check_outputs(choices)
    if base is not None and len(base) != 1:
        raise click.BadParameter("one year, not a range", param_hint="--base")
    with told(choices):
        from bch_apportion.ledger import apportion, apportion_actuals
        from bch_apportion.questions.tracking import rule as tracking

        inputs = read(choices)
        budgets = apportion(inputs, choices.as_at)
        outturn = apportion_actuals(inputs, choices.as_at) if inputs.actuals else None
        known = sorted({*budgets.years(), *(outturn.years() if outturn else ())})
        units = [find_unit(budgets, name) for name in choices.units]
        if base is not None and base[0] not in known:
            raise click.BadParameter(f"{base[0]} has no costs", param_hint="--base")
        first = base[0] if base is not None else None
        years = years_of(known, choices)
        found = tracking.track(budgets, outturn, first, years, units, _version(inputs, version))
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.tracking import page as tracks
    from bch_apportion.writing import tidy_csv

    deliver(
        choices,
        Answer(
            document=lambda: tracks.document(found, budgets),
            csv=lambda: tidy_csv.report(tracks.flat(found)),
            cover=lambda: cover(budgets, "Unit costs over the years"),
            reports=lambda: tracks.everything(found),
            screen=on_screen(choices, lambda: tracks.screen(found)),
            inputs=(inputs,),
            notes=budgets.notes,
            paper=lambda: tracks.screen(found),
        ),
    )


@cli.command(short_help="Who owes whom, when costs went through one force's ledger.")
@workbook
@results
def settle(**given: Any) -> None:
    """Who owes whom, when costs went through one force's ledger and are borne by all.

    From Actuals: what each force paid, payments on account netted, against what it bears; then the fewest payments that
    clear it.

    \b
    Examples:
      bch-apportion settle examples/alliance.xlsx --year 2017/18
      bch-apportion settle examples/alliance.xlsx --json
    """
    choices = Choices(**given)
    check_outputs(choices)
    with told(choices):
        from bch_apportion.ledger import apportion, apportion_actuals
        from bch_apportion.questions.settlement import rule as settlement

        inputs = read(choices)
        whole = apportion(inputs, choices.as_at)
        actuals = apportion_actuals(inputs, choices.as_at)
        if not actuals.results:
            raise click.UsageError(f"{inputs.source} has no outturn: settle needs the sheet Actuals")
        units = [find_unit(whole, name) for name in choices.units]
        found = settlement.settle(actuals, years_of(actuals.years(), choices), units)
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.settlement import page as settlements
    from bch_apportion.writing import tidy_csv

    deliver(
        choices,
        Answer(
            document=lambda: settlements.document(found, actuals),
            csv=lambda: tidy_csv.report(settlements.balances(found)),
            cover=lambda: cover(actuals, "Who owes whom"),
            reports=lambda: settlements.everything(found),
            screen=on_screen(choices, lambda: settlements.everything(found)),
            inputs=(inputs,),
            notes=actuals.notes,
        ),
    )
