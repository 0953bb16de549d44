"""Search: categories, words, any and all, and where one goes from there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.conftest import OpenShop, product
from tests.screens.helpers import open_app, screen_text, shown_text, toasts, type_text, wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.screens.search import SearchScreen
from tracker_tui.service import InventoryService
from tracker_tui.widgets.record_table import RecordTable


@pytest.fixture(autouse=True)
def begin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the program on this screen: that halves the time of a test."""
    monkeypatch.setattr(TrackerApp, "DEFAULT_MODE", "search")


def search(pilot: Pilot[int]) -> SearchScreen:
    screen = pilot.app.screen
    assert isinstance(screen, SearchScreen)
    return screen


def found(pilot: Pilot[int]) -> list[str]:
    return [row.id for row in search(pilot).results.rows]


def categories(pilot: Pilot[int]) -> list[tuple[str, int]]:
    return [(row.name, row.size) for row in search(pilot).categories.rows]


def finds(pilot: Pilot[int], *ids: str) -> Callable[[], bool]:
    return lambda: found(pilot) == list(ids)


def write_inventory(shop_dir: Path, text: str) -> None:
    shop_dir.mkdir(mode=0o700)
    (shop_dir / "inventory.txt").write_text(text, encoding="utf-8")


async def open_search(pilot: Pilot[int]) -> None:
    def is_filled() -> bool:
        screen = pilot.app.screen
        return isinstance(screen, SearchScreen) and screen.words.field.has_focus and chosen_words(pilot) != ""

    await wait_until(pilot, is_filled)


def chosen_words(pilot: Pilot[int]) -> str:
    return shown_text(pilot, "#choice")


