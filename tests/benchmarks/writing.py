"""What is made durable: sales, the snapshot, an import."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Final

from tests.benchmarks.bench import Bench, benchmark
from tests.benchmarks.figures import Measured, Missing, Row, Samples, at_most, ratio, row
from tests.benchmarks.programs.till import MARK
from tests.benchmarks.shop import Size
from tests.benchmarks.tills import Till, database

ROUNDS: Final = 12
BATCH: Final = 20
"""Sales that one session makes before it is the next one's turn."""
FEW: Final = 100
SALES_TRACED: Final = 10
SAVES: Final = 12
CHANGED: Final = 10
"""Sales between two saves."""


def sales(bench: Bench) -> dict[str, Samples]:
    """Return the times of sales in the shop of this run and in smaller ones, by name."""
    return bench.once("sales", lambda: _sell(bench))


def _sell(bench: Bench) -> dict[str, Samples]:
    products = bench.size.products
    shops = {
        "full": (bench.shared, database(bench)),
        "no lines": (bench.lived_in(Size(products, bench.size.customers, 0)), None),
        "few products": (bench.lived_in(Size(FEW, bench.size.customers, 0)), None),
    }
    took: dict[str, list[float]] = defaultdict(list)
    with ExitStack() as stack:
        tills = {name: stack.enter_context(Till(*shop)) for name, shop in shops.items()}
        for number in range(ROUNDS + 1):
            for name, till in tills.items():
                for lines in (1, 10) if name == "full" else (1,):
                    answer = till.ask("sell", lines=lines, times=BATCH)
                    if number:  # The first round is for the caches.
                        for whose, values in answer.items():
                            took[f"{whose}, {lines}, {name}"] += values
    return {
        name: Samples(name, tuple(value * 1000 for value in values))
        for name, values in took.items()
        if values
    }


@benchmark("sale")
def sale(bench: Bench) -> Iterable[Row]:
    """A sale, validated, from the call to durable; its floor and SQLite in the same process, in turns."""
    found = sales(bench)
    for lines, what, limit in ((1, "a sale of one line", 1.3), (10, "a sale of ten lines", 1.5)):
        bare = found[f"bare, {lines}, full"]._replace(name="lock, append, fsync")
        books = found[f"sqlite, {lines}, full"]._replace(name="SQLite, WAL, FULL")
        looks = found[f"looks, {lines}, full"]._replace(name="the same with looks at the files")
        ours = found[f"ours, {lines}, full"]
        yield row(f"{what}, from call to durable", ours, ratio(bare, limit), ratio(looks), ratio(books, 0.8))
        yield row(f"{what}: looks at the files alone", looks, ratio(bare))


@benchmark("sale-growth")
def sale_growth(bench: Bench) -> Iterable[Row]:
    """The same sale in a shop of few products and in one that has sold nothing yet."""
    found = sales(bench)
    none = found["ours, 1, no lines"]._replace(name=f"{bench.size.products:,} products, no lines")
    few = found["ours, 1, few products"]._replace(name=f"{FEW} products, no lines")
    yield row(f"a sale among {bench.size.products:,} products", none, ratio(few, 1.1))
    yield row(f"a sale after {bench.size.lines:,} lines", found["ours, 1, full"], ratio(none, 1.1))


@benchmark("fsyncs")
def fsyncs(bench: Bench) -> Iterable[Row]:
    """How often a sale makes something durable, counted from outside, in a run of its own."""
    yield row("fsyncs of a sale", _count_fsyncs(bench), at_most(1, "largest"))


def _count_fsyncs(bench: Bench) -> Measured:
    if shutil.which("strace") is None:
        return Missing("fsyncs", "strace is not installed")
    told = bench.work / "strace.txt"
    calls = "trace=fsync,fdatasync,sync,syncfs,sync_file_range,msync,openat"
    folder = bench.lived_in(Size(FEW, 1, FEW))
    with Till(folder, tracer=("strace", "-f", "-qq", "-e", calls, "-o", str(told))) as till:
        till.ask("sell", lines=1, times=1)
        for number in range(SALES_TRACED):
            till.ask("mark", name=f"{number}-begin")
            till.ask("sell", lines=3, times=1)
            till.ask("mark", name=f"{number}-end")
    counts: list[float] = []
    for part in re.split(rf"{MARK}\d+-begin", told.read_text("utf-8"))[1:]:
        done = re.split(rf"{MARK}\d+-end", part)[0]
        # One of them is that of the floor, which goes in turns with the sale.
        counts.append(len(re.findall(r"\b(?:fsync|fdatasync|sync|syncfs|sync_file_range|msync)\(", done)) - 1)
    return Samples("fsyncs", tuple(counts), "")


@benchmark("snapshot")
def snapshot(bench: Bench) -> Iterable[Row]:
    """The snapshot saved after some sales."""
    with Till(bench.shared) as till:
        till.ask("save", times=2, changed=CHANGED)
        took = till.ask("save", times=SAVES, changed=CHANGED)
    ours = Samples("save", tuple(value * 1000 for value in took["ours"]))
    splice = Samples("splice, write, fsync, rename", tuple(value * 1000 for value in took["splice"]))
    yield row(f"snapshot of {bench.size.products:,} products saved", ours, ratio(splice, 2))
