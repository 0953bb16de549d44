"""Waiting in tests: for what shall come true, however busy the machine is, and never for time to pass."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, ClassVar, Final

from textual import app as textual_app
from textual import pilot as textual_pilot
from textual._context import active_app
from textual.app import App

PATIENCE_S: Final = 60.0
"""How long a test waits for what it expects; only a test that fails takes so long."""

HALF_A_KEY_S: Final = 0.03
"""How long a wait behind a key takes at least, and there are two: so two keys never are as quick as a scanner."""

PAUSE_S: Final = 0.005
"""How long any other takes at least: time enough for the next frame."""

SOON_S: Final = 0.05
"""A timer that is due so soon belongs to what is being done: the next frame, the end of a scan."""

LOOK_EVERY_S: Final = 0.002

ENDLESS: Final = frozenset({"follow", "keep"})
"""The threads that are at work as long as the program runs."""


class Gate(threading.Event):
    """Holds a thread of the program up until the test opens it; who waits for all to be done does not wait for that."""

    held: ClassVar[list[threading.Event]] = []

    def wait(self, timeout: float | None = PATIENCE_S) -> bool:
        """Stand before the gate until it is open; tell whether it is."""
        Gate.held.append(self)
        try:
            return super().wait(timeout)
        finally:
            Gate.held.remove(self)


async def until_idle(least_s: float) -> None:
    """Wait until the program has done all that it can do, but for what a gate holds up.

    Textual's own takes a program that gets no processor for one that has nothing to do.
    """
    app, loop = active_app.get(), asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    await asyncio.sleep(least_s)
    while (busy := _busy(app, loop)) is not None:
        what, look_again_s = busy
        assert loop.time() < deadline, f"at work for {PATIENCE_S:.0f} s: {what}"
        await asyncio.sleep(look_again_s)


def _busy(app: App[Any], loop: asyncio.AbstractEventLoop) -> tuple[str, float] | None:
    """Return what is being done, and in how many seconds to look again; None where nothing is."""
    loops: Any = loop
    if loops._ready:
        return "messages", 0
    now = loop.time()
    due = [timer.when() - now for timer in loops._scheduled if not timer.cancelled()]
    if due and min(due) < SOON_S:
        return "a timer", max(0.0, min(due))
    if app._exit:
        return None  # A key that ends the program never comes to its own end.
    if getattr(app, "_under_way", False):
        return "a key", LOOK_EVERY_S
    threads = {worker.group for worker in app.workers if worker._thread_worker and worker.is_running}
    if threads - ENDLESS and not Gate.held:
        return f"the threads {threads - ENDLESS}", LOOK_EVERY_S
    return None


def wait_in_earnest() -> None:
    """Let the pilot wait so, behind each key and in each pause."""

    async def behind_a_key(_least_s: float = 0) -> None:
        await until_idle(HALF_A_KEY_S)

    async def pause(_least_s: float = 0) -> None:
        await until_idle(PAUSE_S)

    vars(textual_app)["wait_for_idle"] = behind_a_key
    vars(textual_pilot)["wait_for_idle"] = pause