async def test_categories_stand_with_their_counts_beside_all_products(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        assert categories(pilot) == [("bakery", 1), ("dairy", 1), ("drinks", 1), ("fresh", 2)]
        assert found(pilot) == ["001", "002", "003"]


async def test_each_key_leads_to_its_screen(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        for key, name in (("f7", "ReportScreen"), ("f8", "HistoryScreen"), ("f3", "SearchScreen")):
            await pilot.press(key)
            await wait_until(pilot, lambda name=name: type(pilot.app.screen).__name__ == name)  # type: ignore[misc]


async def test_part_of_a_category_narrows_both_lists(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        await type_text(pilot, "DRI")
        await wait_until(pilot, finds(pilot, "003"))
        assert categories(pilot) == [("drinks", 1)]
        await pilot.press("backspace", "backspace")
        await wait_until(pilot, finds(pilot, "001", "002", "003"))
        assert categories(pilot) == [("dairy", 1), ("drinks", 1)]


async def test_keyword_finds_products_also_where_no_category_has_it(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        await type_text(pilot, "mil")
        await wait_until(pilot, finds(pilot, "001"))
        assert categories(pilot) == []
        await type_text(pilot, "x")
        await wait_until(pilot, finds(pilot))
        assert "No product has all these words" in screen_text(pilot)
        assert "None has these words" in screen_text(pilot)


async def test_several_chosen_count_as_any_or_as_all(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        await pilot.press("down", "j", "space", "j", "space")
        await wait_until(pilot, finds(pilot, "001", "002"))
        assert search(pilot).categories.marked == {"dairy", "fresh"}
        assert chosen_words(pilot) == "In ANY of (m: in all of): dairy, fresh"
        await pilot.press("m")
        await wait_until(pilot, finds(pilot, "001"))
        assert chosen_words(pilot) == "In ALL of (m: in any of): dairy, fresh"
        assert "1 of 3" in screen_text(pilot)


async def test_what_is_in_none_of_all_says_how_to_go_on(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        await pilot.press("down", "enter", "j", "enter", "m")
        await wait_until(pilot, finds(pilot))
        assert "m shows those in any of them" in screen_text(pilot)


async def test_chosen_category_stays_while_words_look_for_others(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        await type_text(pilot, "dri")
        await pilot.press("down", "space", "slash", "escape")
        await type_text(pilot, "dai")
        await wait_until(pilot, lambda: categories(pilot) == [("dairy", 1), ("drinks", 1)])
        assert search(pilot).categories.marked == {"drinks"}
        assert found(pilot) == ["003"]


async def test_escape_takes_the_words_then_the_choice(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        await type_text(pilot, "dri")
        await pilot.press("down", "space")
        await wait_until(pilot, lambda: search(pilot).categories.marked)
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(categories(pilot)) == 4)
        assert search(pilot).categories.marked == {"drinks"}
        await pilot.press("escape")
        await wait_until(pilot, finds(pilot, "001", "002", "003"))
        assert not search(pilot).categories.marked


async def test_tab_and_arrows_go_between_the_lists(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        screen = search(pilot)
        for key, target in (
            ("tab", screen.categories),
            ("tab", screen.results),
            ("left", screen.categories),
            ("right", screen.results),
            ("shift+tab", screen.categories),
        ):
            await pilot.press(key)
            assert screen.focused is target, key


async def test_enter_goes_to_the_product(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        await type_text(pilot, "tea")
        await pilot.press("enter")
        await wait_until(pilot, lambda: search(pilot).results.has_focus)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ProductsScreen))
        assert pilot.app.screen.query_one("#products", RecordTable).cursor_key == "003"


async def test_key_puts_the_product_into_the_basket(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        await type_text(pilot, "tea")
        await pilot.press("enter", "b", "b")
        app = pilot.app
        assert isinstance(app, TrackerApp)
        await wait_until(pilot, lambda: app.basket.quantity_of("003") == 2)
        assert isinstance(app.screen, SearchScreen)


async def test_read_only_shop_fills_no_basket(service: InventoryService, open_shop: OpenShop) -> None:
    service.close()
    async with open_app(open_shop(read_only=True)).run_test() as pilot:
        await open_search(pilot)
        await pilot.press("tab", "b")
        await wait_until(pilot, lambda: any("Nothing can be changed" in text for text in toasts(pilot)))


async def test_clicks_choose_and_switch(service: InventoryService) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        await pilot.click("#categories", offset=(5, 2))
        await wait_until(pilot, finds(pilot, "001"))
        await pilot.click("#categories", offset=(0, 4))
        await wait_until(pilot, finds(pilot, "001", "002"))
        await pilot.click("#choice")
        await wait_until(pilot, finds(pilot, "001"))
        await pilot.click("#categories", offset=(5, 2))
        await wait_until(pilot, finds(pilot, "001", "002"))
        assert search(pilot).categories.marked == {"fresh"}
        await pilot.click("#categories", offset=(5, 0))
        assert search(pilot).categories.marked == {"fresh"}


async def test_others_changes_are_seen_at_once(service: InventoryService, open_shop: OpenShop) -> None:
    async with open_app(service).run_test() as pilot:
        await open_search(pilot)
        await pilot.press("down", "j", "space")
        await wait_until(pilot, finds(pilot, "001"))
        with open_shop("bo") as other:
            other.add(product("004", "Curd", "0.90", 3, "dairy"))
            await wait_until(pilot, finds(pilot, "001", "004"))
            assert ("dairy", 2) in categories(pilot)
            other.edit("001", categories=frozenset({"fresh"}))
            other.remove("004")
            await wait_until(pilot, lambda: "dairy" not in dict(categories(pilot)))
        assert search(pilot).categories.marked == frozenset()
        assert found(pilot) == ["001", "002", "003"]


async def test_empty_shop_says_how_to_begin(open_shop: OpenShop) -> None:
    with open_shop() as empty:
        async with open_app(empty).run_test() as pilot:
            await open_search(pilot)
            assert "No products yet." in screen_text(pilot)
            assert "No categories yet." in screen_text(pilot)
            await pilot.press("down", "enter", "space", "b", "m", "escape")


async def test_names_are_text_on_a_small_screen(shop_dir: Path, open_shop: OpenShop) -> None:
    text = "1,[/]milk,1.0,5,[red]x|a\x1b[31m\n2,\x1b]52;c;aGk=\x07,2.0,1,日本語のとても長い名前のカテゴリ\n"
    write_inventory(shop_dir, text)
    with open_shop() as hostile:
        async with open_app(hostile).run_test(size=(80, 24)) as pilot:
            await open_search(pilot)
            await pilot.press("down", "space", "space", "space")
            await wait_until(pilot, lambda: len(search(pilot).categories.marked) == 3)
            shown = screen_text(pilot)
            assert "[/]milk" in shown
            assert "[red]x" in chosen_words(pilot)
            assert "\x1b" not in shown
            assert "\x07" not in shown
            assert found(pilot) == ["1", "2"]
