"""Whether a published result still follows from its inputs, as reports and as a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bch_apportion.verify.comparison import ChangedFile, Difference, Verification
from bch_apportion.writing.report import Column, Cover, Report, columns

MOST_ON_SCREEN = 30  # rows of a table
MOST_BESIDE = 48  # letters of a text beside another
KINDS = {  # where the word itself says too little
    "recalculated": "same formula, other value",
    "formula gone": "its formula is gone",
    "concealed": "its format shows something else",
}


def many(count: int, one: str) -> str:
    """A number of things.

    >>> many(1, "cell"), many(1200, "cell")
    ('1 cell', '1,200 cells')
    """
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def verdict(found: Verification) -> Report:
    """The answer, and the four things it rests on."""
    says = "follows from" if found.follows else "does not follow from"
    rows = [*_of_files(found), ("the program", _of_program(found)), ("the result", _of_result(found))]
    rows.append(("the figures", _of_figures(found)))
    return Report(
        "Verdict", f"{found.result} {says} {found.given[0]}", columns("what", ("how it stands", "wide")), tuple(rows)
    )


def _of_files(found: Verification) -> list[tuple[str, str]]:
    rows = []
    changed = {one.place: one for one in found.files}
    names = {"workbook": "the input", "scenario": "the scenario", "other": "the other side"}
    for place, file in enumerate(found.manifest.files):
        one, name = changed.get(place), found.given[place]
        called = name if name == file.name else f"{name} (in the place of {file.name})"
        if not name:
            option = "--scenario" if file.role == "scenario" else "its name after the input"
            says = f"{file.name} as the result carries it; not held against a file (give it with {option})"
        elif one is None:
            says = f"{called} is the same, byte for byte"
        elif one.cells:
            is_ = "is" if len(one.cells) == 1 else "are"
            says = f"CHANGED: {many(len(one.cells), 'cell')} of {called} {is_} not as when the result was written"
        elif found.moved or found.reason:
            says = f"CHANGED: {called} is another file; {_of_which(found)} is as it was, and yet figures differ"
        else:
            says = f"{called} was saved anew (its SHA-256 is another); {_of_which(found)} is as it was"
        rows.append((names[file.role], says))
    return rows


def _of_which(found: Verification) -> str:
    units = found.manifest.units
    return f"every cell of {', '.join(units)} that is read" if units else "every cell that is read"


def _of_program(found: Verification) -> str:
    then, now = found.manifest.version, found.version
    if then != now:
        return f"CHANGED: version {then} wrote the result, and this is version {now}"
    if found.program_changed:
        return f"CHANGED: it calls itself {now}, as the one that wrote the result, and works out other figures"
    return f"the version that wrote the result, {now}"


def _of_result(found: Verification) -> str:
    if not found.edited:
        return "as it was written"
    by_formula = sum(one.kind == "recalculated" for one in found.edited)
    whole = sum(not one.heading and one.kind in ("added", "taken out") for one in found.edited)
    parts = [many(len(found.edited) - whole, "cell")] * (whole < len(found.edited))
    parts += [f"{whole:,} whole line{'' if whole == 1 else 's'} or sheet{'' if whole == 1 else 's'}"] * bool(whole)
    says = f"EDITED: {' and '.join(parts)} {'is' if len(found.edited) == 1 else 'are'} not as written"
    return says + (f", {by_formula:,} of them under a formula that is as it was" if by_formula else "")


def _of_figures(found: Verification) -> str:
    if found.reason:
        return f"NOT WORKED OUT: {found.reason}"
    if found.moved:
        one = len(found.moved) == 1
        return f"MOVED: {many(len(found.moved), 'cell')} {'differs' if one else 'differ'} from what is worked out now"
    return (
        "all worked out again; but for what is said above they are the same"
        if not found.follows
        else ("all worked out again, and the same")
    )


def changed_cells_of(files: Sequence[ChangedFile]) -> Report:
    """The cells of files that are not as they were."""
    rows = tuple(
        (one.file.name, cell.place, cell.of, cell.column, *(_blank(text) for text in (cell.then, cell.now)))
        for one in files
        for cell in one.cells
    )
    return Report(
        "Input changed",
        "Cells of the input that have changed",
        columns("file", "cell", ("of", "wide"), "column", ("then", "wide"), ("now", "wide")),
        rows,
        empty="No cell that is read has changed.",
    )


def _blank(text: str | None) -> str:
    return "(blank)" if text is None else text


def lines_edited(name: str, found: Sequence[Difference]) -> Report:
    """The lines of a result that are not as they were written, where it could not be worked out again."""
    rows = tuple((one.place, one.of, one.published) for one in found)
    heads = columns("line", ("of", "wide"), ("it says", "wide"))
    empty = f"No line of {name} was edited; it was not worked out again."
    return _cut(Report("Edited", f"Lines of {name} that somebody edited", heads, rows, empty=empty))


def edited(found: Verification) -> Report:
    """The cells of the result that are not as they were written; those that only recalculate stand last."""
    ordered = sorted(found.edited, key=lambda one: one.kind == "recalculated")
    report = _differences("Edited", "Cells of the result that somebody edited", ordered)
    rows = tuple((*row, KINDS.get(one.kind, one.kind)) for row, one in zip(report.rows, ordered, strict=True))
    note = f"“{KINDS['recalculated']}”: recalculated after another edit, or typed over."
    notes: tuple[str, ...] = (note,) if any(one.kind == "recalculated" for one in ordered) else ()
    if found.input_changed and ordered:
        notes += ("In a line that was edited, a cell that the changed input moved is listed too.",)
    return replace(report, columns=(*report.columns, Column("how", "wide")), rows=rows, notes=notes)


def moved(found: Verification) -> Report:
    """The cells of the result that are as they were written, and come out otherwise now."""
    return _differences("Moved", "Figures that come out otherwise now", found.moved)


def filled_in(found: Verification) -> Report:
    """What was left open to be filled in, and is."""
    rows = tuple((one.place, one.of, one.heading, one.published or "") for one in found.filled_in)
    heads = columns("cell", ("of", "wide"), "heading", ("filled in", "wide"))
    return Report("Filled in", "What was left to be filled in", heads, rows)


def _differences(name: str, title: str, found: Sequence[Difference]) -> Report:
    """What was published beside what is worked out now."""
    rows = tuple(
        (one.place, one.of, one.heading, *_beside(_blank(one.published), _blank(one.derived))) for one in found
    )
    heads = columns("cell", ("of", "wide"), "heading", ("published", "wide"), ("worked out now", "wide"))
    return Report(name, title, heads, rows)


def _beside(one: str, other: str) -> tuple[str, str]:
    """Two texts as they stand side by side: of long ones where they begin to differ.

    >>> _beside("x" * 200 + "1", "x" * 200 + "2")[0]
    '…xxxxxxxxxxxxxxxxxxxx1'
    """
    if max(len(one), len(other)) <= MOST_BESIDE:
        return one, other
    alike = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, alike - 20)
    first, second = ("…" * (start > 0) + text[start : start + MOST_BESIDE] for text in (one, other))
    return first + "…" * (len(one) > start + MOST_BESIDE), second + "…" * (len(other) > start + MOST_BESIDE)


def news(found: Verification) -> Report:
    """What CHANGELOG.md says of the versions since."""
    title = f"What has changed in the program since {found.manifest.version}"
    rows = tuple((line,) for line in found.news)
    return Report("Changes", title, columns(("CHANGELOG.md", "wide")), rows, empty="CHANGELOG.md says nothing of it.")


def everything(found: Verification) -> list[Report]:
    """The verdict, then what there is to say of each cause."""
    reports = [verdict(found)]
    if any(one.cells for one in found.files):
        reports.append(changed_cells_of(found.files))
    if found.edited:
        reports.append(edited(found))
    if found.moved:
        reports.append(moved(found))
    if found.filled_in:
        reports.append(filled_in(found))
    if found.program_changed:
        reports.append(news(found))
    return reports


def screen(found: Verification) -> list[Report]:
    """The same, long tables cut, with a word on how many rows more there are."""
    return [_cut(report) for report in everything(found)]


def _cut(report: Report) -> Report:
    more = len(report.rows) - MOST_ON_SCREEN
    if more <= 0 or report.name == "Changes":
        return report
    note = f"{many(more, 'row')} more; -o FILE and --json have all of them."
    return replace(report, rows=report.rows[:MOST_ON_SCREEN], notes=(*report.notes, note))


def cover(found: Verification) -> Cover:
    """What was verified, and what it says of itself."""
    said = [(f"{item} (of the result)", text) for item, text in found.manifest.words()]
    return Cover(
        "Does it still follow", (("Result", found.result), *said, ("Verified by", f"bch-apportion {found.version}"))
    )


def flat(found: Verification) -> Report:
    """Every cell that differs, with its cause, in one table."""
    rows: list[tuple[str, ...]] = [
        ("input changed", one.file.name, c.place, c.of, c.column, c.then or "", c.now or "")
        for one in found.files
        for c in one.cells
    ]
    for cause, differences in (("edited", found.edited), ("moved", found.moved), ("filled in", found.filled_in)):
        rows += [
            (cause, found.result, one.place, one.of, one.heading, one.published or "", one.derived or "")
            for one in differences
        ]
    return Report(
        "Differences",
        "Every cell that differs",
        columns("cause", "file", "cell", "of", "heading", "then or published", "now"),
        tuple(rows),
    )


def document(found: Verification) -> dict[str, Any]:
    """The document of `verify`."""
    places = {one.place: one for one in found.files}
    return {
        "schema": "bch-apportion/verify/1",
        "result": found.result,
        "follows": found.follows,
        "command": found.manifest.command,
        "asked": dict(found.manifest.asked),
        "files": [
            {**file._asdict(), "now": places[place].now if place in places else file.sha256}
            for place, file in enumerate(found.manifest.files)
        ],
        "input": {
            "changed": found.input_changed,
            "cells": [{"file": one.file.name, **cell._asdict()} for one in found.files for cell in one.cells],
        },
        "program": {
            "changed": found.program_changed,
            "then": found.manifest.version,
            "now": found.version,
            "changes": list(found.news),
        },
        "edited": [one._asdict() for one in found.edited],
        "moved": [_moved(one) for one in found.moved],
        "filled_in": [_moved(one) for one in found.filled_in],
        "not_worked_out": found.reason or None,
        "notes": list(found.notes),
    }


def _moved(one: Difference) -> dict[str, Any]:
    fields = one._asdict()
    del fields["kind"]
    return fields
