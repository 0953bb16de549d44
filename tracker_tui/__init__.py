"""tracker-tui: a small shop's products, stock, customers and sales in plain text files."""

from __future__ import annotations

__version__ = "0.1.0"
