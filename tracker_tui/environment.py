"""The environment, before Textual is imported, and what is not loaded with it.

Textual reads its `TEXTUAL*` variables while it is imported: one of them names a module to load as the
driver, others press keys or write files. A clerk's `ssh` may send such variables, so none may count.
"""

from __future__ import annotations

import os
import sys

from tracker_tui.typed import Final

FRAMES_PER_S: Final = 240
"""How often Textual may repaint: at its own 60 a key waits up to 17 ms for the next frame."""

_SIZE: Final = ("LINES", "COLUMNS")
"""A size that a shell exported would count more than the terminal's own, and never follow it."""


def forget_environment(frames_per_s: int = FRAMES_PER_S, *, keep_size: bool = False) -> None:
    """Take every variable of Textual's out of the environment and set the one that is ours.

    Must run before anything imports Textual.

    Args:
        frames_per_s: The most repaints in a second.
        keep_size: Whether there is no terminal, so that the exported size is the only one.
    """
    sizes = () if keep_size else _SIZE
    for name in [name for name in os.environ if name.startswith("TEXTUAL") or name in sizes]:
        del os.environ[name]
    os.environ["TEXTUAL_FPS"] = str(frames_per_s)


def leave_out_tls() -> None:
    """Load `asyncio` as on a system without OpenSSL, which would take a tenth of an idle session's memory.

    Nothing in the program opens a connection. Whoever imports `ssl` later gets it, but `asyncio` offers no TLS.
    Must run before anything imports `asyncio`; otherwise it does nothing.
    """
    if "ssl" in sys.modules or "asyncio" in sys.modules:
        return
    sys.modules["ssl"] = None  # type: ignore[assignment]  # the documented way to make an import fail
    try:
        import asyncio  # noqa: F401, PLC0415 - loaded here, and without `ssl`
    finally:
        del sys.modules["ssl"]
