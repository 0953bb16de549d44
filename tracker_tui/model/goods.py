"""All products at once: categories, barcodes, searching, the lowest stock, without making a value of each.

A table of 100,000 products is searched through its texts (see `shelf`), and only what is shown becomes rows.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Generic

from tracker_tui.model.records import Product, Settings
from tracker_tui.model.rules import is_low
from tracker_tui.model.shelf import TEXT_END, Chosen, Row, Shelf
from tracker_tui.model.text import folded


def product_text(product: Product) -> str:
    """Return all text of a product that a search looks at: id, name, categories, barcodes, own columns."""
    sets = ("|".join(sorted(product.categories)), "|".join(sorted(product.barcodes)))
    return "\n".join((product.id, product.name, *sets, *product.extra.values()))


class TextIndex(Generic[Row]):
    """Finds rows by words in any order and case.

    What was read with the table is looked at where it lies; of what changed since, the text is kept from
    snapshot to snapshot.
    """

    def __init__(self, text_of: Callable[[Row], str]) -> None:
        self._text_of = text_of
        self._shelf: Shelf[Row] = Shelf()
        self._texts: dict[int, tuple[Row, str]] = {}

    def update(self, rows: Mapping[str, Row]) -> None:
        """Take over the rows of a new snapshot, by id."""
        if rows is self._shelf:
            return
        shelf = rows if isinstance(rows, Shelf) else Shelf(changes=rows)
        known = self._texts if shelf.rows is self._shelf.rows else {}
        texts: dict[int, tuple[Row, str]] = {}
        for place, row in shelf.changed.items():
            if row is not None:
                had = known.get(place)
                texts[place] = had if had and had[0] is row else (row, folded(self._text_of(row)))
        self._shelf, self._texts = shelf, texts

    def matching(self, typed: str, within: Iterable[str] | None = None) -> Chosen[Row]:
        """Return the rows that hold every word of `typed`, in their order.

        Args:
            typed: Words, in any order and case; empty = all rows.
            within: Ids to look among; None = all.
        """
        words = folded(typed).split()
        shelf = self._shelf
        if within is not None:
            places = (shelf.place(key) for key in within)
            there = {place for place in places if place is not None and shelf.row(place) is not None}
            chosen = self.places(words) if words else shelf.places
            return Chosen(shelf, [place for place in chosen if place in there])
        return Chosen(shelf, self.places(words) if words else shelf.places)

    def places(self, words: Sequence[str]) -> array[int]:
        """Return the places of the rows that hold every word, ascending.

        Args:
            words: Folded, 1 or more.
        """
        shelf, changed = self._shelf, self._shelf.changed
        found = array("I")
        for stretch in shelf.rows.texts:
            text = stretch.text
            if not all(word in text for word in words):
                continue
            first, *others = words
            hits = [at for at, part in enumerate(text.split(TEXT_END), stretch.start) if first in part]
            if others:
                parts = text.split(TEXT_END)
                hits = [at for at in hits if all(word in parts[at - stretch.start] for word in others)]
            found.extend(hits)
        if not self._texts and not changed:
            return found
        kept = [place for place in found if place not in changed]
        fresh = [place for place, (_, text) in self._texts.items() if all(word in text for word in words)]
        return array("I", sorted([*kept, *fresh]))


class Goods:
    """What can be asked of all products of a snapshot.

    Args:
        shelf: The products; nobody changes them any more.
    """

    def __init__(self, shelf: Shelf[Product]) -> None:
        self.shelf = shelf

    @cached_property
    def categories(self) -> Categories:
        """Ids of the products of each category, categories in the order of the alphabet."""
        return Categories(self.shelf)

    def places_of(self, category: str) -> Sequence[int]:
        """Return the places of the products of a category, ascending."""
        return self.categories.places.get(category, ())

    @cached_property
    def barcodes(self) -> Mapping[str, str]:
        """Product id by barcode."""
        return Barcodes(self.shelf)

    def lowest_stock(self) -> tuple[Product, ...]:
        """Return all products that share the lowest quantity."""
        numbers, places = self.shelf.numbers("quantity"), self.shelf.places
        lowest = min((numbers[place] for place in places), default=0)
        return tuple(Chosen(self.shelf, [place for place in places if numbers[place] == lowest]))

    def low_stock(self, settings: Settings) -> tuple[Product, ...]:
        """Return the products at or below their reorder level, lowest quantity first."""
        numbers, levels = self.shelf.numbers("quantity"), self.shelf.numbers("reorder_level")
        general = settings.low_stock
        places = [at for at in self.shelf.places if numbers[at] <= (levels[at] or general)]
        low = [product for product in Chosen(self.shelf, places) if is_low(product, settings)]
        return tuple(sorted(low, key=lambda product: (product.quantity, product.name.casefold())))


class Categories(Mapping[str, frozenset[str]]):
    """Ids of the products of each category; the sets are made when they are asked for."""

    def __init__(self, shelf: Shelf[Product]) -> None:
        self._shelf = shelf

    @cached_property
    def places(self) -> Mapping[str, array[int]]:
        """Places of the products of each category, categories in the order of the alphabet."""
        shelf, changed = self._shelf, self._shelf.changed
        found: dict[str, array[int]] = {}
        names: dict[int, tuple[str, ...]] = {}
        kinds = shelf.rows.kinds("categories")
        for place in shelf.rows.places:
            if place in changed:
                continue
            kind = kinds[place]
            if kind not in names:
                row = shelf.rows.row(place)
                names[kind] = tuple(row.categories) if row is not None else ()
            for name in names[kind]:
                found.setdefault(name, array("I")).append(place)
        for place, row in changed.items():
            for name in row.categories if row is not None else ():
                found.setdefault(name, array("I")).append(place)
        ordered = sorted(found, key=lambda name: (name.casefold(), name))
        return {name: found[name] for name in ordered}

    def __getitem__(self, name: str) -> frozenset[str]:
        return frozenset(product.id for product in Chosen(self._shelf, self.places[name]))

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


class Barcodes(Mapping[str, str]):
    """Product id by barcode, found in the texts of the products."""

    def __init__(self, shelf: Shelf[Product]) -> None:
        self._index = TextIndex(product_text)
        self._index.update(shelf)
        self._shelf = shelf

    def __getitem__(self, code: str) -> str:
        words = folded(code).split()
        for place in self._index.places(words) if words else ():
            row = self._shelf.row(place)
            if row is not None and code in row.barcodes:
                return row.id
        raise KeyError(code)

    def __iter__(self) -> Iterator[str]:
        return (code for product in Chosen(self._shelf, self._shelf.places) for code in product.barcodes)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def items(self) -> Iterator[tuple[str, str]]:  # type: ignore[override]
        """Yield all codes with their products."""
        return ((code, p.id) for p in Chosen(self._shelf, self._shelf.places) for code in p.barcodes)
