"""The made-up shop at one moment: no clock, no time zone and no name of this machine gets into a picture."""

from __future__ import annotations

import importlib
import os
import pkgutil
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from types import ModuleType
from typing import Final
from unittest.mock import patch

import tracker_tui.screens
from tracker_tui.demo.shop import make_demo
from tracker_tui.desk import basket
from tracker_tui.service import InventoryService

MOMENT: Final = datetime(2026, 3, 31, 16, 42, tzinfo=UTC)
"""A Tuesday afternoon, on the day after the last of the shop's sales."""
CLERK: Final = "amal"


class _Date(date):
    @classmethod
    def today(cls) -> date:  # type: ignore[override]  # a plain date, which is one to every module
        return MOMENT.date()


class _Datetime(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # as above
        return MOMENT.astimezone(tz) if tz else MOMENT.replace(tzinfo=None)


def _modules() -> list[ModuleType]:
    """Return the modules that look at the clock for the screen."""
    names = [found.name for found in pkgutil.iter_modules(tracker_tui.screens.__path__)]
    return [basket, *(importlib.import_module(f"tracker_tui.screens.{name}") for name in names)]


@contextmanager
def at_the_moment() -> Iterator[None]:
    """Stop the clock at `MOMENT` in UTC, and leave out what the environment says of colours and folders."""
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, {"TZ": "UTC", "HOME": "/home/amal"}))
        os.environ.pop("NO_COLOR", None)
        time.tzset()
        for module in _modules():
            for name, real, fixed in (("date", date, _Date), ("datetime", datetime, _Datetime)):
                if vars(module).get(name) is real:
                    stack.enter_context(patch.object(module, name, fixed))
        try:
            yield
        finally:
            stack.close()
            time.tzset()


def make_shops(folder: Path) -> Path:
    """Make the shops that are drawn: `demo`, as it is at `MOMENT`, and `empty`.

    Args:
        folder: Where they come to be.

    Returns:
        The folder.
    """
    for name in ("demo", "empty"):
        (folder / name).mkdir()
    with at_the_moment():
        make_demo(folder / "demo", today=MOMENT.date())
    return folder


@contextmanager
def copy_open(shop: Path, folder: Path) -> Iterator[InventoryService]:
    """Open a copy of a shop.

    Args:
        shop: What is copied.
        folder: Where to; it is not there yet.
    """
    shutil.copytree(shop, folder)
    with InventoryService.open(folder, CLERK, clock=lambda: MOMENT) as service:
        yield service
