"""The plan of `count`, a file of TOML: what is counted, from which records. All its problems at once, by their keys."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from bch_apportion.places import Place
from bch_apportion.problems import Problem
from bch_apportion.reading.values import Unreadable, brief, did_you_mean, period
from bch_apportion.years import Months

EMBEDDED = "duckdb://"
VARIABLE = re.compile(r"\$\{(\w+)\}")
SECRETS = ("password", "passwd", "pwd", "token", "secret", "key")  # of which a parameter's name holds any
LARGEST = 10_000_000  # bytes of a plan
MONTHS = 'write two months, such as ["2014-04", "2019-03"]'
WANTED = {  # by the kind of pydantic's error
    "string_type": "a text",
    "list_type": "a list of texts",
    "dict_type": "a table of keys and values",
    "model_type": "a table of keys and values",
    "bool_type": "true or false",
    "string_too_short": "a name",
}


def _months(given: Any) -> Months:
    """The months from the first to the last of a pair."""
    if not (isinstance(given, list) and len(given) == 2 and all(isinstance(text, str) for text in given)):
        raise Unreadable("plan-value", f"“{brief(str(given))}” is not a pair of months", MONTHS)
    first, last = (period(text) for text in given)
    for text, months in zip(given, (first, last), strict=True):
        if months.length != 1:
            raise Unreadable("plan-value", f"“{text}” is not a month", MONTHS)
    if last < first:
        raise Unreadable("plan-value", f"the months run backwards: {given[0]} comes after {given[1]}", MONTHS)
    return Months(first.first, last.first - first.first + 1)


def _texts(given: Any) -> tuple[str, ...]:
    """The values that a column must have, as texts in small letters."""
    values = given if isinstance(given, list) else [given]
    if not values or not all(isinstance(value, str | bool | int | float | date) for value in values):
        remedy = 'write a value or a list of them, such as ["1", "2"]'
        raise Unreadable("plan-value", f"“{brief(str(given))}” is no value that a column can have", remedy)
    return tuple(str(value).lower() for value in values)


def _zone(given: Any) -> str:
    """The name of a timezone."""
    try:
        return ZoneInfo(given).key
    except (OSError, ValueError, TypeError, LookupError):
        message = f"“{brief(str(given))}” is not a timezone"
        raise Unreadable("plan-value", message, "write it as Europe/London") from None


def _connection(given: Any) -> str:
    """A connection that names its passwords, and holds none."""
    if not isinstance(given, str) or "://" not in given:
        remedy = f"write it as {EMBEDDED} or postgres://user:${{PASSWORD}}@host/database"
        raise Unreadable("plan-value", f"“{brief(str(given))}” is not a connection", remedy)
    for name in VARIABLE.findall(given):
        if name not in os.environ:
            message = f"the environment variable {name} is not set"
            raise Unreadable("variable-missing", message, f"set {name}, then run again")
    parts = urlsplit(VARIABLE.sub(r"${}", given))
    parameters = [value for name, value in parse_qsl(parts.query) if any(word in name.lower() for word in SECRETS)]
    if any(word and word != "${}" for word in (parts.password, *parameters)):
        message = "the connection holds a password, which would be kept with every result"
        remedy = "put it in an environment variable, and write ${NAME} in its place"
        raise Unreadable("password-in-plan", message, remedy)
    return given


Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class DriverForm(BaseModel):
    """A driver of the plan, as it is written; which keys it needs is looked at apart, so that all can be said."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: Text = ""
    from_: Text = Field("", alias="from")
    table: Text = ""
    date: Text = ""
    force: Text = ""
    id: Text = ""
    sum: Text = ""
    recorded: Text = ""
    where: dict[str, Annotated[tuple[str, ...], BeforeValidator(_texts)]] = Field(default_factory=dict)
    between: Annotated[Months | None, BeforeValidator(_months)] = None
    zero: bool = False


