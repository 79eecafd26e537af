"""The command that writes a workbook to fill in: template."""

from __future__ import annotations

from pathlib import Path

import click

from bch_apportion.cli.options import option, verbose
from bch_apportion.cli.running import EXIT_CODES, check_output, write_whole


@click.command(short_help="An empty workbook to fill in.")
@click.argument("target", metavar="OUT.xlsx", type=click.Path(path_type=Path))
@option("--example", is_flag=True, help="Fill it with the example, the alliance.")
@option("-q", "--quiet", is_flag=True, help="No messages.")
@verbose
@option("--overwrite", is_flag=True, help="Replace a file that exists.")
def template(target: Path, example: bool, quiet: bool, overwrite: bool) -> None:
    """An empty workbook to fill in, with drop-downs, notes and formats.

    Its first sheet, Guide, says what to fill in and how. With --example it holds the example, to look at and try out.

    \b
    Examples:
      bch-apportion template units.xlsx
      bch-apportion template example.xlsx --example
    """
    check_output(target, (".xlsx",), overwrite, "OUT.xlsx")
    from bch_apportion.template import sheets as forms
    from bch_apportion.template.writer import write

    root = click.get_current_context().find_root().command
    known: dict[str, click.Command] = getattr(root, "commands", {})
    commands = {name: known[name].get_short_help_str(200) for name in sorted(known)}
    made = (forms.example if example else forms.blank)(commands, EXIT_CODES)
    write_whole({target: lambda path: write(path, made)}, quiet)
