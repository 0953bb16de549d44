"""What is made ready while nobody types."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from time import monotonic

import pytest

from tests.screens.helpers import open_app, screen_text, wait_until
from tracker_tui.desk import places, warming
from tracker_tui.errors import StorageError
from tracker_tui.messages import SnapshotChanged
from tracker_tui.model.state import Snapshot
from tracker_tui.model.sums import Turn
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.service import InventoryService


async def test_the_report_is_loaded_before_it_is_asked_for(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    there: list[list[str]] = []
    monkeypatch.setattr(warming, "QUIET_S", 0.001)
    monkeypatch.setattr(warming, "import_module", loaded.append)
    app = open_app(service)
    app.when_warm = lambda: there.append(list(loaded))
    async with app.run_test(size=(80, 24)) as pilot:
        assert loaded == []
        app.warm_up()
        await wait_until(pilot, lambda: there)
        assert there == [loaded] == [["tracker_tui.screens.report"]]


def warmed(monkeypatch: pytest.MonkeyPatch) -> list[ShopScreen]:
    """Let it be quiet soon; return the screens that are made ahead from now on."""
    made: list[ShopScreen] = []
    make = places._main_screen

    def count(name: str) -> ShopScreen:
        made.append(make(name))
        return made[-1]

    monkeypatch.setattr(places, "_main_screen", count)
    monkeypatch.setattr(warming, "QUIET_S", 0.001)
    return made


@pytest.mark.parametrize("change", ["nothing", "theme", "size", "a sale"])
async def test_the_report_made_ahead_is_the_one_that_is_shown_and_right(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    made = warmed(monkeypatch)
    service.sell([("001", 2)])
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        app.warm_up()
        await wait_until(pilot, lambda: made)
        assert app.current_mode == "products"
        if change == "theme":
            app.theme = "textual-light"
        elif change == "size":
            await pilot.resize_terminal(120, 40)
        elif change == "a sale":
            service.sell([("001", 1)])
            app.post_message(SnapshotChanged(service.snapshot))
            await wait_until(pilot, lambda: app.snapshot is service.snapshot)
        await pilot.press("f7")
        await wait_until(pilot, lambda: "Stock cost" in screen_text(pilot) and "…" not in screen_text(pilot))
        shown, colour = screen_text(pilot), app.screen.styles.background
        assert made == [app.screen]
    plain = open_app(service)
    monkeypatch.setattr(plain, "warm_up", lambda: None)
    async with plain.run_test(size=(120, 40) if change == "size" else (80, 24)) as pilot:
        if change == "theme":
            plain.theme = "textual-light"
        await pilot.press("f7")
        await wait_until(pilot, lambda: screen_text(pilot) == shown)
        assert plain.screen.styles.background == colour
        assert len(made) == 1


async def test_a_screen_that_is_there_is_not_made_again(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = warmed(monkeypatch)
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f7")
        await wait_until(pilot, lambda: app.current_mode == "report")
        app.make_ahead("report")
        await pilot.press("f2", "f7")
        await wait_until(pilot, lambda: app.current_mode == "report")
        assert made == []


async def test_the_report_is_there_where_it_could_not_be_summed_ahead(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = warmed(monkeypatch)

    def fail(_shop: Snapshot, _turn: Turn) -> None:
        raise StorageError("history: gone")

    monkeypatch.setattr(warming, "sum_ahead", fail)
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        app.warm_up()
        await wait_until(pilot, lambda: made)
        await pilot.press("f7")
        await wait_until(pilot, lambda: "Total sales" in screen_text(pilot))


async def test_sums_are_broken_off_when_somebody_comes_and_begun_again(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = warmed(monkeypatch)
    app = open_app(service)
    turns: list[str] = []

    def sum_up(_shop: Snapshot, turn: Turn) -> None:
        turn()
        turns.append("quiet")
        if turns == ["quiet"]:
            app.touched_at = monotonic() + 0.01
            turn()
            turns.append("not broken off")
        turns.append("done")

    monkeypatch.setattr(warming, "sum_ahead", sum_up)
    async with app.run_test(size=(80, 24)) as pilot:
        app.warm_up()
        await wait_until(pilot, lambda: "done" in turns)
        assert turns == ["quiet", "quiet", "done"]
        await wait_until(pilot, lambda: made)
        assert len(made) == 1


async def test_nothing_is_made_ready_while_keys_come(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    due: list[Callable[[], None]] = []
    began: list[object] = []
    now = [100.0]
    monkeypatch.setattr(warming, "monotonic", lambda: now[0])
    app = open_app(service)
    async with app.run_test(size=(80, 24)):
        monkeypatch.setattr(app, "set_timer", lambda _delay, callback: due.append(callback))
        monkeypatch.setattr(app, "_load", lambda: began.append(app.snapshot))
        app.warm_up()
        app.touched_at = 100.0
        due.pop()()
        assert not began
        now[0] = 101.0
        due.pop()()
        assert began == [app.snapshot]
        assert not due


def test_the_modules_that_are_named_are_there() -> None:
    names = ", ".join(warming.MODULES)
    subprocess.run([sys.executable, "-c", f"import {names}"], check=True)
