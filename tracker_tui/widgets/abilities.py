"""What this terminal can show, and the same paint for one that can show less.

All of it is decided by the environment that came with the login: the locale names the characters, `TERM` the
terminals that have few of them or no colour, `NO_COLOR` the person who wants none.
"""

from __future__ import annotations

import codecs
import os
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from rich.cells import cell_len

from tracker_tui.tuples import NamedTuple

_NO_COLOUR: Final = re.compile(r"vt\d|dumb|.*-mono$|.*-m$")
_ASCII_TERMINAL: Final = re.compile(r"vt\d|dumb|ansi$")
_SHADES: Final = re.compile("-256color|-direct|kitty")
_ALIKE: Final = re.compile(r"(?<=[\[;])(?:3(\d);4\1|9(\d);10\2)(?=m)")
"""A text on a ground of its own colour: two shades that became one of the 16 colours."""
_FEW_BOXES: Final = re.compile("linux|con|cygwin")
_STYLE: Final = re.compile(r"\x1b\[([\d;]+)m")
_BEYOND_ASCII: Final = re.compile("[^\x00-\x7f]")
_LOCALE: Final = ("LC_ALL", "LC_CTYPE", "LANG")

_DIM: Final = 0.2
"""How light a ground is at least, on which nothing stands, that is drawn reversed: the thumb of a scrollbar."""
_SEGMENTS: Final = (
    " _     _  _     _  _  _  _  _ ",
    "| |  | _| _||_||_ |_   ||_||_|",
    "|_|  ||_  _|  | _||_|  ||_| _|",
)
"""The ten digits of a large number, three columns each, in what every terminal has."""

_SIGNS: Final = str.maketrans("“”‘’…·•▲▼−–—", "\"\"''.-.^v---")
_LIGHT: Final = str.maketrans("╭╮╰╯╴╵╶╷━┃┏┓┗┛┣┫┳┻╋╸╹╺╻▁▂▃▅▆▇▔", "┌┐└┘─│─│─│┌┐└┘├┤┬┴┼─│─│_▄▄███▀")
"""What the fonts of a console have in place of round and heavy lines, and of eighths of a block."""


class Abilities(NamedTuple):
    """What a terminal can show.

    Attributes:
        charset: Name of the codec for what goes to it and comes from it.
        boxes: Whether it has round and heavy lines.
        colour: Whether it has, and its person wants, colours.
        shades: Whether it has more than 16 of them.
    """

    charset: str = "utf-8"
    boxes: bool = True
    colour: bool = True
    shades: bool = True


def abilities_of(environment: Mapping[str, str]) -> Abilities:
    """Return what a terminal can show, as far as an environment tells.

    Where no locale is set, as PuTTY and Windows send none, it is held for one with Unicode.
    """
    terminal = environment.get("TERM", "")
    locale = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    charset = "ascii" if _ASCII_TERMINAL.match(terminal) else _charset(locale)
    colour = not environment.get("NO_COLOR") and not _NO_COLOUR.match(terminal)
    shades = bool(environment.get("COLORTERM")) or bool(_SHADES.search(terminal))
    return Abilities(charset, boxes=not _FEW_BOXES.match(terminal), colour=colour, shades=shades)


def _charset(locale: str) -> str:
    if locale in ("C", "POSIX"):
        return "ascii"
    named = locale.partition("@")[0].partition(".")[2]
    if not named:
        return "utf-8"
    try:
        return codecs.lookup(named).name
    except LookupError:
        return "ascii"


@cache
def of_this_terminal() -> Abilities:
    """Return what the terminal of this session can show.

    Python puts a locale with Unicode in the place of `C` when it starts, so that what came with the login is read
    where it cannot: as the kernel keeps it.
    """
    try:
        kept = Path("/proc/self/environ").read_bytes()
    except OSError:
        return abilities_of(os.environ)
    pairs = (pair.partition("=") for pair in os.fsdecode(kept).split("\0"))
    return abilities_of({name: value for name, _, value in pairs})


def encoder(abilities: Abilities) -> Callable[[str], bytes]:
    """Return what makes bytes of a paint for a terminal; each character keeps its width."""
    charset = abilities.charset
    if abilities == Abilities():
        return lambda text: text.encode("utf-8", "backslashreplace")

    def encode(text: str) -> bytes:
        if not abilities.colour:
            text = _STYLE.sub(_without_colour, text)
        elif not abilities.shades:
            text = _ALIKE.sub(_apart, text)
        if not abilities.boxes:
            text = text.translate(_LIGHT)
        if charset == "utf-8":
            return text.encode("utf-8", "backslashreplace")
        return _in_charset(text, charset)

    return encode


