"""Opening a shop beside the screen: first rows at once, the rest when it is read, and what goes wrong."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tests.screens.helpers import screen_text, toasts, wait_until
from tests.waiting import PATIENCE_S
from tracker_tui import app as app_module
from tracker_tui.app import TrackerApp, run_screens
from tracker_tui.errors import StorageError, TrackerError
from tracker_tui.service import InventoryService
from tracker_tui.storage.preview import LOOK_BYTES, preview
from tracker_tui.widgets import key_order
from tracker_tui.widgets.terminal import lines_of
from tracker_tui.work.opening import GivenUp, Opening, Progress

SIZE = (80, 24)


class Gate:
    """A shop that opens when it is told to."""

    def __init__(self, directory: Path, refusal: TrackerError | None = None) -> None:
        self.told: Progress | None = None
        self.begun = threading.Event()
        self.may_go_on = threading.Event()
        self._directory = directory
        self._refusal = refusal
        self.opening = Opening(self._open, preview(directory), "amal")

    def _open(self, told: Progress) -> InventoryService:
        self.told = told
        self.begun.set()
        assert self.may_go_on.wait(PATIENCE_S)
        if self._refusal is not None:
            raise self._refusal
        told(0, 1)
        return InventoryService.open(self._directory, "amal")


@pytest.fixture
def saved_shop(service: InventoryService, shop_dir: Path) -> Path:
    service.sell([("001", 1)])
    service.save()
    service.sell([("001", 1)])
    return shop_dir


async def _shown(pilot: Pilot[int], text: str) -> None:
    await wait_until(pilot, lambda: text in screen_text(pilot))


async def test_first_rows_stand_there_while_the_shop_is_read(saved_shop: Path) -> None:
    gate = Gate(saved_shop)
    app = TrackerApp(gate.opening)
    async with app.run_test(size=SIZE) as pilot:
        await _shown(pilot, "Milk")
        await wait_until(pilot, gate.begun.is_set)
        assert "reading the shop" in screen_text(pilot)
        assert app.snapshot.products["001"].quantity == 9, "as it was saved"
        await pilot.press("down")
        assert gate.told is not None
        gate.told(455, 1000)
        await _shown(pilot, "counting the logs anew: 45.5 %")
        await pilot.press("a")
        await wait_until(pilot, lambda: any("still being read" in said for said in toasts(pilot)))
        gate.may_go_on.set()
        await wait_until(pilot, lambda: not app.snapshot.loading)
        assert app.snapshot.products["001"].quantity == 8, "with what was sold since"
        await wait_until(
            pilot, lambda: "reading" not in screen_text(pilot) and "anew" not in screen_text(pilot)
        )
        assert app.screen.table.cursor_key == "002"  # type: ignore[attr-defined]
        assert not app.screen._news  # type: ignore[attr-defined]


async def test_who_waits_for_the_first_page_is_told_before_the_shop_is_read(saved_shop: Path) -> None:
    gate = Gate(saved_shop)
    app = TrackerApp(gate.opening)
    told: list[tuple[list[str], bool]] = []
    app.when_shown = lambda: told.append((lines_of(app.screen), gate.begun.is_set()))
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, gate.begun.is_set)
        gate.may_go_on.set()
        await wait_until(pilot, lambda: not app.snapshot.loading)
    [(page, begun)] = told
    assert any("Milk" in line for line in page)
    assert not begun


def test_the_collector_rests_until_the_first_page_stands(
    saved_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []

    def show(app: TrackerApp) -> int:
        told.append(gc.isenabled())
        app.tell_shown()
        told.append(gc.isenabled())
        return 0

    monkeypatch.setattr(app_module, "open_screen", show)
    gc.disable()
    try:
        assert run_screens(Gate(saved_shop).opening, clerk_mode=False) == 0
    finally:
        gc.enable()
    assert told == [False, True]


async def test_keys_of_the_first_moments_act_when_the_shop_is_read(saved_shop: Path) -> None:
    gate = Gate(saved_shop)
    app = TrackerApp(gate.opening)
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, gate.begun.is_set)
        for key in ("down", "a", "x", "e", "b"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await wait_until(pilot, lambda: app.screen.table.cursor_key == "002")  # type: ignore[attr-defined]
        assert not app.screen.is_modal
        gate.may_go_on.set()
        await wait_until(pilot, lambda: app.screen.is_modal and "xeb" in screen_text(pilot))


async def test_keys_wait_no_longer_than_a_moment(saved_shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_order, "HOLD_S", 0.01)
    gate = Gate(saved_shop)
    app = TrackerApp(gate.opening)
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, gate.begun.is_set)
        app.post_message(events.Key("a", "a"))
        await wait_until(pilot, lambda: any("still being read" in said for said in toasts(pilot)))
        gate.may_go_on.set()


async def test_other_screens_wait_for_the_whole_shop(saved_shop: Path) -> None:
    gate = Gate(saved_shop)
    app = TrackerApp(gate.opening)
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, gate.begun.is_set)
        await pilot.press("f8")
        await _shown(pilot, "reading the shop")
        gate.may_go_on.set()
        await _shown(pilot, "Milk")


async def test_shop_that_cannot_be_opened_ends_the_program_with_the_reason(saved_shop: Path) -> None:
    refusal = StorageError("purchases.txt: the disk failed")
    gate = Gate(saved_shop, refusal)
    app = TrackerApp(gate.opening)
    async with app.run_test(size=SIZE) as pilot:
        gate.may_go_on.set()
        await wait_until(pilot, lambda: app.not_opened is refusal)
    with pytest.raises(StorageError, match="the disk failed"):
        assert gate.opening.service


async def test_leaving_ends_the_reading(saved_shop: Path) -> None:
    gate = Gate(saved_shop)
    app = TrackerApp(gate.opening)
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, gate.begun.is_set)
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: app.return_code == 0)
        gate.may_go_on.set()
    with pytest.raises(GivenUp):
        assert gate.opening.service


def test_first_rows_of_a_long_file_end_with_a_whole_line(tmp_path: Path) -> None:
    rows = "".join(f"{number:05d},Tea {number},1.00,{number}\n" for number in range(5000))
    (tmp_path / "inventory.txt").write_text(f"id,name,price,quantity\n{rows}")
    first = preview(tmp_path)
    assert 0 < len(first.products) < 5000
    last = list(first.products.values())[-1]
    assert last.name == f"Tea {last.quantity}"
    assert (tmp_path / "inventory.txt").stat().st_size > LOOK_BYTES


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"\xff\x00")])
def test_preview_of_what_cannot_be_read_is_empty(saved_shop: Path, spoil: Callable[[Path], None]) -> None:
    spoil(saved_shop / "inventory.txt")
    assert dict(preview(saved_shop).products) == {}
    assert dict(preview(saved_shop / "nowhere").products) == {}
