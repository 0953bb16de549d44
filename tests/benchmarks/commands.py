"""The command line: whole processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from tests.benchmarks.bench import Bench, benchmark
from tests.benchmarks.figures import Row, Samples, at_most, ratio, row
from tests.benchmarks.peers import plain_csv
from tests.benchmarks.shop import Size, product_id
from tests.benchmarks.tills import python

SMALL: Final = Size(1_000, 200, 10_000)
TIMES: Final = 11
IMPORTS: Final = 3


@benchmark("commands")
def commands(bench: Bench) -> Iterable[Row]:
    """`sell` and `report --json`, in a small shop and in that of this run, in turns with Python doing nothing."""
    took: dict[str, list[float]] = {}

    def time_of(name: str, *words: str) -> None:
        took.setdefault(name, []).append(python(*words)[0] * 1000)

    acts: list[Callable[[], None]] = [partial(time_of, "pass", "-c", "pass")]
    shops = {"small": bench.lived_in(SMALL), "full": bench.shared}
    for name, folder in shops.items():
        tracker = ("-m", "tracker_tui", "-d", str(folder))
        python(*tracker, "count", product_id(0), "100000")
        acts.append(partial(time_of, f"sell, {name}", *tracker, "sell", f"{product_id(0)}=1"))
        acts.append(partial(time_of, f"report --json, {name}", *tracker, "report", "--json"))
    for _ in range(TIMES):
        for act in acts:
            act()
    nothing = Samples("python -c pass", tuple(took["pass"]))
    for verb in ("sell", "report --json"):
        small, full = (Samples(verb, tuple(took[f"{verb}, {name}"])) for name in ("small", "full"))
        what = f"command line: {verb}, whole process"
        yield row(f"{what}, {SMALL.products:,} products", small, ratio(nothing, 4))
        yield row(f"{what}, {bench.size.products:,} products", full, at_most(350), ratio(nothing))


@benchmark("import")
def import_all(bench: Bench) -> Iterable[Row]:
    """All products taken into an empty shop, as one entry, by the command line."""
    values: list[float] = []
    file = plain_csv(bench)
    for number in range(min(IMPORTS, bench.runs)):
        folder = bench.work / f"imported-{number}"
        seconds, told = python("-m", "tracker_tui", "-d", str(folder), "import", str(file), "--json")
        if json.loads(told)["entry"] != 1 or _lines(folder / "changes.txt") != bench.size.products + 1:
            raise RuntimeError(f"the import was not one entry of all products: {told}")
        values.append(seconds * 1000)
    yield row(f"import of {bench.size.products:,} products", Samples("import", tuple(values)), at_most(3000))


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")
