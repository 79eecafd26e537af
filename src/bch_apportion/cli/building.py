"""Questions as commands of click: each declares its name, help, options and function; here they are built and run."""

from __future__ import annotations

from typing import Any

import click

from bch_apportion.cli.delivery import deliver
from bch_apportion.cli.marking import mark_problems
from bch_apportion.cli.options import Decorator, Name, Years, option, results, shown_tables, together, workbook
from bch_apportion.cli.running import THRESHOLD_CROSSED, Choices, check_outputs, other_files, told
from bch_apportion.questions.asking import Command, Option, Shown


def build(question: Command) -> click.Command:
    """The command of a question."""

    def callback(**given: Any) -> None:
        own = {name: given.pop(name) for name in [known.argument for known in question.options]}
        if question.files:
            own["files"] = given.pop("files")
        if question.year:
            given["years"] = ((given["years"],),) if given["years"] else ()
        if question.thousands:
            given["money_in"] = "thousands"
        _answer(question, Choices(**given), own)

    path = click.Path(exists=True, dir_okay=False)
    files = [click.argument("files", nargs=-1, metavar=question.files, type=path)] if question.files else []
    shows = [shown_tables(question.shows)] if question.shows else []
    decorate = together(workbook, *files, results(question), *shows, *map(_option, question.options))
    return click.command(name=question.name, short_help=question.short_help, help=question.help)(decorate(callback))


def _answer(question: Command, choices: Choices, own: dict[str, Any]) -> None:
    check_outputs(choices, *other_files(own), suffixes=question.suffixes)
    with told(choices, question.judges):
        shown = _run(question, choices, own)
    crossed = shown.crossed | ({"query"} if shown.unanswered() else set())
    deliver(choices, shown.narrowed(choices), THRESHOLD_CROSSED if crossed.intersection(choices.fail_on) else 0)


def _run(question: Command, choices: Choices, own: dict[str, Any]) -> Shown:
    """What the question shows; where it judges the workbook, its problems are marked in a copy too."""
    from bch_apportion.problems import InputProblems

    try:
        return question.run(choices, **own)
    except InputProblems as problems:
        if question.judges:
            mark_problems(choices, problems.problems)
        raise


def _option(declared: Option) -> Decorator:
    if declared.kind == "flag":
        return option(declared.name, declared.argument, is_flag=True, help=declared.help)
    types: dict[str, Any] = {
        "text": Name(),
        "choice": click.Choice(declared.choices),
        "year": Years(single=True),
        "number": click.IntRange(declared.least, declared.most),
    }
    further = {} if declared.default is None else {"default": declared.default}
    return option(
        declared.name,
        declared.argument,
        type=types.get(declared.kind),
        multiple=declared.multiple,
        metavar=declared.metavar,
        help=declared.help,
        **further,
    )
