"""One sound workbook of two units and three forces, small enough to know by heart; every case spoils a copy of it."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | date | None
Tables: TypeAlias = dict[str, list[list[Cell]]]


def sound() -> Tables:
    """The tables by sheet, the header first: row 1 of the list is row 1 of the sheet."""
    return {
        "Forces": [
            ["force", "name", "aliases"],
            ["BEDS", "Bedfordshire Police", "Beds"],
            ["CAMBS", "Cambridgeshire Constabulary", "Cambs"],
            ["HERTS", "Hertfordshire Constabulary", "Herts, Hertford"],
        ],
        "NRE": [
            ["year", "BEDS", "CAMBS", "HERTS"],
            ["2018/19", 100_000_000, 130_000_000, 180_000_000],
            ["2019/20", 102_000_000, 133_000_000, 185_000_000],
        ],
        "Units": [
            ["unit", "name", "forces", "lead force", "s22a signed", "pooled from"],
            ["ICT", "Information technology", None, "HERTS", date(2015, 12, 1), date(2016, 4, 1)],
            ["DOGS", "Dog unit", "BEDS, CAMBS", "BEDS", None, None],
        ],
        "Budgets": [
            ["unit", "year", "amount", "line", "type", "held by", "direct to"],
            ["ICT", "2018/19", 4_200_000, "pay", None, None, None],
            ["ICT", "2018/19", 150_000, "new network", "implementation", None, None],
            ["ICT", "2019/20", 4_300_000, "pay", None, None, None],
            ["DOGS", "2018/19", 600_000, "pay", "revenue", "BEDS", None],
            ["DOGS", "2018/19", 25_000, "kennels", "one-off", None, "CAMBS"],
            ["DOGS", "2019/20", 610_000, "pay", None, None, None],
            ["Total", None, 9_885_000, None, None, None, None],
        ],
        "Control totals": [
            ["year", "amount", "unit"],
            ["2018/19", 4_350_000, "ICT"],
            ["2018/19", 4_975_000, None],
        ],
        "Principles": [
            ["unit", "from year", "basis", "window months", "fixed base %", "reference"],
            [None, "2018/19", "auto", 12, 50, "Board minute 3"],
            ["DOGS", "2018/19", "agreed", None, None, "s22A clause 7"],
        ],
        "Drivers": [["unit", "driver", "weight"], ["ICT", "headcount", 1]],
        "Demand": [
            ["driver", "period", "BEDS", "CAMBS", "HERTS", "signed off"],
            ["headcount", "2016/17 Q3", 24, 32, 44, "yes"],
            ["headcount", "2016/17 Q4", 24, 32, 44, "yes"],
            ["headcount", "2017/18 Q1", 24, 32, 44, "yes"],
            ["headcount", "2017/18 Q2", 24, 32, 44, "yes"],
            ["headcount", "2017-10..2018-09", 96, 128, 176, "yes"],
        ],
        "Agreed shares": [
            ["unit", "from year", "force", "share %"],
            ["DOGS", "2018/19", "BEDS", 40],
            ["DOGS", "2018/19", "CAMBS", 60],
        ],
        "Baselines": [
            ["unit", "force", "amount", "year"],
            ["ICT", "BEDS", 1_200_000, "2018/19"],
            ["ICT", "CAMBS", 1_400_000, "2018/19"],
            ["ICT", "HERTS", 1_650_000, "2018/19"],
        ],
        "Deflators": [["year", "index"], ["2018/19", 100], ["2019/20", 102.1]],
        "Settings": [
            ["name", "value"],
            ["money in", "pounds"],
            ["carry nre forward", "no"],
            ["uprate baselines", "yes"],
        ],
    }
