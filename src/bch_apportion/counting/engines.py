"""The engines that count: DuckDB within the program, or what the plan's connection leads to, through Ibis.

What differs between engines stands here: how they bring a moment to a timezone, put texts in order and look a text up.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

import duckdb
import ibis
import ibis.expr.datatypes as dt

from bch_apportion.counting.plan import EMBEDDED, VARIABLE, Plan

Outcome = TypeVar("Outcome")

MOST_GIB = 4.0  # of memory that the embedded engine takes, unless the plan says otherwise; the rest goes to disk
OF_CSV = ("Expected Number of Columns", "file = ")  # lines of a message of DuckDB
LONGEST = 240  # characters of what an engine says
WHOLE = 100  # steps of a query, as a bar draws it
PATIENCE = 0.1  # seconds between two looks at a query that runs
MOMENT, UTC = dt.Timestamp(), dt.Timestamp(timezone="UTC")


def timezone(zone: str, moment: Any) -> None:
    """A function of DuckDB and PostgreSQL."""


def convert_timezone(zone: str, moment: Any) -> None:
    """A function of Spark."""


def convert_timezone_from(zone: str, other: str, moment: Any) -> None:
    """The same, of three arguments."""


def typeof(value: Any) -> None:
    """A function of Spark."""


def hash(text: str) -> None:  # noqa: A001  # its name there
    """A function of DuckDB; Ibis's own would take a detour by a text of bits."""


def list_position(texts: Any, text: str) -> None:
    """A function of DuckDB, which asks it once for each entry of a column's dictionary."""


def list_extract(values: Any, position: int) -> None:
    """A function of DuckDB."""


def convert_to(text: str, encoding: str) -> None:
    """A function of PostgreSQL."""


def encode(content: bytes, form: str) -> None:
    """A function of PostgreSQL."""


_timezone = ibis.udf.scalar.builtin(timezone, signature=((dt.string, UTC), MOMENT))
_in_timezone = ibis.udf.scalar.builtin(timezone, signature=((dt.string, MOMENT), UTC))
_convert_timezone = ibis.udf.scalar.builtin(convert_timezone, signature=((dt.string, UTC), MOMENT))
_between = ibis.udf.scalar.builtin(
    convert_timezone_from, name="convert_timezone", signature=((dt.string, dt.string, MOMENT), MOMENT)
)
_typeof = ibis.udf.scalar.builtin(typeof, signature=((MOMENT,), dt.string))
_hash = ibis.udf.scalar.builtin(hash, signature=((dt.string,), dt.uint64))
_list_position = ibis.udf.scalar.builtin(list_position, signature=((dt.Array(dt.string), dt.string), dt.int32))
_list_extract = ibis.udf.scalar.builtin(list_extract, signature=((dt.Array(dt.int16), dt.int32), dt.int16))
_convert_to = ibis.udf.scalar.builtin(convert_to, signature=((dt.string, dt.string), dt.binary))
_encode = ibis.udf.scalar.builtin(encode, signature=((dt.binary, dt.string), dt.string))
LOCAL = {"duckdb": _timezone, "postgres": _timezone, "pyspark": _convert_timezone}  # those that tests have tried


class Refused(Exception):  # what the plan asks of the engine cannot be had
    """What an engine says, without the passwords."""


