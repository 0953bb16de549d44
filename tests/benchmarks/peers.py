"""The other programs with a screen: VisiData and Textual's own table, on the same rows."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pyte

from tests.benchmarks.bench import NOT_INSTALLED, PROGRAMS, Bench, Program, installed
from tests.benchmarks.figures import Missing
from tests.benchmarks.terminal import Terminal


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


def visidata_loaded(terminal: Terminal, bench: Bench) -> float:
    """Return the seconds from the start until VisiData said how many rows it has, and nothing of loading."""
    screen = pyte.Screen(bench.columns, bench.rows)
    stream = pyte.ByteStream(screen)
    stream.feed(bytes(terminal.output[: terminal.chunks[0].end]))
    for before, chunk in pairwise(terminal.chunks):
        stream.feed(bytes(terminal.output[before.end : chunk.end]))
        told = screen.display[-1]
        if f" {bench.size.products} " in told and "processing" not in told and "%" not in told:
            return chunk.at - terminal.started
    raise ValueError(f"VisiData never told its {bench.size.products} rows: {screen.display[-1]!r}")
