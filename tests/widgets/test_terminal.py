"""Text and bytes, without a terminal."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from textual.app import App
from textual.content import Content
from textual.events import Key, Paste
from textual.message import Message

from tracker_tui.widgets.terminal import guard_signals, harden_text
from tracker_tui.widgets.terminal_input import PASTE_LIMIT, FloodGate, PasteGate, TerminalInput

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
START, END = b"\x1b[200~", b"\x1b[201~"


@pytest.fixture(autouse=True)
def _hardened() -> None:
    harden_text()


def keys(messages: Iterator[Message]) -> list[str | None]:
    return [message.character or message.key for message in messages if isinstance(message, Key)]


def pastes(messages: Iterator[Message]) -> list[str]:
    return [message.text for message in messages if isinstance(message, Paste)]


def test_no_control_character_is_left_in_text() -> None:
    everything = "".join(map(chr, range(0x3000))) + "\ufeff\ufffa\ud800\udc80"
    for shown in (Content(everything).plain, Text(everything).plain):
        assert not CONTROL.search(shown)
        assert not re.search("[\ud800-\udfff]", shown)


def test_control_characters_become_visible_symbols() -> None:
    assert Content("a\x1b]0;b\x07\x7f\x9b\u202e").plain == "a␛]0;b␇␡\ufffd·"
    assert Text("a\x1b]0;b\x07\x7f\x9b\u202e").plain == "a␛]0;b␇␡\ufffd·"


def test_lines_tabs_and_letters_stay_as_they_are() -> None:
    text = "one\ttwo\nÀ é ß 日本 العربية עברית 🍎"
    assert Content(text).plain == text
    assert Text(text).plain == text
    assert Content("a\r\nb").plain == "a\nb"


def test_hardening_twice_changes_nothing() -> None:
    before = Content("\x1b[0m").plain
    harden_text()
    assert Content("\x1b[0m").plain == before


def test_latin_1_byte_becomes_a_replacement_character() -> None:
    assert keys(TerminalInput().feed(b"caf\xe9x")) == ["c", "a", "f", "\ufffd", "x"]


def test_letter_may_arrive_in_pieces() -> None:
    terminal = TerminalInput()
    assert keys(terminal.feed("é".encode()[:1])) == []
    assert keys(terminal.feed("é".encode()[1:])) == ["é"]


@pytest.mark.parametrize(
    "sequence",
    [b"\x1b[99999999u", b"\x1b[1:2u", b"\x1b[97;;99999999u", b"\x1b[48;0;0;0;0t\x1b[<0;5;5M"],
)
def test_sequence_with_impossible_numbers_is_survived(sequence: bytes) -> None:
    """Textual's own parser raises at each of these, which ended the program."""
    terminal = TerminalInput()
    list(terminal.feed(sequence))
    assert keys(terminal.feed(b"a")) == ["a"]


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([START, END, b"\x1b", b"\x1b[", b";1u"]))))
def test_no_bytes_end_the_input(chunks: list[bytes]) -> None:
    terminal = TerminalInput()
    for chunk in chunks:
        list(terminal.feed(chunk))
    list(terminal.fall_silent())
    assert keys(terminal.feed(b"x" * 40 + b"a"))[-1] == "a"


@given(st.text(), st.lists(st.integers(min_value=1, max_value=7), min_size=1))
def test_text_outside_of_a_paste_passes_unchanged(text: str, sizes: list[int]) -> None:
    gate = PasteGate()
    assert "".join(gate.feed(piece) for piece in pieces(text, sizes)) == text


@given(st.text(alphabet="ab\x1b[201~", max_size=60), st.lists(st.integers(1, 7), min_size=1))
def test_paste_is_the_same_however_it_is_cut_into_pieces(pasted: str, sizes: list[int]) -> None:
    whole = f"x\x1b[200~{pasted}\x1b[201~y\x1b[200~z\x1b[201~"
    gate = PasteGate(limit=20)
    assert "".join(gate.feed(piece) for piece in pieces(whole, sizes)) == PasteGate(limit=20).feed(whole)


def pieces(text: str, sizes: list[int]) -> Iterator[str]:
    """Cut `text` into pieces of these sizes, over and over."""
    at = count = 0
    while at < len(text):
        size = sizes[count % len(sizes)]
        yield text[at : at + size]
        at, count = at + size, count + 1


def test_long_paste_is_cut_and_later_keys_arrive() -> None:
    terminal = TerminalInput()
    found = list(terminal.feed(START + b"x" * 1_000_000 + END + b"q"))
    assert [len(text) for text in pastes(iter(found))] == [PASTE_LIMIT]
    assert keys(iter(found)) == ["q"]


def test_escape_in_a_paste_presses_no_key() -> None:
    """Textual alone reports the ESC as a key, outside of the paste."""
    found = list(TerminalInput().feed(START + b"a\x1b[Ab\x1bc" + END))
    assert keys(iter(found)) == []
    assert pastes(iter(found)) == ["a[Abc"]


def test_paste_without_end_gives_the_keys_back_after_a_silence() -> None:
    terminal = TerminalInput()
    list(terminal.feed(START + b"lost end"))
    assert terminal.patience_s is not None
    assert pastes(terminal.fall_silent()) == ["lost end"]
    assert keys(terminal.feed(b"q")) == ["q"]


def test_lone_escape_is_a_key_only_after_a_silence() -> None:
    terminal = TerminalInput()
    assert keys(terminal.feed(b"\x1b")) == []
    assert terminal.patience_s is not None
    found: list[str | None] = []
    while not found:
        found = keys(terminal.fall_silent())
    assert found == ["\x1b"]
    assert terminal.patience_s is None


async def test_headless_app_leaves_the_signals_alone() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP)]
    app: App[None] = App()
    async with app.run_test():
        guard_signals(app, app.exit)
    assert before == [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP)]


def test_only_what_comes_without_a_gap_is_a_flood() -> None:
    gate = FloodGate(100)
    for _ in range(50):
        gate.took(60, 60)
        gate.took(40, 0)
        assert not gate.is_open, "there was a gap"
    gate.took(100, 1)
    assert not gate.is_open
    gate.took(1, 1)
    assert gate.is_open
    gate.close()
    gate.took(100, 1)
    assert not gate.is_open
