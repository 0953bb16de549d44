"""A frame that is drawn the short way leaves the same on the terminal as Textual's own way, whatever stands where."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Final

import pyte
import pytest
from rich.segment import Segment
from rich.style import Style
from textual._compositor import Compositor, CompositorUpdate
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tests.conftest import OpenShop, product
from tests.screens.helpers import open_app, wait_until
from tests.screens.scanner import stock
from tests.screens.test_text_in_every_state import EVIL, make_hostile
from tracker_tui.model.text import visible
from tracker_tui.service import InventoryService
from tracker_tui.widgets.changed_lines import ChangedLines, LinesUpdate
from tracker_tui.widgets.repaint import Shown
from tracker_tui.widgets.terminal import harden_text
from tracker_tui.widgets.terse import terse
from tracker_tui.widgets.whole_frames import WholeFrames

LETTERS: Final = "abcdefgh    日本\U0001f600é\u0301\u0300┃▁"


class Mirror:
    """A terminal, and what it would show had all been drawn anew."""

    def __init__(self, width: int, height: int) -> None:
        self.kinds: list[str] = []
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Begin with an empty screen."""
        self.size = width, height
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)
        self._shown = Shown()

    def take(self, app: App[Any], update: object) -> None:
        """Show a frame, as the program's driver does."""
        if isinstance(update, CompositorUpdate):
            self.kinds.append(type(update).__name__)
            text = update.render_segments(app.console) + "\x1b[1;1H"
            self._stream.feed(terse(self._shown.news_of(text)))

    def is_true(self, app: App[Any]) -> bool:
        """Tell whether all cells are as a whole frame makes them."""
        whole = pyte.Screen(*self.size)
        stream = pyte.Stream(whole)
        for y, strip in enumerate(app.screen._compositor.render_strips()):
            stream.feed(f"\x1b[{y + 1};1H{strip.render(app.console)}")
        return cells(whole) == cells(self.screen)


def cells(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """Return each cell with its colours."""
    width, height = screen.columns, screen.lines
    return [[tuple(screen.buffer[y][x]) for x in range(width)] for y in range(height)]


class Patch(Widget):
    """A rectangle of text that knows nothing of what lies over it."""

    DEFAULT_CSS = "Patch { position: absolute; }"

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice
        self.change()

    def change(self) -> list[Region]:
        """Take another text in a rectangle; return which."""
        self._seed = self._dice.random()
        return [Region(0, self._dice.randrange(4), 30, self._dice.randrange(1, 3)) for _ in range(2)]

    def render_line(self, y: int) -> Strip:
        dice, width = random.Random(f"{self._seed} {y}"), self.size.width
        text = Segment("".join(dice.choices(LETTERS, k=width)), Style(color=dice.choice(["red", "blue"])))
        return Strip([text, Segment("." * dice.randrange(2))]).adjust_cell_length(width)


class PatchScreen(WholeFrames[None]):
    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice

    def compose(self) -> ComposeResult:
        for _ in range(self._dice.randrange(1, 7)):
            patch = Patch(self._dice)
            patch.styles.width, patch.styles.height = self._dice.randrange(1, 25), self._dice.randrange(1, 9)
            patch.styles.offset = self._dice.randrange(-6, 26), self._dice.randrange(-4, 10)
            if self._dice.random() < 0.3:
                patch.styles.border = ("round", "red")
            if self._dice.random() < 0.2:
                patch.styles.visibility = "hidden"
            yield patch
        yield Static("beneath\n" * 4)


class PatchApp(App[None]):
    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice

    def get_default_screen(self) -> PatchScreen:
        return PatchScreen(self._dice)


@pytest.mark.parametrize("seed", range(25))
async def test_any_part_of_any_heap_of_widgets_looks_as_textual_draws_it(seed: int) -> None:
    dice = random.Random(seed)
    app = PatchApp(dice)
    async with app.run_test(size=(30, 12)) as pilot:
        await pilot.pause()
        compositor = app.screen._compositor
        assert isinstance(compositor, ChangedLines)
        ours, theirs = Mirror(30, 12), Mirror(30, 12)
        for mirror in (ours, theirs):
            mirror.take(app, compositor.render_full_update())
        for _ in range(20):
            patches = list(app.screen.query(Patch))
            for patch in dice.sample(patches, dice.randrange(1, len(patches) + 1)):
                patch.refresh(*patch.change())
            compositor.update_widgets(set(patches))
            dirty = set(compositor._dirty_regions)
            theirs.take(app, Compositor.render_partial_update(compositor))
            compositor._dirty_regions = dirty
            ours.take(app, compositor.render_partial_update())
            assert cells(ours.screen) == cells(theirs.screen)
        assert set(ours.kinds[1:]) <= {LinesUpdate.__name__}


async def test_a_widget_that_draws_too_few_lines_is_left_to_textual(monkeypatch: pytest.MonkeyPatch) -> None:
    app = PatchApp(random.Random(3))
    async with app.run_test(size=(30, 12)):
        compositor = app.screen._compositor
        over = app.screen.query_one(Static)
        monkeypatch.setattr(over, "render_lines", lambda _crop: [Strip.blank(30)])
        compositor._dirty_regions = {over.region}
        update = compositor.render_partial_update()
        assert update is not None
        assert not isinstance(update, LinesUpdate)
        assert not compositor._dirty_regions


KEYS: Final = (
    *("down", "up", "pagedown", "pageup", "end", "home", "space", "s", "S", "right", "left") * 6,
    *("slash", "b", "m", "escape", "escape", "backspace", "tab", "shift+tab"),
    *("f2", "escape", "f2", "f3", "f4", "f6", "f8", "f1", "escape", "a", "i", "ctrl+p", "ctrl+s", "u"),
)


@pytest.fixture
def hostile(open_shop: OpenShop, shop_dir: Path) -> InventoryService:
    """Return a shop of some pages, among them names that no terminal makes sense of."""
    with open_shop() as opened:
        stock(opened)
        for number in range(100, 190):
            name = f"{EVIL[: number - 100]} {'日本 é' * (number % 9)}".strip()
            opened.add(product(str(number), visible(name) or "Salt", f"{number}.10", number, "日用品"))
    make_hostile(shop_dir)
    return open_shop()


async def _do_something(pilot: Pilot[Any], mirror: Mirror, dice: random.Random) -> None:
    what = dice.random()
    if what < 0.05:
        mirror.resize(mirror.size[0] % 120 + 20, dice.choice((20, 24, 40)))
        await pilot.resize_terminal(*mirror.size)
    elif what < 0.1:
        pilot.app.notify("日本 said in passing " * dice.randrange(1, 5), markup=False, timeout=600)
    elif what < 0.15:
        pilot.app.clear_notifications()
    elif what < 0.3:
        await pilot.press("escape", "escape", "f2")
    else:
        await pilot.press(*dice.choices(KEYS, k=dice.randrange(1, 4)))


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_keys_the_terminal_shows_what_a_whole_frame_shows(
    hostile: InventoryService, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    harden_text()
    dice, mirror = random.Random(seed), Mirror(80, 24)
    monkeypatch.setattr(App, "_display", lambda app, _screen, update: mirror.take(app, update))
    app = open_app(hostile)
    with hostile:
        async with app.run_test(size=(80, 24)) as pilot:
            for _ in range(40):
                await _do_something(pilot, mirror, dice)
                await wait_until(pilot, lambda: mirror.is_true(app))
    assert mirror.kinds.count(LinesUpdate.__name__) > 10
