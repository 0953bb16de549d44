"""What both logs make of the products, counted without making a value of each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, compress, repeat
from operator import sub
from typing import Any, Final

from tracker_tui.model.records import EDITED_COLUMNS, NO_EXTRA, Change
from tracker_tui.model.rules import is_rounded_code
from tracker_tui.model.text import normal
from tracker_tui.storage.codec import product_fields, stored_set
from tracker_tui.storage.counting import Fields
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.tuples import NamedTuple

_PRICE: Final = EDITED_COLUMNS.index("price")
_BLANKS: Final = b"\t\n\v\f\r\x1c\x1d\x1e\x1f "
"""What `str.strip` takes off a text that is all ASCII."""
_NEVER_EMPTY: Final = frozenset(["id", "name"])


class _Good(NamedTuple):
    """A product as the changes tell it.

    Attributes:
        fields: `EDITED_COLUMNS` as the log has them.
        extra: Its own columns.
        quantity: What the changes since it came to be add up to; the sales are not taken off.
        born: The entry that made it.
    """

    fields: tuple[bytes, ...]
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
    """The products after the changes that were counted.

    A line of a sale whose product is not there, not yet or not any more, leaves the stock alone. So of a
    product that went and came again only the sales of its present life count.
    """

    def __init__(self) -> None:
        self._goods: dict[bytes, _Good] = {}

    def take_fields(self, fields: Fields) -> None:
        """Count plain lines of `changes.txt`."""
        of, goods = fields.of, self._goods
        texts = zip(*(of[field] for field in EDITED_COLUMNS), strict=True)
        numbers = chain.from_iterable(map(repeat, fields.numbers, fields.sizes()))
        lines = zip(numbers, of["product_id"], fields.values["quantity_change"], texts, strict=True)
        for number, product_id, change, values in lines:
            was = goods.get(product_id)
            if not values[_PRICE]:
                goods.pop(product_id, None)
            elif was is None:
                goods[product_id] = _Good(values, NO_EXTRA, change, number)
            else:
                goods[product_id] = _Good(values, was.extra, was.quantity + change, was.born)

    def take_change(self, change: Change) -> None:
        """Count one change."""
        for line in change.lines:
            key = line.product_id.encode()
            was = self._goods.get(key)
            if line.after is None:
                self._goods.pop(key, None)
                continue
            fields = product_fields(line.after)
            extra = line.extra if line.extra is not None else was.extra if was else NO_EXTRA
            held, born = (was.quantity, was.born) if was else (0, change.entry)
            texts = tuple(fields[field].encode() for field in EDITED_COLUMNS)
            self._goods[key] = _Good(texts, extra, held + line.quantity_change, born)

    def born_behind(self, number: int) -> dict[bytes, int]:
        """Return the number of the entry that made a product, for those that came to be behind an entry."""
        return {key: good.born for key, good in self._goods.items() if good.born > number}

    def stock(self, columns: Sequence[str], number: int, sold: Mapping[bytes, int]) -> Stock:
        """Return what there is now.

        Args:
            columns: The columns that the table shall have, and the order; further ones follow.
            number: The last entry that was counted.
            sold: Pieces of each product sold in its present life.
        """
        of = self._columns(sold)
        odd = self._odd(of, columns[0])
        own = dict.fromkeys(chain.from_iterable(extra for key, extra in self._extras() if key not in odd))
        names = [*columns, *(column for column in own if column not in columns)]
        nothing = [b""] * len(self._goods)
        lines: Iterable[bytes] = map(
            b",".join, zip(*(_quoted(of.get(name, nothing)) for name in names), strict=True)
        )
        if odd:
            lines = compress(lines, [key not in odd for key in self._goods])
        head = io.StringIO(newline="")
        head.write(f"# tracker inventory 1, as of entry {number}\n")
        csv.writer(head, lineterminator="").writerow(names)
        table = b"\n".join([head.getvalue().encode(), *lines, INVENTORY.end.encode(), b""])
        return Stock(table, {key.decode(): self._said_of(key, sold) for key in self._goods if key in odd})

    def _columns(self, sold: Mapping[bytes, int]) -> dict[str, Sequence[bytes]]:
        """Return the fields of all products by column, their own ones too."""
        goods = self._goods
        held = (good.quantity for good in goods.values())
        quantities = map(b"%d".__mod__, map(sub, held, map(sold.get, goods, repeat(0))))
        of: dict[str, Sequence[bytes]] = {"id": [*goods], "quantity": [*quantities]}
        if goods:
            texts = zip(*(good.fields for good in goods.values()), strict=True)
            of |= zip(EDITED_COLUMNS, texts, strict=True)
        for column in {*chain.from_iterable(extra for _, extra in self._extras())} - of.keys():
            of[column] = [good.extra.get(column, "").encode() for good in goods.values()]
        return of

    def _extras(self) -> list[tuple[bytes, Mapping[str, str]]]:
        """Return the products that have columns of their own, and these."""
        return [(key, good.extra) for key, good in self._goods.items() if good.extra]

    def _odd(self, of: Mapping[str, Sequence[bytes]], first: str) -> set[bytes]:
        """Return the products that a table would not give back as they are.

        Args:
            of: The fields of all products.
            first: The column that a table begins with.
        """
        goods = self._goods
        odd: set[bytes] = set()
        if b"\n#" in b"\n" + b"\n".join(of.get(first, ())):
            odd |= {key for key, text in zip(goods, of[first], strict=True) if text.startswith(b"#")}
        odd |= {key for key, extra in self._extras() if _are_odd(extra)}
        for column in ("id", *EDITED_COLUMNS):
            fields = of.get(column, ())
            texts = _odd_texts(fields, column)
            if texts:
                odd |= {key for key, text in zip(goods, fields, strict=True) if text in texts}
        return odd

    def _said_of(self, key: bytes, sold: Mapping[bytes, int]) -> dict[str, Any]:
        """Return what is said of a product that no table can hold."""
        good = self._goods[key]
        texts = [key, *good.fields]
        line = dict(zip(("product_id", *EDITED_COLUMNS), map(bytes.decode, texts), strict=True))
        return {"line": line, "extra": dict(good.extra), "quantity": good.quantity - sold.get(key, 0)}


def _odd_texts(fields: Sequence[bytes], column: str) -> set[bytes]:
    """Return the texts in a column that a table would not give back as they are, or would not take."""
    odd: set[bytes] = set()
    together = b"\n".join(fields)
    if _may_have_blanks_around(together, len(fields)):
        odd |= {text for text in {*fields} if text.strip(_BLANKS) != text}
    if not together.isascii():
        odd |= {text for text in {*fields} if not text.isascii() and normal(text.decode()) != text.decode()}
    if column == "barcodes" and b"+" in together:
        odd |= {text for text in {*fields} if any(map(is_rounded_code, stored_set(text.decode())))}
    if column in _NEVER_EMPTY and b"" in fields:
        odd.add(b"")
    return odd


def _may_have_blanks_around(together: bytes, count: int) -> bool:
    """Tell whether one of some texts, joined by newlines, may begin or end with a blank."""
    if together.count(b"\n") >= max(1, count):
        return True
    framed = b"\n%b\n" % together
    found = (b"%c" % blank for blank in _BLANKS if blank != ord("\n") and blank in together)
    return any(b"\n" + blank in framed or blank + b"\n" in framed for blank in found)


def _quoted(fields: Sequence[bytes]) -> Sequence[bytes]:
    """Return fields as a line of CSV has them."""
    together = b"\n".join(fields)
    if b'"' not in together and b"," not in together:
        return fields
    return [
        b'"%b"' % field.replace(b'"', b'""') if b'"' in field or b"," in field else field for field in fields
    ]


def _are_odd(extra: Mapping[str, str]) -> bool:
    """Tell whether a table would not give some columns of the shop's own back as they are."""
    known = INVENTORY.columns
    return any(
        not text or column in known or column.strip() != column or normal(text) != text
        for column, text in extra.items()
    )
