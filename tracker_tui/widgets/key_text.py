"""What keys are called on the screen: the same everywhere, in short where room is scarce."""

from __future__ import annotations

from typing import Final

_NAMES: Final = {
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "shift+tab": "Shift+Tab",
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "exclamation_mark": "!",
    "percent_sign": "%",
    "plus": "+",
    "minus": "-",
}


def key_name(key: str) -> str:
    """Return a key as people call it: `Ctrl+G`, `F1`, `Esc`, `/`."""
    if key in _NAMES:
        return _NAMES[key]
    if key.startswith("ctrl+"):
        return f"Ctrl+{key_name(key[5:]) if len(key) > 6 else key[5:].upper()}"
    return key if len(key) == 1 else key.capitalize()


def short_key_name(key: str) -> str:
    """Return it as in the line of keys: `^G`, `F1`, `Esc`, `/`."""
    return key_name(key).replace("Ctrl+", "^")
