"""All products at once: categories, barcodes, orders, the lowest stock, without making a value of each.

A table of 100,000 products is searched through its texts (see `shelf`), and only what is shown becomes rows.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress, islice
from operator import le

from tracker_tui.model.chosen import Chosen, Order, Sort, all_rows, kept, not_rows
from tracker_tui.model.lazy import Counted
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.rules import is_low, join_set
from tracker_tui.model.shelf import Shelf, positions_of
from tracker_tui.model.sorts import by_id, by_name, ranks, some_texts, texts_of
from tracker_tui.model.text import folded
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final


def product_text(product: Product) -> str:
    """Return all text of a product that a search looks at: id, name, categories, barcodes, own columns."""
    sets = ("|".join(sorted(product.categories)), "|".join(sorted(product.barcodes)))
    return "\n".join((product.id, product.name, *sets, *product.extra.values()))


def shown_categories(product: Product) -> str:
    """Return the categories of a product as people read them."""
    return join_set(product.categories, ", ")


def _name_of(product: Product) -> str:
    return folded(product.name)


def _by_number(column: str) -> Sort[Product]:
    return Sort(lambda row: float(getattr(row, column) or 0), lambda shelf: shelf.numbers(column))


def _ranks_of_categories(shelf: Shelf[Product]) -> Sequence[int]:
    shown = [", ".join(sorted(names)) for names in _kinds(shelf).names]
    changed = {place: shown_categories(row) for place, row in shelf.changed.items() if row is not None}
    rank = ranks([*shown, *changed.values()])
    by_kind = [rank[text] for text in shown]
    found = [by_kind[kind] for kind in shelf.rows.kinds("categories")]
    found += [0] * (shelf.rows.length + len(shelf.new) - len(found))
    for place, text in changed.items():
        found[place] = rank[text]
    return found


PRODUCT_SORTS: Final[Mapping[str, Sort[Product]]] = {
    "id": by_id(),
    "name": by_name(_name_of),
    "price": _by_number("price"),
    "quantity": _by_number("quantity"),
    "categories": Sort(shown_categories, _ranks_of_categories),
    "reorder_level": _by_number("reorder_level"),
}
"""How products can be ordered, by column."""


class Stock(NamedTuple):
    """How many there are of a product, and when it is to be reordered.

    Attributes:
        id: Its id.
        name: Its name.
        quantity: Pieces there are.
        reorder_level: Pieces at which to reorder; 0 = the shop's general level.
    """

    id: str
    name: str
    quantity: int
    reorder_level: int


def stocks(products: Sequence[Product]) -> list[Stock]:
    """Return the stock of some products in their order; much quicker than to make a value of each."""
    if isinstance(products, Counted):
        products = products.made
    if not isinstance(products, Chosen):
        return [Stock(p.id, p.name, p.quantity, p.reorder_level) for p in products]
    shelf: Shelf[Product] = products.shelf
    rows, changed = shelf.rows, shelf.changed
    quantities, levels = shelf.numbers("quantity"), shelf.numbers("reorder_level")
    read = iter(rows.named([place for place in products.places if place not in changed]))
    found: list[Stock] = []
    for place in products.places:
        row = changed.get(place)
        key, name = (row.id, row.name) if row is not None else next(read)
        found.append(Stock(key, name, int(quantities[place]), int(levels[place])))
    return found


def _stock_of(product: Product) -> tuple[float, str]:
    return float(product.quantity), folded(product.name)


def _stocks_of(shelf: Shelf[Product]) -> Sequence[tuple[float, str]]:
    return list(zip(shelf.numbers("quantity"), texts_of(shelf, 1, _name_of), strict=True))


_BY_STOCK: Final = Order("stock", Sort(_stock_of, _stocks_of))
_MANY: Final = 1_000
"""From so many products on all names are taken together, which is quicker than making so many rows."""


class Goods:
    """What can be asked of all products of a snapshot.

    Args:
        shelf: The products; nobody changes them any more.
    """

    def __init__(self, shelf: Shelf[Product]) -> None:
        self.shelf = shelf

    def all_products(self) -> Chosen[Product]:
        """Return all products in the shop's own order."""
        return all_rows(self.shelf, PRODUCT_SORTS)

    @cached_property
    def barcodes(self) -> Mapping[str, str]:
        """Product id by barcode."""
        return Barcodes(self.shelf)

    def lowest_stock(self) -> Chosen[Product]:
        """Return all products that share the lowest quantity."""
        shelf = self.shelf
        places, quantities = all_rows(shelf).places, shelf.numbers("quantity")
        lowest = min(_of_places(quantities, places), default=0.0)
        return kept(
            shelf,
            "lowest stock",
            lowest,
            lambda _place, product: product.quantity == lowest,
            lambda: Chosen(shelf, array("I", _at_number(quantities, places, lowest)), PRODUCT_SORTS),
        )

    def low_stock(self, settings: Settings) -> Chosen[Product]:
        """Return the products at or below their reorder level, lowest quantity first."""
        return kept(
            self.shelf,
            "low stock",
            settings.low_stock,
            lambda _place, product: is_low(product, settings),
            lambda: Chosen(self.shelf, self._low_places(settings.low_stock), PRODUCT_SORTS, _BY_STOCK),
        )

    def low_by_place(self, settings: Settings) -> Chosen[Product]:
        """Return the same in the shop's own order; much quicker, as their names are not looked at."""
        return kept(
            self.shelf,
            "low stock by place",
            settings.low_stock,
            lambda _place, product: is_low(product, settings),
            lambda: Chosen(self.shelf, self._places_of_low(settings.low_stock), PRODUCT_SORTS),
        )

    def _places_of_low(self, general: int) -> Sequence[int]:
        shelf = self.shelf
        places = all_rows(shelf).places
        levels = _of_places(shelf.numbers("reorder_level"), places)
        if general:
            levels = (level or general for level in levels)
        quantities = _of_places(shelf.numbers("quantity"), places)
        return array("I", compress(places, map(le, quantities, levels)))

    def _low_places(self, general: int, many: int = _MANY) -> Sequence[int]:
        shelf, places = self.shelf, self._places_of_low(general)
        if len(places) < many:
            stocks = {place: _stock_of(row) for place, row in zip(places, Chosen(shelf, places), strict=True)}
            return array("I", sorted(places, key=stocks.__getitem__))
        numbers, names = shelf.numbers("quantity"), some_texts(shelf, 1, _name_of, places)
        return array("I", sorted(places, key=lambda place: (numbers[place], names[place])))

    # Categories

    @cached_property
    def categories(self) -> Categories:
        """Ids of the products of each category, categories in the order of the alphabet."""
        return Categories(self)

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """How many products stand in each category, categories in the order of the alphabet."""
        counts = _counted(self.shelf).sizes
        ordered = sorted((name for name, size in counts.items() if size > 0), key=_alphabetical)
        return {name: counts[name] for name in ordered}

    def in_categories(self, names: Collection[str], *, every: bool) -> Chosen[Product]:
        """Return the products in all of some categories, or in any of them."""
        wanted = frozenset(names)
        return kept(
            self.shelf,
            "in categories",
            (wanted, every),
            lambda _place, product: _is_in(product.categories, wanted, every=every),
            lambda: Chosen(self.shelf, self._places_in(wanted, every=every), PRODUCT_SORTS),
        )

    def _places_in(self, wanted: frozenset[str], *, every: bool) -> Sequence[int]:
        shelf, changed = self.shelf, self.shelf.changed
        names, missing = _kinds(shelf).names, not_rows(shelf)
        kinds = {kind for kind, those in enumerate(names) if _is_in(those, wanted, every=every)}
        places = (
            [at for at, kind in enumerate(shelf.rows.kinds("categories")) if kind in kinds] if kinds else []
        )
        if changed or missing:
            places = [at for at in places if at not in changed and at not in missing]
            places += (
                at
                for at, row in changed.items()
                if row is not None and _is_in(row.categories, wanted, every=every)
            )
        return array("I", sorted(places))


