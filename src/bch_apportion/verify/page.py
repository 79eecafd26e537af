"""Whether a published result still follows from its inputs: the tables of `verify`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bch_apportion.answers import table
from bch_apportion.verify.comparison import ChangedFile, Verification, changed_cells
from bch_apportion.verify.rows import ChangedCell, EditedCell, MovedCell
from bch_apportion.writing.report import Cover, Kind, Report, columns, plain_table

MOST_ON_SCREEN = 30  # rows of a table
MOST_BESIDE = 48  # letters of a text beside another
KINDS = {  # where the word itself says too little
    "recalculated": "same formula, other value",
    "formula gone": "its formula is gone",
    "concealed": "its format shows something else",
}


def many(count: int, thing: str) -> str:
    """A number of things.

    >>> many(1, "cell"), many(1200, "cell")
    ('1 cell', '1,200 cells')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def verdict(verification: Verification) -> Report:
    """The answer, and the four things it rests on."""
    says = "follows from" if verification.follows else "does not follow from"
    rows = [*_of_files(verification), ("the program", _of_program(verification))]
    rows += [("the result", _of_result(verification)), ("the figures", _of_figures(verification))]
    title = f"{verification.result} {says} {verification.given[0]}"
    return Report("Verdict", title, columns=columns("what", ("how it stands", "wide")), rows=tuple(rows))


def _of_files(verification: Verification) -> list[tuple[str, str]]:
    rows = []
    changed = {file.place: file for file in verification.files}
    names = {"workbook": "the input", "scenario": "the scenario", "other": "the other side"}
    for place, file in enumerate(verification.manifest.files):
        now, name = changed.get(place), verification.given[place]
        called = name if name == file.name else f"{name} (in the place of {file.name})"
        if not name:
            option = "--scenario" if file.role == "scenario" else "its name after the input"
            says = f"{file.name} as the result carries it; not held against a file (give it with {option})"
        elif now is None:
            says = f"{called} is the same, byte for byte"
        elif now.cells:
            is_ = "is" if len(now.cells) == 1 else "are"
            says = f"CHANGED: {many(len(now.cells), 'cell')} of {called} {is_} not as when the result was written"
        elif verification.moved or verification.reason:
            says = f"CHANGED: {called} is another file; {_of_which(verification)} is as it was, and yet figures differ"
        else:
            says = f"{called} was saved anew (its SHA-256 is another); {_of_which(verification)} is as it was"
        rows.append((names[file.role], says))
    return rows


def _of_which(verification: Verification) -> str:
    units = verification.manifest.units
    return f"every cell of {', '.join(units)} that is read" if units else "every cell that is read"


def _of_program(verification: Verification) -> str:
    then, now = verification.manifest.version, verification.version
    if then != now:
        return f"CHANGED: version {then} wrote the result, and this is version {now}"
    if verification.program_changed:
        return f"CHANGED: it calls itself {now}, as the one that wrote the result, and works out other figures"
    return f"the version that wrote the result, {now}"


def _of_result(verification: Verification) -> str:
    if not verification.edited:
        return "as it was written"
    by_formula = sum(cell.kind == "recalculated" for cell in verification.edited)
    whole = sum(not cell.heading and cell.kind in ("added", "taken out") for cell in verification.edited)
    parts = [many(len(verification.edited) - whole, "cell")] * (whole < len(verification.edited))
    parts += [f"{whole:,} whole line{'' if whole == 1 else 's'} or sheet{'' if whole == 1 else 's'}"] * bool(whole)
    says = f"EDITED: {' and '.join(parts)} {'is' if len(verification.edited) == 1 else 'are'} not as written"
    return says + (f", {by_formula:,} of them under a formula that is as it was" if by_formula else "")


def _of_figures(verification: Verification) -> str:
    if verification.reason:
        return f"NOT WORKED OUT: {verification.reason}"
    if verification.moved:
        differ = "differs" if len(verification.moved) == 1 else "differ"
        return f"MOVED: {many(len(verification.moved), 'cell')} {differ} from what is worked out now"
    return (
        "all worked out again; but for what is said above they are the same"
        if not verification.follows
        else ("all worked out again, and the same")
    )


def changed_cells_of(files: Sequence[ChangedFile]) -> Report:
    """The cells of files that are not as they were."""
    heads = {"file": "file", "cell": "place", "of": "of", "column": "column", "then": _then, "now": _now}
    return plain_table(
        "Input changed",
        "Cells of the input that have changed",
        table(list(changed_cells(files)), ChangedCell, heads),
        kinds=dict.fromkeys(("of", "then", "now"), "wide"),
        units="",
        empty="No cell that is read has changed.",
    )


def _then(cell: ChangedCell) -> str:
    return _blank(cell.then)


def _now(cell: ChangedCell) -> str:
    return _blank(cell.now)


def _blank(text: str | None) -> str:
    return "(blank)" if text is None else text


