"""The options that all commands with results share, and how a year or a range of years is written in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # generic only for the type checker: older releases of click are not

SUFFIXES = (".xlsx", ".csv", ".json", ".md", ".html")


class Years(ParamType):
    """A financial year, or a range of them: 2018/19, 2018/19..2020/21."""

    name = "year"

    def __init__(self, single: bool = False) -> None:
        self.single = single  # a year alone, no range: given as it is, not in a tuple

    def split_envvar_value(self, rv: str) -> list[str]:
        return [part for part in re.split(r"[,\s]+", rv) if part]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        from bch_apportion.questions.asking import Usage, span_of

        try:
            years = span_of(value)
        except Usage as error:
            self.fail(str(error), param, ctx)
        if self.single and len(years) > 1:
            self.fail("one year, not a range", param, ctx)
        return years[0] if self.single else years


class Day(ParamType):
    """A date: 2019-04-30 or 30/04/2019."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        from bch_apportion.reading.values import Unreadable, day

        try:
            return day(value.strip())
        except Unreadable as error:
            self.fail(f"{error.message}; {error.remedy.replace('an Excel date, as ', '')}", param, ctx)


class Name(ParamType):
    """A text that is not blank: a blank is more often a variable that was never set than a wish for the default."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        text = str(value).strip()
        if not text:
            self.fail("the value is blank", param, ctx)
        return text


class Listed(Name):
    """Such a text; in an environment variable several are separated by commas, or by semicolons if there are any.

    One that holds a comma itself stands in double quotes.
    """

    def split_envvar_value(self, rv: str) -> list[str]:
        between = ";" if ";" in rv else ","
        parts = re.findall(rf'\s*(?:"([^"]*)"\s*(?={between}|$)|([^{between}]+))', rv)
        return [part for quoted, bare in parts if (part := (quoted or bare).strip())]


def env(name: str) -> str:
    """The environment variable of an option."""
    return f"BCH_APPORTION_{name}"


ENDING = {"code": 0}  # with which the program ends where its reader has seen enough
TRACEBACKS = {"wanted": False}  # read by the last resort of the program, when no command is left to ask


def _remember_verbose(_: click.Context, __: click.Parameter, value: bool) -> None:
    TRACEBACKS["wanted"] = value


verbose = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    envvar=env("VERBOSE"),
    callback=_remember_verbose,
    is_eager=True,
    expose_value=False,
    help="Show a traceback if the program fails.",
)


def workbook(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("workbook", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))(
        command
    )


OUTPUT = (  # where the result goes
    click.option(
        "-o",
        "--output",
        type=Listed(),
        multiple=True,
        metavar="FILE",
        envvar=env("OUTPUT"),
        help="Write to FILE, in the format of its suffix (.xlsx, .csv, .json, .md, .html); - is standard "
        "output. Repeatable.",
    ),
    click.option(
        "--format",
        "form",
        type=click.Choice(["table", "csv", "json", "md"]),
        envvar=env("FORMAT"),
        help="What goes to standard output.",
    ),
    click.option("--json", "form", flag_value="json", envvar=env("JSON"), help="Short for --format json."),
    click.option("--csv", "form", flag_value="csv", envvar=env("CSV"), help="Short for --format csv."),
)
SHOWN = (  # what of it is shown
    click.option(
        "--year",
        "years",
        type=Years(),
        multiple=True,
        envvar=env("YEAR"),
        help="Show this financial year alone, or a range 2018/19..2020/21. Repeatable.",
    ),
    click.option(
        "--unit",
        "units",
        type=Listed(),
        multiple=True,
        envvar=env("UNIT"),
        help="Show this unit alone. Repeatable.",
    ),
)
LAID = (  # what is laid over the workbook
    click.option(
        "--scenario",
        "scenarios",
        type=Listed(),
        multiple=True,
        metavar="FILE",
        envvar=env("SCENARIO"),
        help="Lay the rows of FILE (.toml) over the workbook. Repeatable; later ones win.",
    ),
)
SET = (  # under what it is worked out
    click.option(
        "--set",
        "by_hand",
        type=Listed(),
        multiple=True,
        metavar="SETTING",
        envvar=env("SET"),
        help="UNIT.parameter=value, or parameter=value for all units, in every year. Repeatable.",
    ),
    click.option(
        "--as-at",
        type=Day(),
        envvar=env("AS_AT"),
        help="Judge pooling on this day (default: the end of each year).",
    ),
)
MANNERS = (  # how the program behaves
    click.option("-q", "--quiet", is_flag=True, envvar=env("QUIET"), help="No messages or notes."),
    verbose,
    click.option("--no-color", is_flag=True, envvar=env("NO_COLOR"), help="No colour (also NO_COLOR)."),
    click.option("--overwrite", is_flag=True, envvar=env("OVERWRITE"), help="Replace files that exist."),
)
MONEY = (  # how money is shown
    click.option(
        "--in",
        "money_in",
        type=click.Choice(["pounds", "thousands"]),
        default="pounds",
        envvar=env("IN"),
        help="Show money in thousands of pounds on the screen, in Markdown and on the page (.html); other "
        "files keep pence.",
    ),
)


def _with(*groups_and_command: Any) -> Callable[..., Any]:
    *groups, command = groups_and_command
    for add in reversed([option for group in groups for option in group]):
        command = add(command)
    return cast("Callable[..., Any]", command)


def results(thresholds: Mapping[str, str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options of every command that works a result out; `thresholds` are those of its own for --fail-on."""
    names = {**thresholds, "query": "a query is unanswered"}
    meanings = ", ".join(f"{meaning} ({name})" for name, meaning in names.items())
    fail_on = click.option(
        "--fail-on",
        type=click.Choice(list(names)),
        multiple=True,
        envvar=env("FAIL_ON"),
        help=f"End with exit code 5 if {meanings}. Repeatable.",
    )
    return partial(_with, OUTPUT, SHOWN, LAID, SET, (fail_on,), MANNERS, MONEY)


def findings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Those of a command that says how a result stands: what it was asked for is in the result."""
    return _with(OUTPUT, LAID, MANNERS, command)
