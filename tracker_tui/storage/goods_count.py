"""What the logs make of the products, counted without making a value of each line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple

from tracker_tui.model.records import NO_EXTRA, Change, Entry, Product, Purchase
from tracker_tui.storage.codec import product_fields
from tracker_tui.storage.counting import Fields
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.history_file import Unfit
from tracker_tui.storage.table import Table

FIELDS = ("name", "price", "categories", "reorder_level", "barcodes", "cost")


class _Good(NamedTuple):
    """A product as the logs tell it.

    Attributes:
        fields: `FIELDS` as the log has them.
        extra: Its own columns.
        quantity: What the changes since it came to be add up to; the sales are not taken off.
        born: The entry that made it.
    """

    fields: tuple[str, ...]
    extra: Mapping[str, str]
    quantity: int
    born: int


class GoodsCount:
    """The products after the entries that were counted, up to some number.

    Args:
        until: Entries after this one are passed over; all changes must be taken before the first sale.
    """

    def __init__(self, until: float) -> None:
        self._until = until
        self._goods: dict[str, _Good] = {}
        self._sold: dict[str, int] = {}
        self._first_sold: dict[str, int] = {}
        self._died: set[str] = set()
        self._reborn: dict[str, int] = {}

    def take_fields(self, fields: Fields) -> None:
        """Count plain lines of `changes.txt`."""
        of = fields.of
        goods, until = self._goods, self._until
        values = zip(*(of[field] for field in FIELDS), strict=True)
        lines = zip(of["entry"], of["product_id"], of["quantity_change"], values, strict=True)
        for entry, product_id, change, texts in lines:
            if int(entry) > until:
                break
            if not texts[1]:
                self._end(product_id)
                continue
            was = goods.get(product_id)
            if was is None:
                self._begin(product_id, int(entry))
                goods[product_id] = _Good(texts, NO_EXTRA, int(change), int(entry))
            else:
                goods[product_id] = _Good(texts, was.extra, was.quantity + int(change), was.born)

    def take_change(self, change: Change) -> None:
        """Count one change."""
        if change.entry > self._until:
            return
        for line in change.lines:
            was = self._goods.get(line.product_id)
            if line.after is None:
                self._end(line.product_id)
                continue
            if was is None:
                self._begin(line.product_id, change.entry)
            fields = product_fields(line.after)
            extra = line.extra if line.extra is not None else was.extra if was else NO_EXTRA
            held, born = (was.quantity, was.born) if was else (0, change.entry)
            texts = tuple(fields[field] for field in FIELDS)
            self._goods[line.product_id] = _Good(texts, extra, held + line.quantity_change, born)

    def _end(self, product_id: str) -> None:
        if self._goods.pop(product_id, None) is not None:
            self._died.add(product_id)

    def _begin(self, product_id: str, entry: int) -> None:
        """Begin a product anew: what was sold of its id before is no matter of this one."""
        self._sold.pop(product_id, None)
        self._first_sold.pop(product_id, None)
        if product_id in self._died:
            self._reborn[product_id] = entry

    def take_sold(self, ids: Sequence[str], counts: Sequence[int], entries: Sequence[str]) -> None:
        """Count lines of sales."""
        sold, first = self._sold, self._first_sold
        if not entries or int(entries[-1]) > self._until:
            kept = sum(int(entry) <= self._until for entry in entries)
            ids, counts, entries = ids[:kept], counts[:kept], entries[:kept]
        if self._reborn and not self._reborn.keys().isdisjoint(ids):
            reborn = self._reborn
            kept_lines = [
                line
                for line in zip(ids, counts, entries, strict=True)
                if int(line[2]) > reborn.get(line[0], 0)
            ]
            ids, counts, entries = ([line[part] for line in kept_lines] for part in range(3))  # type: ignore[assignment]
        for product_id, count in zip(ids, counts, strict=True):
            sold[product_id] = sold.get(product_id, 0) + count
        fresh = set(ids) - first.keys()
        if fresh:
            for product_id, entry in zip(ids, entries, strict=True):
                if product_id in fresh:
                    first.setdefault(product_id, int(entry))

    def take_purchase(self, purchase: Purchase) -> None:
        """Count one sale or return."""
        lines = purchase.lines
        entries = [str(purchase.entry)] * len(lines)
        self.take_sold([line.product_id for line in lines], [line.quantity for line in lines], entries)

    def take(self, entry: Entry) -> None:
        """Count one entry that comes after all that were counted."""
        if isinstance(entry, Change):
            self.take_change(entry)
        else:
            self.take_purchase(entry)

    def differing(self, table: Table[Product]) -> dict[str, Product | None]:
        """Return the products in which a table differs from the logs, as the logs have them; None = not there.

        Raises:
            Unfit: A product was sold before the entry that made it: only a replay tells its quantity.
        """
        for product_id, number in self._first_sold.items():
            good = self._goods.get(product_id)
            if good is not None and number < good.born:
                raise Unfit
        goods = dict(self._goods)
        found: dict[str, Product | None] = {}
        sold = self._sold
        for place, texts in zip(table.rows.places, _texts(table), strict=True):
            product_id = texts[0] if texts is not None else table.rows.key(place)
            good = goods.pop(product_id, None)
            if good is None:
                found[product_id] = None
            elif (
                texts is None
                or good.extra
                or texts[2] != good.fields
                or texts[1] != str(good.quantity - sold.get(product_id, 0))
            ):
                product = self._product(product_id, good, table)
                if product != table.rows.row(place):
                    found[product_id] = product
        found |= {product_id: self._product(product_id, good, table) for product_id, good in goods.items()}
        return found

    def _product(self, product_id: str, good: _Good, table: Table[Product]) -> Product:
        texts = dict(zip(FIELDS, good.fields, strict=True))
        quantity = good.quantity - self._sold.get(product_id, 0)
        fields = {"id": product_id, **texts, "quantity": str(quantity)}
        return INVENTORY.decode(fields, good.extra, table.decimals)._replace(id=product_id)


def _texts(table: Table[Product]) -> Iterable[tuple[str, str, tuple[str, ...]] | None]:
    """Yield id, quantity and `FIELDS` of each row as they stand; None where they are not plain."""
    rows, columns = table.rows, table.columns
    if columns != INVENTORY.columns or not table.house_form:
        return repeat(None, len(rows.places))
    lines = (rows.raw(place) for place in rows.places)
    try:
        read = csv.reader((line.decode("utf-8") for line in lines), strict=True)
        texts = [(row[0].strip(), row[3], (row[1], row[2], *row[4:])) for row in read]
        return texts if len(texts) == len(rows.places) else repeat(None, len(rows.places))
    except (ValueError, IndexError, csv.Error):
        return repeat(None, len(rows.places))
