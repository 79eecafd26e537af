"""The JSON documents: what other programs read. Money is a decimal string of pounds, a share exact beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from bch_apportion.questions.split.rows import Compute
from bch_apportion.writing.documents import to_text
from bch_apportion.writing.schema import read_answer
from tests.books import Table, two_forces, with_live_texts, write_book
from tests.program import ALLIANCE, COUNCILS, run

MONEY = re.compile(r"-?(0|[1-9]\d*)\.\d\d")
MONEY_NAMES = {"amount", "excess", "headroom"}


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(run("compute", ALLIANCE, "--json").out)


def values(node: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from values(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from values(value, name)
    else:
        yield name, node


def test_its_form(document: Any) -> None:
    tables = ["lines", "totals", "totals_by_force", "bases", "without_baselines", "controls", "notes", "queries"]
    assert list(document) == ["schema", "run", "currency", "forces", *tables]
    assert document["schema"] == "bch-apportion/compute/1"
    assert document["currency"] == "GBP"
    assert document["forces"] == ["BEDS", "CAMBS", "HERTS"]
    assert re.fullmatch("[0-9a-f]{64}", document["run"]["sha256"])


def test_money_is_a_decimal_string_of_pounds(document: Any) -> None:
    money = [value for name, value in values(document) if name in MONEY_NAMES]
    assert len(money) > 500
    assert all(MONEY.fullmatch(value) for value in money)
    assert "-0.00" not in money


def test_nothing_is_a_binary_fraction(document: Any) -> None:
    assert not any(isinstance(value, float) for _, value in values(document))


def test_a_share_is_exact_beside_its_six_decimals(document: Any) -> None:
    for line in document["lines"]:
        if line["share"] is None:
            assert line["share_exact"] is None
            continue
        assert re.fullmatch(r"[01]\.\d{6}", line["share"])
        assert abs(Fraction(line["share"]) - Fraction(line["share_exact"])) <= Fraction(1, 2_000_000)
    for basis in {(line["unit"], line["year"]) for line in document["lines"]}:
        shares = [
            Fraction(line["share_exact"])
            for line in document["lines"]
            if line["component"] == "pooled" and (line["unit"], line["year"]) == basis
        ]
        assert sum(shares) == 1


def test_totals_are_the_sums_of_the_lines(document: Any) -> None:
    sums: dict[tuple[str, str, str], Fraction] = {}
    for line in document["lines"]:
        key = (line["unit"], line["year"], line["force"])
        sums[key] = sums.get(key, Fraction(0)) + Fraction(line["amount"])
    assert {
        (total["unit"], total["year"], total["force"]): Fraction(total["amount"]) for total in document["totals"]
    } == sums


def test_the_detail_is_there_when_asked_for() -> None:
    for by in ("line", "subjective"):
        text = run("compute", COUNCILS, "--json", "--detail", by).out
        assert to_text(read_answer(Compute, text)) == text
        answer = json.loads(text)
        assert sum(Fraction(line["amount"]) for line in answer["detail"]) == 600_000
        assert ("line" in answer["detail"][0]) == (by == "line")


def test_standard_output_carries_the_document_alone() -> None:
    ran = run("compute", ALLIANCE, "--json")
    assert json.loads(ran.out)
    assert ran.err == ""
    assert ran.out.endswith("}\n")


def test_the_settings_as_the_sheet_says_them(tmp_path: Path) -> None:
    settings = [["name", "value"], ["carry nre forward", "yes"]]
    path = write_book(tmp_path / "book.xlsx", two_forces(Settings=settings))
    assert json.loads(run("compute", path, "--json").out)["run"]["settings"] == {"carry nre forward": "yes"}


def test_texts_are_the_workbooks_own(tmp_path: Path) -> None:
    document = json.loads(run("compute", with_live_texts(tmp_path / "live.xlsx"), "--json").out)
    assert document["forces"] == ["BEDS", "@HERTS"]
    assert document["lines"][0]["unit"] == "=1+1"  # JSON has no formulas


def test_problems_are_the_result(tmp_path: Path) -> None:
    broken: Table = [["unit", "year", "amount"], ["ICT", "2018/19", "abc"], ["HR", "2018/19", 1]]
    path = write_book(tmp_path / "book.xlsx", two_forces(Budgets=broken))
    for command in ("compute", "check"):
        ran = run(command, path, "--json")
        document = json.loads(ran.out)
        assert (ran.code, ran.err) == (3, "")
        assert document["schema"] == "bch-apportion/problems/1"
        assert {problem["cell"] for problem in document["problems"]} == {"C2", "A3"}
        for problem in document["problems"]:
            assert list(problem) == ["code", "severity", "sheet", "cell", "message", "remedy", "value"]
