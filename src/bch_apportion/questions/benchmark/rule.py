"""What each function costs for its size, beside the services on Comparators.

Our cost is that of the function's units without implementation lines, with what their members retain where each has a
row on Retained. Costs per size are exact until they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from operator import attrgetter
from typing import Any

from bch_apportion.answers import run_of
from bch_apportion.groups import groups
from bch_apportion.ledger import Ledger
from bch_apportion.model import ForceCode, Inputs, UnitCode, name_key
from bch_apportion.money import Exact, Pence, half_up
from bch_apportion.places import Place
from bch_apportion.problems import About, Lacking, Problem, complete
from bch_apportion.questions.benchmark import rows
from bch_apportion.questions.benchmark.gaps import absent, left_out, on_budget, units_left_out, unused
from bch_apportion.questions.benchmark.sides import (
    Against,
    Figures,
    Ours,
    Peer,
    figures_of,
    functions_of,
    per_size,
    running,
)
from bch_apportion.questions.outturn import Costs
from bch_apportion.words import many

COMPARED = ("comparators_per_size", "difference_per_size", "difference", "rank", "of", "quartile", "lowest", "highest")
NAMED = 6  # of our forces; where there are more, how many


def benchmark(ledger: Ledger, costs: Costs, against: Against, units: Sequence[UnitCode] = ()) -> rows.Benchmark:
    """Each function (with `units`, those of these units) beside the comparators.

    Raises InputProblems where a force of ours has no size of that year and measure, and other services have.
    """
    inputs, figures = ledger.inputs, figures_of(ledger.inputs, against)
    functions = [ours for ours in functions_of(inputs, costs, against.year) if not units or {*units} & {*ours.units}]
    complete([_sizes_missing(inputs, figures, functions)], inputs.source)
    lacking, budgeted = [*absent(inputs, figures)], on_budget(inputs, functions, against)
    no_outturn = f"{rows.NO_WHOLE_OUTTURN.format(year=against.year)}: {', '.join(budgeted)}"
    without_outturn = [no_outturn] if budgeted else []
    return rows.Benchmark(
        run=run_of(inputs, ledger.as_at),
        year=against.year,
        measure=against.measure,
        group=against.group,
        rows=[_row(ours, figures) for ours in functions],
        left_out=[*left_out(functions, figures), *units_left_out(inputs, costs, against.year, units)],
        notes=[*ledger.notes, *lacking, *without_outturn, *unused(inputs, functions, figures)],
        services=[row for ours in functions for row in _services(ours, figures)],
        parts=[row for ours in functions for row in _parts(ours, figures)],
        sizes=_sizes(functions, figures) if figures.sizes else (),
        absent=lacking,
        on_budget=budgeted,
    )


def _sizes_missing(inputs: Inputs, figures: Figures, functions: Sequence[Ours]) -> Lacking:
    """The forces of ours that have no size, where other services have."""
    forces = dict.fromkeys(force for ours in functions for force in ours.members) if figures.sizes else ()
    missing = [force for force in forces if name_key(force) not in figures.sizes]
    return Lacking(tuple(_size_missing(inputs, figures.against, force) for force in missing))


def _size_missing(inputs: Inputs, against: Against, force: ForceCode) -> Problem:
    """Forces that are nowhere on the sheet are listed together, each blank cell by itself."""
    year, measure = against.year, against.measure or ""
    blanks = (
        place
        for key, place in inputs.blanks.items()
        if key[:3] == ("Sizes", year, force) and name_key(str(key[3])) == name_key(measure)
    )
    return Problem(
        "size-missing",
        f"{{listed}} {{has}} no {measure} for {year}, by which the functions are compared",
        "enter it on the Sizes sheet, or compare by another measure (--per)",
        next(blanks, Place("Sizes")),
        about=About("sizes", year=year),
        listed=force,
    )


# Beside the others


def rank_of(rate: Fraction, rates: Iterable[Fraction]) -> int:
    """The place of a cost per size among others, the cheapest first; those that cost the same have the same."""
    return 1 + sum(other < rate for other in rates)


def beside(cost: Pence, size: Exact, peers: Sequence[Peer]) -> dict[str, Any]:
    """Our cost and size beside those of the comparators, of whom there are some: the fields COMPARED of a row."""
    own, rate = per_size(cost, size), attrgetter("per_size")
    theirs = per_size(sum(peer.row.pence for peer in peers), sum(peer.size for peer in peers))
    rank, of = rank_of(own, map(rate, peers)), len(peers) + 1
    return {
        "comparators_per_size": theirs,
        "difference_per_size": own - theirs,
        "difference": half_up(cost - 100 * theirs * size),
        "rank": rank,
        "of": of,
        "quartile": -(-4 * rank // of),  # of all services, the cheapest first
        "lowest": _priced(min(peers, key=rate)),
        "highest": _priced(max(peers, key=rate)),
    }


def _priced(peer: Peer) -> rows.Priced:
    return rows.Priced(force=peer.row.force, per_size=peer.per_size)


def _row(ours: Ours, figures: Figures) -> rows.BenchmarkRow:
    """A function beside its comparators."""
    cost, size, peers = figures.cost_of(ours), figures.size_of(ours), figures.peers(ours.function)
    return rows.BenchmarkRow(
        function=ours.function,
        units=ours.units,
        cost=cost,
        retained=figures.retained_by(ours),
        size=size,
        per_size=None if size is None else per_size(cost, size),
        comparators=len(peers),
        rests_on=ours.rests_on,
        **(beside(cost, size, peers) if size is not None and peers else dict.fromkeys(COMPARED)),
    )


# What stands behind


def _services(ours: Ours, figures: Figures) -> Iterator[rows.ServiceRow]:
    """A function's services, the dearest first, each ranked among all; those without a size last."""
    members = ours.members
    name = ", ".join(members) if len(members) <= NAMED else many(len(members), "force")
    own = _service(ours.function, name, figures.cost_of(ours), figures.size_of(ours), source=ours.rests_on)
    services = [replace(own, ours=True)]
    for row in figures.rows_of(ours.function):
        size = figures.sizes.get(name_key(row.force))
        services.append(_service(ours.function, row.force, row.pence, size and size.amount, source=row.source))
    rates = [service.per_size for service in services if service.per_size is not None]
    for service in sorted(services, key=lambda row: (row.per_size is None, -(row.per_size or 0))):
        rate = service.per_size
        yield service if rate is None or len(rates) == 1 else replace(service, rank=rank_of(rate, rates))