class PlanForm(BaseModel):
    """The plan, but for its drivers."""

    model_config = ConfigDict(extra="forbid", strict=True)
    connection: Annotated[str, BeforeValidator(_connection)] = EMBEDDED
    timezone: Annotated[str, BeforeValidator(_zone)] = "Europe/London"
    forces: dict[str, list[Text]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """What is counted, from which records: files (`files`, a pattern) or a table of the connection.

    What is blank was not given. `whole` says that the plan has no problem in it, so that it can be counted.
    """

    key: str
    name: str
    files: str
    table: str
    date: str
    force: str
    id: str
    sum: str
    recorded: str
    where: Mapping[str, tuple[str, ...]]
    between: Months | None
    zero: bool
    whole: bool

    def place(self, key: str = "") -> Place:
        """A key of the driver, as a problem names it."""
        return Place(cell=f"{self.key}.{key}" if key else self.key)

    def columns(self) -> Iterator[tuple[str, str]]:
        """The columns that it names, each with its key."""
        for key in ("date", "force", "id", "sum", "recorded"):
            if column := getattr(self, key):
                yield key, column
        yield from ((f"where.{column}", column) for column in self.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a plan asks for; `spellings` are those of each force, its code among them."""

    path: Path
    text: str
    sha256: str
    connection: str
    timezone: str
    spellings: Mapping[str, Sequence[str]]
    drivers: Sequence[Driver]

    @property
    def folder(self) -> Path:
        """Where its paths start, also where the plan is given by a link to it."""
        return self.path.resolve().parent


def read_plan(path: Path) -> tuple[Plan, list[Problem]]:
    """The plan as far as it can be read, and every problem in it. Raises OSError where it cannot be opened."""
    content = path.read_bytes()
    problems: list[Problem] = []
    read, text = _document(content, problems)
    document = read or {}
    drivers = document.pop("driver", [])
    form = PlanForm.model_validate(_without_problems(PlanForm, document, "", problems))
    spellings = dict(_spellings(form.forces, problems))
    if not form.forces and not any(problem.cell.startswith("forces") for problem in problems) and read is not None:
        problems.append(_missing("forces", 'list them: BEDS = ["Bedfordshire", "40"]'))
    plan = Plan(
        path=path,
        text=text,
        sha256=hashlib.sha256(content).hexdigest(),
        connection=form.connection,
        timezone=form.timezone,
        spellings=spellings,
        drivers=[] if read is None else _drivers(drivers, problems),
    )
    return plan, problems


def _document(content: bytes, problems: list[Problem]) -> tuple[dict[str, Any] | None, str]:
    """The document of a plan with its text; None and no text where it is not TOML."""
    try:
        if len(content) > LARGEST:
            raise ValueError("it is larger than any plan")
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        return tomllib.loads(text), text
    except (ValueError, RecursionError) as error:
        message = f"the plan is not valid TOML: {brief(str(error))}"
        problems.append(Problem("plan-unreadable", message, "mend the line, or see the manual's example"))
        return None, ""


def _missing(key: str, remedy: str) -> Problem:
    return Problem("plan-key-missing", f"“{key.rpartition('.')[2]}” is missing", remedy, Place(cell=key))


def _without_problems(
    form: type[BaseModel], given: dict[str, Any], key: str, problems: list[Problem]
) -> dict[str, Any]:
    """What is given without the keys that have a problem, which are said."""
    try:
        form.model_validate(given)
    except ValidationError as error:
        known = [field.alias or name for name, field in form.model_fields.items()]
        wrong = error.errors()
        problems += (_problem(part, key, [*known, *(["driver"] if not key else [])]) for part in wrong)
        sound = {name: dict(value) if isinstance(value, dict) else value for name, value in given.items()}
        for name, *within in (map(str, part["loc"]) for part in wrong):
            if within and isinstance(sound.get(name), dict):
                sound[name].pop(within[0], None)
            else:
                sound.pop(name, None)
        return sound
    return given


def _problem(error: Any, key: str, known: Sequence[str]) -> Problem:
    """What pydantic says of a key, in our words."""
    *path, last = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in error["loc"]]
    place, value = Place(cell="".join((key, *path, last)).lstrip(".")), brief(str(error["input"]))
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Unreadable):
        code = cause.code if cause.code in ("variable-missing", "password-in-plan") else "plan-value"
        return Problem(code, cause.message, cause.remedy, place, "" if code == "password-in-plan" else value)
    if error["type"] == "extra_forbidden":
        name = last.lstrip(".")
        message = f"there is no key “{name}”{did_you_mean(name, list(known))}"
        return Problem("plan-key-unknown", message, f"the keys here are {', '.join(known)}", place, name)
    wanted = WANTED.get(error["type"], "a value of its kind")
    return Problem("plan-value", f"“{value}” is not {wanted}", f"write {wanted}", place, value)


def _spellings(forces: Mapping[str, Sequence[str]], problems: list[Problem]) -> Iterator[tuple[str, list[str]]]:
    """The spellings of each force, its code among them, as the plan has them; that of two forces is a problem."""
    owners: dict[str, str] = {}
    for force, given in forces.items():
        spelled = {text.strip().lower(): text.strip() for text in reversed((force, *given))}
        for text in spelled:
            other = owners.setdefault(text, force)
            if other != force:
                message = f"“{text}” is a spelling of {other} and of {force}"
                remedy = "keep it under the force that the records mean"
                problems.append(Problem("spelling-twice", message, remedy, Place(cell=f"forces.{force}"), text))
        yield force, [*reversed(spelled.values())]


def _drivers(given: Any, problems: list[Problem]) -> list[Driver]:
    """The drivers as far as they can be read."""
    if not isinstance(given, list) or not given or not all(isinstance(row, dict) for row in given):
        problems.append(_missing("driver", "write a table [[driver]] for each driver"))
        return []
    drivers: list[Driver] = []
    for number, row in enumerate(given, 1):
        driver = _driver(row, f"driver[{number}]", problems)
        if driver.name and any(driver.name.lower() == other.name.lower() for other in drivers):
            message, remedy = f"the driver “{brief(driver.name)}” is counted twice", "give each driver its own name"
            problems.append(Problem("driver-twice", message, remedy, driver.place("name")))
        drivers.append(driver)
    return drivers


def _driver(row: dict[str, Any], key: str, problems: list[Problem]) -> Driver:
    before = len(problems)
    form = DriverForm.model_validate(_without_problems(DriverForm, row, key, problems))
    needs = {"name": "name it as Drivers and Demand do", "date": "name the column", "force": "name the column"}
    problems += (_missing(f"{key}.{name}", remedy) for name, remedy in needs.items() if name not in row)
    if ("from" in row) == ("table" in row):
        what = "both “from” and “table” are given" if "from" in row else "neither “from” nor “table” is given"
        remedy = "name the files (from) or a table of the connection (table)"
        problems.append(Problem("plan-records", what, remedy, Place(cell=key)))
    given = {name: getattr(form, name) for name in DriverForm.model_fields}
    return Driver(key=key, whole=len(problems) == before, files=given.pop("from_"), **given)
