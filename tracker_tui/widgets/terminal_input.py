"""What the terminal sends: bytes in, Textual's messages out, whatever the bytes are.

It needs no terminal and no thread; `terminal.SafeDriver` feeds it.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Final

# Private to Textual: no public name leads to the parser of keys or to its marks.
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.constants import ESCAPE_DELAY
from textual.message import Message

PASTE_LIMIT: Final = 10_000
"""Characters kept of one bracketed paste; what follows is dropped up to the paste's end."""

PASTE_PATIENCE_S: Final = 5.0
"""A paste that stays silent this long is over: its end got lost, and would swallow every later key."""

FLOOD_LIMIT: Final = 2_000
"""Bytes that may come without a gap and without brackets: a till handles some 500 keys in a second, and all
that is typed behind them, the key that leaves too, waits until it is through with them."""

_ESC: Final = "\x1b"


class FloodGate:
    """Tells when text comes so much faster than it can be handled that it was pasted without brackets.

    Attributes:
        is_open: Whether what comes is to be left out, until there is a gap.
    """

    def __init__(self, limit: int = FLOOD_LIMIT) -> None:
        self._limit = limit
        self._unbroken = 0
        self.is_open = False

    def took(self, taken: int, waiting: int) -> None:
        """Count bytes that were read and are to be handled.

        Args:
            taken: How many.
            waiting: How many more were there by then; with none the flood, if it was one, is over.
        """
        self._unbroken = self._unbroken + taken if waiting else 0
        self.is_open = self._unbroken > self._limit

    def close(self) -> None:
        """Begin anew: there was a gap."""
        self._unbroken, self.is_open = 0, False


class PasteGate:
    """Lets a stream of text pass, shortens bracketed pastes and takes the ESC out of them.

    An ESC inside a paste would come out of Textual's parser as keys, outside of the paste.
    """

    def __init__(self, limit: int = PASTE_LIMIT) -> None:
        self._limit = limit
        self._room: int | None = None
        self._seen = ""
        self._held = ""

    @property
    def inside(self) -> bool:
        """True between the start of a paste and its end."""
        return self._room is not None

    def feed(self, text: str) -> str:
        """Return what the parser may have, now that `text` has arrived."""
        passed: list[str] = []
        while text:
            part, text = self._take(text) if self._room is None else self._take_pasted(text, self._room)
            passed.append(part)
        return "".join(passed)

    def break_off(self) -> str:
        """The stream fell silent: return the end that an open paste lacks, forget a half-read start."""
        end = BRACKETED_PASTE_END if self.inside else ""
        self._room, self._seen, self._held = None, "", ""
        return end

    def _take(self, text: str) -> tuple[str, str]:
        """Split `text` behind the start of a paste, which may have begun in text that passed earlier."""
        joined = self._seen + text
        found = joined.find(BRACKETED_PASTE_START)
        if found < 0:
            self._seen = joined[1 - len(BRACKETED_PASTE_START) :]
            return text, ""
        cut = found + len(BRACKETED_PASTE_START) - len(self._seen)
        self._seen, self._room = "", self._limit
        return text[:cut], text[cut:]

    def _take_pasted(self, text: str, room: int) -> tuple[str, str]:
        """Split `text` behind the end of the paste; a half-read end is held back for the next call."""
        text, self._held = self._held + text, ""
        pasted, end, rest = text.partition(BRACKETED_PASTE_END)
        if not end and BRACKETED_PASTE_END.startswith(last := pasted[max(pasted.rfind(_ESC), 0) :]):
            pasted, self._held = pasted.removesuffix(last), last
        pasted = pasted.replace(_ESC, "")[:room]
        self._room = None if end else room - len(pasted)
        return pasted + end, rest


class TerminalInput:
    """Decodes what a terminal sends; no byte sequence makes it raise.

    Args:
        charset: Name of the codec of its characters; one that has only ASCII is read as UTF-8.
    """

    def __init__(self, charset: str = "utf-8") -> None:
        codec = "utf-8" if charset == "ascii" else charset
        self._decode = getincrementaldecoder(codec)(errors="replace").decode
        self._gate = PasteGate()
        self._parser = XTermParser()
        self._patience_s: float | None = None

    @property
    def patience_s(self) -> float | None:
        """How long to wait for more before `fall_silent` is due; None is for ever."""
        return self._patience_s

    @property
    def inside_paste(self) -> bool:
        """True between the brackets of a paste."""
        return self._gate.inside

    def feed(self, sent: bytes) -> Iterator[Message]:
        """Yield the messages that are complete now that `sent` has arrived."""
        yield from self._parse(self._gate.feed(self._decode(sent)))
        self._patience_s = PASTE_PATIENCE_S if self._gate.inside else ESCAPE_DELAY

    def fall_silent(self) -> Iterator[Message]:
        """Yield the messages that were only waiting for more: a lone Escape key, a paste without end."""
        self._patience_s = None
        yield from self._parse(self._gate.break_off())
        yield from self._parser.tick()

    def _parse(self, text: str) -> Iterator[Message]:
        for character in text:
            try:
                yield from self._parser.feed(character)
            except (ArithmeticError, ValueError):
                # Textual's parser believes numbers in sequences, but ESC [ 99999999 u names no character.
                # It is of no use after that; one character at a time, only the one sequence is lost.
                self._parser = self._successor(self._parser)

    @staticmethod
    def _successor(parser: XTermParser) -> XTermParser:
        """Return a new parser that knows the terminal as `parser` did."""
        new = XTermParser()
        new.mouse_pixels = parser.mouse_pixels
        new.terminal_size = parser.terminal_size
        new.terminal_pixel_size = parser.terminal_pixel_size
        return new
