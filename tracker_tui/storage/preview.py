"""The first rows of a shop, read in a moment: what stands on the screen while the whole shop is read."""

from __future__ import annotations

import contextlib
from typing import Final

from tracker_tui.model.records import Product, Settings
from tracker_tui.model.shelf import Shelf
from tracker_tui.model.state import READING, Snapshot
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.plain import AnyPath, folder_opened, start_of
from tracker_tui.storage.settings import SETTINGS_FILE, read_settings
from tracker_tui.storage.table import read_table

LOOK_BYTES: Final = 1 << 14
_BEFORE_ALL: Final = -1_000_000
_MOST_SETTINGS: Final = 1 << 16


def preview(directory: AnyPath) -> Snapshot:
    """Return the first rows of a shop, as its inventory was last saved; nothing can be changed in it.

    Whatever cannot be read is left to the reading of the whole shop, which says why.
    """
    settings = Settings()
    rows: Shelf[Product] = Shelf()
    with contextlib.suppress(OSError), folder_opened(directory) as fd:
        settings, _ = read_settings(start_of(fd, SETTINGS_FILE, _MOST_SETTINGS))
        data = start_of(fd, INVENTORY.file, LOOK_BYTES)
        if len(data) == LOOK_BYTES:
            data = data[: data.rfind(b"\n") + 1]
        rows = Shelf(read_table(INVENTORY, data, settings.decimals).rows)
    return _snapshot(settings, rows)


def _snapshot(settings: Settings, rows: Shelf[Product]) -> Snapshot:
    return Snapshot(
        revision=_BEFORE_ALL,
        products=rows,
        settings=settings,
        read_only="the shop is still being read; try again in a moment",
        loading=READING,
    )
