"""The same records on a PostgreSQL server and on DuckDB: the same counts and evidence, which are the counter's too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.counting import made
from tests.counting.counter import Record
from tests.counting.test_against_counter import TYPED, compared
from tests.postgres import PASSWORD, USER, Server
from tests.program import run

TABLE = """
create schema log;
create table log.incidents (ref text, "when" timestamptz, force text, minutes numeric, entered date, grade int,
                            closed boolean);
create table log.texts ("when" text, force text);
"""
INSERT = (
    "insert into log.incidents values (%(ref)s, %(when)s, %(force)s, %(minutes)s, %(entered)s, %(grade)s, %(closed)s)"
)
IDS = ["b2", "B10", "a-1", "A1", "é", "_x", "z", "Zz", "10", "9"]  # which a database puts in another order


def with_text_ids(records: Sequence[Record]) -> list[Record]:
    """Records whose ids are texts of both cases, so that their order is that of letters' numbers or of words."""
    return [{**r, "ref": None if r["ref"] is None else f"{IDS[r['ref'] % 10]}{r['ref'] // 10}"} for r in records]


@pytest.fixture(scope="session")  # as the server: a module's would be made again where its tests do not run in a row
def filled(postgres: Server) -> Server:
    import psycopg

    with psycopg.connect(
        host="127.0.0.1", port=postgres.port, user=USER, password=PASSWORD, dbname="postgres"
    ) as connection:
        connection.execute(TABLE)
        connection.cursor().executemany(INSERT, with_text_ids(made.typed(600, 5)))
    return postgres


@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_postgresql_counts_as_the_counter_does(
    seed: int, filled: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNT_PASSWORD", PASSWORD)
    asked, records = made.asked(seed, TYPED), with_text_ids(made.typed(600, 5))
    text = made.plan(asked, 'table = "log.incidents"', filled.connection)
    compared(asked, records, tmp_path / "plan.toml", text)


def test_postgresql_and_duckdb_give_the_same_answer(
    filled: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNT_PASSWORD", PASSWORD)
    asked, records = made.asked(1, TYPED), with_text_ids(made.typed(600, 5))
    made.write_parquet(tmp_path / "a.parquet", records)
    plans = {'from = "a.parquet"': "", 'table = "log.incidents"': filled.connection}
    answers: list[dict[str, Any]] = []
    for source, connection in plans.items():
        (tmp_path / "plan.toml").write_text(made.plan(asked, source, connection), "utf-8")
        ran = run("count", tmp_path / "plan.toml", "--json")
        assert PASSWORD not in ran.out + ran.err
        answers.append(json.loads(ran.out))
    ours, theirs = answers
    assert ours["demand"] == theirs["demand"]
    assert ours["evidence"] == theirs["evidence"]
    assert theirs["run"]["settings"]["connection"] == filled.connection


def test_a_result_names_no_password_and_is_counted_again(
    filled: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNT_PASSWORD", PASSWORD)
    plan, result = tmp_path / "plan.toml", tmp_path / "demand.json"
    plan.write_text(made.plan(made.asked(1, TYPED), 'table = "log.incidents"', filled.connection), "utf-8")
    assert run("count", plan, "-o", result).code == 0
    assert PASSWORD.encode() not in result.read_bytes()
    ran = run("verify", result, plan)
    assert ran.code == 0, ran.out + ran.err
    assert "log.incidents, a table of the connection: counted again" in ran.out


def test_what_the_engine_refuses_is_a_problem_without_the_password(
    filled: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNT_PASSWORD", PASSWORD)
    plan = tmp_path / "plan.toml"
    text = made.plan(made.asked(4, {}), 'table = "log.texts"', filled.connection).replace('"entered"', '"force"')
    plan.write_text(text + '[[driver]]\nname = "b"\ntable = "log.none"\ndate = "d"\nforce = "f"\n', "utf-8")
    ran = run("count", plan)
    assert ran.code == 3
    assert "driver[1].date: the column when holds string; it must be a date or a timestamp" in " ".join(ran.err.split())
    assert "driver[2].table: the table log.none cannot be read" in ran.err
    monkeypatch.setenv("COUNT_PASSWORD", "wrong")
    ran = run("count", plan)
    assert ran.code == 3 and "connection: the connection cannot be had" in ran.err and "wrong" not in ran.err
