"""The same paint in fewer bytes: what a terminal is told twice, it is told once."""

from __future__ import annotations

import re
from typing import Final

_MOVE: Final = r"\x1b\[\d+;\d+H"
_MOVED_ON: Final = re.compile(rf"(?:{_MOVE}|\r?\n)+(?={_MOVE})")
_STYLE: Final = re.compile(rf"(?:\x1b\[0?m((?:{_MOVE}|\r?\n)*))?(\x1b\[(?!0?m)[\d;]+m)|\x1b\[0?m")
"""A style, with what stands between it and the end of the one before; or the end of a style."""


def terse(text: str) -> str:
    """Leave out moves that another one follows, and the end of a style that begins again at once.

    Textual ends the style of each piece of a line and moves to the end of each line, a third of all bytes of a
    table.

    Args:
        text: What is sent for one paint, from no style to no style.
    """
    if "\x1b[" not in text:
        return text
    style = ""

    def keep(found: re.Match[str]) -> str:
        nonlocal style
        between, begun = found.group(1, 2)
        if between is not None and begun == style:
            return str(between)
        style = begun or "" if between is not None or not begun else style + begun
        return found[0]

    return _STYLE.sub(keep, _MOVED_ON.sub("", text))
