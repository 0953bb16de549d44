"""All benchmarks, in the order of the table."""

from __future__ import annotations

from typing import Final

from tests.benchmarks import bench, commands, counter, keys, reporting, starting, together, writing

_THEMES: Final = (commands, counter, keys, reporting, starting, together, writing)
"""The modules that enter benchmarks when they are imported."""

# fmt: off
ORDER: Final = (
    "first-paint", "first-paint-anew", "loaded", "keys-while-loading", "move", "held", "filter", "sort", "scan",
    "pay", "sale",
    "sale-growth", "fsyncs", "news", "report", "report-cold", "report-range", "customer", "snapshot",
    "keys-while-saving", "commands",
    "memory", "leaving", "idle", "bytes", "import",
)
# fmt: on
REGISTER: Final[dict[str, bench.Benchmark]] = {name: bench.REGISTER[name] for name in ORDER}
"""Name, as `--only` takes it -> what measures it."""
