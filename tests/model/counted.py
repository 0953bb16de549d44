"""A table of products that counts the rows that are made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from tracker_tui.model.goods import product_text
from tracker_tui.model.records import Product
from tracker_tui.model.sorts import ranks
from tracker_tui.model.table_rows import TEXT_END, NamedPart, Texts
from tracker_tui.model.text import folded
from tracker_tui.storage.rows import Stretch

CATEGORIES = ("air", "bakery", "dairy", "fresh")
UNRANKED = 7
"""Of one row in so many the rank of its name is not known."""
WORDS = ("Milk", "bread", "Ähre", "ß", "tea", "Zest")


def product(number: int) -> Product:
    """Return one of many products: ids of both kinds, names with and without equals, few categories."""
    key = str(number) if number % 5 else f"K{number}"
    name = f"{WORDS[number * 7 % 6]} {number * 31 % 97} {WORDS[number % 5]}"
    categories = frozenset(CATEGORIES[at] for at in range(4) if number >> at & 1)
    return Product(key, name, Decimal(number * 37 % 41) / 4, number * 13 % 17, categories, number % 3 * 4)


class CountedRows:
    """Rows as a table has them; `made` is how many were made.

    Args:
        products: The rows.
        stretch: How many texts stand together.
    """

    def __init__(self, products: Sequence[Product], stretch: int = 600) -> None:
        self._products = list(products)
        self._places = {product.id: place for place, product in enumerate(products)}
        texts = [folded(product_text(product)) for product in products]
        self.texts: Sequence[Texts] = [
            Stretch(start, TEXT_END.join(texts[start : start + stretch]))
            for start in range(0, len(texts), stretch)
        ]
        sets = {product.categories: 0 for product in products}
        kinds = {categories: kind for kind, categories in enumerate(sets)}
        self._kinds = [kinds[product.categories] for product in products]
        self.length = len(products)
        self.places: Sequence[int] = range(self.length)
        self.made = 0

    def row(self, place: int) -> Product | None:
        if not 0 <= place < self.length:
            return None
        self.made += 1
        return self._products[place]

    def key(self, place: int) -> str:
        return self._products[place].id

    def place(self, key: str) -> int | None:
        return self._places.get(key)

    def named(self, places: Sequence[int]) -> list[tuple[str, str]]:
        return [(row.id, row.name) for place in places if (row := self.row(place)) is not None]

    def named_parts(self) -> Iterator[NamedPart]:
        for place in self.places:
            key, name = self.named([place])[0]
            yield [place], [key], [name]

    def name_ranks(self) -> Sequence[int] | None:
        names = [folded(product.name) for product in self._products]
        rank = ranks(names)
        return [rank[name] if place % UNRANKED else -1 for place, name in enumerate(names)]

    def plain_fields(self, columns: Sequence[str]) -> Iterator[tuple[Sequence[int], None]]:
        assert columns
        yield self.places, None

    def numbers(self, column: str) -> Sequence[float]:
        return [float(getattr(product, column)) for product in self._products]

    def kinds(self, column: str) -> Sequence[int]:
        assert column == "categories"
        return self._kinds
