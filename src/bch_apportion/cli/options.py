"""The options that all commands with results share, and how a year or a range of years is written in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from bch_apportion.questions.asking import SUFFIXES

if TYPE_CHECKING:
    from bch_apportion.questions.asking import Command

    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # generic only for the type checker: older releases of click are not

Decorator: TypeAlias = Callable[[Any], Any]


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


TRACEBACKS = {"wanted": False}  # read by the last resort of the program, when no command is left to ask


def option(*names: str, **given: Any) -> Decorator:
    """An option of click, which an environment variable may give: BCH_APPORTION_AS_AT for --as-at."""
    (long,) = (name for name in names if name.startswith("--"))
    return click.option(*names, envvar=f"BCH_APPORTION_{long[2:].replace('-', '_').upper()}", **given)


def _remember_verbose(_: click.Context, __: click.Parameter, value: bool) -> None:
    TRACEBACKS["wanted"] = value


verbose = option(
    "-v",
    "--verbose",
    is_flag=True,
    callback=_remember_verbose,
    is_eager=True,
    expose_value=False,
    help="Show a traceback if the program fails.",
)
workbook = click.argument("workbook", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
several: dict[str, Any] = {"type": Listed(), "multiple": True}
OUTPUT_HELP = "Write to FILE, in the format of its suffix ({}); - is standard output. Repeatable."
YEAR_HELP = "Show this financial year alone, or a range 2018/19..2020/21. Repeatable."
WITH_HELP = "Join the rows of another workbook's sheets (.xlsx) to the workbook's. Repeatable."
SCENARIO_HELP = "Lay the rows of FILE (.toml) over the workbook. Repeatable; later ones win."
SET_HELP = (
    "UNIT.parameter=value, or parameter=value for all units, in every year. A unit with = in its name stands in double "
    "quotes. Repeatable."
)
MONEY_HELP = (
    "Show money in thousands of pounds on the screen, in Markdown and on the page (.html); other files keep pence."
)


def outputs(suffixes: Sequence[str]) -> tuple[Decorator, ...]:
    """Where the result goes. A form that the command lacks is not listed; whoever asks for it is told in words."""
    every = ("table", "csv", "json", "md")
    forms = [form for form in every if form == "table" or f".{form}" in suffixes]
    listed = f"[{'|'.join(forms)}]"
    return (
        option("-o", "--output", metavar="FILE", help=OUTPUT_HELP.format(", ".join(suffixes)), **several),
        option("--format", "form", type=click.Choice(every), metavar=listed, help="What goes to standard output."),
        option("--json", "form", flag_value="json", hidden="json" not in forms, help="Short for --format json."),
        option("--csv", "form", flag_value="csv", hidden="csv" not in forms, help="Short for --format csv."),
    )


OUTPUT = outputs(SUFFIXES)
YEARS = option("--year", "years", type=Years(), multiple=True, help=YEAR_HELP)
GIVEN = (  # beside the workbook: joined to it, laid over it
    option("--with", "joined", metavar="FILE", help=WITH_HELP, **several),
    option("--scenario", "scenarios", metavar="FILE", help=SCENARIO_HELP, **several),
)
SET = option("--set", "by_hand", metavar="SETTING", help=SET_HELP, **several)
MANNERS = (  # how the program behaves
    option("-q", "--quiet", is_flag=True, help="No messages or notes."),
    verbose,
    option("--no-color", is_flag=True, help="No colour (also NO_COLOR)."),
    option("--overwrite", is_flag=True, help="Replace files that exist."),
)
MONEY = option("--in", "money_in", type=click.Choice(["pounds", "thousands"]), default="pounds", help=MONEY_HELP)
COMMON_TABLES = ("queries", "notes")  # behind the first page of every result


def together(*decorators: Decorator) -> Decorator:
    """These decorators, as if they stood above a function in their order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for add in reversed(decorators):
            command = add(command)
        return command

    return decorate


def shown_tables(names: tuple[str, ...]) -> Decorator:
    """The options that show more than the first page: the tables with these names, or all of them."""
    choice = click.Choice((*names, *COMMON_TABLES))
    more = "Show this table instead of the first page. Repeatable."
    return together(
        option("--show", type=choice, multiple=True, metavar="NAME", help=f"{more} NAME: {', '.join(choice.choices)}."),
        option("--full", is_flag=True, help="Show the first page and every table."),
    )


def results(question: Command) -> Decorator:
    """The options of every command that works a result out, in the words of its own where it has some."""
    names = {**question.thresholds, "query": "a query is unanswered"}
    meanings = ", ".join(f"{meaning} ({name})" for name, meaning in names.items())
    words = f"End with exit code 5 if {meanings}. Repeatable."
    fail_on = option("--fail-on", type=click.Choice(list(names)), multiple=True, help=words)
    years = option("--year", "years", type=Years(single=True), help=question.year) if question.year else YEARS
    units = option("--unit", "units", hidden=question.whole, help="Show this unit alone. Repeatable.", **several)
    day, money = option("--as-at", type=Day(), help=question.day), () if question.thousands else (MONEY,)
    return together(*outputs(question.suffixes), years, units, *GIVEN, SET, day, fail_on, *MANNERS, *money)


findings = together(*OUTPUT, *GIVEN, *MANNERS)  # of a command that says how a result stands
