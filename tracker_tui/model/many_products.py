"""Many products at once, column by column.

A call that goes over a column takes a tenth of the time of one for each product; so what is done to 100,000 products
is done to pieces of them, which are small enough that nobody waits long for the interpreter meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from decimal import Decimal
from itertools import islice, repeat
from typing import Final, Self, TypeVar

from tracker_tui.model.records import NO_EXTRA, ChangeLine, Product
from tracker_tui.model.shelf import OpenShelf, Shelf
from tracker_tui.tuples import NamedTuple

Value = TypeVar("Value")

PIECE: Final = 1_000
"""How many products are taken together: a millisecond or less for each step."""


class ProductColumns(NamedTuple):
    """The fields of some products, each a column; as many in each, and in the order of `Product`."""

    ids: Sequence[str]
    names: Sequence[str]
    prices: Sequence[Decimal]
    quantities: Sequence[int]
    categories: Sequence[frozenset[str]]
    reorder_levels: Sequence[int]
    barcodes: Sequence[frozenset[str]]
    costs: Sequence[Decimal | None]
    extras: Sequence[Mapping[str, str]]


class SoundProducts(tuple[Product, ...]):  # noqa: SLOT001 - a tuple can have no slot
    """Products that were found sound for a shop, so that they need not be judged again while it stays as it is.

    Attributes:
        shelf: The products of that shop.
        decimals: Its decimals.
    """

    shelf: Shelf[Product]
    decimals: int

    def __new__(cls, products: Iterable[Product], shelf: Shelf[Product], decimals: int) -> Self:
        """Do this for products that differ from those of the shop, each standing here once, and for no others."""
        made = super().__new__(cls, products)
        made.shelf, made.decimals = shelf, decimals
        return made

    def fit(self, shelf: Shelf[Product], decimals: int) -> bool:
        """Tell whether they were judged for exactly these products."""
        return self.decimals == decimals and shelf.changes_since(self.shelf) == frozenset()


class SoundLines(tuple[ChangeLine, ...]):  # noqa: SLOT001 - a tuple can have no slot
    """Lines of a change whose products were found sound, so that they need not be looked at again.

    Attributes:
        decimals: The decimals for which they are.
    """

    decimals: int

    def __new__(cls, lines: Iterable[ChangeLine], decimals: int) -> Self:
        """Do this for lines that `change_lines` made of what `Soundness` judged, and for no others."""
        made = super().__new__(cls, lines)
        made.decimals = decimals
        return made


def pieces_of(values: Iterable[Value], size: int = PIECE) -> Iterator[list[Value]]:
    """Yield values some at a time."""
    left = iter(values)
    while piece := list(islice(left, size)):
        yield piece


def columns_of(products: Iterable[Product]) -> ProductColumns:
    """Return the columns of one or more products."""
    return ProductColumns(*zip(*products, strict=True))


def products_of(columns: ProductColumns) -> list[Product]:
    """Return the products that some columns are of."""
    # The constructor would do the same, once for each.
    return list(map(tuple.__new__, repeat(Product), zip(*columns, strict=True)))


def change_lines(columns: ProductColumns, held: Sequence[int]) -> list[ChangeLine]:
    """Return the lines that make some products what they are in columns, without own columns before or after.

    Args:
        columns: The products.
        held: The quantity of each before; 0 where there was none.
    """
    count = len(held)
    changes = [now - before for now, before in zip(columns.quantities, held, strict=True)]
    bare = products_of(columns._replace(quantities=[0] * count, extras=[NO_EXTRA] * count))
    lines = zip(columns.ids, bare, changes, columns.names, [None] * count, strict=True)
    return list(map(tuple.__new__, repeat(ChangeLine), lines))


def apply_many(
    products: MutableMapping[str, Product],
    lines: Iterable[ChangeLine],
    apply_each: Callable[[MutableMapping[str, Product], ChangeLine], None],
) -> None:
    """Make of `products`, in place, what they are after the lines of a change.

    Args:
        products: All products, by id.
        lines: The lines.
        apply_each: Does it for one line, where it says more than what a product is.
    """
    for piece in pieces_of(lines):
        ids, after, changes, _, extras = zip(*piece, strict=True)
        if None in after or any(extra is not None for extra in extras) or len({*ids}) < len(ids):
            for line in piece:
                apply_each(products, line)
            continue
        columns = columns_of(after)
        before = products.some(ids) if isinstance(products, OpenShelf) else list(map(products.get, ids))
        held = [0 if was is None else was.quantity for was in before]
        quantities = [there + change for there, change in zip(held, changes, strict=True)]
        own = [NO_EXTRA if was is None else was.extra for was in before]
        made = dict(zip(ids, products_of(columns._replace(quantities=quantities, extras=own)), strict=True))
        if isinstance(products, OpenShelf):
            products.put_all(made)
        else:
            products.update(made)
