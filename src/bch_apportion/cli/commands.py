"""The commands: compute, check, explain."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from bch_apportion.cli import cli
from bch_apportion.cli.options import env, results, workbook
from bch_apportion.cli.running import (
    CONTROL_FAILED,
    INPUT_PROBLEMS,
    Choices,
    check_outputs,
    emit_json,
    find_force,
    find_unit,
    narrow,
    read,
    tell_notes,
    tell_problems,
    text_writer,
    told,
    write_all,
)


@cli.command(short_help="What each force pays, on which basis and why.")
@workbook
@results
@click.option(
    "--detail",
    type=click.Choice(["line", "subjective"]),
    envvar=env("DETAIL"),
    help="Break the components down by budget line or by subjective.",
)
def compute(detail: str | None, **given: Any) -> None:
    """What each force pays, for each unit and year; on which basis, and why.

    \b
    Examples:
      bch-apportion compute examples/alliance.xlsx --year 2018/19
      bch-apportion compute examples/alliance.xlsx --unit ICT --json
      bch-apportion compute examples/alliance.xlsx -o result.xlsx -o lines.csv
    """
    choices = Choices(**given)
    check_outputs(choices)
    with told(choices):
        from bch_apportion.ledger import apportion

        ledger = narrow(apportion(read(choices), choices.as_at), choices)

    def as_json() -> str:
        from bch_apportion.reports.documents import compute as document
        from bch_apportion.writing.documents import to_text

        return to_text(document(ledger, detail))

    def as_csv() -> str:
        from bch_apportion.writing.tidy_csv import compute as table

        return table(ledger, detail)

    def as_workbook(path: Path) -> None:
        from bch_apportion.reports.cover import cover
        from bch_apportion.reports.splits import everything
        from bch_apportion.writing.excel import write

        write(path, cover(ledger, "What each force pays"), everything(ledger, detail))

    write_all(choices, {".json": text_writer(as_json), ".csv": text_writer(as_csv), ".xlsx": as_workbook})
    if not choices.to_screen:
        return
    if choices.form == "json":
        sys.stdout.write(as_json())
        return
    if choices.form == "csv":
        sys.stdout.write(as_csv())
    else:
        from bch_apportion.reports.splits import screen
        from bch_apportion.writing.terminal import console_for, show

        show(console_for(sys.stdout, not choices.no_color), screen(ledger, detail), choices.thousands)
    tell_notes(choices, ledger)


@cli.command(short_help="Is the workbook fit to compute from.")
@workbook
@click.option("--format", "form", type=click.Choice(["table", "json"]), envvar=env("FORMAT"), help="How it is told.")
@click.option("--json", "form", flag_value="json", help="Short for --format json.")
@click.option("-q", "--quiet", is_flag=True, envvar=env("QUIET"), help="No notes.")
@click.option("-v", "--verbose", is_flag=True, help="A traceback where the program itself fails.")
@click.option("--no-color", is_flag=True, envvar=env("NO_COLOR"), help="No colour (also NO_COLOR).")
def check(**given: Any) -> None:
    """Is the workbook fit to compute from: every problem, each robustness test, each control.

    \b
    Examples:
      bch-apportion check examples/alliance.xlsx
      bch-apportion check examples/alliance.xlsx --json
    """
    choices = Choices(**given)
    from bch_apportion.ledger import tested
    from bch_apportion.problems import InputProblems

    try:
        ledger = tested(read(choices))
    except InputProblems as found:
        tell_problems(choices, found, to_result=True)
        raise SystemExit(INPUT_PROBLEMS) from found
    if choices.form == "json":
        from bch_apportion.reports.documents import check as document

        emit_json(document(ledger))
    else:
        from bch_apportion.reports.checks import screen
        from bch_apportion.writing.terminal import console_for, show

        show(console_for(sys.stdout, not choices.no_color), screen(ledger))
        tell_notes(choices, ledger)
    if not all(control.passed for control in ledger.controls):
        raise SystemExit(CONTROL_FAILED)


@cli.command(short_help="How a figure came about.")
@workbook
@click.option("--unit", required=True, envvar=env("UNIT"), help="The unit, by its code or name.")
@click.option("--year", required=True, envvar=env("YEAR"), help="The financial year, such as 2018/19.")
@click.option("--force", envvar=env("FORCE"), help="The force; all of them where none is named.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), envvar=env("FORMAT"), help="How it is told.")
@click.option("--json", "form", flag_value="json", help="Short for --format json.")
@click.option("-q", "--quiet", is_flag=True, envvar=env("QUIET"), help="No notes.")
@click.option("-v", "--verbose", is_flag=True, help="A traceback where the program itself fails.")
@click.option("--no-color", is_flag=True, envvar=env("NO_COLOR"), help="No colour (also NO_COLOR).")
def explain(unit: str, year: str, force: str | None, **given: Any) -> None:
    """How a figure came about: its lines, the principles in words, the numbers, the cells, the rounding.

    \b
    Examples:
      bch-apportion explain examples/alliance.xlsx --unit ICT --year 2018/19 --force BEDS
      bch-apportion explain examples/alliance.xlsx --unit HR --year 2016/17 --json
    """
    from bch_apportion.cli.options import Years

    chosen = Years().convert(year, None, None)
    choices = Choices(**given, years=(chosen,), units=(unit,))
    with told(choices):
        from bch_apportion.ledger import apportion

        whole = apportion(read(choices))
    code = find_unit(whole, unit)
    name = find_force(whole, force) if force else None
    ledger = narrow(whole, choices)
    if name is not None and name not in ledger.results[0].members:
        members = ", ".join(ledger.results[0].members)
        raise click.BadParameter(f"{name} is not a member of {code} in {year} ({members})", param_hint="--force")
    from bch_apportion.reports.explanation import document, page

    if choices.form == "json":
        emit_json(document(ledger, name))
        return
    from bch_apportion.writing.terminal import console_for, show_page

    for result in ledger.results:
        show_page(console_for(sys.stdout, not choices.no_color), page(ledger.inputs, result, name))
