"""The columns of products, the same on every screen that lists them."""

from __future__ import annotations

from collections.abc import Callable

from tracker_tui.model.records import Product, Settings
from tracker_tui.model.rules import is_low, join_set
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import money

LOW = "low"
"""What stands before a low quantity, so that it is seen without colour too."""


def product_columns(settings: Settings) -> list[Column[Product]]:
    """Return the columns of a table of products."""

    def warn(product: Product) -> str:
        return "record-table--warning" if is_low(product, settings) else ""

    return [
        Column("id", "Id", 8, lambda p: p.id, flex=1, sort=lambda p: natural(p.id)),
        Column("name", "Name", 16, lambda p: p.name, flex=4, sort=lambda p: p.name.casefold()),
        Column("price", "Price", 10, lambda p: money(p.price, settings), "right", sort=lambda p: p.price),
        Column(
            "quantity", "Quantity", 9, quantity_cell(settings), "right", sort=lambda p: p.quantity, style=warn
        ),
        Column("categories", "Categories", 12, _categories, flex=2, sort=_categories, drop=1),
        Column("reorder_level", "Reorder", 7, _reorder, "right", sort=lambda p: p.reorder_level, drop=2),
    ]


def quantity_cell(settings: Settings) -> Callable[[Product], str]:
    """Return how a quantity is shown: with a word before it where it is low."""
    return lambda p: f"{LOW} {p.quantity:,}" if is_low(p, settings) else f"{p.quantity:,}"


def natural(text: str) -> tuple[int, int, str]:
    """Order ids as people do: numbers by value, before the others."""
    return (
        (0, int(text), "")
        if text.isascii() and text.isdecimal() and len(text) < 16
        else (1, 0, text.casefold())
    )


def _categories(product: Product) -> str:
    return join_set(product.categories, ", ")


def _reorder(product: Product) -> str:
    return f"{product.reorder_level:,}" if product.reorder_level else ""
