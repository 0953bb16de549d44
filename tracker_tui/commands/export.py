"""The command that writes a list for other programs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from tracker_tui.commands.entry_rows import change_rows, purchase_rows
from tracker_tui.commands.output import Json, customer_json, product_json, say_json
from tracker_tui.commands.streams import say, say_raw
from tracker_tui.errors import StorageError
from tracker_tui.model import Change, Customer, Product, Purchase, Snapshot
from tracker_tui.model.exports import Listing, Plain, lines_of
from tracker_tui.service import InventoryService
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.work.exporting import refuse_own_file, write_whole

Rows: TypeAlias = "Iterator[Mapping[str, Plain]]"

_PIECE: Final = 500
"""Lines that are written at once."""


def export(service: InventoryService, args: Namespace) -> int:
    """Write a list for other programs, to standard output or a file."""
    if args.what in _REPORTS:
        rows = _report_rows(service, args)
        counted = _Counted(lambda _shop: rows, service.snapshot)
        columns = tuple(rows[0]) if rows else ("id", "name")
    else:
        counted = _Counted(EXPORTED[args.what], service.snapshot)
        columns = _columns(args.what, service.snapshot)
    listing = Listing(args.what, columns, 0, counted.rows)
    lines = lines_of(listing, args.format or ("json" if args.json else "csv"))
    pieces = iter(lambda: "".join(islice(lines, _PIECE)), "")
    if not args.output:
        for piece in pieces:
            say_raw(piece)
        return 0
    target = Path(args.output).absolute()
    refuse_own_file(service.directory, target, "-o")
    _write(target, pieces)
    if args.json:
        say_json({"file": str(target), "rows": counted.count})
    else:
        say(f"{counted.count} rows were written to {args.output}.")
    return 0


def _write(target: Path, pieces: Iterable[str]) -> None:
    """Write a file whole or not at all; into what is no plain file, such as a pipe, as it comes."""
    try:
        if not target.exists() or target.is_file():
            write_whole(target, pieces)
            return
        with target.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(pieces)
    except OSError as error:
        raise StorageError(f"{target}: not written: {error.strerror}") from error


class _Counted:
    """The rows of a list, counted as they are written.

    Attributes:
        count: How many were written.
    """

    def __init__(self, rows_of: Callable[[Snapshot], Iterable[Mapping[str, Json]]], shop: Snapshot) -> None:
        self._rows_of = rows_of
        self._shop = shop
        self.count = 0

    def rows(self) -> Rows:
        """Yield them."""
        for row in self._rows_of(self._shop):
            self.count += 1
            yield {column: _plain(value) for column, value in row.items()}


def _plain(value: Json) -> Plain:
    """Return a value of the lists for a file: they have no objects, and nothing in a list but texts."""
    if value is None or isinstance(value, str | int):
        return value
    return [str(part) for part in value]


def _products(shop: Snapshot) -> Iterator[dict[str, Json]]:
    return (product_json(product, shop.settings) for product in shop.products.values())


def _customers(shop: Snapshot) -> Iterator[dict[str, Json]]:
    return (customer_json(customer) for customer in shop.customers.values())


def _purchases(shop: Snapshot) -> Iterator[dict[str, Json]]:
    return (row for entry in shop.entries if isinstance(entry, Purchase) for row in purchase_rows([entry]))


def _changes(shop: Snapshot) -> Iterator[dict[str, Json]]:
    return (row for entry in shop.entries if isinstance(entry, Change) for row in change_rows([entry]))


EXPORTED: Final[Mapping[str, Callable[[Snapshot], Iterator[dict[str, Json]]]]] = {
    "products": _products,
    "purchases": _purchases,
    "customers": _customers,
    "changes": _changes,
}
"""Lists that can be exported, by the words of the parser."""

_REPORTS: Final = ("report", "reorder")


def _report_rows(service: InventoryService, args: Namespace) -> list[dict[str, Json]]:
    """Return the rows of a report: of what the days brought by something, or of what to reorder."""
    from tracker_tui.commands import figures  # noqa: PLC0415 - the lists need none of it

    if args.what == "reorder":
        return figures.reorder_rows(service)
    if args.period:
        args.since, args.until = figures.span_of(args.period)
    return figures.sum_rows(service, args)


_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "products": INVENTORY.columns,
    "purchases": PURCHASES.columns,
    "customers": CUSTOMERS.columns,
    "changes": CHANGES.columns,
}


def _columns(what: str, shop: Snapshot) -> tuple[str, ...]:
    """Return the columns of a list: those that it always has, and behind them the shop's own."""
    rows: Iterable[Product | Customer] = ()
    if what in ("products", "customers"):
        rows = shop.products.values() if what == "products" else shop.customers.values()
    own = dict.fromkeys(column for row in rows for column in row.extra)
    return tuple(dict.fromkeys((*_COLUMNS[what], *own)))
