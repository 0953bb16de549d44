"""What is made ready while nobody types."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.screens.helpers import open_app, wait_until
from tracker_tui.desk import warming
from tracker_tui.service import InventoryService


async def test_the_report_is_loaded_before_it_is_asked_for(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(warming, "QUIET_S", 0.001)
    monkeypatch.setattr(warming, "import_module", loaded.append)
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        assert loaded == []
        app.warm_up()
        await wait_until(pilot, lambda: loaded == ["tracker_tui.screens.report"])


async def test_nothing_is_made_ready_while_keys_come(
    service: InventoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    due: list[Callable[[], None]] = []
    began: list[object] = []
    now = [100.0]
    monkeypatch.setattr(warming, "monotonic", lambda: now[0])
    app = open_app(service)
    async with app.run_test(size=(80, 24)):
        monkeypatch.setattr(app, "set_timer", lambda _delay, callback: due.append(callback))
        monkeypatch.setattr(app, "_load", lambda: began.append(app.snapshot))
        app.warm_up()
        app.touched_at = 100.0
        due.pop()()
        assert not began
        now[0] = 101.0
        due.pop()()
        assert began == [app.snapshot]
        assert not due


def test_the_modules_that_are_named_are_there() -> None:
    names = ", ".join(warming.MODULES)
    subprocess.run([sys.executable, "-c", f"import {names}"], check=True)
