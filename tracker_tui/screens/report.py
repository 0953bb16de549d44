"""Report: being written."""

from __future__ import annotations

from tracker_tui.screens.shop_screen import ShopScreen


class ReportScreen(ShopScreen):
    """Report."""

    MODE = "report"
    TITLE = "Report"

    def go_to(self, key: object) -> None:
        """Go to a row."""
