"""What both logs make of the products, counted without making a value of each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from tracker_tui.model.records import EDITED_COLUMNS, NO_EXTRA, Change, Purchase
from tracker_tui.model.rules import is_rounded_code
from tracker_tui.model.text import normal
from tracker_tui.storage.codec import product_fields, stored_set
from tracker_tui.storage.counting import Fields
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.tuples import NamedTuple

_BARCODES: Final = EDITED_COLUMNS.index("barcodes")


class _Good(NamedTuple):
    """A product as the changes tell it.

    Attributes:
        fields: `EDITED_COLUMNS` as the log has them.
        extra: Its own columns.
        quantity: What the changes since it came to be add up to; the sales are not taken off.
        born: The entry that made it.
    """

    fields: tuple[str, ...]
    extra: Mapping[str, str]
    quantity: int
    born: int


class Stock(NamedTuple):
    """All products after some entry.

    Attributes:
        table: Those that a table can hold, as `inventory.txt` would have them.
        odd: The others, by id: as the line of a log has them, own columns and quantity.
    """

    table: bytes
    odd: Mapping[str, Any]


class GoodsCount:
    """The products after the entries that were counted: first all changes, then all sales.

    A line of a sale whose product is not there, not yet or not any more, leaves the stock alone. So of a
    product that went and came again only the sales of its present life count.

    Attributes:
        sold: Pieces of each product sold in its present life.
    """

    def __init__(self) -> None:
        self._goods: dict[str, _Good] = {}
        self.sold: dict[str, int] = {}
        self._unborn: dict[str, int] | None = None

    def take_fields(self, fields: Fields) -> None:
        """Count plain lines of `changes.txt`."""
        of, goods = fields.of, self._goods
        texts = zip(*(of[field] for field in EDITED_COLUMNS), strict=True)
        lines = zip(of["entry"], of["product_id"], fields.values["quantity_change"], texts, strict=True)
        for entry, product_id, change, values in lines:
            was = goods.get(product_id)
            if not values[1]:
                goods.pop(product_id, None)
            elif was is None:
                goods[product_id] = _Good(values, NO_EXTRA, change, int(entry))
            else:
                goods[product_id] = _Good(values, was.extra, was.quantity + change, was.born)

    def take_change(self, change: Change) -> None:
        """Count one change."""
        for line in change.lines:
            was = self._goods.get(line.product_id)
            if line.after is None:
                self._goods.pop(line.product_id, None)
                continue
            fields = product_fields(line.after)
            extra = line.extra if line.extra is not None else was.extra if was else NO_EXTRA
            held, born = (was.quantity, was.born) if was else (0, change.entry)
            texts = tuple(fields[field] for field in EDITED_COLUMNS)
            self._goods[line.product_id] = _Good(texts, extra, held + line.quantity_change, born)

    def take_sold(self, fields: Fields) -> None:
        """Count plain lines of `purchases.txt`."""
        ids, counts = fields.of["product_id"], fields.values["quantity"]
        if fields.numbers and self._are_unborn(ids, fields.numbers[0]):
            numbers = list(map(int, fields.of["entry"]))
            self._add(zip(ids, counts, numbers, strict=True))
            return
        sold = self.sold
        for product_id, count in zip(ids, counts, strict=True):
            sold[product_id] = sold.get(product_id, 0) + count

    def take_purchase(self, purchase: Purchase) -> None:
        """Count one sale or return."""
        self._are_unborn((), purchase.entry)
        self._add((line.product_id, line.quantity, purchase.entry) for line in purchase.lines)

    def _add(self, lines: Iterable[tuple[str, int, int]]) -> None:
        unborn = self._unborn or {}
        for product_id, count, number in lines:
            if number > unborn.get(product_id, 0):
                self.sold[product_id] = self.sold.get(product_id, 0) + count

    def _are_unborn(self, ids: Iterable[str], number: int) -> bool:
        """Tell whether some products come to be, the last time, only after an entry."""
        if self._unborn is None:
            self._unborn = {key: good.born for key, good in self._goods.items() if good.born > number}
        return bool(self._unborn) and not self._unborn.keys().isdisjoint(ids)

    def go_on_with(self, sold: Mapping[str, int]) -> None:
        """Count in what was sold in the entries that follow."""
        for product_id, count in sold.items():
            self.sold[product_id] = self.sold.get(product_id, 0) + count

    def stock(self, columns: Sequence[str], number: int) -> Stock:
        """Return what there is now.

        Args:
            columns: The columns that the table shall have, and the order; further ones follow.
            number: The last entry that was counted.
        """
        rows: list[dict[str, str]] = []
        odd: dict[str, Any] = {}
        own: dict[str, None] = {}
        first, are_odd = columns[0], self._odd_texts()
        for product_id, good in self._goods.items():
            quantity = good.quantity - self.sold.get(product_id, 0)
            row = dict(zip(EDITED_COLUMNS, good.fields, strict=True))
            row |= {"id": product_id, "quantity": str(quantity)}
            if good.extra:
                row = {**good.extra, **row}
            if (
                not are_odd.isdisjoint((product_id, *good.fields))
                or row.get(first, "").startswith("#")
                or not (row["name"] and product_id)
                or (good.extra and _are_odd(good.extra))
            ):
                line = {**dict(zip(EDITED_COLUMNS, good.fields, strict=True)), "product_id": product_id}
                odd[product_id] = {"line": line, "extra": dict(good.extra), "quantity": quantity}
            else:
                rows.append(row)
                own.update(dict.fromkeys(good.extra))
        all_columns = [*columns, *(column for column in own if column not in columns)]
        buffer = io.StringIO(newline="")
        buffer.write(f"# tracker inventory 1, as of entry {number}\n")
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(all_columns)
        writer.writerows([row.get(column, "") for column in all_columns] for row in rows)
        buffer.write(f"{INVENTORY.end}\n")
        return Stock(buffer.getvalue().encode(), odd)

    def _odd_texts(self) -> set[str]:
        """Return the texts that a table would not give back as they are, among those of all products."""
        barcodes = {good.fields[_BARCODES] for good in self._goods.values()}
        texts = {*self._goods, *chain.from_iterable(good.fields for good in self._goods.values())}
        return {text for text in texts if normal(text) != text} | {
            text for text in barcodes if text and any(map(is_rounded_code, stored_set(text)))
        }


def _are_odd(extra: Mapping[str, str]) -> bool:
    """Tell whether a table would not give some columns of the shop's own back as they are."""
    known = INVENTORY.columns
    return any(
        not text or column in known or column.strip() != column or normal(text) != text
        for column, text in extra.items()
    )
