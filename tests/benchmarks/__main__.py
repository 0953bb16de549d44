"""`python -m tests.benchmarks`: measure, compare with floors and peers in the same run, print the table.

Exit codes: 0 all is as it must be, 1 something is not, 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from tests.benchmarks import growth, register
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Check, Missing, Row, as_json, table
from tests.benchmarks.shop import Size
from tests.benchmarks.terminal import NotShown


def main(argv: Sequence[str]) -> int:
    """Run the benchmarks that were asked for."""
    options = _parser().parse_args(argv)
    return _show_growth(options) if options.growth else _compare(options)


def _compare(options: argparse.Namespace) -> int:
    size = Size(options.products, options.customers, options.lines)
    columns, height = map(int, options.terminal.split("x"))
    bench = Bench(size, runs=options.runs, seed=options.seed, columns=columns, rows=height)
    try:
        rows = _measure(bench, options.only or list(register.REGISTER))
    finally:
        bench.close()
    if options.json:
        told = {"shop": size._asdict(), "runs": options.runs, "machine": _machine(), "rows": as_json(rows)}
        print(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        print(f"{size}; {options.runs} runs; {_machine()}\n\n{table(rows)}")
    return 1 if any(check.kept is False for row in rows for check in row.checks) else 0


def _show_growth(options: argparse.Namespace) -> int:
    shops = growth.sizes(options.customers)
    grown = growth.measure(shops, options.only or growth.ROWS, runs=options.runs, seed=options.seed)
    if options.json:
        told = [
            {
                "what": what,
                "unit": samples.unit,
                "median": samples.median,
                "p95": samples.p95,
                **size._asdict(),
            }
            for what, found in grown.items()
            for size, samples in found.items()
        ]
        print(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        print(f"products / lines of sales; {options.runs} runs; {_machine()}\n\n{growth.table(grown, shops)}")
    return 0


def _machine() -> str:
    """Say how busy the machine was in the last quarter of an hour."""
    return f"load of the machine {os.getloadavg()[2]:.1f} on {os.cpu_count()} cores"


def _measure(bench: Bench, names: Sequence[str]) -> list[Row]:
    """Run benchmarks; say on the way what they found, as all of them take long."""
    rows: list[Row] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            found = list(register.REGISTER[name](bench))
        except (NotShown, RuntimeError, ValueError) as error:
            found = [Row(name, Missing(name, f"failed: {error}"[:200]), (Check("measured", kept=False),))]
        print("\n".join(table(found).splitlines()[2:]), file=sys.stderr, flush=True)
        rows += found
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--products", type=int, default=100_000, metavar="N")
    parser.add_argument("--customers", type=int, default=20_000, metavar="N")
    parser.add_argument("--lines", type=int, default=1_000_000, metavar="N", help="lines of purchases.txt")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another number, another shop")
    parser.add_argument("--terminal", default="120x40", metavar="WxH", help="its columns and lines")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="starts of each program")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=list(register.REGISTER),
        metavar="NAME",
        help=", ".join(register.REGISTER),
    )
    parser.add_argument("--growth", action="store_true", help="the medians for shops of nine sizes")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
