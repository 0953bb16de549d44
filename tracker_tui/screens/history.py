"""History: being written."""

from __future__ import annotations

from tracker_tui.screens.shop_screen import ShopScreen


class HistoryScreen(ShopScreen):
    """History."""

    MODE = "history"
    TITLE = "History"

    def go_to(self, key: object) -> None:
        """Go to a row."""
