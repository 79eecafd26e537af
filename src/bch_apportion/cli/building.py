"""Questions as commands of click: each declares its name, help, options and function; here they are built and run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import click

from bch_apportion.cli.delivery import deliver
from bch_apportion.cli.marking import mark_problems
from bch_apportion.cli.options import ENDING, Name, Years, env, results, workbook
from bch_apportion.cli.progress import progress
from bch_apportion.cli.running import THRESHOLD_CROSSED, Choices, check_outputs, other_files, told
from bch_apportion.questions.asking import Asked, Command, Option, Shown, Usage


def build(question: Command) -> click.Command:
    """The command of a question."""

    def callback(**given: Any) -> None:
        own = {name: given.pop(name) for name in [option.argument for option in question.options]}
        if question.files:
            own["files"] = given.pop("files")
        _answer(question, Choices(**given), own)

    decorate: list[Callable[[Any], Any]] = [workbook]
    if question.files:
        files = click.Path(exists=True, dir_okay=False)
        decorate.append(click.argument("files", nargs=-1, metavar=question.files, type=files))
    decorate += [results(question.thresholds), *map(_option, question.options)]
    function: Any = callback
    for add in reversed(decorate):
        function = add(function)
    return click.command(name=question.name, short_help=question.short_help, help=question.help)(function)


def _answer(question: Command, choices: Choices, own: dict[str, Any]) -> None:
    """Run a question and hand over what it shows."""
    check_outputs(choices, *other_files(own))
    with told(choices, question.judges), usage():
        asked = asked_of(choices)
        shown = _run(question, choices, asked, own)
    crossed = shown.crossed | ({"query"} if shown.unanswered() else set())
    ENDING["code"] = THRESHOLD_CROSSED if crossed.intersection(choices.fail_on) else 0
    deliver(choices, shown.narrowed(asked))
    if ENDING["code"]:
        raise SystemExit(ENDING["code"])


def _run(question: Command, choices: Choices, asked: Asked, own: dict[str, Any]) -> Shown:
    """What the question shows; where it judges the workbook, its problems are marked in a copy too."""
    from bch_apportion.problems import InputProblems

    try:
        return question.run(asked, **own)
    except InputProblems as problems:
        if question.judges:
            mark_problems(choices, problems.problems)
        raise


class usage:  # noqa: N801  # reads as a statement
    """Turns what a question says of its usage into click's words."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, Usage):
            if error.option:
                raise click.BadParameter(str(error), param_hint=error.option) from error
            raise click.UsageError(str(error)) from error


def asked_of(choices: Choices) -> Asked:
    """What a question is asked, from the options given."""
    return Asked(
        workbook=choices.workbook,
        years=choices.years,
        units=choices.units,
        scenarios=choices.scenarios,
        by_hand=choices.by_hand,
        as_at=choices.as_at,
        progress=partial(progress, not choices.quiet),
    )


def _option(option: Option) -> Callable[[Any], Any]:
    """An option of click."""
    shared: dict[str, Any] = {"help": option.help, "envvar": env(option.name.lstrip("-").replace("-", "_").upper())}
    if option.kind == "flag":
        return click.option(option.name, option.argument, is_flag=True, **shared)
    types: dict[str, Any] = {
        "text": Name(),
        "choice": click.Choice(option.choices),
        "year": Years(single=True),
        "number": click.IntRange(option.least, option.most),
    }
    if option.default is not None:
        shared["default"] = option.default
    if option.multiple:
        shared["multiple"] = True
    return click.option(option.name, option.argument, type=types[option.kind], metavar=option.metavar, **shared)
