"""A paint in fewer bytes looks the same."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.widgets.terse import terse

RED, BLUE, END = "\x1b[38;2;255;0;0m", "\x1b[1;48;2;0;0;255m", "\x1b[0m"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("plain", "plain"),
        (f"{RED}a{END}{RED}b{END}", f"{RED}ab{END}"),
        (f"{RED}a{END}{BLUE}b{END}{RED}c{END}", f"{RED}a{END}{BLUE}b{END}{RED}c{END}"),
        (f"{RED}a{END}b{RED}c{END}", f"{RED}a{END}b{RED}c{END}"),
        (
            f"\x1b[4;1H{RED}a{END}\x1b[4;9H\r\n\x1b[5;1H{RED}b{END}\x1b[1;2H",
            f"\x1b[4;1H{RED}a\x1b[5;1Hb{END}\x1b[1;2H",
        ),
        (f"{RED}a{BLUE}b{END}{BLUE}c{END}", f"{RED}a{BLUE}b{END}{BLUE}c{END}"),
    ],
)
def test_nothing_is_told_twice(sent: str, told: str) -> None:
    assert terse(sent) == told


pieces = st.one_of(
    st.sampled_from(
        [
            RED + "a" + END,
            RED + "b" + END,
            BLUE + "c" + END,
            "d",
            "\n",
            "\r\n",
            "\x1b[m",
            RED + BLUE + "e" + END,
        ]
    ),
    st.builds("\x1b[{};{}H".format, st.integers(1, 4), st.integers(1, 8)),
)


@given(st.lists(pieces, max_size=12).map("".join))
def test_the_screen_is_the_same(sent: str) -> None:
    # From the last line on, a new line would push the others up: Textual sends none there.
    seen = []
    for text in (sent, terse(sent)):
        screen = pyte.Screen(40, 40)
        pyte.Stream(screen).feed(text + "x")
        seen.append((screen.buffer, screen.cursor.x, screen.cursor.y))
    assert seen[0] == seen[1]
    assert len(terse(sent)) <= len(sent)