def lines_edited(name: str, cells: Sequence[EditedCell]) -> Report:
    """The lines of a result that are not as they were written, where it could not be worked out again."""
    lines = plain_table(
        "Edited",
        f"Lines of {name} that somebody edited",
        table(cells, EditedCell, {"line": "place", "of": "of", "it says": "published"}),
        kinds=dict.fromkeys(("of", "it says"), "wide"),
        units="",
        empty=f"No line of {name} was edited; it was not worked out again.",
    )
    return _cut(lines)


DIFFERENCE: dict[str, str | Callable[[MovedCell], str]] = {
    "cell": "place",
    "of": "of",
    "heading": "heading",
    "published": lambda cell: _beside(cell)[0],
    "worked out now": lambda cell: _beside(cell)[1],
}
WIDE: dict[str, Kind] = dict.fromkeys(("of", "published", "worked out now", "how", "filled in"), "wide")


def edited(verification: Verification) -> Report:
    """The cells of the result that are not as they were written; those that only recalculate stand last."""
    ordered = sorted(verification.edited, key=lambda cell: cell.kind == "recalculated")
    notes = []
    if any(cell.kind == "recalculated" for cell in ordered):
        notes.append(f"“{KINDS['recalculated']}”: recalculated after another edit, or typed over.")
    if verification.input_changed and ordered:
        notes.append("In a line that was edited, a cell that the changed input moved is listed too.")
    return plain_table(
        "Edited",
        "Cells of the result that somebody edited",
        table(ordered, EditedCell, {**DIFFERENCE, "how": lambda cell: KINDS.get(cell.kind, cell.kind)}),
        kinds=WIDE,
        notes=notes,
        units="",
    )


def moved(verification: Verification) -> Report:
    """The cells of the result that are as they were written, and come out otherwise now."""
    cells = table(verification.moved, MovedCell, DIFFERENCE)
    return plain_table("Moved", "Figures that come out otherwise now", cells, kinds=WIDE, units="")


def filled_in(verification: Verification) -> Report:
    """What was left open to be filled in, and is."""
    heads = {"cell": "place", "of": "of", "heading": "heading", "filled in": "published"}
    cells = table(verification.filled_in, MovedCell, heads)
    return plain_table("Filled in", "What was left to be filled in", cells, kinds=WIDE, units="")


def _beside(cell: MovedCell) -> tuple[str, str]:
    """What was published and what is worked out now, as they stand side by side."""
    return beside(_blank(cell.published), _blank(cell.derived))


def beside(published: str, derived: str) -> tuple[str, str]:
    """Two texts as they stand side by side: of long ones where they begin to differ.

    >>> beside("x" * 200 + "1", "x" * 200 + "2")[0]
    '…xxxxxxxxxxxxxxxxxxxx1'
    """
    longest, shortest = max(len(published), len(derived)), min(len(published), len(derived))
    if longest <= MOST_BESIDE:
        return published, derived
    alike = next((n for n, (a, b) in enumerate(zip(published, derived, strict=False)) if a != b), shortest)
    start = max(0, alike - 20)
    first, second = ("…" * (start > 0) + text[start : start + MOST_BESIDE] for text in (published, derived))
    end = start + MOST_BESIDE
    return first + "…" * (len(published) > end), second + "…" * (len(derived) > end)


def news(verification: Verification) -> Report:
    """What CHANGELOG.md says of the versions since."""
    title = f"What has changed in the program since {verification.manifest.version}"
    rows = tuple((line,) for line in verification.news)
    return Report("Changes", title, columns(("CHANGELOG.md", "wide")), rows, empty="CHANGELOG.md says nothing of it.")


def everything(verification: Verification) -> list[Report]:
    """The verdict, then what there is to say of each cause."""
    reports = [verdict(verification)]
    if any(file.cells for file in verification.files):
        reports.append(changed_cells_of(verification.files))
    if verification.edited:
        reports.append(edited(verification))
    if verification.moved:
        reports.append(moved(verification))
    if verification.filled_in:
        reports.append(filled_in(verification))
    if verification.program_changed:
        reports.append(news(verification))
    return reports


def screen(verification: Verification) -> list[Report]:
    """The same, long tables cut, with a word on how many rows more there are."""
    return [_cut(report) for report in everything(verification)]


def _cut(report: Report) -> Report:
    more = len(report.rows) - MOST_ON_SCREEN
    if more <= 0 or report.name == "Changes":
        return report
    note = f"{many(more, 'row')} more; -o FILE and --json have all of them."
    return replace(report, rows=report.rows[:MOST_ON_SCREEN], notes=(*report.notes, note))


def cover(verification: Verification) -> Cover:
    """What was verified, and what it says of itself."""
    said = [(f"{item} (of the result)", text) for item, text in verification.manifest.words()]
    by = f"bch-apportion {verification.version}"
    return Cover("Does it still follow", (("Result", verification.result), *said, ("Verified by", by)))
