"""What grows with the shop: the medians of some rows for shops of many sizes."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Final

from tests.benchmarks.bench import REGISTER, Bench
from tests.benchmarks.figures import Samples, aligned, number
from tests.benchmarks.shop import Size
from tests.benchmarks.terminal import NotShown

PRODUCTS: Final = (1_000, 10_000, 100_000)
LINES: Final = (0, 100_000, 1_000_000)
ROWS: Final = (
    "first-paint", "loaded", "memory", "leaving", "move", "filter", "sort", "sale", "snapshot", "news", "report",
    "report-cold", "report-range", "customer", "commands", "import",
)  # fmt: skip
"""Benchmarks that are told; the others do not depend on the shop by what they ask."""

Grown = dict[str, dict[Size, Samples]]


def sizes(customers: int) -> list[Size]:
    """Return the shops, smallest first."""
    return [Size(products, customers, lines) for products in PRODUCTS for lines in LINES]


def measure(shops: Sequence[Size], names: Sequence[str], *, runs: int, seed: int) -> Grown:
    """Run some benchmarks on each of the shops."""
    grown: Grown = {}
    for size in shops:
        bench = Bench(size, runs=runs, seed=seed)
        try:
            for name in names:
                print(f"{size}: {name} …", file=sys.stderr, flush=True)
                _add(grown, bench, name)
        finally:
            bench.close()
    return grown


def _add(grown: Grown, bench: Bench, name: str) -> None:
    try:
        rows = list(REGISTER[name](bench))
    except (NotShown, RuntimeError, ValueError) as error:
        print(f"{bench.size}: {name}: {error}", file=sys.stderr)
        return
    for what, measured, _ in rows:
        if isinstance(measured, Samples):
            general = what.replace(f"{bench.size.products:,} products", "all products")
            grown.setdefault(general, {})[bench.size] = measured


def table(grown: Mapping[str, Mapping[Size, Samples]], shops: Sequence[Size]) -> str:
    """Return one line a row and one column a shop, and how many times the smallest shop the largest takes."""
    header = ("median", *(f"{_short(size.products)} / {_short(size.lines)}" for size in shops), "grows")
    lines: list[tuple[str, ...]] = [header]
    for what, found in grown.items():
        unit = next(iter(found.values())).unit
        cells = [number(found[size].median) if size in found else "failed" for size in shops]
        first, last = found.get(shops[0]), found.get(shops[-1])
        times = f"{last.median / first.median:.1f}x" if first and last and first.median else ""
        lines.append((f"{what}, {unit}", *cells, times))
    return aligned(lines)


def _short(count: int) -> str:
    return (
        f"{count // 1_000_000}M"
        if count >= 1_000_000
        else f"{count // 1000}k"
        if count >= 1000
        else f"{count}"
    )
