"""Workbooks in the program's format for measuring: python benchmarks/workbooks.py small|large|national FILE.

Or, in the place of a name, its units, drivers, months, forces and years.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter


class Size(NamedTuple):
    """How large a workbook is; demand has units × drivers × months × forces rows."""

    units: int
    drivers: int
    months: int
    forces: int
    years: int


SIZES = {
    "small": Size(units=40, drivers=1, months=60, forces=3, years=1),
    "large": Size(units=400, drivers=3, months=120, forces=3, years=1),
    "strategy": Size(units=30, drivers=1, months=60, forces=3, years=2),
    "national": Size(units=400, drivers=1, months=12, forces=43, years=10),
}
LAST = 2024  # the last budget year, 2024/25


def write(size: Size, path: Path) -> None:
    """Write a workbook; the same size gives the same figures."""
    draw = random.Random(2015)  # figures to measure with, nothing secret
    forces = [f"F{number:02d}" for number in range(1, size.forces + 1)]
    units = [f"U{number:03d}" for number in range(1, size.units + 1)]
    years = [f"{start}/{(start + 1) % 100:02d}" for start in range(LAST - size.years + 1, LAST + 1)]
    book = xlsxwriter.Workbook(str(path))

    def sheet(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        target = book.add_worksheet(name)
        target.write_row(0, 0, header)
        for number, row in enumerate(rows, 1):
            target.write_row(number, 0, row)

    def demand() -> Iterator[list[Any]]:
        first = LAST * 12 + 3 - 6 - size.months  # the window ends six months before the last budget year
        for unit in units:
            for driver in range(size.drivers):
                level = [draw.randint(1_000, 5_000) for _ in forces]
                for month in range(first, first + size.months):
                    period = f"{month // 12}-{month % 12 + 1:02d}"
                    for force, usual in zip(forces, level, strict=True):
                        yield [f"{unit} driver {driver + 1}", period, force, usual + draw.randint(-30, 30)]

    sheet("Forces", ["force"], [[force] for force in forces])
    sheet("NRE", ["year", "force", "nre"], [[y, f, draw.randint(10**8, 3 * 10**8)] for y in years for f in forces])
    sheet("Units", ["unit", "pooled from"], [[unit, "2010-04-01"] for unit in units])
    lines = ("pay", "systems", "income")
    sheet(
        "Budgets",
        ["unit", "year", "amount", "line"],
        [[unit, year, draw.randint(10**5, 10**9) / 100, line] for unit in units for year in years for line in lines],
    )
    sheet(
        "Drivers",
        ["unit", "driver", "weight"],
        [[unit, f"{unit} driver {n + 1}", n + 1] for unit in units for n in range(size.drivers)],
    )
    sheet("Demand", ["driver", "period", "force", "volume"], demand())
    sheet(
        "Assumptions",
        ["unit", "line", "from year", "kind", "value", "low", "high"],
        [
            [None, "pay", f"{LAST + 1}/{(LAST + 2) % 100:02d}", "uplift %", 3, 2, 5],
            [None, None, f"{LAST + 1}/{(LAST + 2) % 100:02d}", "uplift %", 2, 1, 4],
            [None, None, f"{LAST + 1}/{(LAST + 2) % 100:02d}", "nre growth %", 3, 2, 4],
            *([u, "renewal", f"{LAST + 2}/{(LAST + 3) % 100:02d}", "growth", 50_000, 20_000, 90_000] for u in units),
        ],
    )
    window = min(36, size.months)
    sheet("Principles", ["from year", "window months"], [[years[0], window]])
    book.close()


if __name__ == "__main__":
    *what, file = sys.argv[1:]
    write(SIZES[what[0]] if len(what) == 1 else Size(*map(int, what)), Path(file))
