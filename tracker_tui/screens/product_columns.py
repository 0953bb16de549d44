"""The columns of products, the same on every screen that lists them."""

from __future__ import annotations

from collections.abc import Callable

from tracker_tui.model.goods import PRODUCT_SORTS, shown_categories
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.rules import is_low
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import money
from tracker_tui.widgets.table_columns import MOST_NAME, MOST_SHORT, MOST_TEXT

LOW = "low"
"""What stands before a low quantity, so that it is seen without colour too."""


def product_columns(settings: Settings) -> list[Column[Product]]:
    """Return the columns of a table of products."""

    def warn(product: Product) -> str:
        return "record-table--warning" if is_low(product, settings) else ""

    return [
        Column("id", "Id", 8, lambda p: p.id, flex=1, most=MOST_SHORT, sort=PRODUCT_SORTS["id"].of),
        Column("name", "Name", 16, lambda p: p.name, flex=4, most=MOST_NAME, sort=PRODUCT_SORTS["name"].of),
        Column(
            "price",
            "Price",
            10,
            lambda p: money(p.price, settings),
            "right",
            sort=PRODUCT_SORTS["price"].of,
            plain=lambda p: p.price,
        ),
        Column(
            "quantity",
            "Quantity",
            9,
            quantity_cell(settings),
            "right",
            sort=PRODUCT_SORTS["quantity"].of,
            style=warn,
            plain=lambda p: p.quantity,
        ),
        Column(
            "categories",
            "Categories",
            12,
            shown_categories,
            flex=2,
            most=MOST_TEXT,
            sort=PRODUCT_SORTS["categories"].of,
            drop=1,
            plain=lambda p: p.categories,
        ),
        Column(
            "reorder_level",
            "Reorder",
            7,
            _reorder,
            "right",
            sort=PRODUCT_SORTS["reorder_level"].of,
            drop=2,
            plain=lambda p: p.reorder_level,
        ),
    ]


def quantity_cell(settings: Settings) -> Callable[[Product], str]:
    """Return how a quantity is shown: with a word before it where it is low."""
    return lambda p: f"{LOW} {p.quantity:,}" if is_low(p, settings) else f"{p.quantity:,}"


def _reorder(product: Product) -> str:
    return f"{product.reorder_level:,}" if product.reorder_level else ""
