"""The command line: read, call, write. Commands are thin; what they do is a call of the package.

Only click is imported here, so that --help, --version and usage errors answer at once.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any

import click

from bch_apportion import __version__
from bch_apportion.cli.building import build
from bch_apportion.cli.count import count
from bch_apportion.cli.delivery import ENDING
from bch_apportion.cli.options import TRACEBACKS
from bch_apportion.cli.running import EXIT_CODES
from bch_apportion.cli.template import template
from bch_apportion.cli.verify import verify
from bch_apportion.questions import QUESTIONS


@click.group(
    name="bch-apportion",
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "BCH_APPORTION"},
    epilog="\n".join(("\b\nExit codes:", *(f"  {code}  {meaning}" for code, meaning in EXIT_CODES.items()))),
)
@click.version_option(__version__, prog_name="bch-apportion", allow_from_autoenv=False)
def cli() -> None:
    """Apportion the cost of shared units, exact to the penny, with every figure explained.

    One Excel workbook of unit budgets and demand data in; what each force pays out, on which basis and why.

    \b
    Example:
      bch-apportion compute examples/alliance.xlsx --year 2018/19
    """


for _command in (count, template, verify, *map(build, QUESTIONS)):
    cli.add_command(_command)


class _Closed(TextIOWrapper):
    """A standard output that is closed: what would be written there is lost, and that is an error."""

    def write(self, text: str) -> int:
        raise OSError(errno.EBADF, "standard output is closed")


class Stopped(BaseException):
    """Somebody wants the program to end: what is half written goes, then it ends."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main() -> None:
    """The program. A fault in it ends with exit code 1 and, under -v, its traceback."""
    _utf8()
    collecting = gc.isenabled()
    gc.disable()  # nothing here is cyclic, and looking for cycles among very many rows takes a tenth of the time
    try:
        with _stoppable():
            _run()
    except Stopped as stop:
        click.echo("bch-apportion: stopped before it had finished", err=True)
        raise SystemExit(128 + stop.number) from None
    finally:
        if collecting:
            gc.enable()


def _run() -> None:
    try:
        raise SystemExit(_exit_code())
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise SystemExit(ENDING["code"]) from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EBADF):
            _fault(error)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        click.echo(f"bch-apportion: the output cannot be written: {error.strerror}", err=True)
        raise SystemExit(2) from error
    except Exception as error:  # the last resort: exit code 1 (test_1_a_fault_in_the_program)
        _fault(error)


def _exit_code() -> int:
    """With what the command ended."""
    try:
        if "_BCH_APPORTION_COMPLETE" in os.environ:  # the shell asks what could be typed next
            cli(prog_name="bch-apportion")
        with cli.make_context("bch-apportion", sys.argv[1:]) as context:
            cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as usage:
        usage.show()
        return usage.exit_code
    except click.Abort:
        return 1
    return 0


@contextmanager
def _stoppable() -> Iterator[None]:
    """Signals to end come as `Stopped`, the first of them alone, so that nothing half written is left behind."""
    wanted = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before: dict[int, Any] = {}

    def stop(number: int, _: object) -> None:
        for caught in before:
            signal.signal(caught, signal.SIG_IGN)
        raise Stopped(number)

    try:
        for number in wanted:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup and background jobs do not want to be stopped
                before[number] = signal.signal(number, stop)
    except ValueError:
        pass  # not the main thread: whoever called us minds the signals
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _fault(error: Exception) -> None:
    """Say what happened, with its traceback under -v, and end with exit code 1."""
    if TRACEBACKS["wanted"]:
        import traceback

        traceback.print_exception(error)
    else:
        click.echo(
            f"bch-apportion: a fault in the program: {type(error).__name__}: {error}\n"
            "Nothing was written. Run again with -v for the traceback.",
            err=True,
        )
    raise SystemExit(1) from error


def _utf8() -> None:
    """UTF-8 in a pipe or file whatever the locale, so that the same input gives the same bytes."""
    for name, stand_in in (("stdout", _Closed), ("stderr", TextIOWrapper)):
        if getattr(sys, name) is None:  # closed by whoever started us; no file we open may take its number
            setattr(sys, name, stand_in(os.fdopen(os.open(os.devnull, os.O_WRONLY), "wb"), encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            if stream.isatty():
                reconfigure(errors="replace")
            else:
                reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
