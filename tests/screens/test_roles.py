"""Whatever a clerk, or somebody who may only look, tries: every key, command and button of every screen."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from textual.app import App
from textual.binding import Binding
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button, Input

from tests.conftest import OpenShop
from tests.screens.focus_states import FOCUS
from tests.screens.helpers import screen_text, toasts
from tests.screens.scanner import go_to, stock, until
from tracker_tui.app import TrackerApp
from tracker_tui.desk import places
from tracker_tui.messages import ActDone, ActFailed, ActRequested
from tracker_tui.model import Product
from tracker_tui.model.acts import (
    Act,
    AddProduct,
    Adjust,
    AnswerEdit,
    AnswerLost,
    BookList,
    Count,
    EditProduct,
    Receive,
    RemoveProduct,
    Sell,
    TakeIn,
    Undo,
)
from tracker_tui.model.drafts import Kind
from tracker_tui.model.import_tables import ImportTable
from tracker_tui.model.records import BelowZero, SaleItem
from tracker_tui.model.roles import CLERKS_DO
from tracker_tui.screens.palette import ShopCommands
from tracker_tui.service import InventoryService

LEAVES: Final = frozenset({"quit", "app.quit"})
"""What ends the program, and has tests of its own."""

DEEP: Final = 2
"""How many dialogs over each other are tried."""


class Tries:
    """Somebody who tries everything, once for each kind of screen.

    Attributes:
        done: What was tried: screen and action.
        asked: The acts that were asked for.
        said: What was said in passing.
    """

    def __init__(self, app: TrackerApp, pilot: Pilot[int], evil: Path) -> None:
        self.app = app
        self.pilot = pilot
        self.evil = evil
        self.done: set[tuple[str, str]] = set()
        self.asked: list[Act] = []
        self.said: set[str] = set()

    async def everywhere(self) -> None:
        """Try all there is on each main screen, with the focus on each of its parts."""
        for mode, selectors in FOCUS.items():
            for selector in selectors:
                await self.back(mode)
                focus = self.app.screen.query_one(selector) if selector else None
                self.app.screen.set_focus(focus)
                await self.all_of_it(mode, selector, 0)

    async def all_of_it(self, mode: str, selector: str, depth: int) -> None:
        """Try all actions of the screen that is in sight, and of the dialogs that they open."""
        place = self.app.screen
        for node, action in self.actions():
            # What belongs to the app is alike over every dialog.
            where = type(place).__name__ if node is not self.app or not depth else "a dialog"
            kind = f"{where} {type(node).__name__}"
            if (kind, action) in self.done or action in LEAVES:
                continue
            self.done.add((kind, action))
            await self.run(node, action)
            if isinstance(self.app.screen, CommandPalette):
                self.app.screen.dismiss()  # What it offers is tried here one by one.
            elif self.app.screen is not place and depth < DEEP:
                await self.fill_in()
                await self.all_of_it(mode, selector, depth + 1)
            if self.app.screen is not place:
                if depth:
                    return
                await self.back(mode)
                self.app.screen.set_focus(self.app.screen.query_one(selector) if selector else None)

    def actions(self) -> list[tuple[DOMNode, str]]:
        """Return what can be asked for here, by key, button and command, and of whom."""
        screen = self.app.screen
        found: list[tuple[DOMNode, str]] = [
            (node, binding.action) for node, binding, _, _ in screen.active_bindings.values()
        ]
        found += [(screen, button.action) for button in screen.query(Button) if button.action]
        found += [(screen, action) for _, action, _ in ShopCommands(screen)._commands()]
        for node in (self.app, screen, *screen.walk_children()):
            found += [(node, binding.action) for binding in bindings_of(node)]
        return found

    async def run(self, node: DOMNode, action: str) -> None:
        """Ask for an action as a key, a button or the palette does."""
        with suppress(TypeError, ValueError):  # an action for a row, where there is none
            await self.app.run_action(action, default_namespace=node)
        await self.settle()

    async def settle(self) -> None:
        """Wait until what was asked for is done; a pause of the pilot would take most of the test's time."""
        for _ in range(3):
            for pump in (self.app, self.app.screen):
                await self._passed(pump)
            await until(self.pilot, lambda: not self.app._is_acting())
        self.said.update(toasts(self.pilot))

    async def _passed(self, pump: MessagePump) -> None:
        """Wait until a message has come through; a screen that goes away meanwhile hands out none."""
        came = asyncio.Event()
        pump.call_later(came.set)
        await until(self.pilot, lambda: came.is_set() or pump not in (self.app, self.app.screen))

    async def fill_in(self) -> None:
        """Type into the fields: a name of a file that must not come to be, and a number elsewhere."""
        for field in self.app.screen.query(Input):
            field.value = str(self.evil) if named_file(field) else "1"
        await self.settle()

    async def back(self, mode: str) -> None:
        """Leave whatever lies over the main screens."""
        while len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        if mode == "sell":
            self.app.basket = self.app.basket._replace(lines=())
            await until(self.pilot, lambda: self.app.basket.lines == ())
        if mode == "sell" or self.app.current_mode != mode:
            await go_to(self.app, self.pilot, mode)

    async def system_commands(self) -> None:
        """Run what the palette offers besides the screens' own actions, Textual's entries too."""
        for command in self.app.get_system_commands(self.app.screen):
            if command.title != "Quit":
                self.done.add(("palette", command.title))
                command.callback()
                await self.settle()
                await self.back("products")


