"""The page about the files: it tells of each column that is written, and of none that is not."""

from __future__ import annotations

import pytest

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, screen_text, wait_until
from tracker_tui.screens.help_text import files_body
from tracker_tui.screens.text_dialog import FILES_TITLE, TextDialog
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.settings import setting_names
from tracker_tui.work import file_formats
from tracker_tui.work.file_formats import file_help


def test_every_column_that_is_written_is_explained_and_no_other() -> None:
    told = {name: [column for column, _ in columns] for name, _, columns in file_help()[1]}
    for table in (INVENTORY, CUSTOMERS, PURCHASES, CHANGES):
        assert told[table.file] == list(table.columns)
        assert set(file_formats._COLUMNS[table.file]) == set(table.columns)
    assert told["tracker.toml"] == list(setting_names())
    assert set(file_formats._SETTINGS) == set(setting_names())


def test_the_page_holds_every_column_with_what_it_means() -> None:
    opening, files = file_help()
    lines = files_body(opening, files).plain.splitlines()
    for _, _, columns in files:
        for column, means in columns:
            assert any(line.split() == [*column.split(), *means.split()] for line in lines), column


@pytest.mark.parametrize("keys", [("f1", "f"), ("exclamation_mark", "f")], ids=["help", "problems"])
async def test_it_is_a_key_away_from_the_help_and_from_what_is_wrong(
    open_shop: OpenShop, keys: tuple[str, str]
) -> None:
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(keys[0])
            await wait_until(pilot, lambda: isinstance(app.screen, TextDialog))
            assert "The files  f" in screen_text(pilot)
            await pilot.press(keys[1])
            await wait_until(pilot, lambda: FILES_TITLE in screen_text(pilot))
            assert "The files  f" not in screen_text(pilot)
            for _ in range(2):
                await pilot.press("space")
            await wait_until(pilot, lambda: "reorder_level" in screen_text(pilot))
            await pilot.press("escape")
            await wait_until(pilot, lambda: len(app.screen_stack) == 1)
