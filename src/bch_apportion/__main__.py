"""The program in a process of its own: `bch-apportion`, and `python -m bch_apportion`."""

import gc
import os
import sys


def main() -> None:
    """Runs the program to its end, and leaves its memory to the system: giving back each value takes a while."""
    gc.disable()  # while its modules are loaded too
    from bch_apportion.cli import main as program

    try:
        program()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))


if __name__ == "__main__":
    main()
