"""Files are written whole or not at all; the input never; an existing one only when told to; several all or none."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bch_apportion.writing.files import write_files
from tests.books import two_forces, write_book
from tests.program import COUNCILS, Ran, little_room, run, run_apart

SUFFIXES = (".xlsx", ".csv", ".json", ".md", ".html")
LONG = [pytest.param(suffix, marks=[] if suffix == ".csv" else pytest.mark.long) for suffix in SUFFIXES]  # of processes


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def with_manifests(*files: str) -> list[str]:
    """The files that these outputs come to: a CSV has its manifest beside it."""
    return sorted([*files, *(f"{name}-metadata.json" for name in files if name.endswith(".csv"))])


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
    assert names(tmp_path) == with_manifests(f"result{suffix}")
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
    assert names(tmp_path) == with_manifests(target.name)


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


def as_permitted() -> None:
    """Root, too, may write only where the permissions let it; for others nothing changes."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="how root gives up its rights is Linux's own")
@pytest.mark.parametrize("suffix", LONG)
def test_a_folder_in_which_i_cannot_write(tmp_path: Path, suffix: str) -> None:
    closed, target = tmp_path / "closed", tmp_path / "closed" / f"result{suffix}"
    closed.mkdir()
    target.write_text("mine")
    closed.chmod(0o555)
    for path in (target, closed / f"new{suffix}"):
        ran = run_apart("compute", COUNCILS, "-o", path, "--overwrite", before=as_permitted)
        refused(ran, "Nothing was written")
    assert (names(closed), target.read_text()) == ([target.name], "mine")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_somebody_has_open(tmp_path: Path, suffix: str) -> None:
    """Who has it open goes on reading what it was; the name means the new one."""
    target = tmp_path / f"result{suffix}"
    target.write_text("mine")
    with target.open() as opened:
        assert run("compute", COUNCILS, "-o", target, "--overwrite").code == 0
        assert opened.read() == "mine"
    assert target.read_bytes() != b"mine"


@pytest.mark.parametrize("suffix", LONG)
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    target, scratch = tmp_path / f"result{suffix}", tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    with little_room():
        ran = run("compute", COUNCILS, "-o", target)
    refused(ran, "Nothing was written: ")
    assert names(tmp_path) == ["scratch"]
    assert names(scratch) == []


@pytest.mark.parametrize("suffix", LONG)
def test_a_full_disk_keeps_what_was_there(tmp_path: Path, suffix: str) -> None:
    """Several outputs are all or none: the small one would have fitted."""
    small, large = tmp_path / "small.csv", tmp_path / f"large{suffix}"
    small.write_text("mine")
    large.write_text("mine too")
    arguments = ("compute", COUNCILS, "-o", small, "-o", large, "--overwrite")
    with little_room():
        ran = run(*arguments)
    refused(ran, "Nothing was written: ")
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


def test_a_rename_that_fails_undoes_those_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file open elsewhere, on Windows, or one that nobody may replace: Nothing was written, says the program."""
    old, new, open_elsewhere = tmp_path / "old.csv", tmp_path / "new.csv", tmp_path / "open.xlsx"
    old.write_text("mine")
    open_elsewhere.write_text("open")
    replace = Path.replace

    def refused_if_open(part: Path, target: Path) -> Path:
        if Path(target) == open_elsewhere:
            raise PermissionError(13, "Permission denied", str(target))
        return replace(part, target)

    monkeypatch.setattr(Path, "replace", refused_if_open)
    made = {path: (lambda part: part.write_text("made") and None) for path in (old, new, open_elsewhere)}
    with pytest.raises(PermissionError):
        write_files(made)
    assert (old.read_text(), open_elsewhere.read_text()) == ("mine", "open")
    assert names(tmp_path) == ["old.csv", "open.xlsx"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_link_is_written_through(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / f"real{suffix}", tmp_path / f"link{suffix}"
    real.write_text("mine")
    link.symlink_to(real)
    assert run("compute", COUNCILS, "-o", link, "--overwrite").code == 0
    assert link.is_symlink()
    assert real.read_bytes() != b"mine"
    assert names(real.parent) == [real.name]


STOPPED_IN_MID_WRITING = """
import os, sys
written = os.fsync
def stop(handle):
    os.kill(os.getpid(), {number})
    written(handle)
os.fsync = stop
sys.argv = ["bch-apportion", *sys.argv[1:]]
from bch_apportion.cli import main
main()
"""


@pytest.mark.long
@pytest.mark.parametrize("suffix", LONG)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_an_interrupt_leaves_what_was_there(tmp_path: Path, suffix: str, number: signal.Signals) -> None:
    """The signal comes when the new file stands beside the target, and before it takes its place."""
    target = tmp_path / f"result{suffix}"
    target.write_text("mine")
    code = STOPPED_IN_MID_WRITING.format(number=int(number))
    arguments = ["compute", COUNCILS, "-o", target, "--overwrite"]
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (128 + number, b"")
    assert done.stderr == b"bch-apportion: stopped before it had finished\n"
    assert target.read_text() == "mine"
    assert names(tmp_path) == [target.name]


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
