"""What all tests share: a folder for a shop, a clock that can be set, and a shop with three products."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.waiting import wait_in_earnest
from tracker_tui.model import Product
from tracker_tui.service import InventoryService
from tracker_tui.storage import history_build, past_book

settings.register_profile(
    "tracker", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tracker")


def pytest_collection_finish() -> None:
    """Let the collector leave alone what is there for good, and look seldom through what comes and goes.

    To look through thousands of tests takes long, and an app of widgets alone wakes it dozens of times.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def _waiting() -> None:
    """Let all tests of screens wait for what is being done, and not for a process that looks idle."""
    wait_in_earnest()


class Clock:
    """A clock that goes one second a look, and can be set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def product(product_id: str, name: str, price: str, quantity: int, *categories: str) -> Product:
    """Make a product in few words."""
    return Product(product_id, name, Decimal(price), quantity, frozenset(categories))


THREE = (
    product("001", "Milk", "1.20", 10, "dairy", "fresh"),
    product("002", "Bread", "2.50", 5, "bakery", "fresh"),
    product("003", "Tea", "4.00", 8, "drinks"),
)
"""Entries 1 to 3 of the shop of `service`."""

OpenShop = Callable[..., InventoryService]


@pytest.fixture
def clock() -> Clock:
    """Return a clock of 2 March 2026."""
    return Clock()


@pytest.fixture
def shop_dir(tmp_path: Path) -> Path:
    """Return where a shop can be made; nothing is there yet."""
    return tmp_path / "shop"


@pytest.fixture
def open_shop(shop_dir: Path, clock: Clock) -> OpenShop:
    """Return what opens a session in the shop's folder."""

    def open_session(clerk: str = "amal", *, read_only: bool = False) -> InventoryService:
        return InventoryService.open(shop_dir, clerk, read_only=read_only, clock=clock)

    return open_session


@pytest.fixture
def service(open_shop: OpenShop) -> Iterator[InventoryService]:
    """Return an open shop with Milk (10), Bread (5) and Tea (8): entries 1, 2 and 3."""
    with open_shop() as opened:
        for item in THREE:
            opened.add(item)
        yield opened


@pytest.fixture(params=["in memory", "in the logs"])
def past(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test twice: with all entries in memory, and with all but the last few looked up in the logs."""
    where: str = request.param
    if where == "in the logs":
        keep_past_in_logs(monkeypatch)
    return where


def keep_past_in_logs(monkeypatch: pytest.MonkeyPatch, kept: int = 300) -> None:
    """Let shops as small as those of tests look their past up in the logs, as large ones do.

    Args:
        monkeypatch: Of the test.
        kept: Bytes at the end of `purchases.txt` whose entries are in memory nevertheless.
    """
    monkeypatch.setattr(past_book, "SMALL_BYTES", 0)
    monkeypatch.setattr(history_build, "KEPT_BYTES", kept)
