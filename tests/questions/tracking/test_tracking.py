"""Tracking: the published movements."""

from __future__ import annotations

from pathlib import Path

from tests.program import ALLIANCE, rows, run, same_twice_with_charts


def test_track_shows_the_four_published_movements() -> None:
    """The 2019 review: ICT −£2.4m, Civil Contingencies −£1m, Major Crime −£2.5m, HR +£1.5m since 2012/13."""
    shown = rows("track", ALLIANCE, "--base", "2012/13", "--year", "2018/19")
    savings = {row["unit"]: row["saving_cash"] for row in shown}
    published = {"ICT": 2_400_000, "Civil Contingencies": 1_000_000, "Major Crime": 2_500_000, "HR": -1_500_000}
    assert {unit: savings[unit] for unit in published} == {unit: f"{saved}.00" for unit, saved in published.items()}


def test_the_workbook_of_results(tmp_path: Path) -> None:
    same_twice_with_charts(tmp_path, "track", ALLIANCE)


def test_usage() -> None:
    assert run("track", ALLIANCE, "--base", "2030/31").code == 2
    assert run("track", ALLIANCE, "--base", "2012/13..2013/14").code == 2
