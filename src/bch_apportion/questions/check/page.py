"""Is the workbook ready to use: the first page and tables of `check`, for a workbook without problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

from bch_apportion.further import Further
from bch_apportion.groups import groups
from bch_apportion.ledger import Ledger
from bch_apportion.questions.first_page import standing_line
from bch_apportion.questions.queries_page import front_blocks
from bch_apportion.questions.split.page import controls, tests
from bch_apportion.recipe.posting import UnitYear
from bch_apportion.words import many
from bch_apportion.writing.report import Page, Report, columns, spans


def contents(ledger: Ledger) -> Report:
    """How much of what was read."""
    inputs = ledger.inputs
    volumes = sum(
        len(slot) for demand in inputs.demand.values() for slot in (*demand.monthly.values(), *demand.longer.values())
    )
    rows = (
        ("forces", len(inputs.forces)),
        ("units", len(inputs.units)),
        ("budget lines", len(inputs.budgets)),
        ("financial years of budgets", len(ledger.years())),
        ("NRE figures", len(inputs.nre)),
        ("drivers in use", len(inputs.demand)),
        ("volumes of those drivers", volumes),
        ("rows of parameters", len(inputs.principles)),
        ("agreed sets", sum(len(sets) for sets in inputs.agreed.values())),
        ("units with baselines", len(inputs.baselines)),
        *_beside(inputs.further),
    )
    return Report("What was read", "What was read", columns("what", ("read", "whole")), rows)


def _beside(further: Further) -> Iterator[tuple[str, int]]:
    """How many rows each sheet beside the split has, where there are any."""
    for field in fields(further):
        if rows := getattr(further, field.name):
            yield f"rows of {field.name.replace('_', ' ').capitalize().replace('mtfs', 'MTFS')}", len(rows)


def first_page(whole: Ledger, ledger: Ledger) -> Page:
    """No problems; the unanswered queries, largest effect first; for each unit whether its demand data is robust."""
    inputs, years = whole.inputs, ledger.years()
    read = f"{many(len(inputs.budgets), 'budget line')} and {many(len(inputs.demand), 'driver')} were read"
    queries = front_blocks(ledger.queries)
    heading = [("Queries, the largest effect first",)] if queries else []
    return Page(
        title=f"No problems in {inputs.source}: {spans(years)}",
        blocks=(
            *heading,
            *queries,
            robust(ledger),
            f"{standing_line(whole, years[-1] if years else None, ledger.notes)} {read}.",
        ),
    )


def robust(ledger: Ledger) -> Report:
    """A row for each unit: in which years its demand data is robust, and which tests fail in the latest."""
    units = groups((result.unit.code, result) for result in ledger.results)
    heads = columns(("unit", "wide"), ("robust", "wide"), (f"not in {ledger.years()[-1]}, because", "wide"))
    rows = tuple((unit, _robust_years(own), _failed(own[-1])) for unit, own in units.items())
    return Report("Units", "Is the demand data robust", heads, rows)


def _robust_years(results: Sequence[UnitYear]) -> str:
    """Since when the data is robust, or until when it was; a unit without a driver was never meant for demand."""
    if not any(test.driver for result in results for test in result.decision.tests):
        return "not applicable"
    latest = [result.decision.robust for result in results]
    if len(set(latest)) == 1:
        return f"yes{_untested(results[-1])}" if latest[-1] else "no"
    change = max(place for place in range(1, len(latest)) if latest[place] != latest[place - 1])
    return f"since {results[change].year}" if latest[-1] else f"until {results[change - 1].year}"


def _untested(result: UnitYear) -> str:
    """Which tests had nothing to compare."""
    names = dict.fromkeys(test.test for test in result.decision.tests if test.passed is None)
    return f"; {', '.join(names)} not tested" if names else ""


def _failed(result: UnitYear) -> str:
    """The tests that fail, each with its driver and figures."""
    failed = [test for test in result.decision.tests if test.driver and test.passed is False]
    without = [test.detail for test in result.decision.tests if test.test == "driver" and not test.passed]
    return "; ".join([*without, *(f"{test.test} ({test.driver}): {test.detail}" for test in failed)])


def tables(ledger: Ledger) -> dict[str, Callable[[], Sequence[Report]]]:
    """What was read, every robustness test with its figures, every control."""
    return {
        "read": lambda: [contents(ledger)],
        "tests": lambda: [tests(ledger.results)],
        "controls": lambda: [controls(ledger.controls)],
    }
