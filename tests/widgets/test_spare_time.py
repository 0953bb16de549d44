"""What is done between two keys: to the end where nobody types, and not any more where somebody does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.helpers import wait_until
from tracker_tui.app import TrackerApp
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.service import InventoryService
from tracker_tui.widgets import spare_time
from tracker_tui.widgets.spare_time import SpareTime


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BEGIN_S", "_PIECE_S", "_BETWEEN_S", "LET_GO_S"):
        monkeypatch.setattr(spare_time, name, 0.0)


def counting(taken: list[int], times: int) -> Iterator[None]:
    for number in range(times):
        taken.append(number)
        yield


async def test_all_steps_are_taken_and_then_it_is_let_go() -> None:
    taken, gone = list[int](), asyncio.Event()
    SpareTime().use(counting(taken, 50), gone.set)
    assert not taken, "nothing is done before the key is painted"
    await gone.wait()
    assert taken == list(range(50))


async def test_next_key_ends_what_was_begun_for_the_last_one() -> None:
    spare, first, second = SpareTime(), list[int](), list[int]()
    begun, gone = asyncio.Event(), asyncio.Event()

    def endless() -> Iterator[None]:
        for _ in counting(first, 1_000_000):
            begun.set()
            yield

    spare.use(endless(), lambda: first.append(-1))
    await begun.wait()
    spare.use(counting(second, 5), gone.set)
    taken = len(first)
    await gone.wait()
    assert len(first) == taken < 1_000
    assert second == list(range(5))


async def test_nothing_is_done_once_it_is_stopped() -> None:
    spare, taken, gone = SpareTime(), list[int](), asyncio.Event()
    spare.use(counting(taken, 3), lambda: taken.append(-1))
    spare.stop()
    spare.stop()
    SpareTime().use(iter(()), gone.set)
    await gone.wait()
    assert taken == []


@pytest.mark.parametrize("key", ["f2", "f3"])
async def test_screens_get_ready_for_the_next_letter(tmp_path: Path, key: str) -> None:
    lines = [f"P{number},{'milk' if number % 2 else 'tea'},1.00,1,\n" for number in range(40)]
    (tmp_path / "inventory.txt").write_text(
        "id,name,price,quantity,categories\n" + "".join(lines), encoding="utf-8"
    )
    with InventoryService.open(tmp_path, "amal") as service:
        app = TrackerApp(service)
        async with app.run_test() as pilot:
            await pilot.press(key, *(["slash"] if key == "f2" else []), "t")
            index = app.screen._index  # type: ignore[attr-defined]
            await wait_until(pilot, lambda: index._hits is not None and index._hits.parts is not None)
            assert sum(len(part.places) for part in index._hits.parts) == 20
            await pilot.press("e", "x")
            assert isinstance(app.screen, ProductsScreen) == (key == "f2")
            assert len(index.matching("tex")) == 0
