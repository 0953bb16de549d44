"""What the tests of screens share: nothing is painted that nobody looks at, and no styles are parsed twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from tests.waiting import PATIENCE_S
from tracker_tui.widgets import key_order

_RULES: dict[object, list[RuleSet]] = {}
"""What was parsed, by all that it is made of: the style sheets are the same in each app of a test."""


@pytest.fixture
def painted() -> None:
    """Let the app paint its frames, for a test that is about them."""


@pytest.fixture(autouse=True)
def _unpainted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the frames that an app without a terminal paints and throws away, a third of the time of these tests.

    Who looks at a screen draws it anew, from its widgets (`screen_text`), and `test_text_in_every_state` looks at
    every state. What is painted is held by the tests that have a terminal.
    """
    if "painted" in request.fixturenames:
        return

    def nothing(compositor: Compositor, **_: object) -> None:
        compositor._dirty_regions.clear()

    monkeypatch.setattr(Compositor, "render_update", nothing)


@pytest.fixture(autouse=True)
def _patient_with_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a key take long on a busy machine: after two seconds the next would set out before it is done."""
    monkeypatch.setattr(key_order, "PATIENCE_S", 20.0)
    monkeypatch.setattr(key_order, "HOLD_S", 20.0)


@pytest.fixture(autouse=True)
def _told_apart_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rules be told apart by which they are without a call in Python: each widget asks each rule of the sheets."""
    monkeypatch.setattr(RuleSet, "__hash__", object.__hash__)


@pytest.fixture(autouse=True)
def _parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one app after the other use the same rules, which Textual itself shares between the screens of one."""
    parse: Callable[..., list[RuleSet]] = Stylesheet._parse_rules

    def rules_of(sheet: Stylesheet, *about: Any, **more: Any) -> list[RuleSet]:  # noqa: ANN401 - passed on
        key = (about, tuple(more.items()), frozenset(sheet._variables.items()))
        if key not in _RULES:
            _RULES[key] = parse(sheet, *about, **more)
        return _RULES[key]

    monkeypatch.setattr(Stylesheet, "_parse_rules", rules_of)


@pytest.fixture(autouse=True)
def _lasting_toasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is said in passing stay until a test that a busy machine holds up has read it."""
    notify: Callable[..., None] = App.notify

    def say(app: App[object], message: str, **how: Any) -> None:  # noqa: ANN401 - passed on
        notify(app, message, **{**how, "timeout": PATIENCE_S})

    monkeypatch.setattr(App, "notify", say)
