"""The tour in the README, walked with its own keys, shows what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from textual.keys import _character_to_key as character_to_key
from textual.pilot import Pilot

from tests.screens.helpers import open_app, screen_text, wait_until
from tracker_tui.demo.shop import make_demo
from tracker_tui.service import InventoryService

README = Path(__file__).parents[1] / "README.md"
KEYS = {"/": "slash", "Esc": "escape", "Enter": "enter", "Ctrl+Z": "ctrl+z", "Ctrl+Q": "ctrl+q"}


class Stop(NamedTuple):
    """A row of the tour: what is pressed or typed, and the texts that are on the screen then."""

    keys: list[str]
    seen: list[str]


def tour() -> Iterator[Stop]:
    table = README.read_text(encoding="utf-8").split("<!-- tour -->")[1].split("\n\n")[0]
    for row in table.strip().splitlines()[2:]:
        _, pressed, shown, _ = re.split(r"(?<!\\)\|", row)
        yield Stop(re.findall("`(.+?)`", pressed), re.findall("“(.+?)”", shown))


def _is_shown(pilot: Pilot[int], text: str) -> bool:
    return text in screen_text(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
async def test_the_tour_shows_what_it_says(tmp_path: Path, size: tuple[int, int]) -> None:
    make_demo(tmp_path, today=date.today())  # noqa: DTZ011 - as the demo has it
    stops = list(tour())
    assert len(stops) == 10
    assert sum(len(stop.seen) for stop in stops) >= 9
    with InventoryService.open(tmp_path, "amal") as service:
        app = open_app(service)
        async with app.run_test(size=size) as pilot:
            await wait_until(pilot, lambda: "204" in screen_text(pilot))
            for keys, seen in stops:
                for key in keys:
                    if key in KEYS or re.fullmatch(r"F\d+", key):
                        await pilot.press(KEYS.get(key, key.lower()))
                    else:
                        await wait_until(pilot, lambda: getattr(app.screen, "hears", True))
                        await pilot.press(*map(character_to_key, key))
                for text in seen:
                    await wait_until(pilot, partial(_is_shown, pilot, text))
            await wait_until(pilot, lambda: not app.is_running)
