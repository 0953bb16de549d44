"""What the tests of screens share: an app on a shop, waiting for what shall become true, and looking at the screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from textual.css.query import NoMatches
from textual.events import Key
from textual.keys import _character_to_key as character_to_key
from textual.pilot import Pilot
from textual.widgets import Static

from tests.waiting import PATIENCE_S
from tracker_tui.app import TrackerApp
from tracker_tui.service import InventoryService

HAND_S: Final = 0.12
"""The gap between two keys of a person who types fast."""

Result = TypeVar("Result")


def open_app(service: InventoryService, *, clerk_mode: bool = False) -> TrackerApp:
    """Return the program on a shop that is open; the service is the caller's to close."""
    return TrackerApp(service, clerk_mode=clerk_mode)


async def wait_until(
    pilot: Pilot[Result], condition: Callable[[], object], *, patience_s: float = PATIENCE_S
) -> None:
    """Let the program work until a condition holds; fail where it does not come to hold.

    Args:
        pilot: Of the app that is running.
        condition: Returns something true once it holds. A widget that is not there yet does not matter.
        patience_s: How long to wait.
    """
    deadline = time.monotonic() + patience_s
    await pilot.pause()
    while True:
        with suppress(NoMatches):
            if condition():
                await pilot.pause()
                return
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come to hold within {patience_s} s:\n{screen_text(pilot)}")
        await asyncio.sleep(0.01)


async def type_text(pilot: Pilot[Result], text: str) -> None:
    """Type in one burst, as a slow line brings it: every key came at the same moment, before the first is answered.

    Args:
        pilot: Of the app that is running.
        text: What is typed; a line break is the Enter key.
    """
    now = time.monotonic()
    for character in text:
        name = "enter" if character == "\n" else character_to_key(character)
        key = Key(name, "\r" if character == "\n" else character)
        key.time = now
        pilot.app.post_message(key)
    await pilot.pause()


async def type_by_hand(pilot: Pilot[Result], text: str, *, ago_s: float = 0) -> None:
    """Type at a person's pace, though all the keys are handed over at once.

    Args:
        pilot: Of the app that is running.
        text: What is typed; a line break is the Enter key, a tab is Tab.
        ago_s: How long ago the last key was typed.
    """
    names = {"\n": "enter", "\t": "tab"}
    began = time.monotonic() - len(text) * HAND_S - ago_s
    for number, character in enumerate(text):
        key = Key(names.get(character) or character_to_key(character), character)
        key.time = began + number * HAND_S
        pilot.app.post_message(key)
    await pilot.pause()


def screen_text(pilot: Pilot[Result]) -> str:
    """Return what stands on the screen, line by line."""
    width, height = pilot.app.size
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text[:width].rstrip() for strip in strips[:height])


def shown_text(pilot: Pilot[Result], selector: str) -> str:
    """Return the text of a `Static` on the screen that is in sight."""
    return str(pilot.app.screen.query_one(selector, Static).content)


def toasts(pilot: Pilot[Result]) -> list[str]:
    """Return what was said in passing and is still to be seen, oldest first."""
    return [notification.message for notification in pilot.app._notifications]
