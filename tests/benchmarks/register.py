"""All benchmarks, in the order of the table."""

from __future__ import annotations

from tests.benchmarks import keys, starting
from tests.benchmarks.bench import REGISTER

__all__ = ["REGISTER", "keys", "starting"]