def _in_charset(text: str, charset: str) -> bytes:
    def fitting(found: re.Match[str]) -> str:
        character = found[0]
        try:
            character.encode(charset)
        except UnicodeEncodeError:
            return _likeness(character)
        return character

    return _BEYOND_ASCII.sub(fitting, text).encode(charset)


@cache
def _likeness(character: str) -> str:
    """Return the plain characters that stand for one that a terminal lacks, as wide as it is."""
    width = cell_len(character)
    if "\u2500" <= character <= "\u257f":
        parts = set(unicodedata.name(character).split())
        corner = len(parts & {"UP", "DOWN", "LEFT", "RIGHT", "VERTICAL", "HORIZONTAL"}) > 1
        return "+" if corner else "|" if parts & {"VERTICAL", "UP", "DOWN"} else "-"
    if "\u2580" <= character <= "\u259f":
        return {"\u2581": "_", "\u2594": "-"}.get(character, "|" if character in "▌▍▎▏▐▕" else "#")
    plain = unicodedata.normalize("NFKD", character.translate(_SIGNS))
    plain = "".join(part for part in plain if not unicodedata.combining(part))
    return plain if plain.isascii() and len(plain) == width else "?" * width


def _apart(found: re.Match[str]) -> str:
    """Return the same ground with a text that can be read on it: black on the lighter eight but grey, else white."""
    text, _, ground = found[0].partition(";")
    light = text[0] == "9" and text != "90"
    return f"{'30' if light else '97' if text != '37' else '30'};{ground}"


def _without_colour(found: re.Match[str]) -> str:
    """Return a style without its colours, reversed where the ground is lighter than the text."""
    codes = [int(code or 0) for code in found[1].split(";")]
    kept: list[int] = []
    light: dict[int, float] = {}
    while codes:
        code = codes.pop(0)
        if code in (38, 48):
            light[code - 8], codes = _mixed(codes)
        elif 30 <= code % 60 < 48 and code < 108:
            light[code % 60 // 10 * 10] = _of_16(code % 10 + (8 if code >= 90 else 0))
        elif code not in (39, 49):
            kept.append(code)
    if light.get(40, 0.0) > light.get(30, _DIM):
        kept.append(7)
    return f"\x1b[{';'.join(map(str, kept))}m" if kept else "\x1b[0m"


def _mixed(codes: list[int]) -> tuple[float, list[int]]:
    """Return how light a colour of 256 or of 16 million is, 0 to 1, and the codes behind it."""
    if codes[:1] == [2]:
        red, green, blue, *rest = [*codes[1:4], 0, 0, 0][:3] + codes[4:]
        return (0.3 * red + 0.59 * green + 0.11 * blue) / 255, rest
    number, rest = (codes[1] if len(codes) > 1 else 0), codes[2:]
    if number < 16:
        return _of_16(number), rest
    if number >= 232:
        return (number - 232) / 23, rest
    number -= 16
    return (0.3 * (number // 36) + 0.59 * (number // 6 % 6) + 0.11 * (number % 6)) / 5, rest


def _of_16(number: int) -> float:
    red, green, blue = number & 1, number >> 1 & 1, number >> 2 & 1
    return (0.3 * red + 0.59 * green + 0.11 * blue) * (1.0 if number >= 8 else 0.67) + (
        0.3 if number == 8 else 0.0
    )


def draw_digits_plainly(charset: str) -> None:
    """Make Textual's large digits of what a charset without line drawing has; else change nothing."""
    try:
        "┃".encode(charset)
    except UnicodeEncodeError:
        from textual.renderables import digits  # noqa: PLC0415 - few terminals need it

        for table in (digits.DIGITS3X3, digits.DIGITS3X3_BOLD):
            for digit in range(10):
                place = 3 * digits.DIGITS.index(str(digit))
                table[place : place + 3] = [line[3 * digit : 3 * digit + 3] for line in _SEGMENTS]
            for sign, plain in zip("$£€", "$LE", strict=True):
                place = 3 * digits.DIGITS.index(sign)
                table[place : place + 3] = ["   ", f" {plain} ", "   "]
