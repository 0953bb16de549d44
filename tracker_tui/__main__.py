"""`python -m tracker_tui` and the command `tracker-tui`: the only place that ends the process."""

from __future__ import annotations

import sys

from tracker_tui.cli import run


def main() -> None:
    """Run the command line and end with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
