"""The commands: compute, check, explain."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import click

from bch_apportion.cli import cli
from bch_apportion.cli.delivery import Answer, deliver, on_screen
from bch_apportion.cli.options import env, results, workbook
from bch_apportion.cli.progress import progress
from bch_apportion.cli.running import (
    CONTROL_FAILED,
    INPUT_PROBLEMS,
    Choices,
    asked_again,
    check_outputs,
    emit_json,
    find_force,
    find_unit,
    narrow,
    read,
    tell_controls,
    tell_problems,
    told,
)

if TYPE_CHECKING:
    from rich.console import Console

    from bch_apportion.questions.split.book import Book
    from bch_apportion.writing.report import Page, Report


@cli.command(short_help="What each force pays, on which basis and why.")
@workbook
@results
@click.option(
    "--detail",
    type=click.Choice(["line", "subjective"]),
    envvar=env("DETAIL"),
    help="Break the components down by budget line or by subjective.",
)
@click.option("--values", is_flag=True, envvar=env("VALUES"), help="In .xlsx write plain values, no formulas.")
def compute(detail: str | None, values: bool, **given: Any) -> None:
    """What each force pays, for each unit and year; on which basis, and why.

    \b
    Examples:
      bch-apportion compute examples/alliance.xlsx --year 2018/19
      bch-apportion compute examples/alliance.xlsx --unit ICT --json
      bch-apportion compute examples/alliance.xlsx -o result.xlsx -o lines.csv
      bch-apportion compute examples/alliance.xlsx -o plain.xlsx --values
    """
    choices = Choices(**given)
    check_outputs(choices)
    with told(choices):
        from bch_apportion.ledger import apportion

        inputs = read(choices)
        with progress(not choices.quiet, "computing") as step:
            whole = apportion(inputs, choices.as_at, step)
        ledger = narrow(whole, choices)
    from bch_apportion.questions import documents
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.split import page as splits
    from bch_apportion.writing import tidy_csv

    def page() -> list[Report | Page]:
        from bch_apportion.questions.split.whole_page import whole_page

        return whole_page(whole, ledger, detail)

    @cache
    def workbook() -> Book:
        from bch_apportion.questions.split.book import book

        return book(ledger, detail, values)

    deliver(
        choices,
        Answer(
            document=lambda: documents.compute(ledger, detail),
            csv=lambda: tidy_csv.compute(ledger, detail),
            cover=lambda: cover(ledger, "What each force pays"),
            front=lambda: workbook().cover,
            reports=lambda: workbook().reports,
            screen=on_screen(choices, lambda: splits.screen(ledger, detail)),
            inputs=(inputs,),
            notes=ledger.notes,
            paper=lambda: splits.screen(ledger, detail),
            page=page,
        ),
    )


@cli.command(short_help="Is the workbook fit to compute from.")
@workbook
@results
def check(**given: Any) -> None:
    """Is the workbook fit to compute from: every problem, each robustness test, each control.

    \b
    Examples:
      bch-apportion check examples/alliance.xlsx
      bch-apportion check examples/alliance.xlsx --unit ICT --json
    """
    choices = Choices(**given)
    check_outputs(choices)
    from bch_apportion.ledger import tested
    from bch_apportion.problems import ControlsFailed, InputProblems

    try:
        inputs = read(choices)
        with progress(not choices.quiet, "computing") as step:
            whole = tested(inputs, choices.as_at, step)
        ledger = narrow(whole, choices)
    except InputProblems as found:
        if asked_again():
            raise
        tell_problems(choices, found, to_result=True)
        raise SystemExit(INPUT_PROBLEMS) from found
    from bch_apportion.questions import documents
    from bch_apportion.questions.check import page as checks
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.split.page import tests
    from bch_apportion.writing import tidy_csv

    if not all(control.passed for control in ledger.controls):
        if asked_again():
            raise ControlsFailed(ledger.controls, ledger.inputs.source)
        if choices.form == "json":
            emit_json(documents.check(ledger))
        else:
            tell_controls(ledger.controls, ledger.inputs.source)
        raise SystemExit(CONTROL_FAILED)

    deliver(
        choices,
        Answer(
            document=lambda: documents.check(ledger),
            csv=lambda: tidy_csv.report(tests(ledger.results)),
            cover=lambda: cover(ledger, "Is the workbook fit to compute from"),
            reports=lambda: checks.screen(ledger),
            screen=on_screen(choices, lambda: checks.screen(ledger)),
            inputs=(inputs,),
            notes=ledger.notes,
        ),
    )


@cli.command(short_help="How a figure came about.")
@workbook
@results
@click.option("--force", envvar=env("FORCE"), help="The force; all of them where none is named.")
def explain(force: str | None, **given: Any) -> None:
    """How a figure came about: its lines, the principles in words, the numbers, the cells, the rounding.

    One --unit and one --year are needed.

    \b
    Examples:
      bch-apportion explain examples/alliance.xlsx --unit ICT --year 2018/19 --force BEDS
      bch-apportion explain examples/alliance.xlsx --unit HR --year 2016/17 --json
    """
    choices = Choices(**given)
    check_outputs(choices)
    for option, values in (("--unit", choices.units), ("--year", choices.years)):
        if len(values) != 1:
            raise click.UsageError(f"explain needs one {option}")
    if len(choices.years[0]) != 1:
        raise click.BadParameter("explain takes one year, not a range", param_hint="--year")
    with told(choices):
        from bch_apportion.ledger import apportion

        inputs = read(choices)
        with progress(not choices.quiet, "computing") as step:
            whole = apportion(inputs, choices.as_at, step)
    code = find_unit(whole, choices.units[0])
    name = find_force(whole, force) if force else None
    ledger = narrow(whole, choices)
    (result,) = ledger.results
    if name is not None and name not in result.members:
        members = ", ".join(result.members)
        raise click.BadParameter(f"{name} is no member of {code} in {result.year} ({members})", param_hint="--force")
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.explanation import page as explanation
    from bch_apportion.writing import tidy_csv

    def screen(console: Console) -> None:
        from bch_apportion.writing.terminal import show_page

        show_page(console, explanation.page(ledger.inputs, result, name), choices.thousands)

    deliver(
        choices,
        Answer(
            document=lambda: explanation.document(ledger, name),
            csv=lambda: tidy_csv.compute(ledger, force=name),
            cover=lambda: cover(ledger, "How a figure came about"),
            reports=lambda: explanation.sheets(explanation.page(ledger.inputs, result, name)),
            screen=screen,
            inputs=(inputs,),
            paper=lambda: [explanation.page(ledger.inputs, result, name)],
            page=lambda: [explanation.page(ledger.inputs, result, name)],
        ),
    )
