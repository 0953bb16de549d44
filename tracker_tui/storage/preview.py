"""The first rows of a shop, read in a moment: what stands on the screen while the whole shop is read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tracker_tui.errors import StorageError
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.shelf import Shelf
from tracker_tui.model.state import READING, Snapshot
from tracker_tui.storage.formats import INVENTORY
from tracker_tui.storage.plain import check_plain, close_quietly
from tracker_tui.storage.settings import SETTINGS_FILE, read_settings
from tracker_tui.storage.table import read_table

LOOK_BYTES: Final = 1 << 14
_BEFORE_ALL: Final = -1_000_000
_MOST_SETTINGS: Final = 1 << 16
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def preview(directory: Path) -> Snapshot:
    """Return the first rows of a shop, as its inventory was last saved; nothing can be changed in it.

    Whatever cannot be read is left to the reading of the whole shop, which says why.
    """
    settings = Settings()
    rows: Shelf[Product] = Shelf()
    try:
        fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return _snapshot(settings, rows)
    try:
        settings, _ = read_settings(_start_of(fd, SETTINGS_FILE, _MOST_SETTINGS))
        data = _start_of(fd, INVENTORY.file, LOOK_BYTES)
        if len(data) == LOOK_BYTES:
            data = data[: data.rfind(b"\n") + 1]
        rows = Shelf(read_table(INVENTORY, data, settings.decimals).rows)
    finally:
        close_quietly(fd)
    return _snapshot(settings, rows)


def _start_of(fd: int, name: str, size: int) -> bytes:
    """Return the first bytes of a file; none where it cannot be read."""
    try:
        file = os.open(name, _READ, dir_fd=fd)
    except OSError:
        return b""
    try:
        check_plain(file, name)
        return os.pread(file, size, 0)
    except (OSError, StorageError):
        return b""
    finally:
        close_quietly(file)


def _snapshot(settings: Settings, rows: Shelf[Product]) -> Snapshot:
    return Snapshot(
        revision=_BEFORE_ALL,
        products=rows,
        settings=settings,
        read_only="the shop is still being read; try again in a moment",
        loading=READING,
    )
