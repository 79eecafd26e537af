"""variance: what changed against the business case, the budget, another year or another workbook."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bch_apportion.questions.asking import Asked, Command, Option, Shown, Usage, find_version
from bch_apportion.questions.thresholds import THRESHOLDS, crossed

if TYPE_CHECKING:
    from bch_apportion.ledger import Ledger
    from bch_apportion.model import Inputs
    from bch_apportion.problems import Query
    from bch_apportion.questions.bridge import Bridges, UnitAndYear
    from bch_apportion.years import FinancialYear


def run(asked: Asked, against: str, actuals: bool, version: str | None, real: bool) -> Shown:
    on_case = against == "business-case"
    if version is not None and not on_case:
        raise Usage("--version is for the business case")
    if real and on_case:
        raise Usage("--real does not apply to business cases: a business case with a price year is restated anyway")
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.variance import page
    from bch_apportion.questions.variance.first_page import first_page
    from bch_apportion.questions.variance.rule import answer as answer_of

    bridges, ledger, name, queries, part_years, other = _compare(
        asked, against, actuals, "original" if version is None else version, real
    )
    answer = answer_of(
        bridges,
        ledger,
        against=name,
        actual="actuals" if actuals or against == "budget" else "budgets",
        version=(version or "original") if on_case else None,
        real=real,
        other=other,
        part_years=part_years,
    )
    theirs = [f"{other.source}: {note}" for note in other.notes] if other else []
    notes = (*ledger.notes, *theirs, *answer.notes)
    years = [year for span in asked.years for year in span]
    shown = page.once(answer)
    return Shown(
        answer=lambda: answer,
        cover=lambda: cover(ledger, f"What changed against {page.against_words(answer)}", page.asked(answer)),
        sheets=lambda: page.everything(shown),
        first=lambda: first_page(shown, replace(ledger, notes=notes), years),
        tables=page.tables(shown),
        inputs=(ledger.inputs, *([other] if other else [])),
        notes=notes,
        queries=queries,
        crossed=crossed(answer.rows),
    )


class _Compared(NamedTuple):
    """The bridges asked for, the ledger on their new side narrowed to what is shown, and what it is compared with."""

    bridges: Bridges
    ledger: Ledger
    against: str
    queries: Sequence[Query]
    part_years: Sequence[UnitAndYear]  # which count as without an outturn
    other: Inputs | None = None


def _compare(asked: Asked, against: str, actuals: bool, version: str, real: bool) -> _Compared:
    from bch_apportion.ledger import apportion_actuals
    from bch_apportion.queries import of_both
    from bch_apportion.questions.bridge import between
    from bch_apportion.questions.variance.rule import against_business_case

    inputs, other_inputs = asked.read_both(Path(against)) if Path(against).is_file() else (asked.read(), None)
    of_actuals = actuals or against == "budget"
    whole = asked.apportion(inputs)
    compared = {*(str(year) for span in asked.years for year in span), against} if asked.years else set()
    new, part_years = _whole_years(apportion_actuals(inputs, asked.as_at) if of_actuals else whole, compared)
    if against == "business-case":
        planned = {case.year for case in inputs.business_cases}
        units, years = asked.units_of(inputs), asked.years_of(sorted({*whole.years(), *new.years(), *planned}))
        bridges = against_business_case(new, find_version(inputs, version), units, years)
        return _Compared(bridges, new.only(units, years), against, whole.queries, part_years)
    shown = asked.narrow_to(new, whole)
    if against == "budget":
        bridges = between(asked.narrow_to(whole, whole), shown, real=real)
        with_outturn = new.years()  # a budget of a later year has not ended; it is listed
        bridges = replace(bridges, bridges=[bridge for bridge in bridges.bridges if bridge.year in with_outturn])
        return _Compared(bridges.not_ended(part_years), shown, against, whole.queries, part_years)
    if other_inputs is not None:
        budgets = asked.apportion(other_inputs)
        old, others = _whole_years(apportion_actuals(other_inputs, asked.as_at) if of_actuals else budgets, compared)
        other, part_years = asked.narrow_to(old, whole), [*part_years, *others]
        bridges = between(other, shown, real=real).not_ended(part_years)
        queries = of_both(whole, budgets)
        return _Compared(bridges, shown, Path(against).name, queries, part_years, other.inputs)
    year = _year(against, sorted({*whole.years(), *new.years()}))
    known = new.years()
    years = [other for other in asked.years_of(sorted({*whole.years(), *known})) or known if other != year]
    if not any(other in known for other in years):
        raise Usage(f"there is no other year to compare {year} with")
    part_years += [replace(row, year=other) for row in part_years if row.year == year for other in years]
    bridges = between(new.only(asked.units_of(inputs), [year]), shown, year, years, real).not_ended(part_years)
    return _Compared(bridges, shown, str(year), whole.queries, part_years)


def _whole_years(ledger: Ledger, noted: Set[str]) -> tuple[Ledger, list[UnitAndYear]]:
    """An outturn without its part-years, and these; its notes name those of the years `noted` (none: all)."""
    from bch_apportion.questions.bridge import UnitAndYear
    from bch_apportion.words import part_year_note

    part = ledger.part_years()
    named = [result for result in part if not noted or str(result.year) in noted]
    notes = [part_year_note(result, "so the year counts as without an outturn") for result in named]
    whole = replace(ledger.whole_years(), notes=(*ledger.notes, *notes))
    return whole, [UnitAndYear(unit=result.unit.code, year=result.year) for result in part]


def _year(text: str, known: list[FinancialYear]) -> FinancialYear:
    from bch_apportion.reading.values import Unreadable, financial_year

    try:
        year = financial_year(text)
    except Unreadable as error:
        raise Usage(
            f"“{text}” is neither business-case, budget, a financial year nor a workbook that exists", "--against"
        ) from error
    if year not in known:
        raise Usage(f"{year} has no costs; the years are {', '.join(map(str, known))}", "--against")
    return year


COMMAND = Command(
    name="variance",
    short_help="What changed against the business case, and which cause moved it.",
    help="""\
What changed against the business case, the budget, another year or another workbook, and which cause moved it.

    A variance is the budget, or the outturn, less what it is compared with: positive is adverse (costs more). Each
    effect is a whole re-apportionment in pence, so the effects sum exactly to the variance, force by force.

    \b
    Examples:
      bch-apportion variance examples/alliance.xlsx --year 2018/19
      bch-apportion variance examples/alliance.xlsx --against 2012/13 --year 2018/19
      bch-apportion variance examples/alliance.xlsx --against budget --year 2017/18 --json
    """,
    run=run,
    options=(
        Option(
            "--against",
            "business-case, budget, a financial year, or another workbook.",
            default="business-case",
            metavar="OTHER",
        ),
        Option("--actuals", "Compare the outturn (Actuals), not Budgets.", kind="flag"),
        Option(
            "--version",
            "Which business case: original (the first on the sheet, and the default), latest, or a version's name.",
        ),
        Option("--real", "Restate the old side in prices of the new year first.", kind="flag"),
    ),
    thresholds=THRESHOLDS,
    shows=("variances", "bridges", "unexplained", "explanations", "counterparts"),
)
