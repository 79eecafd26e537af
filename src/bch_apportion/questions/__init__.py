"""The questions, a folder each: its answer (rows), figures (rule), tables (page), and how it is asked (command)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bch_apportion.questions.asking import Asked, Command, Option, Usage, span_of
from bch_apportion.questions.benchmark.command import COMMAND as BENCHMARK
from bch_apportion.questions.check.command import COMMAND as CHECK
from bch_apportion.questions.comparison.command import COMMAND as COMPARE
from bch_apportion.questions.explanation.command import COMMAND as EXPLAIN
from bch_apportion.questions.monitor.command import COMMAND as MONITOR
from bch_apportion.questions.mtfs.command import COMMAND as MTFS
from bch_apportion.questions.pack.command import COMMAND as PACK
from bch_apportion.questions.settlement.command import COMMAND as SETTLE
from bch_apportion.questions.split.command import COMMAND as COMPUTE
from bch_apportion.questions.status.command import COMMAND as STATUS
from bch_apportion.questions.tracking.command import COMMAND as TRACK
from bch_apportion.questions.variance.command import COMMAND as VARIANCE

if TYPE_CHECKING:
    from bch_apportion.answers import Answer

Texts = str | Sequence[str]

QUESTIONS = (COMPUTE, CHECK, EXPLAIN, VARIANCE, TRACK, MTFS, COMPARE, SETTLE, STATUS, BENCHMARK, MONITOR, PACK)


def ask(
    question: str,
    workbook: str | PathLike[str],
    *files: str,
    unit: Texts = (),
    year: Texts = (),
    with_: Texts = (),
    scenario: Texts = (),
    set: Texts = (),  # noqa: A002  # the option's name
    as_at: date | None = None,
    **options: Any,
) -> Answer:
    """The answer to a question as typed rows: the command of that name, its options by their names (`_` for `-`).

    Where an option may be given several times, a text or several. Raises InputProblems and ControlsFailed, Usage where
    what was asked for cannot be had, TypeError where the command has no such option.
    """
    commands = {command.name: command for command in QUESTIONS if ".json" in command.suffixes}
    if question not in commands:
        raise Usage(f"there is no question “{question}” ({', '.join(commands)})")
    asked = Asked(
        workbook=Path(workbook),
        years=tuple(map(span_of, _several(year))),
        units=_several(unit),
        joined=_several(with_),
        scenarios=_several(scenario),
        by_hand=_several(set),
        as_at=as_at,
    )
    shown = commands[question].run(asked, **_given(commands[question], files, options))
    answer: Answer = shown.narrowed(asked).result()
    return answer


def _several(texts: Texts) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _given(command: Command, files: Sequence[str], options: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a command's own options, and its further files."""
    known = {option.name.lstrip("-").replace("-", "_"): option for option in command.options}
    unknown = [name for name in options if name not in known] + ["files"] * bool(files and not command.files)
    if unknown:
        raise TypeError(f"{command.name} has no option {', '.join(unknown)}")
    given: dict[str, Any] = {option.argument: _value(option, options.get(name)) for name, option in known.items()}
    return {**given, "files": tuple(files)} if command.files else given


def _value(option: Option, given: Any) -> Any:
    """The value of an option; its default where it is not given. Raises Usage where it is none of its choices."""
    if option.multiple:
        return tuple(_checked(option, text) for text in _several(given or ()))
    if given is None:
        return bool(option.default) if option.kind == "flag" else option.default
    return _checked(option, given)


def _checked(option: Option, value: Any) -> Any:
    if option.kind == "choice" and value not in option.choices:
        raise Usage(f"“{value}” is not one of {', '.join(option.choices)}", option.name)
    if option.kind == "number" and not option.least <= value <= (value if option.most is None else option.most):
        raise Usage(f"{value} is not from {option.least} to {option.most}", option.name)
    return span_of(value)[0] if option.kind == "year" and isinstance(value, str) else value
