"""`python -m tests.server.thin_line`: the bytes that go to a clerk, and how long they take at 9,600 baud."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from tests.benchmarks.bench import ours
from tests.benchmarks.figures import aligned
from tests.benchmarks.shop import Size, make_shop, product_id
from tests.benchmarks.terminal import Terminal
from tests.benchmarks.tills import Till

BITS_OF_A_BYTE: Final = 10
"""Eight, and one before and one behind it."""
BAUD: Final = 9_600
SWITCHES: Final = ("F3", "F4", "F6", "F7", "F8", "F2")
THINKING_S: Final = 0.3
NEWS_S: Final = 5.5
"""In this time another's sale was shown and is not marked any more."""
DEAF_S: Final = 0.5
"""After so long the pay dialog surely hears keys."""


class Sent(NamedTuple):
    """What was sent for something.

    Attributes:
        what: What a clerk did, or what came by itself.
        values: Bytes, each time that it was measured.
    """

    what: str
    values: tuple[int, ...]


def measure(
    folder: Path, *, columns: int = 80, rows: int = 24, idle_s: float = 60, news: int = 3
) -> list[Sent]:
    """Work at a shop, and count.

    Args:
        folder: The shop; sales are booked in it.
        columns: Width of the terminal.
        rows: Its height.
        idle_s: For how many seconds nobody does anything.
        news: How often another session sells what is on the screen.
    """
    program = ours(folder)
    with Till(folder) as other, Terminal(program.command, columns=columns, rows=rows) as terminal:
        terminal.until(product_id(0))
        terminal.settle(1.0)
        found = [Sent("the first screen", (len(terminal.output),))]
        found += [_pressed(terminal, key, times=10) for key in ("Down", "Page Down")]
        terminal.press("<Home>")
        found.append(_typed(terminal))
        found += _switched(terminal)
        found += _sold(terminal)
        terminal.press("<F2>", THINKING_S)
        terminal.idle(NEWS_S)
        found.append(_news(terminal, other, news))
        terminal.settle(NEWS_S)
        found.append(Sent(f"{idle_s:g} s without a key", (terminal.idle(idle_s),)))
        terminal.leave("<Ctrl+Q>")
    return found


def _pressed(terminal: Terminal, key: str, *, times: int) -> Sent:
    return Sent(key, tuple(terminal.press(f"<{key}>").sent for _ in range(times)))


def _typed(terminal: Terminal) -> Sent:
    """Type a filter, and take it away again."""
    terminal.press("/", THINKING_S)
    sent = tuple(terminal.press(letter, THINKING_S).sent for letter in product_id(7))
    for _ in range(2):
        terminal.send("<Escape>")
        terminal.settle(THINKING_S)
    return Sent("a letter in the filter", sent)


def _switched(terminal: Terminal) -> list[Sent]:
    """Go once round all screens, so that each is made, and once more."""
    for key in SWITCHES:
        terminal.press(f"<{key}>", THINKING_S)
    return [
        Sent(f"to another screen ({key})", (terminal.press(f"<{key}>", THINKING_S).sent,)) for key in SWITCHES
    ]


def _sold(terminal: Terminal) -> list[Sent]:
    """Sell one piece."""
    terminal.press("<F4>", THINKING_S)
    letters = tuple(terminal.press(letter, THINKING_S).sent for letter in product_id(3))
    line = terminal.press("<Enter>", THINKING_S).sent
    pay = terminal.press("<F9>", THINKING_S).sent
    terminal.idle(DEAF_S)
    booked = _booked(terminal)
    return [
        Sent("a letter in the product field of Sell", letters),
        Sent("a line into the basket", (line,)),
        Sent("F9: the pay dialog", (pay,)),
        Sent("F9 again: the sale is booked", (booked,)),
    ]


def _booked(terminal: Terminal) -> int:
    """Press F9 until the sale is booked: on a busy machine the dialog may not hear the first. Return the bytes."""
    before = len(terminal.output)
    while b"Ctrl+Z" not in terminal.output[before:]:
        terminal.send("<F9>")
        terminal.idle(2 * THINKING_S)
    return len(terminal.output) - before


def _news(terminal: Terminal, other: Till, times: int) -> Sent:
    """Let another session sell what is on the screen."""
    values: list[int] = []
    for _ in range(times):
        before = len(terminal.output)
        other.ask("sell_one", product=product_id(0))
        terminal.until(product_id(0), after=before, seconds=10)
        terminal.idle(NEWS_S)
        values.append(len(terminal.output) - before)
    return Sent("another's sale, shown and marked", tuple(values))


def table(found: Sequence[Sent]) -> str:
    """Return the table as text."""
    lines = [("what", "bytes", "most", f"at {BAUD:,} baud")]
    for what, values in found:
        seconds = median(values) * BITS_OF_A_BYTE / BAUD
        lines.append((what, f"{median(values):,.0f}", f"{max(values):,}", f"{seconds:.2f} s"))
    return aligned(lines)


def main(argv: Sequence[str]) -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.server.thin_line", description=__doc__)
    parser.add_argument("--products", type=int, default=2_000, metavar="N")
    parser.add_argument("--terminal", default="80x24", metavar="WxH")
    parser.add_argument("--idle", type=float, default=60, metavar="S", help="seconds without a key")
    options = parser.parse_args(argv)
    columns, rows = map(int, options.terminal.split("x"))
    with tempfile.TemporaryDirectory(prefix="tracker-line-") as place:
        make_shop(Path(place), Size(options.products, 200, 5_000))
        print(table(measure(Path(place), columns=columns, rows=rows, idle_s=options.idle)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
