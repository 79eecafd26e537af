"""What the program says, letter by letter, in a pipe; and that a terminal of 80 columns cuts no digit of it.

Each golden is a text beside this file, to be reviewed as prose. When a change is meant, write them anew with

    ACCEPT_SCREENS=1 pytest tests/screens

and read the difference. A golden that moves a figure needs a line under "Figures changed" in CHANGELOG.md.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import shutil
import struct
import sys
import termios
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

import pytest

from bch_apportion.cli import cli, main, progress
from tests.program import EXAMPLES, ROOT, Ran, run

HERE = Path(__file__).parent
COMMANDS = sorted(cli.commands)
SCREENS = {
    "compute-alliance": "compute examples/alliance.xlsx",
    "compute-alliance-2018-19": "compute examples/alliance.xlsx --year 2018/19 --full",
    "compute-alliance-in-thousands": "compute examples/alliance.xlsx --year 2018/19 --unit ICT --in thousands -q",
    "explain-ict-2018-19-beds": "explain examples/alliance.xlsx --unit ICT --year 2018/19 --force BEDS",
    "explain-hr-2016-17": "explain examples/alliance.xlsx --unit HR --year 2016/17",
    "check-south-hams": "check examples/south_hams_west_devon.xlsx",
    "variance-alliance-2018-19": "variance examples/alliance.xlsx --year 2018/19 --unit ICT --unit Procurement --full",
    "variance-alliance-budget": "variance examples/alliance.xlsx --against budget --year 2017/18 --unit HR -q",
    "track-alliance": "track examples/alliance.xlsx --base 2012/13 --year 2017/18..2018/19 --full",
    "status-alliance": "status examples/alliance.xlsx",
    "status-alliance-hr": "status examples/alliance.xlsx --unit HR --year 2016/17 --full -q",
    "benchmark-alliance": "benchmark examples/alliance.xlsx",
    "monitor-alliance": "monitor examples/alliance.xlsx --as-at 2019-08-31",
    "pack-alliance": "pack examples/alliance.xlsx --as-at 2019-08-31 -q",
    "settle-alliance": "settle examples/alliance.xlsx --year 2017/18 --unit ICT -q",
    "mtfs-alliance": "mtfs examples/alliance.xlsx --years 2 --scenario examples/high_pay.toml --as-at 2019-11-25",
    "mtfs-alliance-ranges": "mtfs examples/alliance.xlsx --years 2 --unit ICT --sensitivity --runs 1000 --seed 1 -q",
    "compare-alliance-bases": "compare examples/alliance.xlsx --basis nre --basis demand --unit ICT --year 2019/20 -q",
    "compare-alliance-without": "compare examples/alliance.xlsx --without HERTS --unit ICT --year 2018/19 -q",
    "compute-alliance-scenario": "compute examples/alliance.xlsx --scenario examples/wider_base.toml "
    "--set 'ICT.lag months=3' --year 2019/20 --unit ICT",
    "settle-alliance-markdown": "settle examples/alliance.xlsx --year 2017/18 --unit ICT --format md --in thousands",
    "verify-councils": "verify published.csv examples/south_hams_west_devon.xlsx",
    "help": "--help",
    **{f"help-{name}": f"{name} --help" for name in COMMANDS},
}

MANIFEST = re.compile(r"<!-- bch-apportion manifest.*?-->", re.DOTALL)


def screen(command: str) -> str:
    """A command, what it wrote to standard output, and below it what it wrote to standard error."""
    ran = run(*shlex.split(command))
    assert ran.code == (6 if command.startswith("verify published") else 0), ran.err
    assert "\x1b" not in ran.out + ran.err  # no escape codes in a pipe
    apart = f"--- standard error\n{ran.err.lstrip()}" if ran.err else ""
    out = MANIFEST.sub("<!-- bch-apportion manifest … -->", ran.out)  # letters and digits that nobody reads
    return f"$ bch-apportion {command}\n{out}{apart}"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the examples, and a result of one in which somebody moved £1,000 from one council to the other."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "examples").symlink_to(EXAMPLES)
    result = folder / "published.csv"
    assert run("compute", EXAMPLES / "south_hams_west_devon.xlsx", "-o", result, "-q").code == 0
    text = result.read_text("utf-8")
    for was, is_ in ((",71000.00,", ",70000.00,"), (",29000.00,", ",30000.00,")):
        assert text.count(was) == 1
        text = text.replace(was, is_)
    result.write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("name", SCREENS)
def test_screen(name: str, published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(published if "published" in SCREENS[name] else ROOT)
    path, shown = HERE / f"{name}.txt", screen(SCREENS[name])
    if os.environ.get("ACCEPT_SCREENS"):
        path.write_text(shown, "utf-8")
    assert path.exists(), "a new screen: read it, and accept it with ACCEPT_SCREENS=1"
    assert shown.splitlines() == path.read_text("utf-8").splitlines()


def test_no_golden_is_left_over() -> None:
    assert {path.stem for path in HERE.glob("*.txt")} == set(SCREENS)


# The examples that --help shows


def examples_of(arguments: list[str]) -> list[str]:
    return [
        line.strip() for line in run(*arguments, "--help").out.splitlines() if line.startswith("    bch-apportion ")
    ]


@pytest.mark.long
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_examples_of_a_help_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, in one folder: a later one may need what an earlier one wrote."""
    shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    lines = examples_of([name] if name else [])
    assert lines
    for line in lines:
        ran = run(*shlex.split(line)[1:])
        assert ran.code == 0, f"{line}: {ran.err}"
        assert ran.out or ran.err


