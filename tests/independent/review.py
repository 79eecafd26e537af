"""What review.md asks, `status`, `benchmark` and `monitor`, of a program beside the independent calculation."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from . import benchmark, monitor, status
from .against import SIZES, ask
from .analysis import FullBook, ReviewBook
from .books import random_book, with_analysis, with_periods, write_tidy

COMMANDS = {"status": status, "benchmark": benchmark, "monitor": monitor}


def review_book(seed: int) -> ReviewBook:
    """A random book with the sheets of each command."""
    full = with_periods(with_analysis(random_book(seed, SIZES[seed % len(SIZES)]), seed), seed)
    book = ReviewBook(**{known.name: getattr(full, known.name) for known in fields(FullBook)})
    for second in COMMANDS.values():
        second.draw(book, seed)
    return book


def try_review(command: Sequence[str], seed: int, folder: Path) -> list[str]:
    """The differences of one seed; the workbook is kept where there are any."""
    book, path = review_book(seed), folder / f"review-{seed}.xlsx"
    write_tidy(book, path)
    report: list[str] = []
    for name, second in COMMANDS.items():
        for words, expected in second.questions(book):
            asked = [name, str(path), "--json", *words]
            answer = ask(command, asked)
            differences = [answer] if isinstance(answer, str) else second.compare(answer, expected)
            if differences:
                report += [f"seed {seed} {shlex.join(asked)}"] + [f"    {difference}" for difference in differences]
    if not report:
        path.unlink()
    return report


def review_census(first: int, last: int) -> Counter[str]:
    seen: Counter[str] = Counter()
    for seed in range(first, last + 1):
        book = review_book(seed)
        for name, second in COMMANDS.items():
            seen.update({f"{name}: {what}": times for what, times in second.census(book).items()})
    return seen
