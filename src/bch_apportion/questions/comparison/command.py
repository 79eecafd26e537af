"""compare: two scenarios or workbooks, who gains and who loses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bch_apportion.questions.asking import Asked, Command, Option, Shown, Usage, find_force

if TYPE_CHECKING:
    from bch_apportion.questions.comparison.rule import Comparison


def run(asked: Asked, files: tuple[str, ...], bases: tuple[str, ...], leavers: tuple[str, ...]) -> Shown:
    if len(leavers) > 1:
        raise Usage("one force at a time", "--without")
    without = next(iter(leavers), None)
    if sum([bool(files), bool(bases), without is not None]) != 1 or len(files) > 2 or len(bases) not in (0, 2):
        raise Usage("compare takes one of: B (or A and B), --basis twice, --without FORCE")
    if len(files) == 2 and any(Path(name).suffix.lower() != ".toml" for name in files):
        raise Usage("two files beside the workbook are two scenarios (.toml); two workbooks are A and B alone")
    from bch_apportion.queries import of_both
    from bch_apportion.questions.comparison import page
    from bch_apportion.questions.comparison.first_page import first_page
    from bch_apportion.questions.comparison.rule import answer as answer_of
    from bch_apportion.questions.cover import cover

    both = _sides(asked, files) if files else _what_if(asked, bases, without)
    years = asked.years_of(sorted({*both.a.years(), *both.b.years()}))
    comparison = both.only(asked.units_of(both.b.inputs), years)
    answer = answer_of(comparison)
    tables = page.tables(answer)
    return Shown(
        answer=lambda: answer,
        cover=lambda: cover(comparison.b, "Who gains, who loses", (("A", answer.a), ("B", answer.b))),
        sheets=lambda: [report for make in tables.values() for report in make()],
        first=lambda: first_page(answer, comparison.b if files else comparison.a),
        tables=tables,
        inputs=(comparison.a.inputs, comparison.b.inputs),
        notes=answer.notes,
        queries=of_both(both.a, both.b),
    )


def _what_if(asked: Asked, bases: tuple[str, ...], leaver: str | None) -> Comparison:
    """The same workbook on two bases, or without a force."""
    from bch_apportion.queries import queries_in
    from bch_apportion.questions.comparison.rule import on_two_bases, without

    inputs = asked.read()
    units = asked.units_of(inputs)
    if bases:
        both = on_two_bases(inputs, (bases[0], bases[1]), units, asked.as_at)
    else:
        both = without(inputs, find_force(inputs, str(leaver), "--without"), units, asked.as_at)
    return replace(both, a=replace(both.a, queries=queries_in(inputs)))  # of the workbook as it stands


def _sides(asked: Asked, files: tuple[str, ...]) -> Comparison:
    """Workbook and workbook, workbook and scenario, or two scenarios of one workbook."""
    from bch_apportion.ledger import apportion
    from bch_apportion.queries import asked as with_queries
    from bch_apportion.questions.comparison.rule import compare

    last = Path(files[-1])
    if last.suffix.lower() != ".toml":
        both = asked.read_both(last, laid_over_both=True)
        names = (asked.workbook.name, last.name)
    else:
        both = (asked.read((*asked.scenarios, *files[:-1])), asked.read((*asked.scenarios, *files[-1:])))
        names = (Path(files[0]).name if len(files) == 2 else asked.workbook.name, last.name)
        if names[0] == names[1]:
            names = (names[0], f"{names[1]} (2)")
    with asked.progress("computing", 0) as step:
        a, b = (apportion(inputs, asked.as_at, step) for inputs in both)
    return compare(names, with_queries(a), with_queries(b))


COMMAND = Command(
    name="compare",
    short_help="Two scenarios or workbooks: who gains, who loses.",
    help="""Two scenarios or workbooks: who gains, who loses, by unit and by cause.

    B is another workbook, or a scenario (.toml) of the same one; with two scenarios the first is A. The difference is B
    less A: positive costs more on B. --scenario and --set apply to both sides. Sheets of a scenario that move no year's
    costs here, such as Assumptions, are named in a note.

    \b
    Examples:
      bch-apportion compare examples/alliance.xlsx examples/norfolk_joins.toml --year 2019/20
      bch-apportion compare examples/alliance.xlsx --basis nre --basis demand --unit ICT
      bch-apportion compare examples/alliance.xlsx --without HERTS --unit ICT --year 2019/20
    """,
    run=run,
    shows=("gains", "causes", "units", "tipping", "uncovered", "not-compared"),
    files="[B] | [A B]",
    options=(
        Option(
            "--basis",
            "Twice: the same workbook on two bases, with the tipping point of each force.",
            kind="choice",
            keyword="bases",
            choices=("auto", "nre", "demand", "agreed"),
            multiple=True,
        ),
        Option(
            "--without",
            "What if this force left (with --unit: those units).",
            keyword="leavers",
            metavar="FORCE",
            multiple=True,
        ),
    ),
)