class Engine:
    """A connection, and what is done in its own way."""

    def __init__(self, backend: Any, secrets: dict[str, str] | None = None) -> None:
        self.backend, self.name = backend, str(backend.name)
        self._secrets, self._kept = secrets or {}, 0
        if self.embedded:
            backend.raw_sql("set enable_progress_bar = true")  # so that it can be asked how far it is
            backend.raw_sql("set enable_progress_bar_print = false")  # it would draw into the output

    @property
    def embedded(self) -> bool:
        return self.name == "duckdb"

    def local(self, zone: str, moment: Any) -> Any:
        """A timestamp as the clock of a timezone shows it: one with an offset is brought to it.

        None where this was never tried on this engine. Ibis does not tell Spark's two kinds of timestamp apart.
        """
        convert, kind = LOCAL.get(self.name), moment.type()
        if self.name == "pyspark":
            return (_typeof(moment) == "timestamp").ifelse(_convert_timezone(zone, moment.cast(UTC)), moment)
        return moment if not kind.timezone else convert and convert(zone, moment)

    def by_utc(self, zone: str, moment: Any) -> Any:
        """What the clock of UTC shows when that of a timezone shows a moment; as it is where this was never tried."""
        if self.name == "pyspark":
            return _between(zone, "UTC", moment)
        return _timezone("UTC", _in_timezone(zone, moment)) if self.name in LOCAL else moment

    def instant(self, moment: Any) -> Any:
        """What the clock of UTC shows at a timestamp with an offset; nothing for one without."""
        if self.name == "pyspark":
            return (_typeof(moment) == "timestamp").ifelse(self.local("UTC", moment), None)
        return self.local("UTC", moment) if moment.type().timezone else ibis.null(MOMENT)

    def number_of(self, text: Any, numbers: Mapping[str, int], fold: Callable[[Any], Any]) -> Any:
        """The number that belongs to a folded text, or nothing; what it is compared with is folded too."""
        known = [fold(ibis.literal(word)) for word in numbers]
        if self.embedded:
            position = _list_position(ibis.array(known), text)
            return _list_extract(ibis.literal(list(numbers.values()), "array<int16>"), position)
        return ibis.cases(
            *((text == word, ibis.literal(n, "int16")) for word, n in zip(known, numbers.values(), strict=True))
        )

    def hashed(self, text: Any) -> Any:
        """A number for a text, which another text may share."""
        return _hash(text) if self.embedded else text.hash()

    def ordered(self, text: Any) -> Any:
        """A text as it is put in order: by its letters' numbers, whatever the order of words in the database."""
        return _encode(_convert_to(text, "UTF8"), "hex") if self.name == "postgres" else text

    def keep(self, expression: Any, told: Callable[..., None]) -> Any:
        """The expression worked out, where that writes nothing to somebody's database; else as it is."""
        if not self.embedded:
            return expression
        return self._waiting(lambda: self.table_of(expression), told)

    def table_of(self, expression: Any) -> Any:
        """The expression worked out as a table that nobody else sees."""
        self._kept += 1
        return self.backend.create_table(f"bch_apportion_{self._kept}", expression, temp=True)

    def drop(self) -> None:
        """Make room: what was kept is not asked again."""
        while self._kept:
            self.backend.raw_sql(f"drop table bch_apportion_{self._kept}")
            self._kept -= 1

    def rows(self, expression: Any, told: Callable[..., None]) -> list[dict[str, Any]]:
        """The rows of an expression."""
        return self._waiting(lambda: self._fetched(expression), told)

    def _fetched(self, expression: Any) -> list[dict[str, Any]]:
        if not self.embedded:
            rows: list[dict[str, Any]] = expression.to_pyarrow().to_pylist()
            return rows
        # of DuckDB itself: Ibis would load pandas for it, which may take longer than the query
        result = self.backend.con.execute(self.backend.compile(expression))
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _waiting(self, work: Callable[[], Outcome], told: Callable[..., None]) -> Outcome:
        """What comes of a piece of work; meanwhile a bar is drawn, and whoever stops the program is heard."""
        outcome: list[Outcome] = []
        failure: list[BaseException] = []

        def run() -> None:
            try:
                outcome.append(work())
            except BaseException as error:
                failure.append(error)

        thread = Thread(target=run, daemon=True)
        thread.start()
        far = 0
        try:
            while thread.is_alive():
                thread.join(PATIENCE)
                before, far = far, max(far, self._percent())
                told(far - before)
        except BaseException:
            self._interrupt()
            thread.join(10)
            raise
        if failure:
            raise self.refused(failure[0]) from failure[0]
        told(WHOLE - far)
        return outcome[0]

    def _percent(self) -> int:
        """How far a query is, where the engine says so: below 0 where it does not know."""
        return int(self.backend.con.query_progress()) if self.embedded else 0

    def _interrupt(self) -> None:
        connection = getattr(self.backend, "con", None)
        stop = getattr(connection, "interrupt", None) or getattr(connection, "cancel", None)
        if stop is not None:
            with suppress(Exception):  # it may have ended by itself
                stop()

    def refused(self, error: BaseException) -> BaseException:
        """What the engine said, in a line; a fault of this program is as it was."""
        if not _from_an_engine(error):
            return error
        return Refused(without_secrets(str(error), self._secrets))

    def close(self) -> None:
        with suppress(Exception):
            self.backend.disconnect()


