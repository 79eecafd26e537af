"""compute: what each force pays."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from bch_apportion.questions.asking import Asked, Command, Option, Shown

if TYPE_CHECKING:
    from bch_apportion.questions.split.book import Book
    from bch_apportion.questions.split.first_page import Refs
    from bch_apportion.questions.split.rows import By
    from bch_apportion.writing.report import Group, Page


def run(asked: Asked, detail: By | None, values: bool) -> Shown:
    inputs = asked.read()
    whole = asked.apportion(inputs)
    ledger = asked.narrow(whole)
    from bch_apportion.questions.cover import cover
    from bch_apportion.questions.split import page as reports
    from bch_apportion.questions.split.rule import answer

    def page() -> list[Group]:
        from bch_apportion.questions.split.whole_page import whole_page

        return whole_page(whole, ledger, detail)

    def first(refs: Refs = MappingProxyType({})) -> Page:
        from bch_apportion.questions.split.first_page import first_page

        return first_page(whole, asked.units_of(inputs), asked.years_of(whole.years()), refs)

    @cache
    def workbook() -> Book:
        from bch_apportion.questions.split.book import book

        return book(whole, ledger, first, detail, values)

    return Shown(
        answer=lambda: answer(ledger, detail),
        cover=lambda: cover(ledger, "What each force pays"),
        front=lambda: (workbook().first, workbook().cover),
        sheets=lambda: workbook().reports,
        first=first,
        tables=reports.tables(ledger, detail),
        wanted=("detail",) if detail else (),
        page=page,
        inputs=(inputs,),
        notes=ledger.notes,
        queries=whole.queries,
    )


COMMAND = Command(
    name="compute",
    short_help="What each force pays, on which basis and why.",
    help="""What each force pays, for each unit and year; on which basis, and why.

    \b
    Examples:
      bch-apportion compute examples/alliance.xlsx --year 2018/19
      bch-apportion compute examples/alliance.xlsx --unit ICT --json
      bch-apportion compute examples/alliance.xlsx -o result.xlsx -o lines.csv
      bch-apportion compute examples/alliance.xlsx -o plain.xlsx --values
    """,
    run=run,
    shows=("splits", "bases", "tests", "shadow", "no-loser", "pooling", "lines", "parameters", "controls"),
    options=(
        Option(
            "--detail",
            "Break the components down by budget line or by subjective.",
            kind="choice",
            choices=("line", "subjective"),
        ),
        Option("--values", "In .xlsx write plain values, no formulas.", kind="flag"),
    ),
)
