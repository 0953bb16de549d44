"""Text is data in every state of every screen: hostile names, and the lines that stand on the screen.

The states are those of the scanner, of which a test holds that they are all there are: a screen or a dialog that
is added must have its state there, and is looked at here by that. The driver's own net under the choke point is
taken away, so that nothing is seen but what the screens themselves draw.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from rich import control
from rich.text import Text
from textual import content
from textual.pilot import Pilot
from textual.widgets import Input

from tests.conftest import OpenShop
from tests.screens.focus_states import FOCUS, STATES, FocusState
from tests.screens.helpers import screen_text, wait_until
from tests.screens.scanner import go_to, running, stock
from tracker_tui.app import TrackerApp
from tracker_tui.model.text import visible
from tracker_tui.service import InventoryService

CONTROLS: Final = "".join(map(chr, [*range(1, 10), *range(11, 13), *range(14, 32), 127, *range(0x80, 0xA0)]))
BIDI: Final = "\u061c\u200e\u200f" + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
NOTHING: Final = "\u200b\u2060\ufeff\u2028\u2029\ufff9"
SHOWN: Final = "[/][red]\u241b"
"""What is seen of the beginning of `EVIL`: the markup is text, the ESC a symbol."""
COMMANDS: Final = "[/][red]\x1b[5n\x1b]0;T\x07\x1bc\x9b6n [/red] [@click=app.quit]q[/] 日本\U0001f600"
EVIL: Final = f"{COMMANDS} {BIDI}{NOTHING}{CONTROLS}"
"""All that a name may hold: commands to the terminal, markup, wide and unseen characters."""

NEVER: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]"
)
"""What no line on a screen holds."""


def field(text: str) -> str:
    """Return a text as a field of a file."""
    return '"' + text.replace('"', '""') + '"'


def make_hostile(folder: Path) -> None:
    """Put hostile text behind every name of a shop, in each of its files, and lines that nobody understands."""
    names = ("Milk", "Bread", "Tea", "Lamp", "Kim", "Kamala", "amal", "cash")
    for file in ("inventory.txt", "customers.txt", "purchases.txt", "changes.txt"):
        path = folder / file
        text = path.read_text(encoding="utf-8")
        for name in names:
            text = text.replace(f",{name},", f",{field(f'{name} {EVIL}')},")
        path.write_text(text, encoding="utf-8", newline="")
    inventory = (folder / "inventory.txt").read_text(encoding="utf-8").split("\n")
    evil = field(EVIL)
    inventory = [line.replace(",cost", f",cost,{field(f'shelf {EVIL}')}") for line in inventory]
    inventory = [line if line[:1] in ("#", "i", "") else f"{line},{evil}" for line in inventory]
    own = field(f"009 {EVIL}") + f",{field(f'Mill {EVIL}')},1.00,3,{evil},5,{evil},,{evil}"
    inventory[-2:-2] = [own, f"{evil},x,{evil},,,,,,"]
    damaged = b"\xff\xfe\x1b[5n,\x9b6n\xe9,1,1,,,,,\n"
    end = inventory.index("# end of inventory")
    whole = ["\n".join(part).encode() + b"\n" for part in (inventory[:end], inventory[end:-1])]
    (folder / "inventory.txt").write_bytes(damaged.join(whole))
    with (folder / "customers.txt").open("ab") as customers:
        customers.write(
            f"C0003,{field(f'Kira {EVIL}')},{evil},{evil},{evil}\n".encode() + b"C4,\xff\x1b[5n\n"
        )
    with (folder / "purchases.txt").open("ab") as purchases:
        purchases.write(f"6,1/1,{evil},s6,C0003,{evil},009,{evil},1,1.00,0.00,1.00,{evil},,{evil},".encode())
        purchases.write(b"2026-03-02T09:00:07+00:00\n\xff\x1b[5n\x9b\n")
    toml = 'below_zero = true\nshop = "Corner \\u001b]0;T\\u0007"\ncurrency = "\\u009b"\n"evil\\u001b[5n[/]" = 1\n'
    header = '[receipt]\nheader = ["\\u202e [/] [red]x[/red]"]\nfooter = ["[@click=app.quit]日本[/]"]\n'
    (folder / "tracker.toml").write_text(toml + header, encoding="utf-8")


@pytest.fixture
def shop(open_shop: OpenShop, shop_dir: Path) -> InventoryService:
    """Return a shop whose every text is hostile."""
    with open_shop() as opened:
        stock(opened)
    make_hostile(shop_dir)
    return open_shop("amal [/] [red]R[/red] 日本")


@pytest.fixture(autouse=True)
def _no_net(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Textual and Rich pass all text on as it is, whatever other tests have hardened.

    Only fields keep the net: what stands in them is saved, so they hold the file's own characters.
    """
    for table in (control._CONTROL_STRIP_TRANSLATE, content._CONTROL_STRIP_TRANSLATE):
        for code in list(table):
            monkeypatch.delitem(table, code)
    monkeypatch.setattr(Input, "_value", property(_shown_in_a_field))


def _shown_in_a_field(field: Input) -> Text:
    return Text(visible(field.value), no_wrap=True, overflow="ignore", end="")


def forbidden(pilot: Pilot[int]) -> list[str]:
    """Return the lines on the screen with a character that a terminal must not get."""
    strips = pilot.app.screen._compositor.render_strips()
    return [strip.text for strip in strips if any(NEVER.search(part.text) for part in strip)]


async def to_the_screen(app: TrackerApp, pilot: Pilot[int], mode: str) -> None:
    """Leave all dialogs, and go to a main screen."""
    while len(app.screen_stack) > 1:
        app.pop_screen()
        await pilot.pause()
    app.basket = app.basket._replace(lines=())
    for field_left in app.screen.query(Input):
        field_left.clear()
    await go_to(app, pilot, mode)
    wanted = {app.screen.query_one(selector) for selector in FOCUS[mode] if selector}
    await wait_until(pilot, lambda: wanted <= set(app.screen.focus_chain))


def states_of(mode: str) -> list[FocusState]:
    """Return the states of a main screen; of a form's fields, which are all alike, the first stands for all."""
    forms = {state.dialog: state for state in reversed(STATES) if state.fills}
    return [state for state in STATES if state.mode == mode and forms.get(state.dialog, state) is state]


@pytest.mark.parametrize("mode", FOCUS)
async def test_no_state_shows_a_character_that_commands(shop: InventoryService, mode: str) -> None:
    seen = 0
    async with running(shop, mode) as (app, pilot):
        for state in states_of(mode):
            await to_the_screen(app, pilot, mode)
            await state.enter(app, pilot)
            assert state.dialog is None or isinstance(app.screen, state.dialog)
            assert forbidden(pilot) == [], state.name
            seen += SHOWN in screen_text(pilot)
    assert seen, "the hostile text is there to be seen"
