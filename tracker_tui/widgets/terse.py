"""The same paint in fewer bytes: what a terminal is told twice, it is told once."""

from __future__ import annotations

import re
from typing import Final

_MOVE: Final = r"\x1b\[\d+;\d+H"
_MOVED_ON: Final = re.compile(rf"(?:{_MOVE}|\r?\n)+(?={_MOVE})")
_TWO_MOVES: Final = re.compile(rf"H{_MOVE}")
_END: Final = "\x1b[0m"
_BEGIN: Final = re.compile(rf"((?:{_MOVE}|\r?\n)*)(\x1b\[(?!0?m)[\d;]+m)")
"""A style, with what stands between it and the end of the one before."""
_CODE: Final = re.compile(r"\x1b\[[\d;]*m")


def terse(text: str) -> str:
    """Leave out moves that another one follows, and the end of a style that begins again at once.

    Textual ends the style of each piece of a line and moves to the end of each line, a third of all bytes of a
    table.

    Args:
        text: What is sent for one paint, from no style to no style.
    """
    if "\x1b[" not in text:
        return text
    if "\n" in text or _TWO_MOVES.search(text):
        text = _MOVED_ON.sub("", text)
    first, *parts = text.split(_END)
    kept, style = [first], _style_after("", first)
    for part in parts:
        begun = _BEGIN.match(part)
        if begun is not None and begun[2] == style:
            part = begun[1] + part[begun.end() :]  # noqa: PLW2901 - shorter from here on
        else:
            kept.append(_END)
            style = ""
        kept.append(part)
        style = _style_after(style, part)
    return "".join(kept)


def _style_after(style: str, text: str) -> str:
    """Return the codes of the style that is in force behind a text; "" = none."""
    if "\x1b" in text:
        for code in _CODE.findall(text):
            style = "" if code in ("\x1b[m", _END) else style + code
    return style
