"""Files are written whole or not at all; the input never; an existing one only when told to; several all or none."""

from __future__ import annotations

import os
import resource
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bch_apportion.writing.files import write_files
from tests.books import two_forces, write_book
from tests.running import COUNCILS, Ran, run, run_apart

SUFFIXES = (".xlsx", ".csv", ".json", ".md", ".html")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refused(ran: Ran, *words: str) -> None:
    """Exit 2, nothing on standard output, no traceback, and these words."""
    assert ran.code == 2
    assert ran.out == ""
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_is_written(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"result{suffix}"
    ran = run("compute", COUNCILS, "-o", target)
    assert (ran.code, ran.out) == (0, "")
    assert f"Written: {target}" in ran.err
    assert names(tmp_path) == [f"result{suffix}"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~mask


def test_quiet_says_nothing(tmp_path: Path) -> None:
    assert run("compute", COUNCILS, "-o", tmp_path / "result.csv", "-q") == Ran(0, "", "")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_existing_file_only_with_overwrite(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"result{suffix}"
    target.write_text("mine")
    target.chmod(0o640)
    refused(run("compute", COUNCILS, "-o", target), f"{target} exists", "--overwrite")
    assert target.read_text() == "mine"
    assert run("compute", COUNCILS, "-o", target, "--overwrite").code == 0
    assert target.read_bytes() != b"mine"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert names(tmp_path) == [target.name]


def same_path(book: Path) -> Path:
    return book


def symbolic_link(book: Path) -> Path:
    (book.parent / "link.xlsx").symlink_to(book)
    return book.parent / "link.xlsx"


def hard_link(book: Path) -> Path:
    (book.parent / "hard.xlsx").hardlink_to(book)
    return book.parent / "hard.xlsx"


@pytest.mark.parametrize("named", [same_path, symbolic_link, hard_link])
def test_the_input_is_never_written_to(tmp_path: Path, named: Callable[[Path], Path]) -> None:
    book = Path(shutil.copy(COUNCILS, tmp_path / "book.xlsx"))
    target = named(book)
    refused(run("compute", book, "-o", target, "--overwrite"), "is the input, which is never written to")
    assert book.read_bytes() == COUNCILS.read_bytes()


def test_the_input_is_not_touched_by_a_run(tmp_path: Path) -> None:
    book = Path(shutil.copy(COUNCILS, tmp_path / "book.xlsx"))
    book.chmod(0o444)
    before = book.stat()
    assert run("compute", book, "-o", tmp_path / "result.xlsx").code == 0
    assert book.read_bytes() == COUNCILS.read_bytes()
    assert (book.stat().st_mtime_ns, book.stat().st_mode) == (before.st_mtime_ns, before.st_mode)


def test_outputs_that_could_not_be_written_are_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "full.csv").symlink_to("/dev/full")
    good = tmp_path / "good.json"
    for target, words in (
        (tmp_path / "result.docx", "the suffix says the format"),
        (tmp_path / "result", "the suffix says the format"),
        (Path("/dev/full"), "the suffix says the format"),
        (tmp_path / "full.csv", "is no file"),
        (tmp_path / "folder.csv", "is no file"),
        (tmp_path / "no such folder" / "result.csv", "there is no folder"),
        (good, "named twice"),
    ):
        refused(run("compute", COUNCILS, "-o", good, "-o", target, "--overwrite"), words)
    assert names(tmp_path) == ["folder.csv", "full.csv"]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder in which nobody can write")
def test_a_folder_in_which_nobody_can_write(tmp_path: Path) -> None:
    refused(
        run("compute", COUNCILS, "-o", tmp_path / "good.csv", "-o", "/proc/result.csv"), "Nothing was written", "/proc"
    )
    assert names(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_in_which_i_cannot_write(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(0o555)
    refused(run("compute", COUNCILS, "-o", closed / "result.csv"), "Nothing was written")
    assert names(closed) == []


def little_room() -> None:
    """No file may grow beyond 2,000 bytes: what a full disk does to a writer."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    target, scratch = tmp_path / f"result{suffix}", tmp_path / "scratch"
    scratch.mkdir()
    env = {"TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"}
    refused(run_apart("compute", COUNCILS, "-o", target, env=env, before=little_room), "Nothing was written: ")
    assert names(tmp_path) == ["scratch"]
    assert names(scratch) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_keeps_what_was_there(tmp_path: Path, suffix: str) -> None:
    """Several outputs are all or none: the small one would have fitted."""
    small, large = tmp_path / "small.csv", tmp_path / f"large{suffix}"
    small.write_text("mine")
    large.write_text("mine too")
    arguments = ("compute", COUNCILS, "-o", small, "-o", large, "--overwrite")
    refused(run_apart(*arguments, before=little_room), "Nothing was written: ")
    assert (small.read_text(), large.read_text()) == ("mine", "mine too")
    assert names(tmp_path) == sorted(["small.csv", large.name])


def test_several_are_all_or_none(tmp_path: Path) -> None:
    def good(path: Path) -> None:
        path.write_text("good")

    def bad(path: Path) -> None:
        path.write_text("half of i")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_files({tmp_path / "a.csv": good, tmp_path / "b.csv": bad, tmp_path / "c.csv": good})
    assert names(tmp_path) == []
    write_files({tmp_path / "a.csv": good, tmp_path / "b.csv": good})
    assert names(tmp_path) == ["a.csv", "b.csv"]


def test_a_fault_of_a_writer_leaves_nothing_either(tmp_path: Path) -> None:
    def faulty(path: Path) -> None:
        path.write_text("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_files({tmp_path / "a.csv": faulty})
    assert names(tmp_path) == []


def test_a_text_too_long_for_a_cell_writes_nothing(tmp_path: Path) -> None:
    notes = [["from year", "basis", "reference"], ["2018/19", "nre", "x" * 32_767]]
    path = write_book(tmp_path / "book.xlsx", two_forces(Principles=notes))
    ran = run("compute", path, "-o", tmp_path / "lines.csv", "-o", tmp_path / "result.xlsx")
    refused(ran, "Nothing was written", "does not fit an Excel cell")
    assert names(tmp_path) == ["book.xlsx"]
