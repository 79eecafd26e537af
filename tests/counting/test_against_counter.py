"""Every count beside that of a second counter, on random records with every fault that the page names."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.counting import made
from tests.counting.counter import Asked, Record, count
from tests.program import run

TEXTS, TYPED = {"grade": ["1", "a"], "closed": ["True"]}, {"grade": ["1", "2"], "closed": ["true"]}


def month(text: str) -> int:
    return 12 * int(text[:4]) + int(text[5:]) - 1


def as_counted(document: dict[str, Any]) -> dict[str, Any]:
    """The answer of the program in the shape of the counter's."""
    (shown,) = document["evidence"]
    largest = shown["largest"]
    return {
        "demand": {(month(r["period"]), r["force"]): Fraction(r["volume"]) for r in document["demand"]},
        **{name: shown[name] for name in ("read", "counted", "blank_ids", "left_out")},
        "missing": [(gap["force"], month(gap["period"])) for gap in shown["missing"]],
        "cut": (shown["cut"]["first"], shown["cut"]["last"]),
        "largest": (largest["force"], month(largest["period"]), Fraction(largest["volume"])),
        "median": Fraction(shown["median"]),
        "grade": [
            (g["force"], int(g["year"][:4]), g["counted"], g["late"], g["months"], g["of"]) for g in shown["grade"]
        ],
    }


def compared(asked: Asked, records: Sequence[Record], plan: Path, text: str) -> None:
    """Checks that the program counts these records as the counter does, and that the evidence foots."""
    plan.write_text(text, "utf-8")
    ran = run("count", plan, "--json")
    assert ran.code == 0, ran.err + ran.out
    ours = as_counted(json.loads(ran.out))
    assert ours["read"] == ours["counted"] + sum(part["records"] for part in ours["left_out"])
    theirs = count(asked, records)
    for name, value in theirs.items():
        assert ours[name] == value, name


def without_spaces(records: Sequence[Record]) -> list[Record]:
    """Records as a workbook gives them: a cell has no blanks around its text."""
    return [{k: v.strip() or None if isinstance(v, str) else v for k, v in record.items()} for record in records]


@pytest.mark.parametrize("seed", range(1, 7))
def test_csv(seed: int, tmp_path: Path) -> None:
    asked, records = made.asked(seed, TEXTS), made.texts(400, seed)
    made.write_csv(tmp_path / "a-1.csv", records[:150])
    made.write_csv(tmp_path / "a-2.csv", records[150:])
    compared(asked, records, tmp_path / "plan.toml", made.plan(asked, 'from = "a-*.csv"'))


@pytest.mark.parametrize("seed", range(1, 5))
def test_parquet(seed: int, tmp_path: Path) -> None:
    asked, records = made.asked(seed, TYPED), made.typed(400, seed)
    records = made.without_offsets(records) if seed == 3 else records
    made.write_parquet(tmp_path / "a.parquet", records)
    compared(asked, records, tmp_path / "plan.toml", made.plan(asked, 'from = "a.parquet"'))


@pytest.mark.parametrize("write", [made.write_xlsx])
def test_xlsx(write: Callable[[Path, Sequence[Record]], None], tmp_path: Path) -> None:
    asked, records = made.asked(1, TEXTS), made.texts(300, 8)
    write(tmp_path / "a.xlsx", records)
    compared(asked, without_spaces(records), tmp_path / "plan.toml", made.plan(asked, 'from = "a.xlsx"'))
