"""What was copied, as bare lines: what stands there, how it is paged, and whose the mouse is meanwhile."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from textual.command import CommandPalette

from tests.conftest import OpenShop, product
from tests.screens.helpers import open_app, screen_text, wait_until
from tests.server.sshd import Login
from tracker_tui.app import TrackerApp
from tracker_tui.screens.copied import NOTHING, Copied
from tracker_tui.screens.products import ProductsScreen
from tracker_tui.service import InventoryService

MOUSE_ON: Final = b"\x1b[?1000h"
MOUSE_OFF: Final = b"\x1b[?1000l"
STYLE: Final = re.compile(rb"\x1b\[[\d;]+m")


def is_shown(app: TrackerApp) -> bool:
    """Tell whether the bare lines are on the screen."""
    return isinstance(app.screen, Copied) and app.screen.lines.size.height > 0


async def test_the_row_that_was_copied_stands_there_alone_and_any_way_out_leaves(
    service: InventoryService,
) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        await pilot.press("C")
        await wait_until(pilot, lambda: is_shown(app))
        assert screen_text(pilot).strip() == NOTHING
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        await pilot.press("y")
        for way_out in ("escape", "q", "enter", "C"):
            await pilot.press("C")
            await wait_until(pilot, lambda: is_shown(app))
            assert screen_text(pilot).strip() == app.clipboard.expandtabs().strip()
            assert app.clipboard.startswith("001\t")
            await pilot.press(way_out)
            await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))


async def test_long_text_is_paged_and_long_lines_go_on_below(service: InventoryService) -> None:
    app = open_app(service)
    async with app.run_test(size=(80, 24)) as pilot:
        app.copy_to_clipboard("\n".join(f"line {number}" for number in range(100)) + "\n" + "日" * 45 + "!")
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        app.action_show_copied()
        await wait_until(pilot, lambda: is_shown(app))
        assert screen_text(pilot).splitlines() == [f"line {number}" for number in range(24)]
        await pilot.press("space", "down")
        await wait_until(pilot, lambda: screen_text(pilot).startswith("line 25\n"))
        await pilot.press("up", "pageup")
        await wait_until(pilot, lambda: screen_text(pilot).startswith("line 0\n"))
        await pilot.press(*["pagedown"] * 9)
        await wait_until(pilot, lambda: screen_text(pilot).endswith(f"line 99\n{'日' * 40}\n{'日' * 5}!"))
        await pilot.resize_terminal(100, 10)
        await wait_until(pilot, lambda: screen_text(pilot).startswith("line 78\n"))
        await pilot.press("space", "space")
        await wait_until(pilot, lambda: screen_text(pilot).endswith(f"line 99\n{'日' * 45}!"))
        assert len(screen_text(pilot).splitlines()) == 10


async def test_the_palette_has_it_also_for_a_clerk_who_may_only_look(open_shop: OpenShop) -> None:
    with open_shop() as owner:
        owner.add(product("001", "Milk", "1.20", 9))
        owner.save()
    app = open_app(open_shop(read_only=True), clerk_mode=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, ProductsScreen))
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"copied")
        await wait_until(pilot, lambda: "Show what was copied" in screen_text(pilot))
        await pilot.press("enter")
        await wait_until(pilot, lambda: is_shown(app))


def test_the_terminal_gets_the_text_alone_and_its_mouse_back(tmp_path: Path) -> None:
    """Also where the text would command the terminal."""
    with InventoryService.open(tmp_path / "shop", "owner") as service:
        service.add(product("M01", "Milk", "1.20", 9))
    (tmp_path / "shop" / "inventory.txt").write_text(
        (tmp_path / "shop" / "inventory.txt").read_text("utf-8").replace("Milk", "Evil\x1b]0;X\x07"), "utf-8"
    )
    command = [sys.executable, "-m", "tracker_tui", "-d", str(tmp_path / "shop"), "--as", "anna"]
    with Login(command) as login:
        login.see("Evil")
        login.settle(0.3)
        login.send("y")
        login.until(b"\x1b]52;")
        before = len(login.output)
        login.send("C")
        login.until(MOUSE_OFF, after=before)
        login.wait(lambda: login.lines()[0].startswith("M01 "), "the row")
        login.settle(0.3)
        shown = login.lines()
        painted = bytes(login.output[before:])
        assert re.search(r"^M01 +Evil␛\]0;X␇ ", shown[0])
        assert not any(shown[2:])
        bare = painted[painted.index(MOUSE_OFF) :]
        assert MOUSE_ON not in bare
        assert set(STYLE.findall(bare)) <= {b"\x1b[0m"}
        assert b"M01     Evil" in bare
        assert not re.search(rb" (?:\x1b|\r?\n|\Z)", bare), "nothing is marked behind a line"
        after = len(login.output)
        login.send("<Escape>")
        login.until(MOUSE_ON, after=after)
        login.see("Evil␛]0;X␇", "Products")
        login.leave("<Ctrl+Q>")
        assert login.ends() == 0
