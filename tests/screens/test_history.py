"""History: old and new, undoing from here, and what stands in the way."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, screen_text, shown_text, toasts, type_text, wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.messages import ShowEntry
from tracker_tui.screens import history as module
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.entry_dialog import EntryDialog
from tracker_tui.screens.history import HistoryScreen
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.service import InventoryService


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on this screen: that halves the time of a test."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "history")


def history(pilot: Pilot[int]) -> HistoryScreen:
    screen = pilot.app.screen
    assert isinstance(screen, HistoryScreen)
    return screen


def entries(pilot: Pilot[int]) -> list[int]:
    return [row.number for row in history(pilot).table.rows]


def cursor(pilot: Pilot[int]) -> str | None:
    return history(pilot).table.cursor_key


def write_inventory(shop_dir: Path, text: str) -> None:
    shop_dir.mkdir(mode=0o700)
    (shop_dir / "inventory.txt").write_text(text, encoding="utf-8")


async def open_history(pilot: Pilot[int]) -> None:
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, HistoryScreen) and entries(pilot))


async def undo_here(pilot: Pilot[int]) -> None:
    await pilot.press("u")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
    await pilot.press("y")


def told(pilot: Pilot[int], words: str) -> bool:
    return any(words in text for text in toasts(pilot))


async def test_both_logs_are_one_list_newest_first(service: InventoryService) -> None:
    service.sell([("001", 2), ("002", 1)], "Amal")
    service.edit("001", price=Decimal("1.35"))
    service.receive("001", 4, "from the market")
    async with open_app(service).run_test(size=(120, 40)) as pilot:
        await open_history(pilot)
        assert entries(pilot) == [6, 5, 4, 3, 2, 1]
        lines = screen_text(pilot).splitlines()
        assert [w for w in lines[3].split() if w[:4] not in ("2026", "09:0", ">")][:4] == [
            "6",
            "amal",
            "receive",
            "Milk",
        ]
        assert "quantity 8 -> 12 (+4) · from the market" in lines[3]
        assert "price 1.20 -> 1.35" in lines[4]
        assert "Amal: Milk, Bread" in lines[5]
        assert "2 products, $4.90" in lines[5]
        assert "quantity 8 -> 12 (+4)" in shown_text(pilot, "#history-details")


async def test_words_are_looked_for_in_all_the_text(service: InventoryService) -> None:
    service.sell([("001", 2)], "Amal")
    async with open_app(service).run_test(size=(80, 24)) as pilot:
        await open_history(pilot)
        await pilot.press("slash")
        await type_text(pilot, "milk")
        await wait_until(pilot, lambda: entries(pilot) == [4, 1])
        assert "2 of 4" in screen_text(pilot)
        await type_text(pilot, " add")
        await wait_until(pilot, lambda: entries(pilot) == [1])
        await type_text(pilot, "x")
        await wait_until(pilot, lambda: "No entry has all these words." in screen_text(pilot))
        await pilot.press("escape")
        await wait_until(pilot, lambda: entries(pilot) == [4, 3, 2, 1])


async def test_many_entries_are_described_in_a_thread(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    async with open_app(service).run_test() as pilot:
        await open_history(pilot)
        assert entries(pilot) == [3, 2, 1]
        await pilot.press("slash")
        await type_text(pilot, "tea")
        await wait_until(pilot, lambda: entries(pilot) == [3])
        pilot.app.post_message(ShowEntry(1))
        await wait_until(pilot, lambda: cursor(pilot) == "1")
        assert entries(pilot) == [3, 2, 1]


async def test_what_products_were_before_is_looked_up_for_the_rows_in_sight(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    service.sell([("001", 2)], "Amal")
    service.edit("001", price=Decimal("1.35"))
    service.receive("001", 4)
    async with open_app(service).run_test(size=(120, 40)) as pilot:
        await open_history(pilot)
        await wait_until(pilot, lambda: "price 1.20 -> 1.35" in screen_text(pilot))
        await wait_until(pilot, lambda: "quantity 8 -> 12 (+4)" in shown_text(pilot, "#history-details"))
        assert entries(pilot) == [6, 5, 4, 3, 2, 1]
        await pilot.press("s")
        assert entries(pilot) == [1, 2, 3, 4, 5, 6]
        await pilot.press("up", "o")
        await wait_until(pilot, lambda: "price 1.20 -> 1.35" in shown_text(pilot, "#entry-line"))


async def test_search_of_many_entries_finds_what_happens_meanwhile(
    service: InventoryService, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    async with open_app(service).run_test(size=(120, 40)) as pilot:
        await open_history(pilot)
        await pilot.press("slash")
        await type_text(pilot, "milk")
        await wait_until(pilot, lambda: entries(pilot) == [1])
        with open_shop("bo") as other:
            other.sell([("001", 1)])
            other.sell([("002", 1)])
            await wait_until(pilot, lambda: entries(pilot) == [4, 1])


async def test_undo_takes_back_the_entry_under_the_cursor(service: InventoryService) -> None:
    service.edit("001", price=Decimal(2))
    service.sell([("001", 1)])
    async with open_app(service).run_test(size=(80, 24)) as pilot:
        await open_history(pilot)
        await pilot.press("j")
        await undo_here(pilot)
        await wait_until(pilot, lambda: entries(pilot) == [6, 5, 4, 3, 2, 1])
        await wait_until(pilot, lambda: told(pilot, "Entry 4 was undone by entry 6"))
        assert service.snapshot.products["001"].price == Decimal("1.20")
        assert service.snapshot.products["001"].quantity == 9
        assert len(toasts(pilot)) == 1
        assert cursor(pilot) == "4"
        assert "undone by 6" in screen_text(pilot)
        await pilot.press("slash")
        await type_text(pilot, "undone")
        await wait_until(pilot, lambda: entries(pilot) == [4])


async def test_no_keeps_the_entry(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_history(pilot)
        await pilot.press("u")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
        assert "Undo entry 3?" in screen_text(pilot)
        await pilot.press("enter", "space", "n")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, HistoryScreen))
        assert service.snapshot.entry == 3


async def test_refused_undo_goes_to_the_entry_in_the_way(service: InventoryService) -> None:
    service.edit("001", price=Decimal(2))
    service.edit("001", price=Decimal(3))
    service.sell([("002", 1)])
    async with open_app(service).run_test() as pilot:
        await open_history(pilot)
        await pilot.press("slash")
        await type_text(pilot, "1.20 -> 2")
        await wait_until(pilot, lambda: entries(pilot) == [4])
        await pilot.press("enter")
        await undo_here(pilot)
        await wait_until(pilot, lambda: told(pilot, "entry 5 stands in the way"))
        await wait_until(pilot, lambda: cursor(pilot) == "5")
        assert len(toasts(pilot)) == 1
        assert entries(pilot) == [6, 5, 4, 3, 2, 1]
        assert service.snapshot.entry == 6


async def test_entry_undone_already_leads_to_the_undo(service: InventoryService) -> None:
    sale = service.sell([("001", 1)])
    undo = service.undo(sale.entry)
    async with open_app(service).run_test() as pilot:
        await open_history(pilot)
        await pilot.press("j", "u")
        await wait_until(pilot, lambda: told(pilot, f"undo {undo} to have it back"))
        await wait_until(pilot, lambda: cursor(pilot) == str(undo))
        await undo_here(pilot)
        await wait_until(pilot, lambda: told(pilot, f"Entry {undo} was undone by entry {undo + 1}"))
        assert service.snapshot.products["001"].quantity == 9


async def test_clerk_undoes_only_what_they_did(service: InventoryService) -> None:
    async with open_app(service, clerk_mode=True).run_test() as pilot:
        await open_history(pilot)
        await undo_here(pilot)
        await wait_until(pilot, lambda: told(pilot, "clerks undo what they did"))
        assert service.snapshot.entry == 3


async def test_read_only_session_asks_nothing(service: InventoryService, open_shop: OpenShop) -> None:
    service.close()
    async with open_app(open_shop(read_only=True)).run_test() as pilot:
        await open_history(pilot)
        await pilot.press("u")
        await wait_until(pilot, lambda: told(pilot, "Nothing can be changed"))
        assert isinstance(pilot.app.screen, HistoryScreen)


async def test_undo_key_is_the_entrys_here(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_history(pilot)
        binding = pilot.app.screen.active_bindings["u"].binding
        assert (binding.id, binding.action) == ("history.undo", "undo_entry")
        assert "u Undo" in screen_text(pilot)


async def test_dialog_shows_every_line_and_leads_to_the_product(service: InventoryService) -> None:
    service.sell([("001", 2), ("003", 1)], "Amal", payment="card", note="for tomorrow")
    async with open_app(service).run_test(size=(80, 24)) as pilot:
        await open_history(pilot)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, EntryDialog))
        await wait_until(pilot, lambda: "Entry 4: sale" in screen_text(pilot))
        text = screen_text(pilot)
        for part in (
            "$6.40 for 3 pieces, paid by card",
            "Customer: Amal (C0001)",
            "Note: for tomorrow",
            "Tea",
        ):
            assert part in text
        await pilot.press("j", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ProductsScreen))
        screen = pilot.app.screen
        assert isinstance(screen, ProductsScreen)
        await wait_until(pilot, lambda: screen.table.cursor_key == "003")


async def test_dialog_shows_old_and_new_of_each_field(service: InventoryService) -> None:
    service.edit("001", price=Decimal("1.35"), name="Whole milk")
    async with open_app(service).run_test(size=(80, 24)) as pilot:
        await open_history(pilot)
        await pilot.press("o")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, EntryDialog))
        await wait_until(pilot, lambda: "Whole milk: name Milk -> Whole milk" in screen_text(pilot))
        assert "1.35" in screen_text(pilot)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, HistoryScreen))


async def test_product_that_is_gone_is_said_to_be(service: InventoryService) -> None:
    service.remove("003")
    async with open_app(service).run_test() as pilot:
        await open_history(pilot)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, EntryDialog))
        await pilot.press("enter")
        await wait_until(pilot, lambda: told(pilot, "Product 003 is not in the shop any more"))


async def test_others_entries_come_and_the_cursor_stays(
    service: InventoryService, open_shop: OpenShop
) -> None:
    async with open_app(service).run_test() as pilot:
        await open_history(pilot)
        await pilot.press("j")
        assert cursor(pilot) == "2"
        with open_shop("bo") as other:
            other.receive("002", 5)
            await wait_until(pilot, lambda: entries(pilot) == [4, 3, 2, 1])
        assert cursor(pilot) == "2"


async def test_entry_that_a_filter_hides_is_gone_to(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test() as pilot:
        await open_history(pilot)
        await pilot.press("slash")
        await type_text(pilot, "milk")
        await wait_until(pilot, lambda: entries(pilot) == [1])
        await pilot.press("f2")
        app.post_message(ShowEntry(2))
        await wait_until(pilot, lambda: isinstance(app.screen, HistoryScreen) and cursor(pilot) == "2")
        await pilot.pause()
        assert cursor(pilot) == "2"
        assert history(pilot).table.has_focus


async def test_empty_shop_says_what_will_stand_here(open_shop: OpenShop) -> None:
    with open_shop() as empty:
        async with open_app(empty).run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, lambda: "Nothing has happened yet." in screen_text(pilot))
            await pilot.press("enter", "u", "y")
            assert isinstance(pilot.app.screen, HistoryScreen)


async def test_names_are_text_everywhere(shop_dir: Path, open_shop: OpenShop) -> None:
    write_inventory(shop_dir, "1,[/]milk,1.0,5,[red]x\n2,a\x1b[31mb,2.0,1,x\n")
    with open_shop() as hostile:
        hostile.sell([("1", 1), ("2", 1)], "[b]Amal[/]")
        async with open_app(hostile).run_test(size=(80, 24)) as pilot:
            await open_history(pilot)
            assert "[b]Amal[/]" in screen_text(pilot)
            await pilot.press("enter")
            await wait_until(pilot, lambda: "[/]milk" in screen_text(pilot))
            assert "\x1b" not in screen_text(pilot)
            await pilot.press("escape")
            await undo_here(pilot)
            await wait_until(pilot, lambda: told(pilot, "was undone"))
            assert isinstance(pilot.app, TrackerApp)
