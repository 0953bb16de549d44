"""Log-out where nobody is at the terminal any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.screens.helpers import wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.commands.parser import parse
from tracker_tui.service import InventoryService
from tracker_tui.widgets import idle


class Time:
    """A clock that stands still until it is set, and timers that go by it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, app: TrackerApp) -> None:
        self.now = 1_000.0
        self._due: list[tuple[float, Callable[[], None]]] = []
        monkeypatch.setattr(idle, "monotonic", lambda: self.now)
        monkeypatch.setattr(app, "set_timer", self._set_timer)

    def _set_timer(self, delay: float, callback: Callable[[], None]) -> None:
        self._due.append((self.now + delay, callback))

    def to(self, now: float) -> None:
        """Let it become later, and what is due happen."""
        self.now = now
        due = [callback for at, callback in self._due if at <= now]
        self._due = [(at, callback) for at, callback in self._due if at > now]
        for callback in due:
            callback()


async def idle_app(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch, use: Callable[[Time, TrackerApp], None]
) -> TrackerApp:
    """Run the program with log-out after 60 seconds, and do something with its time."""
    app = TrackerApp(service, idle_s=60)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.is_running)
        time = Time(monkeypatch, app)
        app.touched_at = 0
        idle.leave_when_idle(app, 60, busy=app._is_acting, leave=app._log_out)
        use(time, app)
    return app


async def test_a_session_without_a_key_ends_and_says_so(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def use(time: Time, app: TrackerApp) -> None:
        time.to(1_059)
        assert not app._exit
        time.to(1_060)
        assert app._exit

    app = await idle_app(service, monkeypatch, use)
    assert app.return_code == 0
    assert "Logged out: no key was pressed for 1 minute." in capsys.readouterr().err


async def test_a_key_begins_the_time_anew(service: InventoryService, monkeypatch: pytest.MonkeyPatch) -> None:
    def use(time: Time, app: TrackerApp) -> None:
        app.touched_at = 1_030
        time.to(1_061)
        assert not app._exit
        time.to(1_089)
        assert not app._exit
        time.to(1_091)
        assert app._exit

    await idle_app(service, monkeypatch, use)


async def test_what_is_under_way_is_not_broken_off(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    acting = [True]

    def use(time: Time, app: TrackerApp) -> None:
        monkeypatch.setattr(app, "_is_acting", lambda: acting[0])
        idle.leave_when_idle(app, 30, busy=lambda: acting[0], leave=app._log_out)
        time.to(1_031)
        assert not app._exit
        acting.clear()
        acting.append(False)
        time.to(1_062)
        assert app._exit

    await idle_app(service, monkeypatch, use)


@pytest.mark.parametrize(
    "act",
    [
        lambda pilot: pilot.press("down"),
        lambda pilot: pilot.hover("#products"),
        lambda pilot: pilot.click("#products"),
    ],
    ids=["key", "mouse over", "click"],
)
async def test_keys_and_mouse_count(
    service: InventoryService, act: Callable[[Pilot[int]], asyncio.Future[None]]
) -> None:
    app = TrackerApp(service)
    async with app.run_test(size=(80, 24)) as pilot:
        app.touched_at = 0
        await act(pilot)
        await wait_until(pilot, lambda: app.touched_at > 0)


@pytest.mark.parametrize("typed", ["0", "-1", "x", "1e3", "99999", "nan", "", "1,5", "١"])
def test_only_minutes_are_taken(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--idle", typed])
    assert ended.value.code == 2
    assert "minutes" in capsys.readouterr().err or typed == "-1"


def test_minutes_may_be_broken() -> None:
    assert parse(["--idle", "0.5"]).idle == 0.5
    assert parse([]).idle is None
