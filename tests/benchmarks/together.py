"""Sessions beside each other: another's sale on the screen, and the keys while the snapshot is saved."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from tests.benchmarks.bench import Bench, benchmark, ours
from tests.benchmarks.figures import Row, Samples, at_most, row
from tests.benchmarks.keys import HELD_EACH_S
from tests.benchmarks.shop import product_id
from tests.benchmarks.tills import Till

SALES: Final = 12
SAVED_AFTER_S: Final = 1.0
SEEN_S: Final = 4.5
"""In this time another's sale was shown, saved by its session, and is not marked any more."""
SAVES: Final = 4
PRESSES_WHILE_SAVING: Final = 100


@benchmark("news")
def news(bench: Bench) -> Iterable[Row]:
    """Another session's sale of the first product, on a screen that shows it."""
    folder, seconds, cpu = bench.shared, list[float](), list[float]()
    first = product_id(0)
    with Till(folder) as till, bench.open(ours(folder)._replace(shown=bench.last_row)) as terminal:
        till.ask("stock", product=first)
        till.ask("save", times=1, changed=1)
        terminal.idle(2 * SEEN_S)
        used, begin = terminal.cpu_s(), time.perf_counter()
        terminal.idle(SEEN_S)
        idle = (terminal.cpu_s() - used) / (time.perf_counter() - begin)
        for _ in range(SALES):
            before, used = len(terminal.output), terminal.cpu_s()
            sold = till.ask("sell_one", product=first)["at"]
            shown = terminal.until(first, after=before, seconds=10)
            seconds.append((shown - sold) * 1000)
            terminal.idle(SAVED_AFTER_S)
            till.ask("save_now")
            terminal.idle(SEEN_S - SAVED_AFTER_S)
            took = time.perf_counter() - sold
            cpu.append(max(0.0, (terminal.cpu_s() - used) - idle * took) * 1000)
        terminal.leave("<Ctrl+Q>")
    yield row("another session's sale on my screen", Samples("shown", tuple(seconds)), at_most(500, "p95"))
    yield row("another session's sale: processor of the idle session", Samples("cpu", tuple(cpu)), at_most(5))


@benchmark("keys-while-saving")
def keys_while_saving(bench: Bench) -> Iterable[Row]:
    """Down held at 30 a second while this session saves the snapshot after a delivery of its own."""
    folder, lags = bench.shared, list[float]()
    with bench.open(ours(folder)._replace(shown=bench.last_row)) as terminal:
        terminal.settle(1.0)
        for _ in range(SAVES):
            terminal.press("i")
            terminal.send("1")
            terminal.settle()
            saved = (folder / "inventory.txt").stat().st_ino
            terminal.send("<Ctrl+S>")
            terminal.settle()  # The form is gone; the snapshot follows in a second.
            lags += [lag * 1000 for lag in terminal.hold("<Down>", PRESSES_WHILE_SAVING, HELD_EACH_S)]
            if (folder / "inventory.txt").stat().st_ino == saved:
                raise RuntimeError("the snapshot was not saved meanwhile")
        terminal.leave("<Ctrl+Q>")
    yield row("Down held while the snapshot is saved", Samples("lag", tuple(lags)), at_most(50, "largest"))
