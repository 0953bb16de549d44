"""Which products a count or a delivery shows, without making a value of each of 100,000."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from enum import StrEnum

from tracker_tui.model.chosen import Chosen
from tracker_tui.model.drafts import Draft, still_low
from tracker_tui.model.goods import PRODUCT_SORTS
from tracker_tui.model.queries import categories_like, in_categories
from tracker_tui.model.records import Product
from tracker_tui.model.rules import is_low
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import folded
from tracker_tui.model.text_index import TextIndex
from tracker_tui.tuples import NamedTuple


class View(StrEnum):
    """Which of the products of a list are shown."""

    ALL = "all"
    LEFT = "not counted yet"
    OFF = "differences"
    CAME = "what came"
    LOW = "still to be ordered"


class Scope(NamedTuple):
    """What a count is of.

    Attributes:
        rows: The products, in the shop's order.
        places: Their places.
    """

    rows: Chosen[Product]
    places: frozenset[int]


def products_to_count(shop: Snapshot, draft: Draft, index: TextIndex[Product]) -> Scope:
    """Return the products that a count is of.

    Args:
        shop: The shop.
        draft: The count.
        index: Finds the products of the shop by words.
    """
    found: Chosen[Product] = index.matching(draft.search) if draft.search else shop.goods.all_products()
    if not draft.category:
        return Scope(found, frozenset(found.places))
    names = tuple(name for name in shop.categories if folded(name) == folded(draft.category))
    within = in_categories(shop, names or categories_like(shop, draft.category) or [""], every=False)
    places = frozenset(within.places).intersection(found.places)
    return Scope(Chosen(found.shelf, sorted(places), PRODUCT_SORTS), places)


def count_rows(shop: Snapshot, draft: Draft, scope: Scope, view: View) -> Chosen[Product]:
    """Return the rows of a count: all of it, what is left, or the differences; what was counted besides too.

    Args:
        shop: The shop.
        draft: The count.
        scope: What it is of, see `products_to_count`.
        view: Which of it.
    """
    if view is View.OFF:
        return _of(shop, sorted(_places(shop, (k for k, line in draft.lines.items() if line.difference))))
    counted = set(_places(shop, draft.lines))
    if view is View.LEFT:
        return _of(shop, [place for place in scope.rows.places if place not in counted])
    besides = counted - scope.places
    return _of(shop, sorted(scope.places | besides)) if besides else scope.rows


def left_to_count(shop: Snapshot, draft: Draft, scope: Scope) -> int:
    """Return how many products of a count are not counted yet."""
    return len(scope.places) - len(scope.places.intersection(_places(shop, draft.lines)))


def delivery_rows(shop: Snapshot, draft: Draft, view: View) -> Chosen[Product]:
    """Return the rows of a delivery: what came, in the order it was unpacked, or what is low all the same."""
    if view is not View.LOW:
        came = [key for key, line in draft.lines.items() if line.pieces]
        return Chosen(shop.goods.shelf, array("I", _places(shop, came)), PRODUCT_SORTS, None)
    low = shop.goods.low_stock(shop.settings)
    lifted = set(_places(shop, _lifted(shop, draft)))
    return Chosen(low.shelf, [place for place in low.places if place not in lifted], PRODUCT_SORTS, None)


def count_still_low(shop: Snapshot, draft: Draft) -> int:
    """Return how many products stay low in stock after a delivery."""
    return len(shop.goods.low_stock(shop.settings)) - len(_lifted(shop, draft))


def _lifted(shop: Snapshot, draft: Draft) -> list[str]:
    """Return the products that are low now and will not be after a delivery."""
    came = (shop.products.get(key) for key in draft.lines)
    return [
        product.id
        for product in came
        if product is not None
        and is_low(product, shop.settings)
        and not still_low(product, draft, shop.settings)
    ]


def _places(shop: Snapshot, ids: Iterable[str]) -> list[int]:
    shelf = shop.goods.shelf
    return [place for key in ids if key in shelf and (place := shelf.place(key)) is not None]


def _of(shop: Snapshot, places: Sequence[int]) -> Chosen[Product]:
    return Chosen(shop.goods.shelf, places, PRODUCT_SORTS)
