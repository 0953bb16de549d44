"""The field that puts products into the basket: by barcode, id or words, with a count before if wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual.message import Message

from tracker_tui.model.matches import is_code, likeliest, read_wanted
from tracker_tui.model.queries import TextIndex, find_product, product_text
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.state import Snapshot
from tracker_tui.widgets.picker import MOST_MATCHES, Picker
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import money

_SHORTENED: Final = 30
_COUNT: Final = re.compile(r"([1-9]\d{0,3})\*", re.ASCII)


def _columns(settings: Settings) -> list[Column[Product]]:
    return [
        Column("id", "Id", 8, lambda p: p.id, flex=1),
        Column("name", "Name", 20, lambda p: p.name, flex=4),
        Column("price", "Price", 10, lambda p: money(p.price, settings), "right"),
        Column(
            "stock",
            "In stock",
            9,
            lambda p: f"{p.quantity:,}" if p.quantity > 0 else "none",
            "right",
            style=lambda p: "" if p.quantity > 0 else "record-table--warning",
        ),
    ]


class ProductPicker(Picker[Product]):
    """Takes a whole barcode or id first, else the likeliest match.

    What is only digits is a code: it must fit wholly, or be chosen from the list on purpose, so that a scan
    of something unknown never sells something else.
    """

    @dataclass
    class Taken(Message):
        """A product was chosen."""

        product_id: str
        pieces: int

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(
            "Product",
            _columns(Settings()),
            lambda product: product.id,
            hint="scan, or type an id or part of a name",
            id=id,
        )
        self._shop = Snapshot()
        self._index = TextIndex(product_text)

    def show_shop(self, shop: Snapshot) -> None:
        """Look among the products of a new snapshot from now on."""
        if shop.settings != self._shop.settings:
            self.matches.set_columns(_columns(shop.settings))
        self._shop = shop
        self._index.update(shop.products)
        self.look_again()

    def take_count(self) -> int:
        """Take a count, such as `3*`, that was typed before a scan; 1 where there is none."""
        count = _COUNT.fullmatch(self.text.strip())
        if count is None:
            return 1
        self.settle()
        return int(count[1])

    def find(self, typed: str) -> Sequence[Product]:
        """Return the products that hold all words; none for a code."""
        try:
            wanted = read_wanted(typed).text
        except ValueError:
            return ()
        return () if is_code(wanted) and not self._pointed else self._matching(wanted)

    def find_pointing(self, typed: str) -> Sequence[Product]:
        """Return the products that hold the code or the words."""
        try:
            return self._matching(read_wanted(typed).text)
        except ValueError:
            return ()

    def _matching(self, wanted: str) -> list[Product]:
        if not wanted:
            return []
        return likeliest(self._index.matching(wanted), wanted, lambda p: p.name, MOST_MATCHES)

    def is_whole(self, typed: str) -> bool:
        """Tell whether this is a barcode or an id, with or without a count."""
        if find_product(self._shop, typed) is not None:
            return True
        try:
            return find_product(self._shop, read_wanted(typed).text) is not None
        except ValueError:
            return False

    def take(self, typed: str, row: Product | None, *, pointed: bool) -> str:
        """Take the product meant, and empty the field for the next one."""
        pieces = 1
        product = None if pointed else find_product(self._shop, typed)
        if product is None:
            try:
                pieces, wanted = read_wanted(typed)
            except ValueError as error:
                return f"before the *: {error}"
            if typed and not wanted:
                return "type or scan the product behind the *"
            product = None if pointed else find_product(self._shop, wanted)
            product = product or row
            if product is None and typed:
                return self._nothing(wanted)
        self.settle()
        if product is not None:
            self.post_message(self.Taken(product.id, pieces))
        return ""

    def _nothing(self, wanted: str) -> str:
        shown = wanted if len(wanted) <= _SHORTENED else f"{wanted[: _SHORTENED - 1]}…"
        if not self._shop.products:
            return "there are no products yet; F2, then a, adds the first one"
        like = len(self._index.matching(wanted))
        if like:
            verb = "has" if like == 1 else "have"
            return f"nothing is exactly “{shown}”; {like:,} {verb} it somewhere: Down shows them"
        kind = "code or id" if is_code(wanted) else "code, id or name"
        return f"no product has the {kind} “{shown}”"
