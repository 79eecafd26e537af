"""Times the program beside what else there is, in turn, whole processes, and prints medians and ratios pair by pair.

    python benchmarks/run.py [--rounds 5] [start small large mtfs verify growth national wider]

Figures are ratios of processes run one after the other in the same minute; medians over the rounds.
"""

from __future__ import annotations

import compileall
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from workbooks import SIZES, Size

import bch_apportion

HERE = Path(__file__).parent
PYTHON = sys.executable
PROGRAM = [PYTHON, "-m", "bch_apportion"]


class Took(NamedTuple):
    """A process: seconds, and its largest memory in MB."""

    seconds: float
    megabytes: float


def once(words: list[str], expected: int = 0) -> Took:
    """Run a process to its end."""
    start = time.perf_counter()
    pid = os.spawnve(os.P_NOWAIT, words[0], words, dict(os.environ))
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != expected:
        raise SystemExit(f"{' '.join(words)} ended with {os.waitstatus_to_exitcode(status)}")
    return Took(seconds, usage.ru_maxrss / 1024)


def quietly(words: list[str]) -> list[str]:
    """The same, its output thrown away."""
    return ["/bin/sh", "-c", 'exec "$@" > /dev/null 2>&1', "sh", *words]


def compare(title: str, rounds: int, contenders: dict[str, Callable[[], Took]]) -> None:
    """Run every contender in turn, `rounds` times; the ratio is that to the first, round by round."""
    took: dict[str, list[Took]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            took[name].append(run())
    first = next(iter(contenders))
    print(f"\n## {title}\n\n| | median s | peak MB | ratio to the first, median (range) |\n|---|---|---|---|")
    for name, runs in took.items():
        ratios = [b.seconds / a.seconds for a, b in zip(took[first], runs, strict=True)]
        middle = statistics.median(ratios)
        print(
            f"| {name} | {statistics.median(r.seconds for r in runs):.3f} "
            f"| {max(r.megabytes for r in runs):.0f} | {middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |",
            flush=True,
        )


def made(folder: Path, name: str, size: Size) -> str:
    """A workbook, made in a process of its own: a child begins with its parent's largest memory."""
    book = folder / f"{name}.xlsx"
    words = [str(getattr(size, field)) for field in Size._fields]
    subprocess.run([PYTHON, str(HERE / "workbooks.py"), *words, str(book)], check=True)
    return str(book)


def growth(folder: Path, rounds: int, title: str, sizes: Sequence[Size], counted: Callable[[Size], int]) -> None:
    """How the time grows with the workbook: per thousand of what is counted, each round's in turn, medians."""
    books = [made(folder, f"growth {number}", size) for number, size in enumerate(sizes)]
    took: list[list[float]] = [[] for _ in sizes]
    for _ in range(rounds):
        for runs, book in zip(took, books, strict=True):
            runs.append(once(quietly([*PROGRAM, "compute", book, "-q", "--csv"])).seconds)
    print(f"\n## {title}\n\n| units | counted | median s | ms for each thousand more |\n|---|---|---|---|")
    before = (0, 0.0)
    for size, runs in zip(sizes, took, strict=True):
        seconds, count = statistics.median(runs), counted(size)
        more = f"{(seconds - before[1]) / (count - before[0]) * 1e6:.2f}" if before[0] else ""
        print(f"| {size.units} | {count:,} | {seconds:.3f} | {more} |", flush=True)
        before = (count, seconds)


def beside_the_script(folder: Path, rounds: int, name: str) -> None:
    """Every form of output, with the script that a user might write instead."""
    size, out = SIZES[name], str(folder / "out.xlsx")
    book = made(folder, name, size)
    script = [PYTHON, str(HERE / "plain_script.py"), book, out]
    said = subprocess.run(script, capture_output=True, text=True, check=True).stdout.strip()
    compute = [*PROGRAM, "compute", book, "-q"]

    def run(words: list[str]) -> Callable[[], Took]:
        return lambda: once(quietly(words))

    compare(
        f"{name}: {size.units} units, {size.forces} forces, {size.years} years, {demand_rows(size):,} demand rows",
        rounds,
        {
            "the pandas script": run(script),
            "compute --json": run([*compute, "--json"]),
            "compute --csv": run([*compute, "--csv"]),
            "compute, the screen": run(compute),
            "compute -o .xlsx --values": run([*compute, "--overwrite", "-o", out, "--values"]),
            "compute -o .xlsx": run([*compute, "--overwrite", "-o", out]),
            "every cell read, one by one": run([PYTHON, str(HERE / "cells_alone.py"), book]),
        },
    )
    print(f"\nThe script: {said}.")


def verified(folder: Path, rounds: int) -> None:
    """What it takes to work a result out again and hold it against what was published, beside working it out."""
    book = made(folder, "verify", SIZES["small"])
    contenders: dict[str, Callable[[], Took]] = {}
    for suffix in ("json", "xlsx"):
        target = str(folder / f"published.{suffix}")
        write = quietly([*PROGRAM, "compute", book, "-q", "--overwrite", "-o", target])
        verify = quietly([*PROGRAM, "verify", target, book, "-q"])
        contenders[f"compute -o .{suffix}"] = partial(once, write)
        contenders[f"verify .{suffix}"] = partial(once, verify)
    compare("verify: the small workbook", rounds, contenders)


def demand_rows(size: Size) -> int:
    return size.units * size.drivers * size.months * size.forces


def main() -> None:
    """Measure what is asked for."""
    words = sys.argv[1:]
    rounds = int(words.pop(words.index("--rounds") + 1)) if "--rounds" in words else 5
    every = ["start", "small", "large", "mtfs", "verify", "growth", "national", "wider"]
    wanted = [word for word in words if not word.startswith("--")] or every
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(str(Path(bch_apportion.__file__).parent), quiet=2)
    cores = os.cpu_count()
    print(f"{platform.platform()}, {cores} cores, CPython {platform.python_version()}, {rounds} rounds")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "start" in wanted:
            compare(
                "Start",
                rounds * 3,
                {
                    'python -c "import click"': lambda: once(quietly([PYTHON, "-c", "import click"])),
                    "--help": lambda: once(quietly([*PROGRAM, "--help"])),
                    "--version": lambda: once(quietly([*PROGRAM, "--version"])),
                    "a usage error": lambda: once(quietly([*PROGRAM, "compute", "--bogus"]), 2),
                },
            )
        for name in ("small", "large", "national"):
            if name in wanted:
                beside_the_script(folder, rounds, name)
        if "mtfs" in wanted:
            size = SIZES["strategy"]
            words = [*PROGRAM, "mtfs", made(folder, "strategy", size), "-q", "--json"]
            compare(
                f"mtfs: {size.units} units, four years",
                rounds,
                {
                    "one run": lambda: once(quietly(words)),
                    "--runs 10000": lambda: once(quietly([*words, "--runs", "10000"])),
                    "--sensitivity": lambda: once(quietly([*words, "--sensitivity"])),
                },
            )
        if "verify" in wanted:
            verified(folder, rounds)
        if "growth" in wanted:
            sizes = [SIZES["large"]._replace(units=units) for units in (7, 25, 100, 200, 400)]
            growth(folder, rounds, "Growth with the demand rows (compute --csv)", sizes, demand_rows)
        if "wider" in wanted:
            sizes = [SIZES["national"]._replace(units=units) for units in (50, 100, 200, 400)]
            title = "Growth with the lines: 43 forces, ten years (compute --csv)"
            growth(folder, rounds, title, sizes, lambda size: size.units * size.forces * size.years)


if __name__ == "__main__":
    main()
