"""The report and a customer's history."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterable
from itertools import count
from typing import Final

from tests.benchmarks.bench import NOT_INSTALLED, PROGRAMS, Bench, benchmark, installed
from tests.benchmarks.figures import Check, Measured, Missing, Row, Samples, at_most, ratio, row
from tests.benchmarks.keys import THINKING_S
from tests.benchmarks.ledgers import beancount_journal, hledger_journal, truth
from tests.benchmarks.programs.books import Books
from tests.benchmarks.tills import Till, database, python, seconds_of

RANGES: Final = (
    ("2026-06-30", "2026-06-30"),
    ("2026-06-01", "2026-06-30"),
    ("2024-02-01", "2024-02-29"),
    ("2025-01-01", "2025-12-31"),
    ("2023-07-02", "2026-06-29"),
    (None, "2025-03-15"),
    ("2024-08-17", None),
)
"""A day, months, a year, and nearly everything; None = no bound."""
CUSTOMERS: Final = 12
LEAST_PRESSES: Final = 10
PART: Final = 10
"""Ledger programs get one of so many lines."""


@benchmark("report")
def report(bench: Bench) -> Iterable[Row]:
    """F7 in a session that has not shown the report yet, to the right total on the screen."""
    values: list[float] = []
    for _ in range(bench.runs):
        with bench.open(bench.ours()) as terminal:
            terminal.settle(1.0)
            values.append(terminal.press_for("<F7>", truth(bench).total) * 1000)
            terminal.leave("<Ctrl+Q>")
    books = Books(database(bench))
    query = Samples("SQLite, same data", tuple(_milliseconds(books.report) for _ in range(bench.runs)))
    yield row(
        "Report, all time, with derived totals kept",
        Samples("report", tuple(values)),
        at_most(100),
        ratio(query),
    )


@benchmark("report-cold")
def report_cold(bench: Bench) -> Iterable[Row]:
    """The same with `.tracker/` deleted: from F7, pressed at the first paint, to the right total on the screen."""
    took, floor, alive, told = list[float](), list[float](), list[float](), list[float]()
    purchases = bench.looked_at / "purchases.txt"
    total = truth(bench).total

    def read() -> None:
        floor.append(float(python(str(PROGRAMS / "csv_alone.py"), str(purchases))[1]) * 1000)

    def show() -> None:
        shutil.rmtree(bench.looked_at / ".tracker", ignore_errors=True)
        with bench.open(bench.ours()) as terminal:
            took.append(terminal.press_for("<F7>", total) * 1000)
            told.append(len(set(re.findall(rb"\d+(?:\.\d+)? ?%", terminal.output))))
            terminal.leave("<Ctrl+Q>")

    def go_on() -> None:
        shutil.rmtree(bench.looked_at / ".tracker", ignore_errors=True)
        with bench.open(bench.ours()) as terminal:
            terminal.send("<F7><F2>")
            until = time.perf_counter() + max(took) / 1000
            terminal.settle(THINKING_S)  # Both screens are made; the totals go on behind them.
            for number in count():
                if number >= LEAST_PRESSES and time.perf_counter() > until:
                    break
                alive.append(terminal.press("<Down>", 0.02).seconds * 1000)
            terminal.settle()
            terminal.leave("<Ctrl+Q>")

    bench.in_turns(read, show, go_on)
    alone = Samples("csv.reader alone", tuple(floor))
    peers = [ratio(peer) for peer in _ledgers(bench)]
    yield row("Report, all time, .tracker/ deleted", Samples("report", tuple(took)), ratio(alone, 3), *peers)
    shown = Check("said at least once", kept=min(told) > 0)
    yield Row(
        "progress told while .tracker/ is made anew", Samples("progress", tuple(told), "times"), (shown,)
    )
    yield row("Down while .tracker/ is made anew", Samples("Down", tuple(alive)), at_most(50, "p95"))


def _ledgers(bench: Bench) -> Iterable[Measured]:
    """Yield what ledger programs take for their report of a part of the same lines."""
    lines = max(1, bench.size.lines // PART)
    hledger, beancount = (f"{name}, {lines:,} lines" for name in ("hledger", "beancount"))
    if shutil.which("hledger") is None:
        yield Missing(hledger, "not installed")
    else:
        journal = str(hledger_journal(bench, lines))
        yield Samples(hledger, (seconds_of("hledger", "-f", journal, "balance")[0] * 1000,))
    if not installed("beancount"):
        yield Missing(beancount, NOT_INSTALLED)
    else:
        journal = str(beancount_journal(bench, lines))
        yield Samples(beancount, (python(str(PROGRAMS / "beans.py"), journal)[0] * 1000,))


def _milliseconds(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000


@benchmark("report-range")
def report_range(bench: Bench) -> Iterable[Row]:
    """Spans of days that were not asked for before, of an open service."""
    values: list[float] = []
    for _ in range(bench.runs):
        with Till(bench.shared) as till:
            values += [
                till.ask("report", since=since, until=until)["seconds"] * 1000 for since, until in RANGES
            ]
    yield row("Report for a range", Samples("report", tuple(values)), at_most(200, "p95"))


@benchmark("customer")
def customer_history(bench: Bench) -> Iterable[Row]:
    """F6 to the history of the first customer, and Down to that of each next one."""
    first, further = list[float](), list[float]()
    latest = truth(bench).latest
    for _ in range(bench.runs):
        with bench.open(bench.ours()) as terminal:
            terminal.settle(1.0)
            bought = [latest.get(f"C{number:04d}") for number in range(1, CUSTOMERS + 1)]
            for place, entry in enumerate(bought):
                key = "<Down>" if place else "<F6>"
                if entry is None:
                    terminal.press(key, THINKING_S)
                    continue
                seconds = terminal.press_for(key, f"{entry} ", THINKING_S)
                (further if place else first).append(seconds * 1000)
            terminal.leave("<Ctrl+Q>")
    if first:
        yield row("customer history: F6 to the first one's", Samples("history", tuple(first)), at_most(200))
    if further:
        yield row(
            "customer history: Down to the next one's",
            Samples("history", tuple(further)),
            at_most(200, "p95"),
        )
