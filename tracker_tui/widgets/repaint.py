"""What a paint has that is not on the terminal already.

Textual repaints whole widgets where one row has changed, and often twice. Over a thin line that is what takes
the time, so that each piece of a line goes out only where it differs from what stands there.
"""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len

_PIECE: Final = re.compile(r"\x1b\[(\d+);(\d+)H((?:[^\x00-\x1f\x7f]++|\x1b\[[\d;]*m)*)")
"""A move to a line and a column, and what is drawn from there."""
_STYLE: Final = re.compile(r"\x1b\[[\d;]*m")
_HARMLESS: Final = re.compile(
    r"(?:\x1b\[[\d;]*m|\x1b\[\?(?:2026|25)[hl]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x07|\r?\n)*"
)
"""What stands between pieces and draws nothing: styles, frames, the cursor, titles, the clipboard, the bell."""


class Shown:
    """What stands on the terminal, as far as it was drawn in pieces that are known."""

    def __init__(self) -> None:
        self._lines: dict[int, dict[int, tuple[int, str]]] = {}

    def forget(self) -> None:
        """Something else may stand there by now."""
        self._lines.clear()

    def news_of(self, text: str) -> str:
        """Leave out the pieces that stand there already.

        Args:
            text: What is sent for one paint, each piece from no style to no style.
        """
        if "\x1b[" not in text:
            if not _HARMLESS.fullmatch(text):
                self.forget()
            return text
        kept: list[str] = []
        end = 0
        for piece in _PIECE.finditer(text):
            kept.append(self._between(text[end : piece.start()]))
            end = piece.end()
            if not piece[3] or self._is_new(int(piece[1]), int(piece[2]), piece[3]):
                kept.append(piece[0])
        kept.append(self._between(text[end:]))
        return "".join(kept)

    def _between(self, text: str) -> str:
        if text and not _HARMLESS.fullmatch(text):
            self.forget()
        return text

    def _is_new(self, line: int, column: int, drawn: str) -> bool:
        """Tell whether a piece differs from what stands there, and remember it."""
        known = self._lines.setdefault(line, {})
        if column in known and known[column][1] == drawn:
            return False
        plain = _STYLE.sub("", drawn)
        width = cell_len(plain)
        if width != len(plain):  # Terminals disagree about how wide some characters are.
            known.clear()
            return True
        over = [at for at, (wide, _) in known.items() if at < column + width and column < at + wide]
        for at in over:
            del known[at]
        known[column] = width, drawn
        return True
