"""Writes the pages of docs/ that the program knows best: principles, command line, workbook, problems, schemas …

python docs/generate.py          # write them
python docs/generate.py --check  # exit 1 where one is out of date (the tests do this)
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import get_args, get_origin

import click

import bch_apportion
from bch_apportion.answers import Answer, Column, Table, table, tables_of
from bch_apportion.cli import cli
from bch_apportion.kinds import Kind, fields, item_of, kind_of
from bch_apportion.questions import QUESTIONS
from bch_apportion.reading.sheets import SETTINGS, SHEETS, WRITTEN
from bch_apportion.terms import parameters, principle_text
from bch_apportion.writing.schema import schema

DOCS = Path(__file__).parent
ORDER = (
    ("nre_default", "NRE default", 1),
    ("rolling_demand", "Rolling demand, with a fixed base", 3),
    ("robust_demand", "Robust demand", 3),
    ("agreed_shares", "Agreed shares and re-basing", 1),
    ("implementation_costs", "Implementation costs", 4),
    ("pooling", "Pooling", 5),
    ("no_loser", "No loser", 2),
)


def principles() -> str:
    """The principles in the words of their files, then the parameters."""
    out = ["# The principles as this program applies them", ""]
    out += ["Generated from the files in `src/bch_apportion/principles/`; one file is one paragraph.", ""]
    out += ["The paper of June 2015 says:", ""]
    out += [f"{number}. {principle_text(number)}" for number in range(1, 6)]
    for name, title, _ in ORDER:
        text = str(import_module(f"bch_apportion.principles.{name}").__doc__).strip()
        prose, _, example = text.partition("\n>>> ")
        out += ["", f"## {title}", "", f"`src/bch_apportion/principles/{name}.py`", "", prose.strip()]
        out += ["", "```python", ">>> " + example, "```"]
    out += ["", "## Parameters", "", "The agreement itself sets none of these numbers.", ""]
    out += ["| parameter | built-in | meaning |", "|---|---|---|"]
    out += [f"| {p.name} | {p.words(p.default)} | {p.meaning} |" for p in parameters().values()]
    return "\n".join(out) + "\n"


WORKBOOK = """# The input workbook

Generated from `src/bch_apportion/reading/sheets.py`.

One .xlsx file, one table to a sheet, for the units, forces and years you have. Sheets and columns match whatever
their case, blanks, hyphens and underscores. Columns in bold are needed; the rest may be left out. A sheet or column
that is not listed is your own: it is ignored, and noted. The sheets at the end, beside the split, are read only by the
commands that use them and by `check`: a problem on one stops no other command.

**Where the table stands.** The header is the first row within the first thirty that holds all needed columns; titles
and notes above it are fine, leading blank columns too. Blank rows are skipped. A row that fills a single cell is a
remark, and is listed. A row whose first needed column says Total, Grand total or Sub-total is not read; its amounts
are checked.

**Tidy or wide.** Where it is said below, there may be one column per force (headed by its code, name or an alias) in
place of *force* and the value, or one column per year in place of *year* and the value.

**More than one file.** `--with demand.xlsx` joins the rows of another workbook's sheets to the workbook's, so that
demand or comparators can have an owner of their own. It may be given more than once; a needed sheet may be in any of
the files. Each table is read by itself: its form, the scale in its headings, its totals and what its periods mean. What
Settings say holds for all files, and a note says where `money in` of one multiplies amounts of another. The same key in
two files is a problem that names both, a month of demand and its quarter too; alike lines of Budgets, Actuals, Payments
and Assumptions add up. A cell of another file is named with it: `demand.xlsx: Demand!C31`. Notes say which sheets had
rows joined. The workbook of `count` may be given so; any other result of the program is refused.

