"""The files of a run: a workbook and those joined to it, opened, or refused where one is no workbook to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bch_apportion.problems import MANIFEST, SEALED, InputProblems
from bch_apportion.reading.book import Book, open_book
from bch_apportion.reading.reader import read_rows
from bch_apportion.reading.values import brief, shown

COUNTED = "bch-apportion count"  # the command whose result may be read
EVIDENCE = ("First page", "Evidence", "Grade", "Sources", "Notes", "About", MANIFEST)  # its sheets that are no input


def open_books(path: Path, joined: Sequence[Path], told: Callable[[int, int], None] | None = None) -> list[Book]:
    """The workbook and those joined to it; raises InputProblems with all that is wrong with them as files.

    `told` is called with the bytes read since, and how many all of them have.
    """
    books: list[Book] = []
    failed: list[InputProblems] = []
    for file, of in (("", path), *((other.name, other) for other in joined)):
        try:
            books.append(open_book(of, file))
            _refuse_result(books[-1])
            _refuse_twin(books[-1], books[:-1])
        except InputProblems as problems:
            failed.append(problems)
    if failed:
        close(books)
        raise failed[0] if len(failed) == 1 else InputProblems.joined(failed)
    whole = sum(book.package.unpacked for book in books)
    for book in books:
        book.package.told = told and (lambda read, _: told(read, whole))
    return books


def close(books: Sequence[Book]) -> None:
    """Close the files."""
    for book in books:
        book.package.close()


def _refuse_twin(book: Book, others: Sequence[Book]) -> None:
    """Raise InputProblems for a workbook given already: its rows would count twice, its cells be in two places."""
    own = book.package
    if any(other.package.sha256 == own.sha256 for other in others):
        message = f"{own.source} is the same file as another one given: its rows would count twice"
        raise own.refusal("workbook-twice", message, "give each workbook once")
    if any(other.package.source.casefold() == own.source.casefold() for other in others):
        message = f"another workbook given is called {own.source} too: their cells could not be told apart"
        raise own.refusal("workbook-twice", message, "give one of the two another name")


def _refuse_result(book: Book) -> None:
    """Raise InputProblems for a result of this program, which bears a manifest; of what `count` made Demand is read."""
    sheet = next((sheet for sheet in book.sheets if sheet.name == MANIFEST), None)
    texts = [cells for _, cells in read_rows(book, sheet)] if sheet is not None else []
    if any(cells.get(3) == SEALED for cells in texts):
        made = {shown(cells.get(1)): shown(cells.get(2)) for cells in texts}
        if made.get("command") == COUNTED:
            book.sheets = [sheet for sheet in book.sheets if sheet.name not in EVIDENCE]
            return
        source = made.get("workbook", "").partition(", SHA-256 ")[0]
        message = f"the file is a result of “{brief(made.get('command', ''))}”, not an input workbook"
        remedy = f"give the workbook that it was calculated from: {brief(source)}"
        raise book.package.refusal("result-as-input", message, remedy)
