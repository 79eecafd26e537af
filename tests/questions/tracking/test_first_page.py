"""The first page of track: each unit's recurring cost, its change, breaks and what is attributed, worked by hand."""

from __future__ import annotations

import re
from pathlib import Path

from tests.books import Table
from tests.program import run
from tests.questions.tracking.test_tracking import tracked


def page(path: Path, *options: str, given: Table | None = None) -> list[str]:
    ran = run("track", tracked(path, given or []), *options)
    assert ran.code == 0, ran.err
    return [" ".join(line.split()) for line in ran.out.splitlines() if line]


def test_each_unit_its_change_and_the_breaks(tmp_path: Path) -> None:
    """A: 1,000, then 840, which at 105 on 100 is 800; B: 500, then 560, 533; C: 200, then 210, 200; D has no base."""
    lines = page(tmp_path, "--base", "2023/24")
    assert lines[0] == "What the units cost since 2023/24: book.xlsx (£)"
    assert lines[2] == "unit 2023/24 2024/25 change real change course rests on"
    assert lines[4:9] == [
        "A 1,000 840 -160 -200 █▁ outturn",
        "B * 500 560 60 33 ▁█ budget",
        "C * 200 210 10 0 ▁█ budget",
        "D 70 ▄ budget",
        "* with a break since the base year, in no total: B +60 (pooling), C +10 (members)",
    ]
    assert lines[9] == (
        "Cost since 2023/24: 1 unit without a break cost £160 less in 2024/25, £200 less in prices of 2023/24. "
        "No amount is attributed to collaboration (Explanations, against track)."
    )
    assert "Without a cost in 2023/24: D." in lines[10]


def test_units_that_begin_later_and_the_total(tmp_path: Path) -> None:
    """D began a year later: it has no cost in the base year and is in no total, which leaves A, 1,000 and 840."""
    lines = page(tmp_path)
    assert "D † 70 0 0 ▄ budget" in lines
    assert not any(line.startswith("All") for line in lines)
    assert "† other years, in no total: D 2024/25 to 2024/25" in lines
    assert any(
        line.startswith(
            "Cost since 2023/24: 1 unit without a break cost £160 less in 2024/25, £200 less in prices of 2023/24."
        )
        for line in lines
    )


def test_what_is_attributed_to_collaboration(tmp_path: Path) -> None:
    given: Table = [["A", "2024/25", "collaboration", "one contract for two", "track", 90]]
    lines = page(tmp_path, given=given)
    assert any("Attributed to collaboration: £90 less in 2024/25 (--show attributed)." in line for line in lines)


def test_the_tables_behind_it_and_their_words(tmp_path: Path) -> None:
    whole = "\n".join(page(tmp_path, "--full") + page(tmp_path, "--show", "units", "--show", "years"))
    for title in ("Unit costs over the years", "in cash (£)", "in prices of each", "Programmes and", "No loser over"):
        assert title in whole
    assert not re.search(r"\b(plan|actual)\b", whole + run("track", "--help").out, re.IGNORECASE)