`bch-apportion template OUT.xlsx` writes an empty workbook of all these sheets, with drop-downs, notes and a guide
(a sheet called Guide is not read, and not noted).
"""


def workbook() -> str:
    """Every sheet with its columns."""
    out = [WORKBOOK]
    out += [f"- **{name}** {how}" for name, how in WRITTEN.values()]
    out += ["", "Blank is never zero.", ""]
    for form in SHEETS.values():
        if not form.columns:
            continue
        beside = " Beside the split." if form.further else ""
        need = ", needed" if form.needed else ""
        wide = [f"one column per {what}" for what in form.wide]
        out += [
            f"## {form.name}",
            "",
            f"One row is {form.row}{need}." + (f" Or {' or '.join(wide)}." if wide else "") + beside,
            "",
        ]
        out += ["| column | what it holds |", "|---|---|"]
        for column in form.columns:
            if not column.kind.startswith("parameter"):
                name = f"**{column.name}**" if column.needed else column.name
                out.append(f"| {name} | {column.meaning} |")
            elif column.name == "basis":
                out.append("| basis, window months, … | any of the [parameters](principles.md#parameters) |")
        out.append("")
    others = ", ".join(form.name for form in SHEETS.values() if not form.columns)
    if others:
        out += [f"The sheets {others} are known and not read by these commands.", ""]
    out += [*settings(), LEAST]
    return "\n".join(out).rstrip() + "\n"


def settings() -> list[str]:
    """The settings, each with its default."""
    out = ["## The settings", "", "| name | default | meaning |", "|---|---|---|"]
    return [*out, *(f"| {name} | {default} | {meaning} |" for name, (default, meaning, _) in SETTINGS.items()), ""]


LEAST = """## The least that computes

Four sheets of one row or a few:

| sheet | rows |
|---|---|
| Forces | `force` · BEDS · CAMBS |
| NRE | `year, force, nre` · 2024/25, BEDS, 130000000 · 2024/25, CAMBS, 170000000 |
| Units | `unit` · ICT |
| Budgets | `unit, year, amount` · ICT, 2024/25, 1000000 |
"""


CASES = DOCS.parent / "tests" / "errors"


def problems() -> str:
    """Every problem by its code, with the first of its cases in the error gallery."""
    out = ["# Problems", "", "Generated from the cases in `tests/errors/`, which the tests hold the program to.", ""]
    out += ["All problems of a workbook are shown together, each with its place, what is wrong and what to do. Nothing"]
    out += ["is computed until there are none: exit code 3. With `--json` they are a document of their own.", ""]
    for path in sorted(CASES.glob("*.txt")):
        title, _, *expected = path.read_text("utf-8").split("\n---\n")[0].strip().split("\n\n")
        own = next((message for message in expected if message.startswith(path.stem)), expected[0])
        out += [f"## {path.stem}", "", title, "", "```text", own, "```", ""]
    return "\n".join(out).rstrip() + "\n"


QUERIES = """# Queries

Generated from `src/bch_apportion/queries/`.

Exact arithmetic makes a slip look certain. So between a *problem* (no figures until it is mended) and a *note*
(information) stands the *query*: the figures are computed, and the query stands in front of them, in every form of
output, until somebody answers it. Each has its cells, a sentence with the figures, and where there can be one its
effect: what each force would pay more or less if it is the slip that it looks like, found by computing again.

To answer one, put its key, as it is printed, in the column `query` of a sheet *Answers*, and the reason in the column
`answer` (`who` and `date` where you like). It then moves to the answered queries at the end. An answer changes no
figure, and holds in that year alone. With `--fail-on query` any command ends with exit code 5 while a query is
unanswered; `check` lists them all, and `check -o marked.xlsx` marks their cells in a copy of your workbook.

| code | asked about |
|---|---|
"""


def queries() -> str:
    """Every query by its code, in the words of the function that looks for it."""
    rows = []
    for name in ("lines", "figures", "volumes", "coverage", "bases"):
        module = import_module(f"bch_apportion.queries.{name}")
        for look in vars(module).values():
            text = " ".join(str(look.__doc__).split())
            if callable(look) and text.startswith("*"):
                code, _, meaning = text[1:].partition("*: ")
                rows.append(f"| {code} | {meaning} |")
    return QUERIES + "\n".join(sorted(rows)) + "\n"


def helps(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every command with its help, as 80 columns show it."""
    name = " ".join(("bch-apportion", *path))
    context = click.Context(command, info_name=name, terminal_width=80, max_content_width=80)
    context.help_option_names = ["-h", "--help"]
    yield name, command.get_help(context)
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            child = command.get_command(context, word)
            if child is not None:
                yield from helps(child, (*path, word))


def command_line() -> str:
    """Every --help."""
    out = ["# The command line", "", "Generated from the program's own `--help`.", ""]
    for name, text in helps(cli):
        out += [f"## {name}", "", "```text", text.rstrip(), "```", ""]
    return "\n".join(out).rstrip() + "\n"


