"""What is drawn: the main screens and dialogs, how one gets there, and by what it is known that they are there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, NamedTuple

from textual._context import visible_screen_stack
from textual.pilot import Pilot

from tests.pictures.drawing import Picture, picture_of
from tests.pictures.fixed import at_the_moment, copy_open
from tests.screens.helpers import type_text, wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.screens.pay_dialog import PayDialog
from tracker_tui.widgets.record_table import RecordTable

DARK: Final = "textual-dark"
LIGHT: Final = "textual-light"
PICTURE: Final = (100, 30)
SMALL: Final = (80, 24)
LASTING: Final = frozenset({"follow", "keep", "dialog", "default"})
"""The groups of workers that end with the program, or with a dialog."""

Step = Callable[[TrackerApp, "Pilot[int]"], Awaitable[None]]


class Scene(NamedTuple):
    """Something that is drawn.

    Attributes:
        name: Of its file.
        title: What it is.
        mode: The main screen that it begins on.
        steps: What is done there.
        shows: What stands on the screen then, and not before.
        size: Columns and lines of the terminal.
        theme: The colours.
        shop: Which of `make_shops`.
    """

    name: str
    title: str
    mode: str
    steps: tuple[Step, ...]
    shows: str
    size: tuple[int, int] = SMALL
    theme: str = DARK
    shop: str = "demo"


def keys(*names: str) -> Step:
    """Press keys."""

    async def press(_app: TrackerApp, pilot: Pilot[int]) -> None:
        await pilot.press(*names)

    return press


def typed(text: str) -> Step:
    """Type a text; a line break is the Enter key."""

    async def type_it(_app: TrackerApp, pilot: Pilot[int]) -> None:
        await type_text(pilot, text)

    return type_it


def seen(text: str) -> Step:
    """Wait until something stands on the screen."""

    async def wait(app: TrackerApp, pilot: Pilot[int]) -> None:
        await wait_until(pilot, lambda: text in drawn(app).text)

    return wait


async def _basket(app: TrackerApp, pilot: Pilot[int]) -> None:
    """Put a regular's shopping into the basket."""
    basket = app.basket
    for product_id, pieces in (("DA01", 2), ("BA03", 1), ("DA10", 1), ("DR10", 3), ("BA06", 4)):
        basket = basket.add(product_id, pieces)
    app.basket = basket._replace(customer="C0004")
    await wait_until(pilot, lambda: app.screen.query_one("#basket", RecordTable).row_count == 5)


async def _paying(app: TrackerApp, pilot: Pilot[int]) -> None:
    await pilot.press("f9")
    await wait_until(pilot, lambda: isinstance(app.screen, PayDialog) and app.screen.hears)


def drawn(app: TrackerApp) -> Picture:
    """Return what stands on the screen now."""
    columns, lines = app.size
    visible_screen_stack.set(app._background_screens)  # What is seen around a dialog, as when it is painted.
    return picture_of(app.screen._compositor.render_strips()[:lines], columns)


async def _draw(scene: Scene, app: TrackerApp) -> Picture:
    async with app.run_test(size=scene.size) as pilot:
        app.theme = scene.theme
        await app.action_show_mode(scene.mode)
        await wait_until(pilot, lambda: app.current_mode == scene.mode and app.screen.is_current)
        for step in scene.steps:
            await step(app, pilot)
        await wait_until(pilot, lambda: scene.shows in drawn(app).text)
        return await _at_rest(app, pilot)


async def _at_rest(app: TrackerApp, pilot: Pilot[int]) -> Picture:
    """Return what stands on the screen once nothing is under way, and nothing said in passing covers it."""
    app.clear_notifications()
    await wait_until(
        pilot, lambda: all(work.is_finished for work in app.workers if work.group not in LASTING)
    )
    before = drawn(app)
    await pilot.pause()
    while (picture := drawn(app)) != before:
        before = picture
        await pilot.pause()
    return picture


def draw(scene: Scene, shops: Path, folder: Path) -> Picture:
    """Draw a scene.

    Args:
        scene: What to draw.
        shops: What `make_shops` made; they stay as they are.
        folder: Where a copy of one goes, which is worked in.
    """
    with at_the_moment(), copy_open(shops / scene.shop, folder) as service:
        return asyncio.run(_draw(scene, TrackerApp(service)))


def _main_screens(size: tuple[int, int], *, theme_of_report: str = DARK) -> tuple[Scene, ...]:
    """Return the main screens, and the dialog in which one pays."""
    return (
        Scene("products", "Products", "products", (keys("down", "down"),), " Still water 1.5 l  ·", size),
        Scene("search", "Search by category", "search", (keys("down", "down"),), "bakery", size),
        Scene("sell", "A basket on Sell", "sell", (_basket,), "Ground coffee", size),
        Scene("pay", "Paying for a basket", "sell", (_basket, _paying, typed("50")), "Change", size),
        Scene("customers", "Customers", "customers", (keys("down"),), "C0002", size),
        Scene(
            "report",
            "The report of a month",
            "report",
            (keys("P", "P", "P"),),
            "[Month]",
            size,
            theme_of_report,
        ),
        Scene("history", "History", "history", (keys("down"),), " 1716  2026-03-30 18:49  amal", size),
    )


PICTURES: Final = _main_screens(PICTURE, theme_of_report=LIGHT)
"""What the README shows, as SVG."""

TEXTS: Final = (
    *_main_screens(SMALL),
    Scene("empty", "A shop without a product", "products", (), "Try a demo", shop="empty"),
    Scene("filter", "Products that match", "products", (keys("slash"), typed("cheese")), "Goat"),
    Scene("help", "Help", "products", (keys("f1"),), "Products"),
    Scene("edit", "A product's form", "products", (keys("e"),), "Reorder level"),
    Scene(
        "refused",
        "A form with what is wrong",
        "products",
        (keys("a"), seen("Cost"), keys("ctrl+s")),
        "! must not be empty",
    ),
    Scene("receive", "Goods in", "products", (keys("i"),), "Receive"),
    Scene("movements", "What became of a product", "products", (keys("w"),), "72 movements"),
    Scene("counts", "Counts of the stock", "products", (keys("t"),), "Count"),
    Scene("export", "Writing a table into a file", "products", (keys("X"),), "products-2026-03-31.csv"),
    Scene("close", "Closing the day", "products", (keys("ctrl+y"),), "Counted"),
    Scene("baskets", "Parked baskets", "sell", (_basket, keys("ctrl+o")), "Park"),
    Scene("account", "A payment on account", "customers", (keys("p"),), "Amount"),
    Scene("days", "Days of the report", "report", (keys("o"),), "[31]"),
    Scene("reorder", "What to order", "report", (keys("V", "V"),), "[Reorder]"),
    Scene("entry", "An entry", "history", (keys("down", "enter"),), "Entry 1716"),
    Scene("receipt", "A receipt", "history", (keys("down", "ctrl+r"),), "Corner shop"),
    Scene("return", "Taking goods back", "history", (keys("down", "ctrl+g"),), "Gingerbread"),
    Scene("undo", "Asking before an undo", "history", (keys("down", "u"),), "Undo entry 1716?"),
)
"""What is kept as text."""
