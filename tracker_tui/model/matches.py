"""What a person may mean by a few typed characters: a count before a code, and the likeliest rows first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final, TypeVar

from tracker_tui.model.money import parse_count
from tracker_tui.model.records import Customer
from tracker_tui.model.text import digits_of, folded
from tracker_tui.tuples import NamedTuple

Row = TypeVar("Row")

MOST_RANKED: Final = 5_000
"""Rows that are put in order; among more than that nobody chooses, they type on."""

_COUNTED: Final = re.compile(r"\s*(-?\d[\d.,]*)\s*\*(.*)", re.ASCII | re.DOTALL)


class Wanted(NamedTuple):
    """What was typed for a product.

    Attributes:
        pieces: How many, 1 or more.
        text: The code or the words.
    """

    pieces: int
    text: str


def read_wanted(typed: str) -> Wanted:
    """Read `3*milk` as three of milk, anything else as one of it.

    Raises:
        ValueError: The number before the `*` is none; the text says what to type.
    """
    found = _COUNTED.fullmatch(typed)
    if found is None:
        return Wanted(1, typed.strip())
    return Wanted(parse_count(found[1], least=1), found[2].strip())


def is_code(typed: str) -> bool:
    """Tell whether only digits were typed, as scanners do: then nothing but the very same code will do."""
    return typed.isascii() and typed.isdecimal()


def likeliest(rows: Iterable[Row], typed: str, name_of: Callable[[Row], str], most: int) -> list[Row]:
    """Return the first `most` of the rows that match, the likeliest first.

    Args:
        rows: Rows that hold all the words somewhere, in the shop's order, which equally likely ones keep.
        typed: The words.
        name_of: The text that people mean first of all.
        most: How many to return.
    """
    text = folded(typed.strip())
    words = text.split()

    def rank(row: Row) -> int:
        name = folded(name_of(row))
        if name == text:
            return 0
        if name.startswith(text):
            return 1
        parts = name.split()
        if all(any(part.startswith(word) for part in parts) for word in words):
            return 2
        return 3

    return sorted(islice(rows, MOST_RANKED), key=rank)[:most]


def customer_lookup_text(customer: Customer) -> str:
    """Return the text by which a customer is found at the till; the phone also without its spaces."""
    return "\n".join((*customer[:5], digits_of(customer.phone), *customer.extra.values()))
