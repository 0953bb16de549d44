"""`tracker-tui keys`: what the terminal really sends for a key, and what the program takes it for."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from collections.abc import Iterator
from typing import Final

from textual.events import Key, MouseEvent, MouseMove, Paste
from textual.message import Message

from tracker_tui.model.text import visible
from tracker_tui.widgets.abilities import of_this_terminal
from tracker_tui.widgets.terminal_input import TerminalInput

_ASK: Final = "\x1b[>1u\x1b[?2004h\x1b[?1000h\x1b[?1006h"
_TAKE_BACK: Final = "\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[<u"
"""What the screens ask of a terminal for its keys, pastes and clicks, and the end of that."""

_END: Final = "ctrl+c"
_CHUNK_BYTES: Final = 256
_NAMES: Final = {0x1B: "ESC", 0x20: "SPACE", 0x7F: "DEL", 0x0D: "CR", 0x0A: "LF", 0x09: "TAB"}


def show_keys() -> None:
    """Print a line for all that comes from the terminal, until Ctrl+C or the end of the line."""
    terminal = sys.stdin.fileno()
    able = of_this_terminal()
    name = visible(os.environ.get("TERM", ""))
    before = termios.tcgetattr(terminal)
    try:
        tty.setraw(terminal)
        _write(f"{_ASK}TERM={name}, {able.charset}, {'with' if able.colour else 'without'} colours\r\n")
        _write("Left what the terminal sends, right what the program takes it for.\r\n")
        _write("Press keys; Ctrl+C ends.\r\n")
        _listen(terminal, TerminalInput(able.charset))
    finally:
        _write(_TAKE_BACK)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _listen(terminal: int, keys: TerminalInput) -> None:
    sent = b""
    while True:
        ready = select.select([terminal], [], [], keys.patience_s)[0]
        if ready:
            came = os.read(terminal, _CHUNK_BYTES)
            if not came:
                return
            sent += came
            messages = list(keys.feed(came))
        else:
            messages = list(keys.fall_silent())
        if not messages and keys.patience_s is not None:
            continue  # Only a part has come so far.
        taken = list(_names(messages))
        _write(f"{in_words(sent):<40}  {', '.join(taken) or 'nothing'}\r\n")
        sent = b""
        if _END in taken:
            return


def _names(messages: list[Message]) -> Iterator[str]:
    for message in messages:
        if isinstance(message, Key):
            yield message.key
        elif isinstance(message, Paste):
            yield f"a paste of {len(message.text)} characters"
        elif isinstance(message, MouseEvent) and not isinstance(message, MouseMove):
            yield f"{type(message).__name__} at column {message.x + 1:.0f}, line {message.y + 1:.0f}"


def in_words(sent: bytes) -> str:
    """Return bytes as they can be read out: `ESC [ 2 0 ~`, `^Q`, `é` as `C3 A9`."""
    return " ".join(map(_word, sent))


def _word(byte: int) -> str:
    if byte in _NAMES:
        return _NAMES[byte]
    if byte < 0x20:
        return f"^{chr(byte + 0x40)}"
    return chr(byte) if byte < 0x7F else f"{byte:02X}"


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
