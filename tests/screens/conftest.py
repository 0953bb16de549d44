"""What the tests of screens share: nothing is painted that nobody looks at."""

from __future__ import annotations

import pytest
from textual._compositor import Compositor


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
