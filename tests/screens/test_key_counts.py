"""How many keys a sale of three products for cash to a walk-in takes: by scanner, by keyboard, and none by mouse."""

from __future__ import annotations

from decimal import Decimal

import pytest
from textual.pilot import Pilot

from tests.screens.helpers import open_app, screen_text, type_by_hand, wait_until
from tests.screens.scanner import ENDS, scan
from tests.screens.till import lines, sales
from tracker_tui.app import TrackerApp
from tracker_tui.screens.pay_dialog import PayDialog
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.screens.sell import SellScreen
from tracker_tui.service import InventoryService

SIZE = (80, 24)
CODES = {"001": "4006381333931", "002": "4006381333948", "003": "4006381333955"}


class Hands:
    """Somebody at the till whose keys are counted; a scanner's are not theirs.

    Attributes:
        keys: How many keys they pressed.
    """

    def __init__(self, app: TrackerApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot
        self.keys = 0

    async def press(self, key: str) -> None:
        """Press one key."""
        self.keys += 1
        await self.pilot.press(key)

    async def type(self, text: str) -> None:
        """Type; a line break is Enter."""
        self.keys += len(text)
        await type_by_hand(self.pilot, text)

    async def click(self, text: str) -> None:
        """Click on a text that stands on the screen just once."""
        rows = screen_text(self.pilot).splitlines()
        places = [(row.index(text), y) for y, row in enumerate(rows) if text in row]
        assert len(places) == 1, (text, places)
        await self.pilot.click(offset=places[0])

    async def until_basket(self, *product_ids: str) -> None:
        """Wait until these products are in the basket, one of each."""
        wanted = dict.fromkeys(product_ids, 1)
        await wait_until(self.pilot, lambda: lines(self.app) == wanted)

    async def until_payable(self) -> None:
        """Wait until the pay dialog hears."""
        await wait_until(self.pilot, lambda: isinstance(self.app.screen, PayDialog) and self.app.screen.hears)

    async def pay(self) -> None:
        """Press F9, and F9 again once it is heard."""
        await self.press("f9")
        await self.until_payable()
        await self.press("f9")

    async def until_sold(self) -> None:
        """Wait until the next sale can begin, where one scans."""
        app = self.app
        await wait_until(self.pilot, lambda: isinstance(app.screen, SellScreen) and not app.basket.lines)
        assert isinstance(app.screen, SellScreen)
        assert app.screen.product.field.has_focus


def check(service: InventoryService) -> None:
    """Check that the three products were sold once, for cash, to nobody in particular."""
    booked = sales(service)
    assert [(sale.total, sale.payment, sale.customer_id) for sale in booked] == [
        (Decimal("7.70"), "cash", "")
    ]


@pytest.fixture
def coded(service: InventoryService) -> InventoryService:
    """Return the shop of three products, each with a barcode."""
    for product_id, code in CODES.items():
        service.edit(product_id, barcodes=frozenset({code}))
    return service


@pytest.mark.parametrize("end", ENDS)
async def test_by_scanner_three_scans_and_two_keys(
    coded: InventoryService, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "sell")
    app = open_app(coded)
    async with app.run_test(size=SIZE) as pilot:
        hands = Hands(app, pilot)
        for number, code in enumerate(CODES.values()):
            scan(pilot, code, end, after_s=number * 0.3)
        await hands.until_basket("001", "002", "003")
        await hands.pay()
        await hands.until_sold()
        assert hands.keys == 2
        scan(pilot, CODES["002"], end)
        await hands.until_basket("002")
    check(coded)


@pytest.mark.parametrize("typed", [("001", "002", "003"), ("mi", "br", "te")])
async def test_by_keyboard_alone_at_most_fourteen_keys(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...]
) -> None:
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "sell")
    app = open_app(service)
    async with app.run_test(size=SIZE) as pilot:
        hands = Hands(app, pilot)
        await wait_until(
            pilot, lambda: isinstance(app.screen, SellScreen) and app.screen.product.field.has_focus
        )
        for number, text in enumerate(typed):
            await hands.type(f"{text}\n")
            await hands.until_basket(*list(CODES)[: number + 1])
        await hands.pay()
        await hands.until_sold()
        assert hands.keys <= 14
    check(service)


async def test_by_mouse_alone_without_a_key(service: InventoryService) -> None:
    """From the table of products, with its button in the last line, to the till and through the pay dialog."""
    app = open_app(service)
    async with app.run_test(size=SIZE) as pilot:
        hands = Hands(app, pilot)
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen) and app.screen.table.row_count)
        for number, product_id in enumerate(CODES, start=1):
            await wait_until(pilot, lambda: not app._notifications)
            if number > 1:  # The first row has the cursor already; a click there would open it.
                await hands.click(f" {product_id} ")
            await hands.click("b Basket")
            await hands.until_basket(*list(CODES)[:number])
            app.clear_notifications()
        await hands.click("F4 Sell")
        await wait_until(
            pilot, lambda: isinstance(app.screen, SellScreen) and "3 products, 3 pieces" in screen_text(pilot)
        )
        await hands.click("Pay  F9")
        await hands.until_payable()
        await hands.click("Book the sale  F9")
        await hands.until_sold()
        assert hands.keys == 0
    check(service)
