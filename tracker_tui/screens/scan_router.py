"""Where a scan goes: to the top screen that has a use for it, wherever the focus is."""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

from textual import events, on
from textual.driver import Driver
from textual.reactive import var

from tracker_tui.messages import AddToBasket, CodeForgotten
from tracker_tui.model.acts import AddProduct, Outcome
from tracker_tui.model.matches import Wanted
from tracker_tui.model.queries import find_product
from tracker_tui.model.scan import Scan, UnknownCode, forgotten, noted
from tracker_tui.model.state import READING, Snapshot
from tracker_tui.model.text import visible
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.widgets.key_order import KeysInOrder

_LOOK_ROUND: Final = frozenset(
    (
        "up",
        "down",
        "left",
        "right",
        "pageup",
        "pagedown",
        "home",
        "end",
        "tab",
        "shift+tab",
        "slash",
        "escape",
    )
) | {"ctrl+q", "ctrl+c", "f1", "f2", "f3", "f4", "f6", "f7", "f8"}
"""Keys that change nothing."""


@runtime_checkable
class TakesScans(Protocol):
    """A screen or dialog with a use for scans."""

    def take_scan(self, scan: Scan) -> bool:
        """Do what a scan means here; False where it means nothing, so that the screen beneath gets it."""


class ScanRouter(KeysInOrder[int]):
    """An app that hands each scan to a screen, and keeps the codes that no product has."""

    snapshot: var[Snapshot] = var(Snapshot, init=False)
    clerk_mode: var[bool] = var(False)
    unknown_codes: var[tuple[UnknownCode, ...]] = var((), init=False)

    def __init__(self, *, driver_class: type[Driver]) -> None:
        super().__init__(driver_class=driver_class)
        self._early: list[Wanted] = []

    def knows_code(self, code: str) -> bool:
        """Tell whether a product has this barcode or id."""
        return find_product(self.snapshot, code) is not None

    def take_scan(self, wanted: Wanted) -> None:
        """Hand a scan to the top screen that takes it; ring the bell where no product has the code.

        While the shop is still being read, no code is known for certain, so that scans wait.
        """
        if self.snapshot.loading:
            self._early.append(wanted)
            return
        product = find_product(self.snapshot, wanted.text)
        scan = Scan(wanted.text, wanted.pieces, product.id if product is not None else "")
        screens = [screen for screen in reversed(self.screen_stack) if isinstance(screen, TakesScans)]
        if not any(screen.take_scan(scan) for screen in screens):
            self._note_unknown(scan)

    def waits(self, key: events.Key) -> bool:
        """Tell whether a key waits: in the first moments, while the shop is read, only looking round is possible."""
        if self.snapshot.loading != READING or key.key in _LOOK_ROUND:
            return False
        return self.focused is None or not self.focused.check_consume_key(key.key, key.character)

    def watch_snapshot(self, shop: Snapshot) -> None:
        """Take the scans and the keys that waited, once the shop is read."""
        if shop.loading != READING:
            self.call_later(self.end_hold)
        if not shop.loading and self._early:
            early, self._early = self._early, []
            for wanted in early:
                self.call_later(self.take_scan, wanted)

    def _note_unknown(self, scan: Scan) -> None:
        self.bell()
        self.unknown_codes = noted(self.unknown_codes, scan)
        text = visible(f"No product has the code {scan.code}. Ctrl+T lists it.")
        self.notify(text, severity="error", markup=False, timeout=8)

    @on(CodeForgotten)
    def _forget(self, event: CodeForgotten) -> None:
        self.unknown_codes = forgotten(self.unknown_codes, event.code)

    def action_unknown_codes(self) -> None:
        """List the codes that no product had, and make a product of one."""
        from tracker_tui.screens.unknown_codes import UnknownCodes

        if isinstance(self.screen, ShopScreen):
            makes = not (self.clerk_mode or self.snapshot.read_only)
            self.push_screen(UnknownCodes(makes=makes), self._make_product)

    def _make_product(self, chosen: UnknownCode | None) -> None:
        if chosen is None:
            return

        def made(outcome: Outcome | None) -> None:
            if outcome is None or not isinstance(outcome.act, AddProduct):
                return
            self.unknown_codes = forgotten(self.unknown_codes, chosen.code)
            if self.current_mode == "sell":
                self.post_message(AddToBasket(outcome.act.product.id, chosen.pieces))

        from tracker_tui.screens.product_forms import AddProductForm

        self.push_screen(AddProductForm(self.snapshot.own_columns, chosen.code), made)
