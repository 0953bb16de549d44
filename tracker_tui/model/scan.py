"""What a scanner reads, and the codes that no product has. Pure values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracker_tui.tuples import NamedTuple

MOST_UNKNOWN: Final = 200
"""Codes that are remembered, the latest ones."""


class Scan(NamedTuple):
    """One scan.

    Attributes:
        code: What was read.
        pieces: How many of it, 1 or more: `3*code` is three.
        product_id: The product that has the code; empty where none has.
    """

    code: str
    pieces: int = 1
    product_id: str = ""


class UnknownCode(NamedTuple):
    """A code that was scanned and that no product had.

    Attributes:
        code: What was read.
        times: How often.
        pieces: How many of it in all.
    """

    code: str
    times: int
    pieces: int


def noted(codes: Sequence[UnknownCode], scan: Scan) -> tuple[UnknownCode, ...]:
    """Return the unknown codes with one more, the latest first."""
    had = next((known for known in codes if known.code == scan.code), UnknownCode(scan.code, 0, 0))
    rest = [known for known in codes if known.code != scan.code]
    fresh = UnknownCode(scan.code, had.times + 1, had.pieces + scan.pieces)
    return (fresh, *rest[: MOST_UNKNOWN - 1])


def forgotten(codes: Sequence[UnknownCode], code: str) -> tuple[UnknownCode, ...]:
    """Return the unknown codes without one."""
    return tuple(known for known in codes if known.code != code)
