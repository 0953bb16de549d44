"""The receipt of a sale, a return or a payment, as plain text of 32, 42 or 48 columns."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from tracker_tui.model.account import is_account_payment, paid_on_account
from tracker_tui.model.money import shown
from tracker_tui.model.records import Purchase, SaleLine, Settings
from tracker_tui.model.tally import is_return
from tracker_tui.model.tax import Tax, goods_of, percent, taxes_of
from tracker_tui.model.text import visible

COPY: Final = "COPY"
"""Stands on every receipt of a sale but the first."""

_MARKS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def receipt_text(
    purchase: Purchase,
    settings: Settings,
    *,
    width: int | None = None,
    copy: bool = False,
    undone: bool = False,
    given: Decimal | None = None,
) -> str:
    """Return a receipt.

    Args:
        purchase: The sale, return or payment on account, as it is booked.
        settings: The shop's name, currency and what else stands on it.
        width: Characters of a line; None = as the settings say.
        copy: Whether it was given out before.
        undone: Whether the purchase does not count any more.
        given: What the customer handed over, where it is known.

    Returns:
        Lines that end with a line break, none wider than `width` as a printer counts; nothing in them is a control
        character.
    """
    columns = width or settings.receipt.width
    made = _Receipt(purchase, settings, columns)
    lines = [
        *made.head(copy=copy, undone=undone),
        "-" * columns,
        *made.body(),
        *made.totals(given),
        *made.foot(),
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


class _Receipt:
    """Makes the parts of one receipt."""

    def __init__(self, purchase: Purchase, settings: Settings, width: int) -> None:
        self._purchase = purchase
        self._settings = settings
        self._width = width
        self._taxes = taxes_of(purchase)

    def head(self, *, copy: bool, undone: bool) -> Iterator[str]:
        """Yield whose receipt it is, of what, and when."""
        purchase, settings = self._purchase, self._settings
        for line in (settings.shop, *settings.receipt.header):
            yield from self._centred(line)
        for mark, stands in ((COPY, copy), ("UNDONE - DOES NOT COUNT", undone)):
            if stands:
                yield from self._centred(f"*** {mark} ***")
        if is_account_payment(purchase):
            yield "Payment on account"
        elif is_return(purchase):
            yield "Return"
        yield from self._wrapped(f"Sale {purchase.sale}")
        if purchase.returns:
            yield from self._wrapped(f"Of sale {purchase.returns}")
        yield from self._pair(f"{purchase.time:%Y-%m-%d %H:%M}", f"No. {purchase.entry}")
        yield from self._wrapped(f"Clerk: {purchase.clerk}")
        if purchase.customer:
            known = f" ({purchase.customer_id})" if purchase.customer_id else ""
            yield from self._wrapped(f"Customer: {purchase.customer}{known}")

    def body(self) -> Iterator[str]:
        """Yield the goods, each with what it came to and the marks of its taxes."""
        purchase = self._purchase
        if is_account_payment(purchase):
            return
        marks = {place: _MARKS[at % len(_MARKS)] for at, tax in enumerate(self._taxes) for place in tax.lines}
        room = 2 if self._taxes else 0
        for place, line in enumerate(goods_of(purchase)):
            amount = self._money(line.total)
            if room:
                amount += f" {marks.get(place, ' ')}"
            if line.quantity == 1 and not line.discount:
                yield from self._pair(line.product, amount)
            else:
                yield from self._wrapped(line.product)
                yield from self._pair(f"  {self._how(line)}", amount)
        yield "-" * self._width

    def _how(self, line: SaleLine) -> str:
        less = f" less {self._money(abs(line.discount))}" if line.discount else ""
        return f"{line.quantity:,} x {self._money(line.price)}{less}"

    def totals(self, given: Decimal | None) -> Iterator[str]:
        """Yield what was paid, how, and the taxes."""
        purchase = self._purchase
        room = "  " if self._taxes else ""
        for tax in self._taxes:
            if not tax.included:
                yield from self._pair(f"{percent(tax.rate)} tax", f"{self._money(tax.tax)}{room}")
        total = paid_on_account(purchase) if is_account_payment(purchase) else purchase.total
        yield from self._pair("TOTAL", f"{self._money(total, sign=True)}{room}")
        if given is not None:
            yield from self._pair("Given", f"{self._money(given)}{room}")
            yield from self._pair("Change", f"{self._money(given - total)}{room}")
        verb = "Paid back" if is_return(purchase) else "Paid"
        if purchase.payment:
            yield from self._wrapped(f"{verb}: {purchase.payment}")
        if purchase.note and purchase.undoes is None:
            yield from self._wrapped(f"Note: {purchase.note}")
        if self._taxes:
            yield from self._tax_table()

    def _tax_table(self) -> Iterator[str]:
        yield "-" * self._width
        yield self._row("", "Tax", "net", "tax", "gross")
        for at, tax in enumerate(self._taxes):
            yield from self._tax_row(_MARKS[at % len(_MARKS)], tax)

    def _tax_row(self, mark: str, tax: Tax) -> Iterator[str]:
        amounts = (self._money(tax.net), self._money(tax.tax), self._money(tax.gross))
        row = self._row(mark, percent(tax.rate), *amounts)
        if len(row) <= self._width:
            yield row
        else:
            yield f"{mark} {percent(tax.rate)}"
            for word, amount in zip(("net", "tax", "gross"), amounts, strict=True):
                yield from self._pair(f"  {word}", amount)

    def _row(self, mark: str, rate: str, *amounts: str) -> str:
        column = (self._width - 8) // 3
        return f"{mark:<2}{rate:<6}" + "".join(f"{amount:>{column}}" for amount in amounts)

    def foot(self) -> Iterator[str]:
        """Yield the shop's last words."""
        if self._settings.receipt.footer:
            yield "-" * self._width
        for line in self._settings.receipt.footer:
            yield from self._centred(line)

    # Lines

    def _money(self, amount: Decimal, *, sign: bool = False) -> str:
        return visible(shown(amount, self._settings.currency if sign else "", self._settings.decimals))

    def _wrapped(self, text: str, indent: str = "") -> list[str]:
        """Return a text as lines that fit; wide characters count twice."""
        shown_text = visible(text)
        if _columns(shown_text) <= self._width:
            return [shown_text]
        if shown_text.isascii():
            return textwrap.wrap(shown_text, self._width, subsequent_indent=indent) or [""]
        return list(_cut(shown_text, self._width))

    def _centred(self, text: str) -> Iterator[str]:
        for line in self._wrapped(text) if text else ():
            yield " " * ((self._width - _columns(line)) // 2) + line

    def _pair(self, left: str, right: str) -> Iterator[str]:
        """Yield a text, and at the right end of its last line (or of one more) another."""
        *above, last = self._wrapped(left)
        yield from above
        space = self._width - _columns(last) - _columns(right)
        if space < 1:
            yield last
            last, space = "", max(0, self._width - _columns(right))
        yield f"{last}{' ' * space}{right}"


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(map(_width_of, text))


def _width_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut(text: str, width: int) -> Iterator[str]:
    """Yield a text in pieces of no more columns than `width`."""
    piece, used = "", 0
    for char in text:
        size = _width_of(char)
        if used + size > width:
            yield piece
            piece, used = "", 0
        piece, used = piece + char, used + size
    yield piece
