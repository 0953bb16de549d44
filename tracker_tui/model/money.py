"""Amounts and counts as people type them, and as they are written and shown.

`1,50` and `1.50` are both one and a half. `1,500` is refused: it may be fifteen hundred or one and a half.
Only ASCII digits count, and lengths are limited before anything is converted: `int` and `Decimal` take
digits of every script, `1E+1000000`, `NaN` and `1_000`.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from tracker_tui.typed import Final

MOST_PIECES: Final = 999_999_999
"""The largest quantity taken, in pieces."""

_AMOUNT: Final = re.compile(r"(-?)(\d{1,12})(?:[.,](\d{1,8}))?")
_STORED_AMOUNT: Final = re.compile(r"(-?)(\d{1,22})(?:[.,](\d{1,8}))?")
"""As an amount, but as large as the total of a line can be: 12 digits times 9."""
_COUNT: Final = re.compile(r"-?\d{1,9}")
_STORED_COUNT: Final = re.compile(r"-?\d{1,12}")
"""As a count, but as large as deliveries and returns can make it together."""
_EXACT: Final = Context(prec=60, rounding=ROUND_HALF_UP)
_EXPONENTS: Final = tuple(Decimal(1).scaleb(-places) for places in range(9))
NOTHING: Final = tuple(Decimal(0).quantize(exponent) for exponent in _EXPONENTS)
"""No money at all, by the shop's decimals."""


def parse_amount(text: str, decimals: int, *, currency: str = "") -> Decimal:
    """Read an amount of money that a person typed.

    Args:
        text: Digits with `.` or `,` before the decimals; the currency sign may stand before it.
        decimals: The shop's decimals.
        currency: The shop's currency sign.

    Returns:
        The amount, 0 or more, with exactly `decimals` decimals.

    Raises:
        ValueError: It is no such amount; the text says what to type.
    """
    typed = text.strip()
    if currency:
        typed = typed.removeprefix(currency).strip()
    example = f"{Decimal('1.5'):.{decimals}f}"
    found = _AMOUNT.fullmatch(typed)
    if not typed:
        raise ValueError(f"type an amount, such as {example}")
    if not found:
        if re.fullmatch(r"-?[\d.,' ]{14,}", typed, re.ASCII):
            raise ValueError("too large; at most 12 digits")
        raise ValueError(f"{_quoted(typed)} is no amount; type digits, such as {example}")
    sign, whole, part = found[1], found[2], found[3] or ""
    if not typed.isascii():
        raise ValueError(f"{_quoted(typed)} is no amount; type digits 0 to 9, such as {example}")
    if sign:
        raise ValueError("must be 0 or more")
    if len(part) == 3 and (decimals != 3 or "," in typed):
        other = f" or {whole}.{part[:2]}" if decimals else ""
        raise ValueError(f"{_quoted(typed)} can be read in two ways; type {whole}{part}{other}")
    if len(part) > decimals:
        raise ValueError(f"at most {decimals} decimals" if decimals else "no decimals")
    return Decimal(f"{whole}.{part}" if part else whole).quantize(_EXPONENTS[decimals])


@lru_cache(maxsize=4096)
def parse_stored_amount(text: str, decimals: int, *, signed: bool = False) -> Decimal:
    """Read an amount as it stands in a file: `.` or a spreadsheet's `,`, up to 8 decimals, kept exactly.

    Args:
        text: The field.
        decimals: The shop's decimals; fewer in the field are filled up.
        signed: Whether it may be below 0.

    Raises:
        ValueError: It is no amount.
    """
    found = _STORED_AMOUNT.fullmatch(text) if text.isascii() else None
    if not found:
        raise ValueError(f"{_quoted(text)} is no amount")
    sign, whole, part = found[1], found[2], found[3] or ""
    if sign and not signed:
        raise ValueError(f"{_quoted(text)} is below 0")
    if "," in text and len(part) == 3:
        raise ValueError(f"{_quoted(text)} can be read in two ways")
    amount = Decimal(f"{sign}{whole}.{part}" if part else f"{sign}{whole}")
    in_decimals = rounded(amount, decimals)
    return in_decimals if in_decimals == amount else amount


def parse_count(text: str, *, least: int = 0) -> int:
    """Read a number of pieces that a person typed.

    Raises:
        ValueError: It is no whole number from `least` to `MOST_PIECES`; the text says what to type.
    """
    typed = text.strip()
    if not typed:
        raise ValueError("type a whole number, such as 5")
    if not typed.isascii() or not _COUNT.fullmatch(typed):
        if re.fullmatch(r"-?\d{10,}", typed, re.ASCII):
            raise ValueError(f"too large; at most {MOST_PIECES}")
        raise ValueError(f"{_quoted(typed)} is no whole number; type digits, such as 5")
    number = int(typed)
    if number < least:
        raise ValueError(f"must be {least} or more")
    return number


def parse_stored_count(text: str) -> int:
    """Read a whole number as it stands in a file, with its sign.

    Raises:
        ValueError: It is none.
    """
    if not text.isascii() or not _STORED_COUNT.fullmatch(text):
        raise ValueError(f"{_quoted(text)} is no whole number")
    return int(text)


def rounded(amount: Decimal, decimals: int) -> Decimal:
    """Round half up to the shop's decimals; what rounds to nothing is 0, never -0."""
    near = amount.quantize(_EXPONENTS[decimals], context=_EXACT)
    return near or abs(near)


def line_total(quantity: int, price: Decimal, discount: Decimal, decimals: int) -> Decimal:
    """Return what a line of a sale comes to: exact, then rounded to the shop's decimals."""
    if not discount:
        total = _EXACT.multiply(price, quantity)
        if total and total.same_quantum(_EXPONENTS[decimals]):
            return total
    return rounded(_EXACT.subtract(_EXACT.multiply(Decimal(quantity), price), discount), decimals)


def written(amount: Decimal) -> str:
    """Write an amount as the files hold it, never with an exponent."""
    return format(amount, "f")


def shown(amount: Decimal, currency: str, decimals: int = 2) -> str:
    """Show an amount to a person: `$1,234.50`, `-$3.00`; more decimals only where it has them."""
    exponent = amount.as_tuple().exponent
    places = max(decimals, -exponent if isinstance(exponent, int) else 0)
    return f"{'-' if amount < 0 else ''}{currency}{abs(amount):,.{places}f}"


def _quoted(text: str) -> str:
    short = text if len(text) <= 24 else f"{text[:23]}…"
    return f"“{short}”"