def _from_an_engine(error: BaseException) -> bool:
    """Whether an error is that of an engine or of Ibis about it, and not one of Python's own."""
    homes = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    return isinstance(error, Exception) and not homes <= {"builtins", "bch_apportion"}


def without_secrets(message: str, secrets: dict[str, str]) -> str:
    """The first line of a message, and what names the fault of a CSV; with variables in the place of their values."""
    for name, value in secrets.items():
        for text in {value, quote(value, safe="")} - {""}:
            message = message.replace(text, f"${{{name}}}")
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    told = [line for line in lines if line == lines[0] or line.startswith(OF_CSV)]
    words = "; ".join(re.sub(r"^file = .*[/\\]", "file = ", line) for line in told)
    return re.sub(r"\s+", " ", words)[:LONGEST] or "it gives no reason"


def embedded(folder: Path, connection: str = EMBEDDED) -> Engine:
    """DuckDB within the program, with the settings that a connection to it names; what it cannot hold is in a folder.

    Raises Refused.
    """
    parts = urlsplit(connection)
    settings = dict(parse_qsl(parts.query)) if parts.scheme == "duckdb" else {}
    config = {"temp_directory": str(folder), "preserve_insertion_order": "false", **settings}
    try:
        engine = Engine(ibis.duckdb.connect(":memory:", **config))
    except (duckdb.Error, TypeError) as error:  # a setting that DuckDB does not have, or that is none of a connection
        raise Refused(without_secrets(str(error), {})) from error
    if "memory_limit" not in settings:
        _hold_back(engine.backend)
    return engine


def _hold_back(backend: Any) -> None:
    size, unit = backend.con.execute("select current_setting('memory_limit')").fetchone()[0].split()
    if unit == "TiB" or (unit == "GiB" and float(size) > MOST_GIB):
        backend.con.execute(f"set memory_limit = '{MOST_GIB}GiB'")


def connected(plan: Plan) -> Engine:
    """The engine of the plan's connection, its passwords taken from the environment. Raises Refused."""
    secrets = {name: os.environ[name] for name in VARIABLE.findall(plan.connection)}
    url = VARIABLE.sub(lambda match: quote(secrets[match[1]], safe=""), plan.connection)
    parts = urlsplit(url)
    try:
        if parts.scheme != "duckdb":
            return Engine(ibis.connect(url), secrets)
        path = plan.folder / f"{parts.netloc}{parts.path}"
        if not path.is_file():
            raise Refused(f"there is no database {path.name}" if parts.netloc or parts.path else "it names no database")
        return Engine(ibis.duckdb.connect(path, read_only=True, **dict(parse_qsl(parts.query))), secrets)
    except ImportError as error:
        name = {"postgresql": "postgres", "spark": "pyspark"}.get(parts.scheme, parts.scheme)
        raise Refused(f"{error}; pip install 'ibis-framework[{name}]'") from error
    except Refused:
        raise
    except (
        Exception
    ) as error:  # each driver has its own (test_what_the_engine_refuses_is_a_problem_without_the_password)
        raise Refused(without_secrets(str(error), secrets)) from error
