"""The receipt on the screen: after a sale, from the history and of a customer; copied, printed, saved."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.screens.helpers import open_app, screen_text, shown_text, toasts, wait_until
from tests.screens.till import pay, put_in, till
from tests.waiting import Gate
from tracker_tui.app import TrackerApp
from tracker_tui.messages import ReceiptWanted
from tracker_tui.model.records import ReceiptSettings
from tracker_tui.screens.receipt_dialog import ReceiptDialog
from tracker_tui.service import InventoryService
from tracker_tui.work import printing


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on Sell."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "sell")


def use_printer(service: InventoryService, command: str) -> None:
    file = service.directory / "tracker.toml"
    file.write_text(f'shop = "Corner shop"\n[receipt]\nwidth = 32\nprinter = "{command}"\n', "utf-8")
    file.chmod(0o644)
    service.refresh()


async def receipt_of(pilot: Pilot[int]) -> ReceiptDialog:
    """Wait until a receipt is in sight."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReceiptDialog))
    dialog = pilot.app.screen
    assert isinstance(dialog, ReceiptDialog)
    return dialog


async def said(pilot: Pilot[int], text: str) -> None:
    await wait_until(pilot, lambda: text in shown_text(pilot, "#form-message"))


async def test_first_receipt_of_a_sale_is_no_copy_and_every_further_one_is(
    service: InventoryService, tmp_path: Path
) -> None:
    out = tmp_path / "paper"
    use_printer(service, f"tee -a {out}")
    async with till(service) as (app, pilot, screen):
        await put_in(pilot, "001", "003")
        await wait_until(pilot, lambda: len(app.basket.lines) == 2)
        await pay(app, pilot, *"10")
        await wait_until(pilot, lambda: "Sold for $5.20" in screen_text(pilot))
        await pilot.press("ctrl+r")
        dialog = await receipt_of(pilot)
        assert "Given                      10.00\nChange                      4.80\n" in dialog.text
        assert "Corner shop" in screen_text(pilot)
        await pilot.press("p")
        await said(pilot, "Printed.")
        first = out.read_text("utf-8")
        assert "COPY" not in first
        assert "COPY" in dialog.text
        await pilot.press("escape", "ctrl+r")
        again = await receipt_of(pilot)
        assert again is not dialog
        await pilot.press("p")
        await said(pilot, "Printed.")
        assert "*** COPY ***" in out.read_text("utf-8").removeprefix(first)
        await pilot.press("escape")
        await wait_until(pilot, lambda: screen.product.field.has_focus)


async def test_there_is_no_receipt_before_a_sale(service: InventoryService) -> None:
    async with till(service) as (app, pilot, screen):
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: any("once something is sold" in text for text in toasts(pilot)))
        assert app.screen is screen


@pytest.mark.parametrize(("mode", "keys"), [("history", ("enter", "ctrl+r")), ("history", ("ctrl+r",))])
async def test_receipt_of_an_earlier_sale_is_a_copy(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch, mode: str, keys: tuple[str, ...]
) -> None:
    service.sell([("001", 2)], "Ann")
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", mode)
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Ann: Milk" in screen_text(pilot))
        await pilot.press(keys[0])
        for key in keys[1:]:
            await wait_until(pilot, lambda: len(app.screen_stack) == 2)
            await pilot.press(key)
        dialog = await receipt_of(pilot)
        assert "*** COPY ***" in dialog.text
        assert "Customer: Ann (C0001)" in dialog.text
        await pilot.press("w")
        assert max(map(len, dialog.text.split("\n"))) == 48
        await pilot.press("w")
        assert max(map(len, dialog.text.split("\n"))) == 32
        await pilot.press("y")
        await said(pilot, "Copied")
        assert app.clipboard == dialog.text
        assert "Close  Esc" in screen_text(pilot)


async def test_customer_shows_the_receipt_of_what_was_bought_last(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.sell([("001", 2)], "Ann")
    service.sell([("003", 1)], "Ann")
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "customers")
    async with open_app(service).run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Tea" in screen_text(pilot))
        await pilot.press("ctrl+r")
        assert "No. 5" in (await receipt_of(pilot)).text


async def test_owner_saves_it_into_a_new_file(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sale = service.sell([("001", 2)]).sale
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "history")
    monkeypatch.setenv("HOME", str(tmp_path))
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Milk" in screen_text(pilot))
        await pilot.press("ctrl+r")
        dialog = await receipt_of(pilot)
        await pilot.press("s")
        await wait_until(pilot, lambda: dialog.file.input.has_focus)
        await pilot.press("ctrl+s")
        await said(pilot, "Saved as")
        await pilot.press("s", "ctrl+s")
        await said(pilot, "is there already")
        await pilot.press("escape")
        assert app.screen is dialog
        assert not dialog.file.display
    saved = os.listdir(tmp_path)
    assert [name for name in saved if name.startswith("receipt-")] == [f"receipt-{sale}.txt"]


async def test_clerk_writes_no_file(service: InventoryService, monkeypatch: pytest.MonkeyPatch) -> None:
    service.sell([("001", 2)])
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "history")
    written: list[str] = []
    monkeypatch.setattr(printing, "save_receipt", lambda _text, path: written.append(path))
    app = open_app(service, clerk_mode=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Milk" in screen_text(pilot))
        await pilot.press("ctrl+r")
        dialog = await receipt_of(pilot)
        await pilot.press("s", "ctrl+s")
        await said(pilot, "clerks print and copy")
        assert not dialog.file.display
        sale = dialog._purchase
        app.post_message(ReceiptWanted("x", sale, dialog, "/tmp/somewhere"))
        await said(pilot, "Clerks write no files")
    assert written == []


async def test_printer_that_is_slow_holds_nothing_up(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.sell([("001", 2)])
    may_go_on = Gate()
    printed: list[str] = []

    def slow(text: str, _sale: str, _entry: int, _settings: ReceiptSettings) -> None:
        may_go_on.wait()
        printed.append(text)

    monkeypatch.setattr(printing, "print_receipt", slow)
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "history")
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Milk" in screen_text(pilot))
        await pilot.press("ctrl+r")
        await receipt_of(pilot)
        await pilot.press("p", "p")
        await said(pilot, "Printing…")
        await pilot.press("escape", "f2")
        await wait_until(pilot, lambda: app.current_mode == "products")
        may_go_on.set()
        await wait_until(pilot, lambda: printed)
        assert len(printed) == 1


async def test_failing_printer_is_told_and_the_receipt_is_still_the_first(service: InventoryService) -> None:
    use_printer(service, "false")
    async with till(service) as (app, pilot, _):
        await put_in(pilot, "001")
        await wait_until(pilot, lambda: app.basket.lines)
        await pay(app, pilot)
        await wait_until(pilot, lambda: "Sold for $1.20" in screen_text(pilot))
        await pilot.press("ctrl+r")
        dialog = await receipt_of(pilot)
        await pilot.press("p")
        await said(pilot, "false failed: exit code 1")
        assert "COPY" not in dialog.text