# In a terminal

STYLE = re.compile(r"\x1b\[[0-9;]*m")
FIGURE = re.compile(r"\d[\d,.:/%-]*")
IN_TERMINAL = [
    "compute examples/alliance.xlsx --full",
    "explain examples/alliance.xlsx --unit HR --year 2016/17",
    "check examples/alliance.xlsx",
    "check examples/south_hams_west_devon.xlsx",
]
LONG = [pytest.param(command, marks=pytest.mark.long) for command in IN_TERMINAL]


def in_terminal(command: str, columns: int = 80, env: Mapping[str, str] | None = None) -> Ran:
    """A command whose three streams are a pseudo terminal; however long it takes, it draws no bar."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with ThreadPoolExecutor(1) as other, pytest.MonkeyPatch.context() as patched:
        written = other.submit(all_of, ours)
        for name in ("COLUMNS", "LINES"):
            patched.delenv(name, raising=False)
        for name, value in (env or {}).items():
            patched.setenv(name, value)
        patched.chdir(ROOT)
        patched.setattr(progress, "PATIENCE", 3600)
        with streams_on(theirs):
            code = ended(command)
    os.close(ours)
    return Ran(code, written.result().decode("utf-8").replace("\r\n", "\n"), "")


def all_of(file: int) -> bytes:
    """What is written to a terminal until its other end is closed."""
    written = b""
    with suppress(OSError):
        while more := os.read(file, 65536):
            written += more
    return written


@contextmanager
def streams_on(terminal: int) -> Iterator[None]:
    """The streams of this process are a terminal, which is then closed."""
    before = [os.dup(stream) for stream in range(3)]
    with pytest.MonkeyPatch.context() as patched:
        for stream, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
            os.dup2(terminal, stream)
            patched.setattr(sys, name, open(stream, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
        os.close(terminal)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for stream, own in enumerate(before):
                os.dup2(own, stream)
                os.close(own)


def ended(command: str) -> int:
    """The exit code with which a command ends in this process."""
    with patch.object(sys, "argv", ["bch-apportion", *shlex.split(command)]):
        try:
            main()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def figures(text: str) -> Counter[str]:
    return Counter(FIGURE.findall(text))


@pytest.mark.parametrize("command", [*LONG[:3], IN_TERMINAL[3]])
def test_no_digit_is_cut_in_80_columns(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shown, piped = in_terminal(command), run(*shlex.split(command))
    assert shown.code == piped.code == 0
    assert "Traceback" not in shown.out
    assert "…" not in STYLE.sub("", shown.out)
    assert figures(STYLE.sub("", shown.out)) == figures(piped.out + piped.err)


def test_figures_of_a_text() -> None:
    assert figures("−1,234.56 of 2018/19 (33.3%)") == Counter(["1,234.56", "2018/19", "33.3%"])


def test_a_narrow_terminal_cuts_nothing_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command = "compute examples/south_hams_west_devon.xlsx --show splits --show lines"
    shown = in_terminal(command, columns=60)
    ran = run(*shlex.split(command))
    assert figures(STYLE.sub("", shown.out)) == figures(ran.out + ran.err)


def test_a_terminal_is_styled() -> None:
    assert STYLE.search(in_terminal("check examples/south_hams_west_devon.xlsx").out)


@pytest.mark.parametrize(
    ("option", "env"),
    [
        (" --no-color", {}),
        ("", {"NO_COLOR": "1"}),
        pytest.param("", {"BCH_APPORTION_NO_COLOR": "1"}, marks=pytest.mark.long),
        pytest.param("", {"TERM": "dumb"}, marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("command", [LONG[1], IN_TERMINAL[3]])
def test_no_escape_codes_without_colour(command: str, option: str, env: dict[str, str]) -> None:
    shown = in_terminal(command + option, env=env)
    assert shown.code == 0
    assert "\x1b" not in shown.out


def test_no_escape_codes_of_a_usage_error_in_a_pipe() -> None:
    ran = run("compute", "no_such_file.xlsx")
    assert ran.code == 2
    assert "\x1b" not in ran.out + ran.err


def test_a_usage_error_in_a_terminal() -> None:
    shown = in_terminal("compute no_such_file.xlsx")
    assert shown.code == 2
    assert "Error: " in shown.out
    assert "Traceback" not in shown.out
