"""`python -m tracker_tui` and the command `tracker-tui`: the only place that ends the process."""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from tracker_tui.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end with its exit code."""
    # While modules load there is nothing to collect, and a command is over before there is.
    gc.disable()
    from tracker_tui.cli import run  # noqa: PLC0415 - see above

    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    # What was booked is on the disk and every file is closed: there is nothing to take apart piece by piece.
    os._exit(code)


if __name__ == "__main__":
    main()
