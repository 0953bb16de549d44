"""What keys are called: one name for one key, wherever it is told of."""

from __future__ import annotations

import pytest

from tracker_tui.widgets.key_text import key_name, short_key_name


@pytest.mark.parametrize(
    ("key", "name", "short"),
    [
        ("f9", "F9", "F9"),
        ("escape", "Esc", "Esc"),
        ("ctrl+g", "Ctrl+G", "^G"),
        ("slash", "/", "/"),
        ("G", "G", "G"),
        ("x", "x", "x"),
        ("shift+tab", "Shift+Tab", "Shift+Tab"),
        ("pagedown", "PgDn", "PgDn"),
        ("ctrl+pageup", "Ctrl+PgUp", "^PgUp"),
    ],
)
def test_a_key_has_one_name_and_a_short_one(key: str, name: str, short: str) -> None:
    assert (key_name(key), short_key_name(key)) == (name, short)
