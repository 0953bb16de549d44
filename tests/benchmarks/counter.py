"""At the counter, with a scanner: from the end of a scan to its line, and from F9 to the sale that is booked."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

from tests.benchmarks.bench import Bench, benchmark, ours
from tests.benchmarks.figures import Collected, Row, at_most, row
from tests.benchmarks.shop import Size
from tests.benchmarks.starting import OURS
from tests.benchmarks.terminal import Terminal

PRODUCTS: Final = 20_000
SCANS: Final = 60
SALES: Final = 20
GAP_S: Final = 0.004
"""Between two keys of the scanner."""
DEAF_S: Final = 0.5
"""After so long the pay dialog surely hears keys."""


def at_the_counter(bench: Bench) -> Collected:
    """Return what scans and sales took."""
    return bench.once("counter", lambda: _work(bench))


def _work(bench: Bench) -> Collected:
    found = Collected()
    folder = bench.lived_in(Size(PRODUCTS, bench.size.customers, bench.size.lines))
    goods = list(islice(_goods(folder), SCANS + SALES))
    with bench.open(ours(folder)._replace(shown=bench.last_row)) as terminal:
        terminal.settle(1.0)
        terminal.press("<F4>", 0.3)
        for product_id, code in goods[:SCANS]:
            found.add(OURS, "scan", _scan(terminal, code, product_id) * 1000)
        _pay(terminal, found)
        for product_id, code in goods[SCANS:]:
            _scan(terminal, code, product_id)
            _pay(terminal, found)
        terminal.leave("<Ctrl+Q>")
    return found


def _goods(folder: Path) -> Iterable[tuple[str, str]]:
    """Yield id and barcode of products that can be scanned and sold."""
    with (folder / "inventory.txt").open(encoding="utf-8", newline="") as file:
        for fields in csv.reader(file):
            if len(fields) > 6 and fields[6].isdecimal() and int(fields[3]) > 1:
                yield fields[0], fields[6]


def _scan(terminal: Terminal, code: str, shown: str) -> float:
    """Send a code as a scanner does; return the seconds from its end until the line of the product was sent."""
    for digit in code:
        terminal.send(digit)
        terminal.idle(GAP_S)
    return terminal.press_for("<Enter>", shown)


def _pay(terminal: Terminal, found: Collected) -> None:
    """Pay exactly, in cash."""
    found.add(OURS, "F9", terminal.press_for("<F9>", "Pay: ") * 1000)
    terminal.idle(DEAF_S)
    found.add(OURS, "F9 again", terminal.press_for("<F9>", "Undo the sale") * 1000)
    terminal.idle(DEAF_S)


@benchmark("scan")
def scan(bench: Bench) -> Iterable[Row]:
    """A scan on Sell, over a terminal: from Enter, which ends it, to the line of the product."""
    what = f"a scan among {PRODUCTS:,} products: from its end to the line"
    yield row(what, at_the_counter(bench).of(OURS, "scan"), at_most(50, "p95"))


@benchmark("pay")
def pay(bench: Bench) -> Iterable[Row]:
    """F9 to the pay dialog, and F9 again to the sale that is booked and acknowledged on the screen."""
    found = at_the_counter(bench)
    yield row("F9: to the pay dialog", found.of(OURS, "F9"))
    yield row("F9 again: to the acknowledged sale", found.of(OURS, "F9 again"))
