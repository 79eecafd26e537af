"""What our functions cost beside other services: the tables of `benchmark`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from bch_apportion.answers import headings, table
from bch_apportion.questions.benchmark.rows import Benchmark, BenchmarkRow, LeftOut, PartRow, ServiceRow, SizeRow
from bch_apportion.writing.report import Chart, Kind, Report, plain_table

NO_ROWS = "No function of our units has a cost."
DIFFERENCE = "Difference: our cost less what we would cost at the comparators' cost per size; above zero we cost more."
MARK = "ours: "


def functions(answer: Benchmark) -> Report:
    """Each function beside its comparators."""
    rate = f"£ {answer.per}"
    names: dict[str, Any] = {
        **headings("function | cost | retained | size"),
        rate: "per_size",
        "comparators": "comparators",
        f"comparators, {rate}": "comparators_per_size",
        f"difference, {rate}": "difference_per_size",
        "difference in all": "difference",
        **headings("rank | of | quartile"),
    }
    return plain_table(
        "Functions",
        f"What the functions cost beside other services, {answer.year}",
        table(answer.rows, BenchmarkRow, names),
        kinds=dict.fromkeys(("comparators", "rank", "of", "quartile"), "whole"),
        notes=(DIFFERENCE, "The cost includes what is retained; a blank there: the scope is not stated."),
        empty=NO_ROWS,
    )


def services(answer: Benchmark) -> Report:
    """Every service of each function, the dearest first, with a chart for each function that has several."""
    names: dict[str, Any] = {
        "function": "function",
        "service": lambda row: f"{MARK * row.ours}{row.service}",
        **headings("net cost: cost | size"),
        f"£ {answer.per}": "per_size",
        **headings("rank | source"),
    }
    return plain_table(
        "Services",
        f"Every service, the dearest first, {answer.year}",
        table(answer.services, ServiceRow, names),
        kinds={"service": "wide", "rank": "whole", "source": "wide"},
        notes=("A service without a size is not compared.",),
        empty=NO_ROWS,
        charts=list(_slopes(answer)),
    )


def _slopes(answer: Benchmark) -> Iterator[Chart]:
    """A function's costs per size from the highest to the lowest, ours marked."""
    first = 0
    for function, group in groupby(answer.services, attrgetter("function")):
        rows = list(group)
        sized = sum(row.per_size is not None for row in rows)
        if sized > 1:
            yield Chart(
                kind="slope",
                title=f"{function}, {answer.per}, {answer.year}; * ours",
                categories="service",
                series=(f"£ {answer.per}",),
                first=first,
                last=first + sized - 1,
                starred=tuple(place for place, row in enumerate(rows) if row.ours),
            )
        first += len(rows)


def costs(answer: Benchmark) -> Report:
    """What our costs are made of."""
    names = headings("function | what: part | rests on: rests_on | cost | implementation, not counted: implementation")
    shown = table(answer.parts, PartRow, names)
    title = f"What our costs of {answer.year} are made of"
    return plain_table("Costs", title, shown, kinds={"what": "wide"}, empty=NO_ROWS)


def sizes(answer: Benchmark) -> Report:
    """The sizes of our forces, and in which functions they are members."""
    measure = answer.measure or "size"
    names: dict[str, Any] = {"force": "force", measure: "size", "in": lambda row: ", ".join(row.functions)}
    shown, title = table(answer.sizes, SizeRow, names), f"Our sizes: {measure}, {answer.year}"
    return plain_table("Sizes", title, shown, kinds={"in": "wide"}, units="", empty="No sizes are given.")


def left_out(answer: Benchmark) -> Report:
    """What is not compared, and why."""
    shown = table(answer.left_out, LeftOut, headings("what | why"))
    kinds: dict[str, Kind] = {"what": "wide", "why": "wide"}
    return plain_table("Left out", "What is not compared", shown, kinds=kinds, units="", empty="Nothing was left out.")


def tables(answer: Benchmark) -> dict[str, Callable[[], Sequence[Report]]]:
    """The tables behind the first page."""
    return {
        "functions": lambda: [functions(answer)],
        "services": lambda: [services(answer)],
        "costs": lambda: [costs(answer)],
        "sizes": lambda: [sizes(answer)],
        "left-out": lambda: [left_out(answer)],
    }
