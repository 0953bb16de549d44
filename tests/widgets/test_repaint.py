"""Only what differs from what stands on the terminal goes out, and then the terminal shows the same."""

from __future__ import annotations

import random

import pyte
import pytest

from tracker_tui.widgets.repaint import Shown


def at(line: int, column: int, text: str) -> str:
    return f"\x1b[{line};{column}H\x1b[1;31m{text}\x1b[0m"


def test_what_stands_there_is_not_sent_again() -> None:
    shown = Shown()
    assert shown.news_of(at(1, 1, "milk") + at(2, 1, "bread")) == at(1, 1, "milk") + at(2, 1, "bread")
    assert shown.news_of(at(1, 1, "milk") + at(2, 1, "tea")) == at(2, 1, "tea")


def test_a_move_without_a_text_is_always_made() -> None:
    shown = Shown()
    for _ in range(2):
        assert shown.news_of("\x1b[3;4H").endswith("\x1b[3;4H")


def test_what_was_drawn_over_is_drawn_again() -> None:
    shown = Shown()
    shown.news_of(at(1, 1, "milk") + at(1, 9, "tea"))
    shown.news_of(at(1, 3, "x"))
    assert shown.news_of(at(1, 1, "milk") + at(1, 9, "tea")) == at(1, 1, "milk")


@pytest.mark.parametrize("other", ["\x1b[2J", "\x1b[?1049h", "\nwords", "\x1b[K", "\x1bc", "\x1b[5S"])
def test_after_anything_unknown_all_is_drawn_again(other: str) -> None:
    for text in (other, at(5, 1, "more") + other, other + at(5, 1, "more")):
        shown = Shown()
        shown.news_of(at(1, 1, "milk"))
        shown.news_of(text)
        assert shown.news_of(at(1, 1, "milk")) == at(1, 1, "milk")


@pytest.mark.parametrize(
    "other", ["\x1b[?2026h", "\x1b[?25l", "\x1b]52;c;bWlsaw==\x07", "\x07", "\x1b[0m", "\n"]
)
def test_what_draws_nothing_is_passed_on_and_forgets_nothing(other: str) -> None:
    shown = Shown()
    shown.news_of(at(1, 1, "milk"))
    assert shown.news_of(other) == other
    assert shown.news_of(other + at(1, 1, "milk") + at(2, 1, "tea")) == other + at(2, 1, "tea")


def test_wide_characters_are_always_drawn() -> None:
    shown = Shown()
    shown.news_of(at(1, 1, "tea"))
    for _ in range(2):
        assert shown.news_of(at(1, 1, "日本")) == at(1, 1, "日本")
    assert shown.news_of(at(1, 1, "tea")) == at(1, 1, "tea")


def test_any_paints_show_the_same_with_and_without() -> None:
    dice = random.Random(3)
    shown, sent, saved = Shown(), 0, 0
    plain, lean = pyte.Screen(20, 6), pyte.Screen(20, 6)
    streams = pyte.Stream(plain), pyte.Stream(lean)
    for _ in range(1_500):
        pieces = []
        for _ in range(dice.randrange(1, 6)):
            width = dice.choice((4, 4, dice.randrange(1, 9)))
            column = dice.choice((1, 5, 9, dice.randrange(1, 12)))
            pieces.append(at(dice.randrange(1, 7), column, dice.choice("a─é") * width))
        if dice.random() < 0.01:
            pieces.insert(dice.randrange(len(pieces)), "\x1b[2J")
        paint = "".join(pieces)
        news = shown.news_of(paint)
        sent, saved = sent + len(news), saved + len(paint) - len(news)
        streams[0].feed(paint)
        streams[1].feed(news)
        assert plain.display == lean.display
    assert saved > sent / 50
