"""What the files of a shop say, read by lines that share nothing with the program but the contract.

Numbers, stock, prices and totals after each entry, for tests that must not believe the program's own replay.
"""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple


class State(NamedTuple):
    """The shop after one entry.

    Attributes:
        stock: Pieces by product.
        prices: Price by product.
        totals: Sales, returns, pieces, money of what counts.
    """

    stock: dict[str, int]
    prices: dict[str, str]
    totals: tuple[int, int, int, Decimal]


class Ledger(NamedTuple):
    """Both logs of a shop.

    Attributes:
        lines: Lines of each entry, by number.
        doubles: Numbers that more than one entry has.
        bad: Lines that are no line of the contract.
    """

    lines: dict[int, list[dict[str, str]]]
    doubles: list[int]
    bad: list[str]

    @property
    def gaps(self) -> list[int]:
        """Numbers between 1 and the highest that no entry has."""
        top = max(self.lines, default=0)
        return [number for number in range(1, top + 1) if number not in self.lines]

    def sold(self, product: str) -> int:
        """Pieces of a product that went over the counter, less what came back."""
        rows = [row for rows in self.lines.values() for row in rows if "sale" in row]
        return sum(int(row["quantity"]) for row in rows if row["product_id"] == product)

    def sales(self) -> Counter[str]:
        """How many entries each sale id has."""
        return Counter(rows[0]["sale"] for rows in self.lines.values() if "sale" in rows[0])


def read_ledger(folder: Path) -> Ledger:
    """Read both logs; an entry counts when all its lines are there, in a row."""
    ledger = Ledger({}, [], [])
    for name in ("purchases.txt", "changes.txt"):
        path = folder / name
        if not path.exists():
            continue
        header: list[str] = []
        gathered: list[dict[str, str]] = []
        for raw in path.read_bytes().split(b"\n"):
            if not raw:
                continue
            fields = next(csv.reader([raw.decode()], strict=True))
            if not header:
                header = fields
                continue
            if fields == header:
                ledger.bad.append(f"{name}: a second header")
                continue
            row = dict(zip(header, fields, strict=True))
            place, of = map(int, row["line"].split("/"))
            gathered.append(row)
            if place != len(gathered) or row["entry"] != gathered[0]["entry"]:
                ledger.bad.append(f"{name}: {raw!r}")
            if place == of:
                _put(ledger, gathered)
                gathered = []
        ledger.bad.extend(f"{name}: {row}" for row in gathered)
    return ledger


def _put(ledger: Ledger, rows: list[dict[str, str]]) -> None:
    number = int(rows[0]["entry"])
    if number in ledger.lines:
        ledger.doubles.append(number)
    ledger.lines.setdefault(number, rows)


def states(ledger: Ledger) -> dict[int, State]:
    """Return the shop after each entry, from the opening on (0)."""
    stock: dict[str, int] = {}
    prices: dict[str, str] = {}
    result = {0: State({}, {}, (0, 0, 0, Decimal(0)))}
    counts: dict[int, tuple[int, int, int, Decimal]] = {}
    undone_by: dict[int, int] = {}
    totals = result[0].totals
    for number in sorted(ledger.lines):
        rows = ledger.lines[number]
        undone = None
        for row in rows:
            key = row["product_id"]
            if "sale" in row:
                stock[key] = stock.get(key, 0) - int(row["quantity"])
                continue
            stock[key] = stock.get(key, 0) + int(row["quantity_change"])
            prices[key] = row["price"]
        if "sale" in rows[0]:
            counts[number] = one = _counted(rows)
            totals = (totals[0] + one[0], totals[1] + one[1], totals[2] + one[2], totals[3] + one[3])
            if rows[0]["sale"].startswith("undo-"):
                undone = int(rows[0]["sale"].removeprefix("undo-"))
        elif rows[0]["action"] == "undo":
            undone = int(rows[0]["note"].removeprefix("entry ").split(" ")[0])
        if undone is not None:
            undone_by[undone] = number
            totals = _totals(counts, undone_by)
        result[number] = State(dict(stock), dict(prices), totals)
    return result


def _counted(rows: list[dict[str, str]]) -> tuple[int, int, int, Decimal]:
    units = sum(int(row["quantity"]) for row in rows)
    money = sum((Decimal(row["total"]) for row in rows), Decimal(0))
    back = bool(rows[0]["returns"]) or units < 0
    return (0 if back else 1, 1 if back else 0, units, money)


def _totals(
    counts: dict[int, tuple[int, int, int, Decimal]], undone_by: dict[int, int]
) -> tuple[int, int, int, Decimal]:
    dead = set(undone_by.values()) | {number for number in undone_by if _is_dead(number, undone_by)}
    alive = [count for number, count in counts.items() if number not in dead]
    return (
        sum(count[0] for count in alive),
        sum(count[1] for count in alive),
        sum(count[2] for count in alive),
        sum((count[3] for count in alive), Decimal(0)),
    )


def _is_dead(number: int, undone_by: dict[int, int]) -> bool:
    dead = False
    while number in undone_by:
        number, dead = undone_by[number], not dead
    return dead


def inventory(folder: Path) -> tuple[int, dict[str, tuple[int, str]]]:
    """Return the entry that `inventory.txt` counts up to, and stock and price by product."""
    lines = (folder / "inventory.txt").read_text(encoding="utf-8").split("\n")
    as_of = int(lines[0].rpartition(" ")[2])
    rows = list(csv.DictReader(line for line in lines if line and not line.startswith("#")))
    return as_of, {row["id"]: (int(row["quantity"]), row["price"]) for row in rows}