def named_file(field: Input) -> bool:
    """Tell whether a field takes the name of a file."""
    return any("file" in str(node.id) for node in field.ancestors_with_self)


def bindings_of(node: DOMNode) -> list[Binding]:
    """Return the bindings of a node, those of its bases too."""
    return [binding for bindings in node._bindings.key_to_bindings.values() for binding in bindings]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only place, besides the shop, where a file could come to be by a name without a path."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("HOME", "TMPDIR", "XDG_DATA_HOME", "XDG_DOWNLOAD_DIR"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Return a list that gets every program that is started."""
    programs: list[object] = []

    def note(*words: object, **_: object) -> None:
        programs.append(words)
        raise FileNotFoundError("no program is started in this test")

    monkeypatch.setattr(subprocess, "Popen", note)
    for name in ("system", "execv", "execve", "posix_spawn"):
        monkeypatch.setattr(os, name, note)
    return programs  # type: ignore[return-value]


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return all files of a shop but the derived ones."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".tracker" not in path.parts
    }


async def try_everything(shop: InventoryService, *, clerk_mode: bool, evil: Path) -> Tries:
    app = TrackerApp(shop, clerk_mode=clerk_mode)
    async with app.run_test(size=(80, 24)) as pilot:
        tries = Tries(app, pilot, evil)
        listen(app, tries)
        await tries.everywhere()
        await tries.system_commands()
        await tries.back("products")
        await until(pilot, lambda: not app._is_acting())
    return tries


def listen(app: TrackerApp, tries: Tries) -> None:
    """Note every act that any screen asks for."""
    hand_on = app._begin_act

    def begin(event: ActRequested) -> None:
        tries.asked.append(event.act)
        hand_on(event)

    app._begin_act = begin  # type: ignore[method-assign]


async def test_a_clerk_can_do_nothing_but_a_clerks_work(
    open_shop: OpenShop, home: Path, started: list[object]
) -> None:
    shop = stock(open_shop())
    products, entry = dict(shop.snapshot.products), shop.snapshot.entry
    tries = await try_everything(shop, clerk_mode=True, evil=home / "evil.txt")
    assert len(tries.done) > 150
    assert any("Not for this login" in text for text in tries.said)
    assert os.listdir(home) == []
    assert started == []
    shop.refresh()
    now = shop.snapshot.products
    assert {key: item._replace(quantity=0) for key, item in now.items()} == {
        key: item._replace(quantity=0) for key, item in products.items()
    }
    written = (shop.directory / "changes.txt").read_text("utf-8").splitlines()[1:]
    assert {line.split(",")[3] for line in written if int(line.split(",")[0]) > entry} <= {"undo"}
    known = {"inventory.txt", "purchases.txt", "changes.txt", "customers.txt", "tracker.toml"}
    others = {name for name in bytes_of(shop.directory) if name.split("/")[0] not in {"baskets", "backups"}}
    assert others <= known


