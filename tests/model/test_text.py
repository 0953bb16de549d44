"""What may be typed, and how text is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.model.text import folded, folded_all, normal, unprintable, visible

HOSTILE = {
    "NUL": "\0",
    "BEL": "\x07",
    "ESC": "\x1b",
    "line feed": "\n",
    "carriage return": "\r",
    "tab": "\t",
    "DEL": "\x7f",
    "C1 CSI": "\x9b",
    "C1 NEL": "\x85",
    "arabic letter mark": "\u061c",
    "zero-width space": "\u200b",
    "left-to-right mark": "\u200e",
    "right-to-left mark": "\u200f",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "pop isolate": "\u2069",
    "word joiner": "\u2060",
    "deprecated format": "\u206e",
    "byte order mark": "\ufeff",
    "lone surrogate": "\udc80",
    "annotation": "\ufff9",
}


@pytest.mark.parametrize("character", HOSTILE.values(), ids=HOSTILE.keys())
def test_control_character_is_refused_by_its_number(character: str) -> None:
    assert unprintable(f"Mi{character}lk") == f"U+{ord(character):04X}"


@pytest.mark.parametrize("character", HOSTILE.values(), ids=HOSTILE.keys())
def test_control_character_never_reaches_the_screen(character: str) -> None:
    shown = visible(f"a{character}b")
    assert character not in shown
    assert shown.startswith("a")
    assert shown.endswith("b")


@pytest.mark.parametrize(
    "text", ["Milk", "[/]", "[red]x", "Crème brûlée", "牛乳", "شاي", "👩‍🌾", "naïve – “x”", ""]
)
def test_text_of_every_script_may_be_entered(text: str) -> None:
    assert unprintable(text) is None


def test_escape_is_shown_as_its_symbol() -> None:
    assert visible("\x1b[31m\x7f") == "␛[31m␡"


@given(st.text(st.characters(codec=None)))
def test_showing_twice_is_showing_once(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(st.text(st.characters(codec=None)))
def test_what_is_shown_could_be_entered_but_for_nothing(text: str) -> None:
    assert unprintable(visible(text)) is None
    assert len(visible(text)) <= len(text)


@given(st.text())
def test_stored_form_is_stable(text: str) -> None:
    assert normal(normal(text)) == normal(text)


def test_composed_and_decomposed_are_one_text() -> None:
    assert normal("Cre\u0300me ") == "Cr\u00e8me"
    assert folded("CRE\u0300ME") == folded("cr\u00e8me")


def test_invisible_tag_is_not_shown() -> None:
    assert visible("a\U000e0041b") == "ab"


def test_case_does_not_count_in_a_search() -> None:
    assert folded("Straße") == folded("STRASSE")
    assert folded("MILK") == "milk"


def test_quotes_are_found_as_they_are_typed() -> None:
    assert folded("O’Neil’s “Best” ‘Tea’") == "o'neil's \"best\" 'tea'"


@given(st.lists(st.text() | st.sampled_from(("\u0308a", "\N{ANGSTROM SIGN}", "STRAßE", "“ΟΔΟΣ”", "İ"))))
def test_texts_are_folded_together_as_each_by_itself(texts: list[str]) -> None:
    assert list(folded_all(texts)) == list(map(folded, texts))
    together = [text.replace("\0", "") for text in texts]
    assert "\0".join(folded_all(together)) == folded("\0".join(together))
