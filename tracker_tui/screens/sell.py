"""Sell: being written."""

from __future__ import annotations

from tracker_tui.screens.shop_screen import ShopScreen


class SellScreen(ShopScreen):
    """Sell."""

    MODE = "sell"
    TITLE = "Sell"

    def go_to(self, key: object) -> None:
        """Go to a row."""
