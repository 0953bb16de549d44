"""The app around the screens: going places, the palette, help, read-only shops, trouble, leaving."""

from __future__ import annotations

from typing import Any

import pytest
from textual.command import CommandPalette
from textual.css.parse import parse
from textual.pilot import Pilot

from tests.conftest import OpenShop, product
from tests.screens.helpers import open_app, screen_text, shown_text, toasts, type_text, wait_until
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.product_forms import AddProductForm
from tracker_tui.screens.text_dialog import TextDialog
from tracker_tui.service import InventoryService
from tracker_tui.widgets.mode_bar import MODES


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
async def test_every_screen_opens_by_key_by_letter_and_by_mouse(
    service: InventoryService, mode: object
) -> None:
    name, key, label = getattr(mode, "name"), getattr(mode, "key"), getattr(mode, "label")  # noqa: B009
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key.lower())
        await wait_until(pilot, lambda: app.current_mode == name)
        await pilot.press("f2" if name != "products" else "f7")
        await wait_until(pilot, lambda: app.current_mode != name)
        if name != "sell":
            app.set_focus(None)
            await pilot.press("g", getattr(mode, "letter"))  # noqa: B009
            await wait_until(pilot, lambda: app.current_mode == name)
            await pilot.press("f2" if name != "products" else "f7")
            await wait_until(pilot, lambda: app.current_mode != name)
        await pilot.click("ModeBar", offset=(screen_text(pilot).splitlines()[0].index(label), 0))
        await wait_until(pilot, lambda: app.current_mode == name)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_screen_has_help_with_its_own_keys(
    service: InventoryService, mode: object, size: tuple[int, int]
) -> None:
    app = open_app(service)
    async with app.run_test(size=size) as pilot:
        await pilot.press(getattr(mode, "key").lower())  # noqa: B009
        await wait_until(pilot, lambda: app.current_mode == getattr(mode, "name"))  # noqa: B009
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, TextDialog))
        assert f"Help: {getattr(mode, 'label')}" in screen_text(pilot)  # noqa: B009
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, TextDialog))


async def test_the_palette_finds_what_a_key_does(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await type_text(pilot, "add a product")
        await wait_until(pilot, lambda: "Key: a" in screen_text(pilot))
        await pilot.press("enter")
        await pilot.pause()
        if isinstance(app.screen, CommandPalette):
            await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, AddProductForm))


async def test_the_palette_offers_nothing_that_writes_a_file(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)):
        names = [command.title for command in app.get_system_commands(app.screen)]
        assert not [name for name in names if "screenshot" in name.lower()]


async def test_broken_lines_are_counted_and_listed(service: InventoryService, open_shop: OpenShop) -> None:
    service.close()
    path = service.directory / "inventory.txt"
    path.write_text(path.read_text("utf-8").replace("001,Milk", "???\n001,Milk"), "utf-8")
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, lambda: "! 1 problem" in screen_text(pilot))
            await pilot.press("exclamation_mark")
            await wait_until(
                pilot, lambda: "inventory.txt:3: has 1 fields, 8 are expected" in screen_text(pilot)
            )
    assert "???\n" in path.read_text("utf-8")


async def test_a_read_only_shop_says_so_and_changes_nothing(
    service: InventoryService, open_shop: OpenShop
) -> None:
    service.close()
    shop = open_shop(read_only=True)
    app = open_app(shop)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: any("Read-only" in text for text in toasts(pilot)))
        for key in ("a", "e", "d", "c", "u"):
            await pilot.press(key)
        assert not isinstance(app.screen, AddProductForm | ConfirmDialog)
        assert any("Nothing can be changed" in text for text in toasts(pilot))


async def test_nothing_to_undo_is_said(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: any("nothing of yours to undo" in text for text in toasts(pilot)))


async def test_leaving_saves_the_snapshot(service: InventoryService) -> None:
    service.sell([("001", 1)])
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: not app.is_running or app._exit)
    assert app.return_code == 0
    assert "as of entry 4" in (service.directory / "inventory.txt").read_text("utf-8")


