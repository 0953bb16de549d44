"""What all screens and dialogs share: the snapshot they show, and a few ways to answer."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.reactive import var
from textual.screen import Screen
from textual.widget import Widget

from tracker_tui.messages import ShowProduct, UndoRequested
from tracker_tui.model.acts import Outcome
from tracker_tui.model.records import Purchase
from tracker_tui.model.scan import Scan
from tracker_tui.model.state import READING, Snapshot
from tracker_tui.model.text import visible
from tracker_tui.widgets.key_line import KeyLine
from tracker_tui.widgets.mode_bar import ModeBar
from tracker_tui.widgets.shown import money
from tracker_tui.widgets.whole_frames import WholeFrames

Answer = TypeVar("Answer")


class ShopScreen(WholeFrames[None]):
    """One of the main screens: shows the app's snapshot, follows it, and asks the app for changes.

    A screen out of sight only remembers that there is something new; it is filled when it is shown. While a
    large shop is read there is only its first page of products, which most screens do not show.
    """

    MODE: ClassVar[str] = ""
    SHOWS_FIRST_ROWS: ClassVar[bool] = False
    CHANGES_PRODUCTS: ClassVar[str] = "clerks sell, take back and look; products are the owner's"
    CHANGING: ClassVar[frozenset[str]] = frozenset()
    """Actions that change products."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo_last", "Undo", id="shop.undo", tooltip="Take back your last change", show=False),
        Binding("ctrl+g", "give_back", "Return", id="shop.give_back", tooltip="Take goods back", show=False),
        Binding("r", "refresh_shop", "Refresh", id="shop.refresh", show=False),
    ]

    snapshot: var[Snapshot] = var(Snapshot, init=False)
    clerk_mode: var[bool] = var(False)

    mode_bar = query_one(ModeBar)

    def __init__(self) -> None:
        super().__init__(classes=self._width_class())
        # Private to Textual, which holds a screen that it never showed for one with outdated styles: it would
        # parse all styles anew, twice, and apply them to the screen that is being left.
        self._css_update_count = self.app._css_update_count  # noqa: SLF001

    def _width_class(self) -> str:
        """Return the class that the first layout would add otherwise, and then style every widget again."""
        width = self.app.size.width
        reached = [name for least, name in sorted(self.app.HORIZONTAL_BREAKPOINTS or ()) if least <= width]
        return reached[-1] if reached else ""

    def _compositor_refresh(self) -> None:
        """Stand in for Textual's own, which draws whole frames in vain.

        It draws them also while none may be shown, and drops them. And where a layout and a repaint of the whole
        screen are both due, as when it comes into sight, it draws and sends one frame for each.
        """
        if self.app._batch_count:  # noqa: SLF001
            self.refresh()
            return
        if self._repaint_required:
            self._repaint_required = False
            self._compositor.update_widgets({self})
        super()._compositor_refresh()

    def compose(self) -> ComposeResult:
        """Lay out the bar, the screen's own part and the line of keys."""
        yield ModeBar()
        yield from self.compose_body()
        yield KeyLine()

    def compose_body(self) -> ComposeResult:
        """Yield the screen's own widgets."""
        yield Widget()

    def on_mount(self) -> None:
        """Follow the app's snapshot."""
        self._shown_revision = -1
        self.mode_bar.here = self.MODE
        self.watch(self.app, "clerk_mode", self._take_clerk_mode)
        self.watch(self.app, "snapshot", self._take_snapshot)

    def _take_clerk_mode(self, clerk_mode: bool) -> None:  # noqa: FBT001 - a watcher's signature
        self.clerk_mode = clerk_mode

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        if self.is_current:
            self._show_if_new()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Fill the screen with what changed while it was out of sight."""
        # Its widgets were styled when they were mounted and when their classes changed; a new theme styles anew.
        event.refresh_styles = False
        self._show_if_new()

    def _show_if_new(self) -> None:
        shop = self.snapshot
        if shop.revision == self._shown_revision or not self.is_mounted:
            return
        self._shown_revision = shop.revision
        self.mode_bar.right = self.clerk
        at_once = shop.loading == READING and self.SHOWS_FIRST_ROWS
        self.mode_bar.trouble = "" if at_once else shop.loading or _trouble(shop)
        if not shop.loading or self.SHOWS_FIRST_ROWS:
            self.show_shop(shop)

    @property
    def refused_actions(self) -> frozenset[str]:
        """The actions whose keys the line of keys leaves out, as they would only be refused."""
        return self.CHANGING if self.clerk_mode else frozenset()

    @property
    def clerk(self) -> str:
        """Who works in this session."""
        return str(getattr(self.app, "clerk", ""))

    def show_shop(self, shop: Snapshot) -> None:
        """Show a new snapshot; called only while the screen is in sight."""

    def take_scan(self, scan: Scan) -> bool:
        """Go to the product that was scanned; where something lies over the screen, only say what it is."""
        product = self.snapshot.products.get(scan.product_id)
        if product is None:
            return False
        if self.is_active:
            self.post_message(ShowProduct(product.id))
        else:
            price = money(product.price, self.snapshot.settings)
            self.tell(f"Scanned: {product.name} ({product.id}), {price}, {product.quantity:,} in stock")
        return True

    def tell(self, text: str, *, error: bool = False) -> None:
        """Say something in passing; people's text may be in it."""
        self.notify(
            visible(text),
            severity="error" if error else "information",
            markup=False,
            timeout=8 if error else 4,
        )

    def may_change(self, *, products: bool = False) -> bool:
        """Tell whether a change may be begun, and say why where it may not.

        Args:
            products: Whether it changes products, which clerks may not.
        """
        if self.snapshot.read_only:
            self.tell(f"Nothing can be changed: {self.snapshot.read_only}", error=True)
            return False
        if products and self.clerk_mode:
            self.tell(f"Not for this login: {self.CHANGES_PRODUCTS}", error=True)
            return False
        return True

    def open_dialog(self, dialog: Screen[Answer], then: Callable[[Answer | None], None]) -> None:
        """Open a dialog at once, so that not even keys typed ahead reach this screen; `then` gets its answer."""
        self.app.push_screen(dialog, then)

    def show_receipt(
        self,
        purchase: Purchase,
        *,
        copy: bool = True,
        given: Decimal | None = None,
        news: str = "",
        then: Callable[[bool | None], None] | None = None,
    ) -> None:
        """Show the receipt of a purchase; see `ReceiptDialog`. `then` is told whether it was handed out."""
        from tracker_tui.screens.receipt_dialog import ReceiptDialog

        dialog = ReceiptDialog(
            purchase, self.snapshot, copy=copy, given=given, clerk_mode=self.clerk_mode, news=news
        )
        self.app.push_screen(dialog, then)

    def chosen_sale(self) -> Purchase | None:
        """Return the sale that the cursor is on, where there is one."""
        return None

    def action_give_back(self) -> None:
        """Take goods of a sale back: of the one under the cursor, or of the one whose receipt is scanned."""
        if not self.may_change():
            return
        from tracker_tui.screens.return_dialog import ReturnDialog

        def done(outcome: Outcome | None) -> None:
            if outcome is not None and outcome.purchase is not None:
                self.show_receipt(outcome.purchase, copy=False, news=f"{outcome.text}; Ctrl+Z undoes it")

        sale = self.chosen_sale()
        self.open_dialog(ReturnDialog(sale.sale if sale is not None else ""), done)

    def action_undo_last(self) -> None:
        """Take back the last change of this session."""
        if self.may_change():
            self.post_message(UndoRequested())

    def action_refresh_shop(self) -> None:
        """Draw the screen anew, and say that the shop needs no refreshing, for people used to it."""
        from tracker_tui.widgets.terminal import repaint

        repaint(self.app)
        self.tell("Up to date: every change is shown within half a second")


def _trouble(shop: Snapshot) -> str:
    """Return what the first line says is wrong; empty if nothing is."""
    if shop.held_edit is not None:
        return "! entries gone" if shop.held_edit.logs_short else "! edited by hand"
    if shop.lost:
        return "! entries gone"
    wrong = len(shop.problems)
    if wrong:
        return f"! {wrong} {'problem' if wrong == 1 else 'problems'}"
    return "read-only" if shop.read_only else ""
