"""From a key to the last byte of its paint."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from tests.benchmarks.bench import Bench, Program, benchmark
from tests.benchmarks.figures import Collected, Measured, Missing, Row, Samples, at_most, ratio, row
from tests.benchmarks.peers import Mirror, visidata
from tests.benchmarks.shop import product_id
from tests.benchmarks.starting import OURS, VISIDATA
from tests.benchmarks.terminal import Terminal

PRESSES = 25
HELD_EACH_S = 1 / 30
WORDS = ("marz", "glue st", "blue núñez", "100077")
"""What is typed into the filter and into Search: parts of names, two words, an id."""
THINKING_S = 0.3
"""Silence after which a search has surely shown all that it has found."""
VISIDATA_THINKING_S = 2.0
"""It tells its progress only now and then."""
_COLUMNS = 6
SEARCHES = 3
Step: TypeAlias = Callable[[Terminal, Collected], None]


def _loaded(bench: Bench, program: Program, found: Collected, steps: Sequence[Step]) -> None:
    with bench.open(program) as terminal:
        terminal.settle(1.0)
        for step in steps:
            step(terminal, found)
        terminal.leave(program.leave)


def typed(bench: Bench) -> Collected:
    """Return what keys cost in this program and in VisiData, measured in turns."""
    return bench.once("typed", lambda: _type(bench))


def _type(bench: Bench) -> Collected:
    found = Collected()
    ours, peer = bench.ours(), visidata(bench)
    one_row = last_letter(bench.looked_at / "inventory.txt")
    steps: tuple[Step, ...] = (move_ours, filter_, search, sort, partial(narrow, keys=one_row))
    turns = [partial(_loaded, bench, ours, found, steps)]
    if isinstance(peer, Missing):
        found.miss(peer)
    else:
        steps = (move_visidata, partial(search_visidata, bench=bench), partial(sort_visidata, bench=bench))
        turns.append(partial(_loaded, bench, peer, found, steps))
    bench.in_turns(*turns)
    return found


# Moving


def move_ours(terminal: Terminal, found: Collected) -> None:
    """Move through the products."""
    _move(terminal, found, OURS)


def move_visidata(terminal: Terminal, found: Collected) -> None:
    """Move through the rows."""
    _move(terminal, found, VISIDATA)


def _move(terminal: Terminal, found: Collected, name: str) -> None:
    for key in ("Down", "Page Down"):
        for _ in range(PRESSES):
            paint = terminal.press(f"<{key}>")
            found.add(name, key, paint.seconds * 1000)
            found.add(name, f"{key} bytes", paint.sent, "bytes")
    for _ in range(PRESSES // 3):
        for key in ("End", "Home"):
            found.add(name, key, terminal.press(f"<{key}>").seconds * 1000)
    lags = terminal.hold("<Page Down>", 60, HELD_EACH_S)
    found.add(name, "held", max(lags) * 1000)
    terminal.press("<Home>")


@benchmark("move")
def move(bench: Bench) -> Iterable[Row]:
    """Down, Page Down, End, Home, one at a time."""
    found = typed(bench)
    for key in ("Down", "Page Down", "End", "Home"):
        checks = at_most(8), at_most(20, "p95"), ratio(found.of(VISIDATA, key), 0.5)
        yield row(f"{key}: key to paint", found.of(OURS, key), *checks)


@benchmark("held")
def held(bench: Bench) -> Iterable[Row]:
    """Page Down held at 30 a second: how far the paint is behind the key, at most."""
    found = typed(bench)
    checks = at_most(20, "largest"), ratio(found.of(VISIDATA, "held"))
    yield row("held Page Down, 30 a second: largest lag", found.of(OURS, "held"), *checks)


@benchmark("bytes")
def sent(bench: Bench) -> Iterable[Row]:
    """What goes over the line."""
    found = typed(bench)
    page = found.of(OURS, "Page Down bytes")
    yield row("bytes for a Page Down", page, ratio(found.of(VISIDATA, "Page Down bytes"), 1))
    yield row("bytes for a filter key that changes one row", found.of(OURS, "one row"), at_most(1000))


# Finding


def filter_(terminal: Terminal, found: Collected) -> None:
    """Type words into the filter of Products."""
    _find(terminal, found, "filter")


def search(terminal: Terminal, found: Collected) -> None:
    """Type words into Search."""
    terminal.press("<F3>", THINKING_S)
    terminal.press("<Escape>", THINKING_S)  # Search begins in the field, where a slash is a letter.
    _find(terminal, found, "search")
    terminal.press("<F2>", THINKING_S)


def _find(terminal: Terminal, found: Collected, name: str) -> None:
    for words in WORDS:
        terminal.send("/")
        terminal.settle(THINKING_S)
        for place, letter in enumerate(words):
            paint = terminal.press(letter, THINKING_S)
            found.add(OURS, name if place else f"{name}, first letter", paint.seconds * 1000)
        for _ in range(2):  # The first Escape takes the words away, the second leaves the field.
            terminal.send("<Escape>")
            terminal.settle(THINKING_S)


def search_visidata(terminal: Terminal, found: Collected, bench: Bench) -> None:
    """Search from the first row, in the one column of the ids, for the last row."""
    last, mirror = product_id(bench.size.products - 1), Mirror(terminal, bench)
    for _ in range(SEARCHES):
        terminal.press("<Home>")
        terminal.press("/")
        terminal.send(last)
        terminal.settle(VISIDATA_THINKING_S)
        seconds = _visidata_shows(terminal, mirror, "<Enter>", -2, last)
        found.add(VISIDATA, "search", seconds * 1000)


def _visidata_shows(terminal: Terminal, mirror: Mirror, key: str, line: int, text: str) -> float:
    """Return the seconds from a key until a line of the screen begins with a text."""
    at = terminal.send(key)
    terminal.settle(VISIDATA_THINKING_S)
    return mirror.moment(lambda lines: lines[line].strip().startswith(text), at) - at


@benchmark("filter")
def filter_keys(bench: Bench) -> Iterable[Row]:
    """Each key in the filter of Products, and in Search."""
    found = typed(bench)
    for name, where in (("filter", "a key in the filter"), ("search", "a key in Search")):
        for figure in (name, f"{name}, first letter"):
            what = where.replace("a key", "the first letter") if figure != name else where
            checks = at_most(16), at_most(40, "p95"), ratio(found.of(VISIDATA, "search"), 0.05)
            yield row(f"{what}: key to paint of the result", found.of(OURS, figure), *checks)


def last_letter(inventory: Path) -> tuple[str, str]:
    """Return the beginning of a barcode that just two products have, and the digit that leaves one of them."""
    with inventory.open(encoding="utf-8", newline="") as file:
        codes = sorted(row[6] for row in csv.reader(file) if len(row) > 6 and row[6].isdecimal())
    tens = [code[:11] for code in codes]
    for code, later in pairwise(codes):
        if code[:11] == later[:11] and tens.count(code[:11]) == 2:
            return code[:11], code[11]
    raise ValueError("no two products have barcodes that begin alike")


def narrow(terminal: Terminal, found: Collected, keys: tuple[str, str]) -> None:
    """Type so that two rows are found, and then one key that leaves one of them."""
    terminal.send("/")
    terminal.settle(THINKING_S)
    for letter in keys[0]:
        terminal.press(letter, THINKING_S)
    found.add(OURS, "one row", terminal.press(keys[1], THINKING_S).sent, "bytes")
    for _ in range(2):
        terminal.send("<Escape>")
        terminal.settle(THINKING_S)


# Sorting


def sort(terminal: Terminal, found: Collected) -> None:
    """Sort by each column in turn."""
    for column in range(_COLUMNS):
        found.add(OURS, f"sort {column}", terminal.press("s", THINKING_S).seconds * 1000)


def sort_visidata(terminal: Terminal, found: Collected, bench: Bench) -> None:
    """Sort by the ids, the last one first, and back."""
    mirror = Mirror(terminal, bench)
    for key, first in (("]", product_id(bench.size.products - 1)), ("[", product_id(0))):
        terminal.press("<Home>")
        found.add(VISIDATA, "sort", _visidata_shows(terminal, mirror, key, 2, first) * 1000)


@benchmark("sort")
def sort_keys(bench: Bench) -> Iterable[Row]:
    """Sort by any column: the slowest of them counts."""
    found = typed(bench)
    columns = [found.of(OURS, f"sort {column}") for column in range(_COLUMNS)]
    slowest: Measured = max(
        (column for column in columns if isinstance(column, Samples)), key=lambda column: column.median
    )
    yield row("sort by the slowest column", slowest, at_most(150), ratio(found.of(VISIDATA, "sort")))
