"""What a key changes is painted at once, and in one frame."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.app import ComposeResult
from textual.widgets import Input, Label

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, wait_until
from tracker_tui.screens import products
from tracker_tui.service import InventoryService
from tracker_tui.widgets import whole_frames
from tracker_tui.widgets.key_order import KeysInOrder
from tracker_tui.widgets.record_table import RecordTable
from tracker_tui.widgets.whole_frames import WholeFrames


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Gather which widgets are painted in each frame, by id or kind."""
    found: list[set[str]] = []
    real = WholeFrames._compositor_refresh

    def paint(screen: WholeFrames[None]) -> None:
        found.append({widget.id or type(widget).__name__ for widget in screen._dirty_widgets})
        real(screen)

    monkeypatch.setattr(WholeFrames, "_compositor_refresh", paint)
    return found


@pytest.mark.parametrize(
    ("before", "key", "changed"),
    [
        ((), "down", {"products", "product-details"}),
        (("slash",), "b", {"LineInput", "products", "product-details", "tally"}),
        (("slash", "b"), "backspace", {"LineInput", "products", "product-details", "tally"}),
    ],
)
async def test_all_that_a_key_changes_is_one_frame(
    service: InventoryService,
    frames: list[set[str]],
    monkeypatch: pytest.MonkeyPatch,
    before: tuple[str, ...],
    key: str,
    changed: set[str],
) -> None:
    monkeypatch.setattr(whole_frames, "LONGEST_S", 1000)
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*before)
        await pilot.pause()
        frames.clear()
        app.post_message(events.Key(key, key if len(key) == 1 else None))
        await wait_until(pilot, lambda: any(changed & frame for frame in frames))
        await pilot.pause()
        assert frames == [changed]


async def test_what_another_session_sold_is_one_frame(
    service: InventoryService, open_shop: OpenShop, frames: list[set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "MARKED_S", 1000)
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one("#products", RecordTable).row_count)
        frames.clear()
        with open_shop("sara") as other:
            other.sell([("001", 1)])
        await wait_until(pilot, lambda: frames)
        await pilot.pause()
        assert frames == [{"products", "product-details"}]


class SlowInput(Input):
    """Is at work on a key until it is told to end."""

    def __init__(self) -> None:
        super().__init__()
        self.end = asyncio.Event()

    async def on_key(self) -> None:
        self.screen.query_one(Label).update("at work")
        await self.end.wait()


class SlowScreen(WholeFrames[None]):
    def compose(self) -> ComposeResult:
        yield Label("idle ..")
        yield SlowInput()


class SlowApp(KeysInOrder[None]):
    def get_default_screen(self) -> SlowScreen:
        return SlowScreen()


async def test_a_key_that_takes_long_does_not_keep_the_screen_as_it_was(frames: list[set[str]]) -> None:
    app = SlowApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        frames.clear()
        app.post_message(events.Key("a", "a"))
        field = app.screen.query_one(SlowInput)
        while not frames:  # noqa: ASYNC110 - the pilot would wait for the key as well
            await asyncio.sleep(0)
        assert not field.end.is_set()
        field.end.set()
        await wait_until(pilot, lambda: field.value == "a")
