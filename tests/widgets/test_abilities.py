"""What a terminal can show, and what it gets where that is less."""

from __future__ import annotations

import pytest

from tracker_tui.widgets.abilities import Abilities, abilities_of, encoder
from tracker_tui.widgets.terminal_input import TerminalInput

ASCII = Abilities(charset="ascii")


@pytest.mark.parametrize(
    ("environment", "able"),
    [
        ({"TERM": "xterm-256color"}, Abilities()),
        ({"TERM": "xterm-256color", "LANG": "C.UTF-8"}, Abilities()),
        ({"TERM": "xterm-256color", "LANG": "de_DE.utf8@euro"}, Abilities()),
        ({"TERM": "tmux-256color", "LANG": "de_DE"}, Abilities()),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, Abilities()),
        ({"TERM": "xterm"}, Abilities(shades=False)),
        ({"TERM": "screen"}, Abilities(shades=False)),
        ({"TERM": "linux", "LANG": "C.UTF-8"}, Abilities(boxes=False, shades=False)),
        ({"TERM": "vt220"}, Abilities("ascii", colour=False, shades=False)),
        ({"TERM": "vt220", "LANG": "C.UTF-8"}, Abilities("ascii", colour=False, shades=False)),
        ({"TERM": "xterm-256color", "LANG": "C"}, ASCII),
        ({"TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "POSIX"}, ASCII),
        ({"TERM": "xterm-256color", "LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, Abilities()),
        ({"TERM": "xterm-256color", "LANG": "fr_FR.ISO-8859-1"}, Abilities("iso8859-1")),
        ({"TERM": "xterm-256color", "LANG": "xx_XX.no-such-thing"}, ASCII),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, Abilities(colour=False)),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Abilities()),
        ({}, Abilities(shades=False)),
    ],
)
def test_abilities_come_from_the_environment(environment: dict[str, str], able: Abilities) -> None:
    assert abilities_of(environment) == able


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("╭─ Sales ─╮", b"+- Sales -+"),
        ("│┃║", b"|||"),
        ("╵╷╶╴", b"||--"),
        ("┼├┤┬┴╫", b"++++++"),
        ("▁▂▅█▔▌", b"_###-|"),
        ("“Café” · 1…", b'"Cafe" - 1.'),
        ("日本", b"????"),
        ("Ω\u0301x", b"?x"),
        ("\u241b]52", b"?]52"),
        ("½", b"?"),
        ("\x1b[1;38;2;1;2;3mx\x1b[0m", b"\x1b[1;38;2;1;2;3mx\x1b[0m"),
    ],
)
def test_a_plain_terminal_gets_what_it_has_and_as_wide(text: str, shown: bytes) -> None:
    assert encoder(ASCII)(text) == shown


def test_a_terminal_of_another_charset_gets_its_own_bytes() -> None:
    assert encoder(Abilities("iso8859-1"))("é · ─ Ω") == b"\xe9 \xb7 - ?"
    assert "".join(message.character or "" for message in TerminalInput("iso8859-1").feed(b"\xe9x")) == "éx"  # type: ignore[attr-defined]


def test_a_console_gets_straight_corners() -> None:
    assert encoder(Abilities(boxes=False))("╭─╮┏━┓▂é").decode() == "┌─┐┌─┐▄é"


@pytest.mark.parametrize(
    ("style", "plain"),
    [
        ("1;38;2;255;255;255;48;2;0;0;0", "1"),
        ("38;2;0;0;0;48;2;255;255;255", "7"),
        ("38;5;233;48;5;253", "7"),
        ("38;5;253;48;5;233", "0"),
        ("38;5;16;48;5;231", "7"),
        ("1;30;107", "1;7"),
        ("1;97;40", "1"),
        ("4;37;40", "4"),
        ("36;40", "0"),
        ("39;49", "0"),
        ("100", "7"),
        ("0", "0"),
        ("7", "7"),
    ],
)
def test_without_colours_a_light_ground_is_reversed(style: str, plain: str) -> None:
    assert encoder(Abilities(colour=False))(f"\x1b[{style}mx\x1b[0m") == f"\x1b[{plain}mx\x1b[0m".encode()


@pytest.mark.parametrize(
    ("style", "apart"),
    [
        ("90;100", "97;100"),
        ("1;97;107", "1;30;107"),
        ("31;41", "97;41"),
        ("37;47", "30;47"),
        ("37;40", "37;40"),
        ("93;103", "30;103"),
    ],
)
def test_of_16_colours_text_and_ground_are_never_the_same(style: str, apart: str) -> None:
    assert encoder(Abilities(shades=False))(f"\x1b[{style}mx") == f"\x1b[{apart}mx".encode()


def test_all_that_can_be_sent_has_bytes() -> None:
    text = "".join(map(chr, [*range(0x20, 0xD800), *range(0xE000, 0x11000), *range(0x1F300, 0x1F700)]))
    for charset in ("ascii", "iso8859-1", "cp437", "koi8-r", "shift_jis"):
        assert encoder(Abilities(charset))(text)
