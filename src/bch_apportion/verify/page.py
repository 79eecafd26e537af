"""Whether a published result still follows from its inputs: the tables of `verify`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from bch_apportion.answers import Table, table
from bch_apportion.verify.rows import ChangedCell, ChangedProgram, EditedCell, FileNow, MovedCell, Verify
from bch_apportion.words import many
from bch_apportion.writing.report import Cover, Kind, Page, Report, columns, plain_table

MOST_ON_SCREEN = 12  # rows of a table
MOST_BESIDE = 48  # letters of a text beside another
KINDS = {  # where the word itself says too little
    "recalculated": "same formula, different value",
    "formula gone": "formula removed",
    "concealed": "its format shows something else",
}
FILES = {
    "workbook": "the input",
    "with": "joined to it",
    "scenario": "the scenario",
    "other": "the other side",
    "plan": "the plan",
    "records": "the records",
    "table": "the records",
}
WIDE: dict[str, Kind] = dict.fromkeys(
    ("row", "then", "now", "it says", "published", "recalculated", "how", "filled in"), "wide"
)


def verdict(verified: Verify) -> Report:
    """The answer, and the four things it rests on."""
    says = "follows from" if verified.follows else "does not follow from"
    rows = [(FILES[file.role], _of_file(file, verified)) for file in verified.files]
    rows += [("the program", _of_program(verified)), ("the result", _of_result(verified.edited))]
    rows.append(("the figures", _of_figures(verified)))
    title = f"{verified.result} {says} {verified.files[0].given}"
    return Report("Verdict", title, columns=columns("what", ("how it stands", "wide")), rows=tuple(rows))


def _of_file(file: FileNow, verified: Verify) -> str:
    called = file.name if file.name == file.given else f"{file.given} (in the place of {file.name})"
    cells = f"every cell of {', '.join(verified.units)} that is read" if verified.units else "every cell that is read"
    if not file.given:
        option = "--scenario" if file.role == "scenario" else "its name after the input"
        return f"{file.name} as the result carries it; not compared with a file (give it with {option})"
    if file.role == "table":
        differ = "CHANGED, or the program: figures differ" if verified.moved else "counted again"
        return f"{called}, a table of the connection: {differ}"
    if file.now == file.sha256:
        return f"{called} is unchanged, byte for byte"
    if file.role == "records":
        return f"CHANGED: {called} is a different file"
    if file.cells:
        differ = "differs" if len(file.cells) == 1 else "differ"
        return f"CHANGED: {many(len(file.cells), 'cell')} of {called} {differ} from when the result was written"
    if file.role == "plan":
        return f"CHANGED: {called} is a different file" + ("" if verified.moved else "; it counts the same")
    if verified.moved or verified.not_worked_out:
        return f"CHANGED: {called} is a different file; {cells} is unchanged, yet figures differ"
    return f"{called} was saved again (its SHA-256 differs); {cells} is unchanged"


def _of_program(verified: Verify) -> str:
    program = verified.program
    if program.then != program.now:
        return f"CHANGED: version {program.then} wrote the result, and this is version {program.now}"
    if program.changed:
        return f"CHANGED: this is version {program.now}, which wrote the result, but it calculates different figures"
    return f"version {program.now}, which wrote the result"


def _of_result(edited: Sequence[EditedCell]) -> str:
    if not edited:
        return "as it was written"
    by_formula = sum(cell.kind == "recalculated" for cell in edited)
    whole = sum(not cell.heading and cell.kind in ("added", "taken out") for cell in edited)
    parts = [many(len(edited) - whole, "cell")] * (whole < len(edited))
    parts += [f"{many(whole, 'whole line')} or sheet{'' if whole == 1 else 's'}"] * bool(whole)
    says = f"EDITED: {' and '.join(parts)} {'is' if len(edited) == 1 else 'are'} not as written"
    return says + (f", {by_formula:,} of them under an unchanged formula" if by_formula else "")


def _of_figures(verified: Verify) -> str:
    if verified.not_worked_out:
        return f"NOT RECALCULATED: {verified.not_worked_out}"
    if verified.moved:
        differ = "differs" if len(verified.moved) == 1 else "differ"
        return f"MOVED: {many(len(verified.moved), 'cell')} {differ} from the recalculated result"
    return "Recalculated: identical" + ("" if verified.follows else " apart from the differences above")


def _table(name: str, title: str, cells: Table, *, notes: Sequence[str] = (), empty: str = "") -> Report:
    return plain_table(name, title, cells, kinds=WIDE, notes=notes, units="", empty=empty)


def changed_cells(cells: Sequence[ChangedCell]) -> Report:
    """The cells of the input that are not as they were."""
    heads = {
        "file": "file",
        "cell": "place",
        "row": "of",
        "column": "column",
        "then": lambda cell: _blank(cell.then),
        "now": lambda cell: _blank(cell.now),
    }
    title, empty = "Cells of the input that have changed", "No cell that is read has changed."
    return _table("Input changed", title, table(cells, ChangedCell, heads), empty=empty)


def _blank(text: str | None) -> str:
    return "(blank)" if text is None else text


def lines_edited(name: str, cells: Sequence[EditedCell]) -> Report:
    """The lines of a result that are not as they were written, where it could not be recalculated."""
    lines = table(cells, EditedCell, {"line": "place", "row": "of", "it says": "published"})
    empty = f"No line of {name} was edited; it was not recalculated."
    return _cut(_table("Edited", f"Edited lines of {name}", lines, empty=empty))


DIFFERENCE: dict[str, str | Callable[[MovedCell], str]] = {
    "cell": "place",
    "row": "of",
    "heading": "heading",
    "published": lambda cell: _beside(cell)[0],
    "recalculated": lambda cell: _beside(cell)[1],
}
FILLED_IN = {"cell": "place", "row": "of", "heading": "heading", "filled in": "published"}


def edited(verified: Verify) -> Report:
    """The cells of the result that are not as they were written; those that only recalculate stand last."""
    ordered = sorted(verified.edited, key=lambda cell: cell.kind == "recalculated")
    notes = []
    if any(cell.kind == "recalculated" for cell in ordered):
        notes.append(f"“{KINDS['recalculated']}”: recalculated after another edit, or typed over.")
    if verified.input.changed and ordered:
        notes.append("An edited line also lists the cells that the changed input moved.")
    cells = table(ordered, EditedCell, {**DIFFERENCE, "how": lambda cell: KINDS.get(cell.kind, cell.kind)})
    return _table("Edited", "Cells of the result that were edited", cells, notes=notes)


def _beside(cell: MovedCell) -> tuple[str, str]:
    return beside(_blank(cell.published), _blank(cell.derived))


def beside(published: str, derived: str) -> tuple[str, str]:
    """Two texts as they stand side by side: of long ones where they begin to differ.

    >>> beside("x" * 200 + "1", "x" * 200 + "2")[0]
    '…xxxxxxxxxxxxxxxxxxxx1'
    """
    if max(len(published), len(derived)) <= MOST_BESIDE:
        return published, derived
    pairs = enumerate(zip(published, derived, strict=False))
    start = max(0, next((place for place, (a, b) in pairs if a != b), min(len(published), len(derived))) - 20)
    end = start + MOST_BESIDE
    first, second = ("…" * (start > 0) + text[start:end] + "…" * (len(text) > end) for text in (published, derived))
    return first, second


def _news(program: ChangedProgram) -> Report:
    title = f"What has changed in the program since {program.then}"
    rows = tuple((line,) for line in program.changes)
    return Report("Changes", title, columns(("CHANGELOG.md", "wide")), rows, empty="CHANGELOG.md lists no change.")


def tables(verified: Verify) -> dict[str, Callable[[], list[Report]]]:
    """What there is to say about each cause, by the names that `--show` knows."""
    moved = table(verified.moved, MovedCell, DIFFERENCE)
    filled_in = table(verified.filled_in, MovedCell, FILLED_IN)
    reports = {
        "input": changed_cells(verified.input.cells),
        "edited": edited(verified),
        "moved": _table("Moved", "Cells that differ when recalculated", moved),
        "filled-in": _table("Filled in", "Cells that were left to be filled in", filled_in),
        "program": _news(verified.program),
    }
    told = {name: [report] if report.rows else [] for name, report in reports.items()}
    told["program"] = [reports["program"]] if verified.program.changed else []
    return {name: partial(list, report) for name, report in told.items()}


def everything(verified: Verify) -> list[Report]:
    """The verdict, then what there is to say about each cause."""
    return [verdict(verified), *(report for make in tables(verified).values() for report in make())]


def first_page(verified: Verify) -> Page:
    """The same, long tables cut, with a word on how many rows more there are."""
    answer, *others = everything(verified)
    return Page(answer.title, (replace(answer, title="", headed=False), *map(_cut, others)))


def _cut(report: Report) -> Report:
    more = len(report.rows) - MOST_ON_SCREEN
    if more <= 0 or report.name == "Changes":
        return report
    note = f"{many(more, 'more row')}; --full, -o FILE and --json list all."
    return replace(report, rows=report.rows[:MOST_ON_SCREEN], notes=(*report.notes, note))


def cover(verified: Verify) -> Cover:
    """What was verified, and what it says about itself."""
    about = [(f"{item} (of the result)", text) for item, text in verified.about]
    by = ("Verified by", f"bch-apportion {verified.program.now}")
    return Cover("Does the result still follow", (("Result", verified.result), *about, by))
