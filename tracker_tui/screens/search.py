"""Search: being written."""

from __future__ import annotations

from tracker_tui.screens.shop_screen import ShopScreen


class SearchScreen(ShopScreen):
    """Search."""

    MODE = "search"
    TITLE = "Search"

    def go_to(self, key: object) -> None:
        """Go to a row."""