def _service(function: str, name: str, cost: Pence, size: Exact | None, *, source: str) -> rows.ServiceRow:
    """A service that is not ranked yet."""
    rate = None if size is None else per_size(cost, size)
    return rows.ServiceRow(function=function, service=name, cost=cost, size=size, per_size=rate, source=source)


def _parts(ours: Ours, figures: Figures) -> Iterator[rows.PartRow]:
    """What a function's cost is made of."""
    for cost in ours.costs:
        yield rows.PartRow(
            function=ours.function,
            part=cost.result.unit.code,
            rests_on=cost.rests_on,
            cost=running(cost),
            implementation=sum(row.pence for row in cost.result.parts.implementation),
        )
    if figures.retained_by(ours) is not None:
        for force, pence in figures.kept(ours).items():
            part = f"retained by {force}"
            yield rows.PartRow(function=ours.function, part=part, rests_on="", cost=pence or 0, implementation=None)


def _sizes(functions: Sequence[Ours], figures: Figures) -> list[rows.SizeRow]:
    """The sizes that ours are made of."""
    by_force = groups((force, ours.function) for ours in functions for force in ours.members)
    return [
        rows.SizeRow(force=force, size=figures.sizes[name_key(force)].amount, functions=names)
        for force, names in by_force.items()
    ]
