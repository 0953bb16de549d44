"""What all main screens do, and leave, on the way to their first frame."""

from __future__ import annotations

import pytest
from textual._compositor import Compositor
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.widget import Widget

from tests.conftest import OpenShop
from tests.screens.helpers import open_app, screen_text, wait_until
from tracker_tui.widgets.key_line import KeyLine


async def _show(pilot: Pilot[int], key: str, mode: str) -> None:
    await pilot.press(key)
    await wait_until(
        pilot, lambda: pilot.app.current_mode == mode and pilot.app.screen.query_one(KeyLine).keys
    )


@pytest.fixture
def styled(monkeypatch: pytest.MonkeyPatch) -> list[DOMNode]:
    """Gather the widgets that the stylesheet is applied to, each as often as it is."""
    nodes: list[DOMNode] = []
    real = Stylesheet.apply

    def noting(sheet: Stylesheet, node: DOMNode, **options: object) -> None:
        if isinstance(node, Widget):
            nodes.append(node)
        real(sheet, node, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Stylesheet, "apply", noting)
    return nodes


@pytest.mark.parametrize("width", [80, 120])
async def test_a_screen_is_born_with_the_class_of_its_width(
    open_shop: OpenShop, styled: list[DOMNode], width: int
) -> None:
    """So its first layout changes nothing: a widget without focus is styled once, when it is mounted."""
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(width, 24)) as pilot:
            for key, mode in (("f8", "history"), ("f2", "products")):
                await _show(pilot, key, mode)
                line = app.screen.query_one(KeyLine)
                assert styled.count(line) == 1
                assert app.screen.has_class("-wide") is (width == 120)
                assert app.screen.has_class("-narrow") is (width == 80)


async def test_the_class_follows_the_width(open_shop: OpenShop) -> None:
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(120, 24)) as pilot:
            await pilot.resize_terminal(80, 24)
            await wait_until(pilot, lambda: app.screen.has_class("-narrow"))
            assert not app.screen.has_class("-wide")


@pytest.mark.usefixtures("painted")
async def test_no_frame_is_drawn_that_may_not_be_shown(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changed meanwhile is drawn when frames may be shown again."""
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(80, 24)) as pilot:
            await _show(pilot, "f2", "products")
            frames: list[object] = []
            real = Compositor.render_update

            def noting(compositor: Compositor, **options: object) -> object:
                frames.append(compositor)
                return real(compositor, **options)  # type: ignore[arg-type]

            monkeypatch.setattr(Compositor, "render_update", noting)
            with app.batch_update():
                app.screen.mode_bar.right = "amal the second"  # type: ignore[attr-defined]
                app.screen.refresh(layout=True)
                await pilot.resize_terminal(90, 24)
                await wait_until(pilot, lambda: app.screen.size.width == 90)
                assert not frames
            await wait_until(pilot, lambda: frames)
            await wait_until(pilot, lambda: "amal the second" in screen_text(pilot))


async def test_a_widget_that_changes_out_of_sight_is_styled_by_then(open_shop: OpenShop) -> None:
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(80, 24)) as pilot:
            await _show(pilot, "f3", "search")
            choice = app.screen.query_one("#choice")
            plain = choice.styles.color
            await _show(pilot, "f2", "products")
            choice.add_class("-chosen")
            await _show(pilot, "f3", "search")
            assert choice.styles.color != plain


@pytest.mark.usefixtures("painted")
async def test_a_layout_and_a_repaint_of_all_are_one_frame(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_shop() as shop:
        app = open_app(shop)
        async with app.run_test(size=(80, 24)) as pilot:
            await _show(pilot, "f2", "products")
            await pilot.pause()
            whole: list[object] = []
            real = Compositor.render_full_update

            def noting(compositor: Compositor, **options: object) -> object:
                whole.append(compositor)
                return real(compositor, **options)  # type: ignore[arg-type]

            monkeypatch.setattr(Compositor, "render_full_update", noting)
            app.screen.refresh(layout=True)
            await wait_until(pilot, lambda: whole)
            await pilot.pause()
            assert len(whole) == 1
