"""The command that counts demand from records: count."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bch_apportion import __version__
from bch_apportion.cli.delivery import deliver
from bch_apportion.cli.manifests import asked
from bch_apportion.cli.options import MANNERS, OUTPUT, shown_tables, together
from bch_apportion.cli.running import Choices, check_outputs, told

if TYPE_CHECKING:
    from bch_apportion.counting.plan import Plan
    from bch_apportion.counting.rows import Count
    from bch_apportion.writing.manifest import Manifest

EXTRA = "count needs DuckDB and Ibis: pip install 'bch-apportion[count]'"
NO_HASH = "0" * 64  # of a table, which no file holds


@click.command(short_help="The demand that a workbook needs, counted from the records.")
@click.argument("plan", metavar="PLAN.toml", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@together(*OUTPUT, *MANNERS)
@shown_tables(("demand", "evidence", "grade", "sources"))
def count(plan: Path, **given: Any) -> None:
    """The demand that a workbook needs, counted from the records where they are kept, with the evidence beside it.

    PLAN.toml names the drivers, their records (files, or tables of a connection) and how the records write the forces.
    The result has the sheet Demand, for --with of the other commands or to paste, and the sheet Evidence.

    \b
    Examples:
      bch-apportion count examples/demand.toml
      bch-apportion count examples/demand.toml -o demand.xlsx
      bch-apportion count examples/demand.toml --show evidence
    """
    choices = Choices(workbook=plan, **given)
    check_outputs(choices)
    with told(choices):
        counted, read = _counted(choices)
    from bch_apportion.counting import page
    from bch_apportion.questions.asking import Shown

    context = click.get_current_context()
    tables = page.tables(counted)
    deliver(
        choices,
        Shown(
            answer=lambda: counted,
            cover=lambda: page.cover(counted),
            sheets=lambda: [report for make in tables.values() for report in make()],
            first=lambda: page.first_page(counted),
            tables=tables,
            inputs=(),
            notes=counted.notes,
            manifest=lambda suffix: _manifest(counted, read, asked(context, suffix)),
        ),
    )


def _counted(choices: Choices) -> tuple[Count, Plan]:
    try:
        from bch_apportion.counting.rule import count
    except ModuleNotFoundError as error:
        if error.name not in ("duckdb", "ibis", "pyarrow"):
            raise
        raise click.UsageError(EXTRA) from error
    return count(choices.workbook, choices.progress)


def _manifest(counted: Count, plan: Plan, words: dict[str, Any]) -> Manifest:
    """What `verify` counts again from: the plan, and the files that were read."""
    from bch_apportion.writing.manifest import File, Manifest

    sources = {source.name: source.sha256 for source in counted.sources}
    records = [File("records" if digest else "table", name, digest or NO_HASH) for name, digest in sources.items()]
    return Manifest(
        command="count",
        version=__version__,
        files=(File("plan", plan.path.name, plan.sha256), *records),
        asked=words,
        settings=counted.run.settings,
        texts={"0": plan.text},
    )
