"""The terminal that measures: what it takes for a paint, and what it says of a program that ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.benchmarks.bench import Bench
from tests.benchmarks.peers import Mirror
from tests.benchmarks.shop import Size
from tests.benchmarks.terminal import Chunk, NotShown, Terminal, lags_of

ECHO = """
import sys, termios, tty
tty.setraw(0)
print("ready", end="", flush=True)
while (key := sys.stdin.read(1)) != "q":
    print(f"<{key}>" * 3, end="", flush=True)
"""


@pytest.fixture
def echo() -> Iterator[Terminal]:
    """Return a program that says each key thrice, and ends with q."""
    with Terminal([sys.executable, "-c", ECHO]) as terminal:
        terminal.until("ready")
        yield terminal


def test_paint_is_all_that_a_key_brings(echo: Terminal) -> None:
    paint = echo.press("a")
    assert (paint.text, paint.sent) == (b"<a><a><a>", 9)
    assert paint.seconds > 0
    assert echo.press_for("b", "<b><b><b>") > 0


def test_waiting_for_a_text_begins_where_it_is_told(echo: Terminal) -> None:
    echo.send("ab")
    first = echo.until("<a>")
    assert echo.until("ready") <= first
    with pytest.raises(NotShown, match="was not shown"):
        echo.until("ready", after=5, seconds=0.05)


def test_held_key_has_a_lag_for_each_press(echo: Terminal) -> None:
    lags = echo.hold("x", 5, 0.01)
    assert len(lags) == 5
    assert all(lag > 0 for lag in lags)
    assert echo.output.count(b"<x>") == 15


def test_keys_are_sent_as_the_program_asked_for_them(echo: Terminal) -> None:
    plain = echo.press("<Home><Page Down>").text
    assert plain == b"".join(b"<%c>" % byte * 3 for byte in b"\x1b[H\x1b[6~")
    echo.output += b"\x1b[?1h"
    assert echo.press("<Home>").text == b"<\x1b><\x1b><\x1b><O><O><O><H><H><H>"
    with pytest.raises(KeyError):
        echo.send("<Hom>")


def test_mirror_tells_when_the_screen_was_as_asked(echo: Terminal) -> None:
    """What was sent is not what is shown: the carriage returns let the line be written over."""
    bench = Bench(Size(1, 0, 0))
    try:
        mirror = Mirror(echo, bench)
        echo.press("a")
        at = echo.send("\rb")
        last = echo.settle()
        assert at < mirror.moment(lambda lines: lines[0].startswith("><b><b><b>"), at) <= last
        with pytest.raises(NotShown):
            mirror.moment(lambda lines: lines[0].startswith("ready"))
    finally:
        bench.close()


def test_process_is_looked_at_and_its_end_is_seen(echo: Terminal) -> None:
    assert echo.resident_mib() > 1
    assert echo.cpu_s() > 0
    assert echo.wake_ups() >= 0
    assert echo.idle(0.05) == 0
    assert echo.leave("q") > 0
    with pytest.raises(NotShown):
        echo.until("more")


@pytest.mark.parametrize(
    ("presses", "outputs", "lags"),
    [
        ((0.0, 0.033), (0.010, 0.025, 0.040), (0.025, 0.007)),
        ((0.0, 0.033, 0.066), (0.005, 0.100, 0.110), (0.005, 0.067, 0.044)),
        ((0.0, 0.033), (0.010,), (0.010, 0.0)),
        ((0.0, 0.033), (0.010, 0.020, 0.300), (0.020, 0.267)),
    ],
    ids=["in two pieces", "nothing for a while", "nothing for the last", "behind at the end"],
)
def test_lags_of_a_held_key(
    presses: tuple[float, ...], outputs: tuple[float, ...], lags: tuple[float, ...]
) -> None:
    chunks = [Chunk(at, number) for number, at in enumerate(outputs)]
    assert lags_of(presses, chunks) == pytest.approx(list(lags))
