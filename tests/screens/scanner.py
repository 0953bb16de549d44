"""A scanner that is none: what it would send, as the program gets it from the terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from textual.events import Key, Paste
from textual.keys import _character_to_key as character_to_key
from textual.pilot import Pilot

from tests.conftest import product
from tests.screens.helpers import open_app, screen_text, wait_until
from tests.waiting import PATIENCE_S
from tracker_tui.app import TrackerApp
from tracker_tui.model import Customer
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.service import InventoryService
from tracker_tui.widgets.record_table import RecordTable

Result = TypeVar("Result")

GAP_S: Final = 0.004
"""The gap between two keys of a usual scanner."""

ENDS: Final = {"CR": ("enter",), "LF": ("ctrl+j",), "CR LF": ("enter", "ctrl+j"), "Tab": ("tab",)}
"""What a scanner may send behind a code, as keys."""

PASTES: Final = ("paste, then CR", "paste, then Tab", "paste with LF", "paste with CR LF", "paste with Tab")
"""The ways in which a terminal may wrap a scan as a bracketed paste."""

WAYS: Final = (*ENDS, *PASTES)
"""All ways in which a scan may arrive."""


MILK = "4006381333931"
LAMP = "dyq9-ku7x"
"""A code of letters each of which is a key somewhere: remove, yes, close, by card, undo, adjust."""


def stock(opened: InventoryService) -> InventoryService:
    """Put four products into a shop, two of them with a code to scan, two customers and a sale."""
    opened.add(product("001", "Milk", "1.20", 900, "dairy")._replace(barcodes=frozenset({MILK})))
    opened.add(product("002", "Bread", "2.50", 900))
    opened.add(product("003", "Tea", "4.00", 900))
    opened.add(product(LAMP, "Lamp", "9.00", 900))
    opened.sell([("003", 1)], "Kim")
    opened.add_customer(Customer("", "Kamala"))
    (opened.directory / "tracker.toml").write_text("below_zero = true\n")
    opened.refresh()
    return opened


@asynccontextmanager
async def running(shop: InventoryService, mode: str) -> AsyncIterator[tuple[TrackerApp, Pilot[int]]]:
    """Run the app on one of its main screens."""
    app = open_app(shop)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        await go_to(app, pilot, mode)
        yield app, pilot


async def go_to(app: TrackerApp, pilot: Pilot[int], mode: str) -> None:
    """Go to a main screen."""
    await app.action_show_mode(mode)
    await until(pilot, lambda: app.current_mode == mode and app.screen.is_current)
    await pilot.pause()
    if mode == "sell":
        app.basket = app.basket.add("002", 2)
        await until(pilot, lambda: app.screen.query_one("#basket", RecordTable).row_count == 1)


async def until(pilot: Pilot[int], condition: Callable[[], object]) -> None:
    """Wait as `wait_until` does, but look without a pause: that is ten times as fast, and there are thousands."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, screen_text(pilot)
        await asyncio.sleep(0.001)


def scan(
    pilot: Pilot[Result], code: str, way: str = "CR", *, gap_s: float = GAP_S, after_s: float = 0
) -> None:
    """Send a code, all of it at once, with the times at which a scanner would have sent it.

    Args:
        pilot: Of the app that is running.
        code: What is scanned.
        way: One of `WAYS`.
        gap_s: Between two keys; 0 as SSH bunches them.
        after_s: How much later than now the first key was sent.
    """
    began = time.monotonic() + after_s
    if way in ENDS:
        events: list[Key | Paste] = [Key(character_to_key(character), character) for character in code]
        events += [Key(key, {"enter": "\r", "tab": "\t"}.get(key)) for key in ENDS[way]]
    elif way.startswith("paste, then "):
        key = ENDS[way.removeprefix("paste, then ")][0]
        events = [Paste(code), Key(key, None)]
    else:
        end = {"LF": "\n", "CR LF": "\r\n", "Tab": "\t"}[way.removeprefix("paste with ")]
        events = [Paste(code + end)]
    for number, event in enumerate(events):
        event.time = began + number * gap_s
        pilot.app.post_message(event)
