"""The same shop in SQLite, as a program that is proud of its speed would keep it: WAL, synchronous=FULL."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE products (id TEXT PRIMARY KEY, name TEXT, cents INTEGER, quantity INTEGER);
CREATE TABLE lines (
    entry INTEGER, line INTEGER, clerk TEXT, sale TEXT, customer_id TEXT, product_id TEXT, quantity INTEGER,
    cents INTEGER, discount INTEGER, total INTEGER, payment TEXT, returns TEXT, time TEXT
);
"""
_INDEXES = """
CREATE INDEX of_customer ON lines (customer_id);
CREATE INDEX of_sale ON lines (sale);
CREATE INDEX of_time ON lines (time);
"""
_INSERT = "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_REPORT = """
SELECT count(DISTINCT CASE WHEN quantity > 0 AND customer_id != '' THEN customer_id END),
    count(DISTINCT CASE WHEN quantity > 0 THEN sale END), sum(quantity), sum(total) FROM lines
"""


class Books:
    """An open database.

    Args:
        file: It; made by `fill` before.
    """

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        (self._entry,) = self._database.execute("SELECT max(entry) FROM lines").fetchone()

    def count(self, product_id: str, quantity: int) -> None:
        """Set a stock."""
        self._database.execute("UPDATE products SET quantity = ? WHERE id = ?", (quantity, product_id))

    def sell(self, items: Sequence[tuple[str, int]]) -> None:
        """Book a sale durably: look at the stock, insert the lines, take from the stock."""
        run = self._database.execute
        self._entry = (self._entry or 0) + 1
        run("BEGIN IMMEDIATE")
        for line, (product_id, pieces) in enumerate(items, 1):
            find = "SELECT cents, quantity FROM products WHERE id = ?"
            cents, stock = run(find, (product_id,)).fetchone()
            assert stock >= pieces
            sale = f"260630-180000-{self._entry:08x}"
            row = (
                self._entry,
                line,
                "amal",
                sale,
                "",
                product_id,
                pieces,
                cents,
                0,
                cents * pieces,
                "card",
                "",
            )
            run(_INSERT, (*row, "2026-06-30T18:00:00+01:00"))
            run("UPDATE products SET quantity = quantity - ? WHERE id = ?", (pieces, product_id))
        run("COMMIT")

    def report(self) -> tuple[Any, ...]:
        """Return customers, sales, pieces and cents of all days."""
        return tuple(self._database.execute(_REPORT).fetchone())


def fill(file: Path, shop: Path) -> None:
    """Make the database of a shop."""
    database = sqlite3.connect(file)
    with database:
        database.executescript(_TABLES)
        with (shop / "inventory.txt").open(encoding="utf-8", newline="") as inventory:
            rows = csv.reader(line for line in inventory if not line.startswith("#"))
            next(rows)
            products = ((row[0], row[1], _cents(row[2]), int(row[3])) for row in rows)
            database.executemany("INSERT INTO products VALUES (?, ?, ?, ?)", products)
        with (shop / "purchases.txt").open(encoding="utf-8", newline="") as purchases:
            database.executemany(_INSERT, _lines(purchases))
        database.executescript(_INDEXES)
    database.close()


def _lines(purchases: Iterator[str]) -> Iterator[tuple[object, ...]]:
    rows = csv.reader(purchases)
    next(rows)
    for (
        entry,
        line,
        clerk,
        sale,
        who,
        _,
        product,
        _,
        quantity,
        price,
        less,
        total,
        paid,
        returns,
        _,
        when,
    ) in rows:
        cents = _cents(price), _cents(less), _cents(total)
        number = int(line.partition("/")[0])
        yield int(entry), number, clerk, sale, who, product, int(quantity), *cents, paid, returns, when


def _cents(amount: str) -> int:
    return int(amount.replace(".", ""))
