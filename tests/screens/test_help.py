"""The help of every screen, dialog and state: it has every key that is bound, and tells of none that is not."""

from __future__ import annotations

import re
from typing import Final

import pytest
from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.command import CommandPalette
from textual.containers import ScrollableContainer
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from tests.conftest import OpenShop
from tests.screens.focus_states import FOCUS
from tests.screens.helpers import screen_text, wait_until
from tests.screens.scanner import running, stock
from tests.screens.test_scanner import screens_of_the_program
from tests.screens.test_text_in_every_state import states_of, to_the_screen
from tracker_tui.screens.help_text import help_body, help_title
from tracker_tui.screens.text_dialog import TextDialog
from tracker_tui.service import InventoryService
from tracker_tui.widgets.key_text import key_name

SPOKEN: Final = re.compile(r"`([^`\s]|Ctrl\+[A-Z])`|\b(Ctrl\+[A-Z]|F\d)\b")
"""A key in the words of a help."""


@pytest.fixture
def shop(open_shop: OpenShop) -> InventoryService:
    """Return a shop in which every dialog opens."""
    return stock(open_shop())


def own_bindings(screen: Screen[object]) -> list[ActiveBinding]:
    """Return the bindings in force that are the program's: of its own classes, and not what they inherit."""
    inherited = {
        (binding.key, binding.action)
        for kind in (Screen, ScrollableContainer, App, Input)
        for binding in Binding.make_bindings(kind.BINDINGS)
    }
    return [
        active
        for active in screen.active_bindings.values()
        if type(active.node).__module__.startswith("tracker_tui.")
        and (active.binding.id or (active.binding.key, active.binding.action) not in inherited)
    ]


def declared(screen: Screen[object]) -> set[str]:
    """Return every key that a screen has in any state of its focus, and those of the app."""
    nodes = (screen.app, screen, *screen.walk_children(Widget))
    return {key_name(key) for node in nodes for key in node._bindings.key_to_bindings}


@pytest.mark.parametrize("mode", FOCUS)
async def test_the_help_of_every_state_has_each_key_and_what_it_does(
    shop: InventoryService, mode: str
) -> None:
    bound: dict[type[Screen[object]], set[str]] = {}
    async with running(shop, mode) as (app, pilot):
        for state in states_of(mode):
            await to_the_screen(app, pilot, mode)
            await state.enter(app, pilot)
            screen = app.screen
            lines = [line.rstrip() for line in help_body(screen).plain.splitlines()]
            told = {
                does: set(keys.split(" "))
                for keys, does in re.findall(r"^  (\S+(?: \S+)*) {2,}(.+)$", "\n".join(lines), re.MULTILINE)
            }
            for active in own_bindings(screen):
                does, name = active.tooltip or active.binding.description, key_name(active.binding.key)
                assert does, (state.name, active.binding)
                assert name in told.get(does, set()), (state.name, name, does)
            known = {key_name(active.binding.key) for active in own_bindings(screen)}
            assert set[str]().union(*told.values()) <= known, state.name
            bound.setdefault(type(screen), set()).update(declared(screen))
    for kind, keys in bound.items():
        spoken = {found[0] or found[1] for found in SPOKEN.findall(getattr(kind, "HELP", None) or "")}
        assert spoken <= keys, (kind, spoken - keys)


def test_every_screen_and_dialog_says_what_it_is_for() -> None:
    for kind in screens_of_the_program() - {TextDialog}:
        help_text = getattr(kind, "HELP", None) or ""
        heading, _, rest = help_text.partition("\n")
        assert heading.startswith("# "), kind
        assert len(rest.split()) > 8, kind


async def test_the_help_of_the_palette_is_of_the_palette(shop: InventoryService) -> None:
    async with running(shop, "products") as (app, pilot):
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: isinstance(app.screen, CommandPalette))
        assert help_title(app.screen) == "Commands"
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, TextDialog))
        assert "Type part of a name" in screen_text(pilot)