def _of_places(numbers: Sequence[float], places: Sequence[int]) -> Iterator[float]:
    """Yield the numbers at some places."""
    if isinstance(places, range) and places.step == 1:
        return islice(numbers, places.start, places.stop)
    return map(numbers.__getitem__, places)


def _at_number(numbers: Sequence[float], places: Sequence[int], wanted: float) -> Iterator[int]:
    """Yield those of some places at which a number stands."""
    if isinstance(places, range) and places.step == 1:
        return (at for at in positions_of(numbers, wanted, places.start) if at < places.stop)
    return (at for at in places if numbers[at] == wanted)


def _alphabetical(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _is_in(names: frozenset[str], wanted: frozenset[str], *, every: bool) -> bool:
    return wanted <= names if every else not wanted.isdisjoint(names)


class _Kinds(NamedTuple):
    """The categories of the rows of a table as it was read.

    Attributes:
        names: The categories that a kind stands for, by kind.
        sizes: How many rows each category has.
    """

    names: Sequence[frozenset[str]]
    sizes: Mapping[str, int]


def _kinds(shelf: Shelf[Product]) -> _Kinds:
    """Return the categories of the table, looking at one row of each kind."""
    known = shelf.trail.kept.get(_kinds)
    if isinstance(known, _Kinds):
        return known
    kinds, missing = shelf.rows.kinds("categories"), not_rows(shelf)
    names: list[frozenset[str]] = [frozenset()] * (max(kinds, default=-1) + 1)
    places = [place for place in range(len(kinds)) if place not in missing] if missing else range(len(kinds))
    for kind, place in {kinds[place]: place for place in places}.items():
        row = shelf.rows.row(place)
        if row is not None:
            names[kind] = row.categories
    counts = Counter(kinds)
    counts.subtract(kinds[place] for place in missing)
    sizes: Counter[str] = Counter()
    for kind, number in counts.items():
        sizes.update(dict.fromkeys(names[kind], number))
    shelf.trail.kept[_kinds] = found = _Kinds(names, sizes)
    return found


class _Counted(NamedTuple):
    """How many rows of a shelf each category has."""

    shelf: Shelf[Product]
    sizes: Mapping[str, int]


def _counted(shelf: Shelf[Product]) -> _Counted:
    """Return how many rows each category has, counting only what has changed since it was last asked for."""
    known = shelf.trail.kept.get(_counted)
    before = known if isinstance(known, _Counted) else None
    changes = None if before is None else shelf.changes_since(before.shelf)
    if before is None or changes is None:
        before, changes = _Counted(Shelf(shelf.rows), _kinds(shelf).sizes), frozenset(shelf.changed)
    sizes = Counter(before.sizes)
    for place in changes:
        for of, number in ((before.shelf, -1), (shelf, 1)):
            row = of.row(place)
            sizes.update(dict.fromkeys(row.categories if row is not None else (), number))
    shelf.trail.kept[_counted] = found = _Counted(shelf, sizes)
    return found


class Categories(Mapping[str, frozenset[str]]):
    """Ids of the products of each category; the sets are made when they are asked for."""

    def __init__(self, goods: Goods) -> None:
        self._goods = goods

    def __getitem__(self, name: str) -> frozenset[str]:
        if name not in self._goods.sizes:
            raise KeyError(name)
        found = self._goods.in_categories([name], every=True)
        return frozenset(found.key_at(index) for index in range(len(found)))

    def __iter__(self) -> Iterator[str]:
        return iter(self._goods.sizes)

    def __len__(self) -> int:
        return len(self._goods.sizes)


class Barcodes(Mapping[str, str]):
    """Product id by barcode, found in the texts of the products."""

    def __init__(self, shelf: Shelf[Product]) -> None:
        from tracker_tui.model.text_index import TextIndex  # noqa: PLC0415 - a sale by ids looks for no text

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
        return (code for code, _ in self.items())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def items(self) -> Iterator[tuple[str, str]]:  # type: ignore[override]
        """Yield all codes with their products."""
        return ((code, product.id) for product in all_rows(self._shelf) for code in product.barcodes)
