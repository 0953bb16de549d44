"""All benchmarks, in the order of the table."""

from __future__ import annotations

from tests.benchmarks import commands, keys, reporting, starting, together, writing
from tests.benchmarks.bench import REGISTER

__all__ = ["REGISTER", "commands", "keys", "reporting", "starting", "together", "writing"]