async def test_the_snapshot_follows_a_change_by_itself(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        service.sell([("001", 1)])
        path = service.directory / "inventory.txt"
        await wait_until(pilot, lambda: path.exists() and "as of entry 4" in path.read_text("utf-8"))


async def test_a_full_basket_is_kept_when_one_leaves_and_nobody_is_asked(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("b")
        await wait_until(pilot, lambda: app.basket.lines)
        basket = app.basket
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: app._exit)
    (kept,) = service.baskets.read().baskets
    assert (kept.basket, kept.clerk, kept.is_left) == (basket, "amal", True)


async def test_own_keys_of_the_settings_hold(service: InventoryService, open_shop: OpenShop) -> None:
    service.close()
    (service.directory / "tracker.toml").write_text('[keys]\n"products.add" = "n"\n', "utf-8")
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("n")
            await wait_until(pilot, lambda: isinstance(app.screen, AddProductForm))


async def test_a_large_edit_by_hand_is_asked_about_and_can_be_refused(service: InventoryService) -> None:
    service.import_products([product(f"1{n}", f"Thing {n}", "1", 1) for n in range(6)])
    service.save()
    app = open_app(service)
    path = service.directory / "inventory.txt"
    async with app.run_test(size=(80, 24)) as pilot:
        head, columns, *_, end = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text(head + columns + end, "utf-8")
        await wait_until(pilot, lambda: "! edited by hand" in screen_text(pilot))
        assert len(app.snapshot.products) == 9
        await pilot.press("exclamation_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert "9 products are gone" in shown_text(pilot, ".dialog-question")
        await pilot.press("enter", "escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, ConfirmDialog))
        assert app.snapshot.held_edit is not None
        await pilot.press("exclamation_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("n")
        await wait_until(pilot, lambda: app.snapshot.held_edit is None)
        await wait_until(pilot, lambda: "Thing 5" in path.read_text("utf-8"))


async def test_entries_that_are_gone_from_a_log_are_written_again_on_a_yes(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker_tui.storage.book.SURELY_BOOKED_S", -1.0)
    log = service.directory / "purchases.txt"
    service.sell([("001", 1)])
    old = log.read_bytes()
    service.sell([("001", 1)])
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        copy = log.with_name("copy")
        copy.write_bytes(old)
        copy.replace(log)
        await wait_until(pilot, lambda: "! entries gone" in screen_text(pilot))
        await pilot.press("exclamation_mark")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await wait_until(pilot, lambda: not app.snapshot.lost)
        assert log.read_bytes().count(b"001,Milk") == 2


async def _show(pilot: Pilot[int], key: str, mode: str) -> None:
    await pilot.press(key)
    await wait_until(pilot, lambda: pilot.app.current_mode == mode and pilot.app.screen.is_active)


async def test_our_styles_are_parsed_once_for_all_screens(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def noting(scope: str, css: str, read_from: tuple[str, str], **options: Any) -> object:  # noqa: ANN401
        parsed.append(read_from[0])
        return parse(scope, css, read_from, **options)

    monkeypatch.setattr("textual.css.stylesheet.parse", noting)
    async with open_app(service).run_test(size=(80, 24)) as pilot:
        for mode in (*MODES, *MODES):
            await _show(pilot, mode.key.lower(), mode.name)
        assert sum(path.endswith("styles.tcss") for path in parsed) == 1


async def test_a_theme_reaches_the_screens_out_of_sight_and_those_to_come(service: InventoryService) -> None:
    app = open_app(service)

    def panel() -> object:
        return app.screen.query_one("ModeBar").styles.background

    async with app.run_test(size=(80, 24)) as pilot:
        await _show(pilot, "f3", "search")
        before = panel()
        app.theme = "textual-light"
        await wait_until(pilot, lambda: panel() != before)
        after = panel()
        for key, mode in (("f2", "products"), ("f7", "report"), ("f3", "search")):
            await _show(pilot, key, mode)
            await wait_until(pilot, lambda: panel() == after)
