"""What the command line says, to people and to files: the one choke point for people's text."""

from __future__ import annotations

import io
import sys

from tracker_tui.model.text import visible


def prepare_streams() -> None:
    """Let no character of a name end the program, whatever the terminal's locale."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def say(text: str) -> None:
    """Print lines for a person on stdout."""
    write("".join(f"{visible(line)}\n" for line in text.split("\n")))


def complain(text: str) -> None:
    """Print lines for a person on stderr."""
    sys.stderr.write("".join(f"tracker-tui: {visible(line)}\n" for line in text.split("\n")))
    sys.stderr.flush()


def say_raw(text: str) -> None:
    """Print the text of a file on stdout: word for word into a file or pipe, as symbols on a terminal."""
    if sys.stdout.isatty():
        text = "\n".join(visible(line) for line in text.split("\n"))
    write(text)


def write(text: str) -> None:
    """Write on stdout, at once."""
    sys.stdout.write(text)
    sys.stdout.flush()
