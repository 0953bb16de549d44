"""The other programs with a screen: VisiData and Textual's own table, on the same rows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte

from tests.benchmarks.bench import NOT_INSTALLED, PROGRAMS, Bench, Program, installed
from tests.benchmarks.figures import Missing
from tests.benchmarks.terminal import NotShown, Terminal


def plain_csv(bench: Bench) -> Path:
    """Return the inventory as every program of tables reads it: without its first and its last line."""

    def write() -> Path:
        file = bench.work / "products.csv"
        lines = (bench.looked_at / "inventory.txt").read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(line for line in lines if not line.startswith(b"#")))
        return file

    return bench.once("plain csv", write)


def visidata(bench: Bench) -> Program | Missing:
    """Return VisiData on the inventory, without its user's settings and without looking for news on the net."""
    if not installed("visidata"):
        return Missing("VisiData", NOT_INSTALLED)
    command = (sys.executable, "-m", "visidata", "-N", "--motd-url=", str(plain_csv(bench)))
    return Program("VisiData", command, bench.last_row, "gq")


def datatable(bench: Bench) -> Program:
    """Return Textual's DataTable with the rows of the inventory."""
    command = (sys.executable, str(PROGRAMS / "datatable.py"), str(plain_csv(bench)))
    return Program("DataTable", command, bench.last_row)


class Mirror:
    """What a terminal has shown, looked at afterwards, so that drawing it does not cost what is measured.

    Curses sends only the characters that differ, so what a program shows cannot be found in what it sends.

    Args:
        terminal: The terminal.
        bench: Knows its size.
    """

    def __init__(self, terminal: Terminal, bench: Bench) -> None:
        self._terminal = terminal
        self._screen = pyte.Screen(bench.columns, bench.rows)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0

    def moment(self, shows: Callable[[Sequence[str]], bool], since: float = 0.0) -> float:
        """Return when the lines of the screen first were as asked after a moment, of what was not looked at yet.

        Raises:
            NotShown: They never were.
        """
        chunks = self._terminal.chunks
        while self._fed < len(chunks):
            begin = chunks[self._fed - 1].end if self._fed else 0
            self._stream.feed(bytes(self._terminal.output[begin : chunks[self._fed].end]))
            self._fed += 1
            at = chunks[self._fed - 1].at
            if at >= since and shows(self._screen.display):
                return at
        raise NotShown(f"never shown as asked; last: {self._screen.display}")


def visidata_loaded(terminal: Terminal, bench: Bench) -> float:
    """Return the seconds from the start until VisiData said how many rows it has, and nothing of loading."""

    def loaded(lines: Sequence[str]) -> bool:
        told = lines[-1]
        return f" {bench.size.products} " in told and "processing" not in told and "%" not in told

    return Mirror(terminal, bench).moment(loaded) - terminal.started