def answers() -> dict[str, type[Answer]]:
    """Every document that the program writes, by the name and number of its form."""
    package = Path(bch_apportion.__file__).parent
    further = (package / name for name in ("verify/rows.py", "questions/unanswered.py", "counting/rows.py"))
    rows = sorted((*package.glob("questions/*/rows.py"), *further))
    declared: dict[str, type[Answer]] = {}
    for path in rows:
        module = import_module(".".join((package.name, *path.relative_to(package).with_suffix("").parts)))
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Answer) and value is not Answer:
                declared[form_of(value)] = value
    return declared


def form_of(declared: type) -> str:
    """The name and number of an answer's form: compute-1."""
    (text,) = (get_args(field.hint)[0] for field in fields(declared) if field.name == "schema")
    _, name, number = text.split("/")
    return f"{name}-{number}"


IN_A_FRAME = {  # by the kind that a field was declared with
    "money": "pounds",
    "exact pence": "exact pence",
    "share": "share",
    "exact": "share",
    "ratio": "number",
    "percent": "number",
    "per size": "number",
    "number": "number",
    "worth": "percent or pounds",
    "year": "year",
    "month": "month",
    "when": "year or words",
    "date": "date",
    "place": "cell",
    "hash": "text",
}
PLAIN: dict[type | None, str] = {str: "text", int: "whole number", bool: "true or false"}

ANSWERS = """# The answers and their columns

Generated from the `rows.py` of each question. In a notebook `ask` gives an answer ([how](library.md)), and its `frame`
a pandas DataFrame: `frame()` the rows of the CSV, `frame("totals")` those of another table. The JSON has the same
names; its forms are in [schemas](schemas).

Nothing is a float. *Pounds* are exact, `decimal.Decimal`; a *share* or a *number* is a `fractions.Fraction` or an int;
a *date* a `datetime.date`; a *year* (2018/19), a *month* (2014-10) and a *cell* (Budgets!D14) are text. What is not
there is `None`: in the columns with a question mark. Several values, in brackets here, are a tuple. Where rows have a
figure for each force, each has a column (`shares.BEDS`); these are not listed.
"""


def answer_columns() -> str:
    """Every table of every answer of a question, with its columns as a DataFrame has them."""
    out = [ANSWERS]
    asked = {f"{question.name}-1": question for question in QUESTIONS}
    for name, declared in answers().items():
        if name in asked:
            out += [f"## {asked[name].name}", "", asked[name].short_help, "", "| table | columns |", "|---|---|"]
            out.append(f"| `frame()` | {columns_of(without_rows(declared).table())} |")
            for path, rows in tables_of(declared).items():
                meaning = str(rows.__doc__).partition("\n")[0]
                out.append(f'| `frame("{path}")` {meaning} | {columns_of(table((), rows))} |')
            out.append("")
    return "\n".join(out).rstrip() + "\n"


def without_rows(declared: type[Answer]) -> Answer:
    """An answer of which nothing is known: its table has columns all the same."""
    answer = object.__new__(declared)
    for field in fields(declared):
        object.__setattr__(answer, field.attribute, () if item_of(field.hint) and not field.optional else None)
    return answer


def columns_of(shown: Table) -> str:
    """The columns of a table, each with what a DataFrame holds."""
    return " · ".join(f"{column.name}: {held(column)}" for column in shown.columns)


def held(column: Column) -> str:
    """What a column of a DataFrame holds, in words."""
    if column.field is None:
        return "text"
    item = item_of(column.field.hint)
    if item is None and get_origin(column.field.hint) is tuple:
        item = get_args(column.field.hint)[0]
    if item is not None:
        return f"({held_as(kind_of(item))} …)"
    return held_as(column.field.kind, column.field.plain) + "?" * column.field.optional


def held_as(kind: Kind | None, plain: type | None = None) -> str:
    return IN_A_FRAME[kind.name] if kind else PLAIN.get(plain, "text")


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    written: dict[Path, str] = {
        DOCS / "principles.md": principles(),
        DOCS / "command_line.md": command_line(),
        DOCS / "workbook.md": workbook(),
        DOCS / "problems.md": problems(),
        DOCS / "queries.md": queries(),
        DOCS / "answers.md": answer_columns(),
    }
    for name, declared in answers().items():
        form = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema(declared)}
        text = json.dumps(form, indent=2)
        written[DOCS / "schemas" / f"{name}.schema.json"] = text + "\n"
    return written


def main() -> int:
    """Write the pages, or with --check say which are out of date."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"out of date: {path.name}")
        return 1 if stale else 0
    (DOCS / "schemas").mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
