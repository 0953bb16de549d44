"""The line of keys: what it shows, and that a click is the key."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widget import Widget

from tests.screens.helpers import screen_text, wait_until
from tracker_tui.widgets.key_line import KeyLine


class Field(Widget, can_focus=True):
    """Takes the focus and has keys of its own."""

    DEFAULT_CSS = "Field { height: 1; }"
    BINDINGS = [
        Binding("slash", "note('filter')", "Filter", tooltip="Show fewer [rows]"),
        Binding("f", "note('filter')", "Filter, by another key"),
        Binding("x", "note('hidden')", "Not shown", show=False),
        Binding("d", "remove", "Remove"),
    ]

    def action_note(self, what: str) -> None:
        done = self.app
        assert isinstance(done, Keys)
        done.done.append(what)

    action_remove = action_note

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        return None if action == "remove" else True


class Keys(App[None]):
    """A screen with one field that has keys, one place that has none, and the line."""

    BINDINGS = [Binding("f1", "note", "Help")]

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.bells = 0

    def compose(self) -> ComposeResult:
        yield Field()
        yield KeyLine()

    def action_note(self) -> None:
        self.done.append("help")

    def bell(self) -> None:
        self.bells += 1


WITH_FIELD = "/ Filter  d Remove  f1 Help"
CLOSE = WITH_FIELD.replace("  ", " ")


async def test_it_shows_what_the_focus_brings_each_act_once() -> None:
    app = Keys()
    async with app.run_test(size=(60, 5)) as pilot:
        await wait_until(pilot, lambda: screen_text(pilot).splitlines()[-1].startswith(WITH_FIELD))
        app.set_focus(None)
        await wait_until(pilot, lambda: screen_text(pilot).splitlines()[-1].startswith("f1 Help"))


@pytest.mark.parametrize(
    ("spare", "shown"), [(0, WITH_FIELD), (-1, CLOSE), (-2, CLOSE), (-3, "/ Filter f1 Help")]
)
async def test_a_key_that_would_not_be_whole_is_left_out_but_not_the_help(spare: int, shown: str) -> None:
    app = Keys()
    async with app.run_test(size=(len(WITH_FIELD) + spare, 5)) as pilot:
        line = app.query_one(KeyLine)
        await wait_until(pilot, lambda: line.keys)
        assert screen_text(pilot).splitlines()[-1] == shown


class Twice(Keys):
    """Where two keys do one thing."""

    BINDINGS = [Binding("f12,e", "note", "Edit")]


async def test_of_two_keys_for_one_act_the_shorter_name_is_shown() -> None:
    app = Twice()
    async with app.run_test(size=(60, 5)) as pilot:
        await wait_until(pilot, lambda: " e Edit" in screen_text(pilot).splitlines()[-1])


async def test_a_click_is_the_key() -> None:
    app = Keys()
    async with app.run_test(size=(60, 5)) as pilot:
        line = app.query_one(KeyLine)
        await wait_until(pilot, lambda: line.keys)
        await pilot.click(KeyLine, offset=(WITH_FIELD.index("Filter"), 0))
        await pilot.click(KeyLine, offset=(WITH_FIELD.index("f1"), 0))
        await wait_until(pilot, lambda: app.done == ["filter", "help"])


async def test_a_key_that_can_do_nothing_now_rings() -> None:
    app = Keys()
    async with app.run_test(size=(60, 5)) as pilot:
        line = app.query_one(KeyLine)
        await wait_until(pilot, lambda: line.keys)
        await pilot.click(KeyLine, offset=(WITH_FIELD.index("Remove"), 0))
        await wait_until(pilot, lambda: app.bells == 1)
        for gap in (WITH_FIELD.index(" d "), len(WITH_FIELD) + 3):
            await pilot.click(KeyLine, offset=(gap, 0))
        assert (app.done, app.bells) == ([], 1)


async def test_the_key_under_the_mouse_tells_what_it_does() -> None:
    app = Keys()
    async with app.run_test(size=(60, 5), tooltips=True) as pilot:
        line = app.query_one(KeyLine)
        await wait_until(pilot, lambda: line.keys)
        await pilot.hover(KeyLine, offset=(2, 0))
        await wait_until(pilot, lambda: str(line.tooltip) == "Show fewer [rows]")
        assert line.under == line.keys[0]
        await pilot.hover(KeyLine, offset=(len(WITH_FIELD) + 3, 0))
        await wait_until(pilot, lambda: line.tooltip is None)
        await pilot.hover(KeyLine, offset=(2, 0))
        await pilot.hover(Field)
        await wait_until(pilot, lambda: line.under is None)


async def test_the_keys_stay_while_another_window_has_the_focus() -> None:
    app = Keys()
    async with app.run_test(size=(60, 5)) as pilot:
        line = app.query_one(KeyLine)
        await wait_until(pilot, lambda: len(line.keys) == 3)
        app.app_focus = False
        await wait_until(pilot, lambda: app.focused is None)
        assert len(line.keys) == 3
        app.app_focus = True
        await wait_until(pilot, lambda: app.focused is not None)
        app.set_focus(None)
        await wait_until(pilot, lambda: len(line.keys) == 1)
