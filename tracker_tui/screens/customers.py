"""Customers: being written."""

from __future__ import annotations

from tracker_tui.screens.shop_screen import ShopScreen


class CustomersScreen(ShopScreen):
    """Customers."""

    MODE = "customers"
    TITLE = "Customers"

    def go_to(self, key: object) -> None:
        """Go to a row."""