async def test_who_may_only_look_changes_nothing(
    open_shop: OpenShop, home: Path, started: list[object]
) -> None:
    with stock(open_shop()) as owner:
        owner.save()
    shop = open_shop(read_only=True)
    before = bytes_of(shop.directory)
    tries = await try_everything(shop, clerk_mode=False, evil=home / "evil.txt")
    assert len(tries.done) > 100
    assert any("Nothing can be changed" in text for text in tries.said)
    assert bytes_of(shop.directory) == before
    assert os.listdir(home) == []
    assert started == []


MILK: Final = Product("009", "Cheese", Decimal(1), 1)
OWNERS: Final[tuple[Act, ...]] = (
    AddProduct(MILK),
    EditProduct("001", {"name": "Other"}),
    RemoveProduct("001"),
    Receive("001", 1),
    Count("001", 1),
    Adjust("001", 1, "why"),
    BookList(Kind.COUNT, "260302-090000-0badcafe"),
    TakeIn(ImportTable("a.csv", ("id",), (), "utf-8", ","), {"id": 0}, lambda _done: None, lambda: False),
    Undo(1),
    AnswerEdit(take=True),
    AnswerLost(put_back=True),
    Sell((SaleItem("001", 5_000),), "s9", below_zero=BelowZero("a reason", frozenset({"001"}))),
)


class Asker(Screen[None]):
    """A screen that asks for an act, whatever it is."""

    answer: ActDone | ActFailed | None = None

    def on_act_done(self, event: ActDone) -> None:
        self.answer = event

    def on_act_failed(self, event: ActFailed) -> None:
        self.answer = event


@pytest.mark.parametrize("act", OWNERS, ids=lambda act: type(act).__name__)
async def test_an_owners_act_is_refused_also_where_a_screen_asks_for_it(
    service: InventoryService, act: Act
) -> None:
    before = service.snapshot.entry
    app = TrackerApp(service, clerk_mode=True)
    async with app.run_test(size=(80, 24)) as pilot:
        asker = Asker()
        await app.push_screen(asker)
        app.post_message(ActRequested(act, asker))
        await until(pilot, lambda: asker.answer is not None)
        assert isinstance(asker.answer, ActFailed)
        assert "Not for this login" in str(asker.answer.error)
    assert service.snapshot.entry == before


def test_every_kind_of_act_is_a_clerks_or_the_owners() -> None:
    """Who adds one is reminded to say whose it is; until then it is the owner's."""
    kinds = set(Act.__args__)
    assert kinds == set(CLERKS_DO) | {type(act) for act in OWNERS}


async def test_the_palette_brings_nothing_of_textuals_that_writes(service: InventoryService) -> None:
    """`everywhere` tries what the shop's provider offers, `system_commands` the rest; others there are none."""
    app = TrackerApp(service, clerk_mode=True)
    async with app.run_test(size=(80, 24)) as pilot:
        assert {places._commands} == app.COMMANDS - App.COMMANDS
        assert not app.screen.COMMANDS
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert not [title for title in titles if "screenshot" in title.lower() or "svg" in title.lower()]
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        assert "creenshot" not in screen_text(pilot)


async def test_the_line_of_keys_offers_a_clerk_no_change_of_products(open_shop: OpenShop) -> None:
    """Their keys say why they do nothing, as before."""
    app = TrackerApp(stock(open_shop()), clerk_mode=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Basket" in screen_text(pilot).splitlines()[-1])
        offered = screen_text(pilot).splitlines()[-1]
        assert not [label for label in ("Add", "Edit", "Receive", "Count", "Remove") if label in offered]
        await pilot.press("a")
        await until(pilot, lambda: toasts(pilot))
