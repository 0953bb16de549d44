"""What people type and what files hold, as text: what may be entered, and how it is shown.

Names come from people, spreadsheets and other programs. Nothing of them may reach the terminal as a
control character: `unprintable` finds what is refused when typed, `visible` turns what a file already
holds into symbols. Files keep their own text; only the showing changes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from tracker_tui.typed import Final

_REFUSED: Final = (
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]"
)
"""C0, DEL, C1, line separators, bidi marks and overrides, invisible marks, lone surrogates, annotations.

A pattern that most runs never compile: their text is plain ASCII.
"""

_SYMBOLS: Final[dict[int, str]] = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    0x7F: "\u2421",
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    **dict.fromkeys([0x061C, 0x200B, 0x200E, 0x200F, 0xFEFF], "\u00b7"),
    **dict.fromkeys([*range(0x2028, 0x202F), *range(0x2060, 0x2070)], "\u00b7"),
    **dict.fromkeys([*range(0xD800, 0xE000), *range(0xFFF9, 0xFFFC)], "\ufffd"),
    **dict.fromkeys([0xAD, 0x180E, 0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0xE0000, 0xE0080)], ""),
}


def unprintable(text: str) -> str | None:
    """Name the first character of `text` that may not be entered, as `U+001B`; None if all may."""
    if text.isascii() and text.isprintable():
        return None
    found = re.search(_REFUSED, text)
    return f"U+{ord(found[0]):04X}" if found else None


def visible(text: str) -> str:
    """Return `text` as it may be sent to a terminal: control and invisible characters as symbols.

    One character becomes at most one other, so a position in the result never lies behind the same
    position in `text`. Joiners, soft hyphens, variation selectors and tags are left out: terminals disagree on
    their width.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_SYMBOLS)


def escaped(json: str) -> str:
    """Return a line of JSON in which every character that a terminal might obey is escaped."""
    if visible(json) == json:
        return json
    return "".join(char if visible(char) == char else f"\\u{ord(char):04x}" for char in json)


def normal(text: str) -> str:
    """Return `text` as it is stored: composed (NFC), no white space around it."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text).strip()


def digits_of(phone: str) -> str:
    """Return a phone number without its spaces and signs."""
    return "".join([character for character in phone if "0" <= character <= "9"])


def folded(text: str) -> str:
    """Return `text` as it is searched and compared: composed, without case, its quotes as they are typed."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFC", text).casefold()
    for quote, typed in _QUOTES:
        text = text.replace(quote, typed)
    return text


def folded_all(texts: Sequence[str]) -> Sequence[str]:
    """Return `folded` of each of some texts; a text that is not ASCII does not make the others take longer."""
    return [text.lower() if text.isascii() else folded(text) for text in texts]


_QUOTES: Final = (
    ("\N{RIGHT SINGLE QUOTATION MARK}", "'"),
    ("\N{LEFT SINGLE QUOTATION MARK}", "'"),
    ("\N{LEFT DOUBLE QUOTATION MARK}", '"'),
    ("\N{RIGHT DOUBLE QUOTATION MARK}", '"'),
)
